//! Whether a row of cells is the header of a record file, or was meant to be one.

use std::collections::{BTreeMap, BTreeSet};

use crate::records::profile::fit::folded;
use crate::records::profile::{Dataset, Profiles};

/// Fields of one dataset that no table of figures has by chance.
const MANY_FIELDS: usize = 5;
/// Fields of one dataset without which a row is no header of it.
const FEW_FIELDS: usize = 3;

/// The names of the fields of all datasets.
#[derive(Debug, Clone)]
pub struct FieldNames {
    /// For each name the fields that have it: dataset and field, by position.
    fields: BTreeMap<String, Vec<(usize, usize)>>,
    /// For each dataset, which of its fields a file has to have.
    needed: Vec<Vec<bool>>,
}

impl FieldNames {
    /// Returns the names of the fields of these profiles.
    pub fn of(profiles: &Profiles) -> Self {
        let datasets: Vec<&Dataset> =
            profiles.iter().flat_map(|profile| &profile.datasets).collect();
        let mut fields: BTreeMap<String, Vec<(usize, usize)>> = BTreeMap::new();
        for (of_dataset, dataset) in datasets.iter().enumerate() {
            for (idx, field) in dataset.fields.iter().enumerate() {
                for name in field.names() {
                    fields.entry(folded(name)).or_default().push((of_dataset, idx));
                }
            }
        }
        let needed = datasets
            .iter()
            .map(|dataset| dataset.fields.iter().map(|field| field.is_needed).collect())
            .collect();
        Self { fields, needed }
    }

    /// Tells whether cells are a header of some dataset, or were meant to be.
    ///
    /// They are where five of them name different fields of one dataset, or three do and half of the
    /// fields that its files have to have are among them: tables of figures name a department, an item
    /// and a time at most.
    pub fn are_header<'c>(&self, cells: impl Iterator<Item = &'c str>) -> bool {
        let mut found: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
        for cell in cells {
            for (dataset, field) in self.fields.get(&folded(cell)).into_iter().flatten() {
                found.entry(*dataset).or_default().insert(*field);
            }
        }
        found.into_iter().any(|(dataset, fields)| self.is_header_of(dataset, &fields))
    }

    fn is_header_of(&self, dataset: usize, fields: &BTreeSet<usize>) -> bool {
        let needed = &self.needed[dataset];
        let n_needed = needed.iter().filter(|is_needed| **is_needed).count();
        let n_found = fields.iter().filter(|field| needed[**field]).count();
        fields.len() >= MANY_FIELDS || fields.len() >= FEW_FIELDS && n_found * 2 >= n_needed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::refdata::RefData;

    #[test]
    fn headers_of_records_are_told_from_those_of_figures() {
        let profiles = Profiles::load(&[], &RefData::load(&[]).unwrap()).unwrap();
        let names = FieldNames::of(&profiles);
        let check = |header: &str, expected: bool| {
            assert_eq!(names.are_header(header.split(',')), expected, "{header}");
        };
        check("row_guid,PROJECT NO,catalogCode,x,task_code,task_name", true);
        // Five of one dataset, none of which has to be there; the same name counts once.
        check("zip_code,legal,address,contact_type", false);
        check("zip_code,legal,address,contact_type,Address", false);
        check("zip_code,legal,address,contact_type,contact_code", true);
        // Three, with half of the needed ones among them.
        check("projectNo,deptCode,satisfaction", true);
        check("序号,部门,对接事项数,汇聚办件数,备注", false);
        check("序号,部门名称,事项名称,办件量", false);
    }
}
