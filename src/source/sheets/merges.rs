//! Merged cells of a sheet.

use std::collections::BTreeMap;

use crate::model::{Spot, Text};
use crate::source::{Row, Span};

/// Cells that are merged; numbers from 1, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::source) struct Area {
    /// First row.
    pub(in crate::source) first_row: usize,
    /// Last row.
    pub(in crate::source) last_row: usize,
    /// First column.
    pub(in crate::source) first_column: usize,
    /// Last column.
    pub(in crate::source) last_column: usize,
}

impl Area {
    /// Returns whether there is nothing to merge: one cell, or none.
    pub(in crate::source) fn is_trivial(self) -> bool {
        self.last_row < self.first_row
            || self.last_column < self.first_column
            || (self.first_row == self.last_row && self.first_column == self.last_column)
    }

    /// Returns the indices of the rows that the area reaches; the rows ascend.
    fn rows_of(self, rows: &[Row]) -> std::ops::Range<usize> {
        let start = rows.partition_point(|row| row_number(row) < self.first_row);
        let end = rows.partition_point(|row| row_number(row) <= self.last_row);
        start..end.max(start)
    }
}

/// Returns the areas that have columns of the given range and do not overlap, from top to bottom.
///
/// Of two that overlap, which no program writes, the one that begins further up stays.
pub(super) fn disjoint(mut areas: Vec<Area>, columns: (usize, usize)) -> Vec<Area> {
    areas.retain(|area| area.first_column <= columns.1 && area.last_column >= columns.0);
    areas.sort_by_key(|area| (area.first_row, area.first_column));
    // Areas that may still reach down, by their first column: to last column and last row. Their
    // columns never overlap, as whatever overlaps is either live, or over and taken out.
    let mut reaching_down: BTreeMap<usize, (usize, usize)> = BTreeMap::new();
    areas.retain(|area| {
        let touched: Vec<(usize, usize)> = reaching_down
            .range(..=area.last_column)
            .rev()
            .take_while(|(_, (last_column, _))| *last_column >= area.first_column)
            .map(|(first_column, (_, last_row))| (*first_column, *last_row))
            .collect();
        if touched.iter().any(|(_, last_row)| *last_row >= area.first_row) {
            return false;
        }
        for (first_column, _) in touched {
            reaching_down.remove(&first_column);
        }
        reaching_down.insert(area.first_column, (area.last_column, area.last_row));
        true
    });
    areas
}

/// Empties the cells that others cover: whatever is stored there does not show.
pub(super) fn clear_covered(rows: &mut [Row], areas: &[Area]) {
    for area in areas {
        let reached = area.rows_of(rows);
        for row in rows.get_mut(reached).into_iter().flatten() {
            let is_first = row_number(row) == area.first_row;
            let start = row.cells.partition_point(|c| column_number(c.spot) < area.first_column);
            let covered = row.cells.iter_mut().skip(start);
            for cell in covered.take_while(|cell| column_number(cell.spot) <= area.last_column) {
                if !(is_first && column_number(cell.spot) == area.first_column) {
                    cell.text = Text::default();
                }
            }
        }
    }
}

/// Sets the spans of cells that are merged, in rows that have a cell for each of the columns.
///
/// An area is cut to the rows and columns that there are; its first cell there stands for it.
pub(super) fn set_spans(rows: &mut [Row], areas: &[Area], columns: (usize, usize)) {
    for area in areas {
        let reached = area.rows_of(rows);
        let first_column = area.first_column.max(columns.0);
        let last_column = area.last_column.min(columns.1);
        let n_columns = (last_column + 1).saturating_sub(first_column);
        let n_rows = reached.len();
        if n_rows * n_columns < 2 {
            continue;
        }
        for (up, row) in rows.get_mut(reached).into_iter().flatten().enumerate() {
            let covered = row.cells.iter_mut().skip(first_column - columns.0).take(n_columns);
            for (left, cell) in covered.enumerate() {
                cell.span = match (up, left) {
                    (0, 0) => Span::Wide { n_rows, n_columns },
                    _ => Span::Covered { up, left },
                };
            }
        }
    }
}

/// Returns the row of the sheet that a row of the grid is.
pub(super) fn row_number(row: &Row) -> usize {
    row.spot.row().unwrap_or(0)
}

/// Returns the column of the sheet in which a cell stands.
pub(super) fn column_number(spot: Spot) -> usize {
    spot.column().unwrap_or(0)
}
