//! What holds for any rows.

use std::collections::BTreeSet;

use arrow::csv::Writer;
use arrow::json::LineDelimitedWriter;
use chrono::NaiveDateTime;
use proptest::prelude::*;

use super::*;
use crate::diag::Severity;

/// Values that stand in a field now and then, right and wrong.
fn odd_value() -> impl Strategy<Value = String> {
    let values = [
        "",
        " ",
        "1",
        "2",
        "9",
        "x",
        "１",
        "A1",
        "2021-09-01 08:00:00",
        "2021-13-01",
        "20210901",
        "630102",
        "630122",
        "11440232MB2D06811W",
        "省民政厅",
        "510,517",
        "115",
        "I",
        "D",
        "163",
        "13800000000",
        "63010019000101001X",
        "630100190001010011",
        "很长很长很长很长很长的文字",
        "G1234567",
        "414",
    ];
    prop::sample::select(values.map(str::to_owned).to_vec()).boxed()
}

/// Rows of which some fields are odd.
fn rows() -> impl Strategy<Value = Vec<Vec<String>>> {
    let change = (0..SOUND.len(), odd_value());
    let row = prop::collection::vec(change, 0..4).prop_map(|changes| {
        let changes: Vec<(&str, &str)> =
            changes.iter().map(|(at, value)| (SOUND[*at].0, value.as_str())).collect();
        record(&changes.into_iter().collect::<BTreeMap<_, _>>().into_iter().collect::<Vec<_>>())
    });
    prop::collection::vec(row, 1..40)
}

/// Judges a row by some of the rules, slowly, word for word as they are written.
fn judged_plainly(row: &[String]) -> BTreeSet<&'static str> {
    let value = |name: &str| {
        let at = SOUND.iter().position(|(known, _)| *known == name).unwrap();
        row[at].trim()
    };
    let mut broken = BTreeSet::new();
    let mut add = |is_broken: bool, rule: &'static str| {
        if is_broken {
            broken.insert(rule);
        }
    };
    add(value("no").is_empty(), "no.required");
    add(value("kind").is_empty(), "kind.required");
    add(value("person").is_empty(), "person.required");
    add(value("accepted").is_empty(), "accepted.required");
    add(value("no").chars().count() > 20, "no.length");
    add(value("person").chars().count() > 10, "person.length");
    add(value("text").chars().count() > 8, "text.length");
    add(!["", "1", "2", "9", "１"].contains(&value("kind")), "kind.known");
    let count = value("count").replace('１', "1");
    let is_count = count.is_empty() || count.parse::<u32>().is_ok_and(|n| (1..=99).contains(&n));
    add(!is_count, "count.type");
    let mobile = value("mobile");
    add(!mobile.is_empty() && mobile != "13800000000", "mobile.type");
    let time = |name: &str| {
        let text = value(name);
        let padded = if text.len() == 8 { format!("{text}000000") } else { text.to_owned() };
        NaiveDateTime::parse_from_str(&padded, "%Y-%m-%d %H:%M:%S")
            .or_else(|_| NaiveDateTime::parse_from_str(&padded, "%Y%m%d%H%M%S"))
            .ok()
    };
    for (name, rule) in [
        ("applied", "applied.type"),
        ("accepted", "accepted.type"),
        ("finished", "finished.type"),
        ("pushed", "pushed.type"),
    ] {
        add(!value(name).is_empty() && time(name).is_none(), rule);
    }
    if let (Some(applied), Some(accepted)) = (time("applied"), time("accepted")) {
        let is_day = accepted.time() == chrono::NaiveTime::MIN;
        let is_late = applied > accepted + chrono::TimeDelta::seconds(60);
        add(is_late && !(is_day && applied.date() <= accepted.date()), "applied.first");
    }
    let is_promised = value("kind") == "2";
    add(is_promised && value("finished").is_empty(), "finished.when_promised");
    broken
}

/// The rules that the slow judge knows.
const PLAIN_RULES: [&str; 15] = [
    "no.required",
    "kind.required",
    "person.required",
    "accepted.required",
    "no.length",
    "person.length",
    "text.length",
    "kind.known",
    "count.type",
    "mobile.type",
    "applied.type",
    "accepted.type",
    "finished.type",
    "applied.first",
    "finished.when_promised",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_row_ends_once_and_is_returned_for_all_its_reasons(rows in rows()) {
        let judged = judged(&rows);
        let reasons = reasons(&judged);
        prop_assert_eq!(judged.n_rows, rows.len());
        prop_assert_eq!(judged.n_returned, reasons.len());
        let rows_accepted = judged.accepted();
        let source_rows = column(&rows_accepted.records, "source_row");
        let accepted: Vec<u64> = source_rows.iter().map(|row| row.parse().unwrap()).collect();
        let mut all: Vec<u64> = accepted.iter().chain(reasons.keys()).copied().collect();
        all.sort_unstable();
        prop_assert_eq!(all, (2..2 + rows.len() as u64).collect::<Vec<_>>());
        prop_assert_eq!(rows_accepted.keys.len(), accepted.len());
        prop_assert_eq!(rows_accepted.operations.len(), accepted.len());
        prop_assert_eq!(rows_accepted.pseudonyms.unwrap().num_rows(), accepted.len());
        for (row, source_row) in rows.iter().zip(2..) {
            let found = reasons.get(&source_row).cloned().unwrap_or_default();
            let plain: BTreeSet<&str> = found.iter().map(String::as_str).collect();
            prop_assert_eq!(plain.len(), found.len());
            let plain: BTreeSet<&str> =
                plain.into_iter().filter(|rule| PLAIN_RULES.contains(rule)).collect();
            let mut expected = judged_plainly(row);
            expected.retain(|rule| PLAIN_RULES.contains(rule));
            prop_assert_eq!(plain, expected, "{:?}", row);
        }
    }

    #[test]
    fn how_rows_are_cut_into_blocks_does_not_matter(rows in rows(), cut in any::<prop::sample::Index>()) {
        let judge = own_judge();
        let cut = cut.index(rows.len());
        let whole = judge.judge(&block(0, 2, &rows));
        let first = judge.judge(&block(0, 2, &rows[..cut]));
        let second = judge.judge(&block(1, 2 + cut as u64, &rows[cut..]));
        for name in ["source_row", "record_key", "case_type", "department", "content_hash", "event_at"] {
            let mut parts = column(&first.accepted().records, name);
            parts.extend(column(&second.accepted().records, name));
            prop_assert_eq!(column(&whole.accepted().records, name), parts);
        }
        for name in ["source_row", "rule", "found", "message_zh", "record_key"] {
            let mut parts = column(&first.returned, name);
            parts.extend(column(&second.returned, name));
            prop_assert_eq!(column(&whole.returned, name), parts);
        }
        let (mut forward, mut backward) = (first.notes.clone(), second.notes.clone());
        forward.merge(second.notes);
        backward.merge(first.notes);
        prop_assert_eq!(&forward, &backward);
        prop_assert_eq!(&forward.broken, &whole.notes.broken);
        prop_assert_eq!(&forward.unmapped, &whole.notes.unmapped);
    }

    #[test]
    fn nobody_appears_in_what_came_of_a_row(
        person in "鹮[一-龥]{1,3}", id in "63010119[0-9]{9}[0-9X]", mobile in "1999[0-9]{7}",
        text in "鹮[一-龥]{3,12}", password in "pw-[a-z]{8}", id_kind in "111|414|999",
        kind in "[1-4]", count in "[0-9x]{1,2}",
    ) {
        let rows = [record(&[
            ("person", &person), ("id_no", &id), ("mobile", &mobile), ("text", &text),
            ("password", &password), ("id_kind", &id_kind), ("kind", &kind), ("count", &count),
        ])];
        let judge = own_judge();
        let judged = judge.judge(&block(0, 2, &rows));
        let mut shown = format!("{judged:?} {judge:?}");
        let mut batches = vec![&judged.rows.records, &judged.returned];
        batches.extend(&judged.rows.pseudonyms);
        for batch in batches {
            let mut json = LineDelimitedWriter::new(Vec::new());
            json.write(batch).unwrap();
            json.finish().unwrap();
            shown.push_str(&String::from_utf8(json.into_inner()).unwrap());
            // CSV knows no binary columns; JSON has shown them.
            if batch.schema().fields().iter().all(|field| {
                *field.data_type() != arrow::datatypes::DataType::Binary
            }) {
                let mut csv = Writer::new(Vec::new());
                csv.write(batch).unwrap();
                shown.push_str(&String::from_utf8(csv.into_inner()).unwrap());
            }
        }
        for canary in [&person, &id, &mobile, &text, &password] {
            prop_assert!(!shown.contains(canary.as_str()), "{canary}");
        }
    }
}

#[test]
fn only_errors_return_a_row() {
    let judge = own_judge();
    let doubtful = judge.dataset.rules.iter().filter(|rule| rule.severity != Severity::Error);
    let doubtful: Vec<&str> = doubtful.map(|rule| rule.id.as_str()).collect();
    assert_eq!(
        doubtful,
        ["kind.meaning", "tags.in_use", "region.in_use", "pushed.not_future", "pushed.doubtful"]
    );
    // Each of them is broken, and the records are accepted all the same.
    let doubts = [("kind", "9"), ("tags", "501"), ("region", "630122")];
    let pushed = |day: &'static str| record(&[doubts[0], doubts[1], doubts[2], ("pushed", day)]);
    let judged = judged(&[pushed("2021-08-01 00:00:01"), pushed("2021-10-02 00:00:00")]);
    let arrivals = column(&judged.accepted().records, "arrived_at");
    assert_eq!(arrivals, ["2021-08-01T00:00:01", "-"]);
    assert_eq!(judged.n_returned, 0);
    let rules = &judge.dataset.rules;
    let broken: Vec<&str> = judged.notes.broken.keys().map(|idx| rules[*idx].id.as_str()).collect();
    assert_eq!(broken, doubtful);
}
