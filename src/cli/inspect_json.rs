//! What a file would be read as, for machines.

use serde_json::{Value, json};

use crate::annex::{ColumnReading, ColumnRole, Reading, TableReading};
use crate::diag::{Finding, Lang};
use crate::ingest::SourceFile;
use crate::model::{Observation, Qualifier, TotalCheck};

/// Version of the form of this output.
const FORMAT_VERSION: u32 = 1;

/// Returns all that was read from a file as JSON: head, figures with their places, totals, findings.
pub(super) fn json_of(source: &SourceFile, reading: &Reading, lang: Lang) -> String {
    let notice = &reading.notice;
    let value = json!({
        "format": "tongban-inspect",
        "version": FORMAT_VERSION,
        "file": source.shown,
        "document_format": source.document.format.as_str(),
        "encoding": source.document.encoding.map(|encoding| encoding.to_string()),
        "document_number": notice.document_number,
        "issuer": notice.issuer,
        "title": notice.title,
        "dated": notice.dated.map(|day| day.to_string()),
        "published_on": reading.published_on.map(|day| day.to_string()),
        "region": reading.region,
        "origin": reading.origin.as_str(),
        "release": reading.release.as_str(),
        "edition": reading.edition,
        "reading": reading.way,
        "layouts": reading.layouts,
        "prose": reading.prose.iter().map(observation).collect::<Vec<_>>(),
        "tables": reading.tables.iter().map(table).collect::<Vec<_>>(),
        "findings": reading.findings.iter().map(|f| finding(f, lang)).collect::<Vec<_>>(),
    });
    format!("{value:#}\n")
}

fn table(table: &TableReading) -> Value {
    json!({
        "title": table.title,
        "place": table.spot.to_string(),
        "layout": table.layout,
        "columns": table.columns.iter().map(column).collect::<Vec<_>>(),
        "n_rows": table.rows.len(),
        "n_left_out": table.n_left_out,
        "observations": table.observations.iter().map(observation).collect::<Vec<_>>(),
        "totals": table.totals.iter().map(total).collect::<Vec<_>>(),
        "notes": table.notes,
    })
}

fn column(column: &ColumnReading) -> Value {
    let role = match &column.role {
        ColumnRole::RunningNumber => "running_number",
        ColumnRole::Department => "department",
        ColumnRole::Region => "region",
        ColumnRole::Breakdown => "breakdown",
        ColumnRole::Remark => "remark",
        ColumnRole::Computed => "computed",
        ColumnRole::Ignored => "ignored",
        ColumnRole::Blank => "blank",
        ColumnRole::LeftOut => "left_out",
        ColumnRole::Indicator(indicator) => {
            return json!({
                "label": column.label,
                "role": "indicator",
                "indicator": indicator.indicator,
                "definition": indicator.definition,
                "score": indicator.score,
                "unit": indicator.unit,
                "scale": 10_f64.powi(indicator.exponent),
                "accumulation": indicator.accumulation.as_str(),
                "period_start": indicator.period.start.map(|day| day.to_string()),
                "period_end": indicator.period.end.to_string(),
                "period_basis": indicator.period_basis.as_str(),
            });
        }
    };
    json!({ "label": column.label, "role": role })
}

fn observation(observation: &Observation) -> Value {
    let o = observation;
    json!({
        "indicator": o.indicator,
        "definition": o.definition,
        "department": o.department,
        "region": o.region,
        "breakdown": o.breakdown,
        "accumulation": o.accumulation.as_str(),
        "period_start": o.period.start.map(|day| day.to_string()),
        "period_end": o.period.end.to_string(),
        "period_basis": o.period_basis.as_str(),
        "value": o.value,
        "value_text": o.value_text,
        "taken": o.is_taken(),
        "unit": o.unit,
        "obs_status": o.obs_status.as_str(),
        "qualifier": o.qualifier.map(Qualifier::as_str),
        "place": o.place.to_string(),
        "printed": o.printed,
        "row_label": o.row_label,
        "column_label": o.column_label,
        "note": o.note,
    })
}

fn total(total: &TotalCheck) -> Value {
    json!({
        "indicator": total.indicator,
        "row_label": total.row_label,
        "printed": total.printed,
        "printed_value": total.printed_value,
        "sum_value": total.sum_value,
        "difference": total.difference(),
        "n_rows": total.n_rows,
        "n_missing": total.n_missing,
        "reconciled": total.is_reconciled,
        "standing": total.standing().as_str(),
        "place": total.place.to_string(),
    })
}

/// Returns a finding as JSON.
pub(super) fn finding(finding: &Finding, lang: Lang) -> Value {
    json!({
        "code": finding.message.code,
        "severity": finding.severity.as_str(),
        "place": finding.place.to_string(),
        "row_label": finding.row_label,
        "column_label": finding.column_label,
        "found": finding.found,
        "expected": finding.expected,
        "message": finding.message.text(lang),
    })
}
