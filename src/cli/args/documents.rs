//! Arguments of the commands that read files.

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::Args;

use crate::cli::args::words::{parse_day, parse_origin, parse_release, parse_severity};
use crate::diag::Severity;
use crate::model::{Origin, Release};

/// Show what a file would be read as, and write nothing
///
/// Tables, columns and the indicators they mean, the period and where it was found, the first and
/// last rows, totals, notes and findings. Of a record file the profile that its header fits, the fields
/// that its columns are, and the first rows, masked.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tongban inspect notice.txt
  tongban inspect --format json notice.docx > notice.json
  tongban inspect --period 2021-01-01..2021-09-30 form.txt
  tongban inspect --save-layout hotline --table 2 bulletin.xlsx")]
pub(in crate::cli) struct InspectArgs {
    /// File to read
    pub(in crate::cli) file: PathBuf,
    #[command(flatten)]
    pub(in crate::cli) reading: ReadingArgs,
    /// Format: text, or json with every figure and its place
    #[arg(long, value_parser = ["text", "json"], default_value = "text")]
    pub(in crate::cli) format: String,
    /// Write a layout for a table of the file to `layouts/NAME.toml`, for you to complete
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) save_layout: Option<String>,
    /// The table that --save-layout is about, from 1
    #[arg(long, value_name = "N", requires = "save_layout", default_value_t = 1)]
    pub(in crate::cli) table: usize,
}

/// Read files into the lake
///
/// Each file is one batch and one transaction: it is in the lake completely or not at all. The same
/// file read in the same way is there only once. In an annex an unknown column or department refuses
/// the file; a bad cell becomes null and a finding. A document with numbers of persons in its rows is
/// refused.
///
/// Record files (CSV, TSV, JSON lines, also packed with gzip, zstd or zip; workbooks and Parquet) are
/// known by their header and judged row by row by a profile. Rows that break it are sent back with their
/// reasons, in the view `returned_records`. A column that a file has to have and has not, or has twice,
/// refuses it; columns that are no field of the profile are not read, and a warning names them.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tongban ingest notice.txt
  tongban ingest --published-on 2021-12-01 notice.txt
  tongban ingest --fail-on warning archive/
  tongban ingest --profile up-exchange accept-2021.csv.gz
  tongban ingest --together accept-01.csv accept-02.csv")]
pub(in crate::cli) struct IngestArgs {
    /// Files, archives of files (.zip), or folders whose documents are read; in the folder of a
    /// workspace, its lake, layouts, queries, reference data and reports are passed over
    #[arg(required = true)]
    pub(in crate::cli) paths: Vec<PathBuf>,
    #[command(flatten)]
    pub(in crate::cli) reading: ReadingArgs,
    #[command(flatten)]
    pub(in crate::cli) records: RecordArgs,
    /// Exit with 3 when a finding is at least this severe: info, warning or error
    #[arg(long, value_parser = parse_severity, default_value = "error")]
    pub(in crate::cli) fail_on: Severity,
}

/// What the user says about record files
#[derive(Debug, Args)]
#[command(next_help_heading = "Record files")]
pub(in crate::cli) struct RecordArgs {
    /// Judge the files by this profile; without it, by the one that fits the header, if one does
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) profile: Option<String>,
    /// Take the files for this dataset of a profile; without it, for the one that fits the header
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) dataset: Option<String>,
    /// Commit all record files as one batch; without it, each is a batch of its own
    #[arg(long)]
    pub(in crate::cli) together: bool,
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
pub(in crate::cli) struct RereadArgs {
    /// The batch, as `tongban lake log` and `tongban explain` name it; its first digits will do
    #[arg(required_unless_present = "all", conflicts_with = "all")]
    pub(in crate::cli) batch: Option<String>,
    /// Read every batch again
    #[arg(long)]
    pub(in crate::cli) all: bool,
    /// Why, for the log
    #[arg(long, value_name = "TEXT")]
    pub(in crate::cli) reason: String,
    #[command(flatten)]
    pub(in crate::cli) reading: ReadingArgs,
    /// Exit with 3 when a finding is at least this severe: info, warning or error
    #[arg(long, value_parser = parse_severity, default_value = "error")]
    pub(in crate::cli) fail_on: Severity,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct ReadingArgs {
    /// Issuer of the document, where it names none
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) issuer: Option<String>,
    /// Period of the figures: 2021-01-01..2021-09-30, or one day
    #[arg(long, value_name = "PERIOD")]
    pub(in crate::cli) period: Option<String>,
    /// Day on which figures count that print none: stocks on that day, others up to it
    #[arg(long, value_name = "DATE", value_parser = parse_day)]
    pub(in crate::cli) as_of_day: Option<NaiveDate>,
    /// Day of publication; without it, the one stated, else the date of the document
    #[arg(long, value_name = "DATE", value_parser = parse_day)]
    pub(in crate::cli) published_on: Option<NaiveDate>,
    /// Who states the figures: published, reported or platform
    #[arg(long, value_parser = parse_origin)]
    pub(in crate::cli) origin: Option<Origin>,
    /// How far the figures may travel: draft, approved or published
    #[arg(long, value_parser = parse_release)]
    pub(in crate::cli) release: Option<Release>,
    /// Take what can be read although columns or departments are unknown
    #[arg(long)]
    pub(in crate::cli) partial: bool,
}

/// Read a document from standard input, as a child process of `ingest` and `inspect`
#[derive(Debug, Args)]
pub(in crate::cli) struct ReadDocumentArgs {
    /// Name of the file, for messages
    #[arg(long, allow_hyphen_values = true)]
    pub(in crate::cli) name: String,
    /// Give back documents of the archive instead, from this position on
    #[arg(long)]
    pub(in crate::cli) unpack: Option<usize>,
    /// Give back rows of the workbook or Parquet instead
    #[arg(long, conflicts_with = "unpack")]
    pub(in crate::cli) rows: bool,
}
