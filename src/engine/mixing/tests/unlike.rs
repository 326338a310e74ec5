//! Figures that do not add up: rates, regions within others, times that overlap, other definitions.

use super::*;

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
        // Two months of one department are not the quarter of another one.
        (
            "SELECT sum(value) FROM period_flows WHERE department = 'water' OR department = 'tax' AND last_day(period_start) = period_end",
            "spans",
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
fn flows_of_several_places_are_over_the_same_time() {
    check(&[
        // One department's month beside the quarter of another one, and beside its last month alone.
        (
            "SELECT sum(value) FROM period_flows WHERE department = 'water' AND period_start = '2021-07-01' OR department = 'tax' AND period_start = '2021-08-01'",
            "spans",
        ),
        (
            "SELECT sum(value) FROM period_flows WHERE department = 'water' OR department = 'gas' AND accumulation = 'period'",
            "spans",
        ),
        (
            "SELECT sum(total) FROM (SELECT department, region, period_start, period_end, sum(value) AS total FROM period_flows WHERE department = 'water' OR department = 'gas' AND accumulation = 'period' GROUP BY ALL)",
            "spans",
        ),
    ]);
    check(&[
        (
            "SELECT department, sum(value) FROM period_flows WHERE department = 'water' OR department = 'gas' AND accumulation = 'period' GROUP BY department",
            "",
        ),
        (
            "SELECT sum(value) FROM period_flows WHERE period_start = '2021-07-01' AND period_end = '2021-07-31' AND accumulation = 'period'",
            "",
        ),
    ]);
}

#[test]
fn a_figure_that_a_join_repeats_is_added_up_again() {
    let again = "FROM observations_latest AS c JOIN observations_latest AS i ON c.department = i.department WHERE c.indicator = 'items' AND i.indicator IN ('cases', 'evals') AND i.period_end = '2021-09-30'";
    let selects = ["SELECT sum(c.value)", "SELECT c.department, sum(c.value)"];
    check(&[(&format!("{} {again}", selects[0]), "repeated")]);
    check(&[(&format!("{} {again} GROUP BY ALL", selects[1]), "repeated")]);
    check(&[
        (
            &format!(
                "WITH joined AS (SELECT c.value AS items {again}) SELECT sum(items) FROM joined"
            ),
            "repeated",
        ),
        (&format!("SELECT sum(v) FROM (SELECT c.*, c.value AS v {again}) AS joined"), "repeated"),
        // Only those of the joined table come once each.
        (&format!("SELECT i.indicator, sum(c.value) {again} GROUP BY ALL"), ""),
        (&format!("SELECT avg(c.value) {again}"), ""),
        (
            "SELECT sum(value) FROM observations_latest AS c WHERE indicator = 'items' AND EXISTS (SELECT 1 FROM observations AS i WHERE i.department = c.department)",
            "",
        ),
        (
            "SELECT sum(c.value) FROM observations_latest AS c SEMI JOIN observations AS i ON i.department = c.department WHERE c.indicator = 'items'",
            "",
        ),
        (
            "SELECT sum(total) FROM (SELECT c.department, sum(c.value) AS total FROM observations_latest AS c WHERE c.indicator = 'items' GROUP BY ALL) JOIN departments USING (department)",
            "",
        ),
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
