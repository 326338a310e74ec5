//! Batches and snapshots as tables that queries can read.

use arrow::array::RecordBatch;

use crate::lake::{BatchFile, BatchRecord, SnapshotRecord};
use crate::model::BatchId;
use crate::table::{
    Column, NULLABLE, REQUIRED, ResultTable, batch_of_columns, bigints, bools, dates, ints, texts,
    times,
};

/// Returns the table `batches`: one row per batch, in the given order.
///
/// Texts: `batch`, `source_hash`, `source_kind`, `file_name`, `document_number?`, `issuer?`, `title?`,
/// `layout?` (saved layouts with their versions), `reading` (all of how it was read), `tool_version`,
/// `superseded_by?` (the batch that read the same source again), `retracted_by?`. Days: `dated?`,
/// `published_on?`. Naive Beijing time: `received_at`, `committed_at?`. 64-bit integers: `snapshot?`,
/// `rows_received` and the five counts that add up to it, `n_observations`, `n_findings`. Truth:
/// `is_synthetic`. Null are `committed_at` and `snapshot` of a batch that is not committed.
pub fn batches_table(batches: &[BatchRecord]) -> RecordBatch {
    let each = || batches.iter();
    batch_of_columns([
        ("batch", texts(each().map(|b| Some(b.batch.as_str()))), REQUIRED),
        ("source_hash", texts(each().map(|b| Some(b.source_hash.as_str()))), REQUIRED),
        ("source_kind", texts(each().map(|b| Some(b.source_kind.as_str()))), REQUIRED),
        ("file_name", texts(each().map(|b| Some(b.file_name.as_str()))), REQUIRED),
        ("document_number", texts(each().map(|b| b.notice.document_number.as_deref())), NULLABLE),
        ("issuer", texts(each().map(|b| b.notice.issuer.as_deref())), NULLABLE),
        ("title", texts(each().map(|b| b.notice.title.as_deref())), NULLABLE),
        ("dated", dates(each().map(|b| b.notice.dated)), NULLABLE),
        ("published_on", dates(each().map(|b| b.notice.published_on)), NULLABLE),
        ("received_at", times(each().map(|b| Some(b.received_at))), REQUIRED),
        ("committed_at", times(each().map(|b| b.committed_at)), NULLABLE),
        ("snapshot", bigints(each().map(|b| b.snapshot)), NULLABLE),
        ("layout", texts(each().map(|b| b.layout.as_deref())), NULLABLE),
        ("reading", texts(each().map(|b| Some(b.reading.as_str()))), REQUIRED),
        ("tool_version", texts(each().map(|b| Some(b.tool_version.as_str()))), REQUIRED),
        ("is_synthetic", bools(each().map(|b| b.is_synthetic)), REQUIRED),
        ("rows_received", bigints(each().map(|b| Some(b.rows_received))), REQUIRED),
        ("rows_accepted", bigints(each().map(|b| Some(b.rows_accepted))), REQUIRED),
        ("rows_updated", bigints(each().map(|b| Some(b.rows_updated))), REQUIRED),
        ("rows_deleted", bigints(each().map(|b| Some(b.rows_deleted))), REQUIRED),
        ("rows_returned", bigints(each().map(|b| Some(b.rows_returned))), REQUIRED),
        ("rows_duplicate", bigints(each().map(|b| Some(b.rows_duplicate))), REQUIRED),
        ("n_observations", bigints(each().map(|b| Some(b.n_observations))), REQUIRED),
        ("n_findings", bigints(each().map(|b| Some(b.n_findings))), REQUIRED),
        (
            "superseded_by",
            texts(each().map(|b| b.superseded_by.as_ref().map(BatchId::as_str))),
            NULLABLE,
        ),
        ("retracted_by", texts(each().map(|b| b.retracted_by.as_deref())), NULLABLE),
    ])
}

/// Returns the table `batch_files`: one row per file of the batches of records among those given.
///
/// Texts: `batch`, `file_name`, `source_hash`. 32-bit integers: `file_idx`, the position in the batch
/// from 0, as rows of records name it. 64-bit integers: `size_bytes`, `rows_received`. None is null.
pub fn batch_files_table(batches: &[BatchRecord]) -> RecordBatch {
    let each = || {
        batches.iter().flat_map(|batch| {
            (0..)
                .zip(&batch.files)
                .map(move |(file_idx, file)| (batch.batch.as_str(), file_idx, file))
        })
    };
    let size = |file: &BatchFile| i64::try_from(file.size_bytes).ok();
    batch_of_columns([
        ("batch", texts(each().map(|(batch, ..)| Some(batch))), REQUIRED),
        ("file_idx", ints(each().map(|(_, file_idx, _)| Some(file_idx))), REQUIRED),
        ("file_name", texts(each().map(|(.., file)| Some(file.file_name.as_str()))), REQUIRED),
        ("source_hash", texts(each().map(|(.., file)| Some(file.source_hash.as_str()))), REQUIRED),
        ("size_bytes", bigints(each().map(|(.., file)| size(file))), REQUIRED),
        ("rows_received", bigints(each().map(|(.., file)| Some(file.rows_received))), REQUIRED),
    ])
}

/// Returns the table `snapshots`: one row per snapshot, in the given order.
///
/// 64-bit integers: `snapshot`, `n_files`, `n_rows`. Naive Beijing time: `committed_at`. Texts:
/// `author`, `command`, `message`. None is null.
pub fn snapshots_table(snapshots: &[SnapshotRecord]) -> RecordBatch {
    batch_of_columns(snapshot_columns(snapshots))
}

/// Returns the log as a table, the newest snapshot first: the columns of [`snapshots_table`], and after the number
/// `is_readable`, which those before `oldest` are not: they were given up.
pub fn log_table(log: &[SnapshotRecord], oldest: i64) -> ResultTable {
    let newest_first: Vec<SnapshotRecord> = log.iter().rev().cloned().collect();
    let is_readable = bools(newest_first.iter().map(|snapshot| snapshot.number >= oldest));
    let mut columns = snapshot_columns(&newest_first);
    columns.insert(1, ("is_readable", is_readable, REQUIRED));
    ResultTable::of(batch_of_columns(columns))
}

fn snapshot_columns(snapshots: &[SnapshotRecord]) -> Vec<Column> {
    let each = || snapshots.iter();
    vec![
        ("snapshot", bigints(each().map(|s| Some(s.number))), REQUIRED),
        ("committed_at", times(each().map(|s| Some(s.committed_at))), REQUIRED),
        ("n_files", bigints(each().map(|s| Some(s.n_files))), REQUIRED),
        ("n_rows", bigints(each().map(|s| Some(s.n_rows))), REQUIRED),
        ("author", texts(each().map(|s| Some(s.author.as_str()))), REQUIRED),
        ("command", texts(each().map(|s| Some(s.command.as_str()))), REQUIRED),
        ("message", texts(each().map(|s| Some(s.message.as_str()))), REQUIRED),
    ]
}
