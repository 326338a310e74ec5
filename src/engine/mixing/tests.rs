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
    CREATE VIEW stated AS SELECT indicator, period_end, value, batch FROM observations WHERE indicator = 'items';
    CREATE TABLE cases AS SELECT 'tax' AS department, 5 AS satisfaction, 1.0 AS value;";

fn lake() -> Connection {
    let connection = Connection::open_in_memory().unwrap();
    connection.execute_batch(TABLES).unwrap();
    connection
}

/// A minute does on any machine; nothing here waits for it.
const BUDGET: Duration = Duration::from_mins(1);

/// What is mixed, without its codes' beginnings.
fn kinds(messages: &[Message]) -> String {
    let kinds: Vec<&str> =
        messages.iter().map(|message| message.code.trim_start_matches("mixing.")).collect();
    kinds.join(" ")
}

/// Compares what each statement mixes; a statement that does not run is a mistake of the test.
#[track_caller]
fn check(cases: &[(&str, &str)]) {
    let connection = lake();
    for (sql, expected) in cases {
        connection.prepare(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
        assert_eq!(kinds(&mixed(&connection, sql, &[], BUDGET)), *expected, "{sql}");
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
            "",
        ),
        (
            "WITH RECURSIVE r AS (SELECT 1 AS value UNION ALL SELECT value + 1 FROM r WHERE value < 3) SELECT sum(value) FROM r",
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
            "",
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
        kinds(&mixed(&connection, sql, &params, BUDGET))
    };
    assert_eq!(kinds_of("items"), "");
    assert_eq!(kinds_of("cases"), "days");
}

#[test]
fn the_words_name_what_is_mixed() {
    let connection = lake();
    let sql = "SELECT sum(value), avg(o.value), sum(value * 2) FROM observations AS o WHERE indicator IN ('cases', 'evals')";
    let said: Vec<String> = mixed(&connection, sql, &[], BUDGET)
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
    assert_eq!(kinds(&mixed(&connection, sql, &[], Duration::ZERO)), "unasked");
    // The connection answers again.
    assert_eq!(
        kinds(&mixed(&connection, "SELECT sum(value) FROM derived_observations", &[], BUDGET)),
        ""
    );
}

#[test]
fn a_statement_that_is_nested_too_deep_is_passed_over() {
    let connection = lake();
    let sql = format!("SELECT sum({}) FROM observations", vec!["value"; 400].join(" + "));
    connection.prepare(&sql).unwrap();
    assert_eq!(kinds(&mixed(&connection, &sql, &[], BUDGET)), "");
}
