//! What is wrong with a schedule.

use crate::diag::{Diagnose, Message, impl_error, name_list};

/// A schedule is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TimingError {
    /// The expression is no cron expression of five fields.
    Cron {
        /// As written.
        found: String,
        /// What the reader of expressions says.
        reason: String,
    },
    /// No day is of the expression, as of 30 February.
    Never {
        /// As written.
        found: String,
    },
    /// There is no time zone of this name.
    ZoneUnknown {
        /// As written.
        found: String,
        /// Names that are near, best first.
        similar: Vec<String>,
    },
}

impl_error!(TimingError);

impl Diagnose for TimingError {
    fn message(&self) -> Message {
        match self {
            Self::Cron { found, .. } => Message::new("schedule.cron").with("found", found),
            Self::Never { found } => Message::new("schedule.never").with("found", found),
            Self::ZoneUnknown { found, similar } if similar.is_empty() => {
                Message::new("schedule.zone_unknown").with("found", found)
            }
            Self::ZoneUnknown { found, similar } => Message::new("schedule.zone_similar")
                .with("found", found)
                .with("similar", name_list(similar)),
        }
    }

    fn causes(&self) -> Vec<Message> {
        match self {
            Self::Cron { reason, .. } => vec![Message::new("io.other").with("reason", reason)],
            Self::Never { .. } | Self::ZoneUnknown { .. } => Vec::new(),
        }
    }
}
