//! The texts of `data/messages/`, compiled in.

use std::collections::BTreeMap;
use std::sync::{LazyLock, OnceLock};

use crate::diag::Lang;

/// Message tables: column titles, errors, findings, the care of the lake, phrases of reference tables, reports,
/// rules, what the terminal says, stored words.
const TABLES: [&str; 9] = [
    include_str!("../../data/messages/findings.csv"),
    include_str!("../../data/messages/errors.csv"),
    include_str!("../../data/messages/columns.csv"),
    include_str!("../../data/messages/lake.csv"),
    include_str!("../../data/messages/phrases.csv"),
    include_str!("../../data/messages/reports.csv"),
    include_str!("../../data/messages/rules.csv"),
    include_str!("../../data/messages/terminal.csv"),
    include_str!("../../data/messages/words.csv"),
];

/// One text in both languages, with optional advice.
pub(super) struct Text {
    zh: String,
    en: String,
    hint_zh: String,
    hint_en: String,
}

impl Text {
    /// Parses a row of a message table.
    fn parse(row: &str) -> Self {
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(row.as_bytes());
        let record = reader.records().next().expect("a row that is in a table has a record");
        let record = record.expect("message tables are checked by a test");
        let field = |index: usize| record.get(index).unwrap_or_default().to_owned();
        Self { zh: field(1), en: field(2), hint_zh: field(3), hint_en: field(4) }
    }

    pub(super) fn body(&self, lang: Lang) -> &str {
        match lang {
            Lang::En => &self.en,
            Lang::Zh => &self.zh,
        }
    }

    pub(super) fn hint(&self, lang: Lang) -> Option<&str> {
        let hint = match lang {
            Lang::En => &self.hint_en,
            Lang::Zh => &self.hint_zh,
        };
        (!hint.is_empty()).then_some(hint.as_str())
    }
}

/// A row of a message table, which is a line of it, and its text once somebody asked for it: a command needs
/// a few of 1,700.
struct Row {
    line: &'static str,
    text: OnceLock<Text>,
}

/// The rows by their codes, which no table writes in quotes.
static ROWS: LazyLock<BTreeMap<&'static str, Row>> = LazyLock::new(|| {
    let lines = TABLES.iter().flat_map(|table| table.lines().skip(1));
    let rows = lines.filter_map(|line| {
        let (code, _) = line.split_once(',')?;
        Some((code, Row { line, text: OnceLock::new() }))
    });
    rows.collect()
});

/// Returns the text of a code.
pub(super) fn of(code: &str) -> Option<&'static Text> {
    let row = ROWS.get(code)?;
    Some(row.text.get_or_init(|| Text::parse(row.line)))
}

/// Returns a code as it stands in the tables; `None` where none has it.
pub(super) fn code(code: &str) -> Option<&'static str> {
    ROWS.get_key_value(code).map(|(known, _)| *known)
}

/// Returns the title of a result column; the column's own name where it has none.
pub fn column_title(column: &str, lang: Lang) -> String {
    match lang {
        Lang::En => column.to_owned(),
        Lang::Zh => of(&format!("column.{column}"))
            .map_or_else(|| column.to_owned(), |text| text.body(lang).to_owned()),
    }
}

/// Returns the reader's word for a stored one, as 已退回 for `returned`; the word itself where none.
pub fn word(stored: &str, lang: Lang) -> String {
    of(&format!("word.{stored}"))
        .map_or_else(|| stored.to_owned(), |text| text.body(lang).to_owned())
}

/// The phrases of reference tables, by their text in each of the languages.
static PHRASES: LazyLock<BTreeMap<&'static str, &'static Text>> = LazyLock::new(|| {
    let codes = ROWS.keys().filter(|code| code.starts_with("phrase."));
    let texts = codes.filter_map(|code| of(code));
    texts.flat_map(|text| [(text.zh.as_str(), text), (text.en.as_str(), text)]).collect()
});

/// Returns what is said of where a row comes from, or of how certain it is, in the reader's language: phrase
/// by phrase. One that is not known stays as it is, and so does all of it where none is.
pub fn phrases(said: &str, lang: Lang) -> String {
    let parts: Vec<&str> = said.split(['；', ';']).map(str::trim).collect();
    if !parts.iter().any(|part| PHRASES.contains_key(part)) {
        return said.to_owned();
    }
    let separator = match lang {
        Lang::En => "; ",
        Lang::Zh => "；",
    };
    let known = |part: &&str| PHRASES.get(part).map_or(*part, |text| text.body(lang)).to_owned();
    parts.iter().map(known).collect::<Vec<_>>().join(separator)
}
