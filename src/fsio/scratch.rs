//! Files that only this process sees, and that vanish with it.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use crate::fsio::error::{Action, FsError};

/// A file without a name, for what does not fit into memory. Nothing of it outlives the process.
#[derive(Debug)]
pub struct ScratchFile {
    file: File,
    folder: PathBuf,
    size_bytes: u64,
}

impl ScratchFile {
    /// Makes an empty one on the file system of `folder`.
    pub fn create(folder: &Path) -> Result<Self, FsError> {
        let file = tempfile::tempfile_in(folder).map_err(FsError::on(Action::Write, folder))?;
        Ok(Self { file, folder: folder.to_owned(), size_bytes: 0 })
    }

    /// Writes behind what was written before.
    pub fn append(&mut self, bytes: &[u8]) -> Result<(), FsError> {
        self.file.write_all(bytes).map_err(FsError::on(Action::Write, &self.folder))?;
        self.size_bytes += bytes.len() as u64;
        Ok(())
    }

    /// Reads everything from the beginning; what is appended later is read too.
    pub fn reader(&self) -> ScratchReader<'_> {
        ScratchReader { file: &self.file, offset: 0 }
    }

    /// Returns how much was written.
    pub fn size_bytes(&self) -> u64 {
        self.size_bytes
    }
}

/// Reads a [`ScratchFile`].
#[derive(Debug)]
pub struct ScratchReader<'a> {
    file: &'a File,
    offset: u64,
}

impl Read for ScratchReader<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let n_bytes = self.file.read_at(into, self.offset)?;
        self.offset += n_bytes as u64;
        Ok(n_bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fsio::list_folder;

    #[test]
    fn what_is_appended_is_read_from_the_beginning_and_no_name_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let mut file = ScratchFile::create(folder.path()).unwrap();
        let mut text = String::new();
        for (part, expected) in [("湖", "湖"), (" 中", "湖 中")] {
            file.append(part.as_bytes()).unwrap();
            text.clear();
            file.reader().read_to_string(&mut text).unwrap();
            assert_eq!(text, expected);
        }
        assert_eq!(file.size_bytes(), 7);
        assert!(list_folder(folder.path()).unwrap().is_empty());
        assert!(ScratchFile::create(&folder.path().join("none")).is_err());
    }
}
