//! The twin of `aggregation/period_flows`.

use polars::prelude::{
    DataType, Expr, FillNullStrategy, JoinArgs, JoinType, LazyFrame, NULL, PolarsResult,
    SortMultipleOptions, SortOptions, UnionArgs, UniqueKeepStrategy, WindowMapping, coalesce, col,
    concat_lf_diagonal, len, lit, when,
};

use crate::analysis::filling::{joined, remainders};
use crate::analysis::flows::{CHAIN, period_flows as published_flows};
use crate::analysis::noted::{doubts, with_doubts};
use crate::analysis::terms::{answer, is_one_of, null_of, with_departments};
use crate::analysis::{Inputs, Plan};

/// Whose figures they are and what they count.
pub(super) const BODY: [&str; 5] = ["region", "department", "breakdown", "definition", "unit"];
/// A body and a time, which several published figures may tell of.
const SPAN: [&str; 7] =
    ["region", "department", "breakdown", "definition", "unit", "period_start", "period_end"];

/// What was added in each period of the frequency alone.
pub(super) fn period_flows(inputs: &Inputs<'_>) -> Plan {
    let indicator = inputs.text("indicator").unwrap_or_default();
    let n_wanted = match inputs.text("frequency") {
        Some("month") => Some(1),
        Some("quarter") => Some(3),
        Some("half") => Some(6),
        Some("year") => Some(12),
        _ => None,
    };
    let mut flows = published_flows(inputs, col("indicator").eq(lit(indicator)))?;
    for name in ["department", "region"] {
        if let Some(wanted) = inputs.text(name) {
            flows = flows.filter(col(name).eq(lit(wanted)));
        }
    }
    let flows = flows.with_column(n_months().alias("n_months"));
    let ways = match n_wanted {
        Some(n_wanted) => ways(&flows, n_wanted)?,
        None => steps(flows, None)?.with_column(lit(false).alias("is_rest")),
    };
    let rows = placed(chosen_way(ways)?, n_wanted)?;
    let mut rows = with_doubts(rows, doubts(inputs, indicator)?);
    if let Some(first) = inputs.date("since") {
        rows = rows.filter(col("period_end").gt_eq(lit(first)));
    }
    if let Some(last) = inputs.date("until") {
        rows = rows.filter(col("period_end").lt_eq(lit(last)));
    }
    named(rows, inputs, indicator)
}

/// All ways in which flows tell what was added. Those that take figures of unlike length are looked for only
/// where no other tells a period.
fn ways(flows: &LazyFrame, n_wanted: i32) -> PolarsResult<LazyFrame> {
    let and =
        |told: LazyFrame, more: LazyFrame| concat_lf_diagonal([told, more], UnionArgs::default());
    let told = and(steps(flows.clone(), Some(n_wanted))?, sums(flows.clone(), n_wanted))?;
    let more = and(joined(flows, &told, n_wanted)?, remainders(flows, &told, n_wanted)?)?;
    and(told, more)
}

/// Whole months of a flow; null where it is not of whole months.
pub(super) fn n_months() -> Expr {
    let begins = col("period_start").dt().day().eq(lit(1));
    let ends = col("period_end").eq(col("period_end").dt().month_end());
    when(begins.and(ends))
        .then(month_no("period_end") - month_no("period_start") + lit(1))
        .otherwise(null_of(DataType::Int32))
}

/// Months since the year 0: one in which a period of the frequency begins is a multiple of its length.
pub(super) fn month_no(day: &str) -> Expr {
    let month = col(day).dt().month().cast(DataType::Int32);
    col(day).dt().year() * lit(12) + month - lit(1)
}

pub(super) fn is_told() -> Expr {
    col("made").neq(lit("none"))
}

/// Whether records were sent back, so that the figure is not what was done.
pub(super) fn was_returned() -> Expr {
    is_one_of("obs_status", &["returned", "partly_returned"])
}

/// The cause of a value where records were sent back.
fn returned_where(condition: Expr) -> Expr {
    when(condition).then(lit("returned")).otherwise(null_of(DataType::String))
}

/// Steps between published figures, put together up to the next figure that ends with a period of the
/// frequency.
fn steps(flows: LazyFrame, n_wanted: Option<i32>) -> PolarsResult<LazyFrame> {
    let ends_period = match n_wanted {
        Some(n_wanted) => col("period_end")
            .eq(col("period_end").dt().month_end())
            .and(((month_no("period_end") + lit(1)) % lit(n_wanted)).eq(lit(0))),
        None => lit(true),
    };
    let chain: Vec<Expr> = CHAIN.iter().map(|name| col(*name)).collect();
    let end = when(is_told().and(ends_period)).then(col("period_end")).otherwise(lit(NULL));
    let next_end =
        end.fill_null_with_strategy(FillNullStrategy::Backward(None)).over_with_options(
            Some(chain.clone()),
            Some((vec![col("period_end")], SortOptions::default())),
            WindowMapping::GroupsToRows,
        )?;
    let step = when(is_told()).then(next_end).otherwise(col("period_end"));
    let mut key = chain;
    key.extend([col("step_end"), is_told().alias("is_told")]);
    let in_time = SortMultipleOptions::default();
    let steps = flows
        .with_column(step.alias("step_end"))
        .sort_by_exprs([col("period_end")], in_time.with_maintain_order(true))
        .group_by_stable(key)
        .agg([
            col("period_start").min(),
            // The last one says where the step ends, the first one where it begins.
            col("period_end").last(),
            col("published_value").last().alias("closing_value"),
            col("edition").last().alias("closing_edition"),
            col("obs_status").last(),
            col("opening_period_end").first(),
            col("opening_value").first(),
            col("opening_edition").first(),
            len().cast(DataType::Int64).alias("n_flows"),
            col("made").eq(lit("stated")).any(true).alias("has_beginning"),
            // A return says something of the figure at the end only, which tells itself whether there was one.
            col("cause").filter(col("cause").neq(lit("returned"))).max(),
            col("is_revised_down").any(true),
            col("is_approximate").any(true),
        ]);
    Ok(as_ways(steps))
}

/// Says of every step how its value is made: the closing figure itself, not the sum of what it consists
/// of, so that no digit is lost on the way.
fn as_ways(steps: LazyFrame) -> LazyFrame {
    let of_difference = |name: &str, data_type: DataType| {
        let is_difference = col("made").eq(lit("difference"));
        when(is_difference).then(col(name)).otherwise(null_of(data_type)).alias(name)
    };
    let made = when(col("is_told").not())
        .then(lit("none"))
        .when(col("has_beginning"))
        .then(lit("stated"))
        .otherwise(lit("difference"));
    let value = when(col("made").eq(lit("stated")))
        .then(col("closing_value"))
        .when(col("made").eq(lit("difference")))
        .then(col("closing_value") - col("opening_value"))
        .otherwise(null_of(DataType::Float64));
    let columns = BODY.iter().chain(&WAY).map(|name| col(*name)).collect::<Vec<_>>();
    steps
        .with_column(made.alias("made"))
        .with_column(value.alias("value"))
        .with_columns([
            coalesce(&[col("cause"), returned_where(was_returned())]).alias("cause"),
            of_difference("opening_period_end", DataType::Date),
            of_difference("opening_value", DataType::Float64),
            of_difference("opening_edition", DataType::String),
        ])
        .select(columns)
}

/// What is said of one way in which published figures tell a flow.
pub(super) const WAY: [&str; 15] = [
    "accumulation",
    "period_start",
    "period_end",
    "value",
    "made",
    "cause",
    "n_flows",
    "is_revised_down",
    "is_approximate",
    "closing_value",
    "closing_edition",
    "obs_status",
    "opening_period_end",
    "opening_value",
    "opening_edition",
];

/// Shorter periods that were published each by itself, added up where all of them are there and are of as
/// many departments.
fn sums(flows: LazyFrame, n_wanted: i32) -> LazyFrame {
    let n_months = || col("n_months");
    let divides = (lit(n_wanted) % n_months()).eq(lit(0));
    let is_aligned = (month_no("period_start") % n_months()).eq(lit(0));
    let is_part = n_months().lt(lit(n_wanted)).and(divides).and(is_aligned);
    let month = month_no("period_end");
    let bucket = (month.clone() - month % lit(n_wanted)).alias("bucket");
    let (by, options) = published_first();
    let mut key: Vec<Expr> = BODY.iter().map(|name| col(*name)).collect();
    key.extend([n_months(), col("n_parts"), bucket]);
    let mut span = SPAN.map(col).to_vec();
    span.push(col("n_parts"));
    flows
        .filter(is_told().and(is_part))
        .sort_by_exprs(by, options)
        .unique_stable_generic(Some(span), UniqueKeepStrategy::First)
        .group_by(key)
        .agg(sum_of_flows())
        .filter((col("n_flows") * n_months().cast(DataType::Int64)).eq(lit(n_wanted)))
}

/// Several flows put together.
pub(super) fn sum_of_flows() -> [Expr; 10] {
    let any_returned = || was_returned().any(true);
    [
        lit("period").alias("accumulation"),
        col("period_start").min(),
        col("period_end").max(),
        col("value").sum(),
        lit("sum").alias("made"),
        len().cast(DataType::Int64).alias("n_flows"),
        col("is_revised_down").any(true),
        col("is_approximate").any(true),
        returned_where(any_returned()).alias("cause"),
        when(any_returned())
            .then(lit("partly_returned"))
            .otherwise(lit("reported"))
            .alias("obs_status"),
    ]
}

/// The order in which of several that are about the same time the one that stands as it was published is
/// first.
pub(super) fn published_first() -> ([Expr; 3], SortMultipleOptions) {
    let by = [col("made").eq(lit("stated")), col("accumulation"), col("cumulative_start")];
    let options = SortMultipleOptions::default()
        .with_order_descending_multi([true, true, false])
        .with_nulls_last_multi([true, true, false]);
    (by, options)
}

/// Keeps one of the ways in which a time is told, and says how many there are and how far apart.
fn chosen_way(ways: LazyFrame) -> PolarsResult<LazyFrame> {
    let span = SPAN.map(col);
    let place = |made: &str| col("made").neq(lit(made));
    let is_rest = || col("is_rest").fill_null(lit(false));
    // False goes before true: what was published, then a difference, then a sum, then what is left of a longer
    // time, then what is not told.
    let order = [
        place("stated"),
        place("difference").or(is_rest()),
        place("sum"),
        is_rest().not(),
        col("accumulation"),
        col("n_flows"),
        col("opening_period_end"),
        col("closing_value"),
        col("value"),
    ];
    let best_first = SortMultipleOptions::default()
        // A figure of the year before one since launch, which rounds more and is revised more.
        .with_order_descending_multi([false, false, false, false, true, false, false, false, false])
        .with_nulls_last_multi([true, true, true, true, true, true, false, true, true]);
    let values = || col("value");
    Ok(ways
        .with_columns([
            values().count().over(&span)?.cast(DataType::Int64).alias("n_ways"),
            (values().max() - values().min()).over(&span)?.alias("ways_difference"),
        ])
        .sort_by_exprs(order, best_first)
        .unique_stable_generic(Some(span.to_vec()), UniqueKeepStrategy::First))
}

/// Says which flows are one period of the frequency, and leaves out parts of one that is told as a
/// whole.
fn placed(ways: LazyFrame, n_wanted: Option<i32>) -> PolarsResult<LazyFrame> {
    let ways = ways.with_column(n_months().alias("n_months"));
    let Some(n_wanted) = n_wanted else {
        return Ok(ways.with_column(is_told().alias("is_whole")));
    };
    let bucket = |day: &str| month_no(day) - month_no(day) % lit(n_wanted);
    let is_period = col("n_months")
        .eq(lit(n_wanted))
        .and((month_no("period_start") % lit(n_wanted)).eq(lit(0)));
    let mismatch = when(col("first_bucket").neq(col("last_bucket")))
        .then(lit("longer_span"))
        .when(col("n_months").fill_null(lit(0)).neq(lit(n_wanted)))
        .then(lit("incomplete"))
        .otherwise(null_of(DataType::String));
    let mut period: Vec<Expr> = BODY.iter().map(|name| col(*name)).collect();
    period.push(col("last_bucket"));
    let is_told_whole = col("is_whole").any(true).over(period)?;
    let is_part = col("first_bucket").eq(col("last_bucket")).fill_null(lit(false));
    let is_covered = is_part.and(col("is_whole").not()).and(is_told_whole);
    Ok(ways
        .with_columns([
            bucket("period_start").alias("first_bucket"),
            bucket("period_end").alias("last_bucket"),
            is_told().and(is_period.fill_null(lit(false))).alias("is_whole"),
        ])
        .with_column(coalesce(&[col("cause"), mismatch]).alias("cause"))
        .filter(is_covered.not()))
}

fn named(rows: LazyFrame, inputs: &Inputs<'_>, indicator: &str) -> Plan {
    let names = inputs
        .scan("indicators")?
        .filter(col("indicator").eq(lit(indicator)))
        .select([col("definition"), col("name_zh").alias("indicator_name")]);
    let definition = [col("definition")];
    let month = |day: &str| col(day).dt().month_start();
    let rows =
        rows.join(names, &definition, &definition, JoinArgs::new(JoinType::Left)).with_columns([
            lit(indicator).alias("indicator"),
            coalesce(&[col("indicator_name"), lit(indicator)]).alias("indicator_name"),
            month("period_start").alias("first_month"),
            month("period_end").alias("last_month"),
        ]);
    Ok(answer(with_departments(rows, inputs)?, &ORDER, RETURNS))
}

/// The order of the answer.
const ORDER: [&str; 8] = [
    "region",
    "official_order",
    "department",
    "breakdown",
    "definition",
    "unit",
    "period_end",
    "period_start",
];

/// The columns of the answer, in their order.
const RETURNS: [&str; 30] = [
    "region",
    "indicator",
    "indicator_name",
    "department",
    "department_name",
    "breakdown",
    "period_start",
    "period_end",
    "first_month",
    "last_month",
    "n_months",
    "value",
    "unit",
    "made",
    "cause",
    "is_whole",
    "is_revised_down",
    "is_approximate",
    "n_flows",
    "n_ways",
    "ways_difference",
    "accumulation",
    "closing_value",
    "closing_edition",
    "obs_status",
    "opening_period_end",
    "opening_value",
    "opening_edition",
    "definition",
    "official_order",
];
