//! Records that were pushed again with nothing changed: which version that was, and when.
//!
//! Such a row is a duplicate and no version. But a version that was pushed between the two and comes after
//! both is older than what was said last, which nobody could tell if only the first push were known. And a
//! record whose old file comes after the new one was pushed first when the old file says.

use std::sync::Arc;

use arrow::array::{
    ArrayAccessor, ArrayRef, AsArray, BooleanArray, Int32Array, RecordBatch,
    TimestampMicrosecondArray, UInt64Array, new_null_array,
};
use arrow::compute::take;
use arrow::datatypes::{Int32Type, TimestampMicrosecondType};
use arrow::error::ArrowError;

use crate::ingest::records::resolve::{keys_of, words};
use crate::ingest::records::version::SaidAgain;
use crate::records::judge::constant;
use crate::table::{LakeTable, schema_of};

/// Columns of `pushed_again` that say what of which key was pushed when.
pub(super) const AGAIN_COLUMNS: [&str; 5] =
    ["kind", "record_type", "record_key", "version", "pushed_at"];

/// A row that says what a version says, and was pushed after the latest one or before all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PushedAgain {
    /// Row of the piece that it stands in.
    pub(super) row: usize,
    /// The version that says the same.
    pub(super) said: SaidAgain,
    /// When it was pushed, microseconds.
    pub(super) pushed_at: i64,
}

/// What the rows of a batch have in common.
#[derive(Debug, Clone, Copy)]
pub(super) struct BatchOf<'a> {
    pub(super) batch: &'a str,
    pub(super) kind: &'a str,
    /// When the batch was ingested, microseconds.
    pub(super) received_at: i64,
}

/// Returns rows of `pushed_again` for some of the records of a piece.
pub(super) fn again_rows(
    records: &RecordBatch,
    again: &[PushedAgain],
    of: BatchOf<'_>,
) -> Result<RecordBatch, ArrowError> {
    let places: UInt64Array = again.iter().map(|again| again.row as u64).collect();
    let schema = schema_of(LakeTable::PushedAgain);
    let columns = schema.fields().iter().map(|field| -> Result<ArrayRef, ArrowError> {
        Ok(match field.name().as_str() {
            "batch" => constant(of.batch, again.len()),
            "kind" => constant(of.kind, again.len()),
            "version" => {
                let versions = again.iter().map(|again| again.said.version);
                Arc::new(versions.collect::<Int32Array>())
            }
            "is_earlier" => {
                let are_earlier = again.iter().map(|again| Some(again.said.is_earlier));
                Arc::new(are_earlier.collect::<BooleanArray>())
            }
            "pushed_at" => {
                let pushed = again.iter().map(|again| again.pushed_at);
                Arc::new(TimestampMicrosecondArray::from_iter_values(pushed))
            }
            "received_at" => {
                let received = std::iter::repeat_n(of.received_at, again.len());
                Arc::new(TimestampMicrosecondArray::from_iter_values(received))
            }
            // Of evaluations there is one type only, and no column for it.
            name => match records.column_by_name(name) {
                Some(column) => take(column, &places, None)?,
                None => new_null_array(field.data_type(), again.len()),
            },
        })
    });
    RecordBatch::try_new(Arc::clone(&schema), columns.collect::<Result<_, _>>()?)
}

/// Returns key, version and time of the rows that are of one kind, by [`AGAIN_COLUMNS`].
pub(super) fn again_of<'r>(
    rows: &'r RecordBatch,
    kind: &'r str,
) -> impl Iterator<Item = (u128, i32, i64)> + 'r {
    let column = |name: &str| rows.column_by_name(name).expect("the table has it");
    let kinds = words(column("kind"));
    let versions = column("version").as_primitive::<Int32Type>();
    let pushed = column("pushed_at").as_primitive::<TimestampMicrosecondType>();
    let all = keys_of(rows).enumerate();
    all.filter(move |(row, _)| kinds.value(*row) == kind)
        .map(|(row, key)| (key, versions.value(row), pushed.value(row)))
}
