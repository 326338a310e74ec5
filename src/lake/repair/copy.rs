//! The copy of a lake that files are taken from, and taking one.

use std::io::ErrorKind;
use std::path::Path;

use crate::diag::{Diagnose, Message};
use crate::fsio::{self, FsError, Mode, PlainFile};
use crate::lake::agreement::first_hashes;
use crate::lake::check::Problem;
use crate::lake::repair::{RepairKind, RepairReport, RepairSettings};
use crate::lake::{Lake, LakeError};
use crate::model::text_enum;

text_enum! {
    /// Why files cannot be taken from a folder.
    CopyFault {
        /// There is no such folder.
        Absent = "absent",
        /// It is the lake that is repaired.
        Same = "same",
        /// No commit of a lake shows there.
        NoLake = "no_lake",
        /// The first commit there is another one.
        Foreign = "foreign",
    }
}

/// Fails unless a folder holds a copy of the lake in `root`, however much later or earlier it was made.
///
/// Where nothing in `root` tells any more which lake it was, any lake will do: files are taken by their hashes.
pub(super) fn check_copy(root: &Path, copy: &Path) -> Result<(), LakeError> {
    let fault = if !fsio::is_dir(copy) {
        CopyFault::Absent
    } else if fsio::real_path(copy) == fsio::real_path(root) {
        CopyFault::Same
    } else {
        let (ours, theirs) = (first_hashes(root), first_hashes(copy));
        if theirs.is_empty() {
            CopyFault::NoLake
        } else if !ours.is_empty() && ours.is_disjoint(&theirs) {
            CopyFault::Foreign
        } else {
            return Ok(());
        }
    };
    Err(LakeError::CopyUnusable { path: copy.to_owned(), fault })
}

impl Lake {
    /// Takes a file from the copy of the lake, where one with the right bytes stands in it.
    pub(super) fn put_back(
        &self,
        (path, hash): (&str, &str),
        settings: RepairSettings<'_>,
        report: &mut RepairReport,
        problem: &Problem,
    ) -> Result<bool, LakeError> {
        let Some(copy) = settings.copy else { return Ok(false) };
        let from = copy.join(path);
        match PlainFile::open(&from).and_then(|file| file.digest()) {
            Ok(digest) if digest.blake3 == hash => {}
            Ok(_) => return Ok(false),
            Err(error) => {
                // What the copy does not have is looked for elsewhere, and so is what it does not give.
                if error.kind() != Some(ErrorKind::NotFound) {
                    report.warnings.push(error.message());
                }
                return Ok(false);
            }
        }
        let message =
            Message::new("repair.put_back").with("path", path).with("from", from.display());
        report.step_for(RepairKind::PutBack, problem, message);
        if settings.is_dry_run {
            return Ok(true);
        }
        let in_folder = |source: FsError| self.folder(source);
        let part = self.layout.lost().join(format!(".{}.part", &hash[..16.min(hash.len())]));
        fsio::remove_file(&part).map_err(in_folder)?;
        let digest = fsio::copy_new(&from, &part, Mode::Private).map_err(in_folder)?;
        fsio::set_mode(&part, Mode::Sealed).map_err(in_folder)?;
        // Of what stands there now: the copy may have been changed since it was read.
        if digest.blake3 != hash {
            fsio::remove_file(&part).map_err(in_folder)?;
            return Err(LakeError::ReadBack { path: part });
        }
        let outer = self.outer(path);
        if fsio::exists(&outer) {
            self.set_aside(&outer)?;
        }
        fsio::link_no_clobber(&part, &outer)
            .and_then(|()| fsio::remove_file(&part))
            .and_then(|()| outer.parent().map_or(Ok(()), fsio::sync_dir))
            .map_err(in_folder)?;
        Ok(true)
    }
}
