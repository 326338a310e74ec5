//! Twins of `queries/aggregation/`.

use polars::prelude::{
    DataType, Expr, JoinArgs, JoinType, LazyFrame, NULL, PolarsResult, RankMethod, RankOptions,
    SortMultipleOptions, col, len, lit, when,
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
    let cells = chosen_cells(cells)?;
    let is_counted = || is_chosen().and(is(CASES).or(is(EVALUATIONS)));
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
        returned_note(CASES).alias("cases_aggregated_note"),
        returned_note(EVALUATIONS).alias("evaluations_aggregated_note"),
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

fn is_chosen() -> Expr {
    col("is_chosen")
}

/// Chooses one definition and one span for a whole column, so that a sum never mixes a month with the
/// year so far: the newest definition, then the span that most departments have, then the longest (no
/// start: since launch). The twin of the view `cells_by_period`: departments that have the column in
/// another one only keep rows without a value, whose status says so.
fn chosen_cells(cells: LazyFrame) -> PolarsResult<LazyFrame> {
    let column = [col("region"), col("period_end"), col("indicator")];
    let one_span =
        ["region", "period_end", "indicator", "definition", "period_start", "accumulation"];
    let of_chosen = |expr: Expr| expr.filter(is_chosen());
    let still = |condition: Expr| is_chosen().and(condition).alias("is_chosen");
    let is_newest = col("definition").eq(col("definition").max().over(&column)?);
    let most = of_chosen(col("n_departments")).max().over(&column)?;
    let has_open_start = of_chosen(col("period_start").is_null()).any(true).over(&column)?;
    let first_start = of_chosen(col("period_start")).min().over(&column)?;
    let is_longest = when(has_open_start)
        .then(col("period_start").is_null())
        .otherwise(col("period_start").eq(first_start));
    let first_accumulation = of_chosen(col("accumulation")).min().over(&column)?;
    let of_department = [col("region"), col("period_end"), col("indicator"), col("department")];
    let has_none = is_chosen().any(true).over(of_department)?.not();
    let other = when(col("is_newest")).then(lit("other_span")).otherwise(lit("other_definition"));
    Ok(cells
        .with_columns([
            len().over(one_span.map(col))?.alias("n_departments"),
            is_newest.clone().alias("is_newest"),
            is_newest.alias("is_chosen"),
        ])
        .with_column(still(col("n_departments").eq(most)))
        .with_column(still(is_longest))
        .with_column(still(col("accumulation").eq(first_accumulation)))
        .filter(is_chosen().or(has_none))
        .with_columns([
            when(is_chosen())
                .then(col("value"))
                .otherwise(null_of(DataType::Float64))
                .alias("value"),
            when(is_chosen()).then(col("obs_status")).otherwise(other).alias("obs_status"),
        ]))
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
const RETURNS: [&str; 20] = [
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
    "cases_aggregated_note",
    "evaluations_aggregated_note",
    "edition",
    "official_order",
];
