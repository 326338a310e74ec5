//! Steps 4 to 8 of a commit: source and data files, durable under their final names before the
//! catalog knows them.

use std::collections::BTreeSet;
use std::fmt;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use arrow::array::{RecordBatch, UInt32Array};

use crate::fsio::{self, FileDigest, FsError, HashingFile, PlainFile};
use crate::lake::layout::Layout;
use crate::lake::{BatchRecord, LakeError};
use crate::model::SourceKind;
use crate::table::{
    LakeTable, ParquetError, PartFacts, PartLimits, PartReader, PartWriter, schema_of,
};

/// A data file that is durable under its final name and that no snapshot names yet.
#[derive(Debug)]
pub(super) struct StoredFile {
    pub(super) table: LakeTable,
    /// Path below the folder of the lake.
    pub(super) path: String,
    pub(super) n_rows: usize,
    pub(super) digest: FileDigest,
}

/// A data file that is durable under a name in the folder of its run.
#[derive(Debug, Clone)]
pub(super) struct Prepared {
    pub(super) part: PathBuf,
    pub(super) table: LakeTable,
    pub(super) n_rows: usize,
    pub(super) digest: FileDigest,
}

/// What the metadata of every file of a batch say.
#[derive(Debug, Clone)]
pub(super) struct Origin(Arc<Vec<(&'static str, String)>>);

impl Origin {
    /// Not the number of the run: the same input is to give the same bytes.
    pub(super) fn of(batch: &BatchRecord) -> Self {
        let mut facts = vec![
            ("tongban.batch", batch.batch.to_string()),
            ("tongban.source_hash", batch.source_hash.clone()),
            ("tongban.reading", batch.reading.clone()),
            ("tongban.tool_version", batch.tool_version.clone()),
        ];
        let profile = batch.layout.clone().filter(|_| batch.source_kind == SourceKind::Records);
        facts.extend(profile.map(|profile| ("tongban.profile", profile)));
        Self(Arc::new(facts))
    }

    /// What those of a merge say: its rows name their batches.
    pub(super) fn of_merge() -> Self {
        let tool_version = ("tongban.tool_version", env!("CARGO_PKG_VERSION").to_owned());
        Self(Arc::new(vec![("tongban.merge", "1".to_owned()), tool_version]))
    }
}

/// The files of one table that a run writes one after the other.
pub(super) struct TableParts {
    table: LakeTable,
    tmp: PathBuf,
    origin: Origin,
    limits: PartLimits,
    n_begun: usize,
    current: Option<Part>,
    /// The file before it, which is checked and synced meanwhile.
    ending: Option<JoinHandle<Result<Prepared, LakeError>>>,
    prepared: Vec<Prepared>,
}

struct Part {
    table: LakeTable,
    path: PathBuf,
    writer: PartWriter<HashingFile>,
}

impl fmt::Debug for TableParts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TableParts")
            .field("table", &self.table)
            .field("n_begun", &self.n_begun)
            .finish_non_exhaustive()
    }
}

impl TableParts {
    pub(super) fn new(table: LakeTable, tmp: &Path, origin: Origin, limits: PartLimits) -> Self {
        Self {
            table,
            tmp: tmp.to_owned(),
            origin,
            limits,
            n_begun: 0,
            current: None,
            ending: None,
            prepared: Vec::new(),
        }
    }

    /// Adds rows. A table without rows has no file.
    pub(super) fn write(&mut self, rows: &RecordBatch) -> Result<(), LakeError> {
        self.check_columns(rows)?;
        if rows.num_rows() == 0 { Ok(()) } else { self.add(|writer| writer.write(rows)) }
    }

    /// Adds those rows of several pieces whose positions, counted through them, are in an order.
    pub(super) fn write_in_order(
        &mut self,
        pieces: &[RecordBatch],
        order: &UInt32Array,
    ) -> Result<(), LakeError> {
        pieces.iter().try_for_each(|rows| self.check_columns(rows))?;
        if order.is_empty() {
            return Ok(());
        }
        self.add(|writer| writer.write_in_order(pieces, order))
    }

    fn check_columns(&self, rows: &RecordBatch) -> Result<(), LakeError> {
        if rows.schema().fields() == schema_of(self.table).fields() {
            return Ok(());
        }
        Err(LakeError::SchemaDiffers { table: self.table })
    }

    /// Has something added to the file under way, or to another where it is large enough.
    fn add(
        &mut self,
        write: impl FnOnce(&mut PartWriter<HashingFile>) -> Result<(), ParquetError>,
    ) -> Result<(), LakeError> {
        let mut part = match self.take_current()? {
            Some(part) => part,
            None => self.begin()?,
        };
        if let Err(source) = write(&mut part.writer) {
            return Err(part.failure(source));
        }
        self.current = Some(part);
        Ok(())
    }

    /// Returns the file under way; one that is large enough is ended meanwhile.
    fn take_current(&mut self) -> Result<Option<Part>, LakeError> {
        let Some(mut part) = self.current.take() else { return Ok(None) };
        match part.writer.is_full() {
            Ok(false) => return Ok(Some(part)),
            Ok(true) => self.join()?,
            Err(source) => return Err(part.failure(source)),
        }
        let ending = thread::Builder::new().name("part".to_owned()).spawn(|| part.end());
        let failed = |source| LakeError::Store(FsError::write(&self.tmp, source));
        self.ending = Some(ending.map_err(failed)?);
        Ok(None)
    }

    /// Ends the file under way, and returns all that are durable now.
    pub(super) fn end(&mut self) -> Result<&[Prepared], LakeError> {
        self.join()?;
        if let Some(part) = self.current.take() {
            self.prepared.push(part.end()?);
        }
        Ok(&self.prepared)
    }

    /// Ends the file under way, and gives all files away.
    pub(super) fn into_prepared(mut self) -> Result<Vec<Prepared>, LakeError> {
        self.end()?;
        Ok(std::mem::take(&mut self.prepared))
    }

    /// Removes all files.
    pub(super) fn discard(mut self) -> Result<(), LakeError> {
        self.join()?;
        let current = self.current.take().map(|part| part.path);
        let paths = self.prepared.drain(..).map(|prepared| prepared.part).chain(current);
        paths.into_iter().try_for_each(|path| fsio::remove_file(&path)).map_err(LakeError::Store)
    }

    fn begin(&mut self) -> Result<Part, LakeError> {
        self.n_begun += 1;
        let path = self.tmp.join(format!("{}-{}.parquet", self.table, self.n_begun));
        let sink = HashingFile::create(&path).map_err(LakeError::Store)?;
        let mut metadata = vec![("tongban.table", self.table.as_str())];
        metadata.extend(self.origin.0.iter().map(|(key, value)| (*key, value.as_str())));
        let writer = PartWriter::new(self.table, &metadata, self.limits, sink)
            .map_err(|source| LakeError::Encode { path: path.clone(), source })?;
        Ok(Part { table: self.table, path, writer })
    }

    /// Waits for the file before.
    fn join(&mut self) -> Result<(), LakeError> {
        let Some(ending) = self.ending.take() else { return Ok(()) };
        let ended = ending.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        self.prepared.push(ended?);
        Ok(())
    }
}

impl Drop for TableParts {
    fn drop(&mut self) {
        // The folder that it writes to may go next.
        self.join().ok();
    }
}

impl Part {
    /// Ends the file, reads it back, takes away the right to write it and makes it durable.
    fn end(mut self) -> Result<Prepared, LakeError> {
        let facts = match self.writer.finish() {
            Ok(facts) => facts,
            Err(source) => return Err(self.failure(source)),
        };
        let Self { table, path, mut writer } = self;
        check_read_back(&path, table, &writer.sink().digest(), &facts)?;
        let digest = writer.sink().seal().map_err(LakeError::Store)?;
        Ok(Prepared { part: path, table, n_rows: facts.n_rows, digest })
    }

    /// Returns what lies behind a failure of the encoder.
    fn failure(&mut self, source: ParquetError) -> LakeError {
        match self.writer.sink().take_failure() {
            Some(error) => LakeError::Store(error),
            None => LakeError::Encode { path: self.path.clone(), source },
        }
    }
}

/// Fails unless the file has the bytes that were written and decodes to the rows that were meant.
fn check_read_back(
    path: &Path,
    table: LakeTable,
    digest: &FileDigest,
    meant: &PartFacts,
) -> Result<(), LakeError> {
    let file = PlainFile::open(path).map_err(LakeError::Store)?;
    let found = file.digest().map_err(LakeError::Store)?;
    let is_same =
        found == *digest && PartReader::open(file, table).is_ok_and(|reader| reader.holds(meant));
    if is_same { Ok(()) } else { Err(LakeError::ReadBack { path: path.to_owned() }) }
}

/// Keeps the source as it arrived, under its hash.
pub(super) fn store_source(
    layout: &Layout,
    tmp: &Path,
    (source_hash, source): (&str, &[u8]),
) -> Result<(), LakeError> {
    let path = layout.sources().join(source_hash);
    if fsio::exists(&path) {
        // Another reading of the same source. Its folder is synced again all the same: the run that
        // linked it may have died before it did that.
        let n_bytes = u64::try_from(source.len()).unwrap_or(u64::MAX);
        return match fsio::read_bytes(&path, n_bytes) {
            Ok(stored) if stored == source => {
                fsio::sync_dir(&layout.sources()).map_err(LakeError::Store)
            }
            Err(error) if error.kind() != Some(ErrorKind::FileTooLarge) => {
                Err(LakeError::Store(error))
            }
            _ => Err(LakeError::SourceDamaged { path }),
        };
    }
    let part = tmp.join("source");
    let stored = write_source(&part, source)
        .and_then(|()| fsio::link_no_clobber(&part, &path))
        .and_then(|()| fsio::remove_file(&part))
        .and_then(|()| fsio::sync_dir(&layout.sources()));
    stored.map_err(LakeError::Store)
}

fn write_source(part: &Path, source: &[u8]) -> Result<(), FsError> {
    let mut file = HashingFile::create(part)?;
    if let Err(error) = file.write_all(source) {
        return Err(file.take_failure().unwrap_or_else(|| FsError::write(part, error)));
    }
    file.seal().map(|_| ())
}

/// Links every file to its final name, which must be free, and syncs each folder once.
///
/// The names count through the tables, from 1 and without gaps.
pub(super) fn put_in_place(
    layout: &Layout,
    run: i64,
    prepared: Vec<Prepared>,
) -> Result<Vec<StoredFile>, FsError> {
    let mut tables = BTreeSet::new();
    let mut files = Vec::with_capacity(prepared.len());
    for (number, Prepared { part, table, n_rows, digest }) in (1_u64..).zip(prepared) {
        let path = format!("data/{table}/{}.parquet", Layout::data_name(run, number));
        fsio::create_private_dir(&layout.data(table))?;
        fsio::link_no_clobber(&part, &layout.root().join(&path))?;
        fsio::remove_file(&part)?;
        tables.insert(table);
        files.push(StoredFile { table, path, n_rows, digest });
    }
    for table in tables {
        fsio::sync_dir(&layout.data(table))?;
    }
    // Their own entries too: whoever made the folders may have died before syncing those.
    fsio::sync_dir(&layout.root().join("data"))?;
    fsio::sync_dir(layout.root())?;
    Ok(files)
}

#[cfg(test)]
mod tests {
    use arrow::array::{ArrayRef, Int32Array, StringArray};
    use arrow::datatypes::DataType;

    use super::*;

    /// Rows of findings that all say the same.
    fn rows(word: &str, n_rows: usize) -> RecordBatch {
        let schema = schema_of(LakeTable::Findings);
        let columns = schema.fields().iter().map(|field| -> ArrayRef {
            match field.data_type() {
                DataType::Utf8 => Arc::new(StringArray::from(vec![word; n_rows])),
                _ => Arc::new(Int32Array::from(vec![1; n_rows])),
            }
        });
        let columns = columns.collect();
        RecordBatch::try_new(schema, columns).unwrap()
    }

    fn facts(rows: &RecordBatch) -> PartFacts {
        let mut writer =
            PartWriter::new(LakeTable::Findings, &[], PartLimits::default(), Vec::new()).unwrap();
        writer.write(rows).unwrap();
        writer.finish().unwrap()
    }

    #[test]
    fn a_file_that_does_not_read_back_as_it_was_written_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let part = folder.path().join("part");
        let sink = HashingFile::create(&part).unwrap();
        let mut writer =
            PartWriter::new(LakeTable::Findings, &[], PartLimits::default(), sink).unwrap();
        writer.write(&rows("a", 3)).unwrap();
        let meant = writer.finish().unwrap();
        let digest = writer.sink().digest();
        let is_refused = |digest: &FileDigest, meant: &PartFacts| {
            let outcome = check_read_back(&part, LakeTable::Findings, digest, meant);
            matches!(outcome, Err(LakeError::ReadBack { path }) if path == part)
        };
        assert!(!is_refused(&digest, &meant));
        for other in [rows("b", 3), rows("a", 2), rows("a", 4), rows("a", 0)] {
            assert!(is_refused(&digest, &facts(&other)), "whole bytes that are other rows");
        }
        let mut bytes = fsio::read_bytes(&part, 1 << 20).unwrap();
        bytes[30] ^= 1;
        fsio::testing::put(&part, &bytes);
        assert!(is_refused(&digest, &meant), "other bytes than were written");
    }
}
