//! What notes say of figures: whom it is about, and from which figure on others are counted than before.

use std::collections::BTreeSet;

use crate::trend::bodies::{Bodies, Body};
use crate::trend::figure::Figure;

/// Returns the figures with what notes say of each, in the order of whom they are about and of their last
/// days; the ways of counting that notes tell of are numbered, as the versions of a definition are.
pub(super) fn noted(figures: &[Figure], bodies: &Bodies) -> Vec<Figure> {
    let mut figures = figures.to_vec();
    leave_to_whom_they_name(&mut figures, bodies);
    number_countings(&mut figures);
    figures
}

/// Takes from figures what a note says of how others are counted: it is about those that it names, or all.
fn leave_to_whom_they_name(figures: &mut [Figure], bodies: &Bodies) {
    for figure in figures.iter_mut().filter(|figure| figure.recount.is_some()) {
        let note = figure.recount.as_deref().unwrap_or_default();
        let is_named = |body: &Body| note.contains(&body.name);
        let own = figure.subject.department.as_ref().and_then(|id| bodies.departments.get(id));
        let is_own = own.is_some_and(is_named);
        if !is_own && bodies.departments.values().any(is_named) {
            figure.recount = None;
        }
    }
}

/// Numbers the ways of counting. The same note stands under every table after the change, and is one change.
fn number_countings(figures: &mut [Figure]) {
    figures.sort_by(|one, other| {
        (&one.subject, one.period.end).cmp(&(&other.subject, other.period.end))
    });
    for own in figures.chunk_by_mut(|one, other| one.subject == other.subject) {
        let mut counting = 0;
        let mut known: Option<BTreeSet<String>> = None;
        for of_day in own.chunk_by_mut(|one, other| one.period.end == other.period.end) {
            let notes: BTreeSet<String> =
                of_day.iter().filter_map(|figure| figure.recount.clone()).collect();
            counting += i32::from(known.is_some_and(|known| !notes.is_subset(&known)));
            for figure in of_day {
                figure.counting = counting;
            }
            known = Some(notes);
        }
    }
}
