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
/// Whose amount it is and what it counts, over how many departments.
const COUNTED: [&str; 5] = ["region", "department", "definition", "unit", "n_parts"];
/// What is known of an amount; of the base each with `base_` before it.
const AMOUNT: [&str; 7] = [
    "value",
    "is_amount_returned",
    "is_amount_revised",
    "is_amount_approximate",
    "n_steps",
    "accumulation",
    "counted_from",
];
/// What is known of a figure.
const FACT: [&str; 17] = [
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
    "is_approximate",
    "obs_status",
];

/// Returns one row per region and department that has a figure at the end of one of the two periods:
/// `value` and `base_value`, their `definition` and `unit`, the region's `newest_definition` and
/// `common_unit`, the number of amounts of the base, `n_bases`, of those in that definition,
/// `n_bases_of_definition`, and in that unit too, `n_bases_of_unit`; and of each side (`base_…`) whether it
/// `is_there`, was `is_returned` or `is_revised_down`, and the `cause` that stands at its end; with the days
/// of the two periods: `period_start`, `period_end`, `base_period_start`, `base_period_end`.
pub(super) fn amounts(inputs: &Inputs<'_>, indicator: &str) -> Plan {
    let facts =
        concat([flows(inputs, indicator)?, levels(inputs, indicator)?], UnionArgs::default())?;
    let periods = periods(inputs, &facts);
    let current = within(&facts, &periods, ["period_start", "period_end"]);
    let base = within(&facts, &periods, ["base_period_start", "base_period_end"]);
    let either = || JoinArgs::new(JoinType::Full).with_coalesce(JoinCoalesce::CoalesceColumns);
    let left = || JoinArgs::new(JoinType::Left);
    let counted = COUNTED.map(col);
    let pairs = filled(&current, "").join(filled(&base, "base_"), &counted, &counted, either());
    let common = common_measure(&pairs, own_units(inputs, indicator)?);
    let region = [col("region")];
    let chosen = newest_first(pairs.join(common, &region, &region, left()))?;
    // An amount is judged by the figures that it is made of, and only where there is none by all of them.
    let judged = |prefix: &str| {
        let has_amount = || col(format!("{prefix}value")).is_not_null();
        [("is_returned", "is_amount_returned"), ("is_revised_down", "is_amount_revised")].map(
            |(of_all, of_amount)| {
                let name = format!("{prefix}{of_all}");
                when(has_amount())
                    .then(col(format!("{prefix}{of_amount}")))
                    .otherwise(col(name.clone()))
                    .alias(name)
            },
        )
    };
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
        .with_columns(judged(""))
        .with_columns(judged("base_"))
        .join(periods, &region, &region, left()))
}

/// What was added from one figure to the next.
fn flows(inputs: &Inputs<'_>, indicator: &str) -> Plan {
    let is_period = || col("accumulation").eq(lit("period"));
    let rows = period_flows(inputs, col("indicator").eq(lit(indicator)))?;
    let begins = col("period_start").dt().day().eq(lit(1));
    let ends = col("period_end").eq(col("period_end").dt().month_end());
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

/// Returns what ends within a period or on the day before it: of flows every step, of levels those at its
/// end. `is_part`: it lies within the period as a whole; `is_end`: it ends with it.
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
    let day_before = col("span_start").dt().offset_by(lit("-1d"));
    let is_within =
        col("period_end").gt_eq(day_before).and(col("period_end").lt_eq(col("span_end")));
    let is_end = || col("period_end").eq(col("span_end"));
    let begins_within = col("period_start").gt_eq(col("span_start")).fill_null(lit(false));
    // Of those that overlap, as of three months every month, the ones end to end.
    let is_aligned = ((month_no("period_start") - month_no("span_start")) % col("n_months"))
        .eq(lit(0))
        .fill_null(lit(true));
    facts
        .clone()
        .join(spans, &region, &region, JoinArgs::new(JoinType::Inner))
        .filter(is_within.and(col("is_level").not().or(is_end())))
        .with_columns([
            is_end().alias("is_end"),
            col("is_told").and(col("is_level").or(begins_within.and(is_aligned))).alias("is_part"),
            col("cause").eq_missing(lit("revised_down")).alias("is_too_high"),
            n_days("period_start", "period_end").alias("n_days"),
            n_days("span_start", "span_end").alias("n_days_wanted"),
        ])
}

/// Months since the year 0.
fn month_no(day: &str) -> Expr {
    col(day).dt().year() * lit(12) + col(day).dt().month().cast(DataType::Int32)
}

/// Adds up the steps that fill a period day by day. Of several ways the one with the fewest steps counts.
fn filled(within: &LazyFrame, prefix: &str) -> LazyFrame {
    let mut way = COUNTED.map(col).to_vec();
    way.extend(["accumulation", "counted_from", "n_months", "n_days_wanted"].map(col));
    let best_first =
        SortMultipleOptions::default().with_order_descending_multi([false, true, false]);
    let named = AMOUNT.map(|name| col(name).alias(format!("{prefix}{name}")));
    let columns = COUNTED.map(col).into_iter().chain(named).collect::<Vec<_>>();
    // Every day is in one step: there are as many as wanted, and none is counted twice.
    let is_apart = col("period_start").gt(col("period_end").shift(lit(1)));
    within
        .clone()
        .filter(col("is_part"))
        .sort_by_exprs([col("period_end")], SortMultipleOptions::default())
        .group_by_stable(way)
        .agg([
            col("value").sum(),
            col("n_days").sum(),
            is_apart.all(true).alias("is_apart"),
            was_returned().any(true).alias("is_amount_returned"),
            col("is_revised_down").any(true).alias("is_amount_revised"),
            col("is_approximate").any(true).alias("is_amount_approximate"),
            len().alias("n_steps"),
        ])
        .filter(col("n_days").eq(col("n_days_wanted")).and(col("is_apart")))
        .sort_by_exprs([col("n_steps"), col("accumulation"), col("counted_from")], best_first)
        .unique_stable_generic(Some(COUNTED.map(col).to_vec()), UniqueKeepStrategy::First)
        .select(columns)
}

fn was_returned() -> Expr {
    is_one_of("obs_status", &["returned", "partly_returned"])
}

/// The unit that each definition of an indicator is told in.
fn own_units(inputs: &Inputs<'_>, indicator: &str) -> Plan {
    Ok(inputs
        .scan("indicators")?
        .filter(col("indicator").eq(lit(indicator)))
        .select([col("definition"), col("unit").alias("own_unit")]))
}

/// Says which is the newest definition of each region and which unit its departments are compared in, so
/// that no sum mixes two of them: that of the indicator, or else the one that most of them have.
fn common_measure(pairs: &LazyFrame, own_units: LazyFrame) -> LazyFrame {
    let definition = [col("definition")];
    let best_first =
        SortMultipleOptions::default().with_order_descending_multi([true, true, true, true, false]);
    pairs
        .clone()
        .join(own_units, &definition, &definition, JoinArgs::new(JoinType::Left))
        .with_column(col("unit").eq_missing(col("own_unit")).alias("is_own_unit"))
        .group_by(["region", "definition", "unit", "is_own_unit"].map(col))
        .agg([
            col("value").is_not_null().any(true).alias("has_value"),
            col("department").n_unique().alias("n_departments"),
        ])
        .sort_by_exprs(
            ["has_value", "definition", "is_own_unit", "n_departments", "unit"].map(col),
            best_first,
        )
        .unique_stable_generic(Some(vec![col("region")]), UniqueKeepStrategy::First)
        .select([
            col("region"),
            col("definition").alias("newest_definition"),
            col("unit").alias("common_unit"),
        ])
}

/// Keeps for each department the amounts of its newest definition, in the common unit where it has them
/// in it, and of several ways the one with the fewest steps.
fn newest_first(pairs: LazyFrame) -> PolarsResult<LazyFrame> {
    let has_value = || col("value").is_not_null();
    let n_bases = |key: &[&str]| -> PolarsResult<Expr> {
        let key = key.iter().map(|name| col(*name)).collect::<Vec<_>>();
        Ok(col("base_value").count().over(key)?.cast(DataType::Int64))
    };
    let of_amount =
        |name: &str| when(has_value()).then(col(name)).otherwise(col(format!("base_{name}")));
    let best_first = SortMultipleOptions::default()
        .with_order_descending_multi([true, true, true, false, false, true, false, false]);
    let known = ["is_amount_returned", "is_amount_revised", "is_amount_approximate"];
    let base_known = known.map(|name| format!("base_{name}"));
    Ok(pairs
        .with_columns([
            n_bases(&COUNTED[..2])?.alias("n_bases"),
            n_bases(&COUNTED[..3])?.alias("n_bases_of_definition"),
            n_bases(&COUNTED[..4])?.alias("n_bases_of_unit"),
        ])
        .sort_by_exprs(
            [
                has_value(),
                col("definition"),
                col("unit").eq(col("common_unit")),
                col("unit"),
                of_amount("n_steps"),
                of_amount("accumulation"),
                of_amount("counted_from"),
                col("n_parts"),
            ],
            best_first,
        )
        .unique_stable_generic(Some(BODY.map(col).to_vec()), UniqueKeepStrategy::First)
        .select(
            ["region", "department", "definition", "unit", "value", "base_value"]
                .into_iter()
                .chain(["newest_definition", "common_unit"])
                .chain(["n_bases", "n_bases_of_definition", "n_bases_of_unit"])
                .chain(known)
                .map(col)
                .chain(base_known.map(col))
                .collect::<Vec<_>>(),
        ))
}

/// What is known of each department on one side, whether it has an amount or not.
fn standing(within: &LazyFrame, prefix: &str) -> LazyFrame {
    let name = |column: &str| format!("{prefix}{column}");
    let is_seen = || col("is_part").or(col("is_end"));
    // Where the figure of the day before was too high, no step begins with the period.
    let is_revised = col("is_too_high").or(col("is_revised_down").and(is_seen()));
    within.clone().group_by(BODY.map(col)).agg([
        col("is_end").any(true).alias(name("is_there")),
        was_returned().and(is_seen()).any(true).alias(name("is_returned")),
        is_revised.any(true).alias(name("is_revised_down")),
        col("cause").filter(col("is_end")).max().alias(name("cause")),
    ])
}
