//! What the operating system says about a path and about this process.

use std::fs::{self, File};
use std::io::{ErrorKind, Read};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use rustix::fs::{Access, FsWord};

use crate::fsio::error::{Action, FsError, Reason};

/// What a file system can promise to a lake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileSystemKind {
    /// On this machine, with locks, links and syncs that hold.
    Local,
    /// Elsewhere or in a program (network, FUSE): locks and syncs may not hold.
    Remote(&'static str),
    /// Without hard links and permission bits.
    Simple(&'static str),
}

impl FileSystemKind {
    /// Returns the name of a kind that a lake cannot be written on, `None` for one that serves.
    pub fn unsuitable(self) -> Option<&'static str> {
        match self {
            Self::Local => None,
            Self::Remote(name) | Self::Simple(name) => Some(name),
        }
    }
}

/// Magic numbers of file systems on which a lake is not written; any other counts as local.
const REMOTE: [(FsWord, &str); 14] = [
    (0x0000_517b, "smb"),
    (0x0000_564c, "ncp"),
    (0x0000_6969, "nfs"),
    (0x0102_1997, "9p"),
    (0x00c3_6400, "ceph"),
    (0x0bd0_0bd0, "lustre"),
    (0x4750_4653, "gpfs"),
    (0x5346_414f, "afs"),
    (0x6573_5546, "fuse"),
    (0x6b41_4653, "afs"),
    (0x7375_7245, "coda"),
    (0x786f_4256, "vboxsf"),
    (0xfe53_4d42, "smb2"),
    (0xff53_4d42, "cifs"),
];
const SIMPLE: [(FsWord, &str); 2] = [(0x0000_4d44, "vfat"), (0x2011_bab0, "exfat")];

/// Returns what kind of file system `path`, which must exist, stands on.
pub fn file_system_kind(path: &Path) -> Result<FileSystemKind, FsError> {
    let magic = rustix::fs::statfs(path)
        .map_err(|error| FsError::system(Action::Inspect, path, error.into()))?
        .f_type;
    Ok(kind_of(magic))
}

fn kind_of(magic: FsWord) -> FileSystemKind {
    let name_in = |table: &[(FsWord, &'static str)]| {
        table.iter().find(|(known, _)| *known == magic).map(|(_, name)| *name)
    };
    match (name_in(&REMOTE), name_in(&SIMPLE)) {
        (Some(name), _) => FileSystemKind::Remote(name),
        (None, Some(name)) => FileSystemKind::Simple(name),
        (None, None) => FileSystemKind::Local,
    }
}

/// Returns the bytes that we may still write on the file system of `path`, which must exist.
pub fn free_bytes(path: &Path) -> Result<u64, FsError> {
    let stat = rustix::fs::statvfs(path)
        .map_err(|error| FsError::system(Action::Inspect, path, error.into()))?;
    Ok(stat.f_bavail.saturating_mul(stat.f_frsize))
}

/// Returns the size of the file system of `path`, which must exist; 0 where it has no such notion.
pub fn total_bytes(path: &Path) -> Result<u64, FsError> {
    let stat = rustix::fs::statvfs(path)
        .map_err(|error| FsError::system(Action::Inspect, path, error.into()))?;
    Ok(stat.f_blocks.saturating_mul(stat.f_frsize))
}

/// Tells whether we may change the file or folder, read-only mounts included.
pub fn is_writable(path: &Path) -> bool {
    rustix::fs::access(path, Access::WRITE_OK).is_ok()
}

/// Fails unless we own the file or folder and nobody else may change it.
///
/// Not even for the superuser: what it writes into somebody's lake its owner cannot read.
pub fn check_private(path: &Path) -> Result<(), FsError> {
    let metadata = fs::metadata(path).map_err(FsError::on(Action::Inspect, path))?;
    let refused = |reason| Err(FsError { action: Action::Trust, path: path.to_owned(), reason });
    let mode = metadata.permissions().mode() & 0o7777;
    if mode & 0o022 != 0 {
        return refused(Reason::WritableByOthers { mode });
    }
    if metadata.uid() != rustix::process::geteuid().as_raw() {
        return refused(Reason::OwnedByOther { uid: metadata.uid() });
    }
    Ok(())
}

/// Fails unless we own the file and nobody else may read or change it.
pub fn check_secret(path: &Path) -> Result<(), FsError> {
    check_private(path)?;
    let metadata = fs::metadata(path).map_err(FsError::on(Action::Inspect, path))?;
    let mode = metadata.permissions().mode() & 0o7777;
    let of_others = mode & 0o077;
    if of_others == 0 {
        return Ok(());
    }
    let reason = Reason::ReadableByOthers { mode };
    Err(FsError { action: Action::KeepSecret, path: path.to_owned(), reason })
}

/// What kind of thing stands at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StandingKind {
    /// A plain file.
    File,
    /// A folder.
    Folder,
    /// A link, a pipe or a device.
    Other,
}

/// What stands at a path. A link is not followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// What kind of thing it is.
    pub kind: StandingKind,
    /// Its size.
    pub size_bytes: u64,
    /// Permission bits.
    pub mode: u32,
    /// When it was last written, renamed, linked or had its mode set; seconds since 1970.
    pub changed_s: i64,
}

/// Returns what stands at `path`, `None` when nothing does.
pub fn standing(path: &Path) -> Result<Option<Standing>, FsError> {
    let metadata = match fs::symlink_metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(FsError::system(Action::Inspect, path, error)),
    };
    let kind = match metadata.file_type() {
        kind if kind.is_file() => StandingKind::File,
        kind if kind.is_dir() => StandingKind::Folder,
        _ => StandingKind::Other,
    };
    Ok(Some(Standing {
        kind,
        size_bytes: metadata.len(),
        mode: metadata.permissions().mode() & 0o7777,
        changed_s: metadata.mtime().max(metadata.ctime()),
    }))
}

/// What changes about a file when it is written or replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileStamp {
    device: u64,
    inode: u64,
    size_bytes: u64,
    modified_s: i64,
    modified_ns: i64,
}

impl FileStamp {
    /// Tells whether it is of the same file, changed or not.
    pub fn is_of_same_file(&self, other: &Self) -> bool {
        (self.device, self.inode) == (other.device, other.inode)
    }
}

/// Returns the stamp of a file, `None` when it cannot be asked for.
pub fn stamp(path: &Path) -> Option<FileStamp> {
    fs::metadata(path).ok().map(|metadata| stamp_of_metadata(&metadata))
}

/// Returns the stamp of a file that is open, `None` when it cannot be asked for.
pub fn stamp_of(file: &fs::File) -> Option<FileStamp> {
    file.metadata().ok().map(|metadata| stamp_of_metadata(&metadata))
}

fn stamp_of_metadata(metadata: &fs::Metadata) -> FileStamp {
    FileStamp {
        device: metadata.dev(),
        inode: metadata.ino(),
        size_bytes: metadata.len(),
        modified_s: metadata.mtime(),
        modified_ns: metadata.mtime_nsec(),
    }
}

/// Returns bytes that nobody can guess, for keys.
pub fn random_bytes<const N: usize>() -> Result<[u8; N], FsError> {
    let path = Path::new("/dev/urandom");
    let mut bytes = [0; N];
    File::open(path)
        .and_then(|mut source| source.read_exact(&mut bytes))
        .map_err(FsError::on(Action::Read, path))?;
    Ok(bytes)
}

/// Returns the name of the user that this process runs as; the number where the list of this machine has no name
/// for it.
pub fn user_name() -> String {
    let uid = rustix::process::geteuid().as_raw();
    let list = fs::read_to_string("/etc/passwd").unwrap_or_default();
    name_in(&list, uid).unwrap_or_else(|| uid.to_string())
}

/// Returns the name of a user in a list of lines `name:password:number:…`.
fn name_in(list: &str, uid: u32) -> Option<String> {
    list.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next().filter(|name| !name.is_empty())?;
        let number: u32 = fields.nth(1)?.parse().ok()?;
        (number == uid).then(|| name.to_owned())
    })
}

/// Returns the id of this process.
pub fn process_id() -> u32 {
    std::process::id()
}

/// Returns the identity of this run of the kernel, `unknown` where the system does not tell.
pub fn boot_id() -> String {
    match fs::read_to_string("/proc/sys/kernel/random/boot_id") {
        Ok(text) => text.trim().to_owned(),
        Err(_) => "unknown".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fsio::testing;

    #[test]
    fn network_and_simple_file_systems_are_told_from_local_ones() {
        assert_eq!(kind_of(0x6969), FileSystemKind::Remote("nfs"));
        assert_eq!(kind_of(0x4d44).unsuitable(), Some("vfat"));
        for local in [0xef53, 0x5846_5342, 0x9123_683e, 0x0102_1994, 0x794c_7630] {
            assert_eq!(kind_of(local).unsuitable(), None);
        }
    }

    #[test]
    fn a_folder_that_others_may_change_is_not_private() {
        let folder = tempfile::tempdir().unwrap();
        check_private(folder.path()).unwrap();
        for bits in [0o720, 0o702] {
            testing::set_mode(folder.path(), bits);
            let error = check_private(folder.path()).unwrap_err();
            assert!(matches!(error.reason, Reason::WritableByOthers { mode } if mode == bits));
        }
    }

    #[test]
    fn what_stands_at_a_path_is_told_without_following_links() {
        let folder = tempfile::tempdir().unwrap();
        let [file, link, none] = ["a", "b", "c"].map(|name| folder.path().join(name));
        testing::put(&file, b"123");
        testing::set_mode(&file, 0o440);
        std::os::unix::fs::symlink(&file, &link).unwrap();
        let found = standing(&file).unwrap().unwrap();
        assert_eq!((found.kind, found.size_bytes, found.mode), (StandingKind::File, 3, 0o440));
        assert!(found.changed_s > 1_700_000_000);
        assert_eq!(standing(&link).unwrap().unwrap().kind, StandingKind::Other);
        assert_eq!(standing(folder.path()).unwrap().unwrap().kind, StandingKind::Folder);
        assert_eq!(standing(&none).unwrap(), None);
    }

    #[test]
    fn users_have_the_names_of_the_list_or_none() {
        let list =
            "root:x:0:0:root:/root:/bin/sh\n\n+\n:x:7:7::\nli:x:1000:1000::/home/li:/bin/sh\n";
        assert_eq!(name_in(list, 0).as_deref(), Some("root"));
        assert_eq!(name_in(list, 1000).as_deref(), Some("li"));
        assert_eq!([name_in(list, 7), name_in(list, 100), name_in("", 0)], [None, None, None]);
        assert!(!user_name().is_empty());
    }

    #[test]
    fn the_file_system_has_a_size() {
        let folder = tempfile::tempdir().unwrap();
        assert!(total_bytes(folder.path()).unwrap() >= free_bytes(folder.path()).unwrap());
        assert!(is_writable(folder.path()));
        assert!(!boot_id().is_empty());
    }
}
