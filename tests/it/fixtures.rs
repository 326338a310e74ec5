//! Small files that each show one layout or quirk of annex tables, and what they are read as.
//!
//! `INSTA_UPDATE=always cargo test` rewrites the expectations; read the difference line by line.

use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use tongban::annex::{
    ColumnReading, ColumnRole, DocumentName, Layouts, ReadOptions, Reading, Reference,
    TableReading, read,
};
use tongban::diag::{Diagnose, Finding, Lang};
use tongban::model::{Observation, TotalCheck};
use tongban::refdata::RefData;
use tongban::source::parse_document;

use crate::support;

/// What stands for a fact that is not there.
const NONE: &str = "-";

#[test]
fn every_layout_and_quirk_is_read_as_expected() {
    let fixtures = fixtures();
    assert!(fixtures.len() > 100, "fixtures are missing");
    for path in &fixtures {
        let mut settings = insta::Settings::clone_current();
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        let name = format!("fixture_{}", stem(path));
        settings.bind(|| insta::assert_snapshot!(name, rendering(path)));
    }
}

#[test]
fn every_fixture_is_listed_and_every_snapshot_has_one() {
    let names: Vec<String> = fixtures().iter().map(|path| file_name(path)).collect();
    let list = support::read(&folder().join("README.md"));
    let listed: Vec<&str> = list.lines().filter_map(|line| line.split('`').nth(1)).collect();
    let rows: Vec<&str> = listed.into_iter().filter(|name| !name.contains('/')).collect();
    let mut sorted = rows.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, names);
    let stems: Vec<String> =
        fixtures().iter().map(|path| format!("fixture_{}", stem(path))).collect();
    for snapshot in support::files_below(&support::root().join("tests/it/snapshots"), "snap") {
        let name = stem(&snapshot);
        assert!(!name.starts_with("fixture_") || stems.contains(&name), "{name} has no fixture");
    }
}

fn folder() -> PathBuf {
    support::root().join("tests/fixtures")
}

/// Every file of the folder but the list of them, by name.
fn fixtures() -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = ["txt", "csv", "html"]
        .iter()
        .flat_map(|extension| support::files_below(&folder(), extension))
        .collect();
    files.sort();
    files
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap().to_str().unwrap().to_owned()
}

/// The name of the file, its dot for an underscore in all formats but text.
fn stem(path: &Path) -> String {
    let name = file_name(path);
    let name = name.strip_suffix(".txt").or(name.strip_suffix(".snap")).unwrap_or(&name);
    name.replace('.', "_")
}

/// All that came of a file: figures, totals and findings, or why it was refused.
///
/// Beside a fixture may stand the layout that reads it, named after it.
fn rendering(path: &Path) -> String {
    let file_name = &file_name(path);
    let layout = path.with_extension("toml");
    let own: Vec<(String, String)> =
        layout.exists().then(|| (stem(path), support::read(&layout))).into_iter().collect();
    let mut refdata = RefData::load(&[]).unwrap();
    let layouts = Layouts::load(&own, &mut refdata).unwrap();
    let reference = Reference { refdata: &refdata, layouts: &layouts };
    let document = match parse_document(support::read(path).as_bytes(), file_name) {
        Ok(document) => document,
        Err(error) => return refusal(&error),
    };
    let name = DocumentName { shown: file_name, file_name };
    match read(document, name, reference, &ReadOptions::default()) {
        Ok(reading) => reading_lines(&reading).join("\n"),
        Err(error) => refusal(&error),
    }
}

fn refusal(error: &impl Diagnose) -> String {
    let message = error.message();
    let first = format!("refused {}: {}", message.code, message.text(Lang::En));
    let details = error.details();
    let details = details.iter().map(|m| format!("  {}: {}", m.code, m.text(Lang::En)));
    std::iter::once(first).chain(details).collect::<Vec<_>>().join("\n")
}

fn reading_lines(reading: &Reading) -> Vec<String> {
    let notice = &reading.notice;
    let date = |date: Option<NaiveDate>| date.map_or_else(|| NONE.to_owned(), |d| d.to_string());
    let mut lines = vec![format!(
        "notice {} dated {} published {}",
        notice.document_number.as_deref().unwrap_or(NONE),
        date(notice.dated),
        date(reading.published_on)
    )];
    // All figures of a document share these three.
    lines.push(format!(
        "edition {}, {} by origin, {} by release",
        reading.edition, reading.origin, reading.release
    ));
    if !reading.layouts.is_empty() {
        lines.push(format!("layouts {}", reading.layouts.join(", ")));
    }
    lines.extend(reading.prose.iter().map(|figure| observation_line(figure, None)));
    lines.extend(reading.tables.iter().flat_map(table_lines));
    // That the day of publication is inferred holds for all of them alike.
    let findings =
        reading.findings.iter().filter(|finding| finding.message.code != "published_on.assumed");
    lines.extend(findings.map(finding_line));
    lines
}

fn table_lines(table: &TableReading) -> Vec<String> {
    let mut lines = vec![format!("table `{}` at {}", table.title, table.spot)];
    let columns: Vec<String> = table.columns.iter().map(column_text).collect();
    lines.push(format!("columns {}", columns.join(" | ")));
    lines.extend(table.observations.iter().map(|figure| observation_line(figure, Some(table))));
    lines.extend(table.totals.iter().map(total_line));
    lines.extend(table.notes.iter().map(|note| format!("note {note}")));
    lines
}

/// The label of a column and what it was read as.
fn column_text(column: &ColumnReading) -> String {
    let role = match &column.role {
        ColumnRole::Indicator(indicator) => indicator.indicator.to_string(),
        role => format!("{role:?}"),
    };
    format!("`{}` {role}", column.label)
}

/// What a figure keeps besides what its table says once: a label that is not its column's, a note.
fn further(observation: &Observation, table: Option<&TableReading>) -> String {
    let column = observation.place.column.and_then(|column| column.checked_sub(1));
    let label = table.zip(column).map(|(table, column)| table.columns[column].label.as_str());
    let own = observation.column_label.as_deref();
    let mut text = String::new();
    if own != label {
        text.push_str(&format!(" column `{}`", own.unwrap_or(NONE)));
    }
    if let Some(note) = &observation.note {
        let notes = table.map_or(&[][..], |table| table.notes.as_slice());
        match notes.iter().position(|known| **known == **note) {
            Some(at) => text.push_str(&format!(" note {}", at + 1)),
            None => text.push_str(&format!(" note `{note}`")),
        }
    }
    text
}

fn observation_line(observation: &Observation, table: Option<&TableReading>) -> String {
    let o = observation;
    let text = o.value_text.as_deref().unwrap_or(NONE).to_owned();
    let value = o.value.map_or(text, |value| value.to_string());
    let about = match &o.breakdown {
        Some(breakdown) => format!("{} [{breakdown}]", o.region),
        None => o.region.to_string(),
    };
    let qualifier = o.qualifier.map_or(NONE, |qualifier| qualifier.as_str());
    format!(
        "{} {} {value} {} {} {} {} {} {qualifier} `{}` ({}){}",
        o.indicator,
        o.department.as_deref().unwrap_or(&about),
        o.unit,
        o.accumulation,
        o.period,
        o.period_basis,
        o.obs_status,
        o.printed.as_deref().unwrap_or_default(),
        o.place,
        further(o, table)
    )
}

fn total_line(total: &TotalCheck) -> String {
    let state = if total.is_reconciled { "reconciled" } else { "not reconciled" };
    format!(
        "total {} `{}` sum {} over {} rows, {state} ({})",
        total.indicator, total.printed, total.sum_value, total.n_rows, total.place
    )
}

fn finding_line(finding: &Finding) -> String {
    let Finding { severity, message, place, .. } = finding;
    format!("{severity} {} ({place}): {}", message.code, message.text(Lang::En))
}
