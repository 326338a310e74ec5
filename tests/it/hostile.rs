//! Hostile files, synthetic and made by a script: refused by name or read in little memory, and nothing
//! else happens.
#![expect(clippy::disallowed_methods, reason = "tests look at what commands left behind")]

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use rusqlite::Connection;
use tongban::diag::printable;

use crate::measured::{MAX_PARENT_KB, measured};
use crate::support::{Sandbox, python, root};

/// Files that the corpus has at least.
const MIN_FILES: usize = 300;

/// The corpus with what the script says about it.
struct Corpus {
    sandbox: Sandbox,
    /// What must happen to a file, by its name as messages show it.
    musts: BTreeMap<String, String>,
}

impl Corpus {
    /// Has the script make all files.
    fn make(python: &Path) -> Self {
        let sandbox = Sandbox::empty();
        let output = Command::new(python)
            .arg(root().join("tests/python/make_hostile.py"))
            .arg(sandbox.path().join("corpus"))
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let told: Vec<serde_json::Value> = serde_json::from_slice(&output.stdout).unwrap();
        let word = |file: &serde_json::Value, key: &str| file[key].as_str().unwrap().to_owned();
        let musts = told.iter().map(|file| (word(file, "name"), word(file, "must"))).collect();
        Self { sandbox, musts }
    }

    fn folder(&self) -> PathBuf {
        self.sandbox.path().join("corpus")
    }

    /// Names, kinds and sizes of all files, in order.
    fn listing(&self) -> Vec<(OsString, fs::FileType, u64)> {
        let mut files: Vec<_> = fs::read_dir(self.folder())
            .unwrap()
            .map(|entry| {
                let entry = entry.unwrap();
                let metadata = entry.metadata().unwrap();
                (entry.file_name(), metadata.file_type(), metadata.len())
            })
            .collect();
        files.sort_by(|(a, ..), (b, ..)| a.cmp(b));
        files
    }
}

/// How a command ended.
struct Ended {
    /// Exit code, or the signal as a negative number.
    code: i32,
    stderr: String,
    /// The most memory that it had at once, in kilobytes.
    peak_kb: u64,
}

/// Ingests what may have any name; standard error may have any bytes.
fn ingest(sandbox: &Sandbox, path: &Path) -> Ended {
    let mut command = sandbox.command(&["ingest", "--"]);
    command.arg(path);
    let (output, peak_kb) = measured(command);
    let signal = output.status.signal().map(|signal| -signal);
    Ended {
        code: output.status.code().or(signal).unwrap(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        peak_kb,
    }
}

/// How many batches the catalog has: asked there, because the corpus asks hundreds of times.
fn n_batches(sandbox: &Sandbox) -> u32 {
    let catalog = Connection::open(sandbox.path().join("lake/catalog.db")).unwrap();
    catalog.query_row("SELECT count(*) FROM batches", [], |row| row.get(0)).unwrap()
}

/// Says what is wrong with the way in which a file was taken; `None` when nothing is.
fn objection(name: &str, must: &str, ended: &Ended, n_new: u32) -> Option<String> {
    let said = ended.stderr.chars().take(400).collect::<String>();
    let problem = match (ended.code, n_new) {
        (0 | 3, 1..) if must != "refused" => None,
        (1, 0) if must != "read" => None,
        (code, n_new) => Some(format!("must be {must}: exit code {code}, {n_new} new batches")),
    };
    // Control characters of a name never reach the terminal.
    let is_named = ended.stderr.contains(&printable(name));
    let has_control = ended.stderr.chars().any(|c| c.is_control() && c != '\n');
    let problem = problem
        .or_else(|| (!is_named).then(|| "is not named".to_owned()))
        .or_else(|| has_control.then(|| "control characters reach the terminal".to_owned()))
        .or_else(|| ended.stderr.contains("panicked").then(|| "panics".to_owned()))
        .or_else(|| (ended.peak_kb > MAX_PARENT_KB).then(|| format!("takes {} kB", ended.peak_kb)));
    problem.map(|problem| format!("{name}: {problem}\n{said}"))
}

/// Everything in the folder of a workspace but the files of its lake.
fn outside_the_lake(sandbox: &Sandbox) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![sandbox.path().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.ends_with("lake") {
                folders.push(path.clone());
            }
            found.push(path);
        }
    }
    found.sort();
    found
}

fn assert_nothing_left(sandbox: &Sandbox, before: &[PathBuf]) {
    assert_eq!(outside_the_lake(sandbox), before, "something new outside of the lake");
    assert_eq!(fs::read_dir(sandbox.path().join("lake/tmp")).unwrap().count(), 0);
}

#[test]
fn every_hostile_file_is_read_or_refused_by_name() {
    let Some(python) = python("every_hostile_file_is_read_or_refused_by_name") else { return };
    let corpus = Corpus::make(&python);
    let listing = corpus.listing();
    assert!(listing.len() >= MIN_FILES && listing.len() == corpus.musts.len());
    let sandbox = Sandbox::new();
    let outside = outside_the_lake(&sandbox);
    let mut objections = Vec::new();
    for (name, ..) in &listing {
        let before = n_batches(&sandbox);
        let ended = ingest(&sandbox, &corpus.folder().join(name));
        let shown = name.to_string_lossy();
        let n_new = n_batches(&sandbox) - before;
        // The same bytes once more are in the lake already.
        let n_new = n_new.max(ended.stderr.contains("already in the lake").into());
        objections.extend(objection(&shown, &corpus.musts[&*shown], &ended, n_new));
    }
    assert!(objections.is_empty(), "{}\n{}", objections.len(), objections.join("\n"));
    assert_eq!(corpus.listing(), listing, "the corpus changed");
    assert_nothing_left(&sandbox, &outside);
    let good = sandbox.sql("SELECT document_number FROM batches ORDER BY document_number");
    assert!(good.contains("〔2021〕185号") && good.contains("〔2021〕99185号"), "{good}");
}

#[test]
fn a_folder_of_hostile_files_is_read_to_its_end() {
    let Some(python) = python("a_folder_of_hostile_files_is_read_to_its_end") else { return };
    let corpus = Corpus::make(&python);
    let sandbox = Sandbox::new();
    let outside = outside_the_lake(&sandbox);
    let ended = ingest(&sandbox, &corpus.folder());
    assert_eq!(ended.code, 1, "{}", ended.stderr);
    assert!(ended.stderr.contains("files read: "), "the last line tells how many");
    let good = sandbox.sql("SELECT file_name FROM batches ORDER BY file_name");
    assert!(good.contains("00-good-first.txt") && good.contains("zz-good-last.txt"), "{good}");
    // Behind the last good file by its name.
    assert!(good.contains("通报.txt"), "{good}");
    assert_nothing_left(&sandbox, &outside);
}

#[test]
fn a_name_that_looks_like_an_option_is_a_name() {
    let sandbox = Sandbox::new();
    for name in ["-rf", "--name", "--unpack=9"] {
        sandbox.write(name, crate::support::NOTICE.replace("185号", &format!("{}号", name.len())));
        let ended = ingest(&sandbox, Path::new(name));
        assert_eq!(ended.code, 0, "{name}: {}", ended.stderr);
    }
    let ended = ingest(&sandbox, Path::new("/dev/zero"));
    assert!(ended.code == 1 && ended.stderr.contains("/dev/zero"), "{}", ended.stderr);
}
