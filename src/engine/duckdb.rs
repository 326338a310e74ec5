//! DuckDB in memory, over named files only, with everything else switched off.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, TimeUnit};
use duckdb::types::Value;
use duckdb::{Connection, Statement, ToSql};

use crate::engine::{EngineError, EngineLimits, SumsChecked, Tables, gate, mixing};
use crate::query::{ParamValue, Query, QueryOrigin};
use crate::table::{LakeTable, ResultTable, later_columns, stored_schema_of};

/// A connection that sees the tables of one snapshot.
pub struct DuckDb {
    connection: Connection,
}

#[expect(clippy::needless_pass_by_value, reason = "it is passed to `map_err`")]
fn setup_failed(error: duckdb::Error) -> EngineError {
    EngineError::Setup { reason: reason(&error) }
}

/// Returns what DuckDB says, without the crate's words around it.
fn reason(error: &duckdb::Error) -> String {
    match error {
        duckdb::Error::DuckDBFailure(_, Some(text)) => text.clone(),
        other => other.to_string(),
    }
}

/// DuckDB while it starts, which takes about 20 ms that the caller can use otherwise.
pub struct StartingDuckDb {
    connection: JoinHandle<duckdb::Result<Connection>>,
}

impl StartingDuckDb {
    /// Waits until the engine has started and opens it over `tables`.
    ///
    /// It can read the files named there and nothing else, writes no file, loads no extension,
    /// spills nothing to disk, and its settings are locked.
    pub fn open(self, tables: &Tables, limits: &EngineLimits) -> Result<DuckDb, EngineError> {
        let started = self.connection.join();
        let connection = started.map_err(|_| EngineError::Stopped)?.map_err(setup_failed)?;
        DuckDb { connection }.over(tables, limits)
    }
}

impl DuckDb {
    /// Begins to start an engine.
    pub fn start() -> StartingDuckDb {
        StartingDuckDb { connection: thread::spawn(Connection::open_in_memory) }
    }

    /// Starts an engine and opens it over `tables`; see [`StartingDuckDb::open`].
    pub fn open(tables: &Tables, limits: &EngineLimits) -> Result<Self, EngineError> {
        Self::start().open(tables, limits)
    }

    fn over(self, tables: &Tables, limits: &EngineLimits) -> Result<Self, EngineError> {
        let engine = self;
        engine.configure(tables, limits)?;
        for (table, files) in &tables.files {
            engine.register_files(*table, files)?;
        }
        for (name, batch) in &tables.memory {
            engine.register_batch(name, batch)?;
        }
        // Before anything that somebody typed.
        engine.execute("SET lock_configuration = true")?;
        for (name, sql) in &tables.views {
            let is_own = tables.own_views.contains(name);
            let select = if is_own { engine.own_view(name, sql)? } else { sql.clone() };
            let select = select.trim_end().trim_end_matches(';');
            engine.execute(&format!("CREATE VIEW {} AS {select}", quoted_name(name)))?;
        }
        Ok(engine)
    }

    /// Returns the statement of a view of the workspace, which must be exactly one SELECT.
    fn own_view(&self, name: &str, sql: &str) -> Result<String, EngineError> {
        let checked = gate::checked_select(&self.connection, sql);
        checked.map_err(|error| EngineError::View { view: name.to_owned(), error: Box::new(error) })
    }

    fn execute(&self, sql: &str) -> Result<(), EngineError> {
        self.connection.execute_batch(sql).map_err(setup_failed)
    }

    fn configure(&self, tables: &Tables, limits: &EngineLimits) -> Result<(), EngineError> {
        if let Some(threads) = limits.threads {
            self.execute(&format!("SET threads = {threads}"))?;
        }
        if let Some(memory) = &limits.memory {
            self.execute(&format!("SET memory_limit = {}", quoted_text(memory)))?;
        }
        let files: Vec<String> = tables.all_files().map(|path| quoted_path(path)).collect();
        self.execute(&format!(
            "SET autoinstall_known_extensions = false;
             SET autoload_known_extensions = false;
             SET allow_community_extensions = false;
             SET allow_persistent_secrets = false;
             SET enable_external_file_cache = false;
             SET temp_directory = '';
             SET allowed_paths = [{}];
             SET enable_external_access = false;",
            files.join(", ")
        ))
    }

    fn register_files(&self, table: LakeTable, files: &[PathBuf]) -> Result<(), EngineError> {
        if files.is_empty() {
            return self.create_table(table.as_str(), &stored_schema_of(table));
        }
        let rows = stored_rows(table, files);
        self.execute(&format!("CREATE VIEW {} AS {rows}", quoted_name(table.as_str())))
    }

    fn create_table(
        &self,
        name: &str,
        schema: &arrow::datatypes::Schema,
    ) -> Result<(), EngineError> {
        let columns: Vec<String> = schema
            .fields()
            .iter()
            .map(|field| format!("{} {}", quoted_name(field.name()), sql_type(field.data_type())))
            .collect();
        self.execute(&format!("CREATE TABLE {} ({})", quoted_name(name), columns.join(", ")))
    }

    fn register_batch(&self, name: &str, batch: &RecordBatch) -> Result<(), EngineError> {
        self.create_table(name, &batch.schema())?;
        let mut appender = self.connection.appender(name).map_err(setup_failed)?;
        appender.append_record_batch(batch.clone()).map_err(setup_failed)?;
        appender.flush().map_err(setup_failed)
    }

    /// Returns the version of the library, as `v1.5.6`.
    pub fn version(&self) -> Result<String, EngineError> {
        self.connection.version().map_err(setup_failed)
    }

    /// Answers a named query.
    pub fn run(
        &self,
        query: &Query,
        params: &BTreeMap<String, ParamValue>,
    ) -> Result<ResultTable, EngineError> {
        let values = values_of(params);
        let named = named(&values);
        // What a workspace adds is typed by somebody, too.
        let sql = match query.origin {
            QueryOrigin::Builtin => query.sql.clone(),
            QueryOrigin::Workspace => gate::checked(&self.connection, &query.sql)?,
        };
        let answer = answer(&self.connection, &query.id, &sql, |statement| {
            statement.stream_arrow(named.as_slice()).map(drop)
        })?;
        // A test holds the built-in ones to their heads.
        if query.origin == QueryOrigin::Workspace {
            check_returns(query, &answer)?;
        }
        Ok(answer)
    }

    /// Answers a statement that the user typed: one SELECT, or EXPLAIN of one.
    pub fn run_sql(&self, sql: &str) -> Result<ResultTable, EngineError> {
        let sql = gate::checked(&self.connection, sql)?;
        answer(&self.connection, "sql", &sql, |statement| statement.stream_arrow([]).map(drop))
    }

    /// Checks the sums and averages in a statement that the user typed, which was answered already, for
    /// what they mix: figures of several indicators, spans of time or origins, rates, or figures more
    /// than once.
    ///
    /// Asks the data for `budget` at most.
    pub fn check_sums_in_sql(&self, sql: &str, budget: Duration) -> SumsChecked {
        let checked = gate::checked(&self.connection, sql);
        checked.map_or_else(
            |_| SumsChecked::default(),
            |sql| mixing::checked(&self.connection, &sql, &[], budget),
        )
    }

    /// Checks the sums in a query in the same way.
    pub fn check_sums_in(
        &self,
        query: &Query,
        params: &BTreeMap<String, ParamValue>,
        budget: Duration,
    ) -> SumsChecked {
        let values = values_of(params);
        mixing::checked(&self.connection, &query.sql, &named(&values), budget)
    }
}

/// Returns the SELECT of the rows of a lake table in `files`, of which there is one at least: in the columns
/// that the program knows, in its order.
pub fn stored_rows(table: LakeTable, files: &[PathBuf]) -> String {
    let list: Vec<String> = files.iter().map(|path| quoted_path(path)).collect();
    let list = list.join(", ");
    let schema = stored_schema_of(table);
    let columns = schema.fields().iter().map(|field| quoted_name(field.name()));
    let columns = columns.collect::<Vec<_>>().join(", ");
    let later = later_columns(table);
    if later.is_empty() {
        return format!("SELECT {columns} FROM read_parquet([{list}])");
    }
    // Null in files of earlier programs, even where no file has them.
    let nulls = later.iter().filter_map(|name| schema.field_with_name(name).ok()).map(|field| {
        let name = quoted_name(field.name());
        format!("CAST(NULL AS {}) AS {name}", sql_type(field.data_type()))
    });
    format!(
        "SELECT {columns} FROM (SELECT * FROM read_parquet([{list}], union_by_name = true)
         UNION ALL BY NAME SELECT {} WHERE false)",
        nulls.collect::<Vec<_>>().join(", ")
    )
}

/// Prepares, starts and drains a statement. The crate's iterators panic when a fetch fails, so the
/// steps are taken one by one.
pub(super) fn answer(
    connection: &Connection,
    id: &str,
    sql: &str,
    start: impl FnOnce(&mut Statement<'_>) -> duckdb::Result<()>,
) -> Result<ResultTable, EngineError> {
    let failed = |error: duckdb::Error| EngineError::Statement {
        query: id.to_owned(),
        reason: reason(&error),
    };
    let mut statement = connection.prepare(sql).map_err(failed)?;
    start(&mut statement).map_err(failed)?;
    let schema = statement.schema();
    let mut batches = Vec::new();
    while let Some(chunk) = statement.step().map_err(failed)? {
        batches.push(RecordBatch::from(&chunk));
    }
    let schema = batches.first().map_or(schema, RecordBatch::schema);
    Ok(ResultTable { schema, batches })
}

fn values_of(params: &BTreeMap<String, ParamValue>) -> Vec<(&str, Value)> {
    params.iter().map(|(name, value)| (name.as_str(), param_value(value))).collect()
}

fn named<'a>(values: &'a [(&'a str, Value)]) -> Vec<(&'a str, &'a dyn ToSql)> {
    values.iter().map(|(name, value)| (*name, value as &dyn ToSql)).collect()
}

/// Refuses an answer whose columns are not those that the head of its query promises, in its order.
fn check_returns(query: &Query, answer: &ResultTable) -> Result<(), EngineError> {
    let shown = |columns: Vec<&str>| columns.join(", ");
    let promised: Vec<&str> = query.head.returns.iter().map(|column| &*column.name).collect();
    let found: Vec<&str> = answer.schema.fields().iter().map(|field| &**field.name()).collect();
    if promised == found {
        return Ok(());
    }
    Err(EngineError::ReturnsDiffer {
        query: query.id.clone(),
        promised: shown(promised),
        found: shown(found),
    })
}

fn param_value(value: &ParamValue) -> Value {
    match value {
        ParamValue::Null(_) => Value::Null,
        ParamValue::Text(text) => Value::Text(text.clone()),
        ParamValue::Int(number) => Value::BigInt(*number),
        ParamValue::Double(number) => Value::Double(*number),
        ParamValue::Date(date) => Value::Text(date.to_string()),
        ParamValue::Bool(flag) => Value::Boolean(*flag),
    }
}

/// DuckDB's type of a column that the lake or the reference data has.
fn sql_type(data_type: &DataType) -> &'static str {
    match data_type {
        DataType::Int32 => "INTEGER",
        DataType::Int64 => "BIGINT",
        DataType::Float64 => "DOUBLE",
        DataType::Boolean => "BOOLEAN",
        DataType::Date32 => "DATE",
        DataType::Timestamp(TimeUnit::Microsecond, None) => "TIMESTAMP",
        _ => "VARCHAR",
    }
}

fn quoted_name(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn quoted_text(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

fn quoted_path(path: &Path) -> String {
    quoted_text(&path.to_string_lossy())
}
