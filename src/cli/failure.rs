//! Why a command ends with another exit code than 0.

use crate::diag::{Diagnose, Message};

/// Exit code of a failure that is ours.
pub(super) const INTERNAL: u8 = 70;

/// Exit code of a command that the user ended.
pub(super) const INTERRUPTED: u8 = 130;

/// Who has to act.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FailureKind {
    /// The user can fix it.
    User,
    /// The command was typed wrong.
    Usage,
    /// The work is done, but findings reached `--fail-on`, or engines differ.
    Findings,
    /// We have to act: a bug.
    Internal,
    /// The user ended it.
    Interrupted,
    /// The reader of the output went away: nothing failed.
    BrokenPipe,
}

/// Why a command ends early, with all that is said about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Failure {
    pub(super) kind: FailureKind,
    /// What failed; `None` when everything has been said already.
    pub(super) message: Option<Message>,
    pub(super) causes: Vec<Message>,
    pub(super) details: Vec<Message>,
    pub(super) besides: Vec<Message>,
}

impl Failure {
    /// Returns a failure that the user can fix.
    pub(super) fn user(message: Message) -> Self {
        Self { message: Some(message), ..Self::told(FailureKind::User) }
    }

    /// Returns a failure of the way in which the command was typed.
    pub(super) fn usage(message: Message) -> Self {
        Self { kind: FailureKind::Usage, ..Self::user(message) }
    }

    /// Returns a failure that is a bug.
    pub(super) fn internal(message: Message) -> Self {
        Self { kind: FailureKind::Internal, ..Self::user(message) }
    }

    /// Returns an end whose reasons have been told: files that were refused one by one.
    pub(super) fn told(kind: FailureKind) -> Self {
        Self { kind, message: None, causes: vec![], details: vec![], besides: vec![] }
    }

    /// Returns what is said about it, in order.
    pub(super) fn messages(&self) -> impl Iterator<Item = &Message> {
        self.message.iter().chain(&self.causes).chain(&self.details)
    }

    pub(super) fn exit_code(&self) -> u8 {
        match self.kind {
            FailureKind::User => 1,
            FailureKind::Usage => 2,
            FailureKind::Findings => 3,
            FailureKind::Internal => INTERNAL,
            FailureKind::Interrupted => INTERRUPTED,
            FailureKind::BrokenPipe => 0,
        }
    }
}

/// Returns what failures say, each once: files that cannot be delivered fail for one reason.
pub(super) fn reasons_of(failures: &[Failure]) -> Vec<Message> {
    let mut reasons: Vec<Message> = Vec::new();
    for message in failures.iter().flat_map(Failure::messages) {
        if !reasons.contains(message) {
            reasons.push(message.clone());
        }
    }
    reasons
}

impl<E: Diagnose> From<E> for Failure {
    fn from(error: E) -> Self {
        Self {
            kind: FailureKind::User,
            message: Some(error.message()),
            causes: error.causes(),
            details: error.details(),
            besides: error.besides(),
        }
    }
}
