//! `tongban synth`: files that are made up, marked, with faults whose outcome is known.

use std::time::Instant;

use indicatif::ProgressBar;

use crate::cli::args::SynthArgs;
use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::diag::Message;
use crate::model::{SyntheticFile, SyntheticSet};
use crate::synth::{Choice, Progress, SynthFormat, SynthSettings, synthesise, synthesise_forms};

/// Share of faulty rows where none is given: 1 %.
const USUAL_FAULTS: f64 = 0.01;
/// Rows of a dataset where none are given.
const USUAL_ROWS: u64 = 10_000;

pub(super) fn run(context: &Context, args: &SynthArgs) -> Result<(), Failure> {
    if args.forms {
        let set = synthesise_forms(&args.dir, args.seed)?;
        context.ui.status(&told_forms(&set));
        let next = Message::new("synth.forms_done").with("path", args.dir.display());
        context.ui.status(&next);
        return Ok(());
    }
    let settings = settings(args)?;
    let bar = context.ui.rows_bar();
    let mut tell = teller(&bar);
    let set = synthesise(&args.dir, &settings, &mut tell);
    bar.finish_and_clear();
    for file in &set?.files {
        context.ui.status(&told(file));
    }
    let next = Message::new("synth.done").with("path", args.dir.display());
    context.ui.status(&next);
    Ok(())
}

/// Returns what shows how far the work is: rows, their rate, what is left, megabytes a second.
fn teller(bar: &ProgressBar) -> impl FnMut(Progress) + Send {
    let bar = bar.clone();
    let started = Instant::now();
    move |progress: Progress| {
        bar.set_length(progress.n_rows_expected);
        bar.set_position(progress.n_rows);
        let seconds = started.elapsed().as_secs().max(1);
        bar.set_message(format!("{} MB/s", progress.n_bytes / 1_000_000 / seconds));
    }
}

fn told(file: &SyntheticFile) -> Message {
    Message::new("synth.file")
        .with("file", &file.name)
        .with("rows", file.n_rows())
        .with("accepted", file.rows_accepted)
        .with("updated", file.rows_updated)
        .with("deleted", file.rows_deleted)
        .with("returned", file.rows_returned)
        .with("duplicate", file.rows_duplicate)
}

/// Says how many forms there are, and of which months.
pub(super) fn told_forms(set: &SyntheticSet) -> Message {
    let months = || set.forms.iter().map(|form| form.period_end.format("%Y-%m").to_string());
    Message::new("synth.forms")
        .with("forms", set.forms.len())
        .with("figures", set.forms.iter().map(|form| form.n_figures).sum::<u64>())
        .with("first", months().min().unwrap_or_default())
        .with("last", months().max().unwrap_or_default())
}

fn settings(args: &SynthArgs) -> Result<SynthSettings, Failure> {
    // A trap shows in rows that are right one by one.
    let faults = args.faults.unwrap_or(if args.trap.is_some() { 0.0 } else { USUAL_FAULTS });
    let choice = match &args.profile {
        None => Choice::Notice { scale_millionths: millionths(args.scale) },
        Some(profile) => Choice::Rows {
            profile: profile.clone(),
            dataset: args.dataset.clone(),
            n_rows: args.rows.unwrap_or(USUAL_ROWS),
        },
    };
    let settings = SynthSettings {
        choice,
        faults_millionths: millionths(faults),
        format: args.format,
        encoding: args.encoding,
        packing: args.compress,
        seed: args.seed,
        n_files: args.files,
        trap: args.trap,
    };
    let has_own_packing = matches!(args.format, SynthFormat::Parquet | SynthFormat::Xlsx);
    if has_own_packing && !settings.is_plain() {
        return Err(Failure::usage(Message::new("synth.own_packing")));
    }
    Ok(settings)
}

/// Returns a factor in whole millionths. The parser has made sure that it is a small number.
fn millionths(factor: f64) -> u64 {
    let scaled = factor * 1_000_000.0;
    format!("{scaled:.0}").parse().unwrap_or_default()
}
