//! Sources of documents that are missing or changed.

use crate::diag::Message;
use crate::fsio;
use crate::lake::check::Problem;
use crate::lake::repair::{RepairKind, RepairReport, RepairSettings};
use crate::lake::{Lake, LakeError};

impl Lake {
    /// Takes a source from the copy, or has the user give it again.
    pub(super) fn repair_source(
        &self,
        problem: &Problem,
        settings: RepairSettings<'_>,
        report: &mut RepairReport,
    ) -> Result<(), LakeError> {
        let Some(path) = &problem.path else { return Ok(()) };
        let hash = path.rsplit('/').next().unwrap_or_default();
        let said = |code| Message::new(code).with("path", path);
        let outer = self.outer(path);
        // A disk that does not answer may do so again, and may have done so meanwhile.
        let is_certain = !fsio::exists(&outer) || self.is_source_changed(hash).unwrap_or(false);
        if !is_certain {
            report.step_for(RepairKind::None, problem, said("repair.unread"));
            return Ok(());
        }
        if self.put_back((path, hash), settings, report, problem)? {
            return Ok(());
        }
        if fsio::exists(&outer) {
            report.step_for(RepairKind::SetAside, problem, said("repair.set_aside"));
            if !settings.is_dry_run {
                self.set_aside(&outer)?;
            }
        }
        report.step_for(RepairKind::Ingest, problem, said("repair.source"));
        Ok(())
    }
}
