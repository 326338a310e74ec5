//! Arguments of the commands that are about the program itself.

use std::path::PathBuf;

use clap::Args;
use clap_complete::Shell;

use crate::cli::args::questions::OutputArgs;

/// Tell what this machine, this program and this workspace are like, and what is not as it should be
///
/// Engine, kernel and what it keeps readers of documents from, terminal, fonts, disk, clock, lake. Ends
/// with exit code 3 where something has to be put right before work can go on.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tongban doctor
  tongban doctor --format json")]
pub(in crate::cli) struct DoctorArgs {
    #[command(flatten)]
    pub(in crate::cli) output: OutputArgs,
}

/// Print the completions of a shell
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tongban completions bash > ~/.local/share/bash-completion/completions/tongban
  tongban completions zsh > ~/.zfunc/_tongban")]
pub(in crate::cli) struct CompletionsArgs {
    /// Shell: bash, elvish, fish, powershell or zsh
    #[arg(value_enum)]
    pub(in crate::cli) shell: Shell,
}

/// Print the manual page, or write that of every command to a folder
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tongban man | man -l -
  tongban man ~/.local/share/man/man1")]
pub(in crate::cli) struct ManArgs {
    /// Folder to write a page for every command to; made when it does not exist
    pub(in crate::cli) dir: Option<PathBuf>,
}
