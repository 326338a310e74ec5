//! What both ends of a reply agree on: marks, numbers, and places that need not be written.
//!
//! A document is: the length of its outline in four bytes, the outline as JSON, the length of the
//! rows in four bytes, the rows of all grids, and the texts of all cells without anything between
//! them.
//!
//! A row is: a mark; its place, unless it follows from the row before; how it came together, unless
//! it is whole; its cells. Cells are: twice their number, plus a bit that says whether extents follow;
//! the length of each text; then, for each cell, its extent and place.

use crate::model::Spot;

/// Bits of the mark of a row: how it came together.
pub(super) const SHAPE: u8 = 0b11;
pub(super) const WHOLE: u8 = 0;
pub(super) const REJOINED: u8 = 1;
pub(super) const REJOINED_WITH_NUMBER: u8 = 2;
pub(super) const RAGGED: u8 = 3;
/// Bit of the mark of a row: its place is the one that follows.
pub(super) const FOLLOWS: u8 = 0b100;

/// Marks of places.
pub(super) const LINE: u8 = 0;
pub(super) const PARAGRAPH: u8 = 1;
pub(super) const CELL: u8 = 2;

/// Marks of extents.
pub(super) const SINGLE: u8 = 0;
pub(super) const WIDE: u8 = 1;
pub(super) const COVERED: u8 = 2;

/// Returns the place of a row that comes right below another one.
pub(super) fn following(spot: Spot) -> Spot {
    match spot {
        Spot::Line(number) => Spot::Line(number.saturating_add(1)),
        Spot::Paragraph(number) => Spot::Paragraph(number.saturating_add(1)),
        Spot::Cell { sheet, row, column } => {
            Spot::Cell { sheet, row: row.saturating_add(1), column }
        }
    }
}

/// Returns the places of the cells of a row as they mostly are: in a workbook one column after the
/// other, elsewhere all where the row begins.
pub(super) fn usual_spots(first: Spot) -> impl Iterator<Item = Spot> {
    (0_u32..).map(move |offset| match first {
        Spot::Cell { sheet, row, column } => {
            Spot::Cell { sheet, row, column: column.saturating_add(offset) }
        }
        Spot::Line(_) | Spot::Paragraph(_) => first,
    })
}
