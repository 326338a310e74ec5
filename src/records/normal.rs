//! Values in the form in which they are checked, compared and hashed.
//!
//! Senders pad with blanks, write X in lower case, digits in full width and phone numbers with +86. The
//! same number has to pass the same check and give the same pseudonym in each of these forms.

use unicode_normalization::UnicodeNormalization;

use crate::model::text_enum;

text_enum! {
    /// How a value is made comparable.
    Normal {
        /// NFKC, without white space around it.
        Text = "text",
        /// The same in upper case: numbers of certificates and codes.
        Code = "code",
        /// Digits of a phone number, without the country code of China.
        Phone = "phone",
    }
}

/// A value in its normal form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Folded<'a> {
    /// The normal form.
    pub text: &'a str,
    /// Whether the value was written in another form.
    pub was_changed: bool,
}

impl Normal {
    /// Returns a value in its normal form, which is put into `scratch` where it differs.
    pub fn of<'a>(self, value: &'a str, scratch: &'a mut String) -> Folded<'a> {
        match self {
            Self::Text => folded_text(value, scratch),
            Self::Code => folded(value, scratch),
            Self::Phone => folded_phone(value, scratch),
        }
    }
}

/// Returns a code in half width and upper case, without white space around it.
pub fn folded<'a>(code: &'a str, scratch: &'a mut String) -> Folded<'a> {
    let is_plain = |byte: u8| matches!(byte, b'!'..=b'~') && !byte.is_ascii_lowercase();
    // A blank inside is nothing to be changed, and rare enough for the long way.
    if code.bytes().all(is_plain) {
        return Folded { text: code, was_changed: false };
    }
    scratch.clear();
    scratch.extend(code.nfkc().map(|c| c.to_ascii_uppercase()));
    changed(code, scratch.trim())
}

/// Returns a text in NFKC, without white space around it.
pub fn folded_text<'a>(text: &'a str, scratch: &'a mut String) -> Folded<'a> {
    if is_normal(text.as_bytes()) {
        return Folded { text, was_changed: false };
    }
    scratch.clear();
    scratch.extend(text.nfkc());
    changed(text, scratch.trim())
}

/// Returns the digits of a phone number: +86, 0086 and 86 before a mobile number are left out, as are
/// blanks and hyphens. What holds anything but these stays as it is, in half width.
pub fn folded_phone<'a>(number: &'a str, scratch: &'a mut String) -> Folded<'a> {
    if number.bytes().all(|byte| byte.is_ascii_digit()) && number.len() <= 11 {
        return Folded { text: number, was_changed: false };
    }
    scratch.clear();
    scratch.extend(number.nfkc());
    let is_part = |c: char| c.is_ascii_digit() || matches!(c, ' ' | '-');
    let is_number = {
        let plain = scratch.trim();
        plain.strip_prefix('+').unwrap_or(plain).chars().all(is_part)
    };
    if !is_number {
        return changed(number, scratch.trim());
    }
    scratch.retain(|c| c.is_ascii_digit());
    let is_mobile = |rest: &&str| rest.len() == 11 && rest.starts_with('1');
    let mobile = ["0086", "86"]
        .iter()
        .find_map(|prefix| scratch.strip_prefix(prefix).filter(is_mobile))
        .map(|rest| scratch.len() - rest.len());
    if let Some(n_bytes) = mobile {
        scratch.drain(..n_bytes);
    }
    changed(number, scratch)
}

fn changed<'a>(given: &str, normal: &'a str) -> Folded<'a> {
    let was_changed = given != normal;
    Folded { text: normal, was_changed }
}

/// Whether a text is its own normal form for certain: ideographs from U+4000 to U+9FFF and ASCII, which
/// no normalisation touches, with no blank at its ends.
fn is_normal(text: &[u8]) -> bool {
    let mut rest = text;
    while let [first, after @ ..] = rest {
        rest = match first {
            b' '..=b'~' => after,
            0xe4..=0xe9 => after.get(2..).unwrap_or_default(),
            _ => return false,
        };
    }
    text.first() != Some(&b' ') && text.last() != Some(&b' ')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(normal: Normal, value: &str, expected: &str) {
        let mut scratch = String::new();
        let folded = normal.of(value, &mut scratch);
        assert_eq!(folded.text, expected);
        assert_eq!(folded.was_changed, value != expected, "{value}");
    }

    #[test]
    fn codes_are_of_half_width_and_upper_case() {
        check(Normal::Code, "63010019000101001X", "63010019000101001X");
        check(Normal::Code, " 63010019000101001x ", "63010019000101001X");
        check(Normal::Code, "６３０１００19000101001ｘ", "63010019000101001X");
        check(Normal::Code, "\u{3000}青a1\t", "青A1");
        check(Normal::Code, "", "");
    }

    #[test]
    fn texts_keep_their_case() {
        check(Normal::Text, "张三", "张三");
        check(Normal::Text, " 张三\u{3000}", "张三");
        check(Normal::Text, "Ｌi（三）", "Li(三)");
        check(Normal::Text, "才让·多杰", "才让·多杰");
        // A compatibility ideograph is the same as the one that it stands for.
        check(Normal::Text, "\u{f900}", "\u{8c48}");
    }

    #[test]
    fn phone_numbers_lose_the_code_of_the_country() {
        check(Normal::Phone, "13800000000", "13800000000");
        for given in ["+86 138 0000 0000", "86-138-0000-0000", "008613800000000", "１３８00000000 "]
        {
            check(Normal::Phone, given, "13800000000");
        }
        check(Normal::Phone, "0971-8000000", "09718000000");
        check(Normal::Phone, "86000000000", "86000000000");
        check(Normal::Phone, "13800000000/13900000000", "13800000000/13900000000");
        check(Normal::Phone, "无", "无");
    }

    proptest! {
        #[test]
        fn the_short_way_gives_what_the_long_way_gives(
            value in prop_oneof!["\\PC{0,12}", "[ a-zA-Z0-9一-鿿\u{4000}-\u{4dff}]{0,12}"],
        ) {
            let mut scratch = String::new();
            let text: String = value.nfkc().collect();
            prop_assert_eq!(folded_text(&value, &mut scratch).text, text.trim());
            let code = text.to_ascii_uppercase();
            prop_assert_eq!(folded(&value, &mut scratch).text, code.trim());
        }

        #[test]
        fn a_normal_form_stays_as_it_is(value in "\\PC{0,12}") {
            for normal in Normal::ALL {
                let (mut first, mut second) = (String::new(), String::new());
                let once = normal.of(&value, &mut first).text;
                prop_assert_eq!(normal.of(once, &mut second).text, once);
            }
        }
    }
}
