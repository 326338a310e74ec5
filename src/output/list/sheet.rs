//! Rows of a sheet as the XML that a workbook has for them.

use std::fmt::{Display, Write as _};

use crate::diag::printable;
use crate::output::list::ListCell;
use crate::output::number::exact_double;
use crate::output::workbook::{cut, serial_of, width_of};

/// Points that a line of text takes, and a row at most.
const LINE_POINTS: usize = 15;
const MAX_POINTS: usize = 405;

/// One column of a sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SheetColumn {
    /// Its letters.
    pub(super) letters: String,
    /// Number of the look of its cells.
    pub(super) look: String,
    /// Width in Latin characters.
    pub(super) width: u16,
}

/// Appends a row, with its number as a spreadsheet counts. Returns how many texts were cut.
pub(super) fn push_row(
    xml: &mut String,
    row: u64,
    cells: &[ListCell<'_>],
    columns: &[SheetColumn],
) -> u64 {
    let mut n_cut = 0;
    let pairs = || cells.iter().zip(columns);
    let n_lines = pairs().map(|(cell, column)| n_lines(cell, column.width)).max().unwrap_or(1);
    write!(xml, "<row r=\"{row}\"").expect("a string takes any text");
    // Not every program makes rows as high as their texts.
    if n_lines > 1 {
        let points = (n_lines * LINE_POINTS).min(MAX_POINTS);
        write!(xml, " ht=\"{points}\" customHeight=\"1\"").expect("a string takes any text");
    }
    xml.push('>');
    for (cell, SheetColumn { letters, look, .. }) in pairs() {
        write!(xml, "<c r=\"{letters}{row}\" s=\"{look}\"").expect("a string takes any text");
        match cell {
            ListCell::Blank => xml.push_str("/>"),
            ListCell::Number(number) => push_number(xml, number),
            ListCell::Decimal(number) => push_number(xml, exact_double(*number)),
            ListCell::Day(day) => push_number(xml, serial_of(*day)),
            ListCell::Truth(truth) => {
                xml.push_str(" t=\"b\"");
                push_number(xml, u8::from(*truth));
            }
            ListCell::Text(text) => {
                let shown = printable(text);
                let (shown, is_cut) = cut(&shown);
                n_cut += u64::from(is_cut);
                xml.push_str(" t=\"inlineStr\"><is><t xml:space=\"preserve\">");
                push_escaped(xml, &shown);
                xml.push_str("</t></is></c>");
            }
        }
    }
    xml.push_str("</row>");
    n_cut
}

/// Returns how many lines a cell takes in a column.
fn n_lines(cell: &ListCell<'_>, width: u16) -> usize {
    match cell {
        // Something is lost to the margins, and where words are kept whole.
        ListCell::Text(text) => {
            width_of(text).div_ceil(usize::from(width).saturating_sub(1).max(1))
        }
        _ => 1,
    }
}

fn push_number(xml: &mut String, number: impl Display) {
    write!(xml, "><v>{number}</v></c>").expect("a string takes any text");
}

/// Appends a text, escaped for XML and against the escapes of spreadsheets, `_x0041_` for `A`.
fn push_escaped(xml: &mut String, text: &str) {
    for (at, character) in text.char_indices() {
        match character {
            '&' => xml.push_str("&amp;"),
            '<' => xml.push_str("&lt;"),
            '>' => xml.push_str("&gt;"),
            '_' if is_escape(&text[at..]) => xml.push_str("_x005F_"),
            // No characters of XML.
            '\u{fffe}' | '\u{ffff}' => xml.push('\u{fffd}'),
            plain => xml.push(plain),
        }
    }
}

/// Whether a text begins as an escape of spreadsheets: `_x`, four hexadecimal digits, `_`.
fn is_escape(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() >= 7
        && bytes[1] == b'x'
        && bytes[2..6].iter().all(u8::is_ascii_hexdigit)
        && bytes[6] == b'_'
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use chrono::NaiveDate;

    use super::*;

    fn columns() -> [SheetColumn; 2] {
        [("A", "3"), ("B", "4")].map(|(letters, look)| SheetColumn {
            letters: letters.to_owned(),
            look: look.to_owned(),
            width: 11,
        })
    }

    #[track_caller]
    fn check(cells: &[ListCell<'_>], expected: &str) {
        let mut xml = String::new();
        push_row(&mut xml, 7, cells, &columns());
        assert_eq!(xml, format!("<row r=\"7\"{expected}</row>"));
    }

    #[test]
    fn texts_are_texts_and_numbers_are_numbers() {
        check(
            &[ListCell::Text("=1+1"), ListCell::Number(12)],
            "><c r=\"A7\" s=\"3\" t=\"inlineStr\"><is><t xml:space=\"preserve\">=1+1</t></is></c>\
             <c r=\"B7\" s=\"4\"><v>12</v></c>",
        );
        let day = NaiveDate::from_ymd_opt(1900, 3, 1).unwrap();
        check(
            &[ListCell::Blank, ListCell::Day(day)],
            "><c r=\"A7\" s=\"3\"/><c r=\"B7\" s=\"4\"><v>61</v></c>",
        );
    }

    #[test]
    fn what_means_something_to_xml_or_to_spreadsheets_is_escaped() {
        let mut xml = String::new();
        push_escaped(&mut xml, "a<b>&_x0041__xyz_\u{ffff}_");
        assert_eq!(xml, "a&lt;b&gt;&amp;_x005F_x0041__xyz_\u{fffd}_");
    }

    #[test]
    fn a_text_is_as_long_as_a_cell_can_be() {
        let longest = "😀".repeat(16_383) + "a";
        assert_eq!(cut(&longest), (Cow::Borrowed(longest.as_str()), false));
        let too_long = longest.clone() + "b";
        let (kept, is_cut) = cut(&too_long);
        assert!(is_cut);
        assert_eq!(kept.encode_utf16().count(), 32_767);
        assert!(kept.ends_with("😀…"));
        let mut xml = String::new();
        let too_long = "a".repeat(32_768);
        assert_eq!(push_row(&mut xml, 1, &[ListCell::Text(&too_long)], &columns()), 1);
    }

    #[test]
    fn a_row_is_as_high_as_its_longest_text() {
        let text = |text| ListCell::Text(text);
        check(
            &[ListCell::Blank, text("一二三四五六")],
            " ht=\"30\" customHeight=\"1\"><c r=\"A7\" s=\"3\"/><c r=\"B7\" s=\"4\" \
             t=\"inlineStr\"><is><t xml:space=\"preserve\">一二三四五六</t></is></c>",
        );
        assert_eq!(n_lines(&text("一二三四五"), 11), 1);
        assert_eq!(n_lines(&text("12345678901"), 11), 2);
        assert_eq!(n_lines(&text("12"), 1), 2);
        assert_eq!(n_lines(&text(""), 11), 0);
    }
}
