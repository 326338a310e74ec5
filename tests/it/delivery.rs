//! Reports sent by mail and to webhooks: what arrives, what is said where nothing does, and what nobody is told.
#![expect(clippy::disallowed_methods, reason = "tests read and change what commands wrote")]

use std::fs::{self, Permissions};
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{Outcome, Sandbox, python, root};

const DEFINITION: &str = include_str!("../../data/reports/monthly-trend.toml");

/// 08:00 Beijing time on the day of each, seconds since 1970.
const JANUARY_1: u64 = 1_640_995_200;
const APRIL_1: u64 = 1_648_771_200;

/// What must be found nowhere.
const PASSWORD: &str = "geheim-Passwort-9";
const SECRET: &str = "SECgeheim0123456789";
const KEY: &str = "693a91f6-geheim-4f6e";
const TOKEN: &str = "token-geheim-77";

/// A mail server and webhooks of another language, as a process of their own.
struct Receiver {
    child: Child,
    folder: TempDir,
    ports: Value,
}

impl Receiver {
    /// Starts what the settings name; `None` where there is no Python.
    fn start(test: &str, settings: &Value) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let tls = root().join("tests/tls");
        let mut child = Command::new(python(test)?)
            .arg(root().join("tests/python/receive.py"))
            .arg(folder.path())
            .args([tls.join("server.pem"), tls.join("server.key")])
            .arg(settings.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let ports = serde_json::from_str(&line).unwrap();
        Some(Self { child, folder, ports })
    }

    fn port(&self, kind: &str) -> u64 {
        self.ports[kind].as_u64().unwrap()
    }

    /// What arrived of a kind, in order.
    fn arrived(&self, kind: &str) -> Vec<Value> {
        let path = |number: usize| self.folder.path().join(format!("{kind}-{number}.json"));
        let paths = (1..).map(path).take_while(|path| path.exists());
        paths.map(|path| serde_json::from_slice(&fs::read(path).unwrap()).unwrap()).collect()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        // It may have ended by itself; what it held open is gone either way.
        self.child.kill().unwrap_or_default();
        self.child.wait().map(drop).unwrap_or_default();
    }
}

/// A workspace with the notice, a report that is due on the 5th of each month, and the secrets of its deliveries.
fn workspace(deliver: &[&str], settings: &str) -> Sandbox {
    let sandbox = Sandbox::with_notice();
    define(&sandbox, "0 8 5 * *", "zh", deliver);
    sandbox.write("tongban.toml", settings);
    for (name, text) in [("password", PASSWORD), ("secret", SECRET), ("token", TOKEN)] {
        keep(&sandbox, name, text);
    }
    assert_eq!(at(&sandbox, JANUARY_1, &["schedule", "run-due"]).code, 0);
    sandbox
}

fn define(sandbox: &Sandbox, cron: &str, lang: &str, deliver: &[&str]) {
    let schedule = format!(
        "\n[schedule]\ncron = \"{cron}\"\nzone = \"Asia/Shanghai\"\nlang = \"{lang}\"\n\
         formats = [\"html\", \"xlsx\", \"markdown\"]\ndeliver = {deliver:?}\n"
    );
    sandbox.write("reports/月报.toml", format!("{DEFINITION}{schedule}"));
}

/// Keeps a secret as it has to be kept.
fn keep(sandbox: &Sandbox, name: &str, text: &str) {
    let path = sandbox.write(&format!("keys/{name}"), format!("{text}\n"));
    fs::set_permissions(path, Permissions::from_mode(0o600)).unwrap();
}

fn at(sandbox: &Sandbox, time: u64, args: &[&str]) -> Outcome {
    sandbox
        .command(args)
        .env("SOURCE_DATE_EPOCH", time.to_string())
        .env("SSL_CERT_FILE", root().join("tests/tls/ca.pem"))
        .env("HTTPS_PROXY", "")
        .output()
        .unwrap()
        .into()
}

/// Makes and sends what is due; returns what was said about it.
#[track_caller]
fn run_due(sandbox: &Sandbox, time: u64, code: i32) -> String {
    let outcome = at(sandbox, time, &["schedule", "run-due"]);
    assert_eq!((outcome.code, outcome.stdout.as_str()), (code, ""), "{}", outcome.stderr);
    outcome.stderr
}

/// Settings of a mail to two receivers.
fn office(receiver: &Receiver, tls: &str, more: &str) -> String {
    format!(
        "[deliveries.office]\nkind = \"mail\"\nserver = \"localhost\"\nport = {}\ntls = \"{tls}\"\n\
         from = \"tongban@example.cn\"\nfrom_name = \"数据组\"\n\
         to = [\"wang@example.cn\", \"li@example.cn\"]\ntimeout_s = 60\n{more}\n",
        receiver.port("mail")
    )
}

const LOGIN: &str = "user = \"tongban\"\npassword_file = \"keys/password\"\n";

/// Columns of what the log says of receivers, the newest run first.
fn sent(sandbox: &Sandbox, columns: &[&str]) -> Vec<Vec<String>> {
    let csv = sandbox.run(&["schedule", "log", "--format", "csv"]).ok();
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let headers = reader.headers().unwrap().clone();
    let position = |column: &str| headers.iter().position(|header| header == column).unwrap();
    let to = position("destination");
    let rows = reader.records().map(Result::unwrap);
    rows.filter(|row| row[to].contains('→'))
        .map(|row| columns.iter().map(|column| row[position(column)].to_owned()).collect())
        .collect()
}

/// Fails where a secret stands in anything that was said or kept.
#[track_caller]
fn nothing_is_known(sandbox: &Sandbox, said: &str) {
    let log = sandbox.run(&["schedule", "log", "--format", "json"]).ok();
    let mut kept = vec![said.as_bytes().to_vec(), log.into_bytes()];
    for name in ["catalog.db", "catalog.db-wal"] {
        kept.extend(fs::read(sandbox.path().join("lake").join(name)).ok());
    }
    for file in files_of(&sandbox.path().join("out")) {
        kept.push(fs::read(file).unwrap());
    }
    let encoded = ["Z2VoZWltLVBhc3N3b3J0LTk=", "AHRvbmdiYW4AZ2VoZWltLVBhc3N3b3J0LTk="];
    for secret in [PASSWORD, SECRET, KEY, TOKEN].into_iter().chain(encoded) {
        let secret = secret.as_bytes();
        assert!(
            !kept.iter().any(|bytes| bytes.windows(secret.len()).any(|part| part == secret)),
            "a secret is known: {said}"
        );
    }
}

fn files_of(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> =
        paths.flat_map(|path| if path.is_dir() { files_of(&path) } else { vec![path] }).collect();
    files.sort();
    files
}

/// The bytes of each file of the report, by name.
fn made(sandbox: &Sandbox) -> Vec<(String, Vec<u8>)> {
    let files = files_of(&sandbox.path().join("out/月报"));
    let name = |path: &PathBuf| path.file_name().unwrap().to_str().unwrap().to_owned();
    files.iter().map(|path| (name(path), fs::read(path).unwrap())).collect()
}

fn base64_of(bytes: &[u8]) -> String {
    tongban::model::base64(bytes)
}

/// Attachments of a mail: names and bytes as text, by name.
fn attached(mail: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let all = mail["attachments"].as_array().unwrap().iter();
    let mut files: Vec<(String, String)> =
        all.map(|file| (text(&file["name"]), text(&file["base64"]))).collect();
    files.sort();
    files
}

#[test]
fn a_report_comes_by_mail_with_its_files() {
    for tls in ["implicit", "starttls"] {
        let settings = json!({ "mail": { "tls": tls, "password": PASSWORD } });
        let Some(receiver) = Receiver::start("mail", &settings) else { return };
        let sandbox = workspace(&["office"], &office(&receiver, tls, LOGIN));
        let said = run_due(&sandbox, APRIL_1, 0);
        for receiver in ["wang", "li"] {
            let expected = format!(
                "office → {receiver}@example.cn: 月报 (due 2022-03-05 08:00:00) was delivered"
            );
            assert!(said.contains(&expected), "{said}");
        }
        let mails = receiver.arrived("mail");
        assert_eq!(mails.len(), 1, "one mail for both: {said}");
        let mail = &mails[0];
        assert_eq!((&mail["is_secure"], &mail["user"]), (&json!(true), &json!("tongban")));
        assert_eq!(mail["envelope_from"], "FROM:<tongban@example.cn>");
        assert_eq!(mail["envelope_to"], json!(["wang@example.cn", "li@example.cn"]));
        let headers = &mail["headers"];
        assert_eq!(headers["From"], "数据组 <tongban@example.cn>");
        assert_eq!(headers["To"], "wang@example.cn, li@example.cn");
        assert_eq!(headers["Date"], "Fri, 01 Apr 2022 00:00:00 +0000");
        assert!(headers["Subject"].as_str().unwrap().contains("2021年"), "{headers}");
        assert_eq!(headers["Auto-Submitted"], "auto-generated");
        let text = mail["text"].as_str().unwrap();
        assert!(
            text.contains("计划生成时间：2022-03-05 08:00") && text.contains("附件：月报_2021-09"),
            "{text}"
        );
        let made: Vec<(String, String)> =
            made(&sandbox).into_iter().map(|(name, bytes)| (name, base64_of(&bytes))).collect();
        assert_eq!(made.len(), 4);
        assert!(attached(mail) == made, "attachments are not the files");
        let logins = receiver.arrived("login");
        assert_eq!(logins, [json!({ "user": "tongban", "way": "PLAIN", "is_secure": true })]);
        nothing_is_known(&sandbox, &said);

        // It is done, and nothing is sent again.
        assert!(run_due(&sandbox, APRIL_1 + 86400, 0).contains("no report is due"));
        assert_eq!(receiver.arrived("mail").len(), 1);
        let states = sent(&sandbox, &["report_status", "destination", "n_attempts", "next_at"]);
        let row = |to: &str| ["done", to, "1", ""].map(str::to_owned).to_vec();
        assert_eq!(states, [row("office → wang@example.cn"), row("office → li@example.cn")]);
    }
}

#[test]
fn ways_to_log_in_are_those_that_the_server_offers() {
    for (offered, way) in
        [("LOGIN", "LOGIN"), ("CRAM-MD5 LOGIN", "LOGIN"), ("CRAM-MD5 PLAIN LOGIN", "PLAIN")]
    {
        let mail = json!({ "tls": "implicit", "password": PASSWORD, "logins": offered });
        let Some(receiver) = Receiver::start("logins", &json!({ "mail": mail })) else { return };
        let sandbox = workspace(&[], &office(&receiver, "implicit", LOGIN));
        let outcome = at(&sandbox, APRIL_1, &["schedule", "test", "office"]);
        assert_eq!(outcome.code, 0, "{}", outcome.stderr);
        assert!(outcome.stderr.contains("the test was delivered"), "{}", outcome.stderr);
        assert_eq!(receiver.arrived("login").len(), 1);
        assert_eq!(receiver.arrived("login")[0]["way"], way);
        assert_eq!(
            receiver.arrived("mail")[0]["headers"]["Subject"],
            "tongban: test of a delivery"
        );
        assert_eq!(receiver.arrived("mail")[0]["attachments"], json!([]));
    }
    let mail = json!({ "tls": "implicit", "password": PASSWORD, "logins": "CRAM-MD5" });
    let Some(receiver) = Receiver::start("logins", &json!({ "mail": mail })) else { return };
    let sandbox = workspace(&[], &office(&receiver, "implicit", LOGIN));
    let said = at(&sandbox, APRIL_1, &["schedule", "test", "office"]).fails(1);
    assert!(said.contains("no way to log in") && said.contains("CRAM-MD5"), "{said}");
    assert!(receiver.arrived("login").is_empty());
}

#[test]
fn who_got_a_report_is_not_sent_it_again() {
    let mail = json!({ "tls": "implicit", "password": PASSWORD, "refused": ["li@example.cn"] });
    let Some(receiver) = Receiver::start("receivers", &json!({ "mail": mail })) else { return };
    let sandbox = workspace(&["office"], &office(&receiver, "implicit", LOGIN));
    let said = run_due(&sandbox, APRIL_1, 1);
    assert!(
        said.contains("office → wang@example.cn: 月报 (due 2022-03-05 08:00:00) was delivered"),
        "{said}"
    );
    assert!(
        said.contains("takes nothing for li@example.cn") && said.contains("no such user"),
        "{said}"
    );
    assert!(said.contains("attempt 1; it is tried again after 2022-04-01 08:05:00"), "{said}");
    assert_eq!(receiver.arrived("mail")[0]["envelope_to"], json!(["wang@example.cn"]));
    let first = made(&sandbox);

    // Before its time nothing is tried, and nothing failed.
    let said = run_due(&sandbox, APRIL_1 + 240, 0);
    assert!(said.contains("waits to be tried again after 2022-04-01 08:05:00"), "{said}");
    // Each pause is longer than the one before.
    let said = run_due(&sandbox, APRIL_1 + 300, 1);
    assert!(said.contains("attempt 2; it is tried again after 2022-04-01 08:20:00"), "{said}");
    assert_eq!(receiver.arrived("mail").len(), 1, "wang was sent it again");
    let rows =
        sent(&sandbox, &["report_status", "destination", "n_attempts", "next_at", "delivered_at"]);
    assert_eq!(
        rows[0],
        ["undelivered", "office → wang@example.cn", "1", "", "2022-04-01T08:00:00"]
    );
    assert_eq!(rows[1], ["undelivered", "office → li@example.cn", "2", "2022-04-01T08:20:00", ""]);

    // Another server takes it, and it is the mail that it was.
    let id = receiver.arrived("mail")[0]["headers"]["Message-ID"].clone();
    let mail = json!({ "tls": "implicit", "password": PASSWORD });
    let Some(other) = Receiver::start("receivers", &json!({ "mail": mail })) else { return };
    sandbox.write("tongban.toml", office(&other, "implicit", LOGIN));
    let said = run_due(&sandbox, APRIL_1 + 1200, 0);
    assert!(said.contains("office → li@example.cn: 月报"), "{said}");
    let mails = other.arrived("mail");
    assert_eq!(mails[0]["envelope_to"], json!(["li@example.cn"]));
    assert_eq!(mails[0]["headers"]["Message-ID"], id);
    assert_eq!(attached(&mails[0]), attached(&receiver.arrived("mail")[0]));
    assert_eq!(sent(&sandbox, &["report_status", "reason"])[1], ["done", ""]);
    assert!(made(&sandbox) == first, "the files changed");
}

#[test]
fn what_waits_is_sent_whatever_is_made_later_that_day() {
    let mail = json!({ "tls": "implicit", "data_answer": "451 4.3.0 come back later" });
    let Some(busy) = Receiver::start("waiting", &json!({ "mail": mail })) else { return };
    let sandbox = workspace(&["office"], &office(&busy, "implicit", ""));
    define(&sandbox, "0 8,14 * * *", "zh", &["office"]);
    run_due(&sandbox, JANUARY_1, 0);
    let said = run_due(&sandbox, APRIL_1, 1);
    assert!(said.contains("451 come back later"), "{said}");

    // In the afternoon it is made anew, with other bytes, and the server takes what comes.
    let Some(other) = Receiver::start("waiting", &json!({ "mail": { "tls": "implicit" } })) else {
        return;
    };
    sandbox.write("tongban.toml", office(&other, "implicit", ""));
    define(&sandbox, "0 8,14 * * *", "en", &["office"]);
    run_due(&sandbox, APRIL_1 + 6 * 3_600, 0);
    let files = other.arrived("mail").iter().flat_map(attached).collect::<Vec<_>>();
    let stems = files.iter().filter_map(|(name, _)| name.strip_suffix(".html"));
    let mut names: Vec<&str> = stems.collect();
    names.sort_unstable();
    assert_eq!(names, ["月报_2021-09_2022-04-01", "月报_2021-09_2022-04-01_1400"]);
    let states = sent(&sandbox, &["report_status", "reason"]);
    assert!(states.len() == 4 && states.iter().all(|row| row == &["done", ""]), "{states:?}");
}

#[test]
fn a_delivery_is_given_up_after_pauses_that_grow() {
    let settings = json!({ "mail": { "tls": "implicit", "data_answer": "554 5.7.1 not wanted" } });
    let Some(receiver) = Receiver::start("limit", &settings) else { return };
    let sandbox = workspace(&["office"], &office(&receiver, "implicit", ""));
    let mut times = vec![APRIL_1];
    for pause in [5, 15, 60, 180, 360, 720, 1080, 1200] {
        times.push(times[times.len() - 1] + pause * 60);
    }
    for (idx, time) in times.iter().enumerate() {
        let said = run_due(&sandbox, *time, 1);
        assert!(said.contains("554 not wanted"), "{said}");
        let end =
            if idx == 8 { "attempt 9; it is not tried again" } else { "it is tried again after" };
        assert!(said.contains(end) && said.contains(&format!("attempt {}", idx + 1)), "{said}");
    }
    let said = run_due(&sandbox, times[8] + 7_200, 0);
    assert!(!said.contains("office"), "{said}");
    let row = ["undelivered", "9", ""].map(str::to_owned);
    assert_eq!(sent(&sandbox, &["report_status", "n_attempts", "next_at"]), [row.clone(), row]);
    let again = at(&sandbox, times[8] + 7_200, &["schedule", "run-due", "--retry-failed"]);
    assert!(again.code == 1 && again.stderr.contains("attempt 10"), "{}", again.stderr);
}

/// What a mail server can do wrong, and what is said then.
#[test]
fn what_a_mail_server_does_wrong_is_told_and_the_report_stays() {
    for (way, more, tls, expected) in [
        (
            json!({ "tls": "implicit", "password": "another" }),
            LOGIN,
            "implicit",
            "does not let tongban in",
        ),
        (json!({ "tls": "implicit", "password": PASSWORD }), "", "implicit", "530 log in first"),
        (json!({ "tls": "implicit", "greeting": "554 closed" }), LOGIN, "implicit", "554 closed"),
        (json!({ "tls": "implicit", "size": 1000 }), "", "implicit", "and the server takes 0.1 MB"),
        (json!({ "tls": "implicit" }), "max_mb = 1\n", "implicit", "and the settings allow 1.0 MB"),
        (json!({ "tls": "none" }), LOGIN, "starttls", "knows no STARTTLS"),
        (json!({ "tls": "none" }), LOGIN, "implicit", "no encrypted connection"),
        (json!({ "tls": "implicit", "silent": true }), "", "implicit", "within 2 s"),
        (json!({ "tls": "none", "silent": true }), "", "none", "within 2 s"),
    ] {
        let Some(receiver) = Receiver::start("wrong", &json!({ "mail": way })) else { return };
        let settings = office(&receiver, tls, more).replace("timeout_s = 60", "timeout_s = 2");
        let sandbox = workspace(&["office"], &settings);
        let said = run_due(&sandbox, APRIL_1, 1);
        assert!(said.contains(expected), "{way}: {said}");
        assert!(said.contains("it is tried again after 2022-04-01 08:05"), "{way}: {said}");
        assert!(receiver.arrived("mail").is_empty(), "{way}");
        assert_eq!(made(&sandbox).len(), 4);
        if tls != "none" {
            let logins = receiver.arrived("login");
            assert!(logins.iter().all(|login| login["is_secure"] == true), "{logins:?}");
        }
        nothing_is_known(&sandbox, &said);
    }
}

#[test]
fn a_certificate_that_nobody_knows_is_refused() {
    let settings = json!({ "mail": { "tls": "starttls" }, "hook": { "tls": true } });
    let Some(receiver) = Receiver::start("certificate", &settings) else { return };
    let hook = format!(
        "[deliveries.group]\nkind = \"json\"\nurl = \"https://localhost:{}/in\"\n",
        receiver.port("hook")
    );
    let sandbox = workspace(&[], &format!("{}{hook}", office(&receiver, "starttls", "")));
    for name in ["office", "group"] {
        // The authority of the machine is another one.
        let mut command = sandbox.command(&["schedule", "test", name]);
        let other = sandbox.write("other.pem", include_str!("../tls/server.pem"));
        let outcome: Outcome = command.env("SSL_CERT_FILE", other).output().unwrap().into();
        let said = outcome.fails(1);
        assert!(
            said.contains("is not trusted") && said.contains("SSL_CERT_FILE"),
            "{name}: {said}"
        );
        let known = at(&sandbox, APRIL_1, &["schedule", "test", name]);
        assert_eq!(known.code, 0, "{name}: {}", known.stderr);
        // The same server by a name that its certificate has not.
        let settings = fs::read_to_string(sandbox.path().join("tongban.toml")).unwrap();
        sandbox.write("tongban.toml", settings.replace("localhost", "127.0.0.1"));
        let said = at(&sandbox, APRIL_1, &["schedule", "test", name]).fails(1);
        assert!(said.contains("is not trusted"), "{name}: {said}");
        sandbox.write("tongban.toml", settings);
    }
    assert_eq!((receiver.arrived("mail").len(), receiver.arrived("hook").len()), (1, 1));
}

#[test]
fn nothing_goes_in_the_clear_unless_the_settings_say_so() {
    let settings = json!({ "mail": { "tls": "none", "password": PASSWORD }, "hook": {} });
    let Some(receiver) = Receiver::start("clear", &settings) else { return };
    let sandbox = workspace(&[], &office(&receiver, "none", LOGIN));
    let outcome = at(&sandbox, APRIL_1, &["schedule", "test", "office"]);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    assert!(outcome.stderr.contains("office is not encrypted"), "{}", outcome.stderr);
    assert_eq!(receiver.arrived("mail")[0]["is_secure"], false);

    let url = format!("http://127.0.0.1:{}/send?key={KEY}", receiver.port("hook"));
    keep(&sandbox, "wecom", &url);
    let hook = "[deliveries.group]\nkind = \"wecom\"\nurl_file = \"keys/wecom\"\n";
    sandbox.write("tongban.toml", hook);
    let said = at(&sandbox, APRIL_1, &["schedule", "test", "group"]).fails(1);
    assert!(said.contains("without encryption"), "{said}");
    assert!(receiver.arrived("hook").is_empty());
    nothing_is_known(&sandbox, &said);
    sandbox.write("tongban.toml", format!("{hook}tls = \"none\"\n"));
    assert_eq!(at(&sandbox, APRIL_1, &["schedule", "test", "group"]).code, 0);
    assert_eq!(receiver.arrived("hook").len(), 1);
}

/// Settings of a webhook whose address is kept in a file, and one signed with the secret.
fn hook_of(sandbox: &Sandbox, receiver: &Receiver, kind: &str, more: &str) -> String {
    let url = format!("https://localhost:{}/robot/{kind}?key={KEY}", receiver.port("hook"));
    keep(sandbox, "url", &url);
    format!(
        "[deliveries.group]\nkind = \"{kind}\"\nurl_file = \"keys/url\"\ntimeout_s = 30\n{more}"
    )
}

#[test]
fn a_report_is_told_to_webhooks_in_the_form_of_each() {
    let signed = "secret_file = \"keys/secret\"\n";
    let token = "token_file = \"keys/token\"\nattach = [\"md\"]\n";
    for (kind, more, answer) in [
        ("wecom", "", r#"{"errcode":0,"errmsg":"ok"}"#),
        ("dingtalk", signed, r#"{"errcode":0,"errmsg":"ok"}"#),
        ("feishu", signed, r#"{"code":0,"msg":"success","data":{}}"#),
        ("json", token, ""),
    ] {
        let hook = json!({ "tls": true, "secret": SECRET, "answer": answer });
        let Some(receiver) = Receiver::start("webhooks", &json!({ "hook": hook })) else { return };
        let sandbox =
            workspace(&["group"], "[deliveries.group]\nkind = \"json\"\nurl = \"https://a.cn\"\n");
        sandbox.write("tongban.toml", hook_of(&sandbox, &receiver, kind, more));
        let said = run_due(&sandbox, APRIL_1, 0);
        assert!(said.contains(&format!("group → {kind}: 月报")), "{said}");
        let all = receiver.arrived("hook");
        assert_eq!(all.len(), 1);
        let (post, message) = (&all[0], &all[0]["message"]);
        assert_eq!(post["path"], format!("/robot/{kind}"));
        assert_eq!(
            (&post["query"]["key"], &post["type"]),
            (&json!(KEY), &json!("application/json"))
        );
        match kind {
            "wecom" | "dingtalk" => {
                let text = message["text"]["content"].as_str().unwrap();
                assert!(text.contains("计划生成时间：2022-03-05 08:00"), "{text}");
                assert!(message["msgtype"] == "text" && text.len() <= 2048, "{text}");
            }
            "feishu" => {
                let post = &message["content"]["post"]["zh_cn"];
                assert!(post["title"].as_str().unwrap().contains("2021年"), "{message}");
                assert_eq!(post["content"][0][0]["text"], "计划生成时间：2022-03-05 08:00");
            }
            _ => {
                assert_eq!(post["authorization"], format!("Bearer {TOKEN}"));
                let made = made(&sandbox);
                let files = message["files"].as_array().unwrap();
                assert_eq!(files.len(), made.len());
                for (name, bytes) in made {
                    let file = files.iter().find(|file| file["name"] == *name).unwrap();
                    assert_eq!(file["size_bytes"], bytes.len());
                    let is_along =
                        Path::new(&name).extension().is_some_and(|ending| ending == "md");
                    let content = is_along.then(|| base64_of(&bytes));
                    assert_eq!(
                        file.get("content_base64").and_then(Value::as_str),
                        content.as_deref()
                    );
                }
            }
        }
        let is_signed = ["dingtalk", "feishu"].contains(&kind).then_some(true);
        assert_eq!(post["is_signed"], json!(is_signed), "{kind}");
        nothing_is_known(&sandbox, &said);
    }
}

#[test]
fn a_webhook_that_does_not_take_a_message_is_asked_again() {
    for (kind, hook, expected) in [
        (
            "wecom",
            json!({ "answer": format!(r#"{{"errcode":93000,"errmsg":"invalid url {KEY}"}}"#) }),
            "code 93000",
        ),
        (
            "dingtalk",
            json!({ "answer": r#"{"errcode":310000,"errmsg":"sign not match"}"# }),
            "sign not match",
        ),
        (
            "feishu",
            json!({ "answer": r#"{"code":19024,"msg":"Key Words Not Found"}"# }),
            "code 19024",
        ),
        ("feishu", json!({ "answer": "<html>" }), "none that the service gives"),
        ("json", json!({ "answer": r#"{"code":1}"# }), "code 1"),
        ("wecom", json!({ "status": 502 }), "answered with status 502"),
        ("json", json!({ "status": 302, "location": "https://127.0.0.1/elsewhere" }), "status 302"),
        ("wecom", json!({ "silent": true }), "within 2 s"),
    ] {
        let mut hook = hook;
        hook["tls"] = json!(true);
        let Some(receiver) = Receiver::start("asked again", &json!({ "hook": hook })) else {
            return;
        };
        let sandbox =
            workspace(&["group"], "[deliveries.group]\nkind = \"json\"\nurl = \"https://a.cn\"\n");
        let settings =
            hook_of(&sandbox, &receiver, kind, "").replace("timeout_s = 30", "timeout_s = 2");
        sandbox.write("tongban.toml", settings);
        let said = run_due(&sandbox, APRIL_1, 1);
        assert!(said.contains(expected), "{hook}: {said}");
        assert!(said.contains("it is tried again after 2022-04-01 08:05"), "{hook}: {said}");
        assert_eq!(sent(&sandbox, &["report_status"]), [["undelivered"]]);
        assert_eq!(made(&sandbox).len(), 4);
        nothing_is_known(&sandbox, &said);
    }
    // Nobody is there any more.
    let Some(receiver) = Receiver::start("asked again", &json!({ "hook": { "tls": true } })) else {
        return;
    };
    let sandbox =
        workspace(&["group"], "[deliveries.group]\nkind = \"json\"\nurl = \"https://a.cn\"\n");
    sandbox.write("tongban.toml", hook_of(&sandbox, &receiver, "wecom", ""));
    drop(receiver);
    let said = run_due(&sandbox, APRIL_1, 1);
    assert!(said.contains("cannot reach localhost") && said.contains("refused"), "{said}");
    nothing_is_known(&sandbox, &said);
}

#[test]
fn one_delivery_that_fails_keeps_no_other_from_being_made() {
    let settings = json!({
        "mail": { "tls": "implicit", "password": PASSWORD },
        "hook": { "tls": true, "status": 500 },
    });
    let Some(receiver) = Receiver::start("both", &settings) else { return };
    let sandbox = workspace(&["office", "group"], &{
        let group = "[deliveries.group]\nkind = \"json\"\nurl = \"https://a.cn\"\n";
        format!("{}{group}", office(&receiver, "implicit", LOGIN))
    });
    let group = hook_of(&sandbox, &receiver, "dingtalk", "");
    sandbox.write("tongban.toml", format!("{group}{}", office(&receiver, "implicit", LOGIN)));
    run_due(&sandbox, APRIL_1, 1);
    let said = run_due(&sandbox, APRIL_1 + 600, 1);
    assert!(!said.contains("office"), "{said}");
    assert_eq!((receiver.arrived("mail").len(), receiver.arrived("hook").len()), (1, 2));
    // Who is taken out of the settings is sent nothing any more.
    sandbox.write("tongban.toml", "");
    let outcome = at(&sandbox, APRIL_1 + 7_200, &["schedule", "run-due"]);
    assert!(outcome.stderr.contains("name no delivery"), "{}", outcome.stderr);
    assert_eq!(sent(&sandbox, &["destination", "next_at"])[2], ["group → dingtalk", ""]);
    assert_eq!(receiver.arrived("hook").len(), 2);
}

#[test]
fn a_secret_that_others_can_read_is_not_used() {
    let Some(receiver) = Receiver::start("modes", &json!({ "mail": { "tls": "implicit" } })) else {
        return;
    };
    let sandbox = workspace(&[], &office(&receiver, "implicit", LOGIN));
    let path = sandbox.path().join("keys/password");
    for (mode, expected) in [(0o640, "can be read by others"), (0o620, "can be changed by others")]
    {
        fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        let said = at(&sandbox, APRIL_1, &["schedule", "test", "office"]).fails(1);
        assert!(said.contains(expected) && said.contains("chmod"), "{said}");
    }
    fs::remove_file(&path).unwrap();
    let said = at(&sandbox, APRIL_1, &["schedule", "test", "office"]).fails(1);
    assert!(said.contains("keys/password"), "{said}");
    keep(&sandbox, "password", &format!("{PASSWORD}\nmore"));
    let said = at(&sandbox, APRIL_1, &["schedule", "test", "office"]).fails(1);
    assert!(said.contains("more than one line"), "{said}");
    assert!(receiver.arrived("login").is_empty());
    nothing_is_known(&sandbox, &said);

    let env =
        LOGIN.replace("password_file = \"keys/password\"", "password_env = \"MAIL_PASSWORD\"");
    sandbox.write("tongban.toml", office(&receiver, "implicit", &env));
    let said = at(&sandbox, APRIL_1, &["schedule", "test", "office"]).fails(1);
    assert!(said.contains("MAIL_PASSWORD is not set"), "{said}");
    let mut command = sandbox.command(&["schedule", "test", "office"]);
    command.env("MAIL_PASSWORD", PASSWORD).env("SSL_CERT_FILE", root().join("tests/tls/ca.pem"));
    let outcome = Outcome::from(command.output().unwrap());
    assert_eq!(receiver.arrived("login").len(), 1, "{}", outcome.stderr);
}

#[test]
fn deliveries_are_listed_with_their_reports_and_wrong_ones_refused() {
    let office = "[deliveries.office]\nkind = \"mail\"\nserver = \"mail.example.cn\"\n\
                  from = \"tb@example.cn\"\nto = [\"a@example.cn\"]\n";
    let sandbox = workspace(&["office"], office);
    let listed = at(&sandbox, JANUARY_1, &["schedule", "--next", "1", "--format", "csv"]).ok();
    assert!(listed.contains(",office (mail),"), "{listed}");

    for (settings, line, expected) in [
        (format!("threads = 1\n{office}password = \"{PASSWORD}\"\n"), 7, "`password_file`"),
        (format!("{office}password = {PASSWORD}\n"), 6, "cannot read the settings"),
        (
            format!("[deliveries.g]\nkind = \"wecom\"\nurl = \"https://q.cn/send?key={KEY}\"\n"),
            3,
            "`url_file`",
        ),
        (
            format!("[deliveries.g]\nkind = \"wecom\"\nurll = \"https://q.cn/send?key={KEY}\"\n"),
            3,
            "urll",
        ),
    ] {
        sandbox.write("tongban.toml", settings);
        let said = sandbox.run(&["schedule"]).fails(1);
        assert!(said.contains(expected) && said.contains(&format!("line {line}\n")), "{said}");
        assert!(!said.contains(PASSWORD) && !said.contains(KEY), "{said}");
    }
    // What a report names has to be there, and to be made.
    sandbox.write("tongban.toml", office.replace("office", "offices"));
    let said = sandbox.run(&["schedule"]).stderr;
    assert!(said.contains("月报") && said.contains("no delivery office"), "{said}");
    sandbox.write("tongban.toml", format!("{office}attach = [\"docx\", \"md\"]\n"));
    let said = sandbox.run(&["schedule"]).stderr;
    assert!(said.contains("`docx`") && !said.contains("`md`"), "{said}");
    let said = sandbox.run(&["schedule", "test", "nobody"]).fails(1);
    assert!(said.contains("no delivery nobody") && said.contains("office"), "{said}");
}
