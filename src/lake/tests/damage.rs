//! Damage and tampering: what is noticed, and how it is named.

use std::path::{Path, PathBuf};

use super::records::{commit_records, records};
use super::{Fixture, act, batch_of, commit, committed, now};
use crate::diag::{Diagnose, Lang};
use crate::fsio::{self, testing};
use crate::lake::{
    CollectSettings, CommitOutcome, Lake, LakeError, LaterRecords, MIN_AGE, Opening,
};
use crate::table::LakeTable;

#[test]
fn a_data_file_of_another_size_is_refused_by_name() {
    let fixture = Fixture::new();
    fixture.commit("one");
    let path = fixture.root().join("data/findings/1-1.parquet");
    let bytes = fsio::read_bytes(&path, 1 << 20).unwrap();
    testing::put(&path, &bytes[..bytes.len() - 1]);
    let error = fixture.lake.snapshot(None).unwrap_err();
    assert!(matches!(error, LakeError::FileSizeDiffers { .. }));
    assert!(error.to_string().contains("data/findings/1-1.parquet"), "{error}");

    let mut same_size = bytes.clone();
    *same_size.last_mut().unwrap() = 0;
    testing::put(&path, &same_size);
    assert!(matches!(fixture.lake.snapshot(None).unwrap_err(), LakeError::FileNotParquet { .. }));

    fsio::remove_file(&path).unwrap();
    let error = fixture.lake.snapshot(None).unwrap_err();
    assert!(error.causes()[0].text(Lang::Zh).contains("1-1.parquet"));
    // The state before is not concerned.
    fixture.lake.snapshot(Some(0)).unwrap();
}

#[test]
fn advice_about_a_damaged_file_names_what_brings_its_rows_back() {
    let fixture = Fixture::new();
    fixture.commit("one");
    committed(&commit_records(&fixture.lake, &records("r")).unwrap());
    let advice = |snapshot| {
        let message = fixture.lake.snapshot(snapshot).unwrap_err().message();
        [Lang::En, Lang::Zh].map(|lang| message.hint(lang).unwrap())
    };
    let root = fixture.root();
    fsio::remove_file(&root.join("data/findings/1-1.parquet")).unwrap();
    let batch = batch_of("one", "a").batch;
    for hint in advice(None) {
        assert!(hint.contains(&format!("tongban reread {batch}")), "{hint}");
    }
    let source = root.join("source").join(fsio::hash_hex(b"one"));
    testing::put(&source, b"0ne");
    let [en, zh] = advice(None);
    assert!(en.contains("ingest the same document again") && !en.contains("reread"), "{en}");
    assert!(zh.contains("也已丢失") && !zh.contains("reread"), "{zh}");
    // Which helps.
    commit(&fixture.lake, &batch_of("one", "a"), "one").unwrap();
    fixture.lake.snapshot(None).unwrap();
    assert_eq!(fixture.lake.source(&fsio::hash_hex(b"one")).unwrap(), b"one");
    // The states before it need the file itself.
    for hint in advice(Some(2)) {
        assert!(hint.contains("--from") && hint.contains("gc --keep-from"), "{hint}");
        assert!(!hint.contains("reread") && !hint.contains("ingest"), "{hint}");
    }
    let path = fixture.lake.snapshot(None).unwrap().files[&LakeTable::Cases][0].clone();
    fsio::remove_file(&path).unwrap();
    let [en, zh] = advice(None);
    assert!(en.contains("ingest the same files again") && !en.contains("reread"), "{en}");
    assert!(zh.contains("再次读入同样的文件") && !zh.contains("reread"), "{zh}");
    commit_records(&fixture.lake, &records("r")).unwrap();
    fixture.lake.snapshot(None).unwrap();
}

#[test]
fn a_stored_source_that_changed_goes_aside_when_it_is_given_again() {
    let fixture = Fixture::new();
    fixture.commit("one");
    let hash = fsio::hash_hex(b"one");
    let path = fixture.root().join("source").join(&hash);
    // In the way in which it was read before, and in another.
    for (number, reading) in (1..).zip(["a", "b"]) {
        testing::put(&path, b"0ne");
        let error = fixture.lake.source(&hash).unwrap_err();
        assert!(matches!(error, LakeError::SourceDamaged { .. }));
        commit(&fixture.lake, &batch_of("one", reading), "one").unwrap();
        assert_eq!(fixture.lake.source(&hash).unwrap(), b"one");
        assert_eq!(testing::mode(&path), 0o440);
        let lost = fsio::list_folder(&fixture.root().join("lost+found")).unwrap();
        assert_eq!(lost.len(), number, "what was there is kept");
        assert_eq!(fsio::read_bytes(&lost[0], 9).unwrap(), b"0ne");
    }
    // What is as it was is left alone.
    let before = fsio::stamp(&path);
    commit(&fixture.lake, &batch_of("one", "b"), "one").unwrap();
    assert!(fsio::stamp(&path) == before);
}

#[track_caller]
fn check_tampering(sql: &str, expected: &str) {
    let fixture = Fixture::new();
    fixture.commit("one");
    fixture.commit("two");
    commit(&fixture.lake, &batch_of("one", "b"), "one").unwrap();
    fixture.lake.catalog.write(|tx| tx.execute_batch(sql)).unwrap();
    let found = match fixture.lake.verify_audit() {
        Ok(head) => format!("{} hold", head.entry),
        Err(LakeError::AuditBroken { entry }) => format!("{entry} broken"),
        Err(other) => other.to_string(),
    };
    assert_eq!(found, expected, "{sql}");
}

#[test]
fn the_audit_chain_shows_every_edit() {
    check_tampering("", "3 hold");
    check_tampering("UPDATE snapshots SET author = 'wang' WHERE snapshot = 2", "2 broken");
    check_tampering("UPDATE files SET record_count = 4 WHERE begin_snapshot = 1", "1 broken");
    check_tampering("UPDATE batches SET file_name = 'x' WHERE begin_snapshot = 2", "2 broken");
    check_tampering("UPDATE batches SET superseded_by = 'x' WHERE end_snapshot = 3", "3 broken");
    check_tampering("UPDATE files SET end_snapshot = NULL", "3 broken");
    check_tampering("UPDATE audit SET hash = printf('%064d', 0) WHERE entry = 1", "1 broken");
    check_tampering("DELETE FROM audit WHERE entry = 3", "3 broken");
    check_tampering("DELETE FROM audit WHERE entry = 1", "1 broken");
    let forget = "DELETE FROM audit WHERE entry = 3;
        UPDATE files SET end_snapshot = NULL; DELETE FROM files WHERE begin_snapshot = 3;
        DELETE FROM batches WHERE begin_snapshot = 3;
        UPDATE batches SET end_snapshot = NULL, superseded_by = NULL;
        DELETE FROM snapshots WHERE snapshot = 3;";
    check_tampering(forget, "3 broken");
}

#[test]
fn a_manifest_says_what_the_catalog_says_and_a_lost_one_is_written_again() {
    let fixture = Fixture::new();
    fixture.commit("one");
    let path = fixture.root().join("manifests/1.json");
    let before = fsio::read_text(&path).unwrap();
    assert!(before.contains("\"path\": \"data/findings/1-1.parquet\""), "{before}");
    fsio::remove_file(&path).unwrap();
    fixture.commit("two");
    assert_eq!(fsio::read_text(&path).unwrap(), before);
}

#[test]
fn a_catalog_of_another_version_or_kind_is_refused() {
    let fixture = Fixture::new();
    let set = |sql: &str| fixture.lake.catalog.write(|tx| tx.execute_batch(sql)).unwrap();
    let refused = || Lake::open(&fixture.root()).unwrap_err();
    set("PRAGMA user_version = 99");
    assert!(matches!(refused(), LakeError::VersionUnknown { found: 99, .. }), "no copy proves it");
    set("PRAGMA user_version = 5");
    fixture.commit("one");
    set("PRAGMA user_version = 99; CREATE TABLE later (a)");
    assert!(matches!(refused(), LakeError::VersionUnknown { found: 99, .. }));
    set("DROP TABLE later");
    assert!(matches!(refused(), LakeError::CatalogGarbled { .. }), "the tables of a known one");
    set("PRAGMA user_version = 5; PRAGMA application_id = 5");
    assert!(matches!(refused(), LakeError::CatalogGarbled { .. }));
    let hint = refused().message().hint(Lang::En).unwrap();
    assert!(hint.contains("tongban lake repair"), "{hint}");
    testing::put(&fixture.root().join("catalog.db"), &[7; 4096]);
    let error = Lake::open(&fixture.root()).unwrap_err();
    assert_eq!(error.causes()[0].text(Lang::En), "the catalog file is damaged");
}

#[test]
fn backups_are_made_and_the_last_three_kept() {
    let fixture = Fixture::new();
    for number in 1..=80 {
        fixture.commit(&number.to_string());
    }
    let names: Vec<_> = fsio::list_folder(&fixture.root().join("backup"))
        .unwrap()
        .iter()
        .map(|path| path.file_name().unwrap().to_string_lossy().into_owned())
        .collect();
    let expected = [40, 60, 80].map(|number| format!("catalog-{number:012}.db"));
    assert_eq!(names, expected);
    // The next commit makes one where there is none.
    fixture.commit("81");
    assert_eq!(fsio::list_folder(&fixture.root().join("backup")).unwrap().len(), 3);
    for path in fsio::list_folder(&fixture.root().join("backup")).unwrap() {
        fsio::remove_file(&path).unwrap();
    }
    fixture.commit("82");
    let made = fsio::list_folder(&fixture.root().join("backup")).unwrap();
    assert_eq!(made, [fixture.root().join("backup/catalog-000000000082.db")]);
    // A copy is a lake's catalog as it stands.
    let copy = fsio::read_bytes(&made[0], 1 << 30);
    fixture.commit("83");
    testing::put(&fixture.root().join("catalog.db"), &copy.unwrap());
    assert_eq!(fixture.reopened().snapshot(None).unwrap().number, 82);
}

#[test]
fn a_chain_cut_short_shows_where_the_kept_head_is_gone_or_garbled() {
    let fixture = Fixture::new();
    let head = fixture.root().join("audit-head");
    fixture.commit("one");
    // A process that died between its commit and writing the head.
    fsio::remove_file(&head).unwrap();
    assert_eq!(fixture.lake.verify_audit().unwrap().entry, 1);
    fixture.commit("two");
    fixture.commit("three");
    let whole = fsio::read_text(&head).unwrap();
    assert_eq!(fixture.lake.verify_audit().unwrap().entry, 3);
    let is_lost = || matches!(fixture.lake.verify_audit(), Err(LakeError::AuditHeadLost { .. }));
    for garbled in ["", "3", "x y\n", &whole[..20], whole.trim(), "0 0\n"] {
        testing::put(&head, garbled.as_bytes());
        assert!(is_lost(), "{garbled}");
    }
    fsio::remove_file(&head).unwrap();
    assert!(is_lost());
    fixture.commit("four");
    assert_eq!(fixture.lake.verify_audit().unwrap().entry, 4);
}

/// Puts the copy of the catalog in place that was made with the first commit.
fn put_first_copy(root: &Path) {
    let copy = fsio::read_bytes(&root.join("backup/catalog-000000000001.db"), 1 << 30).unwrap();
    for end in ["-wal", "-shm"] {
        fsio::remove_file(&root.join(format!("catalog.db{end}"))).unwrap();
    }
    testing::put(&root.join("catalog.db"), &copy);
}

/// Everything of a lake that is kept, with its bytes.
fn kept(root: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let files = fsio::list_files(root).unwrap().into_iter();
    let is_kept = |path: &PathBuf| {
        let inner = path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
        let others = ["catalog.db-", "leases", "queue", "records.lock", "reports.lock", "reserve"];
        !others.iter().any(|other| inner.starts_with(other))
    };
    let kept = files.filter(is_kept);
    kept.map(|path| (path.clone(), fsio::read_bytes(&path, 1 << 30).unwrap())).collect()
}

/// What every change of the lake says.
fn refusals(lake: &Lake) -> Vec<String> {
    let later = chrono::TimeDelta::days(36_500);
    let settings =
        |is_dry_run| CollectSettings { min_age: MIN_AGE, now: now() + later, is_dry_run };
    let batch = batch_of("one", "a").batch;
    let opening =
        Opening { command: "ingest", author: "li", message: "", clock: now, batch: records("r") };
    let outcomes = [
        commit(lake, &batch_of("five", "a"), "five").map(|_| ()),
        lake.stage(opening, 0).map(|_| ()),
        lake.retract(&act("x"), &batch, LaterRecords::Refuse).map(|_| ()),
        lake.restore(&act("x"), 0).map(|_| ()),
        lake.expire(&act("x"), 1).map(|_| ()),
        lake.compact(&act("x")).map(|_| ()),
        lake.collect("gc", settings(false)).map(|_| ()),
        lake.lock_reports(now()).map(|_| ()),
    ];
    outcomes
        .into_iter()
        .map(|outcome| format!("{:?}", outcome.map_err(|error| error.message())))
        .collect()
}

#[test]
fn an_older_copy_of_the_catalog_is_read_with_a_warning_and_nothing_is_built_on_it() {
    let fixture = Fixture::new();
    for source in ["one", "two", "three", "four"] {
        fixture.commit(source);
    }
    let root = fixture.root();
    let [head, manifests] = ["audit-head", "manifests"].map(|name| root.join(name));
    let head_text = fsio::read_bytes(&head, 99).unwrap();
    put_first_copy(&root);
    // The head alone, the manifests alone, and both.
    let texts = kept(&manifests);
    for (has_head, has_manifests) in [(true, false), (false, true), (true, true)] {
        fsio::remove_file(&head).unwrap();
        if has_head {
            testing::put(&head, &head_text);
        }
        for (path, bytes) in &texts {
            if has_manifests {
                testing::put(path, bytes);
            } else {
                fsio::remove_file(path).unwrap();
            }
        }
        let lake = fixture.reopened();
        let codes: Vec<&str> = lake.warnings().iter().map(|warning| warning.code).collect();
        assert_eq!(codes, ["lake.catalog_behind"]);
        assert_eq!(lake.snapshot(None).unwrap().number, 1);
        let before = kept(&root);
        for said in refusals(&lake) {
            assert!(said.contains("catalog_behind"), "{said}");
        }
        assert!(kept(&root) == before, "nothing is changed");
    }
    let error = commit(&fixture.lake, &batch_of("five", "a"), "five").unwrap_err();
    assert!(matches!(error, LakeError::CatalogBehind { latest: 1, known: 4 }));
    let hint = error.message().hint(Lang::En).unwrap();
    assert!(hint.contains("tongban lake repair"), "{hint}");
    // What the later snapshots name is no leftover, whatever the catalog says.
    let dry = CollectSettings { min_age: MIN_AGE, now: now(), is_dry_run: true };
    assert_eq!(fixture.lake.collect("gc", dry).unwrap(), []);

    Lake::repair(&root, super::repair::settings()).unwrap();
    assert_eq!(fixture.reopened().warnings(), []);
    assert_eq!(fixture.commit("five"), 5);
    assert_eq!(fixture.lake.snapshot(None).unwrap().files[&LakeTable::Findings].len(), 5);
    fixture.lake.verify_audit().unwrap();
}

#[test]
fn a_catalog_of_another_chain_is_read_with_a_warning_and_nothing_is_built_on_it() {
    let fixture = Fixture::new();
    let other = Fixture::new();
    for source in ["one", "two"] {
        fixture.commit(source);
    }
    for source in ["six", "seven", "eight"] {
        other.commit(source);
    }
    let root = fixture.root();
    let catalog = fsio::read_bytes(&other.root().join("catalog.db"), 1 << 30).unwrap();
    testing::put(&root.join("catalog.db"), &catalog);
    // By the kept head, and by the manifests where the head came along.
    for file in ["catalog.db", "audit-head"] {
        let bytes = fsio::read_bytes(&other.root().join(file), 1 << 30).unwrap();
        testing::put(&root.join(file), &bytes);
        let lake = fixture.reopened();
        for said in refusals(&lake) {
            assert!(said.contains("catalog_other"), "{file}: {said}");
        }
    }
}

#[test]
fn a_head_that_a_killed_commit_left_behind_hinders_nothing() {
    let fixture = Fixture::new();
    fixture.commit("one");
    let head = fixture.root().join("audit-head");
    let text = fsio::read_bytes(&head, 99).unwrap();
    fixture.commit("two");
    // Killed after its commit: neither manifest nor head.
    testing::put(&head, &text);
    fsio::remove_file(&fixture.root().join("manifests/2.json")).unwrap();
    assert_eq!(fixture.reopened().warnings(), []);
    assert_eq!(fixture.commit("three"), 3);
    // And between both.
    let text = fsio::read_bytes(&head, 99).unwrap();
    fixture.commit("four");
    testing::put(&head, &text);
    assert_eq!(fixture.reopened().warnings(), []);
    assert_eq!(fixture.commit("five"), 5);
    fixture.lake.verify_audit().unwrap();
}

#[test]
fn what_does_not_work_after_a_commit_says_what_it_was() {
    let fixture = Fixture::new();
    for folder in ["manifests", "backup"] {
        let path = fixture.root().join(folder);
        fsio::remove_dir_tree(&path).unwrap();
        testing::put(&path, b"");
    }
    // `Lake::commit` would make the folders anew or refuse, so what follows it is called here.
    let warnings = {
        fixture.lake.catalog.write(|tx| tx.execute_batch(
            "INSERT INTO runs VALUES (1, 'b', 'h', 0, 1, 'x', 'c', '2021-10-20T09:30:00.0', 'committed');
             INSERT INTO snapshots VALUES (1, '2021-10-20T09:30:00.0', 'c', 'a', '', 1);",
        )).unwrap();
        fixture.lake.catalog.write(|tx| crate::lake::audit::append(tx, 1)).unwrap();
        fsio::create_private_dir(&fixture.lake.layout.tmp(1)).unwrap();
        fixture.lake.follow_up(1, 1)
    };
    let codes: Vec<&str> = warnings.iter().map(|warning| warning.code).collect();
    let told: Vec<&&str> = codes.iter().filter(|code| code.starts_with("lake.after_")).collect();
    assert_eq!(told, [&"lake.after_manifest", &"lake.after_backup"], "{codes:?}");
    assert_eq!(codes[0], "lake.after_manifest");
    assert!(warnings[1].text(Lang::En).contains("manifests"), "{}", warnings[1].text(Lang::En));
}

/// Everything in the folder of the data files, with its bytes.
fn data_files(fixture: &Fixture) -> Vec<(PathBuf, Vec<u8>)> {
    let files = fsio::list_files(&fixture.root().join("data")).unwrap();
    files
        .into_iter()
        .map(|path| (path.clone(), fsio::read_bytes(&path, 1 << 20).unwrap()))
        .collect()
}

#[track_caller]
fn check_written_anew(damage: impl FnOnce(&Path)) {
    let fixture = Fixture::new();
    fixture.commit("one");
    fixture.commit("two");
    let again = || commit(&fixture.lake, &batch_of("one", "a"), "one").unwrap();
    assert!(matches!(again(), CommitOutcome::AlreadyThere { snapshot: 1, .. }));
    damage(&fixture.root().join("data/findings/1-1.parquet"));
    let damaged = data_files(&fixture);

    let CommitOutcome::Committed { snapshot: 3, warnings } = again() else { unreachable!() };
    let said: Vec<String> = warnings.iter().map(|warning| warning.text(Lang::En)).collect();
    assert_eq!(said.len(), 1);
    assert!(said[0].contains("data/findings/1-1.parquet") && said[0].contains("snapshot 3"));
    let after = data_files(&fixture);
    assert!(damaged.iter().all(|file| after.contains(file)), "no data file is written to");
    let view = fixture.lake.snapshot(None).unwrap();
    let names: Vec<_> =
        view.files[&LakeTable::Findings].iter().filter_map(|path| path.file_name()).collect();
    assert_eq!(names, ["2-1.parquet", "3-1.parquet"]);
    assert_eq!(view.batches.len(), 2);
    assert!(matches!(again(), CommitOutcome::AlreadyThere { snapshot: 3, .. }));
    fixture.lake.verify_audit().unwrap();
}

#[test]
fn a_batch_whose_data_file_is_damaged_is_written_anew_and_not_called_present() {
    check_written_anew(|path| fsio::remove_file(path).unwrap());
    check_written_anew(|path| testing::put(path, b"PAR1PAR1"));
    check_written_anew(|path| {
        let aim = path.with_file_name("aim.parquet");
        testing::put(&aim, &fsio::read_bytes(path, 1 << 20).unwrap());
        fsio::remove_file(path).unwrap();
        fsio::point_link(path, &aim).unwrap();
    });
    check_written_anew(|path| {
        let mut bytes = fsio::read_bytes(path, 1 << 20).unwrap();
        bytes[20] ^= 1;
        testing::put(path, &bytes);
    });
}

#[test]
fn two_who_find_the_same_damage_write_the_batch_once() {
    let fixture = Fixture::new();
    fixture.commit("one");
    fsio::remove_file(&fixture.root().join("data/findings/1-1.parquet")).unwrap();
    let writers: Vec<_> = (0..2)
        .map(|_| {
            let root = fixture.root();
            std::thread::spawn(move || {
                commit(&Lake::open(&root).unwrap(), &batch_of("one", "a"), "one").unwrap()
            })
        })
        .collect();
    for writer in writers {
        writer.join().unwrap();
    }
    assert_eq!(fixture.lake.snapshot(None).unwrap().number, 2);
}

#[test]
fn a_damaged_data_file_is_told_with_the_command_that_writes_its_batch_anew() {
    let fixture = Fixture::new();
    fixture.commit("one");
    fsio::remove_file(&fixture.root().join("data/findings/1-1.parquet")).unwrap();
    let hint = fixture.lake.snapshot(None).unwrap_err().message().hint(Lang::En).unwrap();
    assert!(hint.contains(&format!("tongban reread {}", batch_of("one", "a").batch)), "{hint}");
}

#[test]
fn a_damaged_catalog_names_the_copy_that_there_is() {
    let fixture = Fixture::new();
    let catalog = fixture.root().join("catalog.db");
    let hint_with = |bytes: &[u8]| {
        testing::put(&catalog, bytes);
        Lake::open(&fixture.root()).unwrap_err().message().hint(Lang::En).unwrap()
    };
    let before = fsio::read_bytes(&catalog, 1 << 30).unwrap();
    let hint = hint_with(&[7; 4096]);
    assert!(hint.contains("lake/manifests/") && !hint.contains("backup/"), "{hint}");
    testing::put(&catalog, &before);
    fixture.commit("one");
    for damaged in [&[7; 4096][..], b""] {
        let hint = hint_with(damaged);
        assert!(hint.contains("backup/catalog-000000000001.db"), "{hint}");
    }
    let copy = fixture.root().join("backup/catalog-000000000001.db");
    testing::put(&catalog, &fsio::read_bytes(&copy, 1 << 30).unwrap());
    assert_eq!(fixture.reopened().snapshot(None).unwrap().number, 1);
}
