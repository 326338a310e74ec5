//! Clearing up after runs that died. Needs no operator, and never touches a data file.

use std::path::PathBuf;

use rusqlite::Connection;

use crate::fsio::{self, Lock};
use crate::lake::layout::Layout;
use crate::lake::{Lake, LakeError, lease};
use crate::table::LakeTable;

/// Gives up a run that is not over.
pub(super) const ABORT: &str =
    "UPDATE runs SET state = 'aborted' WHERE run = ?1 AND state = 'open'";

impl Lake {
    /// Gives up runs that died half-way and removes what they prepared.
    ///
    /// A run holds the lock in its folder until it is over, and takes it while it holds the lock of
    /// writers. So whoever holds the lock of writers may take a run for dead whose own lock is free;
    /// process ids, which are used again and differ between containers, are recorded for people only.
    /// Should a lock ever fail to hold, the live run finds itself aborted in its last transaction and
    /// fails cleanly. When the lock of writers is taken, a writer clears up or has done so.
    pub(super) fn recover(&self) -> Result<(), LakeError> {
        let leases =
            fsio::list_folder(&self.layout.leases()).map_err(|source| self.folder(source))?;
        let is_clear = leases.is_empty() && self.folders_of_runs()?.is_empty();
        if is_clear && self.catalog.read(open_runs)?.is_empty() {
            return Ok(());
        }
        let path = self.layout.writer_lock();
        let Some(_lock) = Lock::try_exclusive(&path).map_err(|source| self.folder(source))? else {
            return Ok(());
        };
        for run in self.catalog.read(open_runs)? {
            if !self.is_alive(run)? {
                self.catalog.write(|tx| tx.execute(ABORT, [run]))?;
            }
        }
        for run in self.folders_of_runs()? {
            if !self.is_alive(run)? {
                let folder = self.layout.tmp(run);
                fsio::remove_dir_tree(&folder).map_err(|source| self.folder(source))?;
            }
        }
        lease::remove_stale(&self.layout.leases()).map_err(|source| self.folder(source))
    }

    /// Has the next run get a number that no data file bears yet.
    ///
    /// After the catalog was made anew, files of runs that died stand there that it does not know, and
    /// the numbers of those runs would come again. Called by a writer that holds the lock.
    pub(super) fn pass_over_taken_runs(&self) -> Result<(), LakeError> {
        let last = self.catalog.read(last_run)?;
        let first_file = format!("{}.parquet", Layout::data_name(last + 1, 1));
        let folders = LakeTable::ALL.iter().map(|table| self.layout.data(*table));
        // A run numbers its files across the tables: its first one is there, or it has none.
        if !folders.clone().any(|folder| fsio::exists(&folder.join(&first_file))) {
            return Ok(());
        }
        let mut taken = last;
        for folder in folders {
            let files = fsio::list_folder(&folder).map_err(|source| self.folder(source))?;
            taken = files.iter().filter_map(|path| Layout::run_of(path)).fold(taken, i64::max);
        }
        self.catalog.write(|tx| {
            tx.execute("DELETE FROM sqlite_sequence WHERE name = 'runs'", [])?;
            tx.execute("INSERT INTO sqlite_sequence (name, seq) VALUES ('runs', ?1)", [taken])
        })?;
        Ok(())
    }

    /// Returns the runs that have a folder in `tmp/`. One may also be left by a run that died after
    /// its commit.
    fn folders_of_runs(&self) -> Result<Vec<i64>, LakeError> {
        let folders =
            fsio::list_folder(&self.layout.tmp_root()).map_err(|source| self.folder(source))?;
        let run = |path: &PathBuf| path.file_name()?.to_str()?.parse().ok();
        Ok(folders.iter().filter_map(run).collect())
    }

    /// Tells whether somebody holds the lock of a run.
    fn is_alive(&self, run: i64) -> Result<bool, LakeError> {
        let path = self.layout.run_lock(run);
        if !fsio::exists(&path) {
            return Ok(false);
        }
        let lock = Lock::try_exclusive(&path).map_err(|source| self.folder(source))?;
        Ok(lock.is_none())
    }

    /// Gives up a run of our own after an error. Best effort: what fails here, the next start does.
    pub(super) fn abandon(&self, run: i64) {
        self.catalog.write(|tx| tx.execute(ABORT, [run])).ok();
        fsio::remove_dir_tree(&self.layout.tmp(run)).ok();
    }
}

/// Returns the highest number that a run ever had, 0 where there was none.
fn last_run(connection: &Connection) -> rusqlite::Result<i64> {
    let sequence = "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'runs'";
    connection.query_row(sequence, [], |row| row.get(0))
}

pub(super) fn open_runs(connection: &Connection) -> rusqlite::Result<Vec<i64>> {
    connection
        .prepare("SELECT run FROM runs WHERE state = 'open' ORDER BY run")?
        .query_map([], |row| row.get(0))?
        .collect()
}
