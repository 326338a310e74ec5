//! Named queries with a Polars twin, and the check that both engines say the same.
//!
//! A twin is written from what its query promises and not from its statement, so that a mistake of one
//! is not in the other. They share the tables and nothing else.

mod aggregation;
mod amounts;
mod beside;
mod by_period;
mod cells;
mod comparable;
mod compared;
mod concentration;
mod contribution;
mod cross_check;
mod filling;
mod flows;
mod integration;
mod latest;
mod monthly;
mod noted;
mod period_flows;
mod progress;
mod ranking;
mod satisfaction;
mod targets;
mod terms;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use polars::prelude::{DataType, LazyFrame, PolarsError, col, lit};

use crate::engine::{EngineError, Polars};
use crate::query::ParamValue;
use crate::table::ResultTable;

pub use cross_check::{CrossCheck, cross_check, same_number};

/// What a twin is built with.
struct Inputs<'a> {
    tables: &'a Polars,
    params: &'a BTreeMap<String, ParamValue>,
}

impl Inputs<'_> {
    fn scan(&self, table: &str) -> Result<LazyFrame, Unplanned> {
        self.tables.scan(table).map_err(Unplanned::Table)
    }

    /// Returns the rows of a table of records that had arrived on the session's day.
    fn scan_arrived(&self, table: &str) -> Plan {
        let rows = self.scan(table)?;
        let arrived_on = col("received_at").cast(DataType::Date);
        Ok(match self.tables.as_of() {
            Some(day) => rows.filter(arrived_on.lt_eq(lit(day))),
            None => rows,
        })
    }

    /// Returns a day that was given.
    fn date(&self, name: &str) -> Option<NaiveDate> {
        match self.params.get(name) {
            Some(ParamValue::Date(date)) => Some(*date),
            _ => None,
        }
    }

    /// Returns a text that was given, or the default that the head of the query has.
    fn text(&self, name: &str) -> Option<&str> {
        match self.params.get(name) {
            Some(ParamValue::Text(text)) => Some(text),
            _ => None,
        }
    }
}

/// Why there is no plan of a twin.
enum Unplanned {
    /// A table is not there.
    Table(EngineError),
    /// Polars refuses a part of it.
    Plan(PolarsError),
}

impl From<PolarsError> for Unplanned {
    fn from(error: PolarsError) -> Self {
        Self::Plan(error)
    }
}

/// A lazy pipeline, or why there is none.
type Plan = Result<LazyFrame, Unplanned>;

/// A pipeline that answers the same as the query of its name.
type Twin = fn(&Inputs<'_>) -> Plan;

/// The twins, by the id of their query.
const TWINS: [(&str, Twin); 12] = [
    ("aggregation/by_department", aggregation::by_department),
    ("aggregation/concentration", concentration::concentration),
    ("aggregation/contribution", contribution::contribution),
    ("aggregation/monthly", monthly::monthly),
    ("aggregation/period_flows", period_flows::period_flows),
    ("aggregation/zero_causes", aggregation::zero_causes),
    ("integration/by_department", integration::by_department),
    ("integration/connected_without_data", integration::connected_without_data),
    ("integration/progress", progress::progress),
    ("integration/ranking", ranking::ranking),
    ("satisfaction/monthly", satisfaction::monthly),
    ("targets/attainment", targets::attainment),
];

/// The questions that leaders are answered with, which are never told unchecked where all are
/// cross-checked: a twin of one of them that goes missing is an error and not a line in a count.
pub const CORE_QUERIES: [&str; 12] = [
    "aggregation/by_department",
    "aggregation/concentration",
    "aggregation/contribution",
    "aggregation/monthly",
    "aggregation/period_flows",
    "aggregation/zero_causes",
    "integration/by_department",
    "integration/connected_without_data",
    "integration/progress",
    "integration/ranking",
    "satisfaction/monthly",
    "targets/attainment",
];

fn twin(query: &str) -> Option<Twin> {
    TWINS.iter().find(|(id, _)| *id == query).map(|(_, twin)| *twin)
}

/// Returns whether a query can be answered by Polars.
pub fn has_twin(query: &str) -> bool {
    twin(query).is_some()
}

/// Answers a query by its twin: the same columns, types and order as the statement gives.
///
/// Fails when the query has none.
pub fn run_twin(
    tables: &Polars,
    query: &str,
    params: &BTreeMap<String, ParamValue>,
) -> Result<ResultTable, EngineError> {
    tables.collect(plan(tables, query, params)?, query)
}

/// Returns what would answer a query, not run yet.
fn plan(
    tables: &Polars,
    query: &str,
    params: &BTreeMap<String, ParamValue>,
) -> Result<LazyFrame, EngineError> {
    let twin = twin(query).ok_or_else(|| EngineError::NoTwin { query: query.to_owned() })?;
    twin(&Inputs { tables, params }).map_err(|unplanned| match unplanned {
        Unplanned::Table(error) => error,
        Unplanned::Plan(error) => {
            EngineError::Analysis { query: query.to_owned(), reason: error.to_string() }
        }
    })
}
