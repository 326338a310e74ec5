//! Why a statistic is not given.

/// What a series lacks for a statistic.
///
/// Values are those that are there; gaps are not counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unsupported {
    /// The series has fewer values than the statistic asks for.
    TooShort {
        /// Values from which on it is given.
        n_needed: usize,
        /// Values that the series has.
        n_values: usize,
    },
    /// One season has fewer values than the statistic asks for.
    SeasonTooShort {
        /// The season, 0 for that of the first entry of the series.
        season_idx: usize,
        /// Values of every season from which on it is given.
        n_needed: usize,
        /// Values that this season has.
        n_values: usize,
    },
    /// Too few pairs of values lie in the same season for the normal distribution to hold.
    TooFewPairs {
        /// Pairs from which on the statistic is given.
        n_needed: usize,
        /// Pairs that the series has.
        n_pairs: usize,
    },
    /// The statistic follows one value to the next and the series has gaps.
    Gaps {
        /// Entries without a value.
        n_gaps: usize,
    },
    /// All values are the same, or all values of every season are.
    AllEqual,
    /// All values lie on one line, so that nothing is left once the trend is taken out.
    OnLine,
    /// The series is too short for an interval of this confidence: even the extreme values do not
    /// bound it.
    ConfidenceTooHigh,
    /// Corrected for autocorrelation the variance is zero or less, so that nothing can be tested.
    VarianceNotPositive,
    /// A value is not a finite number, or its size is beyond 1e100.
    NotFinite {
        /// Position of the first such value.
        row_idx: usize,
    },
}
