//! A file into the lake: read it, commit what was read. Nothing else happens here.

mod child;
mod open;
mod record_like;
mod records;

use std::collections::BTreeSet;
use std::io::ErrorKind;

use chrono::{NaiveDateTime, TimeDelta};

use crate::annex::{AnnexError, DocumentName, ReadOptions, Reading, Reference, read};
use crate::diag::{Diagnose, Message, impl_error};
use crate::fsio::{FsError, hash_hex};
use crate::ingest::record_like::refuse_record_like;
use crate::lake::{BatchRecord, Commit, CommitOutcome, Lake, LakeError};
use crate::model::{BatchId, Notice, Observation, SourceKind, TotalCheck, says_synthetic};
use crate::records::profile::Profiles;
use crate::sandbox::SandboxError;
use crate::source::{Block, Document, SourceError};
use crate::table::{
    BatchFacts, LakeTable, TableRows, findings_batch, observations_batch, totals_batch,
};

pub use child::{OpenedFor, Refusal, answer_child};
pub use open::{Archive, OpenSettings, OpenedFile, SourceFile, open_file, open_kept};
pub use record_like::RecordLike;
pub use records::{
    ColumnPreview, FilePreview, NearestDataset, ProfileChoice, RecordSettings, RecordsError,
    RecordsIngested, RecordsPreview, RowPreview, Watch, holds_records, ingest_records, keys_in_use,
};

/// A file did not enter the lake; the lake is as it was.
#[derive(Debug)]
pub enum IngestError {
    /// The file could not be read.
    File(FsError),
    /// The bytes are no document.
    Source(SourceError),
    /// The process that reads documents gave nothing back.
    Sandbox {
        /// The file.
        file_name: String,
        /// Why.
        error: SandboxError,
    },
    /// The process that reads documents gave back something that is no answer.
    Reply {
        /// The file.
        file_name: String,
    },
    /// The document holds records, or numbers of persons, and no annex.
    RecordLike(RecordLike),
    /// The document was refused.
    Annex(AnnexError),
    /// The document was refused by the process that reads documents, because it is large.
    Refused(Refusal),
    /// The commit failed.
    Lake(LakeError),
}

impl IngestError {
    fn inner(&self) -> Option<&dyn Diagnose> {
        match self {
            Self::Sandbox { error, .. } => Some(error),
            Self::File(error) => Some(error),
            Self::Source(error) => Some(error),
            Self::Reply { .. } => None,
            Self::RecordLike(error) => Some(error),
            Self::Annex(error) => Some(error),
            Self::Refused(refusal) => Some(refusal),
            Self::Lake(error) => Some(error),
        }
    }
}

impl_error!(IngestError);

impl Diagnose for IngestError {
    fn message(&self) -> Message {
        match self {
            Self::Sandbox { file_name, .. } => {
                Message::new("ingest.unreadable").with("file", file_name)
            }
            Self::Reply { file_name } => Message::new("ingest.reply").with("file", file_name),
            Self::File(error) if error.kind() == Some(ErrorKind::NotFound) => {
                Message::new("ingest.file_missing").with("file", error.path.display())
            }
            Self::File(error) => error.message(),
            Self::Source(error) => error.message(),
            Self::RecordLike(error) => error.message(),
            Self::Annex(error) => error.message(),
            Self::Refused(refusal) => refusal.message(),
            Self::Lake(error) => error.message(),
        }
    }

    fn causes(&self) -> Vec<Message> {
        let mut causes = self.inner().map(Diagnose::causes).unwrap_or_default();
        if let Self::Sandbox { error, .. } = self {
            causes.insert(0, error.message());
        }
        causes
    }

    fn details(&self) -> Vec<Message> {
        self.inner().map(Diagnose::details).unwrap_or_default()
    }

    fn besides(&self) -> Vec<Message> {
        self.inner().map(Diagnose::besides).unwrap_or_default()
    }
}

/// With what a file is read and committed.
#[derive(Debug, Clone, Copy)]
pub struct IngestSettings<'a> {
    /// Reference tables and saved layouts.
    pub reference: Reference<'a>,
    /// Profiles of records, by which a document that holds records is known.
    pub profiles: &'a Profiles,
    /// What the user says about the document.
    pub options: &'a ReadOptions,
    /// The command line, for the log.
    pub command: &'a str,
    /// Who runs it, for the log.
    pub author: &'a str,
    /// Why, in the author's words; the title of the document where it is empty.
    pub reason: &'a str,
    /// Whether the document stands among made-up files, or was read as one before. One that says so itself
    /// is made up wherever it stands.
    pub is_synthetic: bool,
    /// When the files arrived, naive Beijing time; each one read after another counts as a microsecond
    /// later, so that of two corrections of one day the one read last is the later one.
    pub now: NaiveDateTime,
    /// Tells the time, naive Beijing time.
    pub clock: fn() -> NaiveDateTime,
}

/// A file that is in the lake.
#[derive(Debug)]
pub struct Ingested {
    /// What was read.
    pub reading: Reading,
    /// The batch it is in.
    pub batch: BatchId,
    /// The snapshot that has it.
    pub snapshot: i64,
    /// Whether this run put it there, or the same bytes read the same way were there before.
    pub is_new: bool,
    /// Other files in the lake that bear the same document number.
    pub copies: Vec<String>,
    /// What did not work after the commit, which stands all the same.
    pub warnings: Vec<Message>,
}

impl SourceFile {
    /// Refuses a document that holds records or numbers of persons.
    pub fn check_no_records(&self, profiles: &Profiles) -> Result<(), IngestError> {
        let outcome = refuse_record_like(&self.document, &self.shown, profiles);
        outcome.map_err(IngestError::RecordLike)
    }

    /// Tells whether the document says that it was made up by this program.
    pub fn says_synthetic(&self) -> bool {
        self.document.blocks.iter().any(|block| match block {
            Block::Paragraph(paragraph) => says_synthetic(&paragraph.text),
            Block::Grid(grid) => {
                let cells = grid.rows.iter().flat_map(|row| &row.cells);
                cells.into_iter().any(|cell| says_synthetic(&cell.text))
            }
        })
    }
}

/// Reads what a file says, without writing anything.
///
/// What the document holds goes into the reading: afterwards it is empty. One that holds records or
/// numbers of persons is refused before anything of it is read.
pub fn read_source(
    source: &mut SourceFile,
    profiles: &Profiles,
    reference: Reference<'_>,
    options: &ReadOptions,
) -> Result<Reading, IngestError> {
    source.check_no_records(profiles)?;
    let name = DocumentName { shown: &source.shown, file_name: &source.file_name };
    let blocks = std::mem::take(&mut source.document.blocks);
    let document = Document { blocks, ..source.document.clone() };
    read(document, name, reference, options).map_err(IngestError::Annex)
}

/// Reads a file and commits what it says as one batch; its document is empty afterwards.
pub fn ingest_source(
    lake: &Lake,
    source: &mut SourceFile,
    settings: &IngestSettings<'_>,
) -> Result<Ingested, IngestError> {
    let is_synthetic = settings.is_synthetic || source.says_synthetic();
    let reading = read_source(source, settings.profiles, settings.reference, settings.options)?;
    let SourceFile { bytes, file_name, .. } = source;
    let source_hash = hash_hex(bytes);
    let batch = BatchId::of(&source_hash, &reading.way);
    let known = lake.batches().map_err(IngestError::Lake)?;
    let received_at = received_at(&known, &source_hash, settings.now);
    let facts = BatchFacts {
        batch: batch.clone(),
        edition: reading.edition.clone(),
        file_name: file_name.clone(),
        origin: reading.origin,
        release: reading.release,
        published_on: reading.published_on,
        received_at,
    };
    let observations: Vec<&Observation> = reading.observations().collect();
    let totals: Vec<&TotalCheck> = reading.totals().collect();
    let tables = [
        TableRows::new(LakeTable::Observations, observations.len(), |rows| {
            observations_batch(&observations[rows], &facts)
        }),
        TableRows::new(LakeTable::Totals, totals.len(), |rows| totals_batch(&totals[rows], &facts)),
        TableRows::new(LakeTable::Findings, reading.findings.len(), |rows| {
            findings_batch(&reading.findings, rows, &facts)
        }),
    ];
    let title = reading.notice.title.as_ref().unwrap_or(file_name);
    let message = if settings.reason.is_empty() { title } else { settings.reason }.to_owned();
    let record = BatchRecord {
        file_name: file_name.clone(),
        is_synthetic,
        ..record(&reading, &batch, &source_hash)
    };
    let copies = copies(&known, &record);
    let commit = Commit {
        command: settings.command,
        author: settings.author,
        message: &message,
        clock: settings.clock,
        batch: BatchRecord { received_at, ..record },
        source: bytes,
        tables: &tables,
    };
    let outcome = lake.commit(&commit).map_err(IngestError::Lake)?;
    drop(tables);
    match outcome {
        CommitOutcome::Committed { snapshot, warnings } => {
            Ok(Ingested { reading, batch, snapshot, is_new: true, copies, warnings })
        }
        CommitOutcome::AlreadyThere { batch, snapshot } => {
            let warnings = Vec::new();
            Ok(Ingested { reading, batch, snapshot, is_new: false, copies: Vec::new(), warnings })
        }
    }
}

/// Returns when a source arrived, later than every other one of the same time. To read a source again
/// does not make it arrive later.
fn received_at(known: &[BatchRecord], source_hash: &str, now: NaiveDateTime) -> NaiveDateTime {
    let of_source = known.iter().filter(|other| other.source_hash == source_hash);
    if let Some(first) = of_source.map(|other| other.received_at).min() {
        return first;
    }
    let taken: BTreeSet<NaiveDateTime> = known.iter().map(|other| other.received_at).collect();
    let mut received_at = now;
    while taken.contains(&received_at) {
        received_at += TimeDelta::microseconds(1);
    }
    received_at
}

/// Returns the files of other live batches that bear the same document number.
fn copies(known: &[BatchRecord], record: &BatchRecord) -> Vec<String> {
    let Some(number) = &record.notice.document_number else { return Vec::new() };
    let is_copy = |other: &&BatchRecord| {
        other.notice.document_number.as_ref() == Some(number)
            && other.source_hash != record.source_hash
            && other.superseded_by.is_none()
            && other.retracted_by.is_none()
    };
    known.iter().filter(is_copy).map(|other| other.file_name.clone()).collect()
}

/// The catalog's row of a batch. Rows of an annex are its figures: accepted, or left out as unknown.
fn record(reading: &Reading, batch: &BatchId, source_hash: &str) -> BatchRecord {
    let n_observations = count(reading.observations().count());
    let n_left_out = count(reading.n_left_out);
    let is_notice = reading.notice.document_number.is_some();
    BatchRecord {
        batch: batch.clone(),
        source_hash: source_hash.to_owned(),
        source_kind: if is_notice { SourceKind::Notice } else { SourceKind::Form },
        file_name: String::new(),
        notice: Notice { published_on: reading.published_on, ..reading.notice.clone() },
        layout: Some(reading.layouts.join(",")).filter(|layouts| !layouts.is_empty()),
        reading: reading.way.clone(),
        tool_version: env!("CARGO_PKG_VERSION").to_owned(),
        is_synthetic: false,
        rows_received: n_observations + n_left_out,
        rows_accepted: n_observations,
        rows_updated: 0,
        rows_deleted: 0,
        rows_returned: n_left_out,
        rows_duplicate: 0,
        n_observations,
        n_findings: count(reading.findings.len()),
        received_at: NaiveDateTime::default(),
        committed_at: None,
        snapshot: None,
        superseded_by: None,
        retracted_by: None,
        files: Vec::new(),
    }
}

fn count(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}
