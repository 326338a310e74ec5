//! Workbooks of Office Open XML, `.xlsx`.
//!
//! Read event by event: what a file says about its sizes is never believed, and a sheet costs what
//! its cells cost.

mod drawing;
mod parts;
mod plain;
mod reference;
mod sheet;
mod strings;
mod styles;
mod workbook;

#[cfg(test)]
pub(in crate::source) mod tests;

use std::collections::BTreeSet;

use crate::source::container::Container;
use crate::source::remarks::remark_apart;
use crate::source::sheets::{CellBudget, SheetBuilder, SheetCells};
use crate::source::xlsx::drawing::texts_over_cells;
use crate::source::xlsx::parts::damaged;
use crate::source::xlsx::sheet::Shared;
use crate::source::xlsx::strings::SharedStrings;
use crate::source::xlsx::styles::Styles;
use crate::source::xlsx::workbook::{SheetEntry, Workbook};
use crate::source::{Block, Document, Format, Remark, RemarkKind, SourceError};

/// Parts that are not read, by the beginning of their names.
const UNREAD: [(&str, RemarkKind); 5] = [
    ("xl/vbaProject.bin", RemarkKind::Macros),
    ("xl/macrosheets/", RemarkKind::Macros),
    ("xl/externalLinks/", RemarkKind::Embedded),
    ("xl/embeddings/", RemarkKind::Embedded),
    ("xl/comments", RemarkKind::SideTexts),
];

/// Parses a workbook: one grid for each sheet that shows and has text.
pub(super) fn parse(bytes: &[u8], file_name: &str) -> Result<Document, SourceError> {
    let mut container = Container::open(bytes, file_name)?;
    let mut remarks = Vec::new();
    for (start, kind) in UNREAD {
        if let Some(part) = container.names().iter().find(|name| name.starts_with(start)) {
            remarks.push(Remark::new(kind, part.clone(), None));
        }
    }
    for text in texts_over_cells(&mut container, file_name)? {
        remark_apart(&mut remarks, RemarkKind::TextOverCells, &text, None);
    }
    let (shared, sheets) = open_workbook(&mut container, file_name)?;
    let mut budget = CellBudget::default();
    let mut blocks = Vec::new();
    let mut parts = BTreeSet::new();
    for (number, entry) in (1..).zip(sheets) {
        if entry.is_hidden {
            remarks.push(Remark::new(RemarkKind::SheetHidden, entry.name, None));
        } else if let Some(part) = entry.part {
            // A thousand sheets of one part would be read a thousand times.
            if !parts.insert(part.clone()) {
                return Err(damaged(file_name, &part, "flaw.part_of_two_sheets"));
            }
            let mut builder = SheetBuilder::new(file_name, number, &entry.name);
            sheet::parse(&mut container, &part, &shared, &mut builder)?;
            blocks.extend(builder.finish(&mut budget, &mut remarks)?.map(Block::Grid));
        }
    }
    Ok(Document { format: Format::Xlsx, encoding: None, blocks, remarks })
}

/// Hands on the cells of all sheets that show, one sheet after the other.
///
/// Texts of shapes, comments and whatever else is no cell are passed over.
pub(super) fn read_cells(
    bytes: &[u8],
    file_name: &str,
    cells: &mut impl SheetCells,
) -> Result<(), SourceError> {
    let mut container = Container::open(bytes, file_name)?;
    let (shared, sheets) = open_workbook(&mut container, file_name)?;
    let mut parts = BTreeSet::new();
    for SheetEntry { name, part, is_hidden } in sheets {
        if is_hidden {
            cells.hidden(&name);
            continue;
        }
        let Some(part) = part else { continue };
        if !parts.insert(part.clone()) {
            return Err(damaged(file_name, &part, "flaw.part_of_two_sheets"));
        }
        cells.begin(&name);
        sheet::parse(&mut container, &part, &shared, cells)?;
        cells.end()?;
    }
    if parts.is_empty() {
        return Err(SourceError::SheetsHidden { file_name: file_name.to_owned() });
    }
    Ok(())
}

/// Returns what all sheets share, and the list of them.
fn open_workbook<'n>(
    container: &mut Container<'_>,
    file_name: &'n str,
) -> Result<(Shared<'n>, Vec<SheetEntry>), SourceError> {
    let workbook = Workbook::parse(container, file_name)?;
    let shared = Shared {
        file_name,
        strings: SharedStrings::parse(container, file_name, &workbook.strings_part)?,
        styles: Styles::parse(container, file_name, &workbook.styles_part)?,
        epoch: workbook.epoch,
    };
    Ok((shared, workbook.sheets))
}
