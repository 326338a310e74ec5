//! Data files that are missing or damaged, and the loss of what cannot come back.

use crate::diag::Message;
use crate::fsio;
use crate::lake::act::Concern;
use crate::lake::check::{CheckReport, Problem, ProblemKind};
use crate::lake::damage::{NamedFile, named_files};
use crate::lake::repair::{RepairKind, RepairReport, RepairSettings};
use crate::lake::{Act, ActOutcome, Comeback, Lake, LakeError, record};
use crate::model::BatchId;

/// What is done about a data file.
struct Damaged {
    problem: Problem,
    hash: String,
    /// Whether it is known not to hold what was written: a disk that does not answer may do so again.
    is_certain: bool,
    comeback: Comeback,
}

impl Lake {
    /// Does what can be done about data files, and returns those whose loss is to be recorded.
    pub(super) fn repair_files(
        &self,
        found: &CheckReport,
        settings: RepairSettings<'_>,
        report: &mut RepairReport,
    ) -> Result<Vec<String>, LakeError> {
        let mut lost = Vec::new();
        for damaged in self.damaged_files(found)? {
            let problem = &damaged.problem;
            let Some(path) = &problem.path else { continue };
            if damaged.is_certain
                && self.put_back((path, &damaged.hash), settings, report, problem)?
            {
                continue;
            }
            let said = |code| Message::new(code).with("path", path);
            if !damaged.is_certain {
                report.step_for(RepairKind::None, problem, said("repair.unread"));
                continue;
            }
            if damaged.comeback == Comeback::Nothing {
                report.step_for(RepairKind::None, problem, said("repair.past_file"));
                continue;
            }
            let outer = self.outer(path);
            if fsio::exists(&outer) {
                report.step_for(RepairKind::SetAside, problem, said("repair.set_aside"));
                if !settings.is_dry_run {
                    self.set_aside(&outer)?;
                }
            }
            let batch = problem.batch.clone();
            let of_batch = |code| {
                Message::new(code).with("batch", batch.as_ref().map_or("?", BatchId::as_str))
            };
            if damaged.comeback == Comeback::Reread {
                let batch = problem.batch.iter().filter(|batch| !report.reread.contains(batch));
                let batch: Vec<BatchId> = batch.cloned().collect();
                if !batch.is_empty() {
                    report.step_for(RepairKind::Reread, problem, of_batch("repair.reread"));
                }
                report.reread.extend(batch);
            } else if settings.accepts_loss {
                report.step_for(RepairKind::Loss, problem, said("repair.loss"));
                lost.extend(Some(path.clone()).filter(|_| !settings.is_dry_run));
            } else {
                let is_document = damaged.comeback == Comeback::Document;
                let code = if is_document { "repair.ingest_document" } else { "repair.ingest" };
                report.step_for(RepairKind::Ingest, problem, of_batch(code));
            }
        }
        Ok(lost)
    }

    /// Returns the data files that a check found damaged, with what can be done about them.
    fn damaged_files(&self, found: &CheckReport) -> Result<Vec<Damaged>, LakeError> {
        let files = self.catalog.read(|connection| named_files(connection, "1", []))?;
        let is_damaged = |problem: &&Problem| problem.kind == ProblemKind::DataFile;
        let mut damaged = Vec::new();
        for problem in found.problems.iter().filter(is_damaged) {
            let named = |file: &&NamedFile| Some(&file.path) == problem.path.as_ref();
            let Some(file) = files.iter().find(named) else { continue };
            damaged.push(Damaged {
                problem: problem.clone(),
                hash: file.hash.clone(),
                is_certain: self.is_certainly_damaged(file),
                comeback: Comeback::of(file, &self.layout),
            });
        }
        Ok(damaged)
    }

    /// Makes a snapshot in which lost files have ended. The catalog is copied before.
    pub(super) fn record_loss(
        &self,
        act: &Act<'_>,
        lost: &[String],
        report: &mut RepairReport,
    ) -> Result<(), LakeError> {
        let outcome = self.act(
            act,
            Concern::Records,
            |run| {
                let latest = self.catalog.read(record::head)?;
                self.back_up(&self.layout.tmp(run), latest)?;
                Ok(Some(()))
            },
            |tx, (), (snapshot, _)| {
                let mut end = tx.prepare(
                    "UPDATE files SET end_snapshot = ?2 WHERE path = ?1 AND end_snapshot IS NULL",
                )?;
                for path in lost {
                    end.execute((path, snapshot))?;
                }
                Ok(Ok(()))
            },
        )?;
        if let ActOutcome::Done { warnings, .. } = outcome {
            report.warnings.extend(warnings);
        }
        Ok(())
    }
}
