//! Trends as users ask for them. Every form here is synthetic.

use crate::support::Sandbox;

/// A form of one month, in the way in which departments submit them.
fn form(months: &str, rows: &[(&str, &str)]) -> String {
    let rows: String = rows.iter().map(|(name, value)| format!("{name},{value},\n")).collect();
    format!(
        "发布机构：青海省人民政府办公厅\n{months}数据汇聚情况表\n\
         部门,办件数据汇聚量(条),“好差评”数据汇聚量(条)\n{rows}"
    )
}

/// A workspace with forms from January 2020 to April 2021 that count from New Year.
fn workspace() -> Sandbox {
    let sandbox = Sandbox::new();
    let mut names = Vec::new();
    for (year, last) in [(2020, 12), (2021, 4)] {
        for month in 1..=last {
            let months = if month == 1 {
                format!("{year}年1月")
            } else {
                format!("{year}年1-{month}月")
            };
            let water = (100 * month * (year - 2019)).to_string();
            let justice = (7 * month).to_string();
            let rows = [("省水利厅", &*water), ("省司法厅", &*justice), ("省体育局", "0")];
            let name = format!("form-{year}-{month:02}.csv");
            sandbox.write(&name, form(&months, &rows));
            names.push(name);
        }
    }
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let command = [&["ingest", "--origin", "reported", "--published-on", "2021-05-10"], &names[..]];
    sandbox.run(&command.concat()).ok();
    sandbox
}

const ASKED: [&str; 4] = ["trend", "cases_aggregated", "--origin", "reported"];

#[test]
fn the_first_page_shows_the_last_month_of_every_department() {
    let sandbox = workspace();
    let page = sandbox.run(&[&ASKED[..], &["--format", "csv"]].concat()).ok();
    let lines: Vec<&str> = page.lines().collect();
    assert_eq!(lines.len(), 4, "{page}");
    assert!(
        lines[1].starts_with("630000,water,省水利厅,,2021-04,条,200,200,0,0,,100,100,100,,"),
        "{page}"
    );
    assert!(lines[2].starts_with("630000,justice,省司法厅,,2021-04,条,7,7,0,0,,7,0,0,,"), "{page}");
    assert!(
        lines[3].starts_with("630000,sports,省体育局,,2021-04,条,0,0,0,,zero_before,"),
        "{page}"
    );
}

#[test]
fn january_is_the_month_and_no_fall_from_the_whole_year() {
    let sandbox = workspace();
    let asked = [&ASKED[..], &["water", "--table", "series", "--format", "csv"]].concat();
    let series = sandbox.run(&asked).ok();
    let january = series.lines().find(|line| line.contains(",2021-01,")).unwrap();
    assert!(january.contains(",条,200,stated,1,100,100,100,,100,100,100,,"), "{january}");
    let december = series.lines().find(|line| line.contains(",2020-12,")).unwrap();
    assert!(december.contains(",条,100,difference,1,100,0,0,,"), "{december}");
}

#[test]
fn quarters_follow_from_the_same_forms() {
    let sandbox = workspace();
    let asked = ["省水利厅", "--frequency", "quarter", "--to", "2020", "--table", "series"];
    let series = sandbox.run(&[&ASKED[..], &asked, &["--format", "jsonl"]].concat()).ok();
    let last = series.lines().last().unwrap();
    assert!(last.contains("\"period\":\"2020-Q4\"") && last.contains("\"value\":300"), "{last}");
}

#[test]
fn a_terminal_gets_the_page_a_chart_the_periods_and_the_remarks() {
    let sandbox = workspace();
    let shown = sandbox.run(&[&ASKED[..], &["water", "--lang", "zh"]].concat()).ok();
    for part in [
        "办件数据汇聚量（条）：各期当期数，来源：部门自报",
        "2020-01 至 2021-04，16 期（月）",
        "环比（%）",
        "200 +",
        "另有更早的 3 期",
    ] {
        assert!(shown.contains(part), "{part} is missing:\n{shown}");
    }
    for line in shown.lines() {
        assert!(line.chars().count() <= 120, "{line}");
    }
}

#[test]
fn what_cannot_be_shown_says_what_can() {
    let sandbox = workspace();
    for (args, parts) in [
        (
            &["trend", "cases_aggregated"][..],
            &["no figure of `cases_aggregated` that is published", "--origin reported (48)"][..],
        ),
        (
            &["trend", "evaluations_agregated"],
            &["there is no indicator `evaluations_agregated`", "evaluations_aggregated"],
        ),
        (&["trend", "items_connected"], &["no figure of `items_connected` in the lake"]),
        (
            &["trend", "cases_aggregated", "--origin", "reported", "tax"],
            &["`tax` has no figure", "justice, sports, water"],
        ),
        (
            &["trend", "cases_aggregated", "--origin", "reported", "watr"],
            &["there is no department `watr`", "water"],
        ),
        (
            &["trend", "cases_aggregated", "--origin", "reported", "--from", "2023"],
            &["no figure lies within these times", "from 2020-01-31 to 2021-04-30"],
        ),
        (
            &["trend", "cases_aggregated", "--origin", "reported", "--region", "630100"],
            &["the region `630100` has no figure", "630000"],
        ),
        (
            &["trend", "cases_aggregated", "--origin", "reported", "--breakdown", "x"],
            &["no figure of the part `x`"],
        ),
    ] {
        let outcome = sandbox.run(args);
        assert_eq!(outcome.code, 1, "{args:?}: {}", outcome.stderr);
        for part in parts {
            assert!(outcome.stderr.contains(part), "{args:?}: {part}:\n{}", outcome.stderr);
        }
        assert_eq!(outcome.stdout, "", "{args:?}");
    }
    let wrong = sandbox.run(&[&ASKED[..], &["--from", "20x"]].concat());
    assert_eq!(wrong.code, 2);
    assert!(wrong.stderr.contains("2021, 2021-09 or 2021-09-30"), "{}", wrong.stderr);
}

#[test]
fn questions_take_an_origin_too_and_say_where_it_means_nothing() {
    let sandbox = workspace();
    let asked = ["query", "aggregation/concentration", "--format", "csv"];
    let published = sandbox.run(&asked);
    assert_eq!(published.stdout.lines().count(), 1, "{}", published.stdout);
    let reported = sandbox.run(&[&asked[..], &["--origin", "reported"]].concat()).ok();
    assert!(
        reported.contains("630000,2021-04-30,cases_aggregated,3,2,828,water,省水利厅,800,"),
        "{reported}"
    );
    let polars = ["query", "aggregation/by_department", "--origin", "reported", "--cross-check"];
    assert!(sandbox.run(&polars).ok().contains("省水利厅"));
    let none = sandbox.run(&[&asked[..], &["--origin", "platform"]].concat());
    assert!(
        none.stderr.contains("no figure in the lake is platform; there are: reported"),
        "{}",
        none.stderr
    );
    let ignored = sandbox.run(&["query", "quality/findings", "--origin", "reported"]);
    assert_eq!(ignored.code, 2, "{}", ignored.stderr);
    assert!(ignored.stderr.contains("does not follow `--origin`"), "{}", ignored.stderr);
}
