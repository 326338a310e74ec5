//! The shipped notice in every format that is read, converted by LibreOffice and by hand.
#![expect(clippy::disallowed_methods, reason = "tests read what commands wrote")]

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::support::{Sandbox, must_have_all, python, root};

/// What must not depend on the format: everything but batch, place and row order of columns.
const FIGURES: &str = "SELECT indicator, department, region, accumulation, period_start, period_end, period_basis, value, unit, obs_status, qualifier, edition, published_on, printed, row_idx, note FROM observations ORDER BY indicator, department";

/// Every file that the script makes.
const FILES: [&str; 16] = [
    "gb18030.txt",
    "gb2312.html",
    "paragraphs.docx",
    "paragraphs.html",
    "paragraphs.odt",
    "rows.csv",
    "rows.ods",
    "rows.xls",
    "rows.xlsx",
    "tables.docx",
    "tables.html",
    "tables.ods",
    "tables.odt",
    "tables.xlsx",
    "utf16.txt",
    "utf16be.txt",
];

#[test]
fn every_format_gives_the_same_observations() {
    let Some(python) = python("every_format_gives_the_same_observations") else { return };
    let Some(made) = converted(&python) else { return };
    let expected = Sandbox::with_notice().sql(FIGURES);
    assert_eq!(expected.lines().count(), 173);
    let mut names: Vec<String> = fs::read_dir(made.path().join("made-files"))
        .unwrap()
        .filter(|entry| entry.as_ref().unwrap().path().is_file())
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names, FILES);
    for name in FILES {
        let sandbox = Sandbox::new();
        let path = made.path().join("made-files").join(name);
        sandbox.run(&["ingest", path.to_str().unwrap()]).ok();
        let found = sandbox.sql(FIGURES);
        assert!(found == expected, "{name}:\n{}", difference(&expected, &found));
    }
}

/// The first lines that differ.
fn difference(expected: &str, found: &str) -> String {
    let lines = expected.lines().zip(found.lines()).filter(|(a, b)| a != b).take(5);
    lines.map(|(a, b)| format!("expected {a}\nfound    {b}\n")).collect()
}

/// Runs the script that converts the notice, where LibreOffice is installed.
fn converted(python: &PathBuf) -> Option<Sandbox> {
    let has_office = Command::new("soffice").arg("--version").output().is_ok();
    if !has_office {
        assert!(!must_have_all(), "conversions need LibreOffice (soffice)");
        eprintln!("skipped: conversions need LibreOffice (soffice)");
        return None;
    }
    let made = Sandbox::empty();
    let output = Command::new(python)
        .arg(root().join("tests/python/convert_notice.py"))
        .arg(root().join("data/notices/qinghai-2021-185.txt"))
        .arg(made.path().join("made-files"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(made)
}
