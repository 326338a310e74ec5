//! `tongban inspect`: what a file would be read as.

use crate::annex::{ColumnReading, ColumnRole, IndicatorColumn, Reading, TableReading};
use crate::cli::args::InspectArgs;
use crate::cli::context::Context;
use crate::cli::failure::{Failure, FailureKind};
use crate::cli::ingest::read_options;
use crate::cli::ui::{Ui, count_by_severity, print};
use crate::cli::workspace::Workspace;
use crate::diag::{Lang, Message, place_words, word};
use crate::ingest::{OpenedFile, SourceFile, open_file, read_source};
use crate::model::{Place, TotalCheck};
use crate::refdata::RefData;

/// First and last rows shown of each table.
const ROWS_AT_EACH_END: usize = 3;

pub(super) fn run(context: &Context, args: &InspectArgs) -> Result<(), Failure> {
    let refdata = match Workspace::find(context) {
        Ok(workspace) => workspace.refdata()?,
        Err(failure) if context.workspace.is_some() => return Err(failure),
        Err(_) => RefData::load(&[])?,
    };
    let options = read_options(&args.reading)?;
    match open_file(&args.file, &context.program)? {
        OpenedFile::Document(mut source) => {
            let reading = read_source(&mut source, &refdata, &options)?;
            print(&described_file(&source, &reading, context))
        }
        OpenedFile::Archive(archive) => {
            let mut n_refused = 0;
            for idx in archive.members() {
                let read = archive.open_member(idx).and_then(|mut source| {
                    let reading = read_source(&mut source, &refdata, &options)?;
                    Ok(described_file(&source, &reading, context))
                });
                match read {
                    Ok(text) => print(&format!("{text}\n"))?,
                    Err(error) => {
                        n_refused += 1;
                        context.ui.refusal(&error);
                    }
                }
            }
            if n_refused > 0 { Err(Failure::told(FailureKind::User)) } else { Ok(()) }
        }
    }
}

/// Returns all that was read from a file, as text.
fn described_file(source: &SourceFile, reading: &Reading, context: &Context) -> String {
    let mut text = head(source, reading, context.lang());
    for (idx, table) in reading.tables.iter().enumerate() {
        text.push_str(&described(idx + 1, table, context.lang()));
    }
    text.push_str(&findings(reading, &context.ui));
    text
}

/// Returns the head of a document, one part a line.
pub(super) fn head(source: &SourceFile, reading: &Reading, lang: Lang) -> String {
    let notice = &reading.notice;
    let date = |date: Option<chrono::NaiveDate>| date.map(|date| date.to_string());
    let format = source.document.format.as_str();
    let encoding = source.document.encoding.map(|encoding| format!(", {encoding}"));
    let format = format!("{} ({format}{})", source.file_name, encoding.unwrap_or_default());
    let parts = [
        ("inspect.file", Some(format)),
        ("inspect.document_number", notice.document_number.clone()),
        ("inspect.issuer", notice.issuer.clone()),
        ("inspect.title", notice.title.clone()),
        ("inspect.dated", date(notice.dated)),
        ("inspect.published_on", date(reading.published_on)),
    ];
    let none = Message::new("inspect.none").text(lang);
    parts
        .into_iter()
        .map(|(code, value)| {
            let label = Message::new(code).text(lang);
            format!("{label}{}\n", value.unwrap_or_else(|| none.clone()))
        })
        .collect()
}

/// Returns all that was read from a table, as text.
pub(super) fn described(number: usize, table: &TableReading, lang: Lang) -> String {
    let mut text = Message::new("inspect.table")
        .with("number", number)
        .with("title", &table.title)
        .with("place", place_words(Place::at(table.spot), lang))
        .with("rows", table.rows.len())
        .with("observations", table.observations.len())
        .text(lang);
    text = format!("\n{text}\n");
    for column in &table.columns {
        text.push_str(&format!("  {}\n", described_column(column, lang)));
    }
    text.push_str(&rows(table));
    for total in &table.totals {
        text.push_str(&format!("  {}\n", described_total(total, lang)));
    }
    for note in &table.notes {
        text.push_str(&format!(
            "  {}\n",
            Message::new("inspect.note").with("note", note).text(lang)
        ));
    }
    text
}

/// Returns a total and whether its rows add up to it, as one line.
pub(super) fn described_total(total: &TotalCheck, lang: Lang) -> String {
    let code = if total.is_reconciled { "inspect.reconciled" } else { "inspect.mismatch" };
    Message::new(code)
        .with("label", &total.row_label)
        .with("indicator", &total.indicator)
        .with("printed", &total.printed)
        .with("sum", total.sum_value)
        .with("rows", total.n_rows)
        .text(lang)
}

fn described_column(column: &ColumnReading, lang: Lang) -> String {
    let meaning = match &column.role {
        ColumnRole::RunningNumber => Message::new("inspect.running_number"),
        ColumnRole::Department => Message::new("inspect.department"),
        ColumnRole::Remark => Message::new("inspect.remark"),
        ColumnRole::Blank => Message::new("inspect.blank"),
        ColumnRole::LeftOut => Message::new("inspect.left_out"),
        ColumnRole::Indicator(indicator) => return described_indicator(column, indicator, lang),
    };
    format!("{} → {}", column.label, meaning.text(lang))
}

fn described_indicator(column: &ColumnReading, indicator: &IndicatorColumn, lang: Lang) -> String {
    let score =
        if indicator.score < 1.0 { format!(" ({:.2})", indicator.score) } else { String::new() };
    format!(
        "{} → {}{score}, {}, {} {} ({})",
        column.label,
        indicator.indicator,
        indicator.unit,
        word(indicator.accumulation.as_str(), lang),
        indicator.period,
        word(indicator.period_basis.as_str(), lang),
    )
}

/// Returns the first and last rows with their values as printed.
fn rows(table: &TableReading) -> String {
    let n_rows = table.rows.len();
    let mut text = String::new();
    for (idx, (label, department)) in table.rows.iter().enumerate() {
        if idx >= ROWS_AT_EACH_END && idx + ROWS_AT_EACH_END < n_rows {
            if idx == ROWS_AT_EACH_END {
                text.push_str("  …\n");
            }
            continue;
        }
        let of_row = table.observations.iter().filter(|observation| {
            observation.department.as_deref() == Some(department.as_str())
                && observation.column_label.is_some()
        });
        let values: Vec<&str> =
            of_row.map(|observation| observation.printed.as_deref().unwrap_or("")).collect();
        text.push_str(&format!("  {label} ({department}): {}\n", values.join(" | ")));
    }
    text
}

fn findings(reading: &Reading, ui: &Ui) -> String {
    let [n_errors, n_warnings, n_infos] = count_by_severity(&reading.findings);
    let counts = Message::new("inspect.findings")
        .with("errors", n_errors)
        .with("warnings", n_warnings)
        .with("infos", n_infos)
        .text(ui.lang);
    let lines: String =
        reading.findings.iter().map(|finding| format!("  {}\n", ui.finding(finding))).collect();
    format!("\n{counts}\n{lines}")
}
