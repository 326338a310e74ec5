//! Reading one state of the lake: an explicit list of files, checked before anybody scans them.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use rusqlite::Connection;

use crate::lake::collect::oldest_snapshot;
use crate::lake::damage::{NamedFile, named_files};
use crate::lake::lease::Lease;
use crate::lake::merge::{Merge, merges};
use crate::lake::run::is_synthetic;
use crate::lake::{BatchRecord, Lake, LakeError, SnapshotRecord, record};
use crate::model::BatchId;
use crate::table::LakeTable;

/// One state of the lake. Its files stay where they are until this is dropped.
#[derive(Debug)]
pub struct SnapshotView {
    /// Number of the snapshot, 0 for the state before the first commit.
    pub number: i64,
    /// Files to read for every table, in the order of the commits; an empty list where it has no rows.
    /// One may hold the rows of several data files.
    pub files: BTreeMap<LakeTable, Vec<PathBuf>>,
    /// How much the files of every table hold together; nothing of one without rows.
    pub extents: BTreeMap<LakeTable, Extent>,
    /// BLAKE3 of every data file of the snapshot, 64 hexadecimal digits.
    data: FileHashes,
    /// The same of the files that are read instead of several of those.
    merged: FileHashes,
    /// Batches whose rows are in those files, in the order of their commits.
    pub batches: Vec<BatchRecord>,
    /// Those of them of which rows are lost, so that every answer lacks these.
    pub with_losses: BTreeSet<BatchId>,
    /// Snapshots up to and including this one, in order.
    pub snapshots: Vec<SnapshotRecord>,
    /// Whether the workspace holds synthetic data; everything made from it carries the mark.
    pub is_synthetic: bool,
    #[expect(dead_code, reason = "held for its drop")]
    lease: Option<Lease>,
}

impl SnapshotView {
    /// Returns the BLAKE3 of a file to read, 64 hexadecimal digits; `None` for one that is none of the
    /// snapshot's.
    pub fn hash_of(&self, path: &Path) -> Option<&str> {
        let path = path.as_os_str();
        self.data.get(path).or_else(|| self.merged.get(path)).map(String::as_str)
    }

    /// Returns every data file of the snapshot with its BLAKE3, in the order of their paths. Whether one of
    /// them is read or another file instead of several changes nothing here.
    pub fn data_files(&self) -> impl ExactSizeIterator<Item = (&Path, &str)> {
        self.data.iter().map(|(path, hash)| (Path::new(path), hash.as_str()))
    }
}

/// BLAKE3 of files by their paths, which are compared as bytes: part by part, it takes longer than all else
/// about tens of thousands of files.
type FileHashes = BTreeMap<OsString, String>;

/// How much the data files of a table hold.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Extent {
    /// Bytes of the files as they are packed.
    pub size_bytes: u64,
    /// Rows of the file that has the most.
    pub most_rows: u64,
}

/// What one read transaction finds out.
struct Resolved {
    latest: i64,
    /// The first snapshot that was not given up.
    oldest: i64,
    files: Vec<NamedFile>,
    merges: Vec<Merge>,
    batches: Vec<BatchRecord>,
    with_losses: BTreeSet<BatchId>,
    snapshots: Vec<SnapshotRecord>,
    is_synthetic: bool,
}

impl Lake {
    /// Returns the state after snapshot `number`, the latest for `None`.
    ///
    /// Fails when a file to read is absent, has another size than the catalog states, or does not begin
    /// and end as Parquet does.
    pub fn snapshot(&self, number: Option<i64>) -> Result<SnapshotView, LakeError> {
        // Before the list is read, so that no file can go between reading the list and the lease.
        let mut lease = match self.read_only {
            Some(_) => None,
            None => Lease::take(&self.layout.leases()).map_err(|source| self.folder(source))?,
        };
        let resolved = self.catalog.read(|connection| resolve(connection, number))?;
        let latest = resolved.latest;
        let number = number.unwrap_or(latest);
        if !(0..=latest).contains(&number) {
            return Err(LakeError::SnapshotUnknown { wanted: number, latest });
        }
        if number < resolved.oldest {
            let oldest = resolved.oldest;
            return Err(LakeError::SnapshotExpired { wanted: number, oldest, latest });
        }
        if let Some(lease) = &mut lease {
            lease.note(number);
        }
        let mut files: BTreeMap<LakeTable, Vec<PathBuf>> =
            LakeTable::ALL.iter().map(|table| (*table, Vec::new())).collect();
        let mut extents: BTreeMap<LakeTable, Extent> = BTreeMap::new();
        let mut data = FileHashes::new();
        for file in &resolved.files {
            let path = self.layout.data_file(&file.path);
            let path = path.ok_or_else(|| LakeError::PathForeign { path: file.path.clone() })?;
            data.insert(path.into_os_string(), file.hash.clone());
        }
        let mut merged = FileHashes::new();
        for (file, path) in self.paths_to_read(&resolved.files, &resolved.merges)? {
            if !data.contains_key(path.as_os_str()) {
                merged.insert(path.clone().into_os_string(), file.hash);
            }
            let extent = extents.entry(file.table).or_default();
            extent.size_bytes += file.size_bytes;
            extent.most_rows = extent.most_rows.max(file.n_rows);
            files.entry(file.table).or_default().push(path);
        }
        let Resolved { batches, with_losses, snapshots, is_synthetic, .. } = resolved;
        Ok(SnapshotView {
            number,
            files,
            extents,
            data,
            merged,
            batches,
            with_losses,
            snapshots,
            is_synthetic,
            lease,
        })
    }
}

fn resolve(connection: &Connection, number: Option<i64>) -> rusqlite::Result<Resolved> {
    let latest = record::head(connection)?;
    let number = number.unwrap_or(latest);
    let is_live = "f.begin_snapshot <= ?1 AND (f.end_snapshot IS NULL OR f.end_snapshot > ?1)";
    let files = named_files(connection, is_live, [number])?;
    Ok(Resolved {
        latest,
        oldest: oldest_snapshot(connection)?,
        files,
        merges: merges(connection)?,
        batches: record::live_batches(connection, number)?,
        with_losses: record::batches_with_losses(connection, number)?,
        snapshots: record::snapshots(connection, number)?,
        is_synthetic: is_synthetic(connection)?,
    })
}
