//! Rows that cannot be read whole: what is known of them, and what is not shown.

use super::*;

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
