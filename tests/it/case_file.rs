//! Case files: titled sections with input tables, parameters and expected rows as text.

use std::collections::BTreeMap;

use crate::support::{files_below, read, root};

/// One section of a case file.
pub(crate) struct Case {
    /// Id of the query or view, and title of the section.
    pub(crate) query: String,
    pub(crate) title: String,
    /// Input tables as CSV, by name.
    pub(crate) tables: BTreeMap<String, String>,
    pub(crate) params: Vec<(String, String)>,
    /// Expected rows as CSV: some of the columns, in any order.
    pub(crate) expected: String,
}

impl Case {
    pub(crate) fn id(&self) -> String {
        format!("{}: {}", self.query, self.title)
    }
}

/// Reads every case file below `tests/cases`, in order.
pub(crate) fn all_cases() -> Vec<Case> {
    let dir = root().join("tests/cases");
    let mut cases = Vec::new();
    for path in files_below(&dir, "case") {
        let query = path.strip_prefix(&dir).unwrap().with_extension("");
        cases.extend(parse(query.to_str().unwrap(), &read(&path)));
    }
    assert!(!cases.is_empty(), "no cases below {}", dir.display());
    cases
}

fn parse(query: &str, text: &str) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    let mut block = String::new();
    for line in text.lines() {
        if let Some(title) = line.strip_prefix("--- ").and_then(|rest| rest.strip_suffix(" ---")) {
            cases.push(Case {
                query: query.to_owned(),
                title: title.to_owned(),
                tables: BTreeMap::new(),
                params: Vec::new(),
                expected: String::new(),
            });
            block.clear();
        } else if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            name.clone_into(&mut block);
        } else if let Some(case) = cases.last_mut() {
            add_line(case, &block, line);
        } else {
            assert!(line.trim().is_empty(), "{query}: a line before the first title: {line}");
        }
    }
    cases
}

fn add_line(case: &mut Case, block: &str, line: &str) {
    match block {
        "" => assert!(line.trim().is_empty(), "{}: a line outside of a block: {line}", case.id()),
        "params" => match line.split_once('=') {
            Some((name, value)) => {
                case.params.push((name.trim().to_owned(), value.trim().to_owned()));
            }
            None => assert!(line.trim().is_empty(), "{}: no parameter: {line}", case.id()),
        },
        "expect" => case.expected.push_str(&format!("{line}\n")),
        table => {
            case.tables.entry(table.to_owned()).or_default().push_str(&format!("{line}\n"));
        }
    }
}
