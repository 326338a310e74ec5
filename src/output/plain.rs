//! Brings every Arrow type that an engine may return to one that the writers know.
//!
//! Dictionaries are unpacked, views of lists become lists, unions become text. Arrow's cast kernels
//! do the work, at any depth.

use std::collections::BTreeSet;
use std::sync::Arc;

use arrow::array::timezone::Tz;
use arrow::array::{Array, ArrayRef, RecordBatch, RecordBatchOptions, StringArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, FieldRef, Fields, Schema};
use arrow::error::ArrowError;
use arrow::util::display::{ArrayFormatter, FormatOptions};

use crate::output::OutputError;
use crate::table::RowsError;

/// The zone that stands for one whose rules are not known here: the instant stays the same.
const UTC: &str = "+00:00";

#[derive(Clone, Copy, PartialEq, Eq)]
enum Target {
    Text,
    Parquet,
}

/// Returns the batch in types that can be written as text, column names untouched.
pub(super) fn for_text(batch: &RecordBatch) -> Result<RecordBatch, OutputError> {
    plain_batch(batch, Target::Text)
}

/// Returns the batch in types that can be written as text, with distinct column names.
pub(super) fn for_machines(batch: &RecordBatch) -> Result<RecordBatch, OutputError> {
    plain_batch(&with_distinct_names(batch)?, Target::Text)
}

/// Returns the batch in types that Parquet knows, with distinct column names. Intervals become text.
pub(super) fn for_parquet(batch: &RecordBatch) -> Result<RecordBatch, OutputError> {
    plain_batch(&with_distinct_names(batch)?, Target::Parquet)
}

fn plain_batch(batch: &RecordBatch, target: Target) -> Result<RecordBatch, OutputError> {
    let schema = batch.schema();
    let mut fields = Vec::with_capacity(batch.num_columns());
    let mut columns = Vec::with_capacity(batch.num_columns());
    for (field, column) in schema.fields().iter().zip(batch.columns()) {
        let column = plain_column(column, target).map_err(|reason| OutputError::Column {
            column: field.name().clone(),
            data_type: column.data_type().clone(),
            reason,
        })?;
        fields.push(Arc::new(field.as_ref().clone().with_data_type(column.data_type().clone())));
        columns.push(column);
    }
    rebuild(batch, fields, columns)
}

fn plain_column(column: &ArrayRef, target: Target) -> Result<ArrayRef, ArrowError> {
    if matches!(column.data_type(), DataType::Union(..)) {
        return union_text(column);
    }
    let wanted = plain_type(column.data_type(), target)?;
    if wanted == *column.data_type() {
        return Ok(Arc::clone(column));
    }
    cast(column, &wanted)
}

/// Returns the type in which a value of `data_type` is written.
fn plain_type(data_type: &DataType, target: Target) -> Result<DataType, ArrowError> {
    let plain = |field: &FieldRef| -> Result<FieldRef, ArrowError> {
        let inner = plain_type(field.data_type(), target)?;
        Ok(Arc::new(field.as_ref().clone().with_data_type(inner)))
    };
    Ok(match data_type {
        DataType::Dictionary(_, values) => plain_type(values, target)?,
        DataType::RunEndEncoded(_, values) => plain_type(values.data_type(), target)?,
        DataType::List(item) | DataType::ListView(item) => DataType::List(plain(item)?),
        DataType::LargeList(item) | DataType::LargeListView(item) => {
            DataType::LargeList(plain(item)?)
        }
        DataType::FixedSizeList(item, size) => DataType::FixedSizeList(plain(item)?, *size),
        DataType::Struct(fields) => {
            DataType::Struct(fields.iter().map(plain).collect::<Result<Fields, _>>()?)
        }
        DataType::Map(entries, is_sorted) => DataType::Map(plain(entries)?, *is_sorted),
        DataType::Interval(_) if target == Target::Parquet => DataType::Utf8,
        DataType::Float16 if target == Target::Text => DataType::Float32,
        DataType::Timestamp(unit, Some(zone))
            if target == Target::Text && zone.parse::<Tz>().is_err() =>
        {
            DataType::Timestamp(*unit, Some(UTC.into()))
        }
        DataType::Union(..) => {
            return Err(ArrowError::NotYetImplemented("a union inside another type".to_owned()));
        }
        other => other.clone(),
    })
}

/// Returns each value of a union with the name of its member, as `{num=1}`; null stays null.
fn union_text(column: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    let options = FormatOptions::new().with_display_error(true);
    let formatter = ArrayFormatter::try_new(column, &options)?;
    let nulls = column.logical_nulls();
    let texts: StringArray = (0..column.len())
        .map(|row_idx| {
            let is_null = nulls.as_ref().is_some_and(|nulls| nulls.is_null(row_idx));
            (!is_null).then(|| formatter.value(row_idx).to_string())
        })
        .collect();
    Ok(Arc::new(texts))
}

/// Numbers the later ones of columns that share a name: readers of JSON keep only one of two equal
/// keys.
fn with_distinct_names(batch: &RecordBatch) -> Result<RecordBatch, OutputError> {
    let schema = batch.schema();
    let given: BTreeSet<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
    if given.len() == schema.fields().len() {
        return Ok(batch.clone());
    }
    let mut used = BTreeSet::new();
    let mut fields: Vec<FieldRef> = Vec::with_capacity(schema.fields().len());
    for field in schema.fields() {
        let mut name = field.name().clone();
        let mut suffix = 0;
        while used.contains(&name) || (suffix > 0 && given.contains(name.as_str())) {
            suffix += 1;
            name = format!("{}_{suffix}", field.name());
        }
        used.insert(name.clone());
        fields.push(Arc::new(Field::clone(field).with_name(name)));
    }
    rebuild(batch, fields, batch.columns().to_vec())
}

fn rebuild(
    batch: &RecordBatch,
    fields: Vec<FieldRef>,
    columns: Vec<ArrayRef>,
) -> Result<RecordBatch, OutputError> {
    let schema = Schema::new_with_metadata(fields, batch.schema().metadata().clone());
    // The row count is given for results without columns.
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    RecordBatch::try_new_with_options(Arc::new(schema), columns, &options)
        .map_err(|error| OutputError::Rows(RowsError(error)))
}
