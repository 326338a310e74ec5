//! An archive of record files, whose directory is read once for all of them.

use std::io::{self, ErrorKind, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;

use zip::ZipArchive;

use crate::fsio::PlainFile;
use crate::source::container::{checked_names, zip_error};
use crate::source::rows::RecordFileError;

/// An open archive. A clone reads the same file at places of its own, and shares its directory.
pub(super) type Archive = ZipArchive<ArchiveBytes>;

/// The bytes of an archive, and where they are read next.
#[derive(Debug, Clone)]
pub(super) struct ArchiveBytes {
    file: Arc<PlainFile>,
    offset: u64,
}

/// Opens an archive and returns the names in it.
pub(super) fn open_archive(
    path: &Path,
    shown: &str,
) -> Result<(Archive, Vec<String>), RecordFileError> {
    let file = PlainFile::open_followed(path).map_err(RecordFileError::File)?;
    let bytes = ArchiveBytes { file: Arc::new(file), offset: 0 };
    let archive = ZipArchive::new(bytes).map_err(|error| zip_error(&error, shown, "ZIP"));
    let mut archive = archive.map_err(RecordFileError::Source)?;
    let names = checked_names(&mut archive, shown).map_err(RecordFileError::Source)?;
    Ok((archive, names))
}

impl Read for ArchiveBytes {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let n_bytes = self.file.read_at(into, self.offset)?;
        self.offset += n_bytes as u64;
        Ok(n_bytes)
    }
}

impl Seek for ArchiveBytes {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let to = match to {
            SeekFrom::Start(offset) => Some(offset),
            SeekFrom::End(by) => self.file.size_bytes().checked_add_signed(by),
            SeekFrom::Current(by) => self.offset.checked_add_signed(by),
        };
        // As of a file: behind its end there is nothing, and before its start no place.
        self.offset = to.ok_or(ErrorKind::InvalidInput)?;
        Ok(self.offset)
    }
}
