//! Arguments of the commands that make reports when they are due, and prove that one can be made again.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::cli::args::questions::{EngineArgs, OutputArgs};

/// List when reports are due next, make those that are due, have the machine look for them
///
/// A report is due by the `[schedule]` of its definition in reports/ of the workspace: a cron expression
/// and a time zone. Without a subcommand the next times are listed.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
#[command(after_help = "\
Examples:
  tongban schedule
  tongban schedule --next 12 --format csv
  tongban schedule install
  tongban schedule run-due
  tongban schedule test office
  tongban schedule log
  tongban schedule uninstall")]
pub(in crate::cli) struct ScheduleArgs {
    #[command(subcommand)]
    pub(in crate::cli) command: Option<ScheduleCommand>,
    /// Times that are listed of each report
    #[arg(long, value_name = "N", default_value_t = 3)]
    #[arg(value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub(in crate::cli) next: u16,
    #[command(flatten)]
    pub(in crate::cli) output: OutputArgs,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum ScheduleCommand {
    Install(InstallArgs),
    Uninstall(UninstallArgs),
    RunDue(RunDueArgs),
    Test(TestDeliveryArgs),
    Log(ScheduleLogArgs),
}

/// Have this machine look every five minutes whether reports are due
///
/// Where systemd manages your session a timer of yours is made, else a line of your crontab. Units of a
/// user run while he is logged in; `loginctl enable-linger` makes them run always.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tongban schedule install
  tongban schedule install --print
  tongban schedule install --with crontab")]
pub(in crate::cli) struct InstallArgs {
    /// What wakes the program: systemd or crontab; without it, systemd where there is one
    #[arg(long, value_name = "WHAT", value_parser = ["systemd", "crontab"])]
    pub(in crate::cli) with: Option<String>,
    /// Print what would be written; write nothing
    #[arg(long)]
    pub(in crate::cli) print: bool,
}

/// Remove what `tongban schedule install` wrote, and nothing else
#[derive(Debug, Args)]
pub(in crate::cli) struct UninstallArgs {}

/// Make the reports that are due, once each, and bring them where they belong: folders, mails, webhooks
///
/// A report that was missed while the machine was off is made once, for the last of its times. Files that
/// could not be delivered before are delivered first. What could not be sent is tried again after five
/// minutes, then after pauses that grow, nine times in all; who has got it is not sent it again. Every run is
/// recorded in the lake. Ends with 1 when a report failed or could not be delivered; a second one that runs
/// meanwhile leaves everything to the first.
#[derive(Debug, Args)]
pub(in crate::cli) struct RunDueArgs {
    /// Make a report again whose last run failed, too, and send at once what waits or was given up
    #[arg(long)]
    pub(in crate::cli) retry_failed: bool,
    #[command(flatten)]
    pub(in crate::cli) engine_limits: EngineArgs,
}

/// Send a test to the receivers of a delivery of the settings
///
/// Deliveries stand in tongban.toml as [deliveries.NAME]: by mail, or to a webhook of WeCom, DingTalk, Feishu
/// or plain JSON. Webhooks are reached through the proxy that `HTTPS_PROXY` and its kin name, mail servers
/// directly. Certificates are those that the machine trusts; `SSL_CERT_FILE` names others.
#[derive(Debug, Args)]
pub(in crate::cli) struct TestDeliveryArgs {
    /// Name of the delivery
    pub(in crate::cli) name: String,
}

/// List the runs of reports, the newest first: when they were due, began and ended, and what came of them
///
/// As a table a run is one row; files and receivers each have one with `--wide`, and in every other format.
#[derive(Debug, Args)]
pub(in crate::cli) struct ScheduleLogArgs {
    /// Show every file with its hash and every receiver
    #[arg(long)]
    pub(in crate::cli) wide: bool,
    #[command(flatten)]
    pub(in crate::cli) output: OutputArgs,
}

/// Prove by its evidence that a report can be made again
///
/// The report is made anew from the snapshot that it was made from. With the same version of tongban its
/// files have to be the same byte for byte, with another one its figures have to be equal. Files that stand
/// beside the evidence are compared, too. Ends with 0 when everything is as it was, with 3 when something
/// differs, and with 1 when it cannot be told: a batch was retracted, or the lake is another one.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tongban verify report.html
  tongban verify out/monthly/monthly_2021-08_2021-11-05.evidence.json")]
pub(in crate::cli) struct VerifyArgs {
    /// The evidence of the report, or a file of it that stands beside its evidence
    pub(in crate::cli) file: PathBuf,
    #[command(flatten)]
    pub(in crate::cli) engine_limits: EngineArgs,
}
