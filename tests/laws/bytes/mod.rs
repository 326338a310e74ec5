//! Readers against damaged bytes: no panic, no abort, no hang, no more memory than they may take.
//!
//! Every reader runs in a child process, which is started again behind the file that it died of. What
//! is found is a reader and a number; the file itself is kept beside the build.

mod child;
mod handmade;
mod mutate;
mod ops;
mod reader;
mod seeds;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use crate::Outcome;
use child::Progress;
use mutate::mutated;
use reader::Reader;
use seeds::seeds;

/// The argument by which this program knows that it is a child.
pub(crate) const CHILD: &str = "bytes-child";
/// A file hangs that takes more of the processor than a child may take. Time on the clock proves
/// nothing: the machine may have been stopped.
const HANG_TICKS: u64 = 65 * 100;
/// A process that waits this long without using the processor hangs, too.
const STUCK: Duration = Duration::from_mins(30);

pub(crate) use child::run as child;

/// How long, what, and from where on.
pub(crate) struct Options {
    /// Time for each reader.
    pub(crate) seconds: f64,
    /// One reader; all of them without.
    pub(crate) reader: Option<String>,
    /// Number of the first file.
    pub(crate) first: u64,
    /// Files for each reader, where the time lasts.
    pub(crate) count: Option<u64>,
    /// Whether notices are converted for seeds, where Python and LibreOffice are.
    pub(crate) converts: bool,
}

/// What came of one reader.
#[derive(Default)]
struct Tally {
    n_seeds: String,
    n_done: u64,
    n_read: u64,
    elapsed: Duration,
    /// What was found, by its words: how often, and the first file.
    findings: BTreeMap<String, (usize, u64)>,
}

/// Damages files for every reader; returns whether nothing was found.
pub(crate) fn run(options: &Options) -> Outcome<bool> {
    let readers = match &options.reader {
        None => Reader::ALL.to_vec(),
        Some(name) => vec![Reader::named(name).ok_or_else(|| {
            let known = Reader::ALL.map(Reader::name).join(", ");
            format!("no reader `{name}`: there are {known}")
        })?],
    };
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("fuzz");
    fs::create_dir_all(&dir)?;
    let converted = if options.converts { converted(&dir)? } else { None };
    println!("reader    seeds  executions      read   per s  findings");
    let mut is_clean = true;
    for reader in readers {
        let tally = tallied(reader, options, (&dir, converted.as_deref()))?;
        let per_second = (u128::from(tally.n_done) * 1000) / tally.elapsed.as_millis().max(1);
        println!(
            "{:<8}{:>7}{:>12}{:>10}{per_second:>8}{:>10}",
            reader.name(),
            tally.n_seeds,
            tally.n_done,
            tally.n_read,
            tally.findings.len()
        );
        let is_without = tally.findings.is_empty();
        let seeds = if is_without { Vec::new() } else { seeds(reader, converted.as_deref()) };
        for (what, (count, number)) in &tally.findings {
            let path = dir.join(format!("{number}.{}", reader.name()));
            fs::write(&path, mutated(reader, &seeds, *number))?;
            println!("    {count} times, first {number}: {what}\n    kept as {}", path.display());
        }
        is_clean &= tally.findings.is_empty();
    }
    Ok(is_clean)
}

/// Runs children until the time of a reader is up.
fn tallied(
    reader: Reader,
    options: &Options,
    (dir, converted): (&Path, Option<&Path>),
) -> Outcome<Tally> {
    let start = Instant::now();
    let time = Duration::from_secs_f64(options.seconds);
    let end = options.count.map(|count| options.first + count);
    let path = dir.join(format!("{}-{}.progress", reader.name(), std::process::id()));
    let mut tally = Tally::default();
    let mut first = options.first;
    while start.elapsed() < time && end.is_none_or(|end| first < end) {
        fs::write(&path, [0; 32])?;
        let left = time.saturating_sub(start.elapsed()).as_millis();
        let mut command = Command::new(std::env::current_exe()?);
        command.args([CHILD, "--reader", reader.name(), "--first", &first.to_string()]);
        command.args(["--milliseconds", &left.to_string()]).arg("--progress").arg(&path);
        if let Some(end) = end {
            command.args(["--count", &(end - first).to_string()]);
        }
        if let Some(converted) = converted {
            command.arg("--seeds").arg(converted);
        }
        let (status, lines) = watched(command, &path)?;
        let progress = Progress::load(&path)?;
        tally.n_done += progress.n_done;
        tally.n_read += progress.n_read;
        for line in lines.lines() {
            tally.note(line);
        }
        if status.is_some_and(|status| status.success()) {
            break;
        }
        let how = status.map_or_else(|| "hangs".to_owned(), |status| status.to_string());
        let whose = if progress.is_parent { "parent" } else { "child" };
        tally.found(format!("{whose} dies: {how}"), progress.number);
        tally.n_done += 1;
        first = progress.number + 1;
    }
    tally.elapsed = start.elapsed();
    fs::remove_file(&path)?;
    Ok(tally)
}

/// Runs a child to its end; `None` for one that made no progress and was killed.
fn watched(mut command: Command, progress: &Path) -> Outcome<(Option<ExitStatus>, String)> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn()?;
    let stdout = child.stdout.take().ok_or("no output")?;
    let reading = std::thread::spawn(move || std::io::read_to_string(stdout));
    let mut last = (0, Instant::now(), 0);
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break Some(status);
        }
        std::thread::sleep(Duration::from_millis(20));
        let n_done = Progress::load(progress)?.n_done;
        let ticks = ticks_used(child.id());
        if n_done != last.0 {
            last = (n_done, Instant::now(), ticks);
        } else if ticks.saturating_sub(last.2) > HANG_TICKS || last.1.elapsed() > STUCK {
            child.kill()?;
            child.wait()?;
            break None;
        }
    };
    let lines = reading.join().map_err(|_| "the output was not read")??;
    Ok((status, lines))
}

/// Returns how long a process has used the processor, in hundredths of a second; 0 for one that is
/// gone.
fn ticks_used(pid: u32) -> u64 {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // The name of the program stands in brackets and may hold anything.
    let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields).split_whitespace();
    fields.skip(11).take(2).filter_map(|ticks| ticks.parse::<u64>().ok()).sum()
}

impl Tally {
    /// Takes in a line that a child printed.
    fn note(&mut self, line: &str) {
        let mut words = line.splitn(3, ' ');
        match (words.next(), words.next(), words.next()) {
            (Some("seeds"), Some(n_seeds), None) => n_seeds.clone_into(&mut self.n_seeds),
            (Some(kind), Some(number), what) => {
                // Times differ; the place of a panic does not.
                let what = what.filter(|_| kind != "slow").unwrap_or_default();
                self.found(format!("{kind} {what}"), number.parse().unwrap_or(0));
            }
            _ => {}
        }
    }

    fn found(&mut self, what: String, number: u64) {
        self.findings.entry(what).or_insert((0, number)).0 += 1;
    }
}

/// Converts the notice that ships with the program; `None` where that is not possible.
fn converted(dir: &Path) -> Outcome<Option<PathBuf>> {
    let out = dir.join("converted");
    let is_made = out.join("rows.xls").exists();
    if is_made {
        return Ok(Some(out));
    }
    let python = std::env::var_os("TONGBAN_PYTHON").unwrap_or_else(|| "python3".into());
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let has_office = Command::new("soffice").arg("--version").output().is_ok();
    if !has_office || Command::new(&python).arg("--version").output().is_err() {
        eprintln!("skipped: converted seeds need Python and LibreOffice (soffice)");
        return Ok(None);
    }
    if out.exists() {
        fs::remove_dir_all(&out)?;
    }
    let status = Command::new(python)
        .arg(root.join("tests/python/convert_notice.py"))
        .arg(root.join("data/notices/qinghai-2021-185.txt"))
        .arg(&out)
        .stdout(Stdio::null())
        .status()?;
    if !status.success() {
        return Err("the notice could not be converted".into());
    }
    Ok(Some(out))
}
