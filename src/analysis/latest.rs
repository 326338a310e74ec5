//! The figures of the origin that the session shows, one vintage per figure: the twin of the view `observations_latest`, under
//! the departments that were chosen.

use polars::prelude::{
    DataType, Expr, LazyFrame, SortMultipleOptions, UniqueKeepStrategy, coalesce, col, lit,
};

use crate::analysis::comparable::comparable;
use crate::analysis::{Inputs, Plan};
use crate::model::Departments;
use crate::table::FIGURE_KEY;

/// Returns the figures of the session's origin as of its day: the key of a figure with `value`,
/// `value_text`, `unit`, `obs_status`, `qualifier`, `place`, `printed`, `edition`, `batch`, `note` and
/// `n_parts`.
///
/// `wanted` looks at columns of their key that no succession touches, so that other figures are
/// passed over where files are scanned.
pub(super) fn observations_latest(inputs: &Inputs<'_>, wanted: Expr) -> Plan {
    let latest = newest_vintage(figures(inputs)?.filter(wanted));
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
