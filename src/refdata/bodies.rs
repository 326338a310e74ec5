//! Departments and regions as the reference tables have them, and who took over from whom.

use crate::model::text_enum;
use crate::refdata::RefData;

text_enum! {
    /// Where a division stands among the others, whatever it is called there.
    RegionLevel {
        /// A province.
        Province = "province",
        /// A prefecture, an autonomous one, or a city of that level.
        Prefecture = "prefecture",
        /// A county, district, city of that level, or administrative committee.
        County = "county",
        /// A township.
        Township = "township",
        /// A village.
        Village = "village",
    }
}

impl RegionLevel {
    /// Returns where the divisions of a kind stand, a kind as `regions` has it; `None` for collective
    /// entries, which stand for no division.
    fn of_kind(kind: &str) -> Option<Self> {
        match kind {
            "prefecture_city" | "autonomous_prefecture" => Some(Self::Prefecture),
            "district" | "county_level_city" | "autonomous_county" | "admin_committee" => {
                Some(Self::County)
            }
            kind => Self::parse(kind),
        }
    }
}

/// A department, by the name that it has now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Department {
    /// Id.
    pub department: String,
    /// Chinese name.
    pub name_zh: String,
    /// What kind of body it is, as `provincial`.
    pub kind: String,
    /// Its place in the official order; `None` where it has none.
    pub official_order: Option<i32>,
}

/// A division of the country.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Region {
    /// Code.
    pub region: String,
    /// Name.
    pub name: String,
    /// Where it stands among the others; `None` for collective entries.
    pub level: Option<RegionLevel>,
    /// Code of the division above; `None` for a province.
    pub parent: Option<String>,
}

/// A recorded succession of departments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handover {
    /// Region in which it happened.
    pub region: String,
    /// Id of the department that passed on its duties.
    pub predecessor: String,
    /// Id of the one that took them over.
    pub successor: String,
    /// Year or date of it; empty where it is not known.
    pub changed_on: String,
}

impl RefData {
    /// Returns every department, by id.
    pub fn departments(&self) -> Vec<Department> {
        let rows = self.tables["departments"].rows();
        rows.map(|row| Department {
            department: row.text("department"),
            name_zh: row.text("name_zh"),
            kind: row.text("kind"),
            official_order: row.text("official_order").parse().ok(),
        })
        .collect()
    }

    /// Returns every region, in use or retired, by code.
    pub fn regions(&self) -> Vec<Region> {
        let rows = self.tables["regions"].rows();
        rows.map(|row| Region {
            region: row.text("region"),
            name: row.text("name"),
            level: RegionLevel::of_kind(&row.text("level")),
            parent: Some(row.text("parent")).filter(|parent| !parent.is_empty()),
        })
        .collect()
    }

    /// Returns every recorded succession of departments, by predecessor.
    pub fn handovers(&self) -> Vec<Handover> {
        let rows = self.tables["department_succession"].rows();
        rows.map(|row| Handover {
            region: row.text("region"),
            predecessor: row.text("predecessor"),
            successor: row.text("successor"),
            changed_on: row.text("changed_on"),
        })
        .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(region: &str, name: &str, level: Option<RegionLevel>, parent: Option<&str>) {
        let all = RefData::load(&[]).unwrap().regions();
        let found = all.iter().find(|known| known.region == region).unwrap();
        let shown = (found.name.as_str(), found.level, found.parent.as_deref());
        assert_eq!(shown, (name, level, parent), "{region}");
    }

    #[test]
    fn kinds_of_divisions_stand_at_levels() {
        check("630000", "青海省", Some(RegionLevel::Province), None);
        check("630100", "西宁市", Some(RegionLevel::Prefecture), Some("630000"));
        check("632200", "海北藏族自治州", Some(RegionLevel::Prefecture), Some("630000"));
        check("630102", "城东区", Some(RegionLevel::County), Some("630100"));
        check("630101", "市辖区", None, Some("630100"));
    }
}
