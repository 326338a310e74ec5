//! The fields of a block, column by column: each value is parsed once, and the rules about one value
//! alone are judged on the way.
//!
//! What holds values as they were sent has no `Debug`, so that none of them is ever printed.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use arrow::array::{
    Array, ArrayBuilder, BinaryArray, BooleanArray, BooleanBuilder, StringArray, StringBuilder,
};
use arrow::buffer::{Buffer, NullBuffer, OffsetBuffer};

use crate::diag::masked_numbers;
use crate::model::is_mobile;
use crate::records::checksum::{ResidentId, check_resident_id};
use crate::records::dates::{DateFormats, parse_date};
use crate::records::judge::plan::{FieldPlan, TextPlan, Validity, Way};
use crate::records::judge::values::{RuleIdx, passes_checksum, trimmed};
use crate::records::judge::words::Words;
use crate::records::normal::{Folded, Normal, folded, folded_phone};
use crate::records::places::Regions;
use crate::records::profile::{Checksum, Dataset, Field, RecordColumn};
use crate::records::pseudonym::PSEUDONYM_BYTES;
use crate::records::recent::RecentPseudonyms;
use crate::source::rows::RowBlock;

/// Stands for no number and no time.
pub(super) const NONE: i64 = i64::MIN;
/// Rows that are taken through all fields before the next ones, so that their text stays in the cache.
const CHUNK_ROWS: usize = 256;

/// Characters of a number; what is longer is a hash or encrypted.
const MAX_NUMBER: usize = 18;

/// A row that breaks a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Break {
    /// Row of the block.
    pub(super) row: u32,
    pub(super) rule: RuleIdx,
}

/// The fields of a block.
pub(super) struct Columns<'b> {
    pub(super) block: &'b RowBlock,
    pub(super) plans: &'b [Option<FieldPlan>],
    /// For each field of the dataset.
    pub(super) of_fields: Vec<Column<'b>>,
}

/// What the values of one field became.
pub(super) enum Column<'b> {
    /// The file has no column for it.
    Absent,
    Words(WordColumn<'b>),
    /// Microseconds, or `NONE`.
    Times(Vec<i64>),
    /// Numbers, or `NONE`.
    Ints(Vec<i64>),
    Text(Box<TextColumn>),
}

pub(super) struct WordColumn<'b> {
    pub(super) words: Words<'b>,
    /// The normal form of each value; empty for a blank.
    pub(super) normal: Vec<String>,
    /// What stands in the place of values of names and titles that hold numbers of persons, by their
    /// positions.
    pub(super) masked: BTreeMap<usize, String>,
}

/// What was made of values that are different in every row; `None` for what nobody asks for.
pub(super) struct TextColumn {
    /// Null for a blank.
    pub(super) pseudonyms: Option<BinaryArray>,
    /// Which values are right, as far as something says so.
    pub(super) validity: Option<BooleanArray>,
    /// The values without white space around them, null for a blank.
    pub(super) text: Option<StringArray>,
    /// Characters, or `NONE` for a blank.
    pub(super) lengths: Option<Vec<i64>>,
    /// Values that were written in another form than they are compared in.
    pub(super) n_folded: u64,
}

/// A column of values that are different in every row, while it is read.
struct TextBuilder {
    /// Pseudonyms one after another, zeros where there is none.
    pseudonyms: Vec<u8>,
    /// Which rows have a pseudonym.
    has_pseudonym: Vec<bool>,
    /// Of names, which come again.
    recent: Option<RecentPseudonyms>,
    validity: BooleanBuilder,
    text: StringBuilder,
    lengths: Vec<i64>,
    n_folded: u64,
}

/// What is needed to read the fields of a block.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reading<'j> {
    pub(super) dataset: &'j Dataset,
    pub(super) plans: &'j [Option<FieldPlan>],
    pub(super) regions: &'j Regions,
}

impl<'b> Columns<'b> {
    /// Reads all fields of a block and adds what breaks the rules about one value.
    pub(super) fn read(reading: Reading<'b>, block: &'b RowBlock, breaks: &mut Vec<Break>) -> Self {
        let n_rows = block.n_rows();
        let plans = reading.plans;
        let empty = |plan: &Option<FieldPlan>| match plan.as_ref().map(|plan| &plan.way) {
            // Texts take their place when all rows are read.
            None | Some(Way::Text(_)) => Column::Absent,
            Some(Way::Words) => {
                let words = Words::with_capacity(n_rows);
                Column::Words(WordColumn { words, normal: Vec::new(), masked: BTreeMap::new() })
            }
            Some(Way::Time(_)) => Column::Times(Vec::with_capacity(n_rows)),
            Some(Way::Int(..)) => Column::Ints(Vec::with_capacity(n_rows)),
        };
        let begun = |plan: &Option<FieldPlan>| match plan.as_ref().map(|plan| &plan.way) {
            Some(Way::Text(plan)) => Some(TextBuilder::with_capacity(plan, n_rows)),
            _ => None,
        };
        let columns = plans.iter().map(empty).collect();
        let mut texts: Vec<Option<TextBuilder>> = plans.iter().map(begun).collect();
        let mut read = Self { block, plans, of_fields: columns };
        for start in (0..n_rows).step_by(CHUNK_ROWS) {
            let rows = start..n_rows.min(start + CHUNK_ROWS);
            block.fetch(rows.clone());
            read.read_chunk(reading, rows, &mut texts, breaks);
        }
        for (column, text) in read.of_fields.iter_mut().zip(texts) {
            if let Some(text) = text {
                *column = Column::Text(Box::new(text.finish(n_rows)));
            }
        }
        read.judge_words(reading, breaks);
        read.mask_words(reading.dataset);
        read
    }

    fn read_chunk(
        &mut self,
        reading: Reading<'b>,
        rows: Range<usize>,
        texts: &mut [Option<TextBuilder>],
        breaks: &mut Vec<Break>,
    ) {
        // Numbers of documents are judged by their kinds, which have to be there before.
        for is_text in [false, true] {
            for (field_idx, plan) in reading.plans.iter().enumerate() {
                let Some(plan) = plan else { continue };
                if matches!(plan.way, Way::Text(_)) != is_text {
                    continue;
                }
                let mut column = std::mem::replace(&mut self.of_fields[field_idx], Column::Absent);
                let field = &reading.dataset.fields[field_idx];
                let mut pass = Pass { reading, plan, field, block: self.block, breaks };
                match (&mut column, &plan.way) {
                    (Column::Words(column), _) => {
                        for row in rows.clone() {
                            column.words.push(self.block.field(row, plan.column));
                        }
                        pass.normalise(column);
                    }
                    (Column::Times(times), Way::Time(formats)) => {
                        pass.times(times, *formats, rows.clone());
                    }
                    (Column::Ints(ints), Way::Int(min, max)) => {
                        pass.ints(ints, (*min, *max), rows.clone());
                    }
                    (_, Way::Text(text_plan)) => {
                        let checks = self.checks_of(text_plan, rows.clone());
                        if let Some(text) = &mut texts[field_idx] {
                            pass.texts(text, text_plan, rows.clone(), checks.as_deref());
                        }
                    }
                    _ => {}
                }
                self.of_fields[field_idx] = column;
            }
        }
    }

    /// Returns which check digit the number of each row has, where that follows from its kind.
    fn checks_of(&self, plan: &TextPlan, rows: Range<usize>) -> Option<Vec<Option<Checksum>>> {
        let Validity::ByKind { cert_type, checks, .. } = &plan.validity else { return None };
        let Column::Words(column) = &self.of_fields[*cert_type] else { return None };
        let of_codes: Vec<Option<Checksum>> =
            column.normal.iter().map(|code| checks.get(code).copied()).collect();
        Some(column.words.ids[rows].iter().map(|id| of_codes[*id as usize]).collect())
    }

    /// Judges every different value once, and finds the rows of those that break a rule.
    fn judge_words(&self, reading: Reading<'b>, breaks: &mut Vec<Break>) {
        for (field_idx, column) in self.of_fields.iter().enumerate() {
            let (Column::Words(column), Some(plan)) = (column, &self.plans[field_idx]) else {
                continue;
            };
            let field = &reading.dataset.fields[field_idx];
            let mut broken: Vec<Vec<RuleIdx>> = Vec::with_capacity(column.normal.len());
            for (value, normal) in column.words.values.iter().zip(&column.normal) {
                let mut of_value = Vec::new();
                if normal.is_empty() {
                    of_value.extend(plan.rules.required);
                } else {
                    let both = (trimmed(value), normal.as_str());
                    plan.rules.broken(field, reading.regions, both, &mut of_value);
                }
                broken.push(of_value);
            }
            if broken.iter().all(Vec::is_empty) {
                continue;
            }
            for (row, id) in (0..).zip(&column.words.ids) {
                breaks.extend(broken[*id as usize].iter().map(|rule| Break { row, rule: *rule }));
            }
        }
    }

    /// Masks numbers of persons where anything may be written and is kept.
    fn mask_words(&mut self, dataset: &Dataset) {
        for (column, field) in self.of_fields.iter_mut().zip(&dataset.fields) {
            let Column::Words(column) = column else { continue };
            if !field.column.is_some_and(RecordColumn::is_free_text) {
                continue;
            }
            for (at, value) in column.normal.iter().enumerate() {
                if let Cow::Owned(masked) = masked_numbers(value) {
                    column.masked.insert(at, masked);
                }
            }
        }
    }

    /// Returns a value of a row without white space around it; empty where the file has no such column.
    pub(super) fn given(&self, field_idx: usize, row: usize) -> &str {
        match (&self.of_fields[field_idx], &self.plans[field_idx]) {
            // There they stand next to each other.
            (Column::Text(column), _) if let Some(text) = &column.text => text_of(text, row),
            (_, Some(plan)) => trimmed(self.block.field(row, plan.column)),
            (_, None) => "",
        }
    }

    /// Returns a value of a row in the form in which it is compared.
    pub(super) fn normal<'s>(
        &'s self,
        field_idx: usize,
        row: usize,
        scratch: &'s mut String,
    ) -> &'s str {
        match (&self.of_fields[field_idx], &self.plans[field_idx]) {
            (Column::Words(column), _) => &column.normal[column.words.ids[row] as usize],
            (_, Some(plan)) => plan.rules.normal(self.given(field_idx, row), scratch).text,
            _ => "",
        }
    }

    /// Leaves out the points in time of a field that are after a certain one.
    pub(super) fn leave_out_after(&mut self, field_idx: usize, latest: i64) {
        if let Column::Times(times) = &mut self.of_fields[field_idx] {
            times.iter_mut().filter(|time| **time > latest).for_each(|time| *time = NONE);
        }
    }

    /// Returns the points in time of a field; `None` where the file has no such column.
    pub(super) fn times(&self, field_idx: usize) -> Option<&[i64]> {
        match &self.of_fields[field_idx] {
            Column::Times(times) => Some(times),
            _ => None,
        }
    }

    /// Returns the words of a field; `None` where it is not read in that way.
    pub(super) fn words(&self, field_idx: usize) -> Option<&WordColumn<'b>> {
        match &self.of_fields[field_idx] {
            Column::Words(column) => Some(column),
            _ => None,
        }
    }
}

impl WordColumn<'_> {
    /// Returns a value, by its position, as it is kept.
    pub(super) fn kept(&self, at: usize) -> &str {
        self.masked.get(&at).unwrap_or(&self.normal[at])
    }

    /// Returns how many rows have a value that is kept masked, those left out that are not kept.
    pub(super) fn n_masked(&self, is_returned: &[bool]) -> u64 {
        if self.masked.is_empty() {
            return 0;
        }
        let rows = self.words.ids.iter().zip(is_returned);
        let kept = rows.filter(|(_, is_returned)| !**is_returned);
        kept.filter(|(id, _)| self.masked.contains_key(&(**id as usize))).count() as u64
    }

    /// Returns what something says about each row that it says about each value.
    pub(super) fn of_rows<T: Copy>(&self, of_value: impl Fn(&str) -> T) -> Vec<T> {
        let of_values: Vec<T> = self.normal.iter().map(|value| of_value(value)).collect();
        self.words.ids.iter().map(|id| of_values[*id as usize]).collect()
    }
}

impl TextColumn {
    /// Whether a row is blank; `None` where nothing is kept that says so.
    pub(super) fn is_blank(&self, row: usize) -> Option<bool> {
        let of_text = self.text.as_ref().map(|text| text.is_null(row));
        of_text.or_else(|| self.pseudonyms.as_ref().map(|pseudonyms| pseudonyms.is_null(row)))
    }
}

/// Returns a value; empty for a null.
fn text_of(text: &StringArray, row: usize) -> &str {
    if text.is_null(row) { "" } else { text.value(row) }
}

impl TextBuilder {
    fn with_capacity(plan: &TextPlan, n_rows: usize) -> Self {
        let reserved = |is_wanted: bool| if is_wanted { n_rows } else { 0 };
        let n_pseudonyms = reserved(plan.pseudonyms.is_some());
        let n_texts = reserved(plan.keeps_text);
        Self {
            pseudonyms: Vec::with_capacity(n_pseudonyms * PSEUDONYM_BYTES),
            has_pseudonym: Vec::with_capacity(n_pseudonyms),
            recent: plan.are_names().then(RecentPseudonyms::new),
            validity: BooleanBuilder::with_capacity(reserved(plan.is_judged())),
            text: StringBuilder::with_capacity(n_texts, n_texts * 32),
            lengths: Vec::with_capacity(reserved(plan.keeps_length)),
            n_folded: 0,
        }
    }
}

/// One field on its way through some rows.
struct Pass<'p, 'b> {
    reading: Reading<'b>,
    plan: &'b FieldPlan,
    field: &'b Field,
    block: &'b RowBlock,
    breaks: &'p mut Vec<Break>,
}

impl<'b> Pass<'_, 'b> {
    /// Gives the values that are new their normal form.
    fn normalise(&mut self, column: &mut WordColumn<'b>) {
        let mut scratch = String::new();
        for value in &column.words.values[column.normal.len()..] {
            let normal = self.plan.rules.normal(trimmed(value), &mut scratch);
            column.normal.push(normal.text.to_owned());
        }
    }

    fn times(&mut self, times: &mut Vec<i64>, formats: DateFormats, rows: Range<usize>) {
        for row in rows {
            let value = self.block.field(row, self.plan.column);
            let micros = match parse_date(value, formats) {
                Ok(micros) => micros,
                Err(_) => self.parsed(row, |text| parse_date(text, formats).ok()),
            };
            self.judge(row, value);
            times.push(micros);
        }
    }

    fn ints(&mut self, ints: &mut Vec<i64>, (min, max): (i64, i64), rows: Range<usize>) {
        let parse = |text: &str| {
            let digits = text.strip_prefix('-').unwrap_or(text);
            let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
            let number = text.parse().ok().filter(|_| is_number);
            number.filter(|number| (min..=max).contains(number))
        };
        for row in rows {
            let number = self.parsed(row, parse);
            self.judge(row, trimmed(self.block.field(row, self.plan.column)));
            ints.push(number);
        }
    }

    /// Returns what a value is, or `NONE` with what it breaks.
    fn parsed(&mut self, row: usize, parse: impl Fn(&str) -> Option<i64>) -> i64 {
        let given = trimmed(self.block.field(row, self.plan.column));
        if given.is_empty() {
            self.add(row, self.plan.rules.required);
            return NONE;
        }
        let mut scratch = String::new();
        let Folded { text, .. } = folded(given, &mut scratch);
        let parsed = parse(text);
        if parsed.is_none() {
            self.add(row, self.plan.rules.of_type);
        }
        parsed.unwrap_or(NONE)
    }

    /// Adds what a value breaks that is not read as one of few.
    fn judge(&mut self, row: usize, value: &str) {
        if self.plan.rules.is_safe(value) {
            return;
        }
        let given = trimmed(value);
        if given.is_empty() {
            return;
        }
        let mut scratch = String::new();
        let normal = self.plan.rules.normal(given, &mut scratch).text;
        let mut broken = Vec::new();
        self.plan.rules.broken(self.field, self.reading.regions, (given, normal), &mut broken);
        for rule in broken {
            self.add(row, Some(rule));
        }
    }

    fn add(&mut self, row: usize, rule: Option<RuleIdx>) {
        let row = u32::try_from(row).expect("a block has fewer rows than that");
        self.breaks.extend(rule.map(|rule| Break { row, rule }));
    }

    fn texts(
        &mut self,
        column: &mut TextBuilder,
        plan: &TextPlan,
        rows: Range<usize>,
        checks: Option<&[Option<Checksum>]>,
    ) {
        let mut scratch = String::new();
        let first = rows.start;
        for row in rows {
            let given = trimmed(self.block.field(row, self.plan.column));
            if given.is_empty() {
                self.add(row, self.plan.rules.required);
                column.push_blank(plan);
                continue;
            }
            self.judge(row, given);
            if plan.is_judged() {
                let by_kind = checks.and_then(|checks| checks[row - first]);
                let is_valid = validity(plan, by_kind, given, &mut scratch);
                if let (Validity::ByKind { rule, .. }, Some(false)) = (&plan.validity, is_valid) {
                    self.add(row, Some(*rule));
                }
                column.validity.append_option(is_valid);
            }
            column.push(plan, given, &mut scratch);
        }
    }
}

impl TextBuilder {
    /// Returns the column; what it has for each of the rows is what was asked for.
    fn finish(mut self, n_rows: usize) -> TextColumn {
        let has_pseudonym = self.has_pseudonym;
        let is_wanted = has_pseudonym.len() == n_rows;
        let pseudonyms = || {
            let has_all = has_pseudonym.iter().all(|has| *has);
            let nulls = (!has_all).then(|| NullBuffer::from(has_pseudonym));
            let lengths = std::iter::repeat_n(PSEUDONYM_BYTES, n_rows);
            let values = Buffer::from_vec(self.pseudonyms);
            BinaryArray::try_new(OffsetBuffer::from_lengths(lengths), values, nulls)
                .expect("every row has a pseudonym or zeros")
        };
        TextColumn {
            pseudonyms: is_wanted.then(pseudonyms),
            validity: (self.validity.len() == n_rows).then(|| self.validity.finish()),
            text: (self.text.len() == n_rows).then(|| self.text.finish()),
            lengths: (self.lengths.len() == n_rows).then_some(self.lengths),
            n_folded: self.n_folded,
        }
    }

    fn push_blank(&mut self, plan: &TextPlan) {
        if plan.pseudonyms.is_some() {
            self.pseudonyms.extend([0; PSEUDONYM_BYTES]);
            self.has_pseudonym.push(false);
        }
        if plan.is_judged() {
            self.validity.append_null();
        }
        if plan.keeps_text {
            self.text.append_null();
        }
        if plan.keeps_length {
            self.lengths.push(NONE);
        }
    }

    fn push(&mut self, plan: &TextPlan, given: &str, scratch: &mut String) {
        if let Some((pseudonyms, normal)) = &plan.pseudonyms {
            let folded = normal.of(given, scratch);
            self.n_folded += u64::from(folded.was_changed);
            let pseudonym = match &mut self.recent {
                Some(recent) => recent.of(pseudonyms, folded.text),
                None => pseudonyms.of(folded.text),
            };
            self.pseudonyms.extend_from_slice(&pseudonym);
            self.has_pseudonym.push(true);
        }
        if plan.keeps_text {
            self.text.append_value(given);
        }
        if plan.keeps_length {
            let n_chars = i64::try_from(given.chars().count()).unwrap_or(i64::MAX);
            self.lengths.push(n_chars);
        }
    }
}

impl TextPlan {
    pub(super) fn is_judged(&self) -> bool {
        !matches!(self.validity, Validity::Unjudged)
    }

    /// Whether pseudonyms stand for names and other words, and not for numbers.
    fn are_names(&self) -> bool {
        self.pseudonyms.as_ref().is_some_and(|(_, normal)| *normal == Normal::Text)
    }
}

/// Returns whether a number is right; `None` where nothing says so, as for a number of the old kind, and
/// for one that is too long to be anything but a hash.
fn validity(
    plan: &TextPlan,
    by_kind: Option<Checksum>,
    given: &str,
    scratch: &mut String,
) -> Option<bool> {
    let checksum = match &plan.validity {
        Validity::Unjudged => return None,
        Validity::Mobile => return Some(is_mobile(folded_phone(given, scratch).text)),
        Validity::Checksum(checksum) => *checksum,
        Validity::ByKind { .. } => by_kind?,
    };
    let number = folded(given, scratch).text;
    match checksum {
        _ if number.len() > MAX_NUMBER => None,
        Checksum::ResidentId => match check_resident_id(number) {
            Ok(ResidentId::Current) => Some(true),
            Ok(ResidentId::Old) => None,
            Err(_) => Some(false),
        },
        other => Some(passes_checksum(other, number)),
    }
}
