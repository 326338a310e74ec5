//! Rows of a workbook or Parquet on their way from the child to its parent.

use std::io::Write;

use crate::source::SourceError;
use crate::source::rows::block::{BlockParts, Flaw};
use crate::source::rows::header::Header;
use crate::source::rows::limits::Limits;
use crate::source::rows::reader::UnreadSheets;
use crate::source::rows::wire::{Frame, write_frame};

/// Takes the rows of a file in order and writes them in blocks.
pub(super) struct RowOutput<'o> {
    out: &'o mut dyn Write,
    file_name: &'o str,
    limits: Limits,
    header: Option<Header>,
    parts: BlockParts,
    number: usize,
    unread: UnreadSheets,
    is_ended: bool,
}

impl<'o> RowOutput<'o> {
    /// Returns an output to which nothing has been written.
    pub(super) fn new(out: &'o mut dyn Write, file_name: &'o str, limits: Limits) -> Self {
        let parts = BlockParts::new(0, 1, 1);
        Self {
            out,
            file_name,
            limits,
            header: None,
            parts,
            number: 0,
            unread: UnreadSheets::default(),
            is_ended: false,
        }
    }

    /// Returns what messages call the file.
    pub(super) fn file_name(&self) -> &'o str {
        self.file_name
    }

    /// Returns the header, once there is one.
    pub(super) fn header(&self) -> Option<&Header> {
        self.header.as_ref()
    }

    /// Takes the cells of the header. One that no file may have is told, and nothing behind it: the
    /// parent refuses it with the same words as for other formats.
    pub(super) fn begin(&mut self, cells: Vec<String>, row: u64) -> Result<(), SourceError> {
        let header = Header::new(&cells, self.file_name, self.limits.columns);
        self.write(&Frame::Header(cells, row))?;
        let Ok(header) = header else { return Err(self.end()) };
        self.parts = BlockParts::new(0, row + 1, header.names.len());
        self.header = Some(header);
        Ok(())
    }

    /// Takes a row, which stands behind those before it: its fields, as many as there are names, and what
    /// keeps it from being a row.
    pub(super) fn row<'f>(
        &mut self,
        source_row: u64,
        fields: impl Iterator<Item = &'f str>,
        flaws: Vec<Flaw>,
    ) -> Result<(), SourceError> {
        while self.parts.next_row() < source_row {
            self.parts.skip_record();
        }
        for field in fields {
            let start = position(self.parts.text.len());
            self.parts.text.push_str(field);
            self.parts.fields.push((start, position(self.parts.text.len())));
        }
        self.parts.flaw_last_each(flaws);
        self.end_row()
    }

    /// Takes the names of the sheets that are not read.
    pub(super) fn set_unread_sheets(&mut self, unread: UnreadSheets) {
        self.unread = unread;
    }

    /// Writes what is left, and the end.
    pub(super) fn finish(mut self, outcome: Result<(), SourceError>) {
        if self.is_ended {
            return;
        }
        let outcome = outcome.and_then(|()| self.write_block());
        let unread = std::mem::take(&mut self.unread);
        let last = outcome.map_or_else(Frame::Failed, |()| Frame::End(unread));
        // A parent that listens no more needs to know nothing.
        self.write(&last).unwrap_or_default();
    }

    fn end_row(&mut self) -> Result<(), SourceError> {
        let is_full = self.parts.text.len() >= self.limits.block_bytes
            || self.parts.fields.len() >= self.limits.block_bytes / 4;
        if is_full { self.write_block() } else { Ok(()) }
    }

    fn write_block(&mut self) -> Result<(), SourceError> {
        if self.parts.n_rows() == 0 || self.header.is_none() {
            return Ok(());
        }
        self.number += 1;
        let n_columns = self.header.as_ref().map_or(1, |header| header.names.len());
        let next = BlockParts::new(self.number, self.parts.next_row(), n_columns);
        let mut parts = std::mem::replace(&mut self.parts, next);
        if memchr::memchr(0, parts.text.as_bytes()).is_some() {
            parts.fault_zero_bytes();
        }
        self.write(&Frame::Block(parts.finish()))
    }

    fn write(&mut self, frame: &Frame) -> Result<(), SourceError> {
        write_frame(frame, self.out).map_err(|_| self.end())
    }

    /// Notes that nobody listens any more, and returns an error that nobody will see.
    fn end(&mut self) -> SourceError {
        self.is_ended = true;
        SourceError::Empty { file_name: self.file_name.to_owned() }
    }
}

fn position(n_bytes: usize) -> u32 {
    u32::try_from(n_bytes).expect("a block is far below 4 GB")
}
