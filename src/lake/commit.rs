//! The commit: what is checked before, the transaction that is the commit, and what is known after
//! it failed.

use chrono::NaiveDateTime;
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior};

use crate::diag::Message;
use crate::fsio;
use crate::lake::record::{head, insert_batch, last_committed_at, time_text};
use crate::lake::store::{StoredFile, store};
use crate::lake::{BatchRecord, Lake, LakeError, audit, check_file_system, check_identity, lock};
use crate::model::{BatchId, SourceKind};
use crate::table::{LakeTable, TableRows, schema_of};

/// Room for the catalog, its log and the manifest of one commit.
const CATALOG_BYTES: u64 = 64 * 1024;

/// Largest part of a file system that a commit leaves free.
const MAX_RESERVE_BYTES: u64 = 256 * 1024 * 1024;

/// On a small file system, the reserve is one part in this many of it.
const RESERVE_PART: u64 = 50;

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

/// Whether the catalog takes a batch.
pub(super) enum Admission {
    Free,
    There { snapshot: i64 },
    SyntheticRefused,
    RealRefused,
}

/// What the last transaction found or did.
enum Recorded {
    Snapshot(i64),
    /// Another writer was quicker, and the batch is not taken any more.
    NotAdmitted(Admission),
    /// Another process took the run for dead.
    RunAborted,
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
        let batch = &commit.batch;
        let admission = self.catalog.read(|connection| admit(connection, batch, None))?;
        let damage = match admission {
            Admission::There { snapshot } => {
                self.damage_of(&batch.batch)?.map(|path| (snapshot, path))
            }
            _ => None,
        };
        let damaged = damage.as_ref().map(|(snapshot, _)| *snapshot);
        if damaged.is_none()
            && let Some(outcome) = conclude(&admission, commit)?
        {
            return Ok(outcome);
        }
        self.check_place(commit)?;
        let _lock = lock(&self.layout, commit.command, self.lock_limit)?;
        // While one connection is open, closing the others does not fold the log into the catalog
        // each time, which costs four syncs.
        let _open = self.catalog.connect_to_write()?;
        self.pass_over_taken_runs()?;
        let (admission, run) = self.catalog.write(|tx| open_run(tx, commit, damaged))?;
        if let Some(outcome) = conclude(&admission, commit)? {
            return Ok(outcome);
        }
        let stored = store(&self.layout, run, commit);
        match stored.and_then(|files| self.publish(run, commit, &files, damaged)) {
            Ok(CommitOutcome::Committed { snapshot, .. }) => {
                let mut warnings = self.follow_up(run, snapshot);
                warnings.extend(damage.map(|(_, path)| {
                    Message::new("lake.written_anew")
                        .with("path", path.display())
                        .with("snapshot", snapshot)
                }));
                Ok(CommitOutcome::Committed { snapshot, warnings })
            }
            // Whether the run counts is not ours to say.
            Err(error @ LakeError::OutcomeUnknown { .. }) => Err(error),
            other => {
                self.abandon(run);
                other
            }
        }
    }

    /// Step 1: may and can the lake be written?
    fn check_place(&self, commit: &Commit<'_>) -> Result<(), LakeError> {
        let root = self.root();
        if let Some(reason) = &self.read_only {
            return Err(LakeError::ReadOnly { root: root.to_owned(), reason: reason.clone() });
        }
        check_file_system(root)?;
        check_identity(root, &self.catalog)?;
        self.layout.create_folders().map_err(|source| self.folder(source))?;
        let free_bytes = fsio::free_bytes(root).map_err(|source| self.folder(source))?;
        let total_bytes = fsio::total_bytes(root).map_err(|source| self.folder(source))?;
        let reserve_bytes = (total_bytes / RESERVE_PART).min(MAX_RESERVE_BYTES);
        let needed_bytes = 2 * estimated_bytes(commit) + reserve_bytes;
        // A file system without a size is none that could be full.
        if total_bytes > 0 && free_bytes < needed_bytes {
            return Err(LakeError::SpaceShort { root: root.to_owned(), free_bytes, needed_bytes });
        }
        Ok(())
    }

    /// Step 9, the commit point. `damaged` is the snapshot of the batch that is written anew.
    pub(super) fn publish(
        &self,
        run: i64,
        commit: &Commit<'_>,
        files: &[StoredFile],
        damaged: Option<i64>,
    ) -> Result<CommitOutcome, LakeError> {
        let connection = self.catalog.connect_to_write()?;
        let (tx, recorded) =
            Transaction::new_unchecked(&connection, TransactionBehavior::Immediate)
                .and_then(|tx| {
                    let recorded = record(&tx, run, commit, files, damaged)?;
                    Ok((tx, recorded))
                })
                .map_err(|source| self.catalog.write_error(source))?;
        let committed = |snapshot| CommitOutcome::Committed { snapshot, warnings: Vec::new() };
        let snapshot = match recorded {
            Recorded::Snapshot(snapshot) => snapshot,
            Recorded::NotAdmitted(admission) => {
                let there = conclude(&admission, commit)?;
                return there.ok_or(LakeError::RunAborted { run });
            }
            Recorded::RunAborted => return Err(LakeError::RunAborted { run }),
        };
        match tx.commit() {
            Ok(()) => Ok(committed(snapshot)),
            Err(source) => {
                drop(connection);
                self.settle(run, source).map(committed)
            }
        }
    }

    /// Step 10: after a failed COMMIT, asks the catalog anew whether the run counts.
    ///
    /// A run that is still open is aborted by a durable transaction, for otherwise the log of the
    /// catalog, read again after a crash, might yet contain the commit that was reported as failed.
    pub(super) fn settle(&self, run: i64, source: rusqlite::Error) -> Result<i64, LakeError> {
        let settled = self.catalog.write(|tx| {
            tx.execute(
                "UPDATE runs SET state = 'aborted' WHERE run = ?1 AND state = 'open'",
                [run],
            )?;
            snapshot_of(tx, run)
        });
        match settled {
            Ok(Some(snapshot)) => Ok(snapshot),
            Ok(None) => Err(self.catalog.write_error(source)),
            // It cannot be written, but perhaps read: what is found committed stays so.
            Err(_) => match self.catalog.read(|connection| snapshot_of(connection, run)) {
                Ok(Some(snapshot)) => Ok(snapshot),
                _ => Err(LakeError::OutcomeUnknown { run, source: Box::new(source) }),
            },
        }
    }
}

/// Tells whether the lake is marked as synthetic.
pub(super) fn is_marked_synthetic(connection: &Connection) -> rusqlite::Result<bool> {
    connection.query_row(
        "SELECT EXISTS (SELECT 1 FROM meta WHERE key = 'is_synthetic')",
        [],
        |row| row.get(0),
    )
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
    let received = batch.rows_accepted
        + batch.rows_updated
        + batch.rows_deleted
        + batch.rows_returned
        + batch.rows_duplicate;
    let counts = [
        ("rows_received", batch.rows_received, received),
        ("n_observations", batch.n_observations, n_rows(commit, LakeTable::Observations)),
        ("n_findings", batch.n_findings, n_rows(commit, LakeTable::Findings)),
    ];
    for (count, stated, found) in counts {
        if stated != found {
            return Err(LakeError::CountsDiffer { count, stated, found });
        }
    }
    Ok(())
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

/// Turns what the catalog thinks of a batch into the outcome; `None` when the commit may go on.
fn conclude(
    admission: &Admission,
    commit: &Commit<'_>,
) -> Result<Option<CommitOutcome>, LakeError> {
    let file_name = || commit.batch.file_name.clone();
    match admission {
        Admission::Free => Ok(None),
        Admission::There { snapshot } => Ok(Some(CommitOutcome::AlreadyThere {
            batch: commit.batch.batch.clone(),
            snapshot: *snapshot,
        })),
        Admission::SyntheticRefused => Err(LakeError::SyntheticRefused { file_name: file_name() }),
        Admission::RealRefused => Err(LakeError::RealRefused { file_name: file_name() }),
    }
}

/// Asks whether the catalog takes a batch; asked before writing and again in every transaction.
///
/// A batch that is live since the snapshot `damaged` is to be written anew. One that is live since a
/// later one was written anew by somebody else meanwhile.
fn admit(
    connection: &Connection,
    batch: &BatchRecord,
    damaged: Option<i64>,
) -> rusqlite::Result<Admission> {
    let live = connection
        .query_row(
            "SELECT begin_snapshot FROM batches WHERE batch = ?1 AND end_snapshot IS NULL",
            [batch.batch.as_str()],
            |row| row.get(0),
        )
        .optional()?;
    if let Some(snapshot) = live.filter(|_| live != damaged) {
        return Ok(Admission::There { snapshot });
    }
    Ok(match (batch.is_synthetic, is_marked_synthetic(connection)?) {
        // Ended batches count too: their rows are still on the disk.
        (true, false) if has_real_batches(connection)? => Admission::SyntheticRefused,
        // What was published may stand beside what was made up; what was submitted may not.
        (false, true) if batch.source_kind != SourceKind::Notice => Admission::RealRefused,
        _ => Admission::Free,
    })
}

fn has_real_batches(connection: &Connection) -> rusqlite::Result<bool> {
    connection.query_row(
        "SELECT EXISTS (SELECT 1 FROM batches WHERE is_synthetic = 0)",
        [],
        |row| row.get(0),
    )
}

/// Step 3: records that a run is under way, so that the next start can clear up after it.
///
/// The number of the run means something only where the batch is admitted.
pub(super) fn open_run(
    tx: &Connection,
    commit: &Commit<'_>,
    damaged: Option<i64>,
) -> rusqlite::Result<(Admission, i64)> {
    let admission = admit(tx, &commit.batch, damaged)?;
    if !matches!(admission, Admission::Free) {
        return Ok((admission, 0));
    }
    tx.execute(
        "INSERT INTO runs
             (batch, source_hash, base_snapshot, pid, boot_id, command, started_at, state)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 'open')",
        (
            commit.batch.batch.as_str(),
            &commit.batch.source_hash,
            head(tx)?,
            fsio::process_id(),
            fsio::boot_id(),
            commit.command,
            time_text((commit.clock)()),
        ),
    )?;
    Ok((admission, tx.last_insert_rowid()))
}

/// Writes everything about the snapshot that a run makes.
///
/// Another writer may have committed since the run began. That is no conflict: rows are only added,
/// and what an earlier reading of the same source is, is found out here.
fn record(
    tx: &Connection,
    run: i64,
    commit: &Commit<'_>,
    files: &[StoredFile],
    damaged: Option<i64>,
) -> rusqlite::Result<Recorded> {
    let admission = admit(tx, &commit.batch, damaged)?;
    if !matches!(admission, Admission::Free) {
        return Ok(Recorded::NotAdmitted(admission));
    }
    let is_open = "UPDATE runs SET state = 'committed' WHERE run = ?1 AND state = 'open'";
    if tx.execute(is_open, [run])? != 1 {
        return Ok(Recorded::RunAborted);
    }
    let snapshot = head(tx)? + 1;
    // A clock that was set back must not put a snapshot before the one that it follows.
    let now = (commit.clock)();
    let committed_at = last_committed_at(tx)?.map_or(now, |last| last.max(now));
    tx.execute(
        "INSERT INTO snapshots (snapshot, committed_at, command, author, message, run)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        (snapshot, time_text(committed_at), commit.command, commit.author, commit.message, run),
    )?;
    end_earlier_readings(tx, &commit.batch, snapshot)?;
    insert_files(tx, run, files, snapshot)?;
    insert_batch(tx, &commit.batch, run, (snapshot, committed_at))?;
    if commit.batch.is_synthetic {
        tx.execute("INSERT OR IGNORE INTO meta (key, value) VALUES ('is_synthetic', '1')", [])?;
    }
    audit::append(tx, snapshot)?;
    Ok(Recorded::Snapshot(snapshot))
}

/// Ends live batches of the same source, and their files: reading the same bytes again corrects the
/// reading, and the two must never be counted together or compared as a revision.
fn end_earlier_readings(
    tx: &Connection,
    batch: &BatchRecord,
    snapshot: i64,
) -> rusqlite::Result<()> {
    tx.execute(
        "UPDATE files SET end_snapshot = ?2 WHERE end_snapshot IS NULL AND run IN
             (SELECT run FROM batches WHERE source_hash = ?1 AND end_snapshot IS NULL)",
        (&batch.source_hash, snapshot),
    )?;
    tx.execute(
        "UPDATE batches SET end_snapshot = ?2, superseded_by = ?3
         WHERE source_hash = ?1 AND end_snapshot IS NULL",
        (&batch.source_hash, snapshot, batch.batch.as_str()),
    )?;
    Ok(())
}

fn insert_files(
    tx: &Connection,
    run: i64,
    files: &[StoredFile],
    snapshot: i64,
) -> rusqlite::Result<()> {
    let mut insert = tx.prepare(
        "INSERT INTO files
             (table_name, path, run, record_count, file_size_bytes, blake3, begin_snapshot)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?;
    for file in files {
        insert.execute((
            file.table.as_str(),
            &file.path,
            run,
            as_i64(file.n_rows),
            i64::try_from(file.digest.size_bytes).unwrap_or(i64::MAX),
            &file.digest.blake3,
            snapshot,
        ))?;
    }
    Ok(())
}

/// Returns the snapshot that a run made, `None` when it made none.
fn snapshot_of(connection: &Connection, run: i64) -> rusqlite::Result<Option<i64>> {
    connection
        .query_row("SELECT snapshot FROM snapshots WHERE run = ?1", [run], |row| row.get(0))
        .optional()
}
