//! Whether a series rises or falls at all: the tests of Mann and Kendall.

use crate::trend::stats::points::{
    Points, check_values, gapless, mean, median, number, points, ranks, variance_of_s,
};
use crate::trend::stats::{Confidence, Cycle, Unsupported, two_sided_p};

/// Values from which on S is close enough to normal (Kendall 1975, Gilbert 1987, §16.4).
const MIN_VALUES: usize = 10;
/// Values that every season needs: three years (Hirsch, Slack and Smith 1982).
const MIN_VALUES_OF_SEASON: usize = 3;
/// Pairs that all seasons need together: as many as three years of months have, for which the
/// normal distribution was found to hold (Hirsch, Slack and Smith 1982).
const MIN_PAIRS: usize = 36;
/// Below this share of the size of the values, what is left of a line is rounding.
const ROUNDING: f64 = 1e-12;

/// What a test for a monotone trend found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MannKendall {
    /// Pairs that rise less pairs that fall.
    pub s: i64,
    /// The variance of S where order is chance.
    pub variance: f64,
    /// S as a standard normal number, one pair nearer to zero.
    pub z: f64,
    /// Probability of an S at least as far from zero where order is chance.
    pub p: f64,
    /// S as a share of all pairs, −1 to 1 (tau-a: equal values count as pairs).
    pub tau: f64,
    /// Values that were used.
    pub n_values: usize,
}

impl MannKendall {
    fn new(s: i64, variance: f64, n_pairs: usize, n_values: usize) -> Self {
        // The step towards zero corrects for S being whole and the normal distribution not.
        #[expect(clippy::cast_precision_loss, reason = "pairs of a series are far below 2^53")]
        let (nearer, whole) = ((s - s.signum()) as f64, s as f64);
        let z = nearer / variance.sqrt();
        let tau = whole / number(n_pairs);
        Self { s, variance, z, p: two_sided_p(z), tau, n_values }
    }
}

/// Pairs that rise less pairs that fall.
fn score(values: &[f64]) -> i64 {
    let mut score = 0;
    for (idx, value) in values.iter().enumerate() {
        for later in &values[idx + 1..] {
            score += i64::from(later > value) - i64::from(later < value);
        }
    }
    score
}

fn n_pairs_of(n_values: usize) -> usize {
    n_values * n_values.saturating_sub(1) / 2
}

/// Tests whether a series rises or falls.
///
/// S = Σ sign(xⱼ − xᵢ) over pairs i < j (Mann 1945); var S = (n(n−1)(2n+5) − Σ t(t−1)(2t+5)) / 18
/// over groups of t equal values (Kendall 1975); z = (S ∓ 1)/√var S, 0 for S = 0; p from the normal
/// distribution, two-sided; tau = 2S / (n(n−1)). Gaps are left out.
///
/// Assumes that values do not depend on those before them, nor on the season; see [`hamed_rao`] and
/// [`seasonal_mann_kendall`]. Needs 10 values that are not all the same. Takes time with the square
/// of the number of values.
pub fn mann_kendall(series: &[Option<f64>]) -> Result<MannKendall, Unsupported> {
    let values = points(series)?.values;
    check_values(&values, MIN_VALUES)?;
    let n = values.len();
    Ok(MannKendall::new(score(&values), variance_of_s(&values), n_pairs_of(n), n))
}

/// The values of each season, in order of time.
fn by_season(points: &Points, cycle: Cycle) -> Vec<Vec<f64>> {
    let mut seasons = vec![Vec::new(); cycle.n_entries()];
    for (position, value) in points.at.iter().zip(&points.values) {
        seasons[position % cycle.n_entries()].push(*value);
    }
    seasons
}

/// Tests whether a series rises or falls whose values depend on the season.
///
/// S, its variance and the number of pairs are sums over the seasons, each taken by itself as in
/// [`mann_kendall`] (Hirsch, Slack and Smith 1982); tau is S over all pairs of the same season.
/// Gaps are left out.
///
/// Assumes that seasons rise or fall alike and that values do not depend on those before them.
/// Needs 3 values of every season, 36 pairs of the same season (3 years of months, 5 of quarters, 7
/// of half-years), and a season whose values are not all the same.
pub fn seasonal_mann_kendall(
    series: &[Option<f64>],
    cycle: Cycle,
) -> Result<MannKendall, Unsupported> {
    let points = points(series)?;
    let seasons = by_season(&points, cycle);
    for (season_idx, values) in seasons.iter().enumerate() {
        let (n_needed, n_values) = (MIN_VALUES_OF_SEASON, values.len());
        if n_values < n_needed {
            return Err(Unsupported::SeasonTooShort { season_idx, n_needed, n_values });
        }
    }
    let n_pairs = seasons.iter().map(|values| n_pairs_of(values.len())).sum();
    if n_pairs < MIN_PAIRS {
        return Err(Unsupported::TooFewPairs { n_needed: MIN_PAIRS, n_pairs });
    }
    let variance: f64 = seasons.iter().map(|values| variance_of_s(values)).sum();
    if variance <= 0.0 {
        return Err(Unsupported::AllEqual);
    }
    let s = seasons.iter().map(|values| score(values)).sum();
    Ok(MannKendall::new(s, variance, n_pairs, points.values.len()))
}

/// A test whose variance allows for values that depend on those before them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CorrectedMannKendall {
    /// The test with the corrected variance.
    pub test: MannKendall,
    /// By what the variance was multiplied: above 1 where neighbours are alike.
    pub factor: f64,
}

impl CorrectedMannKendall {
    /// Whether values depend on those before them: an autocorrelation of some lag lies beyond the interval
    /// of 95 % of series without any, and changes the variance.
    pub fn has_autocorrelation(&self) -> bool {
        (self.factor - 1.0).abs() > ROUNDING
    }
}

/// Tests whether a series rises or falls whose values depend on those before them.
///
/// As [`mann_kendall`] with the variance times 1 + 2 / (n(n−1)(n−2)) · Σₖ (n−k)(n−k−1)(n−k−2) ρₖ
/// (Hamed and Rao 1998), where ρₖ is the autocorrelation at lag k of the ranks of the series
/// without its [Theil–Sen slope](crate::trend::stats::theil_sen). Only lags whose ρₖ lies beyond
/// 1.96/√n, the interval of 95 % of series without autocorrelation, enter the sum.
///
/// Assumes that dependence on values before is the same at all times. Needs 10 values without gaps
/// that lie on no line; where the variance would not be positive nothing is given.
pub fn hamed_rao(series: &[Option<f64>]) -> Result<CorrectedMannKendall, Unsupported> {
    let values = gapless(series)?;
    check_values(&values, MIN_VALUES)?;
    let rest = without_slope(&values);
    let size_of = |values: &[f64]| values.iter().fold(0.0_f64, |size, x| size.max(x.abs()));
    let off: Vec<f64> = rest.iter().map(|value| value - rest[0]).collect();
    if size_of(&off) <= ROUNDING * size_of(&values) {
        return Err(Unsupported::OnLine);
    }
    let factor = variance_factor(&ranks(&rest));
    if factor <= 0.0 {
        return Err(Unsupported::VarianceNotPositive);
    }
    let (n, variance) = (values.len(), variance_of_s(&values) * factor);
    let test = MannKendall::new(score(&values), variance, n_pairs_of(n), n);
    Ok(CorrectedMannKendall { test, factor })
}

/// The series less the line with the median of its slopes, wherever that line lies.
fn without_slope(values: &[f64]) -> Vec<f64> {
    let slopes = values.iter().enumerate().flat_map(|(idx, value)| {
        let later = values[idx + 1..].iter().zip(1..);
        later.map(move |(later, steps)| (later - value) / number(steps))
    });
    let slope = median(slopes.collect());
    // Counted from 1 as other implementations do: rounding decides ranks where values lie on one
    // line.
    values.iter().zip(1..).map(|(value, position)| value - number(position) * slope).collect()
}

fn variance_factor(ranks: &[f64]) -> f64 {
    let n = ranks.len();
    let middle = mean(ranks);
    let off: Vec<f64> = ranks.iter().map(|rank| rank - middle).collect();
    let product = |lag: usize| off.iter().zip(&off[lag..]).map(|(x, y)| x * y).sum::<f64>();
    let bound = Confidence::P95.z() / number(n).sqrt();
    let weighted = |lag: usize| {
        let correlation = product(lag) / product(0);
        let weight = number(n - lag) * (number(n - lag) - 1.0) * (number(n - lag) - 2.0);
        if correlation.abs() > bound { weight * correlation } else { 0.0 }
    };
    let sum: f64 = (1..n).map(weighted).sum();
    1.0 + 2.0 / (number(n) * (number(n) - 1.0) * (number(n) - 2.0)) * sum
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn series(values: &[f64]) -> Vec<Option<f64>> {
        values.iter().copied().map(Some).collect()
    }

    #[test]
    fn pairs_are_counted() {
        // 45 pairs; 2 before 1 falls, 4 and 4 are equal: S = 43 - 1 = 42.
        let found =
            mann_kendall(&series(&[2.0, 1.0, 3.0, 4.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0])).unwrap();
        assert_eq!((found.s, found.n_values, found.tau), (42, 10, 42.0 / 45.0));
        // 10·9·25 = 2250, one group of two: 2·1·9 = 18.
        assert_eq!((found.variance, found.z), (2232.0 / 18.0, 41.0 / 124.0_f64.sqrt()));
        // 2·(1 − Φ(3.681909)) by tables: 0.000231.
        assert!((found.p - 0.000_231).abs() < 1e-6, "{}", found.p);
    }

    #[test]
    fn an_even_series_has_no_trend() {
        let values = [1.0, 2.0, 2.0, 1.0, 1.0, 2.0, 2.0, 1.0, 1.0, 2.0, 2.0, 1.0];
        let found = mann_kendall(&series(&values)).unwrap();
        assert_eq!((found.s, found.z, found.p), (0, 0.0, 1.0));
    }

    #[test]
    fn gaps_are_left_out_and_not_counted() {
        let mut values = series(&[5.0, 1.0, 4.0, 2.0, 3.0, 9.0, 7.0, 8.0, 6.0, 10.0]);
        let whole = mann_kendall(&values);
        values.insert(4, None);
        assert_eq!(mann_kendall(&values), whole);
        values[0] = None;
        let too_short = Unsupported::TooShort { n_needed: 10, n_values: 9 };
        assert_eq!(mann_kendall(&values), Err(too_short));
        assert_eq!(mann_kendall(&series(&[4.0; 12])), Err(Unsupported::AllEqual));
        assert_eq!(hamed_rao(&values), Err(Unsupported::Gaps { n_gaps: 2 }));
    }

    #[test]
    fn seasons_are_tested_by_themselves() {
        // Every quarter rises each year although the series goes up and down within them.
        let quarters: Vec<f64> = (0..5_u8)
            .flat_map(|year| [40.0, 10.0, 30.0, 20.0].map(|level| level + f64::from(year)))
            .collect();
        let found = seasonal_mann_kendall(&series(&quarters), Cycle::QUARTERS).unwrap();
        // Four quarters of ten rising pairs, each with the variance 5·4·15/18.
        assert_eq!((found.s, found.tau, found.n_values), (40, 1.0, 20));
        assert!((found.variance - 1200.0 / 18.0).abs() < 1e-12);

        let few = seasonal_mann_kendall(&series(&quarters[..16]), Cycle::QUARTERS);
        assert_eq!(few, Err(Unsupported::TooFewPairs { n_needed: 36, n_pairs: 24 }));
        let short = seasonal_mann_kendall(&series(&quarters[..11]), Cycle::QUARTERS);
        let lacks = Unsupported::SeasonTooShort { season_idx: 3, n_needed: 3, n_values: 2 };
        assert_eq!(short, Err(lacks));
        let same = seasonal_mann_kendall(&series(&quarters[..4].repeat(5)), Cycle::QUARTERS);
        assert_eq!(same, Err(Unsupported::AllEqual));
    }

    #[test]
    fn neighbours_that_are_alike_widen_the_variance() {
        let slow: Vec<f64> = (0..24_u8).map(|at| (f64::from(at) / 4.0).sin()).collect();
        let found = hamed_rao(&series(&slow)).unwrap();
        assert!(found.factor > 1.5 && found.has_autocorrelation(), "{found:?}");
        // A line leaves nothing whose autocorrelation could be told.
        let line: Vec<f64> = (0..12_u8).map(|at| f64::from(at) * 0.1 + 0.3).collect();
        assert_eq!(hamed_rao(&series(&line)), Err(Unsupported::OnLine));
    }

    /// Series with ties and gaps.
    fn tied() -> impl Strategy<Value = Vec<Option<f64>>> {
        let value = proptest::option::weighted(0.9, (-8..8_i32).prop_map(f64::from));
        proptest::collection::vec(value, 0..60)
    }

    proptest! {
        #[test]
        fn backwards_s_has_the_other_sign(series in tied()) {
            let reversed: Vec<_> = series.iter().rev().copied().collect();
            let (before, after) = (mann_kendall(&series), mann_kendall(&reversed));
            let turned = before.map(|it| (-it.s, -it.z, it.p, it.variance));
            prop_assert_eq!(turned, after.map(|it| (it.s, it.z, it.p, it.variance)));
        }

        #[test]
        fn any_rising_function_of_the_values_gives_the_same(series in tied()) {
            let bent: Vec<_> = series.iter().map(|value| value.map(|x| x * x * x + 7.0)).collect();
            prop_assert_eq!(mann_kendall(&series), mann_kendall(&bent));
            let seasonal = seasonal_mann_kendall(&series, Cycle::QUARTERS);
            prop_assert_eq!(seasonal, seasonal_mann_kendall(&bent, Cycle::QUARTERS));
        }

        #[test]
        fn a_probability_is_one(series in tied()) {
            let tests = [
                mann_kendall(&series),
                seasonal_mann_kendall(&series, Cycle::HALVES),
                hamed_rao(&series).map(|corrected| corrected.test),
            ];
            for test in tests.into_iter().flatten() {
                prop_assert!((0.0..=1.0).contains(&test.p) && test.tau.abs() <= 1.0);
            }
        }
    }
}
