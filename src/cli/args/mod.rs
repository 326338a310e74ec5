//! What can be typed. The doc comments are the help texts.

mod documents;
mod export;
mod lake;
mod program;
mod publish;
mod questions;
mod records;
mod reports;
mod schedule;
mod trend;
mod unfit;
mod words;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::cli::args::words::parse_lang;
use crate::diag::Lang;

pub(super) use documents::{
    IngestArgs, InspectArgs, ReadDocumentArgs, ReadingArgs, RecordArgs, RereadArgs,
};
pub(super) use export::ExportArgs;
pub(super) use lake::{
    CheckArgs, CompactArgs, GcArgs, LakeCommand, RepairArgs, RestoreArgs, RetractArgs,
};
pub(super) use program::{CompletionsArgs, DoctorArgs, ManArgs};
pub(super) use publish::PublishArgs;
pub(super) use questions::{
    EngineArgs, ExplainArgs, FindingsArgs, LogArgs, OutputArgs, QueryArgs, RefsArgs, SnapshotArgs,
    SqlArgs,
};
pub(super) use records::{ReturnedArgs, ReturnedBy, SynthArgs};
pub(super) use reports::ReportArgs;
pub(super) use schedule::{
    InstallArgs, RunDueArgs, ScheduleArgs, ScheduleCommand, ScheduleLogArgs, TestDeliveryArgs,
    VerifyArgs,
};
pub(super) use trend::TrendArgs;
pub(super) use unfit::misuse;

/// Read the annex tables of notices into a Parquet lake and ask it questions
///
/// Annexes become observations with their place, totals prove themselves, and every figure can be
/// traced to its cell.
#[derive(Debug, Parser)]
#[command(name = "tongban", version, max_term_width = 100)]
#[command(after_help = "\
Examples:
  tongban demo                         read a real notice, then made-up records; six answers
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
    /// Write a lake on a network or other file system whose locks, links or syncs may not hold
    ///
    /// What was committed may be lost there when a machine or the network fails.
    #[arg(long, global = true, hide_short_help = true)]
    pub(super) unsafe_fs: bool,
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
    Trend(TrendArgs),
    Report(ReportArgs),
    Verify(VerifyArgs),
    Export(ExportArgs),
    Schedule(ScheduleArgs),
    Publish(PublishArgs),
    Findings(FindingsArgs),
    Returned(ReturnedArgs),
    Refs(RefsArgs),
    Synth(SynthArgs),
    #[command(hide = true)]
    ReadDocument(ReadDocumentArgs),
    /// Look after the lake
    #[command(
        subcommand,
        after_help = "Examples:\n  tongban lake log\n  tongban lake check --read-data"
    )]
    Lake(LakeCommand),
    Doctor(DoctorArgs),
    Completions(CompletionsArgs),
    Man(ManArgs),
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

/// Read a real notice, then made-up records and forms, and answer six questions
///
/// The notice goes into a workspace of its own, and three questions about it are answered. Then records are
/// made up in a second workspace beside it, `<DIR>-records`, and two questions about them are answered; and
/// monthly forms of the years before the notice, with one question, so that there is a history to look at.
/// Made-up data never enters a workspace of real data; one of made-up data may hold the notice, too.
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
