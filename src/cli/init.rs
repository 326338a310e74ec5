//! `tongban init`: a new workspace.

use std::collections::BTreeSet;
use std::path::Path;

use crate::cli::args::InitArgs;
use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::keys;
use crate::cli::workspace::{LAKE, NEW_SETTINGS, OWN_FOLDERS, REPORTS, SETTINGS_FILE, Workspace};
use crate::diag::Message;
use crate::fsio;
use crate::ingest::keys_in_use;
use crate::lake::{Lake, Suitability};

pub(super) fn run(context: &Context, args: &InitArgs) -> Result<(), Failure> {
    if args.key {
        let workspace = Workspace::open(&args.dir)?;
        let batches = workspace.lake(context)?.batches()?;
        let path = keys::create(&workspace.root, &keys_in_use(&batches))?;
        context.ui.status(&Message::new("init.key").with("path", path.display()));
        return Ok(());
    }
    create(&args.dir, context.suitability)?;
    let root = fsio::real_path(&args.dir);
    for code in ["init.done", "init.next"] {
        context.ui.status(&Message::new(code).with("path", root.display()));
    }
    Ok(())
}

/// Makes a workspace in a folder. The settings file comes last: it is what marks a workspace.
pub(super) fn create(dir: &Path, suitability: Suitability) -> Result<Workspace, Failure> {
    let settings = dir.join(SETTINGS_FILE);
    if fsio::exists(&settings) {
        return Err(Failure::user(Message::new("init.exists").with("path", dir.display())));
    }
    check_outside(dir)?;
    fsio::create_private_dir(dir)?;
    Lake::create_on(&dir.join(LAKE), suitability)?;
    for folder in OWN_FOLDERS.into_iter().chain([REPORTS]) {
        fsio::create_private_dir(&dir.join(folder))?;
    }
    keys::create(dir, &BTreeSet::new())?;
    fsio::write_atomic(&settings, NEW_SETTINGS.as_bytes(), fsio::Mode::Public)?;
    Workspace::open(dir)
}

/// Refuses a folder in a lake, where nothing of the user's belongs, or in another workspace, which
/// commands would take for the nearest one or not, as they are run above or below.
fn check_outside(dir: &Path) -> Result<(), Failure> {
    let real = fsio::real_path(dir);
    let refused = |code, outer: &Path| {
        let message = Message::new(code).with("path", dir.display()).with("outer", outer.display());
        Err(Failure::user(message))
    };
    for folder in real.ancestors() {
        if Lake::stands_in(folder) {
            return refused("init.inside_lake", folder);
        }
        if folder != real && fsio::exists(&folder.join(SETTINGS_FILE)) {
            return refused("init.inside", folder);
        }
    }
    Ok(())
}
