//! Figures side by side, one row per region, department and period: the twins of the views
//! `integration_by_period` and `aggregation_by_period`.

use polars::prelude::{DataType, Expr, col, lit, when};

use crate::analysis::cells::cells_by_period;
use crate::analysis::terms::{is_one_of, null_of};
use crate::analysis::{Inputs, Plan};

pub(super) const CASES: &str = "cases_aggregated";
pub(super) const EVALUATIONS: &str = "evaluations_aggregated";
pub(super) const PUSHED: &str = "records_pushed";
pub(super) const RETURNED: &str = "records_returned";

/// The columns of the integration table.
const INTEGRATION: [&str; 4] =
    ["items_connected", "items_on_platform", "apps_connected", "apps_connected_in_year"];

/// What one row is about.
const ROW: [&str; 3] = ["region", "department", "period_end"];

/// What departments have connected: every indicator as a column, with its `…_status` and
/// `…_is_approximate`, and `edition`.
pub(super) fn integration_by_period(inputs: &Inputs<'_>) -> Plan {
    let figures = INTEGRATION.iter().flat_map(|indicator| figure(indicator));
    let columns: Vec<Expr> = figures.chain([edition()]).collect();
    Ok(cells_by_period(inputs, &INTEGRATION)?.group_by(ROW.map(col)).agg(columns))
}

/// What departments have aggregated: cases and evaluations with their `…_status` and `…_note`, what
/// was pushed and returned, of each `…_is_approximate`, the span that both columns have, and `edition`.
pub(super) fn aggregation_by_period(inputs: &Inputs<'_>) -> Plan {
    let cells = cells_by_period(inputs, &[CASES, EVALUATIONS, PUSHED, RETURNED])?;
    let counted = || col("is_chosen").and(is_one_of("indicator", &[CASES, EVALUATIONS]));
    let accumulations = col("accumulation").filter(counted());
    let starts = col("period_start").filter(counted());
    // "No start" is one of the values that are compared.
    let n_starts = starts.clone().n_unique();
    let is_of_one_span = |n_values: Expr, value: Expr, data_type: DataType| {
        when(n_values.eq(lit(1))).then(value).otherwise(null_of(data_type))
    };
    let mut columns = vec![
        is_of_one_span(n_starts, starts.max(), DataType::Date).alias("period_start"),
        is_of_one_span(accumulations.clone().n_unique(), accumulations.max(), DataType::String)
            .alias("accumulation"),
        edition(),
    ];
    columns.extend([PUSHED, RETURNED].into_iter().flat_map(value_of));
    for indicator in [CASES, EVALUATIONS] {
        columns.extend(figure(indicator));
        columns.push(why_returned(indicator).alias(format!("{indicator}_note")));
    }
    Ok(cells.group_by(ROW.map(col)).agg(columns))
}

/// The value of an indicator and what it is; a status of null means that there is no such cell.
fn figure(indicator: &str) -> [Expr; 3] {
    let status = of(indicator, "obs_status").max().alias(format!("{indicator}_status"));
    let [value, is_approximate] = value_of(indicator);
    [value, is_approximate, status]
}

fn of(indicator: &str, column: &str) -> Expr {
    col(column).filter(col("indicator").eq(lit(indicator)))
}

/// The value of an indicator, and whether it is told with a qualifier, estimated or rounded.
fn value_of(indicator: &str) -> [Expr; 2] {
    let is_approximate = of(indicator, "is_approximate").any(true);
    [
        of(indicator, "value").max().alias(indicator),
        is_approximate.alias(format!("{indicator}_is_approximate")),
    ]
}

/// The note of a figure that is, or is in part, a zero because records were sent back.
fn why_returned(indicator: &str) -> Expr {
    let is_returned = is_one_of("obs_status", &["returned", "partly_returned"]);
    col("note").filter(col("indicator").eq(lit(indicator)).and(is_returned)).max()
}

/// The edition that all cells of a row are from. A sum of figures from several editions has none.
fn edition() -> Expr {
    let is_one = col("edition").n_unique().eq(lit(1));
    let only = when(is_one).then(col("edition").max()).otherwise(null_of(DataType::String));
    only.alias("edition")
}
