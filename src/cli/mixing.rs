//! Warnings of sums that mix figures, after the answer was given.

use std::time::{Duration, Instant};

use crate::cli::context::Context;
use crate::engine::SumsChecked;

/// How long the data may be asked what a statement mixes, however short the statement took.
const LEAST: Duration = Duration::from_secs(1);

/// The time that a statement took: what it mixes is asked for half of that at most, or a second, and so is
/// why it is empty.
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

    /// Whether as much time has passed since.
    pub(super) fn is_over(self, budget: Duration) -> bool {
        self.started.elapsed() >= budget
    }
}

/// Warns of what was mixed, and notes what was not checked.
pub(super) fn tell(context: &Context, checked: &SumsChecked) {
    for message in &checked.mixed {
        context.ui.warning(message);
    }
    for message in &checked.unchecked {
        context.ui.note(message);
    }
}
