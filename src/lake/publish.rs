//! Steps 9 and 10 of a commit: the transaction that is the commit, and what is known after it failed.

use chrono::NaiveDateTime;
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior};

use crate::lake::record::{head, insert_batch, last_committed_at, time_text};
use crate::lake::recover::ABORT;
use crate::lake::run::{Admission, Opening, Run, admit, conclude};
use crate::lake::store::StoredFile;
use crate::lake::{Act, BatchRecord, CommitOutcome, Lake, LakeError, audit};
use crate::model::SourceKind;

/// What the last transaction found or did.
enum Recorded {
    Snapshot(i64),
    /// Another writer was quicker, and the batch is not taken any more.
    NotAdmitted(Admission),
    /// Another process took the run for dead.
    RunAborted,
    /// Records were committed meanwhile, and the versions of these were told without them.
    BaseChanged,
}

impl Lake {
    /// Step 9, the commit point.
    pub(super) fn publish(
        &self,
        run: &Run,
        opening: &Opening<'_>,
        files: &[StoredFile],
    ) -> Result<CommitOutcome, LakeError> {
        let connection = self.catalog.open_to_write()?;
        let (tx, recorded) =
            Transaction::new_unchecked(&connection, TransactionBehavior::Immediate)
                .and_then(|tx| {
                    let recorded = record(&tx, run, opening, files)?;
                    Ok((tx, recorded))
                })
                .map_err(|source| self.catalog.write_error(source))?;
        let committed = |snapshot| CommitOutcome::Committed { snapshot, warnings: Vec::new() };
        let snapshot = match recorded {
            Recorded::Snapshot(snapshot) => snapshot,
            Recorded::NotAdmitted(admission) => {
                let there = conclude(&admission, &opening.batch)?;
                return there.ok_or(LakeError::RunAborted { run: run.number });
            }
            Recorded::RunAborted => return Err(LakeError::RunAborted { run: run.number }),
            Recorded::BaseChanged => return Err(LakeError::BaseChanged { base: run.base }),
        };
        match tx.commit() {
            Ok(()) => {
                self.catalog.give_back(connection);
                Ok(committed(snapshot))
            }
            Err(source) => {
                drop(connection);
                self.settle(run.number, source).map(committed)
            }
        }
    }

    /// Step 10: after a failed COMMIT, asks the catalog anew whether the run counts.
    ///
    /// A run that is still open is aborted by a durable transaction, for otherwise the log of the
    /// catalog, read again after a crash, might yet contain the commit that was reported as failed.
    pub(super) fn settle(&self, run: i64, source: rusqlite::Error) -> Result<i64, LakeError> {
        let settled = self.catalog.write(|tx| {
            tx.execute(ABORT, [run])?;
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

/// Writes everything about the snapshot that a run makes.
///
/// Another writer may have committed since the run began. That is no conflict for documents: rows are
/// only added, and what an earlier reading of the same source is, is found out here. The versions of
/// records build on what was there when the run began, so no other records may have come or gone.
fn record(
    tx: &Connection,
    run: &Run,
    opening: &Opening<'_>,
    files: &[StoredFile],
) -> rusqlite::Result<Recorded> {
    let batch = &opening.batch;
    let admission = admit(tx, batch, run.damaged())?;
    if !matches!(admission, Admission::Free) {
        return Ok(Recorded::NotAdmitted(admission));
    }
    let Some((snapshot, committed_at)) = begin_snapshot(tx, run.number, &opening.act())? else {
        return Ok(Recorded::RunAborted);
    };
    if batch.source_kind == SourceKind::Records && have_records_changed(tx, run.base)? {
        return Ok(Recorded::BaseChanged);
    }
    end_earlier_readings(tx, batch, snapshot)?;
    insert_files(tx, run.number, files, snapshot)?;
    insert_batch(tx, batch, run.number, (snapshot, committed_at))?;
    if batch.is_synthetic {
        tx.execute("INSERT OR IGNORE INTO meta (key, value) VALUES ('is_synthetic', '1')", [])?;
    }
    audit::append(tx, snapshot)?;
    Ok(Recorded::Snapshot(snapshot))
}

/// Marks a run as committed and inserts its snapshot; returns the number and time of it, `None` where
/// another process took the run for dead.
pub(super) fn begin_snapshot(
    tx: &Connection,
    run: i64,
    act: &Act<'_>,
) -> rusqlite::Result<Option<(i64, NaiveDateTime)>> {
    let is_open = "UPDATE runs SET state = 'committed' WHERE run = ?1 AND state = 'open'";
    if tx.execute(is_open, [run])? != 1 {
        return Ok(None);
    }
    let snapshot = head(tx)? + 1;
    // A clock that was set back must not put a snapshot before the one that it follows.
    let now = (act.clock)();
    let committed_at = last_committed_at(tx)?.map_or(now, |last| last.max(now));
    tx.execute(
        "INSERT INTO snapshots (snapshot, committed_at, command, author, message, run)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        (snapshot, time_text(committed_at), act.command, act.author, act.message, run),
    )?;
    Ok(Some((snapshot, committed_at)))
}

/// Whether a batch of records began or ended after snapshot `base`.
fn have_records_changed(tx: &Connection, base: i64) -> rusqlite::Result<bool> {
    tx.query_row(
        "SELECT EXISTS (SELECT 1 FROM batches
             WHERE source_kind = ?1 AND (begin_snapshot > ?2 OR end_snapshot > ?2))",
        (SourceKind::Records.as_str(), base),
        |row| row.get(0),
    )
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
            i64::try_from(file.n_rows).unwrap_or(i64::MAX),
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
