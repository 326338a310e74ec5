//! DuckDB in memory, over named files only, with everything else switched off.

use std::collections::{BTreeMap, BTreeSet};
use std::mem;
use std::path::{Path, PathBuf};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, Schema, SchemaRef, TimeUnit};
use duckdb::types::Value;
use duckdb::{Config, Connection, Statement, ToSql};

use crate::engine::gate::{self, Relations};
use crate::engine::{EngineError, EngineLimits, SumsChecked, Tables, mixing};
use crate::query::{ParamValue, Query, QueryOrigin};
use crate::table::{LakeTable, ResultTable, later_columns, stored_schema_of};

/// What answers over small tables in memory: a second thread costs more there than it does (7 to 20 % less
/// processor time without it, five questions over one notice and counts of records, two cores, 2026-11).
const ONE_THREAD: Option<u16> = Some(1);

/// A connection that sees the tables of one snapshot.
pub struct DuckDb {
    pub(super) connection: Connection,
    /// Names of the tables and views that are there.
    known: BTreeSet<String>,
    /// Whether figures of periods were left out that were not asked for.
    is_narrowed: bool,
}

#[expect(clippy::needless_pass_by_value, reason = "it is passed to `map_err`")]
fn setup_failed(error: duckdb::Error) -> EngineError {
    EngineError::Setup { reason: reason(&error) }
}

/// Returns what DuckDB says, without the crate's words around it.
pub(super) fn reason(error: &duckdb::Error) -> String {
    match error {
        duckdb::Error::DuckDBFailure(_, Some(text)) => text.clone(),
        other => other.to_string(),
    }
}

/// DuckDB while it starts, which takes about 20 ms that the caller can use otherwise.
pub struct StartingDuckDb {
    connection: JoinHandle<duckdb::Result<Connection>>,
}

/// Starts an engine over nothing, and returns the version of the library, as `v1.5.6`.
pub fn duckdb_version() -> Result<String, EngineError> {
    let connection = Connection::open_in_memory().map_err(setup_failed)?;
    connection.version().map_err(setup_failed)
}

impl StartingDuckDb {
    /// Waits until the engine has started.
    pub fn ready(self) -> Result<ReadyDuckDb, EngineError> {
        let started = self.connection.join();
        let connection = started.map_err(|_| EngineError::Stopped)?.map_err(setup_failed)?;
        Ok(ReadyDuckDb { connection })
    }

    /// Waits until the engine has started and opens it over `tables`; see [`ReadyDuckDb::open`].
    pub fn open(self, tables: &Tables, limits: &EngineLimits) -> Result<DuckDb, EngineError> {
        self.ready()?.open(tables, limits)
    }
}

/// DuckDB before it has any table.
pub struct ReadyDuckDb {
    connection: Connection,
}

impl ReadyDuckDb {
    /// Returns what a statement that the user typed may read. Nothing of it runs.
    pub fn relations_in(&self, sql: &str) -> Result<Relations, EngineError> {
        let mut relations = gate::relations(&self.connection, sql)?;
        // What sums mix is asked of the data as well.
        if let Relations::Named { names, .. } = &mut relations
            && mixing::may_ask_about(sql)
        {
            names.extend(mixing::CHECK_TABLES.map(str::to_owned));
        }
        Ok(relations)
    }

    /// Opens the engine over `tables`.
    ///
    /// It can read the files named there and nothing else, writes no file, loads no extension,
    /// spills nothing to disk, and its settings are locked.
    pub fn open(self, tables: &Tables, limits: &EngineLimits) -> Result<DuckDb, EngineError> {
        let known = BTreeSet::new();
        DuckDb { connection: self.connection, known, is_narrowed: false }.over(tables, limits)
    }
}

/// Starts an engine that loads nothing. What is the same for every snapshot is set here, because a setting
/// takes a statement later.
fn start() -> duckdb::Result<Connection> {
    let config = Config::default()
        .enable_autoload_extension(false)?
        .with("autoinstall_known_extensions", "false")?
        .with("allow_community_extensions", "false")?
        .with("allow_persistent_secrets", "false")?
        .with("enable_external_file_cache", "false")?
        .with("temp_directory", "")?;
    Connection::open_in_memory_with_flags(config)
}

impl DuckDb {
    /// Begins to start an engine.
    pub fn start() -> StartingDuckDb {
        StartingDuckDb { connection: thread::spawn(start) }
    }

    /// Starts an engine and opens it over `tables`; see [`ReadyDuckDb::open`].
    pub fn open(tables: &Tables, limits: &EngineLimits) -> Result<Self, EngineError> {
        Self::start().open(tables, limits)
    }

    fn over(mut self, tables: &Tables, limits: &EngineLimits) -> Result<Self, EngineError> {
        // Before anything that somebody typed.
        self.configure(tables, limits)?;
        self.register(tables)?;
        Ok(self)
    }

    /// Adds the tables and views of `tables` that are not there yet. Tells `false`, and adds nothing, where one
    /// of them stands in files, which an engine may read only where it was opened over them, and where figures
    /// of other periods were left out.
    pub fn add(&mut self, tables: &Tables) -> Result<bool, EngineError> {
        let is_read = |(table, files): (&LakeTable, &Vec<PathBuf>)| {
            files.is_empty() || self.known.contains(table.as_str())
        };
        let can_be = !self.is_narrowed && tables.files.iter().all(is_read);
        if can_be {
            self.register(tables)?;
        }
        Ok(can_be)
    }

    /// Whether it sees figures of some periods only, those that its question can be about.
    pub fn is_narrowed(&self) -> bool {
        self.is_narrowed
    }

    fn register(&mut self, tables: &Tables) -> Result<(), EngineError> {
        let known = &self.known;
        let files = || tables.files.iter().filter(|(table, _)| !known.contains(table.as_str()));
        let memory = || tables.memory.iter().filter(|(name, _)| !known.contains(*name));
        let without_files = files().filter(|(_, files)| files.is_empty());
        let empty = without_files.map(|(table, _)| (table.as_str(), stored_schema_of(*table)));
        let small = memory().map(|(name, batch)| (name.as_str(), batch.schema()));
        let sql: String =
            empty.chain(small).map(|(name, schema)| table_of(name, &schema)).collect();
        if !sql.is_empty() {
            self.execute(&sql)?;
        }
        for (table, files) in files().filter(|(_, files)| !files.is_empty()) {
            let rows = stored_rows(*table, files);
            self.execute(&format!("CREATE VIEW {} AS {rows}", quoted_name(table.as_str())))?;
        }
        let observations = LakeTable::Observations.as_str();
        let is_new = !known.contains(observations);
        let narrowed = if is_new { tables.narrowed_rows() } else { None };
        for (name, batch) in memory() {
            let rows = narrowed.as_ref().filter(|_| name == observations).unwrap_or(batch);
            if rows.num_rows() > 0 {
                self.fill(name, rows)?;
            }
        }
        if tables.is_published_only {
            self.keep_published(tables)?;
        }
        let is_narrowed = narrowed.is_some() || (is_new && self.narrow_files(tables)?);
        for (name, sql) in tables.views.iter().filter(|(name, _)| !known.contains(name)) {
            let is_own = tables.own_views.contains(name);
            let select = if is_own { self.own_view(name, sql)? } else { sql.clone() };
            let select = select.trim_end().trim_end_matches(';');
            self.execute(&format!("CREATE VIEW {} AS {select}", quoted_name(name)))?;
        }
        let stored = tables.files.keys().map(|table| table.as_str());
        let others = tables.memory.keys().chain(tables.views.iter().map(|(name, _)| name));
        let names = stored.chain(others.map(String::as_str)).map(str::to_owned);
        self.known.extend(names.collect::<Vec<_>>());
        self.is_narrowed |= is_narrowed;
        Ok(())
    }

    /// Returns the statement of a view of the workspace, which must be exactly one SELECT.
    fn own_view(&self, name: &str, sql: &str) -> Result<String, EngineError> {
        let checked = gate::checked_select(&self.connection, sql);
        checked.map_err(|error| EngineError::View { view: name.to_owned(), error: Box::new(error) })
    }

    pub(super) fn execute(&self, sql: &str) -> Result<(), EngineError> {
        self.connection.execute_batch(sql).map_err(setup_failed)
    }

    fn configure(&self, tables: &Tables, limits: &EngineLimits) -> Result<(), EngineError> {
        let mut sql = String::new();
        let has_files = tables.all_files().next().is_some();
        if let Some(threads) = limits.threads.or(if has_files { None } else { ONE_THREAD }) {
            sql.push_str(&format!("SET threads = {threads};"));
        }
        if let Some(memory) = &limits.memory {
            sql.push_str(&format!("SET memory_limit = {};", quoted_text(memory)));
        }
        if has_files {
            // A statement opens the same files for every scan, and files of a lake never change.
            sql.push_str("SET parquet_metadata_cache = true;");
        }
        let files: Vec<String> = tables.all_files().map(|path| quoted_path(path)).collect();
        sql.push_str(&format!(
            "SET allowed_paths = [{}]; SET enable_external_access = false;
             SET lock_configuration = true;",
            files.join(", ")
        ));
        self.execute(&sql)
    }

    fn fill(&self, name: &str, batch: &RecordBatch) -> Result<(), EngineError> {
        let mut appender = self.connection.appender(name).map_err(setup_failed)?;
        appender.append_record_batch(batch.clone()).map_err(setup_failed)?;
        appender.flush().map_err(setup_failed)
    }

    /// Leaves the engine to the end of the process, which frees all that it holds at once. For a command
    /// that has given its answer: to close the engine takes 5 ms, and nothing of it is kept.
    pub fn leave(self) {
        mem::forget(self);
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

    /// Hands the rows of a table or view to `take`, a few thousand at a time, up to its first error: in the
    /// order of the named columns, else in that in which they are stored.
    ///
    /// The rows are never in memory as a whole, unless they have to be put in order.
    pub fn scan<E: From<EngineError>>(
        &self,
        name: &str,
        order: &[String],
        mut take: impl FnMut(RecordBatch) -> Result<(), E>,
    ) -> Result<SchemaRef, E> {
        let failed = |error: duckdb::Error| EngineError::Statement {
            query: name.to_owned(),
            reason: reason(&error),
        };
        let columns = order.iter().map(|column| format!("{} NULLS LAST", quoted_name(column)));
        let columns = columns.collect::<Vec<_>>().join(", ");
        let order = if columns.is_empty() { columns } else { format!(" ORDER BY {columns}") };
        let sql = format!("SELECT * FROM {}{order}", quoted_name(name));
        let mut statement = self.connection.prepare(&sql).map_err(failed)?;
        statement.stream_arrow([]).map(drop).map_err(failed)?;
        let schema = statement.schema();
        while let Some(chunk) = statement.step().map_err(failed)? {
            take(RecordBatch::from(&chunk))?;
        }
        Ok(schema)
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

/// Returns the statement that makes a table.
fn table_of(name: &str, schema: &Schema) -> String {
    let columns = schema.fields().iter();
    let columns: Vec<String> = columns
        .map(|field| format!("{} {}", quoted_name(field.name()), sql_type(field.data_type())))
        .collect();
    format!("CREATE TABLE {} ({});", quoted_name(name), columns.join(", "))
}

/// DuckDB's type of a column that the lake or the reference data has.
pub fn sql_type(data_type: &DataType) -> &'static str {
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

/// A name in SQL, whatever characters are in it.
pub fn quoted_name(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A text in SQL.
pub fn quoted_text(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

pub(super) fn quoted_path(path: &Path) -> String {
    quoted_text(&path.to_string_lossy())
}
