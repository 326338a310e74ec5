//! Sums that are followed through expressions, SELECTs inside others, joins and windows.

use super::*;

#[test]
fn amounts_are_followed_through_expressions_and_names() {
    check(&[
        (
            "SELECT round(sum(o.\"Value\") / 2, 1) + 1 FROM Observations_Latest AS o WHERE unit = '条'",
            "indicators days",
        ),
        (
            "SELECT SUM(coalesce(CAST(value AS BIGINT), 0) * 2) FROM observations_latest WHERE unit = '条'",
            "indicators days",
        ),
        (
            "SELECT list_sum(list(value)) FROM observations_latest WHERE unit = '条'",
            "indicators days",
        ),
        (
            "SELECT fsum(main.observations_latest.value) FROM main.observations_latest WHERE unit = '条'",
            "indicators days",
        ),
        (
            "SELECT t.amount, sum(t.amount) OVER () FROM observations_latest AS t(a, b, c, d, e, f, g, h, amount) WHERE unit = '条'",
            "indicators days",
        ),
        // Columns by indicator, as a pivot.
        (
            "SELECT sum(CASE WHEN indicator = 'cases' THEN value END) AS cases, sum(CASE WHEN indicator = 'evals' THEN value ELSE 0 END) AS evals FROM observations_latest WHERE period_end = '2021-09-30'",
            "",
        ),
        (
            "SELECT sum(value) FILTER (WHERE indicator = 'items'), sum(value) FILTER (indicator = 'evals') FROM observations_latest",
            "",
        ),
        (
            "SELECT sum(value) FILTER (WHERE unit = '条') FROM observations_latest",
            "indicators days",
        ),
        // A zero adds nothing to a sum, and counts for an average.
        ("SELECT sum(value) FROM observations_latest WHERE value = 0 OR indicator = 'items'", ""),
        (
            "SELECT avg(value) FROM observations_latest WHERE value = 0 OR indicator = 'items'",
            "indicators accumulations",
        ),
        (
            "SELECT department FROM observations_latest WHERE unit = '条' GROUP BY department HAVING sum(value) > 1",
            "indicators days",
        ),
    ]);
}

#[test]
fn selects_inside_others_hand_their_figures_on() {
    check(&[
        (
            "SELECT sum(v) FROM (SELECT value AS v FROM observations_latest WHERE unit = '条')",
            "indicators days",
        ),
        (
            "SELECT sum(v) FROM (SELECT value AS v FROM observations_latest WHERE indicator = 'items')",
            "",
        ),
        (
            "WITH a AS (SELECT * FROM observations_latest), b(x, y) AS (SELECT department, value FROM a WHERE unit = '条') SELECT x, sum(y) FROM b GROUP BY x",
            "indicators days",
        ),
        (
            "WITH a AS (SELECT *, value * 2 AS twice FROM observations_latest WHERE indicator = 'items') SELECT sum(twice) FROM a",
            "",
        ),
        (
            "SELECT sum(twice) FROM (SELECT *, value * 2 AS twice FROM (SELECT * EXCLUDE (indicator) FROM observations_latest WHERE period_end = '2021-09-30' AND unit = '条'))",
            "indicators",
        ),
        // Sums of sums.
        (
            "SELECT sum(total) FROM (SELECT indicator, sum(value) AS total FROM observations_latest WHERE period_end = '2021-09-30' AND unit = '条' GROUP BY indicator)",
            "indicators",
        ),
        (
            "SELECT sum(total) FROM (SELECT department, sum(value) AS total FROM observations_latest WHERE indicator = 'items' GROUP BY department)",
            "",
        ),
        (
            "SELECT max(total) FROM (SELECT department, sum(value) AS total FROM observations_latest WHERE indicator = 'cases' GROUP BY department)",
            "days",
        ),
        // Several put together.
        (
            "SELECT sum(value) FROM (SELECT indicator, value FROM observations_latest WHERE indicator = 'items' UNION ALL SELECT indicator, value FROM derived_observations)",
            "indicators accumulations origins",
        ),
        (
            "WITH u AS (SELECT value, 1 AS one FROM observations_latest WHERE indicator = 'items' UNION ALL SELECT 5, 2) SELECT sum(value) FROM u",
            "",
        ),
        (
            "SELECT sum(value) FROM observations_latest WHERE indicator = 'items' UNION ALL SELECT sum(value) FROM observations_latest WHERE unit = '条'",
            "indicators days",
        ),
        (
            "SELECT sum(value) FROM (SELECT value FROM observations EXCEPT SELECT value FROM observations_latest)",
            "unchecked",
        ),
        (
            "WITH RECURSIVE r AS (SELECT 1 AS value UNION ALL SELECT value + 1 FROM r WHERE value < 3) SELECT sum(value) FROM r",
            "",
        ),
    ]);
}

#[test]
fn what_only_orders_the_rows_is_looked_at() {
    check(&[
        (
            "SELECT department FROM observations_latest WHERE unit = '条' GROUP BY department ORDER BY sum(value) DESC",
            "indicators days",
        ),
        (
            "SELECT department, sum(value) FROM observations_latest WHERE unit = '条' GROUP BY department ORDER BY sum(value) DESC LIMIT 3",
            "indicators days",
        ),
        (
            "SELECT department FROM departments ORDER BY (SELECT sum(value) FROM observations_latest WHERE indicator = 'cases')",
            "days",
        ),
        (
            "SELECT indicator FROM observations_latest WHERE period_end = '2021-09-30' AND unit = '条' GROUP BY indicator ORDER BY sum(value)",
            "",
        ),
        (
            "SELECT department FROM observations_latest GROUP BY department ORDER BY count(value), max(value)",
            "",
        ),
    ]);
}

#[test]
fn joined_sources_are_told_apart() {
    check(&[
        (
            "SELECT d.name_zh, sum(o.value) FROM observations_latest AS o JOIN departments AS d USING (department) WHERE o.unit = '条' GROUP BY d.name_zh",
            "indicators days",
        ),
        (
            "SELECT d.name_zh, sum(value) FROM departments AS d LEFT JOIN observations_latest AS o ON o.department = d.department AND o.indicator = 'items' GROUP BY ALL",
            "",
        ),
        (
            "SELECT sum(c.value / e.value) FROM observations_latest AS c JOIN observations_latest AS e ON e.department = c.department AND e.period_end = c.period_end WHERE c.indicator = 'cases' AND e.indicator = 'evals'",
            "",
        ),
        (
            "SELECT sum(c.value), sum(e.value) FROM observations_latest AS c JOIN observations_latest AS e ON e.department = c.department WHERE c.indicator = 'items' AND e.unit = '条'",
            "indicators days repeated",
        ),
        (
            "SELECT d.name_zh, (SELECT sum(o.value) FROM observations_latest AS o WHERE o.department = d.department AND o.indicator = 'items') FROM departments AS d",
            "",
        ),
        (
            "SELECT d.name_zh, (SELECT sum(o.value) FROM observations_latest AS o WHERE o.department = d.department AND o.unit = '条') FROM departments AS d",
            "indicators days",
        ),
        (
            "SELECT d.name_zh FROM departments AS d WHERE 3 < (SELECT sum(value) FROM observations_latest WHERE indicator = 'cases')",
            "days",
        ),
        (
            "SELECT i.indicator, (SELECT sum(o.value) FROM observations_latest AS o WHERE o.indicator = i.indicator AND o.accumulation = 'point') FROM (SELECT DISTINCT indicator FROM observations) AS i",
            "",
        ),
    ]);
}

#[test]
fn windows_take_the_rows_of_a_partition_together() {
    check(&[
        (
            "SELECT value / sum(value) OVER () FROM observations_latest WHERE unit = '条'",
            "indicators days",
        ),
        (
            "SELECT value / sum(value) OVER (PARTITION BY indicator, period_end) FROM observations_latest WHERE unit = '条'",
            "",
        ),
        (
            "SELECT value / sum(value) OVER figures FROM observations_latest WHERE unit = '条' WINDOW figures AS (PARTITION BY indicator, period_end)",
            "",
        ),
        (
            "SELECT sum(value) OVER (PARTITION BY department ORDER BY period_end) FROM observations_latest WHERE indicator = 'calls'",
            "",
        ),
        (
            "SELECT department, sum(value) / sum(sum(value)) OVER () FROM observations_latest WHERE indicator = 'items' GROUP BY department",
            "",
        ),
        (
            "SELECT indicator, sum(value) / sum(sum(value)) OVER () FROM observations_latest WHERE unit = '条' AND period_end = '2021-09-30' GROUP BY indicator",
            "indicators",
        ),
        (
            "SELECT department, sum(value) OVER (PARTITION BY indicator) FROM observations_latest WHERE accumulation = 'point' QUALIFY row_number() OVER (ORDER BY value) = 1",
            "",
        ),
    ]);
}
