//! What small counts leave behind, judged by other means than those that hide them; shapes of figures.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use arrow::array::{
    Array, ArrayRef, AsArray, Date32Array, Float64Array, Int32Array, Int64Array, RecordBatch,
    StringArray,
};
use arrow::datatypes::{DataType, Field, Float64Type, Int64Type, Schema};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::export::{
    Column, Dataset, ExportError, Guard, RowFilter, Rows, columns_of_batch, hide_small_cells,
};

const LEAST: u32 = 5;

fn dataset(name: &str, rows: RecordBatch) -> Dataset {
    Dataset {
        name: name.to_owned(),
        title: ["a".to_owned(), "甲".to_owned()],
        columns: columns_of_batch(&rows.schema()),
        key: Vec::new(),
        references: Vec::new(),
        rows: Rows::Held(vec![rows]),
        filter: RowFilter::default(),
        notes: Vec::new(),
    }
}

/// Hides what is below five; returns how many rows are hidden, and the rows.
fn guarded(mut dataset: Dataset, guard: Guard, by: &[&str]) -> (usize, RecordBatch) {
    let by: Vec<String> = by.iter().map(|name| (*name).to_owned()).collect();
    let never = AtomicBool::new(false);
    let n_hidden = hide_small_cells(&mut dataset, guard, &by, LEAST, &never).unwrap();
    let Rows::Held(batches) = &dataset.rows else { unreachable!("they were held") };
    let rows = batches[0].clone();
    assert_eq!(rows.schema(), dataset.schema());
    assert_eq!(dataset.notes.is_empty(), n_hidden == 0);
    assert_eq!(marks(&rows).iter().filter(|is_hidden| **is_hidden).count(), n_hidden);
    (n_hidden, rows)
}

/// Which rows are hidden.
fn marks(rows: &RecordBatch) -> Vec<bool> {
    let marks = rows.column_by_name("is_hidden").unwrap().as_boolean();
    marks.iter().map(|is_hidden| is_hidden == Some(true)).collect()
}

fn texts<'t>(cells: impl IntoIterator<Item = &'t str>) -> ArrayRef {
    // An empty text stands for null.
    let cells = cells.into_iter().map(|text| Some(text).filter(|text| !text.is_empty()));
    Arc::new(cells.collect::<StringArray>())
}

/// Counts of bodies and months: a row for each of both, with a share beside the count.
fn counts(table: &[Vec<i64>]) -> Dataset {
    let cells: Vec<(usize, usize, i64)> = table
        .iter()
        .enumerate()
        .flat_map(|(body, row)| {
            row.iter().enumerate().map(move |(month, count)| (body, month, *count))
        })
        .collect();
    let bodies: ArrayRef =
        Arc::new(StringArray::from_iter_values(cells.iter().map(|(body, ..)| format!("b{body}"))));
    let months: ArrayRef = Arc::new(StringArray::from_iter_values(
        cells.iter().map(|(_, month, _)| format!("m{month}")),
    ));
    let counts: ArrayRef =
        Arc::new(Int64Array::from_iter_values(cells.iter().map(|(.., count)| *count)));
    let shares: ArrayRef = Arc::new(Float64Array::from_iter_values(
        cells.iter().map(|(.., count)| f64::from(i32::try_from(*count).unwrap()) / 100.0),
    ));
    let columns = [
        ("department", bodies, true),
        ("month", months, false),
        ("n", counts, false),
        ("share", shares, false),
    ];
    let rows = RecordBatch::try_from_iter_with_nullable(columns).unwrap();
    let mut dataset = dataset("counts", rows);
    dataset.columns[2].unit = Some("条".to_owned());
    dataset.columns[3].unit = Some("%".to_owned());
    dataset
}

/// Which cells of the table are hidden afterwards; checks that nothing else changed.
fn hidden(table: &[Vec<i64>]) -> Vec<Vec<bool>> {
    let (_, rows) = guarded(counts(table), Guard::Counted, &["department", "month"]);
    let marks = marks(&rows);
    let (shown, shares) =
        (rows.column(2).as_primitive::<Int64Type>(), rows.column(3).as_primitive::<Float64Type>());
    let counts: Vec<i64> = table.iter().flatten().copied().collect();
    for (row, count) in counts.iter().enumerate() {
        assert_eq!(shown.is_null(row), marks[row]);
        assert_eq!(shares.is_null(row), marks[row], "a share would tell");
        assert!(marks[row] || shown.value(row) == *count);
    }
    marks.chunks(table[0].len()).map(<[bool]>::to_vec).collect()
}

/// A fraction of whole numbers, always in lowest terms.
fn reduced((top, bottom): (i128, i128)) -> (i128, i128) {
    let (mut a, mut b) = (top.abs(), bottom.abs());
    while b != 0 {
        (a, b) = (b, a % b);
    }
    let sign = bottom.signum();
    if a == 0 { (0, 1) } else { (sign * top / a, sign * bottom / a) }
}

/// A fraction of whole numbers, top and bottom.
type Fraction = (i128, i128);

/// Unknowns that equations determine, by exact fractions; each equation has a factor for every unknown.
fn determined(equations: &[Vec<i128>]) -> Vec<usize> {
    let fractions = equations.iter().map(|row| row.iter().map(|factor| (*factor, 1)).collect());
    let mut matrix: Vec<Vec<Fraction>> = fractions.collect();
    let n_unknowns = matrix.first().map_or(0, Vec::len);
    let mut rank = 0;
    for column in 0..n_unknowns {
        let Some(pivot) = (rank..matrix.len()).find(|row| matrix[*row][column].0 != 0) else {
            continue;
        };
        matrix.swap(rank, pivot);
        let lead = matrix[rank][column];
        let lead: Vec<Fraction> = matrix[rank]
            .iter()
            .map(|value| reduced((value.0 * lead.1, value.1 * lead.0)))
            .collect();
        matrix[rank].clone_from(&lead);
        for row in (0..matrix.len()).filter(|row| *row != rank) {
            let factor = matrix[row][column];
            for (value, lead) in matrix[row].iter_mut().zip(&lead) {
                let less = (factor.0 * lead.0, factor.1 * lead.1);
                *value = reduced((value.0 * less.1 - less.0 * value.1, value.1 * less.1));
            }
        }
        rank += 1;
    }
    let alone = matrix.iter().filter_map(|row| {
        let mut places = (0..n_unknowns).filter(|place| row[*place].0 != 0);
        let place = places.next()?;
        places.next().is_none().then_some(place)
    });
    alone.collect()
}

/// Cells that follow from the cells that are shown and the sums of those rows and columns that `is_known` lets
/// in.
fn follows(
    hidden: &[Vec<bool>],
    is_known: impl Fn(&[(usize, usize)]) -> bool,
) -> Vec<(usize, usize)> {
    let (height, width) = (hidden.len(), hidden[0].len());
    let rows = (0..height).map(|row| (0..width).map(|at| (row, at)).collect());
    let columns = (0..width).map(|at| (0..height).map(|row| (row, at)).collect());
    let lines: Vec<Vec<(usize, usize)>> = rows.chain(columns).collect();
    let cells: Vec<(usize, usize)> = lines[..height].concat();
    let cells: Vec<_> = cells.into_iter().filter(|(row, at)| hidden[*row][*at]).collect();
    let known = lines.iter().filter(|line| line.len() > 1 && is_known(line));
    let equations: Vec<Vec<i128>> = known
        .map(|line| cells.iter().map(|cell| i128::from(line.contains(cell))).collect())
        .collect();
    determined(&equations).into_iter().map(|place| cells[place]).collect()
}

/// The cells of the two lines through a cell.
fn lines((row, at): (usize, usize), table: &[Vec<i64>]) -> [Vec<(usize, usize)>; 2] {
    [
        (0..table[0].len()).map(|at| (row, at)).collect(),
        (0..table.len()).map(|row| (row, at)).collect(),
    ]
}

#[track_caller]
fn check_law(table: &[Vec<i64>]) {
    let hidden = hidden(table);
    let is_hidden = |(row, at): &(usize, usize)| hidden[*row][*at];
    let count = |(row, at): &(usize, usize)| table[*row][*at];
    let least = i64::from(LEAST);
    let more = |cells: &[(usize, usize)]| cells.iter().any(|it| !is_hidden(it) && count(it) > 0);
    for (row, counts) in table.iter().enumerate() {
        for (at, value) in counts.iter().enumerate() {
            if (1..least).contains(value) {
                assert!(hidden[row][at], "{value} is shown");
                for line in lines((row, at), table).iter().filter(|line| line.len() > 1) {
                    let sum: i64 = line.iter().filter(|it| is_hidden(it)).map(count).sum();
                    assert!(sum >= least || !more(line), "the hidden ones of a line are few");
                }
            }
        }
    }
    // What follows although something more could have been hidden of what tells it, tells a count.
    let told = follows(&hidden, |line| !more(line));
    for cell in follows(&hidden, |_| true) {
        assert!(told.contains(&cell), "{cell:?} follows");
    }
}

#[test]
fn a_small_count_takes_its_neighbours_with_it() {
    let table = [vec![3, 50, 60], vec![40, 70, 80], vec![90, 95, 99]];
    let found = hidden(&table);
    assert_eq!(found, [[true, true, false], [true, true, false], [false; 3]]);
    assert_eq!(hidden(&[vec![0, 5, 6], vec![7, 8, 0]]), [[false; 3]; 2], "nobody is nobody");
    check_law(&table);
    // A line of its own has no neighbours, and the only count of a line none that helps.
    assert_eq!(hidden(&[vec![3]]), [[true]]);
    assert_eq!(hidden(&[vec![3, 0, 0]]), [[true, false, false]]);
}

#[test]
fn two_circles_with_a_bridge_are_told_apart() {
    // Every line through a hidden cell has two of them, and the one in the middle follows all the same.
    let big = 50;
    let mut table = vec![vec![big; 6]; 6];
    for (row, at) in [(0, 0), (0, 1), (1, 0), (1, 1), (3, 3), (3, 4), (4, 3), (4, 4), (1, 3)] {
        table[row][at] = 4;
    }
    check_law(&table);
    let marks: Vec<Vec<bool>> =
        table.iter().map(|row| row.iter().map(|count| *count < 5).collect()).collect();
    assert_eq!(follows(&marks, |_| true), [(1, 3)], "the judge sees it");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]
    #[test]
    fn no_small_count_can_be_worked_out(
        table in (1_usize..6, 1_usize..7).prop_flat_map(|(height, width)| {
            vec(vec(prop_oneof![Just(0_i64), 1..5_i64, 5..30_i64, 30..200_i64], width), height)
        })
    ) {
        check_law(&table);
    }
}

#[test]
fn figures_that_were_published_or_are_not_broken_down_stay() {
    let rows = RecordBatch::try_from_iter_with_nullable([
        ("indicator", texts(["a"; 6]), false),
        ("breakdown", texts(["x", "y", "z", "", "x", "z"]), true),
        ("value", Arc::new(Float64Array::from(vec![3.0, 60.0, 70.0, 2.0, 1.0, 2.0])) as _, true),
        ("unit", texts(["件", "件", "件", "件", "件", "项"]), false),
        (
            "origin",
            texts(["reported", "reported", "reported", "reported", "published", "reported"]),
            false,
        ),
        ("release", texts(["published"; 6]), false),
        ("printed", texts(["3"; 6]), true),
    ]);
    let (_, rows) =
        guarded(dataset("figures", rows.unwrap()), Guard::Stated, &["indicator", "breakdown"]);
    assert_eq!(marks(&rows), [true, true, false, false, false, false]);
    assert_eq!(rows.column_by_name("printed").unwrap().null_count(), 2);
}

/// A figure that was stated and not published.
#[derive(Debug, Clone)]
struct Figure {
    indicator: &'static str,
    breakdown: &'static str,
    /// Months of the year, the first and the one after the last.
    months: (i32, i32),
    value: f64,
    unit: &'static str,
    edition: &'static str,
}

impl Figure {
    fn of(breakdown: &'static str, months: (i32, i32), value: f64) -> Self {
        let (indicator, unit, edition) = ("accepted", "件", "first");
        Self { indicator, breakdown, months, value, unit, edition }
    }
}

/// The day on which a month begins, where each has 30 days.
fn day(month: i32) -> i32 {
    month * 30
}

/// Returns which of some figures are hidden.
fn hidden_figures(figures: &[Figure]) -> Vec<bool> {
    let text = |of: fn(&Figure) -> &'static str| texts(figures.iter().map(of));
    let days = |of: fn(&Figure) -> i32| -> ArrayRef {
        Arc::new(Date32Array::from(figures.iter().map(of).collect::<Vec<_>>()))
    };
    let values = figures.iter().map(|figure| figure.value).collect::<Vec<_>>();
    let rows = RecordBatch::try_from_iter_with_nullable([
        ("indicator", text(|it| it.indicator), false),
        ("department", texts(figures.iter().map(|_| "tax")), true),
        ("breakdown", text(|it| it.breakdown), true),
        (
            "accumulation",
            text(|it| if it.months.0 == 0 { "year_to_date" } else { "period" }),
            false,
        ),
        ("period_start", days(|it| day(it.months.0)), true),
        ("period_end", days(|it| day(it.months.1) - 1), false),
        ("value", Arc::new(Float64Array::from(values)) as _, true),
        ("unit", text(|it| it.unit), false),
        ("edition", text(|it| it.edition), false),
    ]);
    let by = [
        "indicator",
        "department",
        "breakdown",
        "accumulation",
        "period_start",
        "period_end",
        "edition",
    ];
    let (_, rows) = guarded(dataset("figures", rows.unwrap()), Guard::Stated, &by);
    let shown = rows.column_by_name("value").unwrap();
    let marks = marks(&rows);
    assert_eq!((0..figures.len()).map(|row| shown.is_null(row)).collect::<Vec<_>>(), marks);
    marks
}

#[test]
fn a_count_does_not_follow_from_running_totals_before_and_after_it() {
    let figures = [
        Figure::of("net", (5, 6), 3.0),
        Figure::of("post", (5, 6), 7.0),
        Figure::of("net", (0, 5), 40.0),
        Figure::of("post", (0, 5), 35.0),
        Figure::of("net", (0, 6), 43.0),
        Figure::of("post", (0, 6), 42.0),
    ];
    // Of each pair of totals the smaller one goes; without them the totals of both would do.
    assert_eq!(hidden_figures(&figures), [true, true, true, true, false, false]);
    assert_eq!(hidden_figures(&figures[..2]), [true, true]);
    // The totals tell the month where it is no row, too.
    assert_eq!(hidden_figures(&figures[2..]), [true, true, false, false]);
    let without_small = [
        Figure::of("net", (0, 5), 40.0),
        Figure::of("net", (0, 6), 45.0),
        Figure::of("net", (2, 6), 33.0),
    ];
    assert_eq!(hidden_figures(&without_small), [false; 3]);
    // Of one end: from the beginning of the year to that of the other.
    let of_one_end = [Figure::of("net", (0, 6), 45.0), Figure::of("net", (2, 6), 43.0)];
    assert_eq!(hidden_figures(&of_one_end), [false, true]);
}

/// Which rows are hidden where a count stands beside a share and beside the same records by their arrival.
fn hidden_beside(counts: [i64; 3], shares: [f64; 3], by_arrival: [i64; 3]) -> Vec<bool> {
    let rows = RecordBatch::try_from_iter_with_nullable([
        ("department", texts(["a", "b", "c"]), true),
        ("records", Arc::new(Int64Array::from(counts.to_vec())) as _, true),
        ("within_pct", Arc::new(Float64Array::from(shares.to_vec())) as _, true),
        ("records_by_arrival", Arc::new(Int64Array::from(by_arrival.to_vec())) as _, true),
    ]);
    let mut dataset = dataset("late", rows.unwrap());
    for column in [1, 3] {
        dataset.columns[column].unit = Some("条".to_owned());
    }
    marks(&guarded(dataset, Guard::Counted, &["department"]).1)
}

#[test]
fn counts_that_follow_from_a_row_are_no_small_ones() {
    let none = [100.0; 3];
    assert_eq!(hidden_beside([808, 900, 1000], none, [808, 900, 1000]), [false; 3]);
    // Two of 808 are late; with them the smallest other one goes.
    let late = 100.0 * 806.0 / 808.0;
    let shares = [late, 100.0, 100.0];
    assert_eq!(hidden_beside([808, 900, 1000], shares, [808, 900, 1000]), [true, true, false]);
    // Three came in the month after, and what is no part of these records says nothing.
    assert_eq!(hidden_beside([808, 900, 1000], none, [808, 900, 997]), [true, false, true]);
    assert_eq!(hidden_beside([808, 900, 1000], [12.3, 45.6, 7.89], [808, 900, 1000]), [false; 3]);
}

#[test]
fn a_row_of_another_origin_was_not_counted_from_records() {
    let rows = RecordBatch::try_from_iter_with_nullable([
        ("department", texts(["a", "b", "a", "b"]), true),
        ("period_end", texts(["x", "x", "y", "y"]), false),
        ("value", Arc::new(Float64Array::from(vec![3.0, 60.0, 3.0, 70.0])) as _, true),
        ("unit", texts(["条"; 4]), false),
        ("origin", texts(["published", "published", "derived", "derived"]), false),
        ("release", texts(["published"; 4]), false),
    ]);
    let by = ["department", "period_end"];
    let (_, rows) = guarded(dataset("figures", rows.unwrap()), Guard::Counted, &by);
    assert_eq!(marks(&rows), [false, false, true, true]);
}

#[test]
fn what_was_published_stays_beside_a_count_that_is_hidden() {
    let value = |name, values: [f64; 4]| (name, Arc::new(Float64Array::from(values.to_vec())) as _);
    let rows = RecordBatch::try_from_iter_with_nullable(
        [
            ("department", texts(["a", "b", "c", "a"])),
            ("breakdown", texts(["", "", "", "x"])),
            ("unit", texts(["条"; 4])),
            value("published", [3.0, 70.0, 90.0, 70.0]),
            value("reported", [3.0, 70.0, 90.0, 70.0]),
            value("derived", [3.0, 60.0, 90.0, 2.0]),
        ]
        .map(|(name, column)| (name, column, true)),
    );
    let by = ["department", "breakdown"];
    let (_, rows) = guarded(dataset("by_origin", rows.unwrap()), Guard::Counted, &by);
    assert_eq!(marks(&rows), [true, true, false, true]);
    let shown = |name: &str| -> Vec<Option<f64>> {
        rows.column_by_name(name).unwrap().as_primitive::<Float64Type>().iter().collect()
    };
    // What is broken down may come from a draft.
    assert_eq!(shown("published"), [Some(3.0), Some(70.0), Some(90.0), None]);
    for name in ["reported", "derived"] {
        assert_eq!(shown(name), [None, None, Some(90.0), None], "{name}");
    }
}

#[test]
fn a_small_published_figure_alone_hides_nothing() {
    let rows = RecordBatch::try_from_iter_with_nullable(
        [
            ("department", texts(["a", "b"])),
            ("breakdown", texts(["", ""])),
            ("unit", texts(["条", "条"])),
            ("published", Arc::new(Float64Array::from(vec![3.0, 70.0])) as ArrayRef),
            ("derived", Arc::new(Float64Array::from(vec![None, Some(70.0)])) as ArrayRef),
        ]
        .map(|(name, column)| (name, column, true)),
    );
    let by = ["department", "breakdown"];
    assert_eq!(guarded(dataset("by_origin", rows.unwrap()), Guard::Counted, &by).0, 0);
}

#[test]
fn the_oldest_of_a_few_records_is_not_told() {
    let numbers = |numbers: [i64; 3]| -> ArrayRef { Arc::new(Int64Array::from(numbers.to_vec())) };
    let rows = RecordBatch::try_from_iter_with_nullable([
        ("department", texts(["a", "b", "c"]), true),
        ("arrived", numbers([30, 40, 50]), true),
        ("undated", numbers([27, 20, 0]), true),
        ("oldest_month", Arc::new(Date32Array::from(vec![1, 2, 3])) as _, true),
    ]);
    let mut dataset = dataset("backfill", rows.unwrap());
    for column in [1, 2] {
        dataset.columns[column].unit = Some("条".to_owned());
    }
    let (_, rows) = guarded(dataset, Guard::Counted, &["department"]);
    // Three of 30 say when.
    assert_eq!(marks(&rows), [true, true, false]);
    assert_eq!(rows.column_by_name("oldest_month").unwrap().null_count(), 2);
}

#[test]
fn what_is_measured_of_a_hidden_spot_is_hidden_with_it_in_whatever_unit() {
    let of = |indicator, breakdown, value, unit| Figure {
        indicator,
        unit,
        ..Figure::of(breakdown, (5, 6), value)
    };
    let figures = [
        of("accepted", "net", 3.0, "件"),
        of("accepted", "post", 7.0, "件"),
        of("accepted", "desk", 90.0, "件"),
        of("rate", "net", 66.67, "%"),
        of("rate", "post", 100.0, "%"),
        of("rate", "desk", 99.0, "%"),
        of("completed", "net", 0.0, "件"),
    ];
    assert_eq!(hidden_figures(&figures), [true, true, false, true, true, false, true]);
}

#[test]
fn another_document_does_not_show_what_one_hides() {
    let again = |figure: Figure| Figure { edition: "second", ..figure };
    let figures = [
        Figure::of("net", (5, 6), 3.0),
        Figure::of("post", (5, 6), 70.0),
        Figure::of("desk", (5, 6), 90.0),
        again(Figure::of("net", (5, 6), 8.0)),
        again(Figure::of("post", (5, 6), 71.0)),
    ];
    assert_eq!(hidden_figures(&figures), [true, true, false, true, true]);
}

#[test]
fn units_of_people_are_known() {
    for unit in
        ["条", "次", "宗", "封", "户", "份", "起", "例", "笔", "单", "通", "名", "位", "人次"]
    {
        let of = |breakdown, value| Figure { unit, ..Figure::of(breakdown, (5, 6), value) };
        assert_eq!(hidden_figures(&[of("net", 3.0), of("post", 7.0)]), [true; 2], "{unit}");
    }
    let of = |breakdown, value| Figure { unit: "项", ..Figure::of(breakdown, (5, 6), value) };
    assert_eq!(hidden_figures(&[of("net", 3.0), of("post", 7.0)]), [false; 2]);
}

/// Figures of some breakdowns and months: those of single months, and those of several that `spans` names.
fn table_of(months: &[Vec<i64>], spans: &[(usize, usize)]) -> Vec<Figure> {
    let names = ["a", "b", "c", "d"];
    let n_months = months[0].len();
    let spans: BTreeSet<(usize, usize)> = spans
        .iter()
        .map(|(start, length)| (start % n_months, length))
        .map(|(start, length)| (start, (start + 1 + length % n_months).min(n_months)))
        .collect();
    let figure = |breakdown: &'static str, row: &[i64], (start, end): (usize, usize)| {
        let month = |at: usize| i32::try_from(at).unwrap();
        let value: i64 = row[start..end].iter().sum();
        let value = f64::from(i32::try_from(value).unwrap());
        Figure::of(breakdown, (month(start), month(end)), value)
    };
    let rows = months.iter().zip(names);
    rows.flat_map(|(row, name)| spans.iter().map(move |span| figure(name, row, *span))).collect()
}

/// The hidden figures that somebody can work out, by exact fractions, who knows the totals over all breakdowns
/// and that a period is made of those in it. `is_known` lets figures and totals in.
fn worked_out(
    figures: &[Figure],
    hidden: &[bool],
    is_known: &dyn Fn(&[usize]) -> bool,
) -> Vec<usize> {
    let unknowns: Vec<usize> = (0..figures.len()).filter(|row| hidden[*row]).collect();
    let days: Vec<(&str, i32)> = figures
        .iter()
        .flat_map(|figure| [figure.months.0, figure.months.1].map(|day| (figure.breakdown, day)))
        .collect();
    let width = unknowns.len() + days.len();
    let place =
        |day: (&str, i32)| unknowns.len() + days.iter().position(|known| *known == day).unwrap();
    let mut equations = Vec::new();
    let mut periods = BTreeSet::new();
    for (row, figure) in figures.iter().enumerate() {
        let mut equation = vec![0; width];
        equation[place((figure.breakdown, figure.months.0))] -= 1;
        equation[place((figure.breakdown, figure.months.1))] += 1;
        match unknowns.binary_search(&row) {
            Ok(unknown) => equation[unknown] = -1,
            Err(_) if !is_known(&[row]) => continue,
            Err(_) => {}
        }
        equations.push(equation);
        periods.insert(figure.months);
    }
    for period in periods {
        let line: Vec<usize> =
            (0..figures.len()).filter(|row| figures[*row].months == period).collect();
        if line.len() > 1 && is_known(&line) {
            let mut equation = vec![0; width];
            for unknown in line.iter().filter_map(|row| unknowns.binary_search(row).ok()) {
                equation[unknown] = 1;
            }
            equations.push(equation);
        }
    }
    let found = determined(&equations).into_iter();
    found.filter_map(|place| unknowns.get(place).copied()).collect()
}

fn spans() -> impl Strategy<Value = Vec<(usize, usize)>> {
    vec((0_usize..6, 0_usize..6), 1..7)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]
    #[test]
    fn no_hidden_figure_can_be_worked_out_from_running_totals(
        months in (2_usize..4, 1_usize..6).prop_flat_map(|(height, width)| {
            vec(vec(prop_oneof![1..5_i64, 5..30_i64, 30..200_i64], width), height)
        }),
        spans in spans(),
    ) {
        let figures = table_of(&months, &spans);
        let hidden = hidden_figures(&figures);
        for (figure, is_hidden) in figures.iter().zip(&hidden) {
            prop_assert!(*is_hidden || figure.value >= f64::from(LEAST), "{figure:?} is shown");
        }
        let found = worked_out(&figures, &hidden, &|_| true);
        prop_assert!(found.is_empty(), "{found:?} of {figures:?}, {hidden:?}");
    }

    #[test]
    fn what_follows_all_the_same_follows_from_nothing_that_could_be_hidden(
        months in (1_usize..4, 1_usize..6).prop_flat_map(|(height, width)| {
            vec(vec(prop_oneof![Just(0_i64), 1..5_i64, 5..200_i64], width), height)
        }),
        spans in spans(),
        left_out in vec(any::<bool>(), 24),
    ) {
        let figures = table_of(&months, &spans);
        let figures: Vec<Figure> = figures
            .into_iter()
            .zip(left_out.into_iter().chain(std::iter::repeat(false)))
            .filter_map(|(figure, is_out)| (!is_out).then_some(figure))
            .collect();
        prop_assume!(!figures.is_empty());
        let hidden = hidden_figures(&figures);
        let could_go = |row: &usize| !hidden[*row] && figures[*row].value > 0.0;
        let told = worked_out(&figures, &hidden, &|rows| !rows.iter().any(could_go));
        for row in worked_out(&figures, &hidden, &|_| true) {
            prop_assert!(told.contains(&row), "{:?} of {figures:?}, {hidden:?}", figures[row]);
        }
    }
}

/// Rows of bodies and months with a change and a rank beside their counts.
fn compared() -> Dataset {
    let numbers = |numbers: &[i64]| -> ArrayRef { Arc::new(Int64Array::from(numbers.to_vec())) };
    let ranks: ArrayRef = Arc::new(Int32Array::from(vec![1, 2, 3, 4, 5, 6]));
    let rows = RecordBatch::try_from_iter_with_nullable([
        ("position", ranks, false),
        ("department", texts(["c", "b", "b", "a", "a", "c"]), true),
        ("month", texts(["m1", "m1", "m2", "m2", "m1", "m2"]), false),
        ("records", numbers(&[900, 80, 70, 60, 3, 800]), false),
        ("change", numbers(&[0, 0, -10, 57, 0, -100]), true),
        ("year_to_date", numbers(&[900, 80, 150, 63, 3, 1700]), true),
    ]);
    let mut dataset = dataset("compared", rows.unwrap());
    for column in &mut dataset.columns[3..] {
        column.unit = Some("条".to_owned());
    }
    dataset
}

#[test]
fn what_compares_with_a_hidden_row_is_not_shown_beside_it() {
    let (_, rows) = guarded(compared(), Guard::Counted, &["position"]);
    let of = |name: &str| rows.column_by_name(name).unwrap();
    let bodies: Vec<_> = of("department").as_string::<i32>().iter().flatten().collect();
    assert_eq!(bodies, ["a", "a", "b", "b", "c", "c"], "the order of ranks would tell");
    assert_eq!(marks(&rows), [true, true, true, true, false, false]);
    for name in ["position", "change", "year_to_date"] {
        assert_eq!(of(name).null_count(), 6, "{name}");
    }
    assert_eq!(of("records").null_count(), 4);
    // Where nothing is hidden, all of it stays as it was.
    let mut large = compared();
    let Rows::Held(batches) = &large.rows else { unreachable!("they were held") };
    let kept = batches[0].slice(0, 4);
    large.rows = Rows::Held(vec![kept.clone()]);
    let (n_hidden, rows) = guarded(large, Guard::Counted, &["position"]);
    assert_eq!((n_hidden, rows.column(0)), (0, kept.column(0)));
}

#[test]
fn a_note_counts_the_rows_that_leave() {
    let mut dataset = counts(&[vec![3, 50], vec![40, 70], vec![900, 800]]);
    dataset.filter.departments = vec!["b0".to_owned(), "b2".to_owned()];
    let (n_hidden, rows) = guarded(dataset, Guard::Counted, &["department", "month"]);
    assert_eq!((n_hidden, rows.num_rows()), (2, 4));
}

#[test]
fn days_on_which_records_came_bound_their_number() {
    let numbers = |numbers: &[i64]| -> ArrayRef { Arc::new(Int64Array::from(numbers.to_vec())) };
    let rows = RecordBatch::try_from_iter_with_nullable([
        ("rank", Arc::new(Int32Array::from(vec![1, 2, 3])) as ArrayRef, false),
        ("department", texts(["a", "b", "c"]), true),
        ("first_record_day", Arc::new(Date32Array::from(vec![1, 2, 3])) as _, false),
        ("days_with_records", numbers(&[1, 40, 50]), false),
    ]);
    let mut dataset = dataset("gaps", rows.unwrap());
    dataset.columns[3].unit = Some("days".to_owned());
    let (_, rows) = guarded(dataset, Guard::Counted, &["rank", "department"]);
    assert_eq!(marks(&rows), [true, true, false]);
    let n_null = |name: &str| rows.column_by_name(name).unwrap().null_count();
    assert_eq!(["rank", "first_record_day", "days_with_records"].map(n_null), [3, 2, 2]);
}

#[test]
fn whoever_ends_it_does_not_wait_until_all_is_worked_out() {
    let mut dataset = counts(&[vec![3, 50], vec![40, 70]]);
    let ended = AtomicBool::new(true);
    let by = ["department", "month"].map(str::to_owned);
    let outcome = hide_small_cells(&mut dataset, Guard::Counted, &by, LEAST, &ended);
    assert!(matches!(outcome, Err(ExportError::Cancelled)));
}

#[test]
fn titles_that_two_columns_share_are_told_apart() {
    let field = |name: &str| Field::new(name, DataType::Utf8, true);
    let columns = columns_of_batch(&Schema::new(vec![field("department"), field("x"), field("y")]));
    let columns: Vec<Column> = columns
        .into_iter()
        .map(|column| {
            if column.name == "department" {
                return column;
            }
            Column { title_zh: "同名".to_owned(), ..column }
        })
        .collect();
    let empty = RecordBatch::new_empty(Arc::new(Schema::new(Vec::<Field>::new())));
    let dataset = Dataset { columns, ..dataset("a", empty) };
    assert_eq!(dataset.titles_zh(), ["部门", "同名（x）", "同名（y）"]);
}
