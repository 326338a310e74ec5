//! Steps 1 to 3 of a commit: what is checked before, whether the batch is wanted, and the run that
//! is recorded so that the next start can clear up after it.

use std::path::PathBuf;

use chrono::NaiveDateTime;
use rusqlite::{Connection, OptionalExtension};

use crate::fsio::{self, Lock};
use crate::lake::act::insert_run;
use crate::lake::catalog::CatalogHold;
use crate::lake::record::head;
use crate::lake::{
    Act, BatchRecord, CommitOutcome, Lake, LakeError, check_file_system, check_identity,
};
use crate::model::SourceKind;

/// Largest part of a file system that a commit leaves free.
const MAX_RESERVE_BYTES: u64 = 256 * 1024 * 1024;

/// On a small file system, the reserve is one part in this many of it.
const RESERVE_PART: u64 = 50;

/// Who commits which batch.
#[derive(Debug, Clone)]
pub struct Opening<'a> {
    /// The command that commits, as the user would type it.
    pub command: &'a str,
    /// Who ran it.
    pub author: &'a str,
    /// Why, in the author's words; may be empty.
    pub message: &'a str,
    /// Tells the time, naive Beijing time. Asked while the lock is held: whoever waited for it did
    /// not commit when the command began.
    pub clock: fn() -> NaiveDateTime,
    /// The batch; its counts are not looked at before the end of the run.
    pub batch: BatchRecord,
}

impl<'a> Opening<'a> {
    pub(super) fn act(&self) -> Act<'a> {
        let Self { command, author, message, clock, .. } = *self;
        Act { command, author, message, clock }
    }
}

/// How long a run holds the lock of writers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hold {
    /// From its beginning to its end, which is near.
    Throughout,
    /// While it begins and while it ends: records are judged for minutes in between, and documents
    /// need not wait for that. Other runs of records do, at a lock of their own, because their
    /// versions would build on a state that is about to change.
    AtEnds,
}

/// A run that is under way. Whoever can take the lock in its folder may take it for dead.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) number: i64,
    /// The snapshot that was the latest when it began.
    pub(super) base: i64,
    /// The snapshot with which the batch came before, and the first of its files that is damaged.
    pub(super) damage: Option<(i64, PathBuf)>,
    #[expect(dead_code, reason = "held for its drop")]
    catalog: CatalogHold,
    #[expect(dead_code, reason = "held for its drop")]
    own: Lock,
    pub(super) writer: Option<Lock>,
    pub(super) records: Option<Lock>,
}

impl Run {
    /// Returns the snapshot of the batch that is written anew.
    pub(super) fn damaged(&self) -> Option<i64> {
        self.damage.as_ref().map(|(snapshot, _)| *snapshot)
    }
}

/// What came of the wish to begin a run.
pub(super) enum Begun {
    Run(Box<Run>),
    Concluded(CommitOutcome),
}

/// A run in the catalog, and the snapshot that was the latest then.
struct Opened {
    number: i64,
    base: i64,
}

/// Whether the catalog takes a batch.
pub(super) enum Admission {
    Free,
    There { snapshot: i64 },
    SyntheticRefused,
    RealRefused,
}

impl Lake {
    /// Begins a run, unless the batch is there already and whole.
    pub(super) fn begin(
        &self,
        opening: &Opening<'_>,
        hold: Hold,
        estimated_bytes: u64,
    ) -> Result<Begun, LakeError> {
        let catalog = self.catalog.hold();
        let batch = &opening.batch;
        let admission = self.catalog.read(|connection| admit(connection, batch, None))?;
        let damage = match admission {
            Admission::There { snapshot } => {
                self.damage_of(&batch.batch)?.map(|path| (snapshot, path))
            }
            _ => None,
        };
        let damaged = damage.as_ref().map(|(snapshot, _)| *snapshot);
        if damaged.is_none()
            && let Some(outcome) = conclude(&admission, batch)?
        {
            return Ok(Begun::Concluded(outcome));
        }
        self.check_place(Some(estimated_bytes))?;
        let wait_for = |path: PathBuf| self.lock(&path, opening.command, self.lock_limit);
        let records = match hold {
            Hold::Throughout => None,
            Hold::AtEnds => Some(wait_for(self.layout.records_lock())?),
        };
        let writer = wait_for(self.layout.writer_lock())?;
        self.catalog.upgrade()?;
        self.pass_over_taken_runs()?;
        let (admission, opened) = self.catalog.write(|tx| open_run(tx, opening, damaged))?;
        if let Some(outcome) = conclude(&admission, batch)? {
            return Ok(Begun::Concluded(outcome));
        }
        let Opened { number, base } = opened;
        let own = self.make_folder(number).inspect_err(|_| self.abandon(number))?;
        let writer = (hold == Hold::Throughout).then_some(writer);
        Ok(Begun::Run(Box::new(Run { number, base, damage, catalog, own, writer, records })))
    }

    /// Makes the folder in which a run prepares its files, with the lock that says that it lives.
    pub(super) fn make_folder(&self, run: i64) -> Result<Lock, LakeError> {
        let tmp = self.layout.tmp(run);
        fsio::remove_dir_tree(&tmp).map_err(LakeError::Store)?;
        fsio::create_private_dir(&tmp).map_err(LakeError::Store)?;
        let taken = Lock::try_exclusive(&self.layout.run_lock(run)).map_err(LakeError::Store)?;
        taken.ok_or(LakeError::RunAborted { run })
    }

    /// Step 1: may and can the lake be written, and does its catalog have all that was committed? With no estimate, room is not asked for: by whoever makes
    /// some.
    pub(super) fn check_place(&self, estimated_bytes: Option<u64>) -> Result<(), LakeError> {
        let root = self.root();
        if let Some(reason) = &self.read_only {
            return Err(LakeError::ReadOnly { root: root.to_owned(), reason: reason.clone() });
        }
        check_file_system(root, self.suitability)?;
        check_identity(root, &self.catalog)?;
        self.check_agreement()?;
        self.layout.create_folders().map_err(|source| self.folder(source))?;
        estimated_bytes.map_or(Ok(()), |estimated_bytes| self.check_room(estimated_bytes))
    }

    pub(super) fn check_room(&self, estimated_bytes: u64) -> Result<(), LakeError> {
        let root = self.root();
        let free_bytes = fsio::free_bytes(root).map_err(|source| self.folder(source))?;
        let total_bytes = fsio::total_bytes(root).map_err(|source| self.folder(source))?;
        let reserve_bytes = (total_bytes / RESERVE_PART).min(MAX_RESERVE_BYTES);
        let needed_bytes = estimated_bytes.saturating_mul(2).saturating_add(reserve_bytes);
        // A file system without a size is none that could be full.
        if total_bytes > 0 && free_bytes < needed_bytes {
            return Err(LakeError::SpaceShort { root: root.to_owned(), free_bytes, needed_bytes });
        }
        Ok(())
    }
}

/// Tells whether the lake holds what was made up: it is marked so, or a batch was, ended ones included.
pub(super) fn is_synthetic(connection: &Connection) -> rusqlite::Result<bool> {
    let (is_marked, has_batches) = synthetic_signs(connection)?;
    Ok(is_marked || has_batches)
}

/// Tells whether the lake is marked as synthetic, and whether a batch ever was. The audit chain covers the
/// batches alone; they agree unless somebody changed the mark.
pub(super) fn synthetic_signs(connection: &Connection) -> rusqlite::Result<(bool, bool)> {
    connection.query_row(
        "SELECT EXISTS (SELECT 1 FROM meta WHERE key = 'is_synthetic'),
             EXISTS (SELECT 1 FROM batches WHERE is_synthetic = 1)",
        [],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

/// Has the mark say what the batches say.
pub(super) fn mark_by_batches(tx: &Connection) -> rusqlite::Result<()> {
    tx.execute_batch(
        "DELETE FROM meta WHERE key = 'is_synthetic';
         INSERT INTO meta (key, value)
             SELECT 'is_synthetic', '1' FROM batches WHERE is_synthetic = 1 LIMIT 1;",
    )
}

/// Turns what the catalog thinks of a batch into the outcome; `None` when the commit may go on.
pub(super) fn conclude(
    admission: &Admission,
    batch: &BatchRecord,
) -> Result<Option<CommitOutcome>, LakeError> {
    let file_name = || batch.file_name.clone();
    match admission {
        Admission::Free => Ok(None),
        Admission::There { snapshot } => Ok(Some(CommitOutcome::AlreadyThere {
            batch: batch.batch.clone(),
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
pub(super) fn admit(
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
    Ok(match (batch.is_synthetic, is_synthetic(connection)?) {
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
fn open_run(
    tx: &Connection,
    opening: &Opening<'_>,
    damaged: Option<i64>,
) -> rusqlite::Result<(Admission, Opened)> {
    let admission = admit(tx, &opening.batch, damaged)?;
    let base = head(tx)?;
    if !matches!(admission, Admission::Free) {
        return Ok((admission, Opened { number: 0, base }));
    }
    let batch = (opening.batch.batch.as_str(), opening.batch.source_hash.as_str());
    let number = insert_run(tx, batch, base, &opening.act(), "open")?;
    Ok((admission, Opened { number, base }))
}
