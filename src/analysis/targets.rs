//! The twin of `targets/attainment`.

use polars::prelude::{
    DataType, Expr, JoinArgs, JoinType, LazyFrame, NULL, PolarsResult, SortMultipleOptions,
    UnionArgs, UniqueKeepStrategy, coalesce, col, cols, concat, concat_lf_diagonal, len, lit, when,
};

use crate::analysis::flows::with_contradictions;
use crate::analysis::latest::observations_latest;
use crate::analysis::terms::{answer, is_one_of, null_of, with_departments, with_indicator_names};
use crate::analysis::{Inputs, Plan};

/// The levels of divisions in their order, from 1, with what the table of regions calls them.
const LEVELS: [(&str, &[&str]); 5] = [
    ("province", &["province"]),
    ("prefecture", &["prefecture_city", "autonomous_prefecture", "prefecture"]),
    (
        "county",
        &["district", "county_level_city", "county", "autonomous_county", "admin_committee"],
    ),
    ("township", &["township"]),
    ("village", &["village"]),
];
/// How far a division can be below the region of its target.
const MAX_STEPS: usize = 3;
/// What tells a target and who has to reach it.
const PLACE: [&str; 8] = [
    "indicator",
    "target_region",
    "level",
    "department",
    "valid_from",
    "valid_to",
    "direction",
    "region",
];
/// What tells a target.
const GOAL: [&str; 7] =
    ["indicator", "target_region", "level", "department", "valid_from", "valid_to", "direction"];

/// Every target with what was reached.
pub(super) fn attainment(inputs: &Inputs<'_>) -> Plan {
    let mut places = places(inputs)?;
    for name in ["indicator", "region", "department"] {
        if let Some(wanted) = inputs.text(name) {
            places = places.filter(col(name).eq(lit(wanted)));
        }
    }
    if let Some(day) = inputs.date("day") {
        let is_over = col("valid_to").lt(lit(day)).fill_null(lit(false));
        places = places.filter(col("valid_from").lt_eq(lit(day)).and(is_over.not()));
    }
    let key = PLACE.map(col);
    let same = JoinArgs { nulls_equal: true, ..JoinArgs::new(JoinType::Left) };
    let measured = places.clone().join(latest_figures(inputs, places)?, &key, &key, same);
    let number = |count: Expr| -> PolarsResult<Expr> {
        Ok(count.over(GOAL.map(col))?.cast(DataType::Int64))
    };
    let rows = judged(measured).with_columns([
        standing().alias("standing"),
        number(col("region").count())?.alias("n_places"),
        number(col("is_met").count())?.alias("n_known"),
        number(col("is_met").fill_null(lit(false)).sum())?.alias("n_met"),
    ]);
    named(rows, inputs)
}

/// Returns who has to reach each target: the region itself, or every division of its level.
fn places(inputs: &Inputs<'_>) -> Plan {
    let targets = inputs.scan("targets")?.select([
        col("indicator"),
        col("region").alias("target_region"),
        col("level"),
        col("department"),
        col("direction"),
        col("value").alias("target"),
        col("unit"),
        col("valid_from"),
        col("valid_to"),
    ]);
    let itself = targets
        .clone()
        .filter(col("level").is_null())
        .with_column(col("target_region").alias("region"));
    let key = ["target_region", "level"].map(col);
    let divisions = divisions(inputs.scan("regions")?)?;
    let each = targets.join(divisions, &key, &key, JoinArgs::new(JoinType::Inner));
    Ok(concat_lf_diagonal([itself, each], UnionArgs::default())?)
}

/// Returns every division that exists, by its level and each region that it is in: `target_region`.
fn divisions(regions: LazyFrame) -> PolarsResult<LazyFrame> {
    let mut level = col("level");
    for (name, own_names) in LEVELS {
        level = when(is_one_of("level", own_names)).then(lit(name)).otherwise(level);
    }
    let parents =
        regions.clone().select([col("region").alias("target_region"), col("parent").alias("next")]);
    let columns = ["region", "level", "target_region"].map(col);
    let mut above = regions.filter(col("status").eq(lit("current"))).select([
        col("region"),
        level.alias("level"),
        col("region").alias("target_region"),
    ]);
    let mut all = vec![above.clone()];
    let key = [col("target_region")];
    for _ in 0..MAX_STEPS {
        above = above
            .join(parents.clone(), &key, &key, JoinArgs::new(JoinType::Inner))
            .filter(col("next").is_not_null())
            .with_column(col("next").alias("target_region"))
            .select(&columns);
        all.push(above.clone());
    }
    let all = concat(all, UnionArgs::default())?;
    Ok(all.unique(None, UniqueKeepStrategy::Any))
}

/// Returns for every place the latest figure that measures its target.
///
/// That is a state at a day, a rate, or what was counted from the first day of the target on; of a running
/// total that began before it, what was added since the day before. Of a region without one of its own it is
/// the sum over its departments.
fn latest_figures(inputs: &Inputs<'_>, places: LazyFrame) -> Plan {
    let own = own_figures(inputs)?;
    let summed = all_departments(own.clone(), inputs)?;
    let figures = concat_lf_diagonal([own, summed], UnionArgs::default())?;
    let body = ["indicator", "region", "department"].map(col);
    let same = JoinArgs { nulls_equal: true, ..JoinArgs::new(JoinType::Inner) };
    let is_within = col("period_end")
        .gt_eq(col("valid_from"))
        .and(col("valid_to").is_null().or(col("period_end").lt_eq(col("valid_to"))));
    let newest_first = SortMultipleOptions::default()
        .with_order_descending_multi([false, true, false, true, false, false, false, false])
        .with_nulls_last(true);
    let place = |accumulation: &str| col("accumulation").eq(lit(accumulation));
    let order = when(place("point"))
        .then(lit(0))
        .when(place("year_to_date"))
        .then(lit(1))
        .when(place("period"))
        .then(lit(2))
        .otherwise(lit(3))
        .cast(DataType::Int32);
    let columns: Vec<Expr> = PLACE.iter().chain(&FIGURE).map(|name| col(*name)).collect();
    let within = places.join(figures.clone(), &body, &body, same).filter(is_within);
    let stated = within.clone().filter(measures_target()).with_column(lit("stated").alias("made"));
    let added = differences(within, figures);
    Ok(concat_lf_diagonal([stated, added], UnionArgs::default())?
        .with_columns(
            ["is_too_high", "is_doubtful"].map(|name| col(name).and(col("is_running")).alias(name)),
        )
        .sort_by_exprs(
            [
                col("n_departments").is_not_null(),
                col("period_end"),
                col("made").neq(lit("stated")),
                col("definition"),
                order,
                col("period_start"),
                col("figure_unit").neq(col("unit")),
                col("figure_unit"),
            ],
            newest_first,
        )
        .unique_stable_generic(Some(PLACE.map(col).to_vec()), UniqueKeepStrategy::First)
        .select(columns))
}

/// The figures of indicators for which there are targets, with what others of their chain say of them.
fn own_figures(inputs: &Inputs<'_>) -> Plan {
    let mut wanted = col("breakdown").is_null();
    if let Some(indicator) = inputs.text("indicator") {
        wanted = wanted.and(col("indicator").eq(lit(indicator)));
    }
    let own = observations_latest(inputs, wanted)?.filter(col("value").is_not_null()).select([
        col("indicator"),
        col("definition"),
        col("region"),
        col("department"),
        col("accumulation"),
        col("period_start"),
        col("period_end"),
        col("value").alias("figure"),
        col("unit").alias("figure_unit"),
        col("obs_status"),
        col("is_approximate"),
        col("edition"),
        col("batch"),
        col("n_parts"),
    ]);
    let indicator = [col("indicator")];
    let kinds = inputs.scan("indicators")?.group_by([col("indicator")]).agg([col("kind").max()]);
    let own =
        of_targets(own, inputs)?.join(kinds, &indicator, &indicator, JoinArgs::new(JoinType::Left));
    let own = own.with_columns([
        was_returned().not().alias("is_sound"),
        is_running().alias("is_running"),
        reset().alias("reset"),
    ]);
    Ok(with_contradictions(own, "figure", &chain(&["department", "n_parts"]))?)
}

/// Keeps the figures of indicators for which there are targets.
fn of_targets(figures: LazyFrame, inputs: &Inputs<'_>) -> Plan {
    let indicator = [col("indicator")];
    let targets = inputs.scan("targets")?;
    Ok(figures.join(targets, &indicator, &indicator, JoinArgs::new(JoinType::Semi)))
}

/// Whether records were sent back, so that a figure is not what was done.
fn was_returned() -> Expr {
    is_one_of("obs_status", &["returned", "partly_returned"])
}

/// Whether a figure counts on from a day, so that none that comes later can be lower.
fn is_running() -> Expr {
    let is_state = col("accumulation").eq(lit("point")).or(col("figure_unit").eq(lit("%")));
    is_state.or(is_one_of("kind", &["ratio", "stock"])).not()
}

/// The year in which a year to date counts.
fn reset() -> Expr {
    when(col("accumulation").eq(lit("year_to_date")))
        .then(col("period_end").dt().year())
        .otherwise(null_of(DataType::Int32))
}

/// What figures have in common that count the same from the same day on, with what else tells whose they are.
fn chain(of_whom: &[&str]) -> Vec<Expr> {
    let same = ["indicator", "definition", "region", "period_start"];
    let counting = ["accumulation", "figure_unit", "reset"];
    [&same, of_whom, &counting].concat().into_iter().map(col).collect()
}

/// Returns what running totals that began before the time of a target added in it: each less the one of the
/// day before that time. One that has everything sent back has nothing of that time, either.
fn differences(closings: LazyFrame, figures: LazyFrame) -> LazyFrame {
    let mut key = chain(&["department", "n_parts", "n_departments"]);
    let mut opening = key.clone();
    opening.extend([
        col("period_end").alias("opening_end"),
        col("figure").alias("opening"),
        col("is_approximate").alias("is_opening_approximate"),
        col("is_doubtful").alias("is_opening_doubtful"),
        col("is_too_high").alias("is_opening_too_high"),
    ]);
    let openings = figures.filter(col("is_running").and(was_returned().not())).select(opening);
    key.push(col("opening_end"));
    let same = JoinArgs { nulls_equal: true, ..JoinArgs::new(JoinType::Inner) };
    let is_returned = || col("obs_status").eq(lit("returned"));
    let year = |day: &str| col(day).dt().year();
    // A year to date tells nothing of what is left of the time of the target behind New Year.
    let is_of_year = year("valid_to").eq(year("valid_from")).fill_null(lit(false));
    let is_within_year = is_of_year.or(col("accumulation").neq(lit("year_to_date")));
    let is_contradicted = ["is_doubtful", "is_opening_doubtful", "is_opening_too_high"]
        .into_iter()
        .map(col)
        .fold(lit(false), Expr::or);
    let is_told = col("figure").gt_eq(col("opening")).or(is_returned()).or(is_contradicted);
    let either = |name: &str, of_opening: &str| col(name).or(col(of_opening)).alias(name);
    let added = when(is_returned()).then(lit(0.0)).otherwise(col("figure") - col("opening"));
    closings
        .with_column(col("valid_from").dt().offset_by(lit("-1d")).alias("opening_end"))
        .join(openings, &key, &key, same)
        .filter(is_told.and(is_within_year))
        .with_columns([
            added.alias("figure"),
            lit("difference").alias("made"),
            either("is_approximate", "is_opening_approximate"),
            either("is_doubtful", "is_opening_doubtful"),
            either("is_too_high", "is_opening_too_high"),
        ])
}

/// What is told of the figure that a target is measured by.
const FIGURE: [&str; 10] = [
    "is_too_high",
    "is_doubtful",
    "made",
    "figure",
    "figure_unit",
    "obs_status",
    "is_approximate",
    "period_end",
    "edition",
    "n_departments",
];

/// Adds up the figures of all departments of a region, where a printed total proves that none of them is
/// missing. Rates do not add up.
fn all_departments(figures: LazyFrame, inputs: &Inputs<'_>) -> Plan {
    let is = |words: &[&str]| is_one_of("obs_status", words);
    let status = when(is(&["returned"]).all(true))
        .then(lit("returned"))
        .when(is(&["returned", "partly_returned"]).any(true))
        .then(lit("partly_returned"))
        .otherwise(lit("reported"));
    let edition = || col("edition");
    let only_edition = when(edition().min().eq(edition().max()))
        .then(edition().min())
        .otherwise(null_of(DataType::String));
    let adds_up = col("kind").neq(lit("ratio")).and(col("figure_unit").neq(lit("%")));
    let mut together = TOTAL.map(col).to_vec();
    together.extend(["accumulation", "figure_unit", "kind", "reset"].map(col));
    let departments = figures.filter(col("department").is_not_null());
    let summed = departments.clone().filter(adds_up).group_by(together).agg([
        col("figure").sum(),
        status.alias("obs_status"),
        col("is_approximate").any(true),
        col("is_running").any(true),
        col("is_doubtful").any(true),
        col("is_too_high").any(true),
        only_edition.alias("edition"),
        len().cast(DataType::Int64).alias("n_departments"),
    ]);
    let same = || JoinArgs { nulls_equal: true, ..JoinArgs::new(JoinType::Inner) };
    // A total counts with the document that prints it: where the figures of that are known.
    let mut printed = TOTAL.map(col).to_vec();
    printed.push(col("batch"));
    let mut with_rows = printed.clone();
    with_rows.push(col("n_rows").cast(DataType::Int64));
    let totals = inputs.scan("totals")?.filter(col("reconciled")).select(with_rows);
    let proven = departments
        .join(totals, &printed, &printed, same())
        .group_by(TOTAL.map(col))
        .agg([col("n_rows").max()]);
    let of_no_department =
        [null_of(DataType::String).alias("department"), null_of(DataType::Int32).alias("n_parts")];
    Ok(summed
        .join(proven, TOTAL.map(col), TOTAL.map(col), same())
        .filter(col("n_rows").gt_eq(col("n_departments")))
        .drop(cols(["n_rows"]))
        .with_columns(of_no_department))
}

/// What figures of departments and the total that adds them up have in common.
const TOTAL: [&str; 5] = ["indicator", "definition", "region", "period_start", "period_end"];

/// Whether a figure is about the time of the target. What was counted since another day, and single
/// months, are no measure of it.
fn measures_target() -> Expr {
    let is = |accumulation: &str| col("accumulation").eq(lit(accumulation));
    let is_of_kind = |kind: &str| col("kind").eq_missing(lit(kind));
    let january = col("period_end").dt().truncate(lit("1y"));
    let begins_in_january =
        is("year_to_date").and(col("period_start").is_null()).and(col("valid_from").eq(january));
    is("point")
        .or(is_of_kind("ratio"))
        .or(col("period_start").eq_missing(col("valid_from")))
        .or(begins_in_january)
        .or(is("since_launch").and(is_of_kind("stock")))
}

/// Adds the value in the unit of the target, and what is lacking.
fn judged(measured: LazyFrame) -> LazyFrame {
    let is_of_unit = col("figure_unit").eq(col("unit"));
    let cause = when(col("figure").is_null())
        .then(lit("no_figure"))
        .when(is_of_unit.not())
        .then(lit("unit_differs"))
        .when(col("is_too_high"))
        .then(lit("revised_down"))
        .when(col("is_doubtful"))
        .then(lit("doubtful_fall"))
        .otherwise(null_of(DataType::String));
    let is_limit = || col("direction").eq(lit("at_most"));
    let lacking = col("target") - col("value");
    let value = when(col("cause").is_null()).then(col("figure")).otherwise(lit(NULL));
    measured.with_column(cause.alias("cause")).with_column(value.alias("value")).with_columns([
        when(is_limit()).then(-lacking.clone()).otherwise(lacking).alias("gap"),
        when(is_limit())
            .then(col("value").lt_eq(col("target")))
            .otherwise(col("value").gt_eq(col("target")))
            .alias("is_met"),
        col("is_approximate").fill_null(lit(false)),
        days_left().alias("days_left"),
    ])
}

/// Days from the end of the figure to that of the target; both are days since one and the same.
fn days_left() -> Expr {
    col("valid_to").cast(DataType::Int32) - col("period_end").cast(DataType::Int32)
}

/// How a target stands, where it was judged.
fn standing() -> Expr {
    let is_limit = || col("direction").eq(lit("at_most"));
    let is_open = || col("days_left").gt(lit(0_i32));
    when(col("is_met").is_null())
        .then(col("cause"))
        .when(is_limit().and(col("is_met").not()))
        .then(lit("over_limit"))
        .when(is_limit().and(col("days_left").is_null().or(is_open())))
        .then(lit("within_limit"))
        .when(col("is_met"))
        .then(lit("met"))
        .when(col("days_left").is_null())
        .then(lit("not_yet_met"))
        .when(is_open())
        .then(lit("not_due"))
        .otherwise(lit("missed"))
}

/// Adds the names of the indicators, regions and departments, and puts the rows in order.
fn named(rows: LazyFrame, inputs: &Inputs<'_>) -> Plan {
    let regions = inputs.scan("regions")?.select([col("region"), col("name").alias("region_name")]);
    let region = [col("region")];
    let mut level_order = lit(0_i32);
    for ((name, _), place) in LEVELS.iter().zip(1_i32..) {
        level_order = when(col("level").eq(lit(*name))).then(lit(place)).otherwise(level_order);
    }
    let rows = with_indicator_names(rows, inputs)?
        .join(regions, &region, &region, JoinArgs::new(JoinType::Left))
        .with_columns([
            coalesce(&[col("region_name"), col("region")]).alias("region_name"),
            level_order.cast(DataType::Int32).alias("level_order"),
        ]);
    Ok(answer(with_departments(rows, inputs)?, &ORDER, RETURNS))
}

/// The order of the answer.
const ORDER: [&str; 9] = [
    "indicator",
    "valid_from",
    "target_region",
    "level_order",
    "official_order",
    "department",
    "valid_to",
    "direction",
    "region",
];

/// The columns of the answer, in their order.
const RETURNS: [&str; 30] = [
    "indicator",
    "indicator_name",
    "target_region",
    "level_order",
    "level",
    "region",
    "region_name",
    "department",
    "department_name",
    "direction",
    "target",
    "value",
    "made",
    "n_departments",
    "unit",
    "gap",
    "is_met",
    "standing",
    "cause",
    "obs_status",
    "is_approximate",
    "period_end",
    "valid_from",
    "valid_to",
    "days_left",
    "edition",
    "n_places",
    "n_known",
    "n_met",
    "official_order",
];
