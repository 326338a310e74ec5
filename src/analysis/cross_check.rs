//! Two answers compared cell by cell.

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float64Type, Schema};
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

/// Compares the answer of a statement with that of its twin: columns and their types, order, rows,
/// nulls, values. Doubles may differ in their last bits, nothing else may.
pub fn cross_check(answer: &ResultTable, twin: &ResultTable) -> Result<CrossCheck, RowsError> {
    let (left, right) = (answer.to_batch()?, twin.to_batch()?);
    if let Some(message) = different_columns(&left.schema(), &right.schema()) {
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
    for (column, field) in left.schema().fields().iter().enumerate() {
        let cells = Cells::new(left.column(column), right.column(column))?;
        for row in (0..n_rows).filter(|row| !cells.are_same(*row)) {
            if different.len() == MAX_LISTED {
                return Ok(CrossCheck::Different(different));
            }
            let (duckdb, polars) = cells.texts(row);
            different.push(
                Message::new("check.cell")
                    .with("row", row + 1)
                    .with("column", field.name())
                    .with("duckdb", duckdb)
                    .with("polars", polars),
            );
        }
    }
    Ok(if different.is_empty() { CrossCheck::Equal } else { CrossCheck::Different(different) })
}

/// Tells which names or, where these are the same, which types of columns differ.
fn different_columns(left: &Schema, right: &Schema) -> Option<Message> {
    let names = |schema: &Schema| -> Vec<String> {
        schema.fields().iter().map(|field| field.name().clone()).collect()
    };
    let types = |schema: &Schema, other: &Schema| -> Vec<String> {
        let pairs = schema.fields().iter().zip(other.fields());
        let pairs = pairs.filter(|(field, other)| field.data_type() != other.data_type());
        pairs.map(|(field, _)| format!("{} {}", field.name(), field.data_type())).collect()
    };
    let (mut duckdb, mut polars) = (names(left), names(right));
    if duckdb == polars {
        (duckdb, polars) = (types(left, right), types(right, left));
    }
    let message = Message::new("check.columns")
        .with("duckdb", duckdb.join(", "))
        .with("polars", polars.join(", "));
    (duckdb != polars).then_some(message)
}

/// Two columns of the same name and type.
struct Cells {
    left: ArrayRef,
    right: ArrayRef,
}

impl Cells {
    /// Leaves doubles as they are, and makes text of anything else.
    fn new(left: &ArrayRef, right: &ArrayRef) -> Result<Self, RowsError> {
        let is_double = *left.data_type() == DataType::Float64;
        let common = if is_double { DataType::Float64 } else { DataType::Utf8 };
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

/// Whether two doubles are the same but for what engines may differ by.
pub fn same_number(left: f64, right: f64) -> bool {
    let size = left.abs().max(right.abs());
    left.to_bits() == right.to_bits() || (left - right).abs() <= size * FLOAT_TOLERANCE
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{Float64Array, Int64Array, RecordBatch, StringArray};
    use arrow::datatypes::Field;

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
    fn a_null_is_not_zero_and_a_whole_number_no_double() {
        let ints = |values: &[Option<i64>]| {
            table(Arc::new(values.iter().copied().collect::<Int64Array>()))
        };
        let (found, other) = (ints(&[Some(1), None]), ints(&[Some(1), Some(0)]));
        assert_eq!(cross_check(&found, &found).unwrap(), CrossCheck::Equal);
        let different = cross_check(&found, &other).unwrap();
        assert!(matches!(different, CrossCheck::Different(cells) if cells.len() == 1));
        let columns = Message::new("check.columns");
        let columns = columns.with("duckdb", "a Int64").with("polars", "a Float64");
        let different = cross_check(&found, &doubles(&[Some(1.0), None])).unwrap();
        assert_eq!(different, CrossCheck::Different(vec![columns]));
        // As doubles they would be the same.
        let (large, next) = (ints(&[Some((1 << 53) + 1)]), ints(&[Some(1 << 53)]));
        assert_ne!(cross_check(&large, &next).unwrap(), CrossCheck::Equal);
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
