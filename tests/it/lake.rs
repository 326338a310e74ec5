//! Looking after a lake: check, take back, go back, collect, repair; the doctor, completions, manual.
#![expect(clippy::disallowed_methods, reason = "tests damage what commands wrote")]

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::records::{file, record};
use crate::support::{NOTICE, Sandbox};

fn other_notice(number: u32) -> String {
    NOTICE.replace("185号", &format!("{number}号"))
}

/// A workspace with two notices.
fn workspace() -> Sandbox {
    let sandbox = Sandbox::with_notice();
    sandbox.write("other.txt", other_notice(186));
    sandbox.run(&["ingest", "other.txt"]).ok();
    sandbox
}

fn batches(sandbox: &Sandbox) -> Vec<String> {
    let csv = sandbox.sql("SELECT batch FROM batches ORDER BY snapshot");
    csv.lines().skip(1).map(str::to_owned).collect()
}

fn data_file(sandbox: &Sandbox, table: &str, run: u32) -> PathBuf {
    let folder = sandbox.path().join("lake/data").join(table);
    let mut files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let is_of_run = |path: &PathBuf| {
        path.file_name().unwrap().to_str().unwrap().starts_with(&format!("{run}-"))
    };
    files.find(is_of_run).unwrap()
}

fn flip(path: &Path) {
    let mode = fs::metadata(path).unwrap().permissions();
    let mut bytes = fs::read(path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::set_permissions(path, Permissions::from_mode(0o600)).unwrap();
    fs::write(path, bytes).unwrap();
    fs::set_permissions(path, mode).unwrap();
}

#[test]
fn a_check_of_a_whole_lake_ends_well_at_every_depth() {
    let sandbox = workspace();
    for depth in [&[][..], &["--read-data"], &["--read-data=2/3"], &["--deep"]] {
        let args = [&["lake", "check"], depth].concat();
        let outcome = sandbox.run(&args);
        assert_eq!((outcome.code, &*outcome.stdout), (0, ""), "{}", outcome.stderr);
        assert!(outcome.stderr.contains("the lake is whole"), "{}", outcome.stderr);
    }
    let said = sandbox.run(&["lake", "check", "--read-data=3/2"]).fails(2);
    assert!(said.contains("N/T"), "{said}");
    let json = sandbox.run(&["lake", "check", "--format", "json", "--quiet"]);
    let rows = json.stdout.replace(char::is_whitespace, "");
    assert_eq!((json.code, &*rows), (0, "[]"), "{}", json.stderr);
}

#[test]
fn damage_is_told_by_file_and_batch_and_repaired_from_the_source() {
    let sandbox = workspace();
    let path = data_file(&sandbox, "observations", 2);
    flip(&path);
    sandbox.run(&["lake", "check"]).ok();
    let outcome = sandbox.run(&["lake", "check", "--read-data", "--format", "csv"]);
    assert_eq!(outcome.code, 3, "{}", outcome.stderr);
    let batch = &batches(&sandbox)[1];
    let name = format!("data/observations/{}", path.file_name().unwrap().to_str().unwrap());
    let lines: Vec<&str> = outcome.stdout.lines().collect();
    assert_eq!(lines.len(), 2, "{}", outcome.stdout);
    assert!(lines[1].starts_with(&format!("error,data_file,{name},{batch},")), "{}", lines[1]);
    assert!(lines[1].contains(&format!("tongban reread {batch}")), "{}", lines[1]);
    assert!(outcome.stderr.contains("the lake is damaged: errors 1"), "{}", outcome.stderr);

    let before = sandbox.lake_files();
    let dry = sandbox.run(&["lake", "repair", "--format", "csv"]);
    assert_eq!(dry.code, 0, "{}", dry.stderr);
    assert!(dry.stderr.contains("nothing was changed"), "{}", dry.stderr);
    assert!(dry.stdout.contains("set_aside") && dry.stdout.contains("reread"), "{}", dry.stdout);
    assert_eq!(sandbox.lake_files(), before);
    sandbox.run(&["lake", "repair", "--apply"]).ok();
    let outcome = sandbox.run(&["lake", "check", "--deep", "--format", "csv"]);
    assert_eq!((outcome.code, outcome.stdout.lines().count()), (3, 2), "{}", outcome.stdout);
    assert!(outcome.stdout.contains("warning,data_file"), "{}", outcome.stdout);
    assert_eq!(sandbox.sql("SELECT count(*) AS n FROM observations"), "n\n344\n");
    assert_eq!(fs::read_dir(sandbox.path().join("lake/lost+found")).unwrap().count(), 1);
    // What is left is of the snapshot before, which can be given up.
    sandbox.run(&["lake", "gc", "--keep-from", "3", "--i-know"]).ok();
    sandbox.run(&["lake", "check", "--deep"]).ok();
}

#[test]
fn a_file_comes_back_from_a_copy_of_the_workspace_and_from_no_other_folder() {
    let sandbox = workspace();
    let copy = Sandbox::empty();
    let status = std::process::Command::new("cp")
        .args(["-a", "."])
        .arg(copy.path().join("copy"))
        .current_dir(sandbox.path())
        .status()
        .unwrap();
    assert!(status.success());
    let path = data_file(&sandbox, "observations", 2);
    fs::remove_file(&path).unwrap();
    let other = Sandbox::new();
    other.write("other.txt", other_notice(200));
    other.run(&["ingest", "other.txt"]).ok();
    let lake = sandbox.path().join("lake");
    let refused = [
        (copy.path().join("nosuch"), "there is no folder"),
        (copy.path().to_owned(), "no catalog of a lake"),
        (other.path().to_owned(), "another lake"),
        (lake, "to be repaired"),
    ];
    for (folder, reason) in refused {
        let from = folder.to_str().unwrap();
        for mode in [&[][..], &["--apply", "--accept-loss", "--reason", "disk"]] {
            let args = [&["lake", "repair", "--from", from], mode].concat();
            let said = sandbox.run(&args).fails(1);
            assert!(said.contains(reason), "{said}");
        }
    }
    let from = copy.path().join("copy");
    let args = ["lake", "repair", "--apply", "--accept-loss", "--reason", "disk"];
    let rest = ["--format", "csv", "--from", from.to_str().unwrap()];
    let outcome = sandbox.run(&[&args[..], &rest].concat()).ok();
    assert!(outcome.contains("put_back") && !outcome.contains("loss"), "{outcome}");
    sandbox.run(&["lake", "check", "--deep"]).ok();
}

#[test]
fn a_changed_source_is_left_for_the_user_and_mended_by_the_same_file() {
    let sandbox = workspace();
    let source = fs::read_dir(sandbox.path().join("lake/source")).unwrap().next().unwrap().unwrap();
    flip(&source.path());
    let dry = sandbox.run(&["lake", "repair"]);
    assert!(dry.stderr.contains("steps that were not done: 1"), "{}", dry.stderr);
    assert!(dry.stderr.contains("left for you: 1"), "{}", dry.stderr);
    for name in ["notice.txt", "other.txt"] {
        sandbox.run(&["ingest", name]).ok();
    }
    sandbox.run(&["lake", "check", "--read-data"]).ok();
    flip(&source.path());
    let outcome = sandbox.run(&["lake", "repair", "--apply"]);
    assert_eq!(outcome.code, 3, "{}", outcome.stderr);
    assert!(outcome.stderr.contains("steps done: 1"), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("left for you: 1"), "{}", outcome.stderr);
    assert!(!source.path().exists());
    // Where nothing but that is left, no number says that something could be done.
    for (args, code) in [(&["lake", "repair"][..], 0), (&["lake", "repair", "--apply"], 3)] {
        let outcome = sandbox.run(args);
        assert_eq!(outcome.code, code, "{}", outcome.stderr);
        let said = "there is no step that this command could do, nothing was changed";
        assert!(outcome.stderr.contains(said), "{}", outcome.stderr);
        assert!(outcome.stderr.contains("left for you: 1"), "{}", outcome.stderr);
        assert!(!outcome.stderr.contains("steps done"), "{}", outcome.stderr);
    }
}

#[test]
fn advice_that_several_rows_share_stands_below_the_table_once() {
    let sandbox = workspace();
    for name in ["1.json", "2.json"] {
        fs::remove_file(sandbox.path().join("lake/manifests").join(name)).unwrap();
    }
    fs::remove_file(data_file(&sandbox, "observations", 2)).unwrap();
    let advice = "see with `tongban lake repair` what can be done";
    let shown = sandbox.run(&["lake", "check"]).stdout;
    assert!(shown.contains(&format!("\nhint: manifest: {advice}\n")), "{shown}");
    assert!(shown.contains("\nhint: data_file: have its batch written anew"), "{shown}");
    assert_eq!(shown.matches("hint: ").count(), 2, "{shown}");
    let csv = sandbox.run(&["lake", "check", "--format", "csv"]).stdout;
    assert_eq!(csv.matches(advice).count(), 2, "{csv}");
    assert!(csv.starts_with("severity,problem,path,batch,message,advice\n"), "{csv}");
    fs::remove_dir_all(sandbox.path().join("lake/source")).unwrap();
    fs::create_dir(sandbox.path().join("lake/source")).unwrap();
    let steps = sandbox.run(&["lake", "repair", "--lang", "zh"]).stdout;
    assert_eq!(steps.matches("建议：ingest：").count(), 2, "{steps}");
    assert!(steps.contains("在 lake/source/ 中的原件也已丢失"), "{steps}");
}

#[test]
fn the_log_marks_snapshots_that_were_given_up_and_names_who_did_what() {
    let sandbox = workspace();
    let log = || {
        let csv = sandbox.run(&["lake", "log", "--format", "csv"]).ok();
        let first = |line: &str| line.split(',').take(2).collect::<Vec<_>>().join(",");
        csv.lines().skip(1).map(first).collect::<Vec<_>>()
    };
    assert_eq!(log(), ["2,true", "1,true"]);
    sandbox.run(&["lake", "gc", "--keep-from", "2", "--i-know"]).ok();
    assert_eq!(log(), ["3,true", "2,true", "1,false"]);
    for args in [&["lake", "restore", "1"][..], &["sql", "--snapshot", "1", "SELECT 1 AS n"]] {
        let said = sandbox.run(args).fails(1);
        assert!(said.contains("snapshot 1 was given up"), "{said}");
        assert!(said.contains("can be read and restored are 2 to 3"), "{said}");
    }
    // As a service runs it.
    let batch = batches(&sandbox)[0].clone();
    let mut command = sandbox.command(&["lake", "retract", &batch, "--reason", "x"]);
    let output = command.env_remove("USER").output().unwrap();
    crate::support::Outcome::from(output).ok();
    let nobody = "SELECT count(*) AS n FROM snapshots WHERE author = ''";
    assert_eq!(sandbox.sql(nobody), "n\n0\n");
}

#[test]
fn an_older_copy_of_the_catalog_warns_and_nothing_is_built_on_it() {
    let sandbox = workspace();
    let asked = ["query", "quality/totals", "--format", "csv"];
    let before = sandbox.run(&asked).ok();
    let lake = sandbox.path().join("lake");
    fs::copy(lake.join("backup/catalog-000000000001.db"), lake.join("catalog.db")).unwrap();
    let told = "the catalog is an older copy";
    for args in [&asked[..], &["lake", "log"], &["sql", "SELECT 1 AS n"]] {
        let outcome = sandbox.run(args);
        assert_eq!(outcome.code, 0, "{}", outcome.stderr);
        assert!(outcome.stderr.contains(told), "{args:?}: {}", outcome.stderr);
    }
    let doctor = sandbox.run(&["doctor", "--format", "csv"]);
    assert!(doctor.stdout.contains(told), "{}", doctor.stdout);
    sandbox.write("third.txt", other_notice(187));
    let changes =
        [&["ingest", "third.txt"][..], &["lake", "gc"], &["lake", "gc", "--keep-from", "1"]];
    for args in changes.into_iter().chain([&["lake", "compact"][..], &["lake", "restore", "1"]]) {
        let outcome = sandbox.run(args);
        assert_eq!(outcome.code, 1, "{args:?}: {}", outcome.stderr);
        assert!(outcome.stderr.contains("tongban lake repair"), "{args:?}: {}", outcome.stderr);
    }
    sandbox.run(&["lake", "repair", "--apply"]).ok();
    let outcome = sandbox.run(&asked);
    assert!(!outcome.stderr.contains(told), "{}", outcome.stderr);
    assert_eq!(outcome.ok(), before);
    sandbox.run(&["ingest", "third.txt"]).ok();
    sandbox.run(&["lake", "check", "--deep"]).ok();
}

#[test]
fn a_loss_is_accepted_for_a_reason_and_told_with_every_answer() {
    let sandbox = workspace();
    let whole = sandbox.run(&["query", "quality/totals"]);
    assert!(!whole.stderr.contains("lost"), "{}", whole.stderr);
    fs::remove_file(data_file(&sandbox, "observations", 2)).unwrap();
    for entry in fs::read_dir(sandbox.path().join("lake/source")).unwrap() {
        fs::remove_file(entry.unwrap().path()).unwrap();
    }
    let accept = ["lake", "repair", "--apply", "--accept-loss"];
    let said = sandbox.run(&accept).fails(2);
    assert!(said.contains("--reason"), "{said}");
    // The sources are still to be given again.
    let done = sandbox.run(&[&accept[..], &["--reason", "the disk failed"]].concat());
    assert_eq!(done.code, 3, "{}", done.stderr);
    for asked in
        [&["query", "quality/totals"][..], &["sql", "SELECT count(*) AS n FROM observations"]]
    {
        let told = sandbox.run(asked);
        assert_eq!(
            told.stderr.matches("batches of which rows are lost: 1").count(),
            1,
            "{}",
            told.stderr
        );
    }
    let told = sandbox.run(&["doctor", "--format", "csv"]).stdout;
    assert!(told.contains("batches of which rows are lost: 1"), "{told}");
    let told = sandbox.run(&["lake", "check", "--format", "csv"]).stdout;
    assert!(told.contains("info,rows,"), "{told}");
}

#[test]
fn records_under_another_key_are_refused_until_one_is_made_for_them() {
    let sandbox = Sandbox::new();
    let take = |name: &str, id: &str| {
        sandbox.write(name, file(&[record(&[("row_guid", id), ("project_no", id)])]));
        sandbox.run(&["ingest", name])
    };
    take("first.csv", "r-1").ok();
    let key = sandbox.path().join("keys/pseudonym-key");
    let ours = fs::read_to_string(&key).unwrap();
    fs::copy(Sandbox::new().path().join("keys/pseudonym-key"), &key).unwrap();
    let said = take("second.csv", "r-2").fails(1);
    assert!(said.contains("is not the one under which batch"), "{said}");
    fs::remove_file(&key).unwrap();
    let said = take("second.csv", "r-2").fails(1);
    assert!(said.contains("there is no key"), "{said}");
    assert_eq!(sandbox.sql("SELECT count(*) AS n FROM cases"), "n\n1\n");
    // It is lost for good.
    sandbox.run(&["init", "--key", "."]).ok();
    take("second.csv", "r-2").ok();
    assert_eq!(sandbox.sql("SELECT count(*) AS n FROM cases"), "n\n2\n");
    fs::write(&key, ours).unwrap();
    take("third.csv", "r-3").fails(1);
}

#[test]
fn a_lost_catalog_comes_back_and_every_answer_with_it() {
    let sandbox = workspace();
    let asked = ["query", "quality/totals", "--format", "csv"];
    let before = sandbox.run(&asked).ok();
    let log = sandbox.run(&["lake", "log", "--format", "csv"]).ok();
    for end in ["", "-wal", "-shm"] {
        fs::remove_file(sandbox.path().join(format!("lake/catalog.db{end}"))).ok();
    }
    let said = sandbox.run(&asked).fails(1);
    assert!(said.contains("catalog"), "{said}");
    let outcome = sandbox.run(&["lake", "check"]);
    assert_eq!(outcome.code, 3, "{}", outcome.stderr);
    sandbox.run(&["lake", "repair", "--apply"]).ok();
    sandbox.run(&["lake", "check", "--deep"]).ok();
    assert_eq!(sandbox.run(&asked).ok(), before);
    assert_eq!(sandbox.run(&["lake", "log", "--format", "csv"]).ok(), log);
}

#[test]
fn a_batch_is_taken_back_with_a_reason_and_a_snapshot_brings_it_again() {
    let sandbox = workspace();
    let batch = batches(&sandbox)[1].clone();
    let said = sandbox.run(&["lake", "retract", &batch]).fails(2);
    assert!(said.contains("--reason"), "{said}");
    sandbox.run(&["lake", "retract", &batch, "--reason", " "]).fails(2);
    let said = sandbox.run(&["lake", "retract", "zz", "--reason", "x"]).fails(1);
    assert!(said.contains("zz"), "{said}");
    sandbox.run(&["lake", "retract", &batch[..8], "--reason", "sent by mistake"]).ok();
    assert_eq!(sandbox.sql("SELECT count(*) AS n FROM batches"), "n\n1\n");
    let log = sandbox.run(&["lake", "log", "--format", "csv"]).ok();
    assert!(log.contains("tester") && log.contains("sent by mistake"), "{log}");
    let said = sandbox.run(&["reread", &batch, "--reason", "x"]).fails(1);
    assert!(said.contains("was taken back by tester"), "{said}");
    sandbox.run(&["lake", "restore", "2"]).ok();
    assert_eq!(sandbox.sql("SELECT count(*) AS n FROM batches"), "n\n2\n");
    let outcome = sandbox.run(&["lake", "restore", "2"]);
    assert!(outcome.stderr.contains("nothing was changed"), "{}", outcome.stderr);
    sandbox.run(&["lake", "restore", "77"]).fails(1);
    sandbox.run(&["lake", "check", "--deep"]).ok();
}

#[test]
fn what_nothing_names_is_marked_and_removed_later() {
    let sandbox = workspace();
    let stray = sandbox.path().join("lake/data/totals/99-1.parquet");
    fs::write(&stray, b"1").unwrap();
    let outcome = sandbox.run(&["lake", "check", "--format", "csv"]);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    assert!(outcome.stdout.contains("info,orphan,data/totals/99-1.parquet"), "{}", outcome.stdout);
    let gc = |time: &str, args: &[&str]| {
        let args = [&["lake", "gc", "--format", "csv"], args].concat();
        let output = sandbox.command(&args).env("SOURCE_DATE_EPOCH", time).output().unwrap();
        crate::support::Outcome::from(output)
    };
    let now = |args: &[&str]| {
        let args = [&["lake", "gc"], args].concat();
        let output = sandbox.command(&args).env_remove("SOURCE_DATE_EPOCH").output().unwrap();
        crate::support::Outcome::from(output)
    };
    // Long after whatever the clock of the disk says: in 2100.
    let said = gc("4102444800", &[]).fails(1);
    assert!(said.contains("disk"), "{said}");
    let know = &["--i-know"];
    assert!(gc("4102444800", know).ok().contains("marked"));
    assert!(gc("4102444800", know).ok().contains("waiting"));
    assert!(stray.exists());
    gc("4103136000", &["--keep-days", "30"]).fails(1);
    assert!(gc("4103136000", &["--dry-run", "--i-know"]).ok().contains("removed"));
    assert!(stray.exists());
    let done = gc("4103136000", know);
    assert!(
        done.stderr.contains("removed so far: files 1, bytes 1, the last at"),
        "{}",
        done.stderr
    );
    assert!(done.ok().contains("removed"));
    assert!(!stray.exists());
    // What went can be told later.
    let later = gc("1640995200", know);
    assert!(later.stderr.contains("removed so far: files 1"), "{}", later.stderr);
    later.ok();
    // The commits are of 2022.
    let said = now(&[]).fails(1);
    assert!(said.contains("latest snapshot"), "{said}");
    let said = gc("4103136000", &["--min-age-days", "0"]).fails(2);
    assert!(said.contains("--i-know"), "{said}");
    gc("4103136000", &["--min-age-days", "0", "--i-know"]).ok();
    gc("4103136000", &["--keep-days", "30", "--i-know"]).ok();
    // The snapshot that says so is of a day to come: now the clock is behind the lake.
    let said = now(&[]).fails(1);
    assert!(said.contains("latest snapshot"), "{said}");
    let said = sandbox.run(&["sql", "--snapshot", "1", "SELECT 1 AS n"]).fails(1);
    assert!(said.contains("given up"), "{said}");
    sandbox.run(&["lake", "check"]).ok();
}

#[test]
fn a_group_may_read_a_workspace_where_the_settings_say_so() {
    let sandbox = workspace();
    let settings = sandbox.path().join("tongban.toml");
    let mode =
        |name: &str| fs::metadata(sandbox.path().join(name)).unwrap().permissions().mode() & 0o777;
    let text = fs::read_to_string(&settings).unwrap();
    fs::write(&settings, format!("{text}\ngroup_readable = true\n")).unwrap();
    sandbox.run(&["lake", "log"]).ok();
    let shared = [("lake", 0o750), ("lake/catalog.db", 0o640), ("lake/data/findings", 0o750)];
    let kept = [("keys", 0o700), ("lake/data/cases__pii", 0o700), ("lake/tmp", 0o700)];
    for (name, bits) in shared.into_iter().chain(kept).chain([("lake/audit-head", 0o640)]) {
        assert_eq!(mode(name), bits, "{name}");
    }
    sandbox.write("third.txt", other_notice(187));
    sandbox.run(&["ingest", "third.txt"]).ok();
    assert_eq!((mode("lake/audit-head"), mode("lake/catalog.db")), (0o640, 0o640));
    sandbox.run(&["lake", "check", "--deep"]).ok();
    fs::write(&settings, format!("{text}\ngroup_readable = false\n")).unwrap();
    sandbox.run(&["lake", "log"]).ok();
    assert_eq!((mode("lake"), mode("lake/catalog.db")), (0o700, 0o600));
    assert_eq!((mode("lake/data/findings"), mode("lake/audit-head")), (0o700, 0o600));
}

#[test]
fn the_doctor_tells_what_it_saw() {
    let sandbox = workspace();
    let outcome = sandbox.run(&["doctor", "--format", "csv"]);
    assert_eq!(outcome.code, 0, "{}{}", outcome.stdout, outcome.stderr);
    let subjects = [
        "program",
        "catalog",
        "engine",
        "kernel",
        "sandbox",
        "terminal",
        "encodings",
        "fonts",
        "clock",
        "workspace",
        "disk",
        "lake",
    ];
    for subject in subjects {
        let told = outcome.stdout.lines().any(|line| line.starts_with(&format!("{subject},")));
        assert!(told, "{subject}: {}", outcome.stdout);
    }
    assert!(outcome.stdout.contains("DuckDB v1.5"), "{}", outcome.stdout);
    // Without a workspace it tells of the machine.
    let outside = Sandbox::empty().run(&["doctor", "--lang", "zh"]);
    assert_eq!(outside.code, 0, "{}", outside.stderr);
    fs::remove_file(sandbox.path().join("lake/catalog.db")).unwrap();
    assert_eq!(sandbox.run(&["doctor"]).code, 3);
}

#[test]
fn completions_and_manual_name_every_command() {
    let sandbox = Sandbox::empty();
    for shell in ["bash", "zsh", "fish"] {
        let script = sandbox.run(&["completions", shell]).ok();
        for word in ["ingest", "retract", "repair", "keep-days"] {
            assert!(script.contains(word), "{shell}: {word}");
        }
    }
    sandbox.run(&["completions", "cmd"]).fails(2);
    let page = sandbox.run(&["man"]).ok();
    assert!(page.contains(".TH") && page.contains("tongban"), "{page}");
    sandbox.run(&["man", "pages"]).ok();
    let pages = sandbox.path().join("pages");
    for name in ["tongban", "tongban-lake", "tongban-lake-check", "tongban-schedule-run-due"] {
        assert!(pages.join(format!("{name}.1")).exists(), "{name}");
    }
    let hidden = pages.join("tongban-read-document.1");
    assert!(!hidden.exists());
}
