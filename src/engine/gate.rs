//! Lets exactly one SELECT through that reads and does nothing else, decided by DuckDB's own parser.

use std::collections::BTreeSet;

use duckdb::Connection;
use serde::Deserialize;

use crate::engine::EngineError;

/// What is asked of the parser about a statement. The tree stays in DuckDB: a long sum is nested deeper
/// than the reader of JSON here goes.
const ASK: &str = "
    WITH parsed AS (SELECT json_serialize_sql(CAST(? AS VARCHAR)) AS tree)
    SELECT CAST(
        json_object(
            'error', json_extract(tree, '$.error'),
            'error_type', json_extract(tree, '$.error_type'),
            'error_message', json_extract(tree, '$.error_message'),
            'n_statements', coalesce(json_array_length(tree, '$.statements'), 0),
            'relations', json_extract_string(tree, '$..table_name'),
            'own_relations', json_extract_string(tree, '$..cte_map.map[*].key'),
            'row_functions', json_extract_string(tree, '$..function.function_name'),
            'functions', json_extract_string(tree, '$..function_name')
        ) AS VARCHAR
    )
    FROM parsed";

/// What the parser says about a statement.
#[derive(Debug, Deserialize)]
struct Parsed {
    error: bool,
    error_type: Option<String>,
    error_message: Option<String>,
    n_statements: usize,
    /// What is named where rows come from.
    relations: Vec<String>,
    /// Names that the statement gives in WITH.
    own_relations: Vec<String>,
    /// Functions that stand where a table stands.
    row_functions: Vec<String>,
    /// All functions, those included.
    functions: Vec<String>,
}

/// The functions that may stand where a table stands: they make rows of their arguments, of the
/// snapshot's Parquet files, or of what the engine knows about itself.
///
/// A list of what is allowed, because others write log files (`enable_logging`), change the session in
/// spite of locked settings (`enable_profiling`, `force_checkpoint`) or run a text that was not judged
/// (`query`), and a newer DuckDB brings more.
const ROW_FUNCTIONS: [&str; 28] = [
    "duckdb_columns",
    "duckdb_constraints",
    "duckdb_databases",
    "duckdb_functions",
    "duckdb_keywords",
    "duckdb_memory",
    "duckdb_schemas",
    "duckdb_settings",
    "duckdb_tables",
    "duckdb_types",
    "duckdb_views",
    "generate_series",
    "histogram",
    "histogram_values",
    "json_each",
    "json_tree",
    "parquet_file_metadata",
    "parquet_kv_metadata",
    "parquet_metadata",
    "parquet_scan",
    "parquet_schema",
    "pragma_show",
    "pragma_table_info",
    "pragma_version",
    "range",
    "read_parquet",
    "repeat",
    "unnest",
];

/// Those of them whose rows come from their arguments alone.
const OF_ARGUMENTS: [&str; 6] =
    ["generate_series", "json_each", "json_tree", "range", "repeat", "unnest"];

/// What a statement may read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Relations {
    /// Only what has one of these names, in whatever case.
    Named {
        /// All names that stand where rows come from.
        names: BTreeSet<String>,
        /// Those that the statement gives in WITH, which may be names of tables as well.
        own: BTreeSet<String>,
    },
    /// Anything: it looks at what there is, or reads files by their names.
    Any,
}

/// Returns what a statement may read. One that is not let through reads nothing.
pub(super) fn relations(connection: &Connection, sql: &str) -> Result<Relations, EngineError> {
    let (_, inner) = split_explain(sql);
    let parsed = parsed(connection, inner)?;
    let is_of_arguments =
        |name: &String| OF_ARGUMENTS.iter().any(|known| known.eq_ignore_ascii_case(name));
    if !parsed.row_functions.iter().all(is_of_arguments) {
        return Ok(Relations::Any);
    }
    // DESCRIBE of a SELECT is of a table without a name.
    let names = parsed.relations.into_iter().filter(|name| !name.is_empty());
    Ok(Relations::Named { names: names.collect(), own: parsed.own_relations.into_iter().collect() })
}

/// Functions of one value that act on the session. No other one does, and none reads a file.
const ACTING: [&str; 2] = ["setseed", "write_log"];

/// Returns the statement to run; refuses a text that is not exactly one SELECT statement, or EXPLAIN
/// of one.
///
/// What runs is what the parser has judged, never the text around it: comments are cut here in a
/// simpler way than DuckDB has it, so that a text could read as EXPLAIN here and as COPY there.
pub(super) fn checked(connection: &Connection, sql: &str) -> Result<String, EngineError> {
    let (explain, inner) = split_explain(sql);
    Ok(format!("{explain}{}", checked_select(connection, inner)?))
}

/// Returns the statement to run; refuses a text that is not exactly one SELECT statement.
pub(super) fn checked_select(connection: &Connection, inner: &str) -> Result<String, EngineError> {
    if inner.chars().all(|c| c.is_whitespace() || c == ';') {
        return Err(EngineError::NotASelect { n_statements: 0 });
    }
    match parsed(connection, inner)? {
        Parsed { error: false, n_statements: 1, row_functions, functions, .. } => {
            match refused_function(row_functions, functions) {
                None => Ok(inner.to_owned()),
                Some(function) => Err(EngineError::FunctionRefused { function }),
            }
        }
        Parsed { error: false, n_statements, .. } => Err(EngineError::NotASelect { n_statements }),
        Parsed { error_type: Some(kind), error_message, .. } if kind == "parser" => {
            Err(EngineError::Syntax { reason: error_message.unwrap_or_default() })
        }
        _ => Err(EngineError::NotASelect { n_statements: 1 }),
    }
}

/// Asks the parser about a text.
fn parsed(connection: &Connection, inner: &str) -> Result<Parsed, EngineError> {
    let setup = |error: duckdb::Error| EngineError::Setup { reason: error.to_string() };
    let text: String = connection.query_row(ASK, [inner], |row| row.get(0)).map_err(setup)?;
    serde_json::from_str(&text).map_err(|error| EngineError::Setup { reason: error.to_string() })
}

/// Returns the first function that does more than read.
fn refused_function(row_functions: Vec<String>, functions: Vec<String>) -> Option<String> {
    let is_in = |list: &[&str], name: &str| list.iter().any(|one| one.eq_ignore_ascii_case(name));
    let mut strange = row_functions.into_iter().filter(|name| !is_in(&ROW_FUNCTIONS, name));
    strange.next().or_else(|| functions.into_iter().find(|name| is_in(&ACTING, name)))
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
            Err(EngineError::FunctionRefused { .. }) => "function",
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
            "SELECT unnest([1, 2]) AS a FROM generate_series(1, 2), RANGE(3)",
            "SELECT 'enable_logging()' AS enable_logging",
            "SUMMARIZE SELECT 1 AS a",
            "DESCRIBE SELECT 1 AS a",
            "SHOW TABLES",
        ] {
            check_sql(sql, "passes");
        }
    }

    #[test]
    fn functions_that_act_are_refused_wherever_they_stand() {
        for sql in [
            "SELECT * FROM enable_logging('QueryLog', storage = 'file', storage_path = 'x')",
            "FROM enable_profiling()",
            "FROM main.\"Enable_Profiling\"()",
            "FROM disable_profiling()",
            "FROM disable_logging()",
            "FROM force_checkpoint()",
            "FROM truncate_duckdb_logs()",
            "FROM query('SELECT 1')",
            "FROM json_execute_serialized_sql('{}')",
            "FROM read_text('/etc/passwd')",
            "FROM glob('*')",
            "SELECT 1 WHERE 1 IN (FROM checkpoint())",
            "WITH a AS (FROM range(1), LATERAL enable_logging()) SELECT 1 FROM range(2)",
            "SELECT (SELECT count(*) FROM enable_logging()) AS a",
            "EXPLAIN ANALYZE SELECT * FROM enable_logging()",
            "FROM (PIVOT (FROM enable_logging()) ON a IN (1) USING count(*))",
            "SUMMARIZE FROM enable_logging()",
            "VALUES (write_log('a'))",
            "SELECT setseed(0.5)",
        ] {
            check_sql(sql, "function");
        }
    }

    #[test]
    fn a_long_sum_is_judged_and_a_deeper_one_is_refused_by_the_parser() {
        let sum = |n_terms: usize| format!("SELECT {}", vec!["1"; n_terms].join(" + "));
        check_sql(&sum(500), "passes");
        check_sql(&format!("{} + setseed(1)", sum(500)), "function");
        check_sql(&sum(5000), "syntax");
    }

    #[track_caller]
    fn check_relations(sql: &str, expected: &str) {
        let connection = Connection::open_in_memory().unwrap();
        let shown = match relations(&connection, sql).unwrap() {
            Relations::Any => "any".to_owned(),
            Relations::Named { names, own } => {
                let own = own.into_iter().map(|name| format!("({name})"));
                names.into_iter().chain(own).collect::<Vec<_>>().join(" ")
            }
        };
        assert_eq!(shown, expected, "{sql}");
    }

    #[test]
    fn every_relation_of_a_statement_is_known_wherever_it_is_named() {
        check_relations("SELECT 1", "");
        check_relations("FROM a", "a");
        check_relations("EXPLAIN SELECT * FROM main.\"A b\" JOIN (FROM c) USING (d)", "A b c");
        check_relations(
            "WITH a AS (FROM b), c AS (WITH d AS (FROM e) FROM d) FROM a, c",
            "a b c d e (a) (c) (d)",
        );
        check_relations("WITH RECURSIVE a AS (FROM b UNION FROM a) FROM a", "a b (a)");
        check_relations("(FROM a) UNION ALL (FROM b) ORDER BY (SELECT max(x) FROM c)", "a b c");
        check_relations(
            "SELECT (FROM a) FROM b WHERE x IN (FROM c) HAVING EXISTS (FROM d)",
            "a b c d",
        );
        check_relations("FROM a, LATERAL (FROM b WHERE b.x = a.x), range(3)", "a b");
        check_relations("FROM (PIVOT a ON x IN (1) USING count(*))", "a");
        check_relations("DESCRIBE a", "a");
        check_relations("SUMMARIZE SELECT * FROM a", "a");
        check_relations("SELECT 'FROM a' AS table_name", "");
        check_relations("SELEC", "");
    }

    #[test]
    fn what_looks_at_everything_may_read_anything() {
        for sql in [
            "FROM duckdb_views()",
            "SELECT 1 WHERE 1 IN (SELECT cid FROM pragma_table_info('a'))",
            "FROM read_parquet('a.parquet')",
            "FROM Parquet_Schema('a.parquet')",
        ] {
            check_relations(sql, "any");
        }
        // Names of nothing that a workspace has.
        check_relations("SHOW TABLES", "\"tables\"");
        check_relations("FROM information_schema.tables", "tables");
        check_relations("FROM 'a.parquet'", "a.parquet");
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
