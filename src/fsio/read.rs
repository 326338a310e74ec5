//! Reading files and listing folders.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;
use rustix::io::Errno;

use crate::fsio::error::{Action, FsError, Reason};

/// Largest text file that is read: settings, layouts and queries are far smaller.
const MAX_TEXT_BYTES: u64 = 64 * 1024 * 1024;

/// Reads a whole file.
///
/// Fails, telling the limit, when it holds more than `max_bytes`, also when it grows while it is read.
/// Links are followed: the user may point at a source by a link.
pub fn read_bytes(path: &Path, max_bytes: u64) -> Result<Vec<u8>, FsError> {
    let file = open_plain(path, OFlags::empty())?;
    let failed = |source| FsError::system(Action::Read, path, source);
    let size_bytes = file.metadata().map_err(failed)?.len();
    let too_large = |size_bytes| FsError {
        action: Action::Read,
        path: path.to_owned(),
        reason: Reason::TooLarge { size_bytes, max_bytes },
    };
    if size_bytes > max_bytes {
        return Err(too_large(size_bytes));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(size_bytes).unwrap_or(0));
    file.take(max_bytes.saturating_add(1)).read_to_end(&mut bytes).map_err(failed)?;
    let n_bytes = bytes.len() as u64;
    if n_bytes > max_bytes {
        return Err(too_large(n_bytes));
    }
    Ok(bytes)
}

/// Opens a plain file of any size to read it piece by piece. Links are followed.
pub fn open_file(path: &Path) -> Result<File, FsError> {
    open_plain(path, OFlags::empty())
}

/// Reads a text file of at most 64 MiB that must be UTF-8; a byte-order mark stays.
pub fn read_text(path: &Path) -> Result<String, FsError> {
    String::from_utf8(read_bytes(path, MAX_TEXT_BYTES)?).map_err(|error| FsError {
        action: Action::Read,
        path: path.to_owned(),
        reason: Reason::NotUtf8 { byte_idx: error.utf8_error().valid_up_to() },
    })
}

/// Size, first and last bytes of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Edges {
    /// Size of the whole file.
    pub size_bytes: u64,
    /// The first four bytes; zeros in a file of fewer than eight.
    pub first: [u8; 4],
    /// The last four bytes; zeros in a file of fewer than eight.
    pub last: [u8; 4],
}

/// Reads size, first and last bytes of a plain file. A link is refused.
pub fn edges(path: &Path) -> Result<Edges, FsError> {
    let file = open_plain(path, OFlags::NOFOLLOW)?;
    let failed = |source| FsError::system(Action::Read, path, source);
    let size_bytes = file.metadata().map_err(failed)?.len();
    let mut edges = Edges { size_bytes, first: [0; 4], last: [0; 4] };
    if size_bytes >= 8 {
        file.read_exact_at(&mut edges.first, 0).map_err(failed)?;
        file.read_exact_at(&mut edges.last, size_bytes - 4).map_err(failed)?;
    }
    Ok(edges)
}

/// Opens a plain file; without waiting, so that a pipe cannot hold us up before it is refused.
pub(super) fn open_plain(path: &Path, extra: OFlags) -> Result<File, FsError> {
    let flags = OFlags::NONBLOCK | extra;
    let failed = |source| FsError::system(Action::Read, path, source);
    let not_plain =
        || FsError { action: Action::Read, path: path.to_owned(), reason: Reason::NotPlain };
    let opened = OpenOptions::new().read(true).custom_flags(flags.bits().cast_signed()).open(path);
    let file = opened.map_err(|error| {
        // What links that are not followed are answered by.
        let is_link = extra.contains(OFlags::NOFOLLOW)
            && error.raw_os_error() == Some(Errno::LOOP.raw_os_error());
        if is_link { not_plain() } else { failed(error) }
    })?;
    let metadata = file.metadata().map_err(failed)?;
    if metadata.is_dir() {
        return Err(failed(io::Error::from(ErrorKind::IsADirectory)));
    }
    if metadata.is_file() { Ok(file) } else { Err(not_plain()) }
}

/// Returns the size of what stands at `path`, `None` when nothing does.
pub fn size_bytes(path: &Path) -> Result<Option<u64>, FsError> {
    match fs::symlink_metadata(path) {
        Ok(metadata) => Ok(Some(metadata.len())),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(FsError::system(Action::Inspect, path, error)),
    }
}

/// Tells whether anything stands at `path`, a dangling link included.
pub fn exists(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

/// Tells whether a folder, or a link to one, stands at `path`.
pub fn is_dir(path: &Path) -> bool {
    path.is_dir()
}

/// Returns an absolute path without links. Of what does not exist yet, the last parts are as given.
pub fn real_path(path: &Path) -> PathBuf {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let real = absolute.ancestors().find_map(|existing| {
        let real = fs::canonicalize(existing).ok()?;
        let rest = absolute.strip_prefix(existing).ok()?;
        Some(rest.iter().fold(real, |path, part| path.join(part)))
    });
    real.unwrap_or(absolute)
}

/// Returns the plain files under `dir`, at any depth, sorted by path.
///
/// Links, pipes and devices are left out and links to folders are not entered.
pub fn list_files(dir: &Path) -> Result<Vec<PathBuf>, FsError> {
    list_files_where(dir, |_| true)
}

/// Returns the plain files under `dir` as [`list_files`] does, in those folders that `is_entered`
/// lets in; `dir` itself is always one.
pub fn list_files_where(
    dir: &Path,
    is_entered: impl Fn(&Path) -> bool,
) -> Result<Vec<PathBuf>, FsError> {
    let mut files = Vec::new();
    let mut folders = vec![dir.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).map_err(FsError::on(Action::List, &folder))? {
            let entry = entry.map_err(FsError::on(Action::List, &folder))?;
            let kind = entry.file_type().map_err(FsError::on(Action::List, &folder))?;
            if kind.is_dir() {
                folders.extend(Some(entry.path()).filter(|path| is_entered(path)));
            } else if kind.is_file() {
                files.push(entry.path());
            }
        }
    }
    files.sort();
    Ok(files)
}

/// Returns everything that stands directly in `dir`, sorted by path; nothing when it is absent.
pub fn list_folder(dir: &Path) -> Result<Vec<PathBuf>, FsError> {
    let entries = match fs::read_dir(dir) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        other => other.map_err(FsError::on(Action::List, dir))?,
    };
    let mut paths = entries
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<Vec<_>, _>>()
        .map_err(FsError::on(Action::List, dir))?;
    paths.sort();
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;
    use crate::diag::{Diagnose, Lang};
    use crate::fsio::testing;

    #[test]
    fn a_failure_names_action_and_path_and_its_cause_is_apart() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("absent.txt");
        let error = read_bytes(&path, 10).unwrap_err();
        assert_eq!(error.to_string(), format!("cannot read `{}`", path.display()));
        assert_eq!(error.causes()[0].text(Lang::En), "no such file or folder");
        assert_eq!(error.kind(), Some(ErrorKind::NotFound));
    }

    #[test]
    fn a_file_over_the_limit_and_a_folder_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        testing::put(&path, b"12345");
        assert_eq!(read_bytes(&path, 5).unwrap(), b"12345");
        let refused = read_bytes(&path, 4).unwrap_err();
        assert_eq!(refused.kind(), Some(ErrorKind::FileTooLarge));
        assert!(matches!(refused.reason, Reason::TooLarge { size_bytes: 5, max_bytes: 4 }));
        let reason = Reason::TooLarge { size_bytes: 86_100_001, max_bytes: 64 << 20 };
        let told = FsError { reason, ..refused }.causes()[0].text(Lang::En);
        assert_eq!(told, "it has 86.2 MB; at most 67.2 MB are read");
        let refused = read_bytes(folder.path(), 9).unwrap_err();
        assert_eq!(refused.kind(), Some(ErrorKind::IsADirectory));
    }

    #[test]
    fn text_that_is_no_utf8_says_where() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        testing::put(&path, b"ab\xff");
        let error = read_text(&path).unwrap_err();
        assert!(matches!(error.reason, Reason::NotUtf8 { byte_idx: 2 }));
        let hint = |name: &str| {
            let path = folder.path().join(name);
            testing::put(&path, b"ab\xff");
            read_text(&path).unwrap_err().causes()[0].hint(Lang::En).unwrap()
        };
        assert!(hint("a.csv").contains("WPS") && !hint("a.sql").contains("WPS"));
    }

    #[test]
    fn files_are_listed_sorted_and_links_are_left_out() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        testing::put(&root.join("b"), b"");
        crate::fsio::create_private_dir(&root.join("a/c")).unwrap();
        testing::put(&root.join("a/c/d"), b"");
        symlink("/", root.join("z")).unwrap();
        symlink(root.join("b"), root.join("y")).unwrap();
        assert_eq!(list_files(root).unwrap(), [root.join("a/c/d"), root.join("b")]);
        let is_entered = |path: &Path| !path.ends_with("a/c");
        assert_eq!(list_files_where(root, is_entered).unwrap(), [root.join("b")]);
        assert_eq!(real_path(&root.join("z/none/x")), Path::new("/none/x"));
        assert_eq!(real_path(root), fs::canonicalize(root).unwrap());
    }

    #[test]
    fn edges_of_short_files_are_zeros_and_links_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        testing::put(&path, b"PAR1");
        assert_eq!(edges(&path).unwrap(), Edges { size_bytes: 4, first: [0; 4], last: [0; 4] });
        testing::put(&path, b"PAR1....1RAP");
        assert_eq!(edges(&path).unwrap().last, *b"1RAP");
        symlink(&path, folder.path().join("link")).unwrap();
        let refused = edges(&folder.path().join("link")).unwrap_err();
        assert!(matches!(refused.reason, Reason::NotPlain));
    }
}
