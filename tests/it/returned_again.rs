//! Returns that are told of again, and what closes them. All records are made up.

use std::collections::BTreeMap;

use crate::records::{file, record};
use crate::returned::{later, open_and_closed, rows};
use crate::support::{Sandbox, read};

/// A list of returns that were made elsewhere: for each its key in the list, kind of fault, record, and
/// the days on which the record was pushed and returned.
fn list(returns: &[[&str; 5]]) -> String {
    let row = |[own, kind, key, pushed, returned]: &[&str; 5]| {
        format!(
            "{own},{kind},格式错误,办件受理信息,up_pro_accept,{key},b,163,{pushed},{pushed},{returned}\n"
        )
    };
    let header = "row_guid,err_type,remark,table_name,table_sql_name,table_row_guid,table_cd_batch,\
                  table_cd_source,table_cd_time,table_update_time,cd_time\n";
    header.to_owned() + &returns.iter().map(row).collect::<String>()
}

/// Counts of all records that went back, by the columns of `by`.
fn counts(sandbox: &Sandbox, by: &str, columns: &[&str]) -> Vec<Vec<String>> {
    let args = ["returned", "--by", by, "--closed", "--format", "csv"];
    let counts = rows(&sandbox.run(&args).ok());
    let of = |row: &BTreeMap<String, String>| {
        columns.iter().map(|column| row[*column].clone()).collect()
    };
    counts.iter().map(of).collect()
}

#[test]
fn a_record_that_others_returned_counts_once_however_often_they_tell_of_it() {
    let sandbox = Sandbox::new();
    let (pushed, first, next) = ("2021-09-01", "2021-09-30", "2021-10-31");
    sandbox.write(
        "september.csv",
        list(&[["g-1", "格式错误", "r-7", pushed, first], ["g-2", "空值", "r-7", pushed, first]]),
    );
    later(&sandbox, 0, &["ingest", "september.csv"]).ok();
    let figures = ["rows_returned", "rows_open", "n_reasons", "oldest_open_on"];
    assert_eq!(counts(&sandbox, "department", &figures), [["1", "1", "2", first]]);
    sandbox.write(
        "october.csv",
        list(&[
            ["g-1", "格式错误", "r-7", pushed, next],
            ["g-2", "空值", "r-7", pushed, first],
            ["g-3", "重复", "r-7", pushed, next],
            ["g-4", "重复", "r-8", pushed, next],
        ]),
    );
    later(&sandbox, 31, &["ingest", "october.csv"]).ok();
    assert_eq!(counts(&sandbox, "department", &figures), [["2", "2", "4", first]]);
    let by_batch = ["file_name", "rows_returned", "n_reasons"];
    assert_eq!(
        counts(&sandbox, "batch", &by_batch),
        [["september.csv", "1", "3"], ["october.csv", "1", "1"]]
    );
    let told = sandbox.run(&["returned", "--lists", "lists", "--list-format", "csv"]);
    assert!(told.stderr.contains("2 records, 4 reasons"), "{}", told.stderr);
    let listed = rows(&read(&sandbox.path().join("lists/退回清单-部门未识别.csv")));
    let places: Vec<[&str; 4]> = listed
        .iter()
        .map(|row| ["文件名", "行号", "记录主键", "规则"].map(|name| &*row[name]))
        .collect();
    let expected = [
        ["october.csv", "5", "r-8", "重复"],
        ["september.csv", "2", "r-7", "格式错误"],
        ["september.csv", "2", "r-7", "空值"],
        ["september.csv", "2", "r-7", "重复"],
    ];
    let mut sorted = places.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, expected);
    // A correction ends it, and the same list once more opens nothing.
    let corrected =
        record(&[("row_guid", "r-7"), ("project_no", "p-7"), ("cd_time", "2021-11-02 00:00:00")]);
    sandbox.write("corrected.csv", file(&[corrected]));
    later(&sandbox, 35, &["ingest", "corrected.csv"]).ok();
    assert_eq!(open_and_closed(&sandbox), (1, 1));
    sandbox.write("again.csv", list(&[["g-9", "格式错误", "r-7", pushed, first]]));
    later(&sandbox, 40, &["ingest", "again.csv"]).ok();
    assert_eq!(open_and_closed(&sandbox), (1, 1));
    // Returned on a later day, it is open again, beside what was closed.
    sandbox.write("new.csv", list(&[["g-10", "空值", "r-7", "2021-11-02", "2021-11-05"]]));
    later(&sandbox, 45, &["ingest", "new.csv"]).ok();
    assert_eq!(open_and_closed(&sandbox), (2, 1));
}

#[test]
fn a_return_is_known_from_the_day_on_which_it_was_told_of() {
    let sandbox = Sandbox::new();
    sandbox.write("list.csv", list(&[["g-1", "空值", "r-7", "2021-09-01", "2021-09-30"]]));
    later(&sandbox, 10, &["ingest", "list.csv"]).ok();
    for (day, n_known) in [("2022-01-10", 0), ("2022-01-11", 1)] {
        let args = ["returned", "--as-of", day, "--format", "csv"];
        assert_eq!(rows(&later(&sandbox, 20, &args).ok()).len(), n_known, "{day}");
    }
}

#[test]
fn a_row_of_a_list_that_went_back_closes_when_it_comes_again() {
    let sandbox = Sandbox::new();
    let (pushed, returned) = ("2021-09-01", "2021-09-30");
    let sound = ["g-2", "空值", "r-8", pushed, returned];
    sandbox.write("bad.csv", list(&[["g-1", "空值", "r-7", pushed, "30.9."], sound]));
    assert_eq!(sandbox.run(&["ingest", "bad.csv"]).code, 3);
    let own = || {
        let sql = "SELECT record_key, kind, closed_by IS NOT NULL AS is_closed
                   FROM returned_records ORDER BY record_key";
        sandbox.sql(sql)
    };
    assert_eq!(own(), "record_key,kind,is_closed\ng-1,returns,false\nr-8,cases,false\n");
    // Another row of such a list closes nothing, and neither does a record with that key.
    sandbox.write("other.csv", list(&[["g-3", "空值", "g-1", pushed, returned]]));
    sandbox.run(&["ingest", "other.csv"]).ok();
    let case = record(&[("row_guid", "g-1"), ("cd_time", "2021-08-01 00:00:00")]);
    sandbox.write("case.csv", file(&[case]));
    sandbox.run(&["ingest", "case.csv"]).ok();
    assert!(own().contains("g-1,returns,false\n"), "{}", own());
    sandbox.write("good.csv", list(&[["g-1", "空值", "r-7", pushed, returned], sound]));
    let told = sandbox.run(&["ingest", "good.csv"]);
    assert!(told.stderr.contains("1 records that had been returned came again"), "{}", told.stderr);
    told.ok();
    assert!(own().contains("g-1,returns,true\n"), "{}", own());
}

#[test]
fn a_record_that_others_returned_does_not_close_its_own_return() {
    let day = "2021-09-01 10:00:00";
    let pushed = |time: &str, changes: &[(&str, &str)]| {
        record(
            &[&[("row_guid", "r-7"), ("project_no", "p-7"), ("cd_time", time)], changes].concat(),
        )
    };
    for is_list_first in [true, false] {
        let sandbox = Sandbox::new();
        sandbox.write("list.csv", list(&[["g-1", "空值", "r-7", day, "2021-09-30"]]));
        sandbox.write("record.csv", file(&[pushed(day, &[])]));
        let mut order = ["record.csv", "list.csv"];
        if is_list_first {
            order.reverse();
        }
        for name in order {
            sandbox.run(&["ingest", name]).ok();
        }
        assert_eq!(open_and_closed(&sandbox), (1, 0), "list first: {is_list_first}");
        // Sent again as it was, and what was pushed before it.
        let other = record(&[("row_guid", "x-1"), ("project_no", "x-1")]);
        sandbox.write("again.csv", file(&[pushed(day, &[]), other]));
        sandbox.run(&["ingest", "again.csv"]).ok();
        let before = pushed("2021-08-31 10:00:00", &[("task_name", "另一事项")]);
        sandbox.write("before.csv", file(&[before]));
        sandbox.run(&["ingest", "before.csv"]).ok();
        assert_eq!(open_and_closed(&sandbox), (1, 0), "list first: {is_list_first}");
        let corrected = pushed("2021-09-01 10:00:01", &[("task_name", "第三事项")]);
        sandbox.write("corrected.csv", file(&[corrected]));
        sandbox.run(&["ingest", "corrected.csv"]).ok();
        assert_eq!(open_and_closed(&sandbox), (0, 1), "list first: {is_list_first}");
    }
}

#[test]
fn a_return_of_the_day_of_its_correction_is_open_again() {
    let sandbox = Sandbox::new();
    let day = "2021-09-30";
    sandbox.write("first.csv", list(&[["g-1", "空值", "r-7", "2021-09-01 08:00:00", day]]));
    later(&sandbox, 0, &["ingest", "first.csv"]).ok();
    let corrected =
        record(&[("row_guid", "r-7"), ("project_no", "p-7"), ("cd_time", "2021-09-30 10:00:00")]);
    sandbox.write("corrected.csv", file(&[corrected]));
    later(&sandbox, 1, &["ingest", "corrected.csv"]).ok();
    assert_eq!(open_and_closed(&sandbox), (0, 1));
    sandbox.write("second.csv", list(&[["g-2", "重复", "r-7", "2021-09-30 10:00:00", day]]));
    later(&sandbox, 2, &["ingest", "second.csv"]).ok();
    assert_eq!(open_and_closed(&sandbox), (1, 1));
}

#[test]
fn a_row_that_is_corrected_in_its_batch_is_closed_though_a_later_one_went_back() {
    let sandbox = Sandbox::new();
    let pushed = |day: &str, task_name: &str| {
        let time = format!("2021-08-{day} 00:00:00");
        record(&[("row_guid", "r-1"), ("cd_time", &time), ("task_name", task_name)])
    };
    let other = record(&[("row_guid", "x-1"), ("project_no", "x-1")]);
    let rows = [pushed("01", ""), pushed("02", "某事项"), pushed("03", ""), other];
    sandbox.write("three.csv", file(&rows));
    assert_eq!(sandbox.run(&["ingest", "three.csv"]).code, 3);
    assert_eq!(open_and_closed(&sandbox), (1, 1));
    let places = "SELECT source_row, closed_by IS NOT NULL AS is_closed FROM returned_records
                  ORDER BY source_row";
    assert_eq!(sandbox.sql(places), "source_row,is_closed\n2,true\n4,false\n");
    // What came again was accepted later, not at once.
    let first_pass =
        "SELECT sum(n_accepted - n_resubmitted) AS at_once, sum(n_resubmitted) AS later
                      FROM record_counts";
    assert_eq!(sandbox.sql(first_pass), "at_once,later\n1,1\n");
    sandbox.write("last.csv", file(&[pushed("04", "另一事项")]));
    let told = sandbox.run(&["ingest", "last.csv"]);
    assert!(told.stderr.contains("1 records that had been returned came again"), "{}", told.stderr);
    assert_eq!(open_and_closed(&sandbox), (0, 2));
}

#[test]
fn what_was_pushed_before_the_record_that_went_back_is_no_correction() {
    let sandbox = Sandbox::new();
    let pushed = |day: &str, changes: &[(&str, &str)]| {
        let time = format!("2021-08-{day} 00:00:00");
        record(&[&[("row_guid", "r-1"), ("cd_time", &*time)], changes].concat())
    };
    let mut n_files = 0;
    let mut ingest = |records: &[String], expected: (usize, usize)| {
        n_files += 1;
        let name = format!("{n_files}.csv");
        let other = record(&[("row_guid", &format!("x-{n_files}"))]);
        sandbox.write(&name, file(&[records, &[other]].concat()));
        let told = sandbox.run(&["ingest", &name]);
        assert!([0, 3].contains(&told.code), "{}", told.stderr);
        assert_eq!(open_and_closed(&sandbox), expected, "{name}");
    };
    ingest(&[pushed("01", &[])], (0, 0));
    ingest(&[pushed("10", &[("task_name", "")])], (1, 0));
    // What the lake has, once more, and another older version.
    ingest(&[pushed("02", &[])], (1, 0));
    ingest(&[pushed("09", &[("task_name", "另一事项")])], (1, 0));
    ingest(&[pushed("10", &[("task_name", "第三事项")])], (0, 1));
    // Within a batch as well, where a later row may be an older one.
    let bad = || pushed("20", &[("task_name", "")]);
    ingest(&[bad(), pushed("19", &[("task_name", "第四事项")])], (1, 1));
    ingest(&[pushed("21", &[("task_name", "第五事项")])], (0, 2));
    ingest(&[bad(), pushed("22", &[("task_name", "第六事项")])], (0, 3));
}
