//! Rules that look at several fields of a record.

use std::collections::BTreeMap;

use crate::records::dates::{DAY, SECOND};
use crate::records::judge::columns::{Break, Column, Columns, NONE, WordColumn};
use crate::records::judge::values::{RuleIdx, part_of, tags_of, trimmed};
use crate::records::normal::folded;
use crate::records::profile::{Condition, Dataset, Field, Part, PartTest, RuleKind};

/// The satisfaction of a value in whole numbers, 5 as the best.
pub(super) fn satisfaction_of(field: &Field, normal: &str) -> Option<i64> {
    let meaning =
        field.meaning.get(normal).or(field.otherwise.as_ref().filter(|_| !normal.is_empty()));
    meaning.and_then(|meaning| meaning.parse().ok())
}

/// Adds what breaks the rules across fields. A rule of which a field is not in the file says nothing
/// where it needs a value there.
pub(super) fn judge_across(
    dataset: &Dataset,
    columns: &Columns<'_>,
    received_at: i64,
    breaks: &mut Vec<Break>,
) {
    for (rule, idx) in dataset.rules.iter().zip(0..) {
        let across = Across { dataset, columns, rule: idx };
        match &rule.kind {
            RuleKind::RequiredWhen { field, when } => {
                across.required(std::slice::from_ref(field), Some(when), breaks);
            }
            RuleKind::OneOf { fields, when } => across.required(fields, when.as_ref(), breaks),
            RuleKind::Part { field, part, test: PartTest::Equals { field: other } } => {
                across.part_equals(*field, *part, *other, breaks);
            }
            RuleKind::Order { first, then, tolerance_s } => {
                if let (Some(first), Some(then)) = (columns.times(*first), columns.times(*then)) {
                    across.order(first, then, tolerance_s * SECOND, breaks);
                }
            }
            RuleKind::NotFuture { field, tolerance_s } => {
                let latest = received_at.saturating_add(tolerance_s * SECOND);
                let times = columns.times(*field).unwrap_or_default();
                across.add_rows(times.iter().map(|time| *time > latest), breaks);
            }
            RuleKind::Agree { field, other, pairs } => {
                across.agree(*field, *other, pairs, breaks);
            }
            RuleKind::TagsAgree { tags, satisfaction } => {
                across.tags_agree(*tags, *satisfaction, breaks);
            }
            _ => {}
        }
    }
}

/// One rule across the fields of a block.
struct Across<'a, 'b> {
    dataset: &'a Dataset,
    columns: &'a Columns<'b>,
    rule: RuleIdx,
}

impl Across<'_, '_> {
    /// Adds the rows for which something is true.
    fn add_rows(&self, is_broken: impl Iterator<Item = bool>, breaks: &mut Vec<Break>) {
        let rows = (0..).zip(is_broken).filter(|(_, is_broken)| *is_broken);
        breaks.extend(rows.map(|(row, _)| Break { row, rule: self.rule }));
    }

    /// One of the fields is given where the condition holds.
    fn required(&self, fields: &[usize], when: Option<&Condition>, breaks: &mut Vec<Break>) {
        let holds = when.map(|when| self.columns.holding(when));
        let is_missing = |row: usize| {
            holds.as_ref().is_none_or(|holds| holds[row])
                && fields.iter().all(|field| self.columns.is_blank(*field, row))
        };
        self.add_rows((0..self.columns.block.n_rows()).map(is_missing), breaks);
    }

    /// The first time is not after the other. Midnight stands for a day without a time of day, so that
    /// any time of that day is not after it.
    fn order(&self, first: &[i64], then: &[i64], tolerance: i64, breaks: &mut Vec<Break>) {
        let is_broken = |(first, then): (&i64, &i64)| {
            let is_later = *first > then.saturating_add(tolerance) && *then != NONE;
            is_later
                && !(then.rem_euclid(DAY) == 0 && first.div_euclid(DAY) <= then.div_euclid(DAY))
        };
        self.add_rows(first.iter().zip(then).map(is_broken), breaks);
    }

    fn part_equals(&self, field: usize, part: Part, other: usize, breaks: &mut Vec<Break>) {
        let differs = |value: &str, other: &str| {
            !other.is_empty() && part_of(value, part).is_some_and(|part| part != other)
        };
        let (mut scratch, mut other_scratch) = (String::new(), String::new());
        let both = self.columns.words(field).zip(self.columns.words(other));
        if let Some((values, others)) = both {
            let mut pairs = PairMemo::new(values);
            let ids = values.words.ids.iter().zip(&others.words.ids);
            let is_broken = ids.map(|(id, other_id)| {
                pairs.is_broken(*id, *other_id, || {
                    differs(&values.normal[*id as usize], &others.normal[*other_id as usize])
                })
            });
            self.add_rows(is_broken, breaks);
        } else {
            let is_broken = (0..self.columns.block.n_rows()).map(|row| {
                let value = self.columns.normal(field, row, &mut scratch);
                differs(value, self.columns.normal(other, row, &mut other_scratch))
            });
            self.add_rows(is_broken, breaks);
        }
    }

    /// A name and a code mean the same.
    fn agree(
        &self,
        field: usize,
        other: usize,
        pairs: &BTreeMap<String, String>,
        breaks: &mut Vec<Break>,
    ) {
        let (Some(values), Some(others)) = (self.columns.words(field), self.columns.words(other))
        else {
            return;
        };
        let compared = |column: &WordColumn<'_>| -> Vec<String> {
            let mut scratch = String::new();
            let values = column.normal.iter();
            values.map(|value| folded(value, &mut scratch).text.to_owned()).collect()
        };
        let (texts, other_texts) = (compared(values), compared(others));
        let mut memo = PairMemo::new(values);
        let ids = values.words.ids.iter().zip(&others.words.ids);
        let is_broken = ids.map(|(id, other_id)| {
            memo.is_broken(*id, *other_id, || {
                let other = &other_texts[*other_id as usize];
                let wanted = pairs.get(&texts[*id as usize]);
                !other.is_empty() && wanted.is_some_and(|wanted| wanted != other)
            })
        });
        self.add_rows(is_broken, breaks);
    }

    /// The first digit of every tag is the satisfaction.
    fn tags_agree(&self, tags: usize, satisfaction: usize, breaks: &mut Vec<Break>) {
        let (Some(tags), Some(values)) =
            (self.columns.words(tags), self.columns.words(satisfaction))
        else {
            return;
        };
        let field = &self.dataset.fields[satisfaction];
        let digits = tags.of_rows(first_digits);
        let allowed = values.of_rows(|value| match satisfaction_of(field, value) {
            Some(value @ 0..=9) => 1 << value,
            // Without a satisfaction tags agree with anything.
            _ => u16::MAX,
        });
        let disagree = |(digits, allowed): (&u16, &u16)| digits & !allowed != 0;
        self.add_rows(digits.iter().zip(&allowed).map(disagree), breaks);
    }
}

/// Returns the first digits of some tags as a set.
pub(super) fn first_digits(tags: &str) -> u16 {
    let digit_of = |tag: &str| tag.chars().next()?.to_digit(10);
    tags_of(tags).filter_map(digit_of).fold(0, |digits, digit| digits | 1 << digit)
}

/// Remembers for each value the last other value that it was compared with: item and code of an item
/// mostly come in the same pairs.
struct PairMemo {
    last: Vec<(u32, bool)>,
}

impl PairMemo {
    fn new(values: &WordColumn<'_>) -> Self {
        Self { last: vec![(u32::MAX, false); values.normal.len()] }
    }

    fn is_broken(&mut self, id: u32, other: u32, compare: impl Fn() -> bool) -> bool {
        let known = &mut self.last[id as usize];
        if known.0 != other {
            *known = (other, compare());
        }
        known.1
    }
}

impl Columns<'_> {
    /// Returns for each row whether a condition holds.
    pub(super) fn holding(&self, when: &Condition) -> Vec<bool> {
        let n_rows = self.block.n_rows();
        match when {
            Condition::Given { field } => {
                (0..n_rows).map(|row| !self.is_blank(*field, row)).collect()
            }
            Condition::In { field, codes } => {
                if let Some(column) = self.words(*field) {
                    return column.of_rows(|value| codes.contains(value));
                }
                let mut scratch = String::new();
                let is_one = |row| codes.contains(self.normal(*field, row, &mut scratch));
                (0..n_rows).map(is_one).collect()
            }
        }
    }

    /// Whether a field of a row is blank; one that the file has no column for is.
    pub(super) fn is_blank(&self, field_idx: usize, row: usize) -> bool {
        match (&self.of_fields[field_idx], &self.plans[field_idx]) {
            (Column::Words(column), _) => column.normal[column.words.ids[row] as usize].is_empty(),
            (Column::Times(numbers) | Column::Ints(numbers), _) if numbers[row] != NONE => false,
            (Column::Text(column), _) if let Some(is_blank) = column.is_blank(row) => is_blank,
            (_, Some(plan)) => trimmed(self.block.field(row, plan.column)).is_empty(),
            _ => true,
        }
    }
}
