//! One period beside an earlier one: the change, the growth, or why there is none.

use crate::model::text_enum;
use crate::trend::plan::Measure;
use crate::trend::point::{Contradiction, Point};
use crate::trend::series::Series;

text_enum! {
    /// Why two periods are not compared, or why no growth is given.
    NotCompared {
        /// The period has no value.
        NoValue = "no_value",
        /// The earlier period has no value.
        NoValueBefore = "no_value_before",
        /// Zero came before: nothing grows from it by a percentage.
        ZeroBefore = "zero_before",
        /// The count began anew at New Year.
        NewYear = "new_year",
        /// One of the two is of a day that is not the end of its period.
        OtherDay = "other_day",
        /// Definition, unit, scope or department changed between them.
        Break = "break",
        /// One of the two was too high, as a later figure shows.
        TooHigh = "too_high",
        /// One of the two fell to less than half, and no later figure bears it out.
        Doubtful = "doubtful",
        /// One of the two is a zero because everything was sent back.
        Returned = "returned",
        /// One of the two holds what was sent back before and came again.
        Resubmitted = "resubmitted",
        /// One of the two consists mostly of records that were pushed late.
        Backfilled = "backfilled",
        /// The change is less than what figures in 万 or 亿 leave open.
        Rounded = "rounded",
    }
}

/// Whether periods are compared although something other than the value changed between them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AcrossBreaks {
    /// They are not.
    Refuse,
    /// They are, except where the unit changed.
    Compare,
}

/// A period beside an earlier one.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Comparison {
    /// The earlier value, in the unit of the series.
    pub before: Option<f64>,
    /// Value less earlier value; `None` where they are not compared.
    pub change: Option<f64>,
    /// The change in percent of the earlier value, with the sign of the change; of a ratio in percent
    /// `None`, whose change is in percentage points.
    pub growth_pct: Option<f64>,
    /// Why something is not given.
    pub not_compared: Option<NotCompared>,
}

/// How the periods of a trend are compared.
#[derive(Debug, Clone, Copy)]
pub(super) struct Comparing {
    pub(super) measure: Measure,
    pub(super) across: AcrossBreaks,
    pub(super) is_ratio: bool,
}

impl Comparing {
    /// Compares a point of a series with the one that lies `n` periods before it.
    pub(super) fn with_earlier(self, series: &Series, point: &Point, n: i32) -> Comparison {
        let Some(before) = series.at(point.slot.plus(-n)) else {
            return refused(None, NotCompared::NoValueBefore);
        };
        let Some(value) = point.value else {
            return refused(before.value, NotCompared::NoValue);
        };
        let Some(earlier) = before.value else {
            return refused(None, NotCompared::NoValueBefore);
        };
        match self.obstacle(series, before, point) {
            Some(obstacle) => refused(Some(earlier), obstacle),
            None => self.compared(earlier, value),
        }
    }

    fn compared(self, before: f64, value: f64) -> Comparison {
        let has_growth = !self.is_ratio && before != 0.0;
        Comparison {
            before: Some(before),
            change: Some(value - before),
            growth_pct: has_growth.then(|| 100.0 * (value - before) / before.abs()),
            not_compared: (!self.is_ratio && before == 0.0).then_some(NotCompared::ZeroBefore),
        }
    }

    /// Why two points with values cannot be compared.
    fn obstacle(self, series: &Series, before: &Point, point: &Point) -> Option<NotCompared> {
        let is_reset =
            self.measure == Measure::Cumulative && before.slot.in_year() != point.slot.in_year();
        if is_reset && before.slot.year() != point.slot.year() {
            return Some(NotCompared::NewYear);
        }
        if before.days_short != point.days_short {
            return Some(NotCompared::OtherDay);
        }
        let has_break = series.points.iter().any(|between| {
            between.is_break && before.slot < between.slot && between.slot <= point.slot
        });
        let is_refused = self.across == AcrossBreaks::Refuse
            && (has_break
                || before.definition != point.definition
                || before.n_parts != point.n_parts);
        if is_refused || before.unit != point.unit {
            return Some(NotCompared::Break);
        }
        let either = |is: fn(&Point) -> bool| is(before) || is(point);
        if either(|one| one.contradiction == Some(Contradiction::TooHigh)) {
            Some(NotCompared::TooHigh)
        } else if either(|one| one.contradiction == Some(Contradiction::Doubtful)) {
            Some(NotCompared::Doubtful)
        } else if either(|one| one.is_returned) {
            Some(NotCompared::Returned)
        } else if either(|one| one.is_resubmitted) {
            Some(NotCompared::Resubmitted)
        } else if either(|one| one.is_backfilled) {
            Some(NotCompared::Backfilled)
        } else if is_within_rounding(before, point) {
            Some(NotCompared::Rounded)
        } else {
            None
        }
    }
}

/// Whether two values differ by no more than their figures leave open, or one of them is no more than that
/// itself.
fn is_within_rounding(before: &Point, point: &Point) -> bool {
    let open = before.rounding + point.rounding;
    let is_small = |one: &Point| {
        one.rounding > 0.0 && one.value.is_some_and(|value| value.abs() <= one.rounding)
    };
    let is_within = |earlier: f64, value: f64| {
        (value - earlier).abs() <= open || is_small(before) || is_small(point)
    };
    open > 0.0 && before.value.zip(point.value).is_some_and(|(one, other)| is_within(one, other))
}

fn refused(before: Option<f64>, reason: NotCompared) -> Comparison {
    Comparison { before, not_compared: Some(reason), ..Comparison::default() }
}
