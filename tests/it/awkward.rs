//! The rows that mislead whoever does not expect them, each in a case of a question.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, NaiveDate};

use crate::case_file::{Case, all_cases};
use crate::support::{read, root};

/// A figure of a case.
struct Row {
    department: String,
    accumulation: String,
    period_start: String,
    period_end: NaiveDate,
    value: Option<f64>,
    status: String,
    published_on: String,
    /// What else figures of one series have in common.
    others: String,
}

impl Row {
    fn series(&self) -> (&str, &str, &str, i32) {
        let year = if self.accumulation == "year_to_date" { self.period_end.year() } else { 0 };
        (&self.department, &self.others, &self.period_start, year)
    }

    fn month(&self) -> i32 {
        self.period_end.year() * 12 + i32::try_from(self.period_end.month0()).unwrap()
    }

    fn is_reported(&self) -> bool {
        self.status == "reported"
    }
}

/// The figures of a case, in its order.
fn rows_of(case: &Case) -> Vec<Row> {
    let Some(text) = case.tables.get("observations") else { return Vec::new() };
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().unwrap().clone();
    let row = |record: csv::StringRecord| {
        let cell = |name: &str, default: &str| {
            let at = header.iter().position(|column| column == name);
            at.map_or(default, |at| &record[at]).to_owned()
        };
        Some(Row {
            department: cell("department", ""),
            accumulation: cell("accumulation", "year_to_date"),
            period_start: cell("period_start", ""),
            period_end: cell("period_end", "").parse().ok()?,
            value: cell("value", "").parse().ok(),
            status: cell("obs_status", "reported"),
            published_on: cell("published_on", ""),
            others: ["indicator", "definition", "region", "breakdown", "unit", "accumulation"]
                .map(|name| cell(name, "-"))
                .join("|"),
        })
    };
    reader.records().filter_map(|record| row(record.unwrap())).collect()
}

/// The series of the figures, each in the order of time.
fn series(rows: &[Row]) -> Vec<Vec<&Row>> {
    let mut all: BTreeMap<_, Vec<&Row>> = BTreeMap::new();
    for row in rows {
        all.entry(row.series()).or_default().push(row);
    }
    for own in all.values_mut() {
        own.sort_by_key(|row| row.period_end);
    }
    all.into_values().collect()
}

/// Whether two figures of a series, one after the other, are as they are wanted.
fn any_pair(rows: &[Row], is_wanted: impl Fn(&Row, &Row) -> bool) -> bool {
    series(rows).iter().any(|own| own.windows(2).any(|pair| is_wanted(pair[0], pair[1])))
}

fn has_missing_period(rows: &[Row]) -> bool {
    let steps = |own: &Vec<&Row>| -> BTreeSet<i32> {
        own.windows(2).map(|pair| pair[1].month() - pair[0].month()).collect()
    };
    series(rows).iter().any(|own| steps(own).is_superset(&BTreeSet::from([1, 2])))
}

fn has_returned_zero(rows: &[Row]) -> bool {
    rows.iter().any(|row| row.status == "returned" && row.value == Some(0.0))
}

fn has_revised_value(rows: &[Row]) -> bool {
    any_pair(rows, |first, later| {
        let is_later = first.published_on != later.published_on;
        first.period_end == later.period_end && is_later && first.value != later.value
    })
}

fn has_reset_in_january(rows: &[Row]) -> bool {
    let is_after = |december: &Row, january: &Row| {
        let of_one = |row: &Row| (row.department.clone(), row.others.clone());
        december.accumulation == "year_to_date"
            && of_one(december) == of_one(january)
            && december.month() % 12 == 11
            && january.month() == december.month() + 1
            && january.value < december.value
    };
    rows.iter().any(|january| rows.iter().any(|december| is_after(december, january)))
}

fn has_falling_year_to_date(rows: &[Row]) -> bool {
    any_pair(rows, |earlier, later| {
        earlier.accumulation == "year_to_date"
            && earlier.period_end < later.period_end
            && later.is_reported()
            && later.value.is_some_and(|value| earlier.value.is_some_and(|high| value < high))
    })
}

/// The values of each figure, of all departments.
fn columns(rows: &[Row]) -> Vec<Vec<f64>> {
    let mut all: BTreeMap<_, Vec<f64>> = BTreeMap::new();
    for row in rows.iter().filter(|row| !row.department.is_empty() && row.is_reported()) {
        all.entry((&row.others, row.period_end)).or_default().extend(row.value);
    }
    all.into_values().collect()
}

fn has_one_with_nearly_all(rows: &[Row]) -> bool {
    columns(rows).iter().any(|values| {
        let greatest = values.iter().copied().fold(0.0, f64::max);
        values.len() > 1
            && greatest < values.iter().sum()
            && greatest >= 0.99 * values.iter().sum::<f64>()
    })
}

fn has_sixteen_zeros(rows: &[Row]) -> bool {
    let n_zeros = |values: &Vec<f64>| values.iter().filter(|value| **value == 0.0).count();
    columns(rows).iter().any(|values| n_zeros(values) >= 16 && n_zeros(values) < values.len())
}

/// Whether a department that another took over has figures that are shown under that one.
fn has_renamed_department(case: &Case, rows: &[Row], ended: &BTreeSet<String>) -> bool {
    let is_comparable = |session: &String| session.contains("comparable");
    case.tables.get("session").is_some_and(is_comparable)
        && rows.iter().any(|row| ended.contains(&row.department))
}

#[test]
fn every_awkward_row_stands_in_a_case_of_a_question() {
    let succession = read(&root().join("data/department_succession.csv"));
    let mut succession = csv::Reader::from_reader(succession.as_bytes());
    let ended: BTreeSet<String> =
        succession.records().map(|record| record.unwrap()[0].to_owned()).collect();
    let cases: Vec<(Case, Vec<Row>)> = all_cases()
        .into_iter()
        .filter(|case| !case.query.starts_with("views/") && case.expected.lines().count() > 1)
        .map(|case| {
            let rows = rows_of(&case);
            (case, rows)
        })
        .collect();
    let check = |what: &str, is_there: &dyn Fn(&Case, &[Row]) -> bool| {
        assert!(cases.iter().any(|(case, rows)| is_there(case, rows)), "no case has {what}");
    };
    check("a missing period", &|_, rows| has_missing_period(rows));
    check("a returned zero", &|_, rows| has_returned_zero(rows));
    check("a renamed department", &|case, rows| has_renamed_department(case, rows, &ended));
    check("a revised value", &|_, rows| has_revised_value(rows));
    check("a reset in January", &|_, rows| has_reset_in_january(rows));
    check("a falling year to date", &|_, rows| has_falling_year_to_date(rows));
    check("a department with 99 % of the total", &|_, rows| has_one_with_nearly_all(rows));
    check("sixteen tied zeros", &|_, rows| has_sixteen_zeros(rows));
}
