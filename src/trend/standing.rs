//! Where each department stands in one period among the others, and each region: its share and its rank.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::text_enum;
use crate::refdata::RegionLevel;
use crate::trend::bodies::Bodies;
use crate::trend::compare::Comparing;
use crate::trend::figure::Subject;
use crate::trend::frequency::Slot;
use crate::trend::plan::Measure;
use crate::trend::point::Point;
use crate::trend::series::Series;

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
    /// Percent of the sum over all bodies of the same region, or all regions of the same level, and the same
    /// breakdown that have a value; `None` where the sum is 0, where one of the values holds what is not
    /// of the period: data that came again or late, or a cumulative figure that was too high, and where
    /// nothing readable stands in place of one.
    pub share_pct: Option<f64>,
    /// Rank from 1 among the departments of the province, or the regions of the same level, the largest
    /// first; equal values share the better rank. Central bodies and mass organisations stand apart and have
    /// none, and neither has a zero because everything was sent back, nor what holds data that came again or
    /// late, nor a region without another one of its level.
    pub rank: Option<i32>,
    /// Number of departments or regions that are ranked.
    pub n_ranked: i32,
}

/// Periods that have no shares, and whose values keep them from having some.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WithoutShares {
    /// The periods, in the order of time.
    pub periods: Vec<Slot>,
    /// Whose values hold what is not of the period, or are blank, by their names.
    pub names: Vec<String>,
}

/// Whom a subject is compared with: departments of one region, or regions of one level.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Peers {
    within: Within,
    breakdown: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Within {
    Region(String),
    Level(RegionLevel),
}

impl Peers {
    /// Those of a subject; a collective entry of regions has none.
    pub(super) fn of(subject: &Subject, bodies: &Bodies) -> Option<Self> {
        let within = match &subject.department {
            Some(_) => Within::Region(subject.region.clone()),
            None => Within::Level(bodies.level_of(&subject.region)?),
        };
        Some(Self { within, breakdown: subject.breakdown.clone() })
    }

    /// How many of them it takes to compare: a region alone is all of nothing.
    fn n_needed(&self) -> usize {
        match self.within {
            Within::Region(_) => 1,
            Within::Level(_) => 2,
        }
    }
}

/// Whether the value of a series in some period may be ranked.
fn is_ranked(series: &Series, slot: Slot, bodies: &Bodies) -> bool {
    let department = series.subject.department.as_deref();
    let is_of_kind = department.is_none_or(|id| bodies.kind_of(id) == Some(BodyKind::Provincial));
    is_of_kind && series.at(slot).is_some_and(Point::is_sound)
}

fn value_of(series: &Series, slot: Slot) -> Option<f64> {
    series.at(slot).and_then(|point| point.value)
}

/// The values of peers in one period: all of them, and those that are ranked.
#[derive(Default)]
struct Values {
    all: Vec<f64>,
    ranked: Vec<f64>,
    /// Whether one of them holds what is not of the period, or is blank.
    is_spoilt: bool,
}

/// Returns where every subject stands in a period, in the order of `all`.
///
/// Figures of a region as a whole are in no sum and no rank of its departments.
pub(super) fn standings(
    all: &[Series],
    slot: Slot,
    bodies: &Bodies,
    measure: Measure,
) -> Vec<Standing> {
    let mut values: BTreeMap<Peers, Values> = BTreeMap::new();
    for series in all {
        let Some(peers) = Peers::of(&series.subject, bodies) else { continue };
        let of_peers = values.entry(peers).or_default();
        of_peers.is_spoilt |= spoils_sums(series, slot, measure);
        let Some(value) = value_of(series, slot) else { continue };
        of_peers.all.push(value);
        if is_ranked(series, slot, bodies) {
            of_peers.ranked.push(value);
        }
    }
    let standing = |series: &Series| {
        let value = value_of(series, slot)?;
        let peers = Peers::of(&series.subject, bodies)?;
        let of_peers = values.get(&peers).filter(|values| values.all.len() >= peers.n_needed())?;
        let sum = Some(of_peers.all.iter().sum::<f64>());
        let sum = sum.filter(|sum| *sum != 0.0 && !of_peers.is_spoilt);
        let n_larger = of_peers.ranked.iter().filter(|other| **other > value).count();
        Some(Standing {
            share_pct: sum.map(|sum| 100.0 * value / sum),
            rank: is_ranked(series, slot, bodies).then(|| count(n_larger) + 1),
            n_ranked: count(of_peers.ranked.len()),
        })
    };
    all.iter().map(|series| standing(series).unwrap_or_default()).collect()
}

/// Returns those of `all` for whose values nobody among some peers has a share in a period; of a region
/// alone, which has none anyway, nothing.
pub(super) fn spoilers<'a>(
    all: &'a [Series],
    among: &BTreeSet<Peers>,
    slot: Slot,
    bodies: &Bodies,
    measure: Measure,
) -> Vec<&'a Series> {
    let has_enough = |peers: &Peers| {
        let valued = all.iter().filter(|other| value_of(other, slot).is_some());
        let same = valued.filter(|other| Peers::of(&other.subject, bodies).as_ref() == Some(peers));
        same.count() >= peers.n_needed()
    };
    let is_among = |series: &&Series| {
        let peers = Peers::of(&series.subject, bodies);
        peers.is_some_and(|peers| among.contains(&peers) && has_enough(&peers))
    };
    let spoiling = all.iter().filter(|series| spoils_sums(series, slot, measure));
    spoiling.filter(is_among).collect()
}

fn spoils_sums(series: &Series, slot: Slot, measure: Measure) -> bool {
    series.at(slot).is_some_and(|point| point.spoils_sums(measure)) || series.lacks(slot)
}

/// Returns how many places each series went up from the period before to a period, in the order of `all`;
/// among the departments of the province, or the regions of a level, that have a rank in both and can be
/// compared with the period before, so that nobody moves because another has no figure or counts anew.
pub(super) fn movements(
    all: &[Series],
    slot: Slot,
    bodies: &Bodies,
    comparing: Comparing,
) -> Vec<Option<i32>> {
    let values = |series: &Series| {
        comparing.with_earlier(series, series.at(slot)?, 1).change?;
        let in_both = [slot.before(), slot].map(|slot| is_ranked(series, slot, bodies));
        let peers = Peers::of(&series.subject, bodies).filter(|_| in_both == [true, true])?;
        Some((peers, value_of(series, slot.before())?, value_of(series, slot)?))
    };
    let mut known: BTreeMap<Peers, Vec<(f64, f64)>> = BTreeMap::new();
    for (peers, before, now) in all.iter().filter_map(values) {
        known.entry(peers).or_default().push((before, now));
    }
    let movement = |series: &Series| {
        let (peers, before, now) = values(series)?;
        let others = known.get(&peers).filter(|others| others.len() >= peers.n_needed())?;
        let (mut n_before, mut n_now) = (0, 0);
        for (other_before, other_now) in others {
            n_before += i32::from(*other_before > before);
            n_now += i32::from(*other_now > now);
        }
        Some(n_before - n_now)
    };
    all.iter().map(movement).collect()
}

fn count(n: usize) -> i32 {
    i32::try_from(n).unwrap_or(i32::MAX)
}
