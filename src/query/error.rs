//! What can go wrong with the text of a query, its name, or its parameters.

use std::fmt::Display;

use crate::diag::{Diagnose, Message, impl_error, name_list};
use crate::query::{ColumnType, ParamType};
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
    /// A parameter has a key that is for those of another type.
    KeyUnfit {
        /// The file.
        file: String,
        /// The parameter.
        parameter: String,
        /// The key, as the head has it.
        key: &'static str,
        /// The type that it is for.
        wanted: ParamType,
        /// The type of the parameter.
        found: ParamType,
    },
    /// A parameter says what stands for it where it is not given, and there is always a value.
    LatestNeverAsked {
        /// The file.
        file: String,
        /// The parameter.
        parameter: String,
    },
    /// Two parameters are each the one period that the answer is about.
    LatestTwice {
        /// The file.
        file: String,
        /// The first of them.
        parameter: String,
        /// The other one.
        other: String,
    },
    /// A query is ordered by a column that it does not return.
    ColumnUnknown {
        /// The file.
        file: String,
        /// The column.
        column: String,
    },
    /// A column has a key that is for those of another type.
    ColumnKeyUnfit {
        /// The file.
        file: String,
        /// The column.
        column: String,
        /// The key, as the head has it.
        key: &'static str,
        /// The types that it is for.
        wanted: &'static str,
        /// The type of the column.
        found: ColumnType,
    },
    /// A column names another one that is not there, or of a type that cannot say it.
    ColumnBesideUnknown {
        /// The file.
        file: String,
        /// The column.
        column: String,
        /// The key, as the head has it.
        key: &'static str,
        /// The other one.
        found: String,
    },
    /// A column is in the unit of an indicator that no parameter names.
    UnitOfNothing {
        /// The file.
        file: String,
        /// The column.
        column: String,
        /// The parameter.
        parameter: String,
    },
    /// A head explains a column that it does not return.
    ExplanationOfNothing {
        /// The file.
        file: String,
        /// Line in the file, from 1.
        line: usize,
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
        /// What it chooses, in English.
        help: String,
        /// The same in Chinese.
        help_zh: String,
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

impl QueryError {
    fn code(&self) -> &'static str {
        match self {
            Self::HeadMissing { .. } => "query.head_missing",
            Self::HeadInvalid { .. } => "query.head_invalid",
            Self::DefaultInvalid { .. } => "query.default_invalid",
            Self::KindUnknown { .. } => "query.kind_unknown",
            Self::FirstDayUnknown { .. } => "query.first_day_unknown",
            Self::KeyUnfit { .. } => "query.key_unfit",
            Self::LatestNeverAsked { .. } => "query.latest_never_asked",
            Self::LatestTwice { .. } => "query.latest_twice",
            Self::ColumnUnknown { .. } => "query.column_unknown",
            Self::ColumnKeyUnfit { .. } => "query.column_key_unfit",
            Self::ColumnBesideUnknown { .. } => "query.column_beside_unknown",
            Self::UnitOfNothing { .. } => "query.column_unit_of_nothing",
            Self::ExplanationOfNothing { .. } => "query.column_explained_unknown",
            Self::ParameterUndeclared { .. } => "query.parameter_undeclared",
            Self::ParameterUnused { .. } => "query.parameter_unused",
            Self::ViewParameter { .. } => "query.view_parameter",
            Self::ViewCircle { .. } => "query.view_circle",
            Self::Unknown { similar, .. } if similar.is_empty() => "query.unknown",
            Self::Unknown { .. } => "query.unknown_similar",
            Self::Ambiguous { .. } => "query.ambiguous",
            Self::ParameterUnknown { known, similar, .. } => code_of_unknown(known, similar),
            Self::ParameterMissing { wanted, .. } => code_of_missing(*wanted),
            Self::ParameterTwice { .. } => "query.parameter_twice",
            Self::ValueUnlisted { .. } => "query.value_unlisted",
            Self::ValueOutside { .. } => "query.value_outside",
            Self::DaysReversed { .. } => "query.days_reversed",
            Self::KindUnfit { kind, .. } => code_of_unfit(*kind),
            Self::ValueInvalid { wanted, .. } => code_of_invalid(*wanted),
        }
    }

    fn facts(&self) -> Vec<Fact> {
        match self {
            Self::HeadMissing { file } => vec![fact("file", file)],
            Self::HeadInvalid { file, line, .. } => vec![fact("file", file), fact("line", line)],
            Self::DefaultInvalid { file, parameter, wanted, found } => {
                let place = [fact("file", file), fact("parameter", parameter)];
                place.into_iter().chain([fact("type", wanted), fact("found", found)]).collect()
            }
            Self::KindUnknown { file, parameter, found } => {
                vec![fact("file", file), fact("parameter", parameter), fact("found", found)]
            }
            Self::FirstDayUnknown { file, parameter, first } => {
                vec![fact("file", file), fact("parameter", parameter), fact("first", first)]
            }
            Self::KeyUnfit { file, parameter, key, wanted, found } => {
                let place = [fact("file", file), fact("parameter", parameter), fact("key", key)];
                place.into_iter().chain([fact("wanted", wanted), fact("found", found)]).collect()
            }
            Self::ColumnUnknown { .. }
            | Self::ColumnKeyUnfit { .. }
            | Self::ColumnBesideUnknown { .. }
            | Self::UnitOfNothing { .. }
            | Self::ExplanationOfNothing { .. } => self.facts_of_column(),
            Self::ParameterUndeclared { file, line, parameter } => {
                vec![fact("file", file), fact("line", line), fact("parameter", parameter)]
            }
            Self::LatestTwice { file, parameter, other } => {
                vec![fact("file", file), fact("parameter", parameter), fact("other", other)]
            }
            Self::LatestNeverAsked { file, parameter }
            | Self::ParameterUnused { file, parameter }
            | Self::ViewParameter { file, parameter } => {
                vec![fact("file", file), fact("parameter", parameter)]
            }
            Self::ViewCircle { file, view } => vec![fact("file", file), fact("view", view)],
            Self::Unknown { wanted, similar } => {
                vec![fact("wanted", wanted), fact("similar", name_list(similar))]
            }
            Self::Ambiguous { wanted, candidates } => {
                vec![fact("wanted", wanted), fact("candidates", name_list(candidates))]
            }
            _ => self.facts_of_value(),
        }
    }

    /// The facts of what is wrong with columns.
    fn facts_of_column(&self) -> Vec<Fact> {
        let of = |file: &String, column: &String, more: Vec<Fact>| {
            [fact("file", file), fact("column", column)].into_iter().chain(more).collect()
        };
        match self {
            Self::ColumnUnknown { file, column } => of(file, column, Vec::new()),
            Self::ColumnKeyUnfit { file, column, key, wanted, found } => {
                let types = vec![fact("key", key), fact("wanted", wanted), fact("found", found)];
                of(file, column, types)
            }
            Self::ColumnBesideUnknown { file, column, key, found } => {
                of(file, column, vec![fact("key", key), fact("found", found)])
            }
            Self::UnitOfNothing { file, column, parameter } => {
                of(file, column, vec![fact("parameter", parameter)])
            }
            Self::ExplanationOfNothing { file, line, column } => {
                of(file, column, vec![fact("line", line)])
            }
            _ => Vec::new(),
        }
    }

    /// The facts of what is wrong with parameters and their values.
    fn facts_of_value(&self) -> Vec<Fact> {
        let of = |query: &String, parameter: &String, more: Vec<Fact>| {
            let place = [fact("query", query), fact("parameter", parameter)];
            place.into_iter().chain(more).collect()
        };
        match self {
            Self::ParameterUnknown { query, parameter, known, similar } => {
                let names =
                    vec![fact("known", name_list(known)), fact("similar", name_list(similar))];
                of(query, parameter, names)
            }
            Self::ParameterMissing { query, parameter, .. }
            | Self::ParameterTwice { query, parameter } => of(query, parameter, Vec::new()),
            Self::ValueUnlisted { query, parameter, values, found } => {
                of(query, parameter, vec![fact("values", name_list(values)), fact("found", found)])
            }
            Self::ValueOutside { query, parameter, range: (least, most), found } => {
                let range = [fact("least", least), fact("most", most)];
                of(query, parameter, range.into_iter().chain([fact("found", found)]).collect())
            }
            Self::ValueInvalid { query, parameter, found, .. } => {
                of(query, parameter, vec![fact("found", found)])
            }
            Self::DaysReversed { query, first, first_day, last, last_day } => {
                let days = [fact("first_day", first_day), fact("last_day", last_day)];
                let names = [fact("query", query), fact("first", first), fact("last", last)];
                names.into_iter().chain(days).collect()
            }
            Self::KindUnfit { query, found, fitting, .. } => {
                vec![
                    fact("query", query),
                    fact("found", found),
                    fact("fitting", name_list(fitting)),
                ]
            }
            _ => Vec::new(),
        }
    }
}

impl Diagnose for QueryError {
    fn message(&self) -> Message {
        let message = Message::new(self.code());
        let message = match self {
            Self::ParameterMissing { help, help_zh, .. } => {
                message.with_sentence("help", help_zh, help)
            }
            _ => message,
        };
        self.facts().into_iter().fold(message, |message, (name, value)| message.with(name, value))
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

/// A name that the text of a message has, and what stands for it.
type Fact = (&'static str, String);

fn fact(name: &'static str, value: impl Display) -> Fact {
    (name, value.to_string())
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
