//! The first depth: what the catalog says of itself, and what stands where by name, size and mode.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use rusqlite::{Connection, OpenFlags};

use crate::diag::{Diagnose, Message, Severity};
use crate::fsio::{self, Standing, StandingKind};
use crate::lake::agreement::is_of_another_lake;
use crate::lake::catalog::create_tables_of;
use crate::lake::check::merges::needed_files;
use crate::lake::check::{CheckLevel, CheckReport, Problem, ProblemKind};
use crate::lake::collect::oldest_snapshot;
use crate::lake::damage::{NamedFile, named_files};
use crate::lake::follow_up::manifest_of;
use crate::lake::merge::{Merge, merges};
use crate::lake::run::synthetic_signs;
use crate::lake::schema::{FORMAT_VERSION, OLDEST_VERSION};
use crate::lake::{Lake, LakeError, audit, record};
use crate::model::{BatchId, SourceKind};
use crate::table::LakeTable;

/// Sentences of SQLite about what is wrong that are asked for.
const MAX_SAID: i64 = 20;

/// Bits that neither a data file nor a source has: nobody writes it again, and strangers do not read it.
const UNSEALED: u32 = 0o227;

/// Bits that no file that changes has.
const LOOSE: u32 = 0o027;

/// What the catalog names and what has to be there.
pub(super) struct Named {
    pub(super) files: Vec<NamedFile>,
    /// Files that hold what several of those hold, as far as the catalog does not contradict itself.
    pub(super) merges: Vec<Merge>,
    /// Hashes of sources, each with a batch that was read from it.
    pub(super) sources: BTreeMap<String, BatchId>,
}

impl Lake {
    /// Returns everything that stands in the folders of data files and of sources, in order.
    pub(in crate::lake) fn standing_files(&self) -> Result<Vec<PathBuf>, LakeError> {
        let mut all = Vec::new();
        for table in LakeTable::ALL {
            all.extend(self.listed(&self.layout.data(*table))?);
        }
        all.extend(self.listed(&self.layout.sources())?);
        all.sort();
        Ok(all)
    }

    fn listed(&self, folder: &std::path::Path) -> Result<Vec<PathBuf>, LakeError> {
        fsio::list_folder(folder).map_err(|source| self.folder(source))
    }

    pub(super) fn check_catalog(&self, report: &mut CheckReport) -> Result<(), LakeError> {
        let said = self.catalog.read(integrity)?;
        for said in said {
            let message = Message::new("check.catalog_integrity").with("said", said);
            report.add(Problem::new(ProblemKind::Catalog, Severity::Error, message));
        }
        for table in self.catalog.read(dangling)? {
            let message = Message::new("check.catalog_references").with("table", table);
            report.add(Problem::new(ProblemKind::Catalog, Severity::Error, message));
        }
        for name in self.catalog.read(strange_parts)? {
            let message = Message::new("check.catalog_tables").with("name", name);
            report.add(Problem::new(ProblemKind::Catalog, Severity::Error, message));
        }
        let (is_marked, has_batches) = self.catalog.read(synthetic_signs)?;
        if is_marked != has_batches {
            let message = Message::new("check.mark");
            report.add(Problem::new(ProblemKind::Mark, Severity::Warning, message));
        }
        match self.verify_audit() {
            Ok(head) => report.head = Some(head),
            Err(LakeError::AuditBroken { .. }) if self.catalog.read(holds_by_itself)? => {
                let latest = self.catalog.read(audit::head)?.entry;
                let message = Message::new("check.head_differs").with("entry", latest);
                report.add(Problem::new(ProblemKind::Audit, Severity::Error, message));
            }
            Err(error @ (LakeError::AuditBroken { .. } | LakeError::AuditHeadLost { .. })) => {
                report.add(Problem::of(ProblemKind::Audit, Severity::Error, &error));
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// A catalog and an audit head that were put back from another lake agree with each other.
    pub(super) fn check_origin(&self, report: &mut CheckReport) {
        if is_of_another_lake(&self.layout) {
            let message = Message::new("check.foreign");
            let problem = Problem::new(ProblemKind::Foreign, Severity::Error, message);
            report.add(problem.at(&self.inner(&self.layout.catalog())));
        }
    }

    /// Looks for every file that the catalog names, and for those that it does not name.
    pub(super) fn check_files(
        &self,
        standing: &[PathBuf],
        report: &mut CheckReport,
    ) -> Result<Named, LakeError> {
        let (all, oldest, merges, sources, begun) = self.catalog.read(|connection| {
            let oldest = oldest_snapshot(connection)?;
            let all = named_files(connection, "1", [])?;
            let merges = merges(connection)?;
            Ok((all, oldest, merges, sources(connection)?, begun_sources(connection)?))
        })?;
        let files = needed_files(&all, oldest);
        let of_merges = merges.iter().map(|merge| merge.file.path.clone());
        let paths: BTreeSet<String> =
            all.iter().map(|file| file.path.clone()).chain(of_merges).collect();
        (report.n_files, report.n_sources) = (files.len(), sources.len());
        for file in &files {
            self.check_file(file, report);
        }
        let merges = self.check_merges((&all, &files), merges, report);
        for (hash, batch) in &sources {
            self.check_source(hash, batch, report);
        }
        for path in standing {
            let inner = self.inner(path);
            let is_source = path.parent() == Some(&*self.layout.sources());
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let is_named =
                if is_source { sources.contains_key(&*name) } else { paths.contains(&inner) };
            if is_named {
                continue;
            }
            let is_file = fsio::standing(path)
                .is_ok_and(|found| found.is_some_and(|found| found.kind == StandingKind::File));
            let (code, severity) = if !is_file {
                ("check.stray", Severity::Info)
            } else if is_source && !begun.contains(&*name) {
                // No run that died has left it: the catalog may lack the one that was committed.
                ("check.orphan_source", Severity::Warning)
            } else {
                ("check.orphan", Severity::Info)
            };
            let message = Message::new(code).with("path", &inner);
            report.add(Problem::new(ProblemKind::Orphan, severity, message).at(&inner));
        }
        self.check_strays(report)?;
        self.check_folders(report)?;
        Ok(Named { files, merges, sources })
    }

    fn check_file(&self, file: &NamedFile, report: &mut CheckReport) {
        let severity = severity_of(file);
        let path = match self.checked_path(file) {
            Ok(path) => path,
            Err(error) => {
                let problem = Problem::of(ProblemKind::DataFile, severity, &error);
                report.add(problem.at(&file.path).of_batch(&file.batch));
                return;
            }
        };
        // Nothing stands there only if it went since it was looked at.
        if let Ok(Some(standing)) = fsio::standing(&path) {
            check_sealed(&file.path, &standing, report);
        }
    }

    fn check_source(&self, hash: &str, batch: &BatchId, report: &mut CheckReport) {
        let path = self.layout.sources().join(hash);
        let inner = self.inner(&path);
        match fsio::standing(&path) {
            Ok(Some(standing)) if standing.kind == StandingKind::File => {
                check_sealed(&inner, &standing, report);
            }
            Ok(_) => {
                let message =
                    Message::new("check.source_absent").with("path", &inner).with("batch", batch);
                let problem = Problem::new(ProblemKind::Source, Severity::Error, message);
                report.add(problem.at(&inner).of_batch(batch));
            }
            Err(error) => {
                let problem = Problem::new(ProblemKind::Source, Severity::Error, error.message());
                let problem = Problem { causes: error.causes(), ..problem };
                report.add(problem.at(&inner).of_batch(batch));
            }
        }
    }

    /// Notes what stands where nothing of a lake does: no answer has it, and nothing removes it.
    fn check_strays(&self, report: &mut CheckReport) -> Result<(), LakeError> {
        let standing = [self.listed(self.root())?, self.listed(&self.root().join("data"))?];
        for path in standing.iter().flatten().filter(|path| !self.layout.has_place_for(path)) {
            let inner = self.inner(path);
            let message = Message::new("check.stray").with("path", &inner);
            report.add(Problem::new(ProblemKind::Orphan, Severity::Info, message).at(&inner));
        }
        Ok(())
    }

    /// Others must not change what stands in a folder, whoever owns the files in it, and not read or change what
    /// we change ourselves.
    fn check_folders(&self, report: &mut CheckReport) -> Result<(), LakeError> {
        let mut folders: Vec<PathBuf> =
            LakeTable::ALL.iter().map(|table| self.layout.data(*table)).collect();
        folders.push(self.root().join("data"));
        folders.extend([self.layout.sources(), self.layout.manifests(), self.layout.backups()]);
        folders.extend([self.layout.leases(), self.layout.tmp_root(), self.layout.lost()]);
        for folder in folders {
            let Ok(Some(standing)) = fsio::standing(&folder) else { continue };
            let inner = self.inner(&folder);
            if !fsio::is_dir(&folder) {
                let message = Message::new("check.place").with("path", &inner);
                report.add(Problem::new(ProblemKind::Place, Severity::Error, message).at(&inner));
            } else if standing.mode & 0o022 != 0 {
                report.add(loose(&inner, &standing));
            }
        }
        let mut changing = vec![self.layout.catalog(), self.layout.audit_head()];
        changing.extend([self.layout.writer_lock(), self.layout.records_lock()]);
        changing.push(self.layout.reports_lock());
        if fsio::is_dir(&self.layout.backups()) {
            changing.extend(self.listed(&self.layout.backups())?);
        }
        for path in changing {
            let Ok(Some(standing)) = fsio::standing(&path) else { continue };
            if standing.kind == StandingKind::File && standing.mode & LOOSE != 0 {
                report.add(loose(&self.inner(&path), &standing));
            }
        }
        Ok(())
    }

    /// A loss that was recorded is none that anybody has to look for, and no answer has its rows.
    pub(super) fn check_losses(&self, report: &mut CheckReport) -> Result<(), LakeError> {
        for batch in self.batches_with_losses()? {
            let message = Message::new("check.loss").with("batch", &batch);
            let problem = Problem::new(ProblemKind::Rows, Severity::Info, message);
            report.add(problem.of_batch(&batch));
        }
        Ok(())
    }

    /// Every snapshot has a manifest that says what the audit chain says, and no other has one.
    pub(super) fn check_manifests(&self, report: &mut CheckReport) -> Result<(), LakeError> {
        let stored = self.catalog.read(audit::all_stored)?;
        let latest = self.catalog.read(record::head)?;
        report.n_snapshots = usize::try_from(latest).unwrap_or_default();
        for (snapshot, record, hash) in stored {
            // What is no record shows in the chain.
            let Ok(text) = manifest_of(snapshot, &record, &hash) else { continue };
            let path = self.layout.manifest(snapshot);
            let code = if !fsio::exists(&path) {
                "check.manifest_absent"
            } else if fsio::read_bytes(&path, text.len() as u64).is_ok_and(|found| found == text) {
                continue;
            } else {
                "check.manifest_differs"
            };
            let message = Message::new(code).with("snapshot", snapshot);
            let problem = Problem::new(ProblemKind::Manifest, Severity::Warning, message);
            report.add(problem.at(&self.inner(&path)));
        }
        for path in self.listed(&self.layout.manifests())? {
            let number = path.file_stem().and_then(|stem| stem.to_str()?.parse::<i64>().ok());
            // A commit that was made meanwhile has one, too.
            let is_later = |latest: i64| number.is_some_and(|number| number > latest);
            if is_later(latest) && is_later(self.catalog.read(record::head)?) {
                let inner = self.inner(&path);
                let message = Message::new("check.catalog_old")
                    .with("latest", latest)
                    .with("snapshot", number.unwrap_or_default());
                let problem = Problem::new(ProblemKind::CatalogOld, Severity::Error, message);
                report.add(problem.at(&inner));
            }
        }
        Ok(())
    }

    /// Copies of the catalog are opened, and from the second depth on read as a whole.
    pub(super) fn check_backups(
        &self,
        level: CheckLevel,
        report: &mut CheckReport,
    ) -> Result<(), LakeError> {
        if report.n_snapshots > 0 && self.layout.latest_backup().is_none() {
            let message = Message::new("check.backup_absent");
            report.add(Problem::new(ProblemKind::Backup, Severity::Warning, message));
        }
        for path in self.listed(&self.layout.backups())? {
            if path.extension().is_none_or(|end| end != "db") {
                continue;
            }
            if !is_whole_backup(&path, level > CheckLevel::Structure) {
                let inner = self.inner(&path);
                let message = Message::new("check.backup").with("path", &inner);
                let problem = Problem::new(ProblemKind::Backup, Severity::Warning, message);
                report.add(problem.at(&inner));
            }
        }
        Ok(())
    }
}

/// Damage to what is live is worse than to what only earlier snapshots have.
pub(super) fn severity_of(file: &NamedFile) -> Severity {
    if file.end.is_none() { Severity::Error } else { Severity::Warning }
}

pub(super) fn check_sealed(inner: &str, standing: &Standing, report: &mut CheckReport) {
    if standing.mode & UNSEALED != 0 {
        report.add(loose(inner, standing));
    }
}

fn loose(inner: &str, standing: &Standing) -> Problem {
    let message = Message::new("check.mode")
        .with("path", inner)
        .with("mode", format!("{:04o}", standing.mode));
    Problem::new(ProblemKind::Mode, Severity::Warning, message).at(inner)
}

/// Tells whether a catalog passes every test of its own that a check makes.
pub(in crate::lake) fn is_sound(connection: &Connection) -> bool {
    integrity(connection).is_ok_and(|said| said.is_empty())
        && dangling(connection).is_ok_and(|tables| tables.is_empty())
        && strange_parts(connection).is_ok_and(|names| names.is_empty())
        && holds_by_itself(connection).is_ok_and(|holds| holds)
}

/// Tells whether the audit chain holds, whatever head is kept beside the catalog.
fn holds_by_itself(connection: &Connection) -> rusqlite::Result<bool> {
    Ok(audit::verify(connection, None)?.is_ok())
}

/// Returns what SQLite finds wrong with the catalog; nothing when it is whole.
fn integrity(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let said: Vec<String> = connection
        .prepare(&format!("PRAGMA integrity_check({MAX_SAID})"))?
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    Ok(said.into_iter().filter(|said| said != "ok").collect())
}

/// Returns the tables with rows that refer to none, each once.
fn dangling(connection: &Connection) -> rusqlite::Result<BTreeSet<String>> {
    connection.prepare("PRAGMA foreign_key_check")?.query_map([], |row| row.get(0))?.collect()
}

/// Tells whether a catalog has the tables of a version that is known, whatever version it says it is of.
pub(in crate::lake) fn has_known_tables(connection: &Connection) -> rusqlite::Result<bool> {
    for version in OLDEST_VERSION..=FORMAT_VERSION {
        if strange_parts_of(connection, version)?.is_empty() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Returns the names of tables and indexes that are missing, too many, or not those of the catalog's version.
fn strange_parts(connection: &Connection) -> rusqlite::Result<BTreeSet<String>> {
    let version = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    strange_parts_of(connection, version)
}

fn strange_parts_of(connection: &Connection, version: i32) -> rusqlite::Result<BTreeSet<String>> {
    let expected = Connection::open_in_memory()?;
    create_tables_of(&expected, version)?;
    let (found, expected) = (parts(connection)?, parts(&expected)?);
    Ok(found.symmetric_difference(&expected).map(|(name, _)| name.clone()).collect())
}

/// Returns the names of tables and indexes, each with its statement.
fn parts(connection: &Connection) -> rusqlite::Result<BTreeSet<(String, String)>> {
    connection
        .prepare("SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL")?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect()
}

/// Returns the hashes of the sources that are kept, each with the latest batch that was read from it.
fn sources(connection: &Connection) -> rusqlite::Result<BTreeMap<String, BatchId>> {
    connection
        .prepare(
            "SELECT source_hash, batch FROM batches WHERE source_kind <> ?1
             ORDER BY begin_snapshot, batch",
        )?
        .query_map([SourceKind::Records.as_str()], |row| {
            Ok((row.get(0)?, BatchId::from_stored(row.get(1)?)))
        })?
        .collect()
}

/// Returns the hashes of the sources of all runs, also of those that died.
fn begun_sources(connection: &Connection) -> rusqlite::Result<BTreeSet<String>> {
    connection
        .prepare("SELECT DISTINCT source_hash FROM runs")?
        .query_map([], |row| row.get(0))?
        .collect()
}

/// Tells whether a copy of the catalog can be used: it opens and has an audit chain, and when read as a whole
/// passes every test.
pub(in crate::lake) fn is_whole_backup(path: &std::path::Path, as_a_whole: bool) -> bool {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
    let Ok(connection) = Connection::open_with_flags(path, flags) else { return false };
    if as_a_whole { is_sound(&connection) } else { audit::head(&connection).is_ok() }
}
