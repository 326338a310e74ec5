//! New files that hold what others hold, or bytes in memory, durable before they get their names.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use rustix::fs::{OFlags, ioctl_ficlone};

use crate::fsio::error::{Action, FsError};
use crate::fsio::hashing::{FileDigest, HashingReader, hash_file, hash_hex};
use crate::fsio::read::open_plain;
use crate::fsio::write::{Mode, remove_file};

/// Bytes that are copied at a time.
const PIECE_BYTES: usize = 1 << 20;

/// Makes a file that must not exist yet of the bytes of another one, and makes them durable; returns what
/// they are.
///
/// Where the file system can, both share their blocks until one is changed. They never share owner and mode.
/// After a failure there is no such file. Its name is durable only after a sync of its folder.
pub fn copy_new(source: &Path, path: &Path, mode: Mode) -> Result<FileDigest, FsError> {
    let from = open_plain(source, OFlags::NOFOLLOW)?;
    made(path, mode, |into| {
        if ioctl_ficlone(into, &from).is_ok() {
            return hash_file(into).map_err(FsError::on(Action::Read, path));
        }
        let mut from = HashingReader::new(&from);
        let mut pieces = io::BufWriter::with_capacity(PIECE_BYTES, into);
        let copied = io::copy(&mut from, &mut pieces).and_then(|_| pieces.flush());
        match (copied, from.take_failure()) {
            (Ok(()), _) => Ok(from.digest()),
            (Err(_), Some(unread)) => Err(FsError::system(Action::Read, source, unread)),
            (Err(error), None) => Err(FsError::system(Action::Write, path, error)),
        }
    })
}

/// Makes a file that must not exist yet of bytes, and makes them durable; returns what they are.
///
/// After a failure there is no such file. Its name is durable only after a sync of its folder.
pub fn write_new(path: &Path, bytes: &[u8], mode: Mode) -> Result<FileDigest, FsError> {
    made(path, mode, |mut into| {
        into.write_all(bytes).map_err(FsError::on(Action::Write, path))?;
        Ok(FileDigest { size_bytes: bytes.len() as u64, blake3: hash_hex(bytes) })
    })
}

/// Creates a file, has it filled, and makes it durable; removes it where that fails.
fn made(
    path: &Path,
    mode: Mode,
    write: impl FnOnce(&File) -> Result<FileDigest, FsError>,
) -> Result<FileDigest, FsError> {
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .create_new(true)
        .mode(mode.bits())
        .custom_flags(OFlags::NOFOLLOW.bits().cast_signed())
        .open(path)
        .map_err(FsError::on(Action::Write, path))?;
    let filled = write(&file).and_then(|digest| {
        file.sync_all().map_err(FsError::on(Action::Write, path))?;
        Ok(digest)
    });
    if filled.is_err() {
        // The first failure is what the caller has to know.
        remove_file(path).ok();
    }
    filled
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fsio::{exists, read_bytes, testing};

    #[test]
    fn a_copy_has_the_bytes_and_a_mode_of_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let [source, copy] = ["source", "copy"].map(|name| folder.path().join(name));
        let bytes: Vec<u8> = (0..=255).cycle().take(PIECE_BYTES + 7).collect();
        testing::put(&source, &bytes);
        testing::set_mode(&source, 0o440);
        let digest = copy_new(&source, &copy, Mode::Private).unwrap();
        assert_eq!(digest, FileDigest { size_bytes: bytes.len() as u64, blake3: hash_hex(&bytes) });
        assert_eq!(read_bytes(&copy, u64::MAX).unwrap(), bytes);
        assert_eq!([&source, &copy].map(|path| testing::mode(path)), [0o440, 0o600]);
        let taken = copy_new(&source, &copy, Mode::Private).unwrap_err();
        assert_eq!(taken.kind(), Some(io::ErrorKind::AlreadyExists));
        let absent = copy_new(&folder.path().join("none"), &folder.path().join("b"), Mode::Public);
        assert_eq!(absent.unwrap_err().action, Action::Read);
        assert!(!exists(&folder.path().join("b")));
    }

    #[test]
    fn what_is_written_is_there_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        let digest = write_new(&path, b"abc", Mode::Public).unwrap();
        assert_eq!(digest.blake3, hash_hex(b"abc"));
        write_new(&path, b"", Mode::Public).unwrap_err();
        assert_eq!(read_bytes(&path, 9).unwrap(), b"abc");
    }
}
