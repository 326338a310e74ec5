//! Statistics of a series of numbers at equal steps of time, as functions of the numbers alone.
//!
//! A series is a slice of `Option<f64>`, one entry a period, oldest first; `None` is a gap: the
//! period is there and its value is not known. Positions count entries from 0, gaps included, so a
//! slope is per period and says the same whether values are missing or not. Results have the unit
//! of the values unless they say otherwise.
//!
//! A statistic that a series does not support is not given: [`Unsupported`] says why, and each
//! function says from how many values on it answers.

mod change_point;
mod damped;
mod fit;
mod monotone;
mod normal;
mod outliers;
mod points;
mod seasonal;
mod slope;
mod unsupported;

pub use change_point::{ChangePoint, pettitt};
pub use damped::{DampedTrend, Forecast, InitialState, Smoothed, Weights, smooth};
pub use fit::fit_damped_trend;
pub use monotone::{
    CorrectedMannKendall, MannKendall, hamed_rao, mann_kendall, seasonal_mann_kendall,
};
pub use normal::{Confidence, erfc, normal_quantile, two_sided_p};
pub use outliers::{Outliers, Spread, robust_outliers};
pub use seasonal::{Change, Cycle, Decomposition, SeasonMean, changes, decompose, seasonal_means};
pub use slope::{SeasonalSlope, TheilSen, seasonal_slope, theil_sen};
pub use unsupported::Unsupported;
