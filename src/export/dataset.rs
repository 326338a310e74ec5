//! What is exported: named tables with described columns, and where their rows come from.

use std::path::PathBuf;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};

use crate::diag::{Lang, Message};
use crate::export::{ExportError, RowFilter};
use crate::table::LakeTable;

/// Longest name of a dataset; endings and Chinese characters have to fit into a name of a file.
const MAX_NAME_CHARACTERS: usize = 60;

/// Names that stand for devices elsewhere.
const DEVICES: [&str; 6] = ["aux", "con", "nul", "prn", "com", "lpt"];

/// One column of a dataset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its title in Chinese; the name where it has none.
    pub title_zh: String,
    /// Unit of its numbers; `None` where it has none or another column says it.
    pub unit: Option<String>,
    /// What it says, in English and in Chinese.
    pub help: Option<[String; 2]>,
    /// Type: text, whole numbers of 32 or 64 bits, doubles, truth, days, or instants in microseconds.
    pub data_type: DataType,
    /// Whether it may be null.
    pub is_nullable: bool,
}

impl Column {
    /// Returns what the column says.
    pub fn help(&self, lang: Lang) -> Option<&str> {
        self.help.as_ref().map(|help| help[usize::from(lang == Lang::Zh)].as_str())
    }
}

/// Columns of which every value stands in another dataset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// The column.
    pub column: String,
    /// The other dataset.
    pub dataset: String,
    /// Its column.
    pub key: String,
}

/// A data file of the lake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredFile {
    /// Where it stands.
    pub path: PathBuf,
    /// BLAKE3 of its bytes, as the catalog has it.
    pub blake3: String,
}

/// Where rows come from.
#[derive(Debug, Clone)]
pub enum Rows {
    /// They are in memory.
    Held(Vec<RecordBatch>),
    /// A table or view of the engine, read a few thousand rows at a time.
    Scanned {
        /// Its name.
        table: String,
    },
    /// Files of a table of the lake, read a piece at a time.
    Stored {
        /// The table.
        table: LakeTable,
        /// Its files, in order.
        files: Vec<StoredFile>,
    },
}

/// A table that is exported.
#[derive(Debug, Clone)]
pub struct Dataset {
    /// Name of its folder, its files, and its views and tables.
    pub name: String,
    /// What it holds, in English and in Chinese.
    pub title: [String; 2],
    /// Its columns.
    pub columns: Vec<Column>,
    /// Columns that are unique together and never null; empty where there are none.
    pub key: Vec<String>,
    /// What refers to other datasets.
    pub references: Vec<Reference>,
    /// The rows.
    pub rows: Rows,
    /// Which of them.
    pub filter: RowFilter,
    /// What has to be known about them.
    pub notes: Vec<Message>,
}

impl Dataset {
    /// Returns the schema of its rows.
    pub fn schema(&self) -> SchemaRef {
        let field = |column: &Column| {
            Field::new(&column.name, column.data_type.clone(), column.is_nullable)
        };
        Arc::new(Schema::new(self.columns.iter().map(field).collect::<Vec<_>>()))
    }

    /// Returns the Chinese titles of its columns, each once: where two share one, their names stand behind.
    pub fn titles_zh(&self) -> Vec<String> {
        let is_shared = |title: &str| {
            self.columns.iter().filter(|other| other.title_zh.eq_ignore_ascii_case(title)).count()
                > 1
        };
        let titles = self.columns.iter().map(|column| {
            if is_shared(&column.title_zh) {
                format!("{}（{}）", column.title_zh, column.name)
            } else {
                column.title_zh.clone()
            }
        });
        titles.collect()
    }
}

/// Fails unless every dataset has a name that is one plain name of a file everywhere, and another one than
/// the others, whether or not letters count as equal in both cases.
pub(super) fn check_names(datasets: &[Dataset]) -> Result<(), ExportError> {
    for (idx, dataset) in datasets.iter().enumerate() {
        let name = &dataset.name;
        if !is_plain_name(name) {
            return Err(ExportError::NameUnsafe { name: name.clone() });
        }
        if datasets[..idx].iter().any(|other| other.name.to_lowercase() == name.to_lowercase()) {
            return Err(ExportError::NameTwice { name: name.clone() });
        }
    }
    Ok(())
}

/// Whether a name can be that of a file and of a folder in any system: letters of any script, digits, `_` and
/// `-`, and no device. So it never leaves the folder.
fn is_plain_name(name: &str) -> bool {
    let is_plain = |character: char| character.is_alphanumeric() || "_-".contains(character);
    let stem = name.to_lowercase();
    let stem = stem.trim_end_matches(|character: char| character.is_ascii_digit());
    !name.is_empty()
        && name.chars().count() <= MAX_NAME_CHARACTERS
        && name.chars().all(is_plain)
        && !name.starts_with('-')
        && !DEVICES.contains(&stem)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, is_plain: bool) {
        assert_eq!(is_plain_name(name), is_plain, "{name}");
    }

    #[test]
    fn a_name_stays_in_the_folder() {
        for name in ["figures", "satisfaction_monthly", "月报-1", "a1", "console"] {
            check(name, true);
        }
        for name in [
            "",
            "..",
            ".",
            "a/b",
            "../a",
            "a\\b",
            "/a",
            "a.b",
            "a b",
            "-rf",
            "con",
            "NUL",
            "com1",
            "a\0b",
            "a:b",
            "a\u{202e}b",
            "a'b",
            "a\"b",
            "%2e%2e",
        ] {
            check(name, false);
        }
        check(&"长".repeat(60), true);
        check(&"长".repeat(61), false);
    }
}
