//! `tongban verify`: a report made again, and compared with what it was.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::cli::args::{SnapshotArgs, VerifyArgs};
use crate::cli::context::Context;
use crate::cli::failure::{Failure, FailureKind};
use crate::cli::report::{MakeOrder, made};
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
    let named = Named::find(&args.file)?;
    let evidence = named.evidence()?;
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
    let order = MakeOrder {
        definition: &definition,
        given: &given,
        snapshot: &snapshot,
        limits: &args.engine_limits,
    };
    let report = made(&session, &order, DuckDb::start())?;
    let mut proof = Proof::default();
    proof.state(&session, &evidence)?;
    proof.figures(&evidence, &report, &session, &definition);
    proof.beside(named.folder(), &evidence.outputs)?;
    let is_same_version = evidence.tool_version == report.provenance.tool_version;
    if is_same_version {
        proof.bytes(&report, &evidence.outputs)?;
    }
    proof.tell(context, &evidence, is_same_version)
}

/// What was named: evidence, or a file of a report with its evidence beside it.
struct Named {
    evidence: PathBuf,
    /// Name of the file of the report, where that was named.
    file_name: Option<String>,
}

impl Named {
    /// Finds the evidence. Fails where a file of a report was named that is not there.
    fn find(named: &Path) -> Result<Self, Failure> {
        let name = named.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let beside = named.with_extension(EVIDENCE);
        if name.ends_with(EVIDENCE) || !fsio::exists(&beside) {
            return Ok(Self { evidence: named.to_owned(), file_name: None });
        }
        if !fsio::exists(named) {
            let message = Message::new("verify.file_missing").with("path", named.display());
            return Err(Failure::user(message));
        }
        Ok(Self { evidence: beside, file_name: Some(name) })
    }

    fn folder(&self) -> &Path {
        self.evidence.parent().unwrap_or(Path::new(""))
    }

    /// Reads the evidence. Fails where it says nothing of the file that was named, or of any.
    fn evidence(&self) -> Result<Evidence, Failure> {
        let evidence = self.parsed()?;
        let is_of = |name: &String| evidence.outputs.iter().any(|one| one.file_name == *name);
        if let Some(name) = self.file_name.as_ref().filter(|name| !is_of(name)) {
            let message = Message::new("verify.file_unproved")
                .with("file", name)
                .with("path", self.evidence.display());
            return Err(Failure::user(message));
        }
        if evidence.outputs.is_empty() {
            return Err(cannot(Message::new("verify.no_outputs")));
        }
        Ok(evidence)
    }

    fn parsed(&self) -> Result<Evidence, Failure> {
        let unreadable = || Message::new("verify.unreadable").with("path", self.evidence.display());
        let name = self.evidence.to_string_lossy();
        // A file of a report that has none, in whatever format it is.
        let is_report = !name.ends_with(EVIDENCE);
        let without = || {
            let beside = self.evidence.with_extension(EVIDENCE);
            let message = Message::new("verify.without_evidence")
                .with("path", self.evidence.display())
                .with("evidence", beside.display());
            Failure::user(message)
        };
        let text = match fsio::read_text(&self.evidence) {
            Err(_) if is_report && fsio::exists(&self.evidence) => return Err(without()),
            read => read?,
        };
        Evidence::parse(&text).map_err(|error| {
            if is_report && !error.is_of_evidence() {
                return without();
            }
            let mut failure = Failure::user(unreadable());
            failure.causes = std::iter::once(error.message()).chain(error.causes()).collect();
            failure
        })
    }
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
    /// What came of each file that the evidence names.
    files: Vec<Message>,
    different: Vec<Message>,
    /// What is not as it was and need not make a difference.
    notes: Vec<Message>,
}

impl Proof {
    /// Compares what was read: data files by what they hold now, reference data and questions by their
    /// hashes.
    fn state(&mut self, session: &Session, evidence: &Evidence) -> Result<(), Failure> {
        let root = session.workspace.lake_root();
        let mut seen: BTreeSet<String> = BTreeSet::new();
        for path in session.snapshot.files.values().flatten() {
            let name = path.strip_prefix(&root).unwrap_or(path).to_string_lossy().into_owned();
            let digest = fsio::PlainFile::open(path)?.digest()?;
            if evidence.data.get(&name) != Some(&digest.blake3) {
                self.different.push(Message::new("verify.data_differs").with("path", &name));
            }
            seen.insert(name);
        }
        if evidence.data.keys().any(|name| !seen.contains(name)) {
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
                let absent = Message::new("verify.file_absent").with("file", &output.file_name);
                self.files.push(absent);
                continue;
            }
            if fsio::PlainFile::open_followed(&path)?.digest()?.blake3 == output.blake3 {
                self.n_beside += 1;
                let same = Message::new("verify.file_same").with("file", &output.file_name);
                self.files.push(same);
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
        for message in self.files.iter().chain(&self.different).chain(&self.notes) {
            text.push_str(&format!("  - {}\n", message.text(lang)));
        }
        print(&text)?;
        if is_proved { Ok(()) } else { Err(Failure::told(FailureKind::Findings)) }
    }
}
