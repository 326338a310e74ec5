//! Grids of formats that say how far their cells reach.

use std::collections::BTreeMap;

use crate::model::{Spot, Text};
use crate::source::container::limit;
use crate::source::limits::{MAX_CELL_CHARS, MAX_CELLS, MAX_COLUMNS};
use crate::source::{Cell, Grid, Row, RowShape, SourceError, Span};

/// A grid that grows cell by cell, from left to right and from top to bottom.
pub(super) struct SpanGrid<'n> {
    file_name: &'n str,
    rows: Vec<Row>,
    /// Columns that cells of earlier rows still cover: column to (rows left, cell's row, column).
    reaching_down: BTreeMap<usize, (usize, usize, usize)>,
    /// Columns of the widest row: all rows are filled up to it.
    widest: usize,
}

impl<'n> SpanGrid<'n> {
    /// Returns an empty grid; the name is for messages.
    pub(super) fn new(file_name: &'n str) -> Self {
        Self { file_name, rows: Vec::new(), reaching_down: BTreeMap::new(), widest: 0 }
    }

    /// Begins the next row.
    pub(super) fn begin_row(&mut self, spot: Spot) -> Result<(), SourceError> {
        self.end_row();
        self.rows.push(Row { cells: Vec::new(), shape: RowShape::Whole, spot });
        // A row without cells is filled by those that reach down into it.
        self.check_size()?;
        self.take_covered();
        Ok(())
    }

    fn check_size(&self) -> Result<(), SourceError> {
        if self.rows.len().saturating_mul(self.widest) > MAX_CELLS {
            return Err(limit(self.file_name, "cells", MAX_CELLS as u64));
        }
        Ok(())
    }

    /// Returns the column of the current row that is next to be filled, from 0.
    pub(super) fn next_column(&self) -> usize {
        self.rows.last().map_or(0, |row| row.cells.len())
    }

    /// Adds empty cells that the row leaves out at its beginning or end.
    pub(super) fn skip(&mut self, n_columns: usize, spot: Spot) -> Result<(), SourceError> {
        for _ in 0..n_columns {
            self.cell("", spot, 1, 1)?;
        }
        Ok(())
    }

    /// Adds a cell to the current row, in its next free column. Counts of 0 are taken for 1.
    ///
    /// A cell that reaches further than the limit of columns is refused; one that reaches below the last
    /// row is cut in the end.
    pub(super) fn cell(
        &mut self,
        text: &str,
        spot: Spot,
        n_rows: usize,
        n_columns: usize,
    ) -> Result<(), SourceError> {
        let (n_rows, n_columns) = (n_rows.max(1), n_columns.max(1));
        let Some(row_idx) = self.rows.len().checked_sub(1) else { return Ok(()) };
        let column_idx = self.rows[row_idx].cells.len();
        if column_idx.saturating_add(n_columns) > MAX_COLUMNS {
            return Err(limit(self.file_name, "columns", MAX_COLUMNS as u64));
        }
        self.widest = self.widest.max(column_idx + n_columns);
        self.check_size()?;
        let text = tidy(text);
        if text.chars().count() > MAX_CELL_CHARS {
            return Err(limit(self.file_name, "cell_characters", MAX_CELL_CHARS as u64));
        }
        let span = match (n_rows, n_columns) {
            (1, 1) => Span::Single,
            _ => Span::Wide { n_rows, n_columns },
        };
        let cells = &mut self.rows[row_idx].cells;
        cells.push(Cell { text: text.into(), span, spot });
        for left in 1..n_columns {
            cells.push(Cell { text: Text::default(), span: Span::Covered { up: 0, left }, spot });
        }
        if n_rows > 1 {
            for covered in column_idx..column_idx + n_columns {
                self.reaching_down.insert(covered, (n_rows - 1, row_idx, column_idx));
            }
        }
        self.take_covered();
        Ok(())
    }

    /// Adds a cell that continues the one above it, as WordprocessingML tells it.
    ///
    /// Without a row above it is an empty cell.
    pub(super) fn continued(&mut self, spot: Spot, n_columns: usize) -> Result<(), SourceError> {
        let Some(row_idx) = self.rows.len().checked_sub(1) else { return Ok(()) };
        let column_idx = self.rows[row_idx].cells.len();
        let above = row_idx.checked_sub(1).and_then(|up| self.rows[up].cells.get(column_idx));
        let Some(above) = above else { return self.cell("", spot, 1, n_columns) };
        let (up, left) = match above.span {
            Span::Covered { up, left } => (up + 1, left),
            Span::Single | Span::Wide { .. } => (1, 0),
        };
        self.cell("", spot, 1, n_columns)?;
        let (anchor_row, anchor_column) = (row_idx - up, column_idx.saturating_sub(left));
        for (offset, cell) in self.rows[row_idx].cells[column_idx..].iter_mut().enumerate() {
            cell.span = Span::Covered { up, left: left + offset };
        }
        let anchor = &mut self.rows[anchor_row].cells[anchor_column];
        let wide = match anchor.span {
            Span::Wide { n_columns, .. } => n_columns,
            Span::Single | Span::Covered { .. } => n_columns.max(1),
        };
        anchor.span = Span::Wide { n_rows: up + 1, n_columns: wide };
        Ok(())
    }

    /// Fills the columns that cells from above cover, up to the next free one.
    fn take_covered(&mut self) {
        let Some(row_idx) = self.rows.len().checked_sub(1) else { return };
        loop {
            let column_idx = self.rows[row_idx].cells.len();
            let Some((rows_left, from_row, from_column)) = self.reaching_down.get(&column_idx)
            else {
                return;
            };
            let (rows_left, from_row, from_column) = (*rows_left, *from_row, *from_column);
            // A cell of this very row reaches down only from the next row on.
            if from_row == row_idx {
                return;
            }
            let span = Span::Covered { up: row_idx - from_row, left: column_idx - from_column };
            let spot = self.rows[row_idx].spot;
            self.rows[row_idx].cells.push(Cell { text: Text::default(), span, spot });
            if rows_left > 1 {
                self.reaching_down.insert(column_idx, (rows_left - 1, from_row, from_column));
            } else {
                self.reaching_down.remove(&column_idx);
            }
        }
    }

    /// Fills what cells from above cover at the end of the current row.
    fn end_row(&mut self) {
        if self.rows.is_empty() {
            return;
        }
        let row_idx = self.rows.len() - 1;
        let spot = self.rows[row_idx].spot;
        while let Some(&next) = self
            .reaching_down
            .range(self.rows[row_idx].cells.len()..)
            .find(|(_, (_, from_row, _))| *from_row < row_idx)
            .map(|(column, _)| column)
        {
            let missing = next - self.rows[row_idx].cells.len();
            let empty = Cell::single("", spot);
            self.rows[row_idx].cells.extend(std::iter::repeat_n(empty, missing));
            self.take_covered();
        }
    }

    /// Returns the grid; `None` when it has no text at all.
    ///
    /// Rows and columns without any text at its edges stay: the format says that they are there. A
    /// row of several texts that is shorter than the widest one lacks a cell, and nothing says which:
    /// those behind it would show in the wrong columns. Other rows are filled up.
    pub(super) fn finish(mut self, name: Option<String>) -> Option<Grid> {
        self.end_row();
        let n_columns = self.rows.iter().map(|row| row.cells.len()).max()?;
        let has_text = self.rows.iter().any(|row| row.cells.iter().any(|c| !c.text.is_empty()));
        if n_columns == 0 || !has_text {
            return None;
        }
        let n_all_rows = self.rows.len();
        for (row_idx, row) in self.rows.iter_mut().enumerate() {
            for cell in &mut row.cells {
                if let Span::Wide { n_rows, .. } = &mut cell.span {
                    *n_rows = (*n_rows).min(n_all_rows - row_idx);
                }
            }
            let missing = n_columns - row.cells.len();
            let n_texts = row.cells.iter().filter(|cell| !cell.text.is_empty()).count();
            if missing > 0 && n_texts > 1 {
                row.shape = RowShape::Ragged { readings: Vec::new() };
                continue;
            }
            row.cells.extend(std::iter::repeat_n(Cell::single("", row.spot), missing));
        }
        Some(Grid { name, n_columns, rows: self.rows, strays: Vec::new() })
    }
}

/// Joins the lines of a cell: wrapped Chinese text has no spaces, other words keep one, and so do
/// figures of any width: two of them must not become one.
pub(super) fn tidy(text: &str) -> String {
    if !text.contains(char::is_whitespace) {
        return text.to_owned();
    }
    let mut joined = String::with_capacity(text.len());
    for piece in text.split(|c: char| c.is_whitespace() && c != '\u{3000}') {
        if piece.is_empty() {
            continue;
        }
        if needs_space(&joined, piece) {
            joined.push(' ');
        }
        joined.push_str(piece);
    }
    joined.trim().to_owned()
}

fn needs_space(before: &str, behind: &str) -> bool {
    let (Some(last), Some(next)) = (before.chars().next_back(), behind.chars().next()) else {
        return false;
    };
    let is_narrow = !is_wide(last) && !is_wide(next);
    is_narrow || (belongs_to_figure(before.chars().rev()) && belongs_to_figure(behind.chars()))
}

/// Whether text begins, in the direction in which it is given, with a digit, or with a sign or a point
/// that has one behind it.
fn belongs_to_figure(mut chars: impl Iterator<Item = char>) -> bool {
    let is_digit = |c: char| folded(c).is_numeric() && c != '〇';
    let is_sign = |c: char| matches!(folded(c), '+' | '-' | '−' | '.' | ',' | '%' | '‰');
    match chars.next() {
        Some(c) if is_sign(c) => chars.next().is_some_and(is_digit),
        other => other.is_some_and(is_digit),
    }
}

/// Returns the usual form of a character of full width, and any other as it is.
fn folded(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        other => other,
    }
}

fn is_wide(c: char) -> bool {
    matches!(c, '\u{2e80}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ffef}' | '\u{20000}'..)
        || matches!(c, '“' | '”' | '‘' | '’' | '—')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(tidy(text), expected, "{text:?}");
    }

    #[test]
    fn figures_of_any_width_stay_apart() {
        for (one, other) in [("12", "34"), ("１２", "３４"), ("１２", "34"), ("12", "３４")]
        {
            for space in [" ", "\n", "\t \r\n", "\u{a0}"] {
                check(&format!("{one}{space}{other}"), &format!("{one} {other}"));
            }
        }
        check("１２\n－３", "１２ －３");
        check("１，\n２３４", "１， ２３４");
        check("１２％ ３", "１２％ ３");
        check("5\n．５", "5 ．５");
    }

    #[test]
    fn wrapped_text_has_no_spaces() {
        check("国家税务总\n局", "国家税务总局");
        check("共１２\n件", "共１２件");
        check("办件\n１２", "办件１２");
        check("二〇\n〇九年", "二〇〇九年");
        check("其中，\n１月", "其中，１月");
        check("a\nb 省", "a b省");
    }
}
