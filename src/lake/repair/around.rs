//! What stands around the catalog and the data: what the catalog can tell is written anew, and rights are taken
//! away.

use std::path::PathBuf;

use crate::diag::{Message, Severity};
use crate::fsio;
use crate::lake::check::{CheckReport, Problem, ProblemKind};
use crate::lake::layout::Layout;
use crate::lake::repair::{RepairKind, RepairReport, RepairSettings};
use crate::lake::run::mark_by_batches;
use crate::lake::{Lake, LakeError, record};

impl Lake {
    /// Writes anew what the catalog can tell, and takes away rights.
    pub(super) fn repair_around(
        &self,
        found: &CheckReport,
        settings: RepairSettings<'_>,
        report: &mut RepairReport,
    ) -> Result<(), LakeError> {
        for problem in &found.problems {
            let path = problem.path.as_deref().unwrap_or_default();
            let outer = self.outer(path);
            let said = |code| Message::new(code).with("path", path);
            let is_done = !settings.is_dry_run;
            match problem.kind {
                ProblemKind::Audit => {
                    report.step_for(
                        RepairKind::AuditHead,
                        problem,
                        Message::new("repair.audit_head"),
                    );
                    if is_done {
                        self.write_audit_head()?;
                    }
                }
                ProblemKind::Manifest => {
                    report.step_for(RepairKind::Manifest, problem, said("repair.manifest"));
                    let number = outer.file_stem().and_then(|stem| stem.to_str()?.parse().ok());
                    if let Some(number) = number.filter(|_| is_done) {
                        self.write_manifest(number)?;
                    }
                }
                ProblemKind::Mark => {
                    report.step_for(RepairKind::Mark, problem, Message::new("repair.mark"));
                    if is_done {
                        self.catalog.write(mark_by_batches)?;
                    }
                }
                ProblemKind::Mode => {
                    report.step_for(RepairKind::Mode, problem, said("repair.mode"));
                    if is_done {
                        self.tighten(&outer)?;
                    }
                }
                ProblemKind::Place => {
                    report.step_for(RepairKind::None, problem, said("repair.place"));
                }
                // One that is missing is made below.
                ProblemKind::Backup if problem.path.is_none() => {}
                ProblemKind::Backup => {
                    report.step_for(RepairKind::SetAside, problem, said("repair.set_aside"));
                    if is_done {
                        self.set_aside(&outer)?;
                    }
                }
                ProblemKind::Merge => {
                    report.step_for(RepairKind::SetAside, problem, said("repair.merge"));
                    if is_done {
                        self.forget_merge(path)?;
                        // A name that the catalog got wrong is perhaps that of something else.
                        if Layout::is_merge(&outer) && fsio::exists(&outer) {
                            self.set_aside(&outer)?;
                        }
                    }
                }
                ProblemKind::Source => self.repair_source(problem, settings, report)?,
                ProblemKind::Rows if problem.severity > Severity::Info => {
                    report.step_for(RepairKind::None, problem, Message::new("repair.rows"));
                }
                _ => {}
            }
        }
        self.keep_backup(found, settings, report)
    }

    /// Makes a copy of the catalog where there is none that can be used.
    fn keep_backup(
        &self,
        found: &CheckReport,
        settings: RepairSettings<'_>,
        report: &mut RepairReport,
    ) -> Result<(), LakeError> {
        let is_lost = |problem: &&Problem| problem.kind == ProblemKind::Backup;
        let lost: Vec<&Problem> = found.problems.iter().filter(is_lost).collect();
        let backups =
            fsio::list_folder(&self.layout.backups()).map_err(|source| self.folder(source))?;
        let is_left = |path: &PathBuf| {
            let inner = self.inner(path);
            lost.iter().all(|problem| problem.path.as_ref() != Some(&inner))
        };
        if lost.is_empty() || backups.iter().any(is_left) {
            return Ok(());
        }
        report.step(RepairKind::Backup, Message::new("repair.backup"));
        if settings.is_dry_run {
            return Ok(());
        }
        let work = self.work_folder()?;
        self.back_up(&work, self.catalog.read(record::head)?)?;
        self.clear_work()
    }
}
