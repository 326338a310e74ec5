//! What codes and names of bodies look like, whoever they belong to.
//!
//! In a row whose columns are shifted a person can stand anywhere. A text is repeated where it has the
//! shape of what belongs there, and never because it stands there.

use chrono::NaiveDate;

use crate::diag::masked_persons;
use crate::model::{CodeFault, ResidentId, check_resident_id, is_like_resident_id, is_mobile};
use crate::records::checksum::check_uscc;
use crate::records::normal::folded;

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
const FIRST_CASES: i32 = 2015;
/// Digits of a mobile number.
const PHONE_DIGITS: usize = 11;
/// Characters of a resident's ID, and digits in front of the last one, which may be an X.
const ID_CHARS: usize = 18;
const ID_DIGITS: usize = 17;
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

/// Whether a code that is kept as it is has the number of a person: a mobile number, whose second digit is
/// 3 to 9, or a resident's ID of 18 characters with its check digit.
///
/// Neither width nor case hides one, nor what stands between its characters and is no letter or digit: blanks,
/// hyphens, the mark of a text in a sheet, characters that do not show. A mobile number is all of the code, but
/// for the code of the country, or stands among words: case numbers have as many digits in a row. An ID is
/// found wherever neither its first digit nor a digit at its end goes on with another one.
///
/// Numbers of cases are made of a region, a day and a running number, too, and the check digit of every
/// eleventh fits: where the day is of 2015 or later it is taken for that of a case, unless it ends in X, as
/// running numbers do not.
pub fn has_person_number(code: &str) -> bool {
    let mut scratch = String::new();
    let code = folded(code, &mut scratch).text;
    let compact: String = code.chars().filter(|c| c.is_alphanumeric()).collect();
    let is_among_words =
        || !compact.is_ascii() && compact.split(|c: char| !c.is_ascii_digit()).any(is_phone);
    is_phone(&compact) || is_among_words() || has_id(code) || has_id(&compact)
}

/// Whether a code may have the number of a person, by a look that costs hardly anything: keys are looked at
/// in every row. Never `false` where [`has_person_number`] finds one.
pub fn may_have_person_number(code: &str) -> bool {
    let bytes = code.as_bytes();
    if bytes.len() < PHONE_DIGITS {
        return false;
    }
    if !bytes.is_ascii() {
        return true;
    }
    let is_no_letter = |byte: &&u8| !byte.is_ascii_alphabetic();
    let n_digits = |stretch: &[u8]| stretch.iter().filter(|byte| byte.is_ascii_digit()).count();
    let n_first = bytes.iter().take_while(is_no_letter).count();
    if n_first == bytes.len() && matches!(n_digits(bytes), PHONE_DIGITS | 13 | 15) {
        return true;
    }
    // So many digits without a letter between them have to stand at one of these places.
    (ID_DIGITS - 1..bytes.len()).step_by(ID_DIGITS).any(|at| {
        let n_behind = bytes[at..].iter().take_while(is_no_letter).count();
        if n_behind == 0 {
            return false;
        }
        let n_before = bytes[..at].iter().rev().take_while(is_no_letter).count();
        let stretch = &bytes[at - n_before..at + n_behind];
        match n_digits(stretch) {
            n_digits if n_digits < stretch.len() => n_digits >= ID_DIGITS,
            n_digits => matches!(n_digits, ID_DIGITS | ID_CHARS),
        }
    })
}

/// Whether a number is that of a mobile phone, perhaps behind the code of the country.
fn is_phone(number: &str) -> bool {
    let mut numbers = ["", "86", "0086"].iter().filter_map(|code| number.strip_prefix(code));
    numbers.any(|number| is_mobile(number) && matches!(number.as_bytes()[1], b'3'..=b'9'))
}

/// Whether a resident's ID stands in a code of upper case, neither begun nor ended by a digit in the middle of
/// others. At the beginning of a longer code it is none where it is a right code of a body, as codes of items
/// begin with one.
fn has_id(code: &str) -> bool {
    code.split_inclusive(|c: char| !c.is_ascii_digit()).any(|piece| {
        let digits = piece.trim_end_matches(|c: char| !c.is_ascii_digit());
        let number = match digits.len() {
            ID_DIGITS => piece.get(..ID_CHARS),
            ID_CHARS => Some(digits),
            _ => None,
        };
        let opens = |number: &str| code.len() > number.len() && code.starts_with(number);
        let is_body = |number: &str| opens(number) && check_uscc(number).is_ok();
        number.is_some_and(|number| is_id(number) && !is_body(number))
    })
}

/// Whether a number is that of a resident and hardly that of a case.
fn is_id(number: &str) -> bool {
    let is_of_case = || {
        let year: i32 = number[6..10].parse().unwrap_or_default();
        year >= FIRST_CASES && !(number.ends_with('X') && BIRTHS.contains(&year))
    };
    check_resident_id(number) == Ok(ResidentId::Current) && !is_of_case()
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
    use proptest::prelude::*;

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
        let disguised = [
            "'13800138000",
            "13800138000\u{200b}",
            "\u{feff}13800138000",
            "138 00138000",
            "138\u{a0}0013\u{3000}8000",
            "138-0013-8000",
            "138.0013.8000",
            "+8613800138000",
            "+86 138 0013 8000",
            "8613800138000",
            "0086-13800138000",
            "１3８００1380００",
            "张三13800138000",
            "张三（138-0013-8000）的件",
            "１10105194912310０2x",
            "110105194912310-02X",
            "110105 19491231 002x",
            "11010519491231002X-01",
            "2021-11010519491231002X",
            "A11010519491231002X",
            "ID:11010519491231002XB",
            "李四11010519491231002X",
        ];
        let plain =
            ["13800000000", "63010019000101001X", "630100201412310069", "11010520160101009X"];
        for number in disguised.into_iter().chain(plain) {
            assert!(has_person_number(number), "{number}");
            assert!(may_have_person_number(number), "{number}");
        }
        for code in [
            "10000000001",
            "12800000000",
            "138000000001",
            "2021-13800138000",
            "SL13800138000",
            "11010519491231002",
            "630100190001010011",
            "630100040229001",
            "630100201501010017",
            "A-630100201501010017",
            "11010521160101003X",
            "630120210723000000001",
            "20211101051949123100",
            "11440232MB2D06811W4000117051000202010200008",
            "550e8400-e29b-41d4-a716-446655440000",
            "青民〔2021〕0713号",
            "青民〔2021〕13800138000号",
            "青",
            "",
        ] {
            assert!(!has_person_number(code), "{code}");
        }
    }

    #[test]
    fn a_code_of_a_body_that_could_be_an_id_opens_codes_of_items() {
        // Both check digits fit.
        let numbers = (0..).map(|idx| format!("11010119490101{idx:03}"));
        let ids = numbers.flat_map(|body| "0123456789X".chars().map(move |c| format!("{body}{c}")));
        let both = ids.take(11_000).find(|id| is_id(id) && check_uscc(id).is_ok()).unwrap();
        assert!(has_person_number(&both));
        assert!(!has_person_number(&format!("{both}-2000100000001")));
    }

    proptest! {
        #[test]
        fn the_look_misses_no_number(
            code in "[A-WYa-z一-龥]{0,3}[-_ ]{0,2}\\PC{0,3}",
            number in prop::sample::select(vec![
                "13800138000", "0086-138 0013 8000", "11010519491231002X", "630100 20141231 0069",
            ]),
            behind in "[-/:' \u{200b}]{0,2}[A-WYa-z0-9一-龥]{0,20}",
        ) {
            for text in [format!("{code}{number}{behind}"), format!("{number}{behind}"), code] {
                prop_assert!(may_have_person_number(&text) || !has_person_number(&text), "{text}");
            }
        }

        #[test]
        fn codes_of_cases_are_seldom_looked_at_twice(
            uuid in "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",
            item in "1163[0-9]{4}MB[0-9A-H]{8}[0-9A-H]20001[0-9]{8}20[0-9]{10}",
        ) {
            let has_stretch = |code: &str| {
                code.split(|c: char| c.is_ascii_alphabetic())
                    .any(|part| part.bytes().filter(u8::is_ascii_digit).count() >= ID_DIGITS)
            };
            prop_assert!(!may_have_person_number(&uuid) || has_stretch(&uuid));
            prop_assert!(!has_person_number(&item) && !may_have_person_number(&item), "{item}");
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
