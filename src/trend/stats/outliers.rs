//! Values that stand apart from the others, told so that they do not hide themselves.

use crate::trend::stats::Unsupported;
use crate::trend::stats::points::{check_values, mean, median, points};

/// Values from which on a middle and a spread say anything about one of them.
const MIN_VALUES: usize = 5;
/// Upper quartile of the normal distribution: the MAD of normal values is this share of their
/// standard deviation.
const QUARTILE: f64 = 0.674_489_750_196_081_7;
/// √(π/2): the standard deviation of normal values in mean absolute deviations.
const MEAN_DEVIATIONS: f64 = 1.253_314_137_315_500_3;
/// Score beyond which a value is an outlier (Iglewicz and Hoaglin 1993).
const CUTOFF: f64 = 3.5;

/// What the spread was taken from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Spread {
    /// The median absolute deviation.
    Median,
    /// The mean absolute deviation, because more than half of the values are the same and the
    /// median deviation is zero.
    Mean,
}

/// How far each value stands from the middle.
#[derive(Debug, Clone, PartialEq)]
pub struct Outliers {
    /// The median of the values.
    pub median: f64,
    /// The spread, as a standard deviation of normal values.
    pub scale: f64,
    /// What `scale` was taken from.
    pub spread: Spread,
    /// (x − median) / scale of each entry; a gap stays one.
    pub scores: Vec<Option<f64>>,
}

impl Outliers {
    /// Returns the positions of values whose score lies beyond 3.5, in order.
    pub fn positions(&self) -> Vec<usize> {
        let is_far = |score: &Option<f64>| score.is_some_and(|score| score.abs() > CUTOFF);
        (0..self.scores.len()).filter(|idx| is_far(&self.scores[*idx])).collect()
    }
}

/// Scores each value by its distance from the median.
///
/// The score is (x − median) / (MAD / 0.6745) with MAD = median |x − median|; beyond 3.5 a value is
/// an outlier (Iglewicz and Hoaglin 1993). Where MAD is zero the mean absolute deviation stands in,
/// (x − median) / (1.2533 · mean |x − median|), and [`Spread::Mean`] tells it.
///
/// Assumes values around one level: of a series with a trend or seasons give what is left when they
/// are taken out ([`TheilSen::residuals`](crate::trend::stats::TheilSen::residuals),
/// [`Decomposition::rest`](crate::trend::stats::Decomposition::rest)). Needs 5 values that are not
/// all the same. Gaps are left out.
pub fn robust_outliers(series: &[Option<f64>]) -> Result<Outliers, Unsupported> {
    let values = points(series)?.values;
    check_values(&values, MIN_VALUES)?;
    let middle = median(values.clone());
    let distances: Vec<f64> = values.iter().map(|value| (value - middle).abs()).collect();
    let mean_distance = mean(&distances);
    let (scale, spread) = match median(distances) {
        0.0 => (mean_distance * MEAN_DEVIATIONS, Spread::Mean),
        mad => (mad / QUARTILE, Spread::Median),
    };
    let score = |value: &Option<f64>| Some(((*value)? - middle) / scale);
    Ok(Outliers { median: middle, scale, spread, scores: series.iter().map(score).collect() })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn series(values: &[f64]) -> Vec<Option<f64>> {
        values.iter().copied().map(Some).collect()
    }

    #[test]
    fn a_far_value_does_not_hide_itself() {
        let mut values = series(&[10.0, 12.0, 11.0, 13.0, 9.0, 60.0]);
        values.insert(1, None);
        let found = robust_outliers(&values).unwrap();
        // Median 11.5; distances 1.5, 0.5, 0.5, 1.5, 2.5, 48.5: MAD 1.5.
        let expected = (11.5, 1.5 / QUARTILE, Spread::Median);
        assert_eq!((found.median, found.scale, found.spread), expected);
        assert_eq!((found.scores[1], found.positions()), (None, vec![6]));
        assert!((found.scores[6].unwrap() - 48.5 * 0.6745 / 1.5).abs() < 1e-3);
    }

    #[test]
    fn where_most_values_are_the_same_the_mean_deviation_stands_in() {
        let found = robust_outliers(&series(&[5.0, 5.0, 5.0, 5.0, 5.0, 5.0, 5.0, 12.0])).unwrap();
        // Mean deviation 7/8; score 8/1.2533 = 6.38.
        assert_eq!((found.spread, found.positions()), (Spread::Mean, vec![7]));
        assert!((found.scores[7].unwrap() - 6.383).abs() < 1e-3);
        assert_eq!(robust_outliers(&series(&[5.0; 8])), Err(Unsupported::AllEqual));
        let too_short = Unsupported::TooShort { n_needed: 5, n_values: 4 };
        assert_eq!(robust_outliers(&series(&[1.0, 2.0, 3.0, 9.0])), Err(too_short));
    }

    proptest! {
        #[test]
        fn scores_do_not_depend_on_unit_or_zero(
            values in proptest::collection::vec(-99..99_i32, 0..40), shift in -99..99_i32,
        ) {
            let one: Vec<_> = values.iter().map(|x| Some(f64::from(*x))).collect();
            let moved = values.iter().map(|x| Some(f64::from(*x) * 8.0 + f64::from(shift) * 4.0));
            let moved: Vec<_> = moved.collect();
            match (robust_outliers(&one), robust_outliers(&moved)) {
                (Ok(left), Ok(right)) => {
                    prop_assert_eq!(left.spread, right.spread);
                    for (left, right) in left.scores.iter().zip(&right.scores) {
                        prop_assert!((left.unwrap() - right.unwrap()).abs() < 1e-9);
                    }
                }
                (left, right) => prop_assert_eq!(left, right),
            }
        }
    }
}
