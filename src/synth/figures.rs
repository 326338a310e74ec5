//! How many records each department has: the figures of the example notice, read from it.

use std::error::Error;

use crate::annex::{DocumentName, Layouts, ReadOptions, Reading, Reference, read};
use crate::model::{Observation, Period};
use crate::refdata::RefData;
use crate::source::parse_document;
use crate::synth::SynthError;

/// The transcription that ships with the program, and its name.
const NOTICE: &str = include_str!("../../data/notices/qinghai-2021-185.txt");
const NOTICE_NAME: &str = "qinghai-2021-185.txt";

/// What the notice counts, by indicator.
const CASES: &str = "cases_aggregated";
const EVALUATIONS: &str = "evaluations_aggregated";
const RETURNED: &str = "records_returned";

/// What the notice says of one department.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Department {
    /// Id in `departments`.
    pub id: String,
    /// Name as the notice prints it.
    pub label: String,
    /// Cases that the platform took in, rows.
    pub cases: u64,
    /// Evaluations that it took in, rows.
    pub evaluations: u64,
    /// Records that were sent back, rows; where the notice says 余, the number that it prints.
    pub returned: u64,
}

/// The figures of the notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figures {
    /// The time in which the records arrived.
    pub period: Period,
    /// The departments of the annex, in its order.
    pub departments: Vec<Department>,
}

impl Figures {
    /// Reads the notice that ships with the program, as `ingest` would.
    pub fn of_notice() -> Result<Self, SynthError> {
        Self::of_reading(&notice_reading()?)
    }

    /// Takes the figures from the notice as it was read.
    pub(super) fn of_reading(reading: &Reading) -> Result<Self, SynthError> {
        let observations: Vec<&Observation> = reading.observations().collect();
        Self::of(&observations).ok_or_else(|| unreadable(CASES.to_owned()))
    }

    /// Puts the figures together; `None` where there are none on cases.
    fn of(observations: &[&Observation]) -> Option<Self> {
        let about = |indicator: &str| {
            let wanted = observations.iter().filter(move |it| *it.indicator == *indicator);
            wanted.map(|it| (it.department.as_deref().unwrap_or_default(), *it)).collect::<Vec<_>>()
        };
        let (evaluations, returned) = (about(EVALUATIONS), about(RETURNED));
        let count_of = |figures: &[(&str, &Observation)], id: &str| {
            let figure = figures.iter().find(|(department, _)| *department == id);
            figure.and_then(|(_, it)| count(it)).unwrap_or_default()
        };
        let cases = about(CASES);
        let period = cases.first()?.1.period;
        let departments = cases.iter().map(|(id, figure)| {
            Some(Department {
                id: (*id).to_owned(),
                label: figure.row_label.as_deref()?.to_owned(),
                cases: count(figure)?,
                evaluations: count_of(&evaluations, id),
                returned: count_of(&returned, id),
            })
        });
        Some(Self { period, departments: departments.collect::<Option<_>>()? })
    }
}

/// Reads the notice that ships with the program, as `ingest` would.
pub(super) fn notice_reading() -> Result<Reading, SynthError> {
    let failed = |error: &dyn Error| unreadable(error.to_string());
    let mut refdata = RefData::load(&[]).map_err(|error| failed(&error))?;
    let layouts = Layouts::load(&[], &mut refdata).map_err(|error| failed(&error))?;
    let document =
        parse_document(NOTICE.as_bytes(), NOTICE_NAME).map_err(|error| failed(&error))?;
    let reference = Reference { refdata: &refdata, layouts: &layouts };
    let name = DocumentName { shown: NOTICE_NAME, file_name: NOTICE_NAME };
    read(document, name, reference, &ReadOptions::default()).map_err(|error| failed(&error))
}

/// Why the notice gives no figures: the program is at fault.
pub(super) fn unreadable(reason: String) -> SynthError {
    SynthError::NoticeUnreadable { reason }
}

/// Returns a figure as a count; `None` where it is none.
pub(super) fn count(observation: &Observation) -> Option<u64> {
    let value = observation.value?;
    // Counts are exact in a double; their digits are those of the whole number.
    format!("{value:.0}").parse().ok()
}

/// Makes counts smaller or larger by one factor, in millionths: the total is rounded, each count is
/// rounded down, and what is lacking goes to the counts with the largest remainders, the earlier one
/// of two equals. So the scaled counts add up to the scaled total.
pub(super) fn scaled(counts: &[u64], millionths: u64) -> Vec<u64> {
    let total: u128 = counts.iter().map(|count| u128::from(*count)).sum();
    let scaled_total = (total * u128::from(millionths) + 500_000) / 1_000_000;
    apportioned(scaled_total, counts)
}

/// Divides a total in proportion to counts, by largest remainder.
pub(super) fn apportioned(total: u128, counts: &[u64]) -> Vec<u64> {
    let sum: u128 = counts.iter().map(|count| u128::from(*count)).sum();
    if sum == 0 {
        return vec![0; counts.len()];
    }
    let share = |count: &u64| total * u128::from(*count);
    let mut parts: Vec<u64> = counts.iter().map(|count| narrowed(share(count) / sum)).collect();
    let given: u128 = parts.iter().map(|part| u128::from(*part)).sum();
    let mut order: Vec<usize> = (0..counts.len()).collect();
    order.sort_by_key(|idx| std::cmp::Reverse(share(&counts[*idx]) % sum));
    let lacking = usize::try_from(total - given).expect("fewer than there are counts");
    for idx in order.into_iter().take(lacking) {
        parts[idx] += 1;
    }
    parts
}

fn narrowed(count: u128) -> u64 {
    u64::try_from(count).expect("no larger than the total of a file set")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_figures_are_those_that_the_notice_prints_as_totals() {
        let figures = Figures::of_notice().unwrap();
        let total = |of: fn(&Department) -> u64| figures.departments.iter().map(of).sum::<u64>();
        // The total row of annex 2, which is no figure of a department, says the same.
        let printed = NOTICE.lines().rfind(|line| line.contains("合计")).unwrap();
        let printed: Vec<u64> =
            printed.split_whitespace().filter_map(|cell| cell.parse().ok()).collect();
        assert_eq!(
            printed[printed.len() - 2..],
            [total(|it| it.cases), total(|it| it.evaluations)]
        );
        let returned: Vec<(&str, u64)> = figures
            .departments
            .iter()
            .filter(|it| it.returned > 0)
            .map(|it| (it.id.as_str(), it.returned))
            .collect();
        assert_eq!(returned, [("tax", 4_500_000)]);
        assert_eq!(figures.period.to_string(), "2021-01-01..2021-09-30");
    }

    #[test]
    fn scaled_counts_add_up() {
        assert_eq!(scaled(&[3, 3, 3, 1], 500_000), [2, 2, 1, 0]);
        assert_eq!(scaled(&[10, 0, 20], 1_000_000), [10, 0, 20]);
        assert_eq!(scaled(&[1, 1], 2_000_000), [2, 2]);
        assert_eq!(apportioned(7, &[0, 0]), [0, 0]);
    }

    proptest::proptest! {
        #[test]
        fn no_count_is_off_by_one_or_more(
            counts in proptest::collection::vec(0_u64..1_000_000, 1..30),
            millionths in 0_u64..3_000_000,
        ) {
            let parts = scaled(&counts, millionths);
            let total: u64 = counts.iter().sum();
            proptest::prop_assert_eq!(
                parts.iter().sum::<u64>(),
                if total == 0 { 0 } else { (total * millionths + 500_000) / 1_000_000 }
            );
        }
    }
}
