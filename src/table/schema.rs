//! The columns of every table of the lake, as Arrow schemas.

use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, new_null_array};
use arrow::datatypes::{DataType, Field, FieldRef, Schema, SchemaRef, TimeUnit};

use crate::model::text_enum;
use crate::table::RowsError;

text_enum! {
    /// A table of the lake that is kept as Parquet.
    LakeTable {
        /// Figures as stated.
        Observations = "observations",
        /// Printed totals and the check of their column.
        Totals = "totals",
        /// What was wrong, odd or assumed.
        Findings = "findings",
        /// Cases handled, one row per key and version.
        Cases = "cases",
        /// Pseudonyms of the persons in `cases`; for the program alone.
        CasesPii = "cases__pii",
        /// Ratings of cases, one row per key and version.
        Evaluations = "evaluations",
        /// Pseudonyms of the persons in `evaluations`; for the program alone.
        EvaluationsPii = "evaluations__pii",
        /// Records that were not accepted, one row per reason.
        Returned = "returned",
        /// Which returned records came again, corrected.
        ReturnsClosed = "returns_closed",
        /// Which versions of records were pushed again later, with nothing changed.
        PushedAgain = "pushed_again",
        /// What a batch changed in the counts of records, by department and month.
        RecordCounts = "record_counts",
    }
}

impl LakeTable {
    /// Whether the rows come from record files and not from documents.
    pub const fn holds_records(self) -> bool {
        !matches!(self, Self::Observations | Self::Totals | Self::Findings)
    }

    /// Whether the rows stand for persons. Such a table has files of its own, which no statement
    /// and no export ever sees.
    pub const fn is_personal(self) -> bool {
        matches!(self, Self::CasesPii | Self::EvaluationsPii)
    }
}

/// The columns that make a figure the same in whatever document it stands. Nulls in them count as equal.
pub const FIGURE_KEY: [&str; 9] = [
    "indicator",
    "definition",
    "department",
    "region",
    "breakdown",
    "accumulation",
    "period_start",
    "period_end",
    "origin",
];

/// What `returned_by` says of a row that was returned here and not elsewhere.
pub const RETURNED_HERE: &str = "tongban";

/// A column that is never null.
pub const REQUIRED: bool = false;
/// A column that may be null.
pub const NULLABLE: bool = true;

/// Returns the columns of a lake table as rows are made, in the order in which they are stored.
///
/// Texts of few values are dictionaries here, so that millions of rows do not repeat them.
pub fn schema_of(table: LakeTable) -> SchemaRef {
    let fields = match table {
        LakeTable::Observations => observations(),
        LakeTable::Totals => totals(),
        LakeTable::Findings => findings(),
        LakeTable::Cases => cases(),
        LakeTable::CasesPii => cases_pii(),
        LakeTable::Evaluations => evaluations(),
        LakeTable::EvaluationsPii => evaluations_pii(),
        LakeTable::Returned => returned(),
        LakeTable::ReturnsClosed => returns_closed(),
        LakeTable::PushedAgain => pushed_again(),
        LakeTable::RecordCounts => record_counts(),
    };
    Arc::new(Schema::new(fields))
}

/// Returns the columns of a table that files of earlier programs do not have, and that are null there.
pub fn later_columns(table: LakeTable) -> &'static [&'static str] {
    match table {
        LakeTable::Returned => &["arrived_at"],
        LakeTable::ReturnsClosed => &["file_name", "source_row"],
        LakeTable::PushedAgain => &["is_earlier"],
        _ => &[],
    }
}

/// Returns rows of a table with the columns that a file of an earlier program does not have; `schema` is
/// one of the table's.
pub fn completed(
    table: LakeTable,
    rows: RecordBatch,
    schema: &SchemaRef,
) -> Result<RecordBatch, RowsError> {
    if later_columns(table).iter().all(|name| rows.column_by_name(name).is_some()) {
        return Ok(rows);
    }
    let fields = schema.fields().iter();
    let columns: Vec<ArrayRef> = fields
        .map(|field| {
            let column = rows.column_by_name(field.name()).cloned();
            column.unwrap_or_else(|| new_null_array(field.data_type(), rows.num_rows()))
        })
        .collect();
    RecordBatch::try_new(Arc::clone(schema), columns).map_err(RowsError)
}

/// Returns the columns of a lake table as its files have them: a dictionary is a text like any other.
pub fn stored_schema_of(table: LakeTable) -> SchemaRef {
    let stored = |field: &FieldRef| match field.data_type() {
        DataType::Dictionary(_, values) => {
            Arc::new(field.as_ref().clone().with_data_type(values.as_ref().clone()))
        }
        _ => Arc::clone(field),
    };
    Arc::new(Schema::new(schema_of(table).fields().iter().map(stored).collect::<Vec<_>>()))
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

fn bigint(name: &str, nullable: bool) -> Field {
    Field::new(name, DataType::Int64, nullable)
}

fn bool(name: &str, nullable: bool) -> Field {
    Field::new(name, DataType::Boolean, nullable)
}

/// A text of few different values.
fn word(name: &str, nullable: bool) -> Field {
    let words = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
    Field::new(name, words, nullable)
}

/// Sixteen bytes each. They are not declared as such: the Parquet library makes an allocation of every value
/// that is as long as all others.
fn pseudonym(name: &str) -> Field {
    Field::new(name, DataType::Binary, NULLABLE)
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
        bool("reconciled", REQUIRED),
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

fn cases() -> Vec<Field> {
    vec![
        word("batch", REQUIRED),
        int("file_idx", REQUIRED),
        bigint("source_row", REQUIRED),
        word("record_type", REQUIRED),
        text("record_key", REQUIRED),
        int("version", REQUIRED),
        word("operation", REQUIRED),
        text("project_no", NULLABLE),
        word("department", NULLABLE),
        word("org_code", NULLABLE),
        word("org_name", NULLABLE),
        word("region", NULLABLE),
        word("catalog_code", NULLABLE),
        word("task_code", NULLABLE),
        word("task_handle_item", NULLABLE),
        word("task_name", NULLABLE),
        word("case_type", NULLABLE),
        word("state", NULLABLE),
        word("step_name", NULLABLE),
        word("result_type", NULLABLE),
        int("satisfaction", NULLABLE),
        word("applicant_type", NULLABLE),
        word("applicant_cert_type", NULLABLE),
        bool("applicant_code_valid", NULLABLE),
        bool("contact_mobile_valid", NULLABLE),
        timestamp("event_at", NULLABLE),
        timestamp("apply_at", NULLABLE),
        timestamp("accept_at", NULLABLE),
        timestamp("promise_at", NULLABLE),
        timestamp("start_at", NULLABLE),
        timestamp("result_at", NULLABLE),
        timestamp("arrived_at", NULLABLE),
        timestamp("received_at", REQUIRED),
        word("data_source", NULLABLE),
        word("source_batch", NULLABLE),
        word("scope", REQUIRED),
        word("profile", REQUIRED),
        bigint("content_hash", REQUIRED),
    ]
}

fn cases_pii() -> Vec<Field> {
    vec![
        word("batch", REQUIRED),
        int("file_idx", REQUIRED),
        bigint("source_row", REQUIRED),
        pseudonym("applicant_name"),
        pseudonym("applicant_code"),
        pseudonym("contact_name"),
        pseudonym("contact_code"),
        pseudonym("contact_mobile"),
        pseudonym("address"),
    ]
}

fn evaluations() -> Vec<Field> {
    vec![
        word("batch", REQUIRED),
        int("file_idx", REQUIRED),
        bigint("source_row", REQUIRED),
        text("record_key", REQUIRED),
        int("version", REQUIRED),
        word("operation", REQUIRED),
        text("project_no", NULLABLE),
        word("department", NULLABLE),
        word("org_code", NULLABLE),
        word("org_name", NULLABLE),
        word("region", NULLABLE),
        word("task_code", NULLABLE),
        word("task_handle_item", NULLABLE),
        word("task_name", NULLABLE),
        word("case_type", NULLABLE),
        word("state", NULLABLE),
        word("channel", NULLABLE),
        bool("is_default", NULLABLE),
        int("satisfaction", NULLABLE),
        word("eval_detail", NULLABLE),
        int("text_length", NULLABLE),
        int("assess_number", NULLABLE),
        word("evaluator_type", NULLABLE),
        bool("evaluator_code_valid", NULLABLE),
        timestamp("event_at", NULLABLE),
        timestamp("accept_at", NULLABLE),
        timestamp("arrived_at", NULLABLE),
        timestamp("received_at", REQUIRED),
        word("data_source", NULLABLE),
        word("source_batch", NULLABLE),
        word("scope", REQUIRED),
        word("profile", REQUIRED),
        bigint("content_hash", REQUIRED),
    ]
}

fn evaluations_pii() -> Vec<Field> {
    vec![
        word("batch", REQUIRED),
        int("file_idx", REQUIRED),
        bigint("source_row", REQUIRED),
        pseudonym("evaluator_name"),
        pseudonym("evaluator_code"),
        pseudonym("contact_mobile"),
    ]
}

fn returned() -> Vec<Field> {
    vec![
        word("batch", REQUIRED),
        word("file_name", REQUIRED),
        bigint("source_row", REQUIRED),
        word("kind", REQUIRED),
        word("record_type", NULLABLE),
        text("record_key", NULLABLE),
        word("department", NULLABLE),
        word("org_code", NULLABLE),
        word("org_name", NULLABLE),
        word("rule", REQUIRED),
        word("field", NULLABLE),
        text("found", NULLABLE),
        word("message_zh", REQUIRED),
        word("message_en", REQUIRED),
        timestamp("event_at", NULLABLE),
        date("returned_on", REQUIRED),
        word("returned_by", REQUIRED),
        word("profile", REQUIRED),
        timestamp("arrived_at", NULLABLE),
    ]
}

fn returns_closed() -> Vec<Field> {
    vec![
        word("batch", REQUIRED),
        word("returned_batch", REQUIRED),
        word("kind", REQUIRED),
        word("record_type", NULLABLE),
        text("record_key", REQUIRED),
        date("closed_on", REQUIRED),
        word("file_name", NULLABLE),
        bigint("source_row", NULLABLE),
    ]
}

fn pushed_again() -> Vec<Field> {
    vec![
        word("batch", REQUIRED),
        word("kind", REQUIRED),
        word("record_type", NULLABLE),
        text("record_key", REQUIRED),
        int("version", REQUIRED),
        timestamp("pushed_at", REQUIRED),
        timestamp("received_at", REQUIRED),
        bool("is_earlier", NULLABLE),
    ]
}

fn record_counts() -> Vec<Field> {
    vec![
        word("batch", REQUIRED),
        word("kind", REQUIRED),
        word("record_type", NULLABLE),
        word("department", NULLABLE),
        word("scope", REQUIRED),
        date("event_month", NULLABLE),
        date("arrival_month", REQUIRED),
        bigint("n_current", REQUIRED),
        bigint("n_accepted", REQUIRED),
        bigint("n_updated", REQUIRED),
        bigint("n_deleted", REQUIRED),
        bigint("n_returned", REQUIRED),
        bigint("n_duplicate", REQUIRED),
        bigint("n_resubmitted", REQUIRED),
        bigint("n_untimed", REQUIRED),
        timestamp("received_at", REQUIRED),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_an_earlier_program_get_the_columns_that_came_later() {
        let table = LakeTable::Returned;
        let schema = stored_schema_of(table);
        let rows = RecordBatch::new_empty(Arc::clone(&schema));
        let mut earlier = rows.clone();
        for name in later_columns(table) {
            earlier.remove_column(earlier.schema().index_of(name).unwrap());
        }
        assert_ne!(earlier.schema(), rows.schema());
        assert_eq!(completed(table, earlier, &schema).unwrap(), rows);
        let mut damaged = rows.clone();
        damaged.remove_column(0);
        assert_eq!(completed(table, damaged.clone(), &schema).unwrap(), damaged);
    }
}
