//! Mistakes that a twin could make, each caught by a case.
//!
//! A wrong twin is the right one over tables that have the mistake in them, or the right answer with
//! the mistake made in it. So the cases are shown to tell right from wrong, and no twin has a seam for it.

use std::collections::BTreeMap;

use tongban::query::Catalogue;
use tongban::refdata::RefData;

use crate::case_file::{Case, all_cases};
use crate::cases::{Rows, difference, prepare, rows_of, rows_of_csv, twin_answer};
use crate::support::{read, root};

/// A row of a table, or of an answer, by column.
type Row = BTreeMap<String, String>;

/// Where the mistake is made.
enum Mistake {
    /// Every row of a table, before the right twin sees it; a column that the case does not give is
    /// added.
    Rows(&'static str, fn(&mut Row)),
    /// A table as a whole.
    Table(&'static str, fn(Vec<Row>) -> Vec<Row>),
    /// The answer of the right twin.
    Answer(fn(Vec<Row>) -> Vec<Row>),
}

/// A twin that is wrong.
struct WrongTwin {
    mistake: &'static str,
    query: &'static str,
    /// Title of a case that it fails.
    caught_by: &'static str,
    made: Mistake,
}

fn set(row: &mut Row, column: &str, value: &str) {
    row.insert(column.to_owned(), value.to_owned());
}

fn number(row: &Row, column: &str) -> Option<f64> {
    row[column].parse().ok()
}

fn replace(row: &mut Row, column: &str, value: &str, other: &str) {
    if row.get(column).is_some_and(|found| found == value) {
        set(row, column, other);
    }
}

/// Numbers that count up with every row of the same group.
fn numbered(rows: Vec<Row>, column: &str, group: &str) -> Vec<Row> {
    let mut last: BTreeMap<String, usize> = BTreeMap::new();
    let give = |mut row: Row| {
        if !row[column].is_empty() {
            let number = last.entry(row[group].clone()).or_default();
            *number += 1;
            let number = number.to_string();
            set(&mut row, column, &number);
        }
        row
    };
    rows.into_iter().map(give).collect()
}

/// Ranks without gaps after equal values.
fn dense(mut rows: Vec<Row>) -> Vec<Row> {
    let mut last = (String::new(), String::new(), 0);
    for row in &mut rows {
        let (region, rank) = (row["region"].clone(), row["rank"].clone());
        if region != last.0 {
            last = (region, String::new(), 0);
        }
        if rank != last.1 {
            last = (last.0, rank.clone(), last.2 + 1);
        }
        if !rank.is_empty() {
            set(row, "rank", &last.2.to_string());
        }
    }
    rows
}

/// Shares of the sum over all regions.
fn shares_of_everything(mut rows: Vec<Row>) -> Vec<Row> {
    let total: f64 = rows.iter().filter_map(|row| number(row, "items_connected")).sum();
    for row in &mut rows {
        if let Some(value) = number(row, "items_connected") {
            set(row, "items_connected_share_pct", &(100.0 * value / total).to_string());
        }
    }
    rows
}

/// The change on the row before, whichever month that is.
fn change_on_row_before(mut rows: Vec<Row>) -> Vec<Row> {
    let mut last: BTreeMap<String, f64> = BTreeMap::new();
    for row in &mut rows {
        let Some(records) = number(row, "records") else { continue };
        if let Some(before) = last.insert(row["department"].clone(), records) {
            set(row, "change", &(records - before).to_string());
        }
    }
    rows
}

/// A sum that goes on from one year into the next.
fn sum_without_new_years(mut rows: Vec<Row>) -> Vec<Row> {
    let mut sums: BTreeMap<String, f64> = BTreeMap::new();
    for row in &mut rows {
        let sum = sums.entry(row["department"].clone()).or_default();
        *sum += number(row, "records").unwrap_or(0.0);
        let sum = sum.to_string();
        set(row, "year_to_date", &sum);
    }
    rows
}

/// The month after, as where a day is counted from the end of one.
fn a_month_late(row: &mut Row) {
    let month = row["event_month"].clone();
    if let [year, month, day] = month.split('-').collect::<Vec<_>>()[..] {
        let (year, month): (u32, u32) = (year.parse().unwrap(), month.parse().unwrap());
        let (year, month) = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
        set(row, "event_month", &format!("{year}-{month:02}-{day}"));
    }
}

/// What has no rank stands first.
fn nulls_first(mut rows: Vec<Row>) -> Vec<Row> {
    rows.sort_by_key(|row| (row["region"].clone(), !row["rank"].is_empty()));
    rows
}

/// Equal ranks stand by the id of the department.
fn ties_by_id(mut rows: Vec<Row>) -> Vec<Row> {
    let rank = |row: &Row| row["rank"].parse().unwrap_or(u32::MAX);
    rows.sort_by_key(|row| (row["region"].clone(), rank(row), row["department"].clone()));
    rows
}

/// The oldest vintage is taken for the newest.
fn vintages_turned_round(mut rows: Vec<Row>) -> Vec<Row> {
    let mut days: Vec<String> = rows.iter().map(|row| row["published_on"].clone()).collect();
    days.sort();
    days.dedup();
    for row in &mut rows {
        let at = days.iter().position(|day| *day == row["published_on"]).unwrap();
        let turned = days[days.len() - 1 - at].clone();
        set(row, "published_on", &turned);
    }
    rows
}

fn twice(rows: Vec<Row>) -> Vec<Row> {
    rows.into_iter().flat_map(|row| [row.clone(), row]).collect()
}

fn no_rows(_: Vec<Row>) -> Vec<Row> {
    Vec::new()
}

fn empty_is_zero(row: &mut Row) {
    replace(row, "obs_status", "missing", "reported");
    replace(row, "value", "", "0");
}

fn zero_shares(mut rows: Vec<Row>) -> Vec<Row> {
    for row in &mut rows {
        replace(row, "items_connected_share_pct", "", "0");
    }
    rows
}

/// Parts of all that moved, up or down, where the parts of the change are asked for.
fn parts_of_all_that_moved(mut rows: Vec<Row>) -> Vec<Row> {
    let moved: f64 = rows.iter().filter_map(|row| number(row, "change")).map(f64::abs).sum();
    for row in &mut rows {
        if let Some(change) = number(row, "change") {
            set(row, "contribution_pct", &(100.0 * change / moved).to_string());
        }
    }
    rows
}

fn unknown_is_missed(mut rows: Vec<Row>) -> Vec<Row> {
    for row in &mut rows {
        replace(row, "is_met", "", "false");
    }
    rows
}

/// What was too high stands, and a lower figure that comes later is as high as it.
fn too_high_stands(mut rows: Vec<Row>) -> Vec<Row> {
    let mut highest: BTreeMap<String, f64> = BTreeMap::new();
    for row in &mut rows {
        if let Some(value) = number(row, "value") {
            let so_far = highest.entry(row["department"].clone()).or_insert(value);
            *so_far = so_far.max(value);
            let figure = so_far.to_string();
            set(row, "value", &figure);
        }
    }
    rows
}

fn returned_is_reported(row: &mut Row) {
    replace(row, "obs_status", "returned", "reported");
}

fn stock_of_next_day(row: &mut Row) {
    if row["indicator"] == "items_connected" {
        replace(row, "period_end", "2021-08-31", "2021-09-01");
    }
}

fn stocks_of_ends_of_flows(mut rows: Vec<Row>) -> Vec<Row> {
    let is_flow = |row: &&Row| row["indicator"] == "cases_aggregated";
    let ends: Vec<String> =
        rows.iter().filter(is_flow).map(|row| row["period_end"].clone()).collect();
    rows.retain(|row| row["indicator"] != "items_connected" || ends.contains(&row["period_end"]));
    rows
}

fn one_definition(row: &mut Row) {
    set(row, "definition", "1");
}

const WRONG_TWINS: &[WrongTwin] = &[
    WrongTwin {
        mistake: "a returned zero counts as a report",
        query: "aggregation/zero_causes",
        caught_by: "every cause, the first that holds",
        made: Mistake::Rows("observations", returned_is_reported),
    },
    WrongTwin {
        mistake: "a join with departments doubles the rows",
        query: "aggregation/by_department",
        caught_by: "all zeros and empty cells have no shares",
        made: Mistake::Table("departments", twice),
    },
    WrongTwin {
        mistake: "the renaming of departments is lost",
        query: "integration/by_department",
        caught_by: "comparable: stocks of merged departments are added up",
        made: Mistake::Table("department_successors", no_rows),
    },
    WrongTwin {
        mistake: "the first vintage is taken and not the last",
        query: "integration/by_department",
        caught_by: "a correction replaces one row of the table",
        made: Mistake::Table("observations", vintages_turned_round),
    },
    WrongTwin {
        mistake: "the day that is asked for is ignored",
        query: "integration/by_department",
        caught_by: "and is not known on the day before",
        made: Mistake::Rows("session", |row| set(row, "as_of", "")),
    },
    WrongTwin {
        mistake: "an empty cell is a zero",
        query: "integration/by_department",
        caught_by: "an empty cell has no rank, beside it nobody has a share, and an unknown department keeps its id",
        made: Mistake::Rows("observations", empty_is_zero),
    },
    WrongTwin {
        mistake: "an empty cell is a zero that accuses its department",
        query: "integration/connected_without_data",
        caught_by: "not in the aggregation table is a cause of its own, an empty cell is unknown",
        made: Mistake::Rows("observations", empty_is_zero),
    },
    WrongTwin {
        mistake: "equal figures get ranks of their own",
        query: "integration/by_department",
        caught_by: "equal figures share a rank and then stand in official order",
        made: Mistake::Answer(|rows| numbered(rows, "rank", "region")),
    },
    WrongTwin {
        mistake: "no rank is left out after equal figures",
        query: "integration/connected_without_data",
        caught_by: "the departments that the notice of 2021 complains about",
        made: Mistake::Answer(dense),
    },
    WrongTwin {
        mistake: "equal ranks stand by id and not in official order",
        query: "aggregation/by_department",
        caught_by: "shares add up over the column, and a returned zero says so",
        made: Mistake::Answer(ties_by_id),
    },
    WrongTwin {
        mistake: "departments without a figure stand first",
        query: "aggregation/by_department",
        caught_by: "one department since launch does not hide those with the year so far",
        made: Mistake::Answer(nulls_first),
    },
    WrongTwin {
        mistake: "a share is of the sum over all regions",
        query: "integration/by_department",
        caught_by: "every region has its own latest period, ranks and shares",
        made: Mistake::Answer(shares_of_everything),
    },
    WrongTwin {
        mistake: "a share of nothing is zero",
        query: "integration/by_department",
        caught_by: "a column of zeros has no shares",
        made: Mistake::Answer(zero_shares),
    },
    WrongTwin {
        mistake: "regions are one",
        query: "aggregation/zero_causes",
        caught_by: "regions are told apart",
        made: Mistake::Rows("observations", |row| set(row, "region", "630000")),
    },
    WrongTwin {
        mistake: "a table of another document is taken for that of this one",
        query: "integration/connected_without_data",
        caught_by: "an edition without both tables accuses nobody",
        made: Mistake::Rows("observations", |row| set(row, "edition", "E1")),
    },
    WrongTwin {
        mistake: "the two sides meet in their document alone and not on their day",
        query: "integration/connected_without_data",
        caught_by: "monthly forms that have one side each accuse as a notice does",
        made: Mistake::Rows("observations", stock_of_next_day),
    },
    WrongTwin {
        mistake: "a stock of the very day takes the table of the notice from all departments",
        query: "integration/connected_without_data",
        caught_by: "a letter of one department leaves the others what the notice has",
        made: Mistake::Table("observations", stocks_of_ends_of_flows),
    },
    WrongTwin {
        mistake: "spans are mixed in one column",
        query: "aggregation/by_department",
        caught_by: "one department since launch does not hide those with the year so far",
        made: Mistake::Rows("observations", |row| {
            set(row, "accumulation", "year_to_date");
            set(row, "period_start", "2021-01-01");
        }),
    },
    WrongTwin {
        mistake: "definitions are mixed in one column",
        query: "aggregation/by_department",
        caught_by: "an older definition and two other spans of a department are one row without a figure",
        made: Mistake::Rows("observations", one_definition),
    },
    WrongTwin {
        mistake: "months are off by one",
        query: "aggregation/monthly",
        caught_by: "after a month without records the change is unknown; January begins anew",
        made: Mistake::Rows("record_counts", a_month_late),
    },
    WrongTwin {
        mistake: "the month before is whichever has records",
        query: "aggregation/monthly",
        caught_by: "after a month without records the change is unknown; January begins anew",
        made: Mistake::Answer(change_on_row_before),
    },
    WrongTwin {
        mistake: "a month of which everything went back counts as one of no records",
        query: "aggregation/monthly",
        caught_by: "after a month of which everything went back the change is unknown",
        made: Mistake::Answer(change_on_row_before),
    },
    WrongTwin {
        mistake: "the year so far does not begin anew in January",
        query: "aggregation/monthly",
        caught_by: "after a month without records the change is unknown; January begins anew",
        made: Mistake::Answer(sum_without_new_years),
    },
    WrongTwin {
        mistake: "returned records count as aggregated",
        query: "aggregation/monthly",
        caught_by: "a case that an update moved to another month, a deletion, a resend and a return",
        made: Mistake::Rows("record_counts", |row| {
            let sum = number(row, "n_current").unwrap() + number(row, "n_returned").unwrap();
            set(row, "n_current", &sum.to_string());
        }),
    },
    WrongTwin {
        mistake: "ratings by default count as given by people",
        query: "satisfaction/monthly",
        caught_by: "ratings given by people and by default apart",
        made: Mistake::Rows("evaluations", |row| {
            replace(row, "is_default", "true", "false");
        }),
    },
    WrongTwin {
        mistake: "a rating that was withdrawn still counts",
        query: "satisfaction/monthly",
        caught_by: "only defaults, no day, no department, a rating that was withdrawn, the platform's own",
        made: Mistake::Rows("evaluations", |row| {
            replace(row, "operation", "delete", "update");
        }),
    },
    WrongTwin {
        mistake: "an empty column adds up to zero",
        query: "aggregation/concentration",
        caught_by: "a column of zeros has a total and no shares; one of empty cells has no total",
        made: Mistake::Rows("observations", empty_is_zero),
    },
    WrongTwin {
        mistake: "an indicator is named by its id",
        query: "aggregation/concentration",
        caught_by: "with and without the largest department",
        made: Mistake::Table("indicators", no_rows),
    },
    WrongTwin {
        mistake: "what was counted in one year is taken away in the next",
        query: "aggregation/period_flows",
        caught_by: "what the fourth quarter alone was, and the others",
        made: Mistake::Rows("observations", |row| {
            set(row, "accumulation", "since_launch");
            set(row, "period_start", "2021-01-01");
        }),
    },
    WrongTwin {
        mistake: "a flow goes on across a change of the definition",
        query: "aggregation/period_flows",
        caught_by: "a figure of a region, an unknown department, a breakdown, a new definition",
        made: Mistake::Rows("observations", one_definition),
    },
    WrongTwin {
        mistake: "a returned zero is a fall",
        query: "aggregation/period_flows",
        caught_by: "a fall is a revision, a returned zero is not a fall, an empty cell leaves a longer span",
        made: Mistake::Rows("observations", returned_is_reported),
    },
    WrongTwin {
        mistake: "a returned zero is one like any other",
        query: "aggregation/period_flows",
        caught_by: "a returned zero says so, since January and in a sum of months, and what comes after it does not",
        made: Mistake::Rows("observations", returned_is_reported),
    },
    WrongTwin {
        mistake: "a figure that was too high is a flow",
        query: "aggregation/period_flows",
        caught_by: "neither of the quarters that a figure which was too high parts has a flow, and no sum is negative",
        made: Mistake::Table("observations", too_high_stands),
    },
    WrongTwin {
        mistake: "what was sent back fills a part of a longer time",
        query: "aggregation/period_flows",
        caught_by: "a month is what is left of a longer time where the rest of that is told",
        made: Mistake::Rows("observations", returned_is_reported),
    },
    WrongTwin {
        mistake: "an empty cell is a fall to zero",
        query: "aggregation/period_flows",
        caught_by: "a fall is a revision, a returned zero is not a fall, an empty cell leaves a longer span",
        made: Mistake::Rows("observations", empty_is_zero),
    },
    WrongTwin {
        mistake: "what came again after a return is growth",
        query: "aggregation/contribution",
        caught_by: "who cannot be compared is told why and counts on neither side",
        made: Mistake::Rows("observations", returned_is_reported),
    },
    WrongTwin {
        mistake: "years to date are compared as they stand, and not what was added in the periods",
        query: "aggregation/contribution",
        caught_by: "one department makes nearly all of the change; without it the others are seen",
        made: Mistake::Rows("observations", |row| set(row, "accumulation", "point")),
    },
    WrongTwin {
        mistake: "a part is of all that moved and not of the change",
        query: "aggregation/contribution",
        caught_by: "who cannot be compared is told why and counts on neither side",
        made: Mistake::Answer(parts_of_all_that_moved),
    },
    WrongTwin {
        mistake: "central bodies stand among the provincial ones",
        query: "integration/ranking",
        caught_by: "sixteen zeros share a rank; central bodies and mass organisations have ranks of their own",
        made: Mistake::Rows("departments", |row| set(row, "kind", "provincial")),
    },
    WrongTwin {
        mistake: "a department without a duty is ranked as if it had none of it done",
        query: "integration/ranking",
        caught_by: "sixteen zeros share a rank; central bodies and mass organisations have ranks of their own",
        made: Mistake::Rows("observations", |row| {
            replace(row, "obs_status", "not_applicable", "missing");
            empty_is_zero(row);
        }),
    },
    WrongTwin {
        mistake: "ranks move across a change of the definition",
        query: "integration/ranking",
        caught_by: "no movement across a definition, out of an empty cell, or past a reset",
        made: Mistake::Rows("observations", one_definition),
    },
    WrongTwin {
        mistake: "what was counted within one year is set against another's",
        query: "integration/progress",
        caught_by: "what is counted within a year is not set against another year's, but on the year before",
        made: Mistake::Rows("observations", |row| set(row, "accumulation", "point")),
    },
    WrongTwin {
        mistake: "eleven months of the year before are set against fewer days of this one",
        query: "integration/progress",
        caught_by: "other days of the year before are shown and not compared",
        made: Mistake::Rows("observations", |row| {
            replace(row, "period_end", "2020-11-30", "2020-11-24");
        }),
    },
    WrongTwin {
        mistake: "a running total grows by a percentage of itself",
        query: "integration/progress",
        caught_by: "of a running total it is told what was added, and no growth",
        made: Mistake::Rows("observations", |row| set(row, "accumulation", "point")),
    },
    WrongTwin {
        mistake: "the first vintage is the base of a change",
        query: "integration/progress",
        caught_by: "a revised figure counts on both sides",
        made: Mistake::Table("observations", vintages_turned_round),
    },
    WrongTwin {
        mistake: "a limit is to be exceeded",
        query: "targets/attainment",
        caught_by: "a limit is met below it; one day, one indicator, one region",
        made: Mistake::Rows("targets", |row| set(row, "direction", "at_least")),
    },
    WrongTwin {
        mistake: "departments are all that there are, whatever total is printed",
        query: "targets/attainment",
        caught_by: "a region is measured by its departments together where it has no figure of its own and a total proves them",
        made: Mistake::Rows("totals", |row| set(row, "reconciled", "false")),
    },
    WrongTwin {
        mistake: "who has no figure has missed the target",
        query: "targets/attainment",
        caught_by: "value, target, gap and met, for divisions and departments",
        made: Mistake::Answer(unknown_is_missed),
    },
];

/// The rows of a table of a case; of one that it does not give, the rows that ship with the program.
fn table_of(case: &Case, table: &str) -> (Vec<String>, Vec<Row>) {
    let given = case.tables.get(table).cloned();
    let csv = given.unwrap_or_else(|| match table {
        "department_successors" => "region,department,successor,n_steps,is_sole\n".to_owned(),
        _ => read(&root().join(format!("data/{table}.csv"))),
    });
    let mut lines = rows_of_csv(&csv).into_iter();
    let header = lines.next().unwrap();
    (header.clone(), by_column(&header, lines))
}

fn by_column(header: &[String], lines: impl Iterator<Item = Vec<String>>) -> Vec<Row> {
    lines.map(|line| header.iter().cloned().zip(line).collect()).collect()
}

fn csv_of(header: &[String], rows: &[Row]) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(header).unwrap();
    for row in rows {
        let cells = header.iter().map(|column| row.get(column).map_or("", String::as_str));
        writer.write_record(cells).unwrap();
    }
    String::from_utf8(writer.into_inner().unwrap()).unwrap()
}

/// Makes a mistake in a table of a case.
fn spoil(case: &mut Case, table: &str, change: impl Fn(Vec<Row>) -> Vec<Row>) {
    let (mut header, rows) = table_of(case, table);
    let rows = change(rows);
    let columns = rows.iter().flat_map(|row| row.keys());
    for column in columns {
        if !header.contains(column) {
            header.push(column.clone());
        }
    }
    case.tables.insert(table.to_owned(), csv_of(&header, &rows));
}

fn spoiled_answer(rows: Rows, change: fn(Vec<Row>) -> Vec<Row>) -> Rows {
    let mut lines = rows.into_iter();
    let header = lines.next().unwrap();
    let changed = change(by_column(&header, lines));
    let cells = |row: Row| header.iter().map(|column| row[column].clone()).collect();
    [header.clone()].into_iter().chain(changed.into_iter().map(cells)).collect()
}

fn case_of(wrong: &WrongTwin) -> Case {
    let found = all_cases()
        .into_iter()
        .find(|case| case.query == wrong.query && case.title == wrong.caught_by);
    found.unwrap_or_else(|| panic!("no case `{}: {}`", wrong.query, wrong.caught_by))
}

#[test]
fn every_wrong_twin_is_caught_by_its_case() {
    let catalogue = Catalogue::builtin();
    let refdata = RefData::load(&[]).unwrap();
    for wrong in WRONG_TWINS {
        let right = prepare(case_of(wrong), &catalogue, &refdata);
        let right_answer = rows_of(&twin_answer(&right));
        let about = format!("{}: {}", wrong.query, wrong.mistake);
        assert_eq!(difference(&right.case, &right_answer), None, "{about}: the right twin fails");
        let answer = match &wrong.made {
            Mistake::Answer(change) => spoiled_answer(right_answer, *change),
            Mistake::Rows(table, change) => {
                let mut case = case_of(wrong);
                spoil(&mut case, table, |mut rows| {
                    rows.iter_mut().for_each(change);
                    rows
                });
                rows_of(&twin_answer(&prepare(case, &catalogue, &refdata)))
            }
            Mistake::Table(table, change) => {
                let mut case = case_of(wrong);
                spoil(&mut case, table, change);
                rows_of(&twin_answer(&prepare(case, &catalogue, &refdata)))
            }
        };
        let caught = difference(&right.case, &answer);
        assert!(caught.is_some(), "{about}: not caught by `{}`", wrong.caught_by);
    }
}

#[test]
fn every_core_question_has_a_wrong_twin() {
    for id in tongban::analysis::CORE_QUERIES {
        let is_there = WRONG_TWINS.iter().any(|wrong| wrong.query == id);
        assert!(is_there, "nothing shows that the cases of `{id}` catch a wrong twin");
    }
}
