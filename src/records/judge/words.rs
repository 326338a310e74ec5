//! Columns of few different values: each value once, and for each row which one it has.
//!
//! What a value means and which rules it breaks is then found once per value and not once per row.

use xxhash_rust::xxh3::xxh3_64;

/// A column as positions in a list of its values.
pub(super) struct Words<'b> {
    /// Each different value as sent, in the order in which they come.
    pub(super) values: Vec<&'b str>,
    /// For each row the position of its value.
    pub(super) ids: Vec<u32>,
    hashes: Vec<u64>,
    /// Positions of values by their hash, as a power of two of places; 0 is free, others count from 1.
    slots: Vec<u32>,
}

/// Places to begin with.
const N_SLOTS: usize = 64;

impl<'b> Words<'b> {
    pub(super) fn with_capacity(n_rows: usize) -> Self {
        Self {
            values: Vec::new(),
            ids: Vec::with_capacity(n_rows),
            hashes: Vec::new(),
            slots: vec![0; N_SLOTS],
        }
    }

    /// Adds the value of the next row.
    pub(super) fn push(&mut self, value: &'b str) {
        // Files are often sorted, or come from one department.
        if let Some(last) = self.ids.last()
            && self.values[*last as usize] == value
        {
            self.ids.push(*last);
            return;
        }
        let id = self.id_of(value);
        self.ids.push(id);
    }

    /// Returns how many rows have each value.
    pub(super) fn counts(&self) -> Vec<u64> {
        let mut counts = vec![0; self.values.len()];
        for id in &self.ids {
            counts[*id as usize] += 1;
        }
        counts
    }

    fn id_of(&mut self, value: &'b str) -> u32 {
        let hash = xxh3_64(value.as_bytes());
        let mask = self.slots.len() - 1;
        let mut at = slot_of(hash) & mask;
        loop {
            match self.slots[at] {
                0 => break,
                used => {
                    let id = used - 1;
                    if self.hashes[id as usize] == hash && self.values[id as usize] == value {
                        return id;
                    }
                }
            }
            at = (at + 1) & mask;
        }
        let id = u32::try_from(self.values.len()).expect("a block has fewer rows than that");
        self.values.push(value);
        self.hashes.push(hash);
        self.slots[at] = id + 1;
        if self.values.len() * 2 > self.slots.len() {
            self.grow();
        }
        id
    }

    fn grow(&mut self) {
        let n_slots = self.slots.len() * 4;
        self.slots.clear();
        self.slots.resize(n_slots, 0);
        for (used, hash) in (1..).zip(&self.hashes) {
            let mut at = slot_of(*hash) & (n_slots - 1);
            while self.slots[at] != 0 {
                at = (at + 1) & (n_slots - 1);
            }
            self.slots[at] = used;
        }
    }
}

fn slot_of(hash: u64) -> usize {
    usize::try_from(hash & 0xffff_ffff).expect("32 bits fit")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_row_has_its_value_and_every_value_stands_once(
            column in prop::collection::vec("[a-c]{0,3}|\\PC{0,4}", 0..300),
        ) {
            let mut words = Words::with_capacity(column.len());
            for value in &column {
                words.push(value);
            }
            let read: Vec<&str> = words.ids.iter().map(|id| words.values[*id as usize]).collect();
            prop_assert_eq!(read, column.iter().map(String::as_str).collect::<Vec<_>>());
            let distinct: std::collections::BTreeSet<&str> = words.values.iter().copied().collect();
            prop_assert_eq!(distinct.len(), words.values.len());
            prop_assert_eq!(words.counts().iter().sum::<u64>(), column.len() as u64);
        }
    }
}
