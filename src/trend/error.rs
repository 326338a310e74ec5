//! Why a trend cannot be shown.

use chrono::NaiveDate;

use crate::diag::{Diagnose, Message, impl_error};
use crate::refdata::Indicator;
use crate::trend::figure::Figure;
use crate::trend::frequency::Slot;
use crate::trend::outlook::MAX_STEPS;

/// Why a trend cannot be shown. Bodies are told by their names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TrendError {
    /// No figure lies within the days that were asked for.
    NoPeriod {
        /// The last day of the first figure and that of the last, where there are any.
        days: Option<(NaiveDate, NaiveDate)>,
    },
    /// A region has no figure.
    RegionWithoutFigures {
        /// The region.
        region: String,
        /// Regions that have, each with its code.
        known: Vec<String>,
    },
    /// A region has no figure, and no region has one as a whole.
    OnlyDepartmentsHave {
        /// The region.
        region: String,
        /// Regions with figures of their departments, each with its code.
        known: Vec<String>,
    },
    /// A department has no figure.
    DepartmentWithoutFigures {
        /// The department.
        department: String,
        /// What there is no figure of.
        indicator: Box<Indicator>,
        /// Departments that have some.
        known: Vec<String>,
    },
    /// All figures of a body lie outside of the periods that are shown, or say nothing of them.
    OnlyInOtherPeriods {
        /// Whose they are.
        name: String,
        /// The first period that is shown and the last.
        shown: (Slot, Slot),
        /// The last day of its first figure and that of its last.
        days: (NaiveDate, NaiveDate),
    },
    /// A department has figures in other regions than the one that is shown.
    OnlyInOtherRegions {
        /// The department.
        department: String,
        /// The regions, each with its code.
        regions: Vec<String>,
    },
    /// A region has figures of its departments and none as a whole.
    OnlyOfDepartments {
        /// The region.
        region: String,
        /// Regions that have figures as a whole, each with its code.
        known: Vec<String>,
    },
    /// There are figures of parts only, while those shown are undivided.
    OnlyInParts {
        /// Whose they are.
        name: String,
        /// The parts.
        parts: Vec<String>,
    },
    /// There are figures, and none of the part that is wanted.
    WithoutPart {
        /// Whose they are.
        name: String,
        /// The part.
        part: String,
    },
    /// Comparable figures stand under whom took over.
    PassedOn {
        /// Who passed on its duties.
        name: String,
        /// Who took over.
        successor: String,
    },
    /// There is no figure of a part.
    PartUnknown {
        /// The part.
        part: String,
        /// Parts that have figures.
        known: Vec<String>,
    },
    /// A forecast would end before it begins.
    ForecastBehind {
        /// Its last period.
        until: Slot,
        /// The last period with figures.
        last: Slot,
    },
    /// A forecast would reach too far.
    ForecastTooFar {
        /// Its last period.
        until: Slot,
        /// The last one that can be.
        furthest: Slot,
    },
}

impl_error!(TrendError);

impl TrendError {
    /// Says from when to when there are figures.
    pub fn no_period(figures: &[Figure]) -> Self {
        let days = || figures.iter().map(|figure| figure.period.end);
        Self::NoPeriod { days: days().min().zip(days().max()) }
    }
}

impl Diagnose for TrendError {
    fn message(&self) -> Message {
        match self {
            Self::NoPeriod { days } => {
                let message = Message::new("trend.no_period");
                match days {
                    Some((first, last)) => message.with("first", first).with("last", last),
                    None => message.with("first", "—").with("last", "—"),
                }
            }
            Self::RegionWithoutFigures { region, known } => {
                Message::new("trend.region_unknown").with("name", region).with_list("known", known)
            }
            Self::OnlyDepartmentsHave { region, known } => {
                Message::new("trend.region_beside_departments")
                    .with("name", region)
                    .with_list("known", known)
            }
            Self::DepartmentWithoutFigures { department, indicator, known } => {
                let code = listing(
                    known,
                    "trend.department_without_figures",
                    "trend.no_department_has_figures",
                );
                Message::new(code)
                    .with("department", department)
                    .with_sentence("indicator", &indicator.name_zh, &indicator.indicator)
                    .with_list("known", known)
            }
            Self::OnlyInOtherPeriods { name, shown, days } => {
                Message::new("trend.body_in_other_periods")
                    .with("name", name)
                    .with("first", shown.0)
                    .with("last", shown.1)
                    .with("first_day", days.0)
                    .with("last_day", days.1)
            }
            Self::OnlyInOtherRegions { department, regions } => {
                Message::new("trend.department_in_other_regions")
                    .with("department", department)
                    .with_list("regions", regions)
            }
            Self::OnlyOfDepartments { region, known } => {
                let code = listing(
                    known,
                    "trend.region_of_departments",
                    "trend.regions_of_departments_only",
                );
                Message::new(code).with("name", region).with_list("known", known)
            }
            Self::OnlyInParts { name, parts } => Message::new("trend.body_only_in_parts")
                .with("name", name)
                .with_list("parts", parts),
            Self::WithoutPart { name, part } => {
                Message::new("trend.body_without_part").with("name", name).with("part", part)
            }
            Self::PassedOn { name, successor } => {
                Message::new("trend.passed_on").with("name", name).with("successor", successor)
            }
            Self::PartUnknown { part, known } => {
                let code = listing(known, "trend.part_unknown", "trend.part_of_undivided");
                Message::new(code).with("name", part).with_list("known", known)
            }
            Self::ForecastBehind { until, last } => {
                Message::new("trend.until_behind").with("until", until).with("last", last)
            }
            Self::ForecastTooFar { until, furthest } => {
                let message = Message::new("trend.until_too_far").with("steps", MAX_STEPS);
                message.with("until", until).with("furthest", furthest)
            }
        }
    }
}

/// The code of a sentence that lists what there is, or of the one that says there is nothing to list.
fn listing(known: &[String], listed: &'static str, nothing: &'static str) -> &'static str {
    if known.is_empty() { nothing } else { listed }
}
