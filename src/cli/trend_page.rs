//! A trend as `tongban trend` shows it: the first page, chart, periods, remarks and appendix.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Float64Array, RecordBatch};
use arrow::datatypes::Float64Type;

use crate::cli::args::TrendArgs;
use crate::cli::context::{Context, terminal_width};
use crate::cli::failure::Failure;
use crate::diag::{Lang, Message};
use crate::output::{Chart, Format, RenderOptions, chart, render, sparkline, stored_word};
use crate::refdata::Indicator;
use crate::table::ResultTable;
use crate::trend::{
    AcrossBreaks, Bodies, Frequency, Goal, Measure, NotCompared, Outlook, Point, Series,
    SpanOfRemark, Statistic, Subject, Trend, TrendTable, appendix_table, few_names, goals_table,
    page_table, remarks_table, series_table, spans_of_remarks,
};

/// Columns of a chart where there is no terminal, and at most on one.
const CHART_WIDTH: u16 = 80;
/// The last periods of a sparkline.
const COURSE_PERIODS: usize = 24;
/// Periods and remarks that a terminal gets at most.
const SHOWN_PERIODS: usize = 13;
const SHOWN_REMARKS: usize = 12;
/// The column of growth on the same period of the year before.
const ON_YEAR: &str = "growth_on_year_pct";
/// Columns of the first page, of a series and of the appendix on a terminal, behind those that say whom a
/// row is about.
const PAGE_COLUMNS: [&str; 8] =
    ["value", "change", "growth_pct", ON_YEAR, "share_pct", "rank", "course", "rank_movement"];
const APPENDIX_COLUMNS: [&str; 6] = ["statistic", "period", "value", "p_value", "low", "high"];
const TARGET_COLUMNS: [&str; 8] =
    ["target", "due", "days_left", "value", "forecast", "low", "high", "target_outlook"];
/// What besides tells targets apart where one department has several.
const APART: [&str; 2] = ["direction", "valid_from"];
const SERIES_COLUMNS: [&str; 7] =
    ["period", "value", "change", "growth_pct", ON_YEAR, "share_pct", "rank"];

/// A trend on its way to the reader.
pub(super) struct Told<'a> {
    pub(super) context: &'a Context,
    pub(super) args: &'a TrendArgs,
    pub(super) indicator: &'a Indicator,
    pub(super) trend: &'a Trend,
    pub(super) bodies: &'a Bodies,
    pub(super) outlook: Outlook,
    pub(super) goals: Vec<Goal>,
    /// What is to be told of all of it.
    pub(super) notes: Vec<Message>,
}

impl Told<'_> {
    fn lang(&self) -> Lang {
        self.context.lang()
    }

    pub(super) fn table(&self, table: TrendTable) -> ResultTable {
        match table {
            TrendTable::Page => page_table(self.trend, self.bodies, self.lang(), |values| {
                sparkline(&values[values.len().saturating_sub(COURSE_PERIODS)..])
            }),
            TrendTable::Series => series_table(self.trend, self.bodies, self.lang()),
            TrendTable::Remarks => remarks_table(self.trend, self.bodies, self.lang()),
            TrendTable::Appendix => {
                appendix_table(self.trend, self.bodies, &self.outlook, self.lang())
            }
            TrendTable::Targets => goals_table(&self.goals, self.trend, self.bodies, self.lang()),
        }
    }

    /// All of it for the eye.
    pub(super) fn text(&self) -> Result<String, Failure> {
        let mut text = self.heading();
        let shown: Vec<&Series> = self.trend.shown().map(|(_, series)| series).collect();
        let page = self.table(TrendTable::Page);
        let columns = PAGE_COLUMNS
            .into_iter()
            .filter(|name| *name != ON_YEAR || self.has_years() && is_any_known(&page, name));
        let columns: Vec<String> =
            self.subject_columns().into_iter().chain(columns).map(str::to_owned).collect();
        text.push_str(&self.drawn(&page.select(&columns))?);
        text.push_str(&self.not_compared(&shown));
        if let [series] = shown.as_slice() {
            text.push_str(&self.course(series)?);
        }
        text.push_str(&self.targets()?);
        text.push_str(&self.remarks());
        if self.args.appendix {
            text.push_str(&self.appendix()?);
        }
        Ok(text)
    }

    /// The targets of those that are shown, and why nothing is expected of some.
    fn targets(&self) -> Result<String, Failure> {
        if self.goals.is_empty() {
            return Ok(String::new());
        }
        let subject = if self.has_one() { Vec::new() } else { self.subject_columns() };
        // Goals are in the order of the series.
        let has_several = self.goals.windows(2).any(|two| two[0].series_idx == two[1].series_idx);
        let apart = if has_several { &APART[..] } else { &[] };
        let columns = subject.into_iter().chain(apart.iter().copied()).chain(TARGET_COLUMNS);
        let columns: Vec<String> = columns.map(str::to_owned).collect();
        let heading = Message::new("trend.targets").text(self.lang());
        let table = with_round_forecasts(&self.table(TrendTable::Targets), |_, _| true);
        let drawn = self.drawn(&table.select(&columns))?;
        let mut text = format!("\n{heading}\n{drawn}");
        let mut by_reason: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for goal in &self.goals {
            let Some(reason) = &goal.reason else { continue };
            let name = self.bodies.name_of(&self.trend.all[goal.series_idx].subject);
            by_reason.entry(reason.text(self.lang())).or_default().push(name);
        }
        for (reason, names) in by_reason {
            let message = Message::new("trend.nothing_expected")
                .with("names", few_names(&names, self.lang()))
                .with_sentence("reason", &reason, &reason);
            text.push_str(&(message.text(self.lang()) + "\n"));
        }
        Ok(text)
    }

    /// The statistics that are given, as a table, and which are not, each reason in a line.
    fn statistics(&self) -> (ResultTable, Vec<String>) {
        let table = self.table(TrendTable::Appendix);
        let mut by_reason: Vec<(String, Vec<String>)> = Vec::new();
        for batch in &table.batches {
            let text = |name: &str, row: usize| text_of(batch, name, row);
            for row in 0..batch.num_rows() {
                let Some(reason) = text("reason", row) else { continue };
                let statistic = text("statistic", row).unwrap_or_default();
                let word = stored_word("statistic", &statistic, self.lang()).unwrap_or(statistic);
                let whose = if self.has_one() {
                    String::new()
                } else {
                    let body = text("department_name", row).or_else(|| text("region_name", row));
                    format!("{} ", body.unwrap_or_default())
                };
                let name = format!("{whose}{word}");
                match by_reason.iter_mut().find(|(known, _)| *known == reason) {
                    Some((_, names)) => names.push(name),
                    None => by_reason.push((reason, vec![name])),
                }
            }
        }
        let given = table.rows_where(|batch, row| text_of(batch, "reason", row).is_none());
        let given = with_round_forecasts(&given, |batch, row| {
            text_of(batch, "statistic", row).as_deref() == Some(Statistic::Forecast.as_str())
        });
        let line = |(reason, names): (String, Vec<String>)| {
            let message = Message::new("trend.not_given")
                .with_sentence("reason", &reason, &reason)
                .with_list("statistics", names);
            message.text(self.lang())
        };
        (given, by_reason.into_iter().map(line).collect())
    }

    /// Whether it shows one series alone.
    fn has_one(&self) -> bool {
        self.trend.shown().count() == 1
    }

    /// The statistics, and below them how each is computed.
    fn appendix(&self) -> Result<String, Failure> {
        let (given, withheld) = self.statistics();
        let subject = if self.has_one() { Vec::new() } else { self.subject_columns() };
        let columns: Vec<String> =
            subject.into_iter().chain(APPENDIX_COLUMNS).map(str::to_owned).collect();
        let heading = Message::new("trend.appendix").text(self.lang());
        let mut text = format!("\n{heading}\n\n");
        if given.n_rows() > 0 {
            text.push_str(&self.drawn(&given.select(&columns))?);
        }
        for line in withheld {
            text.push_str(&(line + "\n"));
        }
        text.push('\n');
        for method in Statistic::ALL {
            text.push_str(&format!("  {}\n", method.method().text(self.lang())));
        }
        Ok(text)
    }

    /// Whether the year before is another period than the one before.
    fn has_years(&self) -> bool {
        self.trend.plan.frequency != Frequency::Year
    }

    /// The columns that say whom the rows are about, as far as they differ.
    fn subject_columns(&self) -> Vec<&'static str> {
        let subjects: Vec<&Subject> =
            self.trend.shown().map(|(_, series)| &series.subject).collect();
        let regions: BTreeSet<&str> = subjects.iter().map(|one| one.region.as_str()).collect();
        let has_regions = subjects.iter().any(|one| one.department.is_none());
        [
            ("region_name", regions.len() > 1 || has_regions),
            ("department_name", subjects.iter().any(|one| one.department.is_some())),
            ("breakdown", subjects.iter().any(|one| one.breakdown.is_some())),
        ]
        .into_iter()
        .filter_map(|(name, is_told)| is_told.then_some(name))
        .collect()
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
        let code = if plan.first == plan.last { "trend.one_period" } else { "trend.periods" };
        let periods = Message::new(code)
            .with("first", plan.first)
            .with("last", plan.last)
            .with("count", plan.first.distance_to(plan.last) + 1)
            .with_coded("frequency", format!("word.{}", plan.frequency));
        let mut lines = vec![title.text(lang), periods.text(lang)];
        lines.extend(self.notes.iter().map(|note| note.text(lang)));
        if self.trend.across() == AcrossBreaks::Compare {
            lines.push(Message::new("trend.across_breaks").text(lang));
        }
        lines.join("\n") + "\n\n"
    }

    /// Says which of the last changes are not given, and why, where the reason is more than a value that
    /// is not there.
    fn not_compared(&self, shown: &[&Series]) -> String {
        let mut by_reason: BTreeMap<(&'static str, NotCompared), Vec<String>> = BTreeMap::new();
        for series in shown {
            let Some(point) = series.at(self.trend.plan.last) else { continue };
            let has_before = self.trend.plan.earliest < self.trend.plan.last;
            let is_plain = |reason: NotCompared| match reason {
                NotCompared::NoValue | NotCompared::ZeroBefore => true,
                // Nothing came before a first period.
                NotCompared::NoValueBefore => !has_before,
                _ => false,
            };
            let on_before = self.trend.on_before(series, point).not_compared;
            let on_before = on_before.filter(|reason| !is_plain(*reason));
            // A series seldom has a year before, and its column is empty then.
            let on_year = self.trend.on_year(series, point).not_compared;
            let on_year = on_year.filter(|reason| {
                self.has_years() && *reason != NotCompared::NoValueBefore && !is_plain(*reason)
            });
            let told = [("trend.not_compared", on_before), ("trend.not_compared_on_year", on_year)];
            for (code, reason) in told {
                let Some(reason) = reason else { continue };
                let names = by_reason.entry((code, reason)).or_default();
                names.push(self.bodies.name_of(&series.subject));
            }
        }
        let line = |((code, reason), names): (&(&'static str, NotCompared), &Vec<String>)| {
            let message = Message::new(code)
                .with_coded("reason", format!("word.not_compared.{reason}"))
                .with("names", few_names(names, self.lang()));
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
        // A value that holds other times says so first.
        let is_of_others = |point: &Point| point.value.is_some() && !point.is_sound();
        let others = of(is_of_others);
        let inferred = of(|point| point.is_date_inferred);
        let inferred: Vec<usize> =
            inferred.into_iter().filter(|idx| !others.contains(idx)).collect();
        let approximate = of(Point::is_approximate);
        let is_marked = |idx: &usize| others.contains(idx) || inferred.contains(idx);
        let approximate: Vec<usize> =
            approximate.into_iter().filter(|idx| !is_marked(idx)).collect();
        let marks = [('*', &others), ('?', &inferred), ('~', &approximate)];
        let marks =
            marks.into_iter().flat_map(|(mark, all)| all.iter().map(move |idx| (*idx, mark)));
        let mut marks: Vec<(usize, char)> = marks.collect();
        marks.sort_unstable();
        let drawn = chart(&Chart {
            values: &values,
            labels: &labels_of(points),
            breaks: &breaks,
            marks: &marks,
            width: self.width().unwrap_or(CHART_WIDTH).min(CHART_WIDTH),
        });
        let mut text = format!("\n{drawn}");
        let legend = match self.trend.across() {
            AcrossBreaks::Refuse => "trend.legend_break",
            AcrossBreaks::Compare => "trend.legend_break_crossed",
        };
        for (is_there, code) in [
            (!breaks.is_empty(), legend),
            (!inferred.is_empty(), "trend.legend_inferred"),
            (!others.is_empty(), "trend.legend_unsound"),
            (!approximate.is_empty(), "trend.legend_approximate"),
        ] {
            if is_there {
                text.push_str(&(Message::new(code).text(self.lang()) + "\n"));
            }
        }
        let columns =
            SERIES_COLUMNS.into_iter().filter(|name| *name != ON_YEAR || self.has_years());
        let columns: Vec<String> = columns.map(str::to_owned).collect();
        let table = self.table(TrendTable::Series).select(&columns);
        let n_left_out = table.n_rows().saturating_sub(SHOWN_PERIODS);
        text.push('\n');
        text.push_str(&self.drawn(&table.last_rows(SHOWN_PERIODS))?);
        if n_left_out > 0 {
            let code = if n_left_out == 1 { "trend.one_more_period" } else { "trend.more_periods" };
            let message = Message::new(code).with("count", n_left_out);
            text.push_str(&(message.text(self.lang()) + "\n"));
        }
        Ok(text)
    }

    /// The remarks on the last periods, the latest first.
    fn remarks(&self) -> String {
        let remarks = spans_of_remarks(self.trend, self.bodies, self.lang());
        if remarks.is_empty() {
            return String::new();
        }
        let is_single = self.has_one();
        let n_left_out = remarks.len().saturating_sub(SHOWN_REMARKS);
        let mut text = format!("\n{}\n", Message::new("trend.remarks").text(self.lang()));
        for remark in remarks.iter().take(SHOWN_REMARKS) {
            text.push_str(&format!("  {}\n", self.remark(remark, is_single)));
        }
        if n_left_out > 0 {
            let message = Message::new("trend.more_remarks").with("count", n_left_out);
            text.push_str(&(message.text(self.lang()) + "\n"));
        }
        text
    }

    /// One remark, with the periods and, unless one series is shown, the names that it is about.
    fn remark(&self, remark: &SpanOfRemark, is_single: bool) -> String {
        let code = match (remark.first == remark.last, is_single) {
            (true, true) => "trend.remark",
            (true, false) => "trend.remark_of",
            (false, true) => "trend.remark_between",
            (false, false) => "trend.remark_between_of",
        };
        let message = Message::new(code).with("first", remark.first).with("last", remark.last);
        let message = message.with("names", few_names(&remark.names, self.lang()));
        // Its own facts were masked when it was worded.
        message.with_sentence("remark", &remark.text, &remark.text).text(self.lang())
    }
}

/// Rounds what is expected, where rows are `about` that: counts to whole numbers and percents to two
/// decimals. Nobody knows it more exactly, and formats that programs read have it as it is.
fn with_round_forecasts(
    table: &ResultTable,
    about: impl Fn(&RecordBatch, usize) -> bool,
) -> ResultTable {
    let rounded = |batch: &RecordBatch, name: &str, values: &Float64Array| -> ArrayRef {
        let round = |(row, value): (usize, Option<f64>)| {
            // What was reached is known exactly.
            let is_expected = about(batch, row) && (name != "value" || !has_forecast(batch));
            let scale =
                if text_of(batch, "unit", row).as_deref() == Some("%") { 100.0 } else { 1.0 };
            value.map(|exact| if is_expected { (exact * scale).round() / scale } else { exact })
        };
        Arc::new(values.iter().enumerate().map(round).collect::<Float64Array>())
    };
    let of_batch = |batch: &RecordBatch| {
        let fields = batch.schema();
        let columns =
            fields.fields().iter().zip(batch.columns()).map(|(field, column)| {
                match column.as_primitive_opt::<Float64Type>() {
                    Some(values) if EXPECTED.contains(&field.name().as_str()) => {
                        rounded(batch, field.name(), values)
                    }
                    _ => Arc::clone(column),
                }
            });
        RecordBatch::try_new(batch.schema(), columns.collect())
            .expect("only values of the same type and number took their place")
    };
    let batches = table.batches.iter().map(of_batch).collect();
    ResultTable { schema: Arc::clone(&table.schema), batches }
}

/// Columns of what is expected; in the appendix it is a value as others are.
const EXPECTED: [&str; 4] = ["value", "forecast", "low", "high"];

/// Whether what is expected has a column of its own.
fn has_forecast(batch: &RecordBatch) -> bool {
    batch.column_by_name("forecast").is_some()
}

/// A text of a table; `None` where there is none.
fn text_of(batch: &RecordBatch, column: &str, row: usize) -> Option<String> {
    let column = batch.column_by_name(column)?.as_string_opt::<i32>()?;
    column.is_valid(row).then(|| column.value(row).to_owned())
}

/// The code of what the values are.
fn measure_code(measure: Measure) -> &'static str {
    match measure {
        Measure::Flow => "trend.measure.flow",
        Measure::Level => "trend.measure.level",
        Measure::Cumulative => "trend.measure.cumulative",
    }
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

#[cfg(test)]
mod tests {
    use arrow::array::StringArray;

    use super::*;

    #[test]
    fn what_is_expected_is_no_more_exact_than_anybody_knows() {
        let texts = |texts: [&str; 3]| -> ArrayRef { Arc::new(StringArray::from(texts.to_vec())) };
        let values: ArrayRef = Arc::new(Float64Array::from(vec![77.893_9, 10_066.013_7, 90.126]));
        let columns = [
            ("statistic", texts(["slope", "forecast", "forecast"])),
            ("value", Arc::clone(&values)),
            ("unit", texts(["条", "条", "%"])),
        ];
        let table = ResultTable::of(RecordBatch::try_from_iter(columns).unwrap());
        let is_forecast = |batch: &RecordBatch, row: usize| {
            text_of(batch, "statistic", row).as_deref() == Some("forecast")
        };
        let shown = |table: &ResultTable| -> Vec<f64> {
            let column = table.batches[0].column_by_name("value").unwrap();
            column.as_primitive::<Float64Type>().values().to_vec()
        };
        assert_eq!(shown(&with_round_forecasts(&table, is_forecast)), [77.893_9, 10_066.0, 90.13]);
        // What was reached of a target stands beside what is expected of it.
        let columns =
            [("value", Arc::clone(&values)), ("forecast", values), ("unit", texts(["条"; 3]))];
        let table = ResultTable::of(RecordBatch::try_from_iter(columns).unwrap());
        let rounded = with_round_forecasts(&table, |_, _| true);
        assert_eq!(shown(&rounded), [77.893_9, 10_066.013_7, 90.126]);
        let forecasts = rounded.select(&["forecast".to_owned()]);
        let forecasts = forecasts.batches[0].column(0).as_primitive::<Float64Type>();
        assert_eq!(forecasts.values().to_vec(), [78.0, 10_066.0, 90.0]);
    }
}
