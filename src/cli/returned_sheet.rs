//! What a list for a department says: its columns, its summary, and what fields are called.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use crate::cli::args::ReturnedBy;
use crate::cli::context::Context;
use crate::cli::explain::{Row, rows_of, text};
use crate::cli::failure::Failure;
use crate::cli::returned::{Filters, Returns, number};
use crate::diag::{Lang, Message, joined};
use crate::output::{ListColumn, ListPlan, ListSummary, SummaryTable};
use crate::records::profile::{Dataset, Profiles, RecordType, RecordTypeOf};
use crate::table::RETURNED_HERE;

/// The columns of a list: code of the title, width, whether they are days.
const COLUMNS: [(&str, u16, bool); 13] = [
    ("list.file_name", 30, false),
    ("list.source_row", 9, false),
    ("list.record_key", 36, false),
    ("list.field", 16, false),
    ("list.field_name", 18, false),
    ("list.found", 26, false),
    ("list.reason", 42, false),
    ("list.returned_on", 12, true),
    ("list.returned_by", 16, false),
    ("list.org_code", 21, false),
    ("list.org_name", 26, false),
    ("list.rule", 27, false),
    ("list.batch", 19, false),
];

/// Returns the columns of a list. Those that not every list has stand last.
pub(super) fn columns(lang: Lang, filters: &Filters, is_synthetic: bool) -> Vec<ListColumn> {
    let column = |(code, width, is_day): (&'static str, u16, bool)| ListColumn {
        title: Message::new(code).text(lang),
        width,
        is_day,
    };
    let mut columns: Vec<ListColumn> = COLUMNS.into_iter().map(column).collect();
    if filters.is_with_closed {
        columns.push(column(("list.closed_on", 12, true)));
    }
    if is_synthetic {
        columns.push(column(("list.origin", 12, false)));
    }
    columns
}

/// Returns what a record that was returned here says about who returned it.
pub(super) fn returned_by(lang: Lang) -> String {
    Message::new("list.returned_here").text(lang)
}

/// A text in both languages.
#[derive(Debug, Clone)]
pub(super) struct Both {
    zh: String,
    en: String,
}

impl Both {
    fn of(code: &'static str) -> Self {
        let message = Message::new(code);
        Self { zh: message.text(Lang::Zh), en: message.text(Lang::En) }
    }

    pub(super) fn get(&self, lang: Lang) -> &str {
        if lang == Lang::Zh { &self.zh } else { &self.en }
    }
}

/// What is told about the records of all departments, counted.
#[derive(Debug)]
pub(super) struct Told {
    /// Counts by department and batch.
    batches: Vec<Row>,
    /// Counts by department and rule.
    reasons: Vec<Row>,
    /// Names of the departments in both languages.
    names: BTreeMap<String, Both>,
    /// What stands on everything that was made from made-up records; `None` where they are real.
    pub(super) mark: Option<Both>,
    /// Whether records that came again count too.
    is_with_closed: bool,
    made_on: chrono::NaiveDate,
}

impl Told {
    pub(super) fn of(returns: &Returns, context: &Context) -> Result<Self, Failure> {
        let counts = |kind: ReturnedBy| {
            rows_of(&returns.counts(&[ReturnedBy::Department, kind], &returns.filters)?)
        };
        let departments =
            returns.session.refdata.tables().find(|table| table.name == "departments");
        let names = departments.into_iter().flat_map(|table| {
            table
                .rows()
                .map(|row| {
                    let both = Both { zh: row.text("name_zh"), en: row.text("name_en") };
                    (row.text("department"), both)
                })
                .collect::<Vec<_>>()
        });
        Ok(Self {
            batches: counts(ReturnedBy::Batch)?,
            reasons: counts(ReturnedBy::Reason)?,
            names: names.collect(),
            mark: returns.session.snapshot.is_synthetic.then(|| Both::of("list.synthetic")),
            is_with_closed: returns.filters.is_with_closed,
            made_on: context.now.date(),
        })
    }

    /// Returns the name of a department, or what stands for one that is not known.
    pub(super) fn name_of(&self, department: Option<&str>, lang: Lang) -> String {
        let Some(id) = department else {
            return Message::new("list.unknown_department").text(lang);
        };
        let name = self.names.get(id).map(|name| name.get(lang)).filter(|name| !name.is_empty());
        name.unwrap_or(id).to_owned()
    }

    /// Returns how many records a list for a department has.
    pub(super) fn n_rows(&self, department: Option<&str>) -> i64 {
        of_department(&self.batches, department).map(|row| self.count(row)).sum()
    }

    fn count(&self, row: &Row) -> i64 {
        number(row, if self.is_with_closed { "rows_returned" } else { "rows_open" })
    }
}

/// Returns the rows about a department.
fn of_department<'a>(
    rows: &'a [Row],
    department: Option<&'a str>,
) -> impl Iterator<Item = &'a Row> {
    rows.iter().filter(move |row| text(row, "department").as_deref() == department)
}

/// Returns what has to be known of the list of a department before its rows.
pub(super) fn plan_of(
    returns: &Returns,
    told: &Told,
    department: Option<&str>,
    lang: Lang,
    n_reasons: i64,
) -> ListPlan {
    let say = |code: &'static str| Message::new(code).text(lang);
    let title = Message::new("list.title").with("department", told.name_of(department, lang));
    let summary = ListSummary {
        sheet_name: say("list.sheet_summary"),
        title: title.text(lang),
        mark: told.mark.as_ref().map(|_| say("list.synthetic_note")),
        facts: facts(returns, told, department, lang, n_reasons),
        tables: tables(told, department, lang),
        notes_title: say("list.notes"),
        notes: notes(told, department, lang),
    };
    ListPlan {
        sheet_name: say("list.sheet_rows"),
        columns: columns(lang, &returns.filters, told.mark.is_some()),
        n_rows: u64::try_from(n_reasons).unwrap_or(0),
        summary,
        made_on: told.made_on,
    }
}

/// What is known about the list as a whole.
fn facts(
    returns: &Returns,
    told: &Told,
    department: Option<&str>,
    lang: Lang,
    n_reasons: i64,
) -> Vec<(String, String)> {
    let say = |code: &'static str| Message::new(code).text(lang);
    let count =
        Message::new("list.count").with("rows", told.n_rows(department)).with("reasons", n_reasons);
    let first = of_department(&told.batches, department);
    let first = first.filter_map(|row| text(row, "first_returned_on")).min().unwrap_or_default();
    let state = if told.is_with_closed { "list.with_closed" } else { "list.open_only" };
    let snapshot = Message::new("list.made")
        .with("day", told.made_on)
        .with("until", returns.day)
        .with("snapshot", returns.session.snapshot.number);
    let mut facts = vec![
        (say("list.department"), told.name_of(department, lang)),
        (say("list.counted"), count.text(lang)),
        (say("list.state"), say(state)),
        (say("list.first_returned_on"), first),
        (say("list.made_on"), snapshot.text(lang)),
    ];
    let filters = narrowed(&returns.filters);
    if !filters.is_empty() {
        facts.push((say("list.filters"), filters));
    }
    facts
}

/// What was left out by the options of the command.
fn narrowed(filters: &Filters) -> String {
    let day = |day: Option<chrono::NaiveDate>| day.map(|day| day.to_string());
    let given = [
        ("--batch", filters.batch.clone()),
        ("--rule", filters.rule.clone()),
        ("--profile", filters.profile.clone()),
        ("--since", day(filters.since)),
        ("--until", day(filters.until)),
    ];
    let given = given.into_iter().filter_map(|(name, value)| Some(format!("{name} {}", value?)));
    given.collect::<Vec<_>>().join(" ")
}

fn tables(told: &Told, department: Option<&str>, lang: Lang) -> Vec<SummaryTable> {
    let say = |code: &'static str| Message::new(code).text(lang);
    let of = |row: &Row, column: &str| text(row, column).unwrap_or_default();
    let message = format!("message_{}", lang.as_str());
    let reason = |row: &Row| text(row, &message).unwrap_or_else(|| say("list.several_sentences"));
    let batches = of_department(&told.batches, department);
    let batches = batches.map(|row| ([of(row, "batch"), of(row, "file_name")], told.count(row)));
    let reasons = of_department(&told.reasons, department);
    let reasons = reasons.map(|row| ([of(row, "rule"), reason(row)], told.count(row)));
    vec![
        SummaryTable {
            title: say("list.by_batch"),
            header: [say("list.batch"), say("list.file_name"), say("list.n_rows")],
            rows: batches.collect(),
            note: None,
        },
        SummaryTable {
            title: say("list.by_reason"),
            header: [say("list.rule"), say("list.reason"), say("list.n_rows")],
            rows: reasons.collect(),
            note: Some(say("list.several_reasons")),
        },
    ]
}

/// What is to be done with the list.
fn notes(told: &Told, department: Option<&str>, lang: Lang) -> Vec<String> {
    let mut codes =
        vec!["list.note_find", "list.note_correct", "list.note_keyless", "list.note_masked"];
    let is_elsewhere = |row: &Row| text(row, "returned_by").as_deref() != Some(RETURNED_HERE);
    if of_department(&told.batches, department).any(is_elsewhere) {
        codes.push("list.note_elsewhere");
    }
    let sheet = Message::new("list.sheet_rows").text(lang);
    codes.into_iter().map(|code| Message::new(code).with("sheet", &sheet).text(lang)).collect()
}

/// What the fields of profiles are called.
pub(super) struct Labels {
    profiles: Profiles,
    lang: Lang,
    /// Labels that were looked up, by profile, type of record and field; rows repeat them.
    known: RefCell<BTreeMap<String, Option<String>>>,
}

impl Labels {
    pub(super) fn new(profiles: Profiles, lang: Lang) -> Self {
        Self { profiles, lang, known: RefCell::default() }
    }

    /// Returns what the fields of a reason are called; `None` without fields, where one of them is not
    /// known any more, and where it has several names.
    pub(super) fn of(
        &self,
        profile: &str,
        record_type: Option<&str>,
        field: Option<&str>,
    ) -> Option<String> {
        let field = field?;
        let key = format!("{profile}\n{}\n{field}", record_type.unwrap_or_default());
        if let Some(known) = self.known.borrow().get(&key) {
            return known.clone();
        }
        let labels: Option<Vec<&str>> =
            field.split(", ").map(|name| self.label(profile, record_type, name)).collect();
        let label = labels.map(|labels| joined(&labels, self.lang));
        self.known.borrow_mut().insert(key, label.clone());
        label
    }

    fn label(&self, profile: &str, record_type: Option<&str>, field: &str) -> Option<&str> {
        // Another version may call it otherwise.
        let profile = self.profiles.iter().find(|known| known.name() == profile)?;
        let is_of_type = |dataset: &&Dataset| match &dataset.record_type {
            RecordTypeOf::All(of_all) => of_all.map(RecordType::as_str) == record_type,
            RecordTypeOf::ByField { .. } => true,
        };
        let datasets = profile.datasets.iter().filter(is_of_type);
        let labels: BTreeSet<&str> = datasets
            .filter_map(|dataset| {
                let field = &dataset.fields[dataset.field_idx(field)?];
                Some(if self.lang == Lang::Zh { &*field.label_zh } else { &*field.label_en })
            })
            .collect();
        let mut labels = labels.into_iter();
        labels.next().filter(|label| !label.is_empty() && labels.next().is_none())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::refdata::RefData;

    #[track_caller]
    fn check(profile: &str, record_type: Option<&str>, field: &str, expected: Option<&str>) {
        let profiles = Profiles::load(&[], &RefData::load(&[]).unwrap()).unwrap();
        let labels = Labels::new(profiles, Lang::Zh);
        // The second time it is remembered.
        for _ in 0..2 {
            assert_eq!(labels.of(profile, record_type, Some(field)).as_deref(), expected);
        }
        assert_eq!(labels.of(profile, record_type, None), None);
    }

    #[test]
    fn fields_are_called_as_their_profile_calls_them() {
        let profiles = Profiles::load(&[], &RefData::load(&[]).unwrap()).unwrap();
        let name = profiles.get("up-exchange").unwrap().name();
        check(&name, Some("accept"), "applyer_name", Some("申请人名称"));
        check(&name, Some("accept"), "accept_date, apply_date", Some("受理时间、申请时间"));
        check(&name, Some("accept"), "no_such_field", None);
        check("up-exchange/0", Some("accept"), "applyer_name", None);
    }
}
