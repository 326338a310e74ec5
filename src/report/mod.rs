//! Reports: a definition is asked and becomes content, and content becomes the bytes of a format.
//!
//! A definition (TOML) is checked against queries, columns and indicators before anything is asked. All
//! that is asked is cross-checked where a question has a second way to its answer; where the ways differ
//! there is no report. Data is text in every format: it never becomes script, formula or link.

mod accounts;
mod asking;
mod cells;
pub mod content;
mod definition;
mod docx;
mod error;
pub mod evidence;
mod html;
mod json;
mod letter;
mod make;
mod markdown;
mod merged;
mod notice;
mod params;
#[cfg(test)]
pub(crate) mod sample;
mod shown;
mod told;
mod trends;
mod xlsx;

use crate::model::text_enum;
use crate::report::content::Report;

pub use accounts::accounts;
pub use definition::{Definition, Definitions, SchedulePlan, Words};
pub use error::ReportError;
pub use make::{Sources, is_end_of_month, make, queries_of};
pub use notice::{FigureStyle, NoticeError, Rounding};
pub use params::Given;
pub use shown::{mark_words, shown};

text_enum! {
    /// The formats in which a report can be written.
    ReportFormat {
        /// One page with everything in it.
        Html = "html",
        /// A workbook with a sheet for every table and chart.
        Xlsx = "xlsx",
        /// Headings, prose and tables.
        Markdown = "markdown",
        /// Everything that its content has, for machines.
        Json = "json",
        /// A paper after GB/T 9704-2012.
        Docx = "docx",
    }
}

impl ReportFormat {
    /// Returns the ending of the names of its files.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Html => "html",
            Self::Xlsx => "xlsx",
            Self::Markdown => "md",
            Self::Json => "json",
            Self::Docx => "docx",
        }
    }
}

/// Returns the bytes of a report in a format. The same report gives the same bytes.
pub fn render(report: &Report, format: ReportFormat) -> Result<Vec<u8>, ReportError> {
    match format {
        ReportFormat::Html => html::page(report),
        ReportFormat::Xlsx => xlsx::to_xlsx(report).map_err(ReportError::Output),
        ReportFormat::Markdown => Ok(markdown::to_markdown(report).into_bytes()),
        ReportFormat::Json => Ok(json::to_json(report)),
        ReportFormat::Docx => Ok(docx::to_docx(report)),
    }
}
