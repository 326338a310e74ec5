//! What is accepted, what goes back and why.

mod batch;
mod laws;

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
fn numbers_of_persons_in_names_are_masked_and_told() {
    let phone = record(&[("org_name", "联系人某甲13800000000")]);
    let number = record(&[("org_name", "省民政厅（63010019000101001x）"), ("no", "A2")]);
    // What goes back is not stored, and nothing in it was masked before that.
    let returned = record(&[("org_name", "联系人某甲13800000000"), ("no", "")]);
    let judged = judged(&[phone, record(&[("no", "A3")]), number, returned]);
    assert_eq!(judged.n_returned, 1);
    let names = column(&judged.accepted().records, "org_name");
    assert_eq!(names, ["联系人某甲138****0000", "省民政厅", "省民政厅（**************001X）"]);
    let org_name = SOUND.iter().position(|(name, _)| *name == "org_name").unwrap();
    assert_eq!(judged.notes.n_masked[org_name], 2);
    assert_eq!(judged.notes.n_masked.iter().sum::<u64>(), 2);
}

#[test]
fn numbers_of_persons_are_no_keys_and_no_codes() {
    check(&[("no", "13800000000")], &["no.personal"]);
    check(&[("no", "63010019000101001X")], &["no.personal"]);
    check(&[("no", " 63010019000101001x ")], &["no.personal"]);
    check(&[("no", "１３８００００００００")], &["no.personal"]);
    check(&[("item", "13800000000"), ("sub_item", "")], &["item.personal", "item.shape"]);
    check(&[("sub_item", "63010019000101001X")], &["sub_item.personal"]);
    check(&[("sender", "13800000000")], &["sender.personal", "sender.shape"]);
    check(&[("org", "63010019000101001X")], &["org.checksum", "org.personal", "org.organisation"]);
    // However they are disguised.
    for no in [
        "'13800138000",
        "13800138000\u{200b}",
        "138 00138000",
        "138-0013-8000",
        "+8613800138000",
        "0086-13800138000",
        "1３800138000",
        "110105194912310-02X",
        "11010519491231002X-1",
        "A11010519491231002X",
        "11010520160101009X",
        "张三13800138000",
    ] {
        check(&[("no", no)], &["no.personal"]);
        let judged = judged(&[record(&[("no", no)])]);
        assert_eq!(column(&judged.returned, "record_key"), ["-"], "{no}");
        let shown = no.chars().next().map(|first| format!("{first}*"));
        assert_eq!(column(&judged.returned, "found"), [shown.unwrap()], "{no}");
    }
    // Numbers of cases are digits, too.
    for no in [
        "10000000001",
        "63010220210723000001",
        "630102202107230001",
        "138000000001",
        "2021-13800138000",
    ] {
        check(&[("no", no)], &[]);
    }
    let judged = judged(&[record(&[("no", "13800000000")])]);
    assert_eq!(column(&judged.returned, "record_key"), ["-"]);
    assert_eq!(column(&judged.returned, "found"), ["1*"]);
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

#[test]
fn a_shifted_row_shows_nobody() {
    // Every value stands one column further than it should.
    let mut row = record(&[]);
    row.rotate_right(1);
    let judged = judged(&[row]);
    assert_eq!(judged.n_returned, 1);
    assert!(judged.returned.column_by_name("org_name").unwrap().is_null(0));
    let shown = format!("{judged:?}");
    for person in ["某甲", "63010019000101001X", "13800000000", "secret-word"] {
        assert!(!shown.contains(person), "{person}");
    }
}

/// What comes of the rows of a text file under the header of the sound record.
fn judged_text(rows: &str) -> Judged {
    let header: Vec<&str> = SOUND.iter().map(|(name, _)| *name).collect();
    let text = format!("{}\n{rows}\n", header.join(","));
    let mut reader = read_rows(Box::new(Cursor::new(text.into_bytes())), "a.csv").unwrap();
    own_judge().judge(&reader.next_block().unwrap().unwrap())
}

/// A row of a text file, the sound record with some changes.
fn line(changes: &[(&str, &str)]) -> String {
    let quoted: Vec<String> =
        record(changes).into_iter().map(|value| format!("\"{value}\"")).collect();
    quoted.join(",")
}

/// Key, department and time of the first returned row, and its reasons with their fields.
fn first_return(judged: &Judged) -> ([String; 3], Vec<String>) {
    assert_eq!(judged.n_returned, 1);
    let of = |name: &str| column(&judged.returned, name);
    let reasons =
        of("rule").into_iter().zip(of("field")).map(|(rule, field)| format!("{rule} {field}"));
    (["record_key", "department", "event_at"].map(|name| of(name)[0].clone()), reasons.collect())
}

#[test]
fn a_row_that_is_too_long_or_too_short_is_known_as_far_as_its_check_digits_tell() {
    let told = |row: &str| first_return(&judged_text(row));
    let known = ["A1", "civil_affairs", "-"].map(str::to_owned);
    let reasons = |all: &[&str]| all.iter().map(|reason| (*reason).to_owned()).collect::<Vec<_>>();
    let sound = line(&[("id_no", "")]);
    let (key, found) = told(&format!("{sound},"));
    assert_eq!((key, found), (known.clone(), reasons(&["record.too_many_fields -"])));
    // What is wrong in front of it is told as well, and nothing that stands behind.
    let bad = line(&[("kind_name", "承诺件"), ("applied", "2021-02-30"), ("person", "")]);
    let (key, found) = told(bad.rsplit_once(',').unwrap().0);
    let expected = reasons(&["record.too_few_fields -", "kind.named kind_name, kind"]);
    assert_eq!((key, found), (known, expected));
    // A separator in front of the body: nobody can be sure of anything.
    let unknown = ["-", "-", "-"].map(str::to_owned);
    let shifted = sound.replacen("\"1\"", "\"1\",\"2\"", 1);
    assert_eq!(told(&shifted), (unknown.clone(), reasons(&["record.too_many_fields -"])));
    let missing = sound.replacen("\"1\",", "", 1);
    assert_eq!(told(&missing), (unknown.clone(), reasons(&["record.too_few_fields -"])));
    let no_body = line(&[("org", ""), ("item", ""), ("sub_item", "")]);
    assert_eq!(told(&format!("{no_body},")).0, unknown);
}

#[test]
fn a_field_that_cannot_be_read_hides_no_other() {
    let names = SOUND.iter().map(|(name, _)| *name);
    let values = record(&[("item", ""), ("grade", "77")]);
    let members: Vec<String> =
        names.zip(values).map(|(name, value)| format!("\"{name}\":\"{value}\"")).collect();
    let told = |changed: &str| {
        let line = format!("{{{},{changed}}}\n", members.join(","));
        let mut reader = read_rows(Box::new(Cursor::new(line.into_bytes())), "a.jsonl").unwrap();
        first_return(&own_judge().judge(&reader.next_block().unwrap().unwrap()))
    };
    let (known, found) = told("\"person\":\"某乙\"");
    assert_eq!(known, ["A1", "civil_affairs", "2021-09-01T09:30:00"]);
    // That it is blank is not said of what could not be read.
    assert_eq!(found, ["record.json_key_twice person", "grade.known grade"]);
    let (known, _) = told("\"no\":\"A2\"");
    assert_eq!(known, ["-", "civil_affairs", "2021-09-01T09:30:00"]);
}

#[test]
fn a_key_stays_a_key_whatever_number_it_could_be() {
    let told = |key: &str, org: &str| {
        first_return(&judged(&[record(&[("no", key), ("org", org), ("kind", "")])])).0[0].clone()
    };
    let body = "11440232MB2D06811W";
    let told_without_body = |key: &str| {
        let stray = judged(&[record(&[("no", key), ("org", "13800000000"), ("org_name", "")])]);
        column(&stray.returned, "record_key")[0].clone()
    };
    // Numbers of persons that are nothing else are no keys.
    for key in ["13800000000", "63010019000101001X", "63010019000101001X0"] {
        assert_eq!((told(key, body), told_without_body(key)), ("-".to_owned(), "-".to_owned()));
    }
    for key in [
        "12800000000",
        "630100201501010017",
        "630100900101001",
        "630100190001010012",
        "6301001900010100",
        "63010019000101001Y",
        "6301001900010100119",
        "E12345678",
        "张三1",
    ] {
        assert_eq!(told(key, body), key);
        // Where no body stands in its place, the number of a person may stand in that of the key.
        assert_eq!(told_without_body(key), "-", "{key}");
    }
    for key in ["r-1", "1000001", "000100000001"] {
        assert_eq!(told_without_body(key), key);
    }
}

#[test]
fn keys_of_several_parts_are_never_alike() {
    let header = ["projectNo", "assessNumber", "assessTime", "satisfaction", "deptCode"];
    let judge = judge_of("evaluation-interface", "hcp_offlinereport", &header);
    let row = |no: &str, number: &str| {
        [no, number, "2021-09-01", "5", "11440232MB2D06811W"].map(str::to_owned).to_vec()
    };
    let judged = judge.judge(&block(0, 2, &[row("a|1", "1"), row("a", "2"), row("a\\", "1")]));
    assert_eq!(column(&judged.accepted().records, "record_key"), ["a\\|1|1", "a|2", "a\\\\|1"]);
    assert_eq!(judged.accepted().keys[1], key_fingerprint("", "a|2"));
}

#[test]
fn the_number_of_a_rating_is_the_same_however_it_is_written() {
    let header = ["projectNo", "assessNumber", "assessTime", "satisfaction", "deptCode"];
    let judge = judge_of("evaluation-interface", "hcp_offlinereport", &header);
    let row = |number: &str| {
        ["a", number, "2021-09-01", "5", "11440232MB2D06811W"].map(str::to_owned).to_vec()
    };
    let judged = judge.judge(&block(0, 2, &["1", "01", "１", " 1 ", "2"].map(row)));
    assert_eq!(
        column(&judged.accepted().records, "record_key"),
        ["a|1", "a|1", "a|1", "a|1", "a|2"]
    );
}

#[test]
fn ratings_become_evaluations() {
    let header = [
        "projectNo",
        "assessNumber",
        "assessTime",
        "satisfaction",
        "deptCode",
        "pf",
        "userProp",
        "certkeyGOV",
        "writingEvaluation",
        "promiseTime",
    ];
    let judge = judge_of("evaluation-interface", "hcp_offlinereport", &header);
    let row = |row: [&str; 10]| row.map(str::to_owned).to_vec();
    let code = "11440232MB2D06811W";
    let judged = judge.judge(&block(
        0,
        2,
        &[
            row([
                "A1",
                "1",
                "2021-09-01",
                "5",
                code,
                "7",
                "1",
                "63010019000101001X",
                "很好。",
                "1",
            ]),
            row(["A1", "2", "2021-09-01", "1", code, "", "2", "9144030071526726XG", "", "2"]),
        ],
    ));
    assert_eq!(judged.n_returned, 0);
    let judged_rows = judged.accepted();
    let accepted = &judged_rows.records;
    assert_eq!(accepted.schema(), accepted_schema(RecordKind::Evaluations));
    let shown = |name: &str| column(accepted, name).join(" ");
    assert_eq!(shown("satisfaction"), "5 1");
    assert_eq!(shown("is_default"), "true -");
    assert_eq!(shown("channel"), "default -");
    assert_eq!(shown("text_length"), "3 -");
    assert_eq!(shown("assess_number"), "1 2");
    assert_eq!(shown("case_type"), "promised immediate");
    assert_eq!(shown("evaluator_code_valid"), "true true");
    assert_eq!(shown("event_at"), "2021-09-01T00:00:00 2021-09-01T00:00:00");
    let pseudonyms = judged_rows.pseudonyms.unwrap();
    assert_eq!(column(&pseudonyms, "contact_mobile"), ["-", "-"]);
    assert!(pseudonyms["evaluator_code"].as_binary::<i32>().null_count() == 0);
}

/// The columns of returns that were made elsewhere.
const ABNORMAL: [&str; 11] = [
    "row_guid",
    "err_type",
    "remark",
    "table_name",
    "table_sql_name",
    "table_row_guid",
    "table_cd_batch",
    "table_cd_source",
    "table_cd_time",
    "table_update_time",
    "cd_time",
];

#[test]
fn returns_that_were_made_elsewhere_become_returned() {
    let judge = judge_of("up-exchange", "dn_audit_abnormal", &ABNORMAL);
    let time = "2021-09-30 08:00:00";
    let row = [
        "g1",
        "格式错误",
        "电话13800000000不对",
        "办件受理信息",
        "up_pro_accept",
        "r1",
        "b",
        "163",
        time,
        time,
        time,
    ];
    let judged = judge.judge(&block(0, 2, &[row.map(str::to_owned).to_vec()]));
    assert_eq!(judged.n_returned, 0, "{:?}", reasons(&judged));
    assert_eq!(judged.accepted().records.schema(), schema_of(LakeTable::Returned));
    let shown = |name: &str| column(&judged.accepted().records, name).join(" ");
    assert_eq!((shown("record_key"), shown("record_type")), ("r1".to_owned(), "accept".to_owned()));
    assert_eq!(shown("returned_by"), "省共享交换平台");
    assert!(!format!("{judged:?}").contains("13800000000"));
}

#[test]
fn a_return_made_elsewhere_keeps_what_stands_for_its_body_by_its_shape() {
    let refdata = RefData::load(&[]).unwrap();
    let builtin = include_str!("../../../../data/profiles/up-exchange.toml");
    let (before, after) = builtin.split_once("id = \"dn_audit_abnormal\"").unwrap();
    let body = "[[datasets.fields]]\nname = \"org_code\"\nzh = \"机构\"\nen = \"body\"\n\
                type = \"text\"\ncolumn = \"org_code\"\n\n[[datasets.fields]]\nname = \"org_name\"\n\
                zh = \"机构名\"\nen = \"its name\"\ntype = \"text\"\ncolumn = \"org_name\"\n\n";
    let (head, fields) = after.split_once("[[datasets.fields]]").unwrap();
    let fields = format!("{head}{body}[[datasets.fields]]{fields}");
    let own = format!("{before}id = \"dn_audit_abnormal\"{fields}");
    let profiles = Profiles::load(&[("up-exchange".to_owned(), own)], &refdata).unwrap();
    let header = [&ABNORMAL[..], &["org_code", "org_name"]].concat();
    let judge = judge_in(&profiles, ("up-exchange", "dn_audit_abnormal"), &header);
    let time = "2021-09-30 08:00:00";
    let shown = |code: &str, name: &str| {
        let told =
            ["g1", "空值", "空值", "办件", "up_pro_accept", "r1", "b", "163", time, time, time];
        let row = [&told[..], &[code, name]].concat().into_iter().map(str::to_owned);
        let judged = judge.judge(&block(0, 2, &[row.collect::<Vec<_>>()]));
        let accepted = judged.accepted().records;
        ["org_code", "org_name"].map(|name| column(&accepted, name).concat())
    };
    for (code, name, expected) in [
        ("11310000MB2F30661Y", "省民政厅", ["11310000MB2F30661Y", "省民政厅"]),
        ("63010019000101001X", "司马懿", ["-", "-"]),
        ("13800000000", "某县某村3号", ["-", "-"]),
        ("司马懿", "13800000000", ["-", "-"]),
        ("", "", ["-", "-"]),
    ] {
        assert_eq!(shown(code, name), expected, "{code} {name}");
    }
}

#[test]
fn what_a_return_made_elsewhere_tells_of_a_person_is_not_kept() {
    let judge = judge_of("up-exchange", "dn_audit_abnormal", &ABNORMAL);
    let time = "2021-09-30 08:00:00";
    let told = |kind: &str, remark: &str, key: &str| {
        let row = ["g1", kind, remark, "办件", "up_pro_accept", key, "b", "163", time, time, time];
        let judged = judge.judge(&block(0, 2, &[row.map(str::to_owned).to_vec()]));
        let accepted = judged.accepted().records;
        ["rule", "message_zh", "record_key", "arrived_at"]
            .map(|name| column(&accepted, name).concat())
    };
    let left_out = told("格式错误", "司马懿", "r-1")[1].clone();
    for (given, expected) in [
        (["格式错误", "长度超过 50", "r-1"], ["格式错误", "长度超过 50", "r-1"]),
        (["E001", "时间 20210801 有误", "1000001"], ["E001", "时间 20210801 有误", "1000001"]),
        (
            ["司马懿的证件号码有误", "联系电话 61234567 有误", "63010019000101001X"],
            ["withheld", "联系电话 ******** 有误", "-"],
        ),
        (["张三 电话61234567 护照E12345678", "张三", "13800000000"], ["withheld", &left_out, "-"]),
        (["13800000000", "有误", "6301001900010100"], ["withheld", "有误", "-"]),
        (["63010019000101001X", "有误", "E12345678"], ["withheld", "有误", "-"]),
    ] {
        let [kind, remark, key] = given;
        let [rule, message, shown, arrived_at] = told(kind, remark, key);
        assert_eq!([&*rule, &*message, &*shown], expected, "{given:?}");
        assert_eq!(arrived_at, "2021-09-30T08:00:00");
    }
}
