//! The mark of made-up files, beside them and on them, by which they are known wherever they go.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// Name of the file that has the mark.
pub const SYNTHETIC_FILE: &str = "synthetic.json";
/// Name of the file that says which row has to come out how, or which figures have to be read.
pub const TRUTH_FILE: &str = "truth.csv";
/// Name of the file that says what was planted in forms.
pub const PLANTED_FILE: &str = "planted.csv";
/// Name of the file that says in words that nothing is real.
pub const SYNTHETIC_NOTE_FILE: &str = "SYNTHETIC.txt";
/// Files that stand beside made-up ones and hold nothing to read.
pub const SYNTHETIC_SIDE_FILES: [&str; 4] =
    [SYNTHETIC_FILE, TRUTH_FILE, PLANTED_FILE, SYNTHETIC_NOTE_FILE];
/// The sentence that stands on every made-up form. A document with it is made up, whatever it is
/// called and wherever it stands.
pub const SYNTHETIC_SENTENCE: &str = "本表由“tongban synth”生成，数据均为合成，不是真实统计。";
/// What stands on a paper that holds made-up data beside other: it is known by it as well.
pub const SYNTHETIC_PART_SENTENCE: &str = "（其中含由“tongban synth”生成的数据）";
/// The part of them by which they are known, whatever became of spaces.
const SYNTHETIC_CLAUSE: &str = "由“tongbansynth”生成";

/// What the first key of the mark says.
const FORMAT: &str = "tongban-synthetic";
/// The version of the format that is written. The first one, without forms, is read, too.
const VERSION: u32 = 2;

/// A set of files that were made up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SyntheticSet {
    format: String,
    version: u32,
    /// Version of the program that made it.
    pub tool: String,
    /// Seed of all chance in it.
    pub seed: u64,
    /// The record files, in the order in which they are meant to be ingested.
    pub files: Vec<SyntheticFile>,
    /// The forms, in the order of their publication.
    #[serde(default)]
    pub forms: Vec<SyntheticForm>,
}

/// One made-up form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SyntheticForm {
    /// Name, without folders.
    pub name: String,
    /// Hash of its bytes as they stand, as 64 hexadecimal digits.
    pub blake3: String,
    /// Number of bytes.
    pub size_bytes: u64,
    /// The number that it bears.
    pub edition: String,
    /// The day of publication that it bears.
    pub published_on: NaiveDate,
    /// The last day of its month.
    pub period_end: NaiveDate,
    /// Figures that have to be read from it.
    pub n_figures: u64,
}

/// One made-up record file, and what has to become of its rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SyntheticFile {
    /// Name, without folders.
    pub name: String,
    /// Hash of its bytes as they stand, as 64 hexadecimal digits.
    pub blake3: String,
    /// Number of bytes.
    pub size_bytes: u64,
    /// Profile that its records are meant for.
    pub profile: String,
    /// Dataset of that profile.
    pub dataset: String,
    /// The trap that the file as a whole is; `None` for an honest one.
    pub trap: Option<String>,
    /// Ids of rules that have to warn of every row, so that the truth does not repeat them.
    pub warnings_of_every_row: Vec<String>,
    /// Rows that have to be accepted.
    pub rows_accepted: u64,
    /// Rows that are another version of a record.
    pub rows_updated: u64,
    /// Rows that end a record.
    pub rows_deleted: u64,
    /// Rows that have to be returned.
    pub rows_returned: u64,
    /// Rows that are there already.
    pub rows_duplicate: u64,
}

impl SyntheticFile {
    /// Returns the number of rows.
    pub fn n_rows(&self) -> u64 {
        self.rows_accepted
            + self.rows_updated
            + self.rows_deleted
            + self.rows_returned
            + self.rows_duplicate
    }
}

impl SyntheticSet {
    /// Returns the mark of record files made by this program.
    pub fn of_records(seed: u64, files: Vec<SyntheticFile>) -> Self {
        Self::new(seed, files, Vec::new())
    }

    /// Returns the mark of forms made by this program.
    pub fn of_forms(seed: u64, forms: Vec<SyntheticForm>) -> Self {
        Self::new(seed, Vec::new(), forms)
    }

    fn new(seed: u64, files: Vec<SyntheticFile>, forms: Vec<SyntheticForm>) -> Self {
        let tool = format!("tongban {}", env!("CARGO_PKG_VERSION"));
        Self { format: FORMAT.to_owned(), version: VERSION, tool, seed, files, forms }
    }

    /// Reads a mark; `None` for anything else, and for one of another version.
    pub fn parse(text: &str) -> Option<Self> {
        let set: Self = serde_json::from_str(text).ok()?;
        (set.format == FORMAT && (1..=VERSION).contains(&set.version)).then_some(set)
    }

    /// Returns the mark as the text of its file.
    pub fn to_text(&self) -> String {
        let text = serde_json::to_string_pretty(self).expect("numbers and texts only");
        text + "\n"
    }

    /// Returns the file with these bytes, by their hash, whatever it is called now.
    pub fn file_of(&self, blake3: &str) -> Option<&SyntheticFile> {
        self.files.iter().find(|file| file.blake3 == blake3)
    }
}

/// Whether a text says of what it stands in that it was made up by this program.
pub fn says_synthetic(text: &str) -> bool {
    // Hardly any text has the name: the others are not looked at twice.
    text.contains("tongban")
        && text.split_whitespace().collect::<String>().contains(SYNTHETIC_CLAUSE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set() -> SyntheticSet {
        let file = SyntheticFile {
            name: "a.csv".to_owned(),
            blake3: "ab".repeat(32),
            size_bytes: 9,
            profile: "up-exchange".to_owned(),
            dataset: "accept".to_owned(),
            trap: None,
            warnings_of_every_row: vec!["task_code.length".to_owned()],
            rows_accepted: 1,
            rows_updated: 2,
            rows_deleted: 3,
            rows_returned: 4,
            rows_duplicate: 5,
        };
        SyntheticSet::of_records(7, vec![file])
    }

    #[test]
    fn a_mark_of_the_first_version_has_no_forms() {
        let text = set().to_text().replace("\"version\": 2", "\"version\": 1");
        let first = text.replace(",\n  \"forms\": []", "");
        assert_ne!(first, text);
        assert_eq!(
            SyntheticSet::parse(&first).map(|set| (set.files.len(), set.forms.len())),
            Some((1, 0))
        );
    }

    #[test]
    fn a_mark_is_read_back_and_knows_its_files() {
        let set = set();
        let read = SyntheticSet::parse(&set.to_text()).unwrap();
        assert_eq!(read, set);
        assert_eq!(read.file_of(&"ab".repeat(32)).map(SyntheticFile::n_rows), Some(15));
        assert_eq!(read.file_of(""), None);
    }

    #[test]
    fn the_sentence_on_a_form_is_known_whatever_became_of_its_spaces() {
        assert!(says_synthetic(SYNTHETIC_SENTENCE));
        assert!(says_synthetic(SYNTHETIC_PART_SENTENCE));
        assert!(says_synthetic("注：本表由“tongban　synth”生成"));
        assert!(!says_synthetic("tongban 读取了本表"));
    }

    #[test]
    fn anything_else_is_no_mark() {
        let text = set().to_text();
        for other in [
            text.replace("tongban-synthetic", "other"),
            text.replace("\"version\": 2", "\"version\": 3"),
            text.replace("\"seed\"", "\"sowing\""),
            String::new(),
        ] {
            assert_eq!(SyntheticSet::parse(&other), None, "{other}");
        }
    }
}
