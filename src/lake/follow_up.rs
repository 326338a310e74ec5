//! What follows a commit on a best-effort basis: manifest, audit head, backup, merging of small files,
//! clearing up.

use std::path::Path;
use std::time::Duration;

use rusqlite::backup::Backup;
use rusqlite::{Connection, OpenFlags};
use serde::Serialize;
use serde_json::Value;

use crate::diag::{Diagnose, Message};
use crate::fsio::{self, Mode};
use crate::lake::{Lake, LakeError, audit};

/// A backup of the catalog is made with every snapshot whose number this divides, and where there is none.
const BACKUP_EVERY: i64 = 20;

/// Backups that are kept.
const N_BACKUPS: usize = 3;

/// No manifest is larger: a commit has a handful of files and one batch.
pub(super) const MAX_MANIFEST_BYTES: u64 = 16 << 20;

/// Pages that a backup copies at a time.
const PAGES_PER_STEP: i32 = 1000;

/// What a manifest says that it is.
pub(super) const MANIFEST_FORMAT: &str = "tongban-manifest";

/// The version of the format of manifests.
pub(super) const MANIFEST_VERSION: u32 = 1;

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
        let mut note = |code, result: Result<(), LakeError>| {
            if let Err(error) = result {
                // What was being done, and not the message of the error: that nothing was committed
                // would be wrong.
                warnings.push(Message::new(code).with("snapshot", snapshot));
                let causes = error.causes();
                warnings.extend(if causes.is_empty() { vec![error.message()] } else { causes });
            }
        };
        note("lake.after_manifest", self.write_manifests(snapshot));
        note("lake.after_audit_head", self.write_audit_head());
        if snapshot % BACKUP_EVERY == 0 || self.layout.latest_backup().is_none() {
            note("lake.after_backup", self.back_up(&self.layout.tmp(run), snapshot));
        }
        note("lake.after_merge", self.merge_where_many(run));
        let cleared = fsio::remove_dir_tree(&self.layout.tmp(run));
        note("lake.after_clearing", cleared.map_err(|source| self.folder(source)));
        self.keep_reserve();
        warnings
    }

    /// Writes the manifest of `snapshot`, and those before it that a crash left out.
    ///
    /// One that says something else was damaged, and is kept in `lost+found/`.
    fn write_manifests(&self, snapshot: i64) -> Result<(), LakeError> {
        let mut number = snapshot;
        while number >= 1 && self.write_manifest(number)? {
            number -= 1;
        }
        Ok(())
    }

    /// Writes the manifest of a snapshot; `false` when it was there already.
    pub(super) fn write_manifest(&self, snapshot: i64) -> Result<bool, LakeError> {
        let path = self.layout.manifest(snapshot);
        let text = self.manifest_text(snapshot)?;
        let in_folder = |source| self.folder(source);
        if fsio::exists(&path) {
            let stored = fsio::read_bytes(&path, text.len() as u64);
            if stored.is_ok_and(|stored| stored == text) {
                return Ok(false);
            }
            self.set_manifest_aside(snapshot)?;
        }
        fsio::write_atomic(&path, &text, Mode::Sealed).map_err(in_folder)?;
        Ok(true)
    }

    fn manifest_text(&self, snapshot: i64) -> Result<Vec<u8>, LakeError> {
        let (record, hash) = self.catalog.read(|connection| audit::stored(connection, snapshot))?;
        manifest_of(snapshot, &record, &hash)
    }

    /// Moves a manifest to `lost+found/`, under a name that tells its content.
    fn set_manifest_aside(&self, snapshot: i64) -> Result<(), LakeError> {
        let path = self.layout.manifest(snapshot);
        let in_folder = |source| self.folder(source);
        let bytes = fsio::read_bytes(&path, MAX_MANIFEST_BYTES).map_err(in_folder)?;
        let name = format!("manifest-{snapshot}-{}.json", &fsio::hash_hex(&bytes)[..16]);
        fsio::move_into_place(&path, &self.layout.lost().join(name)).map_err(in_folder)?;
        fsio::sync_dir(&self.layout.manifests()).map_err(in_folder)
    }

    pub(super) fn write_audit_head(&self) -> Result<(), LakeError> {
        let head = self.catalog.read(audit::head)?;
        audit::write_head(&self.layout.audit_head(), &head, self.layout.changing_mode())
            .map_err(|source| self.folder(source))
    }

    /// Copies the catalog to `backup/`, by way of a private folder, and removes the oldest copies.
    pub(super) fn back_up(&self, work: &Path, snapshot: i64) -> Result<(), LakeError> {
        self.copy_catalog(work, &self.layout.backup(snapshot))?;
        let in_folder = |source| self.folder(source);
        let mut backups = fsio::list_folder(&self.layout.backups()).map_err(in_folder)?;
        backups.retain(|path| *path != self.layout.report_backup());
        for old in backups.iter().rev().skip(N_BACKUPS) {
            fsio::remove_file(old).map_err(in_folder)?;
        }
        Ok(())
    }

    /// Copies the catalog to a file in `backup/`, by way of a private folder.
    pub(super) fn copy_catalog(&self, work: &Path, to: &Path) -> Result<(), LakeError> {
        let in_folder = |source| self.folder(source);
        let part = work.join("backup.db");
        fsio::create_file(&part, Mode::Private).map_err(in_folder)?;
        let from = self.catalog.open_to_write()?;
        copy_catalog(&from, &part).map_err(|source| self.catalog.write_error(source))?;
        self.catalog.give_back(from);
        fsio::move_into_place(&part, to).map_err(in_folder)
    }
}

/// Returns the manifest of a snapshot by its audit entry.
pub(super) fn manifest_of(snapshot: i64, record: &str, hash: &str) -> Result<Vec<u8>, LakeError> {
    let record: Value =
        serde_json::from_str(record).map_err(|_| LakeError::AuditRecordGarbled { snapshot })?;
    let (format, version) = (MANIFEST_FORMAT, MANIFEST_VERSION);
    let manifest = Manifest { format, version, snapshot, record: &record, hash };
    let mut text = serde_json::to_vec_pretty(&manifest).expect("maps with text keys only");
    text.push(b'\n');
    Ok(text)
}

fn copy_catalog(from: &Connection, part: &Path) -> rusqlite::Result<()> {
    let mut to = Connection::open_with_flags(part, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    Backup::new(from, &mut to)?.run_to_completion(PAGES_PER_STEP, Duration::ZERO, None)?;
    // The copy says of itself that it has a log beside it; as a single file it has none.
    to.execute_batch("PRAGMA journal_mode = DELETE")?;
    to.close().map_err(|(_, error)| error)
}
