//! Why the text of a definition cannot be read, in the reader's language: the library tells it in English.

use crate::diag::{Lang, Message, name_list};

/// Kinds of values as the library names them, and their words.
const KINDS: [(&str, &str); 12] = [
    ("a boolean", "report.type_truth"),
    ("a map", "report.type_table"),
    ("a sequence", "report.type_list"),
    ("a string", "report.type_text"),
    ("boolean", "report.type_truth"),
    ("floating point", "report.type_number"),
    ("integer", "report.type_number"),
    ("map", "report.type_table"),
    ("sequence", "report.type_list"),
    ("string", "report.type_text"),
    ("u32", "report.type_count"),
    ("usize", "report.type_count"),
];

/// Returns what the library says as a message. `required` are the keys at the top of the file that have to be
/// there: those that are not are told together.
pub(in crate::report) fn reason_of(
    error: &toml::de::Error,
    text: &str,
    required: &[&str],
) -> Message {
    let said = error.message();
    let is_of_top = error.span().is_none_or(|span| span.start == 0);
    missing(said, if is_of_top { absent(text, required) } else { Vec::new() })
        .or_else(|| unknown(said))
        .or_else(|| unfit(said))
        .unwrap_or_else(|| Message::new("io.other").with("reason", said))
}

/// The keys that are required at the top of a file and not there.
fn absent<'a>(text: &str, required: &[&'a str]) -> Vec<&'a str> {
    let written: toml::Table = toml::from_str(text).unwrap_or_default();
    required.iter().copied().filter(|key| !written.contains_key(*key)).collect()
}

fn missing(said: &str, absent: Vec<&str>) -> Option<Message> {
    let key = said.strip_prefix("missing field `")?.strip_suffix('`')?;
    let keys = if absent.contains(&key) { absent } else { vec![key] };
    Some(Message::new("report.unread_missing").with("keys", name_list(&keys)))
}

fn unknown(said: &str) -> Option<Message> {
    let (key, known) = said.strip_prefix("unknown field `")?.split_once("`, expected ")?;
    // Two are told with a word between them.
    let known = known.strip_prefix("one of ").unwrap_or(known).replace("` or `", "`, `");
    Some(Message::new("report.unread_unknown").with("key", key).with("known", known))
}

fn unfit(said: &str) -> Option<Message> {
    let (found, expected) = said.strip_prefix("invalid type: ")?.split_once(", expected ")?;
    let code = |name: &str| KINDS.iter().find(|(known, _)| *known == name).map(|(_, code)| *code);
    let (kind, value) = match found.find(['"', '`']) {
        Some(at) => (found[..at].trim_end(), &found[at..]),
        None => (found, ""),
    };
    let words = |lang| {
        let kind = code(kind).map_or_else(|| kind.to_owned(), |code| Message::new(code).text(lang));
        [kind.as_str(), value].join(" ").trim_end().to_owned()
    };
    Some(
        Message::new("report.unread_type")
            .with_sentence("found", &words(Lang::Zh), &words(Lang::En))
            .with_coded("expected", code(expected).unwrap_or(expected)),
    )
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Written {
        #[serde(rename = "title")]
        _title: String,
        #[serde(rename = "top")]
        _top: usize,
    }

    #[track_caller]
    fn check(text: &str, zh: &str, en: &str) {
        let error = toml::from_str::<Written>(text).unwrap_err();
        let reason = reason_of(&error, text, &["title", "top"]);
        assert_eq!([reason.text(Lang::Zh), reason.text(Lang::En)], [zh, en]);
    }

    #[test]
    fn what_the_library_says_is_told_in_both_languages() {
        check("top = 1\n", "缺少键 `title`", "missing field `title`");
        // All that is missing is told at once.
        check("", "缺少键 `title`, `top`", "missing field `title`, `top`");
        check(
            "title = \"a\"\ntopp = 1\n",
            "没有键 `topp`；可用的键：`title`, `top`",
            "unknown field `topp`, expected one of `title`, `top`",
        );
        check(
            "title = \"a\"\ntop = \"x\"\n",
            "类型不符：写的是文本 \"x\"，应为非负整数",
            "the wrong type: text \"x\", expected a whole number from 0",
        );
        let list = "title = [1]\ntop = 1\n";
        check(list, "类型不符：写的是列表，应为文本", "the wrong type: a list, expected text");
    }
}
