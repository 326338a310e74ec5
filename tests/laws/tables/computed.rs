//! Columns that are computed from two others, as saved layouts declare them; some cells are wrong.

use tongban::refdata::IndicatorKind;

use super::document::{Column, Shape, Style, Table};
use super::figures::{Figure, decimal};
use super::maker::{Maker, series};
use super::saved::{SavedColumn, quoted};
use super::times::{ColumnTime, TableTime};

/// How a column is computed from the first two columns of its table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Computation {
    /// Both added up.
    Sum,
    /// The first less the second.
    Difference,
    /// The first in percent of the second, checked only.
    Ratio,
    /// The same, kept as figures of an indicator.
    RatioKept,
    /// Its row's part of the first.
    Share,
    /// Its row's rank by the first.
    Rank,
}

/// Columns that a check can be made of.
const ALL: [Computation; 6] = [
    Computation::Sum,
    Computation::Difference,
    Computation::Ratio,
    Computation::RatioKept,
    Computation::Share,
    Computation::Rank,
];

/// The indicator of rates that are kept.
const RATE: &str = "own_rate";

impl Computation {
    fn label(self) -> &'static str {
        match self {
            Self::Sum => "两项合计",
            Self::Difference => "差额",
            Self::Ratio => "比率",
            Self::RatioKept => "办结率",
            Self::Share => "占比",
            Self::Rank => "名次",
        }
    }

    /// Returns the column as it is printed.
    pub(super) fn column(self, time: TableTime) -> Column {
        let is_kept = self == Self::RatioKept;
        Column {
            label: self.label().to_owned(),
            series: is_kept
                .then(|| series(RATE, IndicatorKind::Ratio, time, ColumnTime::default())),
            style: Style { unit: "%".to_owned(), exponent: 0, shape: Shape::Computed },
        }
    }

    /// Returns the column as the layout declares it, by the labels of those that it is computed from.
    pub(super) fn saved(
        self,
        sources: &[String],
        indicators: &mut Vec<(String, IndicatorKind, String)>,
    ) -> SavedColumn {
        let [first, second] = [quoted(&sources[0]), quoted(&sources[1])];
        let check = match self {
            Self::Sum => format!("sum = [{first}, {second}]"),
            Self::Difference => format!("difference = [{first}, {second}]"),
            Self::Ratio | Self::RatioKept => format!("ratio = [{first}, {second}]"),
            Self::Share => format!("share_of = {first}"),
            Self::Rank => format!("rank_by = {first}"),
        };
        let label = self.label();
        let mut saved = if self == Self::RatioKept {
            indicators.push((RATE.to_owned(), IndicatorKind::Ratio, "%".to_owned()));
            SavedColumn::indicator(vec![label.to_owned()], RATE)
        } else {
            SavedColumn::role(label, "computed")
        };
        saved.lines.push(format!("check = {{ {check} }}"));
        saved
    }
}

/// What the first two columns of a table hold.
struct Sources {
    first: Vec<i64>,
    second: Vec<i64>,
}

impl Sources {
    fn of(table: &Table) -> Self {
        let column = |idx: usize| {
            let figures = table.rows.iter().map(|row| &row.figures[idx]);
            figures.map(|figure| figure.hundredths.unwrap_or_default() / 100).collect()
        };
        Self { first: column(0), second: column(1) }
    }
}

impl Maker<'_> {
    /// Draws the computed columns of a table, each kind once.
    pub(super) fn computations(&mut self) -> Vec<Computation> {
        let n_columns = self.chance.between(1, 2);
        self.chance.some(&ALL, n_columns)
    }

    /// Fills in the computed columns of a table, the last ones.
    pub(super) fn compute(&mut self, table: &mut Table, computations: &[Computation]) {
        if computations.is_empty() {
            return;
        }
        let sources = Sources::of(table);
        let first = table.columns.len() - computations.len();
        for (idx, computation) in computations.iter().enumerate() {
            for row_idx in 0..table.rows.len() {
                let is_wrong = self.chance.in_hundred(6);
                let (figure, is_checked) =
                    self.computed(*computation, (&sources, row_idx), is_wrong);
                let row = &mut table.rows[row_idx];
                row.figures[first + idx] = figure;
                if is_wrong && is_checked {
                    let label = row.labels[0].clone();
                    table.miscomputed.push((label, computation.label().to_owned()));
                }
            }
        }
    }

    /// Returns a cell, and whether it can be recomputed.
    fn computed(
        &mut self,
        computation: Computation,
        (sources, row_idx): (&Sources, usize),
        is_wrong: bool,
    ) -> (Figure, bool) {
        let (first, second) = (sources.first[row_idx], sources.second[row_idx]);
        let slip = if is_wrong { 7 } else { 0 };
        let count = |number: i64| Figure::new(number.to_string(), number * 100);
        match computation {
            Computation::Sum => (count(first + second + slip), true),
            Computation::Difference => (count(first - second + slip), true),
            Computation::Rank => {
                let above = sources.first.iter().filter(|other| **other > first).count();
                let rank = i64::try_from(above + 1).expect("tables are short");
                let most = i64::try_from(sources.first.len()).expect("tables are short");
                (count(if is_wrong { rank + most } else { rank }), true)
            }
            Computation::Ratio | Computation::RatioKept => {
                (self.proportion(first, second, slip), second != 0)
            }
            Computation::Share => {
                let whole: i64 = sources.first.iter().sum();
                (self.proportion(first, whole, slip), whole != 0)
            }
        }
    }

    /// Prints a proportion with one decimal or two, rounded; 0 of 0 as 0.
    fn proportion(&mut self, part: i64, whole: i64, slip: i64) -> Figure {
        if whole == 0 {
            return Figure::new("0".to_owned(), 0);
        }
        let is_tenths = self.chance.in_hundred(50);
        let units = if is_tenths { 10 } else { 100 };
        let rounded = (2 * part * 100 * units + whole) / (2 * whole) + slip * units;
        let number = decimal(rounded, if is_tenths { 1 } else { 2 });
        let end = if self.chance.in_hundred(70) { "%" } else { "" };
        Figure::new(number + end, if is_tenths { rounded * 10 } else { rounded })
    }
}
