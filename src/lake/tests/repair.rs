//! Repair: what it would do, what it does, and that nothing is removed.

use std::collections::BTreeSet;
use std::path::Path;

use super::records::{commit_records, records};
use super::{Fixture, act, batch_of, commit, committed, done};
use crate::diag::Diagnose;
use crate::fsio::{self, testing};
use crate::lake::{
    CheckLevel, CheckSettings, CommitOutcome, Lake, LaterRecords, RepairReport, RepairSettings,
    Suitability,
};
use crate::table::LakeTable;

pub(super) fn settings() -> RepairSettings<'static> {
    RepairSettings {
        act: act("repair"),
        is_dry_run: false,
        accepts_loss: false,
        copy: None,
        suitability: Suitability::Required,
    }
}

fn repair(fixture: &Fixture) -> RepairReport {
    Lake::repair(&fixture.root(), settings()).unwrap()
}

fn kinds(report: &RepairReport) -> Vec<&'static str> {
    report.steps.iter().map(|step| step.kind.as_str()).collect()
}

fn is_whole(root: &Path) -> bool {
    let is_over = || false;
    let level = CheckLevel::Deep;
    let settings = CheckSettings { level, part: None, after: None, is_over: &is_over };
    !Lake::check(root, settings).unwrap().is_damaged()
}

/// Hashes of all that ever stood in the lake, lost+found included; what is only about the lake left out.
fn contents(root: &Path) -> BTreeSet<String> {
    let files = fsio::list_files(root).unwrap().into_iter();
    let kept = files.filter(|path| {
        let inner = path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
        ["data", "source", "lost+found"].iter().any(|folder| inner.starts_with(folder))
    });
    kept.map(|path| fsio::hash_hex(&fsio::read_bytes(&path, 1 << 30).unwrap())).collect()
}

/// A lake with every kind of snapshot: documents, another reading, a batch taken back, records, a way
/// back, and snapshots that were given up.
fn lake_with_history() -> Fixture {
    let fixture = Fixture::new();
    fixture.commit("one");
    fixture.commit("two");
    commit(&fixture.lake, &batch_of("one", "b"), "one").unwrap();
    let batch = batch_of("two", "a").batch;
    done(&fixture.lake.retract(&act("x"), &batch, LaterRecords::Refuse).unwrap());
    committed(&commit_records(&fixture.lake, &records("r")).unwrap());
    done(&fixture.lake.restore(&act("y"), 2).unwrap());
    done(&fixture.lake.restore(&act("y"), 5).unwrap());
    done(&fixture.lake.expire(&act("z"), 2).unwrap());
    fixture
}

/// Everything that the catalog says and that an answer may depend on.
fn said(lake: &Lake) -> String {
    let view = lake.snapshot(None).unwrap();
    let log = lake.log().unwrap();
    let batches = lake.batches().unwrap();
    let head = lake.verify_audit().unwrap();
    let past: Vec<_> = (2..=view.number).map(|n| lake.snapshot(Some(n)).unwrap().hashes).collect();
    let oldest = lake.oldest_snapshot().unwrap();
    format!("{:?} {log:?} {batches:?} {head:?} {past:?} {oldest}", view.hashes)
}

#[track_caller]
fn check_catalog(damage: impl Fn(&Path), expected: &[&str]) {
    let fixture = lake_with_history();
    let before = said(&fixture.lake);
    let whole = contents(&fixture.root());
    damage(&fixture.root());
    let dry = RepairSettings { is_dry_run: true, ..settings() };
    let damaged = fsio::list_files(&fixture.root()).unwrap();
    assert_eq!(kinds(&Lake::repair(&fixture.root(), dry).unwrap()), ["catalog"]);
    let standing = fsio::list_files(&fixture.root()).unwrap();
    let is_log = |path: &&std::path::PathBuf| path.to_string_lossy().contains("catalog.db-");
    let names = |files: &[std::path::PathBuf]| -> Vec<std::path::PathBuf> {
        files.iter().filter(|path| !is_log(path)).cloned().collect()
    };
    assert_eq!(names(&standing), names(&damaged), "a dry run changes nothing");
    let report = repair(&fixture);
    assert_eq!(kinds(&report), expected);
    let lake = fixture.reopened();
    assert_eq!(said(&lake), before);
    assert!(is_whole(&fixture.root()));
    assert!(contents(&fixture.root()).is_superset(&whole));
    assert!(fsio::list_folder(&fixture.root().join("tmp")).unwrap().is_empty());
    // And it goes on from there.
    assert_eq!(fixture.commit("three"), 9);
    assert!(is_whole(&fixture.root()));
    assert_eq!(kinds(&repair(&fixture)), [""; 0]);
}

#[test]
fn a_catalog_comes_back_from_its_copies_and_manifests() {
    let catalog = |root: &Path| root.join("catalog.db");
    check_catalog(|root| fsio::remove_file(&catalog(root)).unwrap(), &["catalog"]);
    check_catalog(|root| testing::put(&catalog(root), b""), &["catalog"]);
    check_catalog(|root| testing::put(&catalog(root), &[7; 4096]), &["catalog"]);
    let old = |root: &Path| {
        let copy = root.join("backup/catalog-000000000001.db");
        testing::put(&catalog(root), &fsio::read_bytes(&copy, 1 << 30).unwrap());
    };
    check_catalog(old, &["catalog"]);
    let without_copies = |root: &Path| {
        fsio::remove_file(&catalog(root)).unwrap();
        fsio::remove_file(&root.join("backup/catalog-000000000001.db")).unwrap();
    };
    check_catalog(without_copies, &["catalog"]);
    let edited = |root: &Path| {
        let catalog = rusqlite::Connection::open(catalog(root)).unwrap();
        catalog.execute("UPDATE snapshots SET author = 'wang' WHERE snapshot = 2", []).unwrap();
    };
    check_catalog(edited, &["catalog"]);
    let page = |root: &Path| {
        let mut bytes = fsio::read_bytes(&catalog(root), 1 << 30).unwrap();
        bytes[4096..12288].fill(0x55);
        testing::put(&catalog(root), &bytes);
    };
    check_catalog(page, &["catalog"]);
}

#[test]
fn a_catalog_that_nothing_proves_is_not_made_up() {
    let fixture = lake_with_history();
    fsio::remove_file(&fixture.root().join("catalog.db")).unwrap();
    // The copy has the first snapshot, and the manifests after it begin with the third.
    fsio::remove_file(&fixture.root().join("manifests/2.json")).unwrap();
    let report = repair(&fixture);
    assert_eq!(kinds(&report), ["none"]);
    assert!(!fsio::exists(&fixture.root().join("catalog.db")));
}

#[test]
fn what_the_catalog_can_tell_is_written_again_and_rights_are_taken_away() {
    let fixture = lake_with_history();
    let root = fixture.root();
    let manifest = root.join("manifests/3.json");
    let before = fsio::read_text(&manifest).unwrap();
    fsio::remove_file(&manifest).unwrap();
    testing::put(&root.join("manifests/4.json"), b"{}");
    fsio::remove_file(&root.join("audit-head")).unwrap();
    testing::set_mode(&root.join("data/findings/1-1.parquet"), 0o644);
    testing::set_mode(&root.join("source"), 0o777);
    testing::put(&root.join("backup/catalog-000000000001.db"), b"x");
    let report = repair(&fixture);
    let steps = kinds(&report).into_iter().collect::<BTreeSet<_>>();
    assert_eq!(steps, ["audit_head", "manifest", "mode", "set_aside"].into());
    assert_eq!(fsio::read_text(&manifest).unwrap(), before);
    assert_eq!(testing::mode(&root.join("data/findings/1-1.parquet")), 0o440);
    assert_eq!(testing::mode(&root.join("source")), 0o700);
    let lost = fsio::list_folder(&root.join("lost+found")).unwrap();
    assert_eq!(lost.len(), 2, "what was there is kept: {lost:?}");
    assert!(is_whole(&root));
}

#[test]
fn a_damaged_file_of_a_document_goes_aside_and_its_batch_is_to_be_read_again() {
    let fixture = lake_with_history();
    let path = fixture.lake.snapshot(None).unwrap().files[&LakeTable::Findings][0].clone();
    let mut bytes = fsio::read_bytes(&path, 1 << 20).unwrap();
    bytes[20] ^= 1;
    testing::put(&path, &bytes);
    let whole = contents(&fixture.root());
    let report = repair(&fixture);
    // The way back has given the file a second name; the first is of earlier snapshots only.
    assert_eq!(kinds(&report), ["none", "set_aside", "reread"]);
    assert_eq!(report.reread.len(), 1);
    assert!(contents(&fixture.root()).is_superset(&whole));
    let batch = fixture.lake.batches().unwrap();
    let batch = batch.into_iter().rfind(|batch| batch.batch == report.reread[0]).unwrap();
    let source = batch.file_name.trim_end_matches(".txt").to_owned();
    let outcome = commit(&fixture.lake, &batch_of(&source, &batch.reading), &source).unwrap();
    assert!(matches!(outcome, CommitOutcome::Committed { .. }));
    fixture.lake.snapshot(None).unwrap();
}

#[test]
fn files_come_back_from_a_copy_of_the_lake() {
    let fixture = lake_with_history();
    let root = fixture.root();
    let copy = fixture.folder.path().join("copy");
    for path in fsio::list_files(&root).unwrap() {
        let to = copy.join(path.strip_prefix(&root).unwrap());
        fsio::create_private_dir(to.parent().unwrap()).unwrap();
        testing::put(&to, &fsio::read_bytes(&path, 1 << 30).unwrap());
    }
    let before = said(&fixture.lake);
    let files = fsio::list_files(&root.join("data")).unwrap();
    // One that was made before the latest commits is one, too.
    put_copy(&copy, "backup/catalog-000000000001.db", "catalog.db");
    let lost: Vec<_> = files.iter().step_by(2).collect();
    for path in &lost {
        fsio::remove_file(path).unwrap();
    }
    let source = root.join("source").join(fsio::hash_hex(b"two"));
    testing::put(&source, b"2wo");
    // What is damaged in the copy, too, is not taken from there.
    let spoilt = copy.join(lost[0].strip_prefix(&root).unwrap());
    let whole = fsio::read_bytes(&spoilt, 1 << 20).unwrap();
    testing::put(&spoilt, b"PAR1PAR1");
    let from_copy = RepairSettings { copy: Some(&copy), ..settings() };
    let report = Lake::repair(&root, from_copy).unwrap();
    let n_back = kinds(&report).iter().filter(|kind| **kind == "put_back").count();
    assert_eq!(n_back, lost.len() - 1 + 1, "all but one, and the source: {:?}", report.steps);
    assert!(!fsio::exists(lost[0]));
    assert!(fsio::read_bytes(&source, 9).is_ok_and(|bytes| bytes == b"two"));
    assert_eq!(testing::mode(&source), 0o440);
    testing::put(&spoilt, &whole);
    let report = Lake::repair(&root, from_copy).unwrap();
    assert_eq!(kinds(&report), ["put_back"]);
    assert!(lost.iter().all(|path| testing::mode(path) == 0o440));
    assert_eq!(said(&fixture.lake), before);
    assert!(is_whole(&root));
}

/// Copies a file within a folder.
fn put_copy(folder: &Path, from: &str, to: &str) {
    let bytes = fsio::read_bytes(&folder.join(from), 1 << 30).unwrap();
    testing::put(&folder.join(to), &bytes);
}

#[test]
fn files_are_taken_from_nothing_but_a_copy_of_this_lake() {
    let fixture = lake_with_history();
    let root = fixture.root();
    let view = fixture.lake.snapshot(None).unwrap();
    let path = view.files[&LakeTable::Cases][0].clone();
    drop(view);
    fsio::remove_file(&path).unwrap();
    let other = Fixture::new();
    other.commit("five");
    let wrong = fixture.folder.path().join("wrong");
    fsio::create_private_dir(&wrong.join("data")).unwrap();
    let before = contents(&root);
    let refused = |copy: &Path| {
        let mut codes = BTreeSet::new();
        for is_dry_run in [true, false] {
            let settings =
                RepairSettings { copy: Some(copy), accepts_loss: true, is_dry_run, ..settings() };
            codes.insert(Lake::repair(&root, settings).unwrap_err().message().code);
        }
        codes.into_iter().collect::<Vec<_>>()
    };
    assert_eq!(refused(&fixture.folder.path().join("none")), ["lake.copy_absent"]);
    assert_eq!(refused(&wrong), ["lake.copy_no_lake"]);
    assert_eq!(refused(&root.join("data/..")), ["lake.copy_same"]);
    assert_eq!(refused(&other.root()), ["lake.copy_foreign"]);
    assert_eq!(contents(&root), before);
    assert_eq!(fixture.lake.log().unwrap().len(), 8, "no loss is recorded");
}

#[test]
fn records_that_cannot_come_back_are_asked_for_or_their_loss_is_recorded() {
    let fixture = lake_with_history();
    let view = fixture.lake.snapshot(None).unwrap();
    let path = view.files[&LakeTable::Cases][0].clone();
    let name = path.strip_prefix(fixture.root()).unwrap().to_string_lossy().into_owned();
    drop(view);
    fsio::remove_file(&path).unwrap();
    assert_eq!(kinds(&repair(&fixture)), ["ingest"]);
    fixture.lake.snapshot(None).unwrap_err();
    let accepts = RepairSettings { accepts_loss: true, ..settings() };
    let report = Lake::repair(&fixture.root(), accepts).unwrap();
    assert_eq!((kinds(&report), report.warnings.len()), (vec!["loss"], 0));
    assert_eq!(report.steps[0].path.as_deref(), Some(&*name));
    let lake = fixture.reopened();
    let view = lake.snapshot(None).unwrap();
    assert!(view.files[&LakeTable::Cases].is_empty());
    assert!(!view.files[&LakeTable::Evaluations].is_empty());
    assert_eq!(lake.log().unwrap().last().unwrap().message, "repair");
    lake.verify_audit().unwrap();
    // The same files given again have their rows back.
    let again = commit_records(&lake, &records("r")).unwrap();
    assert!(matches!(again, CommitOutcome::Committed { snapshot: 10, .. }), "{again:?}");
    assert_eq!(lake.snapshot(None).unwrap().files[&LakeTable::Cases].len(), 1);
}
