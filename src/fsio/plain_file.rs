//! A file that is read in places, and as a whole without being held in memory.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;

use crate::fsio::error::{Action, FsError};
use crate::fsio::hashing::FileDigest;
use crate::fsio::read::open_plain;

/// Bytes that are hashed at a time: enough for all lanes of the processor.
const PIECE_BYTES: usize = 1 << 20;

/// An open plain file; several threads may read it at once.
#[derive(Debug)]
pub struct PlainFile {
    file: File,
    path: PathBuf,
    size_bytes: u64,
}

impl PlainFile {
    /// Opens a plain file. A link is refused.
    pub fn open(path: &Path) -> Result<Self, FsError> {
        Self::of(open_plain(path, OFlags::NOFOLLOW)?, path)
    }

    /// Opens a plain file. Links are followed.
    pub fn open_followed(path: &Path) -> Result<Self, FsError> {
        Self::of(open_plain(path, OFlags::empty())?, path)
    }

    fn of(file: File, path: &Path) -> Result<Self, FsError> {
        let metadata = file.metadata().map_err(FsError::on(Action::Read, path))?;
        Ok(Self { file, path: path.to_owned(), size_bytes: metadata.len() })
    }

    /// Returns where the file stands.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the size that the file had when it was opened.
    pub fn size_bytes(&self) -> u64 {
        self.size_bytes
    }

    /// Reads at most as many bytes as `into` takes from `offset` on; 0 behind the end.
    pub fn read_at(&self, into: &mut [u8], offset: u64) -> io::Result<usize> {
        self.file.read_at(into, offset)
    }

    /// Reads exactly as many bytes as `into` takes from `offset` on.
    pub fn read_exact_at(&self, into: &mut [u8], offset: u64) -> io::Result<()> {
        self.file.read_exact_at(into, offset)
    }

    /// Returns size and hash of what the file holds now, read from its beginning to its end.
    pub fn digest(&self) -> Result<FileDigest, FsError> {
        let mut hasher = blake3::Hasher::new();
        let mut piece = vec![0; PIECE_BYTES];
        let mut size_bytes = 0;
        loop {
            match self.file.read_at(&mut piece, size_bytes) {
                Ok(0) => break,
                Ok(n_bytes) => {
                    hasher.update(&piece[..n_bytes]);
                    size_bytes += n_bytes as u64;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(FsError::system(Action::Read, &self.path, error)),
            }
        }
        Ok(FileDigest { size_bytes, blake3: hasher.finalize().to_hex().to_string() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fsio::{hash_hex, testing};

    #[test]
    fn a_file_is_read_in_places_and_hashed_as_a_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        let bytes: Vec<u8> = (0..=255).cycle().take(PIECE_BYTES + 3).collect();
        testing::put(&path, &bytes);
        let file = PlainFile::open(&path).unwrap();
        assert_eq!(file.size_bytes(), bytes.len() as u64);
        let mut middle = [0; 4];
        file.read_exact_at(&mut middle, 7).unwrap();
        assert_eq!(middle, [7, 8, 9, 10]);
        assert_eq!(file.read_at(&mut middle, bytes.len() as u64 - 1).unwrap(), 1);
        assert!(file.read_exact_at(&mut middle, bytes.len() as u64 - 1).is_err());
        let expected = FileDigest { size_bytes: bytes.len() as u64, blake3: hash_hex(&bytes) };
        assert_eq!(file.digest().unwrap(), expected);
    }

    #[test]
    fn a_link_and_a_folder_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join("link");
        std::os::unix::fs::symlink("a", &link).unwrap();
        assert!(PlainFile::open(&link).is_err());
        assert!(PlainFile::open(folder.path()).is_err());
    }
}
