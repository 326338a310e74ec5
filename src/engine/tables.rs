//! The tables that an engine sees: Parquet files of a snapshot, and small tables from memory.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use arrow::array::RecordBatch;
use chrono::NaiveDate;

use crate::lake::SnapshotView;
use crate::query::Query;
use crate::refdata::RefData;
use crate::table::{LakeTable, reference_batch, session_batch};

/// Tables up to this size are read once instead of by every scan of a statement. Opening a file
/// costs DuckDB about 5 ms, and views scan `observations` up to six times.
const SMALL_BYTES: u64 = 8 << 20;

/// Everything that statements can read.
#[derive(Debug, Clone, Default)]
pub struct Tables {
    /// Files of each lake table, named one by one: nothing is ever globbed. A table with an empty
    /// list is empty; one that is not listed is not there.
    pub files: BTreeMap<LakeTable, Vec<PathBuf>>,
    /// Lake tables that are so small that an engine does better to read them once.
    pub small: BTreeSet<LakeTable>,
    /// Small tables by name.
    pub memory: BTreeMap<String, RecordBatch>,
    /// Views by name, each after those it reads: name and SELECT statement.
    pub views: Vec<(String, String)>,
}

impl Tables {
    /// Returns the tables of a snapshot with the reference data.
    ///
    /// `wanted` limits them to the named ones; `as_of` is what the views take for today: later
    /// publications are left out.
    pub fn of(
        snapshot: &SnapshotView,
        refdata: &RefData,
        as_of: Option<NaiveDate>,
        views: &[&Query],
        wanted: Option<&BTreeSet<&str>>,
    ) -> Self {
        let is_wanted = |name: &str| wanted.is_none_or(|wanted| wanted.contains(name));
        let mut memory = BTreeMap::new();
        for table in refdata.tables().filter(|table| is_wanted(table.name)) {
            memory.insert(table.name.to_owned(), reference_batch(table));
        }
        if is_wanted("session") {
            memory.insert("session".to_owned(), session_batch(as_of));
        }
        if is_wanted("batches") {
            memory.insert("batches".to_owned(), snapshot.batches_batch());
        }
        if is_wanted("snapshots") {
            memory.insert("snapshots".to_owned(), snapshot.snapshots_batch());
        }
        let views = views.iter().map(|view| (view.name().to_owned(), view.select().to_owned()));
        let files = snapshot.files.iter().filter(|(table, _)| is_wanted(table.as_str()));
        let files: BTreeMap<LakeTable, Vec<PathBuf>> =
            files.map(|(table, paths)| (*table, paths.clone())).collect();
        let size_bytes = |table: &LakeTable| snapshot.size_bytes.get(table).copied().unwrap_or(0);
        let small =
            files.keys().copied().filter(|table| size_bytes(table) <= SMALL_BYTES).collect();
        Self { files, small, memory, views: views.collect() }
    }

    /// Returns the files of all tables.
    pub fn all_files(&self) -> impl Iterator<Item = &PathBuf> {
        self.files.values().flatten()
    }
}
