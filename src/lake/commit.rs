//! The commit of a document: one batch of one source, whose rows are in memory.

use std::io::ErrorKind;

use chrono::NaiveDateTime;

use crate::diag::Message;
use crate::fsio::{self, Mode, PlainFile, Reason};
use crate::lake::balance::check_counts;
use crate::lake::run::{Hold, Opening};
use crate::lake::staging::StagingOutcome;
use crate::lake::store::store_source;
use crate::lake::{BatchRecord, Lake, LakeError};
use crate::model::BatchId;
use crate::table::{LakeTable, TableRows, schema_of};

/// Room for the catalog, its log and the manifest of one commit.
pub(super) const CATALOG_BYTES: u64 = 64 * 1024;

/// A batch with its source and rows, to be committed together.
#[derive(Debug, Clone)]
pub struct Commit<'a> {
    /// The command that commits, as the user would type it.
    pub command: &'a str,
    /// Who ran it.
    pub author: &'a str,
    /// Why, in the author's words; may be empty.
    pub message: &'a str,
    /// Tells the time, naive Beijing time. Asked while the lock is held: whoever waited for it did
    /// not commit when the command began.
    pub clock: fn() -> NaiveDateTime,
    /// The batch; its counts must agree with `tables`.
    pub batch: BatchRecord,
    /// The bytes that arrived.
    pub source: &'a [u8],
    /// Rows per table, in the columns of the table. Empty ones make no file.
    pub tables: &'a [TableRows<'a>],
}

/// How a commit ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CommitOutcome {
    /// It is durable.
    Committed {
        /// The snapshot that it made.
        snapshot: i64,
        /// What did not work afterwards (manifest, backup); the commit stands all the same.
        warnings: Vec<Message>,
    },
    /// The same source was read in the same way before; nothing changed.
    AlreadyThere {
        /// The batch.
        batch: BatchId,
        /// The snapshot that it came with.
        snapshot: i64,
    },
}

impl Lake {
    /// Commits a batch: all of it is durable when this returns, or the lake is as it was.
    ///
    /// A batch that is live already is left alone, unless a data file of it is absent or changed:
    /// then it is written anew, as another snapshot, and the damaged files end with that. One that
    /// read the same source in another way takes the place of the earlier reading, whose rows end
    /// with this snapshot and stay in those before it. Waits up to 30 s for another commit.
    ///
    /// Fails when counts, columns or hash do not agree, when synthetic and real sources would meet,
    /// on a file system without working locks, and when less than twice the estimated size and a
    /// reserve is free (2 % of the file system, at most 256 MB).
    pub fn commit(&self, commit: &Commit<'_>) -> Result<CommitOutcome, LakeError> {
        check_content(commit)?;
        let mut staging = match self.begin_staging(
            commit.opening(),
            Hold::Throughout,
            estimated_bytes(commit),
        )? {
            StagingOutcome::Open(staging) => *staging,
            StagingOutcome::Concluded(outcome) => {
                self.put_source_back(commit)?;
                return Ok(outcome);
            }
        };
        let source = (commit.batch.source_hash.as_str(), commit.source);
        self.set_changed_source_aside(source.0)?;
        store_source(&self.layout, staging.folder(), source)?;
        for rows in commit.tables {
            rows.try_each(|piece| staging.write(rows.table, &piece))?;
        }
        staging.commit(&commit.batch)
    }

    /// Keeps a source that was lost or changed, when it is given again.
    fn put_source_back(&self, commit: &Commit<'_>) -> Result<(), LakeError> {
        if self.read_only.is_some() {
            return Ok(());
        }
        self.set_changed_source_aside(&commit.batch.source_hash)?;
        let path = self.layout.sources().join(&commit.batch.source_hash);
        if fsio::exists(&path) {
            return Ok(());
        }
        fsio::write_atomic(&path, commit.source, Mode::Sealed).map_err(LakeError::Store)
    }

    fn set_changed_source_aside(&self, hash: &str) -> Result<(), LakeError> {
        if self.is_source_changed(hash)? {
            self.set_aside(&self.layout.sources().join(hash))?;
        }
        Ok(())
    }

    /// Tells whether a stored source is known not to be what arrived. Fails for one that cannot be read: it
    /// may be.
    pub(super) fn is_source_changed(&self, hash: &str) -> Result<bool, LakeError> {
        let path = self.layout.sources().join(hash);
        match PlainFile::open(&path).and_then(|file| file.digest()) {
            Ok(digest) => Ok(digest.blake3 != hash),
            Err(error) if error.kind() == Some(ErrorKind::NotFound) => Ok(false),
            Err(error) if matches!(error.reason, Reason::NotPlain) => Ok(true),
            Err(error) => Err(LakeError::Store(error)),
        }
    }
}

impl<'a> Commit<'a> {
    pub(super) fn opening(&self) -> Opening<'a> {
        let Self { command, author, message, clock, .. } = *self;
        Opening { command, author, message, clock, batch: self.batch.clone() }
    }
}

/// Fails unless the parts of a commit agree with each other.
fn check_content(commit: &Commit<'_>) -> Result<(), LakeError> {
    let batch = &commit.batch;
    let found = fsio::hash_hex(commit.source);
    if found != batch.source_hash {
        let stated = batch.source_hash.clone();
        return Err(LakeError::SourceHashDiffers { stated, found });
    }
    for rows in commit.tables {
        if rows.sample().schema().fields() != schema_of(rows.table).fields() {
            return Err(LakeError::SchemaDiffers { table: rows.table });
        }
    }
    check_counts(batch, |table| n_rows(commit, table))
}

fn n_rows(commit: &Commit<'_>, wanted: LakeTable) -> i64 {
    let of_table = commit.tables.iter().filter(|rows| rows.table == wanted);
    of_table.map(|rows| as_i64(rows.n_rows)).sum()
}

/// Estimates what a commit writes: rows take less as Parquet than in memory.
fn estimated_bytes(commit: &Commit<'_>) -> u64 {
    let n_row_bytes: usize = commit.tables.iter().map(estimated_row_bytes).sum();
    CATALOG_BYTES + commit.source.len() as u64 + n_row_bytes as u64
}

/// Estimates what the rows of a table take in memory by the first few of them.
fn estimated_row_bytes(rows: &TableRows<'_>) -> usize {
    let sample = rows.sample();
    let columns = sample.columns().iter();
    let n_bytes: usize =
        columns.map(|column| column.to_data().get_slice_memory_size().unwrap_or(0)).sum();
    n_bytes.saturating_mul(rows.n_rows) / sample.num_rows().max(1)
}

fn as_i64(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
