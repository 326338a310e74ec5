//! ODF texts: paragraphs, and tables row by row.

use std::io::BufRead;

use crate::model::Spot;
use crate::source::flow::{Part, emit};
use crate::source::odf::reader::Reader;
use crate::source::odf::table::{Table, TableCell, TableRow};
use crate::source::odf::token::{CellToken, Repeated, Token};
use crate::source::{Block, Remark, SourceError};

/// Reads the blocks of a text, and what is to be said about it.
pub(super) fn read<R: BufRead>(
    mut reader: Reader<'_, R>,
) -> Result<(Vec<Block>, Vec<Remark>), SourceError> {
    let mut parts = Vec::new();
    while let Some(token) = reader.next_token(0)? {
        reader.part(&token, &mut parts)?;
        emit(&mut parts, &mut reader.blocks);
    }
    Ok((reader.blocks.finish(), reader.remarks))
}

impl<R: BufRead> Reader<'_, R> {
    /// Returns the parts that the table makes which was opened last.
    pub(super) fn table(&mut self) -> Result<Vec<Part>, SourceError> {
        let inside = self.depth();
        let mut table = Table::new(self.file_name);
        while let Some(token) = self.next_token(inside)? {
            if let Token::Rows(rows) = token {
                let row = self.row(rows)?;
                table.row(row)?;
            }
        }
        Ok(table.finish())
    }

    fn row(&mut self, rows: Repeated) -> Result<TableRow, SourceError> {
        let inside = self.depth();
        let mut row =
            TableRow { spot: self.paragraph_after(), n: 1, n_cells: 0, cells: Vec::new() };
        let mut column = 0_usize;
        while let Some(token) = self.next_token(inside)? {
            match token {
                Token::Covered(n) => {
                    self.skip_element()?;
                    column = column.saturating_add(n);
                }
                Token::Cells(cells) => {
                    let n = cells.n;
                    row.n_cells = row.n_cells.saturating_add(n);
                    let cell = self.cell(column, &cells)?;
                    // Empty cells that are written as one need no place of their own.
                    if n == 1 || !cell.parts.is_empty() {
                        self.repeat(n - 1, cell.len_bytes())?;
                        row.cells.push(cell);
                    }
                    column = column.saturating_add(n);
                }
                _ => {}
            }
        }
        // Rows without text say nothing more when there are many.
        if row.has_text() {
            row.n = rows.n;
            for cell in &row.cells {
                self.repeat((rows.n - 1).saturating_mul(cell.n), cell.len_bytes())?;
            }
        }
        Ok(row)
    }

    fn cell(&mut self, column: usize, cells: &CellToken) -> Result<TableCell, SourceError> {
        let spot = self.paragraph_after();
        let mut parts = Vec::new();
        self.flow(&mut parts)?;
        let CellToken { n, n_rows, n_columns, .. } = *cells;
        Ok(TableCell { column, n, n_rows, n_columns, parts, spot })
    }

    /// Returns the place of the paragraph that comes next, with which a row or a cell begins.
    fn paragraph_after(&self) -> Spot {
        match self.here {
            Some(Spot::Paragraph(number)) => Spot::Paragraph(number.saturating_add(1)),
            _ => Spot::Paragraph(1),
        }
    }
}
