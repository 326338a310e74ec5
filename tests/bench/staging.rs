//! Rows of `cases` from memory into the lake, beside DuckDB's own `COPY` of the same rows.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use arrow::array::{
    ArrayRef, BinaryArray, BooleanArray, DictionaryArray, Int32Array, Int64Array, RecordBatch,
    StringArray, TimestampMicrosecondArray,
};
use arrow::datatypes::{DataType, Field, Int32Type};
use chrono::{NaiveDate, NaiveDateTime};
use tongban::lake::{BatchFile, BatchRecord, Lake, Opening, Staging, StagingOutcome};
use tongban::model::{BatchId, Notice, SourceKind};
use tongban::table::{LakeTable, schema_of};

use crate::{Outcome, finish};

/// Rows of one batch, about what the judging of one block of text gives.
const BATCH_ROWS: usize = 16_384;

/// Microseconds of 2025-07-01.
const FIRST_INSTANT: i64 = 1_751_328_000_000_000;

const HASH: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// Stages `n_rows` cases with their pseudonyms in a new lake in `dir`, and prints what it took.
pub(crate) fn run(n_rows: usize, dir: &Path, shell: Option<&Path>) -> Outcome<()> {
    let lake = Lake::create(&dir.join("lake of records"))?;
    let mut batch = record();
    let opening =
        Opening { command: "bench", author: "bench", message: "", clock, batch: batch.clone() };
    let StagingOutcome::Open(mut staging) = lake.stage(opening, 0)? else {
        return Err("the lake is new and has no batches".into());
    };
    let mut writing = Duration::ZERO;
    for start in (0..n_rows).step_by(BATCH_ROWS) {
        let n_batch_rows = BATCH_ROWS.min(n_rows - start);
        for table in [LakeTable::Cases, LakeTable::CasesPii] {
            let rows = rows(table, &batch.batch, start, n_batch_rows)?;
            let begun = Instant::now();
            staging.write(table, &rows)?;
            writing += begun.elapsed();
        }
    }
    let begun = Instant::now();
    commit(*staging, &mut batch, n_rows)?;
    let committing = begun.elapsed();
    report(n_rows, writing, committing);
    let view = lake.snapshot(None)?;
    for table in [LakeTable::Cases, LakeTable::CasesPii] {
        let n_bytes = view.extents.get(&table).copied().unwrap_or_default().size_bytes;
        println!("{table}: {} files, {n_bytes} bytes", view.files[&table].len());
    }
    match shell {
        Some(shell) => copy_by_duckdb(shell, dir, &view.files[&LakeTable::Cases]),
        None => Ok(()),
    }
}

fn commit(staging: Staging<'_>, batch: &mut BatchRecord, n_rows: usize) -> Outcome<()> {
    let n_rows = i64::try_from(n_rows)?;
    (batch.rows_received, batch.rows_accepted) = (n_rows, n_rows);
    batch.files[0].rows_received = n_rows;
    staging.commit(batch)?;
    Ok(())
}

fn report(n_rows: usize, writing: Duration, committing: Duration) {
    let seconds = (writing + committing).as_secs_f64();
    #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
    let rate = n_rows as f64 / seconds;
    println!(
        "{n_rows} rows: {:.2} s writing, {:.2} s until durable, {rate:.0} rows/s, peak {}",
        writing.as_secs_f64(),
        committing.as_secs_f64(),
        peak_memory()
    );
}

/// The most memory that this process had, as the system says it.
fn peak_memory() -> String {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.unwrap_or("unknown").trim().to_owned()
}

/// Has DuckDB read the files that were written and write the same rows.
fn copy_by_duckdb(shell: &Path, dir: &Path, files: &[std::path::PathBuf]) -> Outcome<()> {
    let list: Vec<String> = files.iter().map(|path| format!("'{}'", path.display())).collect();
    let target = dir.join("copy.parquet");
    let begun = Instant::now();
    let sql = format!(
        "COPY (SELECT * FROM read_parquet([{}])) TO '{}' (FORMAT parquet, COMPRESSION zstd)",
        list.join(", "),
        target.display()
    );
    finish(Command::new(shell).args(["-c", &sql]).stdin(Stdio::null()))?;
    let n_bytes = fs::metadata(&target)?.len();
    println!("DuckDB COPY of `cases`: {:.2} s, {n_bytes} bytes", begun.elapsed().as_secs_f64());
    Ok(())
}

fn clock() -> NaiveDateTime {
    NaiveDate::from_ymd_opt(2025, 8, 1).unwrap_or_default().and_hms_opt(8, 0, 0).unwrap_or_default()
}

fn record() -> BatchRecord {
    let file = BatchFile {
        file_name: "cases.csv".to_owned(),
        source_hash: HASH.to_owned(),
        size_bytes: 0,
        rows_received: 0,
    };
    BatchRecord {
        batch: BatchId::of(HASH, "bench"),
        source_hash: HASH.to_owned(),
        source_kind: SourceKind::Records,
        file_name: "cases.csv".to_owned(),
        notice: Notice::default(),
        layout: Some("bench@1".to_owned()),
        reading: "bench".to_owned(),
        tool_version: "0".to_owned(),
        is_synthetic: true,
        rows_received: 0,
        rows_accepted: 0,
        rows_updated: 0,
        rows_deleted: 0,
        rows_returned: 0,
        rows_duplicate: 0,
        n_observations: 0,
        n_findings: 0,
        received_at: clock(),
        committed_at: None,
        snapshot: None,
        superseded_by: None,
        retracted_by: None,
        files: vec![file],
    }
}

/// A number that looks like chance and follows from its arguments.
fn mixed(row: usize, column: usize) -> u64 {
    let mut state = (row as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ ((column as u64) << 56);
    state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    state ^ (state >> 31)
}

fn rows(table: LakeTable, batch: &BatchId, start: usize, n_rows: usize) -> Outcome<RecordBatch> {
    let schema = schema_of(table);
    let columns: Vec<ArrayRef> = schema
        .fields()
        .iter()
        .enumerate()
        .map(|(column, field)| column_of(field, column, batch, start..start + n_rows))
        .collect();
    Ok(RecordBatch::try_new(schema, columns)?)
}

/// How many different values a text of few has, and what they begin with.
fn vocabulary(name: &str) -> (u64, &'static str) {
    match name {
        "record_type" | "operation" => (1, "insert"),
        "profile" | "scope" => (1, "up-exchange@1"),
        "department" => (40, "department-"),
        "org_code" => (300, "1163000001501"),
        "org_name" => (300, "青海省某某市某某区某某局第"),
        "region" => (400, "6301"),
        "catalog_code" => (1500, "00011400"),
        "task_code" => (3000, "116300000150139584400011400"),
        "task_handle_item" => (3500, "11630000015013958440001140000"),
        "task_name" => (2500, "某某行政许可事项的申请与变更登记之"),
        "source_batch" => (60, "2025070"),
        _ => (6, "值"),
    }
}

fn column_of(
    field: &Field,
    column: usize,
    batch: &BatchId,
    rows: std::ops::Range<usize>,
) -> ArrayRef {
    let n_rows = rows.len();
    // Some cells of columns that may be null are.
    let is_null = |row: usize| field.is_nullable() && mixed(row, column + 100).is_multiple_of(16);
    match field.data_type() {
        DataType::Dictionary(..) if field.name() == "batch" => {
            let keys = Int32Array::from(vec![0; n_rows]);
            Arc::new(DictionaryArray::<Int32Type>::new(
                keys,
                Arc::new(StringArray::from(vec![batch.as_str()])),
            ))
        }
        DataType::Dictionary(..) => {
            let (n_values, prefix) = vocabulary(field.name());
            let values: StringArray =
                (0..n_values).map(|value| Some(format!("{prefix}{value:04}"))).collect();
            let keys: Int32Array = rows
                .map(|row| {
                    let key = i32::try_from(mixed(row, column) % n_values).unwrap_or(0);
                    (!is_null(row)).then_some(key)
                })
                .collect();
            Arc::new(DictionaryArray::<Int32Type>::new(keys, Arc::new(values)))
        }
        DataType::Utf8 => Arc::new(
            rows.map(|row| Some(format!("6301{:06}{row:010}", mixed(row, 1) % 1_000_000)))
                .collect::<StringArray>(),
        ),
        DataType::Int64 if field.name() == "source_row" => {
            Arc::new(rows.map(|row| i64::try_from(row + 2).ok()).collect::<Int64Array>())
        }
        DataType::Int64 => {
            Arc::new(rows.map(|row| Some(mixed(row, 3).cast_signed())).collect::<Int64Array>())
        }
        DataType::Int32 if field.name() == "satisfaction" => Arc::new(
            rows.map(|row| i32::try_from(mixed(row, 4) % 5 + 1).ok()).collect::<Int32Array>(),
        ),
        DataType::Int32 => {
            let value = i32::from(field.name() == "version");
            Arc::new(Int32Array::from(vec![value; n_rows]))
        }
        DataType::Boolean => Arc::new(
            rows.map(|row| Some(!mixed(row, 5).is_multiple_of(20))).collect::<BooleanArray>(),
        ),
        DataType::Binary => {
            let bytes = rows.map(|row| {
                let half = u128::from(mixed(row, column));
                Some((half << 64 | half.wrapping_mul(31)).to_be_bytes())
            });
            Arc::new(bytes.collect::<BinaryArray>())
        }
        _ if field.name() == "received_at" => {
            Arc::new(TimestampMicrosecondArray::from(vec![FIRST_INSTANT; n_rows]))
        }
        _ => Arc::new(
            rows.map(|row| {
                let seconds = i64::try_from(mixed(row, column) % 86_400).unwrap_or(0)
                    + i64::try_from(row / 200_000 * 86_400).unwrap_or(0);
                (!is_null(row)).then_some(FIRST_INSTANT + seconds * 1_000_000)
            })
            .collect::<TimestampMicrosecondArray>(),
        ),
    }
}
