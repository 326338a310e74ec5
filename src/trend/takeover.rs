//! Days on which one department took over from another: what it counts afterwards is another thing.

use chrono::NaiveDate;

use crate::diag::Message;

/// A department took over the duties of another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Takeover {
    /// Region of both.
    pub region: String,
    /// Who took over.
    pub department: String,
    /// Name of the one it took over from.
    pub predecessor: String,
    /// The day; the first of the year where only that is recorded.
    pub on: NaiveDate,
    /// The day as it is recorded.
    pub recorded: String,
}

impl Takeover {
    /// Reads a recorded time, a year or a day; `None` where it is neither.
    pub fn day_of(recorded: &str) -> Option<NaiveDate> {
        let year = || recorded.parse().ok().and_then(|year| NaiveDate::from_ymd_opt(year, 1, 1));
        recorded.parse().ok().or_else(year)
    }

    /// Says so.
    pub(super) fn remark(&self) -> Message {
        Message::new("trend.took_over")
            .with("predecessor", &self.predecessor)
            .with("day", &self.recorded)
    }
}
