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

/// Returns the statement to run; refuses a text that is not exactly one SELECT statement, or EXPLAIN
/// of one.
///
/// What runs is what the parser has judged, never the text around it: comments are cut here in a
/// simpler way than DuckDB has it, so that a text could read as EXPLAIN here and as COPY there.
/// Names of functions are not judged: the settings of the connection keep them off files.
pub(super) fn checked(connection: &Connection, sql: &str) -> Result<String, EngineError> {
    let (explain, inner) = split_explain(sql);
    Ok(format!("{explain}{}", checked_select(connection, inner)?))
}

/// Returns the statement to run; refuses a text that is not exactly one SELECT statement.
pub(super) fn checked_select(connection: &Connection, inner: &str) -> Result<String, EngineError> {
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
        Parsed { error: false, statements, .. } if statements.len() == 1 => Ok(inner.to_owned()),
        Parsed { error: false, statements, .. } => {
            Err(EngineError::NotASelect { n_statements: statements.len() })
        }
        Parsed { error_type: Some(kind), error_message, .. } if kind == "parser" => {
            Err(EngineError::Syntax { reason: error_message.unwrap_or_default() })
        }
        _ => Err(EngineError::NotASelect { n_statements: 1 }),
    }
}

/// Returns what is asked of a statement, `EXPLAIN`, `EXPLAIN ANALYZE` or nothing, and the statement.
fn split_explain(sql: &str) -> (&'static str, &str) {
    let Some(inner) = strip_word(skip_comments(sql), "EXPLAIN") else { return ("", sql) };
    match strip_word(inner, "ANALYZE") {
        Some(analysed) => ("EXPLAIN ANALYZE ", analysed),
        None => ("EXPLAIN ", inner),
    }
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
        let shown = match checked(&connection, sql) {
            Ok(_) => "passes",
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
            assert!(checked(&connection, sql).is_err(), "{sql}");
        }
        // Where comments end is DuckDB's to say: what runs is what was judged.
        let connection = Connection::open_in_memory().unwrap();
        for (sql, runs) in [
            (
                "/* /* */ EXPLAIN SELECT 1 -- */ COPY (SELECT 1) TO 'x.csv'",
                Some("EXPLAIN SELECT 1 -- */ COPY (SELECT 1) TO 'x.csv'"),
            ),
            ("-- x\rCOPY (SELECT 1) TO 'x.csv' ;--\nEXPLAIN SELECT 1", Some("EXPLAIN SELECT 1")),
        ] {
            assert_eq!(checked(&connection, sql).ok().as_deref(), runs, "{sql}");
        }
        check_sql("SELECT 1; SELECT 2", "several");
        check_sql("SELEC 1", "syntax");
        check_sql(" ; ", "nothing");
    }
}
