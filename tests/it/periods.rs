//! Questions about one period, over the figures of that period alone: the answer is the same.

use std::collections::BTreeMap;
use std::path::Path;

use arrow::array::{AsArray, RecordBatch};
use arrow::datatypes::Date32Type;
use chrono::NaiveDate;
use tongban::analysis::{CrossCheck, cross_check};
use tongban::engine::{AskedPeriods, DuckDb, EngineLimits, Tables};
use tongban::model::{Departments, FiguresBy, ShownOrigin};
use tongban::query::{Catalogue, ParamValue, Query, bind};
use tongban::refdata::RefData;
use tongban::table::{
    LakeTable, ResultTable, SessionChoice, reference_batch, session_batch, stored_schema_of,
    write_parquet,
};

use crate::case_file::all_cases;
use crate::cases::{prepare, typed};
use crate::support::write;

const REGIONS: [&str; 3] = ["630000", "630100", "632500"];
const DEPARTMENTS: [&str; 5] = ["water", "justice", "education", "tax", ""];
const INDICATORS: [&str; 10] = [
    "items_connected",
    "items_on_platform",
    "apps_connected",
    "apps_connected_in_year",
    "items_by_interface",
    "items_by_single_sign_on",
    "cases_aggregated",
    "evaluations_aggregated",
    "records_pushed",
    "records_returned",
];
const PERIODS: [&str; 6] =
    ["2021-01-31", "2021-02-28", "2021-03-31", "2021-04-30", "2021-05-31", "2021-06-30"];
/// Batches: when they were published, or only received, and whose figures they have.
const BATCHES: [(&str, &str); 8] = [
    ("2021-03-05", "published"),
    ("2021-05-10", "published"),
    ("", "reported"),
    ("2021-06-20", "platform"),
    ("", "published"),
    ("2021-07-15", "derived"),
    ("2021-08-01", "published"),
    ("2021-08-01", "reported"),
];
/// No figure is of it.
const OTHER_PERIOD: &str = "2020-12-31";

/// The questions that say that an answer needs the figures of one period alone.
fn questions(catalogue: &Catalogue) -> Vec<&Query> {
    catalogue.queries().filter(|query| latest_of(query).is_some()).collect()
}

fn latest_of(query: &Query) -> Option<&Vec<String>> {
    query.head.params.iter().map(|param| &param.latest_of).find(|names| !names.is_empty())
}

fn asked(query: &Query, period: Option<&str>) -> AskedPeriods {
    match period {
        Some(day) => AskedPeriods::Ending(day.parse().unwrap()),
        None => AskedPeriods::LatestOf(latest_of(query).unwrap().clone()),
    }
}

/// A number below `below` that looks like chance and is always the same for the same parts.
fn chance(parts: &[usize], below: usize) -> usize {
    let mixed = parts.iter().fold(0xcbf2_9ce4_8422_2325_u64, |mixed, part| {
        let mixed = (mixed ^ (*part as u64 + 1)).wrapping_mul(0x0100_0000_01b3);
        mixed ^ (mixed >> 29)
    });
    usize::try_from(mixed % below as u64).unwrap()
}

/// Figures of several regions, periods, prints, origins, spans and definitions, with holes.
fn figures() -> RecordBatch {
    let mut csv = "batch,edition,published_on,received_at,origin,region,department,indicator,\
                   definition,breakdown,accumulation,period_start,period_end,value,obs_status\n"
        .to_owned();
    for (batch, (published, origin)) in BATCHES.into_iter().enumerate() {
        // A notice is about few periods: those that were over.
        for (period, end) in PERIODS.into_iter().enumerate().filter(|(at, _)| *at <= batch) {
            for (place, region) in REGIONS.into_iter().enumerate() {
                for (dept, department) in DEPARTMENTS.into_iter().enumerate() {
                    for (column, indicator) in INDICATORS.into_iter().enumerate() {
                        let at = [batch, period, place, dept, column];
                        // Neither all regions nor all columns have the last periods.
                        let has_stopped = period + place + column % 3 > 6;
                        if has_stopped || chance(&at, 3) > 0 {
                            continue;
                        }
                        let odd = chance(&[7, batch, period, place, dept, column], 12);
                        let (breakdown, definition) =
                            (if odd == 1 { "on_app" } else { "" }, if odd == 2 { 2 } else { 1 });
                        let (accumulation, start) = match odd {
                            3 => ("since_launch", ""),
                            _ => ("year_to_date", "2021-01-01"),
                        };
                        let value = chance(&[9, batch, period, place, dept, column], 90);
                        let (value, status) = match odd {
                            4 => (String::new(), "missing"),
                            5 => ("0".to_owned(), "returned"),
                            _ => (value.to_string(), "reported"),
                        };
                        csv += &format!(
                            "b{batch},E{batch},{published},2021-0{}-09 23:59:59,{origin},{region},\
                             {department},{indicator},{definition},{breakdown},{accumulation},\
                             {start},{end},{value},{status}\n",
                            batch + 2
                        );
                    }
                }
            }
        }
    }
    typed("observations", &csv, &stored_schema_of(LakeTable::Observations))
}

/// What a session sees of figures, in a file or in memory.
fn tables(
    catalogue: &Catalogue,
    choice: SessionChoice,
    rows: &RecordBatch,
    file: Option<&Path>,
) -> Tables {
    let refdata = RefData::load(&[]).unwrap();
    let views =
        catalogue.views_named(["aggregation_by_period", "integration_by_period"].into_iter());
    let views = views.iter().map(|view| (view.name().to_owned(), view.select().to_owned()));
    let mut tables = Tables { views: views.collect(), ..Tables::default() };
    for table in refdata.tables() {
        tables.memory.insert(table.name.to_owned(), reference_batch(table));
    }
    tables.memory.insert("session".to_owned(), session_batch(choice, refdata.province()));
    match file {
        Some(path) => drop(tables.files.insert(LakeTable::Observations, vec![path.to_owned()])),
        None => drop(tables.memory.insert("observations".to_owned(), rows.clone())),
    }
    tables
}

fn open(tables: &Tables) -> DuckDb {
    DuckDb::open(tables, &EngineLimits::default()).unwrap()
}

fn params(query: &Query, period: Option<&str>) -> BTreeMap<String, ParamValue> {
    let given: Vec<_> =
        period.map(|day| ("period".to_owned(), day.to_owned())).into_iter().collect();
    bind(query, &given).unwrap()
}

#[track_caller]
fn check_equal(what: &str, plain: &ResultTable, narrowed: &ResultTable) {
    let compared = cross_check(plain, narrowed).unwrap();
    assert!(compared == CrossCheck::Equal, "{what}: {compared:?}");
}

fn choice(origin: ShownOrigin, as_of: Option<&str>) -> SessionChoice {
    let figures = FiguresBy { departments: Departments::AsReported, origin };
    SessionChoice { as_of: as_of.map(|day| day.parse().unwrap()), figures }
}

/// The last days of the periods in an answer, each once.
fn periods_in(answer: &ResultTable) -> Vec<NaiveDate> {
    let days = answer.batches.iter().flat_map(|batch| {
        let days = batch.column_by_name("period_end").unwrap().as_primitive::<Date32Type>();
        days.iter().flatten().collect::<Vec<i32>>()
    });
    let mut days: Vec<NaiveDate> = days.filter_map(Date32Type::to_naive_date_opt).collect();
    days.sort_unstable();
    days.dedup();
    days
}

#[test]
fn a_question_about_one_period_answers_the_same_from_its_figures_alone() {
    let catalogue = Catalogue::builtin();
    let rows = figures();
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("figures.parquet");
    write(&path, &write_parquet(&rows, &[], Vec::new()).unwrap());
    let sessions = [
        choice(ShownOrigin::Published, None),
        choice(ShownOrigin::Published, Some("2021-05-09")),
        choice(ShownOrigin::Published, Some("2021-06-09")),
        choice(ShownOrigin::Reported, None),
    ];
    let (mut n_with_rows, mut n_of_several, mut n_narrowed) = (0, 0, 0);
    for session in sessions {
        let plain = open(&tables(&catalogue, session, &rows, Some(&path)));
        for query in questions(&catalogue) {
            let periods = [PERIODS[1], PERIODS[4], OTHER_PERIOD].map(Some);
            for (at, period) in [None, None].into_iter().chain(periods).enumerate() {
                let file = (at % 2 == 0).then_some(path.as_path());
                let tables = tables(&catalogue, session, &rows, file);
                let periods = Some(asked(query, period));
                let narrowed = open(&Tables { periods, ..tables });
                let params = params(query, period);
                let expected = plain.run(query, &params).unwrap();
                let answer = narrowed.run(query, &params).unwrap();
                let what = format!("{} {period:?} {session:?} {file:?}", query.id);
                check_equal(&what, &expected, &answer);
                n_narrowed += usize::from(narrowed.is_narrowed());
                n_with_rows += usize::from(expected.n_rows() > 0);
                n_of_several += usize::from(periods_in(&expected).len() > 1);
            }
        }
    }
    let told = format!("{n_with_rows} with rows, {n_of_several} of several, {n_narrowed} narrowed");
    assert!(n_with_rows > 60 && n_of_several > 10 && n_narrowed > 90, "{told}");
}

#[test]
fn every_case_of_such_a_question_answers_the_same_from_the_figures_of_its_period() {
    let catalogue = Catalogue::builtin();
    let refdata = RefData::load(&[]).unwrap();
    let (mut n_cases, mut n_narrowed) = (0, 0);
    for case in all_cases() {
        let mut known = questions(&catalogue).into_iter();
        let Some(query) = known.find(|query| query.id == case.query) else { continue };
        let prepared = prepare(case, &catalogue, &refdata);
        if prepared.tables.departments == Departments::Comparable {
            continue;
        }
        let period = match prepared.params.get("period") {
            Some(ParamValue::Date(day)) => Some(day.to_string()),
            _ => None,
        };
        let plain = open(&prepared.tables).run(query, &prepared.params).unwrap();
        let periods = Some(asked(query, period.as_deref()));
        let narrowed = open(&Tables { periods, ..prepared.tables.clone() });
        n_narrowed += usize::from(narrowed.is_narrowed());
        let answer = narrowed.run(query, &prepared.params).unwrap();
        check_equal(&prepared.case.id(), &plain, &answer);
        n_cases += 1;
    }
    assert!(n_cases > 20 && n_narrowed > 20, "{n_cases} cases, {n_narrowed} narrowed");
}

/// The periods of all figures that an engine sees.
fn seen(engine: &DuckDb) -> Vec<NaiveDate> {
    periods_in(&engine.run_sql("SELECT period_end FROM observations_latest").unwrap())
}

#[test]
fn other_periods_are_not_there_for_anybody() {
    let catalogue = Catalogue::builtin();
    let rows = figures();
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("figures.parquet");
    write(&path, &write_parquet(&rows, &[], Vec::new()).unwrap());
    let session = choice(ShownOrigin::Published, None);
    let query = catalogue.get("integration/by_department").unwrap();
    for file in [Some(path.as_path()), None] {
        let tables = tables(&catalogue, session, &rows, file);
        let plain = open(&tables);
        assert_eq!(seen(&plain).len(), PERIODS.len());
        let latest = periods_in(&plain.run(query, &params(query, None)).unwrap());
        let (first, last) = (latest[0], latest[latest.len() - 1]);
        assert!(first < last, "all regions have the same latest period");
        let wanted: Vec<NaiveDate> =
            seen(&plain).into_iter().filter(|day| (first..=last).contains(day)).collect();
        let of = |periods| open(&Tables { periods: Some(periods), ..tables.clone() });
        let mut narrowed = of(asked(query, None));
        assert_eq!(seen(&narrowed), wanted);
        assert_eq!(seen(&of(asked(query, Some(PERIODS[0])))), [PERIODS[0].parse().unwrap()]);
        assert!(seen(&of(asked(query, Some(OTHER_PERIOD)))).is_empty());
        // Nobody else is to be answered by it.
        assert!(!narrowed.add(&tables).unwrap());
        // Without anything to find the latest by, nothing is left out.
        let unknown = of(AskedPeriods::LatestOf(vec!["moon_landings".to_owned()]));
        assert_eq!(seen(&unknown).len(), PERIODS.len());
        assert!(!unknown.is_narrowed());
    }
}

#[test]
fn a_batch_counts_as_published_by_all_of_its_figures_whatever_period_is_asked_for() {
    let catalogue = Catalogue::builtin();
    let csv = "batch,origin,indicator,department,period_end,value\n\
               mixed,published,items_connected,water,2021-05-31,1\n\
               mixed,reported,items_connected,water,2021-06-30,2\n\
               whole,published,items_connected,water,2021-05-31,3\n";
    let rows = typed("observations", csv, &stored_schema_of(LakeTable::Observations));
    let findings = "batch\nmixed\nwhole\n";
    let findings = typed("findings", findings, &stored_schema_of(LakeTable::Findings));
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("figures.parquet");
    write(&path, &write_parquet(&rows, &[], Vec::new()).unwrap());
    let session = choice(ShownOrigin::Published, None);
    for file in [Some(path.as_path()), None] {
        let mut tables = tables(&catalogue, session, &rows, file);
        tables.memory.insert("findings".to_owned(), findings.clone());
        tables.is_published_only = true;
        tables.periods = Some(AskedPeriods::Ending("2021-05-31".parse().unwrap()));
        let engine = open(&tables);
        assert_eq!(engine.run_sql("SELECT batch FROM findings").unwrap().n_rows(), 1, "{file:?}");
        assert_eq!(engine.run_sql("SELECT batch FROM observations").unwrap().n_rows(), 2);
    }
}

#[test]
fn heads_name_indicators_that_there_are() {
    let catalogue = Catalogue::builtin();
    let ids: Vec<&str> = questions(&catalogue).iter().map(|query| query.id.as_str()).collect();
    let expected = [
        "aggregation/by_department",
        "aggregation/concentration",
        "aggregation/without_evaluations",
        "integration/by_department",
        "integration/coverage",
        "integration/method_mix",
    ];
    assert_eq!(ids, expected);
    let known: Vec<String> =
        RefData::load(&[]).unwrap().indicators().into_iter().map(|it| it.indicator).collect();
    for query in questions(&catalogue) {
        for name in latest_of(query).unwrap() {
            assert!(known.contains(name), "{}: no indicator `{name}`", query.id);
        }
    }
}
