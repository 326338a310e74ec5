//! The figures of the origin that the session shows, one vintage per figure, under the departments that were
//! chosen: the twin of the view `observations_latest`.

use polars::prelude::{
    DataType, Expr, LazyFrame, SortMultipleOptions, UniqueKeepStrategy, coalesce, col, lit,
};

use crate::analysis::comparable::comparable;
use crate::analysis::{Inputs, Plan};
use crate::model::Departments;
use crate::table::FIGURE_KEY;

/// The greatest power of ten that a digit may stand for.
const LAST_POWER: i32 = 15;

/// Returns the figures of the session's origin as of its day: the key of a figure with `value`,
/// `value_text`, `unit`, `obs_status`, `qualifier`, `place`, `printed`, `edition`, `batch`, `note`,
/// `is_approximate` and `n_parts`.
///
/// `wanted` looks at columns of their key that no succession touches, so that other figures are
/// passed over where files are scanned.
pub(super) fn observations_latest(inputs: &Inputs<'_>, wanted: Expr) -> Plan {
    let latest = newest_vintage(figures(inputs)?.filter(wanted))
        .with_column(is_approximate().alias("is_approximate"));
    match inputs.tables.departments() {
        Departments::AsReported => {
            Ok(latest.with_column(lit(1).cast(DataType::Int32).alias("n_parts")))
        }
        Departments::Comparable => comparable(inputs, latest),
    }
}

/// Returns every vintage of the figures of the session's origin that is known on its day.
pub(super) fn figures(inputs: &Inputs<'_>) -> Plan {
    let origin = inputs.tables.origin().as_str();
    let figures = inputs.scan("observations")?.filter(col("origin").eq(lit(origin)));
    Ok(match inputs.tables.as_of() {
        Some(day) => figures.filter(known_on().lt_eq(lit(day))),
        None => figures,
    })
}

/// The day of the publication, or else of the ingest.
fn known_on() -> Expr {
    coalesce(&[col("published_on"), col("received_at").cast(DataType::Date)])
}

fn newest_vintage(figures: LazyFrame) -> LazyFrame {
    // The last two decide only between cells of one batch that claim to be the same figure.
    let newest_first =
        SortMultipleOptions::default().with_order_descending_multi([true; 5]).with_nulls_last(true);
    let sorted = figures.with_column(known_on().alias("known_on")).sort_by_exprs(
        [col("known_on"), col("received_at"), col("batch"), col("row_idx"), col("place")],
        newest_first,
    );
    sorted.unique_stable_generic(
        Some(FIGURE_KEY.iter().map(|name| col(*name)).collect()),
        UniqueKeepStrategy::First,
    )
}

/// Whether a figure is told with a qualifier, estimated or rounded.
fn is_approximate() -> Expr {
    let is_estimated = col("obs_status").eq_missing(lit("estimated"));
    col("qualifier").is_not_null().or(is_estimated).or(is_rounded())
}

/// Whether the last digit that is printed stands for many, as in 1.2万.
fn is_rounded() -> Expr {
    let printed = col("printed").str().extract(lit("[0-9][0-9,，]*(?:[.．][0-9]+)?"), 0);
    let number = |what: &str, with: &str| {
        let digits = printed.clone().str().replace_all(lit(what), lit(""), false);
        digits.str().replace_all(lit("．"), lit(with), true).cast(DataType::Float64)
    };
    // What its last digit stands for, and what it itself is to be multiplied with.
    let last_digit = col("value") / number("[,，.．]", "");
    let scale = col("value") / number("[,，]", ".");
    // A value that was corrected is none of what is printed.
    let is_power = (1..=LAST_POWER).map(|exponent| {
        let power = lit(10_f64.powi(exponent));
        (last_digit.clone() / power - lit(1.0)).abs().lt_eq(lit(1e-6))
    });
    let is_power = is_power.fold(lit(false), Expr::or);
    col("value").gt(lit(0.0)).and(scale.gt(lit(999.0))).and(is_power).fill_null(lit(false))
}
