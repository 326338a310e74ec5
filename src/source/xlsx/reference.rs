//! References to cells, as `AB12`.

use crate::source::sheets::Area;

/// Returns row and column of a reference, from 1; `None` when it is none.
///
/// Numbers too large for any sheet come out as large numbers.
pub(super) fn parse_reference(reference: &str) -> Option<(usize, usize)> {
    let end = reference.find(|c: char| !c.is_ascii_alphabetic())?;
    let (letters, digits) = reference.split_at(end);
    let column = letters.bytes().fold(0_usize, |column, letter| {
        let value = usize::from(letter.to_ascii_uppercase().saturating_sub(b'A')) + 1;
        column.saturating_mul(26).saturating_add(value)
    });
    let row = parse_row(digits)?;
    (column > 0).then_some((row, column))
}

/// Returns the number of a row, from 1; `None` when it is none.
pub(super) fn parse_row(digits: &str) -> Option<usize> {
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    // Digits that do not fit are a number all the same, and a larger one than any limit.
    let row = digits.parse().unwrap_or(usize::MAX);
    (row > 0).then_some(row)
}

/// Returns the cells between two corners, as `A1:C3`; `None` when it is no such reference.
pub(super) fn parse_area(reference: &str) -> Option<Area> {
    let (first, last) = reference.split_once(':').unwrap_or((reference, reference));
    let ((row, column), (other_row, other_column)) =
        (parse_reference(first)?, parse_reference(last)?);
    Some(Area {
        first_row: row.min(other_row),
        last_row: row.max(other_row),
        first_column: column.min(other_column),
        last_column: column.max(other_column),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_columns_and_digits_rows() {
        let check = |reference, expected| assert_eq!(parse_reference(reference), expected);
        check("A1", Some((1, 1)));
        check("XFD1048576", Some((1_048_576, 16_384)));
        check("ab12", Some((12, 28)));
        check("A0", None);
        check("12", None);
        check("A", None);
        check("A-1", None);
        check("甲1", None);
        check("A99999999999999999999999", Some((usize::MAX, 1)));
        check("ZZZZZZZZZZZZZZZZZZZZZZZZ1", Some((1, usize::MAX)));
    }
}
