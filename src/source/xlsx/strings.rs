//! Texts of cells: the table that cells share, and texts that stand in them.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::BufRead;

use crate::source::container::{Container, limit};
use crate::source::spans::tidy;
use crate::source::xlsx::parts::{damaged, stored_name};
use crate::source::xlsx::plain::plain_string;
use crate::source::xml::{Element, XmlEvent, XmlReader};
use crate::source::{RemarkKind, SourceError};

/// Bytes that one string takes at least: no table has more strings than bytes to hold them.
const MIN_STRING_BYTES: usize = 7;

/// The strings that cells refer to by number, one behind the other.
#[derive(Default)]
pub(super) struct SharedStrings {
    texts: String,
    /// Where each of them ends.
    ends: Vec<u32>,
    /// What was left out of some of them, by their number.
    apart: BTreeMap<usize, Vec<Apart>>,
}

/// Text that is set apart from what it stands at, and how.
pub(super) type Apart = (RemarkKind, String);

impl SharedStrings {
    /// Reads the table; without such a part it is empty.
    ///
    /// A table that declares more strings than its bytes can hold is refused.
    pub(super) fn parse(
        container: &mut Container<'_>,
        file_name: &str,
        part: &str,
    ) -> Result<Self, SourceError> {
        let mut strings = Self::default();
        let Some(part) = stored_name(container, part) else { return Ok(strings) };
        let bytes = container.read(&part)?.unwrap_or_default();
        let max_strings = bytes.len() / MIN_STRING_BYTES;
        let mut xml = XmlReader::new(bytes.as_slice(), file_name, &part);
        let mut text = String::new();
        loop {
            while xml.depth() == 1
                && xml.take_plain(|bytes| plain_string(bytes, &mut text)).is_some()
            {
                strings.push(&text, file_name)?;
            }
            let is_string = match xml.next()? {
                XmlEvent::Open(element) if element.name() == "sst" => {
                    let declared = element.attribute("uniqueCount");
                    let is_lie = declared
                        .is_some_and(|n| n.trim().parse().map_or(true, |n: usize| n > max_strings));
                    if is_lie {
                        return Err(damaged(file_name, &part, "flaw.too_many_strings"));
                    }
                    false
                }
                XmlEvent::Open(element) => element.name() == "si",
                XmlEvent::End => return Ok(strings),
                XmlEvent::Close | XmlEvent::Text(_) => false,
            };
            if is_string {
                text.clear();
                let apart = read_text(&mut xml, &mut text)?;
                if !apart.is_empty() {
                    strings.apart.insert(strings.ends.len(), apart);
                }
                strings.push(&text, file_name)?;
            }
        }
    }

    fn push(&mut self, text: &str, file_name: &str) -> Result<(), SourceError> {
        self.texts.push_str(&shown(text));
        let end = u32::try_from(self.texts.len());
        let end = end.map_err(|_| limit(file_name, "shared_strings", u32::MAX.into()))?;
        self.ends.push(end);
        Ok(())
    }

    /// Returns a string by its number, from 0.
    pub(super) fn get(&self, idx: usize) -> Option<&str> {
        let end = usize::try_from(*self.ends.get(idx)?).ok()?;
        let start = idx.checked_sub(1).and_then(|before| self.ends.get(before)).copied();
        self.texts.get(usize::try_from(start.unwrap_or(0)).ok()?..end)
    }

    /// Returns what was left out of a string because it is set apart.
    pub(super) fn apart(&self, idx: usize) -> &[Apart] {
        self.apart.get(&idx).map(Vec::as_slice).unwrap_or_default()
    }
}

/// Adds the text of the element that was opened last: its runs, without phonetic guides.
///
/// Returns the texts of runs that are raised, lowered or struck through: they are left out.
pub(super) fn read_text<R: BufRead>(
    xml: &mut XmlReader<'_, R>,
    text: &mut String,
) -> Result<Vec<Apart>, SourceError> {
    let outside = xml.depth().saturating_sub(1);
    let mut is_text = false;
    let mut kind = None;
    let mut apart: Vec<Apart> = Vec::new();
    while xml.depth() > outside {
        let is_guide = match xml.next()? {
            XmlEvent::Open(element) => {
                is_text = element.name() == "t";
                if element.name() == "r" {
                    kind = None;
                }
                kind = apart_of(&element).or(kind);
                element.name() == "rPh"
            }
            XmlEvent::Close => {
                is_text = false;
                false
            }
            XmlEvent::Text(piece) => {
                match kind {
                    _ if !is_text => {}
                    Some(kind) => apart.push((kind, piece.into_owned())),
                    None => text.push_str(&piece),
                }
                false
            }
            XmlEvent::End => break,
        };
        if is_guide {
            xml.skip_element()?;
        }
    }
    Ok(apart)
}

/// Returns how a property sets text apart; `None` where it does not.
pub(super) fn apart_of(property: &Element<'_>) -> Option<RemarkKind> {
    let value = || property.attribute("val");
    match property.name() {
        "vertAlign" => matches!(value().as_deref(), Some("superscript" | "subscript"))
            .then_some(RemarkKind::Raised),
        "strike" => (!matches!(value().as_deref(), Some("0" | "false" | "off")))
            .then_some(RemarkKind::Struck),
        _ => None,
    }
}

/// Returns a text as a cell shows it, on one line.
pub(super) fn shown(text: &str) -> String {
    tidy(&unescaped(text))
}

/// Resolves `_x000D_`, by which workbooks write characters that XML has not.
fn unescaped(text: &str) -> Cow<'_, str> {
    if !text.contains("_x") {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once("_x") {
        plain.push_str(before);
        let digits = behind.get(..4).filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()));
        let code = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        let tail = behind.get(4..).and_then(|tail| tail.strip_prefix('_'));
        if let (Some(c), Some(tail)) = (code.and_then(char::from_u32), tail) {
            plain.push(c);
            rest = tail;
        } else {
            plain.push_str("_x");
            rest = behind;
        }
    }
    plain.push_str(rest);
    Cow::Owned(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escaped_characters_are_resolved() {
        let check = |text, expected| assert_eq!(unescaped(text), expected);
        check("甲_x000D_\n乙", "甲\r\n乙");
        check("_x005F_x000D_", "_x000D_");
        check("a_xyz_x00", "a_xyz_x00");
        check("_x十四五年_", "_x十四五年_");
    }
}
