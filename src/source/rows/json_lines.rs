//! Rows of JSON lines: an object a line, its keys the columns.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::fsio::FileDigest;
use crate::source::Encoding;
use crate::source::container::limit;
use crate::source::rows::block::{BlockParts, Flaw, MAX_FLAWS};
use crate::source::rows::header::Header;
use crate::source::rows::json_object::{Member, read_object, shown_key};
use crate::source::rows::limits::Limits;
use crate::source::rows::reader::Blocks;
use crate::source::rows::stream::{Progress, TextStream};
use crate::source::rows::text::Piece;
use crate::source::rows::{Readable, RecordFileError, RowBlock, RowFaultKind, RowReader};

/// A file of JSON lines while it is read.
struct JsonLines {
    stream: TextStream,
    limits: Limits,
    columns: Columns,
    /// Text that no block has yet. It begins with a line.
    text: String,
    /// Whether the text begins inside a line that is too long, which is a fault already.
    is_inside: bool,
    number: usize,
    next_row: u64,
    n_rows: u64,
}

/// Opens a file of JSON lines, of which `text` has been read.
///
/// The columns are the keys of the objects in it, in the order in which they first come.
pub(super) fn open(
    mut stream: TextStream,
    mut text: String,
    limits: Limits,
) -> Result<RowReader, RecordFileError> {
    let file_name = stream.file_name().to_owned();
    let piece = stream.fill(&mut text, limits.block_bytes.max(limits.record_bytes + 2));
    let mut keys = BTreeMap::new();
    let (mut n_lines, mut has_list) = (0, false);
    for Line { text: line, .. } in lines(&text, piece) {
        n_lines += usize::from(!line.trim_ascii().is_empty());
        // A line with a flaw is a fault later on; the keys in front of the flaw are keys.
        let outcome = read_object(line, |member| {
            has_list |= member.is_nested && begins_as_list(&line[member.at..]);
            let n_keys = keys.len();
            if n_keys <= limits.columns && !member.is_nested {
                keys.entry(member.key.into_owned()).or_insert(n_keys);
            }
        });
        outcome.unwrap_or_default();
    }
    if keys.len() > limits.columns {
        let error = limit(&file_name, "columns", limits.columns as u64);
        return Err(RecordFileError::Source(error));
    }
    // The one line of a file that holds a list of objects is their envelope, and no record.
    let is_envelope = has_list && n_lines == 1 && piece == Piece::Last;
    if keys.is_empty() || is_envelope {
        let failure = stream.failure(Progress { row: 1, n_rows: 0 });
        return Err(failure.unwrap_or(RecordFileError::JsonWhole { file_name }));
    }
    let mut in_order: Vec<(&String, usize)> = keys.iter().map(|(key, idx)| (key, *idx)).collect();
    in_order.sort_by_key(|(_, idx)| *idx);
    let cells: Vec<&String> = in_order.into_iter().map(|(key, _)| key).collect();
    let Header { names, n_unnamed } = Header::new(&cells, &file_name, limits.columns)?;
    if n_unnamed > 0 {
        let column = names.len() + 1;
        return Err(RecordFileError::HeaderUnnamed { file_name, column, header: names });
    }
    let columns = Columns::new(cells.into_iter().cloned().collect());
    let blocks = JsonLines {
        stream,
        limits,
        columns,
        text,
        is_inside: false,
        number: 0,
        next_row: 1,
        n_rows: 0,
    };
    Ok(RowReader::new(names, Box::new(blocks)))
}

/// Whether a text begins as JSON lines do.
pub(super) fn begins_as_json_lines(text: &str) -> bool {
    let first = text.trim_start().lines().next().unwrap_or_default();
    first.starts_with('{')
        && first.trim_end().strip_prefix('{').is_some_and(|inside| {
            let inside = inside.trim_start();
            inside.starts_with(['"', '}']) || inside.is_empty()
        })
}

/// Whether a text begins as a list of objects does in JSON.
pub(super) fn begins_as_list(text: &str) -> bool {
    text.strip_prefix('[').is_some_and(|list| list.trim_start().starts_with('{'))
}

/// A complete line.
struct Line<'t> {
    /// Where it begins in its text.
    start: usize,
    /// What stands in it, without its line break.
    text: &'t str,
    /// Where the next one begins.
    next: usize,
}

/// Returns the complete lines of a text.
fn lines(text: &str, piece: Piece) -> impl Iterator<Item = Line<'_>> {
    let mut start = 0;
    std::iter::from_fn(move || {
        let rest = text.get(start..).filter(|rest| !rest.is_empty())?;
        let end = memchr::memchr(b'\n', rest.as_bytes());
        let (line, n_bytes) = match end {
            Some(end) => (&rest[..end], end + 1),
            None if piece == Piece::Last => (rest, rest.len()),
            None => return None,
        };
        let line = line.strip_suffix('\r').unwrap_or(line);
        let found = Line { start, text: line, next: start + n_bytes };
        start = found.next;
        Some(found)
    })
}

/// The columns by their keys.
struct Columns {
    keys: Vec<String>,
    by_key: BTreeMap<String, usize>,
    /// Whether a column has come in the current row.
    seen: Vec<bool>,
}

impl Columns {
    fn new(keys: Vec<String>) -> Self {
        let by_key = keys.iter().cloned().zip(0..).collect();
        Self { seen: vec![false; keys.len()], keys, by_key }
    }

    /// Returns the column of a key, which stands at this place in its object: most objects of a file
    /// have the same keys in the same order.
    fn find(&self, key: &str, place: usize) -> Option<usize> {
        if self.keys.get(place).is_some_and(|known| known == key) {
            return Some(place);
        }
        self.by_key.get(key).copied()
    }

    /// Adds the row of a line; texts that stand in it with escapes go to `unescaped`, which comes behind
    /// the `n_bytes` of the text of the block.
    fn add_row(
        &mut self,
        line: &Line<'_>,
        n_bytes: usize,
        unescaped: &mut String,
        parts: &mut BlockParts,
    ) {
        let (first_field, n_columns) = (parts.fields.len(), self.keys.len());
        parts.fields.extend(std::iter::repeat_n((0, 0), self.keys.len()));
        self.seen.fill(false);
        let mut place = 0;
        let mut flaws: Vec<Flaw> = Vec::new();
        let outcome = read_object(line.text, |Member { key, value, at, is_nested }| {
            // More than are told need not be looked for.
            if flaws.len() > MAX_FLAWS {
                return;
            }
            let column = self.find(&key, place);
            let is_again =
                column.is_some_and(|column| std::mem::replace(&mut self.seen[column], true));
            let kind = match column {
                _ if is_nested => Some(RowFaultKind::JsonNested),
                None => Some(RowFaultKind::JsonKeyUnknown),
                Some(_) => is_again.then_some(RowFaultKind::JsonKeyTwice),
            };
            if let Some(kind) = kind {
                add_flaw(&mut flaws, kind, &key, column.ok_or(n_columns));
            }
            let Some(column) = column.filter(|_| kind.is_none()) else { return };
            place = column + 1;
            let start = match &value {
                Cow::Borrowed(_) => line.start + at,
                Cow::Owned(text) => {
                    unescaped.push_str(text);
                    n_bytes + unescaped.len() - text.len()
                }
            };
            let place = |at: usize| u32::try_from(at).expect("a block is far below 4 GB");
            if !value.is_empty() {
                parts.fields[first_field + column] = (place(start), place(start + value.len()));
            }
        });
        if let Err(kind) = outcome {
            parts.add_fault(first_field, kind, None);
            return;
        }
        parts.flaw_last_each(flaws);
    }
}

/// Adds what is wrong with a member of an object, and its column, or how many there are where it has none;
/// one of each kind about what has no column, and one about each column.
fn add_flaw(flaws: &mut Vec<Flaw>, kind: RowFaultKind, key: &str, column: Result<usize, usize>) {
    let readable = column.map_or_else(Readable::First, Readable::AllBut);
    let is_known = |(known, _, of): &Flaw| {
        *of == readable && (*known == kind || matches!(readable, Readable::AllBut(_)))
    };
    if !flaws.iter().any(is_known) {
        flaws.push((kind, shown_key(key), readable));
    }
}

impl JsonLines {
    /// Passes over the rest of a line that is too long; returns whether it ended.
    fn pass_inside(&mut self) -> bool {
        let Some(end) = memchr::memchr(b'\n', self.text.as_bytes()) else {
            self.text.clear();
            return false;
        };
        self.text.drain(..=end);
        self.is_inside = false;
        true
    }

    /// Adds the rows of the complete lines and returns where the first incomplete one begins.
    fn add_lines(&mut self, piece: Piece, parts: &mut BlockParts, unescaped: &mut String) -> usize {
        let mut stop = 0;
        let n_bytes = self.text.len();
        for found in lines(&self.text, piece) {
            let line = found.text;
            stop = found.next;
            if line.len() > self.limits.record_bytes {
                let found = Some(self.limits.record_bytes.to_string());
                parts.add_fault(parts.fields.len(), RowFaultKind::TooLong, found);
            } else if line.trim_ascii().is_empty() {
                parts.skip_record();
            } else {
                self.columns.add_row(&found, n_bytes, unescaped, parts);
            }
        }
        stop
    }

    fn end_block(&mut self, mut parts: BlockParts, stop: usize, unescaped: &str) -> RowBlock {
        let rest = self.text[stop..].to_owned();
        parts.text = std::mem::replace(&mut self.text, rest);
        parts.text.push_str(unescaped);
        if memchr::memchr(0, parts.text.as_bytes()).is_some() {
            parts.fault_zero_bytes();
        }
        self.number += 1;
        self.next_row = parts.next_row();
        self.n_rows += parts.n_rows() as u64;
        parts.finish()
    }
}

impl Blocks for JsonLines {
    fn next(&mut self) -> Result<Option<RowBlock>, RecordFileError> {
        let mut parts = BlockParts::new(self.number, self.next_row, self.columns.keys.len());
        let mut wanted = self.limits.block_bytes;
        loop {
            let piece = self.stream.fill(&mut self.text, wanted);
            let is_ready = !self.is_inside || self.pass_inside();
            let mut unescaped = String::new();
            let stop = if is_ready { self.add_lines(piece, &mut parts, &mut unescaped) } else { 0 };
            if parts.n_rows() > 0 {
                return Ok(Some(self.end_block(parts, stop, &unescaped)));
            }
            self.text.drain(..stop);
            if piece == Piece::Last {
                return Ok(None);
            }
            let progress = Progress { row: parts.next_row(), n_rows: self.n_rows };
            if let Some(error) = self.stream.failure(progress) {
                return Err(error);
            }
            if self.text.len() > self.limits.record_bytes + 1 {
                let found = Some(self.limits.record_bytes.to_string());
                parts.add_fault(parts.fields.len(), RowFaultKind::TooLong, found);
                self.text.clear();
                self.is_inside = true;
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
