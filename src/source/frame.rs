//! Tables of text documents, row by row; a table with one cell is a frame around its content.

use crate::source::SourceError;
use crate::source::flow::Part;
use crate::source::spans::SpanGrid;

/// A table that grows row by row. `R` is a row as its format writes it.
pub(super) struct FramedTable<'n, R> {
    /// The grid so far.
    pub(super) grid: SpanGrid<'n>,
    /// Tables and frames that stand in cells.
    pub(super) others: Vec<Part>,
    /// The first row as long as it may be the only one, with one cell.
    held: Option<R>,
    n_rows: usize,
}

impl<'n, R> FramedTable<'n, R> {
    /// Returns an empty table; the name is for messages.
    pub(super) fn new(file_name: &'n str) -> Self {
        Self { grid: SpanGrid::new(file_name), others: Vec::new(), held: None, n_rows: 0 }
    }

    /// Takes a row, which has one cell or more, and adds it by a closure as soon as it cannot be the
    /// only one.
    pub(super) fn row(
        &mut self,
        row: R,
        has_one_cell: bool,
        mut add: impl FnMut(&mut Self, R) -> Result<(), SourceError>,
    ) -> Result<(), SourceError> {
        self.n_rows += 1;
        if self.n_rows == 1 && has_one_cell {
            self.held = Some(row);
            return Ok(());
        }
        if let Some(first) = self.held.take() {
            add(self, first)?;
        }
        add(self, row)
    }

    /// Returns the grid and, after it, what stood in its cells besides text; for a frame, what stands
    /// in its only row.
    pub(super) fn finish(self, parts_of: impl FnOnce(R) -> Vec<Part>) -> Vec<Part> {
        if let Some(row) = self.held {
            return parts_of(row);
        }
        let mut parts: Vec<Part> = self.grid.finish(None).map(Part::Grid).into_iter().collect();
        parts.extend(self.others);
        parts
    }
}
