//! Why the answer of a question is empty, where that can be known.

use std::collections::BTreeSet;

use arrow::array::AsArray;
use arrow::datatypes::Date32Type;
use chrono::NaiveDate;

use crate::cli::args::SnapshotArgs;
use crate::cli::context::Context;
use crate::cli::explain::{Row, rows_of, text};
use crate::cli::failure::Failure;
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
    /// Value of the parameter `period`, where the question has one.
    pub(super) period: Option<&'a ParamValue>,
}

/// Says why the answer of a question is empty, where it can be known.
///
/// `answer_of_latest` answers the question without a period, which is about the latest one.
pub(super) fn tell(
    context: &Context,
    session: &Session,
    query: &Query,
    asked: &Asked<'_>,
    answer_of_latest: impl FnOnce() -> Option<ResultTable>,
) -> Result<(), Failure> {
    if let Some(reason) = reason(session, asked, answer_of_latest) {
        context.ui.warning(&reason);
        return Ok(());
    }
    if session.snapshot.batches.is_empty() || !session.is_of_one_origin(query) {
        return Ok(());
    }
    let origins = origins(session, asked.snapshot)?;
    let wanted = session.figures.origin;
    if origins.contains(wanted.as_str()) {
        return Ok(());
    }
    let message = if wanted == ShownOrigin::Published {
        let count = session.snapshot.batches.len();
        Message::new("query.nothing_published").with("count", count)
    } else {
        Message::new("query.nothing_of_origin").with("origin", wanted)
    };
    let known: Vec<String> = origins.into_iter().collect();
    let known = if known.is_empty() { "—".to_owned() } else { known.join(", ") };
    context.ui.status(&message.with("known", known));
    Ok(())
}

/// Returns why there are no rows: nothing was read yet, nothing was published by that day, or no
/// figure has that period. `None` where it is none of these.
fn reason(
    session: &Session,
    asked: &Asked<'_>,
    answer_of_latest: impl FnOnce() -> Option<ResultTable>,
) -> Option<Message> {
    let SnapshotArgs { as_of, snapshot } = *asked.snapshot;
    let batches = &session.snapshot.batches;
    let Some(first) = batches.iter().map(known_on).min() else {
        return Some(match snapshot {
            Some(number) => Message::new("query.snapshot_empty").with("snapshot", number),
            None => Message::new("query.lake_empty"),
        });
    };
    if let Some(day) = as_of.filter(|day| *day < first) {
        return Some(Message::new("query.as_of_early").with("day", day).with("first", first));
    }
    let period = asked.period.filter(|period| !matches!(period, ParamValue::Null(_)))?;
    let latest = answer_of_latest().and_then(|answer| latest_period(&answer));
    Some(
        match latest {
            Some(latest) => Message::new("query.period_unknown_latest").with("latest", latest),
            None => Message::new("query.period_unknown"),
        }
        .with("period", period),
    )
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

/// Returns whose figures there are. The figures say so themselves: what made them count, a number, an
/// option or a layout, need not be there any more.
fn origins(session: &Session, args: &SnapshotArgs) -> Result<BTreeSet<String>, Failure> {
    let origins = session.catalogue.get(ORIGINS)?;
    let tables = session.tables_for(&[origins], args)?;
    let engine = DuckDb::open(&tables, &session.default_limits())?;
    let rows = rows_of(&engine.run(origins, &bind(origins, &[])?)?)?;
    Ok(rows.iter().filter_map(|row: &Row| text(row, "origin")).collect())
}
