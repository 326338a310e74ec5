//! `tongban lake`: the lake itself.

use crate::cli::args::LogArgs;
use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::session::deliver;
use crate::cli::workspace::Workspace;
use crate::lake::log_table;

pub(super) fn log(context: &Context, args: &LogArgs) -> Result<(), Failure> {
    let lake = Workspace::find(context)?.lake(context)?;
    deliver(context, &log_table(&lake.log()?), &args.output)
}
