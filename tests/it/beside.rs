//! What departments have connected beside what they send: who is silent, and of which day that can be told.

use crate::docs::plain_statements;
use crate::support::Sandbox;

const QUESTION: &str = "integration/connected_without_data";

/// A notice with one table: its title, its time, the label of its figures, and the figures of departments.
fn notice(number: u32, table: [&str; 3], figures: &[(&str, u32)]) -> String {
    let [title, time, label] = table;
    let mut text = format!(
        "发布机构：青海省人民政府办公厅\n发文字号：青政办函〔2021〕{number}号\n成文日期：2021-08-10\n附件\n\
         {title}\n(统计时间:{time})\n序号\t部门\t{label}\n"
    );
    for (row_idx, (name, value)) in figures.iter().enumerate() {
        text.push_str(&format!("{}\t{name}\t{value}\n", row_idx + 1));
    }
    text
}

fn integration(number: u32, day: &str, figures: &[(&str, u32)]) -> String {
    let label = "通过接口、单点方式对接省一体化服务平台办理事项数";
    notice(number, ["各部门业务办理系统对接情况表", &format!("截至{day}"), label], figures)
}

fn cases(number: u32, day: &str, figures: &[(&str, u32)]) -> String {
    let time = format!("2021年1月1日—{day}");
    notice(number, ["数据汇聚情况表", &time, "办件数据汇聚量(条)"], figures)
}

/// A workspace that has read these notices.
fn with(notices: &[String]) -> Sandbox {
    let sandbox = Sandbox::new();
    for (idx, text) in notices.iter().enumerate() {
        let name = format!("{idx}.txt");
        sandbox.write(&name, text);
        sandbox.run(&["ingest", &name]).ok();
    }
    sandbox
}

#[test]
fn a_plain_statement_lists_whom_the_question_lists() {
    let june = [("省人力资源社会保障厅", 100), ("省交通运输厅", 0), ("省生态环境厅", 5)];
    let connected = [("省人力资源社会保障厅", 10), ("省交通运输厅", 4), ("省司法厅", 5)];
    let sandbox = with(&[
        integration(1, "2021年6月30日", &connected),
        cases(2, "6月30日", &june),
        cases(3, "7月31日", &june),
    ]);
    let answer = sandbox.run(&["query", QUESTION, "--format", "csv"]).ok();
    let mut rows = csv::Reader::from_reader(answer.as_bytes());
    let names = rows.headers().unwrap().clone();
    let places = ["period_end", "department", "items_connected"]
        .map(|wanted| names.iter().position(|name| name == wanted).unwrap());
    let listed: Vec<String> = rows
        .records()
        .map(Result::unwrap)
        .map(|row| places.map(|place| row[place].to_owned()).join(","))
        .collect();
    // One is not in the table of cases at all, the other has a zero there.
    assert_eq!(listed, ["2021-06-30,justice,5", "2021-06-30,transport,4"]);
    let plain = sandbox.sql(&plain_statements()[0]);
    assert_eq!(plain.lines().skip(1).collect::<Vec<_>>(), listed, "{plain}");
}

#[test]
fn a_day_without_figures_of_what_is_connected_is_told_from_a_day_on_which_nobody_is_silent() {
    let sent = [("省人力资源社会保障厅", 100), ("省交通运输厅", 7)];
    let connected = [("省人力资源社会保障厅", 10), ("省交通运输厅", 4)];
    let asked = |sandbox: &Sandbox, args: &[&str]| {
        let outcome = sandbox.run(&[&["query", QUESTION, "--format", "csv"], args].concat());
        assert_eq!((outcome.code, outcome.stdout.lines().count()), (0, 1), "{}", outcome.stderr);
        outcome.stderr
    };
    let apart = with(&[integration(1, "2021年5月31日", &connected), cases(2, "6月30日", &sent)]);
    let lacks = "for 2021-06-30: there are no figures of items_connected of that day, and the nearest are of 2021-05-31";
    for args in [&[][..], &["-p", "period=2021-06-30"]] {
        let told = asked(&apart, args);
        assert!(told.contains(lacks), "{told}");
    }
    let told = asked(&apart, &["-p", "period=2021-05-31"]);
    assert!(
        told.contains(
            "no figures of cases_aggregated of that day, and the nearest are of 2021-06-30"
        ),
        "{told}"
    );
    let told = asked(&with(&[cases(1, "6月30日", &sent)]), &[]);
    assert!(told.contains("in the lake: items_connected\n"), "{told}");
    let judged = with(&[integration(1, "2021年6月30日", &connected), cases(2, "6月30日", &sent)]);
    let told = asked(&judged, &[]);
    assert!(told.contains("no row is what it lists"), "{told}");
}
