//! Reading: earlier states, leases, and folders that cannot be written.

use super::{Fixture, batch_of, commit};
use crate::fsio;
use crate::lake::catalog::Catalog;
use crate::lake::{Lake, LakeError};
use crate::table::LakeTable;

#[test]
fn an_earlier_snapshot_is_read_as_it_was() {
    let fixture = Fixture::new();
    fixture.commit("one");
    fixture.commit("two");
    for (number, n_files) in [(0, 0), (1, 1), (2, 2)] {
        let view = fixture.lake.snapshot(Some(number)).unwrap();
        let counts = (view.files[&LakeTable::Findings].len(), view.batches.len());
        assert_eq!((counts, view.snapshots.len()), ((n_files, n_files), n_files));
    }
    for unknown in [-1, 3] {
        let error = fixture.lake.snapshot(Some(unknown)).unwrap_err();
        assert!(matches!(error, LakeError::SnapshotUnknown { latest: 2, .. }));
    }
}

#[test]
fn a_view_holds_a_lease_until_it_is_dropped() {
    let fixture = Fixture::new();
    let leases = fixture.root().join("leases");
    let view = fixture.lake.snapshot(None).unwrap();
    let second = fixture.lake.snapshot(None).unwrap();
    assert_eq!(fsio::list_folder(&leases).unwrap().len(), 2);
    drop((view, second));
    assert!(fsio::list_folder(&leases).unwrap().is_empty());
}

#[test]
fn a_folder_that_cannot_be_written_can_be_read() {
    let fixture = Fixture::new();
    fixture.commit("one");
    let folders = ["leases", "tmp", "source", "data/findings", ""];
    let set_modes = |bits| {
        for folder in folders {
            fsio::testing::set_mode(&fixture.root().join(folder), bits);
        }
        fsio::testing::set_mode(&fixture.root().join("catalog.db"), bits & 0o600);
    };
    set_modes(0o500);
    let mut lake = fixture.reopened();
    // Permission bits do not bind the superuser; the way of reading is the same without them.
    if lake.read_only.is_none() {
        lake.catalog = Catalog::new(lake.layout.catalog(), false);
        lake.read_only = Some(crate::diag::Message::new("lake.not_writable"));
    }
    let before = fsio::list_files(&fixture.root()).unwrap();
    let view = lake.snapshot(None).unwrap();
    let log = lake.log().unwrap();
    let refused = commit(&lake, &batch_of("two", "a"), "two").unwrap_err();
    let audit = lake.verify_audit();
    set_modes(0o700);
    assert_eq!((view.number, log.len()), (1, 1));
    assert!(matches!(refused, LakeError::ReadOnly { .. }));
    audit.unwrap();
    assert_eq!(fsio::list_files(&fixture.root()).unwrap(), before);
}

#[test]
fn a_folder_that_others_may_change_is_refused() {
    let fixture = Fixture::new();
    fsio::testing::set_mode(&fixture.root(), 0o770);
    assert!(matches!(Lake::open(&fixture.root()).unwrap_err(), LakeError::Folder { .. }));
}

#[test]
fn folders_that_a_copy_left_out_are_made_again() {
    let fixture = Fixture::new();
    for folder in ["tmp", "leases", "data/observations", "lost+found"] {
        fsio::remove_dir_tree(&fixture.root().join(folder)).unwrap();
    }
    let lake = fixture.reopened();
    assert_eq!(lake.snapshot(None).unwrap().number, 0);
    fixture.commit("one");
    assert!(fsio::is_dir(&fixture.root().join("lost+found")));
}
