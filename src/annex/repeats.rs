//! Figures that stand in a document twice: the same one once more, or two that contradict.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::annex::Unknown;
use crate::diag::{Finding, Message, Severity};
use crate::model::{Accumulation, ObsStatus, Observation, Period, Qualifier, Text};

/// Contradictions that are told: by the first one a document is refused.
const MAX_KEYS: usize = 1_000;

/// What makes two figures the same one.
type Key<'a> = (Option<&'a str>, Option<&'a str>, &'a str, i32, &'a str, Accumulation, Period);

fn key(observation: &Observation) -> Key<'_> {
    (
        observation.department.as_deref(),
        observation.breakdown.as_deref(),
        &observation.indicator,
        observation.definition,
        &observation.region,
        observation.accumulation,
        observation.period,
    )
}

/// What a figure says: its value or state, how exact it claims to be, and why it has none. That a
/// note under one of two tables explains a zero makes no other figure of it.
type Said = (Option<f64>, Option<Text>, Option<Qualifier>, Option<ObsStatus>);

/// Where a figure that stands there again stands first, and what is said there.
struct First {
    at: usize,
    said: Said,
    is_told: bool,
}

/// Whether a figure is told in a sentence and stands in no table and no note of one.
fn is_told(observation: &Observation) -> bool {
    observation.place.table.is_none()
}

/// Key and meaning of a figure as hashes: two with the same key and another meaning contradict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Mark {
    pub(super) key: u64,
    said: u64,
}

impl Mark {
    /// Returns what is left of a figure that is not kept.
    pub(super) fn of(observation: &Observation) -> Self {
        let (value, text, qualifier, status) = said(observation);
        let said = (value.map(f64::to_bits), text, qualifier, status);
        Self { key: hash_of(&key(observation)), said: hash_of(&said) }
    }
}

/// What figures that stand there several times come to, by their marks.
pub(super) struct Repeats {
    /// Keys with more than one meaning, a limited number of them.
    pub(super) contradicted: BTreeSet<u64>,
    /// How many figures stand there once more.
    pub(super) n_repeated: usize,
}

impl Repeats {
    /// Finds them among the figures of all tables.
    pub(super) fn among(marks: &[Vec<Mark>]) -> Self {
        let mut order: Vec<Mark> = marks.concat();
        order.sort_unstable();
        let pairs = order.windows(2).filter(|pair| pair[0].key == pair[1].key);
        let differs = |pair: &&[Mark]| pair[0].said != pair[1].said;
        let contradicted = pairs.clone().filter(differs).map(|pair| pair[0].key);
        Self { contradicted: contradicted.take(MAX_KEYS).collect(), n_repeated: pairs.count() }
    }
}

fn hash_of(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

fn said(observation: &Observation) -> Said {
    let Observation { value, value_text, obs_status, qualifier, .. } = observation;
    let status = value.is_none().then_some(*obs_status);
    (*value, value_text.clone(), *qualifier, status)
}

/// Returns, for each figure that stands there again, its position among all of them and where it stands
/// first.
///
/// Figures with the same key are brought together by its hash, because to sort millions of keys
/// takes long. The hash decides nothing: those that share one are compared.
fn repeated(parts: &[&mut Vec<Observation>]) -> BTreeMap<usize, First> {
    let all: Vec<&Observation> = parts.iter().flat_map(|part| part.iter()).collect();
    let hashed = all.iter().enumerate().map(|(at, figure)| (hash_of(&key(figure)), at));
    let mut order: Vec<(u64, usize)> = hashed.collect();
    order.sort_unstable();
    let mut repeated = BTreeMap::new();
    for alike in order.chunk_by(|a, b| a.0 == b.0).filter(|alike| alike.len() > 1) {
        let mut first_at: BTreeMap<Key<'_>, usize> = BTreeMap::new();
        for (_, at) in alike {
            let first = *first_at.entry(key(all[*at])).or_insert(*at);
            if first != *at {
                let (said, is_told) = (said(all[first]), is_told(all[first]));
                repeated.insert(*at, First { at: first, said, is_told });
            }
        }
    }
    repeated
}

/// Leaves every figure of a document once.
///
/// The same value again is left out with a finding. Another value refuses the document, because
/// nothing says which one counts; a quantity told in a note gives way to the table with a warning, and
/// so does one of a sentence. Of two sentences that contradict, neither counts, with a warning each.
pub(super) fn drop_repeats(
    parts: Vec<&mut Vec<Observation>>,
    findings: &mut Vec<Finding>,
    unknown: &mut Vec<Unknown>,
) {
    let repeated = repeated(&parts);
    let doubtful = contradicted(&parts, &repeated);
    let mut next = 0;
    for part in parts {
        part.retain(|observation| {
            let at = next;
            next += 1;
            if doubtful.contains(&at) {
                findings.push(of_sentence("prose.two_values", observation));
                return false;
            }
            let Some(before) = repeated.get(&at) else { return true };
            let label = observation.row_label.as_deref().unwrap_or_default().to_owned();
            let is_of_note = observation.place.note.is_some();
            let is_same = before.said == said(observation);
            if !is_same && is_told(observation) {
                findings.push(of_sentence("prose.differs_from_table", observation));
                return false;
            }
            if !is_same && !is_of_note {
                let column = observation.column_label.as_deref().unwrap_or_default().to_owned();
                let place = observation.place;
                unknown.push(Unknown::FigureRepeated { label, column, place });
                return false;
            }
            let (code, severity) = if is_same {
                ("figure.repeated", Severity::Info)
            } else {
                ("figure.contradicted", Severity::Warning)
            };
            let message = Message::new(code)
                .with("label", &label)
                .with("printed", observation.printed.as_deref().unwrap_or_default());
            let finding = Finding::new(severity, message, observation.place);
            findings.push(finding.labelled(Some(&label), observation.column_label.as_deref()));
            false
        });
    }
}

/// Returns the positions of figures told in sentences that contradict each other.
fn contradicted(
    parts: &[&mut Vec<Observation>],
    repeated: &BTreeMap<usize, First>,
) -> BTreeSet<usize> {
    if repeated.is_empty() {
        return BTreeSet::new();
    }
    let all: Vec<&Observation> = parts.iter().flat_map(|part| part.iter()).collect();
    let differ = |(at, first): &(&usize, &First)| {
        first.is_told && is_told(all[**at]) && first.said != said(all[**at])
    };
    let firsts: BTreeSet<usize> =
        repeated.iter().filter(differ).map(|(_, first)| first.at).collect();
    let again = repeated.iter().filter(|(_, first)| firsts.contains(&first.at));
    let again: Vec<usize> = again.map(|(at, _)| *at).collect();
    firsts.into_iter().chain(again).collect()
}

fn of_sentence(code: &'static str, observation: &Observation) -> Finding {
    let sentence = observation.row_label.as_deref().unwrap_or_default();
    let printed = observation.printed.as_deref().unwrap_or_default();
    let message = Message::new(code)
        .with("sentence", sentence)
        .with("printed", printed)
        .with("indicator", &observation.indicator);
    let finding = Finding::new(Severity::Warning, message, observation.place);
    finding.quoting(printed)
}
