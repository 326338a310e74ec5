//! The archive that users download: whole, with its licences, and running where nothing else is.
#![expect(
    clippy::disallowed_methods,
    reason = "tests read the environment and what commands wrote"
)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::support::{NOTICE, Outcome, Sandbox, must_have_all, read, root, write};

/// Puts the archive together of the binary under test, by Python with some arguments before the script; `None`
/// where this machine cannot.
fn assembled(sandbox: &Sandbox, before: &[&str]) -> Option<Outcome> {
    let has = |tool: &str| {
        Command::new(tool).arg("--version").output().is_ok_and(|it| it.status.success())
    };
    let tools = ["python3", "strip", "readelf", "cargo", "tar"];
    if !tools.into_iter().all(has) {
        assert!(!must_have_all(), "the test needs {tools:?}");
        eprintln!("skipped: the test needs {tools:?}");
        return None;
    }
    let library = Path::new(env!("DUCKDB_LIB_DIR")).join("libduckdb.so");
    let mut command = Command::new("python3");
    command
        .args(before)
        .arg(root().join(".dist/assemble.py"))
        .arg("--binary")
        .arg(env!("CARGO_BIN_EXE_tongban"))
        .arg("--library")
        .arg(root().join(library))
        .args([
            "--echarts",
            env!("ECHARTS_DIR"),
            "--echarts-version",
            "6.1.0",
            "--level",
            "1",
            "--output",
        ])
        .arg(sandbox.path().join("dist"))
        .env("SOURCE_DATE_EPOCH", "1640995200")
        .env("PYTHONDONTWRITEBYTECODE", "1");
    Some(command.output().unwrap().into())
}

/// Puts the archive together, and unpacks it.
fn unpacked(sandbox: &Sandbox) -> Option<PathBuf> {
    let told = assembled(sandbox, &[])?.ok();
    assert!(told.contains("assembled"), "{told}");
    let output = sandbox.path().join("dist");
    let archive = std::fs::read_dir(&output).unwrap().map(|entry| entry.unwrap().path());
    let archive =
        archive.into_iter().find(|path| path.extension().is_some_and(|end| end == "gz")).unwrap();
    let status =
        Command::new("tar").arg("xzf").arg(&archive).current_dir(sandbox.path()).status().unwrap();
    assert!(status.success());
    let name = archive.file_name().unwrap().to_str().unwrap().trim_end_matches(".tar.gz");
    Some(sandbox.path().join(name))
}

#[test]
fn without_the_text_of_a_licence_there_is_no_archive() {
    let sandbox = Sandbox::empty();
    // As if no source had any.
    let script = "import importlib.util as util, sys\n\
                  spec = util.spec_from_file_location('assemble', sys.argv[1])\n\
                  module = util.module_from_spec(spec)\n\
                  spec.loader.exec_module(module)\n\
                  module.licence_texts = lambda folder: []\n\
                  sys.argv = sys.argv[1:]\n\
                  module.main()";
    let Some(outcome) = assembled(&sandbox, &["-c", script]) else { return };
    let told = outcome.fails(1);
    assert!(told.contains("no licence text for"), "{told}");
    assert!(!sandbox.path().join("dist").exists());
}

#[test]
fn the_archive_holds_all_licences_and_runs_with_the_library_beside_it() {
    let sandbox = Sandbox::empty();
    let Some(folder) = unpacked(&sandbox) else { return };
    let sbom: Value = serde_json::from_str(&read(&folder.join("sbom.cdx.json"))).unwrap();
    assert_eq!((&sbom["bomFormat"], &sbom["specVersion"]), (&"CycloneDX".into(), &"1.5".into()));
    let components = sbom["components"].as_array().unwrap();
    let listed = read(&folder.join("LICENCES.txt"));
    let mut refs = BTreeSet::from([sbom["metadata"]["component"]["bom-ref"].as_str().unwrap()]);
    for component in components {
        let [name, version] = ["name", "version"].map(|key| component[key].as_str().unwrap());
        assert!(
            listed.contains(&format!("{name} {version}\n")) || name == "duckdb",
            "{name} {version}"
        );
        assert!(component["licenses"].is_array() && component["hashes"].is_array(), "{component}");
        assert!(refs.insert(component["bom-ref"].as_str().unwrap()), "{component} stands twice");
    }
    assert!(components.len() > 300, "{}", components.len());
    for need in sbom["dependencies"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|it| it["dependsOn"].as_array().unwrap())
    {
        assert!(refs.contains(need.as_str().unwrap()), "{need}");
    }
    assert!(!listed.contains("no text"), "every component has the text of its licence");
    for text in listed.split([' ', ',', '\n']).filter(|word| word.starts_with("licences/")) {
        assert!(folder.join(text).exists(), "{text}");
    }

    for (file, word) in [
        ("completions/bash/tongban", "complete"),
        ("completions/zsh/_tongban", "#compdef tongban"),
        ("completions/fish/tongban.fish", "complete"),
        ("man/man1/tongban.1", ".TH"),
        ("man/man1/tongban-export.1", "manifest.json"),
    ] {
        assert!(read(&folder.join(file)).contains(word), "{file}");
    }

    let binary = folder.join("tongban");
    let run = |args: &[&str]| -> Outcome {
        Command::new(&binary)
            .args(args)
            .current_dir(sandbox.path())
            .env_clear()
            .output()
            .unwrap()
            .into()
    };
    let traced =
        Command::new(&binary).env_clear().env("LD_TRACE_LOADED_OBJECTS", "1").output().unwrap();
    let traced = String::from_utf8(traced.stdout).unwrap();
    let beside = format!("libduckdb.so => {}", folder.join("libduckdb.so").display());
    assert!(traced.contains(&beside), "{traced}");
    assert!(run(&["--version"]).ok().starts_with("tongban "));
    write(&sandbox.path().join("notice.txt"), NOTICE.as_bytes());
    run(&["init", "work"]).ok();
    run(&["--workspace", "work", "ingest", "notice.txt"]).ok();
    let answer =
        run(&["--workspace", "work", "sql", "--format", "csv", "SELECT count(*) AS n FROM totals"]);
    assert_eq!(answer.ok(), "n\n6\n");
}
