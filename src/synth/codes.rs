//! Codes with right check digits that nobody bears.
//!
//! Written after the standards, apart from the rules that judge records: USCC GB 32100-2015,
//! organisation code GB 11714, resident ID GB 11643-1999.

/// The characters of a unified social credit code; I, O, S, V and Z are left out.
const USCC_ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
/// Check characters of a resident ID by the remainder of the weighted sum.
const RESIDENT_CHECKS: &[u8; 11] = b"10X98765432";
const RESIDENT_WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const BODY_WEIGHTS: [u32; 8] = [3, 7, 9, 10, 5, 8, 4, 2];

/// The region in made-up identities. 630100 is a whole city: no resident ID and no body's code begins
/// with it, because people and bodies are registered in counties and districts.
pub(super) const NOBODYS_REGION: &str = "630100";

/// The first three digits of made-up mobile numbers, which no operator has been given.
pub(super) const NOBODYS_MOBILE: &str = "154";

/// Appends a unified social credit code.
///
/// `prefix` are the registering authority, the kind of body and its region, 8 characters. The number of
/// the body begins with 000, which was not given out.
pub(super) fn push_uscc(out: &mut String, prefix: &str, number: u64) {
    let start = out.len();
    out.push_str(prefix);
    push_digits(out, number, 8);
    let body = body_check(&out.as_bytes()[start + 8..]);
    out.push(char::from(body));
    let check = uscc_check(&out.as_bytes()[start..]);
    out.push(char::from(check));
}

/// Appends a resident ID: region, day of birth as `yyyymmdd`, sequence number below 1000.
pub(super) fn push_resident_id(out: &mut String, born: u64, sequence: u64) {
    let start = out.len();
    out.push_str(NOBODYS_REGION);
    push_digits(out, born, 8);
    push_digits(out, sequence, 3);
    let check = resident_check(&out.as_bytes()[start..]);
    out.push(char::from(check));
}

/// Appends a number with leading zeros.
pub(super) fn push_digits(out: &mut String, number: u64, width: usize) {
    let mut digits = [b'0'; 20];
    let mut rest = number;
    let mut at = digits.len();
    while rest > 0 {
        at -= 1;
        digits[at] = b'0' + u8::try_from(rest % 10).expect("a digit");
        rest /= 10;
    }
    let first = at.min(digits.len() - width);
    out.push_str(std::str::from_utf8(&digits[first..]).expect("digits are ASCII"));
}

/// Appends 32 hexadecimal digits.
pub(super) fn push_hex(out: &mut String, high: u64, low: u64) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    let mut text = [0; 32];
    for (idx, place) in text.iter_mut().enumerate() {
        let word = if idx < 16 { high } else { low };
        *place = DIGITS[usize::from(((word >> (60 - 4 * (idx % 16))) & 15) as u8)];
    }
    out.push_str(std::str::from_utf8(&text).expect("digits are ASCII"));
}

/// Returns the last character of a code whose first 17 these are.
fn uscc_check(first: &[u8]) -> u8 {
    let mut sum = 0;
    let mut weight = 1;
    for character in first {
        let value = USCC_ALPHABET.iter().position(|known| known == character);
        sum += value.expect("made of the alphabet") * weight;
        weight = weight * 3 % 31;
    }
    USCC_ALPHABET[(31 - sum % 31) % 31]
}

/// Returns the ninth character of an organisation code whose first eight digits these are.
fn body_check(digits: &[u8]) -> u8 {
    let sum: u32 = digits.iter().zip(BODY_WEIGHTS).map(|(d, w)| u32::from(d - b'0') * w).sum();
    match 11 - sum % 11 {
        10 => b'X',
        11 => b'0',
        digit => b'0' + u8::try_from(digit).expect("a digit"),
    }
}

fn resident_check(digits: &[u8]) -> u8 {
    let sum: u32 = digits.iter().zip(RESIDENT_WEIGHTS).map(|(d, w)| u32::from(d - b'0') * w).sum();
    RESIDENT_CHECKS[(sum % 11) as usize]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_characters_are_those_of_published_codes() {
        for code in ["9144030071526726XG", "11440232MB2D06811W", "91330100799655058B"] {
            assert_eq!(uscc_check(&code.as_bytes()[..17]), code.as_bytes()[17], "{code}");
        }
        for code in ["708461136", "799655058", "192241158"] {
            assert_eq!(body_check(&code.as_bytes()[..8]), code.as_bytes()[8], "{code}");
        }
        for id in ["11010519491231002X", "440524188001010014", "63010019000101001X"] {
            assert_eq!(resident_check(&id.as_bytes()[..17]), id.as_bytes()[17], "{id}");
        }
    }

    #[test]
    fn codes_have_their_length() {
        let mut text = String::new();
        push_uscc(&mut text, "11630000", 7);
        push_resident_id(&mut text, 19_000_101, 1);
        push_digits(&mut text, 12, 4);
        push_digits(&mut text, 0, 1);
        push_hex(&mut text, 0x0123_4567_89AB_CDEF, 1);
        assert_eq!(&text[..8], "11630000");
        assert_eq!(&text[18..], "63010019000101001X001200123456789ABCDEF0000000000000001");
    }
}
