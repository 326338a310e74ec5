//! Whether two answers in CSV are the same.

use std::fs::File;
use std::path::Path;

use csv::{Reader, ReaderBuilder, StringRecord};
use tongban::query::ColumnType;

use crate::Outcome;

/// Relative difference up to which two doubles count as the same: threads add in an order of their own.
const FLOAT_TOLERANCE: f64 = 1e-12;

/// Returns how many rows an answer has.
pub(crate) fn count_rows(answer: &Path) -> Outcome<u64> {
    let mut reader = reader_of(answer)?;
    let mut row = StringRecord::new();
    let mut n_lines = 0_u64;
    while reader.read_record(&mut row)? {
        n_lines += 1;
    }
    Ok(n_lines.saturating_sub(1))
}

/// Returns the first place in which two answers differ, `None` where they do not.
///
/// Names and order of the columns and the order of the rows count. Null and empty text are both an
/// empty cell. How a double or a time is written does not matter.
pub(crate) fn difference(
    ours: &Path,
    theirs: &Path,
    types: &[ColumnType],
) -> Outcome<Option<String>> {
    let (mut left, mut right) = (reader_of(ours)?, reader_of(theirs)?);
    let (mut left_row, mut right_row) = (StringRecord::new(), StringRecord::new());
    let mut row_idx = 0_u64;
    loop {
        let has_left = left.read_record(&mut left_row)?;
        let has_right = right.read_record(&mut right_row)?;
        if !has_left && !has_right {
            return Ok(None);
        }
        if has_left != has_right || left_row.len() != right_row.len() {
            return Ok(Some(format!("row {row_idx}: `{left_row:?}` and `{right_row:?}`")));
        }
        for (column, (ours, theirs)) in left_row.iter().zip(&right_row).enumerate() {
            let cell_type = if row_idx == 0 { None } else { types.get(column).copied() };
            if !are_same(ours, theirs, cell_type) {
                return Ok(Some(format!(
                    "row {row_idx}, column {column}: `{ours}` and `{theirs}`"
                )));
            }
        }
        row_idx += 1;
    }
}

fn are_same(ours: &str, theirs: &str, cell_type: Option<ColumnType>) -> bool {
    ours == theirs
        || match cell_type {
            Some(ColumnType::Double) => are_same_numbers(ours, theirs),
            Some(ColumnType::Timestamp) => plain_time(ours) == plain_time(theirs),
            _ => false,
        }
}

fn are_same_numbers(ours: &str, theirs: &str) -> bool {
    match (ours.parse::<f64>(), theirs.parse::<f64>()) {
        (Ok(ours), Ok(theirs)) => {
            (ours - theirs).abs() <= ours.abs().max(theirs.abs()) * FLOAT_TOLERANCE
        }
        _ => false,
    }
}

/// The shell writes a blank between day and time, and no zeros at the end of a fraction.
fn plain_time(text: &str) -> String {
    let text = text.replace('T', " ");
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

fn reader_of(path: &Path) -> Outcome<Reader<File>> {
    Ok(ReaderBuilder::new().has_headers(false).flexible(true).from_path(path)?)
}
