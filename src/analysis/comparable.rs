//! Published figures under the departments and regions that took over: the twin of the view
//! `observations_comparable`, as far as analyses need its columns.

use polars::prelude::{
    DataType, Expr, JoinArgs, JoinType, LazyFrame, NULL, PolarsResult, coalesce, col, concat_str,
    len, lit, when,
};

use crate::analysis::terms::is_unknown;
use crate::analysis::{Inputs, Plan};
use crate::table::FIGURE_KEY;

/// What figures have in common that fall on one another under the last successor.
const CLAIM: [&str; 9] = [
    "indicator",
    "definition",
    "comparable_department",
    "comparable_region",
    "breakdown",
    "accumulation",
    "period_start",
    "period_end",
    "origin",
];

/// Returns `latest` under the departments and regions that took over: the key of a figure with
/// `value`, `value_text`, `unit`, `obs_status`, `qualifier`, `place`, `printed`, `edition`, `batch`, `note`
/// and `n_parts`.
pub(super) fn comparable(inputs: &Inputs<'_>, latest: LazyFrame) -> Plan {
    let regions = inputs.scan("region_successors")?;
    let departments = inputs.scan("department_successors")?;
    let indicators = inputs.scan("indicators")?;
    let placed = placed(latest, regions, departments, indicators);
    Ok(added_up(treated(placed)?))
}

/// Finds where the chain of every figure's department and region ends.
fn placed(
    latest: LazyFrame,
    regions: LazyFrame,
    departments: LazyFrame,
    indicators: LazyFrame,
) -> LazyFrame {
    let left = || JoinArgs::new(JoinType::Left);
    let regions = regions.select([
        col("region"),
        col("successor").alias("next_region"),
        col("n_steps").alias("region_steps"),
        col("is_sole").alias("is_sole_region"),
    ]);
    let departments = departments.select([
        col("region").alias("comparable_region"),
        col("department"),
        col("successor").alias("next_department"),
        col("n_steps").alias("department_steps"),
        col("is_sole").alias("is_sole_department"),
    ]);
    let kinds = indicators.select([col("indicator"), col("definition"), col("kind")]);
    let body = [col("comparable_region"), col("department")];
    let definition = [col("indicator"), col("definition")];
    let or = |name: &str, otherwise: Expr| coalesce(&[col(name), otherwise]);
    latest
        .join(regions, [col("region")], [col("region")], left())
        .with_column(or("next_region", col("region")).alias("comparable_region"))
        .join(departments, body.clone(), body, left())
        .join(kinds, definition.clone(), definition, left())
        .with_columns([
            or("next_department", col("department")).alias("comparable_department"),
            (or("region_steps", lit(0)) + or("department_steps", lit(0))).alias("n_steps"),
            or("is_sole_region", lit(true))
                .and(or("is_sole_department", lit(true)))
                .alias("is_sole"),
            or("kind", lit("unknown"))
                .eq(lit("stock"))
                .or(or("kind", lit("unknown")).eq(lit("flow")))
                .alias("is_count"),
        ])
}

/// Decides which figures are shown under the last successor, and which of them are added up.
fn treated(placed: LazyFrame) -> PolarsResult<LazyFrame> {
    let figure = CLAIM.map(col);
    let is_one = |name: &str| -> PolarsResult<Expr> {
        Ok(col(name).min().over(&figure)?.eq(col(name).max().over(&figure)?))
    };
    let n_claims = len().over(&figure)?;
    let has_text = col("value_text").is_not_null().any(true).over(&figure)?;
    let is_added = n_claims
        .clone()
        .gt(lit(1))
        .and(col("is_count"))
        .and(has_text.not())
        .and(is_one("unit")?)
        .and(is_one("edition")?.or(is_one("n_steps")?));
    let is_moved =
        n_claims.eq(lit(1)).and(col("n_steps").gt(lit(0))).and(col("is_count").or(col("is_sole")));
    let shown = |own: &str, successor: &str| {
        when(col("is_successor_shown")).then(col(successor)).otherwise(col(own)).alias(own)
    };
    let decided = placed.with_column(is_added.or(is_moved).alias("is_successor_shown"));
    Ok(decided.with_columns([
        shown("department", "comparable_department"),
        shown("region", "comparable_region"),
    ]))
}

/// Adds up the figures that have one key now. Most are alone with theirs.
fn added_up(shown: LazyFrame) -> LazyFrame {
    let is = |status: &str| col("obs_status").eq(lit(status));
    let summed = shown.group_by(FIGURE_KEY.map(col)).agg([
        len().cast(DataType::Int32).alias("n_parts"),
        is_unknown("value", "obs_status").sum().alias("n_unknown"),
        is("not_applicable").sum().alias("n_not_applicable"),
        is("returned").sum().alias("n_returned"),
        is("estimated").sum().alias("n_estimated"),
        // Without any value there is no sum, where Polars would say 0.
        col("value").is_not_null().any(true).alias("has_value"),
        col("value").sum().alias("total"),
        col("obs_status").max(),
        col("value_text").max(),
        col("unit").max(),
        col("qualifier").min().alias("first_qualifier"),
        col("qualifier").max().alias("last_qualifier"),
        col("place").max(),
        col("printed").max(),
        col("edition").min().alias("first_edition"),
        col("edition").max().alias("last_edition"),
        col("batch").min().alias("first_batch"),
        col("batch").max().alias("last_batch"),
        col("note").drop_nulls().n_unique().alias("n_notes"),
        col("note").min().alias("first_note"),
        col("note").max().alias("last_note"),
        col("is_approximate").any(true),
    ]);
    let is_known = col("n_unknown").eq(lit(0)).and(col("has_value"));
    let text = || lit(NULL).cast(DataType::String);
    let of_one =
        |name: &str| when(col("n_parts").eq(lit(1))).then(col(name)).otherwise(text()).alias(name);
    let both_notes = concat_str([col("first_note"), lit("；"), col("last_note")], "", false);
    summed.with_columns([
        when(is_known)
            .then(col("total"))
            .otherwise(lit(NULL).cast(DataType::Float64))
            .alias("value"),
        status().alias("obs_status"),
        when(col("first_qualifier").eq(col("last_qualifier")))
            .then(col("first_qualifier"))
            .when(col("first_qualifier").is_not_null())
            .then(lit("ambiguous"))
            .otherwise(text())
            .alias("qualifier"),
        of_one("place"),
        of_one("printed"),
        when(col("first_edition").eq(col("last_edition")))
            .then(col("first_edition"))
            .otherwise(text())
            .alias("edition"),
        when(col("first_batch").eq(col("last_batch")))
            .then(col("first_batch"))
            .otherwise(text())
            .alias("batch"),
        when(col("n_notes").eq(lit(1)))
            .then(col("first_note"))
            .when(col("n_notes").eq(lit(2)))
            .then(both_notes)
            .otherwise(text())
            .alias("note"),
    ])
}

/// What a sum is, by what its parts are.
fn status() -> Expr {
    let returned = || col("n_returned").gt(lit(0));
    when(col("n_parts").eq(lit(1)))
        .then(col("obs_status"))
        .when(col("n_unknown").gt(lit(0)).and(col("has_value").not()))
        .then(lit("missing"))
        .when(col("n_unknown").gt(lit(0)))
        .then(lit("partly_missing"))
        .when(col("n_not_applicable").eq(col("n_parts")))
        .then(lit("not_applicable"))
        .when((col("n_returned") + col("n_not_applicable")).eq(col("n_parts")))
        .then(lit("returned"))
        .when(returned())
        .then(lit("partly_returned"))
        .when(col("n_estimated").gt(lit(0)))
        .then(lit("estimated"))
        .otherwise(lit("reported"))
}
