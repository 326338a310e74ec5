//! What is said where sums cannot be followed or asked about, and how it is worded.

use super::*;

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
