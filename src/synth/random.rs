//! Chance that can be had again: `SplitMix64`, one stream for each thing that is made up.

/// A stream of numbers that follows from what it was made of, and from nothing else.
#[derive(Debug, Clone)]
pub(super) struct Random {
    state: u64,
}

/// The step of `SplitMix64`, the odd number nearest to 2^64 divided by the golden ratio.
const STEP: u64 = 0x9E37_79B9_7F4A_7C15;

impl Random {
    /// Returns the stream of a seed and the number of a thing, as department 3, case 17.
    pub(super) fn of(seed: u64, parts: &[u64]) -> Self {
        let mut state = mix(seed.wrapping_add(STEP));
        for part in parts {
            state = mix(state ^ part.wrapping_mul(STEP).wrapping_add(STEP));
        }
        Self { state }
    }

    /// Returns the next number of the stream.
    pub(super) fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(STEP);
        mix(self.state)
    }

    /// Returns a number below `end`, which is not 0.
    pub(super) fn below(&mut self, end: u64) -> u64 {
        high_half(self.next(), end)
    }

    /// Returns a number from `first` to `last`, both included.
    pub(super) fn between(&mut self, first: i64, last: i64) -> i64 {
        first + self.below((last - first + 1).cast_unsigned()).cast_signed()
    }

    /// Returns whether something happens that does so `times` in a thousand times.
    pub(super) fn in_thousand(&mut self, times: u64) -> bool {
        self.below(1000) < times
    }

    /// Returns one of several, all equally likely.
    pub(super) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.position(from.len())]
    }

    /// Returns a position in a list of this length, which is not 0.
    pub(super) fn position(&mut self, length: usize) -> usize {
        usize::try_from(self.below(length as u64)).expect("below a length")
    }
}

fn mix(state: u64) -> u64 {
    let mut mixed = state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

/// Scales a number of 64 bits to below `end` without a division.
fn high_half(number: u64, end: u64) -> u64 {
    let product = u128::from(number) * u128::from(end);
    u64::try_from(product >> 64).expect("the upper half of 128 bits")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_those_of_splitmix64() {
        // The first outputs for the state 0, as published with the algorithm.
        let mut random = Random { state: 0 };
        assert_eq!(random.next(), 0xE220_A839_7B1D_CDAF);
        assert_eq!(random.next(), 0x6E78_9E6A_A1B9_65F4);
    }

    #[test]
    fn streams_of_neighbours_have_nothing_in_common() {
        let first = |parts: &[u64]| Random::of(7, parts).next();
        let numbers = [first(&[0, 0]), first(&[0, 1]), first(&[1, 0]), first(&[]), first(&[0])];
        let distinct: std::collections::BTreeSet<u64> = numbers.into_iter().collect();
        assert_eq!(distinct.len(), numbers.len());
    }

    #[test]
    fn numbers_stay_in_their_range_and_reach_its_ends() {
        let mut random = Random::of(1, &[]);
        let drawn: std::collections::BTreeSet<i64> =
            (0..200).map(|_| random.between(-1, 2)).collect();
        assert_eq!(drawn.into_iter().collect::<Vec<_>>(), [-1, 0, 1, 2]);
    }
}
