//! Arguments of `tongban export`.

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::Args;

use crate::cli::args::questions::{EngineArgs, FiguresArgs, SnapshotArgs};
use crate::cli::args::words::{
    parse_export_format, parse_first_day, parse_headers, parse_last_day, parse_pair, parse_shape,
};
use crate::export::{ExportFormat, Headers, Shape};

/// Write datasets for other tools: Parquet, CSV, workbooks, a DuckDB file, SQL
///
/// Without --table and --query: the published figures, in the latest vintage of each, with the indicators,
/// departments and regions that they refer to. Each export is a folder of its own in DIR that is complete or not
/// there at all; the link `current` leads to the latest one and moves last, so that a tool that follows it once
/// reads files that belong together. `manifest.json` (a Data Package) says what is in them, in which units, with
/// hashes; `views.sql`, written with Parquet or csv-exact, has a view for each dataset. The same data give no
/// new export, except with duckdb, whose file may differ each time.
///
/// Figures that were not published leave with --unpublished only, records with --records only. In what is counted
/// from records, and in unpublished figures that are broken down (a breakdown; departments and regions are none),
/// counts below --min-cell are left out, and so is what would give them away. Totals, findings and batches are
/// not looked at: with --unpublished they may tell a figure, or how many rows a file has. A question or view of
/// the workspace leaves beside what reads records with --records only.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tongban export out/data
  tongban export out/data --shape star --format parquet,csv --headers zh
  tongban export out/data --shape wide --from 2021 --to 2021-09 --department 省公安厅
  tongban export out/data --query aggregation/by_department -p period=2021-09 --format xlsx
  tongban export out/data --table cases,evaluations --records --partition-by department
  tongban export out/data --check")]
pub(in crate::cli) struct ExportArgs {
    /// Folder of the exports; made when it does not exist. One that holds anything else is refused
    pub(in crate::cli) dir: PathBuf,
    /// Tables and views to export, with commas between them; `figures` are the published figures
    #[arg(long = "table", short = 't', value_name = "NAME", value_delimiter = ',')]
    pub(in crate::cli) tables: Vec<String>,
    /// Questions to export the answers of, with commas between them
    #[arg(long = "query", value_name = "NAME", value_delimiter = ',')]
    pub(in crate::cli) queries: Vec<String>,
    /// A parameter of the questions that have it
    #[arg(long = "param", short, value_name = "NAME=VALUE", value_parser = parse_pair, requires = "queries")]
    pub(in crate::cli) params: Vec<(String, String)>,
    /// Shape of the figures: long (a row for each), wide (a column for each indicator) or star (facts and
    /// dimensions)
    #[arg(long, value_name = "SHAPE", value_parser = parse_shape, default_value = "long")]
    pub(in crate::cli) shape: Shape,
    /// Only rows of this time and later: a year, month or day, as 2020 or 2020-07
    #[arg(long, value_name = "TIME", value_parser = parse_first_day)]
    pub(in crate::cli) from: Option<NaiveDate>,
    /// Only rows up to this time
    #[arg(long, value_name = "TIME", value_parser = parse_last_day)]
    pub(in crate::cli) to: Option<NaiveDate>,
    /// Only rows of this department, by id or name; may be given several times
    #[arg(long = "department", value_name = "NAME")]
    pub(in crate::cli) only_departments: Vec<String>,
    /// Formats, with commas between them: parquet, csv (for spreadsheets), csv-exact, arrow, xlsx, duckdb, mysql
    #[arg(
        long = "format",
        value_name = "FORMAT",
        value_delimiter = ',',
        value_parser = parse_export_format,
        default_value = "parquet"
    )]
    pub(in crate::cli) formats: Vec<ExportFormat>,
    /// Names of columns: en, as in the lake, or zh, their Chinese titles. Names of files stay
    #[arg(long, value_name = "LANG", value_parser = parse_headers, default_value = "en")]
    pub(in crate::cli) headers: Headers,
    /// Cut the Parquet of datasets that have this column by its values, into folders as Hive names them
    #[arg(long, value_name = "COLUMN")]
    pub(in crate::cli) partition_by: Option<String>,
    /// Write Parquet that old readers understand: pages of version 1, snappy
    #[arg(long)]
    pub(in crate::cli) compat: bool,
    /// Let figures out that were not published: forms, drafts, what is counted from records
    #[arg(long)]
    pub(in crate::cli) unpublished: bool,
    /// Let records out: cases, evaluations, what was returned, row by row. Nobody else can read the export then
    #[arg(long)]
    pub(in crate::cli) records: bool,
    /// Add the pseudonyms of the persons in cases and evaluations, which are personal data still
    #[arg(long, requires = "records", conflicts_with_all = ["from", "to", "only_departments"])]
    pub(in crate::cli) pseudonyms: bool,
    /// Counts of records below this are left out; 1 shows all
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    pub(in crate::cli) min_cell: u32,
    /// Exports that are kept in the folder, the new one among them
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u16).range(1..))]
    pub(in crate::cli) keep: u16,
    /// Check the latest export in DIR, or the one that DIR is, against its manifest; write nothing
    #[arg(
        long,
        conflicts_with_all = [
            "tables", "queries", "params", "shape", "from", "to", "only_departments", "formats", "headers",
            "partition_by", "compat", "unpublished", "records", "pseudonyms", "min_cell", "keep",
            "departments", "origin", "as_of", "snapshot", "threads", "memory",
        ]
    )]
    pub(in crate::cli) check: bool,
    #[command(flatten)]
    pub(in crate::cli) figures: FiguresArgs,
    #[command(flatten)]
    pub(in crate::cli) snapshot: SnapshotArgs,
    #[command(flatten)]
    pub(in crate::cli) engine_limits: EngineArgs,
}
