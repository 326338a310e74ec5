//! `tongban schedule run-due`: makes what is due, brings it to its folders, and records what came of it. What is
//! sent besides is sent by [`Sender`].

use chrono::NaiveDateTime;

use crate::cli::args::{RunDueArgs, SnapshotArgs};
use crate::cli::context::Context;
use crate::cli::failure::{Failure, FailureKind};
use crate::cli::report_files::{Destination, MadeReport, Order, ReportFile, make_files};
use crate::cli::schedule::scheduled;
use crate::cli::schedule_deliver::{Sender, planned, state_of};
use crate::cli::session::Session;
use crate::cli::workspace::Workspace;
use crate::diag::Message;
use crate::fsio;
use crate::lake::{
    Lake, ReportDelivery, ReportEnd, ReportOutput, ReportRun, ReportStart, ReportState,
};
use crate::model::FiguresBy;
use crate::report::{Definition, Given};
use crate::schedule::{Due, Planned, due, instant_of};

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
        if self.args.retry_failed {
            wanted.extend(failed_before(&planned, &runs, &wanted));
        }
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
        let number = self.lake.begin_report(&start)?;
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

    fn made(&self, definition: &Definition, due: &Due) -> Result<MadeReport, Failure> {
        let plan = definition.schedule.as_ref().expect("only reports with a schedule are due");
        let latest = SnapshotArgs { as_of: None, snapshot: None };
        let session = Session::open(self.context, &latest, FiguresBy::default())?;
        let given = Given { params: plan.params.clone(), lang: plan.lang };
        let order = Order { definition, given: &given, formats: &plan.formats, day: due.local_day };
        let made = make_files(&session, &order, &self.args.engine_limits)?;
        made.warnings.iter().for_each(|warning| self.context.ui.warning(warning));
        Ok(made)
    }

    /// Brings the files of a report to the archive, then to where the definition wants them.
    fn place(&self, definition: &Definition, made: &MadeReport) -> Placed {
        let archive = Destination::archive(self.workspace, &definition.name);
        let folder = definition.schedule.as_ref().and_then(|plan| plan.folder.as_deref());
        let named = folder.map(|folder| Destination::named(self.workspace, folder));
        let mut outputs = Vec::new();
        for file in &made.files {
            // What is not even kept cannot be delivered later.
            if let Err(failure) = archive.bring(&file.name, &file.bytes) {
                return Placed::failed(Some(made.snapshot), failure, outputs);
            }
            outputs.push(self.output(file, &archive, true));
        }
        let mut failures = Vec::new();
        for destination in named.iter().filter(|named| **named != archive) {
            for file in &made.files {
                let brought = destination.bring(&file.name, &file.bytes);
                outputs.push(self.output(file, destination, brought.is_ok()));
                failures.extend(brought.err());
            }
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
        let runs = self.lake.report_runs()?;
        let mut n_left = 0;
        for run in &runs {
            let is_last =
                !runs.iter().any(|later| later.report == run.report && later.number > run.number);
            let is_brought = || run.outputs.iter().all(|output| output.delivered_at.is_some());
            if run.state != ReportState::Undelivered || !is_last || is_brought() {
                continue;
            }
            let mut failures = Vec::new();
            let outputs: Vec<ReportOutput> =
                run.outputs.iter().map(|output| self.again(run, output, &mut failures)).collect();
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

    fn again(
        &self,
        run: &ReportRun,
        output: &ReportOutput,
        failures: &mut Vec<Failure>,
    ) -> ReportOutput {
        if output.delivered_at.is_some() {
            return output.clone();
        }
        let archive = Destination::archive(self.workspace, &run.report);
        let target = Destination::named(self.workspace, &output.destination);
        let brought = archive
            .read(&output.file_name, &output.blake3)
            .and_then(|bytes| target.bring(&output.file_name, &bytes));
        let delivered_at = brought.is_ok().then(|| self.now());
        failures.extend(brought.err());
        ReportOutput { n_attempts: output.n_attempts + 1, delivered_at, ..output.clone() }
    }

    fn tell(&self, due: &Due, placed: &Placed) {
        let code = match placed.state {
            ReportState::Failed => "schedule.failed",
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
    fn failed(snapshot: Option<i64>, failure: Failure, outputs: Vec<ReportOutput>) -> Self {
        let deliveries = Vec::new();
        Self { state: ReportState::Failed, snapshot, failures: vec![failure], outputs, deliveries }
    }
}

/// Returns the reports whose last run failed, as they were due then.
fn failed_before(planned: &[Planned], runs: &[ReportRun], wanted: &[Due]) -> Vec<Due> {
    let failed = planned.iter().filter_map(|planned| {
        let last = runs.iter().rfind(|run| run.report == planned.report)?;
        let is_wanted = wanted.iter().any(|due| due.report == planned.report);
        (last.state == ReportState::Failed && !is_wanted).then(|| Due {
            report: planned.report.clone(),
            due_at: last.due_at,
            local_day: planned.timing.local(instant_of(last.due_at)).date_naive(),
            n_missed: 0,
        })
    });
    failed.collect()
}

/// Returns what failures say, each once: files that cannot be delivered fail for one reason.
fn reasons_of(failures: &[Failure]) -> Vec<Message> {
    let mut reasons: Vec<Message> = Vec::new();
    for failure in failures {
        for message in failure.message.iter().chain(&failure.causes).chain(&failure.details) {
            if !reasons.contains(message) {
                reasons.push(message.clone());
            }
        }
    }
    reasons
}
