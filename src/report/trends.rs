//! Trends in reports: headline figures, the departments by an indicator, and courses as charts.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use crate::diag::{Lang, Message, word};
use crate::refdata::{Indicator, IndicatorKind};
use crate::report::ReportError;
use crate::report::asking::Asker;
use crate::report::cells::Cells;
use crate::report::content::{
    Asked, Cell, CellFormat, Chart, Column, Mark, Row, RowKind, Series, Table, TablePurpose, Value,
};
use crate::report::definition::{
    BlockHead, Chosen, Counting, TrendChartPlan, TrendPlan, TrendTablePlan,
};
use crate::report::told::{comma, semicolon};
use crate::table::ResultTable;
use crate::trend::{
    self, AcrossBreaks, Bodies, Comparison, Figure, Measure, NotCompared, Point, Slot, Trend,
    figures_of,
};

/// Answers with the figures of an indicator.
pub(super) const FIGURES: &str = "trend/figures";
/// Periods of a course in a cell.
const COURSE_PERIODS: usize = 24;
/// Remarks that are told below a chart; the table of the page has all.
const SHOWN_REMARKS: usize = 8;
/// Names that a remark lists; of more, all but one of so many and how many there are.
const FEW_NAMES: usize = 4;
/// Columns of the comparison with earlier periods.
const CHANGES: [&str; 4] = ["change", "growth_pct", "growth_on_year_pct", "rank_movement"];

/// What a line below a chart says, and of which periods.
type Remark = (String, BTreeSet<Slot>);

/// Makes what a report shows of trends.
pub(super) struct Trends<'a, 'b> {
    pub(super) asker: &'b mut Asker<'a>,
    pub(super) bodies: &'b Bodies,
    pub(super) chosen: &'b Chosen,
    pub(super) lang: Lang,
}

/// A trend of one indicator, up to the period of the report.
struct Found {
    trend: Trend,
    indicator: Indicator,
    asked: Asked,
}

/// Sums over departments: what is known of a period, and of those that can be compared with an earlier one.
#[derive(Default)]
struct Sums {
    value: Option<f64>,
    n_known: usize,
    change: Option<f64>,
    base: f64,
    n_compared: usize,
    /// Why others are not compared.
    reasons: BTreeSet<&'static str>,
}

impl Trends<'_, '_> {
    /// Returns the headline figures: for each indicator what a period has, and of those that add up over
    /// time also what there is since New Year; `None` where no indicator has a figure.
    pub(super) fn headlines(
        &mut self,
        head: &BlockHead,
        indicators: &[String],
    ) -> Result<Option<Table>, ReportError> {
        let mut rows = Vec::new();
        let mut notes = self.notes(head);
        notes.push(Message::new("report.note_compared").text(self.lang));
        let mut sources: Vec<Asked> = Vec::new();
        for indicator in indicators {
            for counting in [Counting::Period, Counting::Cumulative] {
                let plan = TrendPlan {
                    indicator: indicator.clone(),
                    frequency: None,
                    counting,
                    periods: 1,
                };
                let Some(found) = self.found(&plan)? else { continue };
                let is_flow = found.indicator.kind == IndicatorKind::Flow;
                // What is counted since New Year is no figure of the period, though it ends with that.
                if is_flow
                    && counting == Counting::Period
                    && found.trend.plan.measure != Measure::Flow
                {
                    notes.push(
                        Message::new("report.note_without_flows")
                            .with("name", self.cells().indicator_name(indicator))
                            .text(self.lang),
                    );
                    continue;
                }
                let row = Some(&found).filter(|_| counting == Counting::Period || is_flow);
                let Some(row) = row.and_then(|found| self.headline(found, counting)) else {
                    continue;
                };
                rows.push(row);
                notes.extend(self.note_of_part(&found));
                if !sources.contains(&found.asked) {
                    notes.extend(self.note_of_time(&found));
                    sources.push(found.asked);
                }
            }
        }
        let number = CellFormat::Number { decimals: 4 };
        let change = CellFormat::Change { decimals: 4 };
        let growth = CellFormat::PercentChange { decimals: 2 };
        let columns = [
            ("indicator_name", CellFormat::Text),
            ("period", CellFormat::Text),
            ("value", number),
            ("unit", CellFormat::Text),
            ("change", change),
            ("growth_pct", growth),
            ("change_on_year", change),
            ("growth_on_year_pct", growth),
            ("n_compared", CellFormat::Text),
        ];
        let columns = columns.into_iter().map(|(name, format)| self.column(name, format, None));
        notes.extend(self.notes_on(&sources));
        Ok((!rows.is_empty()).then(|| Table {
            id: head.id.clone(),
            title: head.title.text(self.lang).to_owned(),
            purpose: TablePurpose::Headlines,
            columns: columns.collect(),
            rows,
            notes,
            asked: None,
        }))
    }

    fn headline(&self, found: &Found, counting: Counting) -> Option<Row> {
        let trend = &found.trend;
        let slot = trend.plan.last;
        let on_before = sums(trend, |series, point| trend.on_before(series, point));
        let on_year = sums(trend, |series, point| trend.on_year(series, point));
        let value = on_before.value?;
        // What a cumulative figure has grown by is that of its last period, which stands beside it.
        let is_cumulative = counting == Counting::Cumulative;
        let shown = Some(&on_before).filter(|_| !is_cumulative);
        let mut marks: Vec<Mark> = counted(trend)
            .filter_map(|series| series.at(slot))
            .filter(|point| point.value.is_some())
            .flat_map(marks_of)
            .filter(|mark| *mark != Mark::Break)
            .collect();
        marks.sort_unstable();
        marks.dedup();
        let name = Message::new(match (found.indicator.kind, counting) {
            (IndicatorKind::Flow, Counting::Period) => "report.name_period",
            (IndicatorKind::Flow, Counting::Cumulative) => "report.name_cumulative",
            _ => "report.name_level",
        });
        let name = name.with("name", self.cells().indicator_name(&found.indicator.indicator));
        let cell = |value: Option<f64>| plain(value.map_or(Value::Missing, Value::Number));
        let text = |text: String| plain(Value::Text(text));
        Some(Row {
            kind: RowKind::Body,
            cells: vec![
                text(name.text(self.lang)),
                text(time_of(trend).map_or_else(|| slot.to_string(), |day| day.to_string())),
                Cell { value: Value::Number(value), marks, remark: None },
                text(self.cells().unit(&found.indicator.unit)),
                cell(shown.and_then(|sums| sums.change)),
                cell(shown.and_then(growth_of)),
                cell(on_year.change),
                cell(growth_of(&on_year)),
                text(self.compared_with(shown, &on_year)),
            ],
        })
    }

    /// How many can be compared with the period before and with the year before.
    fn compared_with(&self, on_before: Option<&Sums>, on_year: &Sums) -> String {
        let year = self.n_compared(on_year);
        match on_before.map(|sums| self.n_compared(sums)) {
            Some(before) if before != year => Message::new("report.compared_with")
                .with("before", before)
                .with("year", year)
                .text(self.lang),
            _ => year,
        }
    }

    /// How many can be compared of those that have a figure; where none can, why.
    fn n_compared(&self, sums: &Sums) -> String {
        if sums.n_compared > 0 || sums.reasons.is_empty() {
            return format!("{}/{}", sums.n_compared, sums.n_known);
        }
        let words = sums.reasons.iter().map(|reason| self.reason(reason));
        let reasons = words.collect::<Vec<_>>().join(comma(self.lang));
        Message::new("report.none_compared").with("reasons", reasons).text(self.lang)
    }

    /// Says whose figures a sum is without, because they are known of a longer time only.
    fn note_of_part(&self, found: &Found) -> Option<String> {
        let slot = found.trend.plan.last;
        let is_left_out =
            |series: &&trend::Series| series.at(slot).is_some_and(Point::is_within_longer);
        let left_out = counted(&found.trend).filter(is_left_out);
        let names: Vec<String> =
            left_out.map(|series| self.bodies.name_of(&series.subject)).collect();
        (!names.is_empty()).then(|| {
            Message::new("report.note_of_part")
                .with("name", self.cells().indicator_name(&found.indicator.indicator))
                .with("names", self.few(&names))
                .text(self.lang)
        })
    }

    /// Says of a figure that is of another time than the report of which it is.
    fn note_of_time(&self, found: &Found) -> Option<String> {
        let slot = found.trend.plan.last;
        let end = self.chosen.period_end;
        let day = time_of(&found.trend).filter(|_| found.trend.plan.measure == Measure::Level);
        let is_of_report = day.map_or_else(|| is_of(slot, end), |day| day == end);
        (!is_of_report).then(|| {
            Message::new("report.note_of_time")
                .with("name", self.cells().indicator_name(&found.indicator.indicator))
                .with("period", day.map_or_else(|| slot.to_string(), |day| day.to_string()))
                .with("wanted", end)
                .text(self.lang)
        })
    }

    /// Says which questions several figures answer, and whether the second engine did not answer them.
    fn notes_on(&self, sources: &[Asked]) -> Vec<String> {
        let source = |asked: &Asked| {
            let params = asked.params.iter().map(|(name, value)| format!(" {name}={value}"));
            format!("{}{}", asked.query, params.collect::<String>())
        };
        let mut notes = vec![
            Message::new("report.note_sources")
                .with_list("sources", sources.iter().map(source))
                .text(self.lang),
        ];
        if sources.iter().any(|asked| self.asker.is_unchecked(asked)) {
            notes.push(Message::new("report.note_unchecked").text(self.lang));
        }
        notes
    }

    /// Returns the departments by an indicator, the largest first; `None` without figures.
    pub(super) fn table(&mut self, plan: &TrendTablePlan) -> Result<Option<Table>, ReportError> {
        let TrendTablePlan { head, trend: wanted, has_changes } = plan;
        let Some(found) = self.found(wanted)? else { return Ok(None) };
        let trend = &found.trend;
        let last = trend.plan.last;
        let standings = trend.standings(last, self.bodies);
        let movements = trend.movements(last, self.bodies);
        let shared = self.shared_remarks(trend);
        let mut rows = Vec::new();
        for (idx, series) in trend.shown() {
            let Some(point) = series.at(last) else { continue };
            let on_before = trend.on_before(series, point);
            let on_year = trend.on_year(series, point);
            let points = last_of(trend.periods(series), COURSE_PERIODS);
            let remarks = point.remarks.iter().map(|remark| remark.text(self.lang));
            let remarks: Vec<String> = remarks.filter(|told| !shared.contains(told)).collect();
            // There is no first among those who have nothing.
            let is_ranked = point.value.is_some_and(|value| value != 0.0);
            let number = |value: Option<f64>| value.map_or(Value::Missing, Value::Number);
            let rank = |rank: Option<i32>| {
                plain(rank.map_or(Value::Missing, |rank| Value::Whole(rank.into())))
            };
            rows.push(Row {
                kind: RowKind::Body,
                cells: vec![
                    plain(Value::Text(self.bodies.name_of(&series.subject))),
                    Cell { value: number(point.value), marks: marks_of(point), remark: None },
                    self.compared(number(on_before.change), &on_before),
                    self.compared(number(on_before.growth_pct), &on_before),
                    self.compared(number(on_year.growth_pct), &on_year),
                    plain(number(standings[idx].share_pct)),
                    rank(standings[idx].rank.filter(|_| is_ranked)),
                    rank(movements[idx].filter(|_| is_ranked)),
                    plain(Value::Course(points.iter().map(|point| point.value).collect())),
                    plain(if remarks.is_empty() {
                        Value::Missing
                    } else {
                        Value::Text(remarks.join(semicolon(self.lang)))
                    }),
                ],
            });
        }
        let mut notes = self.notes_of(head, trend);
        notes.extend(shared);
        let unit = Some(&found.indicator.unit).filter(|unit| *unit != "%");
        let unit = unit.map(|unit| self.cells().unit(unit));
        let mut columns = self.trend_columns(unit);
        if !has_changes {
            leave_out(&CHANGES, &mut columns, &mut rows);
        }
        Ok(Some(Table {
            id: head.id.clone(),
            title: head.title.text(self.lang).to_owned(),
            purpose: TablePurpose::Reading,
            columns,
            rows,
            notes,
            asked: Some(found.asked),
        }))
    }

    /// The columns of the departments by an indicator.
    fn trend_columns(&self, unit: Option<String>) -> Vec<Column> {
        let percent = CellFormat::Percent { decimals: 2 };
        let growth = CellFormat::PercentChange { decimals: 2 };
        let columns = [
            ("department_name", CellFormat::Text, None),
            ("value", CellFormat::Number { decimals: 4 }, unit.clone()),
            ("change", CellFormat::Change { decimals: 4 }, unit),
            ("growth_pct", growth, None),
            ("growth_on_year_pct", growth, None),
            ("share_pct", percent, None),
            ("rank", CellFormat::Number { decimals: 0 }, None),
            ("rank_movement", CellFormat::Change { decimals: 0 }, None),
            ("course", CellFormat::Course, None),
            ("remarks", CellFormat::Text, None),
        ];
        columns.into_iter().map(|(name, format, unit)| self.column(name, format, unit)).collect()
    }

    /// Returns the course of an indicator as a chart; `None` without figures.
    pub(super) fn chart(&mut self, plan: &TrendChartPlan) -> Result<Option<Chart>, ReportError> {
        let TrendChartPlan { head, trend: plan, kind, top, skip } = plan;
        let Some(found) = self.found(plan)? else { return Ok(None) };
        let trend = &found.trend;
        let is_drawn = |series: &&trend::Series| {
            let points = last_of(trend.periods(series), plan.periods);
            points.iter().any(|point| point.value.is_some_and(|value| value != 0.0))
        };
        let drawn: Vec<&trend::Series> =
            trend.all.iter().filter(is_drawn).skip(*skip).take(*top).collect();
        let Some(first) = drawn.first() else { return Ok(None) };
        let x = last_of(trend.periods(first), plan.periods);
        let x: Vec<String> = x.iter().map(|point| point.slot.to_string()).collect();
        let series = drawn.iter().map(|series| {
            let points = last_of(trend.periods(series), plan.periods);
            let marks = points.iter().enumerate();
            let marks = marks
                .flat_map(|(idx, point)| marks_of(point).into_iter().map(move |mark| (idx, mark)));
            Series {
                name: self.bodies.name_of(&series.subject),
                values: points.iter().map(|point| point.value).collect(),
                marks: marks.collect(),
            }
        });
        let series = series.collect();
        let mut notes = self.notes_of(head, trend);
        notes.extend(self.remarks(trend, &drawn, plan));
        Ok(Some(Chart {
            id: head.id.clone(),
            title: head.title.text(self.lang).to_owned(),
            kind: *kind,
            x_label: self.cells().label("period"),
            x,
            unit: Some(self.cells().unit(&found.indicator.unit)),
            series,
            notes,
            asked: Some(found.asked),
        }))
    }

    /// Remarks on the last period that all departments share: they are told once.
    fn shared_remarks(&self, trend: &Trend) -> Vec<String> {
        let points = || trend.shown().filter_map(|(_, series)| series.at(trend.plan.last));
        let Some(first) = points().next().filter(|_| points().count() > 1) else {
            return Vec::new();
        };
        let is_shared = |remark: &&Message| points().all(|point| point.remarks.contains(remark));
        first.remarks.iter().filter(is_shared).map(|remark| remark.text(self.lang)).collect()
    }

    /// Says what must be known of the periods that are drawn, each with its span, and whom it is about: what
    /// cannot be compared, what was changed, sent back or came again or late, and what is missing in between.
    fn remarks(&self, trend: &Trend, drawn: &[&trend::Series], plan: &TrendPlan) -> Vec<String> {
        let missing = Message::new("report.remark_missing").text(self.lang);
        let mut of_each: BTreeMap<(String, String), BTreeSet<Slot>> = BTreeMap::new();
        for series in drawn {
            let name = self.bodies.name_of(&series.subject);
            let points = last_of(trend.periods(series), plan.periods);
            let mut told = |text: String, slot: Slot| {
                of_each.entry((text, name.clone())).or_default().insert(slot);
            };
            let last = trend.plan.last;
            let is_told = |point: &&Point| is_remarkable(point) || is_short_of(point, last);
            for point in points.iter().filter(is_told) {
                point.remarks.iter().for_each(|remark| told(self.shared(remark), point.slot));
            }
            for point in gaps(points) {
                if point.remarks.is_empty() {
                    told(missing.clone(), point.slot);
                }
                point.remarks.iter().for_each(|remark| told(self.shared(remark), point.slot));
            }
        }
        let mut of_all: BTreeMap<Remark, Vec<String>> = BTreeMap::new();
        for ((text, name), slots) in of_each {
            of_all.entry((text, slots)).or_default().push(name);
        }
        let mut said: Vec<(Remark, Vec<String>)> = of_all.into_iter().collect();
        // The latest are what the reader looks for.
        said.sort_by(|((_, one), _), ((_, other), _)| other.last().cmp(&one.last()));
        let n_left_out = said.len().saturating_sub(SHOWN_REMARKS);
        let of_all = |names: &Vec<String>| names.len() == drawn.len() && drawn.len() > 1;
        let line = |((text, slots), names): (Remark, Vec<String>)| {
            let whose = if of_all(&names) {
                Message::new("report.all_drawn").text(self.lang)
            } else {
                self.few(&names)
            };
            Message::new("report.remark_on")
                .with("period", spans(&slots, self.lang))
                .with("names", whose)
                .with("remark", text)
                .text(self.lang)
        };
        let mut lines: Vec<String> = said.into_iter().take(SHOWN_REMARKS).map(line).collect();
        if n_left_out > 0 {
            lines.push(
                Message::new("report.more_remarks")
                    .with("count", n_left_out)
                    .with("indicator", &plan.indicator)
                    .text(self.lang),
            );
        }
        lines
    }

    /// A remark so that several departments can share it: what stands in the table of the chart is left out.
    fn shared(&self, remark: &Message) -> String {
        if remark.code == "trend.longer" {
            return remark.worded_as("report.remark_longer").text(self.lang);
        }
        remark.text(self.lang)
    }

    /// The figures of the region up to the period of the report; `None` without any.
    fn found(&mut self, plan: &TrendPlan) -> Result<Option<Found>, ReportError> {
        let given = [("indicator".to_owned(), plan.indicator.clone())];
        let answer = self.asker.ask(FIGURES, &given)?;
        let indicators = self.asker.sources().refdata.indicators();
        let indicator = indicators.into_iter().find(|known| known.indicator == plan.indicator);
        let Some(indicator) = indicator else { return Ok(None) };
        let until = match indicator.kind {
            IndicatorKind::Flow => self.chosen.period_end,
            _ => self.chosen.state_end.max(self.chosen.period_end),
        };
        let is_of_report = |figure: &Figure| {
            figure.subject.region == self.chosen.region
                && figure.subject.breakdown.is_none()
                && figure.period.end <= until
        };
        let mut figures = figures_of(&ResultTable::of(answer.rows));
        figures.retain(is_of_report);
        let asked = trend::Asked {
            frequency: plan.frequency,
            is_cumulative: plan.counting == Counting::Cumulative,
            from: None,
            to: Some(until),
        };
        let trend = Trend::of(&figures, indicator.kind, asked, AcrossBreaks::Refuse, self.bodies);
        Ok(trend.map(|trend| Found { trend, indicator, asked: answer.asked }))
    }

    fn cells(&self) -> Cells<'_> {
        Cells { refdata: self.asker.sources().refdata, lang: self.lang }
    }

    fn column(&self, name: &str, format: CellFormat, unit: Option<String>) -> Column {
        let label = self.cells().label(name);
        Column { name: name.to_owned(), label, unit, format }
    }

    /// A change with the reason where there is none.
    fn compared(&self, value: Value, comparison: &Comparison) -> Cell {
        let reason = comparison.not_compared.filter(|_| value == Value::Missing);
        let remark = reason.map(|reason| self.reason(reason.as_str()));
        Cell { value, marks: Vec::new(), remark }
    }

    fn reason(&self, reason: &str) -> String {
        word(&format!("not_compared.{reason}"), self.lang)
    }

    fn notes(&self, head: &BlockHead) -> Vec<String> {
        head.notes.iter().map(|note| note.text(self.lang).to_owned()).collect()
    }

    /// The notes of the definition, what the values are, and whether they are of the period of the report.
    fn notes_of(&self, head: &BlockHead, trend: &Trend) -> Vec<String> {
        let mut notes = self.notes(head);
        let measure = match trend.plan.measure {
            Measure::Level => "trend.measure.level",
            Measure::Cumulative => "trend.measure.cumulative",
            Measure::Flow => "trend.measure.flow",
        };
        let message = Message::new("report.note_measure")
            .with_coded("measure", measure)
            .with("period", trend.plan.last);
        notes.push(message.text(self.lang));
        if !is_of(trend.plan.last, self.chosen.period_end) {
            let message = Message::new("report.note_earlier")
                .with("period", trend.plan.last)
                .with("wanted", self.chosen.period_end);
            notes.push(message.text(self.lang));
        }
        notes
    }

    /// Joins names: all of a few, else the first of them and how many there are.
    fn few(&self, names: &[String]) -> String {
        if names.len() <= FEW_NAMES {
            return names.join(comma(self.lang));
        }
        Message::new("report.names_and_others")
            .with("names", names[..FEW_NAMES - 1].join(comma(self.lang)))
            .with("count", names.len())
            .text(self.lang)
    }
}

/// The series that a sum is made of: that of the region as a whole where it is stated, else those of the
/// departments.
fn counted(trend: &Trend) -> impl Iterator<Item = &trend::Series> {
    let is_whole = |series: &&trend::Series| series.subject.department.is_none();
    let has_whole = trend.all.iter().any(|series| is_whole(&series));
    trend.all.iter().filter(move |series| is_whole(series) == has_whole)
}

/// Adds up the last period of the departments, and the changes of those that can be compared.
fn sums(trend: &Trend, compare: impl Fn(&trend::Series, &Point) -> Comparison) -> Sums {
    let mut sums = Sums::default();
    for series in counted(trend) {
        let Some(point) = series.at(trend.plan.last) else { continue };
        let Some(value) = point.value else { continue };
        *sums.value.get_or_insert_default() += value;
        sums.n_known += 1;
        let compared = compare(series, point);
        if let (Some(change), Some(before)) = (compared.change, compared.before) {
            *sums.change.get_or_insert_default() += change;
            sums.base += before;
            sums.n_compared += 1;
        } else {
            sums.reasons.extend(compared.not_compared.map(NotCompared::as_str));
        }
    }
    sums
}

fn growth_of(sums: &Sums) -> Option<f64> {
    sums.change.filter(|_| sums.base > 0.0).map(|change| 100.0 * change / sums.base)
}

/// Leaves columns out of a table.
fn leave_out(names: &[&str], columns: &mut Vec<Column>, rows: &mut [Row]) {
    let is_kept = |column: &Column| !names.contains(&column.name.as_str());
    let kept: Vec<bool> = columns.iter().map(is_kept).collect();
    for row in rows {
        let mut kept = kept.iter();
        row.cells.retain(|_| kept.next().copied().unwrap_or_default());
    }
    columns.retain(is_kept);
}

/// The day of the last figures, where all of them are of one and no more than a state of it.
fn time_of(trend: &Trend) -> Option<NaiveDate> {
    let days = counted(trend).filter_map(|series| Some(series.at(trend.plan.last)?.days?.end));
    let days: BTreeSet<NaiveDate> = days.collect();
    let is_level = trend.plan.measure == Measure::Level;
    days.first().copied().filter(|_| is_level && days.len() == 1)
}

/// The periods without a value between others that have one.
fn gaps(points: &[Point]) -> impl Iterator<Item = &Point> {
    let first = points.iter().position(|point| point.value.is_some()).unwrap_or(points.len());
    let last = points.iter().rposition(|point| point.value.is_some()).unwrap_or_default();
    points.iter().take(last).skip(first).filter(|point| point.value.is_none())
}

/// Periods in words, those that follow each other as a span.
fn spans(slots: &BTreeSet<Slot>, lang: Lang) -> String {
    let mut spans: Vec<(Slot, Slot)> = Vec::new();
    for slot in slots {
        match spans.last_mut() {
            Some((_, last)) if last.plus(1) == *slot => *last = *slot,
            _ => spans.push((*slot, *slot)),
        }
    }
    let words = spans.iter().map(|(first, last)| {
        if first == last {
            first.to_string()
        } else if *last == first.plus(1) {
            format!("{first}{}{last}", comma(lang))
        } else {
            Message::new("report.span").with("first", first).with("last", last).text(lang)
        }
    });
    words.collect::<Vec<_>>().join(comma(lang))
}

/// Whether a reader of a chart has to be told of a period.
fn is_remarkable(point: &Point) -> bool {
    point.is_break
        || is_revised(point)
        || point.is_returned
        || point.is_resubmitted
        || point.is_backfilled
        || has_remark(point, "trend.returned_part")
}

/// Whether the figure of the last period is not of its end: it stands beside whole ones.
fn is_short_of(point: &Point, last: Slot) -> bool {
    point.slot == last && point.days_short > 0
}

fn is_of(slot: Slot, day: NaiveDate) -> bool {
    (slot.first_day()..=slot.last_day()).contains(&day)
}

fn last_of<T>(all: &[T], n: usize) -> &[T] {
    &all[all.len().saturating_sub(n)..]
}

fn plain(value: Value) -> Cell {
    Cell { value, ..Cell::default() }
}

fn is_revised(point: &Point) -> bool {
    has_remark(point, "trend.revised") || has_remark(point, "trend.lowered")
}

fn has_remark(point: &Point, code: &str) -> bool {
    point.remarks.iter().any(|remark| remark.code == code)
}

/// What must be known of a point, in the order of marks.
fn marks_of(point: &Point) -> Vec<Mark> {
    let marks = [
        (Mark::DateInferred, point.is_date_inferred),
        (Mark::Break, point.is_break),
        (Mark::Revised, is_revised(point)),
        (Mark::Returned, point.is_returned),
        (Mark::Resubmitted, point.is_resubmitted),
        (Mark::Backfilled, point.is_backfilled),
        (Mark::Approximate, point.is_approximate()),
    ];
    marks.into_iter().filter(|(_, is_so)| *is_so).map(|(mark, _)| mark).collect()
}
