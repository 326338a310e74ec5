//! Faults of disks, kernels and power, tried on a lake until something is lost, or nothing was.
//!
//! What a process acknowledged is noted outside of the lake, and looked for afterwards. Every kind of
//! trial can be run alone: `errors` at every call, `kills` at random moments, `cuts` of power, `sizes` of
//! disks, a `crowd` of processes, `damage` of files, the `order` of calls, and `mutants`, which leave out
//! what durability rests on and must be noticed.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a harness reads the clock, its arguments, the environment and files"
)]
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "the report is what it is for")]

mod child;
mod crowd;
mod damage;
mod mounts;
mod mutants;
mod order;
mod points;
mod report;
mod traced;
mod world;

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Instant;

use crate::report::Report;

type Outcome<T> = Result<T, Box<dyn Error>>;

const USAGE: &str = "arguments: [--smoke | --every] [errors] [kills] [cuts] [sizes] [crowd] [damage] [order] \
                     [mutants]; without a name, all";

/// What is tried, in order.
const TRIALS: [&str; 8] =
    ["order", "damage", "errors", "kills", "crowd", "sizes", "cuts", "mutants"];

/// How much is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scale {
    /// Everything, and errors and kills at every call: hours.
    Every,
    /// Everything, and errors and kills at many calls, on demand.
    Full,
    /// As much as the checks before every merge have time for.
    Smoke,
}

impl Scale {
    fn of(self, full: usize, smoke: usize) -> usize {
        if self == Self::Smoke { smoke } else { full }
    }

    fn of_u32(self, full: u32, smoke: u32) -> u32 {
        if self == Self::Smoke { smoke } else { full }
    }

    /// Returns all points, or some of them, from beginning to end.
    fn some_of<T: Copy>(self, points: &[T]) -> Vec<T> {
        let most = if self == Self::Every { points.len() } else { self.of(500, 20) };
        let step = points.len().div_ceil(most.max(1)).max(1);
        points.iter().step_by(step).copied().collect()
    }
}

/// Numbers that look as if by chance, the same each time.
pub(crate) fn chances() -> impl Iterator<Item = usize> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    std::iter::repeat_with(move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state >> 33).unwrap_or_default()
    })
}

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {}", report::said(&*error));
            ExitCode::FAILURE
        }
    }
}

/// Returns whether nothing went wrong.
fn run() -> Outcome<bool> {
    // Cargo adds `--bench`.
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    if args.first().is_some_and(|arg| arg == child::CHILD) {
        return child::run(&args[1..]).map(|()| true);
    }
    let (options, mut named): (Vec<&str>, Vec<&str>) =
        args.iter().map(String::as_str).partition(|arg| arg.starts_with("--"));
    let scale = match options[..] {
        [] => Scale::Full,
        ["--smoke"] => Scale::Smoke,
        ["--every"] => Scale::Every,
        _ => return Err(USAGE.into()),
    };
    if named.iter().any(|name| !TRIALS.contains(name)) {
        return Err(USAGE.into());
    }
    if named.is_empty() {
        named = TRIALS.to_vec();
    }
    let mut report = Report::default();
    for trial in TRIALS.into_iter().filter(|trial| named.contains(trial)) {
        let begun = Instant::now();
        try_out(trial, scale, &mut report)?;
        eprintln!("{trial}: {:.0} s", begun.elapsed().as_secs_f64());
    }
    Ok(report.print())
}

fn try_out(trial: &str, scale: Scale, report: &mut Report) -> Outcome<()> {
    let in_memory = tempfile::Builder::new().prefix("faults").tempdir_in(memory())?;
    let on_disk = tempfile::Builder::new().prefix("faults").tempdir()?;
    let folder = in_memory.path();
    let needs_strace = ["errors", "order", "mutants"].contains(&trial);
    if needs_strace && !is_there("strace", "-V") {
        return missing(trial, "strace", report);
    }
    let can_cut = |kind: &str| mounts::can_cut(kind, &on_disk.path().join("probe").join(kind));
    match trial {
        "order" => order::run(folder, None, report),
        "damage" => damage::run(folder, scale, report),
        "errors" => points::run(folder, scale, report),
        "kills" => crowd::kills(folder, scale, report),
        "crowd" => crowd::run(on_disk.path(), (scale.of_u32(100, 5), None), report),
        "mutants" => mutants::run(on_disk.path(), scale, report),
        "sizes" if can_cut("ext4") => mounts::sizes(folder, scale, report),
        "cuts" => {
            for kind in ["ext4", "xfs"] {
                if !is_there(&format!("mkfs.{kind}"), "-V") {
                    missing("cuts", &format!("mkfs.{kind}"), report)?;
                } else if can_cut(kind) {
                    mounts::cuts(on_disk.path(), kind, (scale.of(200, 8), None), report)?;
                } else {
                    report.note("cuts", unmountable(kind));
                }
            }
            Ok(())
        }
        _ => {
            report.note(trial, unmountable("ext4"));
            Ok(())
        }
    }
}

/// What a machine allows or not: nothing that can be installed.
fn unmountable(kind: &str) -> String {
    format!("not tried: this machine does not let us mount {kind} and cut it off")
}

/// Says that something was not tried for want of a program; a failure where nothing may be left out.
fn missing(trial: &str, what: &str, report: &mut Report) -> Outcome<()> {
    if std::env::var_os("TONGBAN_REQUIRE_ALL").is_some() {
        return Err(format!("{trial} needs {what}").into());
    }
    report.note(trial, format!("not tried: it needs {what}"));
    Ok(())
}

fn is_there(program: &str, argument: &str) -> bool {
    Command::new(program).arg(argument).output().is_ok_and(|output| output.status.success())
}

/// Where files are in memory, for trials that are not about disks.
fn memory() -> PathBuf {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() }
}
