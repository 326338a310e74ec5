//! Steps 4 to 8 of a commit: source and data files, durable under their final names before the
//! catalog knows them.

use std::collections::BTreeSet;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use bytes::Bytes;

use crate::fsio::{self, FileDigest, FsError, HashingFile};
use crate::lake::LakeError;
use crate::lake::commit::Commit;
use crate::lake::layout::Layout;
use crate::table::{LakeTable, ParquetPieces, TableRows, write_pieces};

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
struct Prepared {
    part: PathBuf,
    file: StoredFile,
}

/// Stores the source and every non-empty table of a commit.
///
/// On an error nothing that was stored is taken back: files without a row in the catalog are
/// harmless, and the folder of the run is removed by the caller.
pub(super) fn store(
    layout: &Layout,
    run: i64,
    commit: &Commit<'_>,
) -> Result<Vec<StoredFile>, LakeError> {
    let tmp = layout.tmp(run);
    fsio::remove_dir_tree(&tmp).map_err(LakeError::Store)?;
    fsio::create_private_dir(&tmp).map_err(LakeError::Store)?;
    store_source(layout, &tmp, commit)?;
    let mut prepared = Vec::new();
    let filled = commit.tables.iter().filter(|rows| rows.n_rows > 0);
    for (number, rows) in (1_u64..).zip(filled) {
        prepared.push(prepare(&tmp, &Layout::data_name(run, number), rows, commit)?);
    }
    put_in_place(layout, prepared).map_err(LakeError::Store)
}

/// Keeps the source as it arrived, under its hash.
fn store_source(layout: &Layout, tmp: &Path, commit: &Commit<'_>) -> Result<(), LakeError> {
    let path = layout.sources().join(&commit.batch.source_hash);
    if fsio::exists(&path) {
        // Another reading of the same source. Its folder is synced again all the same: the run that
        // linked it may have died before it did that.
        let n_bytes = u64::try_from(commit.source.len()).unwrap_or(u64::MAX);
        return match fsio::read_bytes(&path, n_bytes) {
            Ok(stored) if stored == commit.source => {
                fsio::sync_dir(&layout.sources()).map_err(LakeError::Store)
            }
            Err(error) if error.kind() != Some(ErrorKind::FileTooLarge) => {
                Err(LakeError::Store(error))
            }
            _ => Err(LakeError::SourceDamaged { path }),
        };
    }
    let part = tmp.join("source");
    let stored = write_source(&part, commit.source)
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

/// Writes one Parquet file, reads it back, and makes it durable.
fn prepare(
    tmp: &Path,
    name: &str,
    rows: &TableRows<'_>,
    commit: &Commit<'_>,
) -> Result<Prepared, LakeError> {
    let table = rows.table;
    let batch = &commit.batch;
    // Not the number of the run: the same input is to give the same bytes.
    let metadata = [
        ("tongban.table", table.as_str()),
        ("tongban.batch", batch.batch.as_str()),
        ("tongban.source_hash", batch.source_hash.as_str()),
        ("tongban.reading", batch.reading.as_str()),
        ("tongban.tool_version", batch.tool_version.as_str()),
    ];
    let part = tmp.join(format!("{table}-{name}.parquet"));
    let mut sink = HashingFile::create(&part).map_err(LakeError::Store)?;
    if let Err(source) = write_pieces(rows, &metadata, &mut sink).map(|_| ()) {
        return Err(match sink.take_failure() {
            Some(error) => LakeError::Store(error),
            None => LakeError::Encode { path: part, source },
        });
    }
    check_read_back(&part, &sink.digest(), rows)?;
    let digest = sink.seal().map_err(LakeError::Store)?;
    let path = format!("data/{table}/{name}.parquet");
    Ok(Prepared { part, file: StoredFile { table, path, n_rows: rows.n_rows, digest } })
}

/// Fails unless the file has the bytes that were written and decodes to the rows that were meant.
fn check_read_back(
    part: &Path,
    digest: &FileDigest,
    rows: &TableRows<'_>,
) -> Result<(), LakeError> {
    let bytes = fsio::read_bytes(part, digest.size_bytes).map_err(LakeError::Store)?;
    let is_same = fsio::hash_hex(&bytes) == digest.blake3 && decodes_to(bytes, rows);
    if is_same { Ok(()) } else { Err(LakeError::ReadBack { path: part.to_owned() }) }
}

/// Whether a file holds exactly the rows that were meant. They are made again, so that they need not
/// be kept.
fn decodes_to(bytes: Vec<u8>, rows: &TableRows<'_>) -> bool {
    let Ok(mut decoded) = ParquetPieces::open(Bytes::from(bytes)) else { return false };
    let is_same = rows.try_each(|meant| match decoded.next() {
        Some(Ok(found)) if found.columns() == meant.columns() => Ok(()),
        _ => Err(()),
    });
    is_same.is_ok() && decoded.next().is_none()
}

/// Links every file to its final name, which must be free, and syncs each folder once.
fn put_in_place(layout: &Layout, prepared: Vec<Prepared>) -> Result<Vec<StoredFile>, FsError> {
    let mut tables = BTreeSet::new();
    let mut files = Vec::with_capacity(prepared.len());
    for Prepared { part, file } in prepared {
        fsio::create_private_dir(&layout.data(file.table))?;
        fsio::link_no_clobber(&part, &layout.root().join(&file.path))?;
        fsio::remove_file(&part)?;
        tables.insert(file.table);
        files.push(file);
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
    use std::sync::Arc;

    use arrow::array::{ArrayRef, Int32Array, RecordBatch, StringArray};
    use arrow::datatypes::DataType;

    use super::*;
    use crate::table::schema_of;

    /// Rows of findings that all say the same.
    fn rows(word: &str, n_rows: usize) -> TableRows<'static> {
        let schema = schema_of(LakeTable::Findings);
        let columns = schema.fields().iter().map(|field| -> ArrayRef {
            match field.data_type() {
                DataType::Utf8 => Arc::new(StringArray::from(vec![word; n_rows])),
                _ => Arc::new(Int32Array::from(vec![1; n_rows])),
            }
        });
        let columns = columns.collect();
        TableRows::of(LakeTable::Findings, RecordBatch::try_new(schema, columns).unwrap())
    }

    #[test]
    fn a_file_that_does_not_read_back_as_it_was_written_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let part = folder.path().join("part");
        let mut sink = HashingFile::create(&part).unwrap();
        write_pieces(&rows("a", 3), &[], &mut sink).unwrap();
        let digest = sink.digest();
        let is_refused = |digest: &FileDigest, rows: &TableRows<'_>| {
            let outcome = check_read_back(&part, digest, rows);
            matches!(outcome, Err(LakeError::ReadBack { path }) if path == part)
        };
        assert!(!is_refused(&digest, &rows("a", 3)));
        for other in [rows("b", 3), rows("a", 2), rows("a", 4)] {
            assert!(is_refused(&digest, &other), "whole bytes that are other rows");
        }
        let mut bytes = fsio::read_bytes(&part, 1 << 20).unwrap();
        bytes[30] ^= 1;
        fsio::testing::put(&part, &bytes);
        assert!(is_refused(&digest, &rows("a", 3)), "other bytes than were written");
    }
}
