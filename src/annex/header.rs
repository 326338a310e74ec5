//! The header of a table: one to three rows, and what each of its columns is called.

use crate::annex::cells::{CellValue, parse_cell};
use crate::annex::columns::LabelIndex;
use crate::annex::layout::Layout;
use crate::annex::rows::{RowNames, is_total};
use crate::source::{Cell, Grid, RowShape, Span};

/// More rows than this are no header.
const MAX_LEVELS: usize = 3;

/// The header of a table.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Header {
    /// Rows of the grid that it takes up, at least 1.
    pub(super) n_rows: usize,
    /// The columns in order.
    pub(super) columns: Vec<HeaderColumn>,
}

/// What a column is called.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct HeaderColumn {
    /// The labels from the top down, each once; none in a column without a label.
    pub(super) levels: Vec<String>,
    /// The lowest cell that has a label, else the top one.
    pub(super) cell: Cell,
}

impl HeaderColumn {
    /// Returns the labels as one text, as they are shown and stored.
    pub(super) fn label(&self) -> String {
        self.levels.join("/")
    }

    /// Returns the labels from the top down.
    pub(super) fn level_texts(&self) -> Vec<&str> {
        self.levels.iter().map(String::as_str).collect()
    }
}

/// Reads the header of a grid. `None` when its broken cells can be put together in several ways and
/// none is the best.
///
/// A saved layout says how many rows it has, and what its columns are called where they cannot be
/// told.
pub(super) fn read_header(
    grid: &Grid,
    labels: &LabelIndex,
    names: RowNames<'_>,
    layout: Option<&Layout>,
) -> Option<Header> {
    if let Some(header) = layout.and_then(|layout| header_of_layout(grid, layout)) {
        return Some(header);
    }
    let n_rows = layout
        .and_then(|layout| layout.header_rows)
        .filter(|n_rows| (1..grid.rows.len()).contains(n_rows))
        .unwrap_or_else(|| n_levels(grid, names));
    if n_rows == 1 {
        let cells = single_row(grid, labels)?;
        let columns = cells.into_iter().map(|cell| HeaderColumn {
            levels: Some(cell.text.to_string())
                .filter(|text| !text.is_empty())
                .into_iter()
                .collect(),
            cell,
        });
        return Some(Header { n_rows, columns: columns.collect() });
    }
    let columns = (0..grid.n_columns).map(|column_idx| column(grid, n_rows, column_idx));
    Some(Header { n_rows, columns: columns.collect() })
}

/// The header as a layout has it, which says the place of every column.
fn header_of_layout(grid: &Grid, layout: &Layout) -> Option<Header> {
    let n_rows = layout.header_rows.filter(|n_rows| (1..grid.rows.len()).contains(n_rows))?;
    let spot = grid.rows.first()?.spot;
    let columns = (1..=grid.n_columns).map(|position| {
        let column = layout.columns.iter().find(|column| column.position == Some(position))?;
        let label = column.labels.first()?.clone();
        Some(HeaderColumn { cell: Cell::single(label.clone(), spot), levels: vec![label] })
    });
    Some(Header { n_rows, columns: columns.collect::<Option<_>>()? })
}

/// The cells of a header of one row, once it is clear which they are.
///
/// A broken header can often be put together in several ways: the one in which the labels are
/// nearest to known ones is the right one, if every label means something and no other is as near.
fn single_row(grid: &Grid, labels: &LabelIndex) -> Option<Vec<Cell>> {
    let header = grid.rows.first()?;
    let RowShape::Ragged { readings } = &header.shape else { return Some(header.cells.clone()) };
    let score = |cells: &[Cell]| -> Option<f64> {
        cells.iter().map(|cell| labels.score(&[&cell.text])).sum()
    };
    let scored: Vec<(f64, &Vec<Cell>)> =
        readings.iter().filter_map(|cells| Some((score(cells)?, cells))).collect();
    let best = scored.iter().map(|(score, _)| *score).fold(f64::NEG_INFINITY, f64::max);
    let mut as_near = scored.into_iter().filter(|(score, _)| *score >= best);
    let (_, only) = as_near.next()?;
    as_near.next().is_none().then(|| only.clone())
}

/// Returns how many rows the header takes up.
///
/// Cells that reach down from the first row say so. Where the format has no spans, a second row
/// without a figure and without a known department belongs to it.
fn n_levels(grid: &Grid, names: RowNames<'_>) -> usize {
    let is_level = |row_idx: usize| {
        let row = &grid.rows[row_idx];
        let is_reached = row
            .cells
            .iter()
            .any(|cell| matches!(cell.span, Span::Covered { up, .. } if up > 0 && up <= row_idx));
        let texts: Vec<&str> =
            row.cells.iter().map(|cell| cell.text.as_str()).filter(|t| !t.is_empty()).collect();
        let has_figure = texts
            .iter()
            .any(|text| matches!(parse_cell(text), CellValue::Number(_) | CellValue::NoValue));
        let is_row = texts.iter().any(|text| is_total(text) || names.knows(text));
        let is_broken = row.shape != RowShape::Whole;
        !has_figure && !is_row && !is_broken && (is_reached || texts.len() > 1)
    };
    let is_first_whole = grid.rows.first().is_some_and(|row| row.shape == RowShape::Whole);
    let last = grid.rows.len().saturating_sub(1).min(MAX_LEVELS);
    let below = (1..last).take_while(|row_idx| is_first_whole && is_level(*row_idx)).count();
    below + 1
}

/// The labels of one column over all rows of the header.
fn column(grid: &Grid, n_rows: usize, column_idx: usize) -> HeaderColumn {
    let mut levels: Vec<String> = Vec::new();
    let mut lowest = None;
    for row_idx in 0..n_rows {
        let Some(shown) = shown_label(grid, n_rows, row_idx, column_idx) else { continue };
        if levels.last().is_none_or(|last| *last != shown.text) {
            levels.push(shown.text.to_string());
        }
        lowest = Some(shown);
    }
    let first = grid.rows.first().and_then(|row| row.cells.get(column_idx));
    let cell = lowest.or(first).cloned();
    let cell = cell.unwrap_or_else(|| Cell::single("", grid.rows[0].spot));
    HeaderColumn { levels, cell }
}

/// The cell with the label of a column in one row of the header.
///
/// Where the format has no spans, a label above several others stands over the first of them only.
fn shown_label(grid: &Grid, n_rows: usize, row_idx: usize, column_idx: usize) -> Option<&Cell> {
    let shown = grid.shown_at(row_idx, column_idx).filter(|cell| !cell.text.is_empty());
    if shown.is_some() || row_idx + 1 >= n_rows {
        return shown;
    }
    let has_label_below = (row_idx + 1..n_rows)
        .any(|below| grid.rows[below].cells.get(column_idx).is_some_and(|c| !c.text.is_empty()));
    let to_the_left = (0..column_idx).rev().find_map(|left| {
        let cell = grid.rows[row_idx].cells.get(left)?;
        (!cell.text.is_empty()).then_some((left, cell))
    });
    let (left, cell) = to_the_left.filter(|_| has_label_below)?;
    // It reaches over columns with labels of their own only, from its own column on.
    let reaches = (left..=column_idx).all(|between| {
        (row_idx + 1..n_rows)
            .any(|below| grid.rows[below].cells.get(between).is_some_and(|c| !c.text.is_empty()))
    });
    (reaches && cell.span == Span::Single).then_some(cell)
}
