//! Records that are no cases: ratings, and returns that were made elsewhere.

use super::*;

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
