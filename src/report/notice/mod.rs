//! The next notice, drafted: a text with bound figures, and annexes as they are published.
//!
//! Nothing is asked here. Who has the answers hands them in; what comes out is content like that of any
//! other report, and what an official paper has around it. A figure that no answer has, that is not true,
//! or that nobody approved stops the draft, and the sentence is named.

mod annex;
mod answer;
mod definition;
mod desk;
mod error;
mod printed;
mod prose;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::{LazyLock, Mutex};

use chrono::NaiveDate;
use regex::Regex;

use crate::diag::{Lang, Message};
use crate::model::ShownOrigin;
use crate::report::content::{Asked, Block, Letter, Provenance, Report, Section, SectionStart};
use crate::report::notice::answer::Answer;
use crate::report::notice::definition::{GIVEN, QuestionPlan};
use crate::report::notice::desk::{Answered, Desk, PERIOD_END};
use crate::report::notice::prose::{Line, Prose};
use crate::report::params::last_day_of;
use crate::table::ResultTable;

pub(super) use definition::{NoticeDefinition, is_notice};
pub use error::NoticeError;
pub use printed::{FigureStyle, Rounding};

/// 发文字号: the word of the issuer, the year in its brackets, the number.
static NUMBER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^\p{Han}{2,16}〔\d{4}〕[1-9]\d{0,4}号$").expect("the pattern is valid")
});

/// What a draft is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct NoticeParams {
    /// Last day of the period; `None` for the latest one that has figures.
    period: Option<NaiveDate>,
    /// The region; `None` for that of the definition.
    region: Option<String>,
    /// 发文字号, where it is known already.
    number: Option<String>,
    /// 成文日期, where it is known already.
    dated: Option<NaiveDate>,
    /// Whose figures are drafted. The answers have to be those of it.
    origin: ShownOrigin,
}

/// A notice, drafted.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct NoticeDraft {
    /// Last day of the period that the first question is about.
    pub(super) period_end: NaiveDate,
    /// The text, then the annexes.
    pub(super) sections: Vec<Section>,
    /// What stands around the text.
    pub(super) letter: Letter,
    /// Parameters as they were used.
    pub(super) params: Vec<(String, String)>,
}

impl NoticeDraft {
    /// Returns the draft as the content of a report.
    pub(super) fn into_report(
        self,
        name: &str,
        is_synthetic: bool,
        provenance: Provenance,
    ) -> Report {
        Report {
            name: name.to_owned(),
            title: self.letter.title.replace('\n', ""),
            subtitle: None,
            // Whatever the reader's language, the paper is Chinese.
            lang: Lang::Zh,
            period_end: self.period_end,
            is_synthetic,
            letter: Some(self.letter),
            sections: self.sections,
            provenance,
        }
    }
}

impl NoticeParams {
    /// Reads what was given, names that no notice has among it. Blank values count as not given.
    pub(super) fn parse(given: &[(String, String)]) -> Result<Self, NoticeError> {
        let mut params = Self::default();
        for (name, text) in given {
            let text = text.trim();
            if text.is_empty() {
                continue;
            }
            let invalid =
                || NoticeError::ValueInvalid { parameter: name.clone(), found: text.to_owned() };
            match name.as_str() {
                "period" => params.period = Some(last_day_of(text).ok_or_else(invalid)?),
                "region" => params.region = Some(text.to_owned()),
                "number" if !NUMBER.is_match(text) => return Err(invalid()),
                "number" => params.number = Some(text.to_owned()),
                "dated" => params.dated = Some(text.parse().map_err(|_| invalid())?),
                "origin" => params.origin = ShownOrigin::parse(text).ok_or_else(invalid)?,
                _ => {}
            }
        }
        Ok(params)
    }

    /// Returns the same about the period of an answer, where that has one.
    pub(super) fn about(self, answer: &ResultTable) -> Self {
        Self { period: period_of(answer).or(self.period), ..self }
    }

    /// Returns the same without a period, and the last day of the one that it had.
    pub(super) fn without_period(&self) -> (Self, Option<NaiveDate>) {
        (Self { period: None, ..self.clone() }, self.period)
    }
}

/// Returns the last day of the period of an answer, where that has one.
pub(super) fn period_of(answer: &ResultTable) -> Option<NaiveDate> {
    Answer::of(answer).first(PERIOD_END).and_then(|day| day.parse().ok())
}

/// Drafts a notice. `ask` answers a question with the parameters given, and says with which it was asked in
/// the end; it is called for each in order.
///
/// Fails with what `ask` fails with, and with a [`NoticeError`] where there is no draft.
pub(super) fn draft<E: From<NoticeError>>(
    definition: &NoticeDefinition,
    params: &NoticeParams,
    mut ask: impl FnMut(&Asked) -> Result<(Asked, ResultTable), E>,
) -> Result<NoticeDraft, E> {
    let region = params.region.clone().unwrap_or_else(|| definition.region.clone());
    let mut period = params.period;
    let mut answers = BTreeMap::new();
    for question in &definition.questions {
        let (asked, table) = ask(&asked_of(question, period, &region))?;
        let answer = Answer::of(&table);
        // All that follows is about the period that the first answer has.
        let found = answer.first(PERIOD_END).and_then(|day| day.parse().ok());
        period = period.or(found);
        if answers.is_empty() && found.is_none() {
            return Err(E::from(NoticeError::WithoutFigures { query: asked.query, region }));
        }
        let mut annexes = definition.annexes.iter();
        if let Some(annex) = annexes.find(|annex| annex.question == question.name)
            && let Some(period_end) = period
            && answer.rows().next().is_none()
        {
            let (annex, query) = (annex.title.clone(), asked.query);
            return Err(E::from(NoticeError::AnnexWithoutFigures { annex, period_end, query }));
        }
        answers.insert(question.name.clone(), Answered { asked, answer });
    }
    let Some(period_end) = period else {
        let query = definition.name.clone();
        return Err(E::from(NoticeError::WithoutFigures { query, region }));
    };
    let mut figures = definition.figures.clone();
    let mut lists = definition.lists.clone();
    let rows = figures.values_mut().map(|figure| &mut figure.row);
    let rows = rows.chain(lists.values_mut().map(|list| &mut list.rows_where));
    for (_, value) in rows.flatten() {
        *value = taken(value, period, &region).unwrap_or_default();
    }
    let desk = Desk {
        answers,
        figures,
        lists,
        dated: params.dated,
        annexes: definition.annexes.iter().map(|annex| annex.id.clone()).collect(),
        pieces: Mutex::default(),
    };
    let prose = Prose::new(&definition.name, desk);
    let Filled { sections, header, warnings } = filled(definition, &prose)?;
    let used = [
        ("period", Some(period_end.to_string())),
        ("region", Some(region)),
        ("number", params.number.clone()),
        ("dated", params.dated.map(|day| day.to_string())),
        ("origin", Some(params.origin.to_string())),
    ];
    let used = used.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    Ok(NoticeDraft {
        period_end,
        sections,
        letter: Letter {
            title: definition.title.clone(),
            header,
            number: params.number.clone(),
            addressees: definition.addressees.clone(),
            signature: definition.signature.clone(),
            dated: params.dated,
            warnings,
        },
        params: used.collect(),
    })
}

/// Returns the question whose answer tells the latest period; `None` where one is given.
pub(super) fn deciding(definition: &NoticeDefinition, params: &NoticeParams) -> Option<Asked> {
    let region = params.region.as_ref().unwrap_or(&definition.region);
    let first = definition.questions.first().filter(|_| params.period.is_none());
    first.map(|question| asked_of(question, None, region))
}

/// Returns a question with its values.
fn asked_of(question: &QuestionPlan, period: Option<NaiveDate>, region: &str) -> Asked {
    let given = question.params.iter();
    let given =
        given.filter_map(|(name, value)| Some((name.clone(), taken(value, period, region)?)));
    Asked { query: question.query.clone(), params: given.collect() }
}

/// Returns a value of the definition, or that of the parameter which it names; `None` where that has none.
fn taken(value: &str, period: Option<NaiveDate>, region: &str) -> Option<String> {
    match value.strip_prefix(GIVEN) {
        Some("period") => period.map(|day| day.to_string()),
        Some("region") => Some(region.to_owned()),
        _ => Some(value.to_owned()),
    }
}

/// What a definition becomes with its figures.
struct Filled {
    /// The text and the annexes.
    sections: Vec<Section>,
    /// What stands above every page.
    header: Option<String>,
    /// What a reader should look at.
    warnings: Vec<Message>,
}

/// Fills a definition in, unless something must not be printed.
fn filled(definition: &NoticeDefinition, prose: &Prose) -> Result<Filled, NoticeError> {
    let mut faults = Vec::new();
    let header = definition.header.as_ref();
    let header = header.map(|header| prose.fill_line(header, &mut faults)).transpose()?;
    let header = header.map(|line| line.text());
    let lines = prose.fill(&definition.text, &mut faults)?;
    let mut sections = text_sections(lines);
    let mut warnings = Vec::new();
    for plan in &definition.annexes {
        let drafted = annex::draft(plan, prose, &mut faults)?;
        sections.push(drafted.section);
        warnings.extend(drafted.warnings);
    }
    if faults.is_empty() {
        Ok(Filled { sections, header, warnings })
    } else {
        Err(NoticeError::Faults { report: definition.name.clone(), faults })
    }
}

/// Returns the lines of the text as sections: a heading of the first level begins one.
fn text_sections(lines: Vec<Line>) -> Vec<Section> {
    let section = |number: usize, title: String| Section {
        id: format!("text-{number}"),
        title,
        start: SectionStart::Below,
        blocks: Vec::new(),
    };
    let mut sections = vec![section(1, String::new())];
    for line in lines {
        if line.level == 1 {
            sections.push(section(sections.len() + 1, line.text()));
            continue;
        }
        let block = match u8::try_from(line.level) {
            Ok(0) | Err(_) => Block::Paragraph { spans: line.spans },
            Ok(level) => Block::Heading { level, text: line.text() },
        };
        if let Some(last) = sections.last_mut() {
            last.blocks.push(block);
        }
    }
    sections.retain(|section| !section.title.is_empty() || !section.blocks.is_empty());
    sections
}
