//! Where the bytes stand that separate fields and rows.

use wide::u8x16;

/// Bytes that are looked at in one step.
const STEP: usize = 64;
/// Bytes that are compared at once: every processor of this kind can.
const LANES: usize = 16;

/// The separator of fields, line breaks and quotation marks of a text, by their positions.
pub(super) struct Marks<'t> {
    bytes: &'t [u8],
    patterns: [u8x16; 4],
    /// Position of the step whose marks are at hand.
    base: u32,
    /// A bit for each mark of the step that has not been returned.
    mask: u64,
}

impl<'t> Marks<'t> {
    /// Returns the marks of a text of less than 4 GB from a position on, in order.
    pub(super) fn new(bytes: &'t [u8], start: u32, separator: u8) -> Self {
        let patterns = [separator, b'\n', b'\r', b'"'].map(u8x16::splat);
        let mut marks = Self { bytes, patterns, base: start, mask: 0 };
        marks.look();
        marks
    }

    fn look(&mut self) {
        let rest = self.bytes.get(self.base as usize..).unwrap_or_default();
        self.mask = if let Some(step) = rest.first_chunk::<STEP>() {
            mask_of(step, &self.patterns)
        } else {
            // No mark is a zero byte, so those behind the text are none.
            let mut last = [0; STEP];
            last[..rest.len()].copy_from_slice(rest);
            mask_of(&last, &self.patterns)
        };
    }
}

impl Iterator for Marks<'_> {
    type Item = u32;

    #[inline]
    fn next(&mut self) -> Option<u32> {
        while self.mask == 0 {
            let next = self.base.checked_add(64)?;
            if next as usize >= self.bytes.len() {
                return None;
            }
            self.base = next;
            self.look();
        }
        let position = self.base + self.mask.trailing_zeros();
        self.mask &= self.mask - 1;
        Some(position)
    }
}

/// Returns a bit for each byte that is one of the patterns.
#[inline]
fn mask_of(step: &[u8; STEP], patterns: &[u8x16; 4]) -> u64 {
    let mut mask = 0;
    for (number, bytes) in step.as_chunks::<LANES>().0.iter().enumerate() {
        let bytes = u8x16::new(*bytes);
        let [a, b, c, d] = patterns.map(|pattern| bytes.simd_eq(pattern));
        mask |= u64::from((a | b | c | d).to_bitmask()) << (number * LANES);
    }
    mask
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn is_mark(byte: u8) -> bool {
        matches!(byte, b',' | b'\n' | b'\r' | b'"')
    }

    #[test]
    fn every_value_of_a_byte_is_told_apart() {
        for byte in 0..=u8::MAX {
            for place in 0..STEP {
                for other in [0, b',', b'-', 0x7F, 0x80, 0xAC, 0xFF] {
                    let mut bytes = [other; STEP];
                    bytes[place] = byte;
                    let found: Vec<u32> = Marks::new(&bytes, 0, b',').collect();
                    let all = (0_u32..).zip(bytes);
                    let expected: Vec<u32> =
                        all.filter(|(_, byte)| is_mark(*byte)).map(|(at, _)| at).collect();
                    assert_eq!(found, expected);
                }
            }
        }
    }

    proptest! {
        #[test]
        fn marks_are_found_wherever_a_text_begins_and_ends(
            bytes in proptest::collection::vec(
                prop_oneof![Just(b','), Just(b'\n'), Just(b'\r'), Just(b'"'), any::<u8>()], 0..200,
            ),
            start in 0_u32..200,
        ) {
            let found: Vec<u32> = Marks::new(&bytes, start, b',').collect();
            let all = (0_u32..).zip(&bytes).skip(start as usize);
            let expected: Vec<u32> =
                all.filter(|(_, byte)| is_mark(**byte)).map(|(at, _)| at).collect();
            prop_assert_eq!(found, expected);
        }
    }
}
