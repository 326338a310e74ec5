//! Bytes that change behind the back of the lake: whatever is damaged, a check of all bytes finds it.

use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use rusqlite::types::Value;
use tongban::diag::{Diagnose, Lang};
use tongban::lake::{CheckLevel, LakeError};
use tongban::table::LakeTable;

use crate::report::Report;
use crate::world;
use crate::{Outcome, Scale, chances};

/// What is done to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Damage {
    Flip,
    Truncate,
    Swap,
    ZeroPage,
    Append,
    Remove,
}

const DAMAGES: [Damage; 6] = [
    Damage::Flip,
    Damage::Truncate,
    Damage::Swap,
    Damage::ZeroPage,
    Damage::Append,
    Damage::Remove,
];

/// Tables from which no answer about the data is made: who is at work, what may be removed and since when,
/// and which reports were made. A wrong bit in any other must be found.
const WITHOUT_ANSWERS: [&str; 7] = [
    "collected",
    "report_deliveries",
    "report_outputs",
    "report_runs",
    "report_schedules",
    "runs",
    "sqlite_sequence",
];

/// Damages files of every kind, and checks.
pub(crate) fn run(folder: &Path, scale: Scale, report: &mut Report) -> Outcome<()> {
    let n_damages = scale.of(4000, 200);
    let root = folder.join("lake");
    world::make_of_every_kind(&root)?;
    let files = files_of(&root)?;
    let databases = files.iter().filter(|path| path.extension().is_some_and(|end| end == "db"));
    let mut said: BTreeMap<&PathBuf, Vec<Vec<Value>>> = BTreeMap::new();
    for path in databases {
        said.insert(path, contents(path)?);
    }
    let mut n_harmless = 0;
    let numbers: Vec<usize> = chances().take(n_damages * 3).collect();
    for (trial, chance) in numbers.chunks(3).enumerate() {
        let path = &files[trial % files.len()];
        let damage = DAMAGES[chance[0] % DAMAGES.len()];
        let other = &files[chance[1] % files.len()];
        let inner = path.strip_prefix(&root)?.display().to_string();
        let Some(kept) = damaged((path.as_path(), other.as_path()), damage, chance[2])? else {
            continue;
        };
        let is_found = match world::check(&root, CheckLevel::ReadData) {
            Ok(found) => found.is_damaged(),
            // A check that fails for another reason found nothing.
            Err(LakeError::VersionUnknown { .. }) => path.ends_with("catalog.db"),
            Err(error) => names(&error, path),
        };
        // A part of the catalog that holds nothing, or what no answer is made from.
        let is_same = |said: &Vec<Vec<Value>>| contents(path).is_ok_and(|found| found == *said);
        let is_harmless = !is_found && said.get(path).is_some_and(is_same);
        n_harmless += usize::from(is_harmless);
        let outcome = if is_found || is_harmless { Ok(()) } else { Err("not found".into()) };
        report.count("damaged files", &format!("{damage:?} {inner} {chance:?}"), outcome);
        for (path, bytes) in kept {
            put(&path, &bytes)?;
        }
    }
    world::check_whole(&root, CheckLevel::Deep)?;
    let note = format!("of those, in parts of a catalog that no answer is made from: {n_harmless}");
    report.note("damaged files", note);
    Ok(())
}

/// Returns the files that hold what was committed, and those that it could be made from again.
fn files_of(root: &Path) -> Outcome<Vec<PathBuf>> {
    let mut files = vec![root.join("catalog.db"), root.join("audit-head")];
    let of_tables = LakeTable::ALL.iter().map(|table| format!("data/{table}"));
    let others = ["source", "manifests", "backup"].map(str::to_owned);
    for folder in of_tables.chain(others) {
        for entry in fs::read_dir(root.join(folder))? {
            files.push(entry?.path());
        }
    }
    files.sort();
    Ok(files)
}

/// Tells whether an error is about a file.
fn names(error: &LakeError, path: &Path) -> bool {
    let mut said = std::iter::once(error.message()).chain(error.causes());
    let path = path.display().to_string();
    said.any(|message| message.text(Lang::En).contains(&path))
}

/// Files as they were: paths and contents.
type Kept = Vec<(PathBuf, Vec<u8>)>;

/// Damages a file; returns what it and others were before, or `None` where nothing would change.
fn damaged((path, other): (&Path, &Path), damage: Damage, chance: usize) -> Outcome<Option<Kept>> {
    let before = fs::read(path)?;
    let mut bytes = before.clone();
    let mut kept = vec![(path.to_owned(), before.clone())];
    match damage {
        Damage::Flip => {
            let at = chance % bytes.len();
            bytes[at] ^= 1 << (chance % 8);
        }
        Damage::Truncate => bytes.truncate(chance % bytes.len()),
        Damage::ZeroPage => {
            let first = chance % bytes.len() / 512 * 512;
            let end = bytes.len().min(first + 512);
            bytes[first..end].fill(0);
        }
        Damage::Append => bytes.extend([0; 16]),
        Damage::Swap => {
            // The catalog beside a file in its place is what other damages are about.
            if [path, other].iter().any(|path| path.ends_with("catalog.db")) {
                return Ok(None);
            }
            bytes = fs::read(other)?;
            kept.push((other.to_owned(), bytes.clone()));
            put(other, &before)?;
        }
        // A copy that is gone says nothing wrong.
        Damage::Remove if path.parent().is_some_and(|folder| folder.ends_with("backup")) => {
            return Ok(None);
        }
        Damage::Remove => {
            fs::remove_file(path)?;
            return Ok(Some(kept));
        }
    }
    if bytes == before {
        return Ok(None);
    }
    put(path, &bytes)?;
    Ok(Some(kept))
}

/// Writes a file as it was, its mode included.
fn put(path: &Path, bytes: &[u8]) -> Outcome<()> {
    let mode = fs::metadata(path).map(|found| found.permissions().mode());
    let is_changing = ["catalog.db", "audit-head"].iter().any(|name| path.ends_with(name));
    let is_copy = path.extension().is_some_and(|end| end == "db");
    let usual = if is_changing || is_copy { 0o600 } else { 0o440 };
    if mode.is_ok() {
        fs::remove_file(path)?;
    }
    fs::write(path, bytes)?;
    fs::set_permissions(path, Permissions::from_mode(mode.unwrap_or(usual)))?;
    // What stands beside a damaged one is none of the whole one's.
    if is_copy {
        for end in ["-wal", "-shm"] {
            fs::remove_file(path.with_extension(format!("db{end}"))).unwrap_or_default();
        }
    }
    Ok(())
}

/// Returns every value of the tables that answers are made from; an error where they cannot be read.
fn contents(path: &Path) -> Outcome<Vec<Vec<Value>>> {
    let catalog = Connection::open(path)?;
    let tables: Vec<String> = catalog
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")?
        .query_map([], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    let mut all = Vec::new();
    for table in tables.iter().filter(|table| !WITHOUT_ANSWERS.contains(&table.as_str())) {
        let mut statement = catalog.prepare(&format!("SELECT * FROM {table} ORDER BY 1, 2"))?;
        let n_columns = statement.column_count();
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            all.push((0..n_columns).map(|column| row.get(column)).collect::<Result<_, _>>()?);
        }
    }
    Ok(all)
}
