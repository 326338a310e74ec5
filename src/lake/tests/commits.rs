//! Commits: what they leave, what they refuse, and what follows when one dies.

use std::thread;

use super::{Fixture, batch_of, commit, committed, with_commit};
use crate::fsio::{self, Lock};
use crate::lake::store::store;
use crate::lake::{CommitOutcome, Lake, LakeError, commit as commits};
use crate::model::SourceKind;
use crate::table::LakeTable;

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
    let run = with_commit(&batch, "two", |commit| {
        let (_, run) = fixture.lake.catalog.write(|tx| commits::open_run(tx, commit)).unwrap();
        store(&fixture.lake.layout, run, commit).unwrap();
        run
    });
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
        let (_, run) = lake.catalog.write(|tx| commits::open_run(tx, commit)).unwrap();
        let files = store(&lake.layout, run, commit).unwrap();
        lake.abandon(run);
        let error = lake.publish(run, commit, &files).unwrap_err();
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
        fixture.lake.catalog.write(|tx| commits::open_run(tx, commit)).unwrap();
    });
    let error = fixture.lake.settle(2, failure()).unwrap_err();
    assert!(matches!(error, LakeError::CatalogWrite { .. }));
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
    assert_eq!(backups, [fixture.root().join("backup/catalog-000000000020.db")]);
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
