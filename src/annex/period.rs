//! The time of a column: what is printed, and the rules for what is not.

use chrono::{Datelike, NaiveDate};

use crate::annex::layout::PeriodRule;
use crate::annex::time_words::{Relation, Resolved, Stated, TimeSpan};
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
    /// Since when figures count that are printed with a month, a quarter or a half of a year.
    pub(super) reach: Reach,
}

/// Since when figures count that are printed with a part of a year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Reach {
    /// As it is printed.
    #[default]
    Printed,
    /// They are called cumulative, so that a month is where they end.
    Cumulative,
    /// Their label says that they are those of the year.
    OfYear,
}

/// The time of a column's values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ColumnPeriod {
    pub(super) period: Period,
    pub(super) accumulation: Accumulation,
    pub(super) basis: PeriodBasis,
    /// What is doubtful about it, each once.
    pub(super) doubts: Vec<PeriodDoubt>,
}

/// What is doubtful about the time of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PeriodDoubt {
    /// 1 January was taken for a beginning that is not printed.
    StartAssumed,
    /// 31 December was taken for the end of a year, in a document without a date.
    EndAssumed,
    /// It ends after the month of the document's date.
    EndAhead,
    /// Hours of the day were printed, which days cannot tell.
    Hours,
    /// The user gave another time than the one that is printed.
    GivenDiffers,
}

impl ColumnPeriod {
    /// Returns the time since the first day of the year in which it ends, where another beginning is known.
    fn since_new_year(mut self) -> Option<Self> {
        let new_year = self.period.end.with_ordinal(1)?;
        if self.period.start.is_some_and(|start| start != new_year) {
            self.period.start = Some(new_year);
            self.accumulation = Accumulation::YearToDate;
            self.doubts.push(PeriodDoubt::StartAssumed);
        }
        Some(self)
    }

    /// Returns the time of values that add up in a way which a saved layout states: up to the end of
    /// what was found, from the beginning that goes with that way.
    ///
    /// `None` when what was found is no such time: a year to date that began in another year, or any
    /// but the last where no beginning is known.
    pub(super) fn accumulated_as(self, accumulation: Accumulation) -> Option<Self> {
        let Period { start, end } = self.period;
        let new_year = end.with_ordinal(1)?;
        let start = match accumulation {
            Accumulation::Point => Some(end),
            Accumulation::SinceLaunch => None,
            Accumulation::YearToDate => {
                Some(start.filter(|start| *start >= new_year).map(|_| new_year)?)
            }
            Accumulation::Period => Some(start?),
        };
        let is_told = accumulation != Accumulation::Period;
        let is_settled = |doubt: &PeriodDoubt| is_told && *doubt == PeriodDoubt::StartAssumed;
        let mut doubts = self.doubts;
        doubts.retain(|doubt| !is_settled(doubt));
        Some(Self { period: Period { start, end }, accumulation, doubts, ..self })
    }
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
        let differs = differs_from_print(context, kind, label, given);
        let doubts = differs.then_some(PeriodDoubt::GivenDiffers).into_iter().collect();
        return Ok(ColumnPeriod { doubts, ..of_kind(given, kind, PeriodBasis::Given) });
    }
    let mut found = stated_period(context, kind, (label, label_year))?;
    if context.reach == Reach::OfYear && found.accumulation != Accumulation::Point {
        found = found.since_new_year().ok_or(NoPeriod::Unclear)?;
    }
    let is_of_month = label == Stated::Relative(Relation::SameMonth);
    if is_of_month && !is_within_month(found.period) {
        return Err(NoPeriod::Unclear);
    }
    let is_ahead = |dated: NaiveDate| {
        (found.period.end.year(), found.period.end.month()) > (dated.year(), dated.month())
    };
    if context.dated.is_some_and(is_ahead) {
        found.doubts.push(PeriodDoubt::EndAhead);
    }
    Ok(found)
}

/// The time that the label or something around it states, or that follows from the document's date.
fn stated_period(
    context: &PeriodContext,
    kind: IndicatorKind,
    (label, label_year): (Stated, Option<i32>),
) -> Result<ColumnPeriod, NoPeriod> {
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
        let is_of_label = idx == 0;
        let span = match stated {
            Stated::Nothing => continue,
            Stated::Relative(Relation::SameMonth) if is_of_label => continue,
            Stated::Relative(_) | Stated::Unclear if is_of_document => continue,
            Stated::Relative(_) | Stated::Unclear => return Err(NoPeriod::Unclear),
            Stated::Time(span) => span,
        };
        // A year in the label goes with the days that are printed for that year.
        if is_of_label && label_year.is_some() {
            continue;
        }
        if label_year.is_some_and(|year| span.year().is_some_and(|other| other != year)) {
            continue;
        }
        return printed(context, kind, (span, basis), label_year);
    }
    unprinted(context, kind).ok_or(NoPeriod::Unsaid)
}

/// Whether a time that the user gives is another one than the strongest that is printed.
fn differs_from_print(
    context: &PeriodContext,
    kind: IndicatorKind,
    label: Stated,
    given: Period,
) -> bool {
    let differs = |span: TimeSpan| match kind {
        IndicatorKind::Stock => span.ends_otherwise(given),
        IndicatorKind::Flow | IndicatorKind::Ratio => span.contradicts(given),
    };
    for stated in [label, context.caption, context.title] {
        match stated {
            Stated::Nothing | Stated::Relative(_) => {}
            Stated::Unclear => return false,
            // The time is part of the year, and may be printed elsewhere.
            Stated::Time(span) if span.is_year && !differs(span) => {}
            Stated::Time(span) => return differs(span),
        }
    }
    false
}

fn is_within_month(period: Period) -> bool {
    let month = |day: NaiveDate| (day.year(), day.month());
    period.start.is_some_and(|start| month(start) == month(period.end))
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
    // A label with the year beside a part of that year, itself printed with it, means the year so far.
    let is_of_year = label_year.is_some() && span.year() == label_year;
    let span = match context.reach {
        Reach::Cumulative if span.is_unit => span.until_end(),
        Reach::Printed if is_of_year => span.without_later_start(),
        Reach::Cumulative | Reach::OfYear | Reach::Printed => span,
    };
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
    // 2021年 in the label is no time from 2019 on.
    if label_year.is_some_and(|year| found.period.start.is_some_and(|start| start.year() != year)) {
        return Err(NoPeriod::Unclear);
    }
    let mut basis = basis;
    if found.is_year_inferred {
        basis = basis.max(year_basis);
    }
    if found.is_end_inferred {
        basis = PeriodBasis::DocumentDate;
    }
    let column = of_kind(found.period, kind, basis);
    let mut doubts = Vec::new();
    if found.is_start_assumed && column.accumulation != Accumulation::Point {
        doubts.push(PeriodDoubt::StartAssumed);
    }
    doubts.extend(span.has_hours.then_some(PeriodDoubt::Hours));
    Ok(ColumnPeriod { doubts, ..column })
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
    ColumnPeriod { period, accumulation, basis, doubts: Vec::new() }
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
        Some(_) => of_days(start, last, kind, basis),
        None => {
            let doubts = vec![PeriodDoubt::EndAssumed];
            Some(ColumnPeriod { doubts, ..of_days(start, last, kind, basis)? })
        }
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
    fn check(kind: IndicatorKind, printed: [&str; 3], expected: &str) {
        check_given(kind, printed, (None, "2021-11-24"), expected);
    }

    /// The same with what is given and the date of the document, which may be none.
    #[track_caller]
    fn check_given(
        kind: IndicatorKind,
        [label, caption, title]: [&str; 3],
        (given, dated): (Option<&str>, &str),
        expected: &str,
    ) {
        let context = PeriodContext {
            given: given.and_then(parse_given_period),
            as_of_day: None,
            caption: stated_time(caption),
            title: stated_time(title),
            document_title: Stated::Nothing,
            dated: dated.parse().ok(),
            rule: PeriodRule::Stated,
            reach: Reach::default(),
        };
        let shown = match column_period(&context, kind, stated_time(label)) {
            Ok(found) => {
                let doubts = found.doubts.iter().map(|doubt| format!(" {doubt:?}"));
                let doubts: String = doubts.collect();
                format!("{} {} {}{doubts}", found.accumulation, found.period, found.basis)
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
            "year_to_date 2021-01-01..2021-10-31 document_date StartAssumed",
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

    #[test]
    fn a_given_time_that_is_not_the_printed_one_says_so() {
        use IndicatorKind::{Flow, Stock};
        let given = |kind, printed, expected| {
            check_given(kind, printed, (Some("2021-01-01..2021-09-30"), "2021-11-24"), expected);
        };
        let ours = "year_to_date 2021-01-01..2021-09-30 given";
        let differs = "year_to_date 2021-01-01..2021-09-30 given GivenDiffers";
        for label in ["", "2021年", "1-9月", "截至9月底", "本月", "2021年1月至今"] {
            given(Flow, [label, "", ""], ours);
        }
        for label in ["2020年1-6月", "1-6月", "2021年第三季度", "截至10月底", "上线以来"]
        {
            given(Flow, [label, "", ""], differs);
        }
        given(Flow, ["", "2021年1-6月", ""], differs);
        given(Flow, ["", "", "2020年情况"], differs);
        given(Flow, ["2021年", "1-6月", ""], differs);
        given(Flow, ["2020年", "", ""], "year_to_date 2020-01-01..2020-12-31 column");
        given(Stock, ["", "2021年第三季度", ""], "point 2021-09-30 given");
        given(Stock, ["", "2021年6月", ""], "point 2021-09-30 given GivenDiffers");
    }

    #[test]
    fn an_end_that_is_assumed_or_to_come_says_so() {
        use IndicatorKind::{Flow, Stock};
        let whole = "year_to_date 2021-01-01..2021-12-31";
        let undated = |kind, label, expected: &str| {
            check_given(kind, [label, "", ""], (None, ""), expected);
        };
        undated(Flow, "2021年", &format!("{whole} column EndAssumed"));
        undated(Stock, "2021年", "point 2021-12-31 column EndAssumed");
        undated(Flow, "2021年度", &format!("{whole} column"));
        check(Flow, ["2021年度", "", ""], &format!("{whole} column EndAhead"));
        check(Flow, ["2019—2021年", "", ""], "period 2019-01-01..2021-12-31 column EndAhead");
        check(Flow, ["2021年11月", "", ""], "period 2021-11-01..2021-11-30 column");
        check(Flow, ["2021年至2022年", "", ""], "period 2021-01-01..2022-12-31 column EndAhead");
    }

    #[test]
    fn a_time_told_by_another_one_is_that_or_none() {
        use IndicatorKind::Flow;
        check(Flow, ["本月", "2021年9月", ""], "period 2021-09-01..2021-09-30 printed");
        check(Flow, ["本月", "2021年1-9月", ""], "Unclear");
        check(Flow, ["本月", "", ""], "Unclear");
        check(Flow, ["上年同期", "2021年1-9月", ""], "Unclear");
        check(Flow, ["", "", "本月情况"], "Unclear");
        check(Flow, ["2021年", "2019-2021年", ""], "Unclear");
    }

    #[test]
    fn cumulative_figures_and_those_of_the_year_begin_with_it() {
        let context = |reach, caption| PeriodContext {
            given: None,
            as_of_day: None,
            caption: stated_time(caption),
            title: Stated::Nothing,
            document_title: Stated::Nothing,
            dated: "2022-07-05".parse().ok(),
            rule: PeriodRule::Stated,
            reach,
        };
        let check = |reach, caption, label, expected: &str| {
            let context = context(reach, caption);
            let found = column_period(&context, IndicatorKind::Flow, stated_time(label)).unwrap();
            let is_assumed = found.doubts == [PeriodDoubt::StartAssumed];
            assert_eq!(format!("{} {is_assumed}", found.period), expected, "{caption} {label}");
        };
        let half = "2022-01-01..2022-06-30 true";
        check(Reach::Printed, "2022年6月", "", "2022-06-01..2022-06-30 false");
        check(Reach::Cumulative, "2022年6月", "", half);
        check(Reach::Cumulative, "2022年二季度", "", half);
        check(Reach::Cumulative, "2022年4月1日—6月30日", "", "2022-04-01..2022-06-30 false");
        check(Reach::Cumulative, "2022年1-6月", "", "2022-01-01..2022-06-30 false");
        check(Reach::OfYear, "2022年4月1日—6月30日", "", half);
        check(Reach::OfYear, "6月", "2022年", half);
        check(Reach::Printed, "2022年6月", "2022年", half);
        check(Reach::Printed, "6月", "2022年", "2022-06-01..2022-06-30 false");
    }

    #[test]
    fn a_way_of_adding_up_has_its_own_beginning() {
        use Accumulation::{Period as OfPeriod, Point, SinceLaunch, YearToDate};
        let check = |period: &str, accumulation, expected: &str| {
            let period = match period.strip_prefix("..") {
                Some(end) => Period { start: None, end: end.parse().unwrap() },
                None => parse_given_period(period).unwrap(),
            };
            let found = ColumnPeriod {
                doubts: vec![PeriodDoubt::StartAssumed],
                ..of_kind(period, IndicatorKind::Flow, PeriodBasis::Printed)
            };
            let shown = found.accumulated_as(accumulation).map_or("none".to_owned(), |found| {
                format!("{} {} {}", found.accumulation, found.period, found.doubts.len())
            });
            assert_eq!(shown, expected);
        };
        let june = "2023-06-01..2023-06-30";
        check(june, Point, "point 2023-06-30 0");
        check(june, SinceLaunch, "since_launch ..2023-06-30 0");
        check(june, YearToDate, "year_to_date 2023-01-01..2023-06-30 0");
        check(june, OfPeriod, "period 2023-06-01..2023-06-30 1");
        check("..2023-06-30", YearToDate, "none");
        check("..2023-06-30", OfPeriod, "none");
        check("2022-12-01..2023-06-30", YearToDate, "none");
    }
}
