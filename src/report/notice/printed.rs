//! How a figure is printed in prose, and what a printed one says.
//!
//! Printing counts in decimal digits, so that 四舍五入 is that of the figure and not of its binary form.
//! Reading back knows nothing of how a figure was printed: it is the second opinion on every one.

use crate::model::{Qualifier, text_enum};

text_enum! {
    /// In which unit of counting a figure is printed.
    FigureStyle {
        /// Whole, every digit.
        Whole = "whole",
        /// In 万.
        Wan = "wan",
        /// In 亿.
        Yi = "yi",
        /// In 万 where that leaves nothing out, else whole: of what is told again and must stay what it is.
        Exact = "exact",
        /// As a percentage; the value 12.5 is 12.5%.
        Percent = "percent",
    }
}

text_enum! {
    /// What becomes of digits that are not printed.
    Rounding {
        /// 四舍五入.
        HalfUp = "half_up",
        /// They are left out, and 余 or nothing stands for them.
        Down = "down",
    }
}

/// How a figure is to be printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PrintPlan {
    /// The unit of counting.
    pub(super) style: FigureStyle,
    /// Decimals at most; of percentages, always.
    pub(super) decimals: usize,
    /// What becomes of the rest.
    pub(super) rounding: Rounding,
    /// The unit behind it, as 项.
    pub(super) unit: String,
}

impl PrintPlan {
    /// Returns the plan of a figure of which every digit is printed, and nothing behind it.
    pub(super) fn whole() -> Self {
        Self {
            style: FigureStyle::Whole,
            decimals: 0,
            rounding: Rounding::HalfUp,
            unit: String::new(),
        }
    }
}

impl FigureStyle {
    /// Returns how many places a figure moves to the right of the point, and the word behind it.
    fn scale(self) -> (usize, &'static str) {
        match self {
            Self::Whole | Self::Exact => (0, ""),
            Self::Wan => (4, "万"),
            Self::Yi => (8, "亿"),
            Self::Percent => (0, "%"),
        }
    }
}

/// Returns a figure as prose has it; `None` for one that its style cannot print: no number, or a broken
/// one where whole ones are printed.
pub(super) fn printed(
    value: f64,
    qualifier: Option<Qualifier>,
    plan: &PrintPlan,
) -> Option<String> {
    let style = match plan.style {
        FigureStyle::Exact if is_exact_in_wan(value, plan.decimals) => FigureStyle::Wan,
        FigureStyle::Exact => FigureStyle::Whole,
        other => other,
    };
    if !value.is_finite() || style == FigureStyle::Whole && value.fract() != 0.0 {
        return None;
    }
    let (places, word) = style.scale();
    // 450余万: what is more than told has no decimals where it is rounded, and is never rounded up.
    let is_more = qualifier == Some(Qualifier::MoreThan);
    let decimals = if is_more && plan.style != FigureStyle::Exact { 0 } else { plan.decimals };
    let rounding = if is_more { Rounding::Down } else { plan.rounding };
    let digits = rounded(&moved(value.abs(), places), decimals, rounding);
    let digits = if style == FigureStyle::Percent { digits } else { trimmed(digits) };
    let is_zero = !digits.contains(|digit: char| ('1'..='9').contains(&digit));
    let sign = if value < 0.0 && !is_zero { "-" } else { "" };
    let (before, behind) = match qualifier {
        None => ("", ""),
        Some(Qualifier::Approx) => ("约", ""),
        Some(Qualifier::MoreThan) => ("", "余"),
        Some(Qualifier::LessThan) => ("不足", ""),
        // Near and more at once, as notices have it.
        Some(Qualifier::Ambiguous) => ("近", "多"),
    };
    Some(format!("{before}{sign}{digits}{behind}{word}{}", plan.unit))
}

/// Tells whether a figure of 万 and more is told whole by so many decimals of 万.
fn is_exact_in_wan(value: f64, decimals: usize) -> bool {
    let digits = moved(value.abs(), FigureStyle::Wan.scale().0);
    let fraction = digits.split_once('.').map_or("", |(_, fraction)| fraction);
    value.abs() >= 1e4 && fraction.trim_end_matches('0').len() <= decimals
}

/// Returns the digits of a number divided by a power of ten, exactly.
fn moved(value: f64, places: usize) -> String {
    // Without an exponent, whatever the magnitude.
    let text = value.to_string();
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let padded = format!("{whole:0>width$}", width = places + 1);
    let (whole, lower) = padded.split_at(padded.len() - places);
    format!("{whole}.{lower}{fraction}")
}

/// Returns digits with a point in them, cut to so many decimals.
fn rounded(digits: &str, decimals: usize, rounding: Rounding) -> String {
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let padded = format!("{fraction:0<width$}", width = decimals + 1);
    let (kept, rest) = padded.split_at(decimals);
    let is_up = rounding == Rounding::HalfUp && rest.as_bytes().first().is_some_and(|d| *d >= b'5');
    let mut all: Vec<u8> = format!("{whole}{kept}").into_bytes();
    if is_up {
        let last_below_nine = all.iter().rposition(|digit| *digit != b'9');
        let from = last_below_nine.map_or(0, |at| at + 1);
        all[from..].fill(b'0');
        match last_below_nine {
            Some(at) => all[at] += 1,
            None => all.insert(0, b'1'),
        }
    }
    let text = String::from_utf8(all).expect("digits only");
    let (whole, fraction) = text.split_at(text.len() - decimals);
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    if fraction.is_empty() { whole.to_owned() } else { format!("{whole}.{fraction}") }
}

fn trimmed(digits: String) -> String {
    if digits.contains('.') {
        digits.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        digits
    }
}

/// What a printed figure says.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Told {
    /// The number.
    value: f64,
    /// By what one step of its last digit changes it.
    step: f64,
    /// Whether its last digit counts ones.
    is_whole: bool,
    /// What is said of how exact it is.
    qualifier: Option<Qualifier>,
    /// The unit behind it; percentages have none.
    unit: String,
}

/// Reads a printed figure as a person does; `None` for what is none.
pub(super) fn read_back(text: &str) -> Option<Told> {
    let mut rest = text.trim();
    let mut qualifier = None;
    for (word, meaning) in
        [("不足", Qualifier::LessThan), ("近", Qualifier::Approx), ("约", Qualifier::Approx)]
    {
        if let Some(behind) = rest.strip_prefix(word) {
            (rest, qualifier) = (behind, Some(meaning));
        }
    }
    let is_of_number = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',' | '-');
    let end = rest.find(|c: char| !is_of_number(c)).unwrap_or(rest.len());
    let (number, mut behind) = rest.split_at(end);
    let number = number.replace(',', "");
    let mut value: f64 = number.parse().ok()?;
    let n_decimals = number.split_once('.').map_or(0, |(_, fraction)| fraction.len());
    let mut step = 10_f64.powi(-i32::try_from(n_decimals).ok()?);
    let mut is_whole = n_decimals == 0;
    // Before or behind the word: 450余万 and 450万余.
    for _ in 0..2 {
        for (word, factor) in [("万", 1e4), ("亿", 1e8)] {
            if let Some(more) = behind.strip_prefix(word) {
                (behind, value, step) = (more, value * factor, step * factor);
                is_whole = false;
            }
        }
        for word in ["余", "多"] {
            if let Some(more) = behind.strip_prefix(word) {
                // 近…多 says both.
                let is_near = qualifier == Some(Qualifier::Approx);
                let both = if is_near { Qualifier::Ambiguous } else { Qualifier::MoreThan };
                (behind, qualifier) = (more, Some(both));
            }
        }
    }
    let unit = behind.strip_prefix('%').unwrap_or(behind).to_owned();
    is_whole &= !behind.starts_with('%');
    Some(Told { value, step, is_whole, qualifier, unit })
}

impl Told {
    /// Tells whether it says the truth about a value: the same number as far as its digits go, no other
    /// unit, and no more and no less certain.
    pub(super) fn is_true_of(
        &self,
        value: f64,
        qualifier: Option<Qualifier>,
        plan: &PrintPlan,
    ) -> bool {
        // Of binary forms of decimals; far below half a step of anything that is printed.
        let noise = value.abs() * 4.0 * f64::EPSILON + 1e-9;
        let above = value - self.value;
        let is_near = match (self.qualifier, plan.rounding) {
            _ if self.is_whole && self.qualifier.is_none() => above.abs() <= noise,
            (Some(Qualifier::MoreThan), _) | (_, Rounding::Down) => {
                above.abs() < self.step && above * value.signum() >= -noise
            }
            _ => above.abs() <= self.step / 2.0 + noise,
        };
        let is_as_certain = match qualifier {
            // A lower bound is no number: 余 has to be said.
            Some(known) => self.qualifier == Some(known),
            // Where digits are left out, 余 may say so.
            None => match self.qualifier {
                None => true,
                Some(Qualifier::MoreThan) => above > noise,
                Some(_) => false,
            },
        };
        is_near && is_as_certain && self.unit == plan.unit
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn plan(style: FigureStyle, decimals: usize, rounding: Rounding) -> PrintPlan {
        PrintPlan { style, decimals, rounding, unit: "条".to_owned() }
    }

    #[track_caller]
    fn check(value: f64, qualifier: Option<Qualifier>, plan: &PrintPlan, expected: &str) {
        let text = printed(value, qualifier, plan).unwrap();
        assert_eq!(text, expected);
        let told = read_back(&text).unwrap();
        assert!(told.is_true_of(value, qualifier, plan), "{told:?} of {value}");
    }

    #[test]
    fn figures_are_printed_as_notices_print_them() {
        let whole = plan(FigureStyle::Whole, 0, Rounding::HalfUp);
        check(12_869_796.0, None, &whole, "12869796条");
        check(0.0, None, &whole, "0条");
        let wan = plan(FigureStyle::Wan, 2, Rounding::HalfUp);
        check(12_869_796.0, None, &wan, "1286.98万条");
        check(1_948_059.0, None, &wan, "194.81万条");
        check(4_500_000.0, None, &wan, "450万条");
        check(9_999_999.0, None, &wan, "1000万条");
        check(50.0, None, &wan, "0.01万条");
        check(-12_869_796.0, None, &wan, "-1286.98万条");
        check(4_500_000.0, Some(Qualifier::MoreThan), &wan, "450余万条");
        check(16_000.0, Some(Qualifier::Approx), &whole, "约16000条");
        check(16_000.0, Some(Qualifier::Ambiguous), &whole, "近16000多条");
        let down = plan(FigureStyle::Wan, 0, Rounding::Down);
        check(12_869_796.0, None, &down, "1286万条");
        check(1_234_567_890.0, None, &plan(FigureStyle::Yi, 2, Rounding::HalfUp), "12.35亿条");
        let exact = plan(FigureStyle::Exact, 2, Rounding::HalfUp);
        check(4_662.0, None, &exact, "4662条");
        check(46_620.0, None, &exact, "46620条");
        check(46_600.0, None, &exact, "4.66万条");
        check(4_500_000.0, Some(Qualifier::MoreThan), &exact, "450余万条");
        check(123_000.0, Some(Qualifier::MoreThan), &exact, "12.3余万条");
        check(123_456.0, Some(Qualifier::MoreThan), &exact, "123456余条");
        check(12_869_796.0, None, &exact, "12869796条");
        let percent =
            PrintPlan { unit: String::new(), ..plan(FigureStyle::Percent, 1, Rounding::HalfUp) };
        check(99.001_856_750_487_73, None, &percent, "99.0%");
        check(0.05, None, &percent, "0.1%");
    }

    #[test]
    fn what_a_style_cannot_print_is_not_printed() {
        let whole = plan(FigureStyle::Whole, 0, Rounding::HalfUp);
        assert_eq!(printed(1.5, None, &whole), None);
        assert_eq!(printed(f64::NAN, None, &whole), None);
    }

    #[track_caller]
    fn check_stated(text: &str, value: f64, qualifier: Option<Qualifier>, is_true: bool) {
        let plan = plan(FigureStyle::Wan, 2, Rounding::HalfUp);
        let told = read_back(text).unwrap();
        assert_eq!(told.is_true_of(value, qualifier, &plan), is_true, "{text} of {value}");
    }

    #[test]
    fn a_stated_figure_is_true_or_not() {
        check_stated("1286.98万条", 12_869_796.0, None, true);
        check_stated("1287万条", 12_869_796.0, None, true);
        check_stated("12,869,796条", 12_869_796.0, None, true);
        check_stated("1286余万条", 12_869_796.0, None, true);
        check_stated("1286.97万条", 12_869_796.0, None, false);
        check_stated("1286.98万件", 12_869_796.0, None, false);
        check_stated("128.7万条", 12_869_796.0, None, false);
        check_stated("1287余万条", 12_869_796.0, None, false);
        check_stated("近1287万条", 12_869_796.0, None, false);
        check_stated("近13万条", 130_000.0, Some(Qualifier::Approx), true);
        check_stated("约13万条", 130_000.0, Some(Qualifier::Approx), true);
        check_stated("12.3万余条", 123_000.0, Some(Qualifier::MoreThan), true);
        check_stated("450余万条", 4_500_000.0, Some(Qualifier::MoreThan), true);
        check_stated("450万余条", 4_500_000.0, Some(Qualifier::MoreThan), true);
        check_stated("450万条", 4_500_000.0, Some(Qualifier::MoreThan), false);
        assert_eq!(read_back("多条"), None);
    }

    proptest! {
        #[test]
        fn what_is_printed_says_the_truth(value in 0_i64..1_000_000_000_000, decimals in 0_usize..4) {
            #[expect(clippy::cast_precision_loss, reason = "below 2^53 every whole number is exact")]
            let value = value as f64;
            for style in [
                FigureStyle::Whole, FigureStyle::Wan, FigureStyle::Yi, FigureStyle::Exact,
            ] {
                for rounding in [Rounding::HalfUp, Rounding::Down] {
                    let plan = plan(style, decimals, rounding);
                    let text = printed(value, None, &plan).unwrap();
                    let told = read_back(&text).unwrap();
                    prop_assert!(told.is_true_of(value, None, &plan), "{text} of {value}");
                    let other = value + 2.0 * told.step.max(1.0) + value * 1e-9;
                    prop_assert!(!told.is_true_of(other, None, &plan), "{text} of {other}");
                }
            }
        }
    }
}
