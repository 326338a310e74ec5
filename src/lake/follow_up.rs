//! What follows a commit on a best-effort basis: manifest, audit head, backup, clearing up.

use std::time::Duration;

use rusqlite::backup::Backup;
use rusqlite::{Connection, OpenFlags};
use serde::Serialize;
use serde_json::Value;

use crate::diag::{Diagnose, Message};
use crate::fsio::{self, FsError, Mode};
use crate::lake::{Lake, LakeError, audit};

/// A backup of the catalog is made with every snapshot whose number this divides.
const BACKUP_EVERY: i64 = 20;

/// Backups that are kept.
const N_BACKUPS: usize = 3;

/// Pages that a backup copies at a time.
const PAGES_PER_STEP: i32 = 1000;

/// `manifests/<snapshot>.json`: what the catalog says about one snapshot, to rebuild it from.
#[derive(Debug, Serialize)]
struct Manifest<'a> {
    format: &'static str,
    version: u32,
    snapshot: i64,
    /// The audit record: rows that began and ended with the snapshot.
    record: &'a Value,
    /// Hash of its audit entry.
    hash: &'a str,
}

impl Lake {
    /// Does what follows the commit of `snapshot`; returns what did not work. The commit stands.
    pub(super) fn follow_up(&self, run: i64, snapshot: i64) -> Vec<Message> {
        let mut warnings = Vec::new();
        let mut note = |result: Result<(), LakeError>| {
            if let Err(error) = result {
                warnings.extend(error.causes());
            }
        };
        note(self.write_manifests(snapshot));
        note(self.write_audit_head());
        if snapshot % BACKUP_EVERY == 0 {
            note(self.back_up(run, snapshot));
        }
        note(fsio::remove_dir_tree(&self.layout.tmp(run)).map_err(|source| self.folder(source)));
        warnings
    }

    /// Writes the manifest of `snapshot`, and those before it that a crash left out.
    fn write_manifests(&self, snapshot: i64) -> Result<(), LakeError> {
        let mut number = snapshot;
        while number >= 1 && !fsio::exists(&self.layout.manifest(number)) {
            let (record, hash) =
                self.catalog.read(|connection| audit::stored(connection, number))?;
            self.write_manifest(number, &record, &hash).map_err(|source| self.folder(source))?;
            number -= 1;
        }
        Ok(())
    }

    fn write_manifest(&self, snapshot: i64, record: &str, hash: &str) -> Result<(), FsError> {
        let record: Value = serde_json::from_str(record).unwrap_or_default();
        let manifest =
            Manifest { format: "tongban-manifest", version: 1, snapshot, record: &record, hash };
        let mut text = serde_json::to_vec_pretty(&manifest).expect("maps with text keys only");
        text.push(b'\n');
        fsio::write_atomic(&self.layout.manifest(snapshot), &text, Mode::Sealed)
    }

    fn write_audit_head(&self) -> Result<(), LakeError> {
        let head = self.catalog.read(audit::head)?;
        audit::write_head(&self.layout.audit_head(), &head).map_err(|source| self.folder(source))
    }

    /// Copies the catalog to `backup/` and removes the oldest copies.
    fn back_up(&self, run: i64, snapshot: i64) -> Result<(), LakeError> {
        let in_folder = |source| self.folder(source);
        let part = self.layout.tmp(run).join("backup.db");
        fsio::create_file(&part, Mode::Private).map_err(in_folder)?;
        let from = self.catalog.connect_to_write()?;
        copy_catalog(&from, &part).map_err(|source| self.catalog.write_error(source))?;
        // Numbers of equal length, so that names sort as numbers do.
        let name = format!("catalog-{snapshot:012}.db");
        fsio::move_into_place(&part, &self.layout.backups().join(name)).map_err(in_folder)?;
        let backups = fsio::list_folder(&self.layout.backups()).map_err(in_folder)?;
        for old in backups.iter().rev().skip(N_BACKUPS) {
            fsio::remove_file(old).map_err(in_folder)?;
        }
        Ok(())
    }
}

fn copy_catalog(from: &Connection, part: &std::path::Path) -> rusqlite::Result<()> {
    let mut to = Connection::open_with_flags(part, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    Backup::new(from, &mut to)?.run_to_completion(PAGES_PER_STEP, Duration::ZERO, None)?;
    // The copy says of itself that it has a log beside it; as a single file it has none.
    to.execute_batch("PRAGMA journal_mode = DELETE")?;
    to.close().map_err(|(_, error)| error)
}
