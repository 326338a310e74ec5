//! Sums that mix figures: warned of on standard error, and nowhere else.

use crate::support::{Outcome, Sandbox};

/// Asks a workspace that holds the notice.
fn asked(sandbox: &Sandbox, args: &[&str]) -> Outcome {
    let outcome = sandbox.run(&[&["sql"], args].concat());
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    outcome
}

#[test]
fn a_sum_that_mixes_figures_is_warned_of_beside_its_answer() {
    let sandbox = Sandbox::with_notice();
    let of_tax = "FROM observations_latest WHERE department = 'tax' AND value <> 0";
    let counted =
        format!("SELECT count(DISTINCT indicator) AS n, count(DISTINCT value) > 1 {of_tax}");
    let counted = sandbox.sql(&counted);
    let (n_indicators, has_several) = counted.lines().nth(1).unwrap().split_once(',').unwrap();
    assert_eq!(has_several, "true");
    let sum = &format!("SELECT sum(value) AS total {of_tax}");
    let outcome = asked(&sandbox, &["--format", "json", sum]);
    let answer: serde_json::Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert!(answer[0]["total"].is_number(), "{}", outcome.stdout);
    let said = format!("warning: {n_indicators} indicators are mixed in `sum(value)`: ");
    assert!(outcome.stderr.starts_with(&said), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("hint: add `indicator` to GROUP BY"), "{}", outcome.stderr);
    let zh = asked(&sandbox, &["--lang", "zh", sum]);
    let said = format!("`sum(value)` 混合了 {n_indicators} 个指标的数据：");
    assert!(zh.stderr.contains(&said), "{}", zh.stderr);
    // A file gets the answer and nothing else.
    let written = asked(&sandbox, &["--quiet", "--output", "total.csv", sum]);
    assert!(written.stderr.contains("are mixed in"), "{}", written.stderr);
    let total = crate::support::read(&sandbox.path().join("total.csv"));
    assert_eq!(total.lines().count(), 2, "{total}");
}

#[test]
fn a_sum_of_one_kind_of_figures_is_not_warned_of() {
    let sandbox = Sandbox::with_notice();
    for sum in [
        "SELECT sum(value) AS total FROM observations_latest WHERE indicator = 'cases_aggregated'",
        "SELECT indicator, breakdown, accumulation, period_start, period_end, sum(value) AS total \
         FROM observations_latest GROUP BY ALL ORDER BY ALL",
        "SELECT count(value), max(value) FROM observations_latest",
        "SELECT sum(n_parts) FROM observations_latest",
        "SELECT count(*) FROM cases",
        "SELECT sum(cases_aggregated), avg(evaluations_aggregated) FROM aggregation_by_period",
        "SELECT edition, sum(items_connected) FROM integration_by_edition GROUP BY edition",
        "SELECT department, sum(value) FROM period_flows WHERE indicator = 'cases_aggregated' GROUP BY department",
        "EXPLAIN SELECT sum(value) FROM observations_latest",
    ] {
        assert_eq!(asked(&sandbox, &[sum]).stderr, "", "{sum}");
    }
}

#[test]
fn a_sum_that_cannot_be_followed_is_noted_unless_quiet() {
    let sandbox = Sandbox::with_notice();
    let sum = "SELECT sum(value) AS total FROM observations_latest NATURAL JOIN departments";
    let said = "it was not checked whether unlike figures are mixed in `sum(value)`\nhint: ";
    let outcome = asked(&sandbox, &[sum]);
    assert!(outcome.stderr.starts_with(&format!("note: {said}")), "{}", outcome.stderr);
    let zh = asked(&sandbox, &["--lang", "zh", sum]);
    assert!(zh.stderr.starts_with("说明：`sum(value)` 是否混合了不同的数据"), "{}", zh.stderr);
    assert_eq!(asked(&sandbox, &["--quiet", sum]).stderr, "");
}

#[test]
fn a_query_of_a_workspace_is_warned_of_and_a_built_in_one_is_not() {
    let sandbox = Sandbox::with_notice();
    let head = "/*---\nsummary = \"total\"\nsummary_zh = \"合计\"\nreads = [\"observations_latest\"]\n\
        order = [\"total\"]\n[params.indicator]\ntype = \"text?\"\nhelp = \"one\"\nhelp_zh = \"一个\"\n\
        [returns]\ntotal = \"double?\"\n---*/\n";
    let sql = "SELECT sum(obs.value) AS total FROM observations_latest AS obs \
        WHERE obs.department = 'tax' AND obs.indicator = coalesce($indicator, obs.indicator) ORDER BY total;\n";
    sandbox.write("queries/own/total.sql", format!("{head}{sql}"));
    let whole = sandbox.run(&["query", "own/total"]);
    assert!(whole.stderr.contains("are mixed in `sum(value)`"), "{}", whole.stderr);
    assert_eq!(whole.code, 0);
    let one = sandbox.run(&["query", "own/total", "-p", "indicator=cases_aggregated"]);
    assert_eq!((one.code, one.stderr.as_str()), (0, ""));
    for name in ["aggregation/by_department", "quality/totals"] {
        assert_eq!(sandbox.run(&["query", name]).stderr, "", "{name}");
    }
}
