//! Times that chance chooses: how they are printed, and which days they are.

use chrono::{Datelike, Months, NaiveDate};
use tongban::model::{Accumulation, Period};
use tongban::refdata::IndicatorKind;

use super::chance::Chance;
use super::document::NO_DAY;

/// Month and day.
type Day = (u32, u32);

/// First and last day of a period of the document's year, and how it is printed.
const PERIODS: [((Day, Day), &str); 24] = [
    (((1, 1), (9, 30)), "YEAR年1月1日—9月30日"),
    (((1, 1), (3, 31)), "YEAR年1-3月"),
    (((7, 1), (9, 30)), "YEAR年第三季度"),
    (((1, 1), (6, 30)), "YEAR年上半年"),
    (((3, 1), (3, 31)), "YEAR年3月份"),
    (((1, 1), (9, 30)), "YEAR.1-9月"),
    (((3, 1), (3, 31)), "YEAR-3月"),
    (((1, 1), (9, 30)), "YEAR年前9个月"),
    (((1, 1), (3, 31)), "YEAR年前三个月"),
    (((1, 1), (9, 30)), "YEAR.01-YEAR.09"),
    (((9, 1), (9, 30)), "YEAR-09"),
    (((9, 1), (9, 30)), "YEAR09"),
    (((1, 1), (9, 30)), "YEAR0101-YEAR0930"),
    (((7, 1), (9, 30)), "YEAR年Q3"),
    (((1, 1), (9, 30)), "YEAR年1.1-9.30"),
    (((1, 1), (9, 30)), "YEAR.1.1-9.30"),
    (((1, 1), (9, 30)), "YEAR-01-01 00:00:00至YEAR-09-30 23:59:59"),
    (((1, 1), (9, 30)), "YEAR年1月1日零时至9月30日24时"),
    (((1, 1), (9, 30)), "YEAR年1月1日（含）至9月30日（含）"),
    (((1, 1), (9, 30)), "YEAR年1月1日起至9月30日止"),
    (((6, 1), (6, 29)), "YEAR年6月1日12时至6月30日12时"),
    (((6, 1), (6, 30)), "YEAR年6月1日8时至6月30日18时"),
    (((1, 1), (9, 30)), "YEAR年一至九月"),
    (((1, 1), (9, 30)), "YEAR年1-9月期间"),
];

/// Words about time that tell no period.
const NO_PERIODS: [&str; 18] = [
    "前9个月",
    "近三个月",
    "本月",
    "上月",
    "YEAR年同期",
    "YEAR年9月以前",
    "YEAR年9月30日前",
    "YEAR年9月初",
    "YEAR年1-9",
    "YEAR.1-9",
    "YEAR年9月30",
    "YEAR-13月",
    "YEAR年春节期间",
    "上线至YEAR年9月",
    "去年1-9月",
    "不含YEAR年9月",
    "YEAR年6月1日18时至6月30日8时",
    "YEAR年1月1日-办理完毕",
];

/// The time of figures for which none is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rule {
    /// From 1 January to the date of the document.
    Stated,
    /// The month before that of the document.
    MonthBefore,
    /// From 1 January to the end of the month before.
    YearToMonthBefore,
    /// Since launch to the date of the document.
    SinceLaunch,
}

/// What is told about the time of a table.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TableTime {
    pub(crate) printed: Option<Period>,
    pub(crate) is_in_title: bool,
    /// The date of the document.
    pub(crate) dated: NaiveDate,
    pub(crate) rule: Rule,
}

/// What else bears on the time of a column.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct ColumnTime {
    /// Its label prints the year of the document.
    pub(crate) has_year: bool,
    /// Its label says that its figures are those of the year.
    pub(crate) is_of_year: bool,
    pub(crate) years_back: u32,
    /// How its figures add up, where it is told.
    pub(crate) accumulation: Option<Accumulation>,
}

impl Rule {
    /// Every rule, with the word for it in saved layouts.
    pub(crate) const ALL: [(Self, &str); 4] = [
        (Self::Stated, "stated"),
        (Self::MonthBefore, "month_before"),
        (Self::YearToMonthBefore, "year_to_month_before"),
        (Self::SinceLaunch, "since_launch"),
    ];

    /// Returns the days of figures in a document of that date.
    pub(crate) fn period(self, dated: NaiveDate) -> Period {
        let month = dated.with_day(1).expect("every month has that day");
        let last = month.pred_opt().expect("it is not the first day of all");
        let new_year = |day: NaiveDate| day.with_ordinal(1).expect("every year has that day");
        let (start, end) = match self {
            Self::Stated => (Some(new_year(dated)), dated),
            Self::MonthBefore => (last.with_day(1), last),
            Self::YearToMonthBefore => (Some(new_year(last)), last),
            Self::SinceLaunch => (None, dated),
        };
        Period { start, end }
    }
}

impl TableTime {
    /// Returns the time of a column and how its figures add up; `None` where what is told about the
    /// two contradicts.
    pub(crate) fn of_column(
        &self,
        kind: IndicatorKind,
        column: ColumnTime,
    ) -> Option<(Period, Accumulation)> {
        // A year in the label counts for more than a period in the title.
        let printed = self.printed.filter(|_| !(self.is_in_title && column.has_year));
        let rule = if column.has_year { Rule::Stated } else { self.rule };
        let found = printed.unwrap_or_else(|| rule.period(self.dated));
        if found.end == NO_DAY {
            return Some((found, Accumulation::Point));
        }
        let years_back = if column.has_year { 0 } else { column.years_back };
        let found = if kind == IndicatorKind::Stock { Period::point(found.end) } else { found };
        let found = earlier(found, years_back);
        let is_flow = kind != IndicatorKind::Stock;
        let found = if column.is_of_year && is_flow { of_year(found) } else { found };
        match (column.accumulation, kind) {
            (Some(told), IndicatorKind::Flow | IndicatorKind::Ratio) => added_up(found, told),
            (_, IndicatorKind::Stock) => Some((found, Accumulation::Point)),
            (None, _) => Some((found, usual(found))),
        }
    }
}

/// The same days some years before; a month's end stays one, of which there is no 29 February here.
fn earlier(period: Period, years: u32) -> Period {
    let back = |day: NaiveDate| {
        day.checked_sub_months(Months::new(12 * years)).expect("there is a year before")
    };
    Period { start: period.start.map(back), end: back(period.end) }
}

/// The time of figures of the year: from its first day on, where they begin on any.
fn of_year(period: Period) -> Period {
    let new_year = period.end.with_ordinal(1);
    Period { start: period.start.and(new_year), ..period }
}

/// How flows over a period add up: from 1 January they run through the year.
fn usual(period: Period) -> Accumulation {
    match period.start {
        None => Accumulation::SinceLaunch,
        Some(start) if (start.month(), start.day()) == (1, 1) => Accumulation::YearToDate,
        Some(_) => Accumulation::Period,
    }
}

/// The time of figures that add up in a way that is told, up to the same day.
fn added_up(period: Period, told: Accumulation) -> Option<(Period, Accumulation)> {
    let end = period.end;
    let start = match told {
        Accumulation::Point => Some(end),
        Accumulation::SinceLaunch => None,
        Accumulation::YearToDate => {
            period.start?;
            end.with_ordinal(1)
        }
        Accumulation::Period => Some(period.start?),
    };
    Some((Period { start, end }, told))
}

/// Draws a time of the document's year and how it is printed; `None` for none.
///
/// What says no period is printed with one that no reader can find, so that only a refusal will do.
pub(crate) fn draw(chance: &mut Chance, dated: NaiveDate) -> (Option<Period>, Option<String>) {
    let year = dated.year();
    if chance.in_hundred(35) {
        return (None, None);
    }
    if chance.in_hundred(10) {
        let text = chance.pick(&NO_PERIODS).replace("YEAR", &year.to_string());
        return (Some(Period::point(NO_DAY)), Some(text));
    }
    let (period, text) = some_period(chance, year);
    (Some(period), Some(text))
}

/// Prints a time as a line above a table.
pub(crate) fn time_line(chance: &mut Chance, text: &str) -> String {
    match chance.below(3) {
        0 => format!("(统计时间:{text})"),
        1 => format!("（统计时间：{text}）"),
        _ => format!("统计时间：{text}"),
    }
}

/// Draws a period of a year and how it is printed.
pub(crate) fn some_period(chance: &mut Chance, year: i32) -> (Period, String) {
    let day = |(month, day)| NaiveDate::from_ymd_opt(year, month, day).expect("there is that day");
    let ((start, end), text) = chance.pick(&PERIODS);
    let period = Period { start: Some(day(*start)), end: day(*end) };
    (period, text.replace("YEAR", &year.to_string()))
}
