//! The lake: a SQLite catalog and immutable Parquet files that only it may name.
//!
//! One transaction of the catalog is the commit, and it comes last: before it every file is written
//! under a name nobody knows, synced, linked to its final name and the folder synced. A data file
//! that no snapshot names does not exist. Nothing under `data/` is opened for writing again, and no
//! error handler removes anything there: after a failure it may not be known what was committed.

mod act;
mod agreement;
mod audit;
mod balance;
mod catalog;
mod check;
mod collect;
mod comeback;
mod commit;
mod damage;
mod data_file;
mod error;
mod follow_up;
mod layout;
mod lease;
mod merge;
mod publish;
mod record;
mod recover;
mod repair;
mod report_delivery;
mod report_run;
mod reserve;
mod restore;
mod retract;
mod rows;
mod run;
mod schema;
mod sharing;
mod snapshot;
mod staging;
mod store;
mod tables;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::fmt;
use std::io::ErrorKind;
use std::path::Path;
use std::time::Duration;

use crate::diag::{Diagnose, Message};
use crate::fsio::{self, FsError, Lock, Mode, Reason};
use crate::lake::agreement::Beside;
use crate::lake::audit::KeptHead;
use crate::lake::catalog::Catalog;
use crate::lake::layout::Layout;
use crate::lake::schema::{APPLICATION_ID, FORMAT_VERSION, OLDEST_VERSION};
use crate::model::BatchId;
use crate::table::PartLimits;

pub use act::{Act, ActOutcome};
pub use audit::AuditHead;
pub use balance::hash_of_files;
pub use catalog::sqlite_version;
pub use check::{CheckLevel, CheckPart, CheckReport, CheckSettings, Problem, ProblemKind};
pub use collect::{CollectSettings, Collected, CollectedFile, MIN_AGE, Removals};
pub use comeback::{Comeback, DamagedRows};
pub use commit::{Commit, CommitOutcome};
pub use data_file::{DataFile, DataGroup, DataRows, EarlierReading};
pub use error::LakeError;
pub use merge::MergedTable;
pub use record::{BatchFile, BatchRecord, SnapshotRecord};
pub use repair::{CopyFault, RepairKind, RepairReport, RepairSettings, RepairStep};
pub use report_delivery::ReportDelivery;
pub use report_run::{ReportEnd, ReportOutput, ReportRun, ReportStart, ReportState};
pub use retract::LaterRecords;
pub use run::Opening;
pub use snapshot::{Extent, SnapshotView};
pub use staging::{Staging, StagingOutcome};
pub use tables::{batch_files_table, batches_table, log_table, snapshots_table};

/// No source is larger than what ingest takes.
const MAX_SOURCE_BYTES: u64 = 1 << 30;

/// How long a commit waits for another one to finish.
const LOCK_LIMIT: Duration = Duration::from_secs(30);

/// A lake in a folder. Cheap to open; holds no file open between calls.
#[derive(Debug)]
pub struct Lake {
    layout: Layout,
    catalog: Catalog,
    /// Why nothing may be changed; `None` when it may.
    read_only: Option<Message>,
    is_synthetic: bool,
    warnings: Vec<Message>,
    lock_limit: Duration,
    part_limits: PartLimits,
    teller: Teller,
    suitability: Suitability,
}

/// Which file systems a lake is written on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Suitability {
    /// Those on which locks, links and syncs hold.
    #[default]
    Required,
    /// Any: somebody answers for it.
    Waived,
}

type Tell = dyn Fn(&Message) + Send + Sync;

/// Whoever passes on what a person who waits should know.
#[derive(Default)]
struct Teller(Option<Box<Tell>>);

impl Teller {
    fn tell(&self, message: &Message) {
        if let Self(Some(tell)) = self {
            tell(message);
        }
    }
}

impl fmt::Debug for Teller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Teller").field(&self.0.is_some()).finish()
    }
}

impl Lake {
    /// Makes an empty lake in `root`, which is created (0700) with the folders above it.
    ///
    /// A creation that was cut short is completed. Fails when there is a lake already, or a file
    /// system on which commits would not be safe.
    pub fn create(root: &Path) -> Result<Self, LakeError> {
        Self::create_on(root, Suitability::Required)
    }

    /// Makes an empty lake as [`Self::create`] does, perhaps on a file system that is not safe.
    pub fn create_on(root: &Path, suitability: Suitability) -> Result<Self, LakeError> {
        let layout = Layout::new(root);
        let in_folder = |source| LakeError::Folder { root: root.to_owned(), source };
        fsio::create_private_dir(root).map_err(in_folder)?;
        fsio::check_private(root).map_err(in_folder)?;
        check_file_system(root, suitability)?;
        layout.create_folders().map_err(in_folder)?;
        let path = layout.writer_lock();
        let taken = Lock::exclusive(&path, LOCK_LIMIT).map_err(in_folder)?;
        let Some(_lock) = taken else {
            let holder = Lock::read_note(&path).unwrap_or_else(|| "?".to_owned());
            return Err(LakeError::Locked { root: root.to_owned(), holder });
        };
        if !fsio::exists(&layout.catalog()) {
            // Created here and not by SQLite, which would give its files the mode 0644.
            fsio::create_file(&layout.catalog(), Mode::Private).map_err(in_folder)?;
        }
        let catalog = Catalog::new(layout.catalog(), true);
        match catalog.identity()? {
            (0, 0, 0) => catalog.create_tables()?,
            (APPLICATION_ID, ..) => return Err(LakeError::Exists { root: root.to_owned() }),
            _ => return Err(LakeError::NotALake { root: root.to_owned() }),
        }
        Self::open(root)
    }

    /// Opens the lake in `root`; runs that died are cleared up on the way.
    ///
    /// A catalog that does not have all that was committed is opened with a warning: nothing is changed
    /// by it, but what it has can be read.
    /// A folder in which nothing may be written, or that somebody else owns, is opened for reading.
    /// One that others may change is refused.
    pub fn open(root: &Path) -> Result<Self, LakeError> {
        let layout = Layout::new(root);
        if matches!(fsio::size_bytes(&layout.catalog()), Ok(None | Some(0))) {
            let gone = |backup| LakeError::CatalogGone { path: layout.catalog(), backup };
            let none = || LakeError::NotALake { root: root.to_owned() };
            let has_manifests =
                || fsio::list_folder(&layout.manifests()).is_ok_and(|found| !found.is_empty());
            let copy = layout.latest_backup().or_else(|| has_manifests().then(|| layout.backups()));
            return Err(copy.map_or_else(none, gone));
        }
        let read_only = why_read_only(&layout)?;
        let catalog = Catalog::new(layout.catalog(), read_only.is_none());
        let _hold = catalog.hold();
        check_identity(root, &catalog)?;
        let beside = Beside::read(&layout);
        let (is_synthetic, warning) = catalog
            .read(|connection| Ok((run::is_synthetic(connection)?, beside.warning(connection)?)))?;
        let mut lake = Self {
            layout,
            catalog,
            read_only,
            is_synthetic,
            warnings: warning.into_iter().collect(),
            lock_limit: LOCK_LIMIT,
            part_limits: PartLimits::default(),
            teller: Teller::default(),
            suitability: Suitability::default(),
        };
        if lake.read_only.is_none()
            && let Err(error) = lake.recover()
        {
            // Reading does not depend on it, and a full disk must not prevent reading.
            lake.warnings.push(error.message());
            lake.warnings.extend(error.causes());
        }
        Ok(lake)
    }

    /// Tells whether a lake stands in `root`, damaged or not.
    pub fn stands_in(root: &Path) -> bool {
        let layout = Layout::new(root);
        fsio::exists(&layout.writer_lock()) && fsio::is_dir(&layout.sources())
    }

    /// Returns the folder of the lake.
    pub fn root(&self) -> &Path {
        self.layout.root()
    }

    /// Returns why nothing may be committed here, `None` when it may.
    pub fn read_only_reason(&self) -> Option<&Message> {
        self.read_only.as_ref()
    }

    /// Tells whether the lake held synthetic sources when it was opened.
    pub fn is_synthetic(&self) -> bool {
        self.is_synthetic
    }

    /// Returns what went wrong while opening that does not hinder reading.
    pub fn warnings(&self) -> &[Message] {
        &self.warnings
    }

    /// Returns every snapshot, in order; none in an empty lake.
    pub fn log(&self) -> Result<Vec<SnapshotRecord>, LakeError> {
        self.catalog.read(|connection| record::snapshots(connection, i64::MAX))
    }

    /// Returns every batch that was ever committed, in the order of their commits.
    ///
    /// Superseded and retracted ones are among them and say so.
    pub fn batches(&self) -> Result<Vec<BatchRecord>, LakeError> {
        self.catalog.read(record::all_batches)
    }

    /// Returns the live batches, in the order of their commits.
    pub fn live_batches(&self) -> Result<Vec<BatchRecord>, LakeError> {
        self.catalog.read(|connection| record::live_batches(connection, record::head(connection)?))
    }

    /// Returns the live batches of which rows are lost.
    pub fn batches_with_losses(&self) -> Result<BTreeSet<BatchId>, LakeError> {
        self.catalog
            .read(|connection| record::batches_with_losses(connection, record::head(connection)?))
    }

    /// Returns the bytes of the source with a hash, as it arrived. Fails when they changed.
    pub fn source(&self, hash: &str) -> Result<Vec<u8>, LakeError> {
        let path = self.layout.sources().join(hash);
        let bytes =
            fsio::read_bytes(&path, MAX_SOURCE_BYTES).map_err(|source| self.folder(source))?;
        if fsio::hash_hex(&bytes) != hash {
            return Err(LakeError::SourceDamaged { path });
        }
        Ok(bytes)
    }

    /// Checks the audit chain against the catalog and against `audit-head`, and returns its head.
    ///
    /// Without `audit-head` a chain that was cut short looks whole. So only a chain of one entry may
    /// lack it, whose process died between the commit and writing the head: one that dies there later
    /// leaves the head before.
    pub fn verify_audit(&self) -> Result<AuditHead, LakeError> {
        let path = self.layout.audit_head();
        let lost = || LakeError::AuditHeadLost { path: path.clone() };
        let kept = match audit::read_head(&path).map_err(|source| self.folder(source))? {
            KeptHead::Whole(head) => Some(head),
            KeptHead::Absent => None,
            KeptHead::Garbled => return Err(lost()),
        };
        let head = self
            .catalog
            .read(|connection| audit::verify(connection, kept.as_ref()))?
            .map_err(|entry| LakeError::AuditBroken { entry })?;
        if kept.is_none() && head.entry > 1 { Err(lost()) } else { Ok(head) }
    }

    /// Has the lake be written on any file system, or on suitable ones again.
    pub fn set_suitability(&mut self, suitability: Suitability) {
        self.suitability = suitability;
    }

    /// Has whoever waits for the lake be told for whom, and how many are before.
    pub fn tell_who_waits(&mut self, tell: impl Fn(&Message) + Send + Sync + 'static) {
        self.teller = Teller(Some(Box::new(tell)));
    }

    /// Takes a lock of the lake in turn, or tells who holds it.
    ///
    /// Correctness rests on the catalog's own transactions; a lock makes writers queue and says whom they
    /// wait for.
    fn lock(&self, path: &Path, command: &str, limit: Duration) -> Result<Lock, LakeError> {
        let holder = || Lock::read_note(path).unwrap_or_else(|| "?".to_owned());
        let tell = |before: usize| {
            let message = Message::new("lake.waiting").with("root", self.root().display());
            self.teller.tell(&message.with("holder", holder()).with("before", before));
        };
        let queue = self.layout.queue(path);
        let taken = Lock::exclusive_in_turn(path, &queue, limit, &tell)
            .map_err(|source| self.folder(source))?;
        let Some(mut lock) = taken else {
            return Err(LakeError::Locked { root: self.root().to_owned(), holder: holder() });
        };
        // For people who wait; a full disk must not stand in the way.
        lock.write_note(&format!("{} {command}\n", fsio::process_id())).ok();
        Ok(lock)
    }

    fn folder(&self, source: FsError) -> LakeError {
        LakeError::Folder { root: self.root().to_owned(), source }
    }
}

fn check_file_system(root: &Path, suitability: Suitability) -> Result<(), LakeError> {
    let kind = fsio::file_system_kind(root)
        .map_err(|source| LakeError::Folder { root: root.to_owned(), source })?;
    match kind.unsuitable() {
        Some(kind) if suitability == Suitability::Required => {
            Err(LakeError::FileSystemUnsuitable { root: root.to_owned(), kind })
        }
        _ => Ok(()),
    }
}

fn check_identity(root: &Path, catalog: &Catalog) -> Result<(), LakeError> {
    match catalog.identity()? {
        (APPLICATION_ID, OLDEST_VERSION..=FORMAT_VERSION, _) => Ok(()),
        (APPLICATION_ID, found, _) if !is_known_by_all_else(root, catalog)? => {
            Err(LakeError::VersionUnknown { root: root.to_owned(), found, known: FORMAT_VERSION })
        }
        _ if Lake::stands_in(root) => {
            Err(LakeError::CatalogGarbled { path: Layout::new(root).catalog() })
        }
        _ => Err(LakeError::NotALake { root: root.to_owned() }),
    }
}

/// Tells whether a catalog of an unknown version has the tables of a known one, as its latest copy is: then not
/// a later program made it, but its header was changed.
fn is_known_by_all_else(root: &Path, catalog: &Catalog) -> Result<bool, LakeError> {
    let Some(copy) = Layout::new(root).latest_backup() else { return Ok(false) };
    let identity = Catalog::new(copy, false).identity();
    let is_known = matches!(identity, Ok((APPLICATION_ID, OLDEST_VERSION..=FORMAT_VERSION, _)));
    Ok(is_known && catalog.read(check::has_known_tables)?)
}

/// Returns what forbids changes, `None` when nothing does; fails when others may change the lake.
fn why_read_only(layout: &Layout) -> Result<Option<Message>, LakeError> {
    for path in [layout.root().to_owned(), layout.catalog()] {
        match fsio::check_private(&path) {
            Ok(()) => {}
            // A lake that lost its catalog can be repaired.
            Err(error) if error.kind() == Some(ErrorKind::NotFound) => {}
            Err(error) if matches!(error.reason, Reason::OwnedByOther { .. }) => {
                return Ok(Some(error.causes().remove(0)));
            }
            Err(source) => {
                return Err(LakeError::Folder { root: layout.root().to_owned(), source });
            }
        }
    }
    let shut = layout.written_paths().into_iter().find(|path| !fsio::is_writable(path));
    Ok(shut.map(|path| Message::new("lake.not_writable").with("path", path.display())))
}
