//! Reference tables, and the one row that a session adds, as Arrow batches.

use std::sync::Arc;

use arrow::array::{ArrayRef, Date32Array, Float64Array, Int32Array, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Date32Type, Field, Schema};
use chrono::NaiveDate;

use crate::model::FiguresBy;
use crate::refdata::{ColumnType, RefTable};

/// Returns a reference table with typed columns; empty text is null.
pub fn reference_batch(table: &RefTable) -> RecordBatch {
    let mut fields = Vec::new();
    let mut columns: Vec<ArrayRef> = Vec::new();
    for (idx, name) in table.columns.iter().enumerate() {
        let (column_type, is_nullable) =
            table.sidecar.columns[name].parsed_type().unwrap_or((ColumnType::Text, true));
        let values: Vec<Option<String>> = table
            .rows()
            .map(|row| Some(row.values()[idx].clone()).filter(|value| !value.is_empty()))
            .collect();
        let column = typed(column_type, &values);
        fields.push(Field::new(name, column.data_type().clone(), is_nullable));
        columns.push(column);
    }
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)
        .expect("rows were checked against the sidecar when they were loaded")
}

fn typed(column_type: ColumnType, values: &[Option<String>]) -> ArrayRef {
    let texts = values.iter().map(Option::as_deref);
    match column_type {
        ColumnType::Text => Arc::new(texts.collect::<StringArray>()),
        ColumnType::Int => Arc::new(texts.map(|text| text?.parse().ok()).collect::<Int32Array>()),
        ColumnType::Double => {
            Arc::new(texts.map(|text| text?.parse().ok()).collect::<Float64Array>())
        }
        ColumnType::Date => Arc::new(texts.map(|text| days(text?)).collect::<Date32Array>()),
    }
}

fn days(text: &str) -> Option<i32> {
    text.parse::<NaiveDate>().ok().map(Date32Type::from_naive_date)
}

/// What a session chose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SessionChoice {
    /// The day as of which questions are answered; `None` for everything known.
    pub as_of: Option<NaiveDate>,
    /// Which figures are shown.
    pub figures: FiguresBy,
}

/// Returns the table `session`: one row with what was chosen, and the province of the workspace.
pub fn session_batch(choice: SessionChoice, province: &str) -> RecordBatch {
    let schema = Schema::new(vec![
        Field::new("as_of", DataType::Date32, true),
        Field::new("departments", DataType::Utf8, false),
        Field::new("origin", DataType::Utf8, false),
        Field::new("province", DataType::Utf8, false),
    ]);
    let as_of = Date32Array::from(vec![choice.as_of.map(Date32Type::from_naive_date)]);
    let departments = StringArray::from(vec![choice.figures.departments.as_str()]);
    let origin = StringArray::from(vec![choice.figures.origin.as_str()]);
    let province = StringArray::from(vec![province]);
    let columns: Vec<ArrayRef> =
        vec![Arc::new(as_of), Arc::new(departments), Arc::new(origin), Arc::new(province)];
    RecordBatch::try_new(Arc::new(schema), columns).expect("four columns of one row")
}
