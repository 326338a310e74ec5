//! Arguments of the commands about reports.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::cli::args::questions::{EngineArgs, SnapshotArgs};
use crate::cli::args::words::{parse_pair, parse_report_format};
use crate::report::ReportFormat;

/// Make a report; without a name, list them
///
/// Every question of a report is answered on both engines where there is a second way to its answer; where
/// they differ there is no report. The same report over the same snapshot is the same file, byte for byte.
/// Definitions of your own stand in reports/ of the workspace, as `reports/NAME.toml`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tongban report
  tongban report monthly-trend --describe
  tongban report monthly-trend --source > reports/monthly.toml
  tongban report monthly-trend --output report.html
  tongban report monthly-trend -p period=2021-08 --format html --output report.html
  tongban report monthly-trend -p region=630000 --lang zh --output report.html
  tongban report notice-draft -p period=2021-09 -p dated=2021-11-24 --output draft.docx
  tongban report notice-draft -p origin=reported --output draft.docx")]
pub(in crate::cli) struct ReportArgs {
    /// Name of the report, as `monthly-trend`
    pub(in crate::cli) name: Option<String>,
    /// A parameter of the report: period (a month as 2021-08, or a last day), region, or one of its own
    #[arg(long = "param", short, value_name = "NAME=VALUE", value_parser = parse_pair, requires = "name")]
    pub(in crate::cli) params: Vec<(String, String)>,
    /// Describe the report: parameters and sections; do not make it
    #[arg(long, requires = "name", conflicts_with_all = ["output", "format", "params"])]
    pub(in crate::cli) describe: bool,
    /// Print the definition of the report, to start one of your own from
    #[arg(long, requires = "name", conflicts_with_all = ["output", "format", "params", "describe"])]
    pub(in crate::cli) source: bool,
    /// Format: html, xlsx, docx, markdown or json; without it, as the name of --output says
    #[arg(long, value_parser = parse_report_format, requires = "name")]
    pub(in crate::cli) format: Option<ReportFormat>,
    /// Write to this file; `-` is standard output
    ///
    /// A file is replaced only when the whole report is there.
    #[arg(long, short, value_name = "FILE", requires = "name")]
    pub(in crate::cli) output: Option<PathBuf>,
    /// Write the evidence of the report to this file, by which `tongban verify` proves that it can be made
    /// again
    #[arg(long, value_name = "FILE", requires = "output")]
    pub(in crate::cli) evidence: Option<PathBuf>,
    #[command(flatten)]
    pub(in crate::cli) snapshot: SnapshotArgs,
    #[command(flatten)]
    pub(in crate::cli) engine_limits: EngineArgs,
}

impl ReportArgs {
    /// Returns the file to write to; `None` for standard output, and where nothing is named.
    pub(in crate::cli) fn file(&self) -> Option<&Path> {
        let is_stdout = |path: &Path| path == Path::new("-") || path == Path::new("/dev/stdout");
        self.output.as_deref().filter(|path| !is_stdout(path))
    }
}
