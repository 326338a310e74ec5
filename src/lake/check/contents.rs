//! The second and the third depth: every byte against its hash, and every row counted again.

use std::collections::BTreeMap;

use crate::diag::{Message, Severity};
use crate::fsio::PlainFile;
use crate::lake::balance::{Balance, check_counts};
use crate::lake::check::structure::{Named, severity_of};
use crate::lake::check::{CheckLevel, CheckReport, CheckSettings, Problem, ProblemKind};
use crate::lake::damage::NamedFile;
use crate::lake::data_file::DataFile;
use crate::lake::merge::Merge;
use crate::lake::{BatchRecord, Lake, LakeError, record};
use crate::model::{BatchId, SourceKind};
use crate::table::schema_of;

/// What is read next.
enum Item<'a> {
    Data(&'a NamedFile),
    Merge(&'a Merge),
    Source(&'a str, &'a BatchId),
}

/// What the live rows of every batch add up to. `None` once a file of a batch was not counted.
type Counted = BTreeMap<BatchId, Option<Balance>>;

impl Lake {
    /// Reads what the catalog names, as far as there is time.
    pub(super) fn check_contents(
        &self,
        named: &Named,
        settings: CheckSettings<'_>,
        report: &mut CheckReport,
    ) -> Result<(), LakeError> {
        let mut counted = Counted::new();
        let mut last = settings.after.map(str::to_owned);
        let mut is_complete = settings.after.is_none() && settings.part.is_none();
        for (path, item) in items(named) {
            let is_before = settings.after.is_some_and(|after| path.as_str() <= after);
            if is_before || settings.part.is_some_and(|part| !part.holds(&path)) {
                continue;
            }
            if (settings.is_over)() {
                // Nothing was read yet: the next check begins where this one did.
                report.stopped_after = Some(last.unwrap_or_default());
                is_complete = false;
                break;
            }
            match item {
                Item::Data(file) if settings.level == CheckLevel::Deep => {
                    self.count_file(file, &mut counted, report);
                }
                Item::Data(file) => self.read_file(file, report),
                Item::Merge(merge) => {
                    self.read_merge(merge, &named.files, settings.level, report);
                }
                Item::Source(hash, batch) => self.read_source(hash, batch, report),
            }
            last = Some(path);
        }
        if settings.level == CheckLevel::Deep && is_complete {
            self.check_batches(&counted, report)?;
        }
        Ok(())
    }

    fn read_file(&self, file: &NamedFile, report: &mut CheckReport) {
        // What is known to be damaged has been told.
        let Ok(path) = self.checked_path(file) else { return };
        let digest = PlainFile::open(&path)
            .and_then(|opened| opened.digest())
            .map_err(|source| LakeError::FileUnreadable { rows: self.rows_in(file), source });
        let outcome = digest.and_then(|digest| {
            report.n_read += 1;
            report.read_bytes += digest.size_bytes;
            if digest.blake3 == file.hash {
                Ok(())
            } else {
                Err(LakeError::FileChanged { path, rows: self.rows_in(file) })
            }
        });
        if let Err(error) = outcome {
            tell(file, ProblemKind::DataFile, &error, report);
        }
    }

    fn read_source(&self, hash: &str, batch: &BatchId, report: &mut CheckReport) {
        let path = self.layout.sources().join(hash);
        let Ok(file) = PlainFile::open(&path) else { return };
        let error = match file.digest() {
            Ok(digest) => {
                report.n_read += 1;
                report.read_bytes += digest.size_bytes;
                if digest.blake3 == hash {
                    return;
                }
                LakeError::SourceDamaged { path: path.clone() }
            }
            Err(source) => self.folder(source),
        };
        let problem = Problem::of(ProblemKind::Source, Severity::Error, &error);
        report.add(problem.at(&self.inner(&path)).of_batch(batch));
    }

    /// Reads a data file, decodes it, and counts its rows.
    fn count_file(&self, file: &NamedFile, counted: &mut Counted, report: &mut CheckReport) {
        let is_live = file.end.is_none();
        let balance = counted.entry(file.batch.clone()).or_insert_with(|| Some(Balance::default()));
        let outcome = self.count_rows(file, balance.as_mut().filter(|_| is_live));
        match outcome {
            Ok(n_rows) => {
                report.n_read += 1;
                report.read_bytes += file.size_bytes;
                report.n_rows += n_rows;
                if n_rows != file.n_rows {
                    let message = Message::new("check.rows_differ")
                        .with("path", &file.path)
                        .with("stated", file.n_rows)
                        .with("found", n_rows);
                    let problem = Problem::new(ProblemKind::Rows, severity_of(file), message);
                    report.add(problem.at(&file.path).of_batch(&file.batch));
                }
            }
            Err(LakeError::RowsForeign { .. }) => {
                *balance = None;
                let message = Message::new("check.rows_foreign").with("path", &file.path);
                let problem = Problem::new(ProblemKind::Rows, severity_of(file), message);
                report.add(problem.at(&file.path).of_batch(&file.batch));
            }
            Err(error) => {
                if is_live {
                    *balance = None;
                }
                // What the first depth finds has been told by it.
                if self.checked_path(file).is_ok() {
                    tell(file, ProblemKind::DataFile, &error, report);
                }
            }
        }
    }

    fn count_rows(
        &self,
        file: &NamedFile,
        mut balance: Option<&mut Balance>,
    ) -> Result<u64, LakeError> {
        let path = self.checked_path(file)?;
        let schema = schema_of(file.table);
        let columns: Vec<&str> =
            schema.fields().iter().map(|field| field.name().as_str()).collect();
        let mut n_rows = 0;
        for piece in DataFile::of_lake(self, file.clone(), path).rows(&columns)? {
            let piece = piece?;
            n_rows += piece.num_rows() as u64;
            if let Some(balance) = &mut balance {
                balance.add(file.table, &piece, &file.batch)?;
            }
        }
        Ok(n_rows)
    }

    /// Compares what every live batch says of itself with its rows.
    fn check_batches(&self, counted: &Counted, report: &mut CheckReport) -> Result<(), LakeError> {
        let (batches, with_losses) = self.catalog.read(|connection| {
            let latest = record::head(connection)?;
            let live = record::live_batches(connection, latest)?;
            Ok((live, record::batches_with_losses(connection, latest)?))
        })?;
        let none = Some(Balance::default());
        for batch in &batches {
            let Some(balance) = counted.get(&batch.batch).unwrap_or(&none) else { continue };
            // That rows of it are lost was told by the first depth.
            if with_losses.contains(&batch.batch) {
                continue;
            }
            let message = match check_balance(batch, balance) {
                Ok(()) => continue,
                Err(LakeError::CountsDiffer { count, stated, found }) => {
                    Message::new("check.batch_counts")
                        .with("count", count)
                        .with("stated", stated)
                        .with("found", found)
                }
                // The list of its files and the names in its rows.
                Err(_) => Message::new("check.batch_files"),
            };
            let problem = Problem::new(
                ProblemKind::Rows,
                Severity::Error,
                message.with("batch", &batch.batch),
            );
            report.add(problem.of_batch(&batch.batch));
        }
        Ok(())
    }
}

fn check_balance(batch: &BatchRecord, balance: &Balance) -> Result<(), LakeError> {
    check_counts(batch, |table| balance.n_rows(table))?;
    match batch.source_kind {
        SourceKind::Records => balance.check_records(batch),
        _ => Ok(()),
    }
}

fn tell(file: &NamedFile, kind: ProblemKind, error: &LakeError, report: &mut CheckReport) {
    report.add(Problem::of(kind, severity_of(file), error).at(&file.path).of_batch(&file.batch));
}

/// Returns what can be read, in the order of the paths.
fn items(named: &Named) -> BTreeMap<String, Item<'_>> {
    let files = named.files.iter().map(|file| (file.path.clone(), Item::Data(file)));
    let sources = named
        .sources
        .iter()
        .map(|(hash, batch)| (format!("source/{hash}"), Item::Source(hash.as_str(), batch)));
    let merges = named.merges.iter().map(|merge| (merge.file.path.clone(), Item::Merge(merge)));
    files.chain(merges).chain(sources).collect()
}
