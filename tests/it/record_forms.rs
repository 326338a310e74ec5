//! Forms in which records come: JSON that is no JSON lines, sheets of notes, blank rows, times; and what is
//! said about them before anything is written. All records are made up.

use serde_json::Value;

use crate::records::{CANARIES, file, record};
use crate::support::Sandbox;

/// Records by the names of their columns.
fn objects(records: &[String]) -> Vec<Value> {
    let text = file(records);
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let rows = reader.deserialize::<std::collections::BTreeMap<String, String>>();
    rows.map(|row| serde_json::to_value(row.unwrap()).unwrap()).collect()
}

fn keyed(key: &str) -> String {
    record(&[("row_guid", key), ("project_no", key)])
}

fn accounts(sandbox: &Sandbox) -> String {
    sandbox.sql(
        "SELECT rows_received AS received, rows_accepted AS accepted, rows_returned AS returned
         FROM batches ORDER BY snapshot",
    )
}

#[test]
fn json_that_has_no_record_in_each_line_is_refused_with_what_to_do() {
    let records = objects(&[keyed("r-1"), keyed("r-2")]);
    let list = Value::from(records.clone());
    let envelope = serde_json::json!({ "code": 0, "data": records });
    for (name, text) in [
        ("list.json", list.to_string()),
        ("pretty.json", format!("{list:#}")),
        ("list.jsonl", list.to_string()),
        ("envelope.json", envelope.to_string()),
        ("envelope.jsonl", format!("{envelope:#}")),
    ] {
        let sandbox = Sandbox::new();
        sandbox.write(name, text);
        for command in ["ingest", "inspect"] {
            let said = sandbox.run(&[command, name]).fails(1);
            let expected =
                format!("`{name}` is JSON, and its records do not stand one in each line");
            assert!(said.contains(&expected), "{said}");
            assert!(said.contains("JSON Lines (.jsonl)"), "{said}");
            assert!(!said.contains(CANARIES[0]), "{said}");
        }
        let said = sandbox.run(&["--lang", "zh", "ingest", name]).fails(1);
        assert!(said.contains("不是每行一条记录") && said.contains("每行一个对象"), "{said}");
    }
    // A record a line is read, whatever the file is called.
    let sandbox = Sandbox::new();
    let lines: Vec<String> = records.iter().map(Value::to_string).collect();
    sandbox.write("lines.json", lines.join("\n"));
    sandbox.run(&["ingest", "lines.json"]).ok();
    assert_eq!(accounts(&sandbox), "received,accepted,returned\n2,2,0\n");
}

#[test]
fn an_object_in_the_place_of_a_value_is_told_by_row_and_field_with_what_to_do() {
    let sandbox = Sandbox::new();
    let mut records = objects(&[keyed("r-1"), keyed("r-2")]);
    records[1]["org_name"] = serde_json::json!({ "name": "省民政厅" });
    let lines: Vec<String> = records.iter().map(Value::to_string).collect();
    sandbox.write("nested.jsonl", lines.join("\n"));
    assert_eq!(sandbox.run(&["ingest", "nested.jsonl"]).code, 3);
    let told = sandbox.sql("SELECT field, message_en, message_zh FROM returned_records");
    assert!(told.contains("in row 2, the value of key org_name is an object or a list"), "{told}");
    assert!(told.contains("write what is in it as keys of their own"), "{told}");
    assert!(told.contains("请把其中内容拆成单独的键"), "{told}");
    assert_eq!(accounts(&sandbox), "received,accepted,returned\n2,1,1\n");
}

#[test]
fn who_named_a_profile_is_not_told_to_name_one() {
    let sandbox = Sandbox::new();
    let narrow = file(&[keyed("r-1")]).replace("org_code,", "");
    sandbox.write("narrow.csv", narrow.replace("11310000MB2F30661Y,2021", "2021"));
    sandbox.write("other.csv", "a,b,c\n1,2,3\n");
    sandbox.write("whole.csv", file(&[keyed("r-1")]));
    let said =
        |args: &[&str], name: &str| sandbox.run(&[&["ingest"], args, &[name]].concat()).fails(1);
    assert!(said(&[], "narrow.csv").contains("`--profile`"));
    let named = ["--profile", "up-exchange"];
    let narrow = said(&named, "narrow.csv");
    assert!(narrow.contains("lacks 1 columns: `org_code`"), "{narrow}");
    assert!(!narrow.contains("--profile") && narrow.contains("`--dataset`"), "{narrow}");
    let other = said(&named, "other.csv");
    assert!(other.contains("fits no dataset of up-exchange"), "{other}");
    let several = said(&["--profile", "gbt39046-2020"], "whole.csv");
    assert!(several.contains("name one of them with `--dataset`"), "{several}");
}

#[test]
fn blank_rows_are_told_and_count_as_none() {
    let sandbox = Sandbox::new();
    let blank = ",".repeat(20);
    let spaces = " ,".repeat(20);
    let records = [keyed("r-1"), blank.clone(), keyed("r-2"), spaces, blank];
    sandbox.write("blank.csv", file(&records));
    let told = sandbox.run(&["ingest", "blank.csv"]);
    let expected =
        "3 rows are blank in every column and count as no rows (the first in row 3, 5, 6)";
    assert!(told.stderr.contains(expected), "{}", told.stderr);
    told.ok();
    assert_eq!(accounts(&sandbox), "received,accepted,returned\n2,2,0\n");
    let rows = "SELECT source_row FROM cases ORDER BY 1";
    assert_eq!(sandbox.sql(rows), "source_row\n2\n4\n");
    let counts =
        "SELECT sum(n_accepted) AS accepted, sum(n_returned) AS returned FROM record_counts";
    assert_eq!(sandbox.sql(counts), "accepted,returned\n2,0\n");
    // One that has something in any column is a record, and goes back.
    let short = format!("{},163", ",".repeat(19));
    sandbox.write("short.csv", file(&[keyed("r-3"), short]));
    assert_eq!(sandbox.run(&["ingest", "short.csv"]).code, 3);
    assert_eq!(accounts(&sandbox), "received,accepted,returned\n2,2,0\n2,1,1\n");
}

#[test]
fn a_sheet_of_notes_is_told_by_its_name_and_not_read() {
    for notes_first in [false, true] {
        let sandbox = Sandbox::new();
        let mut book = rust_xlsxwriter::Workbook::new();
        let records = file(&[keyed("r-1"), keyed("r-2")]);
        let notes = "填报说明\n1,每行一件办件\n2,时间精确到秒\n";
        let mut sheets = [("数据", records.as_str()), ("说明", notes)];
        if notes_first {
            sheets.reverse();
        }
        for (name, text) in sheets {
            let sheet = book.add_worksheet();
            sheet.set_name(name).unwrap();
            for (row, line) in (0..).zip(text.lines()) {
                sheet.write_row(row, 0, line.split(',')).unwrap();
            }
        }
        sandbox.write("a.xlsx", book.save_to_buffer().unwrap());
        let told = sandbox.run(&["ingest", "a.xlsx"]);
        let expected = "the sheet `说明` shares no column with the records and is much narrower";
        assert!(told.stderr.contains(expected), "{}", told.stderr);
        told.ok();
        let rows = "SELECT record_key, source_row FROM cases ORDER BY 1";
        assert_eq!(sandbox.sql(rows), "record_key,source_row\nr-1,2\nr-2,3\n");
    }
}

#[test]
fn forms_of_times_are_those_of_the_profile() {
    let times = ["2021-3-5", "2021/3/5 8:05", "2021年3月5日", "2021-03-05 24:00:00"];
    let records: Vec<String> = (0..)
        .zip(times)
        .map(|(idx, time)| {
            let key = format!("r-{idx}");
            record(&[
                ("row_guid", &key),
                ("project_no", &key),
                ("apply_date", "2021-03-04"),
                ("accept_date", time),
            ])
        })
        .collect();
    let sandbox = Sandbox::new();
    sandbox.write("times.csv", file(&records));
    assert_eq!(sandbox.run(&["ingest", "times.csv"]).code, 3);
    let returned =
        "SELECT found, message_en LIKE '%that the profile takes, written as yyyy-MM-dd HH:mm:ss; day and time%' AS en,
        message_zh LIKE '%应写作 yyyy-MM-dd HH:mm:ss 的样子%' AS zh
        FROM returned_records WHERE rule = 'accept_date.type' ORDER BY source_row";
    let each = times.map(|time| format!("{time},true,true\n")).concat();
    assert_eq!(sandbox.sql(returned), format!("found,en,zh\n{each}"));

    // A profile of one's own may take more.
    let profile = sandbox.run(&["refs", "profiles", "up-exchange", "--source"]).ok();
    let more = profile.replacen(
        "\"yyyyMMdd\"]",
        "\"yyyyMMdd\", \"yyyy-M-d\", \"yyyy/M/d H:mm\", \"yyyy年M月d日\"]",
        1,
    );
    assert_ne!(more, profile);
    sandbox.write("profiles/up-exchange.toml", more.replacen("version = 1", "version = 2", 1));
    assert_eq!(sandbox.run(&["ingest", "times.csv"]).code, 3);
    let accepted = "SELECT accept_at FROM cases ORDER BY record_key";
    assert_eq!(
        sandbox.sql(accepted),
        "accept_at\n2021-03-05T00:00:00\n2021-03-05T08:05:00\n2021-03-05T00:00:00\n"
    );
    let left = "SELECT DISTINCT found FROM returned_records
        WHERE batch IN (SELECT batch FROM batches) AND rule = 'accept_date.type'";
    assert_eq!(sandbox.sql(left), "found\n2021-03-05 24:00:00\n");
}

#[test]
fn a_record_file_is_shown_masked_before_it_is_taken() {
    let sandbox = Sandbox::new();
    let text = file(&[keyed("r-1"), keyed("r-2")]);
    let text = text.replacen(",data_source\n", ",data_source,my_note,备注\n", 1);
    let text = text.replace(",163\n", ",163,x,y\n").replace("cd_batch", "cd_batches");
    let text = text.replacen("cd_batches", "cd_batch", 1);
    sandbox.write("a.csv", &text);
    let shown = sandbox.run(&["inspect", "a.csv"]).ok();
    for expected in [
        "records: up-exchange/1 up_pro_accept",
        "columns: 21 fields, 2 others",
        "row_guid → row_guid (row id)",
        "my_note → not read",
        "column 23 → not read",
        "first 2 rows, masked:",
        "2 r-1 | r-1 |",
        "were not read: `my_note`",
        "nothing was written; to take it: tongban ingest a.csv",
    ] {
        assert!(shown.contains(expected), "{expected}\n{shown}");
    }
    for canary in CANARIES {
        assert!(!shown.contains(canary), "{shown}");
    }
    assert!(!shown.contains("备注"), "{shown}");
    let shown = sandbox.run(&["inspect", "--format", "json", "a.csv"]).ok();
    let shown: Value = serde_json::from_str(&shown).unwrap();
    assert_eq!(shown["dataset"], "up-exchange/1 up_pro_accept");
    assert_eq!(shown["files"][0]["columns"][0]["field"], "row_guid");
    assert_eq!(shown["files"][0]["columns"][22], serde_json::json!({"label": null, "field": null}));
    assert_eq!(shown["files"][0]["first_rows"][1]["source_row"], 3);
    let zh = sandbox.run(&["--lang", "zh", "inspect", "a.csv"]).ok();
    assert!(zh.contains("列：21 个字段，另有 2 列不读") && zh.contains("已脱敏"), "{zh}");
    // No layout is made of it, and nothing is in the lake.
    let said = sandbox.run(&["inspect", "--save-layout", "x", "a.csv"]).fails(1);
    assert!(said.contains("holds records"), "{said}");
    assert_eq!(sandbox.sql("SELECT count(*) AS n FROM batches"), "n\n0\n");
    // A row that cannot be read is told as that.
    sandbox.write("b.csv", format!("{}x,y\n", file(&[keyed("r-1")])));
    let shown = sandbox.run(&["inspect", "b.csv"]).ok();
    assert!(shown.contains("row 3 has only 2 fields"), "{shown}");
}
