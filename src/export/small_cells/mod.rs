//! Counts of a few records are not shown, nor what would give them away.
//!
//! What is hidden is hidden for a body, a period and a breakdown as a whole: all counts, shares and means of it,
//! because each would tell of the others. Of rows that add up to a total somebody may know, one that is hidden
//! alone would be the difference of the total and the others. So in every such line further rows are hidden,
//! until the hidden ones together are no small count either. In the end it is worked out, by the algebra of all
//! lines and of all periods at once (January to June is January to May and June), whether anything hidden still
//! follows, and what tells it is hidden as well. What compares with other rows is left out beside a hidden one.
//!
//! A count need not stand in a row to be told: running totals to May and to June tell June, a count with a share of
//! it tells that part and the rest. Such counts are looked at like the others.

mod algebra;
mod columns;
mod hiding;
mod table;

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, RecordBatch, UInt32Array};
use arrow::compute::{concat_batches, nullif, take_record_batch};
use arrow::datatypes::{DataType, Field};
use arrow::error::ArrowError;

use crate::diag::Message;
use crate::export::small_cells::columns::{BREAKDOWN, Columns, is_rank};
use crate::export::small_cells::hiding::Hiding;
use crate::export::small_cells::table::{Table, Texts};
use crate::export::{Dataset, ExportError, Rows, column_of, plain_batch};

/// The column that says of a row that its measures are hidden.
const HIDDEN: &str = "is_hidden";

/// Which rows and columns of a dataset are counts of people or of their records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guard {
    /// All rows: the dataset was counted from records. Whole numbers in units of people count, and where
    /// units stand in a column, numbers of rows in such a unit.
    Counted,
    /// Figures that were stated and not published, as far as they are broken down.
    Stated,
}

/// Hides counts below `least` in a dataset that is in memory, with what would give them away, and says so in
/// a column and a note. Returns how many of the rows that are exported are hidden.
///
/// `by` are the columns that are unique together, in the order of the rows. Where the rows stand by rank and
/// some are hidden, they stand by their other keys afterwards.
pub fn hide_small_cells(
    dataset: &mut Dataset,
    guard: Guard,
    by: &[String],
    least: u32,
    is_cancelled: &AtomicBool,
) -> Result<usize, ExportError> {
    let Rows::Held(batches) = &dataset.rows else { return Ok(0) };
    let name = dataset.name.clone();
    let failed = ExportError::rows(&name);
    let schema = dataset.schema();
    let plain: Result<Vec<RecordBatch>, _> =
        batches.iter().map(|rows| plain_batch(&schema, rows)).collect();
    let rows = plain.and_then(|batches| concat_batches(&schema, &batches)).map_err(&failed)?;
    let columns = Columns::of(dataset, guard, by);
    let least = f64::from(least);
    let table = Table::of(dataset, &columns, &rows, (guard, least)).map_err(&failed)?;
    let hiding = Hiding::of(&table, least, is_cancelled)?;
    let hidden = BooleanArray::from(hiding.rows());
    let beside = BooleanArray::from(hiding.rows_beside());
    let parts = hidden_parts(&rows, &hidden);
    let is_any = hidden.true_count() > 0;
    let mut arrays: Vec<ArrayRef> = Vec::new();
    for (idx, column) in rows.columns().iter().enumerate() {
        let is_blanked = columns.blanked.contains(&idx);
        let blank = if columns.comparing.contains(&idx) {
            &beside
        } else if columns.published == Some(idx) {
            &parts
        } else {
            &hidden
        };
        arrays.push(if is_blanked {
            nullif(column, blank).map_err(&failed)?
        } else {
            Arc::clone(column)
        });
        dataset.columns[idx].is_nullable |= is_blanked && is_any;
    }
    arrays.push(Arc::new(hidden));
    dataset.columns.push(column_of(&Field::new(HIDDEN, DataType::Boolean, false)));
    let mut guarded = RecordBatch::try_new(dataset.schema(), arrays).map_err(&failed)?;
    // Before what is shown of them goes: a note is about the rows that leave.
    guarded = dataset.filter.apply(&guarded).map_err(&failed)?;
    if is_any && by.iter().any(|key| is_rank(key)) {
        guarded = by_key(&guarded, &columns).map_err(&failed)?;
    }
    let marks = guarded.column(guarded.num_columns() - 1);
    let n_hidden = marks.as_boolean().true_count();
    dataset.rows = Rows::Held(vec![guarded]);
    if n_hidden > 0 {
        let note = Message::new("export.small_cells").with("count", n_hidden).with("least", least);
        dataset.notes.push(note);
    }
    Ok(n_hidden)
}

/// Returns which rows are hidden and broken down. A figure that is not is hidden nowhere; one that is may come
/// from a draft, which a row with figures of several origins does not tell.
fn hidden_parts(rows: &RecordBatch, hidden: &BooleanArray) -> BooleanArray {
    let breakdown = rows.column_by_name(BREAKDOWN);
    let is_part = |row| breakdown.is_some_and(|parts| parts.is_valid(row));
    let hidden = hidden.values().iter().enumerate();
    hidden.map(|(row, is_hidden)| Some(is_hidden && is_part(row))).collect()
}

/// Returns rows in the order of what tells them apart; equal ones as they stood.
fn by_key(rows: &RecordBatch, columns: &Columns) -> Result<RecordBatch, ArrowError> {
    let texts = Texts::of(rows)?;
    let keys: Vec<usize> =
        columns.dimensions.iter().chain(&columns.times).chain(&columns.apart).copied().collect();
    let key = |row: &u32| -> Vec<Option<&str>> {
        keys.iter().map(|column| texts.get(*column, *row as usize)).collect()
    };
    let n_rows = u32::try_from(rows.num_rows()).unwrap_or(u32::MAX);
    let mut order: Vec<u32> = (0..n_rows).collect();
    order.sort_by_cached_key(key);
    take_record_batch(rows, &UInt32Array::from(order))
}
