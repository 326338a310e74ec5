//! How Parquet is written and read back: zstd, statistics, metadata that names its origin.

use std::io::Write;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use bytes::Bytes;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError as LibraryError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;

use crate::diag::{Diagnose, Message, impl_error};
use crate::table::{PIECE_ROWS, RowsError, TableRows, schema_of};

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

impl From<RowsError> for ParquetError {
    /// Pieces of one file that do not fit together: the file was read, and is damaged.
    fn from(error: RowsError) -> Self {
        Self::Read(error.0.into())
    }
}

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
    let mut writer = writer(batch.schema(), metadata, sink)?;
    writer.write(batch).map_err(ParquetError::Write)?;
    writer.into_inner().map_err(ParquetError::Write)
}

/// Writes the rows of a lake table as one Parquet file into `sink`, a piece at a time.
///
/// The same rows and metadata give the same bytes.
pub fn write_pieces<W: Write + Send>(
    rows: &TableRows<'_>,
    metadata: &[(&str, &str)],
    sink: W,
) -> Result<W, ParquetError> {
    let mut writer = writer(schema_of(rows.table), metadata, sink)?;
    rows.try_each(|piece| writer.write(&piece)).map_err(ParquetError::Write)?;
    writer.into_inner().map_err(ParquetError::Write)
}

fn writer<W: Write + Send>(
    schema: SchemaRef,
    metadata: &[(&str, &str)],
    sink: W,
) -> Result<ArrowWriter<W>, ParquetError> {
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
    ArrowWriter::try_new(sink, schema, Some(properties)).map_err(ParquetError::Write)
}

/// Reads a whole Parquet file from memory, row groups in order.
pub fn read_parquet(bytes: Bytes) -> Result<Vec<RecordBatch>, ParquetError> {
    ParquetPieces::open(bytes)?.collect()
}

/// The rows of a Parquet file in memory, a piece at a time, as [`TableRows`] gives them.
pub struct ParquetPieces(ParquetRecordBatchReader);

impl ParquetPieces {
    /// Begins to read.
    pub fn open(bytes: Bytes) -> Result<Self, ParquetError> {
        let builder =
            ParquetRecordBatchReaderBuilder::try_new(bytes).map_err(ParquetError::Read)?;
        builder.with_batch_size(PIECE_ROWS).build().map(Self).map_err(ParquetError::Read)
    }
}

impl Iterator for ParquetPieces {
    type Item = Result<RecordBatch, ParquetError>;

    fn next(&mut self) -> Option<Self::Item> {
        let piece = self.0.next()?;
        Some(piece.map_err(|error| ParquetError::Read(LibraryError::ArrowError(error.to_string()))))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{
        ArrayRef, BooleanArray, Date32Array, FixedSizeBinaryArray, Float64Array, Int32Array,
        Int64Array, StringArray, TimestampMicrosecondArray,
    };
    use arrow::compute::{cast, concat_batches};
    use arrow::datatypes::{DataType, Field};
    use proptest::prelude::*;

    use super::*;
    use crate::table::{LakeTable, PSEUDONYM_BYTES};

    /// What one row holds, whatever the columns: a text, numbers, and whether it is null.
    type Row = (String, f64, i32, i64, bool);

    fn column_of(field: &Field, rows: &[Row]) -> ArrayRef {
        let nullable = field.is_nullable();
        let values = rows.iter();
        macro_rules! array {
            ($array:ty, $value:expr) => {
                Arc::new(
                    values
                        .map(|row| (!(nullable && row.4)).then(|| $value(row)))
                        .collect::<$array>(),
                )
            };
        }
        match field.data_type() {
            DataType::Utf8 => array!(StringArray, |row: &Row| row.0.clone()),
            DataType::Float64 => array!(Float64Array, |row: &Row| row.1),
            DataType::Int32 => array!(Int32Array, |row: &Row| row.2),
            DataType::Int64 => array!(Int64Array, |row: &Row| row.3),
            DataType::Date32 => array!(Date32Array, |row: &Row| row.2),
            DataType::Boolean => array!(BooleanArray, |row: &Row| row.2 % 2 == 0),
            DataType::Timestamp(..) => array!(TimestampMicrosecondArray, |row: &Row| row.3),
            DataType::FixedSizeBinary(_) => {
                let bytes = |row: &Row| (!row.4).then(|| i128::from(row.3).to_be_bytes());
                let bytes = FixedSizeBinaryArray::try_from_sparse_iter_with_size(
                    values.map(bytes),
                    PSEUDONYM_BYTES,
                );
                Arc::new(bytes.unwrap())
            }
            DataType::Dictionary(..) => {
                let texts: StringArray =
                    values.map(|row| (!(nullable && row.4)).then(|| row.0.clone())).collect();
                cast(&texts, field.data_type()).unwrap()
            }
            other => unreachable!("no table has a column of {other}"),
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn rows_of_every_table_come_back_as_they_were(
            rows in prop::collection::vec(any::<Row>(), 0..40)
        ) {
            for table in LakeTable::ALL {
                let schema = schema_of(*table);
                let columns = schema.fields().iter().map(|field| column_of(field, &rows)).collect();
                let batch = RecordBatch::try_new(Arc::clone(&schema), columns).unwrap();
                let bytes = Bytes::from(write_parquet(&batch, &[("k", "v")], Vec::new()).unwrap());
                let whole = concat_batches(&schema, &read_parquet(bytes.clone()).unwrap()).unwrap();
                prop_assert_eq!(whole.columns(), batch.columns());
                let pieces = TableRows::of(*table, batch);
                let again = write_pieces(&pieces, &[("k", "v")], Vec::new()).unwrap();
                prop_assert_eq!(Bytes::from(again), bytes, "whole and in pieces, the same bytes");
            }
        }
    }
}
