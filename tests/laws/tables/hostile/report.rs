//! What came of tables in hostile surroundings, counted by what was hostile.

use std::collections::BTreeMap;
use std::fmt;

use super::super::judge::Verdict;
use super::Hostility;

/// Broken laws that are shown in full.
const MAX_SHOWN: usize = 40;

/// Counts of documents: whole, told, warned, refused, silent.
type Counts = [usize; 5];

/// A document for which the law is broken.
#[derive(Debug)]
struct Broken {
    seed: u64,
    line: String,
}

/// Of a hundred documents, how many have to be read with every figure in its place or told.
const LEAST_READ: usize = 30;

/// What came of many documents.
#[derive(Debug, Default)]
pub(crate) struct Report {
    by_trick: BTreeMap<&'static str, Counts>,
    by_carrier: BTreeMap<&'static str, Counts>,
    all: Counts,
    broken: Vec<Broken>,
}

impl Report {
    /// Adds a document; one in which several things are hostile counts for each of them.
    pub(super) fn add(
        &mut self,
        seed: u64,
        (carrier, hostility): (&'static str, &Hostility),
        verdict: Verdict,
    ) {
        let at = match &verdict {
            Verdict::Whole => 0,
            Verdict::Told => 1,
            Verdict::Warned => 2,
            Verdict::Refused(_) => 3,
            Verdict::Silent(_) => 4,
        };
        for trick in &hostility.names {
            self.by_trick.entry(trick).or_default()[at] += 1;
        }
        self.by_carrier.entry(carrier).or_default()[at] += 1;
        self.all[at] += 1;
        if let Verdict::Silent(ways) = verdict {
            let (n_more, told) = (ways.len() - 1, hostility.told());
            let first = ways.into_iter().next().unwrap_or_default();
            let line = format!("{seed} {carrier}, {told}: {first} (and {n_more} more)");
            self.broken.push(Broken { seed, line });
        }
    }

    /// Returns the seed of the first document that broke the law.
    pub(crate) fn first_broken(&self) -> Option<u64> {
        self.broken.first().map(|broken| broken.seed)
    }

    /// Whether enough documents are read, so that refusing all of them is no way out.
    pub(crate) fn is_read_often_enough(&self) -> bool {
        let [whole, told, warned, ..] = self.all;
        let n_documents: usize = self.all.iter().sum();
        (whole + told + warned) * 100 >= LEAST_READ * n_documents
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{:<34}{:>10}{:>8}{:>8}{:>8}{:>9}{:>8}",
            "", "documents", "whole", "told", "warned", "refused", "silent"
        )?;
        let all = [("all", self.all)];
        for (name, counts) in self
            .by_trick
            .iter()
            .chain(&self.by_carrier)
            .map(|(name, counts)| (*name, *counts))
            .chain(all)
        {
            let [whole, told, warned, refused, silent] = counts;
            let n: usize = counts.iter().sum();
            writeln!(f, "{name:<34}{n:>10}{whole:>8}{told:>8}{warned:>8}{refused:>9}{silent:>8}")?;
        }
        for Broken { line, .. } in self.broken.iter().take(MAX_SHOWN) {
            writeln!(f, "broken: {line}")?;
        }
        Ok(())
    }
}
