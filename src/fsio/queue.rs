//! Turns at a lock: who waits is served in the order of coming.
//!
//! The kernel wakes all who wait for a lock and lets chance decide. So whoever cannot have it at once takes
//! a ticket, which is a locked file with the next number, and waits for those with a lower one. A ticket
//! lasts until its holder has the lock, gives up, or dies; who comes new sees that there is a queue, and
//! does not push in.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::ErrorKind;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::fs::OFlags;

use crate::fsio::error::{Action, FsError};
use crate::fsio::lock::{Lock, wait_shared};
use crate::fsio::write::Mode;
use crate::fsio::{create_private_dir, list_folder, remove_file};

/// How long somebody waits before being told for whom.
const PATIENCE: Duration = Duration::from_secs(1);

impl Lock {
    /// Takes the exclusive lock on `path` in turn, `None` when `limit` has passed.
    ///
    /// `queue` is the folder of the tickets, made when it is needed. After a second, and whenever somebody
    /// before us is gone, `tell` learns how many are still before us, the holder not counted. Where no
    /// ticket can be had, as on a full disk, chance decides.
    pub fn exclusive_in_turn(
        path: &Path,
        queue: &Path,
        limit: Duration,
        tell: &dyn Fn(usize),
    ) -> Result<Option<Self>, FsError> {
        if list_folder(queue)?.is_empty()
            && let Some(lock) = Self::try_exclusive(path)?
        {
            return Ok(Some(lock));
        }
        let began = Instant::now();
        let rest = || limit.saturating_sub(began.elapsed());
        let Ok(ticket) = Ticket::take(queue) else { return Self::exclusive(path, limit) };
        loop {
            let before = ticket.before()?;
            let patience = PATIENCE.saturating_sub(began.elapsed()).min(limit);
            match before.last() {
                None => {
                    if let Some(lock) = Self::exclusive(path, patience)? {
                        return Ok(Some(lock));
                    }
                    tell(0);
                    return Self::exclusive(path, rest());
                }
                Some(last) => {
                    if wait_shared(last, patience)? {
                        continue;
                    }
                    tell(before.len());
                    if !wait_shared(last, rest())? {
                        return Ok(None);
                    }
                }
            }
        }
    }
}

/// A place in a queue; given up when it is dropped.
#[derive(Debug)]
struct Ticket {
    path: PathBuf,
    number: u64,
    /// Locked until it is dropped.
    file: File,
}

impl Ticket {
    /// Takes the next number.
    fn take(queue: &Path) -> Result<Self, FsError> {
        create_private_dir(queue)?;
        loop {
            let number = numbers(queue)?.last().map_or(1, |(number, _)| number + 1);
            let path = queue.join(format!("{number:012}"));
            let failed = |source| FsError::system(Action::Lock, &path, source);
            let made = OpenOptions::new()
                .write(true)
                .create_new(true)
                .mode(Mode::Private.bits())
                .open(&path);
            let file = match made {
                // Somebody was quicker.
                Err(error) if error.kind() == ErrorKind::AlreadyExists => continue,
                other => other.map_err(failed)?,
            };
            match file.try_lock() {
                Ok(()) => {}
                // Somebody who clears up took it for that of a dead one.
                Err(TryLockError::WouldBlock) => continue,
                Err(TryLockError::Error(error)) => return Err(failed(error)),
            }
            let ticket = Self { path, number, file };
            if ticket.is_in_place() {
                return Ok(ticket);
            }
        }
    }

    fn is_in_place(&self) -> bool {
        is_in_place(&self.file, &self.path)
    }

    /// Returns the tickets before this one whose holders live, in order; those of the dead are removed.
    fn before(&self) -> Result<Vec<PathBuf>, FsError> {
        let queue = self.path.parent().unwrap_or(Path::new("."));
        let mut before = Vec::new();
        for (number, path) in numbers(queue)? {
            if number < self.number && is_held(&path)? {
                before.push(path);
            }
        }
        Ok(before)
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        // Somebody else may have taken the number since ours was cleared up.
        if self.is_in_place() {
            remove_file(&self.path).ok();
        }
    }
}

/// Tells whether a file that is open still stands at its path.
fn is_in_place(file: &File, path: &Path) -> bool {
    crate::fsio::stamp_of(file)
        .zip(crate::fsio::stamp(path))
        .is_some_and(|(held, standing)| held == standing)
}

/// Tells whether somebody holds a ticket; one that nobody holds is removed.
fn is_held(path: &Path) -> Result<bool, FsError> {
    let failed = |source| FsError::system(Action::Lock, path, source);
    let file = match open_existing(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(false),
        other => other.map_err(failed)?,
    };
    // Shared, as those who wait for it have it: who asks must not be taken for its holder.
    match file.try_lock_shared() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Ok(true),
        Err(TryLockError::Error(error)) => return Err(failed(error)),
    }
    // Whoever removes it has it alone, and so cannot take away another one of the same number. While others
    // ask or wait, it is left to the next who comes.
    if file.try_lock().is_ok() && is_in_place(&file, path) {
        remove_file(path)?;
    }
    Ok(false)
}

pub(super) fn open_existing(path: &Path) -> std::io::Result<File> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .custom_flags(OFlags::NOFOLLOW.bits().cast_signed())
        .open(path)
}

/// Returns the numbers of all tickets with their files, in order.
fn numbers(queue: &Path) -> Result<Vec<(u64, PathBuf)>, FsError> {
    let number = |path: &PathBuf| path.file_name()?.to_str()?.parse::<u64>().ok();
    let mut numbers: Vec<(u64, PathBuf)> = list_folder(queue)?
        .into_iter()
        .filter_map(|path| number(&path).map(|number| (number, path)))
        .collect();
    numbers.sort();
    Ok(numbers)
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    const LATE: Duration = Duration::from_mins(1);

    fn nobody(_: usize) {}

    #[test]
    fn who_waits_is_served_in_the_order_of_coming() {
        let folder = tempfile::tempdir().unwrap();
        let [path, queue] = ["lock", "queue"].map(|name| folder.path().join(name));
        let held = Lock::exclusive_in_turn(&path, &queue, LATE, &nobody).unwrap().unwrap();
        let served = Mutex::new(Vec::new());
        std::thread::scope(|scope| {
            for place in 0..8 {
                let (path, queue, served) = (&path, &queue, &served);
                scope.spawn(move || {
                    let lock =
                        Lock::exclusive_in_turn(path, queue, LATE, &nobody).unwrap().unwrap();
                    served.lock().unwrap().push(place);
                    drop(lock);
                });
                // Only then does the next one come.
                while numbers(queue).unwrap().len() <= place {
                    std::thread::yield_now();
                }
            }
            drop(held);
        });
        assert_eq!(*served.lock().unwrap(), (0..8).collect::<Vec<_>>());
        assert!(list_folder(&queue).unwrap().is_empty());
    }

    #[test]
    fn a_ticket_that_was_cleared_up_does_not_take_a_later_one_with_it() {
        let folder = tempfile::tempdir().unwrap();
        let first = Ticket::take(folder.path()).unwrap();
        remove_file(&first.path).unwrap();
        let second = Ticket::take(folder.path()).unwrap();
        assert_eq!(first.path, second.path);
        drop(first);
        assert!(second.is_in_place());
        drop(second);
        assert!(list_folder(folder.path()).unwrap().is_empty());
    }

    #[test]
    fn those_who_wait_for_a_dead_ticket_do_not_make_it_look_alive() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("000000000007");
        crate::fsio::testing::put(&path, b"");
        let waiting = open_existing(&path).unwrap();
        waiting.try_lock_shared().unwrap();
        assert!(!is_held(&path).unwrap());
        assert!(crate::fsio::exists(&path), "it is left to the next who comes");
        drop(waiting);
        assert!(!is_held(&path).unwrap());
        assert!(!crate::fsio::exists(&path));
    }

    #[test]
    fn who_is_dead_or_gave_up_is_passed_over_and_nobody_pushes_in() {
        let folder = tempfile::tempdir().unwrap();
        let [path, queue] = ["lock", "queue"].map(|name| folder.path().join(name));
        create_private_dir(&queue).unwrap();
        crate::fsio::testing::put(&queue.join("000000000007"), b"");
        let short = Duration::from_millis(20);
        // Nobody holds that ticket, nor the lock.
        let held = Lock::exclusive_in_turn(&path, &queue, short, &nobody).unwrap().unwrap();
        assert!(Lock::exclusive_in_turn(&path, &queue, short, &nobody).unwrap().is_none());
        assert!(list_folder(&queue).unwrap().is_empty(), "a ticket that was given up is gone");
        drop(held);
        let waiting = Ticket::take(&queue).unwrap();
        let told = AtomicUsize::new(9);
        let tell = |before| told.store(before, Ordering::SeqCst);
        assert!(Lock::exclusive_in_turn(&path, &queue, short, &tell).unwrap().is_none());
        assert_eq!(told.load(Ordering::SeqCst), 1, "told who is before us");
        drop(waiting);
        assert!(Lock::exclusive_in_turn(&path, &queue, LATE, &nobody).unwrap().is_some());
    }
}
