//! Checks an export against its manifest: every file is there, has its bytes and its rows, and nothing else is.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use crate::diag::Message;
use crate::export::file::{FileEntry, hash_of};
use crate::export::folder::{CURRENT, MANIFEST, MAX_MANIFEST_BYTES};
use crate::export::manifest::{FORMAT, ReadManifest};
use crate::export::{ExportError, ExportFormat};
use crate::fsio::{self, FsError, Reason};
use crate::table::parquet_rows;

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckOutcome {
    /// The folder that was checked, where links lead.
    pub folder: PathBuf,
    /// Files that were read.
    pub n_files: usize,
    /// Their size.
    pub n_bytes: u64,
    /// What is not as the manifest says; nothing where all is well.
    pub faults: Vec<Message>,
}

/// Checks the export in `dir`: the latest one where it is a folder of exports.
///
/// Fails where there is none, or its manifest cannot be understood.
pub fn check(dir: &Path, is_cancelled: &AtomicBool) -> Result<CheckOutcome, ExportError> {
    let current = dir.join(CURRENT);
    let folder = if fsio::exists(&current) { current } else { dir.to_owned() };
    let folder = fsio::real_path(&folder);
    let path = folder.join(MANIFEST);
    if !fsio::exists(&path) {
        return Err(ExportError::NothingThere { path: dir.to_owned() });
    }
    let manifest = read_manifest(&path)?;
    let mut outcome =
        CheckOutcome { folder: folder.clone(), n_files: 0, n_bytes: 0, faults: Vec::new() };
    let of_datasets = manifest.resources.iter().flat_map(|resource| &resource.files);
    let mut files: BTreeMap<&str, &FileEntry> = BTreeMap::new();
    for file in of_datasets.chain(&manifest.tongban.other_files) {
        if !stays_inside(&file.path) {
            let reason = format!("`{}` is no path below the folder", file.path);
            return Err(ExportError::ManifestInvalid { path, reason });
        }
        files.insert(&file.path, file);
    }
    for file in files.values() {
        if is_cancelled.load(Ordering::Relaxed) {
            return Err(ExportError::Cancelled);
        }
        outcome.check_file(file)?;
    }
    for resource in &manifest.resources {
        if resource.format == ExportFormat::Parquet.as_str() {
            outcome.check_rows(&resource.name, &resource.files, resource.n_rows);
        }
    }
    outcome.find_others(&folder, &files)?;
    Ok(outcome)
}

fn read_manifest(path: &Path) -> Result<ReadManifest, ExportError> {
    let invalid = |reason: String| ExportError::ManifestInvalid { path: path.to_owned(), reason };
    let bytes = fsio::read_bytes(path, MAX_MANIFEST_BYTES)?;
    let manifest: ReadManifest =
        serde_json::from_slice(&bytes).map_err(|error| invalid(error.to_string()))?;
    let found = (manifest.tongban.format.as_str(), manifest.tongban.version);
    if found != FORMAT {
        return Err(invalid(format!("{} {} is not {} {}", found.0, found.1, FORMAT.0, FORMAT.1)));
    }
    Ok(manifest)
}

/// Whether a path of a manifest, which anybody may have written, stays below its folder.
fn stays_inside(path: &str) -> bool {
    let mut components = Path::new(path).components();
    !path.is_empty() && components.all(|part| matches!(part, Component::Normal(_)))
}

impl CheckOutcome {
    fn check_file(&mut self, file: &FileEntry) -> Result<(), ExportError> {
        let path = self.folder.join(&file.path);
        let fault = |code| Message::new(code).with("file", &file.path);
        // A link is no file of an export, wherever it leads.
        let is_plain = match fsio::PlainFile::open(&path) {
            Ok(_) => true,
            Err(FsError { reason: Reason::System(error), .. })
                if error.kind() == std::io::ErrorKind::NotFound =>
            {
                self.faults.push(fault("export.file_missing"));
                return Ok(());
            }
            Err(_) => false,
        };
        if !is_plain {
            self.faults.push(fault("export.file_unreadable"));
            return Ok(());
        }
        let (bytes, hash) = hash_of(&path)?;
        self.n_files += 1;
        self.n_bytes += bytes;
        if (bytes, &hash) != (file.bytes, &file.hash) {
            self.faults.push(fault("export.file_changed"));
        }
        Ok(())
    }

    /// Finds what stands in a folder of the export and is not in the manifest: files, links, pipes, devices, and
    /// folders that hold nothing.
    fn find_others(
        &mut self,
        folder: &Path,
        files: &BTreeMap<&str, &FileEntry>,
    ) -> Result<(), ExportError> {
        let paths = fsio::list_folder(folder)?;
        let mut unknown = |path: &Path, ending: &str| {
            let inner = path.strip_prefix(&self.folder).unwrap_or(path).to_string_lossy();
            if inner != MANIFEST && !files.contains_key(inner.as_ref()) {
                let file = format!("{inner}{ending}");
                self.faults.push(Message::new("export.file_unknown").with("file", file));
            }
        };
        if paths.is_empty() {
            unknown(folder, "/");
        }
        // A link is looked at as one, wherever it leads.
        let is_folder = |path: &PathBuf| fsio::link_aim(path).is_none() && fsio::is_dir(path);
        let (folders, others): (Vec<PathBuf>, Vec<PathBuf>) =
            paths.into_iter().partition(is_folder);
        for path in &others {
            unknown(path, "");
        }
        folders.iter().try_for_each(|path| self.find_others(path, files))
    }

    /// Compares the rows that Parquet files say they have with those of the manifest.
    fn check_rows(&mut self, dataset: &str, files: &[FileEntry], expected: u64) {
        let rows = files.iter().map(|file| {
            let file = fsio::open_file(&self.folder.join(&file.path)).ok()?;
            parquet_rows(file).ok()
        });
        // What cannot be read was told of by its hash.
        let Some(found) = rows.sum::<Option<u64>>() else { return };
        if found != expected {
            let message = Message::new("export.rows_unlike").with("dataset", dataset);
            self.faults.push(message.with("found", found).with("expected", expected));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_cannot_name_files_elsewhere() {
        for path in ["figures/figures.parquet", "a", "a/b=c/d.parquet"] {
            assert!(stays_inside(path), "{path}");
        }
        for path in ["", "../a", "a/../../b", "/etc/passwd", "./a", "a/.."] {
            assert!(!stays_inside(path), "{path}");
        }
    }
}
