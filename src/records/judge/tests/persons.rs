//! Numbers of persons where nobody expects them.

use super::*;

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
