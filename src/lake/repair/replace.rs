//! A catalog in the place of another, and files where nothing reads them.

use std::path::{Path, PathBuf};

use crate::fsio::{self, FsError, PlainFile, StandingKind};
use crate::lake::repair::rebuild::{Rebuilt, write_to};
use crate::lake::{Lake, LakeError};

impl Lake {
    /// Puts a catalog in the place of the damaged one, which goes to `lost+found/` with its log.
    ///
    /// At no moment is there none: the old one keeps its name until the new one takes it.
    pub(super) fn replace_catalog(&self, rebuilt: &Rebuilt) -> Result<(), LakeError> {
        let in_folder = |source: FsError| self.folder(source);
        let part = self.work_folder()?.join("catalog.db");
        fsio::create_file(&part, self.layout.changing_mode()).map_err(in_folder)?;
        write_to(rebuilt, &part).map_err(|source| self.catalog.write_error(source))?;
        self.keep_old_catalog()?;
        fsio::move_into_place(&part, &self.layout.catalog()).map_err(in_folder)?;
        self.clear_work()
    }

    /// Returns an empty folder to prepare files in; no run has its name.
    pub(super) fn work_folder(&self) -> Result<PathBuf, LakeError> {
        self.clear_work()?;
        let work = self.layout.repair_work();
        fsio::create_private_dir(&work).map_err(|source| self.folder(source))?;
        Ok(work)
    }

    /// Removes that folder, and what a repair that died has left in it.
    pub(super) fn clear_work(&self) -> Result<(), LakeError> {
        fsio::remove_dir_tree(&self.layout.repair_work()).map_err(|source| self.folder(source))
    }

    /// Gives the catalog a second name in `lost+found/`, and moves its log there, under the name by which it is
    /// the log of that: beside another catalog it must never be read.
    fn keep_old_catalog(&self) -> Result<(), LakeError> {
        let in_folder = |source: FsError| self.folder(source);
        let catalog = self.layout.catalog();
        let kept = self.free_name(&catalog);
        let standing = fsio::standing(&catalog).map_err(in_folder)?;
        match standing.map(|standing| standing.kind) {
            Some(StandingKind::File) => {
                fsio::link_no_clobber(&catalog, &kept).map_err(in_folder)?;
            }
            // What a folder or a link holds is none of ours.
            Some(_) => fsio::rename_no_sync(&catalog, &kept).map_err(in_folder)?,
            None => {}
        }
        fsio::sync_dir(&self.layout.lost()).map_err(in_folder)?;
        for end in ["-wal", "-shm"] {
            let log = with_end(&catalog, end);
            if fsio::exists(&log) {
                fsio::rename_no_sync(&log, &with_end(&kept, end)).map_err(in_folder)?;
            }
        }
        fsio::sync_dir(&self.layout.lost()).map_err(in_folder)?;
        fsio::sync_dir(self.root()).map_err(in_folder)
    }

    /// Moves a file to `lost+found/`, under a name that tells where it stood and what it holds.
    pub(in crate::lake) fn set_aside(&self, path: &Path) -> Result<(), LakeError> {
        let in_folder = |source: FsError| self.folder(source);
        fsio::create_private_dir(&self.layout.lost()).map_err(in_folder)?;
        fsio::rename_no_sync(path, &self.free_name(path)).map_err(in_folder)?;
        fsio::sync_dir(&self.layout.lost()).map_err(in_folder)?;
        path.parent().map_or(Ok(()), |folder| fsio::sync_dir(folder).map_err(in_folder))
    }

    /// Returns a name in `lost+found/` at which nothing stands.
    fn free_name(&self, path: &Path) -> PathBuf {
        let name = self.inner(path).replace('/', "-");
        let mark = match PlainFile::open(path).and_then(|file| file.digest()) {
            Ok(digest) => digest.blake3[..16].to_owned(),
            // A disk that does not give it back: the name is ours to choose.
            Err(_) => "unread".to_owned(),
        };
        let mut to = self.layout.lost().join(format!("{mark}-{name}"));
        let mut number = 1;
        while fsio::exists(&to) {
            number += 1;
            to = self.layout.lost().join(format!("{mark}-{number}-{name}"));
        }
        to
    }
}

fn with_end(path: &Path, end: &str) -> PathBuf {
    let mut name = path.to_owned().into_os_string();
    name.push(end);
    PathBuf::from(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fsio::testing;

    #[test]
    fn the_old_catalog_stands_until_another_takes_its_name() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("lake");
        let lake = Lake::create(&root).unwrap();
        let [catalog, log] = ["catalog.db", "catalog.db-wal"].map(|name| root.join(name));
        let bytes = fsio::read_bytes(&catalog, 1 << 20).unwrap();
        testing::put(&log, b"log");
        lake.keep_old_catalog().unwrap();
        assert!(!fsio::exists(&log), "a log beside another catalog would be read");
        assert_eq!(fsio::read_bytes(&catalog, 1 << 20).unwrap(), bytes);
        let kept = fsio::list_folder(&root.join("lost+found")).unwrap();
        assert_eq!(fsio::read_bytes(&kept[0], 1 << 20).unwrap(), bytes);
        assert_eq!(kept[1], with_end(&kept[0], "-wal"));
        assert_eq!(fsio::read_bytes(&kept[1], 9).unwrap(), b"log");
    }
}
