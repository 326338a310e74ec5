//! What a query returns: Arrow batches of one schema, small enough to hold.

use std::sync::Arc;

use arrow::array::{BooleanArray, RecordBatch};
use arrow::compute::{concat_batches, filter_record_batch};
use arrow::datatypes::SchemaRef;
use arrow::error::ArrowError;

use crate::diag::{Diagnose, Message, impl_error};

/// Rows do not fit together.
#[derive(Debug)]
pub struct RowsError(pub ArrowError);

impl_error!(RowsError);

impl Diagnose for RowsError {
    fn message(&self) -> Message {
        Message::new("rows.unlike")
    }

    fn causes(&self) -> Vec<Message> {
        vec![Message::new("io.other").with("reason", &self.0)]
    }
}

/// The rows of an answer, in order.
#[derive(Debug, Clone)]
pub struct ResultTable {
    /// Columns of every batch.
    pub schema: SchemaRef,
    /// The rows, in the order of the answer. May be empty.
    pub batches: Vec<RecordBatch>,
}

impl ResultTable {
    /// Returns a table of one batch.
    pub fn of(batch: RecordBatch) -> Self {
        Self { schema: batch.schema(), batches: vec![batch] }
    }

    /// Returns the number of rows.
    pub fn n_rows(&self) -> usize {
        self.batches.iter().map(RecordBatch::num_rows).sum()
    }

    /// Returns the table with only the named columns that it has, in the order of the names.
    #[must_use]
    pub fn select(&self, columns: &[String]) -> Self {
        let kept: Vec<usize> =
            columns.iter().filter_map(|name| self.schema.index_of(name).ok()).collect();
        let project = |batch: &RecordBatch| batch.project(&kept).expect("the columns were found");
        let schema = self.schema.project(&kept).expect("the columns were found");
        Self { schema: Arc::new(schema), batches: self.batches.iter().map(project).collect() }
    }

    /// Returns at most the first `n_rows` rows.
    #[must_use]
    pub fn first_rows(&self, n_rows: usize) -> Self {
        let mut left = n_rows;
        let mut batches = Vec::new();
        for batch in &self.batches {
            let taken = batch.slice(0, left.min(batch.num_rows()));
            left -= taken.num_rows();
            batches.push(taken);
        }
        Self { schema: Arc::clone(&self.schema), batches }
    }

    /// Returns at most the last `n_rows` rows.
    #[must_use]
    pub fn last_rows(&self, n_rows: usize) -> Self {
        let mut left_out = self.n_rows().saturating_sub(n_rows);
        let mut batches = Vec::new();
        for batch in &self.batches {
            let n_skipped = left_out.min(batch.num_rows());
            left_out -= n_skipped;
            batches.push(batch.slice(n_skipped, batch.num_rows() - n_skipped));
        }
        Self { schema: Arc::clone(&self.schema), batches }
    }

    /// Returns the rows of its batches that are kept, by their positions there.
    #[must_use]
    pub fn rows_where(&self, is_kept: impl Fn(&RecordBatch, usize) -> bool) -> Self {
        let kept = |batch: &RecordBatch| {
            let rows = (0..batch.num_rows()).map(|row| Some(is_kept(batch, row)));
            filter_record_batch(batch, &rows.collect::<BooleanArray>())
                .expect("there is a word on every row")
        };
        Self { schema: Arc::clone(&self.schema), batches: self.batches.iter().map(kept).collect() }
    }

    /// Returns all rows as one batch; one without rows when the table is empty.
    pub fn to_batch(&self) -> Result<RecordBatch, RowsError> {
        concat_batches(&self.schema, &self.batches).map_err(RowsError)
    }
}
