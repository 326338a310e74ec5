//! A sheet with one table: title, frozen head with filters, rows, totals, notes.

use chrono::{NaiveDate, NaiveDateTime, Timelike};
use rust_xlsxwriter::{Format, Sparkline, Worksheet, XlsxError};

use crate::diag::{Lang, Message, printable};
use crate::output::workbook::{A4, cut, serial_of, width_of};
use crate::report::content::{Cell, CellFormat, Column, Row, RowKind, Table, Value};
use crate::report::shown::shown;
use crate::report::told::{is_told, row_told, title_of};
use crate::report::xlsx::looks::{Look, Looks, is_right_aligned};

/// Rows of a table that a sheet takes; the rest of it is for titles and notes.
const MAX_ROWS: usize = 1_048_000;

/// Rows by which the widths of columns are found.
const MEASURED_ROWS: usize = 1_000;

/// Widths of columns, in Latin characters.
const WIDTHS: std::ops::RangeInclusive<usize> = 8..=48;

/// Points that a line of text takes where its font has Chinese characters, that of a title, and a row at
/// most.
const LINE_POINTS: usize = 17;
const TITLE_POINTS: u16 = 24;
const MAX_POINTS: usize = 405;

/// Lines that are printed on one page at most, though smaller: of one that is higher than wide, and of one
/// that lies. What has more goes on to further pages.
const PAGE_LINES: u32 = 80;
const WIDE_PAGE_LINES: u32 = 52;

/// A whole number from here on has more digits than a spreadsheet keeps.
const MAX_EXACT: u64 = 1_000_000_000_000_000;

/// Digits of the day after which an instant is written.
const DAY_SECONDS: u32 = 86_400;

/// Where the parts of a sheet stand: rows and columns from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stand {
    /// The line with the unit, where there is one.
    pub(super) unit: Option<u32>,
    /// The line with the title.
    pub(super) title: u32,
    /// The head.
    pub(super) head: u32,
    /// The last row that is no total; the head where there is none.
    pub(super) last_body: u32,
    /// The first row below the table and its notes.
    pub(super) below: u32,
}

/// What is written into a cell.
#[derive(Clone, Copy)]
struct Written<'a> {
    cell: &'a Cell,
    format: CellFormat,
    kind: RowKind,
}

/// The columns of a table with their widths, in Latin characters; behind them that of what must be known.
struct Measured<'a> {
    columns: &'a [Column],
    widths: Vec<usize>,
}

/// Prints a sheet on one page where its lines fit, so that no row is left for a page of its own.
pub(super) fn fit_to_page(sheet: &mut Worksheet, n_lines: u32, is_wide: bool) {
    let most = if is_wide { WIDE_PAGE_LINES } else { PAGE_LINES };
    sheet.set_print_fit_to_pages(1, u16::from(n_lines <= most));
}

/// What is the same for every sheet of a workbook.
pub(super) struct Book {
    pub(super) lang: Lang,
    pub(super) is_synthetic: bool,
    pub(super) looks: Looks,
}

impl Book {
    /// Returns what a text of this program says.
    pub(super) fn text(&self, code: &'static str) -> String {
        Message::new(code).text(self.lang)
    }

    /// Sets what all sheets have: paper, and what stands on every page of it.
    pub(super) fn set_paper(&self, sheet: &mut Worksheet, is_wide: bool) {
        sheet.set_default_row_height(u16::try_from(LINE_POINTS).unwrap_or(u16::MAX));
        sheet.set_paper_size(A4).set_print_fit_to_pages(1, 0).set_footer("&C&P / &N");
        if is_wide {
            sheet.set_landscape();
        }
        if self.is_synthetic {
            sheet.set_header(format!("&R{}", self.text("report.page_synthetic")));
        }
    }

    /// Writes a table into a sheet of its own and says where its parts stand. `unit` is told in a line of
    /// its own.
    pub(super) fn write_table(
        &mut self,
        sheet: &mut Worksheet,
        table: &Table,
        unit: Option<&str>,
    ) -> Result<Stand, XlsxError> {
        let mut row = 0;
        if self.is_synthetic {
            let mark = self.text("report.page_synthetic");
            write_text(sheet, (row, 0), &mark, &self.looks.mark)?;
            row += 1;
        }
        let title = row;
        write_text(sheet, (row, 0), &table.title, &self.looks.title)?;
        sheet.set_row_height(row, TITLE_POINTS)?;
        row += 1;
        let unit_row = unit.map(|_| row);
        if let Some(unit) = unit {
            let line = Message::new("report.book.unit").with("unit", unit).text(self.lang);
            write_text(sheet, (row, 0), &line, &self.looks.plain)?;
            row += 1;
        }
        let head = row;
        let next_column = self.write_rows(sheet, table, head)?;
        let n_body = table.rows.iter().take(MAX_ROWS);
        let n_body = n_body.filter(|row| row.kind == RowKind::Body).count();
        let last_body = head + rows_of(n_body);
        let last_filtered = columns_of(table.columns.len() + usize::from(has_told(table)));
        sheet.autofilter(head, 0, last_body, last_filtered.saturating_sub(1))?;
        sheet.set_freeze_panes(head + 1, 1)?;
        sheet.set_repeat_rows(head, head)?;
        let is_wide = table.columns.len() > 6;
        self.set_paper(sheet, is_wide);
        let first_note = head + rows_of(table.rows.len().min(MAX_ROWS)) + 2;
        self.write_notes(sheet, table, first_note)?;
        if next_column > last_filtered {
            // The values of courses are drawn within the table.
            let last_row = first_note + rows_of(table.notes.len());
            sheet.set_print_area(0, 0, last_row, last_filtered.saturating_sub(1))?;
        }
        let below = first_note + rows_of(table.notes.len()) + 2;
        fit_to_page(sheet, below, is_wide);
        Ok(Stand { unit: unit_row, title, head, last_body, below })
    }

    /// Writes head and rows of a table, the head in row `head`, and returns the first free column.
    ///
    /// Behind its own columns comes one that says what must be known of cells, where there is something,
    /// and behind that the values of each course of which a sparkline is drawn.
    pub(super) fn write_rows(
        &mut self,
        sheet: &mut Worksheet,
        table: &Table,
        head: u32,
    ) -> Result<u16, XlsxError> {
        let mut next = columns_of(table.columns.len());
        let told = has_told(table).then_some(next);
        next += u16::from(told.is_some());
        for (column, titled) in (0..).zip(&table.columns) {
            let format = if is_right_aligned(titled.format) {
                &self.looks.number_head
            } else {
                &self.looks.head
            };
            write_text(sheet, (head, column), &title_of(titled, self.lang), format)?;
        }
        if let Some(column) = told {
            write_text(sheet, (head, column), &self.text("report.book.marks"), &self.looks.head)?;
        }
        let courses = self.write_course_heads(sheet, table, head, &mut next)?;
        let widths = self.set_widths(sheet, table, told)?;
        let measured = Measured { columns: &table.columns, widths };
        self.set_head_height(sheet, head, &measured)?;
        for (idx, row) in table.rows.iter().take(MAX_ROWS).enumerate() {
            let at = head + 1 + rows_of(idx);
            for (column, (cell, titled)) in (0..).zip(row.cells.iter().zip(&table.columns)) {
                let written = Written { cell, format: titled.format, kind: row.kind };
                self.write_cell(sheet, (at, column), written)?;
            }
            if let Some(column) = told {
                self.write_told(sheet, (at, column), row, &table.columns)?;
            }
            for (column, first) in &courses {
                if let Some(Value::Course(values)) = row.cells.get(*column).map(|cell| &cell.value)
                {
                    self.write_course(sheet, (at, columns_of(*column)), values, *first)?;
                }
            }
            self.set_height(sheet, at, row, &measured)?;
        }
        Ok(next)
    }

    /// Writes heads for the values of courses, and returns the column of each course with the first one
    /// of its values.
    fn write_course_heads(
        &self,
        sheet: &mut Worksheet,
        table: &Table,
        head: u32,
        next: &mut u16,
    ) -> Result<Vec<(usize, u16)>, XlsxError> {
        let mut courses = Vec::new();
        for (column, titled) in table.columns.iter().enumerate() {
            let values = table.rows.iter().filter_map(|row| match row.cells.get(column)?.value {
                Value::Course(ref values) => Some(values.len()),
                _ => None,
            });
            let Some(n_values) = values.max() else { continue };
            courses.push((column, *next));
            for number in 1..=n_values {
                let title = Message::new("report.book.course")
                    .with("label", &titled.label)
                    .with("number", number)
                    .text(self.lang);
                write_text(sheet, (head, *next), &title, &self.looks.number_head)?;
                *next = next.saturating_add(1);
            }
        }
        Ok(courses)
    }

    /// Writes the values of a course and draws them in its cell.
    fn write_course(
        &mut self,
        sheet: &mut Worksheet,
        (row, column): (u32, u16),
        values: &[Option<f64>],
        first: u16,
    ) -> Result<(), XlsxError> {
        let format = CellFormat::Number { decimals: 4 };
        for (at, value) in (first..).zip(values) {
            let value = value.map_or(Value::Missing, Value::Number);
            let cell = Cell { value, ..Cell::default() };
            let written = Written { cell: &cell, format, kind: RowKind::Body };
            self.write_cell(sheet, (row, at), written)?;
        }
        if values.iter().any(Option::is_some) {
            let last = first + columns_of(values.len()) - 1;
            let name = sheet.name();
            let drawn = Sparkline::new().set_range((name.as_str(), row, first, row, last));
            sheet.add_sparkline(row, column, &drawn)?;
        }
        Ok(())
    }

    /// Writes a value so that it stays one: numbers and days as such, texts as texts whatever they look
    /// like.
    fn write_cell(
        &mut self,
        sheet: &mut Worksheet,
        (row, column): (u32, u16),
        written: Written<'_>,
    ) -> Result<(), XlsxError> {
        let Written { cell, format, kind } = written;
        let look = Look::of(&cell.value, format, kind, is_told(cell));
        if let Some(number) = number_of(&cell.value, format) {
            sheet.write_number_with_format(row, column, number, self.looks.cell(look))?;
            return Ok(());
        }
        let text = match cell.value {
            // It is drawn.
            Value::Course(_) => String::new(),
            ref value => shown(value, format, self.lang),
        };
        // As a text it has no number format.
        let format = self.looks.cell(Look { number: String::new(), ..look });
        if text.is_empty() {
            sheet.write_blank(row, column, format)?;
        } else {
            sheet.write_string_with_format(row, column, cut(&text).0, format)?;
        }
        Ok(())
    }

    /// Writes what must be known of the cells of a row, each by the title of its column.
    fn write_told(
        &mut self,
        sheet: &mut Worksheet,
        (row, column): (u32, u16),
        cells: &Row,
        columns: &[Column],
    ) -> Result<(), XlsxError> {
        let cell =
            Cell { value: Value::Text(row_told(cells, columns, self.lang)), ..Cell::default() };
        let written = Written { cell: &cell, format: CellFormat::Text, kind: cells.kind };
        self.write_cell(sheet, (row, column), written)
    }

    /// Makes columns as wide as what stands in them, within limits, and returns their widths.
    fn set_widths(
        &self,
        sheet: &mut Worksheet,
        table: &Table,
        told: Option<u16>,
    ) -> Result<Vec<usize>, XlsxError> {
        let mut widths = Vec::new();
        for (idx, column) in table.columns.iter().enumerate() {
            let cells = table.rows.iter().take(MEASURED_ROWS).filter_map(|row| row.cells.get(idx));
            let widest = match column.format {
                // It is drawn.
                CellFormat::Course => 24,
                format => cells
                    .map(|cell| width_of(&shown(&cell.value, format, self.lang)))
                    .max()
                    .unwrap_or(0),
            };
            // The head breaks into two lines, beside the button of its filter.
            let head = width_of(&title_of(column, self.lang)).div_ceil(2) + 3;
            widths.push((widest.max(head) + 2).clamp(*WIDTHS.start(), *WIDTHS.end()));
        }
        widths.extend(told.map(|_| *WIDTHS.end()));
        for (column, width) in (0..).zip(&widths) {
            sheet.set_column_width(column, u16::try_from(*width).unwrap_or(u16::MAX))?;
        }
        Ok(widths)
    }

    /// Makes a head as high as its longest title, which stands beside the button of a filter.
    fn set_head_height(
        &self,
        sheet: &mut Worksheet,
        head: u32,
        measured: &Measured<'_>,
    ) -> Result<(), XlsxError> {
        let Measured { columns, widths } = measured;
        let titles = columns.iter().map(|column| width_of(&title_of(column, self.lang)));
        let lines =
            titles.zip(widths).map(|(title, width)| title.div_ceil(width.saturating_sub(3).max(1)));
        let points = lines.max().unwrap_or(1) * LINE_POINTS;
        sheet.set_row_height(head, u16::try_from(points.min(MAX_POINTS)).unwrap_or(u16::MAX))?;
        Ok(())
    }

    /// Makes a row as high as its longest text: not every program does.
    fn set_height(
        &self,
        sheet: &mut Worksheet,
        at: u32,
        row: &Row,
        measured: &Measured<'_>,
    ) -> Result<(), XlsxError> {
        let Measured { columns, widths } = measured;
        let own = row.cells.iter().zip(widths).map(|(cell, limit)| match &cell.value {
            Value::Text(text) => width_of(text).div_ceil(limit - 1),
            _ => 1,
        });
        let told = widths.get(columns.len());
        let told =
            told.map(|limit| width_of(&row_told(row, columns, self.lang)).div_ceil(limit - 1));
        let n_lines = own.chain(told).max().unwrap_or(1);
        if n_lines > 1 {
            let points = (n_lines * LINE_POINTS).min(MAX_POINTS);
            sheet.set_row_height(at, u16::try_from(points).unwrap_or(u16::MAX))?;
        }
        Ok(())
    }

    /// Writes what must be known of a table, below it.
    fn write_notes(
        &self,
        sheet: &mut Worksheet,
        table: &Table,
        first_row: u32,
    ) -> Result<(), XlsxError> {
        let cut_off = (table.rows.len() > MAX_ROWS).then(|| {
            Message::new("report.book.cut_off")
                .with("shown", MAX_ROWS)
                .with("rows", table.rows.len())
                .text(self.lang)
        });
        for (row, note) in (first_row..).zip(cut_off.iter().chain(&table.notes)) {
            write_text(sheet, (row, 0), note, &self.looks.plain)?;
        }
        Ok(())
    }
}

/// Writes a text that data may have.
fn write_text(
    sheet: &mut Worksheet,
    (row, column): (u32, u16),
    text: &str,
    format: &Format,
) -> Result<(), XlsxError> {
    let text = printable(text);
    sheet.write_string_with_format(row, column, cut(&text).0, format)?;
    Ok(())
}

/// Whether something must be known of a cell of a table.
fn has_told(table: &Table) -> bool {
    let mut cells = table.rows.iter().flat_map(|row| &row.cells);
    cells.any(is_told)
}

/// Returns the number that a spreadsheet has for a value; `None` for what it has as a text or not at all.
fn number_of(value: &Value, format: CellFormat) -> Option<f64> {
    let is_word = matches!(format, CellFormat::Id | CellFormat::Text);
    let is_percent =
        matches!(format, CellFormat::Percent { .. } | CellFormat::PercentChange { .. });
    // The point is moved in the text: dividing would change the last digit.
    let moved = |text: String| if is_percent { format!("{text}e-2") } else { text }.parse().ok();
    match value {
        Value::Whole(number) if !is_word && number.unsigned_abs() < MAX_EXACT => {
            moved(number.to_string())
        }
        Value::Number(number) if number.is_finite() => moved(number.to_string()),
        Value::Day(day) => serial_day(*day),
        Value::Instant(instant) => serial_instant(*instant),
        _ => None,
    }
}

/// The first day that all spreadsheets number alike is 1 March 1900.
fn serial_day(day: NaiveDate) -> Option<f64> {
    let serial = i32::try_from(serial_of(day)).ok()?;
    // The last one is 31 December 9999.
    (61..=2_958_465).contains(&serial).then(|| f64::from(serial))
}

fn serial_instant(instant: NaiveDateTime) -> Option<f64> {
    let seconds = f64::from(instant.time().num_seconds_from_midnight());
    Some(serial_day(instant.date())? + seconds / f64::from(DAY_SECONDS))
}

fn rows_of(n_rows: usize) -> u32 {
    u32::try_from(n_rows).unwrap_or(u32::MAX)
}

fn columns_of(n_columns: usize) -> u16 {
    u16::try_from(n_columns).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(value: &Value, format: CellFormat, expected: Option<f64>) {
        assert_eq!(number_of(value, format), expected);
    }

    #[test]
    fn what_is_a_number_stays_one() {
        check(&Value::Whole(12_741_337), CellFormat::Number { decimals: 0 }, Some(12_741_337.0));
        check(&Value::Number(8.2), CellFormat::Percent { decimals: 1 }, Some(0.082));
        check(&Value::Whole(100), CellFormat::Percent { decimals: 1 }, Some(1.0));
        let day = NaiveDate::from_ymd_opt(2021, 8, 31).unwrap();
        check(&Value::Day(day), CellFormat::Day, Some(44_439.0));
        let noon = day.and_hms_opt(12, 0, 0).unwrap();
        check(&Value::Instant(noon), CellFormat::Instant, Some(44_439.5));
    }

    #[test]
    fn what_a_spreadsheet_would_change_is_a_text() {
        check(&Value::Whole(630_000), CellFormat::Id, None);
        check(&Value::Text("12".to_owned()), CellFormat::Number { decimals: 0 }, None);
        let long = Value::Whole(1_234_567_890_123_456);
        check(&long, CellFormat::Number { decimals: 0 }, None);
        let early = NaiveDate::from_ymd_opt(1899, 1, 1).unwrap();
        check(&Value::Day(early), CellFormat::Day, None);
        check(&Value::Number(f64::NAN), CellFormat::Number { decimals: 0 }, None);
        check(&Value::Missing, CellFormat::Number { decimals: 0 }, None);
    }
}
