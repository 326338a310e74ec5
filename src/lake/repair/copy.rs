//! The copy of a lake that files are taken from.

use std::path::Path;

use crate::fsio;
use crate::lake::LakeError;
use crate::lake::agreement::first_hashes;
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
