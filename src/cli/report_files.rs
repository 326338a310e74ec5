//! The files of a report: its formats, its evidence, their names, and where they go.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::cli::args::{EngineArgs, SnapshotArgs};
use crate::cli::failure::Failure;
use crate::cli::report::{MakeOrder, made};
use crate::cli::session::{Session, check_free};
use crate::cli::workspace::{OUT, Workspace};
use crate::diag::Message;
use crate::engine::DuckDb;
use crate::fsio::{self, FsError};
use crate::report::content::Report;
use crate::report::evidence::{Evidence, EvidenceOutput, Origin};
use crate::report::{Definition, Given, ReportFormat, is_end_of_month, render};

/// How the name of evidence ends.
pub(super) const EVIDENCE: &str = "evidence.json";

/// No file of a report is larger.
const MAX_FILE_BYTES: u64 = 1 << 30;

/// A file of a report.
pub(super) struct ReportFile {
    pub(super) name: String,
    pub(super) bytes: Vec<u8>,
}

/// A report with all of its files.
pub(super) struct MadeReport {
    pub(super) snapshot: i64,
    /// Its title.
    pub(super) title: String,
    /// What stands below the title; empty where nothing does.
    pub(super) subtitle: String,
    pub(super) files: Vec<ReportFile>,
    /// What somebody should look at before it goes out.
    pub(super) warnings: Vec<Message>,
}

/// What a report is made with.
pub(super) struct Order<'a> {
    pub(super) definition: &'a Definition,
    pub(super) given: &'a Given,
    pub(super) formats: &'a [ReportFormat],
    /// What tells the names of its files from those of other times at which it was due.
    pub(super) label: &'a str,
}

/// Makes a report from the latest snapshot with its evidence; the bytes of all of its files, or none.
pub(super) fn make_files(
    session: &Session,
    order: &Order<'_>,
    limits: &EngineArgs,
) -> Result<MadeReport, Failure> {
    let latest = SnapshotArgs { as_of: None, snapshot: None };
    let Order { definition, given, .. } = *order;
    let make = MakeOrder { definition, given, snapshot: &latest, limits };
    let report = made(session, &make, DuckDb::start())?;
    let stem = stem_of(&report, order.label);
    let mut files = Vec::new();
    let mut outputs = Vec::new();
    for format in order.formats {
        let bytes = render(&report, *format)?;
        let name = format!("{stem}.{}", format.extension());
        outputs.push(EvidenceOutput::of(&name, format.as_str(), &bytes));
        files.push(ReportFile { name, bytes });
    }
    let evidence = evidence_of(session, order.definition, &report, outputs);
    files.push(ReportFile { name: format!("{stem}.{EVIDENCE}"), bytes: evidence.to_bytes() });
    let warnings = report.letter.map(|letter| letter.warnings).unwrap_or_default();
    Ok(MadeReport {
        snapshot: session.snapshot.number,
        title: report.title,
        subtitle: report.subtitle.unwrap_or_default(),
        files,
        warnings,
    })
}

/// Returns the evidence of a report and its files.
pub(super) fn evidence_of(
    session: &Session,
    definition: &Definition,
    report: &Report,
    outputs: Vec<EvidenceOutput>,
) -> Evidence {
    let param_names = definition.param_names();
    let origin = Origin {
        definition: &definition.text,
        param_names: &param_names,
        catalogue: &session.catalogue,
        snapshot: &session.snapshot,
        lake: &session.workspace.lake_root(),
        reference_hash: session.refdata.overrides_hash(),
    };
    Evidence::of(report, &origin, outputs)
}

/// The name of the report, its period (a month, or its last day) and when it was due.
fn stem_of(report: &Report, label: &str) -> String {
    let end = report.period_end;
    let period = if is_end_of_month(end) { end.format("%Y-%m") } else { end.format("%Y-%m-%d") };
    format!("{}_{period}_{label}", report.name)
}

fn scratch_of(workspace: &Workspace) -> String {
    let root = fsio::real_path(&workspace.root).display().to_string();
    format!(".tongban-{}.part", &fsio::hash_hex(root.as_bytes())[..8])
}

/// A folder to which files of reports are brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Destination {
    folder: PathBuf,
    /// Whether it is made where it is missing. One outside of the workspace is not: it may be a disk that is
    /// not there.
    is_made: bool,
    /// Name of the folder in it in which files wait until all of them are whole: one of this workspace alone.
    scratch: String,
}

impl Destination {
    /// Returns the folder of the workspace in which the files of a report are kept.
    pub(super) fn archive(workspace: &Workspace, report: &str) -> Self {
        let folder = workspace.root.join(OUT).join(report);
        Self { folder, is_made: true, scratch: scratch_of(workspace) }
    }

    /// Returns the folder that a definition names; one that is no absolute path is below the workspace.
    pub(super) fn named(workspace: &Workspace, folder: &str) -> Self {
        let folder = workspace.root.join(folder);
        let is_made = folder.starts_with(&workspace.root);
        Self { folder, is_made, scratch: scratch_of(workspace) }
    }

    /// Returns the folder as text, as the lake records it.
    pub(super) fn text(&self) -> String {
        self.folder.display().to_string()
    }

    /// Brings files to the folder, all or none: earlier ones of their names stay until the new ones are whole.
    pub(super) fn bring(&self, files: &[ReportFile]) -> Result<(), Failure> {
        if self.is_made {
            fsio::create_private_dir(&self.folder)?;
        }
        let scratch = self.folder.join(&self.scratch);
        // What a process left that died.
        fsio::remove_dir_tree(&scratch)?;
        let brought = self.move_from(&scratch, files);
        let removed = fsio::remove_dir_tree(&scratch);
        brought?;
        Ok(removed?)
    }

    fn move_from(&self, scratch: &Path, files: &[ReportFile]) -> Result<(), Failure> {
        let targets = files.iter().map(|file| self.folder.join(&file.name));
        let targets: Vec<PathBuf> = targets.collect();
        let missing = (!fsio::is_dir(&self.folder)).then_some(ErrorKind::NotFound);
        for target in &targets {
            check_free(target)?;
            let kind = missing.or_else(|| fsio::is_dir(target).then_some(ErrorKind::IsADirectory));
            if let Some(kind) = kind {
                return Err(FsError::write(target, kind.into()).into());
            }
        }
        fsio::create_private_dir(scratch)?;
        for (file, target) in files.iter().zip(&targets) {
            fsio::write_atomic(&scratch.join(&file.name), &file.bytes, fsio::Mode::Public)
                // It is known by where it belongs.
                .map_err(|error| FsError { path: target.clone(), ..error })?;
        }
        for (file, target) in files.iter().zip(&targets) {
            fsio::move_into_place(&scratch.join(&file.name), target)?;
        }
        Ok(())
    }

    /// Reads a file that was brought here before. Fails where its bytes are not those that they were.
    pub(super) fn read(&self, name: &str, blake3: &str) -> Result<Vec<u8>, Failure> {
        let path = self.folder.join(name);
        let bytes = fsio::read_bytes(&path, MAX_FILE_BYTES)?;
        if fsio::hash_hex(&bytes) != blake3 {
            return Err(Failure::user(
                Message::new("schedule.file_changed").with("path", path.display()),
            ));
        }
        Ok(bytes)
    }
}
