//! Datasets for other tools: complete or absent, as they were asked for, and nothing in them that may not leave.
#![expect(
    clippy::disallowed_methods,
    reason = "tests look at files and run the program as others do"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::records::{CANARIES, file, record};
use crate::support::{Outcome, Sandbox, files_below, must_have_all, read};

/// A form whose figures nobody published, with a dimension in which some counts are small.
const FORM: &str = "青海省人民政府办公厅\n分渠道办件量\n(统计时间:2023年6月1日—6月30日)\n\
    渠道\t办件数据汇聚量(条)\n窗口\t3\n网上\t60\n自助\t70\n";
const FORM_LAYOUT: &str = "format = 1\nversion = 1\nsummary = \"Synthetic\"\nsummary_zh = \"合成\"\n\n\
    [recognise]\ntitle = \"分渠道\"\n\n[[columns]]\nlabel = \"渠道\"\nrole = \"breakdown\"\n\n\
    [[columns]]\nlabel = \"办件数据汇聚量(条)\"\nindicator = \"cases_aggregated\"\n";

pub(crate) const ALL_FORMATS: &str = "parquet,csv,csv-exact,arrow,xlsx,duckdb,mysql";

pub(crate) fn export(sandbox: &Sandbox, args: &[&str]) -> Outcome {
    sandbox.run(&[&["export", "out/data"][..], args].concat())
}

/// The folder of the latest export, where the link leads now.
pub(crate) fn current(sandbox: &Sandbox) -> PathBuf {
    fs::canonicalize(sandbox.path().join("out/data/current")).unwrap()
}

fn manifest(folder: &Path) -> Value {
    serde_json::from_str(&read(&folder.join("manifest.json"))).unwrap()
}

pub(crate) fn names_in(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// Rows of a dataset of the latest export, as the DuckDB of the program reads its exact CSV.
fn rows(sandbox: &Sandbox, dataset: &str) -> Vec<BTreeMap<String, String>> {
    let path = current(sandbox).join(format!("{dataset}/{dataset}.exact.csv"));
    crate::returned::rows(&read(&path))
}

#[test]
fn an_export_says_what_it_holds_and_a_changed_one_is_found_out() {
    let sandbox = Sandbox::with_notice();
    let said = export(&sandbox, &["--format", "parquet,csv", "--headers", "zh"]);
    assert!(said.stderr.contains("datasets 4,"), "{}", said.stderr);
    let folder = current(&sandbox);
    let manifest = manifest(&folder);
    let resources = manifest["resources"].as_array().unwrap();
    assert_eq!(resources.len(), 8);
    let figures = &resources[0];
    assert_eq!(figures["name"], "figures");
    assert_eq!(figures["path"], "figures/figures.parquet");
    let fields = figures["schema"]["fields"].as_array().unwrap();
    let value = fields.iter().find(|field| field["column"] == "value").unwrap();
    assert_eq!(value["name"], value["title"]);
    assert!(value["description"].as_str().unwrap().contains("缺失或不适用的为空"), "{value}");
    assert_eq!(figures["schema"]["foreignKeys"][0]["reference"]["resource"], "departments");
    let names: BTreeSet<&str> =
        fields.iter().map(|field| field["name"].as_str().unwrap()).collect();
    assert_eq!(names.len(), fields.len(), "every title stands once");
    assert_eq!(manifest["tongban"]["snapshot"], 1);
    assert_eq!(manifest["tongban"]["isSynthetic"], false);
    let checked = export(&sandbox, &["--check"]);
    assert!(checked.stderr.contains("is as its manifest says: files 9,"), "{}", checked.stderr);
    assert_eq!(checked.code, 0);

    let csv = folder.join("figures/figures.csv");
    let bytes = fs::read(&csv).unwrap();
    for (faulty, told) in [
        (Some([&bytes[..], b"x"].concat()), "figures/figures.csv: has other content"),
        (None, "figures/figures.csv: is missing"),
    ] {
        fs::remove_file(&csv).unwrap();
        if let Some(bytes) = &faulty {
            fs::write(&csv, bytes).unwrap();
        }
        let found = export(&sandbox, &["--check"]).fails(3);
        assert!(found.contains(told), "{found}");
    }
    std::os::unix::fs::symlink("/etc/passwd", &csv).unwrap();
    assert!(export(&sandbox, &["--check"]).fails(3).contains("is no plain file"));
    fs::remove_file(&csv).unwrap();
    fs::write(&csv, &bytes).unwrap();
    fs::write(folder.join("figures/more.csv"), b"").unwrap();
    fs::create_dir(folder.join("empty")).unwrap();
    std::os::unix::fs::symlink("/etc/passwd", folder.join("figures/link.parquet")).unwrap();
    std::os::unix::fs::symlink(&folder, folder.join("round")).unwrap();
    assert!(Command::new("mkfifo").arg(folder.join("pipe")).status().unwrap().success());
    let found = export(&sandbox, &["--check"]).fails(3);
    for other in ["figures/more.csv", "empty/", "figures/link.parquet", "round", "pipe"] {
        assert!(found.contains(&format!("{other}: is not in")), "{other}: {found}");
    }
    assert!(found.contains("places where it differs: 5"), "{found}");
    fs::write(folder.join("manifest.json"), b"{}").unwrap();
    assert!(export(&sandbox, &["--check"]).fails(1).contains("cannot be understood"));
    let nothing = sandbox.run(&["export", "--check", "lake"]).fails(1);
    assert!(nothing.contains("no export in"), "{nothing}");
}

#[test]
fn the_same_again_changes_nothing_and_an_option_does() {
    let sandbox = Sandbox::with_notice();
    export(&sandbox, &["--format", "parquet,csv-exact,arrow,mysql,xlsx"]).ok();
    let first = current(&sandbox);
    let bytes: Vec<Vec<u8>> =
        files_below(&first, "parquet").iter().map(|path| fs::read(path).unwrap()).collect();
    let again = export(&sandbox, &["--format", "xlsx,mysql,arrow,csv-exact,parquet"]);
    assert!(again.stderr.contains("nothing is new"), "{}", again.stderr);
    assert_eq!(current(&sandbox), first);
    for number in 2..6 {
        let day = format!("202{number}-12-31");
        export(&sandbox, &["--to", &day]).ok();
        let files = files_below(&current(&sandbox), "parquet");
        let found: Vec<Vec<u8>> = files.iter().map(|path| fs::read(path).unwrap()).collect();
        assert_eq!(found, bytes);
    }
    // The marker, the link and the three latest.
    assert_eq!(
        names_in(&sandbox.path().join("out/data")),
        [".tongban-export", "000003-s1", "000004-s1", "000005-s1", "current"]
    );
}

#[test]
fn wide_tables_and_stars_hold_the_same_figures() {
    let sandbox = Sandbox::with_notice();
    export(&sandbox, &["--format", "csv-exact"]).ok();
    let long = rows(&sandbox, "figures");
    export(&sandbox, &["--format", "csv-exact", "--shape", "wide"]).ok();
    let wide = rows(&sandbox, "figures");
    let columns: BTreeSet<&String> = long.iter().map(|row| &row["indicator"]).collect();
    let key = ["region", "department", "breakdown", "accumulation", "period_start", "period_end"];
    for figure in &long {
        let row = wide.iter().filter(|row| key.iter().all(|name| row[*name] == figure[*name]));
        let row: Vec<_> = row.collect();
        assert_eq!(row.len(), 1, "{figure:?}");
        let indicator = &figure["indicator"];
        assert_eq!(row[0][indicator], figure["value"]);
        assert_eq!(row[0][&format!("{indicator}_status")], figure["obs_status"]);
    }
    let n_cells = |row: &BTreeMap<String, String>| {
        columns.iter().filter(|name| !row[&format!("{name}_status")].is_empty()).count()
    };
    assert_eq!(wide.iter().map(n_cells).sum::<usize>(), long.len());

    export(&sandbox, &["--format", "csv-exact", "--shape", "star"]).ok();
    let facts = rows(&sandbox, "fact_figures");
    let dimension = |name: &str, key: &str| -> BTreeMap<String, BTreeMap<String, String>> {
        let rows = rows(&sandbox, name);
        let n_rows = rows.len();
        let members: BTreeMap<_, _> = rows.into_iter().map(|row| (row[key].clone(), row)).collect();
        assert_eq!(members.len(), n_rows, "{key} is unique in {name}");
        members
    };
    let indicators = dimension("dim_indicators", "indicator_key");
    let periods = dimension("dim_periods", "period_key");
    let departments = dimension("dim_departments", "department");
    let regions = dimension("dim_regions", "region");
    assert_eq!(facts.len(), long.len());
    for (fact, figure) in facts.iter().zip(&long) {
        assert_eq!(fact["value"], figure["value"]);
        assert_eq!(indicators[&fact["indicator_key"]]["indicator"], figure["indicator"]);
        let period = &periods[&fact["period_key"]];
        for column in ["accumulation", "period_start", "period_end"] {
            assert_eq!(period[column], figure[column]);
        }
        assert_eq!(period["year"], figure["period_end"][..4]);
        assert!(figure["department"].is_empty() || departments.contains_key(&fact["department"]));
        assert!(regions.contains_key(&fact["region"]));
    }
    let refused =
        sandbox.run(&["export", "x", "--table", "indicators", "--shape", "star"]).fails(2);
    assert!(refused.contains("--table figures"), "{refused}");
}

#[test]
fn periods_departments_and_questions_are_chosen() {
    let sandbox = Sandbox::with_notice();
    let chosen = ["--format", "csv-exact", "--department", "省公安厅", "--department", "tax"];
    let said = export(&sandbox, &[&chosen[..], &["--from", "2021-09", "--to", "2021"]].concat());
    assert_eq!(said.code, 0, "{}", said.stderr);
    let found = rows(&sandbox, "figures");
    let departments: BTreeSet<&str> = found.iter().map(|row| &*row["department"]).collect();
    assert_eq!(departments, BTreeSet::from(["public_security", "tax"]));
    assert!(found.iter().all(|row| row["period_end"].starts_with("2021-")));
    assert_eq!(rows(&sandbox, "departments").len(), 65, "reference tables are whole");
    let whole = "indicators, departments, regions: exported whole";
    assert!(said.stderr.contains(whole), "{}", said.stderr);
    let resources = manifest(&current(&sandbox))["resources"].clone();
    assert!(resources[0]["notes"].is_null() && resources[0]["name"] == "figures.csv-exact");
    for at in 1..4 {
        let note = resources[at]["notes"]["en"][0].as_str().unwrap();
        assert!(note.starts_with("exported whole"), "{note}");
    }
    let said = export(&sandbox, &["--table", "regions,departments"]);
    assert!(!said.stderr.contains("whole"), "nothing is chosen: {}", said.stderr);

    let asked = ["--query", "aggregation/by_department,quality/totals", "--format", "csv-exact"];
    let said = export(&sandbox, &[&asked[..], &["-p", "period=2021-09"]].concat());
    assert!(said.stderr.contains("datasets 2,"), "{}", said.stderr);
    let asked = sandbox.run(&["query", "by_department", "-p", "period=2021-09"]).fails(1);
    assert!(asked.contains("several"), "{asked}");
    let answer = sandbox.run(&[
        "query",
        "aggregation/by_department",
        "-p",
        "period=2021-09",
        "--format",
        "csv",
    ]);
    assert_eq!(rows(&sandbox, "aggregation_by_department"), crate::returned::rows(&answer.ok()));
    for (args, code, told) in [
        (&["--query", "quality/totals", "-p", "x=1"][..], 1, "has no parameter `x`"),
        (&["--query", "quality/totls"], 1, "quality/totals"),
        (&["--table", "observation"], 1, "observations"),
        (&["--table", "batches", "--department", "tax"], 1, "no column of departments"),
        (&["--query", "quality/totals", "--department", "tax"], 1, "no column of departments"),
        (&["--table", "batches", "--from", "2021"], 1, "no column of times"),
        (
            &["--table", "regions,codes", "--department", "tax"],
            1,
            "(regions, codes) have no figures",
        ),
        (&["--table", "departments", "--from", "2021"], 1, "they leave whole"),
        (&["--table", "session"], 1, "`session` is not exported"),
        (&["--table", "snapshots"], 1, "tongban sql \"SELECT * FROM snapshots\""),
        (&["--table", "department_spans"], 1, "that are exported: departments, "),
        (&["--table", "zzzzz"], 1, "department_spans, department_successors"),
        (&["--partition-by", "indicator", "--format", "csv,xlsx"], 2, "--format parquet,csv,xlsx"),
        (&["--compat", "--format", "csv"], 2, "`--compat` is for Parquet"),
        (&["--check", "--format", "csv"], 2, "--format"),
        (&["--check", "--as-of", "2021-12-31"], 2, "--as-of"),
        (&["--check", "--keep", "1"], 2, "--keep"),
        (&["--from", "2022", "--to", "2021"], 2, "after its end"),
        (&["--table", "observations", "--as-of", "2021-12-31"], 2, "does not follow"),
        (&["--partition-by", "nothing"], 1, "no such column"),
        (&["--department", "某某厅"], 1, "某某厅"),
    ] {
        let refused = export(&sandbox, args).fails(code);
        assert!(refused.contains(told), "{args:?}: {refused}");
    }
    // What nothing lies in is written with its columns, and told.
    let empty =
        export(&sandbox, &["--from", "2031", "--format", "parquet,csv,mysql,duckdb,xlsx,arrow"]);
    assert!(empty.stderr.contains("dataset figures has no rows"), "{}", empty.stderr);
    assert_eq!(empty.code, 0);
    assert_eq!(manifest(&current(&sandbox))["resources"][0]["rowCount"], 0);
    assert_eq!(export(&sandbox, &["--from", "2031", "--partition-by", "indicator"]).code, 0);
    export(&sandbox, &["--check"]).ok();
}

#[test]
fn no_name_leaves_the_folder_and_no_other_folder_is_written_to() {
    let sandbox = Sandbox::with_notice();
    let view = "/*---\nsummary = \"a\"\nsummary_zh = \"甲\"\nreads = []\norder = [\"x\"]\n[returns]\nx = \"int\"\n\
        ---*/\nSELECT CAST(1 AS INT) AS x ORDER BY x;\n";
    for name in ["views/..", "views/a.b", "views/con", "own/..", "own/%2e%2e", "own/a\nb"] {
        sandbox.write(&format!("queries/{name}.sql"), view);
        let bare = name.rsplit('/').next().unwrap();
        let is_view = name.starts_with("views/");
        let args = if is_view { ["--table", bare] } else { ["--query", name] };
        let refused = export(&sandbox, &args).fails(1);
        assert!(refused.contains("cannot be the name of a file"), "{name}: {refused}");
        fs::remove_file(sandbox.path().join(format!("queries/{name}.sql"))).unwrap();
    }
    for name in ["../../etc/passwd", "/etc/passwd", "observations/../x", "cases__pii"] {
        assert!(
            export(&sandbox, &["--table", name, "--records"]).fails(1).contains("no table or view")
        );
    }
    let untouched = |dir: &str, code: i32, told: &str| {
        let before = names_in(&sandbox.path().join(dir));
        let refused = sandbox.run(&["export", dir]).fails(code);
        assert!(refused.contains(told), "{refused}");
        assert_eq!(names_in(&sandbox.path().join(dir)), before);
    };
    sandbox.write("mine/letter.txt", "dear");
    untouched("mine", 1, "is no folder of exports");
    untouched("lake", 1, "belongs to");
    for own in ["queries", "refdata", "layouts", "reports", "keys"] {
        untouched(own, 1, "belongs to");
        sandbox.run(&["export", &format!("{own}/deep/down")]).fails(1);
    }
    untouched(".", 1, "is no folder of exports");
    assert_eq!(sandbox.run(&["export", "notice.txt"]).code, 1);
    std::os::unix::fs::symlink("/nowhere/at/all", sandbox.path().join("gone")).unwrap();
    for args in [["export", "gone"], ["export", "gone/deeper"], ["publish", "gone"]] {
        let refused = sandbox.run(&args).fails(1);
        assert!(
            refused.contains("a link to `/nowhere/at/all`, where there is nothing"),
            "{refused}"
        );
        assert_eq!(
            refused.matches("make the folder that the link leads to").count(),
            1,
            "{refused}"
        );
        assert!(!refused.contains("disk space"), "{refused}");
    }
    // A file in the place of the link is not replaced, and the export before stays.
    export(&sandbox, &[]).ok();
    fs::remove_file(sandbox.path().join("out/data/current")).unwrap();
    fs::write(sandbox.path().join("out/data/current"), b"mine").unwrap();
    let names = names_in(&sandbox.path().join("out/data"));
    export(&sandbox, &[]).fails(1);
    assert_eq!(names_in(&sandbox.path().join("out/data")), names);
    assert_eq!(read(&sandbox.path().join("out/data/current")), "mine");
}

#[test]
fn only_what_was_published_leaves_unless_the_rest_is_asked_for() {
    let sandbox = Sandbox::with_notice();
    sandbox.write("layouts/channels.toml", FORM_LAYOUT);
    sandbox.write("form.txt", FORM);
    let ingested = sandbox.run(&["ingest", "--issuer", "青海省人民政府办公厅", "form.txt"]);
    assert!([0, 3].contains(&ingested.code), "{}", ingested.stderr);
    let n_all = sandbox.sql("SELECT count(*) AS n FROM observations WHERE origin = 'reported'");
    assert_eq!(n_all, "n\n3\n");
    let all = "figures,observations,totals,findings,batches,observations_by_origin,cells_by_period";
    // What is counted from records is no figure that was published either.
    let refused = export(&sandbox, &["--table", all]).fails(1);
    assert!(refused.contains("add `--unpublished`"), "{refused}");
    let all = "figures,observations,totals,findings,batches,cells_by_period,period_flows";
    export(&sandbox, &["--table", all, "--format", "csv-exact,mysql,duckdb"]).ok();
    let folder = current(&sandbox);
    let said: String = ["csv", "sql", "json"]
        .into_iter()
        .flat_map(|ending| files_below(&folder, ending))
        .map(|path| read(&path))
        .collect();
    for word in ["窗口", "form.txt", "2023-06"] {
        assert!(!said.contains(word), "{word} left");
    }
    assert!(rows(&sandbox, "observations").len() > 100);
    assert_eq!(rows(&sandbox, "batches").len(), 1);
    let refused = export(&sandbox, &["--origin", "reported"]).fails(2);
    assert!(refused.contains("were not published"), "{refused}");

    let of_reported = ["--unpublished", "--origin", "reported"];
    export(&sandbox, &of_reported).ok();
    let described = manifest(&current(&sandbox))["resources"][0]["description"].clone();
    assert_eq!(described, "Figures of the origin reported, one vintage per figure");

    // A draft of a notice is no published figure, whatever its origin.
    let asked = ["--table", "observations", "--format", "csv-exact"];
    let said = export(&sandbox, &[&asked[..], &["--unpublished"]].concat());
    assert!(
        said.stderr.contains("do not show what was counted (is_hidden): 2;"),
        "{}",
        said.stderr
    );
    let reported = |row: &&BTreeMap<String, String>| row["origin"] == "reported";
    let all = rows(&sandbox, "observations");
    let form: Vec<_> = all.iter().filter(reported).collect();
    let shown: Vec<(&str, &str, &str)> =
        form.iter().map(|row| (&*row["breakdown"], &*row["value"], &*row["is_hidden"])).collect();
    // 3 is below 5, and 60 would be what is left of a total of 133 less 70.
    assert_eq!(shown, [("窗口", "", "true"), ("网上", "", "true"), ("自助", "70", "false")]);
    assert!(form.iter().take(2).all(|row| row["printed"].is_empty()));
    assert!(
        all.iter()
            .filter(|row| row["origin"] == "published")
            .all(|row| row["is_hidden"] == "false")
    );
    let everything = ["--unpublished", "--min-cell", "1"];
    export(&sandbox, &[&asked[..], &everything].concat()).ok();
    assert!(rows(&sandbox, "observations").iter().any(|row| row["value"] == "3"));
}

#[test]
fn what_the_lake_merged_leaves_as_it_is_read() {
    let sandbox = with_records();
    sandbox.write("more.csv", file(&[record(&[("row_guid", "later")])]));
    sandbox.run(&["ingest", "more.csv"]).ok();
    let asked = ["--table", "cases", "--records", "--format", "parquet,csv-exact"];
    export(&sandbox, &asked).ok();
    let before = rows(&sandbox, "cases");
    sandbox.run(&["lake", "compact"]).ok();
    export(&sandbox, &asked).ok();
    assert_eq!((before.len(), rows(&sandbox, "cases")), (41, before));
    assert_eq!(files_below(&current(&sandbox).join("cases"), "parquet").len(), 1);
}

/// A workspace with records of 省民政厅, of three persons.
fn with_records() -> Sandbox {
    let sandbox = Sandbox::new();
    let keys: Vec<String> = (0..40).map(|idx| format!("r-{idx}")).collect();
    let lines: Vec<_> = keys.iter().map(|key| record(&[("row_guid", key.as_str())])).collect();
    sandbox.write("cases.csv", file(&lines));
    let told = sandbox.run(&["ingest", "cases.csv"]);
    assert_eq!(told.code, 0, "{}", told.stderr);
    sandbox
}

#[test]
fn records_leave_when_they_are_asked_for_and_persons_never_do() {
    let sandbox = with_records();
    for table in
        ["cases", "cases_latest", "returned", "record_counts", "batch_files", "returned_records"]
    {
        let refused = export(&sandbox, &["--table", table]).fails(1);
        assert!(refused.contains("add `--records`"), "{table}: {refused}");
    }
    let tables = "cases,cases_latest,returned,record_counts";
    export(&sandbox, &["--table", tables, "--records", "--format", ALL_FORMATS]).ok();
    assert_eq!(rows(&sandbox, "cases").len(), 40);
    assert_eq!(rows(&sandbox, "cases_latest").len(), 40);
    // The Parquet of whole tables of records is that of the lake.
    let files = files_below(&current(&sandbox).join("cases"), "parquet");
    let of_lake = files_below(&sandbox.path().join("lake/data/cases"), "parquet");
    assert_eq!(fs::read(&files[0]).unwrap(), fs::read(&of_lake[0]).unwrap());
    let mut everything = Vec::new();
    for ending in ["parquet", "csv", "arrow", "duckdb", "sql", "xlsx", "json"] {
        let files = files_below(&current(&sandbox), ending);
        assert!(!files.is_empty(), "{ending}");
        for path in &files {
            everything.extend(fs::read(path).unwrap());
        }
    }
    for person in CANARIES {
        let bytes = person.as_bytes();
        assert!(!everything.windows(bytes.len()).any(|piece| piece == bytes), "{person}");
    }
    assert!(!current(&sandbox).join("cases__pii").exists());
    let mode = fs::metadata(current(&sandbox)).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700, "records are for who exported them");

    let cut = ["--table", "cases", "--records", "--partition-by", "department", "--headers", "en"];
    export(&sandbox, &[&cut[..], &["--department", "civil_affairs"]].concat()).ok();
    assert_eq!(names_in(&current(&sandbox).join("cases")), ["department=civil_affairs"]);
    assert_eq!(manifest(&current(&sandbox))["resources"][0]["rowCount"], 40);

    let refused = export(&sandbox, &["--table", "cases", "--pseudonyms"]).fails(2);
    assert!(refused.contains("--records"), "{refused}");
    let asked = ["--table", "cases", "--records", "--pseudonyms"];
    let filtered = export(&sandbox, &[&asked[..], &["--department", "tax"]].concat()).fails(2);
    assert!(filtered.contains("--department"), "{filtered}");
    export(&sandbox, &[&asked[..], &["--format", "csv-exact"]].concat()).ok();
    let pseudonyms = rows(&sandbox, "cases__pii");
    assert_eq!(pseudonyms.len(), 40);
    assert!(pseudonyms.iter().all(|row| row["applicant_name"].len() == 32));
    assert_eq!(manifest(&current(&sandbox))["tongban"]["hasPseudonyms"], true);
}

#[test]
fn a_question_of_a_workspace_does_not_leave_beside_what_reads_records() {
    let sandbox = with_records();
    // What its head says that it reads is not what it reads.
    let sneaking = |folder: &str| {
        let name = format!("queries/{folder}/sneak.sql");
        sandbox.write(
            &name,
            "/*---\nsummary = \"a\"\nsummary_zh = \"甲\"\nreads = [\"observations_latest\"]\norder = [\"x\"]\n\
             [returns]\nx = \"text\"\n---*/\nSELECT record_key AS x FROM cases ORDER BY record_key;\n",
        );
    };
    sneaking("own");
    for other in [["--query", "aggregation/backfill"], ["--table", "derived_observations"]] {
        let asked = ["--query", "own/sneak", "--unpublished", "--format", "csv-exact"];
        let refused = export(&sandbox, &[&asked[..], &other].concat()).fails(1);
        assert!(refused.contains("`own/sneak`"), "{refused}");
        assert!(refused.contains("cannot be exported beside"), "{refused}");
        assert!(refused.contains("by itself"), "{refused}");
    }
    let asked = ["--query", "own/sneak,aggregation/backfill", "--format", "csv-exact"];
    export(&sandbox, &[&asked[..], &["--unpublished", "--records"]].concat()).ok();
    assert_eq!(rows(&sandbox, "own_sneak").len(), 40, "with `--records` it reads what it likes");
    fs::remove_file(sandbox.path().join("queries/own/sneak.sql")).unwrap();
    sneaking("views");
    let asked = ["--table", "sneak,derived_observations", "--unpublished"];
    let refused = export(&sandbox, &asked).fails(1);
    assert!(refused.contains("cannot be exported beside"), "{refused}");
    // By itself it finds no records.
    assert_eq!(export(&sandbox, &["--table", "sneak", "--unpublished"]).code, 1);
}

#[test]
fn what_is_counted_from_records_leaves_without_small_counts() {
    let sandbox = Sandbox::new();
    let synth = ["synth", "made", "--profile", "up-exchange", "--rows", "300", "--faults", "0"];
    sandbox.run(&synth).ok();
    let codes = read(&sandbox.path().join("made/refdata/department_codes.csv"));
    sandbox.write("refdata/department_codes.csv", codes);
    let told = sandbox.run(&["ingest", "made"]);
    assert!([0, 3].contains(&told.code), "{}", told.stderr);
    let refused = export(&sandbox, &["--table", "derived_observations"]).fails(1);
    assert!(refused.contains("add `--unpublished`"), "{refused}");
    let asked = [
        "--table",
        "derived_observations",
        "--query",
        "aggregation/backfill,aggregation/monthly",
        "--unpublished",
    ];
    let said = export(&sandbox, &[&asked[..], &["--format", "csv-exact"]].concat());
    assert_eq!(said.code, 0, "{}", said.stderr);
    let n_small = |row: &&BTreeMap<String, String>| {
        let value: f64 = row["value"].parse().unwrap_or_default();
        value > 0.0 && value < 5.0
    };
    let all = sandbox.sql("SELECT * FROM derived_observations");
    let all = crate::returned::rows(&all);
    let counted = |row: &&BTreeMap<String, String>| row["unit"] == "条" || row["unit"] == "件";
    assert!(all.iter().filter(counted).filter(n_small).count() > 10, "there are small counts");
    let shown = rows(&sandbox, "derived_observations");
    assert_eq!(shown.len(), all.len());
    assert_eq!(shown.iter().filter(counted).filter(n_small).count(), 0);
    assert!(shown.iter().any(|row| row["is_hidden"] == "true" && row["value"].is_empty()));
    for row in rows(&sandbox, "aggregation_backfill") {
        for column in ["arrived", "backfilled", "undated"] {
            let count: i64 = row[column].parse().unwrap_or_default();
            assert!(count == 0 || count >= 5, "{row:?}");
        }
        let is_blank = row["share_pct"].is_empty() && row["arrived"].is_empty();
        assert!(row["is_hidden"] == "false" || is_blank, "{row:?}");
    }
    // No row tells by what it compares with what another one hides.
    let months = rows(&sandbox, "aggregation_monthly");
    let hidden: BTreeSet<[&str; 2]> = months
        .iter()
        .filter(|row| row["is_hidden"] == "true")
        .map(|row| [&*row["department"], &*row["month"]])
        .collect();
    assert!(!hidden.is_empty(), "there are small counts");
    for row in months.iter().filter(|row| row["is_hidden"] == "false") {
        let is_beside =
            hidden.iter().any(|[body, month]| row["department"] == *body || row["month"] == *month);
        let told = ["change", "change_pct", "year_to_date"].map(|name| row[name].as_str());
        assert!(!is_beside || told == [""; 3], "{row:?}");
    }
    let beside = "counts are hidden in aggregation_backfill, aggregation_monthly, too";
    assert!(said.stderr.contains(beside), "{}", said.stderr);
    let manifest = manifest(&current(&sandbox));
    assert!(manifest["resources"][0]["notes"]["en"][1].as_str().unwrap().contains(beside));
    assert_eq!(manifest["tongban"]["isSynthetic"], true);
    assert!(names_in(&current(&sandbox)).contains(&"合成数据-SYNTHETIC.txt".to_owned()));
    assert!(said.stderr.contains("nothing in it is real"), "{}", said.stderr);
    assert!(manifest["resources"][0]["notes"]["zh"][0].as_str().unwrap().contains("小于 5"));
}

#[test]
fn what_one_department_hides_is_said_to_follow_from_an_export_of_all() {
    let sandbox = Sandbox::new();
    let synth = ["synth", "made", "--profile", "evaluation-interface", "--rows", "300"];
    sandbox.run(&synth).ok();
    let told = sandbox.run(&["ingest", "made"]);
    assert!([0, 3].contains(&told.code), "{}", told.stderr);
    let note = |args: &[&str]| {
        let asked = ["--unpublished", "--query", "satisfaction/by_channel"];
        export(&sandbox, &[&asked[..], args].concat()).ok();
        manifest(&current(&sandbox))["resources"][0]["notes"]["en"].to_string()
    };
    let of_some = note(&["-p", "last_day=2021-06-30"]);
    assert!(of_some.contains("do not show what was counted"), "{of_some}");
    assert!(of_some.contains("what is chosen by last_day=2021-06-30 was counted"), "{of_some}");
    assert!(!note(&["-p", "scope=pushed"]).contains("what is chosen by"));
    let shown = note(&["-p", "last_day=2021-06-30", "--min-cell", "1"]);
    assert!(!shown.contains("what is chosen by"), "{shown}");
}

/// Reads an export as a tool does that follows the link once: every file of it, by the manifest.
fn read_through_link(link: &Path) -> (i64, usize) {
    let folder = fs::canonicalize(link).unwrap();
    let manifest = manifest(&folder);
    let mut n_files = 0;
    for resource in manifest["resources"].as_array().unwrap() {
        for file in resource["files"].as_array().unwrap() {
            let bytes = fs::read(folder.join(file["path"].as_str().unwrap())).unwrap();
            let hash = format!("sha256:{}", sha256(&bytes));
            assert_eq!(file["hash"].as_str().unwrap(), hash, "a file of another export");
            n_files += 1;
        }
    }
    (manifest["tongban"]["minCell"].as_i64().unwrap(), n_files)
}

fn sha256(bytes: &[u8]) -> String {
    use sha2::{Digest, Sha256};
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Says when it goes that the work is done.
struct AtEnd<'a>(&'a AtomicBool);

impl Drop for AtEnd<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// How often the link is followed; more on demand.
fn n_opens() -> usize {
    let asked = std::env::var("TONGBAN_EXPORT_OPENS").ok();
    asked.and_then(|number| number.parse().ok()).unwrap_or(200)
}

#[test]
fn a_reader_of_the_link_never_sees_a_mix() {
    let sandbox = Sandbox::with_notice();
    export(&sandbox, &["--format", "parquet,csv"]).ok();
    let link = sandbox.path().join("out/data/current");
    let is_done = AtomicBool::new(false);
    let mut seen = BTreeSet::new();
    std::thread::scope(|scope| {
        // Also where an assertion fails.
        let _end = AtEnd(&is_done);
        scope.spawn(|| {
            for least in 2.. {
                if is_done.load(Ordering::Relaxed) {
                    return;
                }
                let least = least.to_string();
                export(&sandbox, &["--format", "parquet,csv", "--min-cell", &least]).ok();
            }
        });
        let mut n_read = 0;
        while n_read < n_opens() || seen.len() < 3 {
            let (least, n_files) = read_through_link(&link);
            assert_eq!(n_files, 8);
            seen.insert(least);
            n_read += 1;
        }
        eprintln!("followed {n_read} times while {} exports came", seen.len());
    });
    assert!(seen.len() >= 3, "exports went on meanwhile: {seen:?}");
}

#[test]
fn a_reader_that_holds_a_file_open_reads_it_to_its_end() {
    let sandbox = Sandbox::with_notice();
    export(&sandbox, &["--format", "csv"]).ok();
    let path = current(&sandbox).join("figures/figures.csv");
    let before = fs::read(&path).unwrap();
    let mut held = fs::File::open(&path).unwrap();
    for least in ["2", "3"] {
        export(&sandbox, &["--format", "csv", "--min-cell", least, "--keep", "1"]).ok();
    }
    assert!(!path.exists(), "only one export is kept");
    let mut bytes = Vec::new();
    std::io::Read::read_to_end(&mut held, &mut bytes).unwrap();
    assert_eq!(bytes, before);
}

#[test]
fn two_at_once_are_told_apart() {
    let sandbox = Sandbox::with_notice();
    export(&sandbox, &[]).ok();
    let marker = sandbox.path().join("out/data/.tongban-export");
    let held = fs::File::open(&marker).unwrap();
    held.lock().unwrap();
    let refused = export(&sandbox, &[]).fails(1);
    assert!(refused.contains("is exporting into"), "{refused}");
    drop(held);
    export(&sandbox, &[]).ok();
}

#[test]
fn a_full_disk_leaves_the_export_before_and_nothing_beside_it() {
    let sandbox = Sandbox::with_notice();
    export(&sandbox, &["--format", "parquet"]).ok();
    let before = current(&sandbox);
    let names = names_in(&sandbox.path().join("out/data"));
    let binary = env!("CARGO_BIN_EXE_tongban");
    for format in ["csv", "parquet,csv-exact", "arrow", "mysql", "xlsx", "duckdb"] {
        for blocks in ["1", "8"] {
            let script = format!(
                "trap '' XFSZ; ulimit -f {blocks}; '{binary}' export out/data --format {format} --min-cell 9"
            );
            let output = Command::new("sh")
                .args(["-c", &script])
                .current_dir(sandbox.path())
                .env_clear()
                .env("LANG", "C.UTF-8")
                .output()
                .unwrap();
            let outcome = Outcome::from(output);
            assert_eq!(outcome.code, 1, "{format}: {}", outcome.stderr);
            assert_eq!(current(&sandbox), before);
            assert_eq!(names_in(&sandbox.path().join("out/data")), names, "{format}");
        }
    }
    export(&sandbox, &["--check"]).ok();
}

#[test]
fn a_full_disk_is_told_with_the_file_and_what_to_do() {
    let disk = tempfile::tempdir().unwrap();
    let mount = |args: &[&str]| {
        Command::new("mount").args(args).arg(disk.path()).stderr(Stdio::null()).status()
    };
    let is_mounted = mount(&["-t", "tmpfs", "-o", "size=64k", "none"]);
    if !is_mounted.is_ok_and(|status| status.success()) {
        assert!(!must_have_all(), "the test mounts a file system: run it as root");
        eprintln!("skipped: no file system can be mounted here");
        return;
    }
    let sandbox = Sandbox::with_notice();
    let target = disk.path().join("data");
    let export =
        |args: &[&str]| sandbox.run(&[&["export", target.to_str().unwrap()][..], args].concat());
    let first = export(&["--query", "quality/totals", "--format", "csv-exact"]);
    let formats = ["parquet", "csv", "csv-exact", "arrow", "xlsx", "duckdb", "mysql"];
    let all = ["--table", "figures,departments,department_names,regions,region_names,indicators"];
    let refused = formats.map(|format| export(&[&all[..], &["--format", format]].concat()));
    let checked = export(&["--check"]);
    Command::new("umount").arg(disk.path()).status().unwrap();
    assert_eq!((first.code, checked.code), (0, 0), "{}", first.stderr);
    for (format, outcome) in formats.iter().zip(refused) {
        let said = outcome.fails(1);
        assert!(said.contains("/data/.000002.part/"), "{format}: {said}");
        assert!(said.contains("what was exported before is untouched"), "{format}: {said}");
    }
}

#[test]
fn an_export_that_is_ended_leaves_the_one_before() {
    let sandbox = with_records();
    let large: Vec<String> = (0..30_000).map(|idx| format!("s-{idx}")).collect();
    let lines: Vec<_> = large.iter().map(|key| record(&[("row_guid", key.as_str())])).collect();
    sandbox.write("more.csv", file(&lines));
    assert_eq!(sandbox.run(&["ingest", "more.csv"]).code, 0);
    export(&sandbox, &["--table", "cases", "--records", "--format", "csv-exact"]).ok();
    let before = current(&sandbox);
    let names = names_in(&sandbox.path().join("out/data"));
    let args = [
        "export",
        "out/data",
        "--table",
        "cases,cases_latest",
        "--records",
        "--format",
        "xlsx,mysql,csv",
    ];
    for signal in [Signal::INT, Signal::TERM, Signal::KILL] {
        let mut child =
            sandbox.command(&args).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let has_begun = || has_part(&sandbox);
        while !has_begun() {
            assert_eq!(child.try_wait().unwrap(), None, "it ended before it wrote anything");
            std::thread::yield_now();
        }
        kill_process(Pid::from_child(&child), signal).unwrap();
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(current(&sandbox), before);
        if signal == Signal::KILL {
            assert!(has_begun(), "what was written is left, and named by nothing");
        } else {
            assert_eq!(output.status.code(), Some(130), "{said}");
            assert!(said.contains("nothing was exported"), "{said}");
            assert_eq!(names_in(&sandbox.path().join("out/data")), names);
        }
    }
    export(&sandbox, &["--table", "cases", "--records"]).ok();
    assert!(!has_part(&sandbox));
}

/// Whether an export is being written, or was left half written.
fn has_part(sandbox: &Sandbox) -> bool {
    let names = names_in(&sandbox.path().join("out/data"));
    names.iter().any(|name| Path::new(name).extension().is_some_and(|ending| ending == "part"))
}
