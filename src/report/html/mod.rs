//! A report as one page that opens without a network: content, looks, charts and their engine in one file.
//!
//! Data gets into the page in three ways only: as escaped text, as the escaped value of a quoted
//! attribute, and as JSON in blocks that no browser runs. A policy in the page lets the scripts of tongban
//! run, by their hashes, and nothing else; it fetches nothing.

mod assets;
mod policy;
mod script_json;

mod view;

use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, UndefinedBehavior};

use crate::report::ReportError;
use crate::report::content::Report;
use crate::report::html::view::PageView;

const PAGE: &str = "page";

/// Returns the page of a report.
pub(super) fn page(report: &Report) -> Result<Vec<u8>, ReportError> {
    let failed = |error: minijinja::Error| ReportError::Page { reason: format!("{error:#}") };
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.add_template(PAGE, assets::PAGE).map_err(failed)?;
    let template = environment.get_template(PAGE).map_err(failed)?;
    let page = template.render(Serde(PageView::of(report))).map_err(failed)?;
    Ok(page.into_bytes())
}
