//! Where each department stands in one period among the others: its share and its rank.

use std::collections::BTreeMap;

use crate::model::text_enum;
use crate::trend::figure::Subject;
use crate::trend::frequency::Slot;
use crate::trend::series::{Point, Series};

text_enum! {
    /// What kind of body a department is.
    BodyKind {
        /// A department of the province.
        Provincial = "provincial",
        /// A central body (中央驻青单位).
        Central = "central",
        /// A mass organisation (群团组织).
        MassOrganisation = "mass_organisation",
    }
}

/// Share and rank of one subject in one period.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Standing {
    /// Percent of the sum over all bodies of the same region and breakdown that have a value; `None`
    /// where the sum is 0.
    pub share_pct: Option<f64>,
    /// Rank from 1 among the departments of the province, the largest first; equal values share the
    /// better rank. Central bodies and mass organisations stand apart and have none, and neither has a zero
    /// because everything was sent back, nor what holds data that came again or late.
    pub rank: Option<i32>,
    /// Number of departments that are ranked.
    pub n_ranked: i32,
}

/// Returns where every subject stands in a period, in the order of `all`.
///
/// `kind_of` tells the kind of a department; figures of a region as a whole are in no sum and no rank.
pub(super) fn standings(
    all: &[Series],
    slot: Slot,
    kind_of: impl Fn(&str) -> Option<BodyKind>,
) -> Vec<Standing> {
    let value = |series: &Series| series.at(slot).and_then(|point| point.value);
    let group = |subject: &Subject| (subject.region.clone(), subject.breakdown.clone());
    let mut sums: BTreeMap<_, f64> = BTreeMap::new();
    let mut ranked: BTreeMap<_, Vec<f64>> = BTreeMap::new();
    for series in all {
        let (Some(department), Some(value)) = (&series.subject.department, value(series)) else {
            continue;
        };
        *sums.entry(group(&series.subject)).or_default() += value;
        if kind_of(department) == Some(BodyKind::Provincial) && is_sound(series, slot) {
            ranked.entry(group(&series.subject)).or_default().push(value);
        }
    }
    let standing = |series: &Series| {
        let (department, value) = series.subject.department.as_ref().zip(value(series))?;
        let group = group(&series.subject);
        let sum = sums.get(&group).copied().filter(|sum| *sum != 0.0);
        let others = ranked.get(&group).map_or(&[][..], Vec::as_slice);
        let is_ranked = kind_of(department) == Some(BodyKind::Provincial) && is_sound(series, slot);
        let n_larger = others.iter().filter(|other| **other > value).count();
        Some(Standing {
            share_pct: sum.map(|sum| 100.0 * value / sum),
            rank: is_ranked.then(|| count(n_larger) + 1),
            n_ranked: count(others.len()),
        })
    };
    all.iter().map(|series| standing(series).unwrap_or_default()).collect()
}

/// Returns how many places each series went up from the period before to a period, in the order of `all`;
/// among the departments of the province that have a rank in both, so that nobody moves because another
/// has no figure.
pub(super) fn movements(
    all: &[Series],
    slot: Slot,
    kind_of: impl Fn(&str) -> Option<BodyKind>,
) -> Vec<Option<i32>> {
    let values = |series: &Series| {
        let department = series.subject.department.as_ref()?;
        let is_ranked = kind_of(department) == Some(BodyKind::Provincial)
            && is_sound(series, slot)
            && is_sound(series, slot.before());
        let value = |slot| series.at(slot).and_then(|point| point.value);
        is_ranked.then(|| value(slot.before()).zip(value(slot)))?
    };
    let known: Vec<(&Series, (f64, f64))> =
        all.iter().filter_map(|series| Some((series, values(series)?))).collect();
    let movement = |series: &Series| {
        let (before, now) = values(series)?;
        let peers = known.iter().filter(|(other, _)| {
            other.subject.region == series.subject.region
                && other.subject.breakdown == series.subject.breakdown
        });
        let (mut n_before, mut n_now) = (0, 0);
        for (_, (other_before, other_now)) in peers {
            n_before += i32::from(*other_before > before);
            n_now += i32::from(*other_now > now);
        }
        Some(n_before - n_now)
    };
    all.iter().map(movement).collect()
}

fn is_sound(series: &Series, slot: Slot) -> bool {
    series.at(slot).is_some_and(Point::is_sound)
}

fn count(n: usize) -> i32 {
    i32::try_from(n).unwrap_or(i32::MAX)
}
