//! The statements that ask the data what some sums mix.

use crate::engine::mixing::plan::Probe;
use crate::engine::mixing::scope::{KEY, carried};
use crate::engine::mixing::sums::Sum;

/// Returns the statement that asks what is unlike among the figures that are added up: columns `sum_no`,
/// `kind`, `n_items` and `names`, at most three of them.
///
/// `rows` is the SELECT of the rows. What is the same in every group has no row.
pub(super) fn unlike_statement(probe: &Probe, rows: &str) -> String {
    let keys = keys_of(probe);
    let kinds = kinds_of_figures(probe, rows);
    let unlike = unlike_items(probe);
    let sums = probe.sums.iter().enumerate().filter(|(_, sum)| !sum.is_average);
    let mut added: Vec<String> = sums.map(|(idx, _)| idx.to_string()).collect();
    added.push("-1".to_owned());
    let added = added.join(", ");
    format!(
        "WITH {kinds},
         by_group AS (
             SELECT sum_no, {keys}
                 min(indicator) <> max(indicator) AS has_indicator,
                 min(accumulation) <> max(accumulation) AS has_accumulation,
                 min(origin) <> max(origin) AS has_origin
             FROM kinds GROUP BY ALL
             HAVING min(indicator) <> max(indicator) OR min(accumulation) <> max(accumulation)
                 OR min(origin) <> max(origin)
         ),
         by_series AS (
             SELECT sum_no, {keys} indicator, accumulation,
                 min(period_end) <> max(period_end)
                     AND (accumulation IN ('since_launch', 'year_to_date')
                         OR accumulation = 'point' AND sum_no IN ({added})) AS has_day,
                 min(length) <> max(length) AS has_length,
                 count(breakdown) BETWEEN 1 AND count(*) - 1 AS has_breakdown
             FROM kinds GROUP BY {keys} sum_no, indicator, accumulation
             HAVING min(period_end) <> max(period_end) OR min(length) <> max(length)
                 OR count(breakdown) BETWEEN 1 AND count(*) - 1
         ),
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
    format!(
        "given AS ({rows}),
         raw AS (
             SELECT sum_no, {keys} {indicator} AS indicator, {accumulation} AS accumulation,
                 {breakdown} AS breakdown, {start} AS first_day, {end} AS last_day, {origin} AS origin
             FROM (SELECT *, unnest([{adds}]) AS sum_no FROM given) AS counted
             WHERE sum_no IS NOT NULL
             GROUP BY ALL
         ),
         -- What a source lacks has no type of its own.
         dated AS (
             SELECT sum_no, {keys} CAST(indicator AS VARCHAR) AS indicator,
                 CAST(accumulation AS VARCHAR) AS accumulation,
                 CAST(breakdown AS VARCHAR) AS breakdown, CAST(origin AS VARCHAR) AS origin,
                 CAST(CAST(first_day AS VARCHAR) AS DATE) AS period_start,
                 CAST(CAST(last_day AS VARCHAR) AS DATE) AS period_end
             FROM raw
         ),
         kinds AS MATERIALIZED (
             SELECT *,
                 CASE
                     WHEN accumulation <> 'period' THEN NULL
                     WHEN period_start = date_trunc('month', period_start)
                         AND period_end = last_day(period_end)
                     THEN datediff('month', period_start, period_end) + 1
                     ELSE -datediff('day', period_start, period_end) - 1
                 END AS length
             FROM dated
         )"
    )
}

/// Returns what is unlike in the groups where something is: a SELECT of `sum_no`, `kind`, `item` and how
/// it is shown.
fn unlike_items(probe: &Probe) -> String {
    let same = same_keys(probe);
    let by_group = ["indicator", "accumulation", "origin"].map(|name| {
        format!(
            "SELECT kinds.sum_no, '{name}' AS kind, kinds.{name} AS item, kinds.{name} AS shown
             FROM kinds JOIN by_group AS mixed ON {same} WHERE mixed.has_{name}"
        )
    });
    let series = "mixed.indicator IS NOT DISTINCT FROM kinds.indicator
         AND mixed.accumulation IS NOT DISTINCT FROM kinds.accumulation";
    let by_series = [
        ("day", "period_end", "CAST(kinds.period_end AS VARCHAR)"),
        ("length", "length", "concat(kinds.period_start, '..', kinds.period_end)"),
        ("breakdown", "breakdown", "CAST(kinds.breakdown AS VARCHAR)"),
    ]
    .map(|(kind, item, shown)| {
        format!(
            "SELECT kinds.sum_no, '{kind}' AS kind, CAST(kinds.{item} AS VARCHAR) AS item,
             {shown} AS shown
             FROM kinds JOIN by_series AS mixed ON {same} AND {series} WHERE mixed.has_{kind}"
        )
    });
    [by_group, by_series].concat().join(" UNION ALL ")
}

/// Returns the statement that asks which figures are added up more than once because several documents
/// state them, in the same columns: `n_items` is the number of figures, `names` are their editions.
pub(super) fn again_statement(probe: &Probe, rows: &str) -> String {
    let keys = keys_of(probe);
    let adds = adds_of(&probe.sums);
    let [batch, edition] = ["batch", "edition"].map(carried);
    let key = KEY.map(carried).join(", ");
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

/// Returns the columns by which rows are taken together, each with a comma behind it.
fn keys_of(probe: &Probe) -> String {
    (0..probe.n_keys).map(|idx| format!("g{idx}, ")).collect()
}

/// Returns the condition for rows to be taken together with those of a group.
fn same_keys(probe: &Probe) -> String {
    let keys =
        (0..probe.n_keys).map(|idx| format!(" AND mixed.g{idx} IS NOT DISTINCT FROM kinds.g{idx}"));
    format!("mixed.sum_no = kinds.sum_no{}", keys.collect::<String>())
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
