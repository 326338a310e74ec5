//! `tongban trend`: how an indicator moves, as a first page, charts, series and remarks.

use crate::cli::args::TrendArgs;
use crate::cli::comparable;
use crate::cli::context::Context;
use crate::cli::empty;
use crate::cli::failure::{Failure, FailureKind};
use crate::cli::names::{Named, body_of, id_of};
use crate::cli::session::{Session, deliver, deliver_text, format_of};
use crate::cli::trend_page::Told;
use crate::diag::Message;
use crate::engine::{DuckDb, StartingDuckDb};
use crate::model::{Departments, FiguresBy, ShownOrigin};
use crate::output::Format;
use crate::query::bind;
use crate::refdata::{Indicator, RefData};
use crate::trend::{
    AcrossBreaks, Asked, Bodies, Choice, Figure, Outlook, Trend, TrendError, TrendTable, Wanted,
    figures_of, goals_of, without_ahead,
};

/// Answers with the figures of an indicator.
const FIGURES: &str = "trend/figures";

pub(super) fn run(context: &Context, args: &TrendArgs) -> Result<(), Failure> {
    let format = format_of(&args.output)?;
    check(args, format)?;
    let starting = DuckDb::start();
    let session = Session::open(context, &args.snapshot, args.by())?;
    let indicator = indicator_of(&session, &args.indicator)?;
    let wanted = wanted_of(&session, args)?;
    let figures = figures(context, &session, starting, args, &indicator)?;
    let bodies = Bodies::of(&session.refdata);
    // A figure lies in a lake only where something was committed.
    let written = session.snapshot.snapshots.last().map(|last| last.committed_at.date());
    let (figures, ahead) = match written {
        Some(day) => without_ahead(figures, day),
        None => (figures, None),
    };
    let choice = Choice::of(figures, &wanted, &bodies)?;
    let trend = trend_of(&choice.figures, &indicator, args, &bodies)?
        .with_definitions(&session.refdata.definitions_began(&indicator.indicator));
    let trend = choice.shown_in(trend, &wanted, &indicator, &bodies)?;
    let outlook = outlook_of(&session.refdata, &trend, &indicator, args)?;
    let mut notes = [trend.notes(), choice.notes].concat();
    notes.extend(ahead);
    notes.extend(session.snapshot.is_synthetic.then(|| Message::new("about.synthetic")));
    notes.extend(note_on_shares(&trend, args, &bodies));
    let targets = session.refdata.targets(&indicator.indicator);
    let goals = goals_of(&trend, &choice.figures, &targets, &bodies);
    let (trend, bodies, indicator) = (&trend, &bodies, &indicator);
    let told = Told { context, args, indicator, trend, bodies, outlook, goals, notes };
    match args.table {
        None if format == Format::Table => deliver_text(context, &told.text()?, &args.output),
        table => {
            for note in &told.notes {
                context.ui.status(note);
            }
            deliver(context, &told.table(table.unwrap_or(TrendTable::Page)), &args.output)
        }
    }
}

/// Refuses options that contradict one another, or would be passed over in silence.
fn check(args: &TrendArgs, format: Format) -> Result<(), Failure> {
    if let Some((from, to)) = args.from.zip(args.to).filter(|(from, to)| from > to) {
        let message = Message::new("trend.reversed").with("from", from).with("to", to);
        return Err(Failure::usage(message));
    }
    let has_appendix = args.appendix || args.table == Some(TrendTable::Appendix);
    if args.until.is_some() && !has_appendix {
        return Err(Failure::usage(Message::new("trend.until_without_appendix")));
    }
    if let Some(table) = args.table.filter(|_| args.appendix) {
        let message = Message::new("trend.appendix_with_table").with("table", table);
        return Err(Failure::usage(message));
    }
    if args.appendix && format != Format::Table {
        return Err(Failure::usage(Message::new("trend.appendix_format").with("format", format)));
    }
    Ok(())
}

fn indicator_of(session: &Session, name: &str) -> Result<Indicator, Failure> {
    let id = id_of(&session.refdata, Named::Indicator, name)?;
    let found = session.refdata.indicators().into_iter().find(|known| known.indicator == id);
    // A name that only a label has is not among them.
    found.ok_or_else(|| Failure::user(Message::new("refdata.indicator_unknown").with("name", name)))
}

/// Whose figures are wanted, by ids and codes.
fn wanted_of(session: &Session, args: &TrendArgs) -> Result<Wanted, Failure> {
    let refdata = &session.refdata;
    let region =
        args.region.as_ref().map(|name| id_of(refdata, Named::Region, name)).transpose()?;
    let is_comparable = session.figures.departments == Departments::Comparable;
    let mut wanted = Wanted {
        region,
        breakdown: args.breakdown.clone(),
        successions: is_comparable.then(|| refdata.successions()),
        ..Wanted::default()
    };
    for name in &args.bodies {
        match body_of(refdata, name)? {
            (Named::Region, code) => wanted.regions.push(code),
            (_, id) => wanted.departments.push(id),
        }
    }
    let is_of_one_kind = wanted.departments.is_empty() && wanted.region.is_none();
    if wanted.regions.is_empty() || is_of_one_kind {
        Ok(wanted)
    } else {
        Err(Failure::usage(Message::new("trend.regions_and_departments")))
    }
}

/// Reads the figures of an indicator; where there are none of the origin, says whose there are.
fn figures(
    context: &Context,
    session: &Session,
    starting: StartingDuckDb,
    args: &TrendArgs,
    indicator: &Indicator,
) -> Result<Vec<Figure>, Failure> {
    let query = session.catalogue.get(FIGURES)?;
    let queries = comparable::with_account(session, vec![query])?;
    let params = bind(query, &[("indicator".to_owned(), indicator.indicator.clone())])?;
    let tables = session.tables_for(&queries, &args.snapshot)?;
    let engine = starting.open(&tables, &session.limits(&args.engine_limits))?;
    let figures = figures_of(&engine.run(query, &params)?);
    if !figures.is_empty() {
        comparable::tell(context, session, &engine)?;
        engine.leave();
        return Ok(figures);
    }
    if let Some(message) = empty::before_all(session, &args.snapshot) {
        return Err(Failure::user(message));
    }
    let mut others = Vec::new();
    for origin in ShownOrigin::ALL.iter().filter(|origin| **origin != args.origin) {
        let by = FiguresBy { origin: *origin, ..session.figures };
        let other = Session::open(context, &args.snapshot, by)?;
        let tables = other.tables_for(&[query], &args.snapshot)?;
        let engine = DuckDb::open(&tables, &session.limits(&args.engine_limits))?;
        let count = engine.run(query, &params)?.n_rows();
        if count > 0 {
            others.push(format!("--origin {origin} ({count})"));
        }
    }
    let message = if others.is_empty() {
        Message::new("trend.no_figures")
    } else {
        Message::new("trend.other_origins").with_list("others", others)
    };
    Err(Failure::user(
        message
            .with_sentence("indicator", &indicator.name_zh, &indicator.indicator)
            .with_coded("origin", format!("word.origin.{}", args.origin)),
    ))
}

fn trend_of(
    figures: &[Figure],
    indicator: &Indicator,
    args: &TrendArgs,
    bodies: &Bodies,
) -> Result<Trend, TrendError> {
    let asked = Asked {
        frequency: args.frequency,
        is_cumulative: args.cumulative,
        from: args.from,
        to: args.to,
    };
    let across = if args.across_breaks { AcrossBreaks::Compare } else { AcrossBreaks::Refuse };
    let trend = Trend::of(figures, indicator.kind, asked, across, bodies);
    trend.ok_or_else(|| TrendError::no_period(figures))
}

/// Says which of the periods with a column of shares have none, and why.
fn note_on_shares(trend: &Trend, args: &TrendArgs, bodies: &Bodies) -> Option<Message> {
    let is_alone = trend.shown().count() == 1;
    let from = match args.table {
        None if is_alone => trend.plan.first,
        None | Some(TrendTable::Page) => trend.plan.last,
        Some(TrendTable::Series) => trend.plan.first,
        Some(TrendTable::Remarks | TrendTable::Appendix | TrendTable::Targets) => return None,
    };
    trend.without_shares(from, bodies).map(|found| found.message())
}

/// How far forecasts look: as asked for, else to targets.
fn outlook_of(
    refdata: &RefData,
    trend: &Trend,
    indicator: &Indicator,
    args: &TrendArgs,
) -> Result<Outlook, Failure> {
    match args.until {
        Some(day) => Outlook::until(day, trend.plan.last)
            .map_err(|error| Failure { kind: FailureKind::Usage, ..Failure::from(error) }),
        None => Ok(Outlook::to_targets(refdata.targets(&indicator.indicator))),
    }
}
