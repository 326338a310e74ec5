//! What commands print, and their exit codes.
//!
//! `INSTA_UPDATE=always cargo test` rewrites the expectations; read the difference line by line.

use crate::support::{NOTICE, Sandbox};

/// Shows everything that a command did: exit code, standard output, standard error.
fn shown(sandbox: &Sandbox, args: &[&str]) -> String {
    let outcome = sandbox.run(args);
    format!(
        "$ tongban {}\n[exit {}]\n{}--- stderr ---\n{}",
        args.join(" "),
        outcome.code,
        outcome.stdout,
        outcome.stderr
    )
}

/// Compares what a command did with its expectation; folders of this run become words.
#[track_caller]
fn check(name: &str, sandbox: &Sandbox, args: &[&str]) {
    let folder = sandbox.path().to_str().unwrap();
    let text = shown(sandbox, args).replace(folder, "<folder>");
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.add_filter(r"0\.\d+\.\d+(\.\w+)?\b", "<version>");
    settings.bind(|| insta::assert_snapshot!(name, text));
}

#[test]
fn a_workspace_is_made_once() {
    let sandbox = Sandbox::empty();
    check("init", &sandbox, &["init", "work"]);
    check("init_again", &sandbox, &["init", "work"]);
    check("init_zh", &sandbox, &["--lang", "zh", "init", "work"]);
}

#[test]
fn inspect_shows_everything_and_writes_nothing() {
    let sandbox = Sandbox::empty();
    sandbox.write("notice.txt", NOTICE);
    check("inspect", &sandbox, &["inspect", "notice.txt"]);
    check("inspect_zh", &sandbox, &["inspect", "--lang", "zh", "notice.txt"]);
    assert_eq!(sandbox.file_names(), ["notice.txt"]);
}

#[test]
fn ingest_tells_what_it_did() {
    let sandbox = Sandbox::new();
    sandbox.write("notice.txt", NOTICE);
    check("ingest", &sandbox, &["ingest", "notice.txt"]);
    check("ingest_again", &sandbox, &["ingest", "notice.txt"]);
    check("ingest_quiet", &sandbox, &["ingest", "--quiet", "notice.txt"]);
    check("lake_log", &sandbox, &["lake", "log"]);
}

#[test]
fn questions_are_listed_described_and_answered() {
    let sandbox = Sandbox::with_notice();
    check("query_list", &sandbox, &["query"]);
    check("query_list_zh", &sandbox, &["query", "--lang", "zh"]);
    check("query_describe", &sandbox, &["query", "aggregation/zero_causes", "--describe"]);
    check("query_table", &sandbox, &["query", "integration/connected_without_data"]);
    check(
        "query_table_zh",
        &sandbox,
        &["query", "--lang", "zh", "integration/connected_without_data"],
    );
    check("query_markdown", &sandbox, &["query", "quality/totals", "--format", "markdown"]);
    check("query_polars", &sandbox, &["query", "by_department", "--engine", "polars"]);
    check("query_unknown", &sandbox, &["query", "aggregation/by_departments"]);
    check("query_param_unknown", &sandbox, &["query", "quality/findings", "-p", "minimun=error"]);
    check(
        "query_param_format",
        &sandbox,
        &["query", "aggregation/by_department", "-p", "period=2021年"],
    );
    check("query_no_twin", &sandbox, &["query", "quality/totals", "--engine", "polars"]);
}

#[test]
fn both_engines_agree_on_everything_that_has_a_twin() {
    let sandbox = Sandbox::with_notice();
    let outcome = sandbox.run(&["query", "--all", "--cross-check"]);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    assert!(outcome.stderr.contains("cross-checked: 1 equal, 12 without a twin, 0 different"));
    let one = sandbox.run(&["query", "aggregation/by_department", "--cross-check"]);
    assert!(one.stderr.contains("DuckDB and Polars agree"), "{}", one.stderr);
}

#[test]
fn findings_come_in_both_languages() {
    let sandbox = Sandbox::with_notice();
    check("findings", &sandbox, &["findings"]);
    check("findings_zh", &sandbox, &["findings", "--lang", "zh"]);
    check("findings_none", &sandbox, &["findings", "--severity", "warning"]);
}

#[test]
fn sql_answers_one_select_in_every_format() {
    let sandbox = Sandbox::with_notice();
    let select = "SELECT department, value, published_on, note IS NULL AS is_bare FROM observations_latest WHERE indicator = 'cases_aggregated' AND department IN ('tax', 'water') ORDER BY department";
    for format in ["table", "csv", "json", "jsonl", "markdown"] {
        check(&format!("sql_{format}"), &sandbox, &["sql", "--format", format, select]);
    }
    check("sql_syntax", &sandbox, &["sql", "SELEC 1"]);
    check("sql_not_a_select", &sandbox, &["sql", "DROP TABLE observations"]);
    check("sql_several", &sandbox, &["sql", "SELECT 1; SELECT 2"]);
    check("sql_unknown_table", &sandbox, &["sql", "SELECT * FROM observation"]);
    check("sql_zh", &sandbox, &["sql", "--lang", "zh", "SELECT 1; SELECT 2"]);
}

#[test]
fn sql_cannot_reach_files() {
    let sandbox = Sandbox::with_notice();
    sandbox.write("secret.csv", "a\n1\n");
    for statement in [
        "SELECT * FROM read_csv('secret.csv')",
        "SELECT * FROM 'secret.csv'",
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM glob('*')",
        "SELECT * FROM parquet_metadata('secret.parquet')",
        "SELECT * FROM enable_logging('QueryLog', storage = 'file', storage_path = 'log')",
        "SELECT * FROM enable_profiling(mode = 'detailed', save_location = 'profile.json')",
    ] {
        let outcome = sandbox.run(&["sql", statement]);
        assert_eq!(outcome.code, 1, "{statement}: {}", outcome.stdout);
    }
}

#[test]
fn a_view_of_a_workspace_is_one_select_and_nothing_else() {
    let sandbox = Sandbox::with_notice();
    let head = "/*---\nsummary = \"s\"\nsummary_zh = \"s\"\nreads = [\"observations\"]\norder = [\"n\"]\n[returns]\nn = \"bigint\"\n---*/\n";
    let asked = |statement: &str| {
        sandbox.write("queries/views/own.sql", format!("{head}{statement}"));
        sandbox.run(&["sql", "--format", "csv", "SELECT n FROM own"])
    };
    assert_eq!(asked("SELECT count(*) AS n FROM observations;").ok(), "n\n172\n");
    for statement in [
        "SELECT 1 AS n; DROP VIEW observations_latest;",
        "SELECT 1 AS n; SET threads = 1;",
        "SELECT 1 AS n; COPY (SELECT 1) TO 'stolen.csv';",
        "EXPLAIN SELECT 1 AS n",
        "COPY (SELECT 1 AS n) TO 'stolen.csv'",
        "DROP TABLE observations",
        "INSERT INTO observations SELECT * FROM observations",
        "",
    ] {
        let said = asked(statement).fails(1);
        assert!(said.contains("queries/views/own.sql"), "{statement}: {said}");
        assert!(!sandbox.path().join("stolen.csv").exists());
    }
}

#[test]
fn texts_go_to_the_file_that_is_named() {
    let sandbox = Sandbox::with_notice();
    let to = |args: &[&str], name: &str| {
        let args = [args, &["--output", name]].concat();
        assert_eq!(sandbox.run(&args).ok(), "");
        crate::support::read(&sandbox.path().join(name))
    };
    let told = sandbox.run(&["explain", "cases_aggregated", "tax"]).ok();
    assert_eq!(to(&["explain", "cases_aggregated", "tax"], "told.txt"), told);
    let plan = to(&["sql", "EXPLAIN SELECT 1 AS a"], "plan.txt");
    assert!(plan.contains("PROJECTION") || plan.contains("DUMMY_SCAN"), "{plan}");
}

#[test]
fn no_thread_is_refused_with_its_line() {
    let sandbox = Sandbox::with_notice();
    sandbox.write("tongban.toml", "# settings\nmemory = \"1GB\"\nthreads = 0\n");
    let said = sandbox.run(&["query", "quality/totals"]).fails(1);
    assert!(said.contains("line 3") && said.contains("from 1"), "{said}");
}

#[test]
fn figures_that_the_questions_leave_out_are_told() {
    let sandbox = Sandbox::new();
    let text = NOTICE
        .replace("发文字号：青政办函〔2021〕185号\n", "")
        .replace("青政办函〔2021〕185号", "");
    sandbox.write("form.txt", text);
    let outcome = sandbox.run(&["ingest", "form.txt"]);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    assert!(outcome.stderr.contains("--origin published"), "{}", outcome.stderr);
    let empty = sandbox.run(&["query", "aggregation/by_department"]);
    assert!(empty.stderr.contains("--origin published"), "{}", empty.stderr);
    let totals = sandbox.run(&["query", "quality/totals"]);
    assert!(!totals.stderr.contains("--origin published"), "{}", totals.stderr);
    let again = sandbox.run(&["ingest", "--origin", "published", "form.txt"]);
    assert!(!again.stderr.contains("--origin published"), "{}", again.stderr);
    let answered = sandbox.run(&["query", "aggregation/by_department"]);
    assert!(!answered.stderr.contains("--origin"), "{}", answered.stderr);
    assert!(answered.stdout.contains("29 rows"), "{}", answered.stdout);
}

#[test]
fn results_go_to_files_whole_or_not_at_all() {
    let sandbox = Sandbox::with_notice();
    let outcome = sandbox.run(&["query", "quality/totals", "--output", "totals.csv"]);
    assert_eq!((outcome.code, outcome.stdout.as_str()), (0, ""));
    let csv = crate::support::read(&sandbox.path().join("totals.csv"));
    assert_eq!(csv.lines().count(), 7);
    check("output_format_unknown", &sandbox, &["query", "quality/totals", "-o", "totals.foo"]);
    check("output_folder_absent", &sandbox, &["query", "quality/totals", "-o", "none/totals.csv"]);
    let parquet = sandbox.run(&["sql", "SELECT 1 AS a", "-o", "one.parquet"]);
    assert_eq!(parquet.code, 0, "{}", parquet.stderr);
}

#[test]
fn an_earlier_day_and_an_earlier_snapshot_can_be_asked() {
    let sandbox = Sandbox::with_notice();
    let corrected =
        NOTICE.replace("成文日期：2021-11-24", "成文日期：2022-01-10").replace("878", "879");
    sandbox.write("corrected.txt", corrected);
    sandbox.run(&["ingest", "corrected.txt"]).ok();
    let value = "SELECT value FROM observations_latest WHERE indicator = 'evaluations_aggregated' AND department = 'development_reform'";
    let asked = |args: &[&str]| {
        let args = [&["sql", "--format", "csv", value], args].concat();
        sandbox.run(&args).ok()
    };
    assert_eq!(asked(&[]), "value\n879\n");
    assert_eq!(asked(&["--as-of", "2021-12-31"]), "value\n878\n");
    assert_eq!(asked(&["--as-of", "2021-01-01"]), "value\n");
    assert_eq!(asked(&["--snapshot", "1"]), "value\n878\n");
    assert_eq!(asked(&["--snapshot", "0"]), "value\n");
    let unknown = sandbox.run(&["sql", value, "--snapshot", "9"]).fails(1);
    assert!(unknown.contains('9'), "{unknown}");
}

#[test]
fn a_workspace_is_needed_and_can_be_named() {
    let sandbox = Sandbox::empty();
    check("no_workspace", &sandbox, &["query", "quality/totals"]);
    check("no_workspace_there", &sandbox, &["--workspace", "nowhere", "findings"]);
    sandbox.run(&["init", "work"]).ok();
    sandbox.write("notice.txt", NOTICE);
    sandbox.run(&["--workspace", "work", "ingest", "notice.txt"]).ok();
    let below = sandbox.path().join("work/queries");
    let outcome = sandbox.command(&["sql", "SELECT 1 AS a"]).current_dir(below).output().unwrap();
    assert!(outcome.status.success());
}

#[test]
fn a_workspace_adds_names_labels_and_queries() {
    let sandbox = Sandbox::new();
    let renamed =
        NOTICE.replace("1\t省公安厅", "1\t省警务厅").replace("7\t省公安厅", "7\t省警务厅");
    sandbox.write("renamed.txt", renamed);
    let refused = sandbox.run(&["ingest", "renamed.txt"]).fails(1);
    assert!(refused.contains("省警务厅") && refused.contains("refdata/department_names.csv"));
    sandbox.write(
        "refdata/department_names.csv",
        "name,region,department,name_kind,source,confidence\n省警务厅,630000,public_security,alias,synthetic,high\n",
    );
    sandbox.run(&["ingest", "renamed.txt"]).ok();
    let label = sandbox
        .sql("SELECT DISTINCT row_label FROM observations WHERE department = 'public_security'");
    assert_eq!(label, "row_label\n省警务厅\n");
    sandbox.write(
        "queries/own/count.sql",
        "/*---\nsummary = \"Count\"\nsummary_zh = \"计数\"\nreads = [\"observations\"]\norder = [\"n\"]\n[returns]\nn = \"bigint\"\n---*/\nSELECT count(*) AS n FROM observations ORDER BY n;\n",
    );
    assert_eq!(sandbox.run(&["query", "own/count", "--format", "csv"]).ok(), "n\n172\n");
}

#[test]
fn the_demo_can_be_run_twice() {
    let sandbox = Sandbox::empty();
    check("demo", &sandbox, &["demo", "shown"]);
    let again = sandbox.run(&["demo", "shown", "--lang", "zh"]);
    assert_eq!(again.code, 0, "{}", again.stderr);
    assert!(again.stderr.contains("已在数据湖中"), "{}", again.stderr);
}

#[test]
fn usage_errors_are_told_apart() {
    let sandbox = Sandbox::new();
    for args in [&["ingest"][..], &["nonsense"], &["query", "--engine", "spark"]] {
        let outcome = sandbox.run(args);
        assert_eq!((outcome.code, outcome.stdout.as_str()), (2, ""), "{args:?}");
        assert!(!outcome.stderr.is_empty());
    }
    let help = sandbox.run(&["--help"]).ok();
    assert!(help.contains("Examples:"));
    assert!(sandbox.run(&["--version"]).ok().starts_with("tongban "));
}
