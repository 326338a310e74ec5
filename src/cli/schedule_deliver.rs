//! What is sent of reports that are made: first attempts, further ones, and tests.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDateTime;

use crate::cli::args::TestDeliveryArgs;
use crate::cli::context::Context;
use crate::cli::deliveries::{deliveries_of, named, opened, unknown};
use crate::cli::failure::{Failure, FailureKind, reasons_of};
use crate::cli::report_files::{Destination, MadeReport};
use crate::cli::workspace::Workspace;
use crate::delivery::{Delivery, Outcome, Parcel, ParcelFile, next_attempt};
use crate::diag::{Lang, Message};
use crate::fsio;
use crate::lake::{Lake, ReportDelivery, ReportEnd, ReportOutput, ReportRun, ReportState};
use crate::report::Definition;
use crate::schedule::instant_of;

/// Hexadecimal digits of the id of what is sent.
const ID_DIGITS: usize = 32;

/// Returns what is to be sent of a report, to whom, at once.
pub(super) fn planned(
    workspace: &Workspace,
    definition: &Definition,
    made: &MadeReport,
    now: NaiveDateTime,
) -> Result<Vec<ReportDelivery>, Failure> {
    let lang = definition.schedule.as_ref().map_or(Lang::Zh, |plan| plan.lang);
    let to = |delivery: &&Delivery| {
        let name = delivery.name.clone();
        let one = move |receiver| ReportDelivery {
            delivery: name.clone(),
            receiver,
            title: made.title.clone(),
            subtitle: made.subtitle.clone(),
            lang,
            n_attempts: 0,
            next_at: Some(now),
            delivered_at: None,
            reasons: Vec::new(),
        };
        delivery.receivers().into_iter().map(one).collect::<Vec<_>>()
    };
    Ok(deliveries_of(workspace, definition)?.iter().flat_map(to).collect())
}

/// Returns how far a run is whose report is made.
pub(super) fn state_of(outputs: &[ReportOutput], deliveries: &[ReportDelivery]) -> ReportState {
    let is_there = outputs.iter().all(|output| output.delivered_at.is_some())
        && deliveries.iter().all(|delivery| delivery.delivered_at.is_some());
    if is_there { ReportState::Done } else { ReportState::Undelivered }
}

/// Returns the number of the last run of each report.
pub(super) fn last_of_each(runs: &[ReportRun]) -> BTreeSet<i64> {
    let last: BTreeMap<&str, i64> =
        runs.iter().map(|run| (run.report.as_str(), run.number)).collect();
    last.into_values().collect()
}

/// What sends, under the lock of reports.
pub(super) struct Sender<'a> {
    pub(super) context: &'a Context,
    pub(super) workspace: &'a Workspace,
    pub(super) lake: &'a Lake,
    /// Whether what waits is tried at once, and what was given up of the last run of a report again.
    pub(super) is_forced: bool,
}

impl Sender<'_> {
    /// Sends what is to be sent now, each to those to whom it was not sent yet, and records what came of it
    /// after every attempt. Returns how many attempts failed.
    pub(super) fn send_waiting(&self) -> Result<usize, Failure> {
        let runs = self.lake.waiting_reports()?;
        let mut n_failed = 0;
        let last = last_of_each(&runs);
        for run in &runs {
            let is_last = last.contains(&run.number);
            let wanted: Vec<usize> = (0..run.deliveries.len())
                .filter(|idx| self.is_wanted(&run.deliveries[*idx], is_last))
                .collect();
            for (idx, delivery) in run.deliveries.iter().enumerate() {
                if let (false, Some(next)) = (wanted.contains(&idx), delivery.next_at) {
                    let message =
                        about("delivery.waiting", run, delivery).with("next", to_the_second(next));
                    self.context.ui.status(&message);
                }
            }
            if !wanted.is_empty() {
                n_failed += self.send(run.clone(), &wanted)?;
            }
        }
        Ok(n_failed)
    }

    fn is_wanted(&self, delivery: &ReportDelivery, is_last: bool) -> bool {
        let is_due = delivery.next_at.is_some_and(|next| next <= self.now());
        let is_open = delivery.delivered_at.is_none();
        is_due || self.is_forced && is_open && (delivery.next_at.is_some() || is_last)
    }

    /// Sends the report of one run to those who are wanted: one attempt for each delivery of the settings.
    fn send(&self, mut run: ReportRun, wanted: &[usize]) -> Result<usize, Failure> {
        let files = self.files(&run);
        let mut names: Vec<String> = Vec::new();
        for idx in wanted {
            let name = &run.deliveries[*idx].delivery;
            if !names.contains(name) {
                names.push(name.clone());
            }
        }
        let mut n_failed = 0;
        for name in names {
            let of_name = |idx: &&usize| run.deliveries[**idx].delivery == name;
            let idxs: Vec<usize> = wanted.iter().filter(of_name).copied().collect();
            let outcomes = match &files {
                Ok(files) => self.attempt(&run, &idxs, &name, files),
                Err(failure) => failed(&idxs, &reasons_of(std::slice::from_ref(failure))),
            };
            for (idx, outcome) in idxs.into_iter().zip(outcomes) {
                n_failed += usize::from(!self.note(&mut run, idx, outcome));
            }
            let end = ReportEnd {
                ended_at: self.now(),
                state: state_of(&run.outputs, &run.deliveries),
                snapshot: run.snapshot,
                reasons: &run.reasons,
                outputs: &run.outputs,
                deliveries: &run.deliveries,
            };
            self.lake.end_report(run.number, &end)?;
        }
        Ok(n_failed)
    }

    /// The files of a run as they were made.
    fn files(&self, run: &ReportRun) -> Result<Vec<ParcelFile>, Failure> {
        let archive = Destination::archive(self.workspace, &run.report);
        // Each stands there once for every folder. By its name: the workspace may have been moved.
        let mut names: Vec<&str> = Vec::new();
        let mut files = Vec::new();
        for ReportOutput { file_name, blake3, .. } in &run.outputs {
            if !names.contains(&file_name.as_str()) {
                names.push(file_name);
                let bytes = archive.read(file_name, blake3)?;
                files.push(ParcelFile { name: file_name.clone(), bytes });
            }
        }
        Ok(files)
    }

    /// Sends to the receivers of one delivery, and tells of each what came of it.
    fn attempt(
        &self,
        run: &ReportRun,
        idxs: &[usize],
        name: &str,
        files: &[ParcelFile],
    ) -> Vec<Attempt> {
        let Ok(delivery) = named(self.workspace, name) else {
            return vec![Attempt::Ended(vec![unknown(self.workspace, name)]); idxs.len()];
        };
        let known = delivery.receivers();
        let receiver = |idx: &usize| run.deliveries[*idx].receiver.clone();
        // Who was taken out of the settings meanwhile is sent nothing any more.
        let receivers: Vec<String> =
            idxs.iter().map(receiver).filter(|receiver| known.contains(receiver)).collect();
        let first = &run.deliveries[idxs[0]];
        let parcel = Parcel {
            id: id_of(self.workspace, &format!("{}\n{}\n{}", run.report, run.due_at, run.number)),
            report: &run.report,
            title: &first.title,
            subtitle: &first.subtitle,
            lang: first.lang,
            due_at: run.due_at,
            is_synthetic: self.lake.is_synthetic(),
            snapshot: run.snapshot,
            files,
            sent_at: instant_of(self.now()),
        };
        let outcomes: Vec<Outcome> = if receivers.is_empty() {
            Vec::new()
        } else {
            if delivery.is_in_the_clear() {
                self.context.ui.warning(&in_the_clear(delivery));
            }
            match opened(self.workspace, delivery) {
                Ok(channel) => channel.deliver(&parcel, &receivers),
                Err(failure) => return failed(idxs, &reasons_of(&[failure])),
            }
        };
        let attempt = |idx: &usize| {
            let receiver = receiver(idx);
            match outcomes.iter().find(|outcome| outcome.receiver == receiver) {
                None => Attempt::Ended(vec![
                    Message::new("delivery.no_more")
                        .with("receiver", receiver)
                        .with("delivery", name),
                ]),
                Some(Outcome { result: Ok(()), .. }) => Attempt::Delivered,
                Some(Outcome { result: Err(reasons), .. }) => Attempt::Failed(reasons.clone()),
            }
        };
        idxs.iter().map(attempt).collect()
    }

    /// Notes what came of an attempt, says so, and tells whether it was delivered.
    fn note(&self, run: &mut ReportRun, idx: usize, attempt: Attempt) -> bool {
        let now = self.now();
        let delivery = &mut run.deliveries[idx];
        delivery.n_attempts += 1;
        (delivery.delivered_at, delivery.next_at, delivery.reasons) = match attempt {
            Attempt::Delivered => (Some(now), None, Vec::new()),
            Attempt::Failed(reasons) => (None, next_attempt(delivery.n_attempts, now), reasons),
            Attempt::Ended(reasons) => (None, None, reasons),
        };
        let delivery = &run.deliveries[idx];
        let code = match (delivery.delivered_at, delivery.next_at) {
            (Some(_), _) => {
                self.context.ui.status(&about("delivery.sent", run, delivery));
                return true;
            }
            (None, Some(_)) => "delivery.retry",
            (None, None) => "delivery.gave_up",
        };
        let mut message = about(code, run, delivery).with("attempts", delivery.n_attempts);
        if let Some(next) = delivery.next_at {
            message = message.with("next", to_the_second(next));
        }
        let mut failure = Failure::user(message);
        failure.causes.clone_from(&delivery.reasons);
        self.context.ui.failure(&failure);
        false
    }

    fn now(&self) -> NaiveDateTime {
        (self.context.clock)()
    }
}

/// What came of an attempt for one receiver.
#[derive(Debug, Clone)]
enum Attempt {
    Delivered,
    /// Nothing came there, and it is tried again.
    Failed(Vec<Message>),
    /// Nothing came there, and nothing will.
    Ended(Vec<Message>),
}

fn failed(idxs: &[usize], reasons: &[Message]) -> Vec<Attempt> {
    vec![Attempt::Failed(reasons.to_vec()); idxs.len()]
}

fn about(code: &'static str, run: &ReportRun, delivery: &ReportDelivery) -> Message {
    Message::new(code)
        .with("delivery", &delivery.delivery)
        .with("receiver", &delivery.receiver)
        .with("report", &run.report)
        .with("due", run.due_at)
}

fn in_the_clear(delivery: &Delivery) -> Message {
    let has_secret = delivery.sends_secret();
    let code = if has_secret { "delivery.in_the_clear_secret" } else { "delivery.in_the_clear" };
    Message::new(code).with("delivery", &delivery.name)
}

/// A time as it is told: to the second.
fn to_the_second(time: NaiveDateTime) -> String {
    time.format("%Y-%m-%d %H:%M:%S").to_string()
}

/// An id that no other workspace has.
fn id_of(workspace: &Workspace, text: &str) -> String {
    let root = fsio::real_path(&workspace.root);
    fsio::hash_hex(format!("{}\n{text}", root.display()).as_bytes())[..ID_DIGITS].to_owned()
}

/// `tongban schedule test`: sends a message that is no report to all receivers of a delivery.
pub(super) fn test(context: &Context, args: &TestDeliveryArgs) -> Result<(), Failure> {
    let workspace = Workspace::find(context)?;
    let delivery = named(&workspace, &args.name)?;
    if delivery.is_in_the_clear() {
        context.ui.warning(&in_the_clear(delivery));
    }
    let channel = opened(&workspace, delivery)?;
    let parcel = Parcel {
        id: id_of(&workspace, &format!("test {}", context.now)),
        report: "",
        title: "",
        subtitle: "",
        lang: context.lang(),
        due_at: context.now,
        is_synthetic: false,
        snapshot: None,
        files: &[],
        sent_at: instant_of(context.now),
    };
    let mut has_failed = false;
    for outcome in channel.deliver(&parcel, &delivery.receivers()) {
        let about = |code: &'static str| {
            Message::new(code).with("delivery", &delivery.name).with("receiver", &outcome.receiver)
        };
        match &outcome.result {
            Ok(()) => context.ui.status(&about("delivery.test_sent")),
            Err(reasons) => {
                has_failed = true;
                let mut failure = Failure::user(about("delivery.test_failed"));
                failure.causes.clone_from(reasons);
                context.ui.failure(&failure);
            }
        }
    }
    if has_failed { Err(Failure::told(FailureKind::User)) } else { Ok(()) }
}
