//! Named queries with a Polars twin, and the check that both engines say the same.

mod aggregation;
mod comparable;
mod cross_check;
mod latest;

use std::collections::BTreeMap;

use polars::prelude::{LazyFrame, PolarsResult};

use crate::engine::{EngineError, Polars};
use crate::query::ParamValue;
use crate::table::ResultTable;

pub use cross_check::{CrossCheck, cross_check};

/// What a twin is built with.
struct Inputs<'a> {
    tables: &'a Polars,
    params: &'a BTreeMap<String, ParamValue>,
}

/// A pipeline that answers the same as the query of its name.
type Twin = fn(&Inputs<'_>) -> Result<PolarsResult<LazyFrame>, EngineError>;

/// The twins, by the id of their query.
const TWINS: [(&str, Twin); 1] = [("aggregation/by_department", aggregation::by_department)];

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
    let failed = |reason: String| EngineError::Analysis { query: query.to_owned(), reason };
    let twin = twin(query).ok_or_else(|| EngineError::NoTwin { query: query.to_owned() })?;
    let frame = twin(&Inputs { tables, params })?.map_err(|error| failed(error.to_string()))?;
    tables.collect(frame, query)
}
