//! A whole document: head, tables, figures, findings.

use crate::annex::columns::LabelIndex;
use crate::annex::departments::DepartmentIndex;
use crate::annex::leftovers::leftovers;
use crate::annex::notice::read_notice;
use crate::annex::period::{PeriodContext, find_period};
use crate::annex::repeats::drop_repeats;
use crate::annex::segments::segments;
use crate::annex::table::{TableContext, read_table};
use crate::annex::tables::find_tables;
use crate::annex::{AnnexError, OnUnknown, ReadOptions, Reading, TableReading, Unknown};
use crate::diag::{Finding, Message, Severity};
use crate::model::{Notice, Origin, Place, Release};
use crate::refdata::RefData;
use crate::source::{Document, Remark, RemarkKind};

/// What a document is called.
#[derive(Debug, Clone, Copy)]
pub struct DocumentName<'a> {
    /// As the user gave it, with its folders: for messages.
    pub shown: &'a str,
    /// Without folders: what stays with the figures.
    pub file_name: &'a str,
}

/// Reads every table of a document.
///
/// The findings of one document come in the order of its lines. Refused are documents without a
/// table, without a known issuer, with a column whose time nobody states, and, unless
/// [`OnUnknown::LeaveOut`] is given, with unknown columns or departments.
pub fn read(
    document: &Document,
    name: DocumentName<'_>,
    refdata: &RefData,
    options: &ReadOptions,
) -> Result<Reading, AnnexError> {
    let DocumentName { shown: file_name, file_name: bare_name } = name;
    let labels = LabelIndex::new(refdata);
    let blocks = segments(&document.blocks, &labels);
    let found = find_tables(&blocks);
    if found.is_empty() {
        return Err(AnnexError::TableMissing { file_name: file_name.to_owned() });
    }
    let mut notice = read_notice(&blocks);
    if options.issuer.is_some() {
        notice.issuer.clone_from(&options.issuer);
    }
    let region = issuer_region(&notice, refdata, file_name)?;
    let departments = DepartmentIndex::new(refdata, &region);
    let context = TableContext {
        labels: &labels,
        departments: &departments,
        refdata,
        file_name,
        period: PeriodContext {
            given: options.period,
            printed: None,
            title: notice.title.as_deref().and_then(find_period),
            dated: notice.dated,
        },
    };
    let mut findings: Vec<Finding> = document.remarks.iter().map(remarked).collect();
    findings.extend(leftovers(&blocks, &departments));
    let mut unknown = Vec::new();
    let mut tables = Vec::new();
    for (idx, table) in found.iter().enumerate() {
        let outcome = read_table(idx + 1, table, &context)?;
        findings.extend(outcome.findings);
        unknown.extend(outcome.unknown);
        tables.extend(outcome.reading);
    }
    drop_repeats(&mut tables, &mut findings, &mut unknown);
    if !unknown.is_empty() && options.unknown == OnUnknown::Refuse {
        return Err(AnnexError::Unknown { file_name: file_name.to_owned(), unknown });
    }
    findings.extend(unknown.iter().map(left_out));
    let published_on = published_on(&notice, options, &mut findings);
    findings.sort_by_key(|finding| finding.place.spot);
    let is_notice = notice.document_number.is_some();
    let (origin, release) = if is_notice {
        (Origin::Published, Release::Published)
    } else {
        (Origin::Reported, Release::Draft)
    };
    Ok(Reading {
        edition: edition(&notice, bare_name),
        origin: options.origin.unwrap_or(origin),
        release: options.release.unwrap_or(release),
        notice,
        region,
        published_on,
        n_left_out: tables.iter().map(|table: &TableReading| table.n_left_out).sum(),
        tables,
        findings,
    })
}

fn issuer_region(
    notice: &Notice,
    refdata: &RefData,
    file_name: &str,
) -> Result<String, AnnexError> {
    let region = notice.issuer.as_deref().and_then(|issuer| refdata.region_at_start(issuer));
    region.ok_or_else(|| AnnexError::IssuerUnknown {
        file_name: file_name.to_owned(),
        found: notice.issuer.clone(),
    })
}

/// The number of the notice; the title, else the file's name, of a document without one.
fn edition(notice: &Notice, file_name: &str) -> String {
    let name = notice.document_number.as_ref().or(notice.title.as_ref());
    name.map_or_else(|| file_name.to_owned(), Clone::clone)
}

/// The day that counts for vintages: given, stated, or the date of the document with a finding.
fn published_on(
    notice: &Notice,
    options: &ReadOptions,
    findings: &mut Vec<Finding>,
) -> Option<chrono::NaiveDate> {
    let stated = options.published_on.or(notice.published_on);
    if stated.is_none()
        && let (Some(dated), Some(_)) = (notice.dated, &notice.document_number)
    {
        let message = Message::new("published_on.assumed").with("dated", dated);
        findings.push(Finding::new(Severity::Info, message, Place::default()));
        return Some(dated);
    }
    stated
}

fn left_out(unknown: &Unknown) -> Finding {
    Finding::new(Severity::Error, unknown.message(), unknown.place())
}

/// A remark of the reader as a finding.
fn remarked(remark: &Remark) -> Finding {
    let severity = match remark.kind {
        RemarkKind::SheetHidden
        | RemarkKind::RowsHidden
        | RemarkKind::ColumnsHidden
        | RemarkKind::FormulaWithoutValue => Severity::Warning,
        RemarkKind::TrackedChanges
        | RemarkKind::Macros
        | RemarkKind::Embedded
        | RemarkKind::SideTexts => Severity::Info,
    };
    let message = Message::new(remark.kind.as_str()).with("what", &remark.what);
    let place = remark.spot.map(Place::at).unwrap_or_default();
    Finding::new(severity, message, place)
}
