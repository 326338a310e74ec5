//! Why a profile was refused.

use crate::diag::{Diagnose, Message, impl_error};

/// A profile was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProfileError {
    /// Its text is no profile, or names something that is not there.
    Invalid {
        /// Name of the profile.
        profile: String,
        /// Line of the file, from 1.
        line: usize,
        /// What is wrong.
        reason: Message,
    },
}

impl_error!(ProfileError);

impl Diagnose for ProfileError {
    fn message(&self) -> Message {
        let Self::Invalid { profile, line, .. } = self;
        Message::new("profile.invalid").with("profile", profile).with("line", line)
    }

    fn causes(&self) -> Vec<Message> {
        let Self::Invalid { reason, .. } = self;
        vec![reason.clone()]
    }
}
