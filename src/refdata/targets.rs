//! Targets: until when an indicator has to reach a value, and where.

use chrono::NaiveDate;

use crate::refdata::{RefData, RegionLevel};

/// Where a target holds, and when it ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Region in which it holds.
    pub region: String,
    /// Level of the divisions of the region that each have to reach it; `None` for the region as a whole.
    pub level: Option<RegionLevel>,
    /// Id of the department that has to reach it, in the region or each of the divisions; `None` where
    /// it is no department's.
    pub department: Option<String>,
    /// The day by which it has to be reached.
    pub due: NaiveDate,
}

impl RefData {
    /// Returns the targets of an indicator that have a day by which they have to be reached.
    pub fn targets(&self, indicator: &str) -> Vec<Target> {
        let rows = self.tables["targets"].rows();
        rows.filter(|row| row.text("indicator") == indicator)
            .filter_map(|row| {
                Some(Target {
                    region: row.text("region"),
                    level: RegionLevel::parse(&row.text("level")),
                    department: Some(row.text("department")).filter(|id| !id.is_empty()),
                    due: row.text("valid_to").parse().ok()?,
                })
            })
            .collect()
    }
}
