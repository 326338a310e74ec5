//! Accepted rows on their way into the lake: collected until they make a row group, sorted by
//! department and date, written with their pseudonyms in the same order.

use arrow::array::{Array, AsArray, BooleanArray, RecordBatch, UInt32Array};
use arrow::compute::filter_record_batch;
use arrow::datatypes::{Int32Type, TimestampMicrosecondType};
use arrow::error::ArrowError;
use rayon::slice::ParallelSliceMut;

use crate::table::SORTED_ROWS;

/// Rows that belong together: a piece of a record table and the same rows of its pseudonyms.
#[derive(Debug, Clone)]
pub(super) struct Rows {
    /// Columns of the record table.
    pub(super) records: RecordBatch,
    /// Columns of the table of pseudonyms.
    pub(super) pseudonyms: RecordBatch,
}

impl Rows {
    /// Returns rows of a table that has one of pseudonyms beside it.
    pub(super) fn of(records: RecordBatch, pseudonyms: Option<RecordBatch>) -> Self {
        let pseudonyms = pseudonyms.expect("records of services have pseudonyms");
        Self { records, pseudonyms }
    }

    /// Returns the rows that are chosen.
    pub(super) fn filtered(&self, is_chosen: &BooleanArray) -> Result<Self, ArrowError> {
        Ok(Self {
            records: filter_record_batch(&self.records, is_chosen)?,
            pseudonyms: filter_record_batch(&self.pseudonyms, is_chosen)?,
        })
    }
}

/// Rows of a row group, not yet in their order.
#[derive(Debug)]
pub(super) struct Group {
    /// Pieces of the record table.
    pub(super) records: Vec<RecordBatch>,
    /// The same pieces of the table of pseudonyms.
    pub(super) pseudonyms: Vec<RecordBatch>,
    /// Which rows of each piece are in the group; `None` where all are.
    pub(super) are_chosen: Vec<Option<BooleanArray>>,
    /// Positions of these rows among those of all pieces, counted through: by department and then by
    /// date of the event; what is equal stays in the order of the file.
    pub(super) order: UInt32Array,
}

/// Rows that wait for their row group to be full, each piece with those that are chosen.
#[derive(Debug, Default)]
pub(super) struct Groups {
    waiting: Vec<(Rows, Option<BooleanArray>)>,
    n_rows: usize,
}

impl Groups {
    /// Adds the rows that are chosen, all where nothing is said; gives a group back when there are
    /// enough.
    ///
    /// The other rows take memory as long as these do, so that they have to be few.
    pub(super) fn push(&mut self, rows: Rows, are_chosen: Option<BooleanArray>) -> Option<Group> {
        let n_rows = rows.records.num_rows();
        self.n_rows += are_chosen.as_ref().map_or(n_rows, BooleanArray::true_count);
        if n_rows > 0 {
            self.waiting.push((rows, are_chosen));
        }
        if self.n_rows < SORTED_ROWS { None } else { self.finish() }
    }

    /// Gives back what waits; `None` when nothing does.
    pub(super) fn finish(&mut self) -> Option<Group> {
        self.n_rows = 0;
        let waiting = std::mem::take(&mut self.waiting);
        if waiting.is_empty() {
            return None;
        }
        let (rows, are_chosen): (Vec<Rows>, Vec<_>) = waiting.into_iter().unzip();
        let (records, pseudonyms): (Vec<_>, Vec<_>) =
            rows.into_iter().map(|rows| (rows.records, rows.pseudonyms)).unzip();
        Some(Group { order: order_of(&records, &are_chosen), records, pseudonyms, are_chosen })
    }
}

/// Returns the positions of the chosen rows of all pieces, counted through, in the order wanted.
fn order_of(pieces: &[RecordBatch], are_chosen: &[Option<BooleanArray>]) -> UInt32Array {
    let ranks = department_ranks(pieces);
    // Department, time and position as one number, which is quickly compared.
    let mut keyed: Vec<u128> = Vec::new();
    let mut first: u32 = 0;
    for ((piece, rank), are_chosen) in pieces.iter().zip(ranks).zip(are_chosen) {
        let events = piece.column_by_name("event_at").expect("record tables have events");
        let events = events.as_primitive::<TimestampMicrosecondType>();
        for (row, (rank, position)) in rank.into_iter().zip(first..).enumerate() {
            if are_chosen.as_ref().is_some_and(|are| !are.value(row)) {
                continue;
            }
            let event = if events.is_null(row) { i64::MIN } else { events.value(row) };
            // With the first bit turned round, negative numbers come before the others.
            let event = event.cast_unsigned() ^ (1 << 63);
            keyed.push(u128::from(rank) << 96 | u128::from(event) << 32 | u128::from(position));
        }
        first += u32::try_from(piece.num_rows()).expect("a group has a few million rows");
    }
    keyed.par_sort_unstable();
    let position = |keyed: u128| u32::try_from(keyed & u128::from(u32::MAX)).expect("32 bits");
    keyed.into_iter().map(position).collect::<Vec<u32>>().into()
}

/// Returns for every row of every piece where its department stands in the alphabet; rows without
/// one come first.
fn department_ranks(pieces: &[RecordBatch]) -> Vec<Vec<u32>> {
    let columns: Vec<_> = pieces
        .iter()
        .map(|piece| {
            let column = piece.column_by_name("department").expect("record tables have it");
            let column = column.as_dictionary::<Int32Type>();
            (column.keys(), column.values().as_string::<i32>())
        })
        .collect();
    let mut names: Vec<&str> =
        columns.iter().flat_map(|(_, values)| values.iter().flatten()).collect();
    names.sort_unstable();
    names.dedup();
    let rank = |name: &str| names.binary_search(&name).map_or(0, |idx| idx + 1);
    let ranks = columns.iter().map(|(keys, values)| {
        let of_value: Vec<u32> = values
            .iter()
            .map(|name| u32::try_from(name.map_or(0, rank)).expect("few departments"))
            .collect();
        let of_key = |key: Option<i32>| {
            key.and_then(|key| of_value.get(usize::try_from(key).ok()?)).copied().unwrap_or(0)
        };
        keys.iter().map(of_key).collect()
    });
    ranks.collect()
}
