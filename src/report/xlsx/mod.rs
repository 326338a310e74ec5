//! A report as a workbook: an overview, a sheet for every table and chart, and where it comes from.
//!
//! Texts are texts whatever they look like, and nothing in the workbook is a formula or a link. The same
//! report gives the same bytes.

mod chart;
mod looks;
mod names;
mod overview;
mod sheet;
#[cfg(test)]
mod tests;

use chrono::Datelike;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook, Worksheet, XlsxError};

use crate::diag::printable;
use crate::output::OutputError;
use crate::report::content::{Block, Chart, Report, Table};
use crate::report::told::closing_accounts;
use crate::report::xlsx::looks::Looks;
use crate::report::xlsx::names::SheetNames;
use crate::report::xlsx::sheet::Book;

/// What a sheet shows.
enum Part<'a> {
    Table(&'a Table),
    Chart(&'a Chart),
}

/// Returns a report as the bytes of a workbook.
pub(super) fn to_xlsx(report: &Report) -> Result<Vec<u8>, OutputError> {
    workbook(report).map_err(OutputError::Workbook)
}

fn workbook(report: &Report) -> Result<Vec<u8>, XlsxError> {
    let blocks = report.sections.iter().flat_map(|section| &section.blocks);
    let parts: Vec<Part<'_>> = blocks
        .filter_map(|block| match block {
            Block::Table(table) => Some(Part::Table(table)),
            Block::Chart(chart) => Some(Part::Chart(chart)),
            _ => None,
        })
        .collect();
    let mut book =
        Book { lang: report.lang, is_synthetic: report.is_synthetic, looks: Looks::new() };
    let mut names = SheetNames::default();
    let overview_name = names.name(&book.text("report.book.overview"));
    let part_names: Vec<String> = parts
        .iter()
        .map(|part| match part {
            Part::Table(table) => names.name(&table.title),
            Part::Chart(chart) => names.name(&chart.title),
        })
        .collect();

    let mut workbook = Workbook::new();
    workbook.set_properties(&properties(report)?);
    let sheet = workbook.add_worksheet();
    sheet.set_name(overview_name)?;
    overview::write(&mut book, sheet, report, &part_names)?;
    for (part, name) in parts.iter().zip(part_names) {
        let sheet = workbook.add_worksheet();
        sheet.set_name(name)?;
        write_part(&mut book, sheet, part)?;
    }
    for table in closing_accounts(report) {
        let sheet = workbook.add_worksheet();
        sheet.set_name(names.name(&table.title))?;
        book.write_table(sheet, &table, None)?;
    }
    workbook.save_to_buffer()
}

fn write_part(book: &mut Book, sheet: &mut Worksheet, part: &Part<'_>) -> Result<(), XlsxError> {
    match part {
        Part::Table(table) => book.write_table(sheet, table, None).map(|_| ()),
        Part::Chart(drawn) => {
            let mut table = drawn.table();
            // It is told above the table, where the axis takes it from; percentages have their sign.
            for column in &mut table.columns {
                column.unit = None;
            }
            let unit = drawn.unit.as_deref().filter(|unit| *unit != "%");
            let stand = book.write_table(sheet, &table, unit)?;
            chart::draw(sheet, drawn, stand, book.lang)
        }
    }
}

/// Returns what the workbook says of itself. Its time is the end of the period: the same report has the
/// same, whenever it is made.
fn properties(report: &Report) -> Result<DocProperties, XlsxError> {
    let day = report.period_end;
    let year = u16::try_from(day.year()).unwrap_or(1900);
    let [month, day] = [day.month(), day.day()].map(|part| u8::try_from(part).unwrap_or(1));
    Ok(DocProperties::new()
        .set_title(printable(&report.title))
        .set_author("tongban")
        .set_creation_datetime(&ExcelDateTime::from_ymd(year, month, day)?))
}
