//! Values of cells as text.

use crate::model::Text;
use crate::source::plain_number::{percent, plain};
use crate::source::sheets::dates::{date_text, duration_text};
use crate::source::sheets::looks::unshown;
use crate::source::sheets::{Epoch, NumberKind};

/// Returns a number as its format has it: `12741337`, `0.5`, `50%`, `2021-09-30`.
///
/// A date that no calendar has is the bare number. A number of which nobody knows how it shows is a
/// text that nobody takes for one.
pub(in crate::source) fn number_text(value: f64, kind: NumberKind, epoch: Epoch) -> String {
    let text = match kind {
        NumberKind::Plain => None,
        NumberKind::Percent => Some(percent(value)),
        NumberKind::Date => date_text(value, epoch),
        NumberKind::Duration => duration_text(value),
        NumberKind::Scaled(looks) => Some(looks.look(value).text(value)),
        NumberKind::Unknown => Some(unshown(&plain(value))),
    };
    text.unwrap_or_else(|| plain(value))
}

/// Returns a number that is stored as text, as its format has it; `None` when it is no number.
///
/// Digits beyond those that a computer's number holds are kept: they are identifiers that somebody
/// let a spreadsheet take for numbers.
pub(in crate::source) fn stored_text(stored: &str, kind: NumberKind, epoch: Epoch) -> Option<Text> {
    if kind == NumberKind::Plain && is_exact(stored) {
        return Some(stored.into());
    }
    let value: f64 = stored.parse().ok()?;
    value.is_finite().then(|| number_text(value, kind, epoch).into())
}

/// Returns whether a number is an integer that shows as it is stored.
fn is_exact(stored: &str) -> bool {
    let digits = stored.strip_prefix('-').unwrap_or(stored).as_bytes();
    match digits {
        [b'0'] => digits.len() == stored.len(),
        [b'1'..=b'9', rest @ ..] => rest.iter().all(u8::is_ascii_digit),
        _ => false,
    }
}

/// Returns a truth value as workbooks show it.
pub(in crate::source) fn boolean_text(value: bool) -> String {
    if value { "TRUE" } else { "FALSE" }.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(stored: &str, kind: NumberKind, expected: &str) {
        let text = stored_text(stored, kind, Epoch::Y1900);
        assert_eq!(text.as_deref().unwrap_or("none"), expected, "{stored}");
    }

    #[test]
    fn numbers_have_no_exponent() {
        check("1.2741337E7", NumberKind::Plain, "12741337");
        check("12741337", NumberKind::Plain, "12741337");
        check("0.10000000000000001", NumberKind::Plain, "0.1");
        check("5.0", NumberKind::Plain, "5");
        check("-0", NumberKind::Plain, "0");
        check("1E-7", NumberKind::Plain, "0.0000001");
        check("n/a", NumberKind::Plain, "none");
        check("inf", NumberKind::Plain, "none");
    }

    #[test]
    fn digits_that_a_computer_would_lose_stay() {
        check("630123199001011234", NumberKind::Plain, "630123199001011234");
    }

    #[test]
    fn formats_decide_what_shows() {
        check("0.9735", NumberKind::Percent, "97.35%");
        check("0.07", NumberKind::Percent, "7%");
        check("44469", NumberKind::Date, "2021-09-30");
        check("-3", NumberKind::Date, "-3");
        check("1.5", NumberKind::Duration, "36:00:00");
        check("44469", NumberKind::Unknown, "≠44469");
    }
}
