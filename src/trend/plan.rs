//! What a trend shows: how long its periods are, and whether values are of a period, of a day, or from
//! the beginning on.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use crate::model::text_enum;
use crate::refdata::IndicatorKind;
use crate::trend::figure::Figure;
use crate::trend::frequency::{Frequency, Slot, month_idx};
use crate::trend::point::Made;
use crate::trend::series::series_of;

text_enum! {
    /// What the value of a period is.
    Measure {
        /// What happened within it.
        Flow = "flow",
        /// The state at its end.
        Level = "level",
        /// What happened from New Year, or the launch, to its end.
        Cumulative = "cumulative",
    }
}

/// What was asked for; what was not is chosen by the figures.
#[derive(Debug, Clone, Copy, Default)]
pub struct Asked {
    /// How long the periods are.
    pub frequency: Option<Frequency>,
    /// Values from the beginning on instead of those of each period.
    pub is_cumulative: bool,
    /// First day that is shown.
    pub from: Option<NaiveDate>,
    /// Last day that is shown.
    pub to: Option<NaiveDate>,
}

/// What a trend shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    /// How long the periods are.
    pub frequency: Frequency,
    /// What the value of a period is.
    pub measure: Measure,
    /// Whether the values are what was wanted: not where values of periods were, and none follows from the
    /// figures.
    pub has_wanted_measure: bool,
    /// The first period that is shown.
    pub first: Slot,
    /// The last period that is shown.
    pub last: Slot,
    /// The first period with a figure, which comparisons may look back to.
    pub earliest: Slot,
    /// The last period that was asked for, else the last that figures end in; one that is open is left out
    /// of flows.
    pub wanted_last: Slot,
    /// The last period with a figure, where it does not end by what is known or was asked for.
    pub open: Option<Open>,
}

/// A period that goes on after what is known or was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Open {
    /// The period.
    pub slot: Slot,
    /// What ends before it.
    pub limit: Limit,
}

/// What ends before a period does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// The figures, on this last day of the last in it: it has no flow, and levels are those of that day.
    Figures(NaiveDate),
    /// The days that were asked for, on this one, while figures reach to its end.
    Asked(NaiveDate),
}

impl Plan {
    /// Chooses what the figures of an indicator of some kind can show; `None` without any within the
    /// days that were asked for.
    pub fn of(figures: &[Figure], kind: IndicatorKind, asked: Asked) -> Option<Self> {
        let is_within = |day: NaiveDate| {
            asked.from.is_none_or(|from| from <= day) && asked.to.is_none_or(|to| day <= to)
        };
        let all: BTreeSet<NaiveDate> = figures.iter().map(|figure| figure.period.end).collect();
        let frequency = asked.frequency.unwrap_or_else(|| frequency_of(&all));
        let (earliest, latest) =
            (Slot::of(*all.first()?, frequency), Slot::of(*all.last()?, frequency));
        let days: BTreeSet<NaiveDate> = all.iter().copied().filter(|day| is_within(*day)).collect();
        let first = Slot::of(*days.first()?, frequency);
        let last = Slot::of(*days.last()?, frequency);
        let known_to = *all.range(..=last.last_day()).next_back()?;
        let limit = if known_to < last.last_day() {
            Some(Limit::Figures(known_to))
        } else {
            asked.to.filter(|to| *to < last.last_day()).map(Limit::Asked)
        };
        let open = limit.map(|limit| Open { slot: last, limit });
        let wanted_to = asked.to.map(|to| last_whole(to, frequency));
        let of_measure = |measure| Self {
            frequency,
            measure,
            has_wanted_measure: true,
            first,
            last,
            earliest,
            wanted_last: wanted_to.map_or(last, |wanted| wanted.max(last)),
            open,
        };
        if kind != IndicatorKind::Flow {
            return Some(of_measure(Measure::Level));
        }
        if asked.is_cumulative {
            return Some(of_measure(Measure::Cumulative));
        }
        if has_flows(figures, earliest, latest) {
            // What happened in a period that has not ended yet is not known, whatever was asked for.
            let last = if open.is_some() && first < last { last.before() } else { last };
            return Some(Self { last, ..of_measure(Measure::Flow) });
        }
        Some(Self { has_wanted_measure: false, ..of_measure(Measure::Cumulative) })
    }

    /// Returns the periods, the first and the last of each stretch, that come after the last one shown and
    /// were wanted, and of which nothing is known; one that is open is none of them.
    pub fn without_figures(&self) -> Vec<(Slot, Slot)> {
        let next = self.last.plus(1);
        let stretches = match self.open.map(|open| open.slot) {
            Some(open) if next <= open => {
                vec![(next, open.before()), (open.plus(1), self.wanted_last)]
            }
            _ => vec![(next, self.wanted_last)],
        };
        stretches.into_iter().filter(|(first, last)| first <= last).collect()
    }
}

/// The last period that ends by a day.
fn last_whole(day: NaiveDate, frequency: Frequency) -> Slot {
    let slot = Slot::of(day, frequency);
    if slot.last_day() == day { slot } else { slot.before() }
}

/// Tells whether the value of any period follows from the figures.
fn has_flows(figures: &[Figure], first: Slot, last: Slot) -> bool {
    let mut by_subject: BTreeMap<_, Vec<&Figure>> = BTreeMap::new();
    for figure in figures {
        by_subject.entry(&figure.subject).or_default().push(figure);
    }
    by_subject.iter().any(|(subject, own)| {
        let series = series_of(subject, own, Measure::Flow, (first, last), &[]);
        series.points.iter().any(|point| point.made != Made::None)
    })
}

/// The length of the steps in which figures usually follow one another; a quarter for a single day.
fn frequency_of(days: &BTreeSet<NaiveDate>) -> Frequency {
    let months: BTreeSet<i32> = days.iter().map(|day| month_idx(*day)).collect();
    let months: Vec<i32> = months.into_iter().collect();
    let mut counts: BTreeMap<i32, usize> = BTreeMap::new();
    for pair in months.windows(2) {
        *counts.entry(pair[1] - pair[0]).or_default() += 1;
    }
    // The commonest step, the shorter of two that are as common.
    let usual = counts.iter().rev().max_by_key(|(_, count)| **count).map(|(step, _)| *step);
    match usual {
        Some(1 | 2) => Frequency::Month,
        None | Some(3..=5) => Frequency::Quarter,
        Some(6..=11) => Frequency::Half,
        Some(_) => Frequency::Year,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(days: &str, expected: Frequency) {
        let days = days.split_whitespace().map(|day| day.parse().unwrap()).collect();
        assert_eq!(frequency_of(&days), expected);
    }

    #[test]
    fn the_usual_step_decides() {
        check("2021-09-30", Frequency::Quarter);
        check("2021-01-31 2021-02-28 2021-04-30 2021-05-31", Frequency::Month);
        check("2020-12-31 2021-03-31 2021-06-30 2021-12-31 2022-03-31", Frequency::Quarter);
        check("2019-06-30 2019-12-31 2020-06-30", Frequency::Half);
        check("2018-12-31 2019-12-31 2021-12-31", Frequency::Year);
        check("2021-01-31 2021-02-28 2021-05-31", Frequency::Month);
    }
}
