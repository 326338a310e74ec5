//! Rows of a lake table, made a piece at a time: a form of a million rows is never an Arrow batch as
//! a whole.

use std::fmt;
use std::ops::Range;
use std::sync::mpsc::sync_channel;

use arrow::array::RecordBatch;

use crate::table::LakeTable;

/// Rows of one piece.
pub const PIECE_ROWS: usize = 65_536;

/// Rows of a sample.
const SAMPLE_ROWS: usize = 1_024;

/// Makes the rows of a range.
type Make<'a> = Box<dyn Fn(Range<usize>) -> RecordBatch + Sync + 'a>;

/// Rows of one table of the lake.
pub struct TableRows<'a> {
    /// The table.
    pub table: LakeTable,
    /// How many rows there are.
    pub n_rows: usize,
    make: Make<'a>,
}

impl<'a> TableRows<'a> {
    /// Returns rows that `make` gives by their positions, always the same for the same positions.
    pub fn new(
        table: LakeTable,
        n_rows: usize,
        make: impl Fn(Range<usize>) -> RecordBatch + Sync + 'a,
    ) -> Self {
        Self { table, n_rows, make: Box::new(make) }
    }

    /// Returns the rows of a batch.
    pub fn of(table: LakeTable, batch: RecordBatch) -> Self {
        let n_rows = batch.num_rows();
        Self::new(table, n_rows, move |rows| batch.slice(rows.start, rows.len()))
    }

    /// Returns the first few rows, by which the rest can be judged; none when there are none.
    pub fn sample(&self) -> RecordBatch {
        (self.make)(0..self.n_rows.min(SAMPLE_ROWS))
    }

    /// Hands all pieces in order to `take`, up to its first error.
    ///
    /// While one is taken the next one is made.
    pub fn try_each<E>(&self, mut take: impl FnMut(RecordBatch) -> Result<(), E>) -> Result<(), E> {
        let starts = (0..self.n_rows).step_by(PIECE_ROWS);
        let ranges = starts.map(|start| start..self.n_rows.min(start + PIECE_ROWS));
        if self.n_rows <= PIECE_ROWS {
            return ranges.map(&self.make).try_for_each(take);
        }
        std::thread::scope(|scope| {
            let (sender, pieces) = sync_channel(1);
            scope.spawn(move || {
                // Whoever takes them may have stopped at an error.
                let _is_taken = ranges.map(&self.make).all(|piece| sender.send(piece).is_ok());
            });
            // The receiver ends with the closure, so that the other thread never waits for ever.
            pieces.into_iter().try_for_each(&mut take)
        })
    }
}

impl fmt::Debug for TableRows<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TableRows")
            .field("table", &self.table)
            .field("n_rows", &self.n_rows)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::schema_of;
    use arrow::array::new_null_array;
    use std::sync::Arc;

    fn rows(n_rows: usize) -> TableRows<'static> {
        TableRows::new(LakeTable::Findings, n_rows, |rows| {
            let field = arrow::datatypes::Field::new("a", arrow::datatypes::DataType::Int32, true);
            let schema = arrow::datatypes::Schema::new(vec![field]);
            let column = new_null_array(&arrow::datatypes::DataType::Int32, rows.len());
            RecordBatch::try_new(Arc::new(schema), vec![column]).unwrap()
        })
    }

    #[track_caller]
    fn check(n_rows: usize, expected: &[usize]) {
        let mut taken = Vec::new();
        let outcome = rows(n_rows).try_each(|piece| {
            taken.push(piece.num_rows());
            Ok::<(), ()>(())
        });
        assert_eq!((outcome, taken.as_slice()), (Ok(()), expected));
    }

    #[test]
    fn pieces_are_all_rows_in_order() {
        check(0, &[]);
        check(3, &[3]);
        check(PIECE_ROWS, &[PIECE_ROWS]);
        check(2 * PIECE_ROWS + 1, &[PIECE_ROWS, PIECE_ROWS, 1]);
    }

    #[test]
    fn an_error_ends_it() {
        let mut n_taken = 0;
        let outcome = rows(9 * PIECE_ROWS).try_each(|_| {
            n_taken += 1;
            if n_taken == 2 { Err("full") } else { Ok(()) }
        });
        assert_eq!((outcome, n_taken), (Err("full"), 2));
    }

    #[test]
    fn a_batch_is_cut_too() {
        let none = RecordBatch::new_empty(schema_of(LakeTable::Totals));
        let rows = TableRows::of(LakeTable::Totals, none);
        assert_eq!((rows.n_rows, rows.sample().num_rows()), (0, 0));
    }
}
