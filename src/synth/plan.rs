//! Which row stands where: files, departments, and what becomes of each row.
//!
//! Everything about a row follows from its position in its series, so that rows can be made up in any
//! order, by any number of threads, and into any number of files.

use std::ops::Range;

use crate::synth::case::Office;
use crate::synth::datasets::Dataset;
use crate::synth::faults::Placed;
use crate::synth::trap::Trap;

/// What has to become of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The first version of its record.
    Accepted,
    /// Sent back, because something is wrong with it.
    Returned,
    /// The same record again.
    Duplicate,
    /// Another version of its record.
    Updated,
    /// The end of its record.
    Deleted,
}

impl Outcome {
    /// Every outcome, in the order in which they are counted.
    pub(super) const ALL: [Self; 5] =
        [Self::Accepted, Self::Updated, Self::Deleted, Self::Returned, Self::Duplicate];

    /// Returns the word for it in the truth file.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Returned => "returned",
            Self::Duplicate => "duplicate",
            Self::Updated => "updated",
            Self::Deleted => "deleted",
        }
    }
}

/// How many rows of one department have which outcome.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Share {
    /// Position of the department.
    pub(super) office: usize,
    /// Rows that are the first version of a record.
    pub(super) accepted: u64,
    /// Rows that are sent again, each after one of the accepted ones: at most as many.
    pub(super) duplicates: u64,
    pub(super) updated: u64,
    pub(super) deleted: u64,
    /// Rows that have to be returned.
    pub(super) returned: u64,
}

impl Share {
    fn again(&self) -> u64 {
        self.duplicates + self.updated + self.deleted
    }

    fn total(&self) -> u64 {
        self.accepted + self.again() + self.returned
    }

    /// Makes first versions of those rows that are sent again for which there is no first one.
    pub(super) fn keep_within_accepted(&mut self) {
        while self.again() > self.accepted {
            let counts = [&mut self.deleted, &mut self.updated, &mut self.duplicates];
            let most = counts.into_iter().max().expect("three counts");
            *most -= 1;
            self.accepted += 1;
        }
    }

    /// Returns what became of the second of two rows about the record at this position.
    fn second(&self, position: u64) -> Outcome {
        if position < self.duplicates {
            Outcome::Duplicate
        } else if position < self.duplicates + self.updated {
            Outcome::Updated
        } else {
            Outcome::Deleted
        }
    }
}

/// What a row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Role {
    /// Position of the share, and of its office.
    pub(super) share: usize,
    /// Number of the case that it is about.
    pub(super) case: u64,
    /// What has to become of it.
    pub(super) outcome: Outcome,
    /// Whether its record is sent again, so that it must be faultless.
    pub(super) is_paired: bool,
}

/// The rows of one dataset, over one or more files.
#[derive(Debug)]
pub(super) struct Series {
    /// What they are.
    pub(super) dataset: &'static Dataset,
    /// Beginning of the names of its files.
    pub(super) stem: String,
    /// Number that sets its chance apart from that of other series.
    pub(super) number: u64,
    /// Rows by department.
    pub(super) shares: Vec<Share>,
    /// Where the rows of each share begin, in the order before they are mixed.
    starts: Vec<u64>,
    /// Returned rows of the shares before each.
    returned_before: Vec<u64>,
    mix: Mix,
    /// What can be wrong with a row.
    pub(super) faults: Vec<Placed>,
    /// Positions of the faults that return a row, and of those that only warn.
    pub(super) errors: Vec<usize>,
    pub(super) warnings: Vec<usize>,
    /// What is wrong with every returned row besides, by position in `faults`.
    pub(super) always: Option<usize>,
    /// Accepted rows in a thousand with a warning.
    pub(super) warned_per_mille: u64,
    /// The trap that each of its files is.
    pub(super) trap: Option<Trap>,
    n_files: u64,
}

/// What a series is made of.
pub(super) struct SeriesParts {
    pub(super) dataset: &'static Dataset,
    pub(super) stem: String,
    pub(super) number: u64,
    pub(super) shares: Vec<Share>,
    pub(super) always: Option<&'static str>,
    /// The column with the time by which records are counted, where that has to stay as it is.
    pub(super) counted_by: Option<&'static str>,
    /// The column by which the department of every row is known, whatever else is wrong with it.
    pub(super) named_by: Option<&'static str>,
    pub(super) warned_per_mille: u64,
    pub(super) trap: Option<Trap>,
    pub(super) n_files: u64,
}

impl Series {
    /// Puts a series together; departments without rows are left out.
    pub(super) fn of(parts: SeriesParts) -> Self {
        let shares: Vec<Share> =
            parts.shares.into_iter().filter(|share| share.total() > 0).collect();
        let mut n_rows = 0;
        let starts = shares.iter().map(|share| {
            let start = n_rows;
            n_rows += share.total();
            start
        });
        let starts: Vec<u64> = starts.collect();
        let dataset = parts.dataset;
        let faults = dataset.all_faults();
        let (mut warnings, mut errors): (Vec<usize>, Vec<usize>) =
            (0..faults.len()).partition(|idx| faults[*idx].fault.is_warning);
        warnings.retain(|idx| Some(faults[*idx].fault.column) != parts.counted_by);
        errors.retain(|idx| Some(faults[*idx].fault.column) != parts.named_by);
        let is_always = |placed: &Placed| Some(placed.fault.column) == parts.always;
        let mut n_returned = 0;
        let returned_before = shares.iter().map(|share| {
            let before = n_returned;
            n_returned += share.returned;
            before
        });
        let returned_before: Vec<u64> = returned_before.collect();
        Self {
            dataset,
            stem: parts.stem,
            number: parts.number,
            starts,
            returned_before,
            mix: Mix::of(n_rows),
            always: faults.iter().position(is_always),
            faults,
            errors,
            warnings,
            shares,
            warned_per_mille: parts.warned_per_mille,
            trap: parts.trap,
            n_files: parts.n_files.clamp(1, n_rows.max(1)),
        }
    }

    /// Returns the number of rows.
    pub(super) fn n_rows(&self) -> u64 {
        self.mix.n_rows
    }

    /// Returns the rows of each file.
    pub(super) fn files(&self) -> impl Iterator<Item = Range<u64>> {
        let end_of = |idx: u64| {
            let end = u128::from(self.n_rows()) * u128::from(idx) / u128::from(self.n_files);
            u64::try_from(end).expect("at most the number of rows")
        };
        (0..self.n_files).map(move |idx| end_of(idx)..end_of(idx + 1))
    }

    /// Returns the name of a file without its extension. Names sort in the order of the files.
    pub(super) fn file_name(&self, idx: usize) -> String {
        if self.n_files == 1 {
            return self.stem.clone();
        }
        let width = (self.n_files).to_string().len();
        format!("{}-{:0width$}", self.stem, idx + 1)
    }

    /// Returns what the row at a position is.
    pub(super) fn role(&self, row_idx: u64) -> Role {
        let slot = self.mix.slot_of(row_idx);
        let share_idx = self.starts.partition_point(|start| *start <= slot) - 1;
        let share = &self.shares[share_idx];
        let inner = slot - self.starts[share_idx];
        let role = |case, outcome, is_paired| Role { share: share_idx, case, outcome, is_paired };
        if inner >= share.accepted + share.again() {
            // Their cases are others than the accepted ones.
            return role(inner - share.again(), Outcome::Returned, false);
        }
        let (case, other) = if inner < share.again() {
            (inner, inner + share.accepted)
        } else if inner >= share.accepted {
            (inner - share.accepted, inner - share.accepted)
        } else {
            return role(inner, Outcome::Accepted, false);
        };
        // Of two rows about one record, the one that comes later is the second.
        let other_idx = self.mix.row_of(self.starts[share_idx] + other);
        let outcome = if other_idx < row_idx { share.second(case) } else { Outcome::Accepted };
        role(case, outcome, true)
    }

    /// Returns the number of a returned row among all of the series, from 0.
    pub(super) fn returned_idx(&self, role: Role) -> u64 {
        self.returned_before[role.share] + role.case - self.shares[role.share].accepted
    }

    /// Returns the office of a share.
    pub(super) fn office<'a>(&self, share: usize, offices: &'a [Office]) -> &'a Office {
        &offices[self.shares[share].office]
    }
}

/// A fixed mixing of rows, so that departments alternate as they do in real transfers: a
/// multiplication by a number without a common divisor with the number of rows.
#[derive(Debug, Clone, Copy)]
struct Mix {
    n_rows: u64,
    factor: u64,
    inverse: u64,
}

impl Mix {
    fn of(n_rows: u64) -> Self {
        let n_rows_or_one = n_rows.max(1);
        // About the golden ratio: neighbours end up far from each other.
        let start =
            u64::try_from(u128::from(n_rows_or_one) * 618 / 1000).expect("less than before");
        let factors = (start.max(1)..).find_map(|factor| {
            let inverse = inverse_of(factor % n_rows_or_one, n_rows_or_one)?;
            Some((factor % n_rows_or_one, inverse))
        });
        let (factor, inverse) = factors.expect("1 has an inverse, and comes up in the end");
        Self { n_rows, factor, inverse }
    }

    fn slot_of(self, row_idx: u64) -> u64 {
        product(row_idx, self.factor, self.n_rows)
    }

    fn row_of(self, slot: u64) -> u64 {
        product(slot, self.inverse, self.n_rows)
    }
}

fn product(left: u64, right: u64, modulus: u64) -> u64 {
    let product = u128::from(left) * u128::from(right) % u128::from(modulus);
    u64::try_from(product).expect("less than the modulus")
}

/// Returns what times `number` leaves 1; `None` where the two have a common divisor.
fn inverse_of(number: u64, modulus: u64) -> Option<u64> {
    let (mut old_rest, mut rest) = (i128::from(number), i128::from(modulus));
    let (mut old_factor, mut factor) = (1_i128, 0_i128);
    while rest != 0 {
        let quotient = old_rest / rest;
        (old_rest, rest) = (rest, old_rest - quotient * rest);
        (old_factor, factor) = (factor, old_factor - quotient * factor);
    }
    let inverse = old_factor.rem_euclid(i128::from(modulus));
    (old_rest == 1 || modulus == 1).then(|| u64::try_from(inverse).expect("less than the modulus"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::synth::datasets::CASES;

    fn series(shares: Vec<Share>, n_files: u64) -> Series {
        Series::of(SeriesParts {
            dataset: CASES,
            stem: "a".to_owned(),
            number: 0,
            shares,
            always: None,
            counted_by: None,
            named_by: None,
            warned_per_mille: 0,
            trap: None,
            n_files,
        })
    }

    fn shares() -> Vec<Share> {
        let share = |office, accepted, again: [u64; 3], returned| Share {
            office,
            accepted,
            duplicates: again[0],
            updated: again[1],
            deleted: again[2],
            returned,
        };
        vec![
            share(0, 50, [3, 4, 2], 5),
            share(1, 0, [0, 0, 0], 7),
            share(2, 0, [0, 0, 0], 0),
            share(3, 1, [0, 1, 0], 0),
        ]
    }

    #[test]
    fn every_share_comes_out_as_it_was_planned() {
        let series = series(shares(), 1);
        let mut counts: BTreeMap<(usize, &str), u64> = BTreeMap::new();
        let mut first: BTreeMap<(usize, u64), Outcome> = BTreeMap::new();
        for row_idx in 0..series.n_rows() {
            let role = series.role(row_idx);
            let office = series.shares[role.share].office;
            *counts.entry((office, role.outcome.as_str())).or_default() += 1;
            let is_first = first.insert((office, role.case), role.outcome).is_none();
            let is_second = !matches!(role.outcome, Outcome::Accepted | Outcome::Returned);
            assert_eq!(is_first, !is_second, "{role:?}");
        }
        let expected = [
            ((0, "accepted"), 50),
            ((0, "deleted"), 2),
            ((0, "duplicate"), 3),
            ((0, "returned"), 5),
            ((0, "updated"), 4),
            ((1, "returned"), 7),
            ((3, "accepted"), 1),
            ((3, "updated"), 1),
        ];
        assert_eq!(counts.into_iter().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn files_divide_the_rows() {
        let series = series(shares(), 4);
        let files: Vec<Range<u64>> = series.files().collect();
        assert_eq!(files.len(), 4);
        assert_eq!(files.iter().map(|file| file.end - file.start).sum::<u64>(), series.n_rows());
        assert!(files.windows(2).all(|pair| pair[0].end == pair[1].start));
        assert_eq!(series.file_name(0), "a-1");
    }

    #[test]
    fn mixing_moves_every_row_to_one_place() {
        for n_rows in [1, 2, 3, 10, 618, 1000, 1021] {
            let mix = Mix::of(n_rows);
            let slots: std::collections::BTreeSet<u64> =
                (0..n_rows).map(|row| mix.slot_of(row)).collect();
            assert_eq!(slots.len() as u64, n_rows);
            assert!((0..n_rows).all(|row| mix.row_of(mix.slot_of(row)) == row), "{n_rows}");
        }
    }
}
