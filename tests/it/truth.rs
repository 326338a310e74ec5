//! Every record made up with faults comes out as the truth file says, and every other one is accepted.
#![expect(clippy::disallowed_methods, reason = "a test reads its size from the environment")]

use std::collections::{BTreeMap, BTreeSet};

use crate::support::Sandbox;
use crate::synth::{Row, truth};

/// Rows of each dataset; `make truth` has a million.
const ROWS: &str = "1500";

/// Every dataset with its profile.
const DATASETS: [(&str, &str); 13] = [
    ("up-exchange", "up_pro_accept"),
    ("up-exchange", "up_pro_process"),
    ("up-exchange", "up_pro_result"),
    ("up-exchange", "up_pro_special_procedure"),
    ("up-exchange", "up_pro_material"),
    ("up-exchange", "dn_audit_abnormal"),
    ("gbt39046-2020", "apply"),
    ("gbt39046-2020", "accept"),
    ("gbt39046-2020", "process"),
    ("gbt39046-2020", "result"),
    ("gbt39046-2020", "evaluation"),
    ("evaluation-interface", "hcp_offlinereport"),
    ("evaluation-push", "hcp_case_push"),
];

/// What is in the lake of a file whose truth is known.
struct Judged {
    /// Rows by what became of them, as the batch counts them.
    accounts: BTreeMap<String, u64>,
    /// The rules that returned each row.
    returned: BTreeMap<usize, BTreeSet<String>>,
    /// How many rows each rule warned of.
    warned: BTreeMap<String, u64>,
}

fn csv_rows(text: &str) -> Vec<Row> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    reader.deserialize().map(Result::unwrap).collect()
}

fn judged(sandbox: &Sandbox, path: &str, (profile, dataset): (&str, &str)) -> Judged {
    let args = ["ingest", "--quiet", "--profile", profile, "--dataset", dataset, path];
    let outcome = sandbox.run(&args);
    assert!([0, 3].contains(&outcome.code), "{path}: {}", outcome.stderr);
    let accounts = csv_rows(&sandbox.sql(
        "SELECT rows_accepted AS accepted, rows_updated AS updated, rows_deleted AS deleted,
             rows_returned AS returned, rows_duplicate AS duplicate FROM batches",
    ));
    let count = |(name, count): (&String, &String)| (name.clone(), count.parse().unwrap());
    let accounts = accounts[0].iter().map(count).collect();
    let mut returned: BTreeMap<usize, BTreeSet<String>> = BTreeMap::new();
    for reason in csv_rows(&sandbox.sql(
        "SELECT source_row, rule FROM returned_records WHERE returned_by = 'tongban' ORDER BY 1, 2",
    )) {
        let rules = returned.entry(reason["source_row"].parse().unwrap()).or_default();
        rules.insert(reason["rule"].clone());
    }
    let mut warned = BTreeMap::new();
    for finding in csv_rows(
        &sandbox.sql("SELECT message_en FROM findings WHERE code = 'records.rule' ORDER BY 1"),
    ) {
        // rule: sentence (12 rows, the first in row 5, 7)
        let (rule, sentence) = finding["message_en"].split_once(": ").unwrap();
        let count = sentence.rsplit_once(" (").and_then(|(_, count)| count.split_once(" row"));
        warned.insert(rule.to_owned(), count.unwrap().0.replace(',', "").parse().unwrap());
    }
    Judged { accounts, returned, warned }
}

#[test]
fn every_row_comes_out_as_the_truth_says() {
    let n_rows = std::env::var("TONGBAN_TRUTH_ROWS").unwrap_or_else(|_| ROWS.to_owned());
    for (profile, dataset) in DATASETS {
        let sandbox = Sandbox::new();
        let args = ["synth", "made", "--profile", profile, "--dataset", dataset];
        sandbox.run(&[&args[..], &["--rows", &n_rows, "--faults", "0.05"]].concat()).ok();
        let file = format!("{dataset}.csv");
        let truth = truth(&sandbox.path().join("made"), &file);
        let judged = judged(&sandbox, &format!("made/{file}"), (profile, dataset));

        let rules = |line: &Row, column: &str| -> BTreeSet<String> {
            line[column].split(';').filter(|id| !id.is_empty()).map(str::to_owned).collect()
        };
        let mut accounts: BTreeMap<String, u64> =
            judged.accounts.keys().map(|outcome| (outcome.clone(), 0)).collect();
        let mut returned = BTreeMap::new();
        let mut warned: BTreeMap<String, u64> = BTreeMap::new();
        for (row, line) in &truth {
            *accounts.get_mut(&line["outcome"]).unwrap() += 1;
            let of_row = rules(line, "rules");
            for rule in rules(line, "warnings") {
                *warned.entry(rule).or_default() += 1;
            }
            if line["outcome"] == "returned" {
                returned.insert(*row, of_row);
            }
        }
        // Rows that the truth does not list are accepted without a word.
        let listed: u64 = accounts.values().sum();
        *accounts.get_mut("accepted").unwrap() += n_rows.parse::<u64>().unwrap() - listed;
        assert_eq!(judged.accounts, accounts, "{dataset}");
        for row in returned.keys().chain(judged.returned.keys()) {
            let (told, found) = (returned.get(row), judged.returned.get(row));
            assert_eq!(found, told, "{dataset}, row {row}");
        }
        for (rule, n_rows) in &warned {
            assert_eq!(judged.warned.get(rule), Some(n_rows), "{dataset}, {rule}");
        }
    }
}
