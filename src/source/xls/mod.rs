//! Legacy workbooks (BIFF8): `.xls`, and `.et` of WPS.
//!
//! Values come from `calamine`. What it does not tell, as percent formats and hidden rows, and what
//! it would trip over comes from a walk of our own over the records.

mod records;
mod strings;
mod walk;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::io::{Cursor, Read};

use calamine::{Data, DataType, Reader, Sheet, SheetType, SheetVisible, Xls, XlsError};
use cfb::CompoundFile;

use crate::source::sheets::{
    Area, CellBudget, Epoch, NumberKind, SheetBuilder, boolean_text, number_text,
};
use crate::source::spans::tidy;
use crate::source::xls::records::{damaged, damaged_part};
use crate::source::xls::strings::MarkedString;
use crate::source::xls::walk::SheetFacts;
use crate::source::{Block, Document, Format, Remark, RemarkKind, SourceError};

/// Parses a workbook: one grid for each sheet that shows and has text.
///
/// `calamine` panics on some records that are shorter than they say.
pub(super) fn parse(bytes: &[u8], file_name: &str) -> Result<Document, SourceError> {
    std::panic::catch_unwind(|| parse_workbook(bytes, file_name))
        .unwrap_or_else(|_| Err(damaged(file_name, "flaw.impossible")))
}

fn parse_workbook(bytes: &[u8], file_name: &str) -> Result<Document, SourceError> {
    let mut remarks = Vec::new();
    let stream = workbook_stream(bytes, file_name, &mut remarks)?;
    let facts = walk::walk(&stream, file_name)?;
    drop(stream);
    if facts.has_links {
        remarks.push(Remark::new(RemarkKind::Embedded, "", None));
    }
    if facts.marked.is_none() {
        remarks.push(Remark::new(RemarkKind::MarksRead, "", None));
    }
    let workbook = Xls::new(Cursor::new(bytes)).map_err(|error| xls_error(&error, file_name))?;
    let marked = facts.marked.unwrap_or_default();
    let mut reader = SheetReader { workbook, file_name, epoch: facts.epoch, marked };
    let listed = reader.workbook.sheets_metadata().to_vec();
    let mut budget = CellBudget::default();
    let mut blocks = Vec::new();
    for (idx, (sheet, sheet_facts)) in listed.iter().zip(&facts.sheets).enumerate() {
        // Excel allows no two sheets of one name, and calamine would keep one of them only.
        if listed.iter().take(idx).any(|earlier| earlier.name == sheet.name) {
            return Err(damaged_part(file_name, &sheet.name, "flaw.sheets_of_one_name"));
        }
        let remark = |kind| Remark::new(kind, sheet.name.clone(), None);
        match (sheet.typ, sheet.visible) {
            (SheetType::WorkSheet, SheetVisible::Visible) => {
                let builder = reader.read(idx, sheet, sheet_facts)?;
                blocks.extend(builder.finish(&mut budget, &mut remarks)?.map(Block::Grid));
            }
            (SheetType::WorkSheet, _) => remarks.push(remark(RemarkKind::SheetHidden)),
            (SheetType::MacroSheet | SheetType::Vba, _) => remarks.push(remark(RemarkKind::Macros)),
            (SheetType::ChartSheet | SheetType::DialogSheet, _) => (),
        }
    }
    Ok(Document { format: Format::Xls, encoding: None, blocks, remarks })
}

/// Reads the stream with the cells, and notes what else is in the file.
fn workbook_stream(
    bytes: &[u8],
    file_name: &str,
    remarks: &mut Vec<Remark>,
) -> Result<Vec<u8>, SourceError> {
    let io_error = |error: std::io::Error| damaged(file_name, &error.to_string());
    let mut file = CompoundFile::open(Cursor::new(bytes)).map_err(io_error)?;
    if !file.is_stream("Workbook") {
        // The stream of Excel 5 and 95, whose texts are in the code page of their author.
        return Err(SourceError::FormatRefused {
            file_name: file_name.to_owned(),
            format: "BIFF5".to_owned(),
        });
    }
    let storages = file.read_root_storage().filter(cfb::Entry::is_storage);
    let names: Vec<String> = storages.map(|entry| entry.name().to_owned()).collect();
    for (start, kind) in [("_VBA_PROJECT_CUR", RemarkKind::Macros), ("MBD", RemarkKind::Embedded)] {
        if let Some(name) = names.iter().find(|name| name.starts_with(start)) {
            remarks.push(Remark::new(kind, name.clone(), None));
        }
    }
    let mut stream = Vec::new();
    let part = file.open_stream("Workbook").map_err(io_error)?;
    // A chain of sectors is never longer than the file, whatever its directory says.
    let max_bytes = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    part.take(max_bytes).read_to_end(&mut stream).map_err(io_error)?;
    Ok(stream)
}

struct SheetReader<'a> {
    workbook: Xls<Cursor<&'a [u8]>>,
    file_name: &'a str,
    epoch: Epoch,
    /// Shared strings that are partly set apart.
    marked: BTreeMap<u32, MarkedString>,
}

impl<'a> SheetReader<'a> {
    /// Reads the cells of a sheet.
    fn read(
        &mut self,
        idx: usize,
        sheet: &Sheet,
        facts: &SheetFacts,
    ) -> Result<SheetBuilder<'a>, SourceError> {
        let error = |error: XlsError| xls_error(&error, self.file_name);
        let merges = self.workbook.merge_cells_by_sheet_id(idx).map_err(error)?;
        let range = self.workbook.worksheet_range(&sheet.name).map_err(error)?;
        let mut builder = SheetBuilder::new(self.file_name, idx + 1, &sheet.name);
        for area in merges {
            builder.merge(Area {
                first_row: number(area.start.0),
                last_row: number(area.end.0),
                first_column: number(area.start.1),
                last_column: number(area.end.1),
            })?;
        }
        let (first_row, first_column) = range.start().unwrap_or_default();
        let (first_row, first_column) = (number(first_row), number(first_column));
        for (row, column, value) in range.used_cells() {
            let (row, column) = (first_row + row, first_column + column);
            let kind = facts.kind(row, column);
            let mut text = self.text(value, kind);
            let string = facts.shared.get(&(row, column));
            if let Some(string) = string.and_then(|number| self.marked.get(number)) {
                for (kind, left_out) in &string.apart {
                    builder.apart(*kind, left_out, row, column);
                }
                text = tidy(&string.text);
            }
            if let Some(kind) = facts.apart.get(&(row, column)) {
                builder.apart(*kind, &text, row, column);
                continue;
            }
            if let Some(number) = number_of(value) {
                builder.number(kind.at(number), row, column);
            }
            builder.cell(row, column, text)?;
        }
        for (row, column) in &facts.without_value {
            builder.formula_without_value(*row, *column);
        }
        for row in &facts.hidden_rows {
            builder.hide_row(*row);
        }
        for (first, last) in &facts.hidden_columns {
            builder.hide_columns(*first, *last);
        }
        Ok(builder)
    }

    /// Returns the text that shows for a value.
    ///
    /// The kind of a number is our own finding: calamine knows fewer formats.
    fn text(&self, value: &Data, kind: NumberKind) -> String {
        match value {
            Data::Empty => String::new(),
            Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => tidy(text),
            Data::Bool(value) => boolean_text(*value),
            Data::Error(error) => error.to_string(),
            Data::Float(value) => number_text(*value, kind, self.epoch),
            Data::DateTime(value) => number_text(value.as_f64(), kind, self.epoch),
            // Stored in 30 bits, so that nothing is lost.
            Data::Int(value) => match i32::try_from(*value) {
                Ok(value) => number_text(value.into(), kind, self.epoch),
                Err(_) => value.to_string(),
            },
        }
    }
}

/// Returns the number in a cell, whose format says how it shows; `None` where there is none.
fn number_of(value: &Data) -> Option<f64> {
    match value {
        Data::Int(_) | Data::Float(_) | Data::DateTime(_) => value.as_f64(),
        _ => None,
    }
}

/// Turns an index from 0 into a number from 1.
fn number(idx: u32) -> usize {
    usize::try_from(idx).unwrap_or(usize::MAX).saturating_add(1)
}

fn xls_error(error: &XlsError, file_name: &str) -> SourceError {
    match error {
        XlsError::Password => SourceError::Encrypted { file_name: file_name.to_owned() },
        other => damaged(file_name, &other.to_string()),
    }
}
