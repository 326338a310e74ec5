//! The tables that the rows of a block become.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, AsArray, Date32Array, Int32Array, Int64Array, RecordBatch, StringArray,
    TimestampMicrosecondArray, new_null_array,
};
use arrow::datatypes::{DataType, Field as ArrowField, Schema, SchemaRef};

use crate::diag::{Lang, Message};
use crate::model::Operation;
use crate::records::dates::DAY;
use crate::records::judge::arrays::{
    WordIds, constant, field_array, is_default_array, rows_array, times_array, validity_array,
    words_of,
};
use crate::records::judge::columns::{Column, Columns, NONE};
use crate::records::judge::content::add_contents;
use crate::records::judge::{Judge, Made};
use crate::records::profile::{Mask, PseudonymColumn, RecordColumn, RecordKind};
use crate::records::shape::is_key_like;
use crate::table::{LakeTable, schema_of};

/// The rule of a return whose kind of fault may name a person.
const WITHHELD: &str = "withheld";
/// The rule of a return that tells none.
const UNTOLD: &str = "unknown";

/// Returns the columns of accepted rows: those of the lake without `version`, which the versions before
/// decide; of returns that were made elsewhere those of `returned`.
pub fn accepted_schema(kind: RecordKind) -> SchemaRef {
    let schema = schema_of(table_of(kind));
    let fields: Vec<_> =
        schema.fields().iter().filter(|f| f.name() != "version").cloned().collect();
    Arc::new(Schema::new(fields))
}

fn table_of(kind: RecordKind) -> LakeTable {
    match kind {
        RecordKind::Cases => LakeTable::Cases,
        RecordKind::Evaluations => LakeTable::Evaluations,
        RecordKind::Returns => LakeTable::Returned,
    }
}

/// Returns the types of records. Rows whose type is not told go back, and never get as far as the
/// lake with what stands here for them.
fn type_array(made: &Made<'_>, data_type: &DataType) -> ArrayRef {
    let Some(types) = &made.record_types else {
        return new_null_array(data_type, made.columns.block.n_rows());
    };
    let ids = types.ids.iter().map(|id| (*id).max(0)).collect();
    WordIds { ids, words: Arc::clone(&types.words) }.array()
}

impl Judge {
    /// Returns what all rows of a block say, as if all were accepted, and the fingerprint of each.
    pub(super) fn accepted_batch(
        &self,
        made: &Made<'_>,
        pseudonyms: Option<&RecordBatch>,
    ) -> (RecordBatch, Vec<u64>) {
        let kind = self.dataset.kind;
        let schema = accepted_schema(kind);
        let (hash, fields): (Vec<_>, Vec<_>) =
            schema.fields().iter().cloned().partition(|field| field.name() == "content_hash");
        let array = |field: &Arc<ArrowField>| match kind {
            RecordKind::Returns => self.return_array(made, field),
            _ => self.array(made, field),
        };
        let mut arrays: Vec<ArrayRef> = fields.iter().map(array).collect();
        let said = RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays.clone())
            .expect("each array has the type of its column, and required ones no nulls");
        let columns_of_key =
            self.dataset.key.iter().filter_map(|key| self.dataset.fields[*key].column);
        let left_out: Vec<&str> = columns_of_key.map(RecordColumn::as_str).collect();
        let mut contents = vec![0; made.columns.block.n_rows()];
        add_contents(&mut contents, &said, &left_out);
        if let Some(pseudonyms) = pseudonyms {
            add_contents(&mut contents, pseudonyms, &left_out);
        }
        if hash.is_empty() {
            return (said, contents);
        }
        let hashes = contents.iter().map(|content| content.cast_signed());
        arrays.push(Arc::new(Int64Array::from_iter_values(hashes)));
        let accepted = RecordBatch::try_new(schema, arrays)
            .expect("the hash is the last column, and the others were put together before");
        (accepted, contents)
    }

    fn array(&self, made: &Made<'_>, field: &ArrowField) -> ArrayRef {
        let columns = &made.columns;
        let n_rows = columns.block.n_rows();
        let dataset = &self.dataset;
        match field.name().as_str() {
            "batch" => constant(&self.receipt.batch, n_rows),
            "file_idx" => Arc::new(Int32Array::from(vec![self.receipt.file_idx; n_rows])),
            "source_row" => rows_array(columns),
            "record_type" => type_array(made, field.data_type()),
            "record_key" => Arc::clone(&made.keys) as ArrayRef,
            "operation" => self.operations_array(columns),
            "department" => made.bodies.departments.array(),
            "applicant_code_valid" => self.validity(columns, PseudonymColumn::ApplicantCode),
            "evaluator_code_valid" => self.validity(columns, PseudonymColumn::EvaluatorCode),
            "contact_mobile_valid" => self.validity(columns, PseudonymColumn::ContactMobile),
            "is_default" => {
                is_default_array(dataset, columns, dataset.field_of(RecordColumn::Channel))
            }
            "event_at" => match dataset.event.and_then(|event| columns.times(event)) {
                Some(times) => times_array(times),
                None => new_null_array(field.data_type(), n_rows),
            },
            "received_at" => {
                let times = vec![self.receipt.received_at; n_rows];
                Arc::new(TimestampMicrosecondArray::new(times.into(), None))
            }
            "scope" => constant(dataset.scope.as_str(), n_rows),
            "profile" => constant(&self.profile, n_rows),
            name => {
                let from = RecordColumn::parse(name).and_then(|column| dataset.field_of(column));
                match from {
                    Some(from) => field_array(dataset, columns, from, field.data_type()),
                    None => new_null_array(field.data_type(), n_rows),
                }
            }
        }
    }

    fn operations_array(&self, columns: &Columns<'_>) -> ArrayRef {
        let words = Operation::ALL.iter().map(|operation| operation.as_str());
        let words = Arc::new(words.collect::<Vec<_>>().into());
        let ids = self.operations(columns).into_iter().map(|operation| operation as i32).collect();
        WordIds { ids, words }.array()
    }

    fn validity(&self, columns: &Columns<'_>, column: PseudonymColumn) -> ArrayRef {
        validity_array(columns, self.dataset.pseudonym_of(column))
    }

    /// Returns the pseudonyms of all rows; `None` where there is no table for them.
    pub(super) fn pseudonyms_batch(&self, columns: &Columns<'_>) -> Option<RecordBatch> {
        let table = match self.dataset.kind {
            RecordKind::Cases => LakeTable::CasesPii,
            RecordKind::Evaluations => LakeTable::EvaluationsPii,
            RecordKind::Returns => return None,
        };
        let n_rows = columns.block.n_rows();
        let schema = schema_of(table);
        let array = |field: &Arc<ArrowField>| match field.name().as_str() {
            "batch" => constant(&self.receipt.batch, n_rows),
            "file_idx" => Arc::new(Int32Array::from(vec![self.receipt.file_idx; n_rows])),
            "source_row" => rows_array(columns),
            name => {
                let column = PseudonymColumn::parse(name);
                let from = column.and_then(|column| self.dataset.pseudonym_of(column));
                match from.map(|from| &columns.of_fields[from]) {
                    Some(Column::Text(column)) if let Some(pseudonyms) = &column.pseudonyms => {
                        Arc::new(pseudonyms.clone())
                    }
                    _ => new_null_array(field.data_type(), n_rows),
                }
            }
        };
        let arrays = schema.fields().iter().map(array).collect();
        let batch = RecordBatch::try_new(schema, arrays);
        Some(batch.expect("each array has the type of its column"))
    }

    /// Returns a column of a return that was made elsewhere. What was said about it, its key and its body
    /// are kept where they name nobody, because anything can stand there.
    fn return_array(&self, made: &Made<'_>, field: &ArrowField) -> ArrayRef {
        let columns = &made.columns;
        let n_rows = columns.block.n_rows();
        let words = |column: RecordColumn| {
            let from = self.dataset.field_of(column)?;
            Some(words_of(&self.dataset.fields[from], columns.words(from)?))
        };
        let body = |column, is_body: &dyn Fn(&str) -> bool| match words(column) {
            Some(words) => words.told(is_body).array(),
            None => new_null_array(field.data_type(), n_rows),
        };
        let remark = |lang: Lang| match words(RecordColumn::Message) {
            Some(words) => words.shown(|word| self.remark(word, lang), ""),
            None => constant("", n_rows),
        };
        match field.name().as_str() {
            "file_name" => constant(&self.receipt.file_name, n_rows),
            // Only cases have tables of several types, and only such tables send returns.
            "kind" => constant(RecordKind::Cases.as_str(), n_rows),
            "record_type" => match words(RecordColumn::RecordType) {
                Some(words) => words.array(),
                None => new_null_array(field.data_type(), n_rows),
            },
            "record_key" => match self.dataset.field_of(RecordColumn::RecordKey) {
                Some(from) => {
                    let keys = field_array(&self.dataset, columns, from, field.data_type());
                    let told =
                        |key: Option<&str>| key.filter(|key| is_key_like(key)).map(str::to_owned);
                    Arc::new(keys.as_string::<i32>().iter().map(told).collect::<StringArray>())
                }
                None => new_null_array(field.data_type(), n_rows),
            },
            "org_code" => body(RecordColumn::OrgCode, &|code| self.is_code_of_body(code)),
            "org_name" => body(RecordColumn::OrgName, &|name| self.is_name_of_body(name)),
            "rule" => match words(RecordColumn::Rule) {
                Some(words) => words.shown(|word| self.kind_of_fault(word), UNTOLD),
                None => constant(UNTOLD, n_rows),
            },
            "message_zh" => remark(Lang::Zh),
            "message_en" => remark(Lang::En),
            "returned_on" => self.days_array(columns),
            "returned_by" => {
                constant(self.dataset.returned_by.as_deref().unwrap_or("unknown"), n_rows)
            }
            _ => self.array(made, field),
        }
    }

    /// Returns the kind of fault that was told of a record, or what stands for one that may name a person.
    fn kind_of_fault(&self, kind: &str) -> String {
        if self.remark_words.is_kind(kind) {
            self.masks.masked(Mask::Plain, kind)
        } else {
            WITHHELD.to_owned()
        }
    }

    /// Returns what was said about a record, or that it may name a person.
    fn remark(&self, remark: &str, lang: Lang) -> String {
        let told = self.remark_words.told(remark);
        told.map_or_else(
            || Message::new("records.remark_left_out").text(lang),
            |told| self.masks.masked(Mask::Plain, &told),
        )
    }

    /// Returns the days on which returns were made; that of arrival where none is given.
    fn days_array(&self, columns: &Columns<'_>) -> ArrayRef {
        let from = self.dataset.field_of(RecordColumn::ReturnedOn);
        let times = from.and_then(|from| columns.times(from));
        let day_of = |time: i64| {
            let time = if time == NONE { self.receipt.received_at } else { time };
            i32::try_from(time.div_euclid(DAY)).unwrap_or_default()
        };
        let days = (0..columns.block.n_rows()).map(|row| day_of(times.map_or(NONE, |t| t[row])));
        Arc::new(Date32Array::from_iter_values(days))
    }
}
