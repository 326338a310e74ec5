//! The statements that ask the data what some sums mix.

use crate::engine::mixing::figures::{DIMENSIONS, FLOW, Figures, carried};
use crate::engine::mixing::plan::Probe;
use crate::engine::mixing::sums::Sum;
use crate::table::FIGURE_KEY;

/// What answers call times that overlap; those of [`unlike_statement`] where they may, for neither groups
/// nor departments are told apart there.
pub(super) const OVERLAP: &str = "overlap";
/// What they call times of unlike length.
pub(super) const LENGTH: &str = "length";

/// What they call a figure whose row comes several times.
pub(super) const REPEATED: &str = "repeated";
/// What they call flows of several places that are not over the same time.
pub(super) const SPAN: &str = "span";

/// The condition for a kind of figures to be of a series.
const SERIES: &str = "mixed.indicator IS NOT DISTINCT FROM kinds.indicator
    AND mixed.accumulation IS NOT DISTINCT FROM kinds.accumulation";

/// Returns the statement that asks what is unlike among the figures that are added up: columns `sum_no`,
/// `kind`, `n_items` and `names`, at most three of them.
///
/// `rows` is the SELECT of the rows. What is the same in every group has no row.
pub(super) fn unlike_statement(probe: &Probe, rows: &str) -> String {
    let keys = keys_of(probe);
    let kinds = kinds_of_figures(probe, rows);
    let places = places_of_figures(probe);
    let unlike = unlike_items(probe);
    let added = numbers_of(probe, |sum| !sum.is_average);
    let plain = numbers_of(probe, |sum| sum.figures.is_plain);
    format!(
        "WITH RECURSIVE {kinds},
         by_group AS (
             SELECT sum_no, {keys}
                 coalesce(min(indicator) <> max(indicator), false) AS has_indicator,
                 coalesce(min(accumulation) <> max(accumulation), false) AS has_accumulation,
                 coalesce(min(origin) <> max(origin), false) AS has_origin,
                 -- One rate alone is itself.
                 coalesce(sum(CASE WHEN is_rate THEN n_figures END) > 1, false)
                     AND sum_no IN ({plain}) AS has_rate,
                 coalesce(min(region) <> max(region) OR min(is_whole) <> max(is_whole), false)
                     AS has_place
             FROM kinds
             GROUP BY {keys} sum_no
             HAVING has_indicator OR has_accumulation OR has_origin OR has_rate OR has_place
         ),
         by_series AS (
             SELECT sum_no, {keys} indicator, accumulation,
                 min(period_end) <> max(period_end)
                     AND (
                         accumulation = 'since_launch'
                         -- It may be any.
                         OR accumulation IS NULL
                         -- Whole years are apart.
                         OR accumulation = 'year_to_date'
                             AND bool_or(month(period_end) < 12 OR day(period_end) < 31)
                         OR accumulation = 'point' AND sum_no IN ({added})
                     ) AS has_day,
                 -- Flows of any length add up; where they overlap, that is asked.
                 min(length) <> max(length)
                     AND (coalesce(accumulation, '{FLOW}') <> '{FLOW}' OR sum_no NOT IN ({added}))
                     AS has_length,
                 min(definition) <> max(definition) AS has_definition,
                 count(breakdown) BETWEEN 1 AND count(*) - 1 AS has_breakdown,
                 sum_no IN ({added}) AND (
                     min(period_end) <> max(period_end) OR min(period_start) <> max(period_start)
                     OR min(definition) <> max(definition) OR min(version) <> max(version)
                 ) AS has_time
             FROM kinds
             GROUP BY {keys} sum_no, indicator, accumulation
             HAVING has_day OR has_length OR has_definition OR has_breakdown OR has_time
         ),
         {places},
         items AS (
             SELECT sum_no, kind, item, min(shown) AS shown
             FROM ({unlike}) AS unlike WHERE item IS NOT NULL GROUP BY ALL
         )
         SELECT CAST(sum_no AS INTEGER) AS sum_no, kind, count(*) AS n_items,
             concat(array_to_string(list(shown ORDER BY shown)[1:3], ', '),
                 CASE WHEN count(*) > 3 THEN ', …' ELSE '' END) AS names
         FROM items GROUP BY ALL ORDER BY ALL"
    )
}

/// Returns the kinds of figures that are added up, as the last of several SELECTs with names: `kinds`.
fn kinds_of_figures(probe: &Probe, rows: &str) -> String {
    let keys = keys_of(probe);
    let adds = adds_of(&probe.sums);
    let [indicator, accumulation, breakdown, start, end, origin] =
        ["indicator", "accumulation", "breakdown", "period_start", "period_end", "origin"]
            .map(carried);
    let [definition, department, region, unit, version] =
        ["definition", "department", "region", "unit", "version"].map(carried);
    format!(
        "given AS ({rows}),
         raw AS (
             SELECT sum_no, {keys} {indicator} AS indicator, {definition} AS definition,
                 {accumulation} AS accumulation, {breakdown} AS breakdown, {start} AS first_day,
                 {end} AS last_day, {origin} AS origin, {region} AS region,
                 {department} IS NULL AS is_whole, {unit} AS unit, {version} AS version,
                 count(*) AS n_figures
             FROM (SELECT *, unnest([{adds}]) AS sum_no FROM given) AS counted
             WHERE sum_no IS NOT NULL
             GROUP BY ALL
         ),
         -- What a source lacks has no type of its own.
         dated AS (
             SELECT sum_no, {keys} CAST(indicator AS VARCHAR) AS indicator, definition,
                 CAST(accumulation AS VARCHAR) AS accumulation,
                 CAST(breakdown AS VARCHAR) AS breakdown, CAST(origin AS VARCHAR) AS origin,
                 CAST(region AS VARCHAR) AS region, is_whole, CAST(unit AS VARCHAR) AS unit, version,
                 CAST(CAST(first_day AS VARCHAR) AS DATE) AS period_start,
                 CAST(CAST(last_day AS VARCHAR) AS DATE) AS period_end,
                 n_figures
             FROM raw
         ),
         rates AS (
             SELECT indicator FROM indicators GROUP BY indicator
             HAVING min(kind) = 'ratio' AND max(kind) = 'ratio'
         ),
         kinds AS MATERIALIZED (
             SELECT *,
                 CASE
                     WHEN accumulation NOT IN ('period', '{FLOW}') THEN NULL
                     WHEN period_start = date_trunc('month', period_start)
                         AND period_end = last_day(period_end)
                     THEN datediff('month', period_start, period_end) + 1
                     ELSE -datediff('day', period_start, period_end) - 1
                 END AS length,
                 coalesce(unit = '%', false)
                     OR coalesce(indicator IN (SELECT rates.indicator FROM rates), false) AS is_rate
             FROM dated
         )"
    )
}

/// Returns SELECTs with names of the figures of groups that have several places or times: `places`, which
/// of those lie in which others: `above`, and times that overlap others: `met`.
fn places_of_figures(probe: &Probe) -> String {
    let keys: String = (0..probe.n_keys).map(|idx| format!("kinds.g{idx}, ")).collect();
    let same = same_keys(probe, "kinds");
    let first_day = first_day("kinds.", "period_end");
    format!(
        "places AS (
             SELECT DISTINCT {keys} kinds.sum_no, kinds.indicator, kinds.accumulation, kinds.region,
                 kinds.is_whole
             FROM kinds JOIN by_group AS mixed ON {same}
             WHERE mixed.has_place AND kinds.region IS NOT NULL
         ),
         above AS (
             SELECT reg.region, reg.parent FROM regions AS reg
             WHERE reg.parent IS NOT NULL AND reg.region IN (SELECT places.region FROM places)
             UNION
             SELECT above.region, reg.parent FROM above
             JOIN regions AS reg ON reg.region = above.parent
             WHERE reg.parent IS NOT NULL
         ),
         spans AS (
             SELECT DISTINCT kinds.sum_no, kinds.indicator, kinds.accumulation, kinds.definition,
                 kinds.version, {first_day} AS first_day, kinds.period_end AS last_day
             FROM kinds JOIN by_series AS mixed ON {same} AND {SERIES}
             WHERE mixed.has_time AND kinds.region IS NOT NULL AND kinds.period_end IS NOT NULL
         ),
         met AS (
             SELECT sum_no, last_day, first_day <= max(last_day) OVER (
                 PARTITION BY sum_no, indicator, accumulation
                 ORDER BY first_day, last_day ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
             ) AS is_met
             FROM spans
         )"
    )
}

/// Returns the first day of the time for which a figure must be counted once: for what is counted up to
/// a day, and for a state, that day. `of` is the table with a dot, or nothing, `end` its last day.
fn first_day(of: &str, end: &str) -> String {
    format!(
        "CASE WHEN {of}accumulation IN ('point', 'since_launch', 'year_to_date') THEN {of}{end}
         ELSE coalesce({of}period_start, {of}{end}) END"
    )
}

/// Returns what is unlike in the groups where something is: a SELECT of `sum_no`, `kind`, `item` and how
/// it is shown.
fn unlike_items(probe: &Probe) -> String {
    let same = same_keys(probe, "kinds");
    let by_group = ["indicator", "accumulation", "origin"].map(|name| {
        format!(
            "SELECT kinds.sum_no, '{name}' AS kind, kinds.{name} AS item, kinds.{name} AS shown
             FROM kinds JOIN by_group AS mixed ON {same} WHERE mixed.has_{name}"
        )
    });
    let by_series = [
        ("day", "period_end", "CAST(kinds.period_end AS VARCHAR)"),
        (LENGTH, "length", "concat(kinds.period_start, '..', kinds.period_end)"),
        ("definition", "definition", "CAST(kinds.definition AS VARCHAR)"),
        ("breakdown", "breakdown", "CAST(kinds.breakdown AS VARCHAR)"),
    ]
    .map(|(kind, item, shown)| {
        format!(
            "SELECT kinds.sum_no, '{kind}' AS kind, CAST(kinds.{item} AS VARCHAR) AS item,
             {shown} AS shown
             FROM kinds JOIN by_series AS mixed ON {same} AND {SERIES} WHERE mixed.has_{kind}"
        )
    });
    let keys = keys_of(probe);
    let lower = same_keys(probe, "lower");
    let added = numbers_of(probe, |sum| !sum.is_average);
    let others = [
        format!(
            "SELECT kinds.sum_no,
                 CASE WHEN kinds.sum_no IN ({added}) THEN 'rate_sum' ELSE 'rate_average' END AS kind,
                 coalesce(kinds.indicator, kinds.unit) AS item,
                 coalesce(kinds.indicator, kinds.unit) AS shown
             FROM kinds JOIN by_group AS mixed ON {same} WHERE mixed.has_rate AND kinds.is_rate"
        ),
        format!(
            "SELECT mixed.sum_no, 'level' AS kind, mixed.region AS item, mixed.region AS shown
             FROM places AS lower JOIN above ON above.region = lower.region
             JOIN places AS mixed ON mixed.region = above.parent AND {lower}
                 AND mixed.indicator IS NOT DISTINCT FROM lower.indicator
                 AND mixed.accumulation IS NOT DISTINCT FROM lower.accumulation"
        ),
        format!(
            "SELECT sum_no, 'whole' AS kind, region AS item, region AS shown FROM places
             GROUP BY {keys} sum_no, indicator, accumulation, region HAVING count(*) > 1"
        ),
        format!(
            "SELECT sum_no, '{OVERLAP}' AS kind, CAST(last_day AS VARCHAR) AS item,
                 CAST(last_day AS VARCHAR) AS shown
             FROM met WHERE is_met"
        ),
    ];
    [&by_group[..], &by_series, &others].concat().join(" UNION ALL ")
}

/// Returns the statement that asks which figures of one place are added up although their times overlap,
/// in the same columns: `n_items` is the number of figures, `names` are their times.
pub(super) fn overlap_statement(probe: &Probe, rows: &str) -> String {
    let keys = keys_of(probe);
    let adds = adds_of(&probe.sums);
    let added = numbers_of(probe, |sum| !sum.is_average);
    let [accumulation, start, end, region, version] =
        ["accumulation", "period_start", "period_end", "region", "version"].map(carried);
    let [indicator, definition, department, breakdown, origin] =
        ["indicator", "definition", "department", "breakdown", "origin"].map(carried);
    let first_day = first_day("", "last_day");
    format!(
        "WITH given AS ({rows}),
         spans AS (
             SELECT sum_no, {keys} hash({indicator}, {department}, {region}, {breakdown},
                     {accumulation}, {origin}) AS series,
                 {definition} AS definition, {version} AS version,
                 CAST({accumulation} AS VARCHAR) AS accumulation,
                 CAST(CAST({start} AS VARCHAR) AS DATE) AS period_start,
                 CAST(CAST({end} AS VARCHAR) AS DATE) AS last_day
             FROM (SELECT *, unnest([{adds}]) AS sum_no FROM given) AS counted
             WHERE sum_no IN ({added}) AND {region} IS NOT NULL AND {end} IS NOT NULL
             GROUP BY ALL
         ),
         dated AS (SELECT *, {first_day} AS first_day FROM spans),
         met AS (
             SELECT sum_no, first_day, last_day,
                 max(last_day) OVER (
                     PARTITION BY {keys} sum_no, series ORDER BY first_day, last_day
                     ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
                 ) AS covered_until,
                 lead(first_day) OVER (
                     PARTITION BY {keys} sum_no, series ORDER BY first_day, last_day
                 ) AS next_day
             FROM dated
         ),
         times AS (
             SELECT sum_no, count(*) AS n_figures,
                 CASE
                     WHEN first_day = last_day THEN CAST(last_day AS VARCHAR)
                     ELSE concat(first_day, '..', last_day)
                 END AS shown
             FROM met
             WHERE first_day <= covered_until OR last_day >= next_day
             GROUP BY ALL
         )
         SELECT CAST(sum_no AS INTEGER) AS sum_no, '{OVERLAP}' AS kind,
             CAST(sum(n_figures) AS BIGINT) AS n_items,
             concat(array_to_string(list(shown ORDER BY shown)[1:3], ', '),
                 CASE WHEN count(*) > 3 THEN ', …' ELSE '' END) AS names
         FROM times GROUP BY sum_no ORDER BY sum_no"
    )
}

/// Returns the statement that asks which figures are added up more than once because several documents
/// state them, in the same columns: `n_items` is the number of figures, `names` are their editions.
pub(super) fn again_statement(probe: &Probe, rows: &str) -> String {
    let keys = keys_of(probe);
    let adds = adds_of(&probe.sums);
    let [batch, edition] = ["batch", "edition"].map(carried);
    let key = FIGURE_KEY.map(carried).join(", ");
    format!(
        "WITH given AS ({rows}),
         figures AS (
             SELECT sum_no, {keys} hash({key}) AS figure, min({edition}) AS first_edition,
                 max({edition}) AS last_edition
             FROM (SELECT *, unnest([{adds}]) AS sum_no FROM given) AS counted
             WHERE sum_no IS NOT NULL AND {batch} IS NOT NULL
             GROUP BY ALL
             HAVING min({batch}) <> max({batch})
         ),
         editions AS (
             SELECT sum_no, list(DISTINCT edition ORDER BY edition) AS names
             FROM (
                 SELECT sum_no, CAST(unnest([first_edition, last_edition]) AS VARCHAR) AS edition
                 FROM figures
             ) AS stated
             GROUP BY ALL
         ),
         counted AS (SELECT sum_no, count(*) AS n_items FROM figures GROUP BY ALL)
         SELECT CAST(counted.sum_no AS INTEGER) AS sum_no, 'again' AS kind, counted.n_items,
             concat(array_to_string(editions.names[1:3], ', '),
                 CASE WHEN len(editions.names) > 3 THEN ', …' ELSE '' END) AS names
         FROM counted JOIN editions ON editions.sum_no = counted.sum_no
         ORDER BY ALL"
    )
}

/// Whether a join may have put figures of a sum there several times.
pub(super) fn may_repeat(sum: &Sum) -> bool {
    let Figures { is_plain, is_keyed, is_joined, .. } = sum.figures;
    !sum.is_average && is_plain && is_keyed && is_joined
}

/// Whether flows are added up.
pub(super) fn adds_flows(sum: &Sum) -> bool {
    !sum.is_average && sum.figures.accumulation == Some(FLOW)
}

/// Returns the statement that asks which figures are added up more than once because their rows come
/// several times, in the same columns: `n_items` is the number of figures, `names` how often at most.
pub(super) fn repeated_statement(probe: &Probe, rows: &str) -> String {
    let keys = keys_of(probe);
    let adds = adds_of(&probe.sums);
    let wanted = numbers_of(probe, may_repeat);
    let key = DIMENSIONS.map(carried).join(", ");
    format!(
        "WITH given AS ({rows}),
         figures AS (
             SELECT sum_no, {keys} hash({key}) AS figure, count(*) AS n_times
             FROM (SELECT *, unnest([{adds}]) AS sum_no FROM given) AS counted
             WHERE sum_no IN ({wanted})
             GROUP BY ALL
             HAVING count(*) > 1
         )
         SELECT CAST(sum_no AS INTEGER) AS sum_no, '{REPEATED}' AS kind, count(*) AS n_items,
             CAST(max(n_times) AS VARCHAR) AS names
         FROM figures GROUP BY sum_no ORDER BY sum_no"
    )
}

/// Returns the statement that asks over which times the flows of each place are added up, where these
/// differ, in the same columns: `n_items` is the number of such times.
pub(super) fn span_statement(probe: &Probe, rows: &str) -> String {
    let keys = keys_of(probe);
    let adds = adds_of(&probe.sums);
    let wanted = numbers_of(probe, adds_flows);
    let [start, end, region] = ["period_start", "period_end", "region"].map(carried);
    let [indicator, department, breakdown, origin] =
        ["indicator", "department", "breakdown", "origin"].map(carried);
    format!(
        "WITH given AS ({rows}),
         places AS (
             SELECT sum_no, {keys} hash({indicator}, {breakdown}, {origin}) AS series,
                 hash({department}, {region}) AS place,
                 min(CAST(CAST({start} AS VARCHAR) AS DATE)) AS first_day,
                 max(CAST(CAST({end} AS VARCHAR) AS DATE)) AS last_day
             FROM (SELECT *, unnest([{adds}]) AS sum_no FROM given) AS counted
             WHERE sum_no IN ({wanted}) AND {region} IS NOT NULL AND {end} IS NOT NULL
             GROUP BY ALL
         ),
         times AS (
             SELECT sum_no, concat(first_day, '..', last_day) AS shown,
                 min(first_day) OVER alike < max(first_day) OVER alike
                     OR min(last_day) OVER alike < max(last_day) OVER alike AS is_unlike
             FROM places
             WHERE first_day IS NOT NULL
             WINDOW alike AS (PARTITION BY {keys} sum_no, series)
         ),
         counted AS (
             SELECT sum_no, shown, count(*) AS n_places FROM times WHERE is_unlike GROUP BY ALL
         )
         SELECT CAST(sum_no AS INTEGER) AS sum_no, '{SPAN}' AS kind, count(*) AS n_items,
             concat(array_to_string(list(shown ORDER BY n_places DESC, shown)[1:3], ', '),
                 CASE WHEN count(*) > 3 THEN ', …' ELSE '' END) AS names
         FROM counted GROUP BY sum_no ORDER BY sum_no"
    )
}

/// Returns the columns by which rows are taken together, each with a comma behind it.
fn keys_of(probe: &Probe) -> String {
    (0..probe.n_keys).map(|idx| format!("g{idx}, ")).collect()
}

/// Returns the condition for rows of `relation` to be taken together with those of a group.
fn same_keys(probe: &Probe, relation: &str) -> String {
    let same = |idx| format!(" AND mixed.g{idx} IS NOT DISTINCT FROM {relation}.g{idx}");
    format!("mixed.sum_no = {relation}.sum_no{}", (0..probe.n_keys).map(same).collect::<String>())
}

/// Returns the numbers of the sums that are wanted, as a list that has one that no sum bears.
fn numbers_of(probe: &Probe, is_wanted: impl Fn(&Sum) -> bool) -> String {
    let sums = probe.sums.iter().enumerate().filter(|(_, sum)| is_wanted(sum));
    let numbers = sums.map(|(idx, _)| idx.to_string()).chain(["-1".to_owned()]);
    numbers.collect::<Vec<_>>().join(", ")
}

/// Returns, for each sum, its number where a row counts in it. A zero adds nothing, so a CASE may use
/// it for the rows that it leaves out; for an average it counts.
fn adds_of(sums: &[Sum]) -> String {
    let adds = sums.iter().enumerate().map(|(idx, sum)| {
        let counts = if sum.is_average { "IS NOT NULL" } else { "<> 0" };
        let filter = if sum.filter.is_some() { format!("f{idx} AND ") } else { String::new() };
        format!("CASE WHEN {filter}a{idx} {counts} THEN {idx} END")
    });
    adds.collect::<Vec<_>>().join(", ")
}
