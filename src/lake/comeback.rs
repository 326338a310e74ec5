//! What brings the rows of a damaged data file back.

use crate::fsio::PlainFile;
use crate::lake::damage::NamedFile;
use crate::lake::layout::Layout;
use crate::model::{BatchId, SourceKind};

/// What brings the rows of a damaged data file back, besides a copy of the lake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comeback {
    /// The document is read again: its source is kept.
    Reread,
    /// The document is given again: its source is lost, too.
    Document,
    /// The files of records are given again: they are not kept.
    Records,
    /// Nothing does: only earlier snapshots have the file.
    Nothing,
}

impl Comeback {
    /// Reads the source of a document, where it is one.
    pub(super) fn of(file: &NamedFile, layout: &Layout) -> Self {
        match &file.source {
            Some(_) if file.end.is_some() => Self::Nothing,
            Some((SourceKind::Records, _)) => Self::Records,
            Some((_, hash)) if is_kept(layout, hash) => Self::Reread,
            Some(_) => Self::Document,
            // Of no batch that the catalog knows.
            None => Self::Nothing,
        }
    }

    /// Returns the code of the text that tells it.
    pub(super) fn advice(self) -> &'static str {
        match self {
            Self::Reread => "lake.comes_by_reread",
            Self::Document => "lake.comes_by_document",
            Self::Records => "lake.comes_by_records",
            Self::Nothing => "lake.comes_by_copy",
        }
    }
}

/// Whose rows a damaged data file holds, and what brings them back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DamagedRows {
    /// The batch.
    pub batch: BatchId,
    /// What brings them back.
    pub comeback: Comeback,
}

impl DamagedRows {
    pub(super) fn of(file: &NamedFile, layout: &Layout) -> Self {
        Self { batch: file.batch.clone(), comeback: Comeback::of(file, layout) }
    }
}

/// Tells whether a source stands where it belongs and is what arrived.
fn is_kept(layout: &Layout, hash: &str) -> bool {
    let file = PlainFile::open(&layout.sources().join(hash));
    file.and_then(|file| file.digest()).is_ok_and(|digest| digest.blake3 == hash)
}
