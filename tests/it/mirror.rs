//! The Delta mirror: what other readers find in every version, what may leave, and what is refused.
#![expect(clippy::disallowed_methods, reason = "tests look at files that commands wrote")]

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use arrow::array::RecordBatch;
use serde_json::Value;
use tongban::table::read_parquet;

use crate::support::{NOTICE, Outcome, Sandbox, must_have_all, python, read, root};

/// Tables that every mirror has.
const DOCUMENTS: [&str; 3] = ["findings", "observations", "totals"];
/// More versions than any table of a test has.
const MAX_VERSIONS: usize = 1000;

/// Ingests the notice under another number.
fn ingest(sandbox: &Sandbox, number: u32) {
    let name = format!("{number}.txt");
    sandbox.write(&name, NOTICE.replace("185号", &format!("{number}号")));
    sandbox.run(&["ingest", "--quiet", &name]).ok();
}

fn publish(sandbox: &Sandbox) -> String {
    publish_with(sandbox, &[])
}

/// Publishes to the folder `mirror`; returns what is said.
fn publish_with(sandbox: &Sandbox, options: &[&str]) -> String {
    let outcome = sandbox.run(&[&["publish", "mirror"], options].concat());
    assert_eq!((outcome.code, outcome.stdout.as_str()), (0, ""), "{}", outcome.stderr);
    outcome.stderr
}

fn mirror(sandbox: &Sandbox) -> PathBuf {
    sandbox.path().join("mirror")
}

/// Every file of a folder with its bytes; what is locked, where somebody notes who locked it, is left out.
fn contents(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(contents(&path));
        } else if path.extension().is_none_or(|end| end != "lock") {
            found.insert(path.clone(), fs::read(&path).unwrap());
        }
    }
    found
}

/// The versions of a table, each as the actions in it.
fn versions(mirror: &Path, table: &str) -> Vec<Vec<Value>> {
    let log = mirror.join(table).join("_delta_log");
    let path = |number: usize| log.join(format!("{number:020}.json"));
    (0..MAX_VERSIONS)
        .map(path)
        .take_while(|path| path.exists())
        .map(|path| read(&path).lines().map(|line| serde_json::from_str(line).unwrap()).collect())
        .collect()
}

/// The data files that a table has after its latest version, each with its rows.
fn live(mirror: &Path, table: &str) -> BTreeMap<String, u64> {
    let mut files = BTreeMap::new();
    for action in versions(mirror, table).into_iter().flatten() {
        if let Some(add) = action.get("add") {
            let stats: Value = serde_json::from_str(add["stats"].as_str().unwrap()).unwrap();
            let path = add["path"].as_str().unwrap().to_owned();
            files.insert(path, stats["numRecords"].as_u64().unwrap());
        } else if let Some(remove) = action.get("remove") {
            files.remove(remove["path"].as_str().unwrap());
        }
    }
    files
}

fn n_rows(mirror: &Path, table: &str) -> u64 {
    live(mirror, table).values().sum()
}

/// Whether all data files of the latest versions are there, and decode to the rows that the log states.
#[track_caller]
fn assert_readable(mirror: &Path) {
    for table in DOCUMENTS {
        for (file, n_rows) in live(mirror, table) {
            let bytes = fs::read(mirror.join(table).join(&file)).unwrap();
            let found: usize =
                read_parquet(bytes.into()).unwrap().iter().map(RecordBatch::num_rows).sum();
            assert_eq!(found as u64, n_rows, "{file}");
        }
    }
}

/// Has other readers compare every version with the lake.
fn read_by_others(python: &Path, sandbox: &Sandbox, options: &[&str]) -> Outcome {
    let mut command = Command::new(python);
    command
        .arg(root().join("tests/python/read_delta.py"))
        .arg(mirror(sandbox))
        .arg(sandbox.path().join("lake"))
        .args(options)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("PYTHONIOENCODING", "utf-8");
    command.output().unwrap().into()
}

#[test]
fn every_version_is_what_the_lake_was_for_other_readers() {
    let Some(python) = python("the Delta mirror") else { return };
    let sandbox = Sandbox::with_notice();
    publish(&sandbox);
    // More than ten versions, so that there is a checkpoint and versions behind it.
    for number in 200..211 {
        ingest(&sandbox, number);
        publish(&sandbox);
    }
    let reread = |release: &str| {
        let args = ["reread", "--quiet", "--all", "--reason", "test", "--release", release];
        sandbox.run(&args).ok();
        publish(&sandbox)
    };
    let said = reread("draft");
    assert!(said.contains("files added 0, removed 36"), "{said}");
    let said = reread("published");
    assert!(said.contains("files added 36, removed 0"), "{said}");
    let checkpoint =
        mirror(&sandbox).join("totals/_delta_log/00000000000000000010.checkpoint.parquet");
    assert!(checkpoint.exists());
    let compared = read_by_others(&python, &sandbox, &[]).ok();
    assert!(compared.contains("3 tables, 42 versions"), "{compared}");
    eprintln!("{compared}");
}

#[test]
fn records_and_drafts_are_what_the_lake_has_for_other_readers() {
    let Some(python) = python("the Delta mirror") else { return };
    let sandbox = Sandbox::with_notice();
    sandbox.write("draft.txt", NOTICE.replace("185号", "186号"));
    sandbox.run(&["ingest", "--quiet", "--release", "draft", "draft.txt"]).ok();
    let options = ["--records", "--unpublished"];
    publish_with(&sandbox, &options);
    let other = Sandbox::new();
    for (profile, file) in
        [("up-exchange", "up_pro_accept.csv"), ("evaluation-interface", "hcp_offlinereport.csv")]
    {
        other.run(&["synth", profile, "--profile", profile, "--rows", "300", "--quiet"]).ok();
        let code = other.run(&["ingest", "--quiet", &format!("{profile}/{file}")]).code;
        assert_eq!(code, 3, "{file}");
        publish_with(&other, &options);
    }
    for sandbox in [&sandbox, &other] {
        let compared = read_by_others(&python, sandbox, &options).ok();
        assert!(compared.contains("9 tables"), "{compared}");
    }
    // Pseudonyms are in none of them.
    let names = contents(&mirror(&other));
    assert!(names.keys().all(|path| !path.to_string_lossy().contains("pii")), "{names:?}");
}

#[test]
fn the_same_snapshot_is_published_once() {
    let sandbox = Sandbox::with_notice();
    let said = publish(&sandbox);
    assert!(said.contains("published snapshot 1 to mirror: tables 3, files added 3"), "{said}");
    let before = contents(&mirror(&sandbox));
    let said = publish(&sandbox);
    assert!(said.contains("mirror has snapshot 1 already"), "{said}");
    assert_eq!(contents(&mirror(&sandbox)), before);
    for (path, bytes) in &before {
        let metadata = fs::metadata(path).unwrap();
        assert_eq!(metadata.nlink(), 1, "{}", path.display());
        assert!(bytes.len() as u64 == metadata.len());
    }
    // What a file system shares or copies is that of others to read, and nobody's to write.
    let data = live(&mirror(&sandbox), "totals").into_keys().next().unwrap();
    let mode =
        fs::metadata(mirror(&sandbox).join("totals").join(data)).unwrap().permissions().mode();
    assert_eq!(mode & 0o7022, 0, "{mode:o}");
}

#[test]
fn only_what_was_published_leaves_unless_asked() {
    let sandbox = Sandbox::with_notice();
    sandbox.write("draft.txt", NOTICE.replace("185号", "186号"));
    sandbox.run(&["ingest", "--quiet", "--release", "draft", "draft.txt"]).ok();
    publish(&sandbox);
    let folder = mirror(&sandbox);
    assert_eq!(DOCUMENTS.map(|table| live(&folder, table).len()), [1; 3]);
    assert_eq!(n_rows(&folder, "observations"), 172);
    let found: Vec<PathBuf> = fs::read_dir(&folder).unwrap().map(|it| it.unwrap().path()).collect();
    assert_eq!(found.iter().filter(|path| path.is_dir()).count(), 3, "{found:?}");

    let said = sandbox.run(&["publish", "mirror", "--unpublished"]).fails(1);
    assert!(said.contains("was made without `--unpublished`"), "{said}");
    sandbox.run(&["publish", "all", "--unpublished", "--records"]).ok();
    assert_eq!(n_rows(&sandbox.path().join("all"), "observations"), 2 * 172);
    let said = sandbox.run(&["publish", "all", "--unpublished"]).fails(1);
    assert!(said.contains("was made with `--records`"), "{said}");
}

/// The modes of a folder and of all that stands in it.
fn modes(folder: &Path) -> BTreeMap<PathBuf, u32> {
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let mut found = BTreeMap::from([(folder.to_owned(), mode(folder))]);
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(modes(&path));
        } else {
            found.insert(path.clone(), mode(&path));
        }
    }
    found
}

#[test]
fn a_mirror_with_records_is_for_nobody_else() {
    let sandbox = Sandbox::with_notice();
    // Also where the folder stood there before, for everybody to enter.
    fs::create_dir(mirror(&sandbox)).unwrap();
    fs::set_permissions(mirror(&sandbox), fs::Permissions::from_mode(0o755)).unwrap();
    publish_with(&sandbox, &["--records"]);
    // Up to a checkpoint.
    for number in 200..211 {
        ingest(&sandbox, number);
        publish_with(&sandbox, &["--records"]);
    }
    let found = modes(&mirror(&sandbox));
    assert!(found.keys().any(|path| path.to_string_lossy().contains(".checkpoint.")), "{found:?}");
    for (path, mode) in &found {
        assert_eq!(mode & 0o077, 0, "{}: {mode:o}", path.display());
    }
    let public = sandbox.run(&["publish", "public"]);
    assert_eq!(public.code, 0, "{}", public.stderr);
    assert!(modes(&sandbox.path().join("public")).values().any(|mode| mode & 0o044 == 0o044));
}

#[test]
fn a_file_in_which_only_some_rows_were_published_is_written_anew() {
    let sandbox = Sandbox::with_notice();
    sandbox.write("draft.txt", NOTICE.replace("185号", "186号"));
    sandbox.run(&["ingest", "--quiet", "--release", "draft", "draft.txt"]).ok();
    let merged = sandbox.run(&["lake", "compact"]).ok();
    assert!(merged.contains("observations"), "{merged}");
    publish(&sandbox);
    let folder = mirror(&sandbox);
    assert_readable(&folder);
    assert_eq!(n_rows(&folder, "observations"), 172);
    for table in DOCUMENTS {
        let file = live(&folder, table).into_keys().next().unwrap();
        let rows = read_parquet(fs::read(folder.join(table).join(file)).unwrap().into()).unwrap();
        let batches = rows[0].column_by_name("batch").unwrap();
        let batches = arrow::array::AsArray::as_string::<i32>(batches);
        let first = batches.value(0);
        assert!(batches.iter().all(|batch| batch == Some(first)), "{table}");
    }
    assert!(publish(&sandbox).contains("already"));
    if let Some(python) = python("the Delta mirror") {
        read_by_others(&python, &sandbox, &[]).ok();
    }
}

#[test]
fn what_is_no_mirror_of_this_lake_is_refused_with_a_next_step() {
    let sandbox = Sandbox::new();
    let said = sandbox.run(&["publish", "mirror"]).fails(1);
    assert!(said.contains("the lake is empty") && said.contains("tongban ingest"), "{said}");
    assert!(!mirror(&sandbox).exists());
    ingest(&sandbox, 185);
    sandbox.write("full/a.txt", "mine");
    let said = sandbox.run(&["publish", "full"]).fails(1);
    assert!(said.contains("neither empty nor a mirror"), "{said}");
    assert_eq!(contents(&sandbox.path().join("full")).len(), 1);
    for folder in ["lake/mirror", "lake/data", "keys/mirror"] {
        let said = sandbox.run(&["publish", folder]).fails(1);
        assert!(said.contains("where no mirror can stand"), "{folder}: {said}");
    }
    publish(&sandbox);
    let other = Sandbox::new();
    ingest(&other, 186);
    let target = mirror(&sandbox);
    let said = other.run(&["publish", target.to_str().unwrap()]).fails(1);
    assert!(said.contains("that of another lake"), "{said}");

    let marker = target.join("tongban-mirror.json");
    let whole = read(&marker);
    for (text, expected) in [
        ("{", "cannot be understood"),
        (&whole.replace("\"version\": 1", "\"version\": 2"), "has format version 2"),
    ] {
        fs::write(&marker, text).unwrap();
        let said = sandbox.run(&["publish", "mirror"]).fails(1);
        assert!(said.contains(expected) && said.contains("hint"), "{said}");
    }
}

#[test]
fn a_damaged_mirror_is_refused_and_made_anew() {
    let sandbox = Sandbox::with_notice();
    publish(&sandbox);
    ingest(&sandbox, 186);
    publish(&sandbox);
    let folder = mirror(&sandbox);
    let whole = contents(&folder);
    let log = folder.join("totals/_delta_log");
    let version = |number: u32| log.join(format!("{number:020}.json"));
    let data = folder.join("totals").join(live(&folder, "totals").into_keys().next().unwrap());
    let foreign = "{\"commitInfo\":{\"engineInfo\":\"delta-rs:1.6\"}}\n{\"what\":{}}\n";
    let damages: [(&Path, Option<&str>, &str); 5] = [
        (&version(1), Some(""), "the log of the mirror is not whole"),
        (&version(0), None, "the log of the mirror is not whole"),
        (&version(1), Some(foreign), "another program wrote a version"),
        (&data, None, "is missing or has another size"),
        (&data, Some("PAR1"), "is missing or has another size"),
    ];
    for (path, damage, expected) in damages {
        match damage {
            Some(text) => fs::write(path, text).unwrap(),
            None => fs::remove_file(path).unwrap(),
        }
        let said = sandbox.run(&["publish", "mirror"]).fails(1);
        assert!(said.contains(expected) && said.contains("remove the folder"), "{said}");
        fs::write(path, &whole[path]).unwrap();
    }
    assert!(publish(&sandbox).contains("already"));
    fs::remove_dir_all(folder.join("totals")).unwrap();
    publish(&sandbox);
    assert_readable(&folder);
    assert_eq!(versions(&folder, "totals").len(), 1);
    fs::remove_dir_all(&folder).unwrap();
    publish(&sandbox);
    assert_eq!(n_rows(&folder, "observations"), 2 * 172);
}

#[test]
fn a_damaged_lake_is_not_published() {
    let sandbox = Sandbox::with_notice();
    let data = sandbox.path().join("lake/data/observations");
    let file = fs::read_dir(data).unwrap().next().unwrap().unwrap().path();
    let mut bytes = fs::read(&file).unwrap();
    bytes[500] ^= 1;
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    fs::write(&file, bytes).unwrap();
    for options in [&[][..], &["--unpublished"]] {
        let said = sandbox.run(&[&["publish", "mirror"], options].concat()).fails(1);
        assert!(said.contains("no longer has its bytes"), "{said}");
        assert_eq!(versions(&mirror(&sandbox), "observations").len(), 0);
        fs::remove_dir_all(mirror(&sandbox)).unwrap();
    }
}

#[test]
fn columns_that_come_are_null_before_and_those_that_change_are_put_there_anew() {
    let sandbox = Sandbox::with_notice();
    publish(&sandbox);
    let folder = mirror(&sandbox);
    let first = folder.join("observations/_delta_log/00000000000000000000.json");
    let whole = read(&first);
    // As if an earlier program had not known a column, and the next one had had another type of it.
    let note = r#"\"name\":\"note\",\"type\":\"string\",\"nullable\":true"#;
    let at = whole.find(note).unwrap();
    let (begin, end) = (whole[..at].rfind(",{").unwrap(), at + whole[at..].find("}}").unwrap() + 2);
    let without = format!("{}{}", &whole[..begin], &whole[end..]);
    fs::write(&first, without).unwrap();
    publish(&sandbox);
    let second = versions(&folder, "observations").pop().unwrap();
    let named =
        |actions: &[Value], name: &str| actions.iter().filter(|it| it.get(name).is_some()).count();
    assert_eq!(["metaData", "add", "remove"].map(|name| named(&second, name)), [1, 0, 0]);

    let log = folder.join("observations/_delta_log");
    fs::remove_file(log.join("00000000000000000001.json")).unwrap();
    fs::write(&first, whole.replace(note, &note.replace("string", "integer"))).unwrap();
    publish(&sandbox);
    let second = versions(&folder, "observations").pop().unwrap();
    assert_eq!(["metaData", "add", "remove"].map(|name| named(&second, name)), [1, 1, 1]);
    assert_readable(&folder);
    assert!(live(&folder, "observations").into_keys().all(|name| name.contains("-g1.")));
    ingest(&sandbox, 186);
    publish(&sandbox);
    assert!(live(&folder, "observations").into_keys().all(|name| name.contains("-g1.")));
}

#[test]
fn files_that_no_table_has_stay_for_readers_until_they_are_old() {
    let sandbox = Sandbox::with_notice();
    publish(&sandbox);
    let folder = mirror(&sandbox);
    let file = folder.join("totals").join(live(&folder, "totals").into_keys().next().unwrap());
    let left = [folder.join("totals/.1-9.part"), folder.join("totals/1-9-0.parquet")];
    for path in &left {
        fs::write(path, "left by one that was killed").unwrap();
    }
    sandbox.run(&["reread", "--quiet", "--all", "--reason", "test", "--release", "draft"]).ok();
    publish(&sandbox);
    assert!(file.exists() && left.iter().all(|path| !path.exists()));
    let later = |days: u64| {
        ingest(&sandbox, 200 + u32::try_from(days).unwrap());
        let mut command = sandbox.command(&["publish", "mirror", "--keep-days", "8"]);
        command.env("SOURCE_DATE_EPOCH", (1_640_995_200 + days * 86_400).to_string());
        Outcome::from(command.output().unwrap()).ok();
    };
    later(7);
    assert!(file.exists());
    later(9);
    assert!(!file.exists());
    assert_readable(&folder);
}

#[test]
fn two_at_once_give_one_version() {
    let sandbox = Sandbox::with_notice();
    publish(&sandbox);
    ingest(&sandbox, 186);
    let mut command = sandbox.command(&["publish", "mirror"]);
    command.stdout(Stdio::null()).stderr(Stdio::piped());
    let running: Vec<_> = (0..4).map(|_| command.spawn().unwrap()).collect();
    for process in running {
        let output = process.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    for table in DOCUMENTS {
        assert_eq!(versions(&mirror(&sandbox), table).len(), 2);
    }
    assert_readable(&mirror(&sandbox));
}

/// Calls at which a publishing is killed or fails: those that change what is on the disk.
const CALLS: &str = "write,fsync,renameat2,rename,unlink,mkdir";

/// Publishes under strace.
fn traced(sandbox: &Sandbox, options: &[&str]) -> Outcome {
    let plain = sandbox.command(&[]);
    let mut command = Command::new("strace");
    command.args(["-f", "-qq", "-o", "trace", "-e", &format!("trace={CALLS}")]).args(options);
    command.arg(plain.get_program()).args(["publish", "mirror"]);
    command.current_dir(sandbox.path()).env_clear().envs([
        ("LANG", "C.UTF-8"),
        ("USER", "tester"),
        ("SOURCE_DATE_EPOCH", "1640995200"),
        ("PATH", "/usr/bin:/bin"),
    ]);
    command.stdin(Stdio::null()).output().unwrap().into()
}

/// How often a publishing is killed or fails at each kind of call; `TONGBAN_MIRROR_KILLS` for more.
const KILLS: usize = 3;

fn kills() -> usize {
    std::env::var("TONGBAN_MIRROR_KILLS").map_or(KILLS, |count| count.parse().unwrap())
}

/// Disturbs the publishing of one more document, of which there are `n_documents` then: no version that was there
/// changes, none is half there, and the next publishing brings what is missing and clears up.
fn survives(sandbox: &Sandbox, n_documents: u32, moment: &str, disturb: impl FnOnce()) {
    ingest(sandbox, 300 + n_documents);
    let folder = mirror(sandbox);
    let before = DOCUMENTS.map(|table| versions(&folder, table));
    disturb();
    for (table, before) in DOCUMENTS.iter().zip(&before) {
        let after = versions(&folder, table);
        let is_next = after.len() <= before.len() + 1 && after.starts_with(before);
        assert!(is_next, "{moment}: {table}");
    }
    assert_readable(&folder);
    publish(sandbox);
    assert_readable(&folder);
    assert_eq!(n_rows(&folder, "observations"), u64::from(n_documents) * 172, "{moment}");
    let files = contents(&folder).into_keys();
    let left = files.filter(|path| path.extension().is_some_and(|end| end == "part"));
    assert_eq!(left.count(), 0, "{moment}");
}

#[test]
fn a_publishing_that_is_killed_at_any_time_leaves_what_was_there() {
    let sandbox = Sandbox::with_notice();
    let begun = Instant::now();
    publish(&sandbox);
    let undisturbed = begun.elapsed();
    let n_kills = u32::try_from(2 * kills()).unwrap();
    for number in 0..n_kills {
        let after = undisturbed * (2 * number + 1) / (2 * n_kills);
        survives(&sandbox, number + 2, &format!("killed after {after:?}"), || {
            let mut command = sandbox.command(&["publish", "mirror"]);
            let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
            std::thread::sleep(after);
            child.kill().unwrap();
            child.wait().unwrap();
        });
    }
}

#[test]
fn a_publishing_that_is_killed_or_fails_at_a_call_leaves_what_was_there() {
    let has_strace =
        Command::new("strace").arg("-V").output().is_ok_and(|out| out.status.success());
    assert!(has_strace || !must_have_all(), "the test needs strace");
    if !has_strace {
        return;
    }
    let sandbox = Sandbox::with_notice();
    publish(&sandbox);
    ingest(&sandbox, 302);
    traced(&sandbox, &[]);
    let trace = read(&sandbox.path().join("trace"));
    let mut n_documents = 2;
    for call in CALLS.split(',') {
        let n_calls = trace.lines().filter(|line| line.contains(&format!(" {call}("))).count();
        let faults = ["signal=SIGKILL", "error=ENOSPC"].into_iter().cycle();
        let moments = (1..=n_calls).step_by(n_calls.div_ceil(kills()).max(1)).zip(faults);
        for (when, fault) in moments {
            n_documents += 1;
            let inject = format!("inject={call}:{fault}:when={when}");
            survives(&sandbox, n_documents, &inject, || {
                traced(&sandbox, &["-e", &inject]);
            });
        }
    }
    assert!(n_documents >= 10, "{} faults only", n_documents - 2);
    eprintln!("{} faults", n_documents - 2);
}

#[test]
fn a_full_disk_is_told_and_leaves_what_was_there() {
    let disk = tempfile::tempdir().unwrap();
    let mount = |args: &[&str]| {
        Command::new("mount").args(args).arg(disk.path()).stderr(Stdio::null()).status()
    };
    let is_mounted = mount(&["-t", "tmpfs", "-o", "size=160k", "none"]);
    if !is_mounted.is_ok_and(|status| status.success()) {
        assert!(!must_have_all(), "the test mounts a file system: run it as root");
        eprintln!("skipped: no file system can be mounted here");
        return;
    }
    let sandbox = Sandbox::with_notice();
    let target = disk.path().join("mirror");
    let publish = || sandbox.run(&["publish", target.to_str().unwrap()]);
    let first = publish();
    let mut said = String::new();
    let mut before = contents(&target);
    for number in 400..420 {
        ingest(&sandbox, number);
        let outcome = publish();
        if outcome.code != 0 {
            said = outcome.fails(1);
            break;
        }
        before = contents(&target);
    }
    let after = contents(&target);
    let is_kept = before.iter().all(|(path, bytes)| after.get(path) == Some(bytes));
    assert_readable(&target);
    Command::new("umount").arg(disk.path()).status().unwrap();
    assert_eq!(first.code, 0, "{}", first.stderr);
    assert!(said.contains("no space left on the disk"), "{said}");
    assert!(is_kept, "something that was there is gone or changed");
}

#[test]
fn a_publishing_is_ended_by_a_signal() {
    let sandbox = Sandbox::new();
    for number in 500..530 {
        ingest(&sandbox, number);
    }
    let mut command = sandbox.command(&["publish", "mirror"]);
    let child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let marker = mirror(&sandbox).join("tongban-mirror.json");
    while !marker.exists() {
        std::thread::yield_now();
    }
    rustix::process::kill_process(
        rustix::process::Pid::from_child(&child),
        rustix::process::Signal::INT,
    )
    .unwrap();
    let outcome: Outcome = child.wait_with_output().unwrap().into();
    assert!([0, 130].contains(&outcome.code), "{}", outcome.stderr);
    if outcome.code == 130 {
        assert!(outcome.stderr.contains("publishing was ended"), "{}", outcome.stderr);
    }
    publish(&sandbox);
    assert_eq!(n_rows(&mirror(&sandbox), "observations"), 30 * 172);
    assert_readable(&mirror(&sandbox));
}
