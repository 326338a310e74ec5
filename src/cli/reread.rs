//! `tongban reread`: sources that the lake kept, read again.

use std::collections::BTreeSet;

use crate::annex::ReadOptions;
use crate::cli::args::RereadArgs;
use crate::cli::context::Context;
use crate::cli::failure::{Failure, FailureKind};
use crate::cli::ingest::{read_options, tell};
use crate::cli::workspace::Workspace;
use crate::diag::{Message, Severity};
use crate::ingest::{
    IngestError, IngestSettings, Ingested, OpenSettings, OpenedFor, ingest_source, open_kept,
};
use crate::lake::{BatchRecord, Lake};
use crate::model::SourceKind;

pub(super) fn run(context: &Context, args: &RereadArgs) -> Result<(), Failure> {
    let given = read_options(&args.reading)?;
    let workspace = Workspace::find(context)?;
    let lake = workspace.lake(context)?;
    let batches = chosen(&lake, args)?;
    let worst = read_all(context, &workspace, &lake, (&batches, &args.reason, &given))?;
    if worst.is_some_and(|worst| worst >= args.fail_on) {
        return Err(Failure::told(FailureKind::Findings));
    }
    Ok(())
}

/// Reads the sources of batches again, each in the way in which it was read.
pub(super) fn read_again_all(
    context: &Context,
    workspace: &Workspace,
    lake: &Lake,
    (batches, reason): (&[BatchRecord], &str),
) -> Result<(), Failure> {
    let given = ReadOptions::default();
    read_all(context, workspace, lake, (batches, reason, &given)).map(|_| ())
}

/// Reads sources again; returns the severity of the worst finding.
fn read_all(
    context: &Context,
    workspace: &Workspace,
    lake: &Lake,
    (batches, reason, given): (&[BatchRecord], &str, &ReadOptions),
) -> Result<Option<Severity>, Failure> {
    let reference = workspace.reference()?;
    let profiles = reference.profiles()?;
    let bar = context.ui.progress(batches.len());
    let (mut worst, mut n_refused) = (None::<Severity>, 0);
    for batch in batches {
        bar.set_message(batch.file_name.clone());
        let options = given.clone().or(ReadOptions::of_way(&batch.reading));
        let settings = IngestSettings {
            reason,
            is_synthetic: batch.is_synthetic,
            ..context.ingest_settings(reference.as_ref(), &profiles, &options)
        };
        let outcome = read_again(context, lake, batch, &settings);
        bar.suspend(|| match outcome {
            Ok(ingested) => {
                tell(context, &batch.file_name, &ingested);
                worst = worst.max(ingested.reading.findings.iter().map(|f| f.severity).max());
            }
            Err(error) => {
                n_refused += 1;
                context.ui.refusal(&error);
            }
        });
        bar.inc(1);
    }
    bar.finish_and_clear();
    if n_refused > 0 { Err(Failure::told(FailureKind::User)) } else { Ok(worst) }
}

fn read_again(
    context: &Context,
    lake: &Lake,
    batch: &BatchRecord,
    settings: &IngestSettings<'_>,
) -> Result<Ingested, IngestError> {
    let bytes = lake.source(&batch.source_hash).map_err(IngestError::Lake)?;
    let opening = OpenSettings {
        program: &context.program,
        opened_for: OpenedFor::Figures,
        reference: settings.reference,
        profiles: settings.profiles,
        options: settings.options,
    };
    let mut source = open_kept(bytes, &batch.file_name, opening)?;
    ingest_source(lake, &mut source, settings)
}

/// Returns the live batches that are meant: all, or the one whose id begins as given.
fn chosen(lake: &Lake, args: &RereadArgs) -> Result<Vec<BatchRecord>, Failure> {
    let is_live =
        |batch: &BatchRecord| batch.superseded_by.is_none() && batch.retracted_by.is_none();
    let all = lake.batches()?;
    // Files of records are not kept.
    let is_kept = |batch: &BatchRecord| batch.source_kind != SourceKind::Records;
    let Some(wanted) = &args.batch else {
        return Ok(all.into_iter().filter(|batch| is_live(batch) && is_kept(batch)).collect());
    };
    let is_wanted = |batch: &&BatchRecord| batch.batch.as_str().starts_with(wanted.as_str());
    let mut found: Vec<&BatchRecord> = all.iter().filter(is_wanted).collect();
    // A reading that ended and came back, or that was written anew, is there several times.
    let ids: BTreeSet<&str> = found.iter().map(|batch| batch.batch.as_str()).collect();
    if ids.len() == 1 {
        let live = found.iter().position(|batch| is_live(batch)).unwrap_or(found.len() - 1);
        found = vec![found[live]];
    }
    match found.as_slice() {
        [one] if !is_kept(one) => {
            Err(Failure::user(Message::new("reread.records").with("batch", &one.batch)))
        }
        [one] if is_live(one) => Ok(vec![(*one).clone()]),
        [one] if one.retracted_by.is_some() => {
            let by = one.retracted_by.clone().unwrap_or_default();
            let message = Message::new("reread.retracted").with("batch", &one.batch);
            Err(Failure::user(message.with("by", by)))
        }
        [one] => {
            let by = one.superseded_by.as_ref().map(ToString::to_string).unwrap_or_default();
            let message = Message::new("reread.ended").with("batch", &one.batch).with("by", by);
            Err(Failure::user(message))
        }
        [] => Err(Failure::user(Message::new("reread.unknown").with("batch", wanted))),
        _ => {
            let message =
                Message::new("reread.several").with("batch", wanted).with("count", found.len());
            Err(Failure::user(message))
        }
    }
}
