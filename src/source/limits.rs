//! How much of a file a reader takes. Larger ones are refused with the limit that they reach.
//!
//! Sizes that a file declares are never trusted; everything is counted while it is read.

/// Bytes of a file, or of one in an archive: larger ones are neither notices nor forms.
pub const MAX_FILE_BYTES: u64 = 64 << 20;
/// Entries of an archive.
pub(super) const MAX_ENTRIES: usize = 2_000;
/// Unpacked bytes of one part of a document.
pub(super) const MAX_PART_BYTES: u64 = 256 << 20;
/// Unpacked bytes of one sheet, which is read as a stream.
pub(super) const MAX_SHEET_BYTES: u64 = 1 << 30;
/// Unpacked bytes of all parts of an archive together.
pub(super) const MAX_TOTAL_BYTES: u64 = 1 << 30;
/// How many times larger a part may become by unpacking…
pub(super) const MAX_RATIO: u64 = 200;
/// …once this many bytes have come out.
pub(super) const RATIO_FROM_BYTES: u64 = 1 << 20;
/// Cells of a document.
pub(super) const MAX_CELLS: usize = 8_000_000;
/// Columns of a grid.
pub(super) const MAX_COLUMNS: usize = 4_096;
/// Rows of a sheet.
pub(super) const MAX_ROWS: usize = 1_048_576;
/// Characters of one cell.
pub(super) const MAX_CELL_CHARS: usize = 32_767;
/// Depth of nested elements.
pub(super) const MAX_DEPTH: usize = 256;
