//! Twins of `queries/integration/`.

use polars::prelude::{LazyFrame, PolarsResult, col, lit, when};

use crate::analysis::beside::integration_with_aggregation;
use crate::analysis::by_period::integration_by_period;
use crate::analysis::terms::{
    BY_RANK, answer, is_one_of, of_period, rank_in_region, with_departments, with_rank_and_shares,
};
use crate::analysis::{Inputs, Plan};

const CONNECTED: &str = "items_connected";
const STATUS: &str = "cases_aggregated_status";

/// The twin of `integration/by_department`.
pub(super) fn by_department(inputs: &Inputs<'_>) -> Plan {
    // A period that has only the applications of the year is no picture of what is connected.
    let state = ["items_connected_status", "items_on_platform_status", "apps_connected_status"];
    let rows = of_period(integration_by_period(inputs)?, inputs, &state)?;
    let rows = with_rank_and_shares(with_departments(rows, inputs)?, CONNECTED, &[CONNECTED])?;
    Ok(answer(
        rows,
        &BY_RANK,
        [
            "region",
            "period_end",
            "rank",
            "department",
            "department_name",
            "kind",
            "items_connected",
            "items_connected_status",
            "items_connected_share_pct",
            "items_on_platform",
            "items_on_platform_status",
            "apps_connected",
            "apps_connected_status",
            "apps_connected_in_year",
            "apps_connected_in_year_status",
            "items_connected_is_approximate",
            "items_on_platform_is_approximate",
            "apps_connected_is_approximate",
            "apps_connected_in_year_is_approximate",
            "edition",
            "official_order",
        ],
    ))
}

/// Keeps the periods of a region of which cases and connected items are known: one table of the two says
/// nothing of the other.
fn judged(rows: LazyFrame) -> PolarsResult<LazyFrame> {
    let days = ["region", "period_end"].map(col);
    let is_told = |status: &str| col(status).is_not_null().any(true).over(&days);
    Ok(rows.filter(is_told(STATUS)?.and(is_told("items_connected_status")?)))
}

/// The twin of `integration/connected_without_data`.
pub(super) fn connected_without_data(inputs: &Inputs<'_>) -> Plan {
    let is_not_in_table = || col(STATUS).is_null();
    // An empty cell is no zero: what it hides is not known.
    let has_no_data = is_not_in_table().or(col("cases_aggregated").eq(lit(0.0)));
    let was_returned = is_one_of(STATUS, &["returned", "partly_returned"])
        .or(col("records_returned").gt(lit(0.0)));
    let cause = when(is_not_in_table())
        .then(lit("not_in_table"))
        .when(was_returned)
        .then(lit("returned"))
        .otherwise(lit("silent"));
    let rows = of_period(judged(integration_with_aggregation(inputs)?)?, inputs, &[STATUS])?
        .filter(col(CONNECTED).gt(lit(0.0)).and(has_no_data))
        .with_columns([
            rank_in_region(CONNECTED)?.alias("rank"),
            cause.alias("cause"),
            col("cases_aggregated_note").alias("note"),
        ]);
    Ok(answer(
        with_departments(rows, inputs)?,
        &BY_RANK,
        [
            "region",
            "period_end",
            "rank",
            "department",
            "department_name",
            "kind",
            "items_connected",
            "cases_aggregated",
            "cases_aggregated_status",
            "cause",
            "records_pushed",
            "records_returned",
            "note",
            "items_connected_is_approximate",
            "records_pushed_is_approximate",
            "records_returned_is_approximate",
            "integration_period_end",
            "official_order",
        ],
    ))
}
