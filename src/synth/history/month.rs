//! Months, counted from the first one that has forms.

use chrono::{Datelike, Days, NaiveDate};

/// The year in whose January the forms begin.
const FIRST_YEAR: usize = 2019;

/// A month by its position: January of the first year is 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Month(usize);

impl Month {
    /// Returns a month of the calendar; it is not before the first one.
    pub(super) const fn of(year: usize, month: usize) -> Self {
        Self((year - FIRST_YEAR) * 12 + month - 1)
    }

    /// Returns the month of a day, and the first one for a day before it.
    pub(super) fn of_day(day: NaiveDate) -> Self {
        let year = usize::try_from(day.year()).unwrap_or_default();
        match year.checked_sub(FIRST_YEAR) {
            Some(years) => Self(years * 12 + day.month0() as usize),
            None => Self(0),
        }
    }

    /// Returns its position.
    pub(super) fn position(self) -> usize {
        self.0
    }

    /// Returns the months before this one, the first one first.
    pub(super) fn before(self) -> impl Iterator<Item = Self> {
        (0..self.0).map(Self)
    }

    /// Returns the month after it.
    pub(super) fn next(self) -> Self {
        Self(self.0 + 1)
    }

    /// Returns the month before it; the first one for the first one.
    pub(super) fn previous(self) -> Self {
        Self(self.0.saturating_sub(1))
    }

    /// Returns January of its year.
    pub(super) fn january(self) -> Self {
        Self(self.0 / 12 * 12)
    }

    /// Returns its year.
    pub(super) fn year(self) -> i32 {
        i32::try_from(FIRST_YEAR + self.0 / 12).expect("a few years later")
    }

    /// Returns its number in the year, from 1.
    pub(super) fn number(self) -> u32 {
        u32::try_from(self.0 % 12).expect("below twelve") + 1
    }

    /// Returns the first of January of its year.
    pub(super) fn new_year(self) -> NaiveDate {
        self.january().first_day()
    }

    /// Returns its last day.
    pub(super) fn last_day(self) -> NaiveDate {
        self.next().first_day() - Days::new(1)
    }

    fn first_day(self) -> NaiveDate {
        NaiveDate::from_ymd_opt(self.year(), self.number(), 1).expect("the first of a month")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_have_their_days() {
        let month = Month::of(2020, 2);
        assert_eq!(month.position(), 13);
        assert_eq!((month.year(), month.number()), (2020, 2));
        assert_eq!(month.last_day().to_string(), "2020-02-29");
        assert_eq!(month.new_year().to_string(), "2020-01-01");
        assert_eq!(Month::of_day(month.last_day()), month);
        assert_eq!(month.before().count(), 13);
        assert_eq!(Month::of(2020, 12).next(), Month::of(2021, 1));
    }
}
