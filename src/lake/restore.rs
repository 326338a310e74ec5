//! Going back: a new snapshot whose rows are those of an earlier one.
//!
//! What is live in both stays as it is. What was live then and is not now begins anew, in files that
//! share their bytes with the earlier ones: another name for the same file takes no room and cannot
//! differ. What came since ends. Nothing is lost by it: every state in between stays readable.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::Connection;

use crate::fsio::{self, PlainFile};
use crate::lake::act::{Beginning, Concern, insert_run};
use crate::lake::collect::oldest_snapshot;
use crate::lake::damage::{NamedFile, named_files};
use crate::lake::layout::Layout;
use crate::lake::record::{head, time_text};
use crate::lake::retract::end;
use crate::lake::rows::all_rows;
use crate::lake::{Act, ActOutcome, Lake, LakeError};
use crate::model::SourceKind;
use crate::table::LakeTable;

/// What the data files of a batch are, whatever their names: table, hash, rows.
type Content = Vec<(LakeTable, String, u64)>;

/// A batch that is live in a snapshot.
#[derive(Debug, Clone)]
struct Reading {
    batch: String,
    source_hash: String,
    run: i64,
    holds_records: bool,
    files: Vec<NamedFile>,
}

impl Reading {
    /// What makes two readings the same, also where one of them is under another run.
    fn content(&self) -> (&str, Content) {
        let mut files: Content =
            self.files.iter().map(|file| (file.table, file.hash.clone(), file.n_rows)).collect();
        files.sort();
        (&self.batch, files)
    }
}

/// What a restoration does.
#[derive(Debug)]
struct Plan {
    /// Runs of batches that end.
    ended: Vec<i64>,
    /// Batches that begin anew, in order, each with the new names of its files.
    begun: Vec<(Reading, Vec<String>)>,
    /// What is live, to be compared with in the transaction.
    live: Vec<i64>,
}

impl Lake {
    /// Makes a snapshot with the rows of snapshot `number`; none where it has them already.
    ///
    /// Fails when a data file that comes back is not as it was written, and when the snapshot was given
    /// up.
    pub fn restore(&self, act: &Act<'_>, number: i64) -> Result<ActOutcome, LakeError> {
        self.check_agreement()?;
        let (then, now) = self.states(number)?;
        let is_of_records = |readings: &[Reading]| readings.iter().any(|one| one.holds_records);
        let concern = if is_of_records(&then) || is_of_records(&now) {
            Concern::Records
        } else {
            Concern::Documents
        };
        self.act(
            act,
            concern,
            |run| self.plan(run, number),
            |tx, plan, beginning| {
                if live_runs(tx)? != plan.live {
                    return Ok(Err(LakeError::BaseChanged { base: beginning.0 - 1 }));
                }
                apply(tx, act, plan, beginning).map(Ok)
            },
        )
    }

    /// Returns what was live in snapshot `number` and what is live now, in the order of their commits.
    fn states(&self, number: i64) -> Result<(Vec<Reading>, Vec<Reading>), LakeError> {
        let found = self.catalog.read(|connection| {
            let latest = head(connection)?;
            let oldest = oldest_snapshot(connection)?;
            if number < oldest || !(0..=latest).contains(&number) {
                return Ok(Err((latest, oldest)));
            }
            Ok(Ok((readings(connection, number)?, readings(connection, latest)?)))
        })?;
        found.map_err(|(latest, oldest)| {
            if (0..oldest).contains(&number) {
                LakeError::SnapshotExpired { wanted: number, oldest, latest }
            } else {
                LakeError::SnapshotUnknown { wanted: number, latest }
            }
        })
    }

    /// Finds out what has to end and to begin, and puts the files of what begins in place.
    fn plan(&self, run: i64, number: i64) -> Result<Option<Plan>, LakeError> {
        let (then, now) = self.states(number)?;
        let kept = kept(&then, &now);
        let is_kept = |reading: &Reading| kept.contains(&reading.run);
        let ended: Vec<i64> =
            now.iter().filter(|reading| !is_kept(reading)).map(|reading| reading.run).collect();
        let contents: BTreeSet<(&str, Content)> =
            now.iter().filter(|reading| is_kept(reading)).map(Reading::content).collect();
        let coming: Vec<&Reading> =
            then.iter().filter(|reading| !contents.contains(&reading.content())).collect();
        if ended.is_empty() && coming.is_empty() {
            return Ok(None);
        }
        let mut live: Vec<i64> = now.iter().map(|reading| reading.run).collect();
        live.sort_unstable();
        let begun = self.begin_anew(run, &coming)?;
        Ok(Some(Plan { ended, begun, live }))
    }

    /// Gives the files of batches other names, under the number of this run, and makes them durable.
    fn begin_anew(
        &self,
        run: i64,
        coming: &[&Reading],
    ) -> Result<Vec<(Reading, Vec<String>)>, LakeError> {
        let mut number = 0;
        let mut tables = BTreeSet::new();
        let mut begun = Vec::with_capacity(coming.len());
        for reading in coming {
            let mut names = Vec::with_capacity(reading.files.len());
            for file in &reading.files {
                let path = self.checked_path(file)?;
                let rows = || self.rows_in(file);
                let digest = PlainFile::open(&path)
                    .and_then(|file| file.digest())
                    .map_err(|source| LakeError::FileUnreadable { rows: rows(), source })?;
                if digest.blake3 != file.hash {
                    return Err(LakeError::FileChanged { path, rows: rows() });
                }
                number += 1;
                let name = Layout::data_name(run, number);
                let name = format!("data/{}/{name}.parquet", file.table);
                fsio::link_no_clobber(&path, &self.outer(&name)).map_err(LakeError::Store)?;
                tables.insert(file.table);
                names.push(name);
            }
            begun.push(((*reading).clone(), names));
        }
        for table in tables {
            fsio::sync_dir(&self.layout.data(table)).map_err(LakeError::Store)?;
        }
        Ok(begun)
    }
}

/// Returns the runs of what is live now and stays.
///
/// Records stay as far as they are the same in the same order: the versions of those after the first
/// difference were told by what came before them.
fn kept(then: &[Reading], now: &[Reading]) -> BTreeSet<i64> {
    let documents = |all: &[Reading]| -> BTreeMap<i64, Reading> {
        let readings = all.iter().filter(|reading| !reading.holds_records);
        readings.map(|reading| (reading.run, reading.clone())).collect()
    };
    let (then_documents, now_documents) = (documents(then), documents(now));
    let wanted: BTreeSet<(&str, Content)> = then_documents.values().map(Reading::content).collect();
    let mut kept: BTreeSet<i64> = now_documents
        .iter()
        .filter(|(_, reading)| wanted.contains(&reading.content()))
        .map(|(run, _)| *run)
        .collect();
    let records = |all: &'_ [Reading]| -> Vec<Reading> {
        all.iter().filter(|reading| reading.holds_records).cloned().collect()
    };
    let (then_records, now_records) = (records(then), records(now));
    let pairs = then_records.iter().zip(&now_records);
    let same = pairs.take_while(|(then, now)| then.content() == now.content());
    kept.extend(same.map(|(_, now)| now.run));
    kept
}

fn apply(
    tx: &Connection,
    act: &Act<'_>,
    plan: &Plan,
    beginning: Beginning,
) -> rusqlite::Result<()> {
    for run in &plan.ended {
        end(tx, *run, act.author, beginning)?;
    }
    for (reading, names) in &plan.begun {
        let batch = (reading.batch.as_str(), reading.source_hash.as_str());
        // A batch is known by its run, and a run makes one: so each gets one.
        let run = insert_run(tx, batch, beginning.0 - 1, act, "committed")?;
        begin_again(tx, (reading.run, run), beginning)?;
        let mut insert = tx.prepare(
            "INSERT INTO files
                 (table_name, path, run, record_count, file_size_bytes, blake3, begin_snapshot)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?;
        for (file, name) in reading.files.iter().zip(names) {
            let (n_rows, size_bytes) = (as_i64(file.n_rows), as_i64(file.size_bytes));
            let table = file.table.as_str();
            insert.execute((table, name, run, n_rows, size_bytes, &file.hash, beginning.0))?;
        }
    }
    Ok(())
}

/// Has a batch that ended begin anew, under another run.
fn begin_again(
    tx: &Connection,
    (before, run): (i64, i64),
    (snapshot, committed_at): Beginning,
) -> rusqlite::Result<()> {
    tx.execute(
        "INSERT INTO batches (batch, run, source_hash, source_kind, file_name, document_number,
             issuer, title, dated, published_on, layout, reading, tool_version, is_synthetic,
             rows_received, rows_accepted, rows_updated, rows_deleted, rows_returned,
             rows_duplicate, n_observations, n_findings, received_at, committed_at, begin_snapshot)
         SELECT batch, ?2, source_hash, source_kind, file_name, document_number,
             issuer, title, dated, published_on, layout, reading, tool_version, is_synthetic,
             rows_received, rows_accepted, rows_updated, rows_deleted, rows_returned,
             rows_duplicate, n_observations, n_findings, received_at, ?3, ?4
         FROM batches WHERE run = ?1",
        (before, run, time_text(committed_at), snapshot),
    )?;
    tx.execute(
        "INSERT INTO batch_files
             (run, file_idx, file_name, source_hash, size_bytes, rows_received)
         SELECT ?2, file_idx, file_name, source_hash, size_bytes, rows_received
         FROM batch_files WHERE run = ?1",
        (before, run),
    )?;
    Ok(())
}

fn live_runs(connection: &Connection) -> rusqlite::Result<Vec<i64>> {
    connection
        .prepare("SELECT run FROM batches WHERE end_snapshot IS NULL ORDER BY run")?
        .query_map([], |row| row.get(0))?
        .collect()
}

/// Returns what is live in a snapshot, in the order of the commits.
fn readings(connection: &Connection, snapshot: i64) -> rusqlite::Result<Vec<Reading>> {
    let is_live = "begin_snapshot <= ?1 AND (end_snapshot IS NULL OR end_snapshot > ?1)";
    let statement = format!(
        "SELECT batch, source_hash, run, source_kind FROM batches WHERE {is_live}
         ORDER BY begin_snapshot, run"
    );
    let mut readings = all_rows(connection, &statement, [snapshot], |row| {
        let kind: String = row.get("source_kind")?;
        Ok(Reading {
            batch: row.get("batch")?,
            source_hash: row.get("source_hash")?,
            run: row.get("run")?,
            holds_records: kind == SourceKind::Records.as_str(),
            files: Vec::new(),
        })
    })?;
    let is_live = "f.begin_snapshot <= ?1 AND (f.end_snapshot IS NULL OR f.end_snapshot > ?1)";
    let mut of_runs: BTreeMap<i64, Vec<NamedFile>> = BTreeMap::new();
    for file in named_files(connection, is_live, [snapshot])? {
        of_runs.entry(file.run).or_default().push(file);
    }
    for reading in &mut readings {
        reading.files = of_runs.remove(&reading.run).unwrap_or_default();
    }
    Ok(readings)
}

fn as_i64(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
