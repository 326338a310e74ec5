//! How values are shown to people: in findings, and in the lists that go back to departments.
//!
//! What a person could be known by is never shown whole. Fields that hold no personal values can be given
//! some by a sender whose columns are shifted, so these are looked through as well.

use std::collections::BTreeSet;

use crate::diag::{masked_where, printable, stars};
use crate::model::{is_like_resident_id, is_mobile};
use crate::records::profile::{Field, Mask, Personal, RecordColumn, ValueType};
use crate::records::shape::{has_person_number, is_body_name, is_code_like};
use crate::refdata::RefData;

/// Characters of a plain value that are shown at most.
const MAX_SHOWN: usize = 60;
/// Stars that stand for the hidden part of a number at most.
const MAX_STARS: usize = 16;
/// What stands for something of which nothing is shown.
const HIDDEN: &str = "***";

/// Shows values; knows the names of regions, to which addresses are cut.
#[derive(Debug, Clone)]
pub struct Masks {
    regions: BTreeSet<String>,
    /// Characters of the longest name.
    longest: usize,
}

impl Masks {
    /// Returns masks that know the regions of the reference tables.
    pub fn new(refdata: &RefData, province: &str) -> Self {
        let names = refdata.region_names(province).into_iter().map(|region| region.name);
        // 市辖区 is no place.
        let regions: BTreeSet<String> = names.filter(|name| name != "市辖区").collect();
        let longest = regions.iter().map(|name| name.chars().count()).max().unwrap_or(0);
        Self { regions, longest }
    }

    /// Returns how a value of a field is shown; `None` where not even its length may be told.
    pub fn shown(&self, field: &Field, value: &str) -> Option<String> {
        let value = value.trim();
        let mask = match (field.personal, field.mask) {
            (Some(Personal::Secret), _) => return None,
            // A profile that forgot the mask must not show a person.
            (Some(_), Mask::Plain) => Mask::Hidden,
            (_, mask) => mask,
        };
        // What cannot be a wrong code, number or date slid in from another column, whose mask is not
        // known. Nor is a disguised number of a person shown, which the mask of plain values would miss.
        let is_stray = mask == Mask::Plain && (is_stray(field, value) || has_person_number(value));
        Some(self.masked(if is_stray { Mask::Name } else { mask }, value))
    }

    /// Returns a value under a mask.
    pub fn masked(&self, mask: Mask, value: &str) -> String {
        let n_chars = value.chars().count();
        match mask {
            Mask::Plain => plain(value),
            Mask::Name if n_chars < 2 => "*".repeat(n_chars),
            Mask::Name => value.chars().take(1).map(visible).chain(['*']).collect(),
            Mask::Code => stars(value, 0, 4),
            Mask::Phone if is_mobile(value) => format!("{}****{}", &value[..3], &value[7..]),
            Mask::Phone => "*".repeat(n_chars.min(MAX_STARS)),
            Mask::Address => format!("{}{HIDDEN}", &value[..self.region_bytes(value)]),
            Mask::Hidden => format!("{HIDDEN}({n_chars})"),
        }
    }

    /// Returns the bytes that the names of regions at the beginning of an address take.
    fn region_bytes(&self, address: &str) -> usize {
        let mut n_bytes = 0;
        while let Some(more) = self.longest_name(&address[n_bytes..]) {
            n_bytes += more;
        }
        n_bytes
    }

    fn longest_name(&self, text: &str) -> Option<usize> {
        let ends = text.char_indices().map(|(at, c)| at + c.len_utf8()).take(self.longest);
        ends.filter(|end| self.regions.contains(&text[..*end])).last()
    }
}

/// Whether a value has another shape than even wrong values of its field have.
fn is_stray(field: &Field, value: &str) -> bool {
    let has_only = |is_allowed: fn(char) -> bool| value.chars().all(is_allowed);
    match &field.value {
        // A day in Chinese begins with its year, and no name of a person does.
        ValueType::DateTime(_) if value.starts_with(|c: char| c.is_ascii_digit()) => {
            !has_only(|c| c.is_ascii_digit() || " -/:.+TZ年月日".contains(c))
        }
        ValueType::Int { .. } | ValueType::DateTime(_) | ValueType::Region | ValueType::Mobile => {
            !has_only(|c| c.is_ascii_digit() || " -/:.+TZ".contains(c))
        }
        ValueType::Code { codes, .. } => is_no_code(codes, value),
        ValueType::Tags(_) => !has_only(|c| c.is_ascii_digit() || c.is_ascii_punctuation()),
        ValueType::Uscc => {
            !has_only(|c| c.is_ascii_alphanumeric())
                || !value.contains(|c: char| c.is_ascii_digit())
                || value.len() > 20
        }
        ValueType::Text if field.column == Some(RecordColumn::OrgName) => {
            !is_body_name(value) && !is_code_like(value)
        }
        ValueType::Certificate | ValueType::Text => !is_code_like(value),
    }
}

/// Whether a value cannot even be a wrong one of these codes: it is longer, or has words where none of
/// them has any.
fn is_no_code(codes: &BTreeSet<String>, value: &str) -> bool {
    let n_letters = |code: &str| code.bytes().filter(u8::is_ascii_alphabetic).count();
    let longest = codes.iter().map(String::len).max().unwrap_or(0);
    let most_letters = codes.iter().map(|code| n_letters(code)).max().unwrap_or(0);
    !value.is_ascii() || value.len() > longest + 2 || n_letters(value) > most_letters.max(2)
}

/// Returns a value that is about no person, cut, without what acts on a terminal, and without numbers
/// that could be those of a person after all.
fn plain(value: &str) -> String {
    let mut shown: String = value.chars().take(MAX_SHOWN).collect();
    if shown.len() < value.len() {
        // A number that is cut would not be known for what it is.
        let kept = shown.trim_end_matches(|c: char| c.is_ascii_alphanumeric()).len();
        shown.truncate(kept);
        shown.push('…');
    }
    printable(&masked_where(&shown, is_like_resident_id))
}

fn visible(character: char) -> char {
    if character.is_control() { '*' } else { character }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masks() -> Masks {
        Masks::new(&RefData::load(&[]).unwrap(), "630000")
    }

    #[track_caller]
    fn check(mask: Mask, value: &str, expected: &str) {
        assert_eq!(masks().masked(mask, value), expected);
    }

    #[test]
    fn persons_are_shown_in_part() {
        check(Mask::Name, "张三", "张*");
        check(Mask::Name, "才让多杰", "才*");
        check(Mask::Name, "张", "*");
        check(Mask::Code, "63010019000101001X", "**************001X");
        check(Mask::Code, "G123456", "*******");
        check(Mask::Phone, "13800000000", "138****0000");
        check(Mask::Phone, "0971-8000000", "************");
        check(Mask::Hidden, "办事效率高", "***(5)");
        check(Mask::Hidden, "", "***(0)");
    }

    #[test]
    fn addresses_are_shown_down_to_the_county() {
        check(Mask::Address, "青海省西宁市城东区幸福路1号", "青海省西宁市城东区***");
        check(Mask::Address, "格尔木市幸福小区3号", "格尔木市***");
        check(Mask::Address, "幸福小区3号", "***");
    }

    #[test]
    fn plain_values_are_cut_and_looked_through() {
        check(Mask::Plain, "省民政厅", "省民政厅");
        check(Mask::Plain, "a\u{1b}[31m", "a\\u{1b}[31m");
        check(Mask::Plain, "联系13800000000", "联系138****0000");
        check(Mask::Plain, "630100190001010011", "**************0011");
        check(Mask::Plain, "11440232MB2D06811W4000117051000", "11440232MB2D06811W4000117051000");
        let long = format!("{}63010019000101001X", "青".repeat(50));
        check(Mask::Plain, &long, &format!("{}…", "青".repeat(50)));
    }
}
