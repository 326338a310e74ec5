//! How values are written for people, the same in every format that has no numbers of its own.

use chrono::{NaiveDate, NaiveDateTime};

use crate::diag::{Lang, Message, printable, word};
use crate::output::{shown_double, sparkline};
use crate::report::content::{CellFormat, Mark, Value};

/// Returns a value as people read it, safe to print; nothing where there is none.
///
/// Thousands stand apart. Rounding never makes a whole number of one that is none, nor 0 % or 100 % of what is
/// neither: then there are as many more decimals as it takes.
pub fn shown(value: &Value, format: CellFormat, lang: Lang) -> String {
    match (value, format) {
        (Value::Missing, _) => String::new(),
        (Value::Text(text), _) => printable(text),
        (Value::Truth(truth), _) => word(if *truth { "true" } else { "false" }, lang),
        (Value::Day(day), CellFormat::Month) => month(*day),
        (Value::Day(day), _) => day.to_string(),
        (Value::Instant(time), _) => instant(*time),
        (Value::Course(values), _) => sparkline(values),
        // Exact: a number of 64 bits need not be a double.
        (Value::Whole(number), CellFormat::Id | CellFormat::Text) => number.to_string(),
        (Value::Whole(number), CellFormat::Change { .. }) if *number > 0 => {
            format!("+{}", apart(&number.to_string()))
        }
        (Value::Whole(number), CellFormat::Percent { .. } | CellFormat::PercentChange { .. }) => {
            #[expect(clippy::cast_precision_loss, reason = "percentages are small")]
            let value = *number as f64;
            number_shown(value, format)
        }
        (Value::Whole(number), _) => apart(&number.to_string()),
        (Value::Number(number), _) => number_shown(*number, format),
    }
}

fn number_shown(value: f64, format: CellFormat) -> String {
    match format {
        CellFormat::Percent { decimals } => format!("{}%", fixed(value, decimals)),
        CellFormat::PercentChange { decimals } => {
            format!("{}{}%", sign(value), fixed(value, decimals))
        }
        CellFormat::Change { decimals } => format!("{}{}", sign(value), up_to(value, decimals)),
        CellFormat::Number { decimals } => up_to(value, decimals),
        _ => apart(&shown_double(value)),
    }
}

fn sign(value: f64) -> &'static str {
    if value > 0.0 { "+" } else { "" }
}

/// As many decimals as are asked for.
fn fixed(value: f64, decimals: u8) -> String {
    apart(&rounded(value, decimals, |whole| whole == 0.0 || (whole.abs() - 100.0).abs() < 1e-9))
}

/// As many decimals as there are, at most those that are asked for.
fn up_to(value: f64, decimals: u8) -> String {
    let text = rounded(value, decimals, |_| true);
    let text = match text.split_once('.') {
        Some(_) => text.trim_end_matches('0').trim_end_matches('.'),
        None => &text,
    };
    apart(if text == "-0" { "0" } else { text })
}

/// Returns a number with so many decimals, or with the fewest more by which it is none of the whole numbers
/// for which it must not be taken.
fn rounded(value: f64, decimals: u8, must_not_be: impl Fn(f64) -> bool) -> String {
    /// As many as a double has.
    const MOST: usize = 17;
    let text = |decimals: usize| format!("{value:.decimals$}");
    let is_misleading = |text: &String| {
        let whole: f64 = text.parse().unwrap_or(value);
        value.fract() != 0.0 && whole.fract() == 0.0 && must_not_be(whole)
    };
    let decimals = usize::from(decimals);
    let found = (decimals..=MOST).map(text).find(|text| !is_misleading(text));
    found.unwrap_or_else(|| shown_double(value))
}

/// Sets the thousands of a number apart.
fn apart(number: &str) -> String {
    let (sign, rest) = match number.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", number),
    };
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let (whole, tail) = rest.split_at(end);
    let mut text = String::with_capacity(number.len() + whole.len() / 3);
    text.push_str(sign);
    for (idx, digit) in whole.chars().enumerate() {
        if idx > 0 && (whole.len() - idx).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text.push_str(tail);
    text
}

fn month(day: NaiveDate) -> String {
    day.format("%Y-%m").to_string()
}

fn instant(time: NaiveDateTime) -> String {
    time.format("%Y-%m-%d %H:%M:%S").to_string()
}

/// Returns what a mark is called on the value itself, a character or two, and what it means.
pub fn mark_words(mark: Mark, lang: Lang) -> (String, String) {
    let (word, meaning) = match mark {
        Mark::DateInferred => ("report.mark_date_inferred", "report.means_date_inferred"),
        Mark::Break => ("report.mark_break", "report.means_break"),
        Mark::Revised => ("report.mark_revised", "report.means_revised"),
        Mark::Returned => ("report.mark_returned", "report.means_returned"),
        Mark::Resubmitted => ("report.mark_resubmitted", "report.means_resubmitted"),
        Mark::Backfilled => ("report.mark_backfilled", "report.means_backfilled"),
        Mark::Approximate => ("report.mark_approximate", "report.means_approximate"),
        Mark::Changed => ("report.mark_changed", "report.means_changed"),
        Mark::Synthetic => ("report.mark_synthetic", "report.means_synthetic"),
    };
    (Message::new(word).text(lang), Message::new(meaning).text(lang))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(value: f64, format: CellFormat, expected: &str) {
        assert_eq!(shown(&Value::Number(value), format, Lang::En), expected);
    }

    #[test]
    fn numbers_have_their_thousands_apart_and_their_decimals() {
        check(12_741_337.0, CellFormat::Number { decimals: 4 }, "12,741,337");
        check(-1_234.5, CellFormat::Number { decimals: 4 }, "-1,234.5");
        check(1_234.567_89, CellFormat::Number { decimals: 2 }, "1,234.57");
        check(999.0, CellFormat::Change { decimals: 0 }, "+999");
        check(-1000.0, CellFormat::Change { decimals: 0 }, "-1,000");
        check(0.0, CellFormat::Change { decimals: 0 }, "0");
        check(-0.0, CellFormat::Number { decimals: 4 }, "0");
        check(12.5, CellFormat::Percent { decimals: 2 }, "12.50%");
        check(12.5, CellFormat::PercentChange { decimals: 1 }, "+12.5%");
    }

    #[test]
    fn rounding_makes_nothing_whole() {
        check(99.999_99, CellFormat::Percent { decimals: 2 }, "99.99999%");
        check(0.000_012, CellFormat::Percent { decimals: 2 }, "0.00001%");
        check(0.004_528, CellFormat::Percent { decimals: 2 }, "0.005%");
        check(-0.000_754_7, CellFormat::PercentChange { decimals: 2 }, "-0.001%");
        check(-3.000_5, CellFormat::PercentChange { decimals: 2 }, "-3.00%");
        check(1_234.000_04, CellFormat::Number { decimals: 4 }, "1,234.00004");
        check(100.0, CellFormat::Percent { decimals: 2 }, "100.00%");
        check(0.4, CellFormat::Number { decimals: 0 }, "0.4");
    }

    #[test]
    fn whole_numbers_are_exact_and_texts_are_made_visible() {
        let large = Value::Whole(9_007_199_254_740_993);
        let text = shown(&large, CellFormat::Number { decimals: 0 }, Lang::Zh);
        assert_eq!(text, "9,007,199,254,740,993");
        let text = Value::Text("a\u{202e}b\u{2028}".to_owned());
        assert_eq!(shown(&text, CellFormat::Text, Lang::Zh), "a\\u{202e}b\\u{2028}");
        assert_eq!(shown(&Value::Missing, CellFormat::Text, Lang::Zh), "");
        let day = Value::Day(NaiveDate::from_ymd_opt(2021, 9, 1).unwrap());
        assert_eq!(shown(&day, CellFormat::Month, Lang::Zh), "2021-09");
    }
}
