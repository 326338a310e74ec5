//! `tongban lake`: the lake itself, its log, and changes of what is live.

use std::collections::BTreeSet;

use chrono::{NaiveDateTime, TimeDelta};

use crate::cli::args::{CompactArgs, GcArgs, LakeCommand, LogArgs, RestoreArgs, RetractArgs};
use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::lake_check;
use crate::cli::lake_repair;
use crate::cli::session::{deliver, format_of};
use crate::cli::workspace::Workspace;
use crate::diag::Message;
use crate::lake::{
    Act, ActOutcome, CollectSettings, Collected, CollectedFile, Lake, LaterRecords, MergedTable,
    log_table,
};
use crate::model::BatchId;
use crate::output::Format;
use crate::table::{NULLABLE, REQUIRED, ResultTable, batch_of_columns, bigints, texts, times};

pub(super) fn run(context: &Context, command: &LakeCommand) -> Result<(), Failure> {
    match command {
        LakeCommand::Log(args) => log(context, args),
        LakeCommand::Check(args) => lake_check::run(context, args),
        LakeCommand::Retract(args) => retract(context, args),
        LakeCommand::Restore(args) => restore(context, args),
        LakeCommand::Compact(args) => compact(context, args),
        LakeCommand::Gc(args) => gc(context, args),
        LakeCommand::Repair(args) => lake_repair::run(context, args),
    }
}

fn log(context: &Context, args: &LogArgs) -> Result<(), Failure> {
    let lake = Workspace::find(context)?.lake(context)?;
    deliver(context, &log_table(&lake.log()?, lake.oldest_snapshot()?), &args.output)
}

fn retract(context: &Context, args: &RetractArgs) -> Result<(), Failure> {
    let lake = Workspace::find(context)?.lake(context)?;
    let batch = named_batch(&lake, &args.batch)?;
    let later = if args.and_later { LaterRecords::RetractToo } else { LaterRecords::Refuse };
    let outcome = lake.retract(&act(context, &args.reason), &batch, later)?;
    tell(context, outcome, |snapshot| {
        Message::new("retract.done").with("batch", &batch).with("snapshot", snapshot)
    });
    Ok(())
}

fn restore(context: &Context, args: &RestoreArgs) -> Result<(), Failure> {
    let lake = Workspace::find(context)?.lake(context)?;
    let outcome = lake.restore(&act(context, args.reason.trim()), args.snapshot)?;
    tell(context, outcome, |snapshot| {
        Message::new("restore.done").with("wanted", args.snapshot).with("snapshot", snapshot)
    });
    Ok(())
}

fn compact(context: &Context, args: &CompactArgs) -> Result<(), Failure> {
    let lake = Workspace::find(context)?.lake(context)?;
    let merged = lake.compact(&act(context, ""))?;
    // An empty table says less than the sentence below.
    if !merged.is_empty() || format_of(&args.output)? != Format::Table {
        deliver(context, &merged_table(&merged), &args.output)?;
    }
    let code = if merged.is_empty() { "compact.nothing" } else { "compact.done" };
    context.ui.status(&Message::new(code).with("tables", merged.len()));
    Ok(())
}

fn gc(context: &Context, args: &GcArgs) -> Result<(), Failure> {
    if args.min_age_days < 1 && !args.i_know {
        return Err(Failure::usage(Message::new("collect.too_young")));
    }
    let lake = Workspace::find(context)?.lake(context)?;
    if !args.dry_run && !args.i_know {
        check_clock((context.clock)(), &lake)?;
    }
    let oldest = first_kept(context, &lake, args)?;
    if let Some(number) = oldest.filter(|_| !args.dry_run) {
        let outcome = lake.expire(&act(context, ""), number)?;
        if outcome != ActOutcome::Unchanged {
            tell(context, outcome, |snapshot| {
                Message::new("collect.expired").with("oldest", number).with("snapshot", snapshot)
            });
        }
    }
    let settings = CollectSettings {
        min_age: TimeDelta::days(i64::from(args.min_age_days)),
        now: (context.clock)(),
        is_dry_run: args.dry_run,
    };
    let files = lake.collect(&context.command_line, settings)?;
    let removed = files.iter().filter(|file| file.outcome == Collected::Removed);
    let (n_removed, freed_bytes) =
        removed.fold((0, 0), |(n, bytes), file| (n + 1, bytes + file.size_bytes.unwrap_or(0)));
    deliver(context, &collected_table(&files), &args.output)?;
    let code = if args.dry_run { "collect.dry_run" } else { "collect.done" };
    context.ui.status(
        &Message::new(code)
            .with("files", files.len())
            .with("removed", n_removed)
            .with("bytes", freed_bytes),
    );
    if let Some(removals) = lake.removals()? {
        context.ui.status(
            &Message::new("collect.so_far")
                .with("files", removals.n_files)
                .with("bytes", removals.size_bytes)
                .with("last", shown(removals.last)),
        );
    }
    Ok(())
}

/// Fails where the clock cannot be believed: how old files and snapshots are is known by nothing else, and
/// what is removed does not come back.
///
/// A time that was set for this process alone differs from the one that the disk gives to what is written
/// now. A clock that is behind the latest snapshot, or more than a year ahead of it, was wrong then or is
/// now; a lake that was left alone for longer is rare enough to be asked about.
fn check_clock(now: NaiveDateTime, lake: &Lake) -> Result<(), Failure> {
    if let Some(at) = lake.time_of_disk()?.filter(|at| (now - *at).abs() > TimeDelta::days(1)) {
        let message = Message::new("collect.clock_of_disk").with("now", shown(now));
        return Err(Failure::user(message.with("disk", shown(at))));
    }
    let Some(last) = lake.log()?.last().map(|snapshot| snapshot.committed_at) else {
        return Ok(());
    };
    if now < last - TimeDelta::days(1) || now > last + TimeDelta::days(366) {
        let message = Message::new("collect.clock_of_lake").with("now", shown(now));
        return Err(Failure::user(message.with("last", shown(last))));
    }
    Ok(())
}

fn shown(time: NaiveDateTime) -> String {
    time.format("%Y-%m-%d %H:%M:%S").to_string()
}

/// Returns the first snapshot that is to stay readable; `None` where none is to be given up.
fn first_kept(context: &Context, lake: &Lake, args: &GcArgs) -> Result<Option<i64>, Failure> {
    let Some(days) = args.keep_days else { return Ok(args.keep_from) };
    let end = (context.clock)() - TimeDelta::days(i64::from(days.get()));
    let log = lake.log()?;
    // A snapshot is over when the one after it began: the last that began by then was the state then.
    let first = log.iter().rev().find(|snapshot| snapshot.committed_at <= end);
    Ok(first.map(|snapshot| snapshot.number))
}

/// Returns who changes the lake by this command, and why.
pub(super) fn act<'a>(context: &'a Context, reason: &'a str) -> Act<'a> {
    Act {
        command: &context.command_line,
        author: &context.author,
        message: reason,
        clock: context.clock,
    }
}

/// Tells how a change ended.
pub(super) fn tell(context: &Context, outcome: ActOutcome, done: impl FnOnce(i64) -> Message) {
    match outcome {
        ActOutcome::Done { snapshot, warnings } => {
            context.ui.status(&done(snapshot));
            for warning in &warnings {
                context.ui.warning(warning);
            }
        }
        ActOutcome::Unchanged => context.ui.status(&Message::new("restore.unchanged")),
    }
}

/// Returns the batch whose id begins as given.
fn named_batch(lake: &Lake, wanted: &str) -> Result<BatchId, Failure> {
    let all = lake.batches()?;
    let ids: BTreeSet<&BatchId> = all
        .iter()
        .map(|batch| &batch.batch)
        .filter(|batch| batch.as_str().starts_with(wanted))
        .collect();
    match ids.iter().collect::<Vec<_>>().as_slice() {
        [one] => Ok((**one).clone()),
        [] => Err(Failure::user(Message::new("reread.unknown").with("batch", wanted))),
        several => Err(Failure::user(
            Message::new("reread.several").with("batch", wanted).with("count", several.len()),
        )),
    }
}

/// Columns: `table`, `files_before` and `files_after` (how many are read for it), `rows_merged`.
fn merged_table(merged: &[MergedTable]) -> ResultTable {
    let each = || merged.iter();
    let count = |number: usize| i64::try_from(number).ok();
    ResultTable::of(batch_of_columns([
        ("table", texts(each().map(|table| Some(table.table.as_str()))), REQUIRED),
        ("files_before", bigints(each().map(|table| count(table.n_before))), REQUIRED),
        ("files_after", bigints(each().map(|table| count(table.n_after))), REQUIRED),
        ("rows_merged", bigints(each().map(|table| i64::try_from(table.n_rows).ok())), REQUIRED),
    ]))
}

/// Columns: `path`, `collected` (what is done with the file), `marked_at` (Beijing time), `size_bytes`,
/// `named_by` (`expired` snapshots, or `none`).
fn collected_table(files: &[CollectedFile]) -> ResultTable {
    let each = || files.iter();
    let size = |file: &CollectedFile| file.size_bytes.and_then(|bytes| i64::try_from(bytes).ok());
    let named = |file: &CollectedFile| if file.was_named { "expired" } else { "none" };
    ResultTable::of(batch_of_columns([
        ("path", texts(each().map(|file| Some(file.path.as_str()))), REQUIRED),
        ("collected", texts(each().map(|file| Some(file.outcome.as_str()))), REQUIRED),
        ("marked_at", times(each().map(|file| Some(file.marked_at))), REQUIRED),
        ("size_bytes", bigints(each().map(size)), NULLABLE),
        ("named_by", texts(each().map(|file| Some(named(file)))), REQUIRED),
    ]))
}
