//! Counts of records: whatever comes, they equal a count of all of them. All records are made up.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use tongban::synth::Figures;

use crate::records::{file, record};
use crate::support::{NOTICE, Outcome, Sandbox};

/// What the counts say and the records do not, and the other way round: by type, department, scope,
/// month of the event and of the arrival.
const DIFFERENCES: &str = "WITH counts AS (
        SELECT record_type, department, scope, event_month, arrival_month,
            CAST(sum(n_current) AS BIGINT) AS n
        FROM record_counts CROSS JOIN session
        WHERE as_of IS NULL OR CAST(received_at AS DATE) <= as_of
        GROUP BY ALL HAVING n <> 0
    ),
    records AS (
        SELECT record_type, department, scope, CAST(date_trunc('month', event_at) AS DATE),
            CAST(date_trunc('month', coalesce(arrived_at, received_at)) AS DATE), count(*) AS n
        FROM cases_latest GROUP BY ALL
        UNION ALL
        SELECT NULL, department, scope, CAST(date_trunc('month', event_at) AS DATE),
            CAST(date_trunc('month', coalesce(arrived_at, received_at)) AS DATE), count(*)
        FROM evaluations_latest GROUP BY ALL
    )
    (FROM counts EXCEPT FROM records) UNION ALL (FROM records EXCEPT FROM counts)";

/// Batches whose counts are not about every row of them.
const UNBALANCED: &str = "SELECT batch FROM batches LEFT JOIN (
        SELECT batch, sum(n_accepted) AS accepted, sum(n_updated) AS updated,
            sum(n_deleted) AS deleted, sum(n_returned) AS returned, sum(n_duplicate) AS duplicate
        FROM record_counts GROUP BY batch
    ) USING (batch)
    WHERE source_kind = 'records' AND (accepted, updated, deleted, returned, duplicate)
        IS DISTINCT FROM (rows_accepted, rows_updated, rows_deleted, rows_returned, rows_duplicate)";

/// Fails unless the counts are those of the records, in a state of the lake or as of a day, and both
/// engines say the same of its months.
#[track_caller]
pub(crate) fn check(sandbox: &Sandbox, which: &[&str]) {
    for statement in [DIFFERENCES, UNBALANCED] {
        let args = [&["sql", "--format", "csv"], which, &[statement]].concat();
        let rows = sandbox.run(&args).ok();
        assert_eq!(rows.lines().count(), 1, "{which:?}\n{rows}");
    }
    for query in ["aggregation/monthly", "satisfaction/monthly"] {
        sandbox.run(&[&["query", query, "--cross-check"], which].concat()).ok();
    }
}

/// Ingests records on a day of July 2022.
fn ingest(sandbox: &Sandbox, day: u64, name: &str, records: &[String]) -> Outcome {
    sandbox.write(name, file(records));
    let seconds = 1_656_633_600 + (day - 1) * 86_400;
    let mut command = sandbox.command(&["ingest", name]);
    command.env("SOURCE_DATE_EPOCH", seconds.to_string()).output().unwrap().into()
}

/// Numbers that follow from a seed.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % limit
    }

    fn one_of<'a>(&mut self, words: &[&'a str]) -> &'a str {
        words[self.below(words.len())]
    }

    /// A row about one of few records: new, changed, moved, ended, faulty, or the same again.
    fn record(&mut self, day: u64) -> String {
        let key = format!("r-{}", self.below(8));
        let body = [("省民政厅", "11310000MB2F30661Y"), ("某处", "11310000MB2F30661Y")];
        let body = body[usize::from(self.below(6) == 0)];
        let month = self.one_of(&["2022-04", "2022-05", "2022-06"]);
        let applied = format!("{month}-0{} 08:00:00", 1 + self.below(2));
        let pushed = format!("2022-0{}-{:02} 08:00:00", 5 + self.below(2), day);
        let project = if self.below(5) == 0 { "" } else { key.as_str() };
        record(&[
            ("row_guid", &key),
            ("project_no", project),
            ("org_name", body.0),
            ("org_code", body.1),
            ("apply_date", &applied),
            ("accept_date", &applied),
            ("cd_time", &pushed),
            ("cd_operation", self.one_of(&["I", "I", "U", "U", "D"])),
        ])
    }
}

#[test]
fn counts_equal_a_count_of_all_records_whatever_comes() {
    let mut n_seen = BTreeMap::new();
    for seed in 1..=3 {
        let sandbox = Sandbox::new();
        let mut chance = Chance(seed);
        let days = [1, 2, 2, 5];
        for (idx, day) in days.into_iter().enumerate() {
            let n_rows = 1 + chance.below(12);
            let records: Vec<String> = (0..n_rows).map(|_| chance.record(day)).collect();
            let told = ingest(&sandbox, day, &format!("{idx}.csv"), &records);
            assert!([0, 3].contains(&told.code), "{}", told.stderr);
            check(&sandbox, &[]);
        }
        for which in [["--snapshot", "2"], ["--as-of", "2022-07-02"], ["--as-of", "2022-07-01"]] {
            check(&sandbox, &which);
        }
        let sums = sandbox.sql(
            "SELECT sum(rows_updated) > 0, sum(rows_deleted) > 0, sum(rows_returned) > 0,
                 sum(rows_duplicate) > 0, (SELECT count(*) FROM cases_latest) > 0,
                 (SELECT count(*) FROM record_counts WHERE n_current < 0) > 0 FROM batches",
        );
        *n_seen.entry(sums.lines().last().unwrap().to_owned()).or_insert(0) += 1;
    }
    assert!(n_seen.contains_key("true,true,true,true,true,true"), "{n_seen:?}");
}

#[test]
fn a_record_counts_where_its_latest_version_does() {
    let sandbox = Sandbox::new();
    let one = |key: &'static str, changes: &[(&'static str, &'static str)]| {
        record(&[changes, &[("row_guid", key), ("project_no", key)]].concat())
    };
    let may = ("accept_date", "2021-05-05 06:07:08");
    let later = ("cd_time", "2021-06-01 00:00:00");
    let first =
        [one("k-1", &[]), one("k-2", &[]), one("k-3", &[]), one("k-4", &[("project_no", "")])];
    assert_eq!(ingest(&sandbox, 1, "first.csv", &first).code, 3);
    let second = [
        one("k-1", &[may, later]),
        one("k-2", &[("cd_operation", "D"), later]),
        one("k-3", &[]),
        one("k-4", &[later]),
    ];
    ingest(&sandbox, 2, "second.csv", &second).ok();
    check(&sandbox, &[]);
    let monthly = |args: &[&str]| {
        let columns = [&["query", "aggregation/monthly", "--format", "csv"], args].concat();
        sandbox.run(&columns).ok()
    };
    let header = "month,department,department_name,records,change,change_pct,share_pct,\
        year_to_date,pushed,returned,official_order\n";
    assert_eq!(
        monthly(&[]),
        format!(
            "{header}2021-03-01,civil_affairs,省民政厅,2,,,100,2,7,1,8\n\
             2021-05-01,civil_affairs,省民政厅,1,,,100,3,1,0,8\n"
        )
    );
    assert_eq!(
        monthly(&["--as-of", "2022-07-01"]),
        format!("{header}2021-03-01,civil_affairs,省民政厅,3,,,100,3,4,1,8\n")
    );
    let first_pass = sandbox.sql(
        "SELECT arrival_month, sum(n_accepted) AS accepted, sum(n_resubmitted) AS again,
             sum(n_returned) AS returned FROM record_counts GROUP BY ALL ORDER BY ALL",
    );
    assert_eq!(
        first_pass,
        "arrival_month,accepted,again,returned\n2021-03-01,3,0,1\n2021-06-01,1,1,0\n"
    );
}

#[test]
fn what_was_pushed_last_counts_whenever_it_comes() {
    let sandbox = Sandbox::new();
    let april = ("accept_date", "2021-04-09 06:07:08");
    let pushed_in_april = ("cd_time", "2021-04-10 07:08:09");
    let (update, end) = (("cd_operation", "U"), ("cd_operation", "D"));
    let keyed = |key: &'static str, changes: &[(&'static str, &'static str)]| {
        record(&[changes, &[("row_guid", key), ("project_no", key)]].concat())
    };
    let new = [
        keyed("k-1", &[update, april, pushed_in_april]),
        keyed("k-2", &[]),
        keyed("k-2", &[end, pushed_in_april]),
    ];
    ingest(&sandbox, 1, "new.csv", &new).ok();
    let old = [keyed("k-1", &[]), keyed("k-2", &[update, ("task_name", "改过的事项")])];
    let told = ingest(&sandbox, 2, "old.csv", &old);
    assert!(
        told.stderr.contains("2 rows were pushed before the latest version"),
        "{}",
        told.stderr
    );
    told.ok();
    check(&sandbox, &[]);
    let latest =
        "SELECT record_key, version, strftime(event_at, '%Y-%m') AS month FROM cases_latest";
    assert_eq!(sandbox.sql(latest), "record_key,version,month\nk-1,1,2021-04\n");
    assert_eq!(sandbox.sql("SELECT count(*) AS versions FROM cases"), "versions\n5\n");
}

#[test]
fn a_record_that_another_department_takes_over_is_told() {
    let sandbox = Sandbox::new();
    let of = |name: &'static str| record(&[("org_name", name), ("org_code", "11310000MB2F30661Y")]);
    ingest(&sandbox, 1, "one.csv", &[of("省民政厅")]).ok();
    let told = ingest(&sandbox, 2, "other.csv", &[of("省公安厅")]);
    assert!(told.stderr.contains("records that were another department's"), "{}", told.stderr);
    told.ok();
    check(&sandbox, &[]);
}

#[test]
fn a_batch_that_goes_back_as_a_whole_counts_as_returned() {
    let sandbox = Sandbox::new();
    let keys: Vec<String> = (0..30).map(|idx| format!("k-{idx}")).collect();
    let row = |key: &String| {
        record(&[
            ("row_guid", key),
            ("project_no", key),
            ("apply_date", "2021-03-03 10:03:00"),
            ("accept_date", "2021-03-04 11:03:00"),
        ])
    };
    let mut profile = sandbox.run(&["refs", "profiles", "up-exchange", "--source"]).ok();
    profile = profile.replacen("version = 1", "version = 2\nmax_returned_share = 0.1", 1);
    sandbox.write("profiles/up-exchange.toml", profile);
    let mut records: Vec<String> = keys.iter().map(row).collect();
    for key in &keys[..10] {
        records.push(record(&[("row_guid", &format!("{key}-x")), ("project_no", "")]));
    }
    assert_eq!(ingest(&sandbox, 1, "whole.csv", &records).code, 3);
    check(&sandbox, &[]);
    let counts = "SELECT sum(n_current) AS current, sum(n_accepted) AS accepted,
        sum(n_returned) AS returned FROM record_counts";
    assert_eq!(sandbox.sql(counts), "current,accepted,returned\n0,0,40\n");
    let derived = "SELECT value, obs_status FROM derived_observations
        WHERE indicator = 'cases_aggregated'";
    assert_eq!(sandbox.sql(derived), "value,obs_status\n0,returned\n");
}

#[test]
fn files_read_again_are_counted_once() {
    let sandbox = Sandbox::new();
    let records = [record(&[]), record(&[("row_guid", "r-2"), ("project_no", "p-2")])];
    ingest(&sandbox, 1, "a.csv", &records).ok();
    let mut profile = sandbox.run(&["refs", "profiles", "up-exchange", "--source"]).ok();
    profile = profile.replacen("version = 1", "version = 2", 1);
    sandbox.write("profiles/up-exchange.toml", profile);
    ingest(&sandbox, 2, "a.csv", &records).ok();
    check(&sandbox, &[]);
    check(&sandbox, &["--snapshot", "1"]);
    assert_eq!(sandbox.sql("SELECT sum(n_current) AS n FROM record_counts"), "n\n2\n");
}

/// Keys that chance pushes, batches that they come in, and pushes of a key at most.
const N_KEYS: usize = 16;
const N_BATCHES: usize = 3;
const N_PUSHES: usize = 7;

/// A row that a department pushed.
#[derive(Debug, Clone, Copy)]
struct Push {
    operation: &'static str,
    /// What it says: which department and which month.
    content: usize,
    /// Its place among the pushes of its key in time; `None` where it does not say when it was pushed.
    time: Option<usize>,
    batch: usize,
}

/// What is known of a key from its pushes: the oracle.
#[derive(Debug, Clone, Default)]
struct Known {
    /// The record that was pushed before all others.
    first: Option<Push>,
    latest: Option<Latest>,
    contents: BTreeSet<usize>,
}

/// What a key says.
#[derive(Debug, Clone)]
struct Latest {
    /// The row that said so first, and when it was pushed.
    push: Push,
    pushed_at: String,
    /// When it was said last.
    last_at: String,
    /// Whether one of the rows that said so says when it was pushed.
    is_timed: bool,
}

impl Push {
    /// The day on which its batch is ingested, in July 2022.
    fn ingest_day(batch: usize) -> u64 {
        5 + 10 * batch as u64
    }

    /// When its batch is ingested, as text that can be ordered.
    fn ingested_at(&self) -> String {
        format!("2022-07-{:02} 08:00:00", Self::ingest_day(self.batch))
    }

    /// What it says about when it was pushed. Pushes lie before, between and behind the ingests.
    fn said_at(&self) -> Option<String> {
        let days = ["06-10", "06-28", "07-02", "07-07", "07-12", "07-19", "08-03"];
        self.time.map(|time| format!("2022-{} 07:00:00", days[time]))
    }

    /// When it was pushed, where it says so and that was not after its ingest.
    fn told_at(&self) -> Option<String> {
        self.said_at().filter(|said| *said < self.ingested_at())
    }

    /// When it was pushed, else ingested.
    fn pushed_at(&self) -> String {
        self.told_at().unwrap_or_else(|| self.ingested_at())
    }

    fn department(&self) -> (&'static str, &'static str) {
        [("civil_affairs", "省民政厅"), ("public_security", "省公安厅")][self.content % 2]
    }

    fn event_month(&self) -> &'static str {
        ["2022-04", "2022-05"][self.content / 2]
    }

    fn row(&self, key: usize) -> String {
        let key = format!("r-{key:02}");
        let accepted = format!("{}-03 08:00:00", self.event_month());
        let time = self.said_at().unwrap_or_default();
        record(&[
            ("row_guid", &key),
            ("project_no", &key),
            ("org_name", self.department().1),
            ("apply_date", "2022-04-01 08:00:00"),
            ("accept_date", &accepted),
            ("cd_time", &time),
            ("cd_operation", self.operation),
        ])
    }

    fn is_delete(&self) -> bool {
        self.operation == "D"
    }
}

impl Known {
    /// Takes a push into account: what was pushed last is what the key says.
    ///
    /// Rows that do not say when they were pushed are known to say less, because files without times are
    /// sent again as a whole: they bring back no earlier content, and where the latest one has no time
    /// either, to say the same again moves nothing.
    fn take(&mut self, push: Push) {
        let pushed_at = push.pushed_at();
        let is_timed = push.told_at().is_some();
        let is_known = !push.is_delete() && self.contents.contains(&push.content);
        if !push.is_delete() {
            self.contents.insert(push.content);
            if self.first.is_none_or(|first| pushed_at < first.pushed_at()) {
                self.first = Some(push);
            }
        }
        let of_push = |push| Latest {
            push,
            pushed_at: pushed_at.clone(),
            last_at: pushed_at.clone(),
            is_timed,
        };
        let Some(latest) = self.latest.as_mut() else {
            self.latest = Some(of_push(push));
            return;
        };
        if pushed_at < latest.last_at {
            return;
        }
        let says_the_same = latest.push.is_delete() == push.is_delete()
            && (push.is_delete() || latest.push.content == push.content);
        // What the sender calls changed is a version of its own.
        if says_the_same && !(push.operation == "U" && is_timed) {
            if is_timed || latest.is_timed {
                latest.last_at = pushed_at;
                latest.is_timed = true;
            }
        } else if is_timed || !is_known {
            *latest = of_push(push);
        }
    }

    /// What `cases_latest` has of the key.
    fn shown(&self, key: usize) -> Option<String> {
        let latest = self.latest.as_ref().filter(|latest| !latest.push.is_delete())?;
        let (department, _) = latest.push.department();
        let (event, arrival) = (latest.push.event_month(), &latest.pushed_at[..7]);
        Some(format!("r-{key:02},{department},{event},{arrival}"))
    }

    /// What `cases_first` has of the key.
    fn first_shown(&self, key: usize) -> Option<String> {
        let first = self.first?;
        let (department, _) = first.department();
        let (event, arrival) = (first.event_month(), first.pushed_at());
        Some(format!("r-{key:02},{department},{event},{arrival},{}", first.told_at().is_none()))
    }
}

/// Pushes of each key, in the order in which they stand in the files.
fn pushes() -> impl Strategy<Value = Vec<Vec<Push>>> {
    let row = (0_usize..3, 0_usize..4, prop::bool::weighted(0.2), 0..N_BATCHES);
    let rows = prop::collection::vec(row, 1..=N_PUSHES);
    let times = Just((0..N_PUSHES).collect::<Vec<_>>()).prop_shuffle();
    let of_key = (rows, times).prop_map(|(rows, times)| {
        let of_rows = rows.into_iter().zip(times);
        of_rows
            .map(|((operation, content, is_untimed, batch), time)| Push {
                operation: ["I", "U", "D"][operation],
                content,
                time: (!is_untimed).then_some(time),
                batch,
            })
            .collect()
    });
    prop::collection::vec(of_key, N_KEYS)
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 4, max_shrink_iters: 16, failure_persistence: None, ..ProptestConfig::default()
    })]

    #[test]
    fn first_and_latest_are_what_was_pushed_first_and_last_in_whichever_order_files_come(pushes in pushes()) {
        let sandbox = Sandbox::new();
        let profile = sandbox.run(&["refs", "profiles", "up-exchange", "--source"]).ok();
        let untimed = profile
            .replacen("version = 1", "version = 2", 1)
            .replace("required = true\ncolumn = \"arrived_at\"", "column = \"arrived_at\"");
        prop_assert_ne!(&untimed, &profile);
        sandbox.write("profiles/up-exchange.toml", untimed);
        let mut known = vec![Known::default(); N_KEYS];
        for batch in 0..N_BATCHES {
            let mut rows = Vec::new();
            for nth in 0..N_PUSHES {
                for (key, pushes) in pushes.iter().enumerate() {
                    if let Some(push) = pushes.get(nth).filter(|push| push.batch == batch) {
                        rows.push(push.row(key));
                        known[key].take(*push);
                    }
                }
            }
            if !rows.is_empty() {
                let day = Push::ingest_day(batch);
                ingest(&sandbox, day, &format!("{batch}.csv"), &rows).ok();
            }
            let latest = sandbox.sql(
                "SELECT record_key, department, strftime(event_at, '%Y-%m') AS event,
                     strftime(coalesce(arrived_at, received_at), '%Y-%m') AS arrival
                 FROM cases_latest ORDER BY record_key",
            );
            let latest: Vec<&str> = latest.lines().skip(1).collect();
            let expected: Vec<String> =
                known.iter().enumerate().filter_map(|(key, known)| known.shown(key)).collect();
            prop_assert_eq!(latest, expected);
            let first = sandbox.sql(
                "SELECT record_key, department, strftime(event_at, '%Y-%m') AS event,
                     strftime(arrived_at, '%Y-%m-%d %H:%M:%S') AS arrival, is_untimed
                 FROM cases_first ORDER BY record_key",
            );
            let first: Vec<&str> = first.lines().skip(1).collect();
            let known = known.iter().enumerate();
            let expected: Vec<String> =
                known.filter_map(|(key, known)| known.first_shown(key)).collect();
            prop_assert_eq!(first, expected);
            check(&sandbox, &[]);
        }
    }
}

#[test]
fn a_record_arrives_with_its_first_push_whenever_that_is_ingested() {
    let sandbox = Sandbox::new();
    let pushed = |operation, cd_time| {
        record(&[
            ("cd_operation", operation),
            ("apply_date", "2021-03-01 08:00:00"),
            (
                "accept_date",
                if operation == "U" { "2021-03-03 08:00:00" } else { "2021-03-02 08:00:00" },
            ),
            ("cd_time", cd_time),
        ])
    };
    ingest(&sandbox, 1, "new.csv", &[pushed("U", "2021-05-06 08:00:00")]).ok();
    ingest(&sandbox, 2, "old.csv", &[pushed("I", "2021-03-06 08:00:00")]).ok();
    let ask = |question: &str, which: &[&str]| {
        let args = [&["query", question, "--format", "csv"], which].concat();
        let rows = sandbox.run(&args).ok();
        let cells = |line: &str| line.split(',').take(5).collect::<Vec<_>>().join(",");
        rows.lines().skip(1).map(cells).collect::<Vec<_>>()
    };
    // Month, department and its name, records, and the median of days or those of earlier months.
    let found = ["aggregation/timeliness", "aggregation/backfill"].map(|id| ask(id, &[]));
    assert_eq!(found[0], ["2021-03-01,civil_affairs,省民政厅,1,4"]);
    assert_eq!(found[1], ["2021-03-01,civil_affairs,省民政厅,1,0"]);
    let before = ["--as-of", "2022-07-01"];
    let found = ["aggregation/timeliness", "aggregation/backfill"].map(|id| ask(id, &before));
    assert_eq!(found[0], ["2021-05-01,civil_affairs,省民政厅,1,64"]);
    assert_eq!(found[1], ["2021-05-01,civil_affairs,省民政厅,1,1"]);
}

#[test]
fn a_record_whose_old_file_says_the_same_arrives_when_that_was_pushed() {
    let sandbox = Sandbox::new();
    let pushed = |key: &'static str, cd_time: &'static str| {
        record(&[("row_guid", key), ("project_no", key), ("cd_time", cd_time)])
    };
    ingest(&sandbox, 1, "new.csv", &[pushed("A", "2021-09-05 08:00:00")]).ok();
    let old = [pushed("A", "2021-03-06 08:00:00"), pushed("B", "2021-03-07 08:00:00")];
    ingest(&sandbox, 2, "old.csv", &old).ok();
    let ask = |question: &str, columns: &[usize]| {
        let rows = sandbox.run(&["query", question, "--format", "csv"]).ok();
        let cells = |line: &str| {
            let cells: Vec<&str> = line.split(',').collect();
            columns.iter().map(|column| cells[*column]).collect::<Vec<_>>().join(",")
        };
        rows.lines().map(cells).collect::<Vec<_>>()
    };
    assert_eq!(
        ask("aggregation/timeliness", &[0, 3, 4, 6]),
        ["arrival_month,records,median_days,max_days", "2021-03-01,2,1,2"]
    );
    assert_eq!(
        ask("aggregation/backfill", &[0, 3, 4]),
        ["arrival_month,arrived,backfilled", "2021-03-01,2,0"]
    );
    // Rows are counted when they were pushed themselves: the one of A that was taken is the new one.
    assert_eq!(
        ask("aggregation/first_pass", &[0, 3, 4]),
        ["arrival_month,pushed,accepted_first", "2021-03-01,1,1", "2021-09-01,1,1"]
    );
    let latest = "SELECT record_key, strftime(arrived_at, '%Y-%m') AS month FROM cases_latest
        ORDER BY record_key";
    assert_eq!(sandbox.sql(latest), "record_key,month\nA,2021-09\nB,2021-03\n");
    check(&sandbox, &[]);
}

/// The figures of the notice by department, as the made-up set scales them: cases and evaluations.
fn derived(sandbox: &Sandbox, indicator: &str) -> BTreeMap<String, u64> {
    let csv = sandbox.sql(&format!(
        "SELECT department, CAST(sum(value) AS BIGINT) AS n FROM derived_observations
         WHERE indicator = '{indicator}' GROUP BY department ORDER BY department"
    ));
    let rows = csv.lines().skip(1).map(|line| line.split_once(',').unwrap());
    rows.map(|(department, n)| (department.to_owned(), n.parse().unwrap())).collect()
}

#[test]
fn the_default_set_counts_as_the_notice_does() {
    let sandbox = Sandbox::new();
    sandbox.run(&["synth", "made", "--scale", "0.001"]).ok();
    let codes = crate::support::read(&sandbox.path().join("made/refdata/department_codes.csv"));
    sandbox.write("refdata/department_codes.csv", codes);
    sandbox.write("notice.txt", NOTICE);
    assert_eq!(sandbox.run(&["ingest", "made", "notice.txt"]).code, 3);
    check(&sandbox, &[]);
    let figures = Figures::of_notice().unwrap();
    let cases = derived(&sandbox, "cases_aggregated");
    let evaluations = derived(&sandbox, "evaluations_aggregated");
    for (counted, total) in [(&cases, 12_870), (&evaluations, 1_948)] {
        assert_eq!(counted.values().sum::<u64>(), total, "{counted:?}");
    }
    let in_period = "SELECT count(*) AS n FROM derived_observations
        WHERE indicator IN ('cases_aggregated', 'evaluations_aggregated')
            AND NOT (period_start >= '2021-01-01' AND period_end <= '2021-09-30')";
    assert_eq!(sandbox.sql(in_period), "n\n0\n");
    for department in &figures.departments {
        for (counted, figure) in
            [(&cases, department.cases), (&evaluations, department.evaluations)]
        {
            let n = counted.get(&department.id).copied().unwrap_or_default();
            let thousandth = figure / 1000;
            assert!((thousandth..=thousandth + 1).contains(&n), "{}: {n}", department.id);
        }
    }
    let returned = "SELECT department, count(DISTINCT source_row) AS n FROM returned
        WHERE file_name = 'up_pro_accept-returned.csv' GROUP BY department";
    assert_eq!(sandbox.sql(returned), "department,n\ntax,4500\n");
    let compared = sandbox.run(&["query", "quality/sources_compared", "--format", "csv"]).ok();
    let tax =
        compared.lines().find(|line| line.contains("cases_aggregated") && line.contains(",tax,"));
    // Nothing aggregated, because all went back: so it was printed, and so it is counted.
    assert!(tax.is_some_and(|line| line.contains(",0,,,0,2,0,")), "{compared}");
}
