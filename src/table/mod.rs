//! Arrow schemas of the lake's tables, result tables, and how Parquet is written.

mod columns;
mod parquet_io;
mod pieces;
mod reference;
mod result;
mod rows;
mod schema;
mod succession;

pub use columns::{Column, batch_of_columns, bigints, bools, dates, texts, times};
pub use parquet_io::{ParquetError, ParquetPieces, read_parquet, write_parquet, write_pieces};
pub use pieces::{PIECE_ROWS, TableRows};
pub use reference::{SessionChoice, reference_batch, session_batch};
pub use result::{ResultTable, RowsError};
pub use rows::{BatchFacts, findings_batch, observations_batch, totals_batch};
pub use schema::{LakeTable, PSEUDONYM_BYTES, schema_of, stored_schema_of};
pub use succession::{
    department_spans_batch, department_successors_batch, region_successors_batch,
};
