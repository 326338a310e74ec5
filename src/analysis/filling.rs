//! Flows and figures that fill a time one after the other: periods that are told in parts of unlike length,
//! and what figures of a longer time leave for its last period.

use polars::prelude::{
    DataType, Expr, JoinArgs, JoinType, LazyFrame, PolarsResult, SortMultipleOptions,
    UniqueKeepStrategy, coalesce, col, len, lit, when,
};

use crate::analysis::period_flows::{
    BODY, WAY, is_told, month_no, n_months, published_first, sum_of_flows, was_returned,
};
use crate::analysis::terms::null_of;

/// Adds up flows of unlike length that fill a period which nothing of `told` tells, as January and February
/// together and March.
pub(super) fn joined(
    flows: &LazyFrame,
    told: &LazyFrame,
    n_wanted: i32,
) -> PolarsResult<LazyFrame> {
    let key = named(&["n_parts", "bucket"]);
    let month = || month_no("period_start");
    let bucket = (month() - month() % lit(n_wanted)).alias("bucket");
    let stop = || col("bucket") + lit(n_wanted);
    let is_shorter = col("n_months").lt(lit(n_wanted)).and(col("end_no").lt_eq(stop()));
    let (by, options) = published_first();
    let pieces = flows
        .clone()
        .filter(is_told())
        .with_columns([bucket, month().alias("part_start_no"), end_no()])
        .filter(is_shorter)
        .sort_by_exprs(by, options)
        .unique_stable_generic(
            Some(named(&["n_parts", "period_start", "period_end"])),
            UniqueKeepStrategy::First,
        )
        .with_columns([
            col("bucket").alias("start_no"),
            stop().alias("stop_no"),
            col("end_no").alias("part_end_no"),
        ]);
    filled(without(pieces, told, n_wanted), &key, &sum_of_flows())
}

/// Takes from figures that end with a period, and began before it, those that fill their time up to it,
/// where nothing of `told` tells the period.
pub(super) fn remainders(
    flows: &LazyFrame,
    told: &LazyFrame,
    n_wanted: i32,
) -> PolarsResult<LazyFrame> {
    let figures = figures(flows);
    let bucket = || col("end_no") - lit(n_wanted);
    let ends_period = (col("end_no") % lit(n_wanted)).eq(lit(0));
    let closings = figures
        .clone()
        .filter(ends_period.and(col("start_no").lt(bucket())))
        .with_column(bucket().alias("bucket"));
    let closings = without(closings, told, n_wanted);
    let key = named(&["n_parts", "start_no", "period_end"]);
    let rests = rests(&closings, &figures, &key)?;
    let months_before = lit(format!("-{}mo", n_wanted - 1));
    Ok(closings
        .join(rests, &key, &key, alike(JoinType::Inner))
        // Where the parts are more than the whole, one of them is wrong.
        .filter(col("opening_value").lt_eq(col("value")))
        .with_column(
            col("period_end")
                .dt()
                .month_start()
                .dt()
                .offset_by(months_before)
                .alias("period_start"),
        )
        .with_columns([
            col("value").alias("closing_value"),
            (col("value") - col("opening_value")).alias("value"),
            lit("difference").alias("made"),
            null_of(DataType::String).alias("cause"),
            lit(1).cast(DataType::Int64).alias("n_flows"),
            col("is_revised_down").or(col("rest_is_revised_down")).alias("is_revised_down"),
            col("is_approximate").or(col("rest_is_approximate")).alias("is_approximate"),
            col("edition").alias("closing_edition"),
            col("period_start").dt().offset_by(lit("-1d")).alias("opening_period_end"),
            lit(true).alias("is_rest"),
        ])
        .select(
            BODY.iter().chain(&WAY).chain(&["is_rest"]).map(|name| col(*name)).collect::<Vec<_>>(),
        ))
}

/// Figures of whole months as they were published, by their first month and the one behind their last.
fn figures(flows: &LazyFrame) -> LazyFrame {
    let begins = col("first_day").dt().day().eq(lit(1));
    let ends = col("period_end").eq(col("period_end").dt().month_end());
    let (by, options) = published_first();
    let columns = ["accumulation", "edition", "obs_status", "is_revised_down", "is_approximate"];
    let mut shown = named(&["n_parts", "start_no", "end_no", "period_end"]);
    shown.extend(columns.map(col));
    shown.push(col("published_value").alias("value"));
    flows
        .clone()
        .filter(is_told().and(was_returned().not()).and(begins).and(ends))
        .with_columns([month_no("first_day").alias("start_no"), end_no()])
        .sort_by_exprs(by, options)
        .unique_stable_generic(
            Some(named(&["n_parts", "start_no", "period_end"])),
            UniqueKeepStrategy::First,
        )
        .select(shown)
}

/// What `figures` tell of the time from the beginning of each of `closings` up to its period.
fn rests(closings: &LazyFrame, figures: &LazyFrame, key: &[Expr]) -> PolarsResult<LazyFrame> {
    let body = named(&["n_parts"]);
    let mut wanted = key.to_vec();
    wanted.push(col("bucket").alias("stop_no"));
    let mut parts = body.clone();
    parts.extend([
        col("start_no").alias("part_start_no"),
        col("end_no").alias("part_end_no"),
        col("value").alias("opening_value"),
        col("edition").alias("opening_edition"),
        col("is_revised_down").alias("rest_is_revised_down"),
        col("is_approximate").alias("rest_is_approximate"),
    ]);
    let is_within =
        col("part_start_no").gt_eq(col("start_no")).and(col("part_end_no").lt_eq(col("stop_no")));
    let parts = closings
        .clone()
        .select(wanted)
        .join(figures.clone().select(parts), &body, &body, alike(JoinType::Inner))
        .filter(is_within);
    let only_edition = when(len().eq(lit(1)))
        .then(col("opening_edition").first())
        .otherwise(null_of(DataType::String));
    let rest = [
        col("opening_value").sum(),
        only_edition.alias("opening_edition"),
        col("rest_is_revised_down").any(true),
        col("rest_is_approximate").any(true),
    ];
    filled(parts, key, &rest)
}

/// Sums up, by `key`, the longest of the parts of each time, where they fill it from `start_no` to `stop_no`
/// without overlapping. Those that a longer one contains are passed over.
fn filled(parts: LazyFrame, key: &[Expr], sums: &[Expr]) -> PolarsResult<LazyFrame> {
    let in_time = SortMultipleOptions::default().with_order_descending_multi([false, true]);
    let reached = col("part_end_no").cum_max(false).shift(lit(1)).over(key)?;
    let mut aggregates = sums.to_vec();
    aggregates.extend([
        col("part_end_no").max(),
        col("stop_no").first(),
        col("part_start_no").eq(col("next_no")).all(true).alias("is_gapless"),
    ]);
    Ok(parts
        .sort_by_exprs(["part_start_no", "part_end_no"].map(col), in_time)
        .with_column(coalesce(&[reached, col("start_no")]).alias("next_no"))
        .filter(col("part_end_no").gt(col("next_no")))
        .group_by(key)
        .agg(aggregates)
        .filter(col("is_gapless").and(col("part_end_no").eq(col("stop_no")))))
}

/// Leaves out rows of periods of the frequency, by their first month `bucket`, that `told` tells.
fn without(rows: LazyFrame, told: &LazyFrame, n_wanted: i32) -> LazyFrame {
    let key = named(&["bucket"]);
    let is_whole = n_months().eq(lit(n_wanted)).and(col("value").is_not_null());
    let told = told.clone().filter(is_whole).with_column(month_no("period_start").alias("bucket"));
    rows.join(told.select(key.clone()), &key, &key, alike(JoinType::Anti))
}

/// The month behind the last one of a flow or figure.
fn end_no() -> Expr {
    (month_no("period_end") + lit(1)).alias("end_no")
}

/// Whose figures they are and what they count, and other columns.
fn named(others: &[&str]) -> Vec<Expr> {
    BODY.iter().chain(others).map(|name| col(*name)).collect()
}

/// A join in which what is not told is alike.
fn alike(how: JoinType) -> JoinArgs {
    JoinArgs { nulls_equal: true, ..JoinArgs::new(how) }
}
