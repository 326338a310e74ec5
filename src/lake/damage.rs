//! Whether data files are what the catalog says of them.

use std::io::ErrorKind;
use std::path::PathBuf;

use rusqlite::{Connection, Params};

use crate::fsio::{self, FsError, PlainFile, Reason};
use crate::lake::rows::all_rows;
use crate::lake::{DamagedRows, Lake, LakeError};
use crate::model::{BatchId, SourceKind};
use crate::table::LakeTable;

/// What every Parquet file begins and ends with.
const PARQUET_MAGIC: [u8; 4] = *b"PAR1";

/// A data file as the catalog names it.
#[derive(Debug, Clone)]
pub(super) struct NamedFile {
    /// Its number in the catalog.
    pub(super) number: i64,
    pub(super) table: LakeTable,
    /// Path below the folder of the lake.
    pub(super) path: String,
    pub(super) size_bytes: u64,
    pub(super) n_rows: u64,
    /// BLAKE3, 64 hexadecimal digits.
    pub(super) hash: String,
    /// The batch whose rows it holds.
    pub(super) batch: BatchId,
    /// Of what kind its source is and the hash of that, `None` for no batch that the catalog knows.
    pub(super) source: Option<(SourceKind, String)>,
    /// The run of that batch.
    pub(super) run: i64,
    /// The snapshot that began with it.
    pub(super) snapshot: i64,
    /// The snapshot with which it ended, `None` while it is live.
    pub(super) end: Option<i64>,
}

/// Reads the data files for which a condition on `f` (`files`) and `b` (`batches`) holds, in the
/// order of their commits.
pub(super) fn named_files(
    connection: &Connection,
    condition: &str,
    params: impl Params,
) -> rusqlite::Result<Vec<NamedFile>> {
    // A left join: a file whose batch is gone must not look like no file.
    let statement = format!(
        "SELECT f.file, f.table_name, f.path, f.file_size_bytes, f.record_count, f.blake3, f.begin_snapshot,
             f.end_snapshot, f.run, coalesce(b.batch, '?') AS batch, b.source_kind, b.source_hash
         FROM files AS f LEFT JOIN batches AS b ON b.run = f.run
         WHERE {condition} ORDER BY f.file"
    );
    all_rows(connection, &statement, params, |row| {
        let kind: Option<String> = row.get("source_kind")?;
        let kind = kind.and_then(|kind| SourceKind::parse(&kind));
        Ok(NamedFile {
            number: row.get("file")?,
            table: row.required("table_name", LakeTable::parse)?,
            path: row.get("path")?,
            size_bytes: row.count("file_size_bytes")?,
            n_rows: row.count("record_count")?,
            hash: row.get("blake3")?,
            batch: BatchId::from_stored(row.get("batch")?),
            source: kind.zip(row.get("source_hash")?),
            run: row.get("run")?,
            snapshot: row.get("begin_snapshot")?,
            end: row.get("end_snapshot")?,
        })
    })
}

impl Lake {
    /// Returns where a data file stands. Fails unless it has the size that the catalog states and
    /// begins and ends as Parquet does.
    pub(super) fn checked_path(&self, file: &NamedFile) -> Result<PathBuf, LakeError> {
        let path = self.layout.data_file(&file.path);
        let path = path.ok_or_else(|| LakeError::PathForeign { path: file.path.clone() })?;
        let rows = || self.rows_in(file);
        let edges = fsio::edges(&path)
            .map_err(|source| LakeError::FileUnreadable { rows: rows(), source })?;
        let (stated_bytes, found_bytes) = (file.size_bytes, edges.size_bytes);
        if found_bytes != stated_bytes {
            return Err(LakeError::FileSizeDiffers {
                path,
                rows: rows(),
                stated_bytes,
                found_bytes,
            });
        }
        if edges.first != PARQUET_MAGIC || edges.last != PARQUET_MAGIC {
            return Err(LakeError::FileNotParquet { path, rows: rows() });
        }
        Ok(path)
    }

    /// Returns whose rows a file that is damaged holds.
    pub(super) fn rows_in(&self, file: &NamedFile) -> DamagedRows {
        DamagedRows::of(file, &self.layout)
    }

    /// Reads every data file of a live batch, and returns the first that is absent or not as it was
    /// written; `None` when all are.
    ///
    /// Fails where a file cannot be read for a reason that does not tell what it holds.
    pub(super) fn damage_of(&self, batch: &BatchId) -> Result<Option<PathBuf>, LakeError> {
        // A file of a live batch that ended by itself is one whose loss was recorded.
        let condition = "b.batch = ?1 AND b.end_snapshot IS NULL";
        let files =
            self.catalog.read(|connection| named_files(connection, condition, [batch.as_str()]))?;
        for file in &files {
            match self.is_as_written(file) {
                Ok(true) => {}
                Ok(false) => return Ok(self.layout.data_file(&file.path)),
                Err(error) if is_damage(&error) => return Ok(self.layout.data_file(&file.path)),
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }

    /// Tells whether a data file stands where it belongs and is known not to hold what was written.
    pub(super) fn is_certainly_damaged(&self, file: &NamedFile) -> bool {
        match self.is_as_written(file) {
            Ok(is_whole) => !is_whole,
            Err(error) => is_damage(&error),
        }
    }

    fn is_as_written(&self, file: &NamedFile) -> Result<bool, LakeError> {
        let path = self.checked_path(file)?;
        let digest = PlainFile::open(&path)
            .and_then(|file| file.digest())
            .map_err(|source| LakeError::FileUnreadable { rows: self.rows_in(file), source })?;
        Ok(digest.blake3 == file.hash)
    }
}

/// Whether a file is known not to hold what was written: another try would find the same.
fn is_damage(error: &LakeError) -> bool {
    let is_absent = |source: &FsError| {
        matches!(source.reason, Reason::NotPlain)
            || matches!(source.kind(), Some(ErrorKind::NotFound | ErrorKind::IsADirectory))
    };
    match error {
        LakeError::FileUnreadable { source, .. } => is_absent(source),
        LakeError::FileSizeDiffers { .. } | LakeError::FileNotParquet { .. } => true,
        _ => false,
    }
}
