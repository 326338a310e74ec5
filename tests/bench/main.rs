//! Whole-process times of the commands that people wait for, beside the DuckDB shell that answers
//! the same SQL on the same Parquet files.
//!
//! `cargo bench --profile release` measures and compares with the targets; with `-- --smoke` everything
//! runs a few times and nothing is judged. No time makes it fail: only what cannot run, or two
//! different answers. `-- staging` or `-- staging N` writes three million or N rows of records into a
//! lake, and nothing else; `-- judge` judges a million rows of
//! records, `-- rows` reads record files in their formats, and `-- records` or `-- records SCALE` does
//! everything that an ingest of records does, beside DuckDB and Polars. `-- queries`, `-- queries --scale
//! SCALE` or `-- queries WORKSPACE` answers every named query on a lake of made-up records or on yours, and
//! `-- export` in the same ways writes all tables of such a lake for other tools. `-- lakes` asks and checks
//! lakes of up to five thousand notices.
#![expect(
    clippy::disallowed_methods,
    reason = "a benchmark reads the clock, its arguments, the environment and what commands wrote"
)]
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "the report is what it is for")]

mod answers;
mod export;
mod form;
mod judge;
mod lakes;
mod memory;
mod queries;
mod records;
mod rows;
mod shell;
mod staging;

use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

use tempfile::TempDir;
use tongban::lake::SnapshotView;
use tongban::query::{Catalogue, bind};
use tongban::table::LakeTable;

use crate::form::Form;
use crate::shell::{Scripts, duckdb, duckdb_shell, quoted, write_script};

/// The transcription that ships with the program.
const NOTICE: &str = include_str!("../../data/notices/qinghai-2021-185.txt");
/// A question that a leader asks first; it reads two views, one table of the lake and one of names.
const QUERY: &str = "aggregation/by_department";
const SQL: &str = "SELECT indicator, count(*) AS n, sum(value) AS total FROM observations \
                   GROUP BY indicator ORDER BY indicator";

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Makes the command of the next run; what it prepares is not timed.
type NextCommand<'a> = Box<dyn Fn() -> Outcome<Command> + 'a>;

/// A million rows: 50 months of 20,000 departments.
const FORM: Form = Form { n_sheets: 50, n_departments: 20_000 };
/// The same, as small as it can be to see that it runs.
const SMALL_FORM: Form = Form { n_sheets: 3, n_departments: 50 };
/// Rows that `staging` writes unless it is told another number.
const N_STAGED_ROWS: usize = 3_000_000;

/// Heads of the columns of the report.
const HEADER: [&str; 7] =
    ["measure", "median ms", "p90 ms", "target", "peer ms", "ratio", "verdict"];

/// Exit code of an ingest that returned rows.
const RETURNED: i32 = 3;

/// How often everything runs.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Effort {
    /// To measure.
    Full,
    /// To see that it runs.
    Smoke,
}

impl Effort {
    fn n_warm_ups(self, length: Length) -> usize {
        match (self, length) {
            (Self::Full, Length::Short) => 5,
            (Self::Full, Length::Medium | Length::Long) | (Self::Smoke, _) => 1,
        }
    }

    fn n_runs(self, length: Length) -> usize {
        match (self, length) {
            (Self::Full, Length::Short) => 31,
            (Self::Full, Length::Medium) => 11,
            (Self::Full, Length::Long) => 5,
            (Self::Smoke, Length::Short) => 3,
            (Self::Smoke, Length::Medium | Length::Long) => 1,
        }
    }
}

/// How long a measure takes, by which it runs more or less often.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Length {
    /// A command that people wait for.
    Short,
    /// One of many of a kind.
    Medium,
    /// Several seconds.
    Long,
}

/// One line of the report.
struct Measure<'a> {
    name: String,
    target_ms: Option<f64>,
    command: NextCommand<'a>,
    /// The DuckDB shell with the same question, or with the same rows as separated values.
    peer: Option<NextCommand<'a>>,
    length: Length,
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Outcome<()> {
    let shell = duckdb_shell()?;
    // Beside the build and not in the folder for temporary files, which may be in memory: a commit
    // waits for the disk.
    let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    if args.first().is_some_and(|arg| arg == "staging") {
        let n_rows = args.get(1).map_or(Ok(N_STAGED_ROWS), |text| text.parse())?;
        return staging::run(n_rows, dir.path(), shell.as_deref());
    }
    if args.first().is_some_and(|arg| arg == "records") {
        let scale = args.get(1).map_or("1", String::as_str);
        return records::measure(scale, dir.path(), shell.as_deref());
    }
    if args.first().is_some_and(|arg| arg == "judge") {
        return judge::measure(effort(&args[1..])?);
    }
    if args.first().is_some_and(|arg| arg == "queries") {
        return queries::measure(&queries::Asked::parse(&args[1..])?, dir.path(), shell.as_deref());
    }
    if args.first().is_some_and(|arg| arg == "export") {
        return export::measure(&queries::Asked::parse(&args[1..])?, dir.path(), shell.as_deref());
    }
    if args.first().is_some_and(|arg| arg == "lakes") {
        return lakes::measure(effort(&args[1..])?, dir.path(), shell.as_deref());
    }
    if args.first().is_some_and(|arg| arg == "rows") {
        return rows::measure(effort(&args[1..])?);
    }
    let effort = effort(&args)?;
    let lake = dir.path().join("lake of the notice");
    fs::create_dir(&lake)?;
    finish(&mut init(&lake)?)?;
    finish(&mut ingest(&lake))?;
    let scripts = Scripts::of(&lake, dir.path())?;
    let data = data_facts(&lake, &scripts.snapshot, &[LakeTable::Observations])?;
    print_facts(&lake, shell.as_deref(), &data)?;
    let (n_runs, n_warm_ups) = (effort.n_runs(Length::Short), effort.n_warm_ups(Length::Short));
    println!("runs:   {n_runs} after {n_warm_ups} to warm up; formats and form fewer\n");

    let mut lines = vec![HEADER.map(str::to_owned)];
    let mut measures = measures(&dir, &lake, &scripts, shell.as_deref())?;
    measures.extend(formats(&dir, effort)?);
    measures.push(form(&dir, shell.as_deref(), effort)?);
    for measure in measures {
        lines.push(line_of(&measure, effort)?);
    }
    print_table(&lines)
}

/// Reads the arguments.
fn effort(args: &[String]) -> Outcome<Effort> {
    match args {
        [] => Ok(Effort::Full),
        [arg] if arg == "--smoke" => Ok(Effort::Smoke),
        [other, ..] => Err(format!(
            "unknown argument `{other}`: only `--smoke`, `export`, `judge`, `lakes`, `queries`, `records`, \
             `rows` or `staging`"
        )
        .into()),
    }
}

/// Returns the Python of the test environment.
fn python() -> Option<PathBuf> {
    std::env::var_os("TONGBAN_PYTHON").map(PathBuf::from).filter(|python| python.exists())
}

fn measures<'a>(
    dir: &'a TempDir,
    lake: &'a Path,
    scripts: &Scripts,
    shell: Option<&'a Path>,
) -> Outcome<Vec<Measure<'a>>> {
    let catalogue = Catalogue::builtin();
    let query = catalogue.get(QUERY)?;
    let script = scripts.query(&catalogue, query, &bind(query, &[])?)?;
    let script = write_script(dir.path(), "query", &script)?;
    let sql_script = format!("{}{SQL};\n", scripts.table("observations")?);
    let sql_script = write_script(dir.path(), "sql", &sql_script)?;
    let peer = |script: PathBuf| -> Option<NextCommand<'a>> {
        shell.map(|shell| -> NextCommand<'a> { Box::new(move || Ok(duckdb(shell, lake, &script))) })
    };
    Ok(vec![
        Measure {
            name: "--version".to_owned(),
            target_ms: Some(30.0),
            command: Box::new(move || Ok(tongban(lake, &["--version"]))),
            peer: None,
            length: Length::Short,
        },
        Measure {
            name: format!("query {QUERY}"),
            target_ms: Some(80.0),
            command: Box::new(move || Ok(tongban(lake, &["query", QUERY, "--format", "csv"]))),
            peer: peer(script),
            length: Length::Short,
        },
        Measure {
            name: "sql, a sum per indicator".to_owned(),
            target_ms: None,
            command: Box::new(move || Ok(tongban(lake, &["sql", SQL, "--format", "csv"]))),
            peer: peer(sql_script),
            length: Length::Short,
        },
        Measure {
            name: "ingest, a new lake".to_owned(),
            target_ms: Some(150.0),
            command: Box::new(move || {
                let workspace = tempfile::tempdir_in(dir)?.keep();
                finish(&mut init(&workspace)?)?;
                Ok(ingest(&workspace))
            }),
            peer: None,
            length: Length::Short,
        },
    ])
}

/// The shipped notice in each format, converted where LibreOffice is installed.
fn formats(dir: &TempDir, effort: Effort) -> Outcome<Vec<Measure<'_>>> {
    let Some(python) = python().filter(|_| has_office() && effort == Effort::Full) else {
        eprintln!("skipped: the formats need LibreOffice, `make venv` and a full run");
        return Ok(Vec::new());
    };
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let made = dir.path().join("formats");
    let mut convert = Command::new(python);
    convert.arg(root.join("tests/python/convert_notice.py"));
    finish(convert.arg(root.join("data/notices/qinghai-2021-185.txt")).arg(&made))?;
    let mut files = Vec::new();
    for entry in fs::read_dir(&made)? {
        files.push(entry?.path());
    }
    files.retain(|path| path.is_file());
    files.sort();
    let measures = files.into_iter().map(|path| Measure {
        name: format!("ingest {}", path.file_name().unwrap_or_default().to_string_lossy()),
        target_ms: Some(300.0),
        command: Box::new(move || {
            let workspace = tempfile::tempdir_in(dir)?.keep();
            finish(&mut init(&workspace)?)?;
            let mut command = tongban(&workspace, &["ingest"]);
            command.arg(&path);
            Ok(command)
        }),
        peer: None,
        length: Length::Medium,
    });
    Ok(measures.collect())
}

fn has_office() -> bool {
    Command::new("soffice").arg("--version").output().is_ok()
}

/// A form of a million rows; the peer makes Parquet of the same rows, which it reads as text.
fn form<'a>(dir: &'a TempDir, shell: Option<&'a Path>, effort: Effort) -> Outcome<Measure<'a>> {
    let form = if effort == Effort::Full { FORM } else { SMALL_FORM };
    let folder = dir.path().join("form");
    fs::create_dir(&folder)?;
    let (workbook, values) = (folder.join("form.xlsx"), folder.join("form.csv"));
    form.write_workbook(&workbook)?;
    form.write_csv(&values)?;
    let script = folder.join("copy.sql");
    let copy = format!(
        "COPY (FROM {}) TO {} (FORMAT parquet, COMPRESSION zstd);\n",
        quoted(&values.to_string_lossy()),
        quoted(&folder.join("form.parquet").to_string_lossy())
    );
    fs::write(&script, copy)?;
    let peer = shell.map(|shell| -> NextCommand<'a> {
        let folder = folder.clone();
        Box::new(move || Ok(duckdb(shell, &folder, &script)))
    });
    Ok(Measure {
        name: format!("ingest a form of {} rows (.xlsx)", form.n_rows()),
        target_ms: Some(10_000.0),
        command: Box::new(move || {
            let workspace = tempfile::tempdir_in(dir)?.keep();
            finish(&mut init(&workspace)?)?;
            form.write_refdata(&workspace.join("refdata"))?;
            // A form that is read with a doubt is not the one that was measured before.
            let args = ["ingest", "--fail-on", "warning", "--issuer", "青海省人民政府办公厅"];
            let mut command = tongban(&workspace, &args);
            command.arg(&workbook);
            Ok(command)
        }),
        peer,
        length: Length::Long,
    })
}

/// Runs both sides in turn, so that what else the machine does meets both, and compares answers.
fn line_of(measure: &Measure, effort: Effort) -> Outcome<[String; 7]> {
    let mut times_ms = Vec::new();
    let mut peer_ms = Vec::new();
    let n_warm_ups = effort.n_warm_ups(measure.length);
    for run_idx in 0..n_warm_ups + effort.n_runs(measure.length) {
        let is_counted = run_idx >= n_warm_ups;
        let (answer, elapsed_ms) = timed(&measure.command)?;
        times_ms.extend(is_counted.then_some(elapsed_ms));
        if let Some(peer) = &measure.peer {
            let (peer_answer, elapsed_ms) = timed(peer)?;
            peer_ms.extend(is_counted.then_some(elapsed_ms));
            // The peer of a form answers nothing: it writes a file.
            if measure.length != Length::Long {
                check_same(&measure.name, &answer, &peer_answer)?;
            }
        }
    }
    let median_ms = percentile(&mut times_ms, 50);
    let verdict = match measure.target_ms {
        Some(_) if effort == Effort::Smoke => "not judged",
        Some(target_ms) if median_ms <= target_ms => "within target",
        Some(_) => "over target",
        None => "-",
    };
    let peer_median_ms = measure.peer.as_ref().map(|_| percentile(&mut peer_ms, 50));
    let shown = |value: Option<f64>, n_decimals: usize| {
        value.map_or_else(|| "-".to_owned(), |value| format!("{value:.n_decimals$}"))
    };
    Ok([
        measure.name.clone(),
        shown(Some(median_ms), 1),
        shown(Some(percentile(&mut times_ms, 90)), 1),
        shown(measure.target_ms, 0),
        shown(peer_median_ms, 1),
        shown(peer_median_ms.map(|peer_ms| median_ms / peer_ms), 2),
        verdict.to_owned(),
    ])
}

/// Returns what a command printed, and the time from its start to its end.
fn timed(command: &NextCommand) -> Outcome<(String, f64)> {
    let mut command = command()?;
    let start = Instant::now();
    let stdout = finish(&mut command)?;
    Ok((stdout, start.elapsed().as_secs_f64() * 1000.0))
}

/// Runs a command to its end and returns what it printed.
fn finish(command: &mut Command) -> Outcome<String> {
    let output = command.output().map_err(|error| format!("cannot start {command:?}: {error}"))?;
    if !output.status.success() {
        let stderr = String::from_utf8_lossy(&output.stderr);
        return Err(format!("{command:?} failed with {}\n{stderr}", output.status).into());
    }
    Ok(String::from_utf8(output.stdout)?)
}

/// Returns the smallest time that `percent` of the times do not exceed.
fn percentile(times_ms: &mut [f64], percent: usize) -> f64 {
    times_ms.sort_by(f64::total_cmp);
    times_ms[(times_ms.len() * percent).div_ceil(100) - 1]
}

/// Fails unless two answers in CSV have the same cells. The shell writes whole doubles as `0.0`.
fn check_same(name: &str, ours: &str, theirs: &str) -> Outcome<()> {
    let rows = |text: &str| -> Outcome<Vec<Vec<String>>> {
        let reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
        let rows = reader.into_records().map(|row| Ok(row?.iter().map(plain).collect()));
        rows.collect()
    };
    let (left, right) = (rows(ours)?, rows(theirs)?);
    if left.len() < 2 {
        return Err(format!("{name}: no rows").into());
    }
    if left != right {
        return Err(format!("{name}: DuckDB's shell answers\n{theirs}\nand not\n{ours}").into());
    }
    Ok(())
}

fn plain(cell: &str) -> String {
    cell.parse::<f64>().map_or_else(|_| cell.to_owned(), |number| number.to_string())
}

/// A command in `dir` that sees nothing of this machine's settings.
fn command(program: &Path, dir: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(dir).env_clear().env("HOME", dir).env("LANG", "C.UTF-8");
    command.stdin(Stdio::null());
    command
}

fn tongban(dir: &Path, args: &[&str]) -> Command {
    let mut command = command(Path::new(env!("CARGO_BIN_EXE_tongban")), dir);
    command.args(args);
    command
}

/// Makes a workspace with the notice beside it.
fn init(dir: &Path) -> Outcome<Command> {
    fs::write(dir.join("notice.txt"), NOTICE)?;
    Ok(tongban(dir, &["init"]))
}

fn ingest(dir: &Path) -> Command {
    tongban(dir, &["ingest", "notice.txt"])
}

/// The first cell of the answer to a statement.
fn value_of(workspace: &Path, sql: &str) -> Outcome<String> {
    let answer = finish(&mut tongban(workspace, &["sql", sql, "--format", "csv"]))?;
    Ok(answer.lines().nth(1).unwrap_or_default().to_owned())
}

/// Says of each table how much there is.
fn data_facts(
    workspace: &Path,
    snapshot: &SnapshotView,
    tables: &[LakeTable],
) -> Outcome<Vec<String>> {
    let facts = tables.iter().map(|table| {
        let n_rows = value_of(workspace, &format!("SELECT count(*) AS n FROM {table}"))?;
        let size_bytes = snapshot.extents.get(table).copied().unwrap_or_default().size_bytes;
        let n_files = snapshot.files.get(table).map_or(0, Vec::len);
        Ok(format!("{n_rows} rows of {table}, {size_bytes} bytes in {n_files} files of Parquet"))
    });
    facts.collect()
}

/// Says what is compared, on what.
fn print_facts(workspace: &Path, shell: Option<&Path>, data: &[String]) -> Outcome<()> {
    let version = finish(&mut tongban(workspace, &["--version"]))?;
    let engine = value_of(workspace, "SELECT version() AS version")?;
    println!("ours:   {}, DuckDB {engine}", version.trim_end());
    let peer = match shell {
        Some(shell) => {
            let version = finish(command(shell, workspace).arg("-version"))?;
            format!("DuckDB shell {}", version.trim_end())
        }
        None => "none".to_owned(),
    };
    println!("peer:   {peer}");
    for fact in data {
        println!("data:   {fact}");
    }
    let assertions = if cfg!(debug_assertions) { "on" } else { "off" };
    println!("build:  debug assertions {assertions}");
    let n_cores = std::thread::available_parallelism()?;
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().filter(|load| !load.is_empty()).unwrap_or("unknown");
    println!("cores:  {n_cores}, load before {load}");
    Ok(())
}

/// Prints lines in columns, the first and the last to the left, figures to the right.
fn print_table(lines: &[[String; 7]]) -> Outcome<()> {
    let widths: [usize; 7] = std::array::from_fn(|column| {
        lines.iter().map(|line| line[column].len()).max().unwrap_or_default()
    });
    for line in lines {
        let [name, figures @ .., verdict] = line;
        let mut text = format!("{name:<width$}", width = widths[0]);
        for (figure, width) in figures.iter().zip(&widths[1..]) {
            write!(text, "  {figure:>width$}")?;
        }
        println!("{text}  {verdict}");
    }
    Ok(())
}
