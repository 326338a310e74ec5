//! Periods printed with a table, and the rules for what is not printed.

use std::sync::LazyLock;

use chrono::{Datelike, Months, NaiveDate};
use regex::{Captures, Regex};
use unicode_normalization::UnicodeNormalization;

use crate::model::{Accumulation, Period, PeriodBasis};
use crate::refdata::IndicatorKind;

/// What is known about time before a column's label is read.
#[derive(Debug, Clone, Copy)]
pub(super) struct PeriodContext {
    /// Given by the user.
    pub(super) given: Option<Period>,
    /// Printed with the table.
    pub(super) printed: Option<Period>,
    /// Printed in the title of the table or document.
    pub(super) title: Option<Period>,
    /// Date of the document.
    pub(super) dated: Option<NaiveDate>,
}

/// The time that a column's own label states.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct LabelTime {
    /// A year alone, as 2021年.
    pub(super) year: Option<i32>,
    /// A whole period, as 2021年1-9月.
    pub(super) period: Option<Period>,
}

/// The time of a column's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ColumnPeriod {
    pub(super) period: Period,
    pub(super) accumulation: Accumulation,
    pub(super) basis: PeriodBasis,
}

/// Returns the time that a column's values are about; `None` when nothing says so.
///
/// Strongest first: given, printed with the table, the year in the label, title, date of the
/// document. A stock counts on the last day of what is found. A flow without a printed beginning is
/// a year to date, and then the date of the document, an inference, is its end.
pub(super) fn column_period(
    context: &PeriodContext,
    kind: IndicatorKind,
    label: LabelTime,
) -> Option<ColumnPeriod> {
    let label_year = label.year;
    if let (Some(period), None) = (label.period, context.given) {
        return Some(of_kind(period, kind, PeriodBasis::Column));
    }
    let known = [
        (context.given, PeriodBasis::Given),
        (context.printed, PeriodBasis::Printed),
        (None, PeriodBasis::Column),
        (context.title, PeriodBasis::Title),
    ];
    for (period, basis) in known {
        if let Some(period) = period
            && label_year.is_none_or(|year| covers_year(period, year))
        {
            return Some(of_kind(period, kind, basis));
        }
        if basis == PeriodBasis::Column
            && let Some(year) = label_year
        {
            return year_to_date(year, context.dated)
                .map(|(period, basis)| of_kind(period, kind, basis));
        }
    }
    let dated = context.dated?;
    let (period, basis) = year_to_date(dated.year(), Some(dated))?;
    Some(of_kind(period, kind, basis))
}

fn covers_year(period: Period, year: i32) -> bool {
    period.end.year() == year
}

fn of_kind(period: Period, kind: IndicatorKind, basis: PeriodBasis) -> ColumnPeriod {
    match kind {
        IndicatorKind::Stock => ColumnPeriod {
            period: Period::point(period.end),
            accumulation: Accumulation::Point,
            basis,
        },
        IndicatorKind::Flow | IndicatorKind::Ratio => {
            ColumnPeriod { period, accumulation: period.accumulation_of_flow(), basis }
        }
    }
}

/// Returns a year from 1 January to the document's date, or the whole year when that is past.
fn year_to_date(year: i32, dated: Option<NaiveDate>) -> Option<(Period, PeriodBasis)> {
    let start = NaiveDate::from_ymd_opt(year, 1, 1)?;
    let last = NaiveDate::from_ymd_opt(year, 12, 31)?;
    match dated {
        Some(dated) if dated.year() == year => {
            Some((Period::between(start, dated)?, PeriodBasis::DocumentDate))
        }
        Some(dated) if dated < start => None,
        _ => Some((Period::between(start, last)?, PeriodBasis::Column)),
    }
}

static DAYS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(\d{4})年(\d{1,2})月(\d{1,2})日?(?:至|到|-|~|—)+(?:(\d{4})年)?(\d{1,2})月(\d{1,2})日")
});
static MONTHS: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(\d{4})年(\d{1,2})月?份?(?:至|到|-|~|—)+(?:(\d{4})年)?(\d{1,2})月"));
static UNTIL: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"截[至止]到?(\d{4})年(\d{1,2})月(?:(\d{1,2})日|底|末)?"));
static QUARTER: LazyLock<Regex> = LazyLock::new(|| pattern(r"(\d{4})年度?第?([一二三四1-4])季度"));
static HALF: LazyLock<Regex> = LazyLock::new(|| pattern(r"(\d{4})年度?(上|下)半年"));
static MONTH: LazyLock<Regex> = LazyLock::new(|| pattern(r"(\d{4})年(\d{1,2})月份?(?:$|[^\d])"));
static LABEL_MONTH: LazyLock<Regex> = LazyLock::new(|| pattern(r"(\d{4})年(\d{1,2})月份?"));
/// Words beside a month by which it is only one end of a period.
static OPEN_ENDED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"月(?:份|初|中旬|底|末)?(?:以来|至|到|起|—|-)|(?:至|到|—|-)(?:\d{4}年)?\d{1,2}月|至今")
});
static YEAR: LazyLock<Regex> = LazyLock::new(|| pattern(r"(\d{4})年(?:度|全年)"));

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("the pattern is constant")
}

/// Takes a period with its year out of a label; also returns the rest of the label.
///
/// 2021年 alone stays: it is a year, not a period.
pub(super) fn take_period(label: &str) -> (String, Option<Period>) {
    for pattern in [&DAYS, &MONTHS, &UNTIL, &QUARTER, &HALF, &LABEL_MONTH] {
        if let Some(found) = pattern.find(label)
            && let Some(period) = find_period(found.as_str())
        {
            let rest = [&label[..found.start()], label[found.end()..].trim_start_matches('份')];
            return (rest.concat(), Some(period));
        }
    }
    (label.to_owned(), None)
}

/// Returns the first period that a caption or title states; `None` when it states none.
///
/// Understood are days, months, quarters, halves and years with a printed year, and 截至 (which
/// gives the year to that day). A single day is no period: it is a date of signature.
pub(super) fn find_period(text: &str) -> Option<Period> {
    let normal: String = text.nfkc().filter(|c| !c.is_whitespace()).collect();
    let normal = normal.replace(['–', '―', '－', '─', '~'], "—");
    if normal.contains("以来") || normal.contains("上线") {
        return None;
    }
    days(&normal).or_else(|| months(&normal)).or_else(|| until(&normal)).or_else(|| parts(&normal))
}

/// Whether a caption says when a period ends and not when it began, as 截至2021年9月30日 does.
pub(super) fn has_open_start(text: &str) -> bool {
    let normal: String = text.nfkc().filter(|c| !c.is_whitespace()).collect();
    UNTIL.is_match(&normal) && !DAYS.is_match(&normal) && !MONTHS.is_match(&normal)
}

fn number(captures: &Captures<'_>, group: usize) -> Option<u32> {
    captures.get(group)?.as_str().parse().ok()
}

fn year(captures: &Captures<'_>, group: usize) -> Option<i32> {
    captures.get(group)?.as_str().parse().ok()
}

fn days(text: &str) -> Option<Period> {
    let found = DAYS.captures(text)?;
    let first_year = year(&found, 1)?;
    let start = NaiveDate::from_ymd_opt(first_year, number(&found, 2)?, number(&found, 3)?)?;
    let last_year = year(&found, 4).unwrap_or(first_year);
    let end = NaiveDate::from_ymd_opt(last_year, number(&found, 5)?, number(&found, 6)?)?;
    Period::between(start, end)
}

fn months(text: &str) -> Option<Period> {
    let found = MONTHS.captures(text)?;
    let first_year = year(&found, 1)?;
    let start = NaiveDate::from_ymd_opt(first_year, number(&found, 2)?, 1)?;
    let last_year = year(&found, 3).unwrap_or(first_year);
    Period::between(start, month_end(last_year, number(&found, 4)?)?)
}

fn until(text: &str) -> Option<Period> {
    let found = UNTIL.captures(text)?;
    let (year, month) = (year(&found, 1)?, number(&found, 2)?);
    let end = match number(&found, 3) {
        Some(day) => NaiveDate::from_ymd_opt(year, month, day)?,
        None => month_end(year, month)?,
    };
    Period::between(NaiveDate::from_ymd_opt(year, 1, 1)?, end)
}

fn parts(text: &str) -> Option<Period> {
    let span = |year: i32, first: u32, last: u32| {
        Period::between(NaiveDate::from_ymd_opt(year, first, 1)?, month_end(year, last)?)
    };
    if let Some(found) = QUARTER.captures(text) {
        let quarter = match &found[2] {
            "一" | "1" => 1,
            "二" | "2" => 2,
            "三" | "3" => 3,
            _ => 4,
        };
        return span(year(&found, 1)?, quarter * 3 - 2, quarter * 3);
    }
    if let Some(found) = HALF.captures(text) {
        let first = if &found[2] == "上" { 1 } else { 7 };
        return span(year(&found, 1)?, first, first + 5);
    }
    if let Some(found) = MONTH.captures(text) {
        // One end of a period is not the whole of it.
        if OPEN_ENDED.is_match(text) || MONTH.find_iter(text).count() > 1 {
            return None;
        }
        let month = number(&found, 2)?;
        return span(year(&found, 1)?, month, month);
    }
    YEAR.captures(text).and_then(|found| span(year(&found, 1)?, 1, 12))
}

fn month_end(year: i32, month: u32) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(year, month, 1)?.checked_add_months(Months::new(1))?.pred_opt()
}

/// Parses a period that the user gives: `2021-01-01..2021-09-30`, or one day.
pub fn parse_given_period(text: &str) -> Option<Period> {
    match text.split_once("..") {
        Some((start, end)) => Period::between(start.parse().ok()?, end.parse().ok()?),
        None => text.parse().ok().map(Period::point),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let found = find_period(text).map_or_else(|| "none".to_owned(), |p| p.to_string());
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn printed_periods_are_understood() {
        check("(统计时间:2021年1月1日—9月30日)", "2021-01-01..2021-09-30");
        check("统计时间：２０２１年１月１日至2022年3月31日", "2021-01-01..2022-03-31");
        check("2023年1-3月办件情况", "2023-01-01..2023-03-31");
        check("2024年1月至11月", "2024-01-01..2024-11-30");
        check("截至2021年11月底", "2021-01-01..2021-11-30");
        check("截至2021年11月24日", "2021-01-01..2021-11-24");
        check("2022年第三季度", "2022-07-01..2022-09-30");
        check("2022年上半年", "2022-01-01..2022-06-30");
        check("2024年2月份", "2024-02-01..2024-02-29");
        check("2020年度", "2020-01-01..2020-12-31");
        check("2021年9月30日—1月1日", "none");
        check("2021年11月24日", "none");
        check("一、总体情况", "none");
        check("2021年10月以来", "none");
        check("2021年1月至今", "none");
        check("2021年1月1日—2021年9月", "none");
        check("2020年12月底至2021年9月", "none");
    }

    #[test]
    fn periods_come_out_of_labels() {
        let taken = |label: &str| {
            let (rest, period) = take_period(label);
            format!("{rest}|{}", period.map_or_else(String::new, |period| period.to_string()))
        };
        assert_eq!(taken("2021年1-9月办件量"), "办件量|2021-01-01..2021-09-30");
        assert_eq!(taken("2021年3月份办件量"), "办件量|2021-03-01..2021-03-31");
        assert_eq!(taken("2021年办件量"), "2021年办件量|");
    }

    #[track_caller]
    fn check_column(kind: IndicatorKind, label_year: Option<i32>, printed: &str, expected: &str) {
        let context = PeriodContext {
            given: None,
            printed: find_period(printed),
            title: None,
            dated: NaiveDate::from_ymd_opt(2021, 11, 24),
        };
        let label = LabelTime { year: label_year, period: None };
        let found = column_period(&context, kind, label).unwrap();
        assert_eq!(format!("{} {} {}", found.accumulation, found.period, found.basis), expected);
    }

    #[test]
    fn what_is_not_printed_is_inferred_and_says_so() {
        use IndicatorKind::{Flow, Stock};
        let printed = "2021年1月1日—9月30日";
        check_column(Stock, None, "", "point 2021-11-24 document_date");
        check_column(Flow, Some(2021), "", "year_to_date 2021-01-01..2021-11-24 document_date");
        check_column(Flow, Some(2020), "", "year_to_date 2020-01-01..2020-12-31 column");
        check_column(Flow, None, printed, "year_to_date 2021-01-01..2021-09-30 printed");
        check_column(Stock, None, printed, "point 2021-09-30 printed");
        check_column(Flow, None, "2021年第三季度", "period 2021-07-01..2021-09-30 printed");
    }
}
