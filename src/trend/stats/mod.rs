//! Statistics of a series of numbers at equal steps of time, as functions of the numbers alone.
//!
//! A series is a slice of `Option<f64>`, one entry a period, oldest first; `None` is a gap: the
//! period is there and its value is not known. Positions count entries from 0, gaps included, so a
//! slope is per period and says the same whether values are missing or not. Results have the unit
//! of the values unless they say otherwise.
//!
//! A statistic that a series does not support is not given: [`Unsupported`] says why, and each
//! function says from how many values on it answers.
//!
//! Sources, as the functions name them:
//!
//! - Abramowitz and Stegun 1964, *Handbook of Mathematical Functions*
//! - Box 1966, *The Computer Journal* 9
//! - Cody 1969, *Mathematics of Computation* 23
//! - Conover 1980, *Practical Nonparametric Statistics*
//! - Gardner and `McKenzie` 1985, *Management Science* 31
//! - Gilbert 1987, *Statistical Methods for Environmental Pollution Monitoring*
//! - Hamed and Rao 1998, *Journal of Hydrology* 204
//! - Hirsch, Slack and Smith 1982, *Water Resources Research* 18
//! - Hyndman, Koehler, Ord and Snyder 2008, *Forecasting with Exponential Smoothing*
//! - Hyndman and Athanasopoulos 2021, *Forecasting: Principles and Practice*, 3rd edition
//! - Iglewicz and Hoaglin 1993, *How to Detect and Handle Outliers*
//! - Kendall 1975, *Rank Correlation Methods*
//! - Mann 1945, *Econometrica* 13
//! - Nelder and Mead 1965, *The Computer Journal* 7
//! - Pettitt 1979, *Applied Statistics* 28
//! - Sen 1968, *Journal of the American Statistical Association* 63
//! - Theil 1950, *Proceedings of the Royal Netherlands Academy of Sciences* 53

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
pub use seasonal::{Cycle, Decomposition, SeasonMean, decompose, seasonal_means};
pub use slope::{SeasonalSlope, TheilSen, seasonal_slope, theil_sen};
pub use unsupported::Unsupported;
