//! Bad input, two at once, read-only folders, full disks: a clear message, and the lake as it was.
#![expect(clippy::disallowed_methods, reason = "tests set up files as users leave them")]

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};

use crate::support::{NOTICE, Sandbox};

/// Ingests a text that must be refused; returns what is said.
#[track_caller]
fn refused(content: impl AsRef<[u8]>) -> String {
    let sandbox = Sandbox::with_notice();
    let before = sandbox.lake_files();
    sandbox.write("bad.txt", content);
    let said = sandbox.run(&["ingest", "bad.txt"]).fails(1);
    assert_eq!(sandbox.lake_files(), before, "the lake changed");
    assert!(said.contains("bad.txt"), "names the file: {said}");
    assert_eq!(sandbox.sql("SELECT count(*) AS n FROM batches"), "n\n1\n");
    said
}

/// A notice with one small annex: header, rows, total, as text.
fn small(rows: &str) -> String {
    format!(
        "发布机构：青海省人民政府办公厅\n发文字号：青政办函〔2023〕7号\n成文日期：2023-06-30\n附件\n汇聚情况表\n序号\t单位\t办件数据汇聚量(条)\t“好差评”数据汇聚量(条)\n{rows}"
    )
}

/// Ingests a small notice that is taken; returns findings as `severity code found` lines and the
/// values as `department indicator value status` lines.
#[track_caller]
fn taken(rows: &str) -> (String, String) {
    let sandbox = Sandbox::new();
    sandbox.write("small.txt", small(rows));
    let outcome = sandbox.run(&["ingest", "small.txt"]);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    let findings = sandbox.sql(
        "SELECT severity, code, place, found FROM findings WHERE code NOT IN ('published_on.assumed', 'period.inferred') ORDER BY finding_idx",
    );
    let values = sandbox.sql(
        "SELECT department, value, obs_status, qualifier, printed FROM observations WHERE indicator = 'cases_aggregated' ORDER BY row_idx",
    );
    (body(&findings), body(&values))
}

/// The rows of a CSV without its header.
fn body(csv: &str) -> String {
    csv.split_once('\n').map(|(_, rows)| rows.to_owned()).unwrap_or_default()
}

#[test]
fn files_that_are_no_documents_are_refused_by_name() {
    assert!(refused(b"PK\x03\x04xlsx").contains("damaged or unsafe (ZIP"));
    assert!(refused(b"%PDF-1.7").contains("is a PDF file, which is not read"));
    assert!(refused(b"\x00\x01\x02binary").contains("neither text nor a document"));
    assert!(refused("").contains("is empty"));
    assert!(refused(" \n\u{3000}\n").contains("is empty"));
    assert!(refused("只有文字，没有表格。\n").contains("no table"));
    let (gb18030, _, _) = encoding_rs::GB18030.encode("附件\n序号\t部门\n1\t");
    let undecodable = refused([&gb18030[..], b"\xFF\xFF\n"].concat());
    assert!(undecodable.contains("neither UTF-8 nor GB18030"), "{undecodable}");
    assert!(undecodable.contains("line 3"), "{undecodable}");
    let utf8 = refused([NOTICE.as_bytes(), b"\xFF\xFF\n"].concat());
    assert!(utf8.contains(&format!("line {}", NOTICE.lines().count() + 1)), "{utf8}");
}

#[test]
fn unknown_columns_and_departments_refuse_the_document_and_say_what_to_add() {
    let column = refused(NOTICE.replace("办件数据汇聚量(条)", "月球数据总量(条)"));
    assert!(column.contains("`月球数据总量(条)` (table 2, row 1, column 3, line 57)"), "{column}");
    assert!(column.contains("refdata/indicator_labels.csv"), "{column}");
    let department = refused(NOTICE.replace("省水利厅", "省某某办"));
    assert!(department.contains("places to mend in `bad.txt`: 2"), "{department}");
    assert!(department.contains("`省某某办` (table 1, row 19, column 2"), "{department}");
    assert!(department.contains("table 2, row 16, column 2"), "{department}");
    assert!(department.contains("省某某办,630000,<department>,alias"), "{department}");
    let twice = refused(NOTICE.replace("省水利厅", "省民政厅"));
    assert!(twice.contains("stands twice"), "{twice}");
    let columns = refused(NOTICE.replace("使用一体化政务服务平台办理事项数", "便民应用对接总数"));
    assert!(columns.contains("same indicator and period"), "{columns}");
}

#[test]
fn what_is_known_can_be_taken_and_the_rest_is_a_finding() {
    let sandbox = Sandbox::new();
    sandbox.write("part.txt", NOTICE.replace("省水利厅", "省某某办"));
    let outcome = sandbox.run(&["ingest", "--partial", "part.txt"]);
    assert_eq!(outcome.code, 3, "findings of severity error reach --fail-on");
    let left_out = sandbox.sql("SELECT severity, code FROM findings WHERE severity = 'error'");
    assert_eq!(left_out.lines().count(), 3, "{left_out}");
    let count = sandbox.sql("SELECT count(*) AS n FROM observations");
    assert_eq!(count, format!("n\n{}\n", 172 - 6));
}

#[test]
fn odd_cells_are_read_or_null_and_always_told() {
    let (findings, values) = taken(
        "1\t省水利厅\t1,234\t0\n2\t省民政厅\t12３4\t0\n3\t省司法厅\t约500\t0\n4\t省公安厅\t—\t0\n\
         5\t省财政厅\t／\t0\n6\t省商务厅\t若干\t0\n7\t省体育局\t\t0\n8\t合计\t2968\t0\n",
    );
    assert_eq!(
        values,
        "water,1234,reported,,\"1,234\"\ncivil_affairs,1234,reported,,12３4\n\
         justice,500,reported,approx,约500\npublic_security,,missing,,—\nfinance,,missing,,／\n\
         commerce,,missing,,若干\nsports,,missing,,\n"
    );
    assert_eq!(
        findings,
        "info,cell.normalised,table=1 row=2 column=3 line=7,\"1,234\"\n\
         info,cell.normalised,table=1 row=3 column=3 line=8,12３4\n\
         info,cell.qualified,table=1 row=4 column=3 line=9,约500\n\
         info,cell.no_value,table=1 row=5 column=3 line=10,—\n\
         info,cell.no_value,table=1 row=6 column=3 line=11,／\n\
         warning,cell.not_a_number,table=1 row=7 column=3 line=12,若干\n\
         warning,cell.blank,table=1 row=8 column=3 line=13,\n"
    );
}

#[test]
fn a_row_that_lacks_a_cell_has_no_values_and_the_total_is_not_proved() {
    let (findings, values) = taken("1\t省水利厅\t10\n2\t省民政厅\t5\t0\n3\t合计\t15\t0\n");
    assert_eq!(values, "water,,missing,,\ncivil_affairs,5,reported,,5\n");
    assert_eq!(
        findings,
        "warning,row.cells_missing,table=1 row=2 line=7,1 | 省水利厅 | 10\n\
         warning,total.unproven,table=1 row=4 column=3 line=9,15\n"
    );
}

#[test]
fn rows_that_were_not_read_leave_their_own_total_unproven() {
    let sandbox = Sandbox::new();
    let rows = "1\t省水利厅\t4\t5\n2\t省民政厅\t6\t7\n\t小计\t10\t12\n3\t某局\t1\t2\n4\t省司法厅\t3\t4\n\t小计\t4\t6\n\t合计\t14\t18\n";
    sandbox.write("small.txt", small(rows));
    let outcome = sandbox.run(&["ingest", "--partial", "small.txt"]);
    assert_eq!(outcome.code, 3, "{}", outcome.stderr);
    let unproven = sandbox.sql(
        "SELECT row_label, found, expected FROM findings WHERE code = 'total.unproven' ORDER BY finding_idx",
    );
    assert_eq!(unproven, "row_label,found,expected\n小计,4,3\n小计,6,4\n合计,14,13\n合计,18,16\n");
}

#[test]
fn what_is_not_taken_is_not_shown_as_if_it_were() {
    let sandbox = Sandbox::new();
    let rows = "1\t省水利厅\t10\t2\n2\t省民政厅\t5\t3\n3\t省水利厅\t7\t4\n4\t合计\t22\t9\n";
    sandbox.write("small.txt", small(rows));
    let shown = sandbox.run(&["inspect", "--partial", "small.txt"]).ok();
    assert!(shown.contains("省水利厅 (water): 10 (not taken) | 2 (not taken)\n"), "{shown}");
    assert!(shown.contains("省民政厅 (civil_affairs): 5 | 3\n"), "{shown}");
    assert!(shown.contains("not taken: 4 cells (see the findings)\n"), "{shown}");
    assert!(shown.contains("? cases_aggregated: 合计 22 cannot be checked"), "{shown}");
    assert!(!shown.contains('✗'), "{shown}");
    let told = sandbox.run(&["inspect", "--partial", "--format", "json", "small.txt"]).ok();
    let told: serde_json::Value = serde_json::from_str(&told).unwrap();
    let table = &told["tables"][0];
    let taken = table["observations"].as_array().unwrap().iter().map(|o| o["taken"] == true);
    assert_eq!(taken.collect::<Vec<_>>(), [false, false, true, true]);
    assert_eq!(
        (&table["totals"][0]["standing"], &table["n_left_out"]),
        (&"unproven".into(), &2.into())
    );
    sandbox
        .write("small.txt", small(&rows.replace("3\t省水利厅", "3\t省司法厅").replace("22", "23")));
    let shown = sandbox.run(&["inspect", "small.txt"]).ok();
    assert!(shown.contains("✗ cases_aggregated: 合计 23"), "{shown}");
    assert!(shown.contains("✓ evaluations_aggregated: 合计 9"), "{shown}");
}

#[test]
fn wrong_totals_second_totals_and_repeated_numbers_are_findings() {
    let (findings, _) =
        taken("1\t省水利厅\t10\t0\n1\t省民政厅\t5\t0\n3\t合计\t16\t0\n4\t总计\t15\t0\n");
    assert_eq!(
        findings,
        "warning,numbering.repeated,table=1 row=3 line=8,1\n\
         warning,total.mismatch,table=1 row=4 column=3 line=9,16\n\
         warning,total.repeated,table=1 row=5 line=10,\n"
    );
}

#[test]
fn a_note_about_returned_data_reaches_the_one_row_that_it_names() {
    let rows = "1\t省水利厅\t0\t0\n2\t省民政厅\t0\t5\n3\t省司法厅\t7\t0\n合计\t7\t5\n备注:1.省水利厅推送100条，其中退回25条；省民政厅数据全部退回。2.省司法厅、省水利厅的数据部分退回。\n";
    let sandbox = Sandbox::new();
    sandbox.write("small.txt", small(rows));
    sandbox.run(&["ingest", "small.txt"]).ok();
    let values = sandbox.sql("SELECT department, indicator, value, obs_status FROM observations WHERE obs_status = 'returned' OR indicator LIKE 'records%' ORDER BY department, indicator");
    assert_eq!(
        body(&values),
        "civil_affairs,cases_aggregated,0,returned\nwater,records_pushed,100,reported\nwater,records_returned,25,reported\n"
    );
    let unclear =
        sandbox.sql("SELECT severity, place, found FROM findings WHERE code = 'note.unclear'");
    assert_eq!(body(&unclear), "warning,table=1 note=2 line=11,省司法厅、省水利厅的数据部分退回\n");
    let totals = sandbox.sql("SELECT printed, reconciled FROM totals ORDER BY place");
    assert_eq!(body(&totals), "7,true\n5,true\n");
}

#[test]
fn a_total_without_a_number_takes_nothing_from_the_line_below() {
    let (findings, values) =
        taken("1\t省水利厅\t4\t17\n2\t省民政厅\t6\t3\n合计\t10\t20\n数据来源：省大数据中心\n");
    assert_eq!(values, "water,4,reported,,4\ncivil_affairs,6,reported,,6\n");
    assert_eq!(findings, "");
}

#[test]
fn a_scale_counts_once_and_an_unknown_unit_refuses_its_columns() {
    let rows = "1\t省水利厅\t1.2万\t0.14\n2\t省民政厅\t-5\t0.07\n";
    let sandbox = Sandbox::new();
    sandbox.write("small.txt", small(rows).replace("(条)", "(万条)"));
    sandbox.run(&["ingest", "small.txt"]).ok();
    let values = sandbox
        .sql("SELECT department, indicator, value FROM observations ORDER BY row_idx, indicator");
    assert_eq!(
        body(&values),
        "water,cases_aggregated,\nwater,evaluations_aggregated,1400\ncivil_affairs,cases_aggregated,-50000\ncivil_affairs,evaluations_aggregated,700\n"
    );
    let codes =
        sandbox.sql("SELECT code FROM findings WHERE severity = 'warning' ORDER BY finding_idx");
    assert_eq!(body(&codes), "cell.unit_differs\ncell.negative\n");
    let rows = "1\t省水利厅\t1\t2\n2\t省民政厅\t3\t4\n";
    let in_cases = small(rows).replace("(条)", "(件)");
    sandbox.write("cases.txt", in_cases);
    let refused = sandbox.run(&["ingest", "cases.txt"]).fails(1);
    assert!(refused.contains("is in `件`, its indicator is counted in `条`"), "{refused}");
}

#[test]
fn a_city_is_not_taken_for_its_province() {
    let rows = "1\t市场监管局\t1\t2\n2\t医保局\t3\t4\n";
    let text = small(rows).replace("青海省人民政府办公厅", "青海省西宁市人民政府办公厅");
    let sandbox = Sandbox::new();
    sandbox.write("city.txt", text);
    let refused = sandbox.run(&["ingest", "city.txt"]).fails(1);
    assert!(refused.contains("unknown department `市场监管局`"), "{refused}");
}

#[test]
fn a_header_printed_again_does_not_divide_a_table() {
    let (findings, values) = taken(
        "1\t省水利厅\t4\t0\n序号\t单位\t办件数据汇聚量(条)\t“好差评”数据汇聚量(条)\n2\t省民政厅\t5\t0\n3\t合计\t9\t0\n",
    );
    assert_eq!(values, "water,4,reported,,4\ncivil_affairs,5,reported,,5\n");
    assert_eq!(findings, "");
}

#[test]
fn a_subtotal_covers_the_rows_above_it_and_scaled_figures_may_be_rounded() {
    let text = small(
        "1\t省水利厅\t1.25\t0\n2\t省民政厅\t3.10\t0\n\t小计\t4.35\t0\n3\t省司法厅\t2\t0\n\t小计\t2\t0\n4\t合计\t6.35\t0\n",
    );
    let sandbox = Sandbox::new();
    sandbox.write("small.txt", text.replace("(条)", "(万条)"));
    sandbox.run(&["ingest", "--fail-on", "warning", "small.txt"]).ok();
    let totals = sandbox.sql("SELECT printed, sum_value, n_rows, reconciled FROM totals WHERE indicator = 'cases_aggregated' ORDER BY place");
    assert_eq!(body(&totals), "4.35,43500,2,true\n2,20000,1,true\n6.35,63500,3,true\n");
}

#[test]
fn one_bad_file_of_a_folder_does_not_stop_the_others() {
    let sandbox = Sandbox::new();
    sandbox.write("in/a.txt", "没有表格\n");
    sandbox.write("in/b.txt", NOTICE);
    sandbox.write("in/c.docx", "PK\x03\x04");
    sandbox.write("in/d.doc", "not looked at");
    let said = sandbox.run(&["ingest", "in"]).fails(1);
    assert!(said.contains("in/a.txt") && said.contains("files read: 1, refused: 2"), "{said}");
    assert!(said.contains("d.doc"), "says what was passed over: {said}");
    assert_eq!(sandbox.sql("SELECT count(*) AS n FROM batches"), "n\n1\n");
    let missing = sandbox.run(&["ingest", "nowhere.txt"]).fails(1);
    assert!(missing.contains("nowhere.txt") && missing.contains("no such file"), "{missing}");
}

#[test]
fn of_corrections_of_one_day_the_one_read_last_is_shown() {
    let sandbox = Sandbox::new();
    for (name, cell) in [("1", "\t883"), ("2", "\t881"), ("3", "\t882"), ("4", "\t880")] {
        sandbox.write(&format!("in/{name}.txt"), NOTICE.replace("\t878", cell));
    }
    sandbox.run(&["ingest", "--fail-on", "error", "in"]).ok();
    let shown = sandbox.sql("SELECT value FROM observations_latest WHERE department = 'development_reform' AND indicator = 'evaluations_aggregated'");
    assert_eq!(body(&shown), "880\n");
}

/// Packs an archive.
fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, content) in files {
        writer.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

#[test]
fn an_archive_without_a_document_is_refused() {
    for (files, said) in [
        (&[][..], "no documents in `a.zip`"),
        (&[("图/a.png", &b"\x89PNG"[..])][..], "passed over 1 files in `a.zip`"),
    ] {
        let sandbox = Sandbox::new();
        sandbox.write("a.zip", zip(files));
        let ingest = sandbox.run(&["ingest", "a.zip"]).fails(1);
        assert!(ingest.contains(said) && ingest.contains("no documents"), "{ingest}");
        let inspect = sandbox.run(&["inspect", "a.zip"]).fails(1);
        assert!(inspect.contains("no documents"), "{inspect}");
    }
}

#[test]
fn pictures_and_leftovers_in_an_archive_are_passed_over_and_counted_once() {
    let sandbox = Sandbox::new();
    let files: &[(&str, &[u8])] = &[
        ("通报/notice.txt", NOTICE.as_bytes()),
        ("__MACOSX/通报/._notice.txt", b"\x00\x05"),
        ("通报/.DS_Store", b"\x00"),
        ("通报/desktop.ini", b"x"),
        ("通报/seal.png", b"\x89PNG"),
    ];
    sandbox.write("a.zip", zip(files));
    let outcome = sandbox.run(&["ingest", "a.zip"]);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    let n_warnings = outcome.stderr.matches("warning:").count();
    assert!(outcome.stderr.contains("passed over 4 files in `a.zip`"), "{}", outcome.stderr);
    assert_eq!(n_warnings, 1, "{}", outcome.stderr);
    let named = sandbox.sql("SELECT file_name FROM batches");
    assert_eq!(named, "file_name\nnotice.txt\n");
}

#[test]
fn one_bad_member_of_an_archive_does_not_stop_the_others() {
    let sandbox = Sandbox::new();
    let second = NOTICE.replace("185号", "186号");
    let files: &[(&str, &[u8])] = &[
        ("a.docx", b"PK\x03\x04"),
        ("b.txt", NOTICE.as_bytes()),
        ("c.zip", &zip(&[("d.txt", b"x")])),
        ("e.txt", second.as_bytes()),
    ];
    sandbox.write("a.zip", zip(files));
    let said = sandbox.run(&["ingest", "a.zip"]).fails(1);
    assert!(said.contains("files read: 2, refused: 2"), "{said}");
    assert!(said.contains("a.zip!c.zip` is a ZIP file"), "{said}");
    assert_eq!(sandbox.sql("SELECT count(*) AS n FROM batches"), "n\n2\n");
}

#[test]
fn two_at_once_both_land() {
    let sandbox = Sandbox::new();
    for idx in 0..6 {
        let text =
            NOTICE.replace("青政办函〔2021〕185号", &format!("青政办函〔2021〕{}号", 200 + idx));
        sandbox.write(&format!("{idx}.txt"), text);
    }
    let running: Vec<_> = (0..6)
        .map(|idx| {
            let mut command = sandbox.command(&["ingest", &format!("{idx}.txt")]);
            command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
        })
        .collect();
    for process in running {
        let output = process.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    assert_eq!(sandbox.sql("SELECT count(*) AS n FROM batches"), "n\n6\n");
    assert_eq!(sandbox.sql("SELECT max(snapshot) AS n FROM snapshots"), "n\n6\n");
}

#[test]
fn a_killed_ingest_leaves_the_lake_as_it_was() {
    let sandbox = Sandbox::with_notice();
    let tmp = sandbox.path().join("lake/tmp");
    for idx in 0..20 {
        let text =
            NOTICE.replace("青政办函〔2021〕185号", &format!("青政办函〔2021〕{}号", 300 + idx));
        sandbox.write("next.txt", text);
        let mut process =
            sandbox.command(&["ingest", "next.txt"]).stderr(Stdio::null()).spawn().unwrap();
        // Killed as soon as its run has begun, before it ends.
        let has_begun = || fs::read_dir(&tmp).unwrap().next().is_some();
        while !has_begun() && process.try_wait().unwrap().is_none() {}
        process.kill().unwrap();
        process.wait().unwrap();
        let after = sandbox.sql("SELECT count(*) AS n FROM observations");
        let committed: u32 = body(&after).trim().parse().unwrap();
        assert_eq!(committed % 172, 0, "whole batches only: {after}");
    }
    sandbox.write("last.txt", NOTICE.replace("185号", "399号"));
    sandbox.run(&["ingest", "last.txt"]).ok();
    let catalog = rusqlite::Connection::open(sandbox.path().join("lake/catalog.db")).unwrap();
    let count = |state: &str| -> u32 {
        let sql = format!("SELECT count(*) FROM runs WHERE state = '{state}'");
        catalog.query_row(&sql, [], |row| row.get(0)).unwrap()
    };
    assert_eq!(count("open"), 0);
    assert!(count("aborted") > 0, "no run was killed half-way");
    assert_eq!(fs::read_dir(&tmp).unwrap().count(), 0, "a dead run left files");
}

#[test]
fn a_read_only_lake_can_be_asked_and_not_changed() {
    let sandbox = Sandbox::with_notice();
    let lake = sandbox.path().join("lake");
    if fs::metadata(&lake).is_ok() && is_root() {
        // Modes do not bind root; `lake`'s own tests cover read-only mounts.
        eprintln!("skipped: modes do not bind root");
        return;
    }
    let writable = fs::metadata(&lake).unwrap().permissions();
    fs::set_permissions(&lake, fs::Permissions::from_mode(0o500)).unwrap();
    let answer = sandbox.sql("SELECT count(*) AS n FROM batches");
    sandbox.write("next.txt", NOTICE.replace("185号", "186号"));
    let said = sandbox.run(&["ingest", "next.txt"]);
    fs::set_permissions(&lake, writable).unwrap();
    assert_eq!(answer, "n\n1\n");
    assert_eq!(said.code, 1, "{}", said.stderr);
}

fn is_root() -> bool {
    let output = Command::new("id").arg("-u").output().unwrap();
    output.stdout == b"0\n"
}

#[test]
fn a_flipped_size_is_noticed_before_any_answer() {
    let sandbox = Sandbox::with_notice();
    let data = sandbox.path().join("lake/data/observations");
    let file = fs::read_dir(data).unwrap().next().unwrap().unwrap().path();
    let bytes = fs::read(&file).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    fs::write(&file, &bytes[..bytes.len() - 10]).unwrap();
    let said = sandbox.run(&["query", "quality/totals"]).fails(1);
    assert!(said.contains(file.file_name().unwrap().to_str().unwrap()), "{said}");
}
