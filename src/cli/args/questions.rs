//! Arguments of the commands that answer.

use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use clap::Args;

use crate::cli::args::words::{
    parse_day, parse_departments, parse_engine, parse_format, parse_last_day, parse_pair,
    parse_severity, parse_shown_origin,
};
use crate::diag::Severity;
use crate::engine::EngineKind;
use crate::model::{Departments, FiguresBy, ShownOrigin};
use crate::output::Format;

/// Answer a named question; without a name, list them
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tongban query
  tongban query aggregation/by_department
  tongban query aggregation/zero_causes -p indicator=evaluations_aggregated
  tongban query aggregation/by_department --engine polars
  tongban query aggregation/by_department --departments comparable
  tongban query --all --cross-check
  tongban query integration/by_department --format csv --output connected.csv")]
pub(in crate::cli) struct QueryArgs {
    /// Name of the question, as `aggregation/by_department`
    pub(in crate::cli) name: Option<String>,
    /// Answer all that need no parameter
    #[arg(long, conflicts_with_all = ["name", "params"])]
    pub(in crate::cli) all: bool,
    /// A parameter of the question; indicators, departments and regions by id or by name, as 省公安厅
    #[arg(long = "param", short, value_name = "NAME=VALUE", value_parser = parse_pair)]
    pub(in crate::cli) params: Vec<(String, String)>,
    /// Describe the question: parameters, columns and units; do not answer it
    #[arg(long, requires = "name")]
    pub(in crate::cli) describe: bool,
    /// Engine that answers: duckdb or polars
    #[arg(long, value_parser = parse_engine, default_value = "duckdb")]
    pub(in crate::cli) engine: EngineKind,
    /// Answer on both engines and fail, showing the cells, if they differ
    #[arg(long)]
    pub(in crate::cli) cross_check: bool,
    /// Show all columns on the terminal, not only the main ones
    #[arg(long)]
    pub(in crate::cli) wide: bool,
    #[command(flatten)]
    pub(in crate::cli) figures: FiguresArgs,
    #[command(flatten)]
    pub(in crate::cli) snapshot: SnapshotArgs,
    #[command(flatten)]
    pub(in crate::cli) engine_limits: EngineArgs,
    #[command(flatten)]
    pub(in crate::cli) output: OutputArgs,
}

/// Run one SELECT statement over the lake
///
/// All tables of the lake, the reference tables and the views can be read; files cannot.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tongban sql \"SELECT * FROM integration_by_edition\"
  tongban sql --format csv < question.sql
  tongban sql --departments comparable \"SELECT * FROM observations_latest WHERE n_parts > 1\"
  tongban sql \"SHOW TABLES\"")]
pub(in crate::cli) struct SqlArgs {
    /// The statement; without it, standard input
    // It may begin with a comment: `-- …`.
    #[arg(allow_hyphen_values = true)]
    pub(in crate::cli) statement: Option<String>,
    /// Read the statement from a file; `-` is standard input
    #[arg(long, short, conflicts_with = "statement", value_name = "FILE")]
    pub(in crate::cli) file: Option<PathBuf>,
    #[command(flatten)]
    pub(in crate::cli) figures: FiguresArgs,
    #[command(flatten)]
    pub(in crate::cli) snapshot: SnapshotArgs,
    #[command(flatten)]
    pub(in crate::cli) engine_limits: EngineArgs,
    #[command(flatten)]
    pub(in crate::cli) output: OutputArgs,
}

/// Trace a figure to its cell: value, print, document, checks, notes, vintages
///
/// The figure is named by indicator, department and last day of its period, or by a row of a named
/// question: then every figure in that row is traced.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tongban explain cases_aggregated tax
  tongban explain cases_aggregated tax 2021-09-30
  tongban explain cases_aggregated_by_arrival water 2025-06-30
  tongban explain --query integration/connected_without_data --row 1
  tongban explain cases_aggregated tax 2017-12-31 --departments comparable
  tongban explain items_connected justice --format json")]
pub(in crate::cli) struct ExplainArgs {
    /// Indicator, as `cases_aggregated`
    #[arg(required_unless_present = "query", conflicts_with = "query")]
    pub(in crate::cli) indicator: Option<String>,
    /// Department, as `tax`; without it, every department
    pub(in crate::cli) department: Option<String>,
    /// Last day of the period, or its last month or year; without it, the latest that the indicator has
    #[arg(value_parser = parse_last_day)]
    pub(in crate::cli) period: Option<NaiveDate>,
    /// Trace the figures in a row of this question's answer instead
    #[arg(long, value_name = "NAME", requires = "row")]
    pub(in crate::cli) query: Option<String>,
    /// The row, from 1, as the question prints it
    #[arg(long, value_name = "N", requires = "query")]
    pub(in crate::cli) row: Option<usize>,
    /// A parameter of the question
    #[arg(long = "param", short, value_name = "NAME=VALUE", value_parser = parse_pair, requires = "query")]
    pub(in crate::cli) params: Vec<(String, String)>,
    #[command(flatten)]
    pub(in crate::cli) departments: DepartmentsArgs,
    #[command(flatten)]
    pub(in crate::cli) snapshot: SnapshotArgs,
    #[command(flatten)]
    pub(in crate::cli) output: OutputArgs,
}

/// Show the reference tables, saved layouts and profiles of records: indicators, departments, codes
///
/// `tongban refs layouts` lists the layouts, `tongban refs profiles` the profiles, and with the name of
/// a profile its fields and rules. Without a table, lists them with their rows, and checks the workspace's own rows on top: a row that
/// does not fit is named with its line.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tongban refs
  tongban refs departments
  tongban refs layouts
  tongban refs profiles up-exchange/up_pro_accept
  tongban refs department_names --format csv")]
pub(in crate::cli) struct RefsArgs {
    /// Table to show
    pub(in crate::cli) table: Option<String>,
    /// Of `profiles`, the one to show: its name, or its name with a dataset as `NAME/DATASET`
    pub(in crate::cli) name: Option<String>,
    /// Print the file of the profile, to start one of your own from
    #[arg(long, requires = "name", conflicts_with = "format")]
    pub(in crate::cli) source: bool,
    #[command(flatten)]
    pub(in crate::cli) output: OutputArgs,
}

/// List what was wrong, odd or assumed in the files of the lake
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tongban findings
  tongban findings --severity warning --format csv")]
pub(in crate::cli) struct FindingsArgs {
    /// Only findings at least this severe: info, warning or error
    #[arg(long, value_parser = parse_severity, default_value = "info")]
    pub(in crate::cli) severity: Severity,
    /// Read an earlier snapshot of the lake
    #[arg(long, value_name = "N")]
    pub(in crate::cli) snapshot: Option<i64>,
    #[command(flatten)]
    pub(in crate::cli) output: OutputArgs,
}

/// List the snapshots of the lake, the newest first
///
/// Each is one commit: its number, when it took place (Beijing time), the files and rows that it
/// added, who ran which command, and why.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tongban lake log
  tongban lake log --format csv --output log.csv")]
pub(in crate::cli) struct LogArgs {
    #[command(flatten)]
    pub(in crate::cli) output: OutputArgs,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct SnapshotArgs {
    /// Answer with what was published by this day; refused for questions that list all documents
    #[arg(long, value_name = "DATE", value_parser = parse_day)]
    pub(in crate::cli) as_of: Option<NaiveDate>,
    /// Read an earlier snapshot of the lake
    #[arg(long, value_name = "N")]
    pub(in crate::cli) snapshot: Option<i64>,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct DepartmentsArgs {
    /// Departments and regions that figures are shown under: as-reported, or comparable (those that
    /// took over)
    ///
    /// With `comparable`, the figures of a department or region that was succeeded are shown under
    /// its successor, to the end of the chain: 省扶贫开发局 and 省乡村振兴局 under 省农业农村厅.
    /// Counts that fall on one another are added up, as 省国税局 and 省地税局 under 税务局: the
    /// successor's own only where one document prints them side by side, because a later document
    /// may count them in already. A sum with an empty cell in it is empty (`partly_missing`); one
    /// with a returned zero says `partly_returned`. Ratios are never added, and are shown under a
    /// successor only where it has one predecessor. Who was succeeded by several stays as reported.
    /// What was moved, added, left or rests on unverified successions is told on standard error;
    /// `quality/comparability` lists it. Questions that list documents (`quality/revisions`,
    /// `quality/sources_compared`, `quality/totals`, `quality/findings`) stay as reported.
    #[arg(long, value_name = "BASIS", value_parser = parse_departments, default_value = "as-reported")]
    pub(in crate::cli) departments: Departments,
}

impl DepartmentsArgs {
    /// Returns which published figures are shown.
    pub(in crate::cli) fn by(&self) -> FiguresBy {
        FiguresBy { departments: self.departments, ..FiguresBy::default() }
    }
}

#[derive(Debug, Args)]
pub(in crate::cli) struct FiguresArgs {
    #[command(flatten)]
    pub(in crate::cli) departments: DepartmentsArgs,
    /// Whose figures are shown: published, reported or platform
    ///
    /// `published` are those of documents with a number; forms count as `reported` unless `ingest
    /// --origin` or a layout says otherwise. Refused for questions that look at all documents.
    #[arg(long, value_name = "WHOSE", value_parser = parse_shown_origin, default_value = "published")]
    pub(in crate::cli) origin: ShownOrigin,
}

impl FiguresArgs {
    /// Returns which figures are shown.
    pub(in crate::cli) fn by(&self) -> FiguresBy {
        FiguresBy { origin: self.origin, ..self.departments.by() }
    }
}

#[derive(Debug, Args)]
pub(in crate::cli) struct EngineArgs {
    /// Threads of the engine; without it, one per core, or a single one where all tables are small
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(in crate::cli) threads: Option<u16>,
    /// Memory of the engine, as 2GB
    #[arg(long, value_name = "SIZE")]
    pub(in crate::cli) memory: Option<String>,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct OutputArgs {
    /// Format: table, csv, json, jsonl, markdown or parquet; without it, as the name of --output
    /// says, else table
    #[arg(long, value_parser = parse_format)]
    pub(in crate::cli) format: Option<Format>,
    /// Write to a file, pipe or device instead of standard output; `-` is standard output
    ///
    /// A file is replaced only when the whole result is there. Nothing is written into a lake, over
    /// the settings of a workspace, or over a layout, query or reference table of it.
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl OutputArgs {
    /// Tells whether a format or a file was named.
    pub(in crate::cli) fn is_given(&self) -> bool {
        self.format.is_some() || self.output.is_some()
    }

    /// Returns the file to write to, `None` for standard output.
    pub(in crate::cli) fn file(&self) -> Option<&Path> {
        let is_stdout = |path: &Path| path == Path::new("-") || path == Path::new("/dev/stdout");
        self.output.as_deref().filter(|path| !is_stdout(path))
    }
}
