//! The Parquet of a dataset: one file, or one for each value of a column, in folders as Hive names them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{Array, AsArray, RecordBatch, UInt32Array};
use arrow::compute::{cast, take_record_batch};
use arrow::datatypes::{DataType, Schema, SchemaRef};

use crate::export::ExportError;
use crate::export::file::{ExportFile, Failure, FileEntry};
use crate::table::{ParquetError, ParquetReaders, ParquetSink};

/// Partitions of one dataset: each is an open file, of which a process usually may have 1,024.
const MAX_PARTITIONS: usize = 500;
/// Rows that wait in memory, of all partitions together, in bytes.
const MAX_HELD_BYTES: usize = 128 << 20;
/// What Hive has for null.
const NULL_PARTITION: &str = "__HIVE_DEFAULT_PARTITION__";

/// How Parquet is written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Style<'a> {
    /// Who has to be able to read it.
    pub(super) readers: ParquetReaders,
    /// Metadata of each file.
    pub(super) metadata: &'a [(&'a str, &'a str)],
}

/// A Parquet file while it is written.
pub(super) struct ParquetFile {
    sink: ParquetSink<ExportFile>,
    path: PathBuf,
    failure: Failure,
}

impl ParquetFile {
    pub(super) fn begin(
        root: &Path,
        entry_path: &str,
        schema: SchemaRef,
        style: Style<'_>,
    ) -> Result<Self, ExportError> {
        let file = ExportFile::create(root, entry_path)?;
        let (path, failure) = (file.path().to_owned(), file.failure());
        let sink = ParquetSink::begin_for(style.readers, schema, style.metadata, file);
        let sink = sink.map_err(|error| failed(&failure, &path, error))?;
        Ok(Self { sink, path, failure })
    }

    pub(super) fn write(&mut self, rows: &RecordBatch) -> Result<(), ExportError> {
        let written = self.sink.write(rows);
        written.map_err(|error| failed(&self.failure, &self.path, error))
    }

    pub(super) fn finish(self) -> Result<FileEntry, ExportError> {
        let file = self.sink.finish();
        file.map_err(|error| failed(&self.failure, &self.path, error))?.finish()
    }

    fn end_group(&mut self) -> Result<(), ExportError> {
        let written = self.sink.end_group();
        written.map_err(|error| failed(&self.failure, &self.path, error))
    }
}

fn failed(failure: &Failure, path: &Path, error: ParquetError) -> ExportError {
    failure.take().unwrap_or_else(|| ExportError::parquet(path)(error))
}

/// A dataset in partitions while it is written.
pub(super) struct Partitioned<'a> {
    root: &'a Path,
    dataset: &'a str,
    column: &'a str,
    column_idx: usize,
    schema: SchemaRef,
    style: Style<'a>,
    files: BTreeMap<String, ParquetFile>,
}

impl<'a> Partitioned<'a> {
    /// Begins partitions by a column, which is left out of the files: the names of folders say it. The other
    /// columns are called as in `schema`.
    pub(super) fn begin(
        root: &'a Path,
        (dataset, column): (&'a str, &'a str),
        (column_idx, schema): (usize, &Schema),
        style: Style<'a>,
    ) -> Self {
        let kept = schema.fields().iter().enumerate().filter(|(idx, _)| *idx != column_idx);
        let schema = Schema::new(kept.map(|(_, field)| Arc::clone(field)).collect::<Vec<_>>());
        let schema = Arc::new(schema);
        Self { root, dataset, column, column_idx, schema, style, files: BTreeMap::new() }
    }

    pub(super) fn write(&mut self, rows: &RecordBatch) -> Result<(), ExportError> {
        let rows_of = self.rows_of(rows)?;
        let mut others = rows.clone();
        others.remove_column(self.column_idx);
        for (value, positions) in rows_of {
            let chosen = take_record_batch(&others, &UInt32Array::from(positions));
            let chosen = chosen.map_err(ExportError::rows(self.dataset))?;
            let chosen = RecordBatch::try_new(Arc::clone(&self.schema), chosen.columns().to_vec());
            let chosen = chosen.map_err(ExportError::rows(self.dataset))?;
            self.file_of(value)?.write(&chosen)?;
        }
        self.write_held()
    }

    pub(super) fn finish(self) -> Result<Vec<FileEntry>, ExportError> {
        self.files.into_values().map(ParquetFile::finish).collect()
    }

    /// Returns the positions of the rows of each partition, by the end of its folder's name.
    fn rows_of(&self, rows: &RecordBatch) -> Result<BTreeMap<String, Vec<u32>>, ExportError> {
        let values = cast(rows.column(self.column_idx), &DataType::Utf8);
        let values = values.map_err(ExportError::rows(self.dataset))?;
        let values = values.as_string::<i32>();
        let mut rows_of: BTreeMap<String, Vec<u32>> = BTreeMap::new();
        for (position, row_idx) in (0_u32..).zip(0..rows.num_rows()) {
            let value = if values.is_null(row_idx) {
                NULL_PARTITION.to_owned()
            } else {
                escaped(values.value(row_idx))
            };
            if value.is_empty() {
                let (dataset, column) = (self.dataset.to_owned(), self.column.to_owned());
                return Err(ExportError::PartitionBlank { dataset, column });
            }
            rows_of.entry(value).or_default().push(position);
        }
        Ok(rows_of)
    }

    fn file_of(&mut self, value: String) -> Result<&mut ParquetFile, ExportError> {
        if !self.files.contains_key(&value) && self.files.len() == MAX_PARTITIONS {
            return Err(ExportError::PartitionsMany {
                dataset: self.dataset.to_owned(),
                column: self.column.to_owned(),
                max: MAX_PARTITIONS,
            });
        }
        match self.files.entry(value) {
            std::collections::btree_map::Entry::Occupied(file) => Ok(file.into_mut()),
            std::collections::btree_map::Entry::Vacant(place) => {
                let folder = format!("{}/{}={}", self.dataset, self.column, place.key());
                let entry_path = format!("{folder}/{}.parquet", self.dataset);
                let schema = Arc::clone(&self.schema);
                let file = ParquetFile::begin(self.root, &entry_path, schema, self.style)?;
                Ok(place.insert(file))
            }
        }
    }

    /// Writes the rows of the partitions that hold most until few are left in memory.
    fn write_held(&mut self) -> Result<(), ExportError> {
        loop {
            let held = self.files.values().map(|file| file.sink.held_bytes());
            if held.sum::<usize>() <= MAX_HELD_BYTES {
                return Ok(());
            }
            let fullest = self.files.values_mut().max_by_key(|file| file.sink.held_bytes());
            fullest.map_or(Ok(()), ParquetFile::end_group)?;
        }
    }
}

/// Returns a value as Hive has it in the name of a folder: what is no plain letter or digit by its bytes.
fn escaped(value: &str) -> String {
    let mut text = String::new();
    for byte in value.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => text.push(byte.into()),
            other => text.push_str(&format!("%{other:02X}")),
        }
    }
    // The folder has the column's name before it, so `..` leads nowhere.
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_become_names_that_stay_where_they_are() {
        assert_eq!(escaped("2021-09-30"), "2021-09-30");
        assert_eq!(escaped("../税/a=b%"), "..%2F%E7%A8%8E%2Fa%3Db%25");
        assert_eq!(escaped(""), "");
    }
}
