//! What is accepted, what goes back and why.

mod batch;
mod laws;
mod persons;
mod ratings_and_returns;
mod unread;

use std::collections::BTreeMap;
use std::io::Cursor;
use std::sync::LazyLock;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::util::display::{ArrayFormatter, FormatOptions};

use super::*;
use crate::records::dates::{DateFormats, parse_date};
use crate::records::profile::{Profiles, RecordKind};
use crate::records::pseudonym::{KeyedHash, PseudonymKey};
use crate::source::rows::read_rows;
use crate::table::{LakeTable, schema_of};

/// A profile with a rule of every kind.
const PROFILE: &str = include_str!("every_rule.toml");

/// A record that breaks no rule of it. The body is the one of the example in the standard's list of
/// codes; the person does not exist.
const SOUND: &[(&str, &str)] = &[
    ("no", "A1"),
    ("kind", "1"),
    ("kind_name", ""),
    ("grade", "1"),
    ("tags", "510,517"),
    ("region", "630102"),
    ("org", "11440232MB2D06811W"),
    ("org_name", "省民政厅"),
    ("item", "11440232MB2D06811W4000117051000"),
    ("sub_item", "11440232MB2D06811W400011705100001"),
    ("person", "某甲"),
    ("id_kind", "111"),
    ("id_no", "63010019000101001X"),
    ("mobile", "13800000000"),
    ("text", "很好"),
    ("password", "secret-word"),
    ("count", "1"),
    ("applied", "2021-09-01 08:00:00"),
    ("accepted", "2021-09-01 09:30:00"),
    ("finished", "2021-09-02 10:00:00"),
    ("pushed", "2021-09-03 00:10:00"),
    ("does", "I"),
    ("sender", "163"),
];

/// Returns a record that differs from the sound one in some fields.
pub(super) fn record(changes: &[(&str, &str)]) -> Vec<String> {
    assert!(changes.iter().all(|(name, _)| SOUND.iter().any(|(known, _)| known == name)));
    let value = |name: &str, sound: &str| {
        let change = changes.iter().find(|(changed, _)| *changed == name);
        change.map_or(sound, |(_, value)| value).to_owned()
    };
    SOUND.iter().map(|(name, sound)| value(name, sound)).collect()
}

fn judge_of(profile: &str, dataset: &str, header: &[&str]) -> Judge {
    let refdata = RefData::load(&[]).unwrap();
    let own = [("own".to_owned(), PROFILE.to_owned())];
    judge_in(&Profiles::load(&own, &refdata).unwrap(), (profile, dataset), header)
}

fn judge_in(profiles: &Profiles, (profile, dataset): (&str, &str), header: &[&str]) -> Judge {
    let refdata = RefData::load(&[]).unwrap();
    let profile = profiles.get(profile).unwrap();
    let dataset = profile.datasets.iter().find(|known| known.id == dataset).unwrap();
    let header: Vec<String> = header.iter().map(|name| (*name).to_owned()).collect();
    let fit = Profiles::fit(profile, dataset, &header);
    assert!(fit.is_whole() && fit.unknown.is_empty(), "{:?} {:?}", fit.missing, fit.unknown);
    let key = PseudonymKey::from_bytes(&[7; 32]).unwrap();
    let receipt = Receipt {
        batch: "b1".to_owned(),
        file_idx: 0,
        file_name: "records.csv".to_owned(),
        received_at: parse_date("2021-10-01 12:00:00", DateFormats::ALL).unwrap(),
        returned_by: "tongban".to_owned(),
    };
    Judge::new(&fit, receipt, &Pseudonyms::new(key, KeyedHash::Sha256), &refdata)
}

/// Returns the judge of the profile with a rule of every kind.
pub(super) fn own_judge() -> &'static Judge {
    // Reference tables and profiles take longer to load than a thousand rows to judge.
    static JUDGE: LazyLock<Judge> = LazyLock::new(|| {
        let header: Vec<&str> = SOUND.iter().map(|(name, _)| *name).collect();
        judge_of("own", "cases", &header)
    });
    &JUDGE
}

pub(super) fn block(number: usize, first_row: u64, rows: &[Vec<String>]) -> RowBlock {
    let n_columns = rows.first().map_or(1, Vec::len);
    RowBlock::from_rows(number, first_row, n_columns, rows).unwrap()
}

pub(super) fn judged(rows: &[Vec<String>]) -> Judged {
    own_judge().judge(&block(0, 2, rows))
}

/// Returns the values of a column as they print, `-` for null.
pub(super) fn column(batch: &RecordBatch, name: &str) -> Vec<String> {
    let array = batch.column_by_name(name).unwrap_or_else(|| panic!("no column {name}"));
    let format = FormatOptions::default().with_null("-");
    let shown = ArrayFormatter::try_new(array.as_ref(), &format).unwrap();
    (0..array.len()).map(|row| shown.value(row).to_string()).collect()
}

/// Returns the rules that each row of the file goes back for.
pub(super) fn reasons(judged: &Judged) -> BTreeMap<u64, Vec<String>> {
    let mut reasons: BTreeMap<u64, Vec<String>> = BTreeMap::new();
    let rows = column(&judged.returned, "source_row");
    for (row, rule) in rows.iter().zip(column(&judged.returned, "rule")) {
        reasons.entry(row.parse().unwrap()).or_default().push(rule);
    }
    reasons
}

/// Checks for what a record goes back that differs from the sound one; nothing for one that is accepted.
#[track_caller]
fn check(changes: &[(&str, &str)], expected: &[&str]) {
    let judged = judged(&[record(changes)]);
    let found = reasons(&judged).remove(&2).unwrap_or_default();
    assert_eq!(found, expected, "{changes:?}");
    assert_eq!(judged.n_returned, usize::from(!expected.is_empty()));
    assert_eq!(judged.accepted().records.num_rows(), usize::from(expected.is_empty()));
}

#[test]
fn a_sound_record_is_accepted() {
    check(&[], &[]);
}

#[test]
fn required_fields_must_not_be_blank() {
    check(&[("no", "")], &["no.required"]);
    check(&[("kind", " \u{3000}")], &["kind.required"]);
    check(&[("person", "")], &["person.required"]);
    check(&[("accepted", "  ")], &["accepted.required"]);
    // What is not required may be.
    check(&[("count", ""), ("region", ""), ("mobile", ""), ("applied", ""), ("org", "")], &[]);
}

#[test]
fn what_is_required_at_times_is_so_only_then() {
    check(&[("kind", "2"), ("finished", "")], &["finished.when_promised"]);
    check(&[("kind", "1"), ("finished", "")], &[]);
    check(&[("grade", "5"), ("tags", ""), ("text", " ")], &["reason"]);
    check(&[("grade", "5"), ("tags", ""), ("text", "慢")], &[]);
    check(&[("grade", "5"), ("tags", "115"), ("text", "")], &[]);
    check(&[("grade", "1"), ("tags", ""), ("text", "")], &[]);
}

#[test]
fn lengths_are_counted_in_characters() {
    check(&[("no", "12345678901234567890")], &[]);
    check(&[("no", "123456789012345678901")], &["no.length"]);
    check(&[("person", "甲乙丙丁戊己庚辛壬癸")], &[]);
    check(&[("person", "甲乙丙丁戊己庚辛壬癸子")], &["person.length"]);
    check(&[("item", "1144"), ("sub_item", "")], &["item.shape"]);
}

#[test]
fn values_must_be_of_their_type() {
    check(&[("count", "0")], &["count.type"]);
    check(&[("count", "1.0")], &["count.type"]);
    check(&[("count", "+1")], &["count.type"]);
    check(&[("count", " ９９ ")], &[]);
    check(&[("accepted", "2021-02-29 08:00:00"), ("applied", "")], &["accepted.type"]);
    check(&[("accepted", "2021年9月1日")], &["accepted.type"]);
    check(&[("region", "63010")], &["region.type"]);
    check(&[("region", "630102001002")], &[]);
    check(&[("mobile", "0971-8000000")], &["mobile.type"]);
    check(&[("mobile", "+86 138-0000-0000")], &[]);
}

#[test]
fn codes_must_be_known() {
    check(&[("kind", "3")], &["kind.known"]);
    check(&[("kind", "１")], &[]);
    check(&[("grade", "6")], &["grade.known"]);
    check(&[("tags", "510,999")], &["tags.known", "tags.agree"]);
    check(&[("tags", "510，517")], &[]);
    check(&[("region", "639999")], &["region.known"]);
}

#[test]
fn check_digits_must_fit() {
    check(&[("org", "11440232MB2D06811X")], &["org.checksum"]);
    check(&[("org", "11440232mb2d06811w")], &[]);
    check(&[("org", "1144")], &["org.checksum", "org.organisation"]);
    check(&[("id_no", "630100190001010011")], &["id_no.certificate"]);
    check(&[("id_no", "63010019000101001x")], &[]);
    check(&[("id_no", "632300190002290028")], &["id_no.certificate"]);
    // Numbers of the old kind have no check digit, those of a passport neither, and hashes are longer.
    check(&[("id_no", "630100040229001")], &[]);
    check(&[("id_kind", "414"), ("id_no", "G1234567")], &[]);
    check(&[("id_no", "0123456789abcdef0123456789abcdef")], &[]);
    check(&[("id_kind", "001"), ("id_no", "71526726X")], &[]);
    check(&[("id_kind", "001"), ("id_no", "71526726Y")], &["id_no.certificate"]);
}

#[test]
fn parts_of_a_value_must_pass_their_tests() {
    let item = |item: &str| record(&[("item", item), ("sub_item", "")]);
    let of = |item_text: &str| reasons(&judged(&[item(item_text)])).remove(&2).unwrap_or_default();
    assert_eq!(of("11440232MB2D06811X4000117051000"), ["item.body"]);
    assert_eq!(of("11440232MB2D06811W9000117051000"), ["item.level"]);
    assert_eq!(of("11440232MB2D06811W400011705100X"), ["item.digits"]);
    assert_eq!(of("11440232MB2D06811W4000117051000"), Vec::<String>::new());
    check(&[("sub_item", "11440232MB2D06811W400011705100101")], &["sub_item.item"]);
    // A value that is shorter says nothing about its part.
    check(&[("sub_item", "1144")], &[]);
}

#[test]
fn times_must_be_in_order() {
    check(&[("applied", "2021-09-01 09:31:00")], &[]);
    check(&[("applied", "2021-09-01 09:31:01")], &["applied.first"]);
    check(&[("accepted", "2021-10-01 13:00:00"), ("pushed", "")], &[]);
    check(&[("accepted", "2021-10-01 13:00:01"), ("pushed", "")], &["accepted.past"]);
    // A day without a time of day is not before the morning of that day.
    check(&[("accepted", "2021-09-01")], &[]);
    check(&[("accepted", "2021-08-31")], &["applied.first"]);
}

#[test]
fn patterns_hold_for_the_whole_value() {
    check(&[("sender", "1634")], &["sender.shape"]);
    check(&[("sender", "１６３")], &[]);
}

#[test]
fn a_name_and_its_code_must_agree() {
    check(&[("kind_name", "即办件")], &[]);
    check(&[("kind_name", " 即办件\u{3000}"), ("kind", "１")], &[]);
    check(&[("kind_name", "承诺件")], &["kind.named"]);
    check(&[("kind_name", "别的")], &[]);
}

#[test]
fn tags_must_agree_with_the_satisfaction() {
    check(&[("grade", "5"), ("tags", "510")], &["tags.agree"]);
    check(&[("grade", "5"), ("tags", "115,108")], &[]);
    check(&[("grade", "2"), ("tags", "406,510")], &["tags.agree"]);
    check(&[("grade", ""), ("tags", "510")], &[]);
}

#[test]
fn a_row_goes_back_with_all_its_reasons() {
    check(
        &[("no", ""), ("kind", "3"), ("count", "x"), ("applied", "2021-09-02"), ("sender", "?")],
        &["no.required", "kind.known", "count.type", "applied.first", "sender.shape"],
    );
}

#[test]
fn what_is_doubtful_warns_and_is_accepted() {
    let judged = judged(&[record(&[]), record(&[("pushed", "2021-08-01 00:00:01")])]);
    assert_eq!((judged.n_returned, judged.accepted().records.num_rows()), (0, 2));
    let rules = &own_judge().dataset.rules;
    let told: Vec<(&str, &RowCount)> =
        judged.notes.broken.iter().map(|(rule, count)| (rules[*rule].id.as_str(), count)).collect();
    assert_eq!(told, [("pushed.doubtful", &RowCount { n_rows: 1, first_rows: vec![3] })]);
}

#[test]
fn what_is_accepted_has_the_columns_of_the_lake() {
    let judged = judged(&[
        record(&[("kind", "２"), ("region", "630102000000"), ("accepted", "20210901093000")]),
        record(&[("no", "")]),
        record(&[("no", "A3"), ("id_no", "630100040229001"), ("does", "d"), ("mobile", "")]),
    ]);
    let judged_rows = judged.accepted();
    let accepted = &judged_rows.records;
    assert_eq!(accepted.schema(), accepted_schema(RecordKind::Cases));
    let shown = |name: &str| column(accepted, name).join(" ");
    assert_eq!(shown("source_row"), "2 4");
    assert_eq!(shown("record_type"), "accept accept");
    assert_eq!(shown("record_key"), "A1 A3");
    assert_eq!(shown("project_no"), "A1 A3");
    assert_eq!(shown("operation"), "insert delete");
    assert_eq!(judged_rows.operations, [Operation::Insert, Operation::Delete]);
    assert_eq!(shown("department"), "civil_affairs civil_affairs");
    assert_eq!(shown("region"), "630102 630102");
    assert_eq!(shown("case_type"), "promised immediate");
    assert_eq!(shown("satisfaction"), "5 5");
    assert_eq!(shown("applicant_cert_type"), "resident_id resident_id");
    assert_eq!(shown("applicant_code_valid"), "true -");
    assert_eq!(shown("contact_mobile_valid"), "true -");
    assert_eq!(shown("event_at"), "2021-09-01T09:30:00 2021-09-01T09:30:00");
    assert_eq!(shown("start_at"), "- -");
    assert_eq!(shown("received_at"), "2021-10-01T12:00:00 2021-10-01T12:00:00");
    assert_eq!(shown("profile"), "own/1 own/1");
    assert_eq!(judged_rows.keys, ["A1", "A3"].map(|key| key_fingerprint("accept", key)));
}

#[test]
fn pseudonyms_stand_beside_the_accepted_rows() {
    let judged = judged(&[
        record(&[]),
        record(&[("kind", "")]),
        record(&[("id_no", " ６３010019000101001x"), ("mobile", "86 13800000000")]),
        record(&[("person", "某乙"), ("mobile", "")]),
    ]);
    let pseudonyms = &judged.accepted().pseudonyms.unwrap();
    assert_eq!(column(pseudonyms, "source_row"), ["2", "4", "5"]);
    let codes = column(pseudonyms, "applicant_code");
    assert_eq!((codes[0].len(), &codes[0]), (32, &codes[1]));
    let names = column(pseudonyms, "applicant_name");
    assert!(names[0] == names[1] && names[0] != names[2] && names[0] != codes[0]);
    let mobiles = column(pseudonyms, "contact_mobile");
    assert!(mobiles[0] == mobiles[1] && mobiles[2] == "-");
    let id_no = SOUND.iter().position(|(name, _)| *name == "id_no").unwrap();
    assert_eq!(judged.notes.n_folded[id_no], 1);
}

#[test]
fn what_goes_back_says_why_in_both_languages() {
    let judged = judged(&[record(&[("id_no", "630100190001010011"), ("count", "100")])]);
    let returned = &judged.returned;
    assert_eq!(returned.schema(), schema_of(LakeTable::Returned));
    let shown = |name: &str| column(returned, name).join(" | ");
    assert_eq!(shown("file_name"), "records.csv | records.csv");
    assert_eq!(shown("kind"), "cases | cases");
    assert_eq!(shown("record_key"), "A1 | A1");
    assert_eq!(shown("department"), "civil_affairs | civil_affairs");
    assert_eq!(shown("org_code"), "11440232MB2D06811W | 11440232MB2D06811W");
    assert_eq!(shown("rule"), "id_no.certificate | count.type");
    assert_eq!(shown("field"), "id_no, id_kind | count");
    assert_eq!(shown("found"), "**************0011; 111 | 100");
    assert!(shown("message_en").starts_with("`id_no` (document number) does not fit"));
    assert!(shown("message_zh").contains("“次数”（count）不是 1 至 99 的整数"));
    assert_eq!(shown("returned_on"), "2021-10-01 | 2021-10-01");
    assert_eq!(shown("event_at"), "2021-09-01T09:30:00 | 2021-09-01T09:30:00");
}

#[test]
fn bodies_without_a_department_are_told_once_each() {
    let other = |row: &str| record(&[("no", row), ("org_name", "测绘院"), ("org", "")]);
    let judged = judged(&[other("1"), record(&[]), other("2"), record(&[("org_name", "")])]);
    let unmapped: Vec<(&Body, u64)> =
        judged.notes.unmapped.bodies.iter().map(|(body, count)| (body, count.n_rows)).collect();
    let body = |code: Option<&str>, name: Option<&str>| Body {
        org_code: code.map(str::to_owned),
        org_name: name.map(str::to_owned),
    };
    let expected = [(body(None, Some("测绘院")), 2), (body(Some("11440232MB2D06811W"), None), 1)];
    assert_eq!(unmapped, expected.iter().map(|(body, n)| (body, *n)).collect::<Vec<_>>());
}

#[test]
fn so_many_bodies_are_told_apart_and_the_rows_of_others_add_up() {
    // Codes whose last character is wrong are shaped like those of bodies, too.
    let code = |idx: usize| format!("11440232MB{}W", 1_000_000 + idx);
    let n_rows = MAX_UNMAPPED + 700;
    let rows: Vec<Vec<String>> = (0..n_rows)
        .map(|idx| record(&[("org", &code(idx % (MAX_UNMAPPED + 500))), ("org_name", "")]))
        .collect();
    let notes = |first: usize, end: usize| {
        own_judge().judge(&block(first, 2 + first as u64, &rows[first..end])).notes
    };
    let sum = |unmapped: &Unmapped| {
        let counts = unmapped.bodies.values().map(|count| count.n_rows);
        counts.sum::<u64>() + unmapped.n_other_rows
    };
    let whole = notes(0, n_rows);
    let bodies: Vec<&Body> = whole.unmapped.bodies.keys().collect();
    assert_eq!((bodies.len(), whole.unmapped.n_other_rows), (MAX_UNMAPPED, 500));
    let first = |idx: usize| Body { org_code: Some(code(idx)), org_name: None };
    assert!(whole.unmapped.bodies.contains_key(&first(MAX_UNMAPPED - 1)));
    assert_eq!(whole.unmapped.bodies[&first(0)].n_rows, 2);
    assert!(!whole.unmapped.bodies.contains_key(&first(MAX_UNMAPPED)));
    let cuts = [0, 900, 2100, n_rows];
    let parts = || cuts.windows(2).map(|cut| notes(cut[0], cut[1]));
    let merged = |parts: Vec<Notes>| {
        let mut all = Notes::default();
        for part in parts {
            all.merge(part);
        }
        all.unmapped
    };
    assert_eq!(merged(parts().collect()), whole.unmapped);
    let backward = merged(parts().collect::<Vec<_>>().into_iter().rev().collect());
    assert_eq!(backward.bodies.keys().collect::<Vec<_>>(), bodies);
    assert_eq!((sum(&whole.unmapped), sum(&backward)), (n_rows as u64, n_rows as u64));
}

#[test]
fn fields_that_a_file_lacks_are_null_and_say_nothing() {
    let judge = judge_of("own", "cases", &["no", "kind", "person", "accepted"]);
    let row = ["A1", "1", "某甲", "2021-09-01"].map(str::to_owned).to_vec();
    let judged = judge.judge(&block(0, 2, &[row]));
    assert_eq!(judged.n_returned, 0);
    assert_eq!(column(&judged.accepted().records, "region"), ["-"]);
    assert_eq!(column(&judged.accepted().records, "applicant_code_valid"), ["-"]);
    // What another field asks for is missing all the same.
    let row = ["A1", "2", "某甲", "2021-09-01"].map(str::to_owned).to_vec();
    let judged = judge.judge(&block(0, 2, &[row]));
    assert_eq!(reasons(&judged)[&2], ["finished.when_promised"]);
}
