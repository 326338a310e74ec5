//! Figures under the departments and regions that took over.
//!
//! Every document here is synthetic: the names in the shipped notice are replaced by older ones.

use tongban::analysis::CORE_QUERIES;

use crate::support::{NOTICE, Sandbox};

const TAX: &str = "国家税务总\n\n局青海省税务局";
const TAX_AGAIN: &str = "国家税务总局\n\n青海省税务局";

/// The notice as if it were of 2017, with departments of that time.
fn older_notice() -> String {
    NOTICE
        .replace(TAX, "省国税局")
        .replace(TAX_AGAIN, "省国税局")
        .replace("国家税务总局青海省税务局", "省国税局")
        .replace("省水利厅", "省地税局")
        .replace("省农业农村厅", "省扶贫开发局")
        .replace("省市场监管局", "省食药监局")
        .replace("2021", "2017")
        .replace("〔2017〕185号", "〔2017〕99号")
}

fn older_workspace() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("older.txt", older_notice());
    sandbox.run(&["ingest", "older.txt"]).ok();
    sandbox
}

const SUMS: &str = "SELECT indicator, CAST(sum(value) AS BIGINT) AS total FROM observations_latest \
                    GROUP BY indicator ORDER BY indicator";

#[test]
fn figures_move_and_add_up_and_what_was_done_is_told() {
    let sandbox = older_workspace();
    let asked = ["query", "integration/by_department", "--format", "csv"];
    let reported = sandbox.run(&asked);
    assert!(!reported.stderr.contains("successor"), "{}", reported.stderr);
    assert!(reported.stdout.contains(",poverty_alleviation,"), "{}", reported.stdout);
    let outcome = sandbox.run(&[&asked[..], &["--departments", "comparable"]].concat());
    let said = outcome.stderr.clone();
    let rows = outcome.ok();
    assert!(rows.contains(",agriculture,省农业农村厅,provincial,1,"), "{rows}");
    assert!(rows.contains(",tax,国家税务总局青海省税务局,central,218,"), "{rows}");
    assert!(rows.contains(",food_drug,省食药监局,"), "{rows}");
    for gone in [",poverty_alleviation,", ",state_tax,", ",local_tax,", ",market_regulation,"] {
        assert!(!rows.contains(gone), "{gone} is still there:\n{rows}");
    }
    for part in [
        "shown under the successor: 省国税局 → 国家税务总局青海省税务局, 省扶贫开发局 → 省农业农村厅\n",
        "added up: 国家税务总局青海省税务局 = 省国税局 + 省地税局",
        "shown as reported: 省食药监局 → 省药监局 / 省市场监管局",
        "not verified were used: ",
        "省乡村振兴局 → 省农业农村厅 (2024; low; successor and year unverified)",
        "省国税局 → 国家税务总局青海省税务局 (2018-06-15; medium",
    ] {
        assert_eq!(said.matches(part).count(), 1, "{part}:\n{said}");
    }
    let zh = [&asked[..], &["--departments", "comparable", "--lang", "zh"]].concat();
    let said = sandbox.run(&zh).stderr;
    assert!(said.contains("合并列示：国家税务总局青海省税务局 = 省国税局 + 省地税局"), "{said}");
    assert!(said.contains("省乡村振兴局 → 省农业农村厅（2024，可信程度低）"), "{said}");
    let moved = "省国税局 → 国家税务总局青海省税务局、省扶贫开发局 → 省农业农村厅\n";
    assert!(said.contains(moved), "{said}");
    assert!(!said.contains("unverified"), "{said}");
}

#[test]
fn nothing_is_counted_twice_or_lost() {
    let sandbox = older_workspace();
    sandbox.write("notice.txt", NOTICE);
    sandbox.run(&["ingest", "notice.txt"]).ok();
    let reported = sandbox.sql(SUMS);
    let comparable =
        sandbox.run(&["sql", "--format", "csv", "--departments", "comparable", SUMS]).ok();
    assert_eq!(reported, comparable);
    let by_year = "SELECT year(period_end) AS y, count(*) AS n FROM observations_latest WHERE \
                   department = 'tax' AND indicator = 'items_connected' GROUP BY 1 ORDER BY 1";
    let series = sandbox.run(&["sql", "--format", "csv", "--departments", "comparable", by_year]);
    assert_eq!(series.ok(), "y,n\n2017,1\n2021,1\n");
    let chosen = sandbox.run(&["sql", "--format", "csv", "SELECT departments FROM session"]).ok();
    assert_eq!(chosen, "departments\nas-reported\n");
}

#[test]
fn both_engines_agree_under_comparable_departments() {
    let sandbox = older_workspace();
    let comparable = ["--departments", "comparable"];
    let all = sandbox.run(&[&["query", "--all", "--cross-check"][..], &comparable].concat());
    assert_eq!(all.code, 0, "{}", all.stderr);
    let counts = format!("cross-checked: {} equal, ", CORE_QUERIES.len());
    assert!(all.stderr.contains(&counts), "{}", all.stderr);
    let ask = |engine: &str| {
        let args = ["query", "aggregation/by_department", "--format", "csv", "--engine", engine];
        sandbox.run(&[&args[..], &comparable].concat()).ok()
    };
    let (duckdb, polars) = (ask("duckdb"), ask("polars"));
    assert!(duckdb.contains(",tax,") && !duckdb.contains(",state_tax,"), "{duckdb}");
    assert_eq!(duckdb, polars);
}

#[test]
fn a_sum_is_traced_to_its_cells() {
    let sandbox = older_workspace();
    let comparable = ["--departments", "comparable"];
    let told =
        sandbox.run(&[&["explain", "items_connected", "tax"][..], &comparable].concat()).ok();
    for part in [
        "of 省国税局 (630000, point 2017-11-24) = 214 项",
        "of 省地税局 (630000, point 2017-11-24) = 4 项",
        "in row `省地税局`",
    ] {
        assert!(told.contains(part), "{part} is missing:\n{told}");
    }
    let sum = "shown in a sum of 2 figures under 国家税务总局青海省税务局 (630000): 218 项";
    assert_eq!(told.matches(sum).count(), 2, "{told}");
    let told =
        sandbox.run(&[&["explain", "items_connected", "agriculture"][..], &comparable].concat());
    let told = told.ok();
    assert!(
        told.contains("of 省扶贫开发局 (") && told.contains("shown under 省农业农村厅 (630000)")
    );
    let said = sandbox.run(&["explain", "items_connected", "tax"]).fails(1);
    assert!(said.contains("there is no such figure"), "{said}");
}

#[test]
fn a_department_that_had_ended_is_listed_with_its_date() {
    let sandbox = Sandbox::new();
    sandbox.write("notice.txt", NOTICE.replace("省林草局", "省林业厅"));
    sandbox.run(&["ingest", "notice.txt"]).ok();
    let rows = sandbox.run(&["query", "quality/department_validity", "--format", "csv"]).ok();
    assert_eq!(rows.matches(",forestry,省林业厅,ended,2018,2018-12-31,").count(), 6, "{rows}");
    assert_eq!(rows.lines().count(), 7, "{rows}");
    let title = sandbox.run(&["query", "--lang", "zh"]).ok();
    assert!(title.contains("机构存续核对") && title.contains("可比口径核对"), "{title}");
}

#[test]
fn the_choice_is_one_of_two_words() {
    let sandbox = Sandbox::new();
    let said = sandbox.run(&["query", "quality/totals", "--departments", "current"]).fails(2);
    assert!(said.contains("as-reported, comparable"), "{said}");
    let help = sandbox.run(&["query", "--help"]).ok();
    assert!(help.contains("--departments comparable") && help.contains("partly_missing"), "{help}");
}
