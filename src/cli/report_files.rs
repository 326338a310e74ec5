//! The files of a report: its formats, its evidence, their names, and where they go.

use std::path::PathBuf;

use chrono::{Datelike, NaiveDate};

use crate::cli::args::{EngineArgs, SnapshotArgs};
use crate::cli::failure::Failure;
use crate::cli::report::made;
use crate::cli::session::{Session, write_result};
use crate::cli::workspace::{OUT, Workspace};
use crate::diag::Message;
use crate::engine::DuckDb;
use crate::fsio;
use crate::report::content::Report;
use crate::report::evidence::{Evidence, EvidenceOutput, Origin};
use crate::report::{Definition, Given, ReportFormat, render};

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
    /// The day on which it was due, for the names of its files.
    pub(super) day: NaiveDate,
}

/// Makes a report from the latest snapshot with its evidence; the bytes of all of its files, or none.
pub(super) fn make_files(
    session: &Session,
    order: &Order<'_>,
    limits: &EngineArgs,
) -> Result<MadeReport, Failure> {
    let latest = SnapshotArgs { as_of: None, snapshot: None };
    let report =
        made(session, (order.definition, order.given), (&latest, limits), DuckDb::start())?;
    let stem = stem_of(&report, order.day);
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

/// The name of the report, its period (a month, or its last day) and the day on which it was due.
fn stem_of(report: &Report, day: NaiveDate) -> String {
    let end = report.period_end;
    let is_month = end.succ_opt().is_some_and(|next| next.day() == 1);
    let period = if is_month { end.format("%Y-%m") } else { end.format("%Y-%m-%d") };
    format!("{}_{period}_{day}", report.name)
}

/// A folder to which files of reports are brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Destination {
    folder: PathBuf,
    /// Whether it is made where it is missing. One outside of the workspace is not: it may be a disk that is
    /// not there.
    is_made: bool,
}

impl Destination {
    /// Returns the folder of the workspace in which the files of a report are kept.
    pub(super) fn archive(workspace: &Workspace, report: &str) -> Self {
        Self { folder: workspace.root.join(OUT).join(report), is_made: true }
    }

    /// Returns the folder that a definition names; one that is no absolute path is below the workspace.
    pub(super) fn named(workspace: &Workspace, folder: &str) -> Self {
        let folder = workspace.root.join(folder);
        let is_made = folder.starts_with(&workspace.root);
        Self { folder, is_made }
    }

    /// Returns the folder as text, as the lake records it.
    pub(super) fn text(&self) -> String {
        self.folder.display().to_string()
    }

    /// Brings a file to the folder, all at once: an earlier one of its name stays until the new one is
    /// whole.
    pub(super) fn bring(&self, name: &str, bytes: &[u8]) -> Result<(), Failure> {
        if self.is_made {
            fsio::create_private_dir(&self.folder)?;
        }
        write_result(&self.folder.join(name), bytes)
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
