//! Why the answer of a question is empty, where that can be known.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use arrow::array::AsArray;
use arrow::datatypes::Date32Type;
use chrono::NaiveDate;

use crate::cli::args::SnapshotArgs;
use crate::cli::context::Context;
use crate::cli::explain::{Row, rows_of, text};
use crate::cli::failure::Failure;
use crate::cli::mixing::Timed;
use crate::cli::query::PERIOD;
use crate::cli::session::Session;
use crate::diag::{Lang, Message, joined};
use crate::engine::DuckDb;
use crate::lake::BatchRecord;
use crate::model::ShownOrigin;
use crate::query::{Param, ParamType, ParamValue, Query, bind};
use crate::table::{LakeTable, ResultTable};

/// What was asked for, besides the question.
pub(super) struct Asked<'a> {
    pub(super) snapshot: &'a SnapshotArgs,
    /// The parameters that were given.
    pub(super) given: &'a [(String, String)],
    /// Value of the parameter `period`, where the question has one.
    pub(super) period: Option<&'a ParamValue>,
    /// How long other answers may be looked at.
    pub(super) budget: Duration,
    /// What [`engine_of_origins`] made ready.
    pub(super) origins: &'a DuckDb,
}

/// Answers to a question with other parameters, for a limited time.
struct Others<F> {
    /// Answers with another value of a parameter, or without one.
    answer_with: F,
    timed: Timed,
    budget: Duration,
    /// Whether one was not looked at any more.
    is_cut: Cell<bool>,
}

impl<F: Fn(&str, Option<String>) -> Option<ResultTable>> Others<F> {
    /// Returns an answer; `None` where there is none, and where the time is over. One that was begun is
    /// waited for.
    fn answer(&self, name: &str, value: Option<String>) -> Option<ResultTable> {
        if self.timed.is_over(self.budget) {
            self.is_cut.set(true);
            return None;
        }
        (self.answer_with)(name, value)
    }

    /// Returns the number of rows of an answer that has some.
    fn n_rows(&self, name: &str, value: Option<String>) -> Option<usize> {
        self.answer(name, value).map(|answer| answer.n_rows()).filter(|n_rows| *n_rows > 0)
    }

    /// Says which of the conditions that were given leaves nothing. `None` where the answer is empty without
    /// it, too.
    fn condition_unmet(&self, query: &Query, asked: &Asked<'_>) -> Option<Message> {
        let is_condition = |name: &str| {
            let param = query.head.params.iter().find(|param| param.name == name);
            param.is_none_or(|param| !has_other_subject(param))
        };
        // Why there is nothing of a period is told apart from other conditions.
        let conditions =
            asked.given.iter().filter(|(name, _)| name != PERIOD && is_condition(name));
        conditions.take(MAX_TRIED).find_map(|(name, value)| {
            let answer = self.answer(name, None).filter(|answer| answer.n_rows() > 0)?;
            let is_day = |param: &Param| param.name == *name && param.data_type == ParamType::Date;
            let ends = query.head.params.iter().any(is_day).then(|| period_ends(&answer)).flatten();
            let message = match ends {
                Some((first, last)) => {
                    Message::new("query.condition_unmet_in").with("first", first).with("last", last)
                }
                None => Message::new("query.condition_unmet"),
            };
            let message = message.with("parameter", name).with("value", value);
            Some(message.with("rows", answer.n_rows()))
        })
    }

    /// Says that there are figures of periods of another length only.
    fn frequency_unmet(&self, query: &Query, asked: &Asked<'_>) -> Option<Message> {
        let frequency = query.head.params.iter().find(|param| param.name == FREQUENCY)?;
        let given = asked.given.iter().find(|(name, _)| name == FREQUENCY);
        let current = match given {
            Some((_, value)) => value.clone(),
            None => frequency.default.as_ref()?.to_string(),
        };
        let values = frequency.values.iter().filter(|value| **value != current);
        let with_rows: Vec<&str> = values
            .filter(|value| self.n_rows(FREQUENCY, Some((*value).clone())).is_some())
            .map(String::as_str)
            .collect();
        let other = with_rows.first()?;
        let message = Message::new("query.frequency_unmet").with("frequency", &current);
        Some(message.with("other", other).with_list("others", with_rows))
    }

    /// Says that there was no time to find out; `None` where there was.
    fn unasked(&self) -> Option<Message> {
        self.is_cut.get().then(|| Message::new("query.empty_unasked"))
    }
}

/// The parameter that says how long periods are.
const FREQUENCY: &str = "frequency";

/// Parameters of which each value is another subject.
const SUBJECTS: [&str; 2] = ["kind", "stock"];

/// Periods with figures that are named where the one that was asked for has none.
pub(super) const MAX_PERIODS: usize = 3;
/// Periods that are tried for them: each of them is an answer.
const MAX_TRIED: usize = 8;
/// How long they may be tried, however short the question took.
const LEAST: Duration = Duration::from_secs(5);

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
    let budget = asked.budget.max(LEAST);
    let others = Others { answer_with, timed: Timed::start(), budget, is_cut: Cell::new(false) };
    if let Some(period) = asked.period.filter(|period| !matches!(period, ParamValue::Null(_))) {
        // There may be figures of that period, of another length.
        let unmet = others.frequency_unmet(query, asked);
        if let Some(message) = unmet.or_else(|| others.unasked()) {
            context.ui.warning(&message);
            return Ok(());
        }
        context.ui.warning(&nothing_of_period(session, query, asked, &others, period)?);
        return Ok(());
    }
    let unmet = others.condition_unmet(query, asked);
    if let Some(message) = unmet.or_else(|| others.frequency_unmet(query, asked)) {
        context.ui.warning(&message);
        return Ok(());
    }
    if let Some(message) = others.unasked() {
        context.ui.warning(&message);
    }
    if tell_origin(context, session, query, asked)? {
        return Ok(());
    }
    if is_lister(query) {
        // Nothing is wrong with what is not there.
        let about = subject(query, asked);
        if let Some(lacking) = without_figures(session, asked, about.as_slice())? {
            context.ui.status(&lacking);
        }
        return Ok(());
    }
    let message = unjudged(session, query, asked, None)?;
    context.ui.status(&message.map_or_else(|| nothing_of(session, query, asked), Ok)?);
    Ok(())
}

/// Whether a question lists what is wrong, so that an empty answer is all that there is to tell.
fn is_lister(query: &Query) -> bool {
    query.id.starts_with("quality/")
}

/// Returns the indicator that a question is about, where a parameter of it names one.
fn subject(query: &Query, asked: &Asked<'_>) -> Option<String> {
    let param = query.head.params.iter().find(|param| param.name == INDICATOR)?;
    let given = asked.given.iter().find(|(name, _)| name == INDICATOR);
    given.map(|(_, value)| value.clone()).or_else(|| Some(param.default.as_ref()?.to_string()))
}

/// Questions that set figures of two indicators beside one another, with the view that does: of a day
/// without both they can say nothing, which is not that there is nobody whom they list.
const BESIDE: [(&str, &str, [&str; 2]); 1] = [(
    "integration/connected_without_data",
    "views/integration_with_aggregation",
    ["cases_aggregated", "items_connected"],
)];

/// Returns the view that sets figures of two indicators beside one another for a question, and the two.
fn beside(query: &Query) -> Option<(&'static str, [&'static str; 2])> {
    let found = BESIDE.iter().find(|(id, ..)| *id == query.id);
    found.map(|(_, view, indicators)| (*view, *indicators))
}

/// Says which of two indicators has no figures beside those of the other: of the day that was asked for, else
/// of the latest that has the first. `None` where a day can be judged, where there is nothing of the day, and
/// where a question sets nothing beside.
fn unjudged(
    session: &Session,
    query: &Query,
    asked: &Asked<'_>,
    day: Option<NaiveDate>,
) -> Result<Option<Message>, Failure> {
    let Some((view, indicators)) = beside(query) else { return Ok(None) };
    let statuses = indicators.map(|indicator| format!("{indicator}_status"));
    // In each region the indicators that have a figure on a day.
    let mut told: BTreeMap<(String, String), BTreeSet<&str>> = BTreeMap::new();
    let views = session.catalogue.views();
    let Some(view) = views.iter().find(|it| it.id == view) else { return Ok(None) };
    for row in rows_of(&answer_of(session, asked, view, &[])?)? {
        let place = (text(&row, "region"), text(&row, "period_end"));
        if let (Some(region), Some(end)) = place {
            let found = statuses.iter().filter(|status| text(&row, status).is_some());
            told.entry((region, end)).or_default().extend(found.map(String::as_str));
        }
    }
    let wanted = day.map(|day| day.to_string());
    let is_wanted = |end: &String| wanted.as_ref().is_none_or(|wanted| wanted == end);
    if told.iter().any(|((_, end), found)| is_wanted(end) && found.len() == statuses.len()) {
        return Ok(None);
    }
    let mut days: Vec<(&str, Vec<String>)> = Vec::new();
    for indicator in indicators {
        let rows = rows_of(&figures_of(session, asked, indicator)?)?;
        let of_departments = rows.iter().filter(|row| text(row, "department").is_some());
        days.push((indicator, of_departments.filter_map(|row| text(row, "period_end")).collect()));
    }
    let latest = days.first().and_then(|(_, ends)| ends.iter().max().cloned());
    let Some(end) = wanted.or(latest) else { return Ok(None) };
    let (having, lacking): (Vec<_>, Vec<_>) =
        days.iter().partition(|(_, ends)| ends.contains(&end));
    let (Ok(day), [(lacking, others)], false) = (end.parse(), &lacking[..], having.is_empty())
    else {
        return Ok(None);
    };
    let near: Vec<NaiveDate> =
        nearest_days(others.iter().cloned(), day).into_iter().take(MAX_PERIODS).collect();
    if near.is_empty() {
        return Ok(None);
    }
    let names = session.refdata.indicators();
    let name = names.iter().find(|it| it.indicator == *lacking).map_or(*lacking, |it| &it.name_zh);
    let message = Message::new("query.without_beside").with("period", &end).with_list("near", near);
    Ok(Some(message.with_sentence("indicator", name, lacking)))
}

/// Says that nothing was read of what a question is about, else that no row is what it lists.
fn nothing_of(session: &Session, query: &Query, asked: &Asked<'_>) -> Result<Message, Failure> {
    let catalogue = &session.catalogue;
    let tables = catalogue.tables_for(query);
    let reads = |table: &LakeTable| tables.contains(table.as_str());
    let is_there = |table: &LakeTable| {
        session.snapshot.files.get(table).is_some_and(|files| !files.is_empty())
    };
    if RECORDS.iter().any(reads) && !RECORDS.iter().any(is_there) {
        return Ok(Message::new("query.without_records"));
    }
    let statements: Vec<&str> = catalogue
        .views_for(query)
        .into_iter()
        .chain([query])
        .map(|statement| statement.sql.as_str())
        .collect();
    let about = match (beside(query), subject(query, asked)) {
        (Some((_, indicators)), _) => indicators.map(str::to_owned).to_vec(),
        (None, Some(indicator)) => vec![indicator],
        (None, None) => {
            let indicators = session.refdata.indicators().into_iter().map(|it| it.indicator);
            let is_quoted = |indicator: &String| {
                let quoted = format!("'{indicator}'");
                statements.iter().any(|statement| statement.contains(&quoted))
            };
            indicators.filter(is_quoted).collect()
        }
    };
    let lacking = without_figures(session, asked, &about)?;
    Ok(lacking.unwrap_or_else(|| Message::new("query.none_meets")))
}

/// Says of which of some indicators there is no figure; `None` where there are figures of all.
fn without_figures(
    session: &Session,
    asked: &Asked<'_>,
    indicators: &[String],
) -> Result<Option<Message>, Failure> {
    let mut missing: BTreeMap<String, String> = BTreeMap::new();
    for indicator in session.refdata.indicators() {
        let is_asked = indicators.contains(&indicator.indicator);
        if is_asked && !has_figures(session, asked, &indicator.indicator)? {
            missing.insert(indicator.indicator, indicator.name_zh);
        }
    }
    if missing.is_empty() {
        return Ok(None);
    }
    let zh: Vec<&str> = missing.values().map(String::as_str).collect();
    let en: Vec<&str> = missing.keys().map(String::as_str).collect();
    let [zh, en] = [joined(&zh, Lang::Zh), joined(&en, Lang::En)];
    Ok(Some(Message::new("query.without_indicators").with_sentence("indicators", &zh, &en)))
}

/// Tables of records, and of what was returned of them.
const RECORDS: [LakeTable; 4] =
    [LakeTable::Cases, LakeTable::Evaluations, LakeTable::Returned, LakeTable::RecordCounts];

/// Whether there is any figure of an indicator that counts on the day that was asked for.
fn has_figures(session: &Session, asked: &Asked<'_>, indicator: &str) -> Result<bool, Failure> {
    Ok(figures_of(session, asked, indicator)?.n_rows() > 0)
}

/// Returns the figures of an indicator that count on the day that was asked for.
fn figures_of(
    session: &Session,
    asked: &Asked<'_>,
    indicator: &str,
) -> Result<ResultTable, Failure> {
    let query = session.catalogue.get(FIGURES)?;
    answer_of(session, asked, query, &[(INDICATOR.to_owned(), indicator.to_owned())])
}

/// Returns the answer to another question, of the whole lake.
fn answer_of(
    session: &Session,
    asked: &Asked<'_>,
    query: &Query,
    given: &[(String, String)],
) -> Result<ResultTable, Failure> {
    let tables = session.tables_for(&[query], asked.snapshot)?;
    let engine = DuckDb::open(&tables, &session.default_limits())?;
    Ok(engine.run(query, &bind(query, given)?)?)
}

/// Answers with the figures of an indicator.
const FIGURES: &str = "trend/figures";
/// The parameter that names an indicator.
const INDICATOR: &str = "indicator";

/// Says why there is nothing of the period that was asked for: no figure is of it, or none of those that
/// are fits.
fn nothing_of_period<F: Fn(&str, Option<String>) -> Option<ResultTable>>(
    session: &Session,
    query: &Query,
    asked: &Asked<'_>,
    others: &Others<F>,
    period: &ParamValue,
) -> Result<Message, Failure> {
    let latest =
        || others.answer(PERIOD, None).and_then(|answer| period_ends(&answer)).map(|(_, day)| day);
    let ParamValue::Date(day) = period else { return Ok(period_unknown(period, &[], latest())) };
    if let Some(message) = unjudged(session, query, asked, Some(*day))? {
        return Ok(message);
    }
    let has_figures = has_figures_of(session, asked, *day)?;
    // Another condition may be what leaves nothing of it.
    let unmet = if has_figures { others.condition_unmet(query, asked) } else { None };
    if let Some(message) = unmet {
        return Ok(message);
    }
    let days = near_periods(session, asked.origins, *day)?.into_iter().filter(|it| it != day);
    let has_rows = |day: &NaiveDate| others.n_rows(PERIOD, Some(day.to_string())).is_some();
    let near: Vec<NaiveDate> = days.take(MAX_TRIED).filter(has_rows).take(MAX_PERIODS).collect();
    if has_figures {
        return Ok(period_unfit(*day, &near));
    }
    Ok(period_unknown(period, &near, latest()))
}

/// Whether the answer without a parameter is about something else: its default names that.
fn has_other_subject(param: &Param) -> bool {
    let is_any = param.values.is_empty() || SUBJECTS.contains(&param.name.as_str());
    matches!(param.default, Some(ParamValue::Text(_))) && is_any
}

/// Says that no figure is of the origin that was asked for, and whose there are; returns whether it did.
fn tell_origin(
    context: &Context,
    session: &Session,
    query: &Query,
    asked: &Asked<'_>,
) -> Result<bool, Failure> {
    if session.snapshot.batches.is_empty() || !session.is_of_one_origin(query) {
        return Ok(false);
    }
    let rows = origins(session, asked.origins, None)?;
    let origins: BTreeSet<String> = rows.iter().filter_map(|row| text(row, "origin")).collect();
    let wanted = session.figures.origin;
    if origins.contains(wanted.as_str()) {
        return Ok(false);
    }
    let message = if wanted == ShownOrigin::Published {
        Message::new("query.nothing_published").with("count", session.snapshot.batches.len())
    } else {
        Message::new("query.nothing_of_origin").with("origin", wanted).with_list("known", origins)
    };
    context.ui.status(&message);
    Ok(true)
}

/// Returns why there are no rows, whatever was asked for: nothing was read yet, or nothing was published
/// by that day. `None` where it is neither.
fn reason(session: &Session, asked: &Asked<'_>) -> Option<Message> {
    if session.snapshot.batches.is_empty() {
        return Some(match asked.snapshot.snapshot {
            Some(number) => Message::new("query.snapshot_empty").with("snapshot", number),
            None => Message::new("query.lake_empty"),
        });
    }
    before_all(session, asked.snapshot)
}

/// Says that nothing was published by the day that was asked for; `None` where something was.
pub(super) fn before_all(session: &Session, asked: &SnapshotArgs) -> Option<Message> {
    let first = session.snapshot.batches.iter().map(known_on).min()?;
    let day = asked.as_of.filter(|day| *day < first)?;
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

/// Says that there are figures of a period, but none that the question lists, and of which it lists some.
fn period_unfit(period: NaiveDate, near: &[NaiveDate]) -> Message {
    let message = if near.is_empty() {
        Message::new("query.period_unfit")
    } else {
        Message::new("query.period_unfit_near").with_list("near", near)
    };
    message.with("period", period)
}

/// Whether a document that counts on the day that was asked for has figures of the session's origin whose
/// period ends on `day`.
fn has_figures_of(session: &Session, asked: &Asked<'_>, day: NaiveDate) -> Result<bool, Failure> {
    let rows = origins(session, asked.origins, Some(day))?;
    let wanted = session.figures.origin.as_str();
    let is_known = |row: &Row| {
        let batch = text(row, "batch").unwrap_or_default();
        let mut batches = session.snapshot.batches.iter();
        let found = batches.find(|it| it.batch.as_str() == batch);
        asked.snapshot.as_of.is_none_or(|as_of| found.is_some_and(|it| known_on(it) <= as_of))
    };
    let has_some =
        rows.iter().any(|row| text(row, "origin").as_deref() == Some(wanted) && is_known(row));
    Ok(has_some)
}

/// Returns the days on which periods of figures of the session's origin end, the nearest to a day first.
fn near_periods(
    session: &Session,
    engine: &DuckDb,
    day: NaiveDate,
) -> Result<Vec<NaiveDate>, Failure> {
    let rows = origins(session, engine, None)?;
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

/// Returns the first and the last day in the column `period_end`; `None` without such a column or a day in
/// it.
fn period_ends(answer: &ResultTable) -> Option<(NaiveDate, NaiveDate)> {
    let columns = answer
        .batches
        .iter()
        .filter_map(|batch| batch.column_by_name("period_end")?.as_primitive_opt::<Date32Type>());
    let days: BTreeSet<i32> = columns.flat_map(|column| column.iter().flatten()).collect();
    let day = |number: &i32| Date32Type::to_naive_date_opt(*number);
    Some((days.first().and_then(day)?, days.last().and_then(day)?))
}

/// Has an engine that gave an empty answer say whose figures the documents have; returns another one for
/// that where there is none, or it cannot.
pub(super) fn engine_of_origins(
    session: &Session,
    args: &SnapshotArgs,
    engine: Option<&mut DuckDb>,
) -> Result<Option<DuckDb>, Failure> {
    let tables = session.tables_for(&[session.catalogue.get(ORIGINS)?], args)?;
    let is_able = match engine {
        Some(engine) => engine.add(&tables)?,
        None => false,
    };
    if is_able { Ok(None) } else { Ok(Some(DuckDb::open(&tables, &session.default_limits())?)) }
}

/// Answers with who states the figures of every document.
const ORIGINS: &str = "quality/origins";

/// Returns the documents with their origins, of one period where a day is given. The figures say whose they
/// are themselves: what made them count, a number, an option or a layout, need not be there any more.
fn origins(
    session: &Session,
    engine: &DuckDb,
    period: Option<NaiveDate>,
) -> Result<Vec<Row>, Failure> {
    let origins = session.catalogue.get(ORIGINS)?;
    let given: Vec<_> =
        period.map(|day| (PERIOD.to_owned(), day.to_string())).into_iter().collect();
    rows_of(&engine.run(origins, &bind(origins, &given)?)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::Catalogue;

    #[test]
    fn nothing_is_asked_once_the_time_is_over() {
        let n_asked = Cell::new(0);
        let answer_with = |_: &str, _: Option<String>| -> Option<ResultTable> {
            n_asked.set(n_asked.get() + 1);
            None
        };
        for (budget, n_expected) in [(Duration::ZERO, 0), (Duration::from_hours(1), 1)] {
            let is_cut = Cell::new(false);
            let others = Others { answer_with, timed: Timed::start(), budget, is_cut };
            assert!(others.answer(PERIOD, None).is_none());
            assert_eq!(n_asked.replace(0), n_expected);
            assert_eq!(others.unasked().is_none(), n_expected == 1);
        }
    }

    #[test]
    fn a_default_that_is_another_subject_is_no_missing_condition() {
        let catalogue = Catalogue::builtin();
        let others = |query: &str| -> Vec<String> {
            let params = catalogue.get(query).unwrap().head.params.iter();
            params.filter(|param| has_other_subject(param)).map(|it| it.name.clone()).collect()
        };
        assert_eq!(others("aggregation/contribution"), ["indicator"]);
        assert_eq!(others("aggregation/monthly"), ["kind"]);
        assert_eq!(others("integration/stock_reconciliation"), ["stock"]);
        assert!(others("quality/findings").is_empty());
    }
}
