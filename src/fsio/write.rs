//! Writing, naming and removing files so that readers never see half of one.

use std::borrow::Cow;
use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, FallocateFlags, OFlags, RenameFlags, renameat_with};
use rustix::io::Errno;
use tempfile::NamedTempFile;

use crate::fsio::error::{Action, FsError, Reason};
use crate::fsio::read::open_plain;

/// Links that are followed one after the other, as many as Linux follows.
const MAX_LINKS: usize = 40;

/// Who may do what with a file that is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// We may read and write it (0600).
    Private,
    /// We may read and write it, our group may read it (0640).
    Shared,
    /// We and our group may read it, nobody writes it again (0440).
    Sealed,
    /// Everybody may read it, as far as the umask lets them (0644).
    Public,
}

impl Mode {
    pub(super) fn bits(self) -> u32 {
        match self {
            Self::Private => 0o600,
            Self::Shared => 0o640,
            Self::Sealed => 0o440,
            Self::Public => 0o644,
        }
    }
}

/// Who may enter a folder besides us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DirAccess {
    /// Nobody (0700).
    Owner,
    /// Our group (0750).
    Group,
}

impl DirAccess {
    fn bits(self) -> u32 {
        match self {
            Self::Owner => 0o700,
            Self::Group => 0o750,
        }
    }
}

/// Puts `bytes` at `path` all at once, replacing what was there, and makes them durable.
///
/// After a failure the whole old file or the whole new one stands at `path`, and nothing beside it:
/// the new one only where its name could not be made durable.
pub fn write_atomic(path: &Path, bytes: &[u8], mode: Mode) -> Result<(), FsError> {
    Prepared::of(path, bytes, mode)?.put()
}

/// A file that is whole and stands beside the place where it belongs.
struct Prepared<'a> {
    part: NamedTempFile,
    path: Cow<'a, Path>,
}

impl<'a> Prepared<'a> {
    fn of(path: impl Into<Cow<'a, Path>>, bytes: &[u8], mode: Mode) -> Result<Self, FsError> {
        let path = path.into();
        let failed = |source| FsError::system(Action::Write, &path, source);
        // A sibling, not the system's folder for such files: a rename is atomic only within one file
        // system.
        let mut part = tempfile::Builder::new()
            .prefix(".")
            .suffix(".part")
            .permissions(Permissions::from_mode(mode.bits()))
            .tempfile_in(folder_of(&path))
            .map_err(|error| failed(without_path(&error)))?;
        part.write_all(bytes).map_err(|error| failed(without_path(&error)))?;
        part.as_file().sync_all().map_err(failed)?;
        Ok(Self { part, path })
    }

    fn put(self) -> Result<(), FsError> {
        let Self { part, path } = self;
        part.persist(&path).map_err(|error| FsError::system(Action::Write, &path, error.error))?;
        sync_dir(folder_of(&path))
    }
}

/// Puts `bytes` where a user wants them: into the pipe or device at `path`, else all at once into a
/// plain file there, whose name may be a link.
///
/// A plain file is replaced as by [`write_atomic`], and a link to it stays. A pipe waits for its reader.
pub fn write_result(path: &Path, bytes: &[u8]) -> Result<(), FsError> {
    write_results(&[(path, bytes)])
}

/// Puts several results where a user wants them, each as by [`write_result`], and no file before all of them
/// are whole: where there is no room for one, all that stood there stay.
pub fn write_results(results: &[(&Path, &[u8])]) -> Result<(), FsError> {
    let mut prepared = Vec::new();
    let mut sinks = Vec::new();
    for (path, bytes) in results {
        match fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() => {
                return Err(FsError::system(Action::Write, path, ErrorKind::IsADirectory.into()));
            }
            Ok(metadata) if !metadata.is_file() => sinks.push((path, bytes)),
            _ => prepared.push(Prepared::of(final_path(path)?, bytes, Mode::Public)?),
        }
    }
    for (path, bytes) in sinks {
        // Not created: what is no plain file must be there.
        OpenOptions::new()
            .write(true)
            .open(path)
            .and_then(|mut sink| sink.write_all(bytes))
            .map_err(|source| FsError::system(Action::Write, path, source))?;
    }
    prepared.into_iter().try_for_each(Prepared::put)
}

/// Returns where a file that is written to `path` comes to stand: an absolute path without links.
///
/// Fails when the folder does not exist, or links lead in a circle.
pub fn final_path(path: &Path) -> Result<PathBuf, FsError> {
    let failed = |source| FsError::system(Action::Write, path, source);
    let mut target = path.to_owned();
    for _ in 0..MAX_LINKS {
        let folder = fs::canonicalize(folder_of(&target)).map_err(failed)?;
        let Some(name) = target.file_name() else {
            return Err(failed(ErrorKind::IsADirectory.into()));
        };
        let standing = folder.join(name);
        match fs::read_link(&standing) {
            // An absolute aim takes the place of the folder.
            Ok(aim) => target = folder.join(aim),
            Err(_) => return Ok(standing),
        }
    }
    Err(failed(rustix::io::Errno::LOOP.into()))
}

/// Creates an empty file that must not exist yet.
pub fn create_file(path: &Path, mode: Mode) -> Result<(), FsError> {
    let failed = |source| FsError::system(Action::Write, path, source);
    let file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(mode.bits())
        .open(path)
        .map_err(failed)?;
    file.sync_all().map_err(failed)?;
    sync_dir(folder_of(path))
}

/// Creates a private file that takes room and holds nothing. Where there is too little, there is no file.
pub fn allocate(path: &Path, size_bytes: u64) -> Result<(), FsError> {
    create_file(path, Mode::Private)?;
    let taken = OpenOptions::new().write(true).open(path).and_then(|file| {
        rustix::fs::fallocate(&file, FallocateFlags::empty(), 0, size_bytes)?;
        file.sync_all()
    });
    taken.map_err(|error| {
        fs::remove_file(path).ok();
        FsError::system(Action::Write, path, error)
    })
}

/// Creates a folder that only we may enter (0700), and those above it that are missing.
///
/// Each new entry is made durable in the folder above. A folder that exists stays as it is.
pub fn create_private_dir(path: &Path) -> Result<(), FsError> {
    if path.is_dir() {
        return Ok(());
    }
    let parent = folder_of(path);
    create_private_dir(parent)?;
    match DirBuilder::new().mode(0o700).create(path) {
        Ok(()) => sync_dir(parent),
        Err(error) => not_created(path, error),
    }
}

/// Creates a folder that everybody may enter as far as the umask lets them (0755), and those above it that
/// are missing. A folder that exists stays as it is.
pub fn create_public_dir(path: &Path) -> Result<(), FsError> {
    if path.is_dir() {
        return Ok(());
    }
    let parent = folder_of(path);
    create_public_dir(parent)?;
    match DirBuilder::new().mode(0o755).create(path) {
        Ok(()) => sync_dir(parent),
        Err(error) => not_created(path, error),
    }
}

/// Tells what stands in the way of a folder; nothing, where another process was quicker to make it.
fn not_created(path: &Path, error: io::Error) -> Result<(), FsError> {
    let is_there = error.kind() == ErrorKind::AlreadyExists;
    match link_aim(path).filter(|_| is_there && !path.exists()) {
        _ if is_there && path.is_dir() => Ok(()),
        Some(aim) => {
            let reason = Reason::LinkToNothing { aim };
            Err(FsError { action: Action::CreateFolder, path: path.to_owned(), reason })
        }
        None => Err(FsError::system(Action::CreateFolder, path, error)),
    }
}

/// Gives a finished folder its final name, at which nothing may stand, and makes the name durable.
pub fn move_folder(existing: &Path, new: &Path) -> Result<(), FsError> {
    let failed = FsError::on(Action::Link, new);
    // A rename would take the place of an empty folder.
    if fs::symlink_metadata(new).is_ok() {
        return Err(failed(ErrorKind::AlreadyExists.into()));
    }
    fs::rename(existing, new).map_err(failed)?;
    sync_dir(folder_of(new))
}

/// Has the link at `path` lead to `aim`, all at once: whoever follows it comes to the old aim or to the new
/// one. What stands there must be a link, or nothing.
pub fn point_link(path: &Path, aim: &Path) -> Result<(), FsError> {
    let failed = |source| FsError::system(Action::Link, path, source);
    if fs::symlink_metadata(path).is_ok_and(|metadata| !metadata.is_symlink()) {
        return Err(failed(ErrorKind::AlreadyExists.into()));
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let part = folder_of(path).join(format!(".{name}.part"));
    // One that a process left that was killed here.
    remove_file(&part)?;
    symlink(aim, &part).map_err(failed)?;
    fs::rename(&part, path).map_err(failed)?;
    sync_dir(folder_of(path))
}

/// Returns where the link at `path` leads, as it is written there; `None` where no link stands.
pub fn link_aim(path: &Path) -> Option<PathBuf> {
    fs::read_link(path).ok()
}

/// Makes a file durable that others wrote, and gives it its mode.
pub fn sync_file(path: &Path, mode: Mode) -> Result<(), FsError> {
    let failed = |source| FsError::system(Action::Write, path, source);
    let file = File::open(path).map_err(failed)?;
    file.set_permissions(Permissions::from_mode(mode.bits())).map_err(failed)?;
    file.sync_all().map_err(failed)
}

/// Makes the entries of a folder durable: new names, renames, removals.
pub fn sync_dir(dir: &Path) -> Result<(), FsError> {
    File::open(dir)
        .and_then(|folder| folder.sync_all())
        .map_err(FsError::on(Action::SyncFolder, dir))
}

/// Gives the file `existing` the second name `new`, which must be free.
///
/// The name is durable only after [`sync_dir`] of its folder.
pub fn link_no_clobber(existing: &Path, new: &Path) -> Result<(), FsError> {
    fs::hard_link(existing, new).map_err(FsError::on(Action::Link, new))
}

/// Gives a file that is durable another name on the same file system, which must be free.
///
/// The name is durable only after [`sync_dir`] of its folder.
pub fn move_no_clobber(existing: &Path, new: &Path) -> Result<(), FsError> {
    let failed = FsError::on(Action::Link, new);
    match renameat_with(CWD, existing, CWD, new, RenameFlags::NOREPLACE) {
        Ok(()) => Ok(()),
        // Where the file system cannot do it at once, it may know links.
        Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => {
            fs::hard_link(existing, new).and_then(|()| fs::remove_file(existing)).map_err(failed)
        }
        Err(error) => Err(failed(error.into())),
    }
}

/// Gives a file that is durable another name on the same file system, replacing what stands there.
///
/// The name is durable only after [`sync_dir`] of its folder.
pub fn move_over(existing: &Path, new: &Path) -> Result<(), FsError> {
    fs::rename(existing, new).map_err(FsError::on(Action::Link, new))
}

/// Makes a finished file durable and renames it, replacing what stands at `new`.
pub fn move_into_place(existing: &Path, new: &Path) -> Result<(), FsError> {
    File::open(existing)
        .and_then(|file| file.sync_all())
        .map_err(FsError::on(Action::Write, existing))?;
    fs::rename(existing, new).map_err(FsError::on(Action::Link, new))?;
    sync_dir(folder_of(new))
}

/// Sets who may do what with a plain file, and makes that durable. A link is refused.
pub fn set_mode(path: &Path, mode: Mode) -> Result<(), FsError> {
    let failed = |source| FsError::system(Action::Write, path, source);
    let file = open_plain(path, OFlags::NOFOLLOW)?;
    file.set_permissions(Permissions::from_mode(mode.bits())).map_err(failed)?;
    file.sync_all().map_err(failed)
}

/// Sets who may enter and list a folder besides us, and makes that durable. Nobody else may change it.
pub fn set_dir_access(path: &Path, access: DirAccess) -> Result<(), FsError> {
    let failed = |source| FsError::system(Action::Write, path, source);
    let folder = File::open(path).map_err(failed)?;
    folder.set_permissions(Permissions::from_mode(access.bits())).map_err(failed)?;
    folder.sync_all().map_err(failed)
}

/// Renames what may be damaged and is not read for that. Both folders have to be synced after it.
pub fn rename_no_sync(existing: &Path, new: &Path) -> Result<(), FsError> {
    fs::rename(existing, new).map_err(FsError::on(Action::Link, new))
}

/// Removes a file; none there is fine.
pub fn remove_file(path: &Path) -> Result<(), FsError> {
    accept_absent(fs::remove_file(path)).map_err(FsError::on(Action::Remove, path))
}

/// Removes a folder and everything in it, without following links; none there is fine.
pub fn remove_dir_tree(path: &Path) -> Result<(), FsError> {
    accept_absent(fs::remove_dir_all(path)).map_err(FsError::on(Action::Remove, path))
}

fn accept_absent(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

/// Returns the folder in which `path` stands; the current one for a bare name.
pub(super) fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// `tempfile` wraps errors to add its own path; the plain answer of the system is enough.
pub(super) fn without_path(error: &io::Error) -> io::Error {
    match error.raw_os_error().or_else(|| root_code(error)) {
        Some(code) => io::Error::from_raw_os_error(code),
        None => io::Error::from(error.kind()),
    }
}

fn root_code(error: &io::Error) -> Option<i32> {
    let mut source: Option<&dyn std::error::Error> =
        error.get_ref().map(|inner| inner as &dyn std::error::Error);
    while let Some(inner) = source {
        if let Some(code) = inner.downcast_ref::<io::Error>().and_then(io::Error::raw_os_error) {
            return Some(code);
        }
        source = inner.source();
    }
    None
}

/// What tests do to files behind the back of the modules under test.
#[cfg(test)]
pub(crate) mod testing {
    use super::*;

    /// Writes a file without any care, keeping the mode of an existing one.
    pub(crate) fn put(path: &Path, bytes: &[u8]) {
        let mode = fs::metadata(path).map(|metadata| metadata.permissions());
        if mode.is_ok() {
            set_mode(path, 0o600);
        }
        fs::write(path, bytes).unwrap();
        if let Ok(mode) = mode {
            fs::set_permissions(path, mode).unwrap();
        }
    }

    /// Sets permission bits.
    pub(crate) fn set_mode(path: &Path, bits: u32) {
        fs::set_permissions(path, Permissions::from_mode(bits)).unwrap();
    }

    /// Returns permission bits.
    pub(crate) fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o7777
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;
    use crate::fsio::{exists, list_folder, read_bytes};

    #[test]
    fn an_atomic_write_replaces_and_leaves_nothing_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        write_atomic(&path, b"one", Mode::Sealed).unwrap();
        write_atomic(&path, b"two", Mode::Private).unwrap();
        assert_eq!(read_bytes(&path, 9).unwrap(), b"two");
        assert_eq!(testing::mode(&path), 0o600);
        assert_eq!(list_folder(folder.path()).unwrap(), [path]);
    }

    #[test]
    fn a_result_goes_through_links_and_leaves_them() {
        let folder = tempfile::tempdir().unwrap();
        let [file, link, second] = ["file", "link", "second"].map(|name| folder.path().join(name));
        symlink("file", &link).unwrap();
        symlink(&link, &second).unwrap();
        // First where the link leads nowhere yet.
        for bytes in [b"one", b"two"] {
            write_result(&second, bytes).unwrap();
            assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
            assert_eq!(read_bytes(&file, 9).unwrap(), bytes);
        }
        assert_eq!(final_path(&second).unwrap(), fs::canonicalize(&file).unwrap());
        let circle = folder.path().join("circle");
        symlink("circle", &circle).unwrap();
        write_result(&circle, b"").unwrap_err();
        write_result(folder.path(), b"").unwrap_err();
    }

    #[test]
    fn where_one_of_several_results_cannot_be_written_none_is() {
        let folder = tempfile::tempdir().unwrap();
        let [one, other] = ["one", "other"].map(|name| folder.path().join(name));
        write_results(&[(&one, b"old"), (&other, b"old")]).unwrap();
        let nowhere = folder.path().join("none").join("other");
        write_results(&[(&one, b"new"), (&nowhere, b"new")]).unwrap_err();
        write_results(&[(&one, b"new"), (folder.path(), b"new")]).unwrap_err();
        assert_eq!(read_bytes(&one, 9).unwrap(), b"old");
        assert_eq!(list_folder(folder.path()).unwrap().len(), 2);
        write_results(&[(&one, b"new"), (&other, b"new")]).unwrap();
        let both = [&one, &other].map(|path| read_bytes(path, 9).unwrap());
        assert_eq!(both, [b"new", b"new"]);
    }

    #[test]
    fn a_result_goes_into_a_pipe_and_the_pipe_stays() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
        assert!(made.success());
        let reader = std::thread::spawn({
            let pipe = pipe.clone();
            move || fs::read(pipe).unwrap()
        });
        write_result(&pipe, b"one").unwrap();
        assert_eq!(reader.join().unwrap(), b"one");
        assert!(!fs::symlink_metadata(&pipe).unwrap().is_file());
    }

    #[test]
    fn a_write_into_a_missing_folder_names_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("none/a");
        let error = write_atomic(&path, b"", Mode::Private).unwrap_err();
        assert_eq!(error.path, path);
        assert_eq!(error.kind(), Some(ErrorKind::NotFound));
    }

    #[test]
    fn folders_are_private_and_a_second_creation_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a/b");
        create_private_dir(&path).unwrap();
        assert_eq!(testing::mode(&path), 0o700);
        testing::set_mode(&path, 0o750);
        create_private_dir(&path).unwrap();
        assert_eq!(testing::mode(&path), 0o750);
    }

    #[test]
    fn a_name_that_is_taken_is_not_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let [a, b] = ["a", "b"].map(|name| folder.path().join(name));
        testing::put(&a, b"new");
        testing::put(&b, b"old");
        let error = link_no_clobber(&a, &b).unwrap_err();
        assert_eq!(error.kind(), Some(ErrorKind::AlreadyExists));
        assert_eq!(read_bytes(&b, 9).unwrap(), b"old");
    }

    #[test]
    fn a_link_leads_to_one_folder_or_the_other_and_takes_the_place_of_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join("current");
        for aim in ["one", "two"] {
            create_public_dir(&folder.path().join(aim)).unwrap();
            point_link(&link, Path::new(aim)).unwrap();
            assert_eq!(link_aim(&link).unwrap(), Path::new(aim));
        }
        assert_eq!(list_folder(folder.path()).unwrap().len(), 3);
        let taken = folder.path().join("one");
        assert_eq!(point_link(&taken, Path::new("two")).unwrap_err().path, taken);
        assert_eq!(link_aim(&taken), None);
        let moved = move_folder(&folder.path().join("two"), &taken).unwrap_err();
        assert_eq!(moved.kind(), Some(ErrorKind::AlreadyExists));
        move_folder(&folder.path().join("two"), &folder.path().join("three")).unwrap();
        assert!(!exists(&folder.path().join("two")));
    }

    #[test]
    fn a_file_moves_to_a_free_name_only() {
        let folder = tempfile::tempdir().unwrap();
        let [a, b] = ["a", "b"].map(|name| folder.path().join(name));
        testing::put(&a, b"new");
        move_no_clobber(&a, &b).unwrap();
        assert!(!exists(&a));
        testing::put(&a, b"newer");
        let error = move_no_clobber(&a, &b).unwrap_err();
        assert_eq!((error.kind(), &error.path), (Some(ErrorKind::AlreadyExists), &b));
        assert_eq!(read_bytes(&b, 9).unwrap(), b"new");
        move_over(&a, &b).unwrap();
        assert_eq!(read_bytes(&b, 9).unwrap(), b"newer");
    }

    #[test]
    fn removing_what_is_absent_is_fine() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        remove_file(&path).unwrap();
        remove_dir_tree(&path).unwrap();
        assert!(!exists(&path));
    }
}
