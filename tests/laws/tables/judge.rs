//! The law: what was printed is what is read, or something says that it is not.
//!
//! What says so has to be where the figure stands: a finding excuses the figure at its own place, or
//! those of its own row; of a row that was not read it has to stand where the row stood.

use std::collections::BTreeMap;

use tongban::annex::{AnnexError, DocumentName, Layouts, ReadOptions, Reading, Reference, read};
use tongban::diag::{Diagnose, Finding, Lang, Severity};
use tongban::model::Observation;
use tongban::refdata::RefData;
use tongban::source::parse_document;

use super::damage::STRAY_LINES;
use super::document::{Document, Doubt, Expected, Key, Subject};
use super::figures::DASHES;
use super::places::{RowPlaces, covers};

/// What came of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Every figure is as it was printed; or a document was refused that asked for it.
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

/// A document as a file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct File<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) name: &'a str,
    pub(crate) is_damaged: bool,
}

/// Reads a file and compares the figures with what the document says.
pub(crate) fn judge(document: &Document, file: File<'_>, refdata: &RefData) -> Verdict {
    match reading(document, file, refdata) {
        Err(verdict) => verdict,
        Ok(Ok(reading)) => Comparison::new(document, &reading).verdict(file.is_damaged),
        Ok(Err(error)) if document.asks_for(error.message().code) => Verdict::Whole,
        Ok(Err(error)) => {
            let reasons = [vec![error.message()], error.details()].concat();
            let codes: Vec<&str> = reasons.iter().map(|reason| reason.code).collect();
            Verdict::Refused(
                codes.first().copied().unwrap_or_default().to_owned()
                    + codes.get(1).map(|code| format!(": {code}")).unwrap_or_default().as_str(),
            )
        }
    }
}

/// Returns what a file is read with besides its figures, a finding a line.
pub(crate) fn findings(document: &Document, file: File<'_>, refdata: &RefData) -> Vec<String> {
    let Ok(Ok(reading)) = reading(document, file, refdata) else { return Vec::new() };
    let shown = |finding: &Finding| {
        let Finding { severity, message, place, found, .. } = finding;
        format!("{severity} {} at {place}: {}", message.code, found.as_deref().unwrap_or_default())
    };
    reading.findings.iter().map(shown).collect()
}

fn reading(
    document: &Document,
    file: File<'_>,
    refdata: &RefData,
) -> Result<Result<Reading, AnnexError>, Verdict> {
    let parsed = parse_document(file.bytes, file.name)
        .map_err(|error| Verdict::Refused(error.message().code.to_owned()))?;
    let mut refdata = refdata.clone();
    let layouts = Layouts::load(&document.layouts, &mut refdata)
        .map_err(|error| Verdict::Silent(vec![format!("a layout is faulty: {error:?}")]))?;
    let name = DocumentName { shown: file.name, file_name: file.name };
    let reference = Reference { refdata: &refdata, layouts: &layouts };
    Ok(read(parsed, name, reference, &ReadOptions::default()))
}

/// A reading beside what it ought to be.
struct Comparison<'a> {
    document: &'a Document,
    reading: &'a Reading,
    expected: Vec<Expected>,
    found: BTreeMap<Key, Vec<&'a Observation>>,
    warnings: Vec<&'a Finding>,
    places: RowPlaces,
}

/// What came of one figure.
enum Outcome {
    AsPrinted,
    Told,
    Warned,
    Broken(String),
}

impl<'a> Comparison<'a> {
    fn new(document: &'a Document, reading: &'a Reading) -> Self {
        let expected = document.figures();
        let mut found: BTreeMap<Key, Vec<&Observation>> = BTreeMap::new();
        for observation in reading.observations() {
            found.entry(key(observation)).or_default().push(observation);
        }
        let n_rows = expected.last().map_or(0, |last| last.row + 1);
        let read = expected
            .iter()
            .filter_map(|figure| Some((figure.row, *found.get(&figure.key)?.first()?)));
        let places = RowPlaces::new(n_rows, read);
        let findings = reading.findings.iter();
        let warnings = findings.filter(|finding| finding.severity != Severity::Info).collect();
        Self { document, reading, expected, found, warnings, places }
    }

    fn verdict(mut self, is_damaged: bool) -> Verdict {
        let mut broken = Vec::new();
        let (mut is_told, mut is_warned) = (false, false);
        for expected in &self.expected {
            match self.outcome(expected) {
                Outcome::AsPrinted => {}
                Outcome::Told => is_told = true,
                Outcome::Warned => is_warned = true,
                Outcome::Broken(way) => broken.push(way),
            }
        }
        for expected in &self.expected {
            self.found.remove(&expected.key);
        }
        for (key, figure) in
            self.found.iter().flat_map(|(key, all)| all.iter().map(move |f| (key, f)))
        {
            // A row may be called by another name than it was printed with, and a finding tell so.
            if self.is_covered(figure) || self.is_named(None) {
                is_warned = true;
                continue;
            }
            let (value, place) = (figure.value, figure.place);
            broken.push(format!("{key:?} was never printed: {value:?} at {place}"));
        }
        // Where the table of a layout was not read, the layout says nothing of the others.
        let is_of_layout = self.document.layouts.is_empty() || !self.reading.layouts.is_empty();
        let standing = (self.reading.origin, self.reading.release);
        if is_of_layout && standing != self.document.standing {
            broken.push(format!("stated as {} {}", self.reading.origin, self.reading.release));
        }
        if !is_damaged && !is_told && !is_warned {
            broken.extend(self.miscomputed());
        }
        match (broken.is_empty(), is_warned, is_told) {
            (false, _, _) => Verdict::Silent(broken),
            (true, true, _) => Verdict::Warned,
            (true, false, true) => Verdict::Told,
            (true, false, false) => Verdict::Whole,
        }
    }

    fn outcome(&self, expected: &Expected) -> Outcome {
        let Expected { key, .. } = expected;
        let figures = self.found.get(key).map(Vec::as_slice).unwrap_or_default();
        let [figure] = figures else {
            return match figures.len() {
                0 if self.is_told_lost(expected) => Outcome::Told,
                0 => Outcome::Broken(format!("{key:?} is lost: {}", expected.printed)),
                n_figures => Outcome::Broken(format!("{key:?} is there {n_figures} times")),
            };
        };
        let is_same = !expected.is_left_out
            && figure.value == expected.value
            && figure.value_text.as_deref() == expected.state.as_deref()
            && (figure.value.is_none() || figure.qualifier == expected.qualifier)
            && *figure.unit == *expected.unit;
        let is_covered = self.is_covered(figure) || self.is_named(Some(expected));
        let is_empty = figure.value.is_none() && figure.value_text.is_none();
        // A dash says itself that there is no value.
        let is_dash = figure.printed.as_deref().is_some_and(|printed| DASHES.contains(&printed));
        let needs_finding = is_empty && !is_dash;
        match (is_same, is_covered) {
            (true, false) if needs_finding => {
                Outcome::Broken(format!("{key:?} is blank and nothing says so"))
            }
            (true, _) => Outcome::AsPrinted,
            (false, true) if is_empty => Outcome::Told,
            (false, true) => Outcome::Warned,
            (false, false) => {
                Outcome::Broken(format!("{key:?} is {:?} and not {expected:?}", figure.value))
            }
        }
    }

    fn is_covered(&self, figure: &Observation) -> bool {
        self.warnings.iter().any(|warning| covers(warning, figure))
    }

    /// Whether a finding names what makes a figure doubtful; of a figure that was never printed,
    /// anything on the page may.
    fn is_named(&self, expected: Option<&Expected>) -> bool {
        let is_of = |doubt: &&Doubt| match (expected, &doubt.rows) {
            (Some(expected), Some(rows)) => rows.contains(&expected.row),
            (None, _) | (_, None) => true,
        };
        let names = |doubt: &Doubt| self.warnings.iter().any(|warning| names(warning, doubt));
        self.document.doubts.iter().filter(is_of).any(names)
    }

    /// Whether it is told that a figure is not there; there is none to tell of where nothing was
    /// printed.
    fn is_told_lost(&self, expected: &Expected) -> bool {
        if expected.value.is_none() && expected.state.is_none() && !expected.is_left_out {
            return true;
        }
        if self.is_named(Some(expected)) {
            return true;
        }
        let between = self.places.around(expected.row);
        let warnings = || self.warnings.iter().filter(|warning| between.has(warning.place));
        // What a row without its label gave to the open row above it is in doubt there.
        let is_in_doubt = || {
            self.reading.observations().any(|figure| {
                between.has(figure.place)
                    && figure.printed.as_deref() == Some(expected.printed.as_str())
                    && self.is_covered(figure)
            })
        };
        warnings().any(|warning| says_lost(warning, expected)) || is_in_doubt()
    }

    /// Returns where cells that are computed from others are told to differ and do not, or the other
    /// way round.
    fn miscomputed(&self) -> Option<String> {
        let tables = self.document.tables.iter();
        let printed = tables.flat_map(|table| &table.miscomputed);
        let mut printed: Vec<(String, String)> =
            printed.map(|(row, column)| (compact(row), compact(column))).collect();
        let findings = self.warnings.iter();
        let told = findings.filter(|finding| finding.message.code == "computed.differs");
        let label = |label: &Option<String>| compact(label.as_deref().unwrap_or_default());
        let mut told: Vec<(String, String)> =
            told.map(|finding| (label(&finding.row_label), label(&finding.column_label))).collect();
        printed.sort();
        told.sort();
        (printed != told).then(|| format!("{printed:?} are printed wrong, {told:?} are told"))
    }
}

fn key(observation: &Observation) -> Key {
    Key {
        indicator: observation.indicator.to_string(),
        subject: Subject {
            department: observation.department.as_deref().unwrap_or_default().to_owned(),
            region: observation.region.to_string(),
            breakdown: observation.breakdown.as_deref().unwrap_or_default().to_owned(),
        },
        accumulation: observation.accumulation,
        period: observation.period,
    }
}

/// Whether a finding is one on what makes figures doubtful: it quotes it, or has its code.
fn names(warning: &Finding, doubt: &Doubt) -> bool {
    let sentence = warning.message.text(Lang::Zh);
    let texts = [Some(&sentence), warning.found.as_ref(), warning.row_label.as_ref()];
    let texts: Vec<String> = texts.into_iter().flatten().map(|text| compact(text)).collect();
    let is_quoted = |word: &String| texts.iter().any(|text| text.contains(&compact(word)));
    doubt.words.iter().any(is_quoted) || doubt.codes.contains(&warning.message.code)
}

fn compact(text: &str) -> String {
    text.split_whitespace().collect()
}

/// Whether a finding says that a row is not there, or quotes it or a piece of it. What is left of a
/// row without its label is quoted by its figures.
fn says_lost(warning: &Finding, expected: &Expected) -> bool {
    let label = compact(&expected.row_label);
    let is_of_row = |quote: &String| {
        // A line that got into a name stands in it where the row is quoted.
        let is_parted = STRAY_LINES.iter().any(|stray| {
            let stray = compact(stray);
            quote.contains(&stray) && quote.replace(&stray, "").contains(&label)
        });
        let is_piece = quote.chars().count() > 1 && label.contains(quote.as_str());
        let is_start = !quote.is_empty() && label.starts_with(quote.as_str());
        quote.contains(&label) || is_parted || is_piece || is_start
    };
    let mut texts = [&warning.found, &warning.row_label].into_iter().flatten();
    let is_figure = |piece: &str| !expected.printed.is_empty() && piece == expected.printed;
    texts.any(|text| is_of_row(&compact(text)) || text.split([' ', '|']).any(is_figure))
        || warning.message.code == "numbering.gap"
}
