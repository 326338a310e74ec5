//! Figures that stand in a document twice: the same one once more, or two that contradict.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::annex::Unknown;
use crate::diag::{Finding, Message, Severity};
use crate::model::{Accumulation, ObsStatus, Observation, Period, Qualifier, Text};

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

fn said(observation: &Observation) -> Said {
    let Observation { value, value_text, obs_status, qualifier, .. } = observation;
    let status = value.is_none().then_some(*obs_status);
    (*value, value_text.clone(), *qualifier, status)
}

/// Returns, for each figure that stands there again, its position among all of them and what is said
/// where it stands first.
///
/// Figures with the same key are brought together by its hash, because to sort millions of keys
/// takes long. The hash decides nothing: those that share one are compared.
fn repeated(parts: &[&mut Vec<Observation>]) -> BTreeMap<usize, Said> {
    let all: Vec<&Observation> = parts.iter().flat_map(|part| part.iter()).collect();
    let hash = |observation: &Observation| {
        let mut hasher = DefaultHasher::new();
        key(observation).hash(&mut hasher);
        hasher.finish()
    };
    let mut order: Vec<(u64, usize)> =
        all.iter().enumerate().map(|(at, observation)| (hash(observation), at)).collect();
    order.sort_unstable();
    let mut repeated = BTreeMap::new();
    for alike in order.chunk_by(|a, b| a.0 == b.0).filter(|alike| alike.len() > 1) {
        let mut first_at: BTreeMap<Key<'_>, usize> = BTreeMap::new();
        for (_, at) in alike {
            let first = *first_at.entry(key(all[*at])).or_insert(*at);
            if first != *at {
                repeated.insert(*at, said(all[first]));
            }
        }
    }
    repeated
}

/// Leaves every figure of a document once.
///
/// The same value again is left out with a finding. Another value refuses the document, because
/// nothing says which one counts; a quantity told in a note gives way to the table with a warning.
pub(super) fn drop_repeats(
    parts: Vec<&mut Vec<Observation>>,
    findings: &mut Vec<Finding>,
    unknown: &mut Vec<Unknown>,
) {
    let repeated = repeated(&parts);
    let mut next = 0;
    for part in parts {
        part.retain(|observation| {
            let at = next;
            next += 1;
            let Some(before) = repeated.get(&at) else { return true };
            let label = observation.row_label.as_deref().unwrap_or_default().to_owned();
            let is_of_note = observation.place.note.is_some();
            let is_same = *before == said(observation);
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
