//! The latest period of an indicator beside the period before and the same day of the year before.

use polars::prelude::{
    DataType, Expr, JoinArgs, JoinCoalesce, JoinType, LazyFrame, RankMethod, RankOptions, coalesce,
    col, lit, when,
};

use crate::analysis::cells::cells_by_period;
use crate::analysis::terms::{null_of, with_departments};
use crate::analysis::{Inputs, Plan};

/// What is set side by side.
const BODY: [&str; 2] = ["region", "department"];
/// What periods a region has.
const ENDS: [&str; 4] = ["current_end", "previous_end", "year_before_end", "has_same_day"];

/// A year in the numbers of days.
const A_YEAR: i32 = 10_000;

/// Returns one row per region, department and period of `indicator`, up to the period that is asked for:
/// `value`, `is_approximate`, `obs_status`, `definition`, `accumulation` and `counted_from`, the day from
/// which the figure counts; with the last days of the region's latest period, `current_end`, of the one
/// before, `previous_end`, and of the year before, `year_before_end`: the same day, `has_same_day`, else
/// the last of that month.
///
/// A region that does not have the period that is asked for has no rows.
pub(super) fn periods(inputs: &Inputs<'_>, indicator: &str) -> Plan {
    let asked = inputs.date("period");
    let mut cells = cells_by_period(inputs, &[indicator])?;
    if let Some(day) = asked {
        cells = cells.filter(col("period_end").lt_eq(lit(day)));
    }
    let chosen = |name: &str| col(name).filter(col("is_chosen")).max().alias(name);
    let rows = cells.with_column(counted_from().alias("counted_from"));
    // Spans that were not chosen leave a department one row without a value.
    let rows = rows.group_by(["region", "department", "period_end"].map(col)).agg([
        col("value").max(),
        col("is_approximate").any(true),
        col("obs_status").max(),
        chosen("definition"),
        chosen("accumulation"),
        chosen("counted_from"),
    ]);
    let region = [col("region")];
    let end = || col("period_end");
    let current = || col("current_end");
    let is_month_of_year_before = (end().dt().year() + lit(1))
        .eq(current().dt().year())
        .and(end().dt().month().eq(current().dt().month()));
    // The last day of February is one day, whichever the year.
    let is_last = |day: Expr| day.clone().eq(day.dt().month_end());
    let is_same_day =
        end().dt().day().eq(current().dt().day()).or(is_last(end()).and(is_last(current())));
    let last = |condition: Expr| end().filter(condition).max().over(&region);
    let rows = rows
        .with_column(end().max().over(&region)?.alias("current_end"))
        .with_columns([
            last(end().lt(current()))?.alias("previous_end"),
            last(is_month_of_year_before.clone())?.alias("month_before_end"),
            last(is_month_of_year_before.and(is_same_day))?.alias("day_before_end"),
        ])
        .with_columns([
            coalesce(&[col("day_before_end"), col("month_before_end")]).alias("year_before_end"),
            col("day_before_end").is_not_null().alias("has_same_day"),
        ]);
    Ok(match asked {
        Some(day) => rows.filter(current().eq(lit(day))),
        None => rows,
    })
}

/// The day from which a figure counts; null for a state, and since launch.
fn counted_from() -> Expr {
    let is = |accumulation: &str| col("accumulation").eq(lit(accumulation));
    // A year to date begins in January, whether its first day is told or not.
    let january = col("period_end").dt().truncate(lit("1y"));
    when(is("point"))
        .then(null_of(DataType::Date))
        .when(is("year_to_date"))
        .then(coalesce(&[col("period_start"), january]))
        .otherwise(col("period_start"))
}

/// Adds to every row its place within its kind of departments, `rank`, which equal figures share, and
/// `kind`. A department without a figure has no rank.
pub(super) fn ranked_by_kind(rows: LazyFrame, inputs: &Inputs<'_>) -> Plan {
    let peers = ["region", "period_end", "kind"].map(col);
    let options = RankOptions { method: RankMethod::Min, descending: true };
    let rank = col("value").rank(options, None).over(peers)?.cast(DataType::Int32);
    Ok(with_departments(rows, inputs)?.with_column(rank.alias("rank")))
}

/// Returns the rows of the period that ends on the day in `end`, with `columns` under the names given.
pub(super) fn rows_of(rows: &LazyFrame, end: &str, columns: &[(&str, &str)]) -> LazyFrame {
    let named = columns.iter().map(|(name, other)| col(*name).alias(*other));
    let columns: Vec<Expr> = BODY.iter().map(|name| col(*name)).chain(named).collect();
    rows.clone().filter(col("period_end").eq(col(end))).select(columns)
}

/// Joins rows of two periods, where a department may stand in one of them only, and adds the last days
/// of the periods of its region.
pub(super) fn side_by_side(rows: &LazyFrame, current: LazyFrame, base: LazyFrame) -> LazyFrame {
    let region = [col("region")];
    let ends = rows
        .clone()
        .group_by(region.clone())
        .agg(ENDS.map(|name| col(name).max()))
        .with_column(col("current_end").alias("period_end"));
    let either = JoinArgs::new(JoinType::Full).with_coalesce(JoinCoalesce::CoalesceColumns);
    current.join(base, BODY.map(col), BODY.map(col), either).join(
        ends,
        &region,
        &region,
        JoinArgs::new(JoinType::Inner),
    )
}

/// Adds to the rows of departments what `other` has of them.
pub(super) fn beside(rows: LazyFrame, other: LazyFrame) -> LazyFrame {
    rows.join(other, BODY.map(col), BODY.map(col), JoinArgs::new(JoinType::Left))
}

/// Why a figure is not set against the one before, `previous_…`; null where it is.
pub(super) fn why_not_compared() -> Expr {
    let differs = |name: &str| col(format!("previous_{name}")).neq(col(name));
    when(col("obs_status").is_null())
        .then(lit("not_in_period"))
        .when(col("value").is_null())
        .then(lit("no_figure"))
        .when(col("previous_value").is_null())
        .then(lit("no_earlier_figure"))
        .when(differs("definition"))
        .then(lit("definition_changed"))
        // What is counted from another day on began at 0 again.
        .when(differs("counted_from"))
        .then(lit("reset"))
        .otherwise(null_of(DataType::String))
}

/// Why a figure is not set against that of the year before, `year_before_…`; null where it is.
pub(super) fn why_not_compared_on_year() -> Expr {
    let differs = |name: &str| col(format!("year_before_{name}")).neq(col(name));
    let this_year = day_number(col("counted_from"));
    let year_before = || day_number(col("year_before_counted_from"));
    let is_from_same_day =
        this_year.clone().eq(year_before()).or(this_year.eq(year_before() + lit(A_YEAR)));
    when(col("obs_status").is_null())
        .then(lit("not_in_period"))
        .when(col("value").is_null())
        .then(lit("no_figure"))
        .when(col("year_before_value").is_null())
        .then(lit("no_earlier_figure"))
        .when(differs("definition"))
        .then(lit("definition_changed"))
        // A year counts from its own first day.
        .when(differs("accumulation").or(is_from_same_day.not()))
        .then(lit("other_span"))
        .when(col("has_same_day").not())
        .then(lit("other_day"))
        .otherwise(null_of(DataType::String))
}

/// A day as a number of eight digits; 0 where there is none.
fn day_number(day: Expr) -> Expr {
    let number = |part: Expr| part.cast(DataType::Int32);
    let month_and_day =
        number(day.clone().dt().month()) * lit(100) + number(day.clone().dt().day());
    coalesce(&[number(day.dt().year()) * lit(A_YEAR) + month_and_day, lit(0)])
}

/// `value` where the row can be compared.
pub(super) fn if_compared(value: Expr, data_type: DataType) -> Expr {
    when(col("cause").is_null()).then(value).otherwise(null_of(data_type))
}

/// Places gained since the period before, negative where lost.
pub(super) fn rank_change() -> Expr {
    if_compared(col("previous_rank") - col("rank"), DataType::Int32)
}
