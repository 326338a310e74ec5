//! Flows that are made of figures which add up over time: added up again they are those figures.
//!
//! Every document here is synthetic. Notices with years to date come in any order of periods, with gaps,
//! resets in January, falls, and figures that a later notice revises. A figure that a later one of its year
//! undercuts was too high: it has no flow, and no flow is negative. Nor has one of less than half of the one
//! before it, which is taken for a mistake unless the next is nearer to it than to that one.

use std::collections::BTreeMap;

use chrono::{Datelike, Days, NaiveDate};
use proptest::prelude::*;

use crate::docs::plain_statements;
use crate::support::Sandbox;

const DEPARTMENTS: [(&str, &str); 3] =
    [("civil_affairs", "省民政厅"), ("water", "省水利厅"), ("health", "省卫生健康委")];
const FIRST_YEAR: i32 = 2022;

/// One notice: the month up to which it counts, and what it prints of each department.
#[derive(Debug, Clone)]
struct Notice {
    year: i32,
    month: u32,
    values: [Option<u32>; 3],
}

fn notice() -> impl Strategy<Value = Notice> {
    // Small values fall often; half of the time a department is not in the table.
    let value = || proptest::option::weighted(0.6, 0..300_u32);
    (FIRST_YEAR..FIRST_YEAR + 2, 1..=12_u32, [value(), value(), value()])
        .prop_map(|(year, month, values)| Notice { year, month, values })
        .prop_filter("a table has a row", |notice| notice.values.iter().any(Option::is_some))
}

/// The last day of a month.
fn end_of(year: i32, month: u32) -> NaiveDate {
    let (year, month) = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
    NaiveDate::from_ymd_opt(year, month, 1).unwrap() - Days::new(1)
}

fn printed(idx: u64, notice: &Notice) -> String {
    // The later one in the list is published later, whatever months they are about.
    let dated = NaiveDate::from_ymd_opt(2024, 2, 1).unwrap() + Days::new(idx);
    let end = end_of(notice.year, notice.month);
    let mut text = format!(
        "发布机构：青海省人民政府办公厅\n发文字号：青政办函〔2024〕{}号\n成文日期：{dated}\n附件\n\
         数据汇聚情况表\n(统计时间:{year}年1月1日—{}月{}日)\n序号\t单位\t办件数据汇聚量(条)\n",
        idx + 1,
        end.month(),
        end.day(),
        year = notice.year,
    );
    let rows = DEPARTMENTS
        .iter()
        .zip(notice.values)
        .filter_map(|((_, name), value)| value.map(|value| (name, value)));
    for (row_idx, (name, value)) in rows.enumerate() {
        text.push_str(&format!("{}\t{name}\t{value}\n", row_idx + 1));
    }
    text
}

/// What is known in the end: the value of each department by the last day that it counts to.
fn known(notices: &[Notice]) -> Figures {
    let mut known = Figures::new();
    for notice in notices {
        for ((department, _), value) in DEPARTMENTS.iter().zip(notice.values) {
            if let Some(value) = value {
                known.insert((*department, end_of(notice.year, notice.month)), i64::from(value));
            }
        }
    }
    known
}

/// Figures by whose they are and their last days.
type Figures = BTreeMap<(&'static str, NaiveDate), i64>;

/// Figures sorted by what the others of their year say of them.
struct Sifted {
    good: Figures,
    too_high: Figures,
    doubtful: Figures,
}

impl Sifted {
    fn of(known: &Figures) -> Self {
        let mut doubtful = Figures::new();
        for (key, value) in known {
            let is_of_chain = |other: &&(&'static str, NaiveDate)| {
                other.0 == key.0 && other.1.year() == key.1.year()
            };
            let before = known.range(..*key).map(|(key, _)| key).rev().find(is_of_chain);
            let after = known.range(*key..).map(|(key, _)| key).filter(is_of_chain).nth(1);
            if let Some(before) = before.map(|before| known[before])
                && 2 * value < before
                && after.is_none_or(|after| 2 * known[after] >= before + value)
            {
                doubtful.insert(*key, *value);
            }
        }
        let (mut good, mut too_high) = (Figures::new(), Figures::new());
        for (key, value) in known.iter().filter(|(key, _)| !doubtful.contains_key(*key)) {
            let is_undercut = known.iter().any(|(later, lower)| {
                later.0 == key.0
                    && later.1.year() == key.1.year()
                    && later.1 > key.1
                    && lower < value
                    && !doubtful.contains_key(later)
            });
            let sort = if is_undercut { &mut too_high } else { &mut good };
            sort.insert(*key, *value);
        }
        Self { good, too_high, doubtful }
    }
}

/// A row of the answer.
#[derive(Debug)]
struct Flow {
    department: String,
    start: NaiveDate,
    end: NaiveDate,
    value: Option<i64>,
    closing: i64,
    made: String,
    cause: String,
    is_whole: bool,
    is_revised_down: bool,
}

fn flows(sandbox: &Sandbox, frequency: &str) -> Vec<Flow> {
    let parameter = format!("frequency={frequency}");
    let args = ["query", "aggregation/period_flows", "-p", &parameter, "--format", "csv"];
    let answer = sandbox.run(&args).ok();
    let mut reader = csv::Reader::from_reader(answer.as_bytes());
    reader
        .deserialize()
        .map(|row| {
            let row: BTreeMap<String, String> = row.unwrap();
            Flow {
                department: row["department"].clone(),
                start: row["period_start"].parse().unwrap(),
                end: row["period_end"].parse().unwrap(),
                value: row["value"].parse().ok(),
                closing: row["closing_value"].parse().unwrap(),
                made: row["made"].clone(),
                cause: row["cause"].clone(),
                is_whole: row["is_whole"] == "true",
                is_revised_down: row["is_revised_down"] == "true",
            }
        })
        .collect()
}

/// The steps as they were published: one for each figure, each where the last good one before it ends, and
/// together the last good figure of a year.
fn check_steps(flows: &[Flow], known: &Figures) {
    assert_eq!(flows.len(), known.len(), "{flows:?}\n{known:?}");
    let Sifted { good, too_high, doubtful } = Sifted::of(known);
    for ((department, end), published) in known {
        let new_year = end.with_ordinal(1).unwrap();
        let own = flows.iter().find(|flow| flow.department == *department && flow.end == *end);
        let own = own.unwrap_or_else(|| panic!("{department} {end}: {flows:?}"));
        let before = good.range((*department, new_year)..(*department, *end)).next_back();
        let start = before.map_or(new_year, |((_, end), _)| *end + Days::new(1));
        assert_eq!((own.start, own.closing), (start, *published), "{flows:?}");
        let mut within = known.range((*department, start)..=(*department, *end));
        let is_revised = within.any(|(key, _)| too_high.contains_key(key));
        assert_eq!(own.is_revised_down, is_revised, "{own:?} of {flows:?}");
        if good.contains_key(&(*department, *end)) {
            let opening = before.map_or(0, |(_, value)| *value);
            assert_eq!(own.value, Some(published - opening), "{flows:?}");
            assert!(published >= &opening, "{flows:?}");
            let made = if start == new_year { "stated" } else { "difference" };
            assert_eq!((own.made.as_str(), own.cause.as_str()), (made, ""), "{own:?}");
        } else {
            let told = (own.value, own.made.as_str(), own.cause.as_str());
            let is_doubtful = doubtful.contains_key(&(*department, *end));
            let cause = if is_doubtful { "doubtful_fall" } else { "revised_down" };
            assert_eq!(told, (None, "none", cause), "{own:?} of {flows:?}");
        }
    }
}

/// Periods of some months: whole ones are there where good figures tell both of their ends, and nowhere
/// else; together with what is not whole they still add up.
fn check_periods(flows: &[Flow], n_months: u32, known: &Figures) {
    let good = Sifted::of(known).good;
    for (department, _) in DEPARTMENTS {
        for year in FIRST_YEAR..FIRST_YEAR + 2 {
            let at = |month: u32| match month {
                0 => Some(0),
                month => good.get(&(department, end_of(year, month))).copied(),
            };
            for last in (1..=12).filter(|month| month % n_months == 0) {
                let expected = at(last).zip(at(last - n_months)).map(|(to, from)| to - from);
                let whole: Vec<i64> = flows
                    .iter()
                    .filter(|flow| flow.department == department && flow.is_whole)
                    .filter(|flow| flow.end == end_of(year, last))
                    .filter_map(|flow| flow.value)
                    .collect();
                assert_eq!(whole, expected.into_iter().collect::<Vec<_>>(), "{flows:?}");
            }
            let in_year = |flow: &&Flow| flow.department == department && flow.end.year() == year;
            let sum: i64 = flows.iter().filter(in_year).filter_map(|flow| flow.value).sum();
            let latest = (1..=12).rev().find_map(at);
            assert_eq!(sum, latest.unwrap_or(0), "{department} in {year}: {flows:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 8, max_shrink_iters: 16, failure_persistence: None, ..ProptestConfig::default()
    })]

    #[test]
    fn flows_add_up_to_what_was_published(notices in proptest::collection::vec(notice(), 1..9)) {
        let sandbox = Sandbox::new();
        for (idx, notice) in (0..).zip(&notices) {
            let name = format!("{idx}.txt");
            sandbox.write(&name, printed(idx, notice));
            sandbox.run(&["ingest", &name]).ok();
        }
        let published = known(&notices);
        check_steps(&flows(&sandbox, "as_published"), &published);
        for (frequency, n_months) in [("month", 1), ("quarter", 3), ("half", 6), ("year", 12)] {
            check_periods(&flows(&sandbox, frequency), n_months, &published);
        }
    }
}

#[test]
fn one_question_answers_what_the_fourth_quarter_alone_was() {
    let sandbox = Sandbox::new();
    let notices = [(9, 2994), (12, 4000)].map(|(month, value)| Notice {
        year: FIRST_YEAR,
        month,
        values: [None, None, Some(value)],
    });
    for (idx, notice) in (0..).zip(&notices) {
        let name = format!("{idx}.txt");
        sandbox.write(&name, printed(idx, notice));
        sandbox.run(&["ingest", &name]).ok();
    }
    let args = ["query", "period_flows", "-p", "since=2022-12-31", "--format", "csv"];
    let answer = sandbox.run(&args).ok();
    assert!(
        answer.contains(
            "health,省卫生健康委,,2022-10-01,2022-12-31,2022-10-01,2022-12-01,3,1006,条,difference,"
        ),
        "{answer}"
    );
    let told = sandbox.run(&["query", "period_flows", "--lang", "zh"]).ok();
    assert!(told.contains("两期累计之差") && told.contains("跨多期，其间无可用数据"), "{told}");
}

#[test]
fn the_plain_statement_gives_a_quarter_only_where_it_is_whole() {
    let sandbox = Sandbox::new();
    // Of the third department nothing tells October alone.
    let values = [
        (9, [Some(10), Some(20), None]),
        (10, [Some(12), None, Some(7)]),
        (11, [Some(13), None, Some(8)]),
        (12, [Some(15), Some(50), Some(9)]),
    ];
    for (idx, (month, values)) in (0..).zip(values) {
        let name = format!("{idx}.txt");
        sandbox.write(&name, printed(idx, &Notice { year: FIRST_YEAR, month, values }));
        sandbox.run(&["ingest", &name]).ok();
    }
    let statement = plain_statements()[1].replace("2020-", &format!("{FIRST_YEAR}-"));
    let answer = sandbox.sql(&statement);
    assert_eq!(answer, "department,fourth_quarter\nwater,30\ncivil_affairs,5\n");
    let last = end_of(FIRST_YEAR, 12);
    let whole: Vec<(String, Option<i64>)> = flows(&sandbox, "quarter")
        .into_iter()
        .filter(|flow| flow.end == last && flow.is_whole)
        .map(|flow| (flow.department, flow.value))
        .collect();
    assert_eq!(whole, [("civil_affairs".to_owned(), Some(5)), ("water".to_owned(), Some(30))]);
}
