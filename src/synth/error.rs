//! Why nothing was made up.

use std::path::PathBuf;

use crate::diag::{Diagnose, Message, impl_error, name_list, nearest_names};
use crate::fsio::FsError;
use crate::synth::workbook::MAX_SHEET_ROWS;
use crate::table::ParquetError;

/// No files were made up; where the folder was free, it still is.
#[derive(Debug)]
pub enum SynthError {
    /// A file could not be written.
    File(FsError),
    /// Parquet could not be encoded.
    Encode(ParquetError),
    /// The example notice cannot be read: the program is at fault.
    NoticeUnreadable {
        /// Why.
        reason: String,
    },
    /// Something stands where the folder belongs.
    FolderTaken {
        /// The folder.
        path: PathBuf,
    },
    /// There is less room than the files need.
    NoRoom {
        /// Where.
        path: PathBuf,
        /// Bytes that are free.
        free_bytes: u64,
        /// Bytes that the files take, about.
        needed_bytes: u64,
    },
    /// There is no such profile, or no such dataset in it.
    NameUnknown {
        /// What was asked for.
        wanted: String,
        /// What there is.
        known: Vec<String>,
    },
    /// The trap is about something that the files have not.
    TrapMisfit {
        /// The trap.
        trap: &'static str,
        /// The datasets that it can be set in.
        datasets: Vec<String>,
    },
    /// A file would have more rows than a sheet can.
    SheetFull {
        /// Rows that it would have, its header among them.
        n_rows: u64,
    },
    /// The settings leave no row.
    NoRows,
}

impl_error!(SynthError);

impl Diagnose for SynthError {
    fn message(&self) -> Message {
        match self {
            Self::File(error) => error.message(),
            Self::Encode(error) => error.message(),
            Self::NoticeUnreadable { .. } => Message::new("synth.notice_unreadable"),
            Self::FolderTaken { path } => {
                Message::new("synth.folder_taken").with("path", path.display())
            }
            Self::NoRoom { path, free_bytes, needed_bytes } => Message::new("synth.no_room")
                .with("path", path.display())
                .with("free", free_bytes / 1_000_000)
                .with("needed", needed_bytes / 1_000_000),
            Self::NameUnknown { wanted, known } => {
                let near = nearest_names(wanted, known.iter().map(String::as_str));
                Message::new("synth.name_unknown")
                    .with("wanted", wanted)
                    .with("known", name_list(if near.is_empty() { known } else { &near }))
            }
            Self::TrapMisfit { trap, datasets } => Message::new("synth.trap_misfit")
                .with("trap", trap)
                .with("datasets", name_list(datasets)),
            Self::SheetFull { n_rows } => {
                Message::new("synth.sheet_full").with("rows", n_rows).with("max", MAX_SHEET_ROWS)
            }
            Self::NoRows => Message::new("synth.no_rows"),
        }
    }

    fn causes(&self) -> Vec<Message> {
        match self {
            Self::File(error) => error.causes(),
            Self::Encode(error) => error.causes(),
            Self::NoticeUnreadable { reason } => {
                vec![Message::new("io.other").with("reason", reason)]
            }
            _ => Vec::new(),
        }
    }
}
