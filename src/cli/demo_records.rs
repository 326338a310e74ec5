//! The second part of `tongban demo`: records that are made up, in a workspace of their own, because
//! they never stand beside a real notice.

use std::path::{Path, PathBuf};

use crate::cli::args::RecordArgs;
use crate::cli::context::Context;
use crate::cli::demo::{answer, heading};
use crate::cli::demo_history;
use crate::cli::demo_reports;
use crate::cli::failure::Failure;
use crate::cli::ingest_records::{RecordIntake, is_record_name};
use crate::cli::init::create;
use crate::cli::ui::print;
use crate::cli::workspace::{SETTINGS_FILE, Workspace};
use crate::diag::Message;
use crate::fsio;
use crate::model::SYNTHETIC_FILE;
use crate::source::Encoding;
use crate::synth::{Choice, Packing, SynthFormat, SynthSettings, synthesise};

/// Folder of the made-up files in the workspace.
const MADE: &str = "made";

/// Table of the codes by which they name their departments.
const CODES: &str = "refdata/department_codes.csv";

/// Of the records that the notice counts, so many in a million.
const SCALE_MILLIONTHS: u64 = 500;

/// What is asked of them: question, and rows shown at most.
const QUESTIONS: [(&str, usize); 2] =
    [("aggregation/first_pass", 10), ("satisfaction/by_channel", 10)];

/// Makes up records beside the folder of the demonstration, ingests them and answers two questions; then
/// the same with forms; then reports about all of it.
pub(super) fn run(context: &Context, shown: &Path) -> Result<(), Failure> {
    let dir = beside(shown);
    heading(context, "demo.records")?;
    let about = Message::new("demo.synthetic").with("path", dir.display());
    print(&format!("{}\n", about.text(context.lang())))?;
    if !fsio::exists(&dir.join(SETTINGS_FILE)) {
        create(&dir, context.suitability)?;
    }
    let made = dir.join(MADE);
    if !fsio::exists(&made.join(SYNTHETIC_FILE)) {
        synthesise(&made, &settings(), &mut |_| {})?;
    }
    let codes = fsio::read_text(&made.join(CODES))?;
    fsio::write_atomic(&dir.join(CODES), codes.as_bytes(), fsio::Mode::Public)?;
    let workspace = Workspace::open(&dir)?;
    ingest(context, &workspace, &made)?;
    answer(context, workspace, &QUESTIONS)?;
    demo_history::run(context, &dir)?;
    demo_reports::run(context, &dir)
}

fn ingest(context: &Context, workspace: &Workspace, made: &Path) -> Result<(), Failure> {
    let reference = workspace.reference()?;
    let lake = workspace.lake(context)?;
    let args = RecordArgs { profile: None, dataset: None, together: false };
    let intake = RecordIntake::new(context, (workspace, &lake, &reference), &args)?;
    let mut files = fsio::list_files_where(made, |folder| folder == made)?;
    files.retain(|file| is_record_name(file));
    intake.take(&files)?;
    Ok(())
}

/// Packed, so that nobody takes them for the files of an office.
fn settings() -> SynthSettings {
    SynthSettings {
        choice: Choice::Notice { scale_millionths: SCALE_MILLIONTHS },
        faults_millionths: 0,
        format: SynthFormat::Csv,
        encoding: Encoding::Utf8,
        packing: Some(Packing::Zst),
        seed: 1,
        n_files: 1,
        trap: None,
    }
}

fn beside(shown: &Path) -> PathBuf {
    let name = fsio::real_path(shown).file_name().map(|name| name.to_string_lossy().into_owned());
    let name = format!("{}-records", name.unwrap_or_default());
    match shown.file_name() {
        Some(_) => shown.with_file_name(name),
        None => fsio::real_path(shown).with_file_name(name),
    }
}
