//! The documentation is true: README blocks run, commands and queries are named.

use std::process::Command;

use tongban::query::Catalogue;

use crate::support::{NOTICE, Sandbox, files_below, read, root};

const READMES: [&str; 2] = ["README.md", "README.zh-CN.md"];

/// The lines of all blocks that are marked as runnable, in order.
fn runnable(text: &str) -> Vec<String> {
    let blocks = text.split("```sh\n").skip(1);
    blocks.map(|rest| rest.split("```").next().unwrap().to_owned()).collect()
}

#[test]
fn readme_commands_run() {
    for name in READMES {
        let blocks = runnable(&read(&root().join(name)));
        assert!(blocks.len() >= 4, "{name} has {} runnable blocks", blocks.len());
        let sandbox = Sandbox::empty();
        sandbox.write("notice.txt", NOTICE);
        let bin = std::path::Path::new(env!("CARGO_BIN_EXE_tongban")).parent().unwrap();
        let path = format!("{}:/usr/local/bin:/usr/bin:/bin", bin.display());
        let output = Command::new("sh")
            .arg("-euc")
            .arg(blocks.join("\n"))
            .current_dir(sandbox.path())
            .env_clear()
            .env("PATH", path)
            .env("LANG", "C.UTF-8")
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{name}\n{}\n{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
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
fn every_query_is_listed_and_has_a_case() {
    let catalogue = Catalogue::builtin().unwrap();
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
    let catalogue = Catalogue::builtin().unwrap();
    for query in catalogue.queries() {
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
