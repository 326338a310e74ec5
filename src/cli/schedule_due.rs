//! `tongban schedule run-due`: makes what is due, brings it to its folders, and records what came of it. What is
//! sent besides is sent by [`Sender`].

use std::collections::BTreeSet;

use chrono::NaiveDateTime;

use crate::cli::args::{RunDueArgs, SnapshotArgs};
use crate::cli::context::Context;
use crate::cli::failure::{Failure, FailureKind, reasons_of};
use crate::cli::report_files::{Destination, MadeReport, Order, ReportFile, make_files};
use crate::cli::schedule::scheduled;
use crate::cli::schedule_deliver::{Sender, last_of_each, planned, state_of};
use crate::cli::session::Session;
use crate::cli::workspace::Workspace;
use crate::diag::{Diagnose, Message};
use crate::fsio;
use crate::lake::{
    Lake, ReportDelivery, ReportEnd, ReportOutput, ReportRun, ReportStart, ReportState,
};
use crate::model::FiguresBy;
use crate::report::{Definition, Given};
use crate::schedule::{Due, Planned, due};

pub(super) fn run(context: &Context, args: &RunDueArgs) -> Result<(), Failure> {
    let workspace = Workspace::find(context)?;
    let lake = workspace.lake(context)?;
    let Some(_lock) = lake.lock_reports(context.now)? else {
        context.ui.status(&Message::new("schedule.under_way"));
        return Ok(());
    };
    let (definitions, wrong) = scheduled(&workspace)?;
    for failure in &wrong {
        context.ui.failure(failure);
    }
    let run = DueRun { context, args, workspace: &workspace, lake: &lake };
    let mut n_failed = wrong.len() + run.deliver_again()?;
    let wanted = run.due(&definitions)?;
    for due in &wanted {
        let definition = definitions.iter().find(|definition| definition.name == due.report);
        let Some(definition) = definition else { continue };
        n_failed += usize::from(!run.make(definition, due)?);
    }
    if wanted.is_empty() {
        context.ui.status(&Message::new("schedule.nothing_due"));
    }
    let is_forced = args.retry_failed;
    n_failed += Sender { context, workspace: &workspace, lake: &lake, is_forced }.send_waiting()?;
    if let Err(error) = lake.keep_reports() {
        context.ui.warning(&Message::new("lake.after_reports"));
        error.causes().iter().for_each(|cause| context.ui.warning(cause));
    }
    if n_failed == 0 { Ok(()) } else { Err(Failure::told(FailureKind::User)) }
}

/// One call of the command, under its lock.
struct DueRun<'a> {
    context: &'a Context,
    args: &'a RunDueArgs,
    workspace: &'a Workspace,
    lake: &'a Lake,
}

impl DueRun<'_> {
    /// Returns what is due, and notes since when each report is.
    fn due(&self, definitions: &[Definition]) -> Result<Vec<Due>, Failure> {
        let mut planned = Vec::new();
        for definition in definitions {
            let Some(plan) = &definition.schedule else { continue };
            let schedule = plan.timing.text();
            let since = self.lake.note_schedule(&definition.name, &schedule, self.context.now)?;
            planned.push(Planned {
                report: definition.name.clone(),
                timing: plan.timing.clone(),
                since,
            });
        }
        let runs = self.lake.report_runs()?;
        let mut wanted = due(&planned, &runs, self.context.now);
        let is_again = |run: &ReportRun| {
            is_unkept(run) || self.args.retry_failed && run.state == ReportState::Failed
        };
        let mut once_more = again(&planned, &runs, is_again);
        once_more.retain(|due| !wanted.iter().any(|new| new.report == due.report));
        wanted.extend(once_more);
        Ok(wanted)
    }

    /// Makes a report that is due, brings it to its folders and records to whom it is to be sent. Tells whether
    /// nothing failed.
    ///
    /// Fails only where the lake cannot record it.
    fn make(&self, definition: &Definition, due: &Due) -> Result<bool, Failure> {
        let start = ReportStart {
            report: &due.report,
            due_at: due.due_at,
            n_missed: i64::try_from(due.n_missed).unwrap_or(i64::MAX),
            command: &self.context.command_line,
            author: &self.context.author,
            started_at: self.now(),
        };
        let number = match self.unkept(due)? {
            Some(number) => number,
            None => self.lake.begin_report(&start)?,
        };
        let made = self.made(definition, due);
        let placed = match made {
            Err(failure) => Placed::failed(None, failure, Vec::new()),
            Ok(made) => self.place(definition, &made),
        };
        let reasons = reasons_of(&placed.failures);
        let end = ReportEnd {
            ended_at: self.now(),
            state: placed.state,
            snapshot: placed.snapshot,
            reasons: &reasons,
            outputs: &placed.outputs,
            deliveries: &placed.deliveries,
        };
        self.lake.end_report(number, &end)?;
        self.tell(due, &placed);
        Ok(placed.failures.is_empty())
    }

    /// Returns the run whose files could not be kept, where this is another attempt of it.
    fn unkept(&self, due: &Due) -> Result<Option<i64>, Failure> {
        let runs = self.lake.waiting_reports()?;
        let last = runs.iter().rfind(|run| run.report == due.report);
        Ok(last.filter(|run| run.due_at == due.due_at && is_unkept(run)).map(|run| run.number))
    }

    fn made(&self, definition: &Definition, due: &Due) -> Result<MadeReport, Failure> {
        let plan = definition.schedule.as_ref().expect("only reports with a schedule are due");
        let latest = SnapshotArgs { as_of: None, snapshot: None };
        let session = Session::open(self.context, &latest, FiguresBy::default())?;
        let given = Given { params: plan.params.clone(), lang: plan.lang };
        let order = Order { definition, given: &given, formats: &plan.formats, label: &due.label };
        let made = make_files(&session, &order, &self.args.engine_limits)?;
        made.warnings.iter().for_each(|warning| self.context.ui.warning(warning));
        Ok(made)
    }

    /// Brings the files of a report to the archive, then to where the definition wants them.
    fn place(&self, definition: &Definition, made: &MadeReport) -> Placed {
        let archive = Destination::archive(self.workspace, &definition.name);
        let folder = definition.schedule.as_ref().and_then(|plan| plan.folder.as_deref());
        let named = folder.map(|folder| Destination::named(self.workspace, folder));
        // What is not even kept cannot be delivered later: it is made again.
        if let Err(failure) = archive.bring(&made.files) {
            return Placed::unkept(made.snapshot, failure);
        }
        let output = |file| self.output(file, &archive, true);
        let mut outputs: Vec<ReportOutput> = made.files.iter().map(output).collect();
        let mut failures = Vec::new();
        for destination in named.iter().filter(|named| **named != archive) {
            let brought = destination.bring(&made.files);
            let output = |file| self.output(file, destination, brought.is_ok());
            outputs.extend(made.files.iter().map(output));
            failures.extend(brought.err());
        }
        // It is recorded before anything is sent, so that nothing is sent twice where this process dies.
        let deliveries = match planned(self.workspace, definition, made, self.now()) {
            Ok(deliveries) => deliveries,
            Err(failure) => return Placed::failed(Some(made.snapshot), failure, outputs),
        };
        let state = state_of(&outputs, &deliveries);
        Placed { state, snapshot: Some(made.snapshot), failures, outputs, deliveries }
    }

    fn output(&self, file: &ReportFile, destination: &Destination, is_there: bool) -> ReportOutput {
        ReportOutput {
            file_name: file.name.clone(),
            size_bytes: file.bytes.len() as u64,
            blake3: fsio::hash_hex(&file.bytes),
            destination: destination.text(),
            n_attempts: 1,
            delivered_at: is_there.then(|| self.now()),
        }
    }

    /// Tries again to deliver files of the last run of each report. Returns how many runs are still not
    /// delivered.
    fn deliver_again(&self) -> Result<usize, Failure> {
        let runs = self.lake.waiting_reports()?;
        let last = last_of_each(&runs);
        let mut n_left = 0;
        for run in runs.iter().filter(|run| last.contains(&run.number)) {
            let is_brought = || run.outputs.iter().all(|output| output.delivered_at.is_some());
            if run.state != ReportState::Undelivered || is_brought() {
                continue;
            }
            let mut failures = Vec::new();
            let outputs = self.again(run, &mut failures);
            let reasons = reasons_of(&failures);
            let end = ReportEnd {
                ended_at: self.now(),
                state: state_of(&outputs, &run.deliveries),
                snapshot: run.snapshot,
                reasons: &reasons,
                outputs: &outputs,
                deliveries: &run.deliveries,
            };
            self.lake.end_report(run.number, &end)?;
            let code =
                if failures.is_empty() { "schedule.delivered" } else { "schedule.undelivered" };
            let message = Message::new(code).with("report", &run.report).with("due", run.due_at);
            self.say(&message, &failures);
            n_left += usize::from(!failures.is_empty());
        }
        Ok(n_left)
    }

    /// Tries again to bring the files of a run to where they belong, all to a folder or none.
    fn again(&self, run: &ReportRun, failures: &mut Vec<Failure>) -> Vec<ReportOutput> {
        let archive = Destination::archive(self.workspace, &run.report);
        let mut outputs = run.outputs.clone();
        let is_open = |output: &&mut ReportOutput| output.delivered_at.is_none();
        let folders: BTreeSet<String> =
            outputs.iter_mut().filter(is_open).map(|output| output.destination.clone()).collect();
        for folder in folders {
            let mut open: Vec<&mut ReportOutput> =
                outputs.iter_mut().filter(is_open).filter(|it| it.destination == folder).collect();
            let read = |output: &&mut ReportOutput| -> Result<ReportFile, Failure> {
                let bytes = archive.read(&output.file_name, &output.blake3)?;
                Ok(ReportFile { name: output.file_name.clone(), bytes })
            };
            let files: Result<Vec<ReportFile>, Failure> = open.iter().map(read).collect();
            let target = Destination::named(self.workspace, &folder);
            let brought = files.and_then(|files| target.bring(&files));
            let delivered_at = brought.is_ok().then(|| self.now());
            for output in &mut open {
                output.n_attempts += 1;
                output.delivered_at = delivered_at;
            }
            failures.extend(brought.err());
        }
        outputs
    }

    fn tell(&self, due: &Due, placed: &Placed) {
        let code = match placed.state {
            ReportState::Failed => "schedule.failed",
            _ if placed.outputs.is_empty() => "schedule.unkept",
            _ if placed.failures.is_empty() => "schedule.made",
            _ => "schedule.undelivered",
        };
        let message = Message::new(code).with("report", &due.report).with("due", due.due_at);
        self.say(&message, &placed.failures);
        for output in placed.outputs.iter().filter(|output| output.delivered_at.is_some()) {
            let path = std::path::Path::new(&output.destination).join(&output.file_name);
            self.context.ui.status(&Message::new("schedule.file").with("path", path.display()));
        }
        if due.n_missed > 0 {
            let message = Message::new("schedule.missed").with("report", &due.report);
            self.context.ui.status(&message.with("missed", due.n_missed));
        }
    }

    /// Says what came of a run, and why.
    fn say(&self, message: &Message, failures: &[Failure]) {
        if failures.is_empty() {
            self.context.ui.status(message);
            return;
        }
        let mut failure = Failure::user(message.clone());
        failure.causes = reasons_of(failures);
        self.context.ui.failure(&failure);
    }

    fn now(&self) -> NaiveDateTime {
        (self.context.clock)()
    }
}

/// What came of a report that was due, before any of it is sent.
struct Placed {
    state: ReportState,
    snapshot: Option<i64>,
    failures: Vec<Failure>,
    outputs: Vec<ReportOutput>,
    deliveries: Vec<ReportDelivery>,
}

impl Placed {
    /// The files could not be kept, so the report is made again.
    fn unkept(snapshot: i64, failure: Failure) -> Self {
        Self {
            state: ReportState::Undelivered,
            ..Self::failed(Some(snapshot), failure, Vec::new())
        }
    }

    fn failed(snapshot: Option<i64>, failure: Failure, outputs: Vec<ReportOutput>) -> Self {
        let deliveries = Vec::new();
        Self { state: ReportState::Failed, snapshot, failures: vec![failure], outputs, deliveries }
    }
}

/// Whether the files of a run were made and could not be kept.
fn is_unkept(run: &ReportRun) -> bool {
    run.state == ReportState::Undelivered && run.outputs.is_empty()
}

/// Returns the reports whose last run is to be made again, as they were due then.
fn again(
    planned: &[Planned],
    runs: &[ReportRun],
    is_again: impl Fn(&ReportRun) -> bool,
) -> Vec<Due> {
    let due = planned.iter().filter_map(|planned| {
        let last = runs.iter().rfind(|run| run.report == planned.report)?;
        is_again(last).then(|| planned.due_at(last.due_at, runs))
    });
    due.collect()
}
