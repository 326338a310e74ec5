//! Made-up record files: the same again, adding up, and wrong exactly where the truth says so.
#![expect(clippy::disallowed_methods, reason = "tests look at files behind the program's back")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::record_rules::{CASES, EVALUATIONS, OTHERS, Rules};
use crate::support::{NOTICE, Sandbox, read};

/// A row by the names of its columns.
pub(crate) type Row = BTreeMap<String, String>;

fn rows(path: &Path) -> Vec<Row> {
    let mut reader = csv::Reader::from_path(path).unwrap();
    let header = reader.headers().unwrap().clone();
    let row = |record: csv::StringRecord| {
        header.iter().map(str::to_owned).zip(record.iter().map(str::to_owned)).collect()
    };
    reader.records().map(|record| row(record.unwrap())).collect()
}

/// What the truth says of each row of a file, by its number.
pub(crate) fn truth(dir: &Path, file: &str) -> BTreeMap<usize, Row> {
    let lines = rows(&dir.join("truth.csv"));
    let of_file = lines.into_iter().filter(|line| line["file"] == file);
    of_file.map(|line| (line["source_row"].parse().unwrap(), line)).collect()
}

fn ids(listed: &str) -> BTreeSet<String> {
    listed.split(';').filter(|id| !id.is_empty()).map(str::to_owned).collect()
}

/// All files of a set, without those of its folders.
fn files(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    let files = entries.filter(|path| path.is_file());
    files
        .map(|path| {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            (name, std::fs::read(&path).unwrap())
        })
        .collect()
}

fn made(args: &[&str]) -> (Sandbox, std::path::PathBuf) {
    let sandbox = Sandbox::empty();
    sandbox.run(&[&["synth", "made"], args].concat()).ok();
    let dir = sandbox.path().join("made");
    (sandbox, dir)
}

#[test]
fn the_same_settings_give_the_same_bytes_on_any_number_of_threads() {
    let sandbox = Sandbox::empty();
    let run = |dir: &str, threads: &str, seed: &str| {
        let args = ["synth", dir, "--scale", "0.002", "--faults", "0.1", "--seed", seed];
        let output = sandbox.command(&args).env("RAYON_NUM_THREADS", threads).output().unwrap();
        assert!(output.status.success());
        files(&sandbox.path().join(dir))
    };
    let one = run("one", "1", "7");
    assert_eq!(one, run("two", "3", "7"));
    let other = run("other", "1", "8");
    assert_ne!(one["up_pro_accept.csv"], other["up_pro_accept.csv"]);
    assert_eq!(
        one.keys().map(String::as_str).collect::<Vec<_>>(),
        [
            "SYNTHETIC.txt",
            "hcp_offlinereport.csv",
            "synthetic.json",
            "truth.csv",
            "up_pro_accept-returned.csv",
            "up_pro_accept.csv",
        ]
    );
}

#[test]
fn more_files_divide_the_same_rows() {
    let args = ["--profile", "up-exchange", "--dataset", "up_pro_process", "--rows", "9001"];
    let (_kept, whole) = made(&args);
    let (_kept_too, parts) = made(&[&args[..], &["--files", "3"]].concat());
    let whole = read(&whole.join("up_pro_process.csv"));
    let header = whole.lines().next().unwrap();
    let mut joined = format!("{header}\n");
    for idx in 1..=3 {
        let text = read(&parts.join(format!("up_pro_process-{idx}.csv")));
        let (first, rest) = text.split_once('\n').unwrap();
        assert_eq!(first, header);
        joined.push_str(rest);
    }
    assert_eq!(joined, whole);
}

/// The figures of annex 2 as the notice prints them: cases and evaluations, in its order.
fn printed() -> Vec<[u64; 2]> {
    let annex = NOTICE.split("附件2").last().unwrap();
    let rows = annex.lines().filter_map(|line| {
        let cells: Vec<&str> = line.split('\t').collect();
        let figures = cells.get(cells.len().checked_sub(2)?..)?;
        let figure = |idx: usize| figures[idx].trim().parse::<u64>().ok();
        Some([figure(0)?, figure(1)?])
    });
    let mut rows: Vec<[u64; 2]> = rows.collect();
    let total = rows.pop().unwrap();
    for column in [0, 1] {
        assert_eq!(total[column], rows.iter().map(|row| row[column]).sum::<u64>());
    }
    rows
}

/// Divides a thousandth of counts by largest remainder, counted here on its own.
fn thousandth(counts: &[u64]) -> Vec<u64> {
    let total: u64 = counts.iter().sum();
    let wanted = (total + 500) / 1000;
    let mut parts: Vec<u64> = counts.iter().map(|count| wanted * count / total).collect();
    while parts.iter().sum::<u64>() < wanted {
        let lack = |idx: &usize| {
            let exact = u128::from(wanted) * u128::from(counts[*idx]);
            let given = u128::from(parts[*idx]) * u128::from(total);
            (
                i128::try_from(exact).unwrap() - i128::try_from(given).unwrap(),
                std::cmp::Reverse(*idx),
            )
        };
        let most = (0..counts.len()).max_by_key(lack).unwrap();
        parts[most] += 1;
    }
    parts
}

#[test]
fn accepted_rows_of_the_default_set_add_up_to_the_notice() {
    let (_kept, dir) = made(&["--scale", "0.001", "--faults", "0.05"]);
    let codes = rows(&dir.join("refdata/department_codes.csv"));
    assert_eq!(codes.len(), 29);
    let printed = printed();
    for (file, column, figure) in
        [("up_pro_accept.csv", "org_code", 0), ("hcp_offlinereport.csv", "deptCode", 1)]
    {
        let truth = truth(&dir, file);
        let mut counts: BTreeMap<String, u64> = BTreeMap::new();
        for (idx, row) in rows(&dir.join(file)).into_iter().enumerate() {
            if truth.get(&(idx + 2)).is_some_and(|line| line["outcome"] != "accepted") {
                continue;
            }
            // A missing code only warns in evaluations; whose they are is told by the item.
            let code = if row[column].is_empty() { &row["taskCode"][..18] } else { &row[column] };
            *counts.entry(code.to_owned()).or_default() += 1;
        }
        let figures: Vec<u64> = printed.iter().map(|row| row[figure]).collect();
        let expected = thousandth(&figures);
        // Codes are numbered in the order of the annex.
        let mut by_code: Vec<&str> = codes.iter().map(|row| row["org_code"].as_str()).collect();
        by_code.sort_unstable();
        let counted: Vec<u64> =
            by_code.iter().map(|code| counts.get(*code).copied().unwrap_or_default()).collect();
        assert_eq!(counted, expected, "{file}");
        assert_eq!(counts.values().sum::<u64>(), (figures.iter().sum::<u64>() + 500) / 1000);
    }
    let returned = rows(&dir.join("up_pro_accept-returned.csv"));
    assert_eq!(returned.len(), 4500);
    let truth = truth(&dir, "up_pro_accept-returned.csv");
    assert_eq!(truth.len(), 4500);
    assert!(truth.values().all(|line| line["outcome"] == "returned"));
}

/// Holds every row of a set to rules of this test: what they find is what the truth says.
#[track_caller]
fn check(rules: &Rules, dir: &Path, file: &str) -> BTreeSet<String> {
    let truth = truth(dir, file);
    let mut planted = BTreeSet::new();
    let mut earlier: BTreeMap<Vec<String>, Vec<Row>> = BTreeMap::new();
    for (idx, row) in rows(&dir.join(file)).into_iter().enumerate() {
        let source_row = idx + 2;
        let line = truth.get(&source_row);
        let listed = |column: &str| line.map(|line| ids(&line[column])).unwrap_or_default();
        let told: BTreeSet<String> = listed("rules").union(&listed("warnings")).cloned().collect();
        let found = rules.broken_by(&row);
        assert_eq!(found, told, "{file}, row {source_row}: {row:?}");
        let outcome = line.map_or("accepted", |line| line["outcome"].as_str());
        assert_eq!(outcome == "returned", !listed("rules").is_empty(), "row {source_row}");
        planted.extend(told);
        if outcome != "returned" {
            let key = rules.key.iter().map(|column| row[*column].clone()).collect::<Vec<_>>();
            let before = earlier.entry(key).or_default();
            check_version(rules, outcome, &row, before);
            before.push(row);
        }
    }
    planted
}

/// A row is what its outcome says, next to the earlier rows with its key.
#[track_caller]
fn check_version(rules: &Rules, outcome: &str, row: &Row, before: &[Row]) {
    let content = |row: &Row| -> Row {
        let mut content = row.clone();
        content.retain(|column, _| !["cd_time", "cd_batch", "cd_operation"].contains(&&**column));
        content
    };
    let operation = row.get("cd_operation").map(String::as_str);
    match outcome {
        "accepted" => assert!(before.is_empty(), "{row:?}"),
        "duplicate" => assert_eq!(content(&before[0]), content(row)),
        "updated" => {
            assert_ne!(content(&before[0]), content(row));
            assert!(operation.is_none_or(|operation| operation == "U"));
        }
        "deleted" => assert_eq!((before.len(), operation), (1, Some("D"))),
        other => panic!("{other} in {}", rules.file),
    }
}

#[test]
fn rows_are_wrong_exactly_where_the_truth_says_so() {
    for rules in [&CASES, &EVALUATIONS].into_iter().chain(&OTHERS) {
        let rules = Rules::parse(rules);
        let (_kept, dir) = made(&[
            "--profile",
            rules.profile,
            "--dataset",
            rules.dataset,
            "--rows",
            "6000",
            "--faults",
            "0.3",
        ]);
        let planted = check(&rules, &dir, rules.file);
        let known: BTreeSet<String> = rules.ids();
        assert_eq!(planted, known, "every rule of {} is planted", rules.dataset);
    }
}

#[test]
fn the_returned_records_of_the_notice_lack_what_the_standard_asks_for() {
    let (_kept, dir) = made(&["--scale", "0.0002"]);
    let rules = Rules::parse(&CASES);
    check(&rules, &dir, "up_pro_accept.csv");
    check(&rules, &dir, "up_pro_accept-returned.csv");
    check(&Rules::parse(&EVALUATIONS), &dir, "hcp_offlinereport.csv");
    let returned = rows(&dir.join("up_pro_accept-returned.csv"));
    assert!(returned.iter().all(|row| row["catalog_code"].is_empty()));
}

#[test]
fn outcomes_and_hashes_are_in_the_mark() {
    let (_kept, dir) =
        made(&["--profile", "up-exchange", "--rows", "2000", "--faults", "0.2", "--files", "2"]);
    let mark: serde_json::Value = serde_json::from_str(&read(&dir.join("synthetic.json"))).unwrap();
    let files = mark["files"].as_array().unwrap();
    assert_eq!(files.len(), 12);
    for file in files {
        let name = file["name"].as_str().unwrap();
        let bytes = std::fs::read(dir.join(name)).unwrap();
        assert_eq!(file["blake3"], blake3::hash(&bytes).to_hex().as_str());
        assert_eq!(file["size_bytes"], bytes.len());
        let truth = truth(&dir, name);
        let count = |outcome: &str| truth.values().filter(|it| it["outcome"] == outcome).count();
        for outcome in ["updated", "deleted", "returned", "duplicate"] {
            assert_eq!(file[format!("rows_{outcome}")], count(outcome), "{name}: {outcome}");
        }
        let n_rows = rows(&dir.join(name)).len();
        let others: usize = ["updated", "deleted", "returned", "duplicate"].map(count).iter().sum();
        assert_eq!(file["rows_accepted"], n_rows - others);
        assert_eq!(n_rows, 1000);
    }
}

#[test]
fn the_same_rows_stand_in_every_format_and_encoding() {
    let args = ["--profile", "gbt39046-2020", "--dataset", "evaluation", "--rows", "500"];
    let (_kept, plain) = made(&args);
    let plain = read(&plain.join("evaluation.csv"));
    let with = |more: &[&str]| made(&[&args[..], more].concat());
    let (_kept, dir) = with(&["--encoding", "utf-16"]);
    let bytes = std::fs::read(dir.join("evaluation.csv")).unwrap();
    let units: Vec<u16> =
        bytes.chunks(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
    assert_eq!(String::from_utf16(&units).unwrap().trim_start_matches('\u{feff}'), plain);
    let (_kept, dir) = with(&["--encoding", "gb18030"]);
    let bytes = std::fs::read(dir.join("evaluation.csv")).unwrap();
    let (text, _, is_damaged) = encoding_rs::GB18030.decode(&bytes);
    assert!(!is_damaged && text == plain);
    let (_kept, dir) = with(&["--compress", "zst"]);
    let packed = std::fs::read(dir.join("evaluation.csv.zst")).unwrap();
    assert_eq!(zstd::decode_all(packed.as_slice()).unwrap(), plain.as_bytes());
    let (_kept, dir) = with(&["--compress", "gz"]);
    let packed = std::fs::File::open(dir.join("evaluation.csv.gz")).unwrap();
    let unpacked = std::io::read_to_string(flate2::read::GzDecoder::new(packed)).unwrap();
    assert_eq!(unpacked, plain);
    let (_kept, dir) = with(&["--format", "tsv"]);
    assert_eq!(read(&dir.join("evaluation.tsv")).replace('\t', ","), plain);
    let (_kept, dir) = with(&["--format", "jsonl"]);
    let lines = read(&dir.join("evaluation.jsonl"));
    let mut reader = csv::Reader::from_reader(plain.as_bytes());
    let header = reader.headers().unwrap().clone();
    for (line, record) in lines.lines().zip(reader.records()) {
        let object: serde_json::Value = serde_json::from_str(line).unwrap();
        for (name, value) in header.iter().zip(&record.unwrap()) {
            assert_eq!(object[name].as_str().unwrap_or_default(), value);
        }
    }
    assert_eq!(lines.lines().count(), 500);
}

#[test]
fn a_workbook_has_the_same_rows() {
    let args = ["--profile", "gbt39046-2020", "--dataset", "accept", "--rows", "5000"];
    let (_kept, plain) = made(&args);
    let (_kept, dir) = made(&[&args[..], &["--format", "xlsx"]].concat());
    let mut book: calamine::Xlsx<_> = calamine::open_workbook(dir.join("accept.xlsx")).unwrap();
    let sheet = calamine::Reader::worksheet_range(&mut book, "synthetic").unwrap();
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).from_path(plain.join("accept.csv")).unwrap();
    let mut expected = reader.records();
    for row in sheet.rows() {
        let record = expected.next().unwrap().unwrap();
        let cells: Vec<String> = row.iter().map(ToString::to_string).collect();
        assert_eq!(cells, record.iter().collect::<Vec<_>>());
    }
    assert!(expected.next().is_none());
    let sandbox = Sandbox::empty();
    let args = ["synth", "made", "--profile", "gbt39046-2020", "--dataset", "accept"];
    let too_many = [&args[..], &["--rows", "2000000", "--format", "xlsx"]].concat();
    assert!(sandbox.run(&too_many).fails(1).contains("`--files`"));
}

#[test]
fn parquet_has_the_same_rows() {
    let args = ["--profile", "up-exchange", "--dataset", "up_pro_result", "--rows", "5000"];
    let (_kept, plain) = made(&args);
    let (_kept, dir) = made(&[&args[..], &["--format", "parquet"]].concat());
    let bytes = std::fs::read(dir.join("up_pro_result.parquet")).unwrap();
    let batches = tongban::table::read_parquet(bytes.into()).unwrap();
    let mut expected = rows(&plain.join("up_pro_result.csv")).into_iter();
    for batch in batches {
        let schema = batch.schema();
        for idx in 0..batch.num_rows() {
            let row = expected.next().unwrap();
            for (field, column) in schema.fields().iter().zip(batch.columns()) {
                let column: &arrow::array::StringArray = column.as_any().downcast_ref().unwrap();
                let value =
                    if arrow::array::Array::is_null(column, idx) { "" } else { column.value(idx) };
                assert_eq!(value, row[field.name()]);
            }
        }
    }
    assert_eq!(expected.next(), None);
}

#[test]
fn a_trap_shows_in_the_file_as_a_whole() {
    let of = |trap: &str, profile: &str, dataset: &str| {
        let (_kept, dir) =
            made(&["--profile", profile, "--dataset", dataset, "--rows", "1500", "--trap", trap]);
        (rows(&dir.join(format!("{dataset}.csv"))), truth(&dir, &format!("{dataset}.csv")))
    };
    let cases = |trap: &str| of(trap, "up-exchange", "up_pro_accept");
    let ratings = |trap: &str| of(trap, "evaluation-interface", "hcp_offlinereport");
    let (rows, truth) = cases("minute-is-month");
    for row in &rows {
        for time in [&row["apply_date"], &row["accept_date"]] {
            assert_eq!(time[5..7], time[14..16], "{time}");
            assert!((1..=12).contains(&time[11..13].parse::<u8>().unwrap()), "{time}");
        }
    }
    assert!(truth.is_empty());
    let (rows, truth) = cases("constant-offset");
    let offsets: BTreeSet<i64> = rows
        .iter()
        .map(|row| {
            let [from, to] = [&row["apply_date"], &row["accept_date"]].map(|time| {
                chrono::NaiveDateTime::parse_from_str(time, "%Y-%m-%d %H:%M:%S").unwrap()
            });
            (to - from).num_seconds()
        })
        .collect();
    assert_eq!(offsets, BTreeSet::from([1200]));
    assert!(truth.is_empty());
    let (rows, _) = cases("test-words");
    let n_tests = rows.iter().filter(|row| row["applyer_name"].contains("测试")).count();
    assert!((200..600).contains(&n_tests), "{n_tests}");
    let (rows, truth) = ratings("constant-rating");
    assert!(rows.iter().all(|row| row["satisfaction"] == "5"));
    assert!(truth.is_empty());
    let (rows, _) = ratings("repeated-text");
    let texts: BTreeSet<&str> = rows.iter().map(|row| row["writingEvaluation"].as_str()).collect();
    assert_eq!(texts, BTreeSet::from(["", "办事效率不高"]));
    let (rows, truth) = ratings("reversed-scale");
    for (idx, row) in rows.iter().enumerate() {
        let (rating, tags) = (&row["satisfaction"], &row["evalDetail"]);
        if !tags.is_empty() {
            let sum = rating.parse::<u8>().unwrap() + tags[..1].parse::<u8>().unwrap();
            assert_eq!(sum, 6, "{row:?}");
        }
        // All of them go back: for what is wrong with each, and else for what is with all.
        let told = &truth[&(idx + 2)];
        assert_eq!(told["outcome"], "returned");
        let is_own = !tags.is_empty() && rating != "3";
        assert_eq!(told["rules"] != "reversed_satisfaction", is_own, "{row:?}");
    }
    assert_eq!(truth.len(), rows.len());
}

#[test]
fn nothing_is_written_where_something_stands() {
    let sandbox = Sandbox::empty();
    sandbox.write("taken/a.csv", "real\n");
    let said = sandbox.run(&["synth", "taken", "--scale", "0.0001"]).fails(1);
    assert!(said.contains("`taken` is no empty folder"), "{said}");
    assert_eq!(sandbox.file_names(), ["taken"]);
    // What an interrupted run left is cleared away, and an empty folder is taken.
    std::fs::create_dir(sandbox.path().join("free")).unwrap();
    sandbox.write(".free.part/up_pro_accept.csv", "half");
    sandbox.run(&["synth", "free", "--scale", "0.0001"]).ok();
    assert_eq!(sandbox.file_names(), ["free", "taken"]);
}

#[test]
fn what_cannot_be_made_up_is_named() {
    let sandbox = Sandbox::empty();
    for (args, expected) in [
        (&["--profile", "up-exchang"][..], "`up-exchange`"),
        (&["--profile", "up-exchange", "--dataset", "up_pro_acept"], "`up_pro_accept`"),
        (
            &["--profile", "up-exchange", "--trap", "reversed-scale"],
            "`evaluation-interface hcp_offlinereport`",
        ),
    ] {
        let said = sandbox.run(&[&["synth", "made"], args].concat()).fails(1);
        assert!(said.contains(expected), "{args:?}: {said}");
    }
    for args in [
        &["--format", "parquet", "--compress", "gz"][..],
        &["--format", "xlsx", "--encoding", "gb18030"],
        &["--faults", "1.5"],
        &["--scale", "0"],
        &["--rows", "5"],
        &["--trap", "constant-rating", "--faults", "0.1"],
    ] {
        sandbox.run(&[&["synth", "made"], args].concat()).fails(2);
    }
    assert_eq!(sandbox.file_names(), [""; 0]);
}

#[test]
fn everything_may_be_wrong_and_nothing_may_be_wrong() {
    let args = ["--profile", "up-exchange", "--dataset", "up_pro_accept", "--rows", "300"];
    for (share, outcome, n_listed) in [("1", "returned", 300), ("0", "accepted", 0)] {
        let (_kept, dir) = made(&[&args[..], &["--faults", share]].concat());
        let truth = truth(&dir, "up_pro_accept.csv");
        assert_eq!(truth.len(), n_listed);
        assert!(truth.values().all(|line| line["outcome"] == outcome));
    }
}

#[test]
fn a_synthetic_set_says_so_in_both_languages() {
    let (_kept, dir) = made(&["--scale", "0.0001"]);
    let note = read(&dir.join("SYNTHETIC.txt"));
    assert!(note.contains("均为虚构") && note.contains("made up by tongban synth"), "{note}");
}

#[test]
fn what_stands_beside_made_up_records_is_not_ingested() {
    let sandbox = Sandbox::new();
    sandbox.run(&["synth", "made", "--scale", "0.00001"]).ok();
    let said = sandbox.run(&["ingest", "made"]).stderr;
    assert!(said.contains("`made` holds synthetic data"), "{said}");
    for name in ["truth.csv", "synthetic.json", "SYNTHETIC.txt", "department_codes.csv"] {
        assert!(!said.contains(name), "{name}: {said}");
    }
}
