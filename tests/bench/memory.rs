//! The most memory that a command had at once, as the kernel says while it runs.

use std::fs;
use std::process::{Command, ExitStatus};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use crate::Outcome;

/// Runs a command to its end; returns how it ended and the most memory that it had, in kilobytes.
///
/// The kernel is asked every `interval`: what comes after the last time is not seen.
pub(crate) fn finish_watched(
    command: &mut Command,
    interval: Duration,
) -> Outcome<(ExitStatus, u64)> {
    let mut child =
        command.spawn().map_err(|error| format!("cannot start {command:?}: {error}"))?;
    let (ended, has_ended) = channel::<()>();
    let id = child.id();
    std::thread::scope(|scope| {
        let watcher = scope.spawn(move || {
            let mut peak_kb = 0;
            while has_ended.recv_timeout(interval) == Err(RecvTimeoutError::Timeout) {
                peak_kb = peak_kb.max(high_water_kb(id));
            }
            peak_kb
        });
        let status = child.wait();
        drop(ended);
        let peak_kb = watcher.join().map_err(|_| "the watcher ended early")?;
        Ok((status?, peak_kb))
    })
}

/// The most memory that a process has had so far; 0 where it has ended.
fn high_water_kb(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kb = line.and_then(|line| line.trim().strip_suffix(" kB"));
    kb.and_then(|kb| kb.parse().ok()).unwrap_or_default()
}
