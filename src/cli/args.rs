//! What can be typed. The doc comments are the help texts.

use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use clap::{Args, Parser, Subcommand};

use crate::diag::{Lang, Severity};
use crate::engine::EngineKind;
use crate::model::{Departments, Origin, Release};
use crate::output::{Format, ListFormat};
use crate::source::Encoding;
use crate::synth::{Packing, SynthFormat, Trap};

/// Read the annex tables of notices into a Parquet lake and ask it questions
///
/// Annexes become observations with their place, totals prove themselves, and every figure can be
/// traced to its cell.
#[derive(Debug, Parser)]
#[command(name = "tongban", version, max_term_width = 100)]
#[command(after_help = "\
Examples:
  tongban demo                         read a real notice and answer three questions
  tongban init mylake && cd mylake     make a workspace
  tongban inspect notice.txt           see what would be read, write nothing
  tongban ingest notice.txt            read it into the lake
  tongban query                        list the questions that can be asked
  tongban query integration/connected_without_data
  tongban sql \"SELECT * FROM integration_by_edition\"

Exit codes: 0 done, 1 you can fix it, 2 usage, 3 done but findings reached --fail-on,
70 our fault, 130 interrupted.")]
pub(super) struct Cli {
    #[command(flatten)]
    pub(super) global: GlobalArgs,
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Args)]
pub(super) struct GlobalArgs {
    /// Workspace folder; without it, the nearest one from the current folder upwards
    #[arg(long, global = true, env = "TONGBAN_WORKSPACE", value_name = "DIR")]
    pub(super) workspace: Option<PathBuf>,
    /// Language of messages and titles: zh or en; without it, as the locale says
    #[arg(long, global = true, value_parser = parse_lang)]
    pub(super) lang: Option<Lang>,
    /// Print results, warnings and errors only, not what was done
    #[arg(long, short, global = true)]
    pub(super) quiet: bool,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    Init(InitArgs),
    Demo(DemoArgs),
    Inspect(InspectArgs),
    Ingest(IngestArgs),
    Reread(RereadArgs),
    Query(QueryArgs),
    Sql(SqlArgs),
    Explain(ExplainArgs),
    Findings(FindingsArgs),
    Returned(ReturnedArgs),
    Refs(RefsArgs),
    Synth(SynthArgs),
    #[command(hide = true)]
    ReadDocument(ReadDocumentArgs),
    /// Look after the lake
    #[command(
        subcommand,
        after_help = "Examples:\n  tongban lake log\n  tongban lake log --format json"
    )]
    Lake(LakeCommand),
}

#[derive(Debug, Subcommand)]
pub(super) enum LakeCommand {
    Log(LogArgs),
}

/// Make a workspace: settings, an empty lake, and folders for your own queries and reference data
///
/// The key of its pseudonyms stands in keys/, beside the lake: keep a copy of it in a safe place.
/// Not inside another workspace: commands look for the nearest one from the current folder upwards.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tongban init mylake
  tongban init && tongban ingest notice.txt
  tongban init --key mylake            make the key that a workspace of an earlier version lacks")]
pub(super) struct InitArgs {
    /// Folder to make it in; made when it does not exist
    #[arg(default_value = ".")]
    pub(super) dir: PathBuf,
    /// Only make the key of the pseudonyms in a workspace that has none; one that is there stays
    #[arg(long)]
    pub(super) key: bool,
}

/// Read a real notice into a workspace of its own and answer three questions
///
/// Then records are made up in a second workspace beside it, `<DIR>-records`, and two questions about
/// them are answered. Made-up records never stand beside a real notice.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tongban demo
  tongban demo shown --lang zh")]
pub(super) struct DemoArgs {
    /// Folder of the demonstration; a second run finds everything there
    #[arg(default_value = "tongban-demo")]
    pub(super) dir: PathBuf,
}

/// Show what a file would be read as, and write nothing
///
/// Tables, columns and the indicators they mean, the period and where it was found, the first and
/// last rows, totals, notes and findings.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tongban inspect notice.txt
  tongban inspect --format json notice.docx > notice.json
  tongban inspect --period 2021-01-01..2021-09-30 form.txt
  tongban inspect --save-layout hotline --table 2 bulletin.xlsx")]
pub(super) struct InspectArgs {
    /// File to read
    pub(super) file: PathBuf,
    #[command(flatten)]
    pub(super) reading: ReadingArgs,
    /// Format: text, or json with every figure and its place
    #[arg(long, value_parser = ["text", "json"], default_value = "text")]
    pub(super) format: String,
    /// Write a layout for a table of the file to `layouts/NAME.toml`, for you to complete
    #[arg(long, value_name = "NAME")]
    pub(super) save_layout: Option<String>,
    /// The table that --save-layout is about, from 1
    #[arg(long, value_name = "N", requires = "save_layout", default_value_t = 1)]
    pub(super) table: usize,
}

/// Read files into the lake
///
/// Each file is one batch and one transaction: it is in the lake completely or not at all. The same
/// file read in the same way is there only once. An unknown column or department refuses the file;
/// a bad cell becomes null and a finding.
///
/// Record files (CSV, TSV, JSON lines, also packed with gzip, zstd or zip) are judged row by row by a
/// profile. Rows that break it are sent back with their reasons, in the view `returned_records`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tongban ingest notice.txt
  tongban ingest --published-on 2021-12-01 notice.txt
  tongban ingest --fail-on warning archive/
  tongban ingest --profile up-exchange accept-2021.csv.gz
  tongban ingest --together accept-01.csv accept-02.csv")]
pub(super) struct IngestArgs {
    /// Files, archives of files (.zip), or folders whose documents are read; in the folder of a
    /// workspace, its lake, layouts, queries, reference data and reports are passed over
    #[arg(required = true)]
    pub(super) paths: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) reading: ReadingArgs,
    #[command(flatten)]
    pub(super) records: RecordArgs,
    /// Exit with 3 when a finding is at least this severe: info, warning or error
    #[arg(long, value_parser = parse_severity, default_value = "error")]
    pub(super) fail_on: Severity,
}

/// What the user says about record files
#[derive(Debug, Args)]
#[command(next_help_heading = "Record files")]
pub(super) struct RecordArgs {
    /// Judge the files by this profile; without it, by the one that fits the header, if one does
    #[arg(long, value_name = "NAME")]
    pub(super) profile: Option<String>,
    /// Take the files for this dataset of a profile; without it, for the one that fits the header
    #[arg(long, value_name = "NAME")]
    pub(super) dataset: Option<String>,
    /// Commit all record files as one batch; without it, each is a batch of its own
    #[arg(long)]
    pub(super) together: bool,
}

/// Read a batch again, with other options or after layouts and reference data were completed
///
/// The source is taken from the lake, where it stands as it arrived. The new reading takes the place
/// of the old one, which stays visible in the log and in earlier snapshots. Options given before hold
/// unless they are given anew. Nothing happens when the file is read in the same way as before.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tongban reread 02e6a7460467a213 --as-of-day 2021-10-31 --reason \"the annex counts up to October\"
  tongban reread --all --reason \"layout hotline completed\"")]
pub(super) struct RereadArgs {
    /// The batch, as `tongban lake log` and `tongban explain` name it; its first digits will do
    #[arg(required_unless_present = "all", conflicts_with = "all")]
    pub(super) batch: Option<String>,
    /// Read every batch again
    #[arg(long)]
    pub(super) all: bool,
    /// Why, for the log
    #[arg(long, value_name = "TEXT")]
    pub(super) reason: String,
    #[command(flatten)]
    pub(super) reading: ReadingArgs,
    /// Exit with 3 when a finding is at least this severe: info, warning or error
    #[arg(long, value_parser = parse_severity, default_value = "error")]
    pub(super) fail_on: Severity,
}

#[derive(Debug, Args)]
pub(super) struct ReadingArgs {
    /// Issuer of the document, where it names none
    #[arg(long, value_name = "NAME")]
    pub(super) issuer: Option<String>,
    /// Period of the figures: 2021-01-01..2021-09-30, or one day
    #[arg(long, value_name = "PERIOD")]
    pub(super) period: Option<String>,
    /// Day on which figures count that print none: stocks on that day, others up to it
    #[arg(long, value_name = "DATE", value_parser = parse_day)]
    pub(super) as_of_day: Option<NaiveDate>,
    /// Day of publication; without it, the one stated, else the date of the document
    #[arg(long, value_name = "DATE", value_parser = parse_day)]
    pub(super) published_on: Option<NaiveDate>,
    /// Who states the figures: published, reported or platform
    #[arg(long, value_parser = parse_origin)]
    pub(super) origin: Option<Origin>,
    /// How far the figures may travel: draft, approved or published
    #[arg(long, value_parser = parse_release)]
    pub(super) release: Option<Release>,
    /// Take what can be read although columns or departments are unknown
    #[arg(long)]
    pub(super) partial: bool,
}

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
pub(super) struct QueryArgs {
    /// Name of the question, as `aggregation/by_department`
    pub(super) name: Option<String>,
    /// Answer all that need no parameter
    #[arg(long, conflicts_with_all = ["name", "params"])]
    pub(super) all: bool,
    /// A parameter of the question; indicators and departments by id or by name, as 省公安厅
    #[arg(long = "param", short, value_name = "NAME=VALUE", value_parser = parse_pair)]
    pub(super) params: Vec<(String, String)>,
    /// Describe the question: parameters, columns and units; do not answer it
    #[arg(long, requires = "name")]
    pub(super) describe: bool,
    /// Engine that answers: duckdb or polars
    #[arg(long, value_parser = parse_engine, default_value = "duckdb")]
    pub(super) engine: EngineKind,
    /// Answer on both engines and fail, showing the cells, if they differ
    #[arg(long)]
    pub(super) cross_check: bool,
    /// Show all columns on the terminal, not only the main ones
    #[arg(long)]
    pub(super) wide: bool,
    #[command(flatten)]
    pub(super) departments: DepartmentsArgs,
    #[command(flatten)]
    pub(super) snapshot: SnapshotArgs,
    #[command(flatten)]
    pub(super) engine_limits: EngineArgs,
    #[command(flatten)]
    pub(super) output: OutputArgs,
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
pub(super) struct SqlArgs {
    /// The statement; without it, standard input
    // It may begin with a comment: `-- …`.
    #[arg(allow_hyphen_values = true)]
    pub(super) statement: Option<String>,
    /// Read the statement from a file; `-` is standard input
    #[arg(long, short, conflicts_with = "statement", value_name = "FILE")]
    pub(super) file: Option<PathBuf>,
    #[command(flatten)]
    pub(super) departments: DepartmentsArgs,
    #[command(flatten)]
    pub(super) snapshot: SnapshotArgs,
    #[command(flatten)]
    pub(super) engine_limits: EngineArgs,
    #[command(flatten)]
    pub(super) output: OutputArgs,
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
  tongban explain --query integration/connected_without_data --row 1
  tongban explain cases_aggregated tax 2017-12-31 --departments comparable
  tongban explain items_connected justice --format json")]
pub(super) struct ExplainArgs {
    /// Indicator, as `cases_aggregated`
    #[arg(required_unless_present = "query", conflicts_with = "query")]
    pub(super) indicator: Option<String>,
    /// Department, as `tax`; without it, every department
    pub(super) department: Option<String>,
    /// Last day of the period; without it, the latest that the indicator has
    #[arg(value_parser = parse_day)]
    pub(super) period: Option<NaiveDate>,
    /// Trace the figures in a row of this question's answer instead
    #[arg(long, value_name = "NAME", requires = "row")]
    pub(super) query: Option<String>,
    /// The row, from 1, as the question prints it
    #[arg(long, value_name = "N", requires = "query")]
    pub(super) row: Option<usize>,
    /// A parameter of the question
    #[arg(long = "param", short, value_name = "NAME=VALUE", value_parser = parse_pair, requires = "query")]
    pub(super) params: Vec<(String, String)>,
    #[command(flatten)]
    pub(super) departments: DepartmentsArgs,
    #[command(flatten)]
    pub(super) snapshot: SnapshotArgs,
    #[command(flatten)]
    pub(super) output: OutputArgs,
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
pub(super) struct RefsArgs {
    /// Table to show
    pub(super) table: Option<String>,
    /// Of `profiles`, the one to show: its name, or its name with a dataset as `NAME/DATASET`
    pub(super) name: Option<String>,
    /// Print the file of the profile, to start one of your own from
    #[arg(long, requires = "name", conflicts_with = "format")]
    pub(super) source: bool,
    #[command(flatten)]
    pub(super) output: OutputArgs,
}

/// Read a document from standard input, as a child process of `ingest` and `inspect`
#[derive(Debug, Args)]
pub(super) struct ReadDocumentArgs {
    /// Name of the file, for messages
    #[arg(long, allow_hyphen_values = true)]
    pub(super) name: String,
    /// Give back documents of the archive instead, from this position on
    #[arg(long)]
    pub(super) unpack: Option<usize>,
    /// Give back rows of the workbook or Parquet instead
    #[arg(long, conflicts_with = "unpack")]
    pub(super) rows: bool,
}

/// Make up record files to try things out with: marked as synthetic, with faults whose outcome is
/// known
///
/// Without --profile the default set: as many cases and evaluations of each department as the example
/// notice counts (12,869,796 and 1,948,059 rows), and the 4.5 million records that it says were
/// returned. Rows with faults come on top. `truth.csv` in the folder says which row has to come out
/// how, by which rules; a row that it does not list has to be accepted without a word. The same
/// options give the same bytes. Nobody bears the names, codes and numbers in the files. A folder that
/// holds anything is never written to.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tongban synth made --scale 0.001
  tongban synth made --profile up-exchange --rows 1000 --faults 0.2
  tongban synth made --profile evaluation-interface --trap reversed-scale
  tongban synth made --scale 0.01 --encoding gb18030 --compress gz --files 4")]
pub(super) struct SynthArgs {
    /// Folder to make; everything in it comes at once, when it is complete
    pub(super) dir: PathBuf,
    /// Profile to make records for, as up-exchange; without it, the default set
    #[arg(long, value_name = "PROFILE")]
    pub(super) profile: Option<String>,
    /// Dataset of the profile; without it, all of them
    #[arg(long, value_name = "DATASET", requires = "profile")]
    pub(super) dataset: Option<String>,
    /// Rows of each dataset; without it, 10000
    #[arg(long, value_name = "N", requires = "profile", value_parser = clap::value_parser!(u64).range(1..=1_000_000_000))]
    pub(super) rows: Option<u64>,
    /// Size of the default set: totals are scaled and rounded, and departments keep their shares by
    /// largest remainder
    #[arg(long, value_name = "FACTOR", default_value_t = 1.0, value_parser = parse_scale, conflicts_with = "profile")]
    pub(super) scale: f64,
    /// Share of rows with something wrong, from 0 to 1; without it, 0.01, and 0 with --trap. In the
    /// default set these rows come on top
    #[arg(long, value_name = "SHARE", value_parser = parse_share)]
    pub(super) faults: Option<f64>,
    /// Format: csv, tsv, jsonl, xlsx or parquet
    #[arg(long, value_parser = parse_synth_format, default_value = "csv")]
    pub(super) format: SynthFormat,
    /// Encoding of text: utf-8, gb18030 or utf-16
    #[arg(long, value_parser = parse_encoding, default_value = "utf-8")]
    pub(super) encoding: Encoding,
    /// Pack each file: gz or zst
    #[arg(long, value_parser = parse_packing)]
    pub(super) compress: Option<Packing>,
    /// Seed of all chance
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(super) seed: u64,
    /// Files of each dataset; more files divide the same rows
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=1000))]
    pub(super) files: u64,
    /// Make each file a trap that shows in no single row: minute-is-month, constant-offset,
    /// constant-rating, reversed-scale, repeated-text or test-words
    #[arg(long, value_parser = parse_trap, conflicts_with = "faults")]
    pub(super) trap: Option<Trap>,
}

/// List what was wrong, odd or assumed in the files of the lake
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tongban findings
  tongban findings --severity warning --format csv")]
pub(super) struct FindingsArgs {
    /// Only findings at least this severe: info, warning or error
    #[arg(long, value_parser = parse_severity, default_value = "info")]
    pub(super) severity: Severity,
    /// Read an earlier snapshot of the lake
    #[arg(long, value_name = "N")]
    pub(super) snapshot: Option<i64>,
    #[command(flatten)]
    pub(super) output: OutputArgs,
}

/// Count the records that went back, and write the lists that go back to departments
///
/// A record is open until it comes again, corrected, with the same key. It counts once, whatever the
/// number of its reasons; a record that was returned with several batches counts with each. Published
/// figures of returned records are no records: they are told on standard error and never added.
///
/// With --list or --lists, the records themselves: one line for each reason, values masked, in Chinese
/// unless --lang is given. A workbook has a summary first. A list is replaced only by a newer one,
/// and no other file is ever replaced.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tongban returned
  tongban returned --by department
  tongban returned --by reason --department tax
  tongban returned --by department,age --closed
  tongban returned --list tax.xlsx --department 税务局
  tongban returned --lists lists --as-of 2021-12-31")]
pub(super) struct ReturnedArgs {
    /// What rows are made by: department, batch, reason or age, or several of them with commas
    #[arg(
        long,
        value_name = "WHAT",
        value_delimiter = ',',
        value_parser = parse_returned_by,
        default_value = "department,batch"
    )]
    pub(super) by: Vec<ReturnedBy>,
    /// Only records of this department: its id, or a name of it
    #[arg(long, value_name = "NAME")]
    pub(super) department: Option<String>,
    /// Only records that came with this batch; its first digits will do
    #[arg(long, value_name = "BATCH")]
    pub(super) batch: Option<String>,
    /// Only records that break this rule, and this one of their reasons
    #[arg(long, value_name = "RULE")]
    pub(super) rule: Option<String>,
    /// Only records that were judged by this profile
    #[arg(long, value_name = "NAME")]
    pub(super) profile: Option<String>,
    /// Only records returned on this day or later
    #[arg(long, value_name = "DATE", value_parser = parse_day)]
    pub(super) since: Option<NaiveDate>,
    /// Only records returned on this day or earlier
    #[arg(long, value_name = "DATE", value_parser = parse_day)]
    pub(super) until: Option<NaiveDate>,
    /// Also what came again, corrected
    #[arg(long)]
    pub(super) closed: bool,
    /// Write the list for a department to this file: a workbook (.xlsx) or CSV (.csv)
    #[arg(
        long,
        value_name = "FILE",
        requires = "department",
        conflicts_with_all = ["by", "lists", "format", "output", "wide"]
    )]
    pub(super) list: Option<PathBuf>,
    /// Write a list for each department into this folder, which is made when it does not exist
    #[arg(long, value_name = "DIR", conflicts_with_all = ["by", "format", "output", "wide"])]
    pub(super) lists: Option<PathBuf>,
    /// Format of the lists in the folder: xlsx or csv
    #[arg(long, value_parser = parse_list_format, default_value = "xlsx", requires = "lists")]
    pub(super) list_format: ListFormat,
    /// Show all columns on the terminal, not only the main ones
    #[arg(long)]
    pub(super) wide: bool,
    #[command(flatten)]
    pub(super) snapshot: SnapshotArgs,
    #[command(flatten)]
    pub(super) engine_limits: EngineArgs,
    #[command(flatten)]
    pub(super) output: OutputArgs,
}

/// What the rows of the overview of returned records are made by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ReturnedBy {
    /// A row for each department.
    Department,
    /// A row for each batch.
    Batch,
    /// A row for each rule.
    Reason,
    /// A row for each span of days that records have been open.
    Age,
}

impl ReturnedBy {
    /// All of them.
    pub(super) const ALL: [Self; 4] = [Self::Department, Self::Batch, Self::Reason, Self::Age];

    /// Returns its word, which also ends the name of its parameter.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Department => "department",
            Self::Batch => "batch",
            Self::Reason => "reason",
            Self::Age => "age",
        }
    }
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
pub(super) struct LogArgs {
    #[command(flatten)]
    pub(super) output: OutputArgs,
}

#[derive(Debug, Args)]
pub(super) struct SnapshotArgs {
    /// Answer with what was published by this day; refused for questions that list all documents
    #[arg(long, value_name = "DATE", value_parser = parse_day)]
    pub(super) as_of: Option<NaiveDate>,
    /// Read an earlier snapshot of the lake
    #[arg(long, value_name = "N")]
    pub(super) snapshot: Option<i64>,
}

#[derive(Debug, Args)]
pub(super) struct DepartmentsArgs {
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
    pub(super) departments: Departments,
}

#[derive(Debug, Args)]
pub(super) struct EngineArgs {
    /// Threads of the engine; without it, one per core
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(super) threads: Option<u16>,
    /// Memory of the engine, as 2GB
    #[arg(long, value_name = "SIZE")]
    pub(super) memory: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct OutputArgs {
    /// Format: table, csv, json, jsonl, markdown or parquet; without it, as the name of --output
    /// says, else table
    #[arg(long, value_parser = parse_format)]
    pub(super) format: Option<Format>,
    /// Write to a file, pipe or device instead of standard output; `-` is standard output
    ///
    /// A file is replaced only when the whole result is there. Nothing is written into a lake, over
    /// the settings of a workspace, or over a layout, query or reference table of it.
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl OutputArgs {
    /// Tells whether a format or a file was named.
    pub(super) fn is_given(&self) -> bool {
        self.format.is_some() || self.output.is_some()
    }

    /// Returns the file to write to, `None` for standard output.
    pub(super) fn file(&self) -> Option<&Path> {
        let is_stdout = |path: &Path| path == Path::new("-") || path == Path::new("/dev/stdout");
        self.output.as_deref().filter(|path| !is_stdout(path))
    }
}

/// Words of a closed list, as clap wants a parser for them.
fn parse_word<T: Copy>(
    text: &str,
    all: &[T],
    word: impl Fn(T) -> &'static str,
) -> Result<T, String> {
    let found = all.iter().copied().find(|value| word(*value) == text);
    found.ok_or_else(|| {
        let words: Vec<&str> = all.iter().map(|value| word(*value)).collect();
        format!("one of {}", words.join(", "))
    })
}

fn parse_lang(text: &str) -> Result<Lang, String> {
    parse_word(text, Lang::ALL, Lang::as_str)
}

fn parse_severity(text: &str) -> Result<Severity, String> {
    parse_word(text, Severity::ALL, Severity::as_str)
}

fn parse_origin(text: &str) -> Result<Origin, String> {
    parse_word(text, Origin::ALL, Origin::as_str)
}

fn parse_release(text: &str) -> Result<Release, String> {
    parse_word(text, Release::ALL, Release::as_str)
}

fn parse_departments(text: &str) -> Result<Departments, String> {
    parse_word(text, Departments::ALL, Departments::as_str)
}

fn parse_engine(text: &str) -> Result<EngineKind, String> {
    parse_word(text, EngineKind::ALL, EngineKind::as_str)
}

fn parse_returned_by(text: &str) -> Result<ReturnedBy, String> {
    parse_word(text, &ReturnedBy::ALL, ReturnedBy::as_str)
}

fn parse_list_format(text: &str) -> Result<ListFormat, String> {
    parse_word(text, ListFormat::ALL, ListFormat::as_str)
}

fn parse_format(text: &str) -> Result<Format, String> {
    parse_word(text, Format::ALL, Format::as_str)
}

fn parse_synth_format(text: &str) -> Result<SynthFormat, String> {
    parse_word(text, SynthFormat::ALL, SynthFormat::as_str)
}

fn parse_packing(text: &str) -> Result<Packing, String> {
    parse_word(text, Packing::ALL, Packing::as_str)
}

fn parse_trap(text: &str) -> Result<Trap, String> {
    parse_word(text, Trap::ALL, Trap::as_str)
}

fn parse_encoding(text: &str) -> Result<Encoding, String> {
    let written = |encoding| match encoding {
        Encoding::Utf8 => "utf-8",
        Encoding::Gb18030 => "gb18030",
        Encoding::Utf16Le => "utf-16",
        Encoding::Utf16Be => "utf-16be",
    };
    parse_word(text, Encoding::ALL, written)
}

fn parse_share(text: &str) -> Result<f64, String> {
    let share = text.parse().ok().filter(|share| (0.0..=1.0).contains(share));
    share.ok_or_else(|| "a share is a number from 0 to 1".to_owned())
}

fn parse_scale(text: &str) -> Result<f64, String> {
    let scale = text.parse().ok().filter(|scale| (0.000_001..=100.0).contains(scale));
    scale.ok_or_else(|| "a number from 0.000001 to 100".to_owned())
}

fn parse_day(text: &str) -> Result<NaiveDate, String> {
    text.parse().map_err(|_| "a day is written as 2021-09-30".to_owned())
}

fn parse_pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("written as NAME=VALUE".to_owned()),
    }
}
