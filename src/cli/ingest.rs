//! `tongban ingest`: files into the lake, one transaction each.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use indicatif::ProgressBar;

use crate::annex::{OnUnknown, ReadOptions, parse_given_period};
use crate::cli::args::{IngestArgs, ReadingArgs};
use crate::cli::context::Context;
use crate::cli::failure::{Failure, FailureKind};
use crate::cli::ingest_records::{RecordIntake, is_record_name};
use crate::cli::ui::count_by_severity;
use crate::cli::workspace::{SETTINGS_FILE, Workspace, is_own_folder};
use crate::diag::{Message, Severity};
use crate::fsio;
use crate::ingest::{
    Archive, IngestError, IngestSettings, Ingested, OpenSettings, OpenedFile, OpenedFor,
    SourceFile, ingest_source, open_file,
};
use crate::lake::Lake;
use crate::model::{Origin, SYNTHETIC_FILE, SYNTHETIC_SIDE_FILES};
use crate::source::is_document_name;

pub(super) fn run(context: &Context, args: &IngestArgs) -> Result<(), Failure> {
    let options = read_options(&args.reading)?;
    let workspace = Workspace::find(context)?;
    let reference = workspace.reference()?;
    let lake = workspace.lake(context)?;
    let files = files(context, &args.paths)?;
    let place = (&workspace, &lake, &reference);
    let intake = RecordIntake::new(context, place, &args.records)?;
    let (record_files, files) = intake.part(files);
    let records = intake.take(&record_files)?;
    let settings = context.ingest_settings(reference.as_ref(), intake.profiles(), &options);
    let mut tally = Tally { context, lake: &lake, settings, worst: None, n_read: 0, n_refused: 0 };
    let bar = context.ui.progress(files.len());
    for path in &files {
        bar.set_message(path.display().to_string());
        tally.take(path, &bar);
        bar.inc(1);
    }
    bar.finish_and_clear();
    let n_read = tally.n_read + records.n_read;
    let n_refused = tally.n_refused + records.n_refused;
    if n_read + n_refused > 1 {
        let message = Message::new("ingest.files").with("read", n_read).with("refused", n_refused);
        context.ui.status(&message);
    }
    if n_refused > 0 {
        return Err(Failure::told(FailureKind::User));
    }
    let worst = tally.worst.max(records.worst);
    if records.has_returned || worst.is_some_and(|worst| worst >= args.fail_on) {
        return Err(Failure::told(FailureKind::Findings));
    }
    Ok(())
}

/// What became of the files so far.
struct Tally<'a> {
    context: &'a Context,
    lake: &'a Lake,
    settings: IngestSettings<'a>,
    worst: Option<Severity>,
    n_read: usize,
    n_refused: usize,
}

impl<'a> Tally<'a> {
    fn open_settings(&self) -> OpenSettings<'a> {
        OpenSettings {
            program: &self.context.program,
            opened_for: OpenedFor::Figures,
            reference: self.settings.reference,
            profiles: self.settings.profiles,
            options: self.settings.options,
        }
    }

    /// Takes a file, or every file of an archive; one that is refused does not stop the rest.
    fn take(&mut self, path: &Path, bar: &ProgressBar) {
        self.settings.is_synthetic = path.parent().is_some_and(is_synthetic);
        match open_file(path, self.open_settings()) {
            Ok(OpenedFile::Document(source)) => bar.suspend(|| self.commit(Ok(source))),
            Ok(OpenedFile::Archive(archive)) => self.take_archive(&archive, bar),
            Err(error) => bar.suspend(|| self.commit(Err(error))),
        }
    }

    /// Takes the documents of an archive, for as long as that may last.
    fn take_archive(&mut self, archive: &Archive, bar: &ProgressBar) {
        let n_documents = bar.suspend(|| documents_of(self.context, archive));
        let n_documents = match n_documents {
            Ok(n_documents) => n_documents,
            Err(failure) => {
                self.n_refused += 1;
                return bar.suspend(|| self.context.ui.failure(&failure));
            }
        };
        let started = Instant::now();
        let mut n_taken = 0;
        archive.open_documents(self.open_settings(), |shown, source| {
            bar.set_message(shown.to_owned());
            bar.suspend(|| self.commit(source));
            n_taken += 1;
            if n_taken == n_documents || started.elapsed() < ARCHIVE_TIME {
                return ControlFlow::Continue(());
            }
            let message = Message::new("ingest.archive_slow")
                .with("file", archive.path())
                .with("minutes", ARCHIVE_TIME.as_secs() / 60)
                .with("count", n_documents - n_taken);
            self.n_refused += n_documents - n_taken;
            bar.suspend(|| self.context.ui.failure(&Failure::user(message)));
            ControlFlow::Break(())
        });
    }

    fn commit(&mut self, source: Result<SourceFile, IngestError>) {
        let outcome = source.and_then(|mut source| {
            let ingested = ingest_source(self.lake, &mut source, &self.settings)?;
            tell(self.context, &source.shown, &ingested);
            self.tell_origin(&source.shown, &ingested);
            Ok(ingested)
        });
        match outcome {
            Ok(ingested) => {
                self.n_read += 1;
                let worst = ingested.reading.findings.iter().map(|f| f.severity).max();
                self.worst = self.worst.max(worst);
            }
            Err(error) => {
                self.n_refused += 1;
                self.context.ui.refusal(&error);
            }
        }
    }
}

impl Tally<'_> {
    /// Says that the questions will not show a document's figures, where nobody chose that.
    fn tell_origin(&self, shown: &str, ingested: &Ingested) {
        let is_assumed = self.settings.options.origin.is_none();
        if ingested.is_new && is_assumed && ingested.reading.origin == Origin::Reported {
            self.context.ui.status(&Message::new("ingest.reported").with("file", shown));
        }
    }
}

/// Says what became of a file.
pub(super) fn tell(context: &Context, shown: &str, ingested: &Ingested) {
    let reading = &ingested.reading;
    if !ingested.is_new {
        let message = Message::new("ingest.already_there")
            .with("file", shown)
            .with("batch", &ingested.batch)
            .with("snapshot", ingested.snapshot);
        context.ui.status(&message);
        return;
    }
    let [n_errors, n_warnings, n_infos] = count_by_severity(&reading.findings);
    let message = Message::new("ingest.done")
        .with("file", shown)
        .with("observations", reading.observations().count())
        .with("tables", reading.tables.len())
        .with("reconciled", reading.totals().filter(|total| total.is_reconciled).count())
        .with("totals", reading.totals().count())
        .with("errors", n_errors)
        .with("warnings", n_warnings)
        .with("infos", n_infos)
        .with("batch", &ingested.batch)
        .with("snapshot", ingested.snapshot);
    context.ui.status(&message);
    for warning in &ingested.warnings {
        context.ui.warning(warning);
    }
    if !reading.layouts.is_empty() {
        let message = Message::new("ingest.layouts").with_list("layouts", &reading.layouts);
        context.ui.status(&message);
    }
    if let Some(first) = ingested.copies.first() {
        let message = Message::new("ingest.same_number")
            .with("number", reading.notice.document_number.as_deref().unwrap_or_default())
            .with("file", first);
        context.ui.warning(&message);
    }
    context.ui.findings(reading.findings.iter().filter(|f| f.severity >= Severity::Warning));
}

/// How long the documents of one archive may take together: a few minutes are enough for thousands
/// that mean no harm, and each that does can take one.
const ARCHIVE_TIME: Duration = Duration::from_mins(30);

/// Returns how many documents an archive has, and says what else is in it; refuses one without any.
pub(super) fn documents_of(context: &Context, archive: &Archive) -> Result<usize, Failure> {
    let others = archive.others();
    warn_of_others(context, archive.path(), others.len(), others.first().copied());
    match archive.documents().len() {
        0 => Err(Failure::user(Message::new("ingest.no_files").with("path", archive.path()))),
        n_documents => Ok(n_documents),
    }
}

/// Says that files were passed over because of their names.
fn warn_of_others(context: &Context, path: &str, count: usize, first: Option<&str>) {
    if let Some(first) = first {
        let message = Message::new("ingest.passed_over")
            .with("count", count)
            .with("path", path)
            .with("first", first);
        context.ui.warning(&message);
    }
}

/// Returns the files named, and the documents of the folders named, in order.
fn files(context: &Context, paths: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut found = Vec::new();
    for path in paths {
        if !fsio::is_dir(path) {
            found.push(path.clone());
            continue;
        }
        let is_read = |folder: &Path| !is_own_folder(folder) && !is_synthetic_codes(folder);
        let mut files = fsio::list_files_where(path, is_read)?;
        files.retain(|file| !file.ends_with(SETTINGS_FILE));
        pass_over_truth(context, &mut files);
        let (documents, others): (Vec<_>, Vec<_>) =
            files.into_iter().partition(|file| is_document(path, file));
        let first = others.first().map(|path| path.display().to_string());
        warn_of_others(context, &path.display().to_string(), others.len(), first.as_deref());
        if documents.is_empty() {
            let message = Message::new("ingest.no_files").with("path", path.display());
            return Err(Failure::user(message));
        }
        found.extend(documents);
    }
    Ok(found)
}

/// Tells whether a folder is that of a set of made-up files for reference data, which a workspace takes.
fn is_synthetic_codes(folder: &Path) -> bool {
    let is_named_so = folder.file_name().is_some_and(|name| name == "refdata");
    is_named_so && folder.parent().is_some_and(is_synthetic)
}

/// Tells whether a folder holds made-up files.
pub(super) fn is_synthetic(folder: &Path) -> bool {
    fsio::exists(&folder.join(SYNTHETIC_FILE))
}

/// Leaves out what stands beside made-up files and says what they are, with a word for each set.
fn pass_over_truth(context: &Context, files: &mut Vec<PathBuf>) {
    let marks: Vec<PathBuf> =
        files.iter().filter(|file| file.ends_with(SYNTHETIC_FILE)).cloned().collect();
    let is_beside = |file: &PathBuf| {
        let is_named_so = SYNTHETIC_SIDE_FILES.iter().any(|name| file.ends_with(name));
        is_named_so && file.parent().is_some_and(is_synthetic)
    };
    files.retain(|file| !is_beside(file));
    for mark in marks {
        let folder = mark.parent().unwrap_or(&mark);
        context.ui.status(&Message::new("ingest.synthetic").with("path", folder.display()));
    }
}

fn is_document(folder: &Path, path: &Path) -> bool {
    let name = path.strip_prefix(folder).unwrap_or(path).to_string_lossy();
    is_document_name(&name) || is_record_name(path)
}

/// Returns what the user says about a document.
pub(super) fn read_options(args: &ReadingArgs) -> Result<ReadOptions, Failure> {
    let period = match &args.period {
        None => None,
        Some(text) => Some(parse_given_period(text).ok_or_else(|| {
            Failure::usage(Message::new("ingest.period_format").with("value", text))
        })?),
    };
    Ok(ReadOptions {
        issuer: args.issuer.clone(),
        period,
        as_of_day: args.as_of_day,
        published_on: args.published_on,
        origin: args.origin,
        release: args.release,
        unknown: if args.partial { OnUnknown::LeaveOut } else { OnUnknown::Refuse },
    })
}
