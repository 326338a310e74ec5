//! Texts in which everything that tells the same time tells it in the same way.

use std::sync::LazyLock;

use regex::{Captures, Regex};
use unicode_normalization::UnicodeNormalization;

use crate::annex::time_words::{NUMERALS, constant};

/// Signs for a range, besides the hyphen.
const DASHES: [char; 9] = ['–', '―', '─', '—', '~', '−', '～', '‐', '〜'];

/// What follows a figure that is no date: 2021.5万条.
const COUNTED: &str = "万亿千百余多条件项个次元%人户家号";

macro_rules! patterns {
    ($($name:ident = $pattern:literal;)+) => {
        $(static $name: LazyLock<Regex> = LazyLock::new(|| constant($pattern));)+
    };
}

patterns! {
    // White space that tells two numbers apart: 附件1 2021年, 3.0 2021年.
    NUMBER_THEN_YEAR = r"(\d)\s+((?:19|20)\d{2}\s*年)";
    NUMBERED_TABLE = r"((?:附件|附表|表|图)\s*\d{1,2})\s+(\d)";
    NUMBERED_TABLE_OF_YEAR =
        r"((?:附件|附表|表|图)\s*\d{1,2}?(?:[-.]\d{1,2}?)?)[-.]?((?:19|20)\d{2}\s*年)";
    NUMBERED_ITEM = r"^(\s*\(?\d{1,2})\.(\s*(?:19|20)\d{2}\s*年)";
    NUMERIC_DATE = r"((?:19|20)\d{2})\s*([./-])\s*(\d{1,2})\s*([./-])\s*(\d{1,2})";
    HOUR_WITH_COLON = r"日T?(\d{1,2}):(\d{2})(?::\d{2})?";
    INCLUDED = r"\(含[当本]?[日天月]?\)";
    YEAR_NUMERALS = r"([一二][○〇◯零ОOo0一二三四五六七八九]{3})年";
    MONTHS_NUMERALS = r"(十[一二]?|[一二三四五六七八九])(至|到|-)(十[一二]?|[一二三四五六七八九])月";
    MONTH_NUMERALS = r"(十[一二]?|[一二三四五六七八九])月";
    DAY_NUMERALS = r"月([二三]?十[一二三四五六七八九]?|[一二三四五六七八九])日";
    FIRST_MONTHS_NUMERALS = r"前(十[一二]?|[一二三四五六七八九])个月";
    NUMERIC_DAY = r"((?:19|20)\d{2})(\d{2})(\d{2})";
    NUMERIC_MONTH = r"((?:19|20)\d{2})([./-])(\d{1,2})(月)?";
    NUMERIC_MONTH_WITHOUT_SIGN = r"(20\d{2})(0[1-9]|1[0-2])";
    YEARS = r"((?:19|20)\d{2})(-|至|到)((?:19|20)\d{2}年)";
    QUARTER_LETTER = r"[Qq]([1-4])";
    YEAR_WITHOUT_WORD = r"((?:19|20)\d{2})(全年|年度|第?[一二三四1-4]季度|[上下]半年|前[一二两三23]个?季度|前\d{1,2}个月)";
    DAYS_WITH_DOTS = r"年(\d{1,2})\.(\d{1,2})(-|至|到)(\d{1,2})\.(\d{1,2})";
    END_WITH_DOT = r"(日)(-|至|到)(\d{1,2})[./](\d{1,2})";
    END_WITH_HYPHEN = r"(日)(至|到)(\d{1,2})-(\d{1,2})";
    BARE_MONTH = r"(^|[^\d.])(\d{1,2})([、和及与,]|至|到|-)(\d{1,2})月";
    BARE_DAY = r"(\d{1,2}月)(\d{1,2})日?(至|到|-)(\d{1,2})日";
    BARE_QUARTER = r"第?([一二三四1-4])([、和及与,]|至|到|-)第?([一二三四1-4])季度";
}

/// Returns a text without white space and with everything that tells the same time told in the same
/// way: years, months and days in digits and with their words, each month and quarter of a range
/// with its word, hyphens for ranges.
///
/// What is no possible date stays as it stands.
pub(in crate::annex) fn normalise_times(text: &str) -> String {
    let text = text.nfkc().collect::<String>().replace(DASHES, "-");
    // Most texts tell no time, and the patterns take long.
    if !text.contains(|c: char| c.is_ascii_digit() || matches!(c, '年' | '月' | '季')) {
        return text.chars().filter(|c| !c.is_whitespace()).collect();
    }
    let text = NUMBER_THEN_YEAR.replace_all(&text, "${1}:${2}");
    let text = NUMBERED_TABLE.replace_all(&text, "${1}:${2}");
    let text = NUMBERED_TABLE_OF_YEAR.replace_all(&text, "${1}:${2}");
    let text = NUMBERED_ITEM.replace_all(&text, "${1}、${2}");
    let text = with_dates(&text);
    let text = with_quarter_words(&text);
    let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let text = in_digits(&INCLUDED.replace_all(&text, ""));
    let text = HOUR_WITH_COLON.replace_all(&text, "日${1}时${2}分");
    let text = YEARS.replace_all(&text, "${1}年${2}${3}");
    let text = with_months(&text);
    let text = YEAR_WITHOUT_WORD.replace_all(&text, "${1}年${2}").replace("年年度", "年度");
    let text = text.replace("年年底", "年底").replace("年年末", "年末").replace("年年初", "年初");
    let text = DAYS_WITH_DOTS.replace_all(&text, "年${1}月${2}日${3}${4}月${5}日");
    let text = replaced(&text, &END_WITH_DOT, end_day);
    let text = replaced(&text, &END_WITH_HYPHEN, end_day);
    let text = BARE_QUARTER.replace_all(&text, "${1}季度${2}${3}季度");
    let text = BARE_DAY.replace_all(&text, "${1}${2}日${3}${1}${4}日");
    with_month_words(text.into_owned())
}

/// The text with dates and months in digits told with their words: 2021-01-01, 20210101, 2021.01.
///
/// White space still stands in it: without it `2021-1-1 00:00` would be the 10th.
fn with_dates(text: &str) -> String {
    let text = replaced(text, &NUMERIC_DATE, |found, before, after| {
        let is_same_sign = found[2] == found[4];
        let is_alone = is_apart(before) && !after.is_some_and(|c| c.is_ascii_digit() || c == '月');
        (is_same_sign && is_alone && is_date(&found[3], &found[5]))
            .then(|| format!("{}年{}月{}日", &found[1], &found[3], &found[5]))
    });
    replaced(&text, &NUMERIC_DAY, |found, before, after| {
        // Alone it may be any number of eight digits.
        let is_range = |c: Option<char>| c.is_some_and(|c| matches!(c, '-' | '至' | '到'));
        let is_alone = is_apart(before) && is_no_count(after);
        let is_of_range = is_range(before) || is_range(after);
        (is_alone && is_of_range && is_date(&found[2], &found[3]))
            .then(|| format!("{}年{}月{}日", &found[1], &found[2], &found[3]))
    })
}

fn with_months(text: &str) -> String {
    let text = replaced(text, &NUMERIC_MONTH, |found, before, after| {
        let has_word = found.get(4).is_some();
        let is_alone = is_apart(before) && (has_word || is_no_count(after));
        (is_alone && is_date(&found[3], "1")).then(|| format!("{}年{}月", &found[1], &found[3]))
    });
    replaced(&text, &NUMERIC_MONTH_WITHOUT_SIGN, |found, before, after| {
        (is_apart(before) && is_no_count(after)).then(|| format!("{}年{}月", &found[1], &found[2]))
    })
}

/// The text with 第3季度 for Q3.
fn with_quarter_words(text: &str) -> String {
    replaced(text, &QUARTER_LETTER, |found, before, after| {
        let is_word = before.is_some_and(|c| c.is_ascii_alphabetic())
            || after.is_some_and(|c| c.is_ascii_alphanumeric());
        (!is_word).then(|| format!("第{}季度", &found[1]))
    })
}

/// Whether a figure can begin behind a character: it is no part of a longer one or of a code.
fn is_apart(before: Option<char>) -> bool {
    before.is_none_or(|c| !c.is_ascii_alphanumeric() && !matches!(c, '.' | '/'))
}

/// Whether a figure can end before a character: it is not longer, and counts nothing.
fn is_no_count(after: Option<char>) -> bool {
    after.is_none_or(|c| !c.is_ascii_digit() && !COUNTED.contains(c))
}

fn is_date(month: &str, day: &str) -> bool {
    let is_within = |text: &str, last: u32| {
        text.parse::<u32>().is_ok_and(|number| (1..=last).contains(&number))
    };
    is_within(month, 12) && is_within(day, 31)
}

/// The end of a range of days that is told in another way than its beginning: 9.30 behind 1月1日至.
fn end_day(found: &Captures<'_>, _: Option<char>, after: Option<char>) -> Option<String> {
    let is_alone = is_no_count(after) && !matches!(after, Some('.' | '/' | '-'));
    (is_alone && is_date(&found[3], &found[4]))
        .then(|| format!("{}{}{}月{}日", &found[1], &found[2], &found[3], &found[4]))
}

/// The text with years, months and days in digits.
fn in_digits(text: &str) -> String {
    let year = |found: &Captures<'_>| {
        let digits: String = found[1]
            .chars()
            .map(|c| NUMERALS.chars().position(|n| n == c).map_or('0', |at| digit(at + 1)))
            .collect();
        format!("{digits}年")
    };
    let text = YEAR_NUMERALS.replace_all(text, year);
    let text =
        DAY_NUMERALS.replace_all(&text, |found: &Captures<'_>| format!("月{}日", tens(&found[1])));
    let text = MONTHS_NUMERALS.replace_all(&text, |found: &Captures<'_>| {
        format!("{}{}{}月", tens(&found[1]), &found[2], tens(&found[3]))
    });
    let text =
        MONTH_NUMERALS.replace_all(&text, |found: &Captures<'_>| format!("{}月", tens(&found[1])));
    let text = FIRST_MONTHS_NUMERALS
        .replace_all(&text, |found: &Captures<'_>| format!("前{}个月", tens(&found[1])));
    text.replace("前两个月", "前2个月").replace("零时", "0时").replace("零点", "0点")
}

/// The text with 月 behind each month of a range or list: 3、4、5月, from the right, one at a time.
fn with_month_words(mut text: String) -> String {
    for _ in 0..12 {
        let next = BARE_MONTH.replace(&text, "${1}${2}月${3}${4}月").into_owned();
        if next == text {
            break;
        }
        text = next;
    }
    text
}

/// Replaces what a pattern finds, where the characters before and behind it allow.
fn replaced(
    text: &str,
    pattern: &Regex,
    replacement: impl Fn(&Captures<'_>, Option<char>, Option<char>) -> Option<String>,
) -> String {
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    for found in pattern.captures_iter(text) {
        let Some(whole) = found.get(0) else { continue };
        let before = text[..whole.start()].chars().next_back();
        let after = text[whole.end()..].chars().next();
        if let Some(new) = replacement(&found, before, after) {
            out.push_str(&text[from..whole.start()]);
            out.push_str(&new);
            from = whole.end();
        }
    }
    out.push_str(&text[from..]);
    out
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
