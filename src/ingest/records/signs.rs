//! What the rules about a whole batch say of it, put together of its files.
//!
//! The batch decides: how its rows are cut into files changes nothing. A file that would break a rule if
//! it came alone, where the batch does not, is told all the same, and goes back where the rule sends back
//! what breaks it.

use std::collections::{BTreeMap, BTreeSet};

use crate::diag::{Finding, Message, Severity};
use crate::ingest::records::notes::found;
use crate::ingest::records::whole_return::Reason;
use crate::records::profile::{BatchRule, Dataset};
use crate::records::tally::{BatchOutcome, Tally};

/// Files that break a rule by themselves of which the names are told.
const MAX_FILES: usize = 5;

/// The counts for the rules about a batch.
#[derive(Debug, Default)]
pub(super) struct Signs {
    tally: Tally,
    /// The same for the files that do not go back by themselves.
    standing: Tally,
    /// For each part of a rule the file with the most rows that are as the rule describes.
    largest: BTreeMap<(usize, usize), Largest>,
    /// For each rule the files that break it by themselves.
    alone: BTreeMap<usize, Files>,
    /// The files that by themselves break a rule which sends them back, with what they break.
    returning: BTreeMap<usize, Vec<BatchOutcome>>,
    /// The files that are known to go back by themselves.
    files_back: BTreeSet<usize>,
    /// The files that have rows.
    with_rows: Files,
}

/// Rows of one file that are as a rule describes.
#[derive(Debug, Clone, Copy)]
struct Largest {
    file_idx: usize,
    n_hits: u64,
    n_rows: u64,
}

/// Some files, by their positions in the batch.
#[derive(Debug, Default)]
struct Files {
    n_files: usize,
    first: Vec<usize>,
}

impl Files {
    fn add(&mut self, file_idx: usize) {
        self.n_files += 1;
        if self.first.len() < MAX_FILES {
            self.first.push(file_idx);
        }
    }
}

impl Signs {
    /// Begins the counts of a batch of which some files are known to go back by themselves.
    pub(super) fn of(files_back: BTreeSet<usize>) -> Self {
        Self { files_back, ..Self::default() }
    }

    /// Adds what was counted in the next file, which has some rows.
    pub(super) fn add_file(&mut self, tally: Tally, rules: &[BatchRule], file_idx: usize) {
        self.with_rows.add(file_idx);
        for BatchOutcome { rule_idx, part, n_hits, n_rows, .. } in tally.shares() {
            let largest = Largest { file_idx, n_hits, n_rows };
            let known = self.largest.entry((rule_idx, part)).or_insert(largest);
            if n_hits > known.n_hits {
                *known = largest;
            }
        }
        let told = tally.told(rules);
        let mut broken: Vec<usize> = told.iter().map(|outcome| outcome.rule_idx).collect();
        broken.dedup();
        for rule_idx in broken {
            self.alone.entry(rule_idx).or_default().add(file_idx);
        }
        let returning: Vec<BatchOutcome> =
            told.into_iter().filter(|outcome| returns(&rules[outcome.rule_idx])).collect();
        if !returning.is_empty() {
            self.returning.insert(file_idx, returning);
        }
        if !self.files_back.contains(&file_idx) {
            self.standing.merge(tally.clone());
        }
        self.tally.merge(tally);
    }

    /// Returns the rule because of which all files that do not go back by themselves go back, if there is
    /// one.
    pub(super) fn returning_rule(&self, dataset: &Dataset) -> Option<Reason> {
        let told = self.standing.told(&dataset.batch_rules).into_iter();
        let mut rules = told.map(|outcome| &dataset.batch_rules[outcome.rule_idx]);
        rules.find(|rule| returns(rule)).map(reason)
    }

    /// Returns the files that go back by themselves, by their positions, with the first rule that each
    /// breaks.
    pub(super) fn returning_files(&self, dataset: &Dataset) -> BTreeMap<usize, Reason> {
        let of_file = |(file_idx, outcomes): (&usize, &Vec<BatchOutcome>)| {
            (*file_idx, reason(&dataset.batch_rules[outcomes[0].rule_idx]))
        };
        self.returning.iter().map(of_file).collect()
    }

    /// Returns the findings on the batch. Where all rows are of one file, they are about that file.
    pub(super) fn findings(
        &self,
        dataset: &Dataset,
        file_names: &[String],
        batch_name: &str,
    ) -> Vec<Finding> {
        let rules = &dataset.batch_rules;
        let told = self.tally.told(rules);
        let sole =
            (self.with_rows.n_files == 1).then(|| file_names[self.with_rows.first[0]].as_str());
        let name = sole.unwrap_or(batch_name);
        let mut findings: Vec<Finding> = Vec::new();
        for outcome in &told {
            let rule = &rules[outcome.rule_idx];
            let largest = self.largest.get(&(outcome.rule_idx, outcome.part));
            let message = match largest.filter(|_| sole.is_none()) {
                Some(largest) => on_batch("records.batch_rule_files", rule, outcome)
                    .with("largest", &file_names[largest.file_idx])
                    .with("file_hits", largest.n_hits)
                    .with("file_count", largest.n_rows),
                None if outcome.is_estimate => {
                    on_batch("records.batch_rule_estimate", rule, outcome)
                }
                None => on_batch("records.batch_rule", rule, outcome),
            };
            findings.push(found(rule.severity, message, name));
        }
        for (rule_idx, files) in &self.alone {
            let rule = &rules[*rule_idx];
            let is_of_files = returns(rule) && !self.files_back.is_empty();
            if is_of_files || told.iter().any(|outcome| outcome.rule_idx == *rule_idx) {
                continue;
            }
            let names: Vec<String> =
                files.first.iter().map(|idx| format!("`{}`", file_names[*idx])).collect();
            let message = about("records.batch_rule_alone", rule)
                .with("count", files.n_files)
                .with("files", names.join(", "));
            findings.push(found(rule.severity.min(Severity::Warning), message, name));
        }
        for file_idx in &self.files_back {
            for outcome in self.returning.get(file_idx).into_iter().flatten() {
                let rule = &rules[outcome.rule_idx];
                let message = on_batch("records.file_returned", rule, outcome);
                findings.push(found(rule.severity, message, &file_names[*file_idx]));
            }
        }
        findings
    }
}

/// Whether what breaks a rule goes back.
fn returns(rule: &BatchRule) -> bool {
    rule.severity == Severity::Error
}

fn reason(rule: &BatchRule) -> Reason {
    (rule.id.clone(), rule.sentence.clone())
}

fn about(code: &'static str, rule: &BatchRule) -> Message {
    let sentence = &rule.sentence;
    Message::new(code).with("rule", &rule.id).with_sentence("sentence", &sentence.zh, &sentence.en)
}

fn on_batch(code: &'static str, rule: &BatchRule, outcome: &BatchOutcome) -> Message {
    about(code, rule)
        .with("hits", outcome.n_hits)
        .with("count", outcome.n_rows)
        .with("percent", format!("{:.1}", outcome.share() * 100.0))
}
