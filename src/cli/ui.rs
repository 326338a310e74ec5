//! What is said on standard error, and results on standard output.

use std::collections::BTreeSet;
use std::io::{IsTerminal, Write, stderr, stdout};

use indicatif::{ProgressBar, ProgressStyle};

use crate::cli::failure::{Failure, FailureKind};
use crate::diag::{Diagnose, Finding, Lang, Message, Severity, place_words};

/// Details of one failure, or findings on one file, that are listed; a file can be wrong in as many
/// places as it has cells.
const MAX_DETAILS: usize = 50;

/// How the program talks to the user.
#[derive(Debug, Clone)]
pub(super) struct Ui {
    pub(super) lang: Lang,
    is_quiet: bool,
    has_color: bool,
}

impl Ui {
    pub(super) fn new(lang: Lang, is_quiet: bool) -> Self {
        let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Self { lang, is_quiet, has_color: stderr().is_terminal() && !no_color }
    }

    /// Says what is going on; silent with `--quiet`.
    pub(super) fn status(&self, message: &Message) {
        if !self.is_quiet {
            say(&message.text(self.lang));
        }
    }

    /// Says what the user should know although nothing failed.
    pub(super) fn warning(&self, message: &Message) {
        self.headed("33", "ui.warning", message);
        self.hint(message);
    }

    /// Says what the user may want to look at; silent with `--quiet`.
    pub(super) fn note(&self, message: &Message) {
        if !self.is_quiet {
            self.headed("36", "ui.note", message);
            self.hint(message);
        }
    }

    /// Says why a command ended early.
    pub(super) fn failure(&self, failure: &Failure) {
        if failure.kind == FailureKind::BrokenPipe {
            return;
        }
        let Some(message) = &failure.message else { return };
        self.headed("31", "ui.error", message);
        let label = Message::new("ui.caused_by").text(self.lang);
        for cause in &failure.causes {
            say(&format!("  {label}{}", cause.text(self.lang)));
        }
        let shown = &failure.details[..failure.details.len().min(MAX_DETAILS)];
        for detail in shown {
            say(&format!("  - {}", detail.text(self.lang)));
        }
        self.more("  - ", failure.details.len() - shown.len());
        for message in &failure.besides {
            say(&format!("  - {}", message.text(self.lang)));
        }
        // The same label in several places needs the same advice once.
        let told = failure.causes.iter().chain(shown).chain(&failure.besides);
        self.hints(std::iter::once(message).chain(told));
    }

    /// Says why one of several files was refused.
    pub(super) fn refusal(&self, error: &dyn Diagnose) {
        let failure = Failure {
            kind: FailureKind::User,
            message: Some(error.message()),
            causes: error.causes(),
            details: error.details(),
            besides: error.besides(),
        };
        self.failure(&failure);
    }

    fn headed(&self, color: &str, head: &'static str, message: &Message) {
        let head = Message::new(head).text(self.lang);
        let head = if self.has_color { format!("\u{1b}[1;{color}m{head}\u{1b}[0m") } else { head };
        say(&format!("{head}{}", message.text(self.lang)));
    }

    fn hint(&self, message: &Message) {
        if let Some(hint) = message.hint(self.lang) {
            let label = Message::new("ui.hint").text(self.lang);
            say(&format!("{label}{hint}"));
        }
    }

    /// Lists findings, one a line: severity, place, sentence; then what to do about them. Of very many it
    /// says how many more there are; `tongban findings` has all.
    pub(super) fn findings<'a>(&self, mut findings: impl Iterator<Item = &'a Finding>) {
        let shown: Vec<&Finding> = findings.by_ref().take(MAX_DETAILS).collect();
        for finding in &shown {
            say(&format!("  {}", self.finding(finding)));
        }
        self.more("  ", findings.count());
        self.hints(shown.into_iter().map(|finding| &finding.message));
    }

    /// Gives the advice of several messages, each once.
    fn hints<'a>(&self, messages: impl Iterator<Item = &'a Message>) {
        let mut said = BTreeSet::new();
        for message in messages {
            if message.hint(self.lang).is_some_and(|hint| said.insert(hint)) {
                self.hint(message);
            }
        }
    }

    /// Says how many more of a list there are, if any.
    fn more(&self, start: &str, count: usize) {
        if count > 0 {
            let more = Message::new("ui.more").with("count", count);
            say(&format!("{start}{}", more.text(self.lang)));
        }
    }

    /// Returns a finding as one line.
    pub(super) fn finding(&self, finding: &Finding) -> String {
        let severity = crate::diag::word(finding.severity.as_str(), self.lang);
        let text = finding.message.text(self.lang);
        let place = place_words(finding.place, self.lang);
        // Where a sentence names its place, it is not said twice.
        let place = if text.contains(&place) { String::new() } else { format!(" [{place}]") };
        let colon = Message::new("ui.colon").text(self.lang);
        format!("{severity}{colon}{text}{place}")
    }

    /// Returns a bar for rows: how many, their rate, the time that is left. Shown on a terminal only.
    pub(super) fn rows_bar(&self) -> ProgressBar {
        if self.is_quiet || !stderr().is_terminal() {
            return ProgressBar::hidden();
        }
        bar_of("{bar:30} {human_pos}/{human_len} {per_sec} {eta} {msg}", 0)
    }

    /// Returns a bar for work on several files: shown on a terminal only.
    pub(super) fn progress(&self, n_files: usize) -> ProgressBar {
        if self.is_quiet || n_files < 2 || !stderr().is_terminal() {
            return ProgressBar::hidden();
        }
        bar_of("{bar:30} {pos}/{len} {per_sec} {eta} {msg}", n_files as u64)
    }

    /// Returns a bar for a file that is read for long: shown on a terminal only.
    pub(super) fn progress_bytes(&self, size_bytes: u64) -> ProgressBar {
        if self.is_quiet || !stderr().is_terminal() {
            return ProgressBar::hidden();
        }
        bar_of("{bar:30} {bytes}/{total_bytes} {binary_bytes_per_sec} {eta} {msg}", size_bytes)
    }
}

fn bar_of(template: &str, length: u64) -> ProgressBar {
    let style = ProgressStyle::with_template(template);
    ProgressBar::new(length).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

/// How many findings there are of each severity.
pub(super) fn count_by_severity(findings: &[Finding]) -> [usize; 3] {
    let count = |severity: Severity| findings.iter().filter(|f| f.severity == severity).count();
    [count(Severity::Error), count(Severity::Warning), count(Severity::Info)]
}

/// Writes a line to standard error; a closed standard error is nobody's loss.
fn say(line: &str) {
    writeln!(stderr().lock(), "{line}").unwrap_or_default();
}

/// Writes a result to standard output. A reader that went away ends the command quietly.
pub(super) fn print(text: &str) -> Result<(), Failure> {
    print_bytes(text.as_bytes())
}

/// Writes bytes of a result to standard output.
pub(super) fn print_bytes(bytes: &[u8]) -> Result<(), Failure> {
    let mut out = stdout().lock();
    out.write_all(bytes).and_then(|()| out.flush()).map_err(|error| {
        if error.kind() == std::io::ErrorKind::BrokenPipe {
            return Failure::told(FailureKind::BrokenPipe);
        }
        let mut failure = Failure::user(Message::new("ui.stdout"));
        failure.causes.push(crate::diag::io_reason(&error));
        failure
    })
}
