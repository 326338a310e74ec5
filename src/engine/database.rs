//! A DuckDB file of tables, for programs that open one: written here, read by DuckDB 1.0 and later.

use std::path::{Path, PathBuf};

use arrow::array::RecordBatch;
use arrow::datatypes::Schema;
use duckdb::Connection;

use crate::engine::EngineError;
use crate::engine::duckdb::{quoted_name, quoted_path, reason, sql_type};

/// The oldest DuckDB that has to read the file.
const STORAGE_VERSION: &str = "v1.0.0";

/// Threads and memory of the engine that writes: it only packs what others hand over.
const LIMITS: &str = "SET threads = 1; SET memory_limit = '256MB'; SET temp_directory = '';";

/// A DuckDB file while it is written. Its connection reads and writes that file and nothing else.
pub struct DatabaseFile {
    connection: Connection,
    path: PathBuf,
}

impl DatabaseFile {
    /// Creates the file, which must not exist.
    pub fn create(path: &Path) -> Result<Self, EngineError> {
        let connection = Connection::open_in_memory().map_err(|error| failed(path, &error))?;
        let file = Self { connection, path: path.to_owned() };
        // Where the engine keeps what is not in the file yet, and while it brings that in.
        let own = ["", ".wal", ".wal.checkpoint", ".wal.recovery"]
            .map(|end| quoted_path(&PathBuf::from(format!("{}{end}", path.display()))));
        file.execute(&format!(
            "{LIMITS}
             SET autoinstall_known_extensions = false;
             SET autoload_known_extensions = false;
             SET allow_community_extensions = false;
             SET allowed_paths = [{}];
             SET enable_external_access = false;
             ATTACH {} AS made (STORAGE_VERSION '{STORAGE_VERSION}');",
            own.join(", "),
            quoted_path(path)
        ))?;
        Ok(file)
    }

    /// Makes an empty table; its columns are of types that the lake has.
    pub fn create_table(&self, name: &str, schema: &Schema) -> Result<(), EngineError> {
        let columns: Vec<String> = schema
            .fields()
            .iter()
            .map(|field| {
                let required = if field.is_nullable() { "" } else { " NOT NULL" };
                let data_type = sql_type(field.data_type());
                format!("{} {data_type}{required}", quoted_name(field.name()))
            })
            .collect();
        let columns = columns.join(", ");
        self.execute(&format!("CREATE TABLE made.main.{} ({columns})", quoted_name(name)))
    }

    /// Adds rows to a table.
    pub fn append(&self, name: &str, batch: &RecordBatch) -> Result<(), EngineError> {
        let appended = self.connection.appender_to_catalog_and_db(name, "made", "main").and_then(
            |mut appender| {
                appender.append_record_batch(batch.clone())?;
                appender.flush()
            },
        );
        appended.map_err(|error| failed(&self.path, &error))
    }

    /// Writes everything into the one file and closes it; it is not synced yet.
    pub fn finish(self) -> Result<(), EngineError> {
        self.execute("CHECKPOINT made; DETACH made;")
    }

    fn execute(&self, sql: &str) -> Result<(), EngineError> {
        self.connection.execute_batch(sql).map_err(|error| failed(&self.path, &error))
    }
}

fn failed(path: &Path, error: &duckdb::Error) -> EngineError {
    EngineError::Database { path: path.to_owned(), reason: reason(error) }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, Int64Array, StringArray};

    use super::*;
    use crate::fsio::{list_folder, read_bytes};

    #[test]
    fn a_file_has_its_tables_and_nothing_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("it's.duckdb");
        let names: ArrayRef = Arc::new(StringArray::from(vec![Some("省公安厅"), None]));
        let counts: ArrayRef = Arc::new(Int64Array::from(vec![1, 2]));
        let rows = [("部门", names, true), ("n", counts, false)];
        let batch = RecordBatch::try_from_iter_with_nullable(rows).unwrap();
        let file = DatabaseFile::create(&path).unwrap();
        file.create_table("a\"b", &batch.schema()).unwrap();
        for _ in 0..2 {
            file.append("a\"b", &batch).unwrap();
        }
        file.finish().unwrap();
        assert_eq!(list_folder(folder.path()).unwrap(), std::slice::from_ref(&path));
        let bytes = read_bytes(&path, 1 << 20).unwrap();
        // The storage version of DuckDB 1.0 stands behind the magic word.
        assert_eq!((&bytes[8..12], bytes[12]), (&b"DUCK"[..], 64));
        assert!(DatabaseFile::create(&folder.path().join("none/a.duckdb")).is_err());
    }
}
