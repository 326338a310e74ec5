//! Why a lake could not be published. Whatever it was, readers find the versions that were there.

use std::path::{Path, PathBuf};

use crate::diag::{Diagnose, Message, impl_error};
use crate::fsio::{FsError, Reason};
use crate::table::ParquetError;

/// A failure of publishing.
#[derive(Debug)]
pub enum MirrorError {
    /// There is nothing to publish yet.
    LakeEmpty,
    /// The folder holds something, and it is no mirror.
    NotAMirror {
        /// The folder.
        root: PathBuf,
    },
    /// The file by which the mirror is known is none.
    MarkerGarbled {
        /// The file.
        path: PathBuf,
    },
    /// A later version of the program made the mirror.
    VersionUnknown {
        /// The file by which it is known.
        path: PathBuf,
        /// Version of its format.
        found: u32,
        /// The version that is known here.
        known: u32,
    },
    /// The mirror is that of another lake.
    OtherLake {
        /// The folder.
        root: PathBuf,
    },
    /// The mirror was made with another choice of what may leave.
    OtherChoice {
        /// The folder.
        root: PathBuf,
        /// The option in question.
        option: &'static str,
        /// Whether it was given then.
        was_given: bool,
    },
    /// Another program wrote a version of a table.
    VersionForeign {
        /// The file of that version.
        path: PathBuf,
        /// What it says of the program; empty where it says nothing.
        engine: String,
    },
    /// The log of a table is not whole.
    LogDamaged {
        /// The file that is absent or cannot be understood.
        path: PathBuf,
    },
    /// A data file of the latest version is absent or has another size.
    FileDamaged {
        /// The file.
        path: PathBuf,
    },
    /// Somebody else is publishing there.
    Locked {
        /// The folder.
        root: PathBuf,
        /// What the holder says of itself.
        holder: String,
    },
    /// The folder of the mirror could not be read or written.
    Folder {
        /// The folder.
        root: PathBuf,
        /// What the file system said.
        source: FsError,
    },
    /// A data file of the lake could not be read.
    LakeFileUnreadable {
        /// What the file system said.
        source: FsError,
    },
    /// A data file of the lake no longer has the bytes that were committed.
    LakeFileChanged {
        /// The file.
        path: PathBuf,
    },
    /// A data file could not be decoded or encoded.
    Parquet {
        /// The file.
        path: PathBuf,
        /// What the library said.
        source: ParquetError,
    },
    /// The user ended it.
    Cancelled,
}

impl MirrorError {
    /// Returns a closure for `map_err`, for what the file system says of a mirror.
    pub(super) fn folder(root: &Path) -> impl FnOnce(FsError) -> Self {
        move |source| Self::Folder { root: root.to_owned(), source }
    }

    /// Returns a closure for `map_err`, for what the library says of a file.
    pub(super) fn parquet(path: &Path) -> impl FnOnce(ParquetError) -> Self {
        move |source| Self::Parquet { path: path.to_owned(), source }
    }
}

impl_error!(MirrorError);

impl Diagnose for MirrorError {
    fn message(&self) -> Message {
        match self {
            Self::LakeEmpty => Message::new("mirror.lake_empty"),
            Self::NotAMirror { root } => {
                Message::new("mirror.not_a_mirror").with("path", root.display())
            }
            Self::MarkerGarbled { path } => {
                Message::new("mirror.marker_garbled").with("path", path.display())
            }
            Self::VersionUnknown { path, found, known } => Message::new("mirror.version_unknown")
                .with("path", path.display())
                .with("found", found)
                .with("known", known),
            Self::OtherLake { root } => {
                Message::new("mirror.other_lake").with("path", root.display())
            }
            Self::OtherChoice { root, option, was_given } => {
                let code = if *was_given { "mirror.made_with" } else { "mirror.made_without" };
                Message::new(code).with("path", root.display()).with("option", option)
            }
            Self::VersionForeign { path, engine } => {
                let engine = if engine.is_empty() { "?" } else { engine };
                Message::new("mirror.version_foreign")
                    .with("path", path.display())
                    .with("engine", engine)
            }
            Self::LogDamaged { path } => {
                Message::new("mirror.log_damaged").with("path", path.display())
            }
            Self::FileDamaged { path } => {
                Message::new("mirror.file_damaged").with("path", path.display())
            }
            Self::Locked { root, holder } => {
                Message::new("mirror.locked").with("path", root.display()).with("holder", holder)
            }
            Self::Folder { root, source } => {
                let message = Message::new("mirror.folder").with("path", root.display());
                // What is wrong with a link says itself what helps.
                let is_link = matches!(source.reason, Reason::LinkToNothing { .. });
                if is_link { message.advised("fs.link_advice") } else { message }
            }
            Self::LakeFileUnreadable { .. } => Message::new("mirror.lake_file_unreadable"),
            Self::LakeFileChanged { path } => {
                Message::new("mirror.lake_file_changed").with("path", path.display())
            }
            Self::Parquet { path, .. } => {
                Message::new("mirror.parquet").with("path", path.display())
            }
            Self::Cancelled => Message::new("mirror.cancelled"),
        }
    }

    fn causes(&self) -> Vec<Message> {
        let told = |source: &dyn Diagnose| {
            std::iter::once(source.message()).chain(source.causes()).collect()
        };
        match self {
            Self::Folder { source, .. } | Self::LakeFileUnreadable { source } => told(source),
            Self::Parquet { source, .. } => told(source),
            _ => Vec::new(),
        }
    }
}
