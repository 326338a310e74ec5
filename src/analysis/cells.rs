//! The tables of departments with one definition and one span for every column of a period: the twin
//! of the view `cells_by_period`.

use polars::prelude::{DataType, Expr, LazyFrame, PolarsResult, col, len, lit, when};

use crate::analysis::latest::observations_latest;
use crate::analysis::terms::{is_one_of, null_of};
use crate::analysis::{Inputs, Plan};

/// Returns the cells of the columns of `indicators`, one row per department and column; a department
/// that has a column in another definition or span only has rows without a value, whose status says so.
///
/// `is_chosen` tells the cells with a value from those.
pub(super) fn cells_by_period(inputs: &Inputs<'_>, indicators: &[&str]) -> Plan {
    let is_of_department = col("department").is_not_null().and(col("breakdown").is_null());
    let wanted = is_of_department.and(is_one_of("indicator", indicators));
    Ok(chosen_cells(observations_latest(inputs, wanted)?)?)
}

fn is_chosen() -> Expr {
    col("is_chosen")
}

/// Chooses one definition and one span for a whole column, so that a sum never mixes a month with the
/// year so far: the newest definition, then the span that most departments have, then the longest (no
/// start: since launch).
///
/// One condition after the other is laid on the cells that are left.
fn chosen_cells(cells: LazyFrame) -> PolarsResult<LazyFrame> {
    let column = [col("region"), col("period_end"), col("indicator")];
    let one_span =
        ["region", "period_end", "indicator", "definition", "period_start", "accumulation"];
    let of_chosen = |expr: Expr| expr.filter(is_chosen());
    let still = |condition: Expr| is_chosen().and(condition).alias("is_chosen");
    let is_newest = col("definition").eq(col("definition").max().over(&column)?);
    let most = of_chosen(col("n_departments")).max().over(&column)?;
    let has_open_start = of_chosen(col("period_start").is_null()).any(true).over(&column)?;
    let first_start = of_chosen(col("period_start")).min().over(&column)?;
    let is_longest = when(has_open_start)
        .then(col("period_start").is_null())
        .otherwise(col("period_start").eq(first_start));
    let first_accumulation = of_chosen(col("accumulation")).min().over(&column)?;
    let of_department = [col("region"), col("period_end"), col("indicator"), col("department")];
    let has_none = is_chosen().any(true).over(of_department)?.not();
    let other = when(col("is_newest")).then(lit("other_span")).otherwise(lit("other_definition"));
    let or_null = |name: &str, data_type: DataType| {
        when(is_chosen()).then(col(name)).otherwise(null_of(data_type)).alias(name)
    };
    Ok(cells
        .with_columns([
            len().over(one_span.map(col))?.alias("n_departments"),
            is_newest.clone().alias("is_newest"),
            is_newest.alias("is_chosen"),
        ])
        .with_column(still(col("n_departments").eq(most)))
        .with_column(still(is_longest))
        .with_column(still(col("accumulation").eq(first_accumulation)))
        .filter(is_chosen().or(has_none))
        .with_columns([
            or_null("value", DataType::Float64),
            or_null("note", DataType::String),
            is_chosen().and(col("is_approximate")).alias("is_approximate"),
            when(is_chosen()).then(col("obs_status")).otherwise(other).alias("obs_status"),
        ]))
}
