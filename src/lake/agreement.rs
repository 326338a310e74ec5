//! Whether the catalog has what was committed, by what is kept beside it.
//!
//! The head of the audit chain and the manifests are written after the commit: they may be behind the
//! catalog, where a process died in between, and never ahead of it. Where they are, the catalog was put
//! back from a copy, and whatever is built on it would take the place of what was committed since.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::diag::{Diagnose, Message};
use crate::fsio;
use crate::lake::audit::{self, KeptHead, chained};
use crate::lake::catalog::Catalog;
use crate::lake::follow_up::{MANIFEST_FORMAT, MANIFEST_VERSION, MAX_MANIFEST_BYTES};
use crate::lake::layout::Layout;
use crate::lake::record::head;
use crate::lake::{AuditHead, Lake, LakeError};

/// A manifest as it is read.
#[derive(Debug, Deserialize)]
pub(super) struct Manifest {
    format: String,
    version: u32,
    snapshot: i64,
    record: Map<String, Value>,
    pub(super) hash: String,
}

impl Manifest {
    /// Returns the manifest of a snapshot, `None` where there is none that can be read.
    pub(super) fn read(layout: &Layout, snapshot: i64) -> Option<Self> {
        let bytes = fsio::read_bytes(&layout.manifest(snapshot), MAX_MANIFEST_BYTES).ok()?;
        let manifest: Self = serde_json::from_slice(&bytes).ok()?;
        let is_known = manifest.format == MANIFEST_FORMAT && manifest.version == MANIFEST_VERSION;
        (is_known && manifest.snapshot == snapshot).then_some(manifest)
    }

    /// Returns the record as the chain has it.
    pub(super) fn record_text(&self) -> Option<String> {
        serde_json::to_string(&self.record).ok()
    }

    /// Tells whether it holds what its hash was made of.
    fn is_as_written(&self, layout: &Layout) -> bool {
        let before = match self.snapshot {
            1 => Some(String::new()),
            later => Self::read(layout, later - 1).map(|manifest| manifest.hash),
        };
        let hash = before.zip(self.record_text()).map(|(before, record)| chained(&before, &record));
        hash.is_some_and(|hash| hash == self.hash)
    }
}

/// What stands beside the catalog and tells of snapshots. Read before the catalog, which others may be
/// adding to.
#[derive(Debug)]
pub(super) struct Beside {
    kept: Option<AuditHead>,
    /// The number of the latest manifest, 0 where there is none.
    latest: i64,
    /// The entry that the latest manifest tells of, where it is what was written.
    told: Option<AuditHead>,
}

/// How the catalog stands to what is kept beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Agrees,
    /// It has the snapshots up to `latest`, and `known` was committed.
    Behind {
        latest: i64,
        known: i64,
    },
    /// The snapshot is not the one that was committed.
    Other {
        snapshot: i64,
    },
}

impl Beside {
    pub(super) fn read(layout: &Layout) -> Self {
        let kept = match audit::read_head(&layout.audit_head()) {
            Ok(KeptHead::Whole(head)) => Some(head),
            _ => None,
        };
        let is_there = |number: &i64| fsio::exists(&layout.manifest(*number));
        let following =
            kept.as_ref().and_then(|kept| (kept.entry..i64::MAX).take_while(is_there).last());
        // All are listed only where the head is no place to begin: there may be many.
        let latest = following.or_else(|| manifest_numbers(layout).last().copied()).unwrap_or(0);
        let told = Manifest::read(layout, latest)
            .filter(|manifest| manifest.is_as_written(layout))
            .map(|manifest| AuditHead { entry: latest, hash: manifest.hash });
        Self { kept, latest, told }
    }

    fn compared(&self, connection: &Connection) -> rusqlite::Result<Standing> {
        let latest = head(connection)?;
        let known = self.kept.as_ref().map_or(0, |kept| kept.entry).max(self.latest);
        if known > latest {
            return Ok(Standing::Behind { latest, known });
        }
        for told in self.kept.iter().chain(&self.told) {
            let hash: Option<String> = connection
                .query_row("SELECT hash FROM audit WHERE entry = ?1", [told.entry], |row| {
                    row.get(0)
                })
                .optional()?;
            if hash.is_none_or(|hash| hash != told.hash) {
                return Ok(Standing::Other { snapshot: told.entry });
            }
        }
        Ok(Standing::Agrees)
    }

    /// Returns what whoever reads has to know, `None` where the catalog has all that is known of.
    pub(super) fn warning(&self, connection: &Connection) -> rusqlite::Result<Option<Message>> {
        Ok(refusal(self.compared(connection)?).map(|error| error.message()))
    }
}

fn refusal(standing: Standing) -> Option<LakeError> {
    match standing {
        Standing::Agrees => None,
        Standing::Behind { latest, known } => Some(LakeError::CatalogBehind { latest, known }),
        Standing::Other { snapshot } => Some(LakeError::CatalogOther { snapshot }),
    }
}

impl Lake {
    /// Fails where something beside the catalog tells of commits that it does not have. Called before
    /// anything is changed.
    pub(super) fn check_agreement(&self) -> Result<(), LakeError> {
        let beside = Beside::read(&self.layout);
        let standing = self.catalog.read(|connection| beside.compared(connection))?;
        refusal(standing).map_or(Ok(()), Err)
    }

    /// Returns the paths that manifests of snapshots after `latest` name, sources included.
    pub(super) fn told_paths(&self, latest: i64) -> BTreeSet<String> {
        let later = manifest_numbers(&self.layout).into_iter().filter(|number| *number > latest);
        let manifests = later.filter_map(|number| Manifest::read(&self.layout, number));
        manifests.flat_map(|manifest| paths_of(&manifest.record)).collect()
    }
}

fn paths_of(record: &Map<String, Value>) -> Vec<String> {
    let values = |part: &str, column: &'static str| {
        let rows = record.get(part).and_then(Value::as_array);
        rows.into_iter().flatten().filter_map(move |row| row.get(column)?.as_str())
    };
    let sources = values("batches", "source_hash").map(|hash| format!("source/{hash}"));
    values("files", "path").map(str::to_owned).chain(sources).collect()
}

/// Returns the numbers of the snapshots that have manifests, in order.
fn manifest_numbers(layout: &Layout) -> Vec<i64> {
    let number = |path: &PathBuf| path.file_stem()?.to_str()?.parse().ok();
    let listed = fsio::list_folder(&layout.manifests()).unwrap_or_default();
    let mut numbers: Vec<i64> = listed.iter().filter_map(number).collect();
    numbers.sort_unstable();
    numbers
}

/// Returns the hashes that the first entry of the chain of the lake in a folder has by its catalog, the copies
/// of that, and its manifest: what tells one lake from another. There is one where all is well.
pub(super) fn first_hashes(root: &Path) -> BTreeSet<String> {
    let layout = Layout::new(root);
    let mut hashes = first_hashes_beside(&layout);
    hashes.extend(first_hash_in(layout.catalog()));
    hashes
}

/// Tells whether the catalog is of another lake than all that stands beside it and tells which lake it is.
pub(super) fn is_of_another_lake(layout: &Layout) -> bool {
    let beside = first_hashes_beside(layout);
    let is_other = |own: String| !beside.is_empty() && !beside.contains(&own);
    first_hash_in(layout.catalog()).is_some_and(is_other)
}

fn first_hashes_beside(layout: &Layout) -> BTreeSet<String> {
    let copies = fsio::list_folder(&layout.backups()).unwrap_or_default();
    let manifest = Manifest::read(layout, 1).filter(|manifest| manifest.is_as_written(layout));
    let stored = copies.into_iter().filter_map(first_hash_in);
    stored.chain(manifest.map(|manifest| manifest.hash)).collect()
}

fn first_hash_in(catalog: PathBuf) -> Option<String> {
    if !fsio::exists(&catalog) {
        return None;
    }
    Catalog::new(catalog, false).read(first_stored).ok().flatten()
}

fn first_stored(connection: &Connection) -> rusqlite::Result<Option<String>> {
    let stored: Option<(String, String)> = connection
        .query_row("SELECT record, hash FROM audit WHERE entry = 1", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()?;
    Ok(stored.filter(|(record, hash)| chained("", record) == *hash).map(|(_, hash)| hash))
}
