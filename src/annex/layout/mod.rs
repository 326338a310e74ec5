//! Saved layouts: how one family of tables or texts is read, as data.
//!
//! A layout knows its documents by title, number or column labels. It says what the columns are
//! where their labels do not, which figures stand in sentences, who states them, and it can bring
//! indicators of its own.

mod builtin;
mod error;
mod file;

use regex::Regex;

use crate::annex::labels::{label_parts, normalise};
use crate::model::{Accumulation, Origin, Release, text_enum};
use crate::refdata::RefData;

pub use error::LayoutError;

text_enum! {
    /// What a column of a layout is, besides an indicator.
    LayoutRole {
        /// 序号.
        RunningNumber = "running_number",
        /// The department that a row is about.
        Department = "department",
        /// The region that a row is about.
        Region = "region",
        /// A further row dimension, kept as it stands.
        Breakdown = "breakdown",
        /// Remarks on the row.
        Remark = "remark",
        /// Computed from other columns: checked, not kept.
        Computed = "computed",
        /// Neither read nor checked.
        Ignored = "ignored",
    }
}

text_enum! {
    /// The time of figures for which none is printed.
    #[derive(Default)]
    PeriodRule {
        /// The date of the document: stocks on that day, flows from 1 January.
        #[default]
        Stated = "stated",
        /// The month before the one of the document.
        MonthBefore = "month_before",
        /// From 1 January to the end of the month before.
        YearToMonthBefore = "year_to_month_before",
        /// Since launch to the date of the document.
        SinceLaunch = "since_launch",
    }
}

/// How one family of tables or texts is read.
#[derive(Debug, Clone)]
pub struct Layout {
    /// Its name: that of its file.
    pub name: String,
    /// Version of its content; goes up when it reads otherwise.
    pub version: u32,
    /// What it reads, in English.
    pub summary: String,
    /// The same in Chinese.
    pub summary_zh: String,
    /// Whether it comes with the program.
    pub is_builtin: bool,
    /// Whether it still has to be completed; it is not applied then.
    pub is_draft: bool,
    /// Lines of its file that still have a question mark, from 1; none but in a draft.
    pub open_lines: Vec<usize>,
    /// First 16 hexadecimal digits of the BLAKE3 of its file.
    pub hash: String,
    /// Issuer of the documents, where they name none.
    pub issuer: Option<String>,
    /// Who states the figures.
    pub origin: Option<Origin>,
    /// How far the figures may travel.
    pub release: Option<Release>,
    /// Rows of the header, where they cannot be told.
    pub header_rows: Option<usize>,
    /// The time of figures for which none is printed.
    pub period: PeriodRule,
    /// The columns that it knows.
    pub columns: Vec<LayoutColumn>,
    /// Figures told in sentences.
    pub prose: Vec<ProsePattern>,
    recognise: Recognise,
    /// Whether it says how tables are read, and not only sentences. Of a draft the columns are not kept.
    has_columns: bool,
}

/// How the documents and tables of a layout are known. All that is given has to hold.
#[derive(Debug, Clone)]
struct Recognise {
    title: Option<Regex>,
    document: Option<Regex>,
    /// Names of labels that the header has.
    columns: Vec<String>,
}

/// One column of a layout.
#[derive(Debug, Clone)]
pub struct LayoutColumn {
    /// The labels that it may have, as written in the layout.
    pub labels: Vec<String>,
    /// Its place in the table from 1, where labels cannot tell.
    pub position: Option<usize>,
    /// What it is.
    pub meaning: LayoutMeaning,
    /// What it is computed from.
    pub check: Option<Check>,
}

/// What a column of a layout is.
#[derive(Debug, Clone)]
pub enum LayoutMeaning {
    /// Something else than figures.
    Role(LayoutRole),
    /// Figures of an indicator.
    Indicator(LayoutIndicator),
}

/// How the figures of a column are read.
#[derive(Debug, Clone)]
pub struct LayoutIndicator {
    /// Id of the indicator.
    pub indicator: String,
    /// Unit as printed, with its scale, where the table prints none.
    pub unit: Option<String>,
    /// How the figures add up over time, where it is not as their period says.
    pub accumulation: Option<Accumulation>,
    /// How many years before the table's period they are about.
    pub years_back: u32,
    /// Words that stand for states instead of figures.
    pub states: Vec<(String, String)>,
}

/// What a column is computed from; the parts are positions in [`Layout::columns`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Check {
    /// The first in percent of the second.
    Ratio(usize, usize),
    /// All added up.
    Sum(Vec<usize>),
    /// The first less the second.
    Difference(usize, usize),
    /// Its row's part of the column, in percent.
    Share(usize),
    /// Its row's rank by the column, the highest first; equal values share a rank.
    Rank(usize),
}

/// Figures told in a sentence.
#[derive(Debug, Clone)]
pub struct ProsePattern {
    /// What the sentence looks like, in ordinary width, without white space and quotation marks.
    pub pattern: Regex,
    /// What its named groups are.
    pub figures: Vec<ProseFigure>,
}

/// One figure of a sentence.
#[derive(Debug, Clone)]
pub struct ProseFigure {
    /// Name of the group with the number.
    pub capture: String,
    /// Id of the indicator.
    pub indicator: String,
    /// Region that it is about; the issuer's where it is not given.
    pub region: Option<String>,
    /// Further row dimension.
    pub breakdown: Option<String>,
}

impl LayoutColumn {
    /// Whether a label without unit and time, normalised, is one of its own.
    pub(super) fn is_called(&self, name: &str) -> bool {
        self.labels.iter().any(|label| label_parts(label).name == name)
    }

    /// Whether the labels of a table's column, from the top of the header down, are its own: one of
    /// them or all together.
    pub(super) fn is_labelled(&self, levels: &[&str]) -> bool {
        let mut levels = levels.iter().copied();
        let all = levels.clone().collect::<String>();
        self.is_called(&label_parts(&all).name)
            || levels.any(|label| self.is_called(&label_parts(label).name))
    }
}

impl Layout {
    /// Returns name and version, as batches record them.
    pub fn id(&self) -> String {
        format!("{}/{}", self.name, self.version)
    }

    /// Whether it reads a table with this title and these header labels, in a document so called.
    pub(super) fn reads_table(&self, title: &str, labels: &[&str], document: &[&str]) -> bool {
        !self.is_draft && self.is_of_table(title, labels, document)
    }

    /// Whether it would read such a table, once it is completed.
    pub(super) fn is_draft_of_table(
        &self,
        title: &str,
        labels: &[&str],
        document: &[&str],
    ) -> bool {
        self.is_draft && self.is_of_table(title, labels, document)
    }

    fn is_of_table(&self, title: &str, labels: &[&str], document: &[&str]) -> bool {
        let names: Vec<String> = labels.iter().map(|label| label_parts(label).name).collect();
        self.has_columns
            && self.recognise.title.as_ref().is_none_or(|pattern| pattern.is_match(title))
            && self.is_of_document(document)
            && self.recognise.columns.iter().all(|wanted| names.contains(wanted))
    }

    /// Whether a label without unit and time, normalised, is one by which it knows its tables.
    pub(super) fn recognises(&self, name: &str) -> bool {
        self.recognise.columns.iter().any(|known| known == name)
    }

    /// Whether it reads sentences of a document with this title and number.
    pub(super) fn reads_prose(&self, document: &[&str]) -> bool {
        !self.is_draft && !self.prose.is_empty() && self.is_of_document(document)
    }

    fn is_of_document(&self, document: &[&str]) -> bool {
        let is_match = |pattern: &Regex| document.iter().any(|text| pattern.is_match(text));
        self.recognise.document.as_ref().is_none_or(is_match)
    }

    /// Whether a text is a word that it has for a state.
    pub(super) fn is_state(&self, text: &str) -> bool {
        let text = normalise(text);
        self.columns.iter().any(|column| match &column.meaning {
            LayoutMeaning::Indicator(indicator) => {
                indicator.states.iter().any(|(word, _)| normalise(word) == text)
            }
            LayoutMeaning::Role(_) => false,
        })
    }

    /// Returns the position of the column that a table's column is: by its place, else by one of its
    /// labels.
    pub(super) fn column_at(&self, position: usize, levels: &[&str]) -> Option<usize> {
        let by_place = self.columns.iter().position(|column| column.position == Some(position));
        let has_label =
            |column: &LayoutColumn| column.position.is_none() && column.is_labelled(levels);
        by_place.or_else(|| self.columns.iter().position(has_label))
    }

    /// Returns the labels of its columns, by which headers are told from other rows.
    pub(super) fn labels(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().flat_map(|column| &column.labels).map(String::as_str)
    }
}

/// All layouts, a workspace's own before those of the program.
#[derive(Debug, Clone, Default)]
pub struct Layouts {
    layouts: Vec<Layout>,
    /// Those of the workspace, as they were given.
    own: Vec<(String, String)>,
}

impl Layouts {
    /// Loads a workspace's layouts (name and text) and those of the program, and adds the indicators
    /// that they bring to the reference tables.
    ///
    /// A layout with the name of one of the program's takes its place. Refused, with the line, is
    /// whatever does not fit: unknown keys, indicators that nobody knows, patterns that are none.
    pub fn load(own: &[(String, String)], refdata: &mut RefData) -> Result<Self, LayoutError> {
        let mut layouts = Vec::new();
        for (name, text) in own {
            layouts.push(file::parse(name, text, false, refdata)?);
        }
        for (name, text) in builtin::LAYOUTS {
            if !own.iter().any(|(own_name, _)| own_name == name) {
                layouts.push(file::parse(name, text, true, refdata)?);
            }
        }
        Ok(Self { layouts, own: own.to_vec() })
    }

    /// Returns the workspace's own as they were given, to load the same layouts elsewhere.
    pub fn own(&self) -> &[(String, String)] {
        &self.own
    }

    /// Returns all of them, in the order in which they are tried.
    pub fn iter(&self) -> impl Iterator<Item = &Layout> {
        self.layouts.iter()
    }
}
