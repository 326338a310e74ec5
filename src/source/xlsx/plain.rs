//! Cells and shared strings in the form in which large files have them, taken off the bytes at once.
//!
//! Whatever has another form is left to the reader of events, which reads all of them; so nothing is
//! refused here, and both ways must come to the same.

use crate::source::xlsx::reference::parse_reference;
use crate::source::xlsx::sheet::ValueKind;

/// A cell as `<c r="B7" s="1" t="s"><v>12</v></c>`, or one without a value, as `<c r="B7" s="1"/>`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct PlainCell {
    pub(super) row: usize,
    pub(super) column: usize,
    pub(super) style: usize,
    pub(super) kind: ValueKind,
}

/// Takes a cell off the bytes, its value into `stored`; also returns its length in bytes.
pub(super) fn plain_cell(bytes: &[u8], stored: &mut String) -> Option<(PlainCell, usize)> {
    // White space between cells means nothing.
    let mut rest = Rest(bytes.trim_ascii_start());
    rest.take(b"<c ")?;
    let (mut place, mut style, mut kind) = (None, 0, ValueKind::Number);
    loop {
        let (name, value) = rest.attribute()?;
        match name {
            b'r' => place = Some(parse_reference(value)?),
            b's' => style = value.parse().ok()?,
            b't' => kind = ValueKind::of(value),
            _ => return None,
        }
        match rest.byte()? {
            b' ' => (),
            b'>' => break,
            b'/' => {
                rest.take(b">")?;
                stored.clear();
                let (row, column) = place?;
                return Some((PlainCell { row, column, style, kind }, rest.n_taken(bytes)));
            }
            _ => return None,
        }
    }
    let (row, column) = place?;
    rest.take(b"<v>")?;
    let value = rest.text()?;
    rest.take(b"</v></c>")?;
    stored.clear();
    stored.push_str(value);
    Some((PlainCell { row, column, style, kind }, rest.n_taken(bytes)))
}

/// Takes a string as `<si><t>甲</t></si>` off the bytes; also returns its length in bytes.
pub(super) fn plain_string(bytes: &[u8], text: &mut String) -> Option<((), usize)> {
    let mut rest = Rest(bytes.trim_ascii_start());
    rest.take(b"<si><t>")?;
    let taken = rest.text()?;
    rest.take(b"</t></si>")?;
    text.clear();
    text.push_str(taken);
    Some(((), rest.n_taken(bytes)))
}

/// The bytes that have not been taken yet.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn take(&mut self, expected: &[u8]) -> Option<()> {
        self.0 = self.0.strip_prefix(expected)?;
        Some(())
    }

    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    /// Takes an attribute whose name is one letter, and whose value needs no decoding.
    fn attribute(&mut self) -> Option<(u8, &'a str)> {
        let name = self.byte()?;
        self.take(b"=\"")?;
        let n_bytes = self.0.iter().position(|byte| *byte == b'"')?;
        let (value, rest) = self.0.split_at_checked(n_bytes)?;
        self.0 = rest.split_first()?.1;
        let is_plain = value.iter().all(u8::is_ascii_alphanumeric);
        is_plain.then_some((name, std::str::from_utf8(value).ok()?))
    }

    /// Takes text up to the next mark, which must be one; it has no reference and no line break.
    fn text(&mut self) -> Option<&'a str> {
        let is_end = |byte: &u8| matches!(byte, b'<' | b'&' | b'\r');
        let n_bytes = self.0.iter().position(is_end)?;
        let (text, rest) = self.0.split_at_checked(n_bytes)?;
        self.0 = rest;
        std::str::from_utf8(text).ok()
    }

    /// Returns how many of all bytes have been taken.
    fn n_taken(&self, all: &[u8]) -> usize {
        all.len() - self.0.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(xml: &str, expected: Option<(usize, usize, usize, ValueKind, &str)>) {
        let mut stored = "before".to_owned();
        let found = plain_cell(format!("{xml}<c r=").as_bytes(), &mut stored);
        let found = found.map(|(cell, n_bytes)| {
            assert_eq!(n_bytes, xml.len());
            (cell.row, cell.column, cell.style, cell.kind, stored.as_str())
        });
        assert_eq!(found, expected, "{xml}");
    }

    #[test]
    fn cells_of_the_plain_form_are_taken() {
        check(r#"<c r="B7"><v>1.5</v></c>"#, Some((7, 2, 0, ValueKind::Number, "1.5")));
        check(r#"<c r="B7" s="3" t="s"><v>12</v></c>"#, Some((7, 2, 3, ValueKind::Shared, "12")));
        check(r#"<c r="B7" t="str"><v> 甲</v></c>"#, Some((7, 2, 0, ValueKind::Text, " 甲")));
        check("\n\t<c r=\"B7\"><v>1</v></c>", Some((7, 2, 0, ValueKind::Number, "1")));
        check(r#"<c r="B7" s="3"/>"#, Some((7, 2, 3, ValueKind::Number, "")));
    }

    #[test]
    fn others_are_left_to_the_reader_of_events() {
        for xml in [
            r#"<c r="B7"><f>A1</f><v>1</v></c>"#,
            r#"<c r="B7" t="inlineStr"><is><t>1</t></is></c>"#,
            r#"<c r="B7"><v>a&amp;b</v></c>"#,
            r#"<c r="B7" cm="1"><v>1</v></c>"#,
            r#"<c r="甲"><v>1</v></c>"#,
            "<c><v>1</v></c>",
            "<c r='B7'><v>1</v></c>",
            r#"<c r="B7"><v>1</v> </c>"#,
            r#"<x:c r="B7"><v>1</v></x:c>"#,
        ] {
            check(xml, None);
        }
        let mut stored = String::new();
        let whole = r#"<c r="B7" s="1"><v>12</v></c>"#;
        for end in 0..whole.len() {
            assert_eq!(plain_cell(&whole.as_bytes()[..end], &mut stored), None);
        }
    }

    #[test]
    fn strings_of_one_run_are_taken() {
        let mut text = "before".to_owned();
        let xml = " <si><t>甲 乙</t></si>";
        let more = format!("{xml}<si>");
        assert_eq!(plain_string(more.as_bytes(), &mut text), Some(((), xml.len())));
        assert_eq!(text, "甲 乙");
        for xml in ["<si><t>a&lt;</t></si>", "<si><r><t>a</t></r></si>", "<si><t>a\r</t></si>"] {
            assert_eq!(plain_string(xml.as_bytes(), &mut text), None);
        }
    }
}
