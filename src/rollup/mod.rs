//! Counts of records by department and month, kept while a batch is written and committed with it.
//!
//! A batch states what it changes, not what the counts are now: a record that moves to another month
//! is one more there and one less where its version before counted. So the counts of any state of the
//! lake are the sums over its batches, and no batch has to read more than the keys that come again.

mod cell;
mod counts;

pub use cell::{CellColumns, CellId};
pub use counts::{CountTotals, RecordCounts};
