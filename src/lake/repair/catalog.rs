//! The catalog, which comes first: whether it can be made anew, and what it is compared with.

use std::collections::BTreeMap;

use crate::diag::Message;
use crate::fsio;
use crate::lake::agreement::Manifest;
use crate::lake::audit::{self, KeptHead};
use crate::lake::catalog::Catalog;
use crate::lake::check::{CheckReport, Problem, ProblemKind};
use crate::lake::repair::rebuild::rebuilt;
use crate::lake::repair::{RepairKind, RepairReport, RepairSettings};
use crate::lake::{Lake, LakeError};

impl Lake {
    /// Makes the catalog anew, or mends what it is compared with; `false` where neither can be done.
    pub(super) fn repair_catalog(
        &self,
        found: &CheckReport,
        settings: RepairSettings<'_>,
        report: &mut RepairReport,
    ) -> Result<bool, LakeError> {
        // One that seems sound and cannot be read all the same is none to go on with.
        let is_suspect = found.problems.iter().any(is_of_catalog_alone);
        let Some(rebuilt) = rebuilt(&self.layout, is_suspect)? else {
            if !self.is_head_alone_wrong(found)? {
                report.step(RepairKind::None, Message::new("repair.catalog_lost"));
                return Ok(false);
            }
            let path = self.layout.audit_head();
            let message = Message::new("repair.audit_head_wrong").with("path", self.inner(&path));
            report.step(RepairKind::AuditHead, message);
            if !settings.is_dry_run {
                self.set_aside(&path)?;
                self.write_audit_head()?;
            }
            return Ok(true);
        };
        if rebuilt.n_replayed == 0 && rebuilt.base.as_ref() == Some(&self.layout.catalog()) {
            return self.set_strays_aside(found, settings, report);
        }
        let message = match &rebuilt.base {
            Some(base) => Message::new("repair.catalog").with("base", self.inner(base)),
            None => Message::new("repair.catalog_from_manifests"),
        };
        let message =
            message.with("replayed", rebuilt.n_replayed).with("snapshot", rebuilt.head.entry);
        report.step(RepairKind::Catalog, message);
        // Manifests tell of snapshots alone.
        if rebuilt.base != Some(self.layout.catalog()) || rebuilt.n_replayed > 0 {
            report.warnings.push(Message::new("repair.reports"));
        }
        if !settings.is_dry_run {
            self.replace_catalog(&rebuilt)?;
        }
        Ok(true)
    }

    /// Puts files aside that stand where manifests of later snapshots would, and are none. The catalog is as good as
    /// it can be.
    fn set_strays_aside(
        &self,
        found: &CheckReport,
        settings: RepairSettings<'_>,
        report: &mut RepairReport,
    ) -> Result<bool, LakeError> {
        let is_stray = |problem: &&Problem| problem.kind == ProblemKind::CatalogOld;
        let strays: Vec<&Problem> = found.problems.iter().filter(is_stray).collect();
        let is_manifest = |problem: &&Problem| {
            let path = self.outer(problem.path.as_deref().unwrap_or_default());
            let number = path.file_stem().and_then(|stem| stem.to_str()?.parse().ok());
            number.is_none_or(|number| Manifest::read(&self.layout, number).is_some())
        };
        // One that tells of a snapshot is the trace of what is lost.
        if strays.is_empty() || strays.iter().any(is_manifest) {
            report.step(RepairKind::None, Message::new("repair.catalog_lost"));
            return Ok(false);
        }
        for problem in strays {
            let path = problem.path.as_deref().unwrap_or_default();
            let message = Message::new("repair.set_aside").with("path", path);
            report.step_for(RepairKind::SetAside, problem, message);
            if !settings.is_dry_run {
                self.set_aside(&self.outer(path))?;
            }
        }
        Ok(true)
    }

    /// Tells whether the kept head is wrong and all else agrees: the catalog is sound, every manifest says what it
    /// says, and its copies are of the same chain. Where the head tells of later snapshots, nothing else may.
    fn is_head_alone_wrong(&self, found: &CheckReport) -> Result<bool, LakeError> {
        let KeptHead::Whole(kept) =
            audit::read_head(&self.layout.audit_head()).map_err(|source| self.folder(source))?
        else {
            return Ok(false);
        };
        if found.problems.iter().any(is_of_catalog_alone)
            || found.problems.iter().any(|problem| problem.kind == ProblemKind::Manifest)
        {
            return Ok(false);
        }
        let stored: BTreeMap<i64, String> = self
            .catalog
            .read(audit::all_stored)?
            .into_iter()
            .map(|(snapshot, _, hash)| (snapshot, hash))
            .collect();
        let is_orphan = |problem: &Problem| problem.kind == ProblemKind::Orphan;
        if stored.is_empty()
            || !stored.contains_key(&kept.entry) && found.problems.iter().any(is_orphan)
        {
            return Ok(false);
        }
        let backups =
            fsio::list_folder(&self.layout.backups()).map_err(|source| self.folder(source))?;
        // What cannot be read says nothing.
        let mut heads = backups.into_iter().filter_map(|path| {
            let head = Catalog::new(path, false).read(audit::head).ok()?;
            (head.entry > 0).then_some(head)
        });
        Ok(heads.all(|head| stored.get(&head.entry) == Some(&head.hash)))
    }
}

/// Tells whether the catalog has to be made anew before anything else can be said.
pub(super) fn is_of_catalog(found: &CheckReport) -> bool {
    found.problems.iter().any(|problem| {
        is_of_catalog_alone(problem)
            || problem.kind == ProblemKind::CatalogOld
            || problem.message.code == "check.head_differs"
    })
}

/// Tells whether a problem is one of the catalog by itself, whatever stands beside it.
fn is_of_catalog_alone(problem: &Problem) -> bool {
    match problem.kind {
        ProblemKind::Catalog => true,
        // A head that is lost is written again; a chain that does not hold is not.
        ProblemKind::Audit => problem.message.code == "lake.audit_broken",
        _ => false,
    }
}
