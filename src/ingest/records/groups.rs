//! Accepted rows on their way into the lake: collected until they make a row group, sorted by
//! department and date, written with their pseudonyms in the same order.

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, RecordBatch, UInt32Array};
use arrow::compute::{concat, filter_record_batch, take};
use arrow::datatypes::{Int32Type, SchemaRef, TimestampMicrosecondType};
use arrow::error::ArrowError;

/// Rows of one row group. A million of them would not leave room for the next ones within the memory
/// that an ingest may take.
pub(super) const GROUP_ROWS: usize = 512 * 1024;

/// Rows that belong together: a piece of a record table and the same rows of its pseudonyms.
#[derive(Debug, Clone)]
pub(super) struct Rows {
    /// Columns of the record table.
    pub(super) records: RecordBatch,
    /// Columns of the table of pseudonyms.
    pub(super) pseudonyms: RecordBatch,
}

impl Rows {
    /// Returns the rows that are chosen.
    pub(super) fn filtered(&self, is_chosen: &BooleanArray) -> Result<Self, ArrowError> {
        Ok(Self {
            records: filter_record_batch(&self.records, is_chosen)?,
            pseudonyms: filter_record_batch(&self.pseudonyms, is_chosen)?,
        })
    }
}

/// Rows that wait for their row group to be full.
#[derive(Debug, Default)]
pub(super) struct Groups {
    waiting: Vec<Rows>,
    n_rows: usize,
}

impl Groups {
    /// Adds rows; gives a sorted group back when there are enough.
    pub(super) fn push(&mut self, rows: Rows) -> Result<Option<Rows>, ArrowError> {
        self.n_rows += rows.records.num_rows();
        if rows.records.num_rows() > 0 {
            self.waiting.push(rows);
        }
        if self.n_rows < GROUP_ROWS { Ok(None) } else { self.finish() }
    }

    /// Gives back what waits, sorted; `None` when nothing does.
    pub(super) fn finish(&mut self) -> Result<Option<Rows>, ArrowError> {
        self.n_rows = 0;
        let waiting = std::mem::take(&mut self.waiting);
        if waiting.is_empty() { Ok(None) } else { sorted(waiting).map(Some) }
    }
}

/// Puts rows together, by department and then by date of the event; what is equal stays in the order
/// of the file.
fn sorted(waiting: Vec<Rows>) -> Result<Rows, ArrowError> {
    let (records, pseudonyms): (Vec<_>, Vec<_>) =
        waiting.into_iter().map(|rows| (rows.records, rows.pseudonyms)).unzip();
    let order = order_of(&records);
    Ok(Rows { records: gather(records, &order)?, pseudonyms: gather(pseudonyms, &order)? })
}

/// Returns the positions of the rows of all pieces, counted through, in the order wanted.
fn order_of(pieces: &[RecordBatch]) -> UInt32Array {
    let ranks = department_ranks(pieces);
    let mut keyed: Vec<(u32, i64, u32)> = Vec::new();
    for (piece, rank) in pieces.iter().zip(ranks) {
        let events = piece.column_by_name("event_at").expect("record tables have events");
        let events = events.as_primitive::<TimestampMicrosecondType>();
        for (row, rank) in rank.into_iter().enumerate() {
            let event = if events.is_null(row) { i64::MIN } else { events.value(row) };
            let position = u32::try_from(keyed.len()).expect("a group has a few million rows");
            keyed.push((rank, event, position));
        }
    }
    keyed.sort_unstable();
    keyed.into_iter().map(|(_, _, position)| position).collect::<Vec<u32>>().into()
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

/// Puts pieces together in a given order, column by column, so that no column is there three times.
fn gather(pieces: Vec<RecordBatch>, order: &UInt32Array) -> Result<RecordBatch, ArrowError> {
    let schema: SchemaRef = pieces[0].schema();
    let mut columns: Vec<Vec<ArrayRef>> =
        pieces.into_iter().map(|piece| piece.columns().to_vec()).collect();
    let mut gathered: Vec<ArrayRef> = Vec::with_capacity(schema.fields().len());
    for _ in schema.fields() {
        // From the last column on, so that each one is given free as soon as it is copied.
        let parts: Vec<ArrayRef> = columns.iter_mut().filter_map(Vec::pop).collect();
        let parts: Vec<&dyn Array> = parts.iter().map(AsRef::as_ref).collect();
        gathered.push(take(&concat(&parts)?, order, None)?);
    }
    gathered.reverse();
    RecordBatch::try_new(schema, gathered)
}
