//! Why a child process gave nothing back.

use std::io;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::time::Duration;

use rustix::process::Signal;

use crate::diag::{Diagnose, Message, impl_error, io_reason};

/// A child process gave nothing back.
#[derive(Debug)]
pub enum SandboxError {
    /// It could not be started or talked to.
    Start(io::Error),
    /// It could not take its own rights away, so it read nothing.
    Confine(io::Error),
    /// It died: an abort, a fault, or a limit of memory or processor time.
    Died {
        /// How it ended.
        status: ExitStatus,
        /// How much memory it may use.
        memory_bytes: u64,
    },
    /// It ended well and did not say how far it was confined.
    Silent,
    /// It took longer than it may.
    TooSlow {
        /// How long it may take.
        elapsed: Duration,
    },
    /// It gave back more than it may.
    TooMuchOutput {
        /// How much it may give back.
        max_bytes: u64,
    },
}

impl_error!(SandboxError);

impl Diagnose for SandboxError {
    fn message(&self) -> Message {
        match self {
            Self::Start(_) => Message::new("sandbox.start"),
            Self::Confine(_) => Message::new("sandbox.confine"),
            Self::Died { status, memory_bytes } => match status.signal() {
                // So ends a program that gets no more memory.
                Some(signal) if signal == Signal::ABORT.as_raw() => {
                    Message::new("sandbox.aborted").with("megabytes", memory_bytes >> 20)
                }
                Some(signal) => Message::new("sandbox.died_by_signal").with("signal", signal),
                None => Message::new("sandbox.died_with_code")
                    .with("code", status.code().unwrap_or_default()),
            },
            Self::Silent => Message::new("sandbox.silent"),
            Self::TooSlow { elapsed } => {
                Message::new("sandbox.too_slow").with("seconds", elapsed.as_secs())
            }
            Self::TooMuchOutput { max_bytes } => {
                Message::new("sandbox.too_much_output").with("megabytes", max_bytes >> 20)
            }
        }
    }

    fn causes(&self) -> Vec<Message> {
        match self {
            Self::Start(error) | Self::Confine(error) => vec![io_reason(error)],
            Self::Died { .. }
            | Self::Silent
            | Self::TooSlow { .. }
            | Self::TooMuchOutput { .. } => Vec::new(),
        }
    }
}
