//! What the rules about whole batches count. Counts of pieces can be put together in any order and come
//! to the same.

use std::collections::BTreeMap;

use crate::records::profile::{BatchRule, BatchRuleKind};

/// Values of a block that are counted on; a value that most rows have is always among them.
pub const TOP_VALUES: usize = 8;
/// Different contents that are looked at. Of more, those with the smallest hashes are: a sample that
/// does not depend on the order of rows.
pub const SAMPLE: usize = 2048;

/// Counts for every batch rule of a dataset, in its order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tally {
    counts: Vec<Counts>,
}

/// What one rule counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Counts {
    /// Of some rows, those that are as the rule describes; one pair for each part of the rule.
    Shares(Vec<Share>),
    /// How often the most frequent values stand.
    Values(ValueCounts),
    /// Groups of rows that say the same.
    Groups(GroupSample),
}

/// Rows that say something about a rule, and those among them that are as it describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Share {
    /// Rows that say something about it.
    pub n_rows: u64,
    /// Rows that are as it describes.
    pub n_hits: u64,
}

/// How often values stand, by a number for each value.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ValueCounts {
    n_rows: u64,
    tops: BTreeMap<u64, u64>,
}

/// Rows by their content; of many contents a sample.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GroupSample {
    n_rows: u64,
    /// In the order of their contents.
    groups: Vec<Group>,
    /// Whether there were more contents than are looked at.
    is_sample: bool,
}

/// Rows of one content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Group {
    content: u64,
    n_rows: u64,
    least_key: u128,
    greatest_key: u128,
}

/// What came of a batch rule.
#[derive(Debug, Clone, PartialEq)]
pub struct BatchOutcome {
    /// Position of the rule among the batch rules of its dataset.
    pub rule_idx: usize,
    /// Which part of the rule: the position of a field in the rule; 0 where it has one part.
    pub part: usize,
    /// Rows that say something about it.
    pub n_rows: u64,
    /// Rows that are as it describes, at least.
    pub n_hits: u64,
    /// Whether only a sample of the rows was looked at, so that the hits are an estimate.
    pub is_estimate: bool,
    /// The most frequent value, as a number: seconds where the rule is about a span.
    pub value: Option<u64>,
}

impl BatchOutcome {
    /// Returns the share of rows that are as the rule describes, from 0 to 1.
    #[expect(clippy::cast_precision_loss, reason = "counts of rows are below 2^53")]
    pub fn share(&self) -> f64 {
        if self.n_rows == 0 { 0.0 } else { self.n_hits as f64 / self.n_rows as f64 }
    }
}

impl Tally {
    /// Returns the counts of a block, one for every batch rule.
    pub fn of(counts: Vec<Counts>) -> Self {
        Self { counts }
    }

    /// Adds the counts of another block or another file of the same dataset.
    pub fn merge(&mut self, other: Self) {
        if self.counts.is_empty() {
            *self = other;
            return;
        }
        for (counts, other) in self.counts.iter_mut().zip(other.counts) {
            match (counts, other) {
                (Counts::Shares(shares), Counts::Shares(others)) => {
                    for (share, other) in shares.iter_mut().zip(others) {
                        share.n_rows += other.n_rows;
                        share.n_hits += other.n_hits;
                    }
                }
                (Counts::Values(values), Counts::Values(other)) => values.merge(other),
                (Counts::Groups(groups), Counts::Groups(other)) => groups.merge(other),
                _ => {}
            }
        }
    }

    /// Returns for every rule the greatest hash that a content may have to be looked at, however the
    /// counts go on.
    pub fn bounds(&self) -> impl Iterator<Item = u64> + '_ {
        self.counts.iter().map(|counts| match counts {
            Counts::Groups(groups) => groups.bound(),
            Counts::Shares(_) | Counts::Values(_) => u64::MAX,
        })
    }

    /// Returns what came of every rule that counts shares of rows, be it to be told or not, part by part.
    pub fn shares(&self) -> impl Iterator<Item = BatchOutcome> + '_ {
        let counts = self.counts.iter().enumerate();
        let of_shares = counts.filter(|(_, counts)| matches!(counts, Counts::Shares(_)));
        of_shares.flat_map(|(rule_idx, counts)| counts.outcomes(rule_idx))
    }

    /// Returns the rules that are to be told about a batch: enough rows say something, and the share of
    /// those that are as the rule describes is large enough.
    ///
    /// A rule whose parts only count together, as that about two kinds of cases turned round, is told
    /// where all of them are so.
    pub fn told(&self, rules: &[BatchRule]) -> Vec<BatchOutcome> {
        let mut told = Vec::new();
        for (rule_idx, (rule, counts)) in rules.iter().zip(&self.counts).enumerate() {
            let outcomes = counts.outcomes(rule_idx);
            let is_told = |outcome: &BatchOutcome| {
                outcome.n_rows >= rule.min_rows.max(1) && outcome.share() >= rule.min_share
            };
            if counts_together(&rule.kind) {
                if outcomes.iter().all(is_told) {
                    told.extend(outcomes);
                }
            } else {
                told.extend(outcomes.into_iter().filter(is_told));
            }
        }
        told
    }
}

/// Whether the parts of a rule say something only together.
fn counts_together(kind: &BatchRuleKind) -> bool {
    matches!(kind, BatchRuleKind::ReversedCaseType { .. })
}

impl Counts {
    fn outcomes(&self, rule_idx: usize) -> Vec<BatchOutcome> {
        let plain = |part: usize, share: Share| BatchOutcome {
            rule_idx,
            part,
            n_rows: share.n_rows,
            n_hits: share.n_hits,
            is_estimate: false,
            value: None,
        };
        match self {
            Self::Shares(shares) => {
                shares.iter().enumerate().map(|(part, share)| plain(part, *share)).collect()
            }
            Self::Values(values) => {
                // Of equally frequent values the least.
                let top = values.tops.iter().max_by(|a, b| a.1.cmp(b.1).then(b.0.cmp(a.0)));
                let n_hits = top.map_or(0, |(_, n_rows)| *n_rows);
                let value = top.map(|(value, _)| *value);
                vec![BatchOutcome { value, ..plain(0, Share { n_rows: values.n_rows, n_hits }) }]
            }
            Self::Groups(groups) => {
                let outcome = plain(0, groups.share());
                vec![BatchOutcome { is_estimate: groups.is_sample, ..outcome }]
            }
        }
    }
}

impl ValueCounts {
    /// Counts the values of a block.
    pub fn of(values: impl ExactSizeIterator<Item = u64>) -> Self {
        // Places for values and their numbers, at most half of them taken; 0 stands for a free one.
        let n_slots = (values.len() * 2).next_power_of_two();
        let mut slots: Vec<(u64, u64)> = vec![(0, 0); n_slots];
        for value in values {
            let hash = value.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
            let mut at = usize::try_from(hash).expect("32 bits fit") & (n_slots - 1);
            while slots[at].1 > 0 && slots[at].0 != value {
                at = (at + 1) & (n_slots - 1);
            }
            slots[at] = (value, slots[at].1 + 1);
        }
        slots.retain(|(_, n_rows)| *n_rows > 0);
        Self::of_counts(slots)
    }

    /// Takes the counts of the different values of a block.
    pub fn of_counts(mut counts: Vec<(u64, u64)>) -> Self {
        let n_rows = counts.iter().map(|(_, n_rows)| n_rows).sum();
        if counts.len() > TOP_VALUES {
            counts.select_nth_unstable_by(TOP_VALUES, |a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
            counts.truncate(TOP_VALUES);
        }
        Self { n_rows, tops: counts.into_iter().collect() }
    }

    /// Returns the counts without a value that is no answer; rows that have it still count as rows.
    #[must_use]
    pub fn without(mut self, value: u64) -> Self {
        self.tops.remove(&value);
        self
    }

    // What is among the first of a block is kept for good: leaving it out later would make the counts
    // depend on the order in which blocks come.
    fn merge(&mut self, other: Self) {
        self.n_rows += other.n_rows;
        for (value, n_rows) in other.tops {
            *self.tops.entry(value).or_default() += n_rows;
        }
    }
}

impl Group {
    /// Returns the group of some rows of one content, at least one.
    fn of(rows: &[(u64, u128)]) -> Self {
        let (content, key) = rows[0];
        let begun = Self { content, n_rows: 0, least_key: key, greatest_key: key };
        rows.iter().fold(begun, |group, (_, key)| Self {
            n_rows: group.n_rows + 1,
            least_key: group.least_key.min(*key),
            greatest_key: group.greatest_key.max(*key),
            ..group
        })
    }

    fn with(self, other: Self) -> Self {
        Self {
            content: self.content,
            n_rows: self.n_rows + other.n_rows,
            least_key: self.least_key.min(other.least_key),
            greatest_key: self.greatest_key.max(other.greatest_key),
        }
    }
}

impl GroupSample {
    /// Groups the rows of a block: pairs of a hash of the content and one of the key.
    ///
    /// Contents with a greater hash than `bound` are known not to be looked at; [`u64::MAX`] where nothing
    /// is known yet.
    pub fn of(mut rows: Vec<(u64, u128)>, bound: u64) -> Self {
        let n_rows = rows.len() as u64;
        rows.retain(|(hash, _)| *hash <= bound);
        let mut is_sample = (rows.len() as u64) < n_rows;
        // Rows of contents beyond the sample need not be sorted.
        let n_sorted = SAMPLE + SAMPLE / 2;
        if rows.len() > n_sorted {
            let (smaller, limit, _) = rows.select_nth_unstable_by_key(n_sorted, |(hash, _)| *hash);
            let limit = limit.0;
            let mut hashes: Vec<u64> = smaller.iter().map(|(hash, _)| *hash).collect();
            hashes.sort_unstable();
            hashes.dedup();
            if hashes.len() > SAMPLE + 1 {
                rows.retain(|(hash, _)| *hash < limit);
                is_sample = true;
            }
        }
        rows.sort_unstable_by_key(|(hash, _)| *hash);
        let groups = rows.chunk_by(|a, b| a.0 == b.0).map(Group::of);
        let mut sample = Self { n_rows, groups: groups.collect(), is_sample };
        sample.cut();
        sample
    }

    fn merge(&mut self, other: Self) {
        self.n_rows += other.n_rows;
        self.is_sample |= other.is_sample;
        let mut groups: Vec<Group> = Vec::with_capacity(self.groups.len() + other.groups.len());
        let mut others = other.groups.into_iter().peekable();
        for group in self.groups.drain(..) {
            while let Some(smaller) = others.next_if(|other| other.content < group.content) {
                groups.push(smaller);
            }
            groups.push(match others.next_if(|other| other.content == group.content) {
                Some(same) => group.with(same),
                None => group,
            });
        }
        groups.extend(others);
        self.groups = groups;
        self.cut();
    }

    fn bound(&self) -> u64 {
        let last = self.groups.last().filter(|_| self.groups.len() == SAMPLE);
        last.map_or(u64::MAX, |last| last.content)
    }

    /// Leaves the contents with the smallest hashes.
    fn cut(&mut self) {
        if self.groups.len() > SAMPLE {
            self.groups.truncate(SAMPLE);
            self.is_sample = true;
        }
    }

    /// Returns the rows whose content stands under several keys; by the sample, where there is one.
    fn share(&self) -> Share {
        let is_repeated = |group: &&Group| group.least_key != group.greatest_key;
        let n_hits: u64 = self.groups.iter().filter(is_repeated).map(|group| group.n_rows).sum();
        let n_sampled: u64 = self.groups.iter().map(|group| group.n_rows).sum();
        let scaled = u128::from(n_hits) * u128::from(self.n_rows) / u128::from(n_sampled.max(1));
        Share { n_rows: self.n_rows, n_hits: u64::try_from(scaled).unwrap_or(u64::MAX) }
    }
}

impl Share {
    /// Counts rows that are as a rule describes; `None` says nothing about it.
    pub fn of(rows: impl Iterator<Item = Option<bool>>) -> Self {
        let mut share = Self::default();
        for is_hit in rows.flatten() {
            share.n_rows += 1;
            share.n_hits += u64::from(is_hit);
        }
        share
    }
}
