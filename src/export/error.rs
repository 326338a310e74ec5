//! Why nothing was exported, or an export cannot be checked.

use std::io;
use std::path::{Path, PathBuf};

use arrow::error::ArrowError;

use crate::diag::{Diagnose, Message, impl_error};
use crate::engine::EngineError;
use crate::fsio::FsError;
use crate::output::OutputError;
use crate::table::{ParquetError, RowsError};

/// A dataset was not exported.
#[derive(Debug)]
pub enum ExportError {
    /// The file system refused.
    File(FsError),
    /// The folder holds something, and no export.
    NotAnExport {
        /// The folder.
        path: PathBuf,
    },
    /// Another process is exporting into the folder.
    Locked {
        /// The folder.
        path: PathBuf,
        /// Who it is.
        holder: String,
    },
    /// A name would be no plain name of a file.
    NameUnsafe {
        /// The name.
        name: String,
    },
    /// The rows of a dataset are not where its plan says.
    RowsAbsent {
        /// The dataset.
        dataset: String,
    },
    /// Two datasets would have the same files.
    NameTwice {
        /// The name.
        name: String,
    },
    /// The user ended it.
    Cancelled,
    /// An engine did not answer.
    Engine(EngineError),
    /// Rows could not be written.
    Output(OutputError),
    /// Parquet could not be encoded or decoded.
    Parquet {
        /// The file or dataset.
        path: PathBuf,
        /// What the library says.
        error: ParquetError,
    },
    /// A data file of the lake does not have the content that was committed.
    SourceChanged {
        /// The file.
        path: PathBuf,
    },
    /// Rows are not of the types that their dataset says.
    Rows {
        /// The dataset.
        dataset: String,
        /// What the library says.
        error: ArrowError,
    },
    /// There is no such column to make partitions by.
    PartitionUnknown {
        /// The dataset.
        dataset: String,
        /// The column.
        column: String,
    },
    /// A value is no name of a partition.
    PartitionBlank {
        /// The dataset.
        dataset: String,
        /// The column.
        column: String,
    },
    /// There would be too many partitions.
    PartitionsMany {
        /// The dataset.
        dataset: String,
        /// The column.
        column: String,
        /// The most there may be.
        max: usize,
    },
    /// A dataset has more rows than a sheet takes.
    SheetFull {
        /// The dataset.
        dataset: String,
        /// The most rows.
        max: u64,
    },
    /// A number that SQL has no word for.
    ValueUnfit {
        /// The dataset.
        dataset: String,
        /// The column.
        column: String,
    },
    /// Two figures claim the same cell of a wide table.
    CellTwice {
        /// The column.
        column: String,
        /// The row.
        row: String,
    },
    /// There is no export in the folder.
    NothingThere {
        /// The folder.
        path: PathBuf,
    },
    /// The manifest cannot be understood.
    ManifestInvalid {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
}

impl_error!(ExportError);

impl From<FsError> for ExportError {
    fn from(error: FsError) -> Self {
        Self::File(error)
    }
}

impl From<EngineError> for ExportError {
    fn from(error: EngineError) -> Self {
        Self::Engine(error)
    }
}

impl ExportError {
    /// Returns the failure of writing rows to the file at `path`.
    pub(super) fn output(path: &Path, error: OutputError) -> Self {
        match error {
            OutputError::Sink(error) => Self::write(path, error),
            other => Self::Output(other),
        }
    }

    /// Returns the failure of writing bytes to the file at `path`.
    pub(super) fn write(path: &Path, error: io::Error) -> Self {
        Self::File(FsError::write(path, error))
    }

    /// Returns a closure for `map_err` about the rows of a dataset.
    pub(super) fn rows(dataset: &str) -> impl Fn(ArrowError) -> Self {
        move |error| Self::Rows { dataset: dataset.to_owned(), error }
    }

    /// Returns the failure of reading or writing the Parquet file at `path`.
    pub(super) fn parquet(path: &Path) -> impl Fn(ParquetError) -> Self {
        move |error| Self::Parquet { path: path.to_owned(), error }
    }
}

impl Diagnose for ExportError {
    fn message(&self) -> Message {
        let of_column = |code, dataset: &String, column: &String| {
            Message::new(code).with("dataset", dataset).with("column", column)
        };
        match self {
            Self::File(error) if is_full(error) => error.message().advised("export.disk_full"),
            Self::File(error) => error.message(),
            Self::NotAnExport { path } => {
                Message::new("export.not_an_export").with("path", path.display())
            }
            Self::Locked { path, holder } => {
                Message::new("export.locked").with("path", path.display()).with("holder", holder)
            }
            Self::NameUnsafe { name } => Message::new("export.name_unsafe").with("name", name),
            Self::RowsAbsent { dataset } => {
                Message::new("export.rows_absent").with("dataset", dataset)
            }
            Self::NameTwice { name } => Message::new("export.name_twice").with("name", name),
            Self::Cancelled => Message::new("export.cancelled"),
            Self::Engine(error) => error.message(),
            Self::Output(error) => error.message(),
            Self::Parquet { path, .. } => {
                Message::new("export.parquet").with("path", path.display())
            }
            Self::SourceChanged { path } => {
                Message::new("engine.file_damaged").with("path", path.display())
            }
            Self::Rows { dataset, .. } => Message::new("export.rows").with("dataset", dataset),
            Self::PartitionUnknown { dataset, column } => {
                of_column("export.partition_unknown", dataset, column)
            }
            Self::PartitionBlank { dataset, column } => {
                of_column("export.partition_blank", dataset, column)
            }
            Self::PartitionsMany { dataset, column, max } => {
                of_column("export.partitions_many", dataset, column).with("max", max)
            }
            Self::SheetFull { dataset, max } => {
                Message::new("export.sheet_full").with("dataset", dataset).with("max", max)
            }
            Self::ValueUnfit { dataset, column } => {
                of_column("export.value_unfit", dataset, column)
            }
            Self::CellTwice { column, row } => {
                Message::new("export.cell_twice").with("column", column).with("row", row)
            }
            Self::NothingThere { path } => {
                Message::new("export.nothing_there").with("path", path.display())
            }
            Self::ManifestInvalid { path, .. } => {
                Message::new("export.manifest_invalid").with("path", path.display())
            }
        }
    }

    fn causes(&self) -> Vec<Message> {
        match self {
            Self::File(error) => error.causes(),
            Self::Engine(error) => error.causes(),
            Self::Output(error) => error.causes(),
            Self::Parquet { error, .. } => error.causes(),
            Self::Rows { error, .. } => RowsError(error_again(error)).causes(),
            Self::ManifestInvalid { reason, .. } => {
                vec![Message::new("io.other").with("reason", reason)]
            }
            _ => Vec::new(),
        }
    }
}

/// Whether there was no room left.
fn is_full(error: &FsError) -> bool {
    use io::ErrorKind::{QuotaExceeded, StorageFull};
    error.kind().is_some_and(|kind| matches!(kind, StorageFull | QuotaExceeded))
}

/// The library's errors cannot be copied; their words can.
fn error_again(error: &ArrowError) -> ArrowError {
    ArrowError::ComputeError(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::Lang;

    #[test]
    fn a_full_disk_is_told_with_what_to_do() {
        let hint_of = |kind: io::ErrorKind| {
            ExportError::write(Path::new("a.csv"), kind.into()).message().hint(Lang::En)
        };
        for kind in [io::ErrorKind::StorageFull, io::ErrorKind::QuotaExceeded] {
            let hint = hint_of(kind).unwrap();
            assert!(hint.contains("free space"), "{hint}");
            assert!(hint.contains("exported before is untouched"), "{hint}");
        }
        assert_eq!(hint_of(io::ErrorKind::PermissionDenied), None);
    }
}
