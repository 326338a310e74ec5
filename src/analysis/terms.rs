//! Expressions and steps that several twins use: shares, ranks, names of departments, the period that
//! is asked for, and the order of the answer.

use polars::prelude::{
    DataType, Expr, JoinArgs, JoinType, LazyFrame, NULL, PolarsResult, RankMethod, RankOptions,
    SortMultipleOptions, coalesce, col, lit, when,
};

use crate::analysis::{Inputs, Plan};

/// Returns null of a type, as the branch of a condition.
pub(super) fn null_of(data_type: DataType) -> Expr {
    lit(NULL).cast(data_type)
}

/// Whether a column has one of these words; false where it is null.
pub(super) fn is_one_of(column: &str, words: &[&str]) -> Expr {
    let none = lit(false);
    words.iter().fold(none, |found, word| found.or(col(column).eq_missing(lit(*word))))
}

/// `part` in percent of `whole`; null where there is no whole.
pub(super) fn percent(part: Expr, whole: Expr) -> Expr {
    let ratio = lit(100.0) * part / whole.clone();
    when(whole.neq(lit(0.0))).then(ratio).otherwise(null_of(DataType::Float64))
}

/// What `column` is in percent of its sum over the rows that have all of `keys` in common; null beside an
/// empty cell: nobody's share is known then.
pub(super) fn share_within(column: &str, status: &str, keys: &[&str]) -> PolarsResult<Expr> {
    let keys: Vec<Expr> = keys.iter().map(|key| col(*key)).collect();
    let total = col(column).sum().over(&keys)?;
    let is_whole = is_unknown(column, status).any(true).over(keys)?.not();
    Ok(when(is_whole).then(percent(col(column), total)).otherwise(null_of(DataType::Float64)))
}

/// Whether a cell is there and empty, so that what stands in it is not known.
pub(super) fn is_unknown(column: &str, status: &str) -> Expr {
    let is_there = col(status).is_not_null().and(is_one_of(status, &["not_applicable"]).not());
    is_there.and(col(column).is_null())
}

/// Adds up what is there; null where nothing is, for which Polars would say 0.
pub(super) fn sum_of_known(values: &Expr) -> Expr {
    let is_known = values.clone().count().gt(lit(0));
    when(is_known).then(values.clone().sum()).otherwise(null_of(DataType::Float64))
}

/// The place of a value from the greatest down within the region, which equal values share; null
/// without a value.
pub(super) fn rank_in_region(column: &str) -> PolarsResult<Expr> {
    rank_within(column, &["region"])
}

/// The same within the rows that have all of `keys` in common.
fn rank_within(column: &str, keys: &[&str]) -> PolarsResult<Expr> {
    let options = RankOptions { method: RankMethod::Min, descending: true };
    let keys: Vec<Expr> = keys.iter().map(|key| col(*key)).collect();
    Ok(col(column).rank(options, None).over(keys)?.cast(DataType::Int32))
}

/// The order of answers that rank the departments of a region by `rank`.
pub(super) const BY_RANK: [&str; 4] = ["region", "rank", "official_order", "department"];

/// Adds the place of each department among those of the province in its region by the column `ranked`,
/// `rank`, and of each of `shared` its part of the region's sum, `…_share_pct`. The rows have the `kind` of
/// the departments: central bodies and mass organisations stand apart.
pub(super) fn with_rank_and_shares(
    rows: LazyFrame,
    ranked: &str,
    shared: &[&str],
) -> PolarsResult<LazyFrame> {
    let share = |column: &&str| -> PolarsResult<Expr> {
        let share = share_within(column, &format!("{column}_status"), &["region"])?;
        Ok(share.alias(format!("{column}_share_pct")))
    };
    let mut columns = shared.iter().map(share).collect::<PolarsResult<Vec<_>>>()?;
    let place = rank_within(ranked, &["region", "kind"])?;
    let is_provincial = col("kind").eq_missing(lit("provincial"));
    let rank = when(is_provincial).then(place).otherwise(null_of(DataType::Int32));
    columns.push(rank.alias("rank"));
    Ok(rows.with_columns(columns))
}

/// Keeps the rows of the period that is asked for, or else of the last one of each region in which
/// one of `columns` says something.
pub(super) fn of_period(rows: LazyFrame, inputs: &Inputs<'_>, columns: &[&str]) -> Plan {
    if let Some(day) = inputs.date("period") {
        return Ok(rows.filter(col("period_end").eq(lit(day))));
    }
    let says = |column: &&str| col(*column).is_not_null();
    let says_something = columns.iter().map(says).fold(lit(false), Expr::or);
    let last = col("period_end").filter(says_something).max().over([col("region")])?;
    Ok(rows.filter(col("period_end").eq(last)))
}

/// Adds what is known of the departments: `department_name`, which is the id where nothing is, `kind`
/// and `official_order`.
pub(super) fn with_departments(rows: LazyFrame, inputs: &Inputs<'_>) -> Plan {
    let known = [col("department"), col("name_zh"), col("kind"), col("official_order")];
    let departments = inputs.scan("departments")?.select(known);
    let key = || [col("department")];
    let name = coalesce(&[col("name_zh"), col("department")]).alias("department_name");
    Ok(rows.join(departments, key(), key(), JoinArgs::new(JoinType::Left)).with_column(name))
}

/// Adds the name of each indicator, `indicator_name`: in whichever definition it is, and the id where nothing
/// is known.
pub(super) fn with_indicator_names(rows: LazyFrame, inputs: &Inputs<'_>) -> Plan {
    let names = inputs.scan("indicators")?.group_by([col("indicator")]);
    let names = names.agg([col("name_zh").max().alias("indicator_name")]);
    let key = || [col("indicator")];
    let name = coalesce(&[col("indicator_name"), col("indicator")]).alias("indicator_name");
    Ok(rows.join(names, key(), key(), JoinArgs::new(JoinType::Left)).with_column(name))
}

/// Puts rows in order, what is null last, and returns the columns that the query promises.
pub(super) fn answer<const N: usize>(
    rows: LazyFrame,
    order: &[&str],
    columns: [&str; N],
) -> LazyFrame {
    let in_order = SortMultipleOptions::default().with_nulls_last(true);
    rows.sort_by_exprs(order.iter().map(|name| col(*name)).collect::<Vec<_>>(), in_order)
        .select(columns.map(col))
}
