//! The file by which a mirror is known: whose it is, what may be in it, and how far it has come.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::fsio::{self, Mode};
use crate::mirror::{Leaving, MirrorError};

/// Name of the file, which stands beside the folders of the tables.
pub(super) const MARKER: &str = "tongban-mirror.json";
/// What the first key says.
const FORMAT: &str = "tongban-mirror";
/// The version of the format that is written and read.
const VERSION: u32 = 1;

/// What the file says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Marker {
    format: String,
    version: u32,
    /// What the lake is known by.
    lake: String,
    records: bool,
    unpublished: bool,
    /// Whether the lake holds made-up data.
    pub(super) synthetic: bool,
    /// The snapshot that all tables have; `None` before they have one.
    pub(super) snapshot: Option<i64>,
    /// The version of each table that belongs to it.
    pub(super) tables: BTreeMap<String, u64>,
}

/// Format and version alone: of a later version, nothing else may be believed.
#[derive(Deserialize)]
struct Head {
    format: String,
    version: u32,
}

impl Marker {
    /// Returns what a mirror says that has no table yet.
    pub(super) fn new(lake: &str, leaving: Leaving) -> Self {
        Self {
            format: FORMAT.to_owned(),
            version: VERSION,
            lake: lake.to_owned(),
            records: leaving.records,
            unpublished: leaving.unpublished,
            synthetic: false,
            snapshot: None,
            tables: BTreeMap::new(),
        }
    }

    /// Reads the file of a mirror, `None` where none stands.
    pub(super) fn load(root: &Path) -> Result<Option<Self>, MirrorError> {
        let path = path(root);
        if !fsio::exists(&path) {
            return Ok(None);
        }
        let text = fsio::read_text(&path).map_err(MirrorError::folder(root))?;
        let garbled = || MirrorError::MarkerGarbled { path: path.clone() };
        let head: Head = serde_json::from_str(&text).map_err(|_| garbled())?;
        if head.format != FORMAT {
            return Err(garbled());
        }
        if head.version != VERSION {
            let (found, known) = (head.version, VERSION);
            return Err(MirrorError::VersionUnknown { path, found, known });
        }
        serde_json::from_str(&text).map(Some).map_err(|_| garbled())
    }

    /// Fails unless the mirror is that of a lake, and holds what is to leave now.
    pub(super) fn check(
        &self,
        root: &Path,
        lake: &str,
        leaving: Leaving,
    ) -> Result<(), MirrorError> {
        if self.lake != lake {
            return Err(MirrorError::OtherLake { root: root.to_owned() });
        }
        let choices = [
            ("--records", self.records, leaving.records),
            ("--unpublished", self.unpublished, leaving.unpublished),
        ];
        match choices.into_iter().find(|(_, was, now)| was != now) {
            None => Ok(()),
            Some((option, was_given, _)) => {
                Err(MirrorError::OtherChoice { root: root.to_owned(), option, was_given })
            }
        }
    }

    /// Writes the file, all at once, unless it says so already.
    pub(super) fn write_where_changed(&self, root: &Path, mode: Mode) -> Result<(), MirrorError> {
        if Self::load(root)?.as_ref() == Some(self) {
            return Ok(());
        }
        let mut bytes = serde_json::to_vec_pretty(self).expect("texts and numbers become JSON");
        bytes.push(b'\n');
        fsio::write_atomic(&path(root), &bytes, mode).map_err(MirrorError::folder(root))
    }
}

fn path(root: &Path) -> PathBuf {
    root.join(MARKER)
}
