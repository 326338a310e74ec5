//! Why a file could not become a document.

use serde::{Deserialize, Serialize};

use crate::diag::{Diagnose, Message, impl_error};

/// A file could not become a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum SourceError {
    /// The file has no bytes, or nothing but white space.
    Empty {
        /// Name of the file.
        file_name: String,
    },
    /// The file is a workbook whose sheets its author hid, all of them.
    SheetsHidden {
        /// Name of the file.
        file_name: String,
    },
    /// The bytes are no text and no document.
    NotText {
        /// Name of the file.
        file_name: String,
    },
    /// The format is known and not read.
    FormatRefused {
        /// Name of the file.
        file_name: String,
        /// Name of the format, as `PDF`.
        format: String,
    },
    /// A password is needed.
    Encrypted {
        /// Name of the file.
        file_name: String,
    },
    /// The file is cut off, damaged, or built to do harm.
    Damaged {
        /// Name of the file.
        file_name: String,
        /// Part of the file, as `word/document.xml`.
        part: String,
        /// What is wrong with it: a code, as `flaw.missing`, or the words of the library that found it.
        reason: String,
    },
    /// The file is sound, and no table of records.
    Unfit {
        /// Name of the file.
        file_name: String,
        /// What of it is in the way: a column, a sheet and a cell.
        part: String,
        /// Why, and what to do: a code, as `flaw.cells_merged`.
        reason: String,
    },
    /// There is more of something than is read.
    LimitExceeded {
        /// Name of the file.
        file_name: String,
        /// What there is too much of, as `cells`: the end of a code, as `limit.cells`.
        what: String,
        /// How much is read at most.
        max: u64,
    },
    /// The document is larger than it may be for what it was opened for.
    TooLarge {
        /// Name of the file.
        file_name: String,
    },
    /// A part unpacks to more than is read.
    PartTooLarge {
        /// Name of the file.
        file_name: String,
        /// Part of the file, as `word/document.xml`.
        part: String,
    },
    /// The bytes are text in no known encoding.
    Undecodable {
        /// Name of the file.
        file_name: String,
        /// Position of the first byte that no encoding explains, from 0.
        offset_bytes: usize,
        /// Line on which that byte stands, from 1.
        line: usize,
    },
}

impl_error!(SourceError);

impl Diagnose for SourceError {
    fn message(&self) -> Message {
        match self {
            Self::Empty { file_name } => Message::new("source.empty").with("file", file_name),
            Self::SheetsHidden { file_name } => {
                Message::new("source.sheets_hidden").with("file", file_name)
            }
            Self::NotText { file_name } => Message::new("source.not_text").with("file", file_name),
            Self::FormatRefused { file_name, format } => {
                Message::new("source.format_refused").with("file", file_name).with("format", format)
            }
            Self::Encrypted { file_name } => {
                Message::new("source.encrypted").with("file", file_name)
            }
            Self::Damaged { file_name, part, reason } => Message::new("source.damaged")
                .with("file", file_name)
                .with("part", part)
                .with_coded("reason", reason),
            Self::Unfit { file_name, part, reason } => Message::new("source.unfit")
                .with("file", file_name)
                .with("part", part)
                .with_coded("reason", reason),
            Self::LimitExceeded { file_name, what, max } => Message::new("source.limit")
                .with("file", file_name)
                .with_coded("what", format!("limit.{what}"))
                .with("max", max),
            Self::TooLarge { file_name } => {
                Message::new("source.too_large").with("file", file_name)
            }
            Self::PartTooLarge { file_name, part } => {
                Message::new("source.part_too_large").with("file", file_name).with("part", part)
            }
            Self::Undecodable { file_name, offset_bytes, line } => {
                Message::new("source.undecodable")
                    .with("file", file_name)
                    .with("offset", offset_bytes)
                    .with("line", line)
            }
        }
    }
}
