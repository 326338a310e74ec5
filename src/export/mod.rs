//! Datasets for other tools: a folder of files in open formats that is complete or not there at all.
//!
//! The folder of an export holds one folder for each time that something was exported, and the link `current`,
//! which moves last. A reader that follows it once has files that belong together. What a dataset holds
//! and what may leave the house is decided by who plans it ([`Dataset`], [`RowFilter`], [`hide_small_cells`],
//! [`reshape`]); here it is written, described in `manifest.json` and `views.sql`, and checked again ([`check()`]).

mod check;
mod dataset;
mod describe;
mod error;
mod file;
mod filter;
mod folder;
mod manifest;
mod mysql;
mod parquet_files;
mod plain;
mod shape;
mod sinks;
mod small_cells;
#[cfg(test)]
mod tests;
mod views;
mod workbook;
mod write;

use crate::model::text_enum;

pub use check::{CheckOutcome, check};
pub use dataset::{Column, Dataset, Reference, Rows, StoredFile};
pub use describe::{column_of, columns_of_batch, columns_of_query, columns_of_table};
pub use error::ExportError;
pub use filter::{Lacking, RowFilter};
pub use folder::{Access, CURRENT, ExportFolder, Placed};
pub use manifest::Provenance;
pub use plain::plain_batch;
pub use shape::reshape;
pub use small_cells::{Guard, hide_small_cells};
pub use write::{Order, Written, WrittenDataset, write};

text_enum! {
    /// The formats of a dataset.
    ExportFormat {
        /// Parquet.
        Parquet = "parquet",
        /// CSV for spreadsheets: with a mark of its encoding, and nothing in it that acts on them.
        Csv = "csv",
        /// CSV for programs: every text as it is.
        CsvExact = "csv-exact",
        /// Arrow IPC, also known as Feather.
        Arrow = "arrow",
        /// A workbook.
        Xlsx = "xlsx",
        /// One DuckDB file with all tables.
        DuckDb = "duckdb",
        /// SQL for databases that understand that of MySQL.
        MySql = "mysql",
    }
}

text_enum! {
    /// How rows of figures stand.
    Shape {
        /// One row for each figure.
        Long = "long",
        /// One row for each body and period, one column for each indicator.
        Wide = "wide",
        /// Facts, and the dimensions that they refer to.
        Star = "star",
    }
}

text_enum! {
    /// What the columns of files are called.
    Headers {
        /// By their names in the lake, which are English.
        En = "en",
        /// By their Chinese titles. Names of files and folders stay.
        Zh = "zh",
    }
}
