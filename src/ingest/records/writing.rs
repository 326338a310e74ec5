//! What was judged, on its way into the files of a run: new keys at once, keys that may have come
//! before when all others are written.

mod back;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::thread;

use arrow::array::{ArrayRef, BooleanArray, Int32Array, RecordBatch};
use arrow::compute::kernels::boolean::and_not;
use arrow::compute::{concat_batches, not};
use chrono::{Datelike, NaiveDate};

use crate::diag::Finding;
use crate::ingest::records::RecordsError;
use crate::ingest::records::again::{AGAIN_COLUMNS, BatchOf, PushedAgain, again_of, again_rows};
use crate::ingest::records::aside::{Aside, KeyedRows, Part};
use crate::ingest::records::closing::{
    CLOSED_COLUMNS, Content, OWN_COLUMNS, OpenReturns, RETURNED_COLUMNS, returned_keys,
};
use crate::ingest::records::filter::KeyFilter;
use crate::ingest::records::groups::{Group, Groups, Rows};
use crate::ingest::records::intake::Intake;
use crate::ingest::records::notes::{findings_of, on_sheets, on_versions};
use crate::ingest::records::pace::Pace;
use crate::ingest::records::resolve::{Lookup, Resolved, VerdictCounts, each_key, with_versions};
use crate::ingest::records::signs::Signs;
use crate::ingest::records::whole_return::Reason;
use crate::lake::{BatchRecord, DataFile, DataRows, LakeError, Staging};
use crate::model::{Operation, Origin, Release};
use crate::records::judge::{Judged, JudgedRows, Notes};
use crate::records::profile::{Dataset, RecordKind};
use crate::records::tally::Tally;
use crate::rollup::RecordCounts;
use crate::source::rows::UnreadSheets;
use crate::table::{BatchFacts, LakeTable, findings_batch};

/// Where at most one of so many rows of a block goes back or aside, the others are not copied: it stays
/// with them in memory and is left out when they are put in order.
const LEFT_OUT_OF: usize = 8;

/// Rows of `returned` that are written together.
const RETURNED_ROWS: usize = 64 * 1024;

/// Bytes of a record in a file, at a guess: how large the filter of keys begins.
const BYTES_PER_RECORD: u64 = 200;

/// Days from 1 January of year 1 to 1 January 1970.
const EPOCH_DAYS: i32 = 719_163;

/// What became of the rows of a batch; the five last add up to the first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Accounts {
    /// Rows of all files.
    pub received: u64,
    /// First versions of a key.
    pub accepted: u64,
    /// Further versions.
    pub updated: u64,
    /// Versions that end a key.
    pub deleted: u64,
    /// Rows that went back.
    pub returned: u64,
    /// Rows that were there already.
    pub duplicate: u64,
    /// Earlier returns that rows of this batch close.
    pub closed: u64,
}

/// A batch on its way into the lake.
pub(super) struct Writing<'a> {
    staging: Staging<'a>,
    dataset: &'a Dataset,
    max_returned_share: Option<f64>,
    profile: String,
    batch: String,
    file_names: Vec<String>,
    closed_on: NaiveDate,
    /// When the batch was ingested, microseconds.
    received_at: i64,
    tables: Option<Tables>,
    filter: KeyFilter,
    groups: Groups,
    aside: Aside,
    /// The files that go back by themselves, by their positions, and why.
    files_back: BTreeMap<usize, Reason>,
    /// Rows of these files that nothing is wrong with by themselves.
    aside_back: Aside,
    /// Of lists of returns, those that a row of this one may close; of records, those under the keys that
    /// are looked up.
    open_returns: OpenReturns,
    returned: Vec<RecordBatch>,
    n_returned_waiting: usize,
    accounts: Accounts,
    /// Rows of the files that do not go back by themselves, and those of them that do.
    standing: Standing,
    counts: RecordCounts,
    rows_of_files: Vec<u64>,
    /// Further versions that were pushed before the latest one.
    n_late: u64,
    /// Further versions of records that were another department's.
    n_taken_over: u64,
    /// What there is to tell about the file under way.
    notes: Notes,
    signs: Signs,
    findings: Vec<Finding>,
    pace: Pace,
}

/// Rows of the files that do not go back by themselves.
#[derive(Debug, Clone, Copy, Default)]
struct Standing {
    n_rows: u64,
    n_returned: u64,
}

/// Where accepted records and their pseudonyms go; returns made elsewhere have no tables of their own.
#[derive(Debug, Clone, Copy)]
struct Tables {
    records: LakeTable,
    pseudonyms: LakeTable,
}

/// A batch that is ready to be committed.
pub(super) struct Written<'a> {
    pub(super) staging: Staging<'a>,
    pub(super) record: BatchRecord,
    pub(super) accounts: Accounts,
    /// The rule because of which it goes back as a whole.
    pub(super) returned_whole: Option<Reason>,
    pub(super) findings: Vec<Finding>,
}

impl Tables {
    fn of(kind: RecordKind) -> Option<Self> {
        let (records, pseudonyms) = match kind {
            RecordKind::Cases => (LakeTable::Cases, LakeTable::CasesPii),
            RecordKind::Evaluations => (LakeTable::Evaluations, LakeTable::EvaluationsPii),
            RecordKind::Returns => return None,
        };
        Some(Self { records, pseudonyms })
    }
}

impl<'a> Writing<'a> {
    /// Begins with what the lake has: its keys, and the returns that are open. `files_back` are the files
    /// that are known to go back by themselves, by their positions, and why.
    pub(super) fn begin(
        staging: Staging<'a>,
        intake: &Intake<'a>,
        record: &BatchRecord,
        files_back: BTreeMap<usize, Reason>,
    ) -> Result<Self, RecordsError> {
        let fit = &intake.files[0].fit;
        let kind = fit.dataset.kind;
        let tables = Tables::of(kind);
        let n_expected = usize::try_from(intake.size_bytes() / BYTES_PER_RECORD).unwrap_or(0);
        let mut filter = KeyFilter::for_keys(n_expected);
        // What corrects a row that went back is looked up like what is there already.
        for table in tables.into_iter().flat_map(|tables| [tables.records, LakeTable::Returned]) {
            let files = staging.live_files(table).map_err(RecordsError::Lake)?;
            let insert = |key| {
                filter.insert(key);
            };
            each_key(&files, insert).map_err(RecordsError::Lake)?;
        }
        let open_returns = if tables.is_some() {
            OpenReturns::none(kind)
        } else {
            let returned = rows_of(staging.live_files(LakeTable::Returned), &RETURNED_COLUMNS)?;
            let closed = rows_of(staging.live_files(LakeTable::ReturnsClosed), &CLOSED_COLUMNS)?;
            OpenReturns::of(kind, returned, closed)?
        };
        Ok(Self {
            aside: Aside::new(staging.folder()),
            aside_back: Aside::new(staging.folder()),
            staging,
            dataset: fit.dataset,
            max_returned_share: fit.profile.max_returned_share,
            profile: fit.profile.name(),
            batch: record.batch.to_string(),
            file_names: intake.files.iter().map(|file| file.name.clone()).collect(),
            closed_on: record.received_at.date(),
            received_at: record.received_at.and_utc().timestamp_micros(),
            tables,
            filter,
            groups: Groups::default(),
            open_returns,
            returned: Vec::new(),
            n_returned_waiting: 0,
            accounts: Accounts::default(),
            standing: Standing::default(),
            counts: RecordCounts::new(
                kind.as_str(),
                fit.dataset.scope.as_str(),
                record.received_at.and_utc().timestamp_micros(),
            ),
            rows_of_files: Vec::new(),
            n_late: 0,
            n_taken_over: 0,
            notes: Notes::default(),
            signs: Signs::of(files_back.keys().copied().collect()),
            files_back,
            findings: intake.findings(),
            pace: Pace::of(intake.size_bytes()),
        })
    }

    /// Tells those who wait for the lake from time to time how far it is; `done_bytes` of the files of
    /// the batch have been read.
    pub(super) fn note(&mut self, done_bytes: u64) {
        if let Some(percent) = self.pace.due(done_bytes) {
            let file_name = &self.file_names[self.rows_of_files.len()];
            self.staging.note(&format!("{file_name} {percent} %"));
        }
    }

    /// Returns the counts for the batch rules of the file under way.
    pub(super) fn tally(&self) -> &Tally {
        &self.notes.tally
    }

    /// Takes what came of the next block.
    pub(super) fn take(&mut self, mut judged: Judged) -> Result<(), RecordsError> {
        self.accounts.received += judged.n_rows as u64;
        self.accounts.returned += judged.n_returned as u64;
        let goes_back = self.files_back.contains_key(&self.rows_of_files.len());
        if !goes_back {
            self.standing.n_rows += judged.n_rows as u64;
            self.standing.n_returned += judged.n_returned as u64;
        }
        self.notes.merge(std::mem::take(&mut judged.notes));
        if self.tables.is_none() {
            return self.take_list(judged);
        }
        self.counts.add_returned(&judged.returned, &judged.returned_arrivals);
        if self.counts.are_scattered() {
            return Err(RecordsError::MonthsScattered { n_cells: self.counts.n_cells() });
        }
        // What corrects a row of this very batch is looked up like what the lake has.
        for (_, key) in returned_keys(&judged.returned) {
            self.filter.insert(key);
        }
        if goes_back {
            self.set_back(judged.accepted())?;
            return self.take_returned(judged.returned);
        }
        self.take_returned(judged.returned)?;
        self.take_accepted(judged.rows, judged.is_accepted.as_ref())
    }

    /// Takes rows of a list of returns made elsewhere. One that went back as a row of such a list is closed
    /// by the same row, corrected.
    fn take_list(&mut self, judged: Judged) -> Result<(), RecordsError> {
        let JudgedRows { records, keys, list_keys, .. } = judged.accepted();
        self.take_returned(judged.returned)?;
        if let Some(list_keys) = list_keys {
            let list_keys = Arc::new(list_keys) as ArrayRef;
            let rows = RecordBatch::try_from_iter([("record_key", list_keys)]);
            let keyed = keys.iter().copied().enumerate();
            self.close(&rows.map_err(RecordsError::Rows)?, keyed, Content::New)?;
        }
        // A record that tells of a return elsewhere is accepted as that.
        self.accounts.accepted += records.num_rows() as u64;
        self.take_returned(records)
    }

    /// Ends a file: what there is to tell about it is complete.
    pub(super) fn end_file(&mut self, dataset: &Dataset, unread: &UnreadSheets) {
        let before: u64 = self.rows_of_files.iter().sum();
        let (file_idx, n_rows) = (self.rows_of_files.len(), self.accounts.received - before);
        self.rows_of_files.push(n_rows);
        let file = &self.file_names[file_idx];
        let mut notes = std::mem::take(&mut self.notes);
        self.findings.extend(on_sheets(unread, file));
        self.findings.extend(findings_of(&notes, dataset, file));
        if n_rows > 0 {
            self.signs.add_file(std::mem::take(&mut notes.tally), &dataset.batch_rules, file_idx);
        }
    }

    /// Writes the accepted rows with new keys, and sets those aside whose keys may have come before.
    fn take_accepted(
        &mut self,
        rows: JudgedRows,
        is_accepted: Option<&BooleanArray>,
    ) -> Result<(), RecordsError> {
        let may_be_known =
            self.filter.insert_all(&rows.keys, is_accepted.map(BooleanArray::values));
        let may_be_known = BooleanArray::from(may_be_known);
        let n_known = may_be_known.true_count();
        if n_known > 0 {
            let JudgedRows { records, pseudonyms, keys, .. } = rows.filtered(&may_be_known);
            self.aside.push(&KeyedRows { rows: Rows::of(records, pseudonyms), keys })?;
        }
        let new = match is_accepted {
            None if n_known == 0 => return self.take_new(rows, None),
            None => not(&may_be_known),
            Some(is_accepted) => and_not(is_accepted, &may_be_known),
        };
        let new = new.map_err(RecordsError::Rows)?;
        if new.false_count() * LEFT_OUT_OF <= new.len() {
            return self.take_new(rows, Some(new));
        }
        self.take_new(rows.filtered(&new), None)
    }

    /// Writes rows whose keys came never before: those that are new, all where nothing is said.
    fn take_new(
        &mut self,
        rows: JudgedRows,
        are_new: Option<BooleanArray>,
    ) -> Result<(), RecordsError> {
        let JudgedRows { records, pseudonyms, keys, operations, .. } = rows;
        let is_new = |row: usize| are_new.as_ref().is_none_or(|are| are.value(row));
        for (row, operation) in operations.into_iter().enumerate() {
            let is_deleted = operation == Operation::Delete;
            self.accounts.deleted += u64::from(is_new(row) && is_deleted);
            self.accounts.accepted += u64::from(is_new(row) && !is_deleted);
        }
        let versions: ArrayRef = Arc::new(Int32Array::from(vec![1; keys.len()]));
        let table = self.tables.map(|tables| tables.records).expect("asked before");
        let records = with_versions(table, &records, &versions).map_err(RecordsError::Rows)?;
        self.write(Rows::of(records, pseudonyms), are_new)
    }

    /// Writes rows that have their versions: those that are chosen, all where nothing is said.
    fn write(&mut self, rows: Rows, are_chosen: Option<BooleanArray>) -> Result<(), RecordsError> {
        match self.groups.push(rows, are_chosen) {
            Some(group) => self.write_group(&group),
            None => Ok(()),
        }
    }

    /// Closes the returns of records, by rows with their keys; tells which of these closed one.
    fn close(
        &mut self,
        records: &RecordBatch,
        keyed: impl Iterator<Item = (usize, u128)> + Clone,
        content: Content,
    ) -> Result<Vec<usize>, RecordsError> {
        let closed_on = self.closed_on.num_days_from_ce() - EPOCH_DAYS;
        let closed = self.open_returns.close(records, keyed, content, (&self.batch, closed_on));
        let Some(closed) = closed.map_err(RecordsError::Rows)? else { return Ok(Vec::new()) };
        self.accounts.closed += closed.rows.num_rows() as u64;
        self.stage(LakeTable::ReturnsClosed, &closed.rows)?;
        Ok(closed.records)
    }

    fn write_group(&mut self, group: &Group) -> Result<(), RecordsError> {
        let Some(tables) = self.tables else { return Ok(()) };
        let Group { records, pseudonyms, are_chosen, order } = group;
        let (counts, staging) = (&mut self.counts, &mut self.staging);
        let tables = [(tables.records, &**records), (tables.pseudonyms, &**pseudonyms)];
        let written = thread::scope(|scope| {
            scope.spawn(|| {
                for (piece, are_chosen) in records.iter().zip(are_chosen) {
                    counts.add_versions(piece, are_chosen.as_ref());
                }
            });
            staging.write_in_order(tables, order)
        });
        written.map_err(RecordsError::Lake)?;
        if self.counts.are_scattered() {
            return Err(RecordsError::MonthsScattered { n_cells: self.counts.n_cells() });
        }
        Ok(())
    }

    fn stage(&mut self, table: LakeTable, rows: &RecordBatch) -> Result<(), RecordsError> {
        self.staging.write(table, rows).map_err(RecordsError::Lake)
    }

    fn take_returned(&mut self, rows: RecordBatch) -> Result<(), RecordsError> {
        if rows.num_rows() == 0 {
            return Ok(());
        }
        self.n_returned_waiting += rows.num_rows();
        self.returned.push(rows);
        if self.n_returned_waiting < RETURNED_ROWS { Ok(()) } else { self.write_returned() }
    }

    fn write_returned(&mut self) -> Result<(), RecordsError> {
        self.n_returned_waiting = 0;
        let waiting = std::mem::take(&mut self.returned);
        let Some(first) = waiting.first() else { return Ok(()) };
        let rows = concat_batches(&first.schema(), &waiting).map_err(RecordsError::Rows)?;
        self.stage(LakeTable::Returned, &rows)
    }

    /// Gives up what was written, so that the same files can be written in another way.
    pub(super) fn into_staging(mut self) -> Result<Staging<'a>, RecordsError> {
        for table in LakeTable::ALL {
            self.staging.discard(*table).map_err(RecordsError::Lake)?;
        }
        Ok(self.staging)
    }

    /// Writes what is left, looks up what was set aside, and closes the accounts.
    pub(super) fn finish(mut self, record: BatchRecord) -> Result<Written<'a>, RecordsError> {
        self.write_last_group()?;
        self.write_returned()?;
        self.resolve_back()?;
        self.resolve_aside()?;
        let Accounts { accepted, updated, deleted, .. } = self.accounts;
        let returned_whole = self.reason_for_all().filter(|_| accepted + updated + deleted > 0);
        if let Some(reason) = returned_whole.clone() {
            self.return_whole(reason)?;
        }
        self.write_counts()?;
        let mut findings = std::mem::take(&mut self.findings);
        findings.extend(self.signs.findings(self.dataset, &self.file_names, &record.file_name));
        findings.extend(on_versions(self.n_late, self.n_taken_over, &record.file_name));
        let record = self.closed(record, findings.len());
        if !findings.is_empty() {
            let rows = findings_batch(&findings, 0..findings.len(), &facts_of(&record));
            self.stage(LakeTable::Findings, &rows)?;
        }
        Ok(Written {
            staging: self.staging,
            record,
            accounts: self.accounts,
            returned_whole,
            findings,
        })
    }

    fn write_last_group(&mut self) -> Result<(), RecordsError> {
        match self.groups.finish() {
            Some(group) => self.write_group(&group),
            None => Ok(()),
        }
    }

    /// Looks up the keys that may have come before, as many at a time as memory takes.
    fn resolve_aside(&mut self) -> Result<(), RecordsError> {
        let Some(tables) = self.tables else { return Ok(()) };
        let aside = std::mem::replace(&mut self.aside, Aside::new(self.staging.folder()));
        let passes = aside.into_passes()?;
        if !passes.is_empty() {
            let read_again = [tables.records, tables.pseudonyms, LakeTable::Returned];
            self.staging.end_files(&read_again).map_err(RecordsError::Lake)?;
        }
        for parts in passes {
            let mut lookup = self.known_in_lake(&parts, tables)?;
            let written = self.staging.written_files(tables.records);
            let written = written.map_err(RecordsError::Lake)?;
            lookup.learn(&written, &mut self.counts).map_err(RecordsError::Lake)?;
            self.open_returns = self.returns_under(&lookup)?;
            self.judge_parts(&parts, &mut lookup)?;
        }
        // Keys of later passes are others, so that what is written now need not be read for them.
        self.write_last_group()
    }

    /// Begins to look up the keys of some parts, by what the lake has of them.
    fn known_in_lake(&mut self, parts: &[Part], tables: Tables) -> Result<Lookup, RecordsError> {
        let mut keys = Vec::new();
        for part in parts {
            part.try_each(|keyed| {
                keys.extend_from_slice(&keyed.keys);
                Ok::<(), RecordsError>(())
            })?;
        }
        let mut lookup = Lookup::of(keys);
        let kind = self.dataset.kind.as_str();
        for rows in rows_of(self.staging.live_files(LakeTable::PushedAgain), &AGAIN_COLUMNS)? {
            lookup.learn_again(again_of(&rows?, kind));
        }
        let files = self.staging.live_files(tables.records).map_err(RecordsError::Lake)?;
        lookup.learn(&files, &mut self.counts).map_err(RecordsError::Lake)?;
        Ok(lookup)
    }

    /// Returns the open returns under the keys that are looked up.
    fn returns_under(&mut self, lookup: &Lookup) -> Result<OpenReturns, RecordsError> {
        let rows_in = |files: Result<Vec<DataFile>, LakeError>, columns: &[&str]| {
            let rows = files.and_then(|files| lookup.rows_in(&files, columns));
            rows.map_err(RecordsError::Lake).map(|rows| rows.into_iter().map(Ok))
        };
        let returned = rows_in(self.staging.live_files(LakeTable::Returned), &RETURNED_COLUMNS)?;
        let closed = rows_in(self.staging.live_files(LakeTable::ReturnsClosed), &CLOSED_COLUMNS)?;
        let own = rows_in(self.staging.written_files(LakeTable::Returned), &OWN_COLUMNS)?;
        OpenReturns::of(self.dataset.kind, returned, closed)?.with_own(own, &self.file_names)
    }

    fn judge_parts(&mut self, parts: &[Part], lookup: &mut Lookup) -> Result<(), RecordsError> {
        let Some(tables) = self.tables else { return Ok(()) };
        let mut verdicts = VerdictCounts::default();
        for part in parts {
            part.try_each(|keyed| {
                let counts = &mut self.counts;
                let judged = lookup.judge(tables.records, &keyed, &mut verdicts, counts);
                let Resolved { new, same, again } = judged.map_err(RecordsError::Rows)?;
                let new_keys = new.keys.iter().copied().enumerate();
                let closing = self.close(&new.rows.records, new_keys, Content::New)?;
                self.counts.add_resubmitted(&new.rows.records, closing.into_iter());
                self.write(new.rows, None)?;
                self.write_again(&keyed.rows.records, &again)?;
                let same_keys = same.keys.iter().copied().enumerate();
                self.close(&same.rows.records, same_keys, Content::Known).map(|_| ())
            })?;
        }
        self.accounts.accepted += verdicts.accepted;
        self.accounts.updated += verdicts.updated;
        self.accounts.deleted += verdicts.deleted;
        self.accounts.duplicate += verdicts.duplicate;
        self.n_late += verdicts.late;
        self.n_taken_over += verdicts.other_department;
        Ok(())
    }

    /// Writes which records of a piece were pushed again with nothing changed.
    fn write_again(
        &mut self,
        records: &RecordBatch,
        again: &[PushedAgain],
    ) -> Result<(), RecordsError> {
        if again.is_empty() {
            return Ok(());
        }
        let kind = self.dataset.kind.as_str();
        let of = BatchOf { batch: &self.batch, kind, received_at: self.received_at };
        let rows = again_rows(records, again, of).map_err(RecordsError::Rows)?;
        self.stage(LakeTable::PushedAgain, &rows)
    }

    /// Writes what the batch changes in the counts, which must be about every row of it.
    fn write_counts(&mut self) -> Result<(), RecordsError> {
        if self.tables.is_none() {
            return Ok(());
        }
        let (accounts, found) = (self.accounts, self.counts.totals());
        for (count, stated, found) in [
            ("rows_accepted", accounts.accepted, found.accepted),
            ("rows_updated", accounts.updated, found.updated),
            ("rows_deleted", accounts.deleted, found.deleted),
            ("rows_returned", accounts.returned, found.returned),
            ("rows_duplicate", accounts.duplicate, found.duplicate),
        ] {
            let stated = as_i64(stated);
            if stated != found {
                return Err(RecordsError::Lake(LakeError::CountsDiffer { count, stated, found }));
            }
        }
        let rows = self.counts.rows(&self.batch).map_err(RecordsError::Rows)?;
        self.stage(LakeTable::RecordCounts, &rows)
    }

    /// Returns the row of the batch with its counts.
    fn closed(&self, record: BatchRecord, n_findings: usize) -> BatchRecord {
        let accounts = self.accounts;
        let mut files = record.files;
        for (file, n_rows) in files.iter_mut().zip(&self.rows_of_files) {
            file.rows_received = as_i64(*n_rows);
        }
        BatchRecord {
            rows_received: as_i64(accounts.received),
            rows_accepted: as_i64(accounts.accepted),
            rows_updated: as_i64(accounts.updated),
            rows_deleted: as_i64(accounts.deleted),
            rows_returned: as_i64(accounts.returned),
            rows_duplicate: as_i64(accounts.duplicate),
            n_findings: as_i64(n_findings as u64),
            files,
            ..record
        }
    }
}

/// Returns the rows of files, some columns of them, one piece after the other.
fn rows_of<'c>(
    files: Result<Vec<DataFile>, LakeError>,
    columns: &'c [&'c str],
) -> Result<impl Iterator<Item = Result<RecordBatch, RecordsError>> + 'c, RecordsError> {
    let files = files.map_err(RecordsError::Lake)?.into_iter();
    let pieces = files.flat_map(|file| match file.rows(columns) {
        Ok(rows) => Either::Rows(rows),
        Err(error) => Either::Failed(Some(error)),
    });
    Ok(pieces.map(|piece| piece.map_err(RecordsError::Lake)))
}

/// The rows of a file, or why there are none.
enum Either {
    Rows(DataRows),
    Failed(Option<LakeError>),
}

impl Iterator for Either {
    type Item = Result<RecordBatch, LakeError>;

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::Rows(rows) => rows.next(),
            Self::Failed(error) => error.take().map(Err),
        }
    }
}

/// What the findings of a batch have in common.
fn facts_of(record: &BatchRecord) -> BatchFacts {
    BatchFacts {
        batch: record.batch.clone(),
        edition: record.file_name.clone(),
        file_name: record.file_name.clone(),
        origin: Origin::Platform,
        release: Release::Draft,
        published_on: None,
        received_at: record.received_at,
    }
}

fn as_i64(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
