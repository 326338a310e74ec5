//! What a child process does to a lake, and how it says that something was acknowledged.

use std::error::Error;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use tongban::lake::Lake;

use crate::Outcome;
use crate::world::{self, Deed};

/// The argument by which this program is asked to be a child.
pub(crate) const CHILD: &str = "child";

/// How long a child may take that is disturbed.
const PATIENCE: Duration = Duration::from_mins(1);

/// What a child does.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Work {
    /// One deed.
    Do(Deed),
    /// So many commits, from a number on.
    Commits { first: u32, count: u32 },
    /// Reads of the latest snapshot until the file of acknowledgements is gone.
    Reads,
    /// Collections and merges until the file of acknowledgements is gone.
    Upkeep,
}

/// A child's work, on which lake, and where it says what was acknowledged.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Task<'a> {
    pub(crate) work: Work,
    pub(crate) root: &'a Path,
    /// Outside of the lake.
    pub(crate) acks: &'a Path,
    /// A library that takes something from what the system does.
    pub(crate) mutant: Option<(&'a Path, &'a str)>,
}

/// Returns the command of a child.
pub(crate) fn command(task: &Task<'_>) -> Outcome<Command> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg(CHILD);
    match task.work {
        Work::Do(Deed::Commit(number)) => command.args(["commit", &number.to_string()]),
        Work::Do(deed) => command.args([deed.name(), "0"]),
        Work::Commits { first, count } => command.args(["commits", &format!("{first}+{count}")]),
        Work::Reads => command.args(["reads", "0"]),
        Work::Upkeep => command.args(["upkeep", "0"]),
    };
    command.args([task.root, task.acks]).stdin(Stdio::null()).stdout(Stdio::null());
    if let Some((library, name)) = task.mutant {
        command.env("LD_PRELOAD", library).env("MUTANT", name);
    }
    Ok(command)
}

/// Waits for a child to end; one that takes too long is killed, which is a failure of its own.
pub(crate) fn wait(mut child: Child) -> Outcome<ExitStatus> {
    let begun = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        if begun.elapsed() > PATIENCE {
            child.kill()?;
            child.wait()?;
            return Err("it did not end".into());
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Waits until more is acknowledged than was, for two seconds at most.
pub(crate) fn wait_for_more(child: &mut Child, acks: &Path, n_known: usize) -> Outcome<()> {
    let begun = Instant::now();
    while acknowledged(acks)?.len() <= n_known
        && begun.elapsed() < Duration::from_secs(2)
        && child.try_wait()?.is_none()
    {
        std::thread::sleep(Duration::from_millis(1));
    }
    Ok(())
}

/// Does what a child is asked for.
pub(crate) fn run(args: &[String]) -> Outcome<()> {
    let [work, number, root, acks] = args else { return Err("a child of what?".into()) };
    let (root, acks) = (Path::new(root), Path::new(acks));
    match work.as_str() {
        "commit" => Deed::Commit(number.parse()?).perform(root),
        "commits" => {
            let (first, count) = number.split_once('+').ok_or("which commits?")?;
            commits(root, acks, first.parse()?..first.parse::<u32>()? + count.parse::<u32>()?)
        }
        "reads" => while_there(acks, Duration::from_millis(500), || {
            let view = Lake::open(root)?.snapshot(None)?;
            world::check_rows(&view)
        }),
        "upkeep" => while_there(acks, Duration::from_secs(1), || {
            let lake = Lake::open(root)?;
            world::upkeep(&lake)
        }),
        deed => Deed::named(deed).ok_or("no such deed")?.perform(root),
    }
}

/// Commits sources; each is acknowledged with how long it took, in microseconds, before the next begins.
fn commits(root: &Path, acks: &Path, numbers: std::ops::Range<u32>) -> Outcome<()> {
    let mut acks = OpenOptions::new().append(true).create(true).open(acks)?;
    for number in numbers {
        let begun = Instant::now();
        let lake = Lake::open(root)?;
        world::commit(&lake, number, 3)?;
        writeln!(acks, "{number} {}", begun.elapsed().as_micros())?;
    }
    Ok(())
}

/// Works again and again, with pauses as people and timers make them, and says how often in a file beside
/// the one that is waited for.
fn while_there(
    acks: &Path,
    pause: Duration,
    mut work: impl FnMut() -> Result<(), Box<dyn Error>>,
) -> Outcome<()> {
    let mut n_times = 0_u32;
    while acks.exists() {
        work()?;
        n_times += 1;
        std::thread::sleep(pause);
    }
    let name = format!("{}.times", std::process::id());
    Ok(fs::write(acks.with_file_name(name), n_times.to_string())?)
}

/// Returns how often a child worked that has ended.
pub(crate) fn n_times(acks: &Path, child: u32) -> Outcome<u32> {
    Ok(fs::read_to_string(acks.with_file_name(format!("{child}.times")))?.parse()?)
}

/// Returns what was acknowledged: numbers of sources, with the microseconds that each took.
pub(crate) fn acknowledged(acks: &Path) -> Outcome<Vec<(String, u64)>> {
    let text = if acks.exists() { fs::read_to_string(acks)? } else { String::new() };
    // What was being written when the process died is no acknowledgement.
    let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
    let parsed = whole.lines().filter_map(|line| {
        let (number, took) = line.split_once(' ')?;
        Some((number.to_owned(), took.parse().ok()?))
    });
    Ok(parsed.collect())
}
