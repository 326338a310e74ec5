//! `tongban inspect`: what a file would be read as.

use std::ops::ControlFlow;

use crate::annex::{
    ColumnReading, ColumnRole, IndicatorColumn, Reading, RowReading, TableReading, layout_sketch,
};
use crate::cli::args::InspectArgs;
use crate::cli::context::Context;
use crate::cli::failure::{Failure, FailureKind};
use crate::cli::ingest::{documents_of, read_options};
use crate::cli::ingest_records::is_record_file;
use crate::cli::inspect_json::json_of;
use crate::cli::inspect_records;
use crate::cli::ui::{Ui, count_by_severity, print};
use crate::cli::workspace::{OwnedReference, Workspace};
use crate::diag::{
    Finding, Lang, Message, joined, masked_numbers, place_words, printable_lines, word,
};
use crate::fsio;
use crate::ingest::{
    IngestError, OpenSettings, OpenedFile, OpenedFor, RecordsPreview, SourceFile, open_file,
    read_source,
};
use crate::model::{Observation, Place, Text, TotalCheck, TotalStanding};
use crate::records::profile::Profiles;
use crate::refdata::RefData;

/// First and last rows shown of each table.
const ROWS_AT_EACH_END: usize = 3;

pub(super) fn run(context: &Context, args: &InspectArgs) -> Result<(), Failure> {
    let reference = OwnedReference::find(context)?;
    let profiles = reference.profiles()?;
    let options = read_options(&args.reading)?;
    if is_record_file(&args.file, &profiles, context) {
        return inspect_records(context, args, &reference.refdata, &profiles);
    }
    let settings = OpenSettings {
        program: &context.program,
        opened_for: match args.save_layout {
            Some(_) => OpenedFor::Layout,
            None => OpenedFor::Figures,
        },
        reference: reference.as_ref(),
        profiles: &profiles,
        options: &options,
    };
    let opened = open_file(&args.file, settings)?;
    if let Some(name) = &args.save_layout {
        if let OpenedFile::Document(source) = &opened {
            source.check_no_records(&profiles)?;
        }
        return save_layout(context, name, &opened, &reference, args.table);
    }
    let shown = |mut source: SourceFile| -> Result<String, IngestError> {
        let reading = read_source(&mut source, &profiles, reference.as_ref(), &options)?;
        Ok(match args.format.as_str() {
            "json" => json_of(&source, &reading, context.lang()),
            _ => printable_lines(&described_file(&source, &reading, context)),
        })
    };
    match opened {
        OpenedFile::Document(source) => print(&shown(source)?),
        OpenedFile::Archive(archive) => {
            documents_of(context, &archive)?;
            let mut outcome = Ok(());
            archive.open_documents(settings, |_, source| {
                let printed = match source.and_then(&shown) {
                    Ok(text) => print(&format!("{text}\n")),
                    Err(error) => {
                        context.ui.refusal(&error);
                        outcome = Err(Failure::told(FailureKind::User));
                        Ok(())
                    }
                };
                match printed {
                    Ok(()) => ControlFlow::Continue(()),
                    Err(failure) => {
                        outcome = Err(failure);
                        ControlFlow::Break(())
                    }
                }
            });
            outcome
        }
    }
}

/// Shows what a record file would be read as; no layout can be made of one.
fn inspect_records(
    context: &Context,
    args: &InspectArgs,
    refdata: &RefData,
    profiles: &Profiles,
) -> Result<(), Failure> {
    let preview = RecordsPreview::of(&args.file, profiles, refdata, &context.program)?;
    if args.save_layout.is_some() {
        let message = Message::new("ingest.holds_records")
            .with("file", args.file.display())
            .with("dataset", preview.dataset);
        return Err(Failure::user(message));
    }
    print(&match args.format.as_str() {
        "json" => inspect_records::json_of(&preview, context.lang()),
        _ => printable_lines(&inspect_records::described(&args.file, &preview, context)),
    })
}

/// Writes a layout for a table of a file into the workspace. An existing one stays as it is.
fn save_layout(
    context: &Context,
    name: &str,
    opened: &OpenedFile,
    reference: &OwnedReference,
    table: usize,
) -> Result<(), Failure> {
    let OpenedFile::Document(source) = opened else {
        return Err(Failure::usage(Message::new("layout.of_archive")));
    };
    let is_plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
    if name.is_empty() || !name.chars().all(is_plain) {
        return Err(Failure::usage(Message::new("layout.name").with("name", name)));
    }
    let path = Workspace::find(context)?.root.join("layouts").join(format!("{name}.toml"));
    if fsio::exists(&path) {
        return Err(Failure::user(Message::new("layout.exists").with("path", path.display())));
    }
    let text = layout_sketch(&source.document, reference.as_ref(), table, &source.shown)?;
    // A table may have whom to call among its samples.
    let text = masked_numbers(&text);
    fsio::write_atomic(&path, text.as_bytes(), fsio::Mode::Public)?;
    context.ui.status(&Message::new("layout.saved").with("path", path.display()));
    Ok(())
}

/// Returns all that was read from a file, as text.
fn described_file(source: &SourceFile, reading: &Reading, context: &Context) -> String {
    let mut text = head(source, reading, context.lang());
    text.push_str(&prose(&reading.prose, context.lang()));
    for (idx, table) in reading.tables.iter().enumerate() {
        text.push_str(&described(idx + 1, table, context.lang()));
    }
    text.push_str(&format!("\n{}", findings_told(&reading.findings, &context.ui)));
    text
}

/// Returns the head of a document, one part a line.
pub(super) fn head(source: &SourceFile, reading: &Reading, lang: Lang) -> String {
    let notice = &reading.notice;
    let date = |date: Option<chrono::NaiveDate>| date.map(|date| date.to_string());
    let format = source.document.format.as_str();
    let encoding = source.document.encoding.map(|encoding| format!(", {encoding}"));
    let format = format!("{} ({format}{})", source.file_name, encoding.unwrap_or_default());
    let origin = word(&format!("origin.{}", reading.origin), lang);
    let standing = joined(&[origin, word(reading.release.as_str(), lang)], lang);
    let has_layouts = !reading.layouts.is_empty();
    let parts = [
        ("inspect.file", Some(format)),
        ("inspect.document_number", notice.document_number.clone()),
        ("inspect.issuer", notice.issuer.clone()),
        ("inspect.title", notice.title.clone()),
        ("inspect.dated", date(notice.dated)),
        ("inspect.published_on", date(reading.published_on)),
        ("inspect.standing", Some(standing)),
        ("inspect.layouts", has_layouts.then(|| joined(&reading.layouts, lang))),
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

/// Returns the figures told in sentences, one a line.
pub(super) fn prose(figures: &[Observation], lang: Lang) -> String {
    if figures.is_empty() {
        return String::new();
    }
    let heading = Message::new("inspect.prose").with("count", figures.len()).text(lang);
    let mut text = format!("\n{heading}\n");
    for figure in figures {
        let qualifier = figure.qualifier.map(|q| format!(" ({})", word(q.as_str(), lang)));
        text.push_str(&format!(
            "  {} {} {} {} {}{} [{}] {}\n",
            figure.row_label.as_deref().unwrap_or_default(),
            "→",
            figure.indicator,
            figure.value.map_or_else(|| "-".to_owned(), |value| value.to_string()),
            figure.unit,
            qualifier.unwrap_or_default(),
            figure.region,
            place_words(figure.place, lang),
        ));
    }
    text
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
    text.push_str(&rows(table, lang));
    let n_left_out = table.n_left_out + table.observations.iter().filter(|o| is_left(o)).count();
    if n_left_out > 0 {
        let message = Message::new("inspect.not_taken_count").with("count", n_left_out);
        text.push_str(&format!("  {}\n", message.text(lang)));
    }
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
    let code = match total.standing() {
        TotalStanding::Proven => "inspect.reconciled",
        TotalStanding::Wrong => "inspect.mismatch",
        TotalStanding::Unproven => "inspect.unproven",
    };
    Message::new(code)
        .with("label", &total.row_label)
        .with("indicator", &total.indicator)
        .with("printed", &total.printed)
        .with("sum", total.sum_value)
        .with("rows", total.n_rows)
        .with("missing", total.n_missing)
        .text(lang)
}

/// Whether a figure is printed and was not taken.
fn is_left(figure: &Observation) -> bool {
    let is_printed = |text: &Text| text.contains(char::is_numeric);
    !figure.is_taken() && figure.printed.as_ref().is_some_and(is_printed)
}

fn described_column(column: &ColumnReading, lang: Lang) -> String {
    let meaning = match &column.role {
        ColumnRole::RunningNumber => Message::new("inspect.running_number"),
        ColumnRole::Department => Message::new("inspect.department"),
        ColumnRole::Region => Message::new("inspect.region"),
        ColumnRole::Breakdown => Message::new("inspect.breakdown"),
        ColumnRole::Computed => Message::new("inspect.computed"),
        ColumnRole::Ignored => Message::new("inspect.ignored"),
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

/// Returns the first and last rows with their values as printed, those that were not taken marked.
fn rows(table: &TableReading, lang: Lang) -> String {
    let n_rows = table.rows.len();
    let mut text = String::new();
    for (idx, row) in table.rows.iter().enumerate() {
        if idx >= ROWS_AT_EACH_END && idx + ROWS_AT_EACH_END < n_rows {
            if idx == ROWS_AT_EACH_END {
                text.push_str("  …\n");
            }
            continue;
        }
        let of_row = table.observations.iter().filter(|observation| {
            observation.row_idx == i32::try_from(idx).ok() && observation.column_label.is_some()
        });
        let value = |figure: &Observation| {
            let printed = figure.printed.as_deref().unwrap_or("");
            let not_taken = Message::new("inspect.not_taken").with("printed", printed);
            if is_left(figure) { not_taken.text(lang) } else { printed.to_owned() }
        };
        let values: Vec<String> = of_row.map(value).collect();
        text.push_str(&format!("  {} ({}): {}\n", row.label, subject(row), values.join(" | ")));
    }
    text
}

/// What the figures of a row are about, as ids.
fn subject(row: &RowReading) -> String {
    let parts = [row.subject.department.as_ref(), row.subject.breakdown.as_ref()];
    let named: Vec<&str> = parts.into_iter().flatten().map(|id| &**id).collect();
    if named.is_empty() { row.subject.region.to_string() } else { named.join(", ") }
}

/// Returns findings with how many there are of each severity, a line for each.
pub(super) fn findings_told(findings: &[Finding], ui: &Ui) -> String {
    let [n_errors, n_warnings, n_infos] = count_by_severity(findings);
    let counts = Message::new("inspect.findings")
        .with("errors", n_errors)
        .with("warnings", n_warnings)
        .with("infos", n_infos)
        .text(ui.lang);
    let lines: String =
        findings.iter().map(|finding| format!("  {}\n", ui.finding(finding))).collect();
    format!("{counts}\n{lines}")
}
