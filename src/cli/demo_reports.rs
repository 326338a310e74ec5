//! The end of `tongban demo`: reports about what it read, as files to open.

use std::path::Path;

use crate::cli::args::{EngineArgs, SnapshotArgs};
use crate::cli::context::Context;
use crate::cli::demo::heading;
use crate::cli::failure::Failure;
use crate::cli::report::{MakeOrder, made};
use crate::cli::report_files::{EVIDENCE, evidence_of};
use crate::cli::session::{Session, write_result};
use crate::cli::ui::print;
use crate::cli::workspace::{OUT, Workspace};
use crate::diag::Message;
use crate::engine::DuckDb;
use crate::fsio;
use crate::report::evidence::EvidenceOutput;
use crate::report::{Given, ReportFormat, render};

/// What is made: reports, and the formats of each.
const REPORTS: [(&str, &[ReportFormat]); 2] = [
    ("monthly-trend", &[ReportFormat::Html, ReportFormat::Xlsx]),
    ("notice-draft", &[ReportFormat::Docx]),
];

/// Makes reports about the latest period of a workspace, and says where they are.
pub(super) fn run(context: &Context, dir: &Path) -> Result<(), Failure> {
    heading(context, "demo.reports")?;
    let session = Session::of(context, Workspace::open(dir)?, None)?;
    let definitions = session.workspace.reports()?;
    let folder = dir.join(OUT);
    fsio::create_private_dir(&folder)?;
    for (name, formats) in REPORTS {
        let definition = definitions.get(name, &session.catalogue, &session.refdata)?;
        let given = Given { params: Vec::new(), lang: context.lang() };
        let latest = SnapshotArgs { as_of: None, snapshot: None };
        let limits = EngineArgs { threads: None, memory: None };
        let order = MakeOrder {
            definition: &definition,
            given: &given,
            snapshot: &latest,
            limits: &limits,
        };
        let report = made(&session, &order, DuckDb::start())?;
        let mut outputs = Vec::new();
        for format in formats {
            let file_name = format!("{name}.{}", format.extension());
            let bytes = render(&report, *format)?;
            let path = folder.join(&file_name);
            write_result(&path, &bytes)?;
            outputs.push(EvidenceOutput::of(&file_name, format.as_str(), &bytes));
            print(&format!("  {}: {}\n", report.title, path.display()))?;
        }
        let evidence = evidence_of(&session, &definition, &report, outputs);
        write_result(&folder.join(format!("{name}.{EVIDENCE}")), &evidence.to_bytes())?;
    }
    let about = Message::new("demo.reports_about");
    print(&format!("{}\n", about.text(context.lang())))
}
