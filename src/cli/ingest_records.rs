//! `tongban ingest` of record files: which of the files are some, judged and committed with progress.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::thread::available_parallelism;

use indicatif::ProgressBar;

use crate::cli::args::RecordArgs;
use crate::cli::context::Context;
use crate::cli::failure::{Failure, FailureKind};
use crate::cli::ingest::is_synthetic;
use crate::cli::interrupt;
use crate::cli::keys;
use crate::cli::workspace::{OwnedReference, Workspace};
use crate::diag::{Message, Severity};
use crate::fsio;
use crate::ingest::{
    ProfileChoice, RecordSettings, RecordsError, RecordsIngested, Watch, holds_records,
    ingest_records,
};
use crate::lake::Lake;
use crate::records::profile::Profiles;
use crate::records::pseudonym::KeyedHash;
use crate::refdata::RefData;

/// Names of files that hold records and nothing else.
const RECORD_ENDS: [&str; 6] = ["jsonl", "ndjson", "parquet", "gz", "zst", "zstd"];

/// Names of files that hold documents and nothing else; of all others the header tells.
const DOCUMENT_ENDS: [&str; 7] = ["html", "htm", "docx", "docm", "odt", "ods", "xls"];

/// Record files into the lake, with all that takes.
pub(super) struct RecordIntake<'a> {
    context: &'a Context,
    workspace: &'a Workspace,
    lake: &'a Lake,
    refdata: &'a RefData,
    args: &'a RecordArgs,
    profiles: Profiles,
}

/// What became of the record files of a command.
#[derive(Debug, Default)]
pub(super) struct RecordTally {
    pub(super) n_read: usize,
    pub(super) n_refused: usize,
    pub(super) worst: Option<Severity>,
    /// Whether rows were sent back.
    pub(super) has_returned: bool,
}

impl<'a> RecordIntake<'a> {
    /// Loads the profiles of the program and of the workspace.
    pub(super) fn new(
        context: &'a Context,
        (workspace, lake, reference): (&'a Workspace, &'a Lake, &'a OwnedReference),
        args: &'a RecordArgs,
    ) -> Result<Self, Failure> {
        let (profiles, refdata) = (reference.profiles()?, &reference.refdata);
        Ok(Self { context, workspace, lake, refdata, args, profiles })
    }

    /// Parts record files from others: those that bear the name of one, and those whose header some
    /// profile fits, or was meant to fit. With a profile named, all are.
    pub(super) fn part(&self, paths: Vec<PathBuf>) -> (Vec<PathBuf>, Vec<PathBuf>) {
        let is_named = self.args.profile.is_some() || self.args.dataset.is_some();
        paths.into_iter().partition(|path| is_named || self.is_record_file(path))
    }

    fn is_record_file(&self, path: &Path) -> bool {
        is_record_file(path, &self.profiles, self.context)
    }

    /// Returns the profiles of the program and of the workspace.
    pub(super) fn profiles(&self) -> &Profiles {
        &self.profiles
    }

    /// Takes files: each as a batch, or all as one.
    pub(super) fn take(&self, paths: &[PathBuf]) -> Result<RecordTally, Failure> {
        let mut tally = RecordTally::default();
        if paths.is_empty() {
            return Ok(tally);
        }
        let hash = self.workspace.settings.pseudonyms.unwrap_or(KeyedHash::Sha256);
        let key = keys::load(self.workspace, hash)?;
        let choice = ProfileChoice {
            profile: self.args.profile.clone(),
            dataset: self.args.dataset.clone(),
        };
        let settings = RecordSettings {
            profiles: &self.profiles,
            refdata: self.refdata,
            pseudonyms: &key.pseudonyms,
            key_id: &key.id,
            earlier_keys: &key.after,
            choice: &choice,
            is_synthetic: false,
            command: &self.context.command_line,
            author: &self.context.author,
            reason: "",
            now: self.context.now,
            clock: self.context.clock,
            n_workers: self.n_workers(),
            program: &self.context.program,
        };
        let is_cancelled = interrupt::watch();
        let paths: Vec<&Path> = paths.iter().map(PathBuf::as_path).collect();
        let at_a_time = if self.args.together { paths.len() } else { 1 };
        for batch in paths.chunks(at_a_time) {
            let is_made_up = |path: &&Path| path.parent().is_some_and(is_synthetic);
            let settings =
                RecordSettings { is_synthetic: batch.iter().any(is_made_up), ..settings };
            match self.ingest(batch, &settings, &is_cancelled) {
                Ok(ingested) => {
                    self.tell(batch, &ingested);
                    tally.count(&ingested);
                }
                Err(RecordsError::Cancelled) => {
                    let failure = Failure::user(Message::new("records.cancelled"));
                    return Err(Failure { kind: FailureKind::Interrupted, ..failure });
                }
                Err(error) => {
                    tally.n_refused += batch.len();
                    self.context.ui.refusal(&error);
                }
            }
        }
        Ok(tally)
    }

    fn ingest(
        &self,
        paths: &[&Path],
        settings: &RecordSettings<'_>,
        is_cancelled: &Arc<AtomicBool>,
    ) -> Result<RecordsIngested, RecordsError> {
        let size_bytes =
            paths.iter().filter_map(|path| fsio::size_bytes(path).ok().flatten()).sum();
        let bar: ProgressBar = self.context.ui.progress_bytes(size_bytes);
        bar.set_message(paths[0].display().to_string());
        let progress = |n_bytes| bar.set_position(n_bytes);
        let watch = Watch { progress: &progress, is_cancelled };
        let ingested = ingest_records(self.lake, paths, settings, watch);
        bar.finish_and_clear();
        ingested
    }

    fn n_workers(&self) -> NonZeroUsize {
        let set = self.workspace.settings.threads.map(NonZeroUsize::from);
        set.or_else(|| available_parallelism().ok()).unwrap_or(NonZeroUsize::MIN)
    }

    /// Says what became of the rows of a batch.
    fn tell(&self, paths: &[&Path], ingested: &RecordsIngested) {
        let ui = &self.context.ui;
        let shown = paths[0].display().to_string();
        if !ingested.is_new {
            let message = Message::new("ingest.already_there")
                .with("file", shown)
                .with("batch", &ingested.batch)
                .with("snapshot", ingested.snapshot);
            return ui.status(&message);
        }
        let accounts = ingested.accounts;
        let message = Message::new("records.done")
            .with("file", &shown)
            .with("others", paths.len() - 1)
            .with("profile", &ingested.profile)
            .with("received", accounts.received)
            .with("accepted", accounts.accepted)
            .with("updated", accounts.updated)
            .with("deleted", accounts.deleted)
            .with("returned", accounts.returned)
            .with("duplicate", accounts.duplicate)
            .with("batch", &ingested.batch)
            .with("snapshot", ingested.snapshot);
        ui.status(&message);
        if accounts.received == 0 {
            ui.warning(&Message::new("records.no_rows").with("file", shown));
        }
        if let Some((rule, sentence)) = &ingested.returned_whole {
            let message = Message::new("records.returned_whole").with("rule", rule);
            ui.warning(&message.with_sentence("sentence", &sentence.zh, &sentence.en));
        } else if accounts.returned > 0 {
            ui.warning(&Message::new("records.returned").with("count", accounts.returned));
        }
        if accounts.closed > 0 {
            ui.status(&Message::new("records.closed").with("count", accounts.closed));
        }
        for warning in &ingested.warnings {
            ui.warning(warning);
        }
        ui.findings(ingested.findings.iter().filter(|f| f.severity >= Severity::Warning));
    }
}

/// Tells whether a file holds records: by its name, else by its header.
pub(super) fn is_record_file(path: &Path, profiles: &Profiles, context: &Context) -> bool {
    is_record_name(path)
        || !DOCUMENT_ENDS.contains(&ending(path).as_str())
            && holds_records(path, profiles, &context.program).unwrap_or(false)
}

/// Tells whether a file bears the name of one that holds records and nothing else.
pub(super) fn is_record_name(path: &Path) -> bool {
    RECORD_ENDS.contains(&ending(path).as_str())
}

fn ending(path: &Path) -> String {
    path.extension().and_then(|end| end.to_str()).unwrap_or_default().to_ascii_lowercase()
}

impl RecordTally {
    fn count(&mut self, ingested: &RecordsIngested) {
        self.n_read += 1;
        self.worst = self.worst.max(ingested.findings.iter().map(|f| f.severity).max());
        self.has_returned |= ingested.accounts.returned > 0;
    }
}
