//! Query cases on DuckDB, on the Polars twins, and on Sail.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, StringArray, new_null_array};
use arrow::compute::{SortOptions, cast};
use arrow::datatypes::{DataType, Schema};
use arrow::row::{RowConverter, SortField};
use tempfile::TempDir;
use tongban::analysis::{CORE_QUERIES, CrossCheck, cross_check, has_twin, run_twin};
use tongban::diag::Lang;
use tongban::engine::{DuckDb, EngineLimits, Polars, RESOLVED_TABLES, Tables, resolved_tables};
use tongban::lake::{batch_files_table, batches_table};
use tongban::model::Departments;
use tongban::output::{Format, RenderOptions, render};
use tongban::query::{Catalogue, ColumnValues, ParamValue, Query, bind};
use tongban::refdata::RefData;
use tongban::table::{
    LakeTable, ResultTable, SessionChoice, reference_batch, session_batch, stored_schema_of,
    write_parquet,
};

use crate::case_file::{Case, all_cases};
use crate::support::{python, read, root, write};

/// A case with its tables on disk, and what is asked.
pub(crate) struct Prepared {
    pub(crate) case: Case,
    /// The statement: the query itself, or a sorted SELECT from the view.
    sql: String,
    pub(crate) params: BTreeMap<String, ParamValue>,
    pub(crate) tables: Tables,
    /// Parquet files of every table that the statement reads, for other engines.
    files: BTreeMap<String, PathBuf>,
    /// Kept while the files are needed.
    _dir: TempDir,
}

/// Under which departments the session of a case shows figures.
fn departments_of(case: &Case) -> Departments {
    let is_named = |word: Departments| {
        case.tables.get("session").is_some_and(|rows| rows.contains(word.as_str()))
    };
    if is_named(Departments::Comparable) {
        Departments::Comparable
    } else {
        Departments::AsReported
    }
}

pub(crate) fn prepare(case: Case, catalogue: &Catalogue, refdata: &RefData) -> Prepared {
    let departments = departments_of(&case);
    let catalogue = &catalogue.clone().with_departments(departments);
    let query = find(catalogue, &case.query);
    let is_view = case.query.starts_with("views/");
    let mut views = catalogue.views_for(query);
    let sql = if is_view {
        views.push(query);
        let order: Vec<String> =
            query.head.order.iter().map(|column| format!("{column} NULLS LAST")).collect();
        format!("SELECT * FROM {} ORDER BY {}", query.name(), order.join(", "))
    } else {
        query.sql.clone()
    };
    let params = bind(query, &case.params).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let mut files = BTreeMap::new();
    let mut tables = Tables { departments, ..Tables::default() };
    for name in catalogue.tables_for(query) {
        let batch = table_of(&case, name, refdata);
        let path = dir.path().join(format!("{name}.parquet"));
        write(&path, &write_parquet(&batch, &[], Vec::new()).unwrap());
        match LakeTable::parse(name) {
            Some(table) => drop(tables.files.insert(table, vec![path.clone()])),
            None => drop(tables.memory.insert(name.to_owned(), batch)),
        }
        files.insert(name.to_owned(), path);
    }
    tables.views =
        views.iter().map(|view| (view.name().to_owned(), view.select().to_owned())).collect();
    Prepared { case, sql, params, tables, files, _dir: dir }
}

fn find<'a>(catalogue: &'a Catalogue, id: &str) -> &'a Query {
    let views = catalogue.views().into_iter();
    views.chain(catalogue.queries()).find(|query| query.id == id).unwrap_or_else(|| {
        panic!("tests/cases/{id}.case: no such query");
    })
}

/// The rows of a case's table: what it lists, with defaults; the real ones of reference tables.
fn table_of(case: &Case, name: &str, refdata: &RefData) -> RecordBatch {
    let reference = if RESOLVED_TABLES.contains(&name) {
        resolved_tables(refdata, |wanted| wanted == name).remove(name)
    } else {
        refdata.tables().find(|table| table.name == name).map(reference_batch)
    };
    let no_choice = SessionChoice::default();
    let csv = case.tables.get(name).map(String::as_str);
    let schema = match (LakeTable::parse(name), &reference) {
        (Some(table), _) => stored_schema_of(table),
        (None, Some(batch)) => batch.schema(),
        (None, None) if name == "session" => session_batch(no_choice, refdata.province()).schema(),
        (None, None) if name == "batches" => batches_table(&[]).schema(),
        (None, None) if name == "batch_files" => batch_files_table(&[]).schema(),
        (None, None) => panic!("{}: no table `{name}`", case.id()),
    };
    match (csv, reference) {
        (Some(csv), _) => typed(name, csv, &schema),
        (None, Some(batch)) => batch,
        (None, None) if name == "session" => session_batch(no_choice, refdata.province()),
        (None, None) => RecordBatch::new_empty(schema),
    }
}

/// What stands in a default for the row of the file that a row of a table came from.
const ROW: &str = "{row}";

/// The rows of a table, given as CSV; columns that it leaves out have their defaults.
pub(crate) fn typed(name: &str, csv: &str, schema: &Arc<Schema>) -> RecordBatch {
    let defaults: serde_json::Value =
        serde_json::from_str(&read(&root().join("tests/cases/defaults.json"))).unwrap();
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let header = reader.headers().unwrap().clone();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    for column in &header {
        assert!(schema.index_of(column).is_ok(), "table `{name}` has no column `{column}`");
    }
    let columns = schema.fields().iter().map(|field| -> ArrayRef {
        let at = header.iter().position(|column| column == field.name());
        let default = defaults[name][field.name()].as_str();
        if at.is_none() && default.is_none() {
            return new_null_array(field.data_type(), rows.len());
        }
        let texts: StringArray = (2..)
            .zip(&rows)
            .map(|(number, row)| match (at, default) {
                (Some(at), _) => row.get(at).filter(|text| !text.is_empty()).map(str::to_owned),
                (None, Some(ROW)) => Some(number.to_string()),
                (None, default) => default.map(str::to_owned),
            })
            .collect();
        cast(&texts, field.data_type()).unwrap()
    });
    let fields: Vec<_> =
        schema.fields().iter().map(|field| field.as_ref().clone().with_nullable(true)).collect();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns.collect()).unwrap()
}

/// Rows as text, header first.
pub(crate) type Rows = Vec<Vec<String>>;

pub(crate) fn rows_of_csv(csv: &str) -> Rows {
    let reader = csv::ReaderBuilder::new().has_headers(false).from_reader(csv.as_bytes());
    reader.into_records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
}

pub(crate) fn rows_of(table: &ResultTable) -> Rows {
    let mut bytes = Vec::new();
    let options = RenderOptions { lang: Lang::En, width: None };
    render(table, Format::Csv, options, &mut bytes).unwrap();
    rows_of_csv(std::str::from_utf8(&bytes).unwrap())
}

/// Fails unless the rows equal the expected ones in the columns that are expected.
#[track_caller]
fn check_rows(case: &Case, engine: &str, actual: &Rows) {
    if let Some(difference) = difference(case, actual) {
        panic!("{} on {engine}\n{difference}", case.id());
    }
}

/// What is expected and what is there, where they differ in the columns that are expected.
pub(crate) fn difference(case: &Case, actual: &Rows) -> Option<String> {
    let expected = rows_of_csv(&case.expected);
    let wanted: Vec<usize> = expected[0]
        .iter()
        .map(|name| {
            let at = actual[0].iter().position(|column| column == name);
            at.unwrap_or_else(|| panic!("{}: no column `{name}`", case.id()))
        })
        .collect();
    let mut shown: Rows =
        actual.iter().map(|row| wanted.iter().map(|at| row[*at].clone()).collect()).collect();
    let mut expected = expected;
    // A view has no order of its own.
    if case.query.starts_with("views/") {
        shown[1..].sort();
        expected[1..].sort();
    }
    let is_same = shown.len() == expected.len()
        && shown.iter().zip(&expected).all(|(a, b)| a.iter().zip(b).all(|(a, b)| same(a, b)));
    (!is_same).then(|| format!("expected:\n{}\nactual:\n{}", joined(&expected), joined(&shown)))
}

/// The same text, or the same number to twelve digits.
fn same(actual: &str, expected: &str) -> bool {
    if actual == expected {
        return true;
    }
    match (actual.parse::<f64>(), expected.parse::<f64>()) {
        (Ok(a), Ok(b)) => (a - b).abs() <= 1e-12 * a.abs().max(b.abs()),
        _ => false,
    }
}

fn joined(rows: &Rows) -> String {
    rows.iter().map(|row| row.join(",")).collect::<Vec<_>>().join("\n")
}

fn prepared() -> Vec<Prepared> {
    let catalogue = Catalogue::builtin();
    let refdata = RefData::load(&[]).unwrap();
    all_cases().into_iter().map(|case| prepare(case, &catalogue, &refdata)).collect()
}

#[test]
fn duckdb_gives_the_expected_rows() {
    let catalogue = Catalogue::builtin();
    for prepared in prepared() {
        let engine = DuckDb::open(&prepared.tables, &EngineLimits::default()).unwrap();
        let query = find(&catalogue, &prepared.case.query);
        let answer = if prepared.case.query.starts_with("views/") {
            engine.run_sql(&prepared.sql)
        } else {
            engine.run(query, &prepared.params)
        };
        let answer = answer.unwrap_or_else(|error| panic!("{}: {error:?}", prepared.case.id()));
        check_contract(&prepared.case, query, &answer);
        check_rows(&prepared.case, "DuckDB", &rows_of(&answer));
    }
}

/// Fails unless the answer has the columns and types that the query's head promises, no null where it
/// promises none, no word but those that it lists, and every row once in the order that it names.
fn check_contract(case: &Case, query: &Query, answer: &ResultTable) {
    let promised: Vec<String> = query
        .head
        .returns
        .iter()
        .map(|column| format!("{} {}", column.name, column.data_type))
        .collect();
    let actual: Vec<String> = answer
        .schema
        .fields()
        .iter()
        .map(|field| format!("{} {}", field.name(), head_type(field.data_type())))
        .collect();
    assert_eq!(promised, actual, "columns of {}", query.id);
    let rows = answer.to_batch().unwrap();
    for (column, values) in query.head.returns.iter().zip(rows.columns()) {
        let is_kept = column.is_nullable || values.logical_null_count() == 0;
        assert!(is_kept, "{}: `{}` promises no nulls", case.id(), column.name);
        let ColumnValues::Words(words) = &column.values else { continue };
        for word in values.as_string::<i32>().iter().flatten() {
            let is_kept = words.iter().any(|known| known == word);
            assert!(is_kept, "{}: `{}` promises no `{word}`", case.id(), column.name);
        }
    }
    check_order(case, query, &rows);
}

/// Fails unless the rows are distinct in the columns of the order and, of a question, sorted by them.
/// A view has no order of its own.
fn check_order(case: &Case, query: &Query, rows: &RecordBatch) {
    let columns: Vec<ArrayRef> = query
        .head
        .order
        .iter()
        .map(|name| Arc::clone(rows.column_by_name(name).expect("the order names columns")))
        .collect();
    let options = SortOptions { descending: false, nulls_first: false };
    let fields = columns.iter().map(|column| {
        let data_type = column.data_type().clone();
        SortField::new_with_options(data_type, options)
    });
    let converter = RowConverter::new(fields.collect()).unwrap();
    let keys = converter.convert_columns(&columns).unwrap();
    let keys: Vec<_> = keys.iter().collect();
    let distinct: BTreeSet<_> = keys.iter().collect();
    assert_eq!(distinct.len(), keys.len(), "{}: rows that share {:?}", case.id(), query.head.order);
    if !case.query.starts_with("views/") {
        assert!(keys.is_sorted(), "{}: not in the order {:?}", case.id(), query.head.order);
    }
}

fn head_type(data_type: &DataType) -> &'static str {
    match data_type {
        DataType::Utf8 => "text",
        DataType::Int32 => "int",
        DataType::Int64 => "bigint",
        DataType::Float64 => "double",
        DataType::Date32 => "date",
        DataType::Timestamp(_, None) => "timestamp",
        DataType::Boolean => "bool",
        _ => "another type",
    }
}

/// Answers a case by the twin of its query.
pub(crate) fn twin_answer(prepared: &Prepared) -> ResultTable {
    let tables = Polars::open(&prepared.tables).unwrap();
    run_twin(&tables, &prepared.case.query, &prepared.params)
        .unwrap_or_else(|error| panic!("{}: {error:?}", prepared.case.id()))
}

#[test]
fn polars_twins_give_the_expected_rows() {
    let catalogue = Catalogue::builtin();
    let mut n_cases: BTreeMap<String, usize> = BTreeMap::new();
    for prepared in prepared().into_iter().filter(|prepared| has_twin(&prepared.case.query)) {
        let answer = twin_answer(&prepared);
        check_contract(&prepared.case, find(&catalogue, &prepared.case.query), &answer);
        check_rows(&prepared.case, "Polars", &rows_of(&answer));
        *n_cases.entry(prepared.case.query.clone()).or_default() += 1;
    }
    for id in CORE_QUERIES {
        let n_cases = n_cases.get(id).copied().unwrap_or(0);
        assert!(n_cases >= 4, "only {n_cases} cases of `{id}` on its twin");
    }
}

/// Every case on both engines, all columns and not only those that it expects.
#[test]
fn both_engines_give_the_same_cells() {
    let catalogue = Catalogue::builtin();
    for prepared in prepared().into_iter().filter(|prepared| has_twin(&prepared.case.query)) {
        let engine = DuckDb::open(&prepared.tables, &EngineLimits::default()).unwrap();
        let query = find(&catalogue, &prepared.case.query);
        let answer = engine.run(query, &prepared.params).unwrap();
        let outcome = cross_check(&answer, &twin_answer(&prepared)).unwrap();
        assert_eq!(outcome, CrossCheck::Equal, "{}", prepared.case.id());
    }
}

#[test]
fn sail_gives_the_expected_rows() {
    let Some(python) = python("sail_gives_the_expected_rows") else { return };
    let prepared = prepared();
    let dir = tempfile::tempdir().unwrap();
    let manifest: Vec<serde_json::Value> = prepared.iter().map(manifest_entry).collect();
    let path = dir.path().join("manifest.json");
    write(&path, serde_json::to_string(&manifest).unwrap().as_bytes());
    let results = run_on_sail(&python, &path);
    assert_eq!(results.len(), prepared.len());
    for (prepared, result) in prepared.iter().zip(&results) {
        assert!(result["error"].is_null(), "{} on Sail: {}", prepared.case.id(), result["error"]);
        let mut rows: Rows = vec![texts(&result["columns"])];
        rows.extend(result["rows"].as_array().unwrap().iter().map(texts));
        check_rows(&prepared.case, "Sail", &rows);
    }
}

fn manifest_entry(prepared: &Prepared) -> serde_json::Value {
    let views: Vec<serde_json::Value> = prepared
        .tables
        .views
        .iter()
        .map(|(name, sql)| serde_json::json!({ "name": name, "sql": sql }))
        .collect();
    let params: serde_json::Map<String, serde_json::Value> = prepared
        .params
        .iter()
        .map(|(name, value)| {
            let (data_type, value) = match value {
                ParamValue::Null(data_type) => (data_type.as_str(), serde_json::Value::Null),
                ParamValue::Text(text) => ("text", text.as_str().into()),
                ParamValue::Int(number) => ("bigint", (*number).into()),
                ParamValue::Double(number) => ("double", (*number).into()),
                ParamValue::Date(date) => ("date", date.to_string().into()),
                ParamValue::Bool(flag) => ("bool", (*flag).into()),
            };
            (name.clone(), serde_json::json!({ "type": data_type, "value": value }))
        })
        .collect();
    serde_json::json!({
        "id": prepared.case.id(),
        "tables": prepared.files,
        "views": views,
        "sql": prepared.sql,
        "params": params,
    })
}

fn run_on_sail(python: &Path, manifest: &Path) -> Vec<serde_json::Value> {
    let output = Command::new(python)
        .arg(root().join("tests/python/run_cases.py"))
        .arg(manifest)
        .output()
        .unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    serde_json::from_str(&stdout).unwrap_or_else(|error| {
        panic!("{error}\n{stdout}\n{}", String::from_utf8_lossy(&output.stderr))
    })
}

/// Cells of JSON in the form that CSV has.
fn texts(cells: &serde_json::Value) -> Vec<String> {
    let text = |cell: &serde_json::Value| match cell {
        serde_json::Value::Null => String::new(),
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    cells.as_array().unwrap().iter().map(text).collect()
}
