//! Bytes to text, strictly and piece by piece: one encoding from the first character to the last.

use encoding_rs::{Decoder, DecoderResult, GB18030, UTF_16BE, UTF_16LE};

use crate::source::Encoding;
use crate::source::encoding::utf16_by_zeros;
use crate::source::rows::oddness::{OddText, Oddness};

/// Characters beyond ASCII after which what began as UTF-8 is UTF-8: text in GB18030 does not look like
/// it for so long.
const CERTAIN_CHARS: usize = 16;
/// Bytes that are held back for want of so many characters.
const MAX_UNDECIDED_BYTES: usize = 4 << 20;

/// Decodes a file that comes in pieces.
///
/// The encoding is that of the byte order mark; else that of the first characters beyond ASCII: strict
/// UTF-8, UTF-16 by its zero bytes, strict GB18030. The whole file is held to it.
pub(super) struct TextDecoder {
    state: State,
    /// Bytes at the end of a piece that are not a whole character.
    rest: Vec<u8>,
    /// Position in the file of the byte that comes next, after the rest.
    offset_bytes: u64,
    /// What text in GB18030 has that is hardly meant.
    oddness: Oddness,
}

enum State {
    /// Nothing has been read.
    Start,
    /// Nothing but ASCII has been read.
    Ascii,
    Utf8,
    Other(Encoding, Box<Decoder>),
}

/// The first bytes that are not text in the encoding of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Undecodable {
    /// Their position in the file, from 0.
    pub(super) offset_bytes: u64,
    /// The encoding of what stands before them; `None` where that is ASCII alone.
    pub(super) encoding: Option<Encoding>,
}

/// Whether a piece is the last of its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece {
    /// More follow.
    Inner,
    /// None follows.
    Last,
}

impl TextDecoder {
    /// Returns a decoder at the beginning of a file.
    pub(super) fn new() -> Self {
        Self { state: State::Start, rest: Vec::new(), offset_bytes: 0, oddness: Oddness::default() }
    }

    /// Returns the encoding; UTF-8 where only ASCII has been seen.
    pub(super) fn encoding(&self) -> Encoding {
        match &self.state {
            State::Other(encoding, _) => *encoding,
            State::Start | State::Ascii | State::Utf8 => Encoding::Utf8,
        }
    }

    /// Returns why the text of all pieces so far is hardly in the encoding in which it can be read;
    /// `None` where nothing speaks against it.
    pub(super) fn doubt(&self) -> Option<OddText> {
        self.oddness.found()
    }

    /// Adds the text of the piece that comes next; before an error, the text in front of it.
    pub(super) fn decode(
        &mut self,
        bytes: &[u8],
        piece: Piece,
        text: &mut String,
    ) -> Result<(), Undecodable> {
        let n_before = text.len();
        let outcome = self.decode_next(bytes, piece, text);
        match &self.state {
            State::Start | State::Ascii => self.oddness.skip(&text[n_before..]),
            State::Other(Encoding::Gb18030, _) => self.oddness.take(&text[n_before..], piece),
            State::Utf8 | State::Other(..) => {}
        }
        outcome
    }

    fn decode_next(
        &mut self,
        bytes: &[u8],
        piece: Piece,
        text: &mut String,
    ) -> Result<(), Undecodable> {
        if self.rest.is_empty() {
            return self.decode_whole(bytes, piece, text);
        }
        let mut joined = std::mem::take(&mut self.rest);
        // In UTF-8 the first byte says how many are missing, so that little has to be copied.
        let n_missing = match self.state {
            State::Utf8 => sequence_bytes(joined[0]).saturating_sub(joined.len()),
            State::Start | State::Ascii | State::Other(..) => bytes.len(),
        };
        let (missing, others) = bytes.split_at(n_missing.min(bytes.len()));
        joined.extend_from_slice(missing);
        if others.is_empty() {
            return self.decode_whole(&joined, piece, text);
        }
        self.decode_whole(&joined, Piece::Inner, text)?;
        self.decode_whole(others, piece, text)
    }

    /// Decodes bytes in front of which nothing is left over.
    fn decode_whole(
        &mut self,
        bytes: &[u8],
        piece: Piece,
        text: &mut String,
    ) -> Result<(), Undecodable> {
        if let State::Start = self.state {
            return self.begin(bytes, piece, text);
        }
        if let State::Ascii = self.state {
            if bytes.is_ascii() {
                self.offset_bytes += bytes.len() as u64;
                text.extend(simdutf8::basic::from_utf8(bytes));
                return Ok(());
            }
            return self.decide(bytes, piece, text);
        }
        let offset_bytes = self.offset_bytes;
        if let State::Other(encoding, decoder) = &mut self.state {
            self.offset_bytes += bytes.len() as u64;
            let encoding = Some(*encoding);
            return decode_other(decoder, bytes, piece, text).map_err(|at| Undecodable {
                // A character may have begun in the piece before.
                offset_bytes: offset_bytes.saturating_add_signed(at),
                encoding,
            });
        }
        self.decode_utf8(bytes, piece, text)
    }

    fn decode_utf8(
        &mut self,
        bytes: &[u8],
        piece: Piece,
        text: &mut String,
    ) -> Result<(), Undecodable> {
        let Err(error) = simdutf8::compat::from_utf8(bytes).map(|valid| text.push_str(valid))
        else {
            self.offset_bytes += bytes.len() as u64;
            return Ok(());
        };
        let (valid, rest) = bytes.split_at(error.valid_up_to());
        text.extend(simdutf8::basic::from_utf8(valid));
        self.offset_bytes += valid.len() as u64;
        if error.error_len().is_none() && piece == Piece::Inner {
            rest.clone_into(&mut self.rest);
            return Ok(());
        }
        Err(Undecodable { offset_bytes: self.offset_bytes, encoding: Some(Encoding::Utf8) })
    }

    /// Looks at the first bytes of the file.
    fn begin(&mut self, bytes: &[u8], piece: Piece, text: &mut String) -> Result<(), Undecodable> {
        if bytes.len() < 4 && piece == Piece::Inner {
            bytes.clone_into(&mut self.rest);
            return Ok(());
        }
        let utf16 = |encoding| match encoding {
            Encoding::Utf16Be => {
                State::Other(encoding, Box::new(UTF_16BE.new_decoder_without_bom_handling()))
            }
            _ => State::Other(encoding, Box::new(UTF_16LE.new_decoder_without_bom_handling())),
        };
        let (state, n_skipped) = if bytes.starts_with(b"\xEF\xBB\xBF") {
            (State::Utf8, 3)
        } else if bytes.starts_with(b"\xFF\xFE") {
            (utf16(Encoding::Utf16Le), 2)
        } else if bytes.starts_with(b"\xFE\xFF") {
            (utf16(Encoding::Utf16Be), 2)
        } else {
            let found = bytes.contains(&0).then(|| utf16_by_zeros(bytes)).flatten();
            (found.map_or(State::Ascii, utf16), 0)
        };
        self.state = state;
        self.offset_bytes = n_skipped as u64;
        self.decode_whole(&bytes[n_skipped..], piece, text)
    }

    /// Decides on the encoding by the first bytes beyond ASCII.
    fn decide(&mut self, bytes: &[u8], piece: Piece, text: &mut String) -> Result<(), Undecodable> {
        let error = simdutf8::compat::from_utf8(bytes).err();
        let valid = &bytes[..error.map_or(bytes.len(), |error| error.valid_up_to())];
        let n_wide = valid.iter().filter(|byte| **byte >= 0xC0).count();
        let is_cut =
            error.is_some_and(|error| error.error_len().is_none()) && piece == Piece::Inner;
        if n_wide >= CERTAIN_CHARS || error.is_none() || is_cut {
            let n_ascii = bytes.iter().take_while(|byte| byte.is_ascii()).count();
            let is_certain = n_wide >= CERTAIN_CHARS || bytes.len() - n_ascii > MAX_UNDECIDED_BYTES;
            if is_certain || piece == Piece::Last {
                self.state = State::Utf8;
                return self.decode_utf8(bytes, piece, text);
            }
            text.extend(simdutf8::basic::from_utf8(&bytes[..n_ascii]));
            self.offset_bytes += n_ascii as u64;
            bytes[n_ascii..].clone_into(&mut self.rest);
            return Ok(());
        }
        let mut decoder = GB18030.new_decoder_without_bom_handling();
        let n_before = text.len();
        let Err(at) = decode_other(&mut decoder, bytes, piece, text) else {
            self.state = State::Other(Encoding::Gb18030, Box::new(decoder));
            self.offset_bytes += bytes.len() as u64;
            return Ok(());
        };
        // The encoding that gets further is the one that was meant.
        let at_gb = u64::try_from(at).unwrap_or(0);
        let at_utf8 = valid.len() as u64;
        let encoding = if at_utf8 >= at_gb {
            text.truncate(n_before);
            text.extend(simdutf8::basic::from_utf8(valid));
            (n_wide > 0).then_some(Encoding::Utf8)
        } else {
            Some(Encoding::Gb18030)
        };
        Err(Undecodable { offset_bytes: self.offset_bytes + at_utf8.max(at_gb), encoding })
    }
}

/// Decodes strictly what is not UTF-8; the error is where the first malformed sequence begins, seen from
/// the piece.
fn decode_other(
    decoder: &mut Decoder,
    bytes: &[u8],
    piece: Piece,
    text: &mut String,
) -> Result<(), i64> {
    let is_last = piece == Piece::Last;
    let mut n_read = 0;
    loop {
        let rest = bytes.get(n_read..).unwrap_or_default();
        let most = decoder.max_utf8_buffer_length_without_replacement(rest.len());
        text.reserve(most.unwrap_or(rest.len() * 3));
        let (result, n_more) = decoder.decode_to_string_without_replacement(rest, text, is_last);
        n_read += n_more;
        match result {
            DecoderResult::InputEmpty => return Ok(()),
            DecoderResult::OutputFull => (),
            DecoderResult::Malformed(n_bad, n_behind) => {
                let end = i64::try_from(n_read).unwrap_or(i64::MAX);
                return Err(end - i64::from(n_bad) - i64::from(n_behind));
            }
        }
    }
}

/// Returns how many bytes a character takes in UTF-8, by the first of them.
fn sequence_bytes(first: u8) -> usize {
    match first {
        0xF0.. => 4,
        0xE0.. => 3,
        0xC0.. => 2,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Text of a file that comes in pieces of so many bytes, and the error behind it.
    fn decoded(bytes: &[u8], piece_bytes: usize) -> (String, Encoding, Option<Undecodable>) {
        let (mut decoder, mut text) = (TextDecoder::new(), String::new());
        let pieces = bytes.chunks(piece_bytes).map(|piece| (piece, Piece::Inner));
        for (piece, place) in pieces.chain([(&[][..], Piece::Last)]) {
            if let Err(error) = decoder.decode(piece, place, &mut text) {
                return (text, decoder.encoding(), Some(error));
            }
        }
        (text, decoder.encoding(), None)
    }

    #[track_caller]
    fn check(bytes: &[u8], expected: &str, encoding: Encoding) {
        for piece_bytes in 1..=bytes.len() + 1 {
            let (text, found, error) = decoded(bytes, piece_bytes);
            assert_eq!((&*text, found, error), (expected, encoding, None), "{piece_bytes}");
        }
    }

    fn utf16(text: &str, to_bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(to_bytes).collect()
    }

    const SAMPLE: &str = "id,部门\n1,国家税务总局青海省税务局\n2,𠮷a€é\n";

    #[test]
    fn the_same_text_comes_out_of_every_encoding_in_pieces_of_any_size() {
        check(SAMPLE.as_bytes(), SAMPLE, Encoding::Utf8);
        check(&[b"\xEF\xBB\xBF", SAMPLE.as_bytes()].concat(), SAMPLE, Encoding::Utf8);
        let marked = format!("\u{feff}{SAMPLE}");
        check(&utf16(&marked, u16::to_le_bytes), SAMPLE, Encoding::Utf16Le);
        check(&utf16(&marked, u16::to_be_bytes), SAMPLE, Encoding::Utf16Be);
        check(b"id,name\n1,a\n", "id,name\n1,a\n", Encoding::Utf8);
        check(b"", "", Encoding::Utf8);
        check(b"a", "a", Encoding::Utf8);
    }

    #[test]
    fn text_without_a_mark_is_decided_by_its_first_piece_beyond_ascii() {
        let gb = GB18030.encode(SAMPLE).0;
        for piece_bytes in 1..=gb.len() + 1 {
            let (text, encoding, error) = decoded(&gb, piece_bytes);
            assert_eq!(
                (&*text, encoding, error),
                (SAMPLE, Encoding::Gb18030, None),
                "{piece_bytes}"
            );
        }
        let ascii = "1,a\n".repeat(1000);
        let (text, encoding, error) = decoded(&[ascii.as_bytes(), &gb].concat(), 1000);
        assert_eq!((text, encoding, error), (ascii + SAMPLE, Encoding::Gb18030, None));
        for (to_bytes, expected) in [
            (u16::to_le_bytes as fn(u16) -> [u8; 2], Encoding::Utf16Le),
            (u16::to_be_bytes, Encoding::Utf16Be),
        ] {
            for text in [SAMPLE, "id,name\n1,a\n"] {
                let (found, encoding, error) = decoded(&utf16(text, to_bytes), 64);
                assert_eq!((&*found, encoding, error), (text, expected, None));
            }
        }
    }

    #[track_caller]
    fn check_error(bytes: &[u8], text: &str, offset_bytes: usize, encoding: Option<Encoding>) {
        for piece_bytes in [bytes.len(), bytes.len() / 2, 64] {
            let (found, _, error) = decoded(bytes, piece_bytes);
            let offset_bytes = offset_bytes as u64;
            assert_eq!(error, Some(Undecodable { offset_bytes, encoding }), "{piece_bytes}");
            assert_eq!(found, text, "{piece_bytes}");
        }
    }

    #[test]
    fn a_file_is_held_to_its_encoding_and_the_first_byte_that_breaks_it_is_named() {
        let long = SAMPLE.repeat(20);
        let gb = GB18030.encode(&long).0;
        let utf8 = long.as_bytes();
        let n_same = long.find('部').unwrap();
        let both = [utf8, &gb].concat();
        let text = format!("{long}{}", &long[..n_same]);
        check_error(&both, &text, utf8.len() + n_same, Some(Encoding::Utf8));
        let cut = &utf8[..=utf8.len() - "é\n".len()];
        check_error(cut, &long[..cut.len() - 1], cut.len() - 1, Some(Encoding::Utf8));
        let cut = &gb[..gb.len() - 2];
        let n_whole = cut.len() - (GB18030.encode("é").0.len() - 1);
        check_error(cut, &long[..long.len() - "é\n".len()], n_whole, Some(Encoding::Gb18030));
        let odd = &utf16(&format!("\u{feff}{long}"), u16::to_le_bytes);
        check_error(
            &odd[..odd.len() - 1],
            &long[..long.len() - 1],
            odd.len() - 2,
            Some(Encoding::Utf16Le),
        );
        check_error(b"id,name\n1,\xFF\xFF\xFF\n", "id,name\n1,", 10, None);
    }

    #[test]
    fn one_broken_character_does_not_make_another_encoding_of_a_file() {
        let mut bytes = SAMPLE.repeat(3).into_bytes();
        let at = SAMPLE.len() * 2 + SAMPLE.find('家').unwrap();
        bytes.remove(at + 2);
        let (_, _, error) = decoded(&bytes, bytes.len());
        let encoding = Some(Encoding::Utf8);
        assert_eq!(error, Some(Undecodable { offset_bytes: at as u64, encoding }));
    }
}
