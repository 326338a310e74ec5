//! A span of time as told, and the days that it stands for.

use chrono::{Datelike, Months, NaiveDate};

use crate::model::Period;

/// A span of time as told; its year may be missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::annex) struct TimeSpan {
    pub(super) start: SpanStart,
    pub(super) end: SpanEnd,
    /// Whether a year alone was told, so that the year may not be over.
    pub(in crate::annex) is_year: bool,
    /// Whether a month, a quarter or a half of a year was told by its name, and no range of days.
    pub(in crate::annex) is_unit: bool,
    /// Whether hours of the day were told, which make a part of a day of the first or the last.
    pub(in crate::annex) has_hours: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SpanStart {
    Day(Moment),
    /// Not told, as in 截至2023年5月底.
    Open,
    /// 上线以来.
    Launch,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SpanEnd {
    Day(Moment),
    /// 目前, 至今: the day of the document.
    Now,
}

/// A day; the last of its month where `day` is `None`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Moment {
    pub(super) year: Option<i32>,
    pub(super) month: u32,
    pub(super) day: Option<u32>,
}

impl Moment {
    fn date(self, year: i32) -> Option<NaiveDate> {
        match self.day {
            Some(day) => NaiveDate::from_ymd_opt(year, self.month, day),
            None => NaiveDate::from_ymd_opt(year, self.month, 1)?
                .checked_add_months(Months::new(1))?
                .pred_opt(),
        }
    }

    /// Month and day, to be compared within a year.
    pub(super) fn in_year(self) -> (u32, u32) {
        (self.month, self.day.unwrap_or(31))
    }

    /// The day before; `None` where that lies in a year that is not told.
    pub(super) fn day_before(self) -> Option<Self> {
        match (self.day?, self.month) {
            (1, 1) => Some(Self { year: Some(self.year? - 1), month: 12, day: None }),
            (1, month) => Some(Self { month: month - 1, day: None, ..self }),
            (day, _) => Some(Self { day: Some(day - 1), ..self }),
        }
    }
}

/// The days of a span, and what had to be assumed for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::annex) struct Resolved {
    pub(in crate::annex) period: Period,
    /// 1 January was taken for a beginning that is not told.
    pub(in crate::annex) is_start_assumed: bool,
    /// The end is the day of the document.
    pub(in crate::annex) is_end_inferred: bool,
    /// The year is not told with the span.
    pub(in crate::annex) is_year_inferred: bool,
}

impl TimeSpan {
    /// A span with these ends and nothing else told.
    pub(super) fn between(start: SpanStart, end: SpanEnd) -> Self {
        Self { start, end, is_year: false, is_unit: false, has_hours: false }
    }

    /// The span up to the end of this one.
    pub(in crate::annex) fn until_end(self) -> Self {
        Self::between(SpanStart::Open, self.end)
    }

    /// Returns the year that the span ends in, where it is told.
    pub(in crate::annex) fn year(self) -> Option<i32> {
        let start = match self.start {
            SpanStart::Day(moment) => moment.year,
            SpanStart::Open | SpanStart::Launch => None,
        };
        match self.end {
            SpanEnd::Day(moment) => moment.year.or(start),
            SpanEnd::Now => None,
        }
    }

    /// Whether both ends are told, and more than a year alone.
    pub(in crate::annex) fn is_complete(self) -> bool {
        matches!((self.start, self.end), (SpanStart::Day(_), SpanEnd::Day(_))) && !self.is_year
    }

    /// The span without a beginning that is later than that of its year.
    pub(in crate::annex) fn without_later_start(self) -> Self {
        match self.start {
            SpanStart::Day(_) if !self.begins_year() => self.until_end(),
            SpanStart::Day(_) | SpanStart::Open | SpanStart::Launch => self,
        }
    }

    /// Whether the span begins on the first day of a year.
    pub(in crate::annex) fn begins_year(self) -> bool {
        matches!(self.start, SpanStart::Day(Moment { month: 1, day: Some(1), .. }))
    }

    /// Whether the span lies within one month.
    pub(super) fn is_of_month(self) -> bool {
        let (SpanStart::Day(start), SpanEnd::Day(end)) = (self.start, self.end) else {
            return false;
        };
        start.month == end.month && end.year.is_none_or(|year| Some(year) == start.year)
    }

    /// Returns the span in a year, where it tells none of its own.
    pub(in crate::annex) fn in_year(self, year: Option<i32>) -> Self {
        let dated = |moment: Moment| Moment { year: moment.year.or(year), ..moment };
        if self.year().is_some() {
            return self;
        }
        let start = match self.start {
            SpanStart::Day(moment) => SpanStart::Day(dated(moment)),
            other => other,
        };
        let end = match self.end {
            SpanEnd::Day(moment) => SpanEnd::Day(dated(moment)),
            SpanEnd::Now => SpanEnd::Now,
        };
        Self { start, end, ..self }
    }

    /// Returns the last year in which a span without one lies before or on a day.
    pub(in crate::annex) fn latest_year(self, dated: NaiveDate) -> i32 {
        let is_over = match self.end {
            SpanEnd::Day(moment) => moment.in_year() <= (dated.month(), dated.day()),
            SpanEnd::Now => true,
        };
        // A month that is under way on the day of the document is meant all the same.
        let is_this_month =
            matches!(self.end, SpanEnd::Day(moment) if moment.month == dated.month());
        if is_over || is_this_month { dated.year() } else { dated.year() - 1 }
    }

    /// Whether the span tells another end than a period has, or another year.
    pub(in crate::annex) fn ends_otherwise(self, period: Period) -> bool {
        if self.is_year {
            return self.year() != Some(period.end.year());
        }
        self.within(period).is_none_or(|told| told.period.end != period.end)
    }

    /// Whether the span tells another time than a period. What it leaves open contradicts nothing.
    pub(in crate::annex) fn contradicts(self, period: Period) -> bool {
        let is_other = |start: Option<NaiveDate>| {
            if self.is_year {
                return start.is_none_or(|start| Some(start.year()) != self.year());
            }
            let told = self.within(period);
            self.start != SpanStart::Open && told.is_none_or(|told| told.period.start != start)
        };
        self.ends_otherwise(period) || is_other(period.start)
    }

    /// The days of the span, what it leaves open taken from a period.
    fn within(self, period: Period) -> Option<Resolved> {
        self.resolve(Some(period.end.year()), Some(period.end))
    }

    /// Returns the days of the span. `year` is the year it lies in where it tells none; `None` when
    /// something is missing or its ends are in the wrong order.
    pub(in crate::annex) fn resolve(
        self,
        year: Option<i32>,
        dated: Option<NaiveDate>,
    ) -> Option<Resolved> {
        let own_year = self.year();
        let end = match self.end {
            SpanEnd::Day(moment) => moment.date(own_year.or(year)?)?,
            SpanEnd::Now => dated?,
        };
        let mut is_start_assumed = false;
        let start = match self.start {
            SpanStart::Launch => None,
            SpanStart::Open => {
                is_start_assumed = true;
                Some(NaiveDate::from_ymd_opt(end.year(), 1, 1)?)
            }
            SpanStart::Day(moment) => Some(match moment.year {
                Some(year) => moment.date(year)?,
                None => moment
                    .date(end.year())
                    .filter(|start| *start <= end)
                    .or_else(|| moment.date(end.year() - 1))?,
            }),
        };
        let period = match start {
            Some(start) => Period::between(start, end)?,
            None => Period { start: None, end },
        };
        Some(Resolved {
            period,
            is_start_assumed,
            is_end_inferred: self.end == SpanEnd::Now,
            is_year_inferred: own_year.is_none() && self.end != SpanEnd::Now,
        })
    }
}
