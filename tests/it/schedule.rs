//! Reports that are due: made once, delivered, recorded, proved; and how a machine is told to look for them.
#![expect(clippy::disallowed_methods, reason = "tests read and change what commands wrote")]

use std::fs::{self, File, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use tongban::source::{Block, parse_document};

use crate::support::{Outcome, Sandbox};

const DEFINITION: &str = include_str!("../../data/reports/monthly-trend.toml");

/// 08:00 Beijing time on the day of each, seconds since 1970.
const JANUARY_1: &str = "1640995200";
const APRIL_1: &str = "1648771200";
const MAY_5: &str = "1651708800";

/// A workspace with the notice and a report that is due on the 5th of each month.
fn scheduled(more: &str) -> Sandbox {
    let sandbox = Sandbox::with_notice();
    define(&sandbox, more);
    sandbox
}

fn define(sandbox: &Sandbox, more: &str) {
    let schedule = "\n[schedule]\ncron = \"0 8 5 * *\"\nzone = \"Asia/Shanghai\"\nlang = \"zh\"\n\
                    formats = [\"html\", \"xlsx\"]\n";
    sandbox.write("reports/monthly.toml", format!("{DEFINITION}{schedule}{more}"));
}

fn at(sandbox: &Sandbox, time: &str, args: &[&str]) -> Outcome {
    sandbox.command(args).env("SOURCE_DATE_EPOCH", time).output().unwrap().into()
}

/// Makes what is due and returns what was said about it.
#[track_caller]
fn run_due(sandbox: &Sandbox, time: &str, code: i32) -> String {
    let outcome = at(sandbox, time, &["schedule", "run-due"]);
    assert_eq!((outcome.code, outcome.stdout.as_str()), (code, ""), "{}", outcome.stderr);
    outcome.stderr
}

/// The files of a folder by their names, in order.
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut files: Vec<(String, Vec<u8>)> = entries
        .map(|entry| entry.unwrap())
        .map(|entry| (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap()))
        .collect();
    files.sort();
    files
}

fn names(folder: &Path) -> Vec<String> {
    files(folder).into_iter().map(|(name, _)| name).collect()
}

/// Columns of the log, the newest run first.
fn log(sandbox: &Sandbox, columns: &[&str]) -> Vec<Vec<String>> {
    let csv = sandbox.run(&["schedule", "log", "--format", "csv"]).ok();
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let headers = reader.headers().unwrap().clone();
    let positions: Vec<usize> = columns
        .iter()
        .map(|column| headers.iter().position(|header| header == *column).unwrap())
        .collect();
    let rows = reader.records().map(Result::unwrap);
    rows.map(|row| positions.iter().map(|at| row[*at].to_owned()).collect()).collect()
}

#[test]
fn what_was_missed_is_made_once_and_recorded() {
    let sandbox = scheduled("");
    let said = run_due(&sandbox, JANUARY_1, 0);
    assert!(said.contains("no report is due"), "{said}");
    let said = run_due(&sandbox, APRIL_1, 0);
    assert!(said.contains("monthly (due 2022-03-05 08:00:00): made"), "{said}");
    assert!(said.contains("2 earlier times were missed"), "{said}");
    let folder = sandbox.path().join("out/monthly");
    let made = files(&folder);
    let stem = "monthly_2021-09_2022-03-05";
    let expected = ["evidence.json", "html", "xlsx"].map(|ending| format!("{stem}.{ending}"));
    assert_eq!(names(&folder), expected);
    let rows = log(&sandbox, &["report", "due_at", "n_missed", "report_status", "file_name"]);
    let row = |name: &str| ["monthly", "2022-03-05T08:00:00", "2", "done", name].map(str::to_owned);
    let [html, xlsx] = ["html", "xlsx"].map(|ending| format!("{stem}.{ending}"));
    let evidence = format!("{stem}.evidence.json");
    assert_eq!(rows, [row(&html), row(&xlsx), row(&evidence)]);
    // For people a run is a row.
    let shown = sandbox.run(&["schedule", "log"]).ok();
    assert!(shown.contains("3/3") && shown.ends_with("1 row\n"), "{shown}");
    assert!(shown.lines().all(|line| line.chars().count() < 120), "{shown}");
    let wide = sandbox.run(&["schedule", "log", "--wide"]).ok();
    assert!(wide.contains(&evidence) && wide.ends_with("3 rows\n"), "{wide}");

    let said = run_due(&sandbox, APRIL_1, 0);
    assert!(said.contains("no report is due"), "{said}");
    assert_eq!(log(&sandbox, &["report"]).len(), 3);
    run_due(&sandbox, MAY_5, 0);
    // Where the catalog is lost, what ran is known all the same.
    let before = log(&sandbox, &["report", "due_at", "file_name"]);
    fs::remove_file(sandbox.path().join("lake/catalog.db")).unwrap();
    sandbox.run(&["lake", "repair", "--apply"]).ok();
    assert_eq!(log(&sandbox, &["report", "due_at", "file_name"]), before);
    // The earlier report stays, and the same figures give the same bytes.
    let later = files(&folder);
    assert_eq!(later.len(), 6);
    assert!(made.iter().all(|file| later.contains(file)));
    let page = |day: &str| {
        let name = format!("monthly_2021-09_{day}.html");
        later.iter().find(|(known, _)| *known == name).unwrap().1.clone()
    };
    assert!(page("2022-03-05") == page("2022-05-05"), "the pages differ");
}

#[test]
fn files_that_cannot_be_delivered_are_delivered_later() {
    let share = tempfile::tempdir().unwrap();
    let folder = share.path().join("not there yet");
    let sandbox = scheduled(&format!("folder = \"{}\"\n", folder.display()));
    run_due(&sandbox, JANUARY_1, 0);
    let said = run_due(&sandbox, APRIL_1, 1);
    assert!(said.contains("files could not be delivered"), "{said}");
    assert!(said.contains("no such file or folder"), "{said}");
    assert!(!folder.exists(), "a disk that is not there is not made");
    let states = log(&sandbox, &["report_status", "delivered_at"]);
    assert_eq!(states.len(), 6);
    assert!(states.iter().all(|row| row[0] == "undelivered"));
    assert_eq!(states.iter().filter(|row| row[1].is_empty()).count(), 3);
    run_due(&sandbox, APRIL_1, 1);

    fs::create_dir(&folder).unwrap();
    let said = run_due(&sandbox, APRIL_1, 0);
    assert!(said.contains("delivered now"), "{said}");
    assert_eq!(files(&folder), files(&sandbox.path().join("out/monthly")));
    let states = log(&sandbox, &["report_status", "delivered_at", "reason"]);
    assert!(states.iter().all(|row| row[0] == "done" && !row[1].is_empty() && row[2].is_empty()));
    assert!(run_due(&sandbox, APRIL_1, 0).contains("no report is due"));
}

#[test]
fn a_report_that_fails_is_told_and_leaves_no_file() {
    let sandbox = scheduled("region = \"632500\"\n");
    run_due(&sandbox, JANUARY_1, 0);
    let said = run_due(&sandbox, APRIL_1, 1);
    assert!(said.contains("monthly (due 2022-03-05 08:00:00): could not be made"), "{said}");
    assert!(said.contains("--retry-failed"), "{said}");
    assert!(!sandbox.path().join("out").exists());
    let rows = log(&sandbox, &["report_status", "file_name"]);
    assert_eq!(rows, [["failed".to_owned(), String::new()]]);
    assert!(!log(&sandbox, &["reason"])[0][0].is_empty());
    // It is not tried again before it is due again, unless somebody wants that.
    run_due(&sandbox, APRIL_1, 0);
    let again = at(&sandbox, APRIL_1, &["schedule", "run-due", "--retry-failed"]);
    assert_eq!(again.code, 1, "{}", again.stderr);
    define(&sandbox, "");
    let again = at(&sandbox, APRIL_1, &["schedule", "run-due", "--retry-failed"]);
    assert_eq!(again.code, 0, "{}", again.stderr);
    assert_eq!(log(&sandbox, &["report_status"])[0], ["done"]);
}

#[test]
fn files_that_cannot_be_kept_are_made_again() {
    let sandbox = scheduled("");
    run_due(&sandbox, JANUARY_1, 0);
    let blocked = sandbox.write("out", "a file where a folder belongs");
    let said = run_due(&sandbox, APRIL_1, 1);
    assert!(said.contains("could not be kept") && said.contains("out"), "{said}");
    assert_eq!(log(&sandbox, &["report_status"]), [["undelivered"]]);
    assert!(run_due(&sandbox, APRIL_1, 1).contains("it is tried again next time"));
    fs::remove_file(blocked).unwrap();
    assert!(run_due(&sandbox, APRIL_1, 0).contains("made"));
    // It stays one run.
    let rows = log(&sandbox, &["report_run", "report_status"]);
    assert!(rows.len() == 3 && rows.iter().all(|row| *row == ["1", "done"]), "{rows:?}");
    assert!(run_due(&sandbox, APRIL_1, 0).contains("no report is due"));
}

#[test]
fn a_disk_that_is_full_leaves_the_earlier_files_and_no_half_set() {
    let sandbox = scheduled("");
    for ending in ["xlsx", "html", "evidence.json"] {
        sandbox.write(&format!("out/monthly/monthly_2021-09_2022-03-05.{ending}"), "earlier");
    }
    let folder = sandbox.path().join("out/monthly");
    let before = files(&folder);
    run_due(&sandbox, JANUARY_1, 0);
    // The workbook is within what a file may have, the page is not.
    sandbox.write(
        "reports/monthly.toml",
        fs::read_to_string(sandbox.path().join("reports/monthly.toml"))
            .unwrap()
            .replace("[\"html\", \"xlsx\"]", "[\"xlsx\", \"html\"]"),
    );
    let own = sandbox.command(&["schedule", "run-due"]);
    let mut limited = Command::new("/bin/sh");
    limited
        .args(["-c", "trap '' XFSZ; ulimit -f 1000; exec \"$0\" \"$@\""])
        .arg(own.get_program())
        .args(own.get_args())
        .current_dir(sandbox.path())
        .env_clear();
    limited.envs(own.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let outcome: Outcome = limited.env("SOURCE_DATE_EPOCH", APRIL_1).output().unwrap().into();
    assert_eq!(outcome.code, 1, "{}", outcome.stderr);
    assert!(outcome.stderr.contains("could not be kept"), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("2022-03-05.html"), "{}", outcome.stderr);
    assert!(files(&folder) == before, "the earlier files stay, and nothing beside them");
    run_due(&sandbox, APRIL_1, 0);
    let later = files(&folder);
    assert_eq!(names(&folder), before.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>());
    assert!(later.iter().all(|(_, bytes)| bytes != b"earlier"));
}

#[test]
fn files_come_to_a_folder_all_or_none() {
    let share = tempfile::tempdir().unwrap();
    let sandbox = scheduled(&format!("folder = \"{}\"\n", share.path().display()));
    run_due(&sandbox, JANUARY_1, 0);
    let taken = share.path().join("monthly_2021-09_2022-03-05.xlsx");
    fs::create_dir(&taken).unwrap();
    let said = run_due(&sandbox, APRIL_1, 1);
    assert!(said.contains("files could not be delivered"), "{said}");
    assert_eq!(fs::read_dir(share.path()).unwrap().count(), 1);
    fs::remove_dir(&taken).unwrap();
    run_due(&sandbox, APRIL_1, 0);
    assert_eq!(files(share.path()), files(&sandbox.path().join("out/monthly")));
}

#[test]
fn a_draft_is_made_on_schedule_with_its_number_and_date_open() {
    let sandbox = Sandbox::with_notice();
    let define = |params: &str| {
        let schedule = "\n[schedule]\ncron = \"0 8 5 * *\"\nzone = \"Asia/Shanghai\"\nlang = \"zh\"\n\
                        formats = [\"docx\"]\n";
        let draft = include_str!("../../data/reports/notice-draft.toml");
        sandbox.write("reports/draft.toml", format!("{draft}{schedule}params = {{ {params} }}\n"));
    };
    define("origin = \"published\"");
    run_due(&sandbox, JANUARY_1, 0);
    run_due(&sandbox, APRIL_1, 0);
    let made = files(&sandbox.path().join("out/draft"));
    let stem = "draft_2021-09_2022-03-05";
    assert_eq!(
        made.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(),
        [format!("{stem}.docx"), format!("{stem}.evidence.json"),]
    );
    let document = parse_document(&made[0].1, "draft.docx").unwrap();
    let is_there = |words: &str| {
        document
            .blocks
            .iter()
            .any(|block| matches!(block, Block::Paragraph(paragraph) if paragraph.text == words))
    };
    assert!(is_there("（发文字号待定）") && is_there("（成文日期待定）"));
    sandbox.run(&["verify", &format!("out/draft/{stem}.docx")]).ok();
    let line = include_str!("../../data/reports/notice-draft.toml").lines().count() + 7;
    for (params, reason) in [
        ("origin = \"told\"", "`told` is no value for `origin`"),
        ("dated = \"soon\"", "`soon` is no day for `dated`"),
        ("period = \"2021-09\"", "the report has no `period`; it has `number`"),
    ] {
        define(params);
        // The others are listed all the same.
        let told = sandbox.run(&["schedule"]);
        assert_eq!(told.code, 1, "{}", told.stderr);
        let told = told.stderr;
        assert!(told.contains(&format!("wrong in line {line}")), "{told}");
        assert!(told.contains(reason), "{told}");
    }
}

#[test]
fn a_second_process_leaves_everything_to_the_first() {
    let sandbox = scheduled("");
    run_due(&sandbox, JANUARY_1, 0);
    let lock = File::open(sandbox.path().join("lake/reports.lock")).unwrap();
    lock.lock().unwrap();
    let said = run_due(&sandbox, APRIL_1, 0);
    assert!(said.contains("another process"), "{said}");
    assert!(log(&sandbox, &["report"]).is_empty());
    drop(lock);
    assert!(run_due(&sandbox, APRIL_1, 0).contains("made"));
}

#[test]
fn coming_times_are_listed_with_their_zone() {
    let sandbox = scheduled("");
    let listed = at(&sandbox, JANUARY_1, &["schedule", "--next", "2", "--format", "csv"]).ok();
    assert_eq!(
        listed,
        "next_due,zone,report,cron,deliveries,last_due,report_status\n\
         2022-01-05 08:00 +08:00,Asia/Shanghai,monthly,0 8 5 * *,,,\n\
         2022-02-05 08:00 +08:00,Asia/Shanghai,monthly,0 8 5 * *,,,\n"
    );
    let none = Sandbox::with_notice().run(&["schedule"]);
    assert!(none.code == 0 && none.stderr.contains("no report has a schedule"), "{}", none.stderr);
}

#[test]
fn a_schedule_that_is_none_is_refused_with_its_line() {
    let sandbox = Sandbox::with_notice();
    let line = DEFINITION.lines().count() + 3;
    for (cron, zone, reason) in [
        ("0 8 5 *", "Asia/Shanghai", "no cron expression"),
        ("0 8 30 2 *", "Asia/Shanghai", "never due"),
    ] {
        let schedule = format!(
            "\n[schedule]\ncron = \"{cron}\"\nzone = \"{zone}\"\nlang = \"zh\"\nformats = [\"html\"]\n"
        );
        sandbox.write("reports/monthly.toml", format!("{DEFINITION}{schedule}"));
        let outcome = sandbox.run(&["schedule"]);
        assert_eq!(outcome.code, 1, "{}", outcome.stderr);
        assert!(outcome.stderr.contains(reason), "{}", outcome.stderr);
        assert!(outcome.stderr.contains(&format!("line {line}")), "{}", outcome.stderr);
        assert!(!outcome.stderr.contains("no report has a schedule"), "{}", outcome.stderr);
        run_due(&sandbox, APRIL_1, 1);
    }
    for (key, reason) in [
        ("folder = \"../elsewhere\"", "leads up"),
        ("formats = []", "at least one format"),
        ("formats = [\"pdf\"]", "pdf"),
        ("lang = \"fr\"", "fr"),
        ("zone = \"Asia/Shangai\"", "Asia/Shanghai"),
        ("mail = \"a@b.cn\"", "mail"),
    ] {
        let name = key.split(' ').next().unwrap();
        let keys = [
            "cron = \"0 8 5 * *\"",
            "zone = \"Asia/Shanghai\"",
            "lang = \"zh\"",
            "formats = [\"html\"]",
        ];
        let kept = keys.into_iter().filter(|known| !known.starts_with(&format!("{name} ")));
        let schedule: Vec<&str> = kept.chain([key]).collect();
        let text = format!("{DEFINITION}\n[schedule]\n{}\n", schedule.join("\n"));
        sandbox.write("reports/monthly.toml", text);
        let outcome = sandbox.run(&["schedule"]);
        assert!(outcome.code == 1 && outcome.stderr.contains(reason), "{key}: {}", outcome.stderr);
    }
}

/// A workspace with a report that was made, and its evidence.
fn proved() -> (Sandbox, PathBuf) {
    let sandbox = scheduled("");
    run_due(&sandbox, JANUARY_1, 0);
    run_due(&sandbox, APRIL_1, 0);
    let stem = sandbox.path().join("out/monthly/monthly_2021-09_2022-03-05");
    (sandbox, stem)
}

fn verified(sandbox: &Sandbox, stem: &Path) -> Outcome {
    let evidence = stem.with_extension("evidence.json");
    at(sandbox, MAY_5, &["verify", evidence.to_str().unwrap()])
}

#[test]
fn a_report_is_proved_by_its_evidence() {
    let (sandbox, stem) = proved();
    let said = verified(&sandbox, &stem).ok();
    assert!(said.contains("made again as it was"), "{said}");
    assert!(said.contains("the same byte for byte: 2, "), "{said}");
    assert!(said.contains("files beside the evidence are what they were: 2"), "{said}");
    let page = stem.with_extension("html");
    assert_eq!(at(&sandbox, MAY_5, &["verify", page.to_str().unwrap()]).ok(), said);
    // Another snapshot, another definition and another report change nothing.
    let later = crate::support::NOTICE.replace("青政办函〔2021〕185号", "青政办函〔2022〕1号");
    sandbox.write("later.txt", later);
    sandbox.run(&["ingest", "later.txt"]).ok();
    sandbox.write("reports/monthly.toml", "format = 1\n");
    let said = verified(&sandbox, &stem).ok();
    assert!(said.contains("made again as it was"), "{said}");
}

#[test]
fn a_file_or_a_figure_that_was_changed_is_found() {
    let (sandbox, stem) = proved();
    let page = stem.with_extension("html");
    let whole = fs::read(&page).unwrap();
    fs::write(&page, [&whole[..], b" "].concat()).unwrap();
    let outcome = verified(&sandbox, &stem);
    assert_eq!(outcome.code, 3, "{}{}", outcome.stdout, outcome.stderr);
    assert!(outcome.stdout.contains("is not what it was when it was made"), "{}", outcome.stdout);
    fs::write(&page, whole).unwrap();

    let evidence = stem.with_extension("evidence.json");
    let text = fs::read_to_string(&evidence).unwrap();
    let mut changed: serde_json::Value = serde_json::from_str(&text).unwrap();
    let value = changed["figures"][0]["rows"][0].as_array_mut().unwrap();
    let number = value.iter_mut().find(|value| value.is_number()).unwrap();
    *number = serde_json::json!(1.5);
    changed["outputs"][0]["blake3"] = serde_json::json!("0".repeat(64));
    fs::write(&evidence, changed.to_string()).unwrap();
    let outcome = verified(&sandbox, &stem);
    assert_eq!(outcome.code, 3, "{}{}", outcome.stdout, outcome.stderr);
    assert!(outcome.stdout.contains("it was 1.5 and is"), "{}", outcome.stdout);
    assert!(outcome.stdout.contains("has other bytes"), "{}", outcome.stdout);

    // By another version, the figures decide.
    let mut other: serde_json::Value = serde_json::from_str(&text).unwrap();
    other["tool_version"] = serde_json::json!("0.0.9");
    for output in other["outputs"].as_array_mut().unwrap() {
        output["blake3"] = serde_json::json!("0".repeat(64));
        output["file_name"] = serde_json::json!("gone.html");
    }
    fs::write(&evidence, other.to_string()).unwrap();
    let said = verified(&sandbox, &stem).ok();
    assert!(said.contains("equal figures"), "{said}");
}

#[test]
fn a_retracted_batch_and_another_lake_give_no_proof() {
    let (sandbox, stem) = proved();
    let evidence = stem.with_extension("evidence.json");
    let other = Sandbox::new();
    let outcome = other.run(&["verify", evidence.to_str().unwrap()]);
    let said = outcome.fails(1);
    assert!(said.contains("cannot verify") && said.contains("not in this lake"), "{said}");

    let catalog = rusqlite::Connection::open(sandbox.path().join("lake/catalog.db")).unwrap();
    catalog.execute("UPDATE batches SET retracted_by = 'li'", []).unwrap();
    drop(catalog);
    let said = verified(&sandbox, &stem).fails(1);
    assert!(said.contains("cannot verify") && said.contains("was retracted by li"), "{said}");

    fs::write(&evidence, "<html>").unwrap();
    let said = verified(&sandbox, &stem).fails(1);
    assert!(said.contains("cannot read the evidence"), "{said}");
}

/// Puts a program into a folder that is all of the path of a command.
fn program(folder: &Path, name: &str, script: &str) {
    fs::create_dir_all(folder).unwrap();
    let path = folder.join(name);
    fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(&path, Permissions::from_mode(0o755)).unwrap();
}

fn with_programs(sandbox: &Sandbox, args: &[&str]) -> Outcome {
    let path = sandbox.path();
    sandbox
        .command(args)
        .env("PATH", path.join("bin"))
        .env("HOME", path.join("home"))
        .output()
        .unwrap()
        .into()
}

#[test]
fn units_are_written_enabled_and_removed_and_others_stay() {
    let sandbox = scheduled("");
    let calls = sandbox.path().join("calls");
    program(
        &sandbox.path().join("bin"),
        "systemctl",
        &format!("echo \"$@\" >> '{}'", calls.display()),
    );
    let planned = with_programs(&sandbox, &["schedule", "install", "--print"]).ok();
    assert!(planned.contains("ExecStart=") && planned.contains("OnCalendar=*:0/5"), "{planned}");
    let units = sandbox.path().join("home/.config/systemd/user");
    assert!(!units.exists());

    let outcome = with_programs(&sandbox, &["schedule", "install"]);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    assert!(outcome.stderr.contains("reports with a schedule: 1"), "{}", outcome.stderr);
    let written = files(&units);
    assert_eq!(written.len(), 2);
    let timer = &written[1].0;
    assert!(Path::new(timer).extension().is_some_and(|end| end == "timer"), "{timer}");
    for (_, text) in &written {
        assert!(planned.contains(std::str::from_utf8(text).unwrap()), "{planned}");
    }
    let said = fs::read_to_string(&calls).unwrap();
    assert!(
        said.ends_with(&format!("--user daemon-reload\n--user enable --now {timer}\n")),
        "{said}"
    );

    // What cannot be enabled leaves nothing, and what was there before.
    let fails = "case \"$2\" in daemon-reload) echo 'no bus' >&2; exit 1;; esac";
    program(&sandbox.path().join("broken"), "systemctl", fails);
    let broken = |home: &str| -> Outcome {
        sandbox
            .command(&["schedule", "install", "--with", "systemd"])
            .env("PATH", sandbox.path().join("broken"))
            .env("HOME", sandbox.path().join(home))
            .output()
            .unwrap()
            .into()
    };
    let said = broken("second").fails(1);
    assert!(said.contains("no bus"), "{said}");
    assert!(names(&sandbox.path().join("second/.config/systemd/user")).is_empty());
    broken("home").fails(1);
    assert_eq!(files(&units), written);

    fs::write(units.join("other.timer"), "[Timer]\n").unwrap();
    let outcome = with_programs(&sandbox, &["schedule", "uninstall"]);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    assert_eq!(names(&units), ["other.timer"]);
    let said = fs::read_to_string(&calls).unwrap();
    assert!(said.contains(&format!("--user disable --now {timer}\n")), "{said}");

    // What somebody else wrote under the name stays, and nothing is installed over it.
    fs::write(units.join(timer), "[Timer]\nOnCalendar=daily\n").unwrap();
    let outcome = with_programs(&sandbox, &["schedule", "install"]);
    assert_eq!(names(&units), ["other.timer", timer.as_str()]);
    assert!(
        outcome.code == 1 && outcome.stderr.contains("not written by this program"),
        "{}",
        outcome.stderr
    );
}

#[test]
fn a_crontab_gets_a_line_and_loses_it_again() {
    let sandbox = scheduled("");
    let table = sandbox.path().join("crontab");
    let script = format!(
        "case \"$1\" in\n-l) [ -e '{0}' ] || {{ echo 'no crontab for tester' >&2; exit 1; }}; \
         exec /bin/cat '{0}';;\n-) exec /bin/cat > '{0}';;\nesac",
        table.display()
    );
    program(&sandbox.path().join("bin"), "crontab", &script);
    let outcome = with_programs(&sandbox, &["schedule", "install"]);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    let text = fs::read_to_string(&table).unwrap();
    assert!(text.starts_with("*/5 * * * * '") && text.lines().count() == 1, "{text}");
    // The line does what it says.
    let line = text.strip_prefix("*/5 * * * * ").unwrap().replace("\\%", "%");
    let ran = Command::new("/bin/sh").args(["-c", &line]).env_clear().output().unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));

    let own = "MAILTO=li\n0 1 * * * /bin/true\n";
    fs::write(&table, format!("{own}{text}")).unwrap();
    with_programs(&sandbox, &["schedule", "install"]).ok();
    assert_eq!(fs::read_to_string(&table).unwrap(), format!("{own}{text}"));
    with_programs(&sandbox, &["schedule", "uninstall"]).ok();
    assert_eq!(fs::read_to_string(&table).unwrap(), own);

    fs::remove_file(sandbox.path().join("bin/crontab")).unwrap();
    let outcome = with_programs(&sandbox, &["schedule", "install", "--with", "crontab"]);
    assert!(outcome.stderr.contains("crontab is not installed"), "{}", outcome.stderr);
    // A crontab that cannot be read is not written over.
    program(&sandbox.path().join("bin"), "crontab", "echo 'not allowed' >&2; exit 1");
    let outcome = with_programs(&sandbox, &["schedule", "install"]);
    assert!(outcome.code == 1 && outcome.stderr.contains("not allowed"), "{}", outcome.stderr);
}
