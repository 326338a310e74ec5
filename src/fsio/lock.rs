//! Advisory locks on files; the kernel releases them when their holder dies.

use std::fs::{self, File, OpenOptions, Permissions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use rustix::fs::OFlags;

use crate::fsio::error::{Action, FsError};
use crate::fsio::queue::open_existing;
use crate::fsio::write::{Mode, without_path};

/// Longest note of a holder that is read back.
const MAX_NOTE_BYTES: u64 = 4096;

/// A held lock; dropping it releases it.
#[derive(Debug)]
pub struct Lock {
    file: File,
    path: PathBuf,
}

impl Lock {
    /// Takes the exclusive lock on `path`, `None` when somebody holds it. Makes the file if needed.
    pub fn try_exclusive(path: &Path) -> Result<Option<Self>, FsError> {
        let file = open(path)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self { file, path: path.to_owned() })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(FsError::system(Action::Lock, path, error)),
        }
    }

    /// Tells whether somebody holds a lock on `path`, shared or exclusive. A file that is gone is held by
    /// nobody, and none is made.
    pub fn is_held(path: &Path) -> Result<bool, FsError> {
        let failed = FsError::on(Action::Lock, path);
        let file = match open_existing(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            other => other.map_err(failed)?,
        };
        match file.try_lock() {
            Ok(()) => Ok(false),
            Err(TryLockError::WouldBlock) => Ok(true),
            Err(TryLockError::Error(error)) => Err(FsError::system(Action::Lock, path, error)),
        }
    }

    /// Takes the exclusive lock on `path`, waiting for its holder; `None` when `limit` has passed.
    ///
    /// Waiting happens in the kernel's queue, which is fairer than asking again and again. A wait
    /// that was given up leaves a thread behind until the holder lets go or the process ends.
    pub fn exclusive(path: &Path, limit: Duration) -> Result<Option<Self>, FsError> {
        if let Some(lock) = Self::try_exclusive(path)? {
            return Ok(Some(lock));
        }
        let file = open(path)?;
        let (sender, receiver) = mpsc::sync_channel(1);
        let wait = move || {
            let result = wait_for(&file);
            // After the limit nobody listens; the file is closed and with it the lock released.
            sender.send(result.map(|()| file)).ok();
        };
        thread::Builder::new()
            .name("lock".to_owned())
            .spawn(wait)
            .map_err(FsError::on(Action::Lock, path))?;
        match receiver.recv_timeout(limit) {
            Ok(Ok(file)) => Ok(Some(Self { file, path: path.to_owned() })),
            Ok(Err(error)) => Err(FsError::system(Action::Lock, path, error)),
            Err(_) => Ok(None),
        }
    }

    /// Makes a file of its own in `dir`, whose name begins with `prefix` and ends by chance, and takes
    /// the shared lock on it; `None` when somebody locked it first.
    pub fn shared_in_new_file(dir: &Path, prefix: &str) -> Result<Option<Self>, FsError> {
        let failed = |source| FsError::system(Action::Lock, dir, source);
        let (file, path) = tempfile::Builder::new()
            .prefix(prefix)
            .permissions(Permissions::from_mode(Mode::Private.bits()))
            .tempfile_in(dir)
            .map_err(|error| failed(without_path(&error)))?
            .keep()
            .map_err(|error| failed(error.error))?;
        match file.try_lock_shared() {
            Ok(()) => Ok(Some(Self { file, path })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(FsError::system(Action::Lock, &path, error)),
        }
    }

    /// Returns the file that is locked.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Tells whether the locked file still stands at its path: somebody may have removed it between
    /// our opening and locking it, and then the lock guards nothing.
    pub fn is_in_place(&self) -> bool {
        let identity = |metadata: fs::Metadata| (metadata.dev(), metadata.ino());
        match (self.file.metadata(), fs::symlink_metadata(&self.path)) {
            (Ok(held), Ok(standing)) => identity(held) == identity(standing),
            _ => false,
        }
    }

    /// Writes who we are into the locked file, for those who wait.
    pub fn write_note(&mut self, note: &str) -> Result<(), FsError> {
        self.file
            .set_len(0)
            .and_then(|()| self.file.rewind())
            .and_then(|()| self.file.write_all(note.as_bytes()))
            .map_err(FsError::on(Action::Write, &self.path))
    }

    /// Reads what the holder of the lock on `path` wrote, `None` when it wrote nothing.
    pub fn read_note(path: &Path) -> Option<String> {
        let mut note = String::new();
        File::open(path).ok()?.take(MAX_NOTE_BYTES).read_to_string(&mut note).ok()?;
        let note = note.trim();
        (!note.is_empty()).then(|| note.to_owned())
    }
}

/// Waits until nobody holds the exclusive lock on a file that may be gone meanwhile; `false` when `limit`
/// has passed. A wait that was given up leaves a thread behind until the holder lets go or the process ends;
/// what it has then is shared and let go at once.
pub(super) fn wait_shared(path: &Path, limit: Duration) -> Result<bool, FsError> {
    let failed = |source| FsError::system(Action::Lock, path, source);
    let file = match open_existing(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(true),
        other => other.map_err(failed)?,
    };
    match file.try_lock_shared() {
        Ok(()) => return Ok(true),
        Err(TryLockError::WouldBlock) => {}
        Err(TryLockError::Error(error)) => return Err(failed(error)),
    }
    let (sender, receiver) = mpsc::sync_channel(1);
    let wait = move || {
        let outcome = until_uninterrupted(|| file.lock_shared());
        drop(file);
        sender.send(outcome).ok();
    };
    thread::Builder::new().name("turn".to_owned()).spawn(wait).map_err(failed)?;
    match receiver.recv_timeout(limit) {
        Ok(outcome) => outcome.map(|()| true).map_err(failed),
        Err(_) => Ok(false),
    }
}

fn open(path: &Path) -> Result<File, FsError> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(Mode::Private.bits())
        .custom_flags(OFlags::NOFOLLOW.bits().cast_signed())
        .open(path)
        .map_err(FsError::on(Action::Lock, path))
}

fn wait_for(file: &File) -> io::Result<()> {
    until_uninterrupted(|| file.lock())
}

fn until_uninterrupted(mut lock: impl FnMut() -> io::Result<()>) -> io::Result<()> {
    loop {
        match lock() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            other => return other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOON: Duration = Duration::from_millis(20);
    const LATE: Duration = Duration::from_secs(30);

    #[test]
    fn one_holder_at_a_time_and_a_drop_releases() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let mut held = Lock::try_exclusive(&path).unwrap().unwrap();
        held.write_note("12 ingest\n").unwrap();
        assert!(Lock::try_exclusive(&path).unwrap().is_none());
        assert!(Lock::exclusive(&path, SOON).unwrap().is_none());
        assert_eq!(Lock::read_note(&path).as_deref(), Some("12 ingest"));
        drop(held);
        assert!(Lock::exclusive(&path, LATE).unwrap().is_some());
    }

    #[test]
    fn who_waits_gets_the_lock_when_it_is_released() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let held = Lock::try_exclusive(&path).unwrap().unwrap();
        let waiting = thread::spawn({
            let path = path.clone();
            move || Lock::exclusive(&path, LATE).unwrap().is_some()
        });
        drop(held);
        assert!(waiting.join().unwrap());
    }

    #[test]
    fn a_shared_lock_has_a_file_of_its_own_and_keeps_writers_out() {
        let folder = tempfile::tempdir().unwrap();
        let [first, second] =
            [(); 2].map(|()| Lock::shared_in_new_file(folder.path(), "7-").unwrap().unwrap());
        assert_ne!(first.path(), second.path());
        let name = second.path().file_name().unwrap().to_string_lossy();
        assert!(name.starts_with("7-"), "{name}");
        assert!(Lock::try_exclusive(second.path()).unwrap().is_none());
        assert!(Lock::is_held(second.path()).unwrap());
        let gone = folder.path().join("gone");
        assert!(!Lock::is_held(&gone).unwrap() && !crate::fsio::exists(&gone));
        drop(first);
        assert!(second.is_in_place());
        crate::fsio::remove_file(second.path()).unwrap();
        assert!(!second.is_in_place());
    }
}
