//! Where things stand in the folder of a lake.

use std::path::{Component, Path, PathBuf};

use crate::fsio::{self, DirAccess, FsError};
use crate::table::LakeTable;

/// Everything that stands directly in the folder of a lake.
const PLACES: [&str; 17] = [
    "audit-head",
    "backup",
    "catalog.db",
    "catalog.db-journal",
    "catalog.db-shm",
    "catalog.db-wal",
    "data",
    "leases",
    "lost+found",
    "manifests",
    "queue",
    "records.lock",
    "reports.lock",
    "reserve",
    "source",
    "tmp",
    "writer.lock",
];

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

    /// Returns the lock that runs of records hold from their beginning to their end.
    pub(super) fn records_lock(&self) -> PathBuf {
        self.root.join("records.lock")
    }

    /// Returns the lock under which reports that are due are made.
    pub(super) fn reports_lock(&self) -> PathBuf {
        self.root.join("reports.lock")
    }

    /// Returns the folder of those who wait for a lock.
    pub(super) fn queue(&self, lock: &Path) -> PathBuf {
        self.root.join("queue").join(lock.file_stem().unwrap_or_default())
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

    /// Returns the folder in which a repair prepares files.
    pub(super) fn repair_work(&self) -> PathBuf {
        self.tmp_root().join("repair")
    }

    /// Returns the folder in which the copy of the catalog for runs of reports is prepared.
    pub(super) fn report_work(&self) -> PathBuf {
        self.tmp_root().join("reports")
    }

    /// Returns the lock that a run holds while it lives.
    pub(super) fn run_lock(&self, run: i64) -> PathBuf {
        self.tmp(run).join("lock")
    }

    pub(super) fn manifests(&self) -> PathBuf {
        self.root.join("manifests")
    }

    pub(super) fn manifest(&self, snapshot: i64) -> PathBuf {
        self.manifests().join(format!("{snapshot}.json"))
    }

    /// Returns the folder for what people may want to look at, from which nothing is read.
    pub(super) fn lost(&self) -> PathBuf {
        self.root.join("lost+found")
    }

    /// Returns the name of a data file of a run, by its number within the run, from 1.
    pub(super) fn data_name(run: i64, number: u64) -> String {
        format!("{run}-{number}")
    }

    /// Returns the name of a file that holds what others hold, by its number within the run, from 1.
    pub(super) fn merge_name(run: i64, number: u64) -> String {
        format!("{run}-m{number}")
    }

    /// Tells whether a file has the name of one that holds what others hold.
    pub(super) fn is_merge(path: &Path) -> bool {
        let stem = path.file_stem().and_then(|stem| stem.to_str());
        stem.and_then(|stem| stem.split_once('-')).is_some_and(|(_, rest)| rest.starts_with('m'))
    }

    /// Returns the run that a data file is named after, `None` for other files.
    pub(super) fn run_of(path: &Path) -> Option<i64> {
        path.file_stem()?.to_str()?.split_once('-')?.0.parse().ok()
    }

    pub(super) fn backups(&self) -> PathBuf {
        self.root.join("backup")
    }

    /// Returns the copy of the catalog that a snapshot gave rise to.
    pub(super) fn backup(&self, snapshot: i64) -> PathBuf {
        // Numbers of equal length, so that names sort as numbers do.
        self.backups().join(format!("catalog-{snapshot:012}.db"))
    }

    /// Returns the copy of the catalog that runs of reports gave rise to.
    pub(super) fn report_backup(&self) -> PathBuf {
        self.backups().join("catalog-reports.db")
    }

    /// Returns the latest copy of the catalog, `None` when there is none or it cannot be looked for.
    pub(super) fn latest_backup(&self) -> Option<PathBuf> {
        let backups = fsio::list_folder(&self.backups()).unwrap_or_default();
        backups.into_iter().rfind(|path| path.extension().is_some_and(|end| end == "db"))
    }

    /// Returns where a data file stands, `None` when its stored path leaves the lake.
    pub(super) fn data_file(&self, stored: &str) -> Option<PathBuf> {
        let relative = Path::new(stored);
        let is_plain = relative.components().all(|part| matches!(part, Component::Normal(_)));
        (is_plain && relative.starts_with("data")).then(|| self.root.join(relative))
    }

    /// Tells whether something of a lake belongs at a path directly in its folder or in that of the data files.
    pub(super) fn has_place_for(&self, path: &Path) -> bool {
        if path.parent() == Some(&*self.root.join("data")) {
            return LakeTable::ALL.iter().any(|table| self.data(*table) == path);
        }
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        // What is written at this moment.
        let is_part = name.starts_with('.') && name.ends_with(".part");
        is_part || PLACES.contains(&&*name)
    }

    /// Creates the folders that are missing: tools that copy a lake may leave out empty ones.
    pub(super) fn create_folders(&self) -> Result<(), FsError> {
        for name in ["backup", "data", "leases", "lost+found", "manifests", "source", "tmp"] {
            fsio::create_private_dir(&self.root.join(name))?;
        }
        for table in LakeTable::ALL {
            fsio::create_private_dir(&self.data(*table))?;
        }
        // Those that were just made, as those of a table that an earlier program did not know.
        let access = self.access();
        if access == DirAccess::Group {
            for folder in self.shared_folders() {
                if fsio::standing(&folder)?.is_some_and(|found| found.mode & 0o050 == 0) {
                    fsio::set_dir_access(&folder, access)?;
                }
            }
        }
        Ok(())
    }

    /// Returns, of the folders and files that a commit cannot do without, those that exist.
    ///
    /// `writer.lock`, which is locked without being written, and what only follows a commit
    /// (`manifests/`, `audit-head`, `backup/`) do not decide whether the lake can be changed.
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
