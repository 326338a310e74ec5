//! Something wrong, odd or assumed in a source, with its place.

use crate::diag::{Message, masked_numbers};
use crate::model::{Place, text_enum};

text_enum! {
    /// How much a finding matters.
    Severity {
        /// Something was assumed or repaired; the figures are as printed.
        Info = "info",
        /// Something does not add up or could not be read; look at it.
        Warning = "warning",
        /// Part of the source was left out.
        Error = "error",
    }
}

/// Something wrong, odd or assumed (疑点). It never changes a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How much it matters.
    pub severity: Severity,
    /// What it says.
    pub message: Message,
    /// Where it stands.
    pub place: Place,
    /// Label of the row as printed.
    pub row_label: Option<String>,
    /// Label of the column as printed.
    pub column_label: Option<String>,
    /// What stands there.
    pub found: Option<String>,
    /// What was expected there, or how it was read.
    pub expected: Option<String>,
}

impl Finding {
    /// Returns a finding at a place, with nothing else said.
    pub fn new(severity: Severity, message: Message, place: Place) -> Self {
        Self {
            severity,
            message,
            place,
            row_label: None,
            column_label: None,
            found: None,
            expected: None,
        }
    }

    /// Adds the labels of row and column, without numbers of persons.
    #[must_use]
    pub fn labelled(mut self, row: Option<&str>, column: Option<&str>) -> Self {
        let masked = |label: &str| masked_numbers(label).into_owned();
        self.row_label = row.map(masked);
        self.column_label = column.map(masked);
        self
    }

    /// Adds what stands there, without numbers of persons.
    #[must_use]
    pub fn quoting(mut self, found: impl AsRef<str>) -> Self {
        self.found = Some(masked_numbers(found.as_ref()).into_owned());
        self
    }

    /// Adds what stands there and what was expected, without numbers of persons.
    #[must_use]
    pub fn comparing(mut self, found: impl Into<String>, expected: impl Into<String>) -> Self {
        self = self.quoting(found.into());
        self.expected = Some(masked_numbers(&expected.into()).into_owned());
        self
    }
}
