//! How Parquet is written and read back: zstd, statistics, metadata that names its origin.

use std::fs::File;
use std::io::Write;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use bytes::Bytes;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::{ArrowReaderOptions, ParquetRecordBatchReaderBuilder};
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::basic::{Compression, Type as PhysicalType, ZstdLevel};
use parquet::errors::ParquetError as LibraryError;
use parquet::file::metadata::{ColumnChunkMetaData, KeyValue, RowGroupMetaData};
use parquet::file::properties::{WriterProperties, WriterPropertiesBuilder, WriterVersion};

use crate::diag::{Diagnose, Message, impl_error};
use crate::table::{PIECE_ROWS, PartRows, RowsError};

/// Rows of one row group; engines skip whole groups by their statistics.
pub(super) const ROW_GROUP_ROWS: usize = 1_000_000;
/// Rows that are read at a time from a file of others, whose values may be long.
const PIECE_ROWS_OF_STRANGERS: usize = 4_096;

/// Parquet could not be encoded or decoded.
#[derive(Debug)]
pub enum ParquetError {
    /// The rows could not be encoded or the sink refused the bytes.
    Write(LibraryError),
    /// The bytes are no Parquet, or are damaged.
    Read(LibraryError),
}

impl ParquetError {
    /// Returns the words of the library.
    pub fn reason(&self) -> String {
        let (Self::Write(source) | Self::Read(source)) = self;
        source.to_string()
    }
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
    let mut writer = ParquetSink::begin(batch.schema(), metadata, sink)?;
    writer.write(batch)?;
    writer.finish()
}

/// Which programs have to be able to read a Parquet file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParquetReaders {
    /// Those of today: zstd, and row groups as the lake has them.
    Current,
    /// Old ones: pages of version 1, snappy, small row groups, and nothing beside Parquet's own types.
    Old,
}

/// Rows of one row group for old readers, which hold a whole one in memory.
const OLD_GROUP_ROWS: usize = 122_880;

/// A Parquet file that is written batch by batch.
pub struct ParquetSink<W: Write + Send>(ArrowWriter<W>);

impl<W: Write + Send> ParquetSink<W> {
    /// Begins a file whose rows have this schema.
    ///
    /// The same batches and metadata give the same bytes.
    pub fn begin(
        schema: SchemaRef,
        metadata: &[(&str, &str)],
        sink: W,
    ) -> Result<Self, ParquetError> {
        Self::begin_for(ParquetReaders::Current, schema, metadata, sink)
    }

    /// Begins such a file for certain readers.
    pub fn begin_for(
        readers: ParquetReaders,
        schema: SchemaRef,
        metadata: &[(&str, &str)],
        sink: W,
    ) -> Result<Self, ParquetError> {
        let properties = properties(metadata);
        let properties = match readers {
            ParquetReaders::Current => properties,
            ParquetReaders::Old => properties
                .set_compression(Compression::SNAPPY)
                .set_writer_version(WriterVersion::PARQUET_1_0)
                .set_max_row_group_row_count(Some(OLD_GROUP_ROWS)),
        };
        let options = ArrowWriterOptions::new()
            .with_properties(properties.build())
            .with_skip_arrow_metadata(readers == ParquetReaders::Old);
        ArrowWriter::try_new_with_options(sink, schema, options)
            .map(Self)
            .map_err(ParquetError::Write)
    }

    /// Adds rows.
    pub fn write(&mut self, batch: &RecordBatch) -> Result<(), ParquetError> {
        self.0.write(batch).map_err(ParquetError::Write)
    }

    /// Returns the memory that rows take which are not written yet.
    pub fn held_bytes(&self) -> usize {
        self.0.memory_size()
    }

    /// Writes what is held as a row group.
    pub fn end_group(&mut self) -> Result<(), ParquetError> {
        self.0.flush().map_err(ParquetError::Write)
    }

    /// Ends the file and gives the sink back.
    pub fn finish(self) -> Result<W, ParquetError> {
        self.0.into_inner().map_err(ParquetError::Write)
    }
}

/// Returns how every file is written: zstd, statistics, and metadata that name its origin.
pub(super) fn properties(metadata: &[(&str, &str)]) -> WriterPropertiesBuilder {
    let key_values = metadata
        .iter()
        .map(|(key, value)| KeyValue::new((*key).to_owned(), (*value).to_owned()))
        .collect();
    WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
        .set_created_by(format!("tongban {}", env!("CARGO_PKG_VERSION")))
        .set_key_value_metadata(Some(key_values))
}

/// Returns the number of rows that a Parquet file says it has.
pub fn parquet_rows(file: File) -> Result<u64, ParquetError> {
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(ParquetError::Read)?;
    Ok(u64::try_from(builder.metadata().file_metadata().num_rows()).unwrap_or_default())
}

/// Reads a whole Parquet file from memory, row groups in order.
pub fn read_parquet(bytes: Bytes) -> Result<Vec<RecordBatch>, ParquetError> {
    let builder = ParquetRecordBatchReaderBuilder::try_new(bytes).map_err(ParquetError::Read)?;
    let pieces = builder.with_batch_size(PIECE_ROWS).build().map_err(ParquetError::Read)?;
    pieces.collect::<Result<_, _>>().map_err(|error| ParquetError::Read(error.into()))
}

/// The rows of a Parquet file of any origin, a piece at a time.
///
/// What the writer noted for Arrow is not believed: the types are those of Parquet.
pub struct ParquetTexts {
    names: Vec<String>,
    ambiguous_time: Option<String>,
    unread_codec: Option<String>,
    pieces: PartRows,
}

impl ParquetTexts {
    /// Begins to read.
    pub fn open(file: File) -> Result<Self, ParquetError> {
        let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
        let builder = ParquetRecordBatchReaderBuilder::try_new_with_options(file, options)
            .map_err(ParquetError::Read)?;
        let columns = builder.parquet_schema().columns();
        let ambiguous = columns.iter().find(|it| it.physical_type() == PhysicalType::INT96);
        let ambiguous_time = ambiguous.map(|column| column.path().string());
        let names = builder.schema().fields().iter().map(|field| field.name().clone()).collect();
        let columns = builder.metadata().row_groups().iter().flat_map(RowGroupMetaData::columns);
        let unread_codec = columns.map(ColumnChunkMetaData::compression).find(|it| !is_read(*it));
        // Without its level, as `GZIP`.
        let word =
            |codec: Compression| codec.to_string().split('(').next().unwrap_or_default().to_owned();
        let unread_codec = unread_codec.map(word);
        let reader = builder.with_batch_size(PIECE_ROWS_OF_STRANGERS).build();
        let pieces = PartRows(reader.map_err(ParquetError::Read)?);
        Ok(Self { names, ambiguous_time, unread_codec, pieces })
    }

    /// Returns the names of the columns.
    pub fn names(&self) -> Vec<String> {
        self.names.clone()
    }

    /// Returns the name of the way in which columns are packed, where it is one that is not read; the rows
    /// cannot be read then.
    pub fn unread_codec(&self) -> Option<&str> {
        self.unread_codec.as_deref()
    }

    /// Returns a column of times in an old form (INT96) of which nobody can tell whether they are
    /// those of a clock on a wall; `None` where there is no such column.
    pub fn ambiguous_time(&self) -> Option<&str> {
        self.ambiguous_time.as_deref()
    }
}

/// Whether the program has a library for a way of packing.
fn is_read(codec: Compression) -> bool {
    matches!(codec, Compression::UNCOMPRESSED | Compression::SNAPPY | Compression::ZSTD(_))
}

impl Iterator for ParquetTexts {
    type Item = Result<RecordBatch, ParquetError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.pieces.next()
    }
}

/// Columns of any table, made of rows that chance gives.
#[cfg(test)]
pub(super) mod testing {
    use std::sync::Arc;

    use arrow::array::{
        ArrayRef, BinaryArray, BooleanArray, Date32Array, Float64Array, Int32Array, Int64Array,
        StringArray, TimestampMicrosecondArray,
    };
    use arrow::compute::cast;
    use arrow::datatypes::{DataType, Field};

    /// What one row holds, whatever the columns: a text, numbers, and whether it is null.
    pub(in crate::table) type Row = (String, f64, i32, i64, bool);

    pub(in crate::table) fn column_of(field: &Field, rows: &[Row]) -> ArrayRef {
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
            DataType::Binary => array!(BinaryArray, |row: &Row| i128::from(row.3).to_be_bytes()),
            DataType::Dictionary(..) => {
                let texts: StringArray =
                    values.map(|row| (!(nullable && row.4)).then(|| row.0.clone())).collect();
                cast(&texts, field.data_type()).unwrap()
            }
            other => unreachable!("no table has a column of {other}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::compute::{cast, concat_batches};
    use proptest::prelude::*;

    use super::testing::{Row, column_of};
    use super::*;
    use crate::fsio::PlainFile;
    use crate::table::{
        LakeTable, PartLimits, PartReader, PartWriter, TableRows, schema_of, stored_schema_of,
    };

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn rows_of_every_table_come_back_as_they_were(
            rows in prop::collection::vec(any::<Row>(), 0..40)
        ) {
            let limits = PartLimits { group_rows: 7, ..PartLimits::default() };
            for table in LakeTable::ALL {
                let schema = schema_of(*table);
                let columns = schema.fields().iter().map(|field| column_of(field, &rows)).collect();
                let batch = RecordBatch::try_new(Arc::clone(&schema), columns).unwrap();
                let mut part = PartWriter::new(*table, &[("k", "v")], limits, Vec::new()).unwrap();
                TableRows::of(*table, batch.clone()).try_each(|piece| part.write(&piece)).unwrap();
                let meant = part.finish().unwrap();
                let bytes = part.sink().clone();

                // As engines read it: a dictionary is a text like any other.
                let stored = stored_schema_of(*table);
                let found = read_parquet(bytes.clone().into()).unwrap();
                let whole = concat_batches(&stored, &found).unwrap();
                let plain = batch.columns().iter().zip(stored.fields());
                let plain = plain.map(|(column, field)| cast(column, field.data_type()).unwrap());
                prop_assert_eq!(whole.columns(), plain.collect::<Vec<_>>());

                // As the lake reads it.
                let folder = tempfile::tempdir().unwrap();
                let path = folder.path().join("part");
                crate::fsio::testing::put(&path, &bytes);
                let reader = PartReader::open(PlainFile::open(&path).unwrap(), *table).unwrap();
                prop_assert!(reader.holds(&meant));
                prop_assert_eq!(reader.n_rows(), rows.len());
            }
        }
    }
}
