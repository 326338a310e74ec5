//! Where things stand in the folder of a lake.

use std::path::{Component, Path, PathBuf};

use crate::fsio::{self, FsError};
use crate::table::LakeTable;

/// The folder of a lake and the paths in it.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    root: PathBuf,
}

impl Layout {
    pub(super) fn new(root: &Path) -> Self {
        Self { root: root.to_owned() }
    }

    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    pub(super) fn catalog(&self) -> PathBuf {
        self.root.join("catalog.db")
    }

    pub(super) fn writer_lock(&self) -> PathBuf {
        self.root.join("writer.lock")
    }

    pub(super) fn audit_head(&self) -> PathBuf {
        self.root.join("audit-head")
    }

    pub(super) fn leases(&self) -> PathBuf {
        self.root.join("leases")
    }

    pub(super) fn data(&self, table: LakeTable) -> PathBuf {
        self.root.join("data").join(table.as_str())
    }

    pub(super) fn sources(&self) -> PathBuf {
        self.root.join("source")
    }

    /// Returns the folder of the folders of runs. In it, only those have numbers as names.
    pub(super) fn tmp_root(&self) -> PathBuf {
        self.root.join("tmp")
    }

    /// Returns the folder in which a run prepares its files.
    pub(super) fn tmp(&self, run: i64) -> PathBuf {
        self.tmp_root().join(run.to_string())
    }

    pub(super) fn manifest(&self, snapshot: i64) -> PathBuf {
        self.root.join("manifests").join(format!("{snapshot}.json"))
    }

    pub(super) fn backups(&self) -> PathBuf {
        self.root.join("backup")
    }

    /// Returns where a data file stands, `None` when its stored path leaves the lake.
    pub(super) fn data_file(&self, stored: &str) -> Option<PathBuf> {
        let relative = Path::new(stored);
        let is_plain = relative.components().all(|part| matches!(part, Component::Normal(_)));
        (is_plain && relative.starts_with("data")).then(|| self.root.join(relative))
    }

    /// Creates the folders that are missing: tools that copy a lake may leave out empty ones.
    pub(super) fn create_folders(&self) -> Result<(), FsError> {
        for name in ["backup", "data", "leases", "lost+found", "manifests", "source", "tmp"] {
            fsio::create_private_dir(&self.root.join(name))?;
        }
        for table in LakeTable::ALL {
            fsio::create_private_dir(&self.data(*table))?;
        }
        Ok(())
    }

    /// Returns the folders and files that every commit changes, and that exist.
    pub(super) fn written_paths(&self) -> Vec<PathBuf> {
        let mut paths = vec![self.root.clone(), self.catalog(), self.leases(), self.sources()];
        paths.push(self.tmp_root());
        paths.extend(LakeTable::ALL.iter().map(|table| self.data(*table)));
        paths.retain(|path| fsio::exists(path));
        paths
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stored_paths_stay_in_the_data_folder() {
        let layout = Layout::new(Path::new("/lake"));
        let found = layout.data_file("data/totals/1-1.parquet");
        assert_eq!(found.as_deref(), Some(Path::new("/lake/data/totals/1-1.parquet")));
        for foreign in ["/data/x", "data/../catalog.db", "source/x", "../data/x", ""] {
            assert_eq!(layout.data_file(foreign), None, "{foreign}");
        }
    }
}
