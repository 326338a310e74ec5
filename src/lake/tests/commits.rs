//! Commits: what they leave, what they refuse, and what follows when one dies.

use std::sync::atomic::{AtomicI64, Ordering};
use std::thread;

use arrow::array::RecordBatch;
use chrono::{NaiveDateTime, TimeDelta};

use super::repair;
use super::{Fixture, batch_of, begun, commit, committed, rows_of, with_commit};
use crate::fsio::{self, Lock};
use crate::lake::recover::ABORT;
use crate::lake::{
    BatchRecord, CheckLevel, CheckSettings, Commit, CommitOutcome, Lake, LakeError, ProblemKind,
    RepairKind,
};
use crate::model::SourceKind;
use crate::table::{LakeTable, TableRows, schema_of};

#[test]
fn a_commit_is_there_after_the_lake_is_opened_again() {
    let fixture = Fixture::new();
    assert_eq!(fixture.commit("one"), 1);
    let lake = fixture.reopened();
    let view = lake.snapshot(None).unwrap();
    let expected = fixture.root().join("data/findings/1-1.parquet");
    assert_eq!((view.number, &view.files[&LakeTable::Findings]), (1, &vec![expected]));
    assert!(view.files[&LakeTable::Observations].is_empty());
    let mut batch = batch_of("one", "a");
    batch.committed_at = Some(super::now());
    batch.snapshot = Some(1);
    assert_eq!(view.batches, [batch]);
    let log = lake.log().unwrap();
    assert_eq!((log[0].number, log[0].n_files, log[0].n_rows), (1, 1, 3));
    assert_eq!((log[0].author.as_str(), log[0].committed_at), ("li", super::now()));
}

/// A clock that goes back by an hour whenever it is asked.
fn backward() -> NaiveDateTime {
    static N_ASKED: AtomicI64 = AtomicI64::new(0);
    super::now() - TimeDelta::hours(N_ASKED.fetch_add(1, Ordering::Relaxed))
}

#[test]
fn the_log_is_in_the_order_of_time_whatever_the_clock_does() {
    let fixture = Fixture::new();
    for source in ["one", "two", "three"] {
        with_commit(&batch_of(source, "a"), source, |commit| {
            committed(&fixture.lake.commit(&Commit { clock: backward, ..commit.clone() }).unwrap());
        });
    }
    fixture.commit("four");
    let log = fixture.lake.log().unwrap();
    let times: Vec<_> = log.iter().map(|snapshot| snapshot.committed_at).collect();
    assert!(times.is_sorted(), "{times:?}");
    assert!(times[0] < times[3], "the clock is asked for each commit: {times:?}");
    fixture.lake.verify_audit().unwrap();
}

/// Hours that have passed for [`settable`].
static HOURS: AtomicI64 = AtomicI64::new(0);

fn settable() -> NaiveDateTime {
    super::now() + TimeDelta::hours(HOURS.load(Ordering::Acquire))
}

#[test]
fn a_commit_that_waited_is_dated_when_its_turn_came() {
    let fixture = Fixture::new();
    let held = Lock::try_exclusive(&fixture.lake.layout.writer_lock()).unwrap().unwrap();
    let waiting = thread::spawn({
        let root = fixture.root();
        move || {
            let lake = Lake::open(&root).unwrap();
            with_commit(&batch_of("one", "a"), "one", |commit| {
                let commit = Commit { clock: settable, ..commit.clone() };
                committed(&lake.commit(&commit).unwrap());
            });
        }
    });
    HOURS.store(1, Ordering::Release);
    drop(held);
    waiting.join().unwrap();
    let committed_at = fixture.lake.log().unwrap()[0].committed_at;
    assert_eq!(committed_at, super::now() + TimeDelta::hours(1));
}

#[test]
fn everything_in_the_folder_has_its_mode() {
    let fixture = Fixture::new();
    fixture.commit("one");
    let source = format!("source/{}", fsio::hash_hex(b"one"));
    let expected = [
        ("", 0o700),
        ("data", 0o700),
        ("data/findings", 0o700),
        ("tmp", 0o700),
        ("catalog.db", 0o600),
        ("writer.lock", 0o600),
        ("audit-head", 0o600),
        ("data/findings/1-1.parquet", 0o440),
        ("manifests/1.json", 0o440),
        (source.as_str(), 0o440),
    ];
    for (path, mode) in expected {
        assert_eq!(fsio::testing::mode(&fixture.root().join(path)), mode, "{path}");
    }
    assert!(fsio::list_folder(&fixture.root().join("tmp")).unwrap().is_empty());
}

#[test]
fn the_same_batch_is_already_there_and_a_new_reading_takes_its_place() {
    let fixture = Fixture::new();
    fixture.commit("one");
    fixture.commit("two");
    let again = commit(&fixture.lake, &batch_of("one", "a"), "one").unwrap();
    let there = CommitOutcome::AlreadyThere { batch: batch_of("one", "a").batch, snapshot: 1 };
    assert_eq!(again, there);
    let better = batch_of("one", "b");
    assert_eq!(committed(&commit(&fixture.lake, &better, "one").unwrap()), 3);

    let live = |number| {
        let view = fixture.lake.snapshot(Some(number)).unwrap();
        let batches = view.batches.iter().map(|batch| batch.reading.clone()).collect::<Vec<_>>();
        (batches, view.files[&LakeTable::Findings].len())
    };
    let readings = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    assert_eq!(live(2), (readings(&["a", "a"]), 2));
    assert_eq!(live(3), (readings(&["a", "b"]), 2));
    let all = fixture.lake.batches().unwrap();
    assert_eq!(all[0].superseded_by.as_ref(), Some(&better.batch));
    // The earlier reading is no longer live, so reading that way again is a commit.
    assert_eq!(committed(&commit(&fixture.lake, &batch_of("one", "a"), "one").unwrap()), 4);
    fixture.lake.verify_audit().unwrap();
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let [first, second] = [Fixture::new(), Fixture::new()];
    second.commit("other");
    first.commit("one");
    second.commit("one");
    let bytes = |fixture: &Fixture, name: &str| {
        fsio::read_bytes(&fixture.root().join(name), 1 << 20).unwrap()
    };
    let [a, b] =
        [bytes(&first, "data/findings/1-1.parquet"), bytes(&second, "data/findings/2-1.parquet")];
    assert_eq!(a, b);
}

#[test]
fn a_run_that_was_killed_is_invisible_and_cleared_up() {
    let fixture = Fixture::new();
    fixture.commit("one");
    let batch = batch_of("two", "a");
    // All that a commit does before its last transaction.
    let run =
        with_commit(&batch, "two", |commit| begun(&fixture.lake, commit).die_before_the_commit());
    let tmp = fixture.lake.layout.tmp(run);
    let orphan = fixture.root().join("data/findings/2-1.parquet");
    assert!(fsio::exists(&orphan) && fsio::exists(&tmp));
    assert_eq!(fixture.state_of_run(run), "open");

    // While somebody writes, nothing is cleared up.
    let writing = Lock::try_exclusive(&fixture.lake.layout.writer_lock()).unwrap().unwrap();
    fixture.reopened();
    assert_eq!(fixture.state_of_run(run), "open");
    drop(writing);

    let lake = fixture.reopened();
    assert_eq!(lake.warnings(), []);
    assert_eq!(fixture.state_of_run(run), "aborted");
    assert!(fsio::exists(&orphan) && !fsio::exists(&tmp));
    assert_eq!(lake.snapshot(None).unwrap().files[&LakeTable::Findings].len(), 1);
    assert_eq!(committed(&commit(&lake, &batch, "two").unwrap()), 2);
}

#[test]
fn a_run_that_was_given_up_by_another_process_does_not_commit() {
    let fixture = Fixture::new();
    with_commit(&batch_of("one", "a"), "one", |commit| {
        let lake = &fixture.lake;
        let staging = begun(lake, commit);
        lake.catalog.write(|tx| tx.execute(ABORT, [1])).unwrap();
        let error = staging.commit(&commit.batch).unwrap_err();
        assert!(matches!(error, LakeError::RunAborted { run: 1 }));
        assert_eq!(lake.snapshot(None).unwrap().number, 0);
    });
}

#[test]
fn after_a_failed_commit_the_catalog_is_asked_what_counts() {
    let fixture = Fixture::new();
    fixture.commit("one");
    let failure = || rusqlite::Error::InvalidQuery;
    assert_eq!(fixture.lake.settle(1, failure()).unwrap(), 1);
    with_commit(&batch_of("two", "a"), "two", |commit| {
        let _open = begun(&fixture.lake, commit);
        let error = fixture.lake.settle(2, failure()).unwrap_err();
        assert!(matches!(error, LakeError::CatalogWrite { .. }));
    });
    assert_eq!(fixture.state_of_run(2), "aborted");
}

#[test]
fn writers_at_once_all_land() {
    let fixture = Fixture::new();
    let writers: Vec<_> = (0..4)
        .map(|writer| {
            let root = fixture.root();
            thread::spawn(move || {
                let lake = Lake::open(&root).unwrap();
                for number in 0..5 {
                    let source = format!("{writer}/{number}");
                    committed(&commit(&lake, &batch_of(&source, "a"), &source).unwrap());
                }
            })
        })
        .collect();
    for writer in writers {
        writer.join().unwrap();
    }
    let view = fixture.lake.snapshot(None).unwrap();
    assert_eq!((view.number, view.files[&LakeTable::Findings].len()), (20, 20));
    assert_eq!(fixture.lake.verify_audit().unwrap().entry, 20);
    let backups = fsio::list_folder(&fixture.root().join("backup")).unwrap();
    let expected = [1, 20].map(|n| fixture.root().join(format!("backup/catalog-{n:012}.db")));
    assert_eq!(backups, expected);
}

#[test]
fn the_same_batch_from_two_writers_lands_once() {
    let fixture = Fixture::new();
    let writers: Vec<_> = (0..2)
        .map(|_| {
            let root = fixture.root();
            thread::spawn(move || {
                commit(&Lake::open(&root).unwrap(), &batch_of("one", "a"), "one").unwrap()
            })
        })
        .collect();
    for writer in writers {
        writer.join().unwrap();
    }
    assert_eq!(fixture.lake.snapshot(None).unwrap().number, 1);
}

#[test]
fn who_waits_too_long_is_told_for_whom() {
    let mut fixture = Fixture::new();
    fixture.lake.lock_limit = std::time::Duration::from_millis(10);
    let mut held = Lock::try_exclusive(&fixture.lake.layout.writer_lock()).unwrap().unwrap();
    held.write_note("4711 ingest b.txt\n").unwrap();
    let error = commit(&fixture.lake, &batch_of("one", "a"), "one").unwrap_err();
    assert!(error.to_string().contains("4711 ingest b.txt"), "{error}");
}

#[test]
fn made_up_batches_tell_of_themselves_whatever_the_mark_says() {
    let kinds = |fixture: &Fixture| -> Vec<ProblemKind> {
        let is_over = || false;
        let level = CheckLevel::Structure;
        let settings = CheckSettings { level, part: None, after: None, is_over: &is_over };
        let report = Lake::check(&fixture.root(), settings).unwrap();
        report.problems.iter().map(|problem| problem.kind).collect()
    };
    let repair = |fixture: &Fixture| {
        let report = Lake::repair(&fixture.root(), repair::settings()).unwrap();
        assert_eq!(report.steps.len(), 1);
        assert_eq!(report.steps[0].kind, RepairKind::Mark);
    };
    let change = |fixture: &Fixture, sql: &str| {
        fixture.lake.catalog.write(|tx| tx.execute(sql, [])).unwrap();
    };
    let fixture = Fixture::new();
    let batch = BatchRecord { is_synthetic: true, ..batch_of("one", "a") };
    committed(&commit(&fixture.lake, &batch, "one").unwrap());
    assert_eq!(kinds(&fixture), []);
    change(&fixture, "DELETE FROM meta");
    assert!(fixture.reopened().is_synthetic());
    assert!(fixture.lake.snapshot(None).unwrap().is_synthetic);
    let refused = commit(&fixture.lake, &batch_of("two", "a"), "two").unwrap_err();
    assert!(matches!(refused, LakeError::RealRefused { .. }));
    assert_eq!(kinds(&fixture), [ProblemKind::Mark]);
    repair(&fixture);
    assert_eq!(kinds(&fixture), []);

    let real = Fixture::new();
    real.commit("one");
    change(&real, "INSERT INTO meta VALUES ('is_synthetic', '1')");
    assert_eq!(kinds(&real), [ProblemKind::Mark]);
    repair(&real);
    assert_eq!(kinds(&real), []);
    assert!(!real.reopened().is_synthetic());
}

#[test]
fn synthetic_and_real_sources_do_not_meet() {
    let made_up = |source: &str| {
        let mut batch = batch_of(source, "a");
        batch.is_synthetic = true;
        batch
    };
    let real = Fixture::new();
    real.commit("one");
    let error = commit(&real.lake, &made_up("two"), "two").unwrap_err();
    assert!(matches!(error, LakeError::SyntheticRefused { .. }));
    assert!(!real.reopened().is_synthetic());

    let synthetic = Fixture::new();
    committed(&commit(&synthetic.lake, &made_up("two"), "two").unwrap());
    let error = commit(&synthetic.lake, &batch_of("one", "a"), "one").unwrap_err();
    assert!(matches!(error, LakeError::RealRefused { .. }));
    let mut notice = batch_of("one", "a");
    notice.source_kind = SourceKind::Notice;
    committed(&commit(&synthetic.lake, &notice, "one").unwrap());
    committed(&commit(&synthetic.lake, &made_up("three"), "three").unwrap());
    assert!(synthetic.reopened().is_synthetic());
    assert!(synthetic.lake.snapshot(Some(0)).unwrap().is_synthetic);
}

#[test]
fn a_batch_whose_counts_or_hash_do_not_agree_is_refused() {
    let fixture = Fixture::new();
    let mut batch = batch_of("one", "a");
    batch.rows_duplicate = 2;
    let error = commit(&fixture.lake, &batch, "one").unwrap_err();
    assert!(matches!(error, LakeError::CountsDiffer { count: "rows_received", found: 4, .. }));
    let error = commit(&fixture.lake, &batch_of("one", "a"), "two").unwrap_err();
    assert!(matches!(error, LakeError::SourceHashDiffers { .. }));
    assert!(fixture.lake.log().unwrap().is_empty());
}

#[test]
fn rows_in_other_columns_than_those_of_their_table_are_refused() {
    let fixture = Fixture::new();
    let batch = batch_of("one", "a");
    with_commit(&batch, "one", |commit| {
        let totals = RecordBatch::new_empty(schema_of(LakeTable::Totals));
        let tables = [TableRows::of(LakeTable::Findings, totals)];
        let commit = Commit { tables: &tables, ..commit.clone() };
        let error = fixture.lake.commit(&commit).unwrap_err();
        assert!(matches!(error, LakeError::SchemaDiffers { table: LakeTable::Findings }));
    });
}

#[test]
fn a_commit_larger_than_the_disk_is_refused_before_anything_is_written() {
    let fixture = Fixture::new();
    let n_rows = usize::try_from(i64::MAX / 1_000_000).unwrap();
    let mut batch = batch_of("one", "a");
    batch.n_findings = i64::try_from(n_rows).unwrap();
    with_commit(&batch, "one", |commit| {
        let rows = super::findings(&batch.batch, 1024);
        let make = |range: std::ops::Range<usize>| rows.slice(0, range.len().min(1024));
        let tables = [TableRows::new(LakeTable::Findings, n_rows, make)];
        let commit = Commit { tables: &tables, ..commit.clone() };
        let error = fixture.lake.commit(&commit).unwrap_err();
        assert!(matches!(error, LakeError::SpaceShort { .. }), "{error}");
        // Eleven digits could be masked as the number of a person.
        assert!(
            error.to_string().contains(" MB needed") && !error.to_string().contains('*'),
            "{error}"
        );
    });
    assert!(fsio::list_files(&fixture.root().join("source")).unwrap().is_empty());
}

#[test]
fn where_the_catalog_does_not_answer_after_a_failed_commit_the_outcome_is_unknown() {
    let fixture = Fixture::new();
    fixture.commit("one");
    fsio::testing::put(&fixture.root().join("catalog.db"), &[7; 4096]);
    let error = fixture.lake.settle(1, rusqlite::Error::InvalidQuery).unwrap_err();
    assert!(matches!(error, LakeError::OutcomeUnknown { run: 1, .. }), "{error}");
}

#[test]
fn a_taken_data_name_is_never_written_over() {
    let fixture = Fixture::new();
    let taken = fixture.root().join("data/findings/1-2.parquet");
    fsio::testing::put(&taken, b"somebody's");
    with_commit(&batch_of("one", "a"), "one", |commit| {
        let tables = [LakeTable::Observations, LakeTable::Findings]
            .map(|table| TableRows::of(table, rows_of(table, &commit.batch.batch, 3)));
        let mut batch = commit.batch.clone();
        batch.n_observations = 3;
        let commit = Commit { tables: &tables, batch, ..commit.clone() };
        let error = fixture.lake.commit(&commit).unwrap_err();
        assert!(matches!(error, LakeError::Store(_)), "{error}");
    });
    assert_eq!(fsio::read_bytes(&taken, 99).unwrap(), b"somebody's");
    assert_eq!(fixture.state_of_run(1), "aborted");
    // The first file of the run stands there now; the next run has another number.
    assert_eq!(fixture.commit("two"), 1);
}

#[test]
fn a_lake_is_made_once_and_a_creation_cut_short_is_completed() {
    let fixture = Fixture::new();
    let error = Lake::create(&fixture.root()).unwrap_err();
    assert!(matches!(error, LakeError::Exists { .. }));
    let half = fixture.folder.path().join("half");
    fsio::create_private_dir(&half).unwrap();
    assert!(matches!(Lake::open(&half).unwrap_err(), LakeError::NotALake { .. }));
    fsio::create_file(&half.join("catalog.db"), fsio::Mode::Private).unwrap();
    assert!(matches!(Lake::open(&half).unwrap_err(), LakeError::NotALake { .. }));
    Lake::create(&half).unwrap();
}
