//! Record files into the lake: judged row by row, accepted or returned, and every row accounted for.

mod again;
mod aside;
mod closing;
mod error;
mod filter;
mod groups;
mod in_order;
mod intake;
mod nearest;
mod notes;
mod pace;
mod preview;
mod resolve;
mod signs;
mod version;
mod whole_return;
mod writing;

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use chrono::NaiveDateTime;

use crate::diag::{Finding, Message};
use crate::ingest::received_at;
use crate::ingest::records::in_order::in_order;
use crate::ingest::records::intake::{Intake, IntakeFile, key_name, key_of};
use crate::ingest::records::writing::{Accounts, Writing};
use crate::lake::{BatchRecord, CommitOutcome, Lake, Opening, StagingOutcome, hash_of_files};
use crate::model::{BatchId, Notice, SourceKind};
use crate::records::judge::{Judge, Judged, Receipt};
use crate::records::profile::{Profiles, Sentence};
use crate::records::pseudonym::Pseudonyms;
use crate::refdata::RefData;
use crate::sandbox::Program;
use crate::source::rows::UnreadSheets;
use crate::table::RETURNED_HERE;

pub use error::RecordsError;
pub use intake::{ProfileChoice, holds_records, keys_in_use};
pub use nearest::NearestDataset;
pub(super) use nearest::nearest_dataset;
pub use preview::{ColumnPreview, FilePreview, RecordsPreview, RowPreview};

/// How rows are judged. It goes up whenever the same rows under the same profile come out otherwise.
const JUDGE: &str = "records/5";

/// Of the bytes of a source, a batch takes at most about as many in the lake.
const ESTIMATE_PART: u64 = 2;

/// With what record files are judged and committed.
#[derive(Debug, Clone, Copy)]
pub struct RecordSettings<'a> {
    /// The profiles that a file may fit.
    pub profiles: &'a Profiles,
    /// Reference tables.
    pub refdata: &'a RefData,
    /// Makes what stands in the place of personal values.
    pub pseudonyms: &'a Pseudonyms,
    /// Which key that is, for the log.
    pub key_id: &'a str,
    /// Names of the keys that it takes the place of; records under any other stand in its way.
    pub earlier_keys: &'a BTreeSet<String>,
    /// The profile and the dataset that the user names; else the one that fits.
    pub choice: &'a ProfileChoice,
    /// Whether the records are made up.
    pub is_synthetic: bool,
    /// The command line, for the log.
    pub command: &'a str,
    /// Who runs it, for the log.
    pub author: &'a str,
    /// Why, in the author's words; names of the files where it is empty.
    pub reason: &'a str,
    /// When the files arrived, naive Beijing time.
    pub now: NaiveDateTime,
    /// Tells the time, naive Beijing time.
    pub clock: fn() -> NaiveDateTime,
    /// Threads that judge.
    pub n_workers: NonZeroUsize,
    /// This very program, whose children read workbooks and Parquet.
    pub program: &'a Program,
}

/// Who follows a long run.
#[derive(Clone, Copy)]
pub struct Watch<'a> {
    /// Told from time to time how many bytes of the files have been read.
    pub progress: &'a (dyn Fn(u64) + Sync),
    /// Asked between blocks whether the run is to be given up.
    pub is_cancelled: &'a AtomicBool,
}

impl std::fmt::Debug for Watch<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Watch").finish_non_exhaustive()
    }
}

/// A batch of record files that is in the lake.
#[derive(Debug)]
pub struct RecordsIngested {
    /// The batch.
    pub batch: BatchId,
    /// The snapshot that has it.
    pub snapshot: i64,
    /// Whether this run put it there, or the same files judged in the same way were there before.
    pub is_new: bool,
    /// Name and version of the profile, and the dataset of it.
    pub profile: String,
    /// What became of the rows.
    pub accounts: Accounts,
    /// Why all rows went back although each was judged by itself: a rule about all rows together, and
    /// what it says.
    pub returned_whole: Option<(String, Sentence)>,
    /// What there is to tell about the batch.
    pub findings: Vec<Finding>,
    /// What did not work after the commit, which stands all the same.
    pub warnings: Vec<Message>,
}

/// Judges record files and commits what came of them as one batch: all of it, or nothing.
pub fn ingest_records(
    lake: &Lake,
    paths: &[&Path],
    settings: &RecordSettings<'_>,
    watch: Watch<'_>,
) -> Result<RecordsIngested, RecordsError> {
    let intake = Intake::open(paths, settings.profiles, settings.choice, settings.program)?;
    let record = batch_record(lake, &intake, settings)?;
    let opening = Opening {
        command: settings.command,
        author: settings.author,
        message: if settings.reason.is_empty() { &record.file_name } else { settings.reason },
        clock: settings.clock,
        batch: record.clone(),
    };
    let estimated_bytes = intake.size_bytes() / ESTIMATE_PART;
    let staging = match lake.stage(opening, estimated_bytes).map_err(RecordsError::Lake)? {
        StagingOutcome::Open(staging) => *staging,
        StagingOutcome::Concluded(outcome) => return Ok(concluded(outcome, &intake)),
    };
    let mut writing = Writing::begin(staging, &intake, &record, BTreeMap::new())?;
    judge_files(&intake, &record, &mut writing, (settings, watch))?;
    let files_back = writing.files_to_return();
    if !files_back.is_empty() {
        // Rows of files that go back touch those of others, by their keys, in more ways than can be undone.
        writing = Writing::begin(writing.into_staging()?, &intake, &record, files_back)?;
        judge_files(&intake, &record, &mut writing, (settings, watch))?;
    }
    let profile = intake.name();
    let written = writing.finish(record.clone())?;
    let outcome = written.staging.commit(&written.record).map_err(RecordsError::Lake)?;
    Ok(match outcome {
        CommitOutcome::Committed { snapshot, warnings } => RecordsIngested {
            batch: written.record.batch,
            snapshot,
            is_new: true,
            profile,
            accounts: written.accounts,
            returned_whole: written.returned_whole,
            findings: written.findings,
            warnings,
        },
        already_there @ CommitOutcome::AlreadyThere { .. } => concluded(already_there, &intake),
    })
}

/// Judges the files of a batch, one after the other.
fn judge_files(
    intake: &Intake<'_>,
    record: &BatchRecord,
    writing: &mut Writing<'_>,
    (settings, watch): (&RecordSettings<'_>, Watch<'_>),
) -> Result<(), RecordsError> {
    let done_bytes = AtomicU64::new(0);
    let mut n_bytes_before = 0;
    for (file_idx, file) in (0_i32..).zip(&intake.files) {
        let receipt = Receipt {
            batch: record.batch.to_string(),
            file_idx,
            file_name: file.name.clone(),
            received_at: record.received_at.and_utc().timestamp_micros(),
            returned_by: RETURNED_HERE.to_owned(),
        };
        let judge = Judge::new(&file.fit, receipt, settings.pseudonyms, settings.refdata);
        let before = n_bytes_before;
        let progress = |n_bytes| {
            done_bytes.store(before + n_bytes, Ordering::Relaxed);
            (watch.progress)(before + n_bytes);
        };
        writing.note(before);
        let watch = Watch { progress: &progress, ..watch };
        let take = |judged| {
            writing.note(done_bytes.load(Ordering::Relaxed));
            writing.take(judged)?;
            judge.narrow(writing.tally());
            Ok(())
        };
        let unread = judge_file(file, &judge, settings, take, watch)?;
        writing.end_file(judge.dataset(), &unread);
        n_bytes_before += file.digest.size_bytes;
    }
    Ok(())
}

/// Reads a file to its end; its rows are judged side by side and taken in order. Returns the sheets that
/// were not read.
fn judge_file(
    file: &IntakeFile,
    judge: &Judge,
    settings: &RecordSettings<'_>,
    take: impl FnMut(Judged) -> Result<(), RecordsError>,
    watch: Watch<'_>,
) -> Result<UnreadSheets, RecordsError> {
    let mut reader = file.source.open(settings.program).map_err(RecordsError::File)?;
    let next = || {
        if watch.is_cancelled.load(Ordering::Relaxed) {
            return Err(RecordsError::Cancelled);
        }
        (watch.progress)(reader.bytes_read());
        reader.next_block().map_err(RecordsError::File)
    };
    in_order(settings.n_workers, next, |block| judge.judge(&block), take)?;
    // The bytes that were judged are those that the batch is named after.
    match reader.digest() {
        Some(digest) if digest == file.digest => Ok(reader.unread_sheets()),
        _ => Err(RecordsError::Changed { file_name: file.source.shown() }),
    }
}

/// The catalog's row of the batch, its counts still open.
fn batch_record(
    lake: &Lake,
    intake: &Intake<'_>,
    settings: &RecordSettings<'_>,
) -> Result<BatchRecord, RecordsError> {
    let source_hash = hash_of_files(intake.files.iter().map(|file| &*file.digest.blake3));
    let reading = intake.reading(JUDGE, settings);
    let known = lake.batches().map_err(RecordsError::Lake)?;
    check_key(&known, settings)?;
    Ok(BatchRecord {
        batch: BatchId::of(&source_hash, &reading),
        source_kind: SourceKind::Records,
        file_name: intake.title(),
        notice: Notice::default(),
        layout: Some(intake.name()),
        reading,
        tool_version: env!("CARGO_PKG_VERSION").to_owned(),
        is_synthetic: settings.is_synthetic,
        rows_received: 0,
        rows_accepted: 0,
        rows_updated: 0,
        rows_deleted: 0,
        rows_returned: 0,
        rows_duplicate: 0,
        n_observations: 0,
        n_findings: 0,
        received_at: received_at(&known, &source_hash, settings.now).max(latest_records(&known)),
        committed_at: None,
        snapshot: None,
        superseded_by: None,
        retracted_by: None,
        files: intake.batch_files(),
        source_hash,
    })
}

/// Fails where live records were taken under another key of the same hash: the same person would have
/// another pseudonym, and a record that comes once more would count as changed.
fn check_key(known: &[BatchRecord], settings: &RecordSettings<'_>) -> Result<(), RecordsError> {
    let ours = key_name(settings);
    let hash = format!("{}:", settings.pseudonyms.hash());
    let is_other = |name: &str| {
        name.starts_with(&hash) && name != ours && !settings.earlier_keys.contains(name)
    };
    match known.iter().find(|batch| key_of(batch).is_some_and(is_other)) {
        Some(batch) => Err(RecordsError::KeyDiffers { batch: batch.batch.clone() }),
        None => Ok(()),
    }
}

fn concluded(outcome: CommitOutcome, intake: &Intake<'_>) -> RecordsIngested {
    let (batch, snapshot) = match outcome {
        CommitOutcome::AlreadyThere { batch, snapshot } => (batch, snapshot),
        CommitOutcome::Committed { .. } => unreachable!("nothing was committed yet"),
    };
    RecordsIngested {
        batch,
        snapshot,
        is_new: false,
        profile: intake.name(),
        accounts: Accounts::default(),
        returned_whole: None,
        findings: Vec::new(),
        warnings: Vec::new(),
    }
}

/// Returns when the latest live records arrived. Versions count from batch to batch, so that none may
/// seem to have been there before the one that it builds on: not even where a clock was set back.
fn latest_records(known: &[BatchRecord]) -> NaiveDateTime {
    let is_live = |other: &&BatchRecord| {
        other.source_kind == SourceKind::Records
            && other.superseded_by.is_none()
            && other.retracted_by.is_none()
    };
    known.iter().filter(is_live).map(|other| other.received_at).max().unwrap_or_default()
}
