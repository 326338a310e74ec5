//! Many at once: writers, readers, collections and merges, and processes that are killed at any time.

use std::fs;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::Duration;

use tongban::lake::CheckLevel;

use crate::child::{self, Task, Work};
use crate::mounts::kept;
use crate::report::Report;
use crate::world;
use crate::{Outcome, Scale, chances};

/// Writers and readers side by side.
const CROWD: u32 = 16;

fn begun(task: &Task<'_>) -> Outcome<Child> {
    Ok(child::command(task)?.stderr(Stdio::piped()).spawn()?)
}

/// Fails where a child did, with its words.
fn ended(child: Child) -> Outcome<()> {
    let output = child.wait_with_output()?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("{}: {}", output.status, String::from_utf8_lossy(&output.stderr)).into())
}

/// Lets 16 writers commit while 16 read, one collects and one merges.
pub(crate) fn run(
    folder: &Path,
    (n_commits, mutant): (u32, Option<(&Path, &str)>),
    report: &mut Report,
) -> Outcome<()> {
    let name = match mutant {
        Some((_, mutant)) => format!("mutant {mutant}: crowd"),
        None => "crowd".to_owned(),
    };
    let root = folder.join("lake");
    world::make(&root)?;
    let acks: Vec<_> = (0..CROWD).map(|number| folder.join(format!("{number}.acks"))).collect();
    let goes_on = folder.join("goes-on");
    fs::write(&goes_on, "")?;
    let mut writers = Vec::new();
    for (number, acks) in (1..).zip(&acks) {
        let work = Work::Commits { first: number * 10_000, count: n_commits };
        writers.push(begun(&Task { work, root: &root, acks, mutant })?);
    }
    let mut others = Vec::new();
    for work in [Work::Reads; CROWD as usize].into_iter().chain([Work::Upkeep, Work::Upkeep]) {
        others.push(begun(&Task { work, root: &root, acks: &goes_on, mutant })?);
    }
    for writer in writers {
        report.count(&name, "writer", ended(writer));
    }
    fs::remove_file(&goes_on)?;
    let others_of: Vec<u32> = others.iter().map(Child::id).collect();
    for other in others {
        report.count(&name, "reader or upkeep", ended(other));
    }
    let n_times = |children: &[u32]| -> u32 {
        children.iter().filter_map(|child| child::n_times(&goes_on, *child).ok()).sum()
    };
    let (readers, upkeep) = others_of.split_at(CROWD as usize);
    let told = format!("reads {}, collections and merges {}", n_times(readers), n_times(upkeep));
    report.note(&name, told);
    let mut took = Vec::new();
    for acks in &acks {
        report.count(&name, "acknowledged", kept(&root, acks));
        took.extend(child::acknowledged(acks)?.into_iter().map(|(_, took)| took));
    }
    took.sort_unstable();
    let at = |share: usize| took.get(took.len() * share / 100).copied().unwrap_or_default() / 1000;
    report.note(
        &name,
        format!(
            "commits {}, milliseconds each: median {}, 99 of 100 within {}, longest {}",
            took.len(),
            at(50),
            at(99),
            took.last().copied().unwrap_or_default() / 1000
        ),
    );
    Ok(())
}

/// Kills a process that commits at moments that chance chooses.
pub(crate) fn kills(folder: &Path, scale: Scale, report: &mut Report) -> Outcome<()> {
    let n_kills = scale.of(2000, 40);
    let (root, acks) = (folder.join("lake"), folder.join("acks"));
    let mut n_acknowledged = 0;
    for (number, chance) in chances().take(n_kills).enumerate() {
        if number % 40 == 0 {
            n_acknowledged += child::acknowledged(&acks)?.len();
            if root.exists() {
                fs::remove_dir_all(&root)?;
            }
            world::make(&root)?;
            fs::write(&acks, "")?;
        }
        let first = 1000 + u32::try_from(number)? * 1000;
        let work = Work::Commits { first, count: 1000 };
        let task = Task { work, root: &root, acks: &acks, mutant: None };
        let mut child = child::command(&task)?.stderr(Stdio::null()).spawn()?;
        // Some while they begin, most while they commit.
        if chance % 8 > 0 {
            child::wait_for_more(&mut child, &acks, child::acknowledged(&acks)?.len())?;
        }
        std::thread::sleep(Duration::from_micros(u64::try_from(chance % 50_000)?));
        child.kill()?;
        child.wait()?;
        let outcome = kept(&root, &acks).and_then(|()| world::check_whole(&root, CheckLevel::Deep));
        report.count("kills at random moments", &format!("kill {number}"), outcome);
    }
    n_acknowledged += child::acknowledged(&acks)?.len();
    report.note("kills at random moments", format!("commits acknowledged: {n_acknowledged}"));
    Ok(())
}
