//! How each field of a dataset is read, decided once per file.

use std::collections::{BTreeMap, BTreeSet};

use arrow::datatypes::DataType;

use crate::records::dates::DateFormats;
use crate::records::judge::values::{RuleIdx, ValueRules};
use crate::records::normal::Normal;
use crate::records::profile::{
    Checksum, Condition, Dataset, Field, Personal, PseudonymColumn, RecordColumn, RecordKind,
    RuleKind, ValueType,
};
use crate::records::pseudonym::{ColumnPseudonyms, Pseudonyms};
use crate::table::{LakeTable, schema_of};

/// How a field that the file has is read.
#[derive(Debug)]
pub(super) struct FieldPlan {
    /// Column of the file, from 0.
    pub(super) column: usize,
    pub(super) rules: ValueRules,
    pub(super) way: Way,
}

/// What the values of a field become while they are read.
#[derive(Debug)]
pub(super) enum Way {
    /// Few different values.
    Words,
    /// Points in time.
    Time(DateFormats),
    /// Whole numbers in these bounds.
    Int(i64, i64),
    /// Every row has a value of its own.
    Text(Box<TextPlan>),
}

/// What is made of values that are different in every row.
#[derive(Debug)]
pub(super) struct TextPlan {
    /// The column of pseudonyms, and how values are made comparable for it.
    pub(super) pseudonyms: Option<(ColumnPseudonyms, Normal)>,
    /// What says whether a value is right.
    pub(super) validity: Validity,
    /// Whether the values are kept as they are.
    pub(super) keeps_text: bool,
    /// Whether the number of characters is kept.
    pub(super) keeps_length: bool,
}

/// What says whether the number of a certificate or of a phone is right.
#[derive(Debug)]
pub(super) enum Validity {
    /// Nothing does, or nobody asks.
    Unjudged,
    /// It is that of a mobile phone.
    Mobile,
    /// A check digit.
    Checksum(Checksum),
    /// The check digit that goes with the kind of document; the rule that a wrong one breaks.
    ByKind {
        /// Position of the field with the kind.
        cert_type: usize,
        /// The rule.
        rule: RuleIdx,
        /// Which check digit the numbers of a kind have, by the code of the kind.
        checks: BTreeMap<String, Checksum>,
    },
}

/// Returns how each field is read, `None` where the file has no column for it.
///
/// `columns` has the column of the file for each field of the dataset.
pub(super) fn plans_of(
    dataset: &Dataset,
    columns: &[Option<usize>],
    pseudonyms: &Pseudonyms,
) -> Vec<Option<FieldPlan>> {
    let asked = asked_for_codes(dataset);
    let plan = |field_idx: usize, column: &Option<usize>| {
        let column = (*column)?;
        let field = &dataset.fields[field_idx];
        let way = match &field.value {
            _ if field.personal.is_some() => {
                Way::Text(Box::new(text_plan(dataset, field_idx, pseudonyms)))
            }
            ValueType::DateTime(formats) => Way::Time(DateFormats::of(formats)),
            ValueType::Int { min, max } => Way::Int(*min, *max),
            ValueType::Code { .. } | ValueType::Tags(_) | ValueType::Region | ValueType::Uscc => {
                Way::Words
            }
            _ if is_of_few_values(dataset.kind, field) || asked.contains(&field_idx) => Way::Words,
            _ => Way::Text(Box::new(text_plan(dataset, field_idx, pseudonyms))),
        };
        Some(FieldPlan { column, rules: ValueRules::new(dataset, field_idx), way })
    };
    columns.iter().enumerate().map(|(field_idx, column)| plan(field_idx, column)).collect()
}

/// Returns the fields whose codes decide whether a rule applies.
fn asked_for_codes(dataset: &Dataset) -> BTreeSet<usize> {
    let mut asked = BTreeSet::new();
    for rule in &dataset.rules {
        match &rule.kind {
            RuleKind::RequiredWhen { when: Condition::In { field, .. }, .. }
            | RuleKind::OneOf { when: Some(Condition::In { field, .. }), .. } => {
                asked.insert(*field);
            }
            RuleKind::Certificate { cert_type, .. } => {
                asked.insert(*cert_type);
            }
            RuleKind::TagsAgree { tags: one, satisfaction: other }
            | RuleKind::Agree { field: one, other, .. } => asked.extend([*one, *other]),
            _ => {}
        }
    }
    asked
}

/// Whether the column that a field goes to has few different values.
fn is_of_few_values(kind: RecordKind, field: &Field) -> bool {
    let table = match kind {
        RecordKind::Cases => LakeTable::Cases,
        RecordKind::Evaluations => LakeTable::Evaluations,
        RecordKind::Returns => LakeTable::Returned,
    };
    let schema = schema_of(table);
    // The sentences of returns are of few kinds, and the table has them under other names.
    let column = match field.column {
        Some(RecordColumn::Message) => "message_zh",
        column => column.map_or("", RecordColumn::as_str),
    };
    let is_words =
        |field: &arrow::datatypes::Field| matches!(field.data_type(), DataType::Dictionary(..));
    schema.field_with_name(column).is_ok_and(is_words)
}

fn text_plan(dataset: &Dataset, field_idx: usize, pseudonyms: &Pseudonyms) -> TextPlan {
    let field = &dataset.fields[field_idx];
    let pseudonyms = match field.personal {
        Some(Personal::Pseudonym(column)) => {
            Some((pseudonyms.of_column(column), normal_of(column)))
        }
        _ => None,
    };
    let is_plain = field.personal.is_none();
    let is_key = dataset.key.contains(&field_idx);
    let is_length = field.column == Some(RecordColumn::TextLength);
    TextPlan {
        pseudonyms,
        validity: validity_of(dataset, field_idx),
        keeps_text: is_plain && !is_length && (field.column.is_some() || is_key),
        keeps_length: is_length,
    }
}

/// Returns how the values of a column of pseudonyms are made comparable.
fn normal_of(column: PseudonymColumn) -> Normal {
    match column {
        PseudonymColumn::ApplicantCode
        | PseudonymColumn::ContactCode
        | PseudonymColumn::EvaluatorCode => Normal::Code,
        PseudonymColumn::ContactMobile => Normal::Phone,
        _ => Normal::Text,
    }
}

fn validity_of(dataset: &Dataset, field_idx: usize) -> Validity {
    let of_rules = dataset.rules.iter().zip(0..).find_map(|(rule, idx)| match &rule.kind {
        RuleKind::Certificate { cert_type, number, checks } if *number == field_idx => {
            Some(Validity::ByKind { cert_type: *cert_type, rule: idx, checks: checks.clone() })
        }
        RuleKind::Checksum { field, checksum } if *field == field_idx => {
            Some(Validity::Checksum(*checksum))
        }
        _ => None,
    });
    match dataset.fields[field_idx].value {
        ValueType::Mobile => Validity::Mobile,
        _ => of_rules.unwrap_or(Validity::Unjudged),
    }
}
