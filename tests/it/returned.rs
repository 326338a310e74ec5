//! Records that went back: counted, and listed for departments. All records are made up.
#![expect(clippy::disallowed_methods, reason = "tests look at files and set their modes")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use calamine::{Data, Range, Reader, Xlsx, open_workbook};

use crate::docs::plain_statements;
use crate::records::{CANARIES, file, record};
use crate::support::{Outcome, Sandbox, read};

/// A record with faults of every kind whose values are personal.
const BAD: [(&str, &str); 4] = [
    ("row_guid", "r-2"),
    ("project_no", "p-2"),
    ("accept_date", "2021-02-30"),
    ("contact_mobile", "199000012345"),
];

/// A workspace with one accepted and two returned records of 省民政厅.
fn with_returns() -> Sandbox {
    let sandbox = Sandbox::new();
    let [name, code, _] = CANARIES;
    let (long_name, long_code) = (name.repeat(30), code.repeat(10));
    let mut bad = BAD.to_vec();
    bad.extend([("applyer_name", &*long_name), ("applyer_page_code", &*long_code)]);
    let blank = [("row_guid", "r-3"), ("project_no", "")];
    sandbox.write("first.csv", file(&[record(&[]), record(&bad), record(&blank)]));
    let told = sandbox.run(&["ingest", "first.csv"]);
    assert_eq!(told.code, 3, "{}", told.stderr);
    sandbox
}

/// Runs a command some days later.
pub(crate) fn later(sandbox: &Sandbox, days: u64, args: &[&str]) -> Outcome {
    let seconds = (1_640_995_200 + days * 86_400).to_string();
    sandbox.command(args).env("SOURCE_DATE_EPOCH", seconds).output().unwrap().into()
}

/// The rows of a CSV text, by the names of its columns.
pub(crate) fn rows(csv: &str) -> Vec<BTreeMap<String, String>> {
    let csv = csv.trim_start_matches('\u{feff}');
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    reader.deserialize().map(Result::unwrap).collect()
}

/// A sheet of a workbook, read by another library than it was written with.
fn sheet(path: &Path, name: &str) -> Range<Data> {
    let mut book: Xlsx<_> = open_workbook(path).unwrap();
    book.worksheet_range(name).unwrap()
}

/// All texts of a sheet, row by row.
fn texts(sheet: &Range<Data>) -> Vec<Vec<String>> {
    sheet.rows().map(|row| row.iter().map(ToString::to_string).collect()).collect()
}

#[test]
fn counts_are_those_of_the_truth() {
    let sandbox = Sandbox::new();
    let made = ["--profile", "up-exchange", "--dataset", "up_pro_accept", "--rows", "3000"];
    sandbox.run(&[&["synth", "made", "--faults", "0.2"][..], &made].concat()).ok();
    let codes = read(&sandbox.path().join("made/refdata/department_codes.csv"));
    sandbox.write("refdata/department_codes.csv", codes);
    assert_eq!(sandbox.run(&["ingest", "made"]).code, 3);
    let truth = rows(&read(&sandbox.path().join("made/truth.csv")));
    let returned: Vec<_> = truth.iter().filter(|row| row["outcome"] == "returned").collect();
    assert!(returned.len() > 100, "{}", returned.len());
    let mut by_rule: BTreeMap<&str, usize> = BTreeMap::new();
    for rule in returned.iter().flat_map(|row| row["rules"].split(';')) {
        *by_rule.entry(rule).or_default() += 1;
    }
    let told = sandbox.run(&["returned", "--by", "reason", "--closed", "--format", "csv"]);
    let n_open = format!("{} records were returned", returned.len());
    assert!(told.stderr.contains(&n_open), "{}", told.stderr);
    let counted = rows(&told.ok());
    let counted: BTreeMap<&str, usize> =
        counted.iter().map(|row| (&*row["rule"], row["rows_returned"].parse().unwrap())).collect();
    assert_eq!(counted, by_rule);
    // The statement of the manual counts the same, also those without a key.
    let plain = rows(&sandbox.sql(&plain_statements()[2]));
    let plain: BTreeMap<&str, usize> =
        plain.iter().map(|row| (&*row["rule"], row["records"].parse().unwrap())).collect();
    assert_eq!(plain, by_rule);
    let keyless = "SELECT count(*) > 0 AS found FROM returned_records WHERE record_key IS NULL";
    assert_eq!(sandbox.sql(keyless), "found\ntrue\n");
    // By department and in all lists together it is the same records.
    let sum = |args: &[&str]| -> usize {
        let rows = rows(&sandbox.run(args).ok());
        rows.iter().map(|row| row["rows_open"].parse::<usize>().unwrap()).sum()
    };
    assert_eq!(sum(&["returned", "--format", "csv"]), returned.len());
    assert_eq!(sum(&["returned", "--by", "department,age", "--format", "csv"]), returned.len());
    sandbox.run(&["returned", "--lists", "lists", "--list-format", "csv"]).ok();
    let mut listed: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for entry in fs::read_dir(sandbox.path().join("lists")).unwrap() {
        for row in rows(&read(&entry.unwrap().path())) {
            assert_eq!(row["数据性质"], "合成数据");
            let rules = listed.entry(row["行号"].clone()).or_default();
            assert!(rules.insert(row["规则"].clone()), "{row:?}");
        }
    }
    let expected: BTreeMap<String, BTreeSet<String>> = returned
        .iter()
        .map(|row| {
            (row["source_row"].clone(), row["rules"].split(';').map(str::to_owned).collect())
        })
        .collect();
    assert_eq!(listed, expected);
}

#[test]
fn a_list_has_every_reason_masked_and_in_chinese() {
    let sandbox = with_returns();
    let told = sandbox.run(&["returned", "--list", "a.csv", "--department", "省民政厅"]);
    assert!(told.stderr.contains("2 records, 4 reasons"), "{}", told.stderr);
    told.ok();
    let csv = read(&sandbox.path().join("a.csv"));
    assert!(csv.starts_with("\u{feff}文件名,行号,记录主键,字段,"), "{csv}");
    assert_eq!(csv.matches("\r\n").count(), 5, "{csv}");
    let listed = rows(&csv);
    let of = |rule: &str| listed.iter().find(|row| row["规则"] == rule).unwrap();
    let row = of("accept_date.type");
    assert_eq!((&*row["文件名"], &*row["行号"], &*row["记录主键"]), ("first.csv", "3", "r-2"));
    assert_eq!((&*row["字段"], &*row["字段名"]), ("受理时间", "accept_date"));
    assert_eq!(row["发现的值（已脱敏）"], "2021-02-30");
    assert!(row["退回原因"].contains("不是规范接受的时间"), "{row:?}");
    assert_eq!((&*row["退回日期"], &*row["退回方"]), ("2022-01-01", "数据接收方"));
    assert_eq!(of("project_no.required")["行号"], "4");
    sandbox.run(&["returned", "--list", "a.xlsx", "--department", "civil_affairs"]).ok();
    let path = sandbox.path().join("a.xlsx");
    let cells = texts(&sheet(&path, "退回清单"));
    let mut reader = csv::ReaderBuilder::new();
    let reader =
        reader.has_headers(false).from_reader(csv.trim_start_matches('\u{feff}').as_bytes());
    let lines: Vec<Vec<String>> = reader
        .into_records()
        .map(|line| line.unwrap().iter().map(str::to_owned).collect())
        .collect();
    assert_eq!(cells.len(), lines.len());
    // The same but for days, which are numbers to the library.
    let without_days = |rows: &[Vec<String>]| -> Vec<Vec<String>> {
        rows.iter().map(|row| [&row[..7], &row[8..]].concat()).collect()
    };
    assert_eq!(without_days(&cells), without_days(&lines));
    let summary = texts(&sheet(&path, "说明")).concat().join("\n");
    for told in ["退回数据清单：省民政厅", "2 条记录，4 条原因", "first.csv", "如何更正"]
    {
        assert!(summary.contains(told), "{told}\n{summary}");
    }
    let said = [csv, cells.concat().join("\n"), summary, with_english(&sandbox)].join("\n");
    assert_eq!(BAD[3].0, "contact_mobile");
    for value in CANARIES.into_iter().chain([BAD[3].1]) {
        assert!(!said.contains(value), "{value}\n{said}");
    }
}

/// The list in English, and what a terminal shows.
fn with_english(sandbox: &Sandbox) -> String {
    let args = ["--lang", "en", "returned", "--list", "en.csv", "--department", "civil_affairs"];
    sandbox.run(&args).ok();
    let csv = read(&sandbox.path().join("en.csv"));
    assert!(csv.starts_with("\u{feff}file,row,record key,"), "{csv}");
    csv + &sandbox.run(&["returned", "--wide", "--by", "reason"]).ok()
}

#[test]
fn what_comes_again_corrected_is_open_no_more() {
    let sandbox = with_returns();
    let args = ["returned", "--by", "batch", "--format", "csv"];
    let open = rows(&sandbox.run(&args).ok());
    let counts = |row: &BTreeMap<String, String>| {
        ["rows_returned", "rows_open", "rows_closed"].map(|column| row[column].clone())
    };
    assert_eq!(open.iter().map(counts).collect::<Vec<_>>(), [["2", "2", "0"]]);
    sandbox.run(&["returned", "--lists", "lists"]).ok();
    sandbox.write("again.csv", file(&[record(&[("row_guid", "r-2"), ("project_no", "p-2")])]));
    later(&sandbox, 3, &["ingest", "again.csv"]).ok();
    let open = rows(&later(&sandbox, 3, &args).ok());
    assert_eq!(open.iter().map(counts).collect::<Vec<_>>(), [["2", "1", "1"]]);
    assert_eq!(open[0]["oldest_open_days"], "3");
    // The list is replaced by one without it.
    sandbox.run(&["returned", "--lists", "lists"]).ok();
    let cells = texts(&sheet(&sandbox.path().join("lists/退回清单-省民政厅.xlsx"), "退回清单"));
    let keys: Vec<&str> = cells.iter().map(|row| row[2].as_str()).collect();
    assert_eq!(keys, ["记录主键", "r-3"]);
    sandbox.write("last.csv", file(&[record(&[("row_guid", "r-3"), ("project_no", "p-3")])]));
    later(&sandbox, 5, &["ingest", "last.csv"]).ok();
    let told = later(&sandbox, 5, &args);
    assert!(told.stderr.contains("all 2 returned records"), "{}", told.stderr);
    assert_eq!(rows(&told.ok()).len(), 0);
    let told = later(&sandbox, 5, &["returned", "--lists", "lists"]).fails(1);
    assert!(told.contains("no list was written") && told.contains("--closed"), "{told}");
    let all = rows(&later(&sandbox, 5, &[&args[..], &["--closed"]].concat()).ok());
    assert_eq!(all.iter().map(counts).collect::<Vec<_>>(), [["2", "0", "2"]]);
    // As it was known before.
    let before = [&args[..], &["--as-of", "2022-01-03"]].concat();
    assert_eq!(rows(&later(&sandbox, 5, &before).ok())[0]["rows_open"], "2");
    let early = later(&sandbox, 5, &["returned", "--as-of", "2021-12-31"]);
    assert!(early.stderr.contains("had been returned by 2021-12-31"), "{}", early.stderr);
    let closed = ["returned", "--list", "all.csv", "--department", "civil_affairs", "--closed"];
    later(&sandbox, 5, &closed).ok();
    let days: BTreeSet<String> = rows(&read(&sandbox.path().join("all.csv")))
        .into_iter()
        .map(|row| row["更正日期"].clone())
        .collect();
    assert_eq!(days.into_iter().collect::<Vec<_>>(), ["2022-01-04", "2022-01-06"]);
}

#[test]
fn open_records_grow_older() {
    let sandbox = with_returns();
    for (days, open_for) in [(7, "days_0_7"), (8, "days_8_30"), (91, "days_over_90")] {
        let told = later(&sandbox, days, &["returned", "--by", "age", "--format", "csv"]);
        let rows = rows(&told.ok());
        assert_eq!((rows.len(), &*rows[0]["open_for"]), (1, open_for), "{days}");
        assert_eq!(rows[0]["oldest_open_days"], days.to_string());
    }
}

#[test]
fn a_batch_that_went_back_as_a_whole_is_counted_by_its_rows() {
    let sandbox = Sandbox::new();
    let profile = sandbox.run(&["refs", "profiles", "up-exchange", "--source"]).ok();
    let strict = profile.replace("\nversion = 1\n", "\nversion = 2\nmax_returned_share = 0.4\n");
    assert_ne!(strict, profile);
    sandbox.write("profiles/up-exchange.toml", strict);
    let good = |key: &'static str| record(&[("row_guid", key), ("project_no", key)]);
    let bad = record(&[("row_guid", "r-9"), ("project_no", ""), ("accept_date", "2021-02-30")]);
    let bad_too = record(&[("row_guid", "r-8"), ("project_no", "")]);
    sandbox.write("whole.csv", file(&[good("g-1"), bad, good("g-2"), bad_too]));
    assert_eq!(sandbox.run(&["ingest", "whole.csv"]).code, 3);
    let batches = rows(&sandbox.run(&["returned", "--by", "batch", "--format", "csv"]).ok());
    assert_eq!((&*batches[0]["rows_returned"], &*batches[0]["returned_share_pct"]), ("4", "100"));
    let reasons = rows(&sandbox.run(&["returned", "--by", "reason", "--format", "csv"]).ok());
    let counts: BTreeMap<&str, &str> =
        reasons.iter().map(|row| (&*row["rule"], &*row["rows_returned"])).collect();
    let expected =
        [("accept_date.type", "1"), ("project_no.required", "2"), ("returned_share", "2")];
    assert_eq!(counts, BTreeMap::from(expected));
    sandbox.run(&["returned", "--list", "a.csv", "--department", "civil_affairs"]).ok();
    let listed = rows(&read(&sandbox.path().join("a.csv")));
    let places: Vec<&str> = listed.iter().map(|row| &*row["行号"]).collect();
    assert_eq!(places, ["2", "3", "3", "4", "5"]);
}

#[test]
fn returns_made_elsewhere_stand_apart_with_who_made_them() {
    let sandbox = with_returns();
    let time = "2021-09-30 08:00:00";
    let text = format!(
        "row_guid,err_type,remark,table_name,table_sql_name,table_row_guid,table_cd_batch,\
         table_cd_source,table_cd_time,table_update_time,cd_time\n\
         g1,格式错误,@不符合标准,办件受理信息,up_pro_accept,r-7,b,163,{time},{time},{time}\n"
    );
    sandbox.write("abnormal.csv", text);
    sandbox.run(&["ingest", "abnormal.csv"]).ok();
    let counted = rows(&sandbox.run(&["returned", "--by", "age", "--format", "csv"]).ok());
    let told: Vec<[&str; 3]> = counted
        .iter()
        .map(|row| ["returned_by", "rows_returned", "oldest_open_days"].map(|name| &*row[name]))
        .collect();
    assert_eq!(told, [["tongban", "2", "0"], ["省共享交换平台", "1", "93"]]);
    let shown = sandbox.run(&["returned"]).ok();
    assert!(shown.contains("returned_by") && shown.contains("省共享交换平台"), "{shown}");
    let told = sandbox.run(&["returned", "--lists", "lists", "--list-format", "csv"]);
    assert!(told.stderr.contains("1 values that a spreadsheet"), "{}", told.stderr);
    let listed = rows(&read(&sandbox.path().join("lists/退回清单-部门未识别.csv")));
    let row = &listed[0];
    assert_eq!((&*row["退回方"], &*row["记录主键"]), ("省共享交换平台", "r-7"));
    assert_eq!((&*row["规则"], &*row["退回原因"]), ("格式错误", "'@不符合标准"));
    sandbox.run(&["returned", "--lists", "lists"]).ok();
    let summary = texts(&sheet(&sandbox.path().join("lists/退回清单-部门未识别.xlsx"), "说明"));
    assert!(summary.concat().join("\n").contains("退回方不是数据接收方"), "{summary:?}");
}

#[test]
fn published_figures_are_told_and_never_added() {
    let sandbox = Sandbox::with_notice();
    let told = sandbox.run(&["returned", "--department", "税务局"]);
    assert!(told.stderr.contains("4500000 (more_than) records of"), "{}", told.stderr);
    assert!(told.stderr.contains("a figure, not records"), "{}", told.stderr);
    assert!(told.stderr.contains("no records were returned"), "{}", told.stderr);
    assert!(told.ok().contains("0 rows"));
    let told = sandbox.run(&["returned", "--department", "civil_affairs"]);
    assert!(!told.stderr.contains("published"), "{}", told.stderr);
}

#[test]
fn what_is_typed_wrong_is_told_with_the_nearest() {
    let sandbox = with_returns();
    let batch = rows(&sandbox.run(&["returned", "--by", "batch", "--format", "csv"]).ok());
    let batch = batch[0]["batch"].clone();
    let first = &batch[..6];
    let by_batch = sandbox.run(&["returned", "--batch", first, "--format", "csv"]).ok();
    assert_eq!(rows(&by_batch).len(), 1);
    let typo = format!("{}x", &batch[..15]);
    for (args, told) in [
        (["--department", "省民政"], "省民政厅"),
        (["--batch", &typo], &batch),
        (["--rule", "project_no.requird"], "project_no.required"),
        (["--profile", "up-exchang"], "up-exchange"),
    ] {
        let failed = sandbox.run(&["returned", args[0], args[1]]).fails(1);
        assert!(failed.contains(told), "{args:?} {failed}");
    }
    let none = sandbox.run(&["returned", "--profile", "evaluation-push"]);
    assert!(none.stderr.contains("no returned records are as was asked for"), "{}", none.stderr);
    assert_eq!(none.code, 0);
    for args in [
        &["--list", "a.xlsx"][..],
        &["--list", "a.txt", "--department", "civil_affairs"],
        &["--list", "a.xlsx", "--department", "civil_affairs", "--by", "batch"],
        &["--lists", "a", "--format", "csv"],
        &["--by", "colour"],
    ] {
        sandbox.run(&[&["returned"], args].concat()).fails(2);
    }
    let empty = Sandbox::new().run(&["returned"]);
    assert!(empty.stderr.contains("read record files with `tongban ingest`"), "{}", empty.stderr);
}

#[test]
fn a_list_replaces_nothing_but_a_list() {
    let sandbox = with_returns();
    let list =
        |path: &str| sandbox.run(&["returned", "--list", path, "--department", "civil_affairs"]);
    for (name, content) in [("own.csv", "文件名,行号\n"), ("own.xlsx", "PK\x03\x04 mine")] {
        sandbox.write(name, content);
        let told = list(name).fails(1);
        assert!(told.contains("is there already"), "{told}");
        assert_eq!(read(&sandbox.path().join(name)), content);
    }
    for name in ["a.csv", "a.xlsx"] {
        list(name).ok();
        let first = fs::read(sandbox.path().join(name)).unwrap();
        list(name).ok();
        assert_eq!(fs::read(sandbox.path().join(name)).unwrap(), first, "{name}");
    }
    for path in ["lake/a.csv", "lake/data/a.xlsx", "queries/../lake/a.csv"] {
        let told = list(path).fails(1);
        assert!(told.contains("it belongs to the settings, the lake"), "{told}");
    }
    let told = sandbox.run(&["returned", "--lists", "lake/lists"]).fails(1);
    assert!(told.contains("it belongs to the settings, the lake"), "{told}");
    assert!(!sandbox.path().join("lake/lists").exists());
    let told = list("none/a.csv").fails(1);
    assert!(told.contains("none/a.csv"), "{told}");
    fs::create_dir(sandbox.path().join("shut")).unwrap();
    fs::set_permissions(sandbox.path().join("shut"), fs::Permissions::from_mode(0o500)).unwrap();
    let told = list("shut/a.xlsx");
    // Root may write everywhere.
    if told.code != 0 {
        assert!(told.fails(1).contains("permission denied"));
    }
    sandbox.write("lists/退回清单-省民政厅.xlsx", "mine");
    sandbox.run(&["returned", "--lists", "lists"]).fails(1);
    assert_eq!(read(&sandbox.path().join("lists/退回清单-省民政厅.xlsx")), "mine");
    let hidden = sandbox.file_names().into_iter().filter(|name| name.starts_with('.'));
    assert_eq!(hidden.collect::<Vec<_>>(), [""; 0]);
}

#[test]
fn an_older_list_of_who_has_nothing_to_correct_is_pointed_out() {
    let sandbox = with_returns();
    sandbox.run(&["returned", "--lists", "lists"]).ok();
    sandbox.write("lists/notes.txt", "mine");
    let path = sandbox.path().join("lists");
    fs::rename(path.join("退回清单-省民政厅.xlsx"), path.join("退回清单-省司法厅.xlsx")).unwrap();
    let told = sandbox.run(&["returned", "--lists", "lists"]);
    assert!(told.stderr.contains("退回清单-省司法厅.xlsx"), "{}", told.stderr);
    assert!(!told.stderr.contains("notes.txt"), "{}", told.stderr);
    told.ok();
}

#[test]
fn a_full_disk_leaves_no_list() {
    let sandbox = with_returns();
    // A limit of the size of files stands in for a full disk.
    let binary = env!("CARGO_BIN_EXE_tongban");
    let script = format!(
        "trap '' XFSZ; ulimit -f 4; '{binary}' returned --list a.xlsx --department civil_affairs"
    );
    let output = std::process::Command::new("sh")
        .args(["-c", &script])
        .current_dir(sandbox.path())
        .env("LANG", "C.UTF-8")
        .env("SOURCE_DATE_EPOCH", "1640995200")
        .output()
        .unwrap();
    let told = Outcome::from(output).fails(1);
    assert!(told.contains("a.xlsx"), "{told}");
    let left: Vec<String> =
        sandbox.file_names().into_iter().filter(|name| name.contains("a.xlsx")).collect();
    assert!(left.is_empty(), "{left:?}");
}

/// How many returned records are open and closed.
pub(crate) fn open_and_closed(sandbox: &Sandbox) -> (usize, usize) {
    let args = ["returned", "--by", "batch", "--closed", "--format", "csv"];
    let batches = rows(&sandbox.run(&args).ok());
    let sum = |column: &str| batches.iter().map(|row| row[column].parse::<usize>().unwrap()).sum();
    (sum("rows_open"), sum("rows_closed"))
}

#[test]
fn a_return_ends_when_the_version_that_the_lake_has_comes_again() {
    let sandbox = Sandbox::new();
    let good = record(&[("row_guid", "r-1")]);
    let bad = record(&[("row_guid", "r-1"), ("task_name", "")]);
    let other = |number: u32| record(&[("row_guid", &format!("x-{number}"))]);
    sandbox.write("1.csv", file(&[good.clone(), other(1)]));
    sandbox.run(&["ingest", "1.csv"]).ok();
    let changed = record(&[("row_guid", "r-1"), ("task_name", "另一事项")]);
    sandbox.write("2.csv", file(&[changed, other(2)]));
    sandbox.run(&["ingest", "2.csv"]).ok();
    sandbox.write("3.csv", file(&[bad, other(3)]));
    assert_eq!(sandbox.run(&["ingest", "3.csv"]).code, 3);
    assert_eq!(open_and_closed(&sandbox), (1, 0));
    // What an earlier version said is no correction.
    sandbox.write("4.csv", file(&[good, other(4)]));
    sandbox.run(&["ingest", "4.csv"]).ok();
    assert_eq!(open_and_closed(&sandbox), (1, 0));
    let changed = record(&[("row_guid", "r-1"), ("task_name", "另一事项")]);
    sandbox.write("5.csv", file(&[changed, other(5)]));
    let told = sandbox.run(&["ingest", "5.csv"]);
    assert!(told.stderr.contains("1 duplicate"), "{}", told.stderr);
    told.ok();
    assert_eq!(open_and_closed(&sandbox), (0, 1));
}

#[test]
fn a_row_corrects_what_stands_before_it_in_its_batch() {
    let good = |key: &str| record(&[("row_guid", key)]);
    let bad = |key: &str| record(&[("row_guid", key), ("task_name", "")]);
    let check = |files: &[&[String]], expected: (usize, usize)| {
        let sandbox = Sandbox::new();
        let mut args = vec!["ingest".to_owned(), "--together".to_owned()];
        for (number, records) in files.iter().enumerate() {
            sandbox.write(&format!("{number}.csv"), file(records));
            args.push(format!("{number}.csv"));
        }
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        assert_eq!(sandbox.run(&args).code, 3);
        assert_eq!(open_and_closed(&sandbox), expected, "{files:?}");
        sandbox
    };
    let sound = || (0..9).map(|number| good(&format!("x-{number}"))).collect::<Vec<_>>();
    let with = |rows: &[String]| [&sound()[..], rows].concat();
    check(&[&with(&[bad("r-1"), good("r-1")])], (0, 1));
    check(&[&with(&[good("r-1"), bad("r-1")])], (1, 0));
    // What went back first was corrected, and what went back last was not.
    check(&[&with(&[bad("r-1"), good("r-1"), bad("r-1")])], (1, 1));
    check(&[&with(&[bad("r-1"), good("r-1"), bad("r-1"), good("r-1")])], (0, 2));
    check(&[&with(&[bad("r-1"), bad("r-1"), good("r-1"), good("r-1")])], (0, 2));
    check(&[&with(&[bad("r-1")]), &with(&[good("r-1")])], (0, 1));
    // The rows of the second file have smaller numbers, and come later all the same.
    check(&[&with(&[bad("r-1")]), &[good("r-1")]], (0, 1));
    let sandbox = check(&[&[good("r-1")], &with(&[bad("r-1")])], (1, 0));
    sandbox.write("last.csv", file(&[good("r-1"), good("y-1")]));
    sandbox.run(&["ingest", "last.csv"]).ok();
    assert_eq!(open_and_closed(&sandbox), (0, 1));
}

#[test]
fn a_reversed_scale_sends_every_row_back_and_is_said_to_be_why() {
    let sandbox = Sandbox::new();
    let made = ["--profile", "evaluation-interface", "--rows", "200", "--format", "jsonl"];
    sandbox.run(&[&["synth", "made", "--trap", "reversed-scale"][..], &made].concat()).ok();
    let codes = read(&sandbox.path().join("made/refdata/department_codes.csv"));
    sandbox.write("refdata/department_codes.csv", codes);
    let told = sandbox.run(&["ingest", "made"]);
    assert_eq!(told.code, 3);
    let whole = "the whole batch was returned. reversed_satisfaction: ";
    assert!(told.stderr.contains(whole), "{}", told.stderr);
    // JSON lines have no head: the first record is row 1.
    let truth = rows(&read(&sandbox.path().join("made/truth.csv")));
    let expected: BTreeMap<u32, BTreeSet<String>> = truth
        .iter()
        .map(|row| {
            assert_eq!(row["outcome"], "returned");
            (
                row["source_row"].parse().unwrap(),
                row["rules"].split(';').map(str::to_owned).collect(),
            )
        })
        .collect();
    assert_eq!(expected.keys().copied().collect::<Vec<_>>(), (1..=200).collect::<Vec<_>>());
    let mut found: BTreeMap<u32, BTreeSet<String>> = BTreeMap::new();
    for row in rows(&sandbox.sql("SELECT source_row, rule FROM returned_records")) {
        let rules = found.entry(row["source_row"].parse().unwrap()).or_default();
        rules.insert(row["rule"].clone());
    }
    assert_eq!(found, expected);
}

#[test]
fn a_row_that_is_too_long_closes_when_it_comes_again() {
    let sandbox = Sandbox::new();
    let bad = record(&[("row_guid", "r-1"), ("data_source", "163,x")]);
    sandbox.write("bad.csv", file(&[bad, record(&[("row_guid", "x-1")])]));
    assert_eq!(sandbox.run(&["ingest", "bad.csv"]).code, 3);
    let returned = "SELECT record_key, department, rule FROM returned_records";
    let listed = sandbox.sql(returned);
    assert!(listed.ends_with("r-1,civil_affairs,record.too_many_fields\n"), "{listed}");
    sandbox.write("good.csv", file(&[record(&[("row_guid", "r-1")])]));
    sandbox.run(&["ingest", "good.csv"]).ok();
    assert_eq!(open_and_closed(&sandbox), (0, 1));
}

#[test]
fn rows_in_quotation_marks_are_pointed_out() {
    let sandbox = Sandbox::new();
    let row = |key: &str| record(&[("row_guid", key)]);
    // A quotation mark before the name of the first item and one behind that of the third.
    let [first, third] = ["r-1", "r-3"].map(row);
    let (first, third) =
        (first.replacen("某事项", "\"某事项", 1), third.replacen("某事项", "某事项\"", 1));
    sandbox.write("a.csv", file(&[row("r-0"), first, row("r-2"), third, row("r-4")]));
    let told = sandbox.run(&["ingest", "a.csv"]);
    assert!(told.stderr.contains("rows have a field in quotation marks"), "{}", told.stderr);
    assert!(told.stderr.contains("3 (3)"), "{}", told.stderr);
}
