//! What departments have connected beside what they have aggregated: the twin of the view
//! `integration_with_aggregation`.
//!
//! A flow stands beside the stock of the day on which it ends, whichever documents have the two. The two
//! tables of a notice are about different days, a stock at its date and a flow over months. So where there
//! is no stock of the very day, the document joins them.

use polars::prelude::{
    DataType, Expr, JoinArgs, JoinCoalesce, JoinType, LazyFrame, PolarsResult, SortMultipleOptions,
    UnionArgs, UniqueKeepStrategy, coalesce, col, concat, lit,
};

use crate::analysis::by_period::{
    CASES, EVALUATIONS, PUSHED, RETURNED, aggregation_by_period, integration_by_period,
};
use crate::analysis::latest::figures;
use crate::analysis::terms::is_one_of;
use crate::analysis::{Inputs, Plan};
use crate::model::Departments;

/// The stocks whose table is looked for beside a table of flows.
const STOCKS: [&str; 2] = ["items_connected", "items_on_platform"];
/// What tells a table.
const TABLE: [&str; 2] = ["region", "period_end"];
/// The day of an integration table beside a table of flows.
const STOCK_DAY: &str = "integration_period_end";
/// What is taken from an integration table.
const CONNECTED: [&str; 7] = [
    "department",
    "items_connected",
    "items_connected_status",
    "items_connected_is_approximate",
    "items_on_platform",
    "items_on_platform_status",
    "items_on_platform_is_approximate",
];

/// One row per region, department and last day of aggregation figures: the columns of both tables,
/// `integration_period_end`, null where no integration table belongs to them, and `is_in_integration`,
/// whether a table of that day has the department.
pub(super) fn integration_with_aggregation(inputs: &Inputs<'_>) -> Plan {
    let printed = printed_tables(inputs)?;
    let flows = tables(&printed, is_stock().not());
    let days = days_of_stocks(inputs, &printed)?;
    let inner = || JoinArgs::new(JoinType::Inner);
    let own_day_first = SortMultipleOptions::default;
    let first_days = days
        .clone()
        .sort_by_exprs([is_other_day()], own_day_first())
        .unique_stable_generic(Some(TABLE.map(col).to_vec()), UniqueKeepStrategy::First)
        .select([col("region"), col("period_end"), col(STOCK_DAY).alias("first_day")]);
    let row = ["region", "period_end", "department"].map(col);
    let stock_table = [col("region"), col(STOCK_DAY)];
    // One that has only applications of the day has its items in the other table.
    let has_no_items =
        coalesce(&[col("items_connected_status"), col("items_on_platform_status")]).is_null();
    // A letter of one department may have the very day for it alone, so each is looked for by itself.
    let connected = integration_by_period(inputs)?
        .select(CONNECTED.map(col).into_iter().chain(stock_of_day()).collect::<Vec<_>>())
        .join(days, &stock_table, &stock_table, inner())
        .sort_by_exprs([has_no_items, is_other_day()], own_day_first())
        .unique_stable_generic(Some(row.to_vec()), UniqueKeepStrategy::First);
    let either = JoinArgs::new(JoinType::Full).with_coalesce(JoinCoalesce::CoalesceColumns);
    Ok(aggregation_by_period(inputs)?
        .join(connected, &row, &row, either)
        .join(flows, TABLE.map(col), TABLE.map(col), inner())
        .join(first_days, TABLE.map(col), TABLE.map(col), JoinArgs::new(JoinType::Left))
        .with_columns([
            coalesce(&[col(STOCK_DAY), col("first_day")]).alias(STOCK_DAY),
            col("is_in_integration").fill_null(lit(false)),
        ])
        .with_columns(
            [CASES, EVALUATIONS, PUSHED, RETURNED, STOCKS[0], STOCKS[1]]
                .map(|name| col(format!("{name}_is_approximate")).fill_null(lit(false))),
        ))
}

/// The region, the day and the mark of a row of an integration table.
fn stock_of_day() -> [Expr; 3] {
    [col("region"), col("period_end").alias(STOCK_DAY), lit(true).alias("is_in_integration")]
}

/// Whether a stock is not of the day on which the flow ends.
fn is_other_day() -> Expr {
    col(STOCK_DAY).neq(col("period_end"))
}

/// The tables that are `wanted`, each once, in whatever document they stand.
fn tables(printed: &LazyFrame, wanted: Expr) -> LazyFrame {
    let tables = printed.clone().filter(wanted).select(TABLE.map(col));
    tables.unique(None, UniqueKeepStrategy::Any)
}

/// Whether a table that was printed is one of stocks.
fn is_stock() -> Expr {
    col("is_stock")
}

/// Finds for every table of cases or evaluations the days of the integration tables that belong to it: its
/// own last day, where some table has that, and the day of the table that was published with it.
fn days_of_stocks(inputs: &Inputs<'_>, printed: &LazyFrame) -> Plan {
    let (flows, stocks) = (tables(printed, is_stock().not()), tables(printed, is_stock()));
    let own_day = flows
        .join(stocks, TABLE.map(col), TABLE.map(col), JoinArgs::new(JoinType::Inner))
        .with_column(col("period_end").alias(STOCK_DAY));
    let days = concat([own_day, days_in_notices(inputs, printed)?], UnionArgs::default())?;
    Ok(days.unique(None, UniqueKeepStrategy::Any))
}

/// Finds for tables of cases or evaluations the day of the integration table that was published with
/// it: in its own file, else in another file of the notice; the nearest, else the later one.
fn days_in_notices(inputs: &Inputs<'_>, printed: &LazyFrame) -> Plan {
    let flows = printed
        .clone()
        .filter(is_stock().not())
        .select(["batch", "edition", "region", "period_end"].map(col));
    let stocks = printed.clone().filter(is_stock()).select([
        col("batch").alias("stock_batch"),
        col("edition"),
        col("region"),
        col("period_end").alias(STOCK_DAY),
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
    Ok(flows
        .join(named, &batch, &batch, JoinArgs::new(JoinType::Left))
        .join(stocks, &notice, &notice, JoinArgs::new(JoinType::Inner))
        .filter(is_other_file.clone().not().or(col("is_named")))
        .sort_by_exprs([is_other_file, days_apart(), col(STOCK_DAY)], nearest_first)
        .unique_stable_generic(Some(TABLE.map(col).to_vec()), UniqueKeepStrategy::First)
        .select(["region", "period_end", STOCK_DAY].map(col)))
}

/// Days between the two tables, but for leap years.
fn days_apart() -> Expr {
    let day_number = |day: &str| {
        let year = col(day).dt().year() * lit(365);
        year + col(day).dt().ordinal_day().cast(DataType::Int32)
    };
    (day_number(STOCK_DAY) - day_number("period_end")).abs()
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
