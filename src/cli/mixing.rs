//! Warnings of sums that mix figures, after the answer was given.

use std::time::{Duration, Instant};

use crate::cli::context::Context;
use crate::diag::Message;

/// How long the data may be asked what a statement mixes, however short the statement took.
const LEAST: Duration = Duration::from_secs(1);

/// The time that a statement took: what it mixes is asked for half of that at most, or a second.
#[derive(Debug, Clone, Copy)]
pub(super) struct Timed {
    started: Instant,
}

impl Timed {
    /// Begins with a statement.
    pub(super) fn start() -> Self {
        Self { started: Instant::now() }
    }

    /// Returns how long the data may be asked about the statement that was just answered.
    pub(super) fn budget(self) -> Duration {
        (self.started.elapsed() / 2).max(LEAST)
    }
}

/// Warns of what was mixed.
pub(super) fn warn(context: &Context, mixed: &[Message]) {
    for message in mixed {
        context.ui.warning(message);
    }
}
