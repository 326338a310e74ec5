//! How Parquet is written and read back: zstd, statistics, metadata that names its origin.

use std::io::Write;

use arrow::array::RecordBatch;
use bytes::Bytes;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError as LibraryError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;

use crate::diag::{Diagnose, Message, impl_error};

/// Rows of one row group; engines skip whole groups by their statistics.
const ROW_GROUP_ROWS: usize = 1_000_000;

/// Parquet could not be encoded or decoded.
#[derive(Debug)]
pub enum ParquetError {
    /// The rows could not be encoded or the sink refused the bytes.
    Write(LibraryError),
    /// The bytes are no Parquet, or are damaged.
    Read(LibraryError),
}

impl_error!(ParquetError);

impl Diagnose for ParquetError {
    fn message(&self) -> Message {
        match self {
            Self::Write(_) => Message::new("parquet.write"),
            Self::Read(_) => Message::new("parquet.read"),
        }
    }

    fn causes(&self) -> Vec<Message> {
        let (Self::Write(source) | Self::Read(source)) = self;
        vec![Message::new("io.other").with("reason", source)]
    }
}

/// Writes `batch` as one Parquet file into `sink` and gives the sink back.
///
/// The same rows and metadata give the same bytes. An empty batch gives a file with the schema and
/// no rows.
pub fn write_parquet<W: Write + Send>(
    batch: &RecordBatch,
    metadata: &[(&str, &str)],
    sink: W,
) -> Result<W, ParquetError> {
    let key_values = metadata
        .iter()
        .map(|(key, value)| KeyValue::new((*key).to_owned(), (*value).to_owned()))
        .collect();
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
        .set_created_by(format!("tongban {}", env!("CARGO_PKG_VERSION")))
        .set_key_value_metadata(Some(key_values))
        .build();
    let mut writer = ArrowWriter::try_new(sink, batch.schema(), Some(properties))
        .map_err(ParquetError::Write)?;
    writer.write(batch).map_err(ParquetError::Write)?;
    writer.into_inner().map_err(ParquetError::Write)
}

/// Reads a whole Parquet file from memory, row groups in order.
pub fn read_parquet(bytes: Bytes) -> Result<Vec<RecordBatch>, ParquetError> {
    let reader = ParquetRecordBatchReaderBuilder::try_new(bytes)
        .and_then(ParquetRecordBatchReaderBuilder::build)
        .map_err(ParquetError::Read)?;
    reader
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| ParquetError::Read(LibraryError::ArrowError(error.to_string())))
}
