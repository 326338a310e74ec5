//! Records that are too long to be kept: passed over without taking memory.

/// A record of which only its end is looked for.
#[derive(Debug)]
pub(super) struct LongRecord {
    separator: u8,
    place: Place,
    /// Whether a field in quotation marks has line breaks.
    has_breaks: bool,
    /// Whether a field has text behind its quotation marks.
    is_ruined: bool,
}

/// Where in a record a byte stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// At the beginning of a field.
    Beginning,
    /// In a field without quotation marks.
    Plain,
    /// In a field with quotation marks.
    Quoted,
    /// Behind a quotation mark in such a field: it is the last of it or the first of two.
    Behind,
    /// Behind spaces behind the last.
    After,
    /// Behind the first character of a line break that may have two.
    LineBreak,
}

impl LongRecord {
    /// Returns a record of which nothing has been seen.
    pub(super) fn new(separator: u8) -> Self {
        Self { separator, place: Place::Beginning, has_breaks: false, is_ruined: false }
    }

    /// Looks for the end of the record in the bytes that come next, and returns where the one behind it
    /// begins; `None` where it goes on.
    pub(super) fn pass(&mut self, bytes: &[u8]) -> Option<usize> {
        for (idx, byte) in bytes.iter().copied().enumerate() {
            if self.place == Place::LineBreak {
                return Some(idx + usize::from(byte == b'\n'));
            }
            let is_break = matches!(byte, b'\n' | b'\r');
            self.has_breaks |= is_break && self.place == Place::Quoted;
            self.place = match (self.place, byte) {
                (Place::Quoted, b'"') => Place::Behind,
                (Place::Quoted, _) | (Place::Beginning | Place::Behind, b'"') => Place::Quoted,
                (_, b'\n') => return Some(idx + 1),
                (_, b'\r') => Place::LineBreak,
                (_, byte) if byte == self.separator => Place::Beginning,
                (Place::Behind | Place::After, b' ' | b'\t') => Place::After,
                (Place::Behind | Place::After, _) => {
                    self.is_ruined = true;
                    Place::Plain
                }
                (Place::Beginning | Place::Plain | Place::LineBreak, _) => Place::Plain,
            };
        }
        None
    }

    /// Whether a field in quotation marks is open.
    pub(super) fn is_quote_open(&self) -> bool {
        self.place == Place::Quoted
    }

    /// Whether nobody can tell where the record ends, because it has lines and misplaced quotation
    /// marks.
    pub(super) fn is_doubtful(&self) -> bool {
        self.is_ruined && self.has_breaks
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(record: &str, behind: &str) {
        let text = format!("{record}{behind}");
        for piece_bytes in 1..=text.len() {
            let mut long = LongRecord::new(b',');
            let mut n_passed = 0;
            let end = text.as_bytes().chunks(piece_bytes).find_map(|piece| {
                let end = long.pass(piece);
                let at = n_passed;
                n_passed += piece.len();
                end.map(|end| at + end)
            });
            assert_eq!(end, (!behind.is_empty()).then_some(record.len()), "{text:?} {piece_bytes}");
        }
    }

    #[test]
    fn a_record_ends_with_the_line_break_outside_quotation_marks() {
        check("a,b\n", "c");
        check("a,b\r\n", "c");
        check("a,b\r", "c");
        check("\"a\r\n\"\"\n\",\"\n\"\n", "c\n");
        check("5\",b\n", "c\"\n");
        check("\"a\" ,b\n", "c");
        check("a,\"b\n", "");
    }

    #[test]
    fn what_is_wrong_with_its_quotation_marks_is_told() {
        let state = |text: &str| {
            let mut long = LongRecord::new(b',');
            assert_eq!(long.pass(text.as_bytes()), None);
            (long.is_quote_open(), long.is_doubtful())
        };
        assert_eq!(state("a,\"b"), (true, false));
        assert_eq!(state("\"a\"b"), (false, false));
        assert_eq!(state("\"a\nc\"b"), (false, true));
        assert_eq!(state("\"a\"b,\"\n"), (true, true));
        assert_eq!(state("\"a\" \"b"), (false, false));
    }
}
