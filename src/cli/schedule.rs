//! `tongban schedule`: when reports are due next, and what came of those that were.

use chrono::NaiveDateTime;

use crate::cli::args::{ScheduleArgs, ScheduleCommand, ScheduleLogArgs};
use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::session::deliver;
use crate::cli::workspace::Workspace;
use crate::cli::{schedule_due, schedule_install};
use crate::diag::{Lang, Message};
use crate::lake::{ReportOutput, ReportRun};
use crate::report::{Definition, SchedulePlan};
use crate::schedule::{beijing_of, instant_of};
use crate::table::{ResultTable, batch_of_columns, bigints, texts, times};

const REQUIRED: bool = false;
const NULLABLE: bool = true;

pub(super) fn run(context: &Context, args: &ScheduleArgs) -> Result<(), Failure> {
    match &args.command {
        None => list(context, args),
        Some(ScheduleCommand::Install(args)) => schedule_install::install(context, args),
        Some(ScheduleCommand::Uninstall(_)) => schedule_install::uninstall(context),
        Some(ScheduleCommand::RunDue(args)) => schedule_due::run(context, args),
        Some(ScheduleCommand::Log(args)) => log(context, args),
    }
}

/// Returns the definitions of a workspace that have a schedule, by name, and what is wrong with others:
/// one that cannot be read may have one, too.
pub(super) fn scheduled(workspace: &Workspace) -> Result<(Vec<Definition>, Vec<Failure>), Failure> {
    let definitions = workspace.reports()?;
    let catalogue = workspace.queries()?;
    let refdata = workspace.reference()?.refdata;
    let (mut found, mut wrong) = (Vec::new(), Vec::new());
    for name in definitions.names() {
        match definitions.get(name, &catalogue, &refdata) {
            Ok(definition) if definition.schedule.is_some() => found.push(definition),
            Ok(_) => {}
            Err(error) => wrong.push(Failure::from(error)),
        }
    }
    Ok((found, wrong))
}

/// One time at which a report is due.
struct Coming<'a> {
    at: NaiveDateTime,
    local: String,
    report: &'a str,
    plan: &'a SchedulePlan,
    last: Option<&'a ReportRun>,
}

fn list(context: &Context, args: &ScheduleArgs) -> Result<(), Failure> {
    let workspace = Workspace::find(context)?;
    let (definitions, wrong) = scheduled(&workspace)?;
    for failure in &wrong {
        context.ui.failure(failure);
    }
    let runs = workspace.lake(context)?.report_runs()?;
    let now = instant_of(context.now);
    let mut coming: Vec<Coming<'_>> = Vec::new();
    for definition in &definitions {
        let Some(plan) = &definition.schedule else { continue };
        let last = runs.iter().rfind(|run| run.report == definition.name);
        for time in plan.timing.next_times(now, usize::from(args.next)) {
            coming.push(Coming {
                at: beijing_of(&time),
                local: time.format("%Y-%m-%d %H:%M %:z").to_string(),
                report: &definition.name,
                plan,
                last,
            });
        }
    }
    coming.sort_by(|a, b| (a.at, a.report).cmp(&(b.at, b.report)));
    deliver(context, &coming_table(&coming), &args.output)?;
    if definitions.is_empty() {
        context.ui.status(&Message::new("schedule.none"));
    }
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(Failure::told(crate::cli::failure::FailureKind::User))
    }
}

fn coming_table(coming: &[Coming<'_>]) -> ResultTable {
    let each = || coming.iter();
    let last = |read: fn(&ReportRun) -> &str| {
        move |one: &Coming<'_>| one.last.map(read).map(str::to_owned)
    };
    let states: Vec<Option<String>> = each().map(last(|run| run.state.as_str())).collect();
    let due: Vec<Option<NaiveDateTime>> =
        each().map(|one| one.last.map(|run| run.due_at)).collect();
    ResultTable::of(batch_of_columns([
        ("next_due", texts(each().map(|one| Some(one.local.as_str()))), REQUIRED),
        ("zone", texts(each().map(|one| Some(one.plan.timing.zone()))), REQUIRED),
        ("report", texts(each().map(|one| Some(one.report))), REQUIRED),
        ("cron", texts(each().map(|one| Some(one.plan.timing.expression()))), REQUIRED),
        ("last_due", times(due.iter().copied()), NULLABLE),
        ("report_status", texts(states.iter().map(Option::as_deref)), NULLABLE),
    ]))
}

fn log(context: &Context, args: &ScheduleLogArgs) -> Result<(), Failure> {
    let runs = Workspace::find(context)?.lake(context)?.report_runs()?;
    deliver(context, &log_table(&runs, context.lang()), &args.output)
}

/// A row of the log: a run with one of its files, or without any.
type Logged<'a> = (&'a ReportRun, Option<&'a ReportOutput>);

fn log_table(runs: &[ReportRun], lang: Lang) -> ResultTable {
    let rows: Vec<Logged<'_>> = runs
        .iter()
        .rev()
        .flat_map(|run| {
            let files = run.outputs.iter().map(move |output| (run, Some(output)));
            let none = run.outputs.is_empty().then_some((run, None));
            files.chain(none).collect::<Vec<_>>()
        })
        .collect();
    let each = || rows.iter();
    let text = |read: fn(&ReportOutput) -> &str| each().map(move |(_, file)| file.map(read));
    let reason = |(run, _): &Logged<'_>| {
        let said: Vec<String> = run.reasons.iter().map(|reason| reason.text(lang)).collect();
        (!said.is_empty()).then(|| said.join(": "))
    };
    let reasons: Vec<Option<String>> = each().map(reason).collect();
    ResultTable::of(batch_of_columns([
        ("report_run", bigints(each().map(|(run, _)| Some(run.number))), REQUIRED),
        ("report", texts(each().map(|(run, _)| Some(run.report.as_str()))), REQUIRED),
        ("due_at", times(each().map(|(run, _)| Some(run.due_at))), REQUIRED),
        ("n_missed", bigints(each().map(|(run, _)| Some(run.n_missed))), REQUIRED),
        ("started_at", times(each().map(|(run, _)| Some(run.started_at))), REQUIRED),
        ("ended_at", times(each().map(|(run, _)| run.ended_at)), NULLABLE),
        ("report_status", texts(each().map(|(run, _)| Some(run.state.as_str()))), REQUIRED),
        ("snapshot", bigints(each().map(|(run, _)| run.snapshot)), NULLABLE),
        ("file_name", texts(text(|file| &file.file_name)), NULLABLE),
        ("destination", texts(text(|file| &file.destination)), NULLABLE),
        (
            "delivered_at",
            times(each().map(|(_, file)| file.and_then(|file| file.delivered_at))),
            NULLABLE,
        ),
        ("blake3", texts(text(|file| &file.blake3)), NULLABLE),
        ("reason", texts(reasons.iter().map(Option::as_deref)), NULLABLE),
    ]))
}
