//! A document's grids cut where one table ends and another begins.
//!
//! A grid of a sheet, a web page or a text can hold more than its table: the title and the unit
//! above the header, notes below the last row, a second table. What is no row becomes a paragraph.

use crate::annex::beside::below_one_another;
use crate::annex::cells::parse_cell;
use crate::annex::columns::LabelIndex;
use crate::annex::notice::is_head_label;
use crate::annex::pages::with_pages_joined;
use crate::annex::tables::{begins_note, is_annex_mark};
use crate::source::{Block, Cell, Grid, Paragraph, Row, RowShape, Span};

/// Rows of that box at most.
const MAX_HEAD_ROWS: usize = 12;

/// Rows at the top of a grid among which its header is looked for.
const MAX_ROWS_ABOVE: usize = 8;

/// The blocks of a document, its grids cut into tables and paragraphs.
pub(super) struct Segments {
    pub(super) blocks: Vec<Block>,
    /// For each block, the number of the block that it was cut from.
    pub(super) cut_from: Vec<usize>,
}

/// Returns the blocks of a document with its grids cut into tables and paragraphs.
///
/// Rows go from one to the other: of a large form there is never a second copy.
pub(super) fn segments(blocks: Vec<Block>, labels: &LabelIndex) -> Segments {
    let mut out = Vec::new();
    let mut cut_from = Vec::new();
    for (idx, block) in with_pages_joined(blocks, labels).into_iter().enumerate() {
        match block {
            Block::Paragraph(paragraph) => out.push(Block::Paragraph(paragraph)),
            Block::Grid(grid) if is_head_box(&grid) => out.extend(head_lines(&grid)),
            Block::Grid(grid) => Cutter { grid, labels, out: &mut out }.cut(),
        }
        cut_from.resize(out.len(), idx);
    }
    Segments { blocks: out, cut_from }
}

/// Whether a grid is the box with the document's number and dates.
fn is_head_box(grid: &Grid) -> bool {
    if grid.rows.len() > MAX_HEAD_ROWS {
        return false;
    }
    let cells = grid.rows.iter().flat_map(|row| &row.cells);
    let n_labels = cells.filter(|cell| is_head_label(&cell.text)).count();
    n_labels >= 2
}

/// The box as lines `label：value`, as text prints it.
fn head_lines(grid: &Grid) -> Vec<Block> {
    let mut lines = Vec::new();
    for row in &grid.rows {
        let texts: Vec<&Cell> = row.cells.iter().filter(|cell| !cell.text.is_empty()).collect();
        for pair in texts.chunks(2) {
            let text = match pair {
                [label, value] if !label.text.ends_with([':', '：']) => {
                    format!("{}：{}", label.text, value.text)
                }
                _ => pair.iter().map(|cell| cell.text.as_str()).collect(),
            };
            lines.push(Block::Paragraph(Paragraph { text, spot: row.spot }));
        }
    }
    lines
}

/// Cuts one grid.
struct Cutter<'a> {
    grid: Grid,
    labels: &'a LabelIndex,
    out: &'a mut Vec<Block>,
}

impl Cutter<'_> {
    fn cut(&mut self) {
        let n_rows = self.grid.rows.len();
        let mut at = 0;
        while at < n_rows {
            let Some(header) = self.header_from(at) else {
                self.paragraphs(at..n_rows);
                return;
            };
            self.paragraphs(at..header);
            let end = self.end_of_table(header);
            self.push_table(header, end);
            at = end;
        }
    }

    /// Returns the row with the next header, looking a few rows ahead; without one, the first row
    /// with more than one text, so that an unknown table is refused instead of passed over.
    fn header_from(&self, from: usize) -> Option<usize> {
        let rows = from..self.grid.rows.len();
        let near = rows.clone().take(MAX_ROWS_ABOVE);
        let with_label = near.clone().find(|row_idx| self.is_header(*row_idx));
        with_label.or_else(|| rows.into_iter().find(|row_idx| self.has_several_texts(*row_idx)))
    }

    /// Whether a row reads like a header: no number, and a label of a first column or an indicator.
    fn is_header(&self, row_idx: usize) -> bool {
        // Numbers first: most rows have one, and to look a label up takes long.
        self.has_several_texts(row_idx)
            && !self.texts(row_idx).any(is_number)
            && self.texts(row_idx).any(|text| self.labels.begins_header(text))
    }

    /// Returns the row after the last of the table whose header begins at `header`.
    fn end_of_table(&self, header: usize) -> usize {
        let n_rows = self.grid.rows.len();
        let mut has_body = false;
        for row_idx in header + 1..n_rows {
            let is_note = self.texts(row_idx).next().is_some_and(begins_note);
            let is_below_header = self.is_covered_by_row(row_idx, header);
            let is_other = has_body && self.is_header(row_idx) && !self.repeats(row_idx, header);
            if !is_below_header && (is_note || is_other || self.is_title(row_idx, has_body)) {
                return row_idx;
            }
            has_body |= self.texts(row_idx).any(is_number);
        }
        self.start_of_text_below(header)
    }

    /// Returns the row below the table at the end of a grid from which on nothing but lines of text
    /// follow, the first of them the mark of an annex or a sentence.
    fn start_of_text_below(&self, header: usize) -> usize {
        let n_rows = self.grid.rows.len();
        let has_one_text = |row_idx: &usize| !self.has_several_texts(*row_idx);
        let n_lines = (header + 1..n_rows).rev().take_while(has_one_text).count();
        let begins_text =
            |row_idx: &usize| self.texts(*row_idx).next().is_some_and(begins_text_below);
        (n_rows - n_lines..n_rows).find(begins_text).unwrap_or(n_rows)
    }

    /// Whether a row is a title of what follows: alone in its row, with a header soon below.
    fn is_title(&self, row_idx: usize, has_body: bool) -> bool {
        has_body
            && self.texts(row_idx).count() == 1
            && (row_idx + 1..self.grid.rows.len())
                .take(3)
                .find(|below| self.has_several_texts(*below))
                .is_some_and(|below| self.is_header(below))
    }

    /// Whether cells of an earlier row reach down into a row.
    fn is_covered_by_row(&self, row_idx: usize, earlier: usize) -> bool {
        self.grid.rows[row_idx].cells.iter().any(|cell| {
            matches!(cell.span, Span::Covered { up, .. } if up > 0 && row_idx - up.min(row_idx) <= earlier)
        })
    }

    /// Whether a row prints the header again, as on every page.
    fn repeats(&self, row_idx: usize, header: usize) -> bool {
        self.texts(row_idx).eq(self.texts(header))
    }

    fn push_table(&mut self, header: usize, end: usize) {
        let is_kept = |row_idx: &usize| {
            *row_idx == header || !self.repeats(*row_idx, header) || !self.is_header(*row_idx)
        };
        let kept: Vec<usize> = (header..end).filter(is_kept).collect();
        let mut taken = |row_idx: usize| {
            let row = &mut self.grid.rows[row_idx];
            let rest = Row { cells: Vec::new(), shape: RowShape::Whole, spot: row.spot };
            std::mem::replace(row, rest)
        };
        let rows: Vec<Row> = kept.into_iter().map(&mut taken).collect();
        // A row that could not be put together has more pieces than the grid has columns.
        let n_columns = used_columns(&rows).min(self.grid.n_columns).max(2);
        let rows = rows.into_iter().map(|row| trimmed(row, n_columns)).collect();
        let rows = rejoined(rows);
        let (rows, n_columns) = below_one_another(&rows, self.labels).unwrap_or((rows, n_columns));
        let strays =
            if end == self.grid.rows.len() { self.grid.strays.clone() } else { Vec::new() };
        self.out.push(Block::Grid(Grid { name: self.grid.name.clone(), n_columns, rows, strays }));
    }

    /// Adds rows that belong to no table, each as a paragraph.
    fn paragraphs(&mut self, rows: std::ops::Range<usize>) {
        for row_idx in rows {
            let text = self.texts(row_idx).collect::<Vec<_>>().join(" ");
            if !text.is_empty() {
                let spot = self.grid.rows[row_idx].spot;
                self.out.push(Block::Paragraph(Paragraph { text, spot }));
            }
        }
    }

    /// Returns the texts of a row, cells that others cover and empty ones left out.
    fn texts(&self, row_idx: usize) -> impl Iterator<Item = &str> {
        let cells = self.grid.rows[row_idx].cells.iter();
        cells.map(|cell| cell.text.as_str()).filter(|text| !text.is_empty())
    }

    fn has_several_texts(&self, row_idx: usize) -> bool {
        self.texts(row_idx).nth(1).is_some()
    }
}

/// Whether a line of a sheet is no heading of rows: a sentence, or the mark of an annex.
fn begins_text_below(text: &str) -> bool {
    text.ends_with('。') || is_annex_mark(text)
}

/// Whether a cell holds a figure, or a dash in the place of one.
fn is_number(text: &str) -> bool {
    parse_cell(text).stands_for_figure()
}

/// Returns how many columns have a text in one of the rows, or are covered by one that has.
fn used_columns(rows: &[Row]) -> usize {
    let last = |row: &Row| {
        row.cells.iter().enumerate().rev().find_map(|(idx, cell)| match cell.span {
            Span::Wide { n_columns, .. } if !cell.text.is_empty() => {
                Some(idx.saturating_add(n_columns))
            }
            _ => (!cell.text.is_empty()).then_some(idx + 1),
        })
    };
    rows.iter().filter_map(last).max().unwrap_or(0)
}

/// Joins a row to the one above that it only continues: a cell broken over two rows, while the
/// others reach over both, as spreadsheets break the lines of a cell of a web page.
fn rejoined(rows: Vec<Row>) -> Vec<Row> {
    let mut joined: Vec<Row> = Vec::new();
    // Where each row went, so that reaches can be counted anew.
    let mut kept: Vec<usize> = Vec::new();
    for mut row in rows {
        let row_idx = kept.len();
        match joined.last_mut() {
            Some(above) if is_rest(&row) && above.cells.len() == row.cells.len() => {
                for (cell, rest) in above.cells.iter_mut().zip(&row.cells) {
                    cell.text.push_str(&rest.text);
                }
                above.shape = RowShape::Rejoined { columns: Vec::new(), has_number: false };
            }
            _ => {
                for cell in &mut row.cells {
                    if let Span::Covered { up, .. } = &mut cell.span {
                        let anchor = row_idx.checked_sub(*up).and_then(|at| kept.get(at));
                        *up = anchor.map_or(0, |anchor| joined.len() - anchor);
                    }
                }
                joined.push(row);
            }
        }
        kept.push(joined.len() - 1);
    }
    joined
}

/// Whether a row has nothing of its own but the rest of one cell.
fn is_rest(row: &Row) -> bool {
    let is_reached = |cell: &Cell| matches!(cell.span, Span::Covered { up, .. } if up > 0);
    let n_reached = row.cells.iter().filter(|cell| is_reached(cell)).count();
    let n_texts = row.cells.iter().filter(|cell| !cell.text.is_empty()).count();
    n_reached >= 2 && n_reached + n_texts == row.cells.len() && n_texts <= 1
}

/// The row with as many cells as its table has columns: empty ones at its end count as nothing.
fn trimmed(mut row: Row, n_columns: usize) -> Row {
    if row.cells.len() > n_columns && row.cells[n_columns..].iter().all(|c| c.text.is_empty()) {
        row.cells.truncate(n_columns);
    }
    let is_whole = row.cells.len() == n_columns;
    row.shape = match row.shape {
        RowShape::Ragged { readings } if readings.is_empty() && is_whole => RowShape::Whole,
        RowShape::Whole if !is_whole => RowShape::Ragged { readings: Vec::new() },
        shape => shape,
    };
    row
}
