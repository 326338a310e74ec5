//! What the catalog says about batches and snapshots, and how it is stored and read.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDateTime;
use rusqlite::{Connection, Params, named_params};

use crate::lake::rows::{NamedRow, all_rows, each_row};
use crate::model::{BatchId, Notice, SourceKind};

/// How times are stored: with six digits of the second, so that text sorts as time does.
const TIME_FORMAT: &str = "%Y-%m-%dT%H:%M:%S%.6f";

/// One committed ingest of one source: a row of `batches`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchRecord {
    /// Identity, made from the source and how it was read.
    pub batch: BatchId,
    /// BLAKE3 of the source, 64 hexadecimal digits.
    pub source_hash: String,
    /// What kind of submission it is.
    pub source_kind: SourceKind,
    /// Name of the file as the user gave it.
    pub file_name: String,
    /// Head of the document.
    pub notice: Notice,
    /// Layout or profile with its version, where one was applied.
    pub layout: Option<String>,
    /// How the source was read; another reading of the same source is another batch.
    pub reading: String,
    /// Version of the program that read it.
    pub tool_version: String,
    /// Whether the source was made up.
    pub is_synthetic: bool,
    /// Rows in the source; the five counts below add up to it.
    pub rows_received: i64,
    /// Rows taken as new.
    pub rows_accepted: i64,
    /// Rows that replaced an earlier version.
    pub rows_updated: i64,
    /// Rows that withdrew an earlier version.
    pub rows_deleted: i64,
    /// Rows that were not accepted.
    pub rows_returned: i64,
    /// Rows that were there already.
    pub rows_duplicate: i64,
    /// Rows of `observations` in the commit.
    pub n_observations: i64,
    /// Rows of `findings` in the commit.
    pub n_findings: i64,
    /// When the source arrived, naive Beijing time.
    pub received_at: NaiveDateTime,
    /// When it was committed; `None` before, and ignored by a commit.
    pub committed_at: Option<NaiveDateTime>,
    /// The snapshot that began with it; `None` before, and ignored by a commit.
    pub snapshot: Option<i64>,
    /// The batch that read the same source again; ignored by a commit.
    pub superseded_by: Option<BatchId>,
    /// Who took it back; ignored by a commit.
    pub retracted_by: Option<String>,
    /// The files of a batch of records, in order; none for a document, which is its own file.
    pub files: Vec<BatchFile>,
}

/// One file of a batch of records: a row of `batch_files`. The file itself is not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchFile {
    /// Name of the file as the user gave it; each in a batch has another one.
    pub file_name: String,
    /// BLAKE3 of the file, 64 hexadecimal digits.
    pub source_hash: String,
    /// Size of the file as it arrived.
    pub size_bytes: u64,
    /// Records in it.
    pub rows_received: i64,
}

/// One state of the lake: a row of `snapshots`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnapshotRecord {
    /// Number, from 1, without gaps.
    pub number: i64,
    /// When it was committed, naive Beijing time; never before the snapshot that it follows, but
    /// perhaps at the same time. Numbers are the order.
    pub committed_at: NaiveDateTime,
    /// The command that made it.
    pub command: String,
    /// Who ran the command.
    pub author: String,
    /// Why, in the author's words; may be empty.
    pub message: String,
    /// Data files that it added.
    pub n_files: i64,
    /// Rows in those files.
    pub n_rows: i64,
}

pub(super) fn time_text(time: NaiveDateTime) -> String {
    time.format(TIME_FORMAT).to_string()
}

/// Stores a batch that begins with `snapshot`.
pub(super) fn insert_batch(
    connection: &Connection,
    record: &BatchRecord,
    run: i64,
    (snapshot, committed_at): (i64, NaiveDateTime),
) -> rusqlite::Result<()> {
    let notice = &record.notice;
    connection.execute(
        "INSERT INTO batches (batch, run, source_hash, source_kind, file_name, document_number,
             issuer, title, dated, published_on, layout, reading, tool_version, is_synthetic,
             rows_received, rows_accepted, rows_updated, rows_deleted, rows_returned,
             rows_duplicate, n_observations, n_findings, received_at, committed_at, begin_snapshot)
         VALUES (:batch, :run, :source_hash, :source_kind, :file_name, :document_number,
             :issuer, :title, :dated, :published_on, :layout, :reading, :tool_version,
             :is_synthetic, :rows_received, :rows_accepted, :rows_updated, :rows_deleted,
             :rows_returned, :rows_duplicate, :n_observations, :n_findings, :received_at,
             :committed_at, :begin_snapshot)",
        named_params! {
            ":batch": record.batch.as_str(),
            ":run": run,
            ":source_hash": record.source_hash,
            ":source_kind": record.source_kind.as_str(),
            ":file_name": record.file_name,
            ":document_number": notice.document_number,
            ":issuer": notice.issuer,
            ":title": notice.title,
            ":dated": notice.dated.map(|day| day.to_string()),
            ":published_on": notice.published_on.map(|day| day.to_string()),
            ":layout": record.layout,
            ":reading": record.reading,
            ":tool_version": record.tool_version,
            ":is_synthetic": record.is_synthetic,
            ":rows_received": record.rows_received,
            ":rows_accepted": record.rows_accepted,
            ":rows_updated": record.rows_updated,
            ":rows_deleted": record.rows_deleted,
            ":rows_returned": record.rows_returned,
            ":rows_duplicate": record.rows_duplicate,
            ":n_observations": record.n_observations,
            ":n_findings": record.n_findings,
            ":received_at": time_text(record.received_at),
            ":committed_at": time_text(committed_at),
            ":begin_snapshot": snapshot,
        },
    )?;
    insert_batch_files(connection, run, &record.files)
}

fn insert_batch_files(
    connection: &Connection,
    run: i64,
    files: &[BatchFile],
) -> rusqlite::Result<()> {
    let mut insert = connection.prepare(
        "INSERT INTO batch_files (run, file_idx, file_name, source_hash, size_bytes, rows_received)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    for (file_idx, file) in (0_i64..).zip(files) {
        let size_bytes = i64::try_from(file.size_bytes).unwrap_or(i64::MAX);
        let BatchFile { file_name, source_hash, rows_received, .. } = file;
        insert.execute((run, file_idx, file_name, source_hash, size_bytes, rows_received))?;
    }
    Ok(())
}

/// Reads the batches that are live in `snapshot`, in the order of their commits.
pub(super) fn live_batches(
    connection: &Connection,
    snapshot: i64,
) -> rusqlite::Result<Vec<BatchRecord>> {
    batches(
        connection,
        "SELECT * FROM batches
         WHERE begin_snapshot <= ?1 AND (end_snapshot IS NULL OR end_snapshot > ?1)
         ORDER BY begin_snapshot, batch",
        [snapshot],
    )
}

/// Returns the batches that are live in `snapshot` and lack rows there: a data file of theirs ended by itself,
/// which is how a loss is recorded.
pub(super) fn batches_with_losses(
    connection: &Connection,
    snapshot: i64,
) -> rusqlite::Result<BTreeSet<BatchId>> {
    connection
        .prepare(
            "SELECT b.batch FROM batches AS b JOIN files AS f ON f.run = b.run
             WHERE b.begin_snapshot <= ?1 AND (b.end_snapshot IS NULL OR b.end_snapshot > ?1)
               AND f.end_snapshot <= ?1",
        )?
        .query_map([snapshot], |row| Ok(BatchId::from_stored(row.get(0)?)))?
        .collect()
}

/// Reads every batch that was ever committed, ended ones included, in the order of their commits.
pub(super) fn all_batches(connection: &Connection) -> rusqlite::Result<Vec<BatchRecord>> {
    batches(connection, "SELECT * FROM batches ORDER BY begin_snapshot, batch", [])
}

fn batches(
    connection: &Connection,
    statement: &str,
    params: impl Params,
) -> rusqlite::Result<Vec<BatchRecord>> {
    let mut files = batch_files(connection)?;
    all_rows(connection, statement, params, |row| {
        let run: i64 = row.get("run")?;
        Ok(BatchRecord { files: files.remove(&run).unwrap_or_default(), ..batch_of_row(row)? })
    })
}

/// Returns the files of all batches of records by their runs. A catalog of version 1 has none.
fn batch_files(connection: &Connection) -> rusqlite::Result<BTreeMap<i64, Vec<BatchFile>>> {
    let mut of_runs = BTreeMap::<i64, Vec<BatchFile>>::new();
    if !connection.table_exists(None, "batch_files")? {
        return Ok(of_runs);
    }
    let statement = "SELECT * FROM batch_files ORDER BY run, file_idx";
    each_row(connection, statement, [], |row| {
        of_runs.entry(row.get("run")?).or_default().push(BatchFile {
            file_name: row.get("file_name")?,
            source_hash: row.get("source_hash")?,
            size_bytes: row.count("size_bytes")?,
            rows_received: row.get("rows_received")?,
        });
        Ok(())
    })?;
    Ok(of_runs)
}

/// Reads the snapshots up to and including `last`, in order.
pub(super) fn snapshots(
    connection: &Connection,
    last: i64,
) -> rusqlite::Result<Vec<SnapshotRecord>> {
    let statement = "SELECT s.snapshot, s.committed_at, s.command, s.author, s.message,
             (SELECT count(*) FROM files AS f WHERE f.begin_snapshot = s.snapshot) AS n_files,
             (SELECT coalesce(sum(f.record_count), 0) FROM files AS f
              WHERE f.begin_snapshot = s.snapshot) AS n_rows
         FROM snapshots AS s WHERE s.snapshot <= ?1 ORDER BY s.snapshot";
    all_rows(connection, statement, [last], |row| {
        Ok(SnapshotRecord {
            number: row.get("snapshot")?,
            committed_at: row.time("committed_at")?,
            command: row.get("command")?,
            author: row.get("author")?,
            message: row.get("message")?,
            n_files: row.get("n_files")?,
            n_rows: row.get("n_rows")?,
        })
    })
}

/// Returns when the latest snapshot was committed, `None` in an empty lake.
pub(super) fn last_committed_at(
    connection: &Connection,
) -> rusqlite::Result<Option<NaiveDateTime>> {
    let last = "SELECT committed_at FROM snapshots ORDER BY snapshot DESC LIMIT 1";
    Ok(all_rows(connection, last, [], |row| row.time("committed_at"))?.pop())
}

/// Returns the number of the latest snapshot, 0 in an empty lake.
pub(super) fn head(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("SELECT coalesce(max(snapshot), 0) FROM snapshots", [], |row| row.get(0))
}

fn batch_of_row(row: &NamedRow<'_, '_>) -> rusqlite::Result<BatchRecord> {
    Ok(BatchRecord {
        batch: BatchId::from_stored(row.get("batch")?),
        source_hash: row.get("source_hash")?,
        source_kind: row.required("source_kind", SourceKind::parse)?,
        file_name: row.get("file_name")?,
        notice: Notice {
            document_number: row.get("document_number")?,
            issuer: row.get("issuer")?,
            title: row.get("title")?,
            dated: row.optional_day("dated")?,
            published_on: row.optional_day("published_on")?,
        },
        layout: row.get("layout")?,
        reading: row.get("reading")?,
        tool_version: row.get("tool_version")?,
        is_synthetic: row.get("is_synthetic")?,
        rows_received: row.get("rows_received")?,
        rows_accepted: row.get("rows_accepted")?,
        rows_updated: row.get("rows_updated")?,
        rows_deleted: row.get("rows_deleted")?,
        rows_returned: row.get("rows_returned")?,
        rows_duplicate: row.get("rows_duplicate")?,
        n_observations: row.get("n_observations")?,
        n_findings: row.get("n_findings")?,
        received_at: row.time("received_at")?,
        committed_at: Some(row.time("committed_at")?),
        snapshot: Some(row.get("begin_snapshot")?),
        superseded_by: row.get::<Option<String>>("superseded_by")?.map(BatchId::from_stored),
        retracted_by: row.get("retracted_by")?,
        files: Vec::new(),
    })
}
