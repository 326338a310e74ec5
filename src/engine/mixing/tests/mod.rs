//! What is warned of and what is not, statement by statement.

mod followed;
mod plain;
mod unchecked;
mod unlike;
mod wide;

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
