//! From a figure back to its cell: `explain`, `refs`, revisions.

use crate::support::{NOTICE, Sandbox, read, root};

#[test]
fn the_zero_of_the_tax_bureau_is_traced_down_to_its_note() {
    let sandbox = Sandbox::with_notice();
    let told = sandbox.run(&["explain", "cases_aggregated", "tax"]).ok();
    for part in [
        "= 0 条 (returned)",
        "printed `0` in row `国家税务总局青海省税务局`",
        "in notice.txt, table 2, row 11, column 3, line 72",
        "of 青政办函〔2021〕185号, 青海省人民政府办公厅",
        "period: printed",
        "note: 国家税务总局青海省税务局推送450余万条",
        "the total of its column, 12869796, equals the sum of the rows",
        "a note says that data of `国家税务总局青海省税务局` was sent back [table 2, note 3, line",
        "batch ",
        "lake/source/",
    ] {
        assert!(told.contains(part), "{part} is missing:\n{told}");
    }
    let row = ["explain", "--query", "integration/connected_without_data", "--row", "1"];
    let told = sandbox.run(&row).ok();
    assert_eq!(told.matches("国家税务总局青海省税务局 (630000").count(), 4, "{told}");
    let csv = sandbox.run(&["explain", "items_connected", "tax", "--format", "csv"]).ok();
    assert!(csv.lines().nth(1).is_some_and(|row| row.contains(",214,")), "{csv}");
}

#[test]
fn names_that_nobody_knows_are_refused_with_the_nearest() {
    let sandbox = Sandbox::with_notice();
    let said = sandbox.run(&["explain", "cases_agregated"]).fails(1);
    assert!(said.contains("the nearest are cases_aggregated"), "{said}");
    let said = sandbox.run(&["explain", "cases_aggregated", "taxes"]).fails(1);
    assert!(said.contains("there is no department `taxes`"), "{said}");
    let said = sandbox.run(&["explain", "cases_aggregated", "tax", "2020-09-30"]).fails(1);
    assert!(said.contains("there is no such figure"), "{said}");
    let said = sandbox.run(&["explain", "--query", "quality/totals", "--row", "99"]).fails(1);
    assert!(said.contains("no row 99"), "{said}");
    sandbox.run(&["explain"]).fails(2);
}

#[test]
fn a_revision_is_listed_and_both_vintages_are_traced() {
    let sandbox = Sandbox::with_notice();
    sandbox.write("later.txt", NOTICE.replace("878", "879"));
    sandbox.run(&["ingest", "--published-on", "2022-01-10", "later.txt"]).ok();
    let revisions = sandbox.run(&["query", "quality/revisions", "--format", "csv"]).ok();
    assert_eq!(revisions.lines().count(), 2, "{revisions}");
    assert!(revisions.contains("development_reform"), "{revisions}");
    assert!(revisions.contains(",878,879,1,"), "{revisions}");
    let told = sandbox.run(&["explain", "evaluations_aggregated", "development_reform"]).ok();
    assert!(told.contains("= 879 条") && told.contains("= 878 条"), "{told}");
    assert!(told.contains("a later document replaced it"), "{told}");
    assert!(told.contains("is printed 1948059, the rows add up to 1948060"), "{told}");
}

#[test]
fn reference_tables_are_listed_and_own_rows_counted() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "refdata/department_names.csv",
        "name,region,department,name_kind,source,confidence\n省治水办,630000,water,alias,own,high\n",
    );
    let list = sandbox.run(&["refs", "--format", "csv"]).ok();
    assert!(list.contains("department_names,264,1,"), "{list}");
    let names = sandbox.run(&["refs", "department_names", "--format", "csv"]).ok();
    assert!(names.contains("省治水办,630000,water"), "{names}");
    let said = sandbox.run(&["refs", "nothing"]).fails(1);
    assert!(said.contains("no reference table `nothing`"), "{said}");
    sandbox.write("refdata/regions.csv", "region,name\n1,x\n");
    let said = sandbox.run(&["refs"]).fails(1);
    assert!(said.contains("regions") && said.contains("line 2"), "{said}");
}

/// A synthetic table by region.
const REGIONS: &str = "发布机构：青海省人民政府办公厅\n成文日期：2023-07-05\n办件情况表\n(统计时间:2023年1-6月)\n序号\t地区\t办件数据汇聚量(条)\n1\t西宁市\t12\n2\t海东市\t3\n3\t合计\t15\n";

#[test]
fn a_row_is_traced_to_the_figures_of_its_own_region() {
    let sandbox = Sandbox::new();
    sandbox.write("one.txt", REGIONS);
    sandbox.write(
        "two.txt",
        REGIONS.replace("市\t12", "市\t13").replace("市\t3", "市\t4").replace("15", "17"),
    );
    for (file, day) in [("one.txt", "2023-07-06"), ("two.txt", "2023-08-06")] {
        sandbox.run(&["ingest", "--origin", "published", "--published-on", day, file]).ok();
    }
    let revisions = sandbox.run(&["query", "quality/revisions", "--format", "csv"]).ok();
    assert_eq!(revisions.lines().count(), 3, "{revisions}");
    let told = sandbox.run(&["explain", "--query", "quality/revisions", "--row", "2"]).ok();
    assert!(told.contains("(630200, ") && !told.contains("(630100, "), "{told}");
    assert!(told.contains("= 4 条") && told.contains("= 3 条"), "{told}");
    // A total has the region of its document, and its column is that of the regions.
    let told = sandbox.run(&["explain", "--query", "quality/totals", "--row", "1"]).ok();
    assert!(told.contains("(630200, ") && told.contains("(630100, "), "{told}");
}

#[test]
fn what_was_assumed_about_a_whole_table_is_told_with_its_figures() {
    let sandbox = Sandbox::new();
    let until = read(&root().join("tests/fixtures/quirk_03_until_in_label.txt"));
    sandbox.write("until.txt", until);
    sandbox.run(&["ingest", "until.txt"]).ok();
    let told = sandbox.run(&["explain", "cases_aggregated"]).ok();
    assert!(told.contains("finding: only the end of the period is printed"), "{told}");
}

#[test]
fn a_counted_figure_is_traced_to_its_batches_and_its_records() {
    let sandbox = Sandbox::new();
    let made = ["--profile", "up-exchange", "--dataset", "up_pro_accept", "--rows", "300"];
    sandbox.run(&[&["synth", "made", "--faults", "0"][..], &made].concat()).ok();
    let codes = read(&sandbox.path().join("made/refdata/department_codes.csv"));
    sandbox.write("refdata/department_codes.csv", codes);
    sandbox.run(&["ingest", "made"]).ok();
    let largest = "SELECT department, period_end, value FROM derived_observations \
                   WHERE indicator = 'cases_aggregated' ORDER BY value DESC, department LIMIT 1";
    let csv = sandbox.run(&["sql", largest, "--format", "csv"]).ok();
    let [department, month, value] =
        csv.lines().nth(1).unwrap().split(',').collect::<Vec<_>>().try_into().unwrap();
    let figure = ["explain", "cases_aggregated", department, month];
    let told = sandbox.run(&figure).ok();
    assert!(told.contains(&format!("= {value} 条")), "{told}");
    assert!(told.contains("batches that changed it: 1"), "{told}");
    assert!(told.contains(" from up_pro_accept.csv (up-exchange"), "{told}");
    let statement = told.split_once("tongban sql \"").unwrap().1.split_once('"').unwrap().0;
    let counted = format!("SELECT count(*) FROM ({statement})");
    let counted = sandbox.run(&["sql", &counted, "--format", "csv"]).ok();
    assert_eq!(counted.lines().nth(1), Some(value), "{statement}");
    let json = sandbox.run(&[&figure[..], &["--format", "jsonl"]].concat()).ok();
    assert!(json.contains("\"part\":"), "{json}");
    let said = sandbox.run(&["explain", "cases_aggregated", department, "1999-01-31"]).fails(1);
    assert!(said.contains("there is no such figure"), "{said}");
}
