//! The columns of a lake table as Delta has them, and what may become of them from version to version.

use std::collections::BTreeMap;

use arrow::datatypes::{DataType, Field, TimeUnit};
use serde::{Deserialize, Serialize};

use crate::diag::{Lang, column_title};
use crate::mirror::action::Protocol;
use crate::table::{LakeTable, stored_schema_of};

/// The feature without which no table has times that belong to no zone.
const NAIVE_TIME: &str = "timestampNtz";
/// The type of such times.
const NAIVE_TIME_TYPE: &str = "timestamp_ntz";

/// The columns of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct DeltaSchema {
    #[serde(rename = "type")]
    kind: String,
    fields: Vec<DeltaField>,
}

/// One column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct DeltaField {
    name: String,
    #[serde(rename = "type")]
    data_type: String,
    nullable: bool,
    /// `comment` has the title in Chinese.
    metadata: BTreeMap<String, String>,
}

/// What a new list of columns is to files that were written under an earlier one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    /// They fit: columns that they lack are null there.
    Fitting,
    /// They do not fit, and have to be put there anew.
    Unfit,
}

impl DeltaSchema {
    /// Returns the columns of a lake table as its files have them.
    pub(super) fn of(table: LakeTable) -> Self {
        let schema = stored_schema_of(table);
        let fields = schema.fields().iter().map(|field| DeltaField::of(field)).collect();
        Self { kind: "struct".to_owned(), fields }
    }

    /// Reads columns as we write them; `None` where somebody else did.
    pub(super) fn parse(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    pub(super) fn to_text(&self) -> String {
        serde_json::to_string(self).expect("texts become JSON")
    }

    /// Tells what these columns are to files written under earlier ones.
    pub(super) fn change_from(&self, earlier: &Self) -> Change {
        let is_kept = |was: &DeltaField| {
            self.field(&was.name).is_some_and(|now| {
                now.data_type == was.data_type && (now.nullable || !was.nullable)
            })
        };
        let is_new_and_required =
            |now: &DeltaField| !now.nullable && earlier.field(&now.name).is_none();
        if earlier.fields.iter().all(is_kept) && !self.fields.iter().any(is_new_and_required) {
            Change::Fitting
        } else {
            Change::Unfit
        }
    }

    /// Returns the least that a reader has to know: old programs read what has no naive times.
    pub(super) fn protocol(&self) -> Protocol {
        if self.fields.iter().any(|field| field.data_type == NAIVE_TIME_TYPE) {
            let features = || Some(vec![NAIVE_TIME.to_owned()]);
            return Protocol {
                min_reader_version: 3,
                min_writer_version: 7,
                reader_features: features(),
                writer_features: features(),
            };
        }
        Protocol {
            min_reader_version: 1,
            min_writer_version: 2,
            reader_features: None,
            writer_features: None,
        }
    }

    fn field(&self, name: &str) -> Option<&DeltaField> {
        self.fields.iter().find(|field| field.name == name)
    }
}

impl DeltaField {
    fn of(field: &Field) -> Self {
        let title = column_title(field.name(), Lang::Zh);
        let comment = (title != *field.name()).then(|| ("comment".to_owned(), title));
        Self {
            name: field.name().clone(),
            data_type: type_name(field.data_type()).to_owned(),
            nullable: field.is_nullable(),
            metadata: comment.into_iter().collect(),
        }
    }
}

/// Returns the word that Delta has for a type that tables of the lake have.
fn type_name(data_type: &DataType) -> &'static str {
    match data_type {
        DataType::Int32 => "integer",
        DataType::Int64 => "long",
        DataType::Float64 => "double",
        DataType::Boolean => "boolean",
        DataType::Date32 => "date",
        DataType::Timestamp(TimeUnit::Microsecond, None) => NAIVE_TIME_TYPE,
        DataType::Binary => "binary",
        DataType::Utf8 => "string",
        other => unreachable!("no table of the lake has a column of {other}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schema(columns: &[(&str, &str, bool)]) -> DeltaSchema {
        let field = |(name, data_type, nullable): &(&str, &str, bool)| DeltaField {
            name: (*name).to_owned(),
            data_type: (*data_type).to_owned(),
            nullable: *nullable,
            metadata: BTreeMap::new(),
        };
        DeltaSchema { kind: "struct".to_owned(), fields: columns.iter().map(field).collect() }
    }

    #[test]
    fn every_table_has_columns_that_delta_knows_and_reads_back() {
        for table in LakeTable::ALL {
            let schema = DeltaSchema::of(*table);
            assert_eq!(schema.fields.len(), stored_schema_of(*table).fields().len());
            assert_eq!(DeltaSchema::parse(&schema.to_text()), Some(schema));
        }
        assert_eq!(DeltaSchema::of(LakeTable::Totals).protocol().min_reader_version, 1);
        assert_eq!(DeltaSchema::of(LakeTable::Observations).protocol().min_reader_version, 3);
    }

    #[test]
    fn new_columns_that_may_be_null_fit_and_other_changes_do_not() {
        let was = schema(&[("a", "string", false), ("b", "integer", true)]);
        let change = |now: &[(&str, &str, bool)]| schema(now).change_from(&was);
        let (a, b) = (("a", "string", false), ("b", "integer", true));
        assert_eq!(change(&[a, b]), Change::Fitting);
        assert_eq!(change(&[b, ("c", "date", true), a]), Change::Fitting);
        assert_eq!(change(&[("a", "string", true), b]), Change::Fitting);
        assert_eq!(change(&[a, b, ("c", "date", false)]), Change::Unfit);
        assert_eq!(change(&[a, ("b", "integer", false)]), Change::Unfit);
        assert_eq!(change(&[a, ("b", "long", true)]), Change::Unfit);
        assert_eq!(change(&[a]), Change::Unfit);
    }
}
