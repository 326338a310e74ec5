//! A thousand made-up persons go through the program, and none of them is found anywhere afterwards.
#![expect(clippy::disallowed_methods, reason = "a test looks behind the program's back")]

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::Read;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use crate::support::Sandbox;

const N_PERSONS: usize = 1000;

/// What the names, the identity numbers and those of phones begin with: nothing else does.
const NAME: &str = "金丝雀";
const NUMBER: &str = "6301991900";
const PHONE: &str = "1990000";

/// A person who does not exist: 630199 is no county.
struct Person {
    name: String,
    number: String,
    phone: String,
}

impl Person {
    fn of(idx: usize) -> Self {
        let digit = |place: usize| "〇一二三四五六七八九".chars().nth(idx / place % 10).unwrap();
        let name = format!("{NAME}{}{}{}", digit(100), digit(10), digit(1));
        let body = format!("{NUMBER}{:02}{:02}{:03}", idx % 12 + 1, idx % 28 + 1, idx);
        let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
        let sum: u32 =
            body.chars().zip(weights).map(|(c, weight)| c.to_digit(10).unwrap() * weight).sum();
        let check = "10X98765432".chars().nth(sum as usize % 11).unwrap();
        Self { name, number: format!("{body}{check}"), phone: format!("{PHONE}{idx:04}") }
    }

    /// The identity number as it stands in keys: as it is, or with something about it.
    fn disguised_number(&self, idx: usize) -> String {
        let number = &self.number;
        match idx % 6 {
            0 => number.clone(),
            1 => format!("{}-{}", &number[..15], &number[15..]),
            2 => format!("{number}-01"),
            3 => format!("A{number}"),
            4 => format!("{} {}\u{200b}", &number[..14], number[14..].to_lowercase()),
            _ => format!("{}的件{number}", self.name),
        }
    }

    /// The number of the phone in the same way.
    fn disguised_phone(&self, idx: usize) -> String {
        let phone = &self.phone;
        match idx % 7 {
            0 => phone.clone(),
            1 => format!("'{phone}"),
            2 => format!("{phone}\u{200b}"),
            3 => format!("+86{phone}"),
            4 => format!("0086-{}-{}", &phone[..7], &phone[7..]),
            5 => format!("{} {}", &phone[..7], &phone[7..]),
            _ => format!("{}{phone}", self.name),
        }
    }

    /// The fields of a row whose names say what they are; in some rows one of them is wrong.
    fn field(&self, idx: usize, column: &str) -> Option<String> {
        let long = |text: &str| text.repeat(60);
        let value = match column {
            "applyer_name" | "userName" if idx.is_multiple_of(13) => long(&self.name),
            "applyer_name" | "contact_name" | "legal" | "handle_user_name" | "userName"
            | "proManager" => self.name.clone(),
            "applyer_page_code" | "certkeyGOV" if idx.is_multiple_of(7) => {
                format!("{}0", self.number)
            }
            "applyer_page_code" | "contact_code" | "certkeyGOV" => self.number.clone(),
            "contact_mobile" if idx.is_multiple_of(11) => format!("{}9", self.phone),
            "contact_mobile" => self.phone.clone(),
            "address" => format!("某县某村{}家", self.name),
            "writingEvaluation" => format!("请回电{}，{}", self.phone, self.name),
            // Where nobody expects a person: names and titles, keys, numbers of cases and codes.
            "task_name" | "taskName" if idx.is_multiple_of(17) => {
                format!("经办电话{}，{}", self.phone, self.number)
            }
            "org_name" | "proDepart" if idx.is_multiple_of(19) => format!("某窗口{}", self.phone),
            "row_guid" | "projectNo" if idx.is_multiple_of(23) => self.disguised_number(idx / 23),
            "project_no" if idx.is_multiple_of(29) => self.disguised_phone(idx / 29),
            "cd_batch" if idx.is_multiple_of(31) => self.number.to_lowercase(),
            // Sends the row back.
            "accept_date" | "assessTime" if idx.is_multiple_of(5) => "2021年某日".to_owned(),
            _ => return None,
        };
        Some(value)
    }
}

/// Puts the persons into the place of those in a made-up file.
fn populate(sandbox: &Sandbox, (from, to): (&str, &str), separator: char) {
    let mut reader = csv::Reader::from_path(sandbox.path().join(from)).unwrap();
    let header = reader.headers().unwrap().clone();
    let join = |fields: Vec<String>| fields.join(&separator.to_string());
    let mut text = join(header.iter().map(str::to_owned).collect()) + "\n";
    for (idx, record) in reader.records().enumerate() {
        let record = record.unwrap();
        let person = Person::of(idx % N_PERSONS);
        let field = |(column, value): (&str, &str)| {
            person.field(idx, column).unwrap_or_else(|| value.to_owned())
        };
        writeln!(text, "{}", join(header.iter().zip(&record).map(field).collect())).unwrap();
    }
    sandbox.write(to, text);
}

/// The places at which a person is found: names, numbers and phones are told by how they begin.
fn found(place: &str, bytes: &[u8]) -> Vec<String> {
    let needles = [NAME, NUMBER, PHONE].into_iter();
    let has = |needle: &str| bytes.windows(needle.len()).any(|part| part == needle.as_bytes());
    needles.filter(|needle| has(needle)).map(|needle| format!("{needle} in {place}")).collect()
}

/// Looks at every file below a folder: its bytes, and the values of those that are Parquet.
fn found_below(folder: &Path) -> Vec<String> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let place = path.display().to_string();
        if path.is_dir() {
            all.extend(found_below(&path));
            continue;
        }
        let bytes = fs::read(&path).unwrap();
        all.extend(found(&place, &bytes));
        if bytes.starts_with(b"PAR1") && bytes.ends_with(b"PAR1") {
            all.extend(found(&format!("the values of {place}"), &values_of(&path)));
        }
        if bytes.starts_with(b"PK\x03\x04") {
            all.extend(found(&format!("the members of {place}"), &members_of(&path)));
        }
    }
    all
}

/// The values of all columns of a Parquet file as text.
fn values_of(path: &Path) -> Vec<u8> {
    let builder = ParquetRecordBatchReaderBuilder::try_new(File::open(path).unwrap()).unwrap();
    let mut text = arrow::csv::Writer::new(Vec::new());
    for rows in builder.build().unwrap() {
        text.write(&rows.unwrap()).unwrap();
    }
    text.into_inner()
}

/// The bytes of all members of an archive.
fn members_of(path: &Path) -> Vec<u8> {
    let mut archive = zip::ZipArchive::new(File::open(path).unwrap()).unwrap();
    let mut bytes = Vec::new();
    for idx in 0..archive.len() {
        archive.by_index(idx).unwrap().read_to_end(&mut bytes).unwrap();
    }
    bytes
}

/// Makes a thousand cases and a thousand evaluations of the persons, in `in/`.
fn sources(sandbox: &Sandbox) -> [&'static str; 2] {
    let n_rows = N_PERSONS.to_string();
    for (profile, dataset) in
        [("up-exchange", "up_pro_accept"), ("evaluation-interface", "hcp_offlinereport")]
    {
        let args = ["synth", dataset, "--profile", profile, "--dataset", dataset];
        sandbox.run(&[&args[..], &["--rows", &n_rows, "--faults", "0"]].concat()).ok();
    }
    populate(sandbox, ("up_pro_accept/up_pro_accept.csv", "in/cases.csv"), ',');
    populate(sandbox, ("hcp_offlinereport/hcp_offlinereport.csv", "in/evaluations.tsv"), '\t');
    ["in/cases.csv", "in/evaluations.tsv"]
}

/// A workspace `work` in a folder, and all that was said about it.
struct Work {
    sandbox: Sandbox,
    said: String,
}

impl Work {
    fn new() -> Self {
        let sandbox = Sandbox::empty();
        sandbox.run(&["init", "work"]).ok();
        Self { sandbox, said: String::new() }
    }

    /// Runs a command on the workspace, which has to end with one of these codes.
    #[track_caller]
    fn say(&mut self, args: &[&str], codes: &[i32]) {
        let outcome = self.sandbox.run(&[args, &["--workspace", "work"]].concat());
        assert!(codes.contains(&outcome.code), "{args:?}: {}", outcome.stderr);
        self.said.push_str(&outcome.stdout);
        self.said.push_str(&outcome.stderr);
    }
}

#[test]
fn a_thousand_persons_are_found_nowhere_afterwards() {
    let mut work = Work::new();
    let files = sources(&work.sandbox);
    assert_eq!(found_below(&work.sandbox.path().join("in")).len(), 6, "they are in the sources");
    for file in files {
        work.say(&["ingest", file], &[3]);
        work.say(&["ingest", file], &[0, 3]);
    }
    // Files that cannot be read to their end are told of by the place, not by what stands there.
    let person = Person::of(1);
    let (name, number) = (&person.name, &person.number);
    let header = fs::read_to_string(work.sandbox.path().join(files[0])).unwrap();
    let header = header.lines().next().unwrap().to_owned();
    work.sandbox.write("in/open.csv", format!("{header}\n\"{name},{number}\n{number},{name}\n"));
    work.sandbox
        .write("in/torn.csv", format!("{header}\n{name}\" x,{number}\n\"{number}\"{name}\n"));
    work.sandbox
        .write("in/bad.jsonl", format!("{{\"{name}\": \"{number}\"\n{{\"{number}\": {name}}}\n"));
    work.sandbox
        .write("in/bytes.csv", [header.as_bytes(), b"\n\xff\xff,", name.as_bytes()].concat());
    for file in ["in/open.csv", "in/torn.csv", "in/bad.jsonl", "in/bytes.csv"] {
        work.say(
            &["ingest", "--profile", "up-exchange", "--dataset", "up_pro_accept", file],
            &[1, 3],
        );
        work.say(&["inspect", file], &[0, 1]);
    }
    for statement in [
        "SELECT * FROM cases ORDER BY record_key LIMIT 2000",
        "SELECT * FROM evaluations ORDER BY record_key LIMIT 2000",
        "SELECT * FROM returned ORDER BY source_row, rule LIMIT 5000",
        "SELECT * FROM findings ORDER BY finding_idx",
        "SELECT * FROM batches ORDER BY snapshot",
        "SELECT * FROM batch_files ORDER BY file_name",
    ] {
        work.say(&["sql", "--format", "csv", statement], &[0]);
    }
    for by in ["department", "batch", "reason", "age"] {
        work.say(&["returned", "--by", by, "--format", "csv"], &[0]);
    }
    work.say(&["returned", "--lists", "work/lists"], &[0]);
    work.say(&["returned", "--lists", "work/values", "--list-format", "csv"], &[0]);
    assert!(work.said.contains("省"), "what is shown is looked at");
    for kept in ["经办电话199****", "某窗口199****"] {
        assert!(work.said.contains(kept), "{kept}");
    }
    for rule in ["row_guid.personal", "project_no.personal", "cd_batch.personal"] {
        assert!(work.said.contains(rule), "{rule}");
    }
    let mut everywhere = found("what was said", work.said.as_bytes());
    everywhere.extend(found_below(&work.sandbox.path().join("work")));
    assert_eq!(everywhere, Vec::<String>::new());

    // One that is put there on purpose is found: in bytes, in the values of Parquet, in an archive.
    let planted = work.sandbox.path().join("work/lake/tmp");
    fs::create_dir_all(&planted).unwrap();
    fs::write(planted.join("note"), format!("call {}", person.phone)).unwrap();
    let values = arrow::array::StringArray::from(vec![number.as_str(); 9]);
    let rows = [("value", std::sync::Arc::new(values) as arrow::array::ArrayRef)];
    let rows = arrow::array::RecordBatch::try_from_iter(rows).unwrap();
    let file = tongban::table::write_parquet(&rows, &[], Vec::new()).unwrap();
    fs::write(planted.join("a.parquet"), file).unwrap();
    let mut archive = zip::ZipWriter::new(File::create(planted.join("a.xlsx")).unwrap());
    archive.start_file("a.xml", zip::write::SimpleFileOptions::default()).unwrap();
    std::io::Write::write_all(&mut archive, name.repeat(9).as_bytes()).unwrap();
    archive.finish().unwrap();
    let again = found_below(&work.sandbox.path().join("work")).join("\n");
    for place in ["tmp/note", "the values of", "the members of"] {
        assert!(again.contains(place), "{place}: {again}");
    }
}

/// Texts of persons in files that fit no profile, and a table of them in every format that is a document.
fn strange_files(sandbox: &Sandbox) -> Vec<String> {
    let text = fs::read_to_string(sandbox.path().join("in/cases.csv")).unwrap();
    let lines: Vec<&str> = text.lines().take(200).collect();
    let (header, rows) = (lines[0], lines[1..].join("\n"));
    let table: String = lines[1..]
        .iter()
        .map(|line| format!("<tr><td>{}</td></tr>", line.replace(',', "</td><td>")))
        .collect();
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for (row, line) in (0..).zip(&lines[1..]) {
        sheet.write_row(row, 0, line.split(',')).unwrap();
    }
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    archive.start_file("a.csv", zip::write::SimpleFileOptions::default()).unwrap();
    std::io::Write::write_all(&mut archive, rows.as_bytes()).unwrap();
    let files: [(&str, Vec<u8>); 9] = [
        ("narrow.csv", format!("{}\n{rows}", header.replace("org_code", "o")).into()),
        ("twice.csv", format!("{}\n{rows}", header.replace("cd_batch", "cd_time")).into()),
        ("title.csv", format!("某月办件\n{header}\n{rows}").into()),
        ("rows.csv", rows.clone().into()),
        ("rows.txt", rows.clone().into()),
        ("rows", rows.into()),
        ("rows.html", format!("<html><body><table>{table}</table></body></html>").into()),
        ("rows.xlsx", book.save_to_buffer().unwrap()),
        ("rows.zip", archive.finish().unwrap().into_inner()),
    ];
    let named = files.into_iter().map(|(name, bytes)| {
        sandbox.write(&format!("in/{name}"), bytes);
        format!("in/{name}")
    });
    named.collect()
}

/// Records whose columns are shifted by one, two and more, and returns from elsewhere that name people.
fn shifted_files(sandbox: &Sandbox) -> [&'static str; 2] {
    let text = fs::read_to_string(sandbox.path().join("in/cases.csv")).unwrap();
    let (header, rows) = text.split_once('\n').unwrap();
    let mut shifted = format!("{header}\n");
    for (idx, line) in rows.lines().enumerate() {
        // Numbers that are none, and words with numbers, would be keys where they slide into one.
        if [7, 11, 13, 17, 19].iter().any(|step| idx.is_multiple_of(*step)) {
            continue;
        }
        let mut cells: Vec<&str> = line.split(',').collect();
        let n_cells = cells.len();
        cells.rotate_left(idx % n_cells);
        writeln!(shifted, "{}", cells.join(",")).unwrap();
    }
    sandbox.write("in/shifted.csv", shifted);
    let args = ["synth", "abnormal", "--profile", "up-exchange", "--dataset", "dn_audit_abnormal"];
    sandbox.run(&[&args[..], &["--rows", "60", "--faults", "0"]].concat()).ok();
    with_bodies_of_returns(sandbox);
    let from = sandbox.path().join("abnormal/dn_audit_abnormal.csv");
    let mut reader = csv::Reader::from_path(from).unwrap();
    let [kind, remark, key] = ["err_type", "remark", "table_row_guid"]
        .map(|wanted| reader.headers().unwrap().iter().position(|name| name == wanted).unwrap());
    let header: Vec<&str> = reader.headers().unwrap().iter().collect();
    let mut text = header.join(",") + ",org_code,org_name\n";
    for (idx, record) in reader.records().enumerate() {
        let (record, person) = (record.unwrap(), Person::of(idx));
        let remarks = [
            format!("{}{}{}", person.name, person.phone, person.number),
            format!("证件号码{}校验位错误", person.number),
            format!("手机号 {} 有误", person.phone),
            format!("{}的电话不对", person.name),
            format!("证件号码 {} 位数不足", &person.number[..16]),
        ];
        let kinds = [
            format!("{}的证件号码有误", person.name),
            "格式错误".to_owned(),
            format!("{} 电话{}", person.name, &person.phone[..8]),
            format!("电话{}", &person.phone[..8]),
            person.number.clone(),
            person.phone.clone(),
            format!("E{}", &person.phone[..8]),
        ];
        let keys = [
            person.number.clone(),
            person.phone.clone(),
            person.number[..16].to_owned(),
            format!("{}9", person.phone),
            format!("{}{}", person.name, idx),
            format!("E{}", &person.phone[..8]),
            format!("key-{idx}"),
            format!("{}0", person.number),
        ];
        let mut cells: Vec<&str> = record.iter().collect();
        cells[remark] = &remarks[idx % remarks.len()];
        cells[kind] = &kinds[idx % kinds.len()];
        cells[key] = &keys[idx % keys.len()];
        let bodies = [&*person.number, "11310000MB2F30661Y", &*person.phone, &*person.name];
        cells.extend([bodies[idx % 4], bodies[idx % 3]]);
        writeln!(text, "{}", cells.join(",")).unwrap();
    }
    sandbox.write("in/abnormal.csv", text);
    ["in/shifted.csv", "in/abnormal.csv"]
}

/// Takes up a profile of a team whose lists of returns name the bodies of the records.
fn with_bodies_of_returns(sandbox: &Sandbox) {
    let builtin = sandbox.run(&["refs", "profiles", "up-exchange", "--source"]).ok();
    let profile = builtin.replacen("version = 1", "version = 2", 1);
    let (before, after) = profile.split_once("id = \"dn_audit_abnormal\"").unwrap();
    let field = |name: &str| {
        format!(
            "[[datasets.fields]]\nname = \"{name}\"\nzh = \"{name}\"\nen = \"body\"\ntype = \"text\"\n\
             column = \"{name}\"\n\n"
        )
    };
    let fields = field("org_code") + &field("org_name") + "[[datasets.fields]]";
    let after = after.replacen("[[datasets.fields]]", &fields, 1);
    let own = format!("{before}id = \"dn_audit_abnormal\"{after}");
    sandbox.write("work/profiles/up-exchange.toml", own);
}

#[test]
fn files_that_are_no_record_files_and_shifted_rows_tell_nobody() {
    let mut work = Work::new();
    sources(&work.sandbox);
    for file in strange_files(&work.sandbox) {
        work.say(&["ingest", "--issuer", "青海省政府", "--partial", &file], &[1]);
        work.say(&["inspect", "--issuer", "青海省政府", "--partial", &file], &[1]);
        work.say(&["inspect", "--save-layout", "x", &file], &[1, 2]);
        work.say(&["ingest", "--profile", "up-exchange", &file], &[1]);
    }
    for file in shifted_files(&work.sandbox) {
        work.say(&["ingest", file], &[0, 3]);
    }
    for table in ["returned", "findings", "batches"] {
        work.say(&["sql", "--format", "csv", &format!("SELECT * FROM {table} ORDER BY ALL")], &[0]);
    }
    for by in ["department", "batch", "reason", "age"] {
        work.say(&["returned", "--by", by, "--format", "csv"], &[0]);
    }
    work.say(&["returned", "--lists", "work/lists", "--list-format", "csv"], &[0]);
    let mut everywhere = found("what was said", work.said.as_bytes());
    everywhere.extend(found_below(&work.sandbox.path().join("work")));
    assert_eq!(everywhere, Vec::<String>::new());
    // What names nobody is kept, and so is what there is besides.
    assert!(work.said.contains("手机号 199****"), "remarks of known words are kept");
    assert!(work.said.contains("may name a person"), "others are left out and it is said so");
    for kept in ["格式错误", "withheld", "key-6", "11310000MB2F30661Y"] {
        assert!(work.said.contains(kept), "{kept}");
    }
}

#[test]
fn what_a_killed_ingest_leaves_behind_says_nothing_of_persons() {
    let sandbox = Sandbox::new();
    let [cases, _] = sources(&sandbox);
    let text = fs::read_to_string(sandbox.path().join(cases)).unwrap();
    let (header, rows) = text.split_once('\n').unwrap();
    // The same rows many times over: most of them are set aside until the end.
    sandbox.write("in/many.csv", format!("{header}\n{}", rows.repeat(60)));
    let mut n_left = 0;
    for milliseconds in (50..1500).step_by(150) {
        let mut command = sandbox.command(&["ingest", "--quiet", "in/many.csv"]);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(milliseconds));
        child.kill().unwrap();
        child.wait().unwrap();
        let left = sandbox.path().join("lake/tmp");
        n_left += fs::read_dir(&left).unwrap().count();
        assert_eq!(found_below(&sandbox.path().join("lake")), Vec::<String>::new());
    }
    assert!(n_left > 0, "nothing was left behind that could be looked at");
}

/// A document with a person in every place beside its figures: remarks, notes, labels, captions.
fn told_documents(sandbox: &Sandbox) -> [&'static str; 2] {
    let head =
        "发布机构：青海省人民政府办公厅\n发文字号：青政办函〔2023〕7号\n成文日期：2023-07-05\n";
    let mut text = format!("{head}附件\n部门办件数据汇聚情况表\n(统计时间:2023年1月1日—6月30日)\n");
    text.push_str("单位\t办件数据汇聚量(条)\t备注\n");
    let departments = ["省公安厅", "省民政厅", "省水利厅", "省司法厅", "省教育厅"];
    for (idx, department) in departments.into_iter().enumerate() {
        let Person { number, phone, .. } = Person::of(idx);
        let (figure, remark) = match idx {
            0 => ("0".to_owned(), format!("推送5万条，全部退回，经办人电话{phone}")),
            1 => (format!("{phone}x"), format!("联系人{phone}，{number}")),
            2 => (format!("{} {} {}", &number[..6], &number[6..14], &number[14..]), phone),
            3 => ("16".to_owned(), number[..17].to_owned() + "A"),
            _ => ("16".to_owned(), number),
        };
        writeln!(text, "{department}\t{figure}\t{remark}").unwrap();
    }
    let Person { number, phone, .. } = Person::of(9);
    writeln!(text, "注：省民政厅推送数据5万条全部退回（联系人{phone}）。证件{number}。").unwrap();
    sandbox.write("in/notice.txt", text);
    let mut table =
        format!("{head}分渠道办件量（{phone}）\n（2023年6月）\n渠道\t办件数据汇聚量(条)\n");
    writeln!(table, "窗口{phone}\t5\n网上{number}\t6\n{phone}\t7").unwrap();
    sandbox.write("in/channels.txt", table);
    let layout = "format = 1\nversion = 1\nsummary = \"Synthetic\"\nsummary_zh = \"合成\"\n\n[recognise]\ntitle = \"分渠道\"\n\n[[columns]]\nlabel = \"渠道\"\nrole = \"breakdown\"\n\n[[columns]]\nlabel = \"办件数据汇聚量(条)\"\nindicator = \"cases_aggregated\"\n";
    sandbox.write("work/layouts/channels.toml", layout);
    ["in/notice.txt", "in/channels.txt"]
}

#[test]
fn what_documents_tell_beside_their_figures_names_nobody() {
    let mut work = Work::new();
    for file in told_documents(&work.sandbox) {
        work.say(&["inspect", file], &[0]);
        work.say(&["ingest", file], &[0]);
    }
    for table in ["observations", "findings", "totals", "batches"] {
        let sql = format!("SELECT * FROM {table} ORDER BY ALL");
        work.say(&["sql", "--format", "csv", &sql], &[0]);
    }
    let mut everywhere = found("what was said", work.said.as_bytes());
    everywhere.extend(found_below(&work.sandbox.path().join("work")));
    // The documents themselves are kept as they came.
    everywhere.retain(|place| !place.contains("/lake/source/"));
    assert_eq!(everywhere, Vec::<String>::new());
    for kept in ["经办人电话199****0000", "窗口199****0009"] {
        assert!(work.said.contains(kept), "{kept}");
    }
}
