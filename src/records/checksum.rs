//! Check digits: unified social credit codes (GB 32100), organisation codes (GB 11714) and resident
//! identity numbers (GB 11643).
//!
//! A check digit proves that a code was copied right, not that the code was ever given out nor that it
//! belongs to the name beside it. Regions inside codes are not looked up: people keep the code of the
//! place where they were first registered, which may have been retired since.

pub use crate::model::{CodeFault, ResidentId, check_resident_id};

/// Characters of a unified social credit code, in the order of their values. I, O, S, V and Z are not
/// used.
const USCC_ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
/// 3^i mod 31.
const USCC_WEIGHTS: [u32; 17] = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];
const ORG_WEIGHTS: [u32; 8] = [3, 7, 9, 10, 5, 8, 4, 2];
/// Marks bytes outside an alphabet.
const NONE: u8 = 0xff;

/// Values of bytes in `USCC_ALPHABET`.
#[expect(clippy::cast_possible_truncation, reason = "a constant cannot call `try_from`; 31 fits")]
const USCC_VALUES: [u8; 256] = {
    let mut values = [NONE; 256];
    let mut idx = 0;
    while idx < USCC_ALPHABET.len() {
        values[USCC_ALPHABET[idx] as usize] = idx as u8;
        idx += 1;
    }
    values
};

/// Checks a unified social credit code of 18 characters.
///
/// Letters have to be in upper case and of half width: [`folded`](crate::records::normal::folded) makes
/// them so.
pub fn check_uscc(code: &str) -> Result<(), CodeFault> {
    let code: &[u8; 18] = code.as_bytes().try_into().map_err(|_| CodeFault::Length)?;
    let (mut sum, mut has_stranger) = (0, false);
    for (idx, weight) in USCC_WEIGHTS.iter().enumerate() {
        let value = USCC_VALUES[code[idx] as usize];
        has_stranger |= value == NONE;
        sum += u32::from(value) * weight;
    }
    let check = USCC_VALUES[code[17] as usize];
    if has_stranger || check == NONE {
        return Err(CodeFault::Character);
    }
    if u32::from(check) == (31 - sum % 31) % 31 { Ok(()) } else { Err(CodeFault::CheckDigit) }
}

/// Returns the organisation code inside a unified social credit code: characters 9 to 17.
///
/// `None` where the code is too short or is no plain text.
pub fn org_code_in(uscc: &str) -> Option<&str> {
    uscc.get(8..17)
}

/// Checks an organisation code of 9 characters; the hyphen that is printed before the last may be there.
///
/// Inside a unified social credit code a fault is worth a warning only: the rule was confirmed by
/// examples, not by the text of the standard.
pub fn check_org_code(code: &str) -> Result<(), CodeFault> {
    let code = code.as_bytes();
    let (body, check) = match code.len() {
        9 => (&code[..8], code[8]),
        10 if code[8] == b'-' => (&code[..8], code[9]),
        _ => return Err(CodeFault::Length),
    };
    let mut sum = 0;
    for (byte, weight) in body.iter().zip(ORG_WEIGHTS) {
        let value = match byte {
            b'0'..=b'9' => byte - b'0',
            b'A'..=b'Z' => byte - b'A' + 10,
            _ => return Err(CodeFault::Character),
        };
        sum += u32::from(value) * weight;
    }
    let expected = match 11 - sum % 11 {
        10 => b'X',
        11 => b'0',
        digit => b'0' + u8::try_from(digit).expect("a digit"),
    };
    match check {
        check if check == expected => Ok(()),
        b'0'..=b'9' | b'X' => Err(CodeFault::CheckDigit),
        _ => Err(CodeFault::Character),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::records::normal::folded;

    /// Codes with their sums and outcomes, and where each comes from.
    const VECTORS: &str = include_str!("tests/checksum_vectors.csv");

    /// Whether a code is what the vectors call valid, and whether its check digit alone is right.
    fn outcome(kind: &str, code: &str) -> Result<(), CodeFault> {
        match kind {
            "uscc" => check_uscc(code),
            "org_code_gb11714_in_uscc" => check_org_code(code),
            "resident_id" => check_resident_id(code).map(|_| ()),
            other => panic!("no such kind: {other}"),
        }
    }

    #[test]
    fn every_vector_has_the_outcome_that_it_names() {
        let mut reader = csv::Reader::from_reader(VECTORS.as_bytes());
        let mut n_checked = 0;
        for record in reader.records() {
            let record = record.unwrap();
            let (kind, code, result, check) = (&record[0], &record[1], &record[2], &record[5]);
            let found = outcome(kind, code);
            match result {
                "invalid" => assert_eq!(found, Err(CodeFault::CheckDigit), "{code}"),
                // 1900 was no leap year: the check digit is right and the day does not exist.
                "check_digit_valid" if code.contains("19000229") => {
                    assert_eq!(found, Err(CodeFault::Date), "{code}");
                }
                "valid" | "check_digit_valid" => assert_eq!(found, Ok(()), "{code}"),
                other => panic!("no such result: {other}"),
            }
            // The check digit that the vector expects is accepted, and no other one.
            let with_check = format!("{}{check}", &code[..code.len() - 1]);
            assert_ne!(outcome(kind, &with_check), Err(CodeFault::CheckDigit), "{with_check}");
            n_checked += 1;
        }
        assert_eq!(n_checked, 23);
    }

    #[test]
    fn the_organisation_code_inside_is_found() {
        assert_eq!(org_code_in("9144030071526726XG"), Some("71526726X"));
        assert_eq!(org_code_in("914403007152"), None);
        assert_eq!(check_org_code("71526726-X"), Ok(()));
        assert_eq!(check_org_code("71526726XX"), Err(CodeFault::Length));
    }

    #[test]
    fn faults_are_told_apart() {
        assert_eq!(check_uscc("9144030071526726X"), Err(CodeFault::Length));
        assert_eq!(check_uscc("9144030071526726xG"), Err(CodeFault::Character));
        assert_eq!(check_uscc("I144030071526726XG"), Err(CodeFault::Character));
        assert_eq!(check_uscc("914403007152672青G"), Err(CodeFault::Length));
        assert_eq!(check_org_code("7152672?X"), Err(CodeFault::Character));
        assert_eq!(check_org_code("71526726Y"), Err(CodeFault::Character));
        assert_eq!(check_resident_id("63010019000101001x"), Err(CodeFault::Character));
        assert_eq!(check_resident_id("6301001900010100"), Err(CodeFault::Length));
        assert_eq!(check_resident_id("63010019001301001X"), Err(CodeFault::Date));
        assert_eq!(check_resident_id("63010022000101001X"), Err(CodeFault::Date));
        assert_eq!(check_resident_id(""), Err(CodeFault::Length));
    }

    #[test]
    fn lower_case_and_full_width_pass_once_they_are_folded() {
        let mut scratch = String::new();
        for given in [
            "63010019000101001x",
            "６３０１００１９０００１０１００１Ｘ",
            " 63010019000101001X\u{3000}",
        ] {
            let folded = folded(given, &mut scratch);
            assert!(folded.was_changed, "{given}");
            assert_eq!(check_resident_id(folded.text), Ok(ResidentId::Current), "{given}");
        }
    }

    #[test]
    fn old_numbers_are_told_apart_and_their_day_must_exist() {
        assert_eq!(check_resident_id("630100000229001"), Err(CodeFault::Date));
        assert_eq!(check_resident_id("630100040229001"), Ok(ResidentId::Old));
        // 997 is a serial of people born before 1900: in 1896, a leap year, and not in 1996.
        assert_eq!(check_resident_id("630100960229997"), Ok(ResidentId::Old));
        assert_eq!(check_resident_id("630100000229997"), Err(CodeFault::Date));
        assert_eq!(check_resident_id("63010004022900X"), Err(CodeFault::Character));
    }

    proptest! {
        #[test]
        fn one_wrong_character_of_a_credit_code_is_always_seen(
            body in "[0-9A-HJ-NPQRTUWXY]{17}", at in 0_usize..18, other in 0_usize..31,
        ) {
            let right = USCC_ALPHABET.iter().map(|last| format!("{body}{}", *last as char));
            let right: Vec<String> = right.filter(|code| check_uscc(code).is_ok()).collect();
            prop_assert_eq!(right.len(), 1);
            let mut wrong = right[0].clone().into_bytes();
            prop_assume!(wrong[at] != USCC_ALPHABET[other]);
            wrong[at] = USCC_ALPHABET[other];
            let wrong = String::from_utf8(wrong).unwrap();
            prop_assert_eq!(check_uscc(&wrong), Err(CodeFault::CheckDigit));
        }

        #[test]
        fn one_wrong_digit_of_an_identity_number_is_always_seen(
            region in "63[0-9]{4}", day in 0_i64..40_000, serial in "[0-9]{3}",
            at in 0_usize..6, other in b'0'..=b'9',
        ) {
            let day = chrono::NaiveDate::from_ymd_opt(1900, 1, 1).unwrap()
                + chrono::TimeDelta::days(day);
            let body = format!("{region}{}{serial}", day.format("%Y%m%d"));
            let right = b"0123456789X".iter().map(|last| format!("{body}{}", *last as char));
            let right: Vec<String> = right.filter(|id| check_resident_id(id).is_ok()).collect();
            prop_assert_eq!(right.len(), 1);
            let mut wrong = right[0].clone().into_bytes();
            prop_assume!(wrong[at] != other);
            wrong[at] = other;
            let wrong = String::from_utf8(wrong).unwrap();
            prop_assert_eq!(check_resident_id(&wrong), Err(CodeFault::CheckDigit));
        }

        #[test]
        fn no_text_is_too_odd(text in "\\PC{0,20}") {
            let seen = [
                check_uscc(&text).is_ok(),
                check_org_code(&text).is_ok(),
                check_resident_id(&text).is_ok(),
            ];
            prop_assert!(text.is_ascii() || seen == [false; 3]);
        }
    }
}
