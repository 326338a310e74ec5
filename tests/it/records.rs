//! Record files judged, accepted or returned, and accounted for. All records are made up.

use std::io::Write as _;

use crate::support::{Outcome, Sandbox};

/// Columns of a file of the exchange table `up_pro_accept`.
const HEADER: &str = "row_guid,project_no,catalog_code,task_code,task_name,task_version,\
    project_type,applyer_name,applyer_type,applyer_page_type,applyer_page_code,apply_date,\
    apply_type,contact_mobile,org_name,org_code,accept_date,cd_operation,cd_time,cd_batch,data_source";

/// A record without a fault. The person does not exist: 630100 is no county.
const RECORD: [(&str, &str); 21] = [
    ("row_guid", "r-1"),
    ("project_no", "p-1"),
    ("catalog_code", "000100000001"),
    ("task_code", "11310000MB2F30661Y2000100000001"),
    ("task_name", "某事项"),
    ("task_version", "1"),
    ("project_type", "1"),
    ("applyer_name", "金丝雀甲"),
    ("applyer_type", "1"),
    ("applyer_page_type", "111"),
    ("applyer_page_code", "63010019000101001X"),
    ("apply_date", "2021-03-04 05:06:07"),
    ("apply_type", "1"),
    ("contact_mobile", "19900001234"),
    ("org_name", "省民政厅"),
    ("org_code", "11310000MB2F30661Y"),
    ("accept_date", "2021-03-05 06:07:08"),
    ("cd_operation", "I"),
    ("cd_time", "2021-03-06 07:08:09"),
    ("cd_batch", "B1"),
    ("data_source", "163"),
];

/// What stands in the file in clear and nowhere else.
pub(crate) const CANARIES: [&str; 3] = ["金丝雀甲", "63010019000101001X", "19900001234"];

/// Returns a record with some values in the place of its own.
pub(crate) fn record(changes: &[(&str, &str)]) -> String {
    let value = |(name, value): &(&str, &str)| {
        let change = changes.iter().find(|(changed, _)| changed == name);
        change.map_or((*value).to_owned(), |(_, value)| (*value).to_owned())
    };
    for (changed, _) in changes {
        assert!(RECORD.iter().any(|(name, _)| name == changed), "{changed}");
    }
    RECORD.iter().map(value).collect::<Vec<_>>().join(",")
}

/// Returns a file of records.
pub(crate) fn file(records: &[String]) -> String {
    format!("{HEADER}\n{}\n", records.join("\n"))
}

fn ingest(sandbox: &Sandbox, name: &str, records: &[String]) -> Outcome {
    sandbox.write(name, file(records));
    sandbox.run(&["ingest", name])
}

/// The counts of all batches, in the order of their commits.
fn accounts(sandbox: &Sandbox) -> String {
    sandbox.sql(
        "SELECT file_name, rows_received AS received, rows_accepted AS accepted,
             rows_updated AS updated, rows_deleted AS deleted, rows_returned AS returned,
             rows_duplicate AS duplicate
         FROM batches ORDER BY snapshot",
    )
}

#[test]
fn every_row_is_accounted_for() {
    let sandbox = Sandbox::new();
    let first = [
        record(&[]),
        record(&[("row_guid", "r-2"), ("project_no", "p-2")]),
        record(&[("row_guid", "r-3"), ("project_no", "p-3")]),
        // Twice in one file.
        record(&[("row_guid", "r-3"), ("project_no", "p-3")]),
    ];
    ingest(&sandbox, "first.csv", &first).ok();
    let later = ("cd_time", "2021-04-01 00:00:00");
    let second = [
        record(&[later]),
        record(&[("row_guid", "r-2"), ("project_no", "p-2"), ("project_type", "2"), later]),
        record(&[("row_guid", "r-3"), ("project_no", "p-3"), ("cd_operation", "D"), later]),
        record(&[("row_guid", "r-4"), ("project_no", ""), ("accept_date", "2021-02-30")]),
        record(&[("row_guid", "r-5"), ("project_no", "p-5")]),
        "two,fields".to_owned(),
    ];
    let told = ingest(&sandbox, "second.csv", &second);
    assert_eq!(told.code, 3, "{}", told.stderr);
    assert!(
        told.stderr.contains(
            "6 rows received = 1 accepted + 1 updated + 1 deleted + 2 returned + 1 duplicate"
        ),
        "{}",
        told.stderr
    );
    assert_eq!(
        accounts(&sandbox),
        "file_name,received,accepted,updated,deleted,returned,duplicate\n\
         first.csv,4,3,0,0,0,1\n\
         second.csv,6,1,1,1,2,1\n"
    );
    assert_eq!(
        sandbox.sql("SELECT record_key, version, operation, case_type FROM cases ORDER BY ALL"),
        "record_key,version,operation,case_type\n\
         r-1,1,insert,immediate\n\
         r-2,1,insert,immediate\n\
         r-2,2,insert,promised\n\
         r-3,1,insert,immediate\n\
         r-3,2,delete,immediate\n\
         r-5,1,insert,immediate\n"
    );
    assert_eq!(
        sandbox.sql("SELECT record_key, version FROM cases_latest ORDER BY record_key"),
        "record_key,version\nr-1,1\nr-2,2\nr-5,1\n"
    );
}

#[test]
fn what_was_pushed_again_unchanged_is_newer_than_what_came_between() {
    let pushed = |day: &str| format!("2021-{day} 00:00:00");
    let sandbox = Sandbox::new();
    let row = |key: &str, day: &str, changes: &[(&str, &str)]| {
        let (number, time) = (format!("p-{key}"), pushed(day));
        let mut all = vec![("row_guid", key), ("project_no", &number), ("cd_time", &time)];
        all.extend_from_slice(changes);
        record(&all)
    };
    let (delete, update) = (("cd_operation", "D"), ("project_type", "2"));
    // In three files, and all in one: k-1 as it was first, k-2 withdrawn, k-3 changed after all.
    let rows = |tag: &str| {
        let key = |number: u8| format!("k-{number}-{tag}");
        [
            vec![
                row(&key(1), "04-01", &[]),
                row(&key(2), "04-01", &[]),
                row(&key(3), "04-01", &[]),
            ],
            vec![row(&key(1), "04-09", &[]), row(&key(2), "04-03", &[delete])],
            vec![row(&key(2), "04-09", &[delete]), row(&key(3), "04-05", &[])],
            [1, 2, 3].map(|number| row(&key(number), "04-07", &[update])).to_vec(),
        ]
    };
    for (number, rows) in rows("a").iter().enumerate() {
        ingest(&sandbox, &format!("{number}.csv"), rows).ok();
    }
    ingest(&sandbox, "one.csv", &rows("b").concat()).ok();
    assert_eq!(
        sandbox.sql("SELECT record_key, version FROM cases_latest ORDER BY record_key"),
        "record_key,version\nk-1-a,1\nk-1-b,1\nk-3-a,2\nk-3-b,2\n"
    );
    let counted = "SELECT sum(n_current) AS n, sum(n_duplicate) AS again FROM record_counts";
    assert_eq!(sandbox.sql(counted), "n,again\n4,6\n");
    assert_eq!(
        sandbox.sql("SELECT record_key, version, pushed_at FROM pushed_again ORDER BY record_key"),
        "record_key,version,pushed_at\n\
         k-1-a,1,2021-04-09T00:00:00\nk-1-b,1,2021-04-09T00:00:00\n\
         k-2-a,2,2021-04-09T00:00:00\nk-2-b,2,2021-04-09T00:00:00\n\
         k-3-a,1,2021-04-05T00:00:00\nk-3-b,1,2021-04-05T00:00:00\n"
    );
}

#[test]
fn a_push_after_its_ingest_is_told_and_counts_as_pushed_with_it() {
    let sandbox = Sandbox::new();
    let told = ingest(&sandbox, "future.csv", &[record(&[("cd_time", "2099-12-31 00:00:00")])]);
    assert!(told.stderr.contains("which counts in its place"), "{}", told.stderr);
    told.ok();
    let changed = [("cd_time", "2098-01-01 00:00:00"), ("project_type", "2")];
    ingest(&sandbox, "changed.csv", &[record(&changed)]).ok();
    assert_eq!(
        sandbox.sql("SELECT version, arrived_at, case_type FROM cases_latest"),
        "version,arrived_at,case_type\n2,,promised\n"
    );
}

#[test]
fn a_row_goes_back_with_all_its_reasons_and_comes_again() {
    let sandbox = Sandbox::new();
    let bad = record(&[("project_no", ""), ("accept_date", "2021-02-30"), ("project_type", "7")]);
    assert_eq!(ingest(&sandbox, "bad.csv", &[bad]).code, 3);
    let reasons = "SELECT source_row, record_key, rule, closed_by IS NULL AS is_open
        FROM returned_records ORDER BY rule";
    assert_eq!(
        sandbox.sql(reasons),
        "source_row,record_key,rule,is_open\n\
         2,r-1,accept_date.type,true\n\
         2,r-1,project_no.required,true\n\
         2,r-1,project_type.known,true\n"
    );
    let told = ingest(&sandbox, "again.csv", &[record(&[])]);
    assert!(told.stderr.contains("1 records that had been returned came again"), "{}", told.stderr);
    told.ok();
    assert_eq!(sandbox.sql(reasons).matches(",false").count(), 3);
}

#[test]
fn the_same_files_are_there_once_and_many_can_be_one_batch() {
    let sandbox = Sandbox::new();
    sandbox.write("a.csv", file(&[record(&[])]));
    sandbox.write(
        "b.csv",
        file(&[record(&[]), record(&[("row_guid", "r-2"), ("project_no", "p-2")])]),
    );
    sandbox.run(&["ingest", "--together", "a.csv", "b.csv"]).ok();
    let told = sandbox.run(&["ingest", "--together", "a.csv", "b.csv"]);
    assert!(told.stderr.contains("already in the lake"), "{}", told.stderr);
    assert_eq!(
        accounts(&sandbox),
        "file_name,received,accepted,updated,deleted,returned,duplicate\na.csv +1,3,2,0,0,0,1\n"
    );
}

/// Evaluations in 40 files, as `synth` makes them up, in the folder `name`.
fn many_files(sandbox: &Sandbox, name: &str, more: &[&str]) -> Vec<String> {
    let args = ["synth", name, "--profile", "evaluation-interface"];
    sandbox.run(&[&args[..], &["--rows", "600", "--files", "40"], more].concat()).ok();
    let folder = sandbox.path().join(name);
    let files = crate::support::files_below(&folder, "csv").into_iter();
    let files: Vec<String> = files.map(|path| path.display().to_string()).collect();
    let files: Vec<String> =
        files.into_iter().filter(|path| path.contains("/hcp_offlinereport")).collect();
    assert_eq!(files.len(), 40);
    files
}

fn ingest_together(sandbox: &Sandbox, files: &[String]) -> Outcome {
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    sandbox.run(&[&["ingest", "--together"][..], &files].concat())
}

/// A workbook of two sheets with a record in each.
fn workbook(keys: [&str; 2]) -> Vec<u8> {
    let mut book = rust_xlsxwriter::Workbook::new();
    for key in keys {
        let sheet = book.add_worksheet();
        for (row, line) in (0..).zip([HEADER.to_owned(), numbered(key, "B1")]) {
            sheet.write_row(row, 0, line.split(',')).unwrap();
        }
    }
    book.save_to_buffer().unwrap()
}

/// An archive of files with a record in each.
fn archive(keys: [&str; 2]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for key in keys {
        let options = zip::write::SimpleFileOptions::default();
        archive.start_file(format!("{key}.csv"), options).unwrap();
        archive.write_all(file(&[numbered(key, "B1")]).as_bytes()).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

/// A record with a key, in the state of one of its pushes.
fn numbered(key: &str, source_batch: &str) -> String {
    let hour = if source_batch == "B1" { "07" } else { "09" };
    let pushed_at = format!("2021-03-06 {hour}:08:09");
    let state = if source_batch == "B1" { "某事项" } else { "某事项（改）" };
    record(&[
        ("row_guid", key),
        ("project_no", key),
        ("task_name", state),
        ("cd_time", &pushed_at),
        ("cd_batch", source_batch),
    ])
}

/// How many rows a table has, how many places in files they come from, and from how many files.
fn places(sandbox: &Sandbox, table: &str) -> [usize; 3] {
    let counted = sandbox.sql(&format!(
        "SELECT count(*) AS n, count(DISTINCT (batch, file_idx, source_row)) AS places,
             count(DISTINCT (batch, file_idx)) AS files
         FROM {table}"
    ));
    let counts: Vec<usize> = counted.lines().nth(1).unwrap().split(',').map(read_count).collect();
    counts.try_into().unwrap()
}

fn read_count(text: &str) -> usize {
    text.parse().unwrap()
}

#[test]
fn batch_file_and_row_are_unique_however_many_files_sheets_and_members_come() {
    let sandbox = Sandbox::new();
    // Two versions of a key in one file, and rows that bear the same number in every file.
    sandbox.write("a.csv", file(&[numbered("a", "B1"), numbered("b", "B1"), numbered("a", "B2")]));
    sandbox.write("b.xlsx", workbook(["c", "d"]));
    sandbox.write("c.zip", archive(["e", "f"]));
    let files = ["a.csv", "b.xlsx", "c.zip"].map(str::to_owned);
    let told = ingest_together(&sandbox, &files);
    assert_eq!(told.code, 0, "{}", told.stderr);
    assert_eq!(places(&sandbox, "cases"), [7, 7, 4]);
    // The same rows in another batch.
    sandbox.write("d.csv", file(&[numbered("b", "B2"), numbered("c", "B2")]));
    sandbox.run(&["ingest", "d.csv"]).ok();
    assert_eq!(places(&sandbox, "cases"), [9, 9, 5]);
    assert_eq!(places(&sandbox, "cases_latest"), [6, 6, 5]);

    // Made-up ratings stand in a lake of their own.
    let sandbox = Sandbox::new();
    let ratings = many_files(&sandbox, "ratings", &[]);
    let told = ingest_together(&sandbox, &ratings);
    let [n_rows, n_places, n_files] = places(&sandbox, "evaluations");
    assert_eq!((n_rows, n_files), (n_places, 40), "{}", told.stderr);
}

#[test]
fn a_reversed_scale_goes_back_in_however_many_files_it_comes() {
    let sandbox = Sandbox::new();
    let files = many_files(&sandbox, "made", &["--trap", "reversed-scale"]);
    let told = ingest_together(&sandbox, &files);
    assert!(told.stderr.contains("rows of all files"), "{}", told.stderr);
    assert_eq!(told.code, 3, "{}", told.stderr);
    let counts = "SELECT rows_received, rows_accepted, rows_returned FROM batches";
    assert_eq!(sandbox.sql(counts), "rows_received,rows_accepted,rows_returned\n600,0,600\n");
    assert_eq!(sandbox.sql("SELECT count(*) AS n FROM evaluations"), "n\n0\n");
    // The batch is told of by its name, and so is the file with the most of it.
    let found = sandbox.sql(
        "SELECT count(*) AS n, bool_and(message_en LIKE '%the most in `hcp_offlinereport%') AS named
         FROM findings WHERE message_en LIKE 'reversed_satisfaction%'",
    );
    assert_eq!(found, "n,named\n1,true\n");
}

#[test]
fn one_file_that_breaks_a_batch_rule_which_only_warns_is_told_and_stands() {
    let sandbox = Sandbox::new();
    let profile = sandbox.run(&["refs", "profiles", "evaluation-interface", "--source"]).ok();
    let (before, rule) = profile.split_once("id = \"reversed_satisfaction\"").unwrap();
    let rule = rule.replacen("severity = \"error\"", "severity = \"warning\"", 1);
    let milder = format!("{before}id = \"reversed_satisfaction\"{rule}");
    sandbox.write("profiles/evaluation-interface.toml", milder);
    let mut files = many_files(&sandbox, "good", &["--seed", "1", "--faults", "0"]);
    let bad = many_files(&sandbox, "bad", &["--seed", "2", "--trap", "reversed-scale"]);
    let rows: String = bad[..12]
        .iter()
        .map(|path| crate::support::read(path.as_ref()))
        .map(|text| text.split_once('\n').unwrap().1.to_owned())
        .collect();
    let header = crate::support::read(bad[0].as_ref()).lines().next().unwrap().to_owned();
    sandbox.write("turned.csv", format!("{header}\n{rows}"));
    files.push("turned.csv".to_owned());
    let told = ingest_together(&sandbox, &files);
    assert!(!told.stderr.contains("goes back with"), "{}", told.stderr);
    let found = sandbox.sql(
        "SELECT count(*) AS n, bool_and(message_en LIKE '%1 files taken alone%`turned.csv`%') AS named
         FROM findings WHERE message_en LIKE 'reversed_satisfaction%' AND severity = 'warning'",
    );
    assert_eq!(found, "n,named\n1,true\n");
    let accepted = sandbox.sql("SELECT rows_accepted > 600 AS most FROM batches");
    assert_eq!(accepted, "most\ntrue\n");
}

#[test]
fn who_waits_for_records_is_told_how_far_they_are() {
    let sandbox = Sandbox::new();
    ingest(&sandbox, "records.csv", &[record(&[])]).ok();
    // What is read from the lock by whoever waits for it.
    let note = crate::support::read(&sandbox.path().join("lake/records.lock"));
    assert!(note.contains("ingest") && note.ends_with("records.csv 0 %\n"), "{note}");
}

#[test]
fn numbers_of_persons_in_names_and_keys_are_not_kept() {
    let sandbox = Sandbox::new();
    let named = record(&[("task_name", "联系人19900001234"), ("project_no", "p-2")]);
    let keyed = record(&[("row_guid", "63010019000101001X"), ("project_no", "p-3")]);
    let told = ingest(&sandbox, "records.csv", &[named, keyed]);
    assert!(told.stderr.contains("in 1 rows of task_name a resident's ID"), "{}", told.stderr);
    assert_eq!(
        sandbox.sql("SELECT record_key, task_name FROM cases"),
        "record_key,task_name\nr-1,联系人199****1234\n"
    );
    assert_eq!(
        sandbox.sql("SELECT record_key, rule, found FROM returned"),
        "record_key,rule,found\n,row_guid.personal,6*\n"
    );
}

#[test]
fn nothing_personal_is_in_the_lake_or_said() {
    let sandbox = Sandbox::new();
    let whole = record(&[]);
    // Every personal value of a row that goes back is looked at, too.
    let bad = record(&[("row_guid", "r-2"), ("project_no", ""), ("contact_mobile", "1990000123")]);
    let told = ingest(&sandbox, "records.csv", &[whole, bad]);
    let listed = sandbox.run(&["sql", "--format", "csv", "SELECT * FROM returned"]).ok();
    let mut said = vec![told.stdout.into_bytes(), told.stderr.into_bytes(), listed.into_bytes()];
    let decoded = sandbox.sql("SELECT * FROM cases");
    assert!(decoded.contains("p-1"), "the record is there");
    said.push(decoded.into_bytes());
    said.extend(sandbox.lake_files().into_iter().map(|(_, bytes)| bytes));
    let holds = |bytes: &[u8], canary: &str| {
        bytes.windows(canary.len()).any(|window| window == canary.as_bytes())
    };
    for canary in CANARIES {
        assert!(!said.iter().any(|bytes| holds(bytes, canary)), "{canary}");
    }
    assert!(said.iter().any(|bytes| holds(bytes, "省民政厅")), "what is looked for can be found");
}

#[test]
fn a_file_that_fits_no_profile_is_refused_by_its_columns() {
    let sandbox = Sandbox::new();
    let without =
        |lines: &str| lines.replace("org_code,", "").replace("11310000MB2F30661Y,2021", "2021");
    sandbox.write("narrow.csv", without(&file(&[record(&[])])));
    let told = sandbox.run(&["ingest", "--profile", "up-exchange", "narrow.csv"]).fails(1);
    assert!(told.contains("up_pro_accept") && told.contains("`org_code`"), "{told}");
    sandbox.write("other.jsonl", "{\"a\": 1}\n");
    let told = sandbox.run(&["ingest", "other.jsonl"]).fails(1);
    assert!(told.contains("fits no profile"), "{told}");
    let told = sandbox.run(&["ingest", "--profile", "up-exchang", "narrow.csv"]).fails(1);
    assert!(told.contains("`up-exchange`"), "{told}");
    assert_eq!(sandbox.sql("SELECT count(*) AS n FROM batches"), "n\n0\n");
}

#[test]
fn a_damaged_file_leaves_the_lake_as_it_was() {
    let sandbox = Sandbox::new();
    ingest(&sandbox, "first.csv", &[record(&[])]).ok();
    let before = sandbox.lake_files();
    let mut broken =
        file(&[record(&[("row_guid", "r-2")]), record(&[("row_guid", "r-3")])]).into_bytes();
    broken.extend(b"r-4,\xff\xfe\n");
    sandbox.write("broken.csv", broken);
    sandbox.run(&["ingest", "--profile", "up-exchange", "broken.csv"]).fails(1);
    assert_eq!(sandbox.lake_files(), before);
    assert_eq!(sandbox.sql("SELECT count(*) AS n FROM cases"), "n\n1\n");
}

#[test]
fn a_sheet_that_does_not_show_is_told_and_not_read() {
    let sandbox = Sandbox::new();
    let mut book = rust_xlsxwriter::Workbook::new();
    for (name, key) in [("数据", "r-1"), ("底稿", "r-2")] {
        let sheet = book.add_worksheet();
        sheet.set_name(name).unwrap().set_hidden(name == "底稿");
        for (row, line) in (0..).zip([HEADER.to_owned(), record(&[("row_guid", key)])]) {
            sheet.write_row(row, 0, line.split(',')).unwrap();
        }
    }
    sandbox.write("a.xlsx", book.save_to_buffer().unwrap());
    let outcome = sandbox.run(&["ingest", "a.xlsx", "--profile", "up-exchange"]);
    assert!(outcome.stderr.contains("the hidden sheet `底稿` was not read"), "{}", outcome.stderr);
    assert_eq!(sandbox.sql("SELECT record_key FROM cases"), "record_key\nr-1\n");
}
