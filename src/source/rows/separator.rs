//! What stands between two fields.

use crate::source::rows::block::BlockParts;
use crate::source::rows::split::{Shape, SplitError, split, split_header};
use crate::source::rows::text::Piece;

/// What may stand between two fields.
const SEPARATORS: [u8; 4] = [b',', b'\t', b';', b'|'];
/// Rows that are looked at where the header leaves a choice.
const ROWS_TO_LOOK_AT: usize = 100;

/// Finds what separates the fields of a file, by its header; where several characters may, by its first
/// rows, which must have as many fields as the header with one of them and not with the others.
///
/// A header that cannot be separated is one column. `None` where nobody can tell.
pub(super) fn find_separator(
    text: &str,
    place: (u32, u64),
    piece: Piece,
) -> Result<Option<u8>, SplitError> {
    let mut possible = Vec::new();
    let mut refused = None;
    for separator in SEPARATORS {
        match split_header(text, place, piece, separator) {
            Ok(Some((cells, end))) if cells.len() > 1 => {
                possible.push((separator, cells.len(), end));
            }
            Ok(_) => (),
            // A quotation mark before one of the others seems to stand within a word.
            Err(error) => refused = refused.or(Some((separator, error))),
        }
    }
    match (possible.as_slice(), refused) {
        ([(separator, ..)], _) => Ok(Some(*separator)),
        ([], Some((b',', error))) => Err(error),
        ([], _) => Ok(Some(b',')),
        _ => {
            let mut fitting = possible.iter().filter(|(separator, n_columns, end)| {
                do_rows_fit(text, *end, piece, (*separator, *n_columns))
            });
            let only = fitting.next().filter(|_| fitting.next().is_none());
            Ok(only.map(|(separator, ..)| *separator))
        }
    }
}

/// Returns the separator that a line above the header states for spreadsheets (`sep=;`), and the bytes
/// that the line takes.
pub(super) fn stated_separator(text: &str) -> Option<(u8, u32)> {
    let (line, _) = text.split_once('\n')?;
    let stated = line.strip_prefix("sep=").or_else(|| line.strip_prefix("SEP="))?;
    let separator = match stated.trim_end_matches('\r').as_bytes() {
        [separator] if SEPARATORS.contains(separator) => *separator,
        _ => return None,
    };
    Some((separator, u32::try_from(line.len() + 1).ok()?))
}

/// Whether there are rows and the first of them have as many fields as there are columns.
fn do_rows_fit(text: &str, start: u32, piece: Piece, (separator, n_columns): (u8, usize)) -> bool {
    let shape = Shape { separator, n_columns, n_unnamed: 0, max_record_bytes: usize::MAX };
    let mut parts = BlockParts::new(0, 1, n_columns);
    split(text, start, piece, shape, &mut parts).is_ok() && {
        let block = parts.finish();
        let first_fault = block.faults().first().map_or(usize::MAX, |fault| fault.row_idx);
        block.n_rows() > 0 && first_fault >= ROWS_TO_LOOK_AT
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<char>) {
        let found = find_separator(text, (0, 1), Piece::Last).unwrap().map(char::from);
        assert_eq!(found, expected, "{text:?}");
    }

    #[test]
    fn the_header_tells_the_separator() {
        check("a,b\n1;2,3\n", Some(','));
        check("a\tb\n", Some('\t'));
        check("a;b", Some(';'));
        check("a|b\n", Some('|'));
        check("\"a,x\";\"b\"\n", Some(';'));
        check("\"a\",\"b;c|d\"\n", Some(','));
        check("\"a\nx\"|b\n", Some('|'));
        check("部门\n1\n", Some(','));
        check("", Some(','));
    }

    #[test]
    fn rows_tell_where_the_header_leaves_a_choice() {
        check("a,b;c\n1,2\n", Some(','));
        check("a,b;c\n1;2\n", Some(';'));
        check("a,b;c\n1,2;3\n", None);
        check("a,b;c\n", None);
        check("a,b;c\n1\n", None);
        check("a|b;c\n1|2\n3|4\n5;6\n", None);
    }

    #[test]
    fn quotation_marks_that_do_not_end_a_field_are_refused() {
        let error = find_separator("\"a\"x,b\n", (0, 1), Piece::Last).unwrap_err();
        assert_eq!(error, SplitError::QuotesUnclear { row: 1 });
        let error = find_separator("a,\"b\n", (0, 4), Piece::Last).unwrap_err();
        assert_eq!(error, SplitError::QuoteOpen { row: 4 });
    }
}
