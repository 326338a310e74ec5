//! Whether the figures of a report that was made again are those that it had.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::analysis::same_number;
use crate::diag::Message;
use crate::report::evidence::FigureTable;

/// What is not as it was.
#[derive(Debug, Clone, PartialEq)]
pub enum Difference {
    /// A table is not there any more.
    TableGone {
        /// Its id.
        table: String,
    },
    /// A column is not there any more.
    ColumnGone {
        /// Id of the table.
        table: String,
        /// Name of the column.
        column: String,
    },
    /// A table has another number of rows.
    Rows {
        /// Its id.
        table: String,
        /// Rows that it had.
        was: usize,
        /// Rows that it has.
        is: usize,
    },
    /// A value is another one.
    Value {
        /// Id of the table.
        table: String,
        /// Its row, from 1.
        row: usize,
        /// Name of its column.
        column: String,
        /// The value that it had, as JSON.
        was: String,
        /// The value that it has, as JSON.
        is: String,
    },
}

impl Difference {
    /// Returns what differs as a sentence.
    pub fn message(&self) -> Message {
        match self {
            Self::TableGone { table } => Message::new("verify.table_gone").with("table", table),
            Self::ColumnGone { table, column } => {
                Message::new("verify.column_gone").with("table", table).with("column", column)
            }
            Self::Rows { table, was, is } => Message::new("verify.rows_differ")
                .with("table", table)
                .with("was", was)
                .with("is", is),
            Self::Value { table, row, column, was, is } => Message::new("verify.value_differs")
                .with("table", table)
                .with("row", row)
                .with("column", column)
                .with("was", was)
                .with("is", is),
        }
    }
}

/// Returns in what the figures of a report that was made again differ from those that it had.
///
/// Tables and columns that are new are no difference, and numbers may differ by as much as two engines
/// may. Rows are compared in their order.
pub fn compare_figures(was: &[FigureTable], is: &[FigureTable]) -> Vec<Difference> {
    let now: BTreeMap<&str, &FigureTable> =
        is.iter().map(|table| (table.table.as_str(), table)).collect();
    let mut differences = Vec::new();
    for table in was {
        match now.get(table.table.as_str()) {
            None => differences.push(Difference::TableGone { table: table.table.clone() }),
            Some(now) => compare_table(table, now, &mut differences),
        }
    }
    differences
}

fn compare_table(was: &FigureTable, is: &FigureTable, differences: &mut Vec<Difference>) {
    let table = || was.table.clone();
    if was.rows.len() != is.rows.len() {
        differences.push(Difference::Rows {
            table: table(),
            was: was.rows.len(),
            is: is.rows.len(),
        });
        return;
    }
    for (at, column) in was.columns.iter().enumerate() {
        let Some(now_at) = is.columns.iter().position(|known| known == column) else {
            differences.push(Difference::ColumnGone { table: table(), column: column.clone() });
            continue;
        };
        for (row, (before, now)) in was.rows.iter().zip(&is.rows).enumerate() {
            let [before, now] =
                [before.get(at), now.get(now_at)].map(|value| value.unwrap_or(&Json::Null));
            if !is_same(before, now) {
                differences.push(Difference::Value {
                    table: table(),
                    row: row + 1,
                    column: column.clone(),
                    was: before.to_string(),
                    is: now.to_string(),
                });
            }
        }
    }
}

fn is_same(was: &Json, is: &Json) -> bool {
    match (was, is) {
        (Json::Number(was), Json::Number(is)) => {
            // Whole numbers of 64 bits need not be doubles.
            was == is || was.as_f64().zip(is.as_f64()).is_some_and(|(was, is)| same_number(was, is))
        }
        (Json::Array(was), Json::Array(is)) => {
            was.len() == is.len() && was.iter().zip(is).all(|(was, is)| is_same(was, is))
        }
        _ => was == is,
    }
}
