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
    filled(Sandbox::new())
}

/// Puts these forms into a workspace.
fn filled(sandbox: Sandbox) -> Sandbox {
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
    let outcome = sandbox.run(&command.concat());
    assert!([0, 3].contains(&outcome.code), "{}", outcome.stderr);
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
        lines[1].starts_with("630000,青海省,water,省水利厅,,2021-04,条,200,200,0,0,,100,100,100,,"),
        "{page}"
    );
    assert!(
        lines[2].starts_with("630000,青海省,justice,省司法厅,,2021-04,条,7,7,0,0,,7,0,0,,"),
        "{page}"
    );
    assert!(
        lines[3].starts_with("630000,青海省,sports,省体育局,,2021-04,条,0,0,0,,zero_before,"),
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
    let of_14 = [&ASKED[..], &["water", "--to", "2021-02"]].concat();
    let shown_of_14 = sandbox.run(&of_14).ok();
    assert!(shown_of_14.contains("one earlier period: see"), "{shown_of_14}");
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
            &["`国家税务总局青海省税务局` has no figure", "省司法厅, 省水利厅, 省体育局"],
        ),
        (
            &["trend", "cases_aggregated", "--origin", "reported", "watr"],
            &["there is no department or region `watr`", "water"],
        ),
        (&["trend", "汇聚量"], &["no indicator `汇聚量`; the nearest are ", "办件数据汇聚量"]),
        (&["trend", "xx"], &["there is no indicator `xx`\n"]),
        (
            &["trend", "cases_aggregated", "--origin", "reported", "--from", "2023"],
            &["no figure lies within these times", "from 2020-01-31 to 2021-04-30"],
        ),
        (
            &["trend", "cases_aggregated", "--origin", "reported", "--region", "630100"],
            &["the region `西宁市` has no figure", "青海省 (630000)"],
        ),
        (
            &["trend", "cases_aggregated", "--origin", "reported", "西宁市"],
            &["the region `西宁市` has no figure", "with `--region`: 青海省 (630000)\n"],
        ),
        (
            &["trend", "cases_aggregated", "--origin", "reported", "--region", "西宁是"],
            &["there is no region `西宁是`; the nearest are 西宁市"],
        ),
        (
            &["trend", "cases_aggregated", "--origin", "reported", "--breakdown", "x"],
            &["no figure of the part `x`", "no figure of it is divided"],
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
    assert!(
        wrong.stderr.contains("2021, 2021-H1, 2021-Q3, 2021-09 or 2021-09-30"),
        "{}",
        wrong.stderr
    );
}

#[test]
fn questions_take_an_origin_too_and_say_where_it_means_nothing() {
    let sandbox = workspace();
    let asked = ["query", "aggregation/concentration", "--format", "csv"];
    let published = sandbox.run(&asked);
    assert_eq!(published.stdout.lines().count(), 1, "{}", published.stdout);
    let reported = sandbox.run(&[&asked[..], &["--origin", "reported"]].concat()).ok();
    assert!(
        reported.contains(
            "630000,2021-04-30,cases_aggregated,办件数据汇聚量,3,2,0,828,water,省水利厅,800,"
        ),
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

#[test]
fn what_would_be_passed_over_is_a_wrong_use() {
    let sandbox = workspace();
    for (args, said) in [
        (
            &["--from", "2021-03", "--to", "2021-02"][..],
            "begins on 2021-03-01, after its end on 2021-02-28",
        ),
        (&["water", "--until", "2021-12"], "only the appendix has"),
        (&["--table", "series", "--until", "2021-12"], "only the appendix has"),
        (
            &["water", "--appendix", "--format", "csv"],
            "goes with the table format only; csv has no appendix",
        ),
        (
            &["water", "--appendix", "--table", "appendix", "--format", "csv"],
            "for the statistics alone give `--table appendix` without `--appendix`",
        ),
        (&["water", "--appendix", "--table", "page"], "does not go with `--table page`"),
        (&["water", "--appendix", "--until", "2021-04"], "would end before it begins"),
        (&["water", "--table", "appendix", "--until", "2024-05"], "36 periods at most, to 2024-04"),
        (&["water", "西宁市"], "not shown together with departments"),
        (&["西宁市", "--region", "青海省"], "not shown together with departments"),
    ] {
        let stderr = sandbox.run(&[&ASKED[..], args].concat()).fails(2);
        assert!(stderr.contains(said), "{args:?}: {stderr}");
    }
    let asked = ["water", "--table", "appendix", "--format", "csv", "--until", "2021-06"];
    let appendix = sandbox.run(&[&ASKED[..], &asked].concat()).ok();
    let n_forecasts = appendix.lines().filter(|line| line.contains(",forecast,2021-0")).count();
    assert_eq!(n_forecasts, 2, "{appendix}");
}

#[test]
fn a_period_that_is_left_out_is_told_beside_the_figures() {
    let sandbox = workspace();
    let asked = [&ASKED[..], &["--frequency", "quarter"]].concat();
    let said = "2021-Q2 is left out: its figures reach only to 2021-04-30\n";
    assert!(sandbox.run(&asked).ok().contains(said));
    let table = sandbox.run(&[&asked[..], &["--format", "csv"]].concat());
    assert_eq!((table.code, table.stderr.as_str()), (0, said));
    let zh = sandbox.run(&[&asked[..], &["--lang", "zh"]].concat()).ok();
    assert!(zh.contains("2021-Q2 的数只到 2021-04-30，尚不完整，未列出"), "{zh}");
    // Figures reach to the end of this one, and only what was asked for does not.
    let cut = sandbox.run(&[&asked[..], &["--to", "2020-05"]].concat()).ok();
    let said = "2020-Q2 is left out: it ends on 2020-06-30, after `--to` 2020-05-31\n";
    assert!(cut.contains(said), "{cut}");
    let one = sandbox.run(&[&asked[..], &["--from", "2021", "--to", "2021-03"]].concat()).ok();
    assert!(one.contains("2021-Q1, one period (quarters)"), "{one}");
}

#[test]
fn what_is_not_known_of_the_last_periods_is_told_beside_the_figures() {
    let sandbox = workspace();
    let asked = [&ASKED[..], &["--to", "2021-06"]].concat();
    let page = sandbox.run(&asked).ok();
    assert!(page.contains("2020-01 to 2021-04, 16 periods (months)\n"), "{page}");
    assert!(page.contains("there is nothing to show for 2021-05 to 2021-06\n"), "{page}");
    // A form of a month that has not begun when it is read: a typing error.
    sandbox.write("typo.csv", form("2091年1月", &[("省水利厅", "30")]));
    let published = ["ingest", "--origin", "reported", "--published-on", "2021-05-10"];
    let outcome = sandbox.run(&[&published[..], &["typo.csv"]].concat());
    assert!([0, 3].contains(&outcome.code), "{}", outcome.stderr);
    let page = sandbox.run(&ASKED).ok();
    assert!(page.contains("2020-01 to 2021-04, 16 periods (months)\n"), "{page}");
    assert!(
        page.contains("a figure of a time that ends on 2091-01-31, and begins after"),
        "{page}"
    );
}

#[test]
fn the_year_before_is_no_column_of_its_own_where_periods_are_years() {
    let sandbox = workspace();
    for (length, has_both) in [("month", true), ("year", false)] {
        let asked = ["--cumulative", "--frequency", length, "--lang", "zh"];
        for whose in [None, Some("water")] {
            let mut args = [&ASKED[..], &asked].concat();
            args.extend(whose);
            let shown = sandbox.run(&args).ok();
            assert!(shown.contains("环比（%）"), "{shown}");
            assert_eq!(shown.contains("同比（%）"), has_both, "{length}: {shown}");
        }
    }
}

#[test]
fn remarks_are_written_as_their_language_does() {
    let sandbox = Sandbox::new();
    let notes = ["2021年1月", "2021年1-2月"]
        .map(|months| form(months, &[("省水利厅", "10余"), ("省司法厅", "20")]));
    for (idx, form) in notes.iter().enumerate() {
        let name = format!("form-{idx}.csv");
        sandbox.write(&name, form);
        let published = ["ingest", "--origin", "reported", "--published-on", "2021-05-10"];
        let outcome = sandbox.run(&[&published[..], &[name.as_str()]].concat());
        assert!([0, 3].contains(&outcome.code), "{}", outcome.stderr);
    }
    let asked = [&ASKED[..], &["--cumulative", "--lang"]].concat();
    let zh = sandbox.run(&[&asked[..], &["zh"]].concat()).ok();
    assert!(zh.contains("2021-02 省水利厅：2021-02-28 的数为约数"), "{zh}");
    let en = sandbox.run(&[&asked[..], &["en", "water"]].concat()).ok();
    assert!(en.contains("2021-02: the figure of 2021-02-28 is not exact"), "{en}");
}

#[test]
fn regions_have_names_ranks_and_shares() {
    let sandbox = Sandbox::new();
    for month in ["1月", "1-2月"] {
        let form = form(&format!("2021年{month}"), &[("西宁市", "30"), ("海东市", "10")]);
        let form = form.replace("部门,", "地区,").replace(",“好差评”数据汇聚量(条)", "");
        let form = form.replace(",\n", "\n");
        let name = format!("regions-{month}.csv");
        sandbox.write(&name, form);
        sandbox
            .run(&["ingest", "--origin", "reported", "--published-on", "2021-05-10", &name])
            .ok();
    }
    let asked = [&ASKED[..], &["--cumulative"]].concat();
    let page = sandbox.run(&[&asked[..], &["--format", "csv"]].concat()).ok();
    let rows: Vec<std::collections::BTreeMap<String, String>> =
        csv::Reader::from_reader(page.as_bytes()).deserialize().map(Result::unwrap).collect();
    let shown: Vec<String> = rows
        .iter()
        .map(|row| {
            let of = |column: &str| row[column].as_str();
            [of("region_name"), of("share_pct"), of("rank"), of("n_ranked")].join(" ")
        })
        .collect();
    assert_eq!(shown, ["西宁市 75 1 2", "海东市 25 2 2"]);
    // By name as well as by code, as an argument and as an option.
    let alone = sandbox.run(&[&asked[..], &["西宁市", "--format", "csv"]].concat()).ok();
    assert_eq!(alone.lines().count(), 2, "{alone}");
    for named in [&["630100"][..], &["--region", "西宁市"], &["--region", "630100"]] {
        let named = sandbox.run(&[&asked[..], named, &["--format", "csv"]].concat()).ok();
        assert_eq!(named, alone);
    }
    let terminal = sandbox.run(&[&asked[..], &["--lang", "zh"]].concat()).ok();
    assert!(terminal.contains("区划名称") && !terminal.contains("部门名称"), "{terminal}");
}

/// A workspace whose definition of cases changed in July 2020.
fn redefined() -> Sandbox {
    let header = "indicator,definition,name_zh,name_en,area,kind,unit,definition_zh,definition_en,\
                  valid_from,valid_to,source,confidence\n";
    let row = |number: u8, from: &str, to: &str| {
        format!(
            "cases_aggregated,{number},办件数据汇聚量,cases,aggregation,flow,条,口径,text,{from},{to},own,high\n"
        )
    };
    let sandbox = Sandbox::new();
    let rows = row(1, "", "2020-06-30") + &row(2, "2020-07-01", "");
    sandbox.write("refdata/indicators.csv", header.to_owned() + &rows);
    filled(sandbox)
}

#[test]
fn a_remark_on_all_departments_is_one_and_the_legend_says_what_is_compared() {
    let sandbox = redefined();
    let remark = "the figures of 2020-06-30 and 2020-07-31 follow different definitions";
    let all = sandbox.run(&[&ASKED[..], &["--from", "2020-07", "--to", "2020-12"]].concat()).ok();
    assert_eq!(all.matches(remark).count(), 1, "{all}");
    assert!(all.contains("2020-07 省水利厅, 省司法厅, 省体育局: the figures of"), "{all}");
    assert!(!all.contains("the definition changed"), "{all}");
    let asked = [&ASKED[..], &["water"]].concat();
    let refused = sandbox.run(&asked).ok();
    assert!(refused.contains("both sides cannot be compared"), "{refused}");
    let crossed = sandbox.run(&[&asked[..], &["--across-breaks"]].concat()).ok();
    assert!(crossed.contains("is compared across, as asked for"), "{crossed}");
    assert!(!crossed.contains("cannot be compared"), "{crossed}");
}

#[test]
fn who_took_over_is_told_where_figures_stand_under_the_departments_of_today() {
    let sandbox = Sandbox::new();
    sandbox.write("form.csv", form("2021年1月", &[("省林业厅", "30"), ("省水利厅", "10")]));
    sandbox
        .run(&["ingest", "--origin", "reported", "--published-on", "2021-05-10", "form.csv"])
        .ok();
    let asked = [&ASKED[..], &["省林业厅", "--departments", "comparable"]].concat();
    let stderr = sandbox.run(&asked).fails(1);
    assert!(stderr.contains("`省林业厅` passed on its duties"), "{stderr}");
    assert!(stderr.contains("ask for `省林草局`"), "{stderr}");
}

#[test]
fn figures_in_ten_thousands_make_no_rates_and_are_marked() {
    let sandbox = Sandbox::new();
    let mut names = Vec::new();
    for (months, value) in [("1月", "1.2"), ("1-2月", "1.3"), ("1-3月", "1.6"), ("1-4月", "3.6")]
    {
        let form = form(&format!("2021年{months}"), &[("省水利厅", value)]);
        names.push(format!("form-{months}.csv"));
        sandbox.write(names.last().unwrap(), form.replace("量(条),“", "量(万条),“"));
    }
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let command = [&["ingest", "--origin", "reported", "--published-on", "2021-05-10"], &names[..]];
    sandbox.run(&command.concat()).ok();
    let series = [&ASKED[..], &["water", "--table", "series", "--format", "csv"]].concat();
    let rows: Vec<std::collections::BTreeMap<String, String>> =
        csv::Reader::from_reader(sandbox.run(&series).ok().as_bytes())
            .deserialize()
            .map(Result::unwrap)
            .collect();
    let shown: Vec<String> = rows
        .iter()
        .map(|row| {
            let of = |column: &str| row[column].as_str();
            [of("period"), of("value"), of("not_compared"), of("is_approximate")].join(" ")
        })
        .collect();
    assert_eq!(
        shown,
        [
            "2021-01 12000 no_value_before true",
            "2021-02 1000 rounded true",
            "2021-03 3000 rounded true",
            "2021-04 20000  true"
        ]
    );
    let page = sandbox.run(&[&ASKED[..], &["water"]].concat()).ok();
    assert!(page.contains("~: it rests on figures that are rounded"), "{page}");
}
