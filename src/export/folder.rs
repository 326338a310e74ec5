//! The folder of an export: what was exported before, what is under way, and the link `current`.
//!
//! ```text
//! DIR/
//!   .tongban-export      by this the folder is known; the lock of who exports
//!   .000007.part/        what is being written; nobody else's concern
//!   000006-s12/          an export of snapshot 12, complete and never changed again
//!   current -> 000006-s12
//! ```
//!
//! A folder comes to its name when all in it is durable, and `current` leads to it after that. Whoever follows
//! the link once reads files that belong together, for as long as the folder is kept.

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use crate::diag::{Diagnose, Message};
use crate::export::ExportError;
use crate::export::check::check;
use crate::fsio::{self, Lock, Mode};

/// The link to the latest export.
pub const CURRENT: &str = "current";
/// The file by which a folder of exports is known.
const MARKER: &str = ".tongban-export";
/// How the name of a folder ends that is under way.
const PART: &str = ".part";
/// Digits of the number of an export.
const DIGITS: usize = 6;
/// What becomes a file of the export last: what is in it.
pub(super) const MANIFEST: &str = "manifest.json";

/// No manifest is larger.
pub(super) const MAX_MANIFEST_BYTES: u64 = 256 << 20;

/// A folder into which this process alone exports.
#[derive(Debug)]
pub struct ExportFolder {
    root: PathBuf,
    part: PathBuf,
    number: u64,
    #[expect(dead_code, reason = "held for its drop")]
    lock: Lock,
}

/// Who may read an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Everybody, as far as the umask and the folders above let them.
    Everybody,
    /// We alone: there are records in it.
    Owner,
}

/// What became of an export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    /// The folder that `current` leads to.
    pub folder: PathBuf,
    /// Whether there was nothing new: the latest export already had every byte of this one.
    pub is_unchanged: bool,
    /// What could not be cleared away; nothing is lost by it.
    pub warnings: Vec<Message>,
}

impl ExportFolder {
    /// Takes the folder, which is made where it is missing. One that holds anything has to be known as a
    /// folder of exports. What is exported next can be read by those whom `access` names.
    pub fn take(root: &Path, access: Access) -> Result<Self, ExportError> {
        let marker = root.join(MARKER);
        let link = root.join(CURRENT);
        let is_taken = fsio::exists(&link) && fsio::link_aim(&link).is_none();
        if is_taken || !fsio::exists(&marker) && !fsio::list_folder(root)?.is_empty() {
            return Err(ExportError::NotAnExport { path: root.to_owned() });
        }
        fsio::create_public_dir(root)?;
        let Some(mut lock) = Lock::try_exclusive(&marker)? else {
            let holder = Lock::read_note(&marker).unwrap_or_else(|| "?".to_owned());
            return Err(ExportError::Locked { path: root.to_owned(), holder });
        };
        // For people who are told to wait; a full disk must not stand in the way of saying so.
        lock.write_note(&format!("{}\n", fsio::process_id())).ok();
        let mut number = 0;
        for path in fsio::list_folder(root)? {
            let name = name_of(&path);
            if name.starts_with('.') && name.ends_with(PART) {
                // What a process left behind that was killed.
                remove(&path)?;
            }
            number = number.max(number_of(&name).unwrap_or_default());
        }
        number += 1;
        let part = root.join(format!(".{number:0DIGITS$}{PART}"));
        match access {
            Access::Everybody => fsio::create_public_dir(&part)?,
            Access::Owner => fsio::create_private_dir(&part)?,
        }
        Ok(Self { root: root.to_owned(), part, number, lock })
    }

    /// Returns the folder in which files are written.
    pub fn part(&self) -> &Path {
        &self.part
    }

    /// Gives what was written its name, has `current` lead to it, and removes exports before it beyond the
    /// `n_kept` latest ones. All files in it are durable already.
    ///
    /// Where the latest export has the same manifest and all the bytes that this says, that one stays.
    pub fn place(self, snapshot: i64, n_kept: usize) -> Result<Placed, ExportError> {
        let link = self.root.join(CURRENT);
        if let Some(aim) = fsio::link_aim(&link).map(|aim| self.root.join(aim))
            && is_same(&aim, &self.part)
        {
            let mut warnings = Vec::new();
            keep_warning(&mut warnings, remove(&self.part));
            self.clear(&aim, n_kept, &mut warnings)?;
            return Ok(Placed { folder: aim, is_unchanged: true, warnings });
        }
        sync_folders(&self.part)?;
        let name = format!("{:0DIGITS$}-s{snapshot}", self.number);
        let folder = self.root.join(&name);
        fsio::move_folder(&self.part, &folder)?;
        fsio::point_link(&link, Path::new(&name))?;
        let mut warnings = Vec::new();
        self.clear(&folder, n_kept, &mut warnings)?;
        Ok(Placed { folder, is_unchanged: false, warnings })
    }

    /// Removes exports beyond the `n_kept` latest ones, of which that in `latest` is one.
    fn clear(
        &self,
        latest: &Path,
        n_kept: usize,
        warnings: &mut Vec<Message>,
    ) -> Result<(), ExportError> {
        let mut earlier: Vec<(u64, PathBuf)> = fsio::list_folder(&self.root)?
            .into_iter()
            .filter(|path| path.file_name() != latest.file_name())
            .filter_map(|path| Some((number_of(&name_of(&path))?, path)))
            .collect();
        earlier.sort();
        earlier.reverse();
        for (_, path) in earlier.into_iter().skip(n_kept.max(1) - 1) {
            // A reader elsewhere may hold a file in it open, which some systems do not let go.
            keep_warning(warnings, remove(&path));
        }
        Ok(())
    }

    /// Removes what was written, after a failure.
    pub fn abandon(self) {
        // The next export clears away what is left.
        remove(&self.part).ok();
    }
}

fn keep_warning(warnings: &mut Vec<Message>, removed: Result<(), ExportError>) {
    if let Err(error) = removed {
        warnings.push(error.message());
        warnings.extend(error.causes());
    }
}

fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// Returns the number of an export by the name of its folder, `None` for other names.
fn number_of(name: &str) -> Option<u64> {
    let (number, snapshot) = name.split_once("-s")?;
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    (number.len() >= DIGITS && is_number(number) && is_number(snapshot))
        .then(|| number.parse().ok())
        .flatten()
}

/// Removes a folder without following links; a link in its place goes, and not what it leads to.
fn remove(path: &Path) -> Result<(), ExportError> {
    let is_link = fsio::link_aim(path).is_some();
    let is_folder = !is_link && fsio::is_dir(path);
    if is_folder {
        fsio::remove_dir_tree(path)?;
    } else {
        fsio::remove_file(path)?;
    }
    Ok(())
}

/// Whether two exports have the same manifest, and the first is as it says, byte by byte.
fn is_same(standing: &Path, made: &Path) -> bool {
    let read = |folder: &Path| fsio::read_bytes(&folder.join(MANIFEST), MAX_MANIFEST_BYTES).ok();
    let is_equal = read(standing).is_some_and(|manifest| Some(manifest) == read(made));
    let checked = || check(standing, &AtomicBool::new(false));
    is_equal && checked().is_ok_and(|outcome| outcome.faults.is_empty())
}

/// Makes the entries of a folder and of those in it durable, from the bottom up.
fn sync_folders(folder: &Path) -> Result<(), ExportError> {
    for path in fsio::list_folder(folder)?.into_iter().filter(|path| fsio::is_dir(path)) {
        sync_folders(&path)?;
    }
    Ok(fsio::sync_dir(folder)?)
}

/// Makes a file durable that an engine wrote, for everybody to read.
pub(super) fn settle(path: &Path) -> Result<(), ExportError> {
    Ok(fsio::sync_file(path, Mode::Public)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::file::hash_of;
    use crate::export::manifest::FORMAT;
    use crate::fsio::{list_folder, testing};

    fn names(folder: &Path) -> Vec<String> {
        list_folder(folder).unwrap().iter().map(|path| name_of(path)).collect()
    }

    /// Exports a file with a text, of which the two latest are kept.
    fn export(root: &Path, text: &str) -> Placed {
        export_keeping(2, root, text)
    }

    fn export_keeping(n_kept: usize, root: &Path, text: &str) -> Placed {
        let folder = ExportFolder::take(root, Access::Everybody).unwrap();
        let path = folder.part().join("a.txt");
        testing::put(&path, text.as_bytes());
        let (bytes, hash) = hash_of(&path).unwrap();
        let manifest = format!(
            "{{\"resources\":[],\"tongban\":{{\"format\":\"{}\",\"version\":{},\"otherFiles\":\
             [{{\"path\":\"a.txt\",\"bytes\":{bytes},\"hash\":\"{hash}\"}}]}}}}",
            FORMAT.0, FORMAT.1
        );
        testing::put(&folder.part().join(MANIFEST), manifest.as_bytes());
        folder.place(3, n_kept).unwrap()
    }

    #[test]
    fn the_latest_are_kept_and_the_link_leads_to_the_last() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("out");
        for content in ["a", "b", "c"] {
            assert!(!export(&root, content).is_unchanged);
        }
        assert_eq!(names(&root), [MARKER, "000002-s3", "000003-s3", CURRENT]);
        assert_eq!(fsio::link_aim(&root.join(CURRENT)).unwrap(), Path::new("000003-s3"));
        let again = export(&root, "c");
        assert!(again.is_unchanged && again.folder.ends_with("000003-s3"), "{again:?}");
        assert_eq!(names(&root).len(), 4);
        // A file that somebody removed, or changed, is there again after the next export.
        fsio::remove_file(&root.join("000003-s3").join(MANIFEST)).unwrap();
        assert!(!export(&root, "c").is_unchanged);
        let damaged = root.join("000004-s3/a.txt");
        fsio::remove_file(&damaged).unwrap();
        testing::put(&damaged, b"d");
        assert!(!export(&root, "c").is_unchanged, "its size is the same, its content is not");
        assert_eq!(fsio::read_text(&root.join("000005-s3/a.txt")).unwrap(), "c");
    }

    #[test]
    fn exports_beyond_those_that_are_kept_go_also_where_nothing_is_new() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("out");
        export(&root, "a");
        export(&root, "b");
        assert!(export_keeping(1, &root, "b").is_unchanged);
        assert_eq!(names(&root), [MARKER, "000002-s3", CURRENT]);
    }

    #[test]
    fn a_folder_of_something_else_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        testing::put(&dir.path().join("letter"), b"mine");
        let refused = ExportFolder::take(dir.path(), Access::Owner);
        assert!(matches!(refused, Err(ExportError::NotAnExport { .. })));
        assert_eq!(names(dir.path()), ["letter"]);
    }

    #[test]
    fn two_at_once_are_one_too_many_and_what_was_left_behind_goes() {
        let dir = tempfile::tempdir().unwrap();
        let first = ExportFolder::take(dir.path(), Access::Owner).unwrap();
        let second = ExportFolder::take(dir.path(), Access::Owner);
        assert!(matches!(second, Err(ExportError::Locked { .. })));
        assert_eq!(testing::mode(first.part()), 0o700);
        drop(first);
        assert_eq!(names(dir.path()).len(), 2, "as if it had been killed");
        ExportFolder::take(dir.path(), Access::Owner).unwrap().abandon();
        assert_eq!(names(dir.path()), [MARKER]);
    }

    #[test]
    fn other_names_are_no_exports() {
        for name in ["1-s1", "000001", "000001-s", "000001-sx", "a-s1", "000001-s1.bak"] {
            assert_eq!(number_of(name), None, "{name}");
        }
        assert_eq!(number_of("1000000-s12"), Some(1_000_000));
    }
}
