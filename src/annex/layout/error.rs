//! Why a layout was refused.

use crate::diag::{Diagnose, Message, impl_error};

/// A layout was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LayoutError {
    /// Its text is no layout, or names something that is not there.
    Invalid {
        /// Name of the layout.
        layout: String,
        /// Line of the file, from 1.
        line: usize,
        /// What is wrong.
        reason: Message,
    },
}

impl_error!(LayoutError);

impl Diagnose for LayoutError {
    fn message(&self) -> Message {
        let Self::Invalid { layout, line, .. } = self;
        Message::new("layout.invalid").with("layout", layout).with("line", line)
    }

    fn causes(&self) -> Vec<Message> {
        let Self::Invalid { reason, .. } = self;
        vec![reason.clone()]
    }
}
