//! Rows of separated values.

use crate::fsio::FileDigest;
use crate::source::Encoding;
use crate::source::SourceError;
use crate::source::container::limit;
use crate::source::rows::block::BlockParts;
use crate::source::rows::header::Header;
use crate::source::rows::limits::Limits;
use crate::source::rows::long::LongRecord;
use crate::source::rows::reader::Blocks;
use crate::source::rows::separator::{find_separator, stated_separator};
use crate::source::rows::split::{Shape, SplitError, split, split_header};
use crate::source::rows::stream::{Progress, TextStream};
use crate::source::rows::text::Piece;
use crate::source::rows::{RecordFileError, RowBlock, RowFaultKind, RowReader};

/// A file of separated values while it is read.
struct Delimited {
    stream: TextStream,
    shape: Shape,
    limits: Limits,
    /// Text that no block has yet. It begins with a record.
    text: String,
    /// A record that is too long and has not ended, and its row.
    long: Option<(LongRecord, u64)>,
    number: usize,
    next_row: u64,
    n_rows: u64,
    /// Fields of the last block: the next one has about as many.
    n_likely_fields: usize,
}

/// Opens a file of separated values, of which `text` has been read.
pub(super) fn open(
    mut stream: TextStream,
    mut text: String,
    limits: Limits,
) -> Result<RowReader, RecordFileError> {
    let file_name = stream.file_name().to_owned();
    let piece = stream.fill(&mut text, limits.block_bytes.max(limits.record_bytes + 2));
    let (mut start, mut row) = first_line(&text);
    let in_file = |error: SplitError| error.in_file(&file_name);
    let separator = match stated_separator(&text[start as usize..]) {
        Some((separator, n_bytes)) => {
            (start, row) = (start + n_bytes, row + 1);
            Some(separator)
        }
        None => find_separator(&text, (start, row), piece).map_err(in_file)?,
    };
    let separator = separator
        .ok_or_else(|| RecordFileError::SeparatorUnclear { file_name: file_name.clone() })?;
    let header = split_header(&text, (start, row), piece, separator).map_err(in_file)?;
    let Some((cells, end)) = header else {
        let failure = stream.failure(Progress { row, n_rows: 0 });
        return Err(failure.unwrap_or_else(|| {
            RecordFileError::Source(if piece == Piece::Last {
                SourceError::Empty { file_name }
            } else {
                limit(&file_name, "record_bytes", limits.record_bytes as u64)
            })
        }));
    };
    let Header { names, n_unnamed } = Header::new(&cells, &file_name, limits.columns)?;
    text.drain(..end as usize);
    let shape = Shape {
        separator,
        n_columns: names.len(),
        n_unnamed,
        max_record_bytes: limits.record_bytes,
    };
    let blocks = Delimited {
        stream,
        shape,
        limits,
        text,
        long: None,
        number: 0,
        next_row: row + 1,
        n_rows: 0,
        n_likely_fields: 0,
    };
    Ok(RowReader::new(names, Box::new(blocks)))
}

/// Returns where the first line begins that is not blank, and its row.
fn first_line(text: &str) -> (u32, u64) {
    let (mut start, mut row) = (0, 1);
    let mut position = 0;
    let mut bytes = text.bytes().peekable();
    while let Some(byte) = bytes.next() {
        position += 1;
        match byte {
            b' ' => continue,
            b'\r' if bytes.next_if_eq(&b'\n').is_some() => position += 1,
            b'\r' | b'\n' => (),
            _ => break,
        }
        (start, row) = (position, row + 1);
    }
    (start, row)
}

impl Delimited {
    /// Passes over the rest of a record that is too long; returns where the next one begins, `None` where
    /// more text is needed.
    fn pass_long(&mut self) -> Result<Option<u32>, SplitError> {
        let Some((long, row)) = &mut self.long else { return Ok(Some(0)) };
        let end = long.pass(self.text.as_bytes());
        if long.is_doubtful() {
            return Err(SplitError::QuotesUnclear { row: *row });
        }
        if end.is_some() {
            self.long = None;
        }
        Ok(end.and_then(|end| u32::try_from(end).ok()))
    }

    /// Takes a record that is too long as a fault.
    fn begin_long(&mut self, parts: &mut BlockParts) {
        let row = parts.next_row();
        let start = parts.fields.len();
        let found = self.limits.record_bytes.to_string();
        parts.add_fault(start, RowFaultKind::TooLong, Some(found));
        let mut long = LongRecord::new(self.shape.separator);
        long.pass(self.text.as_bytes());
        self.text.clear();
        self.long = Some((long, row));
    }

    /// Ends a block whose rows end at `stop`; what stands behind them belongs to the next one.
    fn end_block(&mut self, mut parts: BlockParts, stop: u32, unquoted: &str) -> RowBlock {
        let rest = &self.text[stop as usize..];
        let mut next = String::with_capacity(self.limits.block_bytes * 2 + rest.len());
        next.push_str(rest);
        parts.text = std::mem::replace(&mut self.text, next);
        parts.text.push_str(unquoted);
        if memchr::memchr(0, parts.text.as_bytes()).is_some() {
            parts.fault_zero_bytes();
        }
        self.number += 1;
        self.next_row = parts.next_row();
        self.n_rows += parts.n_rows() as u64;
        self.n_likely_fields = parts.fields.len();
        parts.finish()
    }

    fn in_file(&self, error: SplitError) -> RecordFileError {
        error.in_file(self.stream.file_name())
    }

    fn failure(&mut self, row: u64) -> Option<RecordFileError> {
        self.stream.failure(Progress { row, n_rows: self.n_rows })
    }
}

impl Blocks for Delimited {
    fn next(&mut self) -> Result<Option<RowBlock>, RecordFileError> {
        let mut parts = BlockParts::new(self.number, self.next_row, self.shape.n_columns);
        parts.fields.reserve(self.n_likely_fields + self.n_likely_fields / 8);
        let mut wanted = self.limits.block_bytes;
        loop {
            let piece = self.stream.fill(&mut self.text, wanted);
            let Some(start) = self.pass_long().map_err(|error| self.in_file(error))? else {
                self.text.clear();
                let row = self.long.as_ref().map_or(self.next_row, |(_, row)| *row);
                if let Some(error) = self.failure(row) {
                    return Err(error);
                }
                if piece == Piece::Last {
                    let is_open = self.long.take().is_some_and(|(long, _)| long.is_quote_open());
                    let open = is_open.then_some(SplitError::QuoteOpen { row });
                    return open.map_or(Ok(None), |error| Err(self.in_file(error)));
                }
                continue;
            };
            let outcome = split(&self.text, start, piece, self.shape, &mut parts);
            let (stop, unquoted) = outcome.map_err(|error| self.in_file(error))?;
            if parts.n_rows() > 0 {
                return Ok(Some(self.end_block(parts, stop, &unquoted)));
            }
            // No row has ended; blank lines are done with.
            self.text.drain(..stop as usize);
            if piece == Piece::Last {
                return Ok(None);
            }
            if let Some(error) = self.failure(parts.next_row()) {
                return Err(error);
            }
            if self.text.len() > self.limits.record_bytes {
                self.begin_long(&mut parts);
                return Ok(Some(self.end_block(parts, 0, "")));
            }
            wanted = self.text.len() + self.limits.block_bytes;
        }
    }

    fn encoding(&self) -> Option<Encoding> {
        Some(self.stream.encoding())
    }

    fn bytes_read(&self) -> u64 {
        self.stream.bytes_read()
    }

    fn digest(&self) -> Option<FileDigest> {
        self.stream.digest()
    }
}
