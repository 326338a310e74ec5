//! Record files: header and rows in blocks, with bounded memory and at the speed of the disk.
//!
//! Separated values and JSON lines, plain, packed with gzip or zstd, or in a zip archive; workbooks and
//! Parquet, which a child process opens. What a field means is not known here.
//!
//! A record that cannot be read as a row is a fault of that row and keeps its place. What makes the
//! rows behind it uncertain ends the file with an error instead.

mod answer;
mod archive;
mod block;
mod child;
mod columns;
mod delimited;
mod error;
mod feed;
mod header;
mod json_lines;
mod json_object;
mod limits;
mod long;
mod oddness;
mod open;
mod output;
mod reader;
mod scan;
mod separator;
mod split;
mod stream;
mod text;
mod wire;
mod workbook;

#[cfg(test)]
mod tests;

pub use answer::answer_rows;
pub use block::{QuotedLines, Readable, RowBlock, RowFault, RowFaultKind};
pub use error::RecordFileError;
pub use open::{MemberKind, RowFile, read_rows, record_files};
pub use reader::{RowReader, UnreadSheets};
