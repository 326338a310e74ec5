//! How much of a record file is held at a time, and how much a record may be.

use crate::source::limits::MAX_COLUMNS;

/// Bytes of a record, without its line break.
const MAX_RECORD_BYTES: usize = 1 << 20;
/// Characters of the name of a column.
pub(super) const MAX_NAME_CHARS: usize = 1_000;
/// Bytes of text that a block has, about.
const BLOCK_BYTES: usize = 2 << 20;
/// Bytes that are read, hashed and unpacked at a time.
const CHUNK_BYTES: usize = 1 << 20;

/// How a record file is read. Tests read with less.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Limits {
    /// Bytes of text of a block, about.
    pub(super) block_bytes: usize,
    /// Bytes that are read, hashed and unpacked at a time.
    pub(super) chunk_bytes: usize,
    /// Bytes of a record, without its line break.
    pub(super) record_bytes: usize,
    /// Columns of a file.
    pub(super) columns: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            block_bytes: BLOCK_BYTES,
            chunk_bytes: CHUNK_BYTES,
            record_bytes: MAX_RECORD_BYTES,
            columns: MAX_COLUMNS,
        }
    }
}
