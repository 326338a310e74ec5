//! Reference tables against their sidecars, and messages against their rules.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use tongban::records::profile::Confidence;
use tongban::refdata::RefData;

use crate::support::{files_below, read, root};

/// A CSV file of `data/` as rows of text.
struct Table {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

fn table(path: &Path) -> Table {
    let text = read(path);
    assert!(!text.contains('\r'), "{}: lines end with LF", path.display());
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let rows =
        reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect();
    Table { header, rows }
}

fn csv_files() -> Vec<PathBuf> {
    let files = files_below(&root().join("data"), "csv");
    assert!(files.len() > 8, "reference tables are missing");
    files
}

#[test]
fn every_table_has_a_sidecar_that_describes_it() {
    for path in csv_files() {
        let table = table(&path);
        let sidecar = read(&path.with_extension("toml"));
        let sidecar: tongban::refdata::Sidecar =
            toml::from_str(&sidecar).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let described: BTreeSet<&String> = sidecar.columns.keys().collect();
        assert_eq!(table.header.iter().collect::<BTreeSet<_>>(), described, "{}", path.display());
        assert_eq!(table.rows.len(), sidecar.rows, "rows of {}", path.display());
        let key_at: Vec<usize> = sidecar
            .key
            .iter()
            .map(|name| table.header.iter().position(|column| column == name).unwrap())
            .collect();
        let keys: Vec<Vec<&String>> =
            table.rows.iter().map(|row| key_at.iter().map(|at| &row[*at]).collect()).collect();
        assert!(keys.is_sorted(), "{} is sorted by its key", path.display());
        let unique: BTreeSet<_> = keys.iter().collect();
        assert_eq!(unique.len(), keys.len(), "the key of {} is unique", path.display());
    }
}

#[test]
fn values_fit_their_columns_and_references_resolve() {
    let data = RefData::load(&[]).unwrap();
    let values: BTreeMap<(String, String), BTreeSet<String>> = data
        .tables()
        .flat_map(|table| {
            table.columns.iter().map(|column| {
                let values = table.rows().map(|row| row.text(column)).collect();
                ((table.name.to_owned(), column.clone()), values)
            })
        })
        .collect();
    let mut n_references = 0;
    for table in data.tables() {
        for column in &table.columns {
            let described = &table.sidecar.columns[column];
            assert!(described.parsed_type().is_some(), "{}.{column}: type", table.name);
            let Some(target) = &described.references else { continue };
            let (target_table, target_column) = target.split_once('.').unwrap();
            let known = &values[&(target_table.to_owned(), target_column.to_owned())];
            for value in &values[&(table.name.to_owned(), column.clone())] {
                assert!(
                    value.is_empty() || known.contains(value),
                    "{}.{column}: `{value}` is not in {target}",
                    table.name
                );
            }
            n_references += 1;
        }
    }
    assert!(n_references >= 5, "only {n_references} references are declared");
}

#[test]
fn every_message_exists_in_both_languages_with_the_same_facts() {
    let facts = |text: &str| -> BTreeSet<String> {
        text.split('{')
            .skip(1)
            .filter_map(|rest| rest.split_once('}'))
            .map(|(name, _)| name.to_owned())
            .collect()
    };
    let mut codes = BTreeSet::new();
    for path in files_below(&root().join("data/messages"), "csv") {
        let n_lines = read(&path).lines().count();
        let table = table(&path);
        assert_eq!(table.header, ["code", "zh", "en", "hint_zh", "hint_en"]);
        // So that a row is found without all of them being parsed.
        assert_eq!(table.rows.len() + 1, n_lines, "`{}` has a row a line", path.display());
        for row in table.rows {
            let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "._-".contains(letter);
            assert!(row[0].chars().all(is_plain), "the code `{}` needs no quotes", row[0]);
            assert!(codes.insert(row[0].clone()), "message `{}` stands twice", row[0]);
            assert!(
                !row[1].is_empty() && !row[2].is_empty(),
                "message `{}` has both texts",
                row[0]
            );
            assert_eq!(facts(&row[1]), facts(&row[2]), "facts of message `{}`", row[0]);
            assert_eq!(row[3].is_empty(), row[4].is_empty(), "hints of message `{}`", row[0]);
            assert_eq!(facts(&row[3]), facts(&row[4]), "facts of hints of message `{}`", row[0]);
        }
    }
    let (used, unlisted) = codes_in_sources(&codes);
    assert_eq!(unlisted, BTreeSet::new(), "codes without a text");
    // Titles of columns, stored words and phrases are looked up by what queries, enums and tables hold.
    let is_looked_up = |code: &&String| {
        ["column.", "word.", "phrase."].iter().any(|start| code.starts_with(start))
    };
    let unused: Vec<&String> = codes.difference(&used).filter(|code| !is_looked_up(code)).collect();
    assert_eq!(unused, [""; 0], "texts that nothing says");
}

/// Texts in quotes that look like codes and are none: names of files and of metadata, a version.
const NO_CODES: [&str; 18] = [
    "backup.db",
    "catalog.db",
    "content.xml",
    "department_codes.csv",
    "evidence.json",
    "exact.csv",
    "indicators.csv",
    "manifest.json",
    "planted.csv",
    "records.lock",
    "reports.lock",
    "styles.xml",
    "synthetic.json",
    "tongban.toml",
    "truth.csv",
    "v1.0.0",
    "views.sql",
    "writer.lock",
];

/// Returns the codes that the program's own text names, tests left out, and what looks like a code and
/// has no text.
fn codes_in_sources(codes: &BTreeSet<String>) -> (BTreeSet<String>, BTreeSet<String>) {
    let literal = regex::Regex::new(r#""([a-z][a-z0-9_]*(?:\.[a-z0-9_]+)+)""#).unwrap();
    let limit = regex::Regex::new(r#"\blimit\(\s*[^,"]+,\s*"([a-z_]+)""#).unwrap();
    let mut found = BTreeSet::new();
    for path in files_below(&root().join("src"), "rs") {
        let is_test = path.iter().any(|part| part == "tests" || part == "tests.rs");
        if is_test {
            continue;
        }
        let text = read(&path);
        let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
        found.extend(literal.captures_iter(text).map(|captures| captures[1].to_owned()));
        found.extend(limit.captures_iter(text).map(|captures| format!("limit.{}", &captures[1])));
    }
    // Keys of the metadata of Parquet files.
    found.retain(|code| !NO_CODES.contains(&code.as_str()) && !code.starts_with("tongban."));
    found.into_iter().partition(|code| codes.contains(code))
}

#[test]
fn what_tables_say_of_their_rows_is_said_in_both_languages() {
    let phrases = table(&root().join("data/messages/phrases.csv")).rows;
    let known: BTreeSet<String> = phrases.iter().map(|row| row[2].clone()).collect();
    let is_address = |phrase: &str| {
        let is_bare = phrase.contains('.') && phrase.contains('/') && !phrase.contains(' ');
        is_bare || phrase.contains("://") || phrase.contains("github:")
    };
    let mut said = BTreeSet::new();
    for path in csv_files() {
        let table = table(&path);
        let columns = table.header.iter().enumerate();
        let columns = columns.filter(|(_, name)| ["source", "confidence"].contains(&name.as_str()));
        for (at, _) in columns {
            let cells = table.rows.iter().flat_map(|row| row[at].split("; "));
            said.extend(cells.filter(|phrase| !phrase.is_empty()).map(str::to_owned));
        }
    }
    said.retain(|phrase| !is_address(phrase));
    said.extend(Confidence::ALL.iter().map(|word| word.as_str().to_owned()));
    assert_eq!(said.difference(&known).collect::<Vec<_>>(), [""; 0], "phrases in one language");
    assert_eq!(known.difference(&said).collect::<Vec<_>>(), [""; 0], "phrases that no table has");
}

#[test]
fn every_stored_word_that_has_a_text_is_stored_somewhere() {
    let mut texts = String::new();
    for (folder, ending) in [("src", "rs"), ("queries", "sql"), ("data", "csv")] {
        let files = files_below(&root().join(folder), ending).into_iter();
        let files = files.filter(|path| !path.starts_with(root().join("data/messages")));
        texts.extend(files.map(|path| read(&path)));
    }
    let words: BTreeSet<&str> =
        texts.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').collect();
    for table in ["columns", "words"] {
        for row in self::table(&root().join(format!("data/messages/{table}.csv"))).rows {
            let word = row[0].rsplit('.').next().unwrap();
            assert!(
                words.contains(word),
                "nothing has `{word}`, which `{}` is the text of",
                row[0]
            );
        }
    }
}
