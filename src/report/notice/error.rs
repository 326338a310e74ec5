//! Why there is no draft.

use chrono::NaiveDate;

use crate::diag::{Diagnose, Message, impl_error};

/// A notice could not be drafted.
#[derive(Debug)]
pub enum NoticeError {
    /// The text of a definition is none, or names something that is not there.
    Invalid {
        /// Name of the definition.
        report: String,
        /// Line of the file, from 1.
        line: usize,
        /// What is wrong.
        reason: Message,
    },
    /// A parameter has a value that is none.
    ValueInvalid {
        /// The parameter.
        parameter: String,
        /// The value as written.
        found: String,
    },
    /// A question has no answer for the period.
    WithoutFigures {
        /// The question.
        query: String,
        /// The region, by its name where that is known.
        region: String,
    },
    /// A question has no rows for an annex.
    AnnexWithoutFigures {
        /// Title of the annex.
        annex: String,
        /// The last day of the period.
        period_end: NaiveDate,
        /// The question.
        query: String,
    },
    /// The text could not be filled in.
    Template {
        /// Name of the definition.
        report: String,
        /// Line of the file, from 1.
        line: usize,
        /// What the template engine says.
        reason: String,
    },
    /// Figures of the draft are not what they have to be. Each is told with its sentence.
    Faults {
        /// Name of the definition.
        report: String,
        /// What is wrong, in the order of the draft.
        faults: Vec<Message>,
    },
}

impl_error!(NoticeError);

impl Diagnose for NoticeError {
    fn message(&self) -> Message {
        match self {
            Self::Invalid { report, line, .. } => {
                Message::new("report.invalid").with("report", report).with("line", line)
            }
            Self::ValueInvalid { parameter, found } => {
                let code = match parameter.as_str() {
                    "period" => "notice.period",
                    "number" => "notice.number",
                    "origin" => "notice.origin",
                    _ => "notice.day",
                };
                Message::new(code).with("parameter", parameter).with("found", found)
            }
            Self::WithoutFigures { query, region } => {
                Message::new("report.without_figures").with("region", region).with("query", query)
            }
            Self::AnnexWithoutFigures { annex, period_end, query } => {
                Message::new("notice.annex_without_figures")
                    .with("annex", annex)
                    .with("period", period_end)
                    .with("query", query)
            }
            Self::Template { report, line, .. } => {
                Message::new("notice.template").with("report", report).with("line", line)
            }
            Self::Faults { report, faults } => {
                Message::new("notice.faults").with("report", report).with("faults", faults.len())
            }
        }
    }

    fn causes(&self) -> Vec<Message> {
        match self {
            Self::Invalid { reason, .. } => vec![reason.clone()],
            Self::Template { reason, .. } => vec![Message::new("io.other").with("reason", reason)],
            _ => Vec::new(),
        }
    }

    fn details(&self) -> Vec<Message> {
        match self {
            Self::Faults { faults, .. } => faults.clone(),
            _ => Vec::new(),
        }
    }
}
