//! An answer as rows of text, in which figures and names are looked up.

use arrow::array::{Array, AsArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float64Type};
use chrono::NaiveDate;

use crate::model::{Qualifier, Release};
use crate::table::ResultTable;

/// The rows of an answer. Numbers have the shortest text that reads back as the same one, days are as
/// in 2021-09-30; null stays null.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Answer {
    columns: Vec<String>,
    rows: Vec<Vec<Option<String>>>,
}

/// One row of an answer.
#[derive(Debug, Clone, Copy)]
pub(super) struct AnswerRow<'a> {
    answer: &'a Answer,
    cells: &'a [Option<String>],
}

impl Answer {
    /// Takes the rows of a result. A column of a type that has no text is left without values.
    pub(super) fn of(table: &ResultTable) -> Self {
        let columns: Vec<String> =
            table.schema.fields().iter().map(|field| field.name().clone()).collect();
        let mut rows = Vec::new();
        for batch in &table.batches {
            let texts: Vec<Vec<Option<String>>> =
                batch.columns().iter().map(|it| texts(it)).collect();
            for row_idx in 0..batch.num_rows() {
                rows.push(texts.iter().map(|column| column[row_idx].clone()).collect());
            }
        }
        Self { columns, rows }
    }

    /// Returns the rows in which all of these columns have these values; no text stands for null.
    pub(super) fn rows_where<'a>(
        &'a self,
        wanted: &'a [(String, String)],
    ) -> impl Iterator<Item = AnswerRow<'a>> {
        self.rows().filter(move |row| {
            wanted.iter().all(|(column, value)| row.text(column).unwrap_or_default() == value)
        })
    }

    /// Returns all rows, in order.
    pub(super) fn rows(&self) -> impl Iterator<Item = AnswerRow<'_>> {
        self.rows.iter().map(|cells| AnswerRow { answer: self, cells })
    }

    /// Returns the first day or text that a column has.
    pub(super) fn first(&self, column: &str) -> Option<&str> {
        self.rows().find_map(|row| row.text(column))
    }
}

impl<'a> AnswerRow<'a> {
    /// Returns a cell; `None` where it is null or there is no such column.
    pub(super) fn text(self, column: &str) -> Option<&'a str> {
        let at = self.answer.columns.iter().position(|name| name == column)?;
        self.cells.get(at)?.as_deref()
    }

    /// Returns a cell as a number.
    pub(super) fn number(self, column: &str) -> Option<f64> {
        self.text(column)?.parse().ok()
    }

    /// Returns a cell as a day.
    pub(super) fn day(self, column: &str) -> Option<NaiveDate> {
        self.text(column)?.parse().ok()
    }

    /// Returns how far the figure of the row is approved; `None` where the row does not say.
    pub(super) fn release(self) -> Option<Release> {
        Release::parse(self.text(RELEASE)?)
    }

    /// Returns how exact the figure of the row claims to be; `None` for an exact one.
    pub(super) fn qualifier(self) -> Option<Qualifier> {
        Qualifier::parse(self.text(QUALIFIER)?)
    }
}

/// The column that says how far a figure is approved.
pub(super) const RELEASE: &str = "release";
/// The column that says how exact a figure claims to be.
const QUALIFIER: &str = "qualifier";

fn texts(column: &dyn Array) -> Vec<Option<String>> {
    if column.data_type() == &DataType::Float64 {
        let values = column.as_primitive::<Float64Type>().iter();
        return values.map(|value| value.map(|value| value.to_string())).collect();
    }
    match cast(column, &DataType::Utf8) {
        Ok(texts) => texts.as_string::<i32>().iter().map(|text| text.map(str::to_owned)).collect(),
        Err(_) => vec![None; column.len()],
    }
}
