//! What a batch changes in the counts of records, cell by cell.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, AsArray, BooleanArray, Date32Array, DictionaryArray, Int32Array, Int64Array,
    RecordBatch, StringArray, StringDictionaryBuilder, TimestampMicrosecondArray,
};
use arrow::datatypes::{Int32Type, Int64Type};
use arrow::error::ArrowError;

use crate::model::Operation;
use crate::rollup::cell::{Cell, CellColumns, CellId, WordId, Words};
use crate::table::{LakeTable, schema_of};

/// Cells of a batch at most, about 35 MB: as many as a hundred departments have when each pushes records
/// of the last four years in every month of them.
const MAX_CELLS: usize = 250_000;

/// Places for cells that were asked for.
const N_RECENT: usize = 4096;

/// What a batch changes in the counts of records.
#[derive(Debug)]
pub struct RecordCounts {
    kind: &'static str,
    scope: &'static str,
    /// When the batch arrived, microseconds from 1970-01-01.
    received_at: i64,
    words: Words,
    ids: BTreeMap<Cell, CellId>,
    cells: Vec<(Cell, Changes)>,
    /// Cells that were asked for, each in the place that [`Cell::spread`] gives it: most rows find theirs
    /// there.
    recent: Vec<Option<(Cell, CellId)>>,
}

/// Rows of a batch by what became of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CountTotals {
    /// First versions of a key.
    pub accepted: i64,
    /// Further versions.
    pub updated: i64,
    /// Versions that end a key.
    pub deleted: i64,
    /// Rows that went back.
    pub returned: i64,
    /// Rows that were there already.
    pub duplicate: i64,
}

/// What changes in one cell.
#[derive(Debug, Clone, Copy, Default)]
struct Changes {
    current: i64,
    rows: CountTotals,
    resubmitted: i64,
    untimed: i64,
}

impl RecordCounts {
    /// Begins the counts of a batch of one kind and scope, whose files arrived at `received_at`
    /// (microseconds from 1970-01-01).
    pub fn new(kind: &'static str, scope: &'static str, received_at: i64) -> Self {
        Self {
            kind,
            scope,
            received_at,
            words: Words::default(),
            ids: BTreeMap::new(),
            cells: Vec::new(),
            recent: vec![None; N_RECENT],
        }
    }

    /// Finds the columns by which rows of a record table have their cells: `department`, `scope`,
    /// `event_at`, `arrived_at`, `received_at`, and `record_type` where the table has it.
    pub fn columns<'a>(&mut self, rows: &'a RecordBatch) -> CellColumns<'a> {
        CellColumns::accepted(&mut self.words, rows)
    }

    /// Returns the cell in which a row counts.
    pub fn cell(&mut self, columns: &CellColumns<'_>, row: usize) -> CellId {
        let cell = columns.cell(row);
        let place = cell.spread() % N_RECENT;
        if let Some((recent, id)) = self.recent[place]
            && recent == cell
        {
            return id;
        }
        let next = CellId(u32::try_from(self.cells.len()).expect("few cells"));
        let id = *self.ids.entry(cell).or_insert(next);
        if id == next {
            self.cells.push((cell, Changes::default()));
        }
        self.recent[place] = Some((cell, id));
        id
    }

    /// Returns the number of cells that rows were found in.
    pub fn n_cells(&self) -> usize {
        self.cells.len()
    }

    /// Tells whether the rows stand in more months than memory is kept for: times that chance made.
    pub fn are_scattered(&self) -> bool {
        self.cells.len() > MAX_CELLS
    }

    /// Counts rows that are written, with their versions: those that are chosen, all where nothing is
    /// said.
    pub fn add_versions(&mut self, rows: &RecordBatch, are_chosen: Option<&BooleanArray>) {
        let columns = self.columns(rows);
        let (versions, is_delete) = versions_of(rows);
        let is_chosen = |row: &usize| are_chosen.is_none_or(|are| are.value(*row));
        for row in (0..rows.num_rows()).filter(is_chosen) {
            let is_untimed = i64::from(!columns.is_timed(row));
            let id = self.cell(&columns, row);
            let changes = self.changes(id);
            match (is_delete(row), versions.value(row)) {
                (true, _) => changes.rows.deleted += 1,
                (false, 1) => {
                    changes.rows.accepted += 1;
                    changes.untimed += is_untimed;
                    changes.current += 1;
                }
                (false, _) => {
                    changes.rows.updated += 1;
                    changes.current += 1;
                }
            }
        }
    }

    /// Tells whether two cells are of two departments that are both known.
    pub fn are_of_two_departments(&self, one: CellId, other: CellId) -> bool {
        let department = |id: CellId| self.cells[id.position()].0.department;
        let (one, other) = (department(one), department(other));
        one != other && [one, other].iter().all(|word| *word != WordId::default())
    }

    /// Takes a version out of its cell, because a later one takes its place or ends its key.
    pub fn end_version(&mut self, cell: CellId) {
        self.changes(cell).current -= 1;
    }

    /// Counts a row that was there already.
    pub fn add_duplicate(&mut self, cell: CellId) {
        self.changes(cell).rows.duplicate += 1;
    }

    /// Counts a row that goes back although nothing is wrong with it by itself.
    pub fn add_sent_back(&mut self, cell: CellId) {
        self.changes(cell).rows.returned += 1;
    }

    /// Counts rows that go back: rows of `returned`, one per reason, those of one record side by side.
    /// `arrivals` says when each was pushed, where that is known.
    pub fn add_returned(&mut self, rows: &RecordBatch, arrivals: &TimestampMicrosecondArray) {
        let column = rows.column_by_name("source_row").expect("the table has it");
        let source_rows = column.as_primitive::<Int64Type>().values();
        let facts = (self.scope, self.received_at);
        let columns = CellColumns::returned(&mut self.words, rows, arrivals, facts);
        for row in 0..rows.num_rows() {
            if row == 0 || source_rows[row] != source_rows[row - 1] {
                let id = self.cell(&columns, row);
                self.changes(id).rows.returned += 1;
            }
        }
    }

    /// Marks rows whose keys had been returned before: those among them that are accepted as first
    /// versions.
    pub fn add_resubmitted(&mut self, rows: &RecordBatch, chosen: impl Iterator<Item = usize>) {
        let columns = self.columns(rows);
        let (versions, is_delete) = versions_of(rows);
        for row in chosen.filter(|row| versions.value(*row) == 1 && !is_delete(*row)) {
            let id = self.cell(&columns, row);
            self.changes(id).resubmitted += 1;
        }
    }

    /// Has all rows but the duplicates go back: nothing else of the batch counts.
    pub fn return_whole(&mut self) {
        for (_, changes) in &mut self.cells {
            let rows = changes.rows;
            let returned = rows.returned + rows.accepted + rows.updated + rows.deleted;
            let rows =
                CountTotals { returned, duplicate: rows.duplicate, ..CountTotals::default() };
            *changes = Changes { rows, ..Changes::default() };
        }
    }

    /// Returns the rows of the batch by what became of them, over all cells.
    pub fn totals(&self) -> CountTotals {
        self.cells.iter().fold(CountTotals::default(), |sum, (_, changes)| CountTotals {
            accepted: sum.accepted + changes.rows.accepted,
            updated: sum.updated + changes.rows.updated,
            deleted: sum.deleted + changes.rows.deleted,
            returned: sum.returned + changes.rows.returned,
            duplicate: sum.duplicate + changes.rows.duplicate,
        })
    }

    /// Returns the rows of `record_counts`: the cells in which something changes, by type, department,
    /// scope, month of the event and of the arrival.
    pub fn rows(&self, batch: &str) -> Result<RecordBatch, ArrowError> {
        let mut cells: Vec<&(Cell, Changes)> =
            self.cells.iter().filter(|(_, changes)| changes.is_any()).collect();
        cells.sort_by(|(one, _), (other, _)| self.order(one, other));
        let word = |of_cell: fn(&Cell) -> WordId| {
            let mut words = StringDictionaryBuilder::<Int32Type>::new();
            for (cell, _) in &cells {
                words.append_option(self.words.text(of_cell(cell)));
            }
            Arc::new(words.finish()) as ArrayRef
        };
        let all = |text: &str| {
            let keys = Int32Array::from(vec![0; cells.len()]);
            let words = DictionaryArray::new(keys, Arc::new(StringArray::from(vec![text])));
            Arc::new(words) as ArrayRef
        };
        let day = |of_cell: fn(&Cell) -> Option<i32>| {
            Arc::new(cells.iter().map(|(cell, _)| of_cell(cell)).collect::<Date32Array>())
                as ArrayRef
        };
        let count = |of_cell: fn(&Changes) -> i64| {
            let counts = cells.iter().map(|(_, changes)| of_cell(changes));
            Arc::new(Int64Array::from_iter_values(counts)) as ArrayRef
        };
        let columns = vec![
            all(batch),
            all(self.kind),
            word(|cell| cell.record_type),
            word(|cell| cell.department),
            word(|cell| cell.scope),
            day(|cell| cell.event.first_day()),
            day(|cell| cell.arrival.first_day()),
            count(|changes| changes.current),
            count(|changes| changes.rows.accepted),
            count(|changes| changes.rows.updated),
            count(|changes| changes.rows.deleted),
            count(|changes| changes.rows.returned),
            count(|changes| changes.rows.duplicate),
            count(|changes| changes.resubmitted),
            count(|changes| changes.untimed),
            Arc::new(TimestampMicrosecondArray::from(vec![self.received_at; cells.len()])),
        ];
        RecordBatch::try_new(schema_of(LakeTable::RecordCounts), columns)
    }

    fn changes(&mut self, id: CellId) -> &mut Changes {
        &mut self.cells[id.position()].1
    }

    fn order(&self, one: &Cell, other: &Cell) -> Ordering {
        let text = |id| self.words.text(id);
        let months = |cell: &Cell| (cell.event, cell.arrival);
        text(one.record_type)
            .cmp(&text(other.record_type))
            .then_with(|| text(one.department).cmp(&text(other.department)))
            .then_with(|| text(one.scope).cmp(&text(other.scope)))
            .then_with(|| months(one).cmp(&months(other)))
    }
}

/// Returns the versions of rows, and which of them end their key.
fn versions_of(rows: &RecordBatch) -> (&Int32Array, impl Fn(usize) -> bool) {
    let column = |name: &str| rows.column_by_name(name).expect("record tables have it");
    let operations: &DictionaryArray<Int32Type> = column("operation").as_dictionary();
    let words = operations.values().as_string::<i32>().iter();
    let is_delete: Vec<bool> = words.map(|word| word == Some(Operation::Delete.as_str())).collect();
    let keys = operations.keys();
    let ends = move |row: usize| usize::try_from(keys.value(row)).is_ok_and(|key| is_delete[key]);
    (column("version").as_primitive::<Int32Type>(), ends)
}

impl Changes {
    fn is_any(&self) -> bool {
        let Self { current, rows, .. } = *self;
        current != 0 || rows != CountTotals::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::new_null_array;
    use arrow::datatypes::FieldRef;

    /// Microseconds of about a month.
    const MONTH: i64 = 31 * 86_400_000_000;

    /// Cases that were accepted, by the months of event and arrival; versions and operations as given.
    fn cases(months: &[(i64, i64)], version: i32, operation: &str) -> RecordBatch {
        let n_rows = months.len();
        let times = |of_row: fn(&(i64, i64)) -> i64| -> ArrayRef {
            let times = months.iter().map(|row| of_row(row) * MONTH);
            Arc::new(TimestampMicrosecondArray::from_iter_values(times))
        };
        let word = |text: &str| -> ArrayRef {
            let words = Arc::new(StringArray::from(vec![text]));
            Arc::new(DictionaryArray::new(Int32Array::from(vec![0; n_rows]), words))
        };
        let column = |field: &FieldRef| match field.name().as_str() {
            "operation" => word(operation),
            "scope" => word("pushed"),
            "version" => Arc::new(Int32Array::from(vec![version; n_rows])),
            "event_at" => times(|row| row.0),
            "arrived_at" | "received_at" => times(|row| row.1),
            _ => new_null_array(field.data_type(), n_rows),
        };
        let schema = schema_of(LakeTable::Cases);
        let columns: Vec<_> =
            schema.fields().iter().map(|field| (field.name().clone(), column(field))).collect();
        RecordBatch::try_from_iter_with_nullable(
            columns.into_iter().map(|(name, column)| (name, column, true)),
        )
        .unwrap()
    }

    fn counts() -> RecordCounts {
        RecordCounts::new("cases", "pushed", 0)
    }

    /// The rows as texts: month of the event from the first one, current, accepted, updated, deleted,
    /// returned and duplicate.
    #[track_caller]
    fn check(counts: &RecordCounts, expected: &[[i64; 6]]) {
        let rows = counts.rows("b").unwrap();
        let column = |name: &str| {
            let column = rows.column_by_name(name).unwrap();
            column.as_primitive::<Int64Type>().values().to_vec()
        };
        let columns =
            ["n_current", "n_accepted", "n_updated", "n_deleted", "n_returned", "n_duplicate"]
                .map(column);
        let found: Vec<[i64; 6]> =
            (0..rows.num_rows()).map(|row| columns.each_ref().map(|column| column[row])).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_version_that_ends_leaves_its_cell() {
        let mut counts = counts();
        let first = cases(&[(1, 3), (1, 3), (2, 3)], 1, "insert");
        counts.add_versions(&first, None);
        let columns = counts.columns(&first);
        let cell = counts.cell(&columns, 0);
        counts.end_version(cell);
        counts.add_versions(&cases(&[(5, 6)], 2, "update"), None);
        counts.end_version(cell);
        counts.add_versions(&cases(&[(1, 6)], 2, "delete"), None);
        counts.add_duplicate(cell);
        check(
            &counts,
            &[[0, 2, 0, 0, 0, 1], [0, 0, 0, 1, 0, 0], [1, 1, 0, 0, 0, 0], [1, 0, 1, 0, 0, 0]],
        );
        counts.return_whole();
        check(
            &counts,
            &[[0, 0, 0, 0, 2, 1], [0, 0, 0, 0, 1, 0], [0, 0, 0, 0, 1, 0], [0, 0, 0, 0, 1, 0]],
        );
    }

    #[test]
    fn what_comes_again_after_a_return_is_accepted_later_and_a_deletion_is_not() {
        let mut counts = counts();
        for (rows, n_resubmitted) in [
            (cases(&[(1, 3), (2, 3)], 1, "insert"), 2),
            (cases(&[(1, 3)], 1, "delete"), 2),
            (cases(&[(1, 3)], 2, "update"), 2),
        ] {
            counts.add_versions(&rows, None);
            counts.add_resubmitted(&rows, 0..rows.num_rows());
            let rows = counts.rows("b").unwrap();
            let column = rows.column_by_name("n_resubmitted").unwrap();
            let sum: i64 = column.as_primitive::<Int64Type>().values().iter().sum();
            assert_eq!(sum, n_resubmitted);
        }
    }

    #[test]
    fn times_that_chance_made_are_told_from_those_of_records() {
        let months = |n_events: i64| -> Vec<(i64, i64)> {
            (0..n_events).flat_map(|event| (0..500).map(move |arrival| (event, arrival))).collect()
        };
        let mut usual = counts();
        usual.add_versions(&cases(&months(100), 1, "insert"), None);
        assert!(!usual.are_scattered());
        usual.add_versions(&cases(&months(600), 1, "insert"), None);
        assert!(usual.are_scattered());
    }
}
