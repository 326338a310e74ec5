//! The documentation is true: README blocks run, commands and queries are named.

use std::process::Command;

use tongban::query::Catalogue;

use crate::support::{NOTICE, Sandbox, files_below, read, root};

const READMES: [&str; 2] = ["README.md", "README.zh-CN.md"];

/// A block of commands that run, and what is shown of their output.
struct Run {
    commands: String,
    shown: Vec<String>,
}

/// The blocks that are marked as runnable, in order, each with the blocks of text that follow it.
fn runs(text: &str) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for (kind, block) in fenced(text) {
        match (kind, runs.last_mut()) {
            ("sh", _) => runs.push(Run { commands: block.to_owned(), shown: Vec::new() }),
            ("text", Some(run)) => run.shown.push(block.to_owned()),
            _ => {}
        }
    }
    runs
}

/// The fenced blocks of a text: kind and content.
pub(crate) fn fenced(text: &str) -> Vec<(&str, &str)> {
    let mut parts = text.split("```");
    parts.next();
    let mut blocks = Vec::new();
    while let Some(block) = parts.next() {
        blocks.push(block.split_once('\n').unwrap());
        parts.next();
    }
    blocks
}

/// The commands of all blocks that are marked as runnable, in order.
fn runnable(text: &str) -> Vec<String> {
    runs(text).into_iter().map(|run| run.commands).collect()
}

/// Runs all blocks in one shell; returns what each printed, on either stream.
fn outputs(name: &str, lang: &str, runs: &[Run]) -> Vec<String> {
    let sandbox = Sandbox::empty();
    sandbox.write("notice.txt", NOTICE);
    let printed = tempfile::tempdir().unwrap();
    let path_of = |idx: usize| printed.path().join(idx.to_string());
    let script: String = runs
        .iter()
        .enumerate()
        .map(|(idx, run)| format!("{{\n{}\n}} >'{}' 2>&1\n", run.commands, path_of(idx).display()))
        .collect();
    let bin = std::path::Path::new(env!("CARGO_BIN_EXE_tongban")).parent().unwrap();
    let output = Command::new("sh")
        .args(["-euc", &script])
        .current_dir(sandbox.path())
        .env_clear()
        .env("PATH", format!("{}:/usr/local/bin:/usr/bin:/bin", bin.display()))
        .env("LANG", lang)
        .env("USER", "wang")
        .env("SOURCE_DATE_EPOCH", "1795478297")
        .output()
        .unwrap();
    let read_all =
        || (0..runs.len()).filter(|idx| path_of(*idx).exists()).map(|idx| read(&path_of(idx)));
    let all: Vec<String> = read_all().collect();
    assert!(output.status.success(), "{name}: {}", all.last().unwrap());
    all
}

/// Whether lines stand in an output one after the other, beginning anywhere. `…` stands for the rest of
/// a line or a part of it; alone in a line it stands for any lines.
fn is_shown(shown: &[&str], output: &[&str]) -> bool {
    (0..=output.len()).any(|start| follows(shown, &output[start..]))
}

fn follows(shown: &[&str], output: &[&str]) -> bool {
    match (shown, output) {
        ([], _) => true,
        ([first, rest @ ..], _)
            if first.trim_matches(['…', ' ']).is_empty() && first.contains('…') =>
        {
            is_shown(rest, output)
        }
        ([first, rest @ ..], [line, lines @ ..]) => fits(first, line) && follows(rest, lines),
        (_, []) => false,
    }
}

fn fits(shown: &str, line: &str) -> bool {
    let parts: Vec<String> = shown.split('…').map(regex::escape).collect();
    regex::Regex::new(&format!("^{}$", parts.join(".*"))).unwrap().is_match(line)
}

/// The plain statements that the manual has beside named questions, in order.
pub(crate) fn plain_statements() -> Vec<String> {
    let text = read(&root().join("README.md"));
    let (_, section) = text.split_once("\n## Three questions").unwrap();
    let (section, _) = section.split_once("\n## ").unwrap();
    let statements = section.split("tongban sql \"").skip(1);
    statements.map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
}

#[test]
fn plain_statements_are_short() {
    let statements = plain_statements();
    assert_eq!(statements.len(), 3, "{statements:?}");
    assert!(statements.iter().all(|statement| statement.lines().count() <= 5), "{statements:?}");
}

#[test]
fn readme_commands_run_and_print_what_is_shown() {
    for (name, lang) in READMES.into_iter().zip(["C.UTF-8", "zh_CN.UTF-8"]) {
        let runs = runs(&read(&root().join(name)));
        assert!(runs.len() >= 4, "{name} has {} runnable blocks", runs.len());
        let n_shown: usize = runs.iter().map(|run| run.shown.len()).sum();
        assert!(n_shown >= 8, "{name} shows {n_shown} outputs");
        for (run, output) in runs.iter().zip(outputs(name, lang, &runs)) {
            let lines: Vec<&str> = output.lines().map(str::trim_end).collect();
            for shown in &run.shown {
                let shown: Vec<&str> = shown.lines().map(str::trim_end).collect();
                assert!(
                    is_shown(&shown, &lines),
                    "{name} shows\n{}\nand\n{}\nprints\n{output}",
                    shown.join("\n"),
                    run.commands
                );
            }
        }
    }
}

#[test]
fn both_readmes_show_the_same_commands() {
    let [english, chinese] = READMES.map(|name| runnable(&read(&root().join(name))));
    assert_eq!(english, chinese);
}

#[test]
fn every_command_is_in_the_readmes() {
    let sandbox = Sandbox::empty();
    let help = sandbox.run(&["--help"]).ok();
    let commands = help.split("Commands:").nth(1).unwrap().split("Options:").next().unwrap();
    let names: Vec<&str> = commands
        .lines()
        .filter_map(|line| line.strip_prefix("  "))
        .filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase()))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .collect();
    assert!(names.len() >= 8, "{names:?}");
    for readme in READMES {
        let text = read(&root().join(readme));
        for name in &names {
            assert!(text.contains(&format!("tongban {name}")), "{readme} does not show `{name}`");
        }
    }
}

#[test]
fn every_question_is_in_the_readmes() {
    let catalogue = Catalogue::builtin();
    for readme in READMES {
        let text = read(&root().join(readme));
        for query in catalogue.queries() {
            assert!(text.contains(&format!("| `{}` |", query.id)), "{readme} lacks `{}`", query.id);
        }
    }
}

#[test]
fn every_query_is_listed_and_has_a_case() {
    let catalogue = Catalogue::builtin();
    let known: Vec<String> = catalogue
        .views()
        .into_iter()
        .chain(catalogue.queries())
        .map(|query| query.id.clone())
        .collect();
    let dir = root().join("queries");
    for path in files_below(&dir, "sql") {
        let id = path.strip_prefix(&dir).unwrap().with_extension("");
        let id = id.to_str().unwrap().to_owned();
        assert!(known.contains(&id), "queries/{id}.sql is not compiled in");
        let case = root().join(format!("tests/cases/{id}.case"));
        assert!(case.exists(), "tests/cases/{id}.case is missing");
    }
}

#[test]
fn every_column_has_a_chinese_title() {
    let catalogue = Catalogue::builtin();
    for query in catalogue.views().into_iter().chain(catalogue.queries()) {
        for column in &query.head.returns {
            let title = tongban::diag::column_title(&column.name, tongban::diag::Lang::Zh);
            assert_ne!(title, column.name, "column `{}` of {} has no title", column.name, query.id);
        }
    }
}

#[test]
fn the_architecture_names_every_module() {
    let text = read(&root().join("ARCHITECTURE.md"));
    let lib = read(&root().join("src/lib.rs"));
    for module in lib.lines().filter_map(|line| line.strip_prefix("pub mod ")) {
        let module = module.trim_end_matches(';');
        assert!(text.contains(&format!("`{module}`")), "ARCHITECTURE.md does not name `{module}`");
    }
}
