//! Repair: what can be done about damage, told first and done when it is asked for.
//!
//! Nothing is removed: what is damaged goes to `lost+found/`. The catalog comes first, because it says
//! what else is damaged. Files come back from a copy of the lake where there is one; figures of documents
//! from the sources that the lake keeps, which is the work of whoever reads documents; and where neither
//! is possible, a snapshot can record the loss, so that the rest can be read again.

mod around;
mod catalog;
mod copy;
mod files;
mod rebuild;
mod replace;
mod sources;

use std::path::Path;

use crate::diag::Message;
use crate::lake::check::{Care, CheckLevel, CheckReport, CheckSettings, Problem, ProblemKind};
use crate::lake::repair::catalog::is_of_catalog;
use crate::lake::repair::copy::check_copy;
use crate::lake::{Act, Lake, LakeError, Suitability, check_file_system};
use crate::model::{BatchId, text_enum};

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
            lake.clear_work()?;
            Some(lock)
        };
        let mut found = look(root)?;
        // Which of both is the wrong one, only a person can say; and with the wrong one all else seems damaged.
        if found.problems.iter().any(|problem| problem.kind == ProblemKind::Foreign) {
            report.step(RepairKind::None, Message::new("repair.foreign"));
            return Ok(report);
        }
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
