//! The whole notice, as shipped and as published, against figures counted by hand.

use std::path::PathBuf;

use crate::support::{NOTICE, Sandbox};

/// The annex figures that a reader of the notice counts: rows, totals, departments.
#[track_caller]
fn check_figures(sandbox: &Sandbox) {
    let count = |condition: &str| {
        let sql = format!("SELECT count(*) AS n FROM observations WHERE {condition}");
        sandbox.sql(&sql).lines().nth(1).unwrap().parse::<u32>().unwrap()
    };
    let in_annexes = "indicator IN ('items_connected', 'items_on_platform', 'apps_connected', 'apps_connected_in_year', 'cases_aggregated', 'evaluations_aggregated')";
    assert_eq!(count(in_annexes), 28 * 4 + 29 * 2);
    assert_eq!(count(&format!("{in_annexes} AND department IS NULL")), 0);
    assert_eq!(count("row_label LIKE '%合计%'"), 0);
    let departments = sandbox.sql("SELECT count(DISTINCT department) AS n FROM observations");
    assert_eq!(departments, "n\n32\n");
    let totals = "SELECT indicator, CAST(printed_value AS BIGINT) AS printed, CAST(sum_value AS BIGINT) AS added, n_rows, reconciled FROM totals ORDER BY place";
    assert_eq!(
        sandbox.sql(totals),
        "indicator,printed,added,n_rows,reconciled\n\
         items_connected,556,556,28,true\n\
         items_on_platform,149,149,28,true\n\
         apps_connected,153,153,28,true\n\
         apps_connected_in_year,43,43,28,true\n\
         cases_aggregated,12869796,12869796,29,true\n\
         evaluations_aggregated,1948059,1948059,29,true\n"
    );
    let periods = "SELECT DISTINCT indicator, accumulation, period_start, period_end, period_basis FROM observations WHERE department IS NOT NULL ORDER BY indicator";
    assert_eq!(
        sandbox.sql(periods),
        "indicator,accumulation,period_start,period_end,period_basis\n\
         apps_connected,point,2021-11-24,2021-11-24,document_date\n\
         apps_connected_in_year,year_to_date,2021-01-01,2021-11-24,document_date\n\
         cases_aggregated,year_to_date,2021-01-01,2021-09-30,printed\n\
         evaluations_aggregated,year_to_date,2021-01-01,2021-09-30,printed\n\
         items_connected,point,2021-11-24,2021-11-24,document_date\n\
         items_on_platform,point,2021-11-24,2021-11-24,document_date\n\
         records_pushed,year_to_date,2021-01-01,2021-09-30,printed\n\
         records_returned,year_to_date,2021-01-01,2021-09-30,printed\n"
    );
    let tax = "SELECT indicator, value, obs_status, qualifier, note IS NOT NULL AS has_note FROM observations WHERE department = 'tax' AND period_end = DATE '2021-09-30' ORDER BY indicator";
    assert_eq!(
        sandbox.sql(tax),
        "indicator,value,obs_status,qualifier,has_note\n\
         cases_aggregated,0,returned,,true\n\
         evaluations_aggregated,1818733,reported,,false\n\
         records_pushed,4500000,reported,more_than,true\n\
         records_returned,4500000,reported,more_than,true\n"
    );
    let silent =
        sandbox.run(&["query", "integration/connected_without_data", "--format", "csv"]).ok();
    let mut departments: Vec<&str> =
        silent.lines().skip(1).map(|row| row.split(',').nth(4).unwrap()).collect();
    departments.sort_unstable();
    assert_eq!(
        departments,
        [
            "国家税务总局青海省税务局",
            "省农业农村厅",
            "省地方金融监管局",
            "省林草局",
            "省水利厅",
            "省邮政管理局"
        ]
    );
    assert!(silent.lines().any(|row| row.contains(",tax,") && row.contains(",returned,returned,")));
    assert_eq!(silent.matches(",returned").count(), 2, "status and cause of the tax bureau only");
}

#[test]
fn the_shipped_transcription_gives_the_printed_figures() {
    check_figures(&Sandbox::with_notice());
}

#[test]
fn the_published_notice_gives_the_printed_figures() {
    let Some(path) = published_notice() else {
        eprintln!("skipped: the published notice is not on this machine");
        return;
    };
    let sandbox = Sandbox::new();
    sandbox.run(&["ingest", path.to_str().unwrap()]).ok();
    check_figures(&sandbox);
    let shipped = Sandbox::with_notice();
    let values = "SELECT indicator, department, value, obs_status, qualifier, unit, printed, row_idx FROM observations WHERE department IS NOT NULL ORDER BY indicator, department";
    assert_eq!(sandbox.sql(values), shipped.sql(values));
    let told = "SELECT indicator, region, CAST(value AS BIGINT) AS value, qualifier FROM observations WHERE department IS NULL ORDER BY indicator";
    assert_eq!(
        sandbox.sql(told),
        "indicator,region,value,qualifier\n\
         items_connected_told,630000,500,more_than\n\
         items_cross_province,630000,58,\n\
         items_in_province,630000,149,\n\
         one_thing_packages,632500,30,\n\
         payment_apps_connected_told,630000,210,more_than\n\
         services_online,630000,16000,ambiguous\n\
         townships_covered,630000,406,\n\
         villages_covered,630000,4474,\n"
    );
}

/// The text of the whole notice, where `TONGBAN_NOTICE` names it.
#[expect(clippy::disallowed_methods, reason = "tests read the environment")]
fn published_notice() -> Option<PathBuf> {
    std::env::var_os("TONGBAN_NOTICE").map(PathBuf::from).filter(|path| path.exists())
}

#[test]
fn the_same_notice_in_gb18030_gives_the_same_observations() {
    let utf8 = Sandbox::with_notice();
    let gb = Sandbox::new();
    let (bytes, _, _) = encoding_rs::GB18030.encode(NOTICE);
    gb.write("notice.txt", &bytes);
    gb.run(&["ingest", "notice.txt"]).ok();
    let all = "SELECT * EXCLUDE (batch) FROM observations ORDER BY place, indicator";
    assert_eq!(utf8.sql(all), gb.sql(all));
}

#[test]
fn a_second_ingest_changes_nothing_and_says_so() {
    let sandbox = Sandbox::with_notice();
    let before = sandbox.lake_files();
    let second = sandbox.run(&["ingest", "notice.txt"]);
    assert_eq!(second.code, 0);
    assert!(second.stderr.contains("already in the lake"), "{}", second.stderr);
    assert_eq!(sandbox.lake_files(), before);
    let sum = "SELECT CAST(sum(value) AS BIGINT) FROM observations_latest WHERE indicator = 'cases_aggregated'";
    assert!(sandbox.run(&["sql", sum]).ok().contains("12869796"));
}

#[test]
fn one_wrong_digit_is_one_finding_and_the_value_stays_as_printed() {
    let sandbox = Sandbox::new();
    let changed = NOTICE.replace("12741337", "12741338");
    assert_ne!(changed, NOTICE);
    sandbox.write("changed.txt", changed);
    let outcome = sandbox.run(&["ingest", "--fail-on", "warning", "changed.txt"]);
    assert_eq!(outcome.code, 3, "{}", outcome.stderr);
    let found = sandbox.sql(
        "SELECT code, column_label, found, expected, message_en FROM findings WHERE severity <> 'info'",
    );
    assert_eq!(found.lines().count(), 2, "{found}");
    assert!(found.contains("total.mismatch,办件数据汇聚量(条),12869796,12869797"), "{found}");
    assert!(found.contains("the difference is -1"), "{found}");
    let value = sandbox.sql("SELECT value FROM observations WHERE department = 'human_resources' AND indicator = 'cases_aggregated'");
    assert_eq!(value, "value\n12741338\n");
    let unchanged = Sandbox::new();
    unchanged.write("notice.txt", NOTICE);
    unchanged.run(&["ingest", "--fail-on", "warning", "notice.txt"]).ok();
}
