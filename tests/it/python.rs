//! The lake's Parquet files in readers that share no code with it: pyarrow, and Polars of Python.
#![expect(clippy::disallowed_methods, reason = "tests read what commands wrote")]

use std::fs;
use std::path::Path;
use std::process::Command;

use arrow::datatypes::{DataType, Field, TimeUnit};
use chrono::NaiveDateTime;
use serde_json::{Map, Value};
use tongban::diag::Lang;
use tongban::output::{Format, RenderOptions, render};
use tongban::table::{LakeTable, ResultTable, read_parquet, stored_schema_of};

use crate::support::{Outcome, Sandbox, files_below, python, root};

/// How both readers declare the type of a column; `?` where it may be null.
fn declared(field: &Field) -> String {
    let name = match field.data_type() {
        DataType::Utf8 => "text",
        DataType::Int32 => "int",
        DataType::Int64 => "bigint",
        DataType::Float64 => "double",
        DataType::Date32 => "date",
        DataType::Timestamp(TimeUnit::Microsecond, None) => "timestamp",
        DataType::Boolean => "bool",
        DataType::Binary => "pseudonym",
        other => panic!("`{}` is of a type that the lake does not have: {other}", field.name()),
    };
    format!("{name}{}", if field.is_nullable() { "?" } else { "" })
}

/// Columns and types of every table that a lake of notices has files of, in the order in which they
/// are stored.
fn schemas() -> Value {
    let columns = |table: LakeTable| -> Value {
        let schema = stored_schema_of(table);
        schema.fields().iter().map(|field| (field.name().clone(), declared(field))).collect()
    };
    let of_annexes = LakeTable::ALL.iter().filter(|table| !table.holds_records());
    of_annexes.map(|table| (table.as_str().to_owned(), columns(*table))).collect()
}

/// Lets both readers read every file of the lake.
fn checked(python: &Path, sandbox: &Sandbox, schemas: &Value) -> Outcome {
    let schema_path = sandbox.write("schemas.json", schemas.to_string());
    let mut command = Command::new(python);
    command
        .arg(root().join("tests/python/check_parquet.py"))
        .arg(sandbox.path().join("lake/data"))
        .arg(schema_path)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("PYTHONIOENCODING", "utf-8");
    command.output().unwrap().into()
}

/// The rows of a table as the library reads them: files in order of their names, cells in order of
/// the columns.
fn library_rows(sandbox: &Sandbox, table: LakeTable) -> Vec<Vec<Value>> {
    let files = files_below(&sandbox.path().join("lake/data").join(table.as_str()), "parquet");
    let batches =
        files.iter().flat_map(|path| read_parquet(fs::read(path).unwrap().into()).unwrap());
    let rows = ResultTable { schema: stored_schema_of(table), batches: batches.collect() };
    let mut bytes = Vec::new();
    let options = RenderOptions { lang: Lang::En, width: None };
    render(&rows, Format::Json, options, &mut bytes).unwrap();
    let rows: Vec<Map<String, Value>> = serde_json::from_slice(&bytes).unwrap();
    rows.into_iter().map(|row| row.into_iter().map(|(_, cell)| cell).collect()).collect()
}

/// Whether two cells say the same. Numbers and times are written in more than one way.
fn same(data_type: &DataType, left: &Value, right: &Value) -> bool {
    match data_type {
        _ if left.is_null() || right.is_null() => left == right,
        DataType::Float64 => left.is_f64() && left.as_f64() == right.as_f64(),
        DataType::Timestamp(..) => instant(left) == instant(right),
        _ => left == right,
    }
}

fn instant(cell: &Value) -> NaiveDateTime {
    let text = cell.as_str().unwrap().replace('T', " ");
    NaiveDateTime::parse_from_str(&text, "%Y-%m-%d %H:%M:%S%.f").unwrap()
}

#[track_caller]
fn check_rows(table: LakeTable, python: &[Value], library: &[Vec<Value>]) {
    assert_eq!(python.len(), library.len(), "rows of `{}`", table.as_str());
    let schema = stored_schema_of(table);
    for (row_idx, (left, right)) in python.iter().zip(library).enumerate() {
        let left = left.as_array().unwrap();
        assert_eq!((left.len(), right.len()), (schema.fields().len(), schema.fields().len()));
        for (field, (left, right)) in schema.fields().iter().zip(left.iter().zip(right)) {
            assert!(
                same(field.data_type(), left, right),
                "`{}` of row {row_idx} of `{}` is {left} in Python, {right} here",
                field.name(),
                table.as_str()
            );
        }
    }
}

/// The cells of one column.
fn column<'a>(rows: &'a Value, table: LakeTable, name: &str) -> Vec<&'a Value> {
    let at = stored_schema_of(table).index_of(name).unwrap();
    rows[table.as_str()].as_array().unwrap().iter().map(|row| &row[at]).collect()
}

#[test]
fn pyarrow_and_polars_read_the_same_rows_from_the_lake() {
    let Some(python) = python("reading the lake with pyarrow and Polars") else { return };
    let sandbox = Sandbox::with_notice();
    let rows: Value = serde_json::from_str(&checked(&python, &sandbox, &schemas()).ok()).unwrap();
    for table in LakeTable::ALL.iter().filter(|table| !table.holds_records()) {
        let found = rows[table.as_str()].as_array().unwrap();
        check_rows(*table, found, &library_rows(&sandbox, *table));
    }

    let indicators = column(&rows, LakeTable::Observations, "indicator");
    let values = column(&rows, LakeTable::Observations, "value");
    assert_eq!(indicators.len(), 172);
    let cases: f64 = indicators
        .iter()
        .zip(values)
        .filter(|(indicator, _)| **indicator == "cases_aggregated")
        .filter_map(|(_, value)| value.as_f64())
        .sum();
    assert_eq!(cases.to_string(), "12869796");
    let reconciled = column(&rows, LakeTable::Totals, "reconciled");
    assert_eq!(reconciled, vec![&Value::Bool(true); 6]);
    assert!(!column(&rows, LakeTable::Findings, "code").is_empty());
}

#[test]
fn a_column_that_is_not_as_declared_is_named() {
    let Some(python) = python("reading the lake with pyarrow and Polars") else { return };
    let sandbox = Sandbox::with_notice();
    let mut schemas = schemas();
    schemas["observations"]["definition"] = "bigint".into();
    schemas["observations"]["note"] = "text".into();
    let outcome = checked(&python, &sandbox, &schemas);
    assert_eq!(outcome.code, 1, "{}", outcome.stderr);
    for expected in [
        "pyarrow has `definition` as int32, not bigint",
        "polars has `definition` as Int32, not bigint",
        "`note` has nulls",
    ] {
        assert!(outcome.stderr.contains(expected), "{expected}\n{}", outcome.stderr);
    }
    assert_eq!(outcome.stderr.lines().count(), 3, "{}", outcome.stderr);
}
