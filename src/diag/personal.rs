//! Numbers of persons inside a text, masked.
//!
//! What is said about a document repeats what stands in it, and in the wrong document that is a person.

use std::borrow::Cow;

use crate::model::{check_resident_id, is_like_resident_id, is_mobile};

/// Characters of the shortest number of a person.
const MIN_CHARS: usize = 11;
/// Stars that stand for the hidden part of a number at most.
const MAX_STARS: usize = 16;
/// Digits and characters of the name of a column at most: identity numbers have more digits.
const MAX_NAME_DIGITS: usize = 3;
const MAX_NAME_CHARS: usize = 60;
/// Digits in which a number is written in groups: phones, and resident identity numbers.
const GROUPS: [&[usize]; 4] = [&[3, 4, 4], &[6, 8, 4], &[6, 4, 4, 4], &[6, 4, 2, 2, 4]];
/// The code of the country in front of a phone number.
const COUNTRY: [&str; 2] = ["86", "0086"];

/// Returns a text with its mobile numbers and valid resident identity numbers masked.
pub fn masked_numbers(text: &str) -> Cow<'_, str> {
    masked_where(text, |number| check_resident_id(number).is_ok())
}

/// Returns a text with its mobile numbers masked, and its resident identity numbers, even where the last
/// character of one is wrong.
pub fn masked_persons(text: &str) -> Cow<'_, str> {
    masked_where(text, is_like_resident_id)
}

/// Returns a text with its mobile numbers masked, and whatever else is told to be the number of a
/// person: letters and digits without anything between them, in ordinary width and upper case.
///
/// Digits may be of full width, and stand in the groups in which such numbers are written. Of two
/// numbers without anything between them an identity number is found, and a number with letters right
/// beside it.
pub fn masked_where(text: &str, is_person: impl Fn(&str) -> bool) -> Cow<'_, str> {
    if text.chars().filter(|c| is_part(*c)).count() < MIN_CHARS {
        return Cow::Borrowed(text);
    }
    let parts = parts_of(text);
    let mut masked = String::with_capacity(text.len());
    let mut n_done = 0;
    while let Some(part) = parts.get(n_done) {
        let (n_parts, number) = number_at(&parts[n_done..], &is_person).unwrap_or_default();
        match number {
            Some(number) if is_mobile(&number) => masked.push_str(&stars(&number, 3, 4)),
            Some(number) => masked.push_str(&stars(&number, 0, 4)),
            None => masked.push_str(part),
        }
        n_done += n_parts.max(1);
    }
    if masked == text { Cow::Borrowed(text) } else { Cow::Owned(masked) }
}

/// Whether a name is one that programs give: a letter, then letters, underscores and hardly a digit.
///
/// Where a header is missing, a row stands in its place, and other texts in it may be about a person.
pub fn is_identifier(name: &str) -> bool {
    let n_digits = name.bytes().filter(u8::is_ascii_digit).count();
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && n_digits <= MAX_NAME_DIGITS
        && name.len() <= MAX_NAME_CHARS
}

/// Returns the first and last characters of a number, and stars for the rest; stars alone where hardly
/// anything would be hidden.
pub fn stars(number: &str, n_first: usize, n_last: usize) -> String {
    let visible = |c: char| if c.is_control() { '*' } else { c };
    let chars: Vec<char> = number.chars().map(visible).collect();
    if chars.len() < n_first + n_last + 4 {
        return "*".repeat(chars.len());
    }
    let n_stars = (chars.len() - n_first - n_last).min(MAX_STARS);
    let (first, last) = (&chars[..n_first], &chars[chars.len() - n_last..]);
    first.iter().chain(&vec!['*'; n_stars]).chain(last).collect()
}

/// Returns the number of a person with which some parts begin, and how many parts it takes.
fn number_at(parts: &[&str], is_person: &impl Fn(&str) -> bool) -> Option<(usize, Option<String>)> {
    let is_number = |number: &str| is_mobile(number) || is_person(number);
    let first = folded(parts[0])?;
    let is_abroad = COUNTRY.iter().filter_map(|code| first.strip_prefix(code)).any(is_mobile);
    let behind_letters = first.trim_start_matches(|c: char| c.is_ascii_alphabetic());
    let without_letters = behind_letters.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let is_inside = is_number(behind_letters) || is_number(without_letters);
    if is_inside || is_number(&first) || is_abroad || has_identity(&first, is_person) {
        return Some((1, Some(first)));
    }
    GROUPS.iter().find_map(|lengths| {
        let number = grouped(parts, lengths)?;
        is_number(&number).then_some((2 * lengths.len() - 1, Some(number)))
    })
}

/// Returns the number with which some parts begin, where it stands in groups of some lengths.
fn grouped(parts: &[&str], lengths: &[usize]) -> Option<String> {
    let mut number = String::new();
    for (idx, n_chars) in lengths.iter().enumerate() {
        let is_apart = idx == 0 || matches!(*parts.get(2 * idx - 1)?, " " | "-");
        let group = folded(parts.get(2 * idx)?)?;
        if !is_apart || group.len() != *n_chars {
            return None;
        }
        number.push_str(&group);
    }
    Some(number)
}

/// Whether an identity number is part of a longer row of digits, as where several were put together.
fn has_identity(number: &str, is_person: &impl Fn(&str) -> bool) -> bool {
    let digits = number.strip_suffix('X').unwrap_or(number);
    number.len() > 18
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && (0..=number.len() - 18).any(|start| is_person(&number[start..start + 18]))
}

/// Returns letters and digits in ordinary width and upper case; `None` for what stands between them.
fn folded(part: &str) -> Option<String> {
    part.starts_with(is_part).then(|| part.chars().map(narrow).collect())
}

fn narrow(c: char) -> char {
    let ascii = match c {
        '０'..='９' | 'Ａ'..='Ｚ' | 'ａ'..='ｚ' => char::from_u32(u32::from(c) - 0xfee0),
        _ => None,
    };
    ascii.unwrap_or(c).to_ascii_uppercase()
}

fn is_part(c: char) -> bool {
    narrow(c).is_ascii_alphanumeric()
}

/// Returns the parts of a text that are letters and digits, and those between them.
fn parts_of(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let n_bytes = rest.find(|c: char| is_part(c) != is_part(first)).unwrap_or(rest.len());
        let (part, behind) = rest.split_at(n_bytes);
        parts.push(part);
        rest = behind;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(masked_numbers(text), expected);
    }

    #[test]
    fn an_identity_number_with_a_wrong_end_is_still_one_of_a_person() {
        assert_eq!(masked_persons("证件630100 1900 0101 0011有误"), "证件**************0011有误");
        assert_eq!(masked_persons("630100190001010011"), "**************0011");
        assert_eq!(masked_persons("116300000000000191"), "116300000000000191");
    }

    #[test]
    fn names_of_columns_are_told_from_what_stands_in_rows() {
        for name in ["row_guid", "certkeyGOV", "F1", "cd_time2"] {
            assert!(is_identifier(name), "{name}");
        }
        for name in ["张三", "13800000000", "G12345678", "630100X", "a b", "a-b", "", "_a"] {
            assert!(!is_identifier(name), "{name}");
        }
        assert!(!is_identifier(&"a".repeat(61)));
    }

    #[test]
    fn numbers_of_persons_are_masked_and_others_stay() {
        check("联系13800000000。", "联系138****0000。");
        check("63010019000101001X", "**************001X");
        check("63010019000101001x", "**************001X");
        check("１３８０００００００0", "138****0000");
        check("+86 138-0000-0000，138 0000 0000", "+86 138****0000，138****0000");
        check("8613800000000", "*********0000");
        check("630100 19000101 001X", "**************001X");
        check("1380000000063010019000101001X", "****************001X");
        check("13800000000x，tel13800000000", "********000X，**********0000");
        check("630100 1900 0101 001X", "**************001X");
        check("630100-1900-01-01-001x", "**************001X");
        for plain in [
            "12869796",
            "116300000000000191",
            "630100190001010011",
            "11440232MB2D06811W4000117051000",
            "0971-8000000",
            "2021-09-30 12:34:56",
            "1 380 000 0000",
            "省民政厅",
            "",
        ] {
            check(plain, plain);
        }
    }
}
