//! What is asked of a value on its own.

use regex::Regex;

use crate::diag::masked_numbers;
use crate::model::is_mobile;
use crate::records::checksum::{check_org_code, check_resident_id, check_uscc, org_code_in};
use crate::records::normal::{Folded, folded, folded_phone};
use crate::records::places::Regions;
use crate::records::profile::{
    Checksum, Dataset, Field, Part, PartTest, RecordColumn, RuleKind, ValueType,
};
use crate::records::shape::{has_person_number, may_have_person_number};

/// Position of a rule in its dataset.
pub(super) type RuleIdx = u16;

/// The rules that look at one field alone.
#[derive(Debug)]
pub(super) struct ValueRules {
    /// The rule that a blank breaks.
    pub(super) required: Option<RuleIdx>,
    /// The rule that what is no value of the type breaks.
    pub(super) of_type: Option<RuleIdx>,
    /// The rule that the number of a person breaks, and what is taken for one.
    personal: Option<(RuleIdx, Numbers)>,
    form: Form,
    tests: Vec<(RuleIdx, Test)>,
    /// Bytes up to which a value passes all tests for certain.
    safe_bytes: usize,
}

/// What values are brought to before they are tested.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    AsSent,
    Code,
    Phone,
}

/// What takes a value for one with the number of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Numbers {
    /// It has one that could hardly be anything else.
    OfCode,
    /// The same, and it is no right code of a body, which may be digits alone.
    OfCodeBut(Checksum),
    /// One stands anywhere in it.
    Anywhere,
}

#[derive(Debug)]
enum Test {
    Length(usize, usize),
    Mobile,
    RegionCode,
    Known,
    InUse,
    Meaning,
    Checksum(Checksum),
    Part(Part, PartTest),
    Pattern(Regex),
}

impl ValueRules {
    pub(super) fn new(dataset: &Dataset, field_idx: usize) -> Self {
        let field = &dataset.fields[field_idx];
        let (mut required, mut of_type, mut personal) = (None, None, None);
        let mut tests = Vec::new();
        for (rule, idx) in dataset.rules.iter().zip(0..) {
            let (about, test) = match &rule.kind {
                RuleKind::Required { field } => {
                    required = required.or((*field == field_idx).then_some(idx));
                    continue;
                }
                RuleKind::Personal { field: about } => {
                    personal = personal.or((*about == field_idx).then(|| (idx, numbers_of(field))));
                    continue;
                }
                RuleKind::Type { field: about } => match field.value {
                    _ if *about != field_idx => continue,
                    ValueType::Mobile => (about, Test::Mobile),
                    ValueType::Region => (about, Test::RegionCode),
                    _ => {
                        of_type = Some(idx);
                        continue;
                    }
                },
                RuleKind::Length { field, min_chars, max_chars } => {
                    (field, Test::Length(*min_chars, *max_chars))
                }
                RuleKind::Known { field } => (field, Test::Known),
                RuleKind::InUse { field } => (field, Test::InUse),
                RuleKind::Meaning { field } => (field, Test::Meaning),
                RuleKind::Checksum { field, checksum } => (field, Test::Checksum(*checksum)),
                RuleKind::Pattern { field, pattern } => (field, Test::Pattern(pattern.clone())),
                RuleKind::Part { test: PartTest::Equals { .. }, .. } => continue,
                RuleKind::Part { field, part, test } => (field, Test::Part(*part, test.clone())),
                _ => continue,
            };
            if *about == field_idx {
                tests.push((idx, test));
            }
        }
        let safe_bytes = tests.iter().map(|(_, test)| test.safe_bytes()).min();
        let safe_bytes = safe_bytes.unwrap_or(usize::MAX);
        Self { required, of_type, personal, form: form_of(field), tests, safe_bytes }
    }

    /// Returns a value as it is tested, compared and kept; `given` has no white space around it.
    pub(super) fn normal<'v>(&self, given: &'v str, scratch: &'v mut String) -> Folded<'v> {
        match self.form {
            Form::AsSent => Folded { text: given, was_changed: false },
            Form::Code => folded(given, scratch),
            Form::Phone => folded_phone(given, scratch),
        }
    }

    /// Whether one of the tests is about a check digit.
    pub(super) fn has_checksum(&self) -> bool {
        self.tests.iter().any(|(_, test)| {
            matches!(test, Test::Checksum(_) | Test::Part(_, PartTest::Checksum(_)))
        })
    }

    /// Whether a value without white space around it passes all tests by a short look at it. A character
    /// takes a byte at least.
    pub(super) fn is_safe(&self, given: &str) -> bool {
        given.len() <= self.safe_bytes
            && self.personal.is_none_or(|(_, numbers)| !numbers.may_be_in(given))
    }

    /// Adds the rules that a value breaks; `normal` is its normal form. A blank breaks none of them.
    pub(super) fn broken(
        &self,
        field: &Field,
        regions: &Regions,
        (given, normal): (&str, &str),
        broken: &mut Vec<RuleIdx>,
    ) {
        for (rule, test) in &self.tests {
            if !test.passes(field, regions, given, normal) {
                broken.push(*rule);
            }
        }
        broken.extend(self.personal.filter(|(_, it)| it.are_in(given)).map(|(rule, _)| rule));
    }
}

impl Numbers {
    /// Whether a short look at a value leaves it open that a number is there.
    fn may_be_in(self, given: &str) -> bool {
        self == Self::Anywhere || may_have_person_number(given)
    }

    fn are_in(self, given: &str) -> bool {
        if !self.may_be_in(given) {
            return false;
        }
        let is_right = |checksum| {
            let mut scratch = String::new();
            passes_checksum(checksum, folded(given, &mut scratch).text)
        };
        match self {
            Self::Anywhere => masked_numbers(given) != given,
            Self::OfCode => has_person_number(given),
            Self::OfCodeBut(checksum) => has_person_number(given) && !is_right(checksum),
        }
    }
}

fn numbers_of(field: &Field) -> Numbers {
    match field.value {
        _ if field.column.is_some_and(RecordColumn::is_free_text) => Numbers::Anywhere,
        ValueType::Uscc => Numbers::OfCodeBut(Checksum::Uscc),
        _ => Numbers::OfCode,
    }
}

impl Test {
    fn safe_bytes(&self) -> usize {
        match self {
            Self::Length(0 | 1, max_chars) => *max_chars,
            _ => 0,
        }
    }

    fn passes(&self, field: &Field, regions: &Regions, given: &str, normal: &str) -> bool {
        match self {
            Self::Length(min_chars, max_chars) => {
                (*min_chars..=*max_chars).contains(&given.chars().count())
            }
            Self::Mobile => is_mobile(normal),
            Self::RegionCode => Regions::is_code(normal),
            Self::Known => is_known(field, regions, normal),
            Self::InUse => is_in_use(field, regions, normal),
            Self::Meaning => {
                !is_known(field, regions, normal) || field.meaning.contains_key(normal)
            }
            Self::Checksum(checksum) => passes_checksum(*checksum, normal),
            Self::Part(part, test) => part_of(normal, *part).is_none_or(|part| match test {
                PartTest::Digits => part.bytes().all(|byte| byte.is_ascii_digit()),
                PartTest::In(known) => known.contains(part),
                PartTest::Checksum(checksum) => passes_checksum(*checksum, part),
                // That takes the other field: it is a rule across fields.
                PartTest::Equals { .. } => true,
            }),
            Self::Pattern(pattern) => pattern.is_match(normal),
        }
    }
}

/// Returns in which form the values of a field are tested and kept.
fn form_of(field: &Field) -> Form {
    match field.value {
        ValueType::Code { .. }
        | ValueType::Tags(_)
        | ValueType::Region
        | ValueType::Uscc
        | ValueType::Certificate => Form::Code,
        ValueType::Mobile => Form::Phone,
        _ => match field.column {
            Some(
                RecordColumn::CatalogCode
                | RecordColumn::TaskCode
                | RecordColumn::TaskHandleItem
                | RecordColumn::OrgCode
                | RecordColumn::DataSource,
            ) => Form::Code,
            _ => Form::AsSent,
        },
    }
}

/// Returns the tags of a value; commas and the like separate them.
pub(super) fn tags_of(value: &str) -> impl Iterator<Item = &str> {
    value.split([',', ';', '、']).map(str::trim).filter(|tag| !tag.is_empty())
}

/// Returns a part of a value; `None` where the value is shorter.
pub(super) fn part_of(value: &str, part: Part) -> Option<&str> {
    let start = part.first.checked_sub(1)?;
    if value.is_ascii() {
        return value.get(start..part.last);
    }
    let n_chars = part.last.checked_sub(start)?;
    let (start, _) = value.char_indices().nth(start)?;
    let rest = &value[start..];
    let (last, character) = rest.char_indices().nth(n_chars.checked_sub(1)?)?;
    Some(&rest[..last + character.len_utf8()])
}

/// Whether the check digit of a number fits.
pub(super) fn passes_checksum(checksum: Checksum, number: &str) -> bool {
    match checksum {
        Checksum::Uscc => check_uscc(number).is_ok(),
        Checksum::OrgCode if number.len() == 18 => {
            org_code_in(number).is_some_and(|inside| check_org_code(inside).is_ok())
        }
        Checksum::OrgCode => check_org_code(number).is_ok(),
        Checksum::ResidentId => check_resident_id(number).is_ok(),
    }
}

fn is_known(field: &Field, regions: &Regions, normal: &str) -> bool {
    match &field.value {
        ValueType::Code { codes, .. } => codes.contains(normal),
        ValueType::Tags(tags) => {
            tags_of(normal).all(|tag| tags.active.contains(tag) || tags.retired.contains(tag))
        }
        // What is no code at all breaks the rule about its form.
        ValueType::Region => !Regions::is_code(normal) || regions.is_known(normal),
        _ => true,
    }
}

fn is_in_use(field: &Field, regions: &Regions, normal: &str) -> bool {
    match &field.value {
        ValueType::Tags(tags) => tags_of(normal).all(|tag| !tags.retired.contains(tag)),
        ValueType::Region => regions.is_in_use(normal),
        _ => true,
    }
}

/// Returns a text without white space around it.
pub(super) fn trimmed(text: &str) -> &str {
    let bytes = text.as_bytes();
    let is_plain = |byte: u8| matches!(byte, b'!'..=b'~');
    match bytes {
        [] => text,
        [first, .., last] if is_plain(*first) && is_plain(*last) => text,
        // Ideographs from U+4000 on are never white space.
        [0xe4..=0xe9, .., last] if is_plain(*last) => text,
        _ => text.trim(),
    }
}
