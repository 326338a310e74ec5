//! What can go wrong with a lake, and what to do about it.

use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

use crate::diag::{Diagnose, Message, impl_error};
use crate::fsio::FsError;
use crate::lake::{CopyFault, DamagedRows};
use crate::model::BatchId;
use crate::table::{LakeTable, ParquetError};

/// A failure of the lake. Nothing was committed unless the variant says that it is unknown.
#[derive(Debug)]
pub enum LakeError {
    /// There is no lake in the folder.
    NotALake {
        /// The folder.
        root: PathBuf,
    },
    /// There is a lake in the folder already.
    Exists {
        /// The folder.
        root: PathBuf,
    },
    /// A later version of the program made the lake.
    VersionUnknown {
        /// The folder.
        root: PathBuf,
        /// Version of the lake's format.
        found: i32,
        /// The latest version that is known here.
        known: i32,
    },
    /// The folder cannot be used as it stands.
    Folder {
        /// The folder of the lake.
        root: PathBuf,
        /// What the file system said.
        source: FsError,
    },
    /// The lake may be read but not changed.
    ReadOnly {
        /// The folder.
        root: PathBuf,
        /// What forbids changes.
        reason: Message,
    },
    /// The file system of the folder does not promise what a commit needs.
    FileSystemUnsuitable {
        /// The folder.
        root: PathBuf,
        /// Kind of the file system.
        kind: &'static str,
    },
    /// Too little room to begin a commit.
    SpaceShort {
        /// The folder.
        root: PathBuf,
        /// What is free.
        free_bytes: u64,
        /// What a commit of this size asks for.
        needed_bytes: u64,
    },
    /// Another process did not let go of the lake in time.
    Locked {
        /// The folder.
        root: PathBuf,
        /// What the holder says of itself: process id and command.
        holder: String,
    },
    /// There is no catalog, although there was one.
    CatalogGone {
        /// The catalog.
        path: PathBuf,
        /// The latest copy of it.
        backup: PathBuf,
    },
    /// The catalog could not be read.
    CatalogRead {
        /// The catalog.
        path: PathBuf,
        /// The latest copy of it, `None` when there is none.
        backup: Option<PathBuf>,
        /// What SQLite said.
        source: Box<rusqlite::Error>,
    },
    /// The catalog could not be changed.
    CatalogWrite {
        /// The catalog.
        path: PathBuf,
        /// What SQLite said.
        source: Box<rusqlite::Error>,
    },
    /// The catalog does not have the latest that was committed: it was put back from a copy.
    CatalogBehind {
        /// The latest snapshot that it has.
        latest: i64,
        /// The latest snapshot that the kept head or a manifest tells of.
        known: i64,
    },
    /// The catalog is not the one whose commits the kept head or the manifests tell of.
    CatalogOther {
        /// The snapshot by which it shows.
        snapshot: i64,
    },
    /// The catalog does not say of itself that it is one, or of which version.
    CatalogGarbled {
        /// The catalog.
        path: PathBuf,
    },
    /// A file of the commit could not be stored.
    Store(FsError),
    /// Rows could not be encoded.
    Encode {
        /// The file that was being written.
        path: PathBuf,
        /// What the encoder said.
        source: ParquetError,
    },
    /// A file that was just written does not read back as it was.
    ReadBack {
        /// The file.
        path: PathBuf,
    },
    /// Rows do not have the columns of their table.
    SchemaDiffers {
        /// The table.
        table: LakeTable,
    },
    /// Counts of a batch do not agree with each other or with its rows.
    CountsDiffer {
        /// The column of `batches`.
        count: &'static str,
        /// What the batch says.
        stated: i64,
        /// What adds up.
        found: i64,
    },
    /// The bytes of the source do not have the hash that the batch states.
    SourceHashDiffers {
        /// What the batch says.
        stated: String,
        /// The hash of the bytes.
        found: String,
    },
    /// A stored source no longer has the bytes that its name stands for.
    SourceDamaged {
        /// The stored source.
        path: PathBuf,
    },
    /// A synthetic source was offered to a workspace that holds real ones.
    SyntheticRefused {
        /// The file.
        file_name: String,
    },
    /// A real form was offered to a synthetic workspace.
    RealRefused {
        /// The file.
        file_name: String,
    },
    /// There is no such snapshot.
    SnapshotUnknown {
        /// What was asked for.
        wanted: i64,
        /// The latest there is.
        latest: i64,
    },
    /// The snapshot was given up, and its files may be gone.
    SnapshotExpired {
        /// What was asked for.
        wanted: i64,
        /// The first that can be read.
        oldest: i64,
        /// The latest there is.
        latest: i64,
    },
    /// The batch is not live: it ended, or there never was one.
    BatchNotLive {
        /// The batch.
        batch: BatchId,
    },
    /// Records that came after the batch build on it.
    RetractFollowed {
        /// The batch.
        batch: BatchId,
        /// The first batch that came after it.
        later: BatchId,
        /// How many came after it.
        n_later: usize,
    },
    /// The catalog names a data file outside its folder.
    PathForeign {
        /// The path as it stands in the catalog.
        path: String,
    },
    /// A data file cannot be read.
    FileUnreadable {
        /// Whose rows it holds.
        rows: DamagedRows,
        /// What the file system said.
        source: FsError,
    },
    /// A data file does not have the size that the catalog states.
    FileSizeDiffers {
        /// The file.
        path: PathBuf,
        /// Whose rows it holds.
        rows: DamagedRows,
        /// What the catalog says.
        stated_bytes: u64,
        /// What stands on the disk.
        found_bytes: u64,
    },
    /// A data file does not begin and end as Parquet does.
    FileNotParquet {
        /// The file.
        path: PathBuf,
        /// Whose rows it holds.
        rows: DamagedRows,
    },
    /// A data file does not have the hash that the catalog states.
    FileChanged {
        /// The file.
        path: PathBuf,
        /// Whose rows it holds.
        rows: DamagedRows,
    },
    /// Rows of a data file cannot be decoded.
    Decode {
        /// The file.
        path: PathBuf,
        /// What the decoder said.
        source: ParquetError,
    },
    /// Rows of records name another batch than the one that is written.
    RowsForeign {
        /// Their table.
        table: LakeTable,
    },
    /// A returned row names a file that the batch does not have.
    FileForeign {
        /// The name.
        file_name: String,
    },
    /// Two files of a batch have one name, so that rows could not be told apart by it.
    FileTwice {
        /// The name.
        file_name: String,
    },
    /// Other records came after the reading that this one would take the place of.
    RecordsFollow {
        /// The first batch of them.
        later: BatchId,
    },
    /// Records were committed while these were judged.
    BaseChanged {
        /// The snapshot on which these were to build.
        base: i64,
    },
    /// The audit chain does not hold.
    AuditBroken {
        /// The first entry that does not hold, from 1.
        entry: i64,
    },
    /// The head of the audit chain that is kept beside the catalog is missing or garbled.
    AuditHeadLost {
        /// Its file.
        path: PathBuf,
    },
    /// What the audit chain says of a snapshot is no record.
    AuditRecordGarbled {
        /// The snapshot.
        snapshot: i64,
    },
    /// Files cannot be taken from a folder for a repair.
    CopyUnusable {
        /// The folder.
        path: PathBuf,
        /// Why not.
        fault: CopyFault,
    },
    /// The run was given up by another process while it was under way.
    RunAborted {
        /// Number of the run.
        run: i64,
    },
    /// The commit was not acknowledged, and whether it took place cannot be found out now.
    OutcomeUnknown {
        /// Number of the run.
        run: i64,
        /// What SQLite said.
        source: Box<rusqlite::Error>,
    },
}

impl_error!(LakeError);

impl Diagnose for LakeError {
    fn message(&self) -> Message {
        let message = Message::new(self.code());
        let message = self
            .facts()
            .into_iter()
            .fold(message, |message, (name, value)| message.with(name, value));
        match self {
            Self::FileUnreadable { rows, .. }
            | Self::FileNotParquet { rows, .. }
            | Self::FileChanged { rows, .. }
            | Self::FileSizeDiffers { rows, .. } => message.advised(rows.comeback.advice()),
            _ => message,
        }
    }

    fn causes(&self) -> Vec<Message> {
        let told = |error: &dyn Diagnose| {
            let mut causes = vec![error.message()];
            causes.extend(error.causes());
            causes
        };
        match self {
            Self::Folder { source, .. }
            | Self::Store(source)
            | Self::FileUnreadable { source, .. } => told(source),
            Self::Encode { source, .. } | Self::Decode { source, .. } => told(source),
            Self::ReadOnly { reason, .. } => vec![reason.clone()],
            Self::CatalogRead { source, .. }
            | Self::CatalogWrite { source, .. }
            | Self::OutcomeUnknown { source, .. } => vec![sqlite_reason(source)],
            Self::NotALake { .. }
            | Self::Exists { .. }
            | Self::VersionUnknown { .. }
            | Self::FileSystemUnsuitable { .. }
            | Self::SpaceShort { .. }
            | Self::Locked { .. }
            | Self::CatalogGone { .. }
            | Self::CatalogBehind { .. }
            | Self::CatalogOther { .. }
            | Self::CatalogGarbled { .. }
            | Self::ReadBack { .. }
            | Self::SchemaDiffers { .. }
            | Self::CountsDiffer { .. }
            | Self::SourceHashDiffers { .. }
            | Self::SourceDamaged { .. }
            | Self::SyntheticRefused { .. }
            | Self::RealRefused { .. }
            | Self::SnapshotUnknown { .. }
            | Self::SnapshotExpired { .. }
            | Self::BatchNotLive { .. }
            | Self::RetractFollowed { .. }
            | Self::PathForeign { .. }
            | Self::FileSizeDiffers { .. }
            | Self::FileNotParquet { .. }
            | Self::FileChanged { .. }
            | Self::RowsForeign { .. }
            | Self::FileForeign { .. }
            | Self::FileTwice { .. }
            | Self::RecordsFollow { .. }
            | Self::BaseChanged { .. }
            | Self::AuditBroken { .. }
            | Self::AuditHeadLost { .. }
            | Self::AuditRecordGarbled { .. }
            | Self::CopyUnusable { .. }
            | Self::RunAborted { .. } => Vec::new(),
        }
    }
}

// Both matches name every variant, so that a new one cannot pass for another.
impl LakeError {
    fn code(&self) -> &'static str {
        match self {
            Self::NotALake { .. } => "lake.not_a_lake",
            Self::Exists { .. } => "lake.exists",
            Self::VersionUnknown { .. } => "lake.version_unknown",
            Self::Folder { .. } => "lake.folder",
            Self::ReadOnly { .. } => "lake.read_only",
            Self::FileSystemUnsuitable { .. } => "lake.file_system",
            Self::SpaceShort { .. } => "lake.space_short",
            Self::Locked { .. } => "lake.locked",
            Self::CatalogGone { .. } => "lake.catalog_gone",
            Self::CatalogRead { backup: None, .. } => "lake.catalog_read",
            Self::CatalogRead { backup: Some(_), .. } => "lake.catalog_read_backup",
            Self::CatalogWrite { .. } => "lake.catalog_write",
            Self::CatalogBehind { .. } => "lake.catalog_behind",
            Self::CatalogOther { .. } => "lake.catalog_other",
            Self::CatalogGarbled { .. } => "lake.catalog_garbled",
            Self::Store(_) => "lake.store",
            Self::Encode { .. } => "lake.encode",
            Self::ReadBack { .. } => "lake.read_back",
            Self::SchemaDiffers { .. } => "lake.schema_differs",
            Self::CountsDiffer { .. } => "lake.counts_differ",
            Self::SourceHashDiffers { .. } => "lake.source_hash_differs",
            Self::SourceDamaged { .. } => "lake.source_damaged",
            Self::SyntheticRefused { .. } => "lake.synthetic_refused",
            Self::RealRefused { .. } => "lake.real_refused",
            Self::SnapshotUnknown { .. } => "lake.snapshot_unknown",
            Self::SnapshotExpired { .. } => "lake.snapshot_expired",
            Self::BatchNotLive { .. } => "lake.batch_not_live",
            Self::RetractFollowed { .. } => "lake.retract_followed",
            Self::PathForeign { .. } => "lake.path_foreign",
            Self::FileUnreadable { .. } => "lake.file_unreadable",
            Self::FileSizeDiffers { .. } => "lake.file_size_differs",
            Self::FileNotParquet { .. } => "lake.file_not_parquet",
            Self::FileChanged { .. } => "lake.file_changed",
            Self::Decode { .. } => "lake.decode",
            Self::RowsForeign { .. } => "lake.rows_foreign",
            Self::FileForeign { .. } => "lake.file_foreign",
            Self::FileTwice { .. } => "lake.file_twice",
            Self::RecordsFollow { .. } => "lake.records_follow",
            Self::BaseChanged { .. } => "lake.base_changed",
            Self::AuditBroken { .. } => "lake.audit_broken",
            Self::AuditHeadLost { .. } => "lake.audit_head_lost",
            Self::AuditRecordGarbled { .. } => "lake.audit_record_garbled",
            Self::CopyUnusable { fault: CopyFault::Absent, .. } => "lake.copy_absent",
            Self::CopyUnusable { fault: CopyFault::Same, .. } => "lake.copy_same",
            Self::CopyUnusable { fault: CopyFault::NoLake, .. } => "lake.copy_no_lake",
            Self::CopyUnusable { fault: CopyFault::Foreign, .. } => "lake.copy_foreign",
            Self::RunAborted { .. } => "lake.run_aborted",
            Self::OutcomeUnknown { .. } => "lake.outcome_unknown",
        }
    }

    /// Returns what the text names. `FileUnreadable` names its path in its cause.
    fn facts(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::NotALake { root }
            | Self::Exists { root }
            | Self::Folder { root, .. }
            | Self::ReadOnly { root, .. } => vec![("root", shown(root))],
            Self::VersionUnknown { root, found, known } => {
                all(&[("root", &shown(root)), ("found", found), ("known", known)])
            }
            Self::FileSystemUnsuitable { root, kind } => {
                all(&[("root", &shown(root)), ("kind", kind)])
            }
            Self::SpaceShort { root, free_bytes, needed_bytes } => vec![
                ("root", shown(root)),
                ("free", (free_bytes / 1_000_000).to_string()),
                ("needed", needed_bytes.div_ceil(1_000_000).to_string()),
            ],
            Self::Locked { root, holder } => all(&[("root", &shown(root)), ("holder", holder)]),
            Self::CatalogGone { path, backup }
            | Self::CatalogRead { path, backup: Some(backup), .. } => {
                vec![("path", shown(path)), ("backup", shown(backup))]
            }
            Self::CatalogRead { path, backup: None, .. }
            | Self::CatalogWrite { path, .. }
            | Self::Encode { path, .. }
            | Self::Decode { path, .. }
            | Self::ReadBack { path }
            | Self::SourceDamaged { path }
            | Self::CatalogGarbled { path }
            | Self::CopyUnusable { path, .. }
            | Self::AuditHeadLost { path } => vec![("path", shown(path))],
            Self::PathForeign { path } => vec![("path", path.clone())],
            Self::Store(_) => Vec::new(),
            Self::CatalogBehind { latest, known } => all(&[("latest", latest), ("known", known)]),
            Self::SchemaDiffers { table } | Self::RowsForeign { table } => one("table", table),
            Self::CountsDiffer { count, stated, found } => {
                all(&[("count", count), ("stated", stated), ("found", found)])
            }
            Self::SourceHashDiffers { stated, found } => {
                all(&[("stated", stated), ("found", found)])
            }
            Self::SyntheticRefused { file_name }
            | Self::RealRefused { file_name }
            | Self::FileForeign { file_name }
            | Self::FileTwice { file_name } => vec![("file_name", file_name.clone())],
            Self::RecordsFollow { later } => one("later", later),
            Self::BaseChanged { base } => one("base", base),
            Self::SnapshotUnknown { wanted, latest } => {
                all(&[("wanted", wanted), ("latest", latest)])
            }
            Self::SnapshotExpired { wanted, oldest, latest } => {
                all(&[("wanted", wanted), ("oldest", oldest), ("latest", latest)])
            }
            Self::RetractFollowed { batch, later, n_later } => {
                all(&[("batch", batch), ("later", later), ("n_later", n_later)])
            }
            Self::BatchNotLive { batch } => one("batch", batch),
            Self::FileUnreadable { rows, .. }
            | Self::FileNotParquet { rows, .. }
            | Self::FileChanged { rows, .. }
            | Self::FileSizeDiffers { rows, .. } => self.facts_of_file(&rows.batch),
            Self::AuditBroken { entry } => one("entry", entry),
            Self::CatalogOther { snapshot } | Self::AuditRecordGarbled { snapshot } => {
                one("snapshot", snapshot)
            }
            Self::RunAborted { run } | Self::OutcomeUnknown { run, .. } => one("run", run),
        }
    }

    /// Returns what the text about a file of a batch names.
    fn facts_of_file(&self, batch: &BatchId) -> Vec<(&'static str, String)> {
        match self {
            Self::FileNotParquet { path, .. } | Self::FileChanged { path, .. } => {
                all(&[("path", &shown(path)), ("batch", batch)])
            }
            Self::FileSizeDiffers { path, stated_bytes, found_bytes, .. } => all(&[
                ("path", &shown(path)),
                ("batch", batch),
                ("stated_bytes", stated_bytes),
                ("found_bytes", found_bytes),
            ]),
            _ => one("batch", batch),
        }
    }
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

fn one(name: &'static str, value: &dyn ToString) -> Vec<(&'static str, String)> {
    all(&[(name, value)])
}

fn all(facts: &[(&'static str, &dyn ToString)]) -> Vec<(&'static str, String)> {
    facts.iter().map(|(name, value)| (*name, value.to_string())).collect()
}

/// Returns what SQLite said, in words that both languages have where the cause is a common one.
fn sqlite_reason(error: &rusqlite::Error) -> Message {
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => Message::new("io.storage_full"),
        Some(ErrorCode::ReadOnly) => Message::new("io.read_only"),
        Some(ErrorCode::PermissionDenied) => Message::new("io.permission_denied"),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            Message::new("lake.catalog_busy")
        }
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            Message::new("lake.catalog_damaged")
        }
        _ => Message::new("io.other").with("reason", error),
    }
}
