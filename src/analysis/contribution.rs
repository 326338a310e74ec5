//! The twin of `aggregation/contribution`.

use polars::prelude::{
    DataType, Expr, JoinArgs, JoinType, LazyFrame, PolarsResult, SortMultipleOptions,
    UniqueKeepStrategy, coalesce, col, len, lit, when,
};

use crate::analysis::amounts::amounts;
use crate::analysis::compared::if_compared;
use crate::analysis::noted::{is_mixed, recounted, resubmitted};
use crate::analysis::terms::{answer, is_one_of, null_of, percent, sum_of_known, with_departments};
use crate::analysis::{Inputs, Plan};

/// What each department contributed to the change of the total, with and without the largest.
pub(super) fn contribution(inputs: &Inputs<'_>) -> Plan {
    let indicator = inputs.text("indicator").unwrap_or_default();
    let is_newest = col("definition").eq_missing(col("newest_definition"));
    let is_of_unit = || col("unit").eq_missing(col("common_unit"));
    let told = |is_alike: Expr, name: &str| {
        when(is_alike).then(col(name)).otherwise(null_of(DataType::Float64)).alias(name)
    };
    let is_approximate = ["is_amount_approximate", "base_is_amount_approximate"]
        .into_iter()
        .fold(lit(false), |found, name| found.or(col(name).fill_null(lit(false))));
    let rows = with_late(amounts(inputs, indicator)?, inputs, indicator)?
        .with_columns([
            why_not_compared().alias("cause"),
            told(is_newest.and(is_of_unit()), "value"),
            told(is_of_unit(), "base_value"),
            col("is_revised_down").or(col("base_is_revised_down")).alias("is_revised_down"),
            is_approximate.alias("is_approximate"),
            lit(indicator).alias("indicator"),
        ])
        .with_column(
            if_compared(col("value") - col("base_value"), DataType::Float64).alias("change"),
        );
    let rows = with_shares(largest_first(with_departments(rows, inputs)?)?)?;
    let rows = with_notes(with_beginnings(rows, inputs)?, inputs, indicator)?;
    Ok(answer(
        rows,
        &["region", "position", "official_order", "department"],
        [
            "region",
            "period_start",
            "period_end",
            "base_period_start",
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
            "is_approximate",
            "contribution_pct",
            "contribution_without_largest_pct",
            "growth_points",
            "total_change",
            "total_change_without_largest",
            "total_growth_pct",
            "n_compared",
            "n_departments",
            "definition_began",
            "recount",
            "official_order",
        ],
    ))
}

/// Adds the day within one of the two periods of a region on which a definition of the indicator began.
fn with_beginnings(rows: LazyFrame, inputs: &Inputs<'_>) -> Plan {
    let ends = ["period_start", "period_end", "base_period_start", "base_period_end"];
    let [indicator, region] = ["indicator", "region"].map(|name| [col(name)]);
    let mut columns = vec![col("region"), col("indicator")];
    columns.extend(ends.map(col));
    let is_within = |start: &str, end: &str| {
        col("valid_from").gt(col(start)).and(col("valid_from").lt_eq(col(end)))
    };
    let definitions = inputs.scan("indicators")?.select([col("indicator"), col("valid_from")]);
    let is_begun = is_within("period_start", "period_end")
        .or(is_within("base_period_start", "base_period_end"));
    let begun = rows
        .clone()
        .select(columns)
        .join(definitions, &indicator, &indicator, JoinArgs::new(JoinType::Inner))
        .filter(is_begun)
        .group_by(&region)
        .agg([col("valid_from").max().alias("definition_began")]);
    Ok(rows.join(begun, &region, &region, JoinArgs::new(JoinType::Left)))
}

/// Adds what a note says of figures being counted otherwise, under a table of figures after the base, where
/// it stands under none up to the base; or within the base, where that took away a figure counted as before.
fn with_notes(rows: LazyFrame, inputs: &Inputs<'_>, indicator: &str) -> Plan {
    let region = [col("region")];
    let of_departments = col("department").is_not_null().and(col("breakdown").is_null());
    let noted = recounted(inputs, indicator)?
        .filter(of_departments)
        .select(["region", "accumulation", "first_day", "noted_end", "found"].map(col));
    let is_after = col("noted_end").gt(col("base_period_end"));
    let is_before = col("noted_end").lt(col("base_period_start"));
    let is_state = col("accumulation").eq(lit("point"));
    let is_new = is_after.or(is_mixed("base_period_start").and(is_before.or(is_state).not()));
    let recounts = periods_of(&rows)
        .join(noted, &region, &region, JoinArgs::new(JoinType::Inner))
        .filter(col("noted_end").lt_eq(col("period_end")))
        .group_by(["region", "found"].map(col))
        .agg([is_new.all(true).alias("is_new")])
        .filter(col("is_new"))
        .group_by(&region)
        .agg([col("found").max().alias("recount")]);
    Ok(rows.join(recounts, &region, &region, JoinArgs::new(JoinType::Left)))
}

/// Adds `is_resubmitted`, where a note says that figures of a department within one of the two periods hold
/// data that came late or once more.
fn with_late(rows: LazyFrame, inputs: &Inputs<'_>, indicator: &str) -> Plan {
    let region = [col("region")];
    let body = ["region", "department"].map(col);
    let noted = resubmitted(inputs, indicator)?
        .filter(col("department").is_not_null().and(col("breakdown").is_null()))
        .select(["region", "department", "noted_end"].map(col));
    let is_within = |start: &str, end: &str| {
        col("noted_end").gt_eq(col(start)).and(col("noted_end").lt_eq(col(end)))
    };
    let late = periods_of(&rows)
        .join(noted, &region, &region, JoinArgs::new(JoinType::Inner))
        .filter(
            is_within("period_start", "period_end")
                .or(is_within("base_period_start", "base_period_end")),
        )
        .select(&body)
        .unique_generic(None, UniqueKeepStrategy::Any)
        .with_column(lit(true).alias("is_resubmitted"));
    Ok(rows
        .join(late, &body, &body, JoinArgs::new(JoinType::Left))
        .with_column(col("is_resubmitted").fill_null(lit(false))))
}

/// The two periods of each region.
fn periods_of(rows: &LazyFrame) -> LazyFrame {
    let days = ["period_start", "period_end", "base_period_start", "base_period_end"];
    let columns = [&["region"][..], &days].concat().into_iter().map(col).collect::<Vec<_>>();
    rows.clone().select(columns).unique_generic(None, UniqueKeepStrategy::Any)
}

/// Why the amount of a department is not set against that of the base; null where it is.
fn why_not_compared() -> Expr {
    let has_value = || col("value").is_not_null();
    let has_none = |cause: &str| is_one_of(cause, &["missing", "not_applicable"]);
    // There is a figure at the end, and it is not of this period alone.
    let or_longer = |cause: &str| coalesce(&[col(cause), lit("longer_span")]);
    when(col("is_there").not())
        .then(lit("not_in_period"))
        // What was sent back is no fall, and what came again afterwards no growth.
        .when(col("is_returned"))
        .then(lit("returned"))
        .when(has_value().not().and(col("is_revised_down")))
        .then(lit("revised_down"))
        .when(has_value().not().and(has_none("cause")))
        .then(lit("no_figure"))
        .when(has_value().not())
        .then(or_longer("cause"))
        .when(col("definition").neq(col("newest_definition")))
        .then(lit("other_definition"))
        .when(col("unit").neq(col("common_unit")))
        .then(lit("other_unit"))
        .when(col("base_is_returned"))
        .then(lit("returned"))
        .when(col("base_value").is_not_null().and(col("is_resubmitted")))
        .then(lit("resubmitted"))
        .when(col("base_value").is_not_null())
        .then(null_of(DataType::String))
        .when(col("n_bases_of_unit").gt(lit(0)))
        .then(lit("departments_changed"))
        .when(col("n_bases_of_definition").gt(lit(0)))
        .then(lit("unit_changed"))
        .when(col("n_bases").gt(lit(0)))
        .then(lit("definition_changed"))
        .when(col("base_is_there").not())
        .then(lit("no_earlier_figure"))
        .when(col("base_is_revised_down"))
        .then(lit("revised_down"))
        .when(has_none("base_cause"))
        .then(lit("no_earlier_figure"))
        .otherwise(or_longer("base_cause"))
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
