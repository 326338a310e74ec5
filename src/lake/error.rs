//! What can go wrong with a lake, and what to do about it.

use std::path::PathBuf;

use rusqlite::ErrorCode;

use crate::diag::{Diagnose, Message, impl_error};
use crate::fsio::FsError;
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
    /// The catalog could not be read.
    CatalogRead {
        /// The catalog.
        path: PathBuf,
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
    /// The catalog names a data file outside its folder.
    PathForeign {
        /// The path as it stands in the catalog.
        path: String,
    },
    /// A data file cannot be read.
    FileUnreadable(FsError),
    /// A data file does not have the size that the catalog states.
    FileSizeDiffers {
        /// The file.
        path: PathBuf,
        /// What the catalog says.
        stated_bytes: u64,
        /// What stands on the disk.
        found_bytes: u64,
    },
    /// A data file does not begin and end as Parquet does.
    FileNotParquet {
        /// The file.
        path: PathBuf,
    },
    /// The audit chain does not hold.
    AuditBroken {
        /// The first entry that does not hold, from 1.
        entry: i64,
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
        self.message_of_folder()
            .or_else(|| self.message_of_commit())
            .unwrap_or_else(|| self.message_of_content())
    }

    fn causes(&self) -> Vec<Message> {
        match self {
            Self::Folder { source, .. } | Self::Store(source) | Self::FileUnreadable(source) => {
                let mut causes = vec![source.message()];
                causes.extend(source.causes());
                causes
            }
            Self::Encode { source, .. } => {
                let mut causes = vec![source.message()];
                causes.extend(source.causes());
                causes
            }
            Self::ReadOnly { reason, .. } => vec![reason.clone()],
            Self::CatalogRead { source, .. }
            | Self::CatalogWrite { source, .. }
            | Self::OutcomeUnknown { source, .. } => vec![sqlite_reason(source)],
            _ => Vec::new(),
        }
    }
}

impl LakeError {
    fn message_of_folder(&self) -> Option<Message> {
        Some(match self {
            Self::NotALake { root } => Message::new("lake.not_a_lake").with("root", root.display()),
            Self::Exists { root } => Message::new("lake.exists").with("root", root.display()),
            Self::VersionUnknown { root, found, known } => Message::new("lake.version_unknown")
                .with("root", root.display())
                .with("found", found)
                .with("known", known),
            Self::Folder { root, .. } => Message::new("lake.folder").with("root", root.display()),
            Self::ReadOnly { root, .. } => {
                Message::new("lake.read_only").with("root", root.display())
            }
            Self::FileSystemUnsuitable { root, kind } => {
                Message::new("lake.file_system").with("root", root.display()).with("kind", kind)
            }
            Self::SpaceShort { root, free_bytes, needed_bytes } => Message::new("lake.space_short")
                .with("root", root.display())
                .with("free_bytes", free_bytes)
                .with("needed_bytes", needed_bytes),
            Self::Locked { root, holder } => {
                Message::new("lake.locked").with("root", root.display()).with("holder", holder)
            }
            _ => return None,
        })
    }

    fn message_of_commit(&self) -> Option<Message> {
        Some(match self {
            Self::CatalogWrite { path, .. } => {
                Message::new("lake.catalog_write").with("path", path.display())
            }
            Self::Store(_) => Message::new("lake.store"),
            Self::Encode { path, .. } => Message::new("lake.encode").with("path", path.display()),
            Self::ReadBack { path } => Message::new("lake.read_back").with("path", path.display()),
            Self::SchemaDiffers { table } => {
                Message::new("lake.schema_differs").with("table", table)
            }
            Self::CountsDiffer { count, stated, found } => Message::new("lake.counts_differ")
                .with("count", count)
                .with("stated", stated)
                .with("found", found),
            Self::SourceHashDiffers { stated, found } => {
                Message::new("lake.source_hash_differs").with("stated", stated).with("found", found)
            }
            Self::SyntheticRefused { file_name } => {
                Message::new("lake.synthetic_refused").with("file_name", file_name)
            }
            Self::RealRefused { file_name } => {
                Message::new("lake.real_refused").with("file_name", file_name)
            }
            Self::RunAborted { run } => Message::new("lake.run_aborted").with("run", run),
            Self::OutcomeUnknown { run, .. } => {
                Message::new("lake.outcome_unknown").with("run", run)
            }
            _ => return None,
        })
    }

    fn message_of_content(&self) -> Message {
        match self {
            Self::CatalogRead { path, .. } => {
                Message::new("lake.catalog_read").with("path", path.display())
            }
            Self::SourceDamaged { path } => {
                Message::new("lake.source_damaged").with("path", path.display())
            }
            Self::SnapshotUnknown { wanted, latest } => {
                Message::new("lake.snapshot_unknown").with("wanted", wanted).with("latest", latest)
            }
            Self::PathForeign { path } => Message::new("lake.path_foreign").with("path", path),
            Self::FileSizeDiffers { path, stated_bytes, found_bytes } => {
                Message::new("lake.file_size_differs")
                    .with("path", path.display())
                    .with("stated_bytes", stated_bytes)
                    .with("found_bytes", found_bytes)
            }
            Self::FileNotParquet { path } => {
                Message::new("lake.file_not_parquet").with("path", path.display())
            }
            Self::AuditBroken { entry } => Message::new("lake.audit_broken").with("entry", entry),
            // What is left: a data file that cannot be read.
            _ => Message::new("lake.file_unreadable"),
        }
    }
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
