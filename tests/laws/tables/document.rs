//! Documents as chance makes them: what they say, before anyone prints it. All of it is synthetic.

use chrono::NaiveDate;
use tongban::model::{Accumulation, Origin, Period, Qualifier, Release};

use super::figures::Figure;

/// What a document is an example of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// Departments as rows, known labels.
    Plain,
    /// Regions as rows, known labels.
    Regions,
    /// Columns that a saved layout knows, and other rows.
    Layout,
    /// A header in levels, known labels.
    Levels,
    /// A header in levels with a saved layout that has the place of every column.
    LevelsByLayout,
    /// A table told as a sentence that no saved layout declares.
    Sentence,
    /// A table told as a sentence that a saved layout declares.
    SentenceByLayout,
}

impl Kind {
    /// Every kind.
    pub(crate) const ALL: [Self; 7] = [
        Self::Plain,
        Self::Regions,
        Self::Layout,
        Self::Levels,
        Self::LevelsByLayout,
        Self::Sentence,
        Self::SentenceByLayout,
    ];

    /// Returns its name in reports.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Plain => "departments",
            Self::Regions => "regions",
            Self::Layout => "saved layout",
            Self::Levels => "header levels",
            Self::LevelsByLayout => "header levels, layout",
            Self::Sentence => "sentence",
            Self::SentenceByLayout => "sentence, layout",
        }
    }

    /// Returns of a hundred documents without damage, how many have to be read whole.
    pub(crate) fn least_whole(self) -> usize {
        match self {
            Self::Plain | Self::Regions => 80,
            Self::Layout => 65,
            Self::Levels | Self::LevelsByLayout => 60,
            // Below a table it is told and not read.
            Self::Sentence => 40,
            Self::SentenceByLayout => 75,
        }
    }
}

/// A notice with one or two tables, or with figures told in a sentence.
#[derive(Debug, Clone)]
pub(crate) struct Document {
    pub(crate) kind: Kind,
    /// The lines above the first table.
    pub(crate) head: Vec<String>,
    pub(crate) tables: Vec<Table>,
    /// The sentence below the tables.
    pub(crate) sentence: Option<Sentence>,
    /// Name and text of the saved layouts that it is read with.
    pub(crate) layouts: Vec<(String, String)>,
    /// Codes of refusals for which it asks: nothing else can be made of it.
    pub(crate) refusals: Vec<&'static str>,
    /// Who states the figures, and how far they may travel.
    pub(crate) standing: (Origin, Release),
    /// What makes figures doubtful, so that a finding has to name it.
    pub(crate) doubts: Vec<Doubt>,
}

/// Something on a page by which figures are not what they seem.
#[derive(Debug, Clone, Default)]
pub(crate) struct Doubt {
    /// The rows whose figures are meant, from 0; `None` for all.
    pub(crate) rows: Option<Vec<usize>>,
    /// Words of which a finding has to quote one.
    pub(crate) words: Vec<String>,
    /// Codes of findings that name it without words, as hidden rows by their numbers.
    pub(crate) codes: Vec<&'static str>,
}

/// A table of figures.
#[derive(Debug, Clone)]
pub(crate) struct Table {
    /// The lines right above it: mark of the annex, title, period, unit.
    pub(crate) captions: Vec<String>,
    /// The title, as it stands among the captions.
    pub(crate) title: String,
    /// Labels of the columns that say what a row is about.
    pub(crate) row_labels: Vec<String>,
    pub(crate) columns: Vec<Column>,
    /// Labels over several columns each, from the left: the text, empty for none, and how many.
    pub(crate) groups: Vec<(String, usize)>,
    pub(crate) rows: Vec<TableRow>,
    pub(crate) total: Option<Total>,
    pub(crate) has_running_numbers: bool,
    /// The lines right below it.
    pub(crate) notes: Vec<String>,
    /// Whether a saved layout reads it.
    pub(crate) has_layout: bool,
    /// Computed cells that are printed wrong: labels of row and column.
    pub(crate) miscomputed: Vec<(String, String)>,
}

/// A column that is not about what a row is about.
#[derive(Debug, Clone)]
pub(crate) struct Column {
    pub(crate) label: String,
    /// What its figures are; `None` where they are not to be read.
    pub(crate) series: Option<Series>,
    pub(crate) style: Style,
}

/// What the figures of a column are.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Series {
    pub(crate) indicator: String,
    pub(crate) accumulation: Accumulation,
    pub(crate) period: Period,
}

/// How the figures of a column are printed.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Style {
    pub(crate) unit: String,
    /// Power of ten by which its figures are printed smaller than they are.
    pub(crate) exponent: i32,
    pub(crate) shape: Shape,
}

/// What kind of figures a column has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Counts, in every way in which they are printed.
    Count,
    /// Counts in digits alone, from which others are computed.
    PlainCount,
    /// Percentages.
    Percent,
    /// Words for states.
    State,
    /// Computed from other columns.
    Computed,
}

/// Words for states and what they stand for.
pub(crate) const STATES: [(&str, &str); 3] =
    [("已接通", "connected"), ("未接通", "not_connected"), ("部分接通", "partly_connected")];

/// What a row is about; empty texts where it is about none.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Subject {
    pub(crate) department: String,
    pub(crate) region: String,
    pub(crate) breakdown: String,
}

/// A row of figures.
#[derive(Debug, Clone)]
pub(crate) struct TableRow {
    pub(crate) subject: Subject,
    /// As they are printed, one for each of the table's.
    pub(crate) labels: Vec<String>,
    pub(crate) figures: Vec<Figure>,
}

/// A row that adds up all others.
#[derive(Debug, Clone)]
pub(crate) struct Total {
    pub(crate) label: String,
    pub(crate) has_running_number: bool,
    pub(crate) is_first: bool,
    pub(crate) printed: Vec<String>,
}

/// Figures told in a sentence.
#[derive(Debug, Clone)]
pub(crate) struct Sentence {
    /// The lines right above it.
    pub(crate) captions: Vec<String>,
    pub(crate) text: String,
    pub(crate) series: Series,
    pub(crate) unit: String,
    /// Each with its subject and its label.
    pub(crate) figures: Vec<(Subject, String, Figure)>,
    /// Whether they may be read: a saved layout declares them, and they are no plans or changes.
    pub(crate) is_read: bool,
}

/// What makes two figures the same one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    pub(crate) indicator: String,
    pub(crate) subject: Subject,
    pub(crate) accumulation: Accumulation,
    pub(crate) period: Period,
}

/// One figure as it ought to be read.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Expected {
    pub(crate) key: Key,
    /// Whether nothing may be read for it: a finding has to say so.
    pub(crate) is_left_out: bool,
    pub(crate) value: Option<f64>,
    pub(crate) state: Option<String>,
    pub(crate) qualifier: Option<Qualifier>,
    pub(crate) unit: String,
    /// Number of its row, counted over all tables and sentences.
    pub(crate) row: usize,
    pub(crate) row_label: String,
    pub(crate) printed: String,
}

/// The end of what is no period.
pub(crate) const NO_DAY: NaiveDate = NaiveDate::MAX;

impl Series {
    fn key(&self, subject: &Subject) -> Key {
        Key {
            indicator: self.indicator.clone(),
            subject: subject.clone(),
            accumulation: self.accumulation,
            period: self.period,
        }
    }
}

impl Document {
    /// Whether this refusal is one for which the document asks.
    pub(crate) fn asks_for(&self, code: &str) -> bool {
        self.refusals.contains(&code) || (code == "annex.period_unclear" && self.has_no_period())
    }

    /// Whether a time is printed that is no period, so that the document has to be refused.
    fn has_no_period(&self) -> bool {
        let columns = self.tables.iter().flat_map(|table| &table.columns);
        let mut series = columns.filter_map(|column| column.series.as_ref());
        series.any(|series| series.period.end == NO_DAY)
    }

    /// Returns every figure of the document, row by row.
    pub(crate) fn figures(&self) -> Vec<Expected> {
        let mut all = Vec::new();
        let mut row = 0;
        for table in &self.tables {
            for printed in &table.rows {
                for (column, figure) in table.columns.iter().zip(&printed.figures) {
                    let Some(series) = &column.series else { continue };
                    let label = printed.labels.concat();
                    all.push(Expected {
                        value: figure.value(column.style.exponent),
                        is_left_out: figure.is_doubtful,
                        ..expected(
                            series.key(&printed.subject),
                            figure,
                            (row, label),
                            &column.style.unit,
                        )
                    });
                }
                row += 1;
            }
        }
        if let Some(sentence) = &self.sentence {
            for (subject, label, figure) in &sentence.figures {
                let key = sentence.series.key(subject);
                all.push(Expected {
                    value: figure.value(0),
                    is_left_out: !sentence.is_read,
                    ..expected(key, figure, (row, label.clone()), &sentence.unit)
                });
                row += 1;
            }
        }
        all
    }
}

fn expected(key: Key, figure: &Figure, (row, row_label): (usize, String), unit: &str) -> Expected {
    Expected {
        key,
        is_left_out: false,
        value: None,
        state: figure.state.map(str::to_owned),
        qualifier: figure.qualifier,
        unit: unit.to_owned(),
        row,
        row_label,
        printed: figure.printed.clone(),
    }
}
