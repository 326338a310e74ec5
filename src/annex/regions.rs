//! Row labels to regions, exactly, within the issuer's region.

use std::collections::BTreeMap;

use crate::annex::labels::{normalise, similarity};
use crate::diag::{Finding, Message, Severity};
use crate::model::Place;
use crate::refdata::{RefData, RegionName};

/// Known names listed when none matches.
const NEAREST: usize = 3;
/// Names less alike than this are not listed.
const MIN_LISTED: f64 = 0.4;

/// What may stand behind the name of a region when its government is meant.
const SUFFIXES: [&str; 3] = ["人民政府", "政府", "管委会"];

/// The region that a label means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RegionMatch {
    pub(super) region: String,
    /// Whether the code is in use.
    pub(super) is_current: bool,
}

impl RegionMatch {
    /// Returns what is to be told about a label that was taken for this region: that its code is out
    /// of use.
    pub(super) fn finding(&self, label: &str, place: Place) -> Option<Finding> {
        if self.is_current {
            return None;
        }
        let message =
            Message::new("region.retired").with("label", label).with("region", &self.region);
        Some(Finding::new(Severity::Info, message, place).labelled(Some(label), None))
    }
}

/// The names of all divisions of one region.
pub(super) struct RegionIndex {
    names: BTreeMap<String, Vec<RegionName>>,
}

impl RegionIndex {
    pub(super) fn new(refdata: &RefData, within: &str) -> Self {
        let mut names: BTreeMap<String, Vec<RegionName>> = BTreeMap::new();
        for name in refdata.region_names(within) {
            names.entry(normalise(&name.name)).or_default().push(name);
        }
        Self { names }
    }

    /// Returns the region of a label, or the nearest known names.
    ///
    /// Of regions that bear the same name the one in use counts; of retired ones the last, which has
    /// the highest code below a region that is in use. Names are too short to forgive a slip.
    pub(super) fn find(&self, label: &str) -> Result<RegionMatch, Vec<String>> {
        let wanted = normalise(label);
        let mut spellings = vec![wanted.as_str()];
        spellings.extend(SUFFIXES.iter().filter_map(|suffix| wanted.strip_suffix(suffix)));
        let found = spellings.iter().find_map(|spelling| self.names.get(*spelling));
        let Some(found) = found else {
            let mut scored: Vec<(f64, &RegionName)> = self
                .names
                .iter()
                .filter_map(|(name, regions)| Some((similarity(&wanted, name), regions.first()?)))
                .filter(|(score, _)| *score >= MIN_LISTED)
                .collect();
            scored.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.name.cmp(&b.1.name)));
            return Err(scored.into_iter().take(NEAREST).map(|(_, n)| n.name.clone()).collect());
        };
        let current: Vec<&RegionName> = found.iter().filter(|name| name.is_current).collect();
        match current.as_slice() {
            // Townships of several counties share names: which is meant is not said.
            [first, rest @ ..] if rest.iter().any(|other| other.region != first.region) => {
                Err(found.iter().map(|name| format!("{} {}", name.name, name.region)).collect())
            }
            [first, ..] => Ok(RegionMatch { region: first.region.clone(), is_current: true }),
            [] => {
                let is_known_parent = |name: &&RegionName| {
                    let above = format!("{}00", &name.region[..4]);
                    let all = self.names.values().flatten();
                    all.into_iter().any(|other| other.region == above && other.is_current)
                };
                let last = found
                    .iter()
                    .filter(is_known_parent)
                    .max_by(|a, b| a.region.cmp(&b.region))
                    .or_else(|| found.iter().max_by(|a, b| a.region.cmp(&b.region)));
                last.map(|name| RegionMatch { region: name.region.clone(), is_current: false })
                    .ok_or_else(Vec::new)
            }
        }
    }
}

impl RegionIndex {
    /// Returns the names of regions that stand in a text. Names of two characters, which may be part
    /// of other words, do not count.
    pub(super) fn named_in(&self, text: &str) -> Vec<&str> {
        let text = normalise(text);
        let names = self.names.keys().map(String::as_str);
        names.filter(|name| name.chars().count() >= 3 && text.contains(name)).collect()
    }

    /// Whether a known name may mean a region.
    pub(super) fn means(&self, name: &str, region: &str) -> bool {
        self.names.get(name).is_some_and(|found| found.iter().any(|known| known.region == region))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(label: &str, expected: &str) {
        let index = RegionIndex::new(&RefData::load(&[]).unwrap(), "630000");
        let shown = match index.find(label) {
            Ok(found) if found.is_current => found.region,
            Ok(found) => format!("{} retired", found.region),
            Err(nearest) => format!("unknown, nearest {}", nearest.join(" ")),
        };
        assert_eq!(shown, expected, "{label}");
    }

    #[test]
    fn short_and_long_names_mean_the_same_region() {
        check("海南州", "632500");
        check("海南藏族自治州", "632500");
        check("海 东 市", "630200");
        check("西宁市人民政府", "630100");
        check("大柴旦行委", "632857");
        check("互助县", "630223");
    }

    #[test]
    fn retired_names_have_the_code_that_they_had_last() {
        check("同仁县", "632321 retired");
        check("湟中县", "630122 retired");
        check("平安县", "630221 retired");
        check("海东地区", "632100 retired");
    }

    #[test]
    fn nothing_near_is_taken_for_a_region() {
        check("海冬市", "unknown, nearest 海东市");
        check("兰州市", "unknown, nearest ");
    }
}
