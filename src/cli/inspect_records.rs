//! What record files would be read as, for people and for machines.

use std::path::Path;

use serde_json::{Value, json};

use crate::cli::context::Context;
use crate::cli::inspect::findings_told;
use crate::cli::inspect_json::finding;
use crate::diag::{Lang, Message};
use crate::ingest::{ColumnPreview, FilePreview, RecordsPreview};

/// Version of the form of the output for machines.
const FORMAT_VERSION: u32 = 1;

/// Returns what record files would be read as, as text.
pub(super) fn described(path: &Path, preview: &RecordsPreview, context: &Context) -> String {
    let lang = context.lang();
    let records = Message::new("inspect.records").with("dataset", &preview.dataset).text(lang);
    let mut text = String::new();
    for file in &preview.files {
        let label = Message::new("inspect.file").text(lang);
        text.push_str(&format!("{label}{}\n{records}\n", file.name));
        text.push_str(&described_file(file, lang));
    }
    text.push_str(&findings_told(&preview.findings, &context.ui));
    let next = Message::new("inspect.records_next").with("file", path.display()).text(lang);
    text.push_str(&format!("{next}\n"));
    text
}

fn described_file(file: &FilePreview, lang: Lang) -> String {
    let n_fields = file.columns.iter().filter(|column| column.field.is_some()).count();
    let heading = Message::new("inspect.record_columns")
        .with("fields", n_fields)
        .with("others", file.columns.len() - n_fields)
        .text(lang);
    let mut text = format!("\n{heading}\n");
    for (idx, column) in file.columns.iter().enumerate() {
        text.push_str(&format!("  {}\n", described_column(idx + 1, column, lang)));
    }
    let heading = Message::new("inspect.record_rows").with("count", file.rows.len()).text(lang);
    text.push_str(&format!("\n{heading}\n"));
    for row in &file.rows {
        let said = match &row.fault {
            Some(fault) => fault.text(lang),
            None => row.values.join(" | "),
        };
        text.push_str(&format!("  {} {said}\n", row.source_row));
    }
    text.push('\n');
    text
}

fn described_column(number: usize, column: &ColumnPreview, lang: Lang) -> String {
    // A name that may be anything is told by its place.
    let label = column
        .label
        .clone()
        .unwrap_or_else(|| Message::new("inspect.record_column").with("number", number).text(lang));
    match &column.field {
        Some((name, labels)) => format!("{label} → {name} ({})", labels.text(lang)),
        None => format!("{label} → {}", Message::new("inspect.ignored").text(lang)),
    }
}

/// Returns what record files would be read as, as JSON.
pub(super) fn json_of(preview: &RecordsPreview, lang: Lang) -> String {
    let value = json!({
        "format": "tongban-inspect-records",
        "version": FORMAT_VERSION,
        "dataset": preview.dataset,
        "files": preview.files.iter().map(|preview| file(preview, lang)).collect::<Vec<_>>(),
        "findings": preview.findings.iter().map(|f| finding(f, lang)).collect::<Vec<_>>(),
    });
    format!("{value:#}\n")
}

fn file(file: &FilePreview, lang: Lang) -> Value {
    let column = |column: &ColumnPreview| {
        json!({
            "label": column.label,
            "field": column.field.as_ref().map(|(name, _)| name),
        })
    };
    json!({
        "file": file.name,
        "columns": file.columns.iter().map(column).collect::<Vec<_>>(),
        "first_rows": file.rows.iter().map(|row| json!({
            "source_row": row.source_row,
            "values": row.values,
            "fault": row.fault.as_ref().map(|fault| fault.text(lang)),
        })).collect::<Vec<_>>(),
    })
}
