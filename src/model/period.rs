//! The time that a figure is about, and how that time is known.

use std::fmt;

use chrono::{Datelike, Months, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::model::text_enum;

/// A span of days, both ends included.
///
/// Equal ends are a point in time; no start means "since the beginning".
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Period {
    /// First day, `None` for figures counted since launch.
    pub start: Option<NaiveDate>,
    /// Last day.
    pub end: NaiveDate,
}

impl Period {
    /// Returns the period of a single day.
    pub fn point(day: NaiveDate) -> Self {
        Self { start: Some(day), end: day }
    }

    /// Returns the period from `start` to `end`; `None` when they are in the wrong order.
    pub fn between(start: NaiveDate, end: NaiveDate) -> Option<Self> {
        (start <= end).then_some(Self { start: Some(start), end })
    }

    /// Returns the same days some years earlier; the end of a month stays one.
    pub fn years_back(self, years: u32) -> Option<Self> {
        let back = |day: NaiveDate| day.checked_sub_months(Months::new(12 * years));
        let is_last = self.end.succ_opt()?.day() == 1;
        let end = if is_last { back(self.end.succ_opt()?)?.pred_opt()? } else { back(self.end)? };
        let start = match self.start {
            Some(start) => Some(back(start)?),
            None => None,
        };
        Some(Self { start, end })
    }

    /// Returns what kind of accumulation a flow over this period is.
    ///
    /// A period that begins on 1 January and ends in the same year is read as a year to date: that is
    /// how such tables are kept. Anything else is a period of its own.
    pub fn accumulation_of_flow(self) -> Accumulation {
        match self.start {
            None => Accumulation::SinceLaunch,
            Some(start) if start.ordinal() == 1 && start.year() == self.end.year() => {
                Accumulation::YearToDate
            }
            Some(_) => Accumulation::Period,
        }
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.start {
            Some(start) if start == self.end => write!(f, "{}", self.end),
            Some(start) => write!(f, "{start}..{}", self.end),
            None => write!(f, "..{}", self.end),
        }
    }
}

text_enum! {
    /// How a figure adds up over time.
    Accumulation {
        /// A stock on one day (时点).
        Point = "point",
        /// What happened within the period (当期).
        Period = "period",
        /// What happened since 1 January (本年累计).
        YearToDate = "year_to_date",
        /// What happened since the service began (上线以来累计).
        SinceLaunch = "since_launch",
    }
}

text_enum! {
    /// Where the weakest part of a period was found, from strongest to weakest.
    PeriodBasis {
        /// Given by the user.
        Given = "given",
        /// Printed with the table.
        Printed = "printed",
        /// Printed in the column's label.
        Column = "column",
        /// Printed in the title of the table or document.
        Title = "title",
        /// Inferred from the date of the document.
        DocumentDate = "document_date",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(start: &str, end: &str, expected: Accumulation) {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let period = Period::between(day(start), day(end)).unwrap();
        assert_eq!(period.accumulation_of_flow(), expected);
    }

    #[test]
    fn a_flow_from_new_year_is_a_year_to_date() {
        check("2021-01-01", "2021-09-30", Accumulation::YearToDate);
        check("2021-01-01", "2021-12-31", Accumulation::YearToDate);
        check("2021-02-01", "2021-09-30", Accumulation::Period);
        check("2020-01-01", "2021-12-31", Accumulation::Period);
    }
}
