//! DuckDB and Polars over the tables of one snapshot.
//!
//! Types of either engine do not leave this module, except lazy frames for `analysis`: answers
//! travel as [`ResultTable`](crate::table::ResultTable).

mod database;
mod duckdb;
mod error;
mod gate;
mod mixing;
mod narrowed;
mod polars;
mod published;
mod tables;

use crate::model::text_enum;

pub use database::DatabaseFile;
pub use duckdb::{
    DuckDb, ReadyDuckDb, StartingDuckDb, duckdb_version, quoted_name, quoted_text, sql_type,
    stored_rows,
};
pub use error::EngineError;
pub use gate::Relations;
pub use mixing::{CHECK_TABLES, SumsChecked};
pub use narrowed::AskedPeriods;
pub use polars::{POLARS_VERSION, Polars};
pub use published::RESTRICTED_TABLES;
pub use tables::{RESOLVED_TABLES, Tables, resolved_tables, table_names};

text_enum! {
    /// An engine that can answer queries.
    EngineKind {
        /// DuckDB, which answers every query.
        DuckDb = "duckdb",
        /// Polars, which answers those that have a twin.
        Polars = "polars",
    }
}

/// What an engine may use.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EngineLimits {
    /// Threads; `None` for one per core.
    pub threads: Option<u16>,
    /// Memory for DuckDB's operators, as `2GB`; `None` for its default of 80 % of the machine.
    pub memory: Option<String>,
}
