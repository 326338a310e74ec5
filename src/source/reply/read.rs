//! Bytes as a document.
//!
//! The child that wrote them may have been taken over by what it read: every number is checked
//! against the bytes that are there before anything is allocated for it.

use crate::model::{Spot, Text};
use crate::source::reply::MAX_ITEMS;
use crate::source::reply::wire::{
    CELL, COVERED, FOLLOWS, LINE, PARAGRAPH, RAGGED, REJOINED, REJOINED_WITH_NUMBER, SHAPE, SINGLE,
    WHOLE, WIDE, following, usual_spots,
};
use crate::source::{Block, Cell, Document, Row, RowShape, Span};

/// Reads a document; `None` when it is none, a larger one than is ever written, or one whose parts do
/// not fit each other.
pub(super) fn document(bytes: &[u8]) -> Option<Document> {
    written(bytes).filter(|document| document.misfit().is_none())
}

/// Reads a document as it was written.
pub(super) fn written(bytes: &[u8]) -> Option<Document> {
    let (outline, bytes) = part(bytes)?;
    let (rows, texts) = part(bytes)?;
    let mut document: Document = serde_json::from_slice(outline).ok()?;
    let texts = std::str::from_utf8(texts).ok()?;
    let mut reader = Reader { rows, texts, before: None, n_items_left: MAX_ITEMS };
    for block in &mut document.blocks {
        let Block::Grid(grid) = block else { continue };
        let n_rows = reader.count()?;
        grid.rows.reserve_exact(n_rows);
        for _ in 0..n_rows {
            grid.rows.push(reader.row()?);
        }
    }
    (reader.rows.is_empty() && reader.texts.is_empty()).then_some(document)
}

/// Splits a part off that begins with its length.
fn part(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk()?;
    rest.split_at_checked(usize::try_from(u32::from_le_bytes(*length)).ok()?)
}

struct Reader<'a> {
    /// The rows that have not been read yet.
    rows: &'a [u8],
    /// The texts that have not been taken yet.
    texts: &'a str,
    /// Place of the row before.
    before: Option<Spot>,
    n_items_left: usize,
}

impl Reader<'_> {
    fn row(&mut self) -> Option<Row> {
        let mark = self.byte()?;
        let spot = if mark & FOLLOWS == 0 { self.spot()? } else { following(self.before?) };
        self.before = Some(spot);
        let shape = match mark & SHAPE {
            WHOLE => RowShape::Whole,
            RAGGED => RowShape::Ragged { readings: self.readings(spot)? },
            REJOINED => RowShape::Rejoined { columns: self.columns()?, has_number: false },
            REJOINED_WITH_NUMBER => {
                RowShape::Rejoined { columns: self.columns()?, has_number: true }
            }
            _ => return None,
        };
        Some(Row { cells: self.cells(spot)?, shape, spot })
    }

    fn columns(&mut self) -> Option<Vec<usize>> {
        let n_columns = self.count()?;
        (0..n_columns).map(|_| self.number()).collect()
    }

    fn readings(&mut self, first: Spot) -> Option<Vec<Vec<Cell>>> {
        let n_readings = self.count()?;
        (0..n_readings).map(|_| self.cells(first)).collect()
    }

    fn cells(&mut self, first: Spot) -> Option<Vec<Cell>> {
        let header = self.number()?;
        let n_cells = self.counted(header >> 1)?;
        let mut cells = Vec::with_capacity(n_cells);
        for spot in usual_spots(first).take(n_cells) {
            cells.push(Cell { text: self.text()?, span: Span::Single, spot });
        }
        if header & 1 == 1 {
            for cell in &mut cells {
                cell.span = self.span()?;
                cell.spot = self.spot()?;
            }
        }
        Some(cells)
    }

    fn text(&mut self) -> Option<Text> {
        let n_bytes = self.number()?;
        let (text, rest) = self.texts.split_at_checked(n_bytes)?;
        self.texts = rest;
        Some(Text::new(text))
    }

    fn span(&mut self) -> Option<Span> {
        match self.byte()? {
            SINGLE => Some(Span::Single),
            WIDE => Some(Span::Wide { n_rows: self.number()?, n_columns: self.number()? }),
            COVERED => Some(Span::Covered { up: self.number()?, left: self.number()? }),
            _ => None,
        }
    }

    fn spot(&mut self) -> Option<Spot> {
        match self.byte()? {
            LINE => Some(Spot::line(self.number()?)),
            PARAGRAPH => Some(Spot::paragraph(self.number()?)),
            CELL => Some(Spot::cell(self.number()?, self.number()?, self.number()?)),
            _ => None,
        }
    }

    /// Reads how many things follow.
    fn count(&mut self) -> Option<usize> {
        let number = self.number()?;
        self.counted(number)
    }

    /// Takes things off those that may still come: each has a byte at least.
    fn counted(&mut self, n_items: usize) -> Option<usize> {
        self.n_items_left = self.n_items_left.checked_sub(n_items)?;
        (n_items <= self.rows.len()).then_some(n_items)
    }

    fn number(&mut self) -> Option<usize> {
        let mut number = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return usize::try_from(number).ok();
            }
        }
        None
    }

    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.rows.split_first()?;
        self.rows = rest;
        Some(*first)
    }
}
