//! What the program says: findings and failures as codes with facts, worded in Chinese and English.
//!
//! Texts are data (`data/messages/`), keyed by code; this module never prints them.

mod finding;
mod personal;
mod printable;
mod texts;

use std::borrow::Cow;
use std::fmt::Display;

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};

use crate::model::{Place, Spot, text_enum};

pub use finding::{Finding, Severity};
pub use personal::{is_identifier, masked_numbers, masked_persons, masked_where, stars};
pub use printable::{printable, printable_lines};
pub use texts::{column_title, phrases, word};

text_enum! {
    /// The languages in which everything a user reads exists.
    #[serde(rename_all = "snake_case")]
    Lang {
        /// English.
        En = "en",
        /// Chinese.
        Zh = "zh",
    }
}

/// Facts that are never what stands in a cell: names of files, and sizes.
const NOT_FROM_CELLS: [&str; 7] =
    ["file", "path", "first_file", "batch", "offset", "needed", "size"];

/// A sentence for the user: the code of a text and the facts named in it.
///
/// Where one comes from another process, its code has to be one of ours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Message {
    /// Code in `data/messages/`, as `total.mismatch`.
    pub code: &'static str,
    facts: Vec<(Cow<'static, str>, Fact)>,
    /// Code of the text that is the advice, where it is not the one of the sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    advice: Option<&'static str>,
}

/// Something named in a sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
enum Fact {
    /// The same in every language.
    Text(String),
    /// Worded in the reader's language.
    Place(Place),
    /// Several of which each is the same in every language, joined as the reader's language does.
    List(Vec<String>),
    /// The code of a text; what is no code stands as it is.
    Coded(String),
    /// Worded in both languages by whoever wrote it.
    Sentence {
        /// In Chinese.
        zh: String,
        /// In English.
        en: String,
    },
}

impl<'de> Deserialize<'de> for Message {
    /// Fails with a code that no text has.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Foreign {
            code: String,
            facts: Vec<(String, Fact)>,
            #[serde(default)]
            advice: Option<String>,
        }
        let known = |code: String| texts::code(&code).ok_or_else(|| D::Error::custom(code));
        let Foreign { code, facts, advice } = Foreign::deserialize(deserializer)?;
        let facts = facts.into_iter().map(|(name, fact)| (name.into(), fact)).collect();
        Ok(Self { code: known(code)?, facts, advice: advice.map(known).transpose()? })
    }
}

impl Message {
    /// Returns the message of a code, without facts yet.
    pub fn new(code: &'static str) -> Self {
        Self { code, facts: Vec::new(), advice: None }
    }

    /// Adds a fact; `{name}` in the text becomes `value`.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Display) -> Self {
        self.facts.push((name.into(), Fact::Text(value.to_string())));
        self
    }

    /// Adds a fact that is a list, as names are: `{name}` becomes all of them, a dash where there are none.
    #[must_use]
    pub fn with_list(
        mut self,
        name: &'static str,
        values: impl IntoIterator<Item = impl Display>,
    ) -> Self {
        let values = values.into_iter().map(|value| value.to_string()).collect();
        self.facts.push((name.into(), Fact::List(values)));
        self
    }

    /// Adds a fact that is itself the code of a text, as `limit.cells`, where it is one.
    ///
    /// What is no code, as the words of a library, stands as it is.
    #[must_use]
    pub fn with_coded(mut self, name: &'static str, code: impl Into<String>) -> Self {
        self.facts.push((name.into(), Fact::Coded(code.into())));
        self
    }

    /// Adds a fact that is data with a wording of its own in each language.
    #[must_use]
    pub fn with_sentence(mut self, name: &'static str, zh: &str, en: &str) -> Self {
        let sentence = Fact::Sentence { zh: zh.to_owned(), en: en.to_owned() };
        self.facts.push((name.into(), sentence));
        self
    }

    /// Adds where it is as the fact `place`.
    #[must_use]
    pub fn at(mut self, place: Place) -> Self {
        self.facts.push(("place".into(), Fact::Place(place)));
        self
    }

    /// Has another text, about the same facts, be the advice that goes with the sentence: what helps may depend
    /// on more than what is wrong.
    #[must_use]
    pub fn advised(mut self, code: &'static str) -> Self {
        self.advice = Some(code);
        self
    }

    /// Returns another text about the same facts.
    #[must_use]
    pub fn worded_as(&self, code: &'static str) -> Self {
        Self { code, facts: self.facts.clone(), advice: None }
    }

    /// Returns the sentence.
    pub fn text(&self, lang: Lang) -> String {
        texts::of(self.code)
            .map_or_else(|| self.code.to_owned(), |text| self.fill(text.body(lang), lang))
    }

    /// Returns the advice that goes with the sentence, where there is some.
    pub fn hint(&self, lang: Lang) -> Option<String> {
        let hint = match self.advice {
            Some(advice) => texts::of(advice)?.body(lang),
            None => texts::of(self.code)?.hint(lang)?,
        };
        Some(self.fill(hint, lang))
    }

    fn fill(&self, template: &str, lang: Lang) -> String {
        let mut text = String::with_capacity(template.len());
        let mut rest = template;
        while let Some((before, after)) = rest.split_once('{') {
            let Some((name, tail)) = after.split_once('}') else { break };
            text.push_str(before);
            let fact = self.facts.iter().find(|(fact, _)| *fact == name);
            match fact.map(|(_, fact)| fact) {
                // What files are named and hold must not act on a terminal, nor look like lines of
                // ours; only the words of libraries may take several lines.
                Some(Fact::Text(value)) if name == "reason" => {
                    text.push_str(&printable_lines(&masked_numbers(value)));
                }
                Some(Fact::Text(value)) if NOT_FROM_CELLS.contains(&name) => {
                    text.push_str(&printable(value));
                }
                Some(Fact::Text(value)) => text.push_str(&printable(&masked_numbers(value))),
                Some(Fact::List(values)) => {
                    let shown = |value: &String| printable(&masked_numbers(value));
                    text.push_str(&joined(&values.iter().map(shown).collect::<Vec<_>>(), lang));
                }
                Some(Fact::Place(place)) => text.push_str(&place_words(*place, lang)),
                Some(Fact::Sentence { zh, en }) => {
                    text.push_str(&printable(if lang == Lang::Zh { zh } else { en }));
                }
                Some(Fact::Coded(code)) => {
                    text.push_str(texts::of(code).map_or(code, |known| known.body(lang)));
                }
                None => text.push_str(&rest[before.len()..before.len() + name.len() + 2]),
            }
            rest = tail;
        }
        text.push_str(rest);
        text
    }
}

/// A failure that can tell the user what happened, why, and what to do.
pub trait Diagnose: std::error::Error {
    /// Returns what failed, and where. Its hint is the advice.
    fn message(&self) -> Message;

    /// Returns the reasons, nearest first; empty when the message says it all.
    fn causes(&self) -> Vec<Message> {
        Vec::new()
    }

    /// Returns messages that list every place concerned, where there may be several.
    fn details(&self) -> Vec<Message> {
        Vec::new()
    }

    /// Returns what else helps, told behind the places however many of them there are.
    fn besides(&self) -> Vec<Message> {
        Vec::new()
    }
}

/// Implements `Display` and `Error` for types that implement [`Diagnose`]: the English message.
macro_rules! impl_error {
    ($($name:ty),+ $(,)?) => {$(
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                let message = $crate::diag::Diagnose::message(self);
                f.write_str(&message.text($crate::diag::Lang::En))
            }
        }

        impl std::error::Error for $name {}
    )+};
}

pub(crate) use impl_error;

/// Returns the message of what the operating system answered, in words both languages have.
pub fn io_reason(error: &std::io::Error) -> Message {
    use std::io::ErrorKind;
    let code = match error.kind() {
        ErrorKind::NotFound => "io.not_found",
        ErrorKind::PermissionDenied => "io.permission_denied",
        ErrorKind::AlreadyExists => "io.already_exists",
        ErrorKind::IsADirectory => "io.is_a_folder",
        ErrorKind::NotADirectory => "io.not_a_folder",
        ErrorKind::StorageFull => "io.storage_full",
        ErrorKind::QuotaExceeded => "io.quota_exceeded",
        ErrorKind::ReadOnlyFilesystem => "io.read_only",
        ErrorKind::FileTooLarge => "io.too_large",
        ErrorKind::BrokenPipe => "io.broken_pipe",
        _ => return Message::new("io.other").with("reason", error),
    };
    Message::new(code)
}

/// Returns a place in the reader's words, as 表1第28行第3列（文件第39行）; empty where nothing is known.
pub fn place_words(place: Place, lang: Lang) -> String {
    let parts = [
        ("place.table", place.table),
        ("place.row", place.row),
        ("place.column", place.column),
        ("place.note", place.note),
        ("place.sheet", place.spot.and_then(Spot::sheet)),
    ];
    let spot = place.spot.map(|spot| {
        let (kind, number) = spot.named();
        let code = match kind {
            "line" => "place.line",
            "paragraph" => "place.paragraph",
            _ => "place.cell",
        };
        Message::new(code).with("number", number).text(lang)
    });
    let words = parts.into_iter().filter_map(|(code, number)| {
        number.map(|number| Message::new(code).with("number", number).text(lang))
    });
    let words = words.chain(spot);
    let separator = match lang {
        Lang::En => ", ",
        Lang::Zh => "",
    };
    words.collect::<Vec<_>>().join(separator)
}

/// Joins names as sentences of a language do: a、b in Chinese, and a, b in English; a dash where there are
/// none.
pub fn joined<T: AsRef<str>>(names: &[T], lang: Lang) -> String {
    if names.is_empty() {
        return "—".to_owned();
    }
    let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
    names.join(match lang {
        Lang::En => ", ",
        Lang::Zh => "、",
    })
}

/// Joins names for a sentence: `a`, `b` or `c`.
pub fn name_list<T: AsRef<str>>(names: &[T]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{}`", name.as_ref())).collect();
    quoted.join(", ")
}

/// Returns up to three of `known` that are nearest to `wanted`, best first; empty when none is near.
pub fn nearest_names<'a>(wanted: &str, known: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut scored: Vec<(f64, &str)> = known
        .map(|name| (strsim::jaro_winkler(wanted, name), name))
        .filter(|(score, _)| *score >= 0.75)
        .collect();
    scored.sort_by(|(a, a_name), (b, b_name)| b.total_cmp(a).then_with(|| a_name.cmp(b_name)));
    scored.into_iter().take(3).map(|(_, name)| name.to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_replace_their_names_and_unknown_ones_stay() {
        let message = Message::new("none.such").with("a", 1);
        assert_eq!(message.fill("{a} and {b}, {", Lang::En), "1 and {b}, {");
        assert_eq!(message.text(Lang::En), "none.such");
    }

    #[test]
    fn facts_that_are_codes_are_worded() {
        let message = Message::new("none.such").with_coded("a", "limit.cells");
        assert_eq!(message.fill("{a}", Lang::Zh), "单元格");
        let message = Message::new("none.such").with_coded("a", "invalid checksum");
        assert_eq!(message.fill("{a}", Lang::Zh), "invalid checksum");
    }

    #[test]
    fn advice_may_be_another_text_about_the_same_facts() {
        let message = Message::new("lake.file_changed").with("path", "a").with("batch", "b1");
        assert_eq!(message.hint(Lang::En), None);
        let advised = message.clone().advised("lake.comes_by_reread");
        assert_eq!(advised.text(Lang::Zh), message.text(Lang::Zh));
        for lang in [Lang::En, Lang::Zh] {
            let hint = advised.hint(lang).unwrap();
            assert!(hint.contains("tongban reread b1"), "{hint}");
        }
        assert_eq!(advised.worded_as("lake.file_changed").hint(Lang::En), None);
        for message in [message, advised] {
            let text = serde_json::to_string(&message).unwrap();
            assert_eq!(serde_json::from_str::<Message>(&text).unwrap(), message);
        }
    }

    #[test]
    fn lists_are_joined_as_the_language_does() {
        let message = Message::new("none.such").with_list("a", ["省水利厅", "13800000000"]);
        assert_eq!(message.fill("{a}", Lang::Zh), "省水利厅、138****0000");
        assert_eq!(message.fill("{a}", Lang::En), "省水利厅, 138****0000");
        let message = Message::new("none.such").with_list("a", [""; 0]);
        assert_eq!(message.fill("{a}", Lang::Zh), "—");
    }

    #[test]
    fn numbers_of_persons_are_not_said() {
        let message = Message::new("none.such").with("label", "张三13800000000").with("file", 1);
        assert_eq!(message.fill("{label} in {file}", Lang::En), "张三138****0000 in 1");
        let finding = Finding::new(Severity::Info, message, Place::default())
            .labelled(Some("63010019000101001X"), None)
            .quoting("张三13800000000");
        let said = [finding.row_label, finding.found].map(Option::unwrap_or_default);
        assert_eq!(said, ["**************001X", "张三138****0000"]);
    }

    #[test]
    fn nearest_names_come_best_first() {
        let known = ["aggregation/by_department", "integration/by_department", "quality/totals"];
        let near = nearest_names("aggregation/by_departments", known.into_iter());
        assert_eq!(near.first().map(String::as_str), Some("aggregation/by_department"));
        assert!(nearest_names("xyz", known.into_iter()).is_empty());
    }
}
