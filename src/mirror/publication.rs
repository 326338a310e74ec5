//! One table of a mirror on its way to another version.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::diag::{Lang, Message};
use crate::fsio;
use crate::lake::SnapshotView;
use crate::mirror::action::{Action, Add, CommitInfo, FileFormat, MetaData, Remove, Txn};
use crate::mirror::files::{Selection, WantedFile};
use crate::mirror::log::{Log, SNAPSHOTS, TableState, engine_info};
use crate::mirror::schema::{Change, DeltaSchema};
use crate::mirror::{MirrorError, MirrorOutcome, MirrorSettings, checkpoint, remove_parts};
use crate::table::LakeTable;

/// Milliseconds of a day.
const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// How often the files of a table had to be put there anew.
const GENERATION: &str = "tongban.generation";
/// The property by which other programs know how long files stand that a table no longer has.
const RETENTION: &str = "delta.deletedFileRetentionDuration";

/// A table, what it has, and what it is to have.
#[derive(Debug)]
pub(super) struct TablePublication {
    table: LakeTable,
    folder: PathBuf,
    log: Log,
    state: TableState,
    meta_data: MetaData,
    schema: DeltaSchema,
    wanted: Vec<WantedFile>,
    /// What came, in the order of `wanted`.
    added: Vec<Add>,
}

impl TablePublication {
    /// Reads what a table has, and decides what it is to have; makes its folders where there are none.
    pub(super) fn begin(
        root: &Path,
        table: LakeTable,
        view: &SnapshotView,
        selection: &Selection,
        settings: &MirrorSettings<'_>,
    ) -> Result<Self, MirrorError> {
        settings.check_cancelled()?;
        let folder = root.join(table.as_str());
        let log = Log::of_table(&folder, settings.leaving.mode());
        settings.leaving.create_dir(log.folder()).map_err(MirrorError::folder(root))?;
        let state = log.load()?;
        check_files(&folder, &state)?;
        let schema = DeltaSchema::of(table);
        let generation = generation_of(&state, &schema, &log)?;
        let ending = if generation == 0 { String::new() } else { format!("-g{generation}") };
        let wanted = selection.files(view, table, &ending)?;
        let meta_data = meta_data_of(table, &state, &schema, (generation, view), settings)?;
        Ok(Self { table, folder, log, state, meta_data, schema, wanted, added: Vec::new() })
    }

    pub(super) fn name(&self) -> &'static str {
        self.table.as_str()
    }

    /// Returns the number of the latest version; 0 before there is one.
    pub(super) fn version(&self) -> u64 {
        self.state.n_versions.saturating_sub(1)
    }

    /// Brings the data files that the table does not have yet, and makes them and their names durable.
    pub(super) fn bring_files(&mut self, settings: &MirrorSettings<'_>) -> Result<(), MirrorError> {
        for wanted in &self.wanted {
            if self.state.files.contains_key(&wanted.name) {
                continue;
            }
            settings.check_cancelled()?;
            let standing = wanted.bring(&self.folder, settings.leaving.mode())?;
            self.added.push(Add {
                path: wanted.name.clone(),
                partition_values: BTreeMap::new(),
                size: standing.size_bytes,
                modification_time: settings.now_ms(),
                data_change: true,
                stats: standing.stats,
            });
        }
        if self.added.is_empty() {
            return Ok(());
        }
        fsio::sync_dir(&self.folder).map_err(MirrorError::folder(&self.folder))
    }

    /// Writes the next version, unless the table is what it is to be and says so.
    pub(super) fn commit(
        &mut self,
        view: &SnapshotView,
        settings: &MirrorSettings<'_>,
        outcome: &mut MirrorOutcome,
    ) -> Result<(), MirrorError> {
        // Never before the version that it follows, whatever the clock says.
        let now = settings.now_ms().max(self.state.timestamp);
        let protocol = self.schema.protocol();
        let mut changes = Vec::new();
        if self.state.protocol.as_ref() != Some(&protocol) {
            changes.push(Action::Protocol(protocol));
        }
        if self.state.meta_data.as_ref() != Some(&self.meta_data) {
            changes.push(Action::MetaData(self.meta_data.clone()));
        }
        let removed = self.removed(now);
        if changes.is_empty()
            && removed.is_empty()
            && self.added.is_empty()
            && self.state.snapshot == Some(view.number)
        {
            return Ok(());
        }
        outcome.n_versions += 1;
        outcome.n_added += self.added.len();
        outcome.n_removed += removed.len();
        let mode = if removed.is_empty() { "Append" } else { "Overwrite" };
        let info = CommitInfo {
            timestamp: now,
            operation: "WRITE".to_owned(),
            operation_parameters: BTreeMap::from([("mode".to_owned(), mode.to_owned())]),
            engine_info: engine_info(),
            snapshot: Some(view.number),
            synthetic: view.is_synthetic,
        };
        let app_id = SNAPSHOTS.to_owned();
        let mut actions = vec![Action::CommitInfo(info)];
        actions.append(&mut changes);
        actions.push(Action::Txn(Txn { app_id, version: view.number, last_updated: now }));
        actions.extend(removed.into_iter().map(Action::Remove));
        actions.extend(std::mem::take(&mut self.added).into_iter().map(Action::Add));
        self.log.commit(self.state.n_versions, &actions)?;
        self.state.apply(actions);
        Ok(())
    }

    /// Returns what the table has and is no longer to have.
    fn removed(&self, now: i64) -> Vec<Remove> {
        let wanted: BTreeSet<&str> = self.wanted.iter().map(|file| file.name.as_str()).collect();
        let files = self.state.files.values();
        let removed = files.filter(|add| !wanted.contains(add.path.as_str())).map(|add| Remove {
            path: add.path.clone(),
            deletion_timestamp: now,
            data_change: true,
            extended_file_metadata: true,
            partition_values: BTreeMap::new(),
            size: add.size,
        });
        removed.collect()
    }

    /// Writes a checkpoint where one is due, and removes data files that no reader needs: those that the
    /// table has not had for long, and those that no version ever had.
    pub(super) fn tidy_up(&self, settings: &MirrorSettings<'_>) -> Result<(), MirrorError> {
        checkpoint::write_where_due(&self.log, &self.state)?;
        let floor = settings.now_ms() - i64::from(settings.keep_days) * DAY_MS;
        let failed = || MirrorError::folder(&self.folder);
        for path in fsio::list_folder(&self.folder).map_err(failed())? {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let is_data = name.ends_with(".parquet");
            let is_needed = self.state.files.contains_key(name.as_ref())
                || self
                    .state
                    .removed
                    .get(name.as_ref())
                    .is_some_and(|remove| remove.deletion_timestamp > floor);
            if is_data && !is_needed {
                fsio::remove_file(&path).map_err(failed())?;
            }
        }
        remove_parts(&self.folder)?;
        remove_parts(self.log.folder())
    }
}

/// Fails unless all data files that a table has are there, with their sizes.
fn check_files(folder: &Path, state: &TableState) -> Result<(), MirrorError> {
    for add in state.files.values() {
        let path = folder.join(&add.path);
        let size_bytes = fsio::size_bytes(&path).map_err(MirrorError::folder(folder))?;
        if size_bytes != Some(add.size) {
            return Err(MirrorError::FileDamaged { path });
        }
    }
    Ok(())
}

/// Returns how often the files of a table have been put there anew, once more where they do not fit the
/// columns that it is to have.
fn generation_of(state: &TableState, schema: &DeltaSchema, log: &Log) -> Result<u64, MirrorError> {
    let Some(meta_data) = &state.meta_data else { return Ok(0) };
    let damaged = || MirrorError::LogDamaged { path: log.folder().to_owned() };
    let earlier = DeltaSchema::parse(&meta_data.schema_string).ok_or_else(damaged)?;
    let generation = meta_data.configuration.get(GENERATION);
    let generation: u64 = generation.and_then(|text| text.parse().ok()).ok_or_else(damaged)?;
    Ok(match schema.change_from(&earlier) {
        Change::Fitting => generation,
        Change::Unfit => generation + 1,
    })
}

/// Returns what a table says of itself, with the number and the age that it has.
fn meta_data_of(
    table: LakeTable,
    state: &TableState,
    schema: &DeltaSchema,
    (generation, view): (u64, &SnapshotView),
    settings: &MirrorSettings<'_>,
) -> Result<MetaData, MirrorError> {
    let (id, created_time) = match &state.meta_data {
        Some(earlier) => (earlier.id.clone(), earlier.created_time),
        None => (new_id()?, settings.now_ms()),
    };
    let synthetic = || Message::new("mirror.synthetic_table").text(Lang::Zh);
    let description = if view.is_synthetic { synthetic() } else { String::new() };
    let retention = format!("interval {} days", settings.keep_days);
    Ok(MetaData {
        id,
        name: table.as_str().to_owned(),
        description,
        format: FileFormat { provider: "parquet".to_owned(), options: BTreeMap::new() },
        schema_string: schema.to_text(),
        partition_columns: Vec::new(),
        configuration: BTreeMap::from([
            (GENERATION.to_owned(), generation.to_string()),
            (RETENTION.to_owned(), retention),
        ]),
        created_time,
    })
}

/// Returns a number that no other table has: one that is made again is another one, also for those who
/// remember how far they had read.
fn new_id() -> Result<String, MirrorError> {
    let unknown = |source| MirrorError::Folder { root: PathBuf::from("/"), source };
    let mut bytes: [u8; 16] = fsio::random_bytes().map_err(unknown)?;
    // Version and variant of numbers made by chance.
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let parts = [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]];
    Ok(parts.join("-"))
}
