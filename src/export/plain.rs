//! Rows in the few types that every format of an export has.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, RecordBatchOptions, StringArray};
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::{DataType, SchemaRef, TimeUnit};
use arrow::error::ArrowError;
use arrow::util::display::{ArrayFormatter, FormatOptions};

/// Returns the type in which a column is exported: text, whole numbers of 32 or 64 bits, doubles, truth, days
/// or instants in microseconds. Bytes are text of hexadecimal digits, and so is nothing else but text.
pub(super) fn plain_type(data_type: &DataType) -> DataType {
    match data_type {
        DataType::Boolean => DataType::Boolean,
        DataType::Int8 | DataType::Int16 | DataType::Int32 | DataType::UInt8 | DataType::UInt16 => {
            DataType::Int32
        }
        DataType::Int64
        | DataType::UInt32
        | DataType::UInt64
        | DataType::Decimal128(_, 0)
        | DataType::Decimal256(_, 0) => DataType::Int64,
        DataType::Float16
        | DataType::Float32
        | DataType::Float64
        | DataType::Decimal128(..)
        | DataType::Decimal256(..) => DataType::Float64,
        DataType::Date32 | DataType::Date64 => DataType::Date32,
        DataType::Timestamp(_, None) => DataType::Timestamp(TimeUnit::Microsecond, None),
        _ => DataType::Utf8,
    }
}

/// Returns rows in the types of `schema`, whose columns are those of the rows in their order.
///
/// Fails where they have other columns, where a value does not fit, and where a column that is never null is.
pub fn plain_batch(schema: &SchemaRef, rows: &RecordBatch) -> Result<RecordBatch, ArrowError> {
    let found = rows.schema();
    let names = |schema: &SchemaRef| schema.fields().iter().map(|it| it.name().clone()).collect();
    let (wanted, found): (Vec<String>, Vec<String>) = (names(schema), names(&found));
    if wanted != found {
        // A view of a workspace need not give what its head says.
        let (wanted, found) = (wanted.join(", "), found.join(", "));
        return Err(ArrowError::SchemaError(format!("{found} instead of {wanted}")));
    }
    let columns = schema.fields().iter().zip(rows.columns());
    let columns = columns.map(|(field, column)| plain_column(column, field.data_type()));
    let columns = columns.collect::<Result<Vec<_>, _>>()?;
    let options = RecordBatchOptions::new().with_row_count(Some(rows.num_rows()));
    RecordBatch::try_new_with_options(Arc::clone(schema), columns, &options)
}

fn plain_column(column: &ArrayRef, wanted: &DataType) -> Result<ArrayRef, ArrowError> {
    if column.data_type() == wanted {
        return Ok(Arc::clone(column));
    }
    match column.data_type() {
        DataType::Binary => {
            let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            let texts = column.as_binary::<i32>().iter().map(|value| value.map(hex));
            let texts: StringArray = texts.collect::<Vec<Option<String>>>().into();
            Ok(Arc::new(texts))
        }
        DataType::Time64(_) | DataType::Time32(_) | DataType::Interval(_) => shown(column),
        kind if kind.is_nested() => shown(column),
        _ => {
            // A number that does not fit is an error and never null.
            let options = CastOptions { safe: false, ..CastOptions::default() };
            cast_with_options(column, wanted, &options)
        }
    }
}

fn shown(column: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    let options = FormatOptions::new();
    let formatter = ArrayFormatter::try_new(column, &options)?;
    let texts = (0..column.len())
        .map(|idx| column.is_valid(idx).then(|| formatter.value(idx).to_string()))
        .collect::<StringArray>();
    Ok(Arc::new(texts))
}

#[cfg(test)]
mod tests {
    use arrow::array::{BinaryArray, Decimal128Array, Int64Array};
    use arrow::datatypes::{Field, Schema};

    use super::*;

    fn plain(column: ArrayRef) -> Result<ArrayRef, ArrowError> {
        let field = Field::new("a", plain_type(column.data_type()), true);
        let rows = RecordBatch::try_from_iter_with_nullable([("a", column, true)])?;
        Ok(Arc::clone(plain_batch(&Arc::new(Schema::new(vec![field])), &rows)?.column(0)))
    }

    #[test]
    fn sums_are_whole_numbers_and_bytes_are_digits() {
        let sums = Decimal128Array::from(vec![Some(12), None]).with_precision_and_scale(38, 0);
        let found = plain(Arc::new(sums.unwrap())).unwrap();
        assert_eq!(*found, Int64Array::from(vec![Some(12), None]));
        let bytes: ArrayRef = Arc::new(BinaryArray::from(vec![Some(&b"\x00\xff"[..]), None]));
        assert_eq!(*plain(bytes).unwrap(), StringArray::from(vec![Some("00ff"), None]));
    }

    #[test]
    fn a_number_that_does_not_fit_is_refused() {
        let large = Decimal128Array::from(vec![i128::MAX / 2]).with_precision_and_scale(38, 0);
        assert!(plain(Arc::new(large.unwrap())).is_err());
    }

    #[test]
    fn a_column_that_is_never_null_has_no_nulls() {
        let rows: ArrayRef = Arc::new(Int64Array::from(vec![None]));
        let rows = RecordBatch::try_from_iter_with_nullable([("a", rows, true)]).unwrap();
        let schema = Arc::new(Schema::new(vec![Field::new("a", DataType::Int64, false)]));
        assert!(plain_batch(&schema, &rows).is_err());
    }
}
