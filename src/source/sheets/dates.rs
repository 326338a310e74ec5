//! Dates and times, which workbooks store as days since an epoch.

use chrono::{Days, NaiveDate};

/// The day from which a workbook counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::source) enum Epoch {
    /// Day 1 is the first of January 1900, and 1900 is taken for a leap year.
    Y1900,
    /// Day 0 is the first of January 1904.
    Y1904,
}

const SECONDS_PER_DAY: u64 = 86_400;
/// Days from day 0 of the 1900 system to day 0 of the 1904 system.
const DAYS_TO_1904: f64 = 1_462.0;
/// The day after 9999-12-31 in the 1900 system.
const END_OF_DATES: f64 = 2_958_466.0;
/// The day that the 1900 system has and the calendar does not.
const LEAP_DAY_1900: u64 = 60;

/// Returns a date as `2021-09-30`, with the time of day behind it unless it is midnight.
///
/// A time without a date, as `08:30:00`, is what is less than a day. `None` outside the calendar of
/// workbooks, which ends with the year 9999.
pub(super) fn date_text(serial: f64, epoch: Epoch) -> Option<String> {
    if (0.0..1.0).contains(&serial) && seconds(serial)? < SECONDS_PER_DAY {
        return Some(time_text(seconds(serial)?));
    }
    let serial = match epoch {
        Epoch::Y1900 => serial,
        Epoch::Y1904 => serial + DAYS_TO_1904,
    };
    if !(0.0..END_OF_DATES).contains(&serial) {
        return None;
    }
    let seconds = seconds(serial)?;
    let (day, time) = (seconds / SECONDS_PER_DAY, seconds % SECONDS_PER_DAY);
    let date = if day == LEAP_DAY_1900 {
        "1900-02-29".to_owned()
    } else {
        // Days after the one that never was are one further from the epoch than the calendar has it.
        let base = if day < LEAP_DAY_1900 { 31 } else { 30 };
        let base = NaiveDate::from_ymd_opt(1899, 12, base)?;
        base.checked_add_days(Days::new(day))?.format("%Y-%m-%d").to_string()
    };
    Some(if time == 0 { date } else { format!("{date} {}", time_text(time)) })
}

/// Returns a span of time as hours, minutes and seconds: `36:00:00`. `None` for one below zero.
pub(super) fn duration_text(serial: f64) -> Option<String> {
    (0.0..END_OF_DATES).contains(&serial).then(|| seconds(serial).map(time_text))?
}

/// Returns an ISO date as numbers that are dates show: `2021-09-30T00:00:00` without its midnight.
pub(in crate::source) fn iso_date_text(stored: &str) -> String {
    let Some((date, time)) = stored.split_once('T') else { return stored.to_owned() };
    let time = time.trim_end_matches('Z');
    if time.chars().all(|c| matches!(c, '0' | ':' | '.')) {
        return date.to_owned();
    }
    format!("{date} {time}")
}

/// Rounds days to seconds: what lies between is noise of the binary fraction.
fn seconds(serial: f64) -> Option<u64> {
    // Through text, as the language has no checked conversion of fractions.
    format!("{:.0}", serial * 86_400.0).parse().ok()
}

fn time_text(seconds: u64) -> String {
    format!("{:02}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(serial: f64, epoch: Epoch, expected: &str) {
        assert_eq!(date_text(serial, epoch).as_deref().unwrap_or("none"), expected);
    }

    #[test]
    fn days_are_dates() {
        check(44_469.0, Epoch::Y1900, "2021-09-30");
        check(43_007.0, Epoch::Y1904, "2021-09-30");
        check(2_958_465.0, Epoch::Y1900, "9999-12-31");
        check(2_958_466.0, Epoch::Y1900, "none");
        check(-1.0, Epoch::Y1900, "none");
        check(f64::NAN, Epoch::Y1900, "none");
    }

    #[test]
    fn the_year_1900_has_a_day_too_many() {
        check(1.0, Epoch::Y1900, "1900-01-01");
        check(59.0, Epoch::Y1900, "1900-02-28");
        check(60.0, Epoch::Y1900, "1900-02-29");
        check(61.0, Epoch::Y1900, "1900-03-01");
        check(1.0, Epoch::Y1904, "1904-01-02");
    }

    #[test]
    fn times_show_unless_they_are_midnight() {
        check(44_469.5, Epoch::Y1900, "2021-09-30 12:00:00");
        check(44_469.999_999_99, Epoch::Y1900, "2021-10-01");
        check(0.354_166_666_666_667, Epoch::Y1900, "08:30:00");
        check(0.354_166_666_666_667, Epoch::Y1904, "08:30:00");
    }

    #[test]
    fn spans_of_time_have_hours_beyond_a_day() {
        assert_eq!(duration_text(1.5).as_deref(), Some("36:00:00"));
        assert_eq!(duration_text(-1.5), None);
    }
}
