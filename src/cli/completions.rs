//! `tongban completions` and `tongban man`: what shells and readers of manuals are given.

use clap::CommandFactory;

use crate::cli::args::{Cli, CompletionsArgs, ManArgs};
use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::session::write_result;
use crate::cli::ui::print_bytes;
use crate::diag::Message;
use crate::fsio;

/// Name of the program.
const NAME: &str = "tongban";

pub(super) fn run(args: &CompletionsArgs) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), NAME, &mut script);
    print_bytes(&script)
}

/// Prints the page of the program, or writes that of every command to a folder.
pub(super) fn man(context: &Context, args: &ManArgs) -> Result<(), Failure> {
    let mut command = Cli::command();
    command.build();
    let Some(dir) = &args.dir else {
        return print_bytes(&page(&command)?);
    };
    if !fsio::is_dir(dir) {
        fsio::create_private_dir(dir)?;
    }
    let mut pages = Vec::new();
    add_pages(&command, NAME, &mut pages)?;
    for (name, page) in &pages {
        write_result(&dir.join(format!("{name}.1")), page)?;
    }
    let message = Message::new("man.written").with("pages", pages.len());
    context.ui.status(&message.with("path", dir.display()));
    Ok(())
}

/// Adds the pages of a command and of those below it that are not hidden.
fn add_pages(
    command: &clap::Command,
    name: &str,
    pages: &mut Vec<(String, Vec<u8>)>,
) -> Result<(), Failure> {
    pages.push((name.to_owned(), page(command)?));
    let shown = command.get_subcommands().filter(|inner| !inner.is_hide_set());
    for inner in shown.filter(|inner| inner.get_name() != "help") {
        add_pages(inner, &format!("{name}-{}", inner.get_name()), pages)?;
    }
    Ok(())
}

fn page(command: &clap::Command) -> Result<Vec<u8>, Failure> {
    let mut page = Vec::new();
    clap_mangen::Man::new(command.clone())
        .render(&mut page)
        .map_err(|error| Failure::internal(crate::diag::io_reason(&error)))?;
    Ok(page)
}
