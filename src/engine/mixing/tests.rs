//! What is warned of and what is not, statement by statement.

use super::*;

/// Figures as a lake holds them: cases and evaluations of the year so far, items at a point of time,
/// calls by month and quarter, a hotline by channel.
const TABLES: &str = "
    CREATE TABLE observations (
        indicator VARCHAR, definition INTEGER, department VARCHAR, region VARCHAR, breakdown VARCHAR,
        accumulation VARCHAR, period_start DATE, period_end DATE, value DOUBLE, unit VARCHAR,
        origin VARCHAR, edition VARCHAR, batch VARCHAR
    );
    INSERT INTO observations VALUES
        ('cases', 1, 'tax', '63', NULL, 'year_to_date', '2021-01-01', '2021-06-30', 5, '条', 'published', 'e1', 'b1'),
        ('cases', 1, 'tax', '63', NULL, 'year_to_date', '2021-01-01', '2021-06-30', 6, '条', 'published', 'e2', 'b2'),
        ('cases', 1, 'tax', '63', NULL, 'year_to_date', '2021-01-01', '2021-09-30', 9, '条', 'published', 'e2', 'b2'),
        ('cases', 1, 'water', '63', NULL, 'year_to_date', '2021-01-01', '2021-09-30', 7, '条', 'published', 'e2', 'b2'),
        ('evals', 1, 'tax', '63', NULL, 'year_to_date', '2021-01-01', '2021-09-30', 3, '条', 'published', 'e2', 'b2'),
        ('evals', 1, 'water', '63', NULL, 'year_to_date', '2021-01-01', '2021-09-30', 0, '条', 'published', 'e2', 'b2'),
        ('items', 1, 'tax', '63', NULL, 'point', '2021-09-30', '2021-09-30', 2, '项', 'published', 'e2', 'b2'),
        ('items', 1, 'water', '63', NULL, 'point', '2021-09-30', '2021-09-30', 1, '项', 'published', 'e2', 'b2'),
        ('items', 1, 'water', '63', NULL, 'point', '2021-09-30', '2021-09-30', 4, '项', 'reported', 'f1', 'b3'),
        ('calls', 1, 'tax', '63', NULL, 'period', '2021-07-01', '2021-07-31', 1, '件', 'published', 'e2', 'b2'),
        ('calls', 1, 'tax', '63', NULL, 'period', '2021-08-01', '2021-08-31', 1, '件', 'published', 'e2', 'b2'),
        ('calls', 1, 'tax', '63', NULL, 'period', '2021-09-01', '2021-09-30', 1, '件', 'published', 'e2', 'b2'),
        ('calls', 1, 'water', '63', NULL, 'period', '2021-07-01', '2021-09-30', 3, '件', 'published', 'e2', 'b2'),
        ('hotline', 1, 'tax', '63', NULL, 'period', '2021-09-01', '2021-09-30', 5, '件', 'published', 'e2', 'b2'),
        ('hotline', 1, 'tax', '63', 'web', 'period', '2021-09-01', '2021-09-30', 2, '件', 'published', 'e2', 'b2'),
        ('hotline', 1, 'tax', '63', 'phone', 'period', '2021-09-01', '2021-09-30', 3, '件', 'published', 'e2', 'b2');
    CREATE VIEW observations_latest AS
        SELECT * FROM observations WHERE origin = 'published' AND edition <> 'e1';
    CREATE TABLE derived_observations AS
        SELECT 'cases' AS indicator, 1 AS definition, department, '63' AS region,
            CAST(NULL AS VARCHAR) AS breakdown, 'period' AS accumulation, period_start, period_end,
            2.0 AS value, '条' AS unit, 'derived' AS origin
        FROM observations WHERE indicator = 'calls' AND department = 'tax';
    CREATE TABLE departments AS SELECT * FROM (VALUES ('tax', '税务局'), ('water', '水利厅')) AS d(department, name_zh);
    CREATE VIEW bare AS SELECT indicator, value FROM observations;
    CREATE VIEW uncounted AS SELECT indicator, period_end, value FROM observations WHERE indicator = 'cases' AND edition = 'e2';
    CREATE VIEW stated AS SELECT indicator, period_end, value, batch FROM observations WHERE indicator = 'items';
    CREATE TABLE cases AS SELECT 'tax' AS department, 5 AS satisfaction, 1.0 AS value;
    CREATE TABLE indicators AS
        SELECT * FROM (VALUES ('cases', 1, 'flow'), ('scores', 1, 'ratio')) AS i(indicator, definition, kind);
    CREATE TABLE regions AS
        SELECT * FROM (VALUES ('63', NULL), ('6301', '63'), ('630102', '6301'), ('6302', '63')) AS r(region, parent);";

/// Rates; figures of regions, of those in them and of their departments; times that overlap.
const MORE: &str = "
    CREATE TABLE rated AS SELECT * FROM observations WHERE false;
    INSERT INTO rated VALUES
        ('online', 1, 'tax', '63', NULL, 'point', '2021-09-30', '2021-09-30', 90, '%', 'published', 'e1', 'b1'),
        ('online', 1, 'water', '63', NULL, 'point', '2021-09-30', '2021-09-30', 80, '%', 'published', 'e1', 'b1'),
        ('scores', 1, 'tax', '63', NULL, 'point', '2021-09-30', '2021-09-30', 9, '分', 'published', 'e1', 'b1'),
        ('scores', 1, 'water', '63', NULL, 'point', '2021-09-30', '2021-09-30', 8, '分', 'published', 'e1', 'b1');
    CREATE TABLE placed AS SELECT * FROM observations WHERE false;
    INSERT INTO placed VALUES
        ('cases', 1, NULL, '63', NULL, 'period', '2021-09-01', '2021-09-30', 10, '条', 'published', 'e1', 'b1'),
        ('cases', 1, 'tax', '63', NULL, 'period', '2021-09-01', '2021-09-30', 4, '条', 'published', 'e1', 'b1'),
        ('cases', 1, 'water', '63', NULL, 'period', '2021-09-01', '2021-09-30', 6, '条', 'published', 'e1', 'b1'),
        ('cases', 1, NULL, '6301', NULL, 'period', '2021-09-01', '2021-09-30', 3, '条', 'published', 'e1', 'b1'),
        ('cases', 1, NULL, '6302', NULL, 'period', '2021-09-01', '2021-09-30', 7, '条', 'published', 'e1', 'b1'),
        ('cases', 1, NULL, '630102', NULL, 'period', '2021-09-01', '2021-09-30', 1, '条', 'published', 'e1', 'b1');
    CREATE TABLE timed AS SELECT * FROM observations WHERE false;
    INSERT INTO timed VALUES
        ('calls', 1, 'tax', '63', NULL, 'period', '2021-07-01', '2021-07-31', 1, '件', 'published', 'e1', 'b1'),
        ('calls', 1, 'tax', '63', NULL, 'period', '2021-08-01', '2021-08-31', 1, '件', 'published', 'e1', 'b1'),
        ('calls', 1, 'tax', '63', NULL, 'period', '2021-07-01', '2021-09-30', 3, '件', 'published', 'e1', 'b1'),
        ('hotline', 1, 'tax', '63', NULL, 'period', '2021-07-01', '2021-09-30', 3, '件', 'published', 'e1', 'b1'),
        ('hotline', 1, 'tax', '63', NULL, 'period', '2021-08-01', '2021-10-31', 3, '件', 'published', 'e1', 'b1'),
        ('items', 1, 'tax', '63', NULL, 'point', '2021-09-30', '2021-09-30', 2, '项', 'published', 'e1', 'b1'),
        ('items', 2, 'tax', '63', NULL, 'point', '2021-09-30', '2021-09-30', 3, '项', 'published', 'e1', 'b1'),
        ('cases', 1, 'tax', '63', NULL, 'year_to_date', '2019-01-01', '2019-12-31', 3, '条', 'published', 'e1', 'b1'),
        ('cases', 1, 'tax', '63', NULL, 'year_to_date', '2020-01-01', '2020-12-31', 3, '条', 'published', 'e1', 'b1');
    CREATE TABLE redefined AS SELECT * FROM observations WHERE false;
    INSERT INTO redefined VALUES
        ('cases', 0, 'tax', '63', NULL, 'year_to_date', '2019-01-01', '2019-12-31', 3, '条', 'published', 'e1', 'b1'),
        ('cases', 1, 'tax', '63', NULL, 'year_to_date', '2020-01-01', '2020-12-31', 3, '条', 'published', 'e1', 'b1'),
        ('evals', 1, 'tax', '63', NULL, 'year_to_date', '2020-01-01', '2020-12-31', 3, '条', 'published', 'e1', 'b1');
    CREATE TABLE period_flows AS
        SELECT indicator, definition, department, region, breakdown, accumulation, period_start,
            period_end, value, unit, origin, edition
        FROM (
            SELECT * FROM timed WHERE indicator = 'calls'
            UNION ALL SELECT * REPLACE ('water' AS department) FROM timed
                WHERE indicator = 'calls' AND period_end = DATE '2021-09-30'
            UNION ALL SELECT * REPLACE ('gas' AS department) FROM timed
                WHERE indicator = 'calls' AND period_end = DATE '2021-07-31'
            UNION ALL SELECT * REPLACE ('gas' AS department, 'year_to_date' AS accumulation) FROM timed
                WHERE indicator = 'calls' AND period_end = DATE '2021-07-31'
        ) AS stated;";

/// Views with a column for each indicator, or for each origin.
const WIDE: &str = "
    CREATE TABLE aggregation_by_edition(
        edition VARCHAR, region VARCHAR, department VARCHAR, period_end DATE, period_start DATE,
        accumulation VARCHAR, cases_aggregated DOUBLE, evaluations_aggregated DOUBLE, records_pushed DOUBLE
    );
    INSERT INTO aggregation_by_edition VALUES
        ('e1', '63', 'tax', '2021-06-30', '2021-01-01', 'year_to_date', 5, 1, 6),
        ('e2', '63', 'tax', '2021-06-30', '2021-01-01', 'year_to_date', 6, 1, 6),
        ('e2', '63', 'tax', '2021-09-30', '2021-01-01', 'year_to_date', 9, 2, 9),
        ('e2', '63', 'water', '2021-09-30', '2021-01-01', 'year_to_date', 7, 0, 7),
        ('e3', '63', 'water', '2021-09-30', '2021-09-01', 'period', 1, 0, 1),
        -- The columns of the row differ.
        ('e4', '63', 'gas', '2020-06-30', NULL, NULL, 5, 1, 6),
        ('e4', '63', 'gas', '2020-09-30', NULL, NULL, 9, 2, 9);
    CREATE TABLE aggregation_by_period AS
        SELECT * FROM aggregation_by_edition WHERE edition = 'e2';
    CREATE TABLE cells_by_edition AS
        SELECT edition, region, department, period_end, 'cases' AS indicator, 1 AS definition,
            period_start, accumulation, cases_aggregated AS value
        FROM aggregation_by_edition;
    CREATE TABLE integration_by_period AS
        SELECT * FROM (VALUES
            ('63', 'tax', DATE '2021-06-30', 2.0, 5.0, 3.0),
            ('63', 'tax', DATE '2021-09-30', 3.0, 6.0, 4.0),
            ('63', 'water', DATE '2021-09-30', 1.0, 1.0, 1.0)
        ) AS i(region, department, period_end, items_connected, apps_connected, apps_connected_in_year);
    CREATE TABLE integration_with_aggregation AS
        SELECT region, department, agg.period_end, integ.items_connected, agg.cases_aggregated,
            agg.records_pushed
        FROM aggregation_by_period AS agg
        JOIN integration_by_period AS integ USING (region, department, period_end);
    CREATE TABLE observations_by_origin AS
        SELECT indicator, definition, department, region, breakdown, accumulation, period_start,
            period_end, unit, value AS published, value AS reported
        FROM observations_latest;";

fn lake() -> Connection {
    let connection = Connection::open_in_memory().unwrap();
    for tables in [TABLES, MORE, WIDE] {
        connection.execute_batch(tables).unwrap();
    }
    connection
}

/// A minute does on any machine; nothing here waits for it.
const BUDGET: Duration = Duration::from_mins(1);

/// What is mixed, and what was not checked, without the beginnings of the codes.
fn kinds(checked: &SumsChecked) -> String {
    let messages = checked.mixed.iter().chain(&checked.unchecked);
    let kinds: Vec<&str> =
        messages.map(|message| message.code.trim_start_matches("mixing.")).collect();
    kinds.join(" ")
}

/// Compares what each statement mixes; a statement that does not run is a mistake of the test.
#[track_caller]
fn check(cases: &[(&str, &str)]) {
    let connection = lake();
    for (sql, expected) in cases {
        connection.prepare(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
        assert_eq!(kinds(&checked(&connection, sql, &[], BUDGET)), *expected, "{sql}");
    }
}

#[test]
fn what_a_plain_sum_mixes_is_said() {
    check(&[
        (
            "SELECT sum(value) FROM observations",
            "indicators accumulations origins days lengths breakdowns again",
        ),
        (
            "SELECT sum(value) FROM observations_latest",
            "indicators accumulations days lengths breakdowns",
        ),
        ("SELECT sum(value) FROM observations_latest WHERE indicator = 'cases'", "days"),
        ("SELECT avg(value) FROM observations_latest WHERE indicator = 'cases'", "days"),
        ("SELECT sum(value) FROM observations WHERE indicator = 'items'", "origins"),
        ("SELECT mean(value) FROM observations WHERE indicator = 'items'", "origins"),
        ("SELECT sum(value) FROM observations WHERE indicator = 'calls'", "lengths"),
        ("SELECT sum(value) FROM observations WHERE indicator = 'hotline'", "breakdowns"),
        (
            "SELECT sum(value) FROM observations WHERE indicator = 'cases' AND period_end = '2021-06-30'",
            "again",
        ),
        (
            "SELECT sum(value) FROM observations_latest WHERE period_end = '2021-09-30' AND accumulation = 'year_to_date'",
            "indicators",
        ),
        ("SELECT sum(value) FROM bare", "indicators"),
        ("SELECT indicator, sum(value) FROM stated GROUP BY indicator", ""),
    ]);
}

#[test]
fn what_is_fixed_or_grouped_or_single_is_not_mixed() {
    check(&[
        (
            "SELECT sum(value) FROM observations_latest WHERE indicator = 'cases' AND period_end = '2021-09-30'",
            "",
        ),
        ("SELECT sum(value) FROM observations_latest WHERE indicator IN ('items')", ""),
        (
            "SELECT indicator, period_end, sum(value) FROM observations_latest WHERE accumulation = 'year_to_date' GROUP BY indicator, period_end",
            "",
        ),
        (
            "SELECT indicator, period_end, sum(value) FROM observations_latest WHERE accumulation = 'year_to_date' GROUP BY 1, 2",
            "",
        ),
        (
            "SELECT indicator, period_end, sum(value) FROM observations_latest WHERE accumulation = 'year_to_date' GROUP BY ALL",
            "",
        ),
        (
            "SELECT indicator AS what, period_end AS until, sum(value) FROM observations_latest WHERE accumulation = 'year_to_date' GROUP BY what, until",
            "",
        ),
        (
            "SELECT department, sum(value) FROM observations WHERE indicator = 'calls' GROUP BY department",
            "",
        ),
        (
            "SELECT sum(value) FROM observations WHERE indicator = 'hotline' AND breakdown IS NOT NULL",
            "",
        ),
        ("SELECT sum(value) FROM derived_observations", ""),
        // An average of what is at several points of time means something.
        (
            "SELECT department, avg(value) FROM observations_latest WHERE indicator = 'items' GROUP BY department",
            "",
        ),
        ("SELECT sum(value) FROM observations WHERE false", ""),
        ("SELECT sum(value) FROM bare WHERE indicator = 'cases'", ""),
        // Whatever fixes it.
        (
            "SELECT sum(value) FROM observations_latest WHERE indicator = (SELECT max(indicator) FROM observations WHERE value = 2 AND unit = '项')",
            "",
        ),
        ("SELECT sum(value) FROM observations_latest WHERE unit = '项'", ""),
    ]);
}

#[test]
fn what_adds_nothing_up_is_passed_over() {
    check(&[
        ("SELECT count(value), max(value), min(value), median(value) FROM observations", ""),
        ("SELECT count(*) FROM observations", ""),
        ("SELECT sum(satisfaction), sum(value), avg(satisfaction) FROM cases", ""),
        ("SELECT sum(definition) FROM observations", ""),
        ("SELECT sum(CASE WHEN value > 5 THEN 1 ELSE 0 END) FROM observations", ""),
        ("SELECT value FROM observations", ""),
        ("SELECT 1", ""),
        ("SELECT sum(x) FROM range(3) AS t(x)", ""),
        ("SUMMARIZE observations", ""),
        ("EXPLAIN SELECT sum(value) FROM observations", ""),
        ("SELECT greatest(1, (SELECT max(value) FROM observations))", ""),
    ]);
}

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
fn sums_in_a_recursive_select_are_said_to_be_unchecked() {
    check(&[
        (
            "WITH RECURSIVE r AS (SELECT indicator, value FROM observations_latest UNION ALL SELECT indicator, value FROM r WHERE false) SELECT sum(value) FROM r",
            "unchecked",
        ),
        (
            "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < (SELECT sum(value) FROM observations)) SELECT max(n) FROM r",
            "unchecked",
        ),
        (
            "WITH RECURSIVE r AS (SELECT department, 1.0 AS n FROM departments UNION ALL SELECT o.department, sum(o.value) FROM observations AS o JOIN r ON r.department = o.department WHERE r.n < 0 GROUP BY o.department) SELECT max(n) FROM r",
            "unchecked",
        ),
        (
            "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < (SELECT max(value) FROM observations)) SELECT max(n) FROM r",
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
fn files_that_are_read_by_name_are_said_to_be_unchecked() {
    let connection = lake();
    for (sql, expected) in [
        ("SELECT sum(value) FROM read_parquet('observations/part.parquet')", "unchecked"),
        ("SELECT avg(o.value) FROM 'observations/part.parquet' AS o", "unchecked"),
        ("SELECT sum(cases_aggregated) FROM parquet_scan(['a.parquet'])", "unchecked"),
        ("SELECT max(value) FROM 'observations/part.parquet'", ""),
        ("SELECT sum(satisfaction) FROM read_parquet('cases/part.parquet')", ""),
    ] {
        assert_eq!(kinds(&checked(&connection, sql, &[], BUDGET)), expected, "{sql}");
    }
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
            "indicators days",
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

#[test]
fn groups_are_asked_about_as_they_are_made() {
    check(&[
        (
            "SELECT indicator, sum(value) FROM observations_latest WHERE unit = '条' AND period_end = '2021-09-30' GROUP BY ROLLUP (indicator)",
            "indicators",
        ),
        (
            "SELECT indicator, department, sum(value) FROM observations_latest WHERE unit = '条' AND period_end = '2021-09-30' GROUP BY GROUPING SETS ((indicator), (indicator, department))",
            "",
        ),
        (
            "SELECT substr(indicator, 1, 1) AS first, sum(value) FROM observations_latest WHERE period_end = '2021-09-30' AND unit = '条' GROUP BY first",
            "",
        ),
        (
            "SELECT indicator, sum(value) FROM observations_latest GROUP BY indicator HAVING indicator = 'items'",
            "",
        ),
        // Which groups are left cannot be asked row by row.
        (
            "SELECT department, sum(value) FROM observations_latest GROUP BY department HAVING count(DISTINCT indicator) = 1",
            "unchecked",
        ),
    ]);
}

#[test]
fn parameters_have_the_values_that_the_statement_had() {
    let connection = lake();
    let sql =
        "SELECT $other AS x, sum(value) FROM observations_latest WHERE indicator = $indicator";
    let kinds_of = |indicator: &str| {
        let params: [(&str, &dyn ToSql); 2] = [("other", &1), ("indicator", &indicator)];
        kinds(&checked(&connection, sql, &params, BUDGET))
    };
    assert_eq!(kinds_of("items"), "");
    assert_eq!(kinds_of("cases"), "days");
}

#[test]
fn the_words_name_what_is_mixed() {
    let connection = lake();
    let sql = "SELECT sum(value), avg(o.value), sum(value * 2) FROM observations AS o WHERE indicator IN ('cases', 'evals')";
    let said: Vec<String> = checked(&connection, sql, &[], BUDGET)
        .mixed
        .iter()
        .map(|message| message.text(crate::diag::Lang::En))
        .collect();
    assert_eq!(
        said,
        [
            "2 indicators are mixed in `sum(value)`, `avg(value)`, `sum(…)`: cases, evals",
            "figures as of 2 days are mixed in `sum(value)`, `avg(value)`, `sum(…)`: 2021-06-30, 2021-09-30",
            "figures that several documents state are counted more than once in `sum(value)`, `avg(value)`, `sum(…)`: 1, of e1, e2",
        ]
    );
}

#[test]
fn what_takes_too_long_is_said_to_be_unasked() {
    let connection = lake();
    let sql = "SELECT sum(value) FROM observations";
    assert_eq!(kinds(&checked(&connection, sql, &[], Duration::ZERO)), "unasked");
    // The connection answers again.
    assert_eq!(
        kinds(&checked(&connection, "SELECT sum(value) FROM derived_observations", &[], BUDGET)),
        ""
    );
}

#[test]
fn a_statement_that_is_nested_too_deep_is_said_to_be_unread() {
    let connection = lake();
    let sql = format!("SELECT sum({}) FROM observations", vec!["value"; 400].join(" + "));
    connection.prepare(&sql).unwrap();
    assert_eq!(kinds(&checked(&connection, &sql, &[], BUDGET)), "unread");
    let sql = format!("SELECT max({}) FROM observations", vec!["value"; 400].join(" + "));
    assert_eq!(kinds(&checked(&connection, &sql, &[], BUDGET)), "");
}

#[test]
fn rates_are_neither_added_up_nor_averaged_without_weights() {
    check(&[
        ("SELECT sum(value) FROM rated WHERE indicator = 'online'", "rates_added"),
        ("SELECT avg(value) FROM rated WHERE indicator = 'online'", "rates_averaged"),
        // The unit does not tell it, the kind does.
        ("SELECT avg(value) FROM rated WHERE indicator = 'scores'", "rates_averaged"),
        (
            "SELECT indicator, sum(value / 100), avg(round(value, 1)) FROM rated GROUP BY indicator",
            "rates_added rates_averaged",
        ),
        (
            "SELECT avg(v) FROM (SELECT department, value AS v FROM rated WHERE indicator = 'online')",
            "rates_averaged",
        ),
    ]);
    // One alone, weighted ones, and what adds nothing up.
    check(&[
        ("SELECT indicator, department, sum(value) FROM rated GROUP BY indicator, department", ""),
        ("SELECT avg(value) FROM rated WHERE indicator = 'online' AND department = 'tax'", ""),
        ("SELECT sum(value) FILTER (indicator = 'online' AND value > 85) FROM rated", ""),
        (
            "SELECT sum(r.value * o.value) / sum(o.value) FROM rated AS r JOIN observations_latest AS o USING (department) WHERE r.indicator = 'online' AND o.indicator = 'items'",
            "",
        ),
        (
            "SELECT sum(w) FROM (SELECT r.value * o.value AS w FROM rated AS r JOIN observations_latest AS o USING (department) WHERE r.indicator = 'online' AND o.indicator = 'items')",
            "",
        ),
        ("SELECT max(value), min(value), median(value) FROM rated WHERE indicator = 'online'", ""),
        ("SELECT count(value) FROM rated WHERE indicator = 'online'", ""),
    ]);
}

#[test]
fn regions_are_not_added_to_those_they_lie_in() {
    check(&[
        ("SELECT sum(value) FROM placed", "levels wholes"),
        ("SELECT avg(value) FROM placed WHERE department IS NULL", "levels"),
        // Not the whole province, but a city and one of its districts.
        ("SELECT sum(value) FROM placed WHERE region <> '63'", "levels"),
        (
            "SELECT sum(value) FROM placed WHERE region IN ('63', '630102') AND department IS NULL",
            "levels",
        ),
        ("SELECT sum(value) FROM placed WHERE region = '63'", "wholes"),
        ("SELECT region, sum(value) FROM placed GROUP BY region", "wholes"),
        (
            "SELECT period_end, sum(total) FROM (SELECT region, period_end, sum(value) AS total FROM placed WHERE department IS NULL GROUP BY ALL) GROUP BY ALL",
            "levels",
        ),
    ]);
    check(&[
        ("SELECT sum(value) FROM placed WHERE region IN ('6301', '6302')", ""),
        ("SELECT sum(value) FROM placed WHERE department IS NOT NULL", ""),
        ("SELECT sum(value) FROM placed WHERE region = '63' AND department IS NULL", ""),
        ("SELECT region, department, sum(value) FROM placed GROUP BY region, department", ""),
        (
            "SELECT sum(value) FROM placed JOIN regions USING (region) WHERE regions.parent = '63'",
            "",
        ),
        (
            "SELECT sum(CASE WHEN region = '63' AND department IS NULL THEN value END), sum(CASE WHEN region = '6301' THEN value END) FROM placed",
            "",
        ),
    ]);
}

#[test]
fn the_same_time_is_not_added_up_twice() {
    check(&[
        // The overlap says it; their lengths need not be told as well.
        ("SELECT sum(value) FROM timed WHERE indicator = 'calls'", "overlaps"),
        ("SELECT avg(value) FROM timed WHERE indicator = 'calls'", "lengths"),
        ("SELECT sum(value) FROM timed WHERE indicator = 'hotline'", "overlaps"),
        ("SELECT sum(value) FROM timed WHERE indicator = 'items'", "definitions overlaps"),
        ("SELECT department, sum(value) FROM period_flows GROUP BY department", "overlaps"),
        ("SELECT sum(value) FROM period_flows WHERE department = 'gas'", "overlaps"),
        ("SELECT avg(value) FROM period_flows WHERE department <> 'gas'", "lengths"),
        (
            "SELECT sum(total) FROM (SELECT period_start, period_end, sum(value) AS total FROM period_flows WHERE department <> 'gas' GROUP BY ALL)",
            "overlaps",
        ),
    ]);
    check(&[
        (
            "SELECT sum(value) FROM timed WHERE indicator = 'calls' AND last_day(period_start) = period_end",
            "",
        ),
        (
            "SELECT period_start, period_end, sum(value) FROM timed WHERE indicator = 'hotline' GROUP BY ALL",
            "",
        ),
        ("SELECT definition, sum(value) FROM timed WHERE indicator = 'items' GROUP BY ALL", ""),
        ("SELECT sum(value) FROM timed WHERE indicator = 'items' AND definition = 2", ""),
        // Months of one department beside the quarter of another one add up.
        (
            "SELECT sum(value) FROM period_flows WHERE department = 'water' OR department = 'tax' AND last_day(period_start) = period_end",
            "",
        ),
        (
            "SELECT department, accumulation, period_end, sum(value) FROM period_flows GROUP BY ALL",
            "",
        ),
        // Whole years are apart.
        ("SELECT sum(value), avg(value) FROM timed WHERE indicator = 'cases'", ""),
    ]);
}

#[test]
fn figures_that_do_not_count_the_same_are_mixed_where_their_times_are_apart() {
    check(&[
        ("SELECT sum(value) FROM redefined WHERE indicator = 'cases'", "definitions"),
        ("SELECT avg(value) FROM redefined WHERE indicator = 'cases'", "definitions"),
        ("SELECT indicator, sum(value) FROM redefined GROUP BY indicator", "definitions"),
    ]);
    check(&[
        ("SELECT definition, sum(value) FROM redefined WHERE indicator = 'cases' GROUP BY ALL", ""),
        ("SELECT period_end, sum(value) FROM redefined WHERE indicator = 'cases' GROUP BY ALL", ""),
        ("SELECT sum(value) FROM redefined WHERE indicator = 'cases' AND definition = 1", ""),
        // Each indicator has definitions of its own.
        ("SELECT indicator, sum(value) FROM redefined WHERE definition = 1 GROUP BY ALL", ""),
    ]);
}

#[test]
fn views_with_a_column_for_each_indicator_are_looked_at() {
    check(&[
        ("SELECT sum(cases_aggregated) FROM aggregation_by_period", "days"),
        (
            "SELECT avg(evaluations_aggregated), sum(records_pushed) FROM aggregation_by_period",
            "days",
        ),
        (
            "SELECT department, sum(cases_aggregated) FROM aggregation_by_period GROUP BY department",
            "days",
        ),
        (
            "SELECT sum(cases_aggregated) FROM aggregation_by_edition WHERE period_end = '2021-06-30'",
            "overlaps",
        ),
        (
            "SELECT sum(cases_aggregated) FROM aggregation_by_edition WHERE period_end = '2021-09-30'",
            "accumulations",
        ),
        ("SELECT sum(value) FROM cells_by_edition WHERE period_end = '2021-06-30'", "overlaps"),
        ("SELECT sum(items_connected) FROM integration_by_period", "days"),
        (
            "SELECT sum(apps_connected), sum(apps_connected_in_year) FROM integration_by_period",
            "days",
        ),
        ("SELECT avg(apps_connected_in_year) FROM integration_by_period", "days"),
        ("SELECT avg(apps_connected_in_year) FROM (SELECT * FROM integration_by_period)", "days"),
        (
            "SELECT sum(n) FROM (SELECT period_end, sum(items_connected) AS n FROM integration_by_period GROUP BY period_end)",
            "days",
        ),
        (
            "SELECT sum(published), sum(reported) FROM observations_by_origin WHERE unit = '条'",
            "indicators days",
        ),
    ]);
    check(&[
        (
            "SELECT sum(cases_aggregated) FROM aggregation_by_period WHERE period_end = '2021-09-30'",
            "",
        ),
        (
            "SELECT period_end, sum(cases_aggregated) FROM aggregation_by_period GROUP BY period_end",
            "",
        ),
        (
            "SELECT sum(cases_aggregated) FROM aggregation_by_edition WHERE edition = 'e2' AND period_end = '2021-09-30'",
            "",
        ),
        (
            "SELECT edition, period_end, sum(cases_aggregated) FROM aggregation_by_edition GROUP BY edition, period_end",
            "",
        ),
        (
            "SELECT edition, sum(value) FROM cells_by_edition WHERE period_end = '2021-06-30' GROUP BY edition",
            "",
        ),
        ("SELECT period_end, sum(items_connected) FROM integration_by_period GROUP BY ALL", ""),
        (
            "SELECT department, avg(items_connected) FROM integration_by_period GROUP BY department",
            "",
        ),
        ("SELECT max(items_connected), count(items_connected) FROM integration_by_period", ""),
        (
            "SELECT department, sum(reported) FROM observations_by_origin WHERE indicator = 'items' GROUP BY department",
            "",
        ),
        // A column of that name elsewhere is something else.
        ("SELECT sum(items_connected) FROM (SELECT 1 AS items_connected)", ""),
    ]);
}

#[test]
fn several_days_do_not_add_up_where_nothing_says_how_they_count() {
    check(&[
        ("SELECT sum(cases_aggregated) FROM integration_with_aggregation", "days"),
        (
            "SELECT sum(n) FROM (SELECT records_pushed AS n FROM integration_with_aggregation)",
            "days",
        ),
        ("SELECT sum(cases_aggregated) FROM aggregation_by_edition WHERE edition = 'e4'", "days"),
        ("SELECT sum(value) FROM (SELECT indicator, period_end, value FROM uncounted)", "days"),
    ]);
    check(&[
        (
            "SELECT period_end, sum(cases_aggregated) FROM integration_with_aggregation GROUP BY ALL",
            "",
        ),
        (
            "SELECT sum(cases_aggregated) FROM integration_with_aggregation WHERE period_end = '2021-09-30'",
            "",
        ),
        ("SELECT avg(items_connected) FROM integration_with_aggregation", ""),
        ("SELECT period_end, sum(value) FROM uncounted GROUP BY period_end", ""),
    ]);
}

#[test]
fn columns_of_several_indicators_or_origins_are_not_added_up() {
    check(&[
        (
            "SELECT period_end, sum(items_connected + apps_connected) FROM integration_by_period GROUP BY ALL",
            "columns",
        ),
        (
            "SELECT sum(coalesce(published, 0) + coalesce(reported, 0)) FROM observations_by_origin WHERE indicator = 'items'",
            "columns",
        ),
        (
            "SELECT period_end, sum(n) FROM (SELECT period_end, items_connected + apps_connected AS n FROM integration_by_period) GROUP BY ALL",
            "columns",
        ),
        (
            "SELECT period_end, sum(a + b) FROM (SELECT period_end, items_connected AS a, apps_connected AS b FROM integration_by_period) GROUP BY ALL",
            "columns",
        ),
        (
            "SELECT period_end, sum(items_connected + cases_aggregated) FROM integration_with_aggregation GROUP BY ALL",
            "columns",
        ),
    ]);
    // Which of them a row adds is not asked.
    check(&[
        (
            "SELECT sum(coalesce(published, reported)) FROM observations_by_origin WHERE indicator = 'items'",
            "unchecked",
        ),
        (
            "SELECT period_end, sum(CASE WHEN department = 'tax' THEN items_connected ELSE apps_connected END) FROM integration_by_period GROUP BY ALL",
            "unchecked",
        ),
        (
            "SELECT sum(o.value + i.items_connected) FROM observations_latest AS o JOIN integration_by_period AS i USING (department, period_end) WHERE o.indicator = 'items'",
            "unchecked",
        ),
        (
            "SELECT period_end, sum(n) FROM (SELECT period_end, department, items_connected AS n FROM integration_by_period UNION ALL SELECT period_end, department, apps_connected FROM integration_by_period) GROUP BY ALL",
            "unchecked",
        ),
    ]);
    check(&[
        (
            "SELECT period_end, sum(items_connected + items_connected) FROM integration_by_period GROUP BY ALL",
            "",
        ),
        (
            "SELECT period_end, sum(apps_connected - items_connected) FROM integration_by_period GROUP BY ALL",
            "",
        ),
        (
            "SELECT sum(published - reported) FROM observations_by_origin WHERE indicator = 'items'",
            "",
        ),
        (
            "SELECT period_end, sum(greatest(items_connected, 0)) + sum(apps_connected) FROM integration_by_period GROUP BY ALL",
            "",
        ),
    ]);
}

#[test]
fn what_cannot_be_followed_is_said_to_be_unchecked() {
    let thirteen =
        vec!["SELECT sum(value) FROM bare WHERE indicator = 'items'"; 13].join(" UNION ALL ");
    check(&[
        ("SELECT sum(value) FROM observations_latest NATURAL JOIN departments", "unchecked"),
        (
            "SELECT * FROM (SELECT indicator, value FROM observations_latest) PIVOT (sum(value) FOR indicator IN ('cases'))",
            "unchecked",
        ),
        ("SELECT list_sum(list_distinct(list(value))) FROM observations_latest", "unchecked"),
        (
            "SELECT indicator, sum(max(value)) OVER () FROM observations_latest GROUP BY indicator",
            "unchecked",
        ),
        (thirteen.as_str(), "unchecked"),
    ]);
    // Where no figures are read, nothing needs to be checked.
    check(&[
        ("SELECT sum(definition) FROM observations_latest NATURAL JOIN departments", ""),
        (
            "SELECT sum(n) FROM (SELECT count(*) AS n FROM observations NATURAL JOIN departments)",
            "",
        ),
        ("SELECT sum(value) FROM departments NATURAL JOIN cases", ""),
        ("SELECT sum(value) FROM (VALUES (1), (2)) AS v(value)", ""),
    ]);
}

#[test]
fn data_that_do_not_answer_are_said_to_be_unchecked() {
    let connection = lake();
    connection.execute_batch("DROP TABLE regions").unwrap();
    let said = checked(&connection, "SELECT sum(value) FROM bare", &[], BUDGET);
    assert_eq!(kinds(&said), "unchecked");
    let words = said.unchecked[0].text(crate::diag::Lang::En);
    assert_eq!(words, "it was not checked whether unlike figures are mixed in `sum(value)`");
}
