//! Programs that leave out what this one does for durability: each must be noticed, or nothing here is worth
//! believing.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::report::Report;
use crate::{Outcome, Scale, crowd, mounts, order};

/// What each mutant leaves out, and what is said where that is noticed. Whatever else goes wrong, as a child
/// that cannot be started, does not count.
const MUTANTS: [(&str, &[&str]); 4] = [
    (
        "no-file-sync",
        &["the file was not durable", "lake/data/", "lake/source/", "DataFile", "Source"],
    ),
    ("synchronous-normal", &["the catalog was not made durable", "acknowledged and is lost"]),
    ("no-folder-sync", &["its name was not made durable"]),
    ("no-lock", &["was given up by another process", "lake/tmp/"]),
];

/// Compiles the library that takes things away.
fn library(folder: &Path) -> Outcome<PathBuf> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/faults/mutant.c");
    let library = folder.join("mutant.so");
    let status = Command::new("cc")
        .args(["-shared", "-fPIC", "-O1", "-o"])
        .args([&library, &source])
        .arg("-ldl")
        .status()?;
    if status.success() { Ok(library) } else { Err("the mutants were not compiled".into()) }
}

/// Runs every mutant, and counts as wrong those that nothing noticed.
pub(crate) fn run(folder: &Path, scale: Scale, report: &mut Report) -> Outcome<()> {
    let library = library(folder)?;
    let n_cuts = scale.of(30, 6);
    let can_cut = mounts::can_cut("ext4", &subfolder(folder, "probe")?);
    for (name, words) in MUTANTS {
        let mutant = Some((library.as_path(), name));
        let folder = subfolder(folder, name)?;
        let mut noticed = Vec::new();
        let mut seen = Report::default();
        if name == "no-lock" {
            crowd::run(&subfolder(&folder, "crowd")?, (scale.of_u32(20, 4), mutant), &mut seen)?;
        } else {
            order::run(&subfolder(&folder, "order")?, mutant, &mut seen)?;
            // A cut does not see a folder that is not synced: the sync of the catalog writes it as well.
            if can_cut && name != "no-folder-sync" {
                mounts::cuts(&subfolder(&folder, "cuts")?, "ext4", (n_cuts, mutant), &mut seen)?;
            }
        }
        for (kind, n_tried, n_wrong) in seen.counts_saying(words) {
            let by = kind.rsplit_once(": ").map_or(kind.as_str(), |(_, by)| by);
            report.note("mutants", format!("{name}: {by} noticed {n_wrong} of {n_tried}"));
            noticed.push(n_wrong > 0);
        }
        let is_noticed = noticed.contains(&true);
        let outcome = if is_noticed { Ok(()) } else { Err("not noticed".into()) };
        report.count("mutants", name, outcome);
    }
    Ok(())
}

fn subfolder(folder: &Path, name: &str) -> Outcome<PathBuf> {
    let folder = folder.join(name);
    std::fs::create_dir(&folder)?;
    Ok(folder)
}
