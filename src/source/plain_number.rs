//! Numbers of spreadsheets as plain decimals.
//!
//! A workbook stores `1.2741337E7` or `0.9850000000000001`; a reader sees neither.

/// Returns the shortest decimal that stands for a number, without an exponent: `12741337`.
///
/// Fifteen digits at most where there are decimals, as spreadsheets show them: 0.1 + 0.2 is 0.3.
pub(super) fn plain(value: f64) -> String {
    // Minus zero prints a sign that nobody wrote.
    if value == 0.0 {
        return "0".to_owned();
    }
    if value.fract() == 0.0 {
        return value.to_string();
    }
    format!("{value:.14e}").parse().unwrap_or(value).to_string()
}

/// Returns a proportion in percent, with its sign: `98.5%` for 0.985.
///
/// The product with 100 has digits that the proportion has not: twelve are kept.
pub(super) fn percent(value: f64) -> String {
    let product = value * 100.0;
    let rounded = format!("{product:.11e}").parse().unwrap_or(product);
    format!("{}%", plain(rounded))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_number_has_an_exponent() {
        assert_eq!(plain(1.274_133_7e7), "12741337");
        assert_eq!(plain(1e-7), "0.0000001");
        assert_eq!(plain(1e21), "1000000000000000000000");
        assert_eq!(plain(-0.0), "0");
        assert_eq!(plain(-3.50), "-3.5");
        assert_eq!(plain(0.1 + 0.2), "0.3");
    }

    #[test]
    fn percentages_keep_the_digits_of_their_proportion() {
        assert_eq!(percent(0.985_000_000_000_000_1), "98.5%");
        assert_eq!(percent(0.07), "7%");
        assert_eq!(percent(0.285_7), "28.57%");
        assert_eq!(percent(1.1), "110%");
        assert_eq!(percent(-0.0), "0%");
    }
}
