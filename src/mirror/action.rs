//! The lines of a Delta log: what one version of a table changes. Ours are written and read back here.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What a version says first of itself: who wrote it, when, from which snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CommitInfo {
    /// Milliseconds since 1970, UTC.
    pub(super) timestamp: i64,
    /// The word that other programs list it by.
    pub(super) operation: String,
    pub(super) operation_parameters: BTreeMap<String, String>,
    /// Program and version, as `tongban/0.1.0`.
    pub(super) engine_info: String,
    /// Number of the snapshot of the lake; other programs write none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) snapshot: Option<i64>,
    /// Whether the lake holds made-up data.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) synthetic: bool,
}

/// What a reader and a writer have to know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Protocol {
    pub(super) min_reader_version: i32,
    pub(super) min_writer_version: i32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) reader_features: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) writer_features: Option<Vec<String>>,
}

/// The kind of the data files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct FileFormat {
    pub(super) provider: String,
    pub(super) options: BTreeMap<String, String>,
}

/// What a table is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct MetaData {
    /// A number that no other table has.
    pub(super) id: String,
    pub(super) name: String,
    pub(super) description: String,
    pub(super) format: FileFormat,
    /// The columns, as JSON in a text.
    pub(super) schema_string: String,
    pub(super) partition_columns: Vec<String>,
    pub(super) configuration: BTreeMap<String, String>,
    /// Milliseconds since 1970, UTC.
    pub(super) created_time: i64,
}

/// How far somebody has come whose work the table follows: for us, the number of the snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Txn {
    pub(super) app_id: String,
    pub(super) version: i64,
    pub(super) last_updated: i64,
}

/// A data file that the table has from this version on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Add {
    /// Name in the folder of the table. Ours has nothing that a URL would write otherwise.
    pub(super) path: String,
    pub(super) partition_values: BTreeMap<String, String>,
    pub(super) size: u64,
    pub(super) modification_time: i64,
    pub(super) data_change: bool,
    /// Rows and bounds, as JSON in a text.
    pub(super) stats: String,
}

/// A data file that the table no longer has; it stands there until readers of earlier versions are gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Remove {
    pub(super) path: String,
    /// Milliseconds since 1970, UTC.
    pub(super) deletion_timestamp: i64,
    pub(super) data_change: bool,
    pub(super) extended_file_metadata: bool,
    pub(super) partition_values: BTreeMap<String, String>,
    pub(super) size: u64,
}

/// One line of a log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Action {
    CommitInfo(CommitInfo),
    Protocol(Protocol),
    MetaData(MetaData),
    Txn(Txn),
    Remove(Remove),
    Add(Add),
}

/// Returns actions as they stand in a file: one a line.
pub(super) fn lines_of(actions: &[Action]) -> Vec<u8> {
    let mut lines = Vec::new();
    for action in actions {
        let line = serde_json::to_vec(action).expect("texts and numbers become JSON");
        lines.extend_from_slice(&line);
        lines.push(b'\n');
    }
    lines
}
