//! What a block counts for the rules about whole batches.

use std::sync::atomic::{AtomicU64, Ordering};

use xxhash_rust::xxh3::xxh3_64;

use crate::records::dates::{DAY, SECOND, month_of};
use crate::records::judge::across::{first_digits, satisfaction_of};
use crate::records::judge::columns::{Column, Columns, NONE};
use crate::records::judge::content::mixed;
use crate::records::judge::test_words::TestWords;
use crate::records::profile::{BatchRuleKind, Condition, Dataset};
use crate::records::tally::{Counts, GroupSample, Share, Tally, ValueCounts};

const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;

/// What is known of the rows of a block when they are counted.
pub(super) struct Counted<'a, 'b> {
    pub(super) dataset: &'a Dataset,
    pub(super) columns: &'a Columns<'b>,
    /// Hash of the key of each row.
    pub(super) keys: &'a [u128],
    /// Hash of what each row says.
    pub(super) contents: &'a [u64],
    /// Rows that are records; the others could not be read.
    pub(super) is_record: &'a dyn Fn(usize) -> bool,
    /// For every batch rule the greatest hash of a content that is looked at.
    pub(super) bounds: &'a [AtomicU64],
}

impl Counted<'_, '_> {
    /// Returns the counts for every batch rule.
    pub(super) fn tally(&self) -> Tally {
        let rules = self.dataset.batch_rules.iter().zip(self.bounds);
        let counts = rules.map(|(rule, bound)| {
            // What an older bound would leave in is left out when blocks are put together.
            self.counts(&rule.kind, bound.load(Ordering::Relaxed))
        });
        Tally::of(counts.collect())
    }

    fn counts(&self, kind: &BatchRuleKind, bound: u64) -> Counts {
        match kind {
            BatchRuleKind::MinuteIsMonth { fields } => {
                let times = fields.iter().map(|field| self.columns.times(*field));
                Counts::Shares(
                    times.map(|times| minute_is_month(times.unwrap_or_default())).collect(),
                )
            }
            BatchRuleKind::ConstantOffset { from, to } => Counts::Values(self.offsets(*from, *to)),
            BatchRuleKind::ConstantValue { field } => Counts::Values(self.values(*field)),
            BatchRuleKind::ReversedSatisfaction { satisfaction, tags } => {
                Counts::Shares(vec![self.reversed_satisfaction(*satisfaction, *tags)])
            }
            BatchRuleKind::ReversedCaseType { case_type, from, to } => {
                Counts::Shares(self.reversed_case_type(*case_type, (*from, *to)))
            }
            BatchRuleKind::TestWords { fields, words, except } => {
                Counts::Shares(vec![self.test_words(fields, &TestWords::new(words, except))])
            }
            BatchRuleKind::DefaultRatings { channel } => {
                let meaning = &self.dataset.fields[*channel].meaning;
                let is_default = |code: &str| {
                    let is_one = meaning.get(code).is_some_and(|meaning| meaning == "default");
                    (!code.is_empty()).then_some(is_one)
                };
                let of_rows = self.columns.words(*channel).map(|words| words.of_rows(is_default));
                Counts::Shares(vec![Share::of(of_rows.unwrap_or_default().into_iter())])
            }
            BatchRuleKind::RepeatedContent => {
                let rows = (0..self.keys.len()).filter(|row| (self.is_record)(*row));
                let rows = rows.map(|row| (self.contents[row], self.keys[row]));
                Counts::Groups(GroupSample::of(rows.collect(), bound))
            }
            BatchRuleKind::Unique { fields, when } => {
                Counts::Groups(GroupSample::of(self.hashed(fields, when.as_ref()), bound))
            }
        }
    }

    fn offsets(&self, from: usize, to: usize) -> ValueCounts {
        let (Some(from), Some(to)) = (self.columns.times(from), self.columns.times(to)) else {
            return ValueCounts::default();
        };
        let offsets = from.iter().zip(to).filter(|(from, to)| **from != NONE && **to != NONE);
        // The difference of two times is small; as a number of another kind it is only compared.
        let offsets: Vec<u64> =
            offsets.map(|(from, to)| ((to - from) / SECOND).cast_unsigned()).collect();
        ValueCounts::of(offsets.into_iter()).without(0)
    }

    fn values(&self, field: usize) -> ValueCounts {
        match &self.columns.of_fields[field] {
            Column::Absent => ValueCounts::default(),
            Column::Words(column) => {
                let mut counts: Vec<(u64, u64)> = Vec::new();
                for (value, n_rows) in column.normal.iter().zip(column.words.counts()) {
                    if !value.is_empty() {
                        counts.push((xxh3_64(value.as_bytes()), n_rows));
                    }
                }
                ValueCounts::of_counts(counts)
            }
            Column::Times(numbers) | Column::Ints(numbers) => {
                let given = numbers.iter().filter(|number| **number != NONE);
                let given: Vec<u64> = given.map(|number| number.cast_unsigned()).collect();
                ValueCounts::of(given.into_iter())
            }
            Column::Text(_) => {
                let rows = 0..self.columns.block.n_rows();
                let values = rows.map(|row| self.columns.given(field, row));
                let given = values.filter(|value| !value.is_empty());
                let hashes: Vec<u64> = given.map(|value| xxh3_64(value.as_bytes())).collect();
                ValueCounts::of(hashes.into_iter())
            }
        }
    }

    fn reversed_satisfaction(&self, satisfaction: usize, tags: usize) -> Share {
        let (Some(values), Some(tags)) =
            (self.columns.words(satisfaction), self.columns.words(tags))
        else {
            return Share::default();
        };
        let field = &self.dataset.fields[satisfaction];
        let values = values.of_rows(|value| satisfaction_of(field, value));
        let digits = tags.of_rows(first_digits);
        let is_reversed = |(value, digits): (&Option<i64>, &u16)| {
            let value = value.filter(|value| *value != 3 && digits.is_power_of_two())?;
            Some(i64::from(digits.trailing_zeros()) == 6 - value)
        };
        Share::of(values.iter().zip(&digits).map(is_reversed))
    }

    /// Immediate cases that take more than a day, and promised ones that are done on the day.
    fn reversed_case_type(&self, case_type: usize, (from, to): (usize, usize)) -> Vec<Share> {
        let (Some(types), Some(from), Some(to)) =
            (self.columns.words(case_type), self.columns.times(from), self.columns.times(to))
        else {
            return vec![Share::default(); 2];
        };
        let meaning = &self.dataset.fields[case_type].meaning;
        let share = |word: &str, is_odd: fn(i64, i64) -> bool| {
            let is_one = types.of_rows(|code| meaning.get(code).is_some_and(|known| known == word));
            let rows = is_one.iter().zip(from.iter().zip(to));
            Share::of(rows.map(|(is_one, (from, to))| {
                let is_counted = *is_one && *from != NONE && *to != NONE;
                is_counted.then(|| is_odd(*from, *to))
            }))
        };
        let is_same_day = |from: i64, to: i64| from.div_euclid(DAY) == to.div_euclid(DAY);
        vec![share("immediate", |from, to| to - from > DAY), share("promised", is_same_day)]
    }

    fn test_words(&self, fields: &[usize], words: &TestWords<'_>) -> Share {
        let n_rows = self.columns.block.n_rows();
        // Mostly none of the words stands anywhere.
        let may_be_in = words.are_among(self.columns.block.text());
        // For each row: nothing stands there, something else, one of the words.
        let mut found = vec![0_u8; n_rows];
        let judged = |value: &str| match value {
            "" => 0,
            value if may_be_in && words.are_in(value) => 2,
            _ => 1,
        };
        for field in fields {
            let known = found.iter_mut().enumerate();
            match self.columns.words(*field) {
                Some(column) => {
                    let of_rows = column.of_rows(judged);
                    known.zip(of_rows).for_each(|((_, known), new)| *known = new.max(*known));
                }
                None if may_be_in => known.for_each(|(row, known)| {
                    *known = judged(self.columns.given(*field, row)).max(*known);
                }),
                None => known.for_each(|(row, known)| {
                    *known = u8::from(!self.columns.is_blank(*field, row)).max(*known);
                }),
            }
        }
        Share::of(found.iter().map(|found| (*found > 0).then_some(*found == 2)))
    }

    /// Rows with a hash of what stands in some fields, all of which are given, and that of their key.
    fn hashed(&self, fields: &[usize], when: Option<&Condition>) -> Vec<(u64, u128)> {
        let holds = when.map(|when| self.columns.holding(when));
        let holds = |row: usize| holds.as_ref().is_none_or(|holds| holds[row]);
        // The hash of all fields of a row, `None` where one of them is blank.
        let mut hashes: Vec<Option<u64>> =
            (0..self.keys.len()).map(|row| holds(row).then_some(0)).collect();
        for field in fields {
            self.add_hashes(*field, &mut hashes);
        }
        let rows = hashes.into_iter().zip(self.keys);
        rows.filter_map(|(hash, key)| Some((hash?, *key))).collect()
    }

    /// Adds what stands in a field to the hash of each row.
    fn add_hashes(&self, field: usize, hashes: &mut [Option<u64>]) {
        let hash = |value: &str| (!value.is_empty()).then(|| xxh3_64(value.as_bytes()));
        if let Some(column) = self.columns.words(field) {
            for (all, of_row) in hashes.iter_mut().zip(column.of_rows(hash)) {
                *all = all.zip(of_row).map(|(before, value)| mixed(value, before));
            }
            return;
        }
        let mut scratch = String::new();
        for (row, all) in hashes.iter_mut().enumerate() {
            *all = all.and_then(|before| {
                Some(mixed(hash(self.columns.normal(field, row, &mut scratch))?, before))
            });
        }
    }
}

/// Of times with a time of day, those whose minute is their month and whose hour is 12 at most.
fn minute_is_month(times: &[i64]) -> Share {
    let is_hit = |time: &i64| {
        let of_day = time.rem_euclid(DAY);
        if *time == NONE || of_day == 0 {
            return None;
        }
        let minute = of_day / MINUTE % 60;
        let could_be = (1..=12).contains(&minute) && of_day / HOUR <= 12;
        Some(could_be && i64::from(month_of(*time)) == minute)
    };
    Share::of(times.iter().map(is_hit))
}
