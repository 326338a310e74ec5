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

/// First bytes of formats that are often renamed or confused with text.
const SIGNATURES: [(&[u8], &str); 8] = [
    (b"PK\x03\x04", "ZIP / DOCX / XLSX"),
    (b"PK\x05\x06", "ZIP"),
    (b"%PDF", "PDF"),
    (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "DOC / XLS / ET (OLE)"),
    (b"\x1F\x8B", "gzip"),
    (b"\x28\xB5\x2F\xFD", "zstd"),
    (b"PAR1", "Parquet"),
    (b"\x89PNG", "PNG"),
];

/// Decodes a whole file.
///
/// The order is: byte order mark, strict UTF-8, UTF-16 by the pattern of its zero bytes, strict
/// GB18030. Control characters that no text contains make it `NotText`.
pub(super) fn decode(bytes: &[u8], file_name: &str) -> Result<(String, Encoding), SourceError> {
    let not_text =
        |looks_like| SourceError::NotText { file_name: file_name.to_owned(), looks_like };
    if bytes.is_empty() {
        return Err(SourceError::Empty { file_name: file_name.to_owned() });
    }
    if let Some((_, name)) = SIGNATURES.iter().find(|(start, _)| bytes.starts_with(start)) {
        return Err(not_text(name));
    }
    let (text, encoding) = match detect(bytes) {
        (Encoding::Utf8, skip) => (decode_utf8(&bytes[skip..]), Encoding::Utf8),
        (Encoding::Utf16Le, skip) => (decode_as(UTF_16LE, &bytes[skip..]), Encoding::Utf16Le),
        (Encoding::Utf16Be, skip) => (decode_as(UTF_16BE, &bytes[skip..]), Encoding::Utf16Be),
        (Encoding::Gb18030, _) => (decode_as(GB18030, bytes), Encoding::Gb18030),
    };
    match text {
        Ok(text) if text.chars().any(is_no_text) => Err(not_text("binary")),
        Ok(text) => Ok((text, encoding)),
        // Zero bytes mean that nobody meant this as text; the offset would lead nowhere.
        Err(_) if bytes.contains(&0) => Err(not_text("binary")),
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
    // Chinese text in UTF-16 still has ASCII line breaks and digits: their high byte is zero.
    let zeros = |parity: usize| bytes.iter().skip(parity).step_by(2).filter(|b| **b == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    let enough = bytes.len() / 50;
    if bytes.len().is_multiple_of(2) && odd > enough && even == 0 {
        return (Encoding::Utf16Le, 0);
    }
    if bytes.len().is_multiple_of(2) && even > enough && odd == 0 {
        return (Encoding::Utf16Be, 0);
    }
    (Encoding::Gb18030, 0)
}

fn decode_utf8(bytes: &[u8]) -> Result<String, usize> {
    std::str::from_utf8(bytes).map(str::to_owned).map_err(|error| error.valid_up_to())
}

/// Decodes strictly; the error is the offset of the first malformed sequence.
fn decode_as(charset: &'static Charset, bytes: &[u8]) -> Result<String, usize> {
    let mut decoder = charset.new_decoder_without_bom_handling();
    let capacity = decoder.max_utf8_buffer_length_without_replacement(bytes.len());
    let mut text = String::with_capacity(capacity.unwrap_or(bytes.len() * 3));
    match decoder.decode_to_string_without_replacement(bytes, &mut text, true) {
        (DecoderResult::InputEmpty, _) => Ok(text),
        (DecoderResult::Malformed(length, _), read) => Err(read.saturating_sub(length.into())),
        (DecoderResult::OutputFull, read) => Err(read),
    }
}

/// Control characters other than tab, line breaks and form feed; and unassigned characters that
/// GB18030 maps arbitrary bytes to.
fn is_no_text(c: char) -> bool {
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
    fn bytes_of_no_encoding_are_refused_with_their_place() {
        let bytes = [SAMPLE.as_bytes(), b"\xFF\xFF\xFF"].concat();
        match decode(&bytes, "a.txt") {
            Err(SourceError::Undecodable { line, .. }) => assert_eq!(line, 4),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn files_that_are_no_text_are_named() {
        let looks_like = |bytes: &[u8]| match decode(bytes, "a.txt") {
            Err(SourceError::NotText { looks_like, .. }) => looks_like,
            other => panic!("{other:?}"),
        };
        assert_eq!(looks_like(b"PK\x03\x04rest"), "ZIP / DOCX / XLSX");
        assert_eq!(looks_like(b"\x01\x02\x00\xFF\xFF"), "binary");
        assert_eq!(looks_like(b"plain\x07"), "binary");
    }
}
