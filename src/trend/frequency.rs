//! Months, quarters, halves and years, and one of them: a slot of a series.

use std::fmt;

use chrono::{Datelike, NaiveDate};

use crate::model::text_enum;

text_enum! {
    /// How long the periods of a series are.
    Frequency {
        /// Calendar months.
        Month = "month",
        /// Calendar quarters.
        Quarter = "quarter",
        /// Halves of a year.
        Half = "half",
        /// Calendar years.
        Year = "year",
    }
}

impl Frequency {
    /// Returns how many months a period has.
    pub const fn n_months(self) -> i32 {
        match self {
            Self::Month => 1,
            Self::Quarter => 3,
            Self::Half => 6,
            Self::Year => 12,
        }
    }

    /// Returns how many periods a year has.
    pub const fn n_in_year(self) -> i32 {
        12 / self.n_months()
    }
}

/// One period of a series, in the order of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Slot {
    frequency: Frequency,
    /// Number of periods since the beginning of year 0.
    idx: i32,
}

impl Slot {
    /// Returns the period that a day lies in.
    pub fn of(day: NaiveDate, frequency: Frequency) -> Self {
        Self { frequency, idx: month_idx(day).div_euclid(frequency.n_months()) }
    }

    /// Returns how long it is.
    pub fn frequency(self) -> Frequency {
        self.frequency
    }

    /// Returns the period that lies `n` periods later, earlier where it is negative.
    #[must_use]
    pub fn plus(self, n: i32) -> Self {
        Self { idx: self.idx + n, ..self }
    }

    /// Returns the period before.
    #[must_use]
    pub fn before(self) -> Self {
        self.plus(-1)
    }

    /// Returns the same period of the year before.
    #[must_use]
    pub fn year_before(self) -> Self {
        self.plus(-self.frequency.n_in_year())
    }

    /// Returns how many periods lie between two, 0 for the same one.
    pub fn distance_to(self, later: Self) -> i32 {
        later.idx - self.idx
    }

    /// Returns its year.
    pub fn year(self) -> i32 {
        self.idx.div_euclid(self.frequency.n_in_year())
    }

    /// Returns its position within its year, from 0.
    pub fn in_year(self) -> i32 {
        self.idx.rem_euclid(self.frequency.n_in_year())
    }

    /// Returns its first day.
    pub fn first_day(self) -> NaiveDate {
        first_of_month(self.idx * self.frequency.n_months())
    }

    /// Returns its last day.
    pub fn last_day(self) -> NaiveDate {
        let next = first_of_month((self.idx + 1) * self.frequency.n_months());
        next.pred_opt().expect("a day lies before the first of a month")
    }

    /// Returns all periods from this one to another, both included.
    pub fn to(self, last: Self) -> impl DoubleEndedIterator<Item = Self> {
        (self.idx..=last.idx).map(move |idx| Self { idx, ..self })
    }
}

/// `2021-09`, `2021-Q3`, `2021-H1`, `2021`.
impl fmt::Display for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, number) = (self.year(), self.in_year() + 1);
        match self.frequency {
            Frequency::Month => write!(f, "{year:04}-{number:02}"),
            Frequency::Quarter => write!(f, "{year:04}-Q{number}"),
            Frequency::Half => write!(f, "{year:04}-H{number}"),
            Frequency::Year => write!(f, "{year:04}"),
        }
    }
}

/// The number of months since the beginning of year 0.
pub(super) fn month_idx(day: NaiveDate) -> i32 {
    day.year() * 12 + i32::try_from(day.month0()).expect("a month is below 12")
}

/// The first day of a month, by its number since the beginning of year 0.
fn first_of_month(month_idx: i32) -> NaiveDate {
    let month = u32::try_from(month_idx.rem_euclid(12) + 1).expect("a remainder is positive");
    NaiveDate::from_ymd_opt(month_idx.div_euclid(12), month, 1)
        .expect("days of documents lie in years of four digits")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(day: &str, frequency: Frequency, expected: &str) {
        let slot = Slot::of(day.parse().unwrap(), frequency);
        let shown = format!(
            "{slot} {}..{} after {} and {}",
            slot.first_day(),
            slot.last_day(),
            slot.before(),
            slot.year_before()
        );
        assert_eq!(shown, expected);
    }

    #[test]
    fn a_day_lies_in_one_period_of_each_length() {
        check(
            "2020-02-29",
            Frequency::Month,
            "2020-02 2020-02-01..2020-02-29 after 2020-01 and 2019-02",
        );
        check(
            "2021-01-01",
            Frequency::Quarter,
            "2021-Q1 2021-01-01..2021-03-31 after 2020-Q4 and 2020-Q1",
        );
        check(
            "2021-12-31",
            Frequency::Half,
            "2021-H2 2021-07-01..2021-12-31 after 2021-H1 and 2020-H2",
        );
        check("2021-06-30", Frequency::Year, "2021 2021-01-01..2021-12-31 after 2020 and 2020");
    }

    #[test]
    fn periods_between_two_are_counted_and_listed() {
        let of = |day: &str| Slot::of(day.parse().unwrap(), Frequency::Quarter);
        let listed: Vec<String> =
            of("2020-11-01").to(of("2021-05-01")).map(|slot| slot.to_string()).collect();
        assert_eq!(listed, ["2020-Q4", "2021-Q1", "2021-Q2"]);
        assert_eq!(of("2020-11-01").distance_to(of("2021-05-01")), 2);
    }
}
