//! A small lake to test on, and what every test does to it.

mod changes;
mod check;
mod collect;
mod commits;
mod damage;
mod merge;
mod reading;
mod records;
mod repair;
mod versions;

use std::path::PathBuf;

use arrow::array::{ArrayRef, RecordBatch, StringArray, new_null_array};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use chrono::{NaiveDate, NaiveDateTime};
use tempfile::TempDir;

use crate::fsio;
use crate::lake::run::Hold;
use crate::lake::{
    Act, ActOutcome, BatchRecord, Commit, CommitOutcome, Lake, LakeError, ReportStart, Staging,
    StagingOutcome,
};
use crate::model::{BatchId, Notice, SourceKind};
use crate::table::{LakeTable, TableRows, schema_of};

/// A lake in a folder that goes with it.
struct Fixture {
    folder: TempDir,
    lake: Lake,
}

impl Fixture {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let lake = Lake::create(&folder.path().join("lake")).unwrap();
        Self { folder, lake }
    }

    fn root(&self) -> PathBuf {
        self.folder.path().join("lake")
    }

    fn reopened(&self) -> Lake {
        Lake::open(&self.root()).unwrap()
    }

    /// Commits a source of three findings and returns the snapshot.
    #[track_caller]
    fn commit(&self, source: &str) -> i64 {
        committed(&commit(&self.lake, &batch_of(source, "a"), source).unwrap())
    }

    fn state_of_run(&self, run: i64) -> String {
        self.lake
            .catalog
            .read(|connection| {
                connection
                    .query_row("SELECT state FROM runs WHERE run = ?1", [run], |row| row.get(0))
            })
            .unwrap()
    }
}

/// Somebody who changes what is live.
fn act(message: &str) -> Act<'_> {
    Act { command: "lake", author: "li", message, clock: now }
}

/// The number of the snapshot that a change made.
#[track_caller]
fn done(outcome: &ActOutcome) -> i64 {
    let ActOutcome::Done { snapshot, warnings } = outcome else { unreachable!("nothing changed") };
    assert_eq!(*warnings, []);
    *snapshot
}

fn now() -> NaiveDateTime {
    NaiveDate::from_ymd_opt(2021, 10, 20).unwrap().and_hms_opt(9, 30, 0).unwrap()
}

/// A run of a report that begins.
fn report_start() -> ReportStart<'static> {
    ReportStart {
        report: "monthly",
        due_at: now(),
        n_missed: 0,
        command: "schedule run-due",
        author: "li",
        started_at: now(),
    }
}

/// A batch of three rows of findings.
fn batch_of(source: &str, reading: &str) -> BatchRecord {
    let source_hash = fsio::hash_hex(source.as_bytes());
    BatchRecord {
        batch: BatchId::of(&source_hash, reading),
        source_hash,
        source_kind: SourceKind::Form,
        file_name: format!("{source}.txt"),
        notice: Notice { dated: NaiveDate::from_ymd_opt(2021, 10, 18), ..Notice::default() },
        layout: None,
        reading: reading.to_owned(),
        tool_version: "0.1.0".to_owned(),
        is_synthetic: false,
        rows_received: 3,
        rows_accepted: 1,
        rows_updated: 0,
        rows_deleted: 0,
        rows_returned: 1,
        rows_duplicate: 1,
        n_observations: 0,
        n_findings: 3,
        received_at: now(),
        committed_at: None,
        snapshot: None,
        superseded_by: None,
        retracted_by: None,
        files: Vec::new(),
    }
}

/// Rows of findings that name their batch.
fn findings(batch: &BatchId, n_rows: usize) -> RecordBatch {
    rows_of(LakeTable::Findings, batch, n_rows)
}

/// Rows of a table: texts name the batch, numbers are 1, and what may be null is.
fn rows_of(table: LakeTable, batch: &BatchId, n_rows: usize) -> RecordBatch {
    let schema = schema_of(table);
    let columns = schema.fields().iter().map(|field| -> ArrayRef {
        if field.is_nullable() {
            return new_null_array(field.data_type(), n_rows);
        }
        let text = match field.data_type() {
            DataType::Utf8 | DataType::Dictionary(..) => batch.as_str(),
            DataType::Date32 => "2021-10-18",
            DataType::Timestamp(..) => "2021-10-18 08:00:00",
            _ => "1",
        };
        cast(&StringArray::from(vec![text; n_rows]), field.data_type()).unwrap()
    });
    let columns = columns.collect();
    RecordBatch::try_new(schema, columns).unwrap()
}

/// Calls `then` with the commit of a batch of three findings.
fn with_commit<T>(batch: &BatchRecord, source: &str, then: impl FnOnce(&Commit<'_>) -> T) -> T {
    let none = RecordBatch::new_empty(schema_of(LakeTable::Observations));
    let tables = [
        TableRows::of(LakeTable::Observations, none),
        TableRows::of(LakeTable::Findings, findings(&batch.batch, 3)),
    ];
    then(&Commit {
        command: "ingest",
        author: "li",
        message: "",
        clock: now,
        batch: batch.clone(),
        source: source.as_bytes(),
        tables: &tables,
    })
}

fn commit(lake: &Lake, batch: &BatchRecord, source: &str) -> Result<CommitOutcome, LakeError> {
    with_commit(batch, source, |commit| lake.commit(commit))
}

/// Begins the run of a commit and writes its rows.
fn begun<'a>(lake: &'a Lake, commit: &Commit<'a>) -> Box<Staging<'a>> {
    let outcome = lake.begin_staging(commit.opening(), Hold::Throughout, 0).unwrap();
    let StagingOutcome::Open(mut staging) = outcome else { unreachable!("not begun") };
    for rows in commit.tables {
        rows.try_each(|piece| staging.write(rows.table, &piece)).unwrap();
    }
    staging
}

#[track_caller]
fn committed(outcome: &CommitOutcome) -> i64 {
    let CommitOutcome::Committed { snapshot, warnings } = outcome else {
        unreachable!("not committed: {outcome:?}")
    };
    assert_eq!(*warnings, []);
    *snapshot
}
