//! Where the made-up history ends: what the example notice prints of each department.

use crate::annex::Reading;
use crate::model::Observation;
use crate::synth::SynthError;
use crate::synth::figures::{Figures, count, notice_reading, unreadable};
use crate::synth::history::month::Month;

/// The columns of the annex on integration, by their indicators.
pub(super) const CONNECTED: [&str; 4] =
    ["items_connected", "items_on_platform", "apps_connected", "apps_connected_in_year"];
/// Of those, the applications that were connected so far, and in the year.
pub(super) const APPS: usize = 2;
pub(super) const APPS_IN_YEAR: usize = 3;

/// What the notice says at the end.
pub(super) struct Ends {
    /// Cases and evaluations of each department, over the period of the notice.
    pub(super) aggregated: Figures,
    /// What each department has connected, in the order of its annex.
    pub(super) connected: Vec<Connected>,
}

/// What one department has connected by the date of the notice.
pub(super) struct Connected {
    /// Id in `departments`.
    pub(super) id: String,
    /// Name as the notice prints it.
    pub(super) label: String,
    /// In the order of [`CONNECTED`].
    pub(super) counts: [u64; 4],
}

impl Ends {
    /// Reads the notice that ships with the program.
    pub(super) fn of_notice() -> Result<Self, SynthError> {
        let reading = notice_reading()?;
        let connected = connected(&reading).filter(|rows| !rows.is_empty());
        Ok(Self {
            aggregated: Figures::of_reading(&reading)?,
            connected: connected.ok_or_else(|| unreadable(CONNECTED[0].to_owned()))?,
        })
    }

    /// Returns the month with whose last day the period of the notice ends.
    pub(super) fn month(&self) -> Month {
        Month::of_day(self.aggregated.period.end)
    }
}

fn connected(reading: &Reading) -> Option<Vec<Connected>> {
    let about = |indicator: &'static str| {
        reading.observations().filter(move |it| *it.indicator == *indicator)
    };
    let rows = about(CONNECTED[0]).map(|row| {
        let id = row.department.as_deref()?;
        let is_of_row = |it: &&Observation| it.department.as_deref() == Some(id);
        let mut counts = [0; 4];
        for (counted, indicator) in counts.iter_mut().zip(CONNECTED) {
            *counted = count(about(indicator).find(is_of_row)?)?;
        }
        let label = row.row_label.as_deref()?.to_owned();
        Some(Connected { id: id.to_owned(), label, counts })
    });
    rows.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_connected_adds_up_to_the_total_row_of_the_notice() {
        let ends = Ends::of_notice().unwrap();
        let total = |at: usize| ends.connected.iter().map(|row| row.counts[at]).sum::<u64>();
        // Printed in the last row of annex 1.
        assert_eq!([0, 1, 2, 3].map(total), [556, 149, 153, 43]);
        assert_eq!(ends.connected.len(), 28);
        assert_eq!(ends.month(), Month::of(2021, 9));
    }
}
