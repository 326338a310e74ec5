//! Arguments of the commands that look after the lake.

use std::num::NonZeroU32;
use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::cli::args::questions::{LogArgs, OutputArgs};
use crate::cli::args::unfit::Unfit;
use crate::diag::Message;
use crate::lake::CheckPart;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum LakeCommand {
    Log(LogArgs),
    Check(CheckArgs),
    Retract(RetractArgs),
    Restore(RestoreArgs),
    Compact(CompactArgs),
    Gc(GcArgs),
    Repair(RepairArgs),
}

/// Check that the lake is what its catalog says, and change nothing
///
/// Without options: the catalog, the audit chain, and every file by name, size and mode. Damage to what
/// is live is an error; what only earlier snapshots have, or what can be made again, is a warning; files
/// that nothing names are notes. Ends with exit code 3 where there is an error or a warning.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tongban lake check
  tongban lake check --read-data=1/7            a seventh of the files every day of the week
  tongban lake check --deep --max-minutes 30
  tongban lake check --format json")]
pub(in crate::cli) struct CheckArgs {
    /// Read every byte as well, or one of several parts of the files: `1/7`
    #[arg(
        long,
        value_name = "N/T",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "1/1",
        value_parser = parse_part
    )]
    pub(in crate::cli) read_data: Option<CheckPart>,
    /// Decode every row as well, and count it again
    #[arg(long)]
    pub(in crate::cli) deep: bool,
    /// Stop reading after so many minutes, and tell where to go on
    #[arg(long, value_name = "N")]
    pub(in crate::cli) max_minutes: Option<NonZeroU32>,
    /// Begin reading behind this file: where a check before had to stop
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) after: Option<String>,
    #[command(flatten)]
    pub(in crate::cli) output: OutputArgs,
}

/// Take a batch back: its rows end as of now, and stay in the snapshots before
///
/// Records are counted by versions, so a batch of them goes only together with all records that came
/// after it. Files that are wanted again are ingested again.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tongban lake retract 3b4755d736b0ba9b --reason \"sent by mistake\"
  tongban lake retract 3b47 --reason \"wrong month\" --and-later")]
pub(in crate::cli) struct RetractArgs {
    /// Batch, or the first digits of it
    pub(in crate::cli) batch: String,
    /// Why; kept in the log
    #[arg(long, value_name = "TEXT", value_parser = parse_reason)]
    pub(in crate::cli) reason: String,
    /// Take back the records that came after it as well
    #[arg(long)]
    pub(in crate::cli) and_later: bool,
}

/// Go back to an earlier snapshot: make a new one with the same rows
///
/// Everything in between stays in the log and can be read or gone back to.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tongban lake log
  tongban lake restore 12 --reason \"the files of May were those of April\"")]
pub(in crate::cli) struct RestoreArgs {
    /// Number of the snapshot
    #[arg(value_name = "N")]
    pub(in crate::cli) snapshot: i64,
    /// Why; kept in the log
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub(in crate::cli) reason: String,
}

/// Have small files be read as one; what the lake says stays as it is
///
/// Commits do it by themselves when more than 64 small files of a table are live. Every file stays where it
/// is, and is read where the one that holds its rows once more cannot be.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tongban lake compact")]
pub(in crate::cli) struct CompactArgs {
    #[command(flatten)]
    pub(in crate::cli) output: OutputArgs,
}

/// Remove files that no snapshot names, days after they were marked
///
/// A first run marks them, and one that comes at least a week later removes them: files of commits that
/// died, and files of snapshots that were given up. Without --keep-days or --keep-from no snapshot is
/// given up, and every state of the lake can be read for good.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tongban lake gc --dry-run
  tongban lake gc
  tongban lake gc --keep-days 365      give up what is more than a year old")]
pub(in crate::cli) struct GcArgs {
    /// Give up the snapshots that were over so many days ago; the latest stays
    #[arg(long, value_name = "DAYS", conflicts_with = "keep_from")]
    pub(in crate::cli) keep_days: Option<NonZeroU32>,
    /// Give up the snapshots before this one
    #[arg(long, value_name = "N")]
    pub(in crate::cli) keep_from: Option<i64>,
    /// Days between marking and removing a file
    #[arg(long, value_name = "DAYS", default_value_t = 7)]
    pub(in crate::cli) min_age_days: u32,
    /// Allow less than a day, and a clock that the disk or the latest snapshot speaks against: nobody reads
    /// the lake and nothing is being written to it
    #[arg(long)]
    pub(in crate::cli) i_know: bool,
    /// Tell what would be done, and do nothing
    #[arg(long)]
    pub(in crate::cli) dry_run: bool,
    #[command(flatten)]
    pub(in crate::cli) output: OutputArgs,
}

/// Tell what can be done about damage; with --apply, do it
///
/// Reads everything first. A catalog that is lost or damaged is made anew from a copy of it and the
/// manifests; damaged files come back from --from, figures of documents from the sources in the lake.
/// Nothing is removed: what is damaged goes to lost+found/. Ends with exit code 3 where something is left
/// for you to do.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tongban lake repair                               tell what would be done
  tongban lake repair --apply
  tongban lake repair --apply --from /backup/office/lake
  tongban lake repair --apply --accept-loss --reason \"the disk failed; no copy\"")]
pub(in crate::cli) struct RepairArgs {
    /// Do it
    #[arg(long)]
    pub(in crate::cli) apply: bool,
    /// Folder of a copy of the workspace or of the lake in it, to take whole files from
    #[arg(long, value_name = "DIR")]
    pub(in crate::cli) from: Option<PathBuf>,
    /// Record the loss of rows that cannot come back, so that the others can be read again; say why
    /// with --reason
    #[arg(long)]
    pub(in crate::cli) accept_loss: bool,
    /// Why; kept in the log
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub(in crate::cli) reason: String,
    #[command(flatten)]
    pub(in crate::cli) output: OutputArgs,
}

/// Reads a part as `2/7`.
fn parse_part(text: &str) -> Result<CheckPart, Unfit> {
    let part = text.split_once('/').and_then(|(number, of)| {
        let part = CheckPart { number: number.parse().ok()?, of: of.parse().ok()? };
        (1..=part.of).contains(&part.number).then_some(part)
    });
    part.ok_or_else(|| Unfit::new(Message::new("usage.part")))
}

/// Takes a reason that says something.
fn parse_reason(text: &str) -> Result<String, Unfit> {
    let reason = text.trim();
    if reason.is_empty() {
        return Err(Unfit::new(Message::new("usage.reason")));
    }
    Ok(reason.to_owned())
}
