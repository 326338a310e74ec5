//! Where the rows of a document were read, and with that where one stood that was not.

use tongban::diag::Finding;
use tongban::model::{Observation, Place, Spot};

/// For each row of a document, in order, where its figures were read; `None` where none was.
pub(crate) struct RowPlaces(Vec<Option<Place>>);

/// The rows between which something stands, both included.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Between {
    above: Option<Place>,
    below: Option<Place>,
}

impl RowPlaces {
    /// Returns the places of rows, of which each figure that was read names one.
    pub(crate) fn new<'a>(
        n_rows: usize,
        read: impl Iterator<Item = (usize, &'a Observation)>,
    ) -> Self {
        let mut places = vec![None; n_rows];
        for (row, figure) in read {
            places[row].get_or_insert(figure.place);
        }
        Self(places)
    }

    /// Returns between which rows a row stands: itself where it was read, else those next to it that
    /// were.
    pub(crate) fn around(&self, row: usize) -> Between {
        if let Some(place) = self.0[row] {
            return Between { above: Some(place), below: Some(place) };
        }
        Between {
            above: self.0[..row].iter().rev().find_map(|place| *place),
            below: self.0[row + 1..].iter().find_map(|place| *place),
        }
    }
}

impl Between {
    /// Whether a place is there.
    pub(crate) fn has(self, place: Place) -> bool {
        self.above.is_none_or(|above| is_not_after(above, place))
            && self.below.is_none_or(|below| is_not_after(place, below))
    }
}

/// Whether a place is in the row of another one, or in an earlier one.
fn is_not_after(place: Place, other: Place) -> bool {
    if place.table == other.table
        && let (Some(row), Some(other_row)) = (place.row, other.row)
    {
        return row <= other_row;
    }
    match (place.spot, other.spot) {
        (Some(spot), Some(other)) => line(spot) <= line(other),
        _ => false,
    }
}

/// The line of a file, whatever its lines are.
fn line(spot: Spot) -> (u32, u32) {
    match spot {
        Spot::Line(number) | Spot::Paragraph(number) => (0, number),
        Spot::Cell { sheet, row, .. } => (sheet, row),
    }
}

/// Findings on a row that doubt its place among the others and nothing that it holds.
const ON_PLACE_ALONE: [&str; 2] = ["numbering.gap", "numbering.repeated"];

/// Findings on the label of a row: they doubt what all figures of it are about.
const ON_LABEL: [&str; 1] = ["department.fuzzy"];

/// Whether a finding doubts this very figure, or all that its row holds.
pub(crate) fn covers(finding: &Finding, figure: &Observation) -> bool {
    let (about, at) = (finding.place, figure.place);
    if ON_PLACE_ALONE.contains(&finding.message.code) {
        return false;
    }
    // Of figures told in one sentence each is named.
    if at.table.is_none() {
        return about == at && finding.found.as_deref() == figure.printed.as_deref();
    }
    let is_of_row = about.column.is_none() || ON_LABEL.contains(&finding.message.code);
    about.table == at.table
        && about.row.is_some()
        && about.row == at.row
        && (is_of_row || about.column == at.column)
}
