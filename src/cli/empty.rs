//! Why the answer of a question is empty, where that can be known.

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
use crate::model::Origin;
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
    if is_all_unpublished(session, query, asked.snapshot)? {
        let count = session.snapshot.batches.len();
        context.ui.status(&Message::new("query.nothing_published").with("count", count));
    }
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

/// The view of published figures that questions are built on.
const PUBLISHED: &str = "observations_latest";

/// Answers with who states the figures of every document.
const ORIGINS: &str = "quality/origins";

/// Whether a question is about published figures, and there are others only. The figures say so
/// themselves: what made them count, a number, an option or a layout, need not be there any more.
fn is_all_unpublished(
    session: &Session,
    query: &Query,
    args: &SnapshotArgs,
) -> Result<bool, Failure> {
    let views = session.catalogue.views_for(query);
    let is_about_published = views.into_iter().any(|view| view.name() == PUBLISHED);
    if !is_about_published || session.snapshot.batches.is_empty() {
        return Ok(false);
    }
    let origins = session.catalogue.get(ORIGINS)?;
    let tables = session.tables_for(&[origins], args)?;
    let engine = DuckDb::open(&tables, &session.default_limits())?;
    let rows = rows_of(&engine.run(origins, &bind(origins, &[])?)?)?;
    let is_published =
        |row: &Row| text(row, "origin").as_deref() == Some(Origin::Published.as_str());
    Ok(!rows.iter().any(is_published))
}
