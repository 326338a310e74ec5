//! What workbooks of every kind share: how long a text may be, how wide it is, how days are numbered,
//! and the colours of heads and lines.

use std::borrow::Cow;

use chrono::NaiveDate;
use rust_xlsxwriter::Color;

/// Units of UTF-16 that a cell can have.
const MAX_CELL_UNITS: usize = 32_767;

/// What stands behind a text that was cut.
const CUT_MARK: char = '…';

/// Colour of the lines between cells.
pub const LINE: Color = Color::RGB(0x00BF_BFBF);

/// Colour of heads.
pub const HEAD: Color = Color::RGB(0x00DD_EBF7);

/// ISO A4, as the format numbers papers.
pub const A4: u8 = 9;

/// Returns the Latin characters that a text takes; a Chinese one takes two.
pub fn width_of(text: &str) -> usize {
    text.chars().map(|character| if character.is_ascii() { 1 } else { 2 }).sum()
}

/// Returns the number by which a spreadsheet knows a day: 61 is 1 March 1900.
pub fn serial_of(day: NaiveDate) -> i64 {
    let first = NaiveDate::from_ymd_opt(1899, 12, 30).expect("it is a day");
    (day - first).num_days()
}

/// Returns as much of a text as a cell can have, and whether some of it is missing.
pub fn cut(text: &str) -> (Cow<'_, str>, bool) {
    if text.len() <= MAX_CELL_UNITS || text.encode_utf16().count() <= MAX_CELL_UNITS {
        return (Cow::Borrowed(text), false);
    }
    let mut n_units = 1;
    let is_kept = |character: &char| {
        n_units += character.len_utf16();
        n_units <= MAX_CELL_UNITS
    };
    let kept: String = text.chars().take_while(is_kept).collect();
    (Cow::Owned(kept + &CUT_MARK.to_string()), true)
}
