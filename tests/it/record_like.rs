//! Record files that fit no profile, and what else is no annex. All records are made up.
#![expect(clippy::disallowed_methods, reason = "tests read the files that the program made")]

use std::io::Write as _;

use crate::records::{CANARIES, file, record};
use crate::support::Sandbox;

/// A workbook with these lines as its rows.
fn workbook(text: &str) -> Vec<u8> {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for (row, line) in (0..).zip(text.lines()) {
        sheet.write_row(row, 0, line.split(',')).unwrap();
    }
    book.save_to_buffer().unwrap()
}

fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in files {
        writer.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// A file of three records.
fn whole() -> String {
    let records = ["1", "2", "3"].map(|key| record(&[("row_guid", key), ("project_no", key)]));
    file(&records)
}

/// The same without a column that has to be there.
fn narrow() -> String {
    let text = whole().replace("org_code,", "");
    text.replace("11310000MB2F30661Y,2021", "2021")
}

/// Tries a file as a document in every way, and returns what was said to the first.
#[track_caller]
fn refused(name: &str, bytes: impl AsRef<[u8]>) -> String {
    let sandbox = Sandbox::new();
    sandbox.write(name, bytes);
    let said = sandbox.run(&["ingest", "--issuer", "青海省政府", "--partial", name]).fails(1);
    let sketched = sandbox.run(&["inspect", "--save-layout", "x", name]);
    assert!(matches!(sketched.code, 1 | 2), "of an archive there is none: {}", sketched.stderr);
    let others = [sandbox.run(&["inspect", name]).fails(1), sketched.stderr];
    for canary in CANARIES {
        for said in others.iter().chain([&said]) {
            assert!(!said.contains(canary), "{said}");
        }
        let holds = |bytes: &[u8]| bytes.windows(canary.len()).any(|it| it == canary.as_bytes());
        assert!(!sandbox.lake_files().iter().any(|(_, bytes)| holds(bytes)), "{name}");
    }
    assert!(!sandbox.path().join("layouts/x.toml").exists());
    assert_eq!(sandbox.sql("SELECT count(*) AS n FROM batches"), "n\n0\n");
    said
}

#[test]
fn workbooks_of_records_need_no_profile_named() {
    let sandbox = Sandbox::new();
    for format in ["xlsx", "parquet"] {
        let made = ["synth", format, "--profile", "up-exchange", "--dataset", "up_pro_accept"];
        sandbox
            .run(&[&made[..], &["--rows", "20", "--faults", "0", "--format", format]].concat())
            .ok();
        sandbox.run(&["ingest", format]).ok();
    }
    assert_eq!(
        sandbox.sql("SELECT file_name, source_kind, rows_received FROM batches ORDER BY snapshot"),
        "file_name,source_kind,rows_received\n\
         up_pro_accept.xlsx,records,20\n\
         up_pro_accept.parquet,records,20\n"
    );
}

#[test]
fn parquet_packed_in_a_way_that_is_not_read_is_refused_with_its_name() {
    let sandbox = Sandbox::new();
    let made = ["synth", "a", "--profile", "up-exchange", "--dataset", "up_pro_accept"];
    sandbox
        .run(&[&made[..], &["--rows", "3", "--faults", "0", "--format", "parquet"]].concat())
        .ok();
    let mut bytes = std::fs::read(sandbox.path().join("a/up_pro_accept.parquet")).unwrap();
    // In the footer the way of packing stands behind the path of its column.
    let path = b"\x18\x08org_code\x15";
    let at = bytes.windows(path.len()).rposition(|it| it == path).unwrap() + path.len();
    bytes[at] = 2 << 1;
    sandbox.write("b.parquet", bytes);
    let said = sandbox.run(&["ingest", "b.parquet"]).fails(1);
    assert!(said.contains("GZIP") && said.contains("this compression is not read"), "{said}");
}

#[test]
fn a_header_that_lacks_a_column_is_that_of_a_record_file() {
    for (name, bytes) in [
        ("a.csv", narrow().into_bytes()),
        ("a.txt", narrow().into_bytes()),
        ("a.tsv", narrow().replace(',', "\t").into_bytes()),
        ("a", narrow().into_bytes()),
        ("a.xlsx", workbook(&narrow())),
        ("a.zip", archive(&[("a.csv", narrow().as_bytes())])),
    ] {
        let said = refused(name, bytes);
        assert!(said.contains("up_pro_accept") && said.contains("`org_code`"), "{said}");
    }
}

#[test]
fn a_column_that_stands_twice_is_told_by_its_name_only_where_it_has_one() {
    let said = refused("a.csv", whole().replace("cd_batch", "cd_time"));
    assert!(said.contains("are both called `cd_time`"), "{said}");
    let sandbox = Sandbox::new();
    let row = record(&[("row_guid", CANARIES[0])]);
    sandbox.write("a.csv", format!("{row}\n{row}\n"));
    let said = sandbox.run(&["ingest", "--profile", "up-exchange", "a.csv"]).fails(1);
    assert!(said.contains("have the same name") && !said.contains(CANARIES[0]), "{said}");
}

#[test]
fn a_title_above_the_header_is_told() {
    for (name, bytes) in [
        ("a.csv", format!("某月办件数据\n{}", whole()).into_bytes()),
        ("a.xlsx", workbook(&format!("某月办件数据\n{}", whole()))),
    ] {
        let said = refused(name, bytes);
        assert!(said.contains("header is not the first line"), "{said}");
    }
}

#[test]
fn rows_of_persons_without_a_header_are_no_annex() {
    let text = whole();
    let rows = text.split_once('\n').unwrap().1;
    let table = |text: &str| {
        let rows: String = text
            .lines()
            .map(|line| format!("<tr><td>{}</td></tr>", line.replace(',', "</td><td>")))
            .collect();
        format!("<html><body><table>{rows}</table></body></html>").into_bytes()
    };
    for (name, bytes) in [
        ("a.csv", rows.as_bytes().to_vec()),
        ("one.csv", rows.lines().next().unwrap().as_bytes().to_vec()),
        ("title.csv", format!("某月办件数据\n{rows}").into_bytes()),
        ("a.txt", rows.as_bytes().to_vec()),
        ("a.html", table(rows)),
        ("a.xlsx", workbook(rows)),
        ("a.zip", archive(&[("a.csv", rows.as_bytes())])),
    ] {
        let said = refused(name, bytes);
        assert!(said.contains("it is no annex"), "{name}: {said}");
    }
}

#[test]
fn workbooks_in_archives_are_refused_by_name() {
    let said = refused("a.zip", archive(&[("a.xlsx", &workbook(&whole()))]));
    assert!(said.contains("holds records (up-exchange/1 up_pro_accept)"), "{said}");
    let sandbox = Sandbox::new();
    let book = workbook(&whole());
    sandbox.write("a.zip", archive(&[("a.csv", whole().as_bytes()), ("b.xlsx", &book)]));
    let said = sandbox.run(&["ingest", "a.zip"]).fails(1);
    assert!(said.contains("`a.zip!b.xlsx` is a workbook or Parquet inside an archive"), "{said}");
}

#[test]
fn what_lies_beside_record_files_is_passed_over_and_told() {
    let sandbox = Sandbox::new();
    let text = whole();
    let files: [(&str, &[u8]); 5] = [
        ("__MACOSX/._a.csv", b"\0\x05\x16\x07"),
        ("readme.txt", b"hello\n"),
        ("a.csv", text.as_bytes()),
        ("scan.pdf", b"%PDF-1.4"),
        (".DS_Store", b"\0\0\0\x01Bud1"),
    ];
    sandbox.write("a.zip", archive(&files));
    let told = sandbox.run(&["ingest", "a.zip"]);
    assert!(
        told.stderr.contains("4 files of the archive hold no records and were not read"),
        "{}",
        told.stderr
    );
    told.ok();
    assert_eq!(sandbox.sql("SELECT count(*) AS n FROM cases"), "n\n3\n");
    // A table among them that fits nothing is not passed over.
    sandbox.write("b.zip", archive(&[("a.csv", text.as_bytes()), ("b.csv", b"x,y\n1,2\n")]));
    let said = sandbox.run(&["ingest", "b.zip"]).fails(1);
    assert!(said.contains("b.zip!b.csv"), "{said}");
}

#[test]
fn columns_that_are_not_read_are_told() {
    let sandbox = Sandbox::new();
    let text = whole().replace("contact_mobile", "contact_mobil");
    let lines: Vec<String> = text.lines().map(|line| format!("{line},某人")).collect();
    sandbox.write("a.csv", lines.join("\n"));
    let told = sandbox.run(&["ingest", "--fail-on", "warning", "a.csv"]);
    assert_eq!(told.code, 3, "{}", told.stderr);
    for said in ["`contact_mobil` (`contact_mobile`?)", "columns 22", "`promise_date`"] {
        assert!(told.stderr.contains(said), "{said}: {}", told.stderr);
    }
    assert!(!told.stderr.contains("某人"), "{}", told.stderr);
    let told = sandbox.sql(
        "SELECT code, severity FROM findings WHERE code LIKE 'records.columns%' ORDER BY code",
    );
    assert_eq!(
        told,
        "code,severity\n\
         records.columns_absent,warning\n\
         records.columns_unknown,warning\n\
         records.columns_unlike,warning\n"
    );
}

#[test]
fn a_shifted_row_tells_no_person() {
    let sandbox = Sandbox::new();
    let rows: Vec<String> = CANARIES
        .iter()
        .flat_map(|canary| {
            ["org_code", "apply_type", "task_code", "org_name", "catalog_code", "cd_batch"]
                .map(|field| record(&[(field, canary), ("task_name", ""), ("row_guid", "k-1")]))
        })
        .chain([record(&[("org_code", ""), ("org_name", "某市某路99号"), ("row_guid", "k-2")])])
        .collect();
    sandbox.write("a.csv", file(&rows));
    let told = sandbox.run(&["ingest", "a.csv"]);
    assert_eq!(told.code, 3, "{}", told.stderr);
    assert!(!told.stderr.contains("某路"), "{}", told.stderr);
    let returned = sandbox.sql("SELECT * FROM returned");
    let findings = sandbox.sql("SELECT * FROM findings");
    for canary in CANARIES {
        for text in [&returned, &findings, &told.stderr] {
            assert!(!text.contains(canary), "{canary}: {text}");
        }
    }
    assert!(returned.contains("省民政厅"), "{returned}");
    assert!(findings.contains("records.bodies_unlike"), "{findings}");
    let codes = "SELECT DISTINCT org_code FROM returned ORDER BY org_code";
    assert_eq!(sandbox.sql(codes), "org_code\n11310000MB2F30661Y\n\"\"\n");
}
