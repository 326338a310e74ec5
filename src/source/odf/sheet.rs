//! ODF spreadsheets: one grid for each sheet.

use std::collections::BTreeSet;
use std::io::BufRead;

use crate::model::Spot;
use crate::source::flow::Part;
use crate::source::limits::MAX_ROWS;
use crate::source::odf::reader::Reader;
use crate::source::odf::styles::Family;
use crate::source::odf::token::{CellToken, Repeated, Token};
use crate::source::sheets::{Area, CellBudget, SheetBuilder, Shown, as_shown};
use crate::source::spans::tidy;
use crate::source::{Block, Remark, RemarkKind, SourceError};

/// Reads the sheets of a workbook, and what is to be said about it.
pub(super) fn read<R: BufRead>(
    mut reader: Reader<'_, R>,
) -> Result<(Vec<Block>, Vec<Remark>), SourceError> {
    let mut hidden_styles = BTreeSet::new();
    let mut last_style = None;
    let mut budget = CellBudget::default();
    let mut blocks = Vec::new();
    let mut n_sheets = 0;
    while let Some(token) = reader.next_token(0)? {
        match token {
            Token::Style { of_tables, .. } => last_style = of_tables,
            Token::HidesTables => hidden_styles.extend(last_style.take()),
            Token::Table { name, style } => {
                n_sheets += 1;
                if style.is_some_and(|style| hidden_styles.contains(&style)) {
                    let kind = RemarkKind::SheetHidden;
                    reader.remarks.push(Remark::new(kind, name, None));
                    reader.skip_element()?;
                    continue;
                }
                let sheet = reader.sheet(n_sheets, &name)?;
                let grid = sheet.finish(&mut budget, &mut reader.remarks)?;
                blocks.extend(grid.map(Block::Grid));
            }
            _ => {}
        }
    }
    Ok((blocks, reader.remarks))
}

/// A cell with its column, from 1, and its text.
struct SheetCell {
    column: usize,
    text: String,
    n_rows: usize,
    n_columns: usize,
    lacks_value: bool,
    /// Whether something else shows than the number that is stored.
    is_scaled: bool,
}

impl<'n, R: BufRead> Reader<'n, R> {
    fn sheet(&mut self, number: usize, name: &str) -> Result<SheetBuilder<'n>, SourceError> {
        let inside = self.depth();
        let mut sheet = SheetBuilder::new(self.file_name, number, name);
        let (mut next_row, mut next_column) = (1_usize, 1_usize);
        while let Some(token) = self.next_token(inside)? {
            match token {
                Token::Columns(columns) => {
                    let end = next_column.saturating_add(columns.n);
                    if columns.is_hidden {
                        sheet.hide_columns(next_column, end - 1);
                    }
                    next_column = end;
                }
                Token::Rows(rows) => {
                    let first = Spot::cell(number, next_row, 1);
                    let cells = self.sheet_row(first)?;
                    self.add_rows(&mut sheet, next_row, rows, &cells)?;
                    next_row = next_row.saturating_add(rows.n);
                }
                _ => {}
            }
        }
        Ok(sheet)
    }

    /// Returns the cells of a row that matter; those without text are mostly layout.
    fn sheet_row(&mut self, first: Spot) -> Result<Vec<SheetCell>, SourceError> {
        let inside = self.depth();
        let mut cells = Vec::new();
        let mut column = 1_usize;
        while let Some(token) = self.next_token(inside)? {
            match token {
                // What stands there does not show.
                Token::Covered(n) => {
                    self.skip_element()?;
                    column = column.saturating_add(n);
                }
                Token::Cells(token) => {
                    let n = token.n;
                    self.here = Some(first.in_column(column));
                    self.sheet_cell(column, token, &mut cells)?;
                    column = column.saturating_add(n);
                }
                _ => {}
            }
        }
        Ok(cells)
    }

    fn sheet_cell(
        &mut self,
        column: usize,
        token: CellToken,
        cells: &mut Vec<SheetCell>,
    ) -> Result<(), SourceError> {
        let CellToken { n, n_rows, n_columns, value, spare, has_formula, style } = token;
        let n_left_out = self.n_left_out;
        let paragraphs = self.cell_text()?;
        // Some programs write values without the text that shows.
        let has_text = paragraphs.is_some();
        let text = tidy(&paragraphs.unwrap_or_default());
        // The stored value has what was left out of the text.
        let is_partial = self.n_left_out > n_left_out;
        let (value, spare) = if is_partial { (None, None) } else { (value, spare) };
        let lacks_value =
            has_formula && !is_partial && text.is_empty() && value.is_none() && spare.is_none();
        let shown =
            value.as_deref().filter(|_| has_text).and_then(|stored| as_shown(stored, &text));
        let is_scaled = matches!(shown, Some(Shown::Other(_)));
        let shown = shown.map(|(Shown::Other(text) | Shown::Beside(text))| text);
        let mut text = match (shown.or(value), spare) {
            (Some(value), _) => value,
            (None, Some(spare)) if text.is_empty() => tidy(&spare),
            (None, _) => text,
        };
        if self.look(Family::Cell, style.as_deref()).struck == Some(true) {
            self.leave_out(RemarkKind::Struck, &text);
            text = String::new();
        }
        // Rows often end with thousands of cells that have a style and no text.
        let n_kept = if text.is_empty() { 1 } else { n };
        self.repeat(n_kept - 1, text.len())?;
        if text.is_empty() && n_rows == 1 && n_columns == 1 && !lacks_value {
            return Ok(());
        }
        let columns = (0..n_kept).map(|idx| column.saturating_add(idx));
        cells.extend(columns.map(|column| SheetCell {
            column,
            text: text.clone(),
            n_rows,
            n_columns,
            lacks_value,
            is_scaled,
        }));
        Ok(())
    }

    /// Returns the paragraphs of the cell that was opened last, without those of frames over it; `None`
    /// where it has none.
    fn cell_text(&mut self) -> Result<Option<String>, SourceError> {
        let inside = self.depth();
        let mut lines = Vec::new();
        let mut unread: Vec<Part> = Vec::new();
        while let Some(token) = self.next_token(inside)? {
            match token {
                Token::Paragraph => lines.push(self.line(&mut unread)?),
                Token::Frame | Token::Table { .. } => self.skip_shapes()?,
                _ => {}
            }
        }
        Ok((!lines.is_empty()).then(|| lines.join("\n")))
    }

    /// Passes over a frame; objects of other programs in it are still remarked on.
    fn skip_shapes(&mut self) -> Result<(), SourceError> {
        let inside = self.depth();
        while self.next_token(inside)?.is_some() {}
        Ok(())
    }

    fn add_rows(
        &mut self,
        sheet: &mut SheetBuilder<'_>,
        first_row: usize,
        rows: Repeated,
        cells: &[SheetCell],
    ) -> Result<(), SourceError> {
        let last_row = first_row.saturating_add(rows.n - 1);
        if rows.is_hidden {
            // Hidden rows often reach down to the end of the sheet.
            (first_row..=last_row.min(MAX_ROWS)).for_each(|row| sheet.hide_row(row));
        }
        for cell in cells {
            if cell.lacks_value {
                sheet.formula_without_value(first_row, cell.column);
            }
            if cell.is_scaled && !cell.text.is_empty() {
                sheet.number_scaled(first_row, cell.column);
            }
            if rows.n == 1 {
                sheet.merge(Area {
                    first_row,
                    last_row: first_row.saturating_add(cell.n_rows - 1),
                    first_column: cell.column,
                    last_column: cell.column.saturating_add(cell.n_columns - 1),
                })?;
            }
            if !cell.text.is_empty() {
                self.repeat(rows.n - 1, cell.text.len())?;
            }
        }
        if cells.iter().all(|cell| cell.text.is_empty()) {
            return Ok(());
        }
        for row in first_row..=last_row {
            for cell in cells {
                sheet.cell(row, cell.column, cell.text.clone())?;
            }
        }
        Ok(())
    }
}
