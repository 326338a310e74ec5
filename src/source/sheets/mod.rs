//! Sheets of workbooks: cells to grids, numbers to the text that shows.

mod cells;
mod dates;
mod formats;
mod grid;
mod looks;
mod merges;
mod sections;
mod shown;
mod values;

pub(super) use cells::{Cells, SheetCells};
pub(super) use dates::{Epoch, iso_date_text};
pub(super) use formats::{NumberKind, kind_of_builtin, kind_of_cell, kind_of_code};
pub(super) use grid::{CellBudget, SheetBuilder};
pub(super) use merges::Area;
pub(super) use shown::{Shown, as_shown};
pub(super) use values::{boolean_text, number_text, stored_text};
