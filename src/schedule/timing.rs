//! The times at which a report is due: a cron expression in a time zone.

use chrono::{DateTime, NaiveDateTime, TimeDelta, TimeZone, Utc};
use chrono_tz::{TZ_VARIANTS, Tz};
use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};

use crate::diag::nearest_names;
use crate::schedule::TimingError;

/// Hours that Beijing is ahead of UTC.
const BEIJING_HOURS: i64 = 8;

/// Times that are counted one by one; more of them are as many.
const MAX_COUNTED: usize = 10_000;

/// When a report is due.
#[derive(Debug, Clone, PartialEq)]
pub struct Timing {
    cron: Cron,
    expression: String,
    zone: Tz,
}

impl Timing {
    /// Reads a cron expression of five fields (minute, hour, day, month, weekday) and the name of a time
    /// zone, as `Asia/Shanghai`.
    ///
    /// Beside numbers, lists, ranges and steps, days may be `L` (the last one) and `15W` (the working day
    /// next to it), weekdays `5#1` (the first Friday) and `5L` (the last). Where both day and weekday are
    /// given, either is enough. Fails for an expression that no time is of.
    pub fn parse(expression: &str, zone: &str) -> Result<Self, TimingError> {
        let parser =
            CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed).build();
        let cron = parser.parse(expression).map_err(|reason| TimingError::Cron {
            found: expression.to_owned(),
            reason: reason.to_string(),
        })?;
        let known: Option<Tz> = zone.parse().ok();
        let zone = known.ok_or_else(|| TimingError::ZoneUnknown {
            found: zone.to_owned(),
            similar: nearest_names(zone, TZ_VARIANTS.iter().map(|zone| zone.name())),
        })?;
        let timing = Self { cron, expression: expression.trim().to_owned(), zone };
        // Years do not matter, so that what is never due from here on is never due.
        match timing.next_after(DateTime::UNIX_EPOCH) {
            Some(_) => Ok(timing),
            None => Err(TimingError::Never { found: expression.to_owned() }),
        }
    }

    /// Returns the expression as it was written.
    pub fn expression(&self) -> &str {
        &self.expression
    }

    /// Returns the name of the time zone.
    pub fn zone(&self) -> &'static str {
        self.zone.name()
    }

    /// Returns expression and zone as one text, by which the lake knows the schedule.
    pub fn text(&self) -> String {
        format!("{} {}", self.expression, self.zone())
    }

    /// Returns the first time after `instant` at which the report is due.
    ///
    /// A time that the clock of the zone skips is due right after the skip, one that it has twice is due
    /// once, unless the expression repeats within the hour.
    pub fn next_after(&self, instant: DateTime<Utc>) -> Option<DateTime<Tz>> {
        self.cron.find_next_occurrence(&self.local(instant), false).ok()
    }

    /// Returns the first `count` times after `instant`, in order.
    pub fn next_times(&self, instant: DateTime<Utc>, count: usize) -> Vec<DateTime<Tz>> {
        let mut times = Vec::new();
        let mut from = instant;
        while times.len() < count {
            let Some(next) = self.next_after(from) else { break };
            from = next.to_utc();
            times.push(next);
        }
        times
    }

    /// Returns the last time up to and including `now`, and after `since`, with the number of earlier
    /// ones in between; `None` where there is none.
    pub fn last_between(
        &self,
        since: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Option<(DateTime<Tz>, usize)> {
        let last = self.cron.find_previous_occurrence(&self.local(now), true).ok()?;
        if last.to_utc() <= since {
            return None;
        }
        let mut n_missed = 0;
        let mut from = since;
        while n_missed < MAX_COUNTED {
            match self.next_after(from) {
                Some(next) if next < last => (from, n_missed) = (next.to_utc(), n_missed + 1),
                _ => break,
            }
        }
        Some((last, n_missed))
    }

    /// Returns an instant as the clocks of the zone show it.
    pub fn local(&self, instant: DateTime<Utc>) -> DateTime<Tz> {
        self.zone.from_utc_datetime(&instant.naive_utc())
    }
}

/// Returns the instant of a naive Beijing time, in which this program tells the time.
pub fn instant_of(beijing: NaiveDateTime) -> DateTime<Utc> {
    (beijing - TimeDelta::hours(BEIJING_HOURS)).and_utc()
}

/// Returns an instant as naive Beijing time.
pub fn beijing_of<Z: TimeZone>(instant: &DateTime<Z>) -> NaiveDateTime {
    instant.naive_utc() + TimeDelta::hours(BEIJING_HOURS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::{Diagnose, Lang};

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[track_caller]
    fn check_next(expression: &str, zone: &str, after: &str, expected: &[&str]) {
        let timing = Timing::parse(expression, zone).unwrap();
        let times = timing.next_times(at(after), expected.len());
        let shown: Vec<String> = times.iter().map(DateTime::to_rfc3339).collect();
        assert_eq!(shown, expected);
    }

    #[test]
    fn times_are_those_of_the_zone() {
        let expected = ["2021-12-05T08:00:00+08:00", "2022-01-05T08:00:00+08:00"];
        check_next("0 8 5 * *", "Asia/Shanghai", "2021-11-05T00:00:00Z", &expected);
        check_next(
            "0 8 5 * *",
            "Asia/Shanghai",
            "2021-11-04T23:59:59Z",
            &["2021-11-05T08:00:00+08:00"],
        );
        check_next("30 7 L * *", "UTC", "2024-02-01T00:00:00Z", &["2024-02-29T07:30:00+00:00"]);
        check_next("0 9 * * 5#1", "UTC", "2021-11-01T00:00:00Z", &["2021-11-05T09:00:00+00:00"]);
        check_next("0 9 15W * *", "UTC", "2021-08-01T00:00:00Z", &["2021-08-16T09:00:00+00:00"]);
    }

    #[test]
    fn a_clock_that_is_put_forward_or_back_loses_and_doubles_nothing() {
        // At 02:00 of 28 March 2021 clocks went to 03:00, at 03:00 of 31 October back to 02:00.
        let zone = "Europe/Berlin";
        let forward = ["2021-03-28T03:00:00+02:00", "2021-03-29T02:30:00+02:00"];
        check_next("30 2 * * *", zone, "2021-03-27T12:00:00Z", &forward);
        let back = ["2021-10-31T02:30:00+02:00", "2021-11-01T02:30:00+01:00"];
        check_next("30 2 * * *", zone, "2021-10-30T12:00:00Z", &back);
    }

    #[test]
    fn what_was_missed_is_made_up_for_once() {
        let timing = Timing::parse("0 8 5 * *", "Asia/Shanghai").unwrap();
        let last = |since: &str, now: &str| {
            let found = timing.last_between(at(since), at(now));
            found.map(|(time, n_missed)| (time.to_rfc3339(), n_missed))
        };
        let due = |time: &str, n_missed| Some((time.to_owned(), n_missed));
        let first = "2021-11-05T00:00:00Z";
        assert_eq!(last(first, "2021-12-04T23:59:59Z"), None);
        assert_eq!(last(first, "2021-12-05T00:00:00Z"), due("2021-12-05T08:00:00+08:00", 0));
        assert_eq!(last(first, "2022-03-01T00:00:00Z"), due("2022-02-05T08:00:00+08:00", 2));
        // A clock that went back makes nothing due again.
        assert_eq!(last("2022-03-01T00:00:00Z", first), None);
    }

    #[track_caller]
    fn check_refused(expression: &str, zone: &str, expected: &str) {
        let error = Timing::parse(expression, zone).unwrap_err();
        let said = error.message().text(Lang::En);
        assert!(said.contains(expected), "{said}");
    }

    #[test]
    fn what_is_no_schedule_is_refused() {
        check_refused("", "UTC", "no cron expression");
        check_refused("0 8 5 *", "UTC", "no cron expression");
        check_refused("0 0 8 5 * *", "UTC", "no cron expression");
        check_refused("61 8 5 * *", "UTC", "no cron expression");
        check_refused("0 8 30 2 *", "UTC", "is never due");
        check_refused("0 8 5 * *", "Asia/Shangai", "`Asia/Shanghai`");
        check_refused("0 8 5 * *", "北京", "no time zone");
    }

    #[test]
    fn beijing_time_is_told_without_a_zone() {
        let instant = at("2021-11-05T00:00:00Z");
        assert_eq!(beijing_of(&instant).to_string(), "2021-11-05 08:00:00");
        assert_eq!(instant_of(beijing_of(&instant)), instant);
    }
}
