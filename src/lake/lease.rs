//! Leases: what keeps the files of a snapshot from being collected while somebody reads them.

use std::io::ErrorKind;
use std::path::Path;

use crate::fsio::{self, FsError, Lock};

/// A shared lock on a file of our own in `leases/`; both go when it is dropped.
///
/// The file holds the number of the snapshot. While it is still empty, or after a crash, it stands
/// for the oldest one.
#[derive(Debug)]
pub(super) struct Lease {
    lock: Lock,
}

impl Lease {
    /// Takes a lease, `None` where none can be kept: on a full disk or a read-only file system.
    pub(super) fn take(leases: &Path) -> Result<Option<Self>, FsError> {
        // The process is named for people only: containers that share the lake have processes of the
        // same number, and each lease must be a file of its own, which only its holder removes.
        let prefix = format!("{}-", fsio::process_id());
        loop {
            match Lock::shared_in_new_file(leases, &prefix) {
                // Gone again: a writer that was clearing up took it for a dead one.
                Ok(Some(lock)) if !lock.is_in_place() => {}
                Ok(Some(lock)) => return Ok(Some(Self { lock })),
                Ok(None) => {}
                Err(error) if is_no_place(&error) => return Ok(None),
                Err(error) => return Err(error),
            }
        }
    }

    /// Returns the file of it.
    pub(super) fn path(&self) -> &Path {
        self.lock.path()
    }

    /// Notes which snapshot is being read. Best effort: an empty lease keeps more, not less.
    pub(super) fn note(&mut self, snapshot: i64) {
        self.lock.write_note(&format!("{snapshot}\n")).ok();
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        fsio::remove_file(self.lock.path()).ok();
    }
}

/// Removes the leases of processes that are dead: nobody holds their lock.
pub(super) fn remove_stale(leases: &Path) -> Result<(), FsError> {
    for path in fsio::list_folder(leases)? {
        // The lock is held until the file is gone, so that nobody takes it over in between.
        if let Some(_lock) = Lock::try_exclusive(&path)? {
            fsio::remove_file(&path)?;
        }
    }
    Ok(())
}

fn is_no_place(error: &FsError) -> bool {
    matches!(
        error.kind(),
        Some(
            ErrorKind::StorageFull
                | ErrorKind::QuotaExceeded
                | ErrorKind::ReadOnlyFilesystem
                | ErrorKind::NotFound
        )
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lease_lasts_until_it_is_dropped_and_stale_ones_go() {
        let folder = tempfile::tempdir().unwrap();
        let mut lease = Lease::take(folder.path()).unwrap().unwrap();
        lease.note(3);
        let path = lease.lock.path().to_owned();
        fsio::testing::put(&folder.path().join("1-1"), b"2\n");
        remove_stale(folder.path()).unwrap();
        assert_eq!(fsio::list_folder(folder.path()).unwrap(), std::slice::from_ref(&path));
        assert_eq!(Lock::read_note(&path).as_deref(), Some("3"));
        drop(lease);
        assert!(!fsio::exists(&path));
    }
}
