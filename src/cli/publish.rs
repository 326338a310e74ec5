//! `tongban publish`: the Delta mirror of the lake.

use crate::cli::args::PublishArgs;
use crate::cli::context::Context;
use crate::cli::failure::{Failure, FailureKind};
use crate::cli::interrupt;
use crate::cli::workspace::{Workspace, is_of_workspace};
use crate::diag::Message;
use crate::fsio;
use crate::mirror::{Leaving, MirrorError, MirrorSettings, publish};

pub(super) fn run(context: &Context, args: &PublishArgs) -> Result<(), Failure> {
    let lake = Workspace::find(context)?.lake(context)?;
    let root = fsio::real_path(&args.dir);
    // A file that would stand in it stands for the folder.
    if is_of_workspace(&root.join("_")) {
        return Err(Failure::user(
            Message::new("mirror.of_workspace").with("path", args.dir.display()),
        ));
    }
    let is_cancelled = interrupt::watch();
    let settings = MirrorSettings {
        leaving: Leaving { records: args.records, unpublished: args.unpublished },
        keep_days: args.keep_days,
        now: context.now,
        is_cancelled: &is_cancelled,
    };
    let view = lake.snapshot(None)?;
    let outcome = publish(&view, &root, &settings).map_err(|error| {
        let kind = match error {
            MirrorError::Cancelled => FailureKind::Interrupted,
            _ => FailureKind::User,
        };
        Failure { kind, ..Failure::from(error) }
    })?;
    for warning in &outcome.warnings {
        context.ui.warning(warning);
    }
    let code = if outcome.n_versions == 0 { "mirror.unchanged" } else { "mirror.published" };
    let told = Message::new(code)
        .with("path", args.dir.display())
        .with("snapshot", view.number)
        .with("tables", outcome.n_tables)
        .with("added", outcome.n_added)
        .with("removed", outcome.n_removed);
    context.ui.status(&told);
    Ok(())
}
