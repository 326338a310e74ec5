//! Figures told in sentences, by the patterns of saved layouts.

use std::sync::Arc;

use regex::Captures;

use crate::annex::cells::parse_number;
use crate::annex::labels::ordinary_width;
use crate::annex::layout::{Layout, ProseFigure};
use crate::annex::period::{PeriodContext, column_period};
use crate::annex::regions::RegionIndex;
use crate::annex::time_words::Stated;
use crate::annex::{ReadingContext, RowSubject, Unknown};
use crate::diag::{Finding, Message, Severity};
use crate::model::{ObsStatus, Observation, Place};
use crate::source::{Block, Paragraph};

/// What came of the sentences of a document.
#[derive(Default)]
pub(super) struct ProseOutcome {
    pub(super) observations: Vec<Observation>,
    pub(super) findings: Vec<Finding>,
    pub(super) unknown: Vec<Unknown>,
}

/// Quotation marks, which authors set and leave out at will.
const QUOTES: [char; 10] = ['"', '\'', '“', '”', '‘', '’', '「', '」', '『', '』'];

/// Returns a text as patterns see it: in ordinary width, without white space and quotation marks.
fn plain(text: &str) -> String {
    let is_kept = |c: &char| !c.is_whitespace() && !QUOTES.contains(c);
    ordinary_width(text).chars().filter(is_kept).collect()
}

/// Reads every figure that the patterns of a layout find in the paragraphs of a document.
///
/// A figure is about the region that the pattern or its figure names, else about the issuer's; its
/// time is that of the document, because sentences say 截至目前.
pub(super) fn read_prose(
    blocks: &[Block],
    layout: &Layout,
    context: &ReadingContext<'_>,
) -> ProseOutcome {
    let mut outcome = ProseOutcome::default();
    let paragraphs = blocks.iter().filter_map(|block| match block {
        Block::Paragraph(paragraph) => Some(paragraph),
        Block::Grid(_) => None,
    });
    for paragraph in paragraphs {
        let text = plain(&paragraph.text);
        for prose in &layout.prose {
            for found in prose.pattern.captures_iter(&text) {
                for figure in &prose.figures {
                    read_figure((paragraph, &found), figure, layout, context, &mut outcome);
                }
            }
        }
    }
    outcome
}

fn read_figure(
    (paragraph, found): (&Paragraph, &Captures<'_>),
    figure: &ProseFigure,
    layout: &Layout,
    context: &ReadingContext<'_>,
    outcome: &mut ProseOutcome,
) {
    let Some(printed) = found.name(&figure.capture).map(|group| group.as_str()) else { return };
    let place = Place::at(paragraph.spot);
    let sentence = found.get(0).map_or("", |whole| whole.as_str());
    let known = context.refdata.indicators();
    let Some(indicator) = known.iter().find(|known| known.indicator == figure.indicator) else {
        return;
    };
    let Some(subject) = subject(found, figure, place, context, outcome) else { return };
    let number = parse_number(printed)
        .filter(|number| number.unit.as_ref().is_none_or(|unit| *unit == indicator.unit));
    if number.is_none() {
        let message =
            Message::new("prose.not_a_number").with("sentence", sentence).with("printed", printed);
        let finding = Finding::new(Severity::Warning, message, place);
        outcome.findings.push(Finding { found: Some(printed.to_owned()), ..finding });
    }
    let period = PeriodContext {
        caption: Stated::Nothing,
        title: Stated::Nothing,
        rule: layout.period,
        ..context.period
    };
    let Ok(time) = column_period(&period, indicator.kind, Stated::Nothing) else {
        let message = Message::new("prose.without_time").with("sentence", sentence);
        outcome.findings.push(Finding::new(Severity::Warning, message, place));
        return;
    };
    outcome.observations.push(Observation {
        indicator: indicator.indicator.as_str().into(),
        definition: indicator.definition,
        department: subject.department,
        region: subject.region,
        breakdown: subject.breakdown,
        accumulation: time.accumulation,
        period: time.period,
        period_basis: time.basis,
        value: number.as_ref().map(|number| number.value),
        value_text: None,
        unit: indicator.unit.as_str().into(),
        obs_status: if number.is_some() { ObsStatus::Reported } else { ObsStatus::Missing },
        qualifier: number.and_then(|number| number.qualifier),
        place,
        printed: Some(printed.into()),
        row_label: Some(sentence.into()),
        column_label: None,
        row_idx: None,
        note: None,
    });
}

/// Returns what a figure is about; groups named `department`, `region` and `breakdown` say so.
fn subject(
    found: &Captures<'_>,
    figure: &ProseFigure,
    place: Place,
    context: &ReadingContext<'_>,
    outcome: &mut ProseOutcome,
) -> Option<RowSubject> {
    let group = |name: &str| found.name(name).map(|group| group.as_str().to_owned());
    let department = match group("department") {
        None => None,
        Some(label) => match context.departments.find(&label) {
            Ok(found) => Some(Arc::clone(&found.known.department)),
            Err(nearest) => {
                let region = context.departments.region.to_string();
                outcome.unknown.push(Unknown::Department { label, place, region, nearest });
                return None;
            }
        },
    };
    let regions: &RegionIndex = context.regions;
    let region = match (group("region"), &figure.region) {
        (Some(label), _) => match regions.find(&label) {
            Ok(found) => found.region.into(),
            Err(nearest) => {
                outcome.unknown.push(Unknown::Region { label, place, nearest });
                return None;
            }
        },
        (None, Some(region)) => region.as_str().into(),
        (None, None) => Arc::clone(&context.departments.region),
    };
    let breakdown = group("breakdown").or_else(|| figure.breakdown.clone());
    Some(RowSubject { department, region, breakdown: breakdown.map(Into::into) })
}
