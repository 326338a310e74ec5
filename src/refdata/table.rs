//! One reference table: rows of text, checked against its sidecar.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use crate::diag::Message;
use crate::refdata::RefDataError;
use crate::refdata::sidecar::{ColumnType, Sidecar};

/// Rows of a reference table, sorted by key. Empty text is null.
#[derive(Debug, Clone)]
pub struct RefTable {
    /// Name of the table.
    pub name: &'static str,
    /// Names of the columns, in the order of the file.
    pub columns: Vec<String>,
    /// What the columns mean.
    pub sidecar: Sidecar,
    /// Rows that the workspace added or replaced.
    pub n_own_rows: usize,
    /// Lines of the workspace's own rows, by their keys.
    own_lines: BTreeMap<Vec<String>, u64>,
    rows: BTreeMap<Vec<String>, Vec<String>>,
}

/// One row of a reference table.
#[derive(Debug, Clone, Copy)]
pub struct RefRow<'a> {
    table: &'a RefTable,
    values: &'a [String],
}

impl RefRow<'_> {
    /// Returns the line in the workspace's file; `None` for a built-in row.
    pub(super) fn own_line(&self) -> Option<u64> {
        let key = self.table.sidecar.key.iter().map(|column| self.text(column)).collect::<Vec<_>>();
        self.table.own_lines.get(&key).copied()
    }

    /// Returns the value of a column that the table has; empty where it is null.
    pub fn text(&self, column: &str) -> String {
        let at = self.table.columns.iter().position(|name| name == column);
        at.map(|at| self.values[at].clone()).unwrap_or_default()
    }

    /// Returns the values in the order of the columns.
    pub fn values(&self) -> &[String] {
        self.values
    }
}

impl RefTable {
    /// Parses the built-in rows of a table.
    pub(super) fn parse(
        name: &'static str,
        text: &str,
        sidecar: Sidecar,
    ) -> Result<Self, RefDataError> {
        let header = text.lines().next().unwrap_or_default();
        let columns = header.split(',').map(str::to_owned).collect();
        let own_lines = BTreeMap::new();
        let rows = BTreeMap::new();
        let mut table = Self { name, columns, sidecar, n_own_rows: 0, own_lines, rows };
        table.extend(text)?;
        table.n_own_rows = 0;
        table.own_lines = BTreeMap::new();
        Ok(table)
    }

    /// Returns the rows in the order of their keys.
    pub fn rows(&self) -> impl Iterator<Item = RefRow<'_>> {
        self.rows.values().map(|values| RefRow { table: self, values })
    }

    /// Returns the line of the workspace's own row with a value in a column.
    pub(super) fn own_line_of(&self, column: &str, value: &str) -> Option<u64> {
        self.rows().filter(|row| row.text(column) == value).find_map(|row| row.own_line())
    }

    /// Adds the rows of a CSV text; a row with a known key replaces that row.
    ///
    /// Refused are two rows of the text with one key.
    pub(super) fn extend(&mut self, text: &str) -> Result<(), RefDataError> {
        let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).from_reader(text.as_bytes());
        let invalid = |line: u64, reason: Message| RefDataError::RowInvalid {
            table: self.name.to_owned(),
            line,
            reason,
        };
        let unreadable = |error: csv::Error| {
            let line = error.position().map_or(1, csv::Position::line);
            invalid(line, Message::new("io.other").with("reason", error))
        };
        let header = reader.headers().map_err(unreadable)?.clone();
        if let Some(unknown) = header.iter().find(|name| !self.columns.iter().any(|c| c == name)) {
            let reason = Message::new("refdata.column_unknown")
                .with("column", unknown)
                .with("known", self.columns.join(", "));
            return Err(invalid(1, reason));
        }
        let mut added: Vec<(Vec<String>, Vec<String>)> = Vec::new();
        let mut lines: BTreeMap<Vec<String>, u64> = BTreeMap::new();
        for record in reader.records() {
            let record = record.map_err(unreadable)?;
            let line = record.position().map_or(1, |position| line_of(text, position));
            let value = |column: &String| {
                let at = header.iter().position(|name| name == column);
                at.and_then(|at| record.get(at)).unwrap_or_default().trim().to_owned()
            };
            let row: Vec<String> = self.columns.iter().map(value).collect();
            if let Some(reason) = self.fault(&row) {
                return Err(invalid(line, reason));
            }
            let key: Vec<String> = self.sidecar.key.iter().map(value).collect();
            if let Some(first) = lines.insert(key.clone(), line) {
                let reason = Message::new("refdata.key_repeated")
                    .with("key", key.join(", "))
                    .with("first", first);
                return Err(invalid(line, reason));
            }
            added.push((key, row));
        }
        self.n_own_rows += added.len();
        self.own_lines.extend(lines);
        self.rows.extend(added);
        Ok(())
    }

    /// Adds one row from values by column; columns that are not named are empty.
    pub(super) fn add_row(&mut self, values: &[(&str, &str)]) -> Result<(), Message> {
        let value = |column: &String| {
            let found = values.iter().find(|(name, _)| name == column);
            found.map_or_else(String::new, |(_, value)| (*value).to_owned())
        };
        let row: Vec<String> = self.columns.iter().map(value).collect();
        if let Some(reason) = self.fault(&row) {
            return Err(reason);
        }
        let key = self.sidecar.key.iter().map(value).collect();
        self.rows.insert(key, row);
        Ok(())
    }

    /// Checks that what the workspace's own rows refer to stands in the column that the sidecar names;
    /// `values_of` returns the values of a column of a table.
    pub(super) fn check_references(
        &self,
        values_of: impl Fn(&str, &str) -> BTreeSet<String>,
    ) -> Result<(), RefDataError> {
        if self.own_lines.is_empty() {
            return Ok(());
        }
        for (idx, name) in self.columns.iter().enumerate() {
            let Some(target) = &self.sidecar.columns[name].references else { continue };
            let (table, column) = target.split_once('.').expect("a test resolves all references");
            let known = values_of(table, column);
            for (key, line) in &self.own_lines {
                let value = self.rows.get(key).map(|row| &row[idx]);
                if let Some(value) = value.filter(|v| !v.is_empty() && !known.contains(*v)) {
                    let reason = Message::new("refdata.reference_unknown")
                        .with("column", name)
                        .with("value", value)
                        .with("table", table);
                    return Err(RefDataError::RowInvalid {
                        table: self.name.to_owned(),
                        line: *line,
                        reason,
                    });
                }
            }
        }
        Ok(())
    }

    /// Returns what is wrong with a row: an empty, mistyped or unlisted value, or a last day before the
    /// first.
    fn fault(&self, row: &[String]) -> Option<Message> {
        self.value_fault(row).or_else(|| self.days_fault(row))
    }

    /// Says that a row holds on no day at all, so that nothing would ever come of it.
    fn days_fault(&self, row: &[String]) -> Option<Message> {
        let day = |wanted: &str| -> Option<NaiveDate> {
            let at = self.columns.iter().position(|name| name == wanted)?;
            let is_day = matches!(self.sidecar.columns[wanted].parsed_type()?.0, ColumnType::Date);
            row[at].parse().ok().filter(|_| is_day)
        };
        let (from, to) = day("valid_from").zip(day("valid_to"))?;
        (to < from).then(|| Message::new("refdata.days_reversed").with("from", from).with("to", to))
    }

    fn value_fault(&self, row: &[String]) -> Option<Message> {
        self.columns.iter().zip(row).find_map(|(name, value)| {
            let column = &self.sidecar.columns[name];
            let (column_type, is_nullable) = column.parsed_type()?;
            let fits = match column_type {
                _ if value.is_empty() => is_nullable,
                ColumnType::Text => {
                    column.values.as_ref().is_none_or(|values| values.contains(value))
                }
                ColumnType::Int => value.parse::<i32>().is_ok(),
                ColumnType::Date => value.parse::<NaiveDate>().is_ok(),
                ColumnType::Double => value.parse::<f64>().is_ok(),
            };
            let wanted = column
                .values
                .as_ref()
                .map_or_else(|| column.type_name.clone(), |values| values.join(", "));
            (!fits).then(|| {
                Message::new("refdata.value_invalid")
                    .with("column", name)
                    .with("value", value)
                    .with("wanted", wanted)
            })
        })
    }
}

/// Returns the line of a record, from 1. The reader's position is that of the comments before it.
fn line_of(text: &str, position: &csv::Position) -> u64 {
    let start = usize::try_from(position.byte()).unwrap_or(usize::MAX);
    let lines = text.get(start..).unwrap_or_default().lines();
    let is_passed_over = |line: &&str| line.is_empty() || line.starts_with('#');
    let n_passed_over = lines.take_while(is_passed_over).count();
    position.line() + u64::try_from(n_passed_over).unwrap_or_default()
}
