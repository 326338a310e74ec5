//! `tongban ingest`: files into the lake, one transaction each.

use std::path::{Path, PathBuf};

use crate::annex::{OnUnknown, ReadOptions, parse_given_period};
use crate::cli::args::{IngestArgs, ReadingArgs};
use crate::cli::context::Context;
use crate::cli::failure::{Failure, FailureKind};
use crate::cli::ui::count_by_severity;
use crate::cli::workspace::Workspace;
use crate::diag::{Message, Severity};
use crate::fsio;
use crate::ingest::{IngestSettings, Ingested, ingest_file};

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
    let bar = context.ui.progress(files.len());
    let mut worst: Option<Severity> = None;
    let mut n_refused = 0;
    for path in &files {
        bar.set_message(path.display().to_string());
        let outcome = bar.suspend(|| match ingest_file(&lake, path, &settings) {
            Ok(ingested) => {
                tell(context, path, &ingested);
                Some(ingested)
            }
            Err(error) => {
                context.ui.refusal(&error);
                None
            }
        });
        match outcome {
            Some(ingested) => {
                worst = worst.max(ingested.reading.findings.iter().map(|f| f.severity).max());
            }
            None => n_refused += 1,
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    if files.len() > 1 {
        let message = Message::new("ingest.files")
            .with("read", files.len() - n_refused)
            .with("refused", n_refused);
        context.ui.status(&message);
    }
    if n_refused > 0 {
        return Err(Failure::told(FailureKind::User));
    }
    if worst.is_some_and(|worst| worst >= args.fail_on) {
        return Err(Failure::told(FailureKind::Findings));
    }
    Ok(())
}

/// Says what became of a file.
pub(super) fn tell(context: &Context, path: &Path, ingested: &Ingested) {
    let reading = &ingested.reading;
    if !ingested.is_new {
        let message = Message::new("ingest.already_there")
            .with("file", path.display())
            .with("batch", &ingested.batch)
            .with("snapshot", ingested.snapshot);
        context.ui.status(&message);
        return;
    }
    let [n_errors, n_warnings, n_infos] = count_by_severity(&reading.findings);
    let message = Message::new("ingest.done")
        .with("file", path.display())
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

/// Returns the files named, and the text files of the folders named, in order.
fn files(context: &Context, paths: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut files = Vec::new();
    for path in paths {
        if !fsio::is_dir(path) {
            files.push(path.clone());
            continue;
        }
        let (texts, others): (Vec<_>, Vec<_>) =
            fsio::list_files(path)?.into_iter().partition(|file| is_text(file));
        if !others.is_empty() {
            let message = Message::new("ingest.passed_over")
                .with("count", others.len())
                .with("path", path.display())
                .with("first", others[0].display());
            context.ui.warning(&message);
        }
        if texts.is_empty() {
            let message = Message::new("ingest.no_files").with("path", path.display());
            return Err(Failure::user(message));
        }
        files.extend(texts);
    }
    Ok(files)
}

fn is_text(path: &Path) -> bool {
    path.extension().is_some_and(|end| end.eq_ignore_ascii_case("txt"))
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
