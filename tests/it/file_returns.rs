//! Files that go back by themselves, beside others of their batch that stand. All records are made up.

use std::collections::{BTreeMap, BTreeSet};

use crate::returned::open_and_closed;
use crate::rollup;
use crate::support::{Outcome, Sandbox, read};
use crate::synth::{Row, truth};

/// The rule that sends back a scale turned round.
const RULE: &str = "reversed_satisfaction";

const ACCOUNTS: &str = "SELECT rows_received AS received, rows_accepted AS accepted,
    rows_updated AS updated, rows_deleted AS deleted, rows_returned AS returned,
    rows_duplicate AS duplicate FROM batches ORDER BY snapshot";

/// Makes up a file of evaluations in the folder `dir`, and returns what stands in it.
fn made_up(sandbox: &Sandbox, dir: &str, more: &[&str]) -> String {
    let args = ["synth", dir, "--profile", "evaluation-interface", "--rows"];
    sandbox.run(&[&args[..], more].concat()).ok();
    read(&sandbox.path().join(dir).join("hcp_offlinereport.csv"))
}

/// Turns the scale of all ratings of a file round.
fn turned(text: &str) -> String {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().unwrap().clone();
    let satisfaction = header.iter().position(|name| name == "satisfaction").unwrap();
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(&header).unwrap();
    for record in reader.records() {
        let record = record.unwrap();
        let value = |(at, value): (usize, &str)| match value.parse::<u8>() {
            Ok(rating) if at == satisfaction => (6 - rating).to_string(),
            _ => value.to_owned(),
        };
        writer.write_record(record.iter().enumerate().map(value)).unwrap();
    }
    String::from_utf8(writer.into_inner().unwrap()).unwrap()
}

/// The header of a file and some of its rows.
fn some_rows(text: &str, rows: std::ops::Range<usize>) -> String {
    let mut lines = text.lines();
    let header = lines.next().unwrap();
    let rows: Vec<&str> = lines.skip(rows.start).take(rows.len()).collect();
    format!("{header}\n{}\n", rows.join("\n"))
}

/// Ingests files as one batch.
fn ingest(sandbox: &Sandbox, files: &[&str]) -> Outcome {
    sandbox.run(&[&["ingest", "--together"][..], files].concat())
}

/// Fails unless the counts are those of the records, and those of the last batch are as expected:
/// received, accepted, updated, deleted, returned and duplicate.
#[track_caller]
fn check(sandbox: &Sandbox, accounts: [u64; 6], open_closed: (usize, usize)) {
    rollup::check(sandbox, &[]);
    let found = sandbox.sql(ACCOUNTS);
    let expected = accounts.map(|count| count.to_string()).join(",");
    assert_eq!(found.lines().last().unwrap(), expected);
    assert_eq!(open_and_closed(sandbox), open_closed);
}

fn csv_rows(text: &str) -> Vec<Row> {
    csv::Reader::from_reader(text.as_bytes()).deserialize().map(Result::unwrap).collect()
}

#[test]
fn a_file_with_a_scale_turned_round_goes_back_and_the_others_come_out_as_the_truth_says() {
    let sandbox = Sandbox::new();
    let made = ["--profile", "evaluation-interface"];
    let good = ["--rows", "900", "--files", "3", "--seed", "1", "--faults", "0.05"];
    sandbox.run(&[&["synth", "good"][..], &made, &good].concat()).ok();
    let bad = ["--rows", "300", "--seed", "2", "--trap", "reversed-scale"];
    sandbox.run(&[&["synth", "bad"][..], &made, &bad].concat()).ok();
    let names = ["hcp_offlinereport-1.csv", "hcp_offlinereport-2.csv", "hcp_offlinereport-3.csv"];
    let good = names.map(|name| format!("good/{name}"));
    // The file that goes back stands among the others.
    let files = [&*good[0], "bad/hcp_offlinereport.csv", &*good[1], &*good[2]];
    let told = ingest(&sandbox, &files);
    assert_eq!(told.code, 3, "{}", told.stderr);
    assert!(!told.stderr.contains("the whole batch was returned"), "{}", told.stderr);
    let goes_back = "hcp_offlinereport.csv goes back with every row that the lake did not have. \
                     reversed_satisfaction: ";
    assert!(told.stderr.contains(goes_back), "{}", told.stderr);

    let mut accounts =
        BTreeMap::from([("accepted", 1200), ("updated", 0), ("returned", 0), ("duplicate", 0)]);
    let mut expected: BTreeSet<[String; 3]> = BTreeSet::new();
    for (dir, name) in
        names.iter().map(|name| ("good", *name)).chain([("bad", "hcp_offlinereport.csv")])
    {
        for (row, line) in truth(&sandbox.path().join(dir), name) {
            *accounts.get_mut("accepted").unwrap() -= 1;
            *accounts.get_mut(&*line["outcome"]).unwrap() += 1;
            if line["outcome"] == "returned" {
                let rules = line["rules"].split(';').filter(|rule| !rule.is_empty());
                expected
                    .extend(rules.map(|rule| [name.to_owned(), row.to_string(), rule.to_owned()]));
            }
        }
    }
    let of_file = expected.iter().filter(|[name, ..]| name == "hcp_offlinereport.csv");
    let rows: BTreeSet<&str> = of_file.clone().map(|[_, row, _]| &**row).collect();
    assert_eq!(rows.len(), 300, "all rows of the file go back");
    assert!(of_file.filter(|[.., rule]| rule == RULE).count() > 100);
    let found = csv_rows(&sandbox.sql(
        "SELECT file_name, source_row, rule FROM returned_records WHERE returned_by = 'tongban'",
    ));
    let found: BTreeSet<[String; 3]> = found
        .iter()
        .map(|row| ["file_name", "source_row", "rule"].map(|name| row[name].clone()))
        .collect();
    assert_eq!(found, expected);
    let counts = csv_rows(&sandbox.sql(ACCOUNTS)).remove(0);
    for (outcome, n_rows) in accounts {
        assert_eq!(counts[outcome], n_rows.to_string(), "{outcome}");
    }
    rollup::check(&sandbox, &[]);
    let of_bad = "SELECT count(*) AS n FROM evaluations WHERE file_idx = 1";
    assert_eq!(sandbox.sql(of_bad), "n\n0\n");
    let finding =
        "SELECT severity, message_zh LIKE 'hcp_offlinereport.csv 整个退回%' AS zh FROM findings
        WHERE code = 'records.file_returned'";
    assert_eq!(sandbox.sql(finding), "severity,zh\nerror,true\n");
}

#[test]
fn rows_with_the_keys_of_a_file_that_goes_back_are_judged_without_it() {
    let sandbox = Sandbox::new();
    let others = made_up(&sandbox, "others", &["600", "--seed", "1", "--faults", "0"]);
    let right = made_up(&sandbox, "right", &["300", "--seed", "2", "--faults", "0"]);
    sandbox.write("others.csv", others);
    sandbox.write("turned.csv", turned(&right));
    sandbox.write("right.csv", &right);

    // What stands behind the file corrects it.
    let told = ingest(&sandbox, &["turned.csv", "others.csv", "right.csv"]);
    assert_eq!(told.code, 3, "{}", told.stderr);
    check(&sandbox, [1200, 900, 0, 0, 300, 0], (0, 300));
    let versions = sandbox.sql("SELECT max(version) AS latest, count(*) AS n FROM evaluations");
    assert_eq!(versions, "latest,n\n1,900\n");

    // What stands before it does not.
    let other_way = Sandbox::new();
    for name in ["turned.csv", "others.csv", "right.csv"] {
        other_way.write(name, read(&sandbox.path().join(name)));
    }
    assert_eq!(ingest(&other_way, &["right.csv", "others.csv", "turned.csv"]).code, 3);
    check(&other_way, [1200, 900, 0, 0, 300, 0], (300, 0));
    // The hash of the content has to differ: each workspace has a key of its own.
    let records = "SELECT * EXCLUDE (content_hash, batch, file_idx, received_at) FROM evaluations
        ORDER BY record_key";
    assert!(sandbox.sql(records) == other_way.sql(records));
}

#[test]
fn a_file_that_goes_back_changes_and_closes_nothing_of_what_the_lake_has() {
    let sandbox = Sandbox::new();
    let others = made_up(&sandbox, "others", &["600", "--seed", "1", "--faults", "0"]);
    let right = made_up(&sandbox, "right", &["300", "--seed", "2", "--faults", "0"]);
    let wrong = turned(&right);
    sandbox.write("others.csv", &others);
    sandbox.write("wrong.csv", &wrong);
    // Alone, the file opens a return for each of its rows.
    assert_eq!(sandbox.run(&["ingest", "wrong.csv"]).code, 3);
    check(&sandbox, [300, 0, 0, 0, 300, 0], (300, 0));
    sandbox.write("first.csv", some_rows(&right, 0..100));
    sandbox.run(&["ingest", "first.csv"]).ok();
    check(&sandbox, [100, 100, 0, 0, 0, 0], (200, 100));
    let before = sandbox.sql("SELECT * FROM evaluations ORDER BY record_key");

    // Among others it brings back 50 rows as the lake has them, which are duplicates, and one row twice.
    let rows_of = |text: &str| text.split_once('\n').unwrap().1.to_owned();
    let again = some_rows(&right, 0..50) + &rows_of(&some_rows(&wrong, 50..300));
    // One that goes back for nothing but its file.
    let untagged = csv_rows(&wrong).iter().rposition(|row| row["evalDetail"].is_empty()).unwrap();
    assert!(untagged >= 50);
    let once_more = some_rows(&wrong, untagged..untagged + 1);
    sandbox.write("again.csv", again + &rows_of(&once_more));
    let told = ingest(&sandbox, &["others.csv", "again.csv"]);
    assert_eq!(told.code, 3, "{}", told.stderr);
    check(&sandbox, [901, 600, 0, 0, 250, 51], (450, 100));
    let after = "SELECT evaluations.* FROM evaluations JOIN batches USING (batch)
        WHERE batches.file_name = 'first.csv' ORDER BY record_key";
    assert_eq!(sandbox.sql(after), before);

    // That is what becomes of it alone.
    let alone = Sandbox::new();
    for name in ["wrong.csv", "first.csv", "again.csv"] {
        alone.write(name, read(&sandbox.path().join(name)));
        assert!([0, 3].contains(&alone.run(&["ingest", name]).code));
    }
    check(&alone, [301, 0, 0, 0, 250, 51], (450, 100));

    // Sent again as it should be, it closes all of them.
    sandbox.write("right.csv", &right);
    sandbox.run(&["ingest", "right.csv"]).ok();
    check(&sandbox, [300, 200, 0, 0, 0, 100], (0, 550));
}
