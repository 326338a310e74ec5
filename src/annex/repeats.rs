//! Figures that stand in a document twice: the same one once more, or two that contradict.

use std::collections::BTreeMap;

use crate::annex::{TableReading, Unknown};
use crate::diag::{Finding, Message, Severity};
use crate::model::{Accumulation, Observation, Period};

/// What makes two figures the same one, whatever differs most often first.
type Key<'a> =
    ((Option<&'a str>, Option<&'a str>), (&'a str, i32), &'a str, (Accumulation, Period));

fn key(observation: &Observation) -> Key<'_> {
    (
        (observation.breakdown.as_deref(), observation.department.as_deref()),
        (&observation.indicator, observation.definition),
        &observation.region,
        (observation.accumulation, observation.period),
    )
}

/// Returns, for each figure that stands there again, its position among all of them and the value
/// that it has where it stands first.
fn repeated(tables: &[TableReading]) -> BTreeMap<usize, Option<f64>> {
    let all: Vec<&Observation> = tables.iter().flat_map(|table| &table.observations).collect();
    let mut order: Vec<usize> = (0..all.len()).collect();
    // Stable, so that of equal ones the first comes first.
    order.sort_by(|a, b| key(all[*a]).cmp(&key(all[*b])));
    let same = order.chunk_by(|a, b| key(all[*a]) == key(all[*b])).filter(|same| same.len() > 1);
    let later = same.flat_map(|same| same[1..].iter().map(|at| (*at, all[same[0]].value)));
    later.collect()
}

/// Leaves every figure of a document once.
///
/// The same value again is left out with a finding. Another value refuses the document, because
/// nothing says which one counts; a quantity told in a note gives way to the table with a warning.
pub(super) fn drop_repeats(
    tables: &mut [TableReading],
    findings: &mut Vec<Finding>,
    unknown: &mut Vec<Unknown>,
) {
    let repeated = repeated(tables);
    let mut next = 0;
    for table in tables {
        table.observations.retain(|observation| {
            let at = next;
            next += 1;
            let Some(before) = repeated.get(&at) else { return true };
            let label = observation.row_label.clone().unwrap_or_default();
            let is_of_note = observation.place.note.is_some();
            let is_same = *before == observation.value;
            if !is_same && !is_of_note {
                let column = observation.column_label.clone().unwrap_or_default();
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
