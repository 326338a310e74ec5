//! Taking a batch back: its rows end with a snapshot that says who took it back, and stay in those before.

use rusqlite::{Connection, OptionalExtension};

use crate::lake::act::{Beginning, Concern};
use crate::lake::{Act, ActOutcome, Lake, LakeError};
use crate::model::{BatchId, SourceKind};

/// What is done with records that came after the ones that are taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LaterRecords {
    /// Nothing: the batch is not taken back then.
    Refuse,
    /// They are taken back as well.
    RetractToo,
}

/// A live batch that is to end.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Live {
    batch: BatchId,
    run: i64,
}

impl Lake {
    /// Ends a live batch and its rows, as of now.
    ///
    /// Records are counted by versions and by differences to those before them, so a batch of them can
    /// only go together with all that came after it. The same source can be read again later.
    pub fn retract(
        &self,
        act: &Act<'_>,
        batch: &BatchId,
        later: LaterRecords,
    ) -> Result<ActOutcome, LakeError> {
        self.check_agreement()?;
        let kind = self.catalog.read(|connection| kind_of_live(connection, batch))?;
        let concern = match kind {
            Some(SourceKind::Records) => Concern::Records,
            _ => Concern::Documents,
        };
        let wanted = || {
            let found = self.catalog.read(|connection| to_end(connection, batch))?;
            let Some((first, others)) = found.split_first() else {
                return Err(LakeError::BatchNotLive { batch: batch.clone() });
            };
            match others.first() {
                Some(other) if later == LaterRecords::Refuse => Err(LakeError::RetractFollowed {
                    batch: first.batch.clone(),
                    later: other.batch.clone(),
                    n_later: others.len(),
                }),
                _ => Ok(found),
            }
        };
        // Before the lock is waited for, and again while it is held.
        wanted()?;
        self.act(
            act,
            concern,
            |_| wanted().map(Some),
            |tx, plan: &Vec<Live>, beginning| {
                if to_end(tx, batch)? != *plan {
                    return Ok(Err(LakeError::BatchNotLive { batch: batch.clone() }));
                }
                for live in plan {
                    end(tx, live.run, act.author, beginning)?;
                }
                Ok(Ok(()))
            },
        )
    }
}

/// Ends a live batch and its files with a snapshot.
pub(super) fn end(
    tx: &Connection,
    run: i64,
    author: &str,
    (snapshot, _): Beginning,
) -> rusqlite::Result<()> {
    tx.execute(
        "UPDATE files SET end_snapshot = ?2 WHERE run = ?1 AND end_snapshot IS NULL",
        (run, snapshot),
    )?;
    tx.execute(
        "UPDATE batches SET end_snapshot = ?2, retracted_by = ?3
         WHERE run = ?1 AND end_snapshot IS NULL",
        (run, snapshot, author),
    )?;
    Ok(())
}

fn kind_of_live(connection: &Connection, batch: &BatchId) -> rusqlite::Result<Option<SourceKind>> {
    let kind: Option<String> = connection
        .query_row(
            "SELECT source_kind FROM batches WHERE batch = ?1 AND end_snapshot IS NULL",
            [batch.as_str()],
            |row| row.get(0),
        )
        .optional()?;
    Ok(kind.and_then(|kind| SourceKind::parse(&kind)))
}

/// Returns the batch, where it is live, and after it the records that came after it, if it holds such.
fn to_end(connection: &Connection, batch: &BatchId) -> rusqlite::Result<Vec<Live>> {
    connection
        .prepare(
            "SELECT b.batch, b.run FROM batches AS b JOIN batches AS first
                 ON first.batch = ?1 AND first.end_snapshot IS NULL
             WHERE b.end_snapshot IS NULL
                 AND (b.run = first.run
                      OR b.source_kind = ?2 AND first.source_kind = ?2
                          AND (b.begin_snapshot, b.run) > (first.begin_snapshot, first.run))
             ORDER BY b.begin_snapshot, b.run",
        )?
        .query_map((batch.as_str(), SourceKind::Records.as_str()), |row| {
            Ok(Live { batch: BatchId::from_stored(row.get(0)?), run: row.get(1)? })
        })?
        .collect()
}
