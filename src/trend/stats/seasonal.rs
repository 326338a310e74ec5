//! A series by season: what is usual in one, and what is left without them.

use crate::trend::stats::Unsupported;
use crate::trend::stats::points::{gapless, mean, number, points};

/// Values that every season needs, and whole cycles that a decomposition needs.
const MIN_CYCLES: usize = 2;

/// How many entries of a series are one round of seasons, mostly a year; 2 at least.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cycle(usize);

impl Cycle {
    /// Twelve months.
    pub const MONTHS: Self = Self(12);
    /// Four quarters.
    pub const QUARTERS: Self = Self(4);
    /// Two half-years.
    pub const HALVES: Self = Self(2);

    /// Takes a number of entries; `None` below 2, where there are no seasons.
    pub fn new(n_entries: usize) -> Option<Self> {
        (n_entries >= 2).then_some(Self(n_entries))
    }

    /// Returns the number of entries.
    pub fn n_entries(self) -> usize {
        self.0
    }
}

/// What is usual in a season.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SeasonMean {
    /// Mean of the values of the season.
    pub mean: f64,
    /// Values that the season has.
    pub n_values: usize,
}

/// Returns the mean of each season, the first for the season of the first entry.
///
/// Σ x / n over the values of the season; gaps are left out. In a series with a trend, means of
/// seasons with more late values are higher: compare whole cycles, or use [`decompose`]. Needs 2
/// values of every season.
pub fn seasonal_means(
    series: &[Option<f64>],
    cycle: Cycle,
) -> Result<Vec<SeasonMean>, Unsupported> {
    let points = points(series)?;
    let mut seasons = vec![Vec::new(); cycle.n_entries()];
    for (position, value) in points.at.iter().zip(&points.values) {
        seasons[position % cycle.n_entries()].push(*value);
    }
    let of_season = |(season_idx, values): (usize, &Vec<f64>)| {
        let (n_needed, n_values) = (MIN_CYCLES, values.len());
        if n_values < n_needed {
            return Err(Unsupported::SeasonTooShort { season_idx, n_needed, n_values });
        }
        Ok(SeasonMean { mean: mean(values), n_values })
    };
    seasons.iter().enumerate().map(of_season).collect()
}

/// A series as the sum of a trend, a season and a rest.
#[derive(Debug, Clone, PartialEq)]
pub struct Decomposition {
    /// Moving mean over one cycle; `None` for the half cycle at both ends.
    pub trend: Vec<Option<f64>>,
    /// What each season adds, the first for that of the first entry; together zero.
    pub seasons: Vec<f64>,
    /// The value less trend and season; `None` where there is no trend.
    pub rest: Vec<Option<f64>>,
}

/// Divides a series into trend, seasons and rest that add up to it.
///
/// The trend is the mean of a whole cycle around an entry, with half weight for the two ends of an
/// even cycle (2×12 for months); a season is the mean of what its values lie above the trend, less
/// the mean of all seasons (classical additive decomposition, Hyndman and Athanasopoulos 2021,
/// §3.4).
///
/// Assumes that seasons add the same every year. Needs two whole cycles without gaps.
pub fn decompose(series: &[Option<f64>], cycle: Cycle) -> Result<Decomposition, Unsupported> {
    let values = gapless(series)?;
    let (n_entries, half) = (cycle.n_entries(), cycle.n_entries() / 2);
    let n_needed = MIN_CYCLES * n_entries;
    if values.len() < n_needed {
        return Err(Unsupported::TooShort { n_needed, n_values: values.len() });
    }
    let trend_at = |position: usize| {
        let around = values.get(position.checked_sub(half)?..=position + half)?;
        let sum = if n_entries.is_multiple_of(2) {
            // One entry more than a cycle has: its two ends are the same season.
            let ends = f64::midpoint(around[0], around[n_entries]);
            around[1..n_entries].iter().sum::<f64>() + ends
        } else {
            around.iter().sum()
        };
        Some(sum / number(n_entries))
    };
    let trend: Vec<Option<f64>> = (0..values.len()).map(trend_at).collect();
    let above: Vec<Option<f64>> =
        values.iter().zip(&trend).map(|(value, trend)| trend.map(|trend| value - trend)).collect();
    let of_season = |season: usize| {
        let found = above.iter().skip(season).step_by(n_entries);
        mean(&found.copied().flatten().collect::<Vec<f64>>())
    };
    let seasons: Vec<f64> = (0..n_entries).map(of_season).collect();
    let middle = mean(&seasons);
    let seasons: Vec<f64> = seasons.iter().map(|season| season - middle).collect();
    let rest = above.iter().zip(seasons.iter().cycle());
    let rest = rest.map(|(above, season)| above.map(|above| above - season)).collect();
    Ok(Decomposition { trend, seasons, rest })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn series(values: &[f64]) -> Vec<Option<f64>> {
        values.iter().copied().map(Some).collect()
    }

    #[test]
    fn means_leave_gaps_out() {
        let values = [Some(1.0), Some(10.0), None, Some(20.0), Some(4.0), Some(60.0)];
        let found = seasonal_means(&values, Cycle::HALVES).unwrap();
        let means: Vec<_> = found.iter().map(|season| (season.mean, season.n_values)).collect();
        assert_eq!(means, [(2.5, 2), (30.0, 3)]);
        let lacks = Unsupported::SeasonTooShort { season_idx: 0, n_needed: 2, n_values: 1 };
        assert_eq!(seasonal_means(&values[..4], Cycle::HALVES), Err(lacks));
    }

    #[test]
    fn a_line_with_seasons_comes_apart_into_both() {
        // 2t plus +3, −1, −2 by turns.
        let values: Vec<f64> =
            (0..9_u8).map(|t| f64::from(t) * 2.0 + [3.0, -1.0, -2.0][usize::from(t % 3)]).collect();
        let found = decompose(&series(&values), Cycle::new(3).unwrap()).unwrap();
        assert_eq!(found.seasons, [3.0, -1.0, -2.0]);
        assert_eq!(found.trend[..3], [None, Some(2.0), Some(4.0)]);
        assert_eq!(found.trend[8], None);
        assert!(found.rest[1..8].iter().all(|rest| *rest == Some(0.0)));
    }

    #[test]
    fn an_even_cycle_has_half_weights_at_its_ends() {
        let found =
            decompose(&series(&[1.0, 2.0, 4.0, 7.0, 5.0, 6.0, 8.0, 3.0]), Cycle::QUARTERS).unwrap();
        // (½ + 2 + 4 + 7 + 5/2) / 4 and three more.
        let trend = [None, None, Some(4.0), Some(5.0), Some(6.0), Some(6.0), None, None];
        assert_eq!(found.trend, trend);
        // Above the trend: 0, 2, −1, 0 in seasons 2, 3, 0, 1; their mean is ¼.
        assert_eq!(found.seasons, [-1.25, -0.25, -0.25, 1.75]);
        assert_eq!(found.rest[2..6], [Some(0.25); 4]);
    }

    #[test]
    fn less_than_two_cycles_do_not_come_apart() {
        let found = decompose(&series(&[1.0; 23]), Cycle::MONTHS);
        assert_eq!(found, Err(Unsupported::TooShort { n_needed: 24, n_values: 23 }));
        assert_eq!(
            decompose(&[None, Some(1.0)], Cycle::HALVES),
            Err(Unsupported::Gaps { n_gaps: 1 })
        );
        assert_eq!((Cycle::new(1), Cycle::new(2)), (None, Some(Cycle::HALVES)));
    }

    proptest! {
        #[test]
        fn the_parts_add_up(
            values in proptest::collection::vec(-1e6..1e6_f64, 0..60), n_entries in 2..13_usize,
        ) {
            let cycle = Cycle::new(n_entries).unwrap();
            if let Ok(found) = decompose(&series(&values), cycle) {
                prop_assert!(found.seasons.iter().sum::<f64>().abs() < 1e-6);
                for (position, value) in values.iter().enumerate() {
                    let (trend, rest) = (found.trend[position], found.rest[position]);
                    prop_assert_eq!(trend.is_some(), rest.is_some());
                    if let (Some(trend), Some(rest)) = (trend, rest) {
                        let sum = trend + found.seasons[position % n_entries] + rest;
                        prop_assert!((sum - value).abs() < 1e-6);
                    }
                }
            }
        }
    }
}
