//! Who may read a lake besides its owner: nobody, or the group of its folder.
//!
//! The mode of the folder says which, so that a copy of a lake keeps it. Whoever is in the group reads and
//! never writes. Pseudonyms, what is being written and copies of the catalog stay with the owner.

use std::path::{Path, PathBuf};

use crate::fsio::{self, DirAccess, Mode};
use crate::lake::layout::Layout;
use crate::lake::{Lake, LakeError};
use crate::table::LakeTable;

/// The bits by which a group may read and enter a folder.
const GROUP_READS: u32 = 0o050;

impl Layout {
    /// Returns who may enter the folder of the lake.
    pub(super) fn access(&self) -> DirAccess {
        match fsio::standing(self.root()) {
            Ok(Some(standing)) if standing.mode & GROUP_READS == GROUP_READS => DirAccess::Group,
            _ => DirAccess::Owner,
        }
    }

    /// Returns the mode of files that change, as the catalog does.
    pub(super) fn changing_mode(&self) -> Mode {
        match self.access() {
            DirAccess::Owner => Mode::Private,
            DirAccess::Group => Mode::Shared,
        }
    }
}

impl Lake {
    /// Returns who may read the lake besides its owner.
    pub fn access(&self) -> DirAccess {
        self.layout.access()
    }

    /// Lets the group of the folder read the lake, or nobody besides the owner.
    ///
    /// The folder itself comes last when it is opened, and first when it is closed.
    pub fn share(&self, access: DirAccess) -> Result<(), LakeError> {
        if let Some(reason) = &self.read_only {
            let root = self.root().to_owned();
            return Err(LakeError::ReadOnly { root, reason: reason.clone() });
        }
        let in_folder = |source| self.folder(source);
        if access == DirAccess::Owner {
            fsio::set_dir_access(self.root(), access).map_err(in_folder)?;
        }
        let mode = match access {
            DirAccess::Owner => Mode::Private,
            DirAccess::Group => Mode::Shared,
        };
        let catalog = self.layout.catalog();
        let [log, index] = ["-wal", "-shm"].map(|end| {
            let mut name = catalog.clone().into_os_string();
            name.push(end);
            PathBuf::from(name)
        });
        for path in [catalog, log, index, self.layout.audit_head()] {
            if fsio::exists(&path) {
                fsio::set_mode(&path, mode).map_err(in_folder)?;
            }
        }
        for folder in self.layout.shared_folders() {
            if fsio::is_dir(&folder) {
                fsio::set_dir_access(&folder, access).map_err(in_folder)?;
            }
        }
        if access == DirAccess::Group {
            fsio::set_dir_access(self.root(), access).map_err(in_folder)?;
        }
        Ok(())
    }

    /// Returns who may enter a folder of the lake.
    pub(super) fn access_of(&self, folder: &Path) -> DirAccess {
        if self.layout.shared_folders().iter().any(|shared| shared == folder) {
            self.access()
        } else {
            DirAccess::Owner
        }
    }

    /// Leaves those rights on a file or folder of the lake that it is made with.
    pub(super) fn tighten(&self, path: &Path) -> Result<(), LakeError> {
        let tightened = if fsio::is_dir(path) {
            fsio::set_dir_access(path, self.access_of(path))
        } else {
            fsio::set_mode(path, self.layout.mode_of(path))
        };
        tightened.map_err(|source| self.folder(source))
    }
}

impl Layout {
    /// Returns the mode that a file of the lake is made with.
    fn mode_of(&self, path: &Path) -> Mode {
        if path == self.catalog() || path == self.audit_head() {
            self.changing_mode()
        } else if path.parent() == Some(self.root()) || path.starts_with(self.backups()) {
            Mode::Private
        } else {
            Mode::Sealed
        }
    }

    /// Returns the folders that a group that may read the lake may enter.
    pub(super) fn shared_folders(&self) -> Vec<PathBuf> {
        let tables = LakeTable::ALL.iter().filter(|table| !table.is_personal());
        let mut folders = vec![self.root().join("data"), self.sources(), self.manifests()];
        folders.extend(tables.map(|table| self.data(*table)));
        folders
    }
}
