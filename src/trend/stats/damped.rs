//! A level with a trend that wears off, and how far ahead it can be carried.

use crate::trend::stats::points::{gapless, number};
use crate::trend::stats::{Confidence, Unsupported};

/// Values from which on errors say anything.
const MIN_VALUES: usize = 2;

/// How quickly level and trend follow the values, and how quickly the trend wears off.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Weights {
    alpha: f64,
    beta: f64,
    phi: f64,
}

impl Weights {
    /// Takes α, β and φ as Hyndman et al. (2008) have them; β = α·β* for the β* of the component
    /// form.
    ///
    /// `None` unless 0 < α ≤ 1, 0 ≤ β ≤ α and 0 < φ ≤ 1.
    pub fn new(alpha: f64, beta: f64, phi: f64) -> Option<Self> {
        let is_right = alpha > 0.0 && alpha <= 1.0 && beta >= 0.0 && beta <= alpha;
        (is_right && phi > 0.0 && phi <= 1.0).then_some(Self { alpha, beta, phi })
    }

    /// Returns α, the share of an error that goes into the level.
    pub fn alpha(self) -> f64 {
        self.alpha
    }

    /// Returns β, the share of an error that goes into the trend.
    pub fn beta(self) -> f64 {
        self.beta
    }

    /// Returns φ, what is left of the trend after one step.
    pub fn phi(self) -> f64 {
        self.phi
    }
}

/// Level and trend before the first value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct InitialState {
    /// The level.
    pub level: f64,
    /// The trend per step.
    pub trend: f64,
}

/// A model with nothing left open.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DampedTrend {
    /// The weights.
    pub weights: Weights,
    /// The state before the first value.
    pub initial: InitialState,
}

/// A series as a model goes along it.
#[derive(Debug, Clone, PartialEq)]
pub struct Smoothed {
    /// The model.
    pub model: DampedTrend,
    /// How many numbers of the model were estimated from this series: 0 or 5.
    pub n_estimated: usize,
    /// What the model expected of each entry from those before it.
    pub expected: Vec<f64>,
    /// Sum of the squares of value less expected.
    pub sse: f64,
    /// The level after the last value.
    pub level: f64,
    /// The trend after the last value, per step.
    pub trend: f64,
}

/// What is expected of an entry to come.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Forecast {
    /// Steps after the last entry of the series, from 1 on.
    pub n_steps: usize,
    /// The expected value.
    pub mean: f64,
    /// Standard deviation of its error.
    pub deviation: f64,
    /// Lower end of the interval of prediction.
    pub low: f64,
    /// Upper end of the interval of prediction.
    pub high: f64,
}

/// One pass over the values: state and error at each step.
#[derive(Debug, Clone, Copy)]
pub(super) struct State {
    pub(super) level: f64,
    pub(super) trend: f64,
}

impl State {
    /// Returns what is expected of the next value, and goes on to the state after it.
    pub(super) fn step(&mut self, weights: Weights, value: f64) -> f64 {
        let trend = weights.phi * self.trend;
        let expected = self.level + trend;
        let error = value - expected;
        self.level = expected + weights.alpha * error;
        self.trend = trend + weights.beta * error;
        expected
    }
}

/// Goes along a series with a model that is given, of whose numbers none was estimated from it.
///
/// The additive damped trend (Gardner and `McKenzie` 1985) as ETS(A,Ad,N) (Hyndman, Koehler, Ord
/// and Snyder 2008, §3.4): expected xₜ = ℓₜ₋₁ + φbₜ₋₁, error e = xₜ − expected, ℓₜ = ℓₜ₋₁ + φbₜ₋₁ +
/// αe, bₜ = φbₜ₋₁ + βe. Needs 2 values without gaps.
pub fn smooth(series: &[Option<f64>], model: DampedTrend) -> Result<Smoothed, Unsupported> {
    let values = gapless(series)?;
    if values.len() < MIN_VALUES {
        return Err(Unsupported::TooShort { n_needed: MIN_VALUES, n_values: values.len() });
    }
    Ok(smooth_values(&values, model, 0))
}

/// The same of values.
pub(super) fn smooth_values(values: &[f64], model: DampedTrend, n_estimated: usize) -> Smoothed {
    let InitialState { level, trend } = model.initial;
    let mut state = State { level, trend };
    let expected: Vec<f64> = values.iter().map(|value| state.step(model.weights, *value)).collect();
    let squares = values.iter().zip(&expected).map(|(value, expected)| (value - expected).powi(2));
    let sse = squares.sum();
    Smoothed { model, n_estimated, expected, sse, level: state.level, trend: state.trend }
}

impl Smoothed {
    /// Returns the variance of the error one step ahead: SSE / (n − numbers estimated) (Hyndman and
    /// Athanasopoulos 2021, §5.5), which is the mean square of the errors for a model that was
    /// given.
    pub fn variance(&self) -> f64 {
        self.sse / number(self.expected.len() - self.n_estimated)
    }

    /// Carries the series on, one to `n_steps` steps behind its last entry.
    ///
    /// Expected value h steps ahead: ℓ + (φ + φ² + … + φʰ)·b. Variance of its error: σ²·(1 + Σ cⱼ²)
    /// over 1 ≤ j < h with cⱼ = α + β·(φ + … + φʲ), σ² of [`Smoothed::variance`] (class 1, Hyndman
    /// et al. 2008, chapter 6; Hyndman and Athanasopoulos 2021, §8.7, have the sum in closed form).
    /// The interval is normal.
    ///
    /// Assumes normal, independent errors, no seasons, and that the future goes on as the model has
    /// it: that its numbers are estimated does not widen the interval, apart from `variance`.
    pub fn forecast(&self, n_steps: usize, confidence: Confidence) -> Vec<Forecast> {
        let Weights { alpha, beta, phi } = self.model.weights;
        let (mut power, mut damped_steps, mut share) = (1.0, 0.0, 1.0);
        let mut forecasts = Vec::with_capacity(n_steps);
        for n_steps in 1..=n_steps {
            power *= phi;
            damped_steps += power;
            let mean = self.level + damped_steps * self.trend;
            let deviation = (self.variance() * share).sqrt();
            let reach = confidence.z() * deviation;
            let (low, high) = (mean - reach, mean + reach);
            forecasts.push(Forecast { n_steps, mean, deviation, low, high });
            share += (alpha + beta * damped_steps).powi(2);
        }
        forecasts
    }

    /// Returns what is expected of the entries one to `n_steps` steps ahead together; `None` for none.
    ///
    /// Expected value: the sum of theirs. An error i steps ahead is in the entries from there on, in its own
    /// once and in the one j steps behind it with cⱼ of [`Smoothed::forecast`], so the variance of the sum
    /// over h steps is σ²·Σ (1 + c₁ + … + cₕ₋ᵢ)² over 1 ≤ i ≤ h (Hyndman et al. 2008, chapter 6: demand
    /// over a lead time). The interval is normal. Assumes what [`Smoothed::forecast`] does.
    pub fn forecast_sum(&self, n_steps: usize, confidence: Confidence) -> Option<Forecast> {
        let Weights { alpha, beta, phi } = self.model.weights;
        let single = self.forecast(n_steps, confidence);
        let last = single.last()?;
        let mean = single.iter().map(|forecast| forecast.mean).sum::<f64>();
        // From the last error, which is in one entry alone, to the first.
        let (mut power, mut damped_steps, mut effect, mut share) = (1.0, 0.0, 1.0, 0.0);
        for _ in 0..n_steps {
            share += f64::powi(effect, 2);
            power *= phi;
            damped_steps += power;
            effect += alpha + beta * damped_steps;
        }
        let deviation = (self.variance() * share).sqrt();
        let reach = confidence.z() * deviation;
        let (low, high) = (mean - reach, mean + reach);
        Some(Forecast { n_steps: last.n_steps, mean, deviation, low, high })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn model(weights: (f64, f64, f64), level: f64, trend: f64) -> DampedTrend {
        let weights = Weights::new(weights.0, weights.1, weights.2).unwrap();
        DampedTrend { weights, initial: InitialState { level, trend } }
    }

    #[test]
    fn a_model_goes_along_a_series_step_by_step() {
        // Expected 8 + 0.5·4 = 10, error 2: level 10 + 1 = 11, trend 2 + 0.5 = 2.5.
        // Expected 11 + 1.25 = 12.25, error −1: level 11.75, trend 1.25 − 0.25 = 1.
        let found = smooth(&[Some(12.0), Some(11.25)], model((0.5, 0.25, 0.5), 8.0, 4.0)).unwrap();
        assert_eq!(found.expected, [10.0, 12.25]);
        assert_eq!((found.sse, found.level, found.trend), (5.0, 11.75, 1.0));
        let ahead = found.forecast(3, Confidence::P95);
        let means: Vec<f64> = ahead.iter().map(|forecast| forecast.mean).collect();
        assert_eq!(means, [12.25, 12.5, 12.625]);
        // c₁ = ½ + ¼·½ = 0.625, c₂ = ½ + ¼·¾ = 0.6875; σ² = 5/2.
        let variances = [2.5, 2.5 * 1.390_625, 2.5 * 1.863_281_25];
        for (forecast, variance) in ahead.iter().zip(variances) {
            assert!((forecast.deviation.powi(2) - variance).abs() < 1e-12);
            let reach = 1.959_963_984_540_054 * forecast.deviation;
            assert!((forecast.high - forecast.mean - reach).abs() < 1e-12);
            assert!((forecast.mean - forecast.low - reach).abs() < 1e-12);
        }
    }

    #[test]
    fn entries_to_come_are_uncertain_together() {
        let found = smooth(&[Some(12.0), Some(11.25)], model((0.5, 0.25, 0.5), 8.0, 4.0)).unwrap();
        assert_eq!(found.forecast_sum(0, Confidence::P95), None);
        assert_eq!(
            found.forecast_sum(1, Confidence::P95),
            Some(found.forecast(1, Confidence::P95)[0])
        );
        // 12.25 + 12.5 + 12.625; effects 1, 1 + 0.625, 1 + 0.625 + 0.6875; σ² = 5/2.
        let sum = found.forecast_sum(3, Confidence::P95).unwrap();
        assert_eq!((sum.n_steps, sum.mean), (3, 37.375));
        let variance = 2.5 * (1.0 + 1.625_f64.powi(2) + 2.3125_f64.powi(2));
        assert!((sum.deviation.powi(2) - variance).abs() < 1e-12);
        let reach = 1.959_963_984_540_054 * sum.deviation;
        assert!(
            (sum.high - 37.375 - reach).abs() < 1e-12 && (37.375 - sum.low - reach).abs() < 1e-12
        );
    }

    #[test]
    fn the_sum_of_the_variance_has_its_closed_form() {
        let (alpha, beta, phi) = (0.7_f64, 0.2_f64, 0.9_f64);
        let found = smooth(&[Some(0.0), Some(2.0_f64.sqrt())], model((alpha, beta, phi), 0.0, 0.0))
            .unwrap();
        for forecast in found.forecast(24, Confidence::P95) {
            // A,Ad,N in the table of variances of Hyndman and Athanasopoulos (2021), §8.7.
            let h = i32::try_from(forecast.n_steps).unwrap();
            let (steps, left) = (f64::from(h), 1.0 - phi);
            let grown = beta * phi * steps / left.powi(2) * (2.0 * alpha * left + beta * phi);
            let squares = 1.0 - phi * phi;
            let worn = beta * phi * (1.0 - phi.powi(h)) / (left.powi(2) * squares)
                * (2.0 * alpha * squares + beta * phi * (1.0 + 2.0 * phi - phi.powi(h)));
            let closed = 1.0 + alpha * alpha * (steps - 1.0) + grown - worn;
            assert!((forecast.deviation.powi(2) / found.variance() / closed - 1.0).abs() < 1e-12);
        }
    }

    #[test]
    fn numbers_that_are_no_weights_are_refused() {
        for (alpha, beta, phi) in
            [(0.0, 0.0, 0.9), (1.1, 0.0, 0.9), (0.5, 0.6, 0.9), (0.5, -0.1, 0.9), (0.5, 0.1, 0.0)]
        {
            assert_eq!(Weights::new(alpha, beta, phi), None);
        }
        assert!(Weights::new(f64::NAN, 0.0, 0.9).is_none());
        let weights = Weights::new(0.5, 0.25, 1.0).unwrap();
        assert_eq!((weights.alpha(), weights.beta(), weights.phi()), (0.5, 0.25, 1.0));
    }

    #[test]
    fn one_value_or_a_gap_is_no_series() {
        let model = model((0.5, 0.1, 0.9), 0.0, 0.0);
        let too_short = Unsupported::TooShort { n_needed: 2, n_values: 1 };
        assert_eq!(smooth(&[Some(1.0)], model), Err(too_short));
        assert_eq!(smooth(&[Some(1.0), None], model), Err(Unsupported::Gaps { n_gaps: 1 }));
    }

    proptest! {
        #[test]
        fn intervals_only_widen(
            values in proptest::collection::vec(-1e3..1e3_f64, 2..30),
            alpha in 0.01..1.0_f64, share in 0.0..1.0_f64, phi in 0.8..1.0_f64,
        ) {
            let series: Vec<_> = values.into_iter().map(Some).collect();
            let found = smooth(&series, model((alpha, alpha * share, phi), 1.0, 1.0)).unwrap();
            let ahead = found.forecast(12, Confidence::P80);
            prop_assert!(ahead.windows(2).all(|pair| pair[0].deviation < pair[1].deviation));
            prop_assert!(ahead.iter().all(|it| it.low < it.mean && it.mean < it.high));
        }
    }
}
