//! Whether a lake is what its catalog says, at three depths. Nothing is changed.
//!
//! The first depth looks at the catalog, the audit chain, and where files stand; the second reads every
//! byte; the third decodes every row and counts it again. Damage is a list, never an error: whoever
//! checks wants to know all of it, also where the catalog cannot be read.

mod contents;
mod merges;
mod structure;

use std::path::{Path, PathBuf};

use crate::diag::{Diagnose, Message, Severity};
use crate::fsio;
use crate::lake::catalog::Catalog;
use crate::lake::layout::Layout;
use crate::lake::lease::Lease;
use crate::lake::{AuditHead, Lake, LakeError, Suitability, Teller, check_identity, why_read_only};
use crate::model::{BatchId, text_enum};
use crate::table::PartLimits;

pub(super) use structure::{has_known_tables, is_sound, is_whole_backup};

text_enum! {
    /// How deep a check goes; each depth includes those before it.
    CheckLevel {
        /// Catalog, audit chain, and files by name, size and mode.
        Structure = "structure",
        /// Every byte of data files and sources, against their hashes.
        ReadData = "read-data",
        /// Every row, decoded and counted again.
        Deep = "deep",
    }
}

text_enum! {
    /// What is wrong.
    ProblemKind {
        /// The catalog is missing, cannot be read, or contradicts itself.
        Catalog = "catalog",
        /// The audit chain does not hold, or its kept head is lost.
        Audit = "audit",
        /// A data file is missing, or not what was written.
        DataFile = "data_file",
        /// The rows of a batch are not what the catalog says of them.
        Rows = "rows",
        /// A file that is read instead of several is missing, not what was written, or does not say what they
        /// say.
        Merge = "merge",
        /// A source is missing, or not what arrived.
        Source = "source",
        /// A manifest is missing or says something else than the catalog.
        Manifest = "manifest",
        /// There are traces of snapshots that the catalog does not know.
        CatalogOld = "catalog_old",
        /// The catalog and what stands beside it are of different lakes.
        Foreign = "foreign",
        /// The mark of made-up data does not agree with the batches, which decide.
        Mark = "mark",
        /// A copy of the catalog cannot be used.
        Backup = "backup",
        /// Somebody may change or read what they must not.
        Mode = "mode",
        /// Something else stands where a folder belongs.
        Place = "place",
        /// A file that nothing names.
        Orphan = "orphan",
    }
}

/// One thing that is wrong, or worth knowing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What kind of thing it is.
    pub kind: ProblemKind,
    /// `Error` where something committed is lost or may be; `Warning` where it is not, but the lake is
    /// not as it has to be; `Info` for what does no harm.
    pub severity: Severity,
    /// The file, below the folder of the lake.
    pub path: Option<String>,
    /// The batch that is concerned.
    pub batch: Option<BatchId>,
    /// The sentence.
    pub message: Message,
    /// What is behind it.
    pub causes: Vec<Message>,
}

impl Problem {
    pub(super) fn new(kind: ProblemKind, severity: Severity, message: Message) -> Self {
        Self { kind, severity, path: None, batch: None, message, causes: Vec::new() }
    }

    /// Returns the problem that an error tells of.
    pub(super) fn of(kind: ProblemKind, severity: Severity, error: &LakeError) -> Self {
        Self { causes: error.causes(), ..Self::new(kind, severity, error.message()) }
    }

    #[must_use]
    pub(super) fn at(mut self, path: &str) -> Self {
        self.path = Some(path.to_owned());
        self
    }

    #[must_use]
    pub(super) fn of_batch(mut self, batch: &BatchId) -> Self {
        self.batch = Some(batch.clone());
        self
    }
}

/// A part of all files: the `number`th of `of` parts of about the same number of files, from 1.
///
/// A file stays in its part when others come or go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CheckPart {
    /// Which part, from 1.
    pub number: u32,
    /// How many there are.
    pub of: u32,
}

impl CheckPart {
    pub(super) fn holds(self, path: &str) -> bool {
        let hash = fsio::hash_hex(path.as_bytes());
        let number = u64::from_str_radix(&hash[..15], 16).unwrap_or_default();
        number % u64::from(self.of.max(1)) == u64::from(self.number.saturating_sub(1))
    }
}

/// Whether a lake that is looked at may be changed by that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Care {
    /// Its catalog is read as by somebody who may not write it: not even its log is folded in.
    Untouched,
    /// It is to be repaired.
    Changed,
}

/// What is checked.
#[derive(Clone, Copy)]
pub struct CheckSettings<'a> {
    /// How deep.
    pub level: CheckLevel,
    /// The part of the files that is read, `None` for all.
    pub part: Option<CheckPart>,
    /// Files are read in the order of their paths, beginning with the one after this.
    pub after: Option<&'a str>,
    /// Asked before each file that is read; `true` ends the reading.
    pub is_over: &'a dyn Fn() -> bool,
}

/// What a check found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CheckReport {
    /// What is wrong, in the order in which it was found.
    pub problems: Vec<Problem>,
    /// Snapshots in the catalog.
    pub n_snapshots: usize,
    /// Data files that the catalog names and that have to be there.
    pub n_files: usize,
    /// Sources that have to be there.
    pub n_sources: usize,
    /// Files that were read from beginning to end.
    pub n_read: usize,
    /// Bytes of those files.
    pub read_bytes: u64,
    /// Rows that were decoded.
    pub n_rows: u64,
    /// The head of the audit chain, where it holds.
    pub head: Option<AuditHead>,
    /// The last file that was read, where there was no time for all.
    pub stopped_after: Option<String>,
}

impl CheckReport {
    /// Returns how many problems there are of a severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.problems.iter().filter(|problem| problem.severity == severity).count()
    }

    /// Tells whether something committed is lost, or the lake is not as it has to be.
    pub fn is_damaged(&self) -> bool {
        self.problems.iter().any(|problem| problem.severity > Severity::Info)
    }

    pub(super) fn add(&mut self, problem: Problem) {
        self.problems.push(problem);
    }
}

impl Lake {
    /// Checks the lake in `root`, which need not be one that can be opened.
    ///
    /// Fails where there is no lake, or where others may change it.
    pub fn check(root: &Path, settings: CheckSettings<'_>) -> Result<CheckReport, LakeError> {
        let mut report = CheckReport::default();
        let layout = Layout::new(root);
        let catalog = layout.catalog();
        if matches!(fsio::size_bytes(&catalog), Ok(None | Some(0))) {
            if !Self::stands_in(root) {
                return Err(LakeError::NotALake { root: root.to_owned() });
            }
            let message = Message::new("check.catalog_gone").with("path", catalog.display());
            report.add(Problem::new(ProblemKind::Catalog, Severity::Error, message));
            return Ok(report);
        }
        let lake = Self::unrecovered(root, Care::Untouched)?;
        // Before anything is listed: what is read here must not be collected meanwhile.
        let _lease = match lake.read_only {
            Some(_) => None,
            None => Lease::take(&layout.leases()).map_err(|source| lake.folder(source))?,
        };
        let unreadable =
            |error: &LakeError| Problem::of(ProblemKind::Catalog, Severity::Error, error);
        match check_identity(root, &lake.catalog) {
            Ok(()) => {}
            Err(error @ LakeError::VersionUnknown { .. }) => return Err(error),
            Err(error) => {
                report.add(unreadable(&error));
                return Ok(report);
            }
        }
        match lake.check_all(settings, &mut report) {
            // What was found before is told all the same.
            Err(error @ LakeError::CatalogRead { .. }) => report.add(unreadable(&error)),
            other => other?,
        }
        Ok(report)
    }

    /// Returns the lake in `root` as it stands: nothing is cleared up, and it may be no lake at all.
    pub(super) fn unrecovered(root: &Path, care: Care) -> Result<Self, LakeError> {
        let layout = Layout::new(root);
        let read_only = why_read_only(&layout)?;
        let is_writable = read_only.is_none() && care == Care::Changed;
        let catalog = Catalog::new(layout.catalog(), is_writable);
        Ok(Self {
            layout,
            catalog,
            read_only,
            is_synthetic: false,
            warnings: Vec::new(),
            lock_limit: crate::lake::LOCK_LIMIT,
            part_limits: PartLimits::default(),
            teller: Teller::default(),
            suitability: Suitability::default(),
        })
    }

    fn check_all(
        &self,
        settings: CheckSettings<'_>,
        report: &mut CheckReport,
    ) -> Result<(), LakeError> {
        // Files first: those that come later are of commits that the catalog tells of.
        let standing = self.standing_files()?;
        self.check_catalog(report)?;
        self.check_origin(report);
        let named = self.check_files(&standing, report)?;
        self.check_losses(report)?;
        self.check_manifests(report)?;
        self.check_backups(settings.level, report)?;
        if settings.level > CheckLevel::Structure {
            self.check_contents(&named, settings, report)?;
        }
        Ok(())
    }

    /// Returns a path below the folder of the lake as text.
    pub(super) fn inner(&self, path: &Path) -> String {
        path.strip_prefix(self.root()).unwrap_or(path).to_string_lossy().into_owned()
    }

    pub(super) fn outer(&self, inner: &str) -> PathBuf {
        self.root().join(inner)
    }
}
