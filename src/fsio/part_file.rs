//! A file that is written piece by piece and comes to its name when it is complete.

use std::fs::Permissions;
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::fsio::error::{Action, FsError};
use crate::fsio::write::{Mode, folder_of, sync_dir, without_path};

/// Bytes that are collected before they are written.
const BUFFER_BYTES: usize = 1 << 18;

/// A file beside the one that it will be. Dropped before it is finished, it is gone.
#[derive(Debug)]
pub struct PartFile {
    file: BufWriter<NamedTempFile>,
    target: PathBuf,
}

impl PartFile {
    /// Begins the file that is to stand at `target`, a path without links.
    pub fn create(target: &Path, mode: Mode) -> Result<Self, FsError> {
        let failed = |error: io::Error| FsError::system(Action::Write, target, error);
        let part = tempfile::Builder::new()
            .prefix(".")
            .suffix(".part")
            .permissions(Permissions::from_mode(mode.bits()))
            .tempfile_in(folder_of(target))
            .map_err(|error| failed(without_path(&error)))?;
        Ok(Self { file: BufWriter::with_capacity(BUFFER_BYTES, part), target: target.to_owned() })
    }

    /// Makes the file durable and puts it at its name, replacing what was there.
    pub fn finish(self) -> Result<(), FsError> {
        let target = self.target;
        let failed = |error: io::Error| FsError::system(Action::Write, &target, error);
        let part = self.file.into_inner().map_err(|error| failed(error.into_error()))?;
        part.as_file().sync_all().map_err(failed)?;
        part.persist(&target).map_err(|error| failed(error.error))?;
        sync_dir(folder_of(&target))
    }
}

impl Write for PartFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes).map_err(|error| without_path(&error))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush().map_err(|error| without_path(&error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fsio::{list_folder, read_bytes, testing};

    #[test]
    fn a_file_comes_to_its_name_when_it_is_complete() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        testing::put(&path, b"old");
        let mut part = PartFile::create(&path, Mode::Public).unwrap();
        part.write_all(b"new").unwrap();
        assert_eq!(read_bytes(&path, 9).unwrap(), b"old");
        part.finish().unwrap();
        assert_eq!(read_bytes(&path, 9).unwrap(), b"new");
        assert_eq!(list_folder(folder.path()).unwrap(), [path]);
    }

    #[test]
    fn what_is_not_finished_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        let mut part = PartFile::create(&path, Mode::Public).unwrap();
        part.write_all(&vec![0; BUFFER_BYTES + 1]).unwrap();
        drop(part);
        assert!(list_folder(folder.path()).unwrap().is_empty());
        let error = PartFile::create(&folder.path().join("none/a"), Mode::Public).unwrap_err();
        assert_eq!(error.kind(), Some(io::ErrorKind::NotFound));
    }
}
