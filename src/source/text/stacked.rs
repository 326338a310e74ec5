//! Grids whose cells stand one below the other, so that only a count says where a row ends.

use crate::source::text::fit::{Boundary, Piece, RowKind, fit};
use crate::source::text::lines::{Line, is_number_like, is_total_label, parse_running_number};
use crate::source::{Cell, Grid, Row, RowShape};

/// Longer lines are sentences, not cells.
const MAX_CELL_CHARS: usize = 40;
/// Rows that have to agree before a count is believed.
const MIN_ROWS: usize = 2;
/// More columns than this do not stand one below the other.
const MAX_COLUMNS: usize = 24;

/// Reads the grid that begins at the first line, one cell a line; also returns how many lines it
/// takes up.
///
/// It begins with a label that begins headers, and ends where the count no longer comes out.
pub(super) fn parse_grid(lines: &[Line<'_>]) -> Option<(Grid, usize)> {
    if !lines.first()?.is_header_start() {
        return None;
    }
    let is_cell = |line: &&Line<'_>| {
        !line.has_tab() && !line.ends_table() && line.text.chars().count() <= MAX_CELL_CHARS
    };
    let cells: Vec<Cell> = lines
        .iter()
        .take_while(is_cell)
        .map(|line| Cell::single(line.text.to_owned(), line.spot))
        .collect();
    let (grid, n_cells) = grid_of(&cells)?;
    Some((grid, n_cells))
}

/// Cuts cells that stand one after the other into rows; also returns how many of them are in rows.
///
/// `None` when no number of columns explains at least two rows below the header.
pub(super) fn grid_of(cells: &[Cell]) -> Option<(Grid, usize)> {
    let pattern = Pattern::of(cells)?;
    let header = header_row(&cells[..pattern.begin], pattern.n_columns)?;
    let mut rows = vec![header];
    let mut at = pattern.begin;
    let mut number = 1;
    while at < cells.len() {
        let Some(n_cells) = pattern.row_at(cells, at, number) else { break };
        let row = &cells[at..at + n_cells];
        let shape = if n_cells == pattern.n_columns {
            RowShape::Whole
        } else {
            RowShape::Ragged { readings: Vec::new() }
        };
        rows.push(Row { cells: row.to_vec(), shape, spot: row[0].spot });
        at += n_cells;
        number += 1;
    }
    let grid = Grid { name: None, n_columns: pattern.n_columns, rows, strays: Vec::new() };
    (grid.rows.len() > MIN_ROWS).then_some((grid, at))
}

/// How the cells of a stack make up rows.
struct Pattern {
    n_columns: usize,
    /// First cell below the header.
    begin: usize,
    has_running_number: bool,
}

impl Pattern {
    /// Finds the number of columns that explains the most rows; the smaller one of two.
    fn of(cells: &[Cell]) -> Option<Self> {
        let first_number = cells.iter().position(|cell| is_number_like(&cell.text))?;
        let has_running_number = parse_running_number(&cells[first_number].text) == Some(1)
            && cells.get(first_number + 1).is_some_and(|next| !is_number_like(&next.text));
        let begin = if has_running_number { first_number } else { first_number.checked_sub(1)? };
        let explained = |n_columns: usize| {
            let pattern = Self { n_columns, begin, has_running_number };
            let whole = |number: &usize| {
                let at = begin + (number - 1) * n_columns;
                at < cells.len() && pattern.row_at(cells, at, *number) == Some(n_columns)
            };
            (1..=cells.len()).take_while(whole).count()
        };
        let most = (2..=MAX_COLUMNS.min(cells.len())).map(|n| (explained(n), n));
        let (n_rows, n_columns) =
            most.max_by(|(a, a_columns), (b, b_columns)| a.cmp(b).then(b_columns.cmp(a_columns)))?;
        (n_rows >= MIN_ROWS).then_some(Self { n_columns, begin, has_running_number })
    }

    /// Returns how many cells the row that begins at a cell has: as many as there are columns, one
    /// less for a total without a running number, fewer where the next row begins earlier. `None`
    /// when no row begins there.
    fn row_at(&self, cells: &[Cell], at: usize, number: usize) -> Option<usize> {
        let text = |at: usize| cells.get(at).map(|cell| cell.text.as_str());
        let first = text(at)?;
        let is_total = is_total_label(first);
        let begins = |at: usize, number: usize| {
            text(at).is_some_and(|text| {
                if self.has_running_number {
                    usize::try_from(parse_running_number(text).unwrap_or(0)) == Ok(number)
                } else {
                    !is_number_like(text)
                }
            })
        };
        if !begins(at, number) && !is_total {
            return None;
        }
        let n_labels = if self.has_running_number && !is_total { 2 } else { 1 };
        let values = cells[at + n_labels.min(cells.len() - at)..]
            .iter()
            .take(self.n_columns - n_labels)
            .take_while(|cell| is_number_like(&cell.text))
            .count();
        let n_cells = n_labels + values;
        let wanted = self.n_columns - usize::from(is_total && self.has_running_number);
        let is_whole = n_cells == wanted;
        let is_followed = at + n_cells >= cells.len()
            || begins(at + n_cells, number + 1)
            || text(at + n_cells).is_some_and(is_total_label);
        (at + n_cells <= cells.len() && (is_whole || (is_followed && values > 0)))
            .then_some(n_cells)
    }
}

/// The header of a stack: a label that is broken over two lines leaves one cell too many.
fn header_row(cells: &[Cell], n_columns: usize) -> Option<Row> {
    let first = cells.first()?;
    let pieces: Vec<Piece> = cells
        .iter()
        .enumerate()
        .map(|(idx, cell)| Piece {
            text: cell.text.to_string(),
            spot: cell.spot,
            boundary: if idx == 0 { Boundary::Tab } else { Boundary::LineBreak },
            fills_blank: false,
        })
        .collect();
    let spot = first.spot;
    let (cells, shape) = if pieces.len() == n_columns {
        (cells.to_vec(), RowShape::Whole)
    } else {
        fit(&pieces, n_columns, RowKind::Header).into_row(pieces)
    };
    Some(Row { cells, shape, spot })
}
