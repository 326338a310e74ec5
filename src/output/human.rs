//! Cells for the eye: titles and stored words in the reader's language, no noise in numbers.

use arrow::datatypes::{DataType, Field};

use crate::diag::printable;
use crate::diag::{Lang, column_title, phrases, word};
use crate::output::cells::{Column, INFINITY, MINUS_INFINITY, OUT_OF_RANGE};
use crate::output::number::{shown_double, with_decimals};

/// What stands for null. A hyphen, because a dash is two columns wide on some Chinese terminals.
pub(super) const NULL_MARK: &str = "-";

/// Columns that hold words from closed lists, beside those whose names end in `status` or `cause`.
const WORD_COLUMNS: &[&str] = &[
    "accumulation",
    "channel",
    "direction",
    "kind",
    "level",
    "made",
    "obstacle",
    "open_for",
    "origin",
    "pace",
    "part",
    "period_basis",
    "personal",
    "problem",
    "qualifier",
    "release",
    "severity",
    "standing",
    "statistic",
    "target_outlook",
    "treatment",
];

/// Column of reference tables that says in phrases where a row comes from.
const SOURCE: &str = "source";
/// Column that says in phrases how certain a row is, and what the names of columns end with that do so of a part
/// of it.
const CONFIDENCE: &str = "confidence";

/// How the cells of a column are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// A number that is counted or measured.
    Quantity,
    /// A number that names something: a year, a version, a position, a code.
    Position,
    /// Truth.
    Truth,
    /// A day, an instant or a span; never broken.
    Time,
    /// A word of a closed list.
    Word,
    /// Phrases of a reference table; may be broken.
    Phrases,
    /// Any other text; may be broken.
    Text,
}

impl Role {
    /// Returns the role of a column, by type and name.
    pub(super) fn of(field: &Field) -> Self {
        let name = field.name().as_str();
        match field.data_type() {
            DataType::Boolean => Self::Truth,
            kind if kind.is_numeric() && is_position(name) => Self::Position,
            kind if kind.is_numeric() => Self::Quantity,
            kind if kind.is_temporal() => Self::Time,
            kind if kind.is_string() && word_list(name).is_some() => Self::Word,
            kind if kind.is_string() && has_phrases(name) => Self::Phrases,
            _ => Self::Text,
        }
    }

    /// Returns whether cells and title stand at the right.
    pub(super) fn is_right_aligned(self) -> bool {
        matches!(self, Self::Quantity | Self::Position)
    }

    /// Returns whether cells may be broken into lines.
    pub(super) fn is_breakable(self) -> bool {
        matches!(self, Self::Phrases | Self::Text)
    }
}

/// Returns the title of a column: translated where there is a text for it, safe to print.
pub(super) fn title(field: &Field, lang: Lang) -> String {
    printable(&column_title(field.name(), lang))
}

/// Returns a cell for the eye, safe to print; [`NULL_MARK`] for null.
pub(super) fn cell(column: &mut Column<'_>, role: Role, row_idx: usize, lang: Lang) -> String {
    if let Some(truth) = column.truth(row_idx) {
        return word(if truth { "true" } else { "false" }, lang);
    }
    let Some(text) = column.text(row_idx) else { return NULL_MARK.to_owned() };
    match role {
        Role::Quantity if column.field.name() == P_VALUE => probability(&text),
        Role::Quantity if column.field.name().ends_with(SHARE) => share(&text),
        Role::Quantity => quantity(&text, column.field.data_type()),
        Role::Word => word_of(column.field.name(), &text, lang),
        Role::Phrases => printable(&phrases(&text, lang)),
        Role::Time if is_month(column.field.name()) => month(&text).to_owned(),
        Role::Time => day(&text, lang),
        Role::Position | Role::Truth | Role::Text => printable(&text),
    }
}

/// Returns whether days in a column stand for their months, each by its first.
fn is_month(name: &str) -> bool {
    name == "month" || name.ends_with("_month")
}

/// A month by its first day; any other time as it is.
fn month(exact: &str) -> &str {
    match exact.strip_suffix("-01") {
        Some(month) if month.len() == "2021-08".len() => month,
        _ => exact,
    }
}

/// The column of the probability that chance alone makes what was found.
const P_VALUE: &str = "p_value";
/// How one below a ten-thousandth is shown: nobody reads more of it.
const TINY: &str = "<0.0001";

fn probability(exact: &str) -> String {
    match exact.parse::<f64>() {
        Ok(value) if value < 1e-4 => TINY.to_owned(),
        Ok(value) => with_decimals(value, 4),
        Err(_) => exact.to_owned(),
    }
}

/// What names of shares end with.
const SHARE: &str = "share_pct";
/// The least and the greatest share but none and all.
const SHARES: [(f64, &str); 2] = [(0.01, "<0.01"), (99.99, ">99.99")];

/// A share in percent: two decimals, unless it is whole, and neither nothing nor all where it is not.
fn share(exact: &str) -> String {
    let [(least, less), (greatest, more)] = SHARES;
    match exact.parse::<f64>() {
        Ok(value) if value > 0.0 && value < least => less.to_owned(),
        Ok(value) if value > greatest && value < 100.0 => more.to_owned(),
        Ok(value) if value.fract() != 0.0 => format!("{value:.2}"),
        Ok(value) => shown_double(value),
        Err(_) => exact.to_owned(),
    }
}

/// A day or an instant; in words where a calendar has none.
fn day(exact: &str, lang: Lang) -> String {
    match exact {
        INFINITY => word("infinity", lang),
        MINUS_INFINITY => word("minus_infinity", lang),
        OUT_OF_RANGE => word("out_of_range", lang),
        _ => printable(exact),
    }
}

fn quantity(exact: &str, data_type: &DataType) -> String {
    match exact.parse::<f64>() {
        // Decimals keep the digits that their type gives them.
        Ok(value) if data_type.is_floating() => shown_double(value),
        _ => exact.to_owned(),
    }
}

/// Returns the reader's word for what a column of a closed list holds, safe to print; `None` for other
/// columns. In English the stored word is the word.
pub fn stored_word(column: &str, stored: &str, lang: Lang) -> Option<String> {
    word_list(column).map(|_| word_of(column, stored, lang))
}

fn word_of(column: &str, stored: &str, lang: Lang) -> String {
    if lang == Lang::En {
        return printable(stored);
    }
    // The same word may mean two things: a figure that is `reported`, an origin that is `reported`.
    let own = format!("{}.{stored}", word_list(column).unwrap_or(column));
    let found = word(&own, lang);
    if found == own { printable(&word(stored, lang)) } else { found }
}

/// Returns the closed list that a column takes its words from: `cases_status` and `obs_status` both
/// take them from `status`.
fn word_list(column: &str) -> Option<&str> {
    if column.ends_with("status") {
        return Some("status");
    }
    if column.ends_with("cause") {
        return Some("cause");
    }
    if column.starts_with("not_compared") {
        return Some("not_compared");
    }
    WORD_COLUMNS.contains(&column).then_some(column)
}

fn has_phrases(column: &str) -> bool {
    column == SOURCE || column.ends_with(CONFIDENCE)
}

/// Returns whether a number column names things instead of counting them, as a year does.
fn is_position(name: &str) -> bool {
    const NAMES: [&str; 6] = ["code", "definition", "id", "snapshot", "source_row", "year"];
    const ENDINGS: [&str; 6] = ["_code", "_id", "_idx", "_year", "年", "年份"];
    NAMES.contains(&name) || ENDINGS.iter().any(|ending| name.ends_with(ending))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_and_probabilities_have_no_more_digits_than_are_read() {
        for (exact, shown) in [
            ("98.97654", "98.98"),
            ("99.0019", "99.00"),
            ("0.0002087", "<0.01"),
            ("99.99999", ">99.99"),
            ("0", "0"),
            ("100", "100"),
            ("25", "25"),
            ("15.4004", "15.40"),
        ] {
            assert_eq!(share(exact), shown);
        }
        for (exact, shown) in
            [("1.593146754089333e-14", "<0.0001"), ("0.76034567", "0.7603"), ("0.5", "0.5")]
        {
            assert_eq!(probability(exact), shown);
        }
    }
}
