//! Targets: until when an indicator has to reach a value, and where.

use chrono::NaiveDate;

use crate::refdata::{RefData, RegionLevel};

/// What is to be reached, where, and when.
#[derive(Debug, Clone, PartialEq)]
pub struct Target {
    /// Region in which it holds.
    pub region: String,
    /// Level of the divisions of the region that each have to reach it; `None` for the region as a whole.
    pub level: Option<RegionLevel>,
    /// Id of the department that has to reach it, in the region or each of the divisions; `None` where
    /// it is no department's.
    pub department: Option<String>,
    /// The first day of its time.
    pub valid_from: NaiveDate,
    /// The day by which it has to be reached.
    pub due: NaiveDate,
    /// The value to be reached, or that must not be exceeded.
    pub value: f64,
    /// Unit of the value.
    pub unit: String,
    /// Whether the value is the most and not the least.
    pub is_limit: bool,
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
                    valid_from: row.text("valid_from").parse().ok()?,
                    due: row.text("valid_to").parse().ok()?,
                    value: row.text("value").parse().ok()?,
                    unit: row.text("unit"),
                    is_limit: row.text("direction") == "at_most",
                })
            })
            .collect()
    }
}
