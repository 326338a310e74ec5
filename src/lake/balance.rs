//! Whether the counts of a batch agree with each other, with its files and with the rows of its tables.

use std::collections::{BTreeMap, BTreeSet};

use arrow::array::{AsArray, DictionaryArray, RecordBatch, UInt32Array};
use arrow::datatypes::{Int32Type, Int64Type};

use crate::fsio;
use crate::lake::{BatchRecord, LakeError};
use crate::model::{BatchId, Operation};
use crate::table::{LakeTable, RETURNED_HERE};

/// What the rows of a run say, counted while they are written.
#[derive(Debug, Default)]
pub(super) struct Balance {
    tables: BTreeMap<LakeTable, TableCounts>,
}

#[derive(Debug, Default)]
struct TableCounts {
    n_rows: i64,
    /// Rows with the first version of a key, deleting ones left out.
    accepted: i64,
    /// Rows with a later version of a key, deleting ones left out.
    updated: i64,
    deleted: i64,
    /// Rows of source files that were returned here, by the name of the file.
    returned: BTreeMap<String, RowSet>,
    /// Rows of source files that tell of a return elsewhere.
    returned_elsewhere: BTreeMap<String, RowSet>,
}

/// Numbers of rows, a few kilobytes for any 65,536 that stand near each other.
#[derive(Debug, Default)]
struct RowSet {
    pieces: BTreeMap<i64, Box<[u64; ROWS_OF_PIECE / 64]>>,
    n_rows: i64,
}

const ROWS_OF_PIECE: usize = 1 << 16;

impl RowSet {
    fn insert(&mut self, row: i64) {
        let (piece, at) = (row >> 16, usize::try_from(row & 0xffff).unwrap_or_default());
        let bits = self.pieces.entry(piece).or_insert_with(|| Box::new([0; ROWS_OF_PIECE / 64]));
        let bit = 1_u64 << (at % 64);
        self.n_rows += i64::from(bits[at / 64] & bit == 0);
        bits[at / 64] |= bit;
    }
}

impl Balance {
    /// Takes up rows of a table, which have its columns.
    pub(super) fn add(
        &mut self,
        table: LakeTable,
        rows: &RecordBatch,
        batch: &BatchId,
    ) -> Result<(), LakeError> {
        let counts = self.tables.entry(table).or_default();
        counts.n_rows += as_i64(rows.num_rows());
        if table.holds_records() && !says_only(words(rows, "batch"), batch.as_str()) {
            return Err(LakeError::RowsForeign { table });
        }
        match table {
            LakeTable::Cases | LakeTable::Evaluations => counts.add_versions(rows, |_| true),
            LakeTable::Returned => counts.add_returned(rows),
            _ => {}
        }
        Ok(())
    }

    /// Takes up those rows of several pieces whose positions, counted through all of them, stand in the
    /// order in which they are written.
    pub(super) fn add_in_order(
        &mut self,
        table: LakeTable,
        (pieces, order): (&[RecordBatch], &UInt32Array),
        batch: &BatchId,
    ) -> Result<(), LakeError> {
        let counts = self.tables.entry(table).or_default();
        counts.n_rows += as_i64(order.len());
        let is_of_batch = |rows: &RecordBatch| says_only(words(rows, "batch"), batch.as_str());
        if table.holds_records() && !pieces.iter().all(is_of_batch) {
            return Err(LakeError::RowsForeign { table });
        }
        if !matches!(table, LakeTable::Cases | LakeTable::Evaluations) {
            return Ok(());
        }
        let mut is_written = vec![false; pieces.iter().map(RecordBatch::num_rows).sum()];
        for position in order.values() {
            is_written[*position as usize] = true;
        }
        let mut rest = &*is_written;
        for rows in pieces {
            let (of_piece, others) = rest.split_at(rows.num_rows());
            counts.add_versions(rows, |row| of_piece[row]);
            rest = others;
        }
        Ok(())
    }

    /// Forgets the rows of a table.
    pub(super) fn discard(&mut self, table: LakeTable) {
        self.tables.remove(&table);
    }

    /// Returns how many rows of a table were taken up.
    pub(super) fn n_rows(&self, table: LakeTable) -> i64 {
        self.tables.get(&table).map_or(0, |counts| counts.n_rows)
    }

    /// Fails unless a batch of records says what its files and rows say.
    pub(super) fn check_records(&self, batch: &BatchRecord) -> Result<(), LakeError> {
        check_files(batch)?;
        let sum = |count: fn(&TableCounts) -> i64| self.tables.values().map(count).sum::<i64>();
        let count = |sets: &BTreeMap<String, RowSet>| sets.values().map(|set| set.n_rows).sum();
        let elsewhere =
            sum(|counts| counts.returned_elsewhere.values().map(|set| set.n_rows).sum());
        let returned = self.tables.get(&LakeTable::Returned);
        let returned = returned.map_or(0, |counts| count(&counts.returned));
        let counts = [
            // A record that tells of a return elsewhere is accepted as that.
            ("rows_accepted", batch.rows_accepted, sum(|counts| counts.accepted) + elsewhere),
            ("rows_updated", batch.rows_updated, sum(|counts| counts.updated)),
            ("rows_deleted", batch.rows_deleted, sum(|counts| counts.deleted)),
            ("rows_returned", batch.rows_returned, returned),
        ];
        for (count, stated, found) in counts {
            agree(count, stated, found)?;
        }
        self.check_persons()?;
        self.check_names(batch)
    }

    /// A table of pseudonyms has a row for every record, or none where a profile knows no persons.
    fn check_persons(&self) -> Result<(), LakeError> {
        let pairs = [
            (LakeTable::CasesPii, LakeTable::Cases),
            (LakeTable::EvaluationsPii, LakeTable::Evaluations),
        ];
        for (persons, records) in pairs {
            let found = self.n_rows(persons);
            if found != 0 {
                agree(persons.as_str(), self.n_rows(records), found)?;
            }
        }
        Ok(())
    }

    /// Every row that was returned is of a file of the batch.
    fn check_names(&self, batch: &BatchRecord) -> Result<(), LakeError> {
        let known: BTreeSet<&str> = batch.files.iter().map(|file| &*file.file_name).collect();
        let named = self
            .tables
            .values()
            .flat_map(|counts| counts.returned.keys().chain(counts.returned_elsewhere.keys()));
        match named.map(String::as_str).find(|name| !known.contains(name)) {
            Some(name) => Err(LakeError::FileForeign { file_name: name.to_owned() }),
            None => Ok(()),
        }
    }
}

impl TableCounts {
    fn add_versions(&mut self, rows: &RecordBatch, is_written: impl Fn(usize) -> bool) {
        let Some(versions) = rows.column_by_name("version") else { return };
        let operations = words(rows, "operation");
        let is_delete = positions(operations, Operation::Delete.as_str());
        let versions = versions.as_primitive::<arrow::datatypes::Int32Type>().values();
        let all = operations.keys().values().iter().zip(versions).enumerate();
        for (_, (key, version)) in all.filter(|(row, _)| is_written(*row)) {
            let count = match (usize::try_from(*key).is_ok_and(|key| is_delete[key]), version) {
                (true, _) => &mut self.deleted,
                (false, 1) => &mut self.accepted,
                (false, _) => &mut self.updated,
            };
            *count += 1;
        }
    }

    fn add_returned(&mut self, rows: &RecordBatch) {
        let Some(source_rows) = rows.column_by_name("source_row") else { return };
        let source_rows = source_rows.as_primitive::<Int64Type>().values();
        let (files, by) = (words(rows, "file_name"), words(rows, "returned_by"));
        let is_here = positions(by, RETURNED_HERE);
        let names = files.values().as_string::<i32>();
        let keys = files.keys().values().iter().zip(by.keys().values());
        for ((file, by), row) in keys.zip(source_rows) {
            let Ok(file) = usize::try_from(*file) else { continue };
            let sets = if usize::try_from(*by).is_ok_and(|by| is_here[by]) {
                &mut self.returned
            } else {
                &mut self.returned_elsewhere
            };
            let name = names.value(file);
            if !sets.contains_key(name) {
                sets.insert(name.to_owned(), RowSet::default());
            }
            if let Some(set) = sets.get_mut(name) {
                set.insert(*row);
            }
        }
    }
}

/// Fails unless the counts of any batch add up and agree with its rows.
pub(super) fn check_counts(
    batch: &BatchRecord,
    n_rows: impl Fn(LakeTable) -> i64,
) -> Result<(), LakeError> {
    let received = batch.rows_accepted
        + batch.rows_updated
        + batch.rows_deleted
        + batch.rows_returned
        + batch.rows_duplicate;
    agree("rows_received", batch.rows_received, received)?;
    agree("n_observations", batch.n_observations, n_rows(LakeTable::Observations))?;
    agree("n_findings", batch.n_findings, n_rows(LakeTable::Findings))
}

/// Returns the hash that stands for the source of a batch of several files, by their hashes: that of
/// the one file, else of all hashes in order, each with an end of line.
pub fn hash_of_files<'a>(hashes: impl IntoIterator<Item = &'a str>) -> String {
    let hashes: Vec<&str> = hashes.into_iter().collect();
    match hashes.as_slice() {
        [one] => (*one).to_owned(),
        several => {
            let text: String = several.iter().map(|hash| format!("{hash}\n")).collect();
            fsio::hash_hex(text.as_bytes())
        }
    }
}

/// The files of a batch add up to it, have names of their own, and are what its hash stands for.
fn check_files(batch: &BatchRecord) -> Result<(), LakeError> {
    let received = batch.files.iter().map(|file| file.rows_received).sum();
    agree("rows_received", batch.rows_received, received)?;
    let found = hash_of_files(batch.files.iter().map(|file| &*file.source_hash));
    if found != batch.source_hash {
        let stated = batch.source_hash.clone();
        return Err(LakeError::SourceHashDiffers { stated, found });
    }
    let mut names = BTreeSet::new();
    match batch.files.iter().find(|file| !names.insert(&file.file_name)) {
        Some(file) => Err(LakeError::FileTwice { file_name: file.file_name.clone() }),
        None => Ok(()),
    }
}

fn agree(count: &'static str, stated: i64, found: i64) -> Result<(), LakeError> {
    if stated == found { Ok(()) } else { Err(LakeError::CountsDiffer { count, stated, found }) }
}

fn words<'a>(rows: &'a RecordBatch, name: &str) -> &'a DictionaryArray<Int32Type> {
    rows.column_by_name(name).expect("the columns of the table were checked").as_dictionary()
}

/// Tells of every value of a dictionary whether it is `wanted`.
fn positions(words: &DictionaryArray<Int32Type>, wanted: &str) -> Vec<bool> {
    words.values().as_string::<i32>().iter().map(|value| value == Some(wanted)).collect()
}

fn says_only(words: &DictionaryArray<Int32Type>, wanted: &str) -> bool {
    let is_wanted = positions(words, wanted);
    let is_one = |key: &i32| usize::try_from(*key).is_ok_and(|key| is_wanted[key]);
    is_wanted.iter().all(|is| *is) || words.keys().values().iter().all(is_one)
}

fn as_i64(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
