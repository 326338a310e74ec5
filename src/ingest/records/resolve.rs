//! Rows that were set aside, looked up exactly: what is known of each key, and what that makes of the
//! row.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{
    Array, ArrayAccessor, ArrayRef, AsArray, Int32Array, Int64Array, RecordBatch, StringArray,
    TimestampMicrosecondArray, TypedDictionaryArray,
};
use arrow::datatypes::{FieldRef, Int32Type, Int64Type, TimestampMicrosecondType};
use arrow::error::ArrowError;
use rayon::prelude::*;

use crate::ingest::records::again::PushedAgain;
use crate::ingest::records::aside::KeyedRows;
use crate::ingest::records::filter::KeyFilter;
use crate::ingest::records::groups::Rows;
use crate::ingest::records::version::{
    Again, Event, Judgement, KeyState, Verdict, judge, remember,
};
use crate::lake::{DataFile, DataGroup, LakeError};
use crate::model::Operation;
use crate::records::judge::key_fingerprint;
use crate::rollup::{CellId, RecordCounts};
use crate::table::{LakeTable, schema_of};

/// Columns of the keys of a record table, and of the tables of returns.
const KEY_COLUMNS: [&str; 2] = ["record_type", "record_key"];

/// The same, what each row says, and where it counts.
const VERSION_COLUMNS: [&str; 10] = [
    "record_type",
    "record_key",
    "version",
    "operation",
    "content_hash",
    "arrived_at",
    "department",
    "event_at",
    "received_at",
    "scope",
];

/// Keys that are looked up together, and what is known of each.
#[derive(Debug)]
pub(super) struct Lookup {
    /// In order, each once.
    keys: Vec<u128>,
    states: Vec<Option<KeyState>>,
    filter: KeyFilter,
    /// When versions were pushed again, by position of the key and number of the version.
    pushed_again: BTreeMap<(u32, i32), Again>,
}

/// Rows that were judged by their keys.
#[derive(Debug)]
pub(super) struct Resolved {
    /// Those that the lake does not have, with their versions.
    pub(super) new: KeyedRows,
    /// Those that say what the latest version of their key says.
    pub(super) same: KeyedRows,
    /// Those among all rows that say what a version says, and were pushed after the latest one or before
    /// all.
    pub(super) again: Vec<PushedAgain>,
}

/// What became of the rows that were set aside.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct VerdictCounts {
    /// First versions.
    pub(super) accepted: u64,
    /// Further versions.
    pub(super) updated: u64,
    /// Versions that end a key.
    pub(super) deleted: u64,
    /// Rows that were there already.
    pub(super) duplicate: u64,
    /// Further versions that were pushed before the latest one, which stays the latest.
    pub(super) late: u64,
    /// Further versions of records that were another department's.
    pub(super) other_department: u64,
}

impl Lookup {
    /// Begins to look up keys, in any order and as often as they come.
    pub(super) fn of(mut keys: Vec<u128>) -> Self {
        keys.sort_unstable();
        keys.dedup();
        let mut filter = KeyFilter::for_keys(keys.len());
        for key in &keys {
            filter.insert(*key);
        }
        let states = vec![None; keys.len()];
        Self { keys, states, filter, pushed_again: BTreeMap::new() }
    }

    /// Takes into account that versions of these keys were pushed again, before [`Self::learn`].
    pub(super) fn learn_again(&mut self, again: impl Iterator<Item = (u128, i32, i64)>) {
        for (key, version, pushed_at) in again {
            if let Ok(idx) = self.keys.binary_search(&key) {
                let again = Again { first_at: pushed_at, last_at: pushed_at };
                let known = self.pushed_again.entry((position(idx), version)).or_insert(again);
                known.first_at = pushed_at.min(known.first_at);
                known.last_at = pushed_at.max(known.last_at);
            }
        }
    }

    /// Takes into account the rows that files of a record table have under these keys.
    pub(super) fn learn(
        &mut self,
        files: &[DataFile],
        counts: &mut RecordCounts,
    ) -> Result<(), LakeError> {
        for file in files {
            let groups = file.groups()?;
            for groups in at_a_time(&groups) {
                for rows in self.chosen(groups, &VERSION_COLUMNS)? {
                    self.remember(&rows, counts);
                }
            }
        }
        Ok(())
    }

    /// Returns the rows that files have under these keys.
    pub(super) fn rows_in(
        &self,
        files: &[DataFile],
        columns: &[&str],
    ) -> Result<Vec<RecordBatch>, LakeError> {
        let mut chosen = Vec::new();
        for file in files {
            let groups = file.groups()?;
            for groups in at_a_time(&groups) {
                chosen.append(&mut self.chosen(groups, columns)?);
            }
        }
        Ok(chosen)
    }

    /// Returns the rows of row groups whose keys are looked up, in their order.
    fn chosen(
        &self,
        groups: &[DataGroup],
        columns: &[&str],
    ) -> Result<Vec<RecordBatch>, LakeError> {
        let chosen = groups.par_iter().map(|group| self.chosen_in(group, columns));
        Ok(chosen.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
    }

    fn chosen_in(
        &self,
        group: &DataGroup,
        columns: &[&str],
    ) -> Result<Vec<RecordBatch>, LakeError> {
        let keys = keys_in(group)?;
        let is_chosen =
            |key: &u128| self.filter.may_contain(*key) && self.keys.binary_search(key).is_ok();
        let chosen: Vec<usize> =
            keys.iter().enumerate().filter(|(_, key)| is_chosen(key)).map(|(row, _)| row).collect();
        if chosen.is_empty() {
            return Ok(Vec::new());
        }
        group.chosen_rows(&chosen, columns)?.collect()
    }

    fn remember(&mut self, rows: &RecordBatch, counts: &mut RecordCounts) {
        let columns = KeyedColumns::of(rows);
        let cells = counts.columns(rows);
        let versions = rows.column_by_name("version").expect("record tables have it");
        let versions = versions.as_primitive::<Int32Type>();
        for (row, key) in keys_of(rows).enumerate() {
            if let Ok(idx) = self.keys.binary_search(&key) {
                let version = versions.value(row);
                let event = columns.event(row, counts.cell(&cells, row));
                let again = self.pushed_again.get(&(position(idx), version)).copied();
                remember(&mut self.states[idx], version, event, again);
            }
        }
    }

    /// Judges rows that go back, in the order of the file: tells which of them do, and are not there
    /// already. `counts` learns of all.
    pub(super) fn judge_back(
        &mut self,
        keyed: &KeyedRows,
        verdicts: &mut VerdictCounts,
        counts: &mut RecordCounts,
    ) -> Vec<bool> {
        let columns = KeyedColumns::of(&keyed.rows.records);
        let cells = counts.columns(&keyed.rows.records);
        let mut goes_back = Vec::with_capacity(keyed.keys.len());
        for (row, key) in keyed.keys.iter().enumerate() {
            let idx = self.keys.binary_search(key).expect("the keys are those of the rows");
            let cell = counts.cell(&cells, row);
            let Judgement { verdict, .. } = judge(&mut self.states[idx], columns.event(row, cell));
            let is_there = verdict == Verdict::Duplicate;
            if is_there {
                counts.add_duplicate(cell);
            } else {
                counts.add_sent_back(cell);
            }
            verdicts.add(verdict);
            goes_back.push(!is_there);
        }
        goes_back
    }

    /// Judges rows in the order of the file. `counts` learns of those that are there already, and of
    /// versions that end.
    pub(super) fn judge(
        &mut self,
        table: LakeTable,
        keyed: &KeyedRows,
        verdicts: &mut VerdictCounts,
        counts: &mut RecordCounts,
    ) -> Result<Resolved, ArrowError> {
        let columns = KeyedColumns::of(&keyed.rows.records);
        let cells = counts.columns(&keyed.rows.records);
        let mut versions = Vec::with_capacity(keyed.keys.len());
        let mut is_same = Vec::with_capacity(keyed.keys.len());
        let mut again = Vec::new();
        for (row, key) in keyed.keys.iter().enumerate() {
            let idx = self.keys.binary_search(key).expect("the keys are those of the rows");
            let cell = counts.cell(&cells, row);
            let before = self.states[idx].as_ref().map(KeyState::latest);
            let event = columns.event(row, cell);
            is_same.push(before.is_some_and(|before| before.is_said_by(event)));
            let Judgement { verdict, is_latest, pushed_again } =
                judge(&mut self.states[idx], event);
            let pushed_at = event.pushed_at();
            again.extend(pushed_again.map(|said| PushedAgain { row, said, pushed_at }));
            let is_current = |operation: Operation| operation != Operation::Delete;
            match (verdict, before) {
                (Verdict::Duplicate, _) => counts.add_duplicate(cell),
                (_, Some(before)) if is_latest => {
                    if is_current(before.operation) {
                        counts.end_version(before.cell);
                    }
                    let is_taken_over = counts.are_of_two_departments(before.cell, cell);
                    verdicts.other_department += u64::from(is_taken_over);
                }
                // What is written counts, unless it ends a key; this has no effect.
                (_, Some(_)) => {
                    if is_current(event.operation) {
                        counts.end_version(cell);
                    }
                    verdicts.late += 1;
                }
                (_, None) => {}
            }
            verdicts.add(verdict);
            versions.push(verdict.version());
        }
        let is_new: Vec<bool> = versions.iter().map(Option::is_some).collect();
        let pairs = is_same.iter().zip(&is_new);
        let is_same: Vec<bool> = pairs.map(|(is_same, is_new)| *is_same && !is_new).collect();
        let KeyedRows { rows, keys } = keyed.chosen(&is_new)?;
        let versions: Int32Array = versions.into_iter().flatten().collect::<Vec<i32>>().into();
        let versions: ArrayRef = Arc::new(versions);
        let records = with_versions(table, &rows.records, &versions)?;
        let new = KeyedRows { rows: Rows { records, ..rows }, keys };
        Ok(Resolved { new, same: keyed.chosen(&is_same)?, again })
    }
}

impl VerdictCounts {
    /// Counts a row.
    pub(super) fn add(&mut self, verdict: Verdict) {
        let count = match verdict {
            Verdict::Accepted => &mut self.accepted,
            Verdict::Updated(_) => &mut self.updated,
            Verdict::Deleted(_) => &mut self.deleted,
            Verdict::Duplicate => &mut self.duplicate,
        };
        *count += 1;
    }
}

/// Returns the position of a key as it is kept.
fn position(idx: usize) -> u32 {
    u32::try_from(idx).expect("a few millions of keys are looked up at a time")
}

/// Returns the rows of a record table with their versions.
pub(super) fn with_versions(
    table: LakeTable,
    records: &RecordBatch,
    versions: &ArrayRef,
) -> Result<RecordBatch, ArrowError> {
    let schema = schema_of(table);
    let mut others = records.columns().iter().cloned();
    let column = |field: &FieldRef| match field.name().as_str() {
        "version" => Some(Arc::clone(versions)),
        _ => others.next(),
    };
    let columns = schema.fields().iter().filter_map(column).collect();
    RecordBatch::try_new(schema, columns)
}

/// Hands the fingerprint of the key of every row that files have to `take`.
pub(super) fn each_key(files: &[DataFile], mut take: impl FnMut(u128)) -> Result<(), LakeError> {
    for file in files {
        let groups = file.groups()?;
        for groups in at_a_time(&groups) {
            let keys = groups.par_iter().map(keys_in).collect::<Result<Vec<_>, _>>()?;
            keys.into_iter().flatten().for_each(&mut take);
        }
    }
    Ok(())
}

/// Returns as many row groups at a time as there are threads, for what is read of them is all in memory.
fn at_a_time(groups: &[DataGroup]) -> impl Iterator<Item = &[DataGroup]> {
    groups.chunks(rayon::current_num_threads())
}

/// Returns the fingerprints of the keys of a row group, in the order of its rows.
fn keys_in(group: &DataGroup) -> Result<Vec<u128>, LakeError> {
    let mut keys = Vec::new();
    for rows in group.rows(&KEY_COLUMNS)? {
        keys.extend(keys_of(&rows?));
    }
    Ok(keys)
}

/// Returns the fingerprint of each row's key, by [`KEY_COLUMNS`] as far as its table has them. A row
/// that went back for want of a key has one that no record has.
pub(super) fn keys_of(rows: &RecordBatch) -> impl Iterator<Item = u128> {
    // Of evaluations there is one type only.
    let record_types = rows.column_by_name("record_type").map(words);
    let keys = rows.column_by_name("record_key").expect("tables of keys have it");
    let keys = keys.as_string::<i32>();
    (0..rows.num_rows()).map(move |row| {
        let record_type = record_types.filter(|types| types.is_valid(row));
        let key = if keys.is_valid(row) { keys.value(row) } else { "" };
        key_fingerprint(record_type.map_or("", |types| types.value(row)), key)
    })
}

/// What rows say about their keys.
struct KeyedColumns<'a> {
    operations: Words<'a>,
    contents: &'a Int64Array,
    arrivals: &'a TimestampMicrosecondArray,
    receipts: &'a TimestampMicrosecondArray,
}

/// A column of few words.
pub(super) type Words<'a> = TypedDictionaryArray<'a, Int32Type, StringArray>;

impl<'a> KeyedColumns<'a> {
    fn of(rows: &'a RecordBatch) -> Self {
        let column = |name: &str| rows.column_by_name(name).expect("record tables have it");
        Self {
            operations: words(column("operation")),
            contents: column("content_hash").as_primitive::<Int64Type>(),
            arrivals: column("arrived_at").as_primitive::<TimestampMicrosecondType>(),
            receipts: column("received_at").as_primitive::<TimestampMicrosecondType>(),
        }
    }

    fn event(&self, row: usize, cell: CellId) -> Event {
        Event {
            operation: Operation::parse(self.operations.value(row)).unwrap_or(Operation::Insert),
            content: self.contents.value(row),
            arrived_at: self.arrivals.is_valid(row).then(|| self.arrivals.value(row)),
            received_at: self.receipts.value(row),
            cell,
        }
    }
}

/// Returns a column of few words as what it is.
pub(super) fn words(column: &ArrayRef) -> Words<'_> {
    let words = column.as_dictionary::<Int32Type>().downcast_dict::<StringArray>();
    words.expect("columns of words are dictionaries of texts")
}
