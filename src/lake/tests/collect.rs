//! Collection: two phases, what it leaves alone, and what it needs.

use chrono::TimeDelta;

use super::{Fixture, act, batch_of, begun, commit, done, with_commit};
use crate::fsio::{self, testing};
use crate::lake::{
    ActOutcome, CheckLevel, CheckSettings, CollectSettings, Collected, CollectedFile, Lake,
    LakeError, LaterRecords, MIN_AGE, Removals,
};

/// A time that is `days` after whatever the file system says.
fn after(days: i64) -> CollectSettings {
    let day = chrono::NaiveDate::from_ymd_opt(2100, 1, 1).unwrap().and_hms_opt(0, 0, 0).unwrap();
    CollectSettings { min_age: MIN_AGE, now: day + TimeDelta::days(days), is_dry_run: false }
}

fn shown(files: &[CollectedFile]) -> Vec<String> {
    files.iter().map(|file| format!("{} {}", file.outcome, file.path)).collect()
}

/// A lake with one file that only the first two snapshots have, and one that nothing names.
fn lake_with_leftovers() -> Fixture {
    let fixture = Fixture::new();
    fixture.commit("one");
    fixture.commit("two");
    let batch = batch_of("one", "a").batch;
    done(&fixture.lake.retract(&act(""), &batch, LaterRecords::Refuse).unwrap());
    testing::put(&fixture.root().join("data/totals/9-1.parquet"), b"1");
    fixture
}

fn whole(lake: &Lake) {
    let is_over = || false;
    let level = CheckLevel::ReadData;
    let settings = CheckSettings { level, part: None, after: None, is_over: &is_over };
    let report = Lake::check(lake.root(), settings).unwrap();
    assert!(!report.is_damaged(), "{:?}", report.problems);
}

#[test]
fn what_nothing_names_is_marked_first_and_removed_days_later() {
    let fixture = lake_with_leftovers();
    let collect = |days: i64| shown(&fixture.lake.collect("gc", after(days)).unwrap());
    assert_eq!(collect(0), ["marked data/totals/9-1.parquet"]);
    assert_eq!(collect(6), ["waiting data/totals/9-1.parquet"]);
    let dry = CollectSettings { is_dry_run: true, ..after(7) };
    assert_eq!(
        shown(&fixture.lake.collect("gc", dry).unwrap()),
        ["removed data/totals/9-1.parquet"]
    );
    assert!(fsio::exists(&fixture.root().join("data/totals/9-1.parquet")));
    assert_eq!(collect(7), ["removed data/totals/9-1.parquet"]);
    assert!(!fsio::exists(&fixture.root().join("data/totals/9-1.parquet")));
    assert_eq!(collect(8), [""; 0]);
    // No snapshot was given up, so all can be read.
    fixture.lake.snapshot(Some(1)).unwrap();
    whole(&fixture.lake);
}

#[test]
fn snapshots_that_were_given_up_cannot_be_read_and_their_files_go() {
    let fixture = lake_with_leftovers();
    let expire = |number| fixture.lake.expire(&act("a year is enough"), number);
    let collect = |days: i64| shown(&fixture.lake.collect("gc", after(days)).unwrap());
    assert!(matches!(expire(9), Err(LakeError::SnapshotUnknown { .. })));
    assert_eq!(done(&expire(3).unwrap()), 4);
    assert_eq!(expire(2).unwrap(), ActOutcome::Unchanged);
    for number in [1, 2] {
        let error = fixture.lake.snapshot(Some(number)).unwrap_err();
        assert!(matches!(error, LakeError::SnapshotExpired { oldest: 3, .. }));
        let error = fixture.lake.restore(&act(""), number).unwrap_err();
        assert!(matches!(error, LakeError::SnapshotExpired { oldest: 3, .. }));
    }
    let file = "data/findings/1-1.parquet";
    assert_eq!(collect(0), [format!("marked {file}"), "marked data/totals/9-1.parquet".into()]);
    whole(&fixture.lake);
    assert_eq!(collect(9), [format!("removed {file}"), "removed data/totals/9-1.parquet".into()]);
    assert!(!fsio::exists(&fixture.root().join(file)));
    // The source stays: it is the evidence of what was read.
    assert!(fsio::exists(&fixture.root().join("source").join(fsio::hash_hex(b"one"))));
    fixture.lake.snapshot(None).unwrap();
    fixture.lake.snapshot(Some(3)).unwrap();
    assert_eq!(fixture.lake.log().unwrap().len(), 4);
    fixture.lake.verify_audit().unwrap();
    whole(&fixture.lake);
    assert_eq!(fixture.commit("one"), 5);
    whole(&fixture.reopened());
}

#[test]
fn a_file_is_not_removed_while_somebody_reads_a_snapshot_that_was_given_up() {
    let fixture = lake_with_leftovers();
    let reading = fixture.lake.snapshot(Some(2)).unwrap();
    done(&fixture.lake.expire(&act(""), 3).unwrap());
    fixture.lake.collect("gc", after(0)).unwrap();
    let files = shown(&fixture.lake.collect("gc", after(8)).unwrap());
    assert_eq!(files, ["leased data/findings/1-1.parquet", "removed data/totals/9-1.parquet"]);
    assert!(reading.files.values().flatten().all(|path| fsio::exists(path)));
    drop(reading);
    let current = fixture.lake.snapshot(None).unwrap();
    let files = shown(&fixture.lake.collect("gc", after(8)).unwrap());
    assert_eq!(files, ["removed data/findings/1-1.parquet"]);
    assert!(current.files.values().flatten().all(|path| fsio::exists(path)));
}

#[test]
fn a_merge_is_not_removed_while_somebody_may_read_it_and_what_went_is_kept_in_mind() {
    let fixture = Fixture::new();
    for number in 0..3 {
        fixture.commit(&format!("source {number}"));
    }
    fixture.lake.compact(&act("")).unwrap();
    let reading = fixture.lake.snapshot(None).unwrap();
    fixture.commit("another");
    fixture.lake.compact(&act("")).unwrap();
    assert_eq!(fixture.lake.removals().unwrap(), None);
    let file = "data/findings/4-m1.parquet";
    let size_bytes = fsio::size_bytes(&fixture.root().join(file)).unwrap().unwrap();
    let at_once = |days: i64| CollectSettings { min_age: TimeDelta::zero(), ..after(days) };
    let collect = |days: i64| shown(&fixture.lake.collect("gc", at_once(days)).unwrap());
    assert_eq!(collect(0), [format!("marked {file}")]);
    assert_eq!(collect(1), [format!("leased {file}")]);
    assert!(reading.files.values().flatten().all(|path| fsio::exists(path)));
    drop(reading);
    assert_eq!(collect(2), [format!("removed {file}")]);
    let removals = fixture.lake.removals().unwrap().unwrap();
    let expected = Removals { n_files: 1, size_bytes, last: at_once(2).now };
    assert_eq!(removals, expected);
    // A file that takes its name is marked anew.
    testing::put(&fixture.root().join(file), b"1");
    assert_eq!(collect(3), [format!("marked {file}")]);
    assert_eq!(fixture.lake.removals().unwrap(), None);
    assert_eq!(collect(4), [format!("removed {file}")]);
}

#[test]
fn the_disk_tells_its_own_time_and_looking_for_readers_makes_no_files() {
    let fixture = Fixture::new();
    let at = fixture.lake.time_of_disk().unwrap().unwrap();
    let path = fixture.root().join("tmp/now");
    testing::put(&path, b"");
    let now = fsio::standing(&path).unwrap().unwrap().changed_s + 8 * 3600;
    assert!((at.and_utc().timestamp() - now).abs() < 600, "{at}");
    fixture.lake.collect("gc", after(0)).unwrap();
    assert!(fsio::list_folder(&fixture.root().join("leases")).unwrap().is_empty());
}

#[test]
fn what_a_run_under_way_has_put_in_place_is_left_alone() {
    let fixture = Fixture::new();
    let batch = batch_of("one", "a");
    with_commit(&batch, "one", |commit| {
        // Its folder stays locked, as that of a run that lives.
        let staging = begun(&fixture.lake, commit);
        testing::put(&fixture.root().join("data/findings/1-1.parquet"), b"1");
        let dry = CollectSettings { is_dry_run: true, ..after(0) };
        assert_eq!(fixture.lake.collect("gc", dry).unwrap(), []);
        drop(staging);
    });
    let files = shown(&fixture.lake.collect("gc", after(0)).unwrap());
    assert_eq!(files, ["marked data/findings/1-1.parquet"]);
}

#[test]
fn a_marked_source_that_is_read_again_stays() {
    let fixture = Fixture::new();
    let path = fixture.root().join("source").join(fsio::hash_hex(b"one"));
    testing::put(&path, b"one");
    testing::set_mode(&path, 0o440);
    fixture.lake.collect("gc", after(0)).unwrap();
    assert_eq!(fixture.commit("one"), 1);
    assert_eq!(fixture.lake.collect("gc", after(9)).unwrap(), []);
    assert!(fsio::exists(&path));
    whole(&fixture.lake);
}

#[test]
fn writers_readers_and_collection_at_once_lose_nothing_and_see_nothing_torn() {
    let fixture = Fixture::new();
    let root = fixture.root();
    let is_over = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        let writers: Vec<_> = (0..4)
            .map(|writer| {
                let root = &root;
                scope.spawn(move || {
                    let lake = Lake::open(root).unwrap();
                    for number in 0..5 {
                        let source = format!("{writer}-{number}");
                        commit(&lake, &batch_of(&source, "a"), &source).unwrap();
                    }
                })
            })
            .collect();
        scope.spawn(|| {
            let lake = Lake::open(&root).unwrap();
            while !is_over.load(std::sync::atomic::Ordering::SeqCst) {
                lake.collect("gc", after(0)).unwrap();
            }
        });
        scope.spawn(|| {
            let lake = Lake::open(&root).unwrap();
            while !is_over.load(std::sync::atomic::Ordering::SeqCst) {
                let view = lake.snapshot(None).unwrap();
                let n_files = view.files.values().flatten().count();
                assert_eq!(
                    (n_files, view.snapshots.len()),
                    (view.batches.len(), view.batches.len())
                );
            }
        });
        for writer in writers {
            writer.join().unwrap();
        }
        is_over.store(true, std::sync::atomic::Ordering::SeqCst);
    });
    let view = fixture.lake.snapshot(None).unwrap();
    assert_eq!((view.number, view.batches.len()), (20, 20));
    whole(&fixture.lake);
}

#[test]
fn going_back_keeps_the_bytes_that_a_collected_name_had() {
    let fixture = lake_with_leftovers();
    // The earlier file of `one` and the one that comes back are one file under two names.
    done(&fixture.lake.restore(&act(""), 2).unwrap());
    done(&fixture.lake.expire(&act(""), 4).unwrap());
    fixture.lake.collect("gc", after(0)).unwrap();
    let n_removed = fixture.lake.collect("gc", after(9)).unwrap();
    let n_removed = n_removed.iter().filter(|file| file.outcome == Collected::Removed).count();
    assert_eq!(n_removed, 2);
    let view = fixture.lake.snapshot(None).unwrap();
    assert_eq!(view.batches.len(), 2);
    whole(&fixture.lake);
    assert_eq!(commit(&fixture.lake, &batch_of("one", "a"), "one").map(|_| ()).ok(), Some(()));
}
