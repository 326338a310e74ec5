//! The files of one dataset, in all of its formats, while its rows come in.

use std::path::{Path, PathBuf};

use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, Schema, SchemaRef};
use arrow::error::ArrowError;
use arrow::ipc::writer::FileWriter;

use crate::engine::DatabaseFile;
use crate::export::file::{ExportFile, Failure, FileEntry};
use crate::export::mysql::MySqlFile;
use crate::export::parquet_files::{ParquetFile, Partitioned, Style};
use crate::export::workbook::{BookWords, WorkbookRows};
use crate::export::{Dataset, ExportError, ExportFormat};
use crate::output::{CsvReaders, CsvSink};

/// How the files of a dataset are written.
#[derive(Clone, Copy)]
pub(super) struct Making<'a> {
    /// The folder of the export.
    pub(super) root: &'a Path,
    /// The dataset.
    pub(super) dataset: &'a Dataset,
    /// Its columns as they are called in the files.
    pub(super) schema: &'a SchemaRef,
    /// How Parquet is written.
    pub(super) style: Style<'a>,
    /// The column by which Parquet is in partitions, and its position.
    pub(super) partition: Option<(usize, &'a str)>,
    /// The DuckDB file.
    pub(super) database: Option<&'a DatabaseFile>,
}

/// One format of a dataset while it is written.
pub(super) enum Sink<'a> {
    Parquet(Box<ParquetFile>),
    Partitioned(Partitioned<'a>),
    Csv(Box<CsvSink<ExportFile>>, PathBuf),
    Arrow(Box<FileWriter<ExportFile>>, Failure),
    Book(WorkbookRows),
    Database(&'a DatabaseFile),
    MySql(Box<MySqlFile<ExportFile>>, PathBuf),
}

/// What came of one format.
#[derive(Debug, Default)]
pub(super) struct SinkDone {
    /// Its files.
    pub(super) files: Vec<FileEntry>,
    /// Texts that have an apostrophe before them.
    pub(super) n_neutralised: u64,
    /// Texts that were cut.
    pub(super) n_cut: u64,
}

/// Returns where the file of a format stands.
pub(super) fn entry_path(name: &str, format: ExportFormat) -> String {
    let ending = match format {
        ExportFormat::Parquet => "parquet",
        ExportFormat::Csv => "csv",
        ExportFormat::CsvExact => "exact.csv",
        ExportFormat::Arrow => "arrow",
        ExportFormat::Xlsx => "xlsx",
        ExportFormat::MySql => "sql",
        ExportFormat::DuckDb => return "tongban.duckdb".to_owned(),
    };
    format!("{name}/{name}.{ending}")
}

impl<'a> Sink<'a> {
    /// Begins the files of a format.
    pub(super) fn begin(making: Making<'a>, format: ExportFormat) -> Result<Self, ExportError> {
        let Making { root, dataset, schema, .. } = making;
        let entry_path = entry_path(&dataset.name, format);
        let path = root.join(&entry_path);
        let file = || ExportFile::create(root, &entry_path);
        Ok(match format {
            ExportFormat::Parquet => {
                if let Some((column_idx, column)) = making.partition {
                    let names = (dataset.name.as_str(), column);
                    let of = (column_idx, schema.as_ref());
                    Self::Partitioned(Partitioned::begin(root, names, of, making.style))
                } else {
                    let schema = SchemaRef::clone(schema);
                    let file = ParquetFile::begin(root, &entry_path, schema, making.style)?;
                    Self::Parquet(Box::new(file))
                }
            }
            ExportFormat::Csv | ExportFormat::CsvExact => {
                let readers = match format {
                    ExportFormat::Csv => CsvReaders::People,
                    _ => CsvReaders::Machines,
                };
                let titles: Vec<&str> =
                    schema.fields().iter().map(|it| it.name().as_str()).collect();
                let sink = CsvSink::begin(readers, &titles, file()?);
                let sink = sink.map_err(|error| ExportError::output(&path, error))?;
                Self::Csv(Box::new(sink), path)
            }
            ExportFormat::Arrow => {
                let file = file()?;
                let failure = file.failure();
                let writer = FileWriter::try_new(file, schema);
                let writer = writer.map_err(|error| arrow_failed(&failure, dataset, error))?;
                Self::Arrow(Box::new(writer), failure)
            }
            ExportFormat::Xlsx => Self::Book(WorkbookRows::new()),
            ExportFormat::MySql => {
                let sink = MySqlFile::begin(&dataset.name, SchemaRef::clone(schema), file()?);
                let sink = sink.map_err(|error| ExportError::write(&path, error))?;
                Self::MySql(Box::new(sink), path)
            }
            ExportFormat::DuckDb => {
                let database = making
                    .database
                    .ok_or_else(|| ExportError::RowsAbsent { dataset: dataset.name.clone() })?;
                database.create_table(&dataset.name, schema)?;
                Self::Database(database)
            }
        })
    }

    /// Adds rows.
    pub(super) fn write(
        &mut self,
        dataset: &Dataset,
        rows: &RecordBatch,
    ) -> Result<(), ExportError> {
        match self {
            Self::Parquet(file) => file.write(rows),
            Self::Partitioned(files) => files.write(rows),
            Self::Csv(sink, path) => {
                sink.write(rows).map_err(|error| ExportError::output(path, error))
            }
            Self::Arrow(writer, failure) => {
                writer.write(rows).map_err(|error| arrow_failed(failure, dataset, error))
            }
            Self::Book(book) => book.push(&dataset.name, rows),
            Self::Database(database) => Ok(database.append(&dataset.name, rows)?),
            Self::MySql(file, path) => file.write(rows, |error| ExportError::write(path, error)),
        }
    }

    /// Ends the files; those of the DuckDB file are ended with it.
    pub(super) fn finish(
        self,
        making: Making<'_>,
        words: &BookWords<'_>,
    ) -> Result<SinkDone, ExportError> {
        let dataset = making.dataset;
        let of = |file: FileEntry| SinkDone { files: vec![file], ..SinkDone::default() };
        Ok(match self {
            Self::Parquet(file) => of(file.finish()?),
            Self::Partitioned(files) => SinkDone { files: files.finish()?, ..SinkDone::default() },
            Self::Csv(sink, path) => {
                let done = sink.finish();
                let (file, n_neutralised) =
                    done.map_err(|error| ExportError::output(&path, error))?;
                SinkDone { n_neutralised, ..of(file.finish()?) }
            }
            Self::Arrow(writer, failure) => {
                let file = writer.into_inner();
                of(file.map_err(|error| arrow_failed(&failure, dataset, error))?.finish()?)
            }
            Self::Book(book) => {
                let entry_path = entry_path(&dataset.name, ExportFormat::Xlsx);
                let file = ExportFile::create(making.root, &entry_path)?;
                let (file, n_cut) = book.write(dataset, words, file)?;
                SinkDone { n_cut, ..of(file) }
            }
            Self::Database(_) => SinkDone::default(),
            Self::MySql(file, path) => {
                let file = file.finish().map_err(|error| ExportError::write(&path, error))?;
                of(file.finish()?)
            }
        })
    }
}

fn arrow_failed(failure: &Failure, dataset: &Dataset, error: ArrowError) -> ExportError {
    failure.take().unwrap_or_else(|| ExportError::rows(&dataset.name)(error))
}

/// Returns the position and the type of a column that partitions can be made by: text, whole numbers, days
/// and truths.
pub(super) fn partition_column(schema: &Schema, column: &str) -> Option<usize> {
    let at = schema.index_of(column).ok()?;
    let is_fit =
        !matches!(schema.field(at).data_type(), DataType::Float64 | DataType::Timestamp(..));
    is_fit.then_some(at)
}
