//! Row labels to departments, exactly or with a score, within the issuer's region.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{Datelike, NaiveDate};

use crate::annex::Unknown;
use crate::annex::labels::{is_slip, nearest, normalise};
use crate::diag::{Finding, Message, Severity};
use crate::model::Place;
use crate::refdata::{DepartmentName, RefData};

/// Names that are less alike than this are not taken for each other.
///
/// One wrong character of six passes (省交通运输局 for 省交通运输厅); 省民政厅 and 省民宗委, or any
/// two names of four characters, do not.
const MIN_SCORE: f64 = 0.8;
/// Known names listed when none matches.
const NEAREST: usize = 3;

/// The department that a label means.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct DepartmentMatch<'a> {
    /// The known name that the label was matched to.
    pub(super) known: &'a DepartmentName,
    /// Similarity, 1 for the same.
    pub(super) score: f64,
}

impl DepartmentMatch<'_> {
    /// Returns what is to be told about a label that was taken for this department: that it is only
    /// like the known name, or that the name was out of use when the document was `dated`.
    pub(super) fn findings(
        &self,
        label: &str,
        place: Place,
        dated: Option<NaiveDate>,
    ) -> Vec<Finding> {
        let mut findings = Vec::new();
        let known = self.known;
        if self.score < 1.0 {
            let message = Message::new("department.fuzzy")
                .with("label", label)
                .with("known", &known.name)
                .with("score", format!("{:.2}", self.score));
            let finding = Finding::new(Severity::Warning, message, place);
            findings.push(finding.labelled(Some(label), None).comparing(label, &known.name));
        }
        // The year counts: in the year of the change both names are in use.
        let ended = known.valid_to.as_deref().and_then(|date| date.get(..4)?.parse::<i32>().ok());
        if let (Some(ended), Some(dated)) = (ended, dated)
            && dated.year() > ended
        {
            let message =
                Message::new("department.outdated").with("label", label).with("year", ended);
            let finding = Finding::new(Severity::Info, message, place);
            findings.push(finding.labelled(Some(label), None));
        }
        findings
    }
}

/// The names of one region, ready to be matched.
pub(super) struct DepartmentIndex {
    /// Region of the names.
    pub(super) region: Arc<str>,
    names: Vec<(String, DepartmentName)>,
    /// Positions in `names` by the normalised name, of several equal ones the first; also by the name
    /// as it is printed, because to normalise a label takes longer than to find it.
    by_name: BTreeMap<String, usize>,
}

impl DepartmentIndex {
    pub(super) fn new(refdata: &RefData, region: &str) -> Self {
        let names = refdata.department_names(region).into_iter();
        let names: Vec<_> = names.map(|name| (normalise(&name.name), name)).collect();
        let by_name = names.iter().enumerate().rev().map(|(idx, (name, _))| (name.clone(), idx));
        let mut by_name: BTreeMap<String, usize> = by_name.collect();
        for (normal, name) in &names {
            let idx = by_name[normal];
            by_name.entry(name.name.clone()).or_insert(idx);
        }
        for (shortened, idx) in within_region(&names, refdata, region) {
            by_name.entry(shortened).or_insert(idx);
        }
        Self { region: region.into(), by_name, names }
    }

    /// Returns the department of a label, or the nearest known names.
    pub(super) fn find(&self, label: &str) -> Result<DepartmentMatch<'_>, Vec<String>> {
        let known = self.by_name.get(label);
        let wanted = if known.is_some() { String::new() } else { normalise(label) };
        if let Some(idx) = known.or_else(|| self.by_name.get(&wanted)) {
            return Ok(self.matched(*idx, 1.0));
        }
        let names = self.names.iter().map(|(normal, name)| (normal.as_str(), &name.department));
        match nearest(&wanted, names, (MIN_SCORE, is_slip)) {
            Ok((idx, score)) if same_level(&wanted, &self.names[idx].0) => {
                Ok(self.matched(idx, score))
            }
            Ok((idx, _)) => Err(vec![self.names[idx].1.name.clone()]),
            Err(near) => {
                let near = near.into_iter().filter(|(_, score)| *score >= 0.4).take(NEAREST);
                Err(near.map(|(idx, _)| self.names[idx].1.name.clone()).collect())
            }
        }
    }

    /// Returns what is wrong with a label that is no name of these departments.
    pub(super) fn unknown(
        &self,
        label: &str,
        nearest: Vec<String>,
        refdata: &RefData,
        place: Place,
    ) -> Unknown {
        let (region, label) = (self.region.to_string(), label.to_owned());
        match refdata.other_region_in_name(&label, &region).map(str::to_owned) {
            Some(named) => Unknown::DepartmentElsewhere { label, named, region, place },
            None => Unknown::Department { label, place, region, nearest },
        }
    }

    fn matched(&self, idx: usize, score: f64) -> DepartmentMatch<'_> {
        DepartmentMatch { known: &self.names[idx].1, score }
    }

    /// Whether a label is a name as it is known, sign by sign.
    pub(super) fn is_printed_so(&self, label: &str) -> bool {
        self.by_name.contains_key(label)
    }

    /// Whether a label is a name as it is known.
    pub(super) fn knows(&self, label: &str) -> bool {
        self.by_name.contains_key(label) || self.by_name.contains_key(&normalise(label))
    }

    /// Returns the departments that a text names, by any of their names that could not be part of
    /// another word (four characters or more).
    pub(super) fn named_in(&self, text: &str) -> BTreeSet<&str> {
        self.names_in(text).map(|(_, name)| &*name.department).collect()
    }

    /// Returns the names themselves, normalised, with what they mean.
    pub(super) fn names_in(&self, text: &str) -> impl Iterator<Item = (&str, &DepartmentName)> {
        let text = normalise(text);
        let names = self.names.iter().map(|(normal, name)| (normal.as_str(), name));
        names.filter(move |(normal, _)| normal.chars().count() >= 4 && text.contains(normal))
    }
}

/// Returns names as a document of their own region shortens them, 省科学技术厅 for 青海省科学技术厅,
/// with their positions.
fn within_region(
    names: &[(String, DepartmentName)],
    refdata: &RefData,
    region: &str,
) -> Vec<(String, usize)> {
    let of_region = refdata.region_names(region).into_iter().filter(|name| name.region == region);
    let prefixes: Vec<String> = of_region.map(|name| normalise(&name.name)).collect();
    let shortened = |(idx, (normal, _)): (usize, &(String, DepartmentName))| {
        prefixes.iter().find_map(|prefix| {
            let rest = normal.strip_prefix(prefix.as_str()).filter(|rest| !rest.is_empty())?;
            Some((format!("{}{rest}", prefix.chars().next_back()?), idx))
        })
    };
    names.iter().enumerate().filter_map(shortened).collect()
}

/// Whether two names are of one level of government: 市水利局 is not 省水利厅.
fn same_level(a: &str, b: &str) -> bool {
    let level = |name: &str| name.chars().next().filter(|c| "省市州县区国".contains(*c));
    level(a) == level(b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(label: &str, expected: &str) {
        let index = DepartmentIndex::new(&RefData::load(&[]).unwrap(), "630000");
        let shown = match index.find(label) {
            Ok(found) => format!("{} {:.2}", found.known.department, found.score),
            Err(nearest) => format!("unknown, nearest {}", nearest.join(" ")),
        };
        assert_eq!(shown, expected);
    }

    #[test]
    fn names_aliases_and_spacing_mean_the_same_department() {
        check("省人力资源社会保障厅", "human_resources 1.00");
        check("省人社厅", "human_resources 1.00");
        check(" 省 民 政 厅 ", "civil_affairs 1.00");
        check("国家税务总局青海省税务局", "tax 1.00");
        check("省科学技术厅", "science_technology 1.00");
        check("省残疾人联合会", "disabled_persons_federation 1.00");
    }

    #[test]
    fn a_near_name_has_a_score_and_a_far_one_is_unknown() {
        check("省交通运输局", "transport 0.83");
        check("市民政厅", "unknown, nearest 民政厅 省民政厅 省财政厅");
        check("某某公司", "unknown, nearest ");
        let index = DepartmentIndex::new(&RefData::load(&[]).unwrap(), "630000");
        assert!(index.find("国家税务总局甘肃省税务局").is_err());
    }
}
