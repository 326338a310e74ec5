//! Twins of `queries/aggregation/`.

use polars::prelude::{
    DataType, Expr, JoinArgs, JoinType, LazyFrame, NULL, PolarsResult, RankMethod, RankOptions,
    SortMultipleOptions, col, lit, when,
};

use crate::analysis::Inputs;
use crate::analysis::latest::observations_latest;
use crate::engine::EngineError;
use crate::query::ParamValue;

const CASES: &str = "cases_aggregated";
const EVALUATIONS: &str = "evaluations_aggregated";
const PUSHED: &str = "records_pushed";
const RETURNED: &str = "records_returned";

/// The twin of `aggregation/by_department`.
pub(super) fn by_department(inputs: &Inputs<'_>) -> Result<PolarsResult<LazyFrame>, EngineError> {
    let latest = observations_latest(inputs)?;
    let departments = inputs.tables.scan("departments")?;
    let period = inputs.params.get("period");
    Ok(latest.and_then(by_period).and_then(|figures| ranked(figures, departments, period)))
}

/// Returns null of a type, as the branch of a condition.
fn null_of(data_type: DataType) -> Expr {
    lit(NULL).cast(data_type)
}

/// One row per department and period: the twin of the view `aggregation_by_period`.
fn by_period(latest: LazyFrame) -> PolarsResult<LazyFrame> {
    let is = |indicator: &str| col("indicator").eq(lit(indicator));
    let wanted = is(CASES).or(is(EVALUATIONS)).or(is(PUSHED)).or(is(RETURNED));
    let cells =
        latest.filter(col("department").is_not_null().and(col("breakdown").is_null()).and(wanted));
    let cells = one_span_per_column(cells)?;
    let is_counted = || col("indicator").eq(lit(CASES)).or(col("indicator").eq(lit(EVALUATIONS)));
    let of = |indicator: &str, column: &str| col(column).filter(is(indicator)).max();
    let counted = |column: &str| col(column).filter(is_counted());
    // Text, so that "no start" is a value to compare.
    let start_text = || counted("period_start").cast(DataType::String).fill_null(lit(""));
    let returned_note = |indicator: &str| {
        let has_status = |status: &str| col("obs_status").eq(lit(status));
        let is_returned = has_status("returned").or(has_status("partly_returned"));
        col("note").filter(is(indicator).and(is_returned)).max()
    };
    let same = |min: Expr, max: Expr, value: Expr, data_type: DataType| {
        when(min.eq(max)).then(value).otherwise(null_of(data_type))
    };
    Ok(cells.group_by([col("region"), col("department"), col("period_end")]).agg([
        same(start_text().min(), start_text().max(), counted("period_start").max(), DataType::Date)
            .alias("period_start"),
        same(
            counted("accumulation").min(),
            counted("accumulation").max(),
            counted("accumulation").max(),
            DataType::String,
        )
        .alias("accumulation"),
        of(CASES, "value").alias(CASES),
        of(CASES, "obs_status").alias("cases_aggregated_status"),
        of(EVALUATIONS, "value").alias(EVALUATIONS),
        of(EVALUATIONS, "obs_status").alias("evaluations_aggregated_status"),
        of(PUSHED, "value").alias(PUSHED),
        of(RETURNED, "value").alias(RETURNED),
        polars::prelude::coalesce(&[returned_note(CASES), returned_note(EVALUATIONS)])
            .alias("note"),
        // A sum of figures from several editions has none.
        when(
            col("edition")
                .min()
                .eq(col("edition").max())
                .and(col("edition").null_count().eq(lit(0))),
        )
        .then(col("edition").max())
        .otherwise(null_of(DataType::String))
        .alias("edition"),
    ]))
}

/// Keeps one definition and one span for a whole column: the newest definition, then the longest
/// span (no start: since launch), so that a sum never mixes a month with the year so far.
fn one_span_per_column(cells: LazyFrame) -> PolarsResult<LazyFrame> {
    let column = [col("region"), col("period_end"), col("indicator")];
    let newest = col("definition").eq(col("definition").max().over(&column)?);
    let cells = cells.filter(newest);
    let first_start = col("period_start").min().over(&column)?;
    let has_open_start = col("period_start").is_null().any(true).over(&column)?;
    let longest = when(has_open_start)
        .then(col("period_start").is_null())
        .otherwise(col("period_start").eq(first_start));
    let cells = cells.filter(longest);
    let first_accumulation = col("accumulation").eq(col("accumulation").min().over(&column)?);
    Ok(cells.filter(first_accumulation))
}

/// Ranks the departments of one period per region and gives them their names and shares.
fn ranked(
    figures: LazyFrame,
    departments: LazyFrame,
    period: Option<&ParamValue>,
) -> PolarsResult<LazyFrame> {
    let region = [col("region")];
    let has_figures = polars::prelude::coalesce(&[
        col("cases_aggregated_status"),
        col("evaluations_aggregated_status"),
    ])
    .is_not_null();
    let latest = when(has_figures)
        .then(col("period_end"))
        .otherwise(null_of(DataType::Date))
        .max()
        .over(&region)?;
    let wanted = match period {
        Some(ParamValue::Date(date)) => lit(*date),
        _ => latest,
    };
    let descending = RankOptions { method: RankMethod::Min, descending: true };
    let total = |column: &str| col(column).sum().over(&region);
    let share = |column: &str, total: Expr| -> Expr {
        let ratio = lit(100.0) * col(column) / total.clone();
        when(total.neq(lit(0.0))).then(ratio).otherwise(null_of(DataType::Float64))
    };
    let names =
        departments.select([col("department"), col("name_zh"), col("kind"), col("official_order")]);
    let ranked = figures
        .filter(col("period_end").eq(wanted))
        .with_columns([
            col(CASES).rank(descending, None).over(&region)?.cast(DataType::Int32).alias("rank"),
            share(CASES, total(CASES)?).alias("cases_aggregated_share_pct"),
            share(EVALUATIONS, total(EVALUATIONS)?).alias("evaluations_aggregated_share_pct"),
        ])
        .join(names, [col("department")], [col("department")], JoinArgs::new(JoinType::Left))
        .with_column(
            polars::prelude::coalesce(&[col("name_zh"), col("department")])
                .alias("department_name"),
        );
    let in_order = SortMultipleOptions::default().with_nulls_last(true);
    Ok(ranked
        .sort(["region", "rank", "official_order", "department"], in_order)
        .select(RETURNS.map(col)))
}

/// The columns of the answer, in their order.
const RETURNS: [&str; 19] = [
    "region",
    "period_start",
    "period_end",
    "accumulation",
    "rank",
    "department",
    "department_name",
    "kind",
    "cases_aggregated",
    "cases_aggregated_status",
    "cases_aggregated_share_pct",
    "evaluations_aggregated",
    "evaluations_aggregated_status",
    "evaluations_aggregated_share_pct",
    "records_pushed",
    "records_returned",
    "note",
    "edition",
    "official_order",
];
