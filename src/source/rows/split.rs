//! Separated values: text to fields.

use crate::source::rows::block::BlockParts;
use crate::source::rows::scan::Marks;
use crate::source::rows::text::Piece;
use crate::source::rows::{Readable, RecordFileError, RowFaultKind};

/// Separators of a row from which on lines in quotation marks can be told from rows.
const MIN_SEPARATORS: usize = 4;

/// What a record of separated values looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shape {
    /// What stands between two fields.
    pub(super) separator: u8,
    /// Columns with a name.
    pub(super) n_columns: usize,
    /// Columns without a name behind them; nothing may stand in them.
    pub(super) n_unnamed: usize,
    /// Bytes of a record, without its line break.
    pub(super) max_record_bytes: usize,
}

/// Why records cannot be told apart any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SplitError {
    /// A quotation mark opens a field in this row and none closes it.
    QuoteOpen { row: u64 },
    /// A quotation mark in this row does not stand at the end of its field, and the row spans lines or
    /// is the header.
    QuotesUnclear { row: u64 },
}

impl SplitError {
    /// Returns the error that says so of a file.
    pub(super) fn in_file(self, file_name: &str) -> RecordFileError {
        let file_name = file_name.to_owned();
        match self {
            Self::QuoteOpen { row } => RecordFileError::QuoteOpen { file_name, row },
            Self::QuotesUnclear { row } => RecordFileError::QuotesUnclear { file_name, row },
        }
    }
}

/// Adds the rows of a text from `start` on to a block, and returns where the record begins that is not
/// complete; the end of the text where there is none.
///
/// Quotation marks, line breaks and doubled quotation marks are understood as everywhere; a quotation
/// mark within a field that does not begin with one stands for itself. The text is to be that of the
/// block, with `unquoted` behind it.
pub(super) fn split(
    text: &str,
    start: u32,
    piece: Piece,
    shape: Shape,
    parts: &mut BlockParts,
) -> Result<(u32, String), SplitError> {
    let mut splitter = Splitter::new(text, start, piece, shape, parts);
    splitter.run()?;
    // The fields of the record that is not complete come again.
    splitter.parts.fields.truncate(splitter.row_field);
    Ok((splitter.row_start, splitter.unquoted))
}

/// Returns the fields of the header, which is row `row` and begins at `start`, and where the next record
/// begins; `None` where the text ends first.
pub(super) fn split_header(
    text: &str,
    (start, row): (u32, u64),
    piece: Piece,
    separator: u8,
) -> Result<Option<(Vec<String>, u32)>, SplitError> {
    // A record of no columns is none, so that the splitter stops behind it.
    let shape = Shape { separator, n_columns: 0, n_unnamed: 0, max_record_bytes: usize::MAX };
    let mut parts = BlockParts::new(0, row, 0);
    let mut splitter = Splitter::new(text, start, piece, shape, &mut parts);
    splitter.run()?;
    if splitter.row_start == start {
        return Ok(None);
    }
    if splitter.is_ruined {
        return Err(SplitError::QuotesUnclear { row });
    }
    let (next, unquoted) = (splitter.row_start, splitter.unquoted);
    let all = format!("{text}{unquoted}");
    let field = |(start, end): &(u32, u32)| all[*start as usize..*end as usize].to_owned();
    Ok(Some((parts.fields.iter().map(field).collect(), next)))
}

/// How the current field is quoted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Quote {
    /// Not at all.
    None,
    /// The quotation mark at its end has not come.
    Open,
    /// It ended with the quotation mark at this position.
    Closed(u32),
}

struct Splitter<'t, 'p> {
    text: &'t str,
    piece: Piece,
    shape: Shape,
    parts: &'p mut BlockParts,
    marks: Marks<'t>,
    /// Fields whose doubled quotation marks have become single ones.
    unquoted: String,
    row_start: u32,
    /// Number of the first field of the row, among those of the block.
    row_field: usize,
    /// Line breaks inside quotation marks, in the row and in the current field.
    row_breaks: u32,
    field_breaks: u32,
    /// Whether a field of the row has text behind its quotation marks.
    is_ruined: bool,
    /// Whether a field of the row in quotation marks looks like lines with rows.
    holds_rows: bool,
    field_start: u32,
    quote: Quote,
    has_doubled: bool,
    is_done: bool,
}

impl<'t, 'p> Splitter<'t, 'p> {
    fn new(
        text: &'t str,
        start: u32,
        piece: Piece,
        shape: Shape,
        parts: &'p mut BlockParts,
    ) -> Self {
        Self {
            text,
            piece,
            shape,
            marks: Marks::new(text.as_bytes(), start, shape.separator),
            unquoted: String::new(),
            row_start: start,
            row_field: parts.fields.len(),
            row_breaks: 0,
            field_breaks: 0,
            is_ruined: false,
            holds_rows: false,
            field_start: start,
            quote: Quote::None,
            has_doubled: false,
            is_done: false,
            parts,
        }
    }
    fn run(&mut self) -> Result<(), SplitError> {
        let bytes = self.text.as_bytes();
        while let Some(at) = self.marks.next() {
            let byte = bytes[at as usize];
            if byte == self.shape.separator && self.quote == Quote::None {
                self.parts.fields.push((self.field_start, at));
                self.field_start = at + 1;
            } else if byte == b'\n' && self.quote == Quote::None {
                self.parts.fields.push((self.field_start, at));
                self.end_row(at, at + 1);
            } else {
                self.take_mark(at, byte)?;
            }
            if self.is_done {
                return Ok(());
            }
        }
        if self.piece == Piece::Last { self.end_text() } else { Ok(()) }
    }

    /// Takes a mark that is not simply the end of a field without quotation marks.
    fn take_mark(&mut self, at: u32, byte: u8) -> Result<(), SplitError> {
        let next = self.text.as_bytes().get(at as usize + 1).copied();
        // What stands behind it may make it something else.
        let is_cut = next.is_none() && self.piece == Piece::Inner;
        match (self.quote, byte) {
            (Quote::Open, b'"') => match next {
                Some(b'"') => {
                    self.has_doubled = true;
                    self.marks.next();
                }
                _ if is_cut => self.is_done = true,
                _ => self.quote = Quote::Closed(at),
            },
            (Quote::Open, b'\n') => self.break_line(),
            (Quote::Open, b'\r') if next != Some(b'\n') => self.break_line(),
            (Quote::None, b'"') if at == self.field_start => {
                self.quote = Quote::Open;
                self.has_doubled = false;
                self.field_breaks = 0;
            }
            (Quote::Open, _) | (Quote::None, b'"') => (),
            (Quote::Closed(_), b'"') => self.ruin(),
            (_, b'\r') if is_cut => self.is_done = true,
            (_, b'\n' | b'\r') => {
                self.end_field(at)?;
                if byte == b'\r' && next == Some(b'\n') {
                    self.marks.next();
                    self.end_row(at, at + 2);
                } else {
                    self.end_row(at, at + 1);
                }
            }
            _ => {
                self.end_field(at)?;
                self.field_start = at + 1;
            }
        }
        self.check_lines()
    }

    fn break_line(&mut self) {
        self.row_breaks += 1;
        self.field_breaks += 1;
    }

    /// Takes the rest of the field for text without quotation marks, and the row for a fault.
    fn ruin(&mut self) {
        self.is_ruined = true;
        self.quote = Quote::None;
    }

    /// Nobody knows where a row ends that has lines and misplaced quotation marks.
    fn check_lines(&self) -> Result<(), SplitError> {
        if self.is_ruined && self.row_breaks > 0 {
            return Err(SplitError::QuotesUnclear {
                row: self.parts.next_row_from(self.row_field),
            });
        }
        Ok(())
    }

    /// Adds the field that ends in front of `at`.
    fn end_field(&mut self, at: u32) -> Result<(), SplitError> {
        let bytes = self.text.as_bytes();
        if let Quote::Closed(end) = self.quote {
            let behind = &bytes[end as usize + 1..at as usize];
            if behind.iter().all(|byte| matches!(byte, b' ' | b'\t')) {
                self.holds_rows |= self.field_breaks > 0 && self.looks_like_rows(end);
                let span = self.quoted(self.field_start + 1, end);
                self.parts.fields.push(span);
                self.quote = Quote::None;
                return Ok(());
            }
            self.ruin();
            self.check_lines()?;
        }
        self.parts.fields.push((self.field_start, at));
        Ok(())
    }

    /// Whether the field that ends in front of `end` has about as many separators for each of its line
    /// breaks as a row has: half of them at least, because the first and the last line are parts of rows.
    fn looks_like_rows(&self, end: u32) -> bool {
        let inside = &self.text.as_bytes()[self.field_start as usize + 1..end as usize];
        let of_row = self.shape.n_columns.saturating_sub(1);
        let n_breaks = self.field_breaks as usize;
        of_row >= MIN_SEPARATORS
            && memchr::memchr_iter(self.shape.separator, inside).count()
                >= n_breaks * of_row.div_ceil(2)
    }

    /// Returns where the text of a field stands, doubled quotation marks being single ones.
    fn quoted(&mut self, start: u32, end: u32) -> (u32, u32) {
        if !self.has_doubled {
            return (start, end);
        }
        let place = |unquoted: &str| u32::try_from(self.text.len() + unquoted.len());
        let inside = &self.text[start as usize..end as usize];
        let first = place(&self.unquoted);
        for (number, between) in inside.split("\"\"").enumerate() {
            if number > 0 {
                self.unquoted.push('"');
            }
            self.unquoted.push_str(between);
        }
        let last = place(&self.unquoted);
        first.and_then(|first| last.map(|last| (first, last))).expect("a block is far below 4 GB")
    }

    /// Ends the row in front of `at`; the next one begins at `next`.
    fn end_row(&mut self, at: u32, next: u32) {
        let n_fields = self.parts.fields.len() - self.row_field;
        let n_bytes = (at - self.row_start) as usize;
        let is_plain = n_fields == self.shape.n_columns && n_fields > 1 && !self.is_ruined;
        if !is_plain || n_bytes > self.shape.max_record_bytes {
            self.end_odd_row(at, n_fields);
        }
        if std::mem::take(&mut self.holds_rows) {
            self.parts.note_lines(u64::from(self.row_breaks) + 1);
        }
        self.row_start = next;
        if self.is_done {
            return;
        }
        self.field_start = next;
        self.row_field = self.parts.fields.len();
        self.row_breaks = 0;
        self.is_ruined = false;
    }

    /// Ends a row that may not be one.
    fn end_odd_row(&mut self, at: u32, n_fields: usize) {
        let Shape { n_columns, n_unnamed, max_record_bytes, .. } = self.shape;
        if n_columns == 0 {
            self.is_done = true;
            return;
        }
        let row = &self.text[self.row_start as usize..at as usize];
        let wrong = if row.len() > max_record_bytes {
            Some((RowFaultKind::TooLong, Some(max_record_bytes)))
        } else if row.bytes().all(|byte| byte == b' ') {
            self.parts.fields.truncate(self.row_field);
            self.parts.skip_record();
            return;
        } else if self.is_ruined {
            Some((RowFaultKind::TextBehindQuotes, None))
        } else if n_fields == n_columns || self.are_extras_blank(n_fields, n_columns + n_unnamed) {
            self.parts.fields.truncate(self.row_field + n_columns);
            None
        } else if self.row_breaks > 0 {
            Some((RowFaultKind::AcrossLines, Some(self.row_breaks as usize + 1)))
        } else if n_fields < n_columns {
            Some((RowFaultKind::TooFewFields, Some(n_fields)))
        } else {
            Some((RowFaultKind::TooManyFields, Some(n_fields)))
        };
        if let Some((kind, found)) = wrong {
            let found = found.map(|number| number.to_string());
            if matches!(kind, RowFaultKind::TooFewFields | RowFaultKind::TooManyFields) {
                self.parts.fields.resize(self.row_field + n_columns, (0, 0));
                self.parts.flaw_last((kind, found, Readable::Doubtful));
            } else {
                self.parts.add_fault(self.row_field, kind, found);
            }
        }
    }

    /// Whether nothing stands in the fields of the row behind those that have a name, and there are no
    /// more of them than in the header.
    fn are_extras_blank(&self, n_fields: usize, max_fields: usize) -> bool {
        let first = self.row_field + self.shape.n_columns;
        let extras = self.parts.fields.get(first..).unwrap_or_default();
        !extras.is_empty()
            && n_fields <= max_fields
            && extras.iter().all(|(start, end)| start == end)
    }

    /// Ends the row that the text ends with.
    fn end_text(&mut self) -> Result<(), SplitError> {
        let row = self.parts.next_row_from(self.row_field);
        if self.quote == Quote::Open {
            return Err(SplitError::QuoteOpen { row });
        }
        let end = u32::try_from(self.text.len()).expect("a block is far below 4 GB");
        if self.row_start < end {
            self.end_field(end)?;
            self.end_row(end, end);
        }
        Ok(())
    }
}
