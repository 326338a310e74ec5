//! The damped trend that fits a series best.

use std::collections::BTreeMap;

use crate::trend::stats::damped::{State, smooth_values};
use crate::trend::stats::points::{check_values, gapless};
use crate::trend::stats::{DampedTrend, InitialState, Smoothed, Unsupported, Weights};

/// Values from which on the five numbers of the model are given: two for each.
const MIN_VALUES: usize = 10;
/// Numbers that are estimated: α, β, φ, level and trend.
const N_ESTIMATED: usize = 5;

/// A place where the search is: three angles, the squares of whose sines say how far α, β/α and φ
/// are from the first to the last end of their ranges (Box 1966). Every angle is within the range,
/// and behind an end comes its mirror image: places that were moved back to the end instead would
/// press a simplex flat against it, in which it cannot go to a lowest place just before the end.
type Place = [f64; 3];

/// Where α stays, ends included.
const ALPHA: [f64; 2] = [1e-4, 1.0 - 1e-4];
/// Where φ stays, ends included. One below 0.8 damps so much that there is no trend, one above 0.98
/// so little that it cannot be told from an undamped one (Hyndman and Athanasopoulos 2021, §8.2).
const PHI: [f64; 2] = [0.8, 0.98];
/// Sines in each direction that are tried at first. Weights near zero differ by what they are
/// multiplied with, and a φ near 1 does more than one that is as far from the others elsewhere.
const GRID: [&[f64]; 3] = [
    &[0.0, 0.04, 0.07, 0.1, 0.17, 0.25, 0.35, 0.45, 0.55, 0.65, 0.75, 0.85, 0.93, 1.0],
    &[0.0, 0.1, 0.2, 0.35, 0.5, 0.7, 0.85, 1.0],
    &[0.0, 0.4, 0.6, 0.75, 0.87, 0.95, 1.0],
];
/// Edges of a simplex at first: one for every valley, one for the place that was lowest.
const EDGE: f64 = 0.1;
const LAST_EDGE: f64 = 0.02;
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
/// places with the simplex of Nelder and Mead (1965), in angles that cannot leave the range (Box
/// 1966). The same series gives the same bits.
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
    let sum_at = |place: Place| best_state(&moved, weights_at(place)).1;
    let found = valleys(&sum_at).into_iter().map(|start| descend(start, EDGE, &sum_at));
    let lowest = found.min_by(|left, right| left.0.total_cmp(&right.0));
    let lowest = lowest.expect("one place of a grid is not above any other");
    // A simplex may have become flat before it was at the end: a new one goes on from there.
    let (_, place) = descend(lowest, LAST_EDGE, &sum_at);
    let weights = weights_at(place);
    let (state, _) = best_state(&moved, weights);
    let initial = InitialState { level: state.level + base, trend: state.trend };
    let model = DampedTrend { weights, initial };
    Ok(smooth_values(&values, model, N_ESTIMATED))
}

fn weights_at(place: Place) -> Weights {
    let [alpha, share, phi] = place.map(|angle| angle.sin().powi(2));
    let between = |[first, last]: [f64; 2], share: f64| first * (1.0 - share) + last * share;
    let alpha = between(ALPHA, alpha);
    Weights::new(alpha, alpha * share, between(PHI, phi))
        .expect("the search stays within the range of weights")
}

/// The initial state with the least sum of squared errors under these weights, and that sum.
fn best_state(values: &[f64], weights: Weights) -> (InitialState, f64) {
    // Errors = those from a state of zero + level · those of a level of 1 + trend · those of a
    // trend of 1, the last two with values of zero.
    let mut states =
        [(0.0, 0.0), (1.0, 0.0), (0.0, 1.0)].map(|(level, trend)| State { level, trend });
    let errors_at = |value: &f64| -> [f64; 3] {
        let values = [*value, 0.0, 0.0];
        std::array::from_fn(|idx| values[idx] - states[idx].step(weights, values[idx]))
    };
    let errors: Vec<[f64; 3]> = values.iter().map(errors_at).collect();
    let sum_of =
        |product: &dyn Fn([f64; 3]) -> f64| errors.iter().copied().map(product).sum::<f64>();
    let level_square = sum_of(&|[_, level, _]| level * level);
    let shared = sum_of(&|[_, level, trend]| level * trend) / level_square;
    let trend_square = sum_of(&|[_, _, trend]| trend * trend);
    let beside_square = sum_of(&|[_, level, trend]| (trend - shared * level).powi(2));
    let trend = if beside_square > ROUNDING * ROUNDING * trend_square {
        -sum_of(&|[value, level, trend]| value * (trend - shared * level)) / beside_square
    } else {
        0.0
    };
    let level = -sum_of(&|[value, level, _]| value * level) / level_square - shared * trend;
    let mut state = State { level, trend };
    let sum = values.iter().map(|value| (value - state.step(weights, *value)).powi(2)).sum();
    (InitialState { level, trend }, sum)
}

/// The places of the grid that have no lower one beside them: there may be more than one valley,
/// and some are narrow.
fn valleys(sum_at: &impl Fn(Place) -> f64) -> Vec<(f64, Place)> {
    let place_at =
        |at: [usize; 3]| -> Place { std::array::from_fn(|idx| GRID[idx][at[idx]].asin()) };
    let mut sums = BTreeMap::new();
    for alpha in 0..GRID[0].len() {
        for share in 0..GRID[1].len() {
            for phi in 0..GRID[2].len() {
                let at = [alpha, share, phi];
                sums.insert(at, sum_at(place_at(at)));
            }
        }
    }
    // Beside it in one direction: to a lower place across a corner the way may lead over a ridge.
    let is_lowest = |at: [usize; 3], sum: f64| {
        (0..3).all(|idx| {
            [at[idx].wrapping_sub(1), at[idx] + 1].into_iter().all(|position| {
                let mut beside = at;
                beside[idx] = position;
                sums.get(&beside).is_none_or(|other| sum <= *other)
            })
        })
    };
    let lowest = sums.iter().filter(|(at, sum)| is_lowest(**at, **sum));
    lowest.map(|(at, sum)| (*sum, place_at(*at))).collect()
}

/// Goes down from a place with a simplex of four corners, whose edges are `edge` at first.
fn descend(start: (f64, Place), edge: f64, sum_at: &impl Fn(Place) -> f64) -> (f64, Place) {
    let corner_at = |place: Place| (sum_at(place), place);
    let mut corners = vec![start];
    for idx in 0..3 {
        let mut place = start.1;
        place[idx] += edge;
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
    fn a_lowest_place_just_before_an_end_is_found() {
        for (values, (alpha, share, phi)) in [
            ([-4, -5, -8, -7, 1, -1, -2, -10, -15, -23, -18, -11, -4], (0.908_60, 1.0, 0.8)),
            (
                [-3, -1, -2, 2, -4, -13, -16, -20, -25, -17, -19, -15, -16],
                (0.984_47, 0.0, 0.941_38),
            ),
        ] {
            let values = values.map(f64::from);
            let found = fit_damped_trend(&series(&values)).unwrap();
            let lowest = Weights::new(alpha, alpha * share, phi).unwrap();
            let (_, sum) = best_state(&values, lowest);
            assert!(found.sse <= sum, "{} beyond {sum}: {:?}", found.sse, found.model);
        }
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
                let other = Weights::new(alpha, alpha * share, phi).unwrap();
                let (_, sum) = best_state(&values, other);
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
