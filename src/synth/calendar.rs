//! When things happen: working days and hours of a period, and how times are written.

use chrono::{Datelike, Days, NaiveDate, Weekday};

use crate::model::Period;
use crate::synth::codes::push_digits;
use crate::synth::random::Random;

/// A time: seconds since the first day that the calendar knows.
pub(super) type Time = i64;

/// Seconds of a day.
pub(super) const DAY: Time = 86_400;
/// Days before the period that can be written: what began before it.
const DAYS_BEFORE: u64 = 800;
/// Days after the period that can be written: what is promised or arrives after it.
const DAYS_AFTER: u64 = 800;
/// How busy the months are, January first: people stay at home around the Spring Festival and come
/// in March and after the summer.
pub(super) const SEASON: [u64; 12] = [9, 6, 13, 11, 10, 11, 10, 10, 12, 11, 12, 10];
/// Working hours, in seconds of the day: half past eight to twelve, half past two to six.
const HOURS: [(i64, i64); 2] = [(30_600, 43_200), (52_200, 64_800)];

/// How a time is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TimeStyle {
    /// `2021-03-05 09:12:44`, as interfaces do.
    Dashed,
    /// `20210305T091244`, as GB/T 39046 does.
    Basic,
    /// `2021030509:12:44`, as GB/T 39046 does in its table of results.
    Colons,
}

/// The days of a period, and those around it.
#[derive(Debug)]
pub(super) struct Calendar {
    /// Every day that can be written, as `20210305`.
    days: Vec<u32>,
    /// Position of the period's last day among them.
    last: usize,
    /// Working days of the period, each as often as its month is busy.
    working: Vec<usize>,
}

impl Calendar {
    /// Returns the calendar of a period; one without a first day begins with the year of its last.
    pub(super) fn of(period: Period) -> Self {
        let last_day = period.end;
        let year_start =
            NaiveDate::from_ymd_opt(last_day.year(), 1, 1).expect("a first of January");
        let first_day = period.start.unwrap_or(year_start);
        let start = first_day - Days::new(DAYS_BEFORE);
        let first = usize::try_from(DAYS_BEFORE).expect("a few days");
        let n_inside = (last_day - first_day).num_days().unsigned_abs();
        let last = first + usize::try_from(n_inside).expect("days of a period");
        let n_days = DAYS_BEFORE + n_inside + DAYS_AFTER + 1;
        let days = (0..n_days).map(|n| number_of(start + Days::new(n))).collect();
        let working = (first..=last).flat_map(|idx| {
            let day = start + Days::new(idx as u64);
            let is_free = matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
            let times = if is_free { 0 } else { SEASON[day.month0() as usize] };
            std::iter::repeat_n(idx, usize::try_from(times).expect("a small number"))
        });
        let working: Vec<usize> = working.collect();
        // A period of a weekend has no working day, and something has to happen in it.
        let working = if working.is_empty() { (first..=last).collect() } else { working };
        Self { days, last, working }
    }

    /// Returns a time of a working day in the period.
    pub(super) fn working_time(&self, random: &mut Random) -> Time {
        let day = random.pick(&self.working);
        let (opens, closes) = random.pick(&HOURS);
        Self::start_of(day) + random.between(opens, closes - 1)
    }

    /// Returns the last second of the period.
    pub(super) fn last_second(&self) -> Time {
        Self::start_of(self.last) + DAY - 1
    }

    /// Returns the month of a time, January as 1.
    pub(super) fn month(&self, time: Time) -> i64 {
        i64::from(self.day(time) / 100 % 100)
    }

    /// Returns the day of a time as a number: `20210305`.
    pub(super) fn day(&self, time: Time) -> u32 {
        let idx = usize::try_from(time / DAY).unwrap_or_default();
        self.days[idx.min(self.days.len() - 1)]
    }

    /// Appends a time.
    pub(super) fn push(&self, out: &mut String, time: Time, style: TimeStyle) {
        let day = u64::from(self.day(time));
        let second = (time % DAY).unsigned_abs();
        let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
        let dashed = style == TimeStyle::Dashed;
        push_digits(out, day / 10_000, 4);
        if dashed {
            out.push('-');
        }
        push_digits(out, day / 100 % 100, 2);
        if dashed {
            out.push('-');
        }
        push_digits(out, day % 100, 2);
        match style {
            TimeStyle::Dashed => out.push(' '),
            TimeStyle::Basic => out.push('T'),
            TimeStyle::Colons => {}
        }
        push_digits(out, hour, 2);
        if style != TimeStyle::Basic {
            out.push(':');
        }
        push_digits(out, minute, 2);
        if style != TimeStyle::Basic {
            out.push(':');
        }
        push_digits(out, second, 2);
    }

    fn start_of(idx: usize) -> Time {
        i64::try_from(idx).expect("a few days") * DAY
    }
}

fn number_of(day: NaiveDate) -> u32 {
    let year = day.year().unsigned_abs();
    year * 10_000 + day.month() * 100 + day.day()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calendar() -> Calendar {
        let day = |month, day| NaiveDate::from_ymd_opt(2021, month, day).unwrap();
        Calendar::of(Period::between(day(1, 1), day(9, 30)).unwrap())
    }

    #[test]
    fn times_are_written_in_every_style() {
        let calendar = calendar();
        // The 63rd day after the first one of the period.
        let day = i64::try_from(DAYS_BEFORE).unwrap() + 63;
        let time = day * DAY + 9 * 3600 + 12 * 60 + 44;
        let written = |style| {
            let mut text = String::new();
            calendar.push(&mut text, time, style);
            text
        };
        assert_eq!(written(TimeStyle::Dashed), "2021-03-05 09:12:44");
        assert_eq!(written(TimeStyle::Basic), "20210305T091244");
        assert_eq!(written(TimeStyle::Colons), "2021030509:12:44");
    }

    #[test]
    fn things_happen_on_working_days_of_the_period() {
        let calendar = calendar();
        let mut random = Random::of(1, &[]);
        for _ in 0..2000 {
            let time = calendar.working_time(&mut random);
            let day = calendar.day(time);
            assert!((20_210_101..=20_210_930).contains(&day), "{day}");
            let date = NaiveDate::from_ymd_opt(2021, day / 100 % 100, day % 100).unwrap().weekday();
            assert!(date != Weekday::Sat && date != Weekday::Sun, "{day}");
            assert!((8 * 3600..18 * 3600).contains(&(time % DAY)));
            assert!(time < calendar.last_second());
        }
    }
}
