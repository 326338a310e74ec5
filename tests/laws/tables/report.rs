//! What came of many documents, counted by how they came and what befell them.

use std::collections::BTreeMap;
use std::fmt;

use super::carrier::CARRIERS;
use super::damage::Damage;
use super::document::Kind;
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

/// How a document came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Way {
    pub(crate) carrier_idx: usize,
    pub(crate) damage: Damage,
    pub(crate) kind: Kind,
}

/// What came of many documents.
#[derive(Debug, Default)]
pub(crate) struct Report {
    counts: BTreeMap<Way, Counts>,
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
    pub(crate) fn add(&mut self, way: Way, (seed, n_tables): (u64, usize), verdict: Verdict) {
        let Way { carrier_idx, damage, kind } = way;
        let counts = self.counts.entry(way).or_default();
        counts.n_documents += 1;
        counts.n_tables += n_tables;
        match verdict {
            Verdict::Whole => counts.n_whole += 1,
            Verdict::Told => counts.n_told += 1,
            Verdict::Warned => counts.n_warned += 1,
            Verdict::Refused(reason) => {
                counts.n_refused += 1;
                if damage == Damage::None {
                    let carrier = CARRIERS[carrier_idx].name;
                    let reason = format!("{}: {reason}", kind.name());
                    *self.refusals.entry((carrier, reason)).or_default() += 1;
                }
            }
            Verdict::Silent(ways) => {
                counts.n_silent += 1;
                let (carrier, damage) = (CARRIERS[carrier_idx].name, damage.name());
                let kind = kind.name();
                let n_more = ways.len() - 1;
                let first = ways.into_iter().next().unwrap_or_default();
                let line =
                    format!("{seed} {carrier}, {damage}, {kind}: {first} (and {n_more} more)");
                self.broken.push((seed, line));
            }
        }
    }

    /// Returns the seed of the first document for which the law is broken.
    pub(crate) fn first_broken(&self) -> Option<u64> {
        self.broken.first().map(|(seed, _)| *seed)
    }

    /// Returns which carriers and kinds of documents are read whole less often than they have to be.
    pub(crate) fn too_rarely_read(&self) -> Vec<String> {
        // Not every format can show all that saved layouts and headers in levels need.
        let is_simple = |way: &Way| matches!(way.kind, Kind::Plain | Kind::Regions);
        let carriers = CARRIERS.iter().enumerate().map(|(idx, carrier)| {
            let counts = self.undamaged(|way| way.carrier_idx == idx && is_simple(way));
            (carrier.name, carrier.least_whole, counts)
        });
        let kinds = Kind::ALL
            .into_iter()
            .map(|kind| (kind.name(), kind.least_whole(), self.undamaged(|way| way.kind == kind)));
        carriers
            .chain(kinds)
            .filter(|(_, least, counts)| counts.n_whole * 100 < least * counts.n_documents)
            .map(|(name, least, counts)| {
                format!("{name}: {} of {}, at least {least} %", counts.n_whole, counts.n_documents)
            })
            .collect()
    }

    fn undamaged(&self, is_wanted: impl Fn(&Way) -> bool) -> Counts {
        self.sum(|way| way.damage == Damage::None && is_wanted(way))
    }

    fn sum(&self, is_wanted: impl Fn(&Way) -> bool) -> Counts {
        let mut sum = Counts::default();
        for (way, counts) in &self.counts {
            if is_wanted(way) {
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
            let counts = self.undamaged(|way| way.carrier_idx == idx);
            writeln!(f, "{}", counts.line(carrier.name))?;
        }
        writeln!(f)?;
        for kind in Kind::ALL {
            writeln!(f, "{}", self.undamaged(|way| way.kind == kind).line(kind.name()))?;
        }
        writeln!(f, "\nwith damage\n{HEADER}")?;
        let is_damaged = |way: &Way| way.damage != Damage::None;
        for (idx, carrier) in CARRIERS.iter().enumerate() {
            let counts = self.sum(|way| way.carrier_idx == idx && is_damaged(way));
            writeln!(f, "{}", counts.line(carrier.name))?;
        }
        writeln!(f)?;
        for kind in Kind::ALL {
            let counts = self.sum(|way| way.kind == kind && is_damaged(way));
            writeln!(f, "{}", counts.line(kind.name()))?;
        }
        writeln!(f)?;
        for damage in Damage::ALL {
            writeln!(f, "{}", self.sum(|way| way.damage == damage).line(damage.name()))?;
        }
        writeln!(f, "{}", self.sum(|_| true).line("all"))?;
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
