//! A Parquet file of a lake table on the disk, read by columns and pieces.

use std::io::{self, BufReader, Read};
use std::ops::Range;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, FieldRef, Schema};
use bytes::Bytes;
use chrono::NaiveDate;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader,
    ParquetRecordBatchReaderBuilder, RowSelection,
};
use parquet::errors::{ParquetError as LibraryError, Result as LibraryResult};
use parquet::file::reader::{ChunkReader, Length};
use parquet::file::statistics::Statistics;
use rayon::prelude::*;

use crate::fsio::PlainFile;
use crate::table::fingerprint::{ColumnPrint, Fingerprint};
use crate::table::{LakeTable, PIECE_ROWS, ParquetError, PartFacts, later_columns, schema_of};

/// Bytes that are read ahead where a page begins: its head takes fewer.
const HEAD_BYTES: usize = 512;

/// A data file; its rows are never in memory as a whole.
#[derive(Debug, Clone)]
pub struct PartReader {
    bytes: PartBytes,
    metadata: ArrowReaderMetadata,
}

/// The bytes of a file, for several threads at once.
#[derive(Debug, Clone)]
struct PartBytes(Arc<PlainFile>);

/// The bytes from a place in a file on.
struct BytesFrom {
    file: Arc<PlainFile>,
    offset: u64,
}

impl Read for BytesFrom {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let n_bytes = self.file.read_at(into, self.offset)?;
        self.offset += n_bytes as u64;
        Ok(n_bytes)
    }
}

impl Length for PartBytes {
    fn len(&self) -> u64 {
        self.0.size_bytes()
    }
}

impl ChunkReader for PartBytes {
    type T = BufReader<BytesFrom>;

    fn get_read(&self, offset: u64) -> LibraryResult<Self::T> {
        let bytes = BytesFrom { file: Arc::clone(&self.0), offset };
        Ok(BufReader::with_capacity(HEAD_BYTES, bytes))
    }

    fn get_bytes(&self, offset: u64, n_bytes: usize) -> LibraryResult<Bytes> {
        // What a damaged file says of itself must not decide how much memory is taken.
        if offset.saturating_add(n_bytes as u64) > self.len() {
            return Err(LibraryError::EOF("a page ends behind the end of the file".to_owned()));
        }
        let mut bytes = vec![0; n_bytes];
        self.0.read_exact_at(&mut bytes, offset)?;
        Ok(bytes.into())
    }
}

impl PartReader {
    /// Reads the end of a file, which must have the columns of the table. One of an earlier program may
    /// do without [`later_columns`], which are passed over like names that the table does not have.
    pub fn open(file: PlainFile, table: LakeTable) -> Result<Self, ParquetError> {
        let bytes = PartBytes(Arc::new(file));
        let found = ArrowReaderMetadata::load(&bytes, ArrowReaderOptions::new())
            .map_err(ParquetError::Read)?;
        let is_there = |field: &FieldRef| {
            let name = field.name().as_str();
            !later_columns(table).contains(&name) || found.schema().index_of(name).is_ok()
        };
        let schema = schema_of(table);
        let fields: Vec<FieldRef> =
            schema.fields().iter().filter(|field| is_there(field)).cloned().collect();
        let options = ArrowReaderOptions::new().with_schema(Arc::new(Schema::new(fields)));
        let metadata = ArrowReaderMetadata::try_new(Arc::clone(found.metadata()), options)
            .map_err(ParquetError::Read)?;
        Ok(Self { bytes, metadata })
    }

    /// Whether the file has every column of its table, also those that earlier programs did not write.
    pub fn has_every_column(&self, table: LakeTable) -> bool {
        self.metadata.schema().fields().len() == schema_of(table).fields().len()
    }

    /// Returns the number of rows.
    pub fn n_rows(&self) -> usize {
        (0..self.n_groups()).map(|group| self.n_rows_of(group)).sum()
    }

    /// Returns the number of row groups.
    pub fn n_groups(&self) -> usize {
        self.metadata.metadata().num_row_groups()
    }

    /// Returns the first and the last day of each column of days that has bounds and one day at least.
    pub fn days(&self) -> Vec<DayBounds> {
        let fields = self.metadata.schema().fields().iter().enumerate();
        let days = fields.filter(|(_, field)| *field.data_type() == DataType::Date32);
        days.filter_map(|(column_idx, field)| {
            let (first, last) = self.bounds(column_idx)?;
            let column = field.name().clone();
            Some(DayBounds {
                column,
                first: NaiveDate::from_epoch_days(first)?,
                last: NaiveDate::from_epoch_days(last)?,
            })
        })
        .collect()
    }

    /// Returns the least and the greatest number of a column of all row groups; `None` where one does not
    /// say, or where there is none.
    fn bounds(&self, column_idx: usize) -> Option<(i32, i32)> {
        let mut found: Option<(i32, i32)> = None;
        for group in self.metadata.metadata().row_groups() {
            let column = group.column(column_idx);
            let Some(Statistics::Int32(bounds)) = column.statistics() else { return None };
            let n_nulls = bounds.null_count_opt();
            match (bounds.min_opt(), bounds.max_opt()) {
                (Some(low), Some(high)) => {
                    let (first, last) = found.unwrap_or((*low, *high));
                    found = Some((first.min(*low), last.max(*high)));
                }
                _ if n_nulls
                    .is_some_and(|n_nulls| i64::try_from(n_nulls) == Ok(group.num_rows())) => {}
                _ => return None,
            }
        }
        found
    }

    fn n_rows_of(&self, group: usize) -> usize {
        let n_rows = self.metadata.metadata().row_group(group).num_rows();
        usize::try_from(n_rows).unwrap_or_default()
    }

    /// Returns the rows of the named columns, in the order of the table, row group by row group.
    ///
    /// A name that the table does not have is passed over.
    pub fn rows(&self, columns: &[&str]) -> Result<PartRows, ParquetError> {
        self.reader((0..self.n_groups()).collect(), self.positions(columns), None).map(PartRows)
    }

    /// Returns the same of one row group.
    pub fn rows_of_group(&self, group: usize, columns: &[&str]) -> Result<PartRows, ParquetError> {
        self.reader(vec![group], self.positions(columns), None).map(PartRows)
    }

    /// Returns some rows of a row group, which are named by their positions in it, in order.
    pub fn chosen_rows(
        &self,
        group: usize,
        rows: &[usize],
        columns: &[&str],
    ) -> Result<PartRows, ParquetError> {
        let ranges = rows.iter().map(|row| Range { start: *row, end: row + 1 });
        let chosen = RowSelection::from_consecutive_ranges(ranges, self.n_rows_of(group));
        self.reader(vec![group], self.positions(columns), Some(chosen)).map(PartRows)
    }

    fn positions(&self, columns: &[&str]) -> Vec<usize> {
        let schema = self.metadata.schema();
        columns.iter().filter_map(|name| schema.index_of(name).ok()).collect()
    }

    fn reader(
        &self,
        groups: Vec<usize>,
        columns: Vec<usize>,
        chosen: Option<RowSelection>,
    ) -> Result<ParquetRecordBatchReader, ParquetError> {
        let mask = ProjectionMask::leaves(self.metadata.parquet_schema(), columns);
        let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(
            self.bytes.clone(),
            self.metadata.clone(),
        )
        .with_batch_size(PIECE_ROWS)
        .with_row_groups(groups)
        .with_projection(mask);
        let reader = match chosen {
            Some(chosen) => reader.with_row_selection(chosen),
            None => reader,
        };
        reader.build().map_err(ParquetError::Read)
    }

    /// Whether the file decodes to exactly the rows that were meant, by the fingerprint of every
    /// column of every row group.
    pub fn holds(&self, meant: &PartFacts) -> bool {
        let n_columns = self.metadata.schema().fields().len();
        if self.n_groups() != meant.fingerprints.len() || self.n_rows() != meant.n_rows {
            return false;
        }
        let cells: Vec<(usize, usize)> = (0..self.n_groups())
            .flat_map(|group| (0..n_columns).map(move |column| (group, column)))
            .collect();
        cells.into_par_iter().with_max_len(1).all(|(group, column)| {
            let found = self.fingerprint(group, column);
            found.is_ok_and(|found| meant.fingerprints[group].get(column) == Some(&found))
        })
    }

    fn fingerprint(&self, group: usize, column: usize) -> Result<ColumnPrint, ParquetError> {
        let mut fingerprint = Fingerprint::default();
        for piece in PartRows(self.reader(vec![group], vec![column], None)?) {
            fingerprint.add(piece?.column(0));
        }
        Ok(fingerprint.finish())
    }
}

/// The days that a column of a file holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayBounds {
    /// Name of the column.
    pub column: String,
    /// The first of them.
    pub first: NaiveDate,
    /// The last of them.
    pub last: NaiveDate,
}

/// Rows of a data file, in pieces of at most [`PIECE_ROWS`].
pub struct PartRows(pub(super) ParquetRecordBatchReader);

impl Iterator for PartRows {
    type Item = Result<RecordBatch, ParquetError>;

    fn next(&mut self) -> Option<Self::Item> {
        let piece = self.0.next()?;
        Some(piece.map_err(|error| ParquetError::Read(LibraryError::ArrowError(error.to_string()))))
    }
}
