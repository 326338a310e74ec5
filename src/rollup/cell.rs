//! Where a record counts: its type, department and scope, the month of its event and that of its
//! arrival.

use std::collections::BTreeMap;

use arrow::array::{Array, AsArray, DictionaryArray, RecordBatch, TimestampMicrosecondArray};
use arrow::datatypes::{Date32Type, Int32Type, TimestampMicrosecondType};
use chrono::NaiveDate;

use crate::records::dates::months_of;

/// A month that is not known.
const NO_MONTH: i32 = i32::MIN;

/// The place of a cell among those of one [`RecordCounts`](crate::rollup::RecordCounts).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CellId(pub(super) u32);

impl CellId {
    pub(super) fn position(self) -> usize {
        usize::try_from(self.0).expect("a position in memory")
    }
}

/// The place of a word among those that are known; 0 stands for none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct WordId(u32);

/// A month, counted from the year 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Month(i32);

/// Where a record counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Cell {
    pub(super) record_type: WordId,
    pub(super) department: WordId,
    pub(super) scope: WordId,
    pub(super) event: Month,
    pub(super) arrival: Month,
}

/// The words of all cells.
#[derive(Debug, Default)]
pub(super) struct Words {
    ids: BTreeMap<String, WordId>,
    texts: Vec<String>,
}

/// The columns of rows of a record table that say where each of them counts.
#[derive(Debug)]
pub struct CellColumns<'a> {
    record_types: WordColumn<'a>,
    departments: WordColumn<'a>,
    scopes: WordColumn<'a>,
    events: &'a TimestampMicrosecondArray,
    arrivals: &'a TimestampMicrosecondArray,
    received: Received<'a>,
}

/// A column of words, or one word for all rows.
#[derive(Debug)]
enum WordColumn<'a> {
    All(WordId),
    Rows { keys: &'a arrow::array::Int32Array, ids: Vec<WordId> },
}

/// When rows were ingested: each by itself, or all together.
#[derive(Debug)]
enum Received<'a> {
    All(i64),
    Rows(&'a TimestampMicrosecondArray),
}

impl Cell {
    /// Returns a number that is mostly another for cells that rows of one batch have.
    pub(super) fn spread(&self) -> usize {
        let Self { record_type, department, scope, event, arrival } = self;
        let words = record_type.0 ^ department.0 << 8 ^ scope.0 << 24;
        let months = event.0.cast_unsigned() ^ arrival.0.cast_unsigned() << 16;
        let both = u64::from(words) << 32 | u64::from(months);
        let spread = both.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 48;
        usize::try_from(spread).expect("16 bits")
    }
}

impl Words {
    pub(super) fn id(&mut self, text: &str) -> WordId {
        if let Some(id) = self.ids.get(text) {
            return *id;
        }
        self.texts.push(text.to_owned());
        let id = WordId(u32::try_from(self.texts.len()).expect("few departments and types"));
        self.ids.insert(text.to_owned(), id);
        id
    }

    /// Returns the word, `None` for none.
    pub(super) fn text(&self, WordId(id): WordId) -> Option<&str> {
        let idx = usize::try_from(id).ok()?.checked_sub(1)?;
        self.texts.get(idx).map(String::as_str)
    }

    fn column<'a>(&mut self, rows: &'a RecordBatch, name: &str) -> WordColumn<'a> {
        let Some(column) = rows.column_by_name(name) else {
            return WordColumn::All(WordId::default());
        };
        let words: &DictionaryArray<Int32Type> = column.as_dictionary();
        let texts = words.values().as_string::<i32>();
        let ids = texts.iter().map(|text| text.map_or(WordId::default(), |text| self.id(text)));
        WordColumn::Rows { keys: words.keys(), ids: ids.collect() }
    }
}

impl WordColumn<'_> {
    fn id(&self, row: usize) -> WordId {
        match self {
            Self::All(id) => *id,
            Self::Rows { keys, .. } if keys.is_null(row) => WordId::default(),
            Self::Rows { keys, ids } => {
                usize::try_from(keys.value(row)).map_or(WordId::default(), |key| ids[key])
            }
        }
    }
}

impl<'a> CellColumns<'a> {
    /// Of rows that are accepted, in the columns of their table.
    pub(super) fn accepted(words: &mut Words, rows: &'a RecordBatch) -> Self {
        Self {
            record_types: words.column(rows, "record_type"),
            departments: words.column(rows, "department"),
            scopes: words.column(rows, "scope"),
            events: times(rows, "event_at"),
            arrivals: times(rows, "arrived_at"),
            received: Received::Rows(times(rows, "received_at")),
        }
    }

    /// Of rows of `returned`, which were pushed at `arrivals` and ingested at `received_at`.
    pub(super) fn returned(
        words: &mut Words,
        rows: &'a RecordBatch,
        arrivals: &'a TimestampMicrosecondArray,
        (scope, received_at): (&str, i64),
    ) -> Self {
        Self {
            record_types: words.column(rows, "record_type"),
            departments: words.column(rows, "department"),
            scopes: WordColumn::All(words.id(scope)),
            events: times(rows, "event_at"),
            arrivals,
            received: Received::All(received_at),
        }
    }

    pub(super) fn cell(&self, row: usize) -> Cell {
        let received = || match &self.received {
            Received::All(time) => *time,
            Received::Rows(times) => times.value(row),
        };
        let arrival = if self.is_timed(row) { self.arrivals.value(row) } else { received() };
        Cell {
            record_type: self.record_types.id(row),
            department: self.departments.id(row),
            scope: self.scopes.id(row),
            event: if self.events.is_null(row) {
                Month(NO_MONTH)
            } else {
                Month::of(self.events.value(row))
            },
            arrival: Month::of(arrival),
        }
    }

    /// Tells whether a row says when it was pushed.
    pub(super) fn is_timed(&self, row: usize) -> bool {
        self.arrivals.is_valid(row)
    }
}

impl Month {
    /// Returns the month of an instant, microseconds from 1970-01-01.
    fn of(micros: i64) -> Self {
        Self(i32::try_from(months_of(micros)).unwrap_or(NO_MONTH))
    }

    /// Returns its first day, days from 1970-01-01; `None` where it is not known.
    pub(super) fn first_day(self) -> Option<i32> {
        let month = u32::try_from(self.0.rem_euclid(12) + 1).ok()?;
        NaiveDate::from_ymd_opt(self.0.div_euclid(12), month, 1).map(Date32Type::from_naive_date)
    }
}

fn times<'a>(rows: &'a RecordBatch, name: &str) -> &'a TimestampMicrosecondArray {
    let column = rows.column_by_name(name).expect("the tables of records have it");
    column.as_primitive::<TimestampMicrosecondType>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_month_begins_with_the_first_of_every_instant_in_it(
            micros in -62_000_000_000_000_000_i64..250_000_000_000_000_000,
        ) {
            let time = chrono::DateTime::from_timestamp_micros(micros).unwrap();
            let first = chrono::Datelike::with_day(&time.date_naive(), 1).unwrap();
            prop_assert_eq!(Month::of(micros).first_day(), Some(Date32Type::from_naive_date(first)));
        }
    }

    #[test]
    fn a_month_that_is_not_known_has_no_day() {
        assert_eq!(Month(NO_MONTH).first_day(), None);
    }
}
