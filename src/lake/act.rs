//! Changes that bring no new rows: what is live ends, or comes back. Each is a snapshot of its own.

use std::path::PathBuf;

use chrono::NaiveDateTime;
use rusqlite::{Connection, Transaction, TransactionBehavior};

use crate::diag::Message;
use crate::fsio;
use crate::lake::commit::CATALOG_BYTES;
use crate::lake::publish::begin_snapshot;
use crate::lake::record::{head, time_text};
use crate::lake::{Lake, LakeError, audit};

/// Who changes what is live, and why.
#[derive(Debug, Clone, Copy)]
pub struct Act<'a> {
    /// The command, as the user typed it.
    pub command: &'a str,
    /// Who ran it.
    pub author: &'a str,
    /// Why, in the author's words.
    pub message: &'a str,
    /// Tells the time, naive Beijing time. Asked while the lock is held.
    pub clock: fn() -> NaiveDateTime,
}

/// How a change ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ActOutcome {
    /// It is durable.
    Done {
        /// The snapshot that it made.
        snapshot: i64,
        /// What did not work afterwards; the change stands all the same.
        warnings: Vec<Message>,
    },
    /// The lake is as it was to become; nothing changed.
    Unchanged,
}

/// What a change concerns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Concern {
    /// Documents alone, or nothing that has rows.
    Documents,
    /// Records, too: their versions build on each other, so a run of records is waited for.
    Records,
    /// Nothing that has rows: it makes room, and must not ask for much.
    Room,
}

/// Number and time of the snapshot that a change makes.
pub(super) type Beginning = (i64, NaiveDateTime);

/// Whether what a change builds on was still there in its transaction.
pub(super) type Applied = Result<(), LakeError>;

impl Lake {
    /// Makes a snapshot by a change of what is live.
    ///
    /// `prepare` is called with the number of the run while the lock of writers is held, and says what is
    /// to be done; `None` for nothing. Files that it puts in place are named by `apply`, in the transaction
    /// that is the commit, or by nothing. `apply` must look again at what it builds on: correctness does
    /// not rest on the lock.
    pub(super) fn act<P>(
        &self,
        act: &Act<'_>,
        concern: Concern,
        prepare: impl FnOnce(i64) -> Result<Option<P>, LakeError>,
        apply: impl FnOnce(&Connection, &P, Beginning) -> rusqlite::Result<Applied>,
    ) -> Result<ActOutcome, LakeError> {
        let _hold = self.catalog.hold();
        match concern {
            Concern::Room => {
                self.check_place(None)?;
                self.give_up_reserve();
            }
            Concern::Documents | Concern::Records => self.check_place(Some(CATALOG_BYTES))?,
        }
        let wait_for = |path: PathBuf| self.lock(&path, act.command, self.lock_limit);
        let _records = match concern {
            Concern::Documents | Concern::Room => None,
            Concern::Records => Some(wait_for(self.layout.records_lock())?),
        };
        let _writer = wait_for(self.layout.writer_lock())?;
        self.catalog.upgrade()?;
        self.pass_over_taken_runs()?;
        let run = self.catalog.write(|tx| insert_run(tx, ("", ""), head(tx)?, act, "open"))?;
        let outcome = self.perform(run, act, prepare, apply);
        if !matches!(outcome, Ok(Some(_)) | Err(LakeError::OutcomeUnknown { .. })) {
            self.abandon(run);
        }
        Ok(match outcome? {
            Some(snapshot) => {
                ActOutcome::Done { snapshot, warnings: self.follow_up(run, snapshot) }
            }
            None => ActOutcome::Unchanged,
        })
    }

    /// Returns the snapshot that was made, `None` where there was nothing to do.
    fn perform<P>(
        &self,
        run: i64,
        act: &Act<'_>,
        prepare: impl FnOnce(i64) -> Result<Option<P>, LakeError>,
        apply: impl FnOnce(&Connection, &P, Beginning) -> rusqlite::Result<Applied>,
    ) -> Result<Option<i64>, LakeError> {
        let _own = self.make_folder(run)?;
        let Some(plan) = prepare(run)? else { return Ok(None) };
        let connection = self.catalog.open_to_write()?;
        let (tx, outcome) = Transaction::new_unchecked(&connection, TransactionBehavior::Immediate)
            .and_then(|tx| {
                let Some((snapshot, at)) = begin_snapshot(&tx, run, act)? else {
                    return Ok((tx, Err(LakeError::RunAborted { run })));
                };
                let applied = apply(&tx, &plan, (snapshot, at))?;
                let outcome = match applied {
                    Ok(()) => audit::append(&tx, snapshot).map(|()| Ok(snapshot))?,
                    Err(error) => Err(error),
                };
                Ok((tx, outcome))
            })
            .map_err(|source| self.catalog.write_error(source))?;
        let snapshot = outcome?;
        match tx.commit() {
            Ok(()) => {
                self.catalog.give_back(connection);
                Ok(Some(snapshot))
            }
            Err(source) => {
                drop(connection);
                self.settle(run, source).map(Some)
            }
        }
    }
}

/// Records a run. A change of what is live has no batch and no source of its own.
pub(super) fn insert_run(
    tx: &Connection,
    (batch, source_hash): (&str, &str),
    base: i64,
    act: &Act<'_>,
    state: &str,
) -> rusqlite::Result<i64> {
    tx.execute(
        "INSERT INTO runs
             (batch, source_hash, base_snapshot, pid, boot_id, command, started_at, state)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        (
            batch,
            source_hash,
            base,
            fsio::process_id(),
            fsio::boot_id(),
            act.command,
            time_text((act.clock)()),
            state,
        ),
    )?;
    Ok(tx.last_insert_rowid())
}
