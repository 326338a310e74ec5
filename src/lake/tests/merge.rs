//! Small files that are read as one: what is read, what stays, and what happens when the one is damaged.

use std::collections::BTreeSet;

use chrono::TimeDelta;

use super::repair;
use super::{Fixture, act, batch_of, done};
use crate::fsio::{self, testing};
use crate::lake::{
    CheckLevel, CheckReport, CheckSettings, CollectSettings, Collected, Lake, LaterRecords,
    MIN_AGE, ProblemKind, RepairKind, SnapshotView,
};
use crate::table::{LakeTable, read_parquet};

fn check(lake: &Lake, level: CheckLevel) -> CheckReport {
    let is_over = || false;
    let settings = CheckSettings { level, part: None, after: None, is_over: &is_over };
    Lake::check(lake.root(), settings).unwrap()
}

/// How many files are read for the findings of a snapshot, how many rows they have, and of how many
/// batches.
fn findings(view: &SnapshotView) -> (usize, usize, usize) {
    let paths = &view.files[&LakeTable::Findings];
    let mut batches = BTreeSet::new();
    let mut n_rows = 0;
    for path in paths {
        let bytes = fsio::read_bytes(path, 1 << 20).unwrap();
        assert_eq!(view.hash_of(path), Some(&*fsio::hash_hex(&bytes)));
        for rows in read_parquet(bytes.into()).unwrap() {
            n_rows += rows.num_rows();
            let names = rows.column_by_name("batch").unwrap();
            let names = arrow::compute::cast(names, &arrow::datatypes::DataType::Utf8).unwrap();
            let names = arrow::array::cast::as_string_array(&names);
            batches.extend(names.iter().flatten().map(str::to_owned));
        }
    }
    (paths.len(), n_rows, batches.len())
}

/// A lake of a few commits, merged.
fn merged(n_commits: usize) -> Fixture {
    let fixture = Fixture::new();
    for number in 0..n_commits {
        fixture.commit(&format!("source {number}"));
    }
    let tables = fixture.lake.compact(&act("")).unwrap();
    let [table] = tables.as_slice() else { unreachable!("{tables:?}") };
    assert_eq!((table.table, table.n_before, table.n_after), (LakeTable::Findings, n_commits, 1));
    assert_eq!(table.n_rows, 3 * n_commits as u64);
    fixture
}

/// The only merged file of a lake.
fn merge(fixture: &Fixture) -> std::path::PathBuf {
    let files = fsio::list_folder(&fixture.root().join("data/findings")).unwrap();
    let is_merge = |path: &&std::path::PathBuf| path.to_string_lossy().contains("-m");
    let merges: Vec<_> = files.iter().filter(is_merge).collect();
    assert_eq!(merges.len(), 1, "{files:?}");
    merges[0].clone()
}

#[test]
fn a_commit_merges_small_files_when_more_than_64_are_live() {
    let fixture = Fixture::new();
    for number in 1..=64 {
        fixture.commit(&format!("source {number}"));
    }
    assert_eq!(findings(&fixture.lake.snapshot(None).unwrap()), (64, 192, 64));
    fixture.commit("source 65");
    let view = fixture.lake.snapshot(None).unwrap();
    assert_eq!((findings(&view), view.data_files().len()), ((1, 195, 65), 65));
    // Those before have other files.
    assert_eq!(findings(&fixture.lake.snapshot(Some(64)).unwrap()), (64, 192, 64));
    fixture.commit("source 66");
    assert_eq!(findings(&fixture.lake.snapshot(None).unwrap()), (2, 198, 66));
    assert_eq!(check(&fixture.lake, CheckLevel::Deep).problems, []);

    // One of the members ends: all others are read by themselves, and merged by this very change.
    let batch = batch_of("source 7", "a").batch;
    done(&fixture.lake.retract(&act(""), &batch, LaterRecords::Refuse).unwrap());
    assert_eq!(findings(&fixture.lake.snapshot(None).unwrap()), (1, 195, 65));
    assert_eq!(findings(&fixture.lake.snapshot(Some(66)).unwrap()).1, 198);
    done(&fixture.lake.restore(&act(""), 66).unwrap());
    assert_eq!(findings(&fixture.lake.snapshot(None).unwrap()), (2, 198, 66));
    assert!(!check(&fixture.lake, CheckLevel::Deep).is_damaged());
}

#[test]
fn what_is_merged_once_is_not_merged_again_and_leftovers_are_collected() {
    let fixture = merged(3);
    let before = fixture.lake.verify_audit().unwrap();
    assert_eq!(fixture.lake.compact(&act("")).unwrap(), []);
    fixture.commit("another");
    let again = fixture.lake.compact(&act("")).unwrap();
    assert_eq!((again[0].n_before, again[0].n_after), (2, 1));
    assert_eq!(findings(&fixture.lake.snapshot(None).unwrap()), (1, 12, 4));
    // It makes no snapshot.
    assert_eq!(fixture.lake.verify_audit().unwrap().entry, before.entry + 1);

    let day = chrono::NaiveDate::from_ymd_opt(2100, 1, 1).unwrap().and_hms_opt(0, 0, 0).unwrap();
    let collect = |days: i64| {
        let now = day + TimeDelta::days(days);
        let settings = CollectSettings { min_age: MIN_AGE, now, is_dry_run: false };
        let files = fixture.lake.collect("gc", settings).unwrap();
        files.into_iter().map(|file| (file.path, file.outcome)).collect::<Vec<_>>()
    };
    let leftover = "data/findings/4-m1.parquet".to_owned();
    assert_eq!(collect(0), [(leftover.clone(), Collected::Marked)]);
    assert_eq!(collect(8), [(leftover, Collected::Removed)]);
    assert_eq!(collect(9), []);
    merge(&fixture);
    assert_eq!(check(&fixture.lake, CheckLevel::Deep).problems, []);
}

#[test]
fn a_merged_file_that_is_damaged_costs_no_rows_and_is_put_aside() {
    type Damage = fn(&std::path::Path);
    let damages: [(Damage, CheckLevel); 3] = [
        (|path| fsio::remove_file(path).unwrap(), CheckLevel::Structure),
        (|path| testing::put(path, b"PAR1PAR1"), CheckLevel::Structure),
        (
            |path| {
                let mut bytes = fsio::read_bytes(path, 1 << 20).unwrap();
                let middle = bytes.len() / 2;
                bytes[middle] ^= 1;
                testing::put(path, &bytes);
            },
            CheckLevel::ReadData,
        ),
    ];
    for (damage, level) in damages {
        let fixture = merged(4);
        let path = merge(&fixture);
        damage(&path);
        for deeper in [level, CheckLevel::Deep] {
            let found = check(&fixture.lake, deeper);
            let kinds: Vec<_> = found.problems.iter().map(|problem| problem.kind).collect();
            assert_eq!(kinds, [ProblemKind::Merge], "{deeper}");
        }
        if level == CheckLevel::Structure {
            assert_eq!(findings(&fixture.lake.snapshot(None).unwrap()), (4, 12, 4));
        }
        let report = Lake::repair(&fixture.root(), repair::settings()).unwrap();
        let kinds: Vec<_> = report.steps.iter().map(|step| step.kind).collect();
        assert_eq!(kinds, [RepairKind::SetAside]);
        assert_eq!(check(&fixture.lake, CheckLevel::Deep).problems, []);
        assert_eq!(findings(&fixture.lake.snapshot(None).unwrap()), (4, 12, 4));
        fixture.lake.compact(&act("")).unwrap();
        assert_eq!(findings(&fixture.lake.snapshot(None).unwrap()), (1, 12, 4));
    }
}

/// Changes the catalog behind the back of the lake.
fn change(fixture: &Fixture, sql: &str) {
    let path = fixture.root().join("catalog.db");
    let connection = rusqlite::Connection::open(path).unwrap();
    connection.execute_batch(sql).unwrap();
}

/// The kinds and messages of what a check finds.
fn found(fixture: &Fixture, level: CheckLevel) -> Vec<(ProblemKind, &'static str)> {
    let problems = check(&fixture.lake, level).problems;
    problems.iter().map(|problem| (problem.kind, problem.message.code)).collect()
}

fn repair(fixture: &Fixture) -> Vec<RepairKind> {
    let report = Lake::repair(&fixture.root(), repair::settings()).unwrap();
    report.steps.iter().map(|step| step.kind).collect()
}

#[test]
fn a_merge_that_contradicts_its_members_is_not_read_and_is_told() {
    let wrongs = [
        // A member is missing, another one takes its place, or is one too many.
        "DELETE FROM merge_members WHERE file = 2",
        "UPDATE merge_members SET file = 5 WHERE file = 2",
        "INSERT INTO merge_members SELECT merge, 5 FROM merges",
        "DELETE FROM merge_members",
        // The merge itself.
        "UPDATE merges SET record_count = 13",
        "UPDATE merges SET blake3 = replace(blake3, substr(blake3, 1, 1), 'x')",
        "UPDATE merges SET table_name = 'observations'",
        "UPDATE merges SET path = 'data/findings/2-1.parquet'",
        // A second one of the same files.
        "INSERT INTO merges SELECT merge + 1, table_name, 'data/findings/9-m1.parquet', record_count,
             file_size_bytes, blake3, proof FROM merges;
         INSERT INTO merge_members SELECT merge + 1, file FROM merge_members",
    ];
    for wrong in wrongs {
        let fixture = merged(4);
        fixture.commit("one more");
        let before = fixture.lake.verify_audit().unwrap();
        change(&fixture, wrong);
        assert_eq!(findings(&fixture.lake.snapshot(None).unwrap()).1, 15, "{wrong}");
        for level in CheckLevel::ALL {
            let told = found(&fixture, *level);
            let wanted = (ProblemKind::Merge, "check.merge_contradicts");
            assert_eq!(told.first(), Some(&wanted), "{wrong} {level}: {told:?}");
        }
        assert_eq!(repair(&fixture), [RepairKind::SetAside], "{wrong}");
        let left = found(&fixture, CheckLevel::Deep);
        assert!(left.iter().all(|(kind, _)| *kind == ProblemKind::Orphan), "{wrong} {left:?}");
        assert_eq!(fixture.lake.verify_audit().unwrap(), before);
        assert_eq!(findings(&fixture.lake.snapshot(None).unwrap()).1, 15, "{wrong}");
        fixture.lake.compact(&act("")).unwrap();
        assert_eq!(findings(&fixture.lake.snapshot(None).unwrap()), (1, 15, 5), "{wrong}");
    }
}

#[test]
fn a_merge_with_a_member_that_ended_is_no_damage() {
    let fixture = merged(4);
    let batch = batch_of("source 1", "a").batch;
    done(&fixture.lake.retract(&act(""), &batch, LaterRecords::Refuse).unwrap());
    for level in CheckLevel::ALL {
        assert_eq!(check(&fixture.lake, *level).problems, [], "{level}");
    }
    assert_eq!(repair(&fixture), []);
    assert_eq!(findings(&fixture.lake.snapshot(None).unwrap()), (3, 9, 3));
    // Snapshots that have all of its members are read from it.
    assert_eq!(findings(&fixture.lake.snapshot(Some(4)).unwrap()), (1, 12, 4));

    // What the catalog says of it is compared as before, and so is the file.
    change(&fixture, "UPDATE merges SET record_count = 13");
    let contradicts = (ProblemKind::Merge, "check.merge_contradicts");
    assert_eq!(found(&fixture, CheckLevel::Structure), [contradicts]);
    change(&fixture, "UPDATE merges SET record_count = 12");
    forge(&fixture);
    assert_eq!(found(&fixture, CheckLevel::Structure), []);
    assert_eq!(found(&fixture, CheckLevel::Deep), [(ProblemKind::Merge, "check.merge_rows")]);
    assert_eq!(repair(&fixture), [RepairKind::SetAside]);
    assert_eq!(found(&fixture, CheckLevel::Deep), []);
    assert_eq!(findings(&fixture.lake.snapshot(Some(4)).unwrap()), (4, 12, 4));
}

/// Puts other rows, as many as there were, in the place of the merged ones, and has the catalog state what
/// they are.
fn forge(fixture: &Fixture) {
    let path = merge(fixture);
    let member = fixture.root().join("data/findings/1-1.parquet");
    let wrong = fsio::read_bytes(&member, 1 << 20).unwrap();
    testing::put(&path, &wrong);
    let digest = fsio::hash_hex(&wrong);
    change(
        fixture,
        &format!(
            "DELETE FROM merge_members WHERE file > 1;
             INSERT INTO merge_members SELECT merge, 2 FROM merges;
             DELETE FROM merge_members WHERE file = 1;
             UPDATE merges SET record_count = 3, file_size_bytes = {}, blake3 = '{digest}'",
            wrong.len()
        ),
    );
    let proof = fixture.lake.catalog.read(crate::lake::merge::proof_of_first).unwrap();
    change(fixture, &format!("UPDATE merges SET proof = '{proof}'"));
}

#[test]
fn a_merge_with_other_rows_than_its_members_is_found_by_comparing_them() {
    let fixture = merged(4);
    forge(&fixture);
    // All that is cheap to ask agrees.
    for level in [CheckLevel::Structure, CheckLevel::ReadData] {
        assert_eq!(found(&fixture, level), [], "{level}");
    }
    assert_eq!(findings(&fixture.lake.snapshot(None).unwrap()).2, 3);
    assert_eq!(found(&fixture, CheckLevel::Deep), [(ProblemKind::Merge, "check.merge_rows")]);
    assert_eq!(repair(&fixture), [RepairKind::SetAside]);
    assert_eq!(found(&fixture, CheckLevel::Deep), []);
    assert_eq!(findings(&fixture.lake.snapshot(None).unwrap()), (4, 12, 4));
}

#[test]
fn a_damaged_file_is_not_merged_and_nothing_is_left_behind() {
    let fixture = Fixture::new();
    for number in 0..3 {
        fixture.commit(&format!("source {number}"));
    }
    let path = fixture.root().join("data/findings/2-1.parquet");
    let mut bytes = fsio::read_bytes(&path, 1 << 20).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    testing::put(&path, &bytes);
    let error = fixture.lake.compact(&act("")).unwrap_err();
    assert!(error.to_string().contains("2-1.parquet"), "{error}");
    assert_eq!(findings_files(&fixture.lake), 3);
    let left = fsio::list_folder(&fixture.root().join("tmp")).unwrap();
    assert!(left.is_empty(), "{left:?}");
}

fn findings_files(lake: &Lake) -> usize {
    lake.snapshot(None).unwrap().files[&LakeTable::Findings].len()
}
