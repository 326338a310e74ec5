//! Targets of those that are shown: what was reached, the days that are left, and whether a forecast gets
//! there.

use chrono::{Datelike, NaiveDate};

use crate::diag::{Lang, Message};
use crate::model::text_enum;
use crate::refdata::Target;
use crate::table::ResultTable;
use crate::trend::appendix::Sample;
use crate::trend::bodies::Bodies;
use crate::trend::figure::{Figure, FigureStatus, Subject};
use crate::trend::frequency::Slot;
use crate::trend::making::is_comparable;
use crate::trend::outlook::{MAX_STEPS, holds_in};
use crate::trend::plan::Measure;
use crate::trend::point::{Contradiction, Made};
use crate::trend::series::{Series, Spans, says_what_was_done};
use crate::trend::stats::{Confidence, Forecast};
use crate::trend::tables::Columns;
use crate::trend::{Measured, Trend};

text_enum! {
    /// How a target stands.
    GoalOutlook {
        /// It is reached; a limit, when its time is over.
        Met = "met",
        /// Its time is over and it was not reached.
        Missed = "missed",
        /// More than a limit allows.
        OverLimit = "over_limit",
        /// It will be met, as far as an interval of 95 % goes.
        WillMeet = "will_meet",
        /// What is expected meets it, and not all of the interval.
        MayMeet = "may_meet",
        /// What is expected misses it, and not all of the interval.
        MayMiss = "may_miss",
        /// It will be missed, as far as an interval of 95 % goes.
        WillMiss = "will_miss",
        /// Its time is not over, and nothing is forecast.
        NotDue = "not_due",
        /// No figure within its time says how far it got.
        NoFigure = "no_figure",
        /// The figure that says it is in another unit.
        UnitDiffers = "unit_differs",
        /// The figure that says it was too high, as a later one shows.
        RevisedDown = "revised_down",
        /// The figure that says it, or the one that is taken away from that, is taken for a mistake.
        DoubtfulFall = "doubtful_fall",
    }
}

/// A target in force, beside what the series says of it.
#[derive(Debug, Clone)]
pub struct Goal {
    /// Position of the series among all of the trend.
    pub series_idx: usize,
    /// The target.
    pub target: Target,
    /// What was reached within its time.
    pub reached: Option<Reached>,
    /// What is expected when its time ends.
    pub expected: Option<Forecast>,
    /// How it stands.
    pub outlook: GoalOutlook,
    /// Why nothing is expected, where its time is not over.
    pub reason: Option<Message>,
}

/// What was reached of a target.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reached {
    /// The value, in the unit of the target.
    pub value: f64,
    /// The last day of its figure.
    pub day: NaiveDate,
    /// Whether the figure states it, or is one of a longer time that an earlier one was taken away from.
    pub made: Made,
}

impl Goal {
    /// Days from that of the figure to the end of the target's time; `None` without a figure.
    fn days_left(&self) -> Option<i32> {
        i32::try_from((self.target.due - self.reached?.day).num_days()).ok()
    }
}

/// Returns the targets of those that are shown that are in force at the end of the last period, in the order
/// of the series. A target of the region is none of its departments.
///
/// `figures` are those that the trend was made of: what a flow reached is what was counted from the first
/// day of the target on, as `targets/attainment` has it.
pub fn goals_of(
    trend: &Trend,
    figures: &[Figure],
    targets: &[Target],
    bodies: &Bodies,
) -> Vec<Goal> {
    let last_day = trend.plan.last.last_day();
    let is_in_force = |target: &&Target| target.valid_from <= last_day && last_day <= target.due;
    let of_series = |(series_idx, series): (usize, &Series)| -> Vec<Goal> {
        let own = targets.iter().filter(is_in_force).filter(|target| {
            target.department == series.subject.department
                && series.subject.breakdown.is_none()
                && holds_in(target, &series.subject, bodies)
        });
        own.map(|target| goal_of(trend, figures, (series_idx, series), target)).collect()
    };
    trend.shown().flat_map(of_series).collect()
}

fn goal_of(
    trend: &Trend,
    figures: &[Figure],
    (series_idx, series): (usize, &Series),
    target: &Target,
) -> Goal {
    let found = reached(trend, figures, &series.subject, target);
    let mut goal = Goal {
        series_idx,
        target: target.clone(),
        reached: found.ok(),
        expected: None,
        outlook: GoalOutlook::NoFigure,
        reason: None,
    };
    let reached = match found {
        Ok(reached) => reached,
        Err(outlook) => return Goal { outlook, ..goal },
    };
    let is_limit = target.is_limit;
    let is_met = meets(reached.value, target);
    let is_over = reached.day >= target.due;
    goal.outlook = match (is_limit, is_met) {
        (true, false) => GoalOutlook::OverLimit,
        (false, true) => GoalOutlook::Met,
        (true, true) if is_over => GoalOutlook::Met,
        (false, false) if is_over => GoalOutlook::Missed,
        _ => {
            match expected(trend, series, target, reached) {
                Ok(forecast) => goal.expected = Some(forecast),
                Err(reason) => goal.reason = Some(reason),
            }
            goal.expected.map_or(GoalOutlook::NotDue, |forecast| outlook(forecast, target))
        }
    };
    goal
}

/// What the latest figure within the time of a target says that measures it: of a flow what was counted from
/// its first day on, else what a running total added since the day before, in the same year.
///
/// # Errors
///
/// How the target stands where no such figure says how far it got.
fn reached(
    trend: &Trend,
    figures: &[Figure],
    subject: &Subject,
    target: &Target,
) -> Result<Reached, GoalOutlook> {
    let is_level = trend.plan.measure == Measure::Level;
    let own: Vec<&Figure> = figures.iter().filter(|figure| figure.subject == *subject).collect();
    let end = target.due.min(trend.plan.last.last_day());
    let is_within = |figure: &&&Figure| {
        figure.value.is_some() && target.valid_from <= figure.period.end && figure.period.end <= end
    };
    let measured = own.iter().filter(is_within).filter_map(|closing| {
        if is_level || closing.period.start == Some(target.valid_from) {
            return Some((*closing, None));
        }
        let is_within_year =
            closing.period.start.is_none() || target.due.year() == target.valid_from.year();
        let opening = own.iter().find(|opening| is_opening(opening, closing, target))?;
        is_within_year.then_some((*closing, Some(*opening)))
    });
    let latest = measured
        .max_by_key(|(closing, opening)| {
            (closing.period.end, opening.is_none(), closing.definition)
        })
        .ok_or(GoalOutlook::NoFigure)?;
    let (closing, opening) = latest;
    if closing.unit != target.unit {
        return Err(GoalOutlook::UnitDiffers);
    }
    if !is_level {
        let spans = Spans::of(&own);
        let mut contradictions =
            opening.into_iter().chain([closing]).filter_map(|figure| spans.contradiction(figure));
        match contradictions.next() {
            Some((Contradiction::TooHigh, _)) => return Err(GoalOutlook::RevisedDown),
            Some((Contradiction::Doubtful, _)) => return Err(GoalOutlook::DoubtfulFall),
            None => {}
        }
    }
    let before = opening.and_then(|opening| opening.value).unwrap_or_default();
    let value = closing.value.unwrap_or_default();
    Ok(Reached {
        // What was sent back altogether leaves nothing of the time of the target, either.
        value: if closing.status == FigureStatus::Returned { 0.0 } else { value - before },
        day: closing.period.end,
        made: if opening.is_some() { Made::Difference } else { Made::Stated },
    })
}

/// Whether a figure ends on the day before the time of a target and can be taken away from one that ends
/// within it.
fn is_opening(opening: &Figure, closing: &Figure, target: &Target) -> bool {
    let day_before = target.valid_from.pred_opt();
    day_before == Some(opening.period.end)
        && opening.period.start == closing.period.start
        && says_what_was_done(opening)
        && is_comparable(opening, closing)
        && (closing.status != FigureStatus::PartlyReturned || opening.value <= closing.value)
}

/// What is expected when the time of a target ends: of a flow what was reached and the forecasts of all
/// periods that are left together.
fn expected(
    trend: &Trend,
    series: &Series,
    target: &Target,
    reached: Reached,
) -> Result<Forecast, Message> {
    let measured = trend.measured(series);
    if measured == Measured::BeginsAnew {
        return Err(Message::new("trend.begins_anew"));
    }
    let fitted = Sample::of(trend.periods(series), trend.across()).fitted()?;
    let until = Slot::of(target.due, trend.plan.frequency);
    if until.last_day() != target.due {
        return Err(Message::new("trend.target_within_period").with("period", until));
    }
    if reached.day != fitted.last.last_day() {
        return Err(Message::new("trend.target_figure_behind").with("last", fitted.last));
    }
    let n_steps = fitted.last.distance_to(until);
    if n_steps > MAX_STEPS {
        let reason = Message::new("trend.forecast_too_far").with("last", fitted.last);
        return Err(reason.with("steps", MAX_STEPS));
    }
    let n_steps = usize::try_from(n_steps).unwrap_or_default();
    let (forecast, opening) = match trend.plan.measure {
        Measure::Level => {
            let forecasts = fitted.model.forecast(n_steps, Confidence::P95);
            let forecast = forecasts.last().copied();
            (forecast, fitted.season_ahead(n_steps))
        }
        Measure::Flow | Measure::Cumulative => {
            let seasons: f64 = (1..=n_steps).map(|n| fitted.season_ahead(n)).sum();
            (fitted.model.forecast_sum(n_steps, Confidence::P95), reached.value + seasons)
        }
    };
    let none = || Message::new("trend.target_figure_behind").with("last", fitted.last);
    let forecast = forecast.ok_or_else(none)?;
    let [mean, low, high] =
        [forecast.mean, forecast.low, forecast.high].map(|value| value + opening);
    Ok(Forecast { mean, low, high, ..forecast })
}

/// Whether a value is as a target wants it.
fn meets(value: f64, target: &Target) -> bool {
    if target.is_limit { value <= target.value } else { value >= target.value }
}

fn outlook(forecast: Forecast, target: &Target) -> GoalOutlook {
    let worst = if target.is_limit { forecast.high } else { forecast.low };
    let best = if target.is_limit { forecast.low } else { forecast.high };
    if meets(worst, target) {
        GoalOutlook::WillMeet
    } else if meets(forecast.mean, target) {
        GoalOutlook::MayMeet
    } else if meets(best, target) {
        GoalOutlook::MayMiss
    } else {
        GoalOutlook::WillMiss
    }
}

/// Returns the targets of those that are shown.
///
/// Columns: those of the subject, `valid_from` and `due` (days of the target's time), `direction`,
/// `target`, `unit`, `value` (reached, in `unit`), `made` (whether a figure states that, or it is the
/// difference of two), `period_end` (day of that figure), `completion_pct`
/// (percent of the target; null where that is 0), `days_left` (from that day on), `forecast`, `low` and
/// `high` (when the time of the target ends, with the ends of an interval of 95 %), `target_outlook`,
/// `reason` (why nothing is expected, where the time is not over).
pub fn goals_table(goals: &[Goal], trend: &Trend, bodies: &Bodies, lang: Lang) -> ResultTable {
    let targets = || goals.iter().map(|goal| &goal.target);
    let expected = |end: fn(Forecast) -> f64| goals.iter().map(move |goal| goal.expected.map(end));
    let completion = |goal: &Goal| {
        let value = goal.reached?.value;
        (goal.target.value != 0.0).then(|| 100.0 * value / goal.target.value)
    };
    let direction = |target: &Target| if target.is_limit { "at_most" } else { "at_least" };
    let mut columns = Columns::default();
    columns.subjects(goals.iter().map(|goal| &trend.all[goal.series_idx]), bodies);
    columns.days("valid_from", targets().map(|target| target.valid_from));
    columns.days("due", targets().map(|target| target.due));
    columns.required("direction", targets().map(|target| direction(target).to_owned()));
    columns.doubles("target", targets().map(|target| Some(target.value)));
    columns.required("unit", targets().map(|target| target.unit.clone()));
    columns.doubles("value", goals.iter().map(|goal| goal.reached.map(|reached| reached.value)));
    let made = |goal: &Goal| Some(goal.reached?.made.as_str().to_owned());
    columns.text("made", goals.iter().map(made));
    columns.some_days("period_end", goals.iter().map(|goal| Some(goal.reached?.day)));
    columns.doubles("completion_pct", goals.iter().map(completion));
    columns.ints("days_left", goals.iter().map(Goal::days_left));
    columns.doubles("forecast", expected(|forecast| forecast.mean));
    columns.doubles("low", expected(|forecast| forecast.low));
    columns.doubles("high", expected(|forecast| forecast.high));
    columns.required("target_outlook", goals.iter().map(|goal| goal.outlook.as_str().to_owned()));
    columns.text("reason", goals.iter().map(|goal| Some(goal.reason.as_ref()?.text(lang))));
    columns.table()
}
