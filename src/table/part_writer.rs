//! One Parquet file of a lake table, written a batch at a time, its columns side by side.

use std::io::{BufWriter, Write};
use std::ops::Range;
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use arrow::array::{Array, ArrayRef, RecordBatch, UInt32Array, new_null_array};
use arrow::compute::{concat, take};
use arrow::datatypes::{DataType, Field, FieldRef, SchemaRef};
use arrow::error::ArrowError;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::{
    ArrowColumnChunk, ArrowColumnWriter, ArrowRowGroupWriterFactory, ArrowWriterOptions,
    compute_leaves,
};
use parquet::basic::{Compression, Encoding};
use parquet::errors::ParquetError as LibraryError;
use parquet::file::properties::{EnabledStatistics, WriterPropertiesBuilder};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::ColumnPath;
use rayon::prelude::*;

use crate::table::fingerprint::{ColumnPrint, Fingerprint};
use crate::table::parquet_io::{ROW_GROUP_ROWS, properties};
use crate::table::{LakeTable, ParquetError, schema_of};

/// How large the files of records become. A row group ends with the batch of rows that reaches one of
/// its limits, a file with the row group that reaches its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PartLimits {
    /// Rows of a row group; one is never larger.
    pub group_rows: usize,
    /// Memory that a row group takes before it is written: two tables and what they are made from
    /// have to fit into 512 MB.
    pub group_bytes: usize,
    /// Bytes of a file.
    pub part_bytes: usize,
}

impl Default for PartLimits {
    fn default() -> Self {
        Self { group_rows: 2 * SORTED_ROWS, group_bytes: 48 << 20, part_bytes: 256 << 20 }
    }
}

/// Rows of records that are sorted together and become a row group. With twice as many, an ingest would
/// need more memory than it may take.
pub const SORTED_ROWS: usize = 192 * 1024;

/// Share of keys that a Bloom filter of a row group wrongly takes for its own.
const FALSE_MATCHES: f64 = 0.02;

/// Bytes that the sink takes at a time; the library gives it few, and it hashes many at once faster.
const SUNK_BYTES: usize = 256 * 1024;

/// Fewer rows are encoded at once: waking other threads takes as long as encoding them.
const ROWS_FOR_THREADS: usize = 2048;

/// Rows of a column that are encoded at once: a multiple of those after which the library looks whether a
/// page is full, so that pages end where they would without it.
const ROWS_AT_ONCE: usize = 8 * 1024;

/// A Parquet file of a lake table that is being written.
pub struct PartWriter<W: Write + Send + 'static> {
    limits: Option<PartLimits>,
    schema: SchemaRef,
    file: PartFile<W>,
    columns: ArrowRowGroupWriterFactory,
    group: Option<RowGroup>,
    facts: PartFacts,
}

/// What a file holds, as it was meant.
#[derive(Debug, Default)]
pub struct PartFacts {
    /// Rows of all row groups.
    pub n_rows: usize,
    /// Fingerprints of the columns of every row group.
    pub(super) fingerprints: Vec<Vec<ColumnPrint>>,
}

/// The file itself, to which row groups are added by a thread of its own: encoding the next one need not
/// wait for the bytes of the last one.
struct PartFile<W: Write + Send + 'static> {
    /// `None` while a row group is being added.
    writer: Option<SerializedFileWriter<BufWriter<W>>>,
    adding: Option<JoinHandle<(SerializedFileWriter<BufWriter<W>>, Written)>>,
}

/// A row group whose columns are being encoded; pages that are full are compressed already.
struct RowGroup {
    columns: Vec<EncodedColumn>,
    n_rows: usize,
}

struct EncodedColumn {
    writer: ArrowColumnWriter,
    fingerprint: Fingerprint,
}

/// Rows of all columns that are to be written, and in which order.
#[derive(Clone, Copy)]
struct Rows<'r> {
    pieces: &'r [RecordBatch],
    /// Positions of the rows, counted through all pieces; as they stand where it is not given.
    order: Option<&'r UInt32Array>,
}

/// The rows of one column.
struct ColumnRows<'r> {
    /// All of them, in the order of the pieces; `None` where they are null.
    values: Option<ArrayRef>,
    data_type: &'r DataType,
    order: Option<&'r UInt32Array>,
}

type Written = Result<(), LibraryError>;

impl<'r> Rows<'r> {
    fn column(&self, column_idx: usize, field: &'r Field) -> Result<ColumnRows<'r>, ArrowError> {
        let columns = self.pieces.iter().map(|piece| piece.column(column_idx).as_ref());
        let columns: Vec<&dyn Array> = columns.collect();
        let is_null = columns.iter().all(|column| column.null_count() == column.len());
        let values = match self.pieces {
            _ if is_null => None,
            [only] => Some(Arc::clone(only.column(column_idx))),
            _ => Some(concat(&columns)?),
        };
        Ok(ColumnRows { values, data_type: field.data_type(), order: self.order })
    }
}

impl ColumnRows<'_> {
    /// Returns some rows.
    fn rows(&self, range: &Range<usize>) -> Result<ArrayRef, ArrowError> {
        match (&self.values, self.order) {
            (None, _) => Ok(new_null_array(self.data_type, range.len())),
            (Some(values), None) => Ok(values.slice(range.start, range.len())),
            (Some(values), Some(order)) => {
                take(values, &order.slice(range.start, range.len()), None)
            }
        }
    }
}

impl EncodedColumn {
    /// Adds some rows, a few at a time: what is made of them on the way stays in the cache.
    fn write(&mut self, field: &Field, rows: &ColumnRows<'_>, range: Range<usize>) -> Written {
        for start in range.clone().step_by(ROWS_AT_ONCE) {
            let values = rows.rows(&(start..range.end.min(start + ROWS_AT_ONCE)))?;
            self.fingerprint.add(&values);
            for leaf in compute_leaves(field, &values)? {
                self.writer.write(&leaf)?;
            }
        }
        Ok(())
    }

    fn close(self) -> Result<(ArrowColumnChunk, ColumnPrint), LibraryError> {
        Ok((self.writer.close()?, self.fingerprint.finish()))
    }
}

impl<W: Write + Send + 'static> PartFile<W> {
    /// Adds a row group, after the one before it; fails where that could not be added.
    fn add(&mut self, columns: Vec<ArrowColumnChunk>) -> Written {
        self.settle()?;
        let mut writer = self.writer.take().expect("it was brought back");
        self.adding = Some(thread::spawn(move || {
            let written = add_group(&mut writer, columns);
            (writer, written)
        }));
        Ok(())
    }

    /// Waits until all row groups are added; fails where one could not be.
    fn settle(&mut self) -> Written {
        let Some(adding) = self.adding.take() else { return Ok(()) };
        let (writer, written) =
            adding.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        self.writer = Some(writer);
        written
    }

    /// Returns the file with the row groups that could be added, and whether those were all.
    fn settled(&mut self) -> (&mut SerializedFileWriter<BufWriter<W>>, Written) {
        let written = self.settle();
        (self.writer.as_mut().expect("it was brought back"), written)
    }
}

fn add_group<W: Write + Send>(
    file: &mut SerializedFileWriter<BufWriter<W>>,
    columns: Vec<ArrowColumnChunk>,
) -> Written {
    let mut group = file.next_row_group()?;
    for column in columns {
        column.append_to_row_group(&mut group)?;
    }
    group.close().map(|_| ())
}

impl RowGroup {
    /// Adds some of the rows.
    fn write(&mut self, schema: &SchemaRef, rows: Rows<'_>, range: Range<usize>) -> Written {
        self.n_rows += range.len();
        let columns = self.columns.iter_mut().zip(schema.fields()).enumerate();
        let write = |(column_idx, (column, field)): (usize, (&mut EncodedColumn, &FieldRef))| {
            column.write(field, &rows.column(column_idx, field)?, range.clone())
        };
        if range.len() < ROWS_FOR_THREADS {
            let mut columns = columns;
            return columns.try_for_each(write);
        }
        let columns: Vec<_> = columns.collect();
        columns.into_par_iter().with_max_len(1).try_for_each(write)
    }

    fn size_bytes(&self) -> usize {
        self.columns.iter().map(|column| column.writer.memory_size()).sum()
    }
}

impl<W: Write + Send + 'static> PartWriter<W> {
    /// Begins a file whose metadata say where it comes from.
    ///
    /// The same batches and metadata give the same bytes. The limits concern tables of records.
    pub fn new(
        table: LakeTable,
        metadata: &[(&str, &str)],
        limits: PartLimits,
        sink: W,
    ) -> Result<Self, ParquetError> {
        let schema = schema_of(table);
        let options = ArrowWriterOptions::new()
            .with_properties(of_columns(table, &schema, properties(metadata)).build())
            // With it, readers would make dictionaries of texts again.
            .with_skip_arrow_metadata(table.holds_records());
        let (file, columns) = ArrowWriter::try_new_with_options(
            BufWriter::with_capacity(SUNK_BYTES, sink),
            schema.clone(),
            options,
        )
        .and_then(ArrowWriter::into_serialized_writer)
        .map_err(ParquetError::Write)?;
        let limits = table.holds_records().then_some(limits);
        let file = PartFile { writer: Some(file), adding: None };
        Ok(Self { limits, schema, file, columns, group: None, facts: PartFacts::default() })
    }

    /// Adds rows, which have the columns of the table.
    pub fn write(&mut self, rows: &RecordBatch) -> Result<(), ParquetError> {
        let all = Rows { pieces: std::slice::from_ref(rows), order: None };
        self.encode(rows.num_rows(), all).map_err(ParquetError::Write)
    }

    /// Adds the rows of several pieces, which have the columns of the table, in an order of positions
    /// counted through all of them; rows whose positions are not in it are left out.
    ///
    /// Only the columns that are being encoded are there a second time.
    pub fn write_in_order(
        &mut self,
        pieces: &[RecordBatch],
        order: &UInt32Array,
    ) -> Result<(), ParquetError> {
        let rows = Rows { pieces, order: Some(order) };
        self.encode(order.len(), rows).map_err(ParquetError::Write)
    }

    fn encode(&mut self, n_rows: usize, rows: Rows<'_>) -> Written {
        let mut start = 0;
        while start < n_rows {
            let mut group = match self.group.take() {
                Some(group) => group,
                None => self.new_group()?,
            };
            let end = n_rows.min(start + self.group_rows() - group.n_rows);
            group.write(&self.schema, rows, start..end)?;
            start = end;
            if self.is_group_full(&group, n_rows) {
                self.close_group(group)?;
            } else {
                self.group = Some(group);
            }
        }
        Ok(())
    }

    /// Whether a row group ends here. One of records ends with a batch, so that a file can end with
    /// it, and before it takes too much memory.
    fn is_group_full(&self, group: &RowGroup, n_batch_rows: usize) -> bool {
        let is_large = |limits: PartLimits| {
            group.n_rows + n_batch_rows > limits.group_rows
                || group.size_bytes() >= limits.group_bytes
        };
        group.n_rows == self.group_rows() || self.limits.is_some_and(is_large)
    }

    fn group_rows(&self) -> usize {
        self.limits.map_or(ROW_GROUP_ROWS, |limits| limits.group_rows)
    }

    fn new_group(&self) -> Result<RowGroup, LibraryError> {
        let writers = self.columns.create_column_writers(self.facts.fingerprints.len())?;
        let begun = |writer| EncodedColumn { writer, fingerprint: Fingerprint::default() };
        Ok(RowGroup { columns: writers.into_iter().map(begun).collect(), n_rows: 0 })
    }

    fn close_group(&mut self, group: RowGroup) -> Written {
        let RowGroup { columns, n_rows } = group;
        let closed: Vec<_> = if n_rows < ROWS_FOR_THREADS {
            columns.into_iter().map(EncodedColumn::close).collect::<Result<_, _>>()?
        } else {
            columns.into_par_iter().map(EncodedColumn::close).collect::<Result<_, _>>()?
        };
        let (columns, fingerprints) = closed.into_iter().unzip();
        self.facts.fingerprints.push(fingerprints);
        self.facts.n_rows += n_rows;
        self.file.add(columns)
    }

    /// Tells whether the file is as large as it should become, and no row group is under way; fails
    /// where one could not be added.
    pub fn is_full(&mut self) -> Result<bool, ParquetError> {
        let (Some(limits), None) = (self.limits, &self.group) else { return Ok(false) };
        let (file, written) = self.file.settled();
        written.map_err(ParquetError::Write)?;
        Ok(file.bytes_written() >= limits.part_bytes)
    }

    /// Returns the sink: to ask it about a failure, or what came of the whole file.
    pub fn sink(&mut self) -> &mut W {
        self.file.settled().0.inner_mut().get_mut()
    }

    /// Writes what is left and the end of the file, after which nothing can be added.
    pub fn finish(&mut self) -> Result<PartFacts, ParquetError> {
        if let Some(group) = self.group.take() {
            self.close_group(group).map_err(ParquetError::Write)?;
        }
        let (file, written) = self.file.settled();
        written.and_then(|()| file.finish().map(|_| ())).map_err(ParquetError::Write)?;
        Ok(std::mem::take(&mut self.facts))
    }
}

/// Texts that are alike in neighbouring rows, so that their bounds tell row groups apart. Any other text
/// stands in every row group, and finding its bounds takes longer than they could ever save.
const BOUNDED_TEXTS: [&str; 6] = ["batch", "record_type", "department", "kind", "scope", "profile"];

/// Settles how the columns of records are stored; annex tables have one way for all columns.
fn of_columns(
    table: LakeTable,
    schema: &SchemaRef,
    mut properties: WriterPropertiesBuilder,
) -> WriterPropertiesBuilder {
    if !table.holds_records() {
        return properties;
    }
    properties = properties.set_statistics_enabled(EnabledStatistics::Chunk);
    for field in schema.fields() {
        let column = ColumnPath::from(field.name().as_str());
        if !has_bounds(field) {
            let none = EnabledStatistics::None;
            properties = properties.set_column_statistics_enabled(column.clone(), none);
        }
        properties = match field.name().as_str() {
            "record_key" => properties
                .set_column_dictionary_enabled(column.clone(), false)
                .set_column_bloom_filter_enabled(column.clone(), true)
                .set_column_bloom_filter_fpp(column.clone(), FALSE_MATCHES)
                .set_column_bloom_filter_ndv(column, SORTED_ROWS as u64),
            "project_no" => properties.set_column_dictionary_enabled(column, false),
            // Rows of a file mostly stand near each other, and their distances are as good as random.
            "source_row" => properties
                .set_column_dictionary_enabled(column.clone(), false)
                .set_column_compression(column.clone(), Compression::UNCOMPRESSED)
                .set_column_encoding(column, Encoding::DELTA_BINARY_PACKED),
            // Random bytes, of which nothing makes fewer.
            "content_hash" => properties
                .set_column_dictionary_enabled(column.clone(), false)
                .set_column_compression(column, Compression::UNCOMPRESSED),
            // The same of pseudonyms: everybody has a number of their own.
            "applicant_code" | "contact_code" | "contact_mobile" | "evaluator_code" => {
                of_pseudonyms(properties, column.clone())
                    .set_column_compression(column, Compression::UNCOMPRESSED)
            }
            _ if *field.data_type() == DataType::Binary => of_pseudonyms(properties, column),
            // Rows are sorted by time, and what happened to one of them happened within days.
            _ if matches!(field.data_type(), DataType::Timestamp(..)) => properties
                .set_column_dictionary_enabled(column.clone(), false)
                .set_column_encoding(column, Encoding::DELTA_BINARY_PACKED),
            _ => properties,
        };
    }
    properties
}

/// Settles that pseudonyms stand one after the other. Names are of so many people that a dictionary of
/// their pseudonyms would be given up half-way.
fn of_pseudonyms(
    properties: WriterPropertiesBuilder,
    column: ColumnPath,
) -> WriterPropertiesBuilder {
    properties
        .set_column_dictionary_enabled(column.clone(), false)
        .set_column_encoding(column, Encoding::DELTA_LENGTH_BYTE_ARRAY)
}

/// Whether the least and the greatest value of a column say something.
fn has_bounds(field: &Field) -> bool {
    match field.data_type() {
        DataType::Utf8 | DataType::Dictionary(..) => BOUNDED_TEXTS.contains(&field.name().as_str()),
        DataType::Binary => false,
        _ => field.name() != "content_hash",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn annex_tables_have_the_bytes_that_the_library_gives_by_itself() {
        let schema = schema_of(LakeTable::Totals);
        let rows = |n_rows: usize| {
            let columns = schema
                .fields()
                .iter()
                .map(|field| crate::table::parquet_io::testing::column_of(field, &sample(n_rows)));
            RecordBatch::try_new(schema.clone(), columns.collect()).unwrap()
        };
        let pieces = [rows(5000), rows(3)];
        let mut part =
            PartWriter::new(LakeTable::Totals, &[("k", "v")], PartLimits::default(), Vec::new())
                .unwrap();
        let properties = properties(&[("k", "v")]).build();
        let mut library =
            ArrowWriter::try_new(Vec::new(), schema.clone(), Some(properties)).unwrap();
        for piece in &pieces {
            part.write(piece).unwrap();
            library.write(piece).unwrap();
        }
        assert_eq!(part.finish().unwrap().n_rows, 5003);
        assert_eq!(*part.sink(), library.into_inner().unwrap());
    }

    fn sample(n_rows: usize) -> Vec<crate::table::parquet_io::testing::Row> {
        let row = |idx: usize| {
            let number = i32::try_from(idx * 7919 % 1013).unwrap();
            (
                number.to_string(),
                f64::from(number),
                number,
                i64::from(number),
                idx.is_multiple_of(5),
            )
        };
        (0..n_rows).map(row).collect()
    }
}
