//! What there is to tell about the records of a file, as findings.

use crate::diag::{Finding, Message, Severity, is_identifier, nearest_names};
use crate::ingest::records::intake::IntakeFile;
use crate::ingest::records::nearest::name_of;
use crate::model::Place;
use crate::records::judge::{MAX_UNMAPPED, Notes, RowCount};
use crate::records::profile::{Dataset, Sentence};
use crate::source::rows::UnreadSheets;

/// Bodies without a department that are named one by one; the others are counted.
const MAX_BODIES: usize = 20;

/// Columns that are named at most.
const MAX_COLUMNS: usize = 20;

/// Returns the findings on a file: rules that rows break, bodies that nobody knows, values that were
/// written in another form, and numbers of persons that were masked.
pub(super) fn findings_of(notes: &Notes, dataset: &Dataset, file_name: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (rule, count) in &notes.broken {
        let rule = &dataset.rules[*rule];
        // What goes back is in `returned`, row by row.
        if rule.severity != Severity::Error {
            let message = on_rows("records.rule", &rule.id, &rule.sentence, count);
            findings.push(found(rule.severity, message, file_name));
        }
    }
    if notes.blank.n_rows > 0 {
        let rows: Vec<String> = notes.blank.first_rows.iter().map(u64::to_string).collect();
        let message = Message::new("records.rows_blank")
            .with("count", notes.blank.n_rows)
            .with("rows", rows.join(", "));
        findings.push(found(Severity::Warning, message, file_name));
    }
    if notes.in_quotes.n_rows > 0 {
        let rows = notes.in_quotes.first.iter();
        let rows: Vec<String> =
            rows.map(|lines| format!("{} ({})", lines.source_row, lines.n_lines)).collect();
        let message = Message::new("records.rows_in_quotes")
            .with("count", notes.in_quotes.n_rows)
            .with("rows", rows.join(", "));
        findings.push(found(Severity::Warning, message, file_name));
    }
    findings.extend(on_bodies(notes, file_name));
    for (field, n_rows) in dataset.fields.iter().zip(&notes.n_masked) {
        if *n_rows > 0 {
            let message =
                Message::new("records.masked").with("field", &field.name).with("count", n_rows);
            findings.push(found(Severity::Warning, message, file_name));
        }
    }
    for (field, n_values) in dataset.fields.iter().zip(&notes.n_folded) {
        if *n_values > 0 {
            let message =
                Message::new("records.folded").with("field", &field.name).with("count", n_values);
            findings.push(found(Severity::Info, message, file_name));
        }
    }
    findings
}

/// Returns the findings on the sheets of a workbook whose rows are not read: those that do not show, and
/// those that hold something else.
pub(super) fn on_sheets(unread: &UnreadSheets, file_name: &str) -> Vec<Finding> {
    let hidden = unread.hidden.iter().map(|name| ("source.sheet_hidden", name));
    let notes = unread.notes.iter().map(|name| ("records.sheet_of_notes", name));
    let warning = |(code, name): (&'static str, &String)| {
        found(Severity::Warning, Message::new(code).with("what", name), file_name)
    };
    hidden.chain(notes).map(warning).collect()
}

/// Returns the findings on rows that bring a key again, of which a user may not expect what they do:
/// those that were pushed before the latest version, and those that take over another department's
/// record.
pub(super) fn on_versions(n_late: u64, n_taken_over: u64, batch_name: &str) -> Vec<Finding> {
    let counts = [(n_late, "records.pushed_before"), (n_taken_over, "records.other_department")];
    let told = counts.into_iter().filter(|(count, _)| *count > 0);
    let warning = |(count, code)| {
        found(Severity::Warning, Message::new(code).with("count", count), batch_name)
    };
    told.map(warning).collect()
}

/// Returns the findings on the columns of a file: those that are no field, by name only where it looks
/// like one and with the field that is nearest, and optional fields that have no column.
///
/// Where a file has columns that are not read, one of them may be a field under another name.
pub(super) fn on_columns(file: &IntakeFile<'_>) -> Vec<Finding> {
    let IntakeFile { fit, header, .. } = file;
    let absent: Vec<&str> = fit
        .columns
        .iter()
        .zip(&fit.dataset.fields)
        .filter_map(|(column, field)| column.is_none().then_some(field.name.as_str()))
        .collect();
    let (named, others): (Vec<usize>, Vec<usize>) =
        fit.unknown.iter().partition(|at| is_identifier(&header[**at]));
    let with_nearest = |at: &usize| {
        let name = &header[*at];
        match nearest_names(name, absent.iter().copied()).first() {
            Some(nearest) => format!("`{name}` (`{nearest}`?)"),
            None => format!("`{name}`"),
        }
    };
    let position = |at: &usize| (at + 1).to_string();
    let told = |severity: Severity, code: &'static str, names: Vec<String>| {
        let shown = &names[..names.len().min(MAX_COLUMNS)];
        let message = Message::new(code)
            .with("dataset", name_of(fit))
            .with("count", names.len())
            .with("columns", shown.join(", "));
        (!names.is_empty()).then(|| found(severity, message, &file.name))
    };
    let is_told = if fit.unknown.is_empty() { Severity::Info } else { Severity::Warning };
    let absent_names = absent.iter().map(|name| format!("`{name}`")).collect();
    let named = named.iter().map(with_nearest).collect();
    let others = others.iter().map(position).collect();
    let findings = [
        told(Severity::Warning, "records.columns_unknown", named),
        told(Severity::Warning, "records.columns_unlike", others),
        told(is_told, "records.columns_absent", absent_names),
    ];
    findings.into_iter().flatten().collect()
}

/// Returns the finding on files of archives that hold no records.
pub(super) fn on_passed_over(names: &[String]) -> Option<Finding> {
    let first = names.first()?;
    let message = Message::new("records.passed_over").with("count", names.len());
    Some(found(Severity::Warning, message, first))
}

/// Returns a finding on a file, or on a batch under its name.
pub(super) fn found(severity: Severity, message: Message, file_name: &str) -> Finding {
    Finding::new(severity, message.with("file", file_name), Place::default())
}

fn on_rows(code: &'static str, rule: &str, sentence: &Sentence, count: &RowCount) -> Message {
    let rows: Vec<String> = count.first_rows.iter().map(u64::to_string).collect();
    Message::new(code)
        .with("rule", rule)
        .with_sentence("sentence", &sentence.zh, &sentence.en)
        .with("count", count.n_rows)
        .with("rows", rows.join(", "))
}

/// Bodies of which no department is known, those with the most rows first.
fn on_bodies(notes: &Notes, file_name: &str) -> Vec<Finding> {
    let mut bodies: Vec<_> = notes.unmapped.bodies.iter().collect();
    bodies.sort_by_key(|(body, count)| (std::cmp::Reverse(count.n_rows), *body));
    let n_others = bodies.len().saturating_sub(MAX_BODIES);
    let mut findings: Vec<Finding> = bodies
        .into_iter()
        .take(MAX_BODIES)
        .map(|(body, count)| {
            if body.org_code.is_none() && body.org_name.is_none() {
                let message = Message::new("records.bodies_unlike").with("count", count.n_rows);
                return found(Severity::Warning, message, file_name);
            }
            let message = Message::new("records.body_unknown")
                .with("code", body.org_code.as_deref().unwrap_or("–"))
                .with("name", body.org_name.as_deref().unwrap_or("–"))
                .with("count", count.n_rows);
            found(Severity::Warning, message, file_name)
        })
        .collect();
    if n_others > 0 {
        let message = Message::new("records.bodies_unknown").with("count", n_others);
        findings.push(found(Severity::Warning, message, file_name));
    }
    if notes.unmapped.n_other_rows > 0 {
        let message = Message::new("records.bodies_beyond")
            .with("most", MAX_UNMAPPED)
            .with("count", notes.unmapped.n_other_rows);
        findings.push(found(Severity::Warning, message, file_name));
    }
    findings
}
