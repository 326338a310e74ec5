//! Giving up earlier snapshots, and removing what no readable one names: in two phases, days apart.
//!
//! The first phase marks files in the catalog; the second removes those that were marked long enough
//! ago, where no reader holds a lease on a snapshot that was given up. What a commit that is under way
//! has put in place is younger than that, and is not touched while its run is open. The rows of files
//! that are gone stay in the catalog, for the audit chain is made from them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use chrono::{NaiveDateTime, TimeDelta};
use rusqlite::Connection;

use crate::fsio::{self, Lock, StandingKind};
use crate::lake::act::{Beginning, Concern};
use crate::lake::layout::Layout;
use crate::lake::lease::Lease;
use crate::lake::merge::{forget_past_merges, merges};
use crate::lake::record::{head, time_text};
use crate::lake::recover::open_runs;
use crate::lake::rows::all_rows;
use crate::lake::{Act, ActOutcome, Lake, LakeError};
use crate::model::text_enum;

/// A file is not removed sooner after it was marked, unless the user insists.
pub const MIN_AGE: TimeDelta = TimeDelta::days(7);

text_enum! {
    /// What collection does with a file.
    Collected {
        /// It is marked, and may be removed later.
        Marked = "marked",
        /// It was marked before and is not old enough.
        Waiting = "waiting",
        /// Somebody reads a snapshot that was given up.
        Leased = "leased",
        /// It is removed.
        Removed = "removed",
    }
}

/// A file that no readable snapshot names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CollectedFile {
    /// Path below the folder of the lake.
    pub path: String,
    /// Its size; `None` where it is gone already.
    pub size_bytes: Option<u64>,
    /// Whether a snapshot that was given up named it; nothing ever named the others.
    pub was_named: bool,
    /// What is done with it.
    pub outcome: Collected,
    /// When it was marked, naive Beijing time.
    pub marked_at: NaiveDateTime,
}

/// How files are collected.
#[derive(Debug, Clone, Copy)]
pub struct CollectSettings {
    /// How long before now a file must have been marked and last touched.
    pub min_age: TimeDelta,
    /// Now, naive Beijing time.
    pub now: NaiveDateTime,
    /// Only tells what would be done.
    pub is_dry_run: bool,
}

/// What was removed so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Removals {
    /// How many files.
    pub n_files: u64,
    /// Their bytes, as far as they are known.
    pub size_bytes: u64,
    /// When the last was, naive Beijing time.
    pub last: NaiveDateTime,
}

/// Who reads the lake.
#[derive(Debug, Clone, Copy, Default)]
struct Readers {
    /// Somebody does.
    any: bool,
    /// Somebody reads a snapshot that was given up, or one that is not told.
    of_past: bool,
}

/// A mark in the catalog.
struct Mark {
    path: String,
    marked_at: NaiveDateTime,
}

impl Lake {
    /// Returns the first snapshot that can still be read; 0 where none was given up.
    pub fn oldest_snapshot(&self) -> Result<i64, LakeError> {
        self.catalog.read(oldest_snapshot)
    }

    /// Gives up the snapshots before `number`: from now on they cannot be read, and what only they name
    /// can be collected. A snapshot of its own says who did it.
    pub fn expire(&self, act: &Act<'_>, number: i64) -> Result<ActOutcome, LakeError> {
        self.check_agreement()?;
        let (latest, oldest) = self
            .catalog
            .read(|connection| Ok((head(connection)?, oldest_snapshot(connection)?)))?;
        if !(0..=latest).contains(&number) {
            return Err(LakeError::SnapshotUnknown { wanted: number, latest });
        }
        if number <= oldest {
            return Ok(ActOutcome::Unchanged);
        }
        self.act(
            act,
            Concern::Room,
            |_| Ok(Some(())),
            |tx, (), (snapshot, _): Beginning| {
                // Somebody else may have given up more meanwhile; what counts is the highest.
                tx.execute(
                    "INSERT INTO expirations (snapshot, oldest) VALUES (?1, ?2)",
                    (snapshot, number),
                )?;
                Ok(Ok(()))
            },
        )
    }

    /// Returns what collections have removed so far, `None` for nothing.
    pub fn removals(&self) -> Result<Option<Removals>, LakeError> {
        self.catalog.read(removals)
    }

    /// Returns the time that the disk gives to what is written now, naive Beijing time; `None` where nothing
    /// can be written.
    ///
    /// A time that somebody set for a process alone differs from it.
    pub fn time_of_disk(&self) -> Result<Option<NaiveDateTime>, LakeError> {
        if self.read_only.is_some() {
            return Ok(None);
        }
        let in_folder = |source| self.folder(source);
        let Some(lease) = Lease::take(&self.layout.leases()).map_err(in_folder)? else {
            return Ok(None);
        };
        let standing = fsio::standing(lease.path()).map_err(in_folder)?;
        Ok(standing.map(|standing| touched(standing.changed_s)))
    }

    /// Marks what nothing names, removes what was marked long enough ago, and tells of both.
    ///
    /// Needs no room on the disk: what is marked already is removed first, and the reserve of the lake is
    /// given up where that does not help.
    pub fn collect(
        &self,
        command: &str,
        settings: CollectSettings,
    ) -> Result<Vec<CollectedFile>, LakeError> {
        if settings.is_dry_run {
            return self.collection(settings);
        }
        self.check_place(None)?;
        self.give_up_reserve();
        let _lock = self.lock(&self.layout.writer_lock(), command, self.lock_limit)?;
        // Again: nobody put a copy back while the lock was waited for.
        self.check_agreement()?;
        let files = self.collection(settings)?;
        // First what makes room, so that the catalog has some to be written.
        self.remove_collected(&files)?;
        self.catalog.upgrade()?;
        let latest = self.catalog.read(head)?;
        self.catalog.write(|tx| {
            for file in &files {
                note(tx, file, latest, settings.now)?;
            }
            forget_past_merges(tx)
        })?;
        self.keep_reserve();
        Ok(files)
    }

    /// Finds out what can be collected, and what is to be done with each of it.
    fn collection(&self, settings: CollectSettings) -> Result<Vec<CollectedFile>, LakeError> {
        // Files before names: what is put in place meanwhile is not seen.
        let standing = self.standing_files()?;
        let (latest, past, named, marks, open) = self.catalog.read(|connection| {
            let oldest = oldest_snapshot(connection)?;
            let names = names(connection)?;
            let past: BTreeSet<String> = past_paths(connection, oldest)?;
            let open: BTreeSet<i64> = open_runs(connection)?.into_iter().collect();
            Ok((head(connection)?, past, names, marks(connection)?, open))
        })?;
        let marked: BTreeMap<String, NaiveDateTime> =
            marks.into_iter().map(|mark| (mark.path, mark.marked_at)).collect();
        // What a later snapshot names is no leftover, also where the catalog does not know it.
        let told = self.told_paths(latest);
        let readers = self.readers()?;
        let mut files = Vec::new();
        for path in standing {
            let inner = self.inner(&path);
            let was_named = past.contains(&inner);
            let is_underway = Layout::run_of(&path).is_some_and(|run| open.contains(&run));
            if told.contains(&inner) || !was_named && (named.contains(&inner) || is_underway) {
                continue;
            }
            let found = fsio::standing(&path).map_err(|source| self.folder(source))?;
            let Some(found) = found.filter(|found| found.kind == StandingKind::File) else {
                continue;
            };
            let floor = settings.now - settings.min_age;
            let is_old = |at: NaiveDateTime| at <= floor;
            let outcome = match marked.get(&inner) {
                None => Collected::Marked,
                // What was put there anew since is as young as that.
                Some(at) if !is_old(*at) || !is_old(touched(found.changed_s)) => Collected::Waiting,
                Some(_) if was_named && readers.of_past => Collected::Leased,
                // Whoever reads the latest snapshot may have begun when it was read instead of others.
                Some(_) if Layout::is_merge(&path) && readers.any => Collected::Leased,
                Some(_) => Collected::Removed,
            };
            let marked_at = marked.get(&inner).copied().unwrap_or(settings.now);
            let size_bytes = Some(found.size_bytes);
            files.push(CollectedFile { path: inner, size_bytes, was_named, outcome, marked_at });
        }
        Ok(files)
    }

    /// Looks who holds a lease.
    fn readers(&self) -> Result<Readers, LakeError> {
        let mut readers = Readers::default();
        let oldest = self.oldest_snapshot()?;
        let leases =
            fsio::list_folder(&self.layout.leases()).map_err(|error| self.folder(error))?;
        for path in leases {
            let snapshot = Lock::read_note(&path).and_then(|note| note.parse::<i64>().ok());
            if Lock::is_held(&path).map_err(|source| self.folder(source))? {
                readers.any = true;
                readers.of_past |= snapshot.is_none_or(|snapshot| snapshot < oldest);
            }
        }
        Ok(readers)
    }

    fn remove_collected(&self, files: &[CollectedFile]) -> Result<(), LakeError> {
        let mut folders = BTreeSet::new();
        for file in files.iter().filter(|file| file.outcome == Collected::Removed) {
            let path: PathBuf = self.outer(&file.path);
            fsio::remove_file(&path).map_err(|source| self.folder(source))?;
            folders.extend(path.parent().map(Path::to_owned));
        }
        for folder in folders {
            fsio::sync_dir(&folder).map_err(|source| self.folder(source))?;
        }
        Ok(())
    }
}

/// Notes in the catalog what was done with a file.
fn note(
    tx: &Connection,
    file: &CollectedFile,
    latest: i64,
    now: NaiveDateTime,
) -> rusqlite::Result<()> {
    let now = time_text(now);
    match file.outcome {
        Collected::Marked => tx.execute(
            // Another file may have had the name before.
            "INSERT INTO collected (path, marked_at, head) VALUES (?1, ?2, ?3)
             ON CONFLICT (path) DO UPDATE SET marked_at = excluded.marked_at, head = excluded.head,
                 size_bytes = NULL, removed_at = NULL
             WHERE removed_at IS NOT NULL",
            (&file.path, now, latest),
        )?,
        // The row stays, also of what nothing ever named: later somebody may ask what went.
        Collected::Removed => tx.execute(
            "UPDATE collected SET removed_at = ?2, size_bytes = ?3 WHERE path = ?1",
            (
                &file.path,
                now,
                file.size_bytes.map(|bytes| i64::try_from(bytes).unwrap_or(i64::MAX)),
            ),
        )?,
        Collected::Waiting | Collected::Leased => 0,
    };
    Ok(())
}

/// Returns the first snapshot that can still be read; 0 where none was given up. A catalog of an earlier
/// version knows of no such thing.
pub(super) fn oldest_snapshot(connection: &Connection) -> rusqlite::Result<i64> {
    if !connection.table_exists(None, "expirations")? {
        return Ok(0);
    }
    let oldest = "SELECT coalesce(max(oldest), 0) FROM expirations";
    connection.query_row(oldest, [], |row| row.get(0))
}

/// Returns the data files that only snapshots before `oldest` have.
fn past_paths(connection: &Connection, oldest: i64) -> rusqlite::Result<BTreeSet<String>> {
    connection
        .prepare("SELECT path FROM files WHERE end_snapshot <= ?1")?
        .query_map([oldest], |row| row.get(0))?
        .collect()
}

/// Returns the paths of all files that the catalog names, sources included.
fn names(connection: &Connection) -> rusqlite::Result<BTreeSet<String>> {
    connection
        .prepare("SELECT path FROM files UNION SELECT 'source/' || source_hash FROM batches")?
        .query_map([], |row| row.get(0))?
        .chain(merges(connection)?.into_iter().map(|merge| Ok(merge.file.path)))
        .collect()
}

fn removals(connection: &Connection) -> rusqlite::Result<Option<Removals>> {
    if !connection.table_exists(None, "collected")? {
        return Ok(None);
    }
    let statement = "SELECT count(*) AS n_files, coalesce(sum(size_bytes), 0) AS size_bytes,
             max(removed_at) AS last
         FROM collected WHERE removed_at IS NOT NULL HAVING count(*) > 0";
    let mut removals = all_rows(connection, statement, [], |row| {
        Ok(Removals {
            n_files: row.count("n_files")?,
            size_bytes: row.count("size_bytes")?,
            last: row.time("last")?,
        })
    })?;
    Ok(removals.pop())
}

fn marks(connection: &Connection) -> rusqlite::Result<Vec<Mark>> {
    if !connection.table_exists(None, "collected")? {
        return Ok(Vec::new());
    }
    let marked = "SELECT path, marked_at FROM collected WHERE removed_at IS NULL ORDER BY path";
    all_rows(connection, marked, [], |row| {
        Ok(Mark { path: row.get("path")?, marked_at: row.time("marked_at")? })
    })
}

/// Returns a time of the file system as naive Beijing time.
fn touched(seconds: i64) -> NaiveDateTime {
    chrono::DateTime::from_timestamp(seconds, 0)
        .map_or(NaiveDateTime::MAX, |time| (time + TimeDelta::hours(8)).naive_utc())
}
