//! Made-up forms: the same again, marked, and read figure by figure as the truth beside them has it.
#![expect(clippy::disallowed_methods, reason = "tests look at files behind the program's back")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::support::{NOTICE, Sandbox, read, write};

/// A row by the names of its columns.
type Row = BTreeMap<String, String>;

fn rows(text: &str) -> Vec<Row> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    reader.deserialize().map(Result::unwrap).collect()
}

/// Every file of a folder and of those in it, by its path inside.
fn files(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut all = BTreeMap::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if path.is_dir() {
            let inner = files(&path).into_iter();
            all.extend(inner.map(|(inner, bytes)| (format!("{name}/{inner}"), bytes)));
        } else {
            all.insert(name, std::fs::read(&path).unwrap());
        }
    }
    all
}

/// Makes forms in `made`, in a workspace that takes their definitions where `is_defined`.
fn made(is_defined: bool) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.run(&["synth", "made", "--forms"]).ok();
    if is_defined {
        let definitions = read(&sandbox.path().join("made/refdata/indicators.csv"));
        sandbox.write("refdata/indicators.csv", definitions);
    }
    sandbox
}

/// The columns of the truth, as the lake has them.
const AS_TRUTH: &str = "SELECT bat.file_name AS file, obs.edition, obs.published_on, obs.row_label, \
    obs.department, obs.indicator, obs.definition, obs.accumulation, obs.period_start, obs.period_end, \
    CAST(obs.value AS BIGINT) AS value, obs.unit, obs.obs_status, obs.qualifier \
    FROM observations AS obs JOIN batches AS bat ON bat.batch = obs.batch";

#[test]
fn every_figure_is_read_as_the_truth_has_it() {
    let sandbox = made(true);
    let outcome = sandbox.run(&["ingest", "made"]);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    let truth = read(&sandbox.path().join("made/truth.csv"));
    let (mut expected, mut found) = (rows(&truth), rows(&sandbox.sql(AS_TRUTH)));
    expected.sort();
    found.sort();
    assert!(expected.len() > 3000, "{}", expected.len());
    for (expected, found) in expected.iter().zip(&found) {
        assert_eq!(expected, found);
    }
    assert_eq!(expected.len(), found.len());

    let totals = sandbox
        .sql("SELECT count(*) AS n, count(CASE WHEN reconciled THEN 1 END) AS proven FROM totals");
    let totals = rows(&totals).remove(0);
    assert_eq!(totals["n"], totals["proven"]);
    let n_forms = rows(&sandbox.sql("SELECT file_name FROM batches WHERE is_synthetic")).len();
    assert_eq!(n_forms, rows(&sandbox.sql("SELECT file_name FROM batches")).len());
    // What is told is what was planted, and that a column of a year prints no first day.
    let told = sandbox.sql("SELECT DISTINCT code, severity FROM findings ORDER BY code");
    assert_eq!(
        told,
        "code,severity\n\
         definition.began_within,info\n\
         note.definition_recorded,info\n\
         note.resubmitted,info\n\
         note.returned,info\n\
         period.start_assumed,warning\n"
    );
}

#[test]
fn what_was_published_again_is_a_revision_and_the_later_one_counts() {
    let sandbox = made(true);
    sandbox.run(&["ingest", "--quiet", "made"]).ok();
    let planted = rows(&read(&sandbox.path().join("made/planted.csv")));
    let mut expected: Vec<[String; 5]> = planted
        .iter()
        .filter(|row| row["plant"].starts_with("revised"))
        .map(|row| {
            ["department", "indicator", "period_end", "printed", "right"]
                .map(|name| row[name].clone())
        })
        .collect();
    expected.sort();
    assert_eq!(expected.len(), 3);
    let revisions = sandbox.run(&["query", "quality/revisions", "--format", "csv"]).ok();
    let number = |text: &str| format!("{:.0}", text.parse::<f64>().unwrap());
    let mut found: Vec<[String; 5]> = rows(&revisions)
        .iter()
        .map(|row| {
            let [department, indicator, end] =
                ["department", "indicator", "period_end"].map(|name| row[name].clone());
            [department, indicator, end, number(&row["old_value"]), number(&row["new_value"])]
        })
        .collect();
    found.sort();
    assert_eq!(found, expected);
    for [department, indicator, end, _, right] in expected {
        let latest = sandbox.sql(&format!(
            "SELECT CAST(value AS BIGINT) AS value FROM observations_latest WHERE department = '{department}' \
             AND indicator = '{indicator}' AND period_end = DATE '{end}'"
        ));
        assert_eq!(latest, format!("value\n{right}\n"));
    }
}

/// The figures of the truth by indicator, department and last day, in the order of the days; of several
/// issues of a form the first.
fn series(truth: &[Row], indicator: &str, department: &str) -> Vec<(String, u64)> {
    let wanted = |row: &&Row| row["indicator"] == indicator && row["department"] == department;
    let mut figures: Vec<(String, String, u64)> = truth
        .iter()
        .filter(wanted)
        .map(|row| {
            let value = row["value"].parse().unwrap();
            (row["period_end"].clone(), row["published_on"].clone(), value)
        })
        .collect();
    figures.sort();
    figures.dedup_by(|later, first| later.0 == first.0);
    figures.into_iter().map(|(end, _, value)| (end, value)).collect()
}

#[test]
fn what_is_planted_stands_in_the_forms() {
    let sandbox = made(false);
    let dir = sandbox.path().join("made");
    let truth = rows(&read(&dir.join("truth.csv")));
    let planted = rows(&read(&dir.join("planted.csv")));
    let of = |plant: &str| planted.iter().filter(|row| row["plant"] == plant).collect::<Vec<_>>();
    let all: BTreeSet<&str> = planted.iter().map(|row| row["plant"].as_str()).collect();
    assert_eq!(
        all.into_iter().collect::<Vec<_>>(),
        [
            "fallen",
            "late",
            "missing",
            "redefined",
            "renamed",
            "resubmitted",
            "returned",
            "revised_down",
            "revised_up",
        ]
    );
    let names = files(&dir);
    let begins = |row: &Row| format!("{}-{}", row["form"], &row["period_end"][..7]);
    for missing in of("missing") {
        assert!(!names.keys().any(|name| name.starts_with(&begins(missing))), "{missing:?}");
    }
    for late in of("late") {
        assert!(late["published_on"][..7] > late["period_end"][..7], "{late:?}");
        let months = |text: &str| {
            text[..4].parse::<u32>().unwrap() * 12 + text[5..7].parse::<u32>().unwrap()
        };
        assert!(months(&late["published_on"]) - months(&late["period_end"]) > 3, "{late:?}");
    }
    // A year to date falls where more was printed than was right, and nowhere else but in January, where
    // it begins anew, and where counting changed or everything was sent back.
    let fallen: BTreeSet<(&str, &str)> = [of("fallen"), of("revised_down")]
        .concat()
        .iter()
        .map(|row| (row["department"].as_str(), row["period_end"].as_str()))
        .collect();
    let departments: BTreeSet<&str> = truth.iter().map(|row| row["department"].as_str()).collect();
    let mut seen = BTreeSet::new();
    for department in departments {
        for pair in series(&truth, "cases_aggregated", department).windows(2) {
            let [(end, value), (next, later)] = pair else { continue };
            if later < value && end[..4] == next[..4] && next != "2020-07-31" {
                seen.insert((
                    department,
                    fallen.iter().find(|it| it.0 == department && it.1 == end).unwrap().1,
                ));
            }
        }
    }
    assert_eq!(seen, fallen);
    let again = of("resubmitted")[0];
    let figures = series(&truth, &again["indicator"], &again["department"]);
    let at = figures.iter().position(|(end, _)| *end == again["period_end"]).unwrap();
    assert!(
        figures[..at].iter().all(|(_, value)| *value == 0) && figures[at].1 > 500,
        "{figures:?}"
    );
    let renamed = of("renamed")[0];
    let (old, new) = ("poverty_alleviation", "rural_revitalisation");
    assert_eq!(renamed["department"], new);
    let ends = |department: &str| series(&truth, "cases_aggregated", department);
    assert!(ends(old).iter().all(|(end, _)| *end < renamed["period_end"]));
    assert!(ends(new).iter().all(|(end, _)| *end >= renamed["period_end"]));
    let redefined = of("redefined")[0];
    for row in truth.iter().filter(|row| row["indicator"] == redefined["indicator"]) {
        let is_new = row["period_end"] >= redefined["period_end"];
        assert_eq!(row["definition"], if is_new { "1" } else { "0" });
    }
}

#[test]
fn forms_end_near_the_figures_of_the_notice() {
    let sandbox = made(false);
    let truth = rows(&read(&sandbox.path().join("made/truth.csv")));
    let last = |department: &str| series(&truth, "cases_aggregated", department).pop().unwrap();
    // Nine months in the notice, eight in the last form.
    for (department, of_notice) in
        [("human_resources", 12_741_337), ("ecology_environment", 87_713), ("tax", 0)]
    {
        let (end, value) = last(department);
        assert_eq!(end, "2021-08-31");
        assert!(value <= of_notice && value * 10 >= of_notice * 8, "{department}: {value}");
    }
    let zeros = truth.iter().filter(|row| row["value"] == "0").count();
    assert!(zeros * 3 > truth.len(), "{zeros} of {}", truth.len());
}

/// The lines of a form in text, and its cells as this test splits them.
fn lines(bytes: &[u8], name: &str) -> Vec<Vec<String>> {
    let (text, separator) = match name.rsplit_once('.').unwrap().1 {
        "csv" => (encoding_rs::GB18030.decode(bytes).0.into_owned(), ','),
        _ => (String::from_utf8(bytes.to_vec()).unwrap(), '\t'),
    };
    text.lines().map(|line| line.split(separator).map(str::to_owned).collect()).collect()
}

#[test]
fn what_is_printed_is_what_the_truth_has() {
    let sandbox = made(false);
    let dir = sandbox.path().join("made");
    let truth = rows(&read(&dir.join("truth.csv")));
    let mut n_forms = 0;
    for (name, bytes) in files(&dir) {
        let is_text = [".csv", ".txt"].iter().any(|end| name.ends_with(end));
        if !is_text || !name.contains("-20") {
            continue;
        }
        n_forms += 1;
        let lines = lines(&bytes, &name);
        assert!(lines.iter().any(|line| line[0].contains("由“tongban synth”生成")), "{name}");
        let body: Vec<&Vec<String>> =
            lines.iter().filter(|line| line.len() > 3 && line[0] != "序号").collect();
        let (total, body) = body.split_last().unwrap();
        assert_eq!(total[1], "合计");
        let of_file: Vec<&Row> = truth.iter().filter(|row| row["file"] == name).collect();
        for column in 2..total.len() {
            let mut sum = 0;
            for line in body {
                let told: Vec<u64> = of_file
                    .iter()
                    .filter(|row| row["row_label"] == line[1])
                    .map(|row| row["value"].parse().unwrap())
                    .collect();
                let printed: u64 = line[column].parse().unwrap();
                assert_eq!(told[column - 2], printed, "{name}: {line:?}");
                sum += printed;
            }
            assert_eq!(total[column], sum.to_string(), "{name}");
        }
    }
    assert!(n_forms >= 12, "{n_forms}");
}

#[test]
fn the_same_seed_gives_the_same_forms() {
    let sandbox = Sandbox::empty();
    let made = |dir: &str, seed: &str| {
        sandbox.run(&["synth", dir, "--forms", "--seed", seed]).ok();
        files(&sandbox.path().join(dir))
    };
    let one = made("one", "7");
    assert_eq!(one, made("two", "7"));
    assert_ne!(one["truth.csv"], made("three", "8")["truth.csv"]);
    for name in ["SYNTHETIC.txt", "planted.csv", "synthetic.json", "refdata/indicators.csv"] {
        assert!(one.contains_key(name), "{name}");
    }
    let ends: BTreeSet<&str> = one
        .keys()
        .filter(|name| name.contains("-20"))
        .map(|name| name.rsplit_once('.').unwrap().1)
        .collect();
    assert_eq!(ends.into_iter().collect::<Vec<_>>(), ["csv", "html", "txt", "xlsx"]);
}

/// The one batch of a file.
fn only_batch_of(sandbox: &Sandbox, file_name: &str) -> String {
    let sql = format!("SELECT batch FROM batches WHERE file_name = '{file_name}'");
    let batches = rows(&sandbox.sql(&sql));
    assert_eq!(batches.len(), 1, "{file_name}");
    batches[0]["batch"].clone()
}

#[test]
fn forms_never_stand_beside_real_data() {
    let sandbox = Sandbox::with_notice();
    sandbox.run(&["synth", "made", "--forms"]).ok();
    // Known by what it says, wherever it stands and whatever it is called.
    let form = std::fs::read(sandbox.path().join("made/aggregation-2019-01.xlsx")).unwrap();
    write(&sandbox.path().join("办件.xlsx"), &form);
    let before = sandbox.lake_files();
    for path in ["made/aggregation-2019-01.xlsx", "办件.xlsx"] {
        let said = sandbox.run(&["ingest", path]).fails(1);
        assert!(said.contains("is synthetic and this workspace holds real data"), "{said}");
    }
    assert_eq!(sandbox.lake_files(), before);

    let synthetic = made(true);
    synthetic.run(&["ingest", "--quiet", "made/aggregation-2019-01.xlsx"]).ok();
    // What reads the lake says so, and what reads reference tables alone does not.
    let asked = |sql: &str| synthetic.run(&["sql", sql]).stderr;
    let said = asked("SELECT count(*) AS n FROM observations");
    assert_eq!(said.matches("made-up data is among the figures").count(), 1, "{said}");
    assert_eq!(asked("SELECT count(*) AS n FROM regions"), "");
    synthetic.write("notice.txt", NOTICE);
    synthetic.run(&["ingest", "--quiet", "notice.txt"]).ok();
    let real = "发布机构：青海省水利厅\n汇聚情况表\n（2021年1—6月）\n单位\t办件数据汇聚量(条)\n省水利厅\t12\n省民政厅\t16\n";
    synthetic.write("real.txt", real);
    let said = synthetic.run(&["ingest", "real.txt"]).fails(1);
    assert!(said.contains("is real and this workspace is synthetic"), "{said}");
    // Read again, a form stays what it is.
    let batch = only_batch_of(&synthetic, "aggregation-2019-01.xlsx");
    synthetic.run(&["reread", &batch, "--reason", "again", "--origin", "reported"]).ok();
    let marked = synthetic.sql(
        "SELECT file_name, is_synthetic FROM batches WHERE superseded_by IS NULL ORDER BY file_name",
    );
    assert_eq!(marked, "file_name,is_synthetic\naggregation-2019-01.xlsx,true\nnotice.txt,false\n");
}

#[test]
fn without_the_days_of_its_definitions_a_change_is_warned_of() {
    let sandbox = made(false);
    let said = sandbox.run(&["ingest", "made/aggregation-2020-12.xlsx"]).stderr;
    assert!(said.contains("counted in another way than before"), "{said}");
    let definitions = "SELECT DISTINCT definition FROM observations";
    assert_eq!(sandbox.sql(definitions), "definition\n1\n");
    let severity = "SELECT severity FROM findings WHERE code = 'note.definition_changed'";
    assert_eq!(sandbox.sql(severity), "severity\nwarning\n");
    // Once they are recorded, it is read again under the definition that holds.
    let recorded = read(&sandbox.path().join("made/refdata/indicators.csv"));
    sandbox.write(
        "refdata/indicators.csv",
        recorded.replace("2020-06-30", "2020-12-31").replace("2020-07-01", "2021-01-01"),
    );
    let batch = only_batch_of(&sandbox, "aggregation-2020-12.xlsx");
    sandbox.run(&["reread", &batch, "--reason", "definitions"]).ok();
    let of_cases =
        "SELECT DISTINCT definition FROM observations WHERE indicator = 'cases_aggregated'";
    assert_eq!(sandbox.sql(of_cases), "definition\n0\n");
}

#[test]
fn what_forms_cannot_have_is_refused() {
    let sandbox = Sandbox::empty();
    for args in [
        &["--scale", "0.1"][..],
        &["--profile", "up-exchange"],
        &["--faults", "0.1"],
        &["--format", "csv"],
        &["--encoding", "gb18030"],
        &["--compress", "gz"],
        &["--files", "2"],
        &["--trap", "test-words"],
    ] {
        sandbox.run(&[&["synth", "made", "--forms"], args].concat()).fails(2);
    }
    sandbox.write("taken/a.csv", "real\n");
    let said = sandbox.run(&["synth", "taken", "--forms"]).fails(1);
    assert!(said.contains("`taken` is no empty folder"), "{said}");
    assert_eq!(sandbox.file_names(), ["taken"]);
}
