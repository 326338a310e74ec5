//! Rows of one data file, by columns and pieces: what a batch of records builds on.

use std::path::{Path, PathBuf};

use arrow::array::RecordBatch;
use rusqlite::OptionalExtension;

use crate::fsio::PlainFile;
use crate::lake::damage::{NamedFile, named_files};
use crate::lake::layout::Layout;
use crate::lake::store::Prepared;
use crate::lake::{DamagedRows, Lake, LakeError};
use crate::model::{BatchId, SourceKind};
use crate::table::{LakeTable, ParquetError, PartReader, PartRows};

/// A data file of a table, of the lake or of a run that is under way.
#[derive(Debug, Clone)]
pub struct DataFile {
    table: LakeTable,
    path: PathBuf,
    batch: BatchId,
    /// What the catalog says of a file of the lake, and where that stands; one of our own was compared when it was
    /// written.
    named: Option<Box<(NamedFile, Layout)>>,
}

impl DataFile {
    pub(super) fn of_run(prepared: &Prepared, batch: &BatchId) -> Self {
        let Prepared { part, table, .. } = prepared;
        Self { table: *table, path: part.clone(), batch: batch.clone(), named: None }
    }

    pub(super) fn of_lake(lake: &Lake, file: NamedFile, path: PathBuf) -> Self {
        let (table, batch) = (file.table, file.batch.clone());
        Self { table, path, batch, named: Some(Box::new((file, lake.layout.clone()))) }
    }

    /// Returns where the file stands.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the batch whose rows it holds.
    pub fn batch(&self) -> &BatchId {
        &self.batch
    }

    /// Returns the snapshot that began with it, `None` for a file of a run that is under way.
    pub fn snapshot(&self) -> Option<i64> {
        self.named.as_ref().map(|named| named.0.snapshot)
    }

    /// Returns the rows of the named columns in the order of the file, row group by row group; a name
    /// that the table does not have is passed over.
    ///
    /// Columns come in the order of the table ([`crate::table::schema_of`]), rows in pieces of at most
    /// 65,536. A file of the lake is read as a whole first, and refused unless it has the hash that
    /// the catalog states: a flipped bit in a key would make a record come twice.
    pub fn rows(&self, columns: &[&str]) -> Result<DataRows, LakeError> {
        let rows = self.open()?.rows(columns).map_err(|source| self.undecoded(source))?;
        Ok(DataRows { rows, path: self.path.clone() })
    }

    /// Returns the row groups of the file in order, to be read side by side.
    ///
    /// A file of the lake is read as a whole first, as for [`Self::rows`].
    pub fn groups(&self) -> Result<Vec<DataGroup>, LakeError> {
        let reader = self.open()?;
        let group = |group| DataGroup { reader: reader.clone(), group, path: self.path.clone() };
        Ok((0..reader.n_groups()).map(group).collect())
    }

    fn open(&self) -> Result<PartReader, LakeError> {
        let file = match self.named.as_deref() {
            None => PlainFile::open(&self.path).map_err(LakeError::Store)?,
            Some((named, layout)) => {
                let rows = || DamagedRows::of(named, layout);
                let unreadable = |source| LakeError::FileUnreadable { rows: rows(), source };
                let file = PlainFile::open(&self.path).map_err(unreadable)?;
                if file.digest().map_err(unreadable)?.blake3 != named.hash {
                    return Err(LakeError::FileChanged { path: self.path.clone(), rows: rows() });
                }
                file
            }
        };
        PartReader::open(file, self.table).map_err(|source| self.undecoded(source))
    }

    fn undecoded(&self, source: ParquetError) -> LakeError {
        LakeError::Decode { path: self.path.clone(), source }
    }
}

/// A row group of a data file.
#[derive(Debug)]
pub struct DataGroup {
    reader: PartReader,
    group: usize,
    path: PathBuf,
}

impl DataGroup {
    /// Returns the rows of the named columns, as [`DataFile::rows`] does.
    pub fn rows(&self, columns: &[&str]) -> Result<DataRows, LakeError> {
        self.named(self.reader.rows_of_group(self.group, columns))
    }

    /// Returns some of them, which are named by their positions in the row group, in order.
    pub fn chosen_rows(&self, rows: &[usize], columns: &[&str]) -> Result<DataRows, LakeError> {
        self.named(self.reader.chosen_rows(self.group, rows, columns))
    }

    fn named(&self, rows: Result<PartRows, ParquetError>) -> Result<DataRows, LakeError> {
        let path = self.path.clone();
        match rows {
            Ok(rows) => Ok(DataRows { rows, path }),
            Err(source) => Err(LakeError::Decode { path, source }),
        }
    }
}

/// Rows of a data file.
pub struct DataRows {
    rows: PartRows,
    path: PathBuf,
}

impl Iterator for DataRows {
    type Item = Result<RecordBatch, LakeError>;

    fn next(&mut self) -> Option<Self::Item> {
        let piece = self.rows.next()?;
        Some(piece.map_err(|source| LakeError::Decode { path: self.path.clone(), source }))
    }
}

/// An earlier reading of the same files, which ends with the commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EarlierReading {
    /// The snapshot that began with it.
    pub snapshot: i64,
    /// The first batch of other records that came after it, `None` when there is none.
    pub followed_by: Option<BatchId>,
}

impl Lake {
    /// Returns the live batch of records with the hash of a source, and what came after it.
    pub(super) fn earlier_reading(
        &self,
        source_hash: &str,
    ) -> Result<Option<EarlierReading>, LakeError> {
        let followed_by = "SELECT batch FROM batches
             WHERE (begin_snapshot, run) > (?1, ?2) AND end_snapshot IS NULL AND source_kind = ?3
                 AND source_hash <> ?4
             ORDER BY begin_snapshot, run LIMIT 1";
        self.catalog.read(|connection| {
            let latest = connection
                .query_row(
                    "SELECT begin_snapshot, run FROM batches
                     WHERE source_hash = ?1 AND end_snapshot IS NULL
                     ORDER BY begin_snapshot DESC, run DESC LIMIT 1",
                    [source_hash],
                    |row| Ok((row.get(0)?, row.get(1)?)),
                )
                .optional()?;
            let Some((snapshot, run)): Option<(i64, i64)> = latest else { return Ok(None) };
            // Batches that came back together began with one snapshot, in the order of their runs.
            let params = (snapshot, run, SourceKind::Records.as_str(), source_hash);
            let followed_by = connection
                .query_row(followed_by, params, |row| row.get(0))
                .optional()?
                .map(BatchId::from_stored);
            Ok(Some(EarlierReading { snapshot, followed_by }))
        })
    }

    /// Returns the files of a table that are live in snapshot `base`, in the order of their commits,
    /// without those of batches of the source with a hash.
    pub(super) fn files_to_build_on(
        &self,
        table: LakeTable,
        base: i64,
        source_hash: &str,
    ) -> Result<Vec<DataFile>, LakeError> {
        let condition = "f.table_name = ?1 AND f.begin_snapshot <= ?2
             AND (f.end_snapshot IS NULL OR f.end_snapshot > ?2) AND b.source_hash IS NOT ?3";
        let params = (table.as_str(), base, source_hash);
        let files = self.catalog.read(|connection| named_files(connection, condition, params))?;
        let checked = files.into_iter().map(|file| {
            let path = self.checked_path(&file)?;
            Ok(DataFile::of_lake(self, file, path))
        });
        checked.collect()
    }
}
