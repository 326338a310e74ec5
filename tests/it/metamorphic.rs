//! Documents that were changed in known ways: the observations follow.
//!
//! Every document here is synthetic. It is built from departments, columns and values that chance
//! chooses, printed as notices print them, and read back.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};
use proptest::prelude::*;
use proptest::sample::{Index, subsequence};
use tongban::annex::{DocumentName, Layouts, ReadOptions, Reading, Reference, read};
use tongban::model::{Observation, PeriodBasis};
use tongban::refdata::RefData;
use tongban::source::parse_document;

/// The columns of the two annexes: indicator, label, and whether the label has the year.
const INTEGRATION: [(&str, &str); 4] = [
    ("items_connected", "通过接口、单点方式对接省一体化服务平台办理事项数"),
    ("items_on_platform", "使用一体化政务服务平台办理事项数"),
    ("apps_connected", "便民应用对接总数"),
    ("apps_connected_in_year", "{year}年民应用对接数量"),
];
const AGGREGATION: [(&str, &str); 2] = [
    ("cases_aggregated", "办件数据汇聚量(条)"),
    ("evaluations_aggregated", "“好差评”数据汇聚量(条)"),
];

/// A table as chance made it.
#[derive(Debug, Clone)]
struct Table {
    columns: Vec<(&'static str, &'static str)>,
    rows: Vec<Row>,
    has_running_numbers: bool,
    has_total: bool,
    /// Column whose header is broken, and where.
    broken_header: Option<(Index, Index)>,
}

#[derive(Debug, Clone)]
struct Row {
    department: String,
    label: String,
    values: Vec<u32>,
    /// Characters before which the name is broken by a blank line.
    broken_at: Option<Index>,
}

#[derive(Debug, Clone)]
struct Document {
    integration: Table,
    aggregation: Table,
    dated: NaiveDate,
    period: (NaiveDate, NaiveDate),
}

/// Every name of every department, by department.
fn names() -> BTreeMap<String, Vec<String>> {
    let mut names: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for name in RefData::load(&[]).unwrap().department_names("630000") {
        names.entry(name.department.to_string()).or_default().push(name.name);
    }
    names
}

fn table(columns: &'static [(&'static str, &'static str)]) -> impl Strategy<Value = Table> {
    let names: Vec<(String, Vec<String>)> = names().into_iter().collect();
    let n_columns = columns.len();
    let columns = subsequence(columns.to_vec(), 1..=n_columns).prop_shuffle();
    let rows = subsequence(names, 3..30).prop_shuffle().prop_flat_map(move |departments| {
        let row = |(department, names): (String, Vec<String>)| {
            let broken_at = prop::option::weighted(0.3, any::<Index>());
            let values = prop::collection::vec(
                prop_oneof![Just(0), 0..50_u32, 0..20_000_000_u32],
                n_columns,
            );
            (Just(department), prop::sample::select(names), values, broken_at).prop_map(
                |(department, label, values, broken_at)| Row {
                    department,
                    label,
                    values,
                    broken_at,
                },
            )
        };
        departments.into_iter().map(row).collect::<Vec<_>>()
    });
    let broken_header = prop::option::weighted(0.3, any::<(Index, Index)>());
    (columns, rows, any::<bool>(), any::<bool>(), broken_header).prop_map(
        |(columns, rows, has_running_numbers, has_total, broken_header)| Table {
            columns,
            rows,
            has_running_numbers,
            has_total,
            broken_header,
        },
    )
}

prop_compose! {
    fn document()(
        integration in table(&INTEGRATION),
        aggregation in table(&AGGREGATION),
        year in 2016..2031_i32,
        dated in 1..365_u32,
        first in 1..180_u32,
        last in 180..365_u32,
    ) -> Document {
        let day = |ordinal: u32| NaiveDate::from_yo_opt(year, ordinal).unwrap();
        Document { integration, aggregation, dated: day(dated), period: (day(first), day(last)) }
    }
}

fn printed(document: &Document) -> String {
    let year = document.dated.year();
    let (first, last) = document.period;
    let day = |date: NaiveDate| format!("{}月{}日", date.month(), date.day());
    format!(
        "发布机构：青海省人民政府办公厅\n发文字号：青政办函〔{year}〕9号\n成文日期：{}\n附件1\n对接情况表\n{}备注:合成数据。\n附件2\n汇聚情况表\n(统计时间:{year}年{}—{})\n{}备注:1.合成数据。2.仅供测试。\n",
        document.dated,
        printed_table(&document.integration, "部门", year),
        day(first),
        day(last),
        printed_table(&document.aggregation, "单位", year),
    )
}

fn printed_table(table: &Table, department: &str, year: i32) -> String {
    let labels: Vec<String> =
        table.columns.iter().map(|(_, label)| label.replace("{year}", &year.to_string())).collect();
    let mut header: Vec<String> = Vec::new();
    header.extend(table.has_running_numbers.then(|| "序号".to_owned()));
    header.push(department.to_owned());
    let mut text = match table.broken_header {
        None => format!("{}\t{}\n", header.join("\t"), labels.join("\t")),
        Some((column, at)) => broken_line(&header, &labels, column.index(labels.len()), at),
    };
    for (idx, row) in table.rows.iter().enumerate() {
        let values: Vec<String> =
            row.values[..table.columns.len()].iter().map(u32::to_string).collect();
        let number = table.has_running_numbers.then(|| (idx + 1).to_string());
        let start = number.map_or_else(String::new, |number| format!("{number}\t"));
        match row.broken_at {
            None => text.push_str(&format!("{start}{}\t{}\n", row.label, values.join("\t"))),
            Some(at) => {
                let (a, b) = halves(&row.label, at);
                text.push_str(&format!("{start}\n{a}\n\n{b}\n\n{}\n", values.join("\t")));
            }
        }
    }
    if table.has_total {
        let total =
            |column: usize| table.rows.iter().map(|row| u64::from(row.values[column])).sum();
        let totals: Vec<String> =
            (0..table.columns.len()).map(|column| u64::to_string(&total(column))).collect();
        let number = table.has_running_numbers.then(|| (table.rows.len() + 1).to_string());
        let start = number.map_or_else(String::new, |number| format!("{number}\t"));
        text.push_str(&format!("{start}合计\t{}\n", totals.join("\t")));
    }
    text
}

/// A header line with one label broken as notices break cells.
fn broken_line(header: &[String], labels: &[String], broken: usize, at: Index) -> String {
    let (a, b) = halves(&labels[broken], at);
    let before = [header, &labels[..broken]].concat().join("\t");
    let after = labels[broken + 1..].join("\t");
    let end = if after.is_empty() { String::new() } else { format!("\n{after}\n") };
    format!("{before}\t\n{a}\n\n{b}\n{end}")
}

fn halves(text: &str, at: Index) -> (String, String) {
    let chars: Vec<char> = text.chars().collect();
    let at = 1 + at.index(chars.len() - 1);
    (chars[..at].iter().collect(), chars[at..].iter().collect())
}

fn read_text(text: &str) -> Reading {
    let document = parse_document(text.as_bytes(), "synthetic.txt").unwrap();
    let refdata = RefData::load(&[]).unwrap();
    let name = DocumentName { shown: "synthetic.txt", file_name: "synthetic.txt" };
    let reference = Reference { refdata: &refdata, layouts: &Layouts::default() };
    read(document, name, reference, &ReadOptions::default())
        .unwrap_or_else(|error| panic!("{error:?}\n{text}"))
}

/// What the table says, by indicator and department.
fn expected(table: &Table) -> BTreeMap<(String, String), Option<f64>> {
    let mut values = BTreeMap::new();
    for row in &table.rows {
        for ((indicator, _), value) in table.columns.iter().zip(&row.values) {
            values
                .insert(((*indicator).to_owned(), row.department.clone()), Some(f64::from(*value)));
        }
    }
    values
}

fn actual<'a>(
    observations: impl Iterator<Item = &'a Observation>,
) -> BTreeMap<(String, String), Option<f64>> {
    let key =
        |o: &Observation| (o.indicator.to_string(), o.department.clone().unwrap().to_string());
    observations.map(|o| (key(o), o.value)).collect()
}

/// Whether a person could tell the cells apart: most rows are whole; a name broken in a table of two
/// columns leaves no tab to tell its row from prose; and without running numbers nothing separates a
/// broken header from a broken first row.
fn is_readable(table: &Table) -> bool {
    let n_broken = table.rows.iter().filter(|row| row.broken_at.is_some()).count();
    let n_whole = table.rows.len() - n_broken + usize::from(table.has_total);
    let has_tabs = table.has_running_numbers || table.columns.len() > 1;
    let runs_on = !table.has_running_numbers
        && table.broken_header.is_some()
        && table.rows.first().is_some_and(|row| row.broken_at.is_some());
    n_whole >= 2 && n_whole > n_broken && (has_tabs || n_broken == 0) && !runs_on
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn observations_follow_the_document(document in document()) {
        prop_assume!(is_readable(&document.integration) && is_readable(&document.aggregation));
        let text = printed(&document);
        let reading = read_text(&text);
        prop_assert_eq!(reading.tables.len(), 2, "{}", text);
        for (table, reading) in [&document.integration, &document.aggregation].iter().zip(&reading.tables) {
            prop_assert_eq!(actual(reading.observations.iter()), expected(table), "{}", &text);
            prop_assert_eq!(reading.totals.len(), if table.has_total { table.columns.len() } else { 0 });
            prop_assert!(reading.totals.iter().all(|total| total.is_reconciled), "{}", &text);
        }
        let (first, last) = document.period;
        for observation in &reading.tables[1].observations {
            prop_assert_eq!((observation.period.start, observation.period.end), (Some(first), last));
            prop_assert_eq!(observation.period_basis, PeriodBasis::Printed);
        }
        for observation in &reading.tables[0].observations {
            prop_assert_eq!(observation.period.end, document.dated);
            let is_in_year = &*observation.indicator == "apps_connected_in_year";
            let start = if is_in_year { document.dated.with_ordinal(1).unwrap() } else { document.dated };
            prop_assert_eq!(observation.period.start, Some(start));
            prop_assert_eq!(observation.period_basis, PeriodBasis::DocumentDate);
        }
    }
}
