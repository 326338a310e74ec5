//! Pseudonyms that were made lately: names come again and again, and a keyed hash takes longer than to
//! look for one of them.

use crate::records::pseudonym::{ColumnPseudonyms, PSEUDONYM_BYTES};

/// Values that are remembered at most, a power of two.
const N_SLOTS: usize = 1 << SLOT_BITS;
const SLOT_BITS: u32 = 10;

/// Bytes of a value that is remembered: a name of five characters.
const MAX_BYTES: usize = 16;

/// The last values of one column with their pseudonyms. Holds values as they were sent and is never
/// printed.
pub(super) struct RecentPseudonyms(Vec<Slot>);

/// A value, and what was made of it.
#[derive(Clone, Copy)]
struct Slot {
    value: [u8; MAX_BYTES],
    /// Bytes of the value; 0 where there is none.
    n_bytes: usize,
    pseudonym: [u8; PSEUDONYM_BYTES],
}

impl Slot {
    const EMPTY: Self = Self { value: [0; MAX_BYTES], n_bytes: 0, pseudonym: [0; PSEUDONYM_BYTES] };
}

impl RecentPseudonyms {
    /// Begins without any.
    pub(super) fn new() -> Self {
        Self(vec![Slot::EMPTY; N_SLOTS])
    }

    /// Returns the pseudonym of a value in its normal form, as `column` makes it.
    pub(super) fn of(&mut self, column: &ColumnPseudonyms, text: &str) -> [u8; PSEUDONYM_BYTES] {
        let n_bytes = text.len();
        if n_bytes == 0 || n_bytes > MAX_BYTES {
            return column.of(text);
        }
        let mut value = [0; MAX_BYTES];
        value[..n_bytes].copy_from_slice(text.as_bytes());
        let slot = &mut self.0[slot_of(value)];
        if slot.n_bytes != n_bytes || slot.value != value {
            *slot = Slot { value, n_bytes, pseudonym: column.of(text) };
        }
        slot.pseudonym
    }
}

/// The place of a value, by the upper bits of products with an odd number.
fn slot_of(value: [u8; MAX_BYTES]) -> usize {
    const ODD: u64 = 0x9e37_79b9_7f4a_7c15;
    let mixed = value.as_chunks().0.iter().fold(0, |mixed: u64, half| {
        (mixed.rotate_left(29) ^ u64::from_le_bytes(*half)).wrapping_mul(ODD)
    });
    usize::try_from(mixed >> (u64::BITS - SLOT_BITS)).expect("a few bits")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::records::profile::PseudonymColumn;
    use crate::records::pseudonym::{KEY_BYTES, KeyedHash, PseudonymKey, Pseudonyms};

    fn column() -> ColumnPseudonyms {
        let key = PseudonymKey::from_bytes(&[7; KEY_BYTES]).unwrap();
        Pseudonyms::new(key, KeyedHash::Sha256).of_column(PseudonymColumn::ApplicantName)
    }

    #[test]
    fn values_that_take_the_place_of_each_other_keep_their_own() {
        let (column, mut recent) = (column(), RecentPseudonyms::new());
        let values: Vec<String> = (0..5 * N_SLOTS).map(|number| format!("测试{number}")).collect();
        for value in values.iter().chain(values.iter().rev()) {
            assert_eq!(recent.of(&column, value), column.of(value), "{value}");
        }
        let n_taken = recent.0.iter().filter(|slot| slot.n_bytes > 0).count();
        assert!(n_taken > N_SLOTS * 9 / 10, "values are spread: {n_taken}");
    }

    #[test]
    fn what_is_there_is_not_made_again() {
        let (column, mut recent) = (column(), RecentPseudonyms::new());
        let first = recent.of(&column, "某甲");
        // Another column would make another one.
        let key = PseudonymKey::from_bytes(&[8; KEY_BYTES]).unwrap();
        let other = Pseudonyms::new(key, KeyedHash::Sha256);
        let other = other.of_column(PseudonymColumn::ApplicantName);
        assert_eq!(recent.of(&other, "某甲"), first);
        assert_ne!(recent.of(&other, "某乙"), column.of("某乙"));
    }

    proptest! {
        #[test]
        fn a_value_of_any_length_has_the_pseudonym_of_its_column(
            values in proptest::collection::vec("[a\\x00某]{0,9}", 1..60),
        ) {
            let (column, mut recent) = (column(), RecentPseudonyms::new());
            for value in &values {
                prop_assert_eq!(recent.of(&column, value), column.of(value));
            }
        }
    }
}
