//! Types of parameters and columns as heads write them, and values of parameters.

use std::fmt;

use chrono::NaiveDate;
use serde::Deserialize;

use crate::model::text_enum;

text_enum! {
    /// The type of a parameter.
    ParamType {
        /// A day, `2021-09-30`.
        Date = "date",
        /// Any text.
        Text = "text",
        /// A whole number of 64 bits.
        Int = "int",
        /// A finite number.
        Double = "double",
        /// `true` or `false`.
        Bool = "bool",
    }
}

text_enum! {
    /// The type of a column that a query returns.
    ColumnType {
        /// Text.
        Text = "text",
        /// A whole number of 32 bits.
        Int = "int",
        /// A whole number of 64 bits.
        Bigint = "bigint",
        /// A double.
        Double = "double",
        /// A day.
        Date = "date",
        /// An instant in microseconds, without a zone.
        Timestamp = "timestamp",
        /// Truth.
        Bool = "bool",
    }
}

/// The value of a parameter.
#[derive(Debug, Clone, PartialEq)]
pub enum ParamValue {
    /// Not given; the type is what the engine casts null to.
    Null(ParamType),
    /// Text.
    Text(String),
    /// A whole number.
    Int(i64),
    /// A finite number.
    Double(f64),
    /// A day.
    Date(NaiveDate),
    /// Truth.
    Bool(bool),
}

impl ParamValue {
    /// Reads a value of a type from what the user wrote; `None` when it is none.
    ///
    /// Days are `YYYY-MM-DD`, truth is `true` or `false`; blanks around numbers and days do not
    /// matter.
    pub fn parse(text: &str, wanted: ParamType) -> Option<Self> {
        let trimmed = text.trim();
        match wanted {
            ParamType::Text => Some(Self::Text(text.to_owned())),
            ParamType::Int => trimmed.parse().ok().map(Self::Int),
            ParamType::Double => {
                trimmed.parse().ok().filter(|value: &f64| value.is_finite()).map(Self::Double)
            }
            ParamType::Date => NaiveDate::parse_from_str(trimmed, "%Y-%m-%d").ok().map(Self::Date),
            ParamType::Bool => trimmed.parse().ok().map(Self::Bool),
        }
    }
}

impl fmt::Display for ParamValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null(_) => f.write_str("null"),
            Self::Text(value) => f.write_str(value),
            Self::Int(value) => write!(f, "{value}"),
            Self::Double(value) => write!(f, "{value}"),
            Self::Date(value) => write!(f, "{value}"),
            Self::Bool(value) => write!(f, "{value}"),
        }
    }
}

/// A type as a head writes it: a name, with `?` at the end where null is possible.
#[derive(Debug, Deserialize)]
#[serde(try_from = "String", bound(deserialize = "Self: TryFrom<String, Error = String>"))]
pub(super) struct Written<T> {
    pub(super) data_type: T,
    pub(super) is_nullable: bool,
}

macro_rules! written_type {
    ($name:ident) => {
        impl TryFrom<String> for Written<$name> {
            type Error = String;

            fn try_from(text: String) -> Result<Self, String> {
                let name = text.strip_suffix('?').unwrap_or(&text);
                let is_nullable = name.len() < text.len();
                $name::parse(name).map(|data_type| Self { data_type, is_nullable }).ok_or_else(
                    || {
                        let known: Vec<&str> =
                            $name::ALL.iter().map(|kind| kind.as_str()).collect();
                        format!("`{text}` is no type; known are {}", known.join(", "))
                    },
                )
            }
        }
    };
}

written_type!(ParamType);
written_type!(ColumnType);

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, wanted: ParamType, expected: &str) {
        let value = ParamValue::parse(text, wanted);
        assert_eq!(value.map_or_else(|| "-".to_owned(), |value| value.to_string()), expected);
    }

    #[test]
    fn values_are_read_as_their_type_says() {
        check("2021-09-30", ParamType::Date, "2021-09-30");
        check("2021-09-31", ParamType::Date, "-");
        check("2021年9月30日", ParamType::Date, "-");
        check(" 12 ", ParamType::Int, "12");
        check("1.5", ParamType::Int, "-");
        check("1.5", ParamType::Double, "1.5");
        check("NaN", ParamType::Double, "-");
        check("true", ParamType::Bool, "true");
        check("1", ParamType::Bool, "-");
        check(" a ", ParamType::Text, " a ");
    }
}
