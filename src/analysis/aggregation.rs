//! Twins of `queries/aggregation/` that look at departments one by one.

use polars::prelude::{DataType, Expr, col, lit, when};

use crate::analysis::beside::integration_with_aggregation;
use crate::analysis::by_period::{CASES, EVALUATIONS, aggregation_by_period};
use crate::analysis::terms::{
    BY_RANK, answer, is_one_of, null_of, of_period, with_departments, with_rank_and_shares,
};
use crate::analysis::{Inputs, Plan};

/// A period that has only pushed or returned records says nothing about what was aggregated.
const STATUSES: [&str; 2] = ["cases_aggregated_status", "evaluations_aggregated_status"];

/// The twin of `aggregation/by_department`.
pub(super) fn by_department(inputs: &Inputs<'_>) -> Plan {
    let rows = of_period(aggregation_by_period(inputs)?, inputs, &STATUSES)?;
    let rows = with_rank_and_shares(with_departments(rows, inputs)?, CASES, &[CASES, EVALUATIONS])?;
    Ok(answer(
        rows,
        &BY_RANK,
        [
            "region",
            "period_start",
            "period_end",
            "accumulation",
            "rank",
            "department",
            "department_name",
            "kind",
            "cases_aggregated",
            "cases_aggregated_status",
            "cases_aggregated_share_pct",
            "evaluations_aggregated",
            "evaluations_aggregated_status",
            "evaluations_aggregated_share_pct",
            "records_pushed",
            "records_returned",
            "cases_aggregated_note",
            "evaluations_aggregated_note",
            "cases_aggregated_is_approximate",
            "evaluations_aggregated_is_approximate",
            "records_pushed_is_approximate",
            "records_returned_is_approximate",
            "edition",
            "official_order",
        ],
    ))
}

/// The causes of a zero in the order in which they are listed, from 1.
const CAUSES: [&str; 6] = [
    "returned",
    "connected_silent",
    "platform_only",
    "not_in_integration_table",
    "no_items",
    "unknown",
];

/// The twin of `aggregation/zero_causes`.
pub(super) fn zero_causes(inputs: &Inputs<'_>) -> Plan {
    let indicator = inputs.text("indicator").unwrap_or(CASES);
    let own = |ending: &str| col(format!("{indicator}{ending}"));
    // What was pushed and returned is told of cases.
    let is_told = indicator == CASES;
    let of_cases = |column: &str| {
        if is_told { col(column) } else { null_of(DataType::Float64).alias(column) }
    };
    let is_approximate = |column: &str| {
        let name = format!("{column}_is_approximate");
        lit(is_told).and(col(name.clone())).alias(name)
    };
    let mut place = null_of(DataType::Int32);
    for (name, number) in CAUSES.iter().zip(1..) {
        place = when(col("cause").eq(lit(*name))).then(lit::<i32>(number)).otherwise(place);
    }
    let status = format!("{indicator}_status");
    let rows = of_period(integration_with_aggregation(inputs)?, inputs, &[&status])?
        .filter(own("").eq(lit(0.0)))
        .with_columns([
            lit(indicator).alias("indicator"),
            own("_status").alias("obs_status"),
            own("_note").alias("note"),
            of_cases("records_pushed"),
            of_cases("records_returned"),
            is_approximate("records_pushed"),
            is_approximate("records_returned"),
        ])
        .with_column(cause().alias("cause"))
        .with_column(place.cast(DataType::Int32).alias("cause_order"));
    Ok(answer(
        with_departments(rows, inputs)?,
        &["region", "cause_order", "official_order", "department"],
        [
            "region",
            "period_end",
            "indicator",
            "cause_order",
            "cause",
            "department",
            "department_name",
            "kind",
            "obs_status",
            "items_connected",
            "items_on_platform",
            "records_pushed",
            "records_returned",
            "note",
            "items_connected_is_approximate",
            "items_on_platform_is_approximate",
            "records_pushed_is_approximate",
            "records_returned_is_approximate",
            "integration_period_end",
            "official_order",
        ],
    ))
}

/// Why a figure is zero, the first that holds. An empty cell leaves it open: it may hide an item.
fn cause() -> Expr {
    let has = |column: &str| col(column).gt(lit(0.0));
    let was_returned = is_one_of("obs_status", &["returned", "partly_returned"]);
    when(was_returned.or(has("records_returned")))
        .then(lit("returned"))
        .when(has("items_connected"))
        .then(lit("connected_silent"))
        .when(col("integration_period_end").is_null())
        .then(lit("unknown"))
        .when(col("is_in_integration").not())
        .then(lit("not_in_integration_table"))
        .when(col("items_connected").is_null().or(col("items_on_platform").is_null()))
        .then(lit("unknown"))
        .when(has("items_on_platform"))
        .then(lit("platform_only"))
        .otherwise(lit("no_items"))
}
