//! Files that are read instead of several others: whether they say what those say.
//!
//! No audit chain covers them, and answers come from them. So the first depth compares what the catalog says
//! of them with what it says of their members, and the third compares the rows themselves.

use std::collections::{BTreeMap, BTreeSet};

use arrow::error::ArrowError;
use arrow::row::{RowConverter, SortField};

use crate::diag::{Message, Severity};
use crate::fsio::{self, PlainFile};
use crate::lake::check::structure::check_sealed;
use crate::lake::check::{CheckLevel, CheckReport, Problem, ProblemKind};
use crate::lake::collect::oldest_snapshot;
use crate::lake::damage::{NamedFile, named_files};
use crate::lake::merge::{Merge, merges, sound};
use crate::lake::{Lake, LakeError};
use crate::table::{RowsError, schema_of};

/// Rows in their order, however they are cut into files and packed there.
#[derive(Debug, PartialEq, Eq)]
struct Rows {
    n_rows: u64,
    /// BLAKE3 of all values.
    hash: blake3::Hash,
}

impl Lake {
    /// Looks whether merges agree with their members, and where their files stand. Returns those that may
    /// be read instead of them, in whatever snapshot.
    ///
    /// One with a member that has ended agrees with what it was made of: it is read for snapshots that have
    /// all of them, and forgotten by the next merge or collection.
    pub(super) fn check_merges(
        &self,
        (all, needed): (&[NamedFile], &[NamedFile]),
        merges: Vec<Merge>,
        report: &mut CheckReport,
    ) -> Vec<Merge> {
        let sound: BTreeSet<i64> =
            sound(all, &merges).into_iter().map(|merge| merge.file.number).collect();
        let needed = by_number(needed);
        let mut checked = Vec::new();
        for merge in merges {
            if !sound.contains(&merge.file.number) {
                report.add(told(&merge.file, Severity::Warning, "check.merge_contradicts"));
                continue;
            }
            if merge.members(&needed).is_none() {
                continue;
            }
            match self.checked_path(&merge.file) {
                Ok(path) => {
                    if let Ok(Some(standing)) = fsio::standing(&path) {
                        check_sealed(&merge.file.path, &standing, report);
                    }
                }
                Err(_) => report.add(damaged(&merge.file)),
            }
            checked.push(merge);
        }
        checked
    }

    /// Reads a file that holds what several hold; they are read by themselves.
    pub(super) fn read_merge(
        &self,
        merge: &Merge,
        files: &[NamedFile],
        level: CheckLevel,
        report: &mut CheckReport,
    ) {
        let Ok(path) = self.checked_path(&merge.file) else { return };
        report.n_read += 1;
        report.read_bytes += merge.file.size_bytes;
        if level < CheckLevel::Deep {
            let digest = PlainFile::open(&path).and_then(|opened| opened.digest());
            if digest.is_ok_and(|digest| digest.blake3 == merge.file.hash) {
                return;
            }
            report.add(damaged(&merge.file));
        } else {
            let n_rows = self.compare_merge(merge, files, report);
            report.n_rows += n_rows;
        }
    }

    /// Compares the rows of all merges with those of their members, where a check found nothing wrong with
    /// them yet.
    pub(in crate::lake) fn compare_merges(
        &self,
        report: &mut CheckReport,
    ) -> Result<(), LakeError> {
        let (all, oldest, merges) = self.catalog.read(|connection| {
            let all = named_files(connection, "1", [])?;
            Ok((all, oldest_snapshot(connection)?, merges(connection)?))
        })?;
        let needed = needed_files(&all, oldest);
        let is_told = |merge: &Merge, report: &CheckReport| {
            report.problems.iter().any(|problem| problem.path.as_ref() == Some(&merge.file.path))
        };
        for merge in sound(&all, &merges) {
            if !is_told(merge, report) && merge.members(&by_number(&needed)).is_some() {
                self.compare_merge(merge, &needed, report);
            }
        }
        Ok(())
    }

    /// Compares the rows of a merge with those of its members; returns how many rows it has.
    fn compare_merge(&self, merge: &Merge, files: &[NamedFile], report: &mut CheckReport) -> u64 {
        let Ok(found) = self.rows_of(&[&merge.file]) else {
            report.add(damaged(&merge.file));
            return 0;
        };
        // Damage to a member has been told by itself.
        let members = merge.members(&by_number(files)).unwrap_or_default();
        if self.rows_of(&members).is_ok_and(|stated| stated != found) {
            report.add(told(&merge.file, Severity::Error, "check.merge_rows"));
        }
        found.n_rows
    }

    /// Reads files of one table one after the other.
    fn rows_of(&self, files: &[&NamedFile]) -> Result<Rows, LakeError> {
        let mut hasher = blake3::Hasher::new();
        let mut n_rows = 0;
        for file in files {
            let fields = schema_of(file.table);
            let fields = fields.fields().iter();
            let fields = fields.map(|field| SortField::new(field.data_type().clone())).collect();
            let undecoded = |error: ArrowError| {
                let path = self.outer(&file.path);
                LakeError::Decode { path, source: RowsError(error).into() }
            };
            let converter = RowConverter::new(fields).map_err(undecoded)?;
            self.each_piece(file, |piece| {
                // Every value by itself: a row begins where the one before it ends.
                let rows = converter.convert_columns(piece.columns()).map_err(undecoded)?;
                for row in &rows {
                    hasher.update(row.as_ref());
                }
                n_rows += piece.num_rows() as u64;
                Ok(())
            })?;
        }
        Ok(Rows { n_rows, hash: hasher.finalize() })
    }
}

/// Returns the files that some readable snapshot has; others may be gone.
pub(super) fn needed_files(all: &[NamedFile], oldest: i64) -> Vec<NamedFile> {
    all.iter().filter(|file| file.end.is_none_or(|end| end > oldest)).cloned().collect()
}

fn by_number(files: &[NamedFile]) -> BTreeMap<i64, &NamedFile> {
    files.iter().map(|file| (file.number, file)).collect()
}

/// The rows are in the files that it was made from, too.
fn damaged(merge: &NamedFile) -> Problem {
    told(merge, Severity::Warning, "check.merge")
}

fn told(merge: &NamedFile, severity: Severity, code: &'static str) -> Problem {
    let message = Message::new(code).with("path", &merge.path);
    Problem::new(ProblemKind::Merge, severity, message).at(&merge.path)
}
