//! What departments have connected beside what they have aggregated: the twin of the view
//! `integration_with_aggregation`.
//!
//! The two tables of a notice are about different days, a stock at its date and a flow over months. So
//! the document joins them and not the period.

use polars::prelude::{
    DataType, Expr, JoinArgs, JoinCoalesce, JoinType, LazyFrame, PolarsResult, SortMultipleOptions,
    UnionArgs, UniqueKeepStrategy, col, concat, lit,
};

use crate::analysis::by_period::{
    CASES, EVALUATIONS, aggregation_by_period, integration_by_period,
};
use crate::analysis::latest::figures;
use crate::analysis::terms::is_one_of;
use crate::analysis::{Inputs, Plan};
use crate::model::Departments;

/// The stocks whose table is looked for beside a table of flows.
const STOCKS: [&str; 2] = ["items_connected", "items_on_platform"];
/// What tells a table of flows.
const TABLE: [&str; 2] = ["region", "period_end"];

/// One row per region, department and last day of aggregation figures: the columns of both tables,
/// `integration_period_end`, null where no integration table was published with them, and
/// `is_in_integration`, whether that table has the department.
pub(super) fn integration_with_aggregation(inputs: &Inputs<'_>) -> Plan {
    let pairs = tables_of_notices(inputs)?;
    let inner = || JoinArgs::new(JoinType::Inner);
    let columns = [
        "department",
        "items_connected",
        "items_connected_status",
        "items_on_platform",
        "items_on_platform_status",
        "is_in_integration",
    ];
    let stock_table = [col("region"), col("integration_period_end")];
    // One integration table may stand beside several of aggregation.
    let connected = integration_by_period(inputs)?
        .with_columns([
            col("period_end").alias("integration_period_end"),
            lit(true).alias("is_in_integration"),
        ])
        .select(
            columns.iter().map(|name| col(*name)).chain(stock_table.clone()).collect::<Vec<_>>(),
        )
        .join(pairs.clone(), &stock_table, &stock_table, inner())
        .select(TABLE.iter().chain(&columns).map(|name| col(*name)).collect::<Vec<_>>());
    let row = ["region", "period_end", "department"].map(col);
    let either = JoinArgs::new(JoinType::Full).with_coalesce(JoinCoalesce::CoalesceColumns);
    Ok(aggregation_by_period(inputs)?
        .join(connected, &row, &row, either)
        .join(pairs, TABLE.map(col), TABLE.map(col), inner())
        .with_column(col("is_in_integration").fill_null(lit(false))))
}

/// Finds for every table of cases or evaluations the day of the integration table that was published
/// with it: in its own file, else in another file of the notice; the nearest, else the later one.
fn tables_of_notices(inputs: &Inputs<'_>) -> Plan {
    let printed = printed_tables(inputs)?;
    let flows = printed
        .clone()
        .filter(col("is_stock").not())
        .select(["batch", "edition", "region", "period_end"].map(col));
    let stocks = printed.filter(col("is_stock")).select([
        col("batch").alias("stock_batch"),
        col("edition"),
        col("region"),
        col("period_end").alias("integration_period_end"),
    ]);
    // A title alone is shared by a series: without number and date a file stands for itself.
    let has_head = ["document_number", "dated", "published_on"].map(|name| col(name).is_not_null());
    let has_head = has_head.into_iter().fold(lit(false), Expr::or);
    let named = inputs
        .scan("batches")?
        .filter(has_head)
        .select([col("batch"), lit(true).alias("is_named")]);
    let notice = [col("edition"), col("region")];
    let batch = [col("batch")];
    let is_other_file = col("stock_batch").neq(col("batch"));
    let nearest_first =
        SortMultipleOptions::default().with_order_descending_multi([false, false, true]);
    let nearest = flows
        .clone()
        .join(named, &batch, &batch, JoinArgs::new(JoinType::Left))
        .join(stocks, &notice, &notice, JoinArgs::new(JoinType::Inner))
        .filter(is_other_file.clone().not().or(col("is_named")))
        .sort_by_exprs([is_other_file, days_apart(), col("integration_period_end")], nearest_first)
        .unique_stable_generic(Some(TABLE.map(col).to_vec()), UniqueKeepStrategy::First)
        .select(["region", "period_end", "integration_period_end"].map(col));
    Ok(flows.select(TABLE.map(col)).unique(None, UniqueKeepStrategy::Any).join(
        nearest,
        TABLE.map(col),
        TABLE.map(col),
        JoinArgs::new(JoinType::Left),
    ))
}

/// Days between the two tables, but for leap years.
fn days_apart() -> Expr {
    let day_number = |day: &str| {
        let year = col(day).dt().year() * lit(365);
        year + col(day).dt().ordinal_day().cast(DataType::Int32)
    };
    (day_number("integration_period_end") - day_number("period_end")).abs()
}

/// Every table of departments that a notice printed, in every vintage: a correction that reprints one
/// of two tables does not part it from the other.
fn printed_tables(inputs: &Inputs<'_>) -> Plan {
    let flows_and_stocks = [CASES, EVALUATIONS, STOCKS[0], STOCKS[1]];
    let is_of_department = col("department").is_not_null().and(col("breakdown").is_null());
    let columns = ["batch", "edition", "region", "period_end", "is_stock"];
    let printed = figures(inputs)?
        .filter(is_of_department.and(is_one_of("indicator", &flows_and_stocks)))
        .with_column(is_one_of("indicator", &STOCKS).alias("is_stock"))
        .select(columns.map(col));
    let printed = match inputs.tables.departments() {
        Departments::AsReported => printed,
        Departments::Comparable => {
            also_under_successors(printed, inputs.scan("region_successors")?)?
        }
    };
    Ok(printed.unique(None, UniqueKeepStrategy::Any))
}

/// Adds each table under the region that took over: its figures are shown there, or stay where they are.
fn also_under_successors(printed: LazyFrame, successors: LazyFrame) -> PolarsResult<LazyFrame> {
    let region = [col("region")];
    let successors = successors.select([col("region"), col("successor")]);
    let moved = printed
        .clone()
        .join(successors, &region, &region, JoinArgs::new(JoinType::Inner))
        .select([
            col("batch"),
            col("edition"),
            col("successor").alias("region"),
            col("period_end"),
            col("is_stock"),
        ]);
    concat([printed, moved], UnionArgs::default())
}
