//! The time of a column: what is printed, and the rules for what is not.

use chrono::{Datelike, NaiveDate};

use crate::annex::layout::PeriodRule;
use crate::annex::time_words::{Resolved, Stated, TimeSpan};
use crate::model::{Accumulation, Period, PeriodBasis};
use crate::refdata::IndicatorKind;

/// What is known about time before a column's label is read.
#[derive(Debug, Clone, Copy)]
pub(super) struct PeriodContext {
    /// Given by the user.
    pub(super) given: Option<Period>,
    /// The day on which figures count that print none, given by the user.
    pub(super) as_of_day: Option<NaiveDate>,
    /// Printed with the table.
    pub(super) caption: Stated,
    /// Printed in the title of the table.
    pub(super) title: Stated,
    /// Printed in the title of the document.
    pub(super) document_title: Stated,
    /// Date of the document.
    pub(super) dated: Option<NaiveDate>,
    /// What a saved layout says about times that are not printed.
    pub(super) rule: PeriodRule,
}

/// The time of a column's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ColumnPeriod {
    pub(super) period: Period,
    pub(super) accumulation: Accumulation,
    pub(super) basis: PeriodBasis,
    /// 1 January was taken for a beginning that is not printed.
    pub(super) is_start_assumed: bool,
    /// Hours of the day were printed and left out.
    pub(super) has_hours: bool,
}

/// Why a column has no time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoPeriod {
    /// Nothing says so.
    Unsaid,
    /// What says so is not understood.
    Unclear,
}

/// Returns the time that a column's values are about.
///
/// Strongest first: given, printed in the label, with the table, in the title of the table, of the
/// document; then the date of the document, which is an inference. A stock counts on the last day of
/// what is found. A flow whose beginning is not printed is a year to date. Where only the year is
/// missing, the title has it, else the date of the document. What is printed and not understood is
/// never passed over for something weaker.
pub(super) fn column_period(
    context: &PeriodContext,
    kind: IndicatorKind,
    label: Stated,
) -> Result<ColumnPeriod, NoPeriod> {
    let label_year = label.span().filter(|span| span.is_year).and_then(TimeSpan::year);
    if let Some(given) = context.given
        && label_year.is_none_or(|year| given.end.year() == year)
    {
        return Ok(of_kind(given, kind, PeriodBasis::Given));
    }
    let told = [
        (label, PeriodBasis::Column),
        (context.caption, PeriodBasis::Printed),
        (context.title, PeriodBasis::Title),
        (context.document_title, PeriodBasis::Title),
    ];
    for (idx, (stated, basis)) in told.into_iter().enumerate() {
        // A year in the label counts for more than the time in a title.
        if let (2.., Some(year)) = (idx, label_year) {
            return of_year(year, context, kind, PeriodBasis::Column).ok_or(NoPeriod::Unclear);
        }
        let is_of_document = idx == 3;
        let span = match stated {
            Stated::Nothing => continue,
            Stated::Unclear if is_of_document => continue,
            Stated::Unclear => return Err(NoPeriod::Unclear),
            Stated::Time(span) => span,
        };
        // A year in the label goes with the days that are printed for that year.
        if idx == 0 && label_year.is_some() {
            continue;
        }
        if label_year.is_some_and(|year| span.year().is_some_and(|other| other != year)) {
            continue;
        }
        return printed(context, kind, (span, basis), label_year);
    }
    unprinted(context, kind).ok_or(NoPeriod::Unsaid)
}

/// The time that a span tells, its year found where it tells none.
fn printed(
    context: &PeriodContext,
    kind: IndicatorKind,
    (span, basis): (TimeSpan, PeriodBasis),
    label_year: Option<i32>,
) -> Result<ColumnPeriod, NoPeriod> {
    if span.is_year {
        let year = span.year().ok_or(NoPeriod::Unclear)?;
        return of_year(year, context, kind, basis).ok_or(NoPeriod::Unclear);
    }
    let in_title = [context.caption, context.title, context.document_title]
        .into_iter()
        .find_map(|stated| stated.span()?.year());
    let (year, year_basis) = match (label_year, in_title) {
        (Some(year), _) => (Some(year), PeriodBasis::Column),
        (None, Some(year)) => (Some(year), PeriodBasis::Title),
        (None, None) => {
            (context.dated.map(|dated| span.latest_year(dated)), PeriodBasis::DocumentDate)
        }
    };
    let found: Resolved = span.resolve(year, context.dated).ok_or(NoPeriod::Unclear)?;
    let mut basis = basis;
    if found.is_year_inferred {
        basis = basis.max(year_basis);
    }
    if found.is_end_inferred {
        basis = PeriodBasis::DocumentDate;
    }
    let column = of_kind(found.period, kind, basis);
    Ok(ColumnPeriod {
        is_start_assumed: found.is_start_assumed && column.accumulation != Accumulation::Point,
        has_hours: span.has_hours,
        ..column
    })
}

/// The time of a column about which nothing is printed.
fn unprinted(context: &PeriodContext, kind: IndicatorKind) -> Option<ColumnPeriod> {
    if let Some(day) = context.as_of_day {
        return of_days(day.with_ordinal(1)?, day, kind, PeriodBasis::Given);
    }
    let dated = context.dated?;
    let basis = PeriodBasis::DocumentDate;
    match context.rule {
        PeriodRule::Stated => of_days(dated.with_ordinal(1)?, dated, kind, basis),
        PeriodRule::MonthBefore => {
            let last = dated.with_day(1)?.pred_opt()?;
            of_days(last.with_day(1)?, last, kind, basis)
        }
        PeriodRule::YearToMonthBefore => {
            let last = dated.with_day(1)?.pred_opt()?;
            of_days(last.with_ordinal(1)?, last, kind, basis)
        }
        PeriodRule::SinceLaunch => Some(of_kind(Period { start: None, end: dated }, kind, basis)),
    }
}

fn of_days(
    start: NaiveDate,
    end: NaiveDate,
    kind: IndicatorKind,
    basis: PeriodBasis,
) -> Option<ColumnPeriod> {
    Some(of_kind(Period::between(start, end)?, kind, basis))
}

fn of_kind(period: Period, kind: IndicatorKind, basis: PeriodBasis) -> ColumnPeriod {
    let (period, accumulation) = match kind {
        IndicatorKind::Stock => (Period::point(period.end), Accumulation::Point),
        IndicatorKind::Flow | IndicatorKind::Ratio => (period, period.accumulation_of_flow()),
    };
    ColumnPeriod { period, accumulation, basis, is_start_assumed: false, has_hours: false }
}

/// A year from 1 January to the day of the document, or the whole year when that is past.
fn of_year(
    year: i32,
    context: &PeriodContext,
    kind: IndicatorKind,
    basis: PeriodBasis,
) -> Option<ColumnPeriod> {
    let start = NaiveDate::from_ymd_opt(year, 1, 1)?;
    let last = NaiveDate::from_ymd_opt(year, 12, 31)?;
    let day = context.as_of_day.map(|day| (day, PeriodBasis::Given));
    match day.or(context.dated.map(|dated| (dated, PeriodBasis::DocumentDate))) {
        // The year is printed and its end is not: the weaker of the two counts.
        Some((day, end_basis)) if day.year() == year => {
            of_days(start, day, kind, basis.max(end_basis))
        }
        Some((day, _)) if day < start => None,
        _ => of_days(start, last, kind, basis),
    }
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
    use crate::annex::time_words::stated_time;

    /// Label, caption, title of the table, kind.
    #[track_caller]
    fn check(kind: IndicatorKind, [label, caption, title]: [&str; 3], expected: &str) {
        let context = PeriodContext {
            given: None,
            as_of_day: None,
            caption: stated_time(caption),
            title: stated_time(title),
            document_title: Stated::Nothing,
            dated: NaiveDate::from_ymd_opt(2021, 11, 24),
            rule: PeriodRule::Stated,
        };
        let shown = match column_period(&context, kind, stated_time(label)) {
            Ok(found) => {
                let start = if found.is_start_assumed { " start assumed" } else { "" };
                format!("{} {} {}{start}", found.accumulation, found.period, found.basis)
            }
            Err(error) => format!("{error:?}"),
        };
        assert_eq!(shown, expected);
    }

    #[test]
    fn what_is_not_printed_is_inferred_and_says_so() {
        use IndicatorKind::{Flow, Stock};
        let printed = "2021年1月1日—9月30日";
        check(Stock, ["", "", ""], "point 2021-11-24 document_date");
        check(Flow, ["2021年", "", ""], "year_to_date 2021-01-01..2021-11-24 document_date");
        check(Flow, ["2020年", "", ""], "year_to_date 2020-01-01..2020-12-31 column");
        check(Flow, ["", printed, ""], "year_to_date 2021-01-01..2021-09-30 printed");
        check(Stock, ["", printed, ""], "point 2021-09-30 printed");
        check(Flow, ["", "2021年第三季度", ""], "period 2021-07-01..2021-09-30 printed");
        check(Flow, ["", "", "2020年情况"], "year_to_date 2020-01-01..2020-12-31 title");
    }

    #[test]
    fn a_missing_year_is_the_titles_else_the_documents() {
        use IndicatorKind::{Flow, Stock};
        let months = "统计时间:1月1日—9月30日";
        check(Flow, ["", months, "2020年情况"], "year_to_date 2020-01-01..2020-09-30 title");
        check(Flow, ["", months, ""], "year_to_date 2021-01-01..2021-09-30 document_date");
        check(Flow, ["", "12月份", ""], "period 2020-12-01..2020-12-31 document_date");
        check(Flow, ["2020年", months, ""], "year_to_date 2020-01-01..2020-09-30 column");
        check(
            Flow,
            ["", "截至10月底", ""],
            "year_to_date 2021-01-01..2021-10-31 document_date start assumed",
        );
        check(Stock, ["", "截至10月底", ""], "point 2021-10-31 document_date");
        check(Flow, ["", "平台上线以来", ""], "since_launch ..2021-11-24 document_date");
    }

    #[test]
    fn what_is_not_understood_is_not_passed_over() {
        use IndicatorKind::Flow;
        check(Flow, ["", "第25周、26周", "2021年情况"], "Unclear");
        check(Flow, ["", "", "2021年一季度与2020年一季度"], "Unclear");
        check(Flow, ["2022年", "", ""], "Unclear");
        check(Flow, ["2021年1-3月", "", "第25周"], "year_to_date 2021-01-01..2021-03-31 column");
    }
}
