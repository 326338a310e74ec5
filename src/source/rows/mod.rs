//! Record files: header and rows in blocks, with bounded memory and at the speed of the disk.
//!
//! Separated values, JSON lines, workbooks and Parquet; plain, packed with gzip or zstd, or in a zip
//! archive. What a field means is not known here.
//!
//! A record that cannot be read as a row is a fault of that row and keeps its place. What makes the
//! rows behind it uncertain ends the file with an error instead.

mod block;
mod error;
mod reader;

pub use block::{RowBlock, RowFault, RowFaultKind};
pub use error::RecordFileError;
pub use reader::RowReader;
