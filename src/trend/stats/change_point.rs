//! Where the level of a series changes for good.

use crate::trend::stats::Unsupported;
use crate::trend::stats::points::{check_values, mean, number, points, ranks};

/// Values from which on the probability is an approximation that can be used.
const MIN_VALUES: usize = 10;

/// The place at which a series most likely changes its level.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ChangePoint {
    /// Position of the last value before the change, in the series with its gaps.
    pub last_before: usize,
    /// Largest |Uₜ|, from 0 to n²/4.
    pub k: f64,
    /// Probability of such a K where there is no change.
    pub p: f64,
    /// Mean of the values up to the change.
    pub mean_before: f64,
    /// Mean of the values after it.
    pub mean_after: f64,
    /// Values that were used.
    pub n_values: usize,
}

/// Looks for one change of level.
///
/// Uₜ = 2·Σᵢ≤ₜ rᵢ − t(n+1) with the rank rᵢ of each value, K = max |Uₜ|, and the change lies behind
/// the first t that has it; p = 2·exp(−6K² / (n³ + n²)), 1 at most (Pettitt 1979). Equal values
/// share the mean of their ranks. Gaps are left out.
///
/// Assumes that values do not depend on those before them and that there is one change at most: a
/// series that rises steadily has a large K as well, half-way. The approximation of p is good to
/// two decimal places where p is below 0.5. Needs 10 values that are not all the same.
pub fn pettitt(series: &[Option<f64>]) -> Result<ChangePoint, Unsupported> {
    let points = points(series)?;
    check_values(&points.values, MIN_VALUES)?;
    let n = number(points.values.len());
    let (mut sum, mut k, mut n_before) = (0.0, -1.0, 0);
    let ranks = ranks(&points.values);
    for (rank, t) in ranks[..ranks.len() - 1].iter().zip(1..) {
        sum += rank;
        let u = (2.0 * sum - number(t) * (n + 1.0)).abs();
        if u > k {
            (k, n_before) = (u, t);
        }
    }
    let (before, after) = points.values.split_at(n_before);
    Ok(ChangePoint {
        last_before: points.at[n_before - 1],
        k,
        p: (2.0 * (-6.0 * k * k / (n * n * n + n * n)).exp()).min(1.0),
        mean_before: mean(before),
        mean_after: mean(after),
        n_values: points.values.len(),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn series(values: &[f64]) -> Vec<Option<f64>> {
        values.iter().copied().map(Some).collect()
    }

    #[test]
    fn a_step_is_found_where_it_is() {
        let mut values = series(&[1.0, 2.0, 1.0, 2.0, 8.0, 9.0, 8.0, 9.0, 8.0, 9.0]);
        let found = pettitt(&values).unwrap();
        // Ranks 1.5, 3.5, 1.5, 3.5 | …: U₄ = 2·10 − 4·11 = −24; n³ + n² = 1100.
        assert_eq!((found.last_before, found.k), (3, 24.0));
        assert_eq!((found.mean_before, found.mean_after), (1.5, 8.5));
        assert!((found.p - 2.0 * (-3456.0 / 1100.0_f64).exp()).abs() < 1e-15);
        // Positions count gaps.
        values.insert(0, None);
        assert_eq!(pettitt(&values).map(|it| it.last_before), Ok(4));
    }

    #[test]
    fn of_equal_places_the_first_counts() {
        // U is 8 after one value and −8 after nine: the first is the change.
        let values = [9.0, 5.0, 5.0, 5.0, 5.0, 5.0, 5.0, 5.0, 5.0, 9.0];
        let found = pettitt(&series(&values)).unwrap();
        assert_eq!((found.last_before, found.k, found.p), (0, 8.0, 1.0));
    }

    #[test]
    fn short_and_flat_series_have_no_change() {
        let too_short = Unsupported::TooShort { n_needed: 10, n_values: 9 };
        assert_eq!(pettitt(&series(&[1.0; 9])), Err(too_short));
        assert_eq!(pettitt(&series(&[1.0; 10])), Err(Unsupported::AllEqual));
    }

    proptest! {
        #[test]
        fn turned_upside_down_the_change_stays(
            values in proptest::collection::vec(-9..9_i32, 10..60),
        ) {
            let up: Vec<_> = values.iter().map(|x| Some(f64::from(*x))).collect();
            let down: Vec<_> = values.iter().map(|x| Some(f64::from(-x))).collect();
            let places = |series: &[Option<f64>]| {
                pettitt(series).map(|it| (it.last_before, it.k, it.p))
            };
            prop_assert_eq!(places(&up), places(&down));
        }
    }
}
