//! A whole document: head, tables, figures, findings.

use crate::annex::columns::LabelIndex;
use crate::annex::departments::DepartmentIndex;
use crate::annex::notice::read_notice;
use crate::annex::period::{PeriodContext, find_period};
use crate::annex::table::{TableContext, read_table};
use crate::annex::tables::find_tables;
use crate::annex::{AnnexError, OnUnknown, ReadOptions, Reading, Unknown};
use crate::diag::{Finding, Message, Severity};
use crate::model::{Notice, Origin, Place, Release};
use crate::refdata::RefData;
use crate::source::Document;

/// Reads every table of a document.
///
/// The findings of one document come in the order of its lines. Refused are documents without a
/// table, without a known issuer, with a column whose time nobody states, and, unless
/// [`OnUnknown::LeaveOut`] is given, with unknown columns or departments.
pub fn read(
    document: &Document,
    file_name: &str,
    refdata: &RefData,
    options: &ReadOptions,
) -> Result<Reading, AnnexError> {
    let found = find_tables(document);
    if found.is_empty() {
        return Err(AnnexError::TableMissing { file_name: file_name.to_owned() });
    }
    let mut notice = read_notice(document);
    if options.issuer.is_some() {
        notice.issuer.clone_from(&options.issuer);
    }
    let region = issuer_region(&notice, refdata, file_name)?;
    let context = TableContext {
        labels: &LabelIndex::new(refdata),
        departments: &DepartmentIndex::new(refdata, &region),
        refdata,
        file_name,
        period: PeriodContext {
            given: options.period,
            printed: None,
            title: notice.title.as_deref().and_then(find_period),
            dated: notice.dated,
        },
    };
    let mut findings = Vec::new();
    let mut unknown = Vec::new();
    let mut tables = Vec::new();
    for (idx, table) in found.iter().enumerate() {
        let outcome = read_table(idx + 1, table, &context)?;
        findings.extend(outcome.findings);
        unknown.extend(outcome.unknown);
        tables.extend(outcome.reading);
    }
    if !unknown.is_empty() && options.unknown == OnUnknown::Refuse {
        return Err(AnnexError::Unknown { file_name: file_name.to_owned(), unknown });
    }
    findings.extend(unknown.iter().map(left_out));
    let published_on = published_on(&notice, options, &mut findings);
    findings.sort_by_key(|finding| finding.place.line);
    let is_notice = notice.document_number.is_some();
    let (origin, release) = if is_notice {
        (Origin::Published, Release::Published)
    } else {
        (Origin::Reported, Release::Draft)
    };
    Ok(Reading {
        edition: edition(&notice, file_name),
        origin: options.origin.unwrap_or(origin),
        release: options.release.unwrap_or(release),
        notice,
        region,
        published_on,
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
