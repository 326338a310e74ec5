//! Two answers compared cell by cell.

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float64Type};
use arrow::util::display::{ArrayFormatter, FormatOptions};

use crate::diag::Message;
use crate::table::{ResultTable, RowsError};

/// Relative difference up to which two doubles count as the same: engines add in another order.
///
/// Sums of counts are exact up to 2^53; what remains are quotients, whose last bits may differ.
const FLOAT_TOLERANCE: f64 = 1e-12;

/// Differing cells that are listed; more would not help.
const MAX_LISTED: usize = 10;

/// What came of answering a query on two engines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CrossCheck {
    /// Both say the same.
    Equal,
    /// The query has no twin.
    NoTwin,
    /// They differ; the first cells that do.
    Different(Vec<Message>),
}

/// Compares the answer of a statement with that of its twin: columns, order, rows, nulls, values.
pub fn cross_check(answer: &ResultTable, twin: &ResultTable) -> Result<CrossCheck, RowsError> {
    let (left, right) = (answer.to_batch()?, twin.to_batch()?);
    let names = |batch: &RecordBatch| -> Vec<String> {
        batch.schema().fields().iter().map(|field| field.name().clone()).collect()
    };
    let (left_names, right_names) = (names(&left), names(&right));
    if left_names != right_names {
        let message = Message::new("check.columns")
            .with("duckdb", left_names.join(", "))
            .with("polars", right_names.join(", "));
        return Ok(CrossCheck::Different(vec![message]));
    }
    let mut different = Vec::new();
    if left.num_rows() != right.num_rows() {
        different.push(
            Message::new("check.rows")
                .with("duckdb", left.num_rows())
                .with("polars", right.num_rows()),
        );
    }
    let n_rows = left.num_rows().min(right.num_rows());
    for (column, name) in left_names.iter().enumerate() {
        let cells = Cells::new(left.column(column), right.column(column))?;
        for row in (0..n_rows).filter(|row| !cells.are_same(*row)) {
            if different.len() == MAX_LISTED {
                return Ok(CrossCheck::Different(different));
            }
            let (duckdb, polars) = cells.texts(row);
            different.push(
                Message::new("check.cell")
                    .with("row", row + 1)
                    .with("column", name)
                    .with("duckdb", duckdb)
                    .with("polars", polars),
            );
        }
    }
    Ok(if different.is_empty() { CrossCheck::Equal } else { CrossCheck::Different(different) })
}

/// Two columns of the same name.
struct Cells {
    left: ArrayRef,
    right: ArrayRef,
}

impl Cells {
    /// Brings both columns to one type: numbers to doubles, anything else to text.
    fn new(left: &ArrayRef, right: &ArrayRef) -> Result<Self, RowsError> {
        let is_number = left.data_type().is_numeric() && right.data_type().is_numeric();
        let common = if is_number { DataType::Float64 } else { DataType::Utf8 };
        let to_common = |column: &ArrayRef| cast(column, &common).map_err(RowsError);
        Ok(Self { left: to_common(left)?, right: to_common(right)? })
    }

    fn are_same(&self, row: usize) -> bool {
        if self.left.is_null(row) || self.right.is_null(row) {
            return self.left.is_null(row) && self.right.is_null(row);
        }
        if *self.left.data_type() == DataType::Float64 {
            let value = |column: &ArrayRef| column.as_primitive::<Float64Type>().value(row);
            return same_number(value(&self.left), value(&self.right));
        }
        self.left.as_string::<i32>().value(row) == self.right.as_string::<i32>().value(row)
    }

    fn texts(&self, row: usize) -> (String, String) {
        let text = |column: &ArrayRef| {
            let options = FormatOptions::default().with_null("null");
            ArrayFormatter::try_new(column.as_ref(), &options)
                .map_or_else(|_| String::new(), |formatter| formatter.value(row).to_string())
        };
        (text(&self.left), text(&self.right))
    }
}

fn same_number(left: f64, right: f64) -> bool {
    let size = left.abs().max(right.abs());
    left.to_bits() == right.to_bits() || (left - right).abs() <= size * FLOAT_TOLERANCE
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{Float64Array, Int64Array, StringArray};
    use arrow::datatypes::{Field, Schema};

    use super::*;

    fn table(column: ArrayRef) -> ResultTable {
        let field = Field::new("a", column.data_type().clone(), true);
        let schema = Arc::new(Schema::new(vec![field]));
        ResultTable::of(RecordBatch::try_new(schema, vec![column]).unwrap())
    }

    fn doubles(values: &[Option<f64>]) -> ResultTable {
        table(Arc::new(values.iter().copied().collect::<Float64Array>()))
    }

    #[test]
    fn a_number_is_the_same_in_another_type_and_a_null_is_not_zero() {
        let ints = table(Arc::new(Int64Array::from(vec![Some(1), None])));
        let same = cross_check(&ints, &doubles(&[Some(1.0), None])).unwrap();
        assert_eq!(same, CrossCheck::Equal);
        let different = cross_check(&ints, &doubles(&[Some(1.0), Some(0.0)])).unwrap();
        assert!(matches!(different, CrossCheck::Different(cells) if cells.len() == 1));
    }

    #[test]
    fn last_bits_may_differ_and_rows_may_not() {
        let left = doubles(&[Some(0.1 + 0.2), Some(1e15)]);
        assert_eq!(
            cross_check(&left, &doubles(&[Some(0.3), Some(1e15)])).unwrap(),
            CrossCheck::Equal
        );
        assert_ne!(
            cross_check(&left, &doubles(&[Some(0.3), Some(1e15 + 10_000.0)])).unwrap(),
            CrossCheck::Equal
        );
        assert_ne!(cross_check(&left, &doubles(&[Some(0.3)])).unwrap(), CrossCheck::Equal);
        let text = table(Arc::new(StringArray::from(vec!["0.3", "1"])));
        assert_ne!(cross_check(&left, &text).unwrap(), CrossCheck::Equal);
    }
}
