//! Twins against the list of questions, and what they read of files.

use arrow::array::RecordBatch;
use tempfile::TempDir;

use super::*;
use crate::engine::{Tables, resolved_tables};
use crate::fsio::{Mode, write_atomic};
use crate::lake::batches_table;
use crate::model::{Departments, FiguresBy};
use crate::query::{Catalogue, bind};
use crate::refdata::RefData;
use crate::table::{
    LakeTable, SessionChoice, reference_batch, session_batch, stored_schema_of, write_parquet,
};

#[test]
fn every_core_question_has_a_twin_and_can_be_asked_without_parameters() {
    let catalogue = Catalogue::builtin();
    for id in CORE_QUERIES {
        assert!(has_twin(id), "{id} is never told unchecked and has no twin");
    }
    for (id, _) in TWINS {
        let query = catalogue.get(id).unwrap();
        assert_eq!(query.id, id);
        assert!(bind(query, &[]).is_ok(), "{id} is left out where all are asked");
    }
    assert!(TWINS.is_sorted_by(|a, b| a.0 < b.0) && CORE_QUERIES.is_sorted());
    assert!(!has_twin("quality/findings"));
}

/// All tables without rows, those of the lake as files, with a day to be compared with.
fn empty_tables(folder: &TempDir, departments: Departments) -> Tables {
    let refdata = RefData::load(&[]).unwrap();
    let as_of = NaiveDate::from_ymd_opt(2021, 12, 31);
    let choice =
        SessionChoice { as_of, figures: FiguresBy { departments, ..FiguresBy::default() } };
    let mut memory = resolved_tables(&refdata, |_| true);
    memory.insert("session".to_owned(), session_batch(choice, "630000"));
    memory.insert("batches".to_owned(), batches_table(&[]));
    memory.extend(refdata.tables().map(|table| (table.name.to_owned(), reference_batch(table))));
    let file_of = |table: &LakeTable| {
        let path = folder.path().join(format!("{}.parquet", table.as_str()));
        let rows = RecordBatch::new_empty(stored_schema_of(*table));
        let bytes = write_parquet(&rows, &[], Vec::new()).unwrap();
        write_atomic(&path, &bytes, Mode::Private).unwrap();
        (*table, vec![path])
    };
    let files = LakeTable::ALL.iter().map(file_of).collect();
    Tables { files, memory, departments, ..Tables::default() }
}

/// The parts of a plan that read files, as Polars prints them: the file, the columns, the condition.
fn scans(plan: &str) -> Vec<[&str; 3]> {
    let lines: Vec<&str> = plan.lines().map(str::trim).collect();
    let at = |idx: usize| lines.get(idx).copied().unwrap_or_default();
    let is_scan = |idx: &usize| at(*idx).starts_with("Parquet SCAN");
    let of_scan = |idx: usize| [at(idx), at(idx + 1), at(idx + 2)];
    (0..lines.len()).filter(is_scan).map(of_scan).collect()
}

/// Numbers of the columns that a scan reads and that its file has.
fn columns_of(project: &str) -> (usize, usize) {
    let counts = project.trim_start_matches("PROJECT ").trim_end_matches(" COLUMNS");
    let (read, all) = counts.split_once('/').unwrap();
    (read.parse().unwrap(), all.parse().unwrap())
}

#[test]
fn twins_read_few_columns_of_files_and_pass_over_rows_while_scanning() {
    let folder = tempfile::tempdir().unwrap();
    let catalogue = Catalogue::builtin();
    for departments in [Departments::AsReported, Departments::Comparable] {
        let tables = Polars::open(&empty_tables(&folder, departments)).unwrap();
        for (id, _) in TWINS {
            let params = bind(catalogue.get(id).unwrap(), &[]).unwrap();
            let plan = plan(&tables, id, &params).unwrap().describe_optimized_plan().unwrap();
            let scans = scans(&plan);
            assert!(!scans.is_empty(), "{id} reads no file:\n{plan}");
            for [file, columns, condition] in scans {
                let (read, all) = columns_of(columns);
                assert!(read < all, "{id} reads all columns of {file}:\n{plan}");
                assert!(condition.starts_with("SELECTION: "), "{id} reads all of {file}:\n{plan}");
            }
        }
    }
}

#[test]
fn twins_answer_empty_tables_with_the_promised_columns() {
    let folder = tempfile::tempdir().unwrap();
    let catalogue = Catalogue::builtin();
    for departments in [Departments::AsReported, Departments::Comparable] {
        let tables = Polars::open(&empty_tables(&folder, departments)).unwrap();
        for (id, _) in TWINS {
            let query = catalogue.get(id).unwrap();
            let answer = run_twin(&tables, id, &bind(query, &[]).unwrap()).unwrap();
            // Targets are there without figures: nobody has reached them.
            assert_eq!(answer.n_rows() > 0, id == "targets/attainment", "{id}");
            let promised = query.head.returns.iter().map(|column| column.name.as_str());
            let found = answer.schema.fields().iter().map(|field| field.name().as_str());
            assert!(promised.eq(found), "columns of {id}");
        }
    }
}
