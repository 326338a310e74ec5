//! A child of this program under strace: which calls it makes about a lake, and what it is told instead.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};

use crate::Outcome;
use crate::child::{self, Task};

/// Calls by which something on the disk changes, or is asked for, each with what it may be answered.
///
/// Reads and mappings come last: they change nothing.
const CALLS: [(&str, &[&str]); 14] = [
    ("openat", &["ENOSPC", "EIO", "EMFILE", "EINTR"]),
    ("write", &["ENOSPC", "EIO", "EINTR"]),
    ("pwrite64", &["ENOSPC", "EIO", "EINTR"]),
    ("fsync", &["ENOSPC", "EIO", "EINTR"]),
    ("fdatasync", &["ENOSPC", "EIO", "EINTR"]),
    ("linkat", &["ENOSPC", "EIO"]),
    ("rename", &["ENOSPC", "EIO"]),
    ("unlink", &["EIO"]),
    ("unlinkat", &["EIO"]),
    ("mkdir", &["ENOSPC", "EIO"]),
    ("ftruncate", &["ENOSPC", "EIO", "EINTR"]),
    ("fchmod", &["EIO"]),
    ("flock", &["EIO", "EINTR"]),
    ("pread64", &["EIO", "EINTR"]),
];

/// A call that a child makes about a lake: the so many-th of its kind in a thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Call {
    pub(crate) name: &'static str,
    pub(crate) number: usize,
}

/// What happens at a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It fails.
    Once(&'static str),
    /// It and all after it fail.
    FromThenOn(&'static str),
    /// The process is killed in front of it.
    Kill,
}

/// Returns the errors that may happen at a call.
pub(crate) fn faults_of(call: Call) -> Vec<Fault> {
    let errors = CALLS.iter().find(|(name, _)| *name == call.name).map_or(&[][..], |(_, all)| *all);
    let mut faults: Vec<Fault> = errors.iter().copied().map(Fault::Once).collect();
    // A call that is interrupted is made again, and no system interrupts for ever.
    let lasting = errors.iter().copied().filter(|error| *error != "EINTR");
    faults.extend(lasting.map(Fault::FromThenOn));
    faults
}

/// Runs a child under strace, and returns what it ended with.
fn run(options: &[&str], task: &Task<'_>) -> Outcome<ExitStatus> {
    let plain = child::command(task)?;
    let mut command = Command::new("strace");
    command.args(["-f", "-qq", "--seccomp-bpf"]).args(options);
    for (name, value) in plain.get_envs() {
        // For the child alone.
        let value = value.unwrap_or_default().to_string_lossy();
        command.args(["-E", &format!("{}={value}", name.to_string_lossy())]);
    }
    command.arg(plain.get_program()).args(plain.get_args());
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    child::wait(command.spawn()?)
}

/// Lets a child do its task with a fault in it; returns whether it said that all went well.
pub(crate) fn with_fault(call: Call, fault: Fault, task: &Task<'_>) -> Outcome<bool> {
    let Call { name, number } = call;
    let inject = match fault {
        Fault::Once(error) => format!("inject={name}:error={error}:when={number}"),
        Fault::FromThenOn(error) => format!("inject={name}:error={error}:when={number}+"),
        Fault::Kill => format!("inject={name}:signal=SIGKILL:when={number}"),
    };
    let status = run(&["-e", &format!("trace={name}"), "-e", &inject, "-o", "/dev/null"], task)?;
    Ok(status.success())
}

/// Returns the lines of a trace of all calls in their order, each with the paths of what is open.
pub(crate) fn trace(task: &Task<'_>) -> Outcome<Vec<String>> {
    let file = task.root.with_extension("trace");
    let names: Vec<&str> = CALLS.iter().map(|(name, _)| *name).collect();
    let traced = format!("trace={}", names.join(","));
    let path = file.to_str().ok_or("a path that is no text")?;
    let status = run(&["-y", "-s", "0", "-e", &traced, "-o", path], task)?;
    if !status.success() {
        return Err("the task failed without a fault".into());
    }
    Ok(fs::read_to_string(&file)?.lines().map(str::to_owned).collect())
}

/// Returns the calls about a lake, each once.
pub(crate) fn calls(lines: &[String], root: &Path) -> Vec<Call> {
    let root = root.to_string_lossy();
    let mut counts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    let mut calls = Vec::new();
    for line in lines {
        let Some((thread, rest)) = line.split_once(char::is_whitespace) else { continue };
        let rest = rest.trim_start();
        let Some((name, _)) = CALLS
            .iter()
            .find(|(name, _)| rest.strip_prefix(name).is_some_and(|rest| rest.starts_with('(')))
        else {
            continue;
        };
        let number = counts.entry((thread, *name)).or_default();
        *number += 1;
        if line.contains(&*root) {
            calls.push(Call { name, number: *number });
        }
    }
    calls.sort_unstable();
    calls.dedup();
    calls
}
