//! The log of one table of a mirror: read from its first version on, and continued by one version.
//!
//! All versions are kept, and each has to be ours: what another program wrote could hold anything. So the
//! state of a table follows from its log alone, and checkpoints are for other readers.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::fsio::{self, Mode};
use crate::mirror::MirrorError;
use crate::mirror::action::{Action, Add, MetaData, Protocol, Remove, lines_of};

/// Name of the folder of a log in that of its table.
const LOG: &str = "_delta_log";
/// Digits of the number of a version in the name of its file.
const DIGITS: usize = 20;
/// What the name of the program begins with in versions of ours.
const ENGINE: &str = "tongban/";
/// Who the snapshots are counted by in a table.
pub(super) const SNAPSHOTS: &str = "tongban.snapshot";

/// Returns the name of this program and its version, as versions bear it.
pub(super) fn engine_info() -> String {
    format!("{ENGINE}{}", env!("CARGO_PKG_VERSION"))
}

/// The state of a table after its latest version.
#[derive(Debug, Default)]
pub(super) struct TableState {
    /// Versions that there are; the number of the next one.
    pub(super) n_versions: u64,
    pub(super) protocol: Option<Protocol>,
    pub(super) meta_data: Option<MetaData>,
    /// The snapshot of the lake that it is.
    pub(super) snapshot: Option<i64>,
    /// Data files that the table has, by name.
    pub(super) files: BTreeMap<String, Add>,
    /// Data files that it had, and since when it does not.
    pub(super) removed: BTreeMap<String, Remove>,
    /// When the latest version was written, in milliseconds since 1970.
    pub(super) timestamp: i64,
}

impl TableState {
    /// Takes over what a version changes.
    pub(super) fn apply(&mut self, actions: Vec<Action>) {
        for action in actions {
            match action {
                Action::CommitInfo(info) => self.timestamp = info.timestamp,
                Action::Protocol(protocol) => self.protocol = Some(protocol),
                Action::MetaData(meta_data) => self.meta_data = Some(meta_data),
                Action::Txn(txn) if txn.app_id == SNAPSHOTS => self.snapshot = Some(txn.version),
                Action::Txn(_) => {}
                Action::Remove(remove) => {
                    self.files.remove(&remove.path);
                    self.removed.insert(remove.path.clone(), remove);
                }
                Action::Add(add) => {
                    self.removed.remove(&add.path);
                    self.files.insert(add.path.clone(), add);
                }
            }
        }
        self.n_versions += 1;
    }
}

/// The folder of a log.
#[derive(Debug, Clone)]
pub(super) struct Log {
    folder: PathBuf,
    mode: Mode,
}

impl Log {
    /// Returns the log of a table, whose files are for those whom `mode` names.
    pub(super) fn of_table(table: &Path, mode: Mode) -> Self {
        Self { folder: table.join(LOG), mode }
    }

    /// Returns who may read its files.
    pub(super) fn mode(&self) -> Mode {
        self.mode
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    fn version(&self, number: u64) -> PathBuf {
        self.folder.join(format!("{number:0DIGITS$}.json"))
    }

    /// Returns where the checkpoint of a version stands.
    pub(super) fn checkpoint(&self, number: u64) -> PathBuf {
        self.folder.join(format!("{number:0DIGITS$}.checkpoint.parquet"))
    }

    /// Returns the latest version that has a checkpoint.
    pub(super) fn latest_checkpoint(&self) -> Result<Option<u64>, MirrorError> {
        let names = self.numbers(".checkpoint.parquet")?;
        Ok(names.last().copied())
    }

    /// Reads all versions. Fails where one is absent, cannot be understood, or is not ours.
    pub(super) fn load(&self) -> Result<TableState, MirrorError> {
        let mut state = TableState::default();
        for (expected, found) in (0..).zip(self.numbers(".json")?) {
            if expected != found {
                return Err(MirrorError::LogDamaged { path: self.version(expected) });
            }
            state.apply(self.actions_of(found)?);
        }
        Ok(state)
    }

    /// Returns the versions whose files have this ending, in order.
    fn numbers(&self, ending: &str) -> Result<Vec<u64>, MirrorError> {
        let paths = fsio::list_folder(&self.folder).map_err(MirrorError::folder(&self.folder))?;
        let number = |path: &PathBuf| {
            let digits = path.file_name()?.to_str()?.strip_suffix(ending)?;
            (digits.len() == DIGITS).then(|| digits.parse().ok())?
        };
        Ok(paths.iter().filter_map(number).collect())
    }

    fn actions_of(&self, number: u64) -> Result<Vec<Action>, MirrorError> {
        let path = self.version(number);
        let text = fsio::read_text(&path).map_err(MirrorError::folder(&self.folder))?;
        let damaged = || MirrorError::LogDamaged { path: path.clone() };
        // Before anything else is understood: another program may write what we do not know.
        let engine = text.lines().find_map(engine_of);
        if let Some(engine) = engine.filter(|engine| !engine.starts_with(ENGINE)) {
            return Err(MirrorError::VersionForeign { path, engine });
        }
        let actions: Vec<Action> = text
            .lines()
            .map(|line| serde_json::from_str(line).map_err(|_| damaged()))
            .collect::<Result<_, _>>()?;
        let is_whole = matches!(actions.first(), Some(Action::CommitInfo(_)))
            && text.ends_with('\n')
            && (number > 0 || actions.iter().any(|action| matches!(action, Action::MetaData(_))));
        if is_whole { Ok(actions) } else { Err(damaged()) }
    }

    /// Writes the next version of a table, whose data files have to be durable: complete or not at all,
    /// and never over another one.
    pub(super) fn commit(&self, number: u64, actions: &[Action]) -> Result<(), MirrorError> {
        let failed = || MirrorError::folder(&self.folder);
        let path = self.version(number);
        // Beside the folder of the log, which others list.
        let part = self.folder.with_file_name(".version.part");
        fsio::remove_file(&part).map_err(failed())?;
        fsio::write_new(&part, &lines_of(actions), self.mode).map_err(failed())?;
        fsio::move_no_clobber(&part, &path).map_err(failed())?;
        fsio::sync_dir(&self.folder).map_err(failed())
    }
}

/// Returns the program that a line names; empty where a version says nothing of it.
fn engine_of(line: &str) -> Option<String> {
    let value: serde_json::Value = serde_json::from_str(line).ok()?;
    let info = value.get("commitInfo")?;
    Some(info.get("engineInfo").and_then(|engine| engine.as_str()).unwrap_or_default().to_owned())
}
