//! What was attempted on which path, and why it failed.

use std::io;
use std::path::{Path, PathBuf};

use crate::diag::{Diagnose, Message, impl_error, io_reason};

/// What was attempted on a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Reading a file.
    Read,
    /// Writing a file, or making it durable.
    Write,
    /// Listing a folder.
    List,
    /// Creating a folder.
    CreateFolder,
    /// Making the entries of a folder durable.
    SyncFolder,
    /// Giving a finished file its final name.
    Link,
    /// Removing a file or folder.
    Remove,
    /// Taking a lock.
    Lock,
    /// Asking for owner, mode, size or file system.
    Inspect,
    /// Requiring that only we may change a file or folder.
    Trust,
    /// Requiring that only we may read a file.
    KeepSecret,
}

impl Action {
    fn code(self) -> &'static str {
        match self {
            Self::Read => "fs.read",
            Self::Write => "fs.write",
            Self::List => "fs.list",
            Self::CreateFolder => "fs.create_folder",
            Self::SyncFolder => "fs.sync_folder",
            Self::Link => "fs.link",
            Self::Remove => "fs.remove",
            Self::Lock => "fs.lock",
            Self::Inspect => "fs.inspect",
            Self::Trust => "fs.trust",
            Self::KeepSecret => "fs.keep_secret",
        }
    }
}

/// Why an action on a path failed.
#[derive(Debug)]
pub enum Reason {
    /// The operating system refused.
    System(io::Error),
    /// The file is no UTF-8; the first bad byte is at this offset.
    NotUtf8 {
        /// Offset from the start of the file, from 0.
        byte_idx: usize,
    },
    /// It holds more than is read.
    TooLarge {
        /// What was found; more where the file grew meanwhile.
        size_bytes: u64,
        /// The most that is read.
        max_bytes: u64,
    },
    /// Somebody else owns it.
    OwnedByOther {
        /// User id of the owner.
        uid: u32,
    },
    /// Its group or everybody may change it.
    WritableByOthers {
        /// Permission bits.
        mode: u32,
    },
    /// Its group or everybody may read it.
    ReadableByOthers {
        /// Permission bits.
        mode: u32,
    },
    /// It is a link, a pipe or a device where a plain file belongs.
    NotPlain,
    /// It is a link, and nothing stands where that leads.
    LinkToNothing {
        /// Where it leads, as it is written there.
        aim: PathBuf,
    },
}

/// A failure of the file system: what was attempted, where, and why it failed.
#[derive(Debug)]
pub struct FsError {
    /// What was attempted.
    pub action: Action,
    /// The file or folder concerned.
    pub path: PathBuf,
    /// Why it failed.
    pub reason: Reason,
}

impl FsError {
    pub(super) fn system(action: Action, path: &Path, source: io::Error) -> Self {
        Self { action, path: path.to_owned(), reason: Reason::System(source) }
    }

    /// Returns a closure for `map_err`.
    pub(super) fn on(action: Action, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::system(action, path, source)
    }

    /// Returns the failure of writing to a file that the caller holds open.
    pub fn write(path: &Path, source: io::Error) -> Self {
        Self::system(Action::Write, path, source)
    }

    /// Returns the failure of reading from a file that the caller holds open.
    pub fn read(path: &Path, source: io::Error) -> Self {
        Self::system(Action::Read, path, source)
    }

    /// Returns the kind of the operating system's answer, or what it would be; `None` where the
    /// refusal is our own.
    pub fn kind(&self) -> Option<io::ErrorKind> {
        match &self.reason {
            Reason::System(source) => Some(source.kind()),
            Reason::TooLarge { .. } => Some(io::ErrorKind::FileTooLarge),
            _ => None,
        }
    }
}

impl_error!(FsError);

impl Diagnose for FsError {
    fn message(&self) -> Message {
        Message::new(self.action.code()).with("path", self.path.display())
    }

    fn causes(&self) -> Vec<Message> {
        vec![match &self.reason {
            Reason::System(source) => io_reason(source),
            Reason::NotUtf8 { byte_idx } => {
                let is_csv = self.path.extension().is_some_and(|end| end == "csv");
                let code = if is_csv { "fs.not_utf8_csv" } else { "fs.not_utf8" };
                Message::new(code).with("byte_idx", byte_idx)
            }
            Reason::TooLarge { size_bytes, max_bytes } => Message::new("fs.too_large")
                .with("size", megabytes(*size_bytes))
                .with("max", megabytes(*max_bytes)),
            Reason::OwnedByOther { uid } => Message::new("fs.owned_by_other").with("uid", uid),
            Reason::ReadableByOthers { mode } => {
                Message::new("fs.readable_by_others").with("mode", format!("{mode:04o}"))
            }
            Reason::WritableByOthers { mode } => {
                Message::new("fs.writable_by_others").with("mode", format!("{mode:04o}"))
            }
            Reason::NotPlain => Message::new("fs.not_plain"),
            Reason::LinkToNothing { aim } => {
                Message::new("fs.link_to_nothing").with("aim", aim.display())
            }
        }]
    }
}

/// Returns a size in millions of bytes with one digit behind the point, as 86.1.
fn megabytes(size_bytes: u64) -> String {
    let tenths = size_bytes.div_ceil(100_000);
    format!("{}.{}", tenths / 10, tenths % 10)
}
