//! Lakes that earlier versions of the program made.

use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::{act, batch_of, commit, committed, done, now, report_start};
use crate::diag::{Lang, Message};
use crate::fsio;
use crate::lake::schema::FORMAT_VERSION;
use crate::lake::{
    CheckLevel, CheckSettings, CollectSettings, Lake, LakeError, LaterRecords, MIN_AGE, Opening,
    ProblemKind, ReportDelivery, ReportEnd, ReportOutput, ReportRun, ReportStart, ReportState,
    StagingOutcome,
};
use crate::table::LakeTable;

/// Puts the lake that stands in `tests/lakes/<version>/` into a folder: the statements of its catalog,
/// and its other files as they were.
fn lake_of(version: &str, folder: &Path) -> PathBuf {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lakes").join(version);
    let root = folder.join("lake");
    for path in fsio::list_files(&from).unwrap() {
        let to = root.join(path.strip_prefix(&from).unwrap());
        fsio::create_private_dir(to.parent().unwrap()).unwrap();
        fsio::testing::put(&to, &fsio::read_bytes(&path, 1 << 20).unwrap());
    }
    let statements = fsio::read_text(&root.join("catalog.sql")).unwrap();
    fsio::remove_file(&root.join("catalog.sql")).unwrap();
    fsio::create_file(&root.join("catalog.db"), fsio::Mode::Private).unwrap();
    let catalog = Connection::open(root.join("catalog.db")).unwrap();
    catalog.execute_batch(&statements).unwrap();
    root
}

fn version_of(lake: &Lake) -> i32 {
    lake.catalog.identity().unwrap().1
}

#[test]
fn a_lake_of_version_1_is_read_as_it_stands_and_the_first_commit_upgrades_it() {
    let folder = tempfile::tempdir().unwrap();
    let root = lake_of("1", folder.path());
    let lake = Lake::open(&root).unwrap();
    assert_eq!(lake.warnings(), []);
    assert_eq!(version_of(&lake), 1);
    let view = lake.snapshot(None).unwrap();
    assert_eq!((view.number, view.batches.len()), (2, 1));
    assert!(view.batches[0].files.is_empty());
    assert_eq!(view.files[&LakeTable::Observations].len(), 1);
    assert!(view.files[&LakeTable::Cases].is_empty());
    for path in view.files.values().flatten() {
        let file = fsio::PlainFile::open(path).unwrap();
        assert_eq!(file.digest().unwrap().blake3, view.hash_of(path).unwrap());
    }
    let head = lake.verify_audit().unwrap();
    // What is refused, and what only looks whether it is needed, leaves the version.
    let mut batch = batch_of("one", "a");
    batch.rows_duplicate = 7;
    assert!(matches!(commit(&lake, &batch, "one").unwrap_err(), LakeError::CountsDiffer { .. }));
    assert_eq!(version_of(&lake), 1);

    let batch = batch_of("one", "a");
    assert_eq!(committed(&commit(&lake, &batch, "one").unwrap()), 3);
    assert_eq!(version_of(&lake), FORMAT_VERSION);
    assert_eq!(lake.verify_audit().unwrap().entry, head.entry + 1);
    let lake = Lake::open(&root).unwrap();
    assert_eq!(lake.snapshot(Some(2)).unwrap().batches, view.batches);
    let opening =
        Opening { command: "ingest", author: "li", message: "", clock: now, batch: batch.clone() };
    let there = lake.stage(opening, 0).unwrap();
    assert!(matches!(there, StagingOutcome::Concluded(_)));
}

#[test]
fn a_lake_of_version_2_is_read_as_it_stands_and_the_first_report_upgrades_it() {
    let folder = tempfile::tempdir().unwrap();
    let root = lake_of("2", folder.path());
    let lake = Lake::open(&root).unwrap();
    assert_eq!(lake.warnings(), []);
    assert_eq!(version_of(&lake), 2);
    let view = lake.snapshot(None).unwrap();
    assert_eq!((view.number, view.batches.len(), view.is_synthetic), (1, 1, true));
    assert_eq!(view.batches[0].files[0].file_name, "up_pro_accept.csv");
    for path in view.files.values().flatten() {
        let file = fsio::PlainFile::open(path).unwrap();
        assert_eq!(file.digest().unwrap().blake3, view.hash_of(path).unwrap());
    }
    let head = lake.verify_audit().unwrap();
    // What is asked of tables that it has not is answered, and changes nothing.
    assert_eq!(lake.report_runs().unwrap(), []);
    assert_eq!(lake.scheduled_since("monthly-trend", "0 8 5 * *").unwrap(), None);
    assert_eq!(version_of(&lake), 2);

    let lock = lake.lock_reports(now()).unwrap().unwrap();
    assert_eq!(version_of(&lake), FORMAT_VERSION);
    drop(lock);
    let lake = Lake::open(&root).unwrap();
    assert_eq!(lake.verify_audit().unwrap(), head);
    assert_eq!(lake.snapshot(Some(1)).unwrap().batches, view.batches);
}

#[test]
fn a_lake_of_version_3_is_read_and_checked_as_it_stands_and_a_change_upgrades_it() {
    let folder = tempfile::tempdir().unwrap();
    let root = lake_of("3", folder.path());
    let lake = Lake::open(&root).unwrap();
    assert_eq!(lake.warnings(), []);
    assert_eq!(version_of(&lake), 3);
    assert_eq!(lake.report_runs().unwrap().len(), 1);
    let view = lake.snapshot(None).unwrap();
    let is_over = || false;
    let settings =
        CheckSettings { level: CheckLevel::Deep, part: None, after: None, is_over: &is_over };
    let report = Lake::check(&root, settings).unwrap();
    // The modes are those of a checkout, which has no copies.
    let is_of_checkout =
        |kind: ProblemKind| matches!(kind, ProblemKind::Mode | ProblemKind::Backup);
    let others = report.problems.iter().filter(|problem| !is_of_checkout(problem.kind));
    assert_eq!(others.count(), 0, "{:?}", report.problems);
    let collect = |is_dry_run| {
        lake.collect("gc", CollectSettings { min_age: MIN_AGE, now: now(), is_dry_run }).unwrap()
    };
    assert_eq!(collect(true), []);
    assert_eq!(version_of(&lake), 3);

    let batch = view.batches[0].batch.clone();
    done(&lake.retract(&act("x"), &batch, LaterRecords::Refuse).unwrap());
    assert_eq!(version_of(&lake), FORMAT_VERSION);
    done(&lake.restore(&act("y"), 1).unwrap());
    let again = Lake::open(&root).unwrap().snapshot(None).unwrap();
    assert_eq!(again.batches[0].batch, batch);
    assert_eq!(again.data_files().len(), view.data_files().len());
    assert_eq!(lake.verify_audit().unwrap().entry, 3);
}

#[test]
fn a_lake_of_version_4_keeps_what_is_to_be_sent_when_a_change_upgrades_it() {
    let folder = tempfile::tempdir().unwrap();
    let root = lake_of("4", folder.path());
    let lake = Lake::open(&root).unwrap();
    assert_eq!(lake.warnings(), []);
    assert_eq!((version_of(&lake), lake.oldest_snapshot().unwrap()), (4, 0));
    let runs = lake.report_runs().unwrap();
    assert_eq!((runs.len(), runs[0].state), (1, ReportState::Undelivered));
    let receivers: Vec<&str> =
        runs[0].deliveries.iter().map(|delivery| &*delivery.receiver).collect();
    assert_eq!(receivers, ["office@example.cn", "archive@example.cn"]);
    let head = lake.verify_audit().unwrap();

    let batch = batch_of("one", "a");
    assert_eq!(committed(&commit(&lake, &batch, "one").unwrap()), 2);
    assert_eq!(version_of(&lake), FORMAT_VERSION);
    assert_eq!(lake.verify_audit().unwrap().entry, head.entry + 1);
    assert_eq!(lake.report_runs().unwrap(), runs);
    done(&lake.expire(&act("x"), 2).unwrap());
    assert_eq!(Lake::open(&root).unwrap().oldest_snapshot().unwrap(), 2);
}

/// The catalog of an upgraded lake has the tables and indexes of a new one.
#[test]
fn an_upgraded_catalog_is_that_of_a_new_lake() {
    let folder = tempfile::tempdir().unwrap();
    let tables = |root: &Path| -> Vec<(String, String)> {
        let catalog = Connection::open(root.join("catalog.db")).unwrap();
        let mut statement = catalog
            .prepare("SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name")
            .unwrap();
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        rows.map(Result::unwrap).collect()
    };
    let fresh = folder.path().join("new");
    Lake::create(&fresh).unwrap();
    for version in ["1", "2", "3", "4"] {
        let root = lake_of(version, &folder.path().join(version));
        Lake::open(&root).unwrap().lock_reports(now()).unwrap().unwrap();
        assert_eq!(tables(&root), tables(&fresh), "version {version}");
    }
}

fn output(destination: &str, delivered: bool) -> ReportOutput {
    ReportOutput {
        file_name: "monthly-trend_2021-08.html".to_owned(),
        size_bytes: 12,
        blake3: "a".repeat(64),
        destination: destination.to_owned(),
        n_attempts: 1,
        delivered_at: delivered.then(now),
    }
}

fn delivery(receiver: &str) -> ReportDelivery {
    ReportDelivery {
        delivery: "office".to_owned(),
        receiver: receiver.to_owned(),
        title: "办件月报".to_owned(),
        subtitle: "2021年9月".to_owned(),
        lang: Lang::Zh,
        n_attempts: 1,
        next_at: Some(now()),
        delivered_at: None,
        reasons: Vec::new(),
    }
}

#[test]
fn runs_of_reports_are_kept_and_one_that_died_ends() {
    let folder = tempfile::tempdir().unwrap();
    let lake = Lake::create(&folder.path().join("lake")).unwrap();
    let lock = lake.lock_reports(now()).unwrap().unwrap();
    assert!(lake.lock_reports(now()).unwrap().is_none());
    let start = ReportStart { report: "monthly-trend", n_missed: 2, ..report_start() };
    let [first, second] = [(); 2].map(|()| lake.begin_report(&start).unwrap());
    let mut outputs = [output("out", true), output("/share", false)];
    let reasons = [Message::new("io.storage_full")];
    let mut sent = [delivery("a@example.cn"), delivery("b@example.cn")];
    sent[1].reasons = reasons.to_vec();
    let mut end = ReportEnd {
        ended_at: now(),
        state: ReportState::Undelivered,
        snapshot: Some(3),
        reasons: &reasons,
        outputs: &outputs.clone(),
        deliveries: &sent.clone(),
    };
    lake.end_report(first, &end).unwrap();
    let runs = lake.report_runs().unwrap();
    assert_eq!([runs[0].state, runs[1].state], [ReportState::Undelivered, ReportState::Open]);
    assert_eq!((runs[0].n_missed, runs[0].snapshot), (2, Some(3)));
    assert_eq!((&runs[0].reasons[..], &runs[0].outputs[..]), (&reasons[..], &outputs[..]));

    assert_eq!(runs[0].deliveries, sent);
    outputs[1] = ReportOutput { n_attempts: 2, ..output("/share", true) };
    (sent[1].next_at, sent[1].delivered_at, sent[1].reasons) = (None, Some(now()), Vec::new());
    (end.state, end.reasons, end.outputs) = (ReportState::Done, &[], &outputs);
    end.deliveries = &sent;
    lake.end_report(first, &end).unwrap();
    drop(lock);
    drop(lake.lock_reports(now()).unwrap().unwrap());
    let runs = lake.report_runs().unwrap();
    assert_eq!([runs[0].state, runs[1].state], [ReportState::Done, ReportState::Aborted]);
    assert_eq!((runs[1].number, runs[1].ended_at), (second, Some(now())));
    assert_eq!(runs[0].outputs, outputs);
    assert_eq!(runs[0].deliveries, sent);
    // What has ended stays as it is.
    end.state = ReportState::Failed;
    lake.end_report(second, &end).unwrap();
    assert_eq!(lake.report_runs().unwrap()[1].state, ReportState::Aborted);
}

#[test]
fn a_schedule_counts_from_when_it_was_first_seen() {
    let folder = tempfile::tempdir().unwrap();
    let lake = Lake::create(&folder.path().join("lake")).unwrap();
    let later = now() + chrono::TimeDelta::hours(1);
    assert_eq!(lake.note_schedule("a", "0 8 * * *", now()).unwrap(), now());
    assert_eq!(lake.note_schedule("a", "0 8 * * *", later).unwrap(), now());
    assert_eq!(lake.note_schedule("a", "0 9 * * *", later).unwrap(), later);
    assert_eq!(lake.scheduled_since("a", "0 8 * * *").unwrap(), None);
    assert_eq!(lake.scheduled_since("b", "0 9 * * *").unwrap(), None);
}

#[test]
fn runs_of_a_lake_that_knew_no_receivers_have_none_and_the_next_ones_may() {
    let folder = tempfile::tempdir().unwrap();
    let root = lake_of("3", folder.path());
    let lake = Lake::open(&root).unwrap();
    let runs = lake.report_runs().unwrap();
    assert_eq!((runs.len(), &runs[0].deliveries[..]), (1, &[][..]));
    assert_eq!(version_of(&lake), 3);

    let _lock = lake.lock_reports(now()).unwrap().unwrap();
    assert_eq!(version_of(&lake), FORMAT_VERSION);
    assert_eq!(lake.report_runs().unwrap(), runs);
    let start = report_start();
    let number = lake.begin_report(&start).unwrap();
    let sent = [delivery("a@example.cn")];
    let end = ReportEnd {
        ended_at: now(),
        state: ReportState::Undelivered,
        snapshot: Some(1),
        reasons: &[],
        outputs: &[],
        deliveries: &sent,
    };
    lake.end_report(number, &end).unwrap();
    assert_eq!(lake.report_runs().unwrap()[1].deliveries, sent);
    // The last one, and the one before while something of it waits; the first is at its end.
    let last = lake.begin_report(&start).unwrap();
    let numbers = |runs: Vec<ReportRun>| runs.iter().map(|run| run.number).collect::<Vec<_>>();
    assert_eq!(numbers(lake.waiting_reports().unwrap()), [number, last]);
    assert_eq!(lake.waiting_reports().unwrap()[0].deliveries, sent);
    let ended = [ReportDelivery { next_at: None, ..delivery("a@example.cn") }];
    lake.end_report(number, &ReportEnd { deliveries: &ended, ..end }).unwrap();
    assert_eq!(numbers(lake.waiting_reports().unwrap()), [last]);
    assert_eq!(numbers(lake.report_runs().unwrap()), [1, number, last]);
}
