//! What codes and names of bodies look like, whoever they belong to.
//!
//! In a row whose columns are shifted a person can stand anywhere. A text is repeated where it has the
//! shape of what belongs there, and never because it stands there.

use chrono::NaiveDate;

use crate::diag::masked_persons;
use crate::model::{CodeFault, ResidentId, check_resident_id, is_like_resident_id, is_mobile};
use crate::records::checksum::check_uscc;

/// How the names of bodies end, and how many characters such a name has at least: more where names of
/// persons may end so.
const BODY_ENDS: [(&str, usize); 26] = [
    ("局", 3),
    ("委", 3),
    ("厅", 3),
    ("办", 3),
    ("院", 3),
    ("署", 3),
    ("处", 5),
    ("所", 5),
    ("站", 5),
    ("馆", 5),
    ("队", 5),
    ("联", 5),
    ("部", 5),
    ("中心", 4),
    ("公司", 4),
    ("政府", 4),
    ("集团", 4),
    ("银行", 4),
    ("学校", 4),
    ("大学", 4),
    ("中学", 4),
    ("小学", 4),
    ("协会", 4),
    ("工会", 4),
    ("委员会", 5),
    ("办公室", 5),
];
/// Characters of the longest name of a body.
const MAX_BODY_CHARS: usize = 40;
/// The first year of which there are cases.
const FIRST_CASES: &str = "2015";
/// Characters of a code at most.
const MAX_CODE_CHARS: usize = 60;
/// With what the codes of provinces begin, which are the first digits of identity numbers.
const REGIONS: &str = "12345678";
/// Years in which people were born of whom there are records.
const BIRTHS: std::ops::Range<i32> = 1900..2100;

/// Whether a text is shaped like the name of a body, as 某省某厅: no name of a person ends so, and no
/// address, which has a number.
pub fn is_body_name(name: &str) -> bool {
    let name = name.trim_end_matches(['）', ')']);
    let name = name.rsplit_once(['（', '(']).map_or(name, |(before, _)| before);
    let n_chars = name.chars().count();
    n_chars <= MAX_BODY_CHARS
        && !name.chars().any(|c| c.is_numeric() || c.is_whitespace())
        && BODY_ENDS.iter().any(|(end, n_least)| n_chars >= *n_least && name.ends_with(end))
}

/// Whether a code is shaped like a unified social credit code, right or nearly, and like no number of a
/// person.
pub fn is_uscc_like(code: &str) -> bool {
    matches!(check_uscc(code), Ok(()) | Err(CodeFault::CheckDigit)) && !is_like_resident_id(code)
}

/// Whether a text is shaped like a code, a number or a time, and like no document of a person: without
/// words, and with a digit.
pub fn is_code_like(value: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:+ ".contains(&byte);
    value.len() <= MAX_CODE_CHARS
        && value.bytes().all(is_plain)
        && value.bytes().any(|byte| byte.is_ascii_digit())
        && !is_document_like(value)
        && !is_nearly_personal(value)
}

/// Whether a text can be told as the key of a record although nothing is known of its row: a code that
/// could not be the number of a person, of a document or of a phone with the code of its area, not even
/// one that was mistyped or written in groups. A row number of up to nine digits is one, though some
/// phones have as many.
pub fn is_key_like(key: &str) -> bool {
    let compact: String = key.chars().filter(|c| !" -_./:+".contains(*c)).collect();
    let is_of_area = || {
        matches!(compact.len(), 10..=12)
            && compact.starts_with('0')
            && compact.bytes().all(|byte| byte.is_ascii_digit())
            && compact.as_bytes().get(1).is_some_and(|byte| *byte != b'0')
    };
    is_code_like(key)
        && masked_persons(key) == key
        && !is_nearly_personal(&compact)
        && !has_cut_id(&compact)
        && !is_of_area()
}

/// Whether some digits in a row are the beginning of an identity number: a region, a day of birth, and
/// what goes on.
fn has_cut_id(code: &str) -> bool {
    let is_cut_id = |digits: &str| {
        let part = |from: usize, to: usize| digits[from..to].parse::<u32>().unwrap_or_default();
        (14..=20).contains(&digits.len())
            && digits.starts_with(|c| REGIONS.contains(c))
            && BIRTHS.contains(&part(6, 10).cast_signed())
            && NaiveDate::from_ymd_opt(part(6, 10).cast_signed(), part(10, 12), part(12, 14))
                .is_some()
    };
    code.split(|c: char| !c.is_ascii_digit()).any(is_cut_id)
}

/// Whether a code, in ordinary width and upper case, is the number of a person and hardly anything else:
/// a mobile number, whose second digit is 3 to 9, or a resident's ID of 18 characters with its check digit.
///
/// Numbers of cases are made of a region, a day and a running number, too, and the check digit of every
/// eleventh fits: where the day is of 2015 or later it is taken for that of a case.
pub fn is_person_number(code: &str) -> bool {
    match code.len() {
        11 => is_mobile(code) && matches!(code.as_bytes()[1], b'3'..=b'9'),
        18 => check_resident_id(code) == Ok(ResidentId::Current) && &code[6..10] < FIRST_CASES,
        _ => false,
    }
}

/// Whether a number is that of a phone or of a resident with a digit too many or too few.
fn is_nearly_personal(number: &str) -> bool {
    let number = number.strip_suffix(['X', 'x']).unwrap_or(number);
    if !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return false;
    }
    match number.len() {
        10..=12 => number.starts_with('1'),
        15 => is_like_resident_id(number),
        17..=19 => is_like_resident_id(&format!("{}0", &number[..17])),
        _ => false,
    }
}

/// Whether a code is one or two letters and seven to ten digits, as numbers of passports and permits are.
fn is_document_like(code: &str) -> bool {
    let digits = code.trim_start_matches(|c: char| c.is_ascii_alphabetic());
    let n_letters = code.len() - digits.len();
    matches!(n_letters, 1 | 2)
        && matches!(digits.len(), 7..=10)
        && digits.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_are_told_from_persons_and_addresses() {
        for name in [
            "省发展改革委",
            "省民政厅",
            "测绘院",
            "某某公司（本级）",
            "西宁市人民政府",
            "省残联合会办公室",
        ] {
            assert!(is_body_name(name), "{name}");
        }
        for name in
            ["司马懿柒捌", "西宁市城中区某路99号", "某路9号某公司", "张局", "13800000000", ""]
        {
            assert!(!is_body_name(name), "{name}");
        }
    }

    #[test]
    fn persons_are_told_from_numbers_of_cases() {
        for number in ["13800000000", "63010019000101001X", "630100201412310069"] {
            assert!(is_person_number(number), "{number}");
        }
        for code in [
            "10000000001",
            "12800000000",
            "138000000001",
            "630100190001010011",
            "630100040229001",
            "630100201501010017",
            "630120210723000000001",
            "青",
            "",
        ] {
            assert!(!is_person_number(code), "{code}");
        }
    }

    #[test]
    fn codes_are_told_from_words_and_documents() {
        for code in ["p-1", "000100000001", "2021-03-04 05:06:07", "1.5", "G000001"] {
            assert!(is_code_like(code), "{code}");
        }
        for code in
            ["司马懿", "simayi", "G12345678", "EA1234567", "13800000000", "138000000001", "a@1", ""]
        {
            assert!(!is_code_like(code), "{code}");
        }
        for number in ["6301001900010100", "63010019000101001", "6301001900010100119"] {
            assert_eq!(is_code_like(number), number.len() == 16, "{number}");
        }
        assert!(is_uscc_like("11310000MB2F30661Y"));
        assert!(is_uscc_like("11310000MB2F306610"));
        for code in ["63010019000101001X", "630100190001010011", "13800000000", "", "省民政厅"]
        {
            assert!(!is_uscc_like(code), "{code}");
        }
    }
    #[test]
    fn keys_are_told_from_numbers_of_persons() {
        for key in [
            "r-7",
            "000100000001",
            "1000001",
            "20210801123000",
            "550e8400-e29b-41d4-a716-446655440000",
            "11440232MB2D06811W4000117051000",
        ] {
            assert!(is_key_like(key), "{key}");
        }
        for number in [
            "63010019000101001X",
            "630100190001010012",
            "6301001900010100",
            "63010019000101",
            "63010019000101001012",
            "63010019000101001X0",
            "x6301001900010100",
            "630100-19000101-001X",
            "ID63010019000101001X",
            "13800000000",
            "138-0000-0000",
            "tel13800000000",
            "0971-8000000",
            "09718000000",
            "E12345678",
            "张三1",
            "",
        ] {
            assert!(!is_key_like(number), "{number}");
        }
    }
}
