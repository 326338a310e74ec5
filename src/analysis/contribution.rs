//! The twin of `aggregation/contribution`.

use polars::prelude::{
    DataType, Expr, LazyFrame, PolarsResult, SortMultipleOptions, col, len, lit, when,
};

use crate::analysis::compared::{if_compared, periods, rows_of, side_by_side};
use crate::analysis::terms::{answer, is_one_of, null_of, percent, sum_of_known, with_departments};
use crate::analysis::{Inputs, Plan};

/// What is taken of a figure on either side.
const SIDE: [&str; 5] = ["value", "obs_status", "definition", "accumulation", "counted_from"];

/// What each department contributed to the change of the total, with and without the largest.
pub(super) fn contribution(inputs: &Inputs<'_>) -> Plan {
    let indicator = inputs.text("indicator").unwrap_or_default();
    let is_year_before = inputs.text("base") == Some("year_before");
    let base_end = if is_year_before { "year_before_end" } else { "previous_end" };
    let rows = periods(inputs, indicator)?;
    let current = rows_of(&rows, "current_end", &SIDE.map(|name| (name, name)));
    let base = SIDE.map(|name| format!("base_{name}"));
    let base: Vec<(&str, &str)> = SIDE.into_iter().zip(base.iter().map(String::as_str)).collect();
    let base = rows_of(&rows, base_end, &base);
    let change = if_compared(col("value") - col("base_value"), DataType::Float64);
    let accumulates = is_one_of("accumulation", &["year_to_date", "since_launch"]);
    let is_lower = col("change").lt(lit(0.0)).fill_null(lit(false));
    let rows = side_by_side(&rows, current, base)
        .with_column(why_not_compared(is_year_before).alias("cause"))
        .with_columns([
            change.alias("change"),
            lit(indicator).alias("indicator"),
            col(base_end).alias("base_period_end"),
        ])
        .with_column(lit(!is_year_before).and(accumulates).and(is_lower).alias("is_revised_down"));
    let rows = with_shares(largest_first(with_departments(rows, inputs)?)?)?;
    Ok(answer(
        rows,
        &["region", "position", "official_order", "department"],
        [
            "region",
            "period_end",
            "base_period_end",
            "indicator",
            "position",
            "department",
            "department_name",
            "kind",
            "value",
            "base_value",
            "change",
            "cause",
            "is_largest",
            "is_revised_down",
            "contribution_pct",
            "contribution_without_largest_pct",
            "growth_points",
            "total_change",
            "total_change_without_largest",
            "total_growth_pct",
            "n_compared",
            "n_departments",
            "official_order",
        ],
    ))
}

/// Why a figure is not set against its base; null where it is.
fn why_not_compared(is_year_before: bool) -> Expr {
    let was_returned = |column: &str| is_one_of(column, &["returned", "partly_returned"]);
    let differs = |name: &str| col(format!("base_{name}")).neq(col(name));
    // In the year before everything is counted from another day, and single periods always are.
    let began_anew = lit(!is_year_before)
        .and(differs("counted_from"))
        .and(col("accumulation").neq(lit("period")));
    when(col("obs_status").is_null())
        .then(lit("not_in_period"))
        // What was sent back is no fall, and what came again afterwards no growth.
        .when(was_returned("obs_status"))
        .then(lit("returned"))
        .when(col("value").is_null())
        .then(lit("no_figure"))
        .when(was_returned("base_obs_status"))
        .then(lit("returned"))
        .when(col("base_value").is_null())
        .then(lit("no_earlier_figure"))
        .when(differs("definition"))
        .then(lit("definition_changed"))
        .when(differs("accumulation").or(began_anew))
        .then(lit("reset"))
        .otherwise(null_of(DataType::String))
}

/// Adds the place by the size of the change, up or down: `place` of all, `position` of those with one.
fn largest_first(rows: LazyFrame) -> PolarsResult<LazyFrame> {
    let in_order = SortMultipleOptions::default().with_order_descending_multi([true, false, false]);
    let sorted = rows.sort_by_exprs(
        [col("change").abs(), col("official_order"), col("department")],
        in_order.with_nulls_last(true),
    );
    let place = col("department").cum_count(false).over([col("region")])?.cast(DataType::Int32);
    let is_largest = col("place").eq(lit(1)).and(col("change").neq(lit(0.0)));
    let position =
        when(col("change").is_not_null()).then(col("place")).otherwise(null_of(DataType::Int32));
    Ok(sorted.with_column(place.alias("place")).with_columns([
        position.alias("position"),
        is_largest.fill_null(lit(false)).alias("is_largest"),
    ]))
}

/// Adds the sums of the departments of a region that are compared, and what is whose part of them.
fn with_shares(rows: LazyFrame) -> PolarsResult<LazyFrame> {
    let region = [col("region")];
    let is_other = || col("place").gt(lit(1));
    let base_value = if_compared(col("base_value"), DataType::Float64);
    let sum_of = |values: Expr| sum_of_known(&values).over(&region);
    let number =
        |count: Expr| -> PolarsResult<Expr> { Ok(count.over(&region)?.cast(DataType::Int64)) };
    let of_rest = percent(col("change"), col("total_change_without_largest"));
    Ok(rows
        .with_columns([
            sum_of(col("change"))?.alias("total_change"),
            sum_of(col("change").filter(is_other()))?.alias("total_change_without_largest"),
            sum_of(base_value)?.alias("total_base"),
            number(col("change").count())?.alias("n_compared"),
            number(len())?.alias("n_departments"),
        ])
        .with_columns([
            percent(col("change"), col("total_change")).alias("contribution_pct"),
            when(is_other())
                .then(of_rest)
                .otherwise(null_of(DataType::Float64))
                .alias("contribution_without_largest_pct"),
            percent(col("change"), col("total_base")).alias("growth_points"),
            percent(col("total_change"), col("total_base")).alias("total_growth_pct"),
        ]))
}
