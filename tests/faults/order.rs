//! The order in which a commit has things made durable, seen in a trace of its calls.

use std::path::Path;

use tongban::lake::Lake;

use crate::Outcome;
use crate::child::{Task, Work};
use crate::report::Report;
use crate::traced;
use crate::world::{self, Deed};

/// Looks at the calls of a commit, and of the other deeds that put files in place.
pub(crate) fn run(
    folder: &Path,
    mutant: Option<(&Path, &str)>,
    report: &mut Report,
) -> Outcome<()> {
    let name = match mutant {
        Some((_, mutant)) => format!("mutant {mutant}: order"),
        None => "order of calls".to_owned(),
    };
    for deed in [Deed::Commit(90), Deed::Restore, Deed::Compact] {
        let root = folder.join(deed.name());
        world::make_for(deed, &root)?;
        let acks = folder.join("acks");
        let lines =
            traced::trace(&Task { work: Work::Do(deed), root: &root, acks: &acks, mutant })?;
        // It did what it was to do, whatever was taken from it.
        Lake::open(&root)?.snapshot(None)?;
        for (what, outcome) in broken(&lines, &root) {
            report.count(&name, &format!("{} {what}", deed.name()), outcome);
        }
    }
    Ok(())
}

/// Returns, for every file that was linked into place, whether it was durable before its name was, its name
/// before the catalog told of it, and the catalog before the process ended.
fn broken(lines: &[String], root: &Path) -> Vec<(String, Outcome<()>)> {
    let root = root.to_string_lossy();
    // SQLite may be built to use one or the other.
    let is_sync = |line: &str| line.contains(" fsync(") || line.contains(" fdatasync(");
    let synced_from = |from: usize, path: &str| {
        let wanted = |line: &String| is_sync(line) && line.contains(path);
        lines.iter().skip(from).position(wanted).map(|found| found + from)
    };
    let mut outcomes = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let Some((_, rest)) = line.split_once(" linkat(") else { continue };
        let paths: Vec<&str> = rest.split('"').collect();
        let [_, existing, _, new, ..] = paths.as_slice() else { continue };
        if !new.starts_with(&*root) {
            continue;
        }
        let folder = new.rsplit_once('/').map_or("", |(folder, _)| folder);
        // What came from the folder of a run was written by it; the rest was durable already.
        let is_new = existing.starts_with(&format!("{root}/tmp/"));
        let synced = synced_from(0, &format!("<{existing}>"));
        let named = synced_from(at, &format!("<{folder}>"));
        let told = named.and_then(|named| synced_from(named, "catalog.db-wal>"));
        let outcome = if is_new && synced.is_none_or(|synced| synced > at) {
            Err("the file was not durable before it was linked".into())
        } else if named.is_none() {
            Err("its name was not made durable".into())
        } else if told.is_none() {
            Err("the catalog was not made durable after the name".into())
        } else {
            Ok(())
        };
        let short = new.strip_prefix(&*root).unwrap_or(new).to_owned();
        outcomes.push((short, outcome));
    }
    if outcomes.is_empty() {
        outcomes.push(("nothing".to_owned(), Err("nothing was linked into place".into())));
    }
    outcomes
}
