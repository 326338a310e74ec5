//! The twin of `aggregation/concentration`.

use polars::prelude::{
    DataType, Expr, SortMultipleOptions, UnionArgs, col, concat, len, lit, when,
};

use crate::analysis::by_period::{CASES, EVALUATIONS, aggregation_by_period};
use crate::analysis::terms::{
    answer, is_unknown, null_of, of_period, percent, sum_of_known, with_departments,
    with_indicator_names,
};
use crate::analysis::{Inputs, Plan};

/// How much of each column of a period one department holds.
///
/// The latest period is that of the region and not of the column, which may have stopped.
pub(super) fn concentration(inputs: &Inputs<'_>) -> Plan {
    let table = aggregation_by_period(inputs)?;
    let column = |indicator: &str| {
        table.clone().filter(col(format!("{indicator}_status")).is_not_null()).select([
            col("region"),
            col("period_end"),
            col("department"),
            lit(indicator).alias("indicator"),
            col(indicator).alias("value"),
            col(format!("{indicator}_status")).alias("obs_status"),
        ])
    };
    let columns = concat([column(CASES), column(EVALUATIONS)], UnionArgs::default())?;
    let cells = of_period(columns, inputs, &["indicator"])?;
    let greatest_first =
        SortMultipleOptions::default().with_order_descending_multi([true, false, false]);
    let sorted = with_departments(cells, inputs)?.sort_by_exprs(
        [col("value"), col("official_order"), col("department")],
        greatest_first.with_nulls_last(true).with_maintain_order(true),
    );
    let summed = sorted.group_by_stable(["region", "period_end", "indicator"].map(col)).agg(sums());
    let rest = col("total") - col("largest_value");
    // Beside an empty cell nobody's share is known.
    let if_whole = |share: Expr| {
        let is_whole = col("n_unknown").eq(lit(0));
        when(is_whole).then(share).otherwise(null_of(DataType::Float64))
    };
    let rows = with_indicator_names(summed, inputs)?.with_columns([
        if_whole(percent(col("largest_value"), col("total"))).alias("largest_share_pct"),
        rest.clone().alias("total_without_largest"),
        if_whole(percent(col("second_value"), rest)).alias("second_share_of_rest_pct"),
        if_whole(percent(col("top3_value"), col("total"))).alias("top3_share_pct"),
        if_whole(col("hhi")).alias("hhi"),
    ]);
    Ok(answer(
        rows,
        &["region", "indicator"],
        [
            "region",
            "period_end",
            "indicator",
            "indicator_name",
            "n_departments",
            "n_with_data",
            "n_unknown",
            "total",
            "largest_department",
            "largest_department_name",
            "largest_value",
            "largest_share_pct",
            "total_without_largest",
            "second_department",
            "second_department_name",
            "second_value",
            "second_share_of_rest_pct",
            "top3_share_pct",
            "hhi",
        ],
    ))
}

/// What is said of a column whose cells stand from the greatest down.
fn sums() -> Vec<Expr> {
    let has_data = || col("value").gt(lit(0.0));
    let nth = |column: &str, place: i64| col(column).filter(has_data()).get(lit(place), true);
    let share = || percent(col("value"), col("value").sum());
    let count = |values: Expr| values.cast(DataType::Int64);
    let mut sums = vec![
        count(len()).alias("n_departments"),
        count(has_data().sum()).alias("n_with_data"),
        count(is_unknown("value", "obs_status").sum()).alias("n_unknown"),
        sum_of_known(&col("value")).alias("total"),
        col("value").head(Some(3)).sum().alias("top3_value"),
        sum_of_known(&(share() * share())).alias("hhi"),
    ];
    for (place, name) in (0..).zip(["largest", "second"]) {
        sums.extend([
            nth("department", place).alias(format!("{name}_department")),
            nth("department_name", place).alias(format!("{name}_department_name")),
            nth("value", place).alias(format!("{name}_value")),
        ]);
    }
    sums
}
