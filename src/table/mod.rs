//! Arrow schemas of the lake's tables, result tables, and how Parquet is written.

mod columns;
mod fingerprint;
mod parquet_io;
mod part_reader;
mod part_writer;
mod pieces;
mod reference;
mod result;
mod rows;
mod schema;
mod succession;

pub use columns::{Column, batch_of_columns, bigints, bools, dates, ints, texts, times};
pub use parquet_io::{
    ParquetError, ParquetReaders, ParquetSink, ParquetTexts, parquet_rows, read_parquet,
    write_parquet,
};
pub use part_reader::{DayBounds, PartReader, PartRows};
pub use part_writer::{PartFacts, PartLimits, PartWriter, SORTED_ROWS};
pub use pieces::{PIECE_ROWS, TableRows};
pub use reference::{SessionChoice, reference_batch, session_batch};
pub use result::{ResultTable, RowsError};
pub use rows::{BatchFacts, findings_batch, observations_batch, totals_batch};
pub use schema::{
    FIGURE_KEY, LakeTable, NULLABLE, REQUIRED, RETURNED_HERE, completed, later_columns, schema_of,
    stored_schema_of,
};
pub use succession::{
    department_spans_batch, department_successors_batch, region_successors_batch,
};
