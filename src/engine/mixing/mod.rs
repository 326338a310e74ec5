//! What the sums of a statement mix: figures of several indicators, of several spans of time, from
//! several origins, of regions and of those in them, rates, or the same figure more than once.
//!
//! The tree of the statement says which sums and averages there are, over which rows; the data say what
//! is unlike among those rows, so that a statement that fixes an indicator in whatever way is not
//! warned of. Of sums of figures that cannot be followed it is said that they were not checked.

mod ask;
mod data;
mod figures;
mod plan;
mod scope;
mod sums;
mod tree;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::thread;
use std::time::Duration;

use duckdb::{Connection, ToSql};
use serde_json::json;

use crate::diag::Message;
use crate::engine::mixing::data::{Answer, Data, Unanswered, Watch};
use crate::engine::mixing::plan::Probe;
use crate::engine::mixing::sums::Sum;

/// Tables that are asked beside those of the statement: which indicators are rates, and which regions lie
/// in which others.
pub const CHECK_TABLES: [&str; 2] = ["indicators", "regions"];

/// What was found out about the sums and averages of a statement.
#[derive(Debug, Clone, Default)]
pub struct SumsChecked {
    /// What they mix, in words.
    pub mixed: Vec<Message>,
    /// Those about which it was not found out, in words.
    pub unchecked: Vec<Message>,
}

/// One thing that sums of a statement mix.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Mixed {
    kind: Kind,
    /// How many there are: indicators, days, …
    n_items: i64,
    /// Some of them, worded.
    names: String,
}

/// What is mixed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Indicators,
    /// Columns of figures of several indicators, or of several origins.
    Columns,
    Accumulations,
    Origins,
    /// Figures of one indicator that do not count the same.
    Definitions,
    /// Figures that contain each other, as those of a year up to several days.
    Days,
    /// Figures of months beside those of quarters.
    Lengths,
    /// Figures beside their parts.
    Breakdowns,
    /// The same figure from several documents.
    Again,
    /// The same figure from one document, because a join repeats its row.
    Repeated,
    /// Figures of one place over times that overlap.
    Overlaps,
    /// Flows of several places, which are not over the same time.
    Spans,
    /// Figures of regions beside those of regions in them.
    Levels,
    /// Figures of departments beside those of their whole region.
    Wholes,
    RatesAdded,
    RatesAveraged,
}

impl Kind {
    fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "indicator" => Self::Indicators,
            "accumulation" => Self::Accumulations,
            "origin" => Self::Origins,
            "definition" => Self::Definitions,
            "day" => Self::Days,
            ask::LENGTH => Self::Lengths,
            "breakdown" => Self::Breakdowns,
            "again" => Self::Again,
            ask::REPEATED => Self::Repeated,
            ask::OVERLAP => Self::Overlaps,
            ask::SPAN => Self::Spans,
            "level" => Self::Levels,
            "whole" => Self::Wholes,
            "rate_sum" => Self::RatesAdded,
            "rate_average" => Self::RatesAveraged,
            _ => return None,
        })
    }

    fn code(self) -> &'static str {
        match self {
            Self::Indicators => "mixing.indicators",
            Self::Columns => "mixing.columns",
            Self::Accumulations => "mixing.accumulations",
            Self::Origins => "mixing.origins",
            Self::Definitions => "mixing.definitions",
            Self::Days => "mixing.days",
            Self::Lengths => "mixing.lengths",
            Self::Breakdowns => "mixing.breakdowns",
            Self::Again => "mixing.again",
            Self::Repeated => "mixing.repeated",
            Self::Overlaps => "mixing.overlaps",
            Self::Spans => "mixing.spans",
            Self::Levels => "mixing.levels",
            Self::Wholes => "mixing.wholes",
            Self::RatesAdded => "mixing.rates_added",
            Self::RatesAveraged => "mixing.rates_averaged",
        }
    }
}

/// Whether the data may be asked about a statement at all.
pub(super) fn may_ask_about(sql: &str) -> bool {
    sums::are_named_in(sql)
}

/// Returns what the sums of a statement mix, in words.
///
/// `params` are the values of its parameters. `budget` is how long the data may be asked in all; where
/// that does not do, it is said.
pub(super) fn checked(
    connection: &Connection,
    sql: &str,
    params: &[(&str, &dyn ToSql)],
    budget: Duration,
) -> SumsChecked {
    let data = Data { connection, params };
    let Some(tree) = data.tree(sql) else { return unread(sql) };
    let [statement] = tree::list(&tree, "statements") else { return SumsChecked::default() };
    let plan = plan::plan_of(statement, &mut |name| data.columns(name));
    let mut found = Found::default();
    plan.unfollowed.iter().for_each(|call| note(call, &mut found.unchecked));
    plan.probes.iter().flat_map(|probe| &probe.sums).for_each(|sum| found.tell_columns(sum));
    if !plan.probes.is_empty() {
        // Whoever watches has ended when this returns.
        thread::scope(|scope| {
            let watch = Watch::start(scope, connection, budget);
            plan.probes.iter().for_each(|probe| found.ask(&data, probe, &watch));
        });
    }
    found.told()
}

/// What is said of a statement that nests too deep to be looked into.
fn unread(sql: &str) -> SumsChecked {
    let is_wanted = sums::are_named_in(sql);
    let unchecked = is_wanted.then(|| Message::new("mixing.unread")).into_iter().collect();
    SumsChecked { mixed: Vec::new(), unchecked }
}

/// What was found out so far.
#[derive(Debug, Default)]
struct Found {
    /// The sums that mix something, as they are written.
    mixed: BTreeMap<Mixed, Vec<String>>,
    /// Those for which there was no time.
    unasked: Vec<String>,
    /// Those that could not be followed, or asked about.
    unchecked: Vec<String>,
}

impl Found {
    /// Says that a sum adds up several columns of figures, whatever the data are.
    fn tell_columns(&mut self, sum: &Sum) {
        let columns: Vec<&str> = sum.figures.columns.iter().copied().collect();
        if columns.len() < 2 || !sum.figures.is_followed {
            return;
        }
        let shown = columns.iter().take(3).copied().collect::<Vec<_>>().join(", ");
        let more = if columns.len() > 3 { ", …" } else { "" };
        let n_items = i64::try_from(columns.len()).unwrap_or(i64::MAX);
        let mixed = Mixed { kind: Kind::Columns, n_items, names: format!("{shown}{more}") };
        note(&sum.call, self.mixed.entry(mixed).or_default());
    }

    /// Asks what the sums of a probe mix.
    fn ask(&mut self, data: &Data<'_>, probe: &Probe, watch: &Watch) {
        let mut answers = Vec::new();
        let asked = ask(data, probe, watch, &mut answers);
        for answer in answers {
            let Some(kind) = Kind::parse(&answer.kind) else { continue };
            let Some(sum) = probe.sums.get(answer.sum_no) else { continue };
            let mixed = Mixed { kind, n_items: answer.n_items, names: answer.names };
            note(&sum.call, self.mixed.entry(mixed).or_default());
        }
        let calls = match asked {
            Ok(()) => return,
            Err(Unanswered::TooLong) => &mut self.unasked,
            Err(Unanswered::Failed) => &mut self.unchecked,
        };
        probe.sums.iter().for_each(|sum| note(&sum.call, calls));
    }

    fn told(self) -> SumsChecked {
        let mixed = self.mixed.into_iter().map(|(mixed, calls)| {
            Message::new(mixed.kind.code())
                .with("calls", calls_text(&calls))
                .with("count", mixed.n_items)
                .with("names", mixed.names)
        });
        let unchecked = [("mixing.unasked", self.unasked), ("mixing.unchecked", self.unchecked)];
        let unchecked = unchecked.into_iter().filter(|(_, calls)| !calls.is_empty());
        SumsChecked {
            mixed: mixed.collect(),
            unchecked: unchecked
                .map(|(code, calls)| Message::new(code).with("calls", calls_text(&calls)))
                .collect(),
        }
    }
}

/// Asks what the sums of a probe mix: into `answers`, as far as it gets.
fn ask(
    data: &Data<'_>,
    probe: &Probe,
    watch: &Watch,
    answers: &mut Vec<Answer>,
) -> Result<(), Unanswered> {
    let statement = json!({
        "error": false,
        "statements": [{"node": probe.rows, "named_param_map": []}]
    });
    let rows = data.text(&statement).ok_or_else(|| watch.unanswered())?;
    let named = plan::parameters(&probe.rows);
    let unlike = data.answer(&ask::unlike_statement(probe, &rows), &named, watch)?;
    let (may_overlap, unlike): (Vec<_>, Vec<_>) =
        unlike.into_iter().partition(|answer| answer.kind == ask::OVERLAP);
    answers.extend(unlike);
    if probe.may_come_again {
        answers.extend(data.answer(&ask::again_statement(probe, &rows), &named, watch)?);
    }
    if probe.sums.iter().any(ask::may_repeat) {
        answers.extend(data.answer(&ask::repeated_statement(probe, &rows), &named, watch)?);
    }
    if probe.sums.iter().any(ask::adds_flows) {
        answers.extend(data.answer(&ask::span_statement(probe, &rows), &named, watch)?);
    }
    if !may_overlap.is_empty() {
        let overlaps = data.answer(&ask::overlap_statement(probe, &rows), &named, watch)?;
        // Where times overlap, it goes without saying that they are not of one length.
        let is_said = |answer: &Answer| overlaps.iter().any(|one| one.sum_no == answer.sum_no);
        answers.retain(|answer| answer.kind != ask::LENGTH || !is_said(answer));
        answers.extend(overlaps);
    }
    Ok(())
}

fn note(call: &str, calls: &mut Vec<String>) {
    if !calls.iter().any(|known| known == call) {
        calls.push(call.to_owned());
    }
}

/// Returns up to three sums as a text for people.
fn calls_text(calls: &[String]) -> String {
    let shown: Vec<String> = calls.iter().take(3).map(|call| format!("`{call}`")).collect();
    let more = if calls.len() > shown.len() { ", …" } else { "" };
    format!("{}{more}", shown.join(", "))
}
