//! What departments added in a period and in the one that it is compared with, each alone; of stocks, the
//! levels at their ends.

use polars::prelude::{
    DataType, Expr, JoinArgs, JoinCoalesce, JoinType, LazyFrame, PolarsResult, SortMultipleOptions,
    UnionArgs, UniqueKeepStrategy, col, concat, len, lit, when,
};

use crate::analysis::flows::period_flows;
use crate::analysis::latest::observations_latest;
use crate::analysis::terms::{is_one_of, null_of};
use crate::analysis::{Inputs, Plan};

/// Whom it is about.
const BODY: [&str; 2] = ["region", "department"];
/// Whose amount it is and what it counts.
const COUNTED: [&str; 4] = ["region", "department", "definition", "unit"];
/// What is known of a figure.
const FACT: [&str; 16] = [
    "region",
    "department",
    "definition",
    "unit",
    "accumulation",
    "counted_from",
    "n_months",
    "n_parts",
    "period_start",
    "period_end",
    "value",
    "is_told",
    "is_level",
    "cause",
    "is_revised_down",
    "obs_status",
];

/// Returns one row per region and department that has a figure at the end of one of the two periods:
/// `value` and `base_value`, their `definition`, the region's `newest_definition`, the number of amounts of
/// the base in whatever definition, `n_bases`, and of each side (`base_…`) whether it `is_there`, was
/// `is_returned` or `is_revised_down`, and the `cause` that stands at its end; with the days of the two
/// periods: `period_start`, `period_end`, `base_period_start`, `base_period_end`.
pub(super) fn amounts(inputs: &Inputs<'_>, indicator: &str) -> Plan {
    let facts =
        concat([flows(inputs, indicator)?, levels(inputs, indicator)?], UnionArgs::default())?;
    let periods = periods(inputs, &facts);
    let current = within(&facts, &periods, ["period_start", "period_end"]);
    let base = within(&facts, &periods, ["base_period_start", "base_period_end"]);
    let either = || JoinArgs::new(JoinType::Full).with_coalesce(JoinCoalesce::CoalesceColumns);
    let left = || JoinArgs::new(JoinType::Left);
    let counted = COUNTED.map(col);
    let pairs =
        filled(&current, "value").join(filled(&base, "base_value"), &counted, &counted, either());
    let chosen = newest_first(pairs)?;
    let region = [col("region")];
    Ok(standing(&current, "")
        .join(standing(&base, "base_"), BODY.map(col), BODY.map(col), either())
        .with_columns(
            ["is_there", "base_is_there", "is_returned", "base_is_returned"]
                .into_iter()
                .chain(["is_revised_down", "base_is_revised_down"])
                .map(|name| col(name).fill_null(lit(false)))
                .collect::<Vec<_>>(),
        )
        .filter(col("is_there").or(col("base_is_there")))
        .join(chosen, BODY.map(col), BODY.map(col), left())
        .join(periods, &region, &region, left()))
}

/// What was added from one figure to the next.
fn flows(inputs: &Inputs<'_>, indicator: &str) -> Plan {
    let is_period = || col("accumulation").eq(lit("period"));
    let rows = period_flows(inputs, col("indicator").eq(lit(indicator)))?;
    let begins = col("period_start").dt().day().eq(lit(1));
    let ends = col("period_end").eq(col("period_end").dt().month_end());
    let month_no =
        |day: &str| col(day).dt().year() * lit(12) + col(day).dt().month().cast(DataType::Int32);
    let n_months = month_no("period_end") - month_no("period_start") + lit(1);
    // Figures of single periods go together where they are as long as each other.
    let n_months =
        when(is_period().and(begins).and(ends)).then(n_months).otherwise(null_of(DataType::Int32));
    let counted_from =
        when(is_period()).then(null_of(DataType::Date)).otherwise(col("cumulative_start"));
    Ok(rows
        .filter(of_department())
        .with_columns([
            counted_from.alias("counted_from"),
            n_months.alias("n_months"),
            col("made").neq(lit("none")).alias("is_told"),
            lit(false).alias("is_level"),
        ])
        .select(FACT.map(col)))
}

/// States at a day, and whatever else is told of a stock.
fn levels(inputs: &Inputs<'_>, indicator: &str) -> Plan {
    let kinds = inputs.scan("indicators")?.select(["indicator", "definition", "kind"].map(col));
    let definition = ["indicator", "definition"].map(col);
    let is_kind = |kind: &str| col("kind").eq_missing(lit(kind));
    let is_rate = col("unit").eq(lit("%")).or(is_kind("ratio"));
    let is_level = col("accumulation").eq(lit("point")).or(is_kind("stock"));
    let wanted = of_department().and(col("indicator").eq(lit(indicator)));
    let missing =
        when(col("value").is_null()).then(lit("missing")).otherwise(null_of(DataType::String));
    Ok(observations_latest(inputs, wanted)?
        .join(kinds, &definition, &definition, JoinArgs::new(JoinType::Left))
        .filter(col("value_text").is_null().and(is_level).and(is_rate.not()))
        .with_columns([
            col("period_start").alias("counted_from"),
            null_of(DataType::Int32).alias("n_months"),
            col("value").is_not_null().alias("is_told"),
            lit(true).alias("is_level"),
            missing.alias("cause"),
            lit(false).alias("is_revised_down"),
        ])
        .select(FACT.map(col)))
}

fn of_department() -> Expr {
    col("department").is_not_null().and(col("breakdown").is_null())
}

/// Returns the latest period of each region that ends with one of the frequency, or the one that is asked
/// for, and the period that it is compared with.
fn periods(inputs: &Inputs<'_>, facts: &LazyFrame) -> LazyFrame {
    let frequency = inputs.text("frequency").unwrap_or_default();
    let n_months = match frequency {
        "quarter" => 3,
        "half" => 6,
        "year" => 12,
        _ => 1,
    };
    let is_to_date = frequency == "year_to_date";
    let is_year_before = is_to_date || inputs.text("base") == Some("year_before");
    let end = || col("period_end");
    let mut is_end =
        end().eq(end().dt().month_end()).and((end().dt().month() % lit(n_months)).eq(lit(0)));
    if let Some(day) = inputs.date("period") {
        is_end = is_end.and(end().eq(lit(day)));
    }
    let back = |day: Expr, months: i32| day.dt().offset_by(lit(format!("-{months}mo")));
    let first_of_month = end().dt().month_start();
    let start = if is_to_date {
        end().dt().truncate(lit("1y"))
    } else {
        back(first_of_month.clone(), n_months - 1)
    };
    let (base_start, base_end) = if is_year_before {
        (back(col("period_start"), 12), back(first_of_month, 12).dt().month_end())
    } else {
        (back(col("period_start"), n_months), col("period_start").dt().offset_by(lit("-1d")))
    };
    facts
        .clone()
        .filter(is_end)
        .group_by([col("region")])
        .agg([end().max()])
        .with_column(start.alias("period_start"))
        .with_columns([base_start.alias("base_period_start"), base_end.alias("base_period_end")])
}

/// Returns what ends within a period: of flows every step, of levels those at its end. `is_part`: it lies
/// within the period as a whole; `is_end`: it ends with it.
fn within(facts: &LazyFrame, periods: &LazyFrame, [start, end]: [&str; 2]) -> LazyFrame {
    let spans = periods.clone().select([
        col("region"),
        col(start).alias("span_start"),
        col(end).alias("span_end"),
    ]);
    let region = [col("region")];
    let n_days = |first: &str, last: &str| {
        let days = (col(last) - col(first)).dt().total_days(false) + lit(1);
        when(col("is_level")).then(lit(0_i64)).otherwise(days)
    };
    let is_within =
        col("period_end").gt_eq(col("span_start")).and(col("period_end").lt_eq(col("span_end")));
    let is_end = || col("period_end").eq(col("span_end"));
    let begins_within = col("period_start").gt_eq(col("span_start")).fill_null(lit(false));
    facts
        .clone()
        .join(spans, &region, &region, JoinArgs::new(JoinType::Inner))
        .filter(is_within.and(col("is_level").not().or(is_end())))
        .with_columns([
            is_end().alias("is_end"),
            col("is_told").and(col("is_level").or(begins_within)).alias("is_part"),
            n_days("period_start", "period_end").alias("n_days"),
            n_days("span_start", "span_end").alias("n_days_wanted"),
        ])
}

/// Adds up the steps that fill a period day by day. Of several ways the one with the fewest steps counts.
fn filled(within: &LazyFrame, name: &str) -> LazyFrame {
    let mut way = COUNTED.map(col).to_vec();
    way.extend(["accumulation", "counted_from", "n_months", "n_parts", "n_days_wanted"].map(col));
    let best_first =
        SortMultipleOptions::default().with_order_descending_multi([false, true, false, false]);
    let mut columns = COUNTED.map(col).to_vec();
    columns.push(col("value").alias(name));
    within
        .clone()
        .filter(col("is_part"))
        .group_by(way)
        .agg([col("value").sum(), col("n_days").sum(), len().alias("n_steps")])
        .filter(col("n_days").eq(col("n_days_wanted")))
        .sort_by_exprs(
            [col("n_steps"), col("accumulation"), col("counted_from"), col("n_parts")],
            best_first,
        )
        .unique_stable_generic(Some(COUNTED.map(col).to_vec()), UniqueKeepStrategy::First)
        .select(columns)
}

/// Keeps for each department the amounts of its newest definition, and says which is the newest of the
/// region, so that no sum mixes two of them.
fn newest_first(pairs: LazyFrame) -> PolarsResult<LazyFrame> {
    let of_region = [col("region")];
    let has_value = || col("value").is_not_null();
    let newest = col("definition").filter(has_value()).max().over(&of_region)?;
    let n_bases = col("base_value").count().over(BODY.map(col))?.cast(DataType::Int64);
    let best_first =
        SortMultipleOptions::default().with_order_descending_multi([true, true, false]);
    Ok(pairs
        .with_columns([newest.alias("newest_definition"), n_bases.alias("n_bases")])
        .sort_by_exprs([has_value(), col("definition"), col("unit")], best_first)
        .unique_stable_generic(Some(BODY.map(col).to_vec()), UniqueKeepStrategy::First)
        .select(
            ["region", "department", "definition", "value", "base_value"]
                .into_iter()
                .chain(["newest_definition", "n_bases"])
                .map(col)
                .collect::<Vec<_>>(),
        ))
}

/// What is known of each department on one side, whether it has an amount or not.
fn standing(within: &LazyFrame, prefix: &str) -> LazyFrame {
    let name = |column: &str| format!("{prefix}{column}");
    let was_returned = is_one_of("obs_status", &["returned", "partly_returned"]);
    within.clone().filter(col("is_part").or(col("is_end"))).group_by(BODY.map(col)).agg([
        col("is_end").any(true).alias(name("is_there")),
        was_returned.any(true).alias(name("is_returned")),
        col("is_revised_down").any(true).alias(name("is_revised_down")),
        col("cause").filter(col("is_end")).max().alias(name("cause")),
    ])
}
