//! Reports as users make them: listed, described, made twice, refused.
#![expect(clippy::disallowed_methods, reason = "tests read what commands wrote")]

use std::fs;

use scraper::{Html, Selector};

use crate::support::{Sandbox, read};

/// A workspace with the notice, and the page of the monthly report about it.
fn with_page() -> (Sandbox, String) {
    let sandbox = Sandbox::with_notice();
    let said = made(&sandbox, "report.html");
    assert!(said.contains("wrote `report.html`: Monthly trends of government services"), "{said}");
    let page = fs::read_to_string(sandbox.path().join("report.html")).unwrap();
    (sandbox, page)
}

fn made(sandbox: &Sandbox, file: &str) -> String {
    let outcome =
        sandbox.run(&["report", "monthly-trend", "-p", "period=2021-09", "--output", file]);
    assert_eq!((outcome.code, outcome.stdout.as_str()), (0, ""), "{}", outcome.stderr);
    outcome.stderr
}

/// The texts of a column of a table of a page, its first row first.
fn column(page: &str, table: &str, column: usize) -> Vec<String> {
    let selector = format!("#{table}-data tbody tr > :nth-child({column})");
    let selector = Selector::parse(&selector).unwrap();
    let page = Html::parse_document(page);
    let cells = page.select(&selector);
    cells.map(|cell| cell.text().collect::<String>()).collect()
}

/// The question of a table with its parameters, as the page names it.
fn source(page: &str, table: &str) -> String {
    let boxes = Selector::parse(".table-box").unwrap();
    let inner = Selector::parse(&format!("#{table}-data")).unwrap();
    let source = Selector::parse(".source code").unwrap();
    let page = Html::parse_document(page);
    let found = page.select(&boxes).find(|one| one.select(&inner).next().is_some()).unwrap();
    found.select(&source).next().unwrap().text().collect()
}

/// The values of a column of an answer as CSV.
fn answered(sandbox: &Sandbox, question: &[&str], name: &str) -> Vec<String> {
    let csv = sandbox.run(&[&["query", "--format", "csv"], question].concat()).ok();
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let at = reader.headers().unwrap().iter().position(|header| header == name).unwrap();
    reader.records().map(|row| row.unwrap()[at].to_owned()).collect()
}

#[test]
fn the_page_holds_the_answers_of_its_questions() {
    let (sandbox, page) = with_page();
    for (table, question) in [
        ("zero-cases", "aggregation/zero_causes"),
        ("connected-without-data", "integration/connected_without_data"),
        ("contribution-cases", "aggregation/contribution"),
    ] {
        // Asked as the page says below the table.
        let source = source(&page, table);
        let mut words = source.split(' ');
        assert_eq!(words.next(), Some(question), "{table}");
        let mut asked = vec![question];
        words.for_each(|word| asked.extend(["-p", word]));
        assert!(asked.contains(&"period=2021-09-30"), "{source}");
        let names = answered(&sandbox, &asked, "department_name");
        assert!(!names.is_empty(), "{table}");
        assert_eq!(column(&page, table, 1), names, "{table}");
    }
    let total = answered(&sandbox, &["aggregation/concentration"], "total");
    let shown: Vec<String> =
        column(&page, "concentration", 2).iter().map(|text| text.replace(',', "")).collect();
    assert_eq!(shown, total);
    // Nine months are known and nothing of the last of them, so they stand there once, as what they are.
    let figures = column(&page, "headline-figures", 3);
    let is_total = |text: &&String| text.replace(',', "").starts_with(&total[0]);
    assert_eq!(figures.iter().filter(is_total).count(), 1, "{figures:?}");
    assert!(page.contains("no figure of the period alone follows from what is stated"));
    assert!(page.contains("青海省 · 2021-09"), "the region and the period stand on the page");
    assert!(!page.contains("This report holds made-up data"), "the notice is real");
}

#[test]
fn every_section_of_the_definition_stands_in_the_page_in_its_order() {
    let (sandbox, page) = with_page();
    let described = sandbox.run(&["report", "monthly-trend", "--describe"]).ok();
    let contents = described.split("contents:\n").nth(1).unwrap();
    let titles: Vec<&str> = contents
        .lines()
        .filter(|line| line.starts_with("  ") && !line.starts_with("    "))
        .map(str::trim)
        .collect();
    let page = Html::parse_document(&page);
    let shown: Vec<String> = page
        .select(&Selector::parse("main > section > h2").unwrap())
        .map(|title| title.text().collect())
        .collect();
    assert_eq!(shown, titles);
    assert!(titles.len() >= 9, "{titles:?}");
}

#[test]
fn the_accounts_name_files_questions_and_checks() {
    let (sandbox, page) = with_page();
    assert_eq!(column(&page, "accounts-files", 1), ["notice.txt"]);
    let hash = sandbox.sql("SELECT source_hash FROM batches");
    assert_eq!(column(&page, "accounts-files", 9), [hash.lines().nth(1).unwrap()]);
    let questions = column(&page, "accounts-questions", 1);
    let checks = column(&page, "accounts-questions", 4);
    for core in ["aggregation/contribution", "integration/ranking", "targets/attainment"] {
        let at = questions.iter().position(|question| question == core);
        assert_eq!(at.map(|at| checks[at].as_str()), Some("equal"), "{core}");
    }
}

#[test]
fn the_same_report_over_the_same_snapshot_is_the_same_file() {
    let (sandbox, page) = with_page();
    // Another day of the clock, and another thread count, change nothing.
    let outcome = sandbox
        .command(&["report", "monthly-trend", "-p", "period=2021-09", "--threads", "1"])
        .args(["--output", "again.html"])
        .env("SOURCE_DATE_EPOCH", "1700000000")
        .output()
        .unwrap();
    assert!(outcome.status.success());
    let again = fs::read_to_string(sandbox.path().join("again.html")).unwrap();
    assert!(page == again, "the pages differ");
    let printed = sandbox.run(&["report", "monthly-trend", "--output", "-"]).ok();
    assert!(printed == page, "without a period it is about the latest");
}

#[test]
fn chinese_readers_get_chinese_pages() {
    let sandbox = Sandbox::with_notice();
    let region = ["-p", "region=青海省", "--lang", "zh", "--output", "-"];
    let page = sandbox.run(&[&["report", "monthly-trend"], &region[..]].concat()).ok();
    assert!(page.contains("<html lang=\"zh-CN\">"));
    assert!(page.contains("青海省 · 2021年9月"));
    let causes = column(&page, "zero-cases", 3);
    assert!(causes.iter().any(|cause| cause == "数据退回"), "{causes:?}");
}

#[test]
fn what_cannot_be_made_is_refused_and_leaves_the_earlier_file() {
    let sandbox = Sandbox::with_notice();
    let old = sandbox.write("report.html", "the earlier report");
    let fails = |args: &[&str], code: i32, expected: &str| {
        let stderr = sandbox.run(&[&["report"], args].concat()).fails(code);
        assert!(stderr.contains(expected), "{stderr}");
        assert_eq!(fs::read_to_string(&old).unwrap(), "the earlier report");
    };
    let output = ["--output", "report.html"];
    let with = |args: &[&'static str]| [args, &output[..]].concat();
    fails(&with(&["monthly"]), 1, "no report named `monthly`");
    fails(&["monthly-trend"], 2, "a report goes to a file");
    fails(&with(&["monthly-trend", "-p", "perod=2021-09"]), 1, "it has `period`, `region`");
    fails(&with(&["monthly-trend", "-p", "period=soon"]), 1, "a month or a day");
    fails(
        &with(&["monthly-trend", "-p", "period=2021-08"]),
        1,
        "the latest is the one up to 2021-09-30: `-p period=2021-09`",
    );
    fails(
        &["monthly-trend", "--output", "report.txt"],
        2,
        "cannot tell the format of `report.txt`",
    );
    fails(&["monthly-trend", "--output", "no/such/report.html"], 1, "no/such");
    assert!(sandbox.run(&["report"]).ok().lines().any(|line| line.starts_with("monthly-trend ")));
}

#[test]
fn a_lake_without_figures_has_nothing_to_report() {
    let sandbox = Sandbox::new();
    let stderr = sandbox.run(&["report", "monthly-trend", "--output", "report.html"]).fails(1);
    assert!(stderr.contains("has no figures for any period"), "{stderr}");
    assert!(!sandbox.path().join("report.html").exists());
}

#[test]
fn a_headline_says_whose_figures_it_is_without() {
    let sandbox = Sandbox::with_notice();
    let later = "发布机构：青海省人民政府办公厅\n发文字号：青政办函〔2022〕20号\n成文日期：2022-01-20\n\n\
        部门业务办理系统数据汇聚情况表\n（统计时间：2021年1月1日—12月31日）\n\
        序号\t单位\t办件数据汇聚量(条)\t“好差评”数据汇聚量(条)\n\
        1\t省公安厅\t2000\t5\n2\t国家税务总局青海省税务局\t500\t2000000\n3\t合计\t2500\t2000005\n";
    sandbox.write("later.txt", later);
    sandbox.run(&["ingest", "later.txt", "--fail-on", "error"]).ok();
    let args = ["report", "monthly-trend", "-p", "period=2021-12", "--output", "report.md"];
    sandbox.run(&args).ok();
    let text = read(&sandbox.path().join("report.md"));
    // What it had sent by September was sent back: nobody knows when the 500 came.
    let note = "the sum is without 国家税务总局青海省税务局, whose figures are not known of the period alone";
    assert!(text.contains(note), "{text}");
    assert!(text.contains("| 国家税务总局青海省税务局 | - |"), "{text}");
}

#[test]
fn a_chart_says_that_its_last_period_is_not_over() {
    let sandbox = Sandbox::with_notice();
    let definition = "format = 1\ntitle = \"Years\"\ntitle_zh = \"各年\"\nsummary = \"Years\"\n\
        summary_zh = \"各年\"\nperiods = \"aggregation/by_department\"\n[[sections]]\nid = \"one\"\n\
        title = \"One\"\ntitle_zh = \"一\"\n[[sections.blocks]]\nkind = \"trend_chart\"\nid = \"years\"\n\
        title = \"Years\"\ntitle_zh = \"各年\"\nindicator = \"cases_aggregated\"\nfrequency = \"year\"\n\
        counting = \"cumulative\"\nchart = \"column\"\ntop = 2\n";
    sandbox.write("reports/years.toml", definition);
    sandbox.run(&["report", "years", "-p", "period=2021-09", "--output", "report.md"]).ok();
    let text = read(&sandbox.path().join("report.md"));
    assert!(
        text.contains("no figure at the end of the period; this one is of 2021-09-30"),
        "{text}"
    );
}

#[test]
fn a_definition_of_the_workspace_is_listed_made_and_refused_with_its_line() {
    let sandbox = Sandbox::with_notice();
    let definition = "format = 1\ntitle = \"Totals\"\ntitle_zh = \"合计\"\nsummary = \"All totals\"\n\
        summary_zh = \"合计行\"\nperiods = \"aggregation/by_department\"\n[[sections]]\nid = \"one\"\n\
        title = \"One\"\ntitle_zh = \"一\"\n[[sections.blocks]]\nkind = \"table\"\nid = \"totals\"\n\
        title = \"Totals\"\ntitle_zh = \"合计\"\nquery = \"quality/totals\"\n";
    sandbox.write("reports/totals.toml", definition);
    sandbox.write("reports/wrong.toml", definition.replace("quality/totals", "quality/total"));
    let outcome = sandbox.run(&["report"]);
    assert!(outcome.stdout.contains("totals         All totals\n"), "{}", outcome.stdout);
    let wrong = "the definition of the report `wrong` is wrong in line 16";
    assert!(outcome.stderr.contains(wrong), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("did you mean `quality/totals`"), "{}", outcome.stderr);
    let page = sandbox.run(&["report", "totals", "--output", "-"]).ok();
    let sums = answered(&sandbox, &["quality/totals"], "sum_value");
    let shown: Vec<String> =
        column(&page, "totals", 5).iter().map(|text| text.replace(',', "")).collect();
    assert_eq!(shown, sums);
    let stderr = sandbox.run(&["report", "wrong", "--output", "wrong.html"]).fails(1);
    assert!(stderr.contains(wrong), "{stderr}");
    // What the program reads is no place for a result; beside it there is.
    let over = ["report", "totals", "--format", "html", "--output", "reports/totals.toml"];
    sandbox.run(&over).fails(1);
    sandbox.run(&["report", "totals", "--output", "reports/totals.html"]).ok();
}
