//! The columns of every table of the lake, as Arrow schemas.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};

use crate::model::text_enum;

text_enum! {
    /// A table of the lake that is kept as Parquet.
    LakeTable {
        /// Figures as stated.
        Observations = "observations",
        /// Printed totals and the check of their column.
        Totals = "totals",
        /// What was wrong, odd or assumed.
        Findings = "findings",
    }
}

/// A column that is never null.
const REQUIRED: bool = false;
/// A column that may be null.
const NULLABLE: bool = true;

/// Returns the columns of a lake table, in the order in which they are stored.
pub fn schema_of(table: LakeTable) -> SchemaRef {
    let fields = match table {
        LakeTable::Observations => observations(),
        LakeTable::Totals => totals(),
        LakeTable::Findings => findings(),
    };
    Arc::new(Schema::new(fields))
}

fn text(name: &str, nullable: bool) -> Field {
    Field::new(name, DataType::Utf8, nullable)
}

fn date(name: &str, nullable: bool) -> Field {
    Field::new(name, DataType::Date32, nullable)
}

fn int(name: &str, nullable: bool) -> Field {
    Field::new(name, DataType::Int32, nullable)
}

fn double(name: &str, nullable: bool) -> Field {
    Field::new(name, DataType::Float64, nullable)
}

fn timestamp(name: &str, nullable: bool) -> Field {
    Field::new(name, DataType::Timestamp(TimeUnit::Microsecond, None), nullable)
}

fn observations() -> Vec<Field> {
    vec![
        text("indicator", REQUIRED),
        int("definition", REQUIRED),
        text("department", NULLABLE),
        text("region", REQUIRED),
        text("breakdown", NULLABLE),
        text("accumulation", REQUIRED),
        date("period_start", NULLABLE),
        date("period_end", REQUIRED),
        text("period_basis", REQUIRED),
        double("value", NULLABLE),
        text("value_text", NULLABLE),
        text("unit", REQUIRED),
        text("obs_status", REQUIRED),
        text("qualifier", NULLABLE),
        text("origin", REQUIRED),
        text("edition", REQUIRED),
        text("release", REQUIRED),
        date("published_on", NULLABLE),
        timestamp("received_at", REQUIRED),
        text("batch", REQUIRED),
        text("place", REQUIRED),
        text("printed", NULLABLE),
        text("row_label", NULLABLE),
        text("column_label", NULLABLE),
        int("row_idx", NULLABLE),
        text("note", NULLABLE),
    ]
}

fn totals() -> Vec<Field> {
    vec![
        text("batch", REQUIRED),
        text("edition", REQUIRED),
        text("table_title", REQUIRED),
        text("indicator", REQUIRED),
        int("definition", REQUIRED),
        text("region", REQUIRED),
        date("period_start", NULLABLE),
        date("period_end", REQUIRED),
        text("row_label", REQUIRED),
        text("printed", REQUIRED),
        double("printed_value", NULLABLE),
        text("unit", REQUIRED),
        double("sum_value", REQUIRED),
        double("difference", NULLABLE),
        int("n_rows", REQUIRED),
        Field::new("reconciled", DataType::Boolean, REQUIRED),
        text("place", REQUIRED),
    ]
}

fn findings() -> Vec<Field> {
    vec![
        text("batch", REQUIRED),
        text("edition", REQUIRED),
        text("code", REQUIRED),
        text("severity", REQUIRED),
        text("file_name", REQUIRED),
        text("place", REQUIRED),
        text("row_label", NULLABLE),
        text("column_label", NULLABLE),
        text("found", NULLABLE),
        text("expected", NULLABLE),
        text("message_zh", REQUIRED),
        text("message_en", REQUIRED),
        int("finding_idx", REQUIRED),
    ]
}
