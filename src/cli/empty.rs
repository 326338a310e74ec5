//! Why the answer of a question is empty, where that can be known.

use std::collections::BTreeSet;

use arrow::array::AsArray;
use arrow::datatypes::Date32Type;
use chrono::NaiveDate;

use crate::cli::args::SnapshotArgs;
use crate::cli::context::Context;
use crate::cli::explain::{Row, rows_of, text};
use crate::cli::failure::Failure;
use crate::cli::query::PERIOD;
use crate::cli::session::Session;
use crate::diag::Message;
use crate::engine::DuckDb;
use crate::lake::BatchRecord;
use crate::model::ShownOrigin;
use crate::query::{ParamValue, Query, bind};
use crate::table::ResultTable;

/// What was asked for, besides the question.
pub(super) struct Asked<'a> {
    pub(super) snapshot: &'a SnapshotArgs,
    /// The parameters that were given.
    pub(super) given: &'a [(String, String)],
    /// Value of the parameter `period`, where the question has one.
    pub(super) period: Option<&'a ParamValue>,
}

/// The parameter that says how long periods are.
const FREQUENCY: &str = "frequency";

/// Periods with figures that are named where the one that was asked for has none.
pub(super) const MAX_PERIODS: usize = 3;
/// Periods that are tried for them: each of them is an answer.
const MAX_TRIED: usize = 8;

/// Says why the answer of a question is empty, where it can be known.
///
/// `answer_with` answers the question with another value of a parameter, or without one.
pub(super) fn tell(
    context: &Context,
    session: &Session,
    query: &Query,
    asked: &Asked<'_>,
    answer_with: impl Fn(&str, Option<String>) -> Option<ResultTable>,
) -> Result<(), Failure> {
    if let Some(reason) = reason(session, asked) {
        context.ui.warning(&reason);
        return Ok(());
    }
    if let Some(period) = asked.period.filter(|period| !matches!(period, ParamValue::Null(_))) {
        let days = match period {
            ParamValue::Date(day) => near_periods(session, asked.snapshot, *day)?,
            _ => Vec::new(),
        };
        let answer_in = |day: Option<NaiveDate>| answer_with(PERIOD, day.map(|it| it.to_string()));
        let has_rows = |day: &NaiveDate| answer_in(Some(*day)).is_some_and(|it| it.n_rows() > 0);
        let near: Vec<NaiveDate> =
            days.into_iter().take(MAX_TRIED).filter(has_rows).take(MAX_PERIODS).collect();
        let latest = answer_in(None).and_then(|answer| latest_period(&answer));
        context.ui.warning(&period_unknown(period, &near, latest));
        return Ok(());
    }
    if let Some(message) = condition_unmet(query, asked, answer_with) {
        context.ui.warning(&message);
        return Ok(());
    }
    tell_origin(context, session, query, asked.snapshot)
}

/// Says which of the conditions leaves nothing: one that was given, or how long the periods are where that
/// was not. `None` where the answer is empty without it, too.
fn condition_unmet(
    query: &Query,
    asked: &Asked<'_>,
    answer_with: impl Fn(&str, Option<String>) -> Option<ResultTable>,
) -> Option<Message> {
    let n_rows = |name: &str, value: Option<String>| {
        answer_with(name, value).map(|answer| answer.n_rows()).filter(|n_rows| *n_rows > 0)
    };
    for (name, value) in asked.given.iter().take(MAX_TRIED) {
        if let Some(n_rows) = n_rows(name, None) {
            let message = Message::new("query.condition_unmet").with("parameter", name);
            return Some(message.with("value", value).with("rows", n_rows));
        }
    }
    let is_given = asked.given.iter().any(|(name, _)| name == FREQUENCY);
    let frequency = query.head.params.iter().find(|param| param.name == FREQUENCY && !is_given)?;
    let current = frequency.default.as_ref()?.to_string();
    let others = frequency.values.iter().filter(|value| **value != current);
    let with_rows: Vec<&str> = others
        .filter(|value| n_rows(FREQUENCY, Some((*value).clone())).is_some())
        .map(String::as_str)
        .collect();
    let other = with_rows.first()?;
    let message = Message::new("query.frequency_unmet").with("frequency", &current);
    Some(message.with("other", other).with_list("others", with_rows))
}

/// Says that no figure is of the origin that was asked for, and whose there are.
fn tell_origin(
    context: &Context,
    session: &Session,
    query: &Query,
    args: &SnapshotArgs,
) -> Result<(), Failure> {
    if session.snapshot.batches.is_empty() || !session.is_of_one_origin(query) {
        return Ok(());
    }
    let rows = origins(session, args)?;
    let origins: BTreeSet<String> = rows.iter().filter_map(|row| text(row, "origin")).collect();
    let wanted = session.figures.origin;
    if origins.contains(wanted.as_str()) {
        return Ok(());
    }
    let message = if wanted == ShownOrigin::Published {
        Message::new("query.nothing_published").with("count", session.snapshot.batches.len())
    } else {
        Message::new("query.nothing_of_origin").with("origin", wanted).with_list("known", origins)
    };
    context.ui.status(&message);
    Ok(())
}

/// Returns why there are no rows, whatever was asked for: nothing was read yet, or nothing was published
/// by that day. `None` where it is neither.
fn reason(session: &Session, asked: &Asked<'_>) -> Option<Message> {
    let SnapshotArgs { as_of, snapshot } = *asked.snapshot;
    let batches = &session.snapshot.batches;
    let Some(first) = batches.iter().map(known_on).min() else {
        return Some(match snapshot {
            Some(number) => Message::new("query.snapshot_empty").with("snapshot", number),
            None => Message::new("query.lake_empty"),
        });
    };
    let day = as_of.filter(|day| *day < first)?;
    Some(Message::new("query.as_of_early").with("day", day).with("first", first))
}

/// Says that a period has no figures, and which have.
fn period_unknown(period: &ParamValue, near: &[NaiveDate], latest: Option<NaiveDate>) -> Message {
    let message = match latest {
        None => Message::new("query.period_unknown"),
        Some(latest) if near.iter().all(|day| *day == latest) => {
            Message::new("query.period_unknown_latest").with("latest", latest)
        }
        Some(latest) => {
            Message::new("query.period_unknown_near").with_list("near", near).with("latest", latest)
        }
    };
    message.with("period", period)
}

/// Returns the days on which periods of figures of the session's origin end, the nearest to a day first.
fn near_periods(
    session: &Session,
    args: &SnapshotArgs,
    day: NaiveDate,
) -> Result<Vec<NaiveDate>, Failure> {
    let rows = origins(session, args)?;
    let wanted = session.figures.origin.as_str();
    let is_wanted = |row: &&Row| text(row, "origin").as_deref() == Some(wanted);
    let ends = rows.iter().filter(is_wanted).flat_map(|row| {
        ["first_period_end", "last_period_end"].into_iter().filter_map(move |name| text(row, name))
    });
    Ok(nearest_days(ends, day))
}

/// Returns some days, each once, the nearest to a day first.
pub(super) fn nearest_days(days: impl Iterator<Item = String>, day: NaiveDate) -> Vec<NaiveDate> {
    let days: BTreeSet<NaiveDate> = days.filter_map(|day| day.parse().ok()).collect();
    let mut days: Vec<NaiveDate> = days.into_iter().collect();
    days.sort_by_key(|other| (*other - day).num_days().abs());
    days
}

/// The day from which on a document counts for `--as-of`.
fn known_on(batch: &BatchRecord) -> NaiveDate {
    batch.notice.published_on.unwrap_or(batch.received_at.date())
}

/// Returns the last day in the column `period_end`; `None` without such a column or a day in it.
fn latest_period(answer: &ResultTable) -> Option<NaiveDate> {
    let days = answer.batches.iter().filter_map(|batch| {
        let column = batch.column_by_name("period_end")?.as_primitive_opt::<Date32Type>()?;
        column.iter().flatten().max()
    });
    days.max().and_then(Date32Type::to_naive_date_opt)
}

/// Answers with who states the figures of every document.
const ORIGINS: &str = "quality/origins";

/// Returns the documents with their origins. The figures say whose they are themselves: what made them
/// count, a number, an option or a layout, need not be there any more.
fn origins(session: &Session, args: &SnapshotArgs) -> Result<Vec<Row>, Failure> {
    let origins = session.catalogue.get(ORIGINS)?;
    let tables = session.tables_for(&[origins], args)?;
    let engine = DuckDb::open(&tables, &session.default_limits())?;
    rows_of(&engine.run(origins, &bind(origins, &[])?)?)
}
