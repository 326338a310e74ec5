//! What no reader makes: documents whose parts do not fit each other.
//!
//! The parent of a child that was taken over by what it read relies on nothing else.

use crate::source::limits::MAX_COLUMNS;
use crate::source::{Block, Cell, Document, Grid, RowShape, Span};

/// Something in a document that does not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Misfit {
    /// A paragraph without text.
    EmptyParagraph,
    /// A grid of no columns, or of more than are read.
    GridWidth {
        /// How many columns it says that it has.
        n_columns: usize,
    },
    /// A row, or one of its readings, that has another number of cells than it should have.
    RowWidth {
        /// Which row, from 0.
        row_idx: usize,
    },
    /// A row that was rejoined in a column that is not there.
    RejoinedColumn {
        /// Which row, from 0.
        row_idx: usize,
    },
    /// A cell that reaches out of its grid, or that nothing covers although it is covered.
    Reach {
        /// Which row, from 0.
        row_idx: usize,
        /// Which column, from 0.
        column_idx: usize,
    },
}

impl Document {
    /// Returns what does not fit; `None` for every document that a reader makes.
    pub fn misfit(&self) -> Option<Misfit> {
        self.blocks.iter().find_map(|block| match block {
            Block::Paragraph(paragraph) => {
                paragraph.text.trim().is_empty().then_some(Misfit::EmptyParagraph)
            }
            Block::Grid(grid) => grid.misfit(),
        })
    }
}

impl Grid {
    fn misfit(&self) -> Option<Misfit> {
        let n_columns = self.n_columns;
        if !(1..=MAX_COLUMNS).contains(&n_columns) {
            return Some(Misfit::GridWidth { n_columns });
        }
        (0..self.rows.len()).find_map(|row_idx| {
            let row = &self.rows[row_idx];
            let is_wide = |cells: &Vec<Cell>| cells.len() == n_columns;
            let (is_fitting, is_rejoined) = match &row.shape {
                RowShape::Whole => (is_wide(&row.cells), true),
                RowShape::Rejoined { columns, .. } => {
                    (is_wide(&row.cells), columns.iter().all(|column| *column < n_columns))
                }
                RowShape::Ragged { readings } => (readings.iter().all(is_wide), true),
            };
            match (is_fitting, is_rejoined) {
                (false, _) => Some(Misfit::RowWidth { row_idx }),
                (_, false) => Some(Misfit::RejoinedColumn { row_idx }),
                _ => self.misreach(row_idx),
            }
        })
    }

    /// Returns the first cell of a row that reaches out of the grid, or that nothing covers although it
    /// is covered.
    fn misreach(&self, row_idx: usize) -> Option<Misfit> {
        let cells = self.rows.get(row_idx)?.cells.iter().enumerate();
        let fits = |(column_idx, cell): &(usize, &Cell)| match cell.span {
            Span::Single => true,
            Span::Wide { n_rows, n_columns } => {
                (1..=self.rows.len() - row_idx).contains(&n_rows)
                    && (1..=self.n_columns.saturating_sub(*column_idx)).contains(&n_columns)
            }
            Span::Covered { .. } => self.shown_at(row_idx, *column_idx).is_some(),
        };
        let (column_idx, _) = cells.clone().find(|cell| !fits(cell))?;
        Some(Misfit::Reach { row_idx, column_idx })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Spot;
    use crate::source::{Format, Row};

    /// A grid of three columns: a row with the given shape and cells of the given extents, and another.
    fn misfit(shape: RowShape, spans: &[Span], n_columns: usize) -> Option<Misfit> {
        let spot = Spot::line(1);
        let cells = |spans: &[Span]| -> Vec<Cell> {
            spans.iter().map(|span| Cell { span: *span, ..Cell::single("1", spot) }).collect()
        };
        let rows = vec![
            Row { cells: cells(spans), shape, spot },
            Row { cells: cells(&[Span::Single; 3]), shape: RowShape::Whole, spot },
        ];
        let grid = Grid { name: None, n_columns, rows, strays: Vec::new() };
        let blocks = vec![Block::Grid(grid)];
        let document =
            Document { format: Format::Html, encoding: None, blocks, remarks: Vec::new() };
        document.misfit()
    }

    #[test]
    fn rows_are_as_wide_as_their_grid() {
        let single = [Span::Single; 4];
        let reading = |n_cells| vec![Cell::single("", Spot::line(1)); n_cells];
        let ragged = |n_cells| RowShape::Ragged { readings: vec![reading(3), reading(n_cells)] };
        let rejoined = |column| RowShape::Rejoined { columns: vec![column], has_number: false };
        let wrong = Some(Misfit::RowWidth { row_idx: 0 });
        assert_eq!(misfit(RowShape::Whole, &single[..3], 3), None);
        assert_eq!(misfit(RowShape::Whole, &single, 3), wrong);
        assert_eq!(misfit(rejoined(2), &single[..3], 3), None);
        assert_eq!(misfit(rejoined(2), &single[..2], 3), wrong);
        assert_eq!(
            misfit(rejoined(3), &single[..3], 3),
            Some(Misfit::RejoinedColumn { row_idx: 0 })
        );
        assert_eq!(misfit(ragged(3), &single, 3), None);
        assert_eq!(misfit(ragged(2), &single, 3), wrong);
        for n_columns in [0, MAX_COLUMNS + 1, usize::MAX] {
            let found = misfit(RowShape::Whole, &single[..3], n_columns);
            assert_eq!(found, Some(Misfit::GridWidth { n_columns }));
        }
    }

    #[test]
    fn cells_reach_no_further_than_their_grid() {
        let check = |span: Span, is_fitting: bool| {
            let found = misfit(RowShape::Whole, &[Span::Single, span, Span::Single], 3);
            let reach = Misfit::Reach { row_idx: 0, column_idx: 1 };
            assert_eq!(found, (!is_fitting).then_some(reach), "{span:?}");
        };
        check(Span::Wide { n_rows: 2, n_columns: 2 }, true);
        check(Span::Wide { n_rows: 3, n_columns: 1 }, false);
        check(Span::Wide { n_rows: 1, n_columns: 3 }, false);
        check(Span::Wide { n_rows: 0, n_columns: 1 }, false);
        check(Span::Wide { n_rows: 1, n_columns: usize::MAX }, false);
        check(Span::Covered { up: 0, left: 1 }, true);
        check(Span::Covered { up: 0, left: 2 }, false);
        check(Span::Covered { up: 1, left: 0 }, false);
    }
}
