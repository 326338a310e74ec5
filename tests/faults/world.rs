//! A small lake to fail on: how it is made and changed, and what has to be true of it after a fault.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, Int32Array, RecordBatch, StringArray, new_null_array};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use chrono::{NaiveDate, NaiveDateTime, TimeDelta};
use tongban::diag::Severity;
use tongban::fsio;
use tongban::lake::{
    Act, ActOutcome, BatchFile, BatchRecord, CheckLevel, CheckReport, CheckSettings,
    CollectSettings, Commit, CommitOutcome, Lake, LakeError, LaterRecords, Opening, ProblemKind,
    RepairKind, RepairSettings, RepairStep, SnapshotView, StagingOutcome, Suitability,
};
use tongban::model::{BatchId, Notice, SourceKind};
use tongban::table::{LakeTable, RETURNED_HERE, TableRows, read_parquet, schema_of};

use crate::Outcome;

/// Rows of a batch in each of two tables: what is read of both must always be of the same batches.
const ROWS: usize = 3;

/// Sources in a lake before anything is done to it.
pub(crate) const SOURCES: u32 = 3;

/// What is done to a lake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deed {
    /// A source is committed.
    Commit(u32),
    /// A batch of records is committed.
    Records,
    /// The first source is taken back.
    Retract,
    /// The lake goes back to its first snapshot.
    Restore,
    /// Snapshots are given up, and what nothing names is collected at once.
    Collect,
    /// Small files are merged.
    Compact,
    /// A file that is missing comes back from a copy, and a manifest is written anew.
    Repair,
    /// A catalog that is damaged is made anew.
    Catalog,
}

impl Deed {
    pub(crate) const ALL: [Self; 8] = [
        Self::Commit(90),
        Self::Records,
        Self::Retract,
        Self::Restore,
        Self::Collect,
        Self::Compact,
        Self::Repair,
        Self::Catalog,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Commit(_) => "commit",
            Self::Records => "records",
            Self::Retract => "retract",
            Self::Restore => "restore",
            Self::Collect => "collect",
            Self::Compact => "compact",
            Self::Repair => "repair",
            Self::Catalog => "catalog",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|deed| deed.name() == name)
    }

    /// Whether a copy of the lake as it was before the damage stands beside it.
    pub(crate) fn has_copy(self) -> bool {
        matches!(self, Self::Repair | Self::Catalog)
    }

    /// Whether a check of a lake on which it was not done finds this.
    fn is_to_mend(self, kind: ProblemKind) -> bool {
        match self {
            Self::Repair => kind == ProblemKind::DataFile,
            Self::Catalog => kind == ProblemKind::Catalog,
            _ => false,
        }
    }

    /// Does it. Whether it was done before makes no difference.
    pub(crate) fn perform(self, root: &Path) -> Result<(), Box<dyn Error>> {
        match self {
            Self::Repair => return repair(root, Some(&copy_of(root))),
            Self::Catalog => return repair(root, None),
            _ => {}
        }
        let lake = Lake::open(root)?;
        match self {
            Self::Commit(number) => commit(&lake, number, ROWS).map(|_| ())?,
            Self::Records => drop(commit_records(&lake, 95)?),
            Self::Retract => {
                match lake.retract(&act(), &batch_of(1, ROWS).batch, LaterRecords::Refuse) {
                    Err(LakeError::BatchNotLive { .. }) => {}
                    other => drop(other?),
                }
            }
            Self::Restore => drop(lake.restore(&act(), 1)?),
            Self::Collect => {
                let latest = lake.log()?.last().map_or(0, |snapshot| snapshot.number);
                if lake.oldest_snapshot()? == 0 {
                    let outcome = lake.expire(&act(), latest)?;
                    if outcome == ActOutcome::Unchanged {
                        return Err("nothing was given up".into());
                    }
                }
                for days in [1, 2] {
                    let now = later() + TimeDelta::days(days);
                    let min_age = TimeDelta::zero();
                    lake.collect("gc", CollectSettings { min_age, now, is_dry_run: false })?;
                }
            }
            Self::Compact => drop(lake.compact(&act())?),
            Self::Repair | Self::Catalog => {}
        }
        Ok(())
    }
}

fn repair(root: &Path, copy: Option<&Path>) -> Outcome<()> {
    let settings = RepairSettings {
        act: act(),
        is_dry_run: false,
        accepts_loss: false,
        copy,
        suitability: Suitability::Required,
    };
    let report = Lake::repair(root, settings)?;
    // The command ends with a finding.
    let is_left = |step: &RepairStep| matches!(step.kind, RepairKind::None | RepairKind::Ingest);
    if report.steps.iter().any(is_left) || !report.reread.is_empty() {
        return Err(format!("not all could be repaired: {:?}", report.warnings).into());
    }
    Ok(())
}

fn now() -> NaiveDateTime {
    NaiveDate::from_ymd_opt(2021, 10, 20).unwrap().and_hms_opt(9, 30, 0).unwrap()
}

/// After whatever the clock of the disk says.
fn later() -> NaiveDateTime {
    NaiveDate::from_ymd_opt(2100, 1, 1).unwrap().and_hms_opt(0, 0, 0).unwrap()
}

fn act() -> Act<'static> {
    Act { command: "faults", author: "li", message: "", clock: now }
}

/// Where a whole copy of the lake in `root` stands.
pub(crate) fn copy_of(root: &Path) -> PathBuf {
    root.with_extension("whole")
}

fn source_of(number: u32) -> String {
    format!("source {number}")
}

fn batch_of(number: u32, n_rows: usize) -> BatchRecord {
    let source_hash = fsio::hash_hex(source_of(number).as_bytes());
    let n_rows = i64::try_from(n_rows).unwrap();
    BatchRecord {
        batch: BatchId::of(&source_hash, "a"),
        source_hash,
        source_kind: SourceKind::Form,
        file_name: number.to_string(),
        notice: Notice { dated: NaiveDate::from_ymd_opt(2021, 10, 18), ..Notice::default() },
        layout: None,
        reading: "a".to_owned(),
        tool_version: "0.1.0".to_owned(),
        is_synthetic: false,
        rows_received: 1,
        rows_accepted: 1,
        rows_updated: 0,
        rows_deleted: 0,
        rows_returned: 0,
        rows_duplicate: 0,
        n_observations: n_rows,
        n_findings: n_rows,
        received_at: now(),
        committed_at: None,
        snapshot: None,
        superseded_by: None,
        retracted_by: None,
        files: Vec::new(),
    }
}

fn rows_of(table: LakeTable, batch: &BatchId, n_rows: usize) -> RecordBatch {
    let schema = schema_of(table);
    let columns = schema.fields().iter().map(|field| -> ArrayRef {
        if field.is_nullable() {
            return new_null_array(field.data_type(), n_rows);
        }
        let text = match field.data_type() {
            DataType::Utf8 | DataType::Dictionary(..) => batch.as_str(),
            DataType::Date32 => "2021-10-18",
            DataType::Timestamp(..) => "2021-10-18 08:00:00",
            _ => "1",
        };
        cast(&StringArray::from(vec![text; n_rows]), field.data_type()).unwrap()
    });
    let columns = columns.collect();
    RecordBatch::try_new(schema, columns).unwrap()
}

/// Commits a source of some rows in each of two tables.
pub(crate) fn commit(lake: &Lake, number: u32, n_rows: usize) -> Result<CommitOutcome, LakeError> {
    let batch = batch_of(number, n_rows);
    let tables = [LakeTable::Observations, LakeTable::Findings]
        .map(|table| TableRows::of(table, rows_of(table, &batch.batch, n_rows)));
    lake.commit(&Commit {
        command: "faults",
        author: "li",
        message: "",
        clock: now,
        source: source_of(number).as_bytes(),
        tables: &tables,
        batch,
    })
}

/// A batch of one file with four records: two new, one of them once more, and one that is returned.
fn batch_of_records(number: u32) -> BatchRecord {
    let batch = batch_of(number, 0);
    let file = BatchFile {
        file_name: format!("{number}.csv"),
        source_hash: batch.source_hash.clone(),
        size_bytes: 9,
        rows_received: 4,
    };
    BatchRecord {
        batch: BatchId::of(&batch.source_hash, "records/1"),
        source_kind: SourceKind::Records,
        layout: Some("p@1".to_owned()),
        reading: "records/1".to_owned(),
        rows_received: 4,
        rows_accepted: 2,
        rows_updated: 1,
        rows_returned: 1,
        files: vec![file],
        ..batch
    }
}

/// Puts other values into a column.
fn with(rows: &RecordBatch, name: &str, values: &ArrayRef) -> Outcome<RecordBatch> {
    let at = rows.schema().index_of(name)?;
    let mut columns = rows.columns().to_vec();
    columns[at] = cast(values, columns[at].data_type())?;
    Ok(RecordBatch::try_new(rows.schema(), columns)?)
}

/// Commits a batch of records, with persons in a table of their own.
pub(crate) fn commit_records(lake: &Lake, number: u32) -> Outcome<CommitOutcome> {
    let record = batch_of_records(number);
    let batch = &record.batch;
    let opening =
        Opening { command: "faults", author: "li", message: "", clock: now, batch: record.clone() };
    let mut staging = match lake.stage(opening, 0)? {
        StagingOutcome::Open(staging) => staging,
        StagingOutcome::Concluded(outcome) => return Ok(outcome),
    };
    let texts = |texts: [&str; 3]| Arc::new(StringArray::from(texts.to_vec())) as ArrayRef;
    let cases = rows_of(LakeTable::Cases, batch, 3);
    let versions = Arc::new(Int32Array::from(vec![1, 1, 2])) as ArrayRef;
    let cases = with(&cases, "version", &versions)?;
    let cases = with(&cases, "operation", &texts(["insert", "insert", "update"]))?;
    staging.write(LakeTable::Cases, &cases)?;
    staging.write(LakeTable::CasesPii, &rows_of(LakeTable::CasesPii, batch, 3))?;
    let returned = rows_of(LakeTable::Returned, batch, 1);
    let one = |text: &str| Arc::new(StringArray::from(vec![text])) as ArrayRef;
    let returned = with(&returned, "file_name", &one(&record.files[0].file_name))?;
    let returned = with(&returned, "returned_by", &one(RETURNED_HERE))?;
    staging.write(LakeTable::Returned, &returned)?;
    Ok(staging.commit(&record)?)
}

/// Makes a lake that has what any lake may have: documents and records, merges and files beside them, and
/// snapshots that were given up.
pub(crate) fn make_of_every_kind(root: &Path) -> Outcome<()> {
    make(root)?;
    let lake = Lake::open(root)?;
    commit_records(&lake, 95)?;
    lake.expire(&act(), 2)?;
    lake.compact(&act())?;
    commit(&lake, 96, ROWS)?;
    Ok(())
}

/// Makes a lake with some sources in it.
pub(crate) fn make(root: &Path) -> Outcome<()> {
    let lake = Lake::create(root)?;
    // Room is not what most of this is about, and memory is where most of it happens.
    fs::write(root.join("reserve"), "")?;
    for number in 1..=SOURCES {
        commit(&lake, number, ROWS)?;
    }
    Ok(())
}

/// Makes the lake on which a deed is done, and beside it a whole copy where the deed needs one.
pub(crate) fn make_for(deed: Deed, root: &Path) -> Outcome<()> {
    make(root)?;
    match deed {
        Deed::Catalog => {
            copy(root, &copy_of(root))?;
            let catalog = root.join("catalog.db");
            let n_bytes = usize::try_from(fs::metadata(&catalog)?.len())?;
            fs::write(&catalog, vec![7; n_bytes])?;
        }
        Deed::Repair => {
            copy(root, &copy_of(root))?;
            fs::remove_file(root.join("data/findings/2-2.parquet"))?;
            fs::remove_file(root.join("manifests/2.json"))?;
        }
        // Something has to come back, or to be there to be collected.
        Deed::Restore | Deed::Collect => {
            Deed::Retract.perform(root)?;
            fs::write(root.join("data/totals/99-1.parquet"), "PAR1PAR1")?;
        }
        Deed::Commit(_) | Deed::Records | Deed::Retract | Deed::Compact => {}
    }
    Ok(())
}

/// Copies a folder with its modes.
pub(crate) fn copy(from: &Path, to: &Path) -> Outcome<()> {
    fs::create_dir(to)?;
    fs::set_permissions(to, fs::metadata(from)?.permissions())?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let to = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &to)?;
        } else {
            fs::copy(entry.path(), to)?;
        }
    }
    Ok(())
}

/// What somebody sees who reads a lake: the sources that are live, by name, and how many snapshots can be
/// read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct State {
    pub(crate) sources: Vec<String>,
    latest: i64,
    oldest: i64,
    n_read: usize,
}

/// Reads a whole lake; fails where it contradicts itself.
pub(crate) fn state(root: &Path) -> Outcome<State> {
    let lake = Lake::open(root)?;
    let view = lake.snapshot(None)?;
    check_rows(&view)?;
    let mut sources: Vec<String> =
        view.batches.iter().map(|batch| batch.file_name.clone()).collect();
    sources.sort();
    let n_read = view.files.values().map(Vec::len).sum();
    Ok(State { sources, latest: view.number, oldest: lake.oldest_snapshot()?, n_read })
}

/// Whether both tables have the rows of the same batches, as many of each as were written.
pub(crate) fn check_rows(view: &SnapshotView) -> Outcome<()> {
    let mut counts: [BTreeMap<String, i64>; 2] = Default::default();
    for (table, counts) in [LakeTable::Observations, LakeTable::Findings].iter().zip(&mut counts) {
        for path in &view.files[table] {
            let bytes = fs::read(path)?;
            if view.hash_of(path) != Some(&*fsio::hash_hex(&bytes)) {
                return Err(format!("{} is not as it was written", path.display()).into());
            }
            for rows in read_parquet(bytes.into())? {
                let names = rows.column_by_name("batch").ok_or("no batches")?;
                let names = cast(names, &DataType::Utf8)?;
                for name in names.as_string::<i32>().iter().flatten() {
                    *counts.entry(name.to_owned()).or_default() += 1;
                }
            }
        }
    }
    let stated = |count: fn(&BatchRecord) -> i64| -> BTreeMap<String, i64> {
        let counts = view.batches.iter().map(|batch| (batch.batch.to_string(), count(batch)));
        counts.filter(|(_, n_rows)| *n_rows > 0).collect()
    };
    let stated = [stated(|batch| batch.n_observations), stated(|batch| batch.n_findings)];
    if counts == stated { Ok(()) } else { Err("rows of other batches, or not of all".into()) }
}

/// What only follows a commit, and the next one makes up for.
const FOLLOWING: [ProblemKind; 2] = [ProblemKind::Manifest, ProblemKind::Backup];

pub(crate) fn check(root: &Path, level: CheckLevel) -> Result<CheckReport, LakeError> {
    let is_over = || false;
    Lake::check(root, CheckSettings { level, part: None, after: None, is_over: &is_over })
}

/// Says what is wrong with a lake to which a deed was done that may have failed half-way.
///
/// What only follows a commit may be missing: manifests and a copy, which the next commit writes.
pub(crate) fn judge(
    root: &Path,
    deed: Deed,
    (before, after): (&State, &State),
    is_acknowledged: bool,
) -> Outcome<()> {
    let found = check(root, CheckLevel::ReadData)?;
    let is_bad = |kind: ProblemKind, severity: Severity| match kind {
        kind if FOLLOWING.contains(&kind) => false,
        // What the deed was to mend.
        kind => severity > Severity::Info && !deed.is_to_mend(kind),
    };
    if let Some(bad) = found.problems.iter().find(|found| is_bad(found.kind, found.severity)) {
        return Err(format!("check: {bad:?}").into());
    }
    let is_mended = !found.problems.iter().any(|problem| deed.is_to_mend(problem.kind));
    if is_mended {
        let found = state(root)?;
        // A collection is two steps, of which one may be done, and a merge one for each table.
        let has_steps = matches!(deed, Deed::Collect | Deed::Compact);
        let is_between = has_steps && !is_acknowledged && found.sources == before.sources;
        if found != *after && (is_acknowledged || found != *before) && !is_between {
            return Err(format!("acknowledged {is_acknowledged}: {found:?}").into());
        }
    } else if is_acknowledged {
        return Err("acknowledged, and not repaired".into());
    }
    deed.perform(root)?;
    let found = state(root)?;
    if found.sources != after.sources {
        return Err(format!("done again: {found:?}").into());
    }
    let left = fs::read_dir(root.join("tmp"))?.count();
    if left > 0 {
        return Err(format!("left in tmp/: {left}").into());
    }
    let found = check(root, CheckLevel::Deep)?;
    let is_bad = |kind: ProblemKind, severity: Severity| {
        !FOLLOWING.contains(&kind) && severity > Severity::Info
    };
    match found.problems.iter().find(|found| is_bad(found.kind, found.severity)) {
        Some(bad) => Err(format!("check after it was done again: {bad:?}").into()),
        None => Ok(()),
    }
}

/// What a timer may do to a lake at any time.
pub(crate) fn upkeep(lake: &Lake) -> Outcome<()> {
    lake.collect(
        "gc",
        CollectSettings {
            // Young files are those of commits that are under way.
            min_age: TimeDelta::days(7),
            now: chrono::Utc::now().naive_utc() + TimeDelta::hours(8),
            is_dry_run: false,
        },
    )?;
    lake.compact(&act())?;
    Ok(())
}

/// Fails where a check finds something wrong. What the next commit writes may be missing.
pub(crate) fn check_whole(root: &Path, level: CheckLevel) -> Outcome<()> {
    let found = check(root, level)?;
    let is_bad = |kind: ProblemKind, severity: Severity| {
        !FOLLOWING.contains(&kind) && severity > Severity::Info
    };
    match found.problems.iter().find(|found| is_bad(found.kind, found.severity)) {
        Some(bad) => Err(format!("check: {bad:?}").into()),
        None => Ok(()),
    }
}

/// Makes a lake in which files wait to be collected, with some room of its own.
pub(crate) fn make_with_leftovers(root: &Path) -> Outcome<()> {
    make(root)?;
    fs::remove_file(root.join("reserve"))?;
    fsio::allocate(&root.join("reserve"), 2 << 20)?;
    fs::write(root.join("data/totals/99-1.parquet"), "PAR1PAR1")?;
    fs::write(root.join("data/totals/99-2.parquet"), "PAR1PAR1")?;
    Ok(())
}

/// Collects what nothing names, however young it is.
pub(crate) fn collect_leftovers(lake: &Lake) -> Outcome<()> {
    for days in [1, 2] {
        let (min_age, now) = (TimeDelta::zero(), later() + TimeDelta::days(days));
        lake.collect("gc", CollectSettings { min_age, now, is_dry_run: false })?;
    }
    if lake.root().join("data/totals/99-1.parquet").exists() {
        return Err("what nothing names was not removed".into());
    }
    Ok(())
}
