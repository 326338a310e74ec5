//! Document to tables to observations and findings.
//!
//! Nothing is guessed and nothing is dropped: an unknown column or department refuses the document,
//! a bad cell becomes null and a finding, a total row is an assertion about its column.

mod cells;
mod checks;
mod columns;
mod departments;
mod error;
mod header;
mod labels;
mod leftovers;
mod notes;
mod notice;
mod period;
mod read;
mod repeats;
mod rows;
mod segments;
mod table;
mod tables;

use chrono::NaiveDate;

use crate::diag::Finding;
use crate::model::{
    Accumulation, Notice, Observation, Origin, Period, PeriodBasis, Release, Spot, TotalCheck,
};

pub use error::{AnnexError, Unknown};
pub use period::parse_given_period;
pub use read::{DocumentName, read};

/// Name and version of this way of reading; part of a batch's identity.
///
/// The number goes up whenever the same document would give other observations.
pub const READER: &str = "annex/2";

/// What the user says about a document, in place of what it says itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReadOptions {
    /// Issuer, where the document names none or another one is meant.
    pub issuer: Option<String>,
    /// Period of every figure that is no stock.
    pub period: Option<Period>,
    /// Day of publication.
    pub published_on: Option<NaiveDate>,
    /// Who states the figures.
    pub origin: Option<Origin>,
    /// How far the figures may travel.
    pub release: Option<Release>,
    /// Whether to take what can be read when columns or departments are unknown.
    pub unknown: OnUnknown,
}

/// What to do about unknown columns and departments.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum OnUnknown {
    /// Refuse the document.
    #[default]
    Refuse,
    /// Leave them out, with a finding each.
    LeaveOut,
}

impl ReadOptions {
    /// Returns the reader and every option given, as one line that identifies the way of reading.
    pub fn reading(&self, overrides_hash: Option<&str>) -> String {
        let mut parts = vec![READER.to_owned()];
        let mut add = |name: &str, value: Option<String>| {
            parts.extend(value.map(|value| format!("{name}={value}")));
        };
        add("issuer", self.issuer.clone());
        add("period", self.period.map(|period| period.to_string()));
        add("published_on", self.published_on.map(|day| day.to_string()));
        add("origin", self.origin.map(|origin| origin.to_string()));
        add("release", self.release.map(|release| release.to_string()));
        add("unknown", (self.unknown == OnUnknown::LeaveOut).then(|| "leave_out".to_owned()));
        add("refdata", overrides_hash.map(str::to_owned));
        parts.join(" ")
    }
}

/// All that was read from a document.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// Head of the document.
    pub notice: Notice,
    /// Region of its issuer.
    pub region: String,
    /// Who states the figures.
    pub origin: Origin,
    /// How far the figures may travel.
    pub release: Release,
    /// The notice or issue of a form that the figures belong to.
    pub edition: String,
    /// Day of publication that counts for vintages.
    pub published_on: Option<NaiveDate>,
    /// The tables in order.
    pub tables: Vec<TableReading>,
    /// Cells of unknown columns and departments that were left out.
    pub n_left_out: usize,
    /// What was wrong, odd or assumed, in the order of the document.
    pub findings: Vec<Finding>,
}

/// All that was read from one table.
#[derive(Debug, Clone, PartialEq)]
pub struct TableReading {
    /// Title, without the word 附件 and its number.
    pub title: String,
    /// Where the header begins.
    pub spot: Spot,
    /// The columns in order.
    pub columns: Vec<ColumnReading>,
    /// Labels of the rows that are no totals, in order, with the department each means.
    pub rows: Vec<(String, String)>,
    /// The figures, row by row.
    pub observations: Vec<Observation>,
    /// Cells of unknown columns and departments.
    pub n_left_out: usize,
    /// The total cells and the check of each column.
    pub totals: Vec<TotalCheck>,
    /// The notes under the table.
    pub notes: Vec<String>,
}

/// What a column was read as.
#[derive(Debug, Clone, PartialEq)]
pub struct ColumnReading {
    /// The label as it stood.
    pub label: String,
    /// What it is.
    pub role: ColumnRole,
}

/// The part that a column plays.
#[derive(Debug, Clone, PartialEq)]
pub enum ColumnRole {
    /// 序号.
    RunningNumber,
    /// The department that a row is about.
    Department,
    /// Remarks on the row.
    Remark,
    /// Values of an indicator.
    Indicator(IndicatorColumn),
    /// Nothing stands in it.
    Blank,
    /// Left out because nobody knows it.
    LeftOut,
}

/// A column of values.
#[derive(Debug, Clone, PartialEq)]
pub struct IndicatorColumn {
    /// Id of the indicator.
    pub indicator: String,
    /// Version of its definition.
    pub definition: i32,
    /// Similarity of the label to the known one, 1 for the same.
    pub score: f64,
    /// Unit of the values, after scaling.
    pub unit: String,
    /// Power of ten that a printed number is multiplied with, as 4 for 万条.
    pub exponent: i32,
    /// How the values add up over time.
    pub accumulation: Accumulation,
    /// The days that the values are about.
    pub period: Period,
    /// Where the period was found.
    pub period_basis: PeriodBasis,
}

impl Reading {
    /// Returns all figures, table by table.
    pub fn observations(&self) -> impl Iterator<Item = &Observation> {
        self.tables.iter().flat_map(|table| &table.observations)
    }

    /// Returns all checks of totals, table by table.
    pub fn totals(&self) -> impl Iterator<Item = &TotalCheck> {
        self.tables.iter().flat_map(|table| &table.totals)
    }
}
