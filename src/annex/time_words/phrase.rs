//! Single expressions of time in a text, and whether something beside them changes what they say.

use std::ops::Range;
use std::sync::LazyLock;

use regex::{Captures, Regex};

use crate::annex::time_words::span::{Moment, SpanEnd, SpanStart, TimeSpan};
use crate::annex::time_words::{NUMERALS, constant};

static ATOM: LazyLock<Regex> = LazyLock::new(|| {
    constant(
        r"(?x)
        (?:(?P<year>(?:19|20)\d{2})年(?:度)?)?
        (?: (?P<month>\d{1,2})月(?:份)?
            (?: (?P<third>[上中下])旬
              | (?P<day>\d{1,2})[日号]
                (?: (?P<hour>\d{1,2})[时点](?:整|(?P<minute>\d{1,2})分?)? )? )?
          | 第?(?P<quarter>[一二三四1-4])季度
          | 前(?P<quarters>[一二两三23])个?季度
          | 前(?P<months>\d{1,2})个月
          | (?P<half>[上下])半年
          | (?P<whole>全年)
          | 第?(?P<week>\d{1,2})周
        )?",
    )
});
static UNTIL: LazyLock<Regex> = LazyLock::new(|| {
    constant(r"(?:数据|统计)?截[至止](?:到|于|至)?(?:(?:时间|日期|日)?[:为]|时间|日期)?$")
});
static RANGE: LazyLock<Regex> = LazyLock::new(|| constant(r"^起?(?:至|到|-)+$"));
static LIST: LazyLock<Regex> = LazyLock::new(|| constant(r"^[、和及与,]$"));
/// The day of the document as the end of a range.
static UNTIL_DOCUMENT: LazyLock<Regex> =
    LazyLock::new(|| constant(r"^起?(?:至|到|-)+(?:目前|当前|现在|今日?|本?发文之?日|成文之?日)"));
/// The end of a month, a quarter or a year as a day.
static LATE: LazyLock<Regex> =
    LazyLock::new(|| constant(r"^(?:末(?:$|[^端位])|底(?:$|数据|[^数册线层稿])|止)"));
/// The end of a month in words that are a figure of its own behind a year: 年底数 is one at hand.
static LATE_OF_MONTH: LazyLock<Regex> = LazyLock::new(|| constant(r"^底数"));
static STOP: LazyLock<Regex> = LazyLock::new(|| constant(r"^(?:期间|止)"));

/// What makes another time of an expression right behind it, or shows that it is but a part of one.
static CUT_BEFORE: LazyLock<Regex> = LazyLock::new(|| {
    constant(
        r"(?x) (?: \d[./-]* | [至到] | [去前明次下]年度? | 上一?年度? | 近 | 过去 | (?:^|[^目当])前
                 | 不含 | 不包括 | 不计 | 剔除 | 扣除 | 除 ) $",
    )
});
static CUT_AFTER: LazyLock<Regex> = LazyLock::new(|| {
    constant(
        r"(?x) ^ (?: [./-]+\d{1,4}(?:\D|$) | \d{1,2}(?:\D|$) | (?:19|20)\d{2}(?:[^\d年]|$)
                   | [年月日] | [及或]?[以之]?[前后] | 左右 | 同期 | [底末初] | [上中下]旬
                   | 起 | 以来 | 至 | 到 )",
    )
});
/// Words behind an expression that only look like one of those.
static NOT_CUT: LazyLock<Regex> = LazyLock::new(|| {
    constant(
        r"(?x) ^ (?: 前[\d一二三四五六七八九十百]+[名位强大家个] | 前[期置台列沿端] | 后[台续期勤端]
                   | 起[步草点诉] | 到[期位账] | [年月日][均度报内] | 初[步次中级审始] | 底[数册稿]
                   | 末[端位] | \d{1,2}[个项条件家类次种批户人名位岁A-Za-z] )",
    )
});
/// What comes of a day that something has to be done by or holds from: it is no time of figures.
static DUTY: LazyLock<Regex> = LazyLock::new(|| {
    constant(r"^(?:起(?:施行|实施|执行|生效|试行)|前(?:报送|上报|完成|反馈|填报|提交|办结))")
});
/// Behind a day these begin a range.
static RANGE_BEGUN: LazyLock<Regex> = LazyLock::new(|| constant(r"^-+(?:\D|$)"));

/// One expression of time in a normalised text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Phrase {
    /// Bytes, the word before it (截至) and behind it (末, 期间) included.
    pub(super) range: Range<usize>,
    /// `None` when it is not understood.
    pub(super) span: Option<TimeSpan>,
    /// Whether it is a day and nothing else: a date of signature more often than not.
    pub(super) is_single_day: bool,
    /// Whether 截至 stands before it.
    pub(super) is_until: bool,
}

/// Finds the expressions of time: atoms, joined by words for ranges and lists.
pub(super) fn phrases(text: &str) -> Vec<Phrase> {
    let atoms: Vec<Captures<'_>> = ATOM
        .captures_iter(text)
        .filter(|found| found.get(0).is_some_and(|whole| !whole.is_empty()))
        .collect();
    let mut groups: Vec<(Vec<&Captures<'_>>, bool)> = Vec::new();
    let mut end_before = None;
    for atom in &atoms {
        let whole = range_of(atom);
        let between = end_before.map(|end: usize| &text[end..whole.start]);
        let is_range = between.is_some_and(|between| RANGE.is_match(between));
        let is_list = between.is_some_and(|between| LIST.is_match(between));
        match groups.last_mut() {
            Some((group, is_listed)) if is_range || is_list => {
                group.push(atom);
                *is_listed |= is_list;
            }
            _ => groups.push((vec![atom], false)),
        }
        end_before = Some(whole.end);
    }
    groups.iter().map(|(group, is_listed)| phrase(text, group, *is_listed)).collect()
}

fn range_of(atom: &Captures<'_>) -> Range<usize> {
    atom.get(0).expect("group 0 always takes part").range()
}

fn phrase(text: &str, group: &[&Captures<'_>], is_listed: bool) -> Phrase {
    let (start, mut end) = (range_of(group[0]).start, range_of(group[group.len() - 1]).end);
    let before = UNTIL.find(&text[..start]);
    let spans: Option<Vec<TimeSpan>> = group.iter().map(|atom| atom_span(atom)).collect();
    let mut span = spans.and_then(|spans| match spans.as_slice() {
        [one] => Some(*one),
        several if is_listed => listed(several),
        [first, last] => ranged((*first, group[0]), (*last, group[1])),
        _ => None,
    });
    let is_day = group.len() == 1 && group[0].name("day").is_some();
    let mut is_until_document = false;
    if let Some(found) = UNTIL_DOCUMENT.find(&text[end..]) {
        end += found.end();
        is_until_document = true;
        span = span.filter(|_| group.len() == 1 && before.is_none());
        span = span.map(|span| TimeSpan::between(span.start, SpanEnd::Now));
    } else if is_late(&text[end..], group[group.len() - 1]) && !is_day {
        end += text[end..].chars().next().map_or(0, char::len_utf8);
        span = if group.len() == 1 { span.map(TimeSpan::until_end) } else { span };
    }
    end += STOP.find(&text[end..]).map_or(0, |found| found.end());
    let is_changed = (before.is_none() && CUT_BEFORE.is_match(&text[..start]))
        || is_cut_after(&text[end..], is_day && !is_until_document);
    if let Some(found) = before {
        span = span.filter(|_| group.len() == 1).map(TimeSpan::until_end);
        let (range, is_until) = (found.start()..end, true);
        let span = span.filter(|_| !is_changed);
        return Phrase { range, span, is_single_day: false, is_until };
    }
    Phrase {
        range: start..end,
        span: span.filter(|_| !is_changed),
        is_single_day: is_day && !is_until_document && !is_changed,
        is_until: false,
    }
}

/// Whether what stands behind an expression makes it the end of a month, a quarter or a year.
fn is_late(after: &str, last: &Captures<'_>) -> bool {
    LATE.is_match(after) || (last.name("month").is_some() && LATE_OF_MONTH.is_match(after))
}

/// Whether what stands behind an expression makes another one of it.
fn is_cut_after(after: &str, is_day: bool) -> bool {
    if NOT_CUT.is_match(after) || (is_day && DUTY.is_match(after)) {
        return false;
    }
    CUT_AFTER.is_match(after) || (is_day && RANGE_BEGUN.is_match(after))
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
fn ranged(
    (first, first_atom): (TimeSpan, &Captures<'_>),
    (last, last_atom): (TimeSpan, &Captures<'_>),
) -> Option<TimeSpan> {
    let hours = hours(clock(first_atom).unwrap_or(0), clock(last_atom).unwrap_or(MIDNIGHT))?;
    let (SpanStart::Day(start), SpanEnd::Day(mut stop)) = (first.start, last.end) else {
        return None;
    };
    if hours == Hours::Same {
        stop = stop.day_before()?;
    }
    let is_backwards =
        start.year.is_some() && stop.year.is_none() && start.in_year() > stop.in_year();
    let span = TimeSpan::between(first.start, SpanEnd::Day(stop));
    (!is_backwards).then_some(TimeSpan { has_hours: hours != Hours::Whole, ..span })
}

/// What the hours at both ends of a range make of its days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hours {
    /// From midnight to midnight: nothing.
    Whole,
    /// To a later hour than it began at: the last day belongs to it, in part.
    Later,
    /// From noon to noon: the last day is the first of what follows.
    Same,
}

/// Midnight at the end of a day, in minutes.
const MIDNIGHT: u32 = 24 * 60;

/// `None` when the range ends at an earlier hour than it began at, which is neither a day more nor
/// a day less, or begins at the end of a day.
fn hours(from: u32, to: u32) -> Option<Hours> {
    match (from, to) {
        (MIDNIGHT, _) => None,
        (0, MIDNIGHT) => Some(Hours::Whole),
        _ if from == to => Some(Hours::Same),
        _ => (from < to).then_some(Hours::Later),
    }
}

/// The time of day behind a date, in minutes; 23:59 is midnight.
fn clock(atom: &Captures<'_>) -> Option<u32> {
    let number = |name: &str| atom.name(name).and_then(|found| found.as_str().parse::<u32>().ok());
    let minutes = number("hour")? * 60 + number("minute").unwrap_or(0);
    Some(if minutes == MIDNIGHT - 1 { MIDNIGHT } else { minutes })
}

/// The span of one atom.
fn atom_span(atom: &Captures<'_>) -> Option<TimeSpan> {
    let text = |name: &str| atom.name(name).map(|found| found.as_str());
    let number = |name: &str| text(name).and_then(|text| text.parse::<u32>().ok());
    let year = text("year").and_then(|text| text.parse::<i32>().ok());
    let days = |first: (u32, u32), last: (u32, Option<u32>)| {
        TimeSpan::between(
            SpanStart::Day(Moment { year, month: first.0, day: Some(first.1) }),
            SpanEnd::Day(Moment { year, month: last.0, day: last.1 }),
        )
    };
    let months =
        |first: u32, last: u32| Some(TimeSpan { is_unit: true, ..days((first, 1), (last, None)) });
    if let Some(month) = number("month") {
        let day = number("day");
        let is_date = (1..=12).contains(&month) && day.is_none_or(|day| (1..=31).contains(&day));
        return match (day, text("third")) {
            _ if !is_date || clock(atom).is_some_and(|minutes| minutes > MIDNIGHT) => None,
            (Some(day), _) => Some(days((month, day), (month, Some(day)))),
            (None, Some("上")) => Some(days((month, 1), (month, Some(10)))),
            (None, Some("中")) => Some(days((month, 11), (month, Some(20)))),
            (None, Some(_)) => Some(days((month, 21), (month, None))),
            (None, None) => months(month, month),
        };
    }
    if let Some(quarter) = text("quarter") {
        let quarter = numeral(quarter)?;
        return months(quarter * 3 - 2, quarter * 3);
    }
    if let Some(quarters) = text("quarters") {
        return months(1, numeral(quarters)? * 3);
    }
    if let Some(n_months) = number("months") {
        // Without a year they may as well be the months up to now.
        return year.and(months(1, n_months)).filter(|_| (1..=12).contains(&n_months));
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
    year.map(|_| TimeSpan { is_year: !is_whole, ..days((1, 1), (12, None)) })
}

fn numeral(text: &str) -> Option<u32> {
    let digit = text.chars().next()?;
    if digit == '两' {
        return Some(2);
    }
    let at = NUMERALS.chars().position(|numeral| numeral == digit);
    at.and_then(|at| u32::try_from(at + 1).ok()).or_else(|| digit.to_digit(10))
}
