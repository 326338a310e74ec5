//! Asks DuckDB about a statement and the data that it reads, for a limited time.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::Scope;
use std::time::Duration;

use arrow::array::{AsArray, RecordBatch};
use arrow::datatypes::{Int32Type, Int64Type};
use duckdb::{Connection, ToSql};
use serde_json::Value;

use crate::engine::duckdb::answer;

/// Between two calls to end what is still going on.
const AGAIN: Duration = Duration::from_millis(20);

/// What a sum mixes, as the data say it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Answer {
    /// Position of the sum in its probe.
    pub(super) sum_no: usize,
    /// What is mixed, as the statement names it.
    pub(super) kind: String,
    pub(super) n_items: i64,
    pub(super) names: String,
}

/// Why nothing was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unanswered {
    /// It took too long.
    TooLong,
    /// It cannot be asked like that.
    Failed,
}

/// What a statement is about.
pub(super) struct Data<'a> {
    pub(super) connection: &'a Connection,
    /// Values of the parameters of the statement.
    pub(super) params: &'a [(&'a str, &'a dyn ToSql)],
}

impl Data<'_> {
    /// Returns the parser's tree of a statement; `None` where it has none, or one that is too deep.
    pub(super) fn tree(&self, sql: &str) -> Option<Value> {
        let text =
            self.one("SELECT CAST(json_serialize_sql(CAST(? AS VARCHAR)) AS VARCHAR)", sql)?;
        serde_json::from_str(&text).ok()
    }

    /// Returns the text of a tree.
    pub(super) fn text(&self, tree: &Value) -> Option<String> {
        self.one("SELECT json_deserialize_sql(CAST(? AS JSON))", &tree.to_string())
    }

    /// Returns the columns of a table or view, in order; `None` where there is none of that name.
    pub(super) fn columns(&self, relation: &str) -> Option<Vec<String>> {
        let quoted = relation.replace('"', "\"\"");
        let names = self.one(
            "SELECT CAST(to_json(list(name ORDER BY cid)) AS VARCHAR) FROM pragma_table_info(?)",
            &format!("\"{quoted}\""),
        )?;
        serde_json::from_str(&names).ok()
    }

    fn one(&self, sql: &str, value: &str) -> Option<String> {
        self.connection.query_row(sql, [value], |row| row.get(0)).ok()
    }

    /// Answers a statement with columns `sum_no`, `kind`, `n_items` and `names`, in which the parameters
    /// `named` stand, as long as there is time.
    pub(super) fn answer(
        &self,
        sql: &str,
        named: &[String],
        watch: &Watch,
    ) -> Result<Vec<Answer>, Unanswered> {
        if watch.is_over() {
            return Err(Unanswered::TooLong);
        }
        let is_named = |(name, _): &&(&str, &dyn ToSql)| named.iter().any(|one| one == name);
        let params: Vec<_> = self.params.iter().filter(is_named).copied().collect();
        let answer = answer(self.connection, "sql", sql, |statement| {
            statement.stream_arrow(params.as_slice()).map(drop)
        });
        let table = answer.map_err(|_| watch.unanswered())?;
        Ok(table.batches.iter().filter_map(answers_of).flatten().collect())
    }
}

/// Ends what a connection does when the time is over.
pub(super) struct Watch {
    is_over: Arc<AtomicBool>,
    /// Ends the watch when it is dropped.
    _done: Sender<()>,
}

impl Watch {
    /// Begins to watch over a connection, until it is dropped, on a thread that `scope` waits for.
    pub(super) fn start<'scope>(
        scope: &'scope Scope<'scope, '_>,
        connection: &Connection,
        budget: Duration,
    ) -> Self {
        let handle = connection.interrupt_handle();
        let (done, waiting) = channel();
        let is_over = Arc::new(AtomicBool::new(budget.is_zero()));
        let said = Arc::clone(&is_over);
        scope.spawn(move || {
            let mut wait = budget;
            // Again and again: what begins in the very moment would not hear of it.
            while waiting.recv_timeout(wait) == Err(RecvTimeoutError::Timeout) {
                said.store(true, Ordering::SeqCst);
                handle.interrupt();
                wait = AGAIN;
            }
        });
        Self { is_over, _done: done }
    }

    /// Returns why something was not answered.
    pub(super) fn unanswered(&self) -> Unanswered {
        if self.is_over() { Unanswered::TooLong } else { Unanswered::Failed }
    }

    fn is_over(&self) -> bool {
        self.is_over.load(Ordering::SeqCst)
    }
}

fn answers_of(batch: &RecordBatch) -> Option<Vec<Answer>> {
    let sums = batch.column_by_name("sum_no")?.as_primitive_opt::<Int32Type>()?;
    let kinds = batch.column_by_name("kind")?.as_string_opt::<i32>()?;
    let counts = batch.column_by_name("n_items")?.as_primitive_opt::<Int64Type>()?;
    let names = batch.column_by_name("names")?.as_string_opt::<i32>()?;
    let row = |idx: usize| {
        Some(Answer {
            sum_no: usize::try_from(sums.value(idx)).ok()?,
            kind: kinds.value(idx).to_owned(),
            n_items: counts.value(idx),
            names: names.value(idx).to_owned(),
        })
    };
    Some((0..batch.num_rows()).filter_map(row).collect())
}
