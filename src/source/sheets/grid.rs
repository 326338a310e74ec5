//! Cells of a sheet, as they come, to a grid.

use crate::model::{Spot, Text};
use crate::source::container::limit;
use crate::source::hidden::{Hidden, list};
use crate::source::limits::{MAX_CELL_CHARS, MAX_CELLS, MAX_COLUMNS, MAX_ROWS};
use crate::source::remarks::{remark, remark_apart};
use crate::source::sheets::merges::{
    clear_covered, column_number, disjoint, row_number, set_spans,
};
use crate::source::sheets::{Area, NumberKind};
use crate::source::{Cell, Grid, Remark, RemarkKind, Row, RowShape, SourceError};

/// Columns that a sheet has at most.
const MAX_SHEET_COLUMNS: usize = 16_384;
/// Merged areas of a sheet.
const MAX_MERGES: usize = 1_000_000;

/// How many cells a workbook may still have.
pub(in crate::source) struct CellBudget(usize);

impl Default for CellBudget {
    fn default() -> Self {
        Self(MAX_CELLS)
    }
}

/// A sheet while its cells are read.
///
/// Rows are kept as they will stand in the grid, so that a large sheet is never held twice.
pub(in crate::source) struct SheetBuilder<'n> {
    file_name: &'n str,
    /// Number of the sheet, from 1, hidden ones included.
    sheet: usize,
    name: String,
    rows: Vec<Row>,
    /// Row and column of the cell that came last; 0 before the first.
    last: (usize, usize),
    /// Whether every cell so far came behind the one before it.
    is_ordered: bool,
    n_cells: usize,
    merges: Vec<Area>,
    hidden_rows: Hidden,
    hidden_columns: Hidden,
    remarks: Vec<Remark>,
}

impl<'n> SheetBuilder<'n> {
    /// Returns a sheet without cells. Sheets are counted from 1, hidden ones included.
    pub(in crate::source) fn new(file_name: &'n str, sheet: usize, name: &str) -> Self {
        Self {
            file_name,
            sheet,
            name: name.to_owned(),
            rows: Vec::new(),
            last: (0, 0),
            is_ordered: true,
            n_cells: 0,
            merges: Vec::new(),
            hidden_rows: Hidden::default(),
            hidden_columns: Hidden::default(),
            remarks: Vec::new(),
        }
    }

    /// Adds a cell. One without text is nothing; of several with the same place the last counts.
    pub(in crate::source) fn cell(
        &mut self,
        row: usize,
        column: usize,
        text: impl Into<Text>,
    ) -> Result<(), SourceError> {
        let text = text.into();
        if row > MAX_ROWS {
            return Err(limit(self.file_name, "rows", MAX_ROWS as u64));
        }
        if column > MAX_SHEET_COLUMNS {
            return Err(limit(self.file_name, "columns", MAX_SHEET_COLUMNS as u64));
        }
        if text.is_empty() {
            return Ok(());
        }
        if text.len() > MAX_CELL_CHARS && text.chars().count() > MAX_CELL_CHARS {
            return Err(limit(self.file_name, "cell_characters", MAX_CELL_CHARS as u64));
        }
        self.n_cells += 1;
        if self.n_cells > MAX_CELLS {
            return Err(limit(self.file_name, "cells", MAX_CELLS as u64));
        }
        self.is_ordered &= (row, column) > self.last;
        let spot = Spot::cell(self.sheet, row, column);
        if row != self.last.0 {
            // Rows of a table are equally wide: the room that the last one took is the best guess.
            let n_likely = self.rows.last().map_or(0, |row| row.cells.len());
            let cells = Vec::with_capacity(n_likely);
            self.rows.push(Row { cells, shape: RowShape::Whole, spot });
        }
        if let Some(current) = self.rows.last_mut() {
            current.cells.push(Cell::single(text, spot));
        }
        self.last = (row, column);
        Ok(())
    }

    /// Merges cells.
    pub(in crate::source) fn merge(&mut self, area: Area) -> Result<(), SourceError> {
        if self.merges.len() == MAX_MERGES {
            return Err(limit(self.file_name, "merged_cells", MAX_MERGES as u64));
        }
        if !area.is_trivial() {
            self.merges.push(area);
        }
        Ok(())
    }

    /// Notes that a row is hidden.
    pub(in crate::source) fn hide_row(&mut self, row: usize) {
        self.hidden_rows.add(row, row);
    }

    /// Notes that columns are hidden, both ends included.
    pub(in crate::source) fn hide_columns(&mut self, first: usize, last: usize) {
        self.hidden_columns.add(first, last);
    }

    /// Notes that a formula has no value.
    pub(in crate::source) fn formula_without_value(&mut self, row: usize, column: usize) {
        self.remark(RemarkKind::FormulaWithoutValue, self.name.clone(), row, column);
    }

    /// Notes that a number shows as something else than is stored.
    pub(in crate::source) fn number_scaled(&mut self, row: usize, column: usize) {
        self.remark(RemarkKind::NumberScaled, self.name.clone(), row, column);
    }

    /// Notes where the format of a number makes another one of it, or is not known.
    pub(in crate::source) fn number(&mut self, kind: NumberKind, row: usize, column: usize) {
        match kind {
            // What shows beside the number is part of the text of the cell.
            NumberKind::Scaled(looks) if looks.is_beside() => (),
            NumberKind::Scaled(_) => self.number_scaled(row, column),
            NumberKind::Unknown => {
                self.remark(RemarkKind::FormatUnknown, self.name.clone(), row, column);
            }
            NumberKind::Plain | NumberKind::Percent | NumberKind::Date | NumberKind::Duration => (),
        }
    }

    /// Notes text that was left out of a cell because it is set apart from what stands there.
    pub(in crate::source) fn apart(
        &mut self,
        kind: RemarkKind,
        text: &str,
        row: usize,
        column: usize,
    ) {
        let spot = Some(Spot::cell(self.sheet, row, column));
        remark_apart(&mut self.remarks, kind, text, spot);
    }

    /// Returns the grid: rows and columns with text, all rows filled up to the same width.
    ///
    /// Rows without text are left out, and columns without text at both sides; `None` when nothing
    /// is left.
    pub(in crate::source) fn finish(
        mut self,
        budget: &mut CellBudget,
        remarks: &mut Vec<Remark>,
    ) -> Result<Option<Grid>, SourceError> {
        remarks.append(&mut self.remarks);
        if !self.is_ordered {
            self.rows = ordered(std::mem::take(&mut self.rows));
        }
        let Some(columns) = columns_with_text(&self.rows) else { return Ok(None) };
        self.check_size(columns, budget)?;
        let merges = disjoint(std::mem::take(&mut self.merges), columns);
        clear_covered(&mut self.rows, &merges);
        self.rows.retain(has_text);
        let Some(columns) = columns_with_text(&self.rows) else { return Ok(None) };
        for row in &mut self.rows {
            fill(row, columns);
        }
        set_spans(&mut self.rows, &merges, columns);
        self.remark_hidden(columns);
        remarks.append(&mut self.remarks);
        let n_columns = columns.1 - columns.0 + 1;
        budget.0 = budget.0.saturating_sub(self.rows.len() * n_columns);
        Ok(Some(Grid { name: Some(self.name), n_columns, rows: self.rows, strays: Vec::new() }))
    }

    fn check_size(&self, columns: (usize, usize), budget: &CellBudget) -> Result<(), SourceError> {
        let n_columns = columns.1 - columns.0 + 1;
        if n_columns > MAX_COLUMNS {
            return Err(limit(self.file_name, "columns", MAX_COLUMNS as u64));
        }
        if self.rows.len() * n_columns > budget.0 {
            return Err(limit(self.file_name, "cells", MAX_CELLS as u64));
        }
        Ok(())
    }

    /// Names the hidden rows and columns that are part of the grid.
    fn remark_hidden(&mut self, columns: (usize, usize)) {
        let rows: Vec<usize> = self.rows.iter().map(row_number).collect();
        let hidden = self.hidden_rows.among(&rows);
        if let Some((first, _)) = hidden.first() {
            let what = format!("{}: {}", self.name, list(&hidden));
            self.remark(RemarkKind::RowsHidden, what, *first, columns.0);
        }
        let numbers: Vec<usize> = (columns.0..=columns.1).collect();
        let hidden = self.hidden_columns.among(&numbers);
        if let (Some((first, _)), Some(row)) = (hidden.first(), rows.first()) {
            let what = format!("{}: {}", self.name, list(&hidden));
            self.remark(RemarkKind::ColumnsHidden, what, *row, *first);
        }
    }

    fn remark(&mut self, kind: RemarkKind, what: String, row: usize, column: usize) {
        let spot = Some(Spot::cell(self.sheet, row, column));
        remark(&mut self.remarks, kind, what, spot);
    }
}

/// Sorts rows and their cells; of several cells with the same place the last stays.
fn ordered(mut rows: Vec<Row>) -> Vec<Row> {
    rows.sort_by_key(row_number);
    let mut joined: Vec<Row> = Vec::with_capacity(rows.len());
    for mut row in rows {
        match joined.last_mut() {
            Some(last) if row_number(last) == row_number(&row) => last.cells.append(&mut row.cells),
            _ => joined.push(row),
        }
    }
    for row in &mut joined {
        row.cells.sort_by_key(|cell| column_number(cell.spot));
        row.cells.dedup_by(|later, kept| {
            let is_same = later.spot == kept.spot;
            if is_same {
                std::mem::swap(later, kept);
            }
            is_same
        });
    }
    joined
}

fn has_text(row: &Row) -> bool {
    row.cells.iter().any(|cell| !cell.text.is_empty())
}

/// Returns the first and the last column with text; `None` without any.
fn columns_with_text(rows: &[Row]) -> Option<(usize, usize)> {
    let mut columns: Option<(usize, usize)> = None;
    for row in rows {
        let first = row.cells.iter().find(|cell| !cell.text.is_empty());
        let last = row.cells.iter().rfind(|cell| !cell.text.is_empty());
        let Some((first, last)) = first.zip(last) else { continue };
        let (first, last) = (column_number(first.spot), column_number(last.spot));
        columns =
            Some(columns.map_or((first, last), |(least, most)| (least.min(first), most.max(last))));
    }
    columns
}

/// Gives a row a cell for each of the columns.
fn fill(row: &mut Row, columns: (usize, usize)) {
    let first = row.spot;
    let spot = |column| first.in_column(column);
    row.spot = spot(columns.0);
    let n_columns = columns.1 - columns.0 + 1;
    let ends = row.cells.first().zip(row.cells.last());
    let ends = ends.map(|(first, last)| (column_number(first.spot), column_number(last.spot)));
    if row.cells.len() == n_columns && ends == Some(columns) {
        row.cells.shrink_to_fit();
        return;
    }
    let mut cells = Vec::with_capacity(n_columns);
    let mut next = columns.0;
    for cell in row.cells.drain(..) {
        let column = column_number(cell.spot);
        // What lies outside has been covered by a merged cell and is empty.
        if column < next || column > columns.1 {
            continue;
        }
        cells.extend((next..column).map(|column| Cell::single("", spot(column))));
        cells.push(cell);
        next = column + 1;
    }
    cells.extend((next..=columns.1).map(|column| Cell::single("", spot(column))));
    row.cells = cells;
}
