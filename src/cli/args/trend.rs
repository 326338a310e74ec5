//! Arguments of `tongban trend`.

use chrono::NaiveDate;
use clap::Args;

use crate::cli::args::questions::{DepartmentsArgs, EngineArgs, OutputArgs, SnapshotArgs};
use crate::cli::args::words::{
    parse_first_day, parse_frequency, parse_last_day, parse_trend_origin, parse_trend_table,
};
use crate::model::{FiguresBy, ShownOrigin};
use crate::trend::{Frequency, TrendTable};

/// Show how an indicator moves: level, change, growth, share and rank over time
///
/// Values are of each period where the figures allow it: a cumulative figure less the one before it, in
/// the same year. Nothing is computed across a break of definition, unit, scope or department, from or to
/// a zero because everything was sent back, or from what was sent again or pushed late; the reason stands
/// in its place. On a terminal: the first page with sparklines, for one department or region also a chart
/// and its periods, and the remarks. Every other format gets one table, see `--table`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tongban trend cases_aggregated
  tongban trend cases_aggregated 省人力资源社会保障厅
  tongban trend online_rate 西宁市 海东市
  tongban trend cases_aggregated --origin reported --frequency quarter --from 2020 --to 2021-06
  tongban trend cases_aggregated_by_arrival water --origin derived
  tongban trend items_connected justice --as-of 2021-12-31
  tongban trend cases_aggregated tax --origin reported --appendix --until 2021-12
  tongban trend cases_aggregated --table series --format csv --output series.csv")]
pub(in crate::cli) struct TrendArgs {
    /// Indicator by id or by name, as `cases_aggregated`
    pub(in crate::cli) indicator: String,
    /// Departments, or regions as a whole, by id, code or name; without any, all departments
    #[arg(value_name = "NAME")]
    pub(in crate::cli) bodies: Vec<String>,
    /// Whose figures: published, reported, platform, or derived (counted from records)
    #[arg(long, value_name = "WHOSE", value_parser = parse_trend_origin, default_value = "published")]
    pub(in crate::cli) origin: ShownOrigin,
    /// Length of the periods: month, quarter, half or year; without it, as figures usually follow
    #[arg(long, value_name = "LENGTH", value_parser = parse_frequency)]
    pub(in crate::cli) frequency: Option<Frequency>,
    /// Show values from New Year, or the launch, to the end of each period, as they were stated
    #[arg(long)]
    pub(in crate::cli) cumulative: bool,
    /// First period: a year, half, quarter, month or day, as 2020, 2020-H1, 2020-Q3 or 2020-07
    #[arg(long, value_name = "TIME", value_parser = parse_first_day)]
    pub(in crate::cli) from: Option<NaiveDate>,
    /// Last period, which the first page is about
    #[arg(long, value_name = "TIME", value_parser = parse_last_day)]
    pub(in crate::cli) to: Option<NaiveDate>,
    /// Region whose departments are shown, by code or name; without it, the province where its departments
    /// have figures
    #[arg(long, value_name = "REGION")]
    pub(in crate::cli) region: Option<String>,
    /// Part of a further dimension that figures have, as `cases`; without it, undivided figures where there
    /// are any
    #[arg(long, value_name = "PART")]
    pub(in crate::cli) breakdown: Option<String>,
    /// Compare although definition, scope or department changed; never across units
    #[arg(long)]
    pub(in crate::cli) across_breaks: bool,
    /// Show the statistics of the series as well: slope, change point, outliers, seasons, forecast; not with
    /// `--table`, which shows them alone as `--table appendix`
    #[arg(long)]
    pub(in crate::cli) appendix: bool,
    /// Last period of the forecast, with the appendix; without it, that of the next target of whom a series
    /// is about, else a year ahead; at most 36 periods
    #[arg(long, value_name = "TIME", value_parser = parse_last_day)]
    pub(in crate::cli) until: Option<NaiveDate>,
    /// Only this table: page, series, remarks, targets or appendix; without it, the page for other formats than table
    #[arg(long, value_name = "TABLE", value_parser = parse_trend_table)]
    pub(in crate::cli) table: Option<TrendTable>,
    #[command(flatten)]
    pub(in crate::cli) basis: DepartmentsArgs,
    #[command(flatten)]
    pub(in crate::cli) snapshot: SnapshotArgs,
    #[command(flatten)]
    pub(in crate::cli) engine_limits: EngineArgs,
    #[command(flatten)]
    pub(in crate::cli) output: OutputArgs,
}

impl TrendArgs {
    /// Returns which figures are shown.
    pub(in crate::cli) fn by(&self) -> FiguresBy {
        FiguresBy { origin: self.origin, ..self.basis.by() }
    }
}
