//! Bytes to text: by mark, then strictly as UTF-8, UTF-16 or GB18030; never with replacements.

use encoding_rs::{DecoderResult, Encoding as Charset, GB18030, UTF_16BE, UTF_16LE};

use crate::model::text_enum;
use crate::source::SourceError;

text_enum! {
    /// How a file's bytes were decoded.
    Encoding {
        /// UTF-8, with or without a mark.
        Utf8 = "UTF-8",
        /// UTF-16, low byte first.
        Utf16Le = "UTF-16LE",
        /// UTF-16, high byte first.
        Utf16Be = "UTF-16BE",
        /// GB18030, which contains GBK and GB 2312.
        Gb18030 = "GB18030",
    }
}

/// Decodes a whole file.
///
/// The order is: byte order mark, strict UTF-8, UTF-16 by the pattern of its zero bytes, strict
/// GB18030. Control characters that no text contains make it `NotText`.
pub(super) fn decode(bytes: &[u8], file_name: &str) -> Result<(String, Encoding), SourceError> {
    let not_text = || SourceError::NotText { file_name: file_name.to_owned() };
    if bytes.is_empty() {
        return Err(SourceError::Empty { file_name: file_name.to_owned() });
    }
    let (text, encoding) = match detect(bytes) {
        (Encoding::Utf8, skip) => (decode_utf8(&bytes[skip..]), Encoding::Utf8),
        (Encoding::Utf16Le, skip) => (decode_strictly(UTF_16LE, &bytes[skip..]), Encoding::Utf16Le),
        (Encoding::Utf16Be, skip) => (decode_strictly(UTF_16BE, &bytes[skip..]), Encoding::Utf16Be),
        (Encoding::Gb18030, _) => (decode_strictly(GB18030, bytes), Encoding::Gb18030),
    };
    match text {
        Ok(text) if text.chars().any(is_no_text) => Err(not_text()),
        Ok(text) => Ok((text, encoding)),
        // Zero bytes mean that nobody meant this as text; the offset would lead nowhere.
        Err(_) if bytes.contains(&0) => Err(not_text()),
        Err(offset) => {
            // The encoding that gets further is the one that was meant.
            let offset_bytes = offset.max(decode_utf8(bytes).err().unwrap_or(0));
            Err(SourceError::Undecodable {
                file_name: file_name.to_owned(),
                offset_bytes,
                line: bytes[..offset_bytes].split(|byte| *byte == b'\n').count(),
            })
        }
    }
}

/// Returns text as bytes in an encoding, without a byte order mark.
///
/// Every character has a form in each of them.
pub fn encoded(text: String, encoding: Encoding) -> Vec<u8> {
    match encoding {
        Encoding::Utf8 => text.into_bytes(),
        Encoding::Utf16Le => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        Encoding::Utf16Be => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        Encoding::Gb18030 => GB18030.encode(&text).0.into_owned(),
    }
}

/// Returns the encoding to try and the length of the byte order mark.
fn detect(bytes: &[u8]) -> (Encoding, usize) {
    if bytes.starts_with(b"\xEF\xBB\xBF") {
        return (Encoding::Utf8, 3);
    }
    if bytes.starts_with(b"\xFF\xFE") {
        return (Encoding::Utf16Le, 2);
    }
    if bytes.starts_with(b"\xFE\xFF") {
        return (Encoding::Utf16Be, 2);
    }
    if std::str::from_utf8(bytes).is_ok() {
        return (Encoding::Utf8, 0);
    }
    match utf16_by_zeros(bytes) {
        Some(encoding) if bytes.len().is_multiple_of(2) => (encoding, 0),
        _ => (Encoding::Gb18030, 0),
    }
}

/// Returns which UTF-16 text without a mark is by the pattern of its zero bytes; `None` where there is
/// no such pattern.
pub(super) fn utf16_by_zeros(bytes: &[u8]) -> Option<Encoding> {
    // Chinese text in UTF-16 still has ASCII line breaks and digits: their high byte is zero.
    let zeros = |parity: usize| bytes.iter().skip(parity).step_by(2).filter(|b| **b == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    let enough = bytes.len() / 50;
    // An ideographic space has a zero in its low byte, so the other side is rarely quite without.
    if odd > enough && even < odd / 4 {
        Some(Encoding::Utf16Le)
    } else if even > enough && odd < even / 4 {
        Some(Encoding::Utf16Be)
    } else {
        None
    }
}

fn decode_utf8(bytes: &[u8]) -> Result<String, usize> {
    std::str::from_utf8(bytes).map(str::to_owned).map_err(|error| error.valid_up_to())
}

/// Decodes strictly; the error is the offset of the first malformed sequence.
pub(super) fn decode_strictly(charset: &'static Charset, bytes: &[u8]) -> Result<String, usize> {
    let mut decoder = charset.new_decoder_without_bom_handling();
    let capacity = decoder.max_utf8_buffer_length_without_replacement(bytes.len());
    let mut text = String::with_capacity(capacity.unwrap_or(bytes.len() * 3));
    match decoder.decode_to_string_without_replacement(bytes, &mut text, true) {
        (DecoderResult::InputEmpty, _) => Ok(text),
        (DecoderResult::Malformed(length, _), read) => Err(read.saturating_sub(length.into())),
        (DecoderResult::OutputFull, read) => Err(read),
    }
}

/// Control characters other than tab, line breaks (that of mainframes among them) and form feed; and
/// the one that a byte order mark becomes when its bytes are exchanged.
pub(super) fn is_no_text(c: char) -> bool {
    (c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\u{c}' | '\u{85}')) || c == '\u{fffe}'
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAMPLE: &str = "附件1\n序号\t部门\n1\t国家税务总局\n";

    #[track_caller]
    fn check(bytes: &[u8], expected: Encoding) {
        assert_eq!(decode(bytes, "a.txt"), Ok((SAMPLE.to_owned(), expected)));
    }

    fn utf16(text: &str, to_bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(to_bytes).collect()
    }

    #[test]
    fn the_same_text_comes_out_of_every_encoding() {
        check(SAMPLE.as_bytes(), Encoding::Utf8);
        check(&[b"\xEF\xBB\xBF", SAMPLE.as_bytes()].concat(), Encoding::Utf8);
        check(&GB18030.encode(SAMPLE).0, Encoding::Gb18030);
        check(&utf16(SAMPLE, u16::to_le_bytes), Encoding::Utf16Le);
        check(&utf16(SAMPLE, u16::to_be_bytes), Encoding::Utf16Be);
        check(&utf16(&format!("\u{feff}{SAMPLE}"), u16::to_le_bytes), Encoding::Utf16Le);
    }

    #[test]
    fn encoded_text_is_decoded_again() {
        // A character of four bytes in GB18030, and one outside the first plane of Unicode.
        let text = format!("{SAMPLE}㛃\t𠮷\n");
        for encoding in Encoding::ALL {
            let bytes = encoded(text.clone(), *encoding);
            assert_eq!(decode(&bytes, "a.txt"), Ok((text.clone(), *encoding)));
        }
    }

    #[test]
    fn bytes_of_no_encoding_are_refused_with_their_place() {
        let bytes = [SAMPLE.as_bytes(), b"\xFF\xFF\xFF"].concat();
        match decode(&bytes, "a.txt") {
            Err(SourceError::Undecodable { line, .. }) => assert_eq!(line, 4),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn files_that_are_no_text_are_named() {
        let is_refused =
            |bytes: &[u8]| matches!(decode(bytes, "a.txt"), Err(SourceError::NotText { .. }));
        assert!(is_refused(b"\x01\x02\x00\xFF\xFF"));
        assert!(is_refused(b"plain\x07"));
    }
}
