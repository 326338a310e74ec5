//! The published figures, one vintage per figure: the twin of the view `observations_latest`, under
//! the departments that were chosen.

use polars::prelude::{
    DataType, Expr, JoinArgs, JoinType, LazyFrame, PolarsResult, SortMultipleOptions,
    UniqueKeepStrategy, coalesce, col,
};

use crate::analysis::Inputs;
use crate::analysis::comparable::{KEY, comparable};
use crate::engine::EngineError;
use crate::model::Departments;

/// Returns the figures of the session's origin as of its day.
pub(super) fn observations_latest(
    inputs: &Inputs<'_>,
) -> Result<PolarsResult<LazyFrame>, EngineError> {
    let latest = as_reported(inputs)?;
    match inputs.tables.departments() {
        Departments::AsReported => Ok(Ok(latest)),
        Departments::Comparable => comparable(inputs, latest),
    }
}

fn as_reported(inputs: &Inputs<'_>) -> Result<LazyFrame, EngineError> {
    let observations = inputs.tables.scan("observations")?;
    let session = inputs.tables.scan("session")?;
    let known_on = || coalesce(&[col("published_on"), col("received_at").cast(DataType::Date)]);
    let is_known: Expr = col("as_of").is_null().or(known_on().lt_eq(col("as_of")));
    // The last two decide only between cells of one batch that claim to be the same figure.
    let newest_first =
        SortMultipleOptions::default().with_order_descending_multi([true; 5]).with_nulls_last(true);
    let sorted = observations
        .join(session, [], [], JoinArgs::new(JoinType::Cross).with_suffix(Some("_shown".into())))
        .filter(col("origin").eq(col("origin_shown")))
        .filter(is_known)
        .with_column(known_on().alias("known_on"))
        .sort_by_exprs(
            [col("known_on"), col("received_at"), col("batch"), col("row_idx"), col("place")],
            newest_first,
        );
    Ok(sorted.unique_stable_generic(
        Some(KEY.iter().map(|name| col(*name)).collect()),
        UniqueKeepStrategy::First,
    ))
}
