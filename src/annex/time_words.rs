//! Times as captions, titles and labels tell them, in words.
//!
//! A text is read as a whole: words about time that are left over make it unclear, because half of
//! a period is another period.

use std::sync::LazyLock;

use chrono::{Datelike, Months, NaiveDate};
use regex::{Captures, Regex};
use unicode_normalization::UnicodeNormalization;

use crate::model::Period;

/// What a text says about time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stated {
    /// Nothing.
    Nothing,
    /// A span of time.
    Time(TimeSpan),
    /// Something that is not understood.
    Unclear,
}

impl Stated {
    /// Returns the span, `None` where there is none or it is not understood.
    pub(super) fn span(self) -> Option<TimeSpan> {
        match self {
            Self::Time(span) => Some(span),
            Self::Nothing | Self::Unclear => None,
        }
    }
}

/// A span of time as told; its year may be missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TimeSpan {
    start: SpanStart,
    end: SpanEnd,
    /// Whether a year alone was told, so that the year may not be over.
    pub(super) is_year: bool,
    /// Whether it ran from an hour to the same hour, as from noon to noon.
    pub(super) has_hours: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SpanStart {
    Day(Moment),
    /// Not told, as in 截至2023年5月底.
    Open,
    /// 上线以来.
    Launch,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SpanEnd {
    Day(Moment),
    /// 目前, 至今: the day of the document.
    Now,
}

/// A day; the last of its month where `day` is `None`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Moment {
    year: Option<i32>,
    month: u32,
    day: Option<u32>,
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
    fn in_year(self) -> (u32, u32) {
        (self.month, self.day.unwrap_or(31))
    }
}

/// The days of a span, and what had to be assumed for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Resolved {
    pub(super) period: Period,
    /// 1 January was taken for a beginning that is not told.
    pub(super) is_start_assumed: bool,
    /// The end is the day of the document.
    pub(super) is_end_inferred: bool,
    /// The year is not told with the span.
    pub(super) is_year_inferred: bool,
}

impl TimeSpan {
    /// Returns the year that the span ends in, where it is told.
    pub(super) fn year(self) -> Option<i32> {
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
    pub(super) fn is_complete(self) -> bool {
        matches!((self.start, self.end), (SpanStart::Day(_), SpanEnd::Day(_))) && !self.is_year
    }

    /// Returns the span in a year, where it tells none of its own.
    pub(super) fn in_year(self, year: Option<i32>) -> Self {
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
    pub(super) fn latest_year(self, dated: NaiveDate) -> i32 {
        let is_over = match self.end {
            SpanEnd::Day(moment) => moment.in_year() <= (dated.month(), dated.day()),
            SpanEnd::Now => true,
        };
        // A month that is under way on the day of the document is meant all the same.
        let is_this_month =
            matches!(self.end, SpanEnd::Day(moment) if moment.month == dated.month());
        if is_over || is_this_month { dated.year() } else { dated.year() - 1 }
    }

    /// Returns the days of the span. `year` is the year it lies in where it tells none; `None` when
    /// something is missing or its ends are in the wrong order.
    pub(super) fn resolve(self, year: Option<i32>, dated: Option<NaiveDate>) -> Option<Resolved> {
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

/// A text with the words that tell its time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TimeWords {
    /// What they say.
    pub(super) stated: Stated,
    /// The text without them, white space and width made equal.
    pub(super) rest: String,
}

const NUMERALS: &str = "一二三四五六七八九";

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("the pattern is constant")
}

static ATOM: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?x)
        (?:(?P<year>(?:19|20)\d{2})年(?:度)?)?
        (?: (?P<month>\d{1,2})月(?:份)?
            (?: (?P<third>[上中下])旬 | (?P<edge>初|底|末)
              | (?P<day>\d{1,2})[日号](?:(?P<hour>\d{1,2})(?:时|点|:00))? )?
          | 第?(?P<quarter>[一二三四1-4])季度
          | 前(?P<quarters>[一二两三23])个?季度
          | (?P<half>[上下])半年
          | (?P<whole>全年)
          | 第?(?P<week>\d{1,2})周
        )?",
    )
});
/// Words that show that a text speaks of a time, understood or not.
static TIME_WORD: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?:19|20)\d{2}年|\d{1,2}月|季度|半年|[上中下]旬|\d{1,2}周|\d{1,2}日|以来|至今|截至|截止|(?:^|\D)(?:19|20)\d{5,6}(?:\D|$)",
    )
});
static LAUNCH: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"自?(?:平台|系统)?(?:上线|启用|运行|建成|开通)(?:运行)?以来"));
static UNTIL_NOW: LazyLock<Regex> = LazyLock::new(|| pattern(r"截[至止](?:到)?(?:目前|当前|今)"));
static UNTIL: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?:数据)?截[至止](?:到|于)?$"));
static RANGE: LazyLock<Regex> = LazyLock::new(|| pattern(r"^(?:至|到|-)+$"));
static LIST: LazyLock<Regex> = LazyLock::new(|| pattern(r"^[、和及与,]$"));

/// Returns what a text says about time, and the text without it.
///
/// A single day is no time unless 截至 stands before it: it is a date of signature.
pub(super) fn time_words(text: &str) -> TimeWords {
    let normal = normalise(text);
    let phrases = phrases(&normal);
    let launch = LAUNCH.find(&normal).map(|found| found.range());
    let now = UNTIL_NOW.find(&normal).map(|found| found.range());
    let is_day = |phrase: &&Phrase| phrase.is_single_day && !phrase.is_until;
    let (days, told): (Vec<&Phrase>, Vec<&Phrase>) = phrases.iter().partition(is_day);
    let periods: Vec<&Phrase> = told.iter().copied().filter(|phrase| !phrase.is_until).collect();
    let chosen = match (told.as_slice(), periods.as_slice()) {
        ([one], _) | (_, [one]) => Some(*one),
        _ => None,
    };
    let mut taken: Vec<std::ops::Range<usize>> = Vec::new();
    let stated = if let Some(launch) = launch {
        taken.push(launch);
        taken.extend(told.iter().map(|phrase| phrase.range.clone()));
        match told.as_slice() {
            [] => Stated::Time(span_of(SpanStart::Launch, SpanEnd::Now)),
            [until] if until.is_until => match until.span {
                Some(span) => Stated::Time(span_of(SpanStart::Launch, span.end)),
                None => Stated::Unclear,
            },
            _ => Stated::Unclear,
        }
    } else if let (Some(now), []) = (now, told.as_slice()) {
        taken.push(now);
        Stated::Time(span_of(SpanStart::Open, SpanEnd::Now))
    } else if let Some(phrase) = chosen {
        taken.push(phrase.range.clone());
        taken.extend(told.iter().map(|other| other.range.clone()));
        phrase.span.map_or(Stated::Unclear, Stated::Time)
    } else if !told.is_empty() || (days.is_empty() && TIME_WORD.is_match(&normal)) {
        Stated::Unclear
    } else {
        Stated::Nothing
    };
    let rest = without(&normal, &mut taken);
    let is_left_over = stated.span().is_some() && TIME_WORD.is_match(&without_days(&rest));
    TimeWords { stated: if is_left_over { Stated::Unclear } else { stated }, rest }
}

/// Returns what a text says about time.
pub(super) fn stated_time(text: &str) -> Stated {
    time_words(text).stated
}

fn span_of(start: SpanStart, end: SpanEnd) -> TimeSpan {
    TimeSpan { start, end, is_year: false, has_hours: false }
}

/// The text without some of its parts.
fn without(text: &str, taken: &mut [std::ops::Range<usize>]) -> String {
    taken.sort_by_key(|range| range.start);
    let mut rest = String::new();
    let mut from = 0;
    for range in taken.iter() {
        if range.start >= from {
            rest.push_str(&text[from..range.start]);
            from = range.end;
        }
    }
    rest.push_str(&text[from..]);
    rest
}

/// The text without dates of single days, which are dates of signature.
fn without_days(text: &str) -> String {
    let found = phrases(text);
    let mut days: Vec<_> = found
        .iter()
        .filter(|phrase| phrase.is_single_day)
        .map(|phrase| phrase.range.clone())
        .collect();
    without(text, &mut days)
}

/// One expression of time in a normalised text.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Phrase {
    /// Bytes, the word before it (截至) and behind it (以来) included.
    range: std::ops::Range<usize>,
    /// `None` when it is not understood.
    span: Option<TimeSpan>,
    is_single_day: bool,
    is_until: bool,
}

/// Finds the expressions of time: atoms, joined by words for ranges and lists.
fn phrases(text: &str) -> Vec<Phrase> {
    let atoms: Vec<Captures<'_>> = ATOM
        .captures_iter(text)
        .filter(|found| found.get(0).is_some_and(|whole| !whole.is_empty()))
        .collect();
    let mut groups: Vec<(Vec<&Captures<'_>>, bool)> = Vec::new();
    let mut end_before = None;
    for atom in &atoms {
        let whole = atom.get(0).expect("group 0 always takes part");
        let between = end_before.map(|end: usize| &text[end..whole.start()]);
        let is_range = between.is_some_and(|between| RANGE.is_match(between));
        let is_list = between.is_some_and(|between| LIST.is_match(between));
        match groups.last_mut() {
            Some((group, is_listed)) if is_range || is_list => {
                group.push(atom);
                *is_listed |= is_list;
            }
            _ => groups.push((vec![atom], false)),
        }
        end_before = Some(whole.end());
    }
    groups.iter().map(|(group, is_listed)| phrase(text, group, *is_listed)).collect()
}

fn phrase(text: &str, group: &[&Captures<'_>], is_listed: bool) -> Phrase {
    let whole = |atom: &Captures<'_>| atom.get(0).expect("group 0 always takes part").range();
    let (first, last) = (whole(group[0]), whole(group[group.len() - 1]));
    let before = UNTIL.find(&text[..first.start]);
    let after = &text[last.end..];
    let is_open = ["以来", "至今", "起"].iter().any(|word| after.starts_with(word));
    let spans: Option<Vec<TimeSpan>> = group.iter().map(|atom| atom_span(atom)).collect();
    let span = spans.and_then(|spans| match spans.as_slice() {
        [one] => Some(*one),
        several if is_listed => listed(several),
        [first, last] => ranged(*first, *last, group),
        _ => None,
    });
    let is_single_day = group.len() == 1 && group[0].name("day").is_some();
    let (range, span) = match before {
        Some(found) => {
            let until = span.map(|span| span_of(SpanStart::Open, span.end));
            (found.start()..last.end, until.filter(|_| group.len() == 1 && !is_open))
        }
        None if is_open => (first.start..last.end, None),
        None => (first.start..last.end, span),
    };
    Phrase { range, span, is_single_day, is_until: before.is_some() }
}

/// Spans that follow each other without a gap, as one.
fn listed(spans: &[TimeSpan]) -> Option<TimeSpan> {
    let mut joined = spans[0];
    for next in &spans[1..] {
        let (SpanEnd::Day(end), SpanStart::Day(start)) = (joined.end, next.start) else {
            return None;
        };
        // Within a year each begins where the one before it ended.
        let same_year = start.year.is_none_or(|year| Some(year) == joined.year());
        let follows = end.day.is_none() && start.day == Some(1) && start.month == end.month + 1;
        if !same_year || !follows {
            return None;
        }
        joined.end = next.end;
    }
    Some(joined)
}

/// From the beginning of one span to the end of another.
fn ranged(first: TimeSpan, last: TimeSpan, group: &[&Captures<'_>]) -> Option<TimeSpan> {
    // 12月底 as a beginning says no day.
    if group[0].name("edge").is_some() {
        return None;
    }
    let has_hours = group.iter().all(|atom| {
        atom.name("hour").is_some_and(|hour| !matches!(hour.as_str(), "0" | "00" | "24"))
    });
    let mut end = last.end;
    if let (SpanEnd::Day(moment), true) = (&mut end, has_hours) {
        // From noon to noon: the last day is the first of what follows.
        let day = moment.day.filter(|day| *day > 1)?;
        moment.day = Some(day - 1);
    }
    let (SpanStart::Day(start), SpanEnd::Day(stop)) = (first.start, end) else { return None };
    let is_backwards =
        start.year.is_some() && stop.year.is_none() && start.in_year() > stop.in_year();
    (!is_backwards).then_some(TimeSpan { start: first.start, end, is_year: false, has_hours })
}

/// The span of one atom.
fn atom_span(atom: &Captures<'_>) -> Option<TimeSpan> {
    let text = |name: &str| atom.name(name).map(|found| found.as_str());
    let number = |name: &str| text(name).and_then(|text| text.parse::<u32>().ok());
    let year = text("year").and_then(|text| text.parse::<i32>().ok());
    let days = |first: (u32, u32), last: (u32, Option<u32>), is_year: bool| TimeSpan {
        start: SpanStart::Day(Moment { year, month: first.0, day: Some(first.1) }),
        end: SpanEnd::Day(Moment { year, month: last.0, day: last.1 }),
        is_year,
        has_hours: false,
    };
    let months = |first: u32, last: u32| Some(days((first, 1), (last, None), false));
    if let Some(month) = number("month") {
        if !(1..=12).contains(&month) {
            return None;
        }
        if let Some(day) = number("day") {
            return (1..=31).contains(&day).then(|| days((month, day), (month, Some(day)), false));
        }
        return match (text("third"), text("edge")) {
            (Some("上"), _) => Some(days((month, 1), (month, Some(10)), false)),
            (Some("中"), _) => Some(days((month, 11), (month, Some(20)), false)),
            (Some(_), _) => Some(days((month, 21), (month, None), false)),
            // The beginning of a month is no day.
            (None, Some("初")) => None,
            _ => months(month, month),
        };
    }
    if let Some(quarter) = text("quarter") {
        let quarter = numeral(quarter)?;
        return months(quarter * 3 - 2, quarter * 3);
    }
    if let Some(quarters) = text("quarters") {
        return months(1, numeral(quarters)? * 3);
    }
    match text("half") {
        Some("上") => return months(1, 6),
        Some(_) => return months(7, 12),
        None => {}
    }
    if text("week").is_some() {
        return None;
    }
    let is_whole = text("whole").is_some()
        || atom.get(0).is_some_and(|whole| whole.as_str().ends_with("年度"));
    year.map(|_| days((1, 1), (12, None), !is_whole))
}

fn numeral(text: &str) -> Option<u32> {
    let digit = text.chars().next()?;
    if digit == '两' {
        return Some(2);
    }
    let at = NUMERALS.chars().position(|numeral| numeral == digit);
    at.and_then(|at| u32::try_from(at + 1).ok()).or_else(|| digit.to_digit(10))
}

static YEAR_NUMERALS: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"([一二]{1}[○〇零Oo0一二三四五六七八九]{3})年"));
static MONTH_NUMERALS: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(十[一二]?|[一二三四五六七八九])月"));
static DAY_NUMERALS: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"月([二三]?十[一二三四五六七八九]?|[一二三四五六七八九])日"));
static NUMERIC_DATE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"((?:19|20)\d{2})([./-])(\d{1,2})([./-])(\d{1,2})"));
static YEAR_WITHOUT_WORD: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"((?:19|20)\d{2})(全年|年度|第?[一二三四1-4]季度|[上下]半年)"));
static BARE_MONTH: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(^|[^\d.])(\d{1,2})([、和及与,]|至|到|-)(\d{1,2})月"));
static BARE_DAY: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(\d{1,2}月)(\d{1,2})日?(至|到|-)(\d{1,2})日"));
static BARE_QUARTER: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"第?([一二三四1-4])([、和及与,]|至|到|-)第?([一二三四1-4])季度"));

/// Returns a text with everything that tells the same time told in the same way.
fn normalise(text: &str) -> String {
    let compact: String = text.nfkc().filter(|c| !c.is_whitespace()).collect();
    let compact = compact.replace(['–', '―', '─', '—', '~', '−', '～', '‐'], "-");
    let year = |found: &Captures<'_>| {
        let digits: String = found[1]
            .chars()
            .map(|c| NUMERALS.chars().position(|n| n == c).map_or('0', |at| digit(at + 1)))
            .collect();
        format!("{digits}年")
    };
    let text = YEAR_NUMERALS.replace_all(&compact, year);
    let text =
        DAY_NUMERALS.replace_all(&text, |found: &Captures<'_>| format!("月{}日", tens(&found[1])));
    let text =
        MONTH_NUMERALS.replace_all(&text, |found: &Captures<'_>| format!("{}月", tens(&found[1])));
    let text = NUMERIC_DATE.replace_all(&text, |found: &Captures<'_>| {
        if found[2] == found[4] {
            format!("{}年{}月{}日", &found[1], &found[3], &found[5])
        } else {
            found[0].to_owned()
        }
    });
    let text = YEAR_WITHOUT_WORD.replace_all(&text, "${1}年${2}").replace("年年度", "年度");
    let text = BARE_QUARTER.replace_all(&text, "${1}季度${2}${3}季度");
    let text = BARE_DAY.replace_all(&text, "${1}${2}日${3}${1}${4}日").into_owned();
    // 3、4、5月: from the right, one at a time.
    let mut text = text;
    for _ in 0..12 {
        let next = BARE_MONTH.replace(&text, "${1}${2}月${3}${4}月").into_owned();
        if next == text {
            break;
        }
        text = next;
    }
    text
}

fn digit(number: usize) -> char {
    u32::try_from(number).ok().and_then(|n| char::from_digit(n, 10)).unwrap_or('0')
}

/// A number below 40 in Chinese numerals.
fn tens(text: &str) -> u32 {
    let numeral_at = |c: char| NUMERALS.chars().position(|n| n == c).map_or(0, |at| at + 1);
    let number = match text.split_once('十') {
        None => text.chars().next().map_or(0, numeral_at),
        Some((tens, ones)) => {
            let tens = tens.chars().next().map_or(1, numeral_at);
            tens * 10 + ones.chars().next().map_or(0, numeral_at)
        }
    };
    u32::try_from(number).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let shown = match stated_time(text) {
            Stated::Nothing => "nothing".to_owned(),
            Stated::Unclear => "unclear".to_owned(),
            Stated::Time(span) => {
                let dated = NaiveDate::from_ymd_opt(2023, 7, 5);
                let year = dated.map(|dated| span.latest_year(dated));
                let found = span.resolve(year, dated).unwrap();
                let marks = [
                    (found.is_start_assumed, " start assumed"),
                    (found.is_end_inferred, " end inferred"),
                    (found.is_year_inferred, " year inferred"),
                    (span.is_year, " year"),
                    (span.has_hours, " hours"),
                ];
                let marks: String =
                    marks.iter().filter(|(holds, _)| *holds).map(|(_, mark)| *mark).collect();
                format!("{}{marks}", found.period)
            }
        };
        assert_eq!(shown, expected, "{text}");
    }

    #[test]
    fn days_months_and_quarters_are_understood() {
        check("(统计时间:2021年1月1日—9月30日)", "2021-01-01..2021-09-30");
        check("统计时间：２０２１年１月１日至2022年3月31日", "2021-01-01..2022-03-31");
        check("统计时间：2023.1.1-2023.3.31", "2023-01-01..2023-03-31");
        check("统计时间：2023-01-01至2023-03-31", "2023-01-01..2023-03-31");
        check("2016年3月4日— 3月10日", "2016-03-04..2016-03-10");
        check("2016年3月4日-10日", "2016-03-04..2016-03-10");
        check("2023年1-3月办件情况", "2023-01-01..2023-03-31");
        check("2024年1月至11月", "2024-01-01..2024-11-30");
        check("2022年第三季度", "2022-07-01..2022-09-30");
        check("2023年三季度", "2023-07-01..2023-09-30");
        check("2022年前三季度", "2022-01-01..2022-09-30");
        check("2022年上半年", "2022-01-01..2022-06-30");
        check("2024年2月份", "2024-02-01..2024-02-29");
        check("2023年4月上旬", "2023-04-01..2023-04-10");
        check("2020年度", "2020-01-01..2020-12-31");
        check("2022全年", "2022-01-01..2022-12-31");
        check("2022年数据汇聚情况表", "2022-01-01..2022-12-31 year");
    }

    #[test]
    fn lists_of_neighbours_are_one_period_and_others_none() {
        check("2023年3月和4月", "2023-03-01..2023-04-30");
        check("2023年1月、2月", "2023-01-01..2023-02-28");
        check("2023年3、4月", "2023-03-01..2023-04-30");
        check("2022年三季度和四季度", "2022-07-01..2022-12-31");
        check("2023年第一季度至第二季度", "2023-01-01..2023-06-30");
        check("2023年一季度与2022年一季度", "unclear");
        check("2023年1月、3月", "unclear");
    }

    #[test]
    fn chinese_numerals_are_numbers() {
        check("二○二三年一月至三月数据汇聚情况表", "2023-01-01..2023-03-31");
        check("统计时间：二〇二三年一季度", "2023-01-01..2023-03-31");
        check("二〇一一年十二月三十一日", "nothing");
        check("截至二〇一一年十二月三十一日", "2011-01-01..2011-12-31 start assumed");
    }

    #[test]
    fn what_is_not_told_is_marked() {
        check("截至2021年11月底", "2021-01-01..2021-11-30 start assumed");
        check("截至2021年11月24日", "2021-01-01..2021-11-24 start assumed");
        check("截止2023年4月", "2023-01-01..2023-04-30 start assumed");
        check("截至目前", "2023-01-01..2023-07-05 start assumed end inferred");
        check("截至11月底", "2022-01-01..2022-11-30 start assumed year inferred");
        check("6月份数据汇聚情况表", "2023-06-01..2023-06-30 year inferred");
        check("1-3月", "2023-01-01..2023-03-31 year inferred");
        check("(统计时间:1月1日—3月31日)", "2023-01-01..2023-03-31 year inferred");
        check("平台上线以来", "..2023-07-05 end inferred");
        check("平台上线以来，数据截至2023年3月31日", "..2023-03-31");
        check("2023年6月16日12时至6月23日12时", "2023-06-16..2023-06-22 hours");
    }

    #[test]
    fn half_of_a_period_is_none() {
        check("2021年10月以来", "unclear");
        check("2021年1月至今", "unclear");
        check("2020年12月底至2021年9月", "unclear");
        check("2021年9月30日—1月1日", "unclear");
        check("2023年第25周、26周", "unclear");
        check("统计时间：2023331", "unclear");
        check("2021年11月24日", "nothing");
        check("一、总体情况", "nothing");
        check("12345热线办理情况", "nothing");
    }

    #[test]
    fn a_day_of_counting_beside_a_period_is_not_the_period() {
        check("2023年1-3月（数据截至2023年4月5日）", "2023-01-01..2023-03-31");
        check("2023年一季度 2023年4月5日提取", "2023-01-01..2023-03-31");
    }

    #[test]
    fn the_rest_of_a_label_is_its_name() {
        let rest = |label: &str| time_words(label).rest;
        assert_eq!(rest("2021年1-9月办件量"), "办件量");
        assert_eq!(rest("2021年3月份办件量"), "办件量");
        assert_eq!(rest("截至2023年5月办件量"), "办件量");
        assert_eq!(rest("2021年办件量"), "办件量");
        assert_eq!(rest("1-3月办件量"), "办件量");
    }
}
