//! The catalog made anew: from the best copy there is, and the manifests of the snapshots after it.
//!
//! A manifest holds the audit record of its snapshot, which names every row that began or ended with it,
//! and the hash that binds it to those before. So what is put together is right when its chain holds:
//! records are made from the rows again, and compared.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::backup::Backup;
use rusqlite::types::Value as SqlValue;
use rusqlite::{Connection, OpenFlags, params_from_iter};
use serde_json::{Map, Value};

use crate::fsio;
use crate::lake::agreement::Manifest;
use crate::lake::audit::{self, KeptHead, chained};
use crate::lake::catalog::{Catalog, create_tables, upgrade_tables};
use crate::lake::check::{is_sound, is_whole_backup};
use crate::lake::layout::Layout;
use crate::lake::schema::{APPLICATION_ID, FORMAT_VERSION, OLDEST_VERSION};
use crate::lake::{AuditHead, LakeError};

/// Pages that are copied at a time.
const PAGES_PER_STEP: i32 = 1000;

/// Tables whose rows begin with a snapshot, with their columns in a record; and the key of what names the
/// snapshot, where the record leaves it out.
const BEGUN: [(&str, Option<&str>); 5] = [
    ("snapshots", None),
    ("batches", Some("begin_snapshot")),
    ("files", Some("begin_snapshot")),
    ("batch_files", None),
    ("expirations", Some("snapshot")),
];

/// A catalog in memory that was put together.
pub(super) struct Rebuilt {
    pub(super) connection: Connection,
    /// The file it began with, `None` for none.
    pub(super) base: Option<PathBuf>,
    /// Snapshots that came from manifests, or from audit entries of other catalogs.
    pub(super) n_replayed: i64,
    pub(super) head: AuditHead,
}

/// What a snapshot did.
struct Entry {
    snapshot: i64,
    record: Map<String, Value>,
    /// The record as the chain has it.
    text: String,
    hash: String,
}

/// Puts a catalog together: that which reaches furthest and agrees with the kept head of the chain.
///
/// `None` where nothing there is does. What an earlier repair put aside comes last, and only where the kept
/// head proves it. Of a catalog that is suspect, only the audit entries are taken.
pub(super) fn rebuilt(layout: &Layout, is_suspect: bool) -> Result<Option<Rebuilt>, LakeError> {
    let kept = match audit::read_head(&layout.audit_head()) {
        Ok(KeptHead::Whole(head)) => Some(head),
        _ => None,
    };
    let listed = |folder: PathBuf| {
        fsio::list_folder(&folder)
            .map_err(|source| LakeError::Folder { root: layout.root().to_owned(), source })
    };
    let mut catalogs = vec![layout.catalog()];
    catalogs.extend(listed(layout.backups())?.into_iter().rev());
    let told = told_by(&catalogs);
    let bases = catalogs.into_iter().skip(usize::from(is_suspect)).collect();
    let best = best_of((layout, kept.as_ref()), bases, &told);
    if best.is_some() || kept.is_none() {
        return Ok(best);
    }
    let is_catalog = |path: &PathBuf| path.to_string_lossy().ends_with("-catalog.db");
    let aside: Vec<PathBuf> = listed(layout.lost())?.into_iter().filter(is_catalog).collect();
    let told = told_by(&aside);
    Ok(best_of((layout, kept.as_ref()), aside, &told))
}

/// Returns the best that can be put together from some catalogs, the first of those that are equal.
fn best_of(
    (layout, kept): (&Layout, Option<&AuditHead>),
    bases: Vec<PathBuf>,
    told: &Told,
) -> Option<Rebuilt> {
    let bases = bases.into_iter().map(Some).chain([None]);
    let mut best: Option<Rebuilt> = None;
    for found in bases.filter_map(|base| from_base(layout, base, told)) {
        let agrees = audit::verify(&found.connection, kept).is_ok_and(|outcome| outcome.is_ok());
        let is_further = best.as_ref().is_none_or(|best| best.head.entry < found.head.entry);
        if agrees && is_further {
            best = Some(found);
        }
    }
    // An empty catalog is no repair of one that is damaged.
    best.filter(|best| best.head.entry > 0 || best.base.is_some())
}

/// Audit entries by their snapshots: the record of each and its hash.
type Told = BTreeMap<i64, Vec<(String, String)>>;

/// Returns the audit entries that catalogs hold, also those that cannot be used as a whole: an entry proves
/// itself by its hash.
fn told_by(catalogs: &[PathBuf]) -> Told {
    let mut told = Told::new();
    for path in catalogs {
        let stored = Catalog::new(path.clone(), false).read(audit::all_stored);
        for (snapshot, record, hash) in stored.unwrap_or_default() {
            told.entry(snapshot).or_default().push((record, hash));
        }
    }
    told
}

/// Copies a catalog into memory and adds what manifests and audit entries tell of; `None` where it does not
/// pass every test of a check.
fn from_base(layout: &Layout, base: Option<PathBuf>, told: &Told) -> Option<Rebuilt> {
    let connection = match &base {
        None => {
            let connection = Connection::open_in_memory().ok()?;
            create_tables(&connection).ok()?;
            connection
        }
        Some(path) => {
            let connection = in_memory(path)?;
            if !is_ours(&connection) || !is_sound(&connection) {
                return None;
            }
            upgrade_tables(&connection).ok()?;
            connection
        }
    };
    let mut head = audit::head(&connection).ok()?;
    let mut n_replayed = 0;
    while let Some(entry) = next_entry(layout, told, &head) {
        if connection.execute_batch("SAVEPOINT replay").is_err() {
            break;
        }
        let is_done = replay(&connection, &entry).is_ok();
        let end = if is_done { "RELEASE replay" } else { "ROLLBACK TO replay; RELEASE replay" };
        connection.execute_batch(end).ok()?;
        if !is_done {
            break;
        }
        n_replayed += 1;
        head = audit::head(&connection).ok()?;
    }
    is_sound(&connection).then_some(Rebuilt { connection, base, n_replayed, head })
}

/// Returns a copy of a catalog with the log that stands beside it; neither is changed.
fn in_memory(path: &Path) -> Option<Connection> {
    let copied = Catalog::new(path.to_owned(), false).read(|from| {
        let mut to = Connection::open_in_memory()?;
        Backup::new(from, &mut to)?.run_to_completion(PAGES_PER_STEP, Duration::ZERO, None)?;
        Ok(to)
    });
    copied.ok()
}

fn is_ours(connection: &Connection) -> bool {
    let asked = |name: &str| connection.pragma_query_value(None, name, |row| row.get::<_, i32>(0));
    let is_known = |version| (OLDEST_VERSION..=FORMAT_VERSION).contains(&version);
    asked("application_id").is_ok_and(|id| id == APPLICATION_ID)
        && asked("user_version").is_ok_and(is_known)
}

/// Returns the entry after `head` that is bound to it: by a manifest, or by a catalog.
fn next_entry(layout: &Layout, told: &Told, head: &AuditHead) -> Option<Entry> {
    let snapshot = head.entry + 1;
    let manifest = || {
        let manifest = Manifest::read(layout, snapshot)?;
        Some((manifest.record_text()?, manifest.hash))
    };
    let stored = told.get(&snapshot).into_iter().flatten().cloned();
    let is_next = |(record, hash): &(String, String)| *hash == chained(&head.hash, record);
    let (text, hash) = manifest().into_iter().chain(stored).find(is_next)?;
    Some(Entry { snapshot, record: serde_json::from_str(&text).ok()?, text, hash })
}

/// Does to the tables what a snapshot did, and adds its audit entry.
fn replay(connection: &Connection, entry: &Entry) -> rusqlite::Result<()> {
    let snapshot = entry.snapshot;
    let rows = |part| rows_of(&entry.record, part);
    for part in ["batches", "files", "snapshots"] {
        for row in rows(part) {
            insert_run(connection, row, rows("snapshots").first().copied())?;
        }
    }
    // In the order in which a commit does it: a batch that begins again ends first.
    for (position, (table, snapshot_column)) in BEGUN.into_iter().enumerate() {
        if position == 1 {
            end_rows(connection, snapshot, &rows("ended_files"), &rows("ended_batches"))?;
        }
        for row in rows(table) {
            insert(connection, table, row, snapshot_column.map(|column| (column, snapshot)))?;
        }
    }
    connection.execute(
        "INSERT OR IGNORE INTO meta (key, value)
         SELECT 'is_synthetic', '1' FROM batches WHERE is_synthetic = 1 LIMIT 1",
        [],
    )?;
    connection.execute(
        "INSERT INTO audit (entry, snapshot, record, hash) VALUES (?1, ?1, ?2, ?3)",
        (snapshot, &entry.text, &entry.hash),
    )?;
    Ok(())
}

/// Returns the rows of a part of a record; none where it has no such part.
fn rows_of<'r>(record: &'r Map<String, Value>, part: &str) -> Vec<&'r Map<String, Value>> {
    let rows = record.get(part).and_then(Value::as_array);
    rows.into_iter().flatten().filter_map(Value::as_object).collect()
}

fn end_rows(
    connection: &Connection,
    snapshot: i64,
    files: &[&Map<String, Value>],
    batches: &[&Map<String, Value>],
) -> rusqlite::Result<()> {
    for row in files {
        connection.execute(
            "UPDATE files SET end_snapshot = ?1 WHERE path = ?2",
            (snapshot, value_of(row.get("path"))),
        )?;
    }
    for row in batches {
        connection.execute(
            "UPDATE batches SET end_snapshot = ?1, superseded_by = ?2, retracted_by = ?3
             WHERE batch = ?4 AND begin_snapshot = ?5",
            (
                snapshot,
                value_of(row.get("superseded_by")),
                value_of(row.get("retracted_by")),
                value_of(row.get("batch")),
                value_of(row.get("begin_snapshot")),
            ),
        )?;
    }
    Ok(())
}

/// Records the run of a row as far as it is known: its process and its beginning are not.
fn insert_run(
    connection: &Connection,
    row: &Map<String, Value>,
    of: Option<&Map<String, Value>>,
) -> rusqlite::Result<()> {
    let of = |name: &str| value_of(of.and_then(|snapshot| snapshot.get(name)));
    connection.execute(
        "INSERT OR IGNORE INTO runs
             (run, batch, source_hash, base_snapshot, pid, boot_id, command, started_at, state)
         VALUES (?1, coalesce(?2, ''), coalesce(?3, ''), ?4 - 1, 0, 'unknown', ?5, ?6, 'committed')",
        (
            value_of(row.get("run")),
            value_of(row.get("batch")),
            value_of(row.get("source_hash")),
            of("snapshot"),
            of("command"),
            of("committed_at"),
        ),
    )?;
    Ok(())
}

/// Inserts a row of a record. Its names are those of columns, or the statement fails.
fn insert(
    connection: &Connection,
    table: &str,
    row: &Map<String, Value>,
    more: Option<(&str, i64)>,
) -> rusqlite::Result<()> {
    let is_plain = |name: &str| {
        name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_' || byte.is_ascii_digit())
    };
    let mut columns: Vec<&str> = row.keys().map(String::as_str).collect();
    let mut values: Vec<SqlValue> = row.values().map(|value| value_of(Some(value))).collect();
    if let Some((column, snapshot)) = more {
        columns.push(column);
        values.push(SqlValue::Integer(snapshot));
    }
    if !columns.iter().all(|column| is_plain(column)) {
        return Err(rusqlite::Error::InvalidColumnName(columns.join(",")));
    }
    let marks = vec!["?"; columns.len()].join(", ");
    let statement = format!("INSERT INTO {table} ({}) VALUES ({marks})", columns.join(", "));
    connection.execute(&statement, params_from_iter(values)).map(|_| ())
}

fn value_of(value: Option<&Value>) -> SqlValue {
    match value {
        Some(Value::String(text)) => SqlValue::Text(text.clone()),
        Some(Value::Number(number)) => number
            .as_i64()
            .map_or_else(|| SqlValue::Real(number.as_f64().unwrap_or(f64::NAN)), SqlValue::Integer),
        _ => SqlValue::Null,
    }
}

/// Writes a catalog that was put together to a file that is there and empty.
pub(super) fn write_to(rebuilt: &Rebuilt, path: &Path) -> rusqlite::Result<()> {
    let mut to = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    Backup::new(&rebuilt.connection, &mut to)?.run_to_completion(
        PAGES_PER_STEP,
        Duration::ZERO,
        None,
    )?;
    to.execute_batch("PRAGMA journal_mode = DELETE")?;
    to.close().map_err(|(_, error)| error)?;
    if is_whole_backup(path, true) {
        return Ok(());
    }
    let damaged = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CORRUPT);
    Err(rusqlite::Error::SqliteFailure(damaged, None))
}
