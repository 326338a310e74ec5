//! The command line: arguments, settings, one file per command, printing, exit codes.
//!
//! Only this module prints, reads the environment, the arguments or the clock.
#![expect(
    clippy::disallowed_methods,
    reason = "the command line is where the environment and the clock are read"
)]

mod about;
mod args;
mod comparable;
mod completions;
mod context;
mod deliveries;
mod demo;
mod demo_history;
mod demo_records;
mod demo_reports;
mod doctor;
mod empty;
mod explain;
mod explain_counted;
mod export;
mod export_datasets;
mod failure;
mod findings;
mod ingest;
mod ingest_records;
mod init;
mod inspect;
mod inspect_json;
mod inspect_records;
mod interrupt;
mod keys;
mod lake;
mod lake_check;
mod lake_repair;
mod mixing;
mod names;
mod publish;
mod query;
mod read_document;
mod refs;
mod refs_profiles;
mod report;
mod report_files;
mod reread;
mod returned;
mod returned_list;
mod returned_sheet;
mod schedule;
mod schedule_deliver;
mod schedule_due;
mod schedule_install;
mod session;
mod sql;
mod synth;
mod trend;
mod trend_page;
mod ui;
mod verify;
mod wholes;
mod workspace;

use std::panic::AssertUnwindSafe;
use std::process::ExitCode;

use clap::Parser;
use clap::error::ErrorKind;

use crate::cli::args::{Cli, Command, misuse};
use crate::cli::context::{Context, typed_lang};
use crate::cli::failure::{Failure, INTERNAL};
use crate::cli::ui::Ui;
use crate::diag::Message;

/// Runs the command that the arguments name and returns its exit code.
///
/// 0 done; 1 the user can fix it; 2 wrong usage; 3 done, but findings reached `--fail-on`; 70 our
/// fault; 130 interrupted.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return ended_early(&error),
    };
    let context = Context::new(&cli.global);
    let ui = context.ui.clone();
    // The place is enough for a report; what was worked on might be personal.
    std::panic::set_hook(Box::new(move |panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        ui.failure(&Failure::internal(Message::new("ui.internal").with("place", place)));
    }));
    let outcome = std::panic::catch_unwind(AssertUnwindSafe(|| run(&context, &cli.command)));
    context.warn_of_confinement();
    let failure = match outcome {
        Ok(Ok(())) => return ExitCode::SUCCESS,
        Ok(Err(failure)) => failure,
        Err(_) => return ExitCode::from(INTERNAL),
    };
    context.ui.failure(&failure);
    ExitCode::from(failure.exit_code())
}

/// Prints the help that was asked for, or what is wrong with the arguments.
fn ended_early(error: &clap::Error) -> ExitCode {
    if let Some(message) = misuse(error) {
        let failure = Failure::usage(message);
        Ui::new(typed_lang(), false).failure(&failure);
        return ExitCode::from(failure.exit_code());
    }
    let is_help = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
    // Nothing can be said where even this cannot be printed.
    error.print().unwrap_or_default();
    ExitCode::from(if is_help { 0 } else { 2 })
}

fn run(context: &Context, command: &Command) -> Result<(), Failure> {
    match command {
        Command::Init(args) => init::run(context, args),
        Command::Demo(args) => demo::run(context, args),
        Command::Inspect(args) => inspect::run(context, args),
        Command::Ingest(args) => ingest::run(context, args),
        Command::Reread(args) => reread::run(context, args),
        Command::Query(args) => query::run(context, args),
        Command::Sql(args) => sql::run(context, args),
        Command::Explain(args) => explain::run(context, args),
        Command::Trend(args) => trend::run(context, args),
        Command::Report(args) => report::run(context, args),
        Command::Verify(args) => verify::run(context, args),
        Command::Export(args) => export::run(context, args),
        Command::Schedule(args) => schedule::run(context, args),
        Command::Publish(args) => publish::run(context, args),
        Command::Refs(args) => refs::run(context, args),
        Command::Findings(args) => findings::run(context, args),
        Command::Returned(args) => returned::run(context, args),
        Command::Synth(args) => synth::run(context, args),
        Command::ReadDocument(args) => read_document::run(args),
        Command::Lake(command) => lake::run(context, command),
        Command::Doctor(args) => doctor::run(context, args),
        Command::Completions(args) => completions::run(args),
        Command::Man(args) => completions::man(context, args),
    }
}
