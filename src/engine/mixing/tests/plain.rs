//! What a plain sum of figures is warned of, and what not.

use super::*;

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
