//! What was added from one published figure to the next, of figures that add up over time: the twin of
//! the view `period_flows`.

use polars::prelude::{
    DataType, Expr, FillNullStrategy, JoinArgs, JoinType, LazyFrame, PolarsResult,
    SortMultipleOptions, SortOptions, WindowMapping, coalesce, col, lit, when,
};

use crate::analysis::latest::observations_latest;
use crate::analysis::terms::{is_one_of, null_of};
use crate::analysis::{Inputs, Plan};

/// What figures have in common that one may be taken away from the other: they count the same from the
/// same day on. With `reset`: a year to date begins anew with every year, whether its first day is told
/// or not.
pub(super) const CHAIN: [&str; 11] = [
    "indicator",
    "department",
    "region",
    "breakdown",
    "accumulation",
    "cumulative_start",
    "reset",
    "origin",
    "definition",
    "unit",
    "n_parts",
];
/// So many columns of [`CHAIN`] tell a series, in which the others may change.
const N_SERIES: usize = 8;

/// Returns one row per published figure of those `wanted` that add up over time: the columns of the
/// view but for `first_month`, `last_month` and `n_months`, with `reset`.
pub(super) fn period_flows(inputs: &Inputs<'_>, wanted: Expr) -> Plan {
    let figures = cumulative_figures(inputs, wanted)?;
    let flows = with_cause(with_opening(with_base(with_change(figures)?)?)?);
    let is_difference = || col("made").eq(lit("difference"));
    let flow = when(is_difference())
        .then(col("published_value") - col("opening_value"))
        .when(col("made").eq(lit("stated")))
        .then(col("published_value"))
        .otherwise(null_of(DataType::Float64));
    let is_approximate = col("is_approximate")
        .or(is_difference().and(col("is_opening_approximate").fill_null(lit(false))));
    let mut columns = vec![
        flow.alias("value"),
        is_approximate.alias("is_approximate"),
        is_revised_down().alias("is_revised_down"),
    ];
    for (name, data_type) in [
        ("opening_period_end", DataType::Date),
        ("opening_value", DataType::Float64),
        ("opening_edition", DataType::String),
    ] {
        let of_difference = when(is_difference()).then(col(name)).otherwise(null_of(data_type));
        columns.push(of_difference.alias(name));
    }
    Ok(flows.with_columns(columns))
}

/// The published figures that add up over time, with the first day that they count from.
fn cumulative_figures(inputs: &Inputs<'_>, wanted: Expr) -> Plan {
    // The day of a figure tells whether it accumulates, which no succession changes.
    let accumulates = col("accumulation").neq(lit("point"));
    let kinds = inputs.scan("indicators")?.select(["indicator", "definition", "kind"].map(col));
    let definition = ["indicator", "definition"].map(col);
    // Rates do not add up, and a stock that falls is no revision.
    let is_other = col("unit").eq(lit("%")).or(is_one_of("kind", &["ratio", "stock"]));
    let is_year_to_date = || col("accumulation").eq(lit("year_to_date"));
    let first_of_year = col("period_end").dt().truncate(lit("1y"));
    Ok(observations_latest(inputs, accumulates.and(wanted))?
        .join(kinds, &definition, &definition, JoinArgs::new(JoinType::Left))
        .filter(col("value_text").is_null().and(is_other.not()))
        .with_columns([
            col("period_start").alias("cumulative_start"),
            col("value").alias("published_value"),
            when(is_year_to_date())
                .then(coalesce(&[col("period_start"), first_of_year]))
                .otherwise(col("period_start"))
                .alias("first_day"),
            when(is_year_to_date())
                .then(col("period_end").dt().year())
                .otherwise(null_of(DataType::Int32))
                .alias("reset"),
            // A zero because everything was sent back says nothing about what was counted before.
            col("value")
                .is_not_null()
                .and(is_one_of("obs_status", &["returned", "partly_returned"]).not())
                .alias("is_sound"),
        ]))
}

/// Adds what the figure before it in its series is, whatever that says: `…_before`.
fn with_change(figures: LazyFrame) -> PolarsResult<LazyFrame> {
    let series: Vec<Expr> = CHAIN[..N_SERIES].iter().map(|name| col(*name)).collect();
    let before = |name: &&str| -> PolarsResult<Expr> {
        Ok(col(*name).shift(lit(1)).over(&series)?.alias(format!("{name}_before")))
    };
    let columns = CHAIN[N_SERIES..].iter().chain(&["period_end"]).map(before);
    let columns = columns.collect::<PolarsResult<Vec<_>>>()?;
    let in_order = ["period_end", "definition", "unit", "n_parts"].map(col);
    Ok(figures.sort_by_exprs(in_order, SortMultipleOptions::default()).with_columns(columns))
}

/// Adds to running totals what others of their chain say of them. Such a total is `is_doubtful` where it is
/// less than half of the sound one before it and no later one bears it out: the next sound one is nearer to
/// that than to it, or there is none. It is not `is_sound` any more, as one typing error must not make all
/// that came before it wrong. It `is_too_high` where a later sound one is lower: what is done is never undone,
/// so that is a revision of those before it.
pub(super) fn with_contradictions(
    totals: LazyFrame,
    value: &str,
    chain: &[Expr],
) -> PolarsResult<LazyFrame> {
    let sound = || when(col("is_sound")).then(col(value)).otherwise(null_of(DataType::Float64));
    let before = sound().fill_null_with_strategy(FillNullStrategy::Forward(None)).shift(lit(1));
    let after = sound().fill_null_with_strategy(FillNullStrategy::Backward(None)).shift(lit(-1));
    let has_fallen = col(value).lt(col("value_before") / lit(2.0));
    let halfway = (col("value_before") + col(value)) / lit(2.0);
    let is_back = col("value_after").gt_eq(halfway).fill_null(lit(true));
    let is_doubtful = col("is_sound").and(has_fallen.and(is_back).fill_null(lit(false)));
    // A running least is null where its value is, so it is carried over such rows.
    let lowest = sound().cum_min(true).fill_null_with_strategy(FillNullStrategy::Backward(None));
    let is_too_high = col(value).gt(col("lowest_later")).fill_null(lit(false));
    Ok(totals
        .with_columns([
            along(before, chain)?.alias("value_before"),
            along(after, chain)?.alias("value_after"),
        ])
        .with_column(is_doubtful.alias("is_doubtful"))
        .with_column(col("is_sound").and(col("is_doubtful").not()).alias("is_sound"))
        .with_column(along(lowest.shift(lit(-1)), chain)?.alias("lowest_later"))
        .with_column(is_too_high.and(col("is_doubtful").not()).alias("is_too_high")))
}

/// Adds what the other figures of the chain say of each, and `is_base`, whether another figure can be set
/// against it.
fn with_base(figures: LazyFrame) -> PolarsResult<LazyFrame> {
    let figures = with_contradictions(figures, "published_value", &CHAIN.map(col))?;
    let is_base = col("is_sound").and(col("is_too_high").not());
    Ok(figures.with_column(is_base.alias("is_base")))
}

/// An expression over the figures of a chain in the order of time.
fn along(expr: Expr, chain: &[Expr]) -> PolarsResult<Expr> {
    let by_day = (vec![col("period_end")], SortOptions::default());
    expr.over_with_options(Some(chain.to_vec()), Some(by_day), WindowMapping::GroupsToRows)
}

/// The last day before a row of the chain for which a condition holds.
fn last_day_where(condition: &str) -> PolarsResult<Expr> {
    let day = when(col(condition)).then(col("period_end")).otherwise(null_of(DataType::Date));
    let last_day = day.fill_null_with_strategy(FillNullStrategy::Forward(None)).shift(lit(1));
    along(last_day, &CHAIN.map(col))
}

/// Whether the figure, or one between it and the one that it is set against, was too high.
fn is_revised_down() -> Expr {
    let was_too_high = col("too_high_end").is_not_null();
    let is_within = col("too_high_end").gt(col("opening_period_end")).fill_null(lit(true));
    col("is_too_high").or(was_too_high.and(is_within))
}

/// Adds the last good figure before it that it can be set against: those without a value, returned zeros
/// and figures that were too high are passed over.
fn with_opening(figures: LazyFrame) -> PolarsResult<LazyFrame> {
    let chain: Vec<Expr> = CHAIN.iter().map(|name| col(*name)).collect();
    let figures = figures.with_columns([
        last_day_where("is_base")?.alias("opening_period_end"),
        last_day_where("is_too_high")?.alias("too_high_end"),
    ]);
    let mut opening = chain.clone();
    opening.extend([
        col("period_end").alias("opening_period_end"),
        col("published_value").alias("opening_value"),
        col("edition").alias("opening_edition"),
        col("is_approximate").alias("is_opening_approximate"),
    ]);
    let openings = figures.clone().filter(col("is_base")).select(opening);
    let mut key = chain;
    key.push(col("opening_period_end"));
    let same_series = JoinArgs { nulls_equal: true, ..JoinArgs::new(JoinType::Left) };
    Ok(figures.join(openings, &key, &key, same_series))
}

/// Adds how the flow was made, and why no figure before it was taken away or why there is none.
fn with_cause(figures: LazyFrame) -> LazyFrame {
    let has_opening = || col("opening_period_end").is_not_null();
    let has_value = || col("published_value").is_not_null();
    let begins_somewhere = || col("first_day").is_not_null();
    let changed = |name: &str| {
        let before = col(format!("{name}_before"));
        col("period_end_before").lt(col("period_end")).and(before.neq(col(name)))
    };
    // What was counted before may have been sent back with it: neither a fall nor a flow.
    let is_no_flow = || {
        let is_without_beginning = has_opening().or(begins_somewhere().not());
        col("is_doubtful").or(col("is_sound").not().and(is_without_beginning))
    };
    let cause = when(has_value().not().and(col("obs_status").eq(lit("not_applicable"))))
        .then(lit("not_applicable"))
        .when(has_value().not())
        .then(lit("missing"))
        .when(col("is_doubtful"))
        .then(lit("doubtful_fall"))
        .when(is_no_flow())
        .then(lit("returned"))
        .when(col("is_too_high"))
        .then(lit("revised_down"))
        .when(has_opening())
        .then(null_of(DataType::String))
        // A zero from the first day on, and none of what was done.
        .when(col("is_sound").not())
        .then(lit("returned"))
        .when(changed("definition"))
        .then(lit("definition_changed"))
        .when(changed("unit"))
        .then(lit("unit_changed"))
        .when(changed("n_parts"))
        .then(lit("departments_changed"))
        .when(begins_somewhere().not())
        .then(lit("no_earlier_figure"))
        .otherwise(null_of(DataType::String));
    let made = when(has_value().not().or(is_no_flow()).or(col("is_too_high")))
        .then(lit("none"))
        .when(has_opening())
        .then(lit("difference"))
        .when(begins_somewhere())
        .then(lit("stated"))
        .otherwise(lit("none"));
    let day_after = col("opening_period_end").dt().offset_by(lit("1d"));
    figures.with_column(cause.alias("cause")).with_columns([
        made.alias("made"),
        coalesce(&[day_after, col("first_day")]).alias("period_start"),
    ])
}
