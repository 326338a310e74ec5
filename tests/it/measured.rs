//! Commands with the most memory that their own process took: children have limits of their own.
#![expect(clippy::disallowed_methods, reason = "the kernel tells it in a file")]

use std::fs;
use std::io::Read;
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

/// What the process that a user starts may take, whatever a file holds.
pub(crate) const MAX_PARENT_KB: u64 = 200 << 10;

/// How often the kernel is asked.
const INTERVAL: Duration = Duration::from_millis(1);

/// Runs a command; returns what it printed, and the most memory that it had at once, in kilobytes.
///
/// The kernel keeps the highest mark while a process lives, so that nothing but its last moment can be
/// missed.
pub(crate) fn measured(mut command: Command) -> (Output, u64) {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let (mut stdout, mut stderr) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
    let mut peak_kb = 0;
    let (is_silent, silent) = channel();
    std::thread::scope(|scope| {
        let read = |source: &mut dyn Read| {
            let mut bytes = Vec::new();
            source.read_to_end(&mut bytes).unwrap();
            bytes
        };
        let out = scope.spawn(move || read(&mut stdout));
        let err = scope.spawn(move || {
            let bytes = read(&mut stderr);
            is_silent.send(()).unwrap();
            bytes
        });
        // It closes its standard error when it ends, and not before.
        loop {
            peak_kb = peak_kb.max(high_water_kb(&child));
            if silent.recv_timeout(INTERVAL) != Err(RecvTimeoutError::Timeout) {
                break;
            }
        }
        let status = child.wait().unwrap();
        let (stdout, stderr) = (out.join().unwrap(), err.join().unwrap());
        assert!(peak_kb > 0, "the process ended before it could be measured");
        (Output { status, stdout, stderr }, peak_kb)
    })
}

/// The most memory that a process has had so far; 0 where it has ended.
fn high_water_kb(child: &Child) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().strip_suffix(" kB")).map_or(0, |kb| kb.parse().unwrap())
}
