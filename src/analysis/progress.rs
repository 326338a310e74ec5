//! The twin of `integration/progress`.

use polars::prelude::{DataType, Expr, coalesce, col, lit, when};

use crate::analysis::compared::{
    beside, if_compared, periods, rank_change, ranked_by_kind, rows_of, side_by_side,
    why_not_compared, why_not_compared_on_year,
};
use crate::analysis::terms::{answer, is_one_of, null_of, percent, share_within, with_departments};
use crate::analysis::{Inputs, Plan};

/// What is taken of the period itself.
const OWN: [&str; 8] = [
    "value",
    "is_approximate",
    "obs_status",
    "share_pct",
    "rank",
    "definition",
    "accumulation",
    "counted_from",
];
/// What is taken of the period before, and under which names.
const PREVIOUS: [(&str, &str); 6] = [
    ("value", "previous_value"),
    ("is_approximate", "previous_is_approximate"),
    ("rank", "previous_rank"),
    ("definition", "previous_definition"),
    ("accumulation", "previous_accumulation"),
    ("counted_from", "previous_counted_from"),
];
/// What is taken of the year before.
const YEAR_BEFORE: [(&str, &str); 5] = [
    ("value", "year_before_value"),
    ("is_approximate", "year_before_is_approximate"),
    ("definition", "year_before_definition"),
    ("accumulation", "year_before_accumulation"),
    ("counted_from", "year_before_counted_from"),
];

/// What each department has connected, against the period before and the year before.
pub(super) fn progress(inputs: &Inputs<'_>) -> Plan {
    let indicator = inputs.text("indicator").unwrap_or_default();
    let share = share_within("value", "obs_status", &["region", "period_end"])?.alias("share_pct");
    let rows = ranked_by_kind(periods(inputs, indicator)?, inputs)?.with_column(share);
    let current = rows_of(&rows, "current_end", &OWN.map(|name| (name, name)));
    let previous = rows_of(&rows, "previous_end", &PREVIOUS);
    let year_before = rows_of(&rows, "year_before_end", &YEAR_BEFORE);
    let compared = beside(side_by_side(&rows, current, previous), year_before);
    let change = || col("value") - col("previous_value");
    let year_before_change = || {
        let change = col("value") - col("year_before_value");
        let is_compared = col("year_before_cause").is_null();
        when(is_compared).then(change).otherwise(null_of(DataType::Float64))
    };
    // A running total grows with its length.
    let is_running = is_one_of("accumulation", &["year_to_date", "since_launch"]);
    let growth = when(is_running.not())
        .then(percent(change(), col("previous_value")))
        .otherwise(null_of(DataType::Float64));
    let rows = compared
        .with_columns([
            cause().alias("cause"),
            why_not_compared_on_year().alias("year_before_cause"),
            lit(indicator).alias("indicator"),
            col("previous_end").alias("previous_period_end"),
            col("year_before_end").alias("year_before_period_end"),
        ])
        .with_columns(
            ["is_approximate", "previous_is_approximate", "year_before_is_approximate"]
                .map(|name| col(name).fill_null(lit(false))),
        )
        .with_columns([
            if_compared(change(), DataType::Float64).alias("change"),
            if_compared(growth, DataType::Float64).alias("change_pct"),
            rank_change().alias("rank_change"),
            year_before_change().alias("year_before_change"),
            percent(year_before_change(), col("year_before_value")).alias("year_before_change_pct"),
        ]);
    Ok(answer(
        with_departments(rows, inputs)?,
        &["region", "official_order", "department"],
        [
            "region",
            "period_end",
            "indicator",
            "department",
            "department_name",
            "kind",
            "accumulation",
            "value",
            "obs_status",
            "is_approximate",
            "share_pct",
            "rank",
            "previous_period_end",
            "previous_value",
            "previous_is_approximate",
            "change",
            "change_pct",
            "previous_rank",
            "rank_change",
            "cause",
            "year_before_period_end",
            "year_before_value",
            "year_before_is_approximate",
            "year_before_change",
            "year_before_change_pct",
            "year_before_cause",
            "official_order",
        ],
    ))
}

/// Why a figure is not set against the one before, also where it counts otherwise.
fn cause() -> Expr {
    let counts_otherwise = col("previous_accumulation").neq(col("accumulation"));
    let or_span =
        when(counts_otherwise).then(lit("other_span")).otherwise(null_of(DataType::String));
    coalesce(&[why_not_compared(), or_span])
}
