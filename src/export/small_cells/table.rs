//! The counts of a guarded dataset as a table: which rows show the same count, which counts add up, and between
//! which days each lies.

use std::collections::{BTreeMap, BTreeSet};

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Date32Type, Float64Type};
use arrow::error::ArrowError;

use crate::export::Dataset;
use crate::export::small_cells::Guard;
use crate::export::small_cells::columns::{BREAKDOWN, Columns, is_of_people};
use crate::model::ShownOrigin;

/// How far a part of a whole may be from a whole number, for every one that is counted.
const TOLERANCE: f64 = 1e-12;

/// The day before all days: figures since the launch begin there.
const LAUNCH: i32 = i32::MIN;

/// One count, which several rows may show: those of several documents, or a month and the running total that
/// begins with it.
#[derive(Debug, Clone)]
pub(super) struct Cell {
    /// Of each column that counts the smallest that a row shows, and the smallest that follows from columns
    /// of a row together; 0 where none counts any.
    pub(super) counts: Vec<f64>,
    /// The spot that it is of.
    pub(super) spot: usize,
    /// The days between which it was counted, as numbers of nodes; `None` of a state.
    pub(super) span: Option<(usize, usize)>,
}

impl Cell {
    /// Whether any of its counts is small.
    pub(super) fn is_small(&self, least: f64) -> bool {
        self.counts.iter().any(|count| *count > 0.0 && *count < least)
    }

    /// Returns its largest count.
    pub(super) fn size(&self) -> f64 {
        self.counts.iter().copied().fold(0.0, f64::max)
    }
}

/// What the cells of a line differ in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Along {
    /// In a dimension that is no time: their total is known.
    Dimension,
    /// In time alone: what they add up to may be known.
    Time,
    /// In time, and running totals that stand beside them say what they add up to.
    PartsOfTotals,
}

/// Cells that add up to something that somebody may know.
#[derive(Debug)]
pub(super) struct Line {
    /// Its cells, at least two.
    pub(super) cells: Vec<usize>,
    /// What they differ in.
    pub(super) along: Along,
}

/// What of a dataset is looked at.
#[derive(Debug, Default)]
pub(super) struct Table {
    /// The counts.
    pub(super) cells: Vec<Cell>,
    /// What they add up to.
    pub(super) lines: Vec<Line>,
    /// Cells that differ in time only.
    pub(super) series: Vec<Vec<usize>>,
    /// Of each row the spot: body, period and breakdown, of which all is hidden or nothing. `None` where the row
    /// is never hidden.
    pub(super) spots: Vec<Option<usize>>,
    /// How many spots there are, with those of counts that are in no row.
    pub(super) n_spots: usize,
}

/// The cells of all columns as texts.
pub(super) struct Texts(Vec<ArrayRef>);

impl Texts {
    pub(super) fn of(rows: &RecordBatch) -> Result<Self, ArrowError> {
        let columns = rows.columns().iter().map(|column| cast(column, &DataType::Utf8));
        columns.collect::<Result<_, _>>().map(Self)
    }

    pub(super) fn get(&self, column: usize, row: usize) -> Option<&str> {
        let texts = self.0[column].as_string::<i32>();
        texts.is_valid(row).then(|| texts.value(row))
    }

    fn all<'t>(&'t self, columns: &[usize], row: usize) -> Vec<Option<&'t str>> {
        columns.iter().map(|column| self.get(*column, row)).collect()
    }
}

/// Texts that tell something apart from its like.
type Key<'t> = Vec<Option<&'t str>>;

/// Numbers things in the order in which they come.
#[derive(Default)]
struct Numbers<K: Ord>(BTreeMap<K, usize>);

impl<K: Ord> Numbers<K> {
    fn of(&mut self, key: K) -> usize {
        let next = self.0.len();
        *self.0.entry(key).or_insert(next)
    }
}

/// Columns by their names, for what is asked of single rows.
struct Words<'a> {
    dataset: &'a Dataset,
    texts: &'a Texts,
}

impl<'a> Words<'a> {
    fn column(&self, name: &str) -> Option<usize> {
        self.dataset.columns.iter().position(|column| column.name == name)
    }

    /// Returns the text in a column; `None` where it is null and where there is no such column.
    fn get(&self, name: &str, row: usize) -> Option<&'a str> {
        self.texts.get(self.column(name)?, row)
    }

    /// Whether a row is hidden where a count beside it is small.
    fn is_guarded(&self, row: usize, guard: Guard) -> bool {
        let says = |name, word| self.get(name, row) == Some(word);
        let is_published = says("origin", "published") && says("release", "published");
        let is_divided = self.get(BREAKDOWN, row).is_some();
        // A row that names another origin was not counted from records, whatever stands beside it.
        let is_counted =
            self.get("origin", row).is_none_or(|origin| origin == ShownOrigin::Derived.as_str());
        guard == Guard::Counted && is_counted || is_divided && !is_published
    }

    /// Whether a row counts people or their records. Without a column of units the columns say theirs.
    fn counts(&self, row: usize) -> bool {
        self.column("unit").is_none() || self.get("unit", row).is_some_and(is_of_people)
    }
}

/// First days and last days of rows.
struct Spans<'a> {
    columns: Option<[&'a ArrayRef; 2]>,
}

impl<'a> Spans<'a> {
    fn of(rows: &'a RecordBatch) -> Self {
        let days = ["period_start", "period_end"].map(|name| rows.column_by_name(name));
        let columns = match days {
            [Some(start), Some(end)]
                if [start, end].iter().all(|days| *days.data_type() == DataType::Date32) =>
            {
                Some([start, end])
            }
            _ => None,
        };
        Self { columns }
    }

    /// Returns the first day of a row and the day after its last one; `None` of a state, and where nothing
    /// tells when it began.
    fn get(&self, row: usize, accumulation: Option<&str>) -> Option<(i32, i32)> {
        let [start, end] = self.columns?.map(AsArray::as_primitive::<Date32Type>);
        let end = end.is_valid(row).then(|| end.value(row).saturating_add(1))?;
        let start = start.is_valid(row).then(|| start.value(row));
        match accumulation {
            Some("point") => None,
            Some("since_launch") => Some((LAUNCH, end)),
            _ => start.filter(|start| *start < end).map(|start| (start, end)),
        }
    }
}

/// A row that is looked at.
struct Seen<'t> {
    cell: usize,
    apart: Key<'t>,
    dimensions: Key<'t>,
    time: Key<'t>,
    span: Option<(i32, i32)>,
}

impl Table {
    /// Reads the rows of a dataset; a count below `least` is small.
    pub(super) fn of(
        dataset: &Dataset,
        columns: &Columns,
        rows: &RecordBatch,
        (guard, least): (Guard, f64),
    ) -> Result<Self, ArrowError> {
        let texts = Texts::of(rows)?;
        let words = Words { dataset, texts: &texts };
        let spans = Spans::of(rows);
        let number = |idx: &usize| cast(rows.column(*idx), &DataType::Float64);
        let numbers: Vec<ArrayRef> =
            columns.counting.iter().map(number).collect::<Result<_, _>>()?;
        let together = Together {
            parts: columns.parts.iter().map(number).collect::<Result<_, _>>()?,
            differing: columns
                .differing
                .iter()
                .map(|(one, other)| Ok([number(one)?, number(other)?]))
                .collect::<Result<_, ArrowError>>()?,
        };
        let mut table = Self::default();
        let mut seen = Vec::new();
        let (mut spots, mut cells) = (Numbers::default(), Numbers::default());
        for row in 0..rows.num_rows() {
            if !words.is_guarded(row, guard) {
                table.spots.push(None);
                continue;
            }
            let dimensions = texts.all(&columns.dimensions, row);
            let span = spans.get(row, words.get("accumulation", row));
            let time = match span {
                Some((start, _)) => {
                    let from =
                        if start == LAUNCH { Some("") } else { words.get("period_start", row) };
                    vec![from, words.get("period_end", row)]
                }
                None => texts.all(&columns.times, row).into_iter().chain([None]).collect(),
            };
            let is_span = span.is_some();
            let spot = spots.of((is_span, dimensions.clone(), time.clone()));
            table.spots.push(Some(spot));
            let stated = columns.published.filter(|_| words.get(BREAKDOWN, row).is_none());
            let counting = columns.counting.iter().zip(&numbers);
            let counting =
                counting.map(
                    |(column, numbers)| {
                        if Some(*column) == stated { 0.0 } else { count_at(numbers, row) }
                    },
                );
            let mut counts: Vec<f64> = counting.collect();
            counts.push(together.smallest(&counts, row));
            let is_told = numbers.iter().any(|numbers| numbers.is_valid(row));
            if !is_told || !words.counts(row) {
                continue;
            }
            let apart = texts.all(&columns.apart, row);
            let cell = cells.of((spot, apart.clone()));
            if cell == table.cells.len() {
                table.cells.push(Cell { counts, spot, span: None });
                seen.push(Seen { cell, apart, dimensions, time, span });
            } else {
                let known = table.cells[cell].counts.iter_mut().zip(counts);
                known.for_each(|(known, count)| *known = smaller(*known, count));
            }
        }
        table.n_spots = spots.0.len();
        table.set_lines(&seen, least);
        Ok(table)
    }

    /// Finds out what adds up, and between which days what lies.
    fn set_lines(&mut self, seen: &[Seen<'_>], least: f64) {
        let mut sums: BTreeMap<(usize, Key<'_>, Key<'_>, Key<'_>, bool), BTreeSet<usize>> =
            BTreeMap::new();
        let mut series: BTreeMap<(Key<'_>, Key<'_>), Vec<&Seen<'_>>> = BTreeMap::new();
        for row in seen {
            for along in 0..row.dimensions.len() {
                let mut others = row.dimensions.clone();
                others.remove(along);
                let key = (along, row.apart.clone(), others, row.time.clone(), row.span.is_some());
                sums.entry(key).or_default().insert(row.cell);
            }
            series.entry((row.apart.clone(), row.dimensions.clone())).or_default().push(row);
        }
        for cells in sums.into_values() {
            self.add_line(cells.into_iter().collect(), Along::Dimension);
        }
        let mut nodes = Numbers::default();
        for (number, rows) in series.into_values().enumerate() {
            self.series.push(rows.iter().map(|row| row.cell).collect());
            for row in &rows {
                let span = row
                    .span
                    .map(|(start, end)| (nodes.of((number, start)), nodes.of((number, end))));
                self.cells[row.cell].span = span;
            }
            let (spans, states): (Vec<&Seen<'_>>, Vec<&Seen<'_>>) =
                rows.into_iter().partition(|row| row.span.is_some());
            for (counts, (start, end)) in self.small_differences(&spans, least) {
                let span = Some((nodes.of((number, start)), nodes.of((number, end))));
                self.cells.push(Cell { counts, spot: self.n_spots, span });
                self.n_spots += 1;
            }
            let pieces = pieces_of(&spans);
            let is_all = pieces.len() == spans.len();
            self.add_line(pieces, if is_all { Along::Time } else { Along::PartsOfTotals });
            let is_state = |row: &&Seen<'_>| row.time.contains(&Some("point"));
            let others = states.iter().filter(|row| !is_state(row)).map(|row| row.cell).collect();
            self.add_line(others, Along::Time);
        }
    }

    /// Returns the small counts by which two rows with one beginning or one end differ, and the time that each is
    /// of, where no row is about it: what both show tells it.
    fn small_differences(&self, rows: &[&Seen<'_>], least: f64) -> Vec<(Vec<f64>, (i32, i32))> {
        let spans: BTreeMap<(i32, i32), usize> =
            rows.iter().filter_map(|row| Some((row.span?, row.cell))).collect();
        let mut found = BTreeMap::new();
        for ((start, end), longer) in &spans {
            for ((other_start, other_end), shorter) in &spans {
                let between = match (start == other_start, end == other_end) {
                    (true, false) if other_end < end => (*other_end, *end),
                    (false, true) if start < other_start => (*start, *other_start),
                    _ => continue,
                };
                let counts = self.cells[*longer].counts.iter().zip(&self.cells[*shorter].counts);
                let counts: Vec<f64> =
                    counts.map(|(longer, shorter)| (longer - shorter).max(0.0)).collect();
                let is_small = counts.iter().any(|count| *count > 0.0 && *count < least);
                if is_small && !spans.contains_key(&between) {
                    found.insert(between, counts);
                }
            }
        }
        found.into_iter().map(|(span, counts)| (counts, span)).collect()
    }

    fn add_line(&mut self, cells: Vec<usize>, along: Along) {
        if cells.len() > 1 {
            self.lines.push(Line { cells, along });
        }
    }
}

/// Columns that tell a count together with another column of their row.
struct Together {
    parts: Vec<ArrayRef>,
    differing: Vec<[ArrayRef; 2]>,
}

impl Together {
    /// Returns the smallest count that follows in a row with these `counts`; 0 where none does.
    fn smallest(&self, counts: &[f64], row: usize) -> f64 {
        let pairs = self.differing.iter().filter(|both| both.iter().all(|one| one.is_valid(row)));
        let rests = pairs.map(|[one, other]| (count_at(one, row) - count_at(other, row)).abs());
        // What a share is of need not be a column: those that say when are all without those that do not.
        let wholes = counts.iter().flat_map(|whole| {
            let without = counts.iter().map(move |other| whole - other);
            without.chain([*whole]).filter(|whole| *whole > 0.0)
        });
        let parts = wholes.flat_map(|whole| {
            let shares = self.parts.iter().map(|shares| count_at(shares, row));
            let shares = shares.filter(|share| *share > 0.0 && *share < 100.0);
            shares.flat_map(move |share| parts_of(whole, share))
        });
        rests.chain(parts).fold(0.0, smaller)
    }
}

/// Returns the two counts into which a share in percent parts a whole, where it can be a share of it.
fn parts_of(whole: f64, share_pct: f64) -> Vec<f64> {
    let part = whole * share_pct / 100.0;
    let is_count = (part - part.round()).abs() <= TOLERANCE * whole.max(1.0);
    if is_count { vec![part.round(), whole - part.round()] } else { Vec::new() }
}

/// Returns those of a series that none other lies in, in their order.
fn pieces_of(rows: &[&Seen<'_>]) -> Vec<usize> {
    let mut spans: Vec<((i32, i32), usize)> =
        rows.iter().filter_map(|row| Some((row.span?, row.cell))).collect();
    // From the end: what begins before another one and does not end before it, has that in it.
    spans.sort_unstable_by_key(|((start, end), cell)| (std::cmp::Reverse(*start), *end, *cell));
    let mut first_end = i32::MAX;
    let mut pieces = Vec::new();
    for ((_, end), cell) in spans {
        if end < first_end {
            pieces.push(cell);
            first_end = end;
        }
    }
    pieces.sort_unstable();
    pieces
}

fn count_at(numbers: &ArrayRef, row: usize) -> f64 {
    let numbers = numbers.as_primitive::<Float64Type>();
    if numbers.is_valid(row) { numbers.value(row).abs() } else { 0.0 }
}

/// Returns the smaller one of two counts, of which 0 is none.
fn smaller(a: f64, b: f64) -> f64 {
    match (a > 0.0, b > 0.0) {
        (true, true) => a.min(b),
        (true, false) => a,
        _ => b,
    }
}
