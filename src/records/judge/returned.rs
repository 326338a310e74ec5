//! The rows that go back, one row per reason.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, Date32Array, Int64Array, RecordBatch, StringArray, StringDictionaryBuilder,
    TimestampMicrosecondArray, new_null_array,
};
use arrow::datatypes::Int32Type;

use crate::diag::{Lang, is_identifier};
use crate::model::is_mobile;
use crate::records::checksum::check_uscc;
use crate::records::dates::DAY;
use crate::records::judge::arrays::{WordIds, constant, dictionary, words_of, words_type};
use crate::records::judge::columns::{Break, Columns, NONE};
use crate::records::judge::plan::FieldPlan;
use crate::records::judge::values::RuleIdx;
use crate::records::judge::{Judge, Made};
use crate::records::profile::{Dataset, RecordColumn, RuleKind};
use crate::records::shape::{is_body_name, is_key_like, is_uscc_like};
use crate::source::rows::{Readable, RowFault};
use crate::table::{LakeTable, schema_of};

/// A reason for which a row goes back.
#[derive(Debug, Clone, Copy)]
enum Reason<'a> {
    Rule(RuleIdx),
    Fault(&'a RowFault),
}

/// What the reasons of a dataset say, ready to be pointed at.
#[derive(Debug)]
pub(super) struct Sentences {
    rules: Arc<StringArray>,
    fields: Arc<StringArray>,
    zh: Arc<StringArray>,
    en: Arc<StringArray>,
}

impl Sentences {
    pub(super) fn new(dataset: &Dataset) -> Self {
        let texts = |text: &dyn Fn(usize) -> String| {
            let texts: Vec<String> = (0..dataset.rules.len()).map(text).collect();
            Arc::new(StringArray::from(texts))
        };
        let rules = &dataset.rules;
        Self {
            rules: texts(&|idx| rules[idx].id.clone()),
            fields: texts(&|idx| {
                let fields = fields_of(&rules[idx].kind);
                let names: Vec<&str> =
                    fields.iter().map(|field| dataset.fields[*field].name.as_str()).collect();
                names.join(", ")
            }),
            zh: texts(&|idx| rules[idx].sentence.text(Lang::Zh).to_owned()),
            en: texts(&|idx| rules[idx].sentence.text(Lang::En).to_owned()),
        }
    }
}

/// Returns the fields whose values a rule is about, that with the fault first.
pub(super) fn fields_of(kind: &RuleKind) -> Vec<usize> {
    match kind {
        RuleKind::Required { field }
        | RuleKind::RequiredWhen { field, .. }
        | RuleKind::Length { field, .. }
        | RuleKind::Type { field }
        | RuleKind::Known { field }
        | RuleKind::InUse { field }
        | RuleKind::Meaning { field }
        | RuleKind::Personal { field }
        | RuleKind::Checksum { field, .. }
        | RuleKind::Part { field, .. }
        | RuleKind::NotFuture { field, .. }
        | RuleKind::Pattern { field, .. } => vec![*field],
        RuleKind::OneOf { fields, .. } => fields.clone(),
        RuleKind::Certificate { cert_type, number, .. } => vec![*number, *cert_type],
        RuleKind::Order { first, then, .. } => vec![*first, *then],
        RuleKind::Agree { field, other, .. } => vec![*field, *other],
        RuleKind::TagsAgree { tags, satisfaction } => vec![*tags, *satisfaction],
    }
}

/// Returns the rows that go back: those that break one of these rules, each with all of them, and those
/// that could not be read. `breaks` are in the order of rows. Beside them, when each was pushed.
pub(super) fn returned_batch(
    judge: &Judge,
    made: &Made<'_>,
    breaks: &[Break],
) -> (RecordBatch, TimestampMicrosecondArray) {
    let columns = &made.columns;
    let faults = columns.block.faults();
    let of_faults = faults.iter().map(|fault| (fault.row_idx, Reason::Fault(fault)));
    let of_rules = breaks.iter().map(|broken| (broken.row as usize, Reason::Rule(broken.rule)));
    let mut reasons: Vec<(usize, Reason<'_>)> = of_faults.chain(of_rules).collect();
    if reasons.is_empty() {
        let none = Vec::<i64>::new();
        return (RecordBatch::new_empty(schema_of(LakeTable::Returned)), none.into());
    }
    // Stable, so that the reasons of a row stay in the order of the rules.
    reasons.sort_by_key(|(row, _)| *row);
    let rows: Vec<usize> = reasons.iter().map(|(row, _)| *row).collect();
    let sources = rows.iter().map(|row| columns.block.source_row(*row).cast_signed());
    let found: StringArray =
        reasons.iter().map(|(row, reason)| found(judge, columns, *row, *reason)).collect();
    let receipt = &judge.receipt;
    let n_rows = rows.len();
    let words = |words: Option<&WordIds>| -> ArrayRef {
        match words {
            Some(words) => {
                dictionary(rows.iter().map(|row| words.ids[*row]).collect(), &words.words)
            }
            None => new_null_array(&words_type(), n_rows),
        }
    };
    let org_codes = made.words(judge, RecordColumn::OrgCode);
    let org_names = made.words(judge, RecordColumn::OrgName);
    let shown = shown_of(judge, &reasons, made, (org_codes.as_ref(), org_names.as_ref()));
    let keys: StringArray =
        rows.iter().map(|row| shown[*row].key.then(|| made.keys.value(*row))).collect();
    let org_codes = org_codes.map(|codes| codes.only(&|row| shown[row].org_code));
    let org_names = org_names.map(|names| names.only(&|row| shown[row].org_name));
    let times = |field: Option<usize>| -> TimestampMicrosecondArray {
        let times = field.and_then(|field| columns.times(field));
        let of_row = |row: &usize| times.map(|times| times[*row]).filter(|time| *time != NONE);
        rows.iter().map(of_row).collect()
    };
    let events = times(judge.dataset.event);
    let arrivals = times(judge.dataset.field_of(RecordColumn::ArrivedAt));
    let returned_on = i32::try_from(receipt.received_at.div_euclid(DAY)).unwrap_or(i32::MAX);
    let [rule, field, message_zh, message_en] = texts_of(judge, &reasons);
    let arrays: Vec<ArrayRef> = vec![
        constant(&receipt.batch, n_rows),
        constant(&receipt.file_name, n_rows),
        Arc::new(Int64Array::from_iter_values(sources)),
        constant(judge.dataset.kind.as_str(), n_rows),
        words(made.record_types.as_ref()),
        Arc::new(keys),
        words(Some(&made.bodies.departments)),
        words(org_codes.as_ref()),
        words(org_names.as_ref()),
        rule,
        field,
        Arc::new(found),
        message_zh,
        message_en,
        Arc::new(events),
        Arc::new(Date32Array::from(vec![returned_on; n_rows])),
        constant(&receipt.returned_by, n_rows),
        constant(&judge.profile, n_rows),
        Arc::new(arrivals.clone()),
    ];
    let returned = RecordBatch::try_new(schema_of(LakeTable::Returned), arrays)
        .expect("these are the columns of the table, in its order");
    (returned, arrivals)
}

/// Returns rule, field and the sentences of each reason.
fn texts_of(judge: &Judge, reasons: &[(usize, Reason<'_>)]) -> [ArrayRef; 4] {
    let sentences = &judge.sentences;
    let of_rules = || {
        reasons.iter().map(|(_, reason)| match reason {
            Reason::Rule(rule) => i32::from(*rule),
            Reason::Fault(_) => -1,
        })
    };
    let has_faults = reasons.iter().any(|(_, reason)| matches!(reason, Reason::Fault(_)));
    if !has_faults {
        let parts = [&sentences.rules, &sentences.fields, &sentences.zh, &sentences.en];
        return parts.map(|texts| dictionary(of_rules().collect(), texts));
    }
    let texts = |of_rules: &StringArray, of_fault: &dyn Fn(&RowFault) -> Option<String>| {
        let mut texts = StringDictionaryBuilder::<Int32Type>::new();
        for (_, reason) in reasons {
            match reason {
                Reason::Rule(rule) => texts.append_value(of_rules.value(usize::from(*rule))),
                Reason::Fault(fault) => texts.append_option(of_fault(fault)),
            }
        }
        Arc::new(texts.finish()) as ArrayRef
    };
    [
        texts(&sentences.rules, &|fault| Some(fault.kind.as_str().to_owned())),
        texts(&sentences.fields, &|fault| field_of(judge, fault)),
        texts(&sentences.zh, &|fault| Some(fault.message().text(Lang::Zh))),
        texts(&sentences.en, &|fault| Some(fault.message().text(Lang::En))),
    ]
}

/// Returns the name of the field that could not be read; `None` where it is not one field alone.
fn field_of(judge: &Judge, fault: &RowFault) -> Option<String> {
    let Readable::AllBut(column) = fault.readable else { return None };
    let is_it = |plan: &Option<FieldPlan>| plan.as_ref().is_some_and(|plan| plan.column == column);
    let field = judge.plans.iter().position(is_it).map(|field| &judge.dataset.fields[field].name);
    field.or(fault.found.as_ref()).cloned()
}

/// Returns what was found, masked; `None` for what is blank or may not be told.
fn found(judge: &Judge, columns: &Columns<'_>, row: usize, reason: Reason<'_>) -> Option<String> {
    let rule = match reason {
        Reason::Fault(fault) => return fault_found(judge, fault),
        Reason::Rule(rule) => &judge.dataset.rules[usize::from(rule)],
    };
    let shown = |field: &usize| {
        let value = columns.given(*field, row);
        let shown = judge.masks.shown(&judge.dataset.fields[*field], value);
        shown.filter(|_| !value.is_empty())
    };
    let shown: Vec<String> = fields_of(&rule.kind).iter().filter_map(shown).collect();
    (!shown.is_empty()).then(|| shown.join("; "))
}

/// Returns what was found of a row that is none: a count, or a column by its name where it is the name
/// of one.
fn fault_found(judge: &Judge, fault: &RowFault) -> Option<String> {
    let found = fault.found.as_ref()?;
    let is_count = || found.bytes().all(|byte| byte.is_ascii_digit()) && !is_mobile(found);
    let mut fields = judge.dataset.fields.iter();
    let is_field = fields.any(|field| field.names().any(|name| name == found));
    (is_field || is_identifier(found) || is_count()).then(|| found.clone())
}

/// What of a row that goes back can be told.
#[derive(Debug, Clone, Copy, Default)]
struct Shown {
    key: bool,
    org_code: bool,
    org_name: bool,
}

/// Returns for each row that goes back what of it can be told.
///
/// In a row whose columns are shifted a name can stand where the key or the body should. A key that breaks
/// no rule is told where a body stands in the place of the body, and else where it is a code that could
/// not be the number of a person, right or mistyped; the code and the name of a body where they are known
/// or shaped like one.
fn shown_of(
    judge: &Judge,
    reasons: &[(usize, Reason<'_>)],
    made: &Made<'_>,
    (org_codes, org_names): (Option<&WordIds>, Option<&WordIds>),
) -> Vec<Shown> {
    let rules = &judge.dataset.rules;
    let is_about_key = |rule: RuleIdx| {
        let fields = fields_of(&rules[usize::from(rule)].kind);
        fields.iter().any(|field| judge.dataset.key.contains(field))
    };
    let mut shown = vec![Shown::default(); made.keys.len()];
    for of_row in reasons.chunk_by(|(row, _), (other, _)| row == other) {
        let row = of_row[0].0;
        let key = made.keys.value(row);
        let is_broken = |(_, reason): &(usize, Reason<'_>)| match reason {
            Reason::Rule(rule) => is_about_key(*rule),
            Reason::Fault(_) => false,
        };
        let is_sound = judge.is_key_readable(made.columns.block.faults_of(row))
            && !of_row.iter().any(is_broken);
        let code = org_codes.and_then(|codes| codes.word(row)).unwrap_or_default();
        let name = org_names.and_then(|names| names.word(row)).unwrap_or_default();
        let is_body = made.bodies.departments.word(row).is_some() || check_uscc(code).is_ok();
        shown[row] = Shown {
            key: is_sound && (is_body || is_key_like(key)),
            org_code: judge.is_code_of_body(code),
            org_name: judge.is_name_of_body(name),
        };
    }
    shown
}

impl Judge {
    /// Whether a code is that of a body by what is known, or by its shape.
    pub(super) fn is_code_of_body(&self, code: &str) -> bool {
        is_uscc_like(code) || self.departments.by_code(code).is_some()
    }

    /// Whether a name is that of a body by what is known, or by its shape.
    pub(super) fn is_name_of_body(&self, name: &str) -> bool {
        is_body_name(name) || self.departments.by_name(name).is_some()
    }
}

impl Made<'_> {
    /// Returns the words that go to a column; `None` where the file has none.
    fn words(&self, judge: &Judge, column: RecordColumn) -> Option<WordIds> {
        let field = judge.dataset.field_of(column)?;
        Some(words_of(&judge.dataset.fields[field], self.columns.words(field)?))
    }
}

impl WordIds {
    /// Returns the words with those of some rows left out.
    fn only(&self, is_shown: &dyn Fn(usize) -> bool) -> Self {
        let ids = self.ids.iter().enumerate();
        let ids = ids.map(|(row, id)| if is_shown(row) { *id } else { -1 }).collect();
        Self { ids, words: Arc::clone(&self.words) }
    }
}
