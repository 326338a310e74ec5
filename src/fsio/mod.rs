//! File access: read, atomic write, hash, lock, sync. No other module touches the file system.
//!
//! Every failure names what was attempted and on which path. What is to survive a power cut is
//! synced here, file first and folder after; a failed sync is reported and never tried again,
//! because a second attempt succeeds on data that the kernel has already thrown away.

#![expect(
    clippy::disallowed_methods,
    reason = "every other module goes through this one, so that failures name their path"
)]

mod copy;
mod error;
mod hashing;
mod lock;
mod part_file;
mod plain_file;
mod queue;
mod read;
mod scratch;
mod system;
mod write;

pub use copy::{copy_new, write_new};
pub use error::{Action, FsError, Reason};
pub use hashing::{FileDigest, HashingFile, HashingReader, digest_of, hash_file, hash_hex};
pub use lock::Lock;
pub use part_file::PartFile;
pub use plain_file::PlainFile;
pub use read::{
    Edges, edges, exists, is_dir, list_files, list_files_where, list_folder, open_file, read_bytes,
    read_text, real_path, size_bytes,
};
pub use scratch::{ScratchFile, ScratchReader};
pub use system::{
    FileStamp, FileSystemKind, Standing, StandingKind, boot_id, check_private, check_secret,
    file_system_kind, free_bytes, is_writable, process_id, random_bytes, stamp, stamp_of, standing,
    total_bytes, user_name,
};
pub use write::{
    DirAccess, Mode, allocate, create_file, create_private_dir, create_public_dir, final_path,
    link_aim, link_no_clobber, move_folder, move_into_place, move_no_clobber, move_over,
    point_link, remove_dir_tree, remove_file, rename_no_sync, set_dir_access, set_mode, sync_dir,
    sync_file, write_atomic, write_result, write_results,
};

#[cfg(test)]
pub(crate) use write::testing;
