//! How a machine is told to look for reports that are due: systemd units of a user, or a line of a crontab.
//!
//! The machine wakes the program every five minutes, and the program looks in its own catalog what is due.
//! So schedules may say what neither systemd nor cron can, definitions may change without a new
//! installation, and a delivery that failed is tried again soon.

use std::path::Path;

use crate::fsio::hash_hex;

/// By what a file or a line is known that this program wrote.
pub const MARK: &str = "tongban schedule install";

/// Digits of the hash of the workspace's path by which its units are told from those of others.
const ID_DIGITS: usize = 12;

/// What is run, and for which workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Runner {
    /// The program's own file, absolute.
    pub program: String,
    /// The workspace, absolute.
    pub workspace: String,
    /// Language of what it says.
    pub lang: String,
}

/// A file of systemd.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitFile {
    /// Its name.
    pub name: String,
    /// What stands in it.
    pub text: String,
}

impl Runner {
    /// Returns a runner; `None` where a path is no text or has a line end, which no unit and no crontab can
    /// hold.
    pub fn new(program: &Path, workspace: &Path, lang: &str) -> Option<Self> {
        let text = |path: &Path| {
            path.to_str().filter(|text| !text.contains(|c: char| c.is_control())).map(str::to_owned)
        };
        Some(Self { program: text(program)?, workspace: text(workspace)?, lang: lang.to_owned() })
    }

    /// Returns the name of the units of the workspace, without an ending.
    pub fn unit_name(&self) -> String {
        format!("tongban-reports-{}", &hash_hex(self.workspace.as_bytes())[..ID_DIGITS])
    }

    /// Returns the service, which makes what is due, and the timer, which starts it.
    pub fn units(&self) -> [UnitFile; 2] {
        let name = self.unit_name();
        let what = escaped_percent(&self.workspace);
        let head = format!("# Written by `{MARK}`; `tongban schedule uninstall` removes it.\n");
        let [program, workspace] = [&self.program, &self.workspace].map(|text| unit_quoted(text));
        let service = format!(
            "{head}[Unit]\nDescription=Reports of the tongban workspace {what}\n\n\
             [Service]\nType=oneshot\n\
             ExecStart={program} --workspace {workspace} --lang {} --quiet schedule run-due\n",
            self.lang
        );
        let timer = format!(
            "{head}[Unit]\nDescription=Look for due reports of the tongban workspace {what}\n\n\
             [Timer]\nOnCalendar=*:0/5\nPersistent=true\n\n\
             [Install]\nWantedBy=timers.target\n"
        );
        [
            UnitFile { name: format!("{name}.service"), text: service },
            UnitFile { name: format!("{name}.timer"), text: timer },
        ]
    }

    /// Returns the line of a crontab, without its end.
    pub fn cron_line(&self) -> String {
        let [program, workspace] = [&self.program, &self.workspace].map(|text| cron_quoted(text));
        format!(
            "*/5 * * * * {program} --workspace {workspace} --lang {} --quiet schedule run-due {}",
            self.lang,
            self.cron_mark()
        )
    }

    /// By this a line of a crontab is known.
    fn cron_mark(&self) -> String {
        format!("# {MARK} {}", self.unit_name())
    }
}

/// A crontab of a user, with or without the line of a workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CronTable(pub String);

impl CronTable {
    /// Returns the crontab with the line of a workspace, in the place of an earlier one.
    #[must_use]
    pub fn with(&self, runner: &Runner) -> Self {
        let mut text = self.without(runner).0;
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
        Self(text + &runner.cron_line() + "\n")
    }

    /// Returns the crontab without the line of a workspace; everything else stays as it is.
    #[must_use]
    pub fn without(&self, runner: &Runner) -> Self {
        let mark = runner.cron_mark();
        let kept = self.0.split_inclusive('\n').filter(|line| !line.trim_end().ends_with(&mark));
        Self(kept.collect())
    }

    /// Whether the crontab has a line of the workspace.
    pub fn has(&self, runner: &Runner) -> bool {
        self.without(runner) != *self
    }
}

/// Returns an argument as systemd reads it back: quoted, and nothing in it a variable or a specifier.
fn unit_quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            '%' | '$' => quoted.extend([character, character]),
            plain => quoted.push(plain),
        }
    }
    quoted + "\""
}

fn escaped_percent(text: &str) -> String {
    text.replace('%', "%%")
}

/// Returns an argument as the shell of cron reads it back. A percent sign ends the command of a line.
fn cron_quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''")).replace('%', "\\%")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runner(workspace: &str) -> Runner {
        Runner::new(Path::new("/opt/tong ban/tongban"), Path::new(workspace), "zh").unwrap()
    }

    #[test]
    fn units_run_what_is_due() {
        let runner = runner("/data/月报 50%$HOME");
        let [service, timer] = runner.units();
        assert_eq!(service.name, format!("{}.service", runner.unit_name()));
        assert_eq!(timer.name, format!("{}.timer", runner.unit_name()));
        assert_eq!(
            service.text,
            "# Written by `tongban schedule install`; `tongban schedule uninstall` removes it.\n\
             [Unit]\nDescription=Reports of the tongban workspace /data/月报 50%%$HOME\n\n\
             [Service]\nType=oneshot\n\
             ExecStart=\"/opt/tong ban/tongban\" --workspace \"/data/月报 50%%$$HOME\" --lang zh \
             --quiet schedule run-due\n"
        );
        assert!(timer.text.contains("\n[Timer]\nOnCalendar=*:0/5\nPersistent=true\n"));
    }

    #[test]
    fn workspaces_have_units_of_their_own() {
        assert_ne!(runner("/a").unit_name(), runner("/b").unit_name());
        assert_eq!(runner("/a").unit_name(), runner("/a").unit_name());
    }

    #[test]
    fn a_crontab_gets_one_line_and_loses_no_other() {
        let runner = runner("/data/it's 5%");
        for before in ["", "MAILTO=li\n0 1 * * * /bin/true\n", "0 1 * * * /bin/true"] {
            let table = CronTable(before.to_owned());
            assert!(!table.has(&runner));
            let with = table.with(&runner);
            assert!(with.has(&runner));
            assert_eq!(with, with.with(&runner));
            assert!(with.0.starts_with(before), "{}", with.0);
            let without = with.without(&runner);
            assert_eq!(without.0.trim_end(), before.trim_end());
            assert_eq!(CronTable(without.0.clone()), without.without(&runner));
        }
        assert_eq!(
            runner.cron_line(),
            format!(
                "*/5 * * * * '/opt/tong ban/tongban' --workspace '/data/it'\\''s 5\\%' --lang zh \
                 --quiet schedule run-due # tongban schedule install {}",
                runner.unit_name()
            )
        );
    }

    #[test]
    fn a_path_that_would_end_a_line_is_refused() {
        assert_eq!(Runner::new(Path::new("/a"), Path::new("/b\nc"), "zh"), None);
    }
}
