//! Questions with names and periods that there are none of: the nearest are offered.

use crate::support::Sandbox;

/// A synthetic table of half a year.
const HALF: &str = "发布机构：青海省人民政府办公厅\n成文日期：2023-07-05\n办件情况表\n(统计时间:2023年1-6月)\n序号\t单位\t办件数据汇聚量(条)\n1\t省公安厅\t12\n2\t省民政厅\t3\n3\t合计\t15\n";

/// A workspace with figures of a quarter and of half a year.
fn two_periods() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("half.txt", HALF);
    sandbox.write("quarter.txt", HALF.replace("1-6月", "1-3月").replace("07-05", "04-05"));
    for (file, day) in [("quarter.txt", "2023-04-06"), ("half.txt", "2023-07-06")] {
        sandbox.run(&["ingest", "--origin", "published", "--published-on", day, file]).ok();
    }
    sandbox
}

#[test]
fn the_period_of_an_answer_is_told_below_its_table() {
    let sandbox = two_periods();
    let asked =
        |args: &[&str]| sandbox.run(&[&["query", "aggregation/by_department"], args].concat()).ok();
    let told = asked(&["--as-of", "2023-05-01"]);
    assert!(told.ends_with("2 rows\nperiod: 2023-01-01 to 2023-03-31\n"), "{told}");
    let told = asked(&["--lang", "zh"]);
    assert!(told.ends_with("2 行\n统计期：2023-01-01 至 2023-06-30\n"), "{told}");
    assert!(asked(&["--wide"]).ends_with("2 rows\n"));
    assert_eq!(asked(&["--format", "csv"]).lines().count(), 3);
    let told = sandbox.run(&["query", "aggregation/contribution"]).ok();
    let about = "period: 2023-04-01 to 2023-06-30\nbase period: 2023-01-01 to 2023-03-31\ntotal_change: -15\n";
    assert!(told.contains(about), "{told}");
}

#[test]
fn a_period_without_figures_is_told_the_nearest_that_have_some() {
    let sandbox = two_periods();
    let asked = |period: &str, lang: &str| {
        let period = format!("period={period}");
        let args = ["query", "aggregation/by_department", "--lang", lang, "-p", &period];
        let outcome = sandbox.run(&args);
        assert_eq!(outcome.code, 0, "{}", outcome.stderr);
        outcome.stderr
    };
    let said = asked("2023-04-30", "en");
    assert!(
        said.contains("ends on 2023-04-30; the nearest periods end on 2023-03-31, 2023-06-30, the latest on 2023-06-30"),
        "{said}"
    );
    let said = asked("2024-04-30", "zh");
    assert!(said.contains("期末最近的几期为 2023-06-30、2023-03-31，"), "{said}");
    assert_eq!(asked("2023-03-31", "en"), "");
}

#[test]
fn a_period_with_figures_of_which_none_fits_is_not_told_to_have_none() {
    let sandbox = Sandbox::new();
    sandbox.write("half.txt", HALF);
    let quarter = HALF.replace("1-6月", "1-3月").replace("07-05", "04-05");
    sandbox.write("quarter.txt", quarter.replace("\t3\n", "\t0\n").replace("合计\t15", "合计\t12"));
    for (file, day) in [("quarter.txt", "2023-04-06"), ("half.txt", "2023-07-06")] {
        sandbox.run(&["ingest", "--origin", "published", "--published-on", day, file]).ok();
    }
    let asked = |query: &str, args: &[&str]| {
        let args = [&["query", query, "-p", "period=2023-06-30"], args].concat();
        let outcome = sandbox.run(&args);
        assert_eq!(outcome.code, 0, "{}", outcome.stderr);
        outcome.stderr
    };
    let said = asked("aggregation/zero_causes", &[]);
    assert!(
        said.contains("there are figures of a period that ends on 2023-06-30, but none"),
        "{said}"
    );
    assert!(
        said.contains("the nearest periods of which it lists some end on 2023-03-31"),
        "{said}"
    );
    assert!(said.contains("tongban query quality/origins -p period=2023-06-30"), "{said}");
    // Of no period does it list any.
    let said = asked("integration/connected_without_data", &["--lang", "zh"]);
    assert!(said.contains("统计期末为 2023-06-30 的数据中没有符合这一查询的\n"), "{said}");
    // What was not published by then is no figure of the period.
    let said = asked("aggregation/zero_causes", &["--as-of", "2023-05-01"]);
    assert!(said.contains("no figures of a period that ends on 2023-06-30"), "{said}");
    let listed = ["query", "quality/origins", "-p", "period=2023-06-30", "--format", "csv"];
    let listed = sandbox.run(&listed).ok();
    assert!(listed.contains("half.txt") && !listed.contains("quarter.txt"), "{listed}");
}

#[test]
fn a_figure_of_no_such_period_is_told_the_nearest_that_there_are() {
    let sandbox = two_periods();
    let asked = |department: &str, day: &str| {
        sandbox.run(&["explain", "cases_aggregated", department, day]).fails(1)
    };
    let said = asked("public_security", "2023-04-30");
    assert!(said.contains("there is no such figure of cases_aggregated"), "{said}");
    assert!(said.contains("end on 2023-03-31, 2023-06-30\n"), "{said}");
    // A department that has none at all has no periods either.
    let said = asked("justice", "2023-04-30");
    assert!(said.contains("no such figure") && !said.contains("2023-03-31"), "{said}");
}

#[test]
fn what_a_question_has_no_answer_for_is_refused_with_what_to_ask() {
    let sandbox = two_periods();
    let asked = |query: &str, params: &[&str]| {
        let params = params.iter().flat_map(|param| ["-p", param]);
        sandbox.run(&["query", query].into_iter().chain(params).collect::<Vec<_>>())
    };
    let said = asked("aggregation/contribution", &["indicator=online_rate"]).fails(1);
    assert!(said.contains("`online_rate` is a rate"), "{said}");
    assert!(
        said.contains("tongban trend online_rate") && said.contains("cases_aggregated"),
        "{said}"
    );
    let said = asked("aggregation/period_flows", &["indicator=items_connected"]).fails(1);
    assert!(said.contains("`items_connected` is a state at a day"), "{said}");
    assert!(said.contains("cases_aggregated") && !said.contains("items_on_platform"), "{said}");
    let days = ["since=2023-06-30", "until=2023-06-29"];
    let said = asked("aggregation/period_flows", &days).fails(1);
    assert!(said.contains("is 2023-06-29, before `since`, which is 2023-06-30"), "{said}");
    assert!(said.contains("give the earlier day as `since`"), "{said}");
}

#[test]
fn a_condition_that_leaves_nothing_is_named() {
    let sandbox = two_periods();
    let asked = |param: &str| {
        let outcome = sandbox.run(&["query", "aggregation/contribution", "-p", param]);
        assert_eq!(outcome.code, 0, "{}", outcome.stderr);
        outcome.stderr
    };
    let said = asked("frequency=year");
    assert!(
        said.contains("nothing fits `-p frequency=year`; without it there are 2 rows"),
        "{said}"
    );
    assert_eq!(asked("frequency=quarter"), "");
    // Of a day it is told which there are.
    for (param, named) in [("since=2024-01-01", "since"), ("until=2020-12", "until")] {
        let said = sandbox.run(&["query", "aggregation/period_flows", "-p", param]).stderr;
        assert!(said.contains(&format!("nothing fits `-p {named}=")), "{said}");
        assert!(said.contains("rows, of periods that end from 20"), "{said}");
    }
    let short = Sandbox::new();
    short.write("short.txt", HALF.replace("1-6月", "1-2月").replace("07-05", "03-05"));
    let args = ["ingest", "--origin", "published", "--published-on", "2023-03-06", "short.txt"];
    short.run(&args).ok();
    // With the day on which it ends as well.
    let args = ["query", "aggregation/contribution", "-p", "period=2023-02-28"];
    for args in [&args[..2], &args[..]] {
        let said = short.run(args).stderr;
        assert!(said.contains("nothing for periods of the length quarter"), "{said}");
        assert!(said.contains("ask with `-p frequency=month`"), "{said}");
    }
}

#[test]
fn a_period_that_has_figures_of_another_length_is_told_so() {
    let sandbox = two_periods();
    let asked = |params: &[&str]| {
        let params = params.iter().flat_map(|param| ["-p", param]);
        let args: Vec<&str> =
            ["query", "aggregation/contribution"].into_iter().chain(params).collect();
        let outcome = sandbox.run(&args);
        assert_eq!(outcome.code, 0, "{}", outcome.stderr);
        outcome.stderr
    };
    let said = asked(&["period=2023-03-31", "frequency=half"]);
    assert!(said.contains("nothing for periods of the length half; there is for month"), "{said}");
    assert!(!said.contains("no figures of a period"), "{said}");
    // Of a day without figures there are none of any length.
    let said = asked(&["period=2023-04-30"]);
    assert!(said.contains("no figures of a period that ends on 2023-04-30"), "{said}");
}

#[test]
fn the_figures_of_the_default_indicator_are_not_told_for_those_of_another() {
    let sandbox = two_periods();
    for param in ["indicator=evaluations_aggregated", "indicator=records_pushed"] {
        let outcome = sandbox.run(&["query", "aggregation/contribution", "-p", param]);
        assert_eq!(outcome.code, 0, "{}", outcome.stderr);
        assert!(!outcome.stderr.contains("nothing fits"), "{}", outcome.stderr);
    }
}

#[test]
fn names_of_nothing_are_told_the_nearest() {
    let sandbox = two_periods();
    let asked = |param: &str, code: i32| {
        let args = ["-p", "indicator=办件数据汇聚量", "-p", param, "--format", "csv"];
        let outcome = sandbox.run(&[&["query", "quality/provenance"][..], &args].concat());
        assert_eq!(outcome.code, code, "{}", outcome.stderr);
        outcome
    };
    assert_eq!(asked("region=青海省", 0).stdout, asked("region=630000", 0).stdout);
    assert_eq!(asked("region=630000", 0).stdout.lines().count(), 3);
    let said = asked("region=青海", 1).stderr;
    assert!(said.contains("there is no region `青海`; the nearest are 青海省"), "{said}");
    assert!(said.contains("hint: write a code or a name"), "{said}");
    assert!(asked("department=省公安局", 1).stderr.contains("省公安厅"));
    assert!(asked("period=2023年6月", 1).stderr.contains("write a day as in"));
    assert!(asked("deprtment=tax", 1).stderr.contains("did you mean `department`?"));
    // The same where a row of the answer is traced.
    let row = ["explain", "--query", "quality/provenance", "--row", "1"];
    let traced = |indicator: &str| {
        let indicator = format!("indicator={indicator}");
        sandbox.run(&[&row[..], &["-p", &indicator]].concat())
    };
    assert!(traced("办件数据汇聚量").ok().contains("条"));
    assert!(traced("cases_agregated").fails(1).contains("the nearest are cases_aggregated"));
    let said = sandbox.run(&["explain", "cases_agregated"]).fails(1);
    assert!(said.contains("the nearest are cases_aggregated"), "{said}");
    let said = sandbox.run(&["query", "aggregation/by_departments"]).fails(1);
    assert!(said.contains("did you mean"), "{said}");
}

#[test]
fn what_is_asked_in_short_is_told_what_it_may_be_short_for() {
    let sandbox = two_periods();
    for (args, near) in [
        (&["trend", "办件量"][..], "the nearest are 办件汇聚量, 办件数据汇聚量"),
        (&["trend", "cases_aggregated", "安厅"], "省公安厅"),
        (&["query", "接而未汇"], "`integration/connected_without_data`"),
        (&["query", "对接"], "`integration/by_department`"),
        (&["refs", "indicator"], "the nearest are indicators"),
        (&["query", "notice/annex"], "add `-p indicator=…`: indicator"),
    ] {
        let said = sandbox.run(args).fails(1);
        assert!(said.contains(near), "{said}");
    }
}

#[test]
fn targets_without_any_figure_are_not_listed_row_by_row() {
    let sandbox = Sandbox::new();
    for query in ["targets/attainment", "targets/behind", "targets/schedule"] {
        let shown = sandbox.run(&["query", query]).ok();
        assert!(shown.contains("there is no figure yet for any of 53 targets"), "{shown}");
        assert!(shown.lines().count() < 6, "{shown}");
        // Programs, and who wants to see them, get them all the same.
        let listed = sandbox.run(&["query", query, "--format", "csv"]).ok();
        assert_eq!(listed.lines().count(), 54, "{listed}");
        let listed = sandbox.run(&["query", query, "--wide"]).ok();
        assert!(listed.contains("53 rows"), "{listed}");
    }
}
