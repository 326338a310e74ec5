//! `tongban schedule install` and `uninstall`: units of systemd or a line of the crontab.

use std::env;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::cli::args::InstallArgs;
use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::schedule::scheduled;
use crate::cli::ui::print;
use crate::cli::workspace::Workspace;
use crate::diag::{Message, io_reason};
use crate::fsio;
use crate::schedule::{CronTable, MARK, Runner, UnitFile};

/// What wakes the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Waker {
    Systemd,
    Crontab,
}

pub(super) fn install(context: &Context, args: &InstallArgs) -> Result<(), Failure> {
    let workspace = Workspace::find(context)?;
    let runner = runner_of(context, &workspace)?;
    let waker = match args.with.as_deref() {
        Some("crontab") => Waker::Crontab,
        Some(_) => Waker::Systemd,
        None if has_systemd() => Waker::Systemd,
        None => Waker::Crontab,
    };
    if args.print {
        return print_plan(&runner, waker);
    }
    let (definitions, wrong) = scheduled(&workspace)?;
    for failure in &wrong {
        context.ui.failure(failure);
    }
    let lake = workspace.lake(context)?;
    for definition in &definitions {
        if let Some(plan) = &definition.schedule {
            lake.note_schedule(&definition.name, &plan.timing.text(), context.now)?;
        }
    }
    match waker {
        Waker::Systemd => install_units(context, &runner)?,
        Waker::Crontab => install_line(context, &runner)?,
    }
    let message = Message::new("schedule.installed").with("count", definitions.len());
    context.ui.status(&message);
    Ok(())
}

pub(super) fn uninstall(context: &Context) -> Result<(), Failure> {
    let workspace = Workspace::find(context)?;
    let runner = runner_of(context, &workspace)?;
    let n_units = uninstall_units(context, &runner)?;
    let has_line = uninstall_line(context, &runner)?;
    if n_units == 0 && !has_line {
        context.ui.status(&Message::new("schedule.not_installed"));
    }
    Ok(())
}

fn runner_of(context: &Context, workspace: &Workspace) -> Result<Runner, Failure> {
    let program = env::current_exe().unwrap_or_else(|_| PathBuf::from("tongban"));
    let root = fsio::real_path(&workspace.root);
    let runner = Runner::new(&program, &root, context.lang().as_str());
    runner.ok_or_else(|| {
        Failure::user(Message::new("schedule.path_unfit").with("path", root.display()))
    })
}

fn print_plan(runner: &Runner, waker: Waker) -> Result<(), Failure> {
    match waker {
        Waker::Crontab => print(&format!("{}\n", runner.cron_line())),
        Waker::Systemd => {
            let folder = unit_folder()?;
            for UnitFile { name, text } in runner.units() {
                print(&format!("# {}\n{text}\n", folder.join(name).display()))?;
            }
            Ok(())
        }
    }
}

/// The folder of the units of a user.
fn unit_folder() -> Result<PathBuf, Failure> {
    let folder =
        |name: &str| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let config = folder("XDG_CONFIG_HOME").filter(|path| path.is_absolute());
    let config = config.or_else(|| folder("HOME").map(|home| home.join(".config")));
    let config = config.ok_or_else(|| Failure::user(Message::new("schedule.no_home")))?;
    Ok(config.join("systemd/user"))
}

/// Whether systemd manages the session of the user.
fn has_systemd() -> bool {
    let asked = Command::new("systemctl").args(["--user", "show-environment"]).output();
    asked.is_ok_and(|answer| answer.status.success())
}

fn install_units(context: &Context, runner: &Runner) -> Result<(), Failure> {
    let folder = unit_folder()?;
    let units = runner.units();
    for unit in &units {
        let path = folder.join(&unit.name);
        if fsio::exists(&path) && !fsio::read_text(&path)?.contains(MARK) {
            let message = Message::new("schedule.unit_foreign").with("path", path.display());
            return Err(Failure::user(message));
        }
    }
    fsio::create_private_dir(&folder)?;
    // Those of an earlier installation stay as they are where this one fails.
    let new: Vec<PathBuf> = units
        .iter()
        .map(|unit| folder.join(&unit.name))
        .filter(|path| !fsio::exists(path))
        .collect();
    let enabled = enable_units(context, runner, &folder);
    if enabled.is_err() {
        for path in &new {
            fsio::remove_file(path)?;
            context.ui.status(&Message::new("schedule.removed").with("path", path.display()));
        }
    }
    enabled?;
    context.ui.status(&Message::new("schedule.linger"));
    Ok(())
}

fn enable_units(context: &Context, runner: &Runner, folder: &Path) -> Result<(), Failure> {
    for UnitFile { name, text } in runner.units() {
        let path = folder.join(name);
        fsio::write_atomic(&path, text.as_bytes(), fsio::Mode::Public)?;
        context.ui.status(&Message::new("schedule.file").with("path", path.display()));
    }
    let timer = format!("{}.timer", runner.unit_name());
    systemctl(context, &["daemon-reload"])?;
    systemctl(context, &["enable", "--now", &timer])
}

/// Removes the units, as far as they are those that were written, and returns how many there were.
fn uninstall_units(context: &Context, runner: &Runner) -> Result<usize, Failure> {
    let Ok(folder) = unit_folder() else { return Ok(0) };
    let mut own = Vec::new();
    for UnitFile { name, .. } in runner.units() {
        let path = folder.join(name);
        if !fsio::exists(&path) {
            continue;
        }
        if fsio::read_text(&path)?.contains(MARK) {
            own.push(path);
        } else {
            context.ui.warning(&Message::new("schedule.unit_foreign").with("path", path.display()));
        }
    }
    if own.is_empty() {
        return Ok(0);
    }
    let is_managed = has_systemd();
    if is_managed {
        systemctl(context, &["disable", "--now", &format!("{}.timer", runner.unit_name())])?;
    }
    for path in &own {
        fsio::remove_file(path)?;
        context.ui.status(&Message::new("schedule.removed").with("path", path.display()));
    }
    if is_managed {
        systemctl(context, &["daemon-reload"])?;
    }
    Ok(own.len())
}

fn systemctl(context: &Context, args: &[&str]) -> Result<(), Failure> {
    let command = format!("systemctl --user {}", args.join(" "));
    let answer = Command::new("systemctl").arg("--user").args(args).output();
    checked(&command, answer)?;
    context.ui.status(&Message::new("schedule.ran").with("command", command));
    Ok(())
}

fn install_line(context: &Context, runner: &Runner) -> Result<(), Failure> {
    write_crontab(&read_crontab()?.with(runner))?;
    let line = runner.cron_line();
    context.ui.status(&Message::new("schedule.cron_written").with("line", line));
    Ok(())
}

/// Removes the line of the workspace and tells whether there was one. Without `crontab` there is none.
fn uninstall_line(context: &Context, runner: &Runner) -> Result<bool, Failure> {
    let Ok(table) = read_crontab() else { return Ok(false) };
    if !table.has(runner) {
        return Ok(false);
    }
    write_crontab(&table.without(runner))?;
    context.ui.status(&Message::new("schedule.cron_removed"));
    Ok(true)
}

/// Reads the crontab of the user; an empty one where he has none.
///
/// Fails where it cannot be read: what is written next would take its place.
fn read_crontab() -> Result<CronTable, Failure> {
    let answer = Command::new("crontab").arg("-l").env("LC_ALL", "C").output();
    if let Ok(answer) = &answer
        && !answer.status.success()
        && String::from_utf8_lossy(&answer.stderr).contains("no crontab for")
    {
        return Ok(CronTable(String::new()));
    }
    let answer = checked("crontab -l", answer)?;
    let text = String::from_utf8(answer.stdout);
    text.map(CronTable).map_err(|_| Failure::user(Message::new("schedule.crontab_garbled")))
}

fn write_crontab(table: &CronTable) -> Result<(), Failure> {
    let started = Command::new("crontab")
        .arg("-")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let answer = started.and_then(|mut child| {
        let mut input = child.stdin.take().expect("the pipe was asked for");
        input.write_all(table.0.as_bytes())?;
        drop(input);
        child.wait_with_output()
    });
    checked("crontab -", answer).map(|_| ())
}

/// Passes on what a command answered; where it failed, what it said.
fn checked(command: &str, answer: std::io::Result<Output>) -> Result<Output, Failure> {
    let mut failure = Failure::user(Message::new("schedule.command").with("command", command));
    match answer {
        Ok(answer) if answer.status.success() => Ok(answer),
        Ok(answer) => {
            let said = String::from_utf8_lossy(&answer.stderr).trim().to_owned();
            failure.causes.push(Message::new("io.other").with("reason", said));
            Err(failure)
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let program = command.split(' ').next().unwrap_or_default();
            let message = Message::new("schedule.program_missing").with("program", program);
            failure.causes.push(message);
            Err(failure)
        }
        Err(error) => {
            failure.causes.push(io_reason(&error));
            Err(failure)
        }
    }
}
