//! What a check finds: every kind of damage, and nothing in a lake that is whole.

use std::path::{Path, PathBuf};

use super::records::{commit_records, records};
use super::{Fixture, act, batch_of, begun, commit, done, with_commit};
use crate::diag::{Lang, Severity};
use crate::fsio::{self, testing};
use crate::lake::{
    CheckLevel, CheckPart, CheckReport, CheckSettings, Lake, LaterRecords, ProblemKind,
};

fn never() -> bool {
    false
}

fn settings(level: CheckLevel) -> CheckSettings<'static> {
    CheckSettings { level, part: None, after: None, is_over: &never }
}

fn check(root: &Path, level: CheckLevel) -> CheckReport {
    Lake::check(root, settings(level)).unwrap()
}

/// What is wrong, as `severity kind path`.
fn found(report: &CheckReport) -> Vec<String> {
    let problems = report.problems.iter();
    problems
        .map(|problem| {
            let path = problem.path.as_deref().unwrap_or("-");
            format!("{} {} {path}", problem.severity, problem.kind)
        })
        .collect()
}

/// A lake with documents, another reading, a batch that was taken back, and records.
fn lake_with_history() -> Fixture {
    let fixture = Fixture::new();
    fixture.commit("one");
    fixture.commit("two");
    commit(&fixture.lake, &batch_of("one", "b"), "one").unwrap();
    let batch = batch_of("two", "a").batch;
    done(&fixture.lake.retract(&act("x"), &batch, LaterRecords::Refuse).unwrap());
    commit_records(&fixture.lake, &records("r")).unwrap();
    done(&fixture.lake.restore(&act("y"), 3).unwrap());
    done(&fixture.lake.restore(&act("y"), 5).unwrap());
    fixture
}

#[test]
fn a_whole_lake_has_nothing_wrong_at_any_depth() {
    let fixture = lake_with_history();
    for level in CheckLevel::ALL {
        let report = check(&fixture.root(), *level);
        assert_eq!(found(&report), [""; 0], "{level}");
        assert!(!report.is_damaged());
        assert_eq!((report.n_snapshots, report.n_sources), (7, 2));
        assert_eq!(report.head.unwrap().entry, 7);
        let n_read = if *level == CheckLevel::Structure { 0 } else { report.n_files + 2 };
        assert_eq!((report.n_read, report.stopped_after), (n_read, None));
    }
    assert!(check(&fixture.root(), CheckLevel::Deep).n_rows > 3 * 3);
    let empty = Fixture::new();
    assert_eq!(found(&check(&empty.root(), CheckLevel::Deep)), [""; 0]);
}

#[track_caller]
fn check_damage(level: CheckLevel, damage: impl FnOnce(&Path), expected: &[&str]) {
    let fixture = Fixture::new();
    fixture.commit("one");
    fixture.commit("two");
    fixture.commit("three");
    damage(&fixture.root());
    let report = check(&fixture.root(), level);
    assert_eq!(found(&report), expected);
    for problem in &report.problems {
        for lang in [Lang::En, Lang::Zh] {
            let text = problem.message.text(lang);
            assert!(text != problem.message.code && !text.contains('{'), "{text}");
        }
    }
}

const FILE: &str = "data/findings/2-1.parquet";

fn flip(path: &Path, at: usize) {
    let mut bytes = fsio::read_bytes(path, 1 << 30).unwrap();
    bytes[at] ^= 1;
    testing::put(path, &bytes);
}

#[test]
fn files_that_are_missing_cut_or_of_another_mode_show_at_the_first_depth() {
    let file = |root: &Path| root.join(FILE);
    let look = CheckLevel::Structure;
    let named = [format!("error data_file {FILE}")];
    let named = [named[0].as_str()];
    check_damage(look, |root| fsio::remove_file(&file(root)).unwrap(), &named);
    check_damage(look, |root| testing::put(&file(root), b"PAR1PAR1"), &named);
    check_damage(look, |root| testing::put(&file(root), b""), &named);
    let end = |root: &Path| {
        let bytes = fsio::read_bytes(&file(root), 1 << 20).unwrap();
        flip(&file(root), bytes.len() - 1);
    };
    check_damage(look, end, &named);
    check_damage(
        look,
        |root| testing::set_mode(&file(root), 0o640),
        &[&format!("warning mode {FILE}")],
    );
    check_damage(
        look,
        |root| testing::set_mode(&root.join("data/findings"), 0o770),
        &["warning mode data/findings"],
    );
    for name in ["audit-head", "writer.lock", "backup/catalog-000000000001.db"] {
        let loosen = |root: &Path| testing::set_mode(&root.join(name), 0o604);
        check_damage(look, loosen, &[&format!("warning mode {name}")]);
    }
    let no_folder = |root: &Path| {
        fsio::remove_dir_tree(&root.join("lost+found")).unwrap();
        testing::put(&root.join("lost+found"), b"");
    };
    check_damage(look, no_folder, &["error place lost+found"]);
    let link = |root: &Path| {
        fsio::remove_file(&file(root)).unwrap();
        fsio::point_link(&file(root), &root.join("data/findings/1-1.parquet")).unwrap();
    };
    check_damage(look, link, &named);
    let source = format!("source/{}", fsio::hash_hex(b"two"));
    let absent = format!("error source {source}");
    check_damage(look, |root| fsio::remove_file(&root.join(&source)).unwrap(), &[&absent]);
}

#[test]
fn a_flipped_bit_shows_when_data_are_read() {
    let size = {
        let fixture = Fixture::new();
        fixture.commit("one");
        let path = fixture.root().join("data/findings/1-1.parquet");
        usize::try_from(fsio::size_bytes(&path).unwrap().unwrap()).unwrap()
    };
    // The first depth sees the ends only.
    let middle = size / 2;
    check_damage(CheckLevel::Structure, |root| flip(&root.join(FILE), middle), &[]);
    let named = format!("error data_file {FILE}");
    for level in [CheckLevel::ReadData, CheckLevel::Deep] {
        for at in [4, middle, size - 9] {
            check_damage(level, |root| flip(&root.join(FILE), at), &[&named]);
        }
    }
    let source = format!("source/{}", fsio::hash_hex(b"two"));
    let changed = format!("error source {source}");
    check_damage(CheckLevel::ReadData, |root| flip(&root.join(&source), 0), &[&changed]);
}

#[test]
fn swapped_files_show_by_their_hashes_and_what_is_extra_is_a_note() {
    let other = "data/findings/3-1.parquet";
    let swap = |root: &Path| {
        let [a, b] = [FILE, other].map(|name| fsio::read_bytes(&root.join(name), 1 << 20).unwrap());
        testing::put(&root.join(FILE), &b);
        testing::put(&root.join(other), &a);
    };
    let both = [FILE, other].map(|name| format!("error data_file {name}"));
    check_damage(CheckLevel::ReadData, swap, &[&both[0], &both[1]]);
    let extra = |root: &Path| {
        fsio::create_private_dir(&root.join("data/findings/sub")).unwrap();
        let files = ["data/findings/9-1.parquet", "data/totals/x", "catalog.db.bak", "data/foo"];
        for name in files {
            testing::put(&root.join(name), b"1");
        }
    };
    let names = [
        "data/findings/9-1.parquet",
        "data/findings/sub",
        "data/totals/x",
        "catalog.db.bak",
        "data/foo",
    ];
    let notes = names.map(|name| format!("info orphan {name}"));
    check_damage(CheckLevel::Structure, extra, &notes.each_ref().map(String::as_str));
}

#[test]
fn a_source_that_no_run_tells_of_is_more_than_a_note() {
    let look = CheckLevel::Structure;
    let put = |root: &Path| testing::put(&root.join("source/none"), b"1");
    check_damage(look, put, &["warning orphan source/none"]);
    // One that a commit left which died is a note.
    let fixture = Fixture::new();
    let batch = batch_of("one", "a");
    with_commit(&batch, "one", |commit| drop(begun(&fixture.lake, commit)));
    let source = format!("source/{}", batch.source_hash);
    testing::put(&fixture.root().join(&source), b"one");
    let report = check(&fixture.root(), look);
    assert_eq!(found(&report), [format!("info orphan {source}")]);
}

#[test]
fn manifests_copies_and_the_head_of_the_chain_are_looked_at() {
    let look = CheckLevel::Structure;
    let manifest = |root: &Path, n: i64| root.join(format!("manifests/{n}.json"));
    check_damage(
        look,
        |root| fsio::remove_file(&manifest(root, 2)).unwrap(),
        &["warning manifest manifests/2.json"],
    );
    check_damage(look, |root| flip(&manifest(root, 2), 40), &["warning manifest manifests/2.json"]);
    check_damage(look, |root| testing::put(&root.join("audit-head"), b"x"), &["error audit -"]);
    check_damage(look, |root| testing::put(&root.join("audit-head"), b"\xff"), &["error audit -"]);
    let copy = "backup/catalog-000000000001.db";
    let named = format!("warning backup {copy}");
    check_damage(look, |root| testing::put(&root.join(copy), b"x"), &[&named]);
    check_damage(look, |root| fsio::remove_file(&root.join(copy)).unwrap(), &["warning backup -"]);
    let page = |root: &Path| {
        let mut bytes = fsio::read_bytes(&root.join(copy), 1 << 30).unwrap();
        bytes[4096..8192].fill(0x55);
        testing::put(&root.join(copy), &bytes);
    };
    check_damage(CheckLevel::ReadData, page, &[&named]);
}

#[test]
fn a_catalog_that_is_lost_old_or_contradicts_itself_is_told() {
    let look = CheckLevel::Structure;
    let catalog = |root: &Path| root.join("catalog.db");
    for gone in [true, false] {
        let lose = |root: &Path| {
            if gone {
                fsio::remove_file(&catalog(root)).unwrap();
            } else {
                testing::put(&catalog(root), b"");
            }
        };
        check_damage(look, lose, &["error catalog -"]);
    }
    check_damage(look, |root| testing::put(&catalog(root), &[7; 4096]), &["error catalog -"]);
    let old = |root: &Path| {
        let copy = root.join("backup/catalog-000000000001.db");
        testing::put(&catalog(root), &fsio::read_bytes(&copy, 1 << 30).unwrap());
    };
    let fixture = Fixture::new();
    for source in ["one", "two", "three"] {
        fixture.commit(source);
    }
    old(&fixture.root());
    let report = check(&fixture.root(), look);
    let kinds: Vec<ProblemKind> = report.problems.iter().map(|problem| problem.kind).collect();
    assert!(kinds.contains(&ProblemKind::Audit), "cut short: {kinds:?}");
    assert_eq!(kinds.iter().filter(|kind| **kind == ProblemKind::CatalogOld).count(), 2);
    assert!(report.is_damaged());
    let tamper = |sql: &'static str| {
        move |root: &Path| {
            let lake = Lake::open(root).unwrap();
            let sql = format!("PRAGMA foreign_keys = OFF; {sql}");
            let catalog = rusqlite::Connection::open(lake.root().join("catalog.db")).unwrap();
            catalog.execute_batch(&sql).unwrap();
        }
    };
    check_damage(
        look,
        tamper("UPDATE files SET run = 77 WHERE run = 2"),
        &["error catalog -", "error audit -"],
    );
    check_damage(
        look,
        tamper("UPDATE files SET path = 'data/../catalog.db' WHERE run = 2"),
        &["error audit -", "error data_file data/../catalog.db", &format!("info orphan {FILE}")],
    );
}

#[test]
fn rows_that_do_not_add_up_show_when_they_are_counted() {
    let fixture = Fixture::new();
    fixture.commit("one");
    commit_records(&fixture.lake, &records("r")).unwrap();
    let tamper = |sql: &str| {
        fixture.lake.catalog.write(|tx| tx.execute_batch(sql)).unwrap();
        let report = check(&fixture.root(), CheckLevel::Deep);
        found(&report)
    };
    // The chain shows it, too.
    let said = tamper("UPDATE files SET record_count = 4 WHERE path LIKE '%1-1%'");
    assert_eq!(said, ["error audit -", "error rows data/findings/1-1.parquet"]);
    let said = tamper(
        "UPDATE files SET record_count = 3 WHERE path LIKE '%1-1%';
         UPDATE batches SET n_findings = 2 WHERE begin_snapshot = 1;
         UPDATE batches SET rows_accepted = 6, rows_duplicate = 0 WHERE begin_snapshot = 2;",
    );
    assert_eq!(said, ["error audit -", "error rows -", "error rows -"]);
}

#[test]
fn what_only_earlier_snapshots_have_is_less_severe() {
    let fixture = lake_with_history();
    let path: PathBuf = fixture.root().join("data/findings/1-1.parquet");
    fsio::remove_file(&path).unwrap();
    let report = check(&fixture.root(), CheckLevel::Structure);
    assert_eq!(found(&report), ["warning data_file data/findings/1-1.parquet"]);
    assert_eq!(report.count(Severity::Error), 0);
    assert!(report.is_damaged());
}

#[test]
fn parts_are_all_together_and_a_check_goes_on_where_it_stopped() {
    let fixture = Fixture::new();
    for source in 0..12 {
        fixture.commit(&source.to_string());
    }
    let root = fixture.root();
    let all = check(&root, CheckLevel::ReadData).n_read;
    let part = |number| {
        let part = Some(CheckPart { number, of: 3 });
        let settings = CheckSettings { part, ..settings(CheckLevel::ReadData) };
        Lake::check(&root, settings).unwrap().n_read
    };
    let parts = [1, 2, 3].map(part);
    assert_eq!(parts.iter().sum::<usize>(), all);
    assert!(parts.iter().all(|n_read| (1..all).contains(n_read)), "{parts:?}");

    let mut after: Option<String> = None;
    let mut n_read = 0;
    loop {
        let asked = std::cell::Cell::new(0);
        let is_over = || {
            asked.set(asked.get() + 1);
            asked.get() > 5
        };
        let settings = CheckSettings {
            after: after.as_deref(),
            is_over: &is_over,
            ..settings(CheckLevel::ReadData)
        };
        let report = Lake::check(&root, settings).unwrap();
        n_read += report.n_read;
        let Some(stopped) = report.stopped_after else { break };
        assert_eq!(report.n_read, 5);
        after = Some(stopped);
    }
    assert_eq!(n_read, all);
}
