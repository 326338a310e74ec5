//! The law: what was printed is what is read, or something says that it is not.

use std::collections::BTreeMap;

use tongban::annex::{DocumentName, Layouts, ReadOptions, Reading, Reference, read};
use tongban::diag::{Diagnose, Finding, Severity};
use tongban::model::Observation;
use tongban::refdata::RefData;
use tongban::source::parse_document;

use super::document::{Document, Expected, Key};

/// What came of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Every figure is as it was printed; or a document was refused because what it prints is no
    /// period.
    Whole,
    /// Some figures are missing, and findings say which.
    Told,
    /// A figure is another one than was printed, and a finding warns of it.
    Warned,
    /// The document was refused, for this reason.
    Refused(String),
    /// The law is broken, in these ways.
    Silent(Vec<String>),
}

/// Reads the bytes of a document and compares the figures with what it says.
pub(crate) fn judge(
    document: &Document,
    bytes: &[u8],
    file_name: &str,
    refdata: &RefData,
) -> Verdict {
    let parsed = match parse_document(bytes, file_name) {
        Ok(parsed) => parsed,
        Err(error) => return Verdict::Refused(error.message().code.to_owned()),
    };
    let name = DocumentName { shown: file_name, file_name };
    let reference = Reference { refdata, layouts: &Layouts::default() };
    match read(parsed, name, reference, &ReadOptions::default()) {
        Ok(reading) => compared(&document.figures(), &reading),
        Err(error)
            if document.has_no_period() && error.message().code == "annex.period_unclear" =>
        {
            Verdict::Whole
        }
        Err(error) => {
            let reasons = [vec![error.message()], error.details()].concat();
            let codes: Vec<&str> = reasons.iter().map(|reason| reason.code).collect();
            Verdict::Refused(
                codes.first().copied().unwrap_or_default().to_owned()
                    + codes.get(1).map(|code| format!(": {code}")).unwrap_or_default().as_str(),
            )
        }
    }
}

fn compared(expected: &[(Key, Expected)], reading: &Reading) -> Verdict {
    let mut found: BTreeMap<Key, Vec<&Observation>> = BTreeMap::new();
    for observation in reading.observations() {
        let department = observation.department.as_deref().unwrap_or_default().to_owned();
        let key = (observation.indicator.to_string(), department, observation.period);
        found.entry(key).or_default().push(observation);
    }
    let warnings: Vec<&Finding> =
        reading.findings.iter().filter(|finding| finding.severity != Severity::Info).collect();
    // What a row without its label gave to the open row above it is in doubt there.
    let is_in_doubt = |expected: &Expected| {
        reading.observations().any(|figure| {
            figure.printed.as_deref() == Some(expected.printed.as_str())
                && warnings.iter().any(|warning| covers(warning, figure))
        })
    };
    let mut broken = Vec::new();
    let (mut is_told, mut is_warned) = (false, false);
    for (key, expected) in expected {
        let figures = found.remove(key).unwrap_or_default();
        let [figure] = figures.as_slice() else {
            if !figures.is_empty() {
                broken.push(format!("{key:?} is there {} times", figures.len()));
            } else if expected.value.is_none()
                || says_lost(&warnings, expected)
                || is_in_doubt(expected)
            {
                is_told = true;
            } else {
                broken.push(format!("{key:?} is lost: {}", expected.printed));
            }
            continue;
        };
        let is_same = figure.value == expected.value
            && (figure.value.is_none() || figure.qualifier == expected.qualifier)
            && *figure.unit == *expected.unit;
        let is_covered = warnings.iter().any(|warning| covers(warning, figure));
        // A dash says itself that there is no value.
        let needs_finding = figure.value.is_none() && figure.printed.as_deref() != Some("—");
        match (is_same, is_covered) {
            (true, false) if needs_finding => {
                broken.push(format!("{key:?} is blank and nothing says so"));
            }
            (true, _) => {}
            (false, true) if figure.value.is_none() => is_told = true,
            (false, true) => is_warned = true,
            (false, false) => {
                broken.push(format!("{key:?} is {:?} and not {expected:?}", figure.value));
            }
        }
    }
    broken.extend(found.into_iter().flat_map(|(key, figures)| {
        figures.into_iter().map(move |figure| {
            format!("{key:?} was never printed: {:?} at {}", figure.value, figure.place)
        })
    }));
    match (broken.is_empty(), is_warned, is_told) {
        (false, _, _) => Verdict::Silent(broken),
        (true, true, _) => Verdict::Warned,
        (true, false, true) => Verdict::Told,
        (true, false, false) => Verdict::Whole,
    }
}

/// Whether a finding is about this very figure, or about its whole row.
fn covers(finding: &Finding, figure: &Observation) -> bool {
    let (about, at) = (finding.place, figure.place);
    about.table == at.table
        && about.row.is_some()
        && about.row == at.row
        && (about.column.is_none() || about.column == at.column)
}

/// Whether a finding says that the row of a figure is not there, or quotes it or a piece of it. What
/// is left of a row without its label is quoted by its figures.
fn says_lost(warnings: &[&Finding], expected: &Expected) -> bool {
    let compact = |text: &str| -> String { text.split_whitespace().collect() };
    let label = compact(&expected.row_label);
    let is_of_row = |quote: &String| {
        let is_piece = quote.chars().count() > 1 && label.contains(quote.as_str());
        let is_start = !quote.is_empty() && label.starts_with(quote.as_str());
        quote.contains(&label) || is_piece || is_start
    };
    warnings.iter().any(|warning| {
        let mut texts = [&warning.found, &warning.row_label].into_iter().flatten();
        let is_figure = |piece: &str| !expected.printed.is_empty() && piece == expected.printed;
        texts.any(|text| is_of_row(&compact(text)) || text.split([' ', '|']).any(is_figure))
            || warning.message.code == "numbering.gap"
    })
}
