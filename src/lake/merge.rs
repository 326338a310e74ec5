//! Many small data files read as one: a file that holds their rows once more.
//!
//! Opening thousands of files takes longer than reading them. A file that holds what many hold belongs to
//! no snapshot: it stands for its members wherever all of them are live, and while it cannot be used they
//! are read. So nothing is lost with it, and batches, the audit chain, taking back and going back know of
//! the members only. Since no chain covers it, it is believed only as far as it agrees with them: one that
//! contradicts what the catalog says of its members is not read.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use arrow::array::RecordBatch;
use rusqlite::Connection;

use crate::fsio::{self, FileDigest};
use crate::lake::act::insert_run;
use crate::lake::commit::CATALOG_BYTES;
use crate::lake::damage::{NamedFile, named_files};
use crate::lake::data_file::DataFile;
use crate::lake::layout::Layout;
use crate::lake::record::head;
use crate::lake::rows::{all_rows, each_row};
use crate::lake::store::{Origin, Prepared, TableParts};
use crate::lake::{Act, Lake, LakeError};
use crate::model::BatchId;
use crate::table::{LakeTable, PartLimits, completed, schema_of};

/// As many small files of a table may be live before a commit merges some.
const MANY_FILES: usize = 64;

/// A file of this size is none that opening it would matter for.
const LARGE_BYTES: u64 = 64 << 20;

/// What is merged into one file has about this size at most.
const MERGED_BYTES: u64 = 128 << 20;

/// What became of the small files of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MergedTable {
    /// The table.
    pub table: LakeTable,
    /// Files that are read for it, before.
    pub n_before: usize,
    /// Files that are read for it from now on.
    pub n_after: usize,
    /// Rows that were written once more.
    pub n_rows: u64,
}

/// A file that stands for others.
#[derive(Debug, Clone)]
pub(super) struct Merge {
    /// Its batch and run are those of nobody.
    pub(super) file: NamedFile,
    /// Numbers of the files whose rows it holds, in the order of the numbers.
    members: BTreeSet<i64>,
    /// What binds it to them.
    proof: String,
}

impl Merge {
    /// Returns the files whose rows it holds, `None` where one of them is not among `files`.
    pub(super) fn members<'f>(
        &self,
        files: &BTreeMap<i64, &'f NamedFile>,
    ) -> Option<Vec<&'f NamedFile>> {
        self.members.iter().map(|member| files.get(member).copied()).collect()
    }

    /// Tells whether what the catalog says of it agrees with what it says of its members.
    fn agrees_with(&self, members: &[&NamedFile]) -> bool {
        let n_rows = members.iter().map(|member| member.n_rows).fold(0, u64::saturating_add);
        !members.is_empty()
            && members.iter().all(|member| member.table == self.file.table)
            && n_rows == self.file.n_rows
            && self.proof == proof_of(&self.file, members)
    }
}

/// Which small files are merged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Which {
    /// The latest of a table that has too many.
    WhereMany,
    /// All.
    All,
}

/// Files of a table that become one.
struct Plan {
    table: LakeTable,
    n_before: usize,
    /// What is read, in order: files, and merges of some.
    read: Vec<NamedFile>,
    members: Vec<NamedFile>,
}

impl Lake {
    /// Merges the small files of every table, as far as they are live.
    ///
    /// What the lake says stays as it is, so this makes no snapshot.
    pub fn compact(&self, act: &Act<'_>) -> Result<Vec<MergedTable>, LakeError> {
        let _hold = self.catalog.hold();
        self.check_agreement()?;
        if self.merge_plans(Which::All)?.is_empty() {
            return Ok(Vec::new());
        }
        self.check_place(Some(CATALOG_BYTES))?;
        let _writer = self.lock(&self.layout.writer_lock(), act.command, self.lock_limit)?;
        self.catalog.upgrade()?;
        self.pass_over_taken_runs()?;
        let plans = self.merge_plans(Which::All)?;
        let planned_bytes = plans.iter().flat_map(|plan| &plan.read).map(|file| file.size_bytes);
        self.check_room(CATALOG_BYTES + planned_bytes.sum::<u64>())?;
        let run = self.catalog.write(|tx| insert_run(tx, ("", ""), head(tx)?, act, "open"))?;
        let merged = self.make_folder(run).and_then(|_own| self.merge_all(run, plans));
        if merged.is_ok() {
            self.catalog.write(|tx| tx.execute(END, [run]))?;
        }
        self.abandon(run);
        merged
    }

    /// Merges small files of tables of which many are live. Called after a commit, in the folder of its
    /// run, while the lock of writers is held.
    pub(super) fn merge_where_many(&self, run: i64) -> Result<(), LakeError> {
        if self.catalog.read(are_many)? {
            self.merge_all(run, self.merge_plans(Which::WhereMany)?)?;
        }
        Ok(())
    }

    /// Returns what is to be merged, by table, in the order of the commits.
    fn merge_plans(&self, which: Which) -> Result<Vec<Plan>, LakeError> {
        let (files, merges) = self.catalog.read(|connection| {
            Ok((named_files(connection, "f.end_snapshot IS NULL", [])?, merges(connection)?))
        })?;
        let usable = self.usable(&files, &merges);
        let mut plans = Vec::new();
        for table in LakeTable::ALL.iter().filter(|table| !table.is_personal()) {
            let of_table: Vec<NamedFile> =
                files.iter().filter(|file| file.table == *table).cloned().collect();
            let read = read_instead(&of_table, &usable);
            let n_before = read.len();
            let small: Vec<&NamedFile> =
                read.into_iter().filter(|file| file.size_bytes < LARGE_BYTES).collect();
            let sizes: Vec<u64> = small.iter().map(|file| file.size_bytes).collect();
            let first = match which {
                Which::All => 0,
                Which::WhereMany if small.len() > MANY_FILES => first_worth(&sizes),
                Which::WhereMany => continue,
            };
            for part in cut(&small[first..]) {
                let numbers: BTreeSet<i64> =
                    part.iter().flat_map(|file| members_of(file, &usable)).collect();
                let is_member = |file: &&NamedFile| numbers.contains(&file.number);
                let members = of_table.iter().filter(is_member).cloned().collect();
                let read = part.into_iter().cloned().collect();
                plans.push(Plan { table: *table, n_before, read, members });
            }
        }
        Ok(plans)
    }

    /// Returns the merges that stand for some of `files` and can be read, as far as size and both ends
    /// tell.
    fn usable<'m>(&self, files: &[NamedFile], merges: &'m [Merge]) -> Vec<&'m Merge> {
        let sound = sound(files, merges).into_iter();
        sound.filter(|merge| self.checked_path(&merge.file).is_ok()).collect()
    }

    /// Returns the files that are read for those of a snapshot, each with where it stands.
    ///
    /// Fails when one of them is absent, has another size than the catalog states, or does not begin and
    /// end as Parquet does.
    pub(super) fn paths_to_read(
        &self,
        files: &[NamedFile],
        merges: &[Merge],
    ) -> Result<Vec<(NamedFile, PathBuf)>, LakeError> {
        let read = read_instead(files, &self.usable(files, merges));
        read.into_iter().map(|file| Ok((file.clone(), self.checked_path(file)?))).collect()
    }

    fn merge_all(&self, run: i64, plans: Vec<Plan>) -> Result<Vec<MergedTable>, LakeError> {
        let mut merged: BTreeMap<LakeTable, MergedTable> = BTreeMap::new();
        for (number, plan) in (1_u64..).zip(plans) {
            let stored = self.write_merge(run, number, &plan)?;
            self.catalog.write(|tx| name(tx, &plan, &stored))?;
            let Plan { table, n_before, read, .. } = plan;
            let none = MergedTable { table, n_before, n_after: n_before, n_rows: 0 };
            let of_table = merged.entry(table).or_insert(none);
            of_table.n_after = of_table.n_after + 1 - read.len();
            of_table.n_rows += stored.n_rows;
        }
        Ok(merged.into_values().collect())
    }

    /// Writes the rows of several files to one that is durable under its final name, as a commit does.
    fn write_merge(&self, run: i64, number: u64, plan: &Plan) -> Result<Stored, LakeError> {
        let table = plan.table;
        // However many bytes it has: it is one file.
        let limits = PartLimits { part_bytes: usize::MAX, ..self.part_limits };
        let tmp = self.layout.tmp(run);
        let mut parts = TableParts::new(table, &tmp, Origin::of_merge(), limits);
        for file in &plan.read {
            self.each_piece(file, |piece| parts.write(piece))?;
        }
        let prepared = parts.into_prepared()?;
        let stated = count(plan.read.iter().map(|file| file.n_rows));
        let found = count(prepared.iter().map(|prepared| prepared.n_rows as u64));
        let [Prepared { part, digest, .. }] = prepared.as_slice() else {
            return Err(LakeError::CountsDiffer { count: table.as_str(), stated, found });
        };
        if stated != found {
            return Err(LakeError::CountsDiffer { count: table.as_str(), stated, found });
        }
        let path = format!("data/{table}/{}.parquet", Layout::merge_name(run, number));
        fsio::link_no_clobber(part, &self.outer(&path))
            .and_then(|()| fsio::remove_file(part))
            .and_then(|()| fsio::sync_dir(&self.layout.data(table)))
            .map_err(LakeError::Store)?;
        let n_rows = u64::try_from(found).unwrap_or_default();
        Ok(Stored { path, n_rows, digest: digest.clone() })
    }

    /// Calls `take` with all rows of a file of the lake, in pieces that have every column of its table.
    ///
    /// A file that has not the hash that the catalog states is refused.
    pub(super) fn each_piece(
        &self,
        file: &NamedFile,
        mut take: impl FnMut(&RecordBatch) -> Result<(), LakeError>,
    ) -> Result<(), LakeError> {
        let path = self.checked_path(file)?;
        let schema = schema_of(file.table);
        let columns: Vec<&str> =
            schema.fields().iter().map(|field| field.name().as_str()).collect();
        for piece in DataFile::of_lake(self, file.clone(), path.clone()).rows(&columns)? {
            let piece = completed(file.table, piece?, &schema)
                .map_err(|error| LakeError::Decode { path: path.clone(), source: error.into() })?;
            take(&piece)?;
        }
        Ok(())
    }

    /// Has a merge that is damaged be forgotten: its members are read again.
    pub(super) fn forget_merge(&self, path: &str) -> Result<(), LakeError> {
        self.catalog.write(|tx| {
            let of_path = "(SELECT merge FROM merges WHERE path = ?1)";
            tx.execute(&format!("DELETE FROM merge_members WHERE merge IN {of_path}"), [path])?;
            tx.execute("DELETE FROM merges WHERE path = ?1", [path])
        })?;
        Ok(())
    }
}

/// Ends the run of a merge.
const END: &str = "UPDATE runs SET state = 'committed' WHERE run = ?1 AND state = 'open'";

/// A merge that is durable and that nothing names yet.
struct Stored {
    path: String,
    n_rows: u64,
    digest: FileDigest,
}

impl Stored {
    /// Returns the file as the catalog is to name it.
    fn as_named(&self, table: LakeTable) -> NamedFile {
        let FileDigest { size_bytes, blake3 } = self.digest.clone();
        named(0, table, (self.path.clone(), blake3), (size_bytes, self.n_rows))
    }
}

/// Returns a file of nobody's batch and run.
fn named(
    number: i64,
    table: LakeTable,
    (path, hash): (String, String),
    (size_bytes, n_rows): (u64, u64),
) -> NamedFile {
    let batch = BatchId::from_stored("?".to_owned());
    NamedFile {
        number,
        table,
        path,
        size_bytes,
        n_rows,
        hash,
        batch,
        source: None,
        run: 0,
        snapshot: 0,
        end: None,
    }
}

/// Returns the merges that the catalog names; an earlier version of it knows of none.
pub(super) fn merges(connection: &Connection) -> rusqlite::Result<Vec<Merge>> {
    if !connection.table_exists(None, "merges")? {
        return Ok(Vec::new());
    }
    let mut members: BTreeMap<i64, BTreeSet<i64>> = BTreeMap::new();
    each_row(connection, "SELECT merge, file FROM merge_members", [], |row| {
        members.entry(row.get("merge")?).or_default().insert(row.get("file")?);
        Ok(())
    })?;
    let statement = "SELECT merge, table_name, path, record_count, file_size_bytes, blake3, proof
         FROM merges ORDER BY merge";
    all_rows(connection, statement, [], |row| {
        let number: i64 = row.get("merge")?;
        let file = named(
            number,
            row.required("table_name", LakeTable::parse)?,
            (row.get("path")?, row.get("blake3")?),
            (row.count("file_size_bytes")?, row.count("record_count")?),
        );
        let members = members.remove(&number).unwrap_or_default();
        Ok(Merge { file, members, proof: row.get("proof")? })
    })
}

/// Returns the merges whose members are all among `files` and agree with them, each file in one of them.
///
/// A row that is wrong in the catalog would else have rows come twice, or not at all. Of two that share a
/// file the later is taken.
pub(super) fn sound<'m>(files: &[NamedFile], merges: &'m [Merge]) -> Vec<&'m Merge> {
    let files: BTreeMap<i64, &NamedFile> = files.iter().map(|file| (file.number, file)).collect();
    let mut taken: BTreeSet<i64> = BTreeSet::new();
    let mut sound: Vec<&Merge> = Vec::new();
    for merge in merges.iter().rev() {
        let agrees = merge.members(&files).is_some_and(|members| merge.agrees_with(&members));
        if agrees && merge.members.is_disjoint(&taken) {
            taken.extend(&merge.members);
            sound.push(merge);
        }
    }
    sound.reverse();
    sound
}

/// Returns what would bind the first merge to the members that the catalog names.
#[cfg(test)]
pub(super) fn proof_of_first(connection: &Connection) -> rusqlite::Result<String> {
    let merge = merges(connection)?.remove(0);
    let files = named_files(connection, "1", [])?;
    let files = files.iter().map(|file| (file.number, file)).collect();
    Ok(proof_of(&merge.file, &merge.members(&files).unwrap_or_default()))
}

/// Returns what binds a merge to its members: a hash of what the catalog says of both.
fn proof_of(merge: &NamedFile, members: &[&NamedFile]) -> String {
    let line = |file: &NamedFile| {
        let NamedFile { table, path, n_rows, size_bytes, hash, .. } = file;
        format!("{table} {path} {n_rows} {size_bytes} {hash}\n")
    };
    let text: String = std::iter::once(&merge).chain(members).map(|file| line(file)).collect();
    fsio::hash_hex(text.as_bytes())
}

/// Forgets the merges of which a member has ended: they stand for nothing that is live.
pub(super) fn forget_past_merges(tx: &Connection) -> rusqlite::Result<()> {
    tx.execute_batch(
        "DELETE FROM merge_members WHERE merge IN
             (SELECT m.merge FROM merge_members AS m JOIN files AS f ON f.file = m.file
              WHERE f.end_snapshot IS NOT NULL);
         DELETE FROM merges WHERE merge NOT IN (SELECT merge FROM merge_members);",
    )
}

/// Whether of some table so many small files are read that some have to be merged.
///
/// Asked after every commit, and so without a look at every file: a merge that is damaged stands for its
/// members here, too.
fn are_many(connection: &Connection) -> rusqlite::Result<bool> {
    let most = i64::try_from(MANY_FILES).unwrap_or(i64::MAX);
    let large = i64::try_from(LARGE_BYTES).unwrap_or(i64::MAX);
    connection
        .prepare(
            "WITH past AS (
                 SELECT m.merge FROM merge_members AS m JOIN files AS f ON f.file = m.file
                 WHERE f.end_snapshot IS NOT NULL),
             merged AS (
                 SELECT file FROM merge_members WHERE merge NOT IN (SELECT merge FROM past)),
             small AS (
                 SELECT table_name FROM files
                 WHERE end_snapshot IS NULL AND file_size_bytes < ?1
                     AND file NOT IN (SELECT file FROM merged)
                 UNION ALL
                 SELECT table_name FROM merges
                 WHERE file_size_bytes < ?1 AND merge NOT IN (SELECT merge FROM past))
             SELECT 1 FROM small GROUP BY table_name HAVING count(*) > ?2",
        )?
        .exists([large, most])
}

/// Returns what is read for some files of a snapshot, in their order: a merge in the place of the first of
/// its members, which are all there.
fn read_instead<'f>(files: &'f [NamedFile], merges: &[&'f Merge]) -> Vec<&'f NamedFile> {
    let merge_of: BTreeMap<i64, &'f Merge> = merges
        .iter()
        .flat_map(|merge| merge.members.iter().map(|member| (*member, *merge)))
        .collect();
    let mut taken = BTreeSet::new();
    files
        .iter()
        .filter_map(|file| match merge_of.get(&file.number) {
            None => Some(file),
            Some(merge) => taken.insert(merge.file.number).then_some(&merge.file),
        })
        .collect()
}

/// Returns the numbers of the files whose rows one that is read holds.
fn members_of(read: &NamedFile, merges: &[&Merge]) -> BTreeSet<i64> {
    let merge = merges.iter().find(|merge| merge.file.path == read.path);
    merge.map_or_else(|| BTreeSet::from([read.number]), |merge| merge.members.clone())
}

/// Returns the first of several files that is no larger than all after it together.
///
/// With those it is merged, so that a row is written again only when what it lies in has doubled.
fn first_worth(sizes: &[u64]) -> usize {
    let mut after: u64 = sizes.iter().sum();
    let is_worth = |size: &u64| {
        after -= size;
        *size <= after
    };
    sizes.iter().position(is_worth).unwrap_or(sizes.len())
}

/// Cuts files into groups of at most [`MERGED_BYTES`]; one file alone is none.
fn cut<'f>(files: &[&'f NamedFile]) -> Vec<Vec<&'f NamedFile>> {
    let mut groups: Vec<Vec<&NamedFile>> = Vec::new();
    let mut group_bytes = 0;
    for file in files {
        group_bytes += file.size_bytes;
        match groups.last_mut() {
            Some(group) if group_bytes <= MERGED_BYTES => group.push(file),
            _ => {
                group_bytes = file.size_bytes;
                groups.push(vec![file]);
            }
        }
    }
    groups.retain(|group| group.len() > 1);
    groups
}

/// Has a merge be read from now on, in the place of those that it holds the rows of.
fn name(tx: &Connection, plan: &Plan, stored: &Stored) -> rusqlite::Result<()> {
    let file = stored.as_named(plan.table);
    let members: Vec<&NamedFile> = plan.members.iter().collect();
    tx.execute(
        "INSERT INTO merges (table_name, path, record_count, file_size_bytes, blake3, proof)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        (
            plan.table.as_str(),
            &file.path,
            i64::try_from(file.n_rows).unwrap_or(i64::MAX),
            i64::try_from(file.size_bytes).unwrap_or(i64::MAX),
            &file.hash,
            proof_of(&file, &members),
        ),
    )?;
    let merge = tx.last_insert_rowid();
    // Whole: what a merge holds is never a part of its members.
    let members: BTreeSet<i64> = plan.members.iter().map(|member| member.number).collect();
    let mut past = BTreeSet::new();
    each_row(tx, "SELECT merge, file FROM merge_members", [], |row| {
        if members.contains(&row.get("file")?) {
            past.insert(row.get::<i64>("merge")?);
        }
        Ok(())
    })?;
    let mut forget = tx.prepare("DELETE FROM merge_members WHERE merge = ?1")?;
    for merge in past {
        forget.execute([merge])?;
    }
    let mut insert = tx.prepare("INSERT INTO merge_members (merge, file) VALUES (?1, ?2)")?;
    for member in members {
        insert.execute((merge, member))?;
    }
    forget_past_merges(tx)
}

fn count(rows: impl Iterator<Item = u64>) -> i64 {
    i64::try_from(rows.sum::<u64>()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_merged_is_no_larger_than_what_comes_after_it() {
        let equal = vec![10; 65];
        assert_eq!(first_worth(&equal), 0);
        let ones = vec![1; 64];
        assert_eq!(first_worth(&[&[64][..], &ones].concat()), 0);
        assert_eq!(first_worth(&[&[65][..], &ones].concat()), 1);
        assert_eq!(first_worth(&[&[1000, 65][..], &ones].concat()), 2);
        assert_eq!(first_worth(&[&ones[..], &[40, 1]].concat()), 0);
        assert_eq!(first_worth(&[4, 2, 1]), 3);
    }
}
