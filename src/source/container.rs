//! Parts of a zip container, unpacked in memory and counted on the way.
//!
//! Nothing is ever extracted by name, and no declared size is believed.

use std::collections::BTreeSet;
use std::io::{BufReader, Cursor, Read, Seek};

use zip::ZipArchive;
use zip::result::ZipError;

use crate::source::SourceError;
use crate::source::limits::{
    MAX_ENTRIES, MAX_PART_BYTES, MAX_RATIO, MAX_SHEET_BYTES, MAX_TOTAL_BYTES, RATIO_FROM_BYTES,
};

/// A zip archive whose parts can be read, one after the other.
pub(super) struct Container<'a> {
    archive: ZipArchive<Cursor<&'a [u8]>>,
    file_name: &'a str,
    names: Vec<String>,
    /// Bytes that may still come out of it.
    left_bytes: u64,
}

impl<'a> Container<'a> {
    /// Opens an archive and looks at its directory; refused are those that [`checked_names`] refuses.
    pub(super) fn open(bytes: &'a [u8], file_name: &'a str) -> Result<Self, SourceError> {
        let damaged = |error: ZipError| zip_error(&error, file_name, "ZIP");
        let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(damaged)?;
        let names = checked_names(&mut archive, file_name)?;
        Ok(Self { archive, file_name, names, left_bytes: MAX_TOTAL_BYTES })
    }

    /// Returns the names of all entries, in the order of the archive; folders end with `/`.
    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    /// Returns whether there is a part of this name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.names.iter().any(|known| known == name)
    }

    /// Unpacks a part; `None` when there is none of this name.
    pub(super) fn read(&mut self, name: &str) -> Result<Option<Vec<u8>>, SourceError> {
        self.read_at_most(name, MAX_PART_BYTES)
    }

    /// Unpacks a part of so many bytes at most; `None` when there is none of this name.
    pub(super) fn read_at_most(
        &mut self,
        name: &str,
        max_bytes: u64,
    ) -> Result<Option<Vec<u8>>, SourceError> {
        let Some(mut part) = self.stream_at_most(name, max_bytes)? else { return Ok(None) };
        let mut bytes = Vec::new();
        let outcome = part.read_to_end(&mut bytes);
        drop(part);
        outcome.map_err(|error| read_error(&error, self.file_name, name))?;
        Ok(Some(bytes))
    }

    /// Unpacks a part as UTF-8 text; `None` when there is none of this name.
    pub(super) fn text(&mut self, name: &str) -> Result<Option<String>, SourceError> {
        let Some(bytes) = self.read(name)? else { return Ok(None) };
        String::from_utf8(bytes).map(Some).map_err(|error| SourceError::Damaged {
            file_name: self.file_name.to_owned(),
            part: name.to_owned(),
            reason: error.to_string(),
        })
    }

    /// Returns a sheet as a stream; `None` when there is none of this name.
    pub(super) fn stream(
        &mut self,
        name: &str,
    ) -> Result<Option<BufReader<impl Read + use<'_, 'a>>>, SourceError> {
        self.stream_at_most(name, MAX_SHEET_BYTES)
    }

    fn stream_at_most(
        &mut self,
        name: &str,
        max_bytes: u64,
    ) -> Result<Option<BufReader<impl Read + use<'_, 'a>>>, SourceError> {
        let Some(idx) = self.names.iter().position(|known| known == name) else { return Ok(None) };
        let file_name = self.file_name;
        let entry = self.archive.by_index(idx).map_err(|e| zip_error(&e, file_name, name))?;
        let packed_bytes = entry.compressed_size();
        let left_bytes = &mut self.left_bytes;
        let counted = Counted { inner: entry, n_bytes: 0, max_bytes, packed_bytes, left_bytes };
        Ok(Some(BufReader::with_capacity(1 << 16, counted)))
    }
}

/// Returns the names of the entries of an archive, in its order; folders end with `/`.
///
/// Refused are archives that are damaged or encrypted, with too many entries, with two entries of one
/// name, or with entries that overlap.
pub(super) fn checked_names<R: Read + Seek>(
    archive: &mut ZipArchive<R>,
    file_name: &str,
) -> Result<Vec<String>, SourceError> {
    let damaged = |error: ZipError| zip_error(&error, file_name, "ZIP");
    if archive.len() > MAX_ENTRIES {
        return Err(limit(file_name, "entries", MAX_ENTRIES as u64));
    }
    let mut names = Vec::with_capacity(archive.len());
    for idx in 0..archive.len() {
        let entry = archive.by_index_raw(idx).map_err(damaged)?;
        if entry.encrypted() {
            return Err(SourceError::Encrypted { file_name: file_name.to_owned() });
        }
        names.push(entry_name(entry.name_raw()));
    }
    let unique: BTreeSet<&String> = names.iter().collect();
    if unique.len() < names.len() || archive.has_duplicate_names() {
        return Err(unsafe_archive(file_name, "flaw.entries_of_one_name"));
    }
    if archive.has_overlapping_entries().map_err(damaged)? {
        return Err(unsafe_archive(file_name, "flaw.entries_overlap"));
    }
    Ok(names)
}

/// A stream that ends with an error when more comes out of it than may.
struct Counted<'c, R> {
    inner: R,
    n_bytes: u64,
    max_bytes: u64,
    packed_bytes: u64,
    /// What may still come out of the whole archive.
    left_bytes: &'c mut u64,
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let n_read = self.inner.read(buffer)?;
        let n_new = u64::try_from(n_read).unwrap_or(u64::MAX);
        self.n_bytes += n_new;
        let is_over = n_new > *self.left_bytes;
        *self.left_bytes = self.left_bytes.saturating_sub(n_new);
        let is_bomb =
            self.n_bytes > RATIO_FROM_BYTES && self.n_bytes / MAX_RATIO > self.packed_bytes.max(1);
        if self.n_bytes > self.max_bytes || is_over || is_bomb {
            return Err(std::io::ErrorKind::FileTooLarge.into());
        }
        Ok(n_read)
    }
}

/// Returns the error for a part that could not be unpacked.
pub(super) fn read_error(error: &std::io::Error, file_name: &str, part: &str) -> SourceError {
    if error.kind() == std::io::ErrorKind::FileTooLarge {
        return SourceError::PartTooLarge {
            file_name: file_name.to_owned(),
            part: part.to_owned(),
        };
    }
    SourceError::Damaged {
        file_name: file_name.to_owned(),
        part: part.to_owned(),
        reason: error.to_string(),
    }
}

/// Returns the error for something of which there is too much: `cells` where the text is
/// `limit.cells`.
pub(super) fn limit(file_name: &str, what: &str, max: u64) -> SourceError {
    SourceError::LimitExceeded { file_name: file_name.to_owned(), what: what.to_owned(), max }
}

fn unsafe_archive(file_name: &str, reason: &str) -> SourceError {
    SourceError::Damaged {
        file_name: file_name.to_owned(),
        part: "ZIP".to_owned(),
        reason: reason.to_owned(),
    }
}

pub(super) fn zip_error(error: &ZipError, file_name: &str, part: &str) -> SourceError {
    SourceError::Damaged {
        file_name: file_name.to_owned(),
        part: part.to_owned(),
        reason: error.to_string(),
    }
}

/// Decodes the name of an entry: UTF-8, else GB18030, as archives made on Chinese Windows have it.
fn entry_name(raw: &[u8]) -> String {
    match std::str::from_utf8(raw) {
        Ok(name) => name.to_owned(),
        Err(_) => encoding_rs::GB18030.decode_without_bom_handling(raw).0.into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::xlsx::tests::packed;

    #[test]
    fn parts_read_in_either_way_count_together() {
        let bytes = packed(&[("a", "12345"), ("b", "123456"), ("c", "1")]);
        let mut container = Container::open(&bytes, "a.zip").unwrap();
        container.left_bytes = 11;
        assert_eq!(container.read("a").unwrap().unwrap().len(), 5);
        let mut text = String::new();
        container.stream("b").unwrap().unwrap().read_to_string(&mut text).unwrap();
        assert_eq!((text.as_str(), container.left_bytes), ("123456", 0));
        assert!(matches!(container.read("c"), Err(SourceError::PartTooLarge { .. })));
        let mut stream = container.stream("c").unwrap().unwrap();
        assert!(stream.read_to_string(&mut text).is_err());
    }
}
