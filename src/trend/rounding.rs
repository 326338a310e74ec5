//! How exact a figure is that was printed in thousands, 万 or 亿, or with 约 or 余: its last digit stands for
//! many.

use std::sync::LazyLock;

use regex::Regex;

use crate::model::Qualifier;

static NUMBER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"[0-9][0-9,，]*(?:[.．]([0-9]+))?").expect("the pattern is constant")
});

/// From this scale on a digit stands for many, and is no percent.
const LEAST_SCALE: f64 = 1_000.0;

/// Returns how far the exact value may lie from one that is printed as it is: half of what its last digit
/// stands for, and nothing where that is one or less.
///
/// Of a count with a qualifier noughts at the end are no digits, and 3000余 may be nearly 4000.
pub(super) fn rounding_of(
    printed: Option<&str>,
    value: Option<f64>,
    qualifier: Option<Qualifier>,
) -> f64 {
    let (Some(printed), Some(value)) = (printed, value) else { return 0.0 };
    let Some(found) = NUMBER.captures(printed) else { return 0.0 };
    let digits: String = found[0].replace([',', '，'], "").replace('．', ".");
    let Ok(number) = digits.parse::<f64>() else { return 0.0 };
    if number <= 0.0 || value <= 0.0 {
        return 0.0;
    }
    let scale = 10_f64.powf((value / number).log10().round());
    let is_scaled = (number * scale - value).abs() <= 1e-6 * value;
    let is_told = qualifier.is_some() && scale >= 1.0;
    if !is_scaled || scale < LEAST_SCALE && !is_told {
        return 0.0;
    }
    let power = |n_digits: usize| 10_f64.powi(i32::try_from(n_digits).unwrap_or(i32::MAX));
    let step = match found.get(1) {
        Some(decimals) => scale / power(decimals.as_str().len()),
        None if is_told => scale * power(digits.len() - digits.trim_end_matches('0').len()),
        None => scale,
    };
    match qualifier {
        _ if step <= 1.0 => 0.0,
        None | Some(Qualifier::Approx) => step / 2.0,
        Some(_) => step,
    }
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
            let found = rounding_of(Some(printed), Some(value), None);
            assert!((found - expected).abs() < 1e-9, "{printed}: {found}");
        }
        assert!(rounding_of(None, Some(1.0), None).abs() < 1e-9);
    }

    #[test]
    fn a_count_with_a_qualifier_is_no_more_exact_than_its_last_digit_that_is_no_nought() {
        for (printed, value, qualifier, expected) in [
            ("约3000", 3_000.0, Qualifier::Approx, 500.0),
            ("3000余", 3_000.0, Qualifier::MoreThan, 1_000.0),
            ("1.2万余", 12_000.0, Qualifier::MoreThan, 1_000.0),
            ("1200多", 1_200.0, Qualifier::MoreThan, 100.0),
            ("不足50", 50.0, Qualifier::LessThan, 10.0),
            ("约3万", 30_000.0, Qualifier::Approx, 5_000.0),
            ("约1234", 1_234.0, Qualifier::Approx, 0.0),
        ] {
            let found = rounding_of(Some(printed), Some(value), Some(qualifier));
            assert!((found - expected).abs() < 1e-9, "{printed}: {found}");
        }
    }
}
