//! Document to tables to observations and findings.
//!
//! Nothing is guessed and nothing is dropped: an unknown column or department refuses the document,
//! a bad cell becomes null and a finding, a total row is an assertion about its column.

mod beside;
mod caption_words;
mod cells;
mod checks;
mod columns;
mod damage;
mod definitions;
mod departments;
mod error;
mod footnotes;
mod header;
mod header_rows;
mod labels;
mod layout;
mod leftovers;
mod members;
mod note_words;
mod notes;
mod notice;
mod pages;
mod period;
mod persons;
mod prose;
mod prose_doubts;
mod read;
mod regions;
mod repeats;
mod rows;
mod scoring;
mod sections;
mod segments;
mod sketch;
mod table;
mod tables;
mod time_words;
mod undeclared;
mod units;

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::annex::departments::DepartmentIndex;
use crate::annex::period::PeriodContext;
use crate::annex::regions::RegionIndex;
use crate::diag::Finding;
use crate::model::{
    Accumulation, Notice, Observation, Origin, Period, PeriodBasis, Release, Spot, TotalCheck,
};
use crate::refdata::{IndicatorKind, RefData};

pub use error::{AnnexError, Draft, Unknown};
pub use layout::{Layout, LayoutError, Layouts};
pub use notes::tells_resubmission;
pub use period::{PeriodDoubt, parse_given_period};
pub use read::{DocumentName, Reference, check, read};
pub use sketch::layout_sketch;

/// Name and version of this way of reading; part of a batch's identity.
///
/// The number goes up whenever the same document would give other observations.
pub const READER: &str = "annex/9";

/// What the user says about a document, in place of what it says itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadOptions {
    /// Issuer, where the document names none or another one is meant.
    pub issuer: Option<String>,
    /// Period of every figure, in place of what is printed; a stock counts on its last day. A column
    /// whose label prints another year keeps that year.
    pub period: Option<Period>,
    /// Day on which figures count that print none.
    pub as_of_day: Option<NaiveDate>,
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
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum OnUnknown {
    /// Refuse the document.
    #[default]
    Refuse,
    /// Leave them out, with a finding each.
    LeaveOut,
}

impl ReadOptions {
    /// Returns every option given as `name=value`, in a fixed order.
    fn given(&self) -> Vec<(&'static str, String)> {
        let unknown = (self.unknown == OnUnknown::LeaveOut).then(|| LEAVE_OUT.to_owned());
        [
            ("issuer", self.issuer.clone()),
            ("period", self.period.map(|period| period.to_string())),
            ("as_of_day", self.as_of_day.map(|day| day.to_string())),
            ("published_on", self.published_on.map(|day| day.to_string())),
            ("origin", self.origin.map(|origin| origin.to_string())),
            ("release", self.release.map(|release| release.to_string())),
            ("unknown", unknown),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .collect()
    }

    /// Returns the options that are given here, and those of `earlier` for the rest.
    #[must_use]
    pub fn or(self, earlier: Self) -> Self {
        Self {
            issuer: self.issuer.or(earlier.issuer),
            period: self.period.or(earlier.period),
            as_of_day: self.as_of_day.or(earlier.as_of_day),
            published_on: self.published_on.or(earlier.published_on),
            origin: self.origin.or(earlier.origin),
            release: self.release.or(earlier.release),
            unknown: self.unknown.max(earlier.unknown),
        }
    }

    /// Returns the options that a way of reading was given, as [`Reading::way`] tells them.
    pub fn of_way(way: &str) -> Self {
        let names =
            ["issuer", "period", "as_of_day", "published_on", "origin", "release", "unknown"];
        let value = |name: &str| {
            let marks: Vec<String> =
                names.iter().chain(&WAY_PARTS).map(|name| format!(" {name}=")).collect();
            let (_, behind) = way.split_once(&format!(" {name}="))?;
            let end = marks.iter().filter_map(|mark| behind.find(mark)).min();
            Some(behind[..end.unwrap_or(behind.len())].to_owned())
        };
        Self {
            issuer: value("issuer"),
            period: value("period").and_then(|text| parse_given_period(&text)),
            as_of_day: value("as_of_day").and_then(|text| text.parse().ok()),
            published_on: value("published_on").and_then(|text| text.parse().ok()),
            origin: value("origin").and_then(|text| Origin::parse(&text)),
            release: value("release").and_then(|text| Release::parse(&text)),
            unknown: match value("unknown").as_deref() {
                Some(LEAVE_OUT) => OnUnknown::LeaveOut,
                _ => OnUnknown::Refuse,
            },
        }
    }
}

/// The word for [`OnUnknown::LeaveOut`] in a way of reading.
const LEAVE_OUT: &str = "leave_out";
/// Parts of a way of reading that are no options.
const WAY_PARTS: [&str; 2] = ["layouts", "refdata"];

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
    /// Figures told in sentences.
    pub prose: Vec<Observation>,
    /// The saved layouts that were applied, each with its version, in the order of their names.
    pub layouts: Vec<String>,
    /// How it was read, as one line: the reader, every option given, the layouts applied and the
    /// workspace's own reference data. Part of a batch's identity.
    pub way: String,
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
    /// The saved layout that it was read by.
    pub layout: Option<String>,
    /// The columns in order.
    pub columns: Vec<ColumnReading>,
    /// The rows that are no totals, in order.
    pub rows: Vec<RowReading>,
    /// The figures, row by row.
    pub observations: Vec<Observation>,
    /// Cells of unknown columns and departments.
    pub n_left_out: usize,
    /// The total cells and the check of each column.
    pub totals: Vec<TotalCheck>,
    /// The notes under the table.
    pub notes: Vec<String>,
}

/// What a row was read as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowReading {
    /// The label as it stood.
    pub label: Arc<str>,
    /// What its figures are about.
    pub subject: RowSubject,
}

/// What the figures of a row are about, shared by them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RowSubject {
    /// Id in `departments`; `None` for figures of a region as a whole.
    pub department: Option<Arc<str>>,
    /// Region code.
    pub region: Arc<str>,
    /// A further row dimension.
    pub breakdown: Option<Arc<str>>,
}

/// What a column was read as.
#[derive(Debug, Clone, PartialEq)]
pub struct ColumnReading {
    /// The label as it stood.
    pub label: String,
    /// What it is.
    pub role: ColumnRole,
    /// Its position among the columns of the saved layout, where that says what it is.
    layout_column: Option<usize>,
}

/// The part that a column plays.
#[derive(Debug, Clone, PartialEq)]
pub enum ColumnRole {
    /// 序号.
    RunningNumber,
    /// The department that a row is about.
    Department,
    /// The region that a row is about.
    Region,
    /// A further row dimension.
    Breakdown,
    /// Remarks on the row.
    Remark,
    /// Values of an indicator.
    Indicator(IndicatorColumn),
    /// Computed from other columns: checked, not kept.
    Computed,
    /// Neither read nor checked, because a saved layout says so.
    Ignored,
    /// Nothing stands in it.
    Blank,
    /// Left out because nobody knows it.
    LeftOut,
}

/// A column of values.
#[derive(Debug, Clone, PartialEq)]
pub struct IndicatorColumn {
    /// Id of the indicator.
    pub indicator: Arc<str>,
    /// Version of its definition that holds on the last day of the values.
    pub definition: i32,
    /// What it measures.
    pub kind: IndicatorKind,
    /// Similarity of the label to the known one, 1 for the same.
    pub score: f64,
    /// Unit of the values, after scaling.
    pub unit: Arc<str>,
    /// Power of ten that a printed number is multiplied with, as 4 for 万条.
    pub exponent: i32,
    /// How the values add up over time.
    pub accumulation: Accumulation,
    /// The days that the values are about.
    pub period: Period,
    /// Where the period was found.
    pub period_basis: PeriodBasis,
    /// What is doubtful about the period.
    pub doubts: Vec<PeriodDoubt>,
}

impl Reading {
    /// Returns all figures: those told in sentences, then table by table.
    pub fn observations(&self) -> impl Iterator<Item = &Observation> {
        self.prose.iter().chain(self.tables.iter().flat_map(|table| &table.observations))
    }

    /// Returns all checks of totals, table by table.
    pub fn totals(&self) -> impl Iterator<Item = &TotalCheck> {
        self.tables.iter().flat_map(|table| &table.totals)
    }
}

/// What a document is read for.
#[derive(Debug, Clone, Copy)]
enum Purpose<'a> {
    /// Its figures.
    Figures,
    /// Whether it is refused: no figure is kept, however many there are.
    Verdict,
    /// The figures with these keys, and no others.
    Only(&'a BTreeSet<u64>),
}

/// What every part of a document is read with.
struct ReadingContext<'a> {
    refdata: &'a RefData,
    departments: &'a DepartmentIndex,
    regions: &'a RegionIndex,
    period: PeriodContext,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_options_of_a_way_of_reading_come_back() {
        let options = ReadOptions {
            issuer: Some("青海省 人民政府".to_owned()),
            period: parse_given_period("2021-01-01..2021-09-30"),
            as_of_day: None,
            published_on: "2021-12-01".parse().ok(),
            origin: Some(Origin::Platform),
            release: None,
            unknown: OnUnknown::LeaveOut,
        };
        let given: Vec<String> =
            options.given().iter().map(|(name, value)| format!("{name}={value}")).collect();
        let way = format!("{READER} {} layouts=a/1@0 refdata=12", given.join(" "));
        assert_eq!(ReadOptions::of_way(&way), options);
        assert_eq!(ReadOptions::of_way(READER), ReadOptions::default());
    }
}
