//! Grids told by bars: a bar after each cell, before each row, or alone on a line above it.

use std::collections::BTreeMap;

use crate::model::Spot;
use crate::source::text::lines::Line;
use crate::source::text::stacked;
use crate::source::{Cell, Grid, Paragraph, Row, RowShape};

/// Lines without a bar that may stand inside a cell, one after the other.
const MAX_PIECES: usize = 6;
/// Longer lines without a bar are prose.
const MAX_PIECE_CHARS: usize = 60;

/// Reads the grid that begins at the first line; also returns how many lines it takes up.
///
/// Bars tell cells apart and line breaks do not: a row that is broken off goes on where the next
/// line begins with a bar, or where the bar after its last cell is missing.
pub(super) fn parse_grid(lines: &[Line<'_>]) -> Option<(Grid, usize)> {
    if !has_bar(lines.first()?) {
        return None;
    }
    let extent = extent(lines);
    let lines = &lines[..extent];
    let with_bars = || lines.iter().filter(|line| has_bar(line));
    let n_alone = with_bars().filter(|line| is_bar(line.text)).count();
    let n_stacked = with_bars().filter(|line| is_one_cell(line.text)).count();
    let rows = if n_alone >= 2 {
        rows_below_bars(lines)
    } else if n_stacked * 2 > with_bars().count() {
        return stacked_grid(lines).map(|grid| (grid, extent));
    } else {
        rows_with_bars(lines)
    };
    let n_columns = usual_width(&rows)?;
    if rows.len() < 2 || n_columns < 2 {
        return None;
    }
    let rows = rows.into_iter().map(|row| row.into_row(n_columns)).collect();
    Some((Grid { name: None, n_columns, rows, strays: Vec::new() }, extent))
}

fn has_bar(line: &Line<'_>) -> bool {
    line.text.contains(BARS)
}

fn is_bar(text: &str) -> bool {
    text.chars().count() == 1 && has_bar_text(text)
}

/// Whether a line is one cell with a bar behind it.
fn is_one_cell(text: &str) -> bool {
    text.matches(BARS).count() == 1 && text.ends_with(BARS)
}

/// Returns how many lines belong to the grid: up to the last with a bar, over short lines between.
fn extent(lines: &[Line<'_>]) -> usize {
    let mut extent = 1;
    let mut n_without = 0;
    for (idx, line) in lines.iter().enumerate() {
        if has_bar(line) {
            extent = idx + 1;
            n_without = 0;
        } else {
            n_without += 1;
            let is_prose = line.text.chars().count() > MAX_PIECE_CHARS;
            if n_without > MAX_PIECES || is_prose || line.ends_table() || line.has_tab() {
                break;
            }
        }
    }
    extent
}

/// What ends and begins cells.
const BARS: [char; 3] = ['|', '｜', '│'];

/// The lines of one row, put together.
struct BarRow {
    text: String,
    spot: Spot,
    n_lines: usize,
    /// Columns in which digits met at a line break.
    joined_numbers: Vec<usize>,
}

impl BarRow {
    fn new(text: &str, spot: Spot) -> Self {
        Self { text: text.to_owned(), spot, n_lines: 1, joined_numbers: Vec::new() }
    }

    /// Adds another line.
    fn push(&mut self, line: &str) {
        if meet_as_digits(&self.text, line) {
            let column = self.cells().len() - 1;
            self.joined_numbers.push(column);
        }
        self.text.push_str(line);
        self.n_lines += 1;
    }

    fn ends_with_bar(&self) -> bool {
        self.text.trim_end().ends_with(BARS)
    }

    /// The cells: what stands between bars; a bar at either end of the row is no cell.
    fn cells(&self) -> Vec<&str> {
        let text = self.text.trim();
        let text = text.strip_prefix(BARS).unwrap_or(text);
        let text = text.strip_suffix(BARS).unwrap_or(text);
        text.split(BARS).map(str::trim).collect()
    }

    fn into_row(self, n_columns: usize) -> Row {
        let mut cells: Vec<Cell> =
            self.cells().into_iter().map(|text| Cell::single(text.to_owned(), self.spot)).collect();
        // The title of a table or of a section stands alone, whatever bars follow it.
        let n_texts = cells.iter().filter(|cell| !cell.text.is_empty()).count();
        if n_texts <= 1 {
            cells.resize(n_columns, Cell::single("", self.spot));
        }
        let shape = match cells.len() == n_columns {
            true if self.n_lines == 1 => RowShape::Whole,
            true => RowShape::Rejoined {
                has_number: !self.joined_numbers.is_empty(),
                columns: self.joined_numbers,
            },
            false => RowShape::Ragged { readings: Vec::new() },
        };
        Row { cells, shape, spot: self.spot }
    }
}

/// Rows that begin with a bar alone on its line.
fn rows_below_bars(lines: &[Line<'_>]) -> Vec<BarRow> {
    let mut rows: Vec<BarRow> = Vec::new();
    for line in lines {
        if is_bar(line.text) {
            rows.push(BarRow::new("", line.spot));
        } else if let Some(row) = rows.last_mut() {
            row.push(line.text);
        } else {
            rows.push(BarRow::new(line.text, line.spot));
        }
    }
    rows.retain(|row| !row.text.is_empty());
    rows
}

/// Rows that stand on a line each, unless they are broken.
fn rows_with_bars(lines: &[Line<'_>]) -> Vec<BarRow> {
    let mut rows: Vec<BarRow> = Vec::new();
    let whole: Vec<BarRow> = lines.iter().map(|line| BarRow::new(line.text, line.spot)).collect();
    let width = usual_width(&whole).unwrap_or(0);
    let n_closed = whole.iter().filter(|row| row.ends_with_bar()).count();
    let closes_rows = n_closed * 2 > whole.len();
    for row in whole {
        let n_cells = row.cells().len();
        let goes_on = rows.last().is_some_and(|last| {
            let n_before = last.cells().len();
            let is_open = !last.ends_with_bar();
            // Where rows end with a bar, one without it is broken in its last cell.
            let is_broken = closes_rows && is_open && n_before + n_cells <= width + 1;
            let is_rest = n_before < width && n_cells < width;
            let is_before_first_bar = !has_bar_text(&last.text) && n_cells == width;
            is_broken || (is_rest && (row.text.starts_with(BARS) || is_open)) || is_before_first_bar
        });
        match rows.last_mut() {
            Some(last) if goes_on => last.push(&row.text),
            _ => rows.push(row),
        }
    }
    rows
}

/// Whether a number goes on over a line break, or two numbers meet there.
fn meet_as_digits(before: &str, behind: &str) -> bool {
    let is_digit = |c: char| c.is_numeric() || matches!(c, ',' | '.' | '，' | '．');
    before.trim_end().ends_with(is_digit) && behind.trim_start().starts_with(is_digit)
}

fn has_bar_text(text: &str) -> bool {
    text.contains(BARS)
}

/// One cell a line: only a count says where a row ends.
fn stacked_grid(lines: &[Line<'_>]) -> Option<Grid> {
    let mut cells: Vec<Cell> = Vec::new();
    // Where cells begin that stand on several lines, and whether digits met at a line break.
    let mut joined: BTreeMap<Spot, bool> = BTreeMap::new();
    let mut is_open = false;
    for line in lines {
        let text = line.text.trim_end_matches(BARS).trim();
        match cells.last_mut() {
            Some(cell) if is_open => {
                *joined.entry(cell.spot).or_default() |= meet_as_digits(&cell.text, text);
                cell.text.push_str(text);
            }
            _ => cells.push(Cell::single(text.to_owned(), line.spot)),
        }
        is_open = !line.text.ends_with(BARS);
    }
    let (mut grid, n_cells) = stacked::grid_of(&cells)?;
    let n_columns = grid.n_columns;
    for (row_idx, row) in grid.rows.iter_mut().enumerate() {
        let columns_where = |is_meant: fn(&bool) -> bool| -> Vec<usize> {
            let cells = row.cells.iter().enumerate();
            let cells = cells.filter(|(_, cell)| joined.get(&cell.spot).is_some_and(is_meant));
            cells.map(|(idx, _)| idx).collect()
        };
        let (with_number, all) = (columns_where(|has_number| *has_number), columns_where(|_| true));
        // Bars tell its cells apart, whatever they hold.
        let is_whole = match &row.shape {
            RowShape::Ragged { readings } => readings.is_empty() && row.cells.len() == n_columns,
            RowShape::Whole => true,
            RowShape::Rejoined { .. } => false,
        };
        let is_rejoined = matches!(row.shape, RowShape::Rejoined { .. });
        if !with_number.is_empty() && (is_whole || is_rejoined) {
            row.shape = RowShape::Rejoined { columns: with_number, has_number: true };
        } else if row_idx > 0 && !all.is_empty() && is_whole {
            row.shape = RowShape::Rejoined { columns: all, has_number: false };
        }
    }
    let rest = cells[n_cells..].iter().filter(|cell| !cell.text.is_empty());
    grid.strays =
        rest.map(|cell| Paragraph { text: cell.text.to_string(), spot: cell.spot }).collect();
    Some(grid)
}

/// Returns the number of cells that most rows have; the larger one of two.
fn usual_width(rows: &[BarRow]) -> Option<usize> {
    let widths: Vec<usize> = rows.iter().map(|row| row.cells().len()).filter(|n| *n > 1).collect();
    let count = |width: &usize| widths.iter().filter(|other| *other == width).count();
    widths.iter().copied().max_by_key(|width| (count(width), *width))
}
