//! The encoding of a web page: the one it declares, if its bytes agree.

use encoding_rs::{Encoding as Charset, GB18030, GBK, UTF_8};

use crate::source::encoding::{decode as decode_text, decode_strictly};
use crate::source::{Encoding, SourceError};

/// How far into a file its head is looked for.
const HEAD_BYTES: usize = 4_096;

/// Whether a file is a web page, whatever its name: it begins with a tag of one.
pub(in crate::source) fn is_html(bytes: &[u8]) -> bool {
    let head = head(bytes);
    let start = head.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']);
    let is_tagged = ["<!doctype html", "<html", "<head", "<body", "<table", "<meta", "<div", "<p>"]
        .iter()
        .any(|tag| start.starts_with(tag));
    is_tagged || (start.starts_with('<') && (head.contains("<html") || head.contains("<table")))
}

/// The first bytes as lower-case ASCII, zero bytes left out so that UTF-16 reads like the rest.
fn head(bytes: &[u8]) -> String {
    bytes
        .iter()
        .take(HEAD_BYTES)
        .filter(|byte| **byte != 0 && byte.is_ascii())
        .map(|byte| char::from(byte.to_ascii_lowercase()))
        .collect()
}

/// Decodes a page strictly, by its byte order mark, by what it declares, or as any text.
///
/// A page that declares GB 2312 uses GB18030 in practice, which contains it. Stray control characters,
/// which texts of pages have from other programs, do not make a page none.
pub(super) fn decode(bytes: &[u8], file_name: &str) -> Result<(String, Encoding), SourceError> {
    let has_mark = Charset::for_bom(bytes).is_some();
    let declared = if has_mark { None } else { declared(bytes) };
    if let Some(charset) = declared
        && let Ok(text) = decode_strictly(charset, bytes)
        && !text.contains('\0')
    {
        let encoding = match charset {
            found if found == UTF_8 => Encoding::Utf8,
            _ => Encoding::Gb18030,
        };
        return Ok((text, encoding));
    }
    decode_text(bytes, file_name)
}

/// Returns the encoding that the head declares, if it is one that Chinese pages use.
fn declared(bytes: &[u8]) -> Option<&'static Charset> {
    let head = head(bytes);
    let at = head.find("charset=")? + "charset=".len();
    let label: String = head[at..]
        .trim_start_matches(['"', '\''])
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
        .collect();
    let found = Charset::for_label(label.as_bytes())?;
    match found {
        found if found == GBK || found == GB18030 => Some(GB18030),
        found if found == UTF_8 => Some(UTF_8),
        _ => None,
    }
}
