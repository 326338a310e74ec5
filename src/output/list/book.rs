//! A list as a workbook: a summary, then sheets of rows.
//!
//! The library makes a workbook without rows, with all of its looks; the rows are put into its sheets
//! while these are packed, so that a million of them take no memory.

use std::io::{self, Cursor, Read, Write};

use chrono::Datelike;
use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Workbook, XlsxError,
};
use zip::result::ZipError;
use zip::write::{FileOptions, FullFileOptions, SimpleFileOptions, StreamWriter};
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use crate::output::OutputError;
use crate::output::list::sheet::{SheetColumn, push_row};
use crate::output::list::summary;
use crate::output::list::{ListCell, ListDone, ListPlan};
use crate::output::workbook::{A4, HEAD, LINE};

/// Rows of a list that a sheet takes, below its head.
pub const MAX_SHEET_ROWS: u64 = 1_048_575;

/// By this line a workbook is known that was written here. It stands in the file in clear, as an extra
/// field of its first part, and whoever saves the workbook anew drops it.
const MARK: &str = "tongban-list/1";

/// The field with the mark, one of those that nobody has registered.
const MARK_FIELD: u16 = 0x4254;

/// Bytes at the beginning of a file within which the mark stands.
const MARK_WITHIN: usize = 2_048;

/// By which names the parts of sheets begin.
const SHEETS: &str = "xl/worksheets/sheet";

/// Rows are packed quickly: they are much alike, and more effort saves little.
const LEVEL: i64 = 2;

/// XML is packed in pieces of this size.
const PIECE_BYTES: usize = 1 << 16;

/// A workbook while it is written.
pub(super) struct Book<W: Write> {
    package: ZipWriter<StreamWriter<W>>,
    /// The sheets that are not begun, the next one last.
    waiting: Vec<ListSheet>,
    current: ListSheet,
    row: u64,
    xml: String,
    n_cut: u64,
}

/// A sheet without rows, taken apart where they belong.
#[derive(Debug, Clone, PartialEq, Eq)]
struct ListSheet {
    name: String,
    start: String,
    end: String,
    columns: Vec<SheetColumn>,
}

impl<W: Write> Book<W> {
    pub(super) fn begin(plan: &ListPlan, sink: W) -> Result<Self, OutputError> {
        let bytes = empty_book(plan).map_err(OutputError::Workbook)?;
        let why = "the library writes plain containers";
        let mut parts = ZipArchive::new(Cursor::new(bytes)).expect(why);
        let mut package = ZipWriter::new_stream(sink);
        let mut waiting = Vec::new();
        for idx in 0..parts.len() {
            let mut part = parts.by_index(idx).expect(why);
            let name = part.name().expect(why).into_owned();
            if !is_list_sheet(&name) && idx > 0 {
                package.raw_copy_file(part).map_err(failed)?;
                continue;
            }
            let mut text = String::new();
            part.read_to_string(&mut text).expect(why);
            if is_list_sheet(&name) {
                waiting.push(ListSheet::of(&name, &text, plan));
            } else {
                package.start_file(name, marked()).map_err(failed)?;
                package.write_all(text.as_bytes()).map_err(OutputError::Sink)?;
            }
        }
        waiting.sort_by_key(|sheet| std::cmp::Reverse(number_of(&sheet.name)));
        let current = waiting.pop().expect("a list has a sheet of rows");
        let mut book = Self { package, waiting, current, row: 1, xml: String::new(), n_cut: 0 };
        book.begin_sheet()?;
        Ok(book)
    }

    pub(super) fn push(&mut self, cells: &[ListCell<'_>]) -> Result<(), OutputError> {
        if self.row > MAX_SHEET_ROWS {
            self.end_sheet()?;
            self.current = self.waiting.pop().expect("there are as many sheets as rows need");
            self.begin_sheet()?;
        }
        self.row += 1;
        self.n_cut += push_row(&mut self.xml, self.row, cells, &self.current.columns);
        if self.xml.len() >= PIECE_BYTES { self.pack() } else { Ok(()) }
    }

    pub(super) fn finish(mut self) -> Result<ListDone<W>, OutputError> {
        self.end_sheet()?;
        let mut sink = self.package.finish().map_err(failed)?.into_inner();
        sink.flush().map_err(OutputError::Sink)?;
        Ok(ListDone { sink, n_neutralised: 0, n_cut: self.n_cut })
    }

    fn begin_sheet(&mut self) -> Result<(), OutputError> {
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .compression_level(Some(LEVEL));
        self.package.start_file(&self.current.name, options).map_err(failed)?;
        self.xml.push_str(&self.current.start);
        // The head.
        self.row = 1;
        Ok(())
    }

    fn end_sheet(&mut self) -> Result<(), OutputError> {
        self.xml.push_str(&self.current.end);
        self.pack()
    }

    fn pack(&mut self) -> Result<(), OutputError> {
        self.package.write_all(self.xml.as_bytes()).map_err(OutputError::Sink)?;
        self.xml.clear();
        Ok(())
    }
}

/// Returns how the first part is written.
fn marked() -> FullFileOptions<'static, 'static> {
    let mut options = FileOptions::default().compression_method(CompressionMethod::Deflated);
    options.add_extra_field(MARK_FIELD, MARK, false).expect("the mark is short");
    options
}

fn failed(error: ZipError) -> OutputError {
    OutputError::Sink(io::Error::from(error))
}

/// Tells whether a file begins as a workbook that was written here.
pub(super) fn is_book(start: &[u8]) -> bool {
    let start = &start[..start.len().min(MARK_WITHIN)];
    start.starts_with(b"PK") && start.windows(MARK.len()).any(|piece| piece == MARK.as_bytes())
}

/// The first sheet is the summary.
fn is_list_sheet(name: &str) -> bool {
    name.starts_with(SHEETS) && number_of(name) > 1
}

fn number_of(name: &str) -> u32 {
    let number = name.trim_start_matches(SHEETS).trim_end_matches(".xml");
    number.parse().unwrap_or_default()
}

/// The row of a sheet without rows that says what their cells look like.
const SAMPLE_ROW: u32 = 1;

impl ListSheet {
    /// Takes a sheet apart that has a head and below it a row of blank cells.
    fn of(name: &str, xml: &str, plan: &ListPlan) -> Self {
        let why = "the library writes a row behind the other";
        let (start, rest) = xml.split_once("<row r=\"2\"").expect(why);
        // It tells how many rows there are, and there will be more.
        let (before, told) = start.split_once("<dimension ").expect(why);
        let (_, after) = told.split_once("/>").expect(why);
        let start = [before, after].concat();
        let (sample, rest) = rest.split_once("</row>").expect(why);
        let cells = sample.split("<c r=\"").skip(1).zip(&plan.columns);
        let columns = cells.map(|(cell, column)| {
            let (place, rest) = cell.split_once('"').expect("cells have a place");
            let look = rest.split_once("s=\"").and_then(|(_, rest)| rest.split_once('"'));
            let look = look.map_or("0", |(look, _)| look);
            SheetColumn {
                letters: place.trim_end_matches(|c: char| c.is_ascii_digit()).to_owned(),
                look: look.to_owned(),
                width: column.width,
            }
        });
        let columns = columns.collect();
        Self { name: name.to_owned(), start, end: rest.to_owned(), columns }
    }
}

/// Returns how many sheets the rows of a list take; one where there are none.
fn n_sheets(n_rows: u64) -> u64 {
    n_rows.div_ceil(MAX_SHEET_ROWS).max(1)
}

/// Returns a workbook with a summary and sheets of rows, in each the head and one row of blank cells.
fn empty_book(plan: &ListPlan) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let day = plan.made_on;
    let year = u16::try_from(day.year()).unwrap_or(1900);
    let [month, day] = [day.month(), day.day()].map(|part| u8::try_from(part).unwrap_or(1));
    let properties = DocProperties::new()
        .set_title(&plan.summary.title)
        .set_author("tongban")
        .set_creation_datetime(&ExcelDateTime::from_ymd(year, month, day)?);
    book.set_properties(&properties);
    summary::write(book.add_worksheet(), &plan.summary)?;
    let mut n_left = plan.n_rows;
    for number in 1..=n_sheets(plan.n_rows) {
        let name = match number {
            1 => plan.sheet_name.clone(),
            _ => format!("{} {number}", plan.sheet_name),
        };
        let n_rows = n_left.min(MAX_SHEET_ROWS);
        n_left -= n_rows;
        list_sheet(book.add_worksheet(), plan, &name, n_rows)?;
    }
    book.save_to_buffer()
}

fn list_sheet(
    sheet: &mut rust_xlsxwriter::Worksheet,
    plan: &ListPlan,
    name: &str,
    n_rows: u64,
) -> Result<(), XlsxError> {
    let framed = || {
        Format::new()
            .set_text_wrap()
            .set_align(FormatAlign::Top)
            .set_align(FormatAlign::Left)
            .set_border(FormatBorder::Thin)
            .set_border_color(LINE)
    };
    let head = framed().set_bold().set_background_color(HEAD);
    let cell = framed();
    sheet.set_name(name)?;
    for (column, title) in (0..).zip(&plan.columns) {
        sheet.set_column_width(column, title.width)?;
        sheet.write_string_with_format(0, column, &title.title, &head)?;
        let format =
            if title.is_day { framed().set_num_format("yyyy-mm-dd") } else { cell.clone() };
        sheet.write_blank(SAMPLE_ROW, column, &format)?;
    }
    let last_column = u16::try_from(plan.columns.len()).unwrap_or(1).saturating_sub(1);
    let last_row = u32::try_from(n_rows).unwrap_or(0).max(SAMPLE_ROW);
    sheet.autofilter(0, 0, last_row, last_column)?;
    sheet.set_freeze_panes(1, 0)?;
    sheet.set_repeat_rows(0, 0)?;
    sheet.set_landscape().set_paper_size(A4).set_print_fit_to_pages(1, 0);
    sheet.set_footer("&C&P / &N");
    Ok(())
}
