//! Figures that stand in a document twice: the same one once more, or two that contradict.

use std::collections::BTreeMap;

use crate::annex::Unknown;
use crate::diag::{Finding, Message, Severity};
use crate::model::{Observation, Period};

/// What makes two figures the same one.
type Key = (String, i32, Option<String>, String, Option<String>, String, Period);

fn key(observation: &Observation) -> Key {
    (
        observation.indicator.clone(),
        observation.definition,
        observation.department.clone(),
        observation.region.clone(),
        observation.breakdown.clone(),
        observation.accumulation.to_string(),
        observation.period,
    )
}

/// Leaves every figure of a document once.
///
/// The same value again is left out with a finding. Another value refuses the document, because
/// nothing says which one counts; a quantity told in a note gives way to the table with a warning.
pub(super) fn drop_repeats(
    observations: Vec<&mut Vec<Observation>>,
    findings: &mut Vec<Finding>,
    unknown: &mut Vec<Unknown>,
) {
    let mut seen: BTreeMap<Key, Option<f64>> = BTreeMap::new();
    for of_part in observations {
        of_part.retain(|observation| {
            let key = key(observation);
            let Some(before) = seen.get(&key) else {
                seen.insert(key, observation.value);
                return true;
            };
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
