//! One file of an export while it is written: hashed on the way, durable when it is finished.

use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::export::ExportError;
use crate::fsio::{FsError, HashingFile, HashingReader, Mode, create_public_dir, open_file};

/// Bytes that are collected before they are written; each partition has as much.
const BUFFER_BYTES: usize = 1 << 16;

/// Bytes of a file that are read at a time.
const PIECE_BYTES: usize = 1 << 20;

/// A file as the manifest has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct FileEntry {
    /// Where it stands below the folder, with `/`.
    pub(super) path: String,
    /// Its size.
    pub(super) bytes: u64,
    /// `sha256:` and 64 hexadecimal digits.
    pub(super) hash: String,
}

/// A new file that counts and hashes what is written to it.
pub(super) struct ExportFile {
    sink: BufWriter<Hashed>,
    entry_path: String,
    path: PathBuf,
    failure: Failure,
}

/// The first failure of a write, which libraries that write wrap until only a text is left.
#[derive(Debug, Clone, Default)]
pub(super) struct Failure(Arc<Mutex<Option<FsError>>>);

impl Failure {
    /// Returns the failure, once.
    pub(super) fn take(&self) -> Option<ExportError> {
        let mut failure = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        failure.take().map(ExportError::File)
    }

    fn keep(&self, failure: Option<FsError>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.is_none() {
            *kept = failure;
        }
    }
}

struct Hashed {
    file: HashingFile,
    sha256: Sha256,
    failure: Failure,
}

impl Write for Hashed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.file.write(bytes) {
            Ok(n_bytes) => {
                self.sha256.update(&bytes[..n_bytes]);
                Ok(n_bytes)
            }
            Err(error) => {
                self.failure.keep(self.file.take_failure());
                Err(error)
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl ExportFile {
    /// Creates the file at `entry_path` below `root`, with the folders above it.
    pub(super) fn create(root: &Path, entry_path: &str) -> Result<Self, ExportError> {
        let path = root.join(entry_path);
        if let Some(folder) = path.parent() {
            create_public_dir(folder)?;
        }
        let failure = Failure::default();
        let file = HashingFile::create(&path)?;
        let hashed = Hashed { file, sha256: Sha256::new(), failure: failure.clone() };
        let sink = BufWriter::with_capacity(BUFFER_BYTES, hashed);
        Ok(Self { sink, entry_path: entry_path.to_owned(), path, failure })
    }

    /// Returns where it stands.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Returns where the first failure of a write is kept.
    pub(super) fn failure(&self) -> Failure {
        self.failure.clone()
    }

    /// Makes the file durable, for everybody to read.
    pub(super) fn finish(self) -> Result<FileEntry, ExportError> {
        let path = self.path;
        let hashed = self.sink.into_inner();
        let mut hashed = hashed.map_err(|error| ExportError::write(&path, error.into_error()))?;
        let digest = hashed.file.finish(Mode::Public)?;
        let hash = format!("sha256:{}", hex(&hashed.sha256.finalize()));
        Ok(FileEntry { path: self.entry_path, bytes: digest.size_bytes, hash })
    }
}

impl Write for ExportFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.sink.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.sink.flush()
    }
}

/// Copies a file of the lake to `entry_path` below `root`. Fails where its bytes are not those with the hash
/// that the catalog has.
pub(super) fn copy(
    (from, blake3): (&Path, &str),
    root: &Path,
    entry_path: &str,
) -> Result<FileEntry, ExportError> {
    let mut to = ExportFile::create(root, entry_path)?;
    let mut source = HashingReader::new(open_file(from)?);
    let mut piece = vec![0; PIECE_BYTES];
    loop {
        let n_bytes = match source.read(&mut piece) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            outcome => outcome.map_err(|error| FsError::read(from, error))?,
        };
        if n_bytes == 0 {
            break;
        }
        to.write_all(&piece[..n_bytes]).map_err(|error| ExportError::write(&to.path, error))?;
    }
    if source.digest().blake3 != blake3 {
        return Err(ExportError::SourceChanged { path: from.to_owned() });
    }
    to.finish()
}

/// Returns the hash of what stands in a file, as a manifest has it, and its size.
pub(super) fn hash_of(path: &Path) -> Result<(u64, String), ExportError> {
    let mut file = open_file(path)?;
    let mut sha256 = Sha256::new();
    let mut piece = vec![0; PIECE_BYTES];
    let mut size_bytes = 0;
    loop {
        match file.read(&mut piece) {
            Ok(0) => break,
            Ok(n_bytes) => {
                sha256.update(&piece[..n_bytes]);
                size_bytes += n_bytes as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(FsError::read(path, error).into()),
        }
    }
    Ok((size_bytes, format!("sha256:{}", hex(&sha256.finalize()))))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fsio::{hash_hex, read_bytes, testing};

    #[test]
    fn a_file_is_what_its_entry_says() {
        let folder = tempfile::tempdir().unwrap();
        let mut file = ExportFile::create(folder.path(), "a/b.txt").unwrap();
        file.write_all(b"abc").unwrap();
        let path = file.path().to_owned();
        let entry = file.finish().unwrap();
        let sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(entry.hash, format!("sha256:{sha256}"));
        assert_eq!((entry.path.as_str(), entry.bytes), ("a/b.txt", 3));
        assert_eq!(hash_of(&path).unwrap(), (3, entry.hash));
        assert!(ExportFile::create(folder.path(), "a/b.txt").is_err(), "it is there already");
    }

    #[test]
    fn a_copy_of_a_changed_file_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let from = folder.path().join("from");
        testing::put(&from, b"abc");
        let copied = copy((&from, &hash_hex(b"abc")), folder.path(), "x/to").unwrap();
        assert_eq!(read_bytes(&folder.path().join(copied.path), 9).unwrap(), b"abc");
        let changed = copy((&from, &hash_hex(b"abd")), folder.path(), "y/to");
        assert!(matches!(changed, Err(ExportError::SourceChanged { path }) if path == from));
    }
}
