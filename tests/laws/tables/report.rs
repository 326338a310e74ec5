//! What came of many documents, counted by how they came and what befell them.

use std::collections::BTreeMap;
use std::fmt;

use super::carrier::CARRIERS;
use super::damage::Damage;
use super::judge::Verdict;

/// Broken laws that are shown in full.
const MAX_SHOWN: usize = 20;

/// Counts of documents.
#[derive(Debug, Clone, Copy, Default)]
#[expect(clippy::struct_field_names, reason = "all of them are counts")]
pub(crate) struct Counts {
    pub(crate) n_documents: usize,
    pub(crate) n_tables: usize,
    pub(crate) n_whole: usize,
    pub(crate) n_told: usize,
    pub(crate) n_warned: usize,
    pub(crate) n_refused: usize,
    pub(crate) n_silent: usize,
}

/// What came of many documents.
#[derive(Debug, Default)]
pub(crate) struct Report {
    counts: BTreeMap<(usize, Damage), Counts>,
    refusals: BTreeMap<(&'static str, String), usize>,
    broken: Vec<(u64, String)>,
}

impl Counts {
    fn add(&mut self, other: Self) {
        self.n_documents += other.n_documents;
        self.n_tables += other.n_tables;
        self.n_whole += other.n_whole;
        self.n_told += other.n_told;
        self.n_warned += other.n_warned;
        self.n_refused += other.n_refused;
        self.n_silent += other.n_silent;
    }

    fn line(&self, name: &str) -> String {
        format!(
            "{name:<24}{:>10}{:>9}{:>8}{:>8}{:>8}{:>9}{:>8}",
            self.n_documents,
            self.n_tables,
            self.n_whole,
            self.n_told,
            self.n_warned,
            self.n_refused,
            self.n_silent
        )
    }
}

const HEADER: &str =
    "                         documents   tables   whole    told  warned  refused  silent";

impl Report {
    /// Adds a document.
    pub(crate) fn add(
        &mut self,
        (carrier_idx, damage): (usize, Damage),
        (seed, n_tables): (u64, usize),
        verdict: Verdict,
    ) {
        let counts = self.counts.entry((carrier_idx, damage)).or_default();
        counts.n_documents += 1;
        counts.n_tables += n_tables;
        match verdict {
            Verdict::Whole => counts.n_whole += 1,
            Verdict::Told => counts.n_told += 1,
            Verdict::Warned => counts.n_warned += 1,
            Verdict::Refused(reason) => {
                counts.n_refused += 1;
                if damage == Damage::None {
                    *self.refusals.entry((CARRIERS[carrier_idx].name, reason)).or_default() += 1;
                }
            }
            Verdict::Silent(ways) => {
                counts.n_silent += 1;
                let (carrier, damage) = (CARRIERS[carrier_idx].name, damage.name());
                let n_more = ways.len() - 1;
                let way = ways.into_iter().next().unwrap_or_default();
                let line = format!("{seed} {carrier}, {damage}: {way} (and {n_more} more)");
                self.broken.push((seed, line));
            }
        }
    }

    /// Returns the seed of the first document for which the law is broken.
    pub(crate) fn first_broken(&self) -> Option<u64> {
        self.broken.first().map(|(seed, _)| *seed)
    }

    /// Returns which carriers are read whole less often than they have to be.
    pub(crate) fn too_rarely_read(&self) -> Vec<String> {
        let undamaged = |idx| self.counts.get(&(idx, Damage::None)).copied().unwrap_or_default();
        let shares = CARRIERS.iter().enumerate().map(|(idx, carrier)| (carrier, undamaged(idx)));
        shares
            .filter(|(carrier, counts)| {
                counts.n_whole * 100 < carrier.least_whole * counts.n_documents
            })
            .map(|(carrier, counts)| {
                let (whole, all) = (counts.n_whole, counts.n_documents);
                format!("{}: {whole} of {all}, at least {} %", carrier.name, carrier.least_whole)
            })
            .collect()
    }

    fn sum(&self, is_wanted: impl Fn(usize, Damage) -> bool) -> Counts {
        let mut sum = Counts::default();
        for ((idx, damage), counts) in &self.counts {
            if is_wanted(*idx, *damage) {
                sum.add(*counts);
            }
        }
        sum
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "without damage\n{HEADER}")?;
        for (idx, carrier) in CARRIERS.iter().enumerate() {
            let counts = self.sum(|at, damage| at == idx && damage == Damage::None);
            writeln!(f, "{}", counts.line(carrier.name))?;
        }
        writeln!(f, "\nwith damage\n{HEADER}")?;
        for (idx, carrier) in CARRIERS.iter().enumerate() {
            let counts = self.sum(|at, damage| at == idx && damage != Damage::None);
            writeln!(f, "{}", counts.line(carrier.name))?;
        }
        writeln!(f)?;
        for damage in Damage::ALL {
            writeln!(f, "{}", self.sum(|_, at| at == damage).line(damage.name()))?;
        }
        writeln!(f, "{}", self.sum(|_, _| true).line("all"))?;
        writeln!(f, "\nwhy documents without damage were refused")?;
        for ((carrier, reason), count) in &self.refusals {
            writeln!(f, "{count:>8}  {carrier}: {reason}")?;
        }
        for (_, line) in self.broken.iter().take(MAX_SHOWN) {
            writeln!(f, "broken: {line}")?;
        }
        for line in self.too_rarely_read() {
            writeln!(f, "read too rarely: {line}")?;
        }
        Ok(())
    }
}
