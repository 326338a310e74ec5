//! House rules: layers, file openings, sizes, words that must not appear.

use std::path::{Path, PathBuf};

use crate::support::{files_below, read, root};

/// The modules from the bottom up; each may use only those before it.
const LAYERS: [&str; 25] = [
    "model", "diag", "fsio", "sandbox", "refdata", "table", "output", "source", "annex", "records",
    "lake", "rollup", "ingest", "query", "engine", "analysis", "trend", "form", "schedule",
    "delivery", "report", "export", "mirror", "synth", "cli",
];

/// Crates that shape types stay where they belong.
const CRATE_HOMES: [(&str, &[&str]); 22] = [
    ("rusqlite", &["lake"]),
    ("duckdb", &["engine"]),
    ("polars", &["engine", "analysis", "trend"]),
    ("parquet", &["table"]),
    ("encoding_rs", &["source"]),
    ("quick_xml", &["source", "report"]),
    ("scraper", &["source"]),
    ("calamine", &["source"]),
    ("cfb", &["source"]),
    ("zip", &["source", "output", "report", "synth"]),
    ("landlock", &["sandbox"]),
    ("comfy_table", &["output"]),
    ("clap", &["cli"]),
    ("clap_complete", &["cli"]),
    ("clap_mangen", &["cli"]),
    ("indicatif", &["cli"]),
    ("blake3", &["fsio", "model", "refdata", "lake"]),
    ("compact_str", &["model"]),
    ("minijinja", &["report"]),
    ("mail_send", &["delivery"]),
    ("reqwest", &["delivery"]),
    ("tokio", &["delivery"]),
];

/// Lines of a source file, tests not counted, at which it has to be divided.
const MAX_LINES: usize = 1000;

fn layer(module: &str) -> usize {
    let at = LAYERS.iter().position(|name| *name == module);
    at.unwrap_or_else(|| panic!("module `{module}` is not in the list of layers"))
}

fn sources() -> Vec<(String, PathBuf, String)> {
    let src = root().join("src");
    let files = files_below(&src, "rs");
    assert!(files.len() > 50, "sources are missing");
    files
        .into_iter()
        .map(|path| {
            let inner = path.strip_prefix(&src).unwrap();
            let module = inner.iter().next().unwrap().to_str().unwrap().trim_end_matches(".rs");
            (module.to_owned(), path.clone(), read(&path))
        })
        .collect()
}

fn is_root(module: &str) -> bool {
    module == "lib" || module == "main"
}

#[test]
fn modules_only_look_down() {
    for (module, path, text) in sources() {
        if is_root(&module) {
            continue;
        }
        for (idx, line) in text.lines().enumerate() {
            for used in line.split("crate::").skip(1) {
                let used: String =
                    used.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                assert!(
                    used == module || layer(&used) < layer(&module),
                    "{}:{}: `{module}` must not use `{used}`",
                    path.display(),
                    idx + 1
                );
            }
            assert!(!line.contains("crate::{"), "{}: no groups of crate paths", path.display());
            assert!(!line.contains("super::super"), "{}: write the path out", path.display());
        }
    }
}

#[test]
fn crates_stay_where_they_belong() {
    for (module, path, text) in sources() {
        for (name, homes) in CRATE_HOMES {
            let uses = text.lines().any(|line| {
                let code = line.split("//").next().unwrap_or_default();
                code.contains(&format!("{name}::")) && !code.contains(&format!("::{name}::"))
            });
            assert!(
                !uses || homes.contains(&module.as_str()),
                "{} uses `{name}`, which belongs to {homes:?}",
                path.display()
            );
        }
    }
}

#[test]
fn every_file_says_what_it_owns_and_stays_readable() {
    let tests = files_below(&root().join("tests"), "rs");
    let all = sources().into_iter().map(|(_, path, text)| (path, text));
    for (path, text) in all.chain(tests.into_iter().map(|path| (path.clone(), read(&path)))) {
        assert!(text.starts_with("//! "), "{} opens with `//!`", path.display());
        let counted = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
        let n_lines = counted.lines().count();
        assert!(n_lines <= MAX_LINES, "{} has {n_lines} lines", path.display());
    }
}

#[test]
fn sql_stands_in_queries() {
    for (module, path, text) in sources() {
        if ["lake", "engine", "cli"].contains(&module.as_str()) {
            continue;
        }
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        for line in code.lines().filter(|line| !line.trim_start().starts_with("//")) {
            assert!(
                !line.contains("SELECT "),
                "{}: SQL belongs to queries/: {line}",
                path.display()
            );
        }
    }
}

#[test]
fn nothing_is_left_half_done() {
    let words = [
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
        concat!("X", "XX"),
        concat!("#[", "ignore"),
        concat!("should_", "panic"),
    ];
    let folders = ["src", "tests", "queries", "data"];
    let files = folders.iter().flat_map(|folder| {
        ["rs", "sql", "py", "toml"].map(|end| files_below(&root().join(folder), end))
    });
    for path in files.flatten() {
        for word in words {
            assert!(!read(&path).contains(word), "{} contains `{word}`", path.display());
        }
    }
}

#[test]
fn the_lock_file_stays_within_its_budget() {
    let lock = read(&root().join("Cargo.lock"));
    let count = lock.matches("[[package]]").count();
    assert!((1..=550).contains(&count), "{count} locked packages");
    let arrow: Vec<&str> = lock
        .split("[[package]]")
        .filter(|package| package.contains("name = \"arrow-array\""))
        .collect();
    assert_eq!(arrow.len(), 1, "one Arrow for all");
}

#[test]
fn test_modules_are_all_declared() {
    let main = read(&root().join("tests/it/main.rs"));
    for path in files_below(&root().join("tests/it"), "rs") {
        let name = Path::new(&path).file_stem().unwrap().to_str().unwrap();
        assert!(name == "main" || main.contains(&format!("mod {name};")), "{name} is not declared");
    }
}
