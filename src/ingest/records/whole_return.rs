//! A batch that goes back as a whole: its rows that nothing was wrong with, returned as well.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, AsArray, Date32Array, RecordBatch, StringDictionaryBuilder, new_null_array,
};
use arrow::datatypes::{FieldRef, Int32Type};
use arrow::error::ArrowError;

use crate::diag::{Lang, Message};
use crate::lake::RETURNED_HERE;
use crate::records::judge::constant;
use crate::records::profile::{RecordKind, Sentence};
use crate::table::{LakeTable, schema_of};

/// Columns of accepted rows that stand in `returned` as well.
pub(super) const WHOLE_COLUMNS: [&str; 9] = [
    "file_idx",
    "source_row",
    "record_type",
    "record_key",
    "department",
    "org_code",
    "org_name",
    "event_at",
    "arrived_at",
];

/// The rule that rows break which nothing else is wrong with.
const RULE: &str = "returned_share";

/// What all rows of the batch have in common.
#[derive(Debug)]
pub(super) struct WholeReturn {
    pub(super) batch: String,
    pub(super) file_names: Vec<String>,
    pub(super) kind: RecordKind,
    /// Day of the return, from 1970-01-01.
    pub(super) returned_on: i32,
    pub(super) profile: String,
    /// Why: the rule, and what it says.
    pub(super) rule: String,
    pub(super) sentence: Sentence,
}

/// Returns accepted rows, with [`WHOLE_COLUMNS`], as rows of `returned`.
pub(super) fn returned_of(
    accepted: &RecordBatch,
    facts: &WholeReturn,
) -> Result<RecordBatch, ArrowError> {
    let schema = schema_of(LakeTable::Returned);
    let n_rows = accepted.num_rows();
    let column = |field: &FieldRef| -> ArrayRef {
        match field.name().as_str() {
            "batch" => constant(&facts.batch, n_rows),
            "file_name" => file_names(accepted, &facts.file_names),
            "kind" => constant(facts.kind.as_str(), n_rows),
            "rule" => constant(&facts.rule, n_rows),
            "message_zh" => constant(&facts.sentence.zh, n_rows),
            "message_en" => constant(&facts.sentence.en, n_rows),
            "returned_on" => Arc::new(Date32Array::from(vec![facts.returned_on; n_rows])),
            "returned_by" => constant(RETURNED_HERE, n_rows),
            "profile" => constant(&facts.profile, n_rows),
            name => accepted
                .column_by_name(name)
                .map_or_else(|| new_null_array(field.data_type(), n_rows), Arc::clone),
        }
    };
    let columns = schema.fields().iter().map(column).collect();
    RecordBatch::try_new(schema, columns)
}

/// Returns the rule and its sentence where more than a share of the rows went back, from 0 to 1.
pub(super) fn share_exceeded(max_share: f64) -> (String, Sentence) {
    let percent = format!("{:.0}", max_share * 100.0);
    let message = Message::new("rule.returned_share").with("percent", percent);
    (RULE.to_owned(), Sentence { zh: message.text(Lang::Zh), en: message.text(Lang::En) })
}

/// Returns the name of each row's file.
fn file_names(accepted: &RecordBatch, names: &[String]) -> ArrayRef {
    let positions = accepted.column_by_name("file_idx").expect("record tables have it");
    let positions = positions.as_primitive::<Int32Type>();
    let mut builder = StringDictionaryBuilder::<Int32Type>::new();
    for position in positions.values() {
        let name = usize::try_from(*position).ok().and_then(|position| names.get(position));
        builder.append_value(name.map_or("", String::as_str));
    }
    Arc::new(builder.finish())
}
