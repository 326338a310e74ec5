//! A record file while it is read: its header, and its rows in blocks.

use std::fmt;

use crate::fsio::FileDigest;
use crate::source::Encoding;
use crate::source::rows::{RecordFileError, RowBlock};

/// A record file while it is read, in bounded memory whatever its size.
///
/// It can be sent to another thread, and that is what it is for: one thread reads, others judge.
pub struct RowReader {
    header: Vec<String>,
    blocks: Box<dyn Blocks + Send>,
    is_done: bool,
}

/// Where blocks come from.
pub(super) trait Blocks {
    /// Returns the next block, which has at least one row; `None` at the end of the file.
    fn next(&mut self) -> Result<Option<RowBlock>, RecordFileError>;

    /// Returns how the text that has been read is encoded; `None` for formats that say so themselves.
    fn encoding(&self) -> Option<Encoding>;

    /// Returns how many bytes of the file have been read.
    fn bytes_read(&self) -> u64;

    /// Returns size and hash of the file once it has been read to its end.
    fn digest(&self) -> Option<FileDigest>;

    /// Returns the sheets that were not read, once the file has been read to its end.
    fn unread_sheets(&self) -> UnreadSheets {
        UnreadSheets::default()
    }
}

/// The sheets of a workbook whose rows are none of the file, by their names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UnreadSheets {
    /// Those that do not show.
    pub hidden: Vec<String>,
    /// Those that hold something else than the records.
    pub notes: Vec<String>,
}

impl RowReader {
    /// Returns a reader of a file whose header has been read.
    pub(super) fn new(header: Vec<String>, blocks: Box<dyn Blocks + Send>) -> Self {
        Self { header, blocks, is_done: false }
    }

    /// Returns the names of the columns: none is empty and none stands twice.
    pub fn header(&self) -> &[String] {
        &self.header
    }

    /// Returns how the text that has been read is encoded; `None` for formats that say so themselves.
    pub fn encoding(&self) -> Option<Encoding> {
        self.blocks.encoding()
    }

    /// Returns the next block, which has at least one row; `None` at the end of the file, also when
    /// asked again.
    ///
    /// After an error there is no further block, and those before it are to be thrown away: they are
    /// not the file.
    pub fn next_block(&mut self) -> Result<Option<RowBlock>, RecordFileError> {
        if self.is_done {
            return Ok(None);
        }
        let block = self.blocks.next();
        self.is_done = !matches!(block, Ok(Some(_)));
        block
    }

    /// Returns how many bytes of the file have been read, packed ones where it is packed.
    pub fn bytes_read(&self) -> u64 {
        self.blocks.bytes_read()
    }

    /// Returns size and BLAKE3 hash of the bytes of the file, packed ones where it is packed by itself,
    /// unpacked ones where it is one of an archive; `None` until the last block has been returned and
    /// none has followed.
    pub fn digest(&self) -> Option<FileDigest> {
        self.blocks.digest()
    }

    /// Returns the sheets of a workbook whose rows are none of the file; none until the last block has
    /// been returned and none has followed.
    pub fn unread_sheets(&self) -> UnreadSheets {
        self.blocks.unread_sheets()
    }
}

impl fmt::Debug for RowReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RowReader").field("header", &self.header).finish_non_exhaustive()
    }
}
