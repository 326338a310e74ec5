//! Which data files a table of a mirror is to have, and how they come there.
//!
//! A file of the lake whose rows may all leave is copied as it is, by reference where the file system can:
//! never linked, because mode and owner would be shared. One of which only some rows may leave is written
//! anew. Names follow from what is in them, so that a file that is there need not come again.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use arrow::array::{AsArray, BooleanArray, RecordBatch, StringArray};
use arrow::compute::filter_record_batch;
use serde_json::{Value, json};

use crate::fsio::{self, Action, FileDigest, Mode, PlainFile};
use crate::lake::{BatchRecord, SnapshotView};
use crate::mirror::{Leaving, MirrorError};
use crate::model::SourceKind;
use crate::table::{
    DayBounds, LakeTable, ParquetError, ParquetSink, PartReader, PartRows, schema_of,
};

/// Word of origin and release of what was published.
const PUBLISHED: &str = "published";
/// Digits of a hash in the name of a file.
const HASH_DIGITS: usize = 16;

/// A file that a table is to have.
#[derive(Debug)]
pub(super) struct WantedFile {
    /// Name in the folder of the table.
    pub(super) name: String,
    table: LakeTable,
    source: PathBuf,
    source_hash: String,
    /// Which rows of each piece leave; `None` where all do.
    kept: Option<Vec<BooleanArray>>,
}

/// A file that stands in the folder of a table.
#[derive(Debug)]
pub(super) struct StandingFile {
    pub(super) size_bytes: u64,
    /// Rows and bounds, as JSON.
    pub(super) stats: String,
}

/// Which rows may leave.
#[derive(Debug)]
pub(super) struct Selection {
    leaving: Leaving,
    /// Batches of which rows about them may leave.
    batches: BTreeSet<String>,
}

impl Selection {
    /// Finds out what of a snapshot may leave.
    ///
    /// What was published is published figure by figure. Totals and findings go where all figures of their
    /// batch go; findings on records go with these.
    pub(super) fn of(view: &SnapshotView, leaving: Leaving) -> Result<Self, MirrorError> {
        let mut selection = Self { leaving, batches: BTreeSet::new() };
        let mut with_figures = BTreeSet::new();
        let mut withheld = BTreeSet::new();
        if !leaving.unpublished {
            for source in files_of(view, LakeTable::Observations) {
                let columns = ["batch", "origin", "release"];
                for rows in rows_of(view, LakeTable::Observations, source, &columns)? {
                    let rows = rows.map_err(MirrorError::parquet(source))?;
                    let batches = strings(&rows, "batch");
                    let kept = selection.kept(LakeTable::Observations, &rows);
                    for (batch, is_kept) in batches.iter().zip(&kept) {
                        let batch = batch.unwrap_or_default().to_owned();
                        if is_kept == Some(true) {
                            with_figures.insert(batch);
                        } else {
                            withheld.insert(batch);
                        }
                    }
                }
            }
        }
        let may_leave = |batch: &&BatchRecord| match batch.source_kind {
            SourceKind::Records => leaving.records,
            SourceKind::Notice | SourceKind::Form => {
                let id = batch.batch.as_str();
                leaving.unpublished || with_figures.contains(id) && !withheld.contains(id)
            }
        };
        let ids = view.batches.iter().filter(may_leave).map(|batch| batch.batch.to_string());
        selection.batches = ids.collect();
        Ok(selection)
    }

    /// Tells whether all rows of a table leave.
    fn keeps_all(&self, table: LakeTable) -> bool {
        match table {
            LakeTable::Observations | LakeTable::Totals => self.leaving.unpublished,
            LakeTable::Findings => self.leaving.unpublished && self.leaving.records,
            _ => true,
        }
    }

    /// Returns which rows of a table leave.
    fn kept(&self, table: LakeTable, rows: &RecordBatch) -> BooleanArray {
        if table == LakeTable::Observations {
            let [origins, releases] = ["origin", "release"].map(|name| strings(rows, name));
            let is_kept = |(origin, release): (Option<&str>, Option<&str>)| {
                self.leaving.unpublished || [origin, release] == [Some(PUBLISHED); 2]
            };
            return origins.iter().zip(releases).map(|row| Some(is_kept(row))).collect();
        }
        let batches = strings(rows, "batch").iter();
        batches.map(|batch| Some(batch.is_some_and(|id| self.batches.contains(id)))).collect()
    }

    /// Returns the files that a table of the mirror is to have, in the order of their commits.
    ///
    /// `ending` is part of their names: other files than before where it differs.
    pub(super) fn files(
        &self,
        view: &SnapshotView,
        table: LakeTable,
        ending: &str,
    ) -> Result<Vec<WantedFile>, MirrorError> {
        let mut files = Vec::new();
        for source in files_of(view, table) {
            let source_hash = view.hash_of(source).map(str::to_owned).unwrap_or_default();
            let kept = if self.keeps_all(table) {
                None
            } else {
                let columns: &[&str] = match table {
                    LakeTable::Observations => &["origin", "release"],
                    _ => &["batch"],
                };
                let rows = rows_of(view, table, source, columns)?;
                let pieces = rows.map(|rows| rows.map(|rows| self.kept(table, &rows)));
                Some(pieces.collect::<Result<Vec<_>, _>>().map_err(MirrorError::parquet(source))?)
            };
            let n_kept: usize = kept.iter().flatten().map(BooleanArray::true_count).sum();
            let n_left: usize = kept.iter().flatten().map(BooleanArray::false_count).sum();
            let is_empty = kept.is_some() && n_kept == 0;
            let kept = kept.filter(|_| n_left > 0);
            if !is_empty {
                let name = name_of(source, &source_hash, kept.as_deref(), ending);
                let source = source.clone();
                files.push(WantedFile { name, table, source, source_hash, kept });
            }
        }
        Ok(files)
    }
}

/// Returns the name of a file: that in the lake, its hash, that of the choice of rows, and an ending.
fn name_of(
    source: &Path,
    source_hash: &str,
    kept: Option<&[BooleanArray]>,
    ending: &str,
) -> String {
    let stem = source.file_stem().unwrap_or_default().to_string_lossy();
    let is_plain = |letter: &char| letter.is_ascii_alphanumeric() || *letter == '-';
    let stem: String = stem.chars().filter(is_plain).collect();
    let digits = |hash: &str| hash.chars().take(HASH_DIGITS).collect::<String>();
    let rows = kept.map(|pieces| {
        let marks = pieces.iter().flatten().map(|is_kept| u8::from(is_kept == Some(true)));
        format!("-{}", digits(&fsio::hash_hex(&marks.collect::<Vec<_>>())))
    });
    format!("{stem}-{}{}{ending}.parquet", digits(source_hash), rows.unwrap_or_default())
}

/// Returns the files of a table in a snapshot.
fn files_of(view: &SnapshotView, table: LakeTable) -> &[PathBuf] {
    view.files.get(&table).map_or(&[], Vec::as_slice)
}

/// Reads columns of a file of the lake, which must be as it was committed.
fn rows_of(
    view: &SnapshotView,
    table: LakeTable,
    source: &Path,
    columns: &[&str],
) -> Result<PartRows, MirrorError> {
    let hash = view.hash_of(source).unwrap_or_default();
    read_checked(table, source, hash, columns)
}

fn read_checked(
    table: LakeTable,
    source: &Path,
    hash: &str,
    columns: &[&str],
) -> Result<PartRows, MirrorError> {
    let unreadable = |source| MirrorError::LakeFileUnreadable { source };
    let file = PlainFile::open(source).map_err(unreadable)?;
    if file.digest().map_err(unreadable)?.blake3 != hash {
        return Err(MirrorError::LakeFileChanged { path: source.to_owned() });
    }
    let reader = PartReader::open(file, table).map_err(MirrorError::parquet(source))?;
    reader.rows(columns).map_err(MirrorError::parquet(source))
}

/// Returns a column of texts.
fn strings<'r>(rows: &'r RecordBatch, name: &str) -> &'r StringArray {
    rows.column_by_name(name).expect("it was asked for").as_string()
}

impl WantedFile {
    /// Brings the file into the folder of its table, durable but for its name, for those whom `mode` names.
    ///
    /// A file of that name is one that no version has: what a publishing left that was ended, or what readers
    /// of an earlier version still use. It stays where it has the same bytes.
    pub(super) fn bring(&self, folder: &Path, mode: Mode) -> Result<StandingFile, MirrorError> {
        let failed = || MirrorError::folder(folder);
        let target = folder.join(&self.name);
        let part = folder.join(format!(".{}.part", self.name));
        fsio::remove_file(&part).map_err(failed())?;
        let digest = match &self.kept {
            None => self.copy(&part, folder, mode)?,
            Some(kept) => {
                let bytes = self.chosen_rows(kept)?;
                fsio::write_new(&part, &bytes, mode).map_err(failed())?
            }
        };
        if is_same(&target, &digest) {
            fsio::remove_file(&part).map_err(failed())?;
        } else {
            fsio::move_over(&part, &target).map_err(failed())?;
        }
        let file = PlainFile::open(&target).map_err(failed())?;
        let reader = PartReader::open(file, self.table).map_err(MirrorError::parquet(&target))?;
        Ok(StandingFile { size_bytes: digest.size_bytes, stats: stats_of(&reader) })
    }

    fn copy(&self, part: &Path, folder: &Path, mode: Mode) -> Result<FileDigest, MirrorError> {
        let digest =
            fsio::copy_new(&self.source, part, mode).map_err(|error| match error.action {
                Action::Read => MirrorError::LakeFileUnreadable { source: error },
                _ => MirrorError::folder(folder)(error),
            })?;
        if digest.blake3 == self.source_hash {
            return Ok(digest);
        }
        fsio::remove_file(part).map_err(MirrorError::folder(folder))?;
        Err(MirrorError::LakeFileChanged { path: self.source.clone() })
    }

    /// Returns the rows that leave, as Parquet.
    fn chosen_rows(&self, kept: &[BooleanArray]) -> Result<Vec<u8>, MirrorError> {
        let schema = schema_of(self.table);
        let names: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
        let rows = read_checked(self.table, &self.source, &self.source_hash, &names)?;
        let failed = || MirrorError::parquet(&self.source);
        let origin = [("tongban.table", self.table.as_str())];
        let mut sink = ParquetSink::begin(schema, &origin, Vec::new()).map_err(failed())?;
        for (rows, kept) in rows.zip(kept) {
            let chosen = filter_record_batch(&rows.map_err(failed())?, kept);
            let chosen = chosen.map_err(|error| failed()(ParquetError::Read(error.into())))?;
            sink.write(&chosen).map_err(failed())?;
        }
        sink.finish().map_err(failed())
    }
}

/// Tells whether a file has these bytes.
fn is_same(path: &Path, digest: &FileDigest) -> bool {
    let found = PlainFile::open(path).and_then(|file| file.digest());
    found.is_ok_and(|found| found == *digest)
}

/// Returns what readers may know of a file without opening it: rows, and bounds of the days in it.
fn stats_of(reader: &PartReader) -> String {
    let bounds = reader.days();
    let of = |day: fn(&DayBounds) -> String| {
        let days = bounds.iter().map(|bounds| (bounds.column.clone(), day(bounds).into()));
        Value::Object(days.collect())
    };
    let stats = json!({
        "numRecords": reader.n_rows(),
        "minValues": of(|bounds| bounds.first.to_string()),
        "maxValues": of(|bounds| bounds.last.to_string()),
    });
    stats.to_string()
}
