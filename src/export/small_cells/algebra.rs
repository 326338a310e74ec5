//! Which unknowns follow from sums and differences of which the result is known, and which of these tell it.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::export::ExportError;

/// Steps beyond which a system is not solved.
const MAX_WORK: usize = 200_000_000;

/// A prime below 2^31, so that products of two remainders fit.
const PRIME: u64 = 2_147_483_647;

/// Unknowns, each with 1 or -1, whose sum is known.
pub(super) type Equation = Vec<(usize, i64)>;

/// An unknown that follows.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Determined {
    /// The unknown.
    pub(super) unknown: usize,
    /// Positions of equations from which it follows together.
    pub(super) by: Vec<usize>,
}

/// Returns the unknowns that a system determines. Of a part of it that is too large to be solved, all unknowns
/// count as determined, each by the equations that it is in.
///
/// Computed modulo a prime, in which sums of few ones behave as among all numbers.
pub(super) fn determined(
    equations: &[Equation],
    is_cancelled: &AtomicBool,
) -> Result<Vec<Determined>, ExportError> {
    let mut found = Vec::new();
    for part in parts(equations) {
        if is_cancelled.load(Ordering::Relaxed) {
            return Err(ExportError::Cancelled);
        }
        let mut unknowns: Vec<usize> =
            part.iter().flat_map(|at| equations[*at].iter().map(|(unknown, _)| *unknown)).collect();
        unknowns.sort_unstable();
        unknowns.dedup();
        let width = unknowns.len() + part.len();
        if part.len() * part.len() * width > MAX_WORK {
            found.extend(unknowns.iter().map(|unknown| {
                let has_it = |at: &usize| equations[*at].iter().any(|(other, _)| other == unknown);
                let by = part.iter().copied().filter(has_it).collect();
                Determined { unknown: *unknown, by }
            }));
        } else {
            found.extend(solved(equations, &part, &unknowns));
        }
    }
    found.sort();
    Ok(found)
}

/// Groups the positions of equations that share unknowns.
fn parts(equations: &[Equation]) -> Vec<Vec<usize>> {
    let mut roots = Roots::default();
    let mut first_with: BTreeMap<usize, usize> = BTreeMap::new();
    for (at, equation) in equations.iter().enumerate() {
        for (unknown, _) in equation {
            let first = *first_with.entry(*unknown).or_insert(at);
            roots.join(first, at);
        }
    }
    let mut parts: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for at in 0..equations.len() {
        parts.entry(roots.of(at)).or_default().push(at);
    }
    parts.into_values().collect()
}

/// Solves equations as far as it goes: an unknown is determined that has an equation of its own then. Beside
/// each stands of which of the first ones it is made.
fn solved(equations: &[Equation], part: &[usize], unknowns: &[usize]) -> Vec<Determined> {
    let n_unknowns = unknowns.len();
    let place = |unknown: &usize| unknowns.binary_search(unknown).unwrap_or_default();
    let mut matrix: Vec<Vec<u64>> = part
        .iter()
        .enumerate()
        .map(|(idx, at)| {
            let mut row = vec![0; n_unknowns + part.len()];
            for (unknown, factor) in &equations[*at] {
                let cell = &mut row[place(unknown)];
                *cell = (*cell + factor.rem_euclid(PRIME.cast_signed()).cast_unsigned()) % PRIME;
            }
            row[n_unknowns + idx] = 1;
            row
        })
        .collect();
    let mut rank = 0;
    for column in 0..n_unknowns {
        let Some(pivot) = (rank..matrix.len()).find(|row| matrix[*row][column] != 0) else {
            continue;
        };
        matrix.swap(rank, pivot);
        let inverse = inverse_of(matrix[rank][column]);
        matrix[rank].iter_mut().for_each(|value| *value = *value * inverse % PRIME);
        let lead = matrix[rank].clone();
        for (idx, row) in matrix.iter_mut().enumerate() {
            let factor = row[column];
            if idx != rank && factor != 0 {
                for (value, lead) in row.iter_mut().zip(&lead) {
                    *value = (*value + (PRIME - factor) * lead) % PRIME;
                }
            }
        }
        rank += 1;
    }
    let alone = matrix.iter().filter_map(|row| {
        let (left, made_of) = row.split_at(n_unknowns);
        let mut places = left.iter().enumerate().filter(|(_, value)| **value != 0);
        let (place, _) = places.next()?;
        let made_of = part.iter().zip(made_of).filter(|(_, factor)| **factor != 0);
        places.next().is_none().then(|| Determined {
            unknown: unknowns[place],
            by: made_of.map(|(at, _)| *at).collect(),
        })
    });
    alone.collect()
}

fn inverse_of(value: u64) -> u64 {
    let (mut power, mut base, mut result) = (PRIME - 2, value, 1);
    while power > 0 {
        if power & 1 == 1 {
            result = result * base % PRIME;
        }
        base = base * base % PRIME;
        power >>= 1;
    }
    result
}

/// Things that hang together, known by one of them.
#[derive(Debug, Default)]
pub(super) struct Roots(BTreeMap<usize, usize>);

impl Roots {
    /// Returns the one by which what hangs together with a thing is known.
    pub(super) fn of(&mut self, mut at: usize) -> usize {
        while let Some(above) = self.0.get(&at).copied() {
            if let Some(further) = self.0.get(&above).copied() {
                self.0.insert(at, further);
            }
            at = above;
        }
        at
    }

    /// Says that two things hang together.
    pub(super) fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.of(a), self.of(b));
        if a != b {
            self.0.insert(a.max(b), a.min(b));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(equations: &[Equation], expected: &[(usize, &[usize])]) {
        let found = determined(equations, &AtomicBool::new(false)).unwrap();
        let found: Vec<(usize, &[usize])> =
            found.iter().map(|it| (it.unknown, it.by.as_slice())).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn what_follows_is_told_with_what_tells_it() {
        check(&[], &[]);
        check(&[vec![(3, 1), (5, 1)]], &[]);
        check(&[vec![(3, 1), (5, 1)], vec![(5, 1)]], &[(3, &[0, 1]), (5, &[1])]);
        // Two sums with the same unknowns tell no more than one, and a sum with their difference both.
        check(&[vec![(0, 1), (1, 1)], vec![(0, 1), (1, 1)]], &[]);
        check(&[vec![(0, 1), (1, 1)], vec![(0, 1), (1, -1)]], &[(0, &[0, 1]), (1, &[0, 1])]);
        // An unknown that is taken away again is in no equation.
        check(&[vec![(0, 1), (7, 1), (7, -1)]], &[(0, &[0])]);
    }

    #[test]
    fn who_wants_to_end_it_does_not_wait() {
        let ended = determined(&[vec![(0, 1)]], &AtomicBool::new(true));
        assert!(matches!(ended, Err(ExportError::Cancelled)));
    }
}
