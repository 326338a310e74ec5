//! `cargo bench --bench bench -- queries`: every named query as a whole process, beside the DuckDB shell
//! with the same SQL on the same files, and beside the Polars twin.
//!
//! `queries WORKSPACE` asks the lake of a workspace of yours; without one, a lake is made of everything
//! that is made up, records and forms, and of the shipped notice: `--scale SCALE` of the records that the
//! notice counts, all of them where no scale is given. With `--smoke` the lake is small and each side
//! runs once. Answers are compared: two different ones make it fail, no time does. Queries and views are
//! those that come with the program. What a workspace sets for threads and memory holds for the program
//! alone.

use std::fmt;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tongban::analysis::has_twin;
use tongban::query::{Catalogue, ColumnType, Query, QueryOrigin, bind};
use tongban::table::LakeTable;

use crate::answers::{count_rows, difference};
use crate::memory::finish_watched;
use crate::shell::{Scripts, duckdb, write_script};
use crate::{
    Effort, Outcome, RETURNED, data_facts, finish, ingest, init, percentile, print_facts, tongban,
};

/// Runs that are counted, after one to warm up.
const N_RUNS: usize = 5;
/// How often the kernel is asked for the memory of a process, in the run to warm up.
const INTERVAL: Duration = Duration::from_millis(1);
/// So many times the time of the shell is the target.
const MAX_RATIO: f64 = 1.05;
/// The target where counts are kept that answer.
const MAX_COUNTS_MS: f64 = 100.0;
/// The target of [`BY_MONTH`].
const MAX_BY_MONTH_MS: f64 = 1000.0;
/// The scale of a smoke test.
const SMALL_SCALE: &str = "0.0005";

/// What no named query does: all cases by month from the records, typed by somebody.
const STATEMENT: (&str, &str) = ("records/cases_by_month", include_str!("cases_by_month.sql"));
/// What counts records one by one, by month.
const BY_MONTH: [&str; 2] = [STATEMENT.0, "satisfaction/monthly"];
/// The file with the most reasons of one department, and the department.
const RETURNED_FILE: &str = "SELECT batch, file_name, department FROM returned_records \
     GROUP BY batch, file_name, department \
     ORDER BY count(*) DESC, batch, file_name, department LIMIT 1";
/// The indicator of queries that need one.
const INDICATOR: &str = "cases_aggregated";
/// Rows of a file that lists of returned records take at a time.
const SPAN: u32 = 20_000;

/// Places of the sides in everything that has one entry for each.
const OURS: usize = 0;
const SHELL: usize = 1;
const POLARS: usize = 2;

/// What was asked for.
pub(crate) struct Asked {
    /// An absolute path.
    workspace: Option<PathBuf>,
    scale: Option<String>,
    effort: Effort,
}

impl Asked {
    /// Reads the arguments after `queries` or `export`.
    pub(crate) fn parse(args: &[String]) -> Outcome<Self> {
        let mut asked = Self { workspace: None, scale: None, effort: Effort::Full };
        let mut args = args.iter();
        while let Some(arg) = args.next() {
            match arg.as_str() {
                "--smoke" => asked.effort = Effort::Smoke,
                "--scale" => {
                    asked.scale = Some(args.next().ok_or("`--scale` needs a number")?.clone());
                }
                path if !path.starts_with('-') && asked.workspace.is_none() => {
                    let found = fs::canonicalize(path);
                    let found = found.map_err(|error| format!("no workspace `{path}`: {error}"))?;
                    asked.workspace = Some(found);
                }
                other => {
                    let known = "a workspace, `--scale` or `--smoke`";
                    return Err(format!("unknown argument `{other}`: only {known}").into());
                }
            }
        }
        if asked.workspace.is_some() && asked.scale.is_some() {
            return Err("a workspace has the scale that it has: leave out `--scale`".into());
        }
        Ok(asked)
    }

    pub(crate) fn effort(&self) -> Effort {
        self.effort
    }

    /// Returns the workspace that was named, else one that is made in `dir`.
    pub(crate) fn workspace(&self, dir: &Path) -> Outcome<PathBuf> {
        self.workspace.clone().map_or_else(|| made_workspace(self, dir), Ok)
    }

    fn scale(&self) -> &str {
        let usual = if self.effort == Effort::Full { "1" } else { SMALL_SCALE };
        self.scale.as_deref().unwrap_or(usual)
    }
}

/// Asks every query and prints a line for each, then what they come to.
pub(crate) fn measure(asked: &Asked, dir: &Path, shell: Option<&Path>) -> Outcome<()> {
    let workspace = asked.workspace(dir)?;
    let folder = dir.join("questions");
    fs::create_dir(&folder)?;
    let scripts = Scripts::of(&workspace, &folder)?;
    let tables = LakeTable::ALL.iter().copied().filter(|table| !table.is_personal());
    let data = data_facts(&workspace, &scripts.snapshot, &tables.collect::<Vec<_>>())?;
    print_facts(&workspace, shell, &data)?;
    let n_runs = if asked.effort == Effort::Full { N_RUNS } else { 0 };
    println!(
        "runs:   {n_runs} after one to warm up, of which the memory is, and the time without others"
    );
    let (id, text) = STATEMENT;
    let catalogue = Catalogue::builtin().with_workspace(vec![(id.to_owned(), text.to_owned())])?;
    let bench = Bench { catalogue, scripts, workspace: &workspace, folder: &folder, shell };
    bench.print_start(n_runs)?;
    let questions = bench.questions()?;
    let width = questions.iter().map(|question| question.name.len()).max().unwrap_or_default();
    print_header(width);
    let mut lines = Vec::new();
    for question in questions {
        let line = question.measured(n_runs)?;
        line.print(width, asked.effort);
        lines.push(line);
    }
    print_summary(&lines, asked.effort);
    let faulty = names_of(&lines, |line| !line.faults.is_empty());
    if faulty.is_empty() {
        return Ok(());
    }
    Err(format!("answers differ or are missing: {}", faulty.join(", ")).into())
}

/// Makes a lake of what is made up, and then of the notice, which may stand behind it but not before it.
fn made_workspace(asked: &Asked, dir: &Path) -> Outcome<PathBuf> {
    let start = Instant::now();
    let workspace = dir.join("lake of made-up data");
    fs::create_dir(&workspace)?;
    finish(&mut init(&workspace)?)?;
    let (records, forms) = (dir.join("made"), dir.join("history"));
    finish(tongban(dir, &["synth", "--scale", asked.scale()]).arg(&records))?;
    finish(tongban(dir, &["synth", "--forms"]).arg(&forms))?;
    for made in [&records, &forms] {
        for table in files_of(&made.join("refdata"))? {
            let name = table.file_name().ok_or("a file has a name")?;
            fs::copy(&table, workspace.join("refdata").join(name))?;
        }
    }
    take(&workspace, std::slice::from_ref(&records))?;
    fs::remove_dir_all(&records)?;
    if asked.effort == Effort::Full {
        take(&workspace, &[forms])?;
    } else {
        // Each form is a commit, and a year of them will do.
        let mut last_year = files_of(&forms)?;
        last_year.retain(|path| path.to_string_lossy().contains("-2021-"));
        take(&workspace, &last_year)?;
    }
    finish(&mut ingest(&workspace))?;
    let seconds = start.elapsed().as_secs();
    println!("lake:   made up at scale {} and ingested in {seconds} s", asked.scale());
    Ok(workspace)
}

/// Ingests what is made up, of which some rows go back.
fn take(workspace: &Path, paths: &[PathBuf]) -> Outcome<()> {
    let mut command = tongban(workspace, &["ingest", "--quiet"]);
    let output = command.args(paths).output()?;
    if output.status.success() || output.status.code() == Some(RETURNED) {
        return Ok(());
    }
    let told = String::from_utf8_lossy(&output.stderr);
    Err(format!("{command:?} failed with {}\n{told}", output.status).into())
}

/// Returns the files in a folder by their names.
fn files_of(folder: &Path) -> Outcome<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        files.push(entry?.path());
    }
    files.retain(|path| path.is_file());
    files.sort();
    Ok(files)
}

/// What a query is answered from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reads {
    /// Records one by one.
    Records,
    /// Counts of records that are kept with each batch.
    Counts,
    /// Figures of documents, and reference data.
    Figures,
}

impl Reads {
    const ALL: [Self; 3] = [Self::Records, Self::Counts, Self::Figures];

    fn of(catalogue: &Catalogue, query: &Query) -> Self {
        let tables = catalogue.tables_for(query).into_iter().filter_map(LakeTable::parse);
        let tables: Vec<LakeTable> = tables.collect();
        let holds_records =
            |table: &LakeTable| table.holds_records() && *table != LakeTable::RecordCounts;
        if tables.iter().any(holds_records) {
            Self::Records
        } else if tables.contains(&LakeTable::RecordCounts) {
            Self::Counts
        } else {
            Self::Figures
        }
    }
}

impl fmt::Display for Reads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Records => "records",
            Self::Counts => "counts",
            Self::Figures => "figures",
        })
    }
}

/// Who is asked, about what.
struct Bench<'a> {
    catalogue: Catalogue,
    scripts: Scripts<'a>,
    workspace: &'a Path,
    /// Where scripts and answers stand, and where the shell works.
    folder: &'a Path,
    shell: Option<&'a Path>,
}

impl Bench<'_> {
    /// Prints what both sides take for nothing at all.
    fn print_start(&self, n_runs: usize) -> Outcome<()> {
        let nothing = "SELECT 1 AS n";
        let script = write_script(self.folder, "nothing", &format!("{nothing};\n"))?;
        let side = |name, command| Side::new(name, command, self.folder.join("nothing.csv"));
        let mut sides = [
            Some(side("tongban --version", tongban(self.workspace, &["--version"]))),
            Some(side("tongban sql", tongban(self.workspace, &["sql", nothing]))),
            self.shell.map(|shell| side("shell", duckdb(shell, self.folder, &script))),
        ];
        in_turn(&mut sides, n_runs)?;
        let times = sides.iter_mut().flatten().map(|side| {
            let time_ms = side.median_ms();
            format!("{} {}", side.name, shown(time_ms, 1))
        });
        let times = times.collect::<Vec<_>>().join(", ");
        println!("start:  {times} ms; {nothing} where there is a statement\n");
        Ok(())
    }

    fn questions(&self) -> Outcome<Vec<Question>> {
        let mut questions = Vec::new();
        for query in self.catalogue.queries() {
            match self.given(query)? {
                Some(given) => questions.push(self.question(query, &given)?),
                None => println!("left out: {}, nothing was returned", query.id),
            }
        }
        Ok(questions)
    }

    /// Returns values of the parameters that a query cannot do without; `None` where the lake has
    /// nothing that could be asked for.
    fn given(&self, query: &Query) -> Outcome<Option<Vec<(String, String)>>> {
        let is_needed = |name: &str| {
            let param = query.head.params.iter().find(|param| param.name == name);
            param.is_some_and(|param| param.default.is_none() && !param.is_optional)
        };
        let mut given = Vec::new();
        if is_needed("indicator") {
            given.push(("indicator".to_owned(), INDICATOR.to_owned()));
        }
        if is_needed("span") {
            given.push(("span".to_owned(), SPAN.to_string()));
        }
        if is_needed("file_name") {
            let statement = ["sql", RETURNED_FILE, "--format", "csv"];
            let answer = finish(&mut tongban(self.workspace, &statement))?;
            let mut reader = csv::Reader::from_reader(answer.as_bytes());
            let names = reader.headers()?.clone();
            let Some(row) = reader.records().next() else { return Ok(None) };
            let row = row?;
            let pairs = names.iter().zip(&row);
            given.extend(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())));
            given.push(("end_row".to_owned(), (SPAN + 1).to_string()));
        }
        Ok(Some(given))
    }

    fn question(&self, query: &Query, given: &[(String, String)]) -> Outcome<Question> {
        let ours = if query.origin == QueryOrigin::Builtin {
            self.asked(query, given, "duckdb")
        } else {
            let statement = write_script(self.folder, &format!("{}-typed", query.id), &query.sql)?;
            let mut command = tongban(self.workspace, &["sql", "--format", "csv", "--file"]);
            command.arg(statement);
            command
        };
        let theirs = match self.shell {
            Some(shell) => {
                let script = self.scripts.query(&self.catalogue, query, &bind(query, given)?)?;
                let script = write_script(self.folder, &query.id, &script)?;
                Some(duckdb(shell, self.folder, &script))
            }
            None => None,
        };
        let twin = has_twin(&query.id).then(|| self.asked(query, given, "polars"));
        let side = |name: &'static str, command| {
            Side::new(name, command, self.folder.join(format!("{name}.csv")))
        };
        Ok(Question {
            name: query.id.clone(),
            reads: Reads::of(&self.catalogue, query),
            types: query.head.returns.iter().map(|column| column.data_type).collect(),
            sides: [
                Some(side("tongban", ours)),
                theirs.map(|command| side("shell", command)),
                twin.map(|command| side("polars", command)),
            ],
        })
    }

    fn asked(&self, query: &Query, given: &[(String, String)], engine: &str) -> Command {
        let args = ["query", query.id.as_str(), "--format", "csv", "--engine", engine];
        let mut command = tongban(self.workspace, &args);
        for (name, value) in given {
            command.arg("-p").arg(format!("{name}={value}"));
        }
        command
    }
}

/// A query as every side is asked it; not every side can be.
struct Question {
    name: String,
    reads: Reads,
    /// Types of the columns of the answer.
    types: Vec<ColumnType>,
    sides: [Option<Side>; 3],
}

impl Question {
    /// Runs all sides, compares what they say, and returns what it took.
    fn measured(mut self, n_runs: usize) -> Outcome<Line> {
        in_turn(&mut self.sides, n_runs)?;
        let differences = self.differences()?;
        let n_rows = self.answer(OURS).map(count_rows).transpose()?;
        let mut faults = Vec::new();
        for side in self.sides.iter().flatten() {
            if let Some(failure) = &side.failure {
                eprintln!("{}: {failure}", self.name);
                faults.push(format!("{} failed", side.name));
            }
            fs::remove_file(&side.answer)?;
        }
        faults.extend(differences);
        Ok(Line {
            reads: self.reads,
            n_rows,
            times_ms: self.sides.each_mut().map(|side| side.as_mut().and_then(Side::median_ms)),
            peaks_kb: self.sides.each_ref().map(|side| side.as_ref().map(|side| side.peak_kb)),
            faults,
            name: self.name,
        })
    }

    /// What a side said, where it said all.
    fn answer(&self, side: usize) -> Option<&Path> {
        let side = self.sides[side].as_ref().filter(|side| side.failure.is_none());
        side.map(|side| side.answer.as_path())
    }

    /// Names the sides that answer otherwise than we do, and prints where.
    fn differences(&self) -> Outcome<Vec<String>> {
        let mut differing = Vec::new();
        let Some(ours) = self.answer(OURS) else { return Ok(differing) };
        for (place, name) in [(SHELL, "shell"), (POLARS, "polars")] {
            let Some(theirs) = self.answer(place) else { continue };
            if let Some(found) = difference(ours, theirs, &self.types)? {
                eprintln!("{}: tongban and {name} differ, {found}", self.name);
                differing.push(format!("{name} differs"));
            }
        }
        Ok(differing)
    }
}

/// A command that answers, and what its runs took.
struct Side {
    name: &'static str,
    command: Command,
    /// Where the answer of the run to warm up stands.
    answer: PathBuf,
    times_ms: Vec<f64>,
    peak_kb: u64,
    failure: Option<String>,
}

impl Side {
    fn new(name: &'static str, command: Command, answer: PathBuf) -> Self {
        Self { name, command, answer, times_ms: Vec::new(), peak_kb: 0, failure: None }
    }

    /// Runs once, with the answer kept and the memory watched.
    fn warm_up(&mut self) -> Outcome<()> {
        let told = self.answer.with_extension("err");
        self.command.stdout(File::create(&self.answer)?).stderr(File::create(&told)?);
        let start = Instant::now();
        let (status, peak_kb) = finish_watched(&mut self.command, INTERVAL)?;
        self.times_ms = vec![elapsed_ms(start)];
        self.peak_kb = peak_kb;
        if !status.success() {
            let told = String::from_utf8_lossy(&fs::read(&told)?).into_owned();
            self.failure = Some(format!("{:?} failed with {status}\n{told}", self.command));
        }
        Ok(())
    }

    /// Runs once, for the time alone.
    fn run(&mut self) -> Outcome<()> {
        self.command.stdout(Stdio::null()).stderr(Stdio::null());
        let start = Instant::now();
        let status = self.command.status()?;
        self.times_ms.push(elapsed_ms(start));
        if !status.success() {
            self.failure = Some(format!("{:?} failed with {status}", self.command));
        }
        Ok(())
    }

    /// The time that half of the runs do not exceed; `None` after a failure.
    fn median_ms(&mut self) -> Option<f64> {
        let is_known = self.failure.is_none() && !self.times_ms.is_empty();
        is_known.then(|| percentile(&mut self.times_ms, 50))
    }
}

/// Runs sides in turn, so that what else the machine does meets all of them. The run to warm up counts
/// where there is no other.
fn in_turn(sides: &mut [Option<Side>], n_runs: usize) -> Outcome<()> {
    for side in sides.iter_mut().flatten() {
        side.warm_up()?;
    }
    for run_idx in 0..n_runs {
        for side in sides.iter_mut().flatten().filter(|side| side.failure.is_none()) {
            if run_idx == 0 {
                side.times_ms.clear();
            }
            side.run()?;
        }
    }
    Ok(())
}

fn elapsed_ms(start: Instant) -> f64 {
    start.elapsed().as_secs_f64() * 1000.0
}

/// What a query took.
struct Line {
    name: String,
    reads: Reads,
    n_rows: Option<u64>,
    times_ms: [Option<f64>; 3],
    peaks_kb: [Option<u64>; 3],
    /// Why its times are not to be believed.
    faults: Vec<String>,
}

impl Line {
    /// Our time, in times of the shell's; `None` where one is missing or the answers differ.
    fn ratio(&self) -> Option<f64> {
        let is_right = self.faults.is_empty();
        Some(self.times_ms[OURS]? / self.times_ms[SHELL]?).filter(|_| is_right)
    }

    fn is_over_ratio(&self) -> bool {
        self.ratio().is_some_and(|ratio| ratio > MAX_RATIO)
    }

    /// The longest that it may take, where that is fixed.
    fn max_ms(&self) -> Option<f64> {
        if BY_MONTH.contains(&self.name.as_str()) {
            return Some(MAX_BY_MONTH_MS);
        }
        (self.reads == Reads::Counts).then_some(MAX_COUNTS_MS)
    }

    fn is_over_time(&self) -> bool {
        let times = self.times_ms[OURS].zip(self.max_ms());
        times.is_some_and(|(time_ms, max_ms)| time_ms > max_ms)
    }

    fn print(&self, width: usize, effort: Effort) {
        let [ours, theirs, twins] = self.times_ms.map(|time_ms| shown(time_ms, 1));
        let peaks_mb = self.peaks_kb.map(|peak| peak.map(|peak_kb| peak_kb >> 10));
        let [our_peak, their_peak, twins_peak] = peaks_mb.map(whole);
        let n_rows = whole(self.n_rows);
        let mut remarks = vec![self.reads.to_string()];
        remarks.extend(self.faults.iter().cloned());
        if effort == Effort::Full {
            remarks.extend(self.is_over_ratio().then(|| format!("over {MAX_RATIO}")));
            let max_ms = self.max_ms().filter(|_| self.is_over_time());
            remarks.extend(max_ms.map(|max_ms| format!("over {max_ms} ms")));
        }
        println!(
            "{:<width$}{n_rows:>9}{ours:>10}{theirs:>10}{:>7}{twins:>10}{our_peak:>6}{their_peak:>6}\
             {twins_peak:>6}  {}",
            self.name,
            shown(self.ratio(), 2),
            remarks.join(", ")
        );
    }
}

fn print_header(width: usize) {
    println!(
        "{:<width$}{:>9}{:>10}{:>10}{:>7}{:>10}{:>18}",
        "", "", "tongban", "shell", "", "polars", "peak MB of each"
    );
    println!(
        "{:<width$}{:>9}{:>10}{:>10}{:>7}{:>10}{:>6}{:>6}{:>6}  reads",
        "query", "rows", "ms", "ms", "ratio", "ms", "t", "s", "p"
    );
}

fn shown(value: Option<f64>, n_decimals: usize) -> String {
    value.map_or_else(|| "-".to_owned(), |value| format!("{value:.n_decimals$}"))
}

fn whole(number: Option<u64>) -> String {
    number.map_or_else(|| "-".to_owned(), |number| number.to_string())
}

/// Prints of each kind of query how many there are, the slowest and the worst beside the shell; then which
/// miss their targets.
fn print_summary(lines: &[Line], effort: Effort) {
    println!();
    for reads in Reads::ALL {
        let of_kind: Vec<&Line> = lines.iter().filter(|line| line.reads == reads).collect();
        let slowest = greatest(&of_kind, |line| line.times_ms[OURS], 1);
        let worst = greatest(&of_kind, Line::ratio, 2);
        println!("{reads:<8} {} queries; slowest {slowest} ms; worst ratio {worst}", of_kind.len());
    }
    // Of these nothing but the names of the columns was compared.
    let empty = names_of(lines, |line| line.n_rows == Some(0));
    println!("empty    {} queries without a row: {}", empty.len(), empty.join(", "));
    if effort != Effort::Full {
        println!("times are not judged");
        return;
    }
    let all: Vec<&Line> = lines.iter().collect();
    let n_compared = lines.iter().filter(|line| line.ratio().is_some()).count();
    let over_ratio = names_of(lines, Line::is_over_ratio);
    let over_time = names_of(lines, Line::is_over_time);
    println!("worst    {} times the shell's time", greatest(&all, Line::ratio, 2));
    println!(
        "ratio    {} of {n_compared} over {MAX_RATIO}: {}",
        over_ratio.len(),
        over_ratio.join(", ")
    );
    println!("time     {} over their own target: {}", over_time.len(), over_time.join(", "));
}

fn names_of(lines: &[Line], is_meant: impl Fn(&Line) -> bool) -> Vec<&str> {
    lines.iter().filter(|line| is_meant(line)).map(|line| line.name.as_str()).collect()
}

/// Whose the greatest value of some lines is, and the value.
fn greatest(lines: &[&Line], value: impl Fn(&Line) -> Option<f64>, n_decimals: usize) -> String {
    let values = lines.iter().filter_map(|line| Some((value(line)?, &line.name)));
    let greatest = values.max_by(|(left, _), (right, _)| left.total_cmp(right));
    greatest.map_or_else(
        || "-".to_owned(),
        |(value, name)| format!("{name} {}", shown(Some(value), n_decimals)),
    )
}
