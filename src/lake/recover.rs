//! Clearing up after runs that died. Needs no operator, and never touches a data file.

use std::path::PathBuf;

use rusqlite::Connection;

use crate::fsio::{self, Lock};
use crate::lake::layout::Layout;
use crate::lake::{Lake, LakeError, lease};
use crate::table::LakeTable;

impl Lake {
    /// Gives up runs that died half-way and removes what they prepared.
    ///
    /// Every writer holds the lock from before its run begins until after it ends, so whoever holds
    /// the lock may take any open run for dead; process ids, which are used again and differ between
    /// containers, are recorded for people only. Should a lock ever fail to hold, the live run finds
    /// itself aborted in its last transaction and fails cleanly. When the lock is taken, there is a
    /// live writer and nothing to do.
    pub(super) fn recover(&self) -> Result<(), LakeError> {
        let leases =
            fsio::list_folder(&self.layout.leases()).map_err(|source| self.folder(source))?;
        let is_clear = leases.is_empty() && self.folders_of_runs()?.is_empty();
        if is_clear && !self.catalog.read(has_open_runs)? {
            return Ok(());
        }
        let path = self.layout.writer_lock();
        let Some(_lock) = Lock::try_exclusive(&path).map_err(|source| self.folder(source))? else {
            return Ok(());
        };
        self.catalog.write(abort_open_runs)?;
        for folder in self.folders_of_runs()? {
            fsio::remove_dir_tree(&folder).map_err(|source| self.folder(source))?;
        }
        lease::remove_stale(&self.layout.leases()).map_err(|source| self.folder(source))
    }

    /// Has the next run get a number that no data file bears yet.
    ///
    /// After the catalog was restored from a copy, files of later runs stand there that it does not
    /// know, and the numbers of those runs would come again. Called by a writer that holds the lock.
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

    /// Returns the folders in `tmp/` that are named by a number, as those of runs are. One may also
    /// be left by a run that died after its commit.
    fn folders_of_runs(&self) -> Result<Vec<PathBuf>, LakeError> {
        let mut folders =
            fsio::list_folder(&self.layout.tmp_root()).map_err(|source| self.folder(source))?;
        folders.retain(|path| {
            path.file_name()
                .and_then(|name| name.to_str())
                .is_some_and(|name| name.bytes().all(|byte| byte.is_ascii_digit()))
        });
        Ok(folders)
    }

    /// Gives up a run of our own after an error. Best effort: what fails here, the next start does.
    pub(super) fn abandon(&self, run: i64) {
        let state = "UPDATE runs SET state = 'aborted' WHERE run = ?1 AND state = 'open'";
        self.catalog.write(|tx| tx.execute(state, [run])).ok();
        fsio::remove_dir_tree(&self.layout.tmp(run)).ok();
    }
}

/// Returns the highest number that a run ever had, 0 where there was none.
fn last_run(connection: &Connection) -> rusqlite::Result<i64> {
    let sequence = "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'runs'";
    connection.query_row(sequence, [], |row| row.get(0))
}

fn has_open_runs(connection: &Connection) -> rusqlite::Result<bool> {
    connection
        .query_row("SELECT EXISTS (SELECT 1 FROM runs WHERE state = 'open')", [], |row| row.get(0))
}

fn abort_open_runs(connection: &Connection) -> rusqlite::Result<usize> {
    connection.execute("UPDATE runs SET state = 'aborted' WHERE state = 'open'", [])
}
