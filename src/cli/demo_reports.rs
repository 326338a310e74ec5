//! The end of `tongban demo`: reports about what it read, as files to open.

use std::path::Path;

use crate::cli::args::{EngineArgs, SnapshotArgs};
use crate::cli::context::Context;
use crate::cli::demo::heading;
use crate::cli::failure::Failure;
use crate::cli::report::made;
use crate::cli::session::{Session, write_result};
use crate::cli::ui::print;
use crate::cli::workspace::{OUT, Workspace};
use crate::diag::Message;
use crate::engine::DuckDb;
use crate::fsio;
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
        let report = made(&session, (&definition, &given), (&latest, &limits), DuckDb::start())?;
        for format in formats {
            let path = folder.join(format!("{name}.{}", format.extension()));
            write_result(&path, &render(&report, *format)?)?;
            print(&format!("  {}: {}\n", report.title, path.display()))?;
        }
    }
    let about = Message::new("demo.reports_about");
    print(&format!("{}\n", about.text(context.lang())))
}
