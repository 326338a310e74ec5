//! Files of reports as other programs read them.
#![expect(clippy::disallowed_methods, reason = "tests read what commands wrote")]

use std::fs;
use std::process::Command;

use crate::support::{Sandbox, must_have_all};

/// A workspace with the notice, and the report about it in a format.
fn with_report(file: &str) -> Sandbox {
    let sandbox = Sandbox::with_notice();
    let outcome = sandbox.run(&["report", "monthly-trend", "--lang", "zh", "--output", file]);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    sandbox
}

#[test]
fn a_workbook_is_read_by_another_program_sheet_by_sheet() {
    if Command::new("soffice").arg("--version").output().is_err() {
        assert!(!must_have_all(), "reading workbooks needs LibreOffice (soffice)");
        eprintln!("skipped: reading workbooks needs LibreOffice (soffice)");
        return;
    }
    let sandbox = with_report("report.xlsx");
    // Every sheet as CSV, its cells as they are shown.
    let filter = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,true,false,false,-1";
    let output = Command::new("soffice")
        .args(["--headless", "--convert-to", filter, "--outdir", "sheets", "report.xlsx"])
        .current_dir(sandbox.path())
        .env("HOME", sandbox.path())
        .env("LC_ALL", "C.UTF-8")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let sheets: Vec<(String, String)> = fs::read_dir(sandbox.path().join("sheets"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            (name, fs::read_to_string(&path).unwrap())
        })
        .collect();
    let json = sandbox.run(&[
        "report",
        "monthly-trend",
        "--lang",
        "zh",
        "--format",
        "json",
        "--output",
        "-",
    ]);
    let report: serde_json::Value = serde_json::from_str(&json.ok()).unwrap();
    let blocks = report["sections"].as_array().unwrap().iter();
    let blocks: Vec<&serde_json::Value> =
        blocks.flat_map(|section| section["blocks"].as_array().unwrap()).collect();
    let tables = blocks
        .iter()
        .filter(|block| ["table", "chart"].contains(&block["block"].as_str().unwrap()));
    // One more is the overview.
    assert_eq!(sheets.len(), tables.count() + 1);
    let all: String = sheets.iter().map(|(_, text)| text.as_str()).collect();
    assert!(all.contains("\"12,741,337\"") || all.contains("12,741,337"), "the largest figure");
    assert!(!all.contains("#NAME?") && !all.contains("Err:"), "a formula");
}

#[test]
fn formats_follow_the_name_of_the_file_and_are_the_same_again() {
    let sandbox = Sandbox::with_notice();
    for ending in ["xlsx", "docx", "md", "json", "html"] {
        let [first, second] = ["a", "b"].map(|name| format!("{name}.{ending}"));
        for (file, time) in [(&first, "1640995200"), (&second, "1700000000")] {
            let outcome = sandbox
                .command(&["report", "monthly-trend", "--output", file])
                .env("SOURCE_DATE_EPOCH", time)
                .output()
                .unwrap();
            assert!(outcome.status.success(), "{}", String::from_utf8_lossy(&outcome.stderr));
        }
        let [first, second] =
            [first, second].map(|file| fs::read(sandbox.path().join(file)).unwrap());
        assert!(!first.is_empty() && first == second, "{ending}");
    }
    let outcome = sandbox.run(&["report", "monthly-trend", "--output", "report.pdf"]);
    assert_eq!(outcome.code, 2, "{}", outcome.stderr);
}

#[test]
fn evidence_of_a_report_that_was_asked_for_proves_it() {
    let sandbox = Sandbox::with_notice();
    let made = ["report", "monthly-trend", "--output", "r.json", "--evidence", "r.evidence.json"];
    assert_eq!(sandbox.run(&made).code, 0);
    let said = sandbox.run(&["verify", "r.evidence.json"]).ok();
    assert!(said.contains("the same byte for byte: 1, "), "{said}");
    assert!(said.contains("files beside the evidence are what they were: 1"), "{said}");
}

#[test]
fn a_built_in_definition_is_printed_over_its_own_empty_copy() {
    let sandbox = Sandbox::new();
    for name in ["monthly-trend", "notice-draft"] {
        let shipped = sandbox.run(&["report", name, "--source"]).ok();
        // As a shell leaves it behind `>`.
        let copy = sandbox.write(&format!("reports/{name}.toml"), "");
        assert_eq!(sandbox.run(&["report", name, "--source"]).ok(), shipped);
        fs::write(copy, shipped).unwrap();
        sandbox.run(&["report", name, "--describe"]).ok();
    }
    sandbox.write("reports/other.toml", "");
    let said = sandbox.run(&["report", "other", "--source"]).fails(1);
    assert!(said.contains("other"), "{said}");
}

#[test]
fn a_file_is_proved_by_its_own_evidence_or_not_at_all() {
    let sandbox = Sandbox::with_notice();
    let path = |name: &str| sandbox.path().join(name);
    let made = ["report", "monthly-trend", "--output", "r.html", "--evidence", "r.evidence.json"];
    assert_eq!(sandbox.run(&made).code, 0);
    assert_eq!(sandbox.run(&["report", "monthly-trend", "--output", "r.xlsx"]).code, 0);
    let said = sandbox.run(&["verify", "r.html"]).ok();
    assert!(said.contains("r.html: checked, as it was when it was made"), "{said}");
    // Not among the files of the evidence, whose name is the same; not there at all; gone.
    let said = sandbox.run(&["verify", "r.xlsx"]).fails(1);
    assert!(said.contains("says nothing of `r.xlsx`"), "{said}");
    let said = sandbox.run(&["verify", "r.docx"]).fails(1);
    assert!(said.contains("there is no `r.docx`"), "{said}");
    let page = fs::read(path("r.html")).unwrap();
    fs::remove_file(path("r.html")).unwrap();
    sandbox.run(&["verify", "r.html"]).fails(1);
    let said = sandbox.run(&["verify", "r.evidence.json"]).ok();
    assert!(said.contains("r.html: not beside the evidence, not checked"), "{said}");
    // Evidence of no file proves none.
    fs::write(path("r.html"), [&page[..], b" "].concat()).unwrap();
    let text = fs::read_to_string(path("r.evidence.json")).unwrap();
    let mut none: serde_json::Value = serde_json::from_str(&text).unwrap();
    none["outputs"] = serde_json::json!([]);
    fs::write(path("r.evidence.json"), none.to_string()).unwrap();
    let said = sandbox.run(&["verify", "r.evidence.json"]).fails(1);
    assert!(said.contains("the evidence names no file"), "{said}");
    // Without evidence, in whatever format it is.
    for name in ["alone.xlsx", "alone.json"] {
        assert_eq!(sandbox.run(&["report", "monthly-trend", "--output", name]).code, 0);
        let said = sandbox.run(&["verify", name]).fails(1);
        assert!(said.contains("there is no evidence `alone.evidence.json`"), "{said}");
    }
}

#[test]
fn a_definition_is_printed_as_it_stands() {
    let sandbox = Sandbox::new();
    let printed = sandbox.run(&["report", "monthly-trend", "--source"]).ok();
    assert_eq!(printed, include_str!("../../data/reports/monthly-trend.toml"));
}
