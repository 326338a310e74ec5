//! What readers of sheets tell about cells, and who listens.

use crate::model::Text;
use crate::source::sheets::{Area, NumberKind, SheetBuilder};
use crate::source::{RemarkKind, SourceError};

/// One who takes the cells of a sheet as they come. Rows and columns are counted from 1.
pub(in crate::source) trait Cells {
    /// Takes a cell; one without text is nothing.
    fn cell(&mut self, row: usize, column: usize, text: Text) -> Result<(), SourceError>;

    /// Takes cells that are merged.
    fn merge(&mut self, area: Area) -> Result<(), SourceError>;

    /// Notes that a row is hidden.
    fn hide_row(&mut self, row: usize);

    /// Notes that columns are hidden, both ends included.
    fn hide_columns(&mut self, first: usize, last: usize);

    /// Notes that a formula has no value.
    fn formula_without_value(&mut self, row: usize, column: usize) -> Result<(), SourceError>;

    /// Notes that the cell that comes next shows an error.
    fn error(&mut self, row: usize, column: usize) -> Result<(), SourceError>;

    /// Notes that the cell that comes next is a number, and of which kind.
    fn number(&mut self, kind: NumberKind, row: usize, column: usize);

    /// Notes text that was left out of a cell because it is set apart from what stands there.
    fn apart(
        &mut self,
        kind: RemarkKind,
        text: &str,
        row: usize,
        column: usize,
    ) -> Result<(), SourceError>;
}

/// One who takes the cells of several sheets.
pub(in crate::source) trait SheetCells: Cells {
    /// Begins a sheet of this name.
    fn begin(&mut self, name: &str);

    /// Ends the sheet.
    fn end(&mut self) -> Result<(), SourceError>;

    /// Learns of a sheet that does not show, and is not read.
    fn hidden(&mut self, name: &str);
}

impl Cells for SheetBuilder<'_> {
    fn cell(&mut self, row: usize, column: usize, text: Text) -> Result<(), SourceError> {
        SheetBuilder::cell(self, row, column, text)
    }

    fn merge(&mut self, area: Area) -> Result<(), SourceError> {
        SheetBuilder::merge(self, area)
    }

    fn hide_row(&mut self, row: usize) {
        SheetBuilder::hide_row(self, row);
    }

    fn hide_columns(&mut self, first: usize, last: usize) {
        SheetBuilder::hide_columns(self, first, last);
    }

    fn formula_without_value(&mut self, row: usize, column: usize) -> Result<(), SourceError> {
        SheetBuilder::formula_without_value(self, row, column);
        Ok(())
    }

    /// The words that show, as `#N/A`, are the text of the cell.
    fn error(&mut self, _: usize, _: usize) -> Result<(), SourceError> {
        Ok(())
    }

    fn number(&mut self, kind: NumberKind, row: usize, column: usize) {
        SheetBuilder::number(self, kind, row, column);
    }

    fn apart(
        &mut self,
        kind: RemarkKind,
        text: &str,
        row: usize,
        column: usize,
    ) -> Result<(), SourceError> {
        SheetBuilder::apart(self, kind, text, row, column);
        Ok(())
    }
}
