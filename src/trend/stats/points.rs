//! The values of a series with their positions, and what several statistics ask of them.

use std::cmp::Ordering;

use crate::trend::stats::Unsupported;

/// Size beyond which squares of sums could leave the range of numbers.
const MAX_SIZE: f64 = 1e100;

/// The values that a series has. `at` has as many positions as there are values, in rising order.
#[derive(Debug, Clone)]
pub(super) struct Points {
    pub(super) at: Vec<usize>,
    pub(super) values: Vec<f64>,
}

/// Takes the values of a series, and refuses numbers that nothing can be computed from.
pub(super) fn points(series: &[Option<f64>]) -> Result<Points, Unsupported> {
    let (mut at, mut values) = (Vec::new(), Vec::new());
    for (row_idx, value) in series.iter().enumerate() {
        let Some(value) = *value else { continue };
        if !value.is_finite() || value.abs() > MAX_SIZE {
            return Err(Unsupported::NotFinite { row_idx });
        }
        at.push(row_idx);
        values.push(value);
    }
    Ok(Points { at, values })
}

/// Takes the values of a series that must not have gaps.
pub(super) fn gapless(series: &[Option<f64>]) -> Result<Vec<f64>, Unsupported> {
    let values = points(series)?.values;
    match series.len() - values.len() {
        0 => Ok(values),
        n_gaps => Err(Unsupported::Gaps { n_gaps }),
    }
}

/// Refuses fewer values than are needed, and values that are all the same.
pub(super) fn check_values(values: &[f64], n_needed: usize) -> Result<(), Unsupported> {
    if values.len() < n_needed {
        return Err(Unsupported::TooShort { n_needed, n_values: values.len() });
    }
    let is_flat = values.windows(2).all(|pair| is_same(pair[0], pair[1]));
    if is_flat { Err(Unsupported::AllEqual) } else { Ok(()) }
}

/// Whether two values are a tie: published figures are, to the last digit, or they are not.
fn is_same(left: f64, right: f64) -> bool {
    left.partial_cmp(&right).is_some_and(Ordering::is_eq)
}

/// A count as a number.
#[expect(clippy::cast_precision_loss, reason = "a series has far fewer than 2^53 entries")]
pub(super) fn number(count: usize) -> f64 {
    count as f64
}

/// The arithmetic mean; of no values it is no number.
pub(super) fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / number(values.len())
}

/// The middle value, or the mean of the two in the middle; of no values it is no number.
pub(super) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    median_of_sorted(&values)
}

/// The same of values in rising order.
pub(super) fn median_of_sorted(values: &[f64]) -> f64 {
    let middle = values.len() / 2;
    match values.len() {
        0 => f64::NAN,
        n if n % 2 == 1 => values[middle],
        _ => f64::midpoint(values[middle - 1], values[middle]),
    }
}

/// The rank of each value from 1 on; equal values share the mean of their ranks.
pub(super) fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|left, right| values[*left].total_cmp(&values[*right]));
    let mut ranks = vec![0.0; values.len()];
    let mut n_below = 0;
    for same in order.chunk_by(|left, right| is_same(values[*left], values[*right])) {
        let rank = number(2 * n_below + same.len() + 1) / 2.0;
        for idx in same {
            ranks[*idx] = rank;
        }
        n_below += same.len();
    }
    ranks
}

/// How many values are the same, for each group of two or more.
fn tie_sizes(values: &[f64]) -> Vec<usize> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let groups = sorted.chunk_by(|left, right| is_same(*left, *right));
    groups.map(<[f64]>::len).filter(|n_same| *n_same > 1).collect()
}

/// The variance of Kendall's S where order is chance,
/// (n(n−1)(2n+5) − Σ t(t−1)(2t+5)) / 18 over groups of t equal values (Kendall 1975).
pub(super) fn variance_of_s(values: &[f64]) -> f64 {
    let of = |count: usize| {
        let n = number(count);
        n * (n - 1.0) * (2.0 * n + 5.0)
    };
    (of(values.len()) - tie_sizes(values).into_iter().map(of).sum::<f64>()) / 18.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_share_their_ranks() {
        assert_eq!(ranks(&[3.0, 1.0, 3.0, 2.0, 3.0]), [4.0, 1.0, 4.0, 2.0, 4.0]);
        // Both zeros are the same number.
        assert_eq!(ranks(&[0.0, -0.0, 1.0]), [1.5, 1.5, 3.0]);
    }

    #[test]
    fn the_middle_of_two_is_their_mean() {
        let (odd, even) = (vec![9.0, 1.0, 4.0], vec![9.0, 1.0, 4.0, 6.0]);
        assert_eq!((median(odd), median(even)), (4.0, 5.0));
        assert!(median(Vec::new()).is_nan());
    }

    #[test]
    fn ties_lessen_the_variance() {
        // n = 5: 5·4·15 = 300; two groups of 2: 2·1·9 = 18 each.
        let (apart, tied) = ([1.0, 2.0, 3.0, 4.0, 5.0], [1.0, 1.0, 3.0, 4.0, 4.0]);
        let expected = (300.0 / 18.0, 264.0 / 18.0, 0.0);
        let found = (variance_of_s(&apart), variance_of_s(&tied), variance_of_s(&[7.0; 5]));
        assert_eq!(found, expected);
    }

    #[test]
    fn what_is_no_number_is_refused_where_it_stands() {
        for bad in [f64::NAN, f64::INFINITY, -1e101] {
            let found = points(&[Some(1.0), None, Some(bad)]).map(|points| points.values);
            assert_eq!(found, Err(Unsupported::NotFinite { row_idx: 2 }));
        }
        assert_eq!(gapless(&[Some(1.0), None]), Err(Unsupported::Gaps { n_gaps: 1 }));
    }
}
