//! What the sums of a statement mix: figures of several indicators, of several spans of time, from
//! several origins, or the same figure more than once.
//!
//! The tree of the statement says which sums and averages there are, over which rows; the data say what
//! is unlike among those rows, so that a statement that fixes an indicator in whatever way is not
//! warned of. A statement that cannot be followed is passed over.

mod ask;
mod data;
mod plan;
mod scope;
mod sums;
mod tree;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::time::Duration;

use duckdb::{Connection, ToSql};
use serde_json::json;

use crate::diag::Message;
use crate::engine::mixing::data::{Answer, Data, Unanswered, Watch};
use crate::engine::mixing::plan::Probe;

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
    Accumulations,
    Origins,
    /// Figures that contain each other, as those of a year up to several days.
    Days,
    /// Figures of months beside those of quarters.
    Lengths,
    /// Figures beside their parts.
    Breakdowns,
    /// The same figure from several documents.
    Again,
}

impl Kind {
    fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "indicator" => Self::Indicators,
            "accumulation" => Self::Accumulations,
            "origin" => Self::Origins,
            "day" => Self::Days,
            "length" => Self::Lengths,
            "breakdown" => Self::Breakdowns,
            "again" => Self::Again,
            _ => return None,
        })
    }

    fn code(self) -> &'static str {
        match self {
            Self::Indicators => "mixing.indicators",
            Self::Accumulations => "mixing.accumulations",
            Self::Origins => "mixing.origins",
            Self::Days => "mixing.days",
            Self::Lengths => "mixing.lengths",
            Self::Breakdowns => "mixing.breakdowns",
            Self::Again => "mixing.again",
        }
    }
}

/// Returns what the sums of a statement mix, in words.
///
/// `params` are the values of its parameters. `budget` is how long the data may be asked in all; where
/// that does not do, it is said.
pub(super) fn mixed(
    connection: &Connection,
    sql: &str,
    params: &[(&str, &dyn ToSql)],
    budget: Duration,
) -> Vec<Message> {
    let data = Data { connection, params };
    let Some(tree) = data.tree(sql) else { return Vec::new() };
    let [statement] = tree::list(&tree, "statements") else { return Vec::new() };
    let probes = plan::probes_of(statement, &mut |name| data.columns(name));
    let watch = Watch::start(connection, budget);
    let mut found: BTreeMap<Mixed, Vec<String>> = BTreeMap::new();
    let mut unasked: Vec<String> = Vec::new();
    for probe in &probes {
        let (answers, is_whole) = asked(&data, probe, &watch);
        for answer in answers {
            let Some(kind) = Kind::parse(&answer.kind) else { continue };
            let Some(sum) = probe.sums.get(answer.sum_no) else { continue };
            let mixed = Mixed { kind, n_items: answer.n_items, names: answer.names };
            note(&sum.call, found.entry(mixed).or_default());
        }
        if !is_whole {
            probe.sums.iter().for_each(|sum| note(&sum.call, &mut unasked));
        }
    }
    let mut messages: Vec<Message> = found
        .into_iter()
        .map(|(mixed, calls)| {
            Message::new(mixed.kind.code())
                .with("calls", calls_text(&calls))
                .with("count", mixed.n_items)
                .with("names", mixed.names)
        })
        .collect();
    if !unasked.is_empty() {
        messages.push(Message::new("mixing.unasked").with("calls", calls_text(&unasked)));
    }
    messages
}

/// Asks what the sums of a probe mix. Returns that, and whether there was time to ask for all.
fn asked(data: &Data<'_>, probe: &Probe, watch: &Watch) -> (Vec<Answer>, bool) {
    let statement = json!({
        "error": false,
        "statements": [{"node": probe.rows, "named_param_map": []}]
    });
    let Some(rows) = data.text(&statement) else { return (Vec::new(), !watch.is_over()) };
    let named = plan::parameters(&probe.rows);
    let mut answers = Vec::new();
    let again = probe.may_come_again.then(|| ask::again_statement(probe, &rows));
    for sql in std::iter::once(ask::unlike_statement(probe, &rows)).chain(again) {
        match data.answer(&sql, &named, watch) {
            Ok(found) => answers.extend(found),
            Err(Unanswered::TooLong) => return (answers, false),
            Err(Unanswered::Failed) => return (answers, true),
        }
    }
    (answers, true)
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
