//! What was tried and what went wrong, as lines of text.

use std::collections::BTreeMap;
use std::error::Error;

use tongban::diag::{Diagnose, Lang};
use tongban::lake::LakeError;

use crate::Outcome;

/// Violations of a kind that are told in full.
const TOLD: usize = 10;

/// Returns what an error says, with what is behind it.
pub(crate) fn said(error: &(dyn Error + 'static)) -> String {
    let causes = error.downcast_ref::<LakeError>().map(Diagnose::causes).unwrap_or_default();
    let causes: String = causes.iter().map(|cause| format!(": {}", cause.text(Lang::En))).collect();
    format!("{error}{causes}")
}

/// Counts of what was tried, by kind.
#[derive(Debug, Default)]
pub(crate) struct Report {
    kinds: BTreeMap<String, Tried>,
}

#[derive(Debug, Default)]
struct Tried {
    n_trials: usize,
    violations: Vec<String>,
    notes: Vec<String>,
}

impl Report {
    /// Counts a trial and what went wrong in it.
    pub(crate) fn count(&mut self, kind: &str, name: &str, outcome: Outcome<()>) {
        let tried = self.kinds.entry(kind.to_owned()).or_default();
        tried.n_trials += 1;
        if let Err(error) = outcome {
            tried.violations.push(format!("{name}: {}", said(&*error)));
        }
    }

    /// Adds something worth knowing about a kind.
    pub(crate) fn note(&mut self, kind: &str, note: String) {
        self.kinds.entry(kind.to_owned()).or_default().notes.push(note);
    }

    /// Returns, by kind, how often it was tried and how often something went wrong that one of some words
    /// tell of.
    pub(crate) fn counts_saying(&self, words: &[&str]) -> Vec<(String, usize, usize)> {
        let says = |violation: &&String| words.iter().any(|word| violation.contains(word));
        let kinds = self.kinds.iter();
        let counted = kinds.map(|(kind, tried)| {
            (kind.clone(), tried.n_trials, tried.violations.iter().filter(says).count())
        });
        counted.collect()
    }

    /// Prints everything; returns whether nothing went wrong.
    pub(crate) fn print(&self) -> bool {
        for (kind, tried) in &self.kinds {
            let Tried { n_trials, violations, notes } = tried;
            println!("{kind}: tried {n_trials}, violations {}", violations.len());
            for note in notes {
                println!("  {note}");
            }
            for violation in violations.iter().take(TOLD) {
                println!("  VIOLATION {violation}");
            }
        }
        self.kinds.values().all(|tried| tried.violations.is_empty())
    }
}
