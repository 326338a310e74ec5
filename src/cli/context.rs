//! What every command knows: language, time, author, terminal.

use std::env;
use std::io::{IsTerminal, stdout};
use std::path::PathBuf;

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};

use crate::annex::{ReadOptions, Reference};
use crate::cli::args::GlobalArgs;
use crate::cli::ui::Ui;
use crate::diag::Lang;
use crate::fsio;
use crate::ingest::IngestSettings;
use crate::lake::Suitability;
use crate::records::profile::Profiles;
use crate::sandbox::{Confinement, Program};

/// What every command knows.
#[derive(Debug)]
pub(super) struct Context {
    pub(super) ui: Ui,
    /// The language that the user named; `None` where the locale decides.
    pub(super) lang_given: Option<Lang>,
    /// When the command began, naive Beijing time.
    pub(super) now: NaiveDateTime,
    /// Tells the time, naive Beijing time. `SOURCE_DATE_EPOCH` (seconds) sets it, so that a run can
    /// be made again.
    pub(super) clock: fn() -> NaiveDateTime,
    /// The command as it was typed, for the log.
    pub(super) command_line: String,
    /// Who runs it, for the log.
    pub(super) author: String,
    /// This program's own file, for child processes, and how far they were confined.
    pub(super) program: Program,
    /// The workspace that the user named.
    pub(super) workspace: Option<PathBuf>,
    /// On which file systems lakes are written.
    pub(super) suitability: Suitability,
}

impl Context {
    pub(super) fn new(args: &GlobalArgs) -> Self {
        let lang = args.lang.unwrap_or_else(locale_lang);
        let typed: Vec<String> =
            env::args_os().skip(1).map(|arg| arg.to_string_lossy().into_owned()).collect();
        Self {
            ui: Ui::new(lang, args.quiet),
            lang_given: args.lang,
            now: beijing_now(),
            clock: beijing_now,
            command_line: format!("tongban {}", typed.join(" ")),
            // Services have neither, and somebody has to answer for what they did.
            author: variable("USER")
                .or_else(|| variable("LOGNAME"))
                .unwrap_or_else(fsio::user_name),
            program: Program::new(env::current_exe().unwrap_or_else(|_| PathBuf::from("tongban"))),
            workspace: args.workspace.clone(),
            suitability: if args.unsafe_fs { Suitability::Waived } else { Suitability::Required },
        }
    }

    pub(super) fn lang(&self) -> Lang {
        self.ui.lang
    }

    /// Returns how documents are taken in by this command: as they are, for no reason of their own.
    pub(super) fn ingest_settings<'a>(
        &'a self,
        reference: Reference<'a>,
        profiles: &'a Profiles,
        options: &'a ReadOptions,
    ) -> IngestSettings<'a> {
        IngestSettings {
            reference,
            profiles,
            options,
            command: &self.command_line,
            author: &self.author,
            reason: "",
            is_synthetic: false,
            now: self.now,
            clock: self.clock,
        }
    }

    /// Warns, once for all documents that were read, where the kernel does not keep their readers from
    /// everything.
    pub(super) fn warn_of_confinement(&self) {
        let weakest = self.program.weakest();
        if let Some(warning) = weakest.and_then(Confinement::warning) {
            self.ui.warning(&warning);
        }
    }
}

/// The width of the terminal that results go to; `None` where they go elsewhere.
pub(super) fn terminal_width() -> Option<u16> {
    let out = stdout();
    if !out.is_terminal() {
        return None;
    }
    rustix::termios::tcgetwinsize(&out).ok().map(|size| size.ws_col).filter(|width| *width > 0)
}

fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

/// Returns the language of arguments that could not be read as a whole: the one they name, else that of the
/// locale.
pub(super) fn typed_lang() -> Lang {
    let typed = env::args_os().skip(1).map(|arg| arg.to_string_lossy().into_owned());
    let typed: Vec<String> = typed.take_while(|arg| arg != "--").collect();
    let of = |(idx, arg): (usize, &String)| match arg.strip_prefix("--lang")? {
        "" => Lang::parse(typed.get(idx + 1)?),
        named => Lang::parse(named.strip_prefix('=')?),
    };
    typed.iter().enumerate().find_map(of).unwrap_or_else(locale_lang)
}

/// The language of the locale: Chinese for `zh…`, else English.
fn locale_lang() -> Lang {
    let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().find_map(variable);
    if locale.is_some_and(|locale| locale.starts_with("zh")) { Lang::Zh } else { Lang::En }
}

fn beijing_now() -> NaiveDateTime {
    let fixed = variable("SOURCE_DATE_EPOCH").and_then(|seconds| seconds.parse().ok());
    let now =
        fixed.and_then(|seconds| DateTime::from_timestamp(seconds, 0)).unwrap_or_else(Utc::now);
    (now + TimeDelta::hours(8)).naive_utc()
}
