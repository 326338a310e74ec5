//! One JSON object of a line, whose values are texts, numbers and truth values.
//!
//! Numbers keep the text that they have in the file: as a fraction in memory, an identifier of twenty
//! digits would be another one.

use std::borrow::Cow;

use crate::diag::is_identifier;
use crate::source::rows::RowFaultKind;

/// A member of an object.
pub(super) struct Member<'l> {
    /// Its key.
    pub(super) key: Cow<'l, str>,
    /// The text of its value, empty for `null`; borrowed where it stands in the line as it is.
    pub(super) value: Cow<'l, str>,
    /// Where a borrowed value begins in the line.
    pub(super) at: usize,
    /// Whether the value is an object or a list, in the place of which stands nothing.
    pub(super) is_nested: bool,
}

/// Reads the object that a line is, and hands its members to `take`.
pub(super) fn read_object<'l>(
    line: &'l str,
    mut take: impl FnMut(Member<'l>),
) -> Result<(), RowFaultKind> {
    let mut cursor = Cursor { line, at: 0 };
    cursor.skip_space();
    if cursor.take_byte(b'{').is_none() {
        let is_json = serde_json::from_str::<serde::de::IgnoredAny>(line).is_ok();
        return Err(if is_json { RowFaultKind::JsonNoObject } else { malformed() });
    }
    cursor.skip_space();
    let mut is_more = cursor.take_byte(b'}').is_none();
    while is_more {
        cursor.skip_space();
        let key = cursor.string().ok_or_else(malformed)?;
        cursor.skip_space();
        cursor.take_byte(b':').ok_or_else(malformed)?;
        cursor.skip_space();
        let at = cursor.at + usize::from(cursor.peek() == Some(b'"'));
        let is_nested = matches!(cursor.peek(), Some(b'{' | b'['));
        let value = if is_nested { cursor.nested() } else { cursor.value() };
        take(Member { key, value: value.ok_or_else(malformed)?, at, is_nested });
        cursor.skip_space();
        is_more = cursor.take_byte(b',').is_some();
        if !is_more {
            cursor.take_byte(b'}').ok_or_else(malformed)?;
        }
    }
    cursor.skip_space();
    if cursor.at == line.len() { Ok(()) } else { Err(malformed()) }
}

/// Returns a key for a message; `None` where it may be anything but the name of a column.
pub(super) fn shown_key(key: &str) -> Option<String> {
    is_identifier(key).then(|| key.to_owned())
}

fn malformed() -> RowFaultKind {
    RowFaultKind::JsonMalformed
}

/// A place in a line.
struct Cursor<'l> {
    line: &'l str,
    at: usize,
}

impl<'l> Cursor<'l> {
    fn peek(&self) -> Option<u8> {
        self.line.as_bytes().get(self.at).copied()
    }

    fn take_byte(&mut self, wanted: u8) -> Option<()> {
        (self.peek()? == wanted).then(|| self.at += 1)
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    /// Takes a string; `None` where there is none, or one that JSON does not have.
    fn string(&mut self) -> Option<Cow<'l, str>> {
        let start = self.at;
        self.take_byte(b'"')?;
        let mut has_escapes = false;
        loop {
            let rest = self.line.as_bytes().get(self.at..)?;
            self.at += memchr::memchr2(b'"', b'\\', rest)?;
            if self.peek() == Some(b'"') {
                break;
            }
            has_escapes = true;
            self.at += 2;
        }
        self.at += 1;
        let inside = self.line.get(start + 1..self.at - 1)?;
        if has_escapes {
            return serde_json::from_str(self.line.get(start..self.at)?).ok().map(Cow::Owned);
        }
        inside.bytes().all(|byte| byte >= b' ').then_some(Cow::Borrowed(inside))
    }

    /// Takes an object or a list, and returns nothing in its place; `None` where it does not end.
    fn nested(&mut self) -> Option<Cow<'l, str>> {
        let mut depth = 0_usize;
        loop {
            match self.peek()? {
                b'"' => {
                    self.string()?;
                    continue;
                }
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth -= 1,
                _ => {}
            }
            self.at += 1;
            if depth == 0 {
                return Some(Cow::Borrowed(""));
            }
        }
    }

    /// Takes a value that is no object and no list.
    fn value(&mut self) -> Option<Cow<'l, str>> {
        if self.peek()? == b'"' {
            return self.string();
        }
        let rest = self.line.get(self.at..)?;
        let is_end = |c: char| matches!(c, ',' | '}' | ' ' | '\t' | '\r' | '\n');
        let word = &rest[..rest.find(is_end).unwrap_or(rest.len())];
        self.at += word.len();
        match word {
            "null" => Some(Cow::Borrowed("")),
            "true" | "false" => Some(Cow::Borrowed(word)),
            _ => is_number(word).then_some(Cow::Borrowed(word)),
        }
    }
}

/// Whether a word is a number as JSON writes it.
fn is_number(word: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let unsigned = word.strip_prefix('-').unwrap_or(word);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    digits(whole)
        && (whole == "0" || !whole.starts_with('0'))
        && fraction.is_none_or(digits)
        && exponent.is_none_or(|text| digits(text.strip_prefix(['+', '-']).unwrap_or(text)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    #[track_caller]
    fn check(line: &str, expected: &str) {
        let mut members = Vec::new();
        let outcome = read_object(line, |Member { key, value, at, is_nested }| {
            if let Cow::Borrowed(value) = value
                && !value.is_empty()
            {
                assert_eq!(&line[at..at + value.len()], value);
            }
            members.push(format!("{key}={}", if is_nested { "…" } else { &value }));
        });
        let found = outcome.map_or_else(|kind| kind.to_string(), |()| members.join("|"));
        assert_eq!(found, expected, "{line}");
    }

    #[test]
    fn values_are_their_text() {
        check(
            r#" {"a" : "甲\u4e59\n\"", "b":1.10,"c":12345678901234567890}  "#,
            "a=甲乙\n\"|b=1.10|c=12345678901234567890",
        );
        check(
            r#"{"a":true,"b":false,"c":null,"d":"null","e":-1e+5}"#,
            "a=true|b=false|c=|d=null|e=-1e+5",
        );
        check("{}", "");
        check(r#"{"a\"b":""}"#, "a\"b=");
    }

    #[test]
    fn lists_and_objects_are_passed_over() {
        check(r#"{"a":{},"b":1}"#, "a=…|b=1");
        check(r#"{"a":[1,{"b":"]}\""}],"c":"d"}"#, "a=…|c=d");
        check(r#"{"a":[[[]]]}"#, "a=…");
    }

    #[test]
    fn lines_that_are_no_plain_objects_are_told() {
        check("[1]", "record.json_no_object");
        check("12", "record.json_no_object");
        for line in [
            "",
            "{",
            "{\"a\"}",
            "{\"a\":}",
            "{\"a\":1,}",
            "{\"a\":1}}",
            "{\"a\":1 \"b\":2}",
            "{\"a\":01}",
            "{\"a\":1.}",
            "{\"a\":.5}",
            "{\"a\":+1}",
            "{\"a\":NaN}",
            "{\"a\":\"\t\"}",
            "{\"a\":\"\\x\"}",
            "{\"a\":\"\\ud800\"}",
            "{\"a\":\"",
            "{\"a\":\"\\",
            "{'a':1}",
            "{a:1}",
            "{\"a\":1e}",
            "{\"a\":tru}",
            "{\"a\":1}x",
            "{\"a\":[1}",
            "{\"a\":[1",
            "{\"a\":[\"]\",1",
            "{\"a\":[1]]}",
            "\u{feff}{}",
        ] {
            check(line, "record.json_malformed");
        }
    }

    proptest! {
        #[test]
        fn what_is_read_is_what_another_reader_reads(
            line in prop_oneof![
                "\\{(\"[a-c]\":(\"[a-z\\\\\"u0-9]{0,5}\"|-?[0-9]{1,3}(\\.[0-9]{0,2})?(e[0-9]?)?|true|null),? ?){0,3}\\}",
                proptest::collection::vec(("[a-z甲\"\\\\]{0,4}", "\\PC{0,6}"), 0..4).prop_map(|members| {
                    let object: serde_json::Map<String, Value> =
                        members.into_iter().map(|(key, text)| (key, Value::String(text))).collect();
                    Value::Object(object).to_string()
                }),
            ],
        ) {
            let mut members = Vec::new();
            let outcome = read_object(&line, |member| {
                members.push((member.key.into_owned(), member.value.into_owned()));
            });
            match serde_json::from_str::<serde_json::Map<String, Value>>(&line) {
                Ok(object) => {
                    prop_assert_eq!(outcome, Ok(()));
                    for (key, value) in object {
                        let last = members.iter().rfind(|(known, _)| *known == key);
                        let text = &last.unwrap().1;
                        match value {
                            Value::String(expected) => prop_assert_eq!(text, &expected),
                            Value::Null => prop_assert_eq!(text, ""),
                            other => prop_assert_eq!(serde_json::from_str::<Value>(text).unwrap(), other),
                        }
                    }
                }
                Err(error) => prop_assert!(outcome.is_err(), "{}: {}", line, error),
            }
        }
    }
}
