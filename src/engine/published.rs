//! Leaves in a snapshot's tables only what was published, before anything reads them.
//!
//! A view or a question that is built on the tables then cannot show anything else, whatever it adds up.

use crate::engine::duckdb::{quoted_name, stored_rows};
use crate::engine::{DuckDb, EngineError, Tables};
use crate::table::LakeTable;

/// What makes a figure a published one.
const IS_PUBLISHED: &str = "origin = 'published' AND release = 'published'";
/// The table of batches all of whose figures are published, by which other tables are judged.
const PUBLISHED_BATCHES: &str = "published_batches";
/// Rows about a batch are shown where the batch is.
const IS_OF_PUBLISHED: &str = "batch IN (SELECT batch FROM published_batches)";

/// The tables with figures of documents, and with rows about batches; `observations` has to be read
/// where one of the others is.
pub const RESTRICTED_TABLES: [&str; 5] =
    ["observations", "batch_files", "batches", "findings", "totals"];

impl DuckDb {
    /// Leaves only published rows in those of the restricted tables that are there.
    pub(super) fn keep_published(&self, tables: &Tables) -> Result<(), EngineError> {
        let is_there = |name: &str| {
            let is_file = tables.files.keys().any(|table| table.as_str() == name);
            is_file || tables.memory.contains_key(name)
        };
        if !RESTRICTED_TABLES.into_iter().any(is_there) {
            return Ok(());
        }
        // Batches without figures, as those of records, are none of them.
        self.execute(&format!(
            "CREATE TABLE {PUBLISHED_BATCHES} AS
             SELECT batch FROM observations GROUP BY batch HAVING bool_and({IS_PUBLISHED})"
        ))?;
        for name in RESTRICTED_TABLES.into_iter().filter(|name| is_there(name)) {
            let condition = if name == LakeTable::Observations.as_str() {
                IS_PUBLISHED
            } else {
                IS_OF_PUBLISHED
            };
            let of_files = tables.files.iter().find(|(table, _)| table.as_str() == name);
            match of_files.filter(|(_, files)| !files.is_empty()) {
                Some((table, files)) => self.execute(&format!(
                    "CREATE OR REPLACE VIEW {} AS SELECT * FROM ({}) WHERE {condition}",
                    quoted_name(name),
                    stored_rows(*table, files)
                ))?,
                None => self.execute(&format!(
                    "DELETE FROM {} WHERE NOT coalesce({condition}, false)",
                    quoted_name(name)
                ))?,
            }
        }
        Ok(())
    }
}
