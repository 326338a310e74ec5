//! Why there is no report.

use chrono::NaiveDate;

use crate::diag::{Diagnose, Message, impl_error, name_list};
use crate::engine::EngineError;
use crate::output::OutputError;
use crate::query::QueryError;
use crate::report::make::is_end_of_month;
use crate::report::notice::NoticeError;
use crate::table::RowsError;

/// A report could not be defined, asked or written.
#[derive(Debug)]
pub enum ReportError {
    /// The text of a definition is none, or names something that is not there.
    Invalid {
        /// Name of the report.
        report: String,
        /// Line of the file, from 1.
        line: usize,
        /// What is wrong.
        reason: Message,
    },
    /// There is no report of this name.
    Unknown {
        /// The name that was asked for.
        wanted: String,
        /// The names that there are.
        known: Vec<String>,
        /// Those that are near, best first.
        similar: Vec<String>,
    },
    /// A report has no parameter of this name.
    ParameterUnknown {
        /// The report.
        report: String,
        /// The name that was given.
        parameter: String,
        /// The names that it has.
        known: Vec<String>,
    },
    /// A parameter was given twice.
    ParameterTwice {
        /// The report.
        report: String,
        /// The parameter.
        parameter: String,
    },
    /// A value is not of the parameter's type.
    ValueInvalid {
        /// The report.
        report: String,
        /// The parameter.
        parameter: String,
        /// The value as written.
        found: String,
        /// Code of what is wanted.
        wanted: &'static str,
    },
    /// The period has no figures.
    PeriodWithoutFigures {
        /// Its last day.
        period_end: NaiveDate,
        /// The region; `None` where no region has any.
        region: Option<String>,
        /// The last period that has figures; `None` without any.
        latest: Option<NaiveDate>,
        /// The question that tells it.
        query: String,
    },
    /// Two ways to an answer do not lead to the same.
    EnginesDiffer {
        /// The question.
        query: String,
        /// Cells that differ.
        cells: Vec<Message>,
    },
    /// A question that leaders are answered with has no second way to its answer.
    CoreUnchecked {
        /// The question.
        query: String,
    },
    /// A question could not be given its values.
    Query(QueryError),
    /// An engine did not answer.
    Engine(EngineError),
    /// The rows of an answer do not fit together.
    Rows(RowsError),
    /// A workbook could not be made.
    Output(OutputError),
    /// A notice could not be drafted.
    Notice(NoticeError),
    /// The page could not be put together.
    Page {
        /// What the template engine says.
        reason: String,
    },
}

impl_error!(ReportError);

impl From<NoticeError> for ReportError {
    fn from(error: NoticeError) -> Self {
        Self::Notice(error)
    }
}

impl Diagnose for ReportError {
    fn message(&self) -> Message {
        match self {
            Self::Invalid { report, line, .. } => {
                Message::new("report.invalid").with("report", report).with("line", line)
            }
            Self::Unknown { wanted, known, similar } => {
                let is_near = !similar.is_empty();
                Message::new(if is_near { "report.unknown_similar" } else { "report.unknown" })
                    .with("wanted", wanted)
                    .with("known", name_list(known))
                    .with("similar", name_list(similar))
            }
            Self::ParameterUnknown { report, parameter, known } => {
                Message::new("report.parameter_unknown")
                    .with("report", report)
                    .with("parameter", parameter)
                    .with("known", name_list(known))
            }
            Self::ParameterTwice { report, parameter } => Message::new("report.parameter_twice")
                .with("report", report)
                .with("parameter", parameter),
            Self::ValueInvalid { report, parameter, found, wanted } => {
                Message::new("report.value_invalid")
                    .with("report", report)
                    .with("parameter", parameter)
                    .with("found", found)
                    .with_coded("wanted", *wanted)
            }
            Self::PeriodWithoutFigures { period_end, region, latest, query } => match latest {
                Some(latest) => Message::new("report.period_without_figures")
                    .with("period", period_end)
                    .with("region", region.as_deref().unwrap_or_default())
                    .with("latest", latest)
                    .with(
                        "month",
                        latest.format(if is_end_of_month(*latest) { "%Y-%m" } else { "%Y-%m-%d" }),
                    )
                    .with("query", query),
                None => match region {
                    Some(region) => Message::new("report.without_figures").with("region", region),
                    None => Message::new("report.without_any_figures"),
                }
                .with("query", query),
            },
            Self::EnginesDiffer { query, .. } => {
                Message::new("check.different").with("query", query)
            }
            Self::CoreUnchecked { query } => {
                Message::new("check.core_unchecked").with("queries", query)
            }
            Self::Query(error) => error.message(),
            Self::Engine(error) => error.message(),
            Self::Rows(error) => error.message(),
            Self::Output(error) => error.message(),
            Self::Notice(error) => error.message(),
            Self::Page { .. } => Message::new("report.page"),
        }
    }

    fn causes(&self) -> Vec<Message> {
        match self {
            Self::Invalid { reason, .. } => vec![reason.clone()],
            Self::Query(error) => error.causes(),
            Self::Engine(error) => error.causes(),
            Self::Rows(error) => error.causes(),
            Self::Output(error) => error.causes(),
            Self::Notice(error) => error.causes(),
            Self::Page { reason } => vec![Message::new("io.other").with("reason", reason)],
            _ => Vec::new(),
        }
    }

    fn details(&self) -> Vec<Message> {
        match self {
            Self::EnginesDiffer { cells, .. } => cells.clone(),
            Self::Notice(error) => error.details(),
            _ => Vec::new(),
        }
    }
}
