//! What can go wrong while a result is written.

use std::io;

use arrow::datatypes::DataType;
use arrow::error::ArrowError;
use rust_xlsxwriter::XlsxError;

use crate::diag::{Diagnose, Message, impl_error, io_reason};
use crate::table::{ParquetError, RowsError};

/// A result could not be written.
#[derive(Debug)]
pub enum OutputError {
    /// The sink refused the bytes. A broken pipe is the reader's choice, not a failure.
    Sink(io::Error),
    /// A column has a type that the format cannot hold.
    Column {
        /// Name of the column.
        column: String,
        /// Its type.
        data_type: DataType,
        /// What the conversion said.
        reason: ArrowError,
    },
    /// The rows do not fit together.
    Rows(RowsError),
    /// The rows could not be encoded as Parquet.
    Parquet(ParquetError),
    /// The rows could not be encoded as JSON.
    Json(ArrowError),
    /// A workbook could not be made.
    Workbook(XlsxError),
    /// The rows of a list are not those that were promised.
    ListUnlike {
        /// Rows that there should be.
        promised: u64,
        /// Rows that there were.
        written: u64,
    },
}

impl_error!(OutputError);

impl OutputError {
    /// Returns whether the reader of the output went away.
    pub fn is_broken_pipe(&self) -> bool {
        matches!(self, Self::Sink(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }

    /// Returns the error of an encoder that also writes: the sink's where it was the sink's.
    pub(super) fn of_encoder(error: ArrowError) -> Self {
        match error {
            ArrowError::IoError(_, source) => Self::Sink(source),
            other => Self::Json(other),
        }
    }
}

impl Diagnose for OutputError {
    fn message(&self) -> Message {
        match self {
            Self::Sink(_) => Message::new("output.sink"),
            Self::Column { column, data_type, .. } => {
                Message::new("output.column").with("column", column).with("type", data_type)
            }
            Self::Rows(error) => error.message(),
            Self::Parquet(_) => Message::new("output.parquet"),
            Self::Json(_) => Message::new("output.json"),
            Self::Workbook(_) => Message::new("output.workbook"),
            Self::ListUnlike { promised, written } => Message::new("output.list_unlike")
                .with("promised", promised)
                .with("written", written),
        }
    }

    fn causes(&self) -> Vec<Message> {
        match self {
            Self::Sink(error) => vec![io_reason(error)],
            Self::Column { reason, .. } | Self::Json(reason) => {
                vec![Message::new("io.other").with("reason", reason)]
            }
            Self::Workbook(reason) => vec![Message::new("io.other").with("reason", reason)],
            Self::ListUnlike { .. } => Vec::new(),
            Self::Rows(error) => error.causes(),
            Self::Parquet(error) => {
                let mut causes = vec![error.message()];
                causes.extend(error.causes());
                causes
            }
        }
    }
}
