//! Counts of a few records are not shown, nor what would give them away.
//!
//! A row whose count is small shows no measure at all: shares, means and other counts of it would tell. And of
//! rows that add up to a total somebody may know, one that is hidden alone would be the difference of the
//! total and the others. So in every such line further rows are hidden, until the hidden ones together are
//! no small count either; and in the end it is worked out, by the algebra of all lines at once, whether any
//! hidden row still follows from the others.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, RecordBatch};
use arrow::compute::{cast, concat_batches, nullif};
use arrow::datatypes::{DataType, Field, Float64Type};
use arrow::error::ArrowError;

use crate::diag::Message;
use crate::export::{Dataset, ExportError, Rows, column_of, plain_batch};

/// The column that says of a row that its measures are hidden.
const HIDDEN: &str = "is_hidden";

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

/// Units that count records or people.
const UNITS_OF_PEOPLE: [&str; 5] = ["条", "件", "人", "人次", "人数"];

/// Texts that would tell a hidden value.
const TELLING: [&str; 6] = ["printed", "value_text", "note", "found", "expected", "place"];

/// Equations times unknowns beyond which rows are hidden by whole lines instead of worked out.
const MAX_WORK: usize = 200_000_000;

/// A prime below 2^31, so that products of two remainders fit.
const PRIME: u64 = 2_147_483_647;

/// Which rows and columns of a dataset are counts of people or of their records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guard {
    /// All rows: the dataset was counted from records. Whole numbers in units of people count, and where
    /// units stand in a column, numbers of rows in such a unit.
    Counted,
    /// Figures that were stated and not published, as far as they are broken down.
    Stated,
}

/// Hides counts below `least` in a dataset that is in memory, with what would give them away, and says so in
/// a column and a note. Returns how many rows are hidden.
///
/// `by` are the columns that are unique together, in the order of the rows.
pub fn hide_small_cells(
    dataset: &mut Dataset,
    guard: Guard,
    by: &[String],
    least: u32,
) -> Result<usize, ExportError> {
    let Rows::Held(batches) = &dataset.rows else { return Ok(0) };
    let failed = ExportError::rows(&dataset.name);
    let schema = dataset.schema();
    let plain: Result<Vec<RecordBatch>, _> =
        batches.iter().map(|rows| plain_batch(&schema, rows)).collect();
    let rows = plain.and_then(|batches| concat_batches(&schema, &batches)).map_err(&failed)?;
    let table = Table::of((&*dataset, by), &rows, guard).map_err(&failed)?;
    let hidden = table.hidden(f64::from(least));
    let n_hidden = hidden.iter().filter(|is_hidden| **is_hidden).count();
    let hidden = BooleanArray::from(hidden);
    let mut columns = Vec::new();
    for (idx, column) in rows.columns().iter().enumerate() {
        let is_blanked = table.blanked.contains(&idx);
        columns.push(if is_blanked {
            nullif(column, &hidden).map_err(&failed)?
        } else {
            Arc::clone(column)
        });
        dataset.columns[idx].is_nullable |= is_blanked && n_hidden > 0;
    }
    columns.push(Arc::new(hidden));
    let mark = column_of(&Field::new(HIDDEN, DataType::Boolean, false));
    dataset.columns.push(mark);
    if n_hidden > 0 {
        let note = Message::new("export.small_cells").with("count", n_hidden).with("least", least);
        dataset.notes.push(note);
    }
    let rows = RecordBatch::try_new(dataset.schema(), columns);
    let rows = rows.map_err(ExportError::rows(&dataset.name))?;
    dataset.rows = Rows::Held(vec![rows]);
    Ok(n_hidden)
}

/// What of a dataset is looked at.
struct Table {
    /// Counts of each row, in each column that counts; null and what is not guarded is 0.
    counts: Vec<Vec<f64>>,
    /// Rows that add up to something, by their positions; those of one row alone are none.
    lines: Vec<Vec<usize>>,
    /// Positions of the columns that a hidden row does not show.
    blanked: BTreeSet<usize>,
}

/// The cells of all columns as texts.
struct Texts(Vec<ArrayRef>);

impl Texts {
    fn of(rows: &RecordBatch) -> Result<Self, ArrowError> {
        let columns = rows.columns().iter().map(|column| cast(column, &DataType::Utf8));
        columns.collect::<Result<_, _>>().map(Self)
    }

    fn get(&self, column: usize, row: usize) -> Option<&str> {
        let texts = self.0[column].as_string::<i32>();
        texts.is_valid(row).then(|| texts.value(row))
    }
}

impl Table {
    fn of(
        (dataset, by): (&Dataset, &[String]),
        rows: &RecordBatch,
        guard: Guard,
    ) -> Result<Self, ArrowError> {
        let texts = Texts::of(rows)?;
        let dimensions = dimensions_of(dataset, by);
        let blanked = measures_of(dataset, &dimensions);
        let is_guarded: Vec<bool> =
            (0..rows.num_rows()).map(|row| is_guarded(dataset, &texts, row, guard)).collect();
        let counting = blanked.iter().filter(|idx| counts_people(dataset, **idx));
        let numbers: Vec<ArrayRef> = counting
            .map(|idx| cast(rows.column(*idx), &DataType::Float64))
            .collect::<Result<_, _>>()?;
        let count = |numbers: &ArrayRef, row: usize| {
            let numbers = numbers.as_primitive::<Float64Type>();
            let counts = numbers.is_valid(row) && is_guarded[row];
            if counts { numbers.value(row).abs() } else { 0.0 }
        };
        let counts = (0..rows.num_rows())
            .map(|row| numbers.iter().map(|numbers| count(numbers, row)).collect())
            .collect();
        let apart: Vec<usize> =
            (0..rows.num_columns()).filter(|idx| is_apart(dataset, *idx)).collect();
        let mut lines: BTreeMap<(usize, Vec<Option<&str>>), Vec<usize>> = BTreeMap::new();
        for along in 0..dimensions.len() {
            for row in (0..rows.num_rows()).filter(|row| is_guarded[*row]) {
                let others = dimensions.iter().enumerate().filter(|(idx, _)| *idx != along);
                let fixed = others.flat_map(|(_, columns)| columns).chain(&apart);
                let fixed = fixed.map(|idx| texts.get(*idx, row)).collect();
                lines.entry((along, fixed)).or_default().push(row);
            }
        }
        let lines = lines.into_values().filter(|rows| rows.len() > 1).collect();
        Ok(Self { counts, lines, blanked })
    }

    fn is_small(&self, row: usize, least: f64) -> bool {
        self.counts[row].iter().any(|count| *count > 0.0 && *count < least)
    }

    fn size(&self, row: usize) -> f64 {
        self.counts[row].iter().copied().fold(0.0, f64::max)
    }

    /// Returns which rows are hidden.
    fn hidden(&self, least: f64) -> Vec<bool> {
        let mut hidden: Vec<bool> =
            (0..self.counts.len()).map(|row| self.is_small(row, least)).collect();
        loop {
            let mut is_changed = false;
            for line in &self.lines {
                is_changed |= self.cover(line, least, &mut hidden);
            }
            if !is_changed {
                is_changed = self.hide_what_follows(&mut hidden);
            }
            if !is_changed {
                return hidden;
            }
        }
    }

    /// Hides further rows of a line until its hidden rows together are not small in any count. Returns whether
    /// it hid some.
    fn cover(&self, line: &[usize], least: f64, hidden: &mut [bool]) -> bool {
        let mut is_changed = false;
        loop {
            let of: Vec<usize> = line.iter().copied().filter(|row| hidden[*row]).collect();
            let Some(first) = of.first() else { return is_changed };
            let lacking = (0..self.counts[*first].len()).find(|count| {
                let small = of.iter().any(|row| {
                    let value = self.counts[*row][*count];
                    value > 0.0 && value < least
                });
                let sum: f64 = of.iter().map(|row| self.counts[*row][*count]).sum();
                let n_with = of.iter().filter(|row| self.counts[**row][*count] > 0.0).count();
                small && (sum < least || n_with < 2)
            });
            let alone = (of.len() < 2).then_some(None);
            let Some(wanted) = lacking.map(Some).or(alone) else { return is_changed };
            let value = |row: &usize| wanted.map_or(self.size(*row), |it| self.counts[*row][it]);
            let shown = line.iter().copied().filter(|row| !hidden[*row]);
            let with = shown.filter(|row| value(row) > 0.0);
            // The smallest, so that as little as possible is lost; of equal ones the first.
            let next = with.min_by(|a, b| value(a).total_cmp(&value(b)));
            let Some(next) = next else { return is_changed };
            hidden[next] = true;
            is_changed = true;
        }
    }

    /// Hides one more row in a line of each hidden row that the others give away. Returns whether there was
    /// one with such a line.
    fn hide_what_follows(&self, hidden: &mut [bool]) -> bool {
        let mut is_changed = false;
        for row in self.given_away(hidden) {
            let lines = self.lines.iter().filter(|line| line.contains(&row));
            let shown =
                lines.flatten().copied().filter(|row| !hidden[*row] && self.size(*row) > 0.0);
            let next = shown.min_by(|a, b| self.size(*a).total_cmp(&self.size(*b)));
            if let Some(next) = next {
                hidden[next] = true;
                is_changed = true;
            }
        }
        is_changed
    }

    /// Returns the hidden rows that follow from the totals of lines and the rows that are shown: those whose
    /// unit vector is in the row space of the equations.
    fn given_away(&self, hidden: &[bool]) -> Vec<usize> {
        let unknowns: Vec<usize> = (0..hidden.len()).filter(|row| hidden[*row]).collect();
        let number = |row: usize| unknowns.binary_search(&row).ok();
        let equations: Vec<Vec<usize>> = self
            .lines
            .iter()
            .map(|line| line.iter().filter_map(|row| number(*row)).collect::<Vec<usize>>())
            .filter(|unknowns| !unknowns.is_empty())
            .collect();
        let mut found = Vec::new();
        for component in components(&equations, unknowns.len()) {
            let numbers: BTreeSet<usize> = component.iter().flatten().copied().collect();
            let numbers: Vec<usize> = numbers.into_iter().collect();
            let is_too_much = component.len() * component.len() * numbers.len() > MAX_WORK;
            let determined = if is_too_much {
                // Each but those of lines that are hidden whole, of which nothing more can be hidden.
                numbers.clone()
            } else {
                determined(&component, &numbers)
            };
            found.extend(determined.into_iter().map(|number| unknowns[number]));
        }
        found
    }
}

/// Groups equations that share unknowns.
fn components(equations: &[Vec<usize>], n_unknowns: usize) -> Vec<Vec<Vec<usize>>> {
    let mut parent: Vec<usize> = (0..n_unknowns).collect();
    for equation in equations {
        for pair in equation.windows(2) {
            let (a, b) = (root(&mut parent, pair[0]), root(&mut parent, pair[1]));
            parent[a] = b;
        }
    }
    let mut groups: BTreeMap<usize, Vec<Vec<usize>>> = BTreeMap::new();
    for equation in equations {
        let group = root(&mut parent, equation[0]);
        groups.entry(group).or_default().push(equation.clone());
    }
    groups.into_values().collect()
}

fn root(parent: &mut [usize], mut at: usize) -> usize {
    while parent[at] != at {
        parent[at] = parent[parent[at]];
        at = parent[at];
    }
    at
}

/// Returns the unknowns that a system of sums determines: those that have an equation of their own once it is
/// solved as far as it goes. Computed modulo a prime, in which sums of ones behave as among all numbers.
fn determined(equations: &[Vec<usize>], unknowns: &[usize]) -> Vec<usize> {
    let place = |unknown: &usize| unknowns.binary_search(unknown).unwrap_or_default();
    let mut matrix: Vec<Vec<u64>> = equations
        .iter()
        .map(|equation| {
            let mut row = vec![0; unknowns.len()];
            for unknown in equation {
                row[place(unknown)] = 1;
            }
            row
        })
        .collect();
    let mut rank = 0;
    for column in 0..unknowns.len() {
        let Some(pivot) = (rank..matrix.len()).find(|row| matrix[*row][column] != 0) else {
            continue;
        };
        matrix.swap(rank, pivot);
        let inverse = inverse_of(matrix[rank][column]);
        matrix[rank].iter_mut().for_each(|value| *value = *value * inverse % PRIME);
        let lead = matrix[rank].clone();
        for (idx, row) in matrix.iter_mut().enumerate() {
            let factor = row[column];
            if idx != rank && factor != 0 {
                for (value, lead) in row.iter_mut().zip(&lead) {
                    *value = (*value + (PRIME - factor) * lead) % PRIME;
                }
            }
        }
        rank += 1;
    }
    let alone = matrix.iter().filter_map(|row| {
        let mut places = row.iter().enumerate().filter(|(_, value)| **value != 0);
        let (place, _) = places.next()?;
        places.next().is_none().then(|| unknowns[place])
    });
    alone.collect()
}

fn inverse_of(value: u64) -> u64 {
    let (mut power, mut base, mut result) = (PRIME - 2, value, 1);
    while power > 0 {
        if power & 1 == 1 {
            result = result * base % PRIME;
        }
        base = base * base % PRIME;
        power >>= 1;
    }
    result
}

/// Whether the counts of a row are looked at.
fn is_guarded(dataset: &Dataset, texts: &Texts, row: usize, guard: Guard) -> bool {
    let word = |name: &str| {
        let column = dataset.columns.iter().position(|column| column.name == name);
        column.map(|column| texts.get(column, row))
    };
    // Without a column of units the columns say theirs.
    let is_of_people =
        word("unit").is_none_or(|unit| unit.is_some_and(|unit| UNITS_OF_PEOPLE.contains(&unit)));
    let is_published = || {
        let says_so = |name| word(name).flatten() == Some("published");
        says_so("origin") && says_so("release")
    };
    let is_divided = || word("breakdown").flatten().is_some();
    is_of_people && (guard == Guard::Counted || is_divided() && !is_published())
}

/// Returns the columns that a hidden row does not show: its numbers, and texts that tell them.
fn measures_of(dataset: &Dataset, dimensions: &[Vec<usize>]) -> BTreeSet<usize> {
    let is_measure = |idx: &usize| {
        let column = &dataset.columns[*idx];
        let is_number =
            matches!(column.data_type, DataType::Int32 | DataType::Int64 | DataType::Float64);
        let is_dimension = dimensions.iter().any(|of| of.contains(idx)) || is_apart(dataset, *idx);
        let is_told = TELLING.contains(&column.name.as_str());
        !is_dimension && (is_number && !is_place(&column.name) || is_told)
    };
    (0..dataset.columns.len()).filter(is_measure).collect()
}

/// Columns that tell rows apart, grouped where they vary together. What only describes a body beside its id,
/// and the order in which rows are shown, tells nothing apart.
fn dimensions_of(dataset: &Dataset, by: &[String]) -> Vec<Vec<usize>> {
    let names = |idx: usize| dataset.columns[idx].name.as_str();
    let is_word = |idx: &usize| {
        let column = &dataset.columns[*idx];
        matches!(column.data_type, DataType::Utf8 | DataType::Date32 | DataType::Boolean)
    };
    let is_key = |idx: &usize| by.iter().any(|key| key == names(*idx));
    let all = || (0..dataset.columns.len()).filter(is_word).filter(|idx| !is_apart(dataset, *idx));
    let mut of_key: Vec<usize> = all().filter(is_key).collect();
    if of_key.is_empty() {
        of_key = all().filter(|idx| !describes(names(*idx))).collect();
    }
    let (times, others): (Vec<usize>, Vec<usize>) =
        of_key.into_iter().partition(|idx| TIMES.contains(&names(*idx)));
    let mut dimensions: Vec<Vec<usize>> = others.into_iter().map(|idx| vec![idx]).collect();
    if !times.is_empty() {
        dimensions.push(times);
    }
    dimensions
}

fn is_apart(dataset: &Dataset, idx: usize) -> bool {
    APART.contains(&dataset.columns[idx].name.as_str())
}

/// Whether a column says more about what another one names.
fn describes(name: &str) -> bool {
    name.ends_with("_name")
        || name.starts_with("message_")
        || name.ends_with("_status")
        || TELLING.contains(&name)
}

/// Whether a number is a position and no measure.
fn is_place(name: &str) -> bool {
    ["official_order", "position", "age_order", "row_idx", "n_parts"].contains(&name)
}

/// Whether a column has counts of people or of their records.
fn counts_people(dataset: &Dataset, idx: usize) -> bool {
    let column = &dataset.columns[idx];
    let has_units = dataset.columns.iter().any(|column| column.name == "unit");
    match (&column.data_type, column.unit.as_deref()) {
        (DataType::Utf8, _) => false,
        (_, Some(unit)) => UNITS_OF_PEOPLE.contains(&unit),
        // Numbers in the unit of the row.
        (DataType::Float64, None) => has_units,
        // A column that nobody describes may count them; one that is described and no count does not.
        (_, None) => column.help.is_none(),
    }
}
