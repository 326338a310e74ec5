//! Batches and snapshots as tables that queries can read.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Date32Array, Int64Array, RecordBatch, StringArray,
    TimestampMicrosecondArray,
};
use arrow::datatypes::{Date32Type, Field, Schema};
use chrono::{NaiveDate, NaiveDateTime};

use crate::lake::{BatchRecord, SnapshotRecord, SnapshotView};
use crate::table::ResultTable;

impl SnapshotView {
    /// Returns the table `batches`: one row per batch, in the order of their commits.
    pub fn batches_batch(&self) -> RecordBatch {
        batches_table(&self.batches)
    }

    /// Returns the table `snapshots`: one row per snapshot, in order.
    pub fn snapshots_batch(&self) -> RecordBatch {
        snapshots_batch(&self.snapshots)
    }
}

/// Returns batches as rows of the table `batches`, in the given order.
pub fn batches_table(batches: &[BatchRecord]) -> RecordBatch {
    let text = |value: &dyn Fn(&BatchRecord) -> Option<String>| texts(batches, value);
    let int = |value: &dyn Fn(&BatchRecord) -> Option<i64>| ints(batches, value);
    batch_of(vec![
        ("batch", text(&|b| Some(b.batch.to_string()))),
        ("source_hash", text(&|b| Some(b.source_hash.clone()))),
        ("source_kind", text(&|b| Some(b.source_kind.to_string()))),
        ("file_name", text(&|b| Some(b.file_name.clone()))),
        ("document_number", text(&|b| b.notice.document_number.clone())),
        ("issuer", text(&|b| b.notice.issuer.clone())),
        ("title", text(&|b| b.notice.title.clone())),
        ("dated", dates(batches.iter().map(|b| b.notice.dated))),
        ("published_on", dates(batches.iter().map(|b| b.notice.published_on))),
        ("received_at", times(batches.iter().map(|b| Some(b.received_at)))),
        ("committed_at", times(batches.iter().map(|b| b.committed_at))),
        ("snapshot", int(&|b| b.snapshot)),
        ("reading", text(&|b| Some(b.reading.clone()))),
        ("tool_version", text(&|b| Some(b.tool_version.clone()))),
        (
            "is_synthetic",
            Arc::new(batches.iter().map(|b| Some(b.is_synthetic)).collect::<BooleanArray>()),
        ),
        ("n_observations", int(&|b| Some(b.n_observations))),
        ("n_findings", int(&|b| Some(b.n_findings))),
    ])
}

/// Returns the log as a table, the newest snapshot first.
pub fn log_table(log: &[SnapshotRecord]) -> ResultTable {
    let newest_first: Vec<SnapshotRecord> = log.iter().rev().cloned().collect();
    ResultTable::of(snapshots_batch(&newest_first))
}

fn snapshots_batch(snapshots: &[SnapshotRecord]) -> RecordBatch {
    let text = |value: &dyn Fn(&SnapshotRecord) -> Option<String>| texts(snapshots, value);
    let int = |value: &dyn Fn(&SnapshotRecord) -> Option<i64>| ints(snapshots, value);
    batch_of(vec![
        ("snapshot", int(&|s| Some(s.number))),
        ("committed_at", times(snapshots.iter().map(|s| Some(s.committed_at)))),
        ("n_files", int(&|s| Some(s.n_files))),
        ("n_rows", int(&|s| Some(s.n_rows))),
        ("author", text(&|s| Some(s.author.clone()))),
        ("command", text(&|s| Some(s.command.clone()))),
        ("message", text(&|s| Some(s.message.clone()))),
    ])
}

fn batch_of(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    let fields: Vec<Field> = columns
        .iter()
        .map(|(name, column)| Field::new(*name, column.data_type().clone(), true))
        .collect();
    let columns = columns.into_iter().map(|(_, column)| column).collect();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)
        .expect("all columns come from the same rows")
}

fn texts<T>(rows: &[T], value: &dyn Fn(&T) -> Option<String>) -> ArrayRef {
    Arc::new(rows.iter().map(value).collect::<StringArray>())
}

fn ints<T>(rows: &[T], value: &dyn Fn(&T) -> Option<i64>) -> ArrayRef {
    Arc::new(rows.iter().map(value).collect::<Int64Array>())
}

fn dates(values: impl Iterator<Item = Option<NaiveDate>>) -> ArrayRef {
    Arc::new(values.map(|day| day.map(Date32Type::from_naive_date)).collect::<Date32Array>())
}

fn times(values: impl Iterator<Item = Option<NaiveDateTime>>) -> ArrayRef {
    let micros = |time: NaiveDateTime| time.and_utc().timestamp_micros();
    Arc::new(values.map(|time| time.map(micros)).collect::<TimestampMicrosecondArray>())
}
