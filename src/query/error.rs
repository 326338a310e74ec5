//! What can go wrong with the text of a query, its name, or its parameters.

use std::fmt::Display;

use crate::diag::{Diagnose, Message, impl_error, name_list};
use crate::query::ParamType;
use crate::refdata::IndicatorKind;

/// A query could not be read, found, or given its values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum QueryError {
    /// A file does not begin with a head.
    HeadMissing {
        /// The file.
        file: String,
    },
    /// A head is no TOML, or lacks a key, or has an unknown one.
    HeadInvalid {
        /// The file.
        file: String,
        /// Line in the file, from 1.
        line: usize,
        /// What the parser said.
        reason: String,
    },
    /// A default is not of the parameter's type.
    DefaultInvalid {
        /// The file.
        file: String,
        /// The parameter.
        parameter: String,
        /// Its type.
        wanted: ParamType,
        /// The default as written.
        found: String,
    },
    /// A parameter takes indicators of a kind that there is not.
    KindUnknown {
        /// The file.
        file: String,
        /// The parameter.
        parameter: String,
        /// The kind as written.
        found: String,
    },
    /// A parameter is not to lie before another one that the head does not declare.
    FirstDayUnknown {
        /// The file.
        file: String,
        /// The parameter.
        parameter: String,
        /// The other one.
        first: String,
    },
    /// A query is ordered by a column that it does not return.
    ColumnUnknown {
        /// The file.
        file: String,
        /// The column.
        column: String,
    },
    /// A statement names a parameter that the head does not declare.
    ParameterUndeclared {
        /// The file.
        file: String,
        /// Line in the file, from 1.
        line: usize,
        /// The parameter.
        parameter: String,
    },
    /// A head declares a parameter that the statement does not name.
    ParameterUnused {
        /// The file.
        file: String,
        /// The parameter.
        parameter: String,
    },
    /// A view has a parameter; nobody could give it a value.
    ViewParameter {
        /// The file.
        file: String,
        /// The parameter.
        parameter: String,
    },
    /// Views read each other in a circle.
    ViewCircle {
        /// The file of one of them.
        file: String,
        /// The next one in the circle.
        view: String,
    },
    /// No query has this name.
    Unknown {
        /// The name that was asked for.
        wanted: String,
        /// Ids that are near to it, best first.
        similar: Vec<String>,
    },
    /// Several queries have this as the last part of their id.
    Ambiguous {
        /// The name that was asked for.
        wanted: String,
        /// Their ids.
        candidates: Vec<String>,
    },
    /// A query has no parameter of this name.
    ParameterUnknown {
        /// The query.
        query: String,
        /// The name that was given.
        parameter: String,
        /// The names that it has.
        known: Vec<String>,
        /// Those that are near, best first.
        similar: Vec<String>,
    },
    /// A parameter without default was not given.
    ParameterMissing {
        /// The query.
        query: String,
        /// The parameter.
        parameter: String,
        /// Its type.
        wanted: ParamType,
    },
    /// A parameter was given twice.
    ParameterTwice {
        /// The query.
        query: String,
        /// The parameter.
        parameter: String,
    },
    /// A value is none of those that the parameter may have.
    ValueUnlisted {
        /// The query.
        query: String,
        /// The parameter.
        parameter: String,
        /// The values that it may have.
        values: Vec<String>,
        /// The value as written.
        found: String,
    },
    /// A number is less or more than the parameter may be.
    ValueOutside {
        /// The query.
        query: String,
        /// The parameter.
        parameter: String,
        /// The least and the greatest number that it may be.
        range: (i64, i64),
        /// The value as written.
        found: String,
    },
    /// A last day lies before the first.
    DaysReversed {
        /// The query.
        query: String,
        /// The parameter with the first day.
        first: String,
        /// Its value.
        first_day: String,
        /// The parameter with the last day.
        last: String,
        /// Its value.
        last_day: String,
    },
    /// An indicator is of a kind that the query has no answer for.
    KindUnfit {
        /// The query.
        query: String,
        /// The indicator.
        found: String,
        /// Its kind.
        kind: IndicatorKind,
        /// Some indicators that the query takes.
        fitting: Vec<String>,
    },
    /// A value is not of the parameter's type.
    ValueInvalid {
        /// The query.
        query: String,
        /// The parameter.
        parameter: String,
        /// Its type.
        wanted: ParamType,
        /// The value as written.
        found: String,
    },
}

impl_error!(QueryError);

impl Diagnose for QueryError {
    fn message(&self) -> Message {
        match self {
            Self::HeadMissing { file } => said("query.head_missing", &[("file", file)]),
            Self::HeadInvalid { file, line, .. } => {
                said("query.head_invalid", &[("file", file), ("line", line)])
            }
            Self::DefaultInvalid { file, parameter, wanted, found } => said(
                "query.default_invalid",
                &[("file", file), ("parameter", parameter), ("type", wanted), ("found", found)],
            ),
            Self::KindUnknown { file, parameter, found } => said(
                "query.kind_unknown",
                &[("file", file), ("parameter", parameter), ("found", found)],
            ),
            Self::FirstDayUnknown { file, parameter, first } => said(
                "query.first_day_unknown",
                &[("file", file), ("parameter", parameter), ("first", first)],
            ),
            Self::ColumnUnknown { file, column } => {
                said("query.column_unknown", &[("file", file), ("column", column)])
            }
            Self::ParameterUndeclared { file, line, parameter } => said(
                "query.parameter_undeclared",
                &[("file", file), ("line", line), ("parameter", parameter)],
            ),
            Self::ParameterUnused { file, parameter } => {
                said("query.parameter_unused", &[("file", file), ("parameter", parameter)])
            }
            Self::ViewParameter { file, parameter } => {
                said("query.view_parameter", &[("file", file), ("parameter", parameter)])
            }
            Self::ViewCircle { file, view } => {
                said("query.view_circle", &[("file", file), ("view", view)])
            }
            Self::Unknown { wanted, similar } => said(
                if similar.is_empty() { "query.unknown" } else { "query.unknown_similar" },
                &[("wanted", wanted), ("similar", &name_list(similar))],
            ),
            Self::Ambiguous { wanted, candidates } => said(
                "query.ambiguous",
                &[("wanted", wanted), ("candidates", &name_list(candidates))],
            ),
            Self::ParameterUnknown { query, parameter, known, similar } => said(
                code_of_unknown(known, similar),
                &[
                    ("query", query),
                    ("parameter", parameter),
                    ("known", &name_list(known)),
                    ("similar", &name_list(similar)),
                ],
            ),
            Self::ParameterMissing { query, parameter, wanted } => {
                said(code_of_missing(*wanted), &[("query", query), ("parameter", parameter)])
            }
            Self::ValueUnlisted { query, parameter, values, found } => said(
                "query.value_unlisted",
                &[
                    ("query", query),
                    ("parameter", parameter),
                    ("values", &name_list(values)),
                    ("found", found),
                ],
            ),
            Self::ParameterTwice { query, parameter } => {
                said("query.parameter_twice", &[("query", query), ("parameter", parameter)])
            }
            Self::ValueOutside { query, parameter, range: (least, most), found } => {
                Message::new("query.value_outside")
                    .with("query", query)
                    .with("parameter", parameter)
                    .with("least", least)
                    .with("most", most)
                    .with("found", found)
            }
            Self::DaysReversed { query, first, first_day, last, last_day } => said(
                "query.days_reversed",
                &[
                    ("query", query),
                    ("first", first),
                    ("first_day", first_day),
                    ("last", last),
                    ("last_day", last_day),
                ],
            ),
            Self::KindUnfit { query, found, kind, fitting } => said(
                code_of_unfit(*kind),
                &[("query", query), ("found", found), ("fitting", &name_list(fitting))],
            ),
            Self::ValueInvalid { query, parameter, wanted, found } => said(
                code_of_invalid(*wanted),
                &[("query", query), ("parameter", parameter), ("found", found)],
            ),
        }
    }

    fn causes(&self) -> Vec<Message> {
        match self {
            Self::HeadInvalid { reason, .. } => {
                vec![Message::new("io.other").with("reason", reason)]
            }
            _ => Vec::new(),
        }
    }
}

fn said(code: &'static str, facts: &[(&'static str, &dyn Display)]) -> Message {
    facts.iter().fold(Message::new(code), |message, (name, value)| message.with(name, value))
}

fn code_of_unknown(known: &[String], similar: &[String]) -> &'static str {
    match (known.is_empty(), similar.is_empty()) {
        (true, _) => "query.parameter_none",
        (false, true) => "query.parameter_unknown",
        (false, false) => "query.parameter_unknown_similar",
    }
}

fn code_of_unfit(kind: IndicatorKind) -> &'static str {
    match kind {
        IndicatorKind::Stock => "query.kind_unfit_stock",
        IndicatorKind::Flow => "query.kind_unfit_flow",
        IndicatorKind::Ratio => "query.kind_unfit_ratio",
    }
}

// The wanted format is part of the text, so each type has texts of its own in both languages.

fn code_of_missing(wanted: ParamType) -> &'static str {
    match wanted {
        ParamType::Date => "query.parameter_missing_date",
        ParamType::Text => "query.parameter_missing_text",
        ParamType::Int => "query.parameter_missing_int",
        ParamType::Double => "query.parameter_missing_double",
        ParamType::Bool => "query.parameter_missing_bool",
    }
}

fn code_of_invalid(wanted: ParamType) -> &'static str {
    match wanted {
        ParamType::Date => "query.value_invalid_date",
        // Any text is a text, so this one is never shown.
        ParamType::Text | ParamType::Int => "query.value_invalid_int",
        ParamType::Double => "query.value_invalid_double",
        ParamType::Bool => "query.value_invalid_bool",
    }
}
