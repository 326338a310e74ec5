//! The twin of `aggregation/monthly`.

use polars::prelude::{
    DataType, Expr, JoinArgs, JoinType, LazyFrame, PolarsResult, SortOptions, WindowMapping, col,
    lit, when,
};

use crate::analysis::terms::{answer, null_of, percent, with_departments};
use crate::analysis::{Inputs, Plan};

/// Records of each department by month, counted from the records themselves.
pub(super) fn monthly(inputs: &Inputs<'_>) -> Plan {
    let months = months(inputs)?;
    let department_and_month = [col("department"), col("month")];
    let month_before = JoinArgs { nulls_equal: true, ..JoinArgs::new(JoinType::Left) };
    let change = || col("records") - col("records_before");
    let double = |count: Expr| count.cast(DataType::Float64);
    let of_month = col("records").sum().over([col("month")])?;
    let rows = months
        .clone()
        .with_column(year_to_date()?.alias("year_to_date"))
        .join(as_month_before(months), &department_and_month, &department_and_month, month_before)
        .with_columns([
            change().alias("change"),
            percent(double(change()), double(col("records_before"))).alias("change_pct"),
            percent(double(col("records")), double(of_month)).alias("share_pct"),
        ]);
    Ok(answer(
        with_departments(rows, inputs)?,
        &["month", "official_order", "department"],
        [
            "month",
            "department",
            "department_name",
            "records",
            "change",
            "change_pct",
            "share_pct",
            "year_to_date",
            "pushed",
            "returned",
            "official_order",
        ],
    ))
}

/// One row per department and month: records that stand, rows that were taken, pushed and returned.
fn months(inputs: &Inputs<'_>) -> Plan {
    let word = |name: &str| inputs.text(name).map_or_else(|| null_of(DataType::String), lit);
    let month = match inputs.text("basis") {
        Some("arrival") => "arrival_month",
        _ => "event_month",
    };
    let counts = inputs
        .scan_arrived("record_counts")?
        .filter(col("kind").eq(word("kind")).and(col("scope").eq(word("scope"))));
    let sum_of = |names: &[&str]| {
        let sums = names.iter().map(|name| col(*name).sum());
        sums.fold(lit(0_i64), |total, sum| total + sum)
    };
    let taken = ["n_accepted", "n_updated"];
    let pushed = ["n_accepted", "n_updated", "n_deleted", "n_returned", "n_duplicate"];
    Ok(counts.group_by([col("department"), col(month).alias("month")]).agg([
        sum_of(&["n_current"]).alias("records"),
        sum_of(&taken).alias("taken"),
        sum_of(&pushed).alias("pushed"),
        sum_of(&["n_returned"]).alias("returned"),
    ]))
}

/// Months as what comes before the next one. One of which nothing was taken has no figure: what came in
/// it is not known.
fn as_month_before(months: LazyFrame) -> LazyFrame {
    months.filter(col("taken").gt(lit(0)).and(col("month").is_not_null())).select([
        col("department"),
        col("month").dt().offset_by(lit("1mo")),
        col("records").alias("records_before"),
    ])
}

/// Records of a department from January on, up to the month of the row.
fn year_to_date() -> PolarsResult<Expr> {
    let year = vec![col("department"), col("month").dt().year()];
    let by_month = (vec![col("month")], SortOptions::default());
    let mapping = WindowMapping::GroupsToRows;
    let sums = col("records").cum_sum(false);
    let sums = sums.over_with_options(Some(year), Some(by_month), mapping)?;
    Ok(when(col("month").is_not_null()).then(sums).otherwise(null_of(DataType::Int64)))
}
