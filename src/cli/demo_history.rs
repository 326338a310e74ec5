//! The last part of `tongban demo`: made-up forms of the years before the notice, and the notice behind
//! them, in the workspace of the made-up records.

use std::path::{Path, PathBuf};

use crate::annex::ReadOptions;
use crate::cli::context::Context;
use crate::cli::demo::{NOTICE, NOTICE_FILE, answer, heading};
use crate::cli::failure::Failure;
use crate::cli::ui::{count_by_severity, print};
use crate::cli::workspace::Workspace;
use crate::diag::Message;
use crate::fsio;
use crate::ingest::{
    IngestSettings, Ingested, OpenSettings, OpenedFile, OpenedFor, ingest_source, open_file,
};
use crate::model::{SYNTHETIC_FILE, SyntheticSet};
use crate::synth::synthesise_forms;

/// Folder of the made-up forms in the workspace.
const MADE: &str = "history";

/// Table of the definitions that they count by.
const DEFINITIONS: &str = "refdata/indicators.csv";

/// Seed of all chance in them.
const SEED: u64 = 1;

/// What is asked of them: question, and rows shown at most.
const QUESTIONS: [(&str, usize); 1] = [("quality/revisions", 10)];

/// What was read from several documents.
#[derive(Default)]
struct Sums {
    n_forms: usize,
    n_figures: usize,
    n_reconciled: usize,
    n_totals: usize,
    by_severity: [usize; 3],
}

/// Makes up forms in a workspace, reads them and the notice, and answers a question.
pub(super) fn run(context: &Context, dir: &Path) -> Result<(), Failure> {
    heading(context, "demo.history")?;
    let made = dir.join(MADE);
    if !fsio::exists(&made.join(SYNTHETIC_FILE)) {
        synthesise_forms(&made, SEED)?;
    }
    let definitions = fsio::read_text(&made.join(DEFINITIONS))?;
    fsio::write_atomic(&dir.join(DEFINITIONS), definitions.as_bytes(), fsio::Mode::Public)?;
    let notice = dir.join(NOTICE_FILE);
    if !fsio::exists(&notice) {
        fsio::write_atomic(&notice, NOTICE.as_bytes(), fsio::Mode::Public)?;
    }
    let workspace = Workspace::open(dir)?;
    let forms = forms_of(&made)?;
    let read = ingest(context, &workspace, &forms, true)?;
    let [n_errors, n_warnings, n_infos] = read.by_severity;
    let message = Message::new("demo.forms")
        .with("forms", read.n_forms)
        .with("observations", read.n_figures)
        .with("reconciled", read.n_reconciled)
        .with("totals", read.n_totals)
        .with("errors", n_errors)
        .with("warnings", n_warnings)
        .with("infos", n_infos)
        .with("path", made.display());
    print(&format!("{}\n", message.text(context.lang())))?;
    // What was published may stand beside what was made up, but not the other way round.
    ingest(context, &workspace, &[notice], false)?;
    let message = Message::new("demo.notice_behind").with("file", NOTICE_FILE);
    print(&format!("{}\n", message.text(context.lang())))?;
    answer(context, workspace, &QUESTIONS)
}

/// Returns the forms of a set in the order of their publication.
fn forms_of(made: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mark = made.join(SYNTHETIC_FILE);
    let set = SyntheticSet::parse(&fsio::read_text(&mark)?);
    let set = set.ok_or_else(|| {
        Failure::user(Message::new("demo.mark_unreadable").with("path", mark.display()))
    })?;
    Ok(set.forms.iter().map(|form| made.join(&form.name)).collect())
}

/// Reads documents into the lake, one after the other.
fn ingest(
    context: &Context,
    workspace: &Workspace,
    paths: &[PathBuf],
    is_synthetic: bool,
) -> Result<Sums, Failure> {
    let reference = workspace.reference()?;
    let profiles = reference.profiles()?;
    let options = ReadOptions::default();
    let opening = OpenSettings {
        program: &context.program,
        opened_for: OpenedFor::Figures,
        reference: reference.as_ref(),
        profiles: &profiles,
        options: &options,
    };
    let settings = IngestSettings {
        is_synthetic,
        ..context.ingest_settings(reference.as_ref(), &profiles, &options)
    };
    let lake = workspace.lake(context)?;
    let mut sums = Sums::default();
    for path in paths {
        let OpenedFile::Document(mut source) = open_file(path, opening)? else {
            unreachable!("the demonstration has no archive")
        };
        sums.add(&ingest_source(&lake, &mut source, &settings)?);
    }
    Ok(sums)
}

impl Sums {
    fn add(&mut self, ingested: &Ingested) {
        let reading = &ingested.reading;
        self.n_forms += 1;
        self.n_figures += reading.observations().count();
        self.n_reconciled += reading.totals().filter(|total| total.is_reconciled).count();
        self.n_totals += reading.totals().count();
        for (sum, more) in self.by_severity.iter_mut().zip(count_by_severity(&reading.findings)) {
            *sum += more;
        }
    }
}
