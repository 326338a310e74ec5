//! How exact a figure is that was printed in thousands, 万 or 亿: its last digit stands for many.

use std::sync::LazyLock;

use regex::Regex;

static NUMBER: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\d[\d,，]*(?:[.．](\d+))?").expect("the pattern is constant"));

/// From this scale on a digit stands for many, and is no percent.
const LEAST_SCALE: f64 = 1_000.0;

/// Returns how far the exact value may lie from one that is printed as it is: half of what its last digit
/// stands for, and nothing where that is one or less.
pub(super) fn rounding_of(printed: Option<&str>, value: Option<f64>) -> f64 {
    let (Some(printed), Some(value)) = (printed, value) else { return 0.0 };
    let Some(found) = NUMBER.captures(printed) else { return 0.0 };
    let digits: String = found[0].replace([',', '，'], "").replace('．', ".");
    let Ok(number) = digits.parse::<f64>() else { return 0.0 };
    if number <= 0.0 || value <= 0.0 {
        return 0.0;
    }
    let scale = 10_f64.powf((value / number).log10().round());
    let is_scaled = (number * scale - value).abs() <= 1e-6 * value;
    if !is_scaled || scale < LEAST_SCALE {
        return 0.0;
    }
    let n_decimals = found.get(1).map_or(0, |decimals| decimals.as_str().len());
    let step = scale / 10_f64.powi(i32::try_from(n_decimals).unwrap_or(i32::MAX));
    if step > 1.0 { step / 2.0 } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_digit_that_is_printed_says_how_exact_a_figure_is() {
        for (printed, value, expected) in [
            ("1.2", 12_000.0, 500.0),
            ("1.2万", 12_000.0, 500.0),
            ("0.07", 700.0, 50.0),
            ("约3万", 30_000.0, 5_000.0),
            ("1.2345", 12_345.0, 0.0),
            ("1,200", 1_200.0, 0.0),
            ("90%", 90.0, 0.0),
            ("0.9", 90.0, 0.0),
            ("0", 0.0, 0.0),
            ("-", 5.0, 0.0),
            // A value that was corrected is none of what is printed.
            ("1.2", 13_500.0, 0.0),
        ] {
            let found = rounding_of(Some(printed), Some(value));
            assert!((found - expected).abs() < 1e-9, "{printed}: {found}");
        }
        assert!(rounding_of(None, Some(1.0)).abs() < 1e-9);
    }
}
