//! Batches of records: written while they come in, committed or dropped as a whole.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use arrow::array::{ArrayRef, AsArray, Int32Array, Int64Array, RecordBatch, StringArray};
use arrow::compute::cast;
use arrow::datatypes::Int64Type;

use super::{Fixture, batch_of, committed, now, rows_of};
use crate::fsio;
use crate::lake::{
    BatchFile, BatchRecord, CommitOutcome, DataFile, EarlierReading, Lake, LakeError, Opening,
    Staging, StagingOutcome, hash_of_files,
};
use crate::model::{BatchId, SourceKind};
use crate::table::{LakeTable, PartLimits};

/// A batch of two files with nine records: five new, one updated, one deleted, one returned, and one
/// that was there.
pub(super) fn records(source: &str) -> BatchRecord {
    let files = ["a.csv", "b.csv"].map(|name| BatchFile {
        file_name: name.to_owned(),
        source_hash: fsio::hash_hex(format!("{source}/{name}").as_bytes()),
        size_bytes: 9,
        rows_received: if name == "a.csv" { 6 } else { 3 },
    });
    let source_hash = hash_of_files(files.iter().map(|file| &*file.source_hash));
    BatchRecord {
        batch: BatchId::of(&source_hash, "records/1"),
        source_hash,
        source_kind: SourceKind::Records,
        layout: Some("p@1".to_owned()),
        reading: "records/1".to_owned(),
        rows_received: 9,
        rows_accepted: 5,
        rows_updated: 1,
        rows_deleted: 1,
        rows_returned: 1,
        rows_duplicate: 1,
        n_findings: 0,
        files: files.into(),
        ..batch_of(source, "records/1")
    }
}

fn opening(batch: &BatchRecord) -> Opening<'static> {
    Opening { command: "ingest", author: "li", message: "", clock: now, batch: batch.clone() }
}

pub(super) fn stage<'a>(lake: &'a Lake, batch: &BatchRecord) -> Box<Staging<'a>> {
    match lake.stage(opening(batch), 0).unwrap() {
        StagingOutcome::Open(staging) => staging,
        StagingOutcome::Concluded(outcome) => unreachable!("not begun: {outcome:?}"),
    }
}

/// Puts other values into a column.
fn with(rows: &RecordBatch, name: &str, values: &ArrayRef) -> RecordBatch {
    let at = rows.schema().index_of(name).unwrap();
    let mut columns = rows.columns().to_vec();
    columns[at] = cast(values, columns[at].data_type()).unwrap();
    RecordBatch::try_new(rows.schema(), columns).unwrap()
}

/// Rows of a record table with versions and operations, numbered from row 2 on.
fn versions(table: LakeTable, batch: &BatchId, versions: &[(i32, &str)]) -> RecordBatch {
    let rows = rows_of(table, batch, versions.len());
    let source_rows: ArrayRef = Arc::new((2..).take(versions.len()).collect::<Int64Array>());
    let rows = with(&rows, "source_row", &source_rows);
    let numbers: Int32Array = versions.iter().map(|(version, _)| *version).collect();
    let operations: StringArray = versions.iter().map(|(_, operation)| Some(*operation)).collect();
    let rows = with(&rows, "version", &(Arc::new(numbers) as ArrayRef));
    with(&rows, "operation", &(Arc::new(operations) as ArrayRef))
}

/// Reasons for which rows of a file were returned.
fn reasons(batch: &BatchId, returned: &[(&str, i64, &str)]) -> RecordBatch {
    let rows = rows_of(LakeTable::Returned, batch, returned.len());
    let files: StringArray = returned.iter().map(|(file, ..)| Some(*file)).collect();
    let source_rows: Int64Array = returned.iter().map(|(_, row, _)| Some(*row)).collect();
    let by: StringArray = returned.iter().map(|(.., by)| Some(*by)).collect();
    let rows = with(&rows, "file_name", &(Arc::new(files) as ArrayRef));
    let rows = with(&rows, "source_row", &(Arc::new(source_rows) as ArrayRef));
    with(&rows, "returned_by", &(Arc::new(by) as ArrayRef))
}

/// The rows of [`records`].
fn write_all(staging: &mut Staging<'_>, batch: &BatchId) {
    let cases = [(1, "insert"), (1, "insert"), (1, "update"), (2, "update"), (2, "delete")];
    staging.write(LakeTable::Cases, &versions(LakeTable::Cases, batch, &cases)).unwrap();
    staging.write(LakeTable::CasesPii, &rows_of(LakeTable::CasesPii, batch, 5)).unwrap();
    let ratings = versions(LakeTable::Evaluations, batch, &[(1, "insert"), (1, "insert")]);
    staging.write(LakeTable::Evaluations, &ratings).unwrap();
    let twice = [("b.csv", 4, "tongban"), ("b.csv", 4, "tongban")];
    staging.write(LakeTable::Returned, &reasons(batch, &twice)).unwrap();
}

pub(super) fn commit_records(lake: &Lake, batch: &BatchRecord) -> Result<CommitOutcome, LakeError> {
    let mut staging = stage(lake, batch);
    write_all(&mut staging, &batch.batch);
    staging.commit(batch)
}

#[test]
fn a_batch_of_records_is_there_with_its_files() {
    let fixture = Fixture::new();
    fixture.commit("one");
    let batch = records("r");
    assert_eq!(committed(&commit_records(&fixture.lake, &batch).unwrap()), 2);
    let lake = fixture.reopened();
    let view = lake.snapshot(None).unwrap();
    let names: Vec<_> = [LakeTable::Cases, LakeTable::CasesPii, LakeTable::Returned]
        .map(|table| view.files[&table][0].strip_prefix(fixture.root()).unwrap().to_owned())
        .into();
    let expected = ["cases/2-1", "cases__pii/2-2", "returned/2-4"];
    let expected = expected.map(|name| PathBuf::from(format!("data/{name}.parquet")));
    assert_eq!(names, expected);
    assert_eq!(view.batches[1].files, batch.files);
    assert_eq!(lake.log().unwrap()[1].n_rows, 5 + 5 + 2 + 2);
    assert!(!fsio::exists(&fixture.root().join("source").join(&batch.source_hash)));
    lake.verify_audit().unwrap();

    let there = lake.stage(opening(&batch), 0).unwrap();
    let StagingOutcome::Concluded(CommitOutcome::AlreadyThere { snapshot, .. }) = there else {
        unreachable!("begun again")
    };
    assert_eq!(snapshot, 2);
}

#[test]
fn the_files_of_a_batch_are_part_of_the_audit_chain() {
    let fixture = Fixture::new();
    committed(&commit_records(&fixture.lake, &records("r")).unwrap());
    let change = "UPDATE batch_files SET rows_received = 7 WHERE file_idx = 0";
    fixture.lake.catalog.write(|tx| tx.execute(change, [])).unwrap();
    let error = fixture.lake.verify_audit().unwrap_err();
    assert!(matches!(error, LakeError::AuditBroken { entry: 1 }));
}

#[track_caller]
fn check_refused(change: impl FnOnce(&mut BatchRecord), expected: &str) {
    let fixture = Fixture::new();
    let mut batch = records("r");
    let mut staging = stage(&fixture.lake, &batch);
    write_all(&mut staging, &batch.batch);
    change(&mut batch);
    let found = match staging.commit(&batch).unwrap_err() {
        LakeError::CountsDiffer { count, stated, found } => format!("{count} {stated} {found}"),
        LakeError::FileForeign { file_name } => format!("foreign {file_name}"),
        LakeError::FileTwice { file_name } => format!("twice {file_name}"),
        LakeError::SourceHashDiffers { .. } => "hash".to_owned(),
        other => other.to_string(),
    };
    assert_eq!(found, expected);
    assert_eq!(fixture.lake.snapshot(None).unwrap().number, 0);
    assert_eq!(fixture.state_of_run(1), "aborted");
    assert!(fsio::list_files(&fixture.root().join("tmp")).unwrap().is_empty());
    assert!(fsio::list_files(&fixture.root().join("data")).unwrap().is_empty());
}

#[test]
fn counts_that_are_not_those_of_the_rows_are_refused() {
    check_refused(|batch| batch.rows_duplicate = 2, "rows_received 9 10");
    let moved = |to: fn(&mut BatchRecord)| {
        move |batch: &mut BatchRecord| {
            batch.rows_duplicate -= 1;
            to(batch);
        }
    };
    check_refused(moved(|batch| batch.rows_accepted += 1), "rows_accepted 6 5");
    check_refused(moved(|batch| batch.rows_updated += 1), "rows_updated 2 1");
    check_refused(moved(|batch| batch.rows_deleted += 1), "rows_deleted 2 1");
    check_refused(moved(|batch| batch.rows_returned += 1), "rows_returned 2 1");
    check_refused(|batch| batch.n_findings = 1, "n_findings 1 0");
    check_refused(|batch| batch.files[0].rows_received = 5, "rows_received 9 8");
    check_refused(|batch| batch.files[1].file_name = "c.csv".to_owned(), "foreign b.csv");
    check_refused(|batch| batch.files[1].file_name = "a.csv".to_owned(), "twice a.csv");
    check_refused(|batch| batch.files.swap(0, 1), "hash");
}

#[test]
fn rows_that_do_not_belong_together_are_refused() {
    let fixture = Fixture::new();
    let batch = records("r");
    let mut staging = stage(&fixture.lake, &batch);
    let other = records("other").batch;
    let error = staging.write(LakeTable::Cases, &rows_of(LakeTable::Cases, &other, 2)).unwrap_err();
    assert!(matches!(error, LakeError::RowsForeign { table: LakeTable::Cases }));
    let error = staging.write(LakeTable::Cases, &rows_of(LakeTable::Returned, &batch.batch, 2));
    assert!(matches!(error.unwrap_err(), LakeError::SchemaDiffers { table: LakeTable::Cases }));
    drop(staging);

    let mut staging = stage(&fixture.lake, &batch);
    write_all(&mut staging, &batch.batch);
    staging.write(LakeTable::CasesPii, &rows_of(LakeTable::CasesPii, &batch.batch, 1)).unwrap();
    let error = staging.commit(&batch).unwrap_err();
    let expected = ("cases__pii", 5, 6);
    let LakeError::CountsDiffer { count, stated, found } = error else { unreachable!("{error}") };
    assert_eq!((count, stated, found), expected);
}

#[test]
fn a_record_of_a_return_elsewhere_is_accepted_as_that() {
    let fixture = Fixture::new();
    let mut batch = records("r");
    (batch.rows_accepted, batch.rows_updated, batch.rows_deleted) = (2, 0, 0);
    (batch.rows_returned, batch.rows_duplicate) = (3, 4);
    let mut staging = stage(&fixture.lake, &batch);
    let rows = [
        ("a.csv", 2, "platform"),
        ("a.csv", 2, "platform"),
        ("a.csv", 3, "platform"),
        ("a.csv", 1 << 40, "tongban"),
        ("a.csv", 4, "tongban"),
        ("b.csv", 4, "tongban"),
    ];
    staging.write(LakeTable::Returned, &reasons(&batch.batch, &rows)).unwrap();
    committed(&staging.commit(&batch).unwrap());
}

#[test]
fn what_is_dropped_is_not_there_and_leaves_nothing() {
    let fixture = Fixture::new();
    let mut batch = records("r");
    let mut staging = stage(&fixture.lake, &batch);
    write_all(&mut staging, &batch.batch);
    for table in [LakeTable::Cases, LakeTable::CasesPii, LakeTable::Evaluations] {
        // Once while a file is under way, once when it has ended.
        if table == LakeTable::Cases {
            staging.written_files(table).unwrap();
        }
        staging.discard(table).unwrap();
        assert_eq!(staging.n_rows(table), 0);
    }
    let parts = fsio::list_files(staging.folder()).unwrap();
    assert_eq!(parts.len(), 2, "one file of returned rows, and the lock: {parts:?}");
    (batch.rows_accepted, batch.rows_updated, batch.rows_deleted) = (0, 0, 0);
    batch.rows_duplicate = 8;
    committed(&staging.commit(&batch).unwrap());
    let view = fixture.lake.snapshot(None).unwrap();
    assert!(view.files[&LakeTable::Cases].is_empty());
    assert_eq!(view.files[&LakeTable::Returned].len(), 1);
}

#[test]
fn a_run_that_is_given_up_or_killed_leaves_the_lake_as_it_was() {
    let fixture = Fixture::new();
    let batch = records("r");
    let mut given_up = stage(&fixture.lake, &batch);
    write_all(&mut given_up, &batch.batch);
    drop(given_up);
    assert_eq!(fixture.state_of_run(1), "aborted");
    assert!(fsio::list_files(&fixture.root().join("tmp")).unwrap().is_empty());

    let mut killed = stage(&fixture.lake, &batch);
    write_all(&mut killed, &batch.batch);
    // Others open the lake while the run lives, and leave it alone.
    fixture.reopened();
    assert_eq!(fixture.state_of_run(2), "open");
    assert!(fsio::exists(killed.folder()));
    let tmp = killed.folder().to_owned();
    killed.die_before_the_commit();
    fixture.reopened();
    assert_eq!(fixture.state_of_run(2), "aborted");
    assert!(!fsio::exists(&tmp));
    assert_eq!(fixture.lake.snapshot(None).unwrap().number, 0);
    assert_eq!(committed(&commit_records(&fixture.lake, &batch).unwrap()), 1);
}

#[test]
fn documents_are_committed_while_records_are_judged_and_other_records_wait() {
    let mut fixture = Fixture::new();
    fixture.lake.lock_limit = Duration::from_millis(10);
    let batch = records("r");
    let mut staging = stage(&fixture.lake, &batch);
    write_all(&mut staging, &batch.batch);
    assert_eq!(fixture.commit("one"), 1);
    staging.note("a.csv 40 %");
    let error = fixture.lake.stage(opening(&records("s")), 0).unwrap_err();
    assert!(error.to_string().contains("ingest a.csv 40 %"), "{error}");
    assert_eq!(committed(&staging.commit(&batch).unwrap()), 2);
    assert_eq!(committed(&commit_records(&fixture.lake, &records("s")).unwrap()), 3);
}

#[test]
fn versions_that_were_told_without_other_records_are_not_committed() {
    let fixture = Fixture::new();
    let (first, second) = (records("r"), records("s"));
    let mut staging = stage(&fixture.lake, &first);
    write_all(&mut staging, &first.batch);
    // A lock that does not hold.
    fsio::remove_file(&fixture.lake.layout.records_lock()).unwrap();
    assert_eq!(committed(&commit_records(&fixture.lake, &second).unwrap()), 1);
    let error = staging.commit(&first).unwrap_err();
    assert!(matches!(error, LakeError::BaseChanged { base: 0 }), "{error}");
    assert_eq!(fixture.lake.snapshot(None).unwrap().number, 1);
    assert_eq!(fixture.state_of_run(1), "aborted");
}

/// Source rows of the cases in some files, read by projection.
fn source_rows(files: &[DataFile]) -> Vec<i64> {
    let mut found = Vec::new();
    for file in files {
        for rows in file.rows(&["record_key", "source_row", "none"]).unwrap() {
            let rows = rows.unwrap();
            let names: Vec<_> =
                rows.schema().fields().iter().map(|field| field.name().clone()).collect();
            assert_eq!(names, ["source_row", "record_key"]);
            found.extend(rows.column(0).as_primitive::<Int64Type>().values());
        }
    }
    found
}

#[test]
fn a_batch_builds_on_what_is_live_without_an_earlier_reading_of_itself() {
    let fixture = Fixture::new();
    let batch = records("r");
    committed(&commit_records(&fixture.lake, &batch).unwrap());
    let mut again = records("r");
    again.reading = "records/2".to_owned();
    again.batch = BatchId::of(&again.source_hash, &again.reading);
    let staging = stage(&fixture.lake, &again);
    assert!(staging.live_files(LakeTable::Cases).unwrap().is_empty());
    drop(staging);
    let other = records("s");
    let mut staging = stage(&fixture.lake, &other);
    let files = staging.live_files(LakeTable::Cases).unwrap();
    assert_eq!(files[0].batch(), &batch.batch);
    assert_eq!(source_rows(&files), [2, 3, 4, 5, 6]);
    // So are the rows of the run itself, in one file or in two.
    write_all(&mut staging, &other.batch);
    assert_eq!(source_rows(&staging.written_files(LakeTable::Cases).unwrap()), [2, 3, 4, 5, 6]);
    let more = versions(LakeTable::Cases, &other.batch, &[(1, "insert")]);
    staging.write(LakeTable::Cases, &more).unwrap();
    let written = staging.written_files(LakeTable::Cases).unwrap();
    assert_eq!((written.len(), source_rows(&written)), (2, vec![2, 3, 4, 5, 6, 2]));
}

#[test]
fn another_reading_of_records_that_others_follow_is_not_committed() {
    let fixture = Fixture::new();
    let (first, second) = (records("r"), records("s"));
    committed(&commit_records(&fixture.lake, &first).unwrap());
    let mut again = records("r");
    again.reading = "records/2".to_owned();
    again.batch = BatchId::of(&again.source_hash, &again.reading);
    let staging = stage(&fixture.lake, &again);
    let alone = EarlierReading { snapshot: 1, followed_by: None };
    assert_eq!(staging.earlier_reading().unwrap(), Some(alone));
    drop(staging);
    // Documents build nothing on records.
    fixture.commit("one");
    committed(&commit_records(&fixture.lake, &second).unwrap());

    let error = commit_records(&fixture.lake, &again).unwrap_err();
    assert!(matches!(&error, LakeError::RecordsFollow { later } if *later == second.batch));
    let mut staging = stage(&fixture.lake, &again);
    let followed = EarlierReading { snapshot: 1, followed_by: Some(second.batch) };
    assert_eq!(staging.earlier_reading().unwrap(), Some(followed));
    let snapshots = |files: Vec<DataFile>| files.iter().map(DataFile::snapshot).collect::<Vec<_>>();
    assert_eq!(snapshots(staging.live_files(LakeTable::Cases).unwrap()), [Some(3)]);
    write_all(&mut staging, &again.batch);
    assert_eq!(snapshots(staging.written_files(LakeTable::Cases).unwrap()), [None]);
    let error = staging.commit(&again).unwrap_err();
    assert!(matches!(&error, LakeError::RecordsFollow { .. }), "{error}");
    assert_eq!(fixture.lake.snapshot(None).unwrap().number, 3);
}

#[test]
fn what_a_failed_write_lost_is_not_committed() {
    let fixture = Fixture::new();
    let batch = records("r");
    let mut staging = stage(&fixture.lake, &batch);
    write_all(&mut staging, &batch.batch);
    staging.lose(LakeTable::Evaluations);
    let LakeError::CountsDiffer { count, stated, found } = staging.commit(&batch).unwrap_err()
    else {
        unreachable!("committed")
    };
    assert_eq!((count, stated, found), ("evaluations", 2, 0));
}

#[test]
fn a_live_file_with_a_flipped_bit_is_not_built_on() {
    let fixture = Fixture::new();
    committed(&commit_records(&fixture.lake, &records("r")).unwrap());
    let path = fixture.root().join("data/cases/1-1.parquet");
    let mut bytes = fsio::read_bytes(&path, 1 << 20).unwrap();
    bytes[40] ^= 1;
    fsio::testing::put(&path, &bytes);
    let other = records("s");
    let staging = stage(&fixture.lake, &other);
    let files = staging.live_files(LakeTable::Cases).unwrap();
    let error = files[0].rows(&["record_key"]).err().unwrap();
    assert!(matches!(error, LakeError::FileChanged { .. }), "{error}");
    drop(staging);
    // The same files again write the batch anew.
    let outcome = commit_records(&fixture.lake, &records("r")).unwrap();
    let CommitOutcome::Committed { snapshot: 2, warnings } = outcome else { unreachable!() };
    assert_eq!(warnings[0].code, "lake.written_anew");
}

#[test]
fn large_tables_are_cut_into_files_and_the_same_rows_give_the_same_bytes() {
    let bytes_of = || {
        let mut fixture = Fixture::new();
        fixture.lake.part_limits =
            PartLimits { group_rows: 10, part_bytes: 20_000, ..PartLimits::default() };
        let mut batch = records("r");
        (batch.rows_accepted, batch.rows_updated, batch.rows_deleted) = (0, 100, 0);
        (batch.rows_returned, batch.rows_duplicate, batch.rows_received) = (0, 0, 100);
        (batch.files[0].rows_received, batch.files[1].rows_received) = (60, 40);
        let mut staging = stage(&fixture.lake, &batch);
        let piece = versions(LakeTable::Cases, &batch.batch, &[(2, "update"); 4]);
        for _ in 0..25 {
            staging.write(LakeTable::Cases, &piece).unwrap();
        }
        committed(&staging.commit(&batch).unwrap());
        let view = fixture.lake.snapshot(None).unwrap();
        let paths = view.files[&LakeTable::Cases].clone();
        assert!((2..10).contains(&paths.len()), "{paths:?}");
        assert_eq!(fixture.lake.log().unwrap()[0].n_rows, 100);
        let bytes = paths.iter().map(|path| fsio::read_bytes(path, 1 << 20).unwrap());
        bytes.collect::<Vec<_>>()
    };
    assert_eq!(bytes_of(), bytes_of());
}
