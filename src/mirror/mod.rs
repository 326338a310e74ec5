//! A Delta Lake mirror of the lake: its tables with a log that other programs read.
//!
//! One Delta table for each table of the lake. A publishing brings all data files, durably, before it writes
//! one version of each table, so readers find the version before or the new one, and never half of either.
//! The mirror is derived: it can be made again from the lake, and nothing of the lake follows from it.

mod action;
mod checkpoint;
mod error;
mod files;
mod log;
mod marker;
mod publication;
mod schema;
#[cfg(test)]
mod tests;

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use chrono::{NaiveDateTime, TimeDelta};

use crate::diag::{Diagnose, Message};
use crate::fsio::{self, DirAccess, FsError, Lock, Mode};
use crate::lake::SnapshotView;
use crate::mirror::files::Selection;
use crate::mirror::marker::Marker;
use crate::mirror::publication::TablePublication;
use crate::table::LakeTable;

pub use error::MirrorError;

/// Name of the file that keeps two from publishing at once; hidden, as what no reader looks at.
const LOCK: &str = ".tongban-mirror.lock";
/// How long a publishing waits for another one.
const LOCK_LIMIT: Duration = Duration::from_secs(30);

/// What may leave beside what was published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Leaving {
    /// Records one by one, and what is counted from them.
    pub records: bool,
    /// Figures that were not published.
    pub unpublished: bool,
}

impl Leaving {
    /// Returns who may read the files of a mirror: nobody else where records are among them.
    fn mode(self) -> Mode {
        if self.records { Mode::Private } else { Mode::Public }
    }

    /// Creates a folder of a mirror for those who may read its files.
    fn create_dir(self, path: &Path) -> Result<(), FsError> {
        if self.records { fsio::create_private_dir(path) } else { fsio::create_public_dir(path) }
    }
}

/// How a lake is published.
#[derive(Debug)]
pub struct MirrorSettings<'a> {
    /// What may leave.
    pub leaving: Leaving,
    /// Days after which a data file goes that no table has any longer.
    pub keep_days: u32,
    /// The time, naive Beijing time.
    pub now: NaiveDateTime,
    /// Whether the user wants to end it; asked between two files.
    pub is_cancelled: &'a AtomicBool,
}

impl MirrorSettings<'_> {
    /// Returns the time in milliseconds since 1970, UTC.
    fn now_ms(&self) -> i64 {
        (self.now - TimeDelta::hours(8)).and_utc().timestamp_millis()
    }

    fn check_cancelled(&self) -> Result<(), MirrorError> {
        if self.is_cancelled.load(Ordering::Relaxed) { Err(MirrorError::Cancelled) } else { Ok(()) }
    }
}

/// What came of a publishing.
#[derive(Debug, Default)]
pub struct MirrorOutcome {
    /// Tables of the mirror.
    pub n_tables: usize,
    /// Tables that got a version; none where the mirror had the snapshot.
    pub n_versions: usize,
    /// Data files that came.
    pub n_added: usize,
    /// Data files that tables no longer have.
    pub n_removed: usize,
    /// What went wrong when everything was published.
    pub warnings: Vec<Message>,
}

/// Publishes a snapshot to the mirror in `root`, which is made where nothing stands.
///
/// A folder that holds something else is refused, and so is a mirror that is damaged, that another program
/// wrote to, that is of another lake, or that was made with another choice of what may leave. After any
/// failure readers find the versions that were there, or some tables one version further; the next
/// publishing brings the others. A mirror with records is made for its owner alone.
pub fn publish(
    view: &SnapshotView,
    root: &Path,
    settings: &MirrorSettings<'_>,
) -> Result<MirrorOutcome, MirrorError> {
    let Some(lake) = identity(view) else { return Err(MirrorError::LakeEmpty) };
    let (_lock, mut marker) = opened(root, &lake, settings.leaving)?;
    let selection = Selection::of(view, settings.leaving)?;
    let is_published = |table: &LakeTable| {
        !table.is_personal() && (settings.leaving.records || !table.holds_records())
    };
    let mut tables = Vec::new();
    for table in LakeTable::ALL.iter().copied().filter(is_published) {
        tables.push(TablePublication::begin(root, table, view, &selection, settings)?);
    }
    // All files of all tables first: what follows is short.
    for table in &mut tables {
        table.bring_files(settings)?;
    }
    settings.check_cancelled()?;
    let mut outcome = MirrorOutcome { n_tables: tables.len(), ..MirrorOutcome::default() };
    for table in &mut tables {
        table.commit(view, settings, &mut outcome)?;
    }
    marker.synthetic = view.is_synthetic;
    marker.snapshot = Some(view.number);
    let versions = tables.iter().map(|table| (table.name().to_owned(), table.version()));
    marker.tables = versions.collect();
    marker.write_where_changed(root, settings.leaving.mode())?;
    // The snapshot is published, whatever becomes of this.
    let tidied = tables.iter().try_for_each(|table| table.tidy_up(settings));
    if let Err(error) = tidied.and_then(|()| remove_parts(root)) {
        outcome.warnings.push(Message::new("mirror.after").with("path", root.display()));
        outcome.warnings.extend(std::iter::once(error.message()).chain(error.causes()));
    }
    Ok(outcome)
}

/// Tells whether a file is one that never came to its name.
fn is_part(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.starts_with('.') && name.ends_with(".part")
}

/// Removes, of a folder of the mirror, what a publishing that was ended left of files.
fn remove_parts(folder: &Path) -> Result<(), MirrorError> {
    let paths = fsio::list_folder(folder).map_err(MirrorError::folder(folder))?;
    let mut parts = paths.iter().filter(|path| is_part(path));
    parts.try_for_each(|part| fsio::remove_file(part)).map_err(MirrorError::folder(folder))
}

/// Returns what a lake is known by: its first snapshot, which stays. `None` for an empty one.
fn identity(view: &SnapshotView) -> Option<String> {
    let first = view.snapshots.first()?;
    let facts = format!("{}\n{}\n{}", first.committed_at, first.author, first.command);
    Some(fsio::hash_hex(facts.as_bytes()))
}

/// Takes the lock of a mirror, which is begun where nothing stands, and returns what it says of itself.
fn opened(root: &Path, lake: &str, leaving: Leaving) -> Result<(Lock, Marker), MirrorError> {
    let failed = || MirrorError::folder(root);
    let lock_path = root.join(LOCK);
    let is_empty = || {
        let paths = fsio::list_folder(root).map_err(failed())?;
        Ok::<bool, MirrorError>(paths.iter().all(|path| *path == lock_path || is_part(path)))
    };
    // Before anything is written there.
    if Marker::load(root)?.is_none() && !is_empty()? {
        return Err(MirrorError::NotAMirror { root: root.to_owned() });
    }
    leaving.create_dir(root).map_err(failed())?;
    let Some(mut lock) = Lock::exclusive(&lock_path, LOCK_LIMIT).map_err(failed())? else {
        let holder = Lock::read_note(&lock_path).unwrap_or_else(|| "?".to_owned());
        return Err(MirrorError::Locked { root: root.to_owned(), holder });
    };
    // For people who wait; a full disk must not stand in the way.
    lock.write_note(&format!("{} publish\n", fsio::process_id())).ok();
    let marker = match Marker::load(root)? {
        Some(marker) => marker,
        None if is_empty()? => {
            if leaving.records {
                // It may have stood there before, for everybody to enter.
                fsio::set_dir_access(root, DirAccess::Owner).map_err(failed())?;
            }
            let marker = Marker::new(lake, leaving);
            marker.write_where_changed(root, leaving.mode())?;
            marker
        }
        None => return Err(MirrorError::NotAMirror { root: root.to_owned() }),
    };
    marker.check(root, lake, leaving)?;
    Ok((lock, marker))
}
