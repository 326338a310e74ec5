//! The twin of `integration/progress`.

use polars::prelude::{DataType, col, lit, when};

use crate::analysis::compared::{
    beside, if_compared, periods, rank_change, ranked_by_kind, rows_of, side_by_side,
    total_of_period, why_not_compared,
};
use crate::analysis::terms::{answer, null_of, percent, with_departments};
use crate::analysis::{Inputs, Plan};

/// What each department has connected, against the period before and the year before.
pub(super) fn progress(inputs: &Inputs<'_>) -> Plan {
    let indicator = inputs.text("indicator").unwrap_or_default();
    let share = percent(col("value"), total_of_period()?).alias("share_pct");
    let rows = ranked_by_kind(periods(inputs, indicator)?, inputs)?.with_column(share);
    let own = ["value", "obs_status", "share_pct", "rank", "definition", "counted_from"];
    let current = rows_of(&rows, "current_end", &own.map(|name| (name, name)));
    let previous = [
        ("value", "previous_value"),
        ("rank", "previous_rank"),
        ("definition", "previous_definition"),
        ("counted_from", "previous_counted_from"),
    ];
    let previous = rows_of(&rows, "previous_end", &previous);
    let year_before = [("value", "year_before_value"), ("definition", "year_before_definition")];
    let year_before = rows_of(&rows, "year_before_end", &year_before);
    let compared = beside(side_by_side(&rows, current, previous), year_before);
    let change = || col("value") - col("previous_value");
    let is_alike = col("year_before_definition").eq(col("definition"));
    let like_value =
        when(is_alike).then(col("year_before_value")).otherwise(null_of(DataType::Float64));
    let year_before_change = || col("value") - col("like_value");
    let rows = compared
        .with_columns([
            why_not_compared().alias("cause"),
            like_value.alias("like_value"),
            lit(indicator).alias("indicator"),
            col("previous_end").alias("previous_period_end"),
            col("year_before_end").alias("year_before_period_end"),
        ])
        .with_columns([
            if_compared(change(), DataType::Float64).alias("change"),
            if_compared(percent(change(), col("previous_value")), DataType::Float64)
                .alias("change_pct"),
            rank_change().alias("rank_change"),
            year_before_change().alias("year_before_change"),
            percent(year_before_change(), col("like_value")).alias("year_before_change_pct"),
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
            "value",
            "obs_status",
            "share_pct",
            "rank",
            "previous_period_end",
            "previous_value",
            "change",
            "change_pct",
            "previous_rank",
            "rank_change",
            "cause",
            "year_before_period_end",
            "year_before_value",
            "year_before_change",
            "year_before_change_pct",
            "official_order",
        ],
    ))
}
