//! Which keys of a batch may have been seen before: approximate, small, and never wrong about a key
//! that was.
//!
//! A split-block Bloom filter, as Parquet has for its columns, with 16 bits a key: about one new key
//! in two thousand is taken for one seen before, and is looked up exactly like those that were.

use std::hint::black_box;

use arrow::buffer::BooleanBuffer;

/// Bits of the filter for one key.
const BITS_PER_KEY: usize = 16;

/// Bits of a block: eight words, each with one bit of a key.
const BLOCK_BITS: usize = 256;

/// Keys whose blocks are fetched together.
const KEYS_AHEAD: usize = 64;

/// Largest filter. A batch with more keys than this is made for has more of them looked up exactly.
const MAX_BYTES: usize = 80 * 1024 * 1024;

/// Smallest layer.
const MIN_KEYS: usize = 64 * 1024;

/// Odd multipliers that spread the bits of a key over the words of its block; those of Parquet's
/// filter.
const SALTS: [u32; 8] = [
    0x47b6_137b,
    0x4497_4d91,
    0x8824_ad5b,
    0xa2b7_289d,
    0x7054_95c7,
    0x2df1_424b,
    0x9efc_4947,
    0x5c6b_fb31,
];

/// The keys seen so far. It grows by layers, because the number of rows is not known in advance.
#[derive(Debug)]
pub(super) struct KeyFilter {
    layers: Vec<Layer>,
    max_bytes: usize,
}

#[derive(Debug)]
struct Layer {
    blocks: Vec<[u32; 8]>,
    n_keys: usize,
    capacity: usize,
}

impl KeyFilter {
    /// Returns an empty filter for about `n_expected` keys.
    pub(super) fn for_keys(n_expected: usize) -> Self {
        Self { layers: vec![Layer::for_keys(n_expected, MAX_BYTES)], max_bytes: MAX_BYTES }
    }

    /// Adds a key, and tells whether it may have been added before: never `false` for one that was.
    pub(super) fn insert(&mut self, key: u128) -> bool {
        let (last, earlier) = self.layers.split_last_mut().expect("a filter has a layer");
        let was_earlier = earlier.iter().any(|layer| layer.contains(key));
        // A key of an earlier layer needs no place in this one.
        let may_be_known = was_earlier || last.insert(key);
        if last.n_keys >= last.capacity {
            self.grow();
        }
        may_be_known
    }

    /// Adds keys that are chosen, all where nothing is said, and tells of each whether it may have been
    /// added before, as [`Self::insert`] does; of one that is not chosen it says `false`.
    pub(super) fn insert_all(
        &mut self,
        keys: &[u128],
        are_chosen: Option<&BooleanBuffer>,
    ) -> Vec<bool> {
        let mut may_be_known = Vec::with_capacity(keys.len());
        for part in keys.chunks(KEYS_AHEAD) {
            // The filter is larger than the cache. Blocks that are looked at without waiting for one
            // another come side by side, and are there when their keys are added.
            black_box(part.iter().fold(0, |words, key| words ^ self.last_layer().first_word(*key)));
            for key in part {
                let is_chosen = are_chosen.is_none_or(|are| are.value(may_be_known.len()));
                may_be_known.push(is_chosen && self.insert(*key));
            }
        }
        may_be_known
    }

    /// Tells whether a key may have been added: never `false` for one that was.
    pub(super) fn may_contain(&self, key: u128) -> bool {
        self.layers.iter().any(|layer| layer.contains(key))
    }

    fn last_layer(&self) -> &Layer {
        self.layers.last().expect("a filter has a layer")
    }

    /// Adds a layer twice as large as the last one, as long as there is room for one.
    fn grow(&mut self) {
        let taken: usize = self.layers.iter().map(Layer::n_bytes).sum();
        let last = self.layers.last().map_or(MIN_KEYS, |layer| layer.capacity);
        let layer = Layer::for_keys(2 * last, self.max_bytes.saturating_sub(taken));
        if layer.capacity < MIN_KEYS {
            // Full: the last layer takes what comes, and is wrong more often.
            if let Some(last) = self.layers.last_mut() {
                last.capacity = usize::MAX;
            }
        } else {
            self.layers.push(layer);
        }
    }
}

impl Layer {
    fn for_keys(n_expected: usize, max_bytes: usize) -> Self {
        let n_wanted = n_expected.max(MIN_KEYS).saturating_mul(BITS_PER_KEY) / BLOCK_BITS;
        let n_blocks = n_wanted.min(max_bytes / (BLOCK_BITS / 8));
        Self {
            blocks: vec![[0; 8]; n_blocks],
            n_keys: 0,
            capacity: n_blocks * BLOCK_BITS / BITS_PER_KEY,
        }
    }

    fn n_bytes(&self) -> usize {
        self.blocks.len() * (BLOCK_BITS / 8)
    }

    /// The block of a key, from its upper half.
    fn block_idx(&self, key: u128) -> usize {
        let spread = (key >> 64) * self.blocks.len() as u128;
        usize::try_from(spread >> 64).expect("smaller than the number of blocks")
    }

    fn first_word(&self, key: u128) -> u32 {
        self.blocks[self.block_idx(key)][0]
    }

    fn contains(&self, key: u128) -> bool {
        let block = &self.blocks[self.block_idx(key)];
        block.iter().zip(mask(key)).all(|(word, bit)| word & bit != 0)
    }

    /// Adds a key, and tells whether all its bits were set before.
    fn insert(&mut self, key: u128) -> bool {
        let idx = self.block_idx(key);
        let mut was_there = true;
        for (word, bit) in self.blocks[idx].iter_mut().zip(mask(key)) {
            was_there &= *word & bit != 0;
            *word |= bit;
        }
        self.n_keys += usize::from(!was_there);
        was_there
    }
}

/// One bit for each word of a block, from the lower half of a key.
fn mask(key: u128) -> [u32; 8] {
    let low = u32::try_from(key & 0xffff_ffff).expect("32 bits");
    SALTS.map(|salt| 1 << (low.wrapping_mul(salt) >> 27))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Keys as fingerprints are: any bits, the same each time.
    fn keys(seed: u128, n_keys: usize) -> impl Iterator<Item = u128> {
        let mut state = seed;
        std::iter::repeat_with(move || {
            state = state.wrapping_mul(0x2360_ed05_1fc6_5da4_4385_df64_9fcc_f645).wrapping_add(1);
            state ^ (state >> 61)
        })
        .take(n_keys)
    }

    #[test]
    fn a_key_that_was_added_is_never_new_again() {
        let mut filter = KeyFilter::for_keys(1);
        for key in keys(1, 300_000) {
            filter.insert(key);
        }
        assert!(filter.layers.len() > 1, "it grew");
        assert!(keys(1, 300_000).all(|key| filter.insert(key)));
    }

    #[test]
    fn few_new_keys_are_taken_for_known_ones() {
        let mut filter = KeyFilter::for_keys(200_000);
        let n_wrong = keys(1, 200_000).filter(|key| filter.insert(*key)).count();
        assert!(n_wrong < 200, "{n_wrong} of 200,000");
    }

    #[test]
    fn many_keys_at_once_are_added_one_after_the_other() {
        let all: Vec<u128> = keys(3, 200).chain(keys(3, 200)).collect();
        let (mut filter, mut singly) = (KeyFilter::for_keys(1), KeyFilter::for_keys(1));
        let expected: Vec<bool> = all.iter().map(|key| singly.insert(*key)).collect();
        assert_eq!(filter.insert_all(&all, None), expected);
        let every_other: Vec<bool> = (0..all.len()).map(|row| row % 2 == 0).collect();
        let chosen = BooleanBuffer::from(every_other);
        let mut filter = KeyFilter::for_keys(1);
        let found = filter.insert_all(&all, Some(&chosen));
        for (row, may_be_known) in found.iter().enumerate() {
            assert_eq!(*may_be_known, row >= 200 && row % 2 == 0);
        }
        assert!(!filter.may_contain(all[1]));
    }

    #[test]
    fn a_full_filter_goes_on() {
        let mut filter = KeyFilter::for_keys(1);
        filter.max_bytes = filter.layers[0].n_bytes();
        for key in keys(1, 4 * MIN_KEYS) {
            filter.insert(key);
        }
        assert_eq!(filter.layers.len(), 1);
        assert!(keys(1, 4 * MIN_KEYS).all(|key| filter.insert(key)));
    }
}
