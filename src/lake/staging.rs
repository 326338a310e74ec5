//! Rows that are written while they come in, and committed or dropped when all are there.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::thread::{self, ScopedJoinHandle};

use arrow::array::{RecordBatch, UInt32Array};

use crate::diag::Message;
use crate::lake::balance::{Balance, check_counts};
use crate::lake::data_file::{DataFile, EarlierReading};
use crate::lake::run::{Begun, Hold, Opening, Run};
use crate::lake::store::{Origin, Prepared, TableParts, put_in_place};
use crate::lake::{BatchRecord, CommitOutcome, Lake, LakeError};
use crate::model::SourceKind;
use crate::table::LakeTable;

/// How much longer than for beginning a run waits for the lock to end: its work is done by then.
const PATIENCE_AT_END: u32 = 20;

/// A run whose rows go to files as they come in, in memory that does not grow with them.
///
/// Nothing of it is in the lake before [`Self::commit`]. Dropped without that, the run is given up
/// and the lake is as it was. The rows are written in the order in which they are given, and the
/// same batches of rows give the same files.
#[derive(Debug)]
pub struct Staging<'a> {
    lake: &'a Lake,
    opening: Opening<'a>,
    /// `None` when it is over.
    run: Option<Box<Run>>,
    origin: Origin,
    folder: PathBuf,
    tables: BTreeMap<LakeTable, TableParts>,
    balance: Balance,
}

/// What came of the wish to stage a batch.
#[derive(Debug)]
pub enum StagingOutcome<'a> {
    /// Rows can be written.
    Open(Box<Staging<'a>>),
    /// The batch is there already.
    Concluded(CommitOutcome),
}

impl Lake {
    /// Begins a run of records. `estimated_bytes` is what it may write; twice as much and a reserve
    /// have to be free.
    ///
    /// A batch that is there already ends it at once, after its data files were read. Other runs of
    /// records wait until this one ends; documents are committed meanwhile.
    pub fn stage<'a>(
        &'a self,
        opening: Opening<'a>,
        estimated_bytes: u64,
    ) -> Result<StagingOutcome<'a>, LakeError> {
        self.begin_staging(opening, Hold::AtEnds, estimated_bytes)
    }

    pub(super) fn begin_staging<'a>(
        &'a self,
        opening: Opening<'a>,
        hold: Hold,
        estimated_bytes: u64,
    ) -> Result<StagingOutcome<'a>, LakeError> {
        let run = match self.begin(&opening, hold, estimated_bytes)? {
            Begun::Run(run) => run,
            Begun::Concluded(outcome) => return Ok(StagingOutcome::Concluded(outcome)),
        };
        Ok(StagingOutcome::Open(Box::new(Staging {
            lake: self,
            origin: Origin::of(&opening.batch),
            folder: self.layout.tmp(run.number),
            opening,
            run: Some(run),
            tables: BTreeMap::new(),
            balance: Balance::default(),
        })))
    }
}

impl Staging<'_> {
    /// Returns the folder of the run: private, on the file system of the lake, and gone with the run.
    /// Whoever has to set rows aside may do it here, in folders of his own.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Writes rows of a table, which have its columns ([`crate::table::schema_of`]).
    ///
    /// Columns are encoded side by side. Row groups of records end with the batch of rows with which
    /// they reach 48 MB or before the one with which they would have more than half a million rows, and
    /// files with the row group with which they reach 256 MB.
    pub fn write(&mut self, table: LakeTable, rows: &RecordBatch) -> Result<(), LakeError> {
        let mut parts = self.take_parts(table);
        let written = parts.write(rows);
        self.tables.insert(table, parts);
        written?;
        self.balance.add(table, rows, &self.opening.batch.batch)
    }

    /// Writes rows of several pieces of two different tables side by side, as [`Self::write`] does those
    /// of one: those whose positions among the rows of all pieces are in `order`, in this order.
    pub fn write_in_order(
        &mut self,
        pieces_of: [(LakeTable, &[RecordBatch]); 2],
        order: &UInt32Array,
    ) -> Result<(), LakeError> {
        let [(one, pieces), (other, other_pieces)] = pieces_of;
        let [mut parts, mut other_parts] = [one, other].map(|table| self.take_parts(table));
        let (balance, batch) = (&mut self.balance, &self.opening.batch.batch);
        let mut count = |(table, pieces)| balance.add_in_order(table, (pieces, order), batch);
        // Threads of their own: those that encode columns must never wait for a file to end.
        let outcomes = thread::scope(|scope| {
            let other = scope.spawn(|| other_parts.write_in_order(other_pieces, order));
            let counted = scope.spawn(|| pieces_of.into_iter().try_for_each(&mut count));
            [parts.write_in_order(pieces, order), joined(other), joined(counted)]
        });
        self.tables.extend([(one, parts), (other, other_parts)]);
        outcomes.into_iter().collect()
    }

    fn take_parts(&mut self, table: LakeTable) -> TableParts {
        let begun = self.tables.remove(&table);
        begun.unwrap_or_else(|| {
            TableParts::new(table, &self.folder, self.origin.clone(), self.lake.part_limits)
        })
    }

    /// Returns how many rows of a table were written.
    pub fn n_rows(&self, table: LakeTable) -> i64 {
        self.balance.n_rows(table)
    }

    /// Drops all rows of a table that were written so far.
    pub fn discard(&mut self, table: LakeTable) -> Result<(), LakeError> {
        self.balance.discard(table);
        self.tables.remove(&table).map_or(Ok(()), TableParts::discard)
    }

    /// Ends the files under way of some tables, side by side, for each waits for the disk. Later rows begin
    /// others.
    pub fn end_files(&mut self, tables: &[LakeTable]) -> Result<(), LakeError> {
        thread::scope(|scope| {
            let parts = self.tables.iter_mut().filter(|(table, _)| tables.contains(table));
            let ending: Vec<_> =
                parts.map(|(_, parts)| scope.spawn(|| parts.end().map(|_| ()))).collect();
            ending.into_iter().try_for_each(joined)
        })
    }

    /// Returns the files of a table that were written so far, to read rows again. The file under way
    /// ends with that; later rows begin another one.
    pub fn written_files(&mut self, table: LakeTable) -> Result<Vec<DataFile>, LakeError> {
        let Some(parts) = self.tables.get_mut(&table) else { return Ok(Vec::new()) };
        let batch = &self.opening.batch.batch;
        Ok(parts.end()?.iter().map(|prepared| DataFile::of_run(prepared, batch)).collect())
    }

    /// Returns the live files of a table on which the batch builds: those of the snapshot with which
    /// the run began, without an earlier reading of the same source, which ends with the commit.
    ///
    /// The commit fails when other records came or went since then.
    pub fn live_files(&self, table: LakeTable) -> Result<Vec<DataFile>, LakeError> {
        let base = self.run.as_ref().map_or(0, |run| run.base);
        self.lake.files_to_build_on(table, base, &self.opening.batch.source_hash)
    }

    /// Returns the earlier reading of the same files that this one takes the place of.
    pub fn earlier_reading(&self) -> Result<Option<EarlierReading>, LakeError> {
        self.lake.earlier_reading(&self.opening.batch.source_hash)
    }

    /// Tells those who wait for this run how far it is, after the command. Best effort.
    pub fn note(&mut self, progress: &str) {
        let records = self.run.as_mut().and_then(|run| run.records.as_mut());
        if let Some(lock) = records {
            let note =
                format!("{} {} {progress}\n", crate::fsio::process_id(), self.opening.command);
            lock.write_note(&note).ok();
        }
    }

    /// Commits all rows that were written: they are durable when this returns, or the lake is as it
    /// was.
    ///
    /// `batch` is that of the opening with its counts. Fails when they do not agree with the rows:
    /// rows accepted, updated and deleted are those of `cases` and `evaluations` by version and
    /// operation, rows returned are the different ones of `returned`, and all files of the batch add
    /// up to what was received. Fails as well when records were committed since the run began, or
    /// after an earlier reading of the same files that this one would take the place of.
    pub fn commit(mut self, batch: &BatchRecord) -> Result<CommitOutcome, LakeError> {
        let outcome = self.end(batch);
        let Some(run) = self.run.take() else { return outcome };
        match outcome {
            Ok(CommitOutcome::Committed { snapshot, .. }) => {
                let mut warnings = self.lake.follow_up(run.number, snapshot);
                warnings.extend(run.damage.as_ref().map(|(_, path)| {
                    Message::new("lake.written_anew")
                        .with("path", path.display())
                        .with("snapshot", snapshot)
                }));
                Ok(CommitOutcome::Committed { snapshot, warnings })
            }
            // Whether the run counts is not ours to say.
            Err(error @ LakeError::OutcomeUnknown { .. }) => Err(error),
            other => {
                self.tables.clear();
                self.lake.abandon(run.number);
                other
            }
        }
    }

    fn end(&mut self, batch: &BatchRecord) -> Result<CommitOutcome, LakeError> {
        let opened = &self.opening.batch;
        if (&batch.batch, &batch.source_hash) != (&opened.batch, &opened.source_hash) {
            let (stated, found) = (opened.source_hash.clone(), batch.source_hash.clone());
            return Err(LakeError::SourceHashDiffers { stated, found });
        }
        check_counts(batch, |table| self.balance.n_rows(table))?;
        if batch.source_kind == SourceKind::Records {
            self.balance.check_records(batch)?;
            self.check_order()?;
        }
        let prepared = self.prepared()?;
        let Some(run) = &mut self.run else { return Err(LakeError::RunAborted { run: 0 }) };
        let lake = self.lake;
        let files = put_in_place(&lake.layout, run.number, prepared).map_err(LakeError::Store)?;
        if run.writer.is_none() {
            let limit = lake.lock_limit * PATIENCE_AT_END;
            let path = lake.layout.writer_lock();
            run.writer = Some(lake.lock(&path, self.opening.command, limit)?);
        }
        self.opening.batch = batch.clone();
        lake.publish(run, &self.opening, &files)
    }

    /// Ends all files. Fails where they do not hold all rows: after a write that failed.
    fn prepared(&mut self) -> Result<Vec<Prepared>, LakeError> {
        let tables = std::mem::take(&mut self.tables).into_values();
        // Side by side, for each waits for the disk.
        let prepared: Result<Vec<_>, _> = thread::scope(|scope| {
            let ending: Vec<_> =
                tables.map(|parts| scope.spawn(|| parts.into_prepared())).collect();
            ending.into_iter().map(joined).collect()
        });
        let all = prepared?.concat();
        for table in LakeTable::ALL {
            let of_table = all.iter().filter(|prepared: &&Prepared| prepared.table == *table);
            let n_rows: usize = of_table.map(|prepared| prepared.n_rows).sum();
            let found = i64::try_from(n_rows).unwrap_or(i64::MAX);
            let stated = self.balance.n_rows(*table);
            if found != stated {
                return Err(LakeError::CountsDiffer { count: table.as_str(), stated, found });
            }
        }
        Ok(all)
    }

    /// Fails where other records came after the reading that would end.
    ///
    /// Versions count from batch to batch. A reading that takes the place of one in the middle would
    /// give its keys a version that a later batch has too, and both would be counted.
    fn check_order(&self) -> Result<(), LakeError> {
        match self.earlier_reading()?.and_then(|earlier| earlier.followed_by) {
            Some(later) => Err(LakeError::RecordsFollow { later }),
            None => Ok(()),
        }
    }
}

/// Waits for a thread, and passes its panic on.
fn joined<T>(thread: ScopedJoinHandle<'_, T>) -> T {
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

impl Drop for Staging<'_> {
    fn drop(&mut self) {
        if let Some(run) = self.run.take() {
            self.tables.clear();
            self.lake.abandon(run.number);
        }
    }
}

#[cfg(test)]
impl Staging<'_> {
    /// Loses the file under way, as a write that fails does.
    pub(super) fn lose(&mut self, table: LakeTable) {
        drop(self.tables.remove(&table));
    }

    /// Does everything up to the last transaction, then ends as a process that is killed does.
    pub(super) fn die_before_the_commit(mut self) -> i64 {
        let mut prepared = Vec::new();
        for (_, parts) in std::mem::take(&mut self.tables) {
            prepared.extend(parts.into_prepared().unwrap());
        }
        let run = self.run.take().unwrap();
        put_in_place(&self.lake.layout, run.number, prepared).unwrap();
        run.number
    }
}
