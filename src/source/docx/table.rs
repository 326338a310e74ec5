//! Tables of DOCX: rows of cells to a grid and what follows it.

use crate::model::Spot;
use crate::source::SourceError;
use crate::source::flow::{Part, split_cell};
use crate::source::spans::SpanGrid;

/// A row as it is written.
#[derive(Default)]
pub(super) struct TableRow {
    /// Columns left out before the first cell.
    pub(super) n_before: usize,
    /// Columns left out after the last cell.
    pub(super) n_after: usize,
    /// Its cells.
    pub(super) cells: Vec<TableCell>,
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
pub(super) struct Table<'n> {
    grid: SpanGrid<'n>,
    /// The first row as long as it may be the only one, with one cell.
    held: Option<TableRow>,
    n_rows: usize,
    /// Tables and frames that stand in cells.
    others: Vec<Part>,
}

impl<'n> Table<'n> {
    /// Returns an empty table; the name is for messages.
    pub(super) fn new(file_name: &'n str) -> Self {
        Self { grid: SpanGrid::new(file_name), held: None, n_rows: 0, others: Vec::new() }
    }

    /// Adds a row. One without cells is none.
    pub(super) fn row(&mut self, row: TableRow) -> Result<(), SourceError> {
        if row.cells.is_empty() {
            return Ok(());
        }
        self.n_rows += 1;
        if self.n_rows == 1 && row.cells.len() == 1 {
            self.held = Some(row);
            return Ok(());
        }
        if let Some(first) = self.held.take() {
            self.add(first)?;
        }
        self.add(row)
    }

    fn add(&mut self, row: TableRow) -> Result<(), SourceError> {
        let (Some(first), Some(last)) = (row.cells.first(), row.cells.last()) else {
            return Ok(());
        };
        let (start, end) = (first.spot, last.spot);
        self.grid.begin_row(start);
        self.grid.skip(row.n_before, start)?;
        for cell in row.cells {
            let (text, others) = split_cell(cell.parts);
            if cell.is_continued {
                // Word shows no text of such a cell either.
                self.grid.continued(cell.spot, cell.n_columns)?;
            } else {
                self.grid.cell(&text, cell.spot, 1, cell.n_columns)?;
            }
            self.others.extend(others);
        }
        self.grid.skip(row.n_after, end)
    }

    /// Returns the grid and, after it, what stood in its cells besides text.
    ///
    /// A table with one cell is a frame around its content, which is returned in its place.
    pub(super) fn finish(self) -> Vec<Part> {
        if let Some(row) = self.held {
            return row.cells.into_iter().flat_map(|cell| cell.parts).collect();
        }
        let mut parts: Vec<Part> = self.grid.finish(None).map(Part::Grid).into_iter().collect();
        parts.extend(self.others);
        parts
    }
}
