//! `tongban trend`: how an indicator moves, as a first page, charts, series and remarks.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use crate::cli::args::TrendArgs;
use crate::cli::comparable;
use crate::cli::context::{Context, terminal_width};
use crate::cli::failure::Failure;
use crate::cli::names::{Named, id_of};
use crate::cli::session::{Session, deliver, deliver_text, format_of};
use crate::diag::{Lang, Message};
use crate::engine::{DuckDb, StartingDuckDb};
use crate::model::{FiguresBy, ShownOrigin};
use crate::output::{Chart, Format, RenderOptions, chart, render, sparkline};
use crate::query::bind;
use crate::refdata::{Indicator, RefData};
use crate::table::ResultTable;
use crate::trend::{
    AcrossBreaks, Asked, Bodies, Body, BodyKind, Figure, Measure, NotCompared, Outlook, Point,
    Series, Slot, Statistic, Takeover, Trend, TrendTable, appendix_table, figures_of, page_table,
    remarks_table, series_table,
};

/// Answers with the figures of an indicator.
const FIGURES: &str = "trend/figures";
/// The region that is shown where none is named and it has figures.
const PROVINCE: &str = "630000";
/// Columns of a chart where there is no terminal, and at most on one.
const CHART_WIDTH: u16 = 80;
/// The last periods of a sparkline.
const COURSE_PERIODS: usize = 24;
/// Periods and remarks that a terminal gets at most.
const SHOWN_PERIODS: usize = 13;
const SHOWN_REMARKS: usize = 12;
/// Columns of the first page and of a series on a terminal.
const PAGE_COLUMNS: [&str; 9] = [
    "department_name",
    "value",
    "change",
    "growth_pct",
    "growth_on_year_pct",
    "share_pct",
    "rank",
    "rank_movement",
    "course",
];
const APPENDIX_COLUMNS: [&str; 8] =
    ["department_name", "statistic", "period", "value", "low", "high", "p_value", "reason"];
const SERIES_COLUMNS: [&str; 7] =
    ["period", "value", "change", "growth_pct", "growth_on_year_pct", "share_pct", "rank"];

pub(super) fn run(context: &Context, args: &TrendArgs) -> Result<(), Failure> {
    let starting = DuckDb::start();
    let session = Session::open(context, &args.snapshot, args.by())?;
    let format = format_of(&args.output)?;
    let indicator = indicator_of(&session, &args.indicator)?;
    let departments: Vec<String> = args
        .departments
        .iter()
        .map(|name| id_of(&session.refdata, Named::Department, name))
        .collect::<Result<_, _>>()?;
    let figures = figures(context, &session, starting, args, &indicator.indicator)?;
    let figures = of_one_table(figures, args)?;
    let bodies = bodies_of(&session.refdata);
    let trend = trend_of(&figures, &indicator, args, &bodies)?;
    let trend = if departments.is_empty() {
        trend
    } else {
        check_departments(&trend, &departments, &indicator)?;
        trend.showing(&departments)
    };
    let outlook = outlook_of(&session.refdata, &trend, &indicator, args);
    let told =
        Told { context, args, indicator: &indicator, trend: &trend, bodies: &bodies, outlook };
    match args.table {
        None if format == Format::Table => deliver_text(context, &told.text()?, &args.output),
        table => deliver(context, &told.table(table.unwrap_or(TrendTable::Page)), &args.output),
    }
}

fn indicator_of(session: &Session, name: &str) -> Result<Indicator, Failure> {
    let id = id_of(&session.refdata, Named::Indicator, name)?;
    let found = session.refdata.indicators().into_iter().find(|known| known.indicator == id);
    // A name that only a label has is not among them.
    found.ok_or_else(|| {
        let message = Message::new("refdata.indicator_unknown").with("name", name);
        Failure::user(message.with("nearest", "—"))
    })
}

/// Reads the figures of an indicator; where there are none of the origin, says whose there are.
fn figures(
    context: &Context,
    session: &Session,
    starting: StartingDuckDb,
    args: &TrendArgs,
    indicator: &str,
) -> Result<Vec<Figure>, Failure> {
    let query = session.catalogue.get(FIGURES)?;
    let queries = comparable::with_account(session, vec![query])?;
    let params = bind(query, &[("indicator".to_owned(), indicator.to_owned())])?;
    let tables = session.tables_for(&queries, &args.snapshot)?;
    let engine = starting.open(&tables, &session.limits(&args.engine_limits))?;
    let figures = figures_of(&engine.run(query, &params)?);
    if !figures.is_empty() {
        comparable::tell(context, session, &engine)?;
        return Ok(figures);
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
        Message::new("trend.other_origins").with("others", others.join(", "))
    };
    Err(Failure::user(
        message
            .with("indicator", indicator)
            .with_coded("origin", format!("word.origin.{}", args.origin)),
    ))
}

/// Keeps the figures of one region and one part: those asked for, else of the province, undivided.
fn of_one_table(figures: Vec<Figure>, args: &TrendArgs) -> Result<Vec<Figure>, Failure> {
    let regions: BTreeSet<&str> =
        figures.iter().map(|figure| figure.subject.region.as_str()).collect();
    if let Some(wanted) = &args.region
        && !regions.contains(wanted.as_str())
    {
        return Err(none_of("trend.region_unknown", wanted, regions));
    }
    let region = match &args.region {
        Some(wanted) => Some(wanted.clone()),
        None => regions.contains(PROVINCE).then(|| PROVINCE.to_owned()),
    };
    let is_of_region =
        |figure: &Figure| region.as_ref().is_none_or(|region| *region == figure.subject.region);
    let figures: Vec<Figure> = figures.into_iter().filter(is_of_region).collect();
    let Some(wanted) = &args.breakdown else { return Ok(figures) };
    let parts: BTreeSet<&str> =
        figures.iter().filter_map(|figure| figure.subject.breakdown.as_deref()).collect();
    if !parts.contains(wanted.as_str()) {
        return Err(none_of("trend.part_unknown", wanted, parts));
    }
    let is_of_part = |figure: &Figure| figure.subject.breakdown.as_ref() == Some(wanted);
    Ok(figures.into_iter().filter(is_of_part).collect())
}

fn none_of(code: &'static str, wanted: &str, known: BTreeSet<&str>) -> Failure {
    let known: Vec<&str> = known.into_iter().collect();
    let known = if known.is_empty() { "—".to_owned() } else { known.join(", ") };
    Failure::user(Message::new(code).with("name", wanted).with("known", known))
}

fn trend_of(
    figures: &[Figure],
    indicator: &Indicator,
    args: &TrendArgs,
    bodies: &Bodies,
) -> Result<Trend, Failure> {
    let asked = Asked {
        frequency: args.frequency,
        is_cumulative: args.cumulative,
        from: args.from,
        to: args.to,
    };
    let across = if args.across_breaks { AcrossBreaks::Compare } else { AcrossBreaks::Refuse };
    Trend::of(figures, indicator.kind, asked, across, bodies).ok_or_else(|| {
        let days: BTreeSet<_> = figures.iter().map(|figure| figure.period.end).collect();
        let message = Message::new("trend.no_period");
        match days.first().zip(days.last()) {
            Some((first, last)) => Failure::user(message.with("first", first).with("last", last)),
            None => Failure::user(message.with("first", "—").with("last", "—")),
        }
    })
}

/// Returns how far forecasts look: as asked for, else to the next day by which a target of the indicator
/// has to be reached.
fn outlook_of(
    refdata: &RefData,
    trend: &Trend,
    indicator: &Indicator,
    args: &TrendArgs,
) -> Outlook {
    let last = trend.plan.last;
    let targets = refdata.tables().filter(|table| table.name == "targets");
    let due = targets
        .flat_map(|table| table.rows().collect::<Vec<_>>())
        .filter(|row| row.text("indicator") == indicator.indicator)
        .filter_map(|row| row.text("valid_to").parse::<NaiveDate>().ok())
        .filter(|day| *day > last.last_day())
        .min();
    Outlook { until: args.until.or(due).map(|day| Slot::of(day, last.frequency())) }
}

/// Refuses departments that have no figure, naming those that have.
fn check_departments(
    trend: &Trend,
    wanted: &[String],
    indicator: &Indicator,
) -> Result<(), Failure> {
    let known: BTreeSet<&str> =
        trend.all.iter().filter_map(|series| series.subject.department.as_deref()).collect();
    let missing = wanted.iter().find(|wanted| !known.contains(wanted.as_str()));
    missing.map_or(Ok(()), |missing| {
        let known: Vec<&str> = known.into_iter().collect();
        let message = Message::new("trend.department_without_figures")
            .with("department", missing)
            .with("indicator", &indicator.indicator)
            .with("known", if known.is_empty() { "—".to_owned() } else { known.join(", ") });
        Err(Failure::user(message))
    })
}

/// What the reference tables say of departments.
fn bodies_of(refdata: &RefData) -> Bodies {
    let mut bodies = Bodies::default();
    for table in refdata.tables() {
        for row in table.rows() {
            if table.name == "departments" {
                let body = Body {
                    name: row.text("name_zh"),
                    kind: BodyKind::parse(&row.text("kind")),
                    official_order: row.text("official_order").parse().ok(),
                };
                bodies.departments.insert(row.text("department"), body);
            }
        }
    }
    let successions = refdata.tables().filter(|table| table.name == "department_succession");
    for row in successions.flat_map(|table| table.rows().collect::<Vec<_>>()) {
        let recorded = row.text("changed_on");
        let Some(on) = Takeover::day_of(&recorded) else { continue };
        let predecessor = row.text("predecessor");
        let name = bodies.departments.get(&predecessor).map(|body| body.name.clone());
        bodies.takeovers.push(Takeover {
            region: row.text("region"),
            department: row.text("successor"),
            predecessor: name.unwrap_or(predecessor),
            on,
            recorded,
        });
    }
    bodies
}

/// A trend on its way to the reader.
struct Told<'a> {
    context: &'a Context,
    args: &'a TrendArgs,
    indicator: &'a Indicator,
    trend: &'a Trend,
    bodies: &'a Bodies,
    outlook: Outlook,
}

impl Told<'_> {
    fn lang(&self) -> Lang {
        self.context.lang()
    }

    fn table(&self, table: TrendTable) -> ResultTable {
        match table {
            TrendTable::Page => page_table(self.trend, self.bodies, self.lang(), |values| {
                sparkline(&values[values.len().saturating_sub(COURSE_PERIODS)..])
            }),
            TrendTable::Series => series_table(self.trend, self.bodies, self.lang()),
            TrendTable::Remarks => remarks_table(self.trend, self.bodies, self.lang()),
            TrendTable::Appendix => {
                appendix_table(self.trend, self.bodies, self.outlook, self.lang())
            }
        }
    }

    /// All of it for the eye.
    fn text(&self) -> Result<String, Failure> {
        let mut text = self.heading();
        let shown: Vec<&Series> = self.trend.shown().map(|(_, series)| series).collect();
        let page = self.table(TrendTable::Page);
        let columns: Vec<String> = PAGE_COLUMNS
            .iter()
            .filter(|name| **name != "growth_on_year_pct" || is_any_known(&page, name))
            .map(|name| (*name).to_owned())
            .collect();
        text.push_str(&self.drawn(&page.select(&columns))?);
        text.push_str(&self.not_compared(&shown));
        if let [series] = shown.as_slice() {
            text.push_str(&self.course(series)?);
        }
        text.push_str(&self.remarks(&shown));
        if self.args.appendix {
            text.push_str(&self.appendix()?);
        }
        Ok(text)
    }

    /// The statistics, and below them how each is computed.
    fn appendix(&self) -> Result<String, Failure> {
        let table = self.table(TrendTable::Appendix);
        let is_single = self.trend.shown().count() == 1;
        let columns: Vec<String> = APPENDIX_COLUMNS
            .iter()
            .filter(|name| !is_single || **name != "department_name")
            .map(|name| (*name).to_owned())
            .collect();
        let heading = Message::new("trend.appendix").text(self.lang());
        let mut text = format!("\n{heading}\n\n{}\n", self.drawn(&table.select(&columns))?);
        for method in Statistic::ALL {
            text.push_str(&format!("  {}\n", method.method().text(self.lang())));
        }
        Ok(text)
    }

    fn drawn(&self, table: &ResultTable) -> Result<String, Failure> {
        let mut bytes = Vec::new();
        let options = RenderOptions { lang: self.lang(), width: self.width() };
        render(table, Format::Table, options, &mut bytes)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    fn width(&self) -> Option<u16> {
        if self.args.output.file().is_some() { None } else { terminal_width() }
    }

    fn heading(&self) -> String {
        let (trend, lang) = (self.trend, self.lang());
        let plan = trend.plan;
        let name =
            if lang == Lang::Zh { &self.indicator.name_zh } else { &self.indicator.indicator };
        let title = Message::new("trend.title")
            .with("name", name)
            .with("unit", &self.indicator.unit)
            .with_coded("measure", measure_code(plan.measure))
            .with_coded("origin", format!("word.origin.{}", self.args.origin));
        let periods = Message::new("trend.periods")
            .with("first", plan.first)
            .with("last", plan.last)
            .with("count", plan.first.distance_to(plan.last) + 1)
            .with_coded("frequency", format!("word.{}", plan.frequency));
        let mut lines = vec![title.text(lang), periods.text(lang)];
        if plan.is_without_flows {
            lines.push(Message::new("trend.without_flows").text(lang));
        }
        if self.args.across_breaks {
            lines.push(Message::new("trend.across_breaks").text(lang));
        }
        lines.join("\n") + "\n\n"
    }

    /// Says which of the last changes are not given, and why, where the reason is more than a value that
    /// is not there.
    fn not_compared(&self, shown: &[&Series]) -> String {
        let mut by_reason: BTreeMap<NotCompared, Vec<String>> = BTreeMap::new();
        for series in shown {
            let Some(point) = series.at(self.trend.plan.last) else { continue };
            let reason = self.trend.on_before(series, point).not_compared;
            let is_plain = |reason: &NotCompared| {
                use NotCompared::{NoValue, NoValueBefore, ZeroBefore};
                matches!(reason, NoValue | NoValueBefore | ZeroBefore)
            };
            if let Some(reason) = reason.filter(|reason| !is_plain(reason)) {
                by_reason.entry(reason).or_default().push(self.bodies.name_of(&series.subject));
            }
        }
        let line = |(reason, names): (&NotCompared, &Vec<String>)| {
            let message = Message::new("trend.not_compared")
                .with_coded("reason", format!("word.not_compared.{reason}"))
                .with("names", names.join(", "));
            message.text(self.lang()) + "\n"
        };
        by_reason.iter().map(line).collect()
    }

    /// The chart of one series and its last periods.
    fn course(&self, series: &Series) -> Result<String, Failure> {
        let points = self.trend.periods(series);
        let values: Vec<Option<f64>> = points.iter().map(|point| point.value).collect();
        let of = |is: fn(&Point) -> bool| -> Vec<usize> {
            let found = points.iter().enumerate().filter(|(_, point)| is(point));
            found.map(|(idx, _)| idx).collect()
        };
        let breaks = of(|point| point.is_break);
        let marks: Vec<(usize, char)> =
            of(|point| point.is_date_inferred).into_iter().map(|idx| (idx, '?')).collect();
        let drawn = chart(&Chart {
            values: &values,
            labels: &labels_of(points),
            breaks: &breaks,
            marks: &marks,
            width: self.width().unwrap_or(CHART_WIDTH).min(CHART_WIDTH),
        });
        let mut text = format!("\n{drawn}");
        for (is_there, code) in [
            (!breaks.is_empty(), "trend.legend_break"),
            (!marks.is_empty(), "trend.legend_inferred"),
        ] {
            if is_there {
                text.push_str(&(Message::new(code).text(self.lang()) + "\n"));
            }
        }
        let table = self.table(TrendTable::Series).select(&SERIES_COLUMNS.map(str::to_owned));
        let n_left_out = table.n_rows().saturating_sub(SHOWN_PERIODS);
        text.push('\n');
        text.push_str(&self.drawn(&table.last_rows(SHOWN_PERIODS))?);
        if n_left_out > 0 {
            let message = Message::new("trend.more_periods").with("count", n_left_out);
            text.push_str(&(message.text(self.lang()) + "\n"));
        }
        Ok(text)
    }

    /// The remarks on the last periods, the latest first.
    fn remarks(&self, shown: &[&Series]) -> String {
        let mut remarks: Vec<(Slot, String)> = Vec::new();
        for series in shown {
            let name = self.bodies.name_of(&series.subject);
            let whose = if shown.len() > 1 { format!(" {name}") } else { String::new() };
            for (first, last, text) in spans_of_remarks(self.trend.periods(series), self.lang()) {
                let span =
                    if first == last { first.to_string() } else { format!("{first}..{last}") };
                remarks.push((last, format!("  {span}{whose}: {text}\n")));
            }
        }
        if remarks.is_empty() {
            return String::new();
        }
        remarks.sort_by_key(|(slot, _)| Reverse(*slot));
        let n_left_out = remarks.len().saturating_sub(SHOWN_REMARKS);
        let mut text = format!("\n{}\n", Message::new("trend.remarks").text(self.lang()));
        text.extend(remarks.into_iter().take(SHOWN_REMARKS).map(|(_, line)| line));
        if n_left_out > 0 {
            let message = Message::new("trend.more_remarks").with("count", n_left_out);
            text.push_str(&(message.text(self.lang()) + "\n"));
        }
        text
    }
}

/// The code of what the values are.
fn measure_code(measure: Measure) -> &'static str {
    match measure {
        Measure::Flow => "trend.measure.flow",
        Measure::Level => "trend.measure.level",
        Measure::Cumulative => "trend.measure.cumulative",
    }
}

/// The remarks on a series, each with the first and the last of the periods in a row that it is about.
fn spans_of_remarks(points: &[Point], lang: Lang) -> Vec<(Slot, Slot, String)> {
    let mut spans: Vec<(Slot, Slot, String)> = Vec::new();
    for point in points {
        for remark in &point.remarks {
            let text = remark.text(lang);
            let before = point.slot.before();
            let going_on =
                spans.iter_mut().find(|(_, last, said)| *last == before && *said == text);
            match going_on {
                Some((_, last, _)) => *last = point.slot,
                None => spans.push((point.slot, point.slot, text)),
            }
        }
    }
    spans
}

/// The first period and the last, and between them the first of every year.
fn labels_of(points: &[Point]) -> Vec<(usize, String)> {
    let last = points.len().saturating_sub(1);
    let is_labelled =
        |idx: usize, point: &Point| idx == 0 || idx == last || point.slot.in_year() == 0;
    let labelled = points.iter().enumerate().filter(|(idx, point)| is_labelled(*idx, point));
    labelled.map(|(idx, point)| (idx, point.slot.to_string())).collect()
}

/// Whether a column of numbers has any.
fn is_any_known(table: &ResultTable, column: &str) -> bool {
    table.batches.iter().any(|batch| {
        batch.column_by_name(column).is_some_and(|values| values.null_count() < values.len())
    })
}
