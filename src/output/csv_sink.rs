//! Tables of any length as CSV, a batch at a time: for people and their spreadsheets, or exact for machines.

use std::borrow::Cow;
use std::io::Write;

use arrow::array::RecordBatch;
use arrow::datatypes::DataType;

use crate::output::OutputError;
use crate::output::cells::{Column, TimeStyle};
use crate::output::json::encoder_options;
use crate::output::list::{MARK, neutral};
use crate::output::plain::for_text;

/// Bytes that are collected before they are written.
const PIECE_BYTES: usize = 1 << 16;

/// Who reads a CSV file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CsvReaders {
    /// People in spreadsheets: a mark of the encoding, CRLF, times with a space, texts that a spreadsheet
    /// would run with an apostrophe before them, and what is invisible spelled out.
    People,
    /// Programs: every text as it is, LF, times as ISO 8601; nothing for null, `""` for an empty text.
    Machines,
}

/// A CSV file while it is written.
pub struct CsvSink<W: Write> {
    sink: W,
    readers: CsvReaders,
    piece: Vec<u8>,
    n_neutralised: u64,
}

impl<W: Write> CsvSink<W> {
    /// Begins a file with the titles of its columns.
    pub fn begin(readers: CsvReaders, titles: &[&str], sink: W) -> Result<Self, OutputError> {
        let mut csv = Self { sink, readers, piece: Vec::new(), n_neutralised: 0 };
        if readers == CsvReaders::People {
            csv.piece.extend_from_slice(MARK);
        }
        for (idx, title) in titles.iter().enumerate() {
            csv.push(idx, Some(title));
        }
        csv.end_line();
        csv.write_piece()?;
        Ok(csv)
    }

    /// Adds rows.
    pub fn write(&mut self, batch: &RecordBatch) -> Result<(), OutputError> {
        let batch = for_text(batch)?;
        let json = encoder_options();
        let times = match self.readers {
            CsvReaders::People => TimeStyle::Spaced,
            CsvReaders::Machines => TimeStyle::Iso,
        };
        let mut columns = Column::all(&batch, &json, times)?;
        for row_idx in 0..batch.num_rows() {
            for (idx, column) in columns.iter_mut().enumerate() {
                let text = column.text(row_idx);
                let is_text = *column.field.data_type() == DataType::Utf8;
                match &text {
                    Some(text) if is_text => self.push_text(idx, text),
                    // One column without a value would be a blank line, which readers pass over.
                    None if batch.num_columns() == 1 => self.push(idx, Some("")),
                    other => self.push(idx, other.as_deref()),
                }
            }
            self.end_line();
            if self.piece.len() >= PIECE_BYTES {
                self.write_piece()?;
            }
        }
        self.write_piece()
    }

    /// Ends the file; gives the sink back, and how many texts have an apostrophe before them.
    pub fn finish(mut self) -> Result<(W, u64), OutputError> {
        self.sink.flush().map_err(OutputError::Sink)?;
        Ok((self.sink, self.n_neutralised))
    }

    fn push_text(&mut self, idx: usize, text: &str) {
        match self.readers {
            CsvReaders::Machines => self.push(idx, Some(text)),
            CsvReaders::People => {
                let (shown, is_changed) = neutral(text);
                self.n_neutralised += u64::from(is_changed);
                self.push(idx, Some(&shown));
            }
        }
    }

    fn push(&mut self, idx: usize, text: Option<&str>) {
        if idx > 0 {
            self.piece.push(b',');
        }
        let Some(text) = text else { return };
        let is_quoted =
            text.is_empty() || text.contains(['"', ',', '\n', '\r']) || text.trim() != text;
        if !is_quoted {
            self.piece.extend_from_slice(text.as_bytes());
            return;
        }
        let doubled = if text.contains('"') {
            Cow::Owned(text.replace('"', "\"\""))
        } else {
            Cow::Borrowed(text)
        };
        self.piece.push(b'"');
        self.piece.extend_from_slice(doubled.as_bytes());
        self.piece.push(b'"');
    }

    fn end_line(&mut self) {
        let end: &[u8] = match self.readers {
            CsvReaders::People => b"\r\n",
            CsvReaders::Machines => b"\n",
        };
        self.piece.extend_from_slice(end);
    }

    fn write_piece(&mut self) -> Result<(), OutputError> {
        self.sink.write_all(&self.piece).map_err(OutputError::Sink)?;
        self.piece.clear();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, Float64Array, StringArray, TimestampMicrosecondArray};
    use proptest::collection::vec;
    use proptest::option;
    use proptest::prelude::*;

    use super::*;

    fn written(readers: CsvReaders, batch: &RecordBatch) -> (String, u64) {
        let schema = batch.schema();
        let titles: Vec<&str> = schema.fields().iter().map(|it| it.name().as_str()).collect();
        let mut csv = CsvSink::begin(readers, &titles, Vec::new()).unwrap();
        csv.write(batch).unwrap();
        let (bytes, n_neutralised) = csv.finish().unwrap();
        (String::from_utf8(bytes).unwrap(), n_neutralised)
    }

    fn texts(cells: &[Option<&str>]) -> RecordBatch {
        let column: ArrayRef = Arc::new(StringArray::from(cells.to_vec()));
        let number: ArrayRef = Arc::new(Float64Array::from(vec![-1.5; cells.len()]));
        RecordBatch::try_from_iter_with_nullable([("a", column, true), ("b", number, true)])
            .unwrap()
    }

    #[test]
    fn people_get_texts_that_run_nothing_and_numbers_that_stay_numbers() {
        let batch = texts(&[Some("=1+1"), Some("＠x"), Some("a,\"b\""), None, Some("")]);
        let (text, n_neutralised) = written(CsvReaders::People, &batch);
        assert_eq!(
            text,
            "\u{feff}a,b\r\n'=1+1,-1.5\r\n'＠x,-1.5\r\n\"a,\"\"b\"\"\",-1.5\r\n,-1.5\r\n\"\",-1.5\r\n"
        );
        assert_eq!(n_neutralised, 2);
    }

    #[test]
    fn machines_get_what_is_there() {
        let batch = texts(&[Some("=1+1"), Some("a\nb"), None, Some(""), Some(" x")]);
        let (text, n_neutralised) = written(CsvReaders::Machines, &batch);
        assert_eq!(text, "a,b\n=1+1,-1.5\n\"a\nb\",-1.5\n,-1.5\n\"\",-1.5\n\" x\",-1.5\n");
        assert_eq!(n_neutralised, 0);
    }

    #[test]
    fn times_are_those_of_their_readers_and_no_row_is_a_blank_line() {
        let times: ArrayRef = Arc::new(TimestampMicrosecondArray::from(vec![Some(0), None]));
        let batch = RecordBatch::try_from_iter_with_nullable([("at", times, true)]).unwrap();
        let (text, _) = written(CsvReaders::Machines, &batch);
        assert_eq!(text, "at\n1970-01-01T00:00:00\n\"\"\n");
        let (text, _) = written(CsvReaders::People, &batch);
        assert_eq!(text, "\u{feff}at\r\n1970-01-01 00:00:00\r\n\"\"\r\n");
    }

    proptest! {
        #[test]
        fn exact_texts_read_back(rows in vec(option::of("[\\PC\r\n\",=]{0,6}"), 1..20)) {
            let cells: Vec<Option<&str>> = rows.iter().map(Option::as_deref).collect();
            let (text, _) = written(CsvReaders::Machines, &texts(&cells));
            let mut reader = csv::Reader::from_reader(text.as_bytes());
            let back: Vec<String> =
                reader.records().map(|record| record.unwrap()[0].to_owned()).collect();
            let meant: Vec<String> = rows.iter().map(|it| it.clone().unwrap_or_default()).collect();
            prop_assert_eq!(back, meant);
        }
    }
}
