//! Views with a column for each indicator, or for each origin.

use super::*;

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
