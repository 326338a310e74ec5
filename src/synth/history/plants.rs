//! What is planted in the forms, and where: everything that a look at a series has to withstand.

use chrono::NaiveDate;

use crate::synth::history::form::{AGGREGATED, Kind};
use crate::synth::history::month::Month;

/// Forms that were never published.
pub(super) const MISSING: [(Kind, Month); 3] = [
    (Kind::Aggregation, Month::of(2019, 5)),
    (Kind::Integration, Month::of(2019, 11)),
    (Kind::Aggregation, Month::of(2020, 2)),
];

/// Forms that were published long after their month, with year, month and day: after those of months that
/// follow.
pub(super) const LATE: [(Kind, Month, [u32; 3]); 2] = [
    (Kind::Aggregation, Month::of(2019, 12), [2020, 5, 25]),
    (Kind::Aggregation, Month::of(2020, 8), [2021, 1, 18]),
];

/// A figure that is not printed as it is right.
#[derive(Debug, Clone, Copy)]
pub(super) struct Misprint {
    /// Word for it.
    pub(super) plant: &'static str,
    pub(super) month: Month,
    pub(super) department: &'static str,
    pub(super) indicator: &'static str,
    /// The month whose right figure is printed, times so many in a thousand.
    pub(super) of_month: Month,
    pub(super) mille: u64,
    /// Year, month and day on which the form was published again with the right figure.
    pub(super) corrected_on: Option<[u32; 3]>,
}

/// Figures of the forms on aggregation that are not right.
///
/// One form came again with larger figures, one with a smaller one: until then it was larger than that of
/// the month after, so that the year to date fell. One that fell was never corrected.
pub(super) const MISPRINTS: [Misprint; 4] = [
    Misprint {
        plant: "revised_up",
        month: Month::of(2019, 9),
        department: "civil_affairs",
        indicator: AGGREGATED[1],
        of_month: Month::of(2019, 9),
        mille: 900,
        corrected_on: Some([2019, 11, 6]),
    },
    Misprint {
        plant: "revised_up",
        month: Month::of(2019, 9),
        department: "human_resources",
        indicator: AGGREGATED[0],
        of_month: Month::of(2019, 9),
        mille: 940,
        corrected_on: Some([2019, 11, 6]),
    },
    Misprint {
        plant: "revised_down",
        month: Month::of(2020, 10),
        department: "ecology_environment",
        indicator: AGGREGATED[0],
        of_month: Month::of(2020, 11),
        mille: 1080,
        corrected_on: Some([2020, 12, 21]),
    },
    Misprint {
        plant: "fallen",
        month: Month::of(2021, 3),
        department: "transport",
        indicator: AGGREGATED[0],
        of_month: Month::of(2021, 4),
        mille: 1050,
        corrected_on: None,
    },
];

/// The department that was renamed, with its names, and the first month under the new one.
///
/// Both stand in the reference tables, which have the year of the change.
pub(super) const RENAMED: Renamed = Renamed {
    old: ("poverty_alleviation", "省扶贫开发局"),
    new: ("rural_revitalisation", "省乡村振兴局"),
    from: Month::of(2021, 6),
    count: 5208,
};

/// A department that was renamed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Renamed {
    /// Id and name before and after.
    pub(super) old: (&'static str, &'static str),
    pub(super) new: (&'static str, &'static str),
    pub(super) from: Month,
    /// Its cases at the end; the notice does not have it.
    pub(super) count: u64,
}

impl Renamed {
    /// Returns id and name in a month.
    pub(super) fn at(&self, month: Month) -> (&'static str, &'static str) {
        if month < self.from { self.old } else { self.new }
    }
}

/// The first month in which cases count as the notice counts them. Before it those that are handled on
/// the platform itself counted, too. The year to date is counted anew in that month.
pub(super) const REDEFINED: Month = Month::of(2020, 7);
/// Forms of how many months, from that one on, say so.
pub(super) const REDEFINITION_TOLD: usize = 6;
/// What the definition before the notice's is numbered.
pub(super) const OLD_DEFINITION: i32 = 0;
pub(super) const NEW_DEFINITION: i32 = 1;

/// The department that pushed cases all of which were sent back, down to the notice, and the first month of it.
pub(super) const RETURNED: (&str, Month) = ("tax", Month::of(2020, 10));
/// How many it pushed by the end of each month, in units of ten thousand: three in the first year, and then
/// as many each month.
pub(super) const RETURNED_IN_FIRST_YEAR: [u64; 3] = [40, 80, 130];
pub(super) const RETURNED_EACH_MONTH: u64 = 50;

/// The department whose cases were sent back from January on, and came again in this month: its year to
/// date jumps.
pub(super) const RESUBMITTED: (&str, Month) = ("market_regulation", Month::of(2019, 7));

/// Departments in which something is planted, or that hold nearly all: their figures begin in the first month.
pub(super) const EARLY: [&str; 6] = [
    "civil_affairs",
    "ecology_environment",
    "human_resources",
    "market_regulation",
    "tax",
    "transport",
];

/// Returns the day that is written as year, month and day.
pub(super) fn day([year, month, day]: [u32; 3]) -> NaiveDate {
    let year = i32::try_from(year).expect("a year of this century");
    NaiveDate::from_ymd_opt(year, month, day).expect("a day of the calendar")
}
