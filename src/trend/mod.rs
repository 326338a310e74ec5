//! How an indicator moves: series of periods from stated figures, changes and growth where they mean
//! something, shares and ranks, and the statistics that say what is trend and what is chance.
//!
//! What would mislead is not given, and the reason stands in its place: a cumulative figure is never
//! taken from one of another year, nothing grows across a break of definition, unit, scope or department,
//! a falling year-to-date is a revision, a zero because everything was sent back is no fall, and what was
//! sent again or pushed late is no growth.

mod ahead;
mod appendix;
mod bodies;
mod breaks;
mod choice;
mod compare;
mod error;
mod figure;
mod frequency;
mod goals;
mod making;
mod notes;
mod outlook;
mod plan;
mod point;
mod remarks;
mod rounding;
mod series;
mod standing;
pub mod stats;
mod tables;
mod takeover;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use crate::diag::Message;
use crate::refdata::IndicatorKind;
use crate::trend::compare::Comparing;
use crate::trend::notes::noted;
use crate::trend::series::series_of;
use crate::trend::standing::{Peers, movements, spoilers, standings};
use crate::trend::takeover::TakenOver;

pub use ahead::without_ahead;
pub use appendix::{Statistic, appendix_table};
pub use bodies::{Bodies, Body};
pub use choice::{Choice, Wanted};
pub use compare::{AcrossBreaks, Comparison, NotCompared};
pub use error::TrendError;
pub use figure::{Figure, FigureStatus, Subject, figures_of};
pub use frequency::{Frequency, Slot};
pub use goals::{Goal, GoalOutlook, Reached, goals_of, goals_table};
pub use outlook::Outlook;
pub use plan::{Asked, Limit, Measure, Open, Plan};
pub use point::{Made, Point};
pub use remarks::{SpanOfRemark, few_names, spans_of_remarks};
pub use series::Series;
pub use standing::{BodyKind, Standing, WithoutShares};
pub use tables::{TrendTable, page_table, remarks_table, series_table};
pub use takeover::Takeover;

/// Whether values say of one another what happened between them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measured {
    /// They do.
    Steadily,
    /// They count from New Year, so that they rise within a year and fall with the next.
    BeginsAnew,
}

/// The series of an indicator for all its subjects, ready to be compared.
#[derive(Debug, Clone)]
pub struct Trend {
    /// What it shows.
    pub plan: Plan,
    /// The series, those of the largest last value first; shares and ranks are among them.
    pub all: Vec<Series>,
    /// Positions of those that are shown.
    shown: Vec<usize>,
    comparing: Comparing,
}

impl Trend {
    /// Makes the series of an indicator of some kind; `None` where no figure lies within the days asked for.
    pub fn of(
        figures: &[Figure],
        kind: IndicatorKind,
        asked: Asked,
        across: AcrossBreaks,
        bodies: &Bodies,
    ) -> Option<Self> {
        let figures = &noted(figures, bodies);
        let mut plan = Plan::of(figures, kind, asked)?;
        let mut by_subject: BTreeMap<&Subject, Vec<&Figure>> = BTreeMap::new();
        for figure in figures {
            by_subject.entry(&figure.subject).or_default().push(figure);
        }
        let mut all: Vec<Series> = by_subject
            .iter()
            .map(|(subject, own)| {
                let of_body = |takeover: &&Takeover| {
                    takeover.region == subject.region
                        && Some(&takeover.department) == subject.department.as_ref()
                };
                let placed = |takeover| {
                    let predecessor = Takeover::predecessor_of(takeover, subject);
                    let before = by_subject.get(&predecessor).map_or(&[][..], Vec::as_slice);
                    TakenOver::of(takeover, own, before)
                };
                let takeovers = bodies.takeovers.iter().filter(of_body).map(placed);
                let takeovers: Vec<TakenOver<'_>> = takeovers.collect();
                series_of(subject, own, plan.measure, (plan.earliest, plan.last), &takeovers)
            })
            .filter(|series| {
                let shown = series.points.iter().filter(|point| plan.first <= point.slot);
                shown.into_iter().any(Point::is_told)
            })
            .collect();
        mark_whole_regions(&mut all);
        leave_out_unknown(&mut all, &mut plan);
        let value = |series: &Series| series.at(plan.last).and_then(|point| point.value);
        all.sort_by(|one, other| {
            let by_value =
                value(other).partial_cmp(&value(one)).unwrap_or(std::cmp::Ordering::Equal);
            by_value
                .then_with(|| bodies.order_of(&one.subject).cmp(&bodies.order_of(&other.subject)))
                .then_with(|| one.subject.cmp(&other.subject))
        });
        let is_ratio = kind == IndicatorKind::Ratio;
        let shown = (0..all.len()).collect();
        let comparing = Comparing { measure: plan.measure, across, is_ratio };
        Some(Self { plan, all, shown, comparing })
    }

    /// Says of values whose time a later definition began within that it did: they count under that one
    /// altogether. `began` has the days on which later definitions of the indicator began; what counts since
    /// the launch began before all of them.
    #[must_use]
    pub fn with_definitions(mut self, began: &[NaiveDate]) -> Self {
        // A figure without a first day is of a state otherwise.
        let is_since_launch = self.plan.measure == Measure::Cumulative;
        for point in self.all.iter_mut().flat_map(|series| &mut series.points) {
            let Some(days) = point.days.filter(|_| point.value.is_some()) else { continue };
            let is_within = |day: &&NaiveDate| {
                days.start.map_or(is_since_launch, |start| start < **day) && **day <= days.end
            };
            for day in began.iter().filter(is_within) {
                point.remark(Message::new("trend.definition_within").with("day", day));
            }
        }
        self
    }

    /// Shows only some departments or, as a whole, some regions, by ids and codes; shares and ranks stay
    /// those among all.
    #[must_use]
    pub fn showing(mut self, bodies: &[String]) -> Self {
        let is_wanted = |series: &Series| bodies.iter().any(|body| series.subject.is_of(body));
        self.shown = (0..self.all.len()).filter(|idx| is_wanted(&self.all[*idx])).collect();
        self
    }

    /// Returns the periods of a series that are shown.
    pub fn periods<'a>(&self, series: &'a Series) -> &'a [Point] {
        let n_before = self.plan.earliest.distance_to(self.plan.first);
        let start = usize::try_from(n_before).unwrap_or_default().min(series.points.len());
        &series.points[start..]
    }

    /// Returns the periods of a series of which something is to be said: those that are shown, and those
    /// behind them that have no value.
    pub(super) fn remarked<'a>(&self, series: &'a Series) -> impl Iterator<Item = &'a Point> {
        self.periods(series).iter().chain(&series.beyond)
    }

    /// Returns the series that are shown, with their positions among all.
    pub fn shown(&self) -> impl Iterator<Item = (usize, &Series)> {
        self.shown.iter().map(|idx| (*idx, &self.all[*idx]))
    }

    /// Returns whether the values of a series begin anew with every year that they are of.
    pub fn measured(&self, series: &Series) -> Measured {
        let is_of_part = self.plan.frequency != Frequency::Year;
        let counts_from_new_year = |point: &Point| {
            point.value.is_some() && point.days.is_some_and(|it| it.start.is_some())
        };
        let is_cumulative = self.plan.measure == Measure::Cumulative;
        if is_cumulative && is_of_part && series.points.iter().any(counts_from_new_year) {
            Measured::BeginsAnew
        } else {
            Measured::Steadily
        }
    }

    /// Returns whether periods are compared across breaks.
    pub fn across(&self) -> AcrossBreaks {
        self.comparing.across
    }

    /// Compares a point of a series with the period before.
    pub fn on_before(&self, series: &Series, point: &Point) -> Comparison {
        self.comparing.with_earlier(series, point, 1)
    }

    /// Compares a point of a series with the same period of the year before.
    pub fn on_year(&self, series: &Series, point: &Point) -> Comparison {
        self.comparing.with_earlier(series, point, self.plan.frequency.n_in_year())
    }

    /// Returns how many places every series went up from the period before to a period, in their order;
    /// among those that have a rank in both and can be compared.
    pub fn movements(&self, slot: Slot, bodies: &Bodies) -> Vec<Option<i32>> {
        movements(&self.all, slot, bodies, self.comparing)
    }

    /// Returns the periods from one to the last of which those that are shown have no shares, because a
    /// value among them holds what is not of the period; `None` where there is no such period.
    pub fn without_shares(&self, from: Slot, bodies: &Bodies) -> Option<WithoutShares> {
        let shown = self.shown().filter_map(|(_, series)| Peers::of(&series.subject, bodies));
        let among: BTreeSet<Peers> = shown.collect();
        let mut found = WithoutShares { periods: Vec::new(), names: Vec::new() };
        for slot in from.to(self.plan.last).filter(|_| !self.comparing.is_ratio) {
            let spoiling = spoilers(&self.all, &among, slot, bodies, self.plan.measure);
            if !spoiling.is_empty() {
                found.periods.push(slot);
            }
            for name in spoiling.into_iter().map(|series| bodies.name_of(&series.subject)) {
                if !found.names.contains(&name) {
                    found.names.push(name);
                }
            }
        }
        (!found.periods.is_empty()).then_some(found)
    }

    /// Returns where every series stands in a period, in their order.
    pub fn standings(&self, slot: Slot, bodies: &Bodies) -> Vec<Standing> {
        let mut standings = standings(&self.all, slot, bodies, self.plan.measure);
        if self.comparing.is_ratio {
            // Ratios have no sum, so nobody has a share in it.
            for standing in &mut standings {
                standing.share_pct = None;
            }
        }
        standings
    }
}

/// Leaves the last periods out of which no figure says anything, so that a trend ends with what is known; of
/// several series those in which nobody has a value. What is said of them stays.
fn leave_out_unknown(all: &mut [Series], plan: &mut Plan) {
    let first = plan.first;
    let last_where = |is: fn(&Point) -> bool| {
        let points = all.iter().flat_map(|series| &series.points);
        let found = points.filter(|point| first <= point.slot && is(point));
        found.map(|point| point.slot).max()
    };
    // A zero because everything was sent back says nothing of what was done.
    let valued = last_where(|point| point.value.is_some() && !point.is_returned);
    let valued = valued.filter(|_| all.len() > 1);
    let Some(last) = valued.or_else(|| last_where(Point::is_told)) else { return };
    plan.last = last;
    for series in all {
        let n_kept = series.points.partition_point(|point| point.slot <= last);
        series.beyond = series.points.split_off(n_kept);
        series.beyond.retain(|point| !point.remarks.is_empty());
    }
}

/// Says of a region as a whole that stands among its departments that it is none of them.
fn mark_whole_regions(all: &mut [Series]) {
    let of_departments = all.iter().filter(|series| series.subject.department.is_some());
    let with_departments: BTreeSet<String> =
        of_departments.map(|series| series.subject.region.clone()).collect();
    let is_beside = |series: &&mut Series| {
        series.subject.department.is_none() && with_departments.contains(&series.subject.region)
    };
    for point in all.iter_mut().filter(is_beside).flat_map(|series| &mut series.points) {
        if point.definition.is_some() {
            point.remark(Message::new("trend.whole_region"));
        }
    }
}
