//! Tables of records as the engines see them, and what they never see: pseudonyms.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use arrow::array::{Array as _, ArrayRef, BinaryArray, RecordBatch, StringArray, new_null_array};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use chrono::{NaiveDate, NaiveDateTime};
use tongban::engine::{DuckDb, EngineLimits, Polars, Tables};
use tongban::fsio::PlainFile;
use tongban::lake::{BatchFile, BatchRecord, Lake, Opening, StagingOutcome, hash_of_files};
use tongban::model::{BatchId, Notice, SourceKind};
use tongban::table::{
    LakeTable, PartReader, RETURNED_HERE, ResultTable, later_columns, schema_of, stored_schema_of,
    write_parquet,
};

use crate::support::Sandbox;

const HASH: &str = "4c2d3a0000000000000000000000000000000000000000000000000000000000";

/// What is expected of a pseudonym: nowhere.
const PSEUDONYM: &str = "secret-pseudonym";

fn now() -> NaiveDateTime {
    NaiveDate::from_ymd_opt(2025, 7, 2).unwrap().and_hms_opt(8, 0, 0).unwrap()
}

/// Rows of a table: every text says `word` and the number of its row, everything else is 1.
fn rows(table: LakeTable, batch: &BatchId, n_rows: usize) -> RecordBatch {
    let schema = schema_of(table);
    let columns = schema.fields().iter().map(|field| -> ArrayRef {
        let text = |idx: usize| match (field.name().as_str(), field.data_type()) {
            ("batch" | "returned_batch", _) => batch.to_string(),
            ("file_name", _) => "cases.csv".to_owned(),
            ("returned_by", _) => RETURNED_HERE.to_owned(),
            ("operation", _) => "insert".to_owned(),
            ("source_row", _) => (idx + 2).to_string(),
            (_, DataType::Utf8 | DataType::Dictionary(..)) => format!("词 {}", idx % 3),
            (_, DataType::Date32) => "2025-07-01".to_owned(),
            (_, DataType::Timestamp(..)) => "2025-07-01 08:00:00".to_owned(),
            (_, DataType::Binary) => PSEUDONYM.to_owned(),
            _ => "1".to_owned(),
        };
        match field.data_type() {
            DataType::Binary => {
                let values = (0..n_rows).map(|idx| Some(text(idx).into_bytes()));
                Arc::new(values.collect::<BinaryArray>())
            }
            other if field.name() == "state" => new_null_array(other, n_rows),
            other => {
                let texts: StringArray = (0..n_rows).map(|idx| Some(text(idx))).collect();
                cast(&texts, other).unwrap()
            }
        }
    });
    let columns = columns.collect();
    RecordBatch::try_new(schema, columns).unwrap()
}

/// A workspace whose lake has five cases, with their pseudonyms, and two records that were returned.
fn workspace() -> Sandbox {
    let sandbox = Sandbox::new();
    let lake = Lake::open(&sandbox.path().join("lake")).unwrap();
    let file = BatchFile {
        file_name: "cases.csv".to_owned(),
        source_hash: HASH.to_owned(),
        size_bytes: 9,
        rows_received: 7,
    };
    let source_hash = hash_of_files([HASH]);
    let batch = BatchRecord {
        batch: BatchId::of(&source_hash, "records/1"),
        source_hash,
        source_kind: SourceKind::Records,
        file_name: "cases.csv".to_owned(),
        notice: Notice::default(),
        layout: Some("p@1".to_owned()),
        reading: "records/1".to_owned(),
        tool_version: "0.1.0".to_owned(),
        is_synthetic: false,
        rows_received: 7,
        rows_accepted: 5,
        rows_updated: 0,
        rows_deleted: 0,
        rows_returned: 2,
        rows_duplicate: 0,
        n_observations: 0,
        n_findings: 0,
        received_at: now(),
        committed_at: None,
        snapshot: None,
        superseded_by: None,
        retracted_by: None,
        files: vec![file],
    };
    let opening =
        Opening { command: "ingest", author: "li", message: "", clock: now, batch: batch.clone() };
    let StagingOutcome::Open(mut staging) = lake.stage(opening, 0).unwrap() else {
        panic!("the lake has no batches")
    };
    for (table, n_rows) in
        [(LakeTable::Cases, 5), (LakeTable::CasesPii, 5), (LakeTable::Returned, 2)]
    {
        staging.write(table, &rows(table, &batch.batch, n_rows)).unwrap();
    }
    staging.commit(&batch).unwrap();
    sandbox
}

fn data_file(sandbox: &Sandbox, table: LakeTable) -> PathBuf {
    let lake = Lake::open(&sandbox.path().join("lake")).unwrap();
    lake.snapshot(None).unwrap().files[&table][0].clone()
}

#[test]
fn statements_see_records_and_the_views_over_them() {
    let sandbox = workspace();
    let kinds = sandbox
        .sql("SELECT DISTINCT typeof(record_type) AS a, typeof(satisfaction) AS b FROM cases");
    assert_eq!(kinds, "a,b\nVARCHAR,INTEGER\n");
    let counted = "SELECT department, count(*) AS n, sum(version) AS v FROM cases_latest \
                   GROUP BY department ORDER BY department";
    assert_eq!(sandbox.sql(counted), "department,n,v\n词 0,2,2\n词 1,2,2\n词 2,1,1\n");
    let returned =
        "SELECT file_name, source_row, closed_by FROM returned_records ORDER BY source_row";
    assert_eq!(
        sandbox.sql(returned),
        "file_name,source_row,closed_by\ncases.csv,2,\ncases.csv,3,\n"
    );
    assert_eq!(sandbox.sql("SELECT count(*) AS n FROM evaluations_latest"), "n\n0\n");
    let files = "SELECT DISTINCT file_name, rows_received FROM cases JOIN batch_files USING (batch, file_idx)";
    assert_eq!(sandbox.sql(files), "file_name,rows_received\n");
}

#[test]
fn no_statement_reaches_a_pseudonym() {
    let sandbox = workspace();
    let file = data_file(&sandbox, LakeTable::CasesPii);
    assert!(file.exists());
    let absolute = file.display().to_string();
    let below = "lake/data/cases__pii/1-2.parquet";
    assert!(sandbox.path().join(below).exists());
    for statement in [
        "SELECT * FROM cases__pii".to_owned(),
        "SELECT * FROM evaluations__pii".to_owned(),
        "SELECT * FROM main.\"cases__pii\"".to_owned(),
        "SELECT applicant_name FROM cases".to_owned(),
        format!("SELECT * FROM '{absolute}'"),
        format!("SELECT * FROM read_parquet('{absolute}')"),
        format!("SELECT * FROM parquet_scan(['{absolute}'])"),
        format!("SELECT * FROM parquet_metadata('{absolute}')"),
        format!("SELECT * FROM read_parquet('{below}')"),
        format!(
            "SELECT * FROM read_parquet('{}/data/cases/../cases__pii/1-2.parquet')",
            sandbox.path().join("lake").display()
        ),
        "SELECT * FROM read_parquet('lake/data/*/*.parquet')".to_owned(),
    ] {
        let told = sandbox.run(&["sql", "--format", "csv", &statement]).fails(1);
        assert!(!told.contains(PSEUDONYM), "{statement}: {told}");
    }
    let names = sandbox
        .sql("SELECT table_name FROM duckdb_tables() UNION SELECT view_name FROM duckdb_views()");
    assert!(names.contains("cases_latest") && !names.contains("pii"), "{names}");
}

/// Both engines over the files themselves, as they scan tables that are too large for memory.
fn scanned(sandbox: &Sandbox, tables: &[LakeTable]) -> Vec<[ResultTable; 2]> {
    let files: BTreeMap<LakeTable, Vec<PathBuf>> =
        tables.iter().map(|table| (*table, vec![data_file(sandbox, *table)])).collect();
    let tables_of_engine = Tables { files, ..Tables::default() };
    let duckdb = DuckDb::open(&tables_of_engine, &EngineLimits::default()).unwrap();
    let polars = Polars::open(&tables_of_engine).unwrap();
    let both = tables.iter().map(|table| {
        let by_duckdb = duckdb.run_sql(&format!("SELECT * FROM {table}")).unwrap();
        let frame = polars.scan(table.as_str()).unwrap();
        [by_duckdb, polars.collect(frame, "test").unwrap()]
    });
    both.collect()
}

#[test]
fn both_engines_read_words_as_plain_texts_from_the_files() {
    let sandbox = workspace();
    let tables = [LakeTable::Cases, LakeTable::Returned];
    for (table, answers) in tables.iter().zip(scanned(&sandbox, &tables)) {
        let stored = stored_schema_of(*table);
        let lake_rows = rows(
            *table,
            &BatchId::of(HASH, "records/1"),
            if *table == LakeTable::Cases { 5 } else { 2 },
        );
        for answer in answers {
            let found = answer.to_batch().unwrap();
            assert_eq!(found.num_columns(), stored.fields().len());
            for (idx, field) in stored.fields().iter().enumerate() {
                let column = found.column(idx);
                assert_eq!(column.data_type(), field.data_type(), "{table}.{}", field.name());
                let meant = cast(lake_rows.column(idx), field.data_type()).unwrap();
                assert_eq!(column, &meant, "{table}.{}", field.name());
            }
        }
    }
}

#[test]
fn files_of_earlier_programs_are_read_without_the_columns_that_came_later() {
    let sandbox = Sandbox::empty();
    let table = LakeTable::Returned;
    let [later] = later_columns(table) else { panic!("one column") };
    let stored = stored_schema_of(table);
    let whole = rows(table, &BatchId::of(HASH, "records/1"), 2);
    let columns = whole.columns().iter().zip(stored.fields());
    let columns = columns.map(|(column, field)| cast(column, field.data_type()).unwrap()).collect();
    let whole = RecordBatch::try_new(stored, columns).unwrap();
    let mut earlier = whole.clone();
    earlier.remove_column(earlier.schema().index_of(later).unwrap());
    let put = |name: &str, rows: &RecordBatch| {
        let path = sandbox.path().join(name);
        crate::support::write(&path, &write_parquet(rows, &[], Vec::new()).unwrap());
        path
    };
    let (earlier, whole) = (put("earlier.parquet", &earlier), put("whole.parquet", &whole));
    let reader = PartReader::open(PlainFile::open(&earlier).unwrap(), table).unwrap();
    let columns = ["record_key", *later];
    let pieces: Vec<RecordBatch> = reader.rows(&columns).unwrap().map(Result::unwrap).collect();
    assert_eq!((pieces[0].num_rows(), pieces[0].num_columns()), (2, 1));
    for (files, n_given) in [
        (vec![earlier.clone()], 0),
        (vec![whole.clone()], 2),
        (vec![earlier.clone(), whole.clone()], 2),
        (vec![whole, earlier], 2),
    ] {
        let tables =
            Tables { files: BTreeMap::from([(table, files.clone())]), ..Tables::default() };
        let duckdb = DuckDb::open(&tables, &EngineLimits::default()).unwrap();
        let polars = Polars::open(&tables).unwrap();
        let frame = polars.scan(table.as_str()).unwrap();
        for answer in [
            duckdb.run_sql("SELECT * FROM returned").unwrap(),
            polars.collect(frame, "test").unwrap(),
        ] {
            let found = answer.to_batch().unwrap();
            assert_eq!(found.num_rows(), 2 * files.len());
            assert_eq!(found.num_columns(), schema_of(table).fields().len());
            let column = found.column_by_name(later).unwrap();
            assert_eq!(column.len() - column.null_count(), n_given, "{files:?}");
        }
    }
}

#[test]
fn a_damaged_file_of_records_is_refused_and_the_way_out_is_told() {
    let sandbox = workspace();
    let file = data_file(&sandbox, LakeTable::Cases);
    let bytes = tongban::fsio::read_bytes(&file, 1 << 20).unwrap();
    tongban::fsio::remove_file(&file).unwrap();
    crate::support::write(&file, &bytes[..bytes.len() - 1]);
    let told = sandbox.run(&["sql", "SELECT count(*) FROM cases"]).fails(1);
    assert!(told.contains("ingest the same files again"), "{told}");
    let batch = BatchId::of(HASH, "records/1").to_string();
    let told = sandbox.run(&["reread", &batch, "--reason", "x"]).fails(1);
    assert!(told.contains("holds records"), "{told}");
    // All that is kept: nothing.
    sandbox.run(&["reread", "--all", "--reason", "x"]).ok();
}
