//! Lakes that earlier versions of the program made.

use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::{batch_of, commit, committed, now};
use crate::fsio;
use crate::lake::{Lake, LakeError, Opening, StagingOutcome};
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
        assert_eq!(file.digest().unwrap().blake3, view.hashes[path]);
    }
    let head = lake.verify_audit().unwrap();
    // What is refused, and what only looks whether it is needed, leaves the version.
    let mut batch = batch_of("one", "a");
    batch.rows_duplicate = 7;
    assert!(matches!(commit(&lake, &batch, "one").unwrap_err(), LakeError::CountsDiffer { .. }));
    assert_eq!(version_of(&lake), 1);

    let batch = batch_of("one", "a");
    assert_eq!(committed(&commit(&lake, &batch, "one").unwrap()), 3);
    assert_eq!(version_of(&lake), 2);
    assert_eq!(lake.verify_audit().unwrap().entry, head.entry + 1);
    let lake = Lake::open(&root).unwrap();
    assert_eq!(lake.snapshot(Some(2)).unwrap().batches, view.batches);
    let opening =
        Opening { command: "ingest", author: "li", message: "", clock: now, batch: batch.clone() };
    let there = lake.stage(opening, 0).unwrap();
    assert!(matches!(there, StagingOutcome::Concluded(_)));
}
