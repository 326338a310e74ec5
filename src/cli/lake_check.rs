//! `tongban lake check`: whether the lake is what its catalog says.

use std::time::{Duration, Instant};

use crate::cli::args::CheckArgs;
use crate::cli::context::Context;
use crate::cli::failure::{Failure, FailureKind};
use crate::cli::session::{deliver_advised, format_of};
use crate::cli::workspace::Workspace;
use crate::diag::{Lang, Message, Severity};
use crate::lake::{CheckLevel, CheckReport, CheckSettings, Lake, Problem};
use crate::model::BatchId;
use crate::output::Format;
use crate::table::{NULLABLE, REQUIRED, ResultTable, batch_of_columns, texts};

pub(super) fn run(context: &Context, args: &CheckArgs) -> Result<(), Failure> {
    let workspace = Workspace::find(context)?;
    let level = match (args.deep, args.read_data) {
        (true, _) => CheckLevel::Deep,
        (false, Some(_)) => CheckLevel::ReadData,
        (false, None) => CheckLevel::Structure,
    };
    let limit = args.max_minutes.map(|minutes| Duration::from_secs(u64::from(minutes.get()) * 60));
    let began = Instant::now();
    let is_over = || limit.is_some_and(|limit| began.elapsed() >= limit);
    let settings = CheckSettings {
        level,
        part: args.read_data.filter(|part| part.of > 1),
        after: args.after.as_deref(),
        is_over: &is_over,
    };
    let report = Lake::check(&workspace.lake_root(), settings)?;
    // An empty table says less than the sentence below.
    let is_silent = report.problems.is_empty() && format_of(&args.output)? == Format::Table;
    if !is_silent {
        let table = problems_table(&report.problems, context.lang());
        deliver_advised(context, &table, "problem", &args.output)?;
    }
    tell(context, &report, level);
    if report.is_damaged() { Err(Failure::told(FailureKind::Findings)) } else { Ok(()) }
}

/// Says what was looked at and how much is wrong.
fn tell(context: &Context, report: &CheckReport, level: CheckLevel) {
    let ui = &context.ui;
    ui.status(
        &Message::new("check.looked_at")
            .with("snapshots", report.n_snapshots)
            .with("files", report.n_files)
            .with("sources", report.n_sources),
    );
    if level > CheckLevel::Structure {
        ui.status(
            &Message::new("check.read")
                .with("files", report.n_read)
                .with("bytes", report.read_bytes)
                .with("rows", report.n_rows),
        );
    }
    if let Some(after) = &report.stopped_after {
        ui.warning(&Message::new("check.stopped").with("after", after));
    }
    if let Some(head) = report.head.as_ref().filter(|head| head.entry > 0) {
        ui.status(&Message::new("check.chain").with("entry", head.entry).with("hash", &head.hash));
    }
    let [errors, warnings, notes] =
        [Severity::Error, Severity::Warning, Severity::Info].map(|severity| report.count(severity));
    let code = if report.is_damaged() { "check.damaged" } else { "check.whole" };
    let message =
        Message::new(code).with("errors", errors).with("warnings", warnings).with("notes", notes);
    if report.is_damaged() {
        ui.warning(&message);
    } else {
        ui.status(&message);
    }
}

/// Columns: `severity`, `problem` (a word of [`crate::lake::ProblemKind`]), `path?` below the folder of
/// the lake, `batch?`, `message` in the reader's language, `advice?`.
fn problems_table(problems: &[Problem], lang: Lang) -> ResultTable {
    let each = || problems.iter();
    let messages: Vec<String> = each()
        .map(|problem| {
            let said = std::iter::once(&problem.message).chain(&problem.causes);
            said.map(|message| message.text(lang)).collect::<Vec<_>>().join(": ")
        })
        .collect();
    let advice: Vec<Option<String>> = each()
        .map(|problem| {
            std::iter::once(&problem.message)
                .chain(&problem.causes)
                .find_map(|message| message.hint(lang))
        })
        .collect();
    ResultTable::of(batch_of_columns([
        ("severity", texts(each().map(|problem| Some(problem.severity.as_str()))), REQUIRED),
        ("problem", texts(each().map(|problem| Some(problem.kind.as_str()))), REQUIRED),
        ("path", texts(each().map(|problem| problem.path.as_deref())), NULLABLE),
        (
            "batch",
            texts(each().map(|problem| problem.batch.as_ref().map(BatchId::as_str))),
            NULLABLE,
        ),
        ("message", texts(messages.iter().map(|text| Some(text.as_str()))), REQUIRED),
        ("advice", texts(advice.iter().map(Option::as_deref)), NULLABLE),
    ]))
}
