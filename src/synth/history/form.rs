//! A made-up form, and what was planted in a set of them.

use chrono::NaiveDate;

use crate::model::{Accumulation, Period, Qualifier};
use crate::synth::history::ends::CONNECTED;
use crate::synth::history::month::Month;

/// What a form is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// Records that were taken in since the first of January.
    Aggregation,
    /// What is connected on the last day of the month.
    Integration,
}

/// A form as it was published once.
#[derive(Debug)]
pub(super) struct Form {
    pub(super) kind: Kind,
    pub(super) month: Month,
    /// 1 for the first time, 2 where it was published again with other figures.
    pub(super) issue: u32,
    /// Number of the document, which nobody but this program gives.
    pub(super) number: String,
    pub(super) published_on: NaiveDate,
    pub(super) columns: Vec<Column>,
    pub(super) rows: Vec<Row>,
    /// The notes below the table, each a sentence or more.
    pub(super) notes: Vec<String>,
    /// What the notes say was pushed and sent back.
    pub(super) told: Vec<Told>,
}

/// A column of figures.
#[derive(Debug)]
pub(super) struct Column {
    pub(super) label: String,
    pub(super) indicator: &'static str,
    pub(super) definition: i32,
    pub(super) unit: &'static str,
    pub(super) accumulation: Accumulation,
    pub(super) period: Period,
}

/// The row of a department.
#[derive(Debug)]
pub(super) struct Row {
    /// Id in `departments`.
    pub(super) department: String,
    /// The name that it had on the last day of the month.
    pub(super) label: String,
    /// A figure for each column.
    pub(super) counts: Vec<u64>,
    /// Whether its first figure is 0 because everything was sent back.
    pub(super) is_returned: bool,
}

/// What a note says was pushed by a department, all of which was sent back.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) department: String,
    pub(super) label: String,
    pub(super) count: u64,
    pub(super) qualifier: Option<Qualifier>,
}

/// The columns of the forms on aggregation.
pub(super) const AGGREGATED: [&str; 2] = ["cases_aggregated", "evaluations_aggregated"];

impl Kind {
    /// Both of them.
    pub(super) const ALL: [Self; 2] = [Self::Aggregation, Self::Integration];

    /// Returns its word in file names and in what is said of planted things.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Aggregation => "aggregation",
            Self::Integration => "integration",
        }
    }

    /// Returns the columns of a form of a month. Figures up to a day are those of the definition that
    /// holds on it.
    pub(super) fn columns(self, month: Month, definition_of_cases: i32) -> Vec<Column> {
        let (end, new_year) = (month.last_day(), month.new_year());
        let since_new_year = Period { start: Some(new_year), end };
        let flow = (Accumulation::YearToDate, since_new_year);
        let stock = (Accumulation::Point, Period::point(end));
        let column = |label: &str, indicator, definition, unit, (accumulation, period)| Column {
            label: label.to_owned(),
            indicator,
            definition,
            unit,
            accumulation,
            period,
        };
        let in_year = format!("{}年便民应用对接数量", month.year());
        let [items, on_platform, apps, apps_in_year] = CONNECTED;
        match self {
            Self::Aggregation => vec![
                column("办件数据汇聚量(条)", AGGREGATED[0], definition_of_cases, "条", flow),
                column("“好差评”数据汇聚量(条)", AGGREGATED[1], 1, "条", flow),
            ],
            Self::Integration => vec![
                column("通过接口、单点方式对接省一体化服务平台办理事项数", items, 1, "项", stock),
                column("使用一体化政务服务平台办理事项数", on_platform, 1, "项", stock),
                column("便民应用对接总数", apps, 1, "项", stock),
                column(&in_year, apps_in_year, 1, "项", flow),
            ],
        }
    }
}

impl Form {
    /// Returns the name of its file without its end.
    pub(super) fn stem(&self) -> String {
        let (year, month) = (self.month.year(), self.month.number());
        let again = if self.issue > 1 { format!("-{}", self.issue) } else { String::new() };
        format!("{}-{year}-{month:02}{again}", self.kind.as_str())
    }

    /// Returns the sum of a column.
    pub(super) fn total(&self, column: usize) -> u64 {
        self.rows.iter().map(|row| row.counts[column]).sum()
    }

    /// Returns the number of figures that have to be read from it: its cells, and for each note on
    /// returned data what was pushed and what was sent back.
    pub(super) fn n_figures(&self) -> u64 {
        (self.rows.len() * self.columns.len() + 2 * self.told.len()) as u64
    }
}

/// Something that was planted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Planted {
    /// What it is, as `revised_up`.
    pub(super) plant: &'static str,
    pub(super) kind: Kind,
    pub(super) month: Month,
    /// The issue of the form that it stands in; `None` where there is no form.
    pub(super) issue: Option<u32>,
    pub(super) department: Option<String>,
    pub(super) indicator: Option<&'static str>,
    /// What the form prints, and what it would print if nothing were planted.
    pub(super) printed: Option<u64>,
    pub(super) right: Option<u64>,
}

impl Planted {
    /// Returns what is planted in a form as a whole.
    pub(super) fn in_form(plant: &'static str, (kind, month): (Kind, Month)) -> Self {
        let (department, indicator, printed, right) = (None, None, None, None);
        Self { plant, kind, month, issue: Some(1), department, indicator, printed, right }
    }
}
