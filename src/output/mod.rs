//! Result table to the bytes of a format: for the eye (table, markdown) or for machines (CSV, JSON,
//! Parquet); tables of any length as CSV, a batch at a time ([`CsvSink`]); long lists for people, row
//! by row, as a workbook or CSV ([`ListWriter`]);
//! and series as charts and sparklines for the terminal ([`chart()`], [`sparkline`]).
//!
//! Formats for the eye translate titles and stored words and round doubles; formats for machines
//! keep column ids and exact values. Empty is written as nothing in CSV, `null` in JSON and `-` for
//! the eye. The same table and options give the same bytes. A closing line is the caller's.

mod cells;
mod chart;
mod csv;
mod csv_sink;
mod error;
mod human;
mod json;
mod layout;
mod list;
mod markdown;
mod narrow;
mod number;
mod plain;
mod terminal;
#[cfg(test)]
mod tests;
pub mod workbook;

use std::io::Write;

use crate::diag::Lang;
use crate::model::text_enum;
use crate::table::{ResultTable, write_parquet};

pub use chart::{Chart, chart, sparkline};
pub use csv_sink::{CsvReaders, CsvSink};
pub use error::OutputError;
pub use human::stored_word;
pub use list::{
    ListCell, ListColumn, ListDone, ListFormat, ListPlan, ListSummary, ListWriter, MAX_SHEET_ROWS,
    SummaryTable, is_list,
};
pub use markdown::escaped as markdown_escaped;
pub use number::shown_double;

text_enum! {
    /// The formats in which a result can be written.
    Format {
        /// Aligned columns for the terminal.
        Table = "table",
        /// RFC 4180 with a header of column ids and LF; empty text and null are both empty.
        Csv = "csv",
        /// One array, an object per row with every column, nulls included.
        Json = "json",
        /// One object per line.
        Jsonl = "jsonl",
        /// A table for documents.
        Markdown = "markdown",
        /// Parquet with the types of the result.
        Parquet = "parquet",
    }
}

/// What a result looks like to the eye. Formats for machines ignore it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RenderOptions {
    /// Language of titles and words.
    pub lang: Lang,
    /// Columns of the terminal; `None` for no limit.
    pub width: Option<u16>,
}

/// Writes `table` in `format` to `sink`.
///
/// A table without rows still has its header (CSV, table, markdown), an empty array (JSON) or a
/// schema (Parquet). Where two columns share a name, formats for machines number the later ones:
/// `value`, `value_1`.
pub fn render(
    table: &ResultTable,
    format: Format,
    options: RenderOptions,
    sink: &mut dyn Write,
) -> Result<(), OutputError> {
    let batch = table.to_batch().map_err(OutputError::Rows)?;
    match format {
        Format::Table => terminal::write(&plain::for_text(&batch)?, options, sink),
        Format::Markdown => markdown::write(&plain::for_text(&batch)?, options.lang, sink),
        Format::Csv => csv::write(&plain::for_machines(&batch)?, sink),
        Format::Json => json::write_array(&plain::for_machines(&batch)?, sink),
        Format::Jsonl => json::write_lines(&plain::for_machines(&batch)?, sink),
        Format::Parquet => {
            let batch = plain::for_parquet(&batch)?;
            let bytes = write_parquet(&batch, &[], Vec::new()).map_err(OutputError::Parquet)?;
            sink.write_all(&bytes).map_err(OutputError::Sink)
        }
    }
}
