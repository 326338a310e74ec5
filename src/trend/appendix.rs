//! The appendix of a trend: what the statistics of a series say, each with its method, or why one is not
//! given.

use crate::diag::{Lang, Message};
use crate::model::text_enum;
use crate::table::ResultTable;
use crate::trend::bodies::Bodies;
use crate::trend::compare::AcrossBreaks;
use crate::trend::frequency::Slot;
use crate::trend::outlook::{MAX_STEPS, Outlook};
use crate::trend::point::Point;
use crate::trend::series::Series;
use crate::trend::stats::{
    Confidence, Cycle, Smoothed, Unsupported, decompose, fit_damped_trend, hamed_rao, mann_kendall,
    pettitt, robust_outliers, seasonal_mann_kendall, seasonal_means, seasonal_slope, theil_sen,
};
use crate::trend::tables::Columns;
use crate::trend::{Measured, Trend};

text_enum! {
    /// A statistic of the appendix.
    Statistic {
        /// Change per period, the median of all slopes.
        Slope = "slope",
        /// Change per year, from the same period of each year alone.
        SeasonalSlope = "seasonal_slope",
        /// Whether the series rises or falls.
        MannKendall = "mann_kendall",
        /// The same, where values depend on those before them.
        CorrectedMannKendall = "corrected_mann_kendall",
        /// The same, from the same period of each year alone.
        SeasonalMannKendall = "seasonal_mann_kendall",
        /// Where the level changes for good.
        ChangePoint = "change_point",
        /// Values far from the others.
        Outlier = "outlier",
        /// What is usual in a period of the year.
        SeasonMean = "season_mean",
        /// What is expected of periods to come.
        Forecast = "forecast",
    }
}

impl Statistic {
    /// Whether it is a test of the order of values, whose figure has no unit.
    fn is_test(self) -> bool {
        matches!(self, Self::MannKendall | Self::CorrectedMannKendall | Self::SeasonalMannKendall)
    }

    /// Returns its formula, the source of it, and what it assumes.
    pub fn method(self) -> Message {
        Message::new(match self {
            Self::Slope => "trend.method.slope",
            Self::SeasonalSlope => "trend.method.seasonal_slope",
            Self::MannKendall => "trend.method.mann_kendall",
            Self::CorrectedMannKendall => "trend.method.corrected_mann_kendall",
            Self::SeasonalMannKendall => "trend.method.seasonal_mann_kendall",
            Self::ChangePoint => "trend.method.change_point",
            Self::Outlier => "trend.method.outlier",
            Self::SeasonMean => "trend.method.season_mean",
            Self::Forecast => "trend.method.forecast",
        })
    }
}

/// One line of the appendix.
#[derive(Debug, Clone, PartialEq)]
struct Line {
    statistic: Statistic,
    /// The period that it is about, where it is about one.
    period: Option<Slot>,
    value: Option<f64>,
    low: Option<f64>,
    high: Option<f64>,
    p_value: Option<f64>,
    /// Values that it was computed from.
    n_values: usize,
    reason: Option<Message>,
}

impl Line {
    fn of(statistic: Statistic, n_values: usize) -> Self {
        Self {
            statistic,
            period: None,
            value: None,
            low: None,
            high: None,
            p_value: None,
            n_values,
            reason: None,
        }
    }
}

/// Returns the statistics of the series that are shown.
///
/// Columns: those of the subject, `statistic`, `period` (the first after a change, that of an outlier, a
/// season as its first period, that of a forecast), `value` (in `unit`; of the slopes per period and per
/// year, of the tests Kendall's tau without a unit, of a change point mean after less mean before),
/// `low` and `high` (ends of an interval of 95 %), `unit`, `p_value`, `n_values`, `reason` (why it is not
/// given), `method`.
pub fn appendix_table(
    trend: &Trend,
    bodies: &Bodies,
    outlook: &Outlook,
    lang: Lang,
) -> ResultTable {
    let across = trend.across();
    let rows: Vec<(&Series, Line)> = trend
        .shown()
        .flat_map(|(_, series)| {
            let until = outlook.last_of(&series.subject, trend.plan.last, bodies);
            let sample = Sample::of(trend.periods(series), across);
            let lines = match trend.measured(series) {
                Measured::Steadily => sample.lines(until),
                Measured::BeginsAnew => sample.withheld(),
            };
            lines.into_iter().map(move |line| (series, line))
        })
        .collect();
    let lines = || rows.iter().map(|(_, line)| line);
    let unit = |(series, line): &(&Series, Line)| {
        let has_unit = !line.statistic.is_test();
        series.unit().filter(|_| has_unit).map(str::to_owned)
    };
    let mut columns = Columns::default();
    columns.subjects(rows.iter().map(|(series, _)| *series), bodies);
    columns.required("statistic", lines().map(|line| line.statistic.as_str().to_owned()));
    columns.text("period", lines().map(|line| line.period.map(|slot| slot.to_string())));
    columns.doubles("value", lines().map(|line| line.value));
    columns.doubles("low", lines().map(|line| line.low));
    columns.doubles("high", lines().map(|line| line.high));
    columns.text("unit", rows.iter().map(unit));
    columns.doubles("p_value", lines().map(|line| line.p_value));
    columns.ints("n_values", lines().map(|line| i32::try_from(line.n_values).ok()));
    columns.text("reason", lines().map(|line| Some(line.reason.as_ref()?.text(lang))));
    columns.required("method", lines().map(|line| line.statistic.method().text(lang)));
    columns.table()
}

/// What a series without its seasons goes on as.
pub(super) struct Fitted {
    /// The last period with a value.
    pub(super) last: Slot,
    /// What it was fitted to.
    n_values: usize,
    pub(super) model: Smoothed,
    /// What the seasons add, beginning with that of the first value.
    seasons: Option<Vec<f64>>,
}

impl Fitted {
    /// What the season adds some steps after the last value.
    pub(super) fn season_ahead(&self, n_steps: usize) -> f64 {
        self.season(self.n_values - 1 + n_steps)
    }

    fn season(&self, position: usize) -> f64 {
        season(self.seasons.as_deref(), position)
    }
}

fn season(seasons: Option<&[f64]>, position: usize) -> f64 {
    seasons.map_or(0.0, |seasons| seasons[position % seasons.len()])
}

/// The values of a series that statistics may be computed from: sound ones, after its last break.
pub(super) struct Sample {
    /// The period of the first entry.
    first: Slot,
    values: Vec<Option<f64>>,
}

impl Sample {
    pub(super) fn of(points: &[Point], across: AcrossBreaks) -> Self {
        let start = match across {
            AcrossBreaks::Refuse => points.iter().rposition(|point| point.is_break).unwrap_or(0),
            AcrossBreaks::Compare => last_change_of_unit(points),
        };
        let sound = |point: &Point| point.value.filter(|_| point.is_sound());
        let values: Vec<Option<f64>> = points[start..].iter().map(sound).collect();
        let n_leading = values.iter().take_while(|value| value.is_none()).count();
        let n_leading = if n_leading == values.len() { 0 } else { n_leading };
        let first = points[start].slot.plus(steps(n_leading));
        Self { first, values: values[n_leading..].to_vec() }
    }

    fn n_values(&self) -> usize {
        self.values.iter().flatten().count()
    }

    fn slot(&self, position: usize) -> Slot {
        self.first.plus(steps(position))
    }

    /// How many periods are one year, where the series has seasons.
    fn cycle(&self) -> Option<Cycle> {
        usize::try_from(self.first.frequency().n_in_year()).ok().and_then(Cycle::new)
    }

    /// The last values without a gap behind them, and the period of the first.
    fn unbroken(&self) -> (Slot, &[Option<f64>]) {
        let known = self.values.iter().rposition(Option::is_some).map_or(0, |last| last + 1);
        let start = self.values[..known].iter().rposition(Option::is_none).map_or(0, |gap| gap + 1);
        (self.slot(start), &self.values[start..known])
    }

    fn lines(&self, until: Option<Slot>) -> Vec<Line> {
        let monotone = self.monotone(Statistic::MannKendall, None);
        let mut lines = vec![self.slope(), monotone, self.corrected_monotone()];
        if let Some(cycle) = self.cycle() {
            lines.push(self.seasonal_slope(cycle));
            lines.push(self.monotone(Statistic::SeasonalMannKendall, Some(cycle)));
        }
        lines.push(self.change_point());
        lines.extend(self.outliers());
        if let Some(cycle) = self.cycle() {
            lines.extend(self.season_means(cycle));
        }
        lines.extend(self.forecast(until));
        lines
    }

    /// Why a count that begins anew every New Year has none of them: it rises whatever happens, and falls
    /// from December to January.
    fn withheld(&self) -> Vec<Line> {
        let is_of_cycles = |statistic: &Statistic| {
            matches!(
                statistic,
                Statistic::SeasonalSlope | Statistic::SeasonalMannKendall | Statistic::SeasonMean
            )
        };
        let has_cycle = self.cycle().is_some();
        let given = Statistic::ALL.iter().filter(|statistic| has_cycle || !is_of_cycles(statistic));
        let line = |statistic: &Statistic| Line {
            reason: Some(Message::new("trend.begins_anew")),
            ..Line::of(*statistic, self.n_values())
        };
        given.map(line).collect()
    }

    /// A line, or why it is not there.
    fn line<T>(
        &self,
        statistic: Statistic,
        found: Result<T, Unsupported>,
        fill: impl FnOnce(&mut Line, T),
    ) -> Line {
        let mut line = Line::of(statistic, self.n_values());
        match found {
            Ok(found) => fill(&mut line, found),
            Err(reason) => line.reason = Some(reason_of(reason)),
        }
        line
    }

    fn slope(&self) -> Line {
        self.line(Statistic::Slope, theil_sen(&self.values, Confidence::P95), |line, found| {
            line.value = Some(found.slope);
            (line.low, line.high) = (Some(found.low), Some(found.high));
        })
    }

    fn seasonal_slope(&self, cycle: Cycle) -> Line {
        let found = seasonal_slope(&self.values, cycle);
        self.line(Statistic::SeasonalSlope, found, |line, found| line.value = Some(found.slope))
    }

    fn monotone(&self, statistic: Statistic, cycle: Option<Cycle>) -> Line {
        let found = match cycle {
            Some(cycle) => seasonal_mann_kendall(&self.values, cycle),
            None => mann_kendall(&self.values),
        };
        self.line(statistic, found, |line, found| {
            line.value = Some(found.tau);
            line.p_value = Some(found.p);
        })
    }

    /// Only where values depend on those before them: else it is the test without a correction.
    fn corrected_monotone(&self) -> Line {
        let statistic = Statistic::CorrectedMannKendall;
        self.line(statistic, hamed_rao(&self.values), |line, found| {
            if found.has_autocorrelation() {
                line.value = Some(found.test.tau);
                line.p_value = Some(found.test.p);
            } else {
                line.reason = Some(Message::new("trend.no_autocorrelation"));
            }
        })
    }

    fn change_point(&self) -> Line {
        self.line(Statistic::ChangePoint, pettitt(&self.values), |line, found| {
            let behind = self.values.iter().skip(found.last_before + 1);
            let n_gaps = behind.take_while(|value| value.is_none()).count();
            line.period = Some(self.slot(found.last_before + 1 + n_gaps));
            line.value = Some(found.mean_after - found.mean_before);
            line.p_value = Some(found.p);
        })
    }

    /// Outliers of what is left when trend and seasons are taken out, as far as they can be.
    fn outliers(&self) -> Vec<Line> {
        let decomposed = self.cycle().and_then(|cycle| decompose(&self.values, cycle).ok());
        let rest = decomposed.map(|found| found.rest).or_else(|| {
            theil_sen(&self.values, Confidence::P95).ok().map(|line| line.residuals(&self.values))
        });
        match robust_outliers(rest.as_ref().unwrap_or(&self.values)) {
            Err(reason) => vec![self.line(Statistic::Outlier, Err::<(), _>(reason), |_, ()| ())],
            Ok(found) if found.positions().is_empty() => {
                let mut line = Line::of(Statistic::Outlier, self.n_values());
                line.reason = Some(Message::new("trend.no_outlier"));
                vec![line]
            }
            Ok(found) => found
                .positions()
                .into_iter()
                .map(|position| Line {
                    period: Some(self.slot(position)),
                    value: self.values[position],
                    ..Line::of(Statistic::Outlier, self.n_values())
                })
                .collect(),
        }
    }

    fn season_means(&self, cycle: Cycle) -> Vec<Line> {
        match seasonal_means(&self.values, cycle) {
            Err(reason) => vec![self.line(Statistic::SeasonMean, Err::<(), _>(reason), |_, ()| ())],
            Ok(means) => {
                let mut lines: Vec<Line> = means
                    .into_iter()
                    .enumerate()
                    .map(|(position, season)| Line {
                        period: Some(self.slot(position)),
                        value: Some(season.mean),
                        ..Line::of(Statistic::SeasonMean, season.n_values)
                    })
                    .collect();
                lines.sort_by_key(|line| line.period.map(Slot::in_year));
                lines
            }
        }
    }

    /// Fits a damped trend to what is left of the last values in a row without their seasons.
    pub(super) fn fitted(&self) -> Result<Fitted, Message> {
        let (first, values) = self.unbroken();
        let seasons =
            self.cycle().and_then(|cycle| decompose(values, cycle).ok()).map(|of| of.seasons);
        let adjusted: Vec<Option<f64>> = values
            .iter()
            .enumerate()
            .map(|(position, value)| {
                value.map(|value| value - season(seasons.as_deref(), position))
            })
            .collect();
        let n_values = values.len();
        let model = fit_damped_trend(&adjusted).map_err(|reason| match reason {
            Unsupported::TooShort { n_needed, .. } if n_values < self.n_values() => {
                too_short("trend.too_short_since_gap", n_needed, n_values)
            }
            reason => reason_of(reason),
        })?;
        Ok(Fitted { last: first.plus(steps(n_values) - 1), n_values, model, seasons })
    }

    /// A damped trend of what is left without seasons, the seasons added again.
    ///
    /// `until` is its last period; `None` for a year ahead.
    fn forecast(&self, until: Option<Slot>) -> Vec<Line> {
        let n_values = self.unbroken().1.len();
        let fitted = match self.fitted() {
            Ok(fitted) => fitted,
            Err(reason) => return vec![no_forecast(n_values, reason)],
        };
        let last = fitted.last;
        let until = until.unwrap_or_else(|| last.plus(last.frequency().n_in_year()));
        let n_steps = last.distance_to(until);
        if n_steps > MAX_STEPS {
            // The series ends earlier than those that the last period was chosen for.
            let reason = Message::new("trend.forecast_too_far").with("last", last);
            return vec![no_forecast(n_values, reason.with("steps", MAX_STEPS))];
        }
        let n_steps = usize::try_from(n_steps).expect("a forecast ends behind all figures");
        let forecasts = fitted.model.forecast(n_steps, Confidence::P95);
        forecasts
            .into_iter()
            .map(|forecast| {
                let added = fitted.season_ahead(forecast.n_steps);
                Line {
                    period: Some(last.plus(steps(forecast.n_steps))),
                    value: Some(forecast.mean + added),
                    low: Some(forecast.low + added),
                    high: Some(forecast.high + added),
                    ..Line::of(Statistic::Forecast, n_values)
                }
            })
            .collect()
    }
}

fn no_forecast(n_values: usize, reason: Message) -> Line {
    Line { reason: Some(reason), ..Line::of(Statistic::Forecast, n_values) }
}

/// The position of the first point behind the last change of the unit.
fn last_change_of_unit(points: &[Point]) -> usize {
    let known = points.iter().enumerate().filter(|(_, point)| point.unit.is_some());
    let known: Vec<(usize, &Point)> = known.collect();
    let changes = known.windows(2).rev().find(|pair| pair[0].1.unit != pair[1].1.unit);
    changes.map_or(0, |pair| pair[1].0)
}

fn steps(n: usize) -> i32 {
    i32::try_from(n).expect("a series has fewer periods than an integer")
}

fn too_short(code: &'static str, n_needed: usize, n_values: usize) -> Message {
    Message::new(code).with("needed", n_needed).with("found", n_values)
}

/// Why a statistic is not given, in words.
fn reason_of(reason: Unsupported) -> Message {
    match reason {
        Unsupported::TooShort { n_needed, n_values } => {
            too_short("trend.too_short", n_needed, n_values)
        }
        Unsupported::SeasonTooShort { n_needed, n_values, .. } => {
            too_short("trend.season_too_short", n_needed, n_values)
        }
        Unsupported::TooFewPairs { n_needed, n_pairs } => {
            too_short("trend.too_few_pairs", n_needed, n_pairs)
        }
        Unsupported::Gaps { n_gaps } => Message::new("trend.has_gaps").with("count", n_gaps),
        Unsupported::AllEqual => Message::new("trend.all_equal"),
        Unsupported::OnLine => Message::new("trend.on_line"),
        Unsupported::ConfidenceTooHigh => Message::new("trend.interval_too_wide"),
        Unsupported::VarianceNotPositive => Message::new("trend.no_variance"),
        Unsupported::NotFinite { .. } => Message::new("trend.not_finite"),
    }
}
