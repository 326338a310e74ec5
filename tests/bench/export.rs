//! `cargo bench --bench bench -- export`: all tables of a lake but those of pseudonyms as files for others,
//! beside the `COPY` of the DuckDB shell, which writes the same tables from the same files.
//!
//! Takes the arguments of `queries`. Ours is durable when it ends, hashed and described; what the shell
//! writes is in the cache of the system. Both write one folder anew in each run. The rows of both are
//! counted: a difference makes it fail, no time does.

#![expect(
    clippy::disallowed_methods,
    reason = "a benchmark reads the clock and what commands wrote"
)]
#![expect(clippy::print_stdout, reason = "the report is what it is for")]

use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tongban::table::{LakeTable, parquet_rows};

use crate::memory::finish_watched;
use crate::queries::Asked;
use crate::shell::{Scripts, duckdb, quoted, write_script};
use crate::{Effort, Outcome, data_facts, percentile, print_facts, tongban};

/// Runs that are counted, after one to warm up.
const N_RUNS: usize = 3;
/// How often the kernel is asked for the memory of a process.
const INTERVAL: Duration = Duration::from_millis(20);
/// So many times the time of the shell is the target, for Parquet.
const MAX_RATIO: f64 = 1.2;
/// The most memory that an export may need.
const MAX_PEAK_MB: u64 = 512;

/// A way to write everything.
struct Way {
    name: &'static str,
    /// Options of `tongban export`.
    options: &'static [&'static str],
    /// Options of `COPY`, and the ending of its files.
    copy: (&'static str, &'static str),
}

/// As the lake has it, encoded anew, and as text.
const WAYS: [Way; 3] = [
    Way {
        name: "parquet",
        options: &["--format", "parquet"],
        copy: ("FORMAT parquet, COMPRESSION zstd", "parquet"),
    },
    Way {
        name: "parquet --compat",
        options: &["--format", "parquet", "--compat"],
        copy: ("FORMAT parquet, COMPRESSION snappy", "parquet"),
    },
    Way { name: "csv-exact", options: &["--format", "csv-exact"], copy: ("FORMAT csv", "csv") },
];

/// What a side needed.
#[derive(Default)]
struct Needed {
    times_ms: Vec<f64>,
    peak_kb: u64,
    size_bytes: u64,
}

/// Writes everything in each way, both sides in turn, and prints a line for each side.
pub(crate) fn measure(asked: &Asked, dir: &Path, shell: Option<&Path>) -> Outcome<()> {
    let workspace = asked.workspace(dir)?;
    let folder = dir.join("exports");
    fs::create_dir(&folder)?;
    let scripts = Scripts::of(&workspace, &folder)?;
    let has_files = |table: &LakeTable| {
        !table.is_personal() && scripts.snapshot.files.get(table).is_some_and(|it| !it.is_empty())
    };
    let tables: Vec<LakeTable> = LakeTable::ALL.iter().copied().filter(has_files).collect();
    print_facts(&workspace, shell, &data_facts(&workspace, &scripts.snapshot, &tables)?)?;
    let n_runs = if asked.effort() == Effort::Full { N_RUNS } else { 1 };
    println!("runs:   {n_runs} after one to warm up\n");
    println!(
        "{:<18}{:<10}{:>10}{:>8}{:>10}{:>10}  verdict",
        "way", "side", "median s", "ratio", "peak MB", "size MB"
    );
    for way in &WAYS {
        let ours = || -> Outcome<Command> {
            let names: Vec<&str> = tables.iter().map(|table| table.as_str()).collect();
            let names = names.join(",");
            let fixed = ["export", "--quiet", "--records", "--unpublished", "--table", &names];
            let mut command = tongban(&workspace, &fixed);
            command.args(way.options).arg(folder.join("ours"));
            Ok(command)
        };
        let theirs = |shell: &Path| -> Outcome<Command> {
            let mut script = String::new();
            for table in &tables {
                let to = folder.join("theirs").join(format!("{table}.{}", way.copy.1));
                script.push_str(&scripts.table(table.as_str())?);
                let to = quoted(&to.to_string_lossy());
                script.push_str(&format!("COPY (FROM {table}) TO {to} ({});\n", way.copy.0));
            }
            let script = write_script(&folder, "copy", &script)?;
            Ok(duckdb(shell, &folder, &script))
        };
        let mut sides = [Needed::default(), Needed::default()];
        for run_idx in 0..=n_runs {
            run(&mut sides[0], &folder.join("ours"), run_idx, ours)?;
            if let Some(shell) = shell {
                run(&mut sides[1], &folder.join("theirs"), run_idx, || theirs(shell))?;
            }
            if shell.is_some() && way.copy.1 == "parquet" {
                check_rows(&folder, &tables)?;
            }
        }
        print_way(way, &mut sides, asked.effort());
    }
    Ok(())
}

/// Runs one side into an empty folder.
fn run(
    needed: &mut Needed,
    folder: &Path,
    run_idx: usize,
    command: impl Fn() -> Outcome<Command>,
) -> Outcome<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir(folder)?;
    let mut command = command()?;
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let start = Instant::now();
    let (status, peak_kb) = finish_watched(&mut command, INTERVAL)?;
    if !status.success() {
        return Err(format!("{command:?} failed with {status}").into());
    }
    if run_idx > 0 {
        needed.times_ms.push(start.elapsed().as_secs_f64() * 1000.0);
    }
    needed.peak_kb = needed.peak_kb.max(peak_kb);
    needed.size_bytes = size_of(folder)?;
    Ok(())
}

/// Fails unless both sides wrote the same number of rows of each table.
fn check_rows(folder: &Path, tables: &[LakeTable]) -> Outcome<()> {
    for table in tables {
        let mut ours = 0;
        for entry in fs::read_dir(folder.join("ours/current").join(table.as_str()))? {
            ours += parquet_rows(File::open(entry?.path())?)?;
        }
        let path = folder.join("theirs").join(format!("{table}.parquet"));
        let theirs = parquet_rows(File::open(path)?)?;
        if ours != theirs {
            return Err(format!("{table}: {ours} rows, and {theirs} by the shell").into());
        }
    }
    Ok(())
}

/// Returns the bytes of all files below a folder. Links are not followed.
fn size_of(folder: &Path) -> Outcome<u64> {
    let mut size_bytes = 0;
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let metadata = fs::symlink_metadata(&path)?;
        size_bytes += if metadata.is_dir() { size_of(&path)? } else { metadata.len() };
    }
    Ok(size_bytes)
}

fn print_way(way: &Way, sides: &mut [Needed; 2], effort: Effort) {
    let medians: Vec<Option<f64>> = sides
        .iter_mut()
        .map(|side| (!side.times_ms.is_empty()).then(|| percentile(&mut side.times_ms, 50)))
        .collect();
    let ratio = medians[0].zip(medians[1]).map(|(ours, theirs)| ours / theirs);
    for (idx, name) in ["tongban", "duckdb"].into_iter().enumerate() {
        let Some(median_ms) = medians[idx] else { continue };
        let peak_mb = sides[idx].peak_kb >> 10;
        let verdict = match (idx, ratio) {
            (0, Some(_)) if effort == Effort::Smoke => "not judged",
            (0, Some(ratio)) if ratio <= MAX_RATIO && peak_mb <= MAX_PEAK_MB => "within target",
            (0, Some(_)) if way.copy.1 == "parquet" => "over target",
            _ => "-",
        };
        let shown =
            ratio.filter(|_| idx == 0).map_or("-".to_owned(), |ratio| format!("{ratio:.2}"));
        println!(
            "{:<18}{name:<10}{:>10.2}{shown:>8}{peak_mb:>10}{:>10}  {verdict}",
            way.name,
            median_ms / 1000.0,
            sides[idx].size_bytes >> 20
        );
    }
}
