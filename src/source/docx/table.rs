//! Tables of DOCX: rows of cells to a grid and what follows it.

use crate::model::Spot;
use crate::source::SourceError;
use crate::source::flow::{Part, split_cell};
use crate::source::frame::FramedTable;

/// A row as it is written.
#[derive(Default)]
pub(super) struct TableRow {
    /// Columns left out before the first cell.
    pub(super) n_before: usize,
    /// Columns left out after the last cell.
    pub(super) n_after: usize,
    /// Its cells.
    pub(super) cells: Vec<TableCell>,
    /// Whether its author hid it.
    pub(super) is_hidden: bool,
}

impl TableRow {
    /// Returns whether anything stands in the cells.
    pub(super) fn has_text(&self) -> bool {
        self.cells.iter().any(|cell| !cell.parts.is_empty())
    }
}

/// A cell as it is written.
pub(super) struct TableCell {
    /// What stands in it.
    pub(super) parts: Vec<Part>,
    /// Where it begins.
    pub(super) spot: Spot,
    /// Columns that it takes.
    pub(super) n_columns: usize,
    /// Whether the cell above reaches into it.
    pub(super) is_continued: bool,
}

/// A table that grows row by row.
pub(super) struct Table<'n>(FramedTable<'n, TableRow>);

impl<'n> Table<'n> {
    /// Returns an empty table; the name is for messages.
    pub(super) fn new(file_name: &'n str) -> Self {
        Self(FramedTable::new(file_name))
    }

    /// Adds a row. One without cells is none.
    pub(super) fn row(&mut self, row: TableRow) -> Result<(), SourceError> {
        if row.cells.is_empty() {
            return Ok(());
        }
        let has_one_cell = row.cells.len() == 1;
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
    let (Some(first), Some(last)) = (row.cells.first(), row.cells.last()) else {
        return Ok(());
    };
    let (start, end) = (first.spot, last.spot);
    table.grid.begin_row(start)?;
    table.grid.skip(row.n_before, start)?;
    for cell in row.cells {
        let (text, others) = split_cell(cell.parts);
        if cell.is_continued {
            // Word shows no text of such a cell either.
            table.grid.continued(cell.spot, cell.n_columns)?;
        } else {
            table.grid.cell(&text, cell.spot, 1, cell.n_columns)?;
        }
        table.others.extend(others);
    }
    table.grid.skip(row.n_after, end)
}
