//! The definition of a report: what is asked and in which order it is shown, checked on load.

mod builtin;
mod condition;
mod file;
mod schedule;
#[cfg(test)]
mod tests;
mod unread;

use chrono::NaiveDate;

use crate::diag::{Lang, Message, nearest_names};
use crate::fsio::hash_hex;
use crate::model::{ShownOrigin, text_enum};
use crate::query::{Catalogue, ParamType};
use crate::refdata::RefData;
use crate::report::ReportError;
use crate::report::content::{ChartKind, SectionStart};
use crate::report::notice::{NoticeDefinition, is_notice};
use crate::trend::Frequency;

pub(super) use condition::{cell_text, check_region};
pub use schedule::SchedulePlan;
pub(super) use unread::reason_of;

/// A text in both languages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    /// In English.
    pub en: String,
    /// In Chinese.
    pub zh: String,
}

impl Words {
    /// Returns the text of a message in both languages.
    fn of(code: &'static str) -> Self {
        let message = Message::new(code);
        Self { en: message.text(Lang::En), zh: message.text(Lang::Zh) }
    }

    /// Returns the text in a language.
    pub fn text(&self, lang: Lang) -> &str {
        match lang {
            Lang::En => &self.en,
            Lang::Zh => &self.zh,
        }
    }
}

/// The parameter that says whose figures a notice is drafted from.
const ORIGIN: &str = "origin";

/// What a report asks and shows.
#[derive(Debug, Clone, PartialEq)]
pub struct Definition {
    /// Its name: that of its file.
    pub name: String,
    /// Whether it comes with the program.
    pub is_builtin: bool,
    /// BLAKE3 of its file, 64 hexadecimal digits.
    pub hash: String,
    /// Its file, whole.
    pub text: String,
    /// What the report is called.
    pub title: Words,
    /// What it tells, in one line.
    pub summary: Words,
    /// The question whose answers tell which periods there are.
    pub period_query: String,
    /// The indicator whose days stand for `$state`: what is counted at a day is seldom counted at the end of a
    /// period. `None` where that end stands for it.
    pub states: Option<String>,
    /// Parameters beside the period and the region, in the order of the file.
    pub params: Vec<ReportParam>,
    /// The region where none is given; `None` for the first one that has figures.
    pub region: Option<String>,
    /// Its sections; of a notice, the titles of its annexes.
    pub sections: Vec<SectionPlan>,
    /// When it is due; `None` where it is made only when somebody asks for it.
    pub schedule: Option<SchedulePlan>,
    /// The notice that it drafts; `None` for any other report.
    pub(super) notice: Option<NoticeDefinition>,
}

/// A parameter of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportParam {
    /// Its name.
    pub name: String,
    /// Its type.
    pub data_type: ParamType,
    /// Its value where none is given.
    pub default: String,
    /// What it chooses.
    pub help: Words,
}

/// A section of a definition.
#[derive(Debug, Clone, PartialEq)]
pub struct SectionPlan {
    /// Unique in the report.
    pub id: String,
    /// Its heading.
    pub title: Words,
    /// Where it begins in a format with pages.
    pub start: SectionStart,
    /// What stands in it.
    pub blocks: Vec<BlockPlan>,
}

/// A block of a section: what is asked for it, and how it is shown.
#[derive(Debug, Clone, PartialEq)]
pub enum BlockPlan {
    /// Words.
    Text(Words),
    /// The first figures: sums of indicators with their changes.
    Headlines {
        /// What all blocks with data have.
        head: BlockHead,
        /// Ids of the indicators.
        indicators: Vec<String>,
    },
    /// The answer of a question as a table.
    Table(TablePlan),
    /// Columns of an answer as a chart.
    Chart(ChartPlan),
    /// The departments by an indicator: last period, change, share, rank, course.
    TrendTable(TrendTablePlan),
    /// The course of an indicator.
    TrendChart(TrendChartPlan),
    /// Where the report comes from.
    Accounts {
        /// What all blocks with data have.
        head: BlockHead,
    },
}

impl BlockPlan {
    /// Returns what the block shows; `None` for words.
    pub fn title(&self) -> Option<&Words> {
        match self {
            Self::Text(_) => None,
            Self::Headlines { head, .. }
            | Self::Accounts { head }
            | Self::Table(TablePlan { head, .. })
            | Self::Chart(ChartPlan { head, .. })
            | Self::TrendTable(TrendTablePlan { head, .. })
            | Self::TrendChart(TrendChartPlan { head, .. }) => Some(&head.title),
        }
    }
}

/// The answer of a question as a table.
#[derive(Debug, Clone, PartialEq)]
pub struct TablePlan {
    /// What all blocks with data have.
    pub head: BlockHead,
    /// What is asked.
    pub ask: AskPlan,
    /// Columns that are shown, in this order; `{lang}` stands for the language.
    pub columns: Vec<String>,
    /// Units of columns that no indicator tells.
    pub units: Vec<(String, String)>,
    /// Columns of words that may differ where rows are one: all others are the same.
    pub merge: Vec<String>,
    /// A column without whose value a row is only counted.
    pub needs: Option<String>,
    /// What is said where no row has that value.
    pub none: Option<Words>,
    /// Rows that are shown at most; `None` for all.
    pub top: Option<usize>,
}

/// Columns of an answer as a chart.
#[derive(Debug, Clone, PartialEq)]
pub struct ChartPlan {
    /// What all blocks with data have.
    pub head: BlockHead,
    /// What is asked.
    pub ask: AskPlan,
    /// How it is drawn.
    pub kind: ChartKind,
    /// Column of the labels.
    pub x: String,
    /// Columns that are drawn.
    pub y: Vec<String>,
    /// Unit of the values.
    pub unit: Option<String>,
    /// Rows that are drawn at most; `None` for all.
    pub top: Option<usize>,
}

/// The departments by an indicator.
#[derive(Debug, Clone, PartialEq)]
pub struct TrendTablePlan {
    /// What all blocks with data have.
    pub head: BlockHead,
    /// What is shown.
    pub trend: TrendPlan,
    /// Whether periods are compared: what is counted on a few days of a year is not there a month before.
    pub has_changes: bool,
}

/// The course of an indicator.
#[derive(Debug, Clone, PartialEq)]
pub struct TrendChartPlan {
    /// What all blocks with data have.
    pub head: BlockHead,
    /// What is shown.
    pub trend: TrendPlan,
    /// How it is drawn.
    pub kind: ChartKind,
    /// The departments that are drawn: so many, the largest first.
    pub top: usize,
    /// How many of the largest are left out before.
    pub skip: usize,
}

/// What all blocks with data have.
#[derive(Debug, Clone, PartialEq)]
pub struct BlockHead {
    /// Unique in the report.
    pub id: String,
    /// What it shows.
    pub title: Words,
    /// What must be known of it.
    pub notes: Vec<Words>,
}

/// A question of a block.
#[derive(Debug, Clone, PartialEq)]
pub struct AskPlan {
    /// Id of the query.
    pub query: String,
    /// Parameters of the query.
    pub params: Vec<(String, Bound)>,
    /// Columns and what their cells must be for a row to be shown.
    pub rows_where: Vec<(String, Bound)>,
}

/// A value of a definition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bound {
    /// As written.
    Literal(String),
    /// Of a parameter of the report, or what follows from its period.
    Parameter(String),
}

/// The trend of a block.
#[derive(Debug, Clone, PartialEq)]
pub struct TrendPlan {
    /// Id of the indicator.
    pub indicator: String,
    /// Length of the periods; `None` as figures usually follow.
    pub frequency: Option<Frequency>,
    /// Whether values count from New Year.
    pub counting: Counting,
    /// Periods that are shown at most, up to that of the report.
    pub periods: usize,
}

text_enum! {
    /// What the values of a trend are.
    #[derive(Default)]
    Counting {
        /// Those of each period.
        #[default]
        Period = "period",
        /// From New Year, or the launch, to the end of each.
        Cumulative = "cumulative",
    }
}

impl Definition {
    /// Reads a definition; refused, with the line, is whatever does not fit: unknown keys, queries,
    /// columns, parameters, indicators and charts, and names that stand twice.
    pub fn parse(
        name: &str,
        text: &str,
        catalogue: &Catalogue,
        refdata: &RefData,
    ) -> Result<Self, ReportError> {
        if is_notice(text) {
            let notice = NoticeDefinition::parse(name, text, catalogue, refdata)?;
            let definition = Self::of_notice(notice, text);
            let schedule = schedule::of_notice(name, text, &definition.params, refdata)?;
            return Ok(Self { schedule, ..definition });
        }
        file::parse(name, text, catalogue, refdata)
    }

    fn of_notice(notice: NoticeDefinition, text: &str) -> Self {
        let param = |name: &str, data_type, default: &str, help| ReportParam {
            name: name.to_owned(),
            data_type,
            default: default.to_owned(),
            help: Words::of(help),
        };
        let origin = ShownOrigin::default().as_str();
        let section = |(idx, title): (usize, &str)| SectionPlan {
            id: format!("annex-{}", idx + 1),
            title: Words { en: title.to_owned(), zh: title.to_owned() },
            start: SectionStart::Page,
            blocks: Vec::new(),
        };
        Self {
            name: notice.name.clone(),
            is_builtin: false,
            hash: hash_hex(text.as_bytes()),
            text: text.to_owned(),
            title: notice.report_title.clone(),
            summary: notice.summary.clone(),
            period_query: String::new(),
            states: None,
            params: vec![
                param("number", ParamType::Text, "", "notice.help_number"),
                param("dated", ParamType::Date, "", "notice.help_dated"),
                param(ORIGIN, ParamType::Text, origin, "notice.help_origin"),
            ],
            region: None,
            sections: notice.annex_titles().enumerate().map(section).collect(),
            schedule: None,
            notice: Some(notice),
        }
    }

    /// Returns whose figures a draft is made from, as parameters say; the published ones where they say
    /// nothing, and for every other report.
    pub fn origin(&self, given: &[(String, String)]) -> ShownOrigin {
        let found = given.iter().find(|(name, _)| self.notice.is_some() && name == ORIGIN);
        found.and_then(|(_, text)| ShownOrigin::parse(text.trim())).unwrap_or_default()
    }

    /// Returns the names of all parameters.
    pub fn param_names(&self) -> Vec<String> {
        let own = self.params.iter().map(|param| param.name.clone());
        ["period", "region"].into_iter().map(str::to_owned).chain(own).collect()
    }
}

/// All definitions, a workspace's own before those of the program.
///
/// They are loaded when they are asked for: a wrong one of the workspace does not keep others from being
/// used.
#[derive(Debug, Clone)]
pub struct Definitions {
    /// Name, text, whether it comes with the program; by name.
    texts: Vec<(String, String, bool)>,
}

impl Definitions {
    /// Takes a workspace's definitions (name and text) and those of the program. One with the name of a
    /// built-in one takes its place, unless nothing stands in it: a shell makes the file to which
    /// `--source` is printed empty before the program begins.
    pub fn new(own: &[(String, String)]) -> Self {
        let is_builtin = |name: &str| builtin::REPORTS.iter().any(|(builtin, _)| *builtin == name);
        let is_written = |text: &str| !text.trim().is_empty();
        let own: Vec<&(String, String)> =
            own.iter().filter(|(name, text)| is_written(text) || !is_builtin(name)).collect();
        let is_own = |name: &str| own.iter().any(|(own_name, _)| own_name == name);
        let builtin = builtin::REPORTS.iter().filter(|(name, _)| !is_own(name));
        let mut texts: Vec<(String, String, bool)> =
            own.iter().map(|(name, text)| (name.clone(), text.clone(), false)).collect();
        texts.extend(builtin.map(|(name, text)| ((*name).to_owned(), (*text).to_owned(), true)));
        texts.sort();
        Self { texts }
    }

    /// Returns the names of all definitions, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.texts.iter().map(|(name, _, _)| name.as_str())
    }

    /// Loads a definition.
    pub fn get(
        &self,
        wanted: &str,
        catalogue: &Catalogue,
        refdata: &RefData,
    ) -> Result<Definition, ReportError> {
        let found = self.texts.iter().find(|(name, _, _)| name == wanted);
        let (name, text, is_builtin) = found.ok_or_else(|| ReportError::Unknown {
            wanted: wanted.to_owned(),
            known: self.names().map(str::to_owned).collect(),
            similar: nearest_names(wanted, self.names()),
        })?;
        let definition = Definition::parse(name, text, catalogue, refdata)?;
        Ok(Definition { is_builtin: *is_builtin, ..definition })
    }
}

/// What a report is asked about, once every parameter has a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Chosen {
    /// Last day of the period.
    pub(super) period_end: NaiveDate,
    /// The day whose states are told.
    pub(super) state_end: NaiveDate,
    /// The region.
    pub(super) region: String,
    /// Values of all parameters by name, with what follows from the period.
    pub(super) values: Vec<(String, String)>,
}

impl Chosen {
    /// Returns the text of a value.
    pub(super) fn text(&self, bound: &Bound) -> String {
        match bound {
            Bound::Literal(text) => text.clone(),
            Bound::Parameter(name) => {
                let found = self.values.iter().find(|(known, _)| known == name);
                found.map(|(_, value)| value.clone()).unwrap_or_default()
            }
        }
    }
}
