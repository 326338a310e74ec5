//! Child processes with limits, for documents that strangers wrote.
//!
//! A parser can be made to use all memory, to run for ever, or to abort; Rust cannot catch an abort.
//! So it runs in a process of its own, which may use limited memory and time, open no file and reach
//! no network, and gives back bytes.

mod child;
mod error;
mod running;

use std::cell::Cell;
use std::io::{Read, Write, pipe};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::rc::Rc;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use bytes::Bytes;
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};

pub use child::{Confinement, confine};
pub use error::SandboxError;
pub use running::{Running, start};

/// What a child may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Address space, in bytes.
    pub memory_bytes: u64,
    /// Time on the processor, in seconds.
    pub cpu_s: u64,
    /// Time on the clock.
    pub elapsed: Duration,
    /// Bytes that it may give back.
    pub output_bytes: u64,
}

/// What a child that reads one document may use.
pub const DOCUMENT_LIMITS: Limits = Limits {
    memory_bytes: 1 << 30,
    cpu_s: 60,
    elapsed: Duration::from_secs(65),
    output_bytes: 256 << 20,
};

/// Returns what a child that reads a record file of so many bytes may use: a second on the processor for
/// each megabyte, which is a hundred times of what is needed, and as much time on the clock as it takes
/// without being silent.
pub fn record_limits(size_bytes: u64) -> Limits {
    let cpu_s = DOCUMENT_LIMITS.cpu_s + (size_bytes >> 20);
    Limits { cpu_s, output_bytes: u64::MAX, ..DOCUMENT_LIMITS }
}

/// The program that children run, and how far the kernel confined those that ran it.
#[derive(Debug, Clone)]
pub struct Program {
    path: PathBuf,
    weakest: Rc<Cell<Option<Confinement>>>,
}

impl Program {
    /// Returns a program by its file.
    pub fn new(path: PathBuf) -> Self {
        Self { path, weakest: Rc::default() }
    }

    /// Returns the file of the program.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Notes how far a child was confined.
    fn note(&self, confinement: Confinement) {
        let weakest = self.weakest().map_or(confinement, |known| known.min(confinement));
        self.weakest.set(Some(weakest));
    }

    /// Returns how far the least confined child was confined; `None` before the first one.
    pub fn weakest(&self) -> Option<Confinement> {
        self.weakest.get()
    }
}

/// What a child gave back.
#[derive(Debug)]
pub struct Reply(Bytes);

impl Reply {
    /// Takes what a child wrote, and how far it says that it was confined.
    fn parse(output: Vec<u8>) -> Result<(Self, Confinement), SandboxError> {
        let mark = output.first().copied().and_then(Confinement::of_mark);
        Ok((Self(output.into()), mark.ok_or(SandboxError::Silent)?))
    }

    /// Returns the bytes.
    pub fn into_bytes(self) -> Bytes {
        self.0.slice(1..)
    }
}

/// Runs a program with bytes, one part after the other, as its standard input and returns its standard output.
///
/// The child has an empty environment and is expected to [`confine`] itself before it reads, and to
/// begin what it writes with the [mark](Confinement::mark) of how far that went. It is killed, with all
/// that it has started, when it takes too long or gives back too much. What it says on standard error
/// is dropped.
pub fn run(
    program: &Program,
    args: &[&str],
    input: &[&[u8]],
    limits: Limits,
) -> Result<Reply, SandboxError> {
    let child = command(program, args)?.stdin(Stdio::piped()).spawn();
    let mut child = child.map_err(SandboxError::Start)?;
    let talked = talk(&mut child, input, limits);
    let status = child.wait().map_err(SandboxError::Start)?;
    let Talked { output, is_too_slow } = talked?;
    if is_too_slow {
        return Err(SandboxError::TooSlow { elapsed: limits.elapsed });
    }
    if is_more(&output, limits.output_bytes) {
        return Err(SandboxError::TooMuchOutput { max_bytes: limits.output_bytes });
    }
    if !status.success() {
        return Err(SandboxError::Died { status, memory_bytes: limits.memory_bytes });
    }
    let (reply, confinement) = Reply::parse(output)?;
    program.note(confinement);
    Ok(reply)
}

/// Returns a command with an empty environment, whose child leads a group of its own.
///
/// Its standard error is a pipe that nobody reads. Not `/dev/null`, which is an ordinary file where a
/// machine was set up so: a last word of the child, as that there is no more memory, would end it as one
/// that lets a file grow.
fn command(program: &Program, args: &[&str]) -> Result<Command, SandboxError> {
    let (_, unread) = pipe().map_err(SandboxError::Start)?;
    let mut command = Command::new(&program.path);
    command
        .args(args)
        .env_clear()
        .current_dir("/")
        .process_group(0)
        .stdout(Stdio::piped())
        .stderr(unread);
    Ok(command)
}

/// What came out of a child before it ended or was killed.
struct Talked {
    output: Vec<u8>,
    is_too_slow: bool,
}

/// Writes to a child while reading from it, and kills it when its time is up, whatever it has closed.
///
/// It is reaped only afterwards, so that its number cannot mean another process yet.
fn talk(child: &mut Child, input: &[&[u8]], limits: Limits) -> Result<Talked, SandboxError> {
    let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    let (Some(pid), Some(mut stdin), Some(stdout)) = (pid, child.stdin.take(), child.stdout.take())
    else {
        unreachable!("a child has a number, and both were asked for as pipes")
    };
    // It leads a group of its own, with all that it may have started.
    let kill = || kill_process_group(pid, Signal::KILL).is_ok();
    let (is_done, done) = channel::<()>();
    std::thread::scope(|scope| {
        // A child that dies early closes its end; what became of it is told by its status.
        scope.spawn(move || {
            input.iter().try_for_each(|part| stdin.write_all(part)).unwrap_or_default();
        });
        let watchdog = scope.spawn(move || {
            let is_late = done.recv_timeout(limits.elapsed) == Err(RecvTimeoutError::Timeout);
            is_late && kill()
        });
        let mut output = Vec::new();
        let outcome = stdout.take(limits.output_bytes.saturating_add(1)).read_to_end(&mut output);
        if outcome.is_err() || is_more(&output, limits.output_bytes) {
            kill();
        }
        let ended = waitid(WaitId::Pid(pid), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT);
        // What is left of its group would hold the pipe that is still written to.
        kill();
        drop(is_done);
        let is_too_slow = watchdog.join().unwrap_or(false);
        outcome.map_err(SandboxError::Start)?;
        ended.map_err(|error| SandboxError::Start(error.into()))?;
        Ok(Talked { output, is_too_slow })
    })
}

/// Whether a child gave back more than it may.
fn is_more(output: &[u8], max_bytes: u64) -> bool {
    u64::try_from(output.len()).is_ok_and(|n_bytes| n_bytes > max_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_child_says_how_far_it_is_confined() {
        for confinement in [Confinement::None, Confinement::Partial, Confinement::Full] {
            let (reply, said) = Reply::parse(vec![confinement.mark(), 7, 8]).unwrap();
            assert_eq!((said, &reply.into_bytes()[..]), (confinement, &[7, 8][..]));
            let is_warned = confinement.warning().is_some();
            assert_eq!(is_warned, confinement != Confinement::Full);
        }
        assert!(matches!(Reply::parse(vec![0, 7]), Err(SandboxError::Silent)));
        assert!(matches!(Reply::parse(Vec::new()), Err(SandboxError::Silent)));
    }

    /// Runs a line of the shell, which has long lost its patience when a child sleeps for ever.
    fn run_shell(line: &str, input: &[u8]) -> Result<Vec<u8>, SandboxError> {
        let program = Program::new(PathBuf::from("/bin/sh"));
        let limits = Limits {
            elapsed: Duration::from_millis(if line.contains("sleep") { 300 } else { 60_000 }),
            output_bytes: 100_000,
            ..DOCUMENT_LIMITS
        };
        let args = ["-c", &format!("PATH=/bin:/usr/bin; {line}")];
        run(&program, &args, &[input], limits).map(|reply| reply.into_bytes().to_vec())
    }

    #[test]
    fn a_child_gives_back_what_it_writes() {
        assert_eq!(run_shell("printf F; cat", b"abc").unwrap(), b"abc");
        assert_eq!(run_shell("printf Fx", &vec![7; 1 << 20]).unwrap(), b"x");
    }

    #[test]
    fn a_child_that_takes_too_long_is_killed_whatever_it_has_closed() {
        let input = vec![7; 1 << 20];
        for line in [
            "sleep 600",
            "printf F; exec sleep 600",
            "printf F; exec >&-; sleep 600",
            "printf F; exec >&- <&-; sleep 600",
            "printf F; sleep 600 & exit 0",
        ] {
            let outcome = run_shell(line, &input);
            assert!(matches!(outcome, Err(SandboxError::TooSlow { .. })), "{line}: {outcome:?}");
        }
    }

    #[test]
    fn a_child_that_gives_back_too_much_is_killed() {
        let outcome = run_shell("printf F; exec cat /dev/zero", b"");
        assert!(matches!(outcome, Err(SandboxError::TooMuchOutput { max_bytes: 100_000 })));
    }

    #[test]
    fn a_child_that_dies_gives_nothing_back() {
        for line in ["printf F; exit 3", "printf F; kill -9 $$"] {
            let outcome = run_shell(line, b"abc");
            assert!(matches!(outcome, Err(SandboxError::Died { .. })), "{line}: {outcome:?}");
        }
        assert!(matches!(run_shell("exit 0", b"abc"), Err(SandboxError::Silent)));
    }

    #[test]
    fn an_abort_names_the_memory_that_a_child_may_use() {
        let error = run_shell("printf F; kill -ABRT $$", b"").unwrap_err();
        let message = crate::diag::Diagnose::message(&error);
        assert_eq!(message.code, "sandbox.aborted");
        assert!(message.text(crate::diag::Lang::En).contains("1024 MB"), "{message:?}");
    }

    #[test]
    fn what_a_child_says_on_standard_error_stops_nothing() {
        assert_eq!(run_shell("trap '' PIPE; echo x >&2; printf Fx", b"").unwrap(), b"x");
    }

    #[test]
    fn the_least_confined_child_counts() {
        let order = [Confinement::None, Confinement::Partial, Confinement::Full];
        assert!(order.is_sorted());
    }
}
