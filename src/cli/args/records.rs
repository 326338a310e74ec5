//! Arguments of the commands about records: what is made up, and what went back.

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::Args;

use crate::cli::args::questions::{EngineArgs, OutputArgs, SnapshotArgs};
use crate::cli::args::words::{
    parse_day, parse_encoding, parse_list_format, parse_packing, parse_returned_by, parse_scale,
    parse_share, parse_synth_format, parse_trap,
};
use crate::output::ListFormat;
use crate::source::Encoding;
use crate::synth::{Packing, SynthFormat, Trap};

/// Make up record files or forms to try things out with: marked as synthetic, with faults whose outcome
/// is known
///
/// Without --profile the default set: as many cases and evaluations of each department as the example
/// notice counts (12,869,796 and 1,948,059 rows), and the 4.5 million records that it says were
/// returned. Rows with faults come on top. `truth.csv` in the folder says which row has to come out
/// how, by which rules; a row that it does not list has to be accepted without a word. The same
/// options give the same bytes. Nobody bears the names, codes and numbers in the files. A folder that
/// holds anything is never written to.
///
/// With --forms, a history to look at instead of records: monthly forms of the years before the example
/// notice, from January 2019 on, that end near its figures. Planted in them are revisions, a renamed
/// department, a change of definition, late and missing forms, and data that was sent back and came
/// again. `truth.csv` has every figure that has to be read, `planted.csv` says what was planted.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tongban synth made --scale 0.001
  tongban synth history --forms
  tongban synth made --profile up-exchange --rows 1000 --faults 0.2
  tongban synth made --profile evaluation-interface --trap reversed-scale
  tongban synth made --scale 0.01 --encoding gb18030 --compress gz --files 4")]
pub(in crate::cli) struct SynthArgs {
    /// Folder to make; everything in it comes at once, when it is complete
    pub(in crate::cli) dir: PathBuf,
    /// Make monthly forms instead of records; of the other options only --seed goes with it
    #[arg(
        long,
        conflicts_with_all = [
            "profile", "dataset", "rows", "scale", "faults", "format", "encoding", "compress", "files",
            "trap",
        ]
    )]
    pub(in crate::cli) forms: bool,
    /// Profile to make records for, as up-exchange; without it, the default set
    #[arg(long, value_name = "PROFILE")]
    pub(in crate::cli) profile: Option<String>,
    /// Dataset of the profile; without it, all of them
    #[arg(long, value_name = "DATASET", requires = "profile")]
    pub(in crate::cli) dataset: Option<String>,
    /// Rows of each dataset; without it, 10000
    #[arg(long, value_name = "N", requires = "profile", value_parser = clap::value_parser!(u64).range(1..=1_000_000_000))]
    pub(in crate::cli) rows: Option<u64>,
    /// Size of the default set: totals are scaled and rounded, and departments keep their shares by
    /// largest remainder
    #[arg(long, value_name = "FACTOR", default_value_t = 1.0, value_parser = parse_scale, conflicts_with = "profile")]
    pub(in crate::cli) scale: f64,
    /// Share of rows with something wrong, from 0 to 1; without it, 0.01, and 0 with --trap. In the
    /// default set these rows come on top
    #[arg(long, value_name = "SHARE", value_parser = parse_share)]
    pub(in crate::cli) faults: Option<f64>,
    /// Format: csv, tsv, jsonl, xlsx or parquet
    #[arg(long, value_parser = parse_synth_format, default_value = "csv")]
    pub(in crate::cli) format: SynthFormat,
    /// Encoding of text: utf-8, gb18030 or utf-16
    #[arg(long, value_parser = parse_encoding, default_value = "utf-8")]
    pub(in crate::cli) encoding: Encoding,
    /// Pack each file: gz or zst
    #[arg(long, value_parser = parse_packing)]
    pub(in crate::cli) compress: Option<Packing>,
    /// Seed of all chance
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(in crate::cli) seed: u64,
    /// Files of each dataset; more files divide the same rows
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=1000))]
    pub(in crate::cli) files: u64,
    /// Make each file a trap that shows in no single row: minute-is-month, constant-offset,
    /// constant-rating, reversed-scale, repeated-text or test-words
    #[arg(long, value_parser = parse_trap, conflicts_with = "faults")]
    pub(in crate::cli) trap: Option<Trap>,
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
pub(in crate::cli) struct ReturnedArgs {
    /// What rows are made by: department, batch, reason or age, or several of them with commas
    #[arg(
        long,
        value_name = "WHAT",
        value_delimiter = ',',
        value_parser = parse_returned_by,
        default_value = "department,batch"
    )]
    pub(in crate::cli) by: Vec<ReturnedBy>,
    /// Only records of this department: its id, or a name of it
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) department: Option<String>,
    /// Only records that came with this batch; its first digits will do
    #[arg(long, value_name = "BATCH")]
    pub(in crate::cli) batch: Option<String>,
    /// Only records that break this rule, and this one of their reasons
    #[arg(long, value_name = "RULE")]
    pub(in crate::cli) rule: Option<String>,
    /// Only records that were judged by this profile
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) profile: Option<String>,
    /// Only records returned on this day or later
    #[arg(long, value_name = "DATE", value_parser = parse_day)]
    pub(in crate::cli) since: Option<NaiveDate>,
    /// Only records returned on this day or earlier
    #[arg(long, value_name = "DATE", value_parser = parse_day)]
    pub(in crate::cli) until: Option<NaiveDate>,
    /// Also what came again, corrected
    #[arg(long)]
    pub(in crate::cli) closed: bool,
    /// Write the list for a department to this file: a workbook (.xlsx) or CSV (.csv)
    #[arg(
        long,
        value_name = "FILE",
        requires = "department",
        conflicts_with_all = ["by", "lists", "format", "output", "wide"]
    )]
    pub(in crate::cli) list: Option<PathBuf>,
    /// Write a list for each department into this folder, which is made when it does not exist
    #[arg(long, value_name = "DIR", conflicts_with_all = ["by", "format", "output", "wide"])]
    pub(in crate::cli) lists: Option<PathBuf>,
    /// Format of the lists in the folder: xlsx or csv
    #[arg(long, value_parser = parse_list_format, default_value = "xlsx", requires = "lists")]
    pub(in crate::cli) list_format: ListFormat,
    /// Show all columns on the terminal, not only the main ones
    #[arg(long)]
    pub(in crate::cli) wide: bool,
    #[command(flatten)]
    pub(in crate::cli) snapshot: SnapshotArgs,
    #[command(flatten)]
    pub(in crate::cli) engine_limits: EngineArgs,
    #[command(flatten)]
    pub(in crate::cli) output: OutputArgs,
}

/// What the rows of the overview of returned records are made by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cli) enum ReturnedBy {
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
    pub(in crate::cli) const ALL: [Self; 4] =
        [Self::Department, Self::Batch, Self::Reason, Self::Age];

    /// Returns its word, which also ends the name of its parameter.
    pub(in crate::cli) fn as_str(self) -> &'static str {
        match self {
            Self::Department => "department",
            Self::Batch => "batch",
            Self::Reason => "reason",
            Self::Age => "age",
        }
    }
}
