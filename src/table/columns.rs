//! Arrow columns of values, and batches of named columns.

use std::fmt::{Display, Write};
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Date32Array, Float64Array, Int32Array, Int64Array, RecordBatch,
    StringBuilder, TimestampMicrosecondArray,
};
use arrow::datatypes::{Date32Type, Field, Schema};
use chrono::{NaiveDate, NaiveDateTime};

/// A column: name, values, whether it may be null.
pub type Column = (&'static str, ArrayRef, bool);

/// Returns a batch of columns, which all have a value for every row, in their order.
pub fn batch_of_columns(columns: impl IntoIterator<Item = Column>) -> RecordBatch {
    let (mut fields, mut arrays) = (Vec::new(), Vec::new());
    for (name, array, is_nullable) in columns {
        fields.push(Field::new(name, array.data_type().clone(), is_nullable));
        arrays.push(array);
    }
    RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)
        .expect("all columns come from the same rows, required ones without nulls")
}

/// Returns a column of texts.
pub fn texts<'a>(values: impl Iterator<Item = Option<&'a str>> + Clone) -> ArrayRef {
    let n_bytes = values.clone().flatten().map(str::len).sum();
    let mut column = StringBuilder::with_capacity(values.size_hint().0, n_bytes);
    values.for_each(|value| column.append_option(value));
    Arc::new(column.finish())
}

/// Returns a column of values as they print, without a text of its own for each.
pub(super) fn written(values: impl Iterator<Item = impl Display>) -> ArrayRef {
    let mut column = StringBuilder::new();
    for value in values {
        write!(column, "{value}").expect("memory takes any text");
        column.append_value("");
    }
    Arc::new(column.finish())
}

/// Returns a column of 32-bit integers.
pub fn ints(values: impl Iterator<Item = Option<i32>>) -> ArrayRef {
    Arc::new(values.collect::<Int32Array>())
}

/// Returns a column of 64-bit integers.
pub fn bigints(values: impl Iterator<Item = Option<i64>>) -> ArrayRef {
    Arc::new(values.collect::<Int64Array>())
}

/// Returns a column of doubles.
pub(super) fn doubles(values: impl Iterator<Item = Option<f64>>) -> ArrayRef {
    Arc::new(values.collect::<Float64Array>())
}

/// Returns a column of truths.
pub fn bools(values: impl Iterator<Item = bool>) -> ArrayRef {
    Arc::new(values.map(Some).collect::<BooleanArray>())
}

/// Returns a column of days.
pub fn dates(values: impl Iterator<Item = Option<NaiveDate>>) -> ArrayRef {
    Arc::new(values.map(|day| day.map(Date32Type::from_naive_date)).collect::<Date32Array>())
}

/// Returns a column of instants without a zone, in microseconds.
pub fn times(values: impl Iterator<Item = Option<NaiveDateTime>>) -> ArrayRef {
    let micros = |time: NaiveDateTime| time.and_utc().timestamp_micros();
    Arc::new(values.map(|time| time.map(micros)).collect::<TimestampMicrosecondArray>())
}
