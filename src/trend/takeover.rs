//! Days on which one department took over from another: what it counts afterwards is another thing.

use chrono::NaiveDate;

use crate::diag::Message;
use crate::trend::figure::{Figure, Subject};

/// A department took over the duties of another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Takeover {
    /// Region of both.
    pub region: String,
    /// Who took over.
    pub department: String,
    /// The one it took over from.
    pub predecessor: String,
    /// Name of that.
    pub predecessor_name: String,
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

    /// Returns whom a series of the predecessor is about, in place of one of who took over.
    pub(super) fn predecessor_of(&self, subject: &Subject) -> Subject {
        Subject { department: Some(self.predecessor.clone()), ..subject.clone() }
    }

    /// Says so.
    pub(super) fn remark(&self) -> Message {
        Message::new("trend.took_over")
            .with("predecessor", &self.predecessor_name)
            .with("day", &self.recorded)
    }
}

/// Where a takeover stands in the series of who took over.
#[derive(Debug, Clone, Copy)]
pub(super) struct TakenOver<'a> {
    pub(super) takeover: &'a Takeover,
    pub(super) on: NaiveDate,
    /// Whether it stands at the first figure, because those before are its predecessor's.
    pub(super) is_at_first: bool,
}

impl<'a> TakenOver<'a> {
    /// Places it among the figures of who took over, and those of the predecessor where they stand under
    /// its own name.
    pub(super) fn of(takeover: &'a Takeover, own: &[&Figure], before: &[&Figure]) -> Self {
        let first = own.iter().map(|figure| figure.period.end).min();
        let last = before.iter().map(|figure| figure.period.end).max();
        let first = first.filter(|first| last.is_some_and(|last| last < *first));
        Self { takeover, on: first.unwrap_or(takeover.on), is_at_first: first.is_some() }
    }
}
