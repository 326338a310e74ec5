//! Repair: what it would do, what it does, and that nothing is removed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::records::{commit_records, records};
use super::{Fixture, act, batch_of, commit, committed, done, now, report_start};
use crate::diag::Diagnose;
use crate::fsio::{self, testing};
use crate::lake::{
    CheckLevel, CheckSettings, CommitOutcome, Lake, LaterRecords, RepairReport, RepairSettings,
    SnapshotView, Suitability,
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

/// Every file with its bytes, but for the reserve. An index of the log is made anew by whoever reads it.
fn everything(root: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let files = fsio::list_files(root).unwrap().into_iter();
    let is_kept =
        |path: &PathBuf| !path.to_string_lossy().ends_with("-shm") && !path.ends_with("reserve");
    let files = files.filter(is_kept);
    files.map(|path| (path.clone(), fsio::read_bytes(&path, 1 << 30).unwrap())).collect()
}

/// Changes the catalog behind the back of the lake, whatever its rows refer to.
fn tamper(root: &Path, sql: &str) {
    let catalog = rusqlite::Connection::open(root.join("catalog.db")).unwrap();
    catalog.execute_batch(&format!("PRAGMA foreign_keys = OFF; {sql}")).unwrap();
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
    let files = |view: &SnapshotView| format!("{:?}", view.data_files().collect::<Vec<_>>());
    let past = (2..=view.number).map(|n| files(&lake.snapshot(Some(n)).unwrap()));
    let past: Vec<_> = past.collect();
    let oldest = lake.oldest_snapshot().unwrap();
    format!("{:?} {log:?} {batches:?} {head:?} {past:?} {oldest}", files(&view))
}

#[track_caller]
fn check_catalog(damage: impl Fn(&Path), expected: &[&str]) {
    let fixture = lake_with_history();
    let before = said(&fixture.lake);
    let whole = contents(&fixture.root());
    damage(&fixture.root());
    let dry = RepairSettings { is_dry_run: true, ..settings() };
    let damaged = everything(&fixture.root());
    assert_eq!(kinds(&Lake::repair(&fixture.root(), dry).unwrap()), ["catalog"]);
    assert!(!is_whole(&fixture.root()));
    assert!(everything(&fixture.root()) == damaged, "a dry run and a check change nothing");
    let report = repair(&fixture);
    assert_eq!(kinds(&report), expected);
    let warnings: Vec<_> = report.warnings.iter().map(|warning| warning.code).collect();
    assert_eq!(warnings, ["repair.reports"]);
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
    check_catalog(without_copies, &["catalog", "backup"]);
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
fn a_catalog_with_what_no_check_passes_is_no_base_of_its_own_repair() {
    let damages = [
        "DELETE FROM runs WHERE run = 1",
        "DROP TABLE merge_members",
        "DROP INDEX files_run",
        "CREATE TABLE own (a)",
        "PRAGMA user_version = 4",
        "PRAGMA user_version = 99",
        "PRAGMA application_id = 5",
        "INSERT INTO merges SELECT 9, 'none', 'data/none/1-m1.parquet', 1, 1, hash, hash \
         FROM (SELECT printf('%064d', 0) AS hash)",
    ];
    for sql in damages {
        check_catalog(|root| tamper(root, sql), &["catalog"]);
    }
    // What it says of itself is enough where it has nothing but that.
    let alone = |root: &Path| {
        tamper(root, "DELETE FROM runs WHERE run = 1");
        fsio::remove_file(&root.join("backup/catalog-000000000001.db")).unwrap();
        fsio::remove_file(&root.join("manifests/1.json")).unwrap();
    };
    check_catalog(alone, &["catalog", "manifest", "backup"]);
}

#[test]
fn a_catalog_that_was_put_aside_is_the_last_that_another_is_made_of() {
    let aside = |root: &Path| {
        let catalog = root.join("catalog.db");
        let bytes = fsio::read_bytes(&catalog, 1 << 30).unwrap();
        testing::put(&root.join("lost+found/0123456789abcdef-catalog.db"), &bytes);
        fsio::remove_file(&catalog).unwrap();
        fsio::remove_file(&root.join("backup/catalog-000000000001.db")).unwrap();
        fsio::remove_file(&root.join("manifests/1.json")).unwrap();
    };
    check_catalog(aside, &["catalog", "manifest", "backup"]);
}

#[test]
fn a_repair_that_would_mend_nothing_does_nothing_and_says_so() {
    let fixture = lake_with_history();
    let root = fixture.root();
    put_copy(&root, "backup/catalog-000000000001.db", "catalog.db");
    for file in ["audit-head", "manifests/2.json"] {
        fsio::remove_file(&root.join(file)).unwrap();
    }
    for _ in 0..2 {
        assert_eq!(kinds(&repair(&fixture)), ["none"]);
        assert!(fsio::list_folder(&root.join("lost+found")).unwrap().is_empty());
        assert!(!is_whole(&root));
    }
}

#[test]
fn what_is_no_manifest_where_a_later_one_would_be_goes_aside() {
    let fixture = lake_with_history();
    testing::put(&fixture.root().join("manifests/9.json"), b"{}");
    assert!(!is_whole(&fixture.root()));
    let error = commit(&fixture.lake, &batch_of("three", "a"), "three").unwrap_err();
    assert_eq!(error.message().code, "lake.catalog_behind");
    assert_eq!(kinds(&repair(&fixture)), ["set_aside"]);
    assert!(is_whole(&fixture.root()));
    assert_eq!(fixture.commit("three"), 9);
}

#[test]
fn a_head_that_is_wrong_where_all_else_agrees_is_written_anew() {
    let fixture = lake_with_history();
    let root = fixture.root();
    let path = root.join("audit-head");
    let whole = fsio::read_text(&path).unwrap();
    let digit = if whole.contains(" 0") { 'f' } else { '0' };
    let other = format!("8 {digit}{}", &whole[3..]);
    let wrong = [other.clone(), whole.replace("8 ", "9 "), whole.replace("8 ", "1 ")];
    for text in wrong {
        testing::put(&path, text.as_bytes());
        let error = commit(&fixture.lake, &batch_of("three", "a"), "three").unwrap_err();
        assert!(error.message().code.starts_with("lake.catalog_"), "{error}");
        let before = everything(&root);
        let dry = RepairSettings { is_dry_run: true, ..settings() };
        assert_eq!(kinds(&Lake::repair(&root, dry).unwrap()), ["audit_head"]);
        assert!(everything(&root) == before);
        assert_eq!(kinds(&repair(&fixture)), ["audit_head"]);
        assert_eq!(fsio::read_text(&path).unwrap(), whole);
        assert!(is_whole(&root));
    }
    // Where something else does not agree, it may be the head that is right.
    testing::put(&path, other.as_bytes());
    let manifest = root.join("manifests/8.json");
    let text = fsio::read_bytes(&manifest, 1 << 20).unwrap();
    fsio::remove_file(&manifest).unwrap();
    assert_eq!(kinds(&repair(&fixture)), ["none"]);
    testing::put(&manifest, &text);
    testing::put(&path, whole.replace("8 ", "9 ").as_bytes());
    testing::put(&root.join("data/findings/99-1.parquet"), b"1");
    assert_eq!(kinds(&repair(&fixture)), ["none"]);
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
    testing::set_mode(&root.join("writer.lock"), 0o666);
    testing::set_mode(&root.join("catalog.db"), 0o644);
    testing::put(&root.join("backup/catalog-000000000001.db"), b"x");
    let report = repair(&fixture);
    let steps = kinds(&report).into_iter().collect::<BTreeSet<_>>();
    assert_eq!(steps, ["audit_head", "backup", "manifest", "mode", "set_aside"].into());
    assert_eq!(fsio::read_text(&manifest).unwrap(), before);
    assert_eq!(testing::mode(&root.join("data/findings/1-1.parquet")), 0o440);
    assert_eq!(testing::mode(&root.join("source")), 0o700);
    assert_eq!(testing::mode(&root.join("writer.lock")), 0o600);
    assert_eq!(testing::mode(&root.join("catalog.db")), 0o600);
    assert!(fsio::exists(&root.join("backup/catalog-000000000008.db")));
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

#[test]
fn a_check_and_a_dry_run_leave_the_log_of_the_catalog_as_it_is() {
    let fixture = lake_with_history();
    let root = fixture.root();
    // As a process leaves it that is killed.
    let catalog = rusqlite::Connection::open(root.join("catalog.db")).unwrap();
    let keeps_log = rusqlite::config::DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE;
    catalog.set_db_config(keeps_log, true).unwrap();
    catalog.execute("INSERT INTO meta VALUES ('note', '')", []).unwrap();
    drop(catalog);
    assert!(fsio::size_bytes(&root.join("catalog.db-wal")).unwrap() > Some(0));
    let before = everything(&root);
    assert!(is_whole(&root));
    let dry = RepairSettings { is_dry_run: true, ..settings() };
    assert_eq!(kinds(&Lake::repair(&root, dry).unwrap()), [""; 0]);
    assert!(everything(&root) == before);
}

#[test]
fn a_document_whose_source_is_lost_too_is_asked_for_as_that() {
    let fixture = Fixture::new();
    fixture.commit("one");
    let root = fixture.root();
    fsio::remove_file(&root.join("data/findings/1-1.parquet")).unwrap();
    testing::put(&root.join("source").join(fsio::hash_hex(b"one")), b"0ne");
    let report = repair(&fixture);
    let told: Vec<_> =
        report.steps.iter().map(|step| (step.kind.as_str(), step.message.code)).collect();
    let expected = [
        ("set_aside", "repair.set_aside"),
        ("ingest", "repair.source"),
        ("ingest", "repair.ingest_document"),
    ];
    assert_eq!(told, expected);
    let lost = fsio::list_folder(&root.join("lost+found")).unwrap();
    assert_eq!(fsio::read_bytes(&lost[0], 9).unwrap(), b"0ne");
    commit(&fixture.lake, &batch_of("one", "a"), "one").unwrap();
    fixture.lake.snapshot(None).unwrap();
    assert_eq!(kinds(&repair(&fixture)), ["none"], "the file of the snapshot before");
}

#[test]
fn a_catalog_of_another_lake_is_told_and_comes_back_when_it_is_moved_away() {
    let fixture = lake_with_history();
    let root = fixture.root();
    let before = said(&fixture.lake);
    let other = Fixture::new();
    for source in ["six", "seven"] {
        other.commit(source);
    }
    for file in ["catalog.db", "audit-head"] {
        let bytes = fsio::read_bytes(&other.root().join(file), 1 << 30).unwrap();
        testing::put(&root.join(file), &bytes);
    }
    let damaged = contents(&root);
    for is_dry_run in [true, false] {
        let settings = RepairSettings { is_dry_run, accepts_loss: true, ..settings() };
        let report = Lake::repair(&root, settings).unwrap();
        assert_eq!(kinds(&report), ["none"]);
        assert_eq!(report.steps[0].message.code, "repair.foreign");
        assert_eq!(contents(&root), damaged);
    }
    for file in ["catalog.db", "audit-head"] {
        fsio::remove_file(&root.join(file)).unwrap();
    }
    assert_eq!(kinds(&repair(&fixture)), ["catalog", "audit_head"]);
    assert_eq!(said(&fixture.reopened()), before);
    assert!(is_whole(&root));
}

#[test]
fn runs_of_reports_come_back_with_the_catalog() {
    let fixture = Fixture::new();
    let root = fixture.root();
    fixture.commit("one");
    let copy = root.join("backup/catalog-reports.db");
    fixture.lake.keep_reports().unwrap();
    assert!(!fsio::exists(&copy), "there are none");
    let lock = fixture.lake.lock_reports(now()).unwrap();
    fixture.lake.note_schedule("monthly", "0 8 1 * *", now()).unwrap();
    let start = report_start();
    fixture.lake.begin_report(&start).unwrap();
    fixture.lake.keep_reports().unwrap();
    let stamp = fsio::stamp(&copy);
    fixture.lake.keep_reports().unwrap();
    assert!(fsio::stamp(&copy) == stamp, "it has them all");
    drop(lock);
    let before = fixture.lake.report_runs().unwrap();
    for number in 2..=41 {
        fixture.commit(&format!("source {number}"));
    }
    let backups = fsio::list_folder(&root.join("backup")).unwrap();
    assert_eq!(backups.len(), 4, "three, and that of the reports: {backups:?}");
    assert!(is_whole(&root));
    fsio::remove_file(&root.join("catalog.db")).unwrap();
    assert_eq!(kinds(&repair(&fixture)), ["catalog"]);
    let lake = fixture.reopened();
    assert_eq!(lake.report_runs().unwrap(), before);
    assert_eq!(lake.scheduled_since("monthly", "0 8 1 * *").unwrap(), Some(now()));
    assert_eq!(lake.log().unwrap().len(), 41);
    assert!(fsio::list_folder(&root.join("tmp")).unwrap().is_empty());
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
    let batch = records("r").batch;
    assert_eq!(view.with_losses, [batch.clone()].into());
    assert_eq!(lake.batches_with_losses().unwrap(), [batch.clone()].into());
    assert!(lake.snapshot(Some(8)).is_err());
    for level in CheckLevel::ALL {
        let is_over = || false;
        let settings = CheckSettings { level: *level, part: None, after: None, is_over: &is_over };
        let told = Lake::check(lake.root(), settings).unwrap().problems;
        let is_loss = |problem: &&crate::lake::Problem| problem.message.code == "check.loss";
        let lost: Vec<_> = told.iter().filter(is_loss).collect();
        assert_eq!(lost.len(), 1, "{level}: told once, and by every depth");
        assert_eq!(lost[0].batch, Some(batch.clone()));
    }
    assert_eq!(lake.log().unwrap().last().unwrap().message, "repair");
    lake.verify_audit().unwrap();
    // The same files given again have their rows back.
    let again = commit_records(&lake, &records("r")).unwrap();
    assert!(matches!(again, CommitOutcome::Committed { snapshot: 10, .. }), "{again:?}");
    let view = lake.snapshot(None).unwrap();
    assert_eq!(view.files[&LakeTable::Cases].len(), 1);
    assert!(view.with_losses.is_empty());
}
