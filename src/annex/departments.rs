//! Row labels to departments, exactly or with a score, within the issuer's region.

use crate::annex::labels::{nearest, normalise};
use crate::refdata::{DepartmentName, RefData};

/// Names that are less alike than this are not taken for each other.
///
/// One wrong character of six passes (省交通运输局 for 省交通运输厅); 省民政厅 and 省民宗委, or any
/// two names of four characters, do not.
const MIN_SCORE: f64 = 0.8;
/// Known names listed when none matches.
const NEAREST: usize = 3;

/// The department that a label means.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct DepartmentMatch {
    pub(super) department: String,
    /// The known name that it was matched to.
    pub(super) name: String,
    /// Similarity, 1 for the same.
    pub(super) score: f64,
}

/// The names of one region, ready to be matched.
pub(super) struct DepartmentIndex {
    /// Region of the names.
    pub(super) region: String,
    names: Vec<(String, DepartmentName)>,
}

impl DepartmentIndex {
    pub(super) fn new(refdata: &RefData, region: &str) -> Self {
        let names = refdata.department_names(region).into_iter();
        let names = names.map(|name| (normalise(&name.name), name)).collect();
        Self { region: region.to_owned(), names }
    }

    /// Returns the department of a label, or the nearest known names.
    pub(super) fn find(&self, label: &str) -> Result<DepartmentMatch, Vec<String>> {
        let wanted = normalise(label);
        let names = self.names.iter().map(|(normal, name)| (normal.as_str(), &name.department));
        match nearest(&wanted, names, MIN_SCORE) {
            Ok((idx, score)) if score >= 1.0 || same_level(&wanted, &self.names[idx].0) => {
                let name = &self.names[idx].1;
                let (department, name) = (name.department.clone(), name.name.clone());
                Ok(DepartmentMatch { department, name, score })
            }
            Ok((idx, _)) => Err(vec![self.names[idx].1.name.clone()]),
            Err(near) => {
                let near = near.into_iter().filter(|(_, score)| *score >= 0.4).take(NEAREST);
                Err(near.map(|(idx, _)| self.names[idx].1.name.clone()).collect())
            }
        }
    }

    /// Returns whether a text is a known name and nothing else.
    pub(super) fn knows(&self, text: &str) -> bool {
        let wanted = normalise(text);
        self.names.iter().any(|(normal, _)| *normal == wanted)
    }

    /// Returns whether a text names a department, by any of its names that could not be part of
    /// another word (four characters or more).
    pub(super) fn is_named_in(&self, department: &str, text: &str) -> bool {
        let text = normalise(text);
        self.names.iter().any(|(normal, name)| {
            name.department == department
                && normal.chars().count() >= 4
                && text.contains(normal.as_str())
        })
    }
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
            Ok(found) => format!("{} {:.2}", found.department, found.score),
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
