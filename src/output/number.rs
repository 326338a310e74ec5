//! How numbers are written: exactly for machines, rounded for the eye.

/// Digits of a double that mean something; the rest is noise of its binary form.
const SIGNIFICANT_DIGITS: usize = 15;

/// Decimals of a double for the eye, and significant digits of one below 1.
const SHOWN_DIGITS: i32 = 4;

/// From here on, and below the next, a double is written with an exponent.
const LARGE: f64 = 1e21;
const SMALL: f64 = 1e-7;

/// Returns the shortest text that reads back as the same double, whole ones without decimals.
///
/// Infinities and not-a-number are `inf`, `-inf` and `NaN`, which are no JSON.
pub(super) fn exact_double(value: f64) -> String {
    if has_exponent(value.abs()) { format!("{value:e}") } else { value.to_string() }
}

/// Returns the shortest text that reads back as the same single-precision number.
pub(super) fn exact_single(value: f32) -> String {
    if has_exponent(f64::from(value.abs())) { format!("{value:e}") } else { value.to_string() }
}

fn has_exponent(magnitude: f64) -> bool {
    magnitude.is_finite() && magnitude != 0.0 && !(SMALL..LARGE).contains(&magnitude)
}

/// Returns a double for the eye: with up to four decimals, below 1 four significant digits.
///
/// More digits are kept where rounding would make a whole number of one that is none: 99.99999 %
/// is not 100 %. Noise behind the fifteenth digit is left out.
pub fn shown_double(value: f64) -> String {
    let magnitude = value.abs();
    if value == 0.0 {
        return "0".to_owned();
    }
    if value.fract() == 0.0 || !value.is_finite() || has_exponent(magnitude) {
        return exact_double(value);
    }
    let value = without_noise(value);
    let whole_digits = decimal_exponent(magnitude);
    let decimals = if whole_digits < 0 { SHOWN_DIGITS - 1 - whole_digits } else { SHOWN_DIGITS };
    let rounded = format!("{value:.*}", usize::try_from(decimals).unwrap_or_default());
    let shown = trim_decimals(&rounded);
    if value.fract() != 0.0 && !shown.contains('.') {
        return exact_double(value);
    }
    shown.to_owned()
}

/// Returns a double for the eye with at most so many decimals, none of them a nought at the end.
pub(super) fn with_decimals(value: f64, n_decimals: usize) -> String {
    let rounded = format!("{value:.n_decimals$}");
    let shown = trim_decimals(&rounded);
    if shown == "-0" { "0".to_owned() } else { shown.to_owned() }
}

fn without_noise(value: f64) -> f64 {
    let text = format!("{value:.*e}", SIGNIFICANT_DIGITS - 1);
    text.parse().unwrap_or(value)
}

/// Returns the power of ten of the first digit: 0 for 3.5, -2 for 0.035.
fn decimal_exponent(magnitude: f64) -> i32 {
    let text = format!("{magnitude:e}");
    text.split_once('e').and_then(|(_, exponent)| exponent.parse().ok()).unwrap_or_default()
}

fn trim_decimals(number: &str) -> &str {
    if number.contains('.') { number.trim_end_matches('0').trim_end_matches('.') } else { number }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(value: f64, exact: &str, shown: &str) {
        assert_eq!(exact_double(value), exact);
        assert_eq!(shown_double(value), shown);
    }

    #[test]
    fn no_more_decimals_than_asked_for_are_shown() {
        for (value, n_decimals, shown) in
            [(98.9765, 2, "98.98"), (0.076_92, 4, "0.0769"), (5.0, 2, "5"), (-0.001, 2, "0")]
        {
            assert_eq!(with_decimals(value, n_decimals), shown);
        }
    }

    #[test]
    fn whole_doubles_have_no_decimals() {
        check(0.0, "0", "0");
        check(12_741_337.0, "12741337", "12741337");
        check(-1000.0, "-1000", "-1000");
        check(9_007_199_254_740_993.0, "9007199254740992", "9007199254740992");
        check(1e21, "1e21", "1e21");
        check(-0.0, "-0", "0");
    }

    #[test]
    fn four_decimals_are_shown_and_all_are_written() {
        check(27.421_356_78, "27.42135678", "27.4214");
        check(1_234.5, "1234.5", "1234.5");
        check(0.1 + 0.2, "0.30000000000000004", "0.3");
        check(0.012_345_67, "0.01234567", "0.01235");
        check(0.000_012_34, "0.00001234", "0.00001234");
        check(1.5e-9, "1.5e-9", "1.5e-9");
    }

    #[test]
    fn rounding_never_makes_a_whole_number() {
        check(99.999_999, "99.999999", "99.999999");
        check(100.000_01, "100.00001", "100.00001");
        check(100.000_000_000_000_01, "100.00000000000001", "100");
        check(0.999_99, "0.99999", "0.99999");
    }

    #[test]
    fn what_is_no_number_is_named() {
        check(f64::NAN, "NaN", "NaN");
        check(f64::NEG_INFINITY, "-inf", "-inf");
        assert_eq!(exact_single(0.1), "0.1");
    }

    proptest! {
        #[test]
        fn exact_text_reads_back(bits in any::<u64>()) {
            let value = f64::from_bits(bits);
            prop_assume!(!value.is_nan());
            prop_assert_eq!(exact_double(value).parse::<f64>().unwrap().to_bits(), bits);
        }

        #[test]
        fn shown_text_is_near(value in -1e15_f64..1e15) {
            let back: f64 = shown_double(value).replace(',', "").parse().unwrap();
            prop_assert!((back - value).abs() <= 0.000_051 + value.abs() * 1e-14);
        }
    }
}
