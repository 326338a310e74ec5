//! `tongban verify`: a report made again, and compared with what it was.

use std::path::{Path, PathBuf};

use crate::cli::args::{SnapshotArgs, VerifyArgs};
use crate::cli::context::Context;
use crate::cli::failure::{Failure, FailureKind};
use crate::cli::report::made;
use crate::cli::report_files::{EVIDENCE, evidence_of};
use crate::cli::session::Session;
use crate::cli::ui::print;
use crate::cli::workspace::Workspace;
use crate::diag::{Diagnose, Message};
use crate::engine::DuckDb;
use crate::fsio;
use crate::lake::Lake;
use crate::model::FiguresBy;
use crate::report::content::Report;
use crate::report::evidence::{Evidence, EvidenceOutput, compare_figures};
use crate::report::{Definition, Given, ReportFormat, render};

/// Differing figures that are told; more would not help.
const MAX_TOLD: usize = 20;

pub(super) fn run(context: &Context, args: &VerifyArgs) -> Result<(), Failure> {
    let file = evidence_file(&args.file);
    let text = fsio::read_text(&file)?;
    let evidence = Evidence::parse(&text).map_err(|error| {
        let mut failure =
            Failure::user(Message::new("verify.unreadable").with("path", file.display()));
        failure.causes = std::iter::once(error.message()).chain(error.causes()).collect();
        failure
    })?;
    let workspace = Workspace::find(context)?;
    let lake = workspace.lake(context)?;
    if let Some(obstacle) = obstacle(&lake, &evidence)? {
        return Err(cannot(obstacle));
    }
    let snapshot = SnapshotArgs { as_of: evidence.as_of, snapshot: Some(evidence.snapshot) };
    let session = Session::open(context, &snapshot, FiguresBy::default())?;
    let definition = Definition::parse(
        &evidence.report,
        &evidence.definition,
        &session.catalogue,
        &session.refdata,
    )
    .map_err(|error| {
        let mut failure = cannot(error.message());
        failure.causes.extend(error.causes());
        failure
    })?;
    let given = Given { params: evidence.params.clone(), lang: evidence.lang };
    let report =
        made(&session, (&definition, &given), (&snapshot, &args.engine_limits), DuckDb::start())?;
    let mut proof = Proof::default();
    proof.state(&session, &evidence)?;
    proof.figures(&evidence, &report, &session, &definition);
    proof.beside(file.parent().unwrap_or(Path::new("")), &evidence.outputs)?;
    let is_same_version = evidence.tool_version == report.provenance.tool_version;
    if is_same_version {
        proof.bytes(&report, &evidence.outputs)?;
    }
    proof.tell(context, &evidence, is_same_version)
}

/// Returns the evidence that stands beside a file of a report, where that was named instead of it.
fn evidence_file(named: &Path) -> PathBuf {
    let name = named.file_name().unwrap_or_default().to_string_lossy();
    let beside = named.with_extension(EVIDENCE);
    let is_beside = !name.ends_with(EVIDENCE) && fsio::exists(&beside);
    if is_beside { beside } else { named.to_owned() }
}

/// Returns why the report cannot be made again; `None` where nothing forbids it.
fn obstacle(lake: &Lake, evidence: &Evidence) -> Result<Option<Message>, Failure> {
    let latest = lake.log()?.last().map_or(0, |snapshot| snapshot.number);
    Ok(evidence.obstacle(&lake.batches()?, latest))
}

fn cannot(cause: Message) -> Failure {
    let mut failure = Failure::user(Message::new("verify.cannot"));
    failure.causes.push(cause);
    failure
}

/// What was compared, and what differs.
#[derive(Default)]
struct Proof {
    n_figures: usize,
    n_outputs: usize,
    n_beside: usize,
    different: Vec<Message>,
    /// What is not as it was and need not make a difference.
    notes: Vec<Message>,
}

impl Proof {
    /// Compares what was read: data files by what they hold now, reference data and questions by their
    /// hashes.
    fn state(&mut self, session: &Session, evidence: &Evidence) -> Result<(), Failure> {
        let root = session.workspace.lake_root();
        let mut n_same = 0;
        for path in session.snapshot.files.values().flatten() {
            let name = path.strip_prefix(&root).unwrap_or(path).to_string_lossy().into_owned();
            let digest = fsio::PlainFile::open(path)?.digest()?;
            if evidence.data.get(&name) == Some(&digest.blake3) {
                n_same += 1;
            } else {
                self.different.push(Message::new("verify.data_differs").with("path", name));
            }
        }
        if n_same < evidence.data.len() && self.different.is_empty() {
            self.different.push(Message::new("verify.data_fewer"));
        }
        if evidence.reference_hash.as_deref() != session.refdata.overrides_hash() {
            self.notes.push(Message::new("verify.reference_differs"));
        }
        for (id, was) in &evidence.queries {
            let views = session.catalogue.views();
            let now = session.catalogue.get(id).ok();
            let now = now.or_else(|| views.into_iter().find(|view| view.id == *id));
            if now.is_none_or(|now| fsio::hash_hex(now.sql.as_bytes()) != was.hash) {
                self.notes.push(Message::new("verify.query_differs").with("query", id));
            }
        }
        Ok(())
    }

    fn figures(
        &mut self,
        evidence: &Evidence,
        report: &Report,
        session: &Session,
        definition: &Definition,
    ) {
        let again = evidence_of(session, definition, report, Vec::new());
        let cells = evidence.figures.iter().map(|table| table.rows.len() * table.columns.len());
        self.n_figures = cells.sum();
        let differences = compare_figures(&evidence.figures, &again.figures);
        let told = differences.iter().take(MAX_TOLD);
        self.different.extend(told.map(crate::report::evidence::Difference::message));
        if differences.len() > MAX_TOLD {
            let more = Message::new("ui.more").with("count", differences.len() - MAX_TOLD);
            self.different.push(more);
        }
    }

    /// Compares files that stand beside the evidence with what they were.
    fn beside(&mut self, folder: &Path, outputs: &[EvidenceOutput]) -> Result<(), Failure> {
        for output in outputs {
            let path = folder.join(&output.file_name);
            // A name that leads elsewhere is not beside it.
            let is_plain = Path::new(&output.file_name).components().count() == 1;
            if !is_plain || !fsio::exists(&path) {
                continue;
            }
            if fsio::PlainFile::open_followed(&path)?.digest()?.blake3 == output.blake3 {
                self.n_beside += 1;
            } else {
                let message = Message::new("verify.file_changed").with("path", path.display());
                self.different.push(message);
            }
        }
        Ok(())
    }

    /// Compares the bytes of every file, made again by the same version.
    fn bytes(&mut self, report: &Report, outputs: &[EvidenceOutput]) -> Result<(), Failure> {
        for output in outputs {
            let named = |code| Message::new(code).with("file", &output.file_name);
            let Some(format) = ReportFormat::parse(&output.format) else {
                self.different.push(named("verify.format_unknown"));
                continue;
            };
            if fsio::hash_hex(&render(report, format)?) == output.blake3 {
                self.n_outputs += 1;
            } else {
                self.different.push(named("verify.bytes_differ"));
            }
        }
        Ok(())
    }

    /// Prints what came of it.
    fn tell(&self, context: &Context, evidence: &Evidence, by_bytes: bool) -> Result<(), Failure> {
        let lang = context.lang();
        let is_proved = self.different.is_empty();
        let code = match (is_proved, by_bytes) {
            (true, true) => "verify.same_bytes",
            (true, false) => "verify.same_figures",
            (false, _) => "verify.different",
        };
        let head = Message::new(code)
            .with("report", &evidence.report)
            .with("snapshot", evidence.snapshot)
            .with("version", &evidence.tool_version)
            .with("files", self.n_outputs)
            .with("figures", self.n_figures);
        let mut text = format!("{}\n", head.text(lang));
        if self.n_beside > 0 {
            let beside = Message::new("verify.beside").with("files", self.n_beside);
            text.push_str(&format!("{}\n", beside.text(lang)));
        }
        for message in self.different.iter().chain(&self.notes) {
            text.push_str(&format!("  - {}\n", message.text(lang)));
        }
        print(&text)?;
        if is_proved { Ok(()) } else { Err(Failure::told(FailureKind::Findings)) }
    }
}
