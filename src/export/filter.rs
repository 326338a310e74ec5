//! Rows of some periods and departments.

use arrow::array::{Array, AsArray, BooleanArray, Date32Array, RecordBatch};
use arrow::compute::{cast, filter_record_batch};
use arrow::datatypes::{DataType, Date32Type};
use arrow::error::ArrowError;
use chrono::NaiveDate;

use crate::export::Column;

/// Columns that say when a row counts, the first one that a table has.
const TIMES: [&str; 8] = [
    "period_end",
    "last_month",
    "month",
    "arrival_month",
    "event_month",
    "event_at",
    "returned_on",
    "closed_on",
];

/// The column with departments.
const DEPARTMENT: &str = "department";

/// What a table lacks to have its rows chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lacking {
    /// A column of times.
    Time,
    /// A column of departments.
    Department,
}

/// Which rows are exported; all where nothing is chosen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RowFilter {
    /// First day.
    pub from: Option<NaiveDate>,
    /// Last day.
    pub to: Option<NaiveDate>,
    /// Ids of departments; empty for all.
    pub departments: Vec<String>,
}

impl RowFilter {
    /// Whether all rows are exported.
    pub fn is_all(&self) -> bool {
        *self == Self::default()
    }

    /// Returns the column by which rows are chosen by time, of a table that has one.
    pub fn time_of(columns: &[Column]) -> Option<&str> {
        let has = |name: &&str| columns.iter().any(|column| column.name == *name);
        TIMES.into_iter().find(has)
    }

    /// Returns what a table lacks to have its rows chosen; `None` where it has the columns for that.
    pub fn lacking(&self, columns: &[Column]) -> Option<Lacking> {
        let is_by_time = self.from.is_some() || self.to.is_some();
        let has_department = columns.iter().any(|column| column.name == DEPARTMENT);
        if is_by_time && Self::time_of(columns).is_none() {
            Some(Lacking::Time)
        } else {
            (!self.departments.is_empty() && !has_department).then_some(Lacking::Department)
        }
    }

    /// Returns the rows that are chosen. A row that does not say when it counts, or for whom, is not
    /// among those of a time or a department.
    pub fn apply(&self, rows: &RecordBatch) -> Result<RecordBatch, ArrowError> {
        if self.is_all() {
            return Ok(rows.clone());
        }
        let mut is_kept = vec![true; rows.num_rows()];
        if self.from.is_some() || self.to.is_some() {
            let times = TIMES.into_iter().find_map(|name| rows.column_by_name(name));
            let days = times.map(|times| cast(times, &DataType::Date32)).transpose()?;
            let days = days.as_ref().map(AsArray::as_primitive::<Date32Type>);
            for (idx, kept) in is_kept.iter_mut().enumerate() {
                *kept = days.is_some_and(|days| self.has_day(days, idx));
            }
        }
        if !self.departments.is_empty() {
            let names = rows.column_by_name(DEPARTMENT).map(|it| cast(it, &DataType::Utf8));
            let names = names.transpose()?;
            let names = names.as_ref().map(AsArray::as_string::<i32>);
            for (idx, kept) in is_kept.iter_mut().enumerate() {
                let is_named = names.is_some_and(|names| {
                    names.is_valid(idx) && self.departments.iter().any(|it| it == names.value(idx))
                });
                *kept = *kept && is_named;
            }
        }
        filter_record_batch(rows, &BooleanArray::from(is_kept))
    }

    fn has_day(&self, days: &Date32Array, idx: usize) -> bool {
        let day = days.is_valid(idx).then(|| Date32Type::to_naive_date_opt(days.value(idx)));
        day.flatten().is_some_and(|day| {
            self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| day <= to)
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, Int32Array, StringArray, TimestampMicrosecondArray};
    use arrow::datatypes::{Field, Int32Type, Schema};

    use super::*;
    use crate::export::columns_of_batch;

    #[track_caller]
    fn check(from: &str, to: &str, departments: &[&str], expected: &[i32]) {
        let day = 86_400_000_000;
        let times: ArrayRef = Arc::new(TimestampMicrosecondArray::from(vec![
            Some(0),
            Some(day - 1),
            Some(day),
            None,
        ]));
        let names: ArrayRef =
            Arc::new(StringArray::from(vec![Some("tax"), Some("water"), Some("tax"), None]));
        let numbers: ArrayRef = Arc::new(Int32Array::from(vec![0, 1, 2, 3]));
        let columns = [("event_at", times), ("department", names), ("n", numbers)];
        let rows = RecordBatch::try_from_iter(columns).unwrap();
        let filter = RowFilter {
            from: from.parse().ok(),
            to: to.parse().ok(),
            departments: departments.iter().map(|name| (*name).to_owned()).collect(),
        };
        let kept = filter.apply(&rows).unwrap();
        assert_eq!(kept.column(2).as_primitive::<Int32Type>().values(), expected);
    }

    #[test]
    fn what_a_table_lacks_is_told() {
        let columns = |name: &str| {
            columns_of_batch(&Schema::new(vec![Field::new(name, DataType::Utf8, true)]))
        };
        let from = RowFilter { from: "2021-01-01".parse().ok(), ..RowFilter::default() };
        let tax = RowFilter { departments: vec!["tax".to_owned()], ..RowFilter::default() };
        assert_eq!(RowFilter::default().lacking(&columns("x")), None);
        assert_eq!(from.lacking(&columns("department")), Some(Lacking::Time));
        assert_eq!(from.lacking(&columns("period_end")), None);
        assert_eq!(tax.lacking(&columns("period_end")), Some(Lacking::Department));
        assert_eq!(tax.lacking(&columns("department")), None);
    }

    #[test]
    fn rows_of_days_and_departments_are_kept() {
        check("", "", &[], &[0, 1, 2, 3]);
        check("1970-01-01", "1970-01-01", &[], &[0, 1]);
        check("1970-01-02", "", &[], &[2]);
        check("", "", &["tax"], &[0, 2]);
        check("", "1970-01-01", &["tax", "water"], &[0, 1]);
        check("", "", &["none"], &[]);
    }
}
