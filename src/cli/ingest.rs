//! `tongban ingest`: files into the lake, one transaction each.

use std::path::{Path, PathBuf};

use indicatif::ProgressBar;

use crate::annex::{OnUnknown, ReadOptions, parse_given_period};
use crate::cli::args::{IngestArgs, ReadingArgs};
use crate::cli::context::Context;
use crate::cli::failure::{Failure, FailureKind};
use crate::cli::ui::count_by_severity;
use crate::cli::workspace::Workspace;
use crate::diag::{Message, Severity};
use crate::fsio;
use crate::ingest::{
    IngestError, IngestSettings, Ingested, OpenedFile, SourceFile, ingest_source, open_file,
};
use crate::lake::Lake;

pub(super) fn run(context: &Context, args: &IngestArgs) -> Result<(), Failure> {
    let options = read_options(&args.reading)?;
    let workspace = Workspace::find(context)?;
    let refdata = workspace.refdata()?;
    let lake = workspace.lake(context)?;
    let files = files(context, &args.paths)?;
    let settings = IngestSettings {
        refdata: &refdata,
        options: &options,
        command: &context.command_line,
        author: &context.author,
        now: context.now,
    };
    let mut tally = Tally { context, lake: &lake, settings, worst: None, n_read: 0, n_refused: 0 };
    let bar = context.ui.progress(files.len());
    for path in &files {
        bar.set_message(path.display().to_string());
        tally.take(path, &bar);
        bar.inc(1);
    }
    bar.finish_and_clear();
    if tally.n_read + tally.n_refused > 1 {
        let message = Message::new("ingest.files")
            .with("read", tally.n_read)
            .with("refused", tally.n_refused);
        context.ui.status(&message);
    }
    if tally.n_refused > 0 {
        return Err(Failure::told(FailureKind::User));
    }
    if tally.worst.is_some_and(|worst| worst >= args.fail_on) {
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

impl Tally<'_> {
    /// Takes a file, or every file of an archive; one that is refused does not stop the rest.
    fn take(&mut self, path: &Path, bar: &ProgressBar) {
        match open_file(path, &self.context.program) {
            Ok(OpenedFile::Document(source)) => bar.suspend(|| self.commit(Ok(source))),
            Ok(OpenedFile::Archive(archive)) => {
                for idx in archive.members() {
                    bar.set_message(archive.shown(idx));
                    let source = archive.open_member(idx);
                    bar.suspend(|| self.commit(source));
                }
            }
            Err(error) => bar.suspend(|| self.commit(Err(error))),
        }
    }

    fn commit(&mut self, source: Result<SourceFile, IngestError>) {
        let outcome = source.and_then(|mut source| {
            let ingested = ingest_source(self.lake, &mut source, &self.settings)?;
            tell(self.context, &source.shown, &ingested);
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
    context.ui.findings(reading.findings.iter().filter(|f| f.severity >= Severity::Warning));
}

/// Extensions of the files that are read in a folder; a file that is named is read whatever its name.
const EXTENSIONS: [&str; 12] =
    ["txt", "html", "htm", "docx", "odt", "xlsx", "xls", "et", "ods", "csv", "tsv", "zip"];

/// Returns the files named, and the documents of the folders named, in order.
fn files(context: &Context, paths: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut files = Vec::new();
    for path in paths {
        if !fsio::is_dir(path) {
            files.push(path.clone());
            continue;
        }
        let (documents, others): (Vec<_>, Vec<_>) =
            fsio::list_files(path)?.into_iter().partition(|file| is_document(file));
        if !others.is_empty() {
            let message = Message::new("ingest.passed_over")
                .with("count", others.len())
                .with("path", path.display())
                .with("first", others[0].display());
            context.ui.warning(&message);
        }
        if documents.is_empty() {
            let message = Message::new("ingest.no_files").with("path", path.display());
            return Err(Failure::user(message));
        }
        files.extend(documents);
    }
    Ok(files)
}

fn is_document(path: &Path) -> bool {
    path.extension()
        .is_some_and(|end| EXTENSIONS.iter().any(|extension| end.eq_ignore_ascii_case(extension)))
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
        published_on: args.published_on,
        origin: args.origin,
        release: args.release,
        unknown: if args.partial { OnUnknown::LeaveOut } else { OnUnknown::Refuse },
    })
}
