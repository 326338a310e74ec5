//! What is known of departments and regions beside their figures.

use std::collections::BTreeMap;

use crate::refdata::{RefData, Region, RegionLevel};
use crate::trend::figure::Subject;
use crate::trend::standing::BodyKind;
use crate::trend::takeover::Takeover;

/// A department as the reference table has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Body {
    /// Its name.
    pub name: String,
    /// What kind of body it is.
    pub kind: Option<BodyKind>,
    /// Its place in the official order; `None` stands last.
    pub official_order: Option<i32>,
}

/// What is known of departments and regions beside their figures.
#[derive(Debug, Clone, Default)]
pub struct Bodies {
    /// Departments by id.
    pub departments: BTreeMap<String, Body>,
    /// Regions by code.
    pub regions: BTreeMap<String, Region>,
    /// Which department took over from whom, and when.
    pub takeovers: Vec<Takeover>,
}

impl Bodies {
    /// Takes them from the reference tables.
    pub fn of(refdata: &RefData) -> Self {
        let departments: BTreeMap<String, Body> = refdata
            .departments()
            .into_iter()
            .map(|known| {
                let kind = BodyKind::parse(&known.kind);
                let official_order = known.official_order;
                (known.department, Body { name: known.name_zh, kind, official_order })
            })
            .collect();
        let takeovers = refdata.handovers().into_iter().filter_map(|handover| {
            let on = Takeover::day_of(&handover.changed_on)?;
            let name = departments.get(&handover.predecessor).map(|body| body.name.clone());
            Some(Takeover {
                region: handover.region,
                department: handover.successor,
                predecessor_name: name.unwrap_or_else(|| handover.predecessor.clone()),
                predecessor: handover.predecessor,
                on,
                recorded: handover.changed_on,
            })
        });
        let takeovers = takeovers.collect();
        let regions = refdata.regions().into_iter();
        let regions = regions.map(|region| (region.region.clone(), region)).collect();
        Self { departments, regions, takeovers }
    }

    /// Returns the name of whom a series is about, its id or code where none is known.
    pub fn name_of(&self, subject: &Subject) -> String {
        match &subject.department {
            Some(department) => self.department_name(department),
            None => self.region_name(&subject.region),
        }
    }

    /// Returns the name of a department, its id where none is known.
    pub fn department_name(&self, id: &str) -> String {
        self.departments.get(id).map_or_else(|| id.to_owned(), |body| body.name.clone())
    }

    /// Returns the name of a region, its code where none is known.
    pub fn region_name(&self, code: &str) -> String {
        self.regions.get(code).map_or_else(|| code.to_owned(), |region| region.name.clone())
    }

    /// Returns the name of a department or region, its id or code where none is known.
    pub(super) fn any_name(&self, id: &str) -> String {
        if self.regions.contains_key(id) { self.region_name(id) } else { self.department_name(id) }
    }

    /// Returns the level at which a region stands, `None` where it is not known.
    pub fn level_of(&self, code: &str) -> Option<RegionLevel> {
        self.regions.get(code)?.level
    }

    /// Whether a region is another one or lies in it, at any depth.
    pub(super) fn is_within(&self, code: &str, above: &str) -> bool {
        let parent = |code: &&str| self.regions.get(*code)?.parent.as_deref();
        // Divisions have five levels; a table with a circle must not hold us up.
        std::iter::successors(Some(code), parent).take(6).any(|code| code == above)
    }

    pub(super) fn kind_of(&self, department: &str) -> Option<BodyKind> {
        self.departments.get(department)?.kind
    }

    pub(super) fn order_of(&self, subject: &Subject) -> i32 {
        let known = subject.department.as_ref().and_then(|id| self.departments.get(id));
        known.and_then(|body| body.official_order).unwrap_or(i32::MAX)
    }
}
