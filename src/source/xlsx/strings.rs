//! Texts of cells: the table that cells share, and texts that stand in them.

use std::borrow::Cow;
use std::io::BufRead;

use crate::source::SourceError;
use crate::source::container::{Container, limit};
use crate::source::spans::tidy;
use crate::source::xlsx::parts::{damaged, stored_name};
use crate::source::xlsx::plain::plain_string;
use crate::source::xml::{XmlEvent, XmlReader};

/// Bytes that one string takes at least: no table has more strings than bytes to hold them.
const MIN_STRING_BYTES: usize = 7;

/// The strings that cells refer to by number, one behind the other.
#[derive(Default)]
pub(super) struct SharedStrings {
    texts: String,
    /// Where each of them ends.
    ends: Vec<u32>,
}

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
                        let reason = "it declares more strings than it can hold";
                        return Err(damaged(file_name, &part, reason));
                    }
                    false
                }
                XmlEvent::Open(element) => element.name() == "si",
                XmlEvent::End => return Ok(strings),
                XmlEvent::Close | XmlEvent::Text(_) => false,
            };
            if is_string {
                text.clear();
                read_text(&mut xml, &mut text)?;
                strings.push(&text, file_name)?;
            }
        }
    }

    fn push(&mut self, text: &str, file_name: &str) -> Result<(), SourceError> {
        self.texts.push_str(&shown(text));
        let end = u32::try_from(self.texts.len());
        let end = end.map_err(|_| limit(file_name, "shared strings", u32::MAX.into()))?;
        self.ends.push(end);
        Ok(())
    }

    /// Returns a string by its number, from 0.
    pub(super) fn get(&self, idx: usize) -> Option<&str> {
        let end = usize::try_from(*self.ends.get(idx)?).ok()?;
        let start = idx.checked_sub(1).and_then(|before| self.ends.get(before)).copied();
        self.texts.get(usize::try_from(start.unwrap_or(0)).ok()?..end)
    }
}

/// Adds the text of the element that was opened last: its runs, without phonetic guides.
pub(super) fn read_text<R: BufRead>(
    xml: &mut XmlReader<'_, R>,
    text: &mut String,
) -> Result<(), SourceError> {
    let outside = xml.depth().saturating_sub(1);
    let mut is_text = false;
    while xml.depth() > outside {
        let is_guide = match xml.next()? {
            XmlEvent::Open(element) => {
                is_text = element.name() == "t";
                element.name() == "rPh"
            }
            XmlEvent::Close => {
                is_text = false;
                false
            }
            XmlEvent::Text(piece) => {
                if is_text {
                    text.push_str(&piece);
                }
                false
            }
            XmlEvent::End => break,
        };
        if is_guide {
            xml.skip_element()?;
        }
    }
    Ok(())
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
