//! The audit chain: one record per snapshot, each hashed together with the one before it.
//!
//! A record is made from what the catalog says about its snapshot, by the same function when it is
//! written and when it is checked. So the chain shows edits of snapshots, files and batches, not
//! only of itself. A chain that was cut short or made anew shows in the head that is kept beside
//! the catalog, or in one that was written down elsewhere.

use std::collections::BTreeMap;
use std::path::Path;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row};
use serde_json::Value;

use crate::fsio::{self, FsError, Mode, Reason};

/// The last entry of the audit chain; whoever knows it can tell whether the past was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditHead {
    /// Number of the entry, from 1; 0 in an empty lake.
    pub entry: i64,
    /// BLAKE3 of the hash before it and its record, 64 hexadecimal digits; empty in an empty lake.
    pub hash: String,
}

/// The parts of a record and the statement of each. Only columns that never change once set.
const PARTS: [(&str, &str); 5] = [
    (
        "batches",
        "SELECT batch, run, source_hash, source_kind, file_name, document_number, issuer, title,
             dated, published_on, layout, reading, tool_version, is_synthetic, rows_received,
             rows_accepted, rows_updated, rows_deleted, rows_returned, rows_duplicate,
             n_observations, n_findings, received_at, committed_at
         FROM batches WHERE begin_snapshot = ?1 ORDER BY batch",
    ),
    (
        "ended_batches",
        "SELECT batch, begin_snapshot, superseded_by, retracted_by
         FROM batches WHERE end_snapshot = ?1 ORDER BY batch, begin_snapshot",
    ),
    ("ended_files", "SELECT path FROM files WHERE end_snapshot = ?1 ORDER BY path"),
    (
        "files",
        "SELECT table_name, path, run, record_count, file_size_bytes, blake3
         FROM files WHERE begin_snapshot = ?1 ORDER BY path",
    ),
    (
        "snapshots",
        "SELECT snapshot, committed_at, command, author, message, run
         FROM snapshots WHERE snapshot = ?1",
    ),
];

/// Parts that a record has only where they have rows, and the table of each: records made before there
/// were such tables are to stay what they are.
const LATER_PARTS: [(&str, &str); 2] = [
    (
        "batch_files",
        "SELECT f.run, f.file_idx, f.file_name, f.source_hash, f.size_bytes, f.rows_received
         FROM batch_files AS f JOIN batches AS b ON b.run = f.run
         WHERE b.begin_snapshot = ?1 ORDER BY f.run, f.file_idx",
    ),
    ("expirations", "SELECT oldest FROM expirations WHERE snapshot = ?1"),
];

/// Adds the entry of `snapshot`, whose rows must all be there.
pub(super) fn append(connection: &Connection, snapshot: i64) -> rusqlite::Result<()> {
    let before = head(connection)?;
    let record = record_of(connection, snapshot)?;
    let hash = chained(&before.hash, &record);
    connection.execute(
        "INSERT INTO audit (entry, snapshot, record, hash) VALUES (?1, ?2, ?3, ?4)",
        (before.entry + 1, snapshot, record, hash),
    )?;
    Ok(())
}

/// Returns the last entry of the chain as it is stored.
pub(super) fn head(connection: &Connection) -> rusqlite::Result<AuditHead> {
    let mut statement =
        connection.prepare("SELECT entry, hash FROM audit ORDER BY entry DESC LIMIT 1")?;
    let mut rows = statement.query([])?;
    Ok(match rows.next()? {
        Some(row) => AuditHead { entry: row.get(0)?, hash: row.get(1)? },
        None => AuditHead { entry: 0, hash: String::new() },
    })
}

/// Checks the whole chain against the catalog and a head that was kept, where there is one.
///
/// `Err` holds the first entry that does not hold.
pub(super) fn verify(
    connection: &Connection,
    kept: Option<&AuditHead>,
) -> rusqlite::Result<Result<AuditHead, i64>> {
    let mut chain = AuditHead { entry: 0, hash: String::new() };
    let mut statement =
        connection.prepare("SELECT entry, snapshot, record, hash FROM audit ORDER BY entry")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let next = chain.entry + 1;
        let entry: i64 = row.get(0)?;
        let snapshot: i64 = row.get(1)?;
        let record: String = row.get(2)?;
        let hash: String = row.get(3)?;
        let holds = entry == next
            && snapshot == next
            && record == record_of(connection, snapshot)?
            && hash == chained(&chain.hash, &record)
            && kept.is_none_or(|kept| kept.entry != entry || kept.hash == hash);
        if !holds {
            return Ok(Err(next));
        }
        chain = AuditHead { entry, hash };
    }
    let n_snapshots: i64 =
        connection.query_row("SELECT count(*) FROM snapshots", [], |row| row.get(0))?;
    let is_cut = n_snapshots != chain.entry || kept.is_some_and(|kept| kept.entry > chain.entry);
    Ok(if is_cut { Err(chain.entry + 1) } else { Ok(chain) })
}

/// Returns the stored record of a snapshot and its hash.
pub(super) fn stored(connection: &Connection, snapshot: i64) -> rusqlite::Result<(String, String)> {
    connection.query_row("SELECT record, hash FROM audit WHERE snapshot = ?1", [snapshot], |row| {
        Ok((row.get(0)?, row.get(1)?))
    })
}

/// Returns the stored records of all snapshots, in order, each with its hash.
pub(super) fn all_stored(connection: &Connection) -> rusqlite::Result<Vec<(i64, String, String)>> {
    connection
        .prepare("SELECT snapshot, record, hash FROM audit ORDER BY entry")?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
        .collect()
}

/// Keeps a head in a file: number and hash on one line.
pub(super) fn write_head(path: &Path, head: &AuditHead, mode: Mode) -> Result<(), FsError> {
    let line = format!("{} {}\n", head.entry, head.hash);
    fsio::write_atomic(path, line.as_bytes(), mode)
}

/// What stands in the file of the kept head.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum KeptHead {
    /// There is no file.
    Absent,
    /// It does not hold a number and a hash.
    Garbled,
    /// The head.
    Whole(AuditHead),
}

/// Reads a head that was kept.
pub(super) fn read_head(path: &Path) -> Result<KeptHead, FsError> {
    if !fsio::exists(path) {
        return Ok(KeptHead::Absent);
    }
    let text = match fsio::read_text(path) {
        Err(error) if matches!(error.reason, Reason::NotUtf8 { .. }) => {
            return Ok(KeptHead::Garbled);
        }
        other => other?,
    };
    let head = text.strip_suffix('\n').and_then(|line| {
        let (entry, hash) = line.split_once(' ')?;
        let is_hash = hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
        let entry = entry.parse().ok().filter(|entry| *entry >= 1)?;
        is_hash.then(|| AuditHead { entry, hash: hash.to_owned() })
    });
    Ok(head.map_or(KeptHead::Garbled, KeptHead::Whole))
}

pub(super) fn chained(before: &str, record: &str) -> String {
    fsio::hash_hex(format!("{before}{record}").as_bytes())
}

/// Returns everything the catalog says about a snapshot as JSON with sorted keys, without spaces.
fn record_of(connection: &Connection, snapshot: i64) -> rusqlite::Result<String> {
    let mut record = BTreeMap::new();
    for (part, sql) in PARTS {
        record.insert(part, rows_of(connection, sql, snapshot)?);
    }
    for (part, sql) in LATER_PARTS {
        // A catalog of an earlier version has no such table.
        if connection.table_exists(None, part)? {
            let rows = rows_of(connection, sql, snapshot)?;
            if !rows.is_empty() {
                record.insert(part, rows);
            }
        }
    }
    serde_json::to_string(&record)
        .map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))
}

fn rows_of(
    connection: &Connection,
    sql: &str,
    snapshot: i64,
) -> rusqlite::Result<Vec<BTreeMap<String, Value>>> {
    connection.prepare(sql)?.query_map([snapshot], json_of_row)?.collect()
}

fn json_of_row(row: &Row<'_>) -> rusqlite::Result<BTreeMap<String, Value>> {
    let mut object = BTreeMap::new();
    for (idx, column) in row.as_ref().column_names().enumerate() {
        let value = match row.get_ref(idx)? {
            ValueRef::Null => Value::Null,
            ValueRef::Integer(number) => Value::from(number),
            ValueRef::Real(number) => Value::from(number),
            ValueRef::Text(text) | ValueRef::Blob(text) => {
                Value::from(String::from_utf8_lossy(text).into_owned())
            }
        };
        object.insert(column.to_owned(), value);
    }
    Ok(object)
}
