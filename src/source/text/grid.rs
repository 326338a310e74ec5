//! Grids found in lines with tabs, with their broken rows rejoined.

use std::collections::BTreeMap;

use crate::model::Spot;
use crate::source::text::fit::{Boundary, Fit, Piece, RowKind, fit};
use crate::source::text::lines::{Line, is_number_like, parse_running_number};
use crate::source::text::paragraph;
use crate::source::{Cell, Grid, Paragraph, Row, RowShape};

/// Reads the grid that begins at the first line; also returns how many lines it takes up.
///
/// A single row is no grid: prose with a tab in it stays prose.
pub(super) fn parse_grid(lines: &[Line<'_>]) -> Option<(Grid, usize)> {
    if !lines.first()?.can_begin_grid() {
        return None;
    }
    let extent = extent(lines);
    let n_columns = n_columns(&lines[..extent]);
    let mut builder = Builder::new(n_columns);
    for (idx, line) in lines[..extent].iter().enumerate() {
        // A header that is printed again, as on every page, says nothing new.
        if idx == 0 || !line.is_header_like() || line.cells != lines[0].cells {
            builder.add(line);
        } else {
            builder.end_above_header();
        }
    }
    let n_trailing = builder.complete_last_row(&lines[extent..]);
    let grid = builder.finish();
    (grid.rows.len() > 1).then_some((grid, extent + n_trailing))
}

/// Returns how many lines belong to the grid: up to its last line with a tab.
///
/// Lines without tabs in between are pieces of broken cells. A note, the head of the next annex or
/// the header of another table ends the grid.
fn extent(lines: &[Line<'_>]) -> usize {
    let mut extent = 1;
    let mut has_data = false;
    for (idx, line) in lines.iter().enumerate() {
        let is_other_header = line.is_header_like() && line.cells != lines[0].cells;
        if line.ends_table() || (has_data && is_other_header) {
            break;
        }
        has_data |= line.has_tab() && line.has_number();
        if line.has_tab() {
            extent = idx + 1;
        }
    }
    extent
}

/// Returns the number of columns: the largest number of cells that a fair part of the lines with
/// numbers have, the header's where it has more and some line agrees with it.
///
/// Not the most frequent: each broken row leaves several short lines.
fn n_columns(lines: &[Line<'_>]) -> usize {
    let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
    for line in lines.iter().filter(|line| line.has_tab() && line.has_number()) {
        *counts.entry(line.cells.len()).or_default() += 1;
    }
    let most = counts.values().max().copied().unwrap_or(0);
    let enough = (most / 4).max(2).min(most);
    let in_header = lines[0].cells.len();
    let in_rows = counts.iter().rev().find(|(_, count)| **count >= enough).map(|(cells, _)| *cells);
    match in_rows {
        Some(in_rows) if in_rows > in_header || !counts.contains_key(&in_header) => in_rows,
        _ => in_header,
    }
}

/// What labels of a column of running numbers have in them, in lower case.
const COUNT_LABELS: [&str; 3] = ["序", "编号", "no"];

/// A cell broken into more pieces than this, all cells taken together, is no cell.
const PIECES_PER_CELL: usize = 8;

/// Rows as they come together, line by line.
struct Builder {
    n_columns: usize,
    rows: Vec<Row>,
    strays: Vec<Paragraph>,
    /// The row that may still grow.
    pieces: Vec<Piece>,
    /// Lines without tabs since the last one with some: they belong to the row, or to nothing.
    pending: Vec<Paragraph>,
    /// Lines of text above the row, which is whole without them: its first cell may be broken.
    above: Vec<Paragraph>,
}

impl Builder {
    fn new(n_columns: usize) -> Self {
        let (rows, strays, pieces) = (Vec::new(), Vec::new(), Vec::new());
        let (pending, above) = (Vec::new(), Vec::new());
        Self { n_columns, rows, strays, pieces, pending, above }
    }

    fn add(&mut self, line: &Line<'_>) {
        if !line.has_tab() {
            self.pending.push(paragraph(line));
            return;
        }
        self.take_rows_of_lines();
        let grown = self.grown_by(line);
        if let Some(pieces) = self.begun_by_pending(line) {
            self.pending.clear();
            self.end_row();
            self.pieces = pieces;
        } else if self.begins_row(line, &grown) {
            let above = self.begun_above(line);
            self.end_row();
            self.above = above;
            self.pieces = appended(&[], &line.cells, line.spot);
        } else {
            self.pieces = grown;
        }
        self.pending.clear();
    }

    /// Takes the pending lines for rows that have one cell a line, where they are as many and begin with
    /// the running numbers that follow.
    fn take_rows_of_lines(&mut self) {
        let is_whole = !self.pieces.is_empty() && !self.is_open() && self.row_is_complete();
        let n_rows = self.pending.len() / self.n_columns.max(1);
        if !is_whole || n_rows == 0 || n_rows * self.n_columns != self.pending.len() {
            return;
        }
        let numbers =
            self.pending.chunks(self.n_columns).map(|row| parse_running_number(&row[0].text));
        let is_counted = numbers.zip((0..).map(|ahead| self.next_number()?.checked_add(ahead)));
        if !is_counted.into_iter().all(|(number, wanted)| number.is_some() && number == wanted) {
            return;
        }
        let lines = std::mem::take(&mut self.pending);
        for row in lines.chunks(self.n_columns) {
            self.end_row();
            let pieces = row.iter().map(|line| Piece {
                text: line.text.clone(),
                spot: line.spot,
                boundary: Boundary::Tab,
                fills_blank: false,
            });
            self.pieces = pieces.collect();
        }
    }

    /// The row that the pending lines begin and this line ends, where its first cell is broken and
    /// nothing else explains them.
    fn begun_by_pending(&self, line: &Line<'_>) -> Option<Vec<Piece>> {
        // What stands between the header and the row with number 1 is the rest of a label.
        let is_below_header = self.rows.is_empty() && self.may_count_rows();
        if is_below_header && line.running_number() == Some(1) {
            return None;
        }
        let is_whole = !self.is_open() && self.row_is_complete();
        if !is_whole || self.pending.is_empty() || line.cells.len() >= self.n_columns {
            return None;
        }
        let begun = self
            .pending
            .iter()
            .fold(Vec::new(), |pieces, line| appended(&pieces, &[line.text.as_str()], line.spot));
        let pieces = appended(&begun, &line.cells, line.spot);
        match fit(&pieces, self.n_columns, RowKind::Body) {
            Fit::One(joined) if !joined.has_number => Some(pieces),
            _ => None,
        }
    }

    /// The pending lines that may be the beginning of this line's first cell, a text that a line
    /// break went through.
    fn begun_above(&self, line: &Line<'_>) -> Vec<Paragraph> {
        let is_text = |text: &str| !text.is_empty() && !is_number_like(text);
        let is_whole = line.cells.len() == self.n_columns && is_text(line.cells[0]);
        let is_possible = is_whole && !self.pieces.is_empty() && !self.is_open();
        // The rest of a number above them belongs to another row.
        let last_number = self.pending.iter().rposition(|line| !is_text(&line.text));
        let texts = &self.pending[last_number.map_or(0, |at| at + 1)..];
        if is_possible { texts.to_vec() } else { Vec::new() }
    }

    /// The current row's pieces, the pending lines and this line, as one row.
    fn grown_by(&self, line: &Line<'_>) -> Vec<Piece> {
        appended(&self.with_pending(self.pending.len()), &line.cells, line.spot)
    }

    fn with_pending(&self, count: usize) -> Vec<Piece> {
        self.pending[..count].iter().fold(self.pieces.clone(), |pieces, line| {
            appended(&pieces, &[line.text.as_str()], line.spot)
        })
    }

    /// Whether a line with tabs is the beginning of a row rather than a piece of the one before.
    fn begins_row(&self, line: &Line<'_>, grown: &[Piece]) -> bool {
        let is_too_long = grown.len() > PIECES_PER_CELL * self.n_columns;
        if self.pieces.is_empty() || line.cells.len() >= self.n_columns || is_too_long {
            return true;
        }
        let is_next =
            line.running_number().is_some_and(|number| self.next_number() == Some(number));
        // The header ends where the count begins.
        if is_next && self.rows.is_empty() {
            return true;
        }
        match self.fit(grown) {
            Fit::Short => is_next,
            // Numbers are joined only when nothing else explains the line: the next running number,
            // or a row that is complete without it, is a better explanation.
            Fit::One(joined) => joined.has_number && (is_next || self.row_is_complete()),
            Fit::Several(_) => is_next || self.row_is_complete(),
        }
    }

    /// Finds out how pieces make up the row that is under way.
    fn fit(&self, pieces: &[Piece]) -> Fit {
        let kind = if self.rows.is_empty() { RowKind::Header } else { RowKind::Body };
        fit(pieces, self.n_columns, kind)
    }

    fn row_is_complete(&self) -> bool {
        matches!(self.fit(&self.pieces), Fit::One(_))
    }

    /// The running number that should follow the current row: 1 after the header.
    fn next_number(&self) -> Option<u64> {
        let current = self.pieces.first().and_then(|piece| parse_running_number(&piece.text));
        match current {
            Some(current) => current.checked_add(1),
            None => (self.rows.is_empty() && self.may_count_rows()).then_some(1),
        }
    }

    /// Whether the rows below the header that is under way may have running numbers: it has no label
    /// for its first column, or one for them.
    fn may_count_rows(&self) -> bool {
        let is_count = |label: &str| {
            COUNT_LABELS.iter().any(|count| label.contains(count)) || label.is_empty()
        };
        self.pieces.len() != self.n_columns
            || self.pieces.first().is_none_or(|first| is_count(&first.text.to_lowercase()))
    }

    /// Ends the current row, with the pending lines if they belong to it.
    ///
    /// A row that ends with a broken cell takes all of them or cannot be read: taking some would
    /// make up a value. So does the header: the rest of a label may be its scale. Any other row takes
    /// them only as the rest of a broken text: one that lacks a cell, as a total without a running
    /// number, does not make it of the line that follows.
    fn end_row(&mut self) {
        let is_header = self.rows.is_empty();
        let taken = match self.fit(&self.with_pending(self.pending.len())) {
            _ if self.is_open() || is_header => self.pending.len(),
            Fit::One(joined) if self.row_is_complete() && !joined.has_number => self.pending.len(),
            _ => 0,
        };
        self.end_row_taking(taken);
    }

    /// Ends the row where the header is printed again: lines between the two are the caption of what
    /// follows, and neither the rest of that row, unless it lacks a figure, nor the beginning of the next.
    fn end_above_header(&mut self) {
        let is_whole = !self.is_open() && self.row_is_complete();
        let has_figure = self.pending.iter().any(|line| is_number_like(&line.text));
        if !self.pending.is_empty() && (is_whole || !has_figure) {
            self.end_row_taking(0);
        }
    }

    /// Whether the current row ends with a cell of which nothing stands there yet.
    fn is_open(&self) -> bool {
        self.pieces.last().is_some_and(|piece| piece.text.is_empty())
    }

    fn end_row_taking(&mut self, taken: usize) {
        let pieces = self.with_pending(taken);
        if let Some(first) = pieces.first() {
            let spot = first.spot;
            let (cells, shape) = self.fit(&pieces).into_row(pieces);
            let above = std::mem::take(&mut self.above);
            self.rows.push(with_texts_above(Row { cells, shape, spot }, &above));
        }
        self.strays.extend(self.pending.drain(..).skip(taken));
        self.pieces.clear();
    }

    /// Gives an open last row the lines after the grid that complete it; returns how many.
    ///
    /// These lines may as well be the prose that follows: only as many are taken as are needed,
    /// and numbers that follow those.
    fn complete_last_row(&mut self, after: &[Line<'_>]) -> usize {
        let in_table = self.pending.len();
        let text_after = after.iter().take_while(|line| !line.ends_table() && !line.has_tab());
        let text_after = text_after.take(PIECES_PER_CELL * self.n_columns);
        self.pending.extend(text_after.map(paragraph));
        let fits = |count: &usize| matches!(self.fit(&self.with_pending(*count)), Fit::One(_));
        let needed = if self.is_open() { (1..=self.pending.len()).find(fits) } else { None };
        if self.is_open() && needed.is_none() {
            return self.give_up_last_row();
        }
        let taken = needed.map_or(0, |needed| {
            let numbers =
                self.pending[needed..].iter().take_while(|line| is_number_like(&line.text));
            needed + numbers.count()
        });
        self.pending.truncate(taken.max(in_table));
        self.end_row_taking(taken);
        taken
    }

    /// Ends an open last row that nothing completes. The lines below it, down to the last figure, are
    /// what is left of it; returns how many.
    fn give_up_last_row(&mut self) -> usize {
        let last_figure = self.pending.iter().rposition(|line| is_number_like(&line.text));
        self.pending.truncate(last_figure.map_or(0, |at| at + 1));
        let n_left = self.pending.len();
        self.end_row_taking(0);
        n_left
    }

    fn finish(self) -> Grid {
        Grid { name: None, n_columns: self.n_columns, rows: self.rows, strays: self.strays }
    }
}

/// The row as it is, and as it is when the lines above it begin its first cell; which of them is
/// meant is for those to say who know the names.
fn with_texts_above(row: Row, above: &[Paragraph]) -> Row {
    let Some(first) = above.first() else { return row };
    if row.shape != RowShape::Whole {
        return row;
    }
    let mut joined = row.cells.clone();
    let text: String = above.iter().map(|line| line.text.as_str()).collect();
    joined[0] = Cell::single(text + &row.cells[0].text, first.spot);
    let pieces = above.iter().map(|line| Cell::single(line.text.clone(), line.spot));
    let cells = pieces.chain(row.cells.iter().cloned()).collect();
    Row { cells, shape: RowShape::Ragged { readings: vec![joined, row.cells] }, spot: row.spot }
}

/// Adds the cells of another line to a row's pieces.
///
/// An empty cell next to the line break is the broken cell itself, so that the piece on the other
/// side takes its place: `27⇥` + `国家税务总` are two cells, not three.
fn appended(pieces: &[Piece], cells: &[&str], spot: Spot) -> Vec<Piece> {
    let mut grown = pieces.to_vec();
    let mut boundary = if grown.is_empty() { Boundary::Tab } else { Boundary::LineBreak };
    let mut cells = cells;
    let mut fills_blank = false;
    if let Some(broken) = grown.pop_if(|piece| piece.text.is_empty()) {
        boundary = broken.boundary;
        fills_blank = true;
    } else if !grown.is_empty() && cells.len() > 1 && cells[0].is_empty() {
        cells = &cells[1..];
        boundary = Boundary::Tab;
    }
    for cell in cells {
        grown.push(Piece { text: (*cell).to_owned(), spot, boundary, fills_blank });
        fills_blank = false;
        boundary = Boundary::Tab;
    }
    grown
}
