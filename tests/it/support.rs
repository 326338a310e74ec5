//! Workspaces, commands, expectations.
#![expect(clippy::disallowed_methods, reason = "tests set up files and read the environment")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// The transcription that ships with the program.
pub(crate) const NOTICE: &str = include_str!("../../data/notices/qinghai-2021-185.txt");

/// Root of the project.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Reads a text file of the project or of a test.
pub(crate) fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Returns every file below a folder with this extension, in order.
pub(crate) fn files_below(dir: &Path, extension: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(dir).unwrap_or_else(|error| panic!("{}: {error}", dir.display())) {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(files_below(&path, extension));
        } else if path.extension().is_some_and(|end| end == extension) {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// Writes a file of a test.
pub(crate) fn write(path: &Path, content: &[u8]) {
    fs::write(path, content).unwrap();
}

/// Whether what is absent on this machine is a failure instead of a reason to skip.
pub(crate) fn must_have_all() -> bool {
    std::env::var_os("TONGBAN_REQUIRE_ALL").is_some()
}

/// Returns the Python of the test environment, or says that the test is skipped.
#[track_caller]
pub(crate) fn python(test: &str) -> Option<PathBuf> {
    let python = std::env::var_os("TONGBAN_PYTHON").map(PathBuf::from);
    if let Some(python) = python.filter(|python| python.exists()) {
        return Some(python);
    }
    assert!(!must_have_all(), "{test} needs the Python packages: run `make venv`");
    eprintln!("skipped: {test} needs the Python packages of `make venv`");
    None
}

/// A folder of a test with a workspace in it.
pub(crate) struct Sandbox {
    dir: TempDir,
}

/// What a command did.
pub(crate) struct Outcome {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Sandbox {
    /// Makes an empty folder.
    pub(crate) fn empty() -> Self {
        Self { dir: tempfile::tempdir().unwrap() }
    }

    /// Makes a folder with a workspace.
    pub(crate) fn new() -> Self {
        let sandbox = Self::empty();
        sandbox.run(&["init"]).ok();
        sandbox
    }

    /// Makes a workspace that holds the notice.
    pub(crate) fn with_notice() -> Self {
        let sandbox = Self::new();
        sandbox.write("notice.txt", NOTICE);
        sandbox.run(&["ingest", "notice.txt"]).ok();
        sandbox
    }

    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path
    }

    /// Returns a command of the binary in this folder: English, no colour, a fixed time.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tongban"));
        command
            .args(args)
            .current_dir(self.path())
            .env_clear()
            .env("LANG", "C.UTF-8")
            .env("USER", "tester")
            .env("SOURCE_DATE_EPOCH", "1640995200")
            .stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, args: &[&str]) -> Outcome {
        self.command(args).output().unwrap().into()
    }

    /// Returns the names of all files and folders in this folder, in order.
    pub(crate) fn file_names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.path()).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// Runs a SELECT and returns its rows as CSV.
    pub(crate) fn sql(&self, statement: &str) -> String {
        self.run(&["sql", "--format", "csv", statement]).ok()
    }

    /// Returns every file of the lake with its content's hash: what must not change on an error.
    pub(crate) fn lake_files(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let mut files = Vec::new();
        for folder in ["data", "source", "manifests"] {
            collect(&self.path().join("lake").join(folder), &mut files);
        }
        files.sort();
        files
    }
}

fn collect(dir: &Path, files: &mut Vec<(PathBuf, Vec<u8>)>) {
    let Ok(entries) = fs::read_dir(dir) else { return };
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else {
            files.push((path.clone(), fs::read(&path).unwrap()));
        }
    }
}

impl From<Output> for Outcome {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Outcome {
    /// Returns standard output of a command that must have succeeded.
    #[track_caller]
    pub(crate) fn ok(self) -> String {
        assert_eq!(self.code, 0, "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self.stdout
    }

    /// Returns standard error of a command that must have failed with this code and printed nothing.
    #[track_caller]
    pub(crate) fn fails(self, code: i32) -> String {
        assert_eq!(self.code, code, "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        assert_eq!(self.stdout, "");
        self.stderr
    }
}
