//! The true figures of every department, month by month: they grow, have seasons, and end at the notice.

use crate::synth::calendar::SEASON;
use crate::synth::history::ends::{APPS, APPS_IN_YEAR, Connected};
use crate::synth::history::month::Month;
use crate::synth::random::Random;

/// Parts of a whole in which shares and growth are counted.
const MILLE: u64 = 1000;

/// Figures by the position of their months.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Series(Vec<u64>);

impl Series {
    /// Returns the figure of a month that has one.
    pub(super) fn at(&self, month: Month) -> u64 {
        self.0[month.position()]
    }

    /// Makes up counts since the first of January, such that the one at `end` is `count`.
    ///
    /// Months before `begins` have none, the first of a year starts anew. What comes in within a month
    /// is in proportion to the season, to a growth that is even, and to chance.
    pub(super) fn year_to_date(
        random: &mut Random,
        end: Month,
        count: u64,
        begins: Option<Month>,
    ) -> Self {
        let base = u64::try_from(random.between(250, 700)).expect("no less than nothing");
        let months: Vec<Month> = end.next().before().collect();
        let weights: Vec<u128> = months
            .iter()
            .map(|month| {
                let chance =
                    u64::try_from(random.between(900, 1100)).expect("no less than nothing");
                let grown = (MILLE - base) * month.position() as u64 / end.position() as u64;
                let has_begun = begins.is_none_or(|begins| begins <= *month);
                let season = SEASON[month.number() as usize - 1];
                u128::from(season * (base + grown) * chance) * u128::from(has_begun)
            })
            .collect();
        let since_new_year = |month: Month| -> u128 {
            weights[month.january().position()..=month.position()].iter().sum()
        };
        let of_end = since_new_year(end).max(1);
        let count_at = |month: &Month| {
            let part = u128::from(count) * since_new_year(*month) / of_end;
            u64::try_from(part).expect("no more than grows in a few years")
        };
        Self(months.iter().map(count_at).collect())
    }

    /// Makes up a stock that grows evenly from a part of what it is in the month `end`.
    fn stock(random: &mut Random, end: Month, count: u64) -> Self {
        let base = u64::try_from(random.between(100, 600)).expect("no less than nothing");
        let at = |month: Month| {
            let grown = (MILLE - base) * month.position() as u64 / end.position() as u64;
            count * (base + grown) / MILLE
        };
        Self(end.next().before().map(at).collect())
    }
}

/// What a department has connected by the last day of each month, in the order of the columns.
pub(super) struct Stocks([Series; 4]);

impl Stocks {
    /// Makes up stocks that end as the notice has them. The applications of a year are those that came
    /// since the one before, so that both columns say the same.
    pub(super) fn of(random: &mut Random, end: Month, connected: &Connected) -> Self {
        let [items, on_platform, apps, in_year] = connected.counts;
        let before = apps.saturating_sub(in_year);
        let years_before = Series::stock(random, end.january().previous(), before);
        let apps_at = |month: Month| {
            if month < end.january() {
                return years_before.at(month);
            }
            before + in_year * u64::from(month.number()) / u64::from(end.number())
        };
        // Before the first month nothing is known, so January of the first year brings nothing.
        let opening = |month: Month| apps_at(month.january().previous());
        let months: Vec<Month> = end.next().before().collect();
        let mut all = [items, on_platform, 0, 0].map(|count| Series::stock(random, end, count));
        all[APPS] = Series(months.iter().map(|month| apps_at(*month)).collect());
        let of_year = months.iter().map(|month| apps_at(*month) - opening(*month));
        all[APPS_IN_YEAR] = Series(of_year.collect());
        Self(all)
    }

    /// Returns what stands in the columns in a month.
    pub(super) fn at(&self, month: Month) -> Vec<u64> {
        self.0.iter().map(|series| series.at(month)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const END: Month = Month::of(2021, 9);

    #[test]
    fn counts_grow_within_a_year_begin_anew_and_end_as_they_have_to() {
        let mut random = Random::of(1, &[]);
        let series = Series::year_to_date(&mut random, END, 12_741_337, None);
        assert_eq!(series.at(END), 12_741_337);
        for month in END.before() {
            let (now, then) = (series.at(month), series.at(month.next()));
            let begins_anew = month.next().january() == month.next();
            assert_eq!(now < then, !begins_anew, "{month:?}");
        }
        let yearly = [Month::of(2019, 9), Month::of(2020, 9), END].map(|month| series.at(month));
        assert!(yearly.is_sorted() && yearly[0] * 5 > yearly[2], "{yearly:?}");
    }

    #[test]
    fn nothing_comes_before_it_begins() {
        let begins = Month::of(2020, 4);
        let mut random = Random::of(1, &[]);
        let series = Series::year_to_date(&mut random, END, 3177, Some(begins));
        assert!(begins.before().all(|month| series.at(month) == 0));
        assert!(series.at(begins) > 0);
        let none = Series::year_to_date(&mut random, END, 0, None);
        assert!(END.before().all(|month| none.at(month) == 0));
    }

    #[test]
    fn applications_of_a_year_are_what_came_since_the_year_before() {
        let connected = Connected {
            id: "health".to_owned(),
            label: "省卫生健康委".to_owned(),
            counts: [90, 5, 48, 12],
        };
        let stocks = Stocks::of(&mut Random::of(3, &[]), END, &connected);
        assert_eq!(stocks.at(END), [90, 5, 48, 12]);
        for month in END.before() {
            let (now, then) = (stocks.at(month), stocks.at(month.next()));
            assert!(now[APPS] <= then[APPS], "{month:?}");
            let is_new_year = month.next().january() == month.next();
            let counted = if is_new_year { 0 } else { now[APPS_IN_YEAR] };
            assert_eq!(then[APPS] - now[APPS], then[APPS_IN_YEAR] - counted, "{month:?}");
        }
    }
}
