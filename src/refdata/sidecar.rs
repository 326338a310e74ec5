//! The description beside each reference table.

use serde::Deserialize;

use crate::model::text_enum;

/// What `data/<name>.toml` says of `data/<name>.csv`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sidecar {
    /// What a row is.
    pub row: String,
    /// Columns that identify a row, in the order in which rows are sorted.
    pub key: Vec<String>,
    /// Number of rows.
    pub rows: usize,
    /// Where the table comes from.
    pub source: String,
    /// Under which terms it may be used.
    pub licence: String,
    /// Day on which it was put together.
    pub retrieved: String,
    /// The columns by name.
    pub columns: std::collections::BTreeMap<String, Column>,
}

/// One column of a reference table.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// Type, with a `?` where the column may be empty.
    #[serde(rename = "type")]
    pub type_name: String,
    /// What it says.
    pub help: String,
    /// Column of another table in which every value stands, as `departments.department`.
    pub references: Option<String>,
    /// The only values that it may have.
    pub values: Option<Vec<String>>,
    /// Unit of its numbers.
    pub unit: Option<String>,
}

text_enum! {
    /// Types of reference columns.
    ColumnType {
        /// Text.
        Text = "text",
        /// Whole number.
        Int = "int",
        /// Calendar day.
        Date = "date",
        /// Number.
        Double = "double",
    }
}

impl Sidecar {
    /// Parses a sidecar that is compiled in.
    pub(super) fn built_in(name: &str, text: &str) -> Self {
        toml::from_str(text)
            .unwrap_or_else(|error| unreachable!("a test reads `data/{name}.toml`: {error}"))
    }
}

impl Column {
    /// Returns the type and whether the column may be empty.
    pub fn parsed_type(&self) -> Option<(ColumnType, bool)> {
        let (name, is_nullable) = match self.type_name.strip_suffix('?') {
            Some(name) => (name, true),
            None => (self.type_name.as_str(), false),
        };
        ColumnType::parse(name).map(|column_type| (column_type, is_nullable))
    }
}
