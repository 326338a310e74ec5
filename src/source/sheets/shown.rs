//! Numbers of which only the text that shows says what their format makes of them.

use crate::source::sheets::looks::{WORDS, beside, divided, unshown};

/// How a number shows that does not show as it is stored.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::source) enum Shown {
    /// As another number, or as something from which nobody can tell the stored one.
    Other(String),
    /// With text beside it, as `15件`.
    Beside(String),
}

/// Returns how a number is to be read that a cell shows as something else than it stores; `None` where
/// it shows the stored one, rounded or not.
///
/// For formats that say what they do only by the text that shows.
pub(in crate::source) fn as_shown(stored: &str, shown: &str) -> Option<Shown> {
    let value: f64 = stored.parse().ok()?;
    let shown = shown.trim();
    let is_dash = matches!(shown, "-" | "—" | "–");
    if (is_dash && value == 0.0) || is_composed(shown, value) {
        return None;
    }
    let other = || Some(Shown::Other(unshown(stored)));
    let Some((before, number, behind)) = around_number(shown) else { return other() };
    let (before, number, behind) = match (before, behind) {
        ("(", ")") => ("", format!("-{number}"), ""),
        _ => (before, number, behind),
    };
    let n_decimals = number.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    let word = WORDS.iter().find(|(word, _)| behind.starts_with(*word));
    let exponent = word.map_or(0, |(_, exponent)| *exponent);
    let scaled: f64 = format!("{number}e{exponent}").parse().ok()?;
    let rounding: f64 = format!("0.50000001e{exponent}").parse().ok()?;
    let rounding = rounding / 10_f64.powi(i32::try_from(n_decimals).ok()?);
    let is_same = (scaled - value).abs() <= rounding;
    match word {
        Some((_, exponent)) if is_same && before.is_empty() => {
            Some(Shown::Other(format!("{}{behind}", divided(stored, *exponent))))
        }
        None if before.is_empty() && behind.is_empty() => match is_same {
            true => None,
            false if scaled.abs() < value.abs() && digits(&number) == digits(stored) => {
                Some(Shown::Other(number))
            }
            false => other(),
        },
        None if is_same => beside(before, stored, behind).map(Shown::Beside).or_else(other),
        Some(_) | None => other(),
    }
}

/// Whether a text shows a number as a fraction or with an exponent.
fn is_composed(shown: &str, value: f64) -> bool {
    if let Some((_, exponent)) = shown.split_once(['E', 'e']) {
        let is_near = |number: f64| (number - value).abs() <= value.abs() / 2.0;
        return exponent.parse::<i32>().is_ok() && shown.parse().is_ok_and(is_near);
    }
    let Some((front, below)) = shown.split_once('/') else { return false };
    let (whole, above) = front.trim().rsplit_once(' ').unwrap_or(("0", front));
    let number = |text: &str| text.trim().parse::<f64>().ok();
    let (Some(whole), Some(above), Some(below)) = (number(whole), number(above), number(below))
    else {
        return false;
    };
    let part = if shown.starts_with('-') { -above.abs() / below } else { above / below };
    below > 0.0 && (whole + part - value).abs() <= 0.5 / below
}

/// Returns the number in a text, without separators, and what stands before and behind it; `None`
/// where there is none.
fn around_number(text: &str) -> Option<(&str, String, &str)> {
    let start = text.find(|c: char| c.is_ascii_digit())?;
    let start = if text[..start].ends_with('-') { start - 1 } else { start };
    let (before, rest) = text.split_at(start);
    let is_part = |c: char| c.is_ascii_digit() || matches!(c, ',' | '.' | '-' | ' ');
    let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
    let (number, behind) = rest.split_at(end);
    let number = without_separators(number.trim())?;
    Some((before.trim(), number, behind.trim()))
}

/// Returns a number whose thousands are set apart, without what does it; `None` where it is none.
fn without_separators(number: &str) -> Option<String> {
    let (whole, decimals) = number.split_once('.').unwrap_or((number, ""));
    let mut groups = whole.split([',', ' ']);
    groups.next()?;
    let is_grouped = groups.all(|group| group.len() == 3);
    let joined = number.replace([',', ' '], "");
    let is_number = !decimals.contains([',', ' ']) && joined.parse::<f64>().is_ok();
    (is_grouped && is_number).then_some(joined)
}

/// Returns the digits of a plain decimal, without zeros at its ends.
fn digits(decimal: &str) -> String {
    let digits: String = decimal.chars().filter(char::is_ascii_digit).collect();
    digits.trim_matches('0').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(stored: &str, shown: &str, expected: &str) {
        let text = match as_shown(stored, shown) {
            None => "as stored".to_owned(),
            Some(Shown::Other(text)) => text,
            Some(Shown::Beside(text)) => format!("beside {text}"),
        };
        assert_eq!(text, expected, "{stored} {shown}");
    }

    #[test]
    fn what_shows_tells_how_a_number_is_scaled() {
        check("31770", "3.1770", "3.1770");
        check("31770", "32", "≠31770");
        check("31770", "3.2万", "3.177万");
        check("31770", "3.2万元", "3.177万元");
        check("-31770", "-3.1770", "-3.1770");
    }

    #[test]
    fn rounded_numbers_and_those_in_other_forms_are_as_stored() {
        for shown in ["31,770", "31 770", "31770.00", "3.2E+04", "31770"] {
            check("31770", shown, "as stored");
        }
        check("0.25", "1/4", "as stored");
        check("-1.5", "-1 1/2", "as stored");
        check("2.5", "3", "as stored");
        check("-5", "(5)", "as stored");
        check("0", "-", "as stored");
    }

    #[test]
    fn text_beside_a_number_shows() {
        check("31770", "31,770件", "beside 31770件");
        check("15.6", "16 件", "beside 15.6件");
        check("57", "57.0%", "beside 57%");
        check("5", "¥5.00", "beside ¥5");
    }

    #[test]
    fn what_shows_another_number_or_none_is_no_number() {
        for shown in [
            "12-34",
            "1 2 34",
            "12340",
            "-1234",
            "1234-",
            "-",
            "",
            "无",
            "约1234",
            "(1234)",
            "2021-09-30",
        ] {
            check("1234", shown, "≠1234");
        }
        check("5", "1/4", "≠5");
        check("12", "121", "≠12");
    }
}
