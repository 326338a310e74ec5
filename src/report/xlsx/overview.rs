//! The first sheet: what the report says in prose, its headlines, and on which sheets its tables stand.

use rust_xlsxwriter::{Format, Worksheet, XlsxError};

use crate::diag::{Message, printable};
use crate::output::workbook::{cut, width_of};
use crate::report::content::{Block, Report, Table, TablePurpose};
use crate::report::letter;
use crate::report::told::prose;
use crate::report::xlsx::sheet::Book;

/// Columns over which lines of prose go, and the Latin characters that fit into all of them.
const N_COLUMNS: u16 = 8;
const COLUMN_CHARS: u16 = 15;
const LINE_CHARS: usize = 114;

/// Points of a line, and of a row at most.
const LINE_POINTS: usize = 17;
const MAX_POINTS: usize = 405;

/// Writes the sheet. `sheets` has the name of the sheet of every table and chart, in their order.
pub(super) fn write(
    book: &mut Book,
    sheet: &mut Worksheet,
    report: &Report,
    sheets: &[String],
) -> Result<(), XlsxError> {
    book.set_paper(sheet, false);
    sheet.set_screen_gridlines(false);
    let title = book.looks.title.clone();
    let heading = book.looks.heading.clone();
    let note = book.looks.note.clone();
    let mut lines = Lines { sheet, row: 0 };
    lines.line(&report.title, &title)?;
    if let Some(subtitle) = &report.subtitle {
        lines.line(subtitle, &note)?;
    }
    if report.is_synthetic {
        lines.line(&book.text("report.page_synthetic"), &book.looks.mark.clone())?;
    }
    let mut sheets = sheets.iter();
    for line in letter::above(report) {
        lines.line(&line.text, &note)?;
    }
    let n_text = report.sections.iter().position(letter::is_annex);
    let n_text = n_text.unwrap_or(report.sections.len());
    for (idx, section) in report.sections.iter().enumerate() {
        if idx == n_text {
            lines.letter_end(report, &note)?;
        }
        lines.row += 1;
        if !section.title.is_empty() {
            lines.line(&section.title, &heading)?;
        }
        for block in &section.blocks {
            match block {
                Block::Heading { text, .. } => lines.line(text, &heading)?,
                Block::Paragraph { spans } => lines.line(&prose(spans, book.lang), &note)?,
                Block::Remark { text } => lines.line(text, &note)?,
                Block::Table(table) => {
                    let name = sheets.next().map(String::as_str).unwrap_or_default();
                    lines.line(&reference(book, &table.title, name), &note)?;
                    if table.purpose == TablePurpose::Headlines {
                        lines.table(book, table)?;
                    }
                }
                Block::Chart(chart) => {
                    let name = sheets.next().map(String::as_str).unwrap_or_default();
                    lines.line(&reference(book, &chart.title, name), &note)?;
                }
            }
        }
    }
    if n_text == report.sections.len() {
        lines.letter_end(report, &note)?;
    }
    // After the tables, which make their columns as wide as they need them on sheets of their own.
    for column in 0..N_COLUMNS {
        let width = if column == 0 { COLUMN_CHARS * 2 } else { COLUMN_CHARS };
        lines.sheet.set_column_width(column, width)?;
    }
    Ok(())
}

fn reference(book: &Book, title: &str, sheet: &str) -> String {
    let message = Message::new("report.book.on_sheet").with("title", title).with("sheet", sheet);
    message.text(book.lang)
}

/// Lines over all columns, one below the other.
struct Lines<'a> {
    sheet: &'a mut Worksheet,
    row: u32,
}

impl Lines<'_> {
    fn line(&mut self, text: &str, format: &Format) -> Result<(), XlsxError> {
        let text = printable(text);
        let text = cut(&text).0;
        let last = N_COLUMNS - 1;
        self.sheet.merge_range(self.row, 0, self.row, last, &text, format)?;
        // Merged cells are never made higher by the program that shows them.
        let points = width_of(&text).div_ceil(LINE_CHARS).max(1) * LINE_POINTS;
        let points = u16::try_from(points.min(MAX_POINTS)).unwrap_or(u16::MAX);
        self.sheet.set_row_height(self.row, points)?;
        self.row += 1;
        Ok(())
    }

    /// What stands below the text of an official paper.
    fn letter_end(&mut self, report: &Report, format: &Format) -> Result<(), XlsxError> {
        letter::below(report).iter().try_for_each(|line| self.line(&line.text, format))
    }

    fn table(&mut self, book: &mut Book, table: &Table) -> Result<(), XlsxError> {
        book.write_rows(self.sheet, table, self.row)?;
        self.row += 2 + u32::try_from(table.rows.len()).unwrap_or(u32::MAX);
        Ok(())
    }
}
