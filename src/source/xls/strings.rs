//! Shared strings whose runs of text have fonts that set them apart.
//!
//! calamine gives back their text as a whole. The layout is that of `XLUnicodeRichExtendedString` in
//! [MS-XLS]; a string can go on in a record that continues the table.

use std::collections::BTreeMap;

use crate::source::RemarkKind;
use crate::source::xls::records::Record;

/// Text that is set apart from what it stands at, and how.
pub(super) type Apart = (RemarkKind, String);

/// A string without the runs that are set apart.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct MarkedString {
    /// What remains.
    pub(super) text: String,
    /// What was left out.
    pub(super) apart: Vec<Apart>,
}

/// Returns how a font sets its text apart; `None` where it does not.
pub(super) fn apart_of(font: Record<'_>) -> Option<RemarkKind> {
    match (font.u16(8), font.u16(2)) {
        (Some(1 | 2), _) => Some(RemarkKind::Raised),
        (_, Some(flags)) if flags & 0x08 != 0 => Some(RemarkKind::Struck),
        _ => None,
    }
}

/// Returns how a font sets its text apart, by the number that records have for it.
///
/// There is no font with the number 4.
pub(super) fn font(fonts: &[Option<RemarkKind>], number: u16) -> Option<RemarkKind> {
    let idx = usize::from(number) - usize::from(number > 4);
    fonts.get(idx).copied().flatten().filter(|_| number != 4)
}

/// Returns the shared strings with runs that are set apart, by their number; `None` where the table is
/// not as it must be.
///
/// The table comes as what its record and those that continue it hold.
pub(super) fn marked_strings(
    table: &[&[u8]],
    fonts: &[Option<RemarkKind>],
) -> Option<BTreeMap<u32, MarkedString>> {
    let mut marked = BTreeMap::new();
    let mut reader = Chunks { rest: table.first()?, behind: table.get(1..)? };
    reader.bytes(4)?;
    let n_strings = u32::from_le_bytes(*reader.bytes(4)?.first_chunk()?);
    for number in 0..n_strings {
        // A table can declare more strings than it holds.
        if reader.is_at_end() {
            break;
        }
        let n_chars = reader.u16()?;
        let flags = *reader.bytes(1)?.first()?;
        let n_runs = if flags & 0x08 != 0 { reader.u16()? } else { 0 };
        let n_more = if flags & 0x04 != 0 {
            u32::from_le_bytes(*reader.bytes(4)?.first_chunk()?)
        } else {
            0
        };
        let chars = reader.chars(n_chars.into(), flags & 1 != 0)?;
        let mut runs = Vec::new();
        for _ in 0..n_runs {
            runs.push((usize::from(reader.u16()?), font(fonts, reader.u16()?)));
        }
        reader.bytes(usize::try_from(n_more).ok()?)?;
        if runs.iter().any(|(_, kind)| kind.is_some()) {
            marked.insert(number, without(&chars, &runs));
        }
    }
    Some(marked)
}

/// Takes the runs that are set apart out of a string. Each run reaches to the next one.
fn without(chars: &[u16], runs: &[(usize, Option<RemarkKind>)]) -> MarkedString {
    let mut string = MarkedString::default();
    let text = |start: usize, end: usize| {
        String::from_utf16_lossy(chars.get(start..end.min(chars.len())).unwrap_or_default())
    };
    let first = runs.first().map_or(chars.len(), |(start, _)| *start);
    string.text.push_str(&text(0, first));
    let ends = runs.iter().skip(1).map(|(start, _)| *start).chain([chars.len()]);
    for ((start, kind), end) in runs.iter().zip(ends) {
        match kind {
            Some(kind) => string.apart.push((*kind, text(*start, end))),
            None => string.text.push_str(&text(*start, end)),
        }
    }
    string
}

/// The bytes of a record and of those that continue it.
struct Chunks<'a> {
    rest: &'a [u8],
    behind: &'a [&'a [u8]],
}

impl Chunks<'_> {
    fn is_at_end(&self) -> bool {
        self.rest.is_empty() && self.behind.iter().all(|chunk| chunk.is_empty())
    }

    /// Goes on with the next record where this one is over.
    fn go_on(&mut self) -> Option<()> {
        while self.rest.is_empty() {
            let (next, behind) = self.behind.split_first()?;
            (self.rest, self.behind) = (next, behind);
        }
        Some(())
    }

    fn bytes(&mut self, n_bytes: usize) -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        while bytes.len() < n_bytes {
            self.go_on()?;
            let n_taken = self.rest.len().min(n_bytes - bytes.len());
            let (taken, rest) = self.rest.split_at(n_taken);
            bytes.extend(taken);
            self.rest = rest;
        }
        Some(bytes)
    }

    fn u16(&mut self) -> Option<u16> {
        Some(u16::from_le_bytes(*self.bytes(2)?.first_chunk()?))
    }

    /// Takes characters; where they go on in another record, it says anew how wide they are.
    fn chars(&mut self, n_chars: usize, is_wide: bool) -> Option<Vec<u16>> {
        let mut is_wide = is_wide;
        let mut chars = Vec::new();
        while chars.len() < n_chars {
            if self.rest.is_empty() {
                is_wide = *self.bytes(1)?.first()? & 1 != 0;
            }
            let n_bytes = if is_wide { 2 } else { 1 };
            let n_taken = (self.rest.len() / n_bytes).min(n_chars - chars.len());
            if n_taken == 0 && !self.rest.is_empty() {
                return None;
            }
            let (taken, rest) = self.rest.split_at(n_taken * n_bytes);
            let units = taken.chunks_exact(n_bytes).map(|unit| match unit {
                [low, high] => u16::from_le_bytes([*low, *high]),
                other => other.first().copied().unwrap_or_default().into(),
            });
            chars.extend(units);
            self.rest = rest;
        }
        Some(chars)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FONTS: [Option<RemarkKind>; 6] =
        [None, Some(RemarkKind::Raised), None, None, Some(RemarkKind::Struck), None];

    /// Writes a string of 16-bit characters with runs.
    fn string(text: &str, runs: &[(u16, u16)]) -> Vec<u8> {
        let units: Vec<u16> = text.encode_utf16().collect();
        let words = |words: &[u16]| words.iter().flat_map(|word| word.to_le_bytes()).collect();
        let n = |n: usize| u16::try_from(n).unwrap();
        let runs: Vec<u16> = runs.iter().flat_map(|(start, font)| [*start, *font]).collect();
        let parts: [Vec<u8>; 5] = [
            words(&[n(units.len())]),
            vec![0x09],
            words(&[n(runs.len() / 2)]),
            words(&units),
            words(&runs),
        ];
        parts.concat()
    }

    fn table(strings: &[Vec<u8>]) -> Vec<u8> {
        let n = u32::try_from(strings.len()).unwrap().to_le_bytes();
        [&n[..], &n[..], &strings.concat()].concat()
    }

    #[test]
    fn runs_of_marked_fonts_are_taken_out() {
        let strings = [
            string("省水利厅1", &[(4, 1)]),
            string("878", &[(1, 2)]),
            string("旧878新", &[(0, 5), (1, 0), (4, 6)]),
            string("88", &[(1, 4)]),
        ];
        let marked = marked_strings(&[&table(&strings)], &FONTS).unwrap();
        let shown: Vec<(u32, &str, &[Apart])> =
            marked.iter().map(|(n, s)| (*n, s.text.as_str(), s.apart.as_slice())).collect();
        assert_eq!(
            shown,
            [
                (0, "省水利厅", &[(RemarkKind::Raised, "1".to_owned())][..]),
                (2, "878新", &[(RemarkKind::Struck, "旧".to_owned())][..]),
            ]
        );
    }

    #[test]
    fn a_string_goes_on_in_the_next_record() {
        let whole = table(&[string("8781", &[(3, 1)]), string("甲2", &[(1, 1)])]);
        // Within the characters a record begins with their width.
        let at = 8 + 5 + 4;
        let next = [&[1][..], &whole[at..]].concat();
        let marked = marked_strings(&[&whole[..at], &next], &FONTS).unwrap();
        let texts: Vec<&str> = marked.values().map(|string| string.text.as_str()).collect();
        assert_eq!(texts, ["878", "甲"]);
        for n_bytes in 0..whole.len() {
            // A table that is cut off is no table, and nothing worse.
            let cut = marked_strings(&[&whole[..n_bytes]], &FONTS);
            assert!(cut.is_none_or(|strings| strings.len() < 2));
        }
    }
}
