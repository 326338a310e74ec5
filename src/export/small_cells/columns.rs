//! What the columns of a guarded dataset are: what tells its rows apart, what counts people, what compares with
//! other rows, and what a hidden row does not show.

use std::collections::BTreeSet;

use arrow::datatypes::DataType;

use crate::export::small_cells::Guard;
use crate::export::{Column, Dataset};

/// Columns that vary together and are one dimension.
const TIMES: [&str; 8] = [
    "period_start",
    "period_end",
    "cumulative_start",
    "first_month",
    "last_month",
    "opening_period_end",
    "accumulation",
    "n_months",
];

/// Columns whose values are never added up over.
const APART: [&str; 5] = ["indicator", "definition", "unit", "origin", "scope"];

/// Columns that tell documents apart. A figure that two of them state is one figure, and what one shows of it the
/// other cannot hide.
const DOCUMENTS: [&str; 7] =
    ["edition", "batch", "place", "known_on", "vintage", "published_on", "old_edition"];

/// The column that says of which part of something a row is, where it is broken down.
pub(super) const BREAKDOWN: &str = "breakdown";

/// Units that count records or people.
const UNITS_OF_PEOPLE: [&str; 17] = [
    "条", "件", "人", "人次", "人数", "次", "宗", "封", "户", "份", "起", "例", "笔", "单", "通",
    "名", "位",
];

/// Texts that would tell a hidden value.
const TELLING: [&str; 6] = ["printed", "value_text", "note", "found", "expected", "place"];

/// Columns that say where a row stands among others.
const RANKS: [&str; 3] = ["rank", "position", "n_tied"];

/// What stands in names of columns that compare with another row: with the one before, the year before, or with
/// all since January.
const COMPARING: [&str; 6] =
    ["year_before", "year_to_date", "_before", "previous_", "opening", "closing"];

/// Columns that are named otherwise and compare with another row.
const ALSO_COMPARING: [&str; 3] = ["published_value", "unexplained", "difference"];

/// How columns are named that say in percent what part of a count of their row something is.
const PART: &str = "_pct";

/// How columns are named that count the records of another column by the day on which they came.
const BY_ARRIVAL: &str = "_by_arrival";

/// Columns that count some of the records of another one, where something is said of the rest: of those that
/// say when, the oldest month.
const SOME_OF: [(&str, &str); 1] = [("undated", "arrived")];

/// The column with what documents state, in a dataset that has it beside what was counted from records.
const PUBLISHED: &str = "published";
const COUNTED: &str = "derived";

/// Days on which something came bound its number from below.
const DAYS_WITH_RECORDS: &str = "days_with_records";

/// Positions of the columns of a guarded dataset.
pub(super) struct Columns {
    /// Dimensions that are no time, each alone.
    pub(super) dimensions: Vec<usize>,
    /// Columns of the one dimension that is the time.
    pub(super) times: Vec<usize>,
    /// What is measured, whose, and in which unit.
    pub(super) apart: Vec<usize>,
    /// Columns that count people or their records.
    pub(super) counting: Vec<usize>,
    /// Columns that say in percent what part of a count something is: with the count they tell two others.
    pub(super) parts: Vec<usize>,
    /// Columns of which what they differ by is a count, too: those that count the same records by different days,
    /// or some of the records of the other.
    pub(super) differing: Vec<(usize, usize)>,
    /// The column with what documents state, beside what was counted from records. Where it is not broken down it
    /// is hidden nowhere else, and tells nothing of what was counted.
    pub(super) published: Option<usize>,
    /// What a hidden row does not show.
    pub(super) blanked: BTreeSet<usize>,
    /// What no row of a line shows in which one is hidden.
    pub(super) comparing: BTreeSet<usize>,
}

impl Columns {
    /// Returns what the columns are; `by` are those that are unique together.
    pub(super) fn of(dataset: &Dataset, guard: Guard, by: &[String]) -> Self {
        let names: Vec<&str> = dataset.columns.iter().map(|column| column.name.as_str()).collect();
        let all = || 0..names.len();
        let apart: Vec<usize> = all().filter(|idx| APART.contains(&names[*idx])).collect();
        let is_document = |name: &str| guard == Guard::Stated && DOCUMENTS.contains(&name);
        let is_free = |idx: &usize| !apart.contains(idx) && !is_document(names[*idx]);
        let is_key = |idx: &usize| by.iter().any(|key| key == names[*idx]);
        let mut of_key: Vec<usize> = all()
            .filter(|idx| is_free(idx) && is_key(idx) && tells_apart(&dataset.columns[*idx]))
            .collect();
        if of_key.is_empty() {
            let is_dimension = |idx: &usize| {
                let column = &dataset.columns[*idx];
                is_free(idx) && !describes(names[*idx]) && groups(column)
            };
            of_key = all().filter(is_dimension).collect();
        }
        let (times, dimensions): (Vec<usize>, Vec<usize>) =
            of_key.into_iter().partition(|idx| TIMES.contains(&names[*idx]));
        let is_dimension =
            |idx: &usize| times.contains(idx) || dimensions.contains(idx) || apart.contains(idx);
        let blanked: BTreeSet<usize> = all()
            .filter(|idx| !is_dimension(idx) && is_measure(&dataset.columns[*idx], guard))
            .collect();
        let has_units = names.contains(&"unit");
        let counting = blanked.iter().copied();
        let counting =
            counting.filter(|idx| counts_people(&dataset.columns[*idx], has_units)).collect();
        let comparing = blanked.iter().copied();
        let comparing: BTreeSet<usize> =
            comparing.filter(|idx| compares(&dataset.columns[*idx])).collect();
        let is_part = |idx: &usize| names[*idx].ends_with(PART) && !comparing.contains(idx);
        let parts = blanked.iter().copied().filter(is_part).collect();
        let of_both = |(at, name): (usize, &&str)| {
            let is_other = |other: &&str| {
                other.strip_suffix(BY_ARRIVAL) == Some(*name) || SOME_OF.contains(&(*name, *other))
            };
            Some((at, names.iter().position(is_other)?))
        };
        let differing = names.iter().enumerate().filter_map(of_both).collect();
        let published = names.iter().position(|name| *name == PUBLISHED);
        let published = published.filter(|idx| blanked.contains(idx) && names.contains(&COUNTED));
        Self { dimensions, times, apart, counting, parts, differing, published, blanked, comparing }
    }
}

/// Whether a unit counts people or their records.
pub(super) fn is_of_people(unit: &str) -> bool {
    UNITS_OF_PEOPLE.contains(&unit)
}

/// Whether a column ranks rows, so that their order says the same.
pub(super) fn is_rank(name: &str) -> bool {
    RANKS.contains(&name)
}

fn is_number(column: &Column) -> bool {
    matches!(column.data_type, DataType::Int32 | DataType::Int64 | DataType::Float64)
}

/// Whether a column of the key tells rows apart, and does not only order them.
fn tells_apart(column: &Column) -> bool {
    let is_word = matches!(column.data_type, DataType::Utf8 | DataType::Date32 | DataType::Boolean);
    let is_whole = matches!(column.data_type, DataType::Int32 | DataType::Int64);
    is_word || is_whole && !is_place(&column.name) && !compares(column)
}

/// Whether a column groups rows, of a dataset whose key is not known.
fn groups(column: &Column) -> bool {
    let is_time = TIMES.contains(&column.name.as_str()) || column.name.ends_with("month");
    match column.data_type {
        DataType::Utf8 | DataType::Boolean => true,
        // Any other day is that of one of the records.
        DataType::Date32 => is_time,
        _ => false,
    }
}

/// Whether a column says more about what another one names.
fn describes(name: &str) -> bool {
    name.ends_with("_name")
        || name.starts_with("message_")
        || name.ends_with("_status")
        || name == "file_name"
        || TELLING.contains(&name)
}

/// Whether a number only orders rows, or is part of what they are about.
fn is_place(name: &str) -> bool {
    ["official_order", "age_order", "cause_order", "row_idx", "n_parts"].contains(&name)
}

/// Whether a hidden row does not show a column: numbers, texts that tell them, and, of what is counted from
/// records, the days of single ones.
fn is_measure(column: &Column, guard: Guard) -> bool {
    let name = column.name.as_str();
    let is_day = matches!(column.data_type, DataType::Date32 | DataType::Timestamp(..));
    is_number(column) && !is_place(name)
        || TELLING.contains(&name)
        || is_day && guard == Guard::Counted && !TIMES.contains(&name)
}

/// Whether a number is the difference of two rows.
fn is_change(name: &str) -> bool {
    name.split('_').any(|part| part == "change")
}

/// Whether a number compares with another row, or ranks among others.
fn compares(column: &Column) -> bool {
    let name = column.name.as_str();
    is_number(column)
        && (is_change(name)
            || is_rank(name)
            || COMPARING.iter().any(|part| name.contains(part))
            || ALSO_COMPARING.contains(&name))
}

/// Whether a column has counts of people or of their records.
fn counts_people(column: &Column, has_units: bool) -> bool {
    if column.name == DAYS_WITH_RECORDS {
        return true;
    }
    match (&column.data_type, column.unit.as_deref()) {
        _ if !is_number(column) || is_rank(&column.name) || is_change(&column.name) => false,
        (_, Some(unit)) => is_of_people(unit),
        // Numbers in the unit of the row.
        (DataType::Float64, None) => has_units,
        // A column that nobody describes may count them; one that is described and no count does not.
        (_, None) => column.help.is_none(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::{RowFilter, Rows, columns_of_query};
    use crate::query::{Catalogue, Query};
    use crate::table::LakeTable;

    fn dataset_of(query: &Query) -> Dataset {
        Dataset {
            name: "a".to_owned(),
            title: [String::new(), String::new()],
            columns: columns_of_query(query),
            key: Vec::new(),
            references: Vec::new(),
            rows: Rows::Held(Vec::new()),
            filter: RowFilter::default(),
            notes: Vec::new(),
        }
    }

    /// The columns of a question that is counted from records: its dimensions, what it counts, what compares.
    #[track_caller]
    fn check(id: &str, dimensions: &[&str], counting: &[&str], comparing: &[&str]) {
        let catalogue = Catalogue::builtin();
        let query = catalogue.get(id).unwrap();
        let dataset = dataset_of(query);
        let found = Columns::of(&dataset, Guard::Counted, &query.head.order);
        let names = |of: &mut dyn Iterator<Item = usize>| -> Vec<String> {
            of.map(|idx| dataset.columns[idx].name.clone()).collect()
        };
        assert_eq!(names(&mut found.dimensions.into_iter()), dimensions);
        assert_eq!(names(&mut found.counting.into_iter()), counting);
        assert_eq!(names(&mut found.comparing.into_iter()), comparing);
    }

    #[test]
    fn columns_of_questions_that_read_records_are_known() {
        check(
            "aggregation/monthly",
            &["month", "department"],
            &["records", "year_to_date", "pushed", "returned"],
            &["change", "change_pct", "year_to_date"],
        );
        check("aggregation/gaps", &["department"], &[DAYS_WITH_RECORDS, "untimed"], &["rank"]);
        check(
            "aggregation/returned",
            &["department", "batch", "rule", "open_for", "returned_by"],
            &["rows_returned", "rows_open", "rows_closed"],
            &["position"],
        );
        check(
            "aggregation/returned_parts",
            &["department", "batch", "file_name", "part"],
            &["n_reasons"],
            &[],
        );
        check(
            "aggregation/backfill",
            &["arrival_month", "department"],
            &["arrived", "backfilled", "of_earlier_years", "undated", "untimed"],
            &[],
        );
    }

    #[test]
    fn extremes_go_with_the_counts_of_what_they_are_the_extremes_of() {
        const BEGINNINGS: [&str; 9] = [
            "max_", "min_", "longest_", "oldest_", "newest_", "first_", "last_", "median_", "p90_",
        ];
        let catalogue = Catalogue::builtin();
        let reads_records = |query: &&Query| {
            let tables = catalogue.tables_for(query);
            tables.iter().any(|it| LakeTable::parse(it).is_some_and(LakeTable::holds_records))
        };
        let mut n_extremes = 0;
        for query in catalogue.queries().filter(reads_records) {
            let dataset = dataset_of(query);
            let found = Columns::of(&dataset, Guard::Counted, &query.head.order);
            for (idx, column) in dataset.columns.iter().enumerate() {
                let is_extreme = BEGINNINGS.iter().any(|begin| column.name.starts_with(begin));
                if is_extreme && column.data_type != DataType::Utf8 {
                    n_extremes += 1;
                    assert!(found.blanked.contains(&idx), "{} of {}", column.name, query.id);
                    assert!(!found.counting.is_empty(), "{} counts nothing", query.id);
                }
            }
        }
        assert!(n_extremes >= 9, "{n_extremes}");
    }
}
