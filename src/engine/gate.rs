//! Lets exactly one SELECT through, decided by DuckDB's own parser.

use duckdb::Connection;
use serde::Deserialize;

use crate::engine::EngineError;

/// What `json_serialize_sql` answers.
#[derive(Debug, Deserialize)]
struct Parsed {
    error: bool,
    error_type: Option<String>,
    error_message: Option<String>,
    #[serde(default)]
    statements: Vec<serde_json::Value>,
}

/// Refuses a text that is not exactly one SELECT statement, or EXPLAIN of one.
///
/// Names of functions are not judged here: the settings of the connection keep them off files.
pub(super) fn check(connection: &Connection, sql: &str) -> Result<(), EngineError> {
    let inner = unwrap_explain(sql);
    if inner.chars().all(|c| c.is_whitespace() || c == ';') {
        return Err(EngineError::NotASelect { n_statements: 0 });
    }
    let setup = |error: duckdb::Error| EngineError::Setup { reason: error.to_string() };
    let text: String = connection
        .query_row(
            "SELECT CAST(json_serialize_sql(CAST(? AS VARCHAR)) AS VARCHAR)",
            [inner],
            |row| row.get(0),
        )
        .map_err(setup)?;
    let parsed: Parsed = serde_json::from_str(&text)
        .map_err(|error| EngineError::Setup { reason: error.to_string() })?;
    match parsed {
        Parsed { error: false, statements, .. } if statements.len() == 1 => Ok(()),
        Parsed { error: false, statements, .. } => {
            Err(EngineError::NotASelect { n_statements: statements.len() })
        }
        Parsed { error_type: Some(kind), error_message, .. } if kind == "parser" => {
            Err(EngineError::Syntax { reason: error_message.unwrap_or_default() })
        }
        _ => Err(EngineError::NotASelect { n_statements: 1 }),
    }
}

/// Returns the statement inside `EXPLAIN [ANALYZE]`; any other text as it is.
fn unwrap_explain(sql: &str) -> &str {
    let rest = skip_comments(sql);
    let Some(inner) = strip_word(rest, "EXPLAIN") else { return sql };
    strip_word(inner, "ANALYZE").unwrap_or(inner)
}

fn strip_word<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let (head, tail) = text.split_at_checked(word.len())?;
    let is_word = head.eq_ignore_ascii_case(word) && tail.starts_with(char::is_whitespace);
    is_word.then(|| skip_comments(tail))
}

fn skip_comments(text: &str) -> &str {
    let mut rest = text.trim_start();
    loop {
        let after = if let Some(line) = rest.strip_prefix("--") {
            line.split_once('\n').map_or("", |(_, after)| after)
        } else if let Some(block) = rest.strip_prefix("/*") {
            block.split_once("*/").map_or("", |(_, after)| after)
        } else {
            return rest;
        };
        rest = after.trim_start();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_sql(sql: &str, expected: &str) {
        let connection = Connection::open_in_memory().unwrap();
        let shown = match check(&connection, sql) {
            Ok(()) => "passes",
            Err(EngineError::NotASelect { n_statements: 1 }) => "no select",
            Err(EngineError::NotASelect { n_statements: 0 }) => "nothing",
            Err(EngineError::NotASelect { .. }) => "several",
            Err(EngineError::Syntax { .. }) => "syntax",
            Err(other) => panic!("{other}"),
        };
        assert_eq!(shown, expected, "{sql}");
    }

    #[test]
    fn one_select_passes_in_all_its_forms() {
        for sql in [
            "SELECT 1",
            " -- a comment\nselect 1;",
            "WITH a AS (SELECT 1 AS x) SELECT x FROM a",
            "FROM range(3)",
            "VALUES (1), (2)",
            "EXPLAIN SELECT 1",
            "/* why */ explain analyze SELECT 1",
            "SELECT ';' AS a",
        ] {
            check_sql(sql, "passes");
        }
    }

    #[test]
    fn everything_else_is_refused() {
        for sql in [
            "COPY (SELECT 1) TO 'x.csv'",
            "ATTACH 'x.db'",
            "SET threads = 1",
            "CALL enable_logging()",
            "CREATE TABLE t AS SELECT 1",
            "INSERT INTO t VALUES (1)",
            "EXPLAIN COPY (SELECT 1) TO 'x.csv'",
            "EXPLAIN ANALYZE CREATE TABLE t AS SELECT 1",
            "WITH m AS (INSERT INTO t VALUES (1) RETURNING 1) SELECT 1",
            "INSTALL httpfs",
            "PRAGMA version",
        ] {
            let connection = Connection::open_in_memory().unwrap();
            assert!(check(&connection, sql).is_err(), "{sql}");
        }
        check_sql("SELECT 1; SELECT 2", "several");
        check_sql("SELEC 1", "syntax");
        check_sql(" ; ", "nothing");
    }
}
