//! Taking back and going back: what is live afterwards, and what stays readable.

use std::collections::BTreeSet;

use super::records::{commit_records, records, stage};
use super::{Fixture, act, batch_of, commit, committed, done};
use crate::fsio::{self, testing};
use crate::lake::{ActOutcome, Lake, LakeError, LaterRecords};
use crate::table::LakeTable;

/// The sources of what is live in a snapshot, each with the hashes of its files.
fn state(lake: &Lake, snapshot: Option<i64>) -> BTreeSet<(String, String)> {
    let view = lake.snapshot(snapshot).unwrap();
    let files: BTreeSet<(String, String)> =
        view.data_files().map(|(_, hash)| ("file".to_owned(), hash.to_owned())).collect();
    let batches =
        view.batches.iter().map(|batch| (batch.file_name.clone(), batch.batch.to_string()));
    files.into_iter().chain(batches).collect()
}

fn retract(fixture: &Fixture, source: &str) -> i64 {
    let batch = batch_of(source, "a").batch;
    done(&fixture.lake.retract(&act("wrong month"), &batch, LaterRecords::Refuse).unwrap())
}

#[test]
fn a_batch_that_is_taken_back_stays_in_earlier_snapshots_and_can_come_again() {
    let fixture = Fixture::new();
    fixture.commit("one");
    fixture.commit("two");
    let before = state(&fixture.lake, None);
    assert_eq!(retract(&fixture, "one"), 3);
    let view = fixture.lake.snapshot(None).unwrap();
    assert_eq!(view.batches.len(), 1);
    assert_eq!(view.files[&LakeTable::Findings].len(), 1);
    assert_eq!(state(&fixture.lake, Some(2)), before);
    let last = fixture.lake.log().unwrap().pop().unwrap();
    assert_eq!((&*last.author, &*last.message, last.n_files), ("li", "wrong month", 0));
    let ended = fixture.lake.batches().unwrap();
    assert_eq!(ended[0].retracted_by.as_deref(), Some("li"));
    fixture.lake.verify_audit().unwrap();
    let again = fixture.lake.retract(&act(""), &ended[0].batch, LaterRecords::Refuse).unwrap_err();
    assert!(matches!(again, LakeError::BatchNotLive { .. }));
    assert_eq!(fixture.commit("one"), 4);
    assert_eq!(state(&fixture.lake, None), before);
    assert_eq!(fixture.reopened().log().unwrap().len(), 4);
}

#[test]
fn records_go_back_only_with_those_that_came_after_them() {
    let fixture = Fixture::new();
    fixture.commit("one");
    let batches = ["r", "s", "t"].map(records);
    for batch in &batches {
        committed(&commit_records(&fixture.lake, batch).unwrap());
    }
    let error =
        fixture.lake.retract(&act(""), &batches[1].batch, LaterRecords::Refuse).unwrap_err();
    let LakeError::RetractFollowed { later, n_later: 1, .. } = error else {
        unreachable!("{error}")
    };
    assert_eq!(later, batches[2].batch);
    let outcome = fixture.lake.retract(&act(""), &batches[1].batch, LaterRecords::RetractToo);
    assert_eq!(done(&outcome.unwrap()), 5);
    let live: Vec<_> =
        fixture.lake.snapshot(None).unwrap().batches.into_iter().map(|b| b.batch).collect();
    assert_eq!(live, [batch_of("one", "a").batch, batches[0].batch.clone()]);
    fixture.lake.verify_audit().unwrap();
}

#[test]
fn going_back_makes_a_snapshot_with_the_same_rows_and_loses_none() {
    let fixture = Fixture::new();
    fixture.commit("one");
    fixture.commit("two");
    retract(&fixture, "two");
    commit(&fixture.lake, &batch_of("one", "b"), "one").unwrap();
    fixture.commit("three");
    let states: Vec<_> = (0..=5).map(|number| state(&fixture.lake, Some(number))).collect();
    let mut latest = 5;
    for number in [2, 5, 0, 3, 4, 1] {
        latest += 1;
        assert_eq!(done(&fixture.lake.restore(&act("back"), number).unwrap()), latest, "{number}");
        assert_eq!(state(&fixture.lake, None), states[usize::try_from(number).unwrap()]);
        let again = fixture.lake.restore(&act("back"), number).unwrap();
        assert_eq!(again, ActOutcome::Unchanged);
    }
    for (number, state_then) in (0..).zip(&states) {
        assert_eq!(state(&fixture.lake, Some(number)), *state_then);
    }
    assert_eq!(fixture.lake.verify_audit().unwrap().entry, latest);
    let error = fixture.lake.restore(&act(""), 99).unwrap_err();
    assert!(matches!(error, LakeError::SnapshotUnknown { wanted: 99, .. }));
    // What came back is the same batch: reading it again does nothing.
    assert!(commit(&fixture.lake, &batch_of("one", "a"), "one").is_ok());
    assert_eq!(fixture.lake.log().unwrap().len(), 11);
}

#[test]
fn records_come_back_in_their_order_and_what_builds_on_them_is_seen() {
    let fixture = Fixture::new();
    let batches = ["r", "s", "t"].map(records);
    for batch in &batches {
        committed(&commit_records(&fixture.lake, batch).unwrap());
    }
    let outcome = fixture.lake.retract(&act(""), &batches[1].batch, LaterRecords::RetractToo);
    assert_eq!(done(&outcome.unwrap()), 4);
    assert_eq!(done(&fixture.lake.restore(&act(""), 3).unwrap()), 5);
    assert_eq!(state(&fixture.lake, None), state(&fixture.lake, Some(3)));
    // Both began with one snapshot; the second of them came after the first all the same.
    let again = records("s");
    let staging = stage(
        &fixture.lake,
        &crate::lake::BatchRecord {
            batch: crate::model::BatchId::of(&again.source_hash, "records/2"),
            reading: "records/2".to_owned(),
            ..again
        },
    );
    let earlier = staging.earlier_reading().unwrap().unwrap();
    assert_eq!((earlier.snapshot, earlier.followed_by), (5, Some(batches[2].batch.clone())));
    drop(staging);
    let files = fixture.lake.snapshot(None).unwrap().batches;
    assert_eq!(files.iter().map(|batch| batch.files.len()).collect::<Vec<_>>(), [2, 2, 2]);
    fixture.lake.verify_audit().unwrap();
}

#[test]
fn a_damaged_file_does_not_come_back() {
    let fixture = Fixture::new();
    fixture.commit("one");
    retract(&fixture, "one");
    let path = fixture.root().join("data/findings/1-1.parquet");
    let whole = fsio::read_bytes(&path, 1 << 20).unwrap();
    let mut bytes = whole.clone();
    bytes[20] ^= 1;
    testing::put(&path, &bytes);
    let error = fixture.lake.restore(&act(""), 1).unwrap_err();
    assert!(matches!(error, LakeError::FileChanged { .. }));
    assert_eq!(fixture.lake.log().unwrap().len(), 2);
    testing::put(&path, &whole);
    assert_eq!(done(&fixture.lake.restore(&act(""), 1).unwrap()), 3);
    assert!(fsio::list_folder(&fixture.root().join("tmp")).unwrap().is_empty());
}

#[test]
fn two_who_take_back_the_same_batch_do_it_once() {
    let fixture = Fixture::new();
    fixture.commit("one");
    let root = fixture.root();
    let people: Vec<_> = (0..2)
        .map(|_| {
            let root = root.clone();
            std::thread::spawn(move || {
                let lake = Lake::open(&root).unwrap();
                lake.retract(&act(""), &batch_of("one", "a").batch, LaterRecords::Refuse).is_ok()
            })
        })
        .collect();
    let n_done = people.into_iter().map(|one| usize::from(one.join().unwrap())).sum::<usize>();
    assert_eq!((n_done, fixture.lake.log().unwrap().len()), (1, 2));
}
