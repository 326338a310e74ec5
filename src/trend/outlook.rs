//! How far forecasts look: as asked for, else to the next target of whom a series is about.

use chrono::NaiveDate;

use crate::refdata::Target;
use crate::trend::bodies::Bodies;
use crate::trend::error::TrendError;
use crate::trend::figure::Subject;
use crate::trend::frequency::Slot;

/// Most periods that a forecast reaches.
pub(super) const MAX_STEPS: i32 = 36;

/// How far forecasts look.
#[derive(Debug, Clone, Default)]
pub struct Outlook {
    /// Their last period, where one was asked for.
    until: Option<Slot>,
    /// Targets of the indicator, to the next of which they look where none was.
    targets: Vec<Target>,
}

impl Outlook {
    /// Looks to the period of a day; fails where a series that ends with `last` does not get there.
    pub fn until(day: NaiveDate, last: Slot) -> Result<Self, TrendError> {
        let until = Slot::of(day, last.frequency());
        match last.distance_to(until) {
            ..=0 => Err(TrendError::ForecastBehind { until, last }),
            1..=MAX_STEPS => Ok(Self { until: Some(until), targets: Vec::new() }),
            _ => Err(TrendError::ForecastTooFar { until, furthest: last.plus(MAX_STEPS) }),
        }
    }

    /// Looks to the next target of each series; a year ahead where it has none.
    pub fn to_targets(targets: Vec<Target>) -> Self {
        Self { until: None, targets }
    }

    /// Returns the last period of the forecast for a subject in a trend that ends with `last`; `None` for a
    /// year ahead.
    ///
    /// A target is that of the subject, or of its region where the subject is a department without one of
    /// its own; never of another region or department. One that no forecast reaches is left out.
    pub(super) fn last_of(&self, subject: &Subject, last: Slot, bodies: &Bodies) -> Option<Slot> {
        if self.until.is_some() {
            return self.until;
        }
        let next = |is_own: bool| {
            let of_region = self.targets.iter().filter(|target| holds_in(target, subject, bodies));
            let fitting = of_region.filter(|target| match &target.department {
                None if is_own => subject.department.is_none(),
                None => true,
                department => is_own && *department == subject.department,
            });
            let slots = fitting
                .filter(|target| target.due > last.last_day())
                .map(|target| Slot::of(target.due, last.frequency()));
            slots.min().filter(|slot| last.distance_to(*slot) <= MAX_STEPS)
        };
        next(true).or_else(|| next(false))
    }
}

/// Whether a target holds in the region of a subject.
pub(super) fn holds_in(target: &Target, subject: &Subject, bodies: &Bodies) -> bool {
    match target.level {
        None => target.region == subject.region,
        Some(level) => {
            bodies.level_of(&subject.region) == Some(level)
                && bodies.is_within(&subject.region, &target.region)
        }
    }
}
