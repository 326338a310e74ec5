//! Checkpoints: the state of a table in one Parquet file, so that readers need not read all versions.
//!
//! Readers find them by their names. The file `_last_checkpoint`, which leads to the latest one and may be left out,
//! is not written: Sail 0.7 follows it also where an earlier version is asked for, and cannot read that one then.

use std::path::Path;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::compute::concat_batches;
use arrow::datatypes::{DataType, Field, Fields, Schema, SchemaRef};
use arrow::json::ReaderBuilder;

use crate::fsio;
use crate::mirror::MirrorError;
use crate::mirror::action::{Action, Txn, lines_of};
use crate::mirror::log::{Log, SNAPSHOTS, TableState};
use crate::table::{ParquetError, write_parquet};

/// Versions after which there is another checkpoint.
const INTERVAL: u64 = 10;

/// Writes a checkpoint of the latest version, where there was none for some versions.
pub(super) fn write_where_due(log: &Log, state: &TableState) -> Result<(), MirrorError> {
    let Some(version) = state.n_versions.checked_sub(1) else { return Ok(()) };
    let since = log.latest_checkpoint()?.unwrap_or(0);
    if version < since + INTERVAL {
        return Ok(());
    }
    let path = log.checkpoint(version);
    let bytes = parquet_of(&actions_of(state), &path)?;
    fsio::write_atomic(&path, &bytes, log.mode()).map_err(MirrorError::folder(log.folder()))
}

/// Returns the actions that make the state of a table out of nothing.
fn actions_of(state: &TableState) -> Vec<Action> {
    let txn = state.snapshot.map(|version| {
        let app_id = SNAPSHOTS.to_owned();
        Action::Txn(Txn { app_id, version, last_updated: state.timestamp })
    });
    let removed = state.removed.values().cloned().map(|mut remove| {
        remove.data_change = false;
        Action::Remove(remove)
    });
    let added = state.files.values().cloned().map(|mut add| {
        add.data_change = false;
        Action::Add(add)
    });
    let heads = [
        state.protocol.clone().map(Action::Protocol),
        state.meta_data.clone().map(Action::MetaData),
        txn,
    ];
    heads.into_iter().flatten().chain(removed).chain(added).collect()
}

fn parquet_of(actions: &[Action], path: &Path) -> Result<Vec<u8>, MirrorError> {
    let failed = |error| MirrorError::parquet(path)(ParquetError::Write(error));
    let schema = schema();
    let rows = ReaderBuilder::new(Arc::clone(&schema))
        .build(lines_of(actions).as_slice())
        .and_then(Iterator::collect::<Result<Vec<RecordBatch>, _>>)
        .and_then(|pieces| concat_batches(&schema, &pieces))
        .map_err(|error| failed(error.into()))?;
    write_parquet(&rows, &[], Vec::new()).map_err(MirrorError::parquet(path))
}

/// The columns of a checkpoint: one for each kind of action.
fn schema() -> SchemaRef {
    let of = |name: &str, fields: Vec<Field>| {
        Field::new(name, DataType::Struct(Fields::from(fields)), true)
    };
    let texts = || Field::new_list("", Field::new("element", DataType::Utf8, false), true);
    let features = |name: &str| texts().with_name(name);
    Arc::new(Schema::new(vec![
        of("txn", vec![text("appId"), long("version"), long("lastUpdated")]),
        of(
            "add",
            vec![
                text("path"),
                map("partitionValues"),
                long("size"),
                long("modificationTime"),
                truth("dataChange"),
                text("stats"),
            ],
        ),
        of(
            "remove",
            vec![
                text("path"),
                long("deletionTimestamp"),
                truth("dataChange"),
                truth("extendedFileMetadata"),
                map("partitionValues"),
                long("size"),
            ],
        ),
        of(
            "metaData",
            vec![
                text("id"),
                text("name"),
                text("description"),
                of("format", vec![text("provider"), map("options")]),
                text("schemaString"),
                features("partitionColumns"),
                map("configuration"),
                long("createdTime"),
            ],
        ),
        of(
            "protocol",
            vec![
                Field::new("minReaderVersion", DataType::Int32, true),
                Field::new("minWriterVersion", DataType::Int32, true),
                features("readerFeatures"),
                features("writerFeatures"),
            ],
        ),
    ]))
}

fn text(name: &str) -> Field {
    Field::new(name, DataType::Utf8, true)
}

fn long(name: &str) -> Field {
    Field::new(name, DataType::Int64, true)
}

fn truth(name: &str) -> Field {
    Field::new(name, DataType::Boolean, true)
}

/// A map from texts to texts, as other programs name its parts.
fn map(name: &str) -> Field {
    let key = Field::new("key", DataType::Utf8, false);
    Field::new_map(name, "key_value", key, text("value"), false, true)
}
