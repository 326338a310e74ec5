//! The DuckDB shell: where it is, how it is called, and scripts with which it answers the same SQL on the
//! same Parquet files.
//!
//! A script is all that the program does by itself: tables of the lake by the list of their files,
//! the views that the question reads, its parameters. What the program has in memory (reference
//! tables, batches, the session) stands as Parquet, written by the program before anything is timed,
//! because a view of a small file costs the shell less than a table does.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tongban::engine::stored_rows;
use tongban::lake::{Lake, SnapshotView};
use tongban::query::{Catalogue, ParamValue, Query};
use tongban::table::LakeTable;

use crate::{Outcome, command, finish, python, tongban};

/// Returns the DuckDB shell of the test environment, or says that it is left out.
pub(crate) fn duckdb_shell() -> Outcome<Option<PathBuf>> {
    if let Some(python) = python() {
        // The script on the path starts Python first; the program beside the package does not.
        let find = "import duckdb_cli, os; print(os.path.dirname(duckdb_cli.__file__))";
        let mut command = Command::new(python);
        let folder = finish(command.args(["-c", find]).stdin(Stdio::null()))?;
        let shell = Path::new(folder.trim_end()).join("duckdb");
        if shell.exists() {
            return Ok(Some(shell));
        }
    }
    if std::env::var_os("TONGBAN_REQUIRE_ALL").is_some() {
        return Err("the DuckDB shell is missing: run `make venv`".into());
    }
    eprintln!("skipped: the comparison needs the DuckDB shell of `make venv`");
    Ok(None)
}

/// The shell with a script, in a folder where it may write.
pub(crate) fn duckdb(shell: &Path, dir: &Path, script: &Path) -> Command {
    let mut command = command(shell, dir);
    command.args(["-no-init", "-bail", "-csv", "-nullvalue", "", "-f"]).arg(script);
    command
}

/// A text or the name of a file in SQL.
pub(crate) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// One snapshot of a workspace, as scripts read it.
pub(crate) struct Scripts<'a> {
    workspace: &'a Path,
    /// Where small tables stand as Parquet.
    dir: &'a Path,
    pub(crate) snapshot: SnapshotView,
}

impl<'a> Scripts<'a> {
    /// Reads the latest state of the lake in `workspace`, whose path is absolute.
    pub(crate) fn of(workspace: &'a Path, dir: &'a Path) -> Outcome<Self> {
        let snapshot = Lake::open(&workspace.join("lake"))?.snapshot(None)?;
        Ok(Self { workspace, dir, snapshot })
    }

    /// Returns a script that answers a query of `catalogue`.
    pub(crate) fn query(
        &self,
        catalogue: &Catalogue,
        query: &Query,
        params: &BTreeMap<String, ParamValue>,
    ) -> Outcome<String> {
        let mut script = String::new();
        for name in catalogue.tables_for(query) {
            script.push_str(&self.table(name)?);
        }
        for view in catalogue.views_for(query) {
            writeln!(script, "CREATE VIEW {} AS {};", view.name(), view.select())?;
        }
        script.push_str(&execution(query, params));
        Ok(script)
    }

    /// Returns the statement that makes a table known.
    pub(crate) fn table(&self, name: &str) -> Outcome<String> {
        let stored = LakeTable::parse(name).and_then(|table| {
            let files = self.snapshot.files.get(&table).filter(|files| !files.is_empty());
            files.map(|files| stored_rows(table, files))
        });
        let rows = match stored {
            Some(rows) => rows,
            None => format!("SELECT * FROM read_parquet({})", quoted_path(&self.exported(name)?)),
        };
        Ok(format!("CREATE VIEW {name} AS {rows};\n"))
    }

    /// Returns a Parquet file with what the program has in memory under this name.
    fn exported(&self, name: &str) -> Outcome<PathBuf> {
        let path = self.dir.join(format!("{name}.parquet"));
        if !path.exists() {
            let statement = format!("SELECT * FROM {name}");
            let mut command = tongban(self.workspace, &["sql", &statement, "--output"]);
            finish(command.arg(&path))?;
        }
        Ok(path)
    }
}

/// The program binds parameters, so the shell prepares as well.
fn execution(query: &Query, params: &BTreeMap<String, ParamValue>) -> String {
    let values = params.iter().map(|(name, value)| format!("{name} := {}", literal(value)));
    let values = values.collect::<Vec<_>>().join(", ");
    let values = if values.is_empty() { values } else { format!("({values})") };
    format!("PREPARE answer AS {};\nEXECUTE answer{values};\n", query.select())
}

/// A value with the type that the program binds.
fn literal(value: &ParamValue) -> String {
    match value {
        ParamValue::Null(_) => "NULL".to_owned(),
        ParamValue::Text(text) => quoted(text),
        ParamValue::Int(number) => format!("CAST({number} AS BIGINT)"),
        ParamValue::Double(number) => format!("CAST({number} AS DOUBLE)"),
        ParamValue::Date(day) => quoted(&day.to_string()),
        ParamValue::Bool(flag) => flag.to_string(),
    }
}

fn quoted_path(path: &Path) -> String {
    quoted(&path.to_string_lossy())
}

/// Writes a script into a folder and returns its path.
pub(crate) fn write_script(dir: &Path, name: &str, script: &str) -> Outcome<PathBuf> {
    let path = dir.join(format!("{}.sql", name.replace('/', "-")));
    fs::write(&path, script)?;
    Ok(path)
}
