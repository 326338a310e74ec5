//! The definition of a notice: TOML, checked while it is read.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use minijinja::Environment;
use regex::Regex;
use serde::Deserialize;
use serde::de::IgnoredAny;
use toml::Spanned;

use crate::diag::{Diagnose, Message, name_list, nearest_names};
use crate::query::{Catalogue, Query, bind};
use crate::refdata::RefData;
use crate::report::content::SectionStart;
use crate::report::definition::{Words, cell_text, check_region, reason_of};
use crate::report::notice::NoticeError;
use crate::report::notice::answer::RELEASE;
use crate::report::notice::printed::{FigureStyle, PrintPlan, Rounding};
use crate::report::notice::prose::is_marker;

/// Version of the form of the file.
const FORMAT: u32 = 1;
/// By this word a definition says that it is one of a notice.
const KIND: &str = "notice";
/// Keys that every file has at its top.
const REQUIRED: [&str; 10] = [
    "format",
    "kind",
    "title",
    "title_zh",
    "summary",
    "summary_zh",
    "region",
    "letter",
    "questions",
    "text",
];
/// What stands before the name of a parameter of the draft where a question takes it.
pub(super) const GIVEN: char = '$';
/// Parameters that questions can take, with texts of their form.
const TAKEN: [(&str, &str); 2] = [("period", "2021-09-30"), ("region", "630000")];

/// What a notice says and asks.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::report) struct NoticeDefinition {
    /// Its name: that of its file.
    pub(in crate::report) name: String,
    /// What it is called among reports.
    pub(in crate::report) report_title: Words,
    /// What it makes.
    pub(in crate::report) summary: Words,
    /// The region whose departments it is about.
    pub(super) region: String,
    /// 标题.
    pub(super) title: String,
    /// 主送机关.
    pub(super) addressees: Option<String>,
    /// 发文机关署名.
    pub(super) signature: Option<String>,
    /// What stands above every page of a draft.
    pub(super) header: Option<TemplatePlan>,
    /// What is asked, in order. The first one decides the period.
    pub(super) questions: Vec<QuestionPlan>,
    /// Figures that the text can name.
    pub(super) figures: BTreeMap<String, FigurePlan>,
    /// Lists that the text can go through.
    pub(super) lists: BTreeMap<String, ListPlan>,
    /// The text.
    pub(super) text: TemplatePlan,
    /// The annexes, in order.
    pub(super) annexes: Vec<AnnexPlan>,
}

/// A question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct QuestionPlan {
    pub(super) name: String,
    pub(super) query: String,
    /// Parameters with their values; one that begins with `$` is that of the draft.
    pub(super) params: Vec<(String, String)>,
}

/// A figure of the text: one cell of an answer, and how it is printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FigurePlan {
    pub(super) question: String,
    pub(super) column: String,
    /// Columns and values that only its row has.
    pub(super) row: Vec<(String, String)>,
    /// A further such column, whose value the text gives.
    pub(super) key: Option<String>,
    pub(super) print: PrintPlan,
    /// The column with the figure of the notice before.
    pub(super) previous: Option<String>,
}

/// Rows of an answer by their names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ListPlan {
    pub(super) question: String,
    pub(super) rows_where: Vec<(String, String)>,
    pub(super) name: String,
    pub(super) key: String,
    /// Column with what the source says of a row.
    pub(super) note: Option<String>,
}

/// A text with figures in it, and where it stands in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TemplatePlan {
    pub(super) text: String,
    /// Line of the file in which it begins, from 1.
    pub(super) first_line: usize,
}

/// An annex.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct AnnexPlan {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) start: SectionStart,
    pub(super) question: String,
    pub(super) number_label: String,
    pub(super) name_label: String,
    pub(super) total_label: String,
    pub(super) caption: Option<TemplatePlan>,
    pub(super) note: Option<TemplatePlan>,
    pub(super) columns: Vec<AnnexColumnPlan>,
}

/// A column of an annex.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct AnnexColumnPlan {
    pub(super) indicator: String,
    /// Where the figures stand in no published table.
    pub(super) label: TemplatePlan,
}

#[derive(Deserialize)]
struct OnlyKind {
    kind: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenNotice {
    format: Spanned<u32>,
    kind: Spanned<String>,
    title: String,
    title_zh: String,
    summary: String,
    summary_zh: String,
    region: Spanned<String>,
    letter: WrittenLetter,
    questions: Vec<Spanned<WrittenQuestion>>,
    #[serde(default)]
    figures: BTreeMap<String, Spanned<WrittenFigure>>,
    #[serde(default)]
    lists: BTreeMap<String, Spanned<WrittenList>>,
    text: Spanned<String>,
    #[serde(default)]
    annexes: Vec<Spanned<WrittenAnnex>>,
    // When it is due is read like that of any other report.
    #[serde(rename = "schedule")]
    _schedule: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenLetter {
    title: String,
    addressees: Option<String>,
    signature: Option<String>,
    header: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenQuestion {
    name: Spanned<String>,
    query: Spanned<String>,
    #[serde(default)]
    params: BTreeMap<String, Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenFigure {
    question: Spanned<String>,
    column: Spanned<String>,
    #[serde(default)]
    row: BTreeMap<Spanned<String>, Spanned<String>>,
    key: Option<String>,
    style: Option<Spanned<String>>,
    decimals: Option<usize>,
    rounding: Option<Spanned<String>>,
    #[serde(default)]
    unit: String,
    previous: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenList {
    question: Spanned<String>,
    #[serde(default, rename = "where")]
    rows_where: BTreeMap<Spanned<String>, Spanned<String>>,
    name: String,
    key: String,
    note: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenAnnex {
    id: Spanned<String>,
    title: String,
    start: Option<Spanned<String>>,
    question: Spanned<String>,
    #[serde(default = "number_label")]
    number_label: String,
    name_label: String,
    #[serde(default = "total_label")]
    total_label: String,
    caption: Option<Spanned<String>>,
    note: Option<Spanned<String>>,
    columns: Vec<WrittenAnnexColumn>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenAnnexColumn {
    indicator: Spanned<String>,
    label: Spanned<String>,
}

fn number_label() -> String {
    "序号".to_owned()
}

fn total_label() -> String {
    "合计".to_owned()
}

/// Tells whether the text of a definition says that it is one of a notice. What is no TOML is none.
pub(in crate::report) fn is_notice(text: &str) -> bool {
    toml::from_str::<OnlyKind>(text).is_ok_and(|head| head.kind.as_deref() == Some(KIND))
}

impl NoticeDefinition {
    /// Returns the ids of the queries that it asks, in order.
    pub(in crate::report) fn queries(&self) -> impl Iterator<Item = &str> {
        self.questions.iter().map(|question| question.query.as_str())
    }

    /// Returns the titles of the annexes, in order.
    pub(in crate::report) fn annex_titles(&self) -> impl Iterator<Item = &str> {
        self.annexes.iter().map(|annex| annex.title.as_str())
    }
}

/// The text of a definition, to say in which line something is wrong.
struct NoticeText<'a> {
    name: &'a str,
    text: &'a str,
    catalogue: &'a Catalogue,
    refdata: &'a RefData,
}

impl NoticeDefinition {
    /// Reads a definition; refused, with the line, is whatever does not fit: unknown keys, queries,
    /// columns, parameters and indicators, a figure whose query does not tell how far it is approved, a
    /// figure or list that the text names and nothing defines, and a text that is no template.
    pub(in crate::report) fn parse(
        name: &str,
        text: &str,
        catalogue: &Catalogue,
        refdata: &RefData,
    ) -> Result<Self, NoticeError> {
        let file = NoticeText { name, text, catalogue, refdata };
        let written: WrittenNotice = toml::from_str(text).map_err(|error| {
            let span = error.span().unwrap_or_default();
            file.fault(&span, reason_of(&error, text, &REQUIRED))
        })?;
        file.check_head(&written)?;
        let (questions, asked) = file.questions(&written.questions)?;
        let figures = written
            .figures
            .iter()
            .map(|(name, figure)| Ok((name.clone(), file.figure(figure, &asked)?)));
        let figures = figures.collect::<Result<_, NoticeError>>()?;
        let lists =
            written.lists.iter().map(|(name, list)| Ok((name.clone(), file.list(list, &asked)?)));
        let lists = lists.collect::<Result<_, NoticeError>>()?;
        let names = Names { figures: &figures, lists: &lists, questions: &questions };
        let text_plan = file.template(&written.text, &names)?;
        let mut ids = BTreeSet::new();
        let annexes = written.annexes.iter().map(|annex| {
            let id = &annex.get_ref().id;
            if !ids.insert(id.get_ref().clone()) {
                return Err(file
                    .fault(&id.span(), Message::new("notice.id_twice").with("id", id.get_ref())));
            }
            file.annex(annex, &asked, &names)
        });
        let annexes = annexes.collect::<Result<_, _>>()?;
        let letter = written.letter;
        let header = letter.header.map(|header| file.template(&header, &names)).transpose()?;
        Ok(Self {
            name: name.to_owned(),
            report_title: Words { en: written.title, zh: written.title_zh },
            summary: Words { en: written.summary, zh: written.summary_zh },
            region: written.region.into_inner(),
            title: letter.title,
            addressees: letter.addressees,
            signature: letter.signature,
            header,
            questions,
            text: text_plan,
            annexes,
            figures,
            lists,
        })
    }
}

/// Queries by the name of the question that asks them.
type AskedQueries<'a> = BTreeMap<String, &'a Query>;

/// What a text can name.
struct Names<'a> {
    figures: &'a BTreeMap<String, FigurePlan>,
    lists: &'a BTreeMap<String, ListPlan>,
    questions: &'a [QuestionPlan],
}

impl<'a> NoticeText<'a> {
    fn fault(&self, span: &Range<usize>, reason: Message) -> NoticeError {
        NoticeError::Invalid { report: self.name.to_owned(), line: self.line(span.start), reason }
    }

    /// The line of a place in the file, from 1.
    fn line(&self, start: usize) -> usize {
        self.text.get(..start).unwrap_or_default().matches('\n').count() + 1
    }

    fn unknown(&self, span: &Range<usize>, wanted: &str, known: &[&str]) -> NoticeError {
        let near = nearest_names(wanted, known.iter().copied());
        let shown = if near.is_empty() { name_list(known) } else { name_list(&near) };
        let reason = Message::new("notice.unknown").with("wanted", wanted).with("known", shown);
        self.fault(span, reason)
    }

    fn check_head(&self, written: &WrittenNotice) -> Result<(), NoticeError> {
        if *written.format.get_ref() != FORMAT {
            let reason = Message::new("notice.format")
                .with("found", written.format.get_ref())
                .with("known", FORMAT);
            return Err(self.fault(&written.format.span(), reason));
        }
        if written.kind.get_ref() != KIND {
            return Err(self.unknown(&written.kind.span(), written.kind.get_ref(), &[KIND]));
        }
        check_region(written.region.get_ref(), self.refdata)
            .map_err(|reason| self.fault(&written.region.span(), reason))?;
        if let Some(at) = self.text.find(is_marker) {
            return Err(self.fault(&(at..at + 1), Message::new("notice.noncharacter")));
        }
        Ok(())
    }

    fn questions(
        &self,
        written: &[Spanned<WrittenQuestion>],
    ) -> Result<(Vec<QuestionPlan>, AskedQueries<'a>), NoticeError> {
        let mut asked = BTreeMap::new();
        let mut plans = Vec::new();
        for question in written {
            let parts = question.get_ref();
            let query = self
                .catalogue
                .get(parts.query.get_ref())
                .map_err(|error| self.fault(&parts.query.span(), error.message()))?;
            let mut samples = Vec::new();
            for (name, value) in &parts.params {
                let text = value.get_ref();
                samples.push((name.clone(), self.sample(&value.span(), text)?.to_owned()));
            }
            bind(query, &samples).map_err(|error| self.fault(&question.span(), error.message()))?;
            let name = parts.name.get_ref().clone();
            if asked.insert(name.clone(), query).is_some() {
                let reason = Message::new("notice.id_twice").with("id", name);
                return Err(self.fault(&parts.name.span(), reason));
            }
            let params =
                parts.params.iter().map(|(name, value)| (name.clone(), value.get_ref().clone()));
            plans.push(QuestionPlan { name, query: query.id.clone(), params: params.collect() });
        }
        Ok((plans, asked))
    }

    /// Returns a value, or one of the form of the parameter that it names.
    fn sample<'v>(&self, span: &Range<usize>, value: &'v str) -> Result<&'v str, NoticeError> {
        let Some(taken) = value.strip_prefix(GIVEN) else { return Ok(value) };
        let known = TAKEN.iter().find(|(name, _)| *name == taken);
        let names = TAKEN.map(|(name, _)| name);
        Ok(known.ok_or_else(|| self.unknown(span, taken, &names))?.1)
    }

    fn query<'q>(
        &self,
        question: &Spanned<String>,
        asked: &'q AskedQueries<'_>,
    ) -> Result<&'q Query, NoticeError> {
        let found = asked.get(question.get_ref()).copied();
        found.ok_or_else(|| {
            let known: Vec<&str> = asked.keys().map(String::as_str).collect();
            self.unknown(&question.span(), question.get_ref(), &known)
        })
    }

    /// Refuses a column that the query does not return.
    fn check_column(
        &self,
        span: &Range<usize>,
        query: &Query,
        column: &str,
    ) -> Result<(), NoticeError> {
        let columns: Vec<&str> =
            query.head.returns.iter().map(|column| column.name.as_str()).collect();
        if columns.contains(&column) { Ok(()) } else { Err(self.unknown(span, column, &columns)) }
    }

    /// What cells of columns have to be: something that they can be.
    fn conditions(
        &self,
        query: &Query,
        written: &BTreeMap<Spanned<String>, Spanned<String>>,
    ) -> Result<Vec<(String, String)>, NoticeError> {
        let condition = |(name, value): (&Spanned<String>, &Spanned<String>)| {
            let wanted = name.get_ref();
            self.check_column(&name.span(), query, wanted)?;
            let sample = self.sample(&value.span(), value.get_ref())?;
            let columns = query.head.returns.iter();
            let mut text = value.get_ref().clone();
            for column in columns.filter(|column| column.name == *wanted) {
                let told = cell_text(query, column, sample, self.refdata)
                    .map_err(|reason| self.fault(&value.span(), reason))?;
                if !text.starts_with(GIVEN) {
                    text = told;
                }
            }
            Ok((wanted.clone(), text))
        };
        written.iter().map(condition).collect()
    }

    fn word<T: Copy>(
        &self,
        written: Option<&Spanned<String>>,
        all: &[T],
        as_str: impl Fn(T) -> &'static str,
    ) -> Result<Option<T>, NoticeError> {
        let Some(written) = written else { return Ok(None) };
        let found = all.iter().copied().find(|value| as_str(*value) == written.get_ref());
        found.map(Some).ok_or_else(|| {
            let known: Vec<&str> = all.iter().map(|value| as_str(*value)).collect();
            self.unknown(&written.span(), written.get_ref(), &known)
        })
    }

    fn figure(
        &self,
        written: &Spanned<WrittenFigure>,
        asked: &AskedQueries<'_>,
    ) -> Result<FigurePlan, NoticeError> {
        let parts = written.get_ref();
        let query = self.query(&parts.question, asked)?;
        self.check_column(&parts.column.span(), query, parts.column.get_ref())?;
        for column in parts.key.iter().chain(&parts.previous) {
            self.check_column(&written.span(), query, column)?;
        }
        let row = self.conditions(query, &parts.row)?;
        // What nobody approved must not be printed, so an answer has to say what it is.
        if !query.head.returns.iter().any(|column| column.name == RELEASE) {
            let reason = Message::new("notice.no_release").with("query", &query.id);
            return Err(self.fault(&parts.question.span(), reason));
        }
        let style = self.word(parts.style.as_ref(), FigureStyle::ALL, FigureStyle::as_str)?;
        let rounding = self.word(parts.rounding.as_ref(), Rounding::ALL, Rounding::as_str)?;
        let print = PrintPlan {
            style: style.unwrap_or(FigureStyle::Whole),
            decimals: parts.decimals.unwrap_or(0),
            rounding: rounding.unwrap_or(Rounding::HalfUp),
            unit: parts.unit.clone(),
        };
        Ok(FigurePlan {
            question: parts.question.get_ref().clone(),
            column: parts.column.get_ref().clone(),
            row,
            key: parts.key.clone(),
            print,
            previous: parts.previous.clone(),
        })
    }

    fn list(
        &self,
        written: &Spanned<WrittenList>,
        asked: &AskedQueries<'_>,
    ) -> Result<ListPlan, NoticeError> {
        let parts = written.get_ref();
        let query = self.query(&parts.question, asked)?;
        for column in [&parts.name, &parts.key].into_iter().chain(&parts.note) {
            self.check_column(&written.span(), query, column)?;
        }
        Ok(ListPlan {
            question: parts.question.get_ref().clone(),
            rows_where: self.conditions(query, &parts.rows_where)?,
            name: parts.name.clone(),
            key: parts.key.clone(),
            note: parts.note.clone(),
        })
    }

    /// Checks that a text is a template, and that something has every name that it calls.
    fn template(
        &self,
        written: &Spanned<String>,
        names: &Names<'_>,
    ) -> Result<TemplatePlan, NoticeError> {
        let text = written.get_ref();
        let raw = self.text.get(written.span()).unwrap_or_default();
        // A line end right behind three quotation marks is not part of the text.
        let is_below = raw.starts_with("'''\n") || raw.starts_with("\"\"\"\n");
        let first_line = self.line(written.span().start) + usize::from(is_below);
        let at_line = |line: usize, reason: Message| NoticeError::Invalid {
            report: self.name.to_owned(),
            line: first_line + line - 1,
            reason,
        };
        Environment::new().template_from_str(text).map_err(|error| {
            let reason = error.detail().unwrap_or_default();
            at_line(error.line().unwrap_or(1), Message::new("io.other").with("reason", reason))
        })?;
        let call = Regex::new(
            r#"\b(figure|list|names|day|span|year|is_dated|has_previous)\(\s*["']([^"']*)["']"#,
        )
        .expect("the pattern is valid");
        for found in call.captures_iter(text) {
            let known: Vec<&str> = match &found[1] {
                "figure" => names.figures.keys().map(String::as_str).collect(),
                "list" | "names" => names.lists.keys().map(String::as_str).collect(),
                _ => names.questions.iter().map(|question| question.name.as_str()).collect(),
            };
            let wanted = &found[2];
            if !known.contains(&wanted) {
                let start = found.get(0).map_or(0, |call| call.start());
                let line = text[..start].matches('\n').count() + 1;
                let reason = Message::new("notice.call_unknown")
                    .with("call", format!("{}(\"{wanted}\")", &found[1]))
                    .with("known", name_list(&known));
                return Err(at_line(line, reason));
            }
        }
        Ok(TemplatePlan { text: text.clone(), first_line })
    }

    fn annex(
        &self,
        written: &Spanned<WrittenAnnex>,
        asked: &AskedQueries<'_>,
        names: &Names<'_>,
    ) -> Result<AnnexPlan, NoticeError> {
        let parts = written.get_ref();
        let query = self.query(&parts.question, asked)?;
        for column in super::annex::COLUMNS {
            self.check_column(&parts.question.span(), query, column)?;
        }
        let indicators = self.refdata.indicators();
        let columns = parts.columns.iter().map(|column| {
            let wanted = column.indicator.get_ref();
            if !indicators.iter().any(|known| known.indicator == *wanted) {
                let known: Vec<&str> =
                    indicators.iter().map(|known| known.indicator.as_str()).collect();
                return Err(self.unknown(&column.indicator.span(), wanted, &known));
            }
            let label = self.template(&column.label, names)?;
            Ok(AnnexColumnPlan { indicator: wanted.clone(), label })
        });
        let template = |text: &Option<Spanned<String>>| {
            text.as_ref().map(|text| self.template(text, names)).transpose()
        };
        let start = self.word(parts.start.as_ref(), SectionStart::ALL, SectionStart::as_str)?;
        Ok(AnnexPlan {
            id: parts.id.get_ref().clone(),
            title: parts.title.clone(),
            start: start.unwrap_or(SectionStart::Page),
            question: parts.question.get_ref().clone(),
            number_label: parts.number_label.clone(),
            name_label: parts.name_label.clone(),
            total_label: parts.total_label.clone(),
            caption: template(&parts.caption)?,
            note: template(&parts.note)?,
            columns: columns.collect::<Result<_, _>>()?,
        })
    }
}
