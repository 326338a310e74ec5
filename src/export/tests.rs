//! What small counts leave behind, judged by other means than those that hide them; shapes of figures.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Float64Array, Int64Array, RecordBatch, StringArray,
};
use arrow::datatypes::{DataType, Field, Float64Type, Int64Type, Schema};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::export::{Column, Dataset, Guard, RowFilter, Rows, columns_of_batch, hide_small_cells};

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

/// Counts of bodies and months: a row for each of both, with a share beside the count.
fn counts(table: &[Vec<i64>]) -> (Dataset, Vec<String>) {
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
    (dataset, ["department", "month"].map(str::to_owned).to_vec())
}

/// Which cells of the table are hidden afterwards; checks that nothing else changed.
fn hidden(table: &[Vec<i64>]) -> Vec<Vec<bool>> {
    let (mut dataset, by) = counts(table);
    let n_hidden = hide_small_cells(&mut dataset, Guard::Counted, &by, LEAST).unwrap();
    let Rows::Held(batches) = &dataset.rows else { unreachable!("they were held") };
    let rows = &batches[0];
    assert_eq!(rows.schema(), dataset.schema());
    let marks = rows.column(4).as_boolean();
    assert_eq!((0..rows.num_rows()).filter(|row| marks.value(*row)).count(), n_hidden);
    assert_eq!(dataset.notes.is_empty(), n_hidden == 0);
    let (shown, shares) =
        (rows.column(2).as_primitive::<Int64Type>(), rows.column(3).as_primitive::<Float64Type>());
    let counts: Vec<i64> = table.iter().flatten().copied().collect();
    for (row, count) in counts.iter().enumerate() {
        assert_eq!(shown.is_null(row), marks.value(row));
        assert_eq!(shares.is_null(row), marks.value(row), "a share would tell");
        assert!(marks.value(row) || shown.value(row) == *count);
    }
    let width = table[0].len();
    (0..table.len())
        .map(|row| (0..width).map(|at| marks.value(row * width + at)).collect())
        .collect()
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

/// Cells that follow from the sums of rows and columns and from the cells that are shown, by exact fractions.
fn follows(hidden: &[Vec<bool>]) -> Vec<(usize, usize)> {
    let (height, width) = (hidden.len(), hidden[0].len());
    let cells: Vec<(usize, usize)> = (0..height)
        .flat_map(|row| (0..width).map(move |at| (row, at)))
        .filter(|(row, at)| hidden[*row][*at])
        .collect();
    let equation = |is_in: &dyn Fn(&(usize, usize)) -> bool| -> Vec<(i128, i128)> {
        cells.iter().map(|cell| (i128::from(is_in(cell)), 1)).collect()
    };
    let mut matrix: Vec<Vec<(i128, i128)>> = Vec::new();
    if width > 1 {
        matrix.extend((0..height).map(|row| equation(&|cell| cell.0 == row)));
    }
    if height > 1 {
        matrix.extend((0..width).map(|at| equation(&|cell| cell.1 == at)));
    }
    let mut rank = 0;
    for column in 0..cells.len() {
        let Some(pivot) = (rank..matrix.len()).find(|row| matrix[*row][column].0 != 0) else {
            continue;
        };
        matrix.swap(rank, pivot);
        let lead = matrix[rank][column];
        let lead: Vec<(i128, i128)> = matrix[rank]
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
    matrix
        .iter()
        .filter_map(|row| {
            let mut places = (0..cells.len()).filter(|place| row[*place].0 != 0);
            let place = places.next()?;
            places.next().is_none().then(|| cells[place])
        })
        .collect()
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
    // What follows from the rest, although something more could have been hidden beside it, tells a count.
    for cell in follows(&hidden) {
        let others = lines(cell, table);
        assert!(!others.iter().any(|line| line.len() > 1 && more(line)), "{cell:?} follows");
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
    assert_eq!(follows(&marks), [(1, 3)], "the judge sees it");
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
    let texts =
        |cells: &[Option<&str>]| -> ArrayRef { Arc::new(StringArray::from(cells.to_vec())) };
    let rows = RecordBatch::try_from_iter_with_nullable([
        ("indicator", texts(&[Some("a"); 6]), false),
        ("breakdown", texts(&[Some("x"), Some("y"), Some("z"), None, Some("x"), Some("y")]), true),
        (
            "value",
            Arc::new(Float64Array::from(vec![3.0, 60.0, 70.0, 2.0, 1.0, 2.0])) as ArrayRef,
            true,
        ),
        (
            "unit",
            texts(&[Some("件"), Some("件"), Some("件"), Some("件"), Some("件"), Some("项")]),
            false,
        ),
        (
            "origin",
            texts(&[
                Some("reported"),
                Some("reported"),
                Some("reported"),
                Some("reported"),
                Some("published"),
                Some("reported"),
            ]),
            false,
        ),
        ("release", texts(&[Some("published"); 6]), false),
        ("printed", texts(&[Some("3"); 6]), true),
    ]);
    let mut figures = dataset("figures", rows.unwrap());
    let by = ["indicator", "breakdown"].map(str::to_owned);
    assert_eq!(hide_small_cells(&mut figures, Guard::Stated, &by, LEAST).unwrap(), 2);
    let Rows::Held(batches) = &figures.rows else { unreachable!("they were held") };
    let marks = batches[0].column_by_name("is_hidden").unwrap().as_boolean();
    assert_eq!(*marks, BooleanArray::from(vec![true, true, false, false, false, false]));
    let printed = batches[0].column_by_name("printed").unwrap();
    assert_eq!(printed.null_count(), 2);
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
    let counted: BTreeMap<String, usize> =
        dataset.titles_zh().into_iter().map(|title| (title, 1)).collect();
    assert_eq!(counted.len(), 3);
}
