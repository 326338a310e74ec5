//! Damage and tampering: what is noticed, and how it is named.

use super::{Fixture, batch_of, commit};
use crate::diag::{Diagnose, Lang};
use crate::fsio::{self, testing};
use crate::lake::{Lake, LakeError};

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
fn a_stored_source_that_changed_is_noticed_when_it_is_needed_again() {
    let fixture = Fixture::new();
    fixture.commit("one");
    let path = fixture.root().join("source").join(fsio::hash_hex(b"one"));
    testing::put(&path, b"0ne");
    let error = commit(&fixture.lake, &batch_of("one", "b"), "one").unwrap_err();
    assert!(matches!(error, LakeError::SourceDamaged { .. }));
    assert_eq!(fixture.lake.snapshot(None).unwrap().number, 1);
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
    set("PRAGMA user_version = 99");
    let error = Lake::open(&fixture.root()).unwrap_err();
    assert!(matches!(error, LakeError::VersionUnknown { found: 99, .. }));
    set("PRAGMA application_id = 5");
    assert!(matches!(Lake::open(&fixture.root()).unwrap_err(), LakeError::NotALake { .. }));
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
    // A copy is a lake's catalog as it stands.
    let copy = fsio::read_bytes(&fixture.root().join("backup").join(&expected[1]), 1 << 30);
    testing::put(&fixture.root().join("catalog.db"), &copy.unwrap());
    assert_eq!(fixture.reopened().snapshot(None).unwrap().number, 60);
}
