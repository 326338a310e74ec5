//! `cargo bench --bench bench -- records [SCALE]`: the cases of the default set of made-up records into a
//! lake, all rules on, beside two conversions of the same file that look at nothing: the DuckDB shell's
//! `COPY` and Polars' `sink_parquet`.
#![expect(
    clippy::disallowed_methods,
    reason = "a benchmark reads the clock and what commands wrote"
)]
#![expect(clippy::print_stdout, reason = "the report is what it is for")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::memory::finish_watched;
use crate::shell::{duckdb, quoted};
use crate::{Outcome, RETURNED, command, finish, percentile, python, tongban};

/// The cases of the default set, made by `tongban synth`.
const FILE: &str = "up_pro_accept.csv";
/// Runs that are counted, after one to warm up.
const N_RUNS: usize = 3;
/// How often the kernel is asked for the memory of a process.
const INTERVAL: Duration = Duration::from_millis(20);

/// What a side needed for each run.
struct Side {
    name: &'static str,
    times_ms: Vec<f64>,
    peak_kb: u64,
    parquet_bytes: u64,
}

/// Makes the file, runs all sides in turn and prints a line for each.
pub(crate) fn measure(scale: &str, dir: &Path, shell: Option<&Path>) -> Outcome<()> {
    finish(&mut tongban(dir, &["synth", "made", "--scale", scale]))?;
    let file = dir.join("made").join(FILE);
    // Reading it once puts it into memory for everybody.
    let n_rows = count_lines(&file)? - 1;
    let size_bytes = fs::metadata(&file)?.len();
    println!("{n_rows} rows, {} MB; {N_RUNS} runs after one to warm up\n", size_bytes >> 20);
    let mut sides = Vec::new();
    for name in ["tongban", "duckdb", "polars"] {
        sides.push(Side { name, times_ms: Vec::new(), peak_kb: 0, parquet_bytes: 0 });
    }
    for run_idx in 0..=N_RUNS {
        for side in &mut sides {
            let folder = tempfile::tempdir_in(dir)?;
            let Some(mut command) = side.command(folder.path(), &file, shell)? else { continue };
            command.stdout(Stdio::null()).stderr(Stdio::null());
            let start = Instant::now();
            let (status, peak_kb) = finish_watched(&mut command, INTERVAL)?;
            if !status.success() && status.code() != Some(RETURNED) {
                return Err(format!("{command:?} failed with {status}").into());
            }
            if run_idx > 0 {
                side.times_ms.push(start.elapsed().as_secs_f64() * 1000.0);
            }
            side.peak_kb = side.peak_kb.max(peak_kb);
            side.parquet_bytes = parquet_bytes(folder.path())?;
        }
    }
    println!(
        "{:<10}{:>10}{:>12}{:>10}{:>10}{:>12}",
        "side", "median s", "M rows/s", "ratio", "peak MB", "Parquet MB"
    );
    let ours_ms = percentile(&mut sides[0].times_ms, 50);
    for side in sides.iter_mut().filter(|side| !side.times_ms.is_empty()) {
        let median_ms = percentile(&mut side.times_ms, 50);
        #[expect(clippy::cast_precision_loss, reason = "rows are far below 2^52")]
        let rows_a_second = n_rows as f64 / 1000.0 / median_ms;
        println!(
            "{:<10}{:>10.2}{rows_a_second:>12.2}{:>10.2}{:>10}{:>12}",
            side.name,
            median_ms / 1000.0,
            ours_ms / median_ms,
            side.peak_kb >> 10,
            side.parquet_bytes >> 20
        );
    }
    Ok(())
}

impl Side {
    /// The next run in a folder of its own; `None` where the side is not installed.
    fn command(&self, dir: &Path, file: &Path, shell: Option<&Path>) -> Outcome<Option<Command>> {
        match self.name {
            "tongban" => {
                finish(&mut tongban(dir, &["init"]))?;
                let mut command = tongban(dir, &["ingest", "--quiet"]);
                command.arg(file);
                Ok(Some(command))
            }
            "duckdb" => {
                let Some(shell) = shell else { return Ok(None) };
                let script = dir.join("copy.sql");
                let copy = format!(
                    "COPY (SELECT * FROM read_csv({}, all_varchar = true)) TO {} \
                     (FORMAT parquet, COMPRESSION zstd);\n",
                    quoted(&file.to_string_lossy()),
                    quoted(&dir.join("out.parquet").to_string_lossy())
                );
                fs::write(&script, copy)?;
                Ok(Some(duckdb(shell, dir, &script)))
            }
            _ => {
                let Some(python) = python() else { return Ok(None) };
                let mut command = command(&python, dir);
                let code = "import polars, sys; polars.scan_csv(sys.argv[1], infer_schema=False)\
                            .sink_parquet('out.parquet', compression='zstd')";
                command.args(["-c", code]).arg(file);
                Ok(Some(command))
            }
        }
    }
}

fn count_lines(path: &Path) -> Outcome<u64> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_path(path)?;
    let mut record = csv::ByteRecord::new();
    let mut n_rows = 0;
    while reader.read_byte_record(&mut record)? {
        n_rows += 1;
    }
    Ok(n_rows)
}

/// The size of all Parquet files below a folder.
fn parquet_bytes(dir: &Path) -> Outcome<u64> {
    let mut folders: Vec<PathBuf> = vec![dir.to_owned()];
    let mut n_bytes = 0;
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "parquet") {
                n_bytes += fs::metadata(&path)?.len();
            }
        }
    }
    Ok(n_bytes)
}
