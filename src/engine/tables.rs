//! The tables that an engine sees: Parquet files of a snapshot, and small tables from memory.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use arrow::array::RecordBatch;

use crate::engine::{AskedPeriods, EngineError};
use crate::fsio::{hash_hex, read_bytes};
use crate::lake::{Extent, SnapshotView, batch_files_table, batches_table, snapshots_table};
use crate::model::Departments;
use crate::query::{Query, QueryOrigin};
use crate::refdata::RefData;
use crate::table::{
    LakeTable, ResultTable, SessionChoice, completed, department_spans_batch,
    department_successors_batch, read_parquet, reference_batch, region_successors_batch,
    session_batch, stored_schema_of,
};

/// Lake tables up to this size, in files of few rows, are read into memory, while DuckDB starts, instead
/// of by every scan of a statement: DuckDB needs about 5 ms to open a file, and views scan
/// `observations` up to six times (one notice, 12 kB, 2026-11).
const SMALL_BYTES: u64 = 8 << 20;
/// A file of more rows is faster scanned than handed over row by row: 130,000 evaluations, packed into
/// 3 MB, took a second to hand over (2026-11).
const SMALL_FILE_ROWS: u64 = 10_000;

/// Everything that statements can read.
#[derive(Debug, Clone, Default)]
pub struct Tables {
    /// Files of each lake table, named one by one: nothing is ever globbed. A table with an empty
    /// list is empty; one that is not listed is not there.
    pub files: BTreeMap<LakeTable, Vec<PathBuf>>,
    /// Small tables by name.
    pub memory: BTreeMap<String, RecordBatch>,
    /// Views by name, each after those it reads: name and SELECT statement.
    pub views: Vec<(String, String)>,
    /// Under which departments the views show figures; analyses without views do the same.
    pub departments: Departments,
    /// Names of the views that a workspace added or replaced: somebody typed them.
    pub own_views: BTreeSet<String>,
    /// Whether figures that were not published, and what documents of such figures say, are left out
    /// before anything is read.
    pub is_published_only: bool,
    /// Which periods the one question can be about that DuckDB answers, so that it reads no figures of
    /// others; `None` where they may all be asked for.
    pub periods: Option<AskedPeriods>,
}

impl Tables {
    /// Returns the tables of a snapshot with the reference data.
    ///
    /// `wanted` limits them to the named ones. `choice` has the day that the views take for today:
    /// later publications are left out; and the departments that they show figures under.
    ///
    /// Tables of pseudonyms are not among them, nor are their files: what an engine may read, a
    /// statement can read by the name of the file.
    pub fn of(
        snapshot: &SnapshotView,
        refdata: &RefData,
        choice: SessionChoice,
        views: &[&Query],
        wanted: Option<&BTreeSet<&str>>,
    ) -> Result<Self, EngineError> {
        let is_wanted = |name: &str| wanted.is_none_or(|wanted| wanted.contains(name));
        let mut memory = BTreeMap::new();
        for table in refdata.tables().filter(|table| is_wanted(table.name)) {
            memory.insert(table.name.to_owned(), reference_batch(table));
        }
        if is_wanted("session") {
            memory.insert("session".to_owned(), session_batch(choice, refdata.province()));
        }
        memory.extend(resolved_tables(refdata, is_wanted));
        if is_wanted("batches") {
            memory.insert("batches".to_owned(), batches_table(&snapshot.batches));
        }
        if is_wanted("batch_files") {
            memory.insert("batch_files".to_owned(), batch_files_table(&snapshot.batches));
        }
        if is_wanted("snapshots") {
            memory.insert("snapshots".to_owned(), snapshots_table(&snapshot.snapshots));
        }
        let own_views = views.iter().filter(|view| view.origin == QueryOrigin::Workspace);
        let own_views = own_views.map(|view| view.name().to_owned()).collect();
        let views = views.iter().map(|view| (view.name().to_owned(), view.select().to_owned()));
        let mut files = BTreeMap::new();
        let seen = |table: &LakeTable| !table.is_personal() && is_wanted(table.as_str());
        for (table, paths) in snapshot.files.iter().filter(|(table, _)| seen(table)) {
            if is_small(snapshot.extents.get(table).copied().unwrap_or_default()) {
                memory.insert(table.as_str().to_owned(), read_small(*table, paths, snapshot)?);
            } else {
                files.insert(*table, paths.clone());
            }
        }
        let departments = choice.figures.departments;
        let views = views.collect();
        Ok(Self {
            files,
            memory,
            views,
            departments,
            own_views,
            is_published_only: false,
            periods: None,
        })
    }

    /// Whether any of them is a table of the lake, so that an answer may hold what was read into it.
    pub fn has_any_of_lake(&self) -> bool {
        let is_there = |table: &LakeTable| {
            self.files.contains_key(table) || self.memory.contains_key(table.as_str())
        };
        LakeTable::ALL.iter().any(is_there)
    }

    /// Returns the files of all tables.
    pub fn all_files(&self) -> impl Iterator<Item = &PathBuf> {
        self.files.values().flatten()
    }
}

/// The tables that are made of the catalog and of what a session chose.
const OF_SNAPSHOT: [&str; 4] = ["batch_files", "batches", "session", "snapshots"];

/// Returns the names of all tables that a statement can read.
pub fn table_names(refdata: &RefData) -> BTreeSet<&'static str> {
    let stored = LakeTable::ALL.iter().filter(|table| !table.is_personal());
    let stored = stored.map(|table| table.as_str());
    let reference = refdata.tables().map(|table| table.name);
    stored.chain(reference).chain(RESOLVED_TABLES).chain(OF_SNAPSHOT).collect()
}

/// The names of [`resolved_tables`], sorted.
pub const RESOLVED_TABLES: [&str; 3] =
    ["department_spans", "department_successors", "region_successors"];

/// Returns the tables that are worked out from reference tables, as far as they are wanted.
pub fn resolved_tables(
    refdata: &RefData,
    is_wanted: impl Fn(&str) -> bool,
) -> BTreeMap<String, RecordBatch> {
    let batch_of = |name: &str| match name {
        "department_spans" => department_spans_batch(&refdata.department_spans()),
        "department_successors" => {
            department_successors_batch(&refdata.successions().departments())
        }
        _ => region_successors_batch(&refdata.successions().regions()),
    };
    let wanted = RESOLVED_TABLES.into_iter().filter(|name| is_wanted(name));
    wanted.map(|name| (name.to_owned(), batch_of(name))).collect()
}

/// Returns whether a table of this extent is read into memory.
fn is_small(extent: Extent) -> bool {
    extent.size_bytes <= SMALL_BYTES && extent.most_rows <= SMALL_FILE_ROWS
}

/// Reads the rows of a small table, files in order.
///
/// Their bytes are at hand, so they are compared with what the catalog says: a flipped bit can leave
/// a file readable and its sums wrong.
fn read_small(
    table: LakeTable,
    paths: &[PathBuf],
    snapshot: &SnapshotView,
) -> Result<RecordBatch, EngineError> {
    let schema = stored_schema_of(table);
    let mut batches = Vec::new();
    for path in paths {
        let bytes = read_bytes(path, SMALL_BYTES).map_err(EngineError::File)?;
        if snapshot.hash_of(path).is_some_and(|hash| hash != hash_hex(&bytes)) {
            return Err(EngineError::FileChanged { path: path.clone() });
        }
        let damaged = |error| EngineError::FileDamaged { path: path.clone(), error };
        for rows in read_parquet(bytes.into()).map_err(damaged)? {
            batches.push(completed(table, rows, &schema).map_err(|error| damaged(error.into()))?);
        }
    }
    let rows = ResultTable { schema, batches };
    let path = paths.first().cloned().unwrap_or_default();
    rows.to_batch().map_err(|error| EngineError::FileDamaged { path, error: error.into() })
}
