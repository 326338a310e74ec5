//! Repair: what can be done about damage, told first and done when it is asked for.
//!
//! Nothing is removed: what is damaged goes to `lost+found/`. The catalog comes first, because it says
//! what else is damaged. Files come back from a copy of the lake where there is one; figures of documents
//! from the sources that the lake keeps, which is the work of whoever reads documents; and where neither
//! is possible, a snapshot can record the loss, so that the rest can be read again.

mod catalog;
mod copy;
mod replace;

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::diag::{Diagnose, Message, Severity};
use crate::fsio::{self, FsError, HashingFile, Mode, PlainFile};
use crate::lake::act::Concern;
use crate::lake::agreement::Manifest;
use crate::lake::audit::{self, KeptHead};
use crate::lake::catalog::Catalog;
use crate::lake::check::{Care, CheckLevel, CheckReport, CheckSettings, Problem, ProblemKind};
use crate::lake::damage::named_files;
use crate::lake::layout::Layout;
use crate::lake::repair::catalog::rebuilt;
use crate::lake::repair::copy::check_copy;
use crate::lake::run::mark_by_batches;
use crate::lake::{Act, ActOutcome, Lake, LakeError, Suitability, check_file_system, record};
use crate::model::{BatchId, SourceKind, text_enum};

pub use copy::CopyFault;

text_enum! {
    /// One thing that can be done about damage.
    RepairKind {
        /// The catalog is made anew from a copy of it and the manifests.
        Catalog = "catalog",
        /// A copy of the catalog is made.
        Backup = "backup",
        /// The head of the audit chain is written anew.
        AuditHead = "audit_head",
        /// A manifest is written anew.
        Manifest = "manifest",
        /// The mark of made-up data is made to agree with the batches.
        Mark = "mark",
        /// Rights that somebody has too much of are taken away.
        Mode = "mode",
        /// A damaged file is put where nothing reads it.
        SetAside = "set_aside",
        /// A file is taken from a copy of the lake.
        PutBack = "put_back",
        /// A batch is written anew from its source.
        Reread = "reread",
        /// The user has to give the files of a batch again.
        Ingest = "ingest",
        /// A snapshot records that a file is lost.
        Loss = "loss",
        /// Nothing can be done here.
        None = "none",
    }
}

/// What is done, or would be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepairStep {
    /// What it is.
    pub kind: RepairKind,
    /// The file that is concerned, below the folder of the lake.
    pub path: Option<String>,
    /// The batch that is concerned.
    pub batch: Option<BatchId>,
    /// The sentence.
    pub message: Message,
}

/// How a lake is repaired.
#[derive(Clone, Copy)]
pub struct RepairSettings<'a> {
    /// Who repairs it.
    pub act: Act<'a>,
    /// Only tells what would be done.
    pub is_dry_run: bool,
    /// Records the loss of what cannot come back.
    pub accepts_loss: bool,
    /// A copy of the lake's folder, to take files from.
    pub copy: Option<&'a Path>,
    /// The file systems on which it is done.
    pub suitability: Suitability,
}

/// What a repair did, or would do.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct RepairReport {
    /// The steps, in order.
    pub steps: Vec<RepairStep>,
    /// Live batches of documents whose rows are to be read again from their sources.
    pub reread: Vec<BatchId>,
    /// What did not work besides.
    pub warnings: Vec<Message>,
}

impl RepairReport {
    fn step(&mut self, kind: RepairKind, message: Message) {
        self.steps.push(RepairStep { kind, path: None, batch: None, message });
    }

    fn step_for(&mut self, kind: RepairKind, problem: &Problem, message: Message) {
        let (path, batch) = (problem.path.clone(), problem.batch.clone());
        self.steps.push(RepairStep { kind, path, batch, message });
    }
}

/// What is done about a data file.
struct Damaged {
    problem: Problem,
    hash: String,
    /// Whether it is known not to hold what was written: a disk that does not answer may do so again.
    is_certain: bool,
    is_live: bool,
    /// Whether its batch can be read again from its source.
    has_source: bool,
}

impl Lake {
    /// Repairs the lake in `root`, or tells what could be done.
    ///
    /// All files are read. While it works nobody else commits. Fails before anything is done where the copy is
    /// none of this lake.
    pub fn repair(root: &Path, settings: RepairSettings<'_>) -> Result<RepairReport, LakeError> {
        if let Some(copy) = settings.copy {
            check_copy(root, copy)?;
        }
        let mut report = RepairReport::default();
        let care = if settings.is_dry_run { Care::Untouched } else { Care::Changed };
        let mut lake = Self::unrecovered(root, care)?;
        lake.suitability = settings.suitability;
        let held = if settings.is_dry_run {
            None
        } else {
            if let Some(reason) = &lake.read_only {
                return Err(LakeError::ReadOnly { root: root.to_owned(), reason: reason.clone() });
            }
            check_file_system(root, settings.suitability)?;
            lake.layout.create_folders().map_err(|source| lake.folder(source))?;
            let path = lake.layout.writer_lock();
            let lock = lake.lock(&path, settings.act.command, lake.lock_limit)?;
            // Of a repair that died.
            fsio::remove_dir_tree(&lake.layout.tmp_root().join("repair"))
                .map_err(|source| lake.folder(source))?;
            Some(lock)
        };
        let mut found = look(root)?;
        if is_of_catalog(&found) {
            if !lake.repair_catalog(&found, settings, &mut report)? || settings.is_dry_run {
                return Ok(report);
            }
            found = look(root)?;
            if is_of_catalog(&found) {
                report.step(RepairKind::None, Message::new("repair.catalog_stands"));
                return Ok(report);
            }
        }
        lake.repair_around(&found, settings, &mut report)?;
        let lost = lake.repair_files(&found, settings, &mut report)?;
        drop(held);
        if !lost.is_empty() {
            lake.record_loss(&settings.act, &lost, &mut report)?;
        }
        Ok(report)
    }

    /// Makes the catalog anew, or mends what it is compared with; `false` where neither can be done.
    fn repair_catalog(
        &self,
        found: &CheckReport,
        settings: RepairSettings<'_>,
        report: &mut RepairReport,
    ) -> Result<bool, LakeError> {
        // One that seems sound and cannot be read all the same is none to go on with.
        let is_suspect = found.problems.iter().any(is_of_catalog_alone);
        let Some(rebuilt) = rebuilt(&self.layout, is_suspect)? else {
            if !self.is_head_alone_wrong(found)? {
                report.step(RepairKind::None, Message::new("repair.catalog_lost"));
                return Ok(false);
            }
            let path = self.layout.audit_head();
            let message = Message::new("repair.audit_head_wrong").with("path", self.inner(&path));
            report.step(RepairKind::AuditHead, message);
            if !settings.is_dry_run {
                self.set_aside(&path)?;
                self.write_audit_head()?;
            }
            return Ok(true);
        };
        if rebuilt.n_replayed == 0 && rebuilt.base.as_ref() == Some(&self.layout.catalog()) {
            return self.set_strays_aside(found, settings, report);
        }
        let message = match &rebuilt.base {
            Some(base) => Message::new("repair.catalog").with("base", self.inner(base)),
            None => Message::new("repair.catalog_from_manifests"),
        };
        let message =
            message.with("replayed", rebuilt.n_replayed).with("snapshot", rebuilt.head.entry);
        report.step(RepairKind::Catalog, message);
        // Manifests tell of snapshots alone.
        if rebuilt.base != Some(self.layout.catalog()) || rebuilt.n_replayed > 0 {
            report.warnings.push(Message::new("repair.reports"));
        }
        if !settings.is_dry_run {
            self.replace_catalog(&rebuilt)?;
        }
        Ok(true)
    }

    /// Puts files aside that stand where manifests of later snapshots would, and are none. The catalog is as good as
    /// it can be.
    fn set_strays_aside(
        &self,
        found: &CheckReport,
        settings: RepairSettings<'_>,
        report: &mut RepairReport,
    ) -> Result<bool, LakeError> {
        let is_stray = |problem: &&Problem| problem.kind == ProblemKind::CatalogOld;
        let strays: Vec<&Problem> = found.problems.iter().filter(is_stray).collect();
        let is_manifest = |problem: &&Problem| {
            let path = self.outer(problem.path.as_deref().unwrap_or_default());
            let number = path.file_stem().and_then(|stem| stem.to_str()?.parse().ok());
            number.is_none_or(|number| Manifest::read(&self.layout, number).is_some())
        };
        // One that tells of a snapshot is the trace of what is lost.
        if strays.is_empty() || strays.iter().any(is_manifest) {
            report.step(RepairKind::None, Message::new("repair.catalog_lost"));
            return Ok(false);
        }
        for problem in strays {
            let path = problem.path.as_deref().unwrap_or_default();
            let message = Message::new("repair.set_aside").with("path", path);
            report.step_for(RepairKind::SetAside, problem, message);
            if !settings.is_dry_run {
                self.set_aside(&self.outer(path))?;
            }
        }
        Ok(true)
    }

    /// Tells whether the kept head is wrong and all else agrees: the catalog is sound, every manifest says what it
    /// says, and its copies are of the same chain. Where the head tells of later snapshots, nothing else may.
    fn is_head_alone_wrong(&self, found: &CheckReport) -> Result<bool, LakeError> {
        let KeptHead::Whole(kept) =
            audit::read_head(&self.layout.audit_head()).map_err(|source| self.folder(source))?
        else {
            return Ok(false);
        };
        if found.problems.iter().any(is_of_catalog_alone)
            || found.problems.iter().any(|problem| problem.kind == ProblemKind::Manifest)
        {
            return Ok(false);
        }
        let stored: BTreeMap<i64, String> = self
            .catalog
            .read(audit::all_stored)?
            .into_iter()
            .map(|(snapshot, _, hash)| (snapshot, hash))
            .collect();
        let is_orphan = |problem: &Problem| problem.kind == ProblemKind::Orphan;
        if stored.is_empty()
            || !stored.contains_key(&kept.entry) && found.problems.iter().any(is_orphan)
        {
            return Ok(false);
        }
        let backups =
            fsio::list_folder(&self.layout.backups()).map_err(|source| self.folder(source))?;
        // What cannot be read says nothing.
        let mut heads = backups.into_iter().filter_map(|path| {
            let head = Catalog::new(path, false).read(audit::head).ok()?;
            (head.entry > 0).then_some(head)
        });
        Ok(heads.all(|head| stored.get(&head.entry) == Some(&head.hash)))
    }

    /// Writes anew what the catalog can tell, and takes away rights.
    fn repair_around(
        &self,
        found: &CheckReport,
        settings: RepairSettings<'_>,
        report: &mut RepairReport,
    ) -> Result<(), LakeError> {
        for problem in &found.problems {
            let path = problem.path.as_deref().unwrap_or_default();
            let outer = self.outer(path);
            let said = |code| Message::new(code).with("path", path);
            let is_done = !settings.is_dry_run;
            match problem.kind {
                ProblemKind::Audit => {
                    report.step_for(
                        RepairKind::AuditHead,
                        problem,
                        Message::new("repair.audit_head"),
                    );
                    if is_done {
                        self.write_audit_head()?;
                    }
                }
                ProblemKind::Manifest => {
                    report.step_for(RepairKind::Manifest, problem, said("repair.manifest"));
                    let number = outer.file_stem().and_then(|stem| stem.to_str()?.parse().ok());
                    if let Some(number) = number.filter(|_| is_done) {
                        self.write_manifest(number)?;
                    }
                }
                ProblemKind::Mark => {
                    report.step_for(RepairKind::Mark, problem, Message::new("repair.mark"));
                    if is_done {
                        self.catalog.write(mark_by_batches)?;
                    }
                }
                ProblemKind::Mode => {
                    report.step_for(RepairKind::Mode, problem, said("repair.mode"));
                    if is_done {
                        self.tighten(&outer).map_err(|source| self.folder(source))?;
                    }
                }
                ProblemKind::Place => {
                    report.step_for(RepairKind::None, problem, said("repair.place"));
                }
                // One that is missing is made below.
                ProblemKind::Backup if problem.path.is_none() => {}
                ProblemKind::Backup => {
                    report.step_for(RepairKind::SetAside, problem, said("repair.set_aside"));
                    if is_done {
                        self.set_aside(&outer)?;
                    }
                }
                ProblemKind::Merge => {
                    report.step_for(RepairKind::SetAside, problem, said("repair.merge"));
                    if is_done {
                        self.forget_merge(path)?;
                        // A name that the catalog got wrong is perhaps that of something else.
                        if Layout::is_merge(&outer) && fsio::exists(&outer) {
                            self.set_aside(&outer)?;
                        }
                    }
                }
                ProblemKind::Source => self.repair_source(problem, settings, report)?,
                ProblemKind::Rows if problem.severity > Severity::Info => {
                    report.step_for(RepairKind::None, problem, Message::new("repair.rows"));
                }
                _ => {}
            }
        }
        self.keep_backup(found, settings, report)
    }

    /// Leaves those rights on a file or folder that it is made with.
    fn tighten(&self, path: &Path) -> Result<(), FsError> {
        if fsio::is_dir(path) {
            return fsio::set_dir_access(path, self.access_of(path));
        }
        let mode =
            if [self.layout.catalog(), self.layout.audit_head()].iter().any(|one| one == path) {
                self.layout.changing_mode()
            } else if path.parent() == Some(self.root()) || path.starts_with(self.layout.backups())
            {
                Mode::Private
            } else {
                Mode::Sealed
            };
        fsio::set_mode(path, mode)
    }

    /// Makes a copy of the catalog where there is none that can be used.
    fn keep_backup(
        &self,
        found: &CheckReport,
        settings: RepairSettings<'_>,
        report: &mut RepairReport,
    ) -> Result<(), LakeError> {
        let is_lost = |problem: &&Problem| problem.kind == ProblemKind::Backup;
        let lost: Vec<&Problem> = found.problems.iter().filter(is_lost).collect();
        let backups =
            fsio::list_folder(&self.layout.backups()).map_err(|source| self.folder(source))?;
        let is_left = |path: &PathBuf| {
            let inner = self.inner(path);
            lost.iter().all(|problem| problem.path.as_ref() != Some(&inner))
        };
        if lost.is_empty() || backups.iter().any(is_left) {
            return Ok(());
        }
        report.step(RepairKind::Backup, Message::new("repair.backup"));
        if settings.is_dry_run {
            return Ok(());
        }
        let in_folder = |source: FsError| self.folder(source);
        let work = self.layout.tmp_root().join("repair");
        fsio::remove_dir_tree(&work).map_err(in_folder)?;
        fsio::create_private_dir(&work).map_err(in_folder)?;
        self.back_up(&work, self.catalog.read(record::head)?)?;
        fsio::remove_dir_tree(&work).map_err(in_folder)
    }

    /// Takes a source from the copy, or has the user give it again.
    fn repair_source(
        &self,
        problem: &Problem,
        settings: RepairSettings<'_>,
        report: &mut RepairReport,
    ) -> Result<(), LakeError> {
        let Some(path) = &problem.path else { return Ok(()) };
        let hash = path.rsplit('/').next().unwrap_or_default();
        if self.put_back((path, hash), settings, report, problem)? {
            return Ok(());
        }
        let message = Message::new("repair.source").with("path", path);
        report.step_for(RepairKind::Ingest, problem, message);
        let outer = self.outer(path);
        if fsio::exists(&outer) && !settings.is_dry_run {
            self.set_aside(&outer)?;
        }
        Ok(())
    }

    /// Does what can be done about data files, and returns those whose loss is to be recorded.
    fn repair_files(
        &self,
        found: &CheckReport,
        settings: RepairSettings<'_>,
        report: &mut RepairReport,
    ) -> Result<Vec<String>, LakeError> {
        let mut lost = Vec::new();
        for damaged in self.damaged_files(found)? {
            let problem = &damaged.problem;
            let Some(path) = &problem.path else { continue };
            if damaged.is_certain
                && self.put_back((path, &damaged.hash), settings, report, problem)?
            {
                continue;
            }
            let said = |code| Message::new(code).with("path", path);
            if !damaged.is_certain {
                report.step_for(RepairKind::None, problem, said("repair.unread"));
                continue;
            }
            if !damaged.is_live {
                report.step_for(RepairKind::None, problem, said("repair.past_file"));
                continue;
            }
            let outer = self.outer(path);
            if fsio::exists(&outer) {
                report.step_for(RepairKind::SetAside, problem, said("repair.set_aside"));
                if !settings.is_dry_run {
                    self.set_aside(&outer)?;
                }
            }
            let batch = problem.batch.clone();
            let of_batch = |code| {
                Message::new(code).with("batch", batch.as_ref().map_or("?", BatchId::as_str))
            };
            if damaged.has_source {
                let batch = problem.batch.iter().filter(|batch| !report.reread.contains(batch));
                let batch: Vec<BatchId> = batch.cloned().collect();
                if !batch.is_empty() {
                    report.step_for(RepairKind::Reread, problem, of_batch("repair.reread"));
                }
                report.reread.extend(batch);
            } else if settings.accepts_loss {
                report.step_for(RepairKind::Loss, problem, said("repair.loss"));
                lost.extend(Some(path.clone()).filter(|_| !settings.is_dry_run));
            } else {
                report.step_for(RepairKind::Ingest, problem, of_batch("repair.ingest"));
            }
        }
        Ok(lost)
    }

    /// Returns the data files that a check found damaged, with what can be done about them.
    fn damaged_files(&self, found: &CheckReport) -> Result<Vec<Damaged>, LakeError> {
        let files = self.catalog.read(|connection| named_files(connection, "1", []))?;
        let kinds = self.catalog.read(record::all_batches)?;
        let is_damaged = |problem: &&Problem| problem.kind == ProblemKind::DataFile;
        let mut damaged = Vec::new();
        for problem in found.problems.iter().filter(is_damaged) {
            let named =
                |file: &&crate::lake::damage::NamedFile| Some(&file.path) == problem.path.as_ref();
            let Some(file) = files.iter().find(named) else { continue };
            let batch = kinds.iter().find(|batch| batch.batch == file.batch);
            let has_source = batch.is_some_and(|batch| {
                batch.source_kind != SourceKind::Records && self.source(&batch.source_hash).is_ok()
            });
            damaged.push(Damaged {
                problem: problem.clone(),
                hash: file.hash.clone(),
                is_certain: self.is_certainly_damaged(file),
                is_live: file.end.is_none(),
                has_source,
            });
        }
        Ok(damaged)
    }

    /// Takes a file from the copy of the lake, where one with the right bytes stands in it.
    fn put_back(
        &self,
        (path, hash): (&str, &str),
        settings: RepairSettings<'_>,
        report: &mut RepairReport,
        problem: &Problem,
    ) -> Result<bool, LakeError> {
        let Some(copy) = settings.copy else { return Ok(false) };
        let from = copy.join(path);
        let file = match PlainFile::open(&from).and_then(|file| Ok((file.digest()?, file))) {
            Ok((digest, file)) if digest.blake3 == hash => file,
            Ok(_) => return Ok(false),
            Err(error) => {
                // What the copy does not have is looked for elsewhere, and so is what it does not give.
                if error.kind() != Some(ErrorKind::NotFound) {
                    report.warnings.push(error.message());
                }
                return Ok(false);
            }
        };
        let message =
            Message::new("repair.put_back").with("path", path).with("from", from.display());
        report.step_for(RepairKind::PutBack, problem, message);
        if settings.is_dry_run {
            return Ok(true);
        }
        let in_folder = |source: FsError| self.folder(source);
        let part = self.layout.lost().join(format!(".{}.part", &hash[..16.min(hash.len())]));
        fsio::remove_file(&part).map_err(in_folder)?;
        let digest = copy_file(&file, &part).map_err(in_folder)?;
        if digest != hash {
            fsio::remove_file(&part).map_err(in_folder)?;
            return Err(LakeError::ReadBack { path: part });
        }
        let outer = self.outer(path);
        if fsio::exists(&outer) {
            self.set_aside(&outer)?;
        }
        fsio::link_no_clobber(&part, &outer)
            .and_then(|()| fsio::remove_file(&part))
            .and_then(|()| outer.parent().map_or(Ok(()), fsio::sync_dir))
            .map_err(in_folder)?;
        Ok(true)
    }

    /// Makes a snapshot in which lost files have ended. The catalog is copied before.
    fn record_loss(
        &self,
        act: &Act<'_>,
        lost: &[String],
        report: &mut RepairReport,
    ) -> Result<(), LakeError> {
        let outcome = self.act(
            act,
            Concern::Records,
            |run| {
                let latest = self.catalog.read(record::head)?;
                self.back_up(&self.layout.tmp(run), latest)?;
                Ok(Some(()))
            },
            |tx, (), (snapshot, _)| {
                let mut end = tx.prepare(
                    "UPDATE files SET end_snapshot = ?2 WHERE path = ?1 AND end_snapshot IS NULL",
                )?;
                for path in lost {
                    end.execute((path, snapshot))?;
                }
                Ok(Ok(()))
            },
        )?;
        if let ActOutcome::Done { warnings, .. } = outcome {
            report.warnings.extend(warnings);
        }
        Ok(())
    }
}

/// Reads everything, and returns what is wrong; rows are compared where they stand twice.
fn look(root: &Path) -> Result<CheckReport, LakeError> {
    let is_over = || false;
    let level = CheckLevel::ReadData;
    let settings = CheckSettings { level, part: None, after: None, is_over: &is_over };
    let mut found = Lake::check(root, settings)?;
    if !is_of_catalog(&found) {
        Lake::unrecovered(root, Care::Untouched)?.compare_merges(&mut found)?;
    }
    Ok(found)
}

/// Tells whether the catalog has to be made anew before anything else can be said.
fn is_of_catalog(found: &CheckReport) -> bool {
    found.problems.iter().any(|problem| {
        is_of_catalog_alone(problem)
            || problem.kind == ProblemKind::CatalogOld
            || problem.message.code == "check.head_differs"
    })
}

/// Tells whether a problem is one of the catalog by itself, whatever stands beside it.
fn is_of_catalog_alone(problem: &Problem) -> bool {
    match problem.kind {
        ProblemKind::Catalog => true,
        // A head that is lost is written again; a chain that does not hold is not.
        ProblemKind::Audit => problem.message.code == "lake.audit_broken",
        _ => false,
    }
}

/// Copies a file, sealed and durable; returns the hash of what was written.
fn copy_file(from: &PlainFile, to: &Path) -> Result<String, FsError> {
    let mut part = HashingFile::create(to)?;
    let mut piece = vec![0; 1 << 20];
    let mut offset = 0;
    loop {
        let n_bytes = match from.read_at(&mut piece, offset) {
            Ok(0) => break,
            Ok(n_bytes) => n_bytes,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(FsError::read(from.path(), error)),
        };
        if let Err(error) = std::io::Write::write_all(&mut part, &piece[..n_bytes]) {
            return Err(part.take_failure().unwrap_or_else(|| FsError::write(to, error)));
        }
        offset += n_bytes as u64;
    }
    part.seal().map(|digest| digest.blake3)
}
