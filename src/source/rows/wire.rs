//! Header and blocks as bytes: what the child that opens a workbook or Parquet tells its parent.
//!
//! The parent believes no number: nothing is allocated for what has no bytes, and whatever does not fit
//! together is no reply.

use std::io::{self, Read, Write};

use crate::source::SourceError;
use crate::source::rows::block::{BlockParts, Gap};
use crate::source::rows::{Readable, RowBlock, RowFault, RowFaultKind, UnreadSheets};

/// Bytes of one frame: a block is far smaller.
const MAX_FRAME_BYTES: usize = 64 << 20;

/// What a child says, one after the other.
#[derive(Debug)]
pub(super) enum Frame {
    /// The cells of the header and its row, first of all.
    Header(Vec<String>, u64),
    /// Rows.
    Block(RowBlock),
    /// There are no more rows; these sheets were not read.
    End(UnreadSheets),
    /// The file cannot be read any further.
    Failed(SourceError),
}

/// Writes a frame.
pub(super) fn write_frame(frame: &Frame, out: &mut dyn Write) -> io::Result<()> {
    let mut bytes = Vec::new();
    let kind = match frame {
        Frame::Header(cells, row) => {
            put_number(&mut bytes, *row);
            put_texts(&mut bytes, cells);
            b'H'
        }
        Frame::Block(block) => {
            put_block(&mut bytes, block);
            b'B'
        }
        Frame::End(UnreadSheets { hidden, notes }) => {
            put_short(&mut bytes, hidden.len());
            put_texts(&mut bytes, hidden);
            put_texts(&mut bytes, notes);
            b'E'
        }
        Frame::Failed(error) => {
            bytes = serde_json::to_vec(error)?;
            b'F'
        }
    };
    out.write_all(&[kind])?;
    out.write_all(&(bytes.len() as u64).to_le_bytes())?;
    out.write_all(&bytes)?;
    out.flush()
}

/// Reads the frame that comes next; blocks have this number and so many columns.
///
/// An error of the kind `InvalidData` where it is none.
pub(super) fn read_frame(
    input: &mut dyn Read,
    number: usize,
    n_columns: usize,
) -> io::Result<Frame> {
    let mut kind = [0];
    input.read_exact(&mut kind)?;
    let mut length = [0; 8];
    input.read_exact(&mut length)?;
    let no_frame = || io::Error::from(io::ErrorKind::InvalidData);
    let length = usize::try_from(u64::from_le_bytes(length)).ok();
    let length = length.filter(|length| *length <= MAX_FRAME_BYTES).ok_or_else(no_frame)?;
    let mut bytes = Vec::new();
    input.take(length as u64).read_to_end(&mut bytes)?;
    if bytes.len() < length {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    let mut rest = Rest(&bytes);
    let frame = match kind {
        [b'H'] => rest.header(),
        [b'B'] => rest.block(number, n_columns).map(Frame::Block),
        [b'E'] => rest.unread_sheets().map(Frame::End),
        [b'F'] => serde_json::from_slice(rest.take_all()).ok().map(Frame::Failed),
        _ => None,
    };
    frame.filter(|_| rest.0.is_empty()).ok_or_else(no_frame)
}

fn put_number(bytes: &mut Vec<u8>, number: u64) {
    bytes.extend_from_slice(&number.to_le_bytes());
}

fn put_short(bytes: &mut Vec<u8>, number: usize) {
    let short = u32::try_from(number).expect("a block is far below 4 GB");
    bytes.extend_from_slice(&short.to_le_bytes());
}

fn put_text(bytes: &mut Vec<u8>, text: &str) {
    put_short(bytes, text.len());
    bytes.extend_from_slice(text.as_bytes());
}

fn put_texts(bytes: &mut Vec<u8>, texts: &[String]) {
    for text in texts {
        put_text(bytes, text);
    }
}

fn put_block(bytes: &mut Vec<u8>, block: &RowBlock) {
    put_number(bytes, block.first_row());
    put_short(bytes, block.n_rows());
    for row_idx in 0..block.n_rows() {
        block.fields_of(row_idx).for_each(|field| put_short(bytes, field.len()));
    }
    for row_idx in 0..block.n_rows() {
        block.fields_of(row_idx).for_each(|field| bytes.extend_from_slice(field.as_bytes()));
    }
    put_short(bytes, block.gaps().len());
    for gap in block.gaps() {
        put_short(bytes, gap.row_idx);
        put_number(bytes, gap.n_before);
    }
    for fault in block.faults() {
        put_short(bytes, fault.row_idx);
        put_text(bytes, fault.kind.as_str());
        put_text(bytes, fault.found.as_deref().unwrap_or_default());
        let (word, number) = match fault.readable {
            Readable::First(n_fields) => (0, n_fields),
            Readable::AllBut(column) => (1, column),
            Readable::Doubtful => (2, 0),
        };
        put_short(bytes, word);
        put_short(bytes, number);
    }
}

/// Bytes that have not been taken.
struct Rest<'b>(&'b [u8]);

impl<'b> Rest<'b> {
    fn take_all(&mut self) -> &'b [u8] {
        std::mem::take(&mut self.0)
    }

    fn take(&mut self, n_bytes: usize) -> Option<&'b [u8]> {
        let (taken, rest) = self.0.split_at_checked(n_bytes)?;
        self.0 = rest;
        Some(taken)
    }

    fn number(&mut self) -> Option<u64> {
        let (number, rest) = self.0.split_first_chunk::<8>()?;
        self.0 = rest;
        Some(u64::from_le_bytes(*number))
    }

    fn short(&mut self) -> Option<usize> {
        let (number, rest) = self.0.split_first_chunk::<4>()?;
        self.0 = rest;
        usize::try_from(u32::from_le_bytes(*number)).ok()
    }

    fn text(&mut self) -> Option<&'b str> {
        let n_bytes = self.short()?;
        std::str::from_utf8(self.take(n_bytes)?).ok()
    }

    fn header(&mut self) -> Option<Frame> {
        let row = self.number()?;
        Some(Frame::Header(self.texts()?, row))
    }

    fn texts(&mut self) -> Option<Vec<String>> {
        let mut texts = Vec::new();
        while !self.0.is_empty() {
            texts.push(self.text()?.to_owned());
        }
        Some(texts)
    }

    fn unread_sheets(&mut self) -> Option<UnreadSheets> {
        let n_hidden = self.short()?;
        let mut hidden = self.texts()?;
        let notes = (n_hidden <= hidden.len()).then(|| hidden.split_off(n_hidden))?;
        Some(UnreadSheets { hidden, notes })
    }

    fn block(&mut self, number: usize, n_columns: usize) -> Option<RowBlock> {
        // Twice as far as rows are counted, so that no sum of them overflows.
        let first_row = self.number().filter(|row| *row <= u64::MAX / 4)?;
        let n_rows = self.short()?;
        let lengths = self.take(n_rows.checked_mul(n_columns)?.checked_mul(4)?)?;
        let mut parts = BlockParts::new(number, first_row, n_columns);
        let mut end = 0_u32;
        for length in lengths.as_chunks::<4>().0 {
            let start = end;
            end = end.checked_add(u32::from_le_bytes(*length))?;
            parts.fields.push((start, end));
        }
        let text = self.take(usize::try_from(end).ok()?)?;
        simdutf8::basic::from_utf8(text).ok()?.clone_into(&mut parts.text);
        if parts.fields.iter().any(|(_, end)| !parts.text.is_char_boundary(*end as usize)) {
            return None;
        }
        for _ in 0..self.short()? {
            let gap = Gap { row_idx: self.short()?, n_before: self.number()? };
            if gap.row_idx > n_rows || gap.n_before > u64::MAX / 4 || !parts.add_gap(gap) {
                return None;
            }
        }
        while !self.0.is_empty() {
            let (row_idx, kind, found) = (self.short()?, self.text()?, self.text()?);
            let found = (!found.is_empty()).then(|| found.to_owned());
            let kind = RowFaultKind::parse(kind)?;
            let readable = match (self.short()?, self.short()?) {
                (0, n_fields) => Readable::First(n_fields),
                (1, column) => Readable::AllBut(column),
                (2, 0) => Readable::Doubtful,
                _ => return None,
            };
            let source_row = parts.source_row(row_idx);
            let fault = RowFault { row_idx, source_row, kind, found, readable };
            if row_idx >= n_rows || !parts.add_known_fault(fault) {
                return None;
            }
        }
        Some(parts.finish())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> RowBlock {
        let mut parts = BlockParts::new(3, 7, 2);
        parts.text = "甲1x".to_owned();
        parts.fields = vec![(0, 3), (3, 4)];
        parts.skip_record();
        parts.add_fault(2, RowFaultKind::DigitsLost, Some("证件号".to_owned()));
        parts.fields.extend([(4, 5), (5, 5)]);
        parts.add_fault(6, RowFaultKind::CellInError, None);
        parts.fields.extend([(4, 5), (4, 5)]);
        parts.flaw_last((RowFaultKind::CellMarked, None, Readable::AllBut(1)));
        parts.flaw_last((RowFaultKind::TooManyFields, None, Readable::Doubtful));
        parts.finish()
    }

    /// A row with its number in the file.
    type NumberedRow<'b> = (u64, Vec<&'b str>);

    /// What a block says, wherever its texts stand.
    fn content(block: &RowBlock) -> (usize, Vec<NumberedRow<'_>>, &[RowFault]) {
        let row = |row_idx| (block.source_row(row_idx), block.fields_of(row_idx).collect());
        (block.number(), (0..block.n_rows()).map(row).collect(), block.faults())
    }

    fn bytes_of(frame: &Frame) -> Vec<u8> {
        let mut bytes = Vec::new();
        write_frame(frame, &mut bytes).unwrap();
        bytes
    }

    #[test]
    fn what_a_child_says_arrives() {
        let error = SourceError::Empty { file_name: "a.xlsx".to_owned() };
        let header = Frame::Header(vec!["部门".to_owned(), String::new()], 4);
        let mut bytes = bytes_of(&header);
        bytes.extend(bytes_of(&Frame::Block(sample())));
        bytes.extend(bytes_of(&Frame::Failed(error.clone())));
        let unread = UnreadSheets {
            hidden: vec!["码表".to_owned()],
            notes: vec!["说明".to_owned(), String::new()],
        };
        bytes.extend(bytes_of(&Frame::End(unread.clone())));
        let mut input = bytes.as_slice();
        let mut next = || read_frame(&mut input, 3, 2).unwrap();
        assert!(matches!(next(), Frame::Header(cells, 4) if cells == ["部门", ""]));
        let Frame::Block(block) = next() else { panic!("a block was written") };
        assert_eq!(content(&block), content(&sample()));
        assert!(matches!(next(), Frame::Failed(found) if found == error));
        assert!(matches!(next(), Frame::End(found) if found == unread));
        let error = read_frame(&mut input, 3, 2).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
    }

    #[test]
    fn bytes_that_are_no_frame_are_refused_and_cost_nothing() {
        let whole = bytes_of(&Frame::Block(sample()));
        for n_bytes in 0..whole.len() {
            read_frame(&mut &whole[..n_bytes], 3, 2).unwrap_err();
        }
        for place in 0..whole.len() {
            for value in [0, 1, 0x7F, 0xFF] {
                let mut damaged = whole.clone();
                damaged[place] = value;
                // It is another block or none; that it does not panic is what counts.
                if let Ok(Frame::Block(block)) = read_frame(&mut damaged.as_slice(), 3, 2) {
                    assert!(block.faults().iter().all(|fault| fault.row_idx < block.n_rows()));
                    for row_idx in 0..block.n_rows() {
                        assert!(block.source_row(row_idx) >= block.first_row());
                        assert_eq!(block.fields_of(row_idx).len(), 2);
                    }
                }
            }
        }
        let mut huge = whole;
        huge[1..9].copy_from_slice(&u64::MAX.to_le_bytes());
        let error = read_frame(&mut huge.as_slice(), 3, 2).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
    }
}
