//! `tongban returned`: the records that went back, counted by department, batch, reason and age.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use crate::cli::args::{ReturnedArgs, ReturnedBy};
use crate::cli::context::Context;
use crate::cli::explain::{Row, rows_of, text};
use crate::cli::failure::Failure;
use crate::cli::names::{Named, Unknown, id_of};
use crate::cli::returned_list;
use crate::cli::session::{Session, deliver, format_of};
use crate::diag::{Lang, Message, nearest_names, word};
use crate::engine::DuckDb;
use crate::model::FiguresBy;
use crate::output::Format;
use crate::query::bind;
use crate::table::{RETURNED_HERE, ResultTable};

/// Answers with counts of returned records.
const COUNTS: &str = "aggregation/returned";
/// Answers with where the reasons of returned records stand.
pub(super) const PARTS: &str = "aggregation/returned_parts";
/// Answers with the records themselves.
pub(super) const ROWS: &str = "aggregation/returned_rows";
/// Answers with published figures of returned records.
const PUBLISHED: &str = "aggregation/returned_published";

/// Published figures that are told one by one.
const MAX_PUBLISHED: usize = 5;

pub(super) fn run(context: &Context, args: &ReturnedArgs) -> Result<(), Failure> {
    if args.list.is_some() || args.lists.is_some() {
        return returned_list::run(context, args);
    }
    let returns = Returns::open(context, args)?;
    let answer = returns.counts(&args.by, &returns.filters)?;
    let rows = rows_of(&answer)?;
    let is_for_eyes = format_of(&args.output)? == Format::Table && !args.wide;
    let shown = if is_for_eyes {
        answer.select(&main_columns(&args.by, &rows, context.lang()))
    } else {
        answer
    };
    if rows.is_empty() {
        // What was typed wrong is told instead of an empty table.
        let why = returns.why_empty()?;
        deliver(context, &shown, &args.output)?;
        context.ui.warning(&why);
        return returns.tell_published(context);
    }
    deliver(context, &shown, &args.output)?;
    returns.tell_total(context, &args.by, &rows)?;
    returns.tell_published(context)
}

/// What is asked for of the returned records.
#[derive(Debug, Clone, Default)]
pub(super) struct Filters {
    pub(super) department: Option<String>,
    pub(super) batch: Option<String>,
    pub(super) rule: Option<String>,
    pub(super) profile: Option<String>,
    pub(super) since: Option<NaiveDate>,
    pub(super) until: Option<NaiveDate>,
    pub(super) is_with_closed: bool,
}

impl Filters {
    /// Returns the parameters that all questions about returned records have.
    pub(super) fn params(&self) -> Vec<(String, String)> {
        let day = |day: Option<NaiveDate>| day.map(|day| day.to_string());
        let given = [
            ("department", self.department.clone()),
            ("batch", self.batch.clone()),
            ("rule", self.rule.clone()),
            ("profile", self.profile.clone()),
            ("since", day(self.since)),
            ("until", day(self.until)),
            ("closed", Some(self.is_with_closed.to_string())),
        ];
        let given = given.into_iter().filter_map(|(name, value)| Some((name, value?)));
        given.map(|(name, value)| (name.to_owned(), value)).collect()
    }
}

/// The returned records of a snapshot, ready to be asked about.
pub(super) struct Returns {
    pub(super) session: Session,
    pub(super) filters: Filters,
    /// The day of whose knowledge was asked.
    as_of: Option<NaiveDate>,
    /// The day to which days are counted.
    pub(super) day: NaiveDate,
    engine: DuckDb,
}

impl Returns {
    pub(super) fn open(context: &Context, args: &ReturnedArgs) -> Result<Self, Failure> {
        let starting = DuckDb::start();
        let session = Session::open(context, &args.snapshot, FiguresBy::default())?;
        let filters = filters_of(&session, args)?;
        let queries = [COUNTS, PARTS, ROWS, PUBLISHED].map(|id| session.catalogue.get(id));
        let queries = queries.into_iter().collect::<Result<Vec<_>, _>>()?;
        let tables = session.tables_for(&queries, &args.snapshot)?;
        let engine = starting.open(&tables, &session.limits(&args.engine_limits))?;
        let day = args.snapshot.as_of.unwrap_or(context.now.date());
        Ok(Self { session, filters, as_of: args.snapshot.as_of, day, engine })
    }

    /// Answers a question.
    pub(super) fn ask(
        &self,
        id: &str,
        params: &[(String, String)],
    ) -> Result<ResultTable, Failure> {
        let query = self.session.catalogue.get(id)?;
        Ok(self.engine.run(query, &bind(query, params)?)?)
    }

    /// Counts what `filters` let through.
    pub(super) fn counts(
        &self,
        by: &[ReturnedBy],
        filters: &Filters,
    ) -> Result<ResultTable, Failure> {
        let mut params = filters.params();
        for kind in ReturnedBy::ALL {
            params.push((format!("by_{}", kind.as_str()), by.contains(&kind).to_string()));
        }
        params.push(("day".to_owned(), self.day.to_string()));
        self.ask(COUNTS, &params)
    }

    /// Returns why nothing is shown. Fails where a rule was asked for that no record breaks.
    pub(super) fn why_empty(&self) -> Result<Message, Failure> {
        let everything = Filters { is_with_closed: true, ..Filters::default() };
        let all = rows_of(&self.counts(&[ReturnedBy::Reason], &everything)?)?;
        if all.is_empty() {
            return Ok(match self.as_of {
                Some(day) => Message::new("returned.none_by").with("day", day),
                None => Message::new("returned.none"),
            });
        }
        if let Some(rule) = &self.filters.rule {
            let known: BTreeSet<String> = all.iter().filter_map(|row| text(row, "rule")).collect();
            if !known.contains(rule) {
                let near = nearest_names(rule, known.iter().map(String::as_str));
                let unknown = Unknown {
                    code: "returned.rule_unknown",
                    with_nearest: "returned.rule_unknown_near",
                };
                return Err(Failure::user(unknown.message("rule", rule, near)));
            }
        }
        let with_closed = Filters { is_with_closed: true, ..self.filters.clone() };
        let closed = rows_of(&self.counts(&[], &with_closed)?)?;
        let n_closed: i64 = closed.iter().map(|row| number(row, "rows_closed")).sum();
        Ok(match n_closed {
            0 => Message::new("returned.none_such"),
            _ => Message::new("returned.all_closed").with("count", n_closed),
        })
    }

    /// Says how many records the rows are about, each counted once.
    fn tell_total(
        &self,
        context: &Context,
        by: &[ReturnedBy],
        rows: &[Row],
    ) -> Result<(), Failure> {
        let sum = |rows: &[Row], column: &str| -> i64 {
            rows.iter().map(|row| number(row, column)).sum()
        };
        let is_by_reason = by.contains(&ReturnedBy::Reason);
        let without_reasons: Vec<ReturnedBy> =
            by.iter().copied().filter(|kind| *kind != ReturnedBy::Reason).collect();
        let once = if is_by_reason {
            rows_of(&self.counts(&without_reasons, &self.filters)?)?
        } else {
            rows.to_vec()
        };
        let (returned, open) = (sum(&once, "rows_returned"), sum(&once, "rows_open"));
        let total = Message::new("returned.total").with("returned", returned).with("open", open);
        context.ui.status(&total);
        if sum(rows, "rows_returned") > returned {
            context.ui.status(&Message::new("returned.several_reasons"));
        }
        Ok(())
    }

    /// Tells published figures, which are no records, where nothing narrower than a department was
    /// asked for.
    fn tell_published(&self, context: &Context) -> Result<(), Failure> {
        let Filters { department, batch, rule, profile, .. } = &self.filters;
        if batch.is_some() || rule.is_some() || profile.is_some() {
            return Ok(());
        }
        let department = department.iter().map(|id| ("department".to_owned(), id.clone()));
        let figures = rows_of(&self.ask(PUBLISHED, &department.collect::<Vec<_>>())?)?;
        for figure in figures.iter().take(MAX_PUBLISHED) {
            context.ui.status(&published(figure, context.lang()));
        }
        if figures.len() > MAX_PUBLISHED {
            let count = figures.len() - MAX_PUBLISHED;
            context.ui.status(&Message::new("returned.published_more").with("count", count));
        }
        Ok(())
    }
}

/// The sentence about a published figure.
fn published(figure: &Row, lang: Lang) -> Message {
    let of = |column: &str| text(figure, column).unwrap_or_default();
    let value = figure.get("records_returned").and_then(serde_json::Value::as_f64);
    let value = value.map_or_else(|| "-".to_owned(), |value| format!("{value}"));
    let qualifier = text(figure, "qualifier").map(|qualifier| word(&qualifier, lang));
    Message::new("returned.published")
        .with("department", of("department_name"))
        .with(
            "count",
            qualifier.map_or(value.clone(), |qualifier| format!("{value} ({qualifier})")),
        )
        .with("until", of("period_end"))
        .with("edition", text(figure, "edition").unwrap_or_else(|| "-".to_owned()))
}

fn filters_of(session: &Session, args: &ReturnedArgs) -> Result<Filters, Failure> {
    let department = args.department.as_ref();
    let department =
        department.map(|name| id_of(&session.refdata, Named::Department, name)).transpose()?;
    let batch = args.batch.as_ref().map(|given| batch_of(session, given)).transpose()?;
    if let Some(profile) = &args.profile {
        check_profile(session, profile)?;
    }
    Ok(Filters {
        department,
        batch,
        rule: args.rule.as_ref().map(|rule| rule.trim().to_owned()),
        profile: args.profile.clone(),
        since: args.since,
        until: args.until,
        is_with_closed: args.closed,
    })
}

/// Returns the batch whose id is `given` or begins so.
fn batch_of(session: &Session, given: &str) -> Result<String, Failure> {
    let ids: BTreeSet<&str> =
        session.snapshot.batches.iter().map(|batch| batch.batch.as_str()).collect();
    let meant: Vec<&str> = ids.iter().copied().filter(|id| id.starts_with(given)).collect();
    match meant.as_slice() {
        [one] => Ok((*one).to_owned()),
        _ if ids.contains(given) => Ok(given.to_owned()),
        [] => {
            let near = nearest_names(given, ids.into_iter());
            let unknown = Unknown {
                code: "returned.batch_unknown",
                with_nearest: "returned.batch_unknown_near",
            };
            Err(Failure::user(unknown.message("batch", given, near)))
        }
        several => Err(Failure::user(
            Message::new("returned.batch_several")
                .with("batch", given)
                .with("count", several.len()),
        )),
    }
}

fn check_profile(session: &Session, name: &str) -> Result<(), Failure> {
    let profiles = session.workspace.reference()?.profiles()?;
    if profiles.get(name).is_some() {
        return Ok(());
    }
    let near = nearest_names(name, profiles.iter().map(|profile| profile.id.as_str()));
    let unknown =
        Unknown { code: "returned.profile_unknown", with_nearest: "returned.profile_unknown_near" };
    Err(Failure::user(unknown.message("profile", name, near)))
}

/// Returns a whole number of an answer; 0 where it is null.
pub(super) fn number(row: &Row, column: &str) -> i64 {
    row.get(column).and_then(serde_json::Value::as_i64).unwrap_or_default()
}

/// Returns the columns that a terminal shows of rows made by `by`.
fn main_columns(by: &[ReturnedBy], rows: &[Row], lang: Lang) -> Vec<String> {
    let mut columns: Vec<String> = Vec::new();
    let mut add = |names: &[&str]| columns.extend(names.iter().map(|name| (*name).to_owned()));
    let is_by = |kind| by.contains(&kind);
    if is_by(ReturnedBy::Department) {
        add(&["department_name"]);
    }
    if is_by(ReturnedBy::Batch) {
        add(&["batch"]);
    }
    if is_by(ReturnedBy::Reason) {
        add(&["rule", &format!("message_{}", lang.as_str())]);
    }
    if is_by(ReturnedBy::Age) {
        add(&["open_for"]);
    }
    let is_elsewhere = |row: &Row| text(row, "returned_by").as_deref() != Some(RETURNED_HERE);
    if rows.iter().any(is_elsewhere) {
        add(&["returned_by"]);
    }
    add(&["rows_returned", "rows_open", "rows_closed"]);
    if !is_by(ReturnedBy::Reason) {
        add(&["n_rules"]);
    }
    add(&["oldest_open_days"]);
    columns
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(by: &[ReturnedBy], returned_by: &str, expected: &str) {
        let row = serde_json::json!({ "returned_by": returned_by });
        let rows = [row.as_object().cloned().unwrap()];
        assert_eq!(main_columns(by, &rows, Lang::Zh).join(" "), expected);
    }

    #[test]
    fn a_terminal_shows_what_rows_are_made_by_and_who_returned_them_elsewhere() {
        check(
            &[ReturnedBy::Batch, ReturnedBy::Department],
            "tongban",
            "department_name batch rows_returned rows_open rows_closed n_rules oldest_open_days",
        );
        check(
            &[ReturnedBy::Reason, ReturnedBy::Age],
            "省共享交换平台",
            "rule message_zh open_for returned_by rows_returned rows_open rows_closed \
             oldest_open_days",
        );
    }
}
