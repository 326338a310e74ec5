//! The first sheet of a workbook: what the list is about, counted, and what is to be done with it.

use rust_xlsxwriter::{Color, Format, FormatAlign, FormatBorder, Worksheet, XlsxError};

use crate::diag::printable;
use crate::output::workbook::{A4, HEAD, LINE, cut, width_of};

/// What stands before the rows of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListSummary {
    /// Name of the sheet.
    pub sheet_name: String,
    /// What the list is.
    pub title: String,
    /// What everybody has to know first, as that the records are made up; `None` where there is nothing.
    pub mark: Option<String>,
    /// What is known about the list as a whole: name and value.
    pub facts: Vec<(String, String)>,
    /// Counts of its rows.
    pub tables: Vec<SummaryTable>,
    /// Heading of the notes.
    pub notes_title: String,
    /// What is to be done with the list, one a line.
    pub notes: Vec<String>,
}

/// Counts of the rows of a list: two columns of text and a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SummaryTable {
    /// What is counted.
    pub title: String,
    /// Titles of the columns.
    pub header: [String; 3],
    /// The rows.
    pub rows: Vec<([String; 2], i64)>,
    /// What has to be known about the numbers; `None` where there is nothing.
    pub note: Option<String>,
}

/// Widths of the three columns, in Latin characters.
const WIDTHS: [u16; 3] = [26, 74, 14];

/// Rows of a table; more of them are for the list itself.
const MAX_TABLE_ROWS: usize = 1_000;

/// The looks of the sheet.
struct Looks {
    title: Format,
    mark: Format,
    heading: Format,
    head: Format,
    number_head: Format,
    text: Format,
    number: Format,
    note: Format,
}

impl Looks {
    fn new() -> Self {
        let wrapped = || Format::new().set_text_wrap().set_align(FormatAlign::Top);
        let framed = || wrapped().set_border(FormatBorder::Thin).set_border_color(LINE);
        let head = || framed().set_bold().set_background_color(HEAD);
        Self {
            title: wrapped().set_bold().set_font_size(16),
            mark: wrapped().set_bold().set_font_color(Color::Red),
            heading: wrapped().set_bold().set_font_size(12),
            head: head(),
            number_head: head().set_align(FormatAlign::Right),
            text: framed(),
            number: framed().set_num_format("#,##0").set_align(FormatAlign::Right),
            note: wrapped(),
        }
    }
}

/// Writes the sheet.
pub(super) fn write(sheet: &mut Worksheet, summary: &ListSummary) -> Result<(), XlsxError> {
    let looks = Looks::new();
    sheet.set_name(&summary.sheet_name)?;
    sheet.set_paper_size(A4).set_print_fit_to_pages(1, 0).set_screen_gridlines(false);
    for (column, width) in (0..).zip(WIDTHS) {
        sheet.set_column_width(column, width)?;
    }
    let mut at = Cursor { sheet, row: 0 };
    at.line_of(&summary.title, &looks.title, TITLE_POINTS)?;
    if let Some(mark) = &summary.mark {
        at.line(mark, &looks.mark)?;
    }
    at.row += 1;
    for (name, value) in &summary.facts {
        at.text(0, name, &looks.head)?;
        at.across(1, value, &looks.text)?;
        at.row += 1;
    }
    for table in &summary.tables {
        at.table(table, &looks)?;
    }
    at.row += 1;
    if !summary.notes.is_empty() {
        at.line(&summary.notes_title, &looks.heading)?;
    }
    for note in &summary.notes {
        at.line(note, &looks.note)?;
    }
    Ok(())
}

/// Points that a line of text takes, and one of the title; Latin characters that fit into all columns
/// together.
const LINE_POINTS: usize = 17;
const TITLE_POINTS: usize = 27;
const LINE_CHARS: usize = 112;

/// The row that is written next.
struct Cursor<'a> {
    sheet: &'a mut Worksheet,
    row: u32,
}

impl Cursor<'_> {
    /// Writes a line over all columns, as high as its text.
    fn line(&mut self, text: &str, format: &Format) -> Result<(), XlsxError> {
        self.line_of(text, format, LINE_POINTS)
    }

    /// Writes a line over all columns, whose own lines are `points` high.
    fn line_of(&mut self, text: &str, format: &Format, points: usize) -> Result<(), XlsxError> {
        self.across(0, text, format)?;
        // Merged cells are never made higher by the program that shows them.
        let n_lines = width_of(text).div_ceil(LINE_CHARS).max(1);
        let points = u16::try_from(n_lines * points).unwrap_or(u16::MAX);
        self.sheet.set_row_height(self.row, points)?;
        self.row += 1;
        Ok(())
    }

    /// Writes a text from a column to the last one.
    fn across(&mut self, column: u16, text: &str, format: &Format) -> Result<(), XlsxError> {
        let text = printable(text);
        let last = LAST_COLUMN;
        self.sheet.merge_range(self.row, column, self.row, last, &cut(&text).0, format)?;
        Ok(())
    }

    fn text(&mut self, column: u16, text: &str, format: &Format) -> Result<(), XlsxError> {
        let text = printable(text);
        self.sheet.write_string_with_format(self.row, column, cut(&text).0, format)?;
        Ok(())
    }

    fn table(&mut self, table: &SummaryTable, looks: &Looks) -> Result<(), XlsxError> {
        self.row += 1;
        self.line(&table.title, &looks.heading)?;
        for (column, title) in (0..).zip(&table.header) {
            let format = if column == LAST_COLUMN { &looks.number_head } else { &looks.head };
            self.text(column, title, format)?;
        }
        self.row += 1;
        for (texts, count) in table.rows.iter().take(MAX_TABLE_ROWS) {
            for (column, text) in (0..).zip(texts) {
                self.text(column, text, &looks.text)?;
            }
            let count = i32::try_from(*count).map_or(f64::MAX, f64::from);
            self.sheet.write_number_with_format(self.row, LAST_COLUMN, count, &looks.number)?;
            self.row += 1;
        }
        if let Some(note) = &table.note {
            self.line(note, &looks.note)?;
        }
        Ok(())
    }
}

const LAST_COLUMN: u16 = 2;
