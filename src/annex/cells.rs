//! A printed cell as a number, and what had to be understood to read it as one.

use std::sync::LazyLock;

use regex::Regex;

use crate::annex::labels::ordinary_width;
use crate::model::{Qualifier, is_mobile};

/// Counts from here on are not exact in a double.
const MAX_EXACT: f64 = 9_007_199_254_740_992.0;

/// What a cell says.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum CellValue {
    /// A number as printed.
    Number(Number),
    /// Nothing stands there.
    Blank,
    /// A dash or slash: no value.
    NoValue,
    /// Words by which the figure does not apply to its row.
    NotApplicable,
    /// Something else.
    NotANumber,
}

impl CellValue {
    /// Whether it is a figure.
    pub(super) fn is_figure(&self) -> bool {
        matches!(self, Self::Number(_))
    }

    /// Whether it is a figure, or a dash in the place of one.
    pub(super) fn stands_for_figure(&self) -> bool {
        matches!(self, Self::Number(_) | Self::NoValue)
    }
}

/// A printed number.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Number {
    /// The number, scaled by what is printed with it (万) but not by the column.
    pub(super) value: f64,
    /// The digits as printed, with sign and decimals and without separators.
    digits: String,
    /// The power of ten printed with it, as 4 for 万.
    pub(super) exponent: i32,
    /// How exact it claims to be.
    pub(super) qualifier: Option<Qualifier>,
    /// Decimals as printed, for the tolerance of totals.
    pub(super) n_decimals: usize,
    /// Whether anything but plain ASCII digits had to be understood.
    pub(super) is_normalised: bool,
    /// Whether no figure is written so: with zeros in front, or a sign before zero.
    pub(super) is_odd: bool,
    /// Whether it is written as the number of a mobile phone is: 11 digits and nothing else.
    pub(super) is_phone: bool,
    /// The unit printed with it, as 条 for `500条`.
    pub(super) unit: Option<String>,
}

static NUMBER: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = r"(?x)^
        (?P<before> 约 | 近 | 大约 | 将近 | 超过 | 超 | 逾 | 至少 | 不足 | 不到 )?
        (?P<number> -? (?: [1-9] \d{0,2} (?: , \d{3} )+ | \d+ ) (?: \. \d+ )? )
        (?P<more> 余 | 多 )?
        (?P<scale> 万 | 亿 | 千 )?
        (?P<more_after> 余 | 多 )?
        (?P<unit> 条 | 件 | 项 | 个 | 次 | % )?
        (?P<after> 左右 | 以上 | 以下 )?
        $";
    Regex::new(pattern).expect("the pattern is constant")
});

/// Words for a figure that does not apply.
const NOT_APPLICABLE: [&str; 6] =
    ["不涉及", "不适用", "无此项", "无此职能", "无此业务", "无此类事项"];

/// Reads the text of a cell, white space at its ends removed.
///
/// Digits of any width, thousands separated by commas, 约 and 余, 万 and a unit are understood.
/// Anything else is no number: nothing is guessed.
pub(super) fn parse_cell(text: &str) -> CellValue {
    if let Some(number) = plain_number(text) {
        return CellValue::Number(number);
    }
    if begins_as_word(text) {
        return CellValue::NotANumber;
    }
    let normal = ordinary_width(text).trim().to_owned();
    // A space before a percent sign is part of how it is printed.
    let normal =
        normal.strip_suffix('%').map_or(normal.clone(), |number| format!("{}%", number.trim_end()));
    if normal.is_empty() {
        return CellValue::Blank;
    }
    if normal.chars().all(|c| matches!(c, '-' | '—' | '–' | '―' | '─' | '/' | '−' | '\\'))
    {
        return CellValue::NoValue;
    }
    if NOT_APPLICABLE.contains(&normal.as_str()) {
        return CellValue::NotApplicable;
    }
    parse_number(&normal).map_or(CellValue::NotANumber, |number| {
        CellValue::Number(Number {
            is_normalised: number.is_normalised || normal != text,
            ..number
        })
    })
}

/// Reads digits with a sign and decimals, of which a large form has millions, without the pattern.
fn plain_number(text: &str) -> Option<Number> {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (whole, decimals) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
    let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if !is_digits(whole) || !is_digits(decimals) {
        return None;
    }
    let value: f64 = text.parse().ok()?;
    (value.abs() < MAX_EXACT).then(|| Number {
        value: without_sign_of_zero(value),
        digits: text.to_owned(),
        exponent: 0,
        qualifier: None,
        n_decimals: unsigned.len() - whole.len() - usize::from(unsigned.len() > whole.len()),
        is_normalised: false,
        is_odd: is_odd(text, value),
        is_phone: is_phone(text),
        unit: None,
    })
}

/// Whether a text begins with a Chinese character that begins no figure and no word in the place of
/// one: names, of which a large form has millions.
fn begins_as_word(text: &str) -> bool {
    let begins_figure = |c: char| "约近大将超逾至不无".contains(c);
    let is_word = |c: char| matches!(c, '\u{4e00}'..='\u{9fff}') && !begins_figure(c);
    text.chars().next().is_some_and(is_word)
}

/// Whether a text may be a figure or a piece of one that was broken, as `44.` and `.47`.
pub(super) fn is_part_of_figure(text: &str) -> bool {
    let is_of_figure = |c: char| c.is_numeric() || "，,．.%％余多万亿千条件项个次".contains(c);
    text.chars().all(is_of_figure) && text.contains(char::is_numeric)
}

impl Number {
    /// Returns the number in the unit of a column that is scaled by a power of ten; `None` beyond
    /// what counts can be exactly.
    pub(super) fn in_column(&self, exponent: i32) -> Option<f64> {
        if exponent == 0 {
            return Some(self.value);
        }
        scaled(&self.digits, self.exponent + exponent)
    }
}

/// Digits times a power of ten, rounded once: 0.14 万 is 1400, not 1400.0000000000002.
fn scaled(digits: &str, exponent: i32) -> Option<f64> {
    let value: f64 = format!("{digits}e{exponent}").parse().ok()?;
    (value.abs() < MAX_EXACT).then_some(without_sign_of_zero(value))
}

/// Zero is zero, whatever sign stands before it.
fn without_sign_of_zero(value: f64) -> f64 {
    if value == 0.0 { 0.0 } else { value }
}

/// Whether digits have zeros in front, as 007, or a sign before zero.
fn is_odd(digits: &str, value: f64) -> bool {
    let unsigned = digits.strip_prefix('-').unwrap_or(digits);
    let is_padded =
        unsigned.starts_with('0') && unsigned[1..].starts_with(|c: char| c.is_ascii_digit());
    is_padded || (value == 0.0 && digits.starts_with('-'))
}

/// Whether digits are those of a mobile phone: no operator has 10, 11 or 12 in front.
fn is_phone(digits: &str) -> bool {
    is_mobile(digits) && digits.as_bytes()[1] > b'2'
}

/// Returns the code of the reader's word for a qualifier.
pub(super) fn word_code(qualifier: Qualifier) -> String {
    format!("word.{qualifier}")
}

/// Reads a quantity such as `450余万` or `近16000多个`. `None` when it is no number.
pub(super) fn parse_number(normal: &str) -> Option<Number> {
    if !normal.contains(char::is_numeric) {
        return None;
    }
    let captures = NUMBER.captures(normal)?;
    let group = |name: &str| captures.name(name).map(|group| group.as_str());
    let digits = group("number")?.replace(',', "");
    let exponent = group("scale").map_or(0, |scale| match scale {
        "亿" => 8,
        "万" => 4,
        _ => 3,
    });
    let value = scaled(&digits, exponent)?;
    let is_less =
        matches!(group("before"), Some("不足" | "不到")) || group("after") == Some("以下");
    let is_approx = matches!(group("before"), Some("约" | "近" | "大约" | "将近"))
        || group("after") == Some("左右");
    let is_more = matches!(group("before"), Some("超过" | "超" | "逾" | "至少"))
        || group("more").or(group("more_after")).is_some()
        || group("after") == Some("以上");
    let qualifier = match (is_approx, is_more, is_less) {
        (false, false, false) => None,
        (true, false, false) => Some(Qualifier::Approx),
        (false, true, false) => Some(Qualifier::MoreThan),
        (false, false, true) => Some(Qualifier::LessThan),
        _ => Some(Qualifier::Ambiguous),
    };
    let n_decimals = digits.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    // A percent sign is how proportions are printed.
    let is_normalised = digits != normal.trim_end_matches('%');
    let unit = group("unit").map(str::to_owned);
    let is_odd = is_odd(&digits, value);
    let is_phone = is_phone(normal);
    Some(Number {
        value,
        digits,
        exponent,
        qualifier,
        n_decimals,
        is_normalised,
        is_odd,
        is_phone,
        unit,
    })
}

/// Whether a text is a stored number that does not show so, as the readers of workbooks mark it.
pub(super) fn is_unshown(text: &str) -> bool {
    text.starts_with('≠')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, value: f64, qualifier: Option<Qualifier>, is_normalised: bool) {
        match parse_cell(text) {
            CellValue::Number(number) => {
                assert_eq!(number.value.to_bits(), value.to_bits(), "{text}");
                assert_eq!((number.qualifier, number.is_normalised), (qualifier, is_normalised));
            }
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn plain_numbers_need_no_finding() {
        check("0", 0.0, None, false);
        check("12741337", 12_741_337.0, None, false);
        check("57.10", 57.1, None, false);
    }

    #[test]
    fn separators_widths_and_words_are_understood_and_told() {
        check("1,234", 1234.0, None, true);
        check("12３4", 1234.0, None, true);
        check("１，２３４", 1234.0, None, true);
        check("约500", 500.0, Some(Qualifier::Approx), true);
        check("450余万", 4_500_000.0, Some(Qualifier::MoreThan), true);
        check("近16000多个", 16000.0, Some(Qualifier::Ambiguous), true);
        check("不足5", 5.0, Some(Qualifier::LessThan), true);
        check("1.2万条", 12_000.0, None, true);
        check("57.10%", 57.1, None, false);
    }

    #[test]
    fn scales_of_cell_and_column_are_applied_together() {
        let in_column = |text: &str, exponent| match parse_cell(text) {
            CellValue::Number(number) => number.in_column(exponent),
            other => panic!("{text}: {other:?}"),
        };
        assert_eq!(in_column("0.14", 4), Some(1400.0));
        assert_eq!(in_column("0.07", 4), Some(700.0));
        assert_eq!(in_column("9007199254740", 4), None);
    }

    #[test]
    fn zeros_in_front_and_a_sign_before_zero_are_odd() {
        for (text, value) in
            [("007", 7.0), ("00", 0.0), ("-0", 0.0), ("-0.0", 0.0), ("0123万", 1_230_000.0)]
        {
            check(text, value, None, text.ends_with('万'));
        }
        let is_odd =
            |text: &str| matches!(parse_cell(text), CellValue::Number(Number { is_odd: true, .. }));
        for text in ["007", "00", "-0", "-0.0", "-00.5", "0123万", "00.5%", "００７"] {
            assert!(is_odd(text), "{text}");
        }
        for text in ["0", "0.5", "0.00", "-0.5", "10", "0.07万", "0%", "1,023"] {
            assert!(!is_odd(text), "{text}");
        }
        // In some countries a comma stands before decimals.
        for text in ["0,123", "00,123", "-0,123", "012,345"] {
            assert_eq!(parse_cell(text), CellValue::NotANumber, "{text}");
        }
    }

    #[test]
    fn a_number_written_as_that_of_a_phone_is_told() {
        let is_phone = |text: &str| {
            matches!(parse_cell(text), CellValue::Number(Number { is_phone: true, .. }))
        };
        for text in ["13800000000", "１３８００００００００"] {
            assert!(is_phone(text), "{text}");
        }
        for text in ["13,800,000,000", "12800000000", "1380000000", "13800000000条"] {
            assert!(!is_phone(text), "{text}");
        }
    }

    #[test]
    fn nothing_else_is_a_number() {
        for text in
            ["1,23", "12 34", "一百", "1-9", "1274l337", "878①", "94²", "9007199254740993", "无"]
        {
            assert_eq!(parse_cell(text), CellValue::NotANumber, "{text}");
        }
        for text in ["—", "／", "-", "——", "－"] {
            assert_eq!(parse_cell(text), CellValue::NoValue, "{text}");
        }
        assert_eq!(parse_cell(""), CellValue::Blank);
    }
}
