//! Arguments of the command that keeps a mirror for other programs.

use std::path::PathBuf;

use clap::Args;

/// Keep a Delta Lake mirror of the lake, for Spark, Sail, Trino, Power BI, Polars and others
///
/// Each table is a folder in DIR with a Delta log; each run adds one version of it, where something changed,
/// and the files that came. The latest snapshot is published; the same one again does nothing. Pseudonyms
/// never leave. What may leave besides is settled by the first run for a folder; one with records is made for
/// its owner alone (0700, its files 0600). A mirror can be made again from the lake at any time: remove its
/// folder and run this again.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tongban publish /srv/share/tongban
  tongban publish mirror --records --unpublished
  tongban publish mirror --keep-days 90")]
pub(in crate::cli) struct PublishArgs {
    /// Folder of the mirror; made when it does not exist, and it has to be empty then
    #[arg(value_name = "DIR")]
    pub(in crate::cli) dir: PathBuf,
    /// Also the tables of records, one row for each record, and what is counted from them. Nobody else can read
    /// the mirror then
    #[arg(long)]
    pub(in crate::cli) records: bool,
    /// Also figures that were not published
    #[arg(long)]
    pub(in crate::cli) unpublished: bool,
    /// Days for which a data file that no table has any longer stays for readers of earlier versions
    #[arg(long, value_name = "N", default_value_t = 30)]
    #[arg(value_parser = clap::value_parser!(u32).range(7..=3650))]
    pub(in crate::cli) keep_days: u32,
}
