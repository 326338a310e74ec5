//! The slope of a series as the median of the slopes between its values.

use crate::trend::stats::points::{
    check_values, median, median_of_sorted, number, points, variance_of_s,
};
use crate::trend::stats::{Confidence, Cycle, Unsupported};

/// Values from which on an interval of 95 % lies within the slopes that there are.
const MIN_VALUES: usize = 5;
/// Pairs of values in the same season from which on a seasonal slope is given.
const MIN_PAIRS: usize = 10;

/// A line through the middle of a series.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TheilSen {
    /// Change per entry.
    pub slope: f64,
    /// Lower end of the interval of the slope.
    pub low: f64,
    /// Upper end of the interval of the slope.
    pub high: f64,
    /// Value of the line at position 0.
    pub intercept: f64,
    /// Values that were used.
    pub n_values: usize,
}

impl TheilSen {
    /// Returns the value of the line at a position.
    pub fn at(&self, position: usize) -> f64 {
        self.intercept + self.slope * number(position)
    }

    /// Returns how far each value of the series lies above the line; a gap stays one.
    pub fn residuals(&self, series: &[Option<f64>]) -> Vec<Option<f64>> {
        let above = |(position, value): (usize, &Option<f64>)| Some((*value)? - self.at(position));
        series.iter().enumerate().map(above).collect()
    }
}

/// Estimates the slope of a series and an interval for it.
///
/// The slope is the median of (xⱼ − xᵢ) / (j − i) over all pairs i < j of positions that have
/// values (Theil 1950, Sen 1968); the intercept is median(x) − slope · median(position) (Conover
/// 1980). Of the N slopes in rising order the interval has those of the ranks (N − C)/2 and (N +
/// C)/2 + 1, each rounded, with C = z·√var S and var S as in
/// [`mann_kendall`](crate::trend::stats::mann_kendall) (Sen 1968, eq. 2.6).
///
/// Assumes that deviations from the line are independent and of one distribution, of whatever form.
/// Up to 29 % of the values may be wrong without moving the slope beyond bounds. Needs 5 values
/// that are not all the same, and more where `confidence` asks for slopes beyond the steepest ones.
/// Takes time and memory with the square of the number of values.
pub fn theil_sen(series: &[Option<f64>], confidence: Confidence) -> Result<TheilSen, Unsupported> {
    let points = points(series)?;
    check_values(&points.values, MIN_VALUES)?;
    let mut slopes = Vec::new();
    for (idx, value) in points.values.iter().enumerate() {
        for later in idx + 1..points.values.len() {
            let steps = number(points.at[later] - points.at[idx]);
            slopes.push((points.values[later] - value) / steps);
        }
    }
    slopes.sort_by(f64::total_cmp);
    let slope = median_of_sorted(&slopes);
    let reach = confidence.z() * variance_of_s(&points.values).sqrt();
    let all = number(slopes.len());
    // Half a rank goes to the even one, as it does in other implementations.
    let low = slope_at(&slopes, f64::midpoint(all, -reach).round_ties_even() - 1.0)?;
    let high = slope_at(&slopes, f64::midpoint(all, reach).round_ties_even())?;
    let middle = median(points.at.iter().copied().map(number).collect());
    Ok(TheilSen {
        slope,
        low,
        high,
        n_values: points.values.len(),
        intercept: median(points.values) - slope * middle,
    })
}

/// The slope at a position counted from 0, if there is one.
fn slope_at(slopes: &[f64], position: f64) -> Result<f64, Unsupported> {
    if position < 0.0 || position >= number(slopes.len()) {
        return Err(Unsupported::ConfidenceTooHigh);
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a whole number that was just found to be a position"
    )]
    let idx = position as usize;
    Ok(slopes[idx])
}

/// A slope from which the season is taken out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SeasonalSlope {
    /// Change per whole cycle, mostly a year.
    pub slope: f64,
    /// Value of the line at position 0.
    pub intercept: f64,
    /// Pairs of values in the same season.
    pub n_pairs: usize,
}

/// Estimates the slope of a series whose values depend on the season.
///
/// The slope is the median of (xⱼ − xᵢ) / (number of cycles from i to j) over all pairs of the same
/// season (Hirsch, Slack and Smith 1982); the intercept is median(x) − slope · median(position) /
/// cycle.
///
/// Assumes one slope for all seasons. Needs 10 pairs of the same season, as many as 5 values have
/// without seasons, and values that are not all the same within every season.
pub fn seasonal_slope(series: &[Option<f64>], cycle: Cycle) -> Result<SeasonalSlope, Unsupported> {
    let points = points(series)?;
    let mut slopes = Vec::new();
    for (idx, value) in points.values.iter().enumerate() {
        for later in idx + 1..points.values.len() {
            let n_entries = points.at[later] - points.at[idx];
            if n_entries.is_multiple_of(cycle.n_entries()) {
                let n_cycles = number(n_entries / cycle.n_entries());
                slopes.push((points.values[later] - value) / n_cycles);
            }
        }
    }
    let n_pairs = slopes.len();
    if n_pairs < MIN_PAIRS {
        return Err(Unsupported::TooFewPairs { n_needed: MIN_PAIRS, n_pairs });
    }
    if slopes.iter().all(|slope| *slope == 0.0) {
        return Err(Unsupported::AllEqual);
    }
    let slope = median(slopes);
    let middle = median(points.at.iter().copied().map(number).collect());
    let intercept = median(points.values) - middle / number(cycle.n_entries()) * slope;
    Ok(SeasonalSlope { slope, intercept, n_pairs })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn series(values: &[f64]) -> Vec<Option<f64>> {
        values.iter().copied().map(Some).collect()
    }

    #[test]
    fn one_wrong_value_does_not_move_the_slope() {
        // Slopes: five values on y = 2x + 1 with the fourth far off. Of the ten slopes six are 2.
        let found = theil_sen(&series(&[1.0, 3.0, 5.0, 700.0, 9.0]), Confidence::P80).unwrap();
        assert_eq!((found.slope, found.n_values), (2.0, 5));
        // var S = 300/18, C = 1.2816·4.0825 = 5.232: ranks round(2.38) = 2 and round(7.62) + 1 = 9.
        // Slopes in order: -691, 2 (six times), 233, 348.5, 695: the second and the ninth.
        assert_eq!((found.low, found.high), (2.0, 348.5));
        // median(x) = 5, median position = 2.
        assert_eq!((found.intercept, found.at(4)), (1.0, 9.0));
    }

    #[test]
    fn a_gap_keeps_its_place() {
        let mut values = series(&[0.0, 1.0, 2.0, 3.0, 4.0, 5.0]);
        values[2] = None;
        let found = theil_sen(&values, Confidence::P95).unwrap();
        assert_eq!((found.slope, found.low, found.high, found.intercept), (1.0, 1.0, 1.0, 0.0));
        assert_eq!(found.residuals(&values)[1..4], [Some(0.0), None, Some(0.0)]);
    }

    #[test]
    fn what_is_too_short_for_an_interval_has_no_slope() {
        let too_short = Err(Unsupported::TooShort { n_needed: 5, n_values: 4 });
        assert_eq!(theil_sen(&series(&[1.0, 2.0, 4.0, 3.0]), Confidence::P95), too_short);
        let values = series(&[1.0, 2.0, 4.0, 3.0, 5.0]);
        assert!(theil_sen(&values, Confidence::P95).is_ok());
        let very_sure = Confidence::new(0.999).unwrap();
        assert_eq!(theil_sen(&values, very_sure), Err(Unsupported::ConfidenceTooHigh));
        let flat = theil_sen(&series(&[3.0; 9]), Confidence::P95);
        assert_eq!(flat, Err(Unsupported::AllEqual));
    }

    #[test]
    fn a_season_is_no_slope() {
        // Ten a year, and the second half of each year a hundred more.
        let halves: Vec<f64> = (0..5_u8)
            .flat_map(|year| [f64::from(year) * 10.0, f64::from(year) * 10.0 + 100.0])
            .collect();
        let found = seasonal_slope(&series(&halves), Cycle::HALVES).unwrap();
        // Pairs: 10 in each half. median(x) = (40 + 100)/2 = 70; median position 4.5.
        assert_eq!((found.slope, found.n_pairs, found.intercept), (10.0, 20, 70.0 - 22.5));
        let too_few = Unsupported::TooFewPairs { n_needed: 10, n_pairs: 6 };
        assert_eq!(seasonal_slope(&series(&halves[..6]), Cycle::HALVES), Err(too_few));
        let flat = seasonal_slope(&series(&[1.0, 2.0].repeat(6)), Cycle::HALVES);
        assert_eq!(flat, Err(Unsupported::AllEqual));
    }

    /// Whole numbers in a range, so that shifts and scales by powers of two are exact.
    fn whole() -> impl Strategy<Value = Vec<Option<f64>>> {
        let value = proptest::option::weighted(0.9, (-50..50_i32).prop_map(f64::from));
        proptest::collection::vec(value, 0..40)
    }

    proptest! {
        #[test]
        fn a_slope_follows_scale_and_shift(series in whole(), shift in -99..99_i32) {
            let moved: Vec<_> =
                series.iter().map(|value| value.map(|x| x * 4.0 + f64::from(shift))).collect();
            let (before, after) =
                (theil_sen(&series, Confidence::P95), theil_sen(&moved, Confidence::P95));
            prop_assert_eq!(before.map(|it| it.slope * 4.0), after.map(|it| it.slope));
            prop_assert_eq!(before.map(|it| it.high * 4.0), after.map(|it| it.high));
            let (before, after) =
                (seasonal_slope(&series, Cycle::QUARTERS), seasonal_slope(&moved, Cycle::QUARTERS));
            prop_assert_eq!(before.map(|it| it.slope * 4.0), after.map(|it| it.slope));
        }

        #[test]
        fn a_line_added_adds_its_slope(series in whole(), slope in -9..9_i32) {
            let tilted = (0..).zip(&series).map(|(at, value): (i32, _)| {
                value.map(|x| x + f64::from(slope * at))
            });
            let tilted: Vec<_> = tilted.collect();
            let before = theil_sen(&series, Confidence::P80);
            if let (Ok(before), Ok(after)) = (before, theil_sen(&tilted, Confidence::P80)) {
                prop_assert!((after.slope - before.slope - f64::from(slope)).abs() < 1e-12);
            }
        }

        #[test]
        fn backwards_the_slope_has_the_other_sign(series in whole()) {
            let reversed: Vec<_> = series.iter().rev().copied().collect();
            let (before, after) =
                (theil_sen(&series, Confidence::P95), theil_sen(&reversed, Confidence::P95));
            prop_assert_eq!(before.map(|it| -it.slope), after.map(|it| it.slope));
        }
    }
}
