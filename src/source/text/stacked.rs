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
/// A label in more pieces than this is prose.
const MAX_LABEL_PIECES: usize = 3;

/// Reads the grid that begins at the first line, one cell a line; also returns how many lines it
/// takes up.
///
/// It begins with a label that begins headers, and ends where nothing but texts follow, or at the
/// header of another one.
pub(super) fn parse_grid(lines: &[Line<'_>]) -> Option<(Grid, usize)> {
    if !lines.first()?.is_header_start() {
        return None;
    }
    let is_cell = |line: &&Line<'_>| {
        !line.has_tab() && !line.ends_table() && line.text.chars().count() <= MAX_CELL_CHARS
    };
    let mut has_figure = false;
    let is_of_this = |line: &&Line<'_>| {
        has_figure |= is_number_like(line.text);
        !(has_figure && line.is_header_start())
    };
    let cells: Vec<Cell> = lines
        .iter()
        .take_while(is_cell)
        .take_while(is_of_this)
        .map(|line| Cell::single(line.text.to_owned(), line.spot))
        .collect();
    grid_of(&cells)
}

/// Cuts cells that stand one after the other into rows; also returns how many of them are in rows.
///
/// A row is what stands between two labels, whatever number of cells that is: one that lacks a cell
/// or has one too many takes nothing from its neighbours. `None` when no number of columns explains
/// at least two rows below the header.
pub(super) fn grid_of(cells: &[Cell]) -> Option<(Grid, usize)> {
    let stack = Stack::of(cells)?;
    let mut ends = Vec::new();
    let mut at = stack.begin;
    while let Some(end) = stack.end_of_row(at) {
        ends.push((at, end));
        at = end;
    }
    let n_columns = n_columns(&ends, stack.begin)?;
    let mut rows = vec![header_row(&cells[..stack.begin], n_columns)?];
    rows.extend(ends.iter().map(|(start, end)| body_row(&cells[*start..*end], n_columns)));
    let grid = Grid { name: None, n_columns, rows, strays: Vec::new() };
    Some((grid, at))
}

/// Returns the number of cells that most rows have, at least two of them; the smaller one of two,
/// unless the header has as many as the larger one.
fn n_columns(rows: &[(usize, usize)], n_header_cells: usize) -> Option<usize> {
    let count = |n: usize| rows.iter().filter(|(start, end)| end - start == n).count();
    (2..=MAX_COLUMNS.min(n_header_cells))
        .filter(|n| count(*n) >= MIN_ROWS)
        .max_by_key(|n| (count(*n), *n == n_header_cells, usize::MAX - n))
}

/// Cells that stand one below the other.
struct Stack<'a> {
    cells: &'a [Cell],
    /// First cell below the header.
    begin: usize,
    has_running_number: bool,
}

impl<'a> Stack<'a> {
    /// Finds where the header ends: at the first figure, or at the label before it.
    fn of(cells: &'a [Cell]) -> Option<Self> {
        let figure = cells.iter().position(|cell| is_number_like(&cell.text))?;
        let is_one = parse_running_number(&cells[figure].text) == Some(1)
            && cells.get(figure + 1).is_some_and(|next| !is_number_like(&next.text));
        let begin = if is_one { figure } else { figure.checked_sub(1)? };
        Some(Self { cells, begin, has_running_number: is_one })
    }

    fn is_figure(&self, at: usize) -> bool {
        self.cells.get(at).is_some_and(|cell| is_number_like(&cell.text))
    }

    fn running_number(&self, at: usize) -> Option<u64> {
        self.cells.get(at).and_then(|cell| parse_running_number(&cell.text))
    }

    /// Returns where the row ends that begins at a cell: where the next one begins, else with the
    /// last figure. `None` when no row begins there.
    fn end_of_row(&self, at: usize) -> Option<usize> {
        let is_numbered = self.has_running_number && self.is_figure(at);
        let label = at + usize::from(is_numbered);
        if label >= self.cells.len() || self.is_figure(label) {
            return None;
        }
        let next_text = |from: usize| (from..self.cells.len()).find(|at| !self.is_figure(*at));
        let figure = (label..self.cells.len()).find(|at| self.is_figure(*at))?;
        if figure - label > MAX_LABEL_PIECES {
            return None;
        }
        let Some(next) = next_text(figure) else { return Some(self.cells.len()) };
        // The number in front of the next label is its running number if it goes on counting. Where
        // it is a figure all the same, the row is one short and its values are left open.
        let follows = match (self.running_number(at), self.running_number(next - 1)) {
            (Some(current), Some(number)) => is_numbered && current.checked_add(1) == Some(number),
            (None, Some(_)) => self.has_running_number && !is_total_label(&self.cells[next].text),
            _ => false,
        };
        Some(if follows { next - 1 } else { next })
    }
}

/// A row below the header. One with too many cells is put together only as far as its label is
/// broken: figures that stand one below the other are never one.
fn body_row(cells: &[Cell], n_columns: usize) -> Row {
    let spot = cells[0].spot;
    let pieces = || cells.iter().enumerate().map(|(idx, cell)| piece(idx, cell)).collect();
    let texts = cells.windows(2).filter(|pair| pair.iter().all(|c| !is_number_like(&c.text)));
    let (cells, shape) = if cells.len() == n_columns && texts.clone().count() == 0 {
        (cells.to_vec(), RowShape::Whole)
    } else if cells.len() == n_columns + texts.count() {
        let pieces: Vec<Piece> = pieces();
        fit(&pieces, n_columns, RowKind::Body).into_row(pieces)
    } else {
        (cells.to_vec(), RowShape::Ragged { readings: Vec::new() })
    };
    Row { cells, shape, spot }
}

fn piece(idx: usize, cell: &Cell) -> Piece {
    let boundary = if idx == 0 { Boundary::Tab } else { Boundary::LineBreak };
    Piece { text: cell.text.to_string(), spot: cell.spot, boundary, fills_blank: false }
}

/// The header of a stack: a label that is broken over two lines leaves one cell too many.
fn header_row(cells: &[Cell], n_columns: usize) -> Option<Row> {
    let first = cells.first()?;
    let pieces: Vec<Piece> = cells.iter().enumerate().map(|(idx, cell)| piece(idx, cell)).collect();
    let spot = first.spot;
    let (cells, shape) = if pieces.len() == n_columns {
        (cells.to_vec(), RowShape::Whole)
    } else {
        fit(&pieces, n_columns, RowKind::Header).into_row(pieces)
    };
    Some(Row { cells, shape, spot })
}
