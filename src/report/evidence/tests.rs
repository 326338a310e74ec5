//! Evidence written, read and compared; reports made again are in `tests/it/schedule.rs`.

use serde_json::{Value as Json, json};

use super::*;
use crate::model::{BatchId, Notice, SourceKind};
use crate::report::content::{Block, Cell, Value};
use crate::report::sample::sample;

/// Evidence of the sample, made over an empty lake.
fn evidence() -> Evidence {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("lake");
    let lake = crate::lake::Lake::create(&root).unwrap();
    let snapshot = lake.snapshot(None).unwrap();
    let catalogue = Catalogue::builtin();
    let report = sample();
    let origin = Origin {
        definition: "title_zh = \"月度趋势\"\n",
        param_names: &["period".to_owned(), "region".to_owned()],
        catalogue: &catalogue,
        snapshot: &snapshot,
        lake: &root,
        reference_hash: None,
    };
    let output = EvidenceOutput::of("monthly-trend.html", "html", b"<html>");
    let mut evidence = Evidence::of(&report, &origin, vec![output]);
    evidence.batches = vec![EvidenceBatch {
        batch: "42b430865d2fc122".to_owned(),
        file_name: "通报.txt".to_owned(),
        source_hash: "0".repeat(64),
    }];
    evidence
}

#[test]
fn evidence_is_read_back_as_it_was_written() {
    let evidence = evidence();
    let bytes = evidence.to_bytes();
    assert_eq!(bytes, self::evidence().to_bytes());
    assert_eq!(Evidence::parse(std::str::from_utf8(&bytes).unwrap()).unwrap(), evidence);
    assert_eq!(evidence.params, [("period".to_owned(), "2021-08".to_owned())]);
    let asked = "aggregation/by_department";
    assert_eq!(evidence.queries[asked].hash, hash_hex(evidence.queries[asked].sql.as_bytes()));
    // What it reads is there, too.
    assert!(evidence.queries.len() > 1, "{:?}", evidence.queries.keys());
    assert_eq!(evidence.questions[0].check, "equal");
    let tables: Vec<&str> = evidence.figures.iter().map(|table| &*table.table).collect();
    assert_eq!(tables, ["prose:totals", "departments", "course-table"]);
    assert_eq!(evidence.figures[0].rows[0][3], json!(12_741_337));
}

#[test]
fn what_is_no_evidence_is_refused() {
    let code = |text: &str| Evidence::parse(text).unwrap_err().message().code;
    assert_eq!(code("<html>"), "verify.garbled");
    assert_eq!(code("{}"), "verify.garbled");
    assert_eq!(code(r#"{"format": "tongban-report", "version": 1}"#), "verify.foreign");
    assert_eq!(code(r#"{"format": "tongban-evidence", "version": 9}"#), "verify.version");
    assert_eq!(code(r#"{"format": "tongban-evidence", "version": 1}"#), "verify.garbled");
    let mut more: Json = serde_json::from_slice(&evidence().to_bytes()).unwrap();
    more["more"] = json!(1);
    assert_eq!(code(&more.to_string()), "verify.garbled");
}

fn batch() -> BatchRecord {
    let at = NaiveDate::from_ymd_opt(2021, 11, 16).unwrap().and_hms_opt(8, 0, 0).unwrap();
    BatchRecord {
        batch: BatchId::from_stored("42b430865d2fc122".to_owned()),
        source_hash: "0".repeat(64),
        source_kind: SourceKind::Notice,
        file_name: "通报.txt".to_owned(),
        notice: Notice::default(),
        layout: None,
        reading: "annex/8".to_owned(),
        tool_version: "0.1.0".to_owned(),
        is_synthetic: false,
        rows_received: 0,
        rows_accepted: 0,
        rows_updated: 0,
        rows_deleted: 0,
        rows_returned: 0,
        rows_duplicate: 0,
        n_observations: 0,
        n_findings: 0,
        received_at: at,
        committed_at: Some(at),
        snapshot: Some(1),
        superseded_by: None,
        retracted_by: None,
        files: Vec::new(),
    }
}

#[test]
fn a_report_whose_batches_are_not_there_cannot_be_made_again() {
    let evidence = evidence();
    let code = |batches: &[BatchRecord], latest| {
        evidence.obstacle(batches, latest).map(|message| message.code)
    };
    assert_eq!(code(&[batch()], 3), None);
    assert_eq!(code(&[batch()], 2), Some("verify.snapshot_absent"));
    assert_eq!(code(&[], 3), Some("verify.batch_absent"));
    let other = BatchRecord { source_hash: "f".repeat(64), ..batch() };
    assert_eq!(code(&[other], 3), Some("verify.batch_absent"));
    let retracted = BatchRecord { retracted_by: Some("li".to_owned()), ..batch() };
    assert_eq!(code(&[retracted], 3), Some("verify.batch_retracted"));
    let later =
        BatchRecord { superseded_by: Some(BatchId::from_stored("b".to_owned())), ..batch() };
    assert_eq!(code(&[later], 3), None);
}

/// Compares the sample with a changed one.
#[track_caller]
fn check(change: impl FnOnce(&mut Report), expected: &[&str]) {
    let mut report = sample();
    change(&mut report);
    let is = figures::figures_of(&report);
    let differences = compare_figures(&evidence().figures, &is);
    let codes: Vec<&str> = differences.iter().map(|one| one.message().code).collect();
    assert_eq!(codes, expected, "{differences:?}");
}

fn first_table(report: &mut Report) -> &mut crate::report::content::Table {
    let blocks = &mut report.sections[0].blocks;
    let found = blocks.iter_mut().find_map(|block| match block {
        Block::Table(table) => Some(table),
        _ => None,
    });
    found.unwrap()
}

#[test]
fn what_differs_is_found() {
    check(|_| {}, &[]);
    check(|report| report.sections[0].title = "别的".to_owned(), &[]);
    check(
        |report| first_table(report).rows[0].cells[1].value = Value::Whole(1),
        &["verify.value_differs"],
    );
    check(
        |report| first_table(report).rows[1].cells[1].value = Value::Whole(0),
        &["verify.value_differs"],
    );
    check(|report| first_table(report).rows.truncate(2), &["verify.rows_differ"]);
    check(|report| first_table(report).columns[2].name = "x".to_owned(), &["verify.column_gone"]);
    check(|report| first_table(report).id = "x".to_owned(), &["verify.table_gone"]);
    // Noise in the last bits is none, and neither is a column that is new.
    check(
        |report| {
            let table = first_table(report);
            table.rows[0].cells[2].value = Value::Number(97.3 + 2e-14);
            let mut column = table.columns[0].clone();
            column.name = "new".to_owned();
            table.columns.insert(0, column);
            for row in &mut table.rows {
                row.cells.insert(0, Cell::default());
            }
        },
        &[],
    );
    check(
        |report| {
            let values = vec![None, Some(2.0), Some(3.6)];
            first_table(report).rows[0].cells[4].value = Value::Course(values);
        },
        &["verify.value_differs"],
    );
}
