//! Accepted rows on their way into the lake: collected until they make a row group, sorted by
//! department and date, written with their pseudonyms in the same order.

use arrow::array::{Array, AsArray, BooleanArray, RecordBatch, UInt32Array};
use arrow::compute::filter_record_batch;
use arrow::datatypes::{Int32Type, TimestampMicrosecondType};
use arrow::error::ArrowError;

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
    /// Positions of the rows of all pieces, counted through: by department and then by date of the
    /// event; what is equal stays in the order of the file.
    pub(super) order: UInt32Array,
}

/// Rows that wait for their row group to be full.
#[derive(Debug, Default)]
pub(super) struct Groups {
    waiting: Vec<Rows>,
    n_rows: usize,
}

impl Groups {
    /// Adds rows; gives a group back when there are enough.
    pub(super) fn push(&mut self, rows: Rows) -> Option<Group> {
        self.n_rows += rows.records.num_rows();
        if rows.records.num_rows() > 0 {
            self.waiting.push(rows);
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
        let (records, pseudonyms): (Vec<_>, Vec<_>) =
            waiting.into_iter().map(|rows| (rows.records, rows.pseudonyms)).unzip();
        Some(Group { order: order_of(&records), records, pseudonyms })
    }
}

/// Returns the positions of the rows of all pieces, counted through, in the order wanted.
fn order_of(pieces: &[RecordBatch]) -> UInt32Array {
    let ranks = department_ranks(pieces);
    // Department, time and position as one number, which is quickly compared.
    let mut keyed: Vec<u128> = Vec::new();
    for (piece, rank) in pieces.iter().zip(ranks) {
        let events = piece.column_by_name("event_at").expect("record tables have events");
        let events = events.as_primitive::<TimestampMicrosecondType>();
        for (row, rank) in rank.into_iter().enumerate() {
            let event = if events.is_null(row) { i64::MIN } else { events.value(row) };
            let position = u32::try_from(keyed.len()).expect("a group has a few million rows");
            // With the first bit turned round, negative numbers come before the others.
            let event = event.cast_unsigned() ^ (1 << 63);
            keyed.push(u128::from(rank) << 96 | u128::from(event) << 32 | u128::from(position));
        }
    }
    keyed.sort_unstable();
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
