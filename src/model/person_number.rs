//! Numbers by which a person is known: resident identity numbers (GB 11643) and mobile phones.
//!
//! A check digit proves that a number was copied right, not that it was ever given out. Regions inside
//! numbers are not looked up: people keep the code of the place where they were first registered, which
//! may have been retired since.

use chrono::NaiveDate;

/// Why a code is not one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CodeFault {
    /// It has another number of characters than the standard says.
    Length,
    /// It has a character that the standard does not use at that place.
    Character,
    /// The day of birth in it does not exist, or lies outside the years 1800 to 2199.
    Date,
    /// Its last character is not the one that follows from the others.
    CheckDigit,
}

/// What a resident identity number turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResidentId {
    /// 18 characters whose check digit and day of birth are right.
    Current,
    /// 15 digits of the old kind, which had no check digit; the day of birth exists. Such numbers are
    /// out of use, and older records hold them.
    Old,
}

const ID_WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
/// The last character of an identity number by the weighted sum modulo 11.
const ID_CHECKS: &[u8; 11] = b"10X98765432";

/// Checks a resident identity number of 18 characters, or of 15 in the old form.
///
/// The X at the end has to be in upper case and of half width.
pub fn check_resident_id(number: &str) -> Result<ResidentId, CodeFault> {
    let number = number.as_bytes();
    match number.len() {
        18 => check_current_id(number).map(|()| ResidentId::Current),
        15 => check_old_id(number).map(|()| ResidentId::Old),
        _ => Err(CodeFault::Length),
    }
}

/// Whether a number is a resident identity number, right or nearly: its last character does not count,
/// because what is shown is often what was found wrong.
pub fn is_like_resident_id(number: &str) -> bool {
    match check_resident_id(number) {
        Ok(_) | Err(CodeFault::CheckDigit) => true,
        Err(CodeFault::Character) if number.is_ascii() => {
            let with_digit = format!("{}0", &number[..number.len() - 1]);
            matches!(check_resident_id(&with_digit), Ok(_) | Err(CodeFault::CheckDigit))
        }
        Err(_) => false,
    }
}

/// Whether a number is that of a mobile phone in China: 11 digits, the first of them 1.
pub fn is_mobile(number: &str) -> bool {
    number.len() == 11 && number.starts_with('1') && number.bytes().all(|b| b.is_ascii_digit())
}

fn check_current_id(number: &[u8]) -> Result<(), CodeFault> {
    let number: &[u8; 18] = number.try_into().map_err(|_| CodeFault::Length)?;
    let (mut sum, mut has_stranger) = (0, false);
    for (idx, weight) in ID_WEIGHTS.iter().enumerate() {
        let value = number[idx].wrapping_sub(b'0');
        has_stranger |= value > 9;
        sum += u32::from(value) * weight;
    }
    let check = number[17];
    if has_stranger || !(check.is_ascii_digit() || check == b'X') {
        return Err(CodeFault::Character);
    }
    let year = digits(&number[6..10]);
    if !(1800..2200).contains(&year) || !is_day(year, &number[10..14]) {
        return Err(CodeFault::Date);
    }
    if check == ID_CHECKS[(sum % 11) as usize] { Ok(()) } else { Err(CodeFault::CheckDigit) }
}

/// The old form has two digits of the year, which are of the 20th century; 996 to 999 at the end were
/// given to people born before it.
fn check_old_id(number: &[u8]) -> Result<(), CodeFault> {
    if !number.iter().all(u8::is_ascii_digit) {
        return Err(CodeFault::Character);
    }
    let century = if digits(&number[12..15]) >= 996 { 1800 } else { 1900 };
    let year = century + digits(&number[6..8]);
    if is_day(year, &number[8..12]) { Ok(()) } else { Err(CodeFault::Date) }
}

fn is_day(year: u32, month_and_day: &[u8]) -> bool {
    let (month, day) = (digits(&month_and_day[..2]), digits(&month_and_day[2..]));
    NaiveDate::from_ymd_opt(year.cast_signed(), month, day).is_some()
}

fn digits(text: &[u8]) -> u32 {
    text.iter().fold(0, |number, digit| number * 10 + u32::from(digit - b'0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_with_a_wrong_end_is_still_that_of_a_person() {
        for number in ["63010019000101001X", "630100190001010011", "63010019000101001A"] {
            assert!(is_like_resident_id(number), "{number}");
        }
        for number in ["63010019001301001X", "6301001900010100", "1144023219000101AA", "青", ""] {
            assert!(!is_like_resident_id(number), "{number}");
        }
    }

    #[test]
    fn mobile_numbers_have_eleven_digits() {
        assert!(is_mobile("13800000000"));
        assert!(!is_mobile("23800000000"));
        assert!(!is_mobile("1380000000"));
        assert!(!is_mobile("1380000000x"));
    }
}
