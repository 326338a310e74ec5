//! When a department existed, as far as the dates of its names and successions are certain.

use std::collections::BTreeMap;

use chrono::{Days, Months, NaiveDate};

use crate::model::text_enum;
use crate::refdata::RefData;

text_enum! {
    /// Which table a date comes from.
    DateSource {
        /// Dates of the department's names.
        Names = "department_names",
        /// The date of a succession.
        Succession = "department_succession",
    }
}

/// A recorded year or date, with the days that it may stand for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedDate {
    /// The year or date as recorded.
    pub text: String,
    /// The first day that it may mean.
    pub first: NaiveDate,
    /// The last day that it may mean.
    pub last: NaiveDate,
    /// Where it is recorded.
    pub source: DateSource,
    /// What is certain of it and what is not.
    pub confidence: String,
}

/// When the department of a region existed at most.
///
/// Something is said only where every name of the body has a date: an open one may be in use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DepartmentSpan {
    /// Region of the body.
    pub region: String,
    /// The department.
    pub department: String,
    /// When its first name began.
    pub from: Option<RecordedDate>,
    /// When its last name or its functions ended.
    pub to: Option<RecordedDate>,
}

/// Names and successions of one body.
#[derive(Default)]
struct Records {
    /// Beginnings of its names; `None` where it is not known.
    from: Vec<Option<RecordedDate>>,
    /// Ends of its names; `None` where a name is current or its end not known.
    to: Vec<Option<RecordedDate>>,
    /// Days on which its functions passed on.
    passed_on: Vec<Option<RecordedDate>>,
}

/// Returns the bodies of which a beginning or an end is known, by region and department.
pub(super) fn department_spans(data: &RefData) -> Vec<DepartmentSpan> {
    let mut bodies: BTreeMap<(String, String), Records> = BTreeMap::new();
    // What is said of an official name says more than what is said of another spelling.
    let mut names: Vec<_> = data.tables["department_names"].rows().collect();
    names.sort_by_key(|row| {
        ["official", "short"].iter().position(|kind| *kind == row.text("name_kind")).unwrap_or(2)
    });
    for row in names {
        let body = bodies.entry((row.text("region"), row.text("department"))).or_default();
        let day_of =
            |column: &str| recorded(&row.text(column), DateSource::Names, &row.text("confidence"));
        body.from.push(day_of("valid_from"));
        body.to.push(day_of("valid_to"));
    }
    for row in data.tables["department_succession"].rows() {
        let body = bodies.entry((row.text("region"), row.text("predecessor"))).or_default();
        let (text, confidence) = (row.text("changed_on"), row.text("confidence"));
        body.passed_on.push(recorded(&text, DateSource::Succession, &confidence));
    }
    let spans = bodies.into_iter().map(|((region, department), records)| {
        let (from, to) = (records.beginning(), records.end());
        DepartmentSpan { region, department, from, to }
    });
    spans.filter(|span| span.from.is_some() || span.to.is_some()).collect()
}

impl Records {
    fn beginning(&self) -> Option<RecordedDate> {
        let all: Option<Vec<&RecordedDate>> = self.from.iter().map(Option::as_ref).collect();
        all?.into_iter().min_by_key(|date| date.first).cloned()
    }

    /// The latest of all ends. A succession alone ends a body without names only: one that has an
    /// open name may have passed on a part of its functions.
    fn end(&self) -> Option<RecordedDate> {
        let ends = self.to.iter().chain(&self.passed_on).map(Option::as_ref);
        let all: Option<Vec<&RecordedDate>> = ends.collect();
        // The first of equals: the date of a name before that of a succession.
        all?.into_iter().rev().max_by_key(|date| date.last).cloned()
    }
}

/// Reads a year, a month or a day; `None` for anything else.
fn recorded(text: &str, source: DateSource, confidence: &str) -> Option<RecordedDate> {
    let day = |text: &str| text.parse::<NaiveDate>().ok();
    let (first, n_months) = match text.len() {
        4 => (day(&format!("{text}-01-01"))?, 12),
        7 => (day(&format!("{text}-01"))?, 1),
        _ => (day(text)?, 0),
    };
    let last = match n_months {
        0 => first,
        n => first.checked_add_months(Months::new(n))?.checked_sub_days(Days::new(1))?,
    };
    let (text, confidence) = (text.to_owned(), confidence.to_owned());
    Some(RecordedDate { text, first, last, source, confidence })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(own: &[(&str, &str)], department: &str, expected: &str) {
        let own: Vec<(String, String)> =
            own.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
        let data = RefData::load(&own).unwrap();
        let spans = data.department_spans();
        let found = spans.iter().find(|span| span.department == department);
        let shown = found.map_or_else(
            || "-".to_owned(),
            |span| {
                let from = span.from.as_ref().map_or("?".to_owned(), |date| date.first.to_string());
                let to = span.to.as_ref().map_or("?".to_owned(), |date| date.last.to_string());
                format!("{from}..{to}")
            },
        );
        assert_eq!(shown, expected, "{department}");
    }

    #[test]
    fn a_year_covers_all_its_days() {
        check(&[], "rural_revitalisation", "2021-01-01..2024-12-31");
        check(&[], "state_tax", "?..2018-06-15");
        check(&[], "tax", "2018-06-15..?");
        check(&[], "water", "-");
    }

    #[test]
    fn an_open_name_leaves_the_end_open() {
        const NAMES: &str =
            "name,region,department,name_kind,valid_from,valid_to,source,confidence\n";
        let open = format!("{NAMES}老名,630000,state_tax,alias,,,own,high\n");
        check(&[("department_names", &open)], "state_tax", "-");
        let month = format!("{NAMES}老名,630000,state_tax,alias,,2019-02,own,high\n");
        check(&[("department_names", &month)], "state_tax", "?..2019-02-28");
        let unreadable = format!("{NAMES}老名,630000,state_tax,alias,,年底,own,high\n");
        check(&[("department_names", &unreadable)], "state_tax", "-");
    }

    #[test]
    fn a_succession_ends_a_body_only_where_no_name_is_open() {
        const HEAD: &str = "predecessor,successor,region,changed_on,source,confidence\n";
        let partial = format!("{HEAD}water,natural_resources,630000,2020,own,high\n");
        check(&[("department_succession", &partial)], "water", "-");
        let later = format!("{HEAD}state_tax,finance,630000,2020,own,high\n");
        check(&[("department_succession", &later)], "state_tax", "?..2020-12-31");
    }
}
