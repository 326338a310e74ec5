//! Number formats, as far as they decide what a number is.

use crate::source::sheets::looks::{Look, Looks, is_unshown};
use crate::source::sheets::sections::general_name;

/// What a number is by its format.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::source) enum NumberKind {
    /// A number.
    #[default]
    Plain,
    /// A proportion that is shown in percent.
    Percent,
    /// A date, a time or both.
    Date,
    /// A span of time, whose hours go beyond a day.
    Duration,
    /// A number that shows as another one, or with text beside it.
    Scaled(Looks),
    /// A number whose format is not in the file: it may be a date as well.
    Unknown,
}

impl NumberKind {
    /// Returns what a number of this kind is by the section of its format that shows it.
    pub(in crate::source) fn at(self, value: f64) -> Self {
        let Self::Scaled(looks) = self else { return self };
        match looks.look(value) {
            Look::Stored => Self::Plain,
            look => Self::Scaled(Looks::all(look)),
        }
    }

    /// Whether the text of a cell with a number of this kind says only that it is not known how the
    /// number shows.
    pub(in crate::source) fn is_unshown(self, text: &str) -> bool {
        matches!(self, Self::Scaled(_) | Self::Unknown) && is_unshown(text)
    }
}

/// Formats that programs number themselves begin here; they have a code in the file.
const FIRST_OWN: usize = 164;
/// What the formats of currencies show that have no code in the file.
const CURRENCY: &str = "¥0";

/// Returns the kind of a cell format, by its number from 0, among those of the file.
///
/// Files without any formats give all their cells the first one.
pub(in crate::source) fn kind_of_cell(kinds: &[NumberKind], format: usize) -> NumberKind {
    match kinds.get(format) {
        Some(kind) => *kind,
        None if format == 0 => NumberKind::Plain,
        None => NumberKind::Unknown,
    }
}

/// Returns the kind of a format that has no code in the file.
pub(in crate::source) fn kind_of_builtin(format_id: usize) -> NumberKind {
    match format_id {
        9 | 10 => NumberKind::Percent,
        46 => NumberKind::Duration,
        // From 27 on, all but 45 to 47 are those of East Asian versions.
        5..=8 | 42 | 44 => kind_of_code(CURRENCY),
        14..=22 | 27..=36 | 45 | 47 | 50..=58 => NumberKind::Date,
        FIRST_OWN.. => NumberKind::Unknown,
        _ => NumberKind::Plain,
    }
}

/// Returns the kind of a format by its code, as `yyyy"年"m"月"d"日"`.
///
/// Text in quotes or behind a backslash and what stands in brackets, as colours and locales, do not
/// count; `[h]` does.
pub(in crate::source) fn kind_of_code(code: &str) -> NumberKind {
    let mut kind = NumberKind::Plain;
    let mut rest = code.chars();
    loop {
        // The letters in the name of the general format are no dates.
        if let Some(name) = general_name(rest.as_str()) {
            rest = rest.as_str()[name.len()..].chars();
        }
        let Some(c) = rest.next() else { break };
        match c {
            '"' => drop(rest.find(|c| *c == '"')),
            // A character as it is, one as wide as a space, one that fills the cell.
            '\\' | '!' | '_' | '*' => drop(rest.next()),
            '[' => {
                let inside: String = rest.by_ref().take_while(|c| *c != ']').collect();
                if is_elapsed(&inside) {
                    return NumberKind::Duration;
                }
            }
            '%' => {
                kind = NumberKind::Percent;
                break;
            }
            'y' | 'Y' | 'm' | 'M' | 'd' | 'D' | 'h' | 'H' | 's' | 'S' => kind = NumberKind::Date,
            _ => (),
        }
    }
    match kind {
        NumberKind::Plain => Looks::of(code).map_or(kind, NumberKind::Scaled),
        NumberKind::Percent
            if Looks::of(code).is_some_and(|looks| looks.look(1.0) != Look::Stored) =>
        {
            NumberKind::Scaled(Looks::all(Look::Unshown))
        }
        _ => kind,
    }
}

/// Returns whether brackets hold a unit of time alone: `[h]`, `[mm]`.
fn is_elapsed(inside: &str) -> bool {
    let unit = inside.to_ascii_lowercase();
    ["h", "m", "s"].iter().any(|letter| !unit.is_empty() && unit.replace(letter, "").is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(codes: &[&str], expected: NumberKind) {
        for code in codes {
            assert_eq!(kind_of_code(code), expected, "{code}");
        }
    }

    #[test]
    fn letters_outside_quotes_and_brackets_make_a_date() {
        let dates = [
            "yyyy-mm-dd",
            "yyyy\"年\"m\"月\"d\"日\"",
            "[$-804]yyyy年m月;@",
            "[DBNum1][$-804]m\"月\"d\"日\"",
            "上午/下午h\"时\"mm\"分\"",
            "mm:ss.0",
        ];
        check(&dates, NumberKind::Date);
        let numbers = [
            "General",
            "0.00_);[Red]\\(0.00\\)",
            "0.00E+00",
            "_ * #,##0.00_ ;_ * \\-#,##0.00_ ;_ * \"-\"??_ ;_ @_ ",
            "@",
            "Standard",
        ];
        check(&numbers, NumberKind::Plain);
        // The dash of an accountant is the zero that is stored; zeros in front only fill a width.
        let accounting = [
            "_-* #,##0_-;-* #,##0_-;_-* \"-\"_-;_-@_-",
            "_-* #,##0.00_-;\\-* #,##0.00_-;_-* \"-\"??_-;_-@_-",
            "#,##0;-#,##0;\"-\"",
            "0000",
            "000000_);(000000)",
        ];
        check(&accounting, NumberKind::Plain);
        // What shows nothing, a word or a slash for zero does not say that it is one.
        for code in ["#,##0;-#,##0;", "0;-0;\"零\"", "0;-0;\"/\"", "000-000", "#"] {
            let kind = kind_of_code(code);
            assert!(
                matches!(kind, NumberKind::Scaled(_)) && kind.at(0.0) != NumberKind::Plain,
                "{code}"
            );
        }
        for code in ["#,##0\"days\"", "0\\d", "0\"%\"", "0!d", "Standard\"件\""] {
            assert!(matches!(kind_of_code(code), NumberKind::Scaled(_)), "{code}");
        }
    }

    #[test]
    fn a_cell_format_that_is_not_there_is_unknown() {
        assert_eq!(kind_of_cell(&[], 0), NumberKind::Plain);
        assert_eq!(kind_of_cell(&[], 1), NumberKind::Unknown);
        assert_eq!(kind_of_cell(&[NumberKind::Date], 0), NumberKind::Date);
        assert_eq!(kind_of_cell(&[NumberKind::Date], usize::MAX), NumberKind::Unknown);
    }

    #[test]
    fn percent_and_spans_of_time_are_told_apart() {
        check(&["0%", "0.00%;[Red]-0.00%", "0.0 %"], NumberKind::Percent);
        let unshown = NumberKind::Scaled(Looks::all(Look::Unshown));
        check(&["\"约\"0%", "0%\"左右\"", "0,%", "0\"0\"%"], unshown);
        check(&["[h]:mm:ss", "[mm]:ss"], NumberKind::Duration);
        assert_eq!(kind_of_builtin(10), NumberKind::Percent);
        assert_eq!(kind_of_builtin(14), NumberKind::Date);
        assert_eq!(kind_of_builtin(46), NumberKind::Duration);
        assert_eq!(kind_of_builtin(58), NumberKind::Date);
        assert_eq!(kind_of_builtin(49), NumberKind::Plain);
        assert_eq!(kind_of_builtin(44), kind_of_code("¥0"));
        assert_eq!(kind_of_builtin(164), NumberKind::Unknown);
    }
}
