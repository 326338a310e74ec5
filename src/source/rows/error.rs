//! Why a record file could not be read to its end.

use crate::diag::{Diagnose, Message, impl_error, is_identifier};
use crate::fsio::FsError;
use crate::sandbox::SandboxError;
use crate::source::{Encoding, SourceError};

/// A record file could not be read to its end. What came out of it before is not the file.
#[derive(Debug)]
pub enum RecordFileError {
    /// It could not be opened or read.
    File(FsError),
    /// It is no record file, or one that is damaged or built to do harm.
    Source(SourceError),
    /// The process that reads it gave nothing back, or gave up.
    Sandbox {
        /// Name of the file.
        file_name: String,
        /// What became of the process.
        error: SandboxError,
    },
    /// The process that reads it gave back what no reader gives.
    Reply {
        /// Name of the file.
        file_name: String,
    },
    /// Bytes that are not in the encoding of all before them.
    EncodingBroken {
        /// Name of the file.
        file_name: String,
        /// The encoding of what stands before.
        encoding: Encoding,
        /// Position of the first byte that does not fit, from 0, in the unpacked file.
        offset_bytes: u64,
        /// The row in which it stands, as a spreadsheet counts.
        row: u64,
    },
    /// The bytes can be read in an encoding, and the characters are not those of a record.
    EncodingDoubtful {
        /// Name of the file.
        file_name: String,
        /// The encoding in which it can be read.
        encoding: Encoding,
        /// The line of the first of these characters, from 1.
        line: u64,
        /// How many in a hundred characters beyond ASCII they are.
        percent: u64,
    },
    /// A quotation mark opens a field that never ends, so that it takes in the rest of the file.
    QuoteOpen {
        /// Name of the file.
        file_name: String,
        /// The row in which it stands, as a spreadsheet counts.
        row: u64,
    },
    /// A field in quotation marks spans lines and ends within a word: nobody can tell which of the
    /// lines are rows.
    QuotesUnclear {
        /// Name of the file.
        file_name: String,
        /// The row in which the field begins, as a spreadsheet counts.
        row: u64,
    },
    /// The header has several characters that may separate fields, and the rows do not tell which.
    SeparatorUnclear {
        /// Name of the file.
        file_name: String,
    },
    /// A column before the last that has a name has none.
    HeaderUnnamed {
        /// Name of the file.
        file_name: String,
        /// The column, from 1.
        column: usize,
        /// The whole header. It may be a row, and is never said.
        header: Vec<String>,
    },
    /// Two columns have the same name.
    HeaderTwice {
        /// Name of the file.
        file_name: String,
        /// The columns, from 1.
        columns: [usize; 2],
        /// The whole header. It may be a row, and is never said.
        header: Vec<String>,
    },
    /// JSON in which records do not stand one in each line: a list, records inside of another object, or
    /// records of several lines each.
    JsonWhole {
        /// Name of the file.
        file_name: String,
    },
    /// Packed content that ends before it is complete, or is damaged.
    CutOff {
        /// Name of the file.
        file_name: String,
        /// Rows that were read before, without the header.
        n_rows: u64,
        /// The words of the library that found it.
        reason: String,
    },
    /// The file was changed while it was read.
    Changed {
        /// Name of the file.
        file_name: String,
    },
}

impl_error!(RecordFileError);

impl RecordFileError {
    /// Returns the header because of which a file was refused; `None` where something else was wrong.
    pub fn header(&self) -> Option<&[String]> {
        match self {
            Self::HeaderUnnamed { header, .. } | Self::HeaderTwice { header, .. } => Some(header),
            _ => None,
        }
    }
}

impl Diagnose for RecordFileError {
    fn message(&self) -> Message {
        match self {
            Self::File(error) => error.message(),
            Self::Source(error) => error.message(),
            Self::Sandbox { file_name, .. } => {
                Message::new("record_file.sandbox").with("file", file_name)
            }
            Self::Reply { file_name } => Message::new("record_file.reply").with("file", file_name),
            Self::EncodingBroken { file_name, encoding, offset_bytes, row } => {
                Message::new("record_file.encoding_broken")
                    .with("file", file_name)
                    .with("encoding", encoding)
                    .with("offset", offset_bytes)
                    .with("row", row)
            }
            Self::EncodingDoubtful { file_name, encoding, line, percent } => {
                Message::new("record_file.encoding_doubtful")
                    .with("file", file_name)
                    .with("encoding", encoding)
                    .with("line", line)
                    .with("percent", percent)
            }
            Self::QuoteOpen { file_name, row } => {
                Message::new("record_file.quote_open").with("file", file_name).with("row", row)
            }
            Self::QuotesUnclear { file_name, row } => {
                Message::new("record_file.quotes_unclear").with("file", file_name).with("row", row)
            }
            Self::SeparatorUnclear { file_name } => {
                Message::new("record_file.separator_unclear").with("file", file_name)
            }
            Self::HeaderUnnamed { file_name, column, .. } => {
                Message::new("record_file.header_unnamed")
                    .with("file", file_name)
                    .with("column", column)
            }
            Self::HeaderTwice { file_name, columns: [first, other], header } => {
                let name = &header[first - 1];
                let code = if is_identifier(name) {
                    "record_file.header_twice"
                } else {
                    "record_file.header_twice_hidden"
                };
                Message::new(code)
                    .with("file", file_name)
                    .with("column", first)
                    .with("other", other)
                    .with("name", name)
            }
            Self::JsonWhole { file_name } => {
                Message::new("record_file.json_whole").with("file", file_name)
            }
            Self::CutOff { file_name, n_rows, reason } => Message::new("record_file.cut_off")
                .with("file", file_name)
                .with("rows", n_rows)
                .with("reason", reason),
            Self::Changed { file_name } => {
                Message::new("record_file.changed").with("file", file_name)
            }
        }
    }

    fn causes(&self) -> Vec<Message> {
        match self {
            Self::File(error) => error.causes(),
            Self::Source(error) => error.causes(),
            Self::Sandbox { error, .. } => {
                std::iter::once(error.message()).chain(error.causes()).collect()
            }
            _ => Vec::new(),
        }
    }
}
