//! A child that is read while it writes, so that what it gives back may be of any length.

use std::fs::File;
use std::io::{self, Read};
use std::process::{Child, ChildStdout, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};

use crate::sandbox::{Confinement, Limits, Program, SandboxError, command};

/// A child whose standard output is read piece by piece. It is killed with all that it has started
/// when this is dropped.
///
/// Reading waits for the child; where it stays silent for as long as [`Limits::elapsed`], it is killed.
#[derive(Debug)]
pub struct Running {
    child: Child,
    stdout: ChildStdout,
    pid: Pid,
    limits: Limits,
    /// Tells the watchdog when waiting begins (`true`) and ends.
    waiting: Option<Sender<bool>>,
    watchdog: Option<JoinHandle<bool>>,
}

/// Runs a program with a file as its standard input.
///
/// What [`run`](crate::sandbox::run) expects of a child holds here too, but it may seek in its input,
/// and [`Limits::output_bytes`] does not count.
pub fn start(
    program: &Program,
    args: &[&str],
    input: File,
    limits: Limits,
) -> Result<Running, SandboxError> {
    let child = command(program, args)?.stdin(Stdio::from(input)).spawn();
    let mut child = child.map_err(SandboxError::Start)?;
    let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    let (Some(pid), Some(stdout)) = (pid, child.stdout.take()) else {
        unreachable!("a child has a number, and a pipe was asked for")
    };
    let (waiting, waits) = channel();
    let watchdog = std::thread::spawn(move || watch(&waits, limits.elapsed, pid));
    let (waiting, watchdog) = (Some(waiting), Some(watchdog));
    let mut running = Running { child, stdout, pid, limits, waiting, watchdog };
    let mut mark = [0];
    match running.read_exact(&mut mark) {
        Ok(()) => {
            let confinement = Confinement::of_mark(mark[0]).ok_or(SandboxError::Silent)?;
            program.note(confinement);
            Ok(running)
        }
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
            running.finish()?;
            Err(SandboxError::Silent)
        }
        Err(error) => Err(SandboxError::Start(error)),
    }
}

/// Kills a child for which somebody has waited too long, and returns whether it did.
fn watch(waits: &Receiver<bool>, elapsed: Duration, pid: Pid) -> bool {
    let mut is_waiting = false;
    loop {
        match waits.recv_timeout(elapsed) {
            Ok(begins) => is_waiting = begins,
            Err(RecvTimeoutError::Timeout) if is_waiting => {
                return kill_process_group(pid, Signal::KILL).is_ok();
            }
            Err(RecvTimeoutError::Timeout) => (),
            Err(RecvTimeoutError::Disconnected) => return false,
        }
    }
}

impl Running {
    /// Waits for the end of a child that has written all, and tells what became of it.
    pub fn finish(mut self) -> Result<(), SandboxError> {
        self.tell(true);
        // It is reaped only afterwards, so that its number cannot mean another process yet.
        let ended = waitid(WaitId::Pid(self.pid), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT);
        ended.map_err(|error| SandboxError::Start(error.into()))?;
        let is_too_slow = self.end_watch();
        self.kill();
        let status = self.child.wait().map_err(SandboxError::Start)?;
        if is_too_slow {
            return Err(SandboxError::TooSlow { elapsed: self.limits.elapsed });
        }
        if status.success() {
            Ok(())
        } else {
            Err(SandboxError::Died { status, memory_bytes: self.limits.memory_bytes })
        }
    }

    fn tell(&self, begins: bool) {
        // A watchdog that has killed listens no more.
        self.waiting.iter().for_each(|waiting| waiting.send(begins).unwrap_or_default());
    }

    fn kill(&self) {
        // What has ended by itself cannot be killed.
        kill_process_group(self.pid, Signal::KILL).unwrap_or_default();
    }

    /// Ends the watchdog and returns whether it has killed the child.
    fn end_watch(&mut self) -> bool {
        self.waiting = None;
        self.watchdog.take().is_some_and(|watchdog| watchdog.join().unwrap_or(false))
    }
}

impl Read for Running {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.tell(true);
        let outcome = self.stdout.read(buffer);
        self.tell(false);
        outcome
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // One that was waited for is gone, and its number may mean another process.
        if self.watchdog.is_some() {
            self.kill();
            self.end_watch();
            drop(self.child.wait());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::path::PathBuf;

    use super::*;
    use crate::sandbox::DOCUMENT_LIMITS;

    fn start_shell(line: &str) -> Result<Running, SandboxError> {
        let program = Program::new(PathBuf::from("/bin/sh"));
        let limits = Limits { elapsed: Duration::from_millis(300), ..DOCUMENT_LIMITS };
        let mut input = tempfile::tempfile().unwrap();
        input.write_all(b"abc").unwrap();
        std::io::Seek::rewind(&mut input).unwrap();
        start(&program, &["-c", &format!("PATH=/bin:/usr/bin; {line}")], input, limits)
    }

    #[test]
    fn what_a_child_writes_is_read_while_it_runs() {
        let mut running = start_shell("printf Fx; cat; exec cat /dev/zero").unwrap();
        let mut start = [1; 1000];
        running.read_exact(&mut start).unwrap();
        assert_eq!(&start[..5], b"xabc\0");
        drop(running);
        let mut running = start_shell("printf F; cat").unwrap();
        let mut text = String::new();
        running.read_to_string(&mut text).unwrap();
        assert_eq!(text, "abc");
        running.finish().unwrap();
    }

    #[test]
    fn a_child_that_is_silent_for_too_long_is_killed() {
        let mut running = start_shell("printf F; exec sleep 600").unwrap();
        assert_eq!(running.read(&mut [0]).unwrap(), 0);
        assert!(matches!(running.finish(), Err(SandboxError::TooSlow { .. })));
        let mut running = start_shell("printf F; exec >&-; exec sleep 600").unwrap();
        assert_eq!(running.read(&mut [0]).unwrap(), 0);
        assert!(matches!(running.finish(), Err(SandboxError::TooSlow { .. })));
        assert!(matches!(start_shell("exec sleep 600"), Err(SandboxError::TooSlow { .. })));
    }

    #[test]
    fn a_child_that_dies_is_told_from_one_that_ends() {
        let mut running = start_shell("printf F; exit 3").unwrap();
        assert_eq!(running.read(&mut [0]).unwrap(), 0);
        assert!(matches!(running.finish(), Err(SandboxError::Died { .. })));
        assert!(matches!(start_shell("exit 3"), Err(SandboxError::Died { .. })));
        assert!(matches!(start_shell("exit 0"), Err(SandboxError::Silent)));
        assert!(matches!(start_shell("printf x"), Err(SandboxError::Silent)));
    }
}
