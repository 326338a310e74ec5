//! Tables of ODF texts: rows of cells to a grid and what follows it.

use crate::model::Spot;
use crate::source::SourceError;
use crate::source::flow::{Part, split_cell};
use crate::source::frame::FramedTable;

/// Rows as they are written.
pub(super) struct TableRow {
    /// Where the first one begins.
    pub(super) spot: Spot,
    /// How many rows there are, all alike.
    pub(super) n: usize,
    /// Cells of each row, those that are not listed included.
    pub(super) n_cells: usize,
    /// The cells that have text or stand alone.
    pub(super) cells: Vec<TableCell>,
}

/// Cells as they are written.
pub(super) struct TableCell {
    /// Place in the row, from 0, covered cells counted.
    pub(super) column: usize,
    /// How many cells there are, all alike.
    pub(super) n: usize,
    /// Rows that the cell covers.
    pub(super) n_rows: usize,
    /// Columns that the cell covers.
    pub(super) n_columns: usize,
    /// What stands in it.
    pub(super) parts: Vec<Part>,
    /// Where it begins.
    pub(super) spot: Spot,
}

impl TableRow {
    /// Returns whether anything stands in the cells.
    pub(super) fn has_text(&self) -> bool {
        self.cells.iter().any(|cell| !cell.parts.is_empty())
    }
}

impl TableCell {
    /// Returns the length of the text.
    pub(super) fn len_bytes(&self) -> usize {
        let len = |part: &Part| match part {
            Part::Paragraph { text, .. } => text.len(),
            Part::Grid(_) | Part::Aside(_) => 0,
        };
        self.parts.iter().map(len).sum()
    }
}

/// A table that grows row by row.
pub(super) struct Table<'n>(FramedTable<'n, TableRow>);

impl<'n> Table<'n> {
    /// Returns an empty table; the name is for messages.
    pub(super) fn new(file_name: &'n str) -> Self {
        Self(FramedTable::new(file_name))
    }

    /// Adds rows. Those without cells are none.
    pub(super) fn row(&mut self, row: TableRow) -> Result<(), SourceError> {
        if row.cells.is_empty() {
            return Ok(());
        }
        let has_one_cell = row.n == 1 && row.n_cells == 1;
        self.0.row(row, has_one_cell, add)
    }

    /// Returns the grid and, after it, what stood in its cells besides text.
    ///
    /// A table with one cell is a frame around its content, which is returned in its place.
    pub(super) fn finish(self) -> Vec<Part> {
        self.0.finish(|row| row.cells.into_iter().flat_map(|cell| cell.parts).collect())
    }
}

fn add(table: &mut FramedTable<'_, TableRow>, row: TableRow) -> Result<(), SourceError> {
    let mut cells = Vec::with_capacity(row.cells.len());
    for mut cell in row.cells {
        let (text, others) = split_cell(std::mem::take(&mut cell.parts));
        table.others.extend(others);
        cells.push((cell, text));
    }
    for _ in 0..row.n {
        table.grid.begin_row(row.spot)?;
        let mut shift = 0_usize;
        for (cell, text) in &cells {
            // Covered cells ought to be written too. Where they are not, the cells that cover
            // them have filled their columns already; where they are written though nothing
            // covers them, they are empty.
            let column = cell.column.saturating_add(shift);
            let next = table.grid.next_column();
            shift = shift.saturating_add(next.saturating_sub(column));
            table.grid.skip(column.saturating_sub(next), cell.spot)?;
            for _ in 0..cell.n {
                table.grid.cell(text, cell.spot, cell.n_rows, cell.n_columns)?;
            }
        }
    }
    Ok(())
}
