//! Room that the lake keeps for itself: a file of nothing, given up when the disk is full.
//!
//! Whoever makes room has to write first: which files are given up, and since when. So collecting must
//! work where nothing else can be written any more.

use std::path::PathBuf;

use crate::fsio::{self, FsError};
use crate::lake::Lake;
use crate::lake::layout::Layout;

/// Size of the file, on a file system that is large enough.
const RESERVE_BYTES: u64 = 64 << 20;

/// It takes one part in so many of a smaller one.
const RESERVE_PART: u64 = 100;

/// What a collection may write: marks, a snapshot, the log of the catalog and its index.
const NEEDED_BYTES: u64 = 16 << 20;

impl Layout {
    fn reserve(&self) -> PathBuf {
        self.root().join("reserve")
    }
}

impl Lake {
    /// Takes the room, unless it is taken, or less than twice as much would be left. Best effort.
    pub(super) fn keep_reserve(&self) {
        let path = self.layout.reserve();
        if fsio::exists(&path) {
            return;
        }
        let room = || -> Result<(u64, u64), FsError> {
            Ok((fsio::total_bytes(self.root())?, fsio::free_bytes(self.root())?))
        };
        let Ok((total_bytes, free_bytes)) = room() else { return };
        let size_bytes = (total_bytes / RESERVE_PART).min(RESERVE_BYTES);
        if size_bytes > 0 && free_bytes / 3 >= size_bytes {
            // What cannot be taken is not there; the next commit tries again.
            fsio::allocate(&path, size_bytes).ok();
        }
    }

    /// Gives the room up where there is hardly any other. Best effort: what is missed shows at once.
    pub(super) fn give_up_reserve(&self) {
        if fsio::free_bytes(self.root()).is_ok_and(|free_bytes| free_bytes < NEEDED_BYTES) {
            fsio::remove_file(&self.layout.reserve()).ok();
        }
    }
}
