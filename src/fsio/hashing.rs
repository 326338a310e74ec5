//! BLAKE3 of bytes in memory, and of a file while it is written or read.

use std::fs::{File, OpenOptions, Permissions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{FileExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;

use crate::fsio::error::{Action, FsError};
use crate::fsio::write::Mode;

/// Bytes of a file that are hashed at a time.
const HASHED_BYTES: usize = 1 << 20;

/// Returns the BLAKE3 hash of `bytes` as 64 hexadecimal digits.
pub fn hash_hex(bytes: &[u8]) -> String {
    blake3::hash(bytes).to_hex().to_string()
}

/// Returns size and hash of a file that is open, wherever others read in it. Bytes are read while those
/// before them are hashed.
pub fn hash_file(file: &File) -> io::Result<FileDigest> {
    let mut hasher = blake3::Hasher::new();
    let (mut bytes, mut next) = (vec![0; HASHED_BYTES], vec![0; HASHED_BYTES]);
    let mut n_bytes = read_some(file, &mut bytes, 0)?;
    let mut size_bytes = 0;
    while n_bytes > 0 {
        size_bytes += n_bytes as u64;
        let hash = || {
            hasher.update(&bytes[..n_bytes]);
        };
        let ((), n_next) = rayon::join(hash, || read_some(file, &mut next, size_bytes));
        n_bytes = n_next?;
        std::mem::swap(&mut bytes, &mut next);
    }
    Ok(FileDigest { size_bytes, blake3: hasher.finalize().to_hex().to_string() })
}

/// Reads bytes of a file from a position on; none at its end.
fn read_some(file: &File, buffer: &mut [u8], position: u64) -> io::Result<usize> {
    loop {
        match file.read_at(buffer, position) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => (),
            outcome => return outcome,
        }
    }
}

/// Size and hash of everything that was written to a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileDigest {
    /// Number of bytes.
    pub size_bytes: u64,
    /// BLAKE3 as 64 hexadecimal digits.
    pub blake3: String,
}

/// A stream that counts and hashes what is read from it.
#[derive(Debug)]
pub struct HashingReader<R> {
    inner: R,
    hasher: blake3::Hasher,
    size_bytes: u64,
    failed: Option<io::Error>,
}

impl<R: Read> HashingReader<R> {
    /// Returns a stream of which nothing has been read.
    pub fn new(inner: R) -> Self {
        Self { inner, hasher: blake3::Hasher::new(), size_bytes: 0, failed: None }
    }

    /// Returns how many bytes were read so far.
    pub fn size_bytes(&self) -> u64 {
        self.size_bytes
    }

    /// Returns size and hash of what was read so far.
    pub fn digest(&self) -> FileDigest {
        FileDigest {
            size_bytes: self.size_bytes,
            blake3: self.hasher.finalize().to_hex().to_string(),
        }
    }

    /// Returns the first failure of a read, once.
    ///
    /// Decoders wrap errors of the stream below them; this is the original.
    pub fn take_failure(&mut self) -> Option<io::Error> {
        self.failed.take()
    }
}

impl<R: Read> Read for HashingReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.inner.read(buffer) {
            Ok(n_bytes) => {
                self.hasher.update(&buffer[..n_bytes]);
                self.size_bytes += n_bytes as u64;
                Ok(n_bytes)
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Err(error),
            Err(error) => {
                let kind = error.kind();
                self.failed.get_or_insert(error);
                Err(kind.into())
            }
        }
    }
}

/// A new private file that counts and hashes what is written to it.
#[derive(Debug)]
pub struct HashingFile {
    file: File,
    path: PathBuf,
    hasher: blake3::Hasher,
    size_bytes: u64,
    failed: Option<io::Error>,
}

impl HashingFile {
    /// Creates the file (0600). It must not exist, and a link in its place is not followed.
    pub fn create(path: &Path) -> Result<Self, FsError> {
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(Mode::Private.bits())
            .custom_flags(OFlags::NOFOLLOW.bits().cast_signed())
            .open(path)
            .map_err(FsError::on(Action::Write, path))?;
        Ok(Self {
            file,
            path: path.to_owned(),
            hasher: blake3::Hasher::new(),
            size_bytes: 0,
            failed: None,
        })
    }

    /// Returns where the file stands.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the first failure of a write, once.
    ///
    /// Encoders wrap errors of the file below them until only a text is left; this is the original.
    pub fn take_failure(&mut self) -> Option<FsError> {
        self.failed.take().map(FsError::on(Action::Write, &self.path))
    }

    /// Returns size and hash of what was written so far.
    pub fn digest(&self) -> FileDigest {
        FileDigest {
            size_bytes: self.size_bytes,
            blake3: self.hasher.finalize().to_hex().to_string(),
        }
    }

    /// Takes away the right to write (0440), then makes the bytes durable.
    ///
    /// After a failure the file is worth nothing: what the kernel could not store it has dropped.
    pub fn seal(&mut self) -> Result<FileDigest, FsError> {
        self.finish(Mode::Sealed)
    }

    /// Gives the file its mode, then makes the bytes durable.
    ///
    /// After a failure the file is worth nothing: what the kernel could not store it has dropped.
    pub fn finish(&mut self, mode: Mode) -> Result<FileDigest, FsError> {
        let digest = self.digest();
        self.file
            .set_permissions(Permissions::from_mode(mode.bits()))
            .and_then(|()| self.file.sync_all())
            .map_err(FsError::on(Action::Write, &self.path))?;
        Ok(digest)
    }
}

impl Write for HashingFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.file.write(bytes) {
            Ok(n_bytes) => {
                self.hasher.update(&bytes[..n_bytes]);
                self.size_bytes += n_bytes as u64;
                Ok(n_bytes)
            }
            Err(error) => {
                if error.kind() != io::ErrorKind::Interrupted && self.failed.is_none() {
                    self.failed = error.raw_os_error().map(io::Error::from_raw_os_error);
                }
                Err(error)
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Returns size and hash of what is read to its end.
pub fn digest_of(source: &mut impl Read) -> io::Result<FileDigest> {
    let mut hasher = blake3::Hasher::new();
    let size_bytes = io::copy(source, &mut hasher)?;
    Ok(FileDigest { size_bytes, blake3: hasher.finalize().to_hex().to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fsio::{read_bytes, testing};

    #[test]
    fn a_sealed_file_holds_what_its_digest_says() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        let mut file = HashingFile::create(&path).unwrap();
        assert_eq!(testing::mode(&path), 0o600);
        file.write_all(b"abc").unwrap();
        file.write_all(b"def").unwrap();
        let digest = file.seal().unwrap();
        assert_eq!(digest, FileDigest { size_bytes: 6, blake3: hash_hex(b"abcdef") });
        assert_eq!(read_bytes(&path, 9).unwrap(), b"abcdef");
        let mut open = File::open(&path).unwrap();
        open.read_exact(&mut [0; 2]).unwrap();
        assert_eq!(hash_file(&open).unwrap(), digest);
        assert_eq!(testing::mode(&path), 0o440);
    }

    #[test]
    fn what_is_read_is_hashed() {
        let mut reader = HashingReader::new(&b"abcdef"[..]);
        let mut start = [0; 4];
        reader.read_exact(&mut start).unwrap();
        assert_eq!(reader.digest().blake3, hash_hex(b"abcd"));
        io::copy(&mut reader, &mut io::sink()).unwrap();
        assert_eq!(reader.digest(), FileDigest { size_bytes: 6, blake3: hash_hex(b"abcdef") });
    }

    #[test]
    fn a_failure_to_read_is_kept_for_the_one_who_asks() {
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::Error::other("disk gone"))
            }
        }
        let mut reader = HashingReader::new(Broken);
        reader.read(&mut [0]).unwrap_err();
        assert_eq!(reader.take_failure().unwrap().to_string(), "disk gone");
        assert!(reader.take_failure().is_none());
    }

    #[test]
    fn an_existing_file_is_not_taken_over() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        testing::put(&path, b"old");
        let error = HashingFile::create(&path).unwrap_err();
        assert_eq!(error.kind(), Some(io::ErrorKind::AlreadyExists));
    }
}
