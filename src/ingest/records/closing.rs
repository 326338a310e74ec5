//! Returns that are open: records that were sent back and have not come again. One that comes again
//! and is accepted, or is what the lake has already, closes its return, unless it was pushed before what
//! was sent back: that is no correction. Neither is the very record that others sent back, which comes as
//! it was.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{
    Array, ArrayAccessor, ArrayRef, AsArray, Date32Array, Int64Array, RecordBatch, StringArray,
    StringDictionaryBuilder, TimestampMicrosecondArray,
};
use arrow::datatypes::{Int32Type, Int64Type, TimestampMicrosecondType};
use arrow::error::ArrowError;

use crate::ingest::records::resolve::{Words, words};
use crate::records::judge::key_fingerprint;
use crate::records::profile::RecordKind;
use crate::table::{LakeTable, RETURNED_HERE, schema_of};

/// Columns of `returned` that say which record was sent back, with which batch and by whom, and when it
/// was pushed.
pub(super) const RETURNED_COLUMNS: [&str; 6] =
    ["batch", "kind", "record_type", "record_key", "returned_by", "arrived_at"];

/// Columns of `returned` that say which record of this very batch was sent back, where it stands, and
/// when it was pushed.
pub(super) const OWN_COLUMNS: [&str; 5] =
    ["file_name", "source_row", "record_type", "record_key", "arrived_at"];

/// Columns of `returns_closed` that say which of these returns is closed.
pub(super) const CLOSED_COLUMNS: [&str; 5] =
    ["returned_batch", "kind", "record_type", "record_key", "source_row"];

/// A record that was sent back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Return {
    /// Fingerprint of its key.
    key: u128,
    /// Position of its batch.
    batch: u32,
    /// When it was pushed, the last time; [`NEVER`] where none of its rows says so.
    pushed_at: i64,
    /// Whether others sent it back. The batch tells of it then, and did not bring it.
    is_elsewhere: bool,
}

/// What rows that come say about their records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Content {
    /// Something that the lake does not have.
    New,
    /// What the latest version in the lake says.
    Known,
}

/// Before all times at which records are pushed.
const NEVER: i64 = i64::MIN;

/// Where a row stands in its batch: position of its file, and row of the file.
type Position = (i32, i64);

/// A row of this very batch that was sent back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct OwnReturn {
    /// Fingerprint of its key.
    key: u128,
    position: Position,
    /// When it was pushed; [`NEVER`] where it does not say so.
    pushed_at: i64,
    is_closed: bool,
}

/// A return that ends.
#[derive(Debug, Clone, Copy)]
struct Ended {
    /// Position of its batch; `None` for this very one.
    batch: Option<u32>,
    /// The row that it is about, where others of its key and batch stay open.
    returned: Option<Position>,
    /// The row that closes it.
    row: usize,
}

/// The open returns of one kind of records, under some keys or all.
#[derive(Debug)]
pub(super) struct OpenReturns {
    kind: RecordKind,
    batches: Batches,
    /// In order, each once by key and batch.
    returns: Vec<Return>,
    /// Which of them this batch has closed.
    is_closed: Vec<bool>,
    /// Rows that this batch itself returned, in order.
    own: Vec<OwnReturn>,
    /// Names of the files of this batch.
    file_names: Vec<String>,
}

/// The batches that returned records, by the order in which they were met.
#[derive(Debug, Default)]
struct Batches {
    names: Vec<String>,
    positions: BTreeMap<String, u32>,
    last: u32,
}

impl Batches {
    fn position(&mut self, batch: &str) -> u32 {
        // Rows of a batch stand side by side.
        if self.names.get(self.last as usize).is_some_and(|last| last == batch) {
            return self.last;
        }
        self.last = self.positions.get(batch).copied().unwrap_or_else(|| {
            let position = u32::try_from(self.names.len()).expect("few batches return records");
            self.names.push(batch.to_owned());
            self.positions.insert(batch.to_owned(), position);
            position
        });
        self.last
    }
}

/// Returns that some rows close.
#[derive(Debug)]
pub(super) struct Closed {
    /// Rows of `returns_closed`.
    pub(super) rows: RecordBatch,
    /// Positions of the records that close them, each once.
    pub(super) records: Vec<usize>,
}

impl OpenReturns {
    /// Begins without any.
    pub(super) fn none(kind: RecordKind) -> Self {
        Self {
            kind,
            batches: Batches::default(),
            returns: Vec::new(),
            is_closed: Vec::new(),
            own: Vec::new(),
            file_names: Vec::new(),
        }
    }

    /// Finds out which returns are open, from rows of `returned` and of `returns_closed` that the lake
    /// has, with [`RETURNED_COLUMNS`] and [`CLOSED_COLUMNS`]: all those under the keys that count.
    pub(super) fn of<E>(
        kind: RecordKind,
        returned: impl Iterator<Item = Result<RecordBatch, E>>,
        closed: impl Iterator<Item = Result<RecordBatch, E>>,
    ) -> Result<Self, E> {
        let mut open = Self::none(kind);
        for rows in returned {
            let mut returns = open.returns_of(&rows?, "batch");
            // One record may have many reasons, which stand side by side.
            merge(&mut returns);
            open.returns.append(&mut returns);
        }
        let mut ended = Vec::new();
        for rows in closed {
            ended.append(&mut open.returns_of(&rows?, "returned_batch"));
        }
        let mut ended: Vec<(u128, u32)> =
            ended.into_iter().map(|entry| (entry.key, entry.batch)).collect();
        ended.sort_unstable();
        open.returns.retain(|entry| ended.binary_search(&(entry.key, entry.batch)).is_err());
        open.returns.sort_unstable();
        merge(&mut open.returns);
        open.is_closed = vec![false; open.returns.len()];
        Ok(open)
    }

    /// Returns the records of this kind that some rows name, those without a key left out.
    fn returns_of(&mut self, rows: &RecordBatch, batch_column: &str) -> Vec<Return> {
        let column = |name: &str| rows.column_by_name(name).expect("the tables have it");
        let batches = words(column(batch_column));
        let kinds = words(column("kind"));
        let record_types = words(column("record_type"));
        let keys = column("record_key").as_string::<i32>();
        let returned_by = rows.column_by_name("returned_by").map(words);
        let is_elsewhere = |row| returned_by.is_some_and(|by| text(&by, row) != RETURNED_HERE);
        // What closes one row of a batch leaves the others open.
        let of_row = rows.column_by_name("source_row");
        let pushes = Pushes::of(rows);
        let is_wanted = |row: &usize| {
            text(&kinds, *row) == self.kind.as_str() && of_row.is_none_or(|of| of.is_null(*row))
        };
        let wanted: Vec<usize> = (0..rows.num_rows()).filter(is_wanted).collect();
        let mut returns = Vec::with_capacity(wanted.len());
        for row in wanted.into_iter().filter(|row| keys.is_valid(*row)) {
            returns.push(Return {
                key: key_fingerprint(text(&record_types, row), keys.value(row)),
                batch: self.batches.position(text(&batches, row)),
                pushed_at: pushes.at(row).unwrap_or(NEVER),
                is_elsewhere: is_elsewhere(row),
            });
        }
        returns
    }

    /// Adds returns of this very batch: rows of `returned`, with [`OWN_COLUMNS`]. `file_names` are those
    /// of the batch.
    pub(super) fn with_own<E>(
        mut self,
        returned: impl Iterator<Item = Result<RecordBatch, E>>,
        file_names: &[String],
    ) -> Result<Self, E> {
        let file_idxs: BTreeMap<&str, i32> =
            file_names.iter().map(String::as_str).zip(0..).collect();
        let mut own = Vec::new();
        for rows in returned {
            let rows = rows?;
            let files = words(rows.column_by_name("file_name").expect("the table has it"));
            let (sources, pushes) = (source_rows(&rows), Pushes::of(&rows));
            for (row, key) in returned_keys(&rows) {
                let file = file_idxs.get(text(&files, row)).copied().unwrap_or(i32::MAX);
                let pushed_at = pushes.at(row).unwrap_or(NEVER);
                let position = (file, sources.value(row));
                own.push(OwnReturn { key, position, pushed_at, is_closed: false });
            }
        }
        own.sort_unstable();
        // The reasons of a row may be in two pieces.
        own.dedup();
        self.own = own;
        file_names.clone_into(&mut self.file_names);
        Ok(self)
    }

    /// Closes the returns of records that are accepted now or are there already: of those rows that are
    /// named, with the fingerprints of their keys. `None` where there are none. A record closes nothing
    /// that was pushed after it, where both say when, and of what was returned elsewhere only what was
    /// pushed before it; and of the rows that this very batch returned those that stand before its own.
    pub(super) fn close(
        &mut self,
        records: &RecordBatch,
        keyed: impl Iterator<Item = (usize, u128)> + Clone,
        content: Content,
        (batch, closed_on): (&str, i32),
    ) -> Result<Option<Closed>, ArrowError> {
        if self.returns.is_empty() && self.own.is_empty() {
            return Ok(None);
        }
        let mut ended = Vec::new();
        let pushes = Pushes::of(records);
        for (row, key) in keyed.clone() {
            let first = self.returns.partition_point(|other| other.key < key);
            let of_key = self.returns[first..].iter().take_while(|other| other.key == key);
            for (other, is_closed) in of_key.zip(&mut self.is_closed[first..]) {
                if pushes.correct(row, other, content) && !std::mem::replace(is_closed, true) {
                    ended.push(Ended { batch: Some(other.batch), returned: None, row });
                }
            }
        }
        ended.append(&mut self.ended_own(records, keyed));
        ended.sort_by_key(|ended| ended.row);
        if ended.is_empty() {
            return Ok(None);
        }
        let rows = self.closed_rows(records, &ended, (batch, closed_on))?;
        let mut records: Vec<usize> = ended.into_iter().map(|ended| ended.row).collect();
        records.dedup();
        Ok(Some(Closed { rows, records }))
    }

    /// Returns the rows of `returns_closed`.
    fn closed_rows(
        &self,
        records: &RecordBatch,
        ended: &[Ended],
        (batch, closed_on): (&str, i32),
    ) -> Result<RecordBatch, ArrowError> {
        let record_types = records.column_by_name("record_type").map(words);
        let record_keys = records.column_by_name("record_key").expect("record tables have it");
        let record_keys = record_keys.as_string::<i32>();
        let [mut batches, mut returned, mut kinds, mut types, mut files] =
            [(); 5].map(|()| new_words());
        for Ended { batch: returned_batch, returned: position, row } in ended {
            let name = returned_batch.map(|position| &*self.batches.names[position as usize]);
            let file = position.and_then(|(file, _)| usize::try_from(file).ok());
            batches.append_value(batch);
            returned.append_value(name.unwrap_or(batch));
            kinds.append_value(self.kind.as_str());
            types.append_option(record_types.map(|types| types.value(*row)));
            files.append_option(file.and_then(|file| self.file_names.get(file)));
        }
        let keys = ended.iter().map(|ended| Some(record_keys.value(ended.row)));
        let sources = ended.iter().map(|ended| ended.returned.map(|(_, source_row)| source_row));
        let columns: Vec<ArrayRef> = vec![
            Arc::new(batches.finish()),
            Arc::new(returned.finish()),
            Arc::new(kinds.finish()),
            Arc::new(types.finish()),
            Arc::new(keys.collect::<StringArray>()),
            Arc::new(Date32Array::from(vec![closed_on; ended.len()])),
            Arc::new(files.finish()),
            Arc::new(sources.collect::<Int64Array>()),
        ];
        RecordBatch::try_new(schema_of(LakeTable::ReturnsClosed), columns)
    }

    /// Returns what ends of the returns of this batch, by the rows that are named with their keys. A key
    /// of which a later row went back stays open by that row alone.
    fn ended_own(
        &mut self,
        records: &RecordBatch,
        keyed: impl Iterator<Item = (usize, u128)>,
    ) -> Vec<Ended> {
        if self.own.is_empty() {
            return Vec::new();
        }
        let files = records.column_by_name("file_idx").expect("record tables have it");
        let (files, sources) = (files.as_primitive::<Int32Type>(), source_rows(records));
        let pushes = Pushes::of(records);
        let mut ended = Vec::new();
        for (row, key) in keyed {
            let first = self.own.partition_point(|other| other.key < key);
            let n_of_key = self.own[first..].iter().take_while(|other| other.key == key).count();
            let of_key = &mut self.own[first..first + n_of_key];
            let position = (files.value(row), sources.value(row));
            let mut now = Vec::new();
            for other in of_key.iter_mut().filter(|other| !other.is_closed) {
                if other.position < position && pushes.is_since(row, other.pushed_at) {
                    other.is_closed = true;
                    now.push(Ended { batch: None, returned: Some(other.position), row });
                }
            }
            if !now.is_empty() && of_key.iter().all(|other| other.is_closed) {
                now = vec![Ended { batch: None, returned: None, row }];
            }
            ended.append(&mut now);
        }
        ended
    }
}

/// When rows were pushed, where they say so.
struct Pushes<'a>(Option<&'a TimestampMicrosecondArray>);

impl<'a> Pushes<'a> {
    /// Files of earlier programs, and lists of returns, do not say it.
    fn of(rows: &'a RecordBatch) -> Self {
        let times = rows.column_by_name("arrived_at");
        Self(times.map(AsArray::as_primitive::<TimestampMicrosecondType>))
    }

    fn at(&self, row: usize) -> Option<i64> {
        self.0.filter(|times| times.is_valid(row)).map(|times| times.value(row))
    }

    /// Whether a row was not pushed before a time, as far as it says so.
    fn is_since(&self, row: usize, time: i64) -> bool {
        self.at(row).is_none_or(|pushed_at| pushed_at >= time)
    }

    /// Whether a row corrects what was sent back.
    ///
    /// Under the time of a row that was returned here only another row can be accepted. Others tell when
    /// the very record was pushed that they returned: it may come here after they did, and as often as
    /// anyone sends it. Where one of the two times is not told, it has to say something new.
    fn correct(&self, row: usize, returned: &Return, content: Content) -> bool {
        match self.at(row).filter(|_| returned.pushed_at != NEVER) {
            _ if !returned.is_elsewhere => self.is_since(row, returned.pushed_at),
            Some(pushed_at) => pushed_at > returned.pushed_at,
            None => content == Content::New,
        }
    }
}

/// Joins the returns of one key and batch that stand side by side; the last push counts.
fn merge(returns: &mut Vec<Return>) {
    returns.dedup_by(|other, kept| {
        let is_same = (other.key, other.batch) == (kept.key, kept.batch);
        if is_same {
            kept.pushed_at = kept.pushed_at.max(other.pushed_at);
            kept.is_elsewhere |= other.is_elsewhere;
        }
        is_same
    });
}

/// Returns the rows of `returned` that have a key, one of several that follow each other, with the
/// fingerprint of the key.
pub(super) fn returned_keys(rows: &RecordBatch) -> impl Iterator<Item = (usize, u128)> {
    let column = |name: &str| rows.column_by_name(name).expect("the table has it");
    let record_types = words(column("record_type"));
    let keys = column("record_key").as_string::<i32>();
    let sources = source_rows(rows);
    let files = words(column("file_name"));
    // One record may have many reasons, which stand side by side. The last row of a file and the first
    // of the next one may bear the same number.
    let is_first = move |row: &usize| {
        *row == 0
            || sources.value(*row) != sources.value(row - 1)
            || text(&files, *row) != text(&files, row - 1)
    };
    let rows = (0..rows.num_rows()).filter(is_first).filter(move |row| keys.is_valid(*row));
    rows.map(move |row| (row, key_fingerprint(text(&record_types, row), keys.value(row))))
}

fn source_rows(rows: &RecordBatch) -> &Int64Array {
    rows.column_by_name("source_row").expect("these tables have it").as_primitive::<Int64Type>()
}

fn new_words() -> StringDictionaryBuilder<Int32Type> {
    StringDictionaryBuilder::new()
}

/// The word in a row; empty where there is none.
fn text<'a>(words: &Words<'a>, row: usize) -> &'a str {
    if words.is_valid(row) { words.value(row) } else { "" }
}

#[cfg(test)]
mod tests;
