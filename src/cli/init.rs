//! `tongban init`: a new workspace.

use std::path::Path;

use crate::cli::args::InitArgs;
use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::workspace::{NEW_SETTINGS, SETTINGS_FILE, Workspace};
use crate::diag::Message;
use crate::fsio;
use crate::lake::Lake;

/// Folders for what the user adds.
const FOLDERS: [&str; 4] = ["layouts", "queries", "refdata", "reports"];

pub(super) fn run(context: &Context, args: &InitArgs) -> Result<(), Failure> {
    create(&args.dir)?;
    let message = Message::new("init.done").with("path", args.dir.display());
    context.ui.status(&message);
    Ok(())
}

/// Makes a workspace in a folder. The settings file comes last: it is what marks a workspace.
pub(super) fn create(dir: &Path) -> Result<Workspace, Failure> {
    let settings = dir.join(SETTINGS_FILE);
    if fsio::exists(&settings) {
        return Err(Failure::user(Message::new("init.exists").with("path", dir.display())));
    }
    fsio::create_private_dir(dir)?;
    Lake::create(&dir.join("lake"))?;
    for folder in FOLDERS {
        fsio::create_private_dir(&dir.join(folder))?;
    }
    fsio::write_atomic(&settings, NEW_SETTINGS.as_bytes(), fsio::Mode::Public)?;
    Workspace::open(dir)
}
