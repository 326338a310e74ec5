//! What commands print, and their exit codes.
//!
//! `INSTA_UPDATE=always cargo test` rewrites the expectations; read the difference line by line.
#![expect(clippy::disallowed_methods, reason = "tests look behind the program's back")]

use std::fs;
use std::os::unix::fs::symlink;
use std::process::{Command, Stdio};

use tongban::analysis::CORE_QUERIES;
use tongban::query::{Catalogue, bind};

use crate::support::{NOTICE, Sandbox, read, root};

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
    // Batches of records are named after the key of the pseudonyms, too, which is new each time.
    settings.add_filter(r"duplicate \(batch [0-9a-f]{16}", "duplicate (batch <batch>");
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
    let describe = ["query", "aggregation/zero_causes", "--describe"];
    check("query_describe", &sandbox, &describe);
    check("query_describe_zh", &sandbox, &[&describe[..], &["--lang", "zh"]].concat());
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
    let catalogue = Catalogue::builtin();
    let n_asked = catalogue.queries().filter(|query| bind(query, &[]).is_ok()).count();
    let (n_equal, n_others) = (CORE_QUERIES.len(), n_asked - CORE_QUERIES.len());
    let counts = format!("cross-checked: {n_equal} equal, {n_others} without a twin, 0 different");
    assert!(outcome.stderr.contains(&counts), "{}", outcome.stderr);
    let counts_zh = format!("两引擎核对：{n_equal} 个一致，{n_others} 个无对照，0 个不一致");
    for (file, counts) in [("README.md", counts), ("README.zh-CN.md", counts_zh)] {
        assert!(read(&root().join(file)).contains(&counts), "{file}: {counts}");
    }
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
fn a_statement_finds_what_it_names_and_sees_all_there_is() {
    let sandbox = Sandbox::with_notice();
    let named = |name: &str| sandbox.sql(&format!("SELECT count(*) > 0 AS is_there FROM {name}"));
    for name in ["Observations_Latest", "main.\"departments\"", "session", "department_successors"]
    {
        assert_eq!(named(name), "is_there\ntrue\n", "{name}");
    }
    // A name of its own hides a table only where it was given.
    let inner = "(WITH regions AS (SELECT 1 AS region) FROM regions)";
    assert_eq!(named(&format!("{inner} AS own, regions")), "is_there\ntrue\n");
    let all = sandbox.sql("SHOW TABLES");
    for name in ["aggregation_by_period", "cases", "evaluations_latest", "indicators", "snapshots"]
    {
        assert!(all.lines().any(|line| line == name), "{name} is not in\n{all}");
    }
    let views = "SELECT count(*) > 15 AS is_there FROM duckdb_views() WHERE NOT internal";
    assert_eq!(sandbox.sql(views), "is_there\ntrue\n");
    let columns = "SELECT count(*) > 0 AS is_there FROM information_schema.columns
        WHERE table_name = 'targets_judged'";
    assert_eq!(sandbox.sql(columns), "is_there\ntrue\n");
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
fn a_result_never_replaces_what_a_workspace_is_made_of() {
    let sandbox = Sandbox::with_notice();
    sandbox.write("queries/own/notes.txt", "mine");
    sandbox.write("elsewhere/x.csv", "");
    symlink("lake/catalog.db", sandbox.path().join("innocent.csv")).unwrap();
    symlink(sandbox.path().join("lake"), sandbox.path().join("elsewhere/deep")).unwrap();
    let data = sandbox.path().join("lake/data/observations/1-1.parquet");
    let before = fs::read(&data).unwrap();
    for target in [
        "lake/data/observations/1-1.parquet",
        "lake/data/observations/2-1.parquet",
        "lake/catalog.db",
        "./queries/../lake/new.csv",
        "innocent.csv",
        "elsewhere/deep/new.csv",
        "tongban.toml",
        "queries/own/notes.txt",
    ] {
        let args = ["sql", "--format", "csv", "--output", target, "SELECT 1 AS a"];
        let said = sandbox.run(&args).fails(1);
        assert!(said.contains(&format!("`{target}` is not written")), "{target}: {said}");
    }
    assert_eq!(fs::read(&data).unwrap(), before);
    sandbox.run(&["query", "quality/totals"]).ok();
    // From outside the workspace too; and a new file beside the queries does no harm.
    let elsewhere = Sandbox::new();
    let lake = sandbox.path().join("lake/catalog.db");
    let args = ["sql", "--format", "csv", "-o", lake.to_str().unwrap(), "SELECT 1 AS a"];
    elsewhere.run(&args).fails(1);
    sandbox.run(&["refs", "regions", "--output", "refdata/draft.csv"]).ok();
}

#[test]
fn a_result_goes_where_it_is_sent() {
    let sandbox = Sandbox::with_notice();
    let select = "SELECT 1 AS a";
    for target in ["-", "/dev/stdout"] {
        let args = ["sql", "--format", "csv", "--output", target, select];
        assert_eq!(sandbox.run(&args).ok(), "a\n1\n");
    }
    assert!(!sandbox.path().join("-").exists());
    sandbox.write("real.csv", "old");
    symlink("real.csv", sandbox.path().join("link.csv")).unwrap();
    sandbox.run(&["sql", "--output", "link.csv", select]).ok();
    assert_eq!(crate::support::read(&sandbox.path().join("real.csv")), "a\n1\n");
    assert!(fs::symlink_metadata(sandbox.path().join("link.csv")).unwrap().is_symlink());
    let pipe = sandbox.path().join("pipe.csv");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let reader = Command::new("cat").arg(&pipe).stdout(Stdio::piped()).spawn().unwrap();
    sandbox.run(&["sql", "--output", "pipe.csv", select]).ok();
    assert_eq!(reader.wait_with_output().unwrap().stdout, b"a\n1\n");
    assert!(!pipe.metadata().unwrap().is_file());
}

#[test]
fn a_damaged_batch_is_named_and_written_anew() {
    let sandbox = Sandbox::with_notice();
    let data = sandbox.path().join("lake/data/observations/1-1.parquet");
    fs::remove_file(&data).unwrap();
    let said = sandbox.run(&["query", "quality/totals"]).fails(1);
    let batch = said.split("tongban reread ").nth(1).unwrap().split(' ').next().unwrap();
    let outcome = sandbox.run(&["reread", batch, "--reason", "damaged data file"]);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    assert!(outcome.stderr.contains("written anew as snapshot 2"), "{}", outcome.stderr);
    assert_eq!(sandbox.sql("SELECT count(*) AS n FROM observations"), "n\n172\n");
    assert_eq!(sandbox.sql("SELECT count(*) AS n FROM batches"), "n\n1\n");
    // Where the kept source is gone too, the file itself will do.
    fs::remove_file(sandbox.path().join("lake/data/observations/2-1.parquet")).unwrap();
    for source in fs::read_dir(sandbox.path().join("lake/source")).unwrap() {
        fs::remove_file(source.unwrap().path()).unwrap();
    }
    sandbox.run(&["reread", batch, "--reason", "damaged data file"]).fails(1);
    let outcome = sandbox.run(&["ingest", "notice.txt"]);
    assert!(outcome.stderr.contains("written anew as snapshot 3"), "{}", outcome.stderr);
    let again = sandbox.run(&["reread", batch, "--reason", "once more"]);
    assert!(again.stderr.contains("already in the lake"), "{}", again.stderr);
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

#[test]
fn a_question_that_lists_documents_refuses_a_day() {
    let sandbox = Sandbox::with_notice();
    for name in ["quality/findings", "quality/totals"] {
        let said = sandbox.run(&["query", name, "--as-of", "2021-12-31"]).fails(2);
        assert!(said.contains(&format!("`{name}`")) && said.contains("--as-of"), "{said}");
    }
    sandbox.run(&["findings", "--as-of", "2021-12-31"]).fails(2);
    sandbox.run(&["findings", "--snapshot", "1"]).ok();
    for name in ["aggregation/by_department", "quality/revisions"] {
        sandbox.run(&["query", name, "--as-of", "2021-12-31"]).ok();
    }
    let all = sandbox.run(&["query", "--all", "--as-of", "2021-12-31"]);
    assert!(all.stderr.contains("quality/totals"), "{}", all.stderr);
    assert!(!all.stdout.contains("## quality/totals"));
}

#[test]
fn a_day_that_is_none_is_told_how_to_be_written() {
    let sandbox = Sandbox::with_notice();
    for args in [
        &["query", "quality/revisions", "--as-of", "xx"][..],
        &["ingest", "--published-on", "2021", "notice.txt"],
        &["ingest", "--as-of-day", "2021年9月30日", "notice.txt"],
    ] {
        let said = sandbox.run(args).fails(2);
        assert!(said.contains("a day is written as 2021-09-30"), "{said}");
    }
    let explained = |period: &str| sandbox.run(&["explain", "cases_aggregated", "tax", period]);
    let said = explained("2021-13").fails(2);
    assert!(
        said.contains("a time is written as 2021, 2021-H1, 2021-Q3, 2021-09 or 2021-09-30"),
        "{said}"
    );
    // A month is its last day.
    assert_eq!(explained("2021-09").ok(), explained("2021-09-30").ok());
}

#[test]
fn a_value_that_does_not_fit_is_told_in_the_language_of_the_reader() {
    let sandbox = Sandbox::new();
    for (args, zh, en) in [
        (
            &["trend", "cases_aggregated", "--frequency", "week"][..],
            "错误：`--frequency <LENGTH>` 不能取 `week`：可取 month、quarter、half、year\n",
            "invalid value `week` for `--frequency <LENGTH>`: one of month, quarter, half, year\n",
        ),
        (
            &["trend", "cases_aggregated", "--from", "2021-13"],
            "`2021-13`：时间写作 2021、2021-H1、2021-Q3、2021-09、2021年9月 或 2021-09-30\n",
            "a time is written as 2021, 2021-H1, 2021-Q3, 2021-09 or 2021-09-30\n",
        ),
        (
            &["query", "aggregation/by_department", "--origin", "derived"],
            "可取 published、reported、platform\n",
            "one of published, reported, platform\n",
        ),
        (&["query", "x", "-p", "y"], "写作 名称=值\n", "written as NAME=VALUE\n"),
        (&["inspect", "x", "--format", "xml"], "可取 text、json\n", "one of text, json\n"),
        (
            &["sql", "--threads", "x"],
            "`x`：应为整数\n",
            "`x` for `--threads <N>`: a whole number\n",
        ),
        (
            &["schedule", "--next", "0"],
            "应为 1..=1000 之间的整数\n",
            "a whole number in 1..=1000\n",
        ),
        (&["query", "--formt", "csv"], "相近的有：--format\n", "the nearest are --format\n"),
        (
            &["qurey"],
            "没有 `qurey` 这个命令，相近的有：query\n",
            "there is no command `qurey`; the nearest",
        ),
        (&["synth"], "缺少参数：", "missing arguments: "),
        (
            &["query", "--snapshot"],
            "`--snapshot <N>` 后面要有一个值\n",
            "`--snapshot <N>` needs a value\n",
        ),
        (
            &["query", "--snapshot", "1", "--snapshot", "2"],
            "`--snapshot <N>` 只能给一次\n",
            "`--snapshot <N>` can be given once only\n",
        ),
    ] {
        for (lang, said) in [("zh", zh), ("en", en)] {
            let joined = format!("--lang={lang}");
            for named in [&["--lang", lang][..], &[joined.as_str()]] {
                let stderr = sandbox.run(&[named, args].concat()).fails(2);
                assert!(stderr.contains(said), "{stderr}");
            }
        }
    }
    // A language that there is none of is told in that of the locale.
    let stderr = sandbox.run(&["query", "--lang", "fr"]).fails(2);
    assert!(stderr.contains("invalid value `fr` for `--lang <LANG>`: one of en, zh"), "{stderr}");
}

#[test]
fn an_empty_answer_says_why() {
    let sandbox = Sandbox::new();
    let asked = |args: &[&str]| {
        let outcome = sandbox.run(&[&["query", "aggregation/by_department"], args].concat());
        assert_eq!(outcome.code, 0, "{}", outcome.stderr);
        outcome.stderr
    };
    assert!(asked(&[]).contains("the lake is still empty"));
    sandbox.write("notice.txt", NOTICE);
    sandbox.run(&["ingest", "notice.txt"]).ok();
    assert!(asked(&["--snapshot", "0"]).contains("snapshot 0 holds nothing yet"));
    let early = asked(&["--as-of", "2020-01-01"]);
    assert!(early.contains("by 2020-01-01; the first document is of 2021-11-24"), "{early}");
    let period = asked(&["-p", "period=2020-01-01"]);
    assert!(period.contains("ends on 2020-01-01; the latest ends on 2021-09-30"), "{period}");
    assert!(!asked(&[]).contains("warning"));
}

#[test]
fn indicators_and_departments_are_known_by_their_names() {
    let sandbox = Sandbox::with_notice();
    let asked = |indicator: &str, department: &str| {
        let [indicator, department] =
            [format!("indicator={indicator}"), format!("department={department}")];
        sandbox.run(&[
            "query",
            "provenance",
            "-p",
            &indicator,
            "-p",
            &department,
            "--format",
            "csv",
        ])
    };
    let by_id = asked("cases_aggregated", "public_security").ok();
    assert_eq!(by_id.lines().count(), 2, "{by_id}");
    assert_eq!(asked("办件数据汇聚量", "省公安厅").ok(), by_id);
    let unknown = asked("cases_agregated", "tax").fails(1);
    assert!(unknown.contains("cases_aggregated"), "{unknown}");
    assert!(asked("cases_aggregated", "省公安局").fails(1).contains("省公安厅"));
}

#[test]
fn a_statement_may_begin_with_a_comment_or_come_from_standard_input() {
    let sandbox = Sandbox::with_notice();
    for statement in ["-- c\nSELECT 1 AS a", "--c\nSELECT 1 AS a", "- - bad"] {
        let outcome = sandbox.run(&["sql", "--format", "csv", statement]);
        assert_eq!(outcome.code, i32::from(statement == "- - bad"), "{}", outcome.stderr);
    }
    let behind = sandbox.run(&["sql", "-- c\nSELECT 1 AS a", "--format", "csv"]);
    assert_eq!(behind.ok(), "a\n1\n");
    sandbox.write("one.sql", "SELECT 1 AS a");
    let input = fs::File::open(sandbox.path().join("one.sql")).unwrap();
    let mut command = sandbox.command(&["sql", "-f", "-", "--format", "csv"]);
    assert_eq!(command.stdin(input).output().unwrap().stdout, b"a\n1\n");
}

#[test]
fn what_only_an_answer_can_have_needs_the_name_of_a_question() {
    let sandbox = Sandbox::with_notice();
    for args in [&["--output", "q.csv"][..], &["--format", "json"], &["-p", "period=2021-09-30"]] {
        let said = sandbox.run(&[&["query"], args].concat()).fails(2);
        assert!(said.contains("no question is named"), "{said}");
    }
    assert!(!sandbox.path().join("q.csv").exists());
}

#[test]
fn a_file_that_is_odd_everywhere_is_not_listed_cell_by_cell() {
    let sandbox = Sandbox::new();
    sandbox.write("odd.txt", NOTICE.replace("\t0", "\t无"));
    let outcome = sandbox.run(&["ingest", "odd.txt"]);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    assert_eq!(outcome.stderr.matches("  warning: ").count(), 50, "{}", outcome.stderr);
    assert!(outcome.stderr.contains("more\n"), "{}", outcome.stderr);
    let kept = sandbox.sql("SELECT count(*) > 50 AS more FROM findings WHERE severity = 'warning'");
    assert_eq!(kept, "more\ntrue\n");
}

#[test]
fn a_query_of_a_workspace_gives_what_its_head_says() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "queries/own/one.sql",
        "/*---\nsummary = \"one\"\nsummary_zh = \"一\"\nreads = [\"observations\"]\norder = [\"b\"]\n\n[returns]\nb = \"int\"\n---*/\nSELECT 1 AS a, count(*) AS n FROM observations;\n",
    );
    let said = sandbox.run(&["query", "own/one"]).fails(1);
    assert!(said.contains("gives the columns a, n, and its head says b"), "{said}");
}

#[test]
fn a_workspace_is_not_made_inside_another_or_inside_a_lake() {
    let sandbox = Sandbox::new();
    let before = sandbox.file_names();
    for inner in ["lake", "lake/data/new", "inner", "./a/../inner"] {
        let said = sandbox.run(&["init", inner]).fails(1);
        assert!(said.contains("lies inside"), "{said}");
    }
    sandbox.run(&["demo"]).fails(1);
    assert_eq!(sandbox.file_names(), before);
}

#[test]
fn the_folder_of_a_workspace_is_read_without_what_belongs_to_it() {
    let sandbox = Sandbox::new();
    sandbox.write("notice.txt", NOTICE);
    sandbox.write("in/second.txt", NOTICE.replace("185号", "186号"));
    sandbox.write(
        "refdata/department_names.csv",
        "name,region,department,name_kind,source,confidence\n省警务厅,630000,public_security,alias,synthetic,high\n",
    );
    sandbox.write("reports/old.csv", "a,b\n1,2\n");
    for n_new in [2, 0] {
        let outcome = sandbox.run(&["ingest", "."]);
        assert_eq!(outcome.code, 0, "{}", outcome.stderr);
        assert!(outcome.stderr.contains("files read: 2, refused: 0"), "{}", outcome.stderr);
        assert!(!outcome.stderr.contains("passed over"), "{}", outcome.stderr);
        let n_there = outcome.stderr.matches("already in the lake").count();
        assert_eq!(n_there, 2 - n_new, "{}", outcome.stderr);
    }
    // Who names such a folder means it.
    sandbox.run(&["ingest", "reports"]).fails(1);
}

#[test]
fn files_that_are_not_there_too_large_or_unknown_have_a_next_step() {
    let sandbox = Sandbox::new();
    for command in ["ingest", "inspect"] {
        let said = sandbox.run(&[command, "nowhere.txt"]).fails(1);
        assert!(said.contains("hint: check its name"), "{said}");
    }
    let large = fs::File::create(sandbox.path().join("large.csv")).unwrap();
    large.set_len(86_000_000).unwrap();
    let said = sandbox.run(&["ingest", "large.csv"]).fails(1);
    assert!(said.contains("it has 86.0 MB; at most 67.2 MB are read"), "{said}");
    sandbox.write("bad.sql", b"SELECT '\xff'");
    let said = sandbox.run(&["sql", "-f", "bad.sql"]).fails(1);
    assert!(said.contains("hint: save it as UTF-8") && !said.contains("WPS"), "{said}");
    sandbox.write("prose.txt", "只有文字，没有表格。\n");
    let said = sandbox.run(&["inspect", "prose.txt"]).fails(1);
    assert!(!said.contains("look at it with"), "{said}");
}

#[test]
fn a_file_that_is_wrong_everywhere_is_not_listed_line_by_line() {
    let sandbox = Sandbox::new();
    let rows: String = (0..300).map(|n| format!("{n}\t某某办{n}\t1\t1\n")).collect();
    let head = "发布机构：青海省人民政府办公厅\n成文日期：2023-06-30\n附件\n汇聚情况表\n序号\t单位\t办件数据汇聚量(条)\t“好差评”数据汇聚量(条)\n";
    sandbox.write("bad.txt", format!("{head}{rows}"));
    let said = sandbox.run(&["ingest", "bad.txt"]).fails(1);
    assert!(said.contains("and 250 more\n"), "{said}");
    assert!(said.lines().count() < 130, "{} lines", said.lines().count());
}

#[test]
fn reference_tables_say_where_rows_come_from_in_the_language_of_the_reader() {
    let sandbox = Sandbox::with_notice();
    let header = "indicator,region,level,department,direction,value,unit,valid_from,valid_to,source,confidence";
    let own = "online_rate,630000,province,,at_least,95,%,2022-01-01,2022-12-31,青政办〔2022〕9号,取值可信度高；year unverified";
    sandbox.write("refdata/targets.csv", format!("{header}\n{own}\n"));
    let shown = |lang: &str, format: &[&str]| {
        sandbox.run(&[&["refs", "targets", "--lang", lang], format].concat()).ok()
    };
    let zh = shown("zh", &[]);
    assert!(zh.contains("2021年通报正文"), "{zh}");
    assert!(
        zh.contains("取值可信度高；原文将市州与县（市、区）一并表述；考核年度由通报推断"),
        "{zh}"
    );
    assert!(zh.contains("青政办〔2022〕9号") && zh.contains("取值可信度高；年份未核实"), "{zh}");
    assert!(!zh.contains("notice") && !zh.contains("high"), "{zh}");
    let en = shown("en", &[]);
    assert!(
        en.contains("2021 notice, prose") && en.contains("value high; year unverified"),
        "{en}"
    );
    assert!(!en.contains('；'), "{en}");
    // Programs get what stands in the table, whatever the language.
    let csv = ["--format", "csv"];
    assert_eq!(shown("zh", &csv), shown("en", &csv));
    assert!(shown("zh", &csv).contains("\"2021 notice, prose\""));
}
