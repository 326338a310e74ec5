//! `tongban query`: named questions, listed, described, answered, cross-checked.

use std::collections::BTreeMap;
use std::time::Duration;

use arrow::array::{AsArray, RecordBatch};

use crate::analysis::{CORE_QUERIES, CrossCheck, cross_check, has_twin, run_twin};
use crate::cli::about;
use crate::cli::args::QueryArgs;
use crate::cli::comparable;
use crate::cli::context::Context;
use crate::cli::empty::{self, Asked};
use crate::cli::failure::{Failure, FailureKind};
use crate::cli::mixing::{self, Timed};
use crate::cli::names::with_ids;
use crate::cli::session::{Session, deliver_about, format_of, rendered};
use crate::cli::ui::print;
use crate::cli::wholes::with_names;
use crate::cli::workspace::Workspace;
use crate::diag::{Lang, Message};
use crate::engine::{AskedPeriods, DuckDb, EngineKind, Polars, StartingDuckDb, Tables};
use crate::model::{Departments, ShownOrigin};
use crate::output::Format;
use crate::query::{Catalogue, ParamValue, Query, QueryOrigin, bind};
use crate::table::ResultTable;

pub(super) fn run(context: &Context, args: &QueryArgs) -> Result<(), Failure> {
    if args.all {
        return all(context, args);
    }
    let Some(name) = &args.name else {
        // What only an answer can have must not be passed over in silence.
        let is_asked = args.output.is_given() || !args.params.is_empty() || args.cross_check;
        if is_asked {
            return Err(Failure::usage(Message::new("query.name_missing")));
        }
        return list(context);
    };
    if args.describe {
        let catalogue = catalogue(context)?;
        return describe(context, catalogue.get(name)?);
    }
    let starting = Starting::of(args);
    let session = Session::open(context, &args.snapshot, args.figures.by())?;
    let query = session.catalogue.get(name)?;
    if args.snapshot.as_of.is_some() && !follows_as_of(&session, query) {
        return Err(Failure::usage(Message::new("query.as_of_ignored").with("query", &query.id)));
    }
    if !follows_origin(&session, query, args) {
        return Err(Failure::usage(Message::new("query.origin_ignored").with("query", &query.id)));
    }
    let given = with_ids(&session.refdata, query, &args.params)?;
    let params = bind(query, &given)?;
    let queries = comparable::with_account(&session, vec![query])?;
    let mut tables = session.tables_for(&queries, &args.snapshot)?;
    tables.periods =
        asked_periods((&session.catalogue, session.figures.departments), query, &params);
    let mut engines = starting.open(&session, &tables, args)?;
    engines.tell(context, &session, &queries)?;
    let timed = Timed::start();
    let answer = if args.cross_check {
        let (answer, outcome) = engines.checked(query, &params)?;
        tell_outcome(context, query, &outcome);
        if matches!(outcome, CrossCheck::Different(_)) {
            return Err(Failure::told(FailureKind::Findings));
        }
        answer
    } else {
        engines.answer(query, &params)?
    };
    let budget = timed.budget();
    let n_rows = answer.n_rows();
    let table = shown(query, answer.clone(), context.lang(), args)?;
    let is_made_up = session.snapshot.is_synthetic && n_rows > 0;
    let about = about_answer(context, query, (&answer, &table), is_made_up, args)?;
    deliver_about(context, &table, &about, &args.output)?;
    // What is built in is held to its figures by tests.
    if let (QueryOrigin::Workspace, Some(duckdb)) = (query.origin, &engines.duckdb) {
        mixing::tell(context, &duckdb.check_sums_in(query, &params, budget));
    }
    if n_rows == 0 {
        engines.widen(&session, tables, args)?;
        tell_empty(context, &session, &mut engines, (query, &given), (budget, args))?;
    }
    engines.leave();
    Ok(())
}

/// Says why there is no row, with engines that see all periods.
fn tell_empty(
    context: &Context,
    session: &Session,
    engines: &mut Engines<'_>,
    (query, given): (&Query, &[(String, String)]),
    (budget, args): (Duration, &QueryArgs),
) -> Result<(), Failure> {
    let other = empty::engine_of_origins(session, &args.snapshot, engines.duckdb.as_mut())?;
    let params = bind(query, given)?;
    let asked = Asked {
        snapshot: &args.snapshot,
        given,
        period: params.get(PERIOD),
        budget,
        origins: other.as_ref().or(engines.duckdb.as_ref()).expect("one of the two is there"),
    };
    let answer_with = |name: &str, value: Option<String>| {
        let others = given.iter().filter(|(other, _)| other != name).cloned();
        let given: Vec<_> = others.chain(value.map(|it| (name.to_owned(), it))).collect();
        engines.answer(query, &bind(query, &given).ok()?).ok()
    };
    empty::tell(context, session, query, &asked, answer_with)
}

/// Returns which periods the answer of a question needs figures of, as its head says; `None` where it may
/// need all. What a workspace adds or replaces may read more than heads say, and a succession brings figures
/// of other regions in.
fn asked_periods(
    (catalogue, departments): (&Catalogue, Departments),
    query: &Query,
    params: &BTreeMap<String, ParamValue>,
) -> Option<AskedPeriods> {
    if departments != Departments::AsReported || !is_as_shipped(catalogue, query) {
        return None;
    }
    let period = query.head.params.iter().find(|param| !param.latest_of.is_empty())?;
    match params.get(&period.name)? {
        ParamValue::Date(day) => Some(AskedPeriods::Ending(*day)),
        ParamValue::Null(_) => Some(AskedPeriods::LatestOf(period.latest_of.clone())),
        _ => None,
    }
}

/// Returns the lines below a table: what the answer is about, and that made-up data is in it, which is told
/// beside formats that programs read.
fn about_answer(
    context: &Context,
    query: &Query,
    (answer, shown): (&ResultTable, &ResultTable),
    is_made_up: bool,
    args: &QueryArgs,
) -> Result<String, Failure> {
    let mut lines = about::lines(query, answer, shown, context.lang());
    if is_made_up {
        let message = Message::new("about.synthetic");
        if format_of(&args.output)? == Format::Table {
            lines.push_str(&(message.text(context.lang()) + "\n"));
        } else {
            context.ui.status(&message);
        }
    }
    Ok(lines)
}

/// Whether a question lists targets and there is no figure for any of them, so that its rows say nothing.
fn is_without_figures(query: &Query, answer: &ResultTable) -> bool {
    let is_of_targets = query.origin == QueryOrigin::Builtin && query.id.starts_with(TARGETS);
    let has_none = |batch: &RecordBatch| {
        let causes = batch.column_by_name("cause").and_then(|causes| causes.as_string_opt::<i32>());
        causes.is_some_and(|causes| causes.iter().all(|cause| cause == Some(NO_FIGURE)))
    };
    is_of_targets && answer.batches.iter().all(has_none)
}

/// What the cause of a target says that has no figure.
const NO_FIGURE: &str = "no_figure";

/// What ids of questions about targets begin with.
const TARGETS: &str = "targets/";

/// The parameter that names the last day of a period.
pub(super) const PERIOD: &str = "period";

/// The table of one row with the day that was asked for.
const SESSION: &str = "session";

/// Tells whether the answer of a question depends on `--as-of`: it, or a view that it reads, looks at
/// the day that was asked for.
pub(super) fn follows_as_of(session: &Session, query: &Query) -> bool {
    session.catalogue.tables_for(query).contains(SESSION)
}

/// Tells whether the answer of a question depends on `--origin`, where other figures than the published
/// ones are asked for.
fn follows_origin(session: &Session, query: &Query, args: &QueryArgs) -> bool {
    args.figures.origin == ShownOrigin::default() || session.is_of_one_origin(query)
}

/// The engines that a command needs, DuckDB while it starts.
struct Starting {
    duckdb: Option<StartingDuckDb>,
    is_polars_needed: bool,
    answering: EngineKind,
}

/// The engines that a command needs, over the same tables.
struct Engines<'a> {
    catalogue: &'a Catalogue,
    duckdb: Option<DuckDb>,
    polars: Option<Polars>,
    answering: EngineKind,
}

impl Starting {
    fn of(args: &QueryArgs) -> Self {
        let is_needed = |kind| args.cross_check || args.engine == kind;
        // DuckDB tells what was made comparable, whichever engine answers.
        let is_told = args.figures.departments.departments == Departments::Comparable;
        Self {
            duckdb: (is_needed(EngineKind::DuckDb) || is_told).then(DuckDb::start),
            is_polars_needed: is_needed(EngineKind::Polars),
            answering: if args.cross_check { EngineKind::DuckDb } else { args.engine },
        }
    }

    fn open<'a>(
        self,
        session: &'a Session,
        tables: &Tables,
        args: &QueryArgs,
    ) -> Result<Engines<'a>, Failure> {
        let limits = &session.limits(&args.engine_limits);
        let duckdb = self.duckdb.map(|starting| starting.open(tables, limits)).transpose()?;
        let polars = if self.is_polars_needed { Some(Polars::open(tables)?) } else { None };
        let catalogue = &session.catalogue;
        Ok(Engines { catalogue, duckdb, polars, answering: self.answering })
    }
}

impl Engines<'_> {
    /// Says what was made comparable, where that was asked for and `queries` account for it.
    fn tell(
        &self,
        context: &Context,
        session: &Session,
        queries: &[&Query],
    ) -> Result<(), Failure> {
        match &self.duckdb {
            Some(duckdb) if comparable::is_accounted(session, queries) => {
                comparable::tell(context, session, duckdb)
            }
            _ => Ok(()),
        }
    }

    /// Has DuckDB see all periods, where it was opened for some of them.
    fn widen(
        &mut self,
        session: &Session,
        tables: Tables,
        args: &QueryArgs,
    ) -> Result<(), Failure> {
        if self.duckdb.as_ref().is_some_and(DuckDb::is_narrowed) {
            let limits = session.limits(&args.engine_limits);
            self.duckdb = Some(DuckDb::open(&Tables { periods: None, ..tables }, &limits)?);
        }
        Ok(())
    }

    /// Leaves DuckDB to the end of the process.
    fn leave(self) {
        if let Some(duckdb) = self.duckdb {
            duckdb.leave();
        }
    }

    fn is_polars_able(&self, query: &Query) -> bool {
        is_answered_by_polars(self.catalogue, query)
    }

    /// Answers a query on DuckDB, or by its twin where only Polars was asked for.
    fn answer(
        &self,
        query: &Query,
        params: &BTreeMap<String, ParamValue>,
    ) -> Result<ResultTable, Failure> {
        match (self.answering, &self.duckdb, &self.polars) {
            (EngineKind::DuckDb, Some(duckdb), _) => Ok(duckdb.run(query, params)?),
            (EngineKind::Polars, _, Some(polars)) if self.is_polars_able(query) => {
                Ok(run_twin(polars, &query.id, params)?)
            }
            _ => Err(Failure::user(Message::new("query.no_twin").with("query", &query.id))),
        }
    }

    /// Answers a query on both engines and compares.
    fn checked(
        &self,
        query: &Query,
        params: &BTreeMap<String, ParamValue>,
    ) -> Result<(ResultTable, CrossCheck), Failure> {
        let answer = self.answer(query, params)?;
        let Some(polars) = self.polars.as_ref().filter(|_| self.is_polars_able(query)) else {
            return Ok((answer, CrossCheck::NoTwin));
        };
        let outcome = cross_check(&answer, &run_twin(polars, &query.id, params)?)?;
        Ok((answer, outcome))
    }
}

/// Whether a question and the views that it reads are those that come with the program. A twin knows of
/// no others.
fn is_as_shipped(catalogue: &Catalogue, query: &Query) -> bool {
    let is_ours = |query: &Query| query.origin == QueryOrigin::Builtin;
    is_ours(query) && catalogue.views_for(query).into_iter().all(is_ours)
}

/// Whether Polars can answer a question.
fn is_answered_by_polars(catalogue: &Catalogue, query: &Query) -> bool {
    has_twin(&query.id) && is_as_shipped(catalogue, query)
}

/// How many questions came to what, and which core ones were not checked.
#[derive(Default)]
struct Checks<'a> {
    n_equal: usize,
    n_different: usize,
    n_unchecked: usize,
    missed: Vec<&'a str>,
}

impl<'a> Checks<'a> {
    fn count(&mut self, catalogue: &Catalogue, query: &'a Query, outcome: &CrossCheck) {
        match outcome {
            CrossCheck::Equal => self.n_equal += 1,
            CrossCheck::Different(_) => self.n_different += 1,
            CrossCheck::NoTwin => {
                self.n_unchecked += 1;
                // What a workspace put in the place of a core question is its own affair.
                let is_core = CORE_QUERIES.contains(&query.id.as_str());
                if is_core && is_as_shipped(catalogue, query) {
                    self.missed.push(&query.id);
                }
            }
        }
    }

    /// Tells the counts, and fails where engines differ or a core question was not checked.
    fn tell(&self, context: &Context) -> Result<(), Failure> {
        let counts = Message::new("check.counts")
            .with("checked", self.n_equal)
            .with("unchecked", self.n_unchecked)
            .with("different", self.n_different);
        context.ui.status(&counts);
        if !self.missed.is_empty() {
            let message = Message::new("check.core_unchecked").with_list("queries", &self.missed);
            return Err(Failure::internal(message));
        }
        if self.n_different > 0 { Err(Failure::told(FailureKind::Findings)) } else { Ok(()) }
    }
}

fn tell_outcome(context: &Context, query: &Query, outcome: &CrossCheck) {
    match outcome {
        CrossCheck::Equal => {
            context.ui.status(&Message::new("check.equal").with("query", &query.id));
        }
        CrossCheck::NoTwin => {
            context.ui.warning(&Message::new("check.no_twin").with("query", &query.id));
        }
        CrossCheck::Different(cells) => {
            let mut failure =
                Failure::user(Message::new("check.different").with("query", &query.id));
            failure.details.clone_from(cells);
            context.ui.failure(&failure);
        }
    }
}

/// Answers every query that needs no parameter, each under its title.
fn all(context: &Context, args: &QueryArgs) -> Result<(), Failure> {
    let starting = Starting::of(args);
    let session = Session::open(context, &args.snapshot, args.figures.by())?;
    let format = format_of(&args.output)?;
    if args.output.file().is_some() || !matches!(format, Format::Table | Format::Markdown) {
        return Err(Failure::usage(Message::new("query.all_format")));
    }
    let needs_nothing = |query: &&Query| bind(query, &[]).is_ok();
    let queries = session.catalogue.queries().filter(needs_nothing);
    let (queries, left_out): (Vec<&Query>, Vec<&Query>) =
        queries.partition(|query| args.snapshot.as_of.is_none() || follows_as_of(&session, query));
    tell_left_out(context, "query.as_of_left_out", &left_out);
    let (queries, left_out): (Vec<&Query>, Vec<&Query>) =
        queries.into_iter().partition(|query| follows_origin(&session, query, args));
    tell_left_out(context, "query.origin_left_out", &left_out);
    let read = comparable::with_account(&session, queries.clone())?;
    let tables = session.tables_for(&read, &args.snapshot)?;
    let engines = starting.open(&session, &tables, args)?;
    engines.tell(context, &session, &read)?;
    let mut checks = Checks::default();
    for query in queries {
        let params = bind(query, &[])?;
        let table = if args.cross_check {
            let (table, outcome) = engines.checked(query, &params)?;
            checks.count(&session.catalogue, query, &outcome);
            if matches!(outcome, CrossCheck::Different(_)) {
                tell_outcome(context, query, &outcome);
            }
            table
        } else if args.engine == EngineKind::Polars && !engines.is_polars_able(query) {
            continue;
        } else {
            engines.answer(query, &params)?
        };
        let answer = table.clone();
        let table = shown(query, table, context.lang(), args)?;
        let about = about::lines(query, &answer, &table, context.lang());
        let width = crate::cli::context::terminal_width();
        let bytes = rendered(&table, format, context.lang(), width)?;
        let text = String::from_utf8_lossy(&bytes);
        let title = query.summary(context.lang());
        print(&format!("## {} · {title}\n\n{text}{about}\n", query.id))?;
    }
    engines.leave();
    if args.cross_check { checks.tell(context) } else { Ok(()) }
}

/// Names the queries that an option keeps from being answered.
fn tell_left_out(context: &Context, code: &'static str, left_out: &[&Query]) {
    if left_out.is_empty() {
        return;
    }
    let ids = left_out.iter().map(|query| &query.id);
    context.ui.warning(&Message::new(code).with_list("queries", ids));
}

/// Returns what people see: on a terminal the main columns, in the language asked for, and no targets where
/// nothing is known of any.
fn shown(
    query: &Query,
    table: ResultTable,
    lang: Lang,
    args: &QueryArgs,
) -> Result<ResultTable, Failure> {
    if format_of(&args.output)? != Format::Table {
        return Ok(table);
    }
    if args.wide {
        return Ok(with_names(query, table, lang));
    }
    let n_rows = if is_without_figures(query, &table) { 0 } else { table.n_rows() };
    Ok(main_columns(query, table.first_rows(n_rows), lang))
}

/// Returns the columns that the query's head names for the terminal; all when it names none.
pub(super) fn main_columns(query: &Query, table: ResultTable, lang: Lang) -> ResultTable {
    let table = with_names(query, table, lang);
    if query.head.show.is_empty() {
        return table;
    }
    let columns: Vec<String> =
        query.head.show.iter().map(|name| name.replace("{lang}", lang.as_str())).collect();
    table.select(&columns)
}

/// The queries of the workspace, or the built-in ones outside of any.
fn catalogue(context: &Context) -> Result<Catalogue, Failure> {
    match Workspace::find(context) {
        Ok(workspace) => workspace.queries(),
        Err(failure) if context.workspace.is_some() => Err(failure),
        Err(_) => Ok(Catalogue::builtin()),
    }
}

fn list(context: &Context) -> Result<(), Failure> {
    let catalogue = catalogue(context)?;
    let width = catalogue.queries().map(|query| query.id.len()).max().unwrap_or(0);
    for query in catalogue.queries() {
        let twin = if is_answered_by_polars(&catalogue, query) { " [duckdb, polars]" } else { "" };
        let summary = query.summary(context.lang());
        print(&format!("{:width$}  {summary}{twin}\n", query.id))?;
    }
    context.ui.status(&Message::new("query.list_next"));
    Ok(())
}

fn describe(context: &Context, query: &Query) -> Result<(), Failure> {
    let lang = context.lang();
    let mut text = format!("{}\n{}\n", query.id, query.summary(lang));
    let heading = |code| format!("\n{}\n", Message::new(code).text(lang));
    if !query.head.params.is_empty() {
        text.push_str(&heading("query.params"));
        for param in &query.head.params {
            let optional = if param.is_optional { "?" } else { "" };
            let help = param.help(lang);
            let default = param.default.as_ref().map_or_else(String::new, |value| {
                Message::new("query.default").with("value", value).text(lang)
            });
            let latest = match param.latest_of.as_slice() {
                [] => String::new(),
                indicators => {
                    Message::new("query.latest_of").with_list("indicators", indicators).text(lang)
                }
            };
            text.push_str(&format!(
                "  {:24} {}{optional:6} {help}{default}{latest}\n",
                param.name, param.data_type
            ));
        }
    }
    text.push_str(&heading("query.columns"));
    for column in &query.head.returns {
        let optional = if column.is_nullable { "?" } else { "" };
        let title = crate::diag::column_title(&column.name, lang);
        let title = if title == column.name { String::new() } else { title };
        let words = [title.as_str(), column.meaning(lang)].into_iter();
        let words: Vec<&str> = words.filter(|words| !words.is_empty()).collect();
        let kind = format!("{}{optional}", column.data_type);
        let line = format!("  {:32} {kind:8} {}", column.name, words.join("  "));
        text.push_str(&format!("{}\n", line.trim_end()));
    }
    text.push_str(&heading("query.reads"));
    text.push_str(&format!("  {}\n", query.head.reads.join(", ")));
    print(&text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_core_question_that_was_not_checked_is_missed() {
        let catalogue = Catalogue::builtin();
        let core = catalogue.get(CORE_QUERIES[0]).unwrap();
        let other = catalogue.get("quality/findings").unwrap();
        let mut checks = Checks::default();
        checks.count(&catalogue, core, &CrossCheck::Equal);
        checks.count(&catalogue, other, &CrossCheck::NoTwin);
        assert!(checks.missed.is_empty() && checks.n_unchecked == 1);
        checks.count(&catalogue, core, &CrossCheck::NoTwin);
        assert_eq!(checks.missed, [CORE_QUERIES[0]]);
    }

    #[test]
    fn only_what_was_shipped_says_which_periods_it_needs() {
        let builtin = Catalogue::builtin();
        let asked = |catalogue: &Catalogue, departments, id: &str, given: &[(&str, &str)]| {
            let query = catalogue.get(id).unwrap();
            let given: Vec<_> =
                given.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
            asked_periods((catalogue, departments), query, &bind(query, &given).unwrap())
        };
        let (reported, id) = (Departments::AsReported, "aggregation/by_department");
        let latest = ["cases_aggregated", "evaluations_aggregated"].map(str::to_owned).to_vec();
        assert_eq!(asked(&builtin, reported, id, &[]), Some(AskedPeriods::LatestOf(latest)));
        let day = chrono::NaiveDate::from_ymd_opt(2021, 9, 30).unwrap();
        let given = [("period", "2021-09-30")];
        assert_eq!(asked(&builtin, reported, id, &given), Some(AskedPeriods::Ending(day)));
        assert_eq!(asked(&builtin, Departments::Comparable, id, &given), None);
        // It looks for the items of another day.
        assert_eq!(asked(&builtin, reported, "aggregation/zero_causes", &given), None);
        for own in [id, "views/cells_by_period"] {
            let views = builtin.views();
            let shipped = views.into_iter().chain(builtin.queries()).find(|query| query.id == own);
            let own = vec![(own.to_owned(), shipped.unwrap().sql.clone())];
            let catalogue = builtin.clone().with_workspace(own).unwrap();
            assert_eq!(asked(&catalogue, reported, id, &given), None);
        }
    }

    #[test]
    fn what_a_workspace_put_in_the_place_of_a_question_or_view_has_no_twin() {
        let builtin = Catalogue::builtin();
        let core = builtin.get("aggregation/by_department").unwrap();
        assert!(is_answered_by_polars(&builtin, core));
        for id in ["aggregation/by_department", "views/observations_latest"] {
            let views = builtin.views();
            let shipped = views.into_iter().chain(builtin.queries()).find(|query| query.id == id);
            let own = vec![(id.to_owned(), shipped.unwrap().sql.clone())];
            let catalogue = builtin.clone().with_workspace(own).unwrap();
            let query = catalogue.get(&core.id).unwrap();
            assert!(!is_answered_by_polars(&catalogue, query), "{id}");
            let mut checks = Checks::default();
            checks.count(&catalogue, query, &CrossCheck::NoTwin);
            assert!(checks.missed.is_empty(), "{id}");
        }
    }
}
