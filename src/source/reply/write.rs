//! A document as bytes.

use crate::model::Spot;
use crate::source::container::limit;
use crate::source::limits::MAX_CELLS;
use crate::source::reply::wire::{
    CELL, COVERED, FOLLOWS, LINE, PARAGRAPH, RAGGED, REJOINED, REJOINED_WITH_NUMBER, SINGLE, WHOLE,
    WIDE, following, usual_spots,
};
use crate::source::reply::{DOCUMENT, MAX_ITEMS};
use crate::source::{Block, Cell, Document, Row, RowShape, SourceError, Span};

/// Writes a document as a reply.
///
/// One with more cells than the other end takes is refused here, where the reason can be told.
pub(super) fn document(document: &Document, file_name: &str) -> Result<Vec<u8>, SourceError> {
    let too_much = || limit(file_name, "cells", MAX_CELLS as u64);
    let outline = serde_json::to_vec(document).expect("a document has text keys only");
    let mut writer = Writer::default();
    for block in &document.blocks {
        let Block::Grid(grid) = block else { continue };
        writer.number(grid.rows.len());
        for row in &grid.rows {
            writer.row(row);
        }
        if writer.n_items > MAX_ITEMS {
            return Err(too_much());
        }
    }
    let length = |bytes: &[u8]| u32::try_from(bytes.len()).map(u32::to_le_bytes);
    let outline_length = length(&outline).map_err(|_| too_much())?;
    let rows_length = length(&writer.rows).map_err(|_| too_much())?;
    let parts: [&[u8]; 6] =
        [&[DOCUMENT][..], &outline_length, &outline, &rows_length, &writer.rows, &writer.texts];
    Ok(parts.concat())
}

#[derive(Default)]
struct Writer {
    rows: Vec<u8>,
    texts: Vec<u8>,
    /// Place of the row before.
    before: Option<Spot>,
    n_items: usize,
}

impl Writer {
    fn row(&mut self, row: &Row) {
        self.n_items += 1;
        let shape = match &row.shape {
            RowShape::Whole => WHOLE,
            RowShape::Rejoined { has_number: false, .. } => REJOINED,
            RowShape::Rejoined { has_number: true, .. } => REJOINED_WITH_NUMBER,
            RowShape::Ragged { .. } => RAGGED,
        };
        let follows = self.before.map(following) == Some(row.spot);
        self.rows.push(shape | if follows { FOLLOWS } else { 0 });
        if !follows {
            self.spot(row.spot);
        }
        self.before = Some(row.spot);
        match &row.shape {
            RowShape::Whole => (),
            RowShape::Rejoined { columns, .. } => {
                self.n_items += columns.len();
                self.number(columns.len());
                for column in columns {
                    self.number(*column);
                }
            }
            RowShape::Ragged { readings } => {
                self.n_items += readings.len();
                self.number(readings.len());
                for cells in readings {
                    self.cells(cells, row.spot);
                }
            }
        }
        self.cells(&row.cells, row.spot);
    }

    fn cells(&mut self, cells: &[Cell], first: Spot) {
        self.n_items += cells.len();
        let is_plain = cells
            .iter()
            .zip(usual_spots(first))
            .all(|(cell, usual)| cell.span == Span::Single && cell.spot == usual);
        self.number(cells.len() << 1 | usize::from(!is_plain));
        for cell in cells {
            self.number(cell.text.len());
            self.texts.extend_from_slice(cell.text.as_bytes());
        }
        if !is_plain {
            for cell in cells {
                self.span(cell.span);
                self.spot(cell.spot);
            }
        }
    }

    fn span(&mut self, span: Span) {
        let (mark, numbers) = match span {
            Span::Single => (SINGLE, None),
            Span::Wide { n_rows, n_columns } => (WIDE, Some((n_rows, n_columns))),
            Span::Covered { up, left } => (COVERED, Some((up, left))),
        };
        self.rows.push(mark);
        if let Some((down, right)) = numbers {
            self.number(down);
            self.number(right);
        }
    }

    fn spot(&mut self, spot: Spot) {
        match spot {
            Spot::Line(number) => {
                self.rows.push(LINE);
                self.number(number);
            }
            Spot::Paragraph(number) => {
                self.rows.push(PARAGRAPH);
                self.number(number);
            }
            Spot::Cell { sheet, row, column } => {
                self.rows.push(CELL);
                self.number(sheet);
                self.number(row);
                self.number(column);
            }
        }
    }

    /// Writes a number, seven bits to a byte, the lowest first; the last byte has no top bit.
    fn number(&mut self, number: impl TryInto<u64>) {
        let mut rest = number.try_into().unwrap_or(u64::MAX);
        while rest >= 0x80 {
            self.rows.push(u8::try_from(rest & 0x7f).unwrap_or(0) | 0x80);
            rest >>= 7;
        }
        self.rows.push(u8::try_from(rest).unwrap_or(0));
    }
}
