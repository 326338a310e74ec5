//! Datasets for other tools, read by other readers: the same values and types in every format.
#![expect(clippy::disallowed_methods, reason = "tests look at files and run other readers")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use arrow::datatypes::DataType;
use calamine::{Data, Reader, Xlsx, open_workbook};
use chrono::{Days, NaiveDate};
use serde_json::Value;
use tongban::table::read_parquet;

use crate::docs::fenced;
use crate::export::{ALL_FORMATS, current, export, names_in};
use crate::support::{Outcome, Sandbox, must_have_all, python, read, root};

/// What a statement gives, as independent readers have to give it.
fn expected(sandbox: &Sandbox, statement: &str) -> Value {
    let json = sandbox.run(&["sql", "--format", "json", statement]).ok();
    let rows: Vec<serde_json::Map<String, Value>> = serde_json::from_str(&json).unwrap();
    let answer = sandbox.path().join("answer.parquet");
    sandbox.run(&["sql", "--output", "answer.parquet", statement]).ok();
    let schema = read_parquet(fs::read(answer).unwrap().into()).unwrap()[0].schema();
    let types: Vec<(String, &str)> = schema
        .fields()
        .iter()
        .map(|field| {
            let kind = match field.data_type() {
                DataType::Utf8 => "string",
                DataType::Int32 => "int32",
                DataType::Int64 => "int64",
                DataType::Float64 => "double",
                DataType::Boolean => "bool",
                DataType::Date32 => "date32[day]",
                DataType::Timestamp(..) => "timestamp[us]",
                other => panic!("{other}"),
            };
            (field.name().clone(), kind)
        })
        .collect();
    let columns: Vec<&String> = types.iter().map(|(name, _)| name).collect();
    let cell = |row: &serde_json::Map<String, Value>, name: &str, kind: &str| {
        let value = row[name].clone();
        match (kind, value.as_str()) {
            ("timestamp[us]", Some(text)) => text.replace('T', " ").into(),
            ("double", _) if !value.is_null() => value.as_f64().unwrap().into(),
            _ => value,
        }
    };
    let cells = rows
        .iter()
        .map(|row| types.iter().map(|(name, kind)| cell(row, name, kind)).collect::<Vec<Value>>());
    let types: serde_json::Map<String, Value> =
        types.iter().map(|(name, kind)| (name.clone(), (*kind).into())).collect();
    serde_json::json!({ "columns": columns, "types": types, "rows": cells.collect::<Vec<_>>() })
}

/// A reader that is no Python package: its name, what has to be installed, and the variable that asks for it.
type Program = (&'static str, &'static str, &'static str);

const SAIL: Program = ("sail", "python3", "READ_BY_SAIL");
const OFFICE: Program = ("LibreOffice", "soffice", "READ_BY_OFFICE");
const MARIADB: Program = ("mariadb", "mariadbd", "READ_BY_MARIADB");

/// Whether a program is installed; says that it is not used otherwise.
fn is_installed((name, program, _): &Program) -> bool {
    let path = std::env::var("PATH").unwrap_or_default();
    let path = format!("{path}:/usr/sbin:/usr/local/sbin");
    let is_there = std::env::split_paths(&path).any(|folder| folder.join(program).exists());
    assert!(is_there || !must_have_all(), "exports are read by {name}: install it");
    if !is_there {
        eprintln!("skipped: exports are not read by {name}, which is not installed");
    }
    is_there
}

/// Lets other readers read the latest export; returns how many datasets each of them read.
fn read_by_others(
    sandbox: &Sandbox,
    python: &Path,
    programs: &[Program],
    datasets: &[(&str, &str)],
) -> BTreeMap<String, usize> {
    let wanted: serde_json::Map<String, Value> = datasets
        .iter()
        .map(|(name, statement)| ((*name).to_owned(), expected(sandbox, statement)))
        .collect();
    let path = sandbox.write("expected.json", Value::Object(wanted).to_string());
    let mut command = Command::new(python);
    command
        .arg(root().join("tests/python/read_export.py"))
        .args([&current(sandbox), &path])
        .current_dir(current(sandbox))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("PYTHONIOENCODING", "utf-8")
        .envs(programs.iter().map(|(_, _, variable)| (variable, "1")));
    let told: Value = serde_json::from_str(&Outcome::from(command.output().unwrap()).ok()).unwrap();
    eprintln!("read by {}", told["versions"]);
    let read = told["read"].as_object().unwrap().iter();
    read.map(|(reader, datasets)| (reader.clone(), datasets.as_array().unwrap().len())).collect()
}

/// Readers that read so many datasets.
fn readers(names: &[&str], n_datasets: usize) -> BTreeMap<String, usize> {
    names.iter().map(|name| ((*name).to_owned(), n_datasets)).collect()
}

/// What the readers call themselves that are no Python packages.
fn readers_of(programs: &[Program]) -> Vec<&'static str> {
    let names = programs.iter().map(|(name, ..)| match *name {
        "mariadb" => vec!["mariadb in mode 0", "mariadb in mode 1"],
        other => vec![other],
    });
    names.flatten().collect()
}

/// Readers of one Parquet file for each dataset.
const OF_PARQUET: [&str; 4] = ["duckdb views.sql", "pandas", "polars", "pyarrow"];
/// Readers of every other format.
const OF_OTHERS: [&str; 7] = [
    "csv and pandas",
    "duckdb file",
    "openpyxl",
    "polars ipc",
    "pyarrow csv",
    "pyarrow ipc",
    "sqlite of the inserts",
];

const FIGURES: &str = "SELECT * FROM observations_latest ORDER BY indicator, definition, department, region, \
    breakdown, accumulation, period_start, period_end";

#[test]
fn every_format_is_read_by_others_with_the_same_values_and_types() {
    let Some(python) = python("every format of an export") else { return };
    let sandbox = Sandbox::with_notice();
    let datasets = [
        ("figures", FIGURES),
        ("indicators", "SELECT * FROM indicators"),
        ("departments", "SELECT * FROM departments"),
        ("regions", "SELECT * FROM regions"),
    ];
    export(&sandbox, &["--format", ALL_FORMATS]).ok();
    let programs: Vec<Program> = [SAIL, OFFICE, MARIADB].into_iter().filter(is_installed).collect();
    let names = [&OF_PARQUET[..], &OF_OTHERS, &readers_of(&programs)].concat();
    let read = read_by_others(&sandbox, &python, &programs, &datasets);
    assert_eq!(read, readers(&names, datasets.len()));
    check_workbook(&sandbox, &datasets);
    export(&sandbox, &["--compat"]).ok();
    let read = read_by_others(&sandbox, &python, &[], &datasets);
    assert_eq!(read, readers(&OF_PARQUET, datasets.len()));
    export(&sandbox, &["--partition-by", "department"]).ok();
    let folder = current(&sandbox).join("figures");
    assert!(names_in(&folder).contains(&"department=tax".to_owned()), "{:?}", names_in(&folder));
    let mut wanted = readers(&OF_PARQUET, datasets.len());
    // Partitions are read as a whole, which pandas does as pyarrow does.
    wanted.insert("pandas".to_owned(), datasets.len() - 1);
    assert_eq!(read_by_others(&sandbox, &python, &[], &datasets), wanted);
}

/// What each snippet of the manuals prints.
const MOST: &str = "human_resources 12741337\n";

#[test]
fn the_snippets_of_the_manuals_run() {
    let Some(python) = python("the snippets of the manuals") else { return };
    let sandbox = Sandbox::with_notice();
    export(&sandbox, &[]).ok();
    let [english, chinese] = ["README.md", "README.zh-CN.md"].map(|name| {
        let text = read(&root().join(name));
        let blocks = fenced(&text).into_iter().filter(|(kind, _)| *kind == "python");
        let snippets = blocks.filter(|(_, code)| code.contains("out/data/current"));
        snippets.map(|(_, code)| code.to_owned()).collect::<Vec<String>>()
    });
    assert_eq!(english, chinese);
    assert_eq!(english.len(), 5);
    for code in english {
        let path = sandbox.write("snippet.py", &code);
        let mut command = Command::new(&python);
        command.arg(path).current_dir(sandbox.path());
        assert_eq!(Outcome::from(command.output().unwrap()).ok(), MOST, "{code}");
    }
}

/// Workbooks by another library than they were written with.
fn check_workbook(sandbox: &Sandbox, datasets: &[(&str, &str)]) {
    for (name, statement) in datasets {
        let expected = expected(sandbox, statement);
        let path = current(sandbox).join(format!("{name}/{name}.xlsx"));
        let mut book: Xlsx<_> = open_workbook(path).unwrap();
        let sheet = book.worksheet_range(name).unwrap();
        let mut found = sheet.rows();
        let head: Vec<String> = found.next().unwrap().iter().map(ToString::to_string).collect();
        assert_eq!(serde_json::json!(head), expected["columns"]);
        let wanted = expected["rows"].as_array().unwrap();
        assert_eq!(sheet.height(), wanted.len() + 1);
        for (row, wanted) in found.zip(wanted) {
            for (cell, wanted) in row.iter().zip(wanted.as_array().unwrap()) {
                let is_same = match (cell, wanted) {
                    (Data::Empty, wanted) => wanted.is_null() || *wanted == "",
                    (Data::Float(number), Value::Number(wanted)) => {
                        wanted.as_f64() == Some(*number)
                    }
                    (Data::Int(number), Value::Number(wanted)) => wanted.as_i64() == Some(*number),
                    (Data::DateTime(day), Value::String(wanted)) => {
                        let serial = format!("{:.0}", day.as_f64()).parse().unwrap();
                        let first = NaiveDate::from_ymd_opt(1899, 12, 30).unwrap();
                        *wanted == (first + Days::new(serial)).to_string()
                    }
                    (Data::String(text), Value::String(wanted)) => text == wanted,
                    (Data::Bool(truth), Value::Bool(wanted)) => truth == wanted,
                    _ => false,
                };
                assert!(is_same, "{name}: {cell:?} is not {wanted}");
            }
        }
    }
}

#[test]
fn texts_that_act_on_a_spreadsheet_or_a_database_stay_texts() {
    let Some(python) = python("payloads in exports") else { return };
    let sandbox = Sandbox::new();
    let payloads = [
        "=1+1",
        "=cmd|' /C calc'!A0",
        "@SUM(1)",
        "+86",
        "-1",
        "＝HYPERLINK(\"x\")",
        "\t=1",
        "a\nb",
        "a\rb",
        "a,b",
        "\"",
        "''",
        "'); DROP TABLE x; --",
        "\\",
        "\\'; --",
        "`",
        "%s",
        "<b>",
        "_x0041_",
        "\u{feff}x",
        "\u{202e}x",
        " x ",
        "",
        "NULL",
        "\\N",
        "NaN",
        "1e5",
        "0123",
        "😀",
        "青海",
    ];
    let list = payloads.map(|text| {
        let characters = text.chars().map(|it| format!("chr({})", u32::from(it)));
        let joined = characters.collect::<Vec<_>>().join(" || ");
        if joined.is_empty() { "''".to_owned() } else { joined }
    });
    let rows: Vec<String> =
        (0..).zip(&list).map(|(idx, text)| format!("({idx}, {text})")).collect();
    let query = format!(
        "/*---\nsummary = \"a\"\nsummary_zh = \"甲\"\nreads = []\norder = [\"n\"]\n[returns]\nn = \"int\"\n\
         t = \"text?\"\n---*/\nSELECT CAST(v.n AS INT) AS n, CAST(v.t AS STRING) AS t\nFROM (VALUES {}, (99, \
         NULL)) AS v (n, t)\nORDER BY n;\n",
        rows.join(", ")
    );
    sandbox.write("queries/own/payloads.sql", &query);
    let said = export(&sandbox, &["--query", "own/payloads", "--format", ALL_FORMATS]);
    assert!(said.stderr.contains("would run them: 6;"), "{}", said.stderr);
    let select = query.split("---*/").nth(1).unwrap().trim().trim_end_matches(';').to_owned();
    let programs: Vec<Program> = [OFFICE, MARIADB].into_iter().filter(is_installed).collect();
    let read = read_by_others(&sandbox, &python, &programs, &[("own_payloads", &select)]);
    let names = [&OF_PARQUET[..], &OF_OTHERS, &readers_of(&programs)].concat();
    assert_eq!(read, readers(&names, 1));
    let path = current(&sandbox).join("own_payloads/own_payloads.xlsx");
    let mut book: Xlsx<_> = open_workbook(&path).unwrap();
    assert_eq!(book.worksheet_formula("own_payloads").unwrap().rows().flatten().count(), 0);
    let sheet = book.worksheet_range("own_payloads").unwrap();
    assert_eq!(sheet.get_value((1, 1)), Some(&Data::String("=1+1".to_owned())));
}
