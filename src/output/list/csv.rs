//! Rows as CSV that spreadsheets open: UTF-8 with a mark, CRLF, nothing in it that acts on them.

use std::borrow::Cow;
use std::io::Write;

use csv::{Terminator, Writer, WriterBuilder};

use crate::diag::printable;
use crate::output::OutputError;
use crate::output::list::{ListCell, ListColumn, ListDone};
use crate::output::number::exact_double;

/// By this spreadsheets know the encoding.
pub(in crate::output) const MARK: &[u8] = b"\xef\xbb\xbf";

/// With these a formula begins, also where it was typed in full width. A tab or an end of line is
/// spelled out and begins none.
const FORMULA_STARTS: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];

/// A list while it is written.
pub(super) struct CsvList<W: Write> {
    writer: Writer<W>,
    n_neutralised: u64,
}

impl<W: Write> CsvList<W> {
    pub(super) fn begin(columns: &[ListColumn], mut sink: W) -> Result<Self, OutputError> {
        sink.write_all(MARK).map_err(OutputError::Sink)?;
        let mut writer = writer_to(sink);
        let titles = columns.iter().map(|column| column.title.as_bytes());
        writer.write_record(titles).map_err(refused)?;
        Ok(Self { writer, n_neutralised: 0 })
    }

    pub(super) fn push(&mut self, cells: &[ListCell<'_>]) -> Result<(), OutputError> {
        for cell in cells {
            let text: Cow<'_, str> = match cell {
                ListCell::Blank => Cow::Borrowed(""),
                ListCell::Text(text) => {
                    let (text, is_changed) = neutral(text);
                    self.n_neutralised += u64::from(is_changed);
                    text.into()
                }
                ListCell::Number(number) => number.to_string().into(),
                ListCell::Decimal(number) => exact_double(*number).into(),
                ListCell::Day(day) => day.to_string().into(),
                ListCell::Truth(truth) => truth.to_string().into(),
            };
            self.writer.write_field(text.as_bytes()).map_err(refused)?;
        }
        self.writer.write_record(None::<&[u8]>).map_err(refused)
    }

    pub(super) fn finish(self) -> Result<ListDone<W>, OutputError> {
        let n_neutralised = self.n_neutralised;
        let sink = self.writer.into_inner();
        let sink = sink.map_err(|error| OutputError::Sink(error.into_error()))?;
        Ok(ListDone { sink, n_neutralised, n_cut: 0 })
    }
}

/// Tells whether a file begins as a list with these titles does.
pub(super) fn is_csv(start: &[u8], titles: &[String]) -> bool {
    let mut head = writer_to(MARK.to_vec());
    let is_written = head.write_record(titles).is_ok();
    let head = head.into_inner().unwrap_or_default();
    // Further columns may follow.
    let head = head.strip_suffix(b"\r\n").unwrap_or(&head);
    let rest = start.strip_prefix(head).filter(|_| is_written);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(b",") || rest.starts_with(b"\r\n"))
}

fn writer_to<W: Write>(sink: W) -> Writer<W> {
    WriterBuilder::new().terminator(Terminator::CRLF).flexible(true).from_writer(sink)
}

/// Returns a text that a spreadsheet shows and does not run, and whether that took an apostrophe.
pub(in crate::output) fn neutral(text: &str) -> (String, bool) {
    let shown = printable(text);
    if shown.starts_with(FORMULA_STARTS) { (format!("'{shown}"), true) } else { (shown, false) }
}

/// Only the sink can refuse: the number of cells is checked before.
fn refused(error: csv::Error) -> OutputError {
    OutputError::Sink(error.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let (shown, is_changed) = neutral(text);
        assert_eq!(shown, expected);
        assert_eq!(is_changed, expected.starts_with('\''));
    }

    #[test]
    fn what_a_spreadsheet_would_run_is_text() {
        check("=1+1", "'=1+1");
        check("+86", "'+86");
        check("-1", "'-1");
        check("@SUM(1)", "'@SUM(1)");
        check("＝HYPERLINK(\"x\")", "'＝HYPERLINK(\"x\")");
        check("\t=1", "\\t=1");
        check("\r=1", "\\r=1");
        check("a=1", "a=1");
        check("630***********001X", "630***********001X");
        check("", "");
    }
}
