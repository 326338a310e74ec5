//! The notebooks run on exports, from a virtual environment of their own, and are kept without outputs.
#![expect(clippy::disallowed_methods, reason = "tests read the environment")]

use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

use crate::support::{NOTICE, Outcome, Sandbox, files_below, must_have_all, read, root};

/// The notebooks that there are.
const NOTEBOOKS: [&str; 4] =
    ["1-getting-started", "2-integration-trends", "3-aggregation-and-returned", "4-satisfaction"];

#[test]
fn notebooks_are_kept_without_outputs() {
    let paths = files_below(&root().join("notebooks"), "ipynb");
    let names: Vec<&str> =
        paths.iter().map(|path| path.file_stem().unwrap().to_str().unwrap()).collect();
    assert_eq!(names, NOTEBOOKS);
    for path in &paths {
        let text = read(path);
        let document: Value = serde_json::from_str(&text).unwrap();
        let cells = document["cells"].as_array().unwrap();
        assert!(cells.len() >= 5, "{}", path.display());
        for cell in cells.iter().filter(|cell| cell["cell_type"] == "code") {
            assert_eq!(cell["outputs"], Value::Array(Vec::new()), "{}: {cell}", path.display());
            assert_eq!(cell["execution_count"], Value::Null, "{}: {cell}", path.display());
        }
        // They read exports, define no indicator, and write nothing.
        for word in ["lake/", "read_csv(\"", ".write_", "savefig", "COPY ", "to_csv"] {
            assert!(!text.contains(word), "{} contains `{word}`", path.display());
        }
    }
}

/// Returns the Python of the notebooks, or says that the test is skipped.
fn python() -> Option<PathBuf> {
    let python = std::env::var_os("TONGBAN_NOTEBOOKS_PYTHON").map(PathBuf::from);
    if let Some(python) = python.filter(|python| python.exists()) {
        return Some(python);
    }
    assert!(!must_have_all(), "the notebooks need their Python packages: run `make venv`");
    eprintln!("skipped: the notebooks need the Python packages of `make venv`");
    None
}

#[test]
fn notebooks_run_on_exports() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::with_notice();
    let run = |args: &[&str], codes: &[i32]| {
        let outcome = sandbox.run(args);
        assert!(codes.contains(&outcome.code), "{args:?}: {}", outcome.stderr);
    };
    let other = Sandbox::new();
    other.write("notice.txt", NOTICE);
    let of_forms = ["synth", "forms", "--forms"];
    let of_ratings = ["synth", "made", "--profile", "evaluation-interface", "--rows", "3000"];
    for args in [
        &of_forms[..],
        &of_ratings,
        &["ingest", "--quiet", "forms"],
        &["ingest", "--quiet", "made"],
    ] {
        let outcome = other.run(args);
        assert!([0, 3].contains(&outcome.code), "{args:?}: {}", outcome.stderr);
    }
    let questions = "satisfaction/monthly,satisfaction/by_channel,satisfaction/negative_handling";
    other.run(&["export", "out/data"]).ok();
    // Of made-up ratings, which are few, all are shown.
    let all =
        ["export", "out/satisfaction", "--unpublished", "--min-cell", "1", "--query", questions];
    other.run(&all).ok();
    // The notice alone is one period, and has to do as well.
    run(&["export", "out/data"], &[0]);
    for (sandbox, n_notebooks) in [(&other, 4), (&sandbox, 3)] {
        let notebooks = sandbox.path().join("notebooks");
        std::fs::create_dir(&notebooks).unwrap();
        for name in NOTEBOOKS.iter().take(n_notebooks) {
            let name = format!("{name}.ipynb");
            std::fs::copy(root().join("notebooks").join(&name), notebooks.join(&name)).unwrap();
        }
        let mut command = Command::new(&python);
        command
            .arg(root().join("tests/python/run_notebooks.py"))
            .args([&notebooks, &sandbox.path().join("shown")])
            .args(must_have_all().then_some("--require-fonts"))
            .current_dir(sandbox.path())
            .env_clear()
            .envs([
                ("LANG", "C.UTF-8"),
                ("PATH", "/usr/bin:/bin"),
                ("PYTHONDONTWRITEBYTECODE", "1"),
            ])
            .env("HOME", sandbox.path());
        let told = Outcome::from(command.output().unwrap()).ok();
        assert_eq!(told.matches(" charts\n").count(), n_notebooks, "{told}");
        eprintln!("{told}");
    }
    let shown: Value =
        serde_json::from_str(&read(&other.path().join("shown/4-satisfaction.ipynb"))).unwrap();
    let cells = shown["cells"].as_array().unwrap();
    let outputs: String = cells.iter().map(|cell| cell["outputs"].to_string()).collect();
    for word in ["大厅平板电脑", "二维码", "shape: (12, 4)"] {
        assert!(outputs.contains(word), "no table of the notebook has `{word}`");
    }
    assert!(!outputs.contains("--min-cell"), "there is more to show");
}
