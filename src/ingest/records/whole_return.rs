//! A batch or a file that goes back as a whole: its rows that nothing was wrong with, returned as well.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, AsArray, Date32Array, RecordBatch, StringDictionaryBuilder, new_null_array,
};
use arrow::datatypes::{FieldRef, Int32Type};
use arrow::error::ArrowError;

use crate::diag::{Lang, Message};
use crate::records::judge::constant;
use crate::records::profile::{RecordKind, Sentence};
use crate::table::{LakeTable, RETURNED_HERE, schema_of};

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

/// Why rows go back that nothing else is wrong with: the rule, and what it says.
pub(super) type Reason = (String, Sentence);

/// The reasons of rows.
#[derive(Debug, Clone)]
pub(super) enum Reasons {
    /// One for the whole batch.
    OfBatch(Reason),
    /// One for each file that goes back, by its position.
    OfFiles(BTreeMap<usize, Reason>),
}

/// What rows that go back have in common.
#[derive(Debug)]
pub(super) struct WholeReturn {
    pub(super) batch: String,
    pub(super) file_names: Vec<String>,
    pub(super) kind: RecordKind,
    /// Day of the return, from 1970-01-01.
    pub(super) returned_on: i32,
    pub(super) profile: String,
    pub(super) reasons: Reasons,
}

impl Reasons {
    fn of(&self, file_idx: usize) -> Option<&Reason> {
        match self {
            Self::OfBatch(reason) => Some(reason),
            Self::OfFiles(reasons) => reasons.get(&file_idx),
        }
    }
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
            "file_name" => {
                of_files(accepted, |file| facts.file_names.get(file).map(String::as_str))
            }
            "kind" => constant(facts.kind.as_str(), n_rows),
            "rule" => of_files(accepted, |file| facts.reasons.of(file).map(|(rule, _)| &**rule)),
            "message_zh" => {
                of_files(accepted, |file| facts.reasons.of(file).map(|(_, it)| &*it.zh))
            }
            "message_en" => {
                of_files(accepted, |file| facts.reasons.of(file).map(|(_, it)| &*it.en))
            }
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
pub(super) fn share_exceeded(max_share: f64) -> Reason {
    let percent = format!("{:.0}", max_share * 100.0);
    let message = Message::new("rule.returned_share").with("percent", percent);
    (RULE.to_owned(), Sentence { zh: message.text(Lang::Zh), en: message.text(Lang::En) })
}

/// Returns for each row what its file has; an empty text where that is not known.
fn of_files<'a>(accepted: &RecordBatch, text: impl Fn(usize) -> Option<&'a str>) -> ArrayRef {
    let positions = accepted.column_by_name("file_idx").expect("record tables have it");
    let positions = positions.as_primitive::<Int32Type>();
    let mut builder = StringDictionaryBuilder::<Int32Type>::new();
    for position in positions.values() {
        let of_file = usize::try_from(*position).ok().and_then(&text);
        builder.append_value(of_file.unwrap_or_default());
    }
    Arc::new(builder.finish())
}
