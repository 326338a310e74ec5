//! `tongban schedule`: when reports are due next, and what came of those that were.

use chrono::{NaiveDateTime, Timelike};

use crate::cli::args::{ScheduleArgs, ScheduleCommand, ScheduleLogArgs};
use crate::cli::context::Context;
use crate::cli::deliveries::deliveries_of;
use crate::cli::failure::{Failure, FailureKind};
use crate::cli::session::{deliver, format_of};
use crate::cli::workspace::Workspace;
use crate::cli::{schedule_deliver, schedule_due, schedule_install};
use crate::delivery::Delivery;
use crate::diag::{Lang, Message};
use crate::lake::{ReportDelivery, ReportOutput, ReportRun};
use crate::output::Format;
use crate::report::{Definition, SchedulePlan};
use crate::schedule::{beijing_of, instant_of};
use crate::table::{NULLABLE, REQUIRED, ResultTable, batch_of_columns, bigints, texts, times};

pub(super) fn run(context: &Context, args: &ScheduleArgs) -> Result<(), Failure> {
    match &args.command {
        None => list(context, args),
        Some(ScheduleCommand::Install(args)) => schedule_install::install(context, args),
        Some(ScheduleCommand::Uninstall(_)) => schedule_install::uninstall(context),
        Some(ScheduleCommand::RunDue(args)) => schedule_due::run(context, args),
        Some(ScheduleCommand::Test(args)) => schedule_deliver::test(context, args),
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
            Ok(definition) if definition.schedule.is_some() => {
                match deliveries_of(workspace, &definition) {
                    Ok(_) => found.push(definition),
                    Err(failure) => wrong.push(failure),
                }
            }
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
    deliveries: Vec<&'a Delivery>,
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
        let deliveries = deliveries_of(&workspace, definition)?;
        for time in plan.timing.next_times(now, usize::from(args.next)) {
            coming.push(Coming {
                at: beijing_of(&time),
                local: time.format("%Y-%m-%d %H:%M %:z").to_string(),
                report: &definition.name,
                plan,
                deliveries: deliveries.clone(),
                last,
            });
        }
    }
    coming.sort_by(|a, b| (a.at, a.report).cmp(&(b.at, b.report)));
    deliver(context, &coming_table(&coming), &args.output)?;
    if definitions.is_empty() && wrong.is_empty() {
        context.ui.status(&Message::new("schedule.none"));
    }
    if wrong.is_empty() { Ok(()) } else { Err(Failure::told(FailureKind::User)) }
}

fn coming_table(coming: &[Coming<'_>]) -> ResultTable {
    let each = || coming.iter();
    let last = |read: fn(&ReportRun) -> &str| {
        move |one: &Coming<'_>| one.last.map(read).map(str::to_owned)
    };
    let states: Vec<Option<String>> = each().map(last(|run| run.state.as_str())).collect();
    let due: Vec<Option<NaiveDateTime>> =
        each().map(|one| one.last.map(|run| run.due_at)).collect();
    let deliveries = |one: &Coming<'_>| {
        let shown = one.deliveries.iter().map(|one| format!("{} ({})", one.name, one.kind()));
        let shown = shown.collect::<Vec<_>>().join(", ");
        (!shown.is_empty()).then_some(shown)
    };
    let deliveries: Vec<Option<String>> = each().map(deliveries).collect();
    ResultTable::of(batch_of_columns([
        ("next_due", texts(each().map(|one| Some(one.local.as_str()))), REQUIRED),
        ("zone", texts(each().map(|one| Some(one.plan.timing.zone()))), REQUIRED),
        ("report", texts(each().map(|one| Some(one.report))), REQUIRED),
        ("cron", texts(each().map(|one| Some(one.plan.timing.expression()))), REQUIRED),
        ("deliveries", texts(deliveries.iter().map(Option::as_deref)), NULLABLE),
        ("last_due", times(due.iter().copied()), NULLABLE),
        ("report_status", texts(states.iter().map(Option::as_deref)), NULLABLE),
    ]))
}

fn log(context: &Context, args: &ScheduleLogArgs) -> Result<(), Failure> {
    let runs = Workspace::find(context)?.lake(context)?.report_runs()?;
    let is_short = !args.wide && format_of(&args.output)? == Format::Table;
    let table = if is_short { short_table } else { log_table };
    deliver(context, &table(&runs, context.lang()), &args.output)
}

/// A row a run, with what a person looks for.
fn short_table(runs: &[ReportRun], lang: Lang) -> ResultTable {
    let each = || runs.iter().rev();
    let share = |n_there: usize, n_all: usize| (n_all > 0).then(|| format!("{n_there}/{n_all}"));
    let files: Vec<Option<String>> = each()
        .map(|run| {
            let is_there = |output: &&ReportOutput| output.delivered_at.is_some();
            share(run.outputs.iter().filter(is_there).count(), run.outputs.len())
        })
        .collect();
    let deliveries: Vec<Option<String>> = each()
        .map(|run| {
            let is_there = |one: &&ReportDelivery| one.delivered_at.is_some();
            share(run.deliveries.iter().filter(is_there).count(), run.deliveries.len())
        })
        .collect();
    let next_at = |run: &ReportRun| run.deliveries.iter().filter_map(|one| one.next_at).min();
    let reason = |run: &ReportRun| {
        let of_delivery = || run.deliveries.iter().find_map(|one| one.reasons.first());
        let first = run.reasons.first().or_else(of_delivery);
        first.map(|reason| reason.text(lang))
    };
    let reasons: Vec<Option<String>> = each().map(reason).collect();
    ResultTable::of(batch_of_columns([
        ("report_run", bigints(each().map(|run| Some(run.number))), REQUIRED),
        ("report", texts(each().map(|run| Some(run.report.as_str()))), REQUIRED),
        ("due_at", times(each().map(|run| Some(to_the_second(run.due_at)))), REQUIRED),
        ("ended_at", times(each().map(|run| run.ended_at.map(to_the_second))), NULLABLE),
        ("report_status", texts(each().map(|run| Some(run.state.as_str()))), REQUIRED),
        ("files", texts(files.iter().map(Option::as_deref)), NULLABLE),
        ("deliveries", texts(deliveries.iter().map(Option::as_deref)), NULLABLE),
        ("next_at", times(each().map(|run| next_at(run).map(to_the_second))), NULLABLE),
        ("reason", texts(reasons.iter().map(Option::as_deref)), NULLABLE),
    ]))
}

/// A time without what is less than a second.
fn to_the_second(time: NaiveDateTime) -> NaiveDateTime {
    time.with_nanosecond(0).unwrap_or(time)
}

/// A row of the log: a run with one of its files, with somebody to whom it was to be sent, or with neither.
#[derive(Clone, Copy)]
struct Logged<'a> {
    run: &'a ReportRun,
    file: Option<&'a ReportOutput>,
    delivery: Option<&'a ReportDelivery>,
}

impl Logged<'_> {
    fn of(run: &ReportRun) -> Vec<Logged<'_>> {
        let none = Logged { run, file: None, delivery: None };
        let files = run.outputs.iter().map(|file| Logged { file: Some(file), ..none });
        let sent = run.deliveries.iter().map(|one| Logged { delivery: Some(one), ..none });
        let rows: Vec<Logged<'_>> = files.chain(sent).collect();
        if rows.is_empty() { vec![none] } else { rows }
    }

    fn destination(&self) -> Option<String> {
        let sent = |one: &ReportDelivery| format!("{} → {}", one.delivery, one.receiver);
        self.file.map(|file| file.destination.clone()).or_else(|| self.delivery.map(sent))
    }

    fn delivered_at(&self) -> Option<NaiveDateTime> {
        let file = self.file.and_then(|file| file.delivered_at);
        file.or_else(|| self.delivery.and_then(|delivery| delivery.delivered_at))
    }

    fn n_attempts(&self) -> Option<i64> {
        let file = self.file.map(|file| file.n_attempts);
        file.or_else(|| self.delivery.map(|delivery| delivery.n_attempts))
    }

    fn reason(&self, lang: Lang) -> Option<String> {
        let reasons = self.delivery.map_or(&self.run.reasons, |delivery| &delivery.reasons);
        let said: Vec<String> = reasons.iter().map(|reason| reason.text(lang)).collect();
        (!said.is_empty()).then(|| said.join(": "))
    }
}

fn log_table(runs: &[ReportRun], lang: Lang) -> ResultTable {
    let rows: Vec<Logged<'_>> = runs.iter().rev().flat_map(Logged::of).collect();
    let each = || rows.iter();
    let text = |read: fn(&ReportOutput) -> &str| each().map(move |row| row.file.map(read));
    let destinations: Vec<Option<String>> = each().map(Logged::destination).collect();
    let reasons: Vec<Option<String>> = each().map(|row| row.reason(lang)).collect();
    let next_at = |row: &Logged<'_>| row.delivery.and_then(|delivery| delivery.next_at);
    ResultTable::of(batch_of_columns([
        ("report_run", bigints(each().map(|row| Some(row.run.number))), REQUIRED),
        ("report", texts(each().map(|row| Some(row.run.report.as_str()))), REQUIRED),
        ("due_at", times(each().map(|row| Some(row.run.due_at))), REQUIRED),
        ("n_missed", bigints(each().map(|row| Some(row.run.n_missed))), REQUIRED),
        ("started_at", times(each().map(|row| Some(to_the_second(row.run.started_at)))), REQUIRED),
        ("ended_at", times(each().map(|row| row.run.ended_at.map(to_the_second))), NULLABLE),
        ("report_status", texts(each().map(|row| Some(row.run.state.as_str()))), REQUIRED),
        ("snapshot", bigints(each().map(|row| row.run.snapshot)), NULLABLE),
        ("file_name", texts(text(|file| &file.file_name)), NULLABLE),
        ("destination", texts(destinations.iter().map(Option::as_deref)), NULLABLE),
        ("delivered_at", times(each().map(|row| row.delivered_at().map(to_the_second))), NULLABLE),
        ("n_attempts", bigints(each().map(Logged::n_attempts)), NULLABLE),
        ("next_at", times(each().map(|row| next_at(row).map(to_the_second))), NULLABLE),
        ("blake3", texts(text(|file| &file.blake3)), NULLABLE),
        ("reason", texts(reasons.iter().map(Option::as_deref)), NULLABLE),
    ]))
}
