//! What must be known of a trend, said once: the same remark on periods in a row, and on several bodies over
//! the same periods, is one.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::diag::{Lang, Message, joined};
use crate::trend::Trend;
use crate::trend::bodies::Bodies;
use crate::trend::frequency::Slot;
use crate::trend::plan::{Limit, Measure};
use crate::trend::point::Point;
use crate::trend::standing::WithoutShares;

/// Names that are listed; of more, some and how many others there are.
const MAX_NAMES: usize = 4;
/// Names that stand before the number of others.
const FIRST_NAMES: usize = 3;

/// A remark on periods in a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpanOfRemark {
    /// The first of the periods.
    pub first: Slot,
    /// The last of them.
    pub last: Slot,
    /// Names of whom it is about, in the order in which they are shown.
    pub names: Vec<String>,
    /// What must be known.
    pub text: String,
}

/// Returns the remarks on the series that are shown, those on the latest periods first.
pub fn spans_of_remarks(trend: &Trend, bodies: &Bodies, lang: Lang) -> Vec<SpanOfRemark> {
    let mut all: Vec<SpanOfRemark> = Vec::new();
    let mut known: BTreeMap<(Slot, Slot, String), usize> = BTreeMap::new();
    for (_, series) in trend.shown() {
        let name = bodies.name_of(&series.subject);
        for (first, last, text) in spans_of(trend.remarked(series), lang) {
            let idx = *known.entry((first, last, text.clone())).or_insert(all.len());
            if idx == all.len() {
                all.push(SpanOfRemark { first, last, names: Vec::new(), text });
            }
            let names = &mut all[idx].names;
            if !names.contains(&name) {
                names.push(name.clone());
            }
        }
    }
    all.sort_by_key(|remark| Reverse(remark.last));
    all
}

/// The remarks on a series, each with the first and the last of the periods in a row that it is about.
fn spans_of<'a>(points: impl Iterator<Item = &'a Point>, lang: Lang) -> Vec<(Slot, Slot, String)> {
    let mut spans: Vec<(Slot, Slot, String)> = Vec::new();
    for point in points {
        for remark in &point.remarks {
            let text = remark.text(lang);
            let before = point.slot.before();
            let going_on =
                spans.iter_mut().find(|(_, last, said)| *last == before && *said == text);
            match going_on {
                Some((_, last, _)) => *last = point.slot,
                None => spans.push((point.slot, point.slot, text)),
            }
        }
    }
    spans
}

/// Joins names for a line: all of a few, else the first of them and how many others there are.
pub fn few_names(names: &[String], lang: Lang) -> String {
    if names.len() <= MAX_NAMES {
        return joined(names, lang);
    }
    Message::new("trend.and_others")
        .with_list("names", &names[..FIRST_NAMES])
        .with("all", names.len())
        .text(lang)
}

impl WithoutShares {
    /// Says so.
    pub fn message(&self) -> Message {
        let periods: Vec<String> = self.periods.iter().map(ToString::to_string).collect();
        let message = named(Message::new("trend.without_shares"), "periods", &periods);
        named(message, "names", &self.names)
    }
}

/// Adds names to a message, the first of them where there are many.
pub(super) fn named(message: Message, fact: &'static str, names: &[String]) -> Message {
    let [zh, en] = [Lang::Zh, Lang::En].map(|lang| few_names(names, lang));
    message.with_sentence(fact, &zh, &en)
}

impl Trend {
    /// Returns what must be known of all that is shown: a last period that is left out, has no value, is not
    /// known to its end or ends after what was asked for, periods of which nothing is known, and that the
    /// values are not those that were wanted.
    pub fn notes(&self) -> Vec<Message> {
        let mut notes = Vec::new();
        if let Some(open) = self.plan.open {
            let is_left_out = self.plan.last < open.slot;
            let is_flow = self.plan.measure == Measure::Flow;
            let (code, day) = match (open.limit, is_left_out) {
                (Limit::Figures(day), true) => ("trend.open_left_out", day),
                (Limit::Figures(day), false) if is_flow => ("trend.open", day),
                (Limit::Figures(day), false) => ("trend.open_level", day),
                (Limit::Asked(day), true) => ("trend.cut_left_out", day),
                (Limit::Asked(day), false) => ("trend.cut", day),
            };
            let message = Message::new(code).with("period", open.slot).with("day", day);
            notes.push(message.with("end", open.slot.last_day()));
        }
        let unknown = self.plan.without_figures();
        let has_nothing = self.all.is_empty() && notes.is_empty();
        let shown = has_nothing.then_some((self.plan.first, self.plan.last));
        for (first, last) in shown.into_iter().chain(unknown) {
            let code = if first == last { "trend.nothing_for" } else { "trend.nothing_between" };
            notes.push(Message::new(code).with("first", first).with("last", last));
        }
        if !self.plan.has_wanted_measure {
            notes.push(Message::new("trend.without_flows"));
        }
        notes
    }
}
