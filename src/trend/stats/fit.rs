//! The damped trend that fits a series best.

use std::collections::BTreeMap;

use crate::trend::stats::damped::{State, smooth_values};
use crate::trend::stats::points::{check_values, gapless};
use crate::trend::stats::{DampedTrend, InitialState, Smoothed, Unsupported, Weights};

/// Values from which on the five numbers of the model are given: two for each.
const MIN_VALUES: usize = 10;
/// Numbers that are estimated: α, β, φ, level and trend.
const N_ESTIMATED: usize = 5;

/// A place where the search is: √α, √(β/α) and φ. Roots, because weights near zero differ by what
/// they are multiplied with.
type Place = [f64; 3];

/// Where the search stays, ends included. A φ below 0.8 damps so much that there is no trend, one
/// above 0.98 so little that it cannot be told from an undamped one (Hyndman and Athanasopoulos
/// 2021, §8.2).
const FIRST: Place = [0.01, 0.0, 0.8];
const LAST: Place = [0.999_949_99, 1.0, 0.98];
/// Places in each direction that are tried at first.
const GRID: [&[f64]; 3] = [
    &[0.01, 0.05, 0.1, 0.17, 0.25, 0.35, 0.45, 0.55, 0.65, 0.75, 0.85, 0.93, 0.999_949_99],
    &[0.0, 0.1, 0.2, 0.35, 0.5, 0.7, 0.85, 1.0],
    &[0.8, 0.86, 0.92, 0.98],
];
/// Steps of one search, and the share of the sum below which corners count as equal.
const MAX_STEPS: usize = 400;
const PRECISION: f64 = 1e-13;
/// Below this share of the whole, what the trend explains beside the level is rounding.
const ROUNDING: f64 = 1e-10;

/// Fits a damped trend to a series: the model of [`smooth`](crate::trend::stats::smooth) with the
/// least sum of squared errors, which is the likeliest one where errors are normal.
///
/// 1e-4 ≤ α ≤ 1 − 1e-4, 0 ≤ β ≤ α, 0.8 ≤ φ ≤ 0.98. Errors are linear in the initial level and
/// trend, so that for given weights these are a least-squares problem with two unknowns, which is
/// solved exactly; the three weights are found by trying a grid and going down from its lowest
/// places with the simplex of Nelder and Mead (1965), held within the range. The same series gives
/// the same bits.
///
/// Assumes one level with one trend at a time and no seasons: take seasons out first. Needs 10
/// values without gaps that are not all the same.
pub fn fit_damped_trend(series: &[Option<f64>]) -> Result<Smoothed, Unsupported> {
    let values = gapless(series)?;
    check_values(&values, MIN_VALUES)?;
    // Level and values may be moved together without a change of errors; near zero they keep
    // digits.
    let base = values[0];
    let moved: Vec<f64> = values.iter().map(|value| value - base).collect();
    let sum_at = |place: Place| best_state(&moved, place).1;
    let mut best = (f64::INFINITY, FIRST);
    for start in valleys(&sum_at) {
        let mut found = start;
        // A simplex may have become flat before it was at the end: a new one goes on from there.
        for size in [0.1, 0.02] {
            found = descend(found, size, &sum_at);
        }
        if found.0 < best.0 {
            best = found;
        }
    }
    let (state, _) = best_state(&moved, best.1);
    let initial = InitialState { level: state.level + base, trend: state.trend };
    let model = DampedTrend { weights: weights_at(best.1), initial };
    Ok(smooth_values(&values, model, N_ESTIMATED))
}

fn weights_at([alpha_root, share_root, phi]: Place) -> Weights {
    let alpha = alpha_root * alpha_root;
    Weights::new(alpha, alpha * share_root * share_root, phi)
        .expect("the search stays within the range of weights")
}

/// The initial state with the least sum of squared errors under these weights, and that sum.
fn best_state(values: &[f64], place: Place) -> (InitialState, f64) {
    let weights = weights_at(place);
    let errors_of = |level: f64, trend: f64, share: f64| -> Vec<f64> {
        let mut state = State { level, trend };
        let error = |value: &f64| share * value - state.step(weights, share * value);
        values.iter().map(error).collect()
    };
    // Errors = those from a state of zero + level · those of a level of 1 + trend · those of a
    // trend of 1.
    let of_values = errors_of(0.0, 0.0, 1.0);
    let of_level = errors_of(1.0, 0.0, 0.0);
    let of_trend = errors_of(0.0, 1.0, 0.0);
    let dot = |left: &[f64], right: &[f64]| -> f64 {
        left.iter().zip(right).map(|(left, right)| left * right).sum()
    };
    let level_square = dot(&of_level, &of_level);
    let shared = dot(&of_level, &of_trend) / level_square;
    let beside: Vec<f64> =
        of_trend.iter().zip(&of_level).map(|(trend, level)| trend - shared * level).collect();
    let beside_square = dot(&beside, &beside);
    let trend = if beside_square > ROUNDING * ROUNDING * dot(&of_trend, &of_trend) {
        -dot(&of_values, &beside) / beside_square
    } else {
        0.0
    };
    let level = -dot(&of_values, &of_level) / level_square - shared * trend;
    let mut state = State { level, trend };
    let sum = values.iter().map(|value| (value - state.step(weights, *value)).powi(2)).sum();
    (InitialState { level, trend }, sum)
}

/// The places of the grid that have no lower one beside them: there may be more than one valley,
/// and some are narrow.
fn valleys(sum_at: &impl Fn(Place) -> f64) -> Vec<(f64, Place)> {
    let place_at = |at: [usize; 3]| -> Place { std::array::from_fn(|idx| GRID[idx][at[idx]]) };
    let mut sums = BTreeMap::new();
    for alpha in 0..GRID[0].len() {
        for share in 0..GRID[1].len() {
            for phi in 0..GRID[2].len() {
                let at = [alpha, share, phi];
                sums.insert(at, sum_at(place_at(at)));
            }
        }
    }
    let beside = |at: [usize; 3]| {
        let steps = (0..27_usize).map(|step| [step / 9, step / 3 % 3, step % 3]);
        // One is added on both sides, so that no position is below zero.
        steps.map(move |step| -> [usize; 3] { std::array::from_fn(|idx| at[idx] + step[idx]) })
    };
    let is_lowest = |at: [usize; 3], sum: f64| {
        beside(at).all(|other| {
            let other = other.map(|position| position.checked_sub(1));
            let [Some(alpha), Some(share), Some(phi)] = other else { return true };
            sums.get(&[alpha, share, phi]).is_none_or(|other| sum <= *other)
        })
    };
    let lowest = sums.iter().filter(|(at, sum)| is_lowest(**at, **sum));
    lowest.map(|(at, sum)| (*sum, place_at(*at))).collect()
}

fn within(place: Place) -> Place {
    std::array::from_fn(|idx| place[idx].clamp(FIRST[idx], LAST[idx]))
}

/// Goes down from a place with a simplex of four corners, whose edges are `size` of the range at
/// first.
fn descend(start: (f64, Place), size: f64, sum_at: &impl Fn(Place) -> f64) -> (f64, Place) {
    let corner_at = |place: Place| (sum_at(within(place)), within(place));
    let mut corners = vec![start];
    for idx in 0..3 {
        let mut place = start.1;
        let edge = size * (LAST[idx] - FIRST[idx]);
        // Inwards where the place is near the end, so that no edge is lost.
        place[idx] += if place[idx] + edge > LAST[idx] { -edge } else { edge };
        corners.push(corner_at(place));
    }
    for _ in 0..MAX_STEPS {
        corners.sort_by(|left, right| left.0.total_cmp(&right.0));
        let (best, worst) = (corners[0], corners[3]);
        if worst.0 - best.0 <= PRECISION * best.0 {
            break;
        }
        let middle: Place = std::array::from_fn(|idx| {
            corners[..3].iter().map(|corner| corner.1[idx]).sum::<f64>() / 3.0
        });
        let beyond = |factor: f64| {
            corner_at(std::array::from_fn(|idx| {
                middle[idx] + factor * (middle[idx] - worst.1[idx])
            }))
        };
        let reflected = beyond(1.0);
        if reflected.0 < best.0 {
            let expanded = beyond(2.0);
            corners[3] = if expanded.0 < reflected.0 { expanded } else { reflected };
        } else if reflected.0 < corners[2].0 {
            corners[3] = reflected;
        } else {
            let contracted = beyond(if reflected.0 < worst.0 { 0.5 } else { -0.5 });
            if contracted.0 < worst.0.min(reflected.0) {
                corners[3] = contracted;
            } else {
                for corner in &mut corners[1..] {
                    let towards = |idx: usize| f64::midpoint(best.1[idx], corner.1[idx]);
                    *corner = corner_at(std::array::from_fn(towards));
                }
            }
        }
    }
    corners.sort_by(|left, right| left.0.total_cmp(&right.0));
    corners[0]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::trend::stats::{Confidence, smooth};

    fn series(values: &[f64]) -> Vec<Option<f64>> {
        values.iter().copied().map(Some).collect()
    }

    #[test]
    fn a_trend_that_wears_off_is_found_again() {
        // 100 + (φ + φ² + … + φᵗ)·10 with φ = 0.9 and no errors.
        let (mut value, mut trend) = (100.0, 10.0);
        let mut values = Vec::new();
        for _ in 0..14 {
            trend *= 0.9;
            value += trend;
            values.push(value);
        }
        let found = fit_damped_trend(&series(&values)).unwrap();
        assert!(found.sse < 1e-9, "{}", found.sse);
        assert!((found.model.weights.phi() - 0.9).abs() < 1e-3);
        let next = found.forecast(1, Confidence::P95)[0].mean;
        assert!((next - (value + 0.9 * trend)).abs() < 1e-3, "{next}");
    }

    #[test]
    fn estimated_numbers_widen_the_interval() {
        let values: Vec<f64> = (0..12_u8).map(|t| f64::from(t * t % 7) + f64::from(t)).collect();
        let fitted = fit_damped_trend(&series(&values)).unwrap();
        let given = smooth(&series(&values), fitted.model).unwrap();
        assert_eq!((fitted.sse, fitted.n_estimated), (given.sse, 5));
        assert!((fitted.variance() / given.variance() - 12.0 / 7.0).abs() < 1e-12);
    }

    #[test]
    fn short_flat_and_broken_series_are_not_fitted() {
        let too_short = Unsupported::TooShort { n_needed: 10, n_values: 9 };
        assert_eq!(fit_damped_trend(&series(&[1.0; 9])), Err(too_short));
        assert_eq!(fit_damped_trend(&series(&[1.0; 10])), Err(Unsupported::AllEqual));
        let gap = [&series(&[1.0, 2.0].repeat(6))[..], &[None]].concat();
        assert_eq!(fit_damped_trend(&gap), Err(Unsupported::Gaps { n_gaps: 1 }));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        #[test]
        fn no_other_model_of_the_range_fits_better(
            values in proptest::collection::vec(-99..99_i32, 10..30),
            alpha in 1e-4..0.9999_f64, share in 1e-4..0.9999_f64, phi in 0.8..0.98_f64,
        ) {
            let values: Vec<f64> = values.into_iter().map(f64::from).collect();
            if let Ok(fitted) = fit_damped_trend(&series(&values)) {
                let (_, sum) = best_state(&values, [alpha.sqrt(), share.sqrt(), phi]);
                prop_assert!(fitted.sse <= sum * (1.0 + 1e-6), "{} beyond {sum}", fitted.sse);
            }
        }

        #[test]
        fn a_fit_follows_shift_and_scale(
            values in proptest::collection::vec(-99..99_i32, 10..30), shift in -999..999_i32,
        ) {
            let values: Vec<f64> = values.into_iter().map(f64::from).collect();
            let moved: Vec<f64> =
                values.iter().map(|value| value * 4.0 + f64::from(shift)).collect();
            let sums = [&values, &moved].map(|values| fit_damped_trend(&series(values)));
            if let [Ok(left), Ok(right)] = sums {
                prop_assert!((left.sse * 16.0 / right.sse - 1.0).abs() < 1e-6);
            }
        }
    }
}
