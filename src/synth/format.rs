//! How rows are written: separated values, JSON lines, cells of a sheet, or columns.

use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringBuilder};
use arrow::datatypes::{DataType, Field, Schema};

use crate::model::text_enum;
use crate::source::{Encoding, encoded};
use crate::synth::row::Row;
use crate::synth::workbook::push_cells;

text_enum! {
    /// Format of the files.
    SynthFormat {
        /// Values separated by commas.
        Csv = "csv",
        /// Values separated by tabs.
        Tsv = "tsv",
        /// A JSON object a line.
        Jsonl = "jsonl",
        /// A workbook with one sheet, all cells text.
        Xlsx = "xlsx",
        /// Apache Parquet, all columns text.
        Parquet = "parquet",
    }
}

impl SynthFormat {
    /// Returns the number of the first record among the rows of a file: a line of names is row 1.
    pub(super) fn first_row(self) -> u64 {
        match self {
            Self::Csv | Self::Tsv | Self::Xlsx => 2,
            Self::Jsonl | Self::Parquet => 1,
        }
    }
}

/// Rows in the form in which they are written.
#[derive(Debug)]
pub(super) enum Rows {
    /// Text, a row a line.
    Text {
        /// The lines.
        text: String,
        /// Their format.
        format: SynthFormat,
    },
    /// Columns of text.
    Columns(Vec<StringBuilder>),
}

impl Rows {
    /// Returns no rows of a format.
    pub(super) fn new(format: SynthFormat, n_columns: usize) -> Self {
        if format == SynthFormat::Parquet {
            return Self::Columns((0..n_columns).map(|_| StringBuilder::new()).collect());
        }
        Self::Text { text: String::new(), format }
    }

    /// Returns them as they are written.
    pub(super) fn chunk(self, header: &[&str], encoding: Encoding) -> Chunk {
        let columns = match self {
            Self::Text { text, .. } => return Chunk::Bytes(encoded(text, encoding)),
            Self::Columns(columns) => columns,
        };
        let fields = header.iter().map(|name| Field::new(*name, DataType::Utf8, true));
        let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
        let arrays = columns.into_iter().map(|mut column| Arc::new(column.finish()) as ArrayRef);
        let batch = RecordBatch::try_new(schema, arrays.collect());
        Chunk::Batch(batch.expect("a column for each name, filled row by row"))
    }

    /// Adds a row.
    pub(super) fn push(&mut self, row: &Row, header: &[&str], source_row: u64) {
        match self {
            Self::Columns(columns) => {
                for (column, field) in columns.iter_mut().zip(row.fields()) {
                    // A table of an office has no blank texts where it has nothing.
                    column.append_option((!field.is_empty()).then_some(field));
                }
            }
            Self::Text { text, format: SynthFormat::Xlsx } => {
                push_cells(text, row.fields(), source_row);
            }
            Self::Text { text, format } => push_line(text, *format, row.fields(), header),
        }
    }
}

/// Rows as they are written.
#[derive(Debug)]
pub(super) enum Chunk {
    /// Bytes of text in the encoding of the file.
    Bytes(Vec<u8>),
    /// Columns.
    Batch(RecordBatch),
}

impl Chunk {
    /// Returns about how many bytes it is.
    pub(super) fn size_bytes(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::Batch(batch) => batch.get_array_memory_size() as u64,
        }
    }
}

/// Returns the line of column names, in the formats that have one.
pub(super) fn header_line(format: SynthFormat, header: &[&str]) -> String {
    let mut text = String::new();
    match format {
        SynthFormat::Csv | SynthFormat::Tsv => {
            push_line(&mut text, format, header.iter().copied(), header);
        }
        SynthFormat::Xlsx => push_cells(&mut text, header.iter().copied(), 1),
        SynthFormat::Jsonl | SynthFormat::Parquet => {}
    }
    text
}

fn push_line<'a>(
    text: &mut String,
    format: SynthFormat,
    fields: impl Iterator<Item = &'a str>,
    header: &[&str],
) {
    match format {
        SynthFormat::Jsonl => {
            push_object(text, fields, header);
            text.push('\n');
        }
        SynthFormat::Csv | SynthFormat::Tsv | SynthFormat::Xlsx | SynthFormat::Parquet => {
            let separator = if format == SynthFormat::Tsv { '\t' } else { ',' };
            for (idx, field) in fields.enumerate() {
                if idx > 0 {
                    text.push(separator);
                }
                push_value(text, field);
            }
            text.push('\n');
        }
    }
}

/// Appends a value, in quotation marks where it needs them.
fn push_value(text: &mut String, field: &str) {
    let needs_marks = field.bytes().any(|b| matches!(b, b',' | b'"' | b'\t' | b'\n' | b'\r'));
    if needs_marks {
        text.push('"');
        text.push_str(&field.replace('"', "\"\""));
        text.push('"');
    } else {
        text.push_str(field);
    }
}

fn push_object<'a>(text: &mut String, fields: impl Iterator<Item = &'a str>, header: &[&str]) {
    text.push('{');
    for (idx, (name, field)) in header.iter().zip(fields).enumerate() {
        if idx > 0 {
            text.push(',');
        }
        // Neither names nor values have marks or control characters that JSON would escape.
        text.push('"');
        text.push_str(name);
        text.push_str("\":");
        if field.is_empty() {
            text.push_str("null");
        } else {
            text.push('"');
            text.push_str(field);
            text.push('"');
        }
    }
    text.push('}');
}

/// Returns the mark with which a file in an encoding begins.
pub(super) fn mark_of(encoding: Encoding) -> &'static [u8] {
    match encoding {
        Encoding::Utf16Le => b"\xFF\xFE",
        Encoding::Utf16Be => b"\xFE\xFF",
        Encoding::Utf8 | Encoding::Gb18030 => b"",
    }
}
